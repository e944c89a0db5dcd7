"""Incidents in order: the curve, its halves and a readable axis."""

import numpy as np
import pytest

from analysis import style
from analysis.figures import in_order

SHARES = np.linspace(0, 100, 11)
HOURS = np.array([-200.0, -30, -8, -2, -0.5, 0, 0, 0.5, 2, 10, 90])


def drawn(low=HOURS - 0.1, high=HOURS + 0.1):
    ax = style.figure()[1]
    in_order.draw(SHARES, HOURS, low, high, ax, label="difference [h]", parts=(45.0, 36.0))
    return ax


def test_the_curve_goes_through_every_place():
    (curve,) = [line for line in drawn().get_lines() if len(line.get_xdata()) == len(SHARES)]
    assert curve.get_ydata() == pytest.approx(HOURS)
    assert curve.get_xdata() == pytest.approx(SHARES)


def test_the_legend_has_the_shares_that_are_given():
    texts = [text.get_text() for text in drawn().get_legend().get_texts()]
    assert texts == ["sooner: 45.0 %", "later: 36.0 %", "95 % interval"]
    bare = drawn(np.full(11, np.nan), np.full(11, np.nan))
    assert len(bare.get_legend().get_texts()) == 2


def test_the_axis_is_in_words_on_both_sides_of_nothing():
    labels = [label.get_text() for label in drawn().get_yticklabels()]
    sooner, later = ("1 week", "1 day", "6 h", "1 h"), ("1 h", "6 h", "1 day")
    assert labels == [
        *(f"\N{MINUS SIGN}{text}" for text in sooner), "0", *(f"+{text}" for text in later)
    ]  # fmt: skip


def test_it_draws_what_is_all_the_same():
    ax = style.figure()[1]
    zero = np.zeros(11)
    in_order.draw(SHARES, zero, zero, zero, ax, label="h", parts=(0.0, 0.0))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0"]
