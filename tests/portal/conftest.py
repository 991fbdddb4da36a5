"""A server with a whole thread on it, and a browser in front of it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from playwright.sync_api import sync_playwright
from sklearn.ensemble import HistGradientBoostingClassifier

import hendrix as hx
from hendrix.server.app import STATIC
from hendrix.session import connect, disconnect
from tests_support import Server, start_server, stop_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

START = datetime(2013, 12, 1, tzinfo=UTC)
ROWS = 600
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose graph holds flights, features, runs, an evaluated champion and its deployment."""
    if not (STATIC / "index.html").is_file():
        pytest.fail("the portal is not built: `make portal` builds it")
    server = start_server(tmp_path_factory.mktemp("portal") / "home")
    connect(home=str(server.home.root))
    _fill(tmp_path_factory.mktemp("flights"))
    disconnect()
    yield server
    stop_server(server)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium here: `apt-get install chromium` brings one")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, portal: Server) -> Iterator[Page]:
    """A fresh page; a script error, a broken content policy or a foreign address fails the test."""
    context = browser.new_context(base_url=portal.url, viewport={"width": 1360, "height": 860})
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    opened.on("request", lambda asked: None if asked.url.startswith(portal.url) else faults.append(asked.url))
    yield opened
    context.close()
    assert faults == []


def _fill(folder: Path) -> None:
    random = np.random.default_rng(3)
    delay = random.normal(5, 30, ROWS)
    flights = pl.DataFrame(
        {
            "row": range(ROWS),
            "scheduled": [START + timedelta(minutes=20 * n) for n in range(ROWS)],
            "arrived": [START + timedelta(minutes=20 * n + 200) for n in range(ROWS)],
            "carrier": random.choice(["UA", "AA", "DL"], ROWS),
            "origin": random.choice(["JFK", "LGA"], ROWS),
            "distance": random.uniform(100, 3000, ROWS),
            "delay": delay,
            "late": delay + random.normal(0, 10, ROWS) > 10,
        }
    )
    flights.write_parquet(folder / "flights.parquet")
    source = hx.Dataset(
        "flights", str(folder / "flights.parquet"), timestamp="scheduled", known_at="arrived", project="delay"
    )
    view = hx.FeatureView(
        "carrier_delays",
        entity=hx.Entity("carrier"),
        source=source,
        features=[hx.window.mean("delay", "2d"), hx.window.count("1d")],
    )
    spine = flights.select("row", "carrier", "origin", "distance", "late", at="scheduled")
    frame = hx.training_frame(spine.to_arrow(), [view], time="at")
    inputs = [name for name in frame.column_names if "__" in name or name == "distance"]
    trained = frame.select(inputs)
    with hx.run("boosting", project="delay") as run:
        run.params(learning_rate=0.1, max_iter=20)
        for step in range(500):
            run.log_metrics({"train/loss": 1 / (step + 1), "valid/loss": 1.2 / (step + 1)}, step=step)
        model = HistGradientBoostingClassifier(max_iter=20).fit(trained.to_pandas(), np.asarray(frame["late"]))
        version = hx.log_model(model, name="delay", example=trained.slice(0, 5))
    with pytest.raises(ValueError, match="seats"):
        _fail_in_a_run()
    hx.evaluate(version, frame, label="late", slices=["origin"])
    hx.evaluate(np.full(ROWS, 0.4), frame, label="late", name="constant")
    hx.promote(version, "champion")
    hx.materialize(view)
    deployment = hx.deploy("delay@champion", "delay")
    for _ in range(20):
        deployment.predict({"carrier": ["UA", "AA"], "distance": [500.0, 900.0]})


def _fail_in_a_run() -> None:
    with hx.run("broken", project="delay"):
        message = "no such column: seats"
        raise ValueError(message)
