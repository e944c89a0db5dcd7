"""How cases move."""

import numpy as np

from experiments.fit.flow import came_before, case_limits
from sim.units import HOUR
from tests.logs import part_of, stamp, write


def test_coming_back_is_told_from_going_on():
    case = np.array([0, 0, 0, 0, 1, 1, 1])
    activity = np.array([0, 0, 1, 0, 0, 1, 1])
    assert came_before(case, activity).tolist() == [False] * 3 + [True] + [False] * 3


def test_the_first_limit_of_a_case_counts(tmp_path):
    rows = [
        [f"c{c}", name, stamp(c * HOUR + k), stamp((c + 4 + k) * HOUR) if c else ""]
        for c in range(60)
        for k, name in enumerate(("take", "shut"))
    ]
    header = ("case", "activity", "timestamp", "limit")
    part = part_of(write(tmp_path / "log.csv", rows, header))
    limits = case_limits(part)
    names = part.log.names["case"]
    assert limits[names.index("c0")] < 0
    assert limits[names.index("c5")] == 9 * HOUR
