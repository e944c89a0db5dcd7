"""The ledger: every number of the settings once, with what stands beside it in its file."""

import shutil
from collections import Counter

import pytest
from omegaconf import OmegaConf

from scenarios.evidence import KINDS, assumed_differences, is_value, kind_of, ledger
from scenarios.load import CONF, compose_settings
from sim.errors import InputError

GROUPS = {"city": "tiny", "catalogue": "tiny", "calendar": "china", "stream": "generated"}
EXPERIMENT = """\
# @package _global_
defaults:
  - override /policy: integrated
  - override /horizon: short
  - _self_

stream: {per_resident: 0.2}  # incidents per resident | 0.1..0.3 | Boston 311 2015, computed
policy:
  levers:
    joint: 0.5  # share | x0.5..x1.5 | assumed
catalogue:
  kinds:
    fire:
      season: [1, 2]  # 1 | 0..3 | weather of 2022, read
horizon:
  start: 2022-08-01  # date | fixed | by definition
seed: 1e1  # 1 | any | by definition
threads: null
"""


@pytest.fixture(scope="module")
def entries():
    return {entry.key: entry for entry in ledger(GROUPS, CONF)}


@pytest.fixture
def conf(tmp_path):
    """A copy of conf/ with an experiment, and policies that start from others."""
    shutil.copytree(CONF, tmp_path / "conf")
    folder = tmp_path / "conf/experiment/heat"
    folder.mkdir(parents=True)
    (folder / "august.yaml").write_text(EXPERIMENT, "utf-8")
    policy = tmp_path / "conf/policy"
    (policy / "hub.yaml").write_text(
        "defaults:\n  - siloed\n  - _self_\nname: hub\nlevers:\n  direct: 0.9\n"
        "  shared_data: 0.0  # share | fixed | by definition\n",
        "utf-8",
    )
    (policy / "law.yaml").write_text(
        "defaults: [paper, _self_]\nname: law\nlevers:\n"
        "  joint: 0.5  # share | 0..1 | law of 2030\n"
        "  refusal: 0.1  # probability | 0..0.2 | law of 2030\n",
        "utf-8",
    )
    return tmp_path / "conf"


def numbers(node, key=""):
    """(key, value) of all values of the composed settings."""
    if isinstance(node, dict):
        for name, item in node.items():
            yield from numbers(item, f"{key}.{name}".lstrip("."))
    elif isinstance(node, list):
        for i, item in enumerate(node):
            yield from numbers(item, f"{key}[{i}]")
    elif is_value(node):
        yield key, node


# --- one entry --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("policy.levers.shared_data", ("policy/siloed.yaml", 0.1, 0.0, 0.4, "assumed")),
        ("staff.pilot_days", ("staff/default.yaml", 7, None, None, "assumed")),
        ("staff.full_time_hours", ("staff/default.yaml", 40, None, None, "source")),
        ("stream.day_cv", ("stream/generated.yaml", 0.29, 0.05, 0.4, "data")),
        ("seed", ("config.yaml", 1, None, None, "definition")),
        ("catalogue.profiles.daytime[11]", ("catalogue/tiny.yaml", 7.5, 5.25, 10.5, "assumed")),
        ("catalogue.profiles.daytime[12]", ("catalogue/tiny.yaml", 6.8, 4.76, 9.52, "assumed")),
        ("catalogue.kinds.fire.limit.I[0]", ("catalogue/tiny.yaml", 4, 2.0, 8.0, "assumed")),
        ("catalogue.paperwork.sign.mean", ("catalogue/tiny.yaml", 3, 1.0, 8.0, "assumed")),
        (
            "calendar.holidays[1].from",
            ("calendar/china.yaml", "2023-01-21", None, None, "source"),
        ),
        (
            "calendar.openings.office.shifts[0][1][0]",
            ("calendar/china.yaml", "13:30", None, None, "assumed"),
        ),
    ],
)
def test_an_entry_says_where_a_number_stands_and_what_it_rests_on(entries, key, expected):
    entry = entries[key]
    file, value, low, high, kind = expected
    assert (entry.file, entry.value, entry.kind) == (file, value, kind)
    assert (entry.low, entry.high) == (low, high)
    line = (CONF / file).read_text("utf-8").splitlines()[entry.line - 1]
    assert line.endswith(f"# {entry.unit} | {entry.range} | {entry.evidence}")
    assert str(value) in line


def test_an_absolute_range_belongs_to_the_first_setting_of_its_line(entries):
    mean, cv = (entries[f"catalogue.paperwork.sign.{name}"] for name in ("mean", "cv"))
    assert (mean.unit, mean.range) == ("min", "1..8")
    assert (cv.unit, cv.range, cv.low, cv.high) == ("", "", None, None)
    assert cv.evidence == mean.evidence == "assumed"
    relative = entries["catalogue.kinds.fire.tier.district"]
    assert (relative.unit, relative.range) == ("share", "x0.7..x1.4")


@pytest.mark.parametrize(
    ("evidence", "kind"),
    [
        ("assumed", "assumed"),
        ("assumed: computed by nobody", "assumed"),
        ("assumed, Boston 311 2015 as guide", "assumed"),
        ("Beijing 12345 2024 as guide", "assumed"),
        ("by definition: not used", "definition"),
        ("Boston 311 2015, computed for pavements", "data"),
        ("State Council notice 2022-12", "source"),
        ("Labour Law of 1994", "source"),
        ("national fires 2024, read", "source"),
        ("", "unstated"),
    ],
)
def test_the_words_of_the_evidence_decide_its_kind(evidence, kind):
    assert kind_of(evidence) == kind


# --- the whole --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "groups",
    [
        {},
        GROUPS,
        {"city": "chongqing39", "policy": "integrated", "horizon": "short", "calendar": "plain"},
        {"policy": "paper", "stream": "trace"},
        {"scenario": "mass_event", "horizon": "short"},
    ],
    ids=str,
)
def test_the_ledger_is_the_composed_settings_number_by_number(groups):
    composed = compose_settings([f"{group}={name}" for group, name in groups.items()])
    expected = dict(numbers(OmegaConf.to_container(composed)))
    found = ledger(groups, CONF)
    assert {entry.key: entry.value for entry in found} == expected
    assert len(found) == len(expected) > 300


def test_all_files_together_hold_each_file_as_if_alone():
    found = ledger(None, CONF)
    by_file = Counter(entry.file for entry in found)
    files = {p.relative_to(CONF).as_posix() for p in CONF.rglob("*.yaml")}
    bare = ("split/none", "application/shipped", "policy/hybrid/hub", "policy/hybrid/rollout_core")
    bare += ("scenario/none", "executor/threads", "executor/processes", "executor/dask")
    assert set(by_file) == files - {f"{name}.yaml" for name in bare}  # without numbers of their own
    assert all(
        e.key.startswith("policy.levers.") for e in found if e.file == "policy/hybrid/half.yaml"
    )
    joint = {e.file: e.value for e in found if e.key == "policy.levers.joint"}
    for name in ("integrated", "paper", "siloed"):
        composed = compose_settings([f"policy={name}"])
        assert joint[f"policy/{name}.yaml"] == composed.policy.levers.joint
    for groups in (GROUPS, {"policy": "paper", "horizon": "short"}):
        assert set(ledger(groups, CONF)) <= set(found)


def test_every_number_of_the_files_keeps_to_its_range_and_states_its_evidence():
    found = ledger(None, CONF)
    assert not [e for e in found if e.low is not None and not e.low <= e.value <= e.high]
    assert {entry.kind for entry in found} == set(KINDS) - {"unstated"}


def test_an_option_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(InputError) as error:
        ledger({"policy": "silod"}, CONF)
    assert "policy: 'silod' is not there; allowed: integrated, paper, siloed, theory" in str(
        error.value
    )


# --- files over files -------------------------------------------------------------------------


def test_an_experiment_holds_settings_of_all_groups(conf):
    found = {e.key: e for e in ledger({"experiment": "heat/august"}, conf)}
    own = {key: e for key, e in found.items() if e.file == "experiment/heat/august.yaml"}
    assert {key: (e.value, e.line, e.low, e.high, e.kind) for key, e in own.items()} == {
        "stream.per_resident": (0.2, 7, 0.1, 0.3, "data"),
        "policy.levers.joint": (0.5, 10, 0.25, 0.75, "assumed"),
        "catalogue.kinds.fire.season[0]": (1, 14, 0.0, 3.0, "source"),
        "catalogue.kinds.fire.season[1]": (2, 14, 0.0, 3.0, "source"),
        "horizon.start": ("2022-08-01", 16, None, None, "definition"),
        "seed": (10.0, 17, None, None, "definition"),
    }
    assert "catalogue.kinds.fire.season[2]" not in found
    assert found["policy.levers.direct"].file == "policy/integrated.yaml"
    assert found["horizon.cohort_days"].file == "horizon/short.yaml"
    assert set(own.values()) <= set(ledger(None, conf))


def test_a_policy_that_starts_from_another_has_the_numbers_of_both(conf):
    found = {e.key: e for e in ledger({"policy": "hub"}, conf)}
    assert found["policy.levers.joint"].file == "policy/siloed.yaml"
    bare = found["policy.levers.direct"]
    assert (bare.file, bare.value, bare.line) == ("policy/hub.yaml", 0.9, 6)
    assert (bare.unit, bare.range, bare.evidence, bare.kind) == ("", "", "", "unstated")


def test_differences_between_policies_are_told_by_what_they_rest_on(conf):
    assert assumed_differences("siloed", "siloed", conf) == ([], [])
    assumed, others = assumed_differences("siloed", "integrated", conf)
    levers = ("shared_data", "sensing", "direct", "first_receiver", "return_limit", "pooling")
    later = ("joint", "verification", "supervision", "merging", "dual", "whistle", "reminder")
    last = ("criticism", "extension", "load_sharing", "flexible", "emergency")
    assert assumed == [f"policy.levers.{name}" for name in (*levers, *later, *last)]
    assert others == []


def test_a_difference_is_assumed_if_either_number_is(conf):
    assumed, others = assumed_differences("paper", "law", conf)
    assert assumed == ["policy.levers.refusal"]  # assumed in paper, law in the other
    assert others == ["policy.levers.joint"]  # by definition in paper, law in the other
    assumed, others = assumed_differences("siloed", "hub", conf)
    assert assumed == ["policy.levers.shared_data", "policy.levers.direct"]
    assert others == []


def test_a_number_that_only_one_policy_has_is_a_difference(conf):
    (conf / "policy/short.yaml").write_text(
        "name: short\nlevers: {joint: 0.0}  # share | fixed | by definition\n", "utf-8"
    )
    assumed, others = assumed_differences("short", "paper", conf)
    assert "policy.levers.joint" not in assumed + others
    assert "policy.levers.refusal" in assumed
    assert "policy.levers.sensing" in others
    with pytest.raises(InputError, match="policy: 'long' is not there"):
        assumed_differences("short", "long", conf)
