"""A saved model gives the same answers when it is loaded, by us and by stock MLflow."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from hendrix.entities.errors import (
    ConflictError,
    HendrixError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
)
from hendrix.models import FeatureLookup, InputSource, ModelFacts, PinnedView, load, read_facts, save

if TYPE_CHECKING:
    from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

NUMBERS = ["hour", "delay", "night"]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    made = pd.DataFrame(
        {
            "carrier": pd.Categorical(rng.choice(["UA", "AA", "DL"], 400)),
            "hour": rng.integers(0, 24, 400),
            "delay": rng.normal(size=400),
            "night": rng.random(400) < 0.3,
        }
    )
    made.loc[::7, "delay"] = np.nan
    return made


@pytest.fixture(scope="module")
def late(frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    return (frame["hour"] + frame["delay"].fillna(0) * 3 > 12).to_numpy()


class Average:
    """A model of nobody's library."""

    def predict(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        return frame["hour"].to_numpy(float) / 24


def constant(frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    return np.full(len(frame), 0.25)


def boosted(frame: pd.DataFrame, late: np.ndarray[Any, Any]) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(max_iter=10, categorical_features="from_dtype").fit(frame, late)


def test_a_classifier_gives_the_probability_of_the_positive_class(
    tmp_path: Path, frame: pd.DataFrame, late: np.ndarray[Any, Any]
) -> None:
    model = boosted(frame, late)
    facts = save(model, tmp_path / "m", example=frame.head())
    assert facts == read_facts(tmp_path / "m")
    assert (facts.flavour, facts.model_class) == ("sklearn", "HistGradientBoostingClassifier")
    assert facts.signature is not None
    assert [(c.name, c.type, c.category) for c in facts.signature.inputs] == [
        ("carrier", "string", True),
        ("hour", "long", False),
        ("delay", "double", False),
        ("night", "boolean", False),
    ]
    assert (facts.signature.output, facts.signature.classes) == ("probability", ("False", "True"))
    loaded = load(tmp_path / "m")
    wanted = model.predict_proba(frame)[:, 1]
    assert np.array_equal(loaded.predict(frame), wanted)
    table = pa.Table.from_pandas(frame)
    assert np.array_equal(loaded.predict(table.select(table.column_names[::-1])), wanted)
    assert np.array_equal(loaded.predict(pl.from_arrow(table)), wanted)
    assert np.array_equal(loaded.predict(table.to_pydict()), wanted)
    assert np.array_equal(loaded.predict(table.to_pylist()), wanted)


def test_stock_mlflow_loads_the_folder(tmp_path: Path, frame: pd.DataFrame, late: np.ndarray[Any, Any]) -> None:
    import mlflow.pyfunc
    import mlflow.sklearn

    numbers = frame[NUMBERS]
    model = HistGradientBoostingClassifier(max_iter=10).fit(numbers, late)
    save(model, tmp_path / "m", example=numbers)
    native = mlflow.sklearn.load_model(str(tmp_path / "m"))
    assert np.array_equal(native.predict_proba(numbers), model.predict_proba(numbers))
    stock = mlflow.pyfunc.load_model(str(tmp_path / "m"))
    assert np.array_equal(stock.predict(numbers), model.predict_proba(numbers))
    assert [column.name for column in stock.metadata.signature.inputs] == NUMBERS
    save(constant, tmp_path / "f", example=numbers)
    assert np.array_equal(mlflow.pyfunc.load_model(str(tmp_path / "f")).predict(numbers), constant(numbers))


def test_a_function_loads_in_stock_mlflow_without_our_package(tmp_path: Path) -> None:
    program = f"""
import sys
import mlflow.pyfunc, pandas
model = mlflow.pyfunc.load_model({str(tmp_path / "f")!r})
assert list(model.predict(pandas.DataFrame({{"x": [1.0, 2.0]}}))) == [2.0, 4.0]
assert not any(name.split(".")[0] == "hendrix" for name in sys.modules)
"""
    save(lambda frame: frame["x"] * 2, tmp_path / "f", example={"x": [1.0]})
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)


def test_a_folder_that_stock_mlflow_wrote_can_be_loaded(
    tmp_path: Path, frame: pd.DataFrame, late: np.ndarray[Any, Any]
) -> None:
    import mlflow.sklearn
    from mlflow.models import infer_signature

    numbers = frame[["hour", "delay"]].astype(float)
    model = HistGradientBoostingClassifier(max_iter=10).fit(numbers, late)
    for name, signature in (("with", infer_signature(numbers)), ("without", None)):
        mlflow.sklearn.save_model(
            model,
            tmp_path / name,
            signature=signature,
            serialization_format="cloudpickle",
            pip_requirements=["scikit-learn"],
        )
        loaded = load(tmp_path / name)
        assert (loaded.signature is None) == (name == "without")
        assert np.array_equal(loaded.predict(numbers)[:, 1], model.predict_proba(numbers)[:, 1])


def test_pipelines_keep_their_names(tmp_path: Path, frame: pd.DataFrame, late: np.ndarray[Any, Any]) -> None:
    prepared = make_column_transformer((OneHotEncoder(), ["carrier"]), (StandardScaler(), ["hour"]))
    model = make_pipeline(prepared, LogisticRegression()).fit(frame[["carrier", "hour"]], late)
    facts = save(model, tmp_path / "m", example=frame)
    assert facts.model_class == "Pipeline of LogisticRegression"
    assert facts.signature is not None
    assert [column.name for column in facts.signature.inputs] == ["carrier", "hour"]
    assert not facts.matrix
    assert np.array_equal(load(tmp_path / "m").predict(frame), model.predict_proba(frame)[:, 1])


def test_a_model_of_numbers_takes_the_matrix_and_one_that_asks_for_names_does_not(
    tmp_path: Path, frame: pd.DataFrame, late: np.ndarray[Any, Any]
) -> None:
    numbers = frame[NUMBERS]
    plain = HistGradientBoostingClassifier(max_iter=10).fit(numbers, late)
    assert save(plain, tmp_path / "plain", example=numbers).matrix
    loaded = load(tmp_path / "plain")
    wanted = plain.predict_proba(numbers)[:, 1]
    arrays = {name: numbers[name].to_numpy(float) for name in reversed(NUMBERS)}
    assert np.array_equal(loaded.predict(arrays), wanted)
    assert np.array_equal(loaded.predict(numbers), wanted)
    named = make_pipeline(make_column_transformer((StandardScaler(), ["hour"])), LogisticRegression())
    assert not save(named.fit(numbers, late), tmp_path / "named", example=numbers).matrix
    unnamed = LogisticRegression().fit(numbers[["hour"]].to_numpy(), late)
    save(unnamed, tmp_path / "unnamed", example=numbers[["hour"]])
    assert np.allclose(
        load(tmp_path / "unnamed").predict(numbers), unnamed.predict_proba(numbers[["hour"]].to_numpy())[:, 1]
    )


def test_more_classes_give_more_columns_and_a_regressor_gives_values(tmp_path: Path, frame: pd.DataFrame) -> None:
    numbers = frame[["hour", "night"]]
    many = LogisticRegression().fit(numbers, frame["carrier"])
    facts = save(many, tmp_path / "many", example=numbers)
    assert facts.signature is not None
    assert (facts.signature.output, facts.signature.classes) == ("probabilities", ("AA", "DL", "UA"))
    assert load(tmp_path / "many").predict(numbers).shape == (400, 3)
    value = HistGradientBoostingRegressor(max_iter=5).fit(numbers, frame["delay"].fillna(0))
    save(value, tmp_path / "value", example=numbers)
    assert np.array_equal(load(tmp_path / "value").predict(numbers), value.predict(numbers))


@pytest.mark.parametrize("model", [Average(), constant, lambda frame: frame["hour"] / 24])
def test_anything_that_predicts_is_a_model(tmp_path: Path, frame: pd.DataFrame, model: Any) -> None:
    facts = save(model, tmp_path / "m", example=frame)
    assert facts.flavour == "python_function"
    wanted = np.asarray(model.predict(frame) if hasattr(model, "predict") else model(frame))
    assert np.array_equal(load(tmp_path / "m").predict(frame), wanted)


def test_missing_values_come_as_nan_whatever_the_type_was_in_the_example(tmp_path: Path) -> None:
    def nulls(frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        return frame.isna().sum(axis=1).to_numpy(float)

    example = pa.table({"whole": [1, 2], "share": [0.5, 1.0], "flag": [True, False], "word": ["a", "b"]})
    save(nulls, tmp_path / "m", example=example)
    rows = [
        {"whole": None, "share": None, "flag": None, "word": None},
        {"whole": 1, "share": 2.0, "flag": True, "word": "x"},
    ]
    assert list(load(tmp_path / "m").predict(rows)) == [4, 0]
    arrays = {
        "whole": np.array([np.nan, 1.0]),
        "share": np.array([np.nan, 1.0]),
        "flag": [None, True],
        "word": [None, "x"],
    }
    assert list(load(tmp_path / "m").predict(arrays)) == [4, 0]


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("hour", "noon", "'hour' is no long"),
        ("hour", 1.5, "'hour' is no long"),
        ("delay", "much", "'delay' is no double"),
        ("carrier", 3, "'carrier' is no string"),
        ("night", "yes", "'night' is no boolean"),
    ],
)
def test_a_value_of_another_type_is_refused_by_column(
    tmp_path: Path, frame: pd.DataFrame, column: str, value: object, named: str
) -> None:
    save(constant, tmp_path / "m", example=frame)
    row = {"carrier": "UA", "hour": 3, "delay": 1.0, "night": True, column: value}
    with pytest.raises(InvalidInputError, match=named):
        load(tmp_path / "m").predict([row])
    del row[column]
    with pytest.raises(InvalidInputError, match=f"no column {column!r}"):
        load(tmp_path / "m").predict([row])


def test_whole_numbers_and_floats_stand_for_each_other_where_nothing_is_lost(
    tmp_path: Path, frame: pd.DataFrame
) -> None:
    save(lambda f: f["hour"] + f["delay"], tmp_path / "m", example=frame[["hour", "delay"]])
    assert list(load(tmp_path / "m").predict([{"hour": 3.0, "delay": 1}])) == [4.0]


def test_equal_models_are_equal_folders(tmp_path: Path, frame: pd.DataFrame, late: np.ndarray[Any, Any]) -> None:
    model = boosted(frame, late)
    save(model, tmp_path / "a", example=frame)
    save(model, tmp_path / "b", example=frame)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == ["MLmodel", "conda.yaml", "model.pkl", "python_env.yaml", "requirements.txt"]
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_features_and_metadata_travel_in_the_mlmodel(tmp_path: Path, frame: pd.DataFrame) -> None:
    lookup = FeatureLookup(
        views=(
            PinnedView(name="carrier_delays", version=2, id=uuid4(), digest="sha256:1", keys={"carrier": "string"}),
        ),
        inputs=(
            InputSource(column="hour"),
            InputSource(column="delay", view="carrier_delays", feature="delay"),
        ),
    )
    save(constant, tmp_path / "m", example=frame[["hour", "delay"]], features=lookup, metadata={"note": 1})
    facts = read_facts(tmp_path / "m")
    assert (facts.features, facts.metadata) == (lookup, {"note": 1})
    assert msgspec.json.decode(msgspec.json.encode(facts), type=ModelFacts) == facts


def test_own_code_travels_with_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "own_rule.py").write_text("class Rule:\n    def predict(self, frame):\n        return frame['x'] * 3\n")
    monkeypatch.syspath_prepend(str(source))
    rule = importlib.import_module("own_rule").Rule()
    save(rule, tmp_path / "m", example={"x": [1.0]}, code=[source / "own_rule.py"])
    program = "from hendrix.models import load\nassert list(load('m').predict({'x': [2.0]})) == [6.0]"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)


@pytest.mark.parametrize(
    ("model", "example", "named"),
    [
        (3, {"x": [1.0]}, "a int is no model"),
        (constant, {"x": []}, "no rows"),
        (constant, 5, "not int"),
        (constant, {"x": [[1.0]]}, "'x' has the type list"),
        (lambda frame: frame["y"], {"x": [1.0]}, "failed on 1 rows"),
        (lambda frame: np.zeros(7), {"x": [1.0]}, r"shape \(7,\) for 1 rows"),
        (
            LogisticRegression().fit(pd.DataFrame({"a": [0, 1], "b": [1, 0]}), [0, 1]),
            {"a": [1]},
            "no column 'b'",
        ),
        (
            LogisticRegression().fit([[0, 1], [1, 0]], [0, 1]),
            {"a": [1]},
            "fitted on 2 columns, the example has 1",
        ),
    ],
)
def test_what_can_not_be_a_model_is_refused_and_leaves_nothing(
    tmp_path: Path, model: Any, example: Any, named: str
) -> None:
    with pytest.raises(InvalidInputError, match=named):
        save(model, tmp_path / "m", example=example)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_holds_an_open_file_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as held, pytest.raises(InvalidInputError, match="can't be saved"):
        save(lambda frame: [held for _ in frame["x"]], tmp_path / "m", example={"x": [1.0]})
    assert [path.name for path in tmp_path.iterdir()] == ["open"]


def test_a_folder_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ConflictError, match="exists"):
        save(constant, tmp_path, example={"x": [1.0]})


def test_a_broken_folder_is_one_clear_error(tmp_path: Path, frame: pd.DataFrame, late: np.ndarray[Any, Any]) -> None:
    with pytest.raises(NotFoundError, match="no MLmodel"):
        load(tmp_path / "nowhere")
    save(boosted(frame, late), tmp_path / "m", example=frame)
    (tmp_path / "m" / "model.pkl").write_bytes(b"no pickle")
    with pytest.raises(InvalidInputError, match="can't be loaded") as caught:
        load(tmp_path / "m")
    assert "scikit-learn 1." in caught.value.hint
    for text in ("", "flavors: 3", "{:", "flavors: {spark: {}}"):
        (tmp_path / "m" / "MLmodel").write_text(text)
        with pytest.raises(HendrixError):
            load(tmp_path / "m")


def test_loading_code_can_be_forbidden(
    tmp_path: Path, frame: pd.DataFrame, late: np.ndarray[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    save(boosted(frame, late), tmp_path / "m", example=frame)
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    with pytest.raises(RefusedError, match="forbidden"):
        load(tmp_path / "m")


def test_a_scikit_learn_model_loads_without_mlflow(
    tmp_path: Path, frame: pd.DataFrame, late: np.ndarray[Any, Any]
) -> None:
    save(boosted(frame, late), tmp_path / "m", example=frame)
    program = """
import sys
from hendrix.models import load
model = load("m")
model.predict([{"carrier": "UA", "hour": 3, "delay": 1.0, "night": True}])
assert "mlflow" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)
