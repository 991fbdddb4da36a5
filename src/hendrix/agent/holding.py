"""Who is the agent of a state folder: a lock that falls with its holder, and a note that names it."""

from __future__ import annotations

import fcntl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hendrix.session import Process, read_record, this_process, write_record

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNote:
    """The agent at work: its id, and which process it is."""

    agent: str
    process: Process


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
    write_record(_note(root), AgentNote(agent=agent, process=this_process()))


def clear_note(root: Path) -> None:
    """Take the note away, at the end."""
    _note(root).unlink(missing_ok=True)


def living(root: Path) -> AgentNote | None:
    """Return the agent that works on a state folder, or None."""
    note = read_record(_note(root), AgentNote)
    return note if note is not None and note.process.alive() else None


def _note(root: Path) -> Path:
    return folder_of(root) / "agent.json"
