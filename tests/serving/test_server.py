"""The shells and the process around the core: the same bytes, closed to other origins, graceful at the end."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving_parts import ROW, Gated, Server, flights

from hendrix.serving.statistics import Statistics, bucket_of, quantile

REQUESTS: list[tuple[str, str, Any, dict[str, str]]] = [
    ("GET", "/", None, {}),
    ("GET", "/ping", None, {}),
    ("HEAD", "/ping", None, {}),
    ("GET", "/v2", None, {}),
    ("GET", "/v2/models/delay", None, {}),
    ("GET", "/v2/models/delay/versions/3/ready", None, {}),
    ("GET", "/v2/models/other", None, {}),
    ("GET", "/a%20path", None, {}),
    ("POST", "/", {}, {}),
    ("POST", "/invocations", {"dataframe_records": [ROW]}, {}),
    ("POST", "/invocations", {"dataframe_records": [{**ROW, "tailnum": None}]}, {}),
    ("POST", "/invocations", {"dataframe_records": [{**ROW, "hour": "é"}]}, {}),
    ("POST", "/invocations", b"{", {}),
    ("POST", "/invocations", b"", {}),
    ("POST", "/invocations", {"instances": []}, {"Origin": "http://evil.example"}),
    ("GET", "/", None, {"Host": "evil.example"}),
    ("POST", "/v2/models/delay/infer", {"inputs": [{"name": "x", "shape": [1], "datatype": "FP64", "data": [1]}]}, {}),
    ("POST", "/v2/models/delay/infer", b"x" * 3_000, {}),
]  # fmt: skip
VARYING = {"date", "server", "hendrix-prediction-id", "connection", "content-length"}


def test_both_shells_answer_with_the_same_bytes() -> None:
    with flights(max_body=2_000) as rsgi, flights(max_body=2_000, interface="asgi") as asgi:
        for request in REQUESTS:
            answers = []
            for server in (rsgi, asgi):
                status, headers, body = server.call(*request)
                answers.append((status, {k: v for k, v in headers.items() if k not in VARYING}, body))
            assert answers[0] == answers[1], request[:2]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:99"}, 200),
        ({"Host": "[::1]:99"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:80"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": ""}, 403),
        ({"Host": "localhost:99", "Origin": "http://localhost:99"}, 200),
        ({"Host": "localhost:99", "Origin": "http://localhost:98"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_other_hosts_and_pages_of_other_origins_are_refused(
    server: Server, headers: dict[str, str], status: int
) -> None:
    for method, path, body in (
        ("GET", "/stats", None),
        ("POST", "/invocations", {"dataframe_records": [ROW]}),
    ):
        got, answer, raw = server.call(method, path, body, headers)
        assert got == status
        assert "access-control-allow-origin" not in answer
        if status == 403:
            assert json.loads(raw)["type"] == "urn:hendrix:problem:foreign-origin"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused(*, chunked: bool) -> None:
    with flights(max_body=1_000) as server, socket.create_connection(("127.0.0.1", server.port)) as raw:
        head = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\n"
        if chunked:
            raw.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + b"7d0\r\n" + b"x" * 2_000 + b"\r\n0\r\n\r\n")
        else:
            raw.sendall(head + b"Content-Length: 2000\r\n\r\n" + b"x" * 2_000)
        answer = raw.recv(65536).decode()
        assert answer.startswith("HTTP/1.1 413")
        assert "1000 are the limit" in answer
        assert server.ask({"dataframe_records": [ROW]})[0] == 200


def test_a_stop_answers_what_is_under_way_first() -> None:
    model = Gated()
    with flights(model) as server:
        answers: list[int] = []
        asking = threading.Thread(target=lambda: answers.append(server.ask({"dataframe_records": [ROW]})[0]))
        asking.start()
        assert model.entered.wait(10)
        stopping = threading.Thread(target=server.shut)
        stopping.start()
        stopping.join(0.3)
        assert stopping.is_alive()
        model.gate.set()
        stopping.join(10)
        asking.join(10)
        assert answers == [200]


def test_stats_and_metrics_count_what_was_asked() -> None:
    with flights() as server:
        server.ask({"dataframe_records": [ROW] * 3})
        server.ask({"dataframe_records": [{}]})
        told = json.loads(server.call("GET", "/stats")[2])
        for window in (told["last_minute"], told["since_start"]):
            assert (window["requests"], window["errors"], window["rows"]) == (2, 1, 3)
            assert 0 < window["latency_ms"]["p50"] <= window["latency_ms"]["p99"]
        assert (told["version"], told["ref"], told["state"]) == ("3", "hx://default/model/delay@3", "ready")
        text = server.call("GET", "/metrics")[2].decode()
        labels = 'deployment="delay-prod",version="3"'
        assert f'hendrix_requests_total{{{labels},protocol="invocations",status="200"}} 1' in text
        assert f'hendrix_requests_total{{{labels},protocol="invocations",status="422"}} 1' in text
        assert f"hendrix_prediction_rows_total{{{labels}}} 3" in text
        assert f'hendrix_request_duration_seconds_bucket{{{labels},le="+Inf"}} 2' in text


@given(st.lists(st.integers(2, 100_000_000), min_size=1, max_size=300), st.sampled_from([0.5, 0.95, 0.99]))
def test_quantiles_are_within_five_percent_of_the_exact_ones(micros: list[int], share: float) -> None:
    counts = [0] * 1000
    for value in micros:
        counts[bucket_of(value)] += 1
    exact = sorted(micros)[max(0, -(-int(share * 1000) * len(micros) // 1000) - 1)] / 1000
    found = quantile(counts, share)
    assert found is not None
    # Whole microseconds are rounded down into their bucket: at a few of them that is more than 5%.
    assert abs(found - exact) <= max(0.05 * exact, 0.0005)


def test_the_histogram_is_cumulative() -> None:
    statistics = Statistics()
    for micros in (100, 300, 300, 40_000, 10**9):
        statistics.record("v2", 200, micros, 1, {})
    assert statistics.cumulative((250, 1_000, 100_000)) == [1, 3, 4]
    assert statistics.since_start().requests == 5
