"""Feature views and entities as people hold them."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import msgspec

from hendrix.data import Dataset, as_table, dataset, near
from hendrix.entities import InvalidInputError, Kind, NotFoundError, Ref, check_name
from hendrix.features.definition import check_definition, define
from hendrix.features.durations import format_duration
from hendrix.features.operations import define_view, read_features
from hendrix.features.records import Define, EntityKeys, ReadFeatures, TimeColumns, ViewDefinition
from hendrix.features.types import parse_type
from hendrix.features.values import restore
from hendrix.session import client
from hendrix.session.operations import delete, lineage, show
from hendrix.session.records import Show, Walk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    import pyarrow as pa

    from hendrix.entities import Entity as GraphEntity
    from hendrix.entities import Lineage
    from hendrix.features.records import Feature


class Entity:
    """What features are about.

    Parameters
    ----------
    name
        Such as "carrier" or "route".
    keys
        The columns that identify one of it, called the same in the source, the spine and requests; default: one,
        called like the entity.

    Examples
    --------
    >>> carrier = hx.Entity("carrier")
    >>> route = hx.Entity("route", keys=["origin", "dest"])
    """

    def __init__(self, name: str, keys: Sequence[str] | None = None) -> None:
        check_name(name, "entity's name")
        if isinstance(keys, str) or (keys is not None and not keys) or len(set(keys or ())) != len(keys or ()):
            message = f"entity {name!r} needs a list of different key columns, not {keys!r}"
            raise InvalidInputError(message, hint='hx.Entity("route", keys=["origin", "dest"])')
        self.name = name
        self.keys = [name] if keys is None else list(keys)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entity) and (self.name, self.keys) == (other.name, other.keys)

    def __hash__(self) -> int:
        return hash((self.name, *self.keys))

    def __repr__(self) -> str:
        return f"Entity({self.name!r}, keys={self.keys!r})"


class FeatureView:
    """Features of an entity, computed from a dataset as of any moment by what was known then.

    Making one registers it; the same definition again is the same version.

    Parameters
    ----------
    name
        Unique in the namespace. Its features appear as `<name>__<feature>`.
    entity
        Whose features.
    source
        The dataset, or the name of one that is registered.
    features
        Names of the source's columns (their latest value within the TTL), and windows from `hx.window`.
    ttl
        How old the event behind a plain column may be, such as "30d"; default: any age. A dataset without event times
        never expires.
    description
        In a sentence, for those who find it; None keeps what it had.
    project
        The project that it belongs to.

    Raises
    ------
    InvalidInputError
        When a column is not in the source or of a type that can't be used so, a name is given twice, a duration is
        none, or the entity is.

    Examples
    --------
    >>> delays = hx.FeatureView("carrier_delays", entity=carrier, source=flights, ttl="30d",
    ...                         features=["seats", hx.window.mean("arr_delay", "7d"), hx.window.count("1d")])
    >>> frame = hx.training_frame(spine, [delays])
    """

    graph_entity: GraphEntity
    """The view version's entity in the graph."""
    definition: ViewDefinition
    """What it computes, as plain data."""
    source: Dataset
    """The dataset version that it is computed from."""
    made: bool
    """Whether this definition made a new version."""

    def __init__(
        self,
        name: str,
        *,
        entity: Entity,
        source: Dataset | str,
        features: Sequence[str | Feature],
        ttl: str | timedelta | None = None,
        description: str | None = None,
        project: str | None = None,
    ) -> None:
        held = dataset(source) if isinstance(source, str) else source
        if not isinstance(entity, Entity):
            message = f"feature view {name!r} needs an entity, not {entity!r}"
            raise InvalidInputError(message, hint=f"Pass entity=hx.Entity({entity!r}), or name its keys with keys=.")
        keys = EntityKeys(name=entity.name, keys=entity.keys)
        definition = define(name, keys, held.name, features, ttl)
        check_definition(definition, held.schema, _times(held))
        request = Define(definition=definition, source=held.ref, description=description, project=project)
        answer = client().call(define_view, request)
        self._hold(answer.version, definition, held, made=answer.made)

    def _hold(self, graph_entity: GraphEntity, definition: ViewDefinition, source: Dataset, *, made: bool) -> None:
        self.graph_entity, self.definition, self.source, self.made = graph_entity, definition, source, made

    @classmethod
    def of(cls, graph_entity: GraphEntity) -> FeatureView:
        """Hold a view version that is in the graph, on the latest version of its dataset."""
        definition = msgspec.convert(graph_entity.facts, ViewDefinition)
        source = dataset(definition.source)
        check_definition(definition, source.schema, _times(source))
        held = cls.__new__(cls)
        held._hold(graph_entity, definition, source, made=False)  # noqa: SLF001 - our own
        return held

    @property
    def name(self) -> str:
        """The view's name."""
        return self.definition.name

    @property
    def version(self) -> int:
        """The number of this definition, from 1."""
        return self.graph_entity.version or 0

    @property
    def ref(self) -> str:
        """The reference of this version."""
        return self.graph_entity.ref

    @property
    def tags(self) -> dict[str, str]:
        """The version's tags."""
        return self.graph_entity.tags

    @property
    def columns(self) -> list[str]:
        """The names that the features have in a frame."""
        return self.definition.columns

    @property
    def times(self) -> TimeColumns:
        """Where the source keeps its times."""
        return _times(self.source)

    @property
    def key_types(self) -> dict[str, str]:
        """The key columns and their Arrow types, as text."""
        types = {column.name: column.type for column in self.source.manifest.columns}
        return {name: types[name] for name in self.definition.entity.keys}

    def source_columns(self) -> list[str]:
        """Name the source's columns that the view is computed from."""
        times = self.times
        named = [
            *self.definition.entity.keys,
            *(one for one in (times.timestamp, times.known_at) if one),
            *(feature.column for feature in self.definition.features if feature.column),
        ]
        return list(dict.fromkeys(named))

    def online(self, keys: Any, at: datetime | None = None) -> pa.Table:
        """Read the features of some keys from the online store.

        Parameters
        ----------
        keys
            A mapping of key column to values, or any table of the key columns.
        at
            The moment to read as of, with a time zone; default: now.

        Returns
        -------
        pyarrow.Table
            The keys, then the features, in the order of the request; null where nothing was known by then. The
            schema's metadata (`hendrix.unseen`) counts the rows whose key is null or unseen.

        Raises
        ------
        NotFoundError
            When the view is not materialized.
        ConflictError
            When `at` is before the moment that it was materialized as of.
        InvalidInputError
            When a key column is missing, unknown, or holds values of another kind.
        """
        table = as_table(_listed(keys, self.definition.entity.keys), "the keys")
        for name in table.column_names:
            if name not in self.definition.entity.keys:
                message = f"feature view {self.name!r} is not keyed by {name!r}"
                raise InvalidInputError(message, hint=near(name, self.definition.entity.keys), key=name)
        view = f"{self.name}@{self.version}"
        request = ReadFeatures(views=[view], keys=table.to_pydict(), at=at)
        answer = client().call(read_features, request)
        if answer.definitions[view] != self.definition.digest:
            message = f"feature view {view!r} was deleted and defined anew since it was materialized"
            raise NotFoundError(message, hint=f'Run hx.materialize(hx.feature_view("{self.name}")).', view=view)
        for feature in self.definition.features:
            stored = f"{view}.{feature.name}"
            column = restore(answer.columns[stored], parse_type(answer.types[stored]))
            table = table.append_column(f"{self.name}__{feature.name}", column)
        return table.replace_schema_metadata({"hendrix.unseen": str(answer.unseen[view])})

    def lineage(self, depth: int = 10) -> Lineage:
        """Show what this version was made from and what came of it."""
        return client().call(lineage, Walk(ref=self.ref, depth=depth))

    def delete(self) -> None:
        """Delete the view with its versions (softly)."""
        client().call(delete, Show(ref=self.name, kind=Kind.FEATURE_VIEW))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FeatureView) and self.ref == other.ref

    def __hash__(self) -> int:
        return hash(self.ref)

    def __repr__(self) -> str:
        names = ", ".join(feature.name for feature in self.definition.features)
        return f"<FeatureView {self.name}@{self.version} of {self.definition.entity.name} from {self.source.name}: {names}>"

    def _repr_html_(self) -> str:
        view = self.definition
        lines = "".join(
            f"<tr><td>{html.escape(one.name)}</td><td>{one.aggregate}</td><td>{html.escape(one.column or '')}</td>"
            f"<td>{'' if view.span_us(one) is None else format_duration(view.span_us(one) or 0)}</td></tr>"
            for one in view.features[:200]
        )
        head = (
            f"<b>{html.escape(self.name)}@{self.version}</b> &middot; by {html.escape(', '.join(view.entity.keys))}"
            f" &middot; from {html.escape(self.source.name)}@{self.source.version}"
        )
        titles = "<tr><th>feature</th><th></th><th>column</th><th>window</th></tr>"
        return f"<div>{head}<table>{titles}{lines}</table></div>"


def feature_view(ref: str) -> FeatureView:
    """Load a feature view that is registered, on the latest version of its dataset.

    Parameters
    ----------
    ref
        A name (its latest version), "carrier_delays@2", or a whole reference.

    Raises
    ------
    NotFoundError
        When there is none; near names are offered.
    """
    parsed = Ref.parse(ref, kind=Kind.FEATURE_VIEW)
    wanted = str(parsed) if parsed.selector else f"{parsed}@latest"
    return FeatureView.of(client().call(show, Show(ref=wanted, kind=Kind.FEATURE_VIEW)))


def listed(views: Any) -> list[FeatureView]:
    """Take one view or several.

    Raises
    ------
    InvalidInputError
        For what is no view, such as a name.
    """
    several = not isinstance(views, (FeatureView, str)) and hasattr(views, "__iter__")
    held: list[Any] = list(views) if several else [views]
    for view in held:
        if not isinstance(view, FeatureView):
            message = f"{view!r} is no feature view"
            raise InvalidInputError(message, hint=f"Load one by its name: hx.feature_view({str(view)!r}).")
    return held


def _times(source: Dataset) -> TimeColumns:
    return TimeColumns(timestamp=source.manifest.timestamp, known_at=source.manifest.known_at)


def _listed(keys: Any, names: Sequence[str]) -> Any:
    if isinstance(keys, dict):
        for name, values in keys.items():
            if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
                message = f"key {name!r} needs a list of values, not {values!r}"
                raise InvalidInputError(message, hint=f'Pass {{"{name}": [{values!r}]}}.', key=name)
    missing = [name for name in names if isinstance(keys, dict) and name not in keys]
    if missing:
        message = f"the request lacks the key {missing[0]!r}"
        raise InvalidInputError(message, hint=f"Its keys are {', '.join(map(repr, names))}.", key=missing[0])
    return keys
