"""The search, on problems whose smallest plan is known."""

import itertools

import numpy as np
import pytest

from analysis.staffing.search import Search, crossing, lower_groups, plan_of, thin


class Known:
    """Plans whose surplus is known: `gain` by slot, less and less for each further seat."""

    def __init__(self, gain, need, least, paid=None, most=1000):
        self.gain, self.need = np.array(gain, float), need
        self.paid = np.ones(len(gain)) if paid is None else np.array(paid, float)
        self.least = np.array(least)
        self.asked = []
        self.search = Search(self.evaluate, self.paid, self.least, most)

    def surplus(self, plan):
        return float(self.gain @ (1 - 0.5**plan)) - self.need

    def evaluate(self, plans):
        self.asked += [tuple(plan.tolist()) for plan in plans]
        return [np.array([[self.surplus(plan)], [self.surplus(plan)]]) for plan in plans]

    def smallest(self, most=8):
        """Fewest paid hours of all plans that meet the target, by trying them all."""
        plans = (np.array(p) for p in itertools.product(range(1, most), repeat=len(self.gain)))
        met = [
            float(p @ self.paid) for p in plans if (p >= self.least).all() and self.surplus(p) >= 0
        ]
        return min(met)


def test_a_plan_is_never_tried_twice():
    known = Known([1.0, 2.0], 1.0, [1, 1])
    first = known.search.all_of([np.array([2, 2]), np.array([3, 3])])
    again = known.search.all_of([np.array([3, 3])])
    assert known.asked == [(2, 2), (3, 3)]
    assert again[0] is first[1]


@pytest.mark.parametrize("need", [0.5, 1.2, 2.0, 2.6])
def test_thinning_leaves_no_seat_that_could_go(need):
    known = Known([1.0, 1.0, 1.0], need, [1, 1, 1])
    start = np.array([7, 7, 7])
    order = [i for i in range(3) for _ in range(6)]
    plan = thin(known.search, start, order)
    assert known.surplus(plan) >= 0
    for i in np.flatnonzero(plan > 1):
        fewer = plan.copy()
        fewer[i] -= 1
        assert known.surplus(fewer) < 0


def test_thinning_does_not_move_from_the_smallest_staff():
    known = Known([1.0], 0.9, [1])  # 1 - 2^-n >= 0.9: four seats
    assert thin(known.search, np.array([4]), [0, 0, 0]).tolist() == [4]
    assert thin(known.search, np.array([6]), [0] * 5).tolist() == [4]


def test_groups_come_down_to_the_least_level_that_holds_each():
    levels = np.array([[5, 3, 2, 1], [5, 3, 2, 1], [6, 4, 3, 1]])
    known = Known([0.2, 1.0, 1.0], 1.5, levels[:, -1])
    groups = np.array([0, 1, 2])
    at = lower_groups(known.search, levels, groups, 0)
    assert known.surplus(plan_of(levels, groups, at)) >= 0
    for group in np.flatnonzero(at < 3):
        lower = at.copy()
        lower[group] += 1
        assert known.surplus(plan_of(levels, groups, lower)) < 0


def test_a_search_out_of_plans_keeps_what_met_the_targets():
    known = Known([1.0, 1.0], 1.0, [1, 1], most=1)
    plan = thin(known.search, np.array([6, 6]), [0] * 5 + [1] * 5)
    assert known.surplus(plan) >= 0
    assert len(known.asked) == 1
    assert known.search.left == 0


def test_the_margin_is_asked_for_on_top():
    known = Known([1.0], 0.5, [1])
    (one, two) = known.search.all_of([np.array([1]), np.array([2])])
    assert known.search.is_met(one)
    known.search.margin = np.array([0.1])
    assert not known.search.is_met(one)
    assert known.search.is_met(two)
    assert known.search.cheapest() is two


def test_the_smallest_of_all_plans_is_found_where_slots_are_alike():
    known = Known([1.0, 1.0], 1.7, [1, 1])
    plan = thin(known.search, np.array([7, 7]), [0, 1] * 6)
    assert float(plan @ known.paid) == known.smallest()


def test_a_crossing_is_where_the_surplus_last_leaves_nothing():
    hours = np.array([10.0, 20.0, 30.0, 40.0])
    assert crossing(hours, np.array([-2.0, -1.0, 1.0, 2.0])) == 25.0
    assert crossing(hours, np.array([1.0, -1.0, 3.0, 4.0])) == 22.5
    assert crossing(hours, np.array([0.0, 1.0, 1.0, 1.0])) == 10.0
    assert crossing(hours, np.array([-1.0, -1.0, -1.0, -0.1])) is None
