"""Bad input to datasets, views and frames: one clear error that names the value and the way out, on both transports."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
import pytest

import hendrix as hx
from hendrix.entities import DriftError, InvalidInputError, NotFoundError

AT = datetime(2013, 12, 6, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    """A file of facts with an event time."""
    path = tmp_path / "facts.parquet"
    pl.DataFrame(
        {"carrier": ["UA", "AA"], "when": [datetime(2013, 12, 1, tzinfo=UTC)] * 2, "delay": [1.0, 2.0]}
    ).write_parquet(path)
    return path


@pytest.fixture
def view(either, file, unique):
    source = hx.Dataset(f"facts-{unique}", file, timestamp="when")
    return hx.FeatureView(f"delays_{unique}", entity=hx.Entity("carrier"), source=source, features=["delay"])


@pytest.mark.parametrize("path", ["", 3, ["", "x"]])
def test_what_is_no_path_is_named(hx_home, path):
    with pytest.raises(InvalidInputError, match="is no path") as raised:
        hx.Dataset("facts", path)
    assert "*.parquet" in raised.value.hint


def test_a_folder_without_parquet_is_said_to_hold_none(hx_home, tmp_path):
    (tmp_path / "held").mkdir()
    with pytest.raises(NotFoundError, match=r"the folder '.*held' holds no \*.parquet file"):
        hx.Dataset("facts", tmp_path / "held")


def test_what_lies_in_hidden_folders_is_no_data(hx_home, file):
    hidden = file.parent / ".hendrix" / "predictions"
    hidden.mkdir(parents=True)
    pl.DataFrame({"other": [1]}).write_parquet(hidden / "log.parquet")
    assert hx.Dataset("facts", file.parent).rows == 2


def test_who_loads_by_the_wrong_verb_is_told_the_right_one(hx_home, file):
    hx.Dataset("facts", file)
    with pytest.raises(NotFoundError) as raised:
        hx.Dataset("facts")
    assert 'hx.dataset("facts")' in raised.value.hint


def test_damaged_bytes_are_one_clear_error(hx_home, tmp_path):
    path = tmp_path / "damaged.parquet"
    pl.DataFrame({"text": [f"{n * 7919}" for n in range(5000)]}).write_parquet(path)
    held = bytearray(path.read_bytes())
    held[8:-2000] = b"\xff" * (len(held) - 2008)
    path.write_bytes(bytes(held))
    registered = hx.Dataset("damaged", path)
    with pytest.raises(InvalidInputError, match=r"damaged.parquet can't be read"):
        registered.read()


@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_file_that_changed_is_named_wherever_it_is_needed(view, file, how):
    if how == "gone":
        file.unlink()
    else:
        pl.DataFrame({"carrier": ["UA"], "when": [datetime(2013, 12, 1, tzinfo=UTC)], "delay": [3.0]}).write_parquet(
            file
        )
    spine = pa.table({"carrier": ["UA"]})
    for needs in (
        view.source.read,
        lambda: view.source.schema,
        lambda: hx.feature_view(view.name),
        lambda: hx.training_frame(spine, view, at=AT),
        lambda: hx.materialize(view, at=AT),
    ):
        with pytest.raises(DriftError, match=r"facts.parquet .* since its version was registered") as raised:
            needs()
        assert "register what is there now as the next version" in raised.value.hint


def test_the_next_version_mends_a_changed_file(view, file):
    pl.DataFrame({"carrier": ["UA"], "when": [datetime(2013, 12, 1, tzinfo=UTC)], "delay": [3.0]}).write_parquet(file)
    assert hx.Dataset(view.source.name, file, timestamp="when").version == 2
    frame = hx.training_frame(pa.table({"carrier": ["UA"]}), hx.feature_view(view.name), at=AT)
    assert frame[f"{view.name}__delay"].to_pylist() == [3.0]


@pytest.mark.parametrize(
    ("column", "told"),
    [("carrier", "holds large_string, not times"), ("delay", "holds double, not times"), ("wen", "no column 'wen'")],
)
def test_a_timestamp_that_is_no_time_is_named(hx_home, file, column, told):
    with pytest.raises(InvalidInputError, match=told):
        hx.Dataset("facts", file, timestamp=column)
    with pytest.raises(NotFoundError):
        hx.dataset("facts")


def test_an_entity_or_a_view_by_its_mere_name_is_told_what_to_pass(view):
    with pytest.raises(InvalidInputError, match="needs an entity, not 'carrier'") as raised:
        hx.FeatureView("other", entity="carrier", source=view.source, features=["delay"])
    assert "hx.Entity('carrier')" in raised.value.hint
    for given in (view.name, [view.name]):
        with pytest.raises(InvalidInputError, match="is no feature view") as raised:
            hx.training_frame(pa.table({"carrier": ["UA"]}), given, at=AT)
        assert f"hx.feature_view('{view.name}')" in raised.value.hint
        with pytest.raises(InvalidInputError, match="is no feature view"):
            hx.materialize(given, at=AT)


def test_a_feature_that_is_not_in_the_source_offers_the_near_one(view):
    with pytest.raises(InvalidInputError, match="has no column 'delai'") as raised:
        hx.FeatureView("other", entity=hx.Entity("carrier"), source=view.source, features=["delai"])
    assert "delay" in raised.value.hint


@pytest.mark.parametrize(
    ("spine", "told"),
    [
        ({"x": ["UA"], "time": [AT]}, "no column 'carrier', the key"),
        ({"carrier": ["UA"]}, "no column 'time' of times"),
        ({"carrier": ["UA"], "time": [datetime(2013, 12, 6)]}, "without a time zone"),  # noqa: DTZ001 - on purpose
        ({"carrier": ["UA"], "time": ["2013-12-06"]}, "holds string, not times"),
        ({"carrier": [1], "time": [AT]}, "holds int64, but the source's key is a string"),
    ],
)
def test_a_spine_that_can_t_be_joined_is_refused(view, spine, told):
    with pytest.raises(InvalidInputError, match=told):
        hx.training_frame(pa.table(spine), view)


def test_unseen_and_null_keys_are_null_and_counted_alike_online_and_offline(view):
    from hendrix.features import frame_views

    hx.materialize(view, at=AT)
    keys = [None, "ZZ", "UA"]
    name = f"{view.name}__delay"
    online = view.online({"carrier": keys}, at=AT)
    offline = hx.training_frame(pa.table({"carrier": keys}), view, at=AT)
    assert online[name].to_pylist() == offline[name].to_pylist() == [None, None, 1.0]
    (told,) = frame_views(offline)
    assert online.schema.metadata[b"hendrix.unseen"] == b"2"
    assert (told.misses.unseen, told.misses.null_keys) == (1, 1)


def test_an_unknown_key_name_is_an_error(view):
    hx.materialize(view, at=AT)
    with pytest.raises(InvalidInputError, match="not keyed by 'carier'"):
        view.online({"carrier": ["UA"], "carier": ["UA"]}, at=AT)


def test_names_that_are_not_there_offer_the_near_ones(view, unique):
    for ask in (lambda: hx.dataset(f"fact-{unique}"), lambda: hx.feature_view(f"delay_{unique}")):
        with pytest.raises(NotFoundError) as raised:
            ask()
        assert unique in raised.value.hint
    with pytest.raises(NotFoundError, match="there is no model named"):
        hx.deploy(f"none-{unique}@champion")
