"""Moments as whole microseconds since 1970 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hendrix.entities import InvalidInputError

BEGINNING = -(1 << 61)
"""Before every time: since when a fact without any time is known."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_micros(moment: datetime, what: str = "at") -> int:
    """Read one moment.

    Raises
    ------
    InvalidInputError
        When it is no datetime or has no time zone.
    """
    if not isinstance(moment, datetime):
        message = f"{what} must be a datetime, not {moment!r}"
        raise InvalidInputError(message, hint="Pass datetime(2026, 1, 31, 6, tzinfo=UTC).")
    if moment.utcoffset() is None:
        message = f"{what} has no time zone: {moment!r}"
        raise InvalidInputError(message, hint="Pass datetime(2026, 1, 31, 6, tzinfo=UTC).")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def micros_moment(micros: int) -> datetime:
    """Give the datetime (UTC) of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def now_micros() -> int:
    """Give the present as microseconds since 1970."""
    return moment_micros(datetime.now(UTC))
