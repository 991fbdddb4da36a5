"""From an order to what the core needs: the model, its inputs and their sources, the store's reader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import numpy as np

from hendrix.entities import InvalidInputError
from hendrix.serving.records import ColumnType, InputColumn, KeyColumn, OutputColumn, ServingSpec, ViewKeys

if TYPE_CHECKING:
    import numpy.typing as npt

    from hendrix.models import LoadedModel, ModelFacts
    from hendrix.serving.records import WorkerOrder
    from hendrix.serving.seams import FeatureReader, Model

_EXACT = 1 << 53
"""Whole numbers below this are exact as floats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """All that a core serves with."""

    model: Model
    spec: ServingSpec
    features: FeatureReader | None


def load(order: WorkerOrder) -> Loaded:
    """Lay the model's folder out, load it, and open the online store if it looks features up.

    Raises
    ------
    HendrixError
        When an artifact is missing, the model can't be loaded, or its signature can't be served.
    """
    from hendrix.artifacts import LocalArtifacts, get_folder
    from hendrix.models import load as load_model
    from hendrix.session import Home

    home = Home(Path(order.home))
    folder = get_folder(LocalArtifacts(home.artifacts), order.served.digest, home.cache / "folders")
    model = load_model(folder)
    spec = spec_of(model.facts)
    features: FeatureReader | None = None
    if spec.views:
        from hendrix.features import OnlineReader

        features = OnlineReader(home.features / order.namespace)
    return Loaded(model=ServedModel(model), spec=spec, features=features)


def spec_of(facts: ModelFacts) -> ServingSpec:
    """Read what a model takes off its signature and its feature lookup.

    Raises
    ------
    InvalidInputError
        When it has no signature, or an input of a type that no request can carry.
    """
    signature = facts.signature
    if signature is None:
        message = "the model was saved without a signature, so no request can be checked"
        raise InvalidInputError(message, hint="Log it again with example=, a few rows of what it takes.")
    lookup = facts.features
    sources = {source.column: source for source in lookup.inputs} if lookup else {}
    pinned = {view.name: f"{view.name}@{view.version}" for view in lookup.views} if lookup else {}
    inputs: list[InputColumn] = []
    for column in signature.inputs:
        if column.type not in get_args(ColumnType):
            message = f"the model's input {column.name!r} is {column.type}, which no request can carry"
            raise InvalidInputError(message, hint="Serve a model that takes numbers, text, booleans or times.")
        source = sources.get(column.name)
        view = source.view if source else None
        inputs.append(
            InputColumn(
                name=column.name,
                type=cast("ColumnType", column.type),
                view=pinned[view] if view else None,
                feature=source.feature if source and view else None,
            )
        )
    own = {column.name: column.type for column in inputs}
    return ServingSpec(
        inputs=tuple(inputs),
        views=tuple(
            ViewKeys(
                view=pinned[view.name],
                keys=tuple(
                    KeyColumn(name=key, type=own.get(key) or _key_type(arrow)) for key, arrow in view.keys.items()
                ),
            )
            for view in (lookup.views if lookup else ())
        ),
        output=OutputColumn(
            name="prediction",
            type="double",
            shape=(len(signature.classes),) if signature.output == "probabilities" else (),
        ),
    )


def _key_type(arrow: str) -> ColumnType:
    """Read a key's type off Arrow's name of it; of times and dates the store itself knows what it takes."""
    if "string" in arrow:
        return "string"
    if arrow.startswith(("int", "uint")):
        return "long"
    return "boolean" if arrow == "bool" else "any"


class ServedModel:
    """A loaded model, given arrays in the form that is shortest for it."""

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        self._matrix = model.facts.matrix

    def predict(self, columns: dict[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Predict; whole numbers that floats hold exactly go as floats to a model that takes a matrix."""
        if self._matrix:
            columns = {name: _as_floats(values) for name, values in columns.items()}
        return self._model.predict(columns)


def _as_floats(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if values.dtype.kind not in "iu" or not len(values):
        return values
    exact = int(values.min()) > -_EXACT and int(values.max()) < _EXACT
    return values.astype(np.float64) if exact else values
