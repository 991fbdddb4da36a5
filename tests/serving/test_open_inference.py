"""The Open Inference Protocol v2, spoken by its stock client."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tritonclient.http as triton
from serving_parts import ROW, SERVED, Server
from tritonclient.utils import InferenceServerException

from hendrix.serving import InferenceCore

if TYPE_CHECKING:
    from collections.abc import Iterator

INFER = "/v2/models/delay/infer"
ANSWER = 100 + 7e3 + 5e6 + 150e9


@pytest.fixture
def client(server: Server) -> Iterator[triton.InferenceServerClient]:
    made = triton.InferenceServerClient(f"127.0.0.1:{server.port}")
    yield made
    made.close()


def tensors(*, binary: bool, rows: int = 1) -> list[triton.InferInput]:
    made = []
    for name, datatype, values in (
        ("distance", "FP64", np.full((rows, 1), 100.0)),
        ("hour", "INT64", np.full((rows, 1), 7)),
        ("carrier", "BYTES", np.full((rows, 1), b"UA", dtype=np.object_)),
        ("tailnum", "BYTES", np.full((rows,), b"N1", dtype=np.object_)),
    ):
        tensor = triton.InferInput(name, list(values.shape), datatype)
        tensor.set_data_from_numpy(values, binary_data=binary)
        made.append(tensor)
    return made


def test_health_and_metadata(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("delay")
    assert client.is_model_ready("delay", "3")
    assert client.get_server_metadata()["name"] == "hendrix"
    for version in ("", "3"):
        told = client.get_model_metadata("delay", version)
        assert told["versions"] == ["3"]
        assert [(i["name"], i["datatype"], i["shape"]) for i in told["inputs"]] == [
            ("distance", "FP64", [-1]),
            ("hour", "INT64", [-1]),
            ("carrier", "BYTES", [-1]),
            ("carrier_delay", "FP64", [-1]),
            ("seats", "INT64", [-1]),
            ("tailnum", "BYTES", [-1]),
        ]
        assert told["outputs"] == [{"name": "prediction", "datatype": "FP64", "shape": [-1]}]


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False, None])
@pytest.mark.parametrize("rows", [1, 300])
def test_json_and_binary_tensors_give_the_same_answer(
    client: triton.InferenceServerClient, *, binary_in: bool, binary_out: bool | None, rows: int
) -> None:
    outputs = None if binary_out is None else [triton.InferRequestedOutput("prediction", binary_data=binary_out)]
    result = client.infer(
        "delay", tensors(binary=binary_in, rows=rows), outputs=outputs, request_id="r-1", model_version="3"
    )
    assert result.as_numpy("prediction").tolist() == [ANSWER] * rows
    assert result.get_response()["id"] == "r-1"
    assert result.get_response()["model_name"] == "delay"


def test_errors_reach_the_stock_client_as_text(client: triton.InferenceServerClient) -> None:
    with pytest.raises(InferenceServerException, match="the column 'hour' is missing"):
        client.infer("delay", [t for t in tensors(binary=True) if t.name() != "hour"])
    with pytest.raises(InferenceServerException, match="no model 'other' here"):
        client.get_model_metadata("other")
    with pytest.raises(InferenceServerException, match="no version '9'"):
        client.get_model_metadata("delay", "9")
    wrong = triton.InferRequestedOutput("other")
    with pytest.raises(InferenceServerException, match="no output 'other'"):
        client.infer("delay", tensors(binary=True), outputs=[wrong])


def test_a_vector_per_row(vector_server: Server) -> None:
    client = triton.InferenceServerClient(f"127.0.0.1:{vector_server.port}")
    for datatype, dtype in (
        ("FP32", np.float32),
        ("FP64", np.float64),
        ("INT32", np.int32),
        ("FP16", np.float16),
    ):
        for binary in (True, False) if datatype != "FP16" else (True,):
            tensor = triton.InferInput("x", [2, 3], datatype)
            tensor.set_data_from_numpy(np.arange(6, dtype=dtype).reshape(2, 3), binary_data=binary)
            assert client.infer("delay", [tensor]).as_numpy("prediction").tolist() == [3.0, 12.0]
    nested = {"inputs": [{"name": "x", "shape": [2, 3], "datatype": "FP32", "data": [[0, 1, 2], [3, 4, 5]]}]}
    assert vector_server.ask(nested, INFER)[1]["outputs"][0]["data"] == [3.0, 12.0]
    client.close()


def one(**changes: Any) -> dict[str, Any]:
    return {"inputs": [{"name": "hour", "shape": [1], "datatype": "INT64", "data": [7], **changes}]}


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"nope", 400, "no JSON"),
        ({"inputs": 3}, 422, "no inference request"),
        (one(datatype="INT65"), 422, "unknown datatype 'INT65'"),
        (one(shape=[]), 422, "the shape []"),
        (one(shape=[-1]), 422, "the shape [-1]"),
        (one(shape=[2]), 422, "holds 1 values"),
        (one(data=None), 422, "neither data nor binary_data_size"),
        (one(data=[7.5]), 422, "says INT64 and holds 7.5"),
        (one(datatype="BYTES", data=["7"]), 422, "'distance' is missing"),
        ({"inputs": one()["inputs"] * 2}, 422, "there twice"),
        ({"inputs": [*one()["inputs"], {"name": "b", "shape": [2], "datatype": "BOOL", "data": [True, False]}]}, 422, "2 rows"),
        (one(parameters={"binary_data_size": 8}), 400, "8 bytes, 0 are left"),
        ({**one(), "parameters": {"at": "2013-01-01"}}, 422, "no time zone"),
    ],
)  # fmt: skip
def test_bad_requests_name_what_is_wrong(server: Server, body: object, status: int, says: str) -> None:
    got, problem = server.ask(body, INFER)
    assert got == status
    assert says in problem["detail"]
    assert problem["error"].startswith(problem["detail"])


@pytest.mark.parametrize(
    ("length", "tail", "size", "says"),
    [
        ("x", b"", 8, "Inference-Header-Content-Length is 'x'"),
        ("100000", b"", 8, "the body has"),
        (None, b"1234567", 7, "no JSON"),
        ("=", b"1234567", 7, "takes 8 bytes, not 7"),
        ("=", b"12345678", True, "says True bytes"),
        ("=", b"12345678-", 8, "1 bytes follow the last tensor"),
    ],
)
def test_bad_binary_parts_are_refused(server: Server, length: str | None, tail: bytes, size: object, says: str) -> None:
    tensor = {"name": "hour", "shape": [1], "datatype": "INT64", "parameters": {"binary_data_size": size}}
    head = json.dumps({"inputs": [tensor]}).encode()
    told = {"=": str(len(head))}.get(length or "", length)
    headers = {} if told is None else {"Inference-Header-Content-Length": told}
    status, _, raw = server.call("POST", INFER, head + tail, headers)
    assert (status, says in json.loads(raw)["detail"]) == (400, True)


def test_before_the_model_is_loaded_everything_but_liveness_says_503() -> None:
    with Server(lambda: InferenceCore(SERVED)) as loading:
        assert loading.call("GET", "/v2/health/live")[0] == 200
        for path in ("/v2/health/ready", "/v2/models/delay/ready", "/v2/models/delay", "/ping", "/health"):
            status, headers, _ = loading.call("GET", path)
            assert (status, headers["retry-after"]) == (503, "1")
        assert loading.ask({"dataframe_records": [ROW]})[0] == 503
        assert json.loads(loading.call("GET", "/")[2])["state"] == "loading"
        loading.core.failed("no such file")
        assert "no such file" in loading.ask({"dataframe_records": [ROW]})[1]["detail"]
