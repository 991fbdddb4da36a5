"""Evaluations are kept, and promotions pass through the gate, on both transports."""

from __future__ import annotations

import subprocess
import sys
import types

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.linear_model import LogisticRegression

import hendrix as hx
from hendrix import plugins
from hendrix.entities import ConflictError, InvalidInputError, RefusedError
from hendrix.evaluation import Evaluation, compare, report
from hendrix.evaluation.facts import from_facts, to_facts
from hendrix.models import Verdict, promotion
from hendrix.models.operations import judge, promote_version
from hendrix.models.records import Promote
from hendrix.session import client
from hendrix.session.operations import events
from hendrix.session.records import History


@pytest.fixture(scope="session")
def rows():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"hour": rng.integers(0, 24, 600), "delay": rng.normal(size=600)})
    frame["late"] = frame["delay"] + frame["hour"] / 12 + rng.normal(size=600) > 1
    frame["origin"] = rng.choice(["EWR", "JFK"], 600)
    return frame


@pytest.fixture(scope="session")
def weak(rows):
    return LogisticRegression().fit(rows[["hour"]], rows["late"])


@pytest.fixture(scope="session")
def strong(rows):
    return LogisticRegression().fit(rows[["hour", "delay"]], rows["late"])


def average(rows):
    return np.full(len(rows), rows["late"].mean())


@pytest.mark.usefixtures("either")
def test_an_evaluation_of_a_version_is_kept_and_joined(unique, rows, strong):
    version = hx.log_model(strong, name=unique, example=rows)
    with hx.run("evaluate") as run:
        kept = hx.evaluate(version, rows, label="late", slices=["origin"])
    scores = version.load().predict(rows)
    assert np.allclose(scores, strong.predict_proba(rows[["hour", "delay"]])[:, 1], rtol=1e-12)
    direct = report(scores, rows, label="late", name=f"{unique}@1", slices=["origin"])
    assert kept.evaluation == direct
    assert kept.made
    assert kept.metrics["auc"] == direct.metric("auc").value
    assert version.metrics == kept.metrics
    assert [one.id for one in version.evaluations] == [kept.id]
    assert {node.ref for node in kept.lineage().upstream(depth=1)} == {version.ref, run.ref}
    assert kept.ref in {node.ref for node in version.lineage().downstream(depth=1)}
    assert str(kept) == str(direct)
    assert kept._repr_html_() == direct._repr_html_()


@pytest.mark.usefixtures("either")
def test_the_same_findings_again_are_the_same_evaluation(unique, rows, strong):
    version = hx.log_model(strong, name=unique, example=rows)
    first = hx.evaluate(version, rows, label="late")
    again = hx.evaluate(f"{unique}@1", rows, label="late")
    assert (again, again.made) == (first, False)
    other = hx.evaluate(version, rows, label="late", threshold=0.4)
    assert other != first
    assert [one.id for one in version.evaluations] == [other.id, first.id]


@pytest.mark.usefixtures("either")
def test_a_dataset_can_be_evaluated_on_and_is_joined(unique, tmp_path, rows, strong):
    pq.write_table(pa.Table.from_pandas(rows), tmp_path / "rows.parquet")
    dataset = hx.Dataset(unique, tmp_path / "rows.parquet")
    version = hx.log_model(strong, name=unique, example=rows)
    kept = hx.evaluate(version, dataset, label="late")
    assert {node.ref for node in kept.lineage().upstream(depth=1)} == {version.ref, dataset.ref}


@pytest.mark.usefixtures("either")
def test_scores_are_evaluated_under_a_stated_name(unique, rows):
    kept = hx.evaluate(average(rows), rows, label="late", name=f"average {unique}")
    assert kept.name == f"average {unique}"
    assert kept.metrics["auc"] == 0.5
    with pytest.raises(InvalidInputError, match="need a name"):
        hx.evaluate(average(rows), rows, label="late")
    with pytest.raises(InvalidInputError, match="@ separates"):
        hx.evaluate(average(rows), rows, label="late", name="delay@3")


@pytest.mark.usefixtures("either")
def test_a_version_takes_no_other_name_and_many_classes_are_refused(unique, rows, strong):
    version = hx.log_model(strong, name=unique, example=rows)
    with pytest.raises(InvalidInputError, match="called by its reference"):
        hx.evaluate(version, rows, label="late", name="mine")
    many = LogisticRegression().fit(rows[["hour"]], rows["hour"] % 3)
    with pytest.raises(InvalidInputError, match="probabilities of 3 classes"):
        hx.evaluate(hx.log_model(many, name=unique, example=rows), rows, label="late")
    with pytest.raises(InvalidInputError, match="no column 'delay'"):
        hx.evaluate(version, rows[["hour", "late"]], label="late")


@pytest.mark.usefixtures("either")
def test_the_first_champion_must_beat_the_stated_baseline(unique, rows, strong):
    version = hx.log_model(strong, name=unique, example=rows)
    with pytest.raises(RefusedError, match="has not been evaluated") as caught:
        hx.promote(version)
    assert "hx.evaluate" in caught.value.hint
    slice_of_rows = rows.iloc[: len(rows) - int(unique, 16) % 50]
    kept = hx.evaluate(version, slice_of_rows, label="late", keys=["hour", "delay"])
    name = f"average {unique}"
    with pytest.raises(RefusedError, match=f"no baseline '{name}' on the rows"):
        hx.promote(version, baseline=name)
    hx.evaluate(average(slice_of_rows), slice_of_rows, label="late", keys=["hour", "delay"], name=name)
    promotion = hx.promote(version, baseline=name)
    assert promotion.changed
    assert promotion.replaced is None
    assert hx.model(f"{unique}@champion") == version
    (verdict,) = promotion.verdicts
    assert f"is above 0.5000 of {name} (baseline)" in verdict.reason
    assert kept.entity.digest in verdict.evidence


@pytest.fixture
def champion(either, unique, rows, weak):
    """A weak champion, evaluated on the rows."""
    version = hx.log_model(weak, name=unique, example=rows)
    hx.evaluate(version, rows, label="late")
    hx.evaluate(average(rows), rows, label="late", name=f"average {unique}")
    hx.promote(version, baseline=f"average {unique}")
    return version


def test_a_better_version_replaces_the_champion_and_a_worse_one_is_refused(champion, unique, rows, strong):
    better = hx.log_model(strong, name=unique, example=rows)
    with pytest.raises(RefusedError, match="has not been evaluated"):
        hx.promote(better)
    hx.evaluate(better, rows, label="late")
    promotion = better.promote()
    assert (promotion.changed, promotion.replaced) == (True, champion.ref)
    assert better.aliases == ("champion",)
    assert hx.model(f"{unique}@champion") == better
    with pytest.raises(RefusedError) as caught:
        hx.promote(f"{unique}@1")
    said = str(caught.value)
    figures = [f"{version.metrics['auc']:.4f}" for version in (champion, better)]
    assert (
        f"auc {figures[0]} of {unique}@1 is not above {figures[1]} of {unique}@2 (champion) on the same 600 rows"
        in said
    )
    assert caught.value.details["gates"] == ["beats-champion"]
    assert caught.value.hint
    assert hx.model(f"{unique}@champion") == better
    with pytest.raises(RefusedError, match=r"log_loss .* is not below"):
        hx.promote(f"{unique}@1", metric="log_loss")


def test_a_promotion_is_an_event_with_its_verdicts(champion):
    told = client().call(events, History(ref=str(champion.id))).items
    promoted = next(event for event in told if event.kind == "model_version.promoted")
    assert promoted.payload["alias"] == "champion"
    assert promoted.payload["verdicts"][0]["passed"] is True


def test_promoting_the_champion_again_changes_nothing(champion):
    before = client().call(events, History(ref=str(champion.id))).items
    again = hx.promote(champion)
    assert (again.changed, again.version.id) == (False, champion.id)
    assert client().call(events, History(ref=str(champion.id))).items == before


@pytest.mark.usefixtures("champion")
def test_evaluations_on_other_rows_do_not_count(unique, rows, strong):
    better = hx.log_model(strong, name=unique, example=rows)
    hx.evaluate(better, rows.head(300), label="late")
    with pytest.raises(RefusedError, match="never evaluated on the same rows"):
        hx.promote(better)


@pytest.mark.usefixtures("champion")
def test_an_equal_figure_is_not_better(unique, rows, weak):
    same = hx.log_model(weak, name=unique, example=rows, metadata={"again": True})
    assert same.version == 2
    hx.evaluate(same, rows, label="late")
    with pytest.raises(RefusedError, match="is not above"):
        hx.promote(same)


def test_what_was_judged_must_still_stand_when_it_is_promoted(champion, unique, rows, strong):
    better = hx.log_model(strong, name=unique, example=rows)
    hx.evaluate(better, rows, label="late")
    judged = client().call(judge, Promote(ref=better.ref))
    assert judged.passed
    hx.evaluate(better, rows.head(200), label="late")
    with pytest.raises(ConflictError, match="has changed since"):
        client().call(promote_version, Promote(ref=better.ref, expected=judged.digest))
    assert hx.model(f"{unique}@champion") == champion


def test_a_deleted_champion_is_none(champion, unique, rows, strong):
    better = hx.log_model(strong, name=unique, example=rows)
    hx.evaluate(better, rows, label="late")
    champion.delete()
    assert hx.promote(better, baseline=f"average {unique}").replaced is None
    with pytest.raises(ConflictError, match="was deleted"):
        hx.promote(champion)


class Broken:
    name = "broken"

    def check(self, candidacy):
        return 1 / 0


class Sloppy:
    name = "sloppy"

    def check(self, candidacy):
        return True


class Closed:
    name = "two-pairs-of-eyes"

    def check(self, candidacy):
        return Verdict(gate=self.name, passed=False, reason="nobody has approved it", hint="Ask a colleague.")


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (Broken, "'broken' says: it failed with ZeroDivisionError"),
        (Sloppy, "'sloppy' says: it answered True, which is no verdict"),
        (Closed(), "'two-pairs-of-eyes' says: nobody has approved it"),
    ],
)
@pytest.mark.usefixtures("hx_home")
def test_every_gate_must_pass_and_a_broken_one_says_no(rows, strong, monkeypatch, gate, said):
    version = hx.log_model(strong, name="delay", example=rows)
    hx.evaluate(version, rows, label="late")
    hx.evaluate(average(rows), rows, label="late", name="average")
    module = types.ModuleType("gates_of_a_test")
    module.gate = gate
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(promotion, "_gates", promotion._gates.__wrapped__)
    monkeypatch.setattr(plugins, "GATES", (*plugins.GATES, "gates_of_a_test:gate"))
    with pytest.raises(RefusedError, match=said):
        hx.promote(version)
    monkeypatch.undo()
    assert hx.promote(version).changed


@pytest.mark.usefixtures("hx_home")
def test_a_gate_that_can_not_be_loaded_stops_all_promotions(unique, rows, strong, monkeypatch):
    version = hx.log_model(strong, name=unique, example=rows)
    hx.evaluate(version, rows, label="late")
    hx.evaluate(average(rows), rows, label="late", name="average")
    monkeypatch.setattr(plugins, "GATES", (*plugins.GATES, "no_such_package.gates:Gate"))
    with pytest.raises(RefusedError, match=r"can't be loaded.*no_such_package"):
        hx.promote(version)
    assert hx.model(unique).aliases == ()


@pytest.mark.usefixtures("hx_home")
def test_any_baseline_on_the_rows_must_be_beaten_when_none_is_stated(unique, rows, weak, strong):
    version = hx.log_model(weak, name=unique, example=rows)
    hx.evaluate(version, rows, label="late")
    hx.evaluate(average(rows), rows, label="late", name="average")
    hx.evaluate(strong.predict_proba(rows[["hour", "delay"]])[:, 1], rows, label="late", name="oracle")
    with pytest.raises(RefusedError, match=r"of oracle \(baseline\)"):
        hx.promote(version)
    assert hx.promote(version, baseline="average").changed


def test_facts_hold_the_evaluation_without_loss(rows):
    found = report(average(rows), rows, label="late", name="average", slices=["origin", "hour"], most_slices=3)
    facts = to_facts(found, "baseline")
    assert facts["metrics"]["auc"]["value"] == 0.5
    assert from_facts(facts) == found
    assert isinstance(from_facts(facts), Evaluation)


@pytest.mark.usefixtures("hx_home")
def test_reports_compare(unique, rows, strong):
    version = hx.log_model(strong, name=unique, example=rows)
    mine = hx.evaluate(version, rows, label="late", slices=["origin"])
    other = hx.evaluate(average(rows), rows, label="late", name="average", slices=["origin"])
    both = compare(mine, other)
    assert both.same_rows
    assert both.metric("auc").better
    assert len(both.slices) == 2


def test_the_operations_and_the_gate_need_no_heavy_library():
    program = """
import sys
import hendrix.models, hendrix.evaluation, hendrix.models.operations, hendrix.evaluation.operations, hendrix.evaluation.gate
heavy = {"numpy", "pyarrow", "pandas", "sklearn", "mlflow", "polars"} & set(sys.modules)
sys.exit(", ".join(sorted(heavy)))
"""
    assert (
        subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True).stderr.strip()
        == ""
    )
