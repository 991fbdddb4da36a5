"""The metrics agree with scikit-learn and with simple references, and parts merge to the whole."""

from __future__ import annotations

import warnings
from math import isclose, sqrt
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as sk

from hendrix.entities.errors import InvalidInputError
from hendrix.evaluation import ScoreCounts, calibration, metrics
from hendrix.evaluation.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Callable


Rows: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

score = st.one_of(st.integers(0, 10).map(lambda n: n / 10), st.floats(0, 1))
row = st.tuples(st.integers(0, 1), score, st.floats(0.1, 10))


@st.composite
def rows(draw: Callable[..., list[tuple[int, float, float]]], least: int = 1) -> Rows:
    drawn = np.array(draw(st.lists(row, min_size=least, max_size=40)), dtype=float)
    return drawn[:, 0], drawn[:, 1], drawn[:, 2]


def values(counts: ScoreCounts, threshold: float = 0.5) -> dict[str, float | None]:
    return {metric.name: metric.value for metric in metrics(counts, threshold=threshold)}


def same(ours: float | None, theirs: float, tolerance: float = 1e-9) -> bool:
    return ours is not None and isclose(ours, theirs, rel_tol=tolerance, abs_tol=tolerance)


@settings(max_examples=150, deadline=None)
@given(drawn=rows(), weighted=st.booleans(), threshold=st.floats(0.01, 1))
def test_metrics_agree_with_scikit_learn(drawn: Rows, *, weighted: bool, threshold: float) -> None:
    labels, scores, weights = drawn
    weight = weights if weighted else None
    ours = values(ScoreCounts.of(labels, scores, weight), threshold)
    called = scores >= threshold
    assert same(ours["log_loss"], sk.log_loss(labels, scores, sample_weight=weight, labels=[0, 1]))
    assert same(ours["brier"], float(np.average((scores - labels) ** 2, weights=weight)))
    assert same(ours["accuracy"], sk.accuracy_score(labels, called, sample_weight=weight))
    assert same(ours["base_rate"], float(np.average(labels, weights=weight)))
    if 0 < labels.sum() < labels.size:
        assert same(ours["auc"], sk.roc_auc_score(labels, scores, sample_weight=weight))
    else:
        assert ours["auc"] is None
    if called.any():
        assert same(ours["precision"], sk.precision_score(labels, called, sample_weight=weight))
    else:
        assert ours["precision"] is None
    if labels.any():
        assert same(ours["recall"], sk.recall_score(labels, called, sample_weight=weight))
    else:
        assert ours["recall"] is None


@settings(max_examples=150, deadline=None)
@given(rows(), st.lists(st.integers(0, 3), min_size=40, max_size=40))
def test_merged_parts_give_exactly_the_counts_of_the_whole(drawn: Rows, places: list[int]) -> None:
    labels, scores, _ = drawn
    part = np.array(places[: labels.size])
    whole = ScoreCounts.of(labels, scores)
    merged = ScoreCounts.merge(*(ScoreCounts.of(labels[part == n], scores[part == n]) for n in range(4)))
    assert merged.rows == whole.rows
    assert np.array_equal(merged.scores, whole.scores)
    assert np.array_equal(merged.weights, whole.weights)
    assert metrics(merged) == metrics(whole)
    assert calibration(merged) == calibration(whole)


@settings(max_examples=50, deadline=None)
@given(rows(least=3))
def test_merging_is_associative_with_weights_too(drawn: Rows) -> None:
    parts = [ScoreCounts.of(*(column[n::3] for column in drawn)) for n in range(3)]
    left, right = (parts[0] + parts[1]) + parts[2], parts[0] + (parts[1] + parts[2])
    for ours, theirs in zip(metrics(left), metrics(right), strict=True):
        assert ours.value is theirs.value is None or same(ours.value, theirs.value or 0.0)


def test_merging_nothing_gives_no_rows() -> None:
    empty = ScoreCounts.merge()
    assert empty.rows == 0
    assert set(values(empty).values()) == {None}
    assert calibration(empty) == []


def delong_error(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    """Take each pair by itself, as the paper defines it."""
    positives, negatives = scores[labels == 1], scores[labels == 0]
    wins = (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)
    sides = wins.mean(axis=1).var(ddof=1) / positives.size, wins.mean(axis=0).var(ddof=1) / negatives.size
    return sqrt(sum(sides))


@settings(max_examples=60, deadline=None)
@given(rows(least=8))
def test_the_interval_of_the_auc_has_the_standard_error_of_delong(drawn: Rows) -> None:
    labels, scores, _ = drawn
    if min(labels.sum(), labels.size - labels.sum()) < 2:
        return
    metric = metrics(ScoreCounts.of(labels, scores))[0]
    error = delong_error(labels, scores)
    if metric.value in {0.0, 1.0} or error == 0:
        assert metric.low is None
        return
    assert metric.low is not None
    assert metric.high is not None
    assert metric.value is not None
    reach = np.log(metric.high / (1 - metric.high)) - np.log(metric.value / (1 - metric.value))
    assert same(reach, 1.959964 * error / (metric.value * (1 - metric.value)), 1e-5)


def test_weights_that_repeat_rows_give_the_figures_of_the_repeated_rows() -> None:
    rng = np.random.default_rng(3)
    labels, scores = rng.integers(0, 2, 50), rng.integers(0, 9, 50) / 8
    times = rng.integers(1, 4, 50)
    weighted = values(ScoreCounts.of(labels, scores, times))
    repeated = values(ScoreCounts.of(np.repeat(labels, times), np.repeat(scores, times)))
    assert all(same(weighted[name], repeated[name] or 0.0) for name in repeated)


def test_a_scale_of_the_weights_changes_no_figure_and_no_interval() -> None:
    rng = np.random.default_rng(4)
    labels, scores, weights = rng.integers(0, 2, 80), rng.random(80), rng.random(80) + 0.1
    ours = metrics(ScoreCounts.of(labels, scores, weights))
    scaled = metrics(ScoreCounts.of(labels, scores, weights * 1000))
    for first, second in zip(ours, scaled, strict=True):
        assert same(first.value, second.value or 0.0)
        assert first.low is second.low is None or same(first.low, second.low or 0.0)


@pytest.mark.parametrize("name", ["auc", "log_loss", "brier", "accuracy", "precision", "recall", "base_rate"])
def test_intervals_hold_the_truth_about_as_often_as_they_say(name: str) -> None:
    rng = np.random.default_rng(11)

    def draw(size: int) -> ScoreCounts:
        truth = rng.beta(2, 4, size)
        return ScoreCounts.of(rng.random(size) < truth, np.clip(truth + 0.05, 0, 1), rng.random(size) + 0.5)

    truth = next(metric.value for metric in metrics(draw(1_000_000)) if metric.name == name)
    assert truth is not None
    held = 0
    for _ in range(400):
        metric = next(metric for metric in metrics(draw(300), level=0.9) if metric.name == name)
        assert metric.low is not None
        assert metric.high is not None
        held += metric.low <= truth <= metric.high
    assert 0.85 <= held / 400 <= 0.95


def test_wilson_gives_the_published_figures() -> None:
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.
    for successes, trials, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
    ]:
        bounds = wilson(successes, trials, trials, 0.95)
        assert bounds == pytest.approx((low, high), abs=5e-5)


@settings(max_examples=60, deadline=None)
@given(rows(), st.integers(1, 20))
def test_calibration_agrees_with_a_loop_over_rows(drawn: Rows, bins: int) -> None:
    labels, scores, weights = drawn
    groups: dict[int, list[tuple[float, float, float]]] = {}
    for row_label, row_score, weight in zip(labels, scores, weights, strict=True):
        groups.setdefault(min(int(row_score * bins), bins - 1), []).append((row_label, row_score, weight))
    table = calibration(ScoreCounts.of(labels, scores, weights), bins)
    error = 0.0
    assert len(table) == len(groups)
    for ours, (place, group) in zip(table, sorted(groups.items()), strict=True):
        weight = sum(w for _, _, w in group)
        rate, mean = sum(w * y for y, _, w in group) / weight, sum(w * s for _, s, w in group) / weight
        assert same(ours.low, place / bins)
        assert same(ours.weight, weight)
        assert same(ours.rate, rate)
        assert same(ours.mean_score, mean)
        error += weight * abs(rate - mean)
    ours_error = metrics(ScoreCounts.of(labels, scores, weights), bins=bins)[6]
    assert same(ours_error.value, error / weights.sum())


@pytest.mark.parametrize(
    ("labels", "scores", "weights", "named"),
    [
        ([0, 2], [0.1, 0.2], None, "row 1 has 2"),
        ([0, 1], [0.1, 1.2], None, "row 1 has 1.2"),
        ([0, 1], [0.1, np.nan], None, "row 1 has nan"),
        ([0, 1], [0.1], None, "1 scores for 2 labels"),
        ([0, 1], [[0.1, 0.9], [0.2, 0.8]], None, r"shape \(2, 2\)"),
        ([0, 1], [0.1, 0.2], [1, -1], "row 1 has -1"),
        (["a", "b"], [0.1, 0.2], None, "labels must be numbers"),
    ],
)
def test_bad_rows_are_refused_by_value(labels: list[int], scores: object, weights: object, named: str) -> None:
    with pytest.raises(InvalidInputError, match=named):
        ScoreCounts.of(labels, scores, weights)


@pytest.mark.parametrize("threshold", [-0.1, 1.5, float("nan")])
def test_a_threshold_outside_of_0_to_1_is_refused(threshold: float) -> None:
    with pytest.raises(InvalidInputError, match="threshold"):
        metrics(ScoreCounts.of([0, 1], [0.2, 0.4]), threshold=threshold)


def test_certain_and_wrong_scores_have_a_finite_log_loss() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = values(ScoreCounts.of([0, 1], [1.0, 0.0]))
    assert same(ours["log_loss"], sk.log_loss([0, 1], [1.0, 0.0]))
