"""The kinds of entities, the states that they pass through and the types of edges between them."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an entity is. The value is its word in references, tables and the API."""

    NAMESPACE = "namespace"
    PROJECT = "project"
    DATASET = "dataset"
    DATASET_VERSION = "dataset_version"
    FEATURE_VIEW = "feature_view"
    FEATURE_VIEW_VERSION = "feature_view_version"
    RUN = "run"
    WORKFLOW = "workflow"
    SCHEDULE = "schedule"
    LOGGED_MODEL = "logged_model"
    MODEL = "model"
    MODEL_VERSION = "model_version"
    EVALUATION = "evaluation"
    DEPLOYMENT = "deployment"
    EXPERIMENT = "experiment"
    CLUSTER = "cluster"
    WORKSPACE = "workspace"


VERSIONS: dict[Kind, Kind] = {
    Kind.DATASET: Kind.DATASET_VERSION,
    Kind.FEATURE_VIEW: Kind.FEATURE_VIEW_VERSION,
    Kind.MODEL: Kind.MODEL_VERSION,
}
"""The kinds that are containers of versions, and the kind of their versions."""

CONTAINER_OF: dict[Kind, Kind] = {version: container for container, version in VERSIONS.items()}

NAMED: frozenset[Kind] = frozenset(
    {
        Kind.NAMESPACE,
        Kind.PROJECT,
        Kind.DATASET,
        Kind.FEATURE_VIEW,
        Kind.WORKFLOW,
        Kind.SCHEDULE,
        Kind.MODEL,
        Kind.DEPLOYMENT,
        Kind.EXPERIMENT,
        Kind.CLUSTER,
        Kind.WORKSPACE,
    }
)
"""Kinds whose names are unique in a namespace while they live; the others are called by id."""


class State(StrEnum):
    """Where an entity is in its life. Runs pass from queued to one of the ends; the rest are active or deleted."""

    ACTIVE = "active"
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"
    LOST = "lost"
    DELETED = "deleted"


ENDED: frozenset[State] = frozenset({State.FINISHED, State.FAILED, State.STOPPED, State.LOST})
"""The states that a run does not leave."""


class RunKind(StrEnum):
    """What did the work that a run records."""

    TRACKING = "tracking"
    TASK = "task"
    WORKFLOW = "workflow"
    JOB = "job"


class EdgeType(StrEnum):
    """How two entities are joined. Every edge points the way that the data flows: upstream to downstream."""

    CONSUMED = "consumed"
    PRODUCED = "produced"
    DERIVED_FROM = "derived_from"
    EVALUATED = "evaluated"
    DEPLOYED = "deployed"
    SERVED = "served"
    CALLED = "called"


SENTENCES: dict[EdgeType, tuple[str, str]] = {
    EdgeType.CONSUMED: ("Read", "Read by"),
    EdgeType.PRODUCED: ("Made by", "Made"),
    EdgeType.DERIVED_FROM: ("Derived from", "Source of"),
    EdgeType.EVALUATED: ("Evaluates", "Evaluated in"),
    EdgeType.DEPLOYED: ("Runs", "Deployed as"),
    EdgeType.SERVED: ("Looks up", "Served by"),
    EdgeType.CALLED: ("Called by", "Called"),
}
"""For each type: how the downstream end speaks of its upstream, and how the upstream end of its downstream."""
