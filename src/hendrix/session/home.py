"""The state folder: where it is, what lies in it, and who works on it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hendrix.entities import InvalidInputError, UnavailableError
from hendrix.session.files import read_record, write_record
from hendrix.session.processes import Process, this_process

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ".hendrix"
_held: dict[Path, IO[str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a running server wrote of itself into its state folder."""

    url: str
    process: Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What a process that uses a state folder wrote of itself there."""

    process: Process
    command: str


@dataclass(frozen=True, slots=True)
class Home:
    """The state folder of an embedded Hendrix, and of `hendrix up` on the same machine."""

    root: Path

    @classmethod
    def find(cls, given: str | None = None) -> Home:
        """Return the given folder, else the nearest `.hendrix` upwards, else one in the working directory."""
        if given:
            return cls(Path(given).expanduser().resolve())
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / FOLDER).is_dir():
                return cls(folder / FOLDER)
        return cls(here / FOLDER)

    @property
    def database(self) -> Path:
        """The graph's SQLite file."""
        return self.root / "graph.db"

    @property
    def artifacts(self) -> Path:
        """The content-addressed files."""
        return self.root / "artifacts"

    @property
    def cache(self) -> Path:
        """What can be made again: unpacked folders, fetched artifacts."""
        return self.root / "cache"

    @property
    def logs(self) -> Path:
        """The logs of jobs, deployments, the agent and the server."""
        return self.root / "logs"

    @property
    def features(self) -> Path:
        """The embedded online store."""
        return self.root / "features"

    @property
    def predictions(self) -> Path:
        """The prediction log, a folder for each deployment."""
        return self.root / "predictions"

    @property
    def journal(self) -> Path:
        """The workflow journal, a database of its own."""
        return self.root / "journal.db"

    @property
    def token(self) -> Path:
        """The token of this folder's server, readable by its owner only."""
        return self.root / "token"

    @property
    def note(self) -> Path:
        """What the folder's server wrote of itself."""
        return self.root / "server.json"

    def prepare(self) -> None:
        """Make the folder, closed to others, with a note that keeps it out of version control."""
        if self.root.is_dir():
            return
        try:
            self.root.mkdir(parents=True, mode=0o700, exist_ok=True)
            (self.root / ".gitignore").write_text("*\n")
        except OSError as error:
            message = f"{self.root} can't be the state folder: {error.strerror}"
            raise InvalidInputError(message, hint="Choose another with --home or HENDRIX_HOME.") from error

    def read_token(self) -> str | None:
        """Return the token, or None where no server was started here yet."""
        try:
            return self.token.read_text().strip() or None
        except FileNotFoundError:
            return None

    def ensure_token(self) -> str:
        """Return the token, made on first use with mode 0600; two processes that race get the same one."""
        self.prepare()
        try:
            handle = os.open(self.token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return self.token.read_text().strip()
        token = secrets.token_urlsafe(32)
        with os.fdopen(handle, "w") as file:
            file.write(token)
        return token

    def share(self) -> None:
        """Hold the folder's shared lock until this process ends, and say that we are here."""
        if self.root in _held:
            return
        self.prepare()
        file = (self.root / "lock").open("a")
        fcntl.flock(file, fcntl.LOCK_SH)
        _held[self.root] = file
        here = Presence(process=this_process(), command=" ".join(sys.orig_argv))
        write_record(self.root / "processes" / f"{os.getpid()}.json", here)

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the folder alone, for an upgrade.

        Raises
        ------
        UnavailableError
            When other processes work on it; they are named.
        """
        self.prepare()
        with (self.root / "lock").open("a") as file:
            if (held := _held.pop(self.root, None)) is not None:
                held.close()
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                named = "; ".join(f"{pid} ({command})" for pid, command in self.processes() if pid != os.getpid())
                message = f"{self.root} must be upgraded, but other processes use it: {named or 'unknown'}"
                raise UnavailableError(message, hint="End them (`hendrix down`), then try again.") from error
            yield

    def processes(self) -> list[tuple[int, str]]:
        """Return the living processes that said they use this folder: their pids and commands."""
        living: list[tuple[int, str]] = []
        for path in (self.root / "processes").glob("*.json"):
            told = read_record(path, Presence)
            if told is not None and told.process.alive():
                living.append((told.process.pid, told.command))
            else:
                path.unlink(missing_ok=True)
        return sorted(living)


def read_note(home: Home) -> Note | None:
    """Return what the server of a state folder wrote of itself, or None where none is alive."""
    note = read_record(home.note, Note)
    return note if note is not None and note.process.alive() else None


def write_note(home: Home, url: str) -> Note:
    """Write where this process serves, for the command line and the SDK on the same folder."""
    note = Note(url=url, process=this_process())
    write_record(home.note, note)
    return note
