"""Compute: a function becomes a job on Ray, on this machine or on a cluster, and nobody has to draw a graph.

In: a function, its arguments, what it needs. Out: a `Job` to follow, wait for and stop; its record
(asked and used resources, log, exit, heartbeat) is in the entity graph. A local Ray starts on first
need and ends with the process that started it; `connect` goes to an existing cluster.

Ray's own sockets listen on every network interface of the machine, the local Ray's as well. Whoever can
reach them needs the token of the cluster (`~/.ray/auth_token`), and whoever has the token can run code:
keep those ports behind a firewall.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.compute.clusters import cluster, connect, disconnect
    from hendrix.compute.failures import JobFailedError, JobPendingError, JobStoppedError
    from hendrix.compute.handle import Job, job, jobs
    from hendrix.compute.lost import mark_lost
    from hendrix.compute.pending import stop_called_by
    from hendrix.compute.records import Cluster, JobRecord, Machine, Resources, Usage
    from hendrix.compute.submission import submit

__all__ = [
    "Cluster",
    "Job",
    "JobFailedError",
    "JobPendingError",
    "JobRecord",
    "JobStoppedError",
    "Machine",
    "Resources",
    "Usage",
    "cluster",
    "connect",
    "disconnect",
    "job",
    "jobs",
    "mark_lost",
    "stop_called_by",
    "submit",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "clusters": ("cluster", "connect", "disconnect"),
        "failures": ("JobFailedError", "JobPendingError", "JobStoppedError"),
        "handle": ("Job", "job", "jobs"),
        "lost": ("mark_lost",),
        "pending": ("stop_called_by",),
        "records": ("Cluster", "JobRecord", "Machine", "Resources", "Usage"),
        "submission": ("submit",),
    },
)
