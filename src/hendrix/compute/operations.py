"""What can be asked about jobs. A job is a run of the kind "job"; these commits keep its life."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hendrix.compute.log import from_offset
from hendrix.compute.records import (
    BeatJob,
    BeginJob,
    FinishJob,
    JobOrders,
    JobQuery,
    JobRecord,
    ListJobs,
    LogPiece,
    ReadLog,
    Resources,
    StopJob,
    SubmitJob,
    Usage,
)
from hendrix.entities import ENDED, Entity, InvalidInputError, Kind, Page, RunKind, State, utc_now
from hendrix.session import LogPart, Process, Session, operation
from hendrix.session.operations import list_entities
from hendrix.session.records import List
from hendrix.session.runs import Finish, Start, found
from hendrix.session.runs import finish as finish_run
from hendrix.session.runs import start as start_run

if TYPE_CHECKING:
    from collections.abc import Iterator


@operation("jobs.submit", permission="jobs:log")
def submit_job(session: Session, request: SubmitJob) -> JobRecord:
    """Note a job that is handed to Ray: it is queued, and joined to the run that submitted it."""
    project = request.project
    if project is None and request.parent is not None:
        project = session.graph.get(request.parent).project
    facts = {
        "asked": msgspec.to_builtins(request.asked),
        "retries": request.retries,
        "timeout": request.timeout,
        "cluster": request.cluster,
        "driver": msgspec.to_builtins(request.driver),
        "host": request.driver.host,
    }
    asked = Start(
        id=request.id,
        name=request.name,
        run_kind=RunKind.JOB,
        project=project,
        parent=request.parent,
        state=State.QUEUED,
        facts={name: value for name, value in facts.items() if value is not None},
    )
    return record_of(start_run(session, asked))


@operation("jobs.begin", permission="jobs:log")
def begin_job(session: Session, request: BeginJob) -> JobOrders:
    """Note that an attempt begins. The answer tells a job that has ended, or is to stop, not to run."""
    job = _job(session, str(request.job))
    if job.state in ENDED:
        return JobOrders(state=job.state, stop=job.facts.get("stop") or "stop")
    facts = {
        "worker": msgspec.to_builtins(request.worker),
        "host": request.worker.host,
        "pid": request.worker.pid,
        "python": request.python,
        "attempt": job.facts.get("attempt", 0) + 1,
    }
    session.graph.observe(job)
    job = session.graph.update(
        job, state=State.RUNNING, facts=facts, started_at=job.started_at or utc_now(), verb="running"
    )
    return JobOrders(state=job.state, stop=job.facts.get("stop"))


@operation("jobs.beat", permission="jobs:log")
def beat_job(session: Session, request: BeatJob) -> JobOrders:
    """Note that a job lives. One that was taken for lost comes back."""
    job = _job(session, str(request.job))
    _observe(session, job, request.used, request.log)
    if job.state is State.LOST and request.used is not None:
        job = found(session.graph, job)
    return JobOrders(state=job.state, stop=job.facts.get("stop"))


@operation("jobs.orders", permission="jobs:read", kind="read")
def orders(session: Session, request: JobQuery) -> JobOrders:
    """Return where a job stands and whether it is to stop."""
    job = _job(session, request.job)
    return JobOrders(state=job.state, stop=job.facts.get("stop"))


@operation("jobs.finish", permission="jobs:log")
def finish_job(session: Session, request: FinishJob) -> JobRecord:
    """Note the end of an attempt. The first end counts; a failed job with attempts left is queued again."""
    job = _job(session, str(request.job))
    # Also of a job that has ended: what a dead worker used and printed comes in after its end is known.
    _observe(session, job, request.used, request.log)
    if job.state in ENDED - {State.LOST}:
        return record_of(session.graph.get(job.id))
    used = {"used": msgspec.to_builtins(request.used)} if request.used else {}
    if request.may_retry and job.facts.get("attempt", 0) <= job.facts.get("retries", 0):
        facts = {"error": request.error, **used}
        return record_of(session.graph.update(job, state=State.QUEUED, facts=facts, verb="retried"))
    end = Finish(run=job.id, state=request.state, error=request.error, facts=used)
    return record_of(finish_run(session, end))


@operation("jobs.stop", permission="jobs:run")
def stop_job(session: Session, request: StopJob) -> JobRecord:
    """Ask for a job's end. Its worker sees that within a second; a job that has ended stays as it is."""
    job = _job(session, request.job)
    wish = "kill" if request.force else "stop"
    if job.state in ENDED or job.facts.get("stop") in {wish, "kill"}:
        return record_of(job)
    return record_of(session.graph.update(job, facts={"stop": wish}, verb="stop_asked"))


@operation("jobs.show", permission="jobs:read", kind="read")
def show_job(session: Session, request: JobQuery) -> JobRecord:
    """Return what is known of a job."""
    return record_of(_job(session, request.job))


@operation("jobs.list", permission="jobs:read", kind="read")
def list_jobs(session: Session, request: ListJobs) -> Page[JobRecord]:
    """Return a part of the list of jobs, newest first."""
    asked = List(
        kind=Kind.RUN,
        run_kind=RunKind.JOB,
        project=request.project,
        state=request.state,
        limit=request.limit,
        cursor=request.cursor,
    )
    page = list_entities(session, asked)
    return Page(items=tuple(record_of(job) for job in page.items), next=page.next, total=page.total)


@operation("jobs.logs", permission="jobs:read", kind="stream")
def read_log(session: Session, request: ReadLog) -> Iterator[LogPart | None]:
    """Yield a job's log from an offset, and with `follow` what is still to come, until the job ends.

    None says that there is nothing new.
    """
    offset = max(0, request.offset)
    while True:
        # Asked before reading, so that what was printed last is not missed.
        with session.reading() as graph:
            job = _checked(graph.resolve(request.job, Kind.RUN))
        pieces = msgspec.convert((job.observed or {}).get("log", []), tuple[LogPiece, ...])
        for part in from_offset(session.host, job.id, pieces, offset):
            offset = part.next
            yield part
        if not request.follow or job.state in ENDED:
            return
        yield None


def record_of(job: Entity) -> JobRecord:
    """Read a job's record off its entity."""
    facts, observed = job.facts, job.observed or {}

    def read(value: Any, kind: Any) -> Any:
        return None if value is None else msgspec.convert(value, kind)

    return JobRecord(
        id=job.id,
        ref=job.ref,
        name=job.name,
        state=job.state,
        asked=msgspec.convert(facts.get("asked", {}), Resources),
        used=read(observed.get("used") or facts.get("used"), Usage),
        error=facts.get("error"),
        attempt=facts.get("attempt", 0),
        retries=facts.get("retries", 0),
        timeout=facts.get("timeout"),
        project=job.project,
        parent=job.parent,
        python=facts.get("python"),
        driver=read(facts.get("driver"), Process),
        worker=read(facts.get("worker"), Process),
        stop=facts.get("stop"),
        created_by=job.created_by,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        seen_at=job.observed_at,
    )


def _job(session: Session, ref: str) -> Entity:
    return _checked(session.graph.resolve(ref, Kind.RUN))


def _checked(job: Entity) -> Entity:
    if job.kind is not Kind.RUN or job.facts.get("run_kind") != RunKind.JOB:
        message = f"{job.ref} is no job"
        raise InvalidInputError(message, hint="`hendrix job list` shows the jobs that there are.")
    return job


def _observe(session: Session, job: Entity, used: Usage | None, log: tuple[LogPiece, ...]) -> None:
    told: dict[str, Any] = {}
    if used is not None:
        told["used"] = msgspec.to_builtins(used)
    if log:
        told["log"] = msgspec.to_builtins(log)
    session.graph.observe(job, **told)
