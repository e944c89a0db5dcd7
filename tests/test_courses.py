"""Growth, withdrawal, false merges and satisfaction in whole runs: at strength zero they change
nothing, and each moves its own measure as stated."""

import numpy as np
import pytest

from experiments.one_run import simulate
from scenarios.load import load
from sim.codes import DISPOSE, TOWNSHIP
from tests.both import first_difference, tables
from tests.conftest import TINY, with_lever, with_mechanism

SEED = 3


@pytest.fixture(scope="module", params=["siloed", "integrated"])
def parameters(request):
    return load([*TINY, f"policy={request.param}", "record=visits"])


def run(parameters, levers=None, **mechanism):
    """The same seats and incidents, with other levers and mechanism numbers."""
    world = with_mechanism(with_lever(parameters.world, **(levers or {})), **mechanism)
    return simulate(parameters._as_built(parameters.settings, world=world), SEED)


def measure(name, *arguments, **mechanism):
    return run(*arguments, **mechanism).metrics()[name]


@pytest.mark.parametrize(
    ("levers", "off", "other"),
    [
        ({}, {"growth_rate": 0.0}, {"growth_work": 1.7, "growth_tier": 0.9}),
        ({}, {"withdrawal": 0.0}, {"withdrawal_delay": 7.0}),
        ({"merging": 0.0}, {"false_merge": 0.0}, {"false_merge": 0.5}),
    ],
    ids=["growth", "withdrawal", "false merge"],
)
def test_at_strength_zero_nothing_changes_by_one_tick(parameters, levers, off, other):
    assert (
        first_difference(run(parameters, levers, **off), run(parameters, levers, **off | other))
        is None
    )


def test_satisfaction_changes_nothing_but_itself(parameters):
    a, b = (tables(run(parameters, satisfaction=base)) for base in (-3.0, 3.0))
    assert (a["incidents"].pop("satisfied") != b["incidents"].pop("satisfied")).any()
    for table, columns in a.items():
        for name, values in columns.items():
            np.testing.assert_array_equal(values, b[table][name], err_msg=f"{table} {name}")


@pytest.mark.parametrize(
    ("name", "levers", "mechanisms"),
    [
        ("grown_share", {}, [{"growth_rate": rate} for rate in (0.0, 0.5, 2.0)]),
        ("withdrawn_share", {}, [{"withdrawal": share} for share in (0.0, 0.2, 0.8)]),
        ("mismerged_share", {"merging": 0.9}, [{"false_merge": q} for q in (0.0, 0.02, 0.2)]),
        ("satisfied_share", {}, [{"late_dislike": dislike} for dislike in (4.0, 1.0, 0.0)]),
    ],
)
def test_a_stronger_mechanism_moves_its_own_measure(parameters, name, levers, mechanisms):
    low, middle, high = (measure(name, parameters, levers, **values) for values in mechanisms)
    assert low < middle < high


def test_more_merging_makes_more_false_merges(parameters):
    """The cost of the lever, beside the duplicates that it saves."""
    shares = [
        [measure(name, parameters, {"merging": m}, false_merge=0.05) for m in (0.0, 0.4, 1.0)]
        for name in ("merged_share", "mismerged_share")
    ]
    for low, middle, high in shares:
        assert 0 == low < middle < high


def test_what_has_grown_takes_more_work_and_a_higher_tier(parameters):
    plain = run(parameters, growth_rate=2.0, growth_work=0.0, growth_tier=0.0)
    worked = run(parameters, growth_rate=2.0, growth_work=1.0, growth_tier=0.0)
    raised = run(parameters, growth_rate=2.0, growth_work=0.0, growth_tier=1.0)

    def of_stage(run, stage=DISPOSE):
        visits = run.visit_columns
        return visits["worked"][visits["stage"] == stage].mean()

    def above_township(run):
        visits = run.visit_columns
        tiers = run.parameters.layout.tier[visits["desk"][visits["stage"] == DISPOSE]]
        return (tiers < TOWNSHIP).mean()

    assert of_stage(worked) > of_stage(plain)
    assert above_township(raised) > above_township(plain)
    np.testing.assert_array_equal(  # the column `tier` is what resolved it at first
        np.sort(raised.incident_columns["tier"]), np.sort(plain.incident_columns["tier"])
    )
