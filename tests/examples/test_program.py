"""The example is short, and plain Flyte 2: the stock command takes it as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import paved_path

PROGRAM = Path(paved_path.__file__)


def test_it_is_shorter_than_120_lines() -> None:
    assert len(PROGRAM.read_text().splitlines()) < 120


def test_stock_flyte_would_deploy_it(tmp_path: Path) -> None:
    # Nothing listens there: a dry run bundles and translates, and sends nothing.
    nowhere = ("--endpoint", "dns:///127.0.0.1:9", "--insecure")
    project = ("--project", "p", "--domain", "development")
    done = subprocess.run(
        [Path(sys.executable).with_name("flyte"), *nowhere, "deploy", "--dry-run", *project, PROGRAM.name, "env"],
        cwd=PROGRAM.parent,
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for task in ("register", "train", "promote", "report", "serve", "pipeline"):
        assert f"flights.{task}" in done.stdout
