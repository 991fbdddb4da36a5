"""What a job asks for: reading sizes and durations, and refusing what no machine has."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from hendrix.compute.records import Machine, Resources
from hendrix.entities import InvalidInputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

_BYTES = {
    "": 1,
    "b": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?\s*", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)?\s*")


def parse_size(value: str | int | None) -> int | None:
    """Read a size: bytes as a whole number, or text such as "500MB" (powers of 1000) or "4GiB" (of 1024).

    Raises
    ------
    InvalidInputError
        When the value is no size, or not above zero.
    """
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    size = math.ceil(float(match[1]) * _BYTES[(match[2] or "").lower()]) if match else 0
    if size <= 0:
        message = f"memory={value!r} is no size"
        raise InvalidInputError(message, hint='Write it as memory="4GB", "512MiB" or a number of bytes.')
    return size


def parse_duration(value: float | str | timedelta | None, what: str = "timeout") -> float | None:
    """Read a duration in seconds: a number of seconds, a timedelta, or text such as "90s", "10m" or "2h".

    Raises
    ------
    InvalidInputError
        When the value is no duration, or not above zero.
    """
    if value is None:
        return None
    seconds = 0.0
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    elif isinstance(value, str) and (match := _DURATION.fullmatch(value)):
        seconds = float(match[1]) * _SECONDS[match[2] or ""]
    if not (0 < seconds < math.inf):
        message = f"{what}={value!r} is no duration"
        raise InvalidInputError(message, hint=f'Write it as {what}=90 (seconds), "10m" or a timedelta.')
    return seconds


def resources(cpus: float, gpus: float, memory: str | int | None) -> Resources:
    """Check what a job asks for.

    Raises
    ------
    InvalidInputError
        When a number is negative or not finite, or the size can't be read.
    """
    for what, value in (("cpus", cpus), ("gpus", gpus)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            message = f"{what}={value!r} is no amount"
            raise InvalidInputError(message, hint=f"Ask for {what}=0 or more; fractions such as 0.5 share one.")
    return Resources(cpus=float(cpus), gpus=float(gpus), memory=parse_size(memory))


def refuse_unschedulable(job: str, asked: Resources, machines: Sequence[Machine]) -> None:
    """Refuse a request that no machine of the cluster could ever grant, however long it waited.

    Raises
    ------
    RefusedError
        With what there is, and the most that can be asked.
    """
    if any(fits(asked, machine) for machine in machines):
        return
    there = ", ".join(sorted({describe(machine) for machine in machines})) or "no machine at all"
    message = f"job {job!r} asks for {describe(asked)}, which no machine has: there is {there}"
    hint = "Ask for less, or connect to a larger cluster: hx.compute.connect(ADDRESS)."
    if machines:
        most = max(machines, key=lambda machine: (machine.gpus, machine.cpus, machine.memory))
        hint = f"Ask for at most {_arguments(most)}, or connect to a larger cluster: hx.compute.connect()."
    raise RefusedError(message, hint=hint)


def fits(asked: Resources, machine: Machine) -> bool:
    """Whether the machine, if nothing else ran there, could grant the request."""
    return asked.cpus <= machine.cpus and asked.gpus <= machine.gpus and (asked.memory or 0) <= machine.memory


def describe(amount: Resources | Machine) -> str:
    """Say an amount in words: "2 CPUs, 1 GPU, 4.0 GB"."""
    parts = [f"{amount.cpus:g} CPU{'' if amount.cpus == 1 else 's'}"]
    if amount.gpus:
        parts.append(f"{amount.gpus:g} GPU{'' if amount.gpus == 1 else 's'}")
    if amount.memory:
        parts.append(size_text(amount.memory))
    return ", ".join(parts)


def size_text(size: int) -> str:
    """Say a size as people do: "512 MB", "3.4 GB"."""
    for unit, scale in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}" if size < 10 * scale else f"{size / scale:.0f} {unit}"
    return f"{size} B"


def _arguments(machine: Machine) -> str:
    # Rounded down, so that what is proposed is granted.
    memory = math.floor(machine.memory / 10**8) / 10
    gpus = f"gpus={machine.gpus:g}, " if machine.gpus else ""
    return f'cpus={machine.cpus:g}, {gpus}memory="{memory:g}GB"'
