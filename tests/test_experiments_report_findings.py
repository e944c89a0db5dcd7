"""Findings in two sentences: right numbers, right way, nothing claimed that chance explains."""

import pytest

from analysis.split import BASE, UNLIMITED
from experiments.report.findings import finding, is_sure
from experiments.report.folder import Folder
from experiments.report.words import Words

METRIC = "closure_latency_mean_hours"


def folder(kind, summary, **config):
    return Folder(None, {"kind": kind, "command": ["guantong", kind]}, summary) if not config else (
        _with_config(Folder(None, {"kind": kind, "command": ["guantong", kind]}, summary), config)
    )  # fmt: skip


def _with_config(made, config):
    made.__dict__["config"] = config
    return made


def entry(mean, low=None, high=None):
    return {"mean": mean, "ci95": [low, high]}


def compared(change, split=None):
    level = entry(1.0)
    rows = {name: {"siloed": level, "integrated": level} for name in (METRIC, "goodput_per_day")}
    rows[METRIC]["difference"] = change
    rows["goodput_per_day"]["difference"] = entry(17.2)
    summary = {"metrics": rows, "split": {"policies": split or {}}}
    return folder("compare", summary, policies=["siloed", "integrated"])


def test_what_queues_add_is_no_finding_where_it_may_be_nothing():
    settings = {BASE: {}, UNLIMITED: {"total": {"difference": entry(-22.5)}}}
    part = {"settings": settings, "found": {"total": entry(0.63, -1.17, 2.43)}}
    split = {"integrated": part}
    said = finding(compared(entry(-21.9, -23.5, -20.2), split), Words("en"))[1]
    assert "what queues add, +0.63 (−1.17 to +2.43) h, cannot be told apart from 0" in said
    assert "与零无法区分" in finding(compared(entry(-21.9, -23.5, -20.2), split), Words("zh"))[1]


@pytest.mark.parametrize(
    ("change", "english", "chinese"),
    [
        (entry(-21.2, -24.3, -18.1),
         "integrated solves incidents 21.2 h sooner on average than siloed (95 % interval −24.3 to "
         "−18.1); solved within the limit: +17.2 a day.", "贯通比条块分立平均早 21.2 小时解决事件"),
        (entry(3.0, 1.0, 5.0), "3.00 h later on average", "平均晚 3.00 小时"),
        (entry(-1.0, -3.0, 1.0), "cannot be told apart from siloed", "无法区分"),
        (entry(-1.0), "1.00 h sooner on average than siloed (one replication, no interval)",
         "只有一次重复"),
        (entry(None), "is not defined", "没有定义"),
    ],
)  # fmt: skip
def test_a_comparison_is_told_the_way_its_interval_allows(change, english, chinese):
    assert english in finding(compared(change), Words("en"))[0]
    assert chinese in finding(compared(change), Words("zh"))[0]


def test_what_the_difference_rests_on_is_the_second_sentence():
    settings = {BASE: {}, UNLIMITED: {"total": {"difference": entry(-23.1)}}}
    part = {"settings": settings, "found": {"total": entry(1.9)},
            "share_assumed": entry(0.66, 0.5, 0.79)}  # fmt: skip
    said = finding(compared(entry(-21.2, -24.3, -18.1), {"integrated": part}), Words("en"))
    assert len(said) == 2
    assert "−23.1 h are arithmetic" in said[1]
    assert "+1.90 h are found by queues" in said[1]
    assert "66 % (95 % interval 50 to 79 %) of the difference rests on" in said[1]
    unknown = finding(compared(entry(-21.2, -24.3, -18.1)), Words("en"))
    assert unknown[1] == "What the difference is made of was not run."


STUDIES = {
    "attribute": (
        {"metric": METRIC, "policies": ["siloed", "integrated"], "whole": entry(-21, -24, -18),
         "groups": {"sensing": {"share": -16.5, "ci95": [-19, -13]}}},
        ("differs from siloed by −21.0", "sensing −16.5 (−19.0 to −13.0)"), "感知 −16.5",
    ),
    "sensitivity": (
        {"metric": METRIC, "policies": ["siloed", "integrated"], "as_assumed": entry(-21, -35, -7),
         "groups": ["detection", "coordination"], "rests_on": ["coordination"],
         "not_distinguishable": ["detection"]},
        ("by −21.0 (95 % interval −35.0 to −7.00)", "rests on coordination; 1 of 2"), "会商",
    ),
    "overturn": (
        {"difference_hours": -22.6, "effects": [{"difference_hours": -3.0}],
         "together": [{"worst_ends": 3, "difference_hours": 1.0}], "fewest_that_overturn": 3},
        ("is −22.6 h", "the 3 worst ends together do"), "最不利的 3 个端点",
    ),
    "counterfactual": (
        {"policies": ["siloed", "integrated"], "mean_hours": entry(-21, -24, -18),
         "share": {"sooner": {"0": entry(0.61, 0.5, 0.7)}, "later": {"0": entry(0.14, 0.1, 0.2)}}},
        ("closes 61.0 (50.0 to 70.0) % of the incidents sooner", "14.0 (10.0 to 20.0) % later"),
        "14.0（10.0 至 20.0） % 更晚",
    ),
    "choose": (
        {"metric": METRIC, "is_decided": True, "left": ["integrated"], "probability": 0.95,
         "zone": 2.0, "spent": 9, "equal_allocation": 12},
        ("integrated has the best", "at least 95 %", "took 9 runs"), "共用 9 次运行",
    ),
    "discover": (
        {"metric": METRIC, "policies": ["siloed", "integrated"], "known": 16, "better": 12,
         "doubtful": 1, "boxes": [], "asked": {"reach": 0.0, "reduction": None}},
        ("at 12 of 16 points", "No box"), "16 个点中",
    ),
    "staff": (
        {"targets": [{"of": "grades I and II", "stated": 0.95, "level": 0.95}],
         "staff": {
             "siloed": {"paid_hours": 5200.0, "seats": 90, "is_confirmed": True, "fresh": {
                 "grades I and II": {"share": 0.96, "low": 0.953, "high": 0.97}}},
             "integrated": {"paid_hours": 5000.0, "seats": 88, "is_confirmed": False, "fresh": {
                 "grades I and II": {"share": 0.94, "low": 0.91, "high": 0.97}}}},
         "fewer": {"integrated": {"than": "siloed", "paid_hours": 200.0}}},
        ("siloed needs 5,200 paid hours a week above the grid (90 seats)",
         "grades I and II 96.0 (95.3 to 97.0) %, asked for 95.0 %; confirmed on",
         "asked for 95.0 %; not confirmed", "integrated needs 200 paid hours a week fewer"),
        "一、二级 94.0（91.0 至 97.0） %",
    ),
    "verify": (
        {"numbers": [{"world": "mmc", "measure": "wait", "agrees": True},
                     {"world": "mm1", "measure": "p95", "agrees": False}]},
        ("2 numbers of reduced worlds", "1 disagree", "Among these are mm1: p95"), "其中 1 个不符",
    ),
    "evidence": (
        {"numbers": 200, "kinds": {"assumed": 150, "source": 30, "data": 15, "definition": 5}},
        ("Of 200 numbers in force 150 (75.0 %) are assumed",), "150 个（75.0 %）为假定",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", STUDIES)
def test_studies_are_told_from_their_summaries(kind):
    summary, english, chinese = STUDIES[kind]
    said = " ".join(finding(folder(kind, summary), Words("en")))
    assert all(part in said for part in english), said
    assert chinese in "".join(finding(folder(kind, summary), Words("zh")))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(None, 0.8, "siloed less than 0.8"), (1.6, None, "siloed more than 1.6")],
)
def test_a_capacity_beyond_the_volumes_tried_is_told_as_such(low, high, said):
    row = {"siloed": entry(None), "integrated": entry(0.86, 0.8, 0.9), "difference": entry(None)}
    searches = {"siloed": [{"volume": None, "low": low, "high": high}]}
    made = folder("capacity", {"metrics": {"capacity": row}, "searches": searches})
    assert f"{said}, integrated 0.86" in finding(made, Words("en"))[0]


def test_what_a_discovery_was_asked_for_is_told_and_what_its_boxes_hold():
    summary, *_ = STUDIES["discover"]
    asked = {"reach": 22.3, "reduction": None}
    made = summary | {"boxes": [{}], "boxes_hold": "worse", "asked": asked}
    said = finding(folder("discover", made), Words("en"))
    assert "integrated is better than siloed by 22.3 or more at 12 of 16 points" in said[0]
    assert said[1].startswith("Boxes of assumptions, of points where it is not so: 1;")
    assert (
        "贯通优于条块分立至少 22.3 的有 12 个" in finding(folder("discover", made), Words("zh"))[0]
    )


def test_what_a_budget_gives_is_not_told_as_a_need():
    entry = {"paid_hours": 15000.0, "seats": 297, "fresh": {
        "all grades": {"share": 0.775, "low": 0.728, "high": 0.823}}}  # fmt: skip
    summary = {
        "targets": [{"of": "all grades", "stated": 0.9, "level": 0.9}],
        "staff": {"siloed": entry},
    }
    (said,) = finding(folder("staff", summary), Words("en"))
    assert said == (
        "With 15,000 paid hours a week above the grid (297 seats) siloed has in time "
        "all grades 77.5 (72.8 to 82.3) %, asked for 90.0 %."
    )


def staffed(siloed, integrated, level=0.7):
    fresh = {"fresh": {"all grades": {"share": 0.6, "low": 0.55, "high": 0.65}}}
    staff = {
        name: {"paid_hours": hours, "seats": 90, "is_confirmed": True} | fresh
        for name, hours in (("siloed", siloed), ("integrated", integrated))
    }
    fewer = {"integrated": {"than": "siloed", "paid_hours": siloed - integrated}}
    targets = [{"of": "all grades", "stated": 0.7, "level": level}]
    return folder("staff", {"targets": targets, "staff": staff, "fewer": fewer})


def test_what_is_needed_less_is_the_difference_of_the_numbers_told():
    siloed, integrated, change = finding(staffed(5200.6, 5175.4), Words("en"))
    assert "5,201" in siloed
    assert "5,175" in integrated
    assert "26 paid hours a week fewer" in change


def test_a_policy_without_a_plan_is_not_compared():
    made = staffed(5200, 5100)
    made.summary["staff"]["integrated"]["is_reached"] = False
    assert "cannot be compared" in finding(made, Words("en"))[-1]
    assert "无法比较" in finding(made, Words("zh"))[-1]


def test_a_target_that_was_lowered_is_told_as_it_was_held():
    said = finding(staffed(5200, 5100, level=0.461), Words("en"))[0]
    assert "asked for 46.1 % (70.0 % of what every policy can reach)" in said
    assert "各方案都能达到的 70.0 %" in finding(staffed(5200, 5100, level=0.461), Words("zh"))[0]


def looked(change):
    row = {"siloed": entry(113.1), "integrated": entry(75.9), "difference": change}
    return folder("lab", {"metrics": {METRIC: row}}, policies=["siloed", "integrated"])


def test_a_quick_look_is_told_the_way_its_interval_allows():
    said = finding(looked(entry(-37.2, -41.9, -32.6)), Words("en"))
    assert said == ["integrated solves incidents 37.2 h sooner on average than siloed (95 % "
                    "interval −41.9 to −32.6)."]  # fmt: skip
    assert "cannot be told apart" in finding(looked(entry(-1, -3, 1)), Words("en"))[0]
    assert "无法区分" in finding(looked(entry(-1, -3, 1)), Words("zh"))[0]


def test_a_study_without_words_of_its_own_is_quoted_and_said_to_be_english():
    made = folder("mine", {"finding": "It loses in floods."})
    assert finding(made, Words("en")) == ["It loses in floods."]
    assert finding(made, Words("zh")) == [Words("zh")("finding.in_english"), "It loses in floods."]
    assert "holds no finding" in finding(folder("mine", {}), Words("en"))[0]


def test_an_interval_that_touches_zero_leaves_doubt():
    assert is_sure(entry(-1, -2, -0.1))
    assert not is_sure(entry(-1, -2, 0))
    assert not is_sure(entry(-1))
