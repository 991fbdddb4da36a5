"""Artifacts: by digest, durable, the same here and on a server."""

from __future__ import annotations

import hashlib

import pytest

from hendrix.artifacts import LocalArtifacts, get_folder, put_folder, read_folder
from hendrix.entities import DriftError, InvalidInputError, NotFoundError
from hendrix.session import client


def test_bytes_come_back_by_their_digest(either, tmp_path):
    blob = either.artifacts.put(b"hello")
    assert blob.digest == f"sha256:{hashlib.sha256(b'hello').hexdigest()}"
    assert either.artifacts.path(blob.digest).read_bytes() == b"hello"
    (tmp_path / "file").write_bytes(b"hello")
    assert either.artifacts.put(tmp_path / "file") == blob


def test_a_digest_that_nothing_has_is_not_found(either):
    with pytest.raises(NotFoundError):
        either.artifacts.path("sha256:" + "0" * 64)


@pytest.mark.parametrize("digest", ["sha256:../../etc/passwd", "md5:abc", "sha256:" + "G" * 64])
def test_what_is_no_digest_is_refused(tmp_path, digest):
    with pytest.raises(InvalidInputError, match="digest"):
        LocalArtifacts(tmp_path).path(digest)


def test_other_bytes_than_announced_are_not_kept(tmp_path):
    store = LocalArtifacts(tmp_path)
    with pytest.raises(DriftError):
        store.receive([b"other"], expected="sha256:" + "0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_comes_back_whole_and_equal_folders_are_one(either, tmp_path):
    folder = tmp_path / "model"
    (folder / "data").mkdir(parents=True)
    (folder / "MLmodel").write_text("flavors: {}")
    (folder / "data" / "weights.bin").write_bytes(bytes(range(256)) * 5000)
    stored = put_folder(either.artifacts, folder)
    assert put_folder(either.artifacts, folder) == stored
    assert [file.path for file in stored.files] == ["MLmodel", "data/weights.bin"]
    assert read_folder(either.artifacts, stored.digest) == stored
    laid = get_folder(either.artifacts, stored.digest, client().home.cache / "folders")
    assert (laid / "data" / "weights.bin").read_bytes() == bytes(range(256)) * 5000
    assert get_folder(either.artifacts, stored.digest, client().home.cache / "folders") == laid


def test_an_empty_folder_is_refused(either, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInputError, match="holds no file"):
        put_folder(either.artifacts, tmp_path / "empty")
