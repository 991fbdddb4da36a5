"""Runs a task of `steady.py`: `python runner.py HOME TASK NAME [input=value ...]`."""

import sys

import steady

import hendrix as hx

if __name__ == "__main__":
    home, task, name, *given = sys.argv[1:]
    hx.connect(home=home)
    inputs = {key: int(value) for key, _, value in (pair.partition("=") for pair in given)}
    run = hx.workflows.run(getattr(steady, task), name=name, **inputs)
    print(f"outputs {run.outputs}", flush=True)  # noqa: T201
