"""From a request's columns to a model's inputs: checked, and looked up where the keys stand for features."""

from __future__ import annotations

import difflib
import time
from typing import TYPE_CHECKING, Any

from hendrix.entities import InvalidInputError
from hendrix.serving.asked import Asked, Prepared
from hendrix.serving.columns import checked, is_null, plainly_right, to_array, to_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from hendrix.serving.records import ColumnType, InputColumn, KeyColumn, ServingSpec
    from hendrix.serving.seams import FeatureReader


class Preparation:
    """Prepares requests for one model.

    Parameters
    ----------
    spec
        What the model takes and from where.
    features
        The online store's reader; None when no input is a feature.
    """

    def __init__(self, spec: ServingSpec, features: FeatureReader | None) -> None:
        self._spec = spec
        self._features = features
        self._inputs = {column.name: column for column in spec.inputs}
        floats: dict[ColumnType, list[str]] = {}
        for column in spec.inputs:
            if column.type in ("double", "float") and not column.shape:
                floats.setdefault(column.type, []).append(column.name)
        self._floats = floats
        # All inputs of one float type: then the order in which they are made is the model's.
        self._uniform = len(floats) == 1
        self._keys: dict[str, KeyColumn] = {}
        for view in spec.views:
            for key in view.keys:
                self._keys.setdefault(key.name, key)
        self._view_keys = {view.view: tuple(key.name for key in view.keys) for view in spec.views}

    def prepare(self, asked: Asked) -> Prepared:
        """Check a request and read the features that it leaves to the server.

        Raises
        ------
        InvalidInputError
            Naming the unknown, missing or wrong column and what is expected.
        """
        sent = asked.columns
        if asked.rows == 0:
            message = "the request has no rows"
            raise InvalidInputError(message, hint=f"Each row holds {self._expected()}.")
        for name in sent:
            if name not in self._inputs and name not in self._keys:
                self._refuse_unknown(name)
        at_us = asked.at_us if asked.at_us is not None else time.time_ns() // 1000
        inputs: dict[str, Any] = {}
        looked_up: list[InputColumn] = []
        for column in self._spec.inputs:
            name = column.name
            if name in sent:
                values = sent[name]
                plain = not column.shape and plainly_right(values, column.type)
                inputs[name] = values if plain else checked(values, column.type, column.shape, name)
            elif column.view is not None:
                looked_up.append(column)
            else:
                self._refuse_missing(name)
        keys: dict[str, Sequence[Any]] = {
            name: _listed(inputs[name] if name in inputs else checked(sent[name], key.type, (), name))
            for name, key in self._keys.items()
            if name in sent
        }
        unseen: dict[str, int] = {}
        if looked_up:
            found, unseen = self._look_up(looked_up, keys, at_us, asked.rows)
            inputs.update(found)
        return Prepared(rows=asked.rows, at_us=at_us, inputs=inputs, keys=keys, unseen=unseen)

    def arrays(self, inputs: dict[str, Any]) -> dict[str, npt.NDArray[Any]]:
        """Make the model's arrays of prepared inputs, in the model's own order."""
        made: dict[str, npt.NDArray[Any]] = {}
        for type_, names in self._floats.items():
            rows = to_rows([inputs[name] for name in names], type_)
            if rows is not None:
                made.update(zip(names, rows, strict=True))
        if len(made) == len(self._inputs) and self._uniform:
            return made
        return {
            c.name: made[c.name] if c.name in made else to_array(inputs[c.name], c.type, c.shape, c.name)
            for c in self._spec.inputs
        }

    def _look_up(
        self, columns: list[InputColumn], keys: dict[str, Sequence[Any]], at_us: int, rows: int
    ) -> tuple[dict[str, Any], dict[str, int]]:
        views = tuple(dict.fromkeys(column.view or "" for column in columns))
        for column in columns:
            view = column.view or ""
            absent = [name for name in self._view_keys[view] if name not in keys]
            if absent:
                needed = ", ".join(repr(name) for name in self._view_keys[view])
                message = f"{column.name!r} is missing, and so is the key {absent[0]!r} to look it up by"
                raise InvalidInputError(
                    message, hint=f"Send {needed} (its feature view is {view}), or {column.name!r} itself."
                )
        if self._features is None:
            message = f"{columns[0].name!r} is missing, and this server reads no feature store"
            raise InvalidInputError(message, hint="Send every feature in the request.")
        values, unseen = self._features.read(keys, at_us, views)
        found: dict[str, Any] = {}
        for column in columns:
            read = values[f"{column.view}.{column.feature}"]
            if len(read) != rows:
                message = f"the store answered {len(read)} values of {column.view}.{column.feature} for {rows} rows"
                raise ValueError(message)
            found[column.name] = read
        return found, {view.partition("@")[0]: count for view, count in unseen.items() if count}

    def _expected(self) -> str:
        fields = [c.name for c in self._spec.inputs if c.view is None]
        keys = [name for name in self._keys if name not in fields]
        features = [c.name for c in self._spec.inputs if c.view is not None]
        parts = [
            f"the fields {_names(fields)}" if fields else "",
            f"the keys {_names(keys)}" if keys else "",
            f"(instead of keys, the features {_names(features)})" if features and self._keys else "",
        ]
        return " and ".join(part for part in parts[:2] if part) + (f" {parts[2]}" if parts[2] else "")

    def _refuse_unknown(self, name: str) -> None:
        known = [*self._inputs, *self._keys]
        close = difflib.get_close_matches(name, known, n=1)
        guess = f"did you mean {close[0]!r}? " if close else ""
        message = f"unknown column {name!r}"
        raise InvalidInputError(message, hint=f"{guess}each row holds {self._expected()}", column=name)

    def _refuse_missing(self, name: str) -> None:
        message = f"the column {name!r} is missing"
        raise InvalidInputError(message, hint=f"Each row holds {self._expected()}.", column=name)


def _names(names: list[str], limit: int = 12) -> str:
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def _listed(values: Any) -> Sequence[Any]:
    """Key values as Python values; NaN says as little as null."""
    listed: Sequence[Any] = values if isinstance(values, list | tuple) else values.tolist()
    return [None if is_null(value) else value for value in listed] if any(map(is_null, listed)) else listed
