"""What the server needs from a model and from a feature store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt


class Model(Protocol):
    """A loaded model.

    Called from one thread at a time. Numeric nulls come as NaN (a whole-number column with a null is a
    float64 column), other nulls as None in an object array.
    """

    def predict(self, columns: dict[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Answer one value, or one row of values, for each row of the columns."""
        ...


class FeatureReader(Protocol):
    """Reads the features of one model for many rows."""

    def read(
        self, keys: Mapping[str, Sequence[Any]], at_us: int, views: Sequence[str]
    ) -> tuple[Mapping[str, Sequence[Any] | npt.NDArray[Any]], dict[str, int]]:
        """Read the features of some views as of a moment.

        Parameters
        ----------
        keys
            Key column to values, one per row.
        at_us
            The moment, in microseconds since 1970 UTC.
        views
            The views to read.

        Returns
        -------
        tuple
            `"view.feature"` to values, one per row, null where nothing is known; and, per view, the number of
            rows whose key is null or not in the store.
        """
        ...
