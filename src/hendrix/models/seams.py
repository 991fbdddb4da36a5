"""What others may add to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hendrix.models.records import Candidacy, Verdict


class Gate(Protocol):
    """A condition that a promotion must meet, listed in `hendrix.plugins`.

    A gate decides on the records that it is given and on nothing else: it is asked once before the promotion
    and again inside its transaction, so it must be quick and reach for no file and no network. A gate that
    raises has said no.
    """

    name: str

    def check(self, candidacy: Candidacy) -> Verdict:
        """Say whether the candidate may have the alias, and why."""
        ...
