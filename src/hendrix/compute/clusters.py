"""The Ray cluster that this process uses: the local one by default, an existing one by its address."""

from __future__ import annotations

import atexit
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

from hendrix.compute import local
from hendrix.compute.pending import WATCHER
from hendrix.compute.records import Cluster, Machine
from hendrix.entities import ConflictError, InvalidInputError, RefusedError, UnavailableError
from hendrix.lazy import require
from hendrix.session import client, progress

if TYPE_CHECKING:
    from pathlib import Path

_lock = threading.RLock()
_started_here: Path | None = None


def connect(address: str | None = None, **options: Any) -> Cluster:
    """Connect this process to a Ray cluster. Without an address, to the one that is set, else start one here.

    Parameters
    ----------
    address
        `HOST:PORT` of the cluster's GCS, `ray://HOST:PORT` of its client server, "auto" for one that
        runs on this machine, "local" for one of this process alone. Default: `HENDRIX_RAY_ADDRESS`,
        the setting `ray.address`, `RAY_ADDRESS`, else "local".
    options
        Passed on to `ray.init`, for a local Ray (`num_cpus`, `resources`, ...).

    Raises
    ------
    ConflictError
        When this process is already connected to another cluster.
    UnavailableError
        When no cluster answers at the address.
    RefusedError
        When the cluster has other machines than this one, and the state is a folder of this one.
    """
    global _started_here  # noqa: PLW0603 - one Ray per process is Ray's own rule
    ray = require("ray", "compute")
    with _lock:
        joined = not ray.is_initialized()
        wanted = address or configured_address()
        if ray.is_initialized():
            if address not in (None, "auto", current_address()) and not (address == "local" and _started_here):
                message = f"this process is already connected to the Ray cluster at {current_address()}"
                raise ConflictError(message, hint="Call hx.compute.disconnect() first.")
        elif wanted in (None, "local"):
            home = client().home
            home.prepare()
            with progress("Starting Ray on this machine (once per process)"):
                local.start(home.root, **options)
            _started_here = home.root
            atexit.register(disconnect)
        else:
            attach(str(wanted))
        found = cluster()
        try:
            refuse_folder_across_machines(found)
        except RefusedError:
            if joined:
                disconnect()
            raise
        return found


def disconnect() -> None:
    """Leave the cluster; a local Ray of this process ends, and with it the jobs that it runs."""
    global _started_here  # noqa: PLW0603 - see connect
    if "ray" not in sys.modules:
        return
    ray = require("ray", "compute")
    with _lock:
        WATCHER.stop_all()
        ray.shutdown()
        if _started_here is not None:
            local.forget(_started_here)
            _started_here = None


def cluster() -> Cluster:
    """Describe the cluster that this process is connected to."""
    ray = require("ray", "compute")
    machines = tuple(
        Machine(
            host=node["NodeManagerHostname"],
            cpus=node["Resources"].get("CPU", 0.0),
            gpus=node["Resources"].get("GPU", 0.0),
            memory=int(node["Resources"].get("memory", 0)),
        )
        for node in ray.nodes()
        if node["Alive"]
    )
    return Cluster(address=current_address(), local=_started_here is not None, machines=machines)


def current_address() -> str:
    """Return the address of the cluster that this process is connected to."""
    ray = require("ray", "compute")
    return str(ray.get_runtime_context().gcs_address)


def configured_address() -> str | None:
    """Return the address that the settings name, or None for a local Ray."""
    ray_own = os.environ.get("RAY_ADDRESS", "")
    # An http address is that of Ray's dashboard: its job commands read the same variable.
    return client().settings["ray.address"] or (None if ray_own.startswith("http") else ray_own) or None


def spans_machines(found: Cluster) -> bool:
    """Whether the cluster has any other machine than this one."""
    return {machine.host for machine in found.machines} != {socket.gethostname()}


def refuse_folder_across_machines(found: Cluster) -> None:
    """Refuse a cluster of several machines whose jobs could not reach the state folder.

    Raises
    ------
    RefusedError
        With the way out.
    """
    if client().url or not spans_machines(found):
        return
    others = sorted({machine.host for machine in found.machines} - {socket.gethostname()})
    message = (
        f"the Ray cluster at {found.address} has other machines ({', '.join(others)}), "
        "and they can't write to a state folder of this one"
    )
    hint = "Run `hendrix up` where they can reach it, and set HENDRIX_URL to its address here."
    raise RefusedError(message, hint=hint)


def attach(address: str) -> None:
    """Attach this process to a running cluster.

    Raises
    ------
    InvalidInputError
        When the address can't be read.
    UnavailableError
        When no cluster answers there, or not to us.
    """
    host, port = _host_and_port(address)
    if host is not None:
        try:
            socket.create_connection((host, port), timeout=5).close()
        except OSError as error:
            message = f"no Ray cluster answers at {address!r}: {error.strerror or error}"
            raise UnavailableError(message, hint=_ADDRESS_HINT) from error
    try:
        local.initialise(address)
    except (ConnectionError, RuntimeError, ValueError) as error:
        why: BaseException = error
        while why.__cause__ is not None:
            why = why.__cause__
        message = f"can't connect to the Ray cluster at {address!r}: {str(why).strip().splitlines()[0]}"
        raise UnavailableError(message, hint=_ADDRESS_HINT) from error


_ADDRESS_HINT = (
    "Check HENDRIX_RAY_ADDRESS (start a cluster with `ray start --head`, and give its token in "
    "RAY_AUTH_TOKEN when it was started elsewhere), or unset it to run on this machine."
)


def _host_and_port(address: str) -> tuple[str | None, int]:
    if address == "auto":
        return None, 0
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        message = f"{address!r} is no address of a Ray cluster"
        raise InvalidInputError(message, hint='Write it as "HOST:6379", "ray://HOST:10001", "auto" or "local".')
    return host, int(port)
