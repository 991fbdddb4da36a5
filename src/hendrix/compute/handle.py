"""The handle of a job: follow it, wait for it, take its value, stop it."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from hendrix.compute.attendant import GRACE
from hendrix.compute.failures import JobFailedError, JobPendingError, JobStoppedError
from hendrix.compute.lost import mark_lost
from hendrix.compute.operations import list_jobs, read_log, show_job, stop_job
from hendrix.compute.parcel import unpack
from hendrix.compute.pending import WATCHER, Pending, say
from hendrix.compute.records import JobQuery, ListJobs, ReadLog, StopJob
from hendrix.compute.resources import describe, parse_duration, size_text
from hendrix.entities import ENDED, NotFoundError, State
from hendrix.session import Handle, client, heed_interrupts, lines
from hendrix.session.operations import show
from hendrix.session.records import Show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from uuid import UUID

    from hendrix.compute.records import JobRecord, Resources, Usage
    from hendrix.entities import Entity

_SETTLE = 5.0
"""Seconds for an end to be recorded after the body ended."""
_LOOK_EVERY = 0.25
"""Seconds between two looks at the record of a job of another process."""
_SILENCE = 2.0
"""Seconds of waiting before a word is said."""


class Job(Handle):
    """A function that runs on Ray. Made by `submit` and `job`; any process can hold one."""

    def __init__(self, identity: UUID, pending: Pending | None = None) -> None:
        self._id = identity
        self._pending = pending or WATCHER.find(identity)
        self._client = self._pending.client if self._pending else client()

    @property
    def record(self) -> JobRecord:
        """All that is recorded of the job, as of now."""
        return self._client.call(show_job, JobQuery(job=self.id.hex))

    @functools.cached_property
    def entity(self) -> Entity:  # type: ignore[override]
        """The job in the graph, read when it is first needed."""
        return self._client.call(show, Show(ref=str(self._id)))

    @property
    def id(self) -> UUID:
        """The job's id."""
        return self._id

    @property
    def status(self) -> State:
        """Where the job is: queued, running, or finished, failed, stopped or lost."""
        return self.record.state

    @property
    def resources(self) -> tuple[Resources, Usage | None]:
        """What was asked, and what was used so far (None before it began)."""
        record = self.record
        return record.asked, record.used

    def logs(self, *, follow: bool = False) -> Iterator[str]:
        """Yield the lines that the job printed; with `follow`, those to come as well, until it ends."""
        return lines(self._client.stream(read_log, ReadLog(job=self.id.hex, follow=follow)))

    def wait(self, timeout: float | str | timedelta | None = None) -> Job:
        """Wait for the job's end, whatever it is. Ctrl-C stops the job.

        Raises
        ------
        JobPendingError
            When the job has not ended after `timeout` (seconds, "10m", timedelta; default: no limit).
        """
        seconds = parse_duration(timeout)
        heed_interrupts()
        try:
            ended = self._await(seconds, loud=True)
        except KeyboardInterrupt:
            self._interrupted()
            # A new one: where in Ray the old one came up is of no use to anybody.
            raise KeyboardInterrupt from None
        if not ended:
            message = f"job {self.name!r} is still {self.status} after {seconds:g} s"
            raise JobPendingError(message, hint="It goes on. Wait longer, or stop it with job.stop().")
        return self

    def result(self, timeout: float | str | timedelta | None = None) -> Any:
        """Wait for the job and return what its function returned. Ctrl-C stops the job.

        Large arrays and Arrow tables come back without a copy, and read-only.

        Raises
        ------
        JobFailedError
            When the function raised, its worker died or it ran too long. The cause is the function's error.
        JobStoppedError
            When the job was stopped.
        JobPendingError
            When the job has not ended after `timeout`.
        NotFoundError
            When another process submitted the job: a value stays where the job was submitted.
        """
        self.wait(timeout)
        outcome = self._pending.outcome if self._pending else None
        if outcome is not None and outcome.value is not None:
            return unpack(outcome.value)
        record = self.record
        logs = f"Its log: hendrix job logs {self.id.hex}"
        if record.state is State.STOPPED:
            message = f"job {record.name!r} was stopped"
            raise JobStoppedError(message, hint=logs)
        if record.state is State.FINISHED:
            message = f"job {record.name!r} finished, but its value stays in the process that submitted it"
            raise NotFoundError(message, hint="Log what should last as a dataset, a model or an artifact.")
        word = "was lost" if record.state is State.LOST else "failed"
        message = f"job {record.name!r} {word}: {record.error}"
        details = {"traceback": outcome.failure.traceback} if outcome and outcome.failure else {}
        cause = unpack(outcome.cause) if outcome and outcome.cause else None
        raise JobFailedError(message, hint=logs, **details) from cause

    def stop(self, *, force: bool = False) -> Job:
        """Stop the job and wait until it has: by KeyboardInterrupt, after 5 s or with `force` by a kill.

        Processes that the body started are ended too. A job that has ended stays as it is.
        """
        if self.status in ENDED:
            return self
        self._client.call(stop_job, StopJob(job=self.id.hex, force=force))
        if self._pending and self.status is State.QUEUED:
            self._pending.cancel(force=False)
        if not self._await(GRACE + _SETTLE) and self._pending:
            # Its attendant does not answer: Ray ends the worker and what that started.
            self._pending.cancel(force=True)
            self._await(_SETTLE)
        return self

    def _await(self, seconds: float | None, *, loud: bool = False) -> bool:
        began = time.monotonic()
        if loud and (seconds is None or seconds > _SILENCE):
            if self._look(_SILENCE):
                return True
            say(f"job {self.name!r} is {self.status} (Ctrl-C stops it; hendrix job logs -f {self.id.hex})")
        return self._look(None if seconds is None else max(0.0, seconds - (time.monotonic() - began)))

    def _look(self, seconds: float | None) -> bool:
        if self._pending:
            return self._pending.wait(seconds)
        until = None if seconds is None else time.monotonic() + seconds
        while self.status not in ENDED:
            if until is not None and time.monotonic() >= until:
                return False
            time.sleep(_LOOK_EVERY)
        return True

    def _interrupted(self) -> None:
        name = self.name
        say(f"stopping job {name!r} (Ctrl-C again kills it at once) ...")
        try:
            self.stop()
        except KeyboardInterrupt:
            self.stop(force=True)
        say(f"job {name!r} is {self.status}; its log: hendrix job logs {self.id.hex}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        record = self.record
        used = ""
        if record.used:
            used = f", {record.used.wall_seconds:.1f} s, {size_text(record.used.peak_rss)}"
        return f"Job({record.name!r}, {record.state}, {describe(record.asked)}{used}, id={self.id.hex})"


def job(reference: str | UUID) -> Job:
    """Return the handle of a job by its id (the first digits are enough) or reference.

    Raises
    ------
    NotFoundError
        When there is no such job.
    """
    text = reference if isinstance(reference, str) else reference.hex
    return Job(client().call(show_job, JobQuery(job=text)).id)


def jobs(*, state: State | str | None = None, project: str | None = None, limit: int = 100) -> list[Job]:
    """Return the newest jobs, at most `limit`. Those whose processes are gone are noted as lost first."""
    mark_lost()
    asked = ListJobs(state=State(state) if state else None, project=project, limit=limit)
    return [Job(record.id) for record in client().call(list_jobs, asked).items]
