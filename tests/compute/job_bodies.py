"""What the tests run as jobs."""
# ruff: noqa: T201 - printing is what they do

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def spin() -> None:
    """Keep the interpreter busy, and never end."""
    print("spinning", flush=True)
    while True:
        pass


def sleep_in_c() -> None:
    """Sleep in one call that gives the interpreter's lock away."""
    print("sleeping", flush=True)
    time.sleep(3600)


def hold_the_lock() -> None:
    """Stay in one C call that keeps the interpreter's lock and never looks for signals."""
    print("holding", flush=True)
    sum(itertools.repeat(0))


def swallow() -> str:
    """Take no for an answer, never."""
    print("deaf", flush=True)
    while True:
        try:
            time.sleep(3600)
        except KeyboardInterrupt:
            print("ignored", flush=True)


def with_children(where: str) -> None:
    """Start a child, and a grandchild in a session of its own; tell their pids; wait."""
    code = "import subprocess, sys, time; p = subprocess.Popen(['sleep', '3600'], start_new_session=True); print(p.pid, flush=True); time.sleep(3600)"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    grandchild = child.stdout.readline().strip()
    Path(where).write_text(f"{child.pid} {grandchild}")
    print("born", flush=True)
    while True:
        pass


def die() -> None:
    """End the worker as the kernel would."""
    print("last words", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


def fail_until(path: str, times: int) -> int:
    """Raise until it was called so many times; then return how many times that was."""
    file = Path(path)
    count = int(file.read_text()) + 1 if file.exists() else 1
    file.write_text(str(count))
    if count <= times:
        message = f"attempt {count}"
        raise RuntimeError(message)
    return count


def burn(seconds: float, megabytes: int) -> int:
    """Use this much CPU time and this much memory."""
    block = bytearray(megabytes * 10**6)
    block[::4096] = b"x" * len(block[::4096])
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return len(block)


def talk(lines: int, path: str) -> None:
    """Print lines, each only after the last was acknowledged in a file."""
    for line in range(lines):
        print(f"line {line}", flush=True)
        subprocess.run(["echo", f"from a child {line}"], check=True)
        while not Path(f"{path}.{line}").exists():
            time.sleep(0.02)


def say(text: str, value: object) -> object:
    """Print and return."""
    print(text)
    return value
