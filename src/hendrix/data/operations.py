"""What can be asked of this room: registering a version of a dataset."""

from __future__ import annotations

from dataclasses import asdict

from hendrix.data.records import Manifest, Register, Registered
from hendrix.entities import InvalidInputError, Kind
from hendrix.session import Session, operation


@operation("data.register", permission="data:log")
def register(session: Session, request: Register) -> Registered:
    """Make the next version of a dataset, or return the latest one when it says the same.

    The dataset itself is made when there is none of the name.
    """
    manifest = request.manifest
    _check(request.name, manifest)
    graph = session.graph
    dataset, _ = graph.ensure(
        Kind.DATASET, request.name, project=request.project, description=request.description or ""
    )
    if request.description is not None and request.description != dataset.description:
        dataset = graph.update(dataset, description=request.description)
    facts = {**asdict(manifest), "rows": manifest.rows, "size": manifest.size}
    version, made = graph.add_version(dataset, digest=f"sha256:{manifest.digest}", facts=facts)
    if made:
        graph.update(dataset, facts={"rows": manifest.rows, "size": manifest.size, "latest": version.version})
    return Registered(version=version, made=made)


def _check(name: str, manifest: Manifest) -> None:
    columns = [column.name for column in manifest.columns]
    for role, column in (("timestamp", manifest.timestamp), ("known_at", manifest.known_at)):
        if column is not None and column not in columns:
            message = f"dataset {name!r} has no column {column!r} ({role})"
            raise InvalidInputError(message, hint=f"There are: {', '.join(columns)}.", column=column)
    if not manifest.files or not manifest.rows:
        message = f"dataset {name!r} holds no rows"
        raise InvalidInputError(message, hint="Register a dataset once it has data.")
