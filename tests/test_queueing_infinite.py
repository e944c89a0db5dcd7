"""Seats without end against quadrature, a differential equation and constant rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad, solve_ivp

from analysis.queueing import exponential, fixed, gamma, infinite_servers, lognormal
from sim.errors import InputError
from tests.queueing import few

SIGMA = np.sqrt(np.log1p(1.5**2))
FAMILIES = [
    (exponential(3.0), stats.expon(scale=3.0)),
    (gamma(3.0, 0.4), stats.gamma(1 / 0.16, scale=3.0 * 0.16)),
    (gamma(3.0, 2.0), stats.gamma(0.25, scale=12.0)),
    (lognormal(3.0, 1.5), stats.lognorm(SIGMA, scale=3.0 * np.exp(-(SIGMA**2) / 2))),
]
families = pytest.mark.parametrize(("work", "law"), FAMILIES)
DAY = np.array([0.0, 2.0, 9.0, 5.0, 5.0, 1.0])  # bins of 4 hours
all_works = st.sampled_from([fixed(3.0), *(work for work, _ in FAMILIES)])


@families
def test_the_limited_mean_is_the_area_below_the_survival(work, law):
    for x in (0.0, 0.01, 1.0, 3.0, 20.0):
        area = quad(law.sf, 0, x, epsabs=1e-12)[0]
        assert float(work(np.array(x))) == pytest.approx(area, rel=1e-9, abs=1e-12)
    assert float(work(np.array(np.inf))) == pytest.approx(3.0)


@few
@given(all_works, st.floats(0.0, 50.0), st.floats(0.1, 100.0), st.integers(1, 8))
def test_constant_rates_give_the_offered_load(work, rate, width, n_bins):
    times = np.linspace(-width, 3 * width * n_bins, 11)
    present = infinite_servers(np.full(n_bins, rate), width, work, times)
    assert present == pytest.approx(3.0 * rate, rel=1e-9)


@few
@given(all_works, st.floats(-30.0, 30.0))
def test_the_periodic_mean_is_the_integral_of_eick_massey_and_whitt(work, time):
    """m(t) = integral of rate(t - u) P(work > u) over the past u, bin by bin."""
    ages = np.append(0.0, np.arange(time % 4.0, 40_000.0, 4.0))
    middles = time - (ages[1:] + ages[:-1]) / 2
    rates = DAY[(middles // 4.0).astype(int) % len(DAY)]
    present = infinite_servers(DAY, 4.0, work, [time])
    assert present == pytest.approx(rates @ np.diff(work(ages)), rel=1e-8)


def test_fixed_work_counts_the_arrivals_of_its_length():
    times = np.array([0.0, 2.0, 5.0, 9.0, 12.0])
    assert infinite_servers(DAY, 4.0, fixed(4.0), times) == pytest.approx([4, 2, 2, 15, 36])
    # Work of a day and a half: a whole day's arrivals and those of the last 12 hours.
    expected = 4 * (DAY.sum() + np.array([11.0, 16.0]))
    assert infinite_servers(DAY, 4.0, fixed(36.0), [0.0, 16.0]) == pytest.approx(expected)


def test_exponential_work_solves_its_differential_equation():
    def change(time, present):
        return DAY[int(time // 4.0) % len(DAY)] - present / 3.0

    present, expected = [0.0], []
    for i in range(len(DAY)):
        span = (4.0 * i, 4.0 * i + 4.0 - 1e-12)
        present = solve_ivp(change, span, present, rtol=1e-10, atol=1e-12).y[:, -1]
        expected.append(present[0])
    times = 4.0 * np.arange(1, len(DAY) + 1)
    found = infinite_servers(DAY, 4.0, exponential(3.0), times, periodic=False)
    assert found == pytest.approx(expected, rel=1e-8)


@few
@given(all_works, st.lists(st.floats(0.0, 20.0), min_size=1, max_size=6), st.floats(0.5, 8.0))
def test_the_transient_settles_to_the_periodic(work, rates, width):
    period = width * len(rates)
    days = int(6000 / period)
    times = np.linspace(0, period, 7)[:-1]
    late = infinite_servers(
        np.tile(rates, days), width, work, times + (days - 1) * period, periodic=False
    )
    assert infinite_servers(rates, width, work, times) == pytest.approx(late, rel=1e-6, abs=1e-9)


@few
@given(all_works, st.integers(0, 5), st.integers(1, 4))
def test_neither_the_start_nor_the_width_of_bins_matters(work, shift, finer):
    times = np.linspace(0.0, 24.0, 13)
    present = infinite_servers(DAY, 4.0, work, times)
    rolled = infinite_servers(np.roll(DAY, shift), 4.0, work, times + 4.0 * shift)
    assert rolled == pytest.approx(present, rel=1e-9)
    assert infinite_servers(DAY, 4.0, work, [-1e-18]) == pytest.approx(present[:1], rel=1e-9)
    finer_bins = infinite_servers(np.repeat(DAY, finer), 4.0 / finer, work, times - 48.0)
    assert finer_bins == pytest.approx(present, rel=1e-9)


def test_long_work_of_great_variation_is_solved_too():
    present = infinite_servers(DAY, 4.0, lognormal(300.0, 3.0), np.arange(0.0, 24.0, 2.0))
    # Hardly any job ends within the day, so that the swing is that of what has come.
    come = np.cumsum(np.repeat(DAY - DAY.mean(), 2)) * 2.0
    assert np.ptp(present) == pytest.approx(np.ptp(come), rel=0.05)
    assert present.mean() == pytest.approx(300.0 * DAY.mean(), rel=0.05)


def test_it_begins_empty_and_empties_after_the_last_bin():
    found = infinite_servers(DAY, 4.0, fixed(1.0), [0.0, 9.0, 23.0, 24.5, 25.0], periodic=False)
    assert found == pytest.approx([0.0, 9.0, 1.0, 0.5, 0.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: infinite_servers([-1.0], 1.0, fixed(1.0), [0.0]), r"rates\[0\] = -1.0"),
        (lambda: infinite_servers([1.0], 0.0, fixed(1.0), [0.0]), "width = 0.0"),
        (lambda: infinite_servers([1.0], 1.0, fixed(1.0), [-1], periodic=False), "earliest_time"),
        (lambda: infinite_servers([1.0], 1.0, lambda x: x, [0.0]), "work has a mean of inf"),
        (lambda: fixed(0.0), "mean = 0.0"),
        (lambda: exponential(-1.0), "mean = -1.0"),
        (lambda: gamma(1.0, 0.0), "cv = 0.0"),
        (lambda: lognormal(1.0, float("nan")), "cv = nan"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
