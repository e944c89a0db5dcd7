"""A wrong setting is refused by one message: its full name, its value and what is allowed."""

import copy
import math

import pytest
from omegaconf import OmegaConf

from scenarios.load import compose_settings
from scenarios.schema import Settings, check
from sim.errors import InputError
from tests.conftest import TINY


def refused(*overrides):
    """The message by which settings with these overrides are refused."""
    with pytest.raises(InputError) as error:
        check(compose_settings([*TINY, *overrides]))
    return str(error.value)


@pytest.fixture
def composed():
    """Composed settings that may be changed."""
    config = copy.deepcopy(compose_settings(TINY))
    OmegaConf.set_readonly(config, False)
    return config


@pytest.fixture
def refused_value(composed):
    """The message by which composed settings with one other value are refused."""

    def message(key, value):
        OmegaConf.update(composed, key, value)
        with pytest.raises(InputError) as error:
            check(composed)
        return str(error.value)

    return message


def test_good_settings_become_an_object_of_the_schema():
    settings = check(compose_settings([*TINY, "policy.levers.joint=1", "threads=2"]))
    assert isinstance(settings, Settings)
    assert (settings.policy.levers.joint, settings.threads) == (1.0, 2)
    assert settings.staff.pilot_incidents == 4000


@pytest.mark.parametrize(
    ("override", "key", "hint"),
    [
        ("city.nmae=x", "city.nmae", "name"),
        ("+city.wieght=2", "city.wieght", "weight"),
        ("+policy.levers.share_data=1", "policy.levers.share_data", "shared_data"),
        ("mechanism.judgement.wrong_teir=1", "mechanism.judgement.wrong_teir", "wrong_tier"),
        ("staff.grid_seat=2", "staff.grid_seat", "grid_seats"),
        ("cost.harm.fier=2", "cost.harm.fier", "fire"),
        ("+horizn=short", "horizn", "horizon"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_and_all_that_are_known(override, key, hint):
    text = refused(override)
    assert text.startswith(f"{key}: no such key (did you mean '{hint}'?); allowed: ")
    assert hint in text.partition("allowed: ")[2].split(", ")


def test_an_unknown_key_like_no_other_is_named_without_a_guess():
    text = refused("+city.qqq=1")
    assert text.startswith("city.qqq: no such key; allowed: name, folder, district")


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("city.weight", "abc", "Float"),
        ("policy.levers.merging", True, "Float"),
        ("policy.levers.merging", None, "float"),
        ("staff.grid_seats", 1.5, "Integer"),
        ("seed", "one", "Integer"),
        ("threads", 2.5, "Integer"),
        ("policy.name", None, "str"),
        ("policies", "siloed", "list"),
        ("stream.per_day", "many", "Float"),
        ("stream.volume", None, "float"),
        ("mechanism.hotline.lines", 2.5, "Integer"),
        ("policy.release_size", 2.5, "Integer"),
        ("stream.storms", 3, "list"),
        ("staff.seats", 3, "Dict"),
        ("cost.harm", 3, "Dict"),
    ],
)
def test_a_wrong_type_is_named_with_the_value_and_the_type_wanted(
    refused_value, key, value, wanted
):
    text = refused_value(key, value)
    assert text.startswith(f"{key}: ")
    assert wanted in text
    if key not in ("policies", "stream.storms", "staff.seats", "cost.harm"):
        assert str(value) in text
        assert "; allowed: " in text


def test_a_wrong_type_within_a_table_is_named_with_the_table(refused_value):
    text = refused_value("policy.stages.sign.sensor", 5)
    assert text.startswith("policy.stages.sign: value 5 ")
    assert "'str'" in text


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("policy.levers.merging", 1.5, "1.5; allowed: 0 to 1"),
        ("policy.levers.joint", -0.1, "-0.1; allowed: 0 to 1"),
        ("city.weight", 0, "0.0; allowed: 1e-06 to 1e+06"),
        ("city.weight", math.nan, "nan; allowed: 1e-06 to 1e+06"),
        ("stream.per_resident", math.inf, "inf; allowed: 0 to 100"),
        ("staff.target_utilisation", 1.01, "1.01; allowed: 0.01 to 1"),
        ("staff.grid_seats", 0, "0; allowed: 1 to 1000"),
        ("horizon.cohort_days", 0, "0; allowed: 1 to 10000"),
        ("mechanism.availability.grid", 0, "0.0; allowed: 0.001 to 1"),
        ("mechanism.session_hours", 0, "0.0; allowed: 0.01 to 1e+06"),
        ("mechanism.detection.own", 2, "2.0; allowed: 0 to 1"),
        ("replications", 0, "0; allowed: 1 to 1e+06"),
        ("stream.per_day", -1, "-1.0; allowed: 0 to 1e+09"),
        ("stream.volume", 1001, "1001.0; allowed: 0 to 1000"),
        ("mechanism.hotline.patience_minutes", -1, "-1.0; allowed: 0 to 1e+06"),
        ("mechanism.hotline.redial", 1.1, "1.1; allowed: 0 to 1"),
        ("mechanism.hotline.lines", -1, "-1; allowed: 0 to 1e+06"),
        ("policy.release_size", 10001, "10001; allowed: 0 to 10000"),
        ("split.target_utilisations", [0.5, 1.5], "1.5; allowed: 0.01 to 1"),
        ("cost.pay.grid", -1, "-1.0; allowed: 0 to 1e+06"),
        ("cost.harm.fire", -1, "-1.0; allowed: 0 to 1e+09"),
        ("cost.grade.II", math.inf, "inf; allowed: 0 to 1e+06"),
    ],
)
def test_a_number_out_of_range_is_named_with_the_range(refused_value, key, value, message):
    assert refused_value(key, value) == f"{key}: {message}"


@pytest.mark.parametrize("value", [[], [1, 1], [2, 1], [0, 1], [-1, 1], [1, 2000], [1, math.nan]])
def test_a_list_that_does_not_rise_within_its_range_is_refused(refused_value, value):
    text = refused_value("capacity.volumes", value)
    assert text.startswith(f"capacity.volumes: {[float(x) for x in value]}; allowed: a list of ")
    assert text.endswith(" from 0.01 to 1000, each larger than the one before")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("capacity.tolerance", 0, "0.0; allowed: 0.0001 to 1"),
        ("capacity.tolerance", 2, "2.0; allowed: 0.0001 to 1"),
        ("capacity.refinements", -1, "-1; allowed: 0 to 100"),
        ("capacity.replications", 0, "0; allowed: 1 to 1e+06"),
    ],
)
def test_a_search_for_capacity_has_its_ranges(refused_value, key, value, message):
    assert refused_value(key, value) == f"{key}: {message}"


@pytest.mark.parametrize("value", ["abc", [1, "abc"], None])
def test_volumes_that_are_no_list_of_numbers_are_named(refused_value, value):
    assert refused_value("capacity.volumes", value).startswith("capacity.volumes")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("capacity.volumes", [0.01, 1000]),
        ("policy.levers.merging", 0),
        ("policy.levers.merging", 1),
        ("staff.grid_seats", 1000),
    ],
)
def test_both_ends_of_a_range_are_allowed(composed, key, value):
    OmegaConf.update(composed, key, value)
    section, _, name = key.rpartition(".")
    found = check(composed)
    for part in section.split("."):
        found = getattr(found, part)
    assert getattr(found, name) == value


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("clock", "fast", "'fast'; allowed: compiled, simpy"),
        ("record", "visit", "'visit' (did you mean 'visits'?); allowed: summary, "),
        ("staff.place", "equal", "'equal'"),
        ("policy.discipline", "urgnt", "'urgnt' (did you mean 'urgency'?); allowed: first_come"),
        ("stream.day_family", "normal", "'normal' (did you mean 'lognormal'?); allowed: fixed"),
        ("stream.kind", "drawn", "'drawn'; allowed: generated, trace"),
        ("split.parts", ["control", "none"], "'none'; allowed: unlimited, control, "),
    ],
)
def test_a_word_that_is_none_of_the_choices_is_named_with_them(refused_value, key, value, message):
    text = refused_value(key, value)
    assert text.startswith(f"{key}: {message}")
    assert "; allowed: " in text


MISSING = ["~policy.levers.merging", "horizon.start=???", "~seed", "mechanism.dormancy_hours=???"]


@pytest.mark.parametrize("override", MISSING)
def test_a_missing_value_is_named(override):
    assert refused(override).startswith(override.strip("~").partition("=")[0] + ": ")


@pytest.mark.parametrize("override", MISSING)
def test_a_missing_value_is_told_in_plain_words(override):
    key = override.strip("~").partition("=")[0]
    assert refused(override) == f"{key}: no value is given"


def test_an_unknown_section_is_told_with_the_nearest():
    assert "(did you mean 'levers'?); allowed: " in refused("policy.lever.joint=1")


@pytest.mark.parametrize("override", ["policy.levers=3", "city.weight='${nope}'"])
def test_a_whole_section_or_a_reference_that_is_wrong_is_named(override):
    assert refused(override).startswith(override.partition("=")[0] + ": ")


@pytest.mark.parametrize("threads", [0, -2])
def test_a_run_needs_at_least_one_thread(refused_value, threads):
    assert refused_value("threads", threads).startswith(f"threads: {threads}; allowed: ")
