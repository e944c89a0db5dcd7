"""Numbers that a log does not show but a simulation can be made to agree with it on: the method of
simulated moments (McFadden 1989), and indirect inference where one number has one moment
(Gourieroux, Monfort and Renault 1993)."""

import numpy as np

from analysis.fitting.estimate import NOTHING, Estimate, between

_NEARLY_ALL = 0.975


def mean_of_days(sums: np.ndarray, counts: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Means over days drawn with replacement, f8[B]. sums, counts : f8[D], of each day; days :
    i8[B, D]. NaN where the days drawn have nothing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[days].sum(axis=-1) / counts[days].sum(axis=-1)


def matched(
    tried: np.ndarray,
    simulated: tuple[np.ndarray, np.ndarray],
    observed: tuple[np.ndarray, np.ndarray],
    resamples: int,
    rng: np.random.Generator,
) -> Estimate:
    """The number at which a mean that grows with it is as observed, by straight lines between those
    tried; what comes to lie outside of them counts as the nearest. The interval is from days drawn
    again, those observed and those simulated: the same for every number tried, as they share their
    random numbers. NOTHING where nearly all draws lie beyond one end of those tried.

    tried : f8[k], ascending; simulated : sums and counts, f8[k, D]; observed : likewise, f8[d].
    """
    n, size = len(observed[0]), simulated[0].shape[1]
    own = mean_of_days(*observed, rng.integers(0, n, (resamples, n)))
    days = rng.integers(0, size, (resamples, size))
    every = np.stack([mean_of_days(s, c, days) for s, c in zip(*simulated, strict=True)])
    grown = np.maximum.accumulate(every, axis=0)
    known = ~np.isnan(own) & ~np.isnan(grown).any(axis=0)
    own, grown = own[known], grown[:, known]
    if not known.any() or max((own < grown[0]).mean(), (own > grown[-1]).mean()) > _NEARLY_ALL:
        return NOTHING
    means = np.maximum.accumulate(simulated[0].sum(axis=1) / simulated[1].sum(axis=1))
    value = float(np.interp(observed[0].sum() / observed[1].sum(), means, tried))
    drawn = [np.interp(mean, by, tried) for mean, by in zip(own, grown.T, strict=True)]
    return between(value, np.array(drawn), int(observed[1].sum()))
