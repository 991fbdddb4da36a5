"""`hendrix lineage`: where a thing came from and who uses it."""

from __future__ import annotations

import click

from hendrix.cli import output
from hendrix.entities import Entity, Kind, NotFoundError
from hendrix.session import client, short, tree
from hendrix.session.operations import lineage as walk
from hendrix.session.operations import show
from hendrix.session.records import Show, Walk

GUESSES = (Kind.DEPLOYMENT, Kind.MODEL, Kind.DATASET, Kind.FEATURE_VIEW, Kind.RUN)
"""The kinds that a bare name is looked up in, in this order."""


@click.command(
    help="""Show the lineage of a thing: a name, NAME@version, an id or hx://...

\b
  hendrix lineage delay                  from a deployment back to the raw files
  hendrix lineage flights --down         who uses a dataset
"""
)
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice([str(kind) for kind in Kind]),
    metavar="KIND",
    help="What kind of thing the name is: dataset, feature_view, run, model, deployment, ...",
)
@click.option("--down", is_flag=True, help="Who uses it, instead of where it came from.")
@click.option("--depth", type=click.IntRange(min=1), default=10, show_default=True, help="How many steps at most.")
@output.json_option
def lineage(name: str, kind: str | None, down: bool, depth: int, as_json: bool) -> None:  # noqa: FBT001
    """Print a walk as a tree."""
    found = lookup(name, Kind(kind) if kind else None)
    direction = "downstream" if down else "upstream"
    record = client().call(walk, Walk(ref=str(found.id), direction=direction, depth=depth))  # type: ignore[arg-type]
    if as_json:
        output.print_json(record)
        return
    click.echo(f"{click.style(short(found.ref), bold=True)}  {str(found.kind).replace('_', ' ')}")
    lines = list(tree(record))
    click.echo("\n".join(lines) if lines else "nothing is joined to it yet")


def lookup(name: str, kind: Kind | None) -> Entity:
    """Find a thing by a whole reference, an id, or a name of the kinds that people mean.

    Raises
    ------
    NotFoundError
        When no kind has the name.
    """
    if kind is not None or name.startswith("hx://"):
        return client().call(show, Show(ref=name, kind=kind))
    for guess in GUESSES:
        try:
            return client().call(show, Show(ref=name, kind=guess))
        except NotFoundError:
            continue
    message = f"nothing is called {name!r}"
    raise NotFoundError(message, hint="Say what kind it is with --kind, or give an id.")
