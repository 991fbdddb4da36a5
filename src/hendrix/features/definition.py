"""Definitions of views: put together from what people write, and checked against the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from hendrix.data import near
from hendrix.entities import InvalidInputError, check_name
from hendrix.features.durations import parse_duration
from hendrix.features.keys import family
from hendrix.features.records import Feature, ViewDefinition
from hendrix.features.values import stored_type

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from hendrix.features.records import EntityKeys, TimeColumns


def define(
    name: str,
    entity: EntityKeys,
    source: str,
    features: Sequence[str | Feature],
    ttl: str | timedelta | None,
) -> ViewDefinition:
    """Put a definition together.

    Parameters
    ----------
    name
        The view's.
    entity
        Whose features.
    source
        The dataset's name.
    features
        Names of columns, and windows.
    ttl
        How old the event behind a plain column may be; None: any age.

    Raises
    ------
    InvalidInputError
        For a name that can't be one, no feature, a name given twice, or a bad duration.
    """
    check_name(name, "view's name")
    if "__" in name or "." in name:
        message = f"{name!r} can't be a view's name: '__' and '.' separate a view from its feature"
        raise InvalidInputError(message, hint=f"Try {name.replace('__', '_').replace('.', '_')!r}.")
    if isinstance(features, str) or not features:
        message = f"feature view {name!r} needs a list of features, not {features!r}"
        raise InvalidInputError(message, hint='Pass features=["seats", hx.window.count("1d")].')
    made = [_feature(name, one) for one in features]
    seen: set[str] = set()
    for feature in made:
        if feature.name in seen:
            message = f"feature view {name!r} names {feature.name!r} twice"
            raise InvalidInputError(message, hint='Give one another name: hx.window.mean(..., name="...").')
        seen.add(feature.name)
    ttl_us = None if ttl is None else parse_duration(ttl, f"the TTL of {name!r}")
    return ViewDefinition(name=name, entity=entity, source=source, features=made, ttl_us=ttl_us)


def _feature(view: str, given: str | Feature) -> Feature:
    if isinstance(given, str) and given:
        return Feature(name=given, aggregate="last", column=given)
    if isinstance(given, Feature):
        return given
    message = f"{given!r} is no feature of {view!r}"
    raise InvalidInputError(message, hint="A feature is a column's name, or one of hx.window: mean, count, last.")


def check_definition(view: ViewDefinition, schema: pa.Schema, times: TimeColumns) -> None:
    """Check a definition against its source.

    Parameters
    ----------
    view
        The definition.
    schema
        The source's.
    times
        Where the source keeps its times.

    Raises
    ------
    InvalidInputError
        When a key or a column is not in the source, a column's type can't be used so, or a window is asked of
        a source without event times.
    """
    owner = f"dataset {view.source!r}"
    for key in view.entity.keys:
        if key not in schema.names:
            message = f"key {key!r} of entity {view.entity.name!r} is no column of {owner}"
            raise InvalidInputError(message, hint=near(key, schema.names), column=key)
        family(schema.field(key).type, key, owner)
    for feature in view.features:
        if feature.column is not None:
            if feature.column not in schema.names:
                message = f"feature {feature.name!r} of view {view.name!r}: {owner} has no column {feature.column!r}"
                raise InvalidInputError(message, hint=near(feature.column, schema.names), column=feature.column)
            kind = schema.field(feature.column).type
            if feature.aggregate == "last":
                stored_type(kind, feature.column, owner)
            if feature.aggregate == "mean" and not _is_number(kind):
                message = (
                    f"feature {feature.name!r} of view {view.name!r} averages {feature.column!r}, which holds {kind}"
                )
                hint = "mean takes numbers and booleans; for others there are last and count."
                raise InvalidInputError(message, hint=hint, column=feature.column)
        if feature.window_us is not None and times.timestamp is None:
            message = f"feature {feature.name!r} of view {view.name!r} has a window, but {owner} has no event times"
            hint = f'Register the dataset with them: hx.Dataset("{view.source}", ..., timestamp="...").'
            raise InvalidInputError(message, hint=hint)


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_decimal(kind)
    )
