"""Identity and references."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hendrix.entities import InvalidInputError, Kind, Ref, new_id
from hendrix.entities.errors import BY_CODE, HendrixError

names = st.text(min_size=1, max_size=40).filter(lambda s: "@" not in s and s.isprintable() and s == s.strip())


@given(names, names, st.sampled_from(list(Kind)), st.none() | st.integers(1, 99).map(str))
def test_a_reference_reads_back_as_it_was_written(namespace, name, kind, selector):
    ref = Ref(kind, name, selector, namespace)
    assert Ref.parse(str(ref)) == ref


@pytest.mark.parametrize(
    "text", ["hx://default/model", "hx:///model/x", "hx://a/unknown/x", "delay@3", "hx://a/model/x/y"]
)
def test_what_is_no_reference_is_refused_with_the_text(text):
    with pytest.raises(InvalidInputError, match=text.split("@")[0]):
        Ref.parse(text)


def test_short_references_need_their_kind():
    assert Ref.parse("delay@champion", kind=Kind.MODEL) == Ref(Kind.MODEL, "delay", "champion")


def test_ids_are_of_version_7_and_sort_by_time():
    first = new_id()
    time.sleep(0.002)
    second = new_id()
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert first < second
    assert len({new_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("kind", list(BY_CODE.values()))
def test_every_error_keeps_its_parts_over_a_process_border(kind):
    import pickle

    error = pickle.loads(pickle.dumps(kind("what", hint="how", value=3)))  # noqa: S301 - our own bytes
    assert isinstance(error, HendrixError)
    assert (type(error), error.message, error.hint, error.details) == (kind, "what", "how", {"value": 3})
