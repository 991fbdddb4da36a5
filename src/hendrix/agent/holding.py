"""Who is the agent of a state folder: a lock that falls with its holder, and a note that names it."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from hendrix.agent.processes import ProcessId

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNote:
    """The agent at work: its id, and which process it is."""

    agent: str
    pid: int
    started: float

    @property
    def process(self) -> ProcessId:
        """The process."""
        return ProcessId(pid=self.pid, started=self.started)


def folder_of(root: Path) -> Path:
    """Say where a state folder keeps what is the agent's."""
    return root / "agent"


def take(root: Path) -> IO[str] | None:
    """Become the agent of a state folder: hold its lock until this process ends; None when another one does.

    The kernel drops the lock with the process, whatever ended it, so there is nothing stale to clear away. Workers
    don't inherit it: Python opens files closed to programs that are started.
    """
    folder = folder_of(root)
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def write_note(root: Path, agent: str) -> None:
    """Say who is the agent; only its lock's holder may."""
    own = ProcessId.own()
    note = folder_of(root) / "agent.json"
    temporary = note.with_name(f".agent.json.{os.getpid()}")
    temporary.write_bytes(msgspec.json.encode(AgentNote(agent=agent, pid=own.pid, started=own.started)))
    temporary.replace(note)


def clear_note(root: Path) -> None:
    """Take the note away, at the end."""
    (folder_of(root) / "agent.json").unlink(missing_ok=True)


def living(root: Path) -> AgentNote | None:
    """Return the agent that works on a state folder, or None."""
    try:
        note = msgspec.json.decode((folder_of(root) / "agent.json").read_bytes(), type=AgentNote)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return note if note.process.alive() else None
