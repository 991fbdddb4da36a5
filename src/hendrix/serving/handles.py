"""Deployments in the hands of a person: deploying, asking, following, stopping."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from hendrix.entities import (
    ConflictError,
    HendrixError,
    InvalidInputError,
    NotFoundError,
    State,
    UnavailableError,
    utc_now,
)
from hendrix.serving.operations import create, list_deployments, logs, restart, show, stop
from hendrix.serving.operations import delete as delete_deployment
from hendrix.serving.records import (
    Deploy,
    DeploymentList,
    DeploymentLogs,
    DeploymentRef,
    ServingStats,
)
from hendrix.session import Handle, client, every, lines, progress, short
from hendrix.session.wire import problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from hendrix.entities import Entity

PATIENCE_S = 120.0
"""How long a verb waits for the agent to do what was asked."""
LOOK_EVERY_S = 0.05
UNSEEN_AFTER_S = 30.0
"""After this long without a word of an agent, nobody knows how a deployment is."""
_STOPPED = frozenset({"stopped"})
_SETTLED = frozenset({"ready", "failed", "port-in-use"})


class Deployment(Handle):
    """A model version behind an HTTP endpoint."""

    changed: bool = False
    """Whether `hx.deploy` changed anything."""

    @property
    def url(self) -> str | None:
        """The endpoint's address, without a path; None before it has a port."""
        observed = self.entity.observed or {}
        return observed.get("url")

    @property
    def version(self) -> str:
        """The reference of the model version that it should serve."""
        return str(self.entity.facts["version_ref"])

    @property
    def status(self) -> str:
        """How it is, read now: ready, starting, replacing, restarting, failed, port-in-use or stopped.

        `unseen`: no agent has looked for a while; its process may well answer. Any verb that changes it, and
        `hendrix up`, start one.
        """
        self.refresh()
        return _state(self.entity)

    def predict(
        self,
        rows: Mapping[str, Any] | Sequence[Mapping[str, Any]] | Any,
        *,
        at: datetime | str | None = None,
        timeout: float = 60.0,
    ) -> list[Any]:
        """Ask the endpoint for predictions.

        Parameters
        ----------
        rows
            Columns (`{"carrier": ["UA", "AA"]}`), one row (`{"carrier": "UA"}`), a list of rows, or a table of
            Arrow, Polars or pandas. They name entity keys, features, or a mix.
        at
            As of when features are looked up; with a time zone. By default now.
        timeout
            Seconds to wait for the answer.

        Returns
        -------
        list
            One prediction for each row.

        Raises
        ------
        InvalidInputError
            For an unknown or missing column, or a value of a wrong type.
        UnavailableError
            When the endpoint does not answer.
        """
        body: dict[str, Any] = _body(rows)
        if at is not None:
            body["params"] = {"at": _moment(at)}
        answer = self._ask("POST", "/invocations", msgspec.json.encode(body), timeout)
        return list(msgspec.json.decode(answer)["predictions"])

    def stats(self) -> ServingStats:
        """Read the endpoint's live numbers."""
        return msgspec.json.decode(self._ask("GET", "/stats", b"", 10.0), type=ServingStats)

    def logs(self, *, follow: bool = False) -> Iterator[str]:
        """Yield the lines that its processes printed; with `follow`, also those to come."""
        return lines(client().stream(logs, DeploymentLogs(ref=str(self.id), follow=follow)))

    def predictions(self) -> pa.Table:
        """Read the log of its predictions: one row a predicted row, in the order of arrival.

        Raises
        ------
        NotFoundError
            When nothing was logged yet; an answer is logged within seconds.
        UnavailableError
            Where the state is on a server: the log lies in that machine's state folder.
        """
        here = client()
        if here.url is not None:
            message = f"the predictions of {self.name} are logged on the machine of {here.url}"
            raise UnavailableError(message, hint="Read them there: hendrix.serving.read_predictions(folder).")
        from hendrix.serving.prediction_log import read_predictions

        return read_predictions(here.home.predictions / self.id.hex)

    def stop(self) -> None:
        """Stop serving; what is under way is answered first. The name and the port's number are kept."""
        self.entity = client().call(stop, DeploymentRef(ref=str(self.id)))
        self._wait(_ensure_agent(), _STOPPED, f"Stopping {self.name}")

    def restart(self) -> None:
        """Serve the same version from a new process, which takes over when it is ready.

        Raises
        ------
        UnavailableError
            When the new process does not get ready.
        """
        self.entity = client().call(restart, DeploymentRef(ref=str(self.id)))
        self._wait(_ensure_agent(), _SETTLED, f"Restarting {self.name}")
        self._check()

    def delete(self) -> None:
        """Stop serving and delete it softly: its name is free again."""
        self.entity = client().call(delete_deployment, DeploymentRef(ref=str(self.id)))
        self._wait(_ensure_agent(), _STOPPED, f"Stopping {self.name}", generation=False)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield what a card in a notebook shows: names and values."""
        yield "state", _state(self.entity)
        yield "serves", short(self.version)
        if self.url:
            yield "address", self.url
        yield "next", f'hx.deployment("{self.name}").predict({{...}})'

    def _wait(self, agent: str | None, states: frozenset[str], doing: str, *, generation: bool = True) -> None:
        """Wait until the agent (this one, where it is known) reports one of the states for what was asked last."""
        until = time.monotonic() + PATIENCE_S
        with progress(doing) as bar:
            while True:
                self.refresh()
                observed = self.entity.observed or {}
                current = not generation or observed.get("generation", 0) >= self.entity.facts["generation"]
                current = current and (agent is None or observed.get("agent") == agent)
                if current and observed.get("state") in states:
                    return
                bar.say(str(observed.get("state", "waiting for the agent")))
                if time.monotonic() > until:
                    message = (
                        f"{self.name} is {observed.get('state', 'not seen by any agent')} after {PATIENCE_S:.0f} s"
                    )
                    raise UnavailableError(message, hint=f"hendrix deployment logs {self.name}")
                time.sleep(LOOK_EVERY_S)

    def _check(self) -> None:
        observed = self.entity.observed or {}
        state = observed.get("state")
        error, hint = str(observed.get("error", "")), str(observed.get("hint", ""))
        if state == "port-in-use":
            raise ConflictError(error, hint=hint, port=self.entity.facts.get("port"))
        if state == "failed":
            raise UnavailableError(error, hint=hint or f"hendrix deployment logs {self.name}")

    def _ask(self, method: str, path: str, body: bytes, timeout: float) -> bytes:
        import http.client

        self.refresh()
        observed = self.entity.observed or {}
        if self.entity.state is not State.RUNNING or observed.get("port") is None:
            message = f"{self.name} is {_state(self.entity)}"
            raise UnavailableError(message, hint=f"hendrix deployment restart {self.name}")
        host, port = str(observed.get("host", "127.0.0.1")), int(observed["port"])
        headers = {"Content-Type": "application/json"}
        for attempt in (1, 2):
            connection = http.client.HTTPConnection(host, port, timeout=timeout)
            try:
                connection.request(method, path, body=body or None, headers=headers)
                answer = connection.getresponse()
                content = answer.read()
                break
            except (OSError, http.client.HTTPException) as error:
                # A process that is just being replaced may close a connection before it answers.
                if attempt == 1 and isinstance(error, ConnectionError):
                    continue
                message = f"{self.name} does not answer at {self.url}: {error or type(error).__name__}"
                raise UnavailableError(message, hint=f"hendrix deployment logs {self.name}") from error
            finally:
                connection.close()
        if answer.status >= 400:  # noqa: PLR2004 - HTTP's line between answers and errors
            raise _error(content, answer.status)
        return content


def deploy(
    version: Handle | str, name: str | None = None, *, port: int | None = None, description: str | None = None
) -> Deployment:
    """Serve a model version at a real HTTP endpoint, and wait until it answers.

    The deployment is pinned to the version that an alias points at now. The same version under the same name again
    changes nothing; another version takes over on the same port once it is ready, and every request is answered. (A connection that
    meets the takeover may be closed before its answer, as HTTP allows: ask again, as `predict` does.)

    Parameters
    ----------
    version
        What `hx.log_model` returned, or a reference: `"delay@champion"`, `"delay@3"`.
    name
        The deployment's name; by default the model's.
    port
        Where it listens (loopback); by default it is given a free one, which it keeps.
    description
        What it is for.

    Raises
    ------
    NotFoundError
        When there is no such version.
    ConflictError
        When the port is in use.
    UnavailableError
        When the model can't be loaded; a version that was served before goes on answering.
    """
    ref = version if isinstance(version, str) else str(version.id)
    answer = client().call(create, Deploy(model=ref, name=name, port=port, description=description))
    deployment = Deployment(answer.deployment)
    deployment.changed = answer.changed
    deployment._wait(_ensure_agent(), _SETTLED, f"Deploying {short(deployment.version)} as {deployment.name}")  # noqa: SLF001 - our own
    deployment._check()  # noqa: SLF001 - our own
    return deployment


def deployment(name: str) -> Deployment:
    """Find a deployment by name, reference or id.

    Raises
    ------
    NotFoundError
        When there is none; near names are offered.
    """
    return Deployment(client().call(show, DeploymentRef(ref=name)))


def deployments() -> list[Deployment]:
    """List all deployments, newest first."""
    found = every(lambda cursor: client().call(list_deployments, DeploymentList(cursor=cursor)))
    return [Deployment(entity) for entity in found]


def _ensure_agent() -> str | None:
    """Start this state folder's agent if none runs, and return its id; a server sees to its own."""
    here = client()
    if here.url is not None:
        return None
    command = [sys.executable, "-P", "-m", "hendrix.agent", "start", "--home", str(here.home.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode != 0:
        message = f"the agent could not be started: {done.stderr.strip()[-500:] or done.returncode}"
        raise UnavailableError(message, hint=f"Look into {here.home.logs / 'agent.log'}.")
    return done.stdout.strip()


def _state(entity: Entity) -> str:
    observed = entity.observed
    if observed is None or entity.observed_at is None:
        return "waiting for the agent"
    state = str(observed.get("state"))
    silent = utc_now() - entity.observed_at > timedelta(seconds=UNSEEN_AFTER_S)
    return "unseen" if silent and state != "stopped" else state


def _error(content: bytes, status: int) -> HendrixError:
    error = problem(content, status)
    kinds: dict[int, type[HendrixError]] = {404: NotFoundError, 503: UnavailableError}
    plain = type(error) is HendrixError and status in kinds
    return kinds[status](error.message, hint=error.hint) if plain else error


def _body(rows: Any) -> dict[str, Any]:
    if hasattr(rows, "keys") and hasattr(rows, "items") and not hasattr(rows, "columns"):
        return {"inputs": {name: _plain(value) for name, value in rows.items()}}
    if isinstance(rows, list | tuple):
        return {"dataframe_records": [dict(row) for row in rows]}
    if hasattr(rows, "to_pydict"):  # Arrow
        return {"inputs": rows.to_pydict()}
    if hasattr(rows, "to_dict"):  # Polars and pandas
        try:
            return {"inputs": rows.to_dict(as_series=False)}
        except TypeError:
            return {"dataframe_records": rows.astype(object).where(rows.notna(), None).to_dict(orient="records")}
    message = f"a {type(rows).__name__} holds no rows"
    raise InvalidInputError(message, hint='Pass {"carrier": ["UA", "AA"]}, a list of rows, or a table.')


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _moment(at: datetime | str) -> str:
    if isinstance(at, str):
        return at
    if at.tzinfo is None:
        message = f"at={at.isoformat()} has no time zone"
        raise InvalidInputError(message, hint='Say which: at=datetime(..., tzinfo=ZoneInfo("America/New_York")).')
    return at.isoformat()
