"""What a report says of claims: counts that agree with the table, and doubt where there is any."""

import pytest

from experiments.report import claims
from experiments.report.folder import Folder
from experiments.report.words import Words


def case(after, low, name="as_shipped"):
    falls = {
        "sensing_hours": [0.9, 0.85, 0.95],
        "judging_hours": [None, None, None],
        "closure_hours": [low + 0.1, low, low + 0.2],
    }
    return {"case": name, "before": "siloed", "after": after, "falls": falls}


def claimed(*cases):
    return Folder(None, {"kind": "claim", "command": []}, {"cases": list(cases)})


def test_how_many_rows_bear_the_claim_out_is_counted():
    folder = claimed(case("integrated", 0.5), case("paper", -0.1), case("paper", 0.45, "kindest"))
    shipped, borne = claims.claim(folder, Words("en"))
    assert "from siloed to integrated by 60.0 (50.0 to 70.0) %," in shipped
    assert "to paper by 0.00 (−10.0 to 10.0) %, which cannot be told apart from 0." in shipped
    assert "sensed in 3, judged in 0, solved in 2 of 3 sets" in borne
    assert "falls by 80 % in 3 places" in borne


def regime(name, holds, metric="closure_latency_mean_hours", ratio=(0.8, 0.7, 0.9)):
    return {
        "regime": name, "first": "siloed", "second": "integrated", "metric": metric,
        "change": "lower", "least": 0.1, "before": 10.0, "after": 8.0, "ratio": list(ratio),
        "why": "", "holds": holds,
    }  # fmt: skip


def regimes(*rows):
    return Folder(None, {"kind": "regimes", "command": []}, {"regimes": list(rows)})


def test_claims_that_do_not_hold_are_named():
    said = claims.regimes(regimes(regime("a", True), regime("b", False)), Words("en"))
    assert said == [
        "1 of 2 claims about where integration wins and loses hold on fresh seeds.",
        "These do not: b.",
    ]
    assert len(claims.regimes(regimes(regime("a", True)), Words("zh"))) == 1


@pytest.mark.parametrize(
    ("metric", "lang", "name"),
    [
        ("by_kind.fire.mean_latency_hours", "en", "Fire: Closure latency, restricted mean (h)"),
        ("by_tier.district.mean_latency_hours", "zh", "区县：解决时长"),
    ],
)
def test_measures_of_groups_are_told_with_their_group(metric, lang, name):
    words = Words(lang, {"fire": {"en": "Fire", "zh": "火情"}})
    table = claims.table(regimes(regime("a", True, metric)), words)
    assert name in str(table)
    assert "−20.0 (−30.0" in str(table).replace("（", " (")


def test_what_has_no_ratio_is_not_drawn():
    folder = regimes(regime("a", False, ratio=(None, None, None)))
    assert not list(claims.drawn(folder, Words("en")))
    assert "not defined" in str(claims.table(folder, Words("en")))


def test_other_folders_have_no_such_table():
    assert claims.table(Folder(None, {"kind": "sweep", "command": []}, {}), Words("en")) is None
