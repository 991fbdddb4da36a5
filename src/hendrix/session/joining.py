"""Joining what code touches to the run that it belongs to, so that nobody has to write it down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.entities import EdgeType
from hendrix.session.current import client, current_run
from hendrix.session.operations import link
from hendrix.session.records import Link, Links

if TYPE_CHECKING:
    from uuid import UUID


def consumed(*entities: UUID) -> None:
    """Note that the run at hand read these entities; without a run, nothing is noted."""
    run = current_run()
    if run is not None and entities:
        joins = tuple(Link(type=EdgeType.CONSUMED, upstream=entity, downstream=run, run=run) for entity in entities)
        client().call(link, Links(links=joins))


def produced(*entities: UUID) -> None:
    """Note that the run at hand made these entities; without a run, nothing is noted."""
    run = current_run()
    if run is not None and entities:
        joins = tuple(Link(type=EdgeType.PRODUCED, upstream=run, downstream=entity, run=run) for entity in entities)
        client().call(link, Links(links=joins))
