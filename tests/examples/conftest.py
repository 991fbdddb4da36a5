"""The example's data, prepared once, and the naive reference over the raw files."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "flights"))

from flights_data import Prepared, prepare, source_folder
from naive_flights import NaiveFlights


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("nycflights13"))


@pytest.fixture(scope="session")
def tables(prepared: Prepared) -> dict[str, pl.DataFrame]:
    return {name: pl.read_parquet(Path(prepared.folder) / name / "*.parquet") for name in prepared.rows}


@pytest.fixture(scope="session")
def naive() -> NaiveFlights:
    return NaiveFlights(source_folder())
