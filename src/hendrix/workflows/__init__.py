"""Workflows: plain Flyte 2 programs, every task recorded, resumed after a kill.

In goes a task of a `flyte.TaskEnvironment`, unchanged; out comes a `WorkflowRun` with its outputs and its
actions. What is recorded as finished never runs again under the same name. flyte is imported when the first
workflow runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.workflows.arguments import parse_inputs
    from hendrix.workflows.errors import TaskFailedError
    from hendrix.workflows.program import load
    from hendrix.workflows.records import Action, TaskError, WorkflowRecord
    from hendrix.workflows.verbs import WorkflowRun, execute, get, resume, run

__all__ = [
    "Action",
    "TaskError",
    "TaskFailedError",
    "WorkflowRecord",
    "WorkflowRun",
    "execute",
    "get",
    "load",
    "parse_inputs",
    "resume",
    "run",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "arguments": ("parse_inputs",),
        "errors": ("TaskFailedError",),
        "program": ("load",),
        "records": ("Action", "TaskError", "WorkflowRecord"),
        "verbs": ("WorkflowRun", "execute", "get", "resume", "run"),
    },
)
