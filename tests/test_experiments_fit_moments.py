"""What only runs of the model can tell: the staff at which cases wait as those of the log did."""

from types import SimpleNamespace

import numpy as np
import pytest

from experiments import simulate
from experiments.fit.moments import Span, observed_waits, simulated_waits, staffed
from scenarios.load import load
from sim.units import DAY
from tests.conftest import TINY
from tests.logs import fit_settings, of_run, part_of

DAYS = 56
TRUE = 0.9


@pytest.fixture(scope="module")
def city():
    """Parameters of eight weeks."""
    return load([*TINY, "horizon.warmup_days=0", f"horizon.cohort_days={DAYS}",
                 "horizon.followup_days=0", "stream.day_cv=0.1", "record=visits"])  # fmt: skip


@pytest.fixture(scope="module")
def log(city):
    return of_run(simulate(city.staffed(TRUE), seed=5))


def span_of(frame, folder):
    """The last weeks before the split of a log; a run of the city's own days is of its days."""
    frame.to_csv(folder / "log.csv", index=False)
    model = SimpleNamespace(part=part_of(folder / "log.csv"))
    span = Span(model, fit_settings(resamples=100))
    assert span.days == 28
    span.warmup = span.begin
    return span


COMPLETIONS = ["start", "joined", "worked", "retyping", "noticed", "occurred"]


@pytest.mark.parametrize("dropped", [[], COMPLETIONS], ids=["starts", "completions"])
def test_the_staff_of_a_city_is_found_from_how_long_its_cases_wait(city, log, dropped, tmp_path):
    """With starts from the waiting; without them from the times between completions, where nothing
    is assumed of what in them is work."""
    span = span_of(log.drop(columns=dropped), tmp_path)
    number, said = staffed(span, city, TINY, [1, 2], np.random.default_rng(1), lambda share: None)
    assert said == []
    assert number.low <= TRUE <= number.high
    assert number.value > 0.75
    what = "from one completion to the next" if dropped else "from joining a queue to the start"
    assert f"by simulated moments: mean time {what}" in number.evidence


def test_a_log_and_a_run_are_counted_alike(city, log, tmp_path):
    """The very run that wrote the log has the log's waits, day by day."""
    span = span_of(log, tmp_path)
    seen = observed_waits(span)
    again = simulated_waits(span, span.visits(city.staffed(TRUE), 5))
    late = np.arange(span.days) >= span.days - 1  # of cases that came after the split, held out
    assert again.counts[~late] == pytest.approx(seen.counts[~late], rel=0.02)
    assert again.sums[~late] == pytest.approx(seen.sums[~late], rel=0.05)


def test_what_no_staff_explains_is_told(city, log, tmp_path):
    """Everything is done two days later than it was."""
    late = log.assign(start=_later(log["start"]), complete=_later(log["complete"]))
    span = span_of(late, tmp_path)
    number, said = staffed(span, city, TINY, [1], np.random.default_rng(1), lambda share: None)
    assert number is None
    assert len(said) == 1
    assert "stays as assumed: mean time from joining a queue to the start 5" in said[0]


def _later(stamps):
    moments = stamps.to_numpy(dtype="datetime64[s]") + np.timedelta64(2 * DAY, "s")
    return np.datetime_as_string(moments, unit="s")


def test_seats_that_are_stated_are_left(city, log, tmp_path):
    span = span_of(log, tmp_path)
    staff = SimpleNamespace(plan="plan.csv", place="equal_hours")
    stated = SimpleNamespace(settings=SimpleNamespace(staff=staff))
    assert staffed(span, stated, TINY, [1], np.random.default_rng(1), print) == (None, [])
