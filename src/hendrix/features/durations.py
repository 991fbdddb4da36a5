"""Durations as people write them ("7d", "3h", "90m"), held as whole microseconds."""

from __future__ import annotations

import re
from datetime import timedelta

from hendrix.entities import InvalidInputError

UNITS = {
    "w": 604_800_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
}
"""Each unit in microseconds, the longest first."""

LONGEST = 1 << 60
"""About 36,500 years: sums of a time and a duration stay inside 64 bits."""

_PART = re.compile(r"(\d+)(w|d|h|ms|us|m|s)")


def parse_duration(text: str | timedelta, what: str = "a duration") -> int:
    """Read a duration, such as "7d", "1h30m" or a timedelta.

    Parameters
    ----------
    text
        Whole numbers with the units w, d, h, m (minutes), s, ms, us; or a timedelta.
    what
        What the duration is for, as the error should call it.

    Returns
    -------
    int
        Microseconds, above zero.

    Raises
    ------
    InvalidInputError
        When the text is no duration, or the duration is zero, negative or absurdly long.
    """
    if isinstance(text, timedelta):
        micros = text // timedelta(microseconds=1)
    elif isinstance(text, str) and re.fullmatch(rf"(?:{_PART.pattern})+", text.strip()):
        micros = sum(int(number) * UNITS[unit] for number, unit in _PART.findall(text))
    else:
        message = f"{text!r} is no duration ({what})"
        raise InvalidInputError(
            message, hint='Write a number and a unit: "7d", "3h", "90m", "30s", or pass a timedelta.'
        )
    if not 0 < micros < LONGEST:
        message = f"{what} must be longer than zero and shorter than 30,000 years, not {text!r}"
        raise InvalidInputError(message, hint='Write for example "7d".')
    return micros


def format_duration(micros: int) -> str:
    """Write microseconds the way `parse_duration` reads them, in the largest unit that fits ("7d").

    Days and weeks are written as days.
    """
    for unit, size in UNITS.items():
        if unit != "w" and micros % size == 0:
            return f"{micros // size}{unit}"
    return f"{micros}us"
