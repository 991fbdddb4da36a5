"""How what a user's code raised is kept: its words, its place, and the exception itself."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import flyte

from hendrix.workflows import seam
from hendrix.workflows.records import TaskError

if TYPE_CHECKING:
    from hendrix.workflows.journal import Entry

_FLYTE = str(Path(flyte.__file__).parent)
_OURS = str(Path(__file__).parent)
_PLUMBING = ("/asyncio/", "/concurrent/futures/", "/threading.py", "/contextlib.py", "/contextvars")
_MARK = "_hendrix_failure"


class Failure:
    """A failure on its way up: what to say about it, and the exception that began it."""

    __slots__ = ("error", "exception")

    def __init__(self, error: TaskError, exception: BaseException | None) -> None:
        self.error = error
        self.exception = exception


def describe(entry: Entry, error: seam.convert.Error, raised: BaseException | None) -> Failure:
    """Say why an attempt failed: in the words of the task below it that failed first, if there is one."""
    below = _origin(raised)
    if below is not None:
        return below
    code, _, message = error.err.code, None, error.err.message
    if raised is not None and not seam.is_flyte_error(raised):
        code, message = type(raised).__name__, str(raised)
    return Failure(
        TaskError(
            task=entry.task,
            action=entry.name,
            type=code,
            message=message,
            traceback="" if raised is None else users_traceback(raised),
        ),
        raised,
    )


def mark(exception: BaseException, failure: Failure) -> None:
    """Let an exception that a parent task sees remember where it came from."""
    exception.__cause__ = failure.exception
    setattr(exception, _MARK, failure)


def _origin(raised: BaseException | None) -> Failure | None:
    found: Failure | None = getattr(raised, _MARK, None)
    if found is None and raised is not None and seam.is_flyte_error(raised):
        # A blocking call of a task wraps what it raised once more.
        found = getattr(raised.__cause__, _MARK, None)
    return found


def users_traceback(raised: BaseException) -> str:
    """Format an exception with the frames of its own code only: neither flyte's, nor ours, nor asyncio's."""
    formatted = traceback.TracebackException.from_exception(raised)
    seen: traceback.TracebackException | None = formatted
    while seen is not None:
        own = [frame for frame in seen.stack if not _is_plumbing(frame.filename)]
        seen.stack = traceback.StackSummary.from_list(own or list(seen.stack))
        seen = seen.__cause__ or seen.__context__
    return "".join(formatted.format())


def _is_plumbing(filename: str) -> bool:
    return filename.startswith((_FLYTE, _OURS)) or any(part in filename for part in _PLUMBING)
