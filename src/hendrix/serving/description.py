"""What a server says of itself: its front page and its live numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hendrix.graph import moment
from hendrix.serving.records import ServingStats

if TYPE_CHECKING:
    from hendrix.serving.core import InferenceCore
    from hendrix.serving.records import ServingSpec


def describe(core: InferenceCore) -> dict[str, Any]:
    """Say what this is, what it takes, and what to do next."""
    served, spec = core.served, core.spec
    told: dict[str, Any] = {
        "deployment": served.deployment,
        "model": served.model,
        "version": served.version,
        "ref": served.ref,
        "state": core.state,
        "protocols": {
            "open inference v2": f"/v2/models/{served.model}/infer",
            "mlflow scoring": "/invocations",
        },
        "see": ["/v2/health/ready", f"/v2/models/{served.model}", "/stats", "/metrics"],
    }
    if spec is not None:
        told["fields"] = [c.name for c in spec.inputs if c.view is None]
        told["keys"] = list(dict.fromkeys(key.name for view in spec.views for key in view.keys))
        told["features"] = [c.name for c in spec.inputs if c.view is not None]
        told["next"] = f"curl -H 'content-type: application/json' http://THIS-SERVER/invocations -d '{_example(spec)}'"
    elif core.failure:
        told["failure"] = core.failure
        told["next"] = f"hendrix deployment logs {served.deployment}"
    return told


def _example(spec: ServingSpec) -> str:
    import msgspec

    types = {c.name: (c.type, c.shape) for c in spec.inputs if c.view is None}
    for view in spec.views:
        for key in view.keys:
            types.setdefault(key.name, (key.type, ()))
    row: dict[str, Any] = {}
    for name, (type_, shape) in types.items():
        value: Any = {"string": "...", "boolean": False, "datetime": "2013-12-15T11:00:00Z"}.get(type_, 0)
        for size in reversed(shape):
            value = [value] * size
        row[name] = value
    return msgspec.json.encode({"dataframe_records": [row]}).decode()


def stats(core: InferenceCore) -> ServingStats:
    """Give the live numbers."""
    served, statistics, execution, log = core.served, core.statistics, core.execution, core.log
    how = "none" if execution is None else "inline" if execution.inline else "thread"
    return ServingStats(
        deployment=served.deployment,
        model=served.model,
        version=served.version,
        ref=served.ref,
        digest=served.digest,
        state=core.state,
        started_at=moment(statistics.started_ns // 1000),
        execution=how,
        last_minute=statistics.last_minute(),
        since_start=statistics.since_start(),
        queue_rows=execution.queued_rows if execution is not None else 0,
        refused=execution.refused if execution is not None else 0,
        logged_rows=log.written if log is not None else 0,
        dropped_log_rows=log.dropped if log is not None else 0,
    )
