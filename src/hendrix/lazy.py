"""Doors that open late: a room's public names, imported when they are first used.

`import hendrix` must stay under 0.15 s, so a door whose names live beside heavy libraries declares
where they are and lets this module fetch them.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from hendrix.entities.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def attach(
    package: str, names: Mapping[str, tuple[str, ...]], *, rooms: tuple[str, ...] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make a module's `__getattr__` and `__dir__` for names that live in its submodules.

    Parameters
    ----------
    package
        The `__name__` of the door.
    names
        Submodule (relative to the package, or absolute with a dot) to the names that it holds.
    rooms
        Submodules that are public names themselves.
    """
    where = {name: module for module, held in names.items() for name in held}

    def getattr_(name: str) -> Any:
        if name in rooms:
            return importlib.import_module(f"{package}.{name}")
        if name not in where:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        module = where[name]
        value = getattr(importlib.import_module(module if "." in module else f"{package}.{module}"), name)
        setattr(sys.modules[package], name, value)
        return value

    def dir_() -> list[str]:
        return sorted((*where, *rooms))

    return getattr_, dir_


def require(module: str, extra: str) -> Any:
    """Import an optional library, or say which extra brings it.

    Raises
    ------
    MissingExtraError
        When the library is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name.split(".", maxsplit=1)[0]):
            raise
        message = f"this needs {module.split('.', maxsplit=1)[0]!r}, which is not installed"
        raise MissingExtraError(message, hint=f"pip install 'hendrix-ml[{extra}]'") from error
