"""The same verbs over HTTP: the server notes what should be, its machine's agent does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from agent_parts import rows_of
from sklearn.linear_model import LogisticRegression

import hendrix as hx
from hendrix.agent import end, ensure
from hendrix.session import connect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def remote(server, tmp_path) -> Iterator[object]:
    """A session on a server that has an agent beside it."""
    ensure(server.home)
    yield connect(home=str(tmp_path / "mine"), url=server.url, token=server.token)
    end(server.home)


def test_deploying_through_a_server(remote, server, unique: str) -> None:
    rows = rows_of(1)
    model = LogisticRegression().fit(rows.to_pandas(), rows["a"].to_numpy() > 0)
    version = hx.log_model(model, name=f"m-{unique}", example=rows.slice(0, 3))
    deployment = hx.deploy(version, f"d-{unique}")
    assert deployment.predict(rows.slice(0, 4)) == pytest.approx(
        model.predict_proba(rows.slice(0, 4).to_pandas())[:, 1]
    )
    assert any("serving" in line for line in deployment.logs())
    route = f"{server.url}/api/v1/deployments"
    assert httpx.get(f"{route}/show", params={"ref": f"d-{unique}"}).json()["observed"]["state"] == "ready"
    for verb in ("stop", "restart", "delete"):
        assert httpx.post(f"{route}/{verb}", json={"ref": f"d-{unique}"}).status_code == 401
    deployment.stop()
    assert deployment.status == "stopped"
    deployment.delete()
