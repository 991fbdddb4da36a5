"""MLflow's scoring protocol: `/invocations`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hendrix.entities import InvalidInputError
from hendrix.serving.asked import Asked
from hendrix.serving.columns import instant_us
from hendrix.serving.problems import decoded

if TYPE_CHECKING:
    import numpy.typing as npt

    from hendrix.serving.columns import Values
    from hendrix.serving.records import ServingSpec

_FORMATS = ("instances", "inputs", "dataframe_split", "dataframe_records")
_HINT = (
    'for instance {"dataframe_records": [{"carrier": "UA"}]}; '
    f"the body is an object with one of {', '.join(_FORMATS)}, and optionally params"
)


class _Split(msgspec.Struct):
    columns: list[str]
    data: list[list[Any]]
    index: Any = None


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    instances: list[Any] | None = None
    inputs: dict[str, Any] | list[Any] | None = None
    dataframe_split: _Split | None = None
    dataframe_records: list[dict[str, Any]] | None = None
    params: dict[str, Any] | None = None
    signature_name: str | None = None
    client_request_id: str | None = None


_DECODER = msgspec.json.Decoder(_Body)
_ENCODER = msgspec.json.Encoder()


def parse(body: bytes, spec: ServingSpec) -> Asked:
    """Read a body of `/invocations`.

    Raises
    ------
    MalformedError
        When it is no JSON.
    InvalidInputError
        When its shape is none of the four.
    """
    read = decoded(_DECODER, body, "not what /invocations takes", hint=_HINT, nan="send null")
    records, split, instances, inputs = read.dataframe_records, read.dataframe_split, read.instances, read.inputs
    if (records is None) + (split is None) + (instances is None) + (inputs is None) != len(_FORMATS) - 1:
        sent = [name for name in _FORMATS if getattr(read, name) is not None]
        message = f"the body holds {' and '.join(sent) or 'none of the known formats'}"
        raise InvalidInputError(message, hint=_HINT)
    if records is not None:
        asked = _of_records(records)
    elif split is not None:
        asked = _of_split(split)
    elif isinstance(inputs, dict):
        asked = _of_inputs(inputs)
    else:
        asked = _of_instances(instances or inputs or [], spec)
    asked.request_id = read.client_request_id or ""
    if read.params:
        unknown = sorted(set(read.params) - {"at"})
        if unknown:
            message = f"unknown parameter {unknown[0]!r}"
            raise InvalidInputError(message, hint="The one parameter is at.")
        asked.at_us = instant_us(read.params["at"], "params.at")
    return asked


def encode(output: npt.NDArray[Any]) -> bytes:
    """Write predictions as MLflow's scoring server does."""
    return _ENCODER.encode({"predictions": output.tolist()})


def _of_records(records: list[dict[str, Any]]) -> Asked:
    if not records:
        return Asked(columns={}, rows=0)
    names = records[0].keys()
    columns: dict[str, Any] = {name: [] for name in names}
    for row, record in enumerate(records):
        if record.keys() != names:
            name = min(record.keys() ^ names)
            where = "has no" if name in names else "alone has"
            message = f"row {row} {where} {name!r}"
            raise InvalidInputError(message, hint="Send the same fields in every row, null where unknown.")
        for name, value in record.items():
            columns[name].append(value)
    # Tuples of plain values: the collector of cycles stops looking at them, and the log keeps many.
    return Asked(columns={name: tuple(values) for name, values in columns.items()}, rows=len(records))


def _of_split(split: _Split) -> Asked:
    width = len(split.columns)
    if len(set(split.columns)) != width:
        name = next(n for n in split.columns if split.columns.count(n) > 1)
        message = f"dataframe_split names {name!r} twice"
        raise InvalidInputError(message, hint="Name each column once.")
    for row, values in enumerate(split.data):
        if len(values) != width:
            message = f"row {row} of dataframe_split has {len(values)} values for {width} columns"
            raise InvalidInputError(message, hint="Send one value for each column, null where unknown.")
    columns: dict[str, Values] = {}
    if split.data:
        columns.update(zip(split.columns, zip(*split.data, strict=True), strict=True))
    return Asked(columns=columns, rows=len(split.data))


def _of_instances(instances: list[Any], spec: ServingSpec) -> Asked:
    """Rows as objects; as lists in the order of the inputs; or bare values of a single input."""
    if instances and isinstance(instances[0], dict) and all(isinstance(row, dict) for row in instances):
        return _of_records(instances)
    if len(spec.inputs) == 1:
        return Asked(columns={spec.inputs[0].name: instances}, rows=len(instances))
    width = len(spec.inputs)
    for row, values in enumerate(instances):
        if not isinstance(values, list) or len(values) != width:
            got = f"{len(values)} values" if isinstance(values, list) else repr(values)[:60]
            message = f"row {row} holds {got}, the model takes {width} inputs"
            names = ", ".join(column.name for column in spec.inputs)
            raise InvalidInputError(message, hint=f"Send objects, or lists in this order: {names}.")
    if not instances:
        return Asked(columns={}, rows=0)
    columns: dict[str, Values] = {
        column.name: values for column, values in zip(spec.inputs, zip(*instances, strict=True), strict=True)
    }
    return Asked(columns=columns, rows=len(instances))


def _of_inputs(inputs: dict[str, Any]) -> Asked:
    """Columns by name; a bare value means one row."""
    columns: dict[str, Values] = {name: value if isinstance(value, list) else [value] for name, value in inputs.items()}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        message = f"the columns of inputs differ in length: {told}"
        raise InvalidInputError(message, hint="Send one value for each row in every column.")
    return Asked(columns=columns, rows=next(iter(lengths.values()), 0))
