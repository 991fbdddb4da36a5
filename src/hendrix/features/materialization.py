"""Materialization: putting views into the online store, where deployments read them by key."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, overload

from hendrix.data import micros_moment, moment_micros, now_micros
from hendrix.data.parquet import read_files
from hendrix.features.layout import Layout
from hendrix.features.online_store import OnlineStore
from hendrix.features.operations import load, note_materialized
from hendrix.features.packing import pack
from hendrix.features.records import Load, Loaded, Materialization
from hendrix.features.spool import write_spool
from hendrix.features.views import FeatureView, listed
from hendrix.session import client, consumed, progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from hendrix.features.packing import Packed


@overload
def materialize(views: FeatureView, *, at: datetime | None = None) -> Materialization: ...
@overload
def materialize(views: Sequence[FeatureView], *, at: datetime | None = None) -> list[Materialization]: ...
def materialize(
    views: FeatureView | Sequence[FeatureView], *, at: datetime | None = None
) -> Materialization | list[Materialization]:
    """Put views into the online store, so that they can be read by key as of `at` or any later moment.

    What is stored answers each read by the rules of the point-in-time join, over the dataset version that the view
    holds: `view.online(keys, at=t)` equals the training frame as of `t`, for every `t` from `at` on. Readers see the old
    materialization or the new one, never a mixture.

    Parameters
    ----------
    views
        One view or several.
    at
        The earliest moment that can be read, with a time zone; default: now. The earlier, the more is stored.

    Returns
    -------
    Materialization or list of them
        What was stored, one for each view.

    Raises
    ------
    DriftError
        When a source's file has changed since its version was registered.
    """
    at_us = now_micros() if at is None else moment_micros(at)
    held = listed(views)
    made = []
    with progress("Materializing", total=len(held)) as bar:
        for view in held:
            bar.say(view.name)
            made.append(_materialize(view, at_us))
            bar.advance()
    consumed(*{view.source.entity.id for view in held}, *{view.graph_entity.id for view in held})
    return made[0] if isinstance(views, FeatureView) else made


def _materialize(view: FeatureView, at_us: int) -> Materialization:
    facts = read_files(view.source.manifest, view.source.name, view.source_columns())
    layout = Layout(
        view=view.name,
        version=view.version,
        definition=view.definition.digest,
        source=view.source.ref,
        keys=view.definition.entity.keys,
        at_us=at_us,
    )
    packed = pack(view.definition, facts, view.times, layout)
    _store(packed)
    note = Materialization(
        view=view.ref, dataset=view.source.ref, at=micros_moment(at_us), entities=packed.layout.entities
    )
    client().call(note_materialized, note)
    return note


def _store(packed: Packed) -> None:
    here = client()
    if here.url is None:
        path = here.home.features / (here.settings["namespace"] or "default")
        OnlineStore(path).write(packed.layout, packed.values(), packed.strings())
        return
    with tempfile.TemporaryDirectory(prefix="hendrix-") as folder:
        spool = Path(folder) / "materialization"
        write_spool(packed, spool)
        blob = here.artifacts.put(spool)
    loaded: Iterator[Loaded] = here.stream(load, Load(digest=blob.digest))
    list(loaded)
