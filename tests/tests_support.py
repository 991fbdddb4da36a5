"""Servers for tests, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from hendrix import agent
from hendrix.session import Home, read_note

if TYPE_CHECKING:
    from pathlib import Path

START_WITHIN_S = 60


@dataclass(frozen=True)
class Server:
    """A server in a process of its own, on a state folder of its own."""

    url: str
    token: str
    home: Home
    process: subprocess.Popen


def start_server(folder: Path, **variables: str) -> Server:
    """Start a server and wait for its first answer."""
    home = Home(folder)
    home.prepare()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HENDRIX_")}
    environment |= {"HENDRIX_HOME": str(folder), "HENDRIX_SERVER_PORT": "0", **variables}
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "hendrix.server"], env=environment, stdout=log, stderr=log)
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        note = read_note(home)
        if note is not None:
            try:
                if httpx.get(f"{note.url}/health").is_success:
                    return Server(note.url, home.read_token() or "", home, process)
            except httpx.TransportError:
                pass
        time.sleep(0.02)
    process.kill()
    pytest.fail(f"the server did not come up: {(folder / 'server.log').read_text()}")


def stop_server(server: Server) -> None:
    """End a server that `start_server` started."""
    server.process.terminate()
    try:
        server.process.wait(20)
    except subprocess.TimeoutExpired:
        server.process.kill()
    agent.end(server.home)
