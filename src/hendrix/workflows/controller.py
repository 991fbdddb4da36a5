"""The durable controller: flyte's local one, but what it finished is recorded and never runs again.

It is installed for the whole process and serves every run by its name; a run that is not ours (somebody's
own `flyte.run`) is left to flyte's own controller.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from hendrix.workflows import mapping, seam

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Callable, Coroutine

    from flyte.models import NativeInterface, TaskContext

    from hendrix.workflows.live import LiveRun

_live: dict[str, LiveRun] = {}
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def loop() -> asyncio.AbstractEventLoop:
    """Return the event loop on which plain functions are started and awaited, one for the whole process.

    Their bodies run in threads of their own, so nothing ever blocks it.
    """
    global _loop  # noqa: PLW0603
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="hendrix-workflows", daemon=True).start()
        return _loop


def attach(run: LiveRun) -> None:
    """Serve a run from now on, installing the controller if it is not."""
    seam.install(DurableController)
    mapping.install(is_ours)
    _live[run.id] = run


def detach(run: LiveRun) -> None:
    """Serve a run no more."""
    _live.pop(run.id, None)


def is_ours() -> bool:
    """Whether the calling task belongs to a durable run."""
    return _current() is not None


def _current() -> tuple[LiveRun, TaskContext] | None:
    tctx = seam.internal_ctx().data.task_context
    run = None if tctx is None else _live.get(tctx.action.run_name or "")
    return None if run is None or tctx is None else (run, tctx)


class DurableController(seam.LocalController):
    """Answers calls of tasks and traces of durable runs; conditions stay as flyte has them."""

    async def submit(self, _task: seam.TaskTemplate[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        """Answer a call of a task."""
        current = _current()
        if current is None:
            return await super().submit(_task, *args, **kwargs)
        return await current[0].submit(self, _task, args, kwargs)

    def submit_sync(
        self, _task: seam.TaskTemplate[Any, Any, Any], *args: Any, **kwargs: Any
    ) -> concurrent.futures.Future[Any]:
        """Answer a call of a plain function's task."""
        if _current() is None:
            return super().submit_sync(_task, *args, **kwargs)
        coroutine: Coroutine[Any, Any, Any] = self.submit(_task, *args, **kwargs)
        return asyncio.run_coroutine_threadsafe(coroutine, loop())

    async def get_action_outputs(
        self, _interface: NativeInterface, _func: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> tuple[seam.TraceInfo, bool]:
        """Look a traced call up. Only successes are found: a recorded error would be raised for ever."""
        current = _current()
        if current is None:
            return await super().get_action_outputs(_interface, _func, *args, **kwargs)
        run, tctx = current
        convert = seam.convert
        inputs = seam.Inputs.empty()
        if _interface.inputs:
            with seam.converting():
                inputs = await convert.convert_from_native_to_inputs(_interface, *args, **kwargs)
        name = getattr(_func, "__name__", str(_func))
        action, recorded = run.open_trace(name, convert.generate_trace_action_identity(_func), inputs, tctx)
        info = seam.TraceInfo(
            name=name, action=action, interface=_interface, inputs_path=f"{tctx.run_base_dir}/{action.name}"
        )
        if recorded:
            info.output = await convert.convert_outputs_to_native(_interface, seam.parse_outputs(recorded))
        return info, recorded is not None

    async def record_trace(self, info: seam.TraceInfo) -> None:
        """Record how a traced call ended."""
        current = _current()
        if current is None:
            await super().record_trace(info)
            return
        outputs = None
        if info.error is None and info.interface.outputs and info.output is not None:
            with seam.converting():
                converted = await seam.convert.convert_from_native_to_outputs(info.output, info.interface, info.name)
            outputs = converted.proto_outputs.SerializeToString()
        await current[0].close_trace(info.action.name, outputs, info.error)
