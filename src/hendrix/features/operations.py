"""What can be asked of this room: defining views, loading and noting materializations, and reading features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from hendrix.data import micros_moment, moment_micros, now_micros
from hendrix.entities import EdgeType, Entity, InvalidInputError, Kind
from hendrix.features.records import (
    Define,
    Defined,
    FeatureAnswer,
    Load,
    Loaded,
    Materialization,
    ReadFeatures,
)
from hendrix.session import Session, operation

if TYPE_CHECKING:
    from hendrix.features.online import OnlineReader


@operation("features.define", permission="features:log")
def define_view(session: Session, request: Define) -> Defined:
    """Make a feature view, or its next version when the definition has changed; join it to its dataset version."""
    graph = session.graph
    definition = request.definition
    source = _version(session, request.source, Kind.DATASET_VERSION)
    if source.name != definition.source:
        message = f"view {definition.name!r} is defined on {definition.source!r}, not on {source.ref}"
        raise InvalidInputError(message, hint="Give the version of its dataset.")
    view, _ = graph.ensure(
        Kind.FEATURE_VIEW, definition.name, project=request.project, description=request.description or ""
    )
    if request.description is not None and request.description != view.description:
        view = graph.update(view, description=request.description)
    facts = {**asdict(definition), "dataset": source.ref, "columns": definition.columns}
    version, made = graph.add_version(view, digest=f"sha256:{definition.digest}", facts=facts)
    if made:
        named = [feature.name for feature in definition.features]
        graph.update(view, facts={"version": version.version, "definition": definition.digest, "features": named})
    graph.link(EdgeType.DERIVED_FROM, source, version)
    return Defined(version=version, made=made)


@operation("features.materialized", permission="features:write")
def note_materialized(session: Session, request: Materialization) -> Entity:
    """Note that a view version is in the online store, as of which moment and from which dataset version."""
    view = _version(session, request.view, Kind.FEATURE_VIEW_VERSION)
    source = _version(session, request.dataset, Kind.DATASET_VERSION)
    session.graph.link(EdgeType.DERIVED_FROM, source, view)
    noted = {"at": request.at.isoformat(), "dataset": source.ref, "entities": request.entities}
    return session.graph.update(view, facts={"materialized": noted}, verb="materialized")


@operation("features.load", permission="features:write", kind="stream")
def load(session: Session, request: Load) -> Iterator[Loaded | None]:
    """Load a materialization that was sent as an artifact into the online store."""
    from hendrix.features.online_store import OnlineStore
    from hendrix.features.spool import Spool

    spool = Spool(session.artifacts.path(request.digest))
    OnlineStore(store_path(session)).write(spool.layout, spool.values(), spool.strings())
    yield Loaded(entities=spool.layout.entities)


@operation("features.read", permission="features:read", kind="read", method="POST")
def read_features(session: Session, request: ReadFeatures) -> FeatureAnswer:
    """Return online features of some keys as of a moment, null where nothing was known by then."""
    reader = reader_at(store_path(session))
    lengths = {name: len(values) for name, values in request.keys.items()}
    if len(set(lengths.values())) > 1:
        message = f"the keys have different numbers of values: {lengths}"
        raise InvalidInputError(message, hint="Send one value a row for each key.")
    at_us = now_micros() if request.at is None else moment_micros(request.at)
    columns, unseen = reader.read(request.keys, at_us, request.views)
    layouts = {view: reader.layout(view) for view in request.views}
    types = {f"{view}.{served.name}": served.type for view, layout in layouts.items() for served in layout.features}
    return FeatureAnswer(
        columns={name: list(values) for name, values in columns.items()},
        types=types,
        unseen=unseen,
        definitions={view: layout.definition for view, layout in layouts.items()},
        at=micros_moment(at_us),
    )


def store_path(session: Session) -> Path:
    """Say where the online store of the asker's namespace is."""
    return session.host.home.features / session.principal.namespace


@cache
def reader_at(path: Path) -> OnlineReader:
    """Open a store's reader, once in this process."""
    from hendrix.features.online import OnlineReader

    return OnlineReader(path)


def _version(session: Session, ref: str, kind: Kind) -> Entity:
    found = session.graph.resolve(ref)
    if found.kind is not kind:
        message = f"{ref} is a {found.kind}, not a {kind}"
        raise InvalidInputError(
            message, hint="Give the reference with its version, as in hx://default/dataset/flights@1."
        )
    return found
