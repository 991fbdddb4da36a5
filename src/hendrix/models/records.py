"""What a saved model says of itself, and what is asked of the registry, as plain records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from hendrix.entities import Entity

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
    """A feature view's version that a model was trained with.

    Parameters
    ----------
    name, version, id, digest
        The view's version, exactly.
    keys
        Its key columns and their Arrow types, as text: what a request must name to look its features up.
    """

    name: str
    version: int
    id: UUID
    digest: str
    keys: dict[str, str]


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
    """

    views: tuple[PinnedView, ...]
    inputs: tuple[InputSource, ...]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A version to register, whose folder is kept already.

    Parameters
    ----------
    name
        The model's name; the model is made when there is none of the name.
    digest
        The stored folder's digest.
    size
        The folder's size in bytes.
    facts
        What the folder says of itself.
    run
        The run that made it. What that run has read so far, the version is derived from.
    project, description
        Of the model, where it is made.
    tags
        Of the version.
    """

    name: str
    digest: str
    size: int
    facts: ModelFacts
    run: UUID | None = None
    project: str | None = None
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The version, and whether it was made: the same bytes as the latest version's are no new one."""

    version: Entity
    made: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """One stored evaluation, as gates and lists see it.

    Parameters
    ----------
    id, ref
        The evaluation.
    name
        What was evaluated: a version (`delay@3`) or a stated baseline.
    version
        The version's id; None for a baseline.
    frame_digest
        Which rows and outcomes; only evaluations of one digest may be compared.
    rows
        How many rows.
    metrics
        Values by name; None where not defined.
    digest
        The digest of all that it says.
    created_at
        When it was stored.
    """

    id: UUID
    ref: str
    name: str
    version: UUID | None
    frame_digest: str
    rows: int
    metrics: dict[str, float | None]
    digest: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowVersion:
    """A version by reference or id; a model's name alone is its latest version."""

    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDetail:
    """A version with its evaluations, newest first, and the metrics of the newest."""

    entity: Entity
    evaluations: tuple[Evaluated, ...]
    metrics: dict[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAlias:
    """An alias to point at a version. `champion` passes through the gates, as in a promotion."""

    ref: str
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAlias:
    """An alias of a model to take away."""

    model: str
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promote:
    """A promotion that is asked for.

    Parameters
    ----------
    ref
        The candidate: a version's reference or id.
    alias
        What it is to become.
    baseline
        The stated baseline to beat where nothing has the alias yet; None: each one that was evaluated on the
        same rows, of which there must be one.
    metric
        The metric that decides, such as `auc` or `log_loss`.
    expected
        The digest of a judgement that was given before: when something that it stood on has changed since,
        the promotion is a conflict.
    """

    ref: str
    alias: str = "champion"
    baseline: str | None = None
    metric: str = "auc"
    expected: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidacy:
    """All that gates decide on.

    Parameters
    ----------
    version, ref, digest
        The candidate.
    facts
        What it says of itself.
    alias
        What it is to become.
    holder, holder_ref
        The version that has the alias now; None where there is none.
    baseline, metric
        As asked for.
    evaluations
        Those of the candidate, of the holder, and of baselines on the candidate's rows, newest first.
    """

    version: UUID
    ref: str
    digest: str
    facts: ModelFacts
    alias: str
    holder: UUID | None
    holder_ref: str | None
    baseline: str | None
    metric: str
    evaluations: tuple[Evaluated, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a gate says.

    Parameters
    ----------
    gate
        Its name.
    passed
        Whether the candidate may pass.
    reason
        Why, with the figures.
    hint
        The way out, where it may not.
    evidence
        The digests of the evaluations that it stands on.
    """

    gate: str
    passed: bool
    reason: str
    hint: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What all gates say of a candidacy, and the digest of what they stood on."""

    passed: bool
    verdicts: tuple[Verdict, ...]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What a promotion did.

    Parameters
    ----------
    version
        The version that has the alias now.
    alias
        The alias.
    replaced
        The reference of the version that had it before.
    changed
        False where the version had the alias already.
    verdicts
        What the gates said.
    """

    version: Entity
    alias: str
    replaced: str | None
    changed: bool
    verdicts: tuple[Verdict, ...] = ()
