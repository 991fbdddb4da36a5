"""A workflow's file: loaded like a script, so that its tasks have the same names as when it runs as one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hendrix.entities import InvalidInputError, NotFoundError
from hendrix.lazy import require

if TYPE_CHECKING:
    from types import ModuleType

    from flyte._task import TaskTemplate


def load(file: str | Path, task_name: str) -> TaskTemplate[Any, Any, Any]:
    """Load a task from a Python file.

    Parameters
    ----------
    file
        The program. It is imported under its own name with its folder on the path, as Python does for a
        script, but for `if __name__ == "__main__"`.
    task_name
        The task: its variable's name, or its full name with the environment's (`delay.pipeline`).

    Raises
    ------
    NotFoundError
        When there is no such file, or no such task in it; the error names those there are.
    InvalidInputError
        When the file can't be imported.
    """
    require("flyte", "workflows")
    from flyte._task import TaskTemplate

    path = Path(file).resolve()
    if not path.is_file():
        message = f"there is no file {str(file)!r}"
        raise NotFoundError(message, hint="Give the path of a Python file that holds Flyte tasks.")
    module = _import(path)
    tasks = {name: value for name, value in vars(module).items() if isinstance(value, TaskTemplate)}
    found = tasks.get(task_name) or next((task for task in tasks.values() if task.name == task_name), None)
    if found is None:
        message = f"{path.name} holds no task {task_name!r}"
        raise NotFoundError(message, hint=f"It holds {', '.join(sorted(tasks)) or 'no task at all'}.")
    return found


def _import(path: Path) -> ModuleType:
    name = path.stem
    present = sys.modules.get(name)
    if present is not None and getattr(present, "__file__", None) == str(path):
        return present
    specification = importlib.util.spec_from_file_location(name, path)
    if present is not None or specification is None or specification.loader is None:
        message = f"{path.name} can't be imported as {name!r}: a module of that name is loaded already"
        raise InvalidInputError(message, hint="Rename the file.")
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        message = f"{path} can't be imported: {type(error).__name__}: {error}"
        raise InvalidInputError(message, hint=f"python {path} shows where") from error
    return module
