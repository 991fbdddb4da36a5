"""Which of MLflow's flavours a model has, and how each is written, read and asked."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from hendrix.entities import InvalidInputError, RefusedError
from hendrix.lazy import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd

BY_LIBRARY = {
    "sklearn": "sklearn",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "torch": "pytorch",
}
"""The library that a model's class comes from, and its flavour; all else is `python_function`."""

FUNCTION = "python_function"

PYTHON_LOADER = "mlflow.pyfunc.model"
"""The loader of functions and of objects with a `predict` of their own."""

MODEL_ARGUMENT = {
    "sklearn": "sk_model",
    "xgboost": "xgb_model",
    "lightgbm": "lgb_model",
    "catboost": "cb_model",
    "pytorch": "pytorch_model",
}


SERIALIZATION = {"sklearn": "cloudpickle", "lightgbm": "cloudpickle", "pytorch": "pickle"}
"""Where MLflow leaves a choice: its own would need further packages, or an example of tensors."""


def flavour_of(model: object) -> str:
    """Find a model's flavour by the libraries that its classes come from, nearest first.

    Raises
    ------
    InvalidInputError
        When it is no model: neither callable nor with a `predict`.
    """
    for kind in type(model).__mro__:
        library = kind.__module__.partition(".")[0]
        if library in BY_LIBRARY:
            return BY_LIBRARY[library]
    if callable(model) or hasattr(model, "predict"):
        return FUNCTION
    message = f"a {type(model).__name__} is no model"
    raise InvalidInputError(message, hint="Pass an object with `predict`, or a function of a frame.")


def write(model: object, path: Path, flavour: str, options: Mapping[str, Any]) -> None:
    """Write the MLmodel folder of a model through MLflow's own flavour."""
    with _quiet():
        if flavour == FUNCTION:
            mlflow("pyfunc").save_model(path=str(path), python_model=_function(model), **options)
            return
        extra: dict[str, Any] = {MODEL_ARGUMENT[flavour]: model}
        if flavour == "sklearn":
            ask = "predict_proba" if hasattr(model, "predict_proba") else "predict"
            extra["pyfunc_predict_fn"] = ask
        if flavour in SERIALIZATION:
            extra["serialization_format"] = SERIALIZATION[flavour]
        mlflow(flavour).save_model(path=str(path), **extra, **options)


def read(path: Path, flavour: str, entry: Mapping[str, Any]) -> Any:
    """Load the native model of an MLmodel folder; `entry` is what the MLmodel says of the flavour.

    A pickled scikit-learn model without code files of its own is unpickled as MLflow does it, without the
    seconds that importing MLflow takes.
    """
    pickled = entry.get("serialization_format", "pickle") in {"pickle", "cloudpickle"}
    if flavour == "sklearn" and pickled and not entry.get("code"):
        return _unpickle(path / str(entry["pickled_model"]))
    if flavour == FUNCTION:
        with _quiet():
            loaded = mlflow("pyfunc").load_model(str(path))
        if entry.get("loader_module") == PYTHON_LOADER:
            return _Function(loaded.unwrap_python_model())
        return loaded
    return mlflow(flavour).load_model(str(path))


def ask(model: Any, flavour: str) -> Callable[[Any], np.ndarray[Any, Any]]:
    """Return the function that gives a model's raw answers for a pandas frame or a matrix."""
    if flavour == "pytorch":
        return _torch(model)
    # XGBoost's own booster predicts on a matrix of its own kind, and on frames by this method alone.
    for name in ("predict_proba", "inplace_predict", "predict"):
        if hasattr(model, name):
            method = getattr(model, name)
            return lambda inputs: np.asarray(method(inputs))
    return lambda inputs: np.asarray(model(inputs))


def mlflow(module: str) -> Any:
    """Import a module of MLflow, which tells its makers nothing about the use that we make of it."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    return require(f"mlflow.{module}", "models")


def _function(model: Any) -> Any:
    # The class is made in here so that it is pickled by value: the folder loads without our package.
    methods = [getattr(model, name) for name in ("predict_proba", "predict") if hasattr(model, name)]
    call = methods[0] if methods else model
    python_model: Any = mlflow("pyfunc").PythonModel
    if isinstance(model, python_model):
        return model

    class Function(python_model):  # type: ignore[misc]
        def __init__(self, function: Callable[[pd.DataFrame], Any]) -> None:
            self.function = function

        # Without annotations, out of which MLflow would make a signature of its own.
        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG002
            return self.function(model_input)

    return Function(call)


class _Function:
    # Asked without MLflow's check of types, which takes no null among whole numbers: ours came before.

    def __init__(self, python_model: Any) -> None:
        self.python_model = python_model

    def predict(self, frame: Any) -> Any:
        return self.python_model.predict(None, frame)


def _unpickle(path: Path) -> Any:
    import cloudpickle

    if os.environ.get("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "true").lower() in {"false", "0"}:
        message = f"loading {path.name} would run code, which is forbidden here"
        hint = "set MLFLOW_ALLOW_PICKLE_DESERIALIZATION=true to load models that you trust"
        raise RefusedError(message, hint=hint)
    with path.open("rb") as file:
        return cloudpickle.load(file)


def _torch(model: Any) -> Callable[[Any], np.ndarray[Any, Any]]:
    torch = importlib.import_module("torch")
    model.eval()

    def answer(inputs: Any) -> np.ndarray[Any, Any]:
        with torch.no_grad():
            output = model(torch.as_tensor(np.asarray(inputs, dtype=np.float32)))
        values = np.asarray(output.cpu())
        return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values  # noqa: PLR2004

    return answer


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    # MLflow warns each time that pickles are code, and of types and examples that it was not given.
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        # Recorded rather than filtered: MLflow sets a filter of its own on the way.
        with warnings.catch_warnings(record=True):
            yield
    finally:
        logger.setLevel(level)


def class_name(model: object) -> str:
    """Name a model for people: its class, the last step of a pipeline, or the function's own name."""
    steps = getattr(model, "steps", None)
    if "sklearn" in sys.modules and isinstance(steps, list) and steps:
        return f"{type(model).__name__} of {type(steps[-1][1]).__name__}"
    name = getattr(model, "__name__", None)
    return name if isinstance(name, str) else type(model).__name__
