"""Counts and latencies of a server, in bounded memory: since start, and over the last minute."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from hendrix.serving.records import Latency, Window

MINUTE = 60
_STEPS = 16
"""Buckets for each doubling: a bucket is 4.4% wide, so a quantile is within 2.2% of its middle."""
_BUCKETS = 27 * _STEPS
"""From 1 microsecond to 134 seconds."""


@dataclass(slots=True)
class _Tally:
    """One span's counts."""

    second: int = -1
    requests: int = 0
    errors: int = 0
    rows: int = 0
    unseen: int = 0
    micros: int = 0
    counts: list[int] = field(default_factory=lambda: [0] * _BUCKETS)

    def clear(self, second: int) -> None:
        self.second = second
        self.requests = self.errors = self.rows = self.unseen = self.micros = 0
        self.counts = [0] * _BUCKETS


class Statistics:
    """Counts requests; written from one thread (the event loop)."""

    def __init__(self) -> None:
        self.started_ns = time.time_ns()
        self._start = time.monotonic()
        self.total = _Tally()
        self.by_status: dict[tuple[str, int], int] = {}
        self.unseen_by_view: dict[str, int] = {}
        self._ring = [_Tally() for _ in range(MINUTE + 1)]

    def record(self, protocol: str, status: int, micros: int, rows: int, unseen: dict[str, int]) -> None:
        """Count one request for predictions that was answered after some microseconds."""
        second = int(time.monotonic() - self._start)
        slot = self._ring[second % len(self._ring)]
        if slot.second != second:
            slot.clear(second)
        bucket = bucket_of(micros)
        missing = sum(unseen.values()) if unseen else 0
        for tally in (self.total, slot):
            tally.requests += 1
            tally.errors += status >= 400  # noqa: PLR2004 - HTTP's line between answers and errors
            tally.rows += rows
            tally.unseen += missing
            tally.micros += micros
            tally.counts[bucket] += 1
        key = (protocol, status)
        self.by_status[key] = self.by_status.get(key, 0) + 1
        for view, count in unseen.items():
            self.unseen_by_view[view] = self.unseen_by_view.get(view, 0) + count

    def last_minute(self) -> Window:
        """Sum the last 60 seconds, or the time since start if that is less."""
        elapsed = time.monotonic() - self._start
        live = [slot for slot in self._ring if slot.second >= 0 and slot.second > int(elapsed) - MINUTE]
        merged = _Tally()
        for slot in live:
            merged.requests += slot.requests
            merged.errors += slot.errors
            merged.rows += slot.rows
            merged.unseen += slot.unseen
            merged.counts = [a + b for a, b in zip(merged.counts, slot.counts, strict=True)]
        return _window(merged, min(elapsed, float(MINUTE)))

    def since_start(self) -> Window:
        """Sum everything."""
        return _window(self.total, time.monotonic() - self._start)

    def cumulative(self, bounds_us: tuple[int, ...]) -> list[int]:
        """Count the requests at or below each bound, as Prometheus' histograms do."""
        answer, running, bucket = [], 0, 0
        for bound in bounds_us:
            last = bucket_of(bound)
            running += sum(self.total.counts[bucket:last])
            bucket = last
            answer.append(running)
        return answer


def bucket_of(micros: int) -> int:
    """Find the bucket of a latency."""
    return min(int(math.log2(micros) * _STEPS), _BUCKETS - 1) if micros > 1 else 0


def _window(tally: _Tally, seconds: float) -> Window:
    return Window(
        seconds=round(seconds, 3),
        requests=tally.requests,
        errors=tally.errors,
        rows=tally.rows,
        rate=round(tally.requests / seconds, 3) if seconds > 0 else 0.0,
        unseen_keys=tally.unseen,
        latency_ms=Latency(
            p50=quantile(tally.counts, 0.50),
            p95=quantile(tally.counts, 0.95),
            p99=quantile(tally.counts, 0.99),
        ),
    )


def quantile(counts: list[int], share: float) -> float | None:
    """Find a quantile, in milliseconds: the middle of the bucket that holds it; None without requests."""
    total = sum(counts)
    if not total:
        return None
    rank = max(1, math.ceil(share * total))
    running = 0
    for bucket, count in enumerate(counts):
        running += count
        if running >= rank:
            return round(2 ** ((bucket + 0.5) / _STEPS) / 1000, 4)
    return None
