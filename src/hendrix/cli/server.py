"""`hendrix up`, `down` and `open`: the server of a state folder and its portal."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
import psutil

from hendrix.cli import output
from hendrix.entities import ConflictError, UnavailableError
from hendrix.session import Home, Note, Settings, client, heed_interrupts, open_host, page_path, read_note

if TYPE_CHECKING:
    from pathlib import Path

START_WITHIN_S = 30
STOP_WITHIN_S = 15


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers, and the process when we started it."""

    note: Note
    process: subprocess.Popen[bytes] | None


@click.command(
    help="""Start the server and the portal of this state folder, until Ctrl-C.

\b
  hendrix up                   in this terminal
  hendrix up -d --port 8601    in the background, on another port
"""
)
@click.option("--host", help="Where to listen; beyond loopback everything needs a token.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="PORT", help="The port; 0 takes any free one.")
@click.option("-d", "--detach", is_flag=True, help="Leave it running in the background.")
@output.json_option
def up(host: str | None, port: int | None, detach: bool, as_json: bool) -> None:  # noqa: FBT001
    """Start the server, or say where it already runs."""
    home = Home.find(Settings()["home"])
    running = start(home, host=host, port=None if port is None else str(port), detach=detach)
    ours = None if detach else running.process
    try:
        if as_json:
            output.print_json(running.note)
        else:
            _say(running, home, detach=detach)
        sys.stdout.flush()
        if ours is not None:
            wait(ours)
    except KeyboardInterrupt:
        if ours is not None:
            _end(ours)


def _say(running: Running, home: Home, *, detach: bool) -> None:
    click.echo(f"Hendrix  {running.note.url}")
    click.echo(f"portal   {link(running.note.url, home)}   (signs in once, for five minutes)")
    click.echo(f"SDK      export HENDRIX_URL={running.note.url}")
    if running.process is None:
        click.echo("It was already running; `hendrix down` stops it.")
    elif detach:
        click.echo("`hendrix down` stops it.")
    else:
        click.echo("Ctrl-C stops it.")


@click.command(
    help="""Stop the server, the agent and the deployments of this state folder.

\b
  hendrix down
"""
)
@output.json_option
def down(as_json: bool) -> None:  # noqa: FBT001
    """Stop what runs in the background; nothing that is kept is touched."""
    from hendrix import agent

    home = Home.find(Settings()["home"])
    stopped = [name for name, done in (("server", stop(home)), ("agent", agent.end(home))) if done]
    if as_json:
        output.print_json({"stopped": stopped})
    else:
        click.echo(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


@click.command(
    "open",
    help="""Open the portal in a browser, signed in.

\b
  hendrix open
""",
)
def open_portal() -> None:
    """Open the portal's first page."""
    browse(None)


def browse(ref: str | None) -> None:
    """Open a page of the portal, or print its one-time link where there is no browser.

    Raises
    ------
    UnavailableError
        When no server runs.
    """
    home = Home.find(Settings()["home"])
    note = read_note(home)
    base = client().url or (note.url if note else None)
    if base is None:
        message = f"no server runs on {home.root}"
        raise UnavailableError(message, hint="Start one with `hendrix up`.")
    target = link(base, home, to=page_path(ref) if ref else "/")
    if not sys.stdout.isatty() or click.launch(target) != 0:
        click.echo(target)


def start(home: Home, *, host: str | None = None, port: str | None = None, detach: bool = False) -> Running:
    """Start the server and wait until it answers; a server that already runs is returned as it is.

    Raises
    ------
    ConflictError
        When the port is taken, or a newer Hendrix wrote the folder.
    UnavailableError
        When it did not come up; its last words are named.
    """
    from hendrix import agent

    home.prepare()
    if (note := read_note(home)) is not None:
        return Running(note, None)
    stop(home)
    # Opened here first: what is wrong with the folder is said as it is, not read off a log.
    open_host(Settings(), home).store.close()
    home.logs.mkdir(exist_ok=True)
    log = home.logs / "server.log"
    variables = os.environ | {"HENDRIX_HOME": str(home.root)}
    variables.pop("HENDRIX_URL", None)
    if host:
        variables["HENDRIX_SERVER_HOST"] = host
    if port:
        variables["HENDRIX_SERVER_PORT"] = port
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "hendrix.server"],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        note = _await(home, process, log)
        agent.ensure(home)
    except KeyboardInterrupt:
        _end(process, within=2.0)  # nothing was served yet, and one that is still starting may be deaf
        raise
    if detach:
        process.returncode = 0  # it is not ours to wait for
    return Running(note, process)


def _await(home: Home, process: subprocess.Popen[bytes], log: Path) -> Note:
    """Wait for a server's note and its first answer."""
    import httpx

    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        note = read_note(home)
        if note is not None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{note.url}/health", timeout=5).is_success:
                    return note
        time.sleep(0.05)
    process.kill()
    words = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-4:]
    told = " ".join(words) if words else "it said nothing"
    if "can't be used" in told:
        raise ConflictError(words[-2] if len(words) > 1 else told, hint=words[-1].strip())
    message = f"the server did not come up: {told}"
    raise UnavailableError(message, hint=f"Its log is {log}; `hendrix doctor` checks the installation.")


def stop(home: Home) -> bool:
    """Stop the server of a state folder, or what a killed one left; says whether anything was running."""
    note = read_note(home)
    process = note.process.find() if note else None
    family = _orphans(home) if process is None else [process, *_workers(process)]
    for member in family if process is None else family[:1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.terminate()
    _, left = psutil.wait_procs(family, timeout=STOP_WITHIN_S)
    for member in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    home.note.unlink(missing_ok=True)
    return bool(family)


def _workers(server: psutil.Process) -> list[psutil.Process]:
    """Find what a server started for itself; an agent that it started has a session of its own, and stays."""
    try:
        session = os.getsid(server.pid)
        return [member for member in server.children(recursive=True) if os.getsid(member.pid) == session]
    except (psutil.NoSuchProcess, ProcessLookupError):
        return []


def _orphans(home: Home) -> list[psutil.Process]:
    """Find the processes of a server that was killed: they go on without it, and hold its port."""
    found = []
    for pid, command in home.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            if command.endswith("-m hendrix.server"):
                process = psutil.Process(pid)
                parent = process.parent()
                if parent is None or parent.cmdline() != process.cmdline():
                    found.append(process)
    return found


def wait(process: subprocess.Popen[bytes]) -> None:
    """Wait for a server that belongs to this terminal; Ctrl-C and a closed terminal stop it.

    Raises
    ------
    UnavailableError
        When it ended without being asked to.
    """

    def ask(_signal: int, _frame: object) -> None:
        process.terminate()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGHUP, ask)
    heed_interrupts()
    try:
        process.wait()
    except KeyboardInterrupt:
        _end(process)
        return
    if process.returncode not in {0, -signal.SIGTERM}:
        why = f"exit code {process.returncode}" if process.returncode > 0 else signal.Signals(-process.returncode).name
        message = f"the server ended unexpectedly: {why}"
        raise UnavailableError(
            message, hint="`hendrix up` starts it again; logs/server.log in the state folder says more."
        )


def _end(process: subprocess.Popen[bytes], within: float = STOP_WITHIN_S) -> None:
    """End a server that we started; one that does not listen in time is killed with what it started."""
    click.echo("\nstopping; what is deployed goes on, `hendrix down` stops that too", err=True)
    process.terminate()
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        for member in _workers(psutil.Process(process.pid)):
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        process.kill()
        process.wait()


def link(url: str, home: Home, to: str = "/") -> str:
    """Return a one-time link that signs a browser in.

    Raises
    ------
    UnavailableError
        When the server does not give one.
    """
    import httpx

    token = Settings().secret("token") or home.read_token()
    answer = httpx.post(f"{url}/api/v1/login/code", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    if answer.is_error:
        message = f"the server at {url} gave no link: {answer.text[:200]}"
        raise UnavailableError(message, hint="Is HENDRIX_TOKEN the server's token?")
    return f"{url}/login?code={answer.json()['code']}" + (f"&to={to}" if to != "/" else "")
