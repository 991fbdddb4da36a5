"""A source's columns in the forms that aggregates need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from hendrix.data import to_arrow, to_numpy, validity
from hendrix.features.sums import Scaled

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from hendrix.features.timeline import Facts

    Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FactColumns:
    """A source's columns, each form made once.

    Parameters
    ----------
    source
        All rows.
    facts
        Those that count.
    """

    source: pa.Table
    facts: Facts
    _made: dict[tuple[str, str], Any] = field(default_factory=dict)

    def whole(self, name: str) -> pa.Array:
        """Give all rows of a column in one piece, dictionaries decoded."""
        return self._once("whole", name, lambda: plain(self.source[name]))

    def valid(self, name: str | None) -> Flags | None:
        """Say which facts have a value in a column; None: all of them."""
        if name is None or not self.source[name].null_count:
            return None
        valid: Flags | None = self._once("valid", name, lambda: validity(self._of_facts(name)))
        return valid

    def scaled(self, name: str) -> Scaled:
        """Give a column's values for summing, one a fact, null as zero."""
        scaled: Scaled = self._once("scaled", name, lambda: Scaled.of(numbers(self._of_facts(name))))
        return scaled

    def known_after(self, span: int) -> Flags | None:
        """Say which facts were known only after their event had left a window; None: none of them."""
        late = self._once("late", str(span), lambda: self.facts.start - self.facts.event >= span)
        return late if late.any() else None

    def _of_facts(self, name: str) -> pa.Array:
        column = self.whole(name)
        return column if self.facts.rows is None else column.take(to_arrow(self.facts.rows))

    def _once(self, form: str, name: str, make: Callable[[], Any]) -> Any:
        if (form, name) not in self._made:
            self._made[form, name] = make()
        return self._made[form, name]


def plain(column: pa.ChunkedArray) -> pa.Array:
    """Bring a column into one piece, dictionaries decoded."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.combine_chunks()


def numbers(column: pa.Array) -> NDArray[Any]:
    """Give a numeric or boolean column as NumPy values, null as zero."""
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    if column.null_count:
        column = column.fill_null(pa.scalar(0).cast(column.type))
    return to_numpy(column)
