"""How a model is run: timed when it is loaded, then on the event loop or in the batcher's thread.

Measured with scikit-learn's logistic regression, in CPU time a request at 64 connections: 400 microseconds one by one
on the loop, 127 batched in a thread, 112 batched on the loop.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from hendrix.entities import HendrixError
from hendrix.serving.batching import Batcher, model_error

if TYPE_CHECKING:
    import numpy.typing as npt

    from hendrix.serving.asked import Prepared
    from hendrix.serving.preparation import Preparation
    from hendrix.serving.records import ServingSpec
    from hendrix.serving.seams import Model

_LOG = logging.getLogger(__name__)
INLINE_ROWS = 64
"""Rows in one call on the event loop; a request with more goes to the thread, so that health checks never wait."""
INLINE_MICROSECONDS = 1000
"""A model that answers so many rows in less runs on the loop: a thread's hop would cost more than it frees."""
AT_ONCE_MICROSECONDS = 20
"""A model that answers one row in less is not worth a batch: it is called in the request's own turn."""
_WARM_UP, _TRIALS = 3, 7


class Execution:
    """Runs one loaded model; made on the event loop.

    Parameters
    ----------
    model
        The model.
    preparation
        Makes its arrays.
    one_row_us, batch_us
        What a row and `INLINE_ROWS` of them take, in microseconds (`time_rows`); None for a model that can't say.
    """

    def __init__(
        self, model: Model, preparation: Preparation, one_row_us: float | None, batch_us: float | None
    ) -> None:
        self._model = model
        self._preparation = preparation
        self.one_row_us = one_row_us
        self.inline = batch_us is not None and batch_us < INLINE_MICROSECONDS
        self._at_once = self.inline and one_row_us is not None and one_row_us < AT_ONCE_MICROSECONDS
        self._thread = Batcher(self.run)
        self._loop = Batcher(self.run, inline=True, max_batch_rows=INLINE_ROWS) if self.inline else None

    @property
    def queued_rows(self) -> int:
        """Rows that wait."""
        return self._thread.queued_rows + (self._loop.queued_rows if self._loop else 0)

    @property
    def batches(self) -> int:
        """Calls of the model, but for those made in a request's own turn."""
        return self._thread.batches + (self._loop.batches if self._loop else 0)

    @property
    def refused(self) -> int:
        """Requests that were refused because too much waited."""
        return self._thread.refused + (self._loop.refused if self._loop else 0)

    def run(self, inputs: dict[str, Any]) -> npt.NDArray[Any]:
        """Run the model on prepared inputs, in the calling thread."""
        arrays = self._preparation.arrays(inputs)
        output = np.asarray(self._model.predict(arrays))
        rows = len(next(iter(arrays.values())))
        if output.shape[:1] != (rows,):
            message = f"it answered the shape {output.shape} for {rows} rows"
            raise ValueError(message)
        return output

    async def predict(self, prepared: Prepared) -> npt.NDArray[Any]:
        """Answer a request."""
        if self._loop is None or prepared.rows > INLINE_ROWS:
            return await self._thread.predict(prepared)
        if not self._at_once:
            return await self._loop.predict(prepared)
        try:
            return self.run(prepared.inputs)
        except HendrixError:
            raise
        except Exception as error:
            raise model_error(error) from error

    def close(self) -> None:
        """End the thread when it is through."""
        self._thread.close()


def time_rows(model: Model, spec: ServingSpec, preparation: Preparation, rows: int) -> float | None:
    """Time the model on rows of neutral values, in microseconds; None when it can't take such rows."""
    neutral = {c.name: np.full((rows, *c.shape), _neutral(c.type)).tolist() for c in spec.inputs}
    arrays = preparation.arrays(neutral)
    taken = []
    try:
        for _ in range(_WARM_UP + _TRIALS):
            start = time.perf_counter_ns()
            model.predict(arrays)
            taken.append(time.perf_counter_ns() - start)
    except Exception:  # noqa: BLE001 - a model may refuse zeros and empty strings; real rows are what counts
        _LOG.warning("the model could not be timed on rows of neutral values; it runs in a thread", exc_info=True)
        return None
    return sorted(taken[_WARM_UP:])[_TRIALS // 2] / 1000


def _neutral(type_: str) -> object:
    if type_ == "string":
        return ""
    if type_ == "boolean":
        return False
    return datetime(1970, 1, 1) if type_ == "datetime" else 0  # noqa: DTZ001 - NumPy's moments are naive UTC
