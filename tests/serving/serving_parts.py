"""Real parts for the serving tests: models, a feature reader, servers on loopback, a plain client."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import uvicorn

from hendrix.serving import (
    InferenceCore,
    InputColumn,
    KeyColumn,
    Served,
    ServingSpec,
    ViewKeys,
)
from hendrix.serving.asgi import AsgiShell
from hendrix.serving.http_server import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hendrix.serving import PredictionLog

SERVED = Served(deployment="delay-prod", model="delay", version="3", ref="hx://default/model/delay@3", digest="d1")
SPEC = ServingSpec(
    inputs=(
        InputColumn(name="distance", type="double"),
        InputColumn(name="hour", type="long"),
        InputColumn(name="carrier", type="string"),
        InputColumn(name="carrier_delay", type="double", view="carrier_delays@2", feature="mean_7d"),
        InputColumn(name="seats", type="long", view="planes@1", feature="seats"),
    ),
    views=(
        ViewKeys(view="carrier_delays@2", keys=(KeyColumn(name="carrier"),)),
        ViewKeys(view="planes@1", keys=(KeyColumn(name="tailnum"),)),
    ),
)
VECTOR_SPEC = ServingSpec(inputs=(InputColumn(name="x", type="float", shape=(3,)),))
ROW = {"distance": 100.0, "hour": 7, "carrier": "UA", "tailnum": "N1"}


class Linear:
    """A model whose answer names each input's share: distance + 1000 hour + 10^6 delay + 10^9 seats."""

    def predict(self, columns: dict[str, Any]) -> Any:
        total = columns["distance"] + 1e3 * columns["hour"]
        for factor, name in ((1e6, "carrier_delay"), (1e9, "seats")):
            values = columns[name].astype(np.float64)
            total = total + factor * np.where(np.isnan(values), 0, values)
        return total


class VectorSum:
    """Adds the elements of each row's vector."""

    def predict(self, columns: dict[str, Any]) -> Any:
        return columns["x"].sum(axis=1)


class Gated(Linear):
    """Blocks until it is let go, and remembers the rows of each call."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.calls: list[int] = []

    def predict(self, columns: dict[str, Any]) -> Any:
        self.calls.append(len(columns["hour"]))
        time.sleep(0.003)  # slow enough to be given the thread, as a model that blocks must be
        if (columns["hour"] > 0).any():  # neutral rows, of the timing at load, pass
            self.entered.set()
            self.gate.wait(20)
        if (columns["hour"] == 13).any():
            message = "unlucky"
            raise ValueError(message)
        return super().predict(columns)


class Store:
    """A feature reader over plain dictionaries; values before 2013 are not known yet."""

    DELAYS: ClassVar = {"UA": 5.0, "AA": 7.0}
    SEATS: ClassVar = {"N1": 150, "N2": 200}

    def __init__(self) -> None:
        self.reads: list[tuple[dict[str, list[Any]], int, tuple[str, ...]]] = []

    def read(
        self, keys: Mapping[str, Sequence[Any]], at_us: int, views: Sequence[str]
    ) -> tuple[dict[str, Sequence[Any]], dict[str, int]]:
        self.reads.append(({k: list(v) for k, v in keys.items()}, at_us, tuple(views)))
        known = at_us >= 1_356_998_400_000_000
        values: dict[str, Sequence[Any]] = {}
        unseen: dict[str, int] = {}
        for view, feature, key, table in (
            ("carrier_delays@2", "mean_7d", "carrier", self.DELAYS),
            ("planes@1", "seats", "tailnum", self.SEATS),
        ):
            if view in views:
                read = [table.get(k) if known else None for k in keys[key]]
                values[f"{view}.{feature}"] = read
                unseen[view] = sum(value is None for value in read)
        return values, unseen


class Server:
    """A core on a real socket, in a thread with an event loop of its own."""

    def __init__(
        self,
        core_of: Callable[[], InferenceCore],
        *,
        interface: str = "rsgi",
        start: Callable[..., None] | None = None,
    ) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self._core_of = core_of
        self._start = start
        self._interface = interface
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)

    async def _main(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.stop = asyncio.Event()
        self.core = self._core_of()
        if self._start is not None:
            self._start(self.core)
        self._up.set()
        if self._interface == "rsgi":
            await serve(self.core, self.listener, self.stop)
            return
        config = uvicorn.Config(AsgiShell(self.core), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[self.listener]))
        await self.stop.wait()
        server.should_exit = True
        await running
        self.core.close()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.shut()
        self.listener.close()

    def shut(self) -> None:
        """Stop gracefully and wait until it is through."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.stop.set)
            self._thread.join(20)
        assert not self._thread.is_alive()

    def call(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request on a connection of its own; a body that is no bytes is sent as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
            connection.request(method, path, body=raw, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def ask(self, body: object, path: str = "/invocations") -> tuple[int, Any]:
        """Post a body and read the JSON of the answer."""
        status, _, raw = self.call("POST", path, body)
        return status, json.loads(raw)


def flights(model: Any = None, *, log: PredictionLog | None = None, interface: str = "rsgi", **core: Any) -> Server:
    """A server of the flights' model, with the store."""

    def start(made: InferenceCore) -> None:
        made.ready(model or Linear(), SPEC, Store(), log)

    return Server(lambda: InferenceCore(SERVED, **core), start=start, interface=interface)


def vectors() -> Server:
    """A server of the vectors' model."""
    return Server(lambda: InferenceCore(SERVED), start=lambda core: core.ready(VectorSum(), VECTOR_SPEC))
