"""Submitting: a function and its arguments become a job on Ray."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from typing import TYPE_CHECKING, Any

from hendrix.compute import clusters
from hendrix.compute.envelope import RetryError, run_job
from hendrix.compute.handle import Job
from hendrix.compute.operations import submit_job
from hendrix.compute.parcel import Parcel, pack_call
from hendrix.compute.pending import WATCHER, Pending
from hendrix.compute.records import JobOrder, Resources, SubmitJob
from hendrix.compute.resources import parse_duration, refuse_unschedulable, resources
from hendrix.entities import InvalidInputError, check_name, new_id
from hendrix.lazy import require
from hendrix.session import client, current_run, environment, this_process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta


def submit(
    fn: Callable[..., Any],
    *args: Any,
    cpus: float = 1,
    gpus: float = 0,
    memory: str | int | None = None,
    name: str | None = None,
    project: str | None = None,
    retries: int = 0,
    timeout: float | str | timedelta | None = None,
    env: Mapping[str, str] | None = None,
    **kwargs: Any,
) -> Job:
    """Run a function on Ray, in a process of its own, and return its handle at once.

    Parameters
    ----------
    fn, args, kwargs
        What to call. It travels by value; what it returns comes back with `job.result()`. (An argument
        that is named as one of the options here: `functools.partial`.)
    cpus, gpus
        How many to keep free for the job; fractions share one. Default: 1 and 0.
    memory
        How much memory to keep free: "4GB", "512MiB" or bytes. Default: none in particular.
        It places jobs; it does not limit them.
    name
        What people call it. Default: the function's name.
    project
        The project that the job belongs to. Default: that of the run around it.
    retries
        How many times to run it again when it fails or its worker dies. Default: 0.
    timeout
        How long the body may run: seconds, "10m" or a timedelta. Default: no limit.
    env
        Environment variables of the worker, set before it starts.

    Raises
    ------
    InvalidInputError
        When an option or an argument can't be taken.
    RefusedError
        When no machine of the cluster has what is asked.
    """
    if not callable(fn) or inspect.iscoroutinefunction(fn):
        what = "an async function" if callable(fn) else repr(fn)
        message = f"a job runs a plain function, not {what}"
        raise InvalidInputError(message, hint="Write hx.compute.submit(train, data), without calls or await.")
    label = check_name(name or _name_of(fn), "name of a job")
    if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
        message = f"retries={retries!r} is no count"
        raise InvalidInputError(message, hint="Use retries=0 or more.")
    asked = resources(cpus, gpus, memory)
    seconds = parse_duration(timeout)
    found = clusters.connect()
    refuse_unschedulable(label, asked, found.machines)
    remote = clusters.spans_machines(found)
    call = pack_call(label, fn, args, kwargs, by_value=remote)
    identity, driver = new_id(), this_process()
    order = JobOrder(
        id=identity,
        name=label,
        retries=retries,
        timeout=seconds,
        driver=driver,
        environment=environment(identity),
        directory=None if remote else os.getcwd(),  # noqa: PTH109
        path=() if remote else tuple(os.path.abspath(entry) for entry in sys.path),  # noqa: PTH100
    )
    told = SubmitJob(
        id=identity,
        name=label,
        asked=asked,
        driver=driver,
        retries=retries,
        timeout=seconds,
        project=project,
        parent=current_run(),
        cluster="local" if found.local else found.address,
    )
    client().call(submit_job, told)
    pending = Pending(order, _hand_over(order, call, asked, env), client(), told.parent)
    WATCHER.watch(pending)
    return Job(identity, pending)


def _hand_over(order: JobOrder, call: Parcel, asked: Resources, env: Mapping[str, str] | None) -> Any:
    options: dict[str, Any] = {
        "name": order.name,
        "num_cpus": asked.cpus,
        "num_gpus": asked.gpus,
        "max_retries": order.retries,
        "retry_exceptions": [RetryError] if order.retries else False,
    }
    if asked.memory:
        options["memory"] = asked.memory
    if env:
        options["runtime_env"] = {"env_vars": {str(key): str(value) for key, value in env.items()}}
    return _remote().options(**options).remote(order, call)


@functools.cache
def _remote() -> Any:
    ray = require("ray", "compute")
    # One process per attempt: a job sees fresh modules, and its end can't leave anything behind.
    return ray.remote(max_calls=1)(run_job)


def _name_of(fn: Callable[..., Any]) -> str:
    while isinstance(fn, functools.partial):
        fn = fn.func
    name = getattr(fn, "__name__", type(fn).__name__)
    return "function" if name == "<lambda>" else str(name)
