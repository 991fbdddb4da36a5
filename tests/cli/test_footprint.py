"""The peak memory of a program counts what it started, detached or not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hendrix.cli.footprint import Footprint

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs /proc")

HOLD = "held = bytearray(b'x' * 200_000_000); print(len(held), flush=True); input()"


def test_memory_of_a_detached_child_counts() -> None:
    with Footprint("test") as footprint:
        child = subprocess.Popen(
            [sys.executable, "-c", HOLD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert child.stdout is not None
        child.stdout.readline()
        while (footprint.peak or 0) < 200_000_000 and child.poll() is None:
            pass
        child.communicate(b"\n")
    assert footprint.peak is not None
    assert footprint.peak > 200_000_000


def test_others_do_not_count() -> None:
    with Footprint("test") as alone:
        pass
    child = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    with Footprint("test") as beside:
        pass
    child.communicate(b"\n")
    assert alone.peak is not None
    assert beside.peak is not None
    assert beside.peak < alone.peak + 100_000_000
