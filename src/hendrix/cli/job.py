"""`hendrix job`: what runs, or ran, on Ray."""

from __future__ import annotations

import click
import msgspec

from hendrix import compute
from hendrix.cli import output
from hendrix.entities import State


@click.group(
    help="""Jobs on Ray: functions that `hx.compute.submit` sent off.

\b
  hendrix job list
  hendrix job logs -f 01a2
"""
)
def job() -> None:
    """Hold the verbs."""


@job.command("list", help="List the jobs, newest first.")
@click.option("--state", type=click.Choice([str(state) for state in State]), help="Only those in this state.")
@click.option("--project", help="Only those of this project.")
@click.option("--limit", default=50, show_default=True, help="How many at most.")
@output.json_option
def list_(state: str | None, project: str | None, limit: int, as_json: bool) -> None:  # noqa: FBT001
    """Print the jobs."""
    records = [found.record for found in compute.jobs(state=state, project=project, limit=limit)]
    if as_json:
        output.print_lines(records)
        return
    rows = [
        [
            record.id.hex[:12],
            output.state(record.state),
            record.name,
            f"{record.asked.cpus:g} CPU",
            output.duration(record.used.wall_seconds) if record.used else "",
            output.size(record.used.peak_rss) if record.used else "",
            output.ago(record.started_at or record.created_at),
        ]
        for record in records
    ]
    output.table(["id", "state", "name", "asked", "took", "memory", "started"], rows, empty="there is no job yet")


@job.command("show", help="Show a job, by the beginning of its id or by name.")
@click.argument("name")
@output.json_option
def show(name: str, as_json: bool) -> None:  # noqa: FBT001
    """Print one job."""
    record = compute.job(name).record
    if as_json:
        output.print_json(record)
        return
    click.echo(f"{click.style(record.name, bold=True)}  {output.state(record.state)}  {record.ref}")
    facts = msgspec.to_builtins(record)
    for group in ("asked", "used", "driver", "worker"):
        inner = facts.pop(group, None) or {}
        facts |= {f"{group} {key}": value for key, value in inner.items()}
    shown = {
        key: value for key, value in facts.items() if key not in {"name", "state", "ref"} and value not in (None, "")
    }
    output.pairs((key.replace("_", " "), output.scalar(value)) for key, value in shown.items())
    click.echo(f"hendrix job logs {record.id.hex[:12]}")


@job.command("logs", help="Print what a job printed.")
@click.argument("name")
@click.option("-f", "--follow", is_flag=True, help="Go on until the job ends.")
def logs(name: str, follow: bool) -> None:  # noqa: FBT001
    """Print the lines of a job's log."""
    output.following(compute.job(name).logs(follow=follow))


@job.command("stop", help="Stop a job: what it started is ended too.")
@click.argument("name")
@click.option("--force", is_flag=True, help="Kill it at once.")
@output.json_option
def stop(name: str, force: bool, as_json: bool) -> None:  # noqa: FBT001
    """Stop one job and wait until it has ended."""
    found = compute.job(name)
    found.stop(force=force)
    if as_json:
        output.print_json(found.record)
    else:
        click.echo(f"{found.name} is {found.status}")
