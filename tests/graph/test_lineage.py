"""Walks along the edges, on both databases, against a plain search over the same edges."""

from __future__ import annotations

import random

import pytest

from hendrix.entities import EdgeType, Kind
from hendrix.graph import neighbours, walk


@pytest.fixture
def chain(graph):
    """Raw dataset to deployment, with a second consumer of the dataset."""
    with graph.write("ada") as tx:
        made = {name: tx.create(Kind.RUN, name) for name in ("raw", "train", "model", "serve", "other")}
        tx.link(EdgeType.CONSUMED, made["raw"], made["train"])
        tx.link(EdgeType.PRODUCED, made["train"], made["model"], run=made["train"].id)
        tx.link(EdgeType.DEPLOYED, made["model"], made["serve"])
        tx.link(EdgeType.CONSUMED, made["raw"], made["other"])
    return made


def test_upstream_goes_back_to_the_raw_data(graph, chain):
    with graph.read("ada") as tx:
        found = walk(tx, chain["serve"], direction="upstream")
    assert {(node.name, node.depth) for node in found.nodes} == {
        ("serve", 0),
        ("model", -1),
        ("train", -2),
        ("raw", -3),
    }
    assert {edge.type for edge in found.edges} == {EdgeType.CONSUMED, EdgeType.PRODUCED, EdgeType.DEPLOYED}
    assert next(edge.run for edge in found.edges if edge.type is EdgeType.PRODUCED) == chain["train"].id


def test_downstream_finds_every_consumer(graph, chain):
    with graph.read("ada") as tx:
        found = walk(tx, chain["raw"], direction="downstream", depth=1)
    assert {node.name for node in found.nodes} == {"raw", "train", "other"}


def test_neighbours_know_their_side(graph, chain):
    with graph.read("ada") as tx:
        found = {(str(kind), up, other.name) for kind, up, other in neighbours(tx, chain["model"])}
    assert found == {("produced", True, "train"), ("deployed", False, "serve")}


def test_an_edge_stands_once(graph, chain):
    with graph.write("ada") as tx:
        tx.link(EdgeType.CONSUMED, chain["raw"], chain["train"])
    with graph.read("ada") as tx:
        assert len(walk(tx, chain["train"], depth=1, direction="upstream").edges) == 1


def test_walks_agree_with_a_plain_search(graph):
    rng = random.Random(5)
    with graph.write("ada") as tx:
        runs = [tx.create(Kind.RUN, f"r{n}") for n in range(40)]
        pairs = {tuple(rng.sample(range(40), 2)) for _ in range(90)}
        for up, down in pairs:
            tx.link(EdgeType.CONSUMED, runs[up], runs[down])
    with graph.read("ada") as tx:
        for depth in (1, 2, 5, 40):
            found = walk(tx, runs[0], direction="upstream", depth=depth)
            reached, frontier = {0: 0}, {0}
            for level in range(1, depth + 1):
                frontier = {up for up, down in pairs if down in frontier and up not in reached}
                reached |= dict.fromkeys(frontier, -level)
            assert {node.name: node.depth for node in found.nodes} == {f"r{n}": d for n, d in reached.items()}
