"""Utilisation against latency: the guide fits, its knee is where the power is largest."""

import numpy as np
import pytest

from analysis import style
from analysis.figures import knee
from sim.errors import InputError


def test_the_guide_is_found_again():
    u = np.array([0.2, 0.5, 0.8, 0.9])
    guide = knee.fitted(u, 3 + 2 * u / (1 - u))
    assert (guide.a, guide.b) == pytest.approx((3, 2))


def test_it_needs_three_points_and_shares_below_one():
    assert knee.fitted(np.array([0.1, 0.2]), np.array([1, 2])) is None
    with pytest.raises(InputError, match=r"utilisation: 0\.1 to 1; allowed: 0 to below 1"):
        knee.fitted(np.array([0.1, 0.2, 1.0]), np.ones(3))


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (3.0, 2.0), (10.0, 0.5)])
def test_the_knee_is_where_utilisation_over_latency_is_largest(a, b):
    guide = knee.Guide(a, b)
    u = np.linspace(0.001, 0.999, 100_000)
    assert guide.knee == pytest.approx(u[np.argmax(u / guide.at(u))], abs=1e-4)


def test_without_waiting_there_is_no_knee():
    assert knee.Guide(2.0, 0.0).knee is None


def test_the_figure_marks_means_guide_and_knee():
    u = np.array([[0.3, 0.34], [0.6, 0.64], [0.9, 0.94]])
    busy = u.mean(axis=1, keepdims=True)
    latency = 4 + 4 * busy / (1 - busy) + np.array([-0.1, 0.1])
    fig, ax = style.figure()
    assert knee.draw({"siloed": u}, {"siloed": latency}, ax, label="latency [h]") is ax
    (points,) = ax.containers
    assert points.lines[0].get_xdata() == pytest.approx([32, 62, 92])
    (mark,) = [line for line in ax.lines if line.get_marker() == "D"]
    assert mark.get_xdata()[0] == pytest.approx(50, abs=0.5)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["siloed", "knee of the guide", "guide: a + b u / (1 − u)"]
    fig.draw_without_rendering()


def test_the_knee_of_a_guide_that_does_not_fit_is_not_marked():
    u = np.array([[0.3], [0.6], [0.9]])
    fig, ax = style.figure()
    knee.draw({"siloed": u}, {"siloed": np.array([[1.0], [9.0], [10.0]])}, ax, label="latency [h]")
    assert not [line for line in ax.lines if line.get_marker() == "D"]
    guide = knee.Guide(1.0, 1.0)
    assert guide.explains(u.ravel(), guide.at(u.ravel())) == 1
    fig.draw_without_rendering()
