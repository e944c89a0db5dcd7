"""Assumed numbers that can be moved: which there are, how they move, how a setting names them."""

import pytest

from scenarios.assumptions import Factor, factors, moved, taken_out, written
from scenarios.load import compose_settings, load, load_policies
from sim.errors import InputError
from tests.conftest import TINY

POLICIES = ("siloed", "integrated")


@pytest.fixture(scope="module")
def known():
    return {factor.name: factor for factor in factors(TINY, POLICIES)}


# --- factors ----------------------------------------------------------------------------------


def test_numbers_of_a_field_move_together_in_all_kinds(known):
    found = known["all kinds: failure"]
    assert set(found.low) == {
        f"catalogue.kinds.{k}.failure" for k in ("sanitation", "nuisance", "fire", "one_stop")
    }
    assert (found.low["catalogue.kinds.nuisance.failure"], found.policy) == (0.1, None)
    assert found.high["catalogue.kinds.nuisance.failure"] == 0.5


def test_levers_belong_to_their_policy(known):
    one, other = known["siloed: levers.joint"], known["integrated: levers.joint"]
    assert (one.policy, one.low) == ("siloed", {"policy.levers.joint": 0.0})
    assert (other.policy, other.low) == ("integrated", {"policy.levers.joint": 0.4})


def test_what_is_no_assumption_or_has_no_range_stays(known):
    keys = {key for found in known.values() for key in found.low}
    assert "staff.full_time_hours" not in keys  # the law
    assert "stream.volume" not in keys  # by definition
    assert "horizon.cohort_days" not in keys
    assert len(known) > 50


def test_what_the_user_gives_stays():
    given = factors([*TINY, "mechanism.coordination_hours=20"], POLICIES)
    assert "mechanism.coordination_hours" not in {found.name for found in given}


def test_each_has_a_key_of_its_own(known):
    assert len({factor.key for factor in known.values()}) == len(known)
    assert known["all kinds: dispose.mean"].key == "catalogue.kinds.*.dispose.mean"
    assert known["all paperwork: mean"].key == "catalogue.paperwork.*.mean"
    assert known["integrated: levers.joint"].key == "integrated.levers.joint"
    assert known["mechanism.coordination_hours"].key == "mechanism.coordination_hours"


def test_ends_are_in_the_unit_of_a_lone_number_and_shares_of_several(known):
    lone, several = known["mechanism.coordination_hours"], known["all kinds: failure"]
    assert (lone.ends, lone.unit) == ((8.0, 120.0), "h")
    assert (several.ends, several.unit) == ((0.0, 1.0), "")
    assert lone.at(0.25) == {"mechanism.coordination_hours": 36.0}
    assert several.at(0.5)["catalogue.kinds.nuisance.failure"] == pytest.approx(0.3)


# --- moving -----------------------------------------------------------------------------------


def test_moving_changes_a_copy():
    settings = load(TINY).settings
    values = {
        "mechanism.work.joint": 0.4,
        "catalogue.kinds.fire.failure": 0.3,
        "policy.levers.joint": 0.9,
    }
    values |= {"mechanism.hotline.lines": 7.0}
    other = moved(settings, values)
    assert (other.mechanism.work.joint, other.policy.levers.joint) == (0.4, 0.9)
    assert other.catalogue["kinds"]["fire"]["failure"] == 0.3
    assert (other.mechanism.hotline.lines, type(other.mechanism.hotline.lines)) == (7, int)
    assert settings.mechanism.work.joint != 0.4
    assert settings.catalogue["kinds"]["fire"]["failure"] != 0.3
    assert settings.policy.levers.joint != 0.9


# --- the setting ------------------------------------------------------------------------------

SHARES = {"catalogue.kinds.*.failure": 0.5, "integrated.levers.joint": 1 / 3}


def test_what_is_written_is_taken_out_again():
    rest, shares = taken_out(["city=tiny", written(SHARES), "seed=2"])
    assert rest == ["city=tiny", "seed=2"]
    assert shares == pytest.approx(SHARES, abs=1e-6)
    assert taken_out(["assumptions={}"]) == ([], {})
    assert taken_out([written(SHARES), "assumptions={integrated.levers.joint: 0}"])[1] == {
        "catalogue.kinds.*.failure": 0.5,
        "integrated.levers.joint": 0.0,
    }


def test_a_setting_moves_the_numbers_of_all_kinds_and_one_policys_levers():
    shares = "integrated.levers.joint: 0, catalogue.kinds.*.failure: 1"
    given = f"assumptions={{{shares}, mechanism.coordination_hours: 0.5}}"
    found = load_policies([*TINY, given])
    as_stated = load_policies(TINY)
    for name, parameters in found.items():
        settings = parameters.settings
        assert settings.catalogue["kinds"]["nuisance"]["failure"] == 0.5
        assert settings.mechanism.coordination_hours == 64.0
        stated = as_stated[name].settings.policy
        expected = 0.4 if name == "integrated" else stated.levers.joint
        assert settings.policy.levers.joint == expected
        assert settings.policy.levers.pooling == stated.levers.pooling
    assert as_stated["siloed"].settings.mechanism.coordination_hours != 64.0


def test_one_policy_alone_takes_it_too_and_it_is_kept_in_the_configuration():
    given = [*TINY, "policy=integrated", "assumptions={integrated.levers.joint: 1}"]
    assert load(given).settings.policy.levers.joint == 1.0
    assert dict(compose_settings(given).assumptions) == {"integrated.levers.joint": 1}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "assumptions={mechanism.coordination_hour: 0.5}",
            r"assumptions: 'mechanism.coordination_hour' \(did you mean 'mechanism.coord",
        ),
        ("assumptions={mechanism.coordination_hours: 1.5}", "1.5; allowed: a share of its range"),
        ("assumptions={mechanism.coordination_hours: x}", "allowed: assumptions={KEY: SHARE"),
        ("assumptions=0.5", "allowed: assumptions={KEY: SHARE"),
        ("assumptions={paper.levers.joint: 0.5}", "assumptions: 'paper.levers.joint'"),
    ],
)
def test_a_wrong_one_is_refused(override, message):
    with pytest.raises(InputError, match=message):
        load_policies([*TINY, override])


def test_a_number_of_the_users_own_cannot_be_moved_as_well():
    given = ["mechanism.coordination_hours=20", "assumptions={mechanism.coordination_hours: 0}"]
    with pytest.raises(InputError, match="no value of yours"):
        load([*TINY, *given])


def test_a_factor_is_a_plain_value():
    assert Factor("a", None, {"x": 1.0}, {"x": 3.0}).at(0.5) == {"x": 2.0}
