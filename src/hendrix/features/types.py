"""Arrow types as text, and back."""

from __future__ import annotations

import re

import pyarrow as pa

from hendrix.entities import InvalidInputError

_ZONED = re.compile(r"timestamp\[(s|ms|us|ns), tz=(.+)\]")
_DICTIONARY = re.compile(r"dictionary<values=([^,]+), .*>")


def parse_type(text: str) -> pa.DataType:
    """Read an Arrow type as `str` writes it, such as "timestamp[us, tz=UTC]"; a dictionary as its values' type.

    Raises
    ------
    InvalidInputError
        When it is no type that a key or a feature can have.
    """
    if zoned := _ZONED.fullmatch(text):
        return pa.timestamp(zoned[1], zoned[2])
    if dictionary := _DICTIONARY.fullmatch(text):
        return parse_type(dictionary[1])
    try:
        return pa.type_for_alias(text)
    except ValueError as error:
        message = f"{text!r} is no type of a feature"
        raise InvalidInputError(message, hint="Features are numbers, booleans, strings and times.") from error
