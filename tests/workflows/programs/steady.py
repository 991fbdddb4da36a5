"""A plain Flyte 2 program whose bodies say on standard output that they ran. Run by the tests in processes of its own."""

import asyncio
import sys

import flyte

env = flyte.TaskEnvironment(name="steady", image="python:3.11-slim")


@env.task
async def square(x: int) -> int:
    print(f"square {x}", flush=True)  # noqa: T201
    await asyncio.sleep(0.01)
    return x * x


@env.task
def add(x: int, y: int) -> int:
    print(f"add {x} {y}", flush=True)  # noqa: T201
    return x + y


@env.task
async def half(start: int, count: int) -> int:
    squares = await asyncio.gather(*[square(x) for x in range(start, start + count)])
    return sum(squares)


@env.task
async def main(count: int) -> int:
    total = 0
    for start in range(0, count, 10):
        total = await add.aio(total, await half(start, 10))
    return total


@env.task
def wait() -> str:
    print("waiting", flush=True)  # noqa: T201
    return sys.stdin.readline().strip()


@env.task
async def hang(x: int) -> int:
    print("hanging", flush=True)  # noqa: T201
    if sys.stdin.readline().strip() == "hang":
        await asyncio.Event().wait()
    return x


@env.task
async def stuck(x: int) -> int:
    return await hang(await square(x))
