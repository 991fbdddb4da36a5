"""Deploying, end to end: real worker processes behind real sockets, owned by a real agent."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import psutil
import pytest
from agent_parts import free_port, rows_of, until

import hendrix as hx
from hendrix.agent import living
from hendrix.entities import ConflictError, EdgeType, InvalidInputError, Kind, NotFoundError, UnavailableError
from hendrix.graph import history, neighbours
from hendrix.serving import deployments
from hendrix.session import client

if TYPE_CHECKING:
    from pathlib import Path

    from hendrix.serving import Deployment
    from hendrix.session import Home

FIRST = {"a": [3.0, -3.0], "b": [0.0, 0.0]}
"""Rows that only the first version tells apart."""


def get(url: str, path: str) -> tuple[int, bytes]:
    host, port = url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def pid(deployment: Deployment) -> int:
    deployment.refresh()
    return int((deployment.entity.observed or {}).get("pid", 0))


def told_apart(deployment: Deployment) -> bool:
    high, low = deployment.predict(FIRST)
    return bool(high > 0.9 and low < 0.1)


@pytest.mark.usefixtures("home")
def test_a_version_is_deployed_pinned_joined_and_asked() -> None:
    deployment = hx.deploy("delay@1", "prod", description="for the tests")
    assert (deployment.status, deployment.changed) == ("ready", True)
    assert told_apart(deployment)
    rows = rows_of(1).slice(0, 20)
    expected = hx.model("delay@1").load().predict(rows).tolist()
    assert deployment.predict(rows) == pytest.approx(expected)
    assert deployment.predict(rows.to_pandas()) == pytest.approx(expected)
    assert deployment.predict({"a": 3.0, "b": 0.0}) == pytest.approx(deployment.predict([{"a": 3, "b": 0}]))
    facts = deployment.entity.facts
    version = hx.model("delay@1")
    assert (facts["version_id"], facts["version_digest"]) == (version.id.hex, version.digest)
    assert facts["port"] == int(deployment.url.rpartition(":")[2])
    with client().host.store.read("test") as graph:
        joined = neighbours(graph, deployment.entity)
        verbs = [event.kind for event in history(graph, entity=deployment.entity).items]
    assert [(edge, up, other.ref) for edge, up, other in joined] == [(EdgeType.DEPLOYED, True, version.ref)]
    assert verbs == ["deployment.given_port", "deployment.created"]
    assert deployment.stats().version == "1"
    assert any("serving hx://default/model/delay@1" in line for line in deployment.logs())


@pytest.mark.usefixtures("home")
def test_the_same_again_changes_nothing() -> None:
    before = hx.deployment("prod")
    process, updated = pid(before), before.entity.updated_at
    again = hx.deploy("delay@1", "prod")
    assert (again.changed, again.entity.updated_at, pid(again)) == (False, updated, process)
    assert [d.name for d in deployments()] == ["prod"]


@pytest.mark.usefixtures("home")
def test_another_version_takes_over_on_the_same_port_and_every_request_is_answered() -> None:
    deployment = hx.deployment("prod")
    port = int(deployment.url.rpartition(":")[2])
    body = json.dumps({"inputs": {"a": [3.0], "b": [0.0]}})
    answers: list[tuple[int, str]] = []
    lost: list[Exception] = []
    stop = threading.Event()

    def ask() -> None:
        try:
            while not stop.is_set():
                try:
                    answers.append(once())
                except ConnectionError:  # closed at the takeover before an answer: clients ask again
                    answers.append(once())
        except Exception as error:  # noqa: BLE001 - a thread's error must reach the test
            lost.append(error)

    def once() -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("POST", "/invocations", body)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("hendrix-version") or ""
        finally:
            connection.close()

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    new = hx.deploy("delay@2", "prod")
    until(lambda: answers[-1][1] == "hx://default/model/delay@2", "an answer of the new version")
    stop.set()
    for asker in askers:
        asker.join()
    assert (new.changed, int(new.url.rpartition(":")[2])) == (True, port)
    assert not told_apart(new)
    assert lost == []
    assert {status for status, _ in answers} == {200}
    assert {version for _, version in answers} == {"hx://default/model/delay@1", "hx://default/model/delay@2"}


@pytest.mark.usefixtures("home")
def test_a_worker_that_dies_is_started_again_on_the_same_port() -> None:
    deployment = hx.deployment("prod")
    url, victim = deployment.url, pid(deployment)
    os.kill(victim, 9)
    until(lambda: deployment.status == "ready" and pid(deployment) != victim, "a new worker")
    assert deployment.url == url
    assert deployment.entity.observed["restarts"] == 1
    assert deployment.entity.observed["last_exit"] == "ended by SIGKILL"
    assert len(deployment.predict(FIRST)) == 2


def test_a_killed_agent_leaves_workers_answering_and_the_next_one_takes_them_over(home: Home, monkeypatch) -> None:
    deployment = hx.deployment("prod")
    url, worker = deployment.url, pid(deployment)
    agent = living(home.root)
    os.kill(agent.process.pid, 9)
    until(lambda: living(home.root) is None, "the end of the agent")
    assert get(url, "/ping")[0] == 200
    with monkeypatch.context() as sooner:
        sooner.setattr("hendrix.serving.handles.UNSEEN_AFTER_S", 0.0)
        assert deployment.status == "unseen"
    assert hx.deploy("delay@2", "prod").changed is False
    assert living(home.root).agent != agent.agent
    assert (deployment.status, pid(deployment), deployment.url) == ("ready", worker, url)
    os.kill(worker, 9)
    until(lambda: deployment.status == "ready" and pid(deployment) != worker, "a new worker of the new agent")
    assert (deployment.url, get(url, "/ping")[0]) == (url, 200)


def test_killed_together_both_come_back_on_the_same_port(home: Home) -> None:
    deployment = hx.deployment("prod")
    url, worker, agent = deployment.url, pid(deployment), living(home.root)
    os.kill(agent.process.pid, 9)
    os.kill(worker, 9)
    until(lambda: not psutil.pid_exists(worker) and living(home.root) is None, "the end of both")
    assert hx.deploy("delay@2", "prod").url == url
    assert pid(deployment) != worker
    assert get(url, "/ping")[0] == 200


def test_the_endpoint_survives_the_process_that_deployed_it(home: Home) -> None:
    program = (
        f"import hendrix as hx, sys\nhx.connect(home={str(home.root)!r})\nprint(hx.deploy('delay@1', 'survivor').url)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert get(done.stdout.strip(), "/ping")[0] == 200
    deployment = hx.deployment("survivor")
    worker = psutil.Process(pid(deployment))
    assert worker.terminal() is None
    assert os.getsid(worker.pid) == worker.pid
    held = {file.path for file in worker.open_files()}
    assert not any(path.endswith("agent/lock") for path in held)
    deployment.delete()


@pytest.mark.usefixtures("home")
def test_a_version_that_cannot_be_loaded_leaves_the_one_before_answering(tmp_path: Path) -> None:
    from hendrix.artifacts import put_folder
    from hendrix.models.operations import register
    from hendrix.models.records import Register

    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "MLmodel").write_text("flavors: {}\n")
    folder = put_folder(client().artifacts, broken)
    facts = hx.model("delay@1").facts
    made = client().call(register, Register(name="delay", digest=folder.digest, size=1, facts=facts)).version
    deployment = hx.deployment("prod")
    worker = pid(deployment)
    with pytest.raises(UnavailableError, match="names no flavour") as raised:
        hx.deploy(made.ref, "prod")
    assert "delay@2 goes on answering" in raised.value.message
    assert (deployment.status, pid(deployment)) == ("failed", worker)
    assert len(deployment.predict(FIRST)) == 2
    with pytest.raises(UnavailableError, match="names no flavour"):
        hx.deploy(made.ref, "broken")
    status, raw = get(hx.deployment("broken").url, "/v2/health/ready")
    assert (status, "names no flavour" in json.loads(raw)["detail"]) == (503, True)
    hx.deployment("broken").delete()
    assert hx.deploy("delay@2", "prod").status == "ready"


@pytest.mark.usefixtures("home")
def test_a_port_in_use_is_named_and_taken_when_it_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        with pytest.raises(ConflictError, match=f"port {port} on 127.0.0.1 is used by another process") as raised:
            hx.deploy("delay@1", "elsewhere", port=port)
        assert "port=" in raised.value.hint
        assert hx.deployment("elsewhere").status == "port-in-use"
    until(lambda: hx.deployment("elsewhere").status == "ready", "the port that became free")
    moved = free_port()
    deployment = hx.deploy("delay@1", "elsewhere", port=moved)
    assert deployment.url == f"http://127.0.0.1:{moved}"
    assert get(deployment.url, "/ping")[0] == 200
    until(lambda: refused(port), "the end of the old port")
    deployment.delete()
    assert refused(moved)
    with pytest.raises(NotFoundError):
        hx.deployment("elsewhere")


def refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_stop_keeps_the_name_and_the_port_and_restart_brings_it_back(home: Home) -> None:
    deployment = hx.deployment("prod")
    url = deployment.url
    before = len(deployment.predictions())
    answered = sum(len(deployment.predict(FIRST)) for _ in range(5))
    deployment.stop()
    assert (deployment.status, refused(int(url.rpartition(":")[2]))) == ("stopped", True)
    # A graceful stop loses no prediction.
    assert len(deployment.predictions()) == before + answered
    with pytest.raises(UnavailableError, match="prod is stopped"):
        deployment.predict(FIRST)
    deployment.restart()
    assert (deployment.status, deployment.url) == ("ready", url)
    worker = pid(deployment)
    deployment.restart()
    assert (deployment.url, pid(deployment) != worker) == (url, True)


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: hx.deploy("delay"), InvalidInputError, "names a model, not a version"),
        (lambda: hx.deploy("delay@99"), NotFoundError, "no version '99'"),
        (lambda: hx.deploy("dealy@1"), NotFoundError, "no model named 'dealy'"),
        (lambda: hx.deploy("delay@1", port=80), InvalidInputError, "the port is 80"),
        (lambda: hx.deploy("delay@1", "a@b"), InvalidInputError, "a@b"),
        (lambda: hx.deployment("prud"), NotFoundError, "no deployment named 'prud'"),
        (lambda: hx.deployment("prod").predict({"a": 1}), InvalidInputError, "'b' is missing"),
        (lambda: hx.deployment("prod").predict({"a": 1, "b": 2}, at="2013-12-15"), InvalidInputError, "no time zone"),
        (lambda: hx.deployment("prod").predict(3), InvalidInputError, "a int holds no rows"),
    ],
)
@pytest.mark.usefixtures("home")
def test_bad_input_is_named(call, kind, says) -> None:
    with pytest.raises(kind, match=says):
        call()
    assert {d.name for d in deployments()} == {"prod"}


@pytest.mark.usefixtures("home")
def test_what_is_deployed_is_no_business_of_who_may_only_log() -> None:
    from hendrix.entities import RefusedError
    from hendrix.serving import operations
    from hendrix.serving.records import Deploy, DeploymentRef
    from hendrix.session import anonymous, execute

    host = client().host
    execute(host, anonymous(), operations.show, DeploymentRef(ref="prod"))
    for operation, request in (
        (operations.create, Deploy(model="delay@1", name="prod")),
        (operations.stop, DeploymentRef(ref="prod")),
        (operations.restart, DeploymentRef(ref="prod")),
        (operations.delete, DeploymentRef(ref="prod")),
    ):
        with pytest.raises(RefusedError):
            execute(host, anonymous(), operation, request)
    with host.store.read("test") as graph:
        assert graph.find(Kind.DEPLOYMENT, "prod").facts["version"] == 2


@pytest.mark.usefixtures("home")
def test_another_port_than_the_one_that_was_taken_is_tried_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConflictError, match=str(taken.getsockname()[1])):
            hx.deploy("delay@1", "elsewhere", port=taken.getsockname()[1])
        moved = hx.deploy("delay@1", "elsewhere", port=free_port())
    assert moved.status == "ready"
    moved.delete()
