"""Values on their way between processes: pickled by value where the other side has no such module.

Buffers (numpy, Arrow) travel beside the pickle, so that Ray's object store shares them without a copy.
"""

from __future__ import annotations

import functools
import os
import pickle
import sys
import sysconfig
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

from hendrix.entities import InvalidInputError
from hendrix.lazy import require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


@dataclass(frozen=True, slots=True)
class Parcel:
    """A pickled value. `buffers` are its large parts, out of band (pickle protocol 5, PEP 574)."""

    data: bytes
    buffers: tuple[Any, ...] = ()


def pack(value: Any, *, by_value: bool = False) -> Parcel:
    """Pickle a value: functions and classes by value where the other side could not import them.

    Parameters
    ----------
    value
        What to pickle.
    by_value
        Whether the other side has none of the user's own modules; else it lacks only those that no
        name on the path leads to (`__main__`, a notebook's, one loaded from a file).
    """
    buffers: list[pickle.PickleBuffer] = []
    with _modules_by_value(every=by_value):
        data = _cloudpickle().dumps(value, protocol=5, buffer_callback=buffers.append)
    return Parcel(data, tuple(buffers))


def unpack(parcel: Parcel) -> Any:
    """Read a value back. Its large buffers stay shared and read-only."""
    return pickle.loads(parcel.data, buffers=parcel.buffers)  # noqa: S301 - jobs are code by their nature


def pack_call(job: str, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *, by_value: bool) -> Parcel:
    """Pickle a call, or name the part of it that can't travel.

    Raises
    ------
    InvalidInputError
        When the function or an argument can't be pickled.
    """
    try:
        return pack((fn, args, kwargs), by_value=by_value)
    except Exception as error:  # whatever a user's __reduce__ may raise
        named = {"the function": fn}
        named |= {f"argument {place + 1}": value for place, value in enumerate(args)}
        named |= {f"argument {name!r}": value for name, value in kwargs.items()}
        what = next((name for name, value in named.items() if not _packs(value, by_value=by_value)), "the call")
        message = f"job {job!r}: {what} can't be sent to a worker: {error}"
        hint = "Open connections, locks and files inside the function, and pass what they are made from."
        raise InvalidInputError(message, hint=hint) from error


def _packs(value: Any, *, by_value: bool) -> bool:
    try:
        pack(value, by_value=by_value)
    except Exception:  # noqa: BLE001 - the question is only whether
        return False
    return True


def _cloudpickle() -> Any:
    # Ray's own: unlike the newest cloudpickle, it keeps the file names that tracebacks need.
    return require("ray.cloudpickle", "compute")


@contextmanager
def _modules_by_value(*, every: bool) -> Iterator[None]:
    cloudpickle = _cloudpickle()
    registered = set(cloudpickle.list_registry_pickle_by_value())
    added = [
        module for module in _own_modules() if module.__name__ not in registered and (every or not _importable(module))
    ]
    for module in added:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in added:
            cloudpickle.unregister_pickle_by_value(module)


def _own_modules() -> list[ModuleType]:
    """Return the loaded modules that lie outside the interpreter and its installed packages."""
    own = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        # Ours is installed wherever a job can run, and holds state that a copy must not have.
        if not file or name in {"__main__", "__mp_main__"} or name.split(".", maxsplit=1)[0] == "hendrix":
            continue
        if getattr(module, "__name__", None) == name and not os.path.realpath(file).startswith(_installed()):
            own.append(module)
    return own


def _importable(module: ModuleType) -> bool:
    """Whether the module's name leads to its file again."""
    package, _, _ = module.__name__.rpartition(".")
    path = getattr(sys.modules.get(package), "__path__", None) if package else sys.path
    spec = PathFinder.find_spec(module.__name__, path) if path is not None else None
    return (
        spec is not None
        and spec.origin is not None
        and os.path.realpath(spec.origin) == os.path.realpath(str(module.__file__))
    )


@functools.cache
def _installed() -> tuple[str, ...]:
    roots = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return tuple(f"{os.path.realpath(root)}/" for root in roots if root)
