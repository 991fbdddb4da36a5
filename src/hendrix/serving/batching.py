"""Running the model on batches that nobody waits for: no timer, ever.

In a thread: an idle one takes a request at once, a busy one finds those that came meanwhile. On the event loop, for
quick models: the requests that the loop has read in one turn go together in the next. So one client waits no longer
than without batching, and many share a call.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hendrix.entities import HendrixError
from hendrix.serving.columns import joined
from hendrix.serving.problems import ModelError, OverloadedError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from hendrix.serving.asked import Prepared

    Run = Callable[[dict[str, Any]], npt.NDArray[Any]]

_LOG = logging.getLogger(__name__)
MAX_BATCH_ROWS = 1024
MAX_QUEUED_ROWS = 8192
DEADLINE_SECONDS = 30.0


@dataclass(slots=True)
class _Waiting:
    prepared: Prepared
    future: asyncio.Future[npt.NDArray[Any]]
    since: float = field(default_factory=time.monotonic)


class Batcher:
    """Runs a model in one thread, or on the event loop; made and used on the event loop's thread.

    Parameters
    ----------
    run
        Answers one row of output for each row of inputs (column name to values).
    inline
        Whether to run it on the event loop, which then does nothing else.
    max_batch_rows
        Rows in one call, unless a single request has more.
    max_queued_rows
        Rows that wait at most; more is refused.
    deadline
        Seconds after which a waiting request is given up.
    """

    def __init__(
        self,
        run: Run,
        *,
        inline: bool = False,
        max_batch_rows: int = MAX_BATCH_ROWS,
        max_queued_rows: int = MAX_QUEUED_ROWS,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self._run = run
        self._max_batch_rows = max_batch_rows
        self._max_queued_rows = max_queued_rows
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting] = deque()
        self._busy = False
        self._work: queue.SimpleQueue[list[_Waiting] | None] = queue.SimpleQueue()
        self._inline = inline
        if not inline:
            threading.Thread(target=self._work_on, name="model", daemon=True).start()
        self.queued_rows = 0
        self.batches = 0
        self.refused = 0

    async def predict(self, prepared: Prepared) -> npt.NDArray[Any]:
        """Answer a request.

        Raises
        ------
        OverloadedError
            When too many rows wait, or this one waited too long.
        ModelError
            When the model failed on it.
        """
        # A request larger than the whole queue still runs, but only when nothing else waits.
        if self.queued_rows and self.queued_rows + prepared.rows > self._max_queued_rows:
            self.refused += 1
            message = f"{self.queued_rows} rows wait already, {self._max_queued_rows} are the limit"
            raise OverloadedError(message, hint="Send it again in a second, or spread the load.")
        waiting = _Waiting(prepared, self._loop.create_future())
        self._waiting.append(waiting)
        self.queued_rows += prepared.rows
        if not self._busy:
            if self._inline:
                self._busy = True
                self._loop.call_soon(self._next)
            else:
                self._next()
        return await waiting.future

    def close(self) -> None:
        """Let the thread finish what it has, and end."""
        self._work.put(None)

    def _next(self) -> None:
        """Hand the thread what waits; those whose client left, or who waited too long, are left out."""
        batch: list[_Waiting] = []
        rows = 0
        while self._waiting and (not batch or rows + self._waiting[0].prepared.rows <= self._max_batch_rows):
            waiting = self._waiting.popleft()
            self.queued_rows -= waiting.prepared.rows
            if waiting.future.done():
                continue
            if time.monotonic() - waiting.since > self._deadline:
                self.refused += 1
                message = f"the request waited over {self._deadline:.0f} s"
                waiting.future.set_exception(OverloadedError(message, hint="Send it again later."))
                continue
            batch.append(waiting)
            rows += waiting.prepared.rows
        self._busy = bool(batch)
        if not batch:
            return
        self.batches += 1
        if not self._inline:
            self._work.put(batch)
            return
        self._give(batch, self._answers(batch))
        self._busy = bool(self._waiting)
        if self._busy:
            self._loop.call_soon(self._next)

    def _work_on(self) -> None:
        while (batch := self._work.get()) is not None:
            answers = self._answers(batch)
            if self._loop.is_closed():
                return
            self._loop.call_soon_threadsafe(self._deliver, batch, answers)

    def _answers(self, batch: list[_Waiting]) -> list[npt.NDArray[Any] | HendrixError]:
        if len(batch) > 1:
            try:
                names = batch[0].prepared.inputs
                merged = {name: joined([w.prepared.inputs[name] for w in batch]) for name in names}
                output = self._run(merged)
            except Exception:  # noqa: BLE001 - one request's rows may be what failed: each is asked alone below
                return [self._alone(waiting) for waiting in batch]
            answers: list[npt.NDArray[Any] | HendrixError] = []
            start = 0
            for waiting in batch:
                answers.append(output[start : start + waiting.prepared.rows])
                start += waiting.prepared.rows
            return answers
        return [self._alone(batch[0])]

    def _alone(self, waiting: _Waiting) -> npt.NDArray[Any] | HendrixError:
        try:
            return self._run(waiting.prepared.inputs)
        except HendrixError as error:
            return error
        except Exception as error:  # noqa: BLE001 - the model is anybody's code; its error becomes the answer
            return model_error(error)

    def _deliver(self, batch: list[_Waiting], answers: list[npt.NDArray[Any] | HendrixError]) -> None:
        # The next batch starts before the answers of this one are written: the thread never waits for them.
        self._next()
        self._give(batch, answers)

    def _give(self, batch: list[_Waiting], answers: list[npt.NDArray[Any] | HendrixError]) -> None:
        for waiting, answer in zip(batch, answers, strict=True):
            if waiting.future.done():
                continue
            if isinstance(answer, HendrixError):
                waiting.future.set_exception(answer)
            else:
                waiting.future.set_result(answer)


def model_error(error: Exception) -> ModelError:
    """Say that the model failed; the traceback goes to the server's log."""
    _LOG.error("the model failed", exc_info=error)
    message = f"the model failed: {type(error).__name__}: {error}"
    return ModelError(message[:500], hint="The server's log holds the traceback; try the model on these inputs.")
