"""Datasets as people hold them: Parquet files under a name, at one version."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from hendrix.data.files import check_unchanged, find_files, fingerprint
from hendrix.data.operations import register
from hendrix.data.parquet import check_times, infer_schema, read_files
from hendrix.data.records import Column, Manifest, Register
from hendrix.entities import Kind, NotFoundError, Ref
from hendrix.session import client, consumed, progress
from hendrix.session.operations import delete, lineage, show
from hendrix.session.records import Show, Walk

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import pyarrow as pa

    from hendrix.entities import Entity, Lineage


class Dataset:
    """Parquet files under a name. Making one registers it; the same bytes again are the same version.

    Parameters
    ----------
    name
        Unique in the namespace. With a path alone, `Dataset("data/flights.parquet")`, the name is read off it.
    path
        A file, a folder, a pattern such as "data/flights/*.parquet", or a list of these.
    timestamp
        The column of event times (with a time zone). Without one, facts never grow old.
    known_at
        The column that says since when a fact is known; null: never. Default: the event time.
    description
        In a sentence, for those who find it; None keeps what it had.
    project
        The project that it belongs to.

    Raises
    ------
    NotFoundError
        When the path matches nothing.
    InvalidInputError
        When a file is no Parquet, the files' columns differ, there are no rows, or a time column is missing, no
        time, or without a time zone.

    Examples
    --------
    >>> flights = hx.Dataset("flights", "data/flights/*.parquet", timestamp="scheduled", known_at="arrived")
    >>> flights.read(["carrier", "arr_delay"])
    """

    entity: Entity
    """The version's entity."""
    manifest: Manifest
    """Its files, columns and times."""
    made: bool
    """Whether this registration made a new version."""

    def __init__(
        self,
        name: str,
        path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
        *,
        timestamp: str | None = None,
        known_at: str | None = None,
        description: str | None = None,
        project: str | None = None,
    ) -> None:
        if path is None:
            path, name = name, _name_of(name)
            files = _named_only(path)
        else:
            files = find_files(path)
        schema, rows = infer_schema(files)
        check_times(schema, name, timestamp=timestamp, known_at=known_at)
        before = {entry.path: entry for entry in _latest_manifest(name).files}
        entries = []
        with progress(f"Reading the files of {name}", total=len(files)) as bar:
            for file, number in zip(files, rows, strict=True):
                entries.append(fingerprint(file, number, before.get(file.as_posix())))
                bar.advance()
        columns = [Column(name=field.name, type=str(field.type)) for field in schema]
        manifest = Manifest(files=entries, columns=columns, timestamp=timestamp, known_at=known_at)
        answer = client().call(
            register, Register(name=name, manifest=manifest, description=description, project=project)
        )
        self._hold(answer.version, made=answer.made)

    @classmethod
    def of(cls, entity: Entity) -> Dataset:
        """Hold a dataset version that is in the graph."""
        held = cls.__new__(cls)
        held._hold(entity, made=False)  # noqa: SLF001 - our own
        return held

    def _hold(self, entity: Entity, *, made: bool) -> None:
        self.entity = entity
        self.manifest = msgspec.convert(entity.facts, Manifest)
        self.made = made

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.entity.name

    @property
    def version(self) -> int:
        """The number of this version, from 1."""
        return self.entity.version or 0

    @property
    def ref(self) -> str:
        """The reference of this version."""
        return self.entity.ref

    @property
    def rows(self) -> int:
        """How many rows all files hold."""
        return self.manifest.rows

    @property
    def tags(self) -> dict[str, str]:
        """The version's tags."""
        return self.entity.tags

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, as the files have it.

        Raises
        ------
        DriftError
            When the file that it is read from no longer holds what was registered.
        """
        first = self.manifest.files[0]
        check_unchanged(first, self.name)
        schema, _ = infer_schema([Path(first.path)])
        return schema

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the version's rows, in file order; noted as read by the run at hand.

        Parameters
        ----------
        columns
            Which, in this order; None: all.

        Raises
        ------
        DriftError
            When a file no longer holds what was registered; it names the file and the way out.
        InvalidInputError
            For a column that is not there.
        """
        with progress(f"Reading {self.name}", total=len(self.manifest.files)) as bar:
            table = read_files(self.manifest, self.name, columns, bar)
        consumed(self.entity.id)
        return table

    def lineage(self, depth: int = 10) -> Lineage:
        """Show what came of this version."""
        return client().call(lineage, Walk(ref=self.ref, depth=depth))

    def delete(self) -> None:
        """Delete the dataset with its versions (softly: the files stay)."""
        client().call(delete, Show(ref=self.name, kind=Kind.DATASET))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dataset) and self.ref == other.ref

    def __hash__(self) -> int:
        return hash(self.ref)

    def __repr__(self) -> str:
        m = self.manifest
        times = f", timestamp={m.timestamp!r}" if m.timestamp else ""
        known = f", known_at={m.known_at!r}" if m.known_at else ""
        files = f"{len(m.files)} file" + ("s" if len(m.files) != 1 else "")
        return f"<Dataset {self.name}@{self.version}: {self.rows:,} rows in {files}{times}{known}>"

    def _repr_html_(self) -> str:
        marks = {self.manifest.timestamp: "event time", self.manifest.known_at: "known at"}
        lines = "".join(
            f"<tr><td>{html.escape(column.name)}</td><td><code>{html.escape(column.type)}</code></td>"
            f"<td>{marks.get(column.name, '')}</td></tr>"
            for column in self.manifest.columns[:200]
        )
        head = f"<b>{html.escape(self.name)}@{self.version}</b> &middot; {self.rows:,} rows"
        return f"<div>{head}<table><tr><th>column</th><th>type</th><th></th></tr>{lines}</table></div>"


def dataset(ref: str) -> Dataset:
    """Load a dataset that is registered.

    Parameters
    ----------
    ref
        A name (its latest version), "flights@2", or a whole reference.

    Raises
    ------
    NotFoundError
        When there is none; near names are offered.
    """
    return Dataset.of(_version(ref))


def _version(ref: str) -> Entity:
    parsed = Ref.parse(ref, kind=Kind.DATASET)
    wanted = str(parsed) if parsed.selector else f"{parsed}@latest"
    return client().call(show, Show(ref=wanted, kind=Kind.DATASET))


def _named_only(path: str) -> list[Path]:
    """Find the files of a path that was given alone; who gave the name of a registered dataset is told how to load it."""
    try:
        return find_files(path)
    except NotFoundError as error:
        if not path.isidentifier():
            raise
        hint = f'hx.dataset("{path}") loads a dataset that is registered. {error.hint}'
        raise NotFoundError(error.message, hint=hint, **error.details) from error


def _latest_manifest(name: str) -> Manifest:
    try:
        facts: dict[str, Any] = _version(name).facts
    except NotFoundError:
        return Manifest(files=[], columns=[])
    return msgspec.convert(facts, Manifest)


def _name_of(path: str) -> str:
    """Read a name off a path: the last part without a wildcard, without its suffix."""
    parts = [part for part in Path(path).parts if not set(part) & set("*?[")]
    return Path(parts[-1]).stem if parts else "dataset"
