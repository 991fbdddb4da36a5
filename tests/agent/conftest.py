"""A state folder with two versions of a small model, and an agent that ends with the tests of a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from sklearn.linear_model import LogisticRegression

from hendrix.agent import end, living
from hendrix.models import log_model
from hendrix.session import Home, connect, disconnect

sys.path.insert(0, str(Path(__file__).parent))

from agent_parts import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A state folder with delay@1 and delay@2; whatever runs in it is ended after the file's tests."""
    folder = tmp_path_factory.mktemp("home")
    home = connect(home=str(folder)).home
    for version in (1, 2):
        rows = rows_of(version)
        outcome = (rows["a"].to_numpy() > 0) if version == 1 else (rows["b"].to_numpy() > 0)
        log_model(LogisticRegression().fit(rows.to_pandas(), outcome), name="delay", example=rows.slice(0, 3))
    disconnect()
    yield home
    end(home)
    assert living(home.root) is None
    assert [p for p in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(p.info["cmdline"] or ())] == []


@pytest.fixture
def home(root: Home) -> Home:
    """The state folder, with a session on it."""
    connect(home=str(root.root))
    return root
