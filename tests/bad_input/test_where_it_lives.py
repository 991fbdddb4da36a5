"""A state folder, a database or a port that can't be used: one clear error, and nothing is left running."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hendrix.entities import InvalidInputError, UnavailableError
from hendrix.session import connect
from hendrix.session.operations import counts
from hendrix.session.records import Nothing


@pytest.mark.parametrize(
    ("url", "error", "told"),
    [
        ("nonsense", InvalidInputError, "no address of a database"),
        ("mysql://u:secret@db/x", InvalidInputError, "can't live in 'mysql'"),
        ("postgresql://u:secret@127.0.0.1:1/x", UnavailableError, "127.0.0.1"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(tmp_path, url, error, told):
    with pytest.raises(error, match=told) as caught:
        connect(home=str(tmp_path / "home"), database=url).call(counts, Nothing())
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "graph.db").write_text("this is a letter, not a database" * 100)
    with pytest.raises(UnavailableError, match=r"graph\.db"):
        connect(home=str(tmp_path / "home")).call(counts, Nothing())


@pytest.mark.parametrize("path", ["file", "file/below"])
def test_a_file_in_the_place_of_the_state_folder_is_named(tmp_path, path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInputError, match="can't be the state folder"):
        connect(home=str(tmp_path / path)).call(counts, Nothing())


@pytest.mark.parametrize("port", ["abc", "99999"])
def test_a_port_that_is_none_is_named(tmp_path, port):
    environment = {"PATH": "/usr/bin", "HENDRIX_HOME": str(tmp_path / "h"), "HENDRIX_SERVER_PORT": port}
    ended = subprocess.run(
        [sys.executable, "-m", "hendrix.server"], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert f"the port is '{port}'" in ended.stderr
    assert "Traceback" not in ended.stderr
