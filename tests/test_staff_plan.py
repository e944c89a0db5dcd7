"""Staff plans: files and arrays of seats."""

import numpy as np
import pytest

from experiments.one_run import simulate
from experiments.staffing.desks import Desks
from experiments.staffing.tables import plan_table
from experiments.store import fingerprint
from scenarios.load import load
from scenarios.staff_plan import COLUMNS, centre_codes, seated
from sim.codes import GRID
from sim.errors import FileError, InputError
from tests.conftest import TINY


@pytest.fixture(scope="module")
def tiny():
    p = load([*TINY, "policy=integrated"])
    _ = p.world
    return p


def written(tmp_path, text):
    path = tmp_path / "plan.csv"
    path.write_text(text, encoding="utf-8")
    return path


def of_file(path):
    return load([*TINY, "policy=integrated", f"staff.plan={path}"])


def test_a_plan_that_is_written_and_read_gives_the_same_seats_and_the_same_run(tiny, tmp_path):
    seats = tiny.seats.copy()
    seats[(tiny.layout.tier != GRID)[:, None] & (seats > 0)] += 1
    other = seated(tiny, seats)
    desks = Desks(other)
    plan = seats[desks.slots.desk, desks.slots.shift]
    path = tmp_path / "plan.csv"
    plan_table(desks, plan).to_csv(path, index=False)
    read = of_file(path)
    assert (read.seats == seats).all()
    assert simulate(read, 1).metrics() == simulate(other, 1).metrics()
    assert fingerprint(read) != fingerprint(tiny)


def test_seats_given_are_those_that_open_and_are_paid(tiny):
    seats = tiny.seats * 2
    other = seated(tiny, seats)
    assert (other.world.seats == seats).all()
    assert np.allclose(other.paid_by_desk, 2 * tiny.paid_by_desk)
    assert (other.open_ticks == 2 * tiny.open_ticks).all()
    assert (tiny.world.seats * 2 == seats).all()  # the first is as it was
    assert (other.load.weekly == tiny.load.weekly).all()


def test_absent_seats_are_taken_off_a_plan_too(tmp_path):
    p = load([*TINY, "staff.absence.district=0.5"])
    other = seated(p, p.seats * 4)
    assert other.world.seats.sum() < (p.seats * 4).sum()


def test_centres_are_named_by_their_codes(tiny):
    codes, city = centre_codes(tiny.layout), tiny.city
    assert codes[0] == "city"
    assert set(codes) == {"city", "", *city.district_code, *city.township_code}
    assert codes[-1] == ""  # a grid's


def test_a_used_desk_without_a_seat_is_told(tiny, tmp_path):
    path = written(tmp_path, ",".join(COLUMNS) + "\ncity,city.hotline,1,3\n")
    with pytest.raises(InputError, match="desks have no seat, but policy 'integrated' can send"):
        _ = of_file(path).seats
    with pytest.raises(InputError, match="desks have no seat"):
        seated(tiny, np.zeros_like(tiny.seats))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("nowhere,city.hotline,1,3", "centre 'nowhere' has no desk 'city.hotline' above the grid"),
        ("city,city.kitchen,1,3", "centre 'city' has no desk 'city.kitchen'"),
        ("city,city.hotline,9,3", "'9' is not a whole number from 1 to"),
        ("city,city.callback,3,3", "policy 'integrated' has"),
        ("city,city.hotline,1,-2", "'-2' is not a whole number from 0 to"),
        ("city,city.hotline,1,3\ncity,city.hotline,1,4", "stands on a line before"),
    ],
)
def test_mistakes_are_named_by_their_line(row, said, tmp_path):
    path = written(tmp_path, ",".join(COLUMNS) + f"\n{row}\n")
    with pytest.raises(FileError, match=said) as caught:
        _ = of_file(path).seats
    assert caught.value.line == 1 + len(row.split())


def test_a_plan_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match=r"staff.plan: '.*nothing.csv' is no file; allowed"):
        _ = of_file(tmp_path / "nothing.csv").seats


def test_a_rollout_with_dates_takes_no_plan():
    p = load([*TINY, "policy.rollout={to: integrated, waves: [{from: 2024-10-16, share: 1}]}"])
    with pytest.raises(InputError, match=r"policy.rollout: seats change by date"):
        seated(p, p.seats)
