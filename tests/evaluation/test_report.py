"""A report says what happened on which rows, and parts agree with the whole."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser

import msgspec
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from hendrix.entities.errors import InvalidInputError, NotFoundError
from hendrix.evaluation import Evaluation, ScoreCounts, compare, metrics, report
from hendrix.evaluation.digest import table_digest

SIZE = 2_000


@pytest.fixture(scope="module")
def frame() -> pa.Table:
    rng = np.random.default_rng(5)
    score = rng.beta(1, 3, SIZE)
    return pa.table(
        {
            "score": score,
            "late": pa.array(rng.random(SIZE) < score, mask=rng.random(SIZE) < 0.02),
            "origin": rng.choice(["EWR", "JFK", "LGA", None], SIZE).tolist(),
            "month": rng.integers(1, 13, SIZE),
            "route": rng.integers(0, 400, SIZE),
            "day": pa.array([dt.date(2013, 1, 1 + n % 28) for n in range(SIZE)]),
            "weight": rng.random(SIZE) + 0.5,
        }
    )


@pytest.fixture(scope="module")
def evaluation(frame: pa.Table) -> Evaluation:
    by = ["origin", "month", ("origin", "month")]
    return report(frame["score"], frame, label="late", name="delay@3", slices=by)


def test_rows_without_a_label_are_left_out_and_counted(frame: pa.Table, evaluation: Evaluation) -> None:
    missing = frame["late"].null_count
    assert missing > 0
    assert evaluation.left_out == missing
    assert evaluation.rows == SIZE - missing
    assert f"{missing} without a label left out" in str(evaluation)
    known = frame.filter(pa.compute.is_valid(frame["late"]))
    whole = ScoreCounts.of(known["late"].to_pylist(), known["score"])
    assert evaluation.metrics == metrics(whole)
    assert evaluation.positives == whole.positives


def test_a_float_label_with_nan_is_a_missing_label(frame: pa.Table, evaluation: Evaluation) -> None:
    late = frame["late"].cast(pa.float64()).to_numpy()
    assert np.isnan(late).any()
    other = report(frame["score"], {"late": late}, label="late", name="delay@3")
    assert (other.metrics, other.left_out) == (evaluation.metrics, evaluation.left_out)


def test_a_row_without_a_label_needs_no_score(frame: pa.Table, evaluation: Evaluation) -> None:
    scores = np.where(frame["late"].is_null(), np.nan, frame["score"])
    assert report(scores, frame, label="late", name="delay@3").metrics == evaluation.metrics


def test_each_slice_has_the_figures_of_its_rows_alone(frame: pa.Table, evaluation: Evaluation) -> None:
    rows = frame.filter(pa.compute.is_valid(frame["late"])).to_pylist()
    for part in evaluation.slices:
        wanted = dict(zip(part.columns, part.values, strict=True))

        def text(value: object) -> str | None:
            return None if value is None else str(value)

        mine = [row for row in rows if all(text(row[name]) == value for name, value in wanted.items())]
        assert part.rows == len(mine)
        assert part.metrics == metrics(ScoreCounts.of([r["late"] for r in mine], [r["score"] for r in mine]))
    by_origin = [part for part in evaluation.slices if part.columns == ["origin"]]
    assert [part.title for part in by_origin] == [f"origin={name}" for name in ("EWR", "JFK", "LGA", "null")]
    assert sum(part.rows for part in by_origin) == evaluation.rows
    months = [part.title for part in evaluation.slices if part.columns == ["month"]]
    assert months == [f"month={month}" for month in range(1, 13)]
    assert len(evaluation.slices) == 4 + 12 + 48


def test_the_smallest_of_too_many_slices_are_merged_and_lose_no_row(frame: pa.Table) -> None:
    many = report(frame["score"], frame, label="late", name="m", slices=["route"], most_slices=10)
    assert len(many.slices) == 11
    rest = many.slices[-1]
    assert rest.merged > 0
    assert sum(part.rows for part in many.slices) == many.rows
    assert sum(part.positives for part in many.slices) == many.positives
    assert min(part.rows for part in many.slices[:-1]) >= 1
    assert f"route: {rest.merged} smaller" in str(many)


def test_weights_count_in_the_whole_and_in_slices(frame: pa.Table) -> None:
    weighted = report(frame["score"], frame, label="late", name="m", weight="weight", slices=["day"])
    known = frame.filter(pa.compute.is_valid(frame["late"]))
    whole = ScoreCounts.of(known["late"].to_pylist(), known["score"], known["weight"])
    assert weighted.metrics == metrics(whole)
    assert weighted.slices[0].title == "day=2013-01-01"
    assert weighted.weight == "weight"


@pytest.mark.parametrize("convert", [pa.Table.to_pandas, pl.from_arrow, pa.Table.to_pydict, pa.Table.to_pylist])
def test_any_table_gives_the_same_figures(frame: pa.Table, convert: object, evaluation: Evaluation) -> None:
    other = convert(frame)  # type: ignore[operator]
    again = report(frame["score"].to_numpy(), other, label="late", name="delay@3", slices=["origin", "month"])
    assert again.metrics == evaluation.metrics
    assert again.slices == evaluation.slices[:16]


def test_the_digest_is_of_the_values_alone(frame: pa.Table) -> None:
    wanted = table_digest(frame)
    pieces = pa.concat_tables([frame.slice(0, 7), frame.slice(7, 900), frame.slice(907)])
    assert table_digest(pieces) == wanted
    assert table_digest(frame.select(frame.column_names[::-1])) == wanted
    coded = frame.set_column(2, "origin", frame["origin"].dictionary_encode())
    assert table_digest(coded) == wanted
    assert table_digest(pl.from_arrow(frame).to_arrow()) == wanted  # type: ignore[union-attr]
    assert table_digest(frame.slice(1)) != wanted
    assert table_digest(frame.take(list(range(SIZE))[::-1])) != wanted


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"a": [0]}, {"a": [None]}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": ["x", "yz"]}, {"a": ["xy", "z"]}),
        ({"a": [1]}, {"b": [1]}),
        ({"a": [1.0]}, {"a": [float("nan")]}),
        ({"a": [True]}, {"a": [False]}),
        ({"a": [dt.date(2013, 1, 1)]}, {"a": [dt.date(2013, 1, 2)]}),
        ({"a": [[1]]}, {"a": [[2]]}),
        ({"a": [dt.datetime(2013, 1, 1, tzinfo=dt.UTC)]}, {"a": [dt.datetime(2013, 1, 1, 1, tzinfo=dt.UTC)]}),
        ({"a": ["", "x"]}, {"a": ["x", ""]}),
        ({"a": ["é"]}, {"a": ["e"]}),
    ],
)
def test_other_values_have_another_digest(first: dict[str, list[object]], second: dict[str, list[object]]) -> None:
    assert table_digest(pa.table(first)) != table_digest(pa.table(second))


def test_keys_make_evaluations_on_other_columns_comparable(frame: pa.Table) -> None:
    wide = report(frame["score"], frame, label="late", name="a", keys=["route", "day"])
    narrow = frame.drop_columns(["weight", "month"])
    same = report(frame["score"], narrow, label="late", name="b", keys=["route", "day"])
    assert wide.frame_digest == same.frame_digest
    assert report(frame["score"], narrow, label="late", name="b").frame_digest != wide.frame_digest


def test_a_record_survives_json(evaluation: Evaluation) -> None:
    assert msgspec.json.decode(msgspec.json.encode(evaluation), type=Evaluation) == evaluation


class Balance(HTMLParser):
    """Counts the elements that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_html_is_whole_small_and_needs_nothing_else(frame: pa.Table, evaluation: Evaluation) -> None:
    long = frame.append_column("note", pa.array([f"<script>{'x' * 200}{n % 300}" for n in range(SIZE)]))
    many = report(frame["score"], long, label="late", name="<b>" * 90, slices=["note", "route", "month"])
    for page in (evaluation._repr_html_(), many._repr_html_(), compare(many, many)._repr_html_()):
        checker = Balance()
        checker.feed(page)
        assert (checker.open, checker.links) == ([], [])
        assert len(page.encode()) < 30_000
        assert "<script" not in page


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"label": "lat"}, "no column 'lat'"),
        ({"label": "origin"}, "'origin' of type string"),
        ({"label": "month"}, "label must be 0 or 1"),
        ({"slices": ["orign"]}, "no column 'orign'"),
        ({"weight": "w"}, "no column 'w'"),
        ({"keys": ["k"]}, "no column 'k'"),
        ({"bins": 0}, "bins, not 0"),
        ({"level": 95}, "not 95"),
        ({"threshold": 50}, "not 50"),
        ({"scores": [0.5]}, r"shape \(1,\), the frame has 2,000"),
        ({"frame": 3}, "not int"),
        ({"frame": {"late": [None]}, "scores": [0.5]}, "none of the 1 rows"),
        ({"frame": {"late": [1], "b": [1, 2]}, "scores": [0.5]}, "can't be read as a table"),
    ],
)
def test_bad_input_is_one_clear_error(frame: pa.Table, changes: dict[str, object], named: str) -> None:
    arguments = {"scores": frame["score"], "frame": frame, "label": "late", "name": "m", **changes}
    with pytest.raises(InvalidInputError, match=named) as caught:
        report(**arguments)  # type: ignore[arg-type]
    assert caught.value.hint


def test_a_comparison_names_the_better_side(frame: pa.Table, evaluation: Evaluation) -> None:
    flat = report(np.full(SIZE, 0.25), frame, label="late", name="average", slices=["origin"])
    both = compare(evaluation, flat)
    assert both.same_rows
    assert both.metric("auc").better is True
    assert both.metric("log_loss").better is True
    assert both.metric("base_rate").better is None
    assert both.metric("log_loss").apart
    difference = both.metric("auc").difference
    assert difference == evaluation.metric("auc").value - flat.metric("auc").value  # type: ignore[operator]
    assert [row.title for row in both.slices] == ["origin=EWR", "origin=JFK", "origin=LGA", "origin=null"]
    assert compare(flat, evaluation).metric("auc").better is False
    assert compare(flat, flat).metric("auc").better is None


def test_a_comparison_of_other_rows_says_so(frame: pa.Table, evaluation: Evaluation) -> None:
    half = frame.slice(0, SIZE // 2)
    other = report(half["score"], half, label="late", name="half")
    assert not compare(evaluation, other).same_rows
    assert "NOT on the same rows" in str(compare(evaluation, other))


def test_a_comparison_across_thresholds_is_refused(frame: pa.Table, evaluation: Evaluation) -> None:
    other = report(frame["score"], frame, label="late", name="other", threshold=0.3)
    with pytest.raises(InvalidInputError, match=r"threshold 0\.5, other with 0\.3"):
        compare(evaluation, other)
    with pytest.raises(NotFoundError, match="'f1'"):
        compare(evaluation, evaluation, primary="f1")


def test_pandas_index_and_integer_names_do_no_harm() -> None:
    frame = pd.DataFrame({0: [0.1, 0.9], "late": [0, 1]}, index=[7, 9])
    assert report(frame[0], frame, label="late", name="m").rows == 2
