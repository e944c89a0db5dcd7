"""What the split says is right whichever way the difference goes, and when there may be none."""

import pytest

from analysis.split import ASSUMED, BASE, CONTROL, ROWS, TOTAL, UNLIMITED, UTILISATION
from experiments.split_text import LABELS, by_category, by_setting, sentences

NUMBERS = {"all": 1672, "assumed": 1439}


def entry(mean, half=0.5):
    return {"mean": mean, "ci95": [None, None] if mean is None else [mean - half, mean + half]}


def part(whole, arithmetic=None, control=None, others=None, remaining=None, share=None, n=11):
    """A split with these differences of the mean [h]."""

    def rows(difference):
        known = {"a": entry(100.0), "b": entry(100.0 + (difference["mean"] or 0))}
        return {row: known | {"difference": difference} for row in ROWS}

    found = {"settings": {BASE: rows(entry(whole))}, "replications": {BASE: 6}}
    extras = {CONTROL: control} | {f"{UTILISATION}{t}": v for t, v in (others or {}).items()}
    extras |= {ASSUMED: remaining, UNLIMITED: arithmetic}
    for setting, mean in extras.items():
        if mean is not None:
            found["settings"][setting] = rows(entry(mean))
            found["replications"][setting] = 3
    if arithmetic is not None:
        found["found"] = dict.fromkeys(ROWS, entry(whole - arithmetic))
    if remaining is not None:
        found["share_assumed"] = share or entry(1 - remaining / whole, 0.05)
        found["numbers_that_differ"] = {"assumed": ["x"] * n, "others": []}
    return found


def said(*arguments, numbers=None, **options):
    return " ".join(sentences(part(*arguments, **options), "b", numbers))


def test_a_difference_of_two_parts_of_one_sign():
    text = said(-39.7, -21.3)
    assert "Of the 39.7 h that b is sooner, 21.3 h are arithmetic (" in text
    assert "and 18.4 h are found (queues" in text
    text = said(39.7, 21.3)
    assert "Of the 39.7 h that b is later, 21.3 h are arithmetic" in text
    assert "18.4 h are found" in text


def test_parts_of_unlike_signs():
    text = said(-5.0, -8.0)
    assert text.startswith("b is 5.00 h sooner: 8.00 h sooner by what is arithmetic (")
    assert "but 3.00 h later by what is found (" in text
    text = said(5.0, -1.0)
    assert text.startswith("b is 5.00 h later: 1.00 h sooner by what is arithmetic (")
    assert "but 6.00 h later by what is found (" in text


def test_what_is_found_that_may_be_zero_is_not_told_as_a_finding():
    text = said(-21.9, -21.5)  # entries have 0.5 either way
    assert text.startswith("b is 21.9 h sooner: -21.5 h are arithmetic (")
    assert "what is found (queues and what follows from them), -0.40 ± " in text
    assert "cannot be told apart from 0." in text


def test_a_difference_that_may_be_zero():
    text = said(0.2, -8.0, control=0.1, remaining=0.1, share={"mean": 0.5, "ci95": [None, None]})
    assert "Of the +0.20 h, which cannot be told apart from 0, -8.00 h are arithmetic" in text
    assert "+8.20 h are found" in text
    assert "In the control, without batches and with the sensors of a, b cannot be told" in text
    assert "no share can be given, as the difference itself may be 0" in text


def test_a_difference_of_nothing_has_no_direction():
    text = said(0.0, 0.0)
    assert "sooner" not in text
    assert "later" not in text
    assert "cannot be told apart" in text


def test_a_mean_that_is_not_defined_is_not_split():
    assert said(None, numbers=NUMBERS) == (
        "b: the mean closure latency is not defined here; nothing can be split."
    )


def test_control_and_other_staff_are_said():
    text = said(-39.7, control=-20.3, others={0.6: -35.1, 0.95: 0.1})
    assert "In the control, without batches and with the sensors of a, b is 20.3 h sooner." in text
    assert "Staffed to 0.60, it is 35.1 h sooner; to 0.95, it cannot be told apart from a (" in text


@pytest.mark.parametrize(
    ("remaining", "words"),
    [
        (-3.0, "b is 3.00 h sooner: 92 % (95 % interval 87 to 97 %) of the difference rests on"),
        (6.0, "b is 6.00 h later: the numbers marked assumed bring all of it and more, 115 % ("),
        (-38.0, "rests on numbers marked assumed, 3 % (95 % interval -2 to 8 %), cannot be told"),
        (-50.0, "b is 50.0 h sooner: what differs in numbers marked assumed works against"),
    ],
)
def test_the_share_that_rests_on_assumed_numbers(remaining, words):
    text = said(-39.0, remaining=remaining)
    assert text.startswith("With the 11 assumed numbers in which it differs set to those of a, b ")
    assert words in text


def test_the_share_of_one_replication_has_no_interval():
    only = part(-10.0, remaining=-5.0, share={"mean": 0.5, "ci95": [None, None]})
    only["replications"][ASSUMED] = 1
    (text,) = sentences(only, "b", None)
    assert ": 50 % of the difference rests on numbers marked assumed." in text


def test_where_no_assumed_number_differs_everything_rests_on_the_rest():
    assert said(-10.0, remaining=-10.0, n=0).startswith("No assumed number differs")


def test_every_hour_rests_on_the_numbers_in_force():
    text = said(-10.0, numbers=NUMBERS)
    assert text == (
        "Of all 1,672 numbers in force 1,439 are assumed, and every hour above rests on those."
    )


def test_the_tables_have_a_row_for_every_category_and_setting():
    whole = part(-39.7, -21.3, control=-20.3, others={0.6: -35.1}, remaining=-3.0)
    table = by_category(whole, "b")
    columns = [list(column.cells) for column in table.columns]
    assert columns[0] == list(LABELS.values())
    assert [column[-1] for column in columns[1:]] == [
        "100.0", "60.3", "-39.7 ± 0.50", "-21.3 ± 0.50", "-18.4 ± 0.50"
    ]  # fmt: skip
    assert [column.header for column in table.columns][-2:] == ["arithmetic", "found"]
    assert len(by_category(part(-39.7), "b").columns) == 4
    table = by_setting(whole, "b", 0.8)
    labels, *_, replications = (list(column.cells) for column in table.columns)
    assert labels == [
        "As it is (staffed to 0.80)",
        "Control: no batches, sensors as in a",
        "Staffed to 0.60",
        "Assumed numbers as in a",
        "Unlimited seats (arithmetic)",
    ]
    assert next(by_setting(whole, "b", None).columns[0].cells) == "As it is"
    assert replications == ["6", "3", "3", "3", "3"]
    assert table.columns[0].header == "mean closure latency (h)"
    assert TOTAL in LABELS
