"""The inference server beside the floor: one row of 20 floats, a logistic regression, JSON over HTTP.

The floor is granian answering a constant over its own interface. Both run in a process of their own, the rounds
take turns, and the best round counts. Prints one JSON line a measure.

    python benchmarks/serving.py [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

WIDTH = 20
ROW = [round(0.1 * n, 1) for n in range(1, WIDTH + 1)]
BODY = json.dumps({"instances": [ROW]})
CONNECTIONS = (1, 16, 64)


def serve(kind: str) -> None:
    """Run one server on a free port, which is printed."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    asyncio.run(_floor(listener) if kind == "floor" else _ours(kind, listener))


async def _floor(listener: socket.socket) -> None:
    from hendrix.serving import InferenceCore, Served
    from hendrix.serving.http_server import make_server

    headers = [("content-type", "application/json")]

    async def constant(_: Any, protocol: Any) -> None:
        await protocol()
        protocol.response_bytes(200, headers, b'{"predictions":[0.5]}')

    server = make_server(InferenceCore(Served(deployment="floor", model="floor", version="1")), listener)
    server.target = constant
    await server.serve()


async def _ours(kind: str, listener: socket.socket) -> None:
    import numpy as np

    from hendrix.serving import InferenceCore, InputColumn, PredictionLog, Served, ServingSpec
    from hendrix.serving.http_server import serve as run

    random = np.random.default_rng(0)
    matrix = random.normal(size=(2000, WIDTH))
    labels = (matrix @ random.normal(size=WIDTH) > 0).astype(int)

    if kind == "sklearn":
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(matrix, labels)

        class Model:
            def predict(self, columns: dict[str, Any]) -> Any:
                return fitted.predict_proba(np.column_stack(list(columns.values())))[:, 1]

    else:
        weights = random.normal(size=WIDTH)

        class Model:  # type: ignore[no-redef]
            def predict(self, columns: dict[str, Any]) -> Any:
                return 1 / (1 + np.exp(-np.column_stack(list(columns.values())) @ weights))

    spec = ServingSpec(inputs=tuple(InputColumn(name=f"x{n}", type="double") for n in range(WIDTH)))
    served = Served(deployment="bench", model="bench", version="1")
    with tempfile.TemporaryDirectory() as folder:
        core = InferenceCore(served)
        core.ready(Model(), spec, log=PredictionLog(Path(folder), served, spec))
        await run(core, listener, asyncio.Event())


def load(port: int, connections: int, seconds: float) -> float:
    """Ask in a closed loop; answers a second."""
    if shutil.which("wrk"):
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(f"wrk.method='POST'\nwrk.headers['Content-Type']='application/json'\nwrk.body='{BODY}'\n")
            script.flush()
            told = subprocess.run(
                ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "-s", script.name, f"http://127.0.0.1:{port}/invocations"],
                capture_output=True, text=True, check=True,
            ).stdout  # fmt: skip
        if "Non-2xx" in told or "Socket errors" in told:
            raise SystemExit(told)
        return float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0])
    command = [sys.executable, __file__, "--client", str(port), str(connections), str(seconds)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


async def closed_loop(port: int, connections: int, seconds: float) -> float:
    """Do what wrk does, where there is none: one raw socket a connection."""
    request = (
        f"POST /invocations HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n{BODY}"
    ).encode()
    end = time.perf_counter() + seconds

    async def one() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = 0
        while time.perf_counter() < end:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode())
            await reader.readexactly(int(re.findall(rb"content-length: (\d+)", head)[0]))
            count += 1
        writer.close()
        return count

    return sum(await asyncio.gather(*(one() for _ in range(connections)))) / seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--serve", choices=("floor", "sklearn", "numpy"))
    parser.add_argument("--client", nargs=3)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    if given.client:
        print(asyncio.run(closed_loop(int(given.client[0]), int(given.client[1]), float(given.client[2]))))
        return
    rounds, seconds = (2, 2.0) if given.quick else (5, 4.0)
    running: dict[str, tuple[subprocess.Popen[str], int]] = {}
    try:
        for kind in ("floor", "numpy", "sklearn"):
            process = subprocess.Popen([sys.executable, __file__, "--serve", kind], stdout=subprocess.PIPE, text=True)
            running[kind] = (process, int(process.stdout.readline()))
            load(running[kind][1], 1, 1)
        best: dict[tuple[str, int], float] = {}
        for _ in range(rounds):
            for connections in CONNECTIONS:
                for kind, (_, port) in running.items():
                    rate = load(port, connections, seconds)
                    best[kind, connections] = max(best.get((kind, connections), 0), rate)
    finally:
        for process, _ in running.values():
            process.terminate()
            process.wait()
    names = {"sklearn": "logistic", "numpy": "logistic without scikit-learn"}
    for kind, name in names.items():
        for connections in CONNECTIONS:
            ours, floor = best[kind, connections], best["floor", connections]
            line = {
                "benchmark": f"{name} c{connections}",
                "ours": round(ours),
                "peer": "floor",
                "peer_value": round(floor),
                "unit": "requests/s",
                "ratio": round(ours / floor, 3),
            }
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
