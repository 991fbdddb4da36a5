"""Which of a model's inputs are features, told from the frame that it was trained on or from the views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hendrix.entities import InvalidInputError
from hendrix.features import FeatureView, frame_views
from hendrix.models.records import FeatureLookup, InputSource, PinnedView
from hendrix.session import client
from hendrix.session.operations import show
from hendrix.session.records import Show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hendrix.models.records import Signature


def lookup_of(signature: Signature, example: Any, views: Sequence[FeatureView] | None) -> FeatureLookup | None:
    """Tell where each input comes from.

    Parameters
    ----------
    signature
        The model's.
    example
        A part of the frame that the model was trained on; a frame of `training_frame` says by itself which
        views are in it.
    views
        The views, where the frame can't say; None: as the frame says.

    Returns
    -------
    FeatureLookup or None
        None where no input is a feature.

    Raises
    ------
    InvalidInputError
        For a view none of whose features the model takes.
    """
    inputs = [column.name for column in signature.inputs]
    found = _of_frame(example) if views is None else [_of_view(view) for view in views]
    sources: dict[str, tuple[PinnedView, str]] = {}
    for view, columns in found:
        taken = {column: feature for feature, column in columns.items() if column in inputs}
        if not taken and views is not None:
            message = f"the model takes no feature of the view {view.name!r}"
            raise InvalidInputError(message, hint=f"It takes {', '.join(inputs)}.")
        sources |= {column: (view, feature) for column, feature in taken.items()}
    if not sources:
        return None
    return FeatureLookup(
        views=tuple({view.id: view for view, _ in sources.values()}.values()),
        inputs=tuple(
            InputSource(column=name, view=sources[name][0].name, feature=sources[name][1])
            if name in sources
            else InputSource(column=name)
            for name in inputs
        ),
    )


def _of_view(view: FeatureView) -> tuple[PinnedView, dict[str, str]]:
    if not isinstance(view, FeatureView):
        message = f"{view!r} is no feature view"
        raise InvalidInputError(message, hint='pass features=[hx.feature_view("carrier_delays")]')
    pinned = PinnedView(
        name=view.name,
        version=view.version,
        id=view.graph_entity.id,
        digest=view.graph_entity.digest or "",
        keys=view.key_types,
    )
    names = [feature.name for feature in view.definition.features]
    return pinned, dict(zip(names, view.columns, strict=True))


def _of_frame(example: Any) -> list[tuple[PinnedView, dict[str, str]]]:
    if not isinstance(example, pa.Table):
        return []
    found = []
    for told in frame_views(example):
        entity = client().call(show, Show(ref=told.ref))
        pinned = PinnedView(
            name=told.view, version=told.version, id=entity.id, digest=entity.digest or "", keys=told.keys
        )
        found.append((pinned, told.columns))
    return found
