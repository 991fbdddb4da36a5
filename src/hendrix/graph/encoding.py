"""Canonical bytes and their digests: the same facts give the same bytes on every machine."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encoder = msgspec.json.Encoder(order="deterministic", decimal_format="string")


def canonical(value: Any) -> bytes:
    """Encode JSON with sorted keys, no spaces, UTF-8, times in ISO 8601 with Z."""
    return _encoder.encode(value)


def text(value: Any) -> str:
    """Encode canonical JSON as text, for a column."""
    return _encoder.encode(value).decode()


def digest(data: bytes) -> str:
    """Return `sha256:` and the hex digits of the SHA-256 (FIPS 180-4) of the bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def micros(moment: datetime) -> int:
    """Turn an aware instant into whole microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(value: int) -> datetime:
    """Turn whole microseconds since 1970 into an instant in UTC."""
    return EPOCH + timedelta(microseconds=value)
