"""The `hendrix` command, a thin skin over the SDK: nouns of the graph, and a handful of daily verbs.

In comes what a person types; out come tables for a terminal, plain text for a pipe, records with `--json`.
"""
