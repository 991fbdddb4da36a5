"""A model in memory: tables go in, arrays come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hendrix.data import as_table
from hendrix.entities import HendrixError, InvalidInputError
from hendrix.models.flavours import ask
from hendrix.models.signature import as_frame, as_matrix, conform

if TYPE_CHECKING:
    from hendrix.models.records import FeatureLookup, ModelFacts, Signature

BINARY = 2


class LoadedModel:
    """A model that was loaded from its folder.

    Parameters
    ----------
    model
        The native object, such as a scikit-learn estimator.
    facts
        What its folder says of it.
    """

    def __init__(self, model: Any, facts: ModelFacts) -> None:
        self.model = model
        self.facts = facts
        self._ask = ask(model, facts.flavour)

    @property
    def signature(self) -> Signature | None:
        """What it takes and gives; None when it was saved without a signature."""
        return self.facts.signature

    @property
    def features(self) -> FeatureLookup | None:
        """How its inputs are looked up, if it was trained on feature views."""
        return self.facts.features

    def predict(self, frame: Any) -> np.ndarray[Any, Any]:
        """Predict for each row.

        Parameters
        ----------
        frame
            Any table with the signature's columns, in any order; further columns are left aside, null is a
            missing value. A mapping of NumPy arrays is the shortest way for a model of numbers.

        Returns
        -------
        numpy.ndarray
            Of a binary classifier the probability of the positive class, float64 of shape (rows,); of one
            with more classes their probabilities, shape (rows, classes); else what the model predicts.

        Raises
        ------
        InvalidInputError
            For a missing column or values of another type, naming the column, and when the model itself
            fails on the rows.
        """
        inputs, rows = self._inputs(frame)
        try:
            raw = self._ask(inputs)
        except HendrixError:
            raise
        except Exception as error:
            message = f"the model ({self.facts.model_class or self.facts.flavour}) failed on {rows:,} rows: {error}"
            raise InvalidInputError(message, hint="Compare the rows with those it was trained on.") from error
        answers = self._answers(raw)
        if answers.shape[:1] != (rows,):
            message = f"the model gave answers of the shape {answers.shape} for {rows:,} rows"
            raise InvalidInputError(message, hint="A model must give one answer for each row.")
        return answers

    def _inputs(self, frame: Any) -> tuple[Any, int]:
        signature = self.facts.signature
        if signature is None:
            pandas = as_table(frame, "the input").to_pandas()
            return pandas, len(pandas)
        if self.facts.matrix and isinstance(frame, Mapping) and _are_numbers(frame, signature):
            matrix = np.column_stack([frame[column.name] for column in signature.inputs]).astype(np.float64)
            return matrix, len(matrix)
        table = conform(as_table(frame, "the input"), signature.inputs)
        inputs = as_matrix(table) if self.facts.matrix else as_frame(table, signature.inputs)
        return inputs, table.num_rows

    def _answers(self, raw: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        signature = self.facts.signature
        if signature is not None and signature.output != "value":
            raw = raw.astype(np.float64, copy=False)
            if signature.output == "probability" and raw.ndim == BINARY and raw.shape[1] == BINARY:
                return raw[:, 1]
        return raw

    def __repr__(self) -> str:
        return f"<{self.facts.model_class or self.facts.flavour} ({self.facts.flavour})>"


def _are_numbers(frame: Mapping[str, Any], signature: Signature) -> bool:
    # Whole numbers that a float64 would round go the long way.
    values = [frame.get(column.name) for column in signature.inputs]
    return all(isinstance(value, np.ndarray) and value.dtype.kind in "fb" for value in values)
