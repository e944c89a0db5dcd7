"""The command that holds the model against the facts."""

import json
from dataclasses import replace

import numpy as np
import pytest

from analysis.calibration import CHECK, INSIDE, MISSING, OUTSIDE
from experiments.calibrate import EVERY, FACTS, calibrate, measured, replicate, rows, sample_of
from experiments.facts import read_facts
from experiments.one_run import simulate
from experiments.pages import marks
from scenarios.load import load, load_policies
from sim.errors import InputError
from tests.conftest import TINY

FEW = [*TINY, "calibrate.replications=2", "record=incidents"]


@pytest.fixture(scope="module")
def facts():
    return {fact.key: fact for fact in read_facts(FACTS)}


@pytest.fixture(scope="module")
def run():
    return simulate(load(FEW), 3)


def judged(facts, key, values, parameters, **changes):
    """(policy, mean, verdict, why) of a fact, given {POLICY: number of each replication}."""
    fact = replace(facts[key], **changes)
    runs = {name: [{key: number} for number in numbers] for name, numbers in values.items()}
    found = rows([fact], runs, parameters)
    return [(row.policy, row.simulated[0], row.verdict, row.why) for row in found]


# --- measuring --------------------------------------------------------------------------------


def test_measures_agree_with_those_of_the_run(run, facts):
    kinds = run.parameters.catalogue.kinds
    values, metrics = measured(list(facts.values()), sample_of(run), kinds), run.metrics()
    for key, metric in {
        "handovers": "handovers_mean",
        "wrong_dispatch": "misrouted_share",
        "on_time_boston": "on_time_share",
        "closing_p50": "paper_latency_p50_hours",
        "closing_p90": "paper_latency_p90_hours",
    }.items():
        assert values[key] == pytest.approx(metrics[metric]), key
    closure = replace(facts["water_results"], of={})
    value = measured([closure], sample_of(run), kinds)["water_results"]
    assert value == pytest.approx(metrics["closure_latency_mean_hours"])


def test_what_the_catalogue_has_not_is_none(run, facts):
    kinds = run.parameters.catalogue.kinds
    values = measured([facts["disputes"], facts["consultations"]], sample_of(run), kinds)
    assert values == {"disputes": None, "consultations": None}


def test_a_sample_is_of_the_district_that_runs():
    parameters = load([*FEW, "city.district=Baiyun"])
    given = sample_of(simulate(parameters, 3))
    city = parameters.city
    assert not given.whole
    assert (given.townships, given.grids) == (2, 5)
    assert given.residents == city.district_population[1] * parameters.settings.city.weight
    assert set(given.incidents["district"]) == {1}


def test_the_season_is_that_of_the_window_against_the_year(run):
    season = sample_of(run).season
    expected = run.parameters.rates
    begin = run.parameters.settings.horizon.warmup_days
    by_hand = [
        np.mean([
            expected.day_factor[k, run.parameters.calendar.day_type[d]]
            * expected.season[k, run.parameters.calendar.month[d]]
            for d in range(begin, begin + 4)
        ])
        for k in range(len(season))
    ]  # fmt: skip
    assert season == pytest.approx(by_hand)


def test_all_policies_meet_the_same_incidents(facts):
    values = replicate(load_policies(FEW), [facts["day_factor"], facts["handovers"]], [5])
    (siloed,), (integrated,) = values["siloed"], values["integrated"]
    assert siloed["day_factor"] == integrated["day_factor"]
    assert siloed["handovers"] > integrated["handovers"]


# --- judging ----------------------------------------------------------------------------------


def test_a_fact_of_either_is_shown_under_each_policy_or_once(facts, run):
    both = {"siloed": [5.0, 5.2], "integrated": [3.0, 3.1]}
    found = judged(facts, "handovers", both, run.parameters)
    assert [(policy, word) for policy, _, word, _ in found] == [
        ("siloed", OUTSIDE),
        ("integrated", INSIDE),
    ]
    same = {"siloed": [3.0, 3.2], "integrated": [3.0, 3.2]}
    ((policy, mean, word, _),) = judged(facts, "handovers", same, run.parameters)
    assert (policy, mean, word) == (EVERY, 3.1, "at the edge")  # two replications: 3.1 ± 1.3


def test_a_fact_of_one_policy_is_shown_under_that_one(facts, run):
    values = {"siloed": [1.0, 1.0], "integrated": [10000.0, 10010.0]}
    ((policy, mean, word, _),) = judged(facts, "events_day", values, run.parameters)
    assert (policy, mean, word) == ("integrated", 10005.0, INSIDE)


def test_a_change_is_what_falls_from_siloed_to_integrated(facts, run):
    values = {"siloed": [10.0, 20.0], "integrated": [5.0, 15.0]}
    ((_, mean, word, _),) = judged(facts, "debris", values, run.parameters)
    assert (mean, word) == (0.375, CHECK)  # halved, and less by a quarter


@pytest.mark.parametrize(
    ("key", "values", "why"),
    [
        (
            "consultations",
            {"siloed": [None]},
            "it went in as it is, 1.1 for each report",
        ),
        ("events_day", {"siloed": [1.0]}, "a policy that it is about was not run"),
        ("debris", {"siloed": [1.0]}, "a policy that it is about was not run"),
        ("disputes", {"siloed": [None]}, "the catalogue has no kind disputes"),
        ("closing_p90", {"siloed": [None, 3.0]}, "not defined or not reached in this run"),
    ],
)
def test_what_is_not_measured_says_why(facts, run, key, values, why):
    ((_, mean, word, told),) = judged(facts, key, values, run.parameters)
    assert (mean, word, told) == (None, MISSING, why)


# --- the command ------------------------------------------------------------------------------


def test_the_command_shows_every_fact_and_renews_the_page(tmp_path, facts, capsys):
    page = tmp_path / "page.md"
    begin, end = marks("facts")
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n", "utf-8")
    folder = calibrate([*FEW, f"results={tmp_path}", f"page={page}"])
    listed = json.loads((folder / "summary.json").read_text("utf-8"))["facts"]
    assert {row["key"] for row in listed} == set(facts)
    assert (folder / "provenance.json").is_file()
    text, out = page.read_text("utf-8"), capsys.readouterr().out
    assert text.startswith(f"before\n{begin}\n*Written by `guantong calibrate`, ")
    assert "old" not in text
    assert text.count("**outside**") == sum(row["verdict"] == OUTSIDE for row in listed) > 0
    assert f"{len(listed)} comparisons: " in out
    assert "not measured: contacts of the hotline answered at once" in out
    assert "tiny; 2 replications from 2024-10-14, 3 + 4 + 7 days" in out


def test_facts_of_ones_own(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "share:\n  what: by patrol\n  place: here\n  known: 0  # share | fixed | counted, read\n"
        "  tag: read\n  policy: siloed\n  use: held\n  measure: patrol_share\n",
        "utf-8",
    )
    alone = ["calibrate.replications=1", "policies=[siloed]"]
    folder = calibrate([*TINY, *alone, f"results={tmp_path}", f"facts={own}"])
    (row,) = json.loads((folder / "summary.json").read_text("utf-8"))["facts"]
    assert (row["key"], row["policy"], row["verdict"]) == ("share", "siloed", OUTSIDE)
    assert row["simulated"]["mean"] > 0


def test_a_page_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"page: 'nowhere\.md' cannot be written"):
        calibrate([*FEW, "policies=[siloed]", f"results={tmp_path}", "page=nowhere.md"])
