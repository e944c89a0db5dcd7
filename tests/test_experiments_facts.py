"""The facts: what the shipped file says, and what is refused."""

from fnmatch import fnmatch

import pytest

from analysis.calibration import MEASURES
from experiments.calibrate import FACTS
from experiments.facts import CHECKED, FITTED, HELD, check_ends, fitted_places, read_facts
from scenarios.evidence import ledger
from scenarios.load import CONF, load
from sim.errors import InputError

FACT = """\
{key}:
  what: events
  place: {place}
  known: {known}  # events a day | fixed | a notice of 2024, read
  tag: {tag}
  policy: {policy}
  use: {use}
  measure: {measure}
"""


def fact(key="a", extra="", **values):
    given = {"place": "Boston", "known": "[1, 2]", "tag": "read", "policy": "siloed"}
    given |= {"use": "held", "measure": "events_per_day"} | values
    return FACT.format(key=key, **given) + "".join(f"  {line}\n" for line in extra.splitlines())


def read(tmp_path, text):
    path = tmp_path / "facts.yaml"
    path.write_text(text, "utf-8")
    return read_facts(path)


@pytest.fixture(scope="module")
def facts():
    return read_facts(FACTS)


# --- the shipped file -------------------------------------------------------------------------


def test_a_fact_has_its_unit_and_source_from_beside_it(facts):
    (found,) = (f for f in facts if f.key == "events_day")
    assert (found.low, found.high, found.unit) == (9100, 14200, "events a day")
    assert found.source.startswith("7.79 million events")
    (one,) = (f for f in facts if f.key == "weekend")
    assert one.low == one.high == 0.133
    assert one.is_share
    assert not found.is_share


def test_the_numbers_that_were_fitted_are_numbers_of_the_model(facts):
    keys = [entry.key for entry in ledger({}, CONF)]
    for found in facts:
        for pattern in found.sets:
            assert any(fnmatch(key, pattern) for key in keys), (found.key, pattern)


def test_kinds_of_the_facts_are_in_the_catalogue(facts):
    kinds = load().catalogue.kinds
    for found in facts:
        assert all(code >= 0 for code in found.codes(kinds).values())


def test_shares_and_what_is_claimed_are_never_fitted(facts):
    for found in facts:
        times = (found.measure or "").startswith(("on_time", "solved_at", "closing", "closure"))
        if times or found.policy == "change":
            assert found.use == CHECKED, found.key
    assert {f.use for f in facts} == {FITTED, HELD, CHECKED}


def test_no_measure_is_without_a_fact(facts):
    assert {f.measure for f in facts} - {None} == set(MEASURES)


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (fact(known="[2, 1]"), "facts.a.known: [2, 1]; allowed: a number or [low, high]"),
        (fact(known="[1, 2, 3]"), "facts.a.known: [1, 2, 3]; allowed: a number"),
        (fact(tag="rumour"), "facts.a.tag: 'rumour'; allowed: read, computed, weak, memory"),
        (fact(policy="paper"), "facts.a.policy: 'paper'; allowed: siloed, integrated, either"),
        (fact(use="used"), "facts.a.use: 'used'; allowed: fitted, held, checked"),
        (fact(measure="sun"), "facts.a.measure: 'sun'; allowed: events_per_day, "),
        (fact(use="fitted"), "facts.a.sets: []; allowed: the numbers that a fact of use 'fitted'"),
        (fact(extra="sets: [seed]"), "facts.a.sets: ['seed']; allowed: "),
        (fact(use="checked"), "facts.a.note: ''; allowed: why it is only checked"),
        (fact(measure="null"), "facts.a.note: ''; allowed: why"),
        (fact(extra="plaice: x"), "facts.a.plaice: no such key (did you mean 'place'?)"),
        (fact(extra="of: {colour: red}"), "facts.a.of: {'colour': 'red'}; allowed: a mapping"),
        (fact(extra="of: {tier: moon}"), "facts.a.of.tier: 'moon'; allowed: city, district"),
        (fact().replace("  what: events\n", ""), "facts.a.what: missing; a fact needs what, "),
        (fact().replace(" | fixed", ""), "facts: line 4: not '# unit | range | source'"),
        ("a: 1  # 1 | fixed | notice", "facts.a: 1; allowed: a fact with what, place, "),
        ("[]", "holds no facts; allowed: a mapping of names to facts"),
        ("a: [", "cannot be read: while parsing"),
    ],
)
def test_what_is_amiss_is_named_with_what_is_allowed(tmp_path, text, message):
    with pytest.raises(InputError) as error:
        read(tmp_path, text)
    assert message in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml' cannot be read: No such file"):
        read_facts(tmp_path / "none.yaml")


# --- the two ends -----------------------------------------------------------------------------


def fitted(key, place, policy):
    return fact(key, "sets: [seed]", place=place, policy=policy, use="fitted")


@pytest.mark.parametrize(
    "parts",
    [
        [("a", "Boston", "siloed"), ("b", "Beijing", "integrated")],
        [("a", "Boston", "siloed"), ("b", "Beijing", "siloed"), ("c", "Boston", "integrated")],
        [("a", "Boston", "siloed"), ("b", "Beijing", "change")],
    ],
)
def test_the_two_ends_are_never_fitted_to_different_cities(tmp_path, parts):
    with pytest.raises(InputError, match=r"siloed is fitted to .*; allowed: one place for both"):
        read(tmp_path, "".join(fitted(*part) for part in parts))


def test_one_place_for_both_ends_and_any_for_what_they_share(tmp_path):
    found = read(
        tmp_path,
        fitted("a", "Boston", "siloed")
        + fitted("b", "Boston", "integrated")
        + fitted("c", "Beijing", "either")
        + fact("d", place="Hai'an", policy="integrated"),  # held, not fitted
    )
    assert fitted_places(found) == {
        "siloed": ["Boston"],
        "integrated": ["Boston"],
        "either": ["Beijing"],
        "change": [],
    }
    check_ends([f for f in found if f.policy != "siloed"])
