"""Processes by identity: alive, ended, not yet noticed, and a later one of the same number."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys

import psutil
import pytest

from hendrix.session import Home, identify, read_note, this_process, write_note

FOREVER = [sys.executable, "-c", "import sys; sys.stdin.read()"]


@pytest.fixture
def child():
    with subprocess.Popen(FOREVER, stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_process_is_told_from_a_later_one_of_its_number():
    own = this_process()
    assert (own.pid, own.here(), own.alive()) == (os.getpid(), True, True)
    later = dataclasses.replace(own, started=own.started - 60)
    assert not later.alive()
    assert not later.send(signal.SIGTERM), "the process that has the number now gets no signal"
    assert not dataclasses.replace(own, host="elsewhere").here()


def test_one_that_has_ended_is_dead_before_and_after_it_is_noticed(child):
    process = identify(child.pid)
    assert process.alive()
    assert not process.wait(0)
    assert process.send(signal.SIGKILL)
    assert process.wait(10)
    assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    child.wait()
    assert not process.alive()
    assert not process.send(signal.SIGKILL)
    with pytest.raises(psutil.NoSuchProcess):
        identify(child.pid)


def test_a_forked_child_identifies_itself():
    before = this_process()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, str(this_process().pid).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    assert int(os.read(reader, 20)) == pid != before.pid
    os.close(reader)
    os.close(writer)


def test_the_note_of_a_server_counts_while_its_process_lives(tmp_path):
    home = Home(tmp_path)
    assert read_note(home) is None
    note = write_note(home, "http://127.0.0.1:1")
    assert read_note(home) == note
    later = note.process.started - 60
    home.note.write_text(home.note.read_text().replace(str(note.process.started), str(later)))
    assert read_note(home) is None
    home.note.write_text("not a note")
    assert read_note(home) is None


def test_a_folder_names_the_processes_that_use_it(tmp_path):
    home = Home(tmp_path)
    program = f"from hendrix.session import Home; from pathlib import Path; Home(Path({str(tmp_path)!r})).share(); print('held', flush=True); {FOREVER[2]}"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        [(pid, command)] = home.processes()
        assert pid == other.pid
        assert program in command
        other.communicate()
    assert home.processes() == []
    assert list((tmp_path / "processes").iterdir()) == []
