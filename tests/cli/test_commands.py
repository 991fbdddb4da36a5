"""The command line: nouns and verbs, `--json`, exit codes, errors that help."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import hendrix as hx
from hendrix.cli.main import COMMANDS, main
from hendrix.session import connect, read_note

HEAVY = {"sqlalchemy", "ray", "flyte", "mlflow", "polars", "pyarrow", "numpy", "pandas", "fastapi", "granian", "httpx"}


@pytest.fixture
def at(tmp_path, monkeypatch):
    """A state folder that commands work on, with a run in it."""
    monkeypatch.setenv("HENDRIX_HOME", str(tmp_path / "home"))
    connect()
    with hx.run("baseline", project="delay") as run:
        run.params(lr=0.1)
        run.log(loss=0.25)
    return run


def test_every_command_opens_with_examples_that_name_it(capsys):
    for name in COMMANDS:
        assert main([name, "--help"]) == 0
        text = capsys.readouterr().out
        assert f"hendrix {name}" in text, name


def test_help_and_import_load_nothing_heavy():
    program = f"import sys, hendrix, hendrix.cli.main; print(sorted(set(sys.modules) & {HEAVY!r}))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"


def test_runs_are_listed_for_people_pipes_and_programs(at, capsys):
    assert main(["run", "list"]) == 0
    assert "baseline" in capsys.readouterr().out
    assert main(["run", "list", "--json", "--state", "finished"]) == 0
    (record,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (record["name"], record["project"], record["id"]) == ("baseline", "delay", str(at.id))
    assert main(["run", "list", "--kind", "job"]) == 0
    assert "no run yet" in capsys.readouterr().err


def test_a_run_is_shown_by_name_and_by_the_beginning_of_its_id(at, capsys):
    for name in ("baseline", at.id.hex, at.id.hex[:14]):
        assert main(["run", "show", name, "--json"]) == 0
        detail = json.loads(capsys.readouterr().out)
        assert (detail["params"], detail["metrics"][0]["last"]) == ({"lr": "0.1"}, 0.25)
    assert main(["run", "show", "baseline"]) == 0
    assert "loss" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["run", "show", "nope"], 3, "there is no run 'nope'"),
        (["model", "show", "nope"], 3, "there is no model"),
        (["lineage", "nope"], 3, "nothing is called 'nope'"),
        (["deploy", "nope@champion"], 3, "there is no model"),
        (["deployment", "show", "nope"], 3, "there is no deployment"),
        (["job", "logs", "nope"], 3, "nope"),
        (["workflow", "run", "nope.py", "main"], 3, "nope.py"),
        (["runn"], 2, "Did you mean 'run'"),
        (["run", "list", "--state", "bogus"], 2, "bogus"),
    ],
)
def test_what_is_wrong_is_named_with_its_exit_code(at, capsys, arguments, code, told):
    assert main(arguments) == code
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err


def test_lineage_prints_a_tree(at, capsys):
    with hx.run("outer"), hx.run("inner"):
        pass
    assert main(["lineage", "inner"]) == 0
    assert "called run outer" in capsys.readouterr().out
    assert main(["lineage", "outer", "--down", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["nodes"]) == 2


def test_deleting_asks_first(at, capsys):
    assert main(["run", "delete", "baseline", "--yes"]) == 0
    assert "deleted" in capsys.readouterr().out
    assert main(["run", "list"]) == 0
    assert "no run yet" in capsys.readouterr().err


def test_config_shows_each_value_with_its_origin(at, capsys):
    assert main(["config", "--json"]) == 0
    settings = {s["name"]: s for s in map(json.loads, capsys.readouterr().out.splitlines())}
    assert settings["home"]["origin"] == "environment (HENDRIX_HOME)"
    assert settings["durability"] == {**settings["durability"], "value": "normal", "origin": "default"}


def test_the_doctor_looks_at_everything(at, capsys):
    main(["doctor", "--json"])
    findings = {f["what"]: f for f in map(json.loads, capsys.readouterr().out.splitlines())}
    assert findings["graph"]["verdict"] == "ok"
    assert findings["server"]["verdict"] == "note"
    assert "hendrix up" in findings["server"]["remedy"]


@pytest.mark.slow
def test_up_and_down(at, capsys):
    assert main(["up", "-d", "--port", "0"]) == 0
    first = capsys.readouterr().out
    note = read_note(connect().home)
    assert note is not None
    assert f"{note.url}/login?code=" in first
    assert main(["up", "-d"]) == 0
    assert "already running" in capsys.readouterr().out
    assert main(["down"]) == 0
    assert "server, agent" in capsys.readouterr().out
    assert read_note(connect().home) is None
    assert main(["down"]) == 0
    assert "nothing was running" in capsys.readouterr().out
