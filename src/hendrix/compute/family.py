"""A process and all that it started: what they use, and how to end them."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from hendrix.session import Process


class Family:
    """A process and all that it started, remembered also when their parents are gone."""

    def __init__(self, head: Process, cpu_before: float = 0.0) -> None:
        self.head = head
        self._cpu_before = cpu_before
        self._members: dict[tuple[int, float], psutil.Process] = {}
        self._cpu: dict[tuple[int, float], float] = {}
        self.peak_rss = 0

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of every member that was seen, without what the head had used before."""
        return max(0.0, sum(self._cpu.values()) - self._cpu_before)

    def look(self) -> bool:
        """Look for new members and add up what they use. Returns whether the head is alive."""
        head = self.head.find()
        roots = [head, *self._members.values()] if head else list(self._members.values())
        seen: dict[tuple[int, float], psutil.Process] = {}
        for root in roots:
            for member in _with_descendants(root):
                try:
                    seen[(member.pid, member.create_time())] = member
                except psutil.NoSuchProcess:
                    continue
        rss = 0
        for key, member in seen.items():
            try:
                with member.oneshot():
                    rss += member.memory_info().rss
                    times = member.cpu_times()
                    self._cpu[key] = times.user + times.system
            except psutil.NoSuchProcess:
                continue
        self.peak_rss = max(self.peak_rss, rss)
        self._members = seen
        return head is not None

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the head's main thread."""
        self.head.send(signal.SIGINT)

    def kill(self, *, head: bool = True) -> None:
        """End every member at once, without asking; with `head=False` only what the head started."""
        # A family may grow while it is being ended: look again until nothing is left.
        for _ in range(20):
            self.look()
            victims = [
                member
                for member in self._members.values()
                if _running(member) and (head or member.pid != self.head.pid)
            ]
            if not victims:
                return
            for member in victims:
                try:
                    member.kill()
                except psutil.NoSuchProcess:
                    continue
            psutil.wait_procs(victims, timeout=0.5)


def _with_descendants(root: psutil.Process) -> list[psutil.Process]:
    try:
        family = [root, *root.children(recursive=True)] if _running(root) else []
    except psutil.NoSuchProcess:
        return []
    # Whoever looks may have been started by the family, and is none of it.
    return [member for member in family if member.pid != os.getpid()]


def _running(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
