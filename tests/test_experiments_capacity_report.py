"""What is said of capacities: either policy can come out ahead, or neither."""

import pytest

from experiments.capacity_report import bound, sentence

NAMES = ["siloed", "integrated"]


def entry(mean, low=None, high=None):
    return {"mean": mean, "ci95": [low, high]}


def inside(volume):
    return {"volume": volume, "low": volume - 0.1, "high": volume + 0.1}


ABOVE = {"volume": None, "low": 3.0, "high": None}
BELOW = {"volume": None, "low": None, "high": 0.5}


def result(siloed, integrated, difference, searches=None, bottlenecks=None, others=None):
    row = {"siloed": siloed, "integrated": integrated, "difference": difference}
    return {
        "metrics": {"capacity": row},
        "capacity_by_tolerance": {x: {"difference": other} for x, other in (others or {}).items()},
        "searches": searches or {name: [inside(1.0)] for name in NAMES},
        "bottlenecks": bottlenecks or dict.fromkeys(NAMES),
    }


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (entry(0.19, 0.17, 0.21), "integrated carries 0.190 more than siloed (± 0.020)."),
        (entry(-0.19, -0.21, -0.17), "integrated carries 0.190 less than siloed (± 0.020)."),
        (entry(0.01, -0.1, 0.12), "integrated cannot be told apart from siloed."),
    ],
)
def test_the_sentence_says_more_less_or_neither(difference, words):
    told = sentence(NAMES, result(entry(1.12, 1.1, 1.14), entry(1.31, 1.3, 1.32), difference))
    assert told == (
        "siloed carries 1.120 times the planned volume (95 % interval 1.100 to 1.140), "
        f"integrated 1.310 (95 % interval 1.300 to 1.320). {words}"
    )


LESS, SAME, MORE = entry(-0.2, -0.3, -0.1), entry(0.0, -0.1, 0.1), entry(0.2, 0.1, 0.3)


@pytest.mark.parametrize(
    ("difference", "others", "words"),
    [
        (
            SAME,
            {"0.005": MORE, "0.02": LESS, "0.05": SAME},
            "integrated carries at 0.5 % more, at 2 % less.",
        ),
        (MORE, {"0.005": MORE, "0.05": SAME}, "integrated carries at 5 % as much."),
        (LESS, {"0.005": LESS, "0.05": entry(None)}, None),
        (entry(0.1), {"0.05": LESS}, None),
    ],
)
def test_a_verdict_that_hangs_on_the_tolerance_says_so(difference, others, words):
    told = sentence(NAMES, result(entry(1.1), entry(1.2), difference, others=others))
    assert ("That hangs on the growth allowed: " in told) == (words is not None)
    assert words is None or told.endswith(words)


def test_one_replication_says_no_interval_and_no_verdict():
    told = sentence(NAMES, result(entry(1.12), entry(1.31), entry(0.19)))
    assert told == "siloed carries 1.120 times the planned volume, integrated 1.310."


def test_the_sentence_names_what_gives_way_first():
    kinds = [{"kind": "city.callback", "share": 0.512}, {"kind": "city.hotline", "share": 0.3}]
    found = {"siloed": None, "integrated": {"queue_growth": 9.0, "kinds": kinds}}
    told = sentence(NAMES, result(entry(1.1), entry(1.2), entry(0.1), bottlenecks=found))
    ends = " What gives way first is city.callback under integrated (51 % of the growth)."
    assert told.endswith(ends)


@pytest.mark.parametrize(
    ("searches", "text"),
    [
        ([inside(1.2), inside(1.3)], None),
        ([ABOVE, ABOVE], "> 3"),
        ([inside(2.8), ABOVE], "> 2.8"),
        ([BELOW, BELOW], "< 0.5"),
        ([BELOW, inside(0.6)], "< 0.6"),
        ([ABOVE, BELOW], "-"),
    ],
)
def test_what_lies_outside_is_bounded_and_never_guessed(searches, text):
    assert bound(searches) == text


def test_the_sentence_says_bounds():
    searches = {"siloed": [ABOVE], "integrated": [BELOW]}
    told = sentence(NAMES, result(entry(None), entry(None), entry(None), searches))
    assert told == "siloed carries more than 3 times the planned volume, integrated less than 0.5."
