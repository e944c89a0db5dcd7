"""What is estimated from logs whose truth is known."""

import numpy as np
import pytest

from experiments.fit.estimates import CHAINED, CLOCK
from experiments.fit.mapping import mapping_of
from sim.errors import InputError
from sim.units import DAY, MINUTE
from tests.logs import HEADER, found_in, one_server, part_of, simple, stamp, write


def row(found, group, name, quantity):
    (one,) = [r for r in found.rows if (r.group, r.name, r.quantity) == (group, name, quantity)]
    return one


def test_cases_that_came_last_are_held_out_whole(tmp_path):
    part = part_of(write(tmp_path / "log.csv", simple(), HEADER))
    assert part.chosen.mean() == pytest.approx(0.75, abs=0.03)
    assert part.split % DAY == 0
    assert part.cases.arrived[~part.chosen].min() >= part.split
    assert set(part.frame["case"]) == set(np.flatnonzero(part.chosen))
    with pytest.raises(InputError, match=r"fit.held_out: 0.25 leaves \d+ of 400 cases"):
        part_of(tmp_path / "log.csv", least=350)


def test_nothing_that_is_held_out_moves_an_estimate(tmp_path):
    rows = simple()
    part = part_of(write(tmp_path / "log.csv", rows, HEADER))
    held = {part.log.names["case"][c] for c in np.flatnonzero(~part.chosen)}
    other = [
        [*r[:3], stamp(40 * DAY), "Z"] if r[0] in held and r[1] == "dispose" else r for r in rows
    ]
    moved = part_of(write(tmp_path / "other.csv", other, HEADER))
    a, b = found_in(part), found_in(moved)
    drop = ("cycle time", "seats")  # which know where the log ends, and the codes of resources
    assert [r for r in a.rows if r.group not in drop] == [r for r in b.rows if r.group not in drop]


def test_work_and_waiting_are_estimated_where_starts_are_known(tmp_path):
    found = found_in(part_of(write(tmp_path / "log.csv", simple(2000), HEADER)))
    assert found.measured == CLOCK
    for name in ("register", "dispose"):
        work = row(found, "work", name, "mean").estimate
        assert work.value == pytest.approx(10, rel=0.1)
        assert work.low < 10.01 < work.high
    waited = row(found, "waiting", "dispose", "waiting").estimate
    assert waited.low < 1 < waited.high
    assert row(found, "flow", "all", "hand-overs").estimate.value == 1


def test_work_without_starts_is_that_of_a_server_that_is_never_idle(tmp_path):
    """Where the assumption holds, the truth lies within the interval; 8 of 10 at least."""
    held = 0
    for seed in range(10):
        arrived, _, complete = one_server(np.random.default_rng(seed), 1500)
        rows = [
            [f"c{i}", activity, stamp(tick), who]
            for i in range(len(arrived))
            for activity, tick, who in (("come", arrived[i], ""), ("serve", complete[i], "S"))
        ]
        part = part_of(
            write(tmp_path / "log.csv", rows, ("case", "activity", "timestamp", "resource"))
        )
        found = found_in(part, seed)
        assert found.measured == CHAINED
        one = row(found, "work", "serve", "mean")
        assert one.how.startswith("assumed")
        held += one.estimate.low <= 10 <= one.estimate.high
        bound = row(found, "work", "serve", "median upper bound")
        assert bound.how == "bound"
    assert held >= 8
    assert any("not separable" in text for text in found.said)


def test_open_cases_are_censored(tmp_path):
    """Cases take a day; the log ends within the last ones. To drop them would shorten the rest."""
    rows, rng = [], np.random.default_rng(2)
    for c in range(600):
        arrived = c * 3600
        rows.append([f"c{c}", "open", stamp(arrived), "r"])
        ends = arrived + rng.exponential(5 * DAY)
        if ends < 600 * 3600:
            rows.append([f"c{c}", "close", stamp(ends), "r"])
    path = write(tmp_path / "log.csv", rows, ("case", "activity", "timestamp", "resource"))
    part = part_of(path, held_out=0.05)
    assert part.cases.closing == ["close"]
    assert not part.cases.finished.all()
    median = row(found_in(part), "cycle time", "50%", "quantile").estimate
    assert median.low <= 5 * 24 * np.log(2) <= median.high


def test_closing_may_be_stated(tmp_path):
    path = write(tmp_path / "log.csv", simple(100), HEADER)
    assert part_of(path, mapping_of({"closing": ["dispose"]})).cases.finished.all()
    with pytest.raises(InputError, match=r"closing: register; of 100 cases .* 100 go on"):
        part_of(path, mapping_of({"closing": ["register"]}))
    with pytest.raises(InputError, match="closing: 'shut'; allowed: register, dispose"):
        part_of(path, mapping_of({"closing": ["shut"]}))


def test_limits_counters_and_ways_back(tmp_path):
    rows = []
    for c in range(60):
        late = c % 3 == 0
        path = ["take", "do", "take", "do", "shut"] if c % 4 == 0 else ["take", "do", "shut"]
        for k, name in enumerate(path):
            limit = stamp(c * 3600 + 3600 * (1 - 2 * late))
            moment = stamp(c * 3600 + k * MINUTE)
            rows.append([f"c{c}", name, moment, "r", limit, int(c % 5 == 0), c % 2])
    header = ("case", "activity", "timestamp", "resource", "limit", "reopen_count",
              "reassignment_count")  # fmt: skip
    part = part_of(write(tmp_path / "log.csv", rows, header), held_out=0.01)
    found, n = found_in(part), int(part.chosen.sum())
    chosen = np.array([int(part.log.names["case"][c][1:]) for c in np.flatnonzero(part.chosen)])
    assert row(found, "flow", "all", "within the limit").estimate.value == np.mean(chosen % 3 != 0)
    back = row(found, "flow", "all", "cases that come back to an activity").estimate
    assert (back.value, back.n) == (np.mean(chosen % 4 == 0), n)
    assert row(found, "flow", "all", "reopened").estimate.value == np.mean(chosen % 5 == 0)
    assert row(found, "flow", "all", "reassignments").estimate.value == np.mean(chosen % 2)


def test_days_alone_leave_hours_and_work_unknown(tmp_path):
    rows = [
        [f"c{c}", name, stamp((c + k) * DAY // 3, form="%Y-%m-%d"), "r"]
        for c in range(200)
        for k, name in ((0, "take"), (9, "shut"))
    ]
    path = write(tmp_path / "log.csv", rows, ("case", "activity", "timestamp", "resource"))
    found = found_in(part_of(path))
    assert not found.work
    assert not any(r.group in ("hour", "opening") for r in found.rows)
    assert any("stamps are days" in text for text in found.said)


def test_without_resources_seats_are_unknown(tmp_path):
    rows = [r[:4] for r in simple(100)]
    found = found_in(part_of(write(tmp_path / "log.csv", rows, HEADER[:4])))
    assert any("resources are missing" in text for text in found.said)
    assert not any("resources" in r.quantity for r in found.rows)
