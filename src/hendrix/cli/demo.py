"""`hendrix demo`: the whole path on real flights, told step by step and checked at its end."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import hendrix as hx
from hendrix.cli import output, server
from hendrix.cli.demo_answers import check, ready
from hendrix.cli.demo_steps import Steps
from hendrix.cli.demo_tables import tell_comparison
from hendrix.cli.footprint import Footprint
from hendrix.entities import InvalidInputError, MissingExtraError, NotFoundError
from hendrix.session import Home, Settings, page_path, short

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from hendrix.models import ModelVersion
    from hendrix.serving import Deployment

PROGRAM = "paved_path"
LIBRARIES = ("numpy", "polars", "pyarrow", "scikit-learn")
"""What the bytes of the frames and of the model depend on, beside our own code."""


@click.command(
    help="""Run the whole path on the 336,776 flights out of New York in 2013.

From raw files to features, a model trained on Ray, a gate, and a live service whose answers are checked.
What did not change since the last time is reused.

\b
  hendrix demo                 and keep the server up until Ctrl-C
  hendrix demo --once          end after the check, and stop what it started
"""
)
@click.option("--once", is_flag=True, envvar="DEMO_ONCE", help="End after the check (also: DEMO_ONCE=1).")
def demo(once: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Run the demo."""
    main(once)


def main(once: bool) -> None:  # noqa: FBT001 - the command's one option
    """Run the demo; it returns only if every step held.

    Killed at any time and started again, it goes on where it was.

    Parameters
    ----------
    once
        End after the check and stop what it started, instead of keeping the server up.

    Raises
    ------
    HendrixError
        Of the first step that did not hold.
    """
    if url := Settings()["url"]:
        message = f"the demo works on a state folder of this machine, but HENDRIX_URL is {url}"
        raise InvalidInputError(message, hint="Unset HENDRIX_URL, then run `hendrix demo` again.")
    began = time.monotonic()
    home = Home.find(Settings()["home"])
    home.prepare()
    with Footprint(str(home.root)) as footprint, _served(home, once=once) as running:
        click.echo("Will a flight arrive late? From the raw files of 2013 to a live answer.\n")
        click.echo(f"state folder  {home.root}")
        click.echo(f"portal        {server.link(running.note.url, home)}   (watch it from here)")
        example = _load_example()
        found = _walk(example, home)
        asked = check(found.deployment, found.model, example.program, example.naive, example.data.source_folder())
        click.echo(f"\nwhere {found.deployment.name} comes from, down to the raw files")
        click.echo(str(hx.lineage(found.deployment).upstream()))
        _say_what_next(running.note.url, found, asked, time.monotonic() - began, footprint.peak)
        _stay(running, once=once)


@dataclass(frozen=True, slots=True)
class Example:
    """The modules of the example: the program, its data, and the naive reference over the raw files."""

    folder: Path
    program: ModuleType
    data: ModuleType
    naive: ModuleType


@dataclass(frozen=True, slots=True)
class Made:
    """What the program made."""

    program: Path
    model: ModelVersion
    deployment: Deployment


def _walk(example: Example, home: Home) -> Made:
    """Run the program, or go on with it, and tell what it found."""
    with Steps() as steps:
        with steps.step("data", "the flights, the weather and the planes as Parquet files") as step:
            prepared = _prepare(example, home)
            step.reused = prepared.reused
        counts = ", ".join(f"{count:,} {name}" for name, count in prepared.rows.items())
        steps.note(f"{counts}")
        steps.note(
            f"{prepared.unlabelled:,} flights have no arrival delay ({prepared.never_arrived:,} never arrived): "
            "they are left out of the label"
        )
        name = f"flights-{_digest(example, prepared)}"
        with steps.following(name):
            run = hx.workflows.run(example.program.pipeline, name=name, project="flights", folder=prepared.folder)
        made, *evaluations, deployed = run.outputs
        with steps.step("ready", "the service, and the features that it reads") as step:
            model = hx.model(made)
            deployment, unchanged = ready(model, short(deployed), example.program)
            step.reused = unchanged and not steps.worked
        steps.note(f"{deployment.name} serves {short(deployment.version)} at {deployment.url}")
    tell_comparison(model, evaluations)
    return Made(example.folder / f"{PROGRAM}.py", model, deployment)


def _prepare(example: Example, home: Home) -> Any:
    try:
        return example.data.prepare(home.root / "demo" / "nycflights13")
    except ModuleNotFoundError as error:
        message = f"the demo needs {error.name!r}, which is not installed"
        raise MissingExtraError(message, hint="pip install 'hendrix-ml[demo]'") from error


def _digest(example: Example, prepared: Any) -> str:
    """Digest all that the outcome depends on: a change of it is another run, the same is gone on with."""
    ours = Path(hx.__file__).parent
    programs = [*sorted(example.folder.glob("*.py")), *sorted(ours.rglob("*.py"))]
    digest = hashlib.sha256(f"{prepared.digest} {prepared.folder} {sys.version}".encode())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)} ".encode())
    for program in programs:
        digest.update(program.read_bytes())
    return digest.hexdigest()[:12]


def _load_example() -> Example:
    """Import the example: installed beside the package, or in the checkout that the package runs from.

    Raises
    ------
    NotFoundError
        When it is in neither place.
    """
    package = Path(hx.__file__).parent
    places = (package / "examples" / "flights", package.parents[1] / "examples" / "flights")
    folder = next((place for place in places if (place / f"{PROGRAM}.py").is_file()), None)
    if folder is None:
        message = f"the example {PROGRAM}.py is not in {places[0]}"
        raise NotFoundError(message, hint="pip install --force-reinstall 'hendrix-ml[demo]'")
    hx.workflows.load(folder / f"{PROGRAM}.py", "pipeline")
    names = (PROGRAM, "flights_data", "naive_flights")
    return Example(folder, *(importlib.import_module(name) for name in names))


@contextmanager
def _served(home: Home, *, once: bool) -> Iterator[server.Running]:
    """Have a server for the block, and stop it after it if it was started for it; with `once`, the agent too."""
    running = server.start(home, port="0")
    try:
        yield running
    finally:
        if running.process is not None:
            # The server first: it would start an agent again.
            server.stop(home)
            if once:
                from hendrix.agent import end

                end(home)


def _say_what_next(url: str, found: Made, asked: dict[str, Any], seconds: float, peak: int | None) -> None:
    memory = f", {output.size(peak)} of memory at the peak" if peak else ""
    click.echo(f"\nevery step held, in {output.duration(seconds)}{memory}")
    click.echo(f"portal        {url}{page_path(found.deployment.ref)}")
    click.echo("\ntry next")
    click.echo(f"  hendrix predict {found.deployment.name} --at 2013-12-15T06:00:00-05:00 '{json.dumps(asked)}'")
    click.echo(f"  hendrix model show {short(found.model.ref)}")
    click.echo(f"  less {found.program}")


def _stay(running: server.Running, *, once: bool) -> None:
    """Keep the server up until Ctrl-C, if it was started here."""
    if running.process is None:
        click.echo("\nThe server was running before; `hendrix down` stops it.")
    elif not once:
        click.echo("\nThe server stays up; Ctrl-C stops it. What is deployed goes on until `hendrix down`.")
        server.wait(running.process)
