"""A pipeline as a data scientist writes it: plain Flyte 2, nothing of Hendrix in it."""

from __future__ import annotations

import flyte

env = flyte.TaskEnvironment(name="pipeline", image="python:3.11-slim", resources=flyte.Resources(cpu=1, memory="1Gi"))


@env.task(retries=2)
async def prepare(day: str) -> str:
    return f"flights@{day}"


@env.task
def train(dataset: str) -> str:
    return f"model of {dataset}"


@env.task
async def pipeline(day: str = "2013-06-01") -> str:
    return await train.aio(await prepare(day))
