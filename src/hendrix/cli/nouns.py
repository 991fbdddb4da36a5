"""`hendrix NOUN list|show|open|delete`: the same verbs for every kind of entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hendrix.cli import output
from hendrix.entities import VERSIONS, Entity, Kind, RunKind, State
from hendrix.session import client, page, short
from hendrix.session.operations import delete, list_entities, provenance, show
from hendrix.session.records import List, Show
from hendrix.tracking.operations import show as show_run
from hendrix.tracking.records import ShowRun

if TYPE_CHECKING:
    from collections.abc import Callable

Columns = dict[str, "Callable[[Entity], str]"]

COMMON: Columns = {
    "name": lambda e: e.name,
    "updated": lambda e: output.ago(e.updated_at),
    "by": lambda e: e.updated_by,
}
COLUMNS: dict[Kind, Columns] = {
    Kind.RUN: {
        "id": lambda e: short(e.ref),
        "state": lambda e: output.state(e.state),
        "kind": lambda e: str(e.facts.get("run_kind", "")),
        "name": lambda e: e.name,
        "project": lambda e: e.project or "",
        "took": output.lasted,
        "started": lambda e: output.ago(e.started_at or e.created_at),
    },
    Kind.EVALUATION: {"id": lambda e: short(e.ref), **COMMON},
}


HEADLINES = ("auc", "log_loss", "precision", "recall")
"""The metrics that a list of evaluations shows."""


def noun(kind: Kind, about: str) -> click.Group:
    """Make the group of one kind of entity."""
    word = str(kind).replace("_", " ")
    one = f"an {word}" if word[0] in "aeio" else f"a {word}"

    @click.group(name=word.replace(" ", "-"), help=about)
    def group() -> None:
        pass

    @group.command("list", help=f"List the {word}s, newest first.")
    @click.option("--project", help="Only those of this project.")
    @click.option("--text", help="Only those whose name contains this.")
    @click.option("--limit", default=50, show_default=True, help="How many at most.")
    @output.json_option
    def list_(project: str | None, text: str | None, limit: int, as_json: bool) -> None:  # noqa: FBT001
        print_list(List(kind=kind, project=project, text=text, limit=limit), kind, as_json=as_json)

    @group.command("show", help=f"Show one {word}: NAME, NAME@3, NAME@alias or an id.")
    @click.argument("name")
    @output.json_option
    def show_(name: str, as_json: bool) -> None:  # noqa: FBT001
        found = client().call(show, Show(ref=name, kind=kind))
        print_entity(found, as_json=as_json)
        if found.kind is Kind.MODEL_VERSION and not as_json:
            print_evaluations(found)

    @group.command("open", help=f"Open the page of {one} in the portal.")
    @click.argument("name")
    def open_(name: str) -> None:
        from hendrix.cli.server import browse

        browse(client().call(show, Show(ref=name, kind=kind)).ref)

    @group.command("delete", help=f"Delete {one} softly: its name is free again, its rows stay.")
    @click.argument("name")
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @output.json_option
    def delete_(name: str, yes: bool, as_json: bool) -> None:  # noqa: FBT001
        found = client().call(show, Show(ref=name, kind=kind))
        if not yes:
            click.confirm(f"Delete {short(found.ref)}?", abort=True)
        gone = client().call(delete, Show(ref=str(found.id)))
        if as_json:
            output.print_json(gone)
        else:
            click.echo(f"deleted {short(found.ref)}")

    return group


def print_list(request: List, kind: Kind, *, as_json: bool) -> None:
    """Print a list of entities of one kind."""
    found = client().call(list_entities, request)
    if as_json:
        output.print_lines(found.items)
        return
    columns = COLUMNS.get(kind, COMMON)
    rows = [[cell(entity) for cell in columns.values()] for entity in found.items]
    word = str(kind).replace("_", " ")
    narrowed = request.project or request.text or request.state or request.run_kind
    output.table(list(columns), rows, empty=f"there is no {word} yet" + (" like that" if narrowed else ""))
    if found.next is not None and found.total is not None:
        click.echo(f"{len(found.items)} of {found.total}; --limit shows more", err=True)


def print_entity(entity: Entity, *, as_json: bool) -> None:
    """Print one entity: what it is, its facts, where it came from and who uses it."""
    if as_json:
        output.print_json(entity)
        return
    click.echo(f"{click.style(short(entity.ref), bold=True)}  {output.state(entity.state)}  {entity.ref}")
    rows = [("project", entity.project or ""), ("owner", entity.owner or ""), ("description", entity.description)]
    rows += [("aliases", ", ".join(entity.aliases)), ("digest", entity.digest or "")]
    rows += [("created", f"{output.ago(entity.created_at)} by {entity.created_by}"), ("took", output.lasted(entity))]
    rows += [(f"tag {name}", value) for name, value in entity.tags.items()]
    rows += [(name.replace("_", " "), _fact(name, value)) for name, value in entity.facts.items()]
    output.pairs((name, value) for name, value in rows if value)
    if entity.kind in VERSIONS:
        versions = client().call(list_entities, List(kind=VERSIONS[entity.kind], container=entity.ref, limit=20))
        for version in versions.items:
            named = f" ({', '.join(version.aliases)})" if version.aliases else ""
            click.echo(f"  version {version.version}{named}, {output.ago(version.created_at)}")
    for sentence in client().call(provenance, Show(ref=str(entity.id))).sentences:
        named = ", ".join(f"{node.name if node.kind is Kind.RUN else short(node.ref)}" for node in sentence.items[:6])
        more = f" and {len(sentence.items) - 6} more" if len(sentence.items) > 6 else ""  # noqa: PLR2004
        click.echo(f"{sentence.label}: {named}{more}")
    if (address := page(entity.ref)) is not None:
        click.echo(address)


def _fact(name: str, value: Any) -> str:
    if name == "size" and isinstance(value, int):
        return output.size(value)
    return str(value) if name == "port" else output.scalar(value)


def print_evaluations(version: Entity) -> None:
    """Print how a model version did on each set of rows that it was evaluated on."""
    from hendrix.models.operations import show_version
    from hendrix.models.records import ShowVersion

    detail = client().call(show_version, ShowVersion(ref=str(version.id)))
    rows = [
        [short(each.ref), f"{each.rows:,}", *(output.number(each.metrics.get(name)) for name in HEADLINES)]
        for each in detail.evaluations
    ]
    if rows:
        output.table(["evaluation", "rows", *HEADLINES], rows, empty="")


run = noun(
    Kind.RUN,
    "Runs: tracked programs, tasks, workflows and jobs.\n\n\b\n  hendrix run list\n  hendrix run show baseline",
)
dataset = noun(Kind.DATASET, "Datasets.\n\n\b\n  hendrix dataset list\n  hendrix dataset show flights@latest")
feature = noun(Kind.FEATURE_VIEW, "Feature views.\n\n\b\n  hendrix feature list\n  hendrix feature show carrier_delays")
model = noun(Kind.MODEL, "Models.\n\n\b\n  hendrix model list\n  hendrix model show delay@champion")
evaluation = noun(Kind.EVALUATION, "Evaluations.\n\n\b\n  hendrix evaluation list")
project = noun(Kind.PROJECT, "Projects.\n\n\b\n  hendrix project list")


def _run_list(  # noqa: PLR0917 - the filters of the list, by name
    project: str | None,
    state: str | None,
    run_kind: str | None,
    text: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    request = List(
        kind=Kind.RUN,
        project=project,
        state=State(state) if state else None,
        run_kind=run_kind,
        text=text,
        limit=limit,
    )
    print_list(request, Kind.RUN, as_json=as_json)


def _run_show(name: str, as_json: bool) -> None:  # noqa: FBT001
    detail = client().call(show_run, ShowRun(run=name))
    if as_json:
        output.print_json(detail)
        return
    print_entity(detail.entity, as_json=False)
    output.pairs((f"param {name}", value) for name, value in detail.params.items())
    rows = [
        [
            metric.name,
            output.number(metric.last),
            output.number(metric.least),
            output.number(metric.greatest),
            f"{metric.points:,}",
        ]
        for metric in detail.metrics
    ]
    if rows:
        output.table(["metric", "last", "least", "greatest", "points"], rows, empty="")
    output.pairs((file.path, output.size(file.size)) for file in detail.artifacts)


run.add_command(
    click.Command(
        "list",
        callback=_run_list,
        help="List the runs, newest first.",
        params=[
            click.Option(["--project"], help="Only those of this project."),
            click.Option(
                ["--state"], type=click.Choice([str(state) for state in State]), help="Only those in this state."
            ),
            click.Option(
                ["--kind", "run_kind"],
                type=click.Choice([str(kind) for kind in RunKind]),
                help="Only those of this kind.",
            ),
            click.Option(["--text"], help="Only those whose name contains this."),
            click.Option(["--limit"], default=50, show_default=True, help="How many at most."),
            click.Option(["--json", "as_json"], is_flag=True, help="Print the API's records, one a line."),
        ],
    )
)
run.add_command(
    click.Command(
        "show",
        callback=_run_show,
        help="Show a run, by name or by the beginning of its id.",
        params=[
            click.Argument(["name"]),
            click.Option(["--json", "as_json"], is_flag=True, help="Print the API's record."),
        ],
    )
)
