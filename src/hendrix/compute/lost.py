"""Jobs whose processes are gone: seen, and noted as lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hendrix.compute.operations import finish_job, list_jobs
from hendrix.compute.records import FinishJob, ListJobs
from hendrix.entities import State, utc_now
from hendrix.session import client, every

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from hendrix.compute.records import JobRecord
    from hendrix.session import Client

SILENT = timedelta(seconds=15)
"""A job that was heard of since is alive: several heartbeats fit in."""
SILENT_ELSEWHERE = timedelta(seconds=60)
"""The same for a job of another host, whose processes can't be looked at from here."""


def mark_lost(on: Client | None = None) -> tuple[UUID, ...]:
    """Note as lost the jobs that are silent and whose process is gone. Returns their ids.

    Parameters
    ----------
    on
        The session whose jobs are looked at; by default the one at hand.
    """
    speaker = on or client()

    def jobs(state: State) -> Iterator[JobRecord]:
        return every(lambda cursor: speaker.call(list_jobs, ListJobs(state=state, limit=500, cursor=cursor)))

    lost = []
    for record in (*jobs(State.RUNNING), *jobs(State.QUEUED)):
        error = _lost(record)
        if error is not None:
            speaker.call(finish_job, FinishJob(job=record.id, state=State.LOST, error=error))
            lost.append(record.id)
    return tuple(lost)


def _lost(record: JobRecord) -> str | None:
    silent = utc_now() - (record.seen_at or record.created_at)
    keeper, what = (
        (record.worker, "its worker process") if record.state is State.RUNNING else (record.driver, "its submitter")
    )
    if keeper is None or silent < SILENT:
        return None
    if keeper.here():
        return None if keeper.alive() else f"{what} (pid {keeper.pid} on {keeper.host}) is gone"
    return f"no sign of life for {silent.total_seconds():.0f} s" if silent > SILENT_ELSEWHERE else None
