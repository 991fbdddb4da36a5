"""The one module that knows flyte's private names (tests/workflows/test_seam.py pins each of them).

Imported only when a workflow runs: it brings flyte with it.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING, Any, cast

import flyte._internal.controllers._local_controller as _local
import flyte.errors
from flyte import _excepthook, _map
from flyte._cache.cache import VersionParameters as _VersionParameters
from flyte._cache.cache import cache_from_request as _cache_from_request
from flyte._context import contextual_run, internal_ctx
from flyte._environment import list_loaded_environments as _list_loaded_environments
from flyte._initialize import is_initialized as _is_initialized
from flyte._internal.controllers import TraceInfo
from flyte._internal.controllers._local_controller import LocalController
from flyte._internal.runtime import convert
from flyte._internal.runtime.taskrunner import convert_and_run
from flyte._internal.runtime.types_serde import transform_native_to_typed_interface as _typed_interface
from flyte._logging import logger
from flyte._task import AsyncFunctionTaskTemplate, TaskTemplate
from flyte._timeout import timeout_from_request as _timeout_from_request
from flyte.models import ActionID
from flyte.syncify import syncify as _syncify
from flyteidl2.core import execution_pb2 as _execution
from flyteidl2.core.identifier_pb2 import Identifier as _Identifier
from flyteidl2.core.tasks_pb2 import TaskMetadata as _TaskMetadata
from flyteidl2.core.tasks_pb2 import TaskTemplate as _TaskMessage
from flyteidl2.task import common_pb2 as _common

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from contextlib import AbstractContextManager
    from datetime import timedelta

    from flyte.models import CheckpointPaths, TaskContext

# `import flyte` makes itself the one who prints what ends a program, on standard output and without the
# frames that it deems its own. A program's last words are its own, and go where they belong.
if sys.excepthook is _excepthook.custom_excepthook:
    sys.excepthook = _excepthook.original_excepthook

__all__ = [
    "ActionID",
    "Inputs",
    "LocalController",
    "Mapper",
    "Outputs",
    "TaskTemplate",
    "TraceInfo",
    "contextual_run",
    "convert",
    "convert_and_run",
    "install",
    "internal_ctx",
    "logger",
    "parallel_map",
]

Inputs = convert.Inputs
Outputs = convert.Outputs
Mapper = _map._Mapper  # noqa: SLF001
parallel_map: Any = _map._map  # noqa: SLF001
map_name = Mapper._get_name  # noqa: SLF001

TIMED_OUT = "MAX_RUNTIME_EXCEEDED"
PAST_DEADLINE = "DEADLINE_EXCEEDED"


def install(controller: type[LocalController]) -> None:
    """Make `flyte.run` in local mode use this controller: it looks the class up when it is called."""
    _local.LocalController = controller  # type: ignore[misc]


def replace_map(call: Callable[..., Any], aio: Callable[..., Any]) -> None:
    """Put other methods in the place of `flyte.map` and `flyte.map.aio`."""
    Mapper.__call__ = call  # type: ignore[method-assign]
    Mapper.aio = aio  # type: ignore[method-assign]


def converting() -> AbstractContextManager[object]:
    """Make the context in which values are turned into messages on behalf of the running task."""
    return internal_ctx().new_in_driver_literal_conversion(in_driver_literal_conversion=True)


def next_ordinal(tctx: TaskContext, key: str) -> int:
    """Count the calls of one identity with the same inputs, inside one action."""
    return tctx._call_counter.next(key)  # noqa: SLF001


def runs_in_a_thread(task: TaskTemplate[Any, Any, Any]) -> bool:
    """Whether the task's body is a plain function, which nothing can interrupt."""
    return bool(task._call_as_synchronous)  # noqa: SLF001


def limits(task: TaskTemplate[Any, Any, Any]) -> tuple[float | None, float | None]:
    """Read a task's timeouts in seconds: of each attempt, and of all of them together."""
    if task.timeout is None:
        return None, None
    timeout = _timeout_from_request(task.timeout)
    return _seconds(timeout.max_runtime), _seconds(timeout.deadline)


def _seconds(value: timedelta | int | None) -> float | None:
    if value is None:
        return None
    return (float(value) if isinstance(value, int | float) else value.total_seconds()) or None


def retries(task: TaskTemplate[Any, Any, Any]) -> tuple[int, Callable[[int], float]]:
    """Read how often a task is tried again, and how many seconds to wait before the n-th time (from 0).

    Without a backoff the attempts follow at once, as flyte documents (its local controller waits).
    """
    strategy: Any = task.retries
    backoff = strategy.backoff
    if backoff is None:
        return strategy.count, lambda _: 0.0
    return strategy.count, lambda n: backoff.compute_delay(n).total_seconds()


def native(error: convert.Error) -> Exception:
    """Make the exception that a parent task sees."""
    return convert.convert_error_to_native(error) or flyte.errors.RuntimeSystemError("Unknown", str(error.err))


def timed_out(code: str, message: str) -> convert.Error:
    """Word a timeout the way that the platform's own controller does."""
    return convert.Error(
        err=_execution.ExecutionError(kind=_execution.ExecutionError.USER, code=code, message=message),
        recoverable=code != PAST_DEADLINE,
    )


def identity(task: TaskTemplate[Any, Any, Any], code: str) -> str:
    """Hash a task's name, interface and code, by the recipe of flyte's remote controller."""
    message = _TaskMessage(
        id=_Identifier(name=task.name),
        interface=_typed_interface(task.interface),
        metadata=_TaskMetadata(discovery_version=code),
    )
    return convert.generate_task_identity_hash(message)


def code_version(task: TaskTemplate[Any, Any, Any]) -> str:
    """Hash a task's body as flyte does: what a cache would call its version.

    Raises
    ------
    ValueError
        When the source is not at hand.
    """
    cache = _cache_from_request(task.cache)
    if not cache.is_enabled():
        cache = _cache_from_request("auto")
    func = task.func if isinstance(task, AsyncFunctionTaskTemplate) else None
    return cache.get_version(_VersionParameters(func=func, image=task.image))


def ignored_inputs(task: TaskTemplate[Any, Any, Any]) -> list[str]:
    """Name the inputs that don't count for what a call is."""
    cache = _cache_from_request(task.cache)
    return list(cache.get_ignored_inputs()) if cache.is_enabled() else []


def loaded_tasks() -> Mapping[str, TaskTemplate[Any, Any, Any]]:
    """List the tasks of all environments that the process has loaded; a later one replaces an earlier one."""
    return {
        name: task
        for environment in _list_loaded_environments()
        for name, task in getattr(environment, "tasks", {}).items()
    }


def parse_inputs(data: bytes) -> Inputs:
    """Read recorded inputs."""
    return Inputs(proto_inputs=_common.Inputs.FromString(data))


def native_inputs(task: TaskTemplate[Any, Any, Any], data: bytes) -> dict[str, Any]:
    """Turn recorded inputs into a task's arguments."""
    return asyncio.run(convert.convert_inputs_to_native(parse_inputs(data), task.native_interface))


def parse_outputs(data: bytes) -> Outputs:
    """Read recorded outputs."""
    return Outputs(proto_outputs=_common.Outputs.FromString(data))


def stage_checkpoint(paths: CheckpointPaths) -> None:
    """Show an attempt what the one before it saved."""
    _local._stage_prev_checkpoint_for_local_retry(paths)  # noqa: SLF001


def is_flyte_error(error: BaseException) -> bool:
    """Whether an exception is flyte's own wrapping of what a task raised."""
    return isinstance(error, flyte.errors.BaseRuntimeError)


def in_background_loop() -> bool:
    """Whether the calling thread is the one that runs the bodies of async tasks."""
    return threading.current_thread() is _syncify._bg_loop.thread  # noqa: SLF001


def local_run(task: TaskTemplate[Any, Any, Any], inputs: Mapping[str, Any], *, run: str, data: str) -> Awaitable[Any]:
    """Run a task in this process through whatever controller is installed.

    Parameters
    ----------
    run
        What flyte shall call the run.
    data
        The folder for files and frames.
    """
    if not _is_initialized():  # files and frames want it
        flyte.init()
    runner = flyte.with_runcontext(mode="local", name=run, raw_data_path=data, interactive_mode=False)
    start = cast("Callable[..., Awaitable[Any]]", runner.run.aio)
    return start(task, **inputs)
