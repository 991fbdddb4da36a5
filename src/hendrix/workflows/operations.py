"""What can be asked of workflows: their runs and actions; and how a journal tells the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.entities import NotFoundError
from hendrix.session import Session, operation
from hendrix.session.records import Nothing
from hendrix.workflows.records import Action, Actions, Tell, Which, WorkflowRecord, Workflows
from hendrix.workflows.told import Told

if TYPE_CHECKING:
    from hendrix.workflows.journal import Journal

MOST = 10_000
"""Actions in one answer."""


@operation("workflows.tell", permission="workflows:log")
def tell(session: Session, request: Tell) -> Nothing:
    """Take facts from a workflow journal into the graph. Facts that are known already change nothing."""
    told = Told(session.graph)
    for fact in request.facts:
        told.take(fact)
    return Nothing()


@operation("workflows.list", permission="workflows:read", kind="read")
def list_workflows(session: Session, request: Workflows) -> tuple[WorkflowRecord, ...]:
    """List the latest workflow runs of this state folder's journal."""
    journal = _journal(session)
    return () if journal is None else tuple(journal.runs(session.principal.namespace, limit=request.limit))


@operation("workflows.show", permission="workflows:read", kind="read")
def show(session: Session, request: Which) -> WorkflowRecord:
    """Return one workflow run of this state folder's journal."""
    journal = _journal(session)
    if journal is None:
        message = f"no workflow run is called {request.run!r}"
        raise NotFoundError(message, hint="Run one with hx.workflows.run(task, ...).")
    return journal.run(session.principal.namespace, request.run)


@operation("workflows.actions", permission="workflows:read", kind="read")
def actions(session: Session, request: Actions) -> tuple[Action, ...]:
    """List the actions of a workflow run with inputs, outputs, times and errors, rendered for people."""
    run = show(session, Which(run=request.run))
    journal = _journal(session)
    if journal is None:
        return ()
    limit = max(1, min(request.limit, MOST))
    return tuple(journal.actions(str(run.id), offset=request.start, limit=limit))


def _journal(session: Session) -> Journal | None:
    from hendrix.workflows.journal import opened

    path = session.host.home.journal
    return opened(path, durability=session.host.settings.durability) if path.exists() else None
