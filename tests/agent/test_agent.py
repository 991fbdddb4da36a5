"""The agent itself: one at a time, gone when idle, ports and duties."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from agent_parts import until

from hendrix.agent import Duty, end, ensure, living
from hendrix.agent.duties import Rounds, lease
from hendrix.agent.holding import take
from hendrix.agent.ports import reserve, reserve_any
from hendrix.entities import ConflictError, InvalidInputError, RunKind, State
from hendrix.graph import schema
from hendrix.session import Home
from hendrix.session.home import write_note
from hendrix.session.runs import Start, start

if TYPE_CHECKING:
    from pathlib import Path


def command(home: Home, verb: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hendrix.agent", verb, "--home", str(home.root)],
        capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **variables},
    )  # fmt: skip


@pytest.fixture
def empty(tmp_path: Path):
    """A state folder of its own; its agent is ended."""
    home = Home(tmp_path / "home")
    yield home
    end(home)


def test_many_starts_at_once_are_one_agent(empty: Home) -> None:
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: command(empty, "start"), range(4)))
    assert {answer.returncode for answer in told} == {0}
    assert {answer.stdout.strip() for answer in told} == {living(empty.root).agent}
    status = command(empty, "status")
    assert (status.returncode, str(living(empty.root).process.pid) in status.stdout) == (0, True)
    assert take(empty.root) is None
    assert command(empty, "stop").stdout.strip() == "ended"
    assert living(empty.root) is None
    assert command(empty, "stop").stdout.strip() == "nothing ran"
    assert command(empty, "status").returncode == 3


def test_an_agent_with_nothing_to_do_ends_by_itself_but_not_under_a_server(empty: Home, monkeypatch) -> None:
    monkeypatch.setenv("HENDRIX_AGENT_IDLE_S", "0.2")
    ensure(empty)
    until(lambda: living(empty.root) is None, "the end of the idle agent")
    write_note(empty, "http://127.0.0.1:1")  # as a server does; this process is alive
    process = ensure(empty).process
    seen = empty.logs / "agent.log"
    until(lambda: seen.read_text().count(" of ") == 2, "the second agent at work")
    assert process.alive()
    assert not process.wait(1.0)
    empty.note.unlink()
    until(lambda: not process.alive(), "the end of the agent after the server's")


def test_a_reserved_port_is_nobody_elses_but_the_next_agents() -> None:
    with reserve("127.0.0.1", 0) as held:
        port = held.getsockname()[1]
        with pytest.raises(ConflictError, match=f"port {port} "):
            reserve("127.0.0.1", port)
        with socket.socket() as stranger:
            stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match="in use"):
                stranger.bind(("127.0.0.1", port))
        with reserve("127.0.0.1", port, join=True) as joined:
            held.close()
            assert joined.getsockname()[1] == port
            with pytest.raises(ConflictError):
                reserve("127.0.0.1", port)
    with pytest.raises(InvalidInputError):
        reserve("192.0.2.1", 0)


def test_a_port_held_by_a_stranger_that_shares_is_not_joined_unseen() -> None:
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        with pytest.raises(ConflictError):
            reserve("127.0.0.1", stranger.getsockname()[1])


def test_free_ports_are_below_those_of_outgoing_connections() -> None:
    with reserve_any("127.0.0.1") as first, reserve_any("127.0.0.1") as second:
        ports = first.getsockname()[1], second.getsockname()[1]
        assert ports[0] != ports[1]
        assert all(8700 <= port < 9700 for port in ports)


def test_a_shared_duty_has_one_holder_until_it_is_silent(hx_home) -> None:
    duty = Duty("sweep", timedelta(seconds=1), lambda _: None)
    assert lease(hx_home, duty, "one")
    assert not lease(hx_home, duty, "two")
    assert lease(hx_home, duty, "one")
    table = schema.lease
    with hx_home.host.store.write("test") as graph:
        graph.connection.execute(sa.update(table).values(expires_at=1))
    assert lease(hx_home, duty, "two")
    assert not lease(hx_home, duty, "one")
    with hx_home.host.store.read("test") as graph:
        row = graph.connection.execute(sa.select(table)).one()
    assert (row.name, row.holder, row.fence) == ("duty:sweep", "two", 2)


def test_a_duty_that_fails_is_done_again_and_hinders_no_other(hx_home) -> None:
    done = threading.Semaphore(0)
    tried = threading.Semaphore(0)

    def fail(_: object) -> None:
        tried.release()
        message = "not today"
        raise ValueError(message)

    rounds = Rounds(
        hx_home,
        "agent",
        [
            Duty("failing", timedelta(milliseconds=10), fail, shared=False),
            Duty("good", timedelta(milliseconds=10), lambda _: done.release(), shared=True),
        ],
    )
    rounds.start()
    assert all(tried.acquire(timeout=10) for _ in range(3))
    assert all(done.acquire(timeout=10) for _ in range(3))
    rounds.stop()


def test_the_agent_marks_silent_runs_as_lost(hx_home) -> None:
    run = hx_home.call(start, Start(name="gone", run_kind=RunKind.TRACKING))
    with hx_home.host.store.write("test") as graph:
        old = schema.observation
        graph.connection.execute(sa.update(old).where(old.c.entity == run.key).values(observed_at=1))
    ensure(hx_home.home)
    try:

        def lost() -> bool:
            with hx_home.host.store.read("test") as graph:
                return graph.get(run.id).state is State.LOST

        until(lost, "the run that is silent")
    finally:
        end(hx_home.home)
