"""Flow between desks: paths are followed rightly, bars and bands are as high as the shares."""

import numpy as np
import pytest

from analysis import style
from analysis.figures import flow
from sim.codes import COMMAND, DISTRICT, GRID, GRID_DESK, NONE
from sim.draws import OF_BACKGROUND, OF_INCIDENT
from sim.stream import pack_key

DISTRICT_COMMAND = DISTRICT * 8 + COMMAND
GRID_WORKER = GRID * 8 + GRID_DESK
PLACES = flow.place(np.array([DISTRICT, GRID, GRID]), np.array([COMMAND, GRID_DESK, GRID_DESK]))


def visits(*rows):
    """(incident, report, branch, desk, joined), not in order."""
    columns = np.array(rows, np.int64).T
    names = ("incident", "report", "branch", "desk", "joined")
    return dict(zip(names, columns, strict=True))


def key(k, entity=OF_INCIDENT):
    return int(pack_key(entity, 10, 0, 0, k))


def test_the_lead_task_is_followed_from_desk_to_desk():
    a, b = key(1), key(2)
    table = visits(
        (b, 0, 0, 1, 50),
        (a, 0, 0, 0, 30),  # its second desk
        (a, 0, 0, 1, 10),
        (a, 0, 0, 0, 40),  # there again, which is no move
        (a, 0, 3, 2, 35),  # a partner
        (a, 1, 0, 2, 36),  # a duplicate
        (a, 0, 0, 2, 60),
        (key(3, OF_BACKGROUND), 0, 0, 0, 5),
    )
    assert flow.moves(table, PLACES) == {
        (0, GRID_WORKER, NONE): 1,
        (0, GRID_WORKER, DISTRICT_COMMAND): 1,
        (1, DISTRICT_COMMAND, GRID_WORKER): 1,
        (2, GRID_WORKER, NONE): 1,
    }


def test_a_desk_of_the_same_kind_is_another_desk():
    a = key(1)
    table = visits((a, 0, 0, 1, 1), (a, 0, 0, 2, 2))
    assert flow.moves(table, PLACES) == {
        (0, GRID_WORKER, GRID_WORKER): 1,
        (1, GRID_WORKER, NONE): 1,
    }


def test_later_steps_are_left_out():
    table = visits(*((key(1), 0, 0, desk, t) for t, desk in enumerate((0, 1, 0, 1))))
    assert max(step for step, _, _ in flow.moves(table, PLACES, steps=2)) == 1


def test_bars_and_bands_are_as_high_as_the_shares():
    found = {
        (0, DISTRICT_COMMAND, GRID_WORKER): 60,
        (0, DISTRICT_COMMAND, NONE): 40,
        (1, GRID_WORKER, NONE): 60,
    }
    fig, ax = style.figure()
    assert flow.draw(found, ax) is ax
    heights = [bar.get_height() for container in ax.containers for bar in container]
    assert heights == pytest.approx([100, 60])
    (band,) = [p for p in ax.patches if p.get_alpha()]
    assert np.ptp(band.get_path().vertices[:, 1]) >= 60
    y = band.get_path().vertices[:, 1]
    assert y[7] - y[0] == pytest.approx(60)  # where it leaves
    assert [t.get_text() for t in ax.get_xticklabels()] == ["desk 1\n100 %", "desk 2\n60 %"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["district", "grid"]
    fig.draw_without_rendering()
