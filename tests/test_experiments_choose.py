"""`guantong choose`: who is chosen, with how many runs; systems that drop out are not run more."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.intervals import mean_interval, paired_interval
from analysis.selection import Selection
from experiments import series
from experiments.choose import System, sentence, systems
from experiments.cli import main
from experiments.compare import replication_seed
from experiments.metric_words import words
from experiments.one_run import simulate
from scenarios.load import load
from sim.errors import InputError
from tests.commands import read_json
from tests.conftest import TINY

pytestmark = pytest.mark.usefixtures("undrawn")

LATENCY = "closure_latency_mean_hours"
POLICIES = ["siloed", "hybrid/hub", "hybrid/one_screen"]
RULE = ("choose.zone=0.5", "choose.first=4", "choose.most=8")
GIVEN = [*TINY, *RULE, f"policies=[{','.join(POLICIES)}]", "seed=4"]
TABLES = ("systems.csv", "systems.parquet", "replications.csv", "replications.parquet")


def made(results: Path) -> Path:
    (folder,) = results.glob("choose-*")
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    results = tmp_path_factory.mktemp("results")
    assert main(["choose", *GIVEN, "threads=1", f"results={results}"]) == 0
    return results


@pytest.fixture(scope="module")
def selected():
    """(rule at its end, values by system) on plain runs."""
    rule = Selection(POLICIES, 0.5, first=4, most=8)
    policies = {p: load([*TINY, f"policy={p}", "record=summary"]) for p in POLICIES}
    values = {p: [] for p in POLICIES}
    while wanted := rule.wanted:
        seed = replication_seed(4, rule.replications)
        for name in wanted:
            values[name].append(simulate(policies[name], seed).metrics()[LATENCY])
        rule.add({name: values[name][-1] for name in wanted})
    return rule, values


# --- what is found ----------------------------------------------------------------------------


def test_it_chooses_as_the_rule_does_on_runs_of_ones_own(results, selected):
    rule, values = selected
    found = read_json(made(results))
    state = rule.state
    assert (found["best"], found["is_decided"]) == (state.best, state.is_decided)
    assert (found["spent"], found["replications"]) == (state.spent, state.replications)
    assert found["equal_allocation"] == 3 * state.replications > state.spent
    assert found["run"] == found["spent"]  # one thread runs nothing ahead but the first stage
    frame = pd.read_csv(made(results) / "replications.csv")
    for name, of_system in values.items():
        rows = frame[frame["system"] == name]
        assert list(rows["value"]) == pytest.approx(of_system)
        assert list(rows["replication"]) == list(range(len(of_system)))


def test_each_system_has_its_mean_and_how_far_it_is_behind_on_the_same_incidents(results, selected):
    rule, values = selected
    frame = pd.read_parquet(made(results) / "systems.parquet").set_index("system")
    best = values[rule.state.best]
    for name, of_system in values.items():
        row, n = frame.loc[name], len(of_system)
        assert (row["mean"], row["low"], row["high"]) == pytest.approx(mean_interval(of_system))
        behind = (row["behind"], row["behind_low"], row["behind_high"])
        assert behind == pytest.approx(paired_interval(best[:n], of_system))
        assert row["replications"] == n
        assert row["is_best"] == (name == rule.state.best)
        if name in rule.state.left:
            assert pd.isna(row["dropped_out_at"])
        else:
            assert row["dropped_out_at"] == n
    assert (made(results) / "figures/choose.png").is_file()
    assert (made(results) / "figures/choose.svg").is_file()


def test_many_at_a_time_find_the_same_and_kept_runs_are_not_computed_again(
    results, tmp_path, monkeypatch
):
    expected = {name: (made(results) / name).read_bytes() for name in TABLES}
    given = ["choose", *GIVEN, f"results={tmp_path}"]
    assert main([*given, "threads=8"]) == 0
    assert {name: (made(tmp_path) / name).read_bytes() for name in TABLES} == expected
    made(tmp_path).rename(tmp_path / "before")

    def never(*given):
        raise AssertionError("a run that was kept is computed again")

    monkeypatch.setattr(series, "simulate", never)
    assert main([*given, "threads=1"]) == 0
    assert {name: (made(tmp_path) / name).read_bytes() for name in TABLES} == expected


def test_settings_with_several_values_are_systems_too(tmp_path):
    given = [*TINY, "policies=[siloed]", "choose.first=3", "choose.most=3", "choose.lowest=false"]
    over = "staff.target_utilisation=0.7,0.9"
    metric = ["choose.metric=on_time_share", "choose.zone=0.001"]
    assert main(["choose", *given, over, *metric, f"results={tmp_path}"]) == 0
    found = read_json(made(tmp_path))
    means = {}
    for value in (0.7, 0.9):
        parameters = load([*TINY, f"staff.target_utilisation={value}", "record=summary"])
        seeds = [replication_seed(1, r) for r in range(3)]
        shares = [simulate(parameters, seed).metrics()["on_time_share"] for seed in seeds]
        means[f"staff.target_utilisation={value}"] = sum(shares) / 3
    known = {name: entry["mean"] for name, entry in found["systems"].items()}
    assert known == pytest.approx(means)
    assert found["best"] == max(means, key=means.get)
    assert "the highest mean of closed on time" in found["finding"]


# --- systems and words ------------------------------------------------------------------------


def test_systems_are_policies_with_settings_named_by_what_tells_them_apart():
    assert systems(["a", "b"]) == {"a": System("a", ()), "b": System("b", ())}
    crossed = systems(["a", "b"], [("k=1", "l=2"), ("k=3", "l=2")])
    assert list(crossed) == ["a, k=1, l=2", "a, k=3, l=2", "b, k=1, l=2", "b, k=3, l=2"]
    assert crossed["b, k=3, l=2"] == System("b", ("k=3", "l=2"))
    with pytest.raises(InputError, match=r"policies: \['a'\]; allowed: two or more, or a setting"):
        systems(["a"])
    with pytest.raises(InputError, match=r"policies: \['a', 'a'\]; allowed: different names"):
        systems(["a", "a"], [("k=1",), ("k=2",)])


def finding(metric=LATENCY, **changes):
    found = {
        "lowest": True, "zone": 2.0, "probability": 0.95, "best": "b", "is_decided": True,
        "left": ["b"], "replications": 14, "spent": 1031, "equal_allocation": 1200,
        "systems": {"b": {"mean": 0.5}},
    }  # fmt: skip
    return sentence(found | changes, words(metric))


def test_the_finding_has_probability_zone_and_runs():
    assert finding() == (
        "b has the lowest mean closure latency with probability at least 95 % (indifference zone "
        "2 h), 1,031 runs spent (1,200 had each system been run 14 times)."
    )
    assert "b has the highest mean of closed on time with probability" in finding(
        "on_time_share", lowest=False
    )


def test_what_is_undecided_names_who_is_left():
    said = finding("on_time_share", is_decided=False, left=["b", "c, k=1"], zone=0.02)
    assert said.startswith(
        "Undecided after 14 replications which system has the lowest mean of closed on time "
        "(indifference zone 2 points): 2 are left (b; c, k=1), the lowest so far is b with 50.0 %; "
    )


# --- what goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("policies=[siloed]", "policies: ['siloed']; allowed: two or more, or a setting"),
        ("choose.most=3", "choose.most: 3; allowed: 4 (choose.first) or more"),
        ("choose.alpha=0.6", "choose.alpha: 0.6; allowed: 0.0001 to 0.4999"),
        ("staff.target_utilisation=0.7,7", "staff.target_utilisation: 7.0; allowed: 0.01 to 1"),
        ("seed=1,2", "'seed'; allowed: settings of the model"),
    ],
)
def test_wrong_settings_are_refused_before_the_first_run(override, message, tmp_path, capsys):
    assert main(["choose", *GIVEN, override, f"results={tmp_path}"]) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.rglob("*.json"))


def test_a_metric_must_be_known_and_have_a_value_in_each_replication(tmp_path, capsys):
    given = ["choose", *GIVEN, f"results={tmp_path}"]
    assert main([*given, "choose.metric=on_tim_share"]) == 1
    assert (
        "choose.metric: 'on_tim_share' (did you mean 'on_time_share'?)" in capsys.readouterr().err
    )
    assert main([*given, "choose.metric=closure_latency_p99_hours"]) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "choose.metric: 'closure_latency_p99_hours' has no value in replication" in error


def test_a_replication_that_fails_under_one_is_one_for_nobody(tmp_path, capsys, monkeypatch):
    def fragile(parameters, seed, progress):
        if seed == replication_seed(4, 1) and parameters.settings.policy.name == "siloed":
            raise RuntimeError("a fault of ours")
        return simulate(parameters, seed, progress)

    monkeypatch.setattr(series, "simulate", fragile)
    assert main(["choose", *GIVEN, "choose.most=4", f"results={tmp_path}"]) == 1
    assert "1 of 12 points failed, the first by RuntimeError" in " ".join(
        capsys.readouterr().err.split()
    )
    frame = pd.read_csv(made(tmp_path) / "replications.csv")
    assert set(frame["replication"]) == {0, 2, 3}
    assert read_json(made(tmp_path))["is_decided"] is False
