"""Files and overrides become Parameters as on the command line, or one clear message."""

import dataclasses
import itertools
import shutil

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from omegaconf.errors import ReadonlyConfigError

import scenarios.load
from scenarios.load import (
    BASELINE,
    CONF,
    baseline,
    compose_settings,
    load,
    load_policies,
    option_files,
)
from scenarios.schema import check
from sim.errors import InputError
from tests.conftest import TINY

GROUPS = (
    *("city", "catalogue", "calendar", "stream", "mechanism", "staff", "horizon", "capacity"),
    *("cost", "policy", "split", "executor", "sweep", "rollout", "replicate", "choose"),
    *("sensitivity", "discover", "attribute", "fit", "service"),
)
OPTIONS = {
    group: sorted(
        path.stem for path in (CONF / group).glob("*.yaml") if not path.stem.startswith("theory")
    )
    for group in GROUPS
}
EXPERIMENTS = sorted(
    path.relative_to(CONF / "experiment").with_suffix("").as_posix()
    for path in (CONF / "experiment").rglob("*.yaml")
)


@pytest.mark.parametrize(
    "overrides",
    [
        ["policy.levers.joint=0.5", "policy=integrated"],
        ["++policy.dispose.grid=none", "policy.stages={judge: {hotline: none}}"],
        ["+policy.applications.x={strength: 1}", "~policy.dispose.city", "policy.release=none"],
        ["city.weight=3", "city=chongqing", "seed=5", "++city.more={a: [1, 2]}", "~cost.harm.fire"],
        ["policies=[paper]", "split.parts=[]", "+stream={volume: 2}", "policy.levers={joint: 0}"],
        ["experiment=theory/mmc", "stream.per_day=9", "horizon.cohort_days=${horizon.mean_days}"],
        ["seed=1", "seed=2", "cost={overtime: 3}", "+application@policy.applications.x=water"],
    ],
)
def test_single_keys_are_set_as_hydra_sets_them(overrides):
    """They are set after the files have been put together once, which saves nine tenths."""
    given = [*TINY, *overrides]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        whole = compose("config", overrides=given)
    assert OmegaConf.to_yaml(compose_settings(given)) == OmegaConf.to_yaml(whole, resolve=True)


def covering():
    """Choices of one option a group, such that any two options of two groups meet in one: each
    begins with two that have not met yet, to which those join who meet most others anew."""
    left = {
        frozenset({(a, x), (b, y)}): None
        for a, b in itertools.combinations(GROUPS, 2)
        for x in OPTIONS[a]
        for y in OPTIONS[b]
    }
    while left:
        chosen = dict(next(iter(left)))
        for group in GROUPS:
            anew = {
                x: sum(frozenset({(group, x), other}) in left for other in chosen.items())
                for x in OPTIONS[group]
            }
            chosen.setdefault(group, max(anew, key=anew.get))
        for pair in itertools.combinations(chosen.items(), 2):
            left.pop(frozenset(pair), None)
        yield {group: chosen[group] for group in GROUPS}


def test_any_two_options_meet_in_a_choice():
    met = [set(itertools.combinations(chosen.items(), 2)) for chosen in covering()]
    for (a, xs), (b, ys) in itertools.combinations(OPTIONS.items(), 2):
        assert set(itertools.product(((a, x) for x in xs), ((b, y) for y in ys))) <= set.union(*met)


def test_every_group_has_its_files():
    assert {"integrated", "paper", "siloed"} <= set(OPTIONS["policy"])
    assert {"chongqing", "chongqing39", "tiny"} <= set(OPTIONS["city"])
    assert all(OPTIONS.values())


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_composes_and_can_be_built(experiment):
    p = load([f"experiment={experiment}", "staff.pilot_incidents=20000"])
    assert p.world.seats.any()
    assert p.rates.daily.sum() > 0


@pytest.mark.parametrize("chosen", covering(), ids=lambda chosen: "-".join(chosen.values()))
def test_all_files_compose_with_all_others_and_pass_the_check(chosen):
    settings = check(compose_settings([f"{group}={name}" for group, name in chosen.items()]))
    assert settings.city.name == chosen["city"]
    assert settings.policy.name == chosen["policy"]
    assert settings.stream.kind == chosen["stream"]


@pytest.mark.parametrize(
    ("city", "policy"),
    [*itertools.product(["tiny"], OPTIONS["policy"]), ("chongqing", "integrated"),
     ("chongqing39", "paper")],
)  # fmt: skip
def test_cities_and_policies_can_be_built(city, policy):
    catalogue = "tiny" if city == "tiny" else "chongqing"
    p = load([f"city={city}", f"catalogue={catalogue}", f"policy={policy}"])
    assert p.policy.opening.size == p.layout.n_desks
    assert (p.policy.opening >= 0).all()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["policy=silod"],
            "policy: 'silod' is not there; allowed: integrated, paper, siloed, theory",
        ),
        (
            ["city=beijing"],
            "city: 'beijing' is not there; allowed: chongqing, chongqing39, theory, theory64, tiny",
        ),
        (["horizon=long"], "horizon: 'long' is not there; allowed: default, short, theory, weeks"),
    ],
)
def test_an_option_that_is_not_there_is_named_with_those_that_are(overrides, message):
    with pytest.raises(InputError) as error:
        load(overrides)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("override", "start"),
    [
        ("polcy=siloed", "polcy: no such key (did you mean 'policy'?); allowed: city, "),
        ("policy.lever.joint=1", "policy.lever: no such key (did you mean 'levers'?)"),
        ("city.weight=heavy", "city.weight: value 'heavy' of type 'str'"),
        ("+experiment=nothing", ""),
        ("a b=c", "'a b=c' is not a setting; allowed: KEY=VALUE"),
        ("city", "'city' is not a setting; allowed: KEY=VALUE"),
        ("seed", "'seed' is not a setting; allowed: KEY=VALUE"),
        ("seed=1,2", "seed: value '1,2' of type 'str'"),
        ("split.parts=[a],[b]", "Ambiguous value for argument 'split.parts=[a],[b]'"),
    ],
)
def test_every_override_that_cannot_be_is_one_message(override, start):
    with pytest.raises(InputError) as error:
        load([*TINY, override])
    assert str(error.value).startswith(start)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) > 20


def test_the_files_in_force_are_listed_in_the_order_of_composition():
    files = option_files(["city=tiny", "calendar=plain", "mechanism.work.joint=0.3"], CONF)
    ordinary = [file for file in files if file[0].parent.name != "application"]
    groups = [*GROUPS, "scenario"]
    assert [path.parent.name for path, _ in ordinary] == [*groups, CONF.name]
    assert [key for _, key in ordinary] == [*GROUPS, "", ""]
    assert (CONF / "application/water.yaml", "policy.applications.water") in files
    assert files[0] == (CONF / "city/tiny.yaml", "city")
    assert files[2] == (CONF / "calendar/plain.yaml", "calendar")
    with pytest.raises(InputError, match="policy: 'silod' is not there; allowed: integrated"):
        option_files(["policy=silod"], CONF)


def test_settings_outside_the_policy_hold_for_the_baseline_world_too(siloed):
    p = load([*TINY, "mechanism.session_hours=3", "policy=paper"])
    assert p.settings.mechanism.session_hours == 3
    assert p.settings.policy.name == "paper"
    assert p.baseline == siloed.baseline


@pytest.mark.parametrize(
    "override",
    [
        "policy.levers.sensing=0.9",
        "policy.levers.refusal=0",
        "policy.discipline=urgency",
        "policy.release=daily",
        "policy.opening.district.command=duty",
        "policy.stages.judge.sensor=city.command",
        "policy=integrated",
        "++policy.levers.joint=1",
    ],
)
def test_overrides_of_the_policy_leave_the_baseline_as_it_is(siloed, override):
    p = load([*TINY, override])
    assert p.settings.policy != siloed.settings.policy
    assert p.baseline == siloed.baseline == siloed.settings.policy
    assert p.baseline.name == BASELINE


def test_the_catalogue_and_the_calendar_are_plain_mappings(siloed):
    assert type(siloed.settings.catalogue) is dict
    assert type(siloed.settings.calendar) is dict
    assert type(siloed.settings.catalogue["kinds"]["fire"]["season"]) is list


# --- several policies -------------------------------------------------------------------------


def test_policies_differ_in_nothing_else():
    several = load_policies([*TINY, "policies=[integrated,siloed]", "policy.levers.refusal=0.2"])
    assert list(several) == ["integrated", "siloed"]
    a, b = several.values()
    for name, p in several.items():
        assert p.settings.policy.name == name
        assert p.settings.policy.levers.refusal == 0.2
        assert p.baseline.name == BASELINE
        assert p.baseline.levers.refusal != 0.2
    alike = dataclasses.replace(a.settings, policy=b.settings.policy)
    assert alike == b.settings
    assert a.city_rates is b.city_rates
    assert a.calendar is b.calendar


@pytest.mark.parametrize(("names", "text"), [("[]", "[]"), ("[siloed,siloed]", "siloed")])
def test_policies_to_compare_are_different_and_at_least_one(names, text):
    with pytest.raises(InputError) as error:
        load_policies([*TINY, f"policies={names}"])
    assert str(error.value).startswith("policies: ")
    assert text in str(error.value)
    assert "allowed: " in str(error.value)


def test_a_policy_to_compare_that_is_not_there_is_named():
    with pytest.raises(InputError, match="policy: 'paperless' is not there; allowed: integrated"):
        load_policies([*TINY, "policies=[siloed,paperless]"])


def test_seats_of_any_desk_can_be_stated():
    stated = ["experiment=theory/mmc", "staff.seats.grid.grid=5", "staff.seats.city.hotline=[2]"]
    seats = compose_settings(stated).staff.seats
    assert (seats.grid.grid, seats.city.hotline) == (5, [2])


def test_what_was_composed_is_kept_until_a_file_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(scenarios.load, "CONF", tmp_path / "conf")
    shutil.copytree(CONF, tmp_path / "conf")
    first = compose_settings(["city=tiny"])
    assert compose_settings(["city=tiny"]) is first
    with pytest.raises(ReadonlyConfigError):
        first.seed = 2
    file = tmp_path / "conf/city/tiny.yaml"
    file.write_text(file.read_text("utf-8").replace("weight: 50.0", "weight: 70.0"), "utf-8")
    assert compose_settings(["city=tiny"]).city.weight == 70
    (tmp_path / "conf/city/other.yaml").write_text(file.read_text("utf-8"), "utf-8")
    assert compose_settings(["city=other"]).city.weight == 70


def test_the_baseline_is_the_siloed_policy_of_a_whole_configuration():
    assert baseline() == check(compose_settings(["policy=siloed"])).policy
