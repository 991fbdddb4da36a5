"""MLflow's scoring protocol: each shape of a body, and what is wrong with others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from serving_parts import ROW

if TYPE_CHECKING:
    from serving_parts import Server

FULL = {"distance": 100.0, "hour": 7, "carrier": "UA", "carrier_delay": 5.0, "seats": 150}
ANSWER = 100 + 7e3 + 5e6 + 150e9


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_records": [FULL, FULL]},
        {"dataframe_split": {"columns": list(FULL), "data": [list(FULL.values())] * 2, "index": [0, 1]}},
        {"instances": [FULL, FULL]},
        {"instances": [list(FULL.values())] * 2},
        {"inputs": {name: [value] * 2 for name, value in FULL.items()}},
    ],
    ids=["records", "split", "instances of objects", "instances of lists", "inputs"],
)
def test_every_shape_of_a_body_gives_the_same_answer(server: Server, body: dict[str, Any]) -> None:
    assert server.ask(body) == (200, {"predictions": [ANSWER, ANSWER]})


def test_a_tensor_model_takes_instances_and_inputs(vector_server: Server) -> None:
    for body in ({"instances": [[1, 2, 3], [4, 5, 6]]}, {"inputs": [[1, 2, 3], [4, 5, 6]]}):
        assert vector_server.ask(body) == (200, {"predictions": [6.0, 15.0]})


def test_a_bare_value_means_one_row(server: Server) -> None:
    assert server.ask({"inputs": FULL}) == (200, {"predictions": [ANSWER]})


def test_health_version_and_front_page(server: Server) -> None:
    assert server.call("GET", "/ping")[0] == server.call("GET", "/health")[0] == 200
    assert server.call("GET", "/version")[0] == 200
    front = json.loads(server.call("GET", "/")[2])
    assert front["deployment"] == "delay-prod"
    assert front["keys"] == ["carrier", "tailnum"]
    assert "curl" in front["next"]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"{", 400, "no JSON"),
        (b'{"instances": [NaN]}', 400, "no JSON"),
        (b"\xff", 400, "no JSON"),
        ({}, 422, "none of the known formats"),
        ({"instances": [1], "inputs": [1]}, 422, "instances and inputs"),
        ({"rows": []}, 422, "rows"),
        ([1], 422, "/invocations"),
        ({"dataframe_records": []}, 422, "no rows"),
        ({"dataframe_records": [ROW, {**ROW, "extra": 1}]}, 422, "row 1 alone has 'extra'"),
        (
            {"dataframe_records": [{**ROW, "hour": "seven"}]},
            422,
            "'hour' takes a whole number, got 'seven' (row 0)",
        ),
        ({"dataframe_records": [{**ROW, "hour": 7.5}]}, 422, "got 7.5"),
        ({"dataframe_records": [{**ROW, "hour": True}]}, 422, "got True"),
        ({"dataframe_records": [{**ROW, "hour": 10**30}]}, 422, "'hour' holds a value that does not fit"),
        ({"dataframe_records": [{**ROW, "distance": [1]}]}, 422, "'distance' takes a number"),
        (
            {"dataframe_records": [{k: v for k, v in ROW.items() if k != "hour"}]},
            422,
            "column 'hour' is missing",
        ),
        ({"dataframe_records": [{k: v for k, v in ROW.items() if k != "tailnum"}]}, 422, "key 'tailnum'"),
        ({"dataframe_records": [{**ROW, "tail_num": 1}]}, 422, "unknown column 'tail_num'"),
        ({"instances": [[1, 2]]}, 422, "row 0 holds 2 values, the model takes 5 inputs"),
        ({"instances": [3]}, 422, "row 0 holds 3"),
        ({"inputs": {"hour": [1], "distance": [1, 2]}}, 422, "differ in length"),
        ({"dataframe_split": {"columns": ["a", "a"], "data": [[1, 2]]}}, 422, "names 'a' twice"),
        ({"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}, 422, "2 values for 1 columns"),
        ({"dataframe_records": [ROW], "params": {"when": 1}}, 422, "unknown parameter 'when'"),
        ({"dataframe_records": [ROW], "params": {"at": "2013-12-15T06:00:00"}}, 422, "no time zone"),
        ({"dataframe_records": [ROW], "params": {"at": "noon"}}, 422, "no moment: 'noon'"),
        ({"dataframe_records": [ROW], "params": {"at": 10**30}}, 422, "no moment"),
    ],
)
def test_bad_input_gets_a_problem_document_that_names_it(server: Server, body: object, status: int, says: str) -> None:
    got, headers, raw = server.call("POST", "/invocations", body)
    problem = json.loads(raw)
    assert (got, headers["content-type"]) == (status, "application/problem+json")
    assert set(problem) == {"type", "title", "status", "code", "detail", "hint", "error"}
    assert problem["status"] == status
    assert says in problem["detail"]
    assert problem["hint"]


def test_a_mistyped_column_gets_a_guess(server: Server) -> None:
    _, problem = server.ask({"dataframe_records": [{**ROW, "tail_num": 1}]})
    assert "did you mean 'tailnum'?" in problem["hint"]
    assert "distance, hour, carrier" in problem["hint"]


def test_whole_numbers_spelled_as_floats_are_taken(server: Server) -> None:
    assert server.ask({"dataframe_records": [{**FULL, "hour": 7.0}]}) == (200, {"predictions": [ANSWER]})


def test_wrong_method_and_unknown_path(server: Server) -> None:
    status, headers, _ = server.call("GET", "/invocations")
    assert (status, headers["allow"]) == (405, "POST")
    assert server.call("POST", "/stats", b"{}")[0] == 405
    assert server.call("GET", "/nothing")[0] == 404
    assert server.call("HEAD", "/ping")[::2] == (200, b"")
