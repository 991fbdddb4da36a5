"""The Open Inference Protocol v2: JSON tensors and the binary tensor extension."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from hendrix.entities import InvalidInputError
from hendrix.serving.asked import Asked
from hendrix.serving.columns import datatype_of, instant_us
from hendrix.serving.problems import MalformedError, decoded

if TYPE_CHECKING:
    import numpy.typing as npt

    from hendrix.serving.records import Served, ServingSpec

DATATYPES: dict[str, str] = {
    "BOOL": "?",
    "UINT8": "<u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "INT8": "<i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}
_NAMES = {np.dtype(code): name for name, code in DATATYPES.items()}
EXTENSIONS = ("binary_tensor_data", "parameters")
BINARY_LENGTH = "inference-header-content-length"
_HINT = 'for instance {"inputs": [{"name": "carrier", "shape": [1], "datatype": "BYTES", "data": ["UA"]}]}'


class _Tensor(msgspec.Struct):
    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | None = None
    parameters: dict[str, Any] | None = None


class _Output(msgspec.Struct):
    name: str
    parameters: dict[str, Any] | None = None


class _Request(msgspec.Struct):
    inputs: list[_Tensor]
    id: str = ""
    parameters: dict[str, Any] | None = None
    outputs: list[_Output] | None = None


_DECODER = msgspec.json.Decoder(_Request)
_ENCODER = msgspec.json.Encoder()


class Wanted(msgspec.Struct, frozen=True):
    """How the answer is to be written."""

    request_id: str
    binary: bool


def parse(body: bytes, header_length: str | None, spec: ServingSpec) -> tuple[Asked, Wanted]:
    """Read an inference request; `header_length` is `Inference-Header-Content-Length`, if it was sent.

    Raises
    ------
    MalformedError
        When the JSON or the binary part can't be read.
    InvalidInputError
        When a tensor does not hold what it says.
    """
    length = _header_length(header_length, len(body))
    head = body if length is None else body[:length]
    request = decoded(_DECODER, head, "no inference request", hint=_HINT, nan="send null or binary tensors")
    columns: dict[str, Any] = {}
    position = len(head)
    rows: int | None = None
    for tensor in request.inputs:
        size = None if tensor.parameters is None else tensor.parameters.get("binary_data_size")
        if size is None:
            values = _json_values(tensor)
        else:
            values = _binary_values(tensor, body, position, size)
            position += size
        if tensor.name in columns:
            message = f"the input {tensor.name!r} is there twice"
            raise InvalidInputError(message, hint="Send each input once.")
        if rows is not None and tensor.shape[0] != rows:
            message = f"the input {tensor.name!r} has {tensor.shape[0]} rows, the one before it {rows}"
            raise InvalidInputError(message, hint="The first dimension of every input counts the rows.")
        rows = tensor.shape[0]
        columns[tensor.name] = values
    if position != len(body):
        message = f"{len(body) - position} bytes follow the last tensor"
        raise MalformedError(message, hint="The `binary_data_size` of the inputs adds up to the rest of the body.")
    asked = Asked(columns=columns, rows=rows or 0, request_id=request.id)
    if request.parameters and "at" in request.parameters:
        asked.at_us = instant_us(request.parameters["at"], "parameters.at")
    return asked, Wanted(request_id=request.id, binary=_wants_binary(request, spec))


def _header_length(text: str | None, available: int) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or int(text) > available:
        message = f"Inference-Header-Content-Length is {text!r}, the body has {available} bytes"
        raise MalformedError(message, hint="It counts the bytes of the JSON that comes before the tensors.")
    return int(text)


def _wants_binary(request: _Request, spec: ServingSpec) -> bool:
    default = bool(request.parameters and request.parameters.get("binary_data_output"))
    if not request.outputs:
        return default
    for output in request.outputs:
        if output.name != spec.output.name:
            message = f"the model has no output {output.name!r}"
            raise InvalidInputError(message, hint=f"Its one output is {spec.output.name!r}.")
    return bool((request.outputs[0].parameters or {}).get("binary_data", default))


def _elements(tensor: _Tensor) -> int:
    if not tensor.shape or any(size < 0 for size in tensor.shape):
        message = f"the input {tensor.name!r} has the shape {tensor.shape}"
        raise InvalidInputError(message, hint="The first dimension counts the rows; none is negative.")
    elements = 1
    for size in tensor.shape:
        elements *= size
    return elements


def _known(tensor: _Tensor) -> None:
    if tensor.datatype != "BYTES" and tensor.datatype not in DATATYPES:
        message = f"the input {tensor.name!r} has the unknown datatype {tensor.datatype!r}"
        raise InvalidInputError(message, hint=f"One of {', '.join(DATATYPES)}, BYTES.")


def _json_values(tensor: _Tensor) -> list[Any] | npt.NDArray[Any]:
    """Values as sent: a flat list for one value a row, nested lists otherwise."""
    _known(tensor)
    if tensor.data is None:
        message = f"the input {tensor.name!r} has neither data nor binary_data_size"
        raise InvalidInputError(message, hint=_HINT)
    elements, data = _elements(tensor), tensor.data
    # Data may come flat or nested as its shape says; flat is the form that the protocol recommends.
    while data and isinstance(data[0], list):
        if not all(isinstance(part, list) for part in data):
            break
        data = [value for part in data for value in part]
    if len(data) != elements:
        message = f"the input {tensor.name!r} says shape {tensor.shape} and holds {len(data)} values"
        raise InvalidInputError(message, hint="The dimensions multiply to the number of values.")
    if tensor.datatype.startswith(("INT", "UINT")):
        fraction = next((v for v in data if type(v) is float), None)
        if fraction is not None:
            message = f"the input {tensor.name!r} says {tensor.datatype} and holds {fraction!r}"
            raise InvalidInputError(message, hint="Send whole numbers, or say FP64.")
    if elements == tensor.shape[0]:
        return data
    for size in reversed(tensor.shape[1:]):
        data = [data[start : start + size] for start in range(0, len(data), size)]
    return data


def _binary_values(tensor: _Tensor, body: bytes, start: int, size: object) -> list[Any] | npt.NDArray[Any]:
    _known(tensor)
    if type(size) is not int or size < 0 or start + size > len(body):
        message = f"the input {tensor.name!r} says {size!r} bytes, {len(body) - start} are left in the body"
        raise MalformedError(message, hint="`binary_data_size` counts the tensor's bytes after the JSON.")
    elements = _elements(tensor)
    if tensor.datatype == "BYTES":
        return _strings(tensor, body[start : start + size], elements)
    dtype = np.dtype(DATATYPES[tensor.datatype])
    if size != elements * dtype.itemsize:
        message = (
            f"the input {tensor.name!r} of shape {tensor.shape} takes {elements * dtype.itemsize} bytes, not {size}"
        )
        raise MalformedError(message, hint=f"{tensor.datatype} has {dtype.itemsize} bytes an element")
    return np.frombuffer(body, dtype=dtype, count=elements, offset=start).reshape(tensor.shape)


def _strings(tensor: _Tensor, raw: bytes, elements: int) -> list[Any]:
    """Read BYTES: each element is its length (4 bytes, little endian), then its bytes."""
    values: list[str] = []
    position = 0
    try:
        while position < len(raw):
            (length,) = struct.unpack_from("<I", raw, position)
            position += 4
            if position + length > len(raw):
                break
            values.append(raw[position : position + length].decode())
            position += length
    except (struct.error, UnicodeDecodeError) as error:
        message = f"the bytes of the input {tensor.name!r} can't be read: {error}"
        raise MalformedError(message, hint="Each element is a 4-byte length, then UTF-8 text.") from error
    if position != len(raw) or len(values) != elements:
        message = f"the input {tensor.name!r} of shape {tensor.shape} holds {len(values)} elements"
        raise MalformedError(message, hint="Each element is a 4-byte length, then UTF-8 text.")
    data: list[Any] = values
    if elements != tensor.shape[0]:
        for size in reversed(tensor.shape[1:]):
            data = [data[start : start + size] for start in range(0, len(data), size)]
    return data


def encode(
    output: npt.NDArray[Any], wanted: Wanted, served: Served, spec: ServingSpec, parameters: dict[str, Any]
) -> tuple[bytes, int | None]:
    """Write an answer; the second value is the length of its JSON when binary tensors follow it."""
    datatype, values = _outgoing(output)
    tensor: dict[str, Any] = {"name": spec.output.name, "datatype": datatype, "shape": list(output.shape)}
    answer: dict[str, Any] = {"model_name": served.model, "model_version": served.version}
    if wanted.request_id:
        answer["id"] = wanted.request_id
    if parameters:
        answer["parameters"] = parameters
    answer["outputs"] = [tensor]
    if not wanted.binary:
        tensor["data"] = values.ravel().tolist()
        return _ENCODER.encode(answer), None
    if datatype == "BYTES":
        raw = b"".join(struct.pack("<I", len(text)) + text for text in (str(v).encode() for v in values.ravel()))
    else:
        raw = np.ascontiguousarray(values).tobytes()
    tensor["parameters"] = {"binary_data_size": len(raw)}
    head = _ENCODER.encode(answer)
    return head + raw, len(head)


def _outgoing(output: npt.NDArray[Any]) -> tuple[str, npt.NDArray[Any]]:
    datatype = _NAMES.get(output.dtype)
    return ("BYTES", output) if datatype is None else (datatype, output)


def model_metadata(served: Served, spec: ServingSpec) -> dict[str, Any]:
    """Describe the model: its inputs, the entity keys that may stand for some of them, its output."""
    inputs = [
        {"name": c.name, "datatype": datatype_of(c.type), "shape": [-1, *c.shape]}
        | ({"parameters": {"feature": f"{c.view}.{c.feature}", "optional": True}} if c.view else {})
        for c in spec.inputs
    ]
    named = {c.name for c in spec.inputs}
    for view in spec.views:
        for key in view.keys:
            if key.name not in named:
                named.add(key.name)
                inputs.append(
                    {
                        "name": key.name,
                        "datatype": datatype_of(key.type),
                        "shape": [-1],
                        "parameters": {"entity_key": True, "optional": True},
                    }
                )
    output = spec.output
    return {
        "name": served.model,
        "versions": [served.version],
        "platform": "hendrix",
        "inputs": inputs,
        "outputs": [{"name": output.name, "datatype": datatype_of(output.type), "shape": [-1, *output.shape]}],
    }
