"""Starting the agent so that it outlives whoever needed it, and ending it with all that it runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil

from hendrix.agent.holding import clear_note, folder_of, living, take
from hendrix.agent.workers import END_WITHIN_S, all_of
from hendrix.entities import UnavailableError

if TYPE_CHECKING:
    from hendrix.agent.holding import AgentNote
    from hendrix.session import Home

START_WITHIN_S = 30.0
NOTE_WITHIN_S = 2.0
"""How long an agent's note is waited for when the one that was started has ended."""
LOOK_EVERY_S = 0.02
DETACHED = '"$@" </dev/null >>"$0" 2>&1 & echo $!'
"""The shell ends at once, so the agent is nobody's child: who ends the family of its starter does not end it."""


def ensure(home: Home) -> AgentNote:
    """Return the state folder's agent, started if there is none.

    Raises
    ------
    UnavailableError
        When it does not come up; its log is named.
    """
    found = living(home.root)
    if found is not None:
        return found
    home.prepare()
    home.logs.mkdir(exist_ok=True)
    log = home.logs / "agent.log"
    environment = {**os.environ, "HENDRIX_HOME": str(home.root)}
    # With HENDRIX_URL it would speak to a server: the agent works on the folder itself.
    environment.pop("HENDRIX_URL", None)
    environment.pop("HENDRIX_RUN", None)  # whoever starts it may be a job: what the agent does is not of its run
    command = [sys.executable, "-P", "-m", "hendrix.agent", "run", "--home", str(home.root)]
    started = subprocess.run(  # noqa: S603 - our own module
        ["/bin/sh", "-c", DETACHED, str(log), *command],
        stdout=subprocess.PIPE,
        start_new_session=True,
        cwd=home.root,
        env=environment,
        text=True,
        check=True,
    )
    process = int(started.stdout)
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until:
        found = living(home.root)
        if found is not None:
            return found
        # One that ends at once has found another agent at work, whose note will be there in a moment.
        if not psutil.pid_exists(process):
            until = min(until, time.monotonic() + NOTE_WITHIN_S)
        time.sleep(LOOK_EVERY_S)
    message = "the agent does not start"
    tail = " ".join(log.read_text(errors="replace")[-2000:].strip().splitlines()[-2:])
    raise UnavailableError(f"{message}: {tail}" if tail else message, hint=f"Its log is {log}.")


def end(home: Home) -> bool:
    """End the agent and all its workers; what is under way is answered first. Says whether anything ran.

    Workers that a killed agent left behind are ended too. What should run stays written in the graph, so the next
    agent starts it again.
    """
    found = living(home.root)
    if found is not None:
        found.process.send(signal.SIGTERM)
        if not found.process.wait(END_WITHIN_S + 5):
            found.process.send(signal.SIGKILL)
            found.process.wait(5)
    lock = take(home.root)
    if lock is None:
        return found is not None
    with lock:
        left = all_of(folder_of(home.root))
        for worker in left:
            worker.end()
        until = time.monotonic() + END_WITHIN_S
        for worker in left:
            worker.see_out(until)
        clear_note(home.root)
    return found is not None or bool(left)
