"""Lists that come in pages, read to their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hendrix.entities import Page

T = TypeVar("T")


def every(page: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """Yield the items of all pages; `page` gets the one at a cursor, the first for None."""
    cursor: str | None = None
    while True:
        found = page(cursor)
        yield from found.items
        cursor = found.next
        if cursor is None:
            return
