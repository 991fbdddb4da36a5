"""The private names of flyte that the durable controller stands on. A new flyte that breaks one fails here first."""

from __future__ import annotations

import inspect
import sys
from typing import Any, ClassVar

import flyte
import flyte._internal.controllers._local_controller as local
import pytest
from flyte._internal import controllers
from flyte._internal.controllers import _ControllerState
from flyte.models import ActionID, TaskContext

from hendrix.workflows import seam
from hendrix.workflows.controller import DurableController

env = flyte.TaskEnvironment(name="seam")


@env.task
async def inner(x: int) -> int:
    return x + 1


@env.task
async def outer(x: int) -> int:
    return await inner(x) + await inner(x)


@pytest.fixture
def controller(monkeypatch: pytest.MonkeyPatch) -> type[local.LocalController]:
    class Seen(local.LocalController):
        names: ClassVar[list[str]] = []

        async def submit(self, _task: Any, *args: Any, **kwargs: Any) -> Any:
            self.names.append(_task.name)
            return await super().submit(_task, *args, **kwargs)

    monkeypatch.setattr(local, "LocalController", Seen)
    return Seen


def test_a_replaced_class_sees_the_root_and_its_children(controller: Any) -> None:
    assert flyte.with_runcontext(mode="local").run(outer, x=1).outputs()[0] == 4
    assert controller.names == ["seam.outer", "seam.inner", "seam.inner"]


def test_the_protocol_has_the_methods_that_we_answer() -> None:
    methods = {name for name, value in vars(controllers.Controller).items() if inspect.isfunction(value)}
    assert {name for name in methods if not name.startswith("_")} == {
        "submit",
        "submit_sync",
        "submit_task_ref",
        "finalize_parent_action",
        "watch_for_errors",
        "get_action_outputs",
        "record_trace",
        "register_condition",
        "wait_for_condition",
        "stop",
    }
    assert all(hasattr(DurableController, name) for name in methods)
    assert hasattr(local.LocalController, "set_recorder")
    assert hasattr(_ControllerState, "controller")


def test_a_body_is_run_with_these_parameters() -> None:
    assert set(inspect.signature(seam.convert_and_run).parameters) == {
        "task",
        "action",
        "controller",
        "raw_data_path",
        "version",
        "output_path",
        "run_base_dir",
        "inputs",
        "input_path",
        "checkpoint_paths",
        "code_bundle",
        "image_cache",
        "interactive_mode",
        "run_start_time",
    }


def test_names_of_actions_are_made_as_before() -> None:
    # A new recipe would make old runs begin anew: then the journal must say so by the flyte version of each run.
    assert ActionID(name="root").new_sub_action_from(1, "t", "i", None).name == "bmifozjpxt5wluilbao5neeon"
    assert seam.identity(inner, "v1") == "y7PHEtTHElqq3YT7uI7CV+Fc5AbGr1L99Vq4nIMQzlE="


def test_the_counter_of_calls_lies_in_the_context() -> None:
    assert "_call_counter" in TaskContext.__dataclass_fields__


def test_a_map_is_sequential_in_local_mode_alone() -> None:
    source = inspect.getsource(inspect.getmodule(seam.Mapper))  # type: ignore[arg-type]
    assert source.count('tctx.mode == "local"') == 2
    assert set(inspect.signature(seam.Mapper._get_name).parameters) == {"task_name", "group_name"}


def test_a_recorded_trace_is_asked_for_its_output_first() -> None:
    assert {"output", "error", "name", "action", "interface", "inputs_path"} <= set(seam.TraceInfo.__dataclass_fields__)


def test_a_program_keeps_its_last_words() -> None:
    assert sys.excepthook is not flyte._excepthook.custom_excepthook
