"""What a saved model says of itself, as plain records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID  # noqa: TC003 - the wire reads the fields' types

ColumnType = Literal["boolean", "integer", "long", "float", "double", "string", "binary", "datetime"]
"""MLflow's names: integer and float have 32 bits, long and double 64; a datetime is in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One input of a model.

    Parameters
    ----------
    name
        The column's name.
    type
        What its values are.
    category
        Whether the model was fitted on pandas categories of these values.
    """

    name: str
    type: ColumnType
    category: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a model takes and gives.

    Parameters
    ----------
    inputs
        The columns, in the order in which the model takes them. A null is allowed in each: what becomes of it
        is the model's own business.
    output
        `probability`: of the positive class, shape (rows,); `probabilities`: one for each class, shape (rows,
        classes); `value`: whatever the model predicts.
    classes
        The classes as text, in the order of the probabilities; the second of two is the positive one.
    """

    inputs: tuple[Column, ...]
    output: Literal["probability", "probabilities", "value"]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedView:
    """A feature view's version that a model was trained with."""

    name: str
    version: int
    id: UUID
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSource:
    """Where the value of an input column comes from when the model serves.

    Parameters
    ----------
    column
        The model's input column.
    view, feature
        The feature view and its feature that are looked up; None: the request brings the value itself, under
        the column's name.
    """

    column: str
    view: str | None = None
    feature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureLookup:
    """How a serving model finds its inputs: from which pinned views, and which from the request.

    Parameters
    ----------
    views
        The feature views, pinned to versions.
    inputs
        One source for each input column, in the model's order.
    keys
        The columns that a request must name to look the features up (the keys of the views' entities).
    """

    views: tuple[PinnedView, ...]
    inputs: tuple[InputSource, ...]
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What a model's folder says of it, without loading the model.

    Parameters
    ----------
    flavour
        MLflow's name of it, such as `sklearn` or `python_function`.
    model_class
        The class of the model, such as `HistGradientBoostingClassifier`.
    signature
        None for a folder that was saved without one.
    features
        How its inputs are looked up, if it was trained on feature views.
    matrix
        Whether the model gives the same answers for a plain matrix as for a frame with names, so that serving
        may take the shorter way; found out when it was saved.
    libraries
        Versions that it was saved with, such as {"scikit-learn": "1.9.1", "python": "3.11.7"}.
    metadata
        Further values that were saved with it (JSON).
    """

    flavour: str
    model_class: str = ""
    signature: Signature | None = None
    features: FeatureLookup | None = None
    matrix: bool = False
    libraries: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
