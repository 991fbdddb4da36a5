"""Values between tasks, rendered as JSON for people; the journal itself keeps flyte's protobuf bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgpack  # type: ignore[import-untyped]
from flyteidl2.task.common_pb2 import Inputs, Outputs
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from flyteidl2.core.literals_pb2 import Literal, Primitive, Scalar

LONGEST = 2_000
"""Characters of a text, and elements of a collection, that are shown."""


def render_inputs(data: bytes) -> dict[str, Any]:
    """Render the inputs of an action, by name."""
    return {named.name: render(named.value) for named in Inputs.FromString(data).literals}


def render_outputs(data: bytes | None) -> dict[str, Any]:
    """Render the outputs of an action, by name (flyte calls them o0, o1, ... unless they have names)."""
    return {named.name: render(named.value) for named in Outputs.FromString(data or b"").literals}


def render(literal: Literal) -> Any:
    """Render one value. Files and frames become their address, long texts and collections are cut."""
    if literal.HasField("collection"):
        return _cut([render(item) for item in literal.collection.literals[: LONGEST + 1]])
    if literal.HasField("map"):
        return {key: render(value) for key, value in literal.map.literals.items()}
    if literal.HasField("scalar"):
        return _scalar(literal.scalar)
    return None


def _scalar(scalar: Scalar) -> Any:  # noqa: PLR0911 - one line for each kind of value
    field = scalar.WhichOneof("value")
    if field == "primitive":
        return _primitive(scalar.primitive)
    if field == "binary" and scalar.binary.tag == "msgpack":
        return _plain(msgpack.unpackb(scalar.binary.value, strict_map_key=False))
    if field == "binary":
        return f"{len(scalar.binary.value)} bytes"
    if field == "blob":
        return scalar.blob.uri
    if field == "structured_dataset":
        return scalar.structured_dataset.uri
    if field == "schema":
        return scalar.schema.uri
    if field == "generic":
        return _plain(MessageToDict(scalar.generic))
    if field == "union":
        return render(scalar.union.value)
    if field == "error":
        return scalar.error.message
    return None


def _primitive(primitive: Primitive) -> Any:
    field = primitive.WhichOneof("value")
    if field == "datetime":
        return primitive.datetime.ToDatetime(tzinfo=UTC).isoformat()
    if field == "duration":
        return primitive.duration.ToTimedelta().total_seconds()
    return None if field is None else _plain(getattr(primitive, field))


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one line for each kind of value
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return _cut([_plain(inner) for inner in value[: LONGEST + 1]])
    if isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):  # noqa: PLR0124
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def _cut(value: Any) -> Any:
    if len(value) <= LONGEST:
        return value
    return value[:LONGEST] + ("..." if isinstance(value, str) else ["..."])
