"""The server as a stock HTTP client sees it: rights, problem documents, origins, bytes, the portal's door."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from hendrix.server.schema import text as openapi_text
from tests_support import start_server, stop_server

SCHEMA = Path(__file__).parents[2] / "src" / "hendrix" / "server" / "openapi.json"


@pytest.fixture
def http(server):
    with httpx.Client(base_url=server.url) as client:
        yield client


def test_reading_needs_no_token_on_loopback_and_deleting_does(http, server):
    assert http.get("/api/v1/entities/counts").status_code == 200
    refused = http.post("/api/v1/entities/delete", json={"ref": "x"})
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    assert "needs a token" in refused.json()["detail"]
    assert (
        http.post("/api/v1/entities/delete", json={"ref": "x"}, headers={"Authorization": "Bearer no"}).status_code
        == 401
    )
    known = http.post(
        "/api/v1/entities/delete",
        json={"ref": "nothing", "kind": "model"},
        headers={"Authorization": f"Bearer {server.token}"},
    )
    assert known.status_code == 404


def test_a_run_is_logged_with_plain_http(http):
    begun = http.post("/api/v1/runs/start", json={"name": "curl", "run_kind": "tracking"}).json()
    assert http.post("/api/v1/runs/finish", json={"run": begun["id"]}).json()["state"] == "finished"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "is no JSON"),
        (b'{"run_kind": "tracking"}', "name"),
        (b'{"name": 3, "run_kind": "tracking"}', "name is 3. Expected `str`, got `int`"),
        (b'{"name": "x", "run_kind": "sprint"}', "run_kind is 'sprint'"),
    ],
)
def test_a_wrong_body_is_a_problem_that_names_the_value(http, body, told):
    answer = http.post("/api/v1/runs/start", content=body)
    assert answer.status_code == 422
    problem = answer.json()
    assert told in problem["detail"]
    assert problem["type"] == "urn:hendrix:problem:invalid-input"


def test_a_wrong_query_is_a_problem_that_names_the_value(http):
    problem = http.get("/api/v1/entities/list", params={"limit": "many"}).json()
    assert problem["status"] == 422
    assert "limit" in problem["detail"]
    assert "'many'" in problem["detail"]


def test_what_is_not_there_is_a_problem(http):
    assert http.get("/api/v1/none").status_code == 404
    assert http.get("/api/v1/entities/show", params={"ref": "zz", "kind": "model"}).json()["code"] == "not-found"
    assert http.delete("/api/v1/entities/list").status_code == 405


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_pages_of_other_origins_can_neither_read_nor_start(http, server, origin):
    for answer in (
        http.get("/api/v1/entities/counts", headers={"Origin": origin}),
        http.post("/api/v1/runs/start", json={"name": "x", "run_kind": "job"}, headers={"Origin": origin}),
        http.options("/api/v1/runs/start", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}),
    ):
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


def test_a_rebound_host_name_is_refused(http):
    assert http.get("/api/v1/entities/counts", headers={"Host": "rebound.example"}).status_code == 403


def test_every_answer_carries_a_strict_content_policy(http):
    policy = http.get("/health").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert "unsafe-eval" not in policy


def test_a_one_time_link_signs_in_once(http, server):
    token = {"Authorization": f"Bearer {server.token}"}
    assert http.post("/api/v1/login/code").status_code == 401
    code = http.post("/api/v1/login/code", headers=token).json()["code"]
    answer = http.get("/login", params={"code": code})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    with httpx.Client(
        base_url=server.url, cookies={"hendrix_session": cookie.split("=", 1)[1].split(";")[0]}
    ) as signed:
        assert signed.post("/api/v1/entities/delete", json={"ref": "x", "kind": "model"}).status_code == 404
    assert http.get("/login", params={"code": code}).status_code == 401
    assert http.get("/login", params={"code": "9999999999.x.y"}).status_code == 401


def test_artifacts_go_up_and_down_by_digest(http):
    data = bytes(range(256)) * 9000
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert http.head(f"/api/v1/artifacts/{digest}").status_code == 404
    assert http.put(f"/api/v1/artifacts/{digest}", content=data).status_code == 201
    assert http.get(f"/api/v1/artifacts/{digest}").content == data
    part = http.get(f"/api/v1/artifacts/{digest}", headers={"Range": "bytes=256-511"})
    assert (part.status_code, part.content) == (206, bytes(range(256)))
    wrong = http.put(f"/api/v1/artifacts/sha256:{'0' * 64}", content=b"other")
    assert wrong.status_code == 409
    assert http.get("/api/v1/artifacts/sha256:..%2f..%2ftoken").status_code in {404, 422}


def test_a_stream_speaks_server_sent_events_and_lines(http, unique):
    with http.stream("GET", "/api/v1/events/stream", headers={"Accept": "text/event-stream"}) as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        http.post("/api/v1/runs/start", json={"name": unique, "run_kind": "job"})
        for line in events.iter_lines():
            if line.startswith("data: ") and unique in line:
                assert json.loads(line.removeprefix("data: "))["kind"] == "run.created"
                break


def test_the_committed_openapi_document_is_the_present_one():
    assert SCHEMA.read_text() == openapi_text(), "run `make schema`"


def test_a_port_in_use_is_one_clear_error(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = {"PATH": "/usr/bin", "HENDRIX_HOME": str(tmp_path / "h"), "HENDRIX_SERVER_PORT": str(port)}
        ended = subprocess.run(
            [sys.executable, "-m", "hendrix.server"], env=environment, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 1
    assert f"port {port} on 127.0.0.1 can't be used" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_beyond_loopback_everything_needs_a_token(tmp_path):
    started = start_server(tmp_path / "h", HENDRIX_SERVER_HOST="0.0.0.0")  # noqa: S104 - what this is about
    try:
        assert httpx.get(f"{started.url}/health").status_code == 200
        assert httpx.get(f"{started.url}/api/v1/entities/counts").status_code == 401
        token = {"Authorization": f"Bearer {started.token}"}
        assert httpx.get(f"{started.url}/api/v1/entities/counts", headers=token).status_code == 200
    finally:
        stop_server(started)


@pytest.mark.slow
def test_a_killed_server_leaves_the_folder_whole_and_the_port_free(tmp_path):
    import os
    import signal

    import psutil

    first = start_server(tmp_path / "h")
    port = first.url.rpartition(":")[2]
    run = httpx.post(f"{first.url}/api/v1/runs/start", json={"name": "kept", "run_kind": "job"}).json()
    family = psutil.Process(first.process.pid).children(recursive=True)
    os.kill(first.process.pid, signal.SIGKILL)
    for member in family:
        member.kill()
    psutil.wait_procs(family, timeout=10)
    first.process.wait()
    second = start_server(tmp_path / "h", HENDRIX_SERVER_PORT=port)
    try:
        assert httpx.get(f"{second.url}/api/v1/entities/show", params={"ref": run["id"]}).json()["name"] == "kept"
    finally:
        stop_server(second)
