"""The held-out part against what was fitted."""

import numpy as np
import pytest

from experiments.fit.heldout import BEFORE, CASES, CHANCE, FITTED, held_out
from sim.units import DAY, HOUR
from tests.logs import HEADER, fit_settings, found_in, part_of, simple, stamp, write

DAYS = 56


def compared(path, **changed):
    part = part_of(path)
    settings = fit_settings(simulations=5, **changed)
    held = held_out(part, found_in(part), settings, np.random.default_rng(3), lambda share: None)
    of = held.distances.set_index(["against", "distance"])["hours"]
    return held, of, part


def test_a_process_that_stays_as_it_was_is_met_nearly_as_closely_as_by_chance(tmp_path):
    path = write(tmp_path / "log.csv", simple(2000, days=DAYS), HEADER)
    held, of, part = compared(path)
    assert of[FITTED, "cycle_times"] < 3 * of[CHANCE, "cycle_times"]
    assert of[FITTED, "circadian_events"] < 3 * of[CHANCE, "circadian_events"]
    assert of[CASES, "cycle_times"] < 3 * of[CHANCE, "cycle_times"]
    assert len(held.observed.arrived) == pytest.approx(0.25 * 2000, rel=0.12)
    assert held.observed.arrived.min() >= 0
    assert of[BEFORE, "case_arrivals"] < 24
    assert part.split % DAY == 0


def test_a_process_that_changes_is_off_by_the_change(tmp_path):
    """All that comes in the last part takes five hours more."""
    rows = simple(2000, days=DAYS)
    late = {c for c, activity, start, *_ in rows if activity == "register"
            and start >= stamp(0.75 * DAYS * DAY)}  # fmt: skip
    assert len(late) > 400
    slow = [
        [*r[:2], stamp(_tick(r[2]) + 5 * HOUR), stamp(_tick(r[3]) + 5 * HOUR), r[4]]
        if r[0] in late and r[1] == "dispose" else r
        for r in rows
    ]  # fmt: skip
    _, of, _ = compared(write(tmp_path / "log.csv", slow, HEADER))
    for name in (FITTED, CASES, BEFORE):
        assert of[name, "cycle_times"] == pytest.approx(5, abs=0.6)
    assert of[CHANCE, "cycle_times"] < 0.5


def _tick(text: str) -> int:
    return int((np.datetime64(text) - np.datetime64("2024-10-14")) / np.timedelta64(1, "s"))


def test_a_log_that_is_too_short_has_no_weeks_before(tmp_path):
    path = write(tmp_path / "log.csv", simple(200, days=4), HEADER)
    held, of, _ = compared(path)
    assert BEFORE not in held.distances["against"].tolist()
    assert np.isfinite(of[FITTED]).all()
