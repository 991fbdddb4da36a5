"""Entities on both databases: made once, versioned, aliased, found and deleted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from hendrix.entities import (
    DEFAULT_NAMESPACE_ID,
    ConflictError,
    InvalidInputError,
    Kind,
    NotFoundError,
    State,
    new_id,
    utc_now,
)


def test_a_named_thing_is_made_once(graph):
    with graph.write("ada") as tx:
        first, made = tx.ensure(Kind.DATASET, "flights", project="delay", tags={"team": "air"})
        again, made_again = tx.ensure(Kind.DATASET, "flights")
    assert (made, made_again) == (True, False)
    assert again.id == first.id
    assert (first.project, first.tags, first.owner) == ("delay", {"team": "air"}, "ada")
    assert first.ref == "hx://default/dataset/flights"


def test_the_default_namespace_has_one_id_everywhere(graph):
    with graph.read("ada") as tx:
        assert tx.find(Kind.NAMESPACE, "default").id == DEFAULT_NAMESPACE_ID
        assert tx.namespace_key == 1


def test_an_unknown_namespace_is_named(graph):
    with pytest.raises(NotFoundError, match="'nowhere'"), graph.read("ada", "nowhere") as tx:
        tx.counts()


def test_the_same_id_again_is_the_same_entity(graph):
    identity = new_id()
    with graph.write("ada") as tx:
        first = tx.create(Kind.RUN, "a", id=identity)
    with graph.write("ada") as tx:
        assert tx.create(Kind.RUN, "b", id=identity) == first


def test_versions_are_numbered_and_equal_bytes_are_one(graph):
    with graph.write("ada") as tx:
        dataset, _ = tx.ensure(Kind.DATASET, "flights")
        one, _ = tx.add_version(dataset, digest="sha256:a")
        same, made = tx.add_version(dataset, digest="sha256:a")
        two, _ = tx.add_version(dataset, digest="sha256:b")
        three, _ = tx.add_version(dataset, digest="sha256:a")
    assert not made
    assert same == one
    assert [one.version, two.version, three.version] == [1, 2, 3]
    assert one.container == dataset.ref
    assert two.ref == "hx://default/dataset/flights@2"


def test_writers_at_once_never_give_one_number_twice(graph):
    with graph.write("ada") as tx:
        dataset, _ = tx.ensure(Kind.DATASET, "flights")

    def add(n: int) -> int:
        with graph.write("ada") as tx:
            return tx.add_version(dataset, digest=f"sha256:{n}")[0].version

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(add, range(24)))
    assert sorted(numbers) == list(range(1, 25))


def test_resolving_by_number_alias_latest_and_id(graph):
    with graph.write("ada") as tx:
        model, _ = tx.ensure(Kind.MODEL, "delay")
        one, _ = tx.add_version(model, digest="sha256:a")
        two, _ = tx.add_version(model, digest="sha256:b")
        tx.set_alias(one, "champion")
    with graph.read("ada") as tx:
        assert tx.resolve("delay@1", Kind.MODEL).id == one.id
        assert tx.resolve("delay@champion", Kind.MODEL).id == one.id
        assert tx.resolve("delay@latest", Kind.MODEL).id == two.id
        assert tx.resolve("delay", Kind.MODEL).id == model.id
        assert tx.resolve("hx://default/model/delay@2").id == two.id
        assert tx.resolve(two.id).id == two.id
        assert tx.resolve(two.id.hex).id == two.id


def test_what_is_missing_is_named_with_what_is_near(graph):
    with graph.write("ada") as tx:
        model, _ = tx.ensure(Kind.MODEL, "delay")
        tx.set_alias(tx.add_version(model, digest="sha256:a")[0], "champion")
    with graph.read("ada") as tx:
        with pytest.raises(NotFoundError, match="Did you mean 'delay'"):
            tx.resolve("dleay", Kind.MODEL)
        with pytest.raises(NotFoundError, match="versions up to 1 and the aliases champion"):
            tx.resolve("delay@7", Kind.MODEL)
        with pytest.raises(NotFoundError, match="no version or alias 'challenger'"):
            tx.resolve("delay@challenger", Kind.MODEL)


@pytest.mark.parametrize("alias", ["latest", "v3", "3", "a@b", " x"])
def test_reserved_and_unusable_aliases_are_refused(graph, alias):
    with graph.write("ada") as tx:
        model, _ = tx.ensure(Kind.MODEL, "delay")
        version, _ = tx.add_version(model, digest="sha256:a")
        with pytest.raises(InvalidInputError, match="alias"):
            tx.set_alias(version, alias)


def test_an_alias_moves_and_moving_it_nowhere_writes_nothing(graph):
    with graph.write("ada") as tx:
        model, _ = tx.ensure(Kind.MODEL, "delay")
        one, _ = tx.add_version(model, digest="sha256:a")
        two, _ = tx.add_version(model, digest="sha256:b")
        tx.set_alias(one, "champion")
        two = tx.set_alias(two, "champion")
        assert tx.get(one.id).aliases == ()
        assert tx.set_alias(two, "champion") == two
        gone = tx.delete_alias(two, "champion")
    assert (two.aliases, gone.aliases) == (("champion",), ())


def test_a_deleted_name_is_free_and_its_versions_begin_at_one(graph):
    with graph.write("ada") as tx:
        model, _ = tx.ensure(Kind.MODEL, "delay")
        old, _ = tx.add_version(model, digest="sha256:a")
        tx.delete(model)
    with graph.write("ada") as tx:
        again, made = tx.ensure(Kind.MODEL, "delay")
        fresh, _ = tx.add_version(again, digest="sha256:b")
        assert made
        assert again.id != model.id
        assert fresh.version == 1
        assert tx.get(old.id).digest == "sha256:a"
        assert [item.id for item in tx.list(kind=Kind.MODEL).items] == [again.id]


def test_a_taken_name_is_a_conflict(graph):
    with graph.write("ada") as tx:
        tx.create(Kind.MODEL, "delay")
        with pytest.raises(ConflictError, match="already a model named 'delay'"):
            tx.create(Kind.MODEL, "delay")


@pytest.mark.parametrize("name", ["", " x", "a@b", "a\nb", "x" * 251])
def test_names_that_cannot_be_used_are_refused(graph, name):
    with graph.write("ada") as tx, pytest.raises(InvalidInputError):
        tx.create(Kind.MODEL, name)


def test_facts_are_merged_and_none_takes_away(graph):
    with graph.write("ada") as tx:
        run = tx.create(Kind.RUN, "r", facts={"a": 1, "b": 2})
        run = tx.update(run, facts={"b": None, "c": [1, 2]}, tags={"x": "1"}, state=State.RUNNING)
        run = tx.update(run, tags={"x": None, "y": "2"})
    assert run.facts == {"a": 1, "c": [1, 2]}
    assert (run.tags, run.state) == ({"y": "2"}, State.RUNNING)


def test_an_observation_is_merged_and_writes_no_event(graph):
    with graph.write("ada") as tx:
        run = tx.create(Kind.RUN, "r")
        tx.observe(run, port=1, pid=2)
        tx.observe(tx.get(run.id), pid=3)
        seen = tx.get(run.id)
    assert seen.observed == {"port": 1, "pid": 3}
    assert (utc_now() - seen.observed_at).total_seconds() < 60


def test_lists_page_filter_and_count(graph):
    with graph.write("ada") as tx:
        for n in range(7):
            kind = "job" if n % 2 else "task"
            tx.create(Kind.RUN, f"run {n}", project="p", facts={"run_kind": kind}, tags={"n": str(n)})
        tx.create(Kind.RUN, "other")
    with graph.read("ada") as tx:
        first = tx.list(kind=Kind.RUN, project="p", limit=3, count=True)
        rest = tx.list(kind=Kind.RUN, project="p", limit=10, cursor=first.next)
        assert [run.name for run in (*first.items, *rest.items)] == [f"run {n}" for n in range(6, -1, -1)]
        assert (first.total, rest.next) == (7, None)
        assert tx.list(kind=Kind.RUN, facts={"run_kind": "job"}, count=True).total == 3
        assert [run.name for run in tx.list(tags={"n": "4"}).items] == ["run 4"]
        assert [run.name for run in tx.list(text="OTHER").items] == ["other"]
        assert tx.list(kind=Kind.RUN, text="%").items == ()
        assert tx.list(project="no such project").items == ()


def test_text_compares_by_code_point(graph):
    with graph.write("ada") as tx:
        for name in ("b", "A", "ä", "a", "B"):
            tx.create(Kind.RUN, "r", tags={name: "1"})
        tagged = tx.create(Kind.RUN, "all", tags=dict.fromkeys(("b", "A", "ä", "a", "B"), "1"))
    assert list(tagged.tags) == ["A", "B", "a", "b", "ä"]


def test_a_failed_block_leaves_nothing(graph):
    def fail() -> None:
        with graph.write("ada") as tx:
            tx.create(Kind.MODEL, "half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with graph.read("ada") as tx:
        assert tx.find(Kind.MODEL, "half") is None
