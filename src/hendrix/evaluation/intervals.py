"""Confidence intervals in closed form, each with its source."""

from __future__ import annotations

from math import exp, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Bounds: TypeAlias = tuple[float | None, float | None]

UNKNOWN: Bounds = (None, None)


def quantile(level: float) -> float:
    """How many standard errors an interval of this level reaches to each side."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(successes: float, trials: float, effective: float, level: float) -> Bounds:
    """Bound a proportion by its score interval (Wilson 1927, eq. 4).

    Parameters
    ----------
    successes, trials
        Weights of the successes and of all rows.
    effective
        The effective number of rows, (sum of w)^2 / (sum of w^2) (Kish 1965); unweighted, the number of rows.
    level
        The level of confidence, such as 0.95.
    """
    if trials <= 0 or effective <= 0:
        return UNKNOWN
    z = quantile(level)
    share = successes / trials
    centre = share + z * z / (2 * effective)
    reach = z * sqrt(max(share * (1 - share), 0.0) / effective + z * z / (4 * effective * effective))
    scale = 1 + z * z / effective
    return max((centre - reach) / scale, 0.0), min((centre + reach) / scale, 1.0)


def normal(value: float, error: float | None, level: float) -> Bounds:
    """Bound a mean that is not negative by the central limit theorem."""
    if error is None:
        return UNKNOWN
    reach = quantile(level) * error
    return max(value - reach, 0.0), value + reach


def logit_normal(value: float, error: float | None, level: float) -> Bounds:
    """Bound an area in (0, 1) by a normal interval on its log odds (Pepe 2003, section 5.2.4)."""
    if error is None or error <= 0 or not 0 < value < 1:
        return UNKNOWN
    centre = log(value / (1 - value))
    reach = quantile(level) * error / (value * (1 - value))
    return _expit(centre - reach), _expit(centre + reach)


def mean_variance(
    values: NDArray[np.float64], weights: NDArray[np.float64], squares: NDArray[np.float64]
) -> float | None:
    """Estimate the variance of a weighted mean by linearization (Cochran 1977, section 6.4).

    Parameters
    ----------
    values
        The value of each group of rows, shape (k,).
    weights, squares
        Sums of weights and of squared weights in each group, shape (k,).

    Returns
    -------
    float or None
        The variance; None for fewer than two (effective) rows. Unweighted, the sample variance over n.
    """
    total = float(weights.sum())
    square = float(squares.sum())
    if total <= 0 or square <= 0:
        return None
    effective = total * total / square
    if effective <= 1:
        return None
    mean = float((weights * values).sum()) / total
    spread = float((squares * (values - mean) ** 2).sum()) / (total * total)
    return spread * effective / (effective - 1)


def _expit(value: float) -> float:
    return 1 / (1 + exp(-value)) if value >= 0 else exp(value) / (1 + exp(value))
