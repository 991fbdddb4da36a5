"""The agent's life: it takes the folder, keeps deployments and duties, and ends when it is told or has nothing to do."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from hendrix.agent.duties import Duty, Rounds, own_duties
from hendrix.agent.holding import clear_note, take, write_note
from hendrix.agent.reconciler import Reconciler
from hendrix.agent.workers import END_WITHIN_S
from hendrix.entities import new_id
from hendrix.session import EmbeddedClient, Settings, read_note

if TYPE_CHECKING:
    from hendrix.session import Home

_LOG = logging.getLogger("hendrix.agent")
STEP_EVERY_S, CALM_EVERY_S = 0.1, 0.4
"""Pauses between two steps: while something moves, and while everything is as it should be."""
HEALTH_EVERY = timedelta(seconds=2)
IDLE_VARIABLE = "HENDRIX_AGENT_IDLE_S"
IDLE_S = 60.0
"""How long the agent stays when nothing runs, nothing should, and no server is up."""
LONGEST_PAUSE_S = 2.0


def run(home: Home) -> int:
    """Be the agent of a state folder until it is told to end, or has had nothing to do for a while.

    Returns
    -------
    int
        The exit code: 0 also when another agent is at work already.
    """
    lock = take(home.root)
    if lock is None:
        return 0
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with lock:
        agent = new_id().hex
        client = EmbeddedClient(Settings({"home": str(home.root)}), home)
        client.host  # noqa: B018 - opened before anything begins: a folder that can't be used is refused here
        reconciler = Reconciler(client, agent)
        health = Duty("health", HEALTH_EVERY, lambda _: reconciler.check_health(), shared=False)
        rounds = Rounds(client, agent, [health, *own_duties()])
        rounds.start()
        write_note(home.root, agent)
        _LOG.info("agent %s of %s (process %d)", agent, home.root, os.getpid())
        try:
            _keep(home, reconciler, stop)
            reconciler.wind_down(END_WITHIN_S + 2)
        finally:
            rounds.stop()
            clear_note(home.root)
        _LOG.info("agent %s ends", agent)
    return 0


def _keep(home: Home, reconciler: Reconciler, stop: threading.Event) -> None:
    idle_s = float(os.environ.get(IDLE_VARIABLE, IDLE_S))
    busy_at = time.monotonic()
    pause = STEP_EVERY_S
    while not stop.is_set():
        try:
            pause = STEP_EVERY_S if reconciler.step() else CALM_EVERY_S
        except Exception:  # noqa: BLE001 - whatever it is, it is logged
            # The database may be locked, or away for a moment. Workers answer meanwhile.
            _LOG.exception("a step failed; the next one is in %.1f s", pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        if reconciler.busy or read_note(home) is not None:
            busy_at = time.monotonic()
        if time.monotonic() - busy_at > idle_s:
            return
        stop.wait(pause)
