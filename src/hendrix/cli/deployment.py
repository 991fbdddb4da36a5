"""`hendrix deploy`, `predict` and `deployment`: what is being served."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

import hendrix as hx
from hendrix.cli import output
from hendrix.entities import InvalidInputError
from hendrix.serving import deployments
from hendrix.session import short

if TYPE_CHECKING:
    from hendrix.serving import Deployment


@click.command(
    help="""Serve a model version over HTTP, pinned to what the alias points at now.

\b
  hendrix deploy delay@champion
  hendrix deploy delay@3 --name delay-next --port 8700
"""
)
@click.argument("version")
@click.option("--name", help="The deployment's name; by default the model's.")
@click.option("--port", type=int, help="Its port; by default a free one, which it keeps.")
@output.json_option
def deploy(version: str, name: str | None, port: int | None, as_json: bool) -> None:  # noqa: FBT001
    """Deploy and say how to ask."""
    found = hx.deploy(version, name, port=port)
    if as_json:
        output.print_json(found.entity)
        return
    done = "serves" if found.changed else "serves already"
    click.echo(f"{found.name} {done} {short(found.version)} at {found.url}")
    click.echo(f"ask it:  hendrix predict {found.name} --help")


@click.command(
    help="""Ask a deployment for predictions. Rows are JSON: one object, a list of them, or one a line.

\b
  hendrix predict delay '{"carrier": "UA", "origin": "EWR", "dest": "ORD"}'
  hendrix predict delay --at 2013-12-15T06:00:00-05:00 < rows.jsonl
"""
)
@click.argument("name")
@click.argument("rows", required=False)
@click.option("--at", help="As of when features are looked up: a time with its zone. By default now.")
@output.json_option
def predict(name: str, rows: str | None, at: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Print one prediction a line."""
    asked = _rows(rows if rows is not None else sys.stdin.read())
    answers = hx.deployment(name).predict(asked, at=at)
    if as_json:
        output.print_json({"deployment": name, "predictions": answers})
    else:
        for answer in answers:
            click.echo(answer)


def _rows(text: str) -> list[dict[str, Any]]:
    """Read rows of JSON.

    Raises
    ------
    InvalidInputError
        When the text is no JSON, or not of objects.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        whole = json.loads(text) if text.strip() else []
    except json.JSONDecodeError:
        try:
            whole = [json.loads(line) for line in lines]
        except json.JSONDecodeError as error:
            message = f"the rows are no JSON: {error}"
            raise InvalidInputError(message, hint="""Write them as in '{"carrier": "UA"}'.""") from error
    rows = whole if isinstance(whole, list) else [whole]
    if not rows or not all(isinstance(row, dict) for row in rows):
        message = "there are no rows to predict" if not rows else "each row must be a JSON object"
        raise InvalidInputError(message, hint="""Write them as in '{"carrier": "UA"}'.""")
    return rows


@click.group(
    help="""What is being served: list, show, logs, stop, restart.

\b
  hendrix deployment list
  hendrix deployment logs -f delay
"""
)
def deployment() -> None:
    """Hold the verbs."""


@deployment.command("list", help="List the deployments, newest first.")
@output.json_option
def list_(as_json: bool) -> None:  # noqa: FBT001
    """Print the deployments."""
    found = deployments()
    if as_json:
        output.print_lines(each.entity for each in found)
        return
    rows = [[each.name, *_seen(each)] for each in found]
    output.table(["name", "state", "serves", "address", "updated"], rows, empty="nothing is deployed yet")


def _seen(found: Deployment) -> list[str]:
    observed = found.entity.observed or {}
    return [
        str(observed.get("state", "waiting for the agent")),
        short(found.version),
        found.url or "",
        output.ago(found.entity.updated_at),
    ]


@deployment.command("show", help="Show a deployment, with its live numbers.")
@click.argument("name")
@output.json_option
def show(name: str, as_json: bool) -> None:  # noqa: FBT001
    """Print one deployment."""
    from hendrix.cli.nouns import print_entity

    found = hx.deployment(name)
    print_entity(found.entity, as_json=as_json)
    if not as_json:
        observed = found.entity.observed or {}
        output.pairs((name, str(observed[name])) for name in ("state", "error", "hint") if observed.get(name))
    if not as_json and found.status == "ready":
        stats = found.stats()
        total, minute = stats.since_start, stats.last_minute
        output.pairs(
            [
                ("requests", f"{total.requests:,} ({total.errors:,} failed), {total.rows:,} rows"),
                ("unseen keys", f"{total.unseen_keys:,}"),
                ("last minute", f"{output.number(minute.rate)} a second"),
                (
                    "latency",
                    f"p50 {output.number(minute.latency_ms.p50)}, p99 {output.number(minute.latency_ms.p99)} ms"
                    if minute.latency_ms.p50 is not None
                    else "no request in the last minute",
                ),
            ]
        )


@deployment.command("logs", help="Print what a deployment's processes printed.")
@click.argument("name")
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C.")
def logs(name: str, follow: bool) -> None:  # noqa: FBT001
    """Print the lines of a deployment's log."""
    output.following(hx.deployment(name).logs(follow=follow))


@deployment.command("stop", help="Stop serving; the name and the port are kept.")
@click.argument("name")
@output.json_option
def stop(name: str, as_json: bool) -> None:  # noqa: FBT001
    """Stop one deployment."""
    found = hx.deployment(name)
    found.stop()
    _done(found, f"{name} is stopped; `hendrix deployment restart {name}` serves it again", as_json=as_json)


@deployment.command("restart", help="Serve the same version from a new process, without a gap.")
@click.argument("name")
@output.json_option
def restart(name: str, as_json: bool) -> None:  # noqa: FBT001
    """Restart one deployment."""
    found = hx.deployment(name)
    found.restart()
    _done(found, f"{name} serves {short(found.version)} at {found.url}", as_json=as_json)


@deployment.command("delete", help="Stop serving and free the name.")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output.json_option
def delete(name: str, yes: bool, as_json: bool) -> None:  # noqa: FBT001
    """Delete one deployment softly."""
    found = hx.deployment(name)
    if not yes:
        click.confirm(f"Stop and delete {name}, which serves {short(found.version)}?", abort=True)
    found.delete()
    _done(found, f"deleted {name}", as_json=as_json)


def _done(found: Deployment, told: str, *, as_json: bool) -> None:
    if as_json:
        output.print_json(found.entity)
    else:
        click.echo(told)
