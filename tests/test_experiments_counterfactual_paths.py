"""Paths in words."""

from dataclasses import replace

import pytest

from experiments.counterfactual_paths import Path

COUNTS = dict.fromkeys(
    ("relays", "wrong_desks", "returns", "reworks", "false_closings", "mismerged"), (0, 0)
) | dict.fromkeys(("extensions", "growths"), (0, 0))
PATH = Path(
    end="best",
    place=0,
    incident=7,
    about="Disputes, grade IV, Yuzhong (7)",
    latency_hours=(41.0, 10.0),
    is_open=(False, False),
    hours=-31.0,
    made_of={"sensing": 0.0, "assumed_delay": -21.0, "work": 1.5, "waiting": -12.0, "rework": 0.5},
    counts=COUNTS | {"relays": (3, 0), "returns": (2, 1)},
    channels=("hotline", "hotline"),
)


def test_a_path_says_what_was_otherwise_and_where_the_time_lies():
    assert PATH.text == (
        "Disputes, grade IV, Yuzhong (7): 31.0 h sooner (10.0 h, in place of 41.0 h): no relay in "
        "place of 3, one return fewer, 21.0 h less held for batches or coordination, 12.0 h less "
        "waiting for a desk, against 1.5 h more being worked on and 30 min more on re-work and "
        "false closings."
    )
    assert PATH.record["text"] == PATH.text


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"relays": (1, 0)}, "no relay,"),
        ({"returns": (0, 2)}, "2 returns more,"),
        ({"false_closings": (0, 1)}, "one false closing more,"),
        ({"growths": (3, 1)}, "2 grades of growth fewer,"),
    ],
)
def test_counts_are_told_where_they_differ(counts, words):
    assert f": {words} 21.0 h less" in replace(PATH, counts=COUNTS | counts).text


def test_who_noticed_it_is_told_where_it_was_another():
    assert (
        "noticed by sensor in place of hotline"
        in replace(PATH, channels=("hotline", "sensor")).text
    )
    assert "noticed by nobody in place of hotline" in replace(PATH, channels=("hotline", "")).text


@pytest.mark.parametrize(
    ("is_open", "latency", "words"),
    [
        ((True, False), (672.0, 10.0), "(10.0 h, in place of not solved within 28.0 days)"),
        ((False, True), (41.0, 672.0), "(not solved within 28.0 days, in place of 41.0 h)"),
    ],
)
def test_what_is_not_solved_is_at_least_so_much(is_open, latency, words):
    hours = latency[1] - latency[0]
    made_of = dict.fromkeys(PATH.made_of, 0.0) | {"waiting": hours}
    path = replace(PATH, is_open=is_open, latency_hours=latency, hours=hours, made_of=made_of)
    assert words in path.text
    assert "): at least " in path.text
    assert ("sooner" in path.text) == (hours < 0)
    assert "against" not in path.text
