"""Models as MLmodel folders: written through MLflow's flavours, read without it where that is possible."""

from __future__ import annotations

import platform
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import yaml

from hendrix.data import as_table
from hendrix.entities import ConflictError, HendrixError, InvalidInputError, NotFoundError
from hendrix.models import flavours
from hendrix.models.loaded import BINARY, LoadedModel
from hendrix.models.records import Column, ModelFacts, Signature
from hendrix.models.signature import infer_columns, is_numeric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from hendrix.models.records import FeatureLookup

OURS = "hendrix"
"""The key of our own words in the MLmodel's metadata."""

VOLATILE = ("model_uuid", "utc_time_created")
"""What MLflow writes anew at each save; without it, equal models are equal folders."""

DISTRIBUTIONS = {
    "sklearn": ("scikit-learn", "numpy", "pandas", "cloudpickle"),
    "xgboost": ("xgboost", "numpy", "pandas"),
    "lightgbm": ("lightgbm", "numpy", "pandas"),
    "catboost": ("catboost", "numpy", "pandas"),
    "pytorch": ("torch", "numpy", "pandas"),
    flavours.FUNCTION: ("cloudpickle", "numpy", "pandas"),
}


def save(
    model: object,
    path: Path | str,
    *,
    example: Any,
    features: Callable[[Signature], FeatureLookup | None] | FeatureLookup | None = None,
    code: Sequence[Path | str] = (),
    metadata: Mapping[str, Any] | None = None,
) -> ModelFacts:
    """Write a model as an MLmodel folder that stock MLflow loads too.

    The flavour is found by the model's class: scikit-learn (pipelines too), XGBoost, LightGBM, CatBoost,
    PyTorch, else a Python function: anything callable or with a `predict` that takes a pandas frame. The
    folder is read back and asked for the example before it is put in place, so that what can't be loaded
    is noticed here. Equal models give equal folders, byte for byte.

    Parameters
    ----------
    model
        The fitted model.
    path
        The folder to make; it must not exist yet.
    example
        A few rows of what the model takes, any kind of table; from it the signature is inferred. Columns that
        a model with names of its own does not take are left aside.
    features
        Where a serving model finds its inputs, or a function that tells it from the signature.
    code
        Files and folders of Python code that the model needs and that no package brings.
    metadata
        Further values to keep with it (JSON).

    Raises
    ------
    InvalidInputError
        When it is no model, the example does not fit it, or it can't be pickled or loaded again.
    ConflictError
        When the path exists.
    """
    target = Path(path)
    if target.exists():
        message = f"{target} exists"
        raise ConflictError(message, hint="Give a folder that is not there yet.")
    flavour = flavours.flavour_of(model)
    table = _rows(as_table(example, "the example"))
    signature = _signature(model, table)
    facts = ModelFacts(
        flavour=flavour,
        model_class=flavours.class_name(model),
        signature=signature,
        features=features(signature) if callable(features) else features,
        libraries=_libraries(flavour),
        metadata=dict(metadata or {}),
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".saving-", dir=target.parent))
    try:
        folder = workshop / "model"
        _write(model, folder, facts, code)
        facts = _proved(folder, facts, table, named=hasattr(model, "feature_names_in_"))
        folder.rename(target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return facts


def load(path: Path | str) -> LoadedModel:
    """Load a model from its MLmodel folder.

    Loading a model runs code: a pickle, which most flavours are, can do whatever the one who wrote it
    wished. Load what you or people whom you trust have made. `MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false`
    forbids it, as it does in MLflow.

    A scikit-learn model is unpickled without importing MLflow, which takes seconds.

    Raises
    ------
    NotFoundError
        When there is no such folder or no MLmodel in it.
    InvalidInputError
        When the model can't be loaded here, naming the libraries that it was saved with.
    """
    document = _document(Path(path))
    facts = _facts(document, Path(path))
    try:
        model = flavours.read(Path(path), facts.flavour, document["flavors"][facts.flavour])
    except HendrixError:
        raise
    except Exception as error:
        made = ", ".join(f"{name} {version}" for name, version in facts.libraries.items())
        message = f"the {facts.flavour} model can't be loaded: {type(error).__name__}: {error}"
        raise InvalidInputError(message, hint=f"it was saved with {made}" if made else "") from error
    if facts.matrix and hasattr(model, "feature_names_in_"):
        # Its columns come in order and checked, so it need not compare their names at each call.
        del model.feature_names_in_
    return LoadedModel(model, facts)


def read_facts(path: Path | str) -> ModelFacts:
    """Read what a model's folder says of it, without loading the model or running its code.

    Raises
    ------
    NotFoundError
        When there is no such folder or no MLmodel in it.
    """
    return _facts(_document(Path(path)), Path(path))


def _rows(table: pa.Table) -> pa.Table:
    if not table.num_rows:
        message = "the example has no rows"
        raise InvalidInputError(message, hint="Give a few rows of what the model takes: example=frame.slice(0, 5).")
    return table.slice(0, 100)


def _signature(model: object, example: pa.Table) -> Signature:
    names = getattr(model, "feature_names_in_", None)
    inputs = infer_columns(example, example.column_names if names is None else [str(name) for name in names])
    wanted = getattr(model, "n_features_in_", None)
    if wanted is not None and wanted != len(inputs):
        message = f"the model was fitted on {wanted} columns, the example has {len(inputs)}"
        raise InvalidInputError(message, hint=f"It has {', '.join(example.column_names)}.")
    classes = getattr(model, "classes_", None)
    if classes is None or not hasattr(model, "predict_proba") or np.ndim(classes) != 1:
        return Signature(inputs=inputs, output="value")
    return Signature(
        inputs=inputs,
        output="probability" if len(classes) == BINARY else "probabilities",
        classes=tuple(str(name) for name in classes),
    )


def _libraries(flavour: str) -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in DISTRIBUTIONS[flavour]} | {"python": platform.python_version()}


def _write(model: object, folder: Path, facts: ModelFacts, code: Sequence[Path | str]) -> None:
    types = flavours.mlflow("types")
    columns = facts.signature.inputs if facts.signature else ()
    schema = types.Schema([types.ColSpec(column.type, column.name, required=False) for column in columns])
    options: dict[str, Any] = {
        "signature": flavours.mlflow("models").ModelSignature(inputs=schema),
        "pip_requirements": [f"{name}=={number}" for name, number in facts.libraries.items() if name != "python"],
        "metadata": {OURS: {}},
    }
    if code:
        options["code_paths"] = [str(part) for part in code]
    try:
        flavours.write(model, folder, facts.flavour, options)
    except HendrixError:
        raise
    except Exception as error:
        message = f"the {facts.model_class} can't be saved: {error}"
        raise InvalidInputError(
            message, hint="A model must be picklable: no open files, locks or clients in it."
        ) from error


def _proved(folder: Path, facts: ModelFacts, example: pa.Table, *, named: bool) -> ModelFacts:
    """Read the folder back and ask it for the example, by the frame and, where it may, by the matrix."""
    signature = facts.signature
    numeric = facts.flavour == "sklearn" and signature is not None and is_numeric(signature.inputs)
    shorter = replace(facts, matrix=True)
    if numeric and not named:
        facts = shorter
    _finish(folder, facts)
    answers = load(folder).predict(example)
    if not numeric or facts.matrix:
        return facts
    _finish(folder, shorter)
    try:
        same = _same(load(folder).predict(example), answers)
    except (HendrixError, AttributeError):  # it asks for columns by name, so it is given names
        same = False
    if same:
        return shorter
    _finish(folder, facts)
    return facts


def _same(answers: np.ndarray[Any, Any], others: np.ndarray[Any, Any]) -> bool:
    if answers.dtype.kind != "f":
        return np.array_equal(answers, others)
    # A linear model sums in another order when its numbers lie in another order in memory.
    return np.allclose(answers, others, rtol=1e-12, atol=1e-15, equal_nan=True)


def _finish(folder: Path, facts: ModelFacts) -> None:
    """Write our own words into the MLmodel, and take out what changes from save to save."""
    document = _document(folder)
    for name in VOLATILE:
        document.pop(name, None)
    document["metadata"] = {OURS: msgspec.to_builtins(facts)}
    (folder / "MLmodel").write_text(yaml.safe_dump(document, default_flow_style=False, sort_keys=True))


def _document(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = yaml.safe_load((path / "MLmodel").read_text())
    except OSError as error:
        message = f"there is no MLmodel in {path}"
        raise NotFoundError(message, hint="Give the folder of a model that was saved in MLflow's format.") from error
    except yaml.YAMLError as error:
        message = f"the MLmodel in {path} can't be read: {error}"
        raise InvalidInputError(message, hint="Save the model again.") from error
    found = document.get("flavors") if isinstance(document, dict) else None
    if not isinstance(found, dict) or not found:
        message = f"the MLmodel in {path} names no flavour"
        raise InvalidInputError(message, hint="Save the model again.")
    return document


def _facts(document: Mapping[str, Any], path: Path) -> ModelFacts:
    ours = (document.get("metadata") or {}).get(OURS)
    if ours:
        try:
            return msgspec.convert(ours, ModelFacts)
        except msgspec.ValidationError as error:
            message = f"the MLmodel in {path} can't be understood: {error}"
            raise InvalidInputError(message, hint="It may have been written by a newer version: upgrade.") from error
    known = [name for name in flavours.BY_LIBRARY.values() if name in document["flavors"]]
    flavour = known[0] if known else flavours.FUNCTION
    if flavour not in document["flavors"]:
        message = f"the flavours of the model in {path} are {', '.join(document['flavors'])}"
        raise InvalidInputError(message, hint=f"One of {', '.join(DISTRIBUTIONS)} can be loaded.")
    return ModelFacts(flavour=flavour, signature=_foreign_signature(document))


def _foreign_signature(document: Mapping[str, Any]) -> Signature | None:
    text = (document.get("signature") or {}).get("inputs")
    columns = msgspec.json.decode(text) if text else []
    if not columns or not all(isinstance(c, dict) and "name" in c for c in columns):
        return None
    try:
        inputs = msgspec.convert([{"name": c["name"], "type": c["type"]} for c in columns], tuple[Column, ...])
    except msgspec.ValidationError:  # a type that we don't know (arrays, objects): the model takes it as it comes
        return None
    return Signature(inputs=inputs, output="value")
