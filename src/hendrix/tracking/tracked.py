"""Tracked runs: what a program says while it works, buffered here and kept by the graph."""

from __future__ import annotations

import atexit
import math
import sys
import threading
import time
import traceback
from collections import deque
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from hendrix.artifacts import File
from hendrix.entities import HendrixError, InvalidInputError, RunKind, State, UnavailableError, new_id
from hendrix.session import Handle, client, current_run, running
from hendrix.session import runs as lives
from hendrix.tracking.operations import log as log_operation
from hendrix.tracking.operations import show
from hendrix.tracking.points import Buffer
from hendrix.tracking.records import Logged, ShowRun

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

FLUSH_EVERY_S = 0.25
FLUSH_POINTS = 50_000


class Run(Handle, AbstractContextManager["Run"]):
    """A tracked run. Use it as a context manager: it ends with the block, as failed when the block raises.

    What is logged is buffered and sent in the background a few times a second; `flush` waits until all of it
    is kept.
    """

    def __init__(self, entity: Any) -> None:
        super().__init__(entity)
        self._client = client()
        self._writer = new_id()
        self._sequence = 0
        self._step = -1
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._pending = _Pending()
        self._wake = threading.Event()
        self._unsent: deque[Logged] = deque()
        self._ended = False
        self._scope: AbstractContextManager[None] | None = None
        self._thread = threading.Thread(target=self._loop, name=f"hendrix-run-{entity.id.hex[:8]}", daemon=True)
        self._thread.start()
        atexit.register(self._at_exit)

    # --- saying ---------------------------------------------------------------------------------

    def log(self, *, step: int | None = None, **metrics: float) -> None:
        """Log the values of metrics at a step; without one, the step after the last.

        Raises
        ------
        InvalidInputError
            When a value is no number.
        """
        self.log_metrics(metrics, step=step)

    def log_metrics(self, metrics: Mapping[str, float], *, step: int | None = None) -> None:
        """Log metrics whose names are no Python names; else as `log`."""
        now = time.time_ns() // 1000
        with self._lock:
            self._step = self._step + 1 if step is None else int(step)
            for name, value in metrics.items():
                try:
                    number = float(value)
                except (TypeError, ValueError) as error:
                    message = f"the metric {name!r} is {value!r}, which is no number"
                    raise InvalidInputError(message, hint="Log text as a param, or a file as an artifact.") from error
                self._pending.points.add(name, self._step, now, number)
            full = self._pending.points.points >= FLUSH_POINTS
        if full:
            self._wake.set()

    def params(self, **params: Any) -> None:
        """Log params: what the run was given. They are written once."""
        with self._lock:
            self._pending.params |= {name: str(value) for name, value in params.items()}

    def log_tags(self, **tags: str) -> None:
        """Set tags of the run."""
        with self._lock:
            self._pending.tags |= {name: str(value) for name, value in tags.items()}

    def log_artifact(self, path: str | Path, name: str | None = None) -> None:
        """Keep a file, or all files of a folder, with the run.

        Parameters
        ----------
        name
            Its path in the run; by default the file's own name.

        Raises
        ------
        InvalidInputError
            When there is no such file.
        """
        source = Path(path)
        if not source.exists():
            message = f"there is no file {str(path)!r} to keep"
            raise InvalidInputError(message, hint="Write it first, then log it.")
        top = name or source.name
        files = [source] if source.is_file() else sorted(inner for inner in source.rglob("*") if inner.is_file())
        for file in files:
            blob = self._client.artifacts.put(file)
            inside = top if source.is_file() else f"{top}/{file.relative_to(source).as_posix()}"
            self._add(File(path=inside, digest=blob.digest, size=blob.size))

    def log_text(self, text: str, name: str) -> None:
        """Keep a text with the run, as a file of this name."""
        blob = self._client.artifacts.put(text.encode())
        self._add(File(path=name, digest=blob.digest, size=blob.size))

    def _add(self, file: File) -> None:
        with self._lock:
            self._pending.artifacts[file.path] = file

    # --- keeping --------------------------------------------------------------------------------

    def flush(self) -> None:
        """Wait until all that was logged is kept.

        Raises
        ------
        HendrixError
            When it is refused, or the server is away; then it waits for the next flush.
        """
        with self._sending:
            with self._lock:
                taken, self._pending = self._pending, _Pending()
            if not taken.empty():
                self._unsent.append(
                    Logged(
                        run=self.id,
                        writer=self._writer,
                        sequence=self._sequence,
                        params=taken.params,
                        tags=taken.tags,
                        artifacts=tuple(taken.artifacts.values()),
                        points=taken.points.points,
                        packed=taken.points.pack() if taken.points.points else b"",
                    )
                )
                self._sequence += 1
            while self._unsent:
                self._client.call(log_operation, self._unsent[0])
                self._unsent.popleft()

    def _loop(self) -> None:
        beaten = time.monotonic()
        while not self._ended:
            self._wake.wait(FLUSH_EVERY_S)
            self._wake.clear()
            try:
                self.flush()
                if not self._ended and time.monotonic() - beaten > lives.BEAT_EVERY_S:
                    self._client.call(lives.beat, lives.Beat(run=self.id))
                    beaten = time.monotonic()
            except UnavailableError:
                continue  # what was not sent waits, and the next flush tries again
            except HendrixError as error:
                # What is refused would be refused again. (Where the sign of life is, nothing waits to be sent.)
                if self._unsent:
                    self._unsent.popleft()
                _complain(error)

    # --- ending ---------------------------------------------------------------------------------

    def finish(self, state: State = State.FINISHED, error: str | None = None) -> None:
        """Flush and end the run; ending it twice changes nothing."""
        if self._ended:
            return
        self.flush()
        self._ended = True
        self._wake.set()
        self.entity = self._client.call(lives.finish, lives.Finish(run=self.id, state=state, error=error))
        atexit.unregister(self._at_exit)

    def _at_exit(self) -> None:
        try:
            self.finish()
        except HendrixError as error:
            _complain(error)

    def __enter__(self) -> Self:
        self._scope = running(self.id)
        self._scope.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._scope is not None:
            self._scope.__exit__(kind, error, trace)
        if error is None:
            self.finish()
        elif isinstance(error, KeyboardInterrupt):
            self.finish(State.STOPPED, "stopped from the keyboard")
        else:
            self.log_text("".join(traceback.format_exception(error)), "error.txt")
            self.finish(State.FAILED, f"{type(error).__name__}: {error}")

    # --- reading --------------------------------------------------------------------------------

    @property
    def metrics(self) -> dict[str, float]:
        """The last value of each metric that is kept; NaN where it is no number."""
        self.flush()
        detail = self._client.call(show, ShowRun(run=str(self.id)))
        return {metric.name: math.nan if metric.last is None else metric.last for metric in detail.metrics}


def _complain(error: HendrixError) -> None:
    # Neither a thread nor the end of a program can raise to anyone.
    print(f"hendrix: not logged: {error}", file=sys.stderr)  # noqa: T201 - a person's terminal


class _Pending:
    """What waits for the next flush."""

    def __init__(self) -> None:
        self.params: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.artifacts: dict[str, File] = {}
        self.points = Buffer()

    def empty(self) -> bool:
        return not (self.params or self.tags or self.artifacts or self.points.points)


def run(
    name: str | None = None,
    *,
    project: str | None = None,
    tags: Mapping[str, str] | None = None,
    id: UUID | str | None = None,  # noqa: A002 - the field's word
) -> Run:
    """Start a tracked run: `with hx.run("baseline", project="delay") as run: run.log(loss=0.3)`.

    Parameters
    ----------
    name
        What a person calls it; by default the name of the program.
    project
        The project that it belongs to, made on first use; by default the setting `project`.
    id
        The id of a run to go on with.
    """
    here = client()
    facts = lives.surroundings()
    entity = here.call(
        lives.start,
        lives.Start(
            name=name or facts["program"],
            run_kind=RunKind.TRACKING,
            id=UUID(str(id)) if id is not None else new_id(),
            project=project or here.settings["project"],
            parent=current_run(),
            tags=dict(tags or {}),
            facts=facts,
        ),
    )
    return Run(entity)
