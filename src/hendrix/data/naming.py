"""Names that someone may have meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN = 12


def near(name: str, known: Iterable[str]) -> str:
    """Say, for a hint, which known names are like one that is not there, else which there are."""
    names = list(known)
    alike = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if alike:
        return "Did you mean " + " or ".join(repr(one) for one in alike) + "?"
    if not names:
        return "There is none."
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return "There are: " + ", ".join(repr(one) for one in names[:_SHOWN]) + more + "."
