"""A small model to register: cheap to fit, of one feature."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression


@pytest.fixture(scope="session")
def rows():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"hour": rng.integers(0, 24, 300), "delay": rng.normal(size=300)})
    frame["late"] = frame["delay"] + rng.normal(size=300) > 0
    return frame


@pytest.fixture(scope="session")
def fitted(rows):
    return LogisticRegression().fit(rows[["hour", "delay"]], rows["late"])
