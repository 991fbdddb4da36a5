"""What a call is: its name is the same whenever the same program makes the same call."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from hendrix.workflows import seam
from hendrix.workflows.records import ROOT

if TYPE_CHECKING:
    from types import CodeType

    from flyte.models import TaskContext


class Identities:
    """Identities of tasks, each computed once per task object."""

    def __init__(self) -> None:
        # The task is held beside its identity, so that its id() can't be given to another one.
        self._known: dict[int, tuple[str, seam.TaskTemplate[Any, Any, Any]]] = {}

    def of(self, task: seam.TaskTemplate[Any, Any, Any]) -> str:
        """Hash the task's name, interface and body (its syntax tree: comments and layout don't count)."""
        found = self._known.get(id(task))
        if found is None:
            found = self._known[id(task)] = (seam.identity(task, _code(task)), task)
        return found[0]


def _code(task: seam.TaskTemplate[Any, Any, Any]) -> str:
    try:
        return seam.code_version(task)
    except ValueError:
        # Typed into an interpreter, so that there is no source: the compiled body tells edits apart too.
        func: Any = getattr(task, "func", None)
        return hashlib.sha256(repr(_compiled(func.__code__)).encode()).hexdigest() if func else ""


def _compiled(code: CodeType) -> tuple[object, ...]:
    inner = tuple(_compiled(item) if hasattr(item, "co_code") else repr(item) for item in code.co_consts)
    return (code.co_code, code.co_names, code.co_varnames, inner)


class Named(seam.ActionID):
    """An action's id that is cheap to print: flyte formats it for its log several times a task."""

    def __repr__(self) -> str:
        return self.name


def name_call(
    tctx: TaskContext, identity: str, inputs: seam.Inputs, ignored: list[str]
) -> tuple[seam.ActionID, int, str | None]:
    """Name a call inside an action: the action's id, its ordinal among equal calls, its group.

    The name is a hash over the parent's name, the identity, the inputs, the ordinal and the group, by the
    recipe of flyte's remote controller.
    """
    group = tctx.group_data.name if tctx.group_data else None
    convert = seam.convert
    digest = (
        convert.generate_filtered_inputs_hash(inputs.proto_inputs, ignored)
        if ignored
        else convert.generate_inputs_hash_from_proto(inputs.proto_inputs)
    )
    key = f"{identity}:{digest}:{group}" if group else f"{identity}:{digest}"
    ordinal = seam.next_ordinal(tctx, key)
    action, _ = convert.generate_sub_action_id_and_output_path(tctx, identity, digest, ordinal)
    return action, ordinal, group


def name_root(tctx: TaskContext) -> seam.ActionID:
    """Name the run's root."""
    return Named(name=ROOT, run_name=tctx.action.run_name)


def same_inputs(one: bytes, other: seam.Inputs) -> bool:
    """Whether recorded inputs are those of a call."""
    digest = seam.convert.generate_inputs_hash_from_proto
    return digest(seam.parse_inputs(one).proto_inputs) == digest(other.proto_inputs)
