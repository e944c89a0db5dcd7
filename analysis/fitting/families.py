"""Which of the model's families of durations fits, and with which mean and spread.

Maximum likelihood; the family is that of the least information criterion of Akaike (1974), Bayes's
(Schwarz 1978) beside it. Goodness of fit: the statistics of Kolmogorov and Smirnov and of Anderson
and Darling (1954). As parameters are estimated, tables of their distributions do not hold; the
probabilities are those of a parametric bootstrap (Stute, Gonzalez Manteiga and Presedo Quindimil
1993). With thousands of observations any family is rejected: then the statistic itself tells.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from analysis.fitting.estimate import Z95, Estimate
from sim.durations import EXPONENTIAL, FAMILIES, FIXED, GAMMA, LOGNORMAL

LEAST_DURATION = 0.5
"""What stands for a duration of nought [ticks]: half of the least that stamps can tell."""
_SAME = 1e-3  # coefficient of variation below which all durations are alike
_NEWTON = 60  # steps of Newton's method for the shape of a gamma; it converges in about eight
_CLIP = 1e-12


class Fit(NamedTuple):
    """mean [unit of the data], cv with intervals; family : code of sim.durations; aic, bic : of
    it, and of each candidate by name; ks, ad : statistics; ks_p, ad_p : probabilities of larger
    ones; tested : observations that they are of."""

    family: int
    mean: Estimate
    cv: Estimate
    aic: dict[str, float]
    bic: dict[str, float]
    ks: float
    ks_p: float | None
    ad: float
    ad_p: float | None
    tested: int

    @property
    def name(self) -> str:
        return FAMILIES[self.family]


def fit(values: np.ndarray, resamples: int, most: int, rng: np.random.Generator) -> Fit:
    """Choose and fit. values : f8[n], at least 2, not negative; most : observations of a sample
    that the bootstrap is made of, where there are more."""
    x = np.maximum(np.asarray(values, float), LEAST_DURATION)
    family, aic, bic = chosen(x)
    if family == FIXED:
        value = float(x.mean())
        exact = Estimate(value, value, value, len(x))
        return Fit(FIXED, exact, Estimate(0.0, 0.0, 0.0, len(x)), {}, {}, 0.0, None, 0.0, None,
                   len(x))  # fmt: skip
    return _tested(family, x, aic, bic, resamples, most, rng)


def chosen(x: np.ndarray) -> tuple[int, dict[str, float], dict[str, float]]:
    """The family of the least AIC, and AIC and BIC of each candidate by name; FIXED, and none,
    where all of x, f8[n], are alike. x : above 0."""
    n = len(x)
    if x.std() < _SAME * x.mean():
        return FIXED, {}, {}
    aic, bic = {}, {}
    for family in (EXPONENTIAL, GAMMA, LOGNORMAL):
        parameters = estimated(family, x[None, :])
        size = 1 if family == EXPONENTIAL else 2
        loss = -2.0 * float(_log_density(family, x, parameters).sum())
        aic[FAMILIES[family]] = loss + 2 * size
        bic[FAMILIES[family]] = loss + size * np.log(n)
    return FAMILIES.index(min(aic, key=aic.__getitem__)), aic, bic


def _tested(family, x, aic, bic, resamples, most, rng) -> Fit:
    parameters = estimated(family, x[None, :])
    value, cv = (float(a[0]) for a in moments(family, parameters))
    sample = x if len(x) <= most else rng.choice(x, most, replace=False)
    m = len(sample)
    own = estimated(family, sample[None, :])
    samples = drawn(family, parameters, (resamples, m), rng)
    anew = estimated(family, samples)
    ks, ad = statistics(family, sample[None, :], own)
    ks_b, ad_b = statistics(family, samples, anew)
    means, cvs = moments(family, anew)
    grow = np.sqrt(m / len(x))
    return Fit(
        family,
        _about(value, means, grow, len(x)),
        Estimate(1.0, 1.0, 1.0, len(x)) if family == EXPONENTIAL else _about(cv, cvs, grow, len(x)),
        aic,
        bic,
        float(ks[0]),
        float((1 + (ks_b >= ks[0]).sum()) / (1 + resamples)),
        float(ad[0]),
        float((1 + (ad_b >= ad[0]).sum()) / (1 + resamples)),
        m,
    )


def _about(value: float, samples: np.ndarray, grow: float, n: int) -> Estimate:
    """A normal interval of the logarithm, its spread from the bootstrap of a sample."""
    from scipy.special import stdtrit

    wide = float(np.std(np.log(samples), ddof=1)) * grow * float(stdtrit(max(n - 1, 1), 0.975))
    wide = wide if np.isfinite(wide) else Z95
    return Estimate(value, value * np.exp(-wide), value * np.exp(wide), n)


def estimated(family: int, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maximum likelihood for each row of x, f8[B, n]: (mean, -) of the exponential, (shape, scale)
    of the gamma, (mu, sigma) of the lognormal; f8[B] each."""
    if family == EXPONENTIAL:
        return x.mean(axis=1), np.zeros(len(x))
    logs = np.log(x)
    if family == LOGNORMAL:
        return logs.mean(axis=1), logs.std(axis=1)
    from scipy.special import digamma, polygamma

    means = x.mean(axis=1)
    gap = np.maximum(np.log(means) - logs.mean(axis=1), 1e-9)
    shape = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(_NEWTON):  # on the logarithm of the shape, so that it stays positive
        value = np.log(shape) - digamma(shape) - gap
        slope = 1.0 - shape * polygamma(1, shape)
        step = np.clip(value / slope, -2, 2)
        shape = shape * np.exp(-step)
        if np.max(np.abs(step)) < 1e-10:
            break
    return shape, means / shape


def moments(family: int, parameters: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Mean and coefficient of variation."""
    a, b = parameters
    if family == EXPONENTIAL:
        return a, np.ones_like(a)
    if family == GAMMA:
        return a * b, 1.0 / np.sqrt(a)
    return np.exp(a + b * b / 2), np.sqrt(np.expm1(b * b))


def distribution(family: int, x: np.ndarray, parameters: tuple) -> np.ndarray:
    """Probability of at most x, f8[B, n]."""
    from scipy.special import gammainc, ndtr

    a, b = (p[:, None] for p in parameters)
    if family == EXPONENTIAL:
        return -np.expm1(-x / a)
    if family == GAMMA:
        return gammainc(a, x / b)
    return ndtr((np.log(x) - a) / b)


def _log_density(family: int, x: np.ndarray, parameters: tuple) -> np.ndarray:
    from scipy.special import gammaln

    a, b = (float(p[0]) for p in parameters)
    if family == EXPONENTIAL:
        return -np.log(a) - x / a
    if family == GAMMA:
        return (a - 1) * np.log(x) - x / b - gammaln(a) - a * np.log(b)
    z = (np.log(x) - a) / b
    return -np.log(x * b) - 0.5 * np.log(2 * np.pi) - 0.5 * z * z


def drawn(family: int, parameters: tuple, shape: tuple, rng: np.random.Generator) -> np.ndarray:
    """Durations of a family with the parameters of `estimated`, for one row."""
    a, b = (float(p[0]) for p in parameters)
    if family == EXPONENTIAL:
        return np.maximum(rng.exponential(a, shape), _CLIP)
    if family == GAMMA:
        return np.maximum(rng.gamma(a, b, shape), _CLIP)
    return rng.lognormal(a, b, shape)


def statistics(family: int, x: np.ndarray, parameters: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Kolmogorov-Smirnov and Anderson-Darling of each row, f8[B]."""
    n = x.shape[1]
    u = np.clip(distribution(family, np.sort(x, axis=1), parameters), _CLIP, 1 - 1e-15)
    place = np.arange(1, n + 1)
    ks = np.maximum(place / n - u, u - (place - 1) / n).max(axis=1)
    weights = (2 * place - 1) / n
    ad = -n - (weights * (np.log(u) + np.log1p(-u[:, ::-1]))).sum(axis=1)
    return ks, ad


def log_density_of(found: Fit) -> Callable[[np.ndarray], np.ndarray] | None:
    """The density of the logarithm of a duration, a function of durations; None where all are
    alike."""
    if found.family == FIXED:
        return None
    mean, cv = found.mean.value, found.cv.value
    parameters = {
        EXPONENTIAL: (mean, 0.0),
        GAMMA: (1 / cv**2, mean * cv**2),
        LOGNORMAL: (np.log(mean) - np.log1p(cv**2) / 2, np.sqrt(np.log1p(cv**2))),
    }[found.family]
    arrays = tuple(np.array([p]) for p in parameters)
    return lambda x: x * np.exp(_log_density(found.family, x, arrays))
