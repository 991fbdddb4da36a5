"""Evaluating models and baselines: computed where the caller is, kept in the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hendrix.data import Dataset, as_table
from hendrix.entities import InvalidInputError, check_name
from hendrix.evaluation.assessment import report
from hendrix.evaluation.facts import from_facts
from hendrix.evaluation.operations import store
from hendrix.evaluation.records import Evaluation, Metric, Store
from hendrix.models import ModelVersion, model
from hendrix.session import Handle, client, current_run, progress, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hendrix.entities import Entity


class Report(Handle):
    """A kept evaluation: what was found, and its place in the graph."""

    made: bool = False
    """Whether it is a new one; the same findings again are the same evaluation."""

    def __init__(self, entity: Entity) -> None:
        super().__init__(entity)
        self.evaluation: Evaluation = from_facts(entity.facts)

    @property
    def metrics(self) -> dict[str, float | None]:
        """The metrics of all rows."""
        return {metric.name: metric.value for metric in self.evaluation.metrics}

    def metric(self, name: str) -> Metric:
        """Look a metric up, with its interval."""
        return self.evaluation.metric(name)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield what a card shows: names and values."""
        for metric in self.evaluation.metrics:
            yield metric.name, "-" if metric.value is None else f"{metric.value:.4g}"

    def __str__(self) -> str:
        return str(self.evaluation)

    def _repr_html_(self) -> str:
        return self.evaluation._repr_html_()


def evaluate(
    subject: ModelVersion | str | Any,
    frame: Any,
    *,
    label: str,
    slices: Sequence[str | Sequence[str]] = (),
    threshold: float = 0.5,
    name: str | None = None,
    weight: str | None = None,
    keys: Sequence[str] | None = None,
    bins: int = 10,
    level: float = 0.95,
    most_slices: int = 50,
) -> Report:
    """Evaluate a model version, or the scores of a stated baseline, and keep what was found.

    Parameters
    ----------
    subject
        A version, its reference (`delay@3`), or scores: probabilities of the positive class, one a row.
    frame
        The rows with their outcome: any kind of table, or a dataset.
    label
        The column with the outcome: booleans, 0 and 1. Rows where it is null are left out and counted.
    slices
        Columns to slice by; a tuple of columns slices by their combinations.
    threshold
        A score from here up counts as positive.
    name
        What the scores are called, such as "carrier average"; a version has its own name.
    weight
        A column of weights; by default each row counts once.
    keys
        Columns that identify the rows; by default all. Evaluations are comparable, and a gate compares them,
        when these columns, the label and the weight are equal.
    bins, level, most_slices
        Of the calibration, the intervals, and for each entry of `slices`.

    Returns
    -------
    Report
        With `.metrics`, `.metric("auc")` and its interval, and `.evaluation` for slices and calibration.

    Raises
    ------
    InvalidInputError
        For a missing column, an outcome other than 0 and 1, scores outside [0, 1], or scores without a name.
    """
    version = model(subject) if isinstance(subject, str) else subject
    held = version if isinstance(version, ModelVersion) else None
    title = _title(held, name)
    table = frame.read() if isinstance(frame, Dataset) else as_table(frame, "the frame")
    with progress(f"Evaluating {title}"):
        scores = _scores(held, table) if held else subject
        found = report(
            scores,
            table,
            label=label,
            name=title,
            slices=slices,
            weight=weight,
            keys=keys,
            threshold=threshold,
            bins=bins,
            level=level,
            most_slices=most_slices,
        )
    request = Store(
        evaluation=found,
        version=held.id if held else None,
        dataset=frame.entity.id if isinstance(frame, Dataset) else None,
        run=current_run(),
    )
    answer = client().call(store, request)
    made = Report(answer.entity)
    made.made = answer.made
    return made


def _title(version: ModelVersion | None, name: str | None) -> str:
    if version is not None:
        if name is not None:
            message = f"a version is called by its reference, not {name!r}"
            raise InvalidInputError(message, hint="Leave name= out; it is for scores without a model.")
        return short(version.ref)
    if name is None:
        message = "scores without a model need a name"
        raise InvalidInputError(message, hint='say what they are: name="carrier average"')
    return check_name(name, "name of a baseline")


def _scores(version: ModelVersion, table: Any) -> Any:
    loaded = version.load()
    signature = loaded.signature
    if signature is not None and signature.output == "probabilities":
        message = f"{short(version.ref)} gives probabilities of {len(signature.classes)} classes"
        raise InvalidInputError(message, hint="Only a binary outcome can be evaluated.")
    return loaded.predict(table)
