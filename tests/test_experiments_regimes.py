"""Regimes: claims by hand, and the command on small cities."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from experiments.cli import main
from experiments.regimes import Found, measured, names, page, ratio_interval
from scenarios.load import load_policies
from sim.errors import InputError


def found(change="higher", least=0.05, ratio=(1.1, 1.06, 1.14)):
    return Found("x/y", "siloed", "integrated", "m", change, least, 10.0, 11.0, ratio, "because")


@pytest.mark.parametrize(
    ("change", "ratio", "holds"),
    [
        ("higher", (1.1, 1.06, 1.14), True),
        ("higher", (1.1, 1.05, 1.15), True),
        ("higher", (1.1, 1.04, 1.16), False),
        ("higher", (0.9, 0.88, 0.92), False),
        ("lower", (0.9, 0.88, 0.92), True),
        ("lower", (0.9, 0.84, 0.96), False),
        ("higher", (1.2, None, None), False),
        ("lower", (None, None, None), False),
    ],
)
def test_a_claim_holds_where_the_whole_interval_lies_beyond_it(change, ratio, holds):
    assert found(change, ratio=ratio).holds == holds


def test_the_ratio_is_of_pairs_and_of_logarithms():
    mean, low, high = ratio_interval([1.0, 2.0, 4.0], [2.0, 4.0, 8.0])
    assert (mean, low, high) == pytest.approx((2.0, 2.0, 2.0))
    mean, low, high = ratio_interval([1.0, 1.0], [1.0, math.e])
    assert mean == pytest.approx(math.exp(0.5))
    assert low * high == pytest.approx(math.e)


@pytest.mark.parametrize(("a", "b"), [([1.0, None], [1.0, 2.0]), ([0.0, 1.0], [1.0, 2.0])])
def test_a_ratio_that_is_not_defined_has_no_value(a, b):
    assert ratio_interval(a, b) == (None, None, None)


def test_the_page_tells_each_claim_with_its_reason():
    made = {"created": "2026-11-23T00:00:00", "seeds": [1, 2], "sources": "0" * 64}
    text = "\n".join(page([found(), found(ratio=(1.0, 0.9, 1.1))], made))
    assert "+10.0 (+6.0 to +14.0) %" in text
    assert "| holds |" in text
    assert "| does not hold |" in text
    assert "because" in text


# --- the shipped regimes ----------------------------------------------------------------------


def test_integration_loses_in_four_shipped_regimes_and_wins_in_others():
    folders = [name.partition("/")[0] for name in names()]
    assert folders.count("integration_loses") >= 4
    assert folders.count("integration_wins") >= 2
    assert "published" in folders


@pytest.mark.parametrize("name", names())
def test_every_regime_composes_and_its_claim_is_about_something_measured(name):
    small = ["city=tiny", "staff.pilot_incidents=4000"]  # test_load builds the whole city
    policies = load_policies([f"experiment={name}", *small])
    claim = next(iter(policies.values())).settings.claim
    assert claim.why
    assert claim.least >= 0.05
    assert len(policies) == 2
    if name.startswith("integration_loses"):
        assert list(policies)[1] == "integrated"


@pytest.mark.filterwarnings("ignore:policy ")
def test_the_command_holds_a_claim_against_its_runs(tmp_path, capsys):
    target = tmp_path / "regimes.md"
    target.write_text("<!-- regimes: begin -->\n<!-- regimes: end -->\n", encoding="utf-8")
    small = ["city=tiny", "horizon=short", "replications=2", "staff.place=fixed"]
    small.append("staff.pilot_incidents=4000")
    name = next(name for name in names() if name.startswith("integration_loses"))
    arguments = [*small, f"regimes=[{name}]", f"results={tmp_path}", f"page={target}"]
    assert main(["regimes", *arguments]) == 0
    (folder,) = tmp_path.glob("regimes-*")
    (regime,) = json.loads((folder / "summary.json").read_text("utf-8"))["regimes"]
    assert regime["regime"] == name
    assert regime["ratio"][0] == pytest.approx(regime["after"] / regime["before"], rel=0.2)
    assert (folder / "figures/regimes.png").stat().st_size > 5000
    assert name in target.read_text("utf-8")
    assert f"results: {folder}" in capsys.readouterr().out


def test_a_regime_that_is_not_there_is_named_with_those_that_are(capsys):
    assert main(["regimes", "regimes=[nowhere]"]) == 1
    error = capsys.readouterr().err
    assert "regimes: 'nowhere'; allowed: integration_loses/" in error


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("latency", "claim.metric: latency; allowed: a metric of docs/tables.md"),
        ("by_kind.fires.solved", "allowed in by_kind: "),
    ],
)
def test_a_metric_that_is_not_there_is_named(metric, message):
    run = SimpleNamespace(
        metrics={"closure_latency_mean_hours": 1.0},
        tables={"by_kind": {"kind": np.arange(4), "solved": np.arange(4)}},
    )
    small = ["city=tiny", "catalogue=tiny", "staff.pilot_incidents=4000"]
    parameters = load_policies([*small, "policies=[siloed]"])["siloed"]
    with pytest.raises(InputError, match=message):
        measured(metric, run, parameters)
    assert measured("closure_latency_mean_hours", run, parameters) == 1.0
    assert measured("by_kind.fire.solved", run, parameters) == 2.0
