"""`hendrix workflow`: run a Flyte program, go on with it, look at its tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hendrix import workflows
from hendrix.cli import output
from hendrix.entities import InvalidInputError
from hendrix.session import client
from hendrix.workflows.operations import list_workflows
from hendrix.workflows.records import Workflows

if TYPE_CHECKING:
    from hendrix.workflows import WorkflowRun


@click.group(
    help="""Workflows: plain Flyte 2 programs, every task recorded, resumed after a kill.

\b
  hendrix workflow run pipeline.py main --day 2013-06-01
  hendrix workflow resume main-7f3a
"""
)
def workflow() -> None:
    """Hold the verbs."""


@workflow.command(
    "run",
    context_settings={"ignore_unknown_options": True},
    help="Run a task of a file; what follows are its inputs, as in --day 2013-06-01.",
)
@click.argument("file", type=click.Path(dir_okay=False))
@click.argument("task")
@click.option("--name", help="The run's name; the same name again goes on with it.")
@click.argument("inputs", nargs=-1, type=click.UNPROCESSED)
@output.json_option
def run(file: str, task: str, name: str | None, inputs: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001
    """Run a workflow in this process."""
    found = workflows.load(file, task)
    _ended(workflows.execute(found, workflows.parse_inputs(found, _words(found, inputs)), name=name), as_json=as_json)


@workflow.command("resume", help="Go on with a run, by its name or id.")
@click.argument("name")
@output.json_option
def resume(name: str, as_json: bool) -> None:  # noqa: FBT001
    """Run again what did not finish."""
    _ended(workflows.resume(name), as_json=as_json)


@workflow.command("list", help="List the workflow runs, newest first.")
@click.option("--limit", default=50, show_default=True, help="How many at most.")
@output.json_option
def list_(limit: int, as_json: bool) -> None:  # noqa: FBT001
    """Print the workflow runs."""
    records = client().call(list_workflows, Workflows(limit=limit))
    if as_json:
        output.print_lines(records)
        return
    rows = [
        [
            record.name,
            output.state(record.state),
            record.task,
            ", ".join(f"{count} {state}" for state, count in record.tasks.items()),
            output.ago(record.started_at),
        ]
        for record in records
    ]
    output.table(["name", "state", "task", "tasks", "started"], rows, empty="there is no workflow run yet")


@workflow.command("show", help="Show a workflow run and its tasks.")
@click.argument("name")
@output.json_option
def show(name: str, as_json: bool) -> None:  # noqa: FBT001
    """Print one workflow run."""
    found = workflows.get(name)
    record, actions = found.record, found.actions()
    if as_json:
        output.print_json({"run": record, "actions": actions})
        return
    click.echo(f"{click.style(record.name, bold=True)}  {output.state(record.state)}  {found.ref}")
    if record.error:
        click.echo(f"{record.error.task}: {record.error.type}: {record.error.message}")
    rows = [
        [
            action.task,
            output.state(action.state),
            output.duration((action.ended_at - action.started_at).total_seconds()) if action.ended_at else "",
            str(action.attempts),
            output.scalar(action.outputs),
        ]
        for action in actions
    ]
    output.table(["task", "state", "took", "attempts", "outputs"], rows, empty="no task began")


def _ended(run: WorkflowRun, *, as_json: bool) -> None:
    if as_json:
        output.print_json(run.record)
        return
    click.echo(f"{run.name} {output.state(run.status)}  {run.ref}")
    if run.outputs is not None:
        click.echo(output.scalar(run.outputs))


def _words(task: Any, words: tuple[str, ...]) -> dict[str, str]:
    """Read `--name value` and `--name=value` words.

    Raises
    ------
    InvalidInputError
        For a word that is no input of the task, or one without a value.
    """
    given: dict[str, str] = {}
    queue = list(words)
    while queue:
        word = queue.pop(0)
        flag, equals, value = word.partition("=")
        if not flag.startswith("--") or (not equals and not queue):
            message = f"{word!r} is no input of {task.name}" if not flag.startswith("--") else f"{word} has no value"
            raise InvalidInputError(message, hint="Write inputs as --name value.")
        given[flag.removeprefix("--").replace("-", "_")] = value if equals else queue.pop(0)
    return given
