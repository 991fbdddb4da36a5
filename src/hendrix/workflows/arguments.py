"""Inputs of a task from text, as a command line gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hendrix.entities import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flyte._task import TaskTemplate


def parse_inputs(task: TaskTemplate[Any, Any, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Turn texts into the inputs of a task, each by the type that the task declares.

    A `str` is taken as it is, everything else as JSON (`3`, `true`, `[1, 2]`, `{"a": 1}`) or, where that fails,
    as its plain form (`2013-06-01` for a date).

    Parameters
    ----------
    task
        The task.
    given
        Texts by input name; names may be written with dashes.

    Raises
    ------
    InvalidInputError
        When a name is no input of the task, or a text is no value of its type.
    """
    declared = task.native_interface.inputs
    inputs: dict[str, Any] = {}
    for name, text in given.items():
        known = name if name in declared else name.replace("-", "_")
        if known not in declared:
            message = f"{task.name!r} has no input {name!r}"
            raise InvalidInputError(message, hint=f"Its inputs are {', '.join(declared) or 'none'}.")
        inputs[known] = _value(task, known, declared[known][0], text)
    return inputs


def _value(task: TaskTemplate[Any, Any, Any], name: str, kind: Any, text: str) -> Any:
    from pydantic import TypeAdapter, ValidationError  # flyte brings it

    if kind is str:
        return text
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    try:
        return adapter.validate_json(text)
    except ValidationError:
        try:
            return adapter.validate_python(text)
        except ValidationError as error:
            message = f"{text!r} is no {getattr(kind, '__name__', kind)}, which {task.name!r} wants for {name!r}"
            raise InvalidInputError(message, hint=error.errors()[0]["msg"]) from None
