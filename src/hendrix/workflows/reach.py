"""Whether a task's code can reach Hendrix's verbs: only then must the graph know the task before it runs."""

from __future__ import annotations

import dis
import sys
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

_PLACES = ("site-packages", "dist-packages", str(Path(dis.__file__).parent))
_OURS = "hendrix"
_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})


def reaches_hendrix(func: Any) -> bool:
    """Follow what a function names, through the user's own functions and modules, to anything of ours.

    A name that can't be resolved, such as a module of the user's that is imported inside the body and not
    loaded yet, counts as reaching.
    """
    return _reaches(func, set())


def _reaches(value: Any, seen: set[int]) -> bool:
    if id(value) in seen:
        return False
    seen.add(id(value))
    if isinstance(value, ModuleType):
        return _is_ours(value.__name__) or (
            _is_users(value) and any(_reaches(v, seen) for v in list(vars(value).values()))
        )
    if isinstance(value, FunctionType):
        return _function_reaches(value, seen)
    if (inner := getattr(value, "func", None)) is not None and isinstance(inner, FunctionType):
        return _reaches(inner, seen)  # another task, or a partial
    owner = value if isinstance(value, type) else type(value)
    if _is_ours(owner.__module__):
        return True
    module = sys.modules.get(owner.__module__)
    methods = [v for v in vars(owner).values() if isinstance(v, FunctionType)] if module and _is_users(module) else []
    return any(_reaches(method, seen) for method in methods)


def _function_reaches(function: FunctionType, seen: set[int]) -> bool:
    if _is_ours(function.__module__ or ""):
        return True
    module = sys.modules.get(function.__module__ or "")
    if module is not None and not _is_users(module):
        return False
    cells = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    if any(_reaches(value, seen) for value in cells):
        return True
    return _code_reaches(function.__code__, function.__globals__, seen)


def _code_reaches(code: CodeType, scope: dict[str, Any], seen: set[int]) -> bool:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            name = str(instruction.argval)
            module = sys.modules.get(name)
            if _is_ours(name) or module is None or _reaches(module, seen):
                return True
        elif instruction.opname in _LOADS and _reaches(scope.get(instruction.argval), seen):
            return True
    return any(_code_reaches(inner, scope, seen) for inner in code.co_consts if isinstance(inner, CodeType))


def _is_ours(name: str) -> bool:
    return name == _OURS or name.startswith(f"{_OURS}.")


def _is_users(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return module.__name__ == "__main__" or (file is not None and not any(place in file for place in _PLACES))


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - an empty cell raises
    except ValueError:
        return False
    return True
