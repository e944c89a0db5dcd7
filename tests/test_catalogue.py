"""The catalogues: what they say, what they must add up to, and how mistakes in them are named."""

import copy
from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf

from sim.catalogue import FAMILIES, PAPERWORK, Catalogue, catalogue_from
from sim.codes import (
    CHANNELS,
    CLOCK_HOURS,
    DISTRICT,
    GRADE_III,
    GRADE_IV,
    LANDSCAPES,
    SEVERITIES,
    TIERS,
    WORKING_DAYS,
    WORKING_HOURS,
)
from sim.errors import InputError
from sim.units import HOUR, MINUTE, NEVER

CONF = Path(__file__).parent.parent / "conf" / "catalogue"
CHONGQING, TINY = (
    OmegaConf.to_container(OmegaConf.load(CONF / name)) for name in ("chongqing.yaml", "tiny.yaml")
)


@pytest.fixture(scope="module")
def chongqing() -> Catalogue:
    return catalogue_from(CHONGQING)


@pytest.fixture(params=[CHONGQING, TINY], ids=["chongqing", "tiny"])
def each(request) -> Catalogue:
    return catalogue_from(request.param)


def changed(config: dict, path: str, value) -> dict:
    """A copy of `config` with the value at a dotted path replaced."""
    config = copy.deepcopy(config)
    node, keys = config, [int(key) if key.isdecimal() else key for key in path.split(".")]
    for key in keys[:-1]:
        node = node[key]
    node[keys[-1]] = value
    return config


def test_chongqing_has_the_kinds_of_the_catalogue(chongqing):
    assert chongqing.number.tolist() == list(range(1, 27))
    assert len(chongqing.departments) == 14
    assert (len(chongqing.boards141), len(chongqing.boards8), len(chongqing.systems)) == (4, 8, 6)
    assert chongqing.kind_zh[chongqing.kinds.index("wage_arrears")] == "欠薪"


@pytest.mark.parametrize(
    ("column", "order", "stated"),
    [
        ("tier", TIERS, {"grid": 26, "township": 25, "district": 46, "city": 3}),
        ("channel", CHANNELS, {"sensor": 5, "patrol": 35, "hotline": 55, "assigned": 5}),
        ("severity", SEVERITIES, {"I": 0.3, "II": 2, "III": 16, "IV": 82}),
    ],
)
def test_weighted_means_are_those_stated(chongqing, column, order, stated):
    """The means that the published catalogue of kinds gives beside its table [%]."""
    means = 100 * chongqing.share @ getattr(chongqing, column)
    for name, percent in stated.items():
        digits = 1 if percent < 1 else 0
        assert round(means[order.index(name)], digits) == percent, name


def test_shares_add_up(each):
    assert each.share.sum() == pytest.approx(1, abs=1e-12)
    for column in (each.tier, each.channel, each.severity):
        np.testing.assert_allclose(column.sum(axis=1), 1, rtol=0, atol=1e-12)
    np.testing.assert_allclose(each.hour.mean(axis=1), 1)
    np.testing.assert_allclose(each.season.mean(axis=1), 1)


def test_shapes(each):
    k, p = len(each.kinds), len(each.departments)
    shapes = {
        "tier": (k, len(TIERS)),
        "channel": (k, len(CHANNELS)),
        "severity": (k, len(SEVERITIES)),
        "limit_value": (k, len(SEVERITIES)),
        "landscape": (k, len(LANDSCAPES)),
        "hour": (k, 24),
        "day": (k, 3),
        "season": (k, 12),
        "joint": (k, p),
        "department_duty": (p,),
        "paperwork_mean": (len(PAPERWORK),),
    }
    assert {name: getattr(each, name).shape for name in shapes} == shapes
    assert (each.joint[np.arange(k), each.lead] == 0).all()


def test_one_kind_in_full(chongqing):
    """Illegal building: from the file's hours, minutes and names to ticks and codes."""
    k = chongqing.kinds.index("illegal_building")
    entry = CHONGQING["kinds"]["illegal_building"]
    assert chongqing.share[k] == pytest.approx(0.025)
    assert chongqing.tier[k, DISTRICT] == pytest.approx(0.60)
    assert chongqing.limit_value[k].tolist() == [2 * HOUR, 4 * HOUR, 7, 20]
    assert chongqing.limit_unit[k].tolist() == [
        CLOCK_HOURS,
        WORKING_HOURS,
        WORKING_DAYS,
        WORKING_DAYS,
    ]
    assert chongqing.departments[chongqing.lead[k]] == "city_management"
    planning = chongqing.departments.index("planning")
    assert chongqing.joint[k, planning] == entry["joint"]["planning"]
    assert chongqing.joint[k].sum() == entry["joint"]["planning"]
    assert chongqing.joint_township[k] == entry["joint"]["township"]
    assert chongqing.patrol_mean[k] == entry["patrol_hours"] * HOUR
    assert chongqing.sensor_mean[k] == entry["sensor_minutes"] * MINUTE
    assert chongqing.dispose_mean[k] == entry["dispose"]["mean"] * MINUTE
    assert chongqing.growth_mean[k] == entry["growth_hours"] * HOUR
    assert FAMILIES[chongqing.dispose_family[k]] == "lognormal"
    assert chongqing.systems[chongqing.system[k]] == "government"
    assert chongqing.boards141[chongqing.board141[k]] == "peace"


def test_a_kind_without_hours_of_growth_does_not_grow():
    config = changed(TINY, "kinds.fire.growth_hours", None)
    del config["kinds"]["nuisance"]["growth_hours"]
    found = catalogue_from(config)
    grows = dict(zip(found.kinds, found.growth_mean < NEVER, strict=True))
    assert [name for name, does in grows.items() if does] == ["sanitation"]


def test_profiles_keep_their_anchors(chongqing):
    """Boston 311 (2015): 2.4 % before six. Fires nationwide (2024): 10.3 % and, 10-20 h, 61.4 %."""
    office = chongqing.hour[chongqing.kinds.index("one_stop")] / 24
    fire = chongqing.hour[chongqing.kinds.index("fire")] / 24
    assert office[:6].sum() == pytest.approx(0.024, abs=5e-4)
    assert office[9:12].mean() == pytest.approx(0.093, abs=1e-3)
    assert fire[:6].sum() == pytest.approx(0.103, abs=5e-4)
    assert fire[10:20].sum() == pytest.approx(0.614, abs=5e-4)


def test_misrouting_stays_within_the_published_span(chongqing):
    """From 2 % (best published) to 25 % (prior), the ambiguous nuisances at the worse end."""
    misrouted = 1 / (1 + np.exp(chongqing.clarity))
    assert 0.015 < misrouted.min() < misrouted.max() < 0.255
    assert chongqing.kinds[misrouted.argmax()] == "nuisance"


def test_grades_are_not_less_urgent_than_the_next(chongqing):
    """Limits of one unit never grow shorter from grade III to IV, nor from I to II."""
    for first, second in ((0, 1), (GRADE_III, GRADE_IV)):
        same = chongqing.limit_unit[:, first] == chongqing.limit_unit[:, second]
        assert same.any()
        values = chongqing.limit_value[same]
        assert (values[:, first] <= values[:, second]).all()


def test_who_must_answer_at_night_is_on_duty(chongqing):
    duty = dict(zip(chongqing.departments, chongqing.department_duty, strict=True))
    # The lead of every kind with a limit of at most four clock hours for grades III and IV.
    short = (chongqing.limit_unit == CLOCK_HOURS) & (chongqing.limit_value <= 4 * HOUR)
    leads = chongqing.lead[short[:, [GRADE_III, GRADE_IV]].any(axis=1)]
    assert leads.size
    assert all(duty[chongqing.departments[lead]] for lead in leads)
    assert not duty["agriculture"]


def test_small_rounding_is_mended_and_more_is_not():
    config = changed(TINY, "kinds.fire.tier.grid", 0.05 + 4e-7)
    assert catalogue_from(config).tier.sum(axis=1) == pytest.approx(1, abs=1e-12)
    with pytest.raises(InputError, match=r"catalogue\.kinds\.fire\.tier: adds up to 1\.00001"):
        catalogue_from(changed(TINY, "kinds.fire.tier.grid", 0.05001))


def test_fingerprint_tells_catalogues_apart():
    tiny = catalogue_from(TINY).fingerprint()
    assert tiny == catalogue_from(copy.deepcopy(TINY)).fingerprint()
    for path, value in [
        ("kinds.fire.failure", 0.03),
        ("paperwork.look.mean", 11),
        ("departments.police.hours", "office"),
        ("departments.police.en", "Constables"),
    ]:
        assert catalogue_from(changed(TINY, path, value)).fingerprint() != tiny, path


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("kind", {}, r"^catalogue\.kind: no such key \(did you mean 'kinds'\?\)"),
        ("kinds", {}, r"^catalogue\.kinds: \{\}; at least one"),
        ("kinds.fire.failur", 0.1, r"^catalogue\.kinds\.fire\.failur: .*'failure'"),
        ("kinds.fire.failure", 1, r"^catalogue\.kinds\.fire\.failure: 1; .*from 0 to below 1"),
        ("kinds.fire.growth_hours", 0, r"^catalogue\.kinds\.fire\.growth_hours: 0; .*above 0"),
        ("kinds.fire.failure", "some", r"^catalogue\.kinds\.fire\.failure: 'some'; allowed"),
        ("kinds.fire.failure", True, r"^catalogue\.kinds\.fire\.failure: True; allowed"),
        ("kinds.fire.clarity", float("nan"), r"^catalogue\.kinds\.fire\.clarity: nan; allowed"),
        ("kinds.fire.locality", 1.2, r"^catalogue\.kinds\.fire\.locality: 1\.2; .*from 0 to 1"),
        ("kinds.fire.duplicates", -1, r"^catalogue\.kinds\.fire\.duplicates: -1; .*at least 0"),
        ("kinds.fire.patrol_hours", 0, r"^catalogue\.kinds\.fire\.patrol_hours: 0; .*above 0"),
        ("kinds.fire.number", 1.5, r"^catalogue\.kinds\.fire\.number: 1\.5; .*whole"),
        ("kinds.fire.number", 7, r"^catalogue\.kinds\.\*\.number: \[1, 7, 7, 24\] has doubles"),
        ("kinds.fire.zh", "", r"^catalogue\.kinds\.fire\.zh: ''; allowed: a text"),
        ("kinds.fire.share", 11, r"^catalogue\.kinds\.\*\.share: adds up to 101; .*to 100"),
        ("kinds.fire.share", -1, r"^catalogue\.kinds\.fire\.share: -1; allowed"),
        ("kinds.fire.tier.grid", -0.1, r"^catalogue\.kinds\.fire\.tier\.grid: -0\.1; allowed"),
        ("kinds.fire.tier.towns", 0.1, r"^catalogue\.kinds\.fire\.tier\.towns: .*'township'"),
        ("kinds.fire.tier", [1, 0, 0, 0], r"^catalogue\.kinds\.fire\.tier: \[1, .* not a mapping"),
        ("kinds.fire.day", dict.fromkeys(("workday", "weekend", "holiday"), 0), r"day: all 0"),
        ("kinds.fire.lead", "polis", r"^catalogue\.kinds\.fire\.lead: 'polis' .*'police'"),
        ("kinds.fire.joint.polis", 0.1, r"^catalogue\.kinds\.fire\.joint\.polis: .*'police'"),
        ("kinds.fire.joint.police", 2, r"^catalogue\.kinds\.fire\.joint\.police: 2; allowed"),
        ("kinds.fire.joint.emergency", 0.1, r"joint\.emergency: the lead is no partner"),
        ("kinds.fire.board8", "fires", r"^catalogue\.kinds\.fire\.board8: 'fires'.*facilities"),
        ("kinds.fire.profile", "midday", r"^catalogue\.kinds\.fire\.profile: 'midday'"),
        ("kinds.fire.season", [1] * 11, r"^catalogue\.kinds\.fire\.season: .* list of 12"),
        ("kinds.fire.season.3", "x", r"^catalogue\.kinds\.fire\.season\[3\]: 'x'; allowed"),
        ("profiles.daytime", [0] * 24, r"^catalogue\.profiles\.daytime: .*at least one"),
        ("kinds.fire.limit.I", [2, "hours"], r"limit\.I: 'hours' .*allowed: clock_hours"),
        ("kinds.fire.limit.I", 2, r"^catalogue\.kinds\.fire\.limit\.I: 2 is not a limit"),
        ("kinds.fire.limit.I", [1.5, "working_days"], r"limit\.I: 1\.5 working days"),
        (
            "kinds.fire.limit.I",
            [0, "clock_hours"],
            r"^catalogue\.kinds\.fire\.limit\.I: 0; .*above",
        ),
        ("kinds.fire.dispose.family", "normal", r"dispose\.family: 'normal' .*'lognormal'"),
        ("kinds.fire.dispose.cv", 0, r"^catalogue\.kinds\.fire\.dispose\.cv: 0; .*above 0"),
        ("kinds.sanitation.dispose.cv", 0.5, r"dispose\.cv: 0\.5; allowed for 'exponential': 1"),
        ("paperwork.look.mean", -1, r"^catalogue\.paperwork\.look\.mean: -1; allowed"),
        ("paperwork.lok", {}, r"^catalogue\.paperwork\.lok: no such key \(did you mean 'look'\?\)"),
        ("departments.police.hours", "night", r"departments\.police\.hours: 'night'.*office, duty"),
        ("boards8.ecology", {"zh": "生态"}, r"^catalogue\.boards8\.ecology\.en: missing"),
    ],
)
def test_mistakes_are_named(path, value, message):
    with pytest.raises(InputError, match=message):
        catalogue_from(changed(TINY, path, value))


def test_there_is_a_bit_for_each_department_that_may_be_needed():
    names = {"zh": "局", "en": "Bureau", "stands_for": "all", "hours": "office"}
    more = {f"d{n}": names for n in range(30 - len(TINY["departments"]))}
    most = changed(TINY, "departments", TINY["departments"] | more)
    assert len(catalogue_from(most).departments) == 30
    message = r"^catalogue\.departments: 31 of them; allowed: up to 30$"
    with pytest.raises(InputError, match=message):
        catalogue_from(changed(most, "departments.one_more", names))
