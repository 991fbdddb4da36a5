"""Ctrl-C, for those who wait: a wait must end when it is pressed, whatever a library did to its handler."""

from __future__ import annotations

import signal
import threading


def heed_interrupts() -> None:
    """Let Ctrl-C end an untimed wait of the main thread.

    Importing polars replaces the handler of SIGINT by one that lets an interrupted system call go on, so a wait
    without a timeout would never notice. To be called before such a wait; elsewhere than in the main thread it
    does nothing.
    """
    if threading.current_thread() is threading.main_thread():
        signal.siginterrupt(signal.SIGINT, True)  # noqa: FBT003 - the standard library's signature
