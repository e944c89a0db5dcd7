"""A waiting list serves by queue key whatever joins, leaves and is re-keyed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import rows
from sim.codes import NONE
from sim.compiled.state import D_HEAD, D_ROOT, D_TAIL, DESK_WIDTH
from sim.compiled.waiting import before, first, insert, remove, take
from sim.keys import key_of

N_TASKS, N_INCIDENTS, N_DESKS = 24, 8, 2
FIELDS = ("CLASS", "FIELD", "JOINED", "REPORT", "BRANCH")


class Lists:
    """The waiting lists of two desks, and beside them sorted lists of the same."""

    def __init__(self, keys):
        """keys : (class, field, joined, slot) of each task; ties are meant to be many."""
        self.tasks = np.full((N_TASKS, rows.TASK_WIDTH), 77, rows.ROW)
        self.incidents = np.zeros((N_INCIDENTS, rows.INCIDENT_WIDTH), rows.ROW)
        self.incidents[:, rows.I_OCCURRED] = np.arange(N_INCIDENTS) // 3
        self.incidents[:, rows.I_KEY] = 1000 - np.arange(N_INCIDENTS)
        self.desks = np.full((N_DESKS, DESK_WIDTH), NONE)
        self.expected = [[] for _ in range(N_DESKS)]
        for task, (level, field, joined, slot) in enumerate(keys):
            self.set_key(task, level, field)
            self.tasks[task, rows.T_JOINED], self.tasks[task, rows.T_SLOT] = joined, slot
            self.tasks[task, rows.T_REPORT] = task // 4
            self.tasks[task, rows.T_BRANCH] = task % 4

    def set_key(self, task, level, field):
        self.tasks[task, rows.T_CLASS], self.tasks[task, rows.T_FIELD] = level, field

    def key(self, task):
        row = self.tasks[task]
        incident = self.incidents[row[rows.T_SLOT]]
        head = [row[rows.T_CLASS], row[rows.T_FIELD], row[rows.T_JOINED]]
        middle = [incident[rows.I_OCCURRED], key_of(incident)]
        return (*head, *middle, row[rows.T_REPORT], row[rows.T_BRANCH])

    def insert(self, desk, task):
        insert(self.tasks, self.incidents, self.desks, desk, task)
        self.expected[desk] = sorted([*self.expected[desk], task], key=self.key)

    def remove(self, desk, task):
        remove(self.tasks, self.incidents, self.desks, desk, task)
        self.expected[desk].remove(task)

    def take(self, desk):
        assert take(self.tasks, self.incidents, self.desks, desk) == self.expected[desk].pop(0)

    def check(self):
        for desk, waiting in enumerate(self.expected):
            found = first(self.tasks, self.incidents, self.desks, desk)
            assert found == (waiting[0] if waiting else NONE)


keys = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 3), st.integers(0, 7)),
    min_size=N_TASKS,
    max_size=N_TASKS,
)
operations = st.lists(
    st.tuples(
        st.sampled_from(["insert", "insert", "take", "remove", "rekey"]),
        st.integers(0, N_TASKS - 1),
        st.integers(0, 1),
        st.integers(0, 2),
    ),
    max_size=120,
)


@given(keys, operations)
@settings(deadline=None, max_examples=200)
def test_lists_serve_as_sorted_lists_do(keys, operations):
    lists, at = Lists(keys), {}
    for kind, task, level, field in operations:
        desk = task % N_DESKS
        if kind == "insert" and task not in at:
            lists.set_key(task, level, field)
            lists.insert(desk, task)
            at[task] = desk
        elif kind == "take" and lists.expected[desk]:
            del at[lists.expected[desk][0]]
            lists.take(desk)
        elif kind == "remove" and task in at:
            lists.remove(at.pop(task), task)
        elif kind == "rekey" and task in at:  # as slots.rekey does
            lists.remove(desk, task)
            lists.set_key(task, 0, field)
            lists.insert(desk, task)
        lists.check()
    for desk in range(N_DESKS):
        while lists.expected[desk]:
            lists.take(desk)
        lists.check()


@given(keys)
@settings(deadline=None)
def test_the_order_is_total_and_that_of_the_key(keys):
    lists = Lists(keys)
    for a in range(N_TASKS):
        for b in range(N_TASKS):
            found = before(lists.tasks, lists.incidents, a, b)
            assert found == (lists.key(a) < lists.key(b))


@pytest.mark.parametrize("place", range(8))
def test_each_field_of_the_key_decides_where_those_before_it_tie(place):
    lists = Lists([(1, 1, 1, 0)] * N_TASKS)
    halves = [rows.I_KEY_HIGH, rows.I_KEY]
    lists.incidents[:, [rows.I_OCCURRED, *halves]] = 5
    for task in (0, 1):
        lists.tasks[task, rows.T_SLOT] = task
        lists.tasks[task, [rows.T_REPORT, rows.T_BRANCH]] = 1
    columns = [rows.T_CLASS, rows.T_FIELD, rows.T_JOINED, rows.I_OCCURRED, *halves,
               rows.T_REPORT, rows.T_BRANCH]  # fmt: skip
    for later, column in enumerate(columns):
        table = lists.incidents if later in (3, 4, 5) else lists.tasks
        table[0, column] += (later == place) - (later > place)
    assert before(lists.tasks, lists.incidents, 1, 0)
    assert not before(lists.tasks, lists.incidents, 0, 1)


def test_a_list_of_thousands_comes_out_in_order():
    n = 5000
    rng = np.random.default_rng(4)
    tasks = np.zeros((n, rows.TASK_WIDTH), rows.ROW)
    incidents = np.zeros((n, rows.INCIDENT_WIDTH), rows.ROW)
    tasks[:, rows.T_SLOT] = np.arange(n)
    tasks[:, rows.T_JOINED] = rng.integers(0, 40, n)
    incidents[:, rows.I_KEY] = rng.permutation(n)
    desks = np.full((1, DESK_WIDTH), NONE)
    for task in range(n):
        insert(tasks, incidents, desks, 0, task)
    found = [take(tasks, incidents, desks, 0) for _ in range(n)]
    assert desks[0, [D_HEAD, D_TAIL, D_ROOT]].tolist() == [NONE] * 3
    expected = np.lexsort((incidents[:, rows.I_KEY], tasks[:, rows.T_JOINED]))
    np.testing.assert_array_equal(found, expected)


def test_who_comes_last_in_order_joins_the_line_and_all_others_the_heap():
    lists = Lists([(0, 0, joined, 0) for joined in (5, 7, 6, 9, 1, 8)] + [(0, 0, 0, 0)] * 18)
    for task in range(6):
        lists.insert(0, task)
        lists.check()
    line, task = [], lists.desks[0, D_HEAD]
    while task != NONE:
        line.append(int(task))
        task = lists.tasks[task, rows.T_NEXT]
    assert line == [0, 1, 3]
    assert lists.desks[0, D_TAIL] == 3
    lists.remove(0, 3)  # the end of the line
    lists.insert(0, 3)
    lists.remove(0, 1)  # its middle
    for _ in range(5):
        lists.take(0)
        lists.check()
