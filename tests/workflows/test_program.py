"""A program's file is loaded by its path, passes flyte's own deployment, and costs nothing until it runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import flyte
import pytest

from hendrix.entities import InvalidInputError, NotFoundError
from hendrix.workflows import load, parse_inputs

PROGRAMS = Path(__file__).parent / "programs"


def test_a_task_is_loaded_by_either_of_its_names() -> None:
    task = load(PROGRAMS / "deployable.py", "pipeline")
    assert task.name == "pipeline.pipeline"
    assert load(str(PROGRAMS / "deployable.py"), "pipeline.pipeline") is task


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"there is no file 'nowhere\.py'"):
        load("nowhere.py", "pipeline")
    with pytest.raises(NotFoundError, match="holds no task 'pipelin'") as caught:
        load(PROGRAMS / "deployable.py", "pipelin")
    assert "pipeline, prepare, train" in caught.value.hint
    (tmp_path / "broken_program.py").write_text("import nothing_of_that_name")
    with pytest.raises(InvalidInputError, match="No module named 'nothing_of_that_name'"):
        load(tmp_path / "broken_program.py", "pipeline")


@dataclass
class Window:
    days: int


env = flyte.TaskEnvironment(name="arguments")


@env.task
async def typed(day: datetime, count: int, share: float, deep: bool, tags: list[str], window: Window, name: str) -> str:  # noqa: FBT001, PLR0917
    return f"{day:%Y-%m-%d} {count} {share} {deep} {tags} {window} {name}"


def test_texts_become_inputs_by_their_types() -> None:
    texts = {"day": "2013-06-01", "count": "3", "share": "0.5", "deep": "true", "tags": '["a"]'}
    assert parse_inputs(typed, {**texts, "window": '{"days": 7}', "name": "3"}) == {
        "day": datetime(2013, 6, 1),  # noqa: DTZ001 - as the text says
        "count": 3,
        "share": 0.5,
        "deep": True,
        "tags": ["a"],
        "window": Window(days=7),
        "name": "3",
    }


def test_a_text_of_another_type_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"'three' is no int, which 'arguments\.typed' wants for 'count'"):
        parse_inputs(typed, {"count": "three"})
    with pytest.raises(InvalidInputError, match="has no input 'counts'") as caught:
        parse_inputs(typed, {"counts": "3"})
    assert "day, count" in caught.value.hint


def test_a_plain_program_passes_flytes_own_deployment(tmp_path: Path) -> None:
    shutil.copy(PROGRAMS / "deployable.py", tmp_path)
    flyte = Path(sys.executable).parent / "flyte"
    endpoint = ["--endpoint", "dns:///127.0.0.1:9", "--insecure"]
    answer = subprocess.run(
        [flyte, *endpoint, "deploy", "--dry-run", "--project", "p", "--domain", "d", "deployable.py", "env"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "pipeline.train" in answer.stdout


def test_importing_the_room_does_not_import_flyte() -> None:
    code = "import hendrix.workflows as w, sys; w.load, w.run; assert 'flyte' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
