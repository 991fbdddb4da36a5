"""Bad input to the command: exit codes, words for people, a folder that stays whole; kills, Ctrl-C and pipes."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys

import httpx
import psutil
import pytest

import hendrix as hx
from hendrix.cli.main import main
from hendrix.session import Home, connect, read_note

COMMAND = [sys.executable, "-m", "hendrix.cli.main"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A state folder that commands work on; whatever they leave running is ended."""
    monkeypatch.setenv("HENDRIX_HOME", str(tmp_path / "home"))
    yield Home(tmp_path / "home")
    main(["down"])


def started(*arguments):
    """Run `hendrix` in a process of its own, and give its first line with it."""
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return process, process.stdout.readline()


def no_traceback(text):
    assert "Traceback" not in text
    assert 'File "' not in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["up", "--port", "abc"], "'abc' is not a valid integer"),
        (["up", "--port", "99999"], "99999 is not in the range"),
        (["run", "list", "--kind", "sprint"], "'sprint' is not one of"),
        (["run", "list", "--limit", "0"], "limit is 0"),
        (["lineage", "x", "--depth", "0"], "0 is not in the range"),
    ],
)
def test_a_wrong_value_of_an_option_is_usage(home, capsys, arguments, told):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert told in said
    no_traceback(said)


def test_filters_that_match_nothing_do_not_say_that_there_is_nothing(home, capsys):
    with hx.run("baseline"):
        pass
    assert main(["run", "list", "--kind", "job"]) == 0
    assert "there is no run yet like that" in capsys.readouterr().err


def test_every_command_that_prints_a_record_takes_json(home):
    for words in (
        "up", "down", "deploy", "predict", "lineage", "config", "doctor", "run list", "run show", "run delete",
        "job list", "job show", "job stop", "workflow run", "workflow resume", "workflow list", "workflow show",
        "dataset list", "feature show", "model delete", "deployment list", "deployment show", "deployment stop",
        "deployment restart", "deployment delete",
    ):  # fmt: skip
        from click.testing import CliRunner

        from hendrix.cli.main import cli

        assert "--json" in CliRunner().invoke(cli, [*words.split(), "--help"]).output, words


@pytest.mark.parametrize("command", [["run", "list"], ["up", "-d", "--port", "0"], ["deploy", "a@1"], ["lineage", "x"]])
def test_a_folder_of_a_newer_version_is_left_as_it_is(home, capsys, command):
    with hx.run("kept"):
        pass
    hx.session.disconnect()
    with sqlite3.connect(home.database) as database:
        database.execute("update alembic_version set version_num = '9999'")
    before = home.database.read_bytes()
    assert main(command) == 1
    said = capsys.readouterr()
    assert "is of a newer Hendrix: its schema is 9999" in said.err
    assert "pip install -U hendrix-ml" in said.err
    assert said.out == ""
    no_traceback(said.err)
    assert home.database.read_bytes() == before
    assert read_note(home) is None


def test_a_port_in_use_is_named_and_nothing_is_left(home, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["up", "-d", "--port", str(port)]) == 1
    said = capsys.readouterr().err
    assert f"port {port} on 127.0.0.1 can't be used" in said
    no_traceback(said)
    assert read_note(home) is None


def test_in_a_pipe_there_is_no_colour_and_a_closed_pipe_is_no_error(home):
    for number in range(30):
        with hx.run(f"run-{number}"):
            pass
    done = subprocess.run([*COMMAND, "run", "list"], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 30
    assert "\x1b" not in done.stdout
    piped = f"{sys.executable} -m hendrix.cli.main run list --json | head -c 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", piped], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "{", "")


@pytest.mark.slow
@pytest.mark.parametrize("killed", [("command",), ("server",), ("command", "server")])
@pytest.mark.parametrize("then", ["up", "down"])
def test_after_a_kill_up_and_down_work_as_ever(home, capsys, killed, then):
    command, line = started("up", "--json", "--port", "0")
    note = json.loads(line)
    port = note["url"].rpartition(":")[2]
    server = psutil.Process(note["process"]["pid"])
    family = server.children(recursive=True)
    serving = [member for member in family if member.cmdline() == server.cmdline()]
    httpx.post(f"{note['url']}/api/v1/runs/start", json={"name": "kept", "run_kind": "tracking"}).raise_for_status()
    for who in killed:
        os.kill({"command": command.pid, "server": server.pid}[who], signal.SIGKILL)
    if "server" in killed:
        psutil.wait_procs([server], timeout=10)
    if killed == ("server",):
        assert command.wait(20) == 1
        assert "the server ended unexpectedly: SIGKILL" in command.stderr.read()
    else:
        command.wait(20)
    if then == "up":
        assert main(["up", "-d", "--port", port]) == 0
        again = read_note(home)
        assert again is not None
        assert again.url == note["url"]
        kept = httpx.get(f"{again.url}/api/v1/entities/list", params={"kind": "run"}).json()["items"]
        assert [run["name"] for run in kept] == ["kept"]
    assert main(["down"]) == 0
    assert "server" in capsys.readouterr().out
    psutil.wait_procs([server, *serving], timeout=10)
    assert not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in (server, *serving))
    assert read_note(home) is None
    assert [run.name for run in connect(home=str(home.root)).call(_list(), _runs()).items] == ["kept"]


@pytest.mark.slow
def test_ctrl_c_of_up_stops_the_server_in_peace(home):
    command, line = started("up", "--json", "--port", "0")
    url = json.loads(line)["url"]
    command.send_signal(signal.SIGINT)
    _, said = command.communicate(timeout=30)
    assert "stopping" in said
    no_traceback(said)
    assert command.returncode == 0
    assert read_note(home) is None
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/health")


def _list():
    from hendrix.session.operations import list_entities

    return list_entities


def _runs():
    from hendrix.entities import Kind
    from hendrix.session.records import List

    return List(kind=Kind.RUN)
