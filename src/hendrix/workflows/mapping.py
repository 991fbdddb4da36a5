"""`flyte.map` in parallel: flyte maps one call after the other in local mode, durable runs need not."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any

import flyte

from hendrix.workflows import seam

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterable

THREADS = max(8, 4 * (os.cpu_count() or 1))
"""How many plain functions one map runs at a time when it sets no `concurrency`: each has a thread."""

_installed = False


def install(is_ours: Callable[[], bool]) -> None:
    """Route the maps of durable runs through flyte's own parallel path; leave the others as they are."""
    global _installed  # noqa: PLW0603
    if _installed:
        return
    _installed = True
    stock_call, stock_aio = seam.Mapper.__call__, seam.Mapper.aio

    def call(
        self: seam.Mapper[Any, Any],
        func: Any,
        *args: Iterable[Any],
        group_name: str | None = None,
        concurrency: int = 0,
        return_exceptions: bool = True,
    ) -> Generator[Any, None, None]:
        options: dict[str, Any] = {"concurrency": concurrency, "return_exceptions": return_exceptions}
        if not args or not is_ours():
            yield from stock_call(self, func, *args, group_name=group_name, **options)
            return
        name = _prepare(func, group_name, options)
        with flyte.group(name):
            results = seam.parallel_map(func, *args, name=name, **options)
            try:
                yield from results
            finally:
                results.close()

    async def aio(
        self: seam.Mapper[Any, Any],
        func: Any,
        *args: Iterable[Any],
        group_name: str | None = None,
        concurrency: int = 0,
        return_exceptions: bool = True,
    ) -> AsyncGenerator[Any, None]:
        options: dict[str, Any] = {"concurrency": concurrency, "return_exceptions": return_exceptions}
        if not args or not is_ours():
            async for value in stock_aio(self, func, *args, group_name=group_name, **options):
                yield value
            return
        name = _prepare(func, group_name, options)
        with flyte.group(name):
            results = seam.parallel_map.aio(func, *args, name=name, **options)
            try:
                async for value in results:
                    yield value
            finally:
                await results.aclose()

    seam.replace_map(functools.wraps(stock_call)(call), functools.wraps(stock_aio)(aio))


def _prepare(func: Any, group_name: str | None, options: dict[str, Any]) -> str:
    task = func
    if isinstance(func, functools.partial):
        seam.Mapper.validate_partial(func)
        task = func.func
    if not options["concurrency"] and seam.runs_in_a_thread(task):
        options["concurrency"] = THREADS
    return str(seam.map_name(task.name, group_name))
