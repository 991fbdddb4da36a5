"""`hendrix doctor`: is everything there, and if not, how to mend it."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hendrix.cli import output
from hendrix.entities import HendrixError
from hendrix.session import Home, Settings, connect, read_note
from hendrix.session.operations import counts
from hendrix.session.records import Nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

EXTRAS: dict[str, tuple[str, ...]] = {
    "data": ("polars", "pyarrow", "numpy"),
    "features": ("lmdb",),
    "compute": ("ray",),
    "workflows": ("flyte",),
    "models": ("mlflow", "sklearn"),
    "serving": ("granian",),
    "server": ("fastapi", "granian"),
    "postgres": ("psycopg",),
}
LEAST_FREE = 2_000_000_000
"""Bytes of disk below which the doctor warns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: `ok`, `note` (something can be added) or `broken`, and the way out."""

    what: str
    verdict: str
    detail: str
    remedy: str = ""


@click.command(
    help="""Check the installation, the state folder and the server, and say how to mend what is missing.

\b
  hendrix doctor
"""
)
@output.json_option
def doctor(as_json: bool) -> int:  # noqa: FBT001
    """Print the findings; 1 when something is broken."""
    findings = list(examine())
    if as_json:
        output.print_lines(findings)
    else:
        marks = {
            "ok": click.style("✓", fg="green"),
            "note": click.style("·", fg="yellow"),
            "broken": click.style("✗", fg="red"),
        }
        for finding in findings:
            click.echo(f"{marks[finding.verdict]} {finding.what}: {finding.detail}")
            if finding.remedy:
                click.echo(f"    {finding.remedy}")
    return int(any(finding.verdict == "broken" for finding in findings))


def examine() -> Iterator[Finding]:
    """Look at everything, one after the other."""
    yield Finding(what="Python", verdict="ok", detail=f"{platform.python_version()} at {sys.executable}")
    yield from _extras()
    try:
        settings = Settings()
        home = Home.find(settings["home"])
    except HendrixError as error:
        yield Finding(what="settings", verdict="broken", detail=error.message, remedy=error.hint)
        return
    yield from _folder(home)
    yield from _graph(settings)
    yield from _running(home)
    built = (Path(__file__).parents[1] / "server" / "static" / "index.html").is_file()
    detail, remedy = (
        ("built", "") if built else ("not built", "Run `make portal` in a checkout; the wheel brings it built.")
    )
    yield Finding(what="portal", verdict="ok" if built else "broken", detail=detail, remedy=remedy)


def _extras() -> Iterator[Finding]:
    for extra, modules in EXTRAS.items():
        missing = [name for name in modules if importlib.util.find_spec(name) is None]
        if missing:
            remedy = f"pip install 'hendrix-ml[{extra}]'"
            yield Finding(what=f"extra {extra}", verdict="note", detail=f"{', '.join(missing)} missing", remedy=remedy)
        else:
            yield Finding(what=f"extra {extra}", verdict="ok", detail=", ".join(modules))


def _folder(home: Home) -> Iterator[Finding]:
    if not home.root.exists():
        yield Finding(what="state folder", verdict="ok", detail=f"{home.root}, made when first needed")
        return
    free = shutil.disk_usage(home.root).free
    detail = f"{home.root}, {output.size(free)} free"
    if free < LEAST_FREE:
        yield Finding(
            what="state folder", verdict="broken", detail=detail, remedy="Free some disk, or move it: HENDRIX_HOME."
        )
    else:
        yield Finding(what="state folder", verdict="ok", detail=detail)
    named = [f"{pid} {command[:60]}" for pid, command in home.processes()]
    yield Finding(what="processes on it", verdict="ok", detail="; ".join(named) or "none")


def _graph(settings: Settings) -> Iterator[Finding]:
    where = settings["url"] or settings["database"] or "the state folder"
    try:
        found = connect().call(counts, Nothing())
    except HendrixError as error:
        yield Finding(what="graph", verdict="broken", detail=error.message, remedy=error.hint)
        return
    yield Finding(what="graph", verdict="ok", detail=f"{sum(found.kinds.values()):,} entities in {where}")


def _running(home: Home) -> Iterator[Finding]:
    from hendrix import agent

    note = read_note(home)
    if note is None:
        yield Finding(what="server", verdict="note", detail="not running", remedy="Start it with `hendrix up`.")
    else:
        yield Finding(what="server", verdict="ok", detail=f"{note.url}, process {note.process.pid}")
    held = agent.living(home.root)
    detail = f"process {held.process.pid}" if held else "not running; started when something is deployed"
    yield Finding(what="agent", verdict="ok", detail=detail)
