"""Overhead of a trivial task under the durable controller, beside stock Flyte in local mode: one JSON line a measure.

`ours` is the engine on its journal; `ours with graph` is `hx.workflows.run`, which also tells the graph. Each
measure is the best of interleaved rounds: what counts is the ratio. `--quick` takes fewer rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flyte

import hendrix as hx
from hendrix.workflows import engine
from hendrix.workflows.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

env = flyte.TaskEnvironment(name="bench")


@env.task
async def add(x: int) -> int:
    """Do next to nothing."""
    return x + 1


@env.task
async def chain(n: int) -> int:
    """Call one after the other."""
    value = 0
    for _ in range(n):
        value = await add(value)
    return value


@env.task
async def fan(n: int) -> int:
    """Call all at once."""
    return sum(await asyncio.gather(*[add(x) for x in range(n)]))


@env.task
async def mapped(n: int) -> int:
    """Map over all."""
    return sum([value async for value in flyte.map.aio(add, range(n))])


def seconds(act: Callable[[], Any]) -> float:
    """Time one call."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def measure(name: str, task: Any, n: int, rounds: int, journal: Journal) -> None:
    """Print milliseconds a task, ours beside the peer's."""
    sides: dict[str, Callable[[], Any]] = {
        "flyte": lambda: flyte.with_runcontext(mode="local").run(task, n=n),
        "ours": lambda: engine.execute(journal, task, {"n": n}),
        "ours with graph": lambda: hx.workflows.run(task, n=n),
    }
    best = dict.fromkeys(sides, float("inf"))
    for _ in range(rounds):
        for side, act in sides.items():
            best[side] = min(best[side], seconds(act) / n * 1000)
    for label in ("ours", "ours with graph"):
        line = {
            "benchmark": name if label == "ours" else f"{name} with graph",
            "ours": round(best[label], 4),
            "peer": "flyte",
            "peer_value": round(best["flyte"], 4),
            "unit": "ms/task",
            "ratio": round(best["flyte"] / best[label], 3),
        }
        print(json.dumps(line), flush=True)


def main() -> None:
    """Run all measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="finish within 50 s")
    rounds = 3 if parser.parse_args().quick else 7
    flyte.init()
    logging.getLogger("flyte").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        hx.connect(home=f"{folder}/home")
        journal = Journal(Path(folder) / "journal.db")
        for name, task, n in (("chain 200", chain, 200), ("fan 1000", fan, 1000), ("map 1000", mapped, 1000)):
            measure(name, task, n, rounds, journal)
        journal.close()


if __name__ == "__main__":
    main()
