"""Where entities live: the SQL schema, its migrations, transactions, events and lineage.

In come entities to make, change and join, out come entities, events and walks. SQLite (WAL) by default,
PostgreSQL in production; the same statements on both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.graph.answers import recall, remember
    from hendrix.graph.encoding import canonical, digest, micros, moment
    from hendrix.graph.events import history, latest_key
    from hendrix.graph.lineage import Direction, neighbours, node, walk
    from hendrix.graph.store import Graph
    from hendrix.graph.transaction import Transaction

__all__ = [
    "Direction",
    "Graph",
    "Transaction",
    "canonical",
    "digest",
    "history",
    "latest_key",
    "micros",
    "moment",
    "neighbours",
    "node",
    "recall",
    "remember",
    "walk",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "answers": ("recall", "remember"),
        "encoding": ("canonical", "digest", "micros", "moment"),
        "events": ("history", "latest_key"),
        "lineage": ("Direction", "neighbours", "node", "walk"),
        "store": ("Graph",),
        "transaction": ("Transaction",),
    },
)
