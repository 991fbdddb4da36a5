"""What an evaluation says, as plain records."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from hendrix.entities import Entity, NotFoundError
from hendrix.evaluation.html import comparison_html, evaluation_html
from hendrix.evaluation.text import comparison_text, evaluation_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One figure with its confidence interval.

    Parameters
    ----------
    name
        Such as `auc` or `log_loss`.
    value
        None where the rows don't define it, such as the AUC of one class alone.
    low, high
        The interval at the evaluation's level; None where it is not known.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """The rows whose score lies in [low, high): what was said and what came.

    Parameters
    ----------
    low, high
        Edges of the bin; the last one holds 1 too.
    weight
        The weight of its rows; unweighted, their number.
    mean_score
        The mean of the scores.
    rate
        The share of positives.
    rate_low, rate_high
        The rate's interval.
    """

    low: float
    high: float
    weight: float
    mean_score: float
    rate: float
    rate_low: float | None
    rate_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The metrics of the rows that share a value.

    Parameters
    ----------
    columns
        The columns that were sliced by.
    values
        Their values as text, None for null.
    rows, positives
        How many rows, and how many of them are positive.
    metrics
        As of the whole.
    merged
        How many of the smallest slices this one stands for; 0 for a slice of its own.
    """

    columns: list[str]
    values: list[str | None]
    rows: int
    positives: int
    metrics: list[Metric]
    merged: int = 0

    @property
    def title(self) -> str:
        """Such as `origin=JFK, month=12`."""
        if self.merged:
            return f"{', '.join(self.columns)}: {self.merged:,} smaller"
        pairs = zip(self.columns, self.values, strict=True)
        return ", ".join(f"{column}={'null' if value is None else value}" for column, value in pairs)

    def metric(self, name: str) -> Metric:
        """Look a metric up by its name."""
        return find_metric(self.metrics, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How well scores met outcomes on one set of rows.

    Parameters
    ----------
    name
        What was evaluated: a version's reference, or the stated name of a baseline.
    label
        The column that holds the outcome.
    rows
        Rows evaluated.
    left_out
        Rows without a label, which count nowhere else.
    positives
        Rows with a positive outcome.
    threshold
        A score from here up counts as positive.
    level
        The level of the intervals.
    weight
        The column of weights, if any.
    frame_digest
        What identifies the rows and outcomes: evaluations of the same digest may be compared.
    metrics, slices, calibration
        The figures of the whole, of its parts, and the reliability bins.
    """

    name: str
    label: str
    rows: int
    left_out: int
    positives: int
    threshold: float
    level: float
    weight: str | None
    frame_digest: str
    metrics: list[Metric]
    slices: list[Slice] = field(default_factory=list)
    calibration: list[CalibrationBin] = field(default_factory=list)

    def metric(self, name: str) -> Metric:
        """Look a metric up by its name."""
        return find_metric(self.metrics, name)

    def __str__(self) -> str:
        return evaluation_text(self)

    def _repr_html_(self) -> str:
        return evaluation_html(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One metric of two evaluations.

    Parameters
    ----------
    title
        `all rows`, or the slice.
    metric
        The metric's name.
    candidate, baseline
        The two values; None where not defined.
    difference
        Candidate minus baseline.
    better
        Whether the candidate is better; None when equal, not defined, or the metric has no better side.
    apart
        Whether the two intervals do not overlap. Overlap does not show that there is no difference.
    """

    title: str
    metric: str
    candidate: float | None
    baseline: float | None
    difference: float | None
    better: bool | None
    apart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two evaluations side by side.

    Parameters
    ----------
    candidate, baseline
        Their names.
    same_rows
        Whether both saw the same rows and outcomes; if not, the differences say little.
    metrics
        The metrics of all rows.
    slices
        The primary metric of each slice that both have.
    """

    candidate: str
    baseline: str
    same_rows: bool
    metrics: list[Difference]
    slices: list[Difference] = field(default_factory=list)

    def metric(self, name: str) -> Difference:
        """Look a metric of all rows up by its name."""
        for row in self.metrics:
            if row.metric == name:
                return row
        message = f"there is no metric {name!r}"
        raise NotFoundError(message, hint=f"There are {', '.join(row.metric for row in self.metrics)}.")

    def __str__(self) -> str:
        return comparison_text(self)

    def _repr_html_(self) -> str:
        return comparison_html(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An evaluation to keep.

    Parameters
    ----------
    evaluation
        What was found.
    version
        The model version that was evaluated; None for a stated baseline.
    dataset
        The dataset version that the rows are, if they are one.
    run
        The run that it was made in.
    """

    evaluation: Evaluation
    version: UUID | None = None
    dataset: UUID | None = None
    run: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The evaluation's entity, and whether it was made: the same findings again are no new one."""

    entity: Entity
    made: bool


def find_metric(metrics: list[Metric], name: str) -> Metric:
    """Find a metric by its name; a NotFoundError lists the names that exist."""
    for metric in metrics:
        if metric.name == name:
            return metric
    message = f"there is no metric {name!r}"
    raise NotFoundError(message, hint=f"There are {', '.join(metric.name for metric in metrics)}.")
