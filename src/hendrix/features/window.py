"""Windows: aggregates of a source's column over a length of time that ends at the moment of asking.

`hx.window.mean("arr_delay", "7d")` averages the events of (t - 7d, t] that were known at t.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.entities import InvalidInputError
from hendrix.features.durations import format_duration, parse_duration
from hendrix.features.records import Feature

if TYPE_CHECKING:
    from datetime import timedelta

    from hendrix.features.records import Aggregate


def last(column: str, window: str | timedelta, *, name: str | None = None) -> Feature:
    """Take the value of the latest event within the window; null when there is none.

    Parameters
    ----------
    column
        A column of the source; its value is taken even if null.
    window
        Such as "3h".
    name
        Default: `<column>_last_<window>`.
    """
    return _feature("last", column, window, name)


def mean(column: str, window: str | timedelta, *, name: str | None = None) -> Feature:
    """Average a numeric (or boolean) column over the events of the window, nulls left out.

    The sum is exact, rounded once to a 64-bit float, then divided: the same bits offline and online.

    Parameters
    ----------
    column
        A column of the source.
    window
        Such as "7d".
    name
        Default: `<column>_mean_<window>`.
    """
    return _feature("mean", column, window, name)


def count(*arguments: str | timedelta, name: str | None = None) -> Feature:
    """Count the events of the window, or those with a value in a column.

    Parameters
    ----------
    *arguments
        `count("1d")` counts events, `count("arr_delay", "1d")` those whose `arr_delay` is not null.
    name
        Default: `count_<window>` or `<column>_count_<window>`.
    """
    match arguments:
        case (window,):
            return _feature("count", None, window, name)
        case (str() as column, window):
            return _feature("count", column, window, name)
    message = f"count takes a window, or a column and a window, not {arguments!r}"
    raise InvalidInputError(message, hint='Write window.count("1d") or window.count("arr_delay", "1d").')


def _feature(aggregate: Aggregate, column: str | None, window: str | timedelta, name: str | None) -> Feature:
    if column is not None and not (isinstance(column, str) and column):
        message = f"{column!r} is no column's name"
        raise InvalidInputError(message, hint=f'Write window.{aggregate}("arr_delay", "7d").')
    micros = parse_duration(window, f"the window of {aggregate}({column or ''})")
    parts = [*([column] if column else []), aggregate, format_duration(micros)]
    return Feature(name=name or "_".join(parts), aggregate=aggregate, column=column, window_us=micros)
