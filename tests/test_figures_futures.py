"""The figure of several futures of one past."""

from datetime import date

import numpy as np
import pytest

from analysis import style
from analysis.figures import futures

FORK = 6


@pytest.fixture
def opens():
    rng = np.random.default_rng(1)
    past = rng.integers(50, 60, (3, FORK))
    return {name: np.hstack([past, rng.integers(a, a + 9, (3, 8))]) for name, a in
            (("nobody", 50), ("all", 20))}  # fmt: skip


def drawn(opens, dates):
    _, ax = style.figure()
    return futures.draw(opens, dates, FORK, date(2024, 10, 14), ax)


def test_the_past_is_one_line_and_every_future_begins_at_its_end(opens):
    ax = drawn(opens, {"nobody": [], "all": []})
    lines = {line.get_label(): line for line in ax.lines}
    past, ours = lines["common past"], lines["all"]
    np.testing.assert_allclose(past.get_ydata(), opens["all"][:, :FORK].mean(axis=0))
    assert ours.get_ydata()[0] == past.get_ydata()[-1]
    assert ours.get_xdata()[0] == past.get_xdata()[-1]
    np.testing.assert_allclose(ours.get_ydata()[1:], opens["all"][:, FORK:].mean(axis=0))


def test_a_dot_marks_where_somebody_goes_over(opens):
    ax = drawn(opens, {"nobody": [], "all": [FORK, 9]})
    (marks,) = (line for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata()))
    np.testing.assert_allclose(marks.get_ydata(), opens["all"].mean(axis=0)[[FORK - 1, 8]])


def test_one_replication_has_no_bands(opens):
    one = {name: values[:1] for name, values in opens.items()}
    assert not drawn(one, {"nobody": [], "all": []}).collections
    assert drawn(opens, {"nobody": [], "all": []}).collections
