"""What a workflow can fail with, said for the person who wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hendrix.entities import HendrixError

if TYPE_CHECKING:
    from hendrix.workflows.records import TaskError


class TaskFailedError(HendrixError):
    """A task of a workflow raised, and nothing above it caught the error.

    `details` holds `run`, `name`, `task`, `action`, `error_type` and `traceback` (the user's own frames
    only); `__cause__` is the exception that the task raised.
    """

    code: ClassVar[str] = "task-failed"
    status: ClassVar[int] = 422

    @classmethod
    def of(cls, failure: TaskError, *, run: str, name: str, kept: int) -> TaskFailedError:
        """Put the failure of a task into words.

        Parameters
        ----------
        failure
            What the journal holds about the failed task.
        run, name
            The workflow run's id and name.
        kept
            How many finished tasks will not run again.
        """
        return cls(
            f"task {failure.task!r} failed: {failure.type}: {failure.message}",
            hint=f"Mend it, then `hendrix workflow resume {name}`: {kept_tasks(kept)}, the rest runs.",
            run=run,
            name=name,
            task=failure.task,
            action=failure.action,
            error_type=failure.type,
            traceback=failure.traceback,
        )


def kept_tasks(count: int) -> str:
    """Say how many tasks will not run again."""
    return "1 finished task is kept" if count == 1 else f"{count} finished tasks are kept"
