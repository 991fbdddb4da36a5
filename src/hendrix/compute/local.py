"""The Ray of this machine: started on first need, quiet, and gone with the process that started it."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import psutil

from hendrix.lazy import require
from hendrix.session import Process, identify, this_process

if TYPE_CHECKING:
    from collections.abc import Callable

_OBJECT_STORE_MOST = 10**9
_OBJECT_STORE_SHARE = 0.2
_OBJECT_STORE_LEAST = 80 * 10**6
"""Bytes; Ray refuses less than 75 MiB."""


def start(home: Path, **options: Any) -> None:
    """Start a Ray of this process alone, and write down its processes so that orphans can be ended.

    Parameters
    ----------
    home
        The state folder.
    options
        Passed on to `ray.init`.
    """
    folder = home / "ray"
    folder.mkdir(parents=True, exist_ok=True)
    reap(home)
    secure_token()
    store = min(_OBJECT_STORE_MOST, int(psutil.virtual_memory().available * _OBJECT_STORE_SHARE))
    options = {"object_store_memory": max(store, _OBJECT_STORE_LEAST), "include_dashboard": False} | options
    initialise("local", **options)
    me = this_process()
    servers = []
    for child in psutil.Process().children(recursive=True):
        # One may end between being listed and being looked at.
        with contextlib.suppress(psutil.NoSuchProcess):
            if any("/ray/" in part for part in child.cmdline()):
                servers.append(identify(child.pid))
    (folder / f"{me.pid}.json").write_bytes(msgspec.json.encode({"driver": me, "servers": servers}))


def initialise(address: str, **options: Any) -> None:
    """Call `ray.init` in a thread that never ends, without Ray's own prints and handlers.

    The kernel ends Ray's servers when the *thread* that started them ends, and only the main thread
    lets Ray replace the SIGTERM handler of the application: a thread of our own avoids both.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Workers inherit it: on a shared machine, OpenMP threads that spin while they wait take the processor from others.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    def init() -> None:
        ray = require("ray", "compute")
        logging.getLogger("ray").setLevel(logging.ERROR)
        if address != "local":
            _present_token()
        _quiet_stdout()
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **options)

    keep(init)


def _quiet_stdout() -> None:
    """Send what Ray's servers report to its log: Ray would print it on the program's standard output."""
    from ray._private import worker

    def log(report: dict[str, Any], **_: Any) -> None:
        logging.getLogger("ray").info("%s: %s", report.get("pid"), "\n".join(report.get("lines", ())))

    vars(worker)["print_to_stdstream"] = log


def _present_token() -> None:
    """Have Ray show our token, if there is one: for an address that it is given it does not by itself."""
    try:
        from ray._private.authentication import authentication_token_setup as setup
    except ImportError:
        # An older Ray, whose clusters want no token unless they are told to.
        return
    setup.maybe_enable_token_auth_if_token_available(warn_if_disabled=False)


def keep(work: Callable[[], None]) -> None:
    """Do the work in a thread that stays until the process ends, and wait for the work alone."""
    done: Future[None] = Future()

    def stay() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            done.set_exception(error)
            return
        done.set_result(None)
        threading.Event().wait()

    threading.Thread(target=stay, name="hendrix-ray", daemon=True).start()
    done.result()


def reap(home: Path) -> int:
    """End what is left of local Rays whose process is gone. Returns how many processes that were."""
    ended = 0
    for path in (home / "ray").glob("*.json"):
        told = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        driver = msgspec.convert(told["driver"], Process)
        if driver.here() and not driver.alive():
            servers = msgspec.convert(told["servers"], list[Process])
            ended += sum(server.send(signal.SIGKILL) for server in servers)
            path.unlink(missing_ok=True)
    return ended


def forget(home: Path) -> None:
    """Forget this process's Ray, which was shut down."""
    (home / "ray" / f"{os.getpid()}.json").unlink(missing_ok=True)


def secure_token() -> None:
    """Make Ray's token before Ray does, which would leave it readable by everybody on the machine."""
    if os.environ.get("RAY_AUTH_TOKEN") or os.environ.get("RAY_AUTH_TOKEN_PATH"):
        return
    path = Path.home() / ".ray" / "auth_token"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        path.write_text(secrets.token_hex(32), encoding="utf-8")
    if path.stat().st_uid == os.getuid() and path.stat().st_mode & 0o077:
        path.chmod(0o600)
