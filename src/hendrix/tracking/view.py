"""Lineage of anything, by handle or reference."""

from __future__ import annotations

from hendrix.entities import Kind
from hendrix.session import Handle, LineageView, client
from hendrix.session.operations import show
from hendrix.session.records import Show


def lineage(thing: Handle | str, kind: Kind | str | None = None) -> LineageView:
    """Return where something came from and who uses it: `hx.lineage(deployment).upstream()`.

    Parameters
    ----------
    thing
        What a verb returned, a reference (`hx://...`), an id, or with `kind` a short name.

    Raises
    ------
    NotFoundError
        When there is no such thing.
    """
    if isinstance(thing, Handle):
        return thing.lineage()
    found = client().call(show, Show(ref=thing, kind=Kind(kind) if kind else None))
    return LineageView(found.ref)
