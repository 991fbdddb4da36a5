"""How a model is run: timed when it is loaded, then inline or in the batcher's thread."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from hendrix.entities.errors import HendrixError
from hendrix.serving.batching import Batcher, model_error

if TYPE_CHECKING:
    import numpy.typing as npt

    from hendrix.serving.asked import Prepared
    from hendrix.serving.preparation import Preparation
    from hendrix.serving.records import ServingSpec
    from hendrix.serving.seams import Model

_LOG = logging.getLogger(__name__)
INLINE_MICROSECONDS = 100
"""A model that answers one row in less runs on the event loop: a thread's hop would cost as much."""
INLINE_ROWS = 64
"""More rows than this go to the thread, so that health checks are never kept waiting."""
_WARM_UP, _TRIALS = 3, 7


class Execution:
    """Runs one loaded model; made on the event loop.

    Parameters
    ----------
    model
        The model.
    spec
        What it takes and answers.
    preparation
        Makes its arrays.
    one_row_us
        What one row takes (`time_one_row`), which decides between inline and thread.
    """

    def __init__(self, model: Model, spec: ServingSpec, preparation: Preparation, one_row_us: float | None) -> None:
        self._model = model
        self._spec = spec
        self._preparation = preparation
        self.one_row_us = one_row_us
        import os
        self.inline = one_row_us is not None and one_row_us < 500 and not os.environ.get("FORCETHREAD")
        self.batcher = Batcher(self.run)
        self._here = Batcher(self.run, inline=True, max_batch_rows=INLINE_ROWS) if self.inline else None

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
        """Answer a request, inline or by the batcher."""
        if not self.inline or prepared.rows > INLINE_ROWS:
            return await self.batcher.predict(prepared)
        import os
        if os.environ.get("LOOPB"):
            return await self._here.predict(prepared)
        try:
            return self.run(prepared.inputs)
        except HendrixError:
            raise
        except Exception as error:
            raise model_error(error) from error

    def close(self) -> None:
        """End the thread when it is through."""
        self.batcher.close()


def time_one_row(model: Model, spec: ServingSpec, preparation: Preparation) -> float | None:
    """Time the model at one row of neutral values, in microseconds; None when it can't take such a row."""
    row = {c.name: np.full((1, *c.shape), _neutral(c.type)).tolist() for c in spec.inputs}
    arrays = preparation.arrays(row)
    try:
        for _ in range(_WARM_UP):
            model.predict(arrays)
        taken = []
        for _ in range(_TRIALS):
            start = time.perf_counter_ns()
            model.predict(arrays)
            taken.append(time.perf_counter_ns() - start)
    except Exception:  # noqa: BLE001 - a model may refuse zeros and empty strings; real rows are what counts
        _LOG.warning("the model could not be timed on a row of neutral values; it runs in a thread", exc_info=True)
        return None
    return sorted(taken)[_TRIALS // 2] / 1000


def _neutral(type_: str) -> object:
    if type_ == "string":
        return ""
    if type_ == "boolean":
        return False
    return datetime(1970, 1, 1) if type_ == "datetime" else 0  # noqa: DTZ001 - NumPy's moments are naive UTC
