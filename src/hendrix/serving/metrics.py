"""The numbers of a server as Prometheus reads them (text format 0.0.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hendrix.serving.records import Served
    from hendrix.serving.statistics import Statistics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS_US = (
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000, 30_000_000,
)  # fmt: skip


def render(served: Served, statistics: Statistics, gauges: dict[str, float], counters: dict[str, float]) -> bytes:
    """Write all metrics, each labelled with the deployment and the version."""
    labels = f'deployment="{_escaped(served.deployment)}",version="{_escaped(served.version)}"'
    total = statistics.total
    lines = [
        "# HELP hendrix_requests_total Requests for predictions.",
        "# TYPE hendrix_requests_total counter",
        *(
            f'hendrix_requests_total{{{labels},protocol="{protocol}",status="{status}"}} {count}'
            for (protocol, status), count in sorted(statistics.by_status.items())
        ),
        "# HELP hendrix_prediction_rows_total Predicted rows.",
        "# TYPE hendrix_prediction_rows_total counter",
        f"hendrix_prediction_rows_total{{{labels}}} {total.rows}",
        "# HELP hendrix_unseen_keys_total Keys that the online store did not know, null ones included.",
        "# TYPE hendrix_unseen_keys_total counter",
        *(
            f'hendrix_unseen_keys_total{{{labels},view="{_escaped(view)}"}} {count}'
            for view, count in sorted(statistics.unseen_by_view.items())
        ),
        "# HELP hendrix_request_duration_seconds From a request's arrival to its answer.",
        "# TYPE hendrix_request_duration_seconds histogram",
        *(
            f'hendrix_request_duration_seconds_bucket{{{labels},le="{bound / 1e6:g}"}} {count}'
            for bound, count in zip(_BOUNDS_US, statistics.cumulative(_BOUNDS_US), strict=True)
        ),
        f'hendrix_request_duration_seconds_bucket{{{labels},le="+Inf"}} {total.requests}',
        f"hendrix_request_duration_seconds_sum{{{labels}}} {total.micros / 1e6:g}",
        f"hendrix_request_duration_seconds_count{{{labels}}} {total.requests}",
        "# TYPE process_start_time_seconds gauge",
        f"process_start_time_seconds {statistics.started_ns / 1e9:.3f}",
    ]
    for kind, values in (("gauge", gauges), ("counter", counters)):
        for name, value in values.items():
            lines += [f"# TYPE {name} {kind}", f"{name}{{{labels}}} {value:g}"]
    return ("\n".join(lines) + "\n").encode()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
