"""What a request asks, whichever protocol brought it; and what the model is given for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hendrix.serving.columns import Values


@dataclass(slots=True, kw_only=True)
class Asked:
    """A parsed request.

    Attributes
    ----------
    columns
        Name to values, one per row, unchecked.
    rows
        How many.
    at_us
        As of when features are read (microseconds since 1970 UTC); None means now.
    request_id
        The client's own id, if it sent one.
    """

    columns: dict[str, Values]
    rows: int
    at_us: int | None = None
    request_id: str = ""


@dataclass(slots=True, kw_only=True)
class Prepared:
    """What the model gets for a request: checked values of every input, the keys, and what was unseen."""

    rows: int
    at_us: int
    inputs: dict[str, Values]
    keys: dict[str, Sequence[Any]] = field(default_factory=dict)
    unseen: dict[str, int] = field(default_factory=dict)
