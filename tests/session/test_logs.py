"""Logs: read in parts that end with lines, and cut into lines again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hendrix.session import LogPart, lines, log_parts, logs

TEXT = st.text(alphabet="ab\n", max_size=60)


@given(text=TEXT, begin=st.integers(0, 9), start=st.integers(0, 60), chunk=st.integers(1, 20))
def test_parts_are_the_text_from_an_offset_and_end_with_lines(tmp_path_factory, text, begin, start, chunk):
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_text(text)
    start = min(start, len(text))
    before, logs.CHUNK = logs.CHUNK, chunk
    try:
        parts = list(log_parts(path, begin + start, begin=begin))
    finally:
        logs.CHUNK = before
    assert "".join(part.text for part in parts) == text[start:]
    assert [part.next for part in parts][-1:] == ([begin + len(text)] if parts else [])
    assert all(part.text.endswith("\n") or "\n" not in part.text for part in parts)


@given(texts=st.lists(st.text(alphabet="ab\n", max_size=20)))
def test_lines_are_those_of_the_whole_text(texts):
    expected = "".join(texts).split("\n")
    parts = [LogPart(text=text, next=0) for text in texts]
    assert list(lines(parts)) == (expected if expected[-1] else expected[:-1])
