"""`guantong replicate`: it stops by its rule, whatever runs at a time, and never runs twice."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.intervals import paired_interval, variance_ratio
from analysis.long_run import batch_means
from analysis.stopping import Target, until
from experiments import series
from experiments.cli import main
from experiments.compare import replication_seed
from experiments.one_run import simulate
from scenarios.load import load_policies
from sim.units import DAY, HOUR
from tests.commands import read_json
from tests.conftest import TINY

pytestmark = pytest.mark.usefixtures("undrawn")

LATENCY = "closure_latency_mean_hours"
RULE = ("replicate.half_width=0.1", "replicate.look_ahead=2", "replicate.most=14")
GIVEN = [*TINY, *RULE, "seed=3"]
TABLES = ("replications", "cumulative", "differences", "days")


def made(results: Path) -> Path:
    (folder,) = results.glob("replicate-*")
    return folder


def written(folder: Path) -> dict[str, bytes]:
    names = [f"{name}.{kind}" for name in TABLES for kind in ("csv", "parquet")]
    return {name: (folder / name).read_bytes() for name in (*names, "summary.json")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    results = tmp_path_factory.mktemp("results")
    assert main(["replicate", *GIVEN, "threads=1", f"results={results}"]) == 0
    return made(results)


@pytest.fixture(scope="module")
def runs():
    """Measures of 14 plain runs of each policy."""
    policies = load_policies([*TINY, "policies=[siloed,integrated]", "record=summary"])
    seeds = [replication_seed(3, r) for r in range(14)]
    return {n: [simulate(p, seed).metrics() for seed in seeds] for n, p in policies.items()}


# --- what is found ----------------------------------------------------------------------------


def test_it_stops_where_the_rule_says_on_runs_of_ones_own(folder, runs):
    changes = [b[LATENCY] - a[LATENCY] for a, b in zip(*runs.values(), strict=True)]
    target = Target(0.1, relative=True, look_ahead=2, most=14)
    state = until(target, changes)
    assert state.status == "met"
    assert 5 <= state.n < 14
    found = read_json(folder)
    of_policy = found["policies"]["integrated"]
    assert (found["replications"], found["stopped"]) == (state.n, "met")
    assert of_policy["enough"] == state.enough
    assert [of_policy["mean"], *of_policy["ci95"]] == pytest.approx(state[1:4])
    cumulative = pd.read_csv(folder / "cumulative.csv")
    assert list(cumulative["replications"]) == list(range(1, state.n + 1))
    last = cumulative.iloc[-1]
    assert [last["mean"], last["low"], last["high"]] == pytest.approx(state[1:4])
    assert len(read_json(folder, "provenance")["seeds"]) == state.n


def test_every_replication_policy_and_measure_has_the_row_of_a_run_of_its_own(folder, runs):
    frame = pd.read_parquet(folder / "replications.parquet")
    assert list(frame) == ["policy", "replication", "measure", "value"]
    n = read_json(folder)["replications"]
    for policy, of_policy in runs.items():
        for r in (0, n - 1):
            mine = (frame["policy"] == policy) & (frame["replication"] == r)
            rows = frame[mine].set_index("measure")
            assert rows["value"].replace(np.nan, None).to_dict() == of_policy[r]
    assert len(frame) == 2 * n * len(runs["siloed"][0])


def test_differences_have_what_pairing_leaves_of_the_variance_of_every_measure(folder, runs):
    frame = pd.read_csv(folder / "differences.csv").set_index("measure")
    n = read_json(folder)["replications"]
    for name in (LATENCY, "on_time_share", "returns_mean", "handovers_mean"):
        a, b = ([run[name] for run in of[:n]] for of in runs.values())
        row = frame.loc[name]
        interval = (row["difference"], row["low"], row["high"])
        assert interval == pytest.approx(paired_interval(a, b))
        assert row["variance_ratio"] == pytest.approx(variance_ratio(a, b))
    assert set(frame.index) == set(runs["siloed"][0])


def test_the_finding_is_one_sentence_and_the_figures_are_there(folder):
    found = read_json(folder)
    entry = found["policies"]["integrated"]
    assert found["finding"].startswith(f"integrated closes incidents {-entry['mean']:.1f} h sooner")
    assert f"{found['replications']} replications, pairing removed" in found["finding"]
    for name in ("difference_integrated", "warmup"):
        assert (folder / f"figures/{name}.png").is_file()
        assert (folder / f"figures/{name}.svg").is_file()
    days = pd.read_csv(folder / "days.csv")
    assert set(days["day"]) == set(range(14))
    assert found["warmup"] == {
        "warmup_days": 3, "mser_days": {"siloed": None, "integrated": None}
    }  # fmt: skip


# --- runs -------------------------------------------------------------------------------------


def test_more_at_a_time_find_the_same_and_nothing_is_computed_twice(
    folder, tmp_path, capsys, monkeypatch
):
    given = ["replicate", *GIVEN, f"results={tmp_path}"]
    assert main([*given, "threads=4", "replicate.most=4"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "was not met when the budget of replications was spent" in said
    assert "variance left" in said
    assert "Mean closure latency (h)" in said
    before = {path.stem for path in (tmp_path / "points").rglob("*.json")}
    assert len(before) == 8
    made(tmp_path).rename(tmp_path / "before")
    assert main([*given, "threads=5"]) == 0
    assert written(made(tmp_path)) == written(folder)
    made(tmp_path).rename(tmp_path / "once more")

    assert "8 of 12 runs were kept from before" in capsys.readouterr().err

    def never(*given):
        raise AssertionError("a run that was kept is computed again")

    monkeypatch.setattr(series, "simulate", never)
    assert main([*given, "threads=1"]) == 0
    assert written(made(tmp_path)) == written(folder)


def test_one_long_run_is_cut_into_batches_of_the_same_incidents(tmp_path):
    given = [*TINY, "horizon.cohort_days=40", "replicate.long_run=true", "seed=3"]
    assert main(["replicate", *given, f"results={tmp_path}"]) == 0
    found = read_json(made(tmp_path))
    rest = [o for o in given if not o.startswith("replicate")]
    policies = load_policies([*rest, "policies=[siloed,integrated]", "record=incidents"])
    means, whole = [], []
    for parameters in policies.values():
        run = simulate(parameters, replication_seed(3, 0))
        incidents = run.incident_columns
        solved = np.minimum(incidents["solved"], parameters.end)
        latency = np.minimum(solved - incidents["occurred"], parameters.restrict) / HOUR
        span = (incidents["occurred"] - parameters.window[0]) // DAY
        means.append([latency[span == i].mean() for i in range(40)])
        whole.append(latency.mean())
    expected = batch_means(np.diff(means, axis=0)[0])
    entry = found["policies"]["integrated"]
    assert [entry["mean"], *entry["ci95"]] == pytest.approx(expected[2:5])
    assert entry["correlation"] == pytest.approx(expected.correlation)
    assert entry["is_dependent"] == expected.is_dependent
    assert entry["whole_run"] == pytest.approx(whole[1] - whole[0])
    batches = np.array(means).reshape(2, 20, 2).mean(axis=2).tolist()
    assert entry["variance_ratio"] == pytest.approx(variance_ratio(*batches))
    assert "one run of 40 days in 20 batches" in found["finding"]
    spans = pd.read_csv(made(tmp_path) / "spans.csv")
    assert set(spans["span"]) == set(range(40))
    assert (made(tmp_path) / "figures/difference_integrated.png").is_file()
    assert not (made(tmp_path) / "cumulative.csv").exists()
    assert len(list((tmp_path / "points").rglob("*.json"))) == 2


# --- what goes wrong --------------------------------------------------------------------------


def test_a_metric_that_a_replication_has_not_ends_it(tmp_path, capsys):
    given = [*GIVEN, "replicate.metric=closure_latency_p99_hours", f"results={tmp_path}"]
    assert main(["replicate", *given]) == 0
    found = read_json(made(tmp_path))
    assert found["stopped"] == "unknown"
    assert found["replications"] <= 3
    assert "99th percentile, integrated - siloed: not known, as replication" in found["finding"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("policies=[siloed]", "policies: ['siloed']; allowed: two or more"),
        ("policies=[siloed,siloed]", "allowed: two or more, all different"),
        ("replicate.most=2", "replicate.most: 2; allowed: 3 (replicate.least) or more"),
        ("replicate.half_width=0", "replicate.half_width: 0.0; allowed: 1e-09 to 1e+09"),
        ("replicate.long_run=true", "horizon.cohort_days: 4; allowed with replicate.long_run: 40"),
        ("policies=[siloed,integratd]", "policy: 'integratd' is not there; allowed: integrated"),
    ],
)
def test_wrong_settings_are_refused_before_the_first_run(override, message, tmp_path, capsys):
    assert main(["replicate", *GIVEN, override, f"results={tmp_path}"]) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.rglob("*.json"))


def test_an_unknown_metric_is_named_after_the_first_replication(tmp_path, capsys):
    given = [*GIVEN, "replicate.metric=on_tim_share", f"results={tmp_path}"]
    assert main(["replicate", *given]) == 1
    error = capsys.readouterr().err
    assert "replicate.metric: 'on_tim_share' (did you mean 'on_time_share'?); allowed: inc" in error


def test_replications_that_fail_are_left_out_told_and_end_it(tmp_path, capsys, monkeypatch):
    failing = {replication_seed(3, r) for r in (1, 4, 5)}

    def fragile(parameters, seed, progress):
        if seed in failing:
            raise RuntimeError("a fault of ours")
        return simulate(parameters, seed, progress)

    monkeypatch.setattr(series, "simulate", fragile)
    given = [*GIVEN, "replicate.half_width=0.001", f"results={tmp_path}"]
    assert main(["replicate", *given]) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "6 of 12 points failed, the first by RuntimeError: a fault of ours" in error
    folder = made(tmp_path)
    assert set(pd.read_csv(folder / "replications.csv")["replication"]) == {0, 2, 3}
    assert {entry["replication"] for entry in read_json(folder, "failed")} == {1, 4, 5}
    assert "when too many replications had failed" in read_json(folder)["finding"]


def test_where_every_replication_fails_there_is_nothing_to_write(tmp_path, capsys, monkeypatch):
    def broken(parameters, seed, progress):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(series, "simulate", broken)
    assert main(["replicate", *GIVEN, f"results={tmp_path}"]) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "no replication has a result; the first failed by RuntimeError: a fault" in error
    assert not list(tmp_path.glob("replicate-*"))
