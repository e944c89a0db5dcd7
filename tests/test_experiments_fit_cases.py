"""When cases came, and how they ended."""

import re

import pytest

from experiments.fit.mapping import mapping_of
from sim.errors import InputError
from sim.units import HOUR
from tests.logs import part_of, stamp, write

HEADER = ("case_id", "activity", "complete")


def log(tmp_path, *ways):
    """A log whose cases go these ways in turn, an activity an hour; 20 cases of each."""
    rows = [
        [f"c{c}", name, stamp((c + k) * HOUR)]
        for c in range(20 * len(ways))
        for k, name in enumerate(ways[c % len(ways)].split())
    ]
    return write(tmp_path / "log.csv", rows, HEADER)


def closing(*names):
    return mapping_of({"closing": list(names)})


def test_a_closing_activity_that_cases_go_on_after_is_refused(tmp_path):
    """No case would be finished: what follows a closing would always be the way on."""
    path = log(tmp_path, "new fix check", "new fix check", "new fix")
    said = "closing: fix; of 60 cases that come to it, 40 go on and do not come back to it; allowed"
    with pytest.raises(InputError, match=re.escape(said)) as error:
        part_of(path, closing("fix"))
    assert str(error.value).endswith("cases of this log end most often with: check, fix")


def test_the_share_that_is_asked_for_is_a_setting(tmp_path):
    path = log(tmp_path, "new fix check", "new fix check", "new fix")
    assert part_of(path, closing("fix"), closing_share=0.3).cases.finished.sum() == 20
    assert part_of(path, closing("fix", "check")).cases.finished.all()


def test_cases_that_are_reopened_and_close_again_are_finished(tmp_path):
    cases = part_of(log(tmp_path, "new shut new shut", "new shut"), closing("shut")).cases
    assert cases.finished.all()
    assert cases.gone_on == 0
    assert cases.duration.max() == 3 * HOUR


def test_cases_that_are_reopened_and_not_closed_again_are_open(tmp_path):
    cases = part_of(log(tmp_path, "new shut new", "new shut", "new"), closing("shut")).cases
    assert cases.finished.sum() == 20
    assert cases.gone_on == 20


def test_a_closing_activity_that_the_log_has_not_is_told(tmp_path):
    with pytest.raises(InputError, match="closing: 'end'; allowed: new, fix"):
        part_of(log(tmp_path, "new fix"), closing("end"))
