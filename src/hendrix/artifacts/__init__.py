"""Content-addressed files and folders: bytes go in, their digest comes out, and the digest brings them back.

Upload comes before commit: an operation is told the digests of what is already kept.
"""

from __future__ import annotations

from hendrix.artifacts.folders import get_folder, put_folder, read_folder
from hendrix.artifacts.records import Blob, File, Folder
from hendrix.artifacts.store import Artifacts, LocalArtifacts, RemoteArtifacts

__all__ = [
    "Artifacts",
    "Blob",
    "File",
    "Folder",
    "LocalArtifacts",
    "RemoteArtifacts",
    "get_folder",
    "put_folder",
    "read_folder",
]
