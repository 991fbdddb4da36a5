"""The errors that a job's handle raises."""

from __future__ import annotations

from hendrix.entities import ConflictError, HendrixError, UnavailableError


class JobFailedError(HendrixError):
    """A job ended without a value. `details` hold the traceback; the cause is the body's own error."""

    code = "job-failed"


class JobStoppedError(ConflictError):
    """A job was stopped before it had a value."""

    code = "job-stopped"


class JobPendingError(UnavailableError, TimeoutError):
    """A job has no value within the time that the caller would wait. It goes on."""

    code = "job-pending"
