"""Models are logged, found, called by aliases and joined to what they came from, on both transports."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.linear_model import LogisticRegression

import hendrix as hx
from hendrix.entities import InvalidInputError, Kind, NotFoundError, RefusedError
from hendrix.models import FeatureLookup, InputSource, load
from hendrix.session import client
from hendrix.session.operations import events, list_entities
from hendrix.session.records import History, List

INPUTS = ["hour", "delay"]


@pytest.mark.usefixtures("either")
def test_a_logged_model_is_found_and_gives_the_same_answers(unique, rows, fitted):
    version = hx.log_model(fitted, name=unique, example=rows[INPUTS].head(), tags={"team": "ops"})
    assert version.made
    assert (version.version, version.ref) == (1, f"hx://default/model/{unique}@1")
    assert version.digest.startswith("sha256:")
    assert (version.tags, version.metrics) == ({"team": "ops"}, {})
    for ref in (unique, f"{unique}@1", f"{unique}@latest", version.ref, str(version.id)):
        assert hx.model(ref) == version
    wanted = fitted.predict_proba(rows[INPUTS])[:, 1]
    assert np.allclose(hx.model(unique).load().predict(rows), wanted, rtol=1e-12)
    assert np.allclose(load(version.folder()).predict(rows), wanted, rtol=1e-12)
    assert version.facts.model_class == "LogisticRegression"
    assert version.signature.output == "probability"


@pytest.mark.usefixtures("either")
def test_the_same_model_again_is_the_same_version_and_another_is_the_next(unique, rows, fitted):
    first = hx.log_model(fitted, name=unique, example=rows[INPUTS])
    again = hx.log_model(fitted, name=unique, example=rows[INPUTS])
    assert (again, again.made) == (first, False)
    other = LogisticRegression(C=0.1).fit(rows[INPUTS], rows["late"])
    second = hx.log_model(other, name=unique, example=rows[INPUTS])
    assert (second.version, second.made) == (2, True)
    assert hx.model(unique) == second
    assert len(client().call(list_entities, List(container=f"hx://default/model/{unique}")).items) == 2


@pytest.mark.usefixtures("either")
def test_a_version_is_joined_to_its_run_and_to_what_the_run_has_read(unique, tmp_path, rows, fitted):
    pq.write_table(pa.Table.from_pandas(rows), tmp_path / "rows.parquet")
    dataset = hx.Dataset(unique, tmp_path / "rows.parquet")
    with hx.run("train", project=unique) as run:
        table = dataset.read()
        version = hx.log_model(fitted, name=unique, example=table, project=unique)
    upstream = {node.ref for node in version.lineage().upstream(depth=1)}
    assert upstream == {dataset.ref, run.ref}
    assert version.entity.project == unique
    outside = hx.log_model(lambda frame: frame["hour"], name=unique, example=table, run=run)
    assert run.ref in {node.ref for node in outside.lineage().upstream(depth=1)}


@pytest.mark.usefixtures("either")
def test_a_model_knows_the_feature_views_of_its_training_frame(unique, tmp_path):
    rng = np.random.default_rng(4)
    moments = pd.to_datetime(rng.integers(0, 20, 200), unit="h", origin="2013-01-01", utc=True).astype(
        "datetime64[us, UTC]"
    )
    facts = pa.table(
        {
            "carrier": rng.choice(["UA", "AA"], 200).tolist(),
            "at": pa.array(moments),
            "delay": rng.normal(size=200),
        }
    )
    pq.write_table(facts, tmp_path / "facts.parquet")
    source = hx.Dataset(f"{unique}-facts", tmp_path / "facts.parquet", timestamp="at")
    view = hx.FeatureView(
        f"delays{unique}",
        entity=hx.Entity("carrier"),
        source=source,
        features=[hx.window.mean("delay", "5h", name="mean"), hx.window.count("5h", name="count")],
    )
    spine = {"carrier": ["UA", "AA"] * 20, "time": [datetime(2013, 1, 1, 20, tzinfo=UTC)] * 40, "hour": list(range(40))}
    frame = hx.training_frame(pa.table(spine), [view])
    mean = f"delays{unique}__mean"
    model = LogisticRegression().fit(frame.select(["hour", mean]).to_pandas(), [0, 1] * 20)
    version = hx.log_model(model, name=unique, example=frame.slice(0, 5))
    lookup = version.facts.features
    assert lookup == FeatureLookup(
        views=lookup.views,
        inputs=(InputSource(column="hour"), InputSource(column=mean, view=view.name, feature="mean")),
    )
    (pinned,) = lookup.views
    assert (pinned.name, pinned.version, pinned.keys) == (view.name, 1, {"carrier": "string"})
    assert (pinned.id, pinned.digest) == (view.graph_entity.id, view.graph_entity.digest)
    assert {view.ref, source.ref} <= {node.ref for node in version.lineage().upstream()}
    # A pandas frame can't say which views are in it, so they are given.
    plain = frame.to_pandas()
    assert hx.log_model(model, name=unique, example=plain, features=[view]).facts.features == lookup
    assert load(version.folder()).features == lookup
    with pytest.raises(InvalidInputError, match="no feature of the view"):
        hx.log_model(lambda f: f["hour"], name=unique, example=plain[["hour"]], features=[view])
    assert hx.log_model(lambda f: f["hour"], name=unique, example=plain[["hour"]]).facts.features is None


@pytest.mark.usefixtures("either")
def test_aliases_are_set_moved_and_taken_away(unique, rows, fitted):
    first = hx.log_model(fitted, name=unique, example=rows[INPUTS])
    second = hx.log_model(lambda frame: frame["hour"], name=unique, example=rows[INPUTS])
    first.alias("shadow")
    assert hx.model(f"{unique}@shadow") == first
    second.alias("shadow")
    assert hx.model(f"{unique}@shadow") == second
    assert hx.model(first.ref).aliases == ()
    second.unalias("shadow")
    with pytest.raises(NotFoundError, match="no version or alias 'shadow'"):
        hx.model(f"{unique}@shadow")
    for reserved in ("latest", "v3", "3"):
        with pytest.raises(InvalidInputError, match="can't be an alias"):
            first.alias(reserved)
    with pytest.raises(NotFoundError, match="no version or alias 'shadow'"):
        first.unalias("shadow")


@pytest.mark.usefixtures("either")
def test_champion_is_given_by_the_gates_alone(unique, rows, fitted):
    version = hx.log_model(fitted, name=unique, example=rows[INPUTS])
    with pytest.raises(RefusedError, match="beats-champion"):
        version.alias("champion")
    assert hx.model(unique).aliases == ()


@pytest.mark.usefixtures("either")
def test_unknown_models_versions_and_other_things_are_named(unique, rows, fitted):
    hx.log_model(fitted, name=unique, example=rows[INPUTS])
    with pytest.raises(NotFoundError, match=f"no model named '{unique}x'"):
        hx.model(f"{unique}x")
    with pytest.raises(NotFoundError, match="no version '7'"):
        hx.model(f"{unique}@7")
    with pytest.raises(InvalidInputError, match="can't be a name"):
        hx.log_model(fitted, name="a@b", example=rows[INPUTS])
    run = hx.run(unique)
    with pytest.raises(InvalidInputError, match="is a run, not a version"):
        hx.model(run.ref)
    run.finish()


@pytest.mark.usefixtures("either")
def test_a_model_that_can_not_be_saved_leaves_nothing_in_the_graph(unique, rows):
    with pytest.raises(InvalidInputError, match="is no model"):
        hx.log_model(3, name=unique, example=rows)
    with pytest.raises(InvalidInputError, match="failed on 5 rows"):
        hx.log_model(lambda frame: frame["nothing"], name=unique, example=rows.head())
    assert client().call(list_entities, List(kind=Kind.MODEL, text=unique)).items == ()


@pytest.mark.usefixtures("either")
def test_a_version_shows_itself(unique, rows, fitted):
    version = hx.log_model(fitted, name=unique, example=rows[INPUTS])
    assert repr(version) == f"<ModelVersion {unique}@1>"
    card = version._repr_html_()
    assert "LogisticRegression" in card
    assert f"hx.deploy(&quot;{unique}@1&quot;)" in card
    assert len(card) < 30_000


@pytest.mark.usefixtures("either")
def test_each_change_is_an_event(unique, rows, fitted):
    version = hx.log_model(fitted, name=unique, example=rows[INPUTS])
    version.alias("shadow")
    told = [event.kind for event in client().call(events, History(ref=str(version.id))).items]
    assert told == ["model_version.aliased", "model_version.created"]
