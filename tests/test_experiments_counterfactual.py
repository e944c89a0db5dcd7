"""`guantong counterfactual`: what it writes and says, held against plain runs."""

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.account import CATEGORIES
from experiments.cli import main
from experiments.compare import replication_seed
from experiments.counterfactual import counterfactual
from experiments.one_run import simulate
from experiments.sweep import FailedPointsError
from scenarios.load import load
from sim.codes import DISPATCH
from tests.commands import read_json
from tests.conftest import TINY

pytestmark = pytest.mark.filterwarnings("ignore:policy '")
SMALL = [*TINY, "replications=2", "counterfactual.told=2"]
TABLES = (
    *(
        f"{name}.{kind}"
        for name in ("counts", "quantiles", "groups")
        for kind in ("parquet", "csv")
    ),
    *("incidents.parquet", "paths.json", "summary.json"),
    *(f"figures/{name}.png" for name in ("in_order", "histogram", "worse_off")),
)


def made(results: Path) -> Path:
    (folder,) = results.glob("counterfactual-*")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    results = tmp_path_factory.mktemp("results")
    assert main(["counterfactual", *SMALL, f"results={results}"]) == 0
    return made(results)


@pytest.fixture(scope="module")
def runs():
    """Replication 0 under both policies, with all visits."""
    return [
        simulate(load([*TINY, f"policy={p}", "record=visits"]), replication_seed(1, 0))
        for p in ("siloed", "integrated")
    ]


@pytest.fixture(scope="module")
def more(runs):
    """Difference of the restricted latencies by incident [s], from the tables that users get."""
    lived = []
    for run in runs:
        frame = run.incidents.to_pandas().set_index("incident")
        spent = frame["solved"].fillna(run.parameters.end) - frame["occurred"]
        lived.append(spent.clip(upper=run.parameters.restrict))
    return lived[1] - lived[0]


def test_the_incident_table_is_what_two_runs_give(folder, more):
    frame = pd.read_parquet(folder / "incidents.parquet").set_index("incident")
    pd.testing.assert_series_equal(
        frame["difference_hours"], more.loc[frame.index] / 3600, check_names=False
    )
    parts = frame[[f"{name}_hours" for name in CATEGORIES]].sum(axis=1)
    assert (parts - frame["difference_hours"]).abs().max() < 1e-9
    both = frame["latency_hours_integrated"] - frame["latency_hours_siloed"]
    assert (both - frame["difference_hours"]).abs().max() < 1e-9
    assert set(frame["tier"]) <= {"city", "district", "township", "grid"}


def test_counts_are_of_each_replication(folder, more):
    counts = pd.read_parquet(folder / "counts.parquet").query("replication == 0")
    found = counts.set_index("name")["value"]
    assert found["incidents"] == len(more)
    assert found["later.0"] == (more > 0).sum()
    assert found["sooner.1d"] == (more < -86400).sum()
    assert set(pd.read_csv(folder / "counts.csv")["replication"]) == {0, 1}


def test_the_summary_gives_shares_and_means_over_replications(folder, more):
    found = read_json(folder)
    later = pd.read_csv(folder / "counts.csv").pivot(index="replication", columns="name")["value"]
    share = (later["later.0"] / later["incidents"]).mean()
    assert found["share"]["later"]["0"]["mean"] == pytest.approx(share)
    loss = (later["sum.later"] / later["later.0"] / 3600).mean()
    assert found["hours"]["later"]["mean"] == pytest.approx(loss)
    assert found["hours"]["later"]["mean"] == pytest.approx(
        sum(entry["mean"] for entry in found["made_of"]["later"].values())
    )
    parts = [found["share"][c]["0"]["mean"] for c in ("sooner", "later")]
    assert sum(parts) + found["same_share"]["mean"] == pytest.approx(1)
    quantiles = pd.read_csv(folder / "quantiles.csv")
    assert quantiles["hours"].is_monotonic_increasing
    assert f"{100 * share:.1f} % later" in found["finding"]


def test_paths_are_those_of_the_worst_and_the_best_and_add_up(folder, runs, more):
    told = read_json(folder, "paths")
    ends = [(path["end"], path["place"]) for path in told]
    assert ends == [("worst", 0), ("worst", 1), ("best", 0), ("best", 1)]
    assert {path["incident"]: path["hours"] * 3600 for path in told[:2]} == pytest.approx(
        more.nlargest(2).to_dict()
    )
    assert told[2]["hours"] * 3600 == more.min()
    for path in told:
        assert sum(path["made_of"].values()) == pytest.approx(path["hours"], abs=1e-9)
        assert str(path["incident"]) in path["text"]
        for k, run in enumerate(runs):
            visits = run.visits.to_pandas().query(f"incident == {path['incident']} and report == 0")
            relays = (run.visit_columns["stage"][visits.index] == DISPATCH).sum()
            assert path["counts"]["relays"][k] == relays
    assert read_json(folder)["paths"] == [path["text"] for path in told]


def test_the_folder_has_all_its_files(folder):
    for name in (*TABLES, "figures/worse_off.svg", "config.yaml", "provenance.json"):
        assert (folder / name).stat().st_size, name
    assert not (folder / "failed.json").exists()


def test_called_again_it_measures_nothing_and_writes_the_same(folder, tmp_path, monkeypatch):
    (tmp_path / "points").symlink_to(folder.parent / "points")
    monkeypatch.setattr("experiments.incident_pairs.simulate", None)
    assert main(["counterfactual", *SMALL, f"results={tmp_path}"]) == 0
    for name in TABLES:
        assert (made(tmp_path) / name).read_bytes() == (folder / name).read_bytes(), name


def test_a_replication_that_fails_leaves_the_others(folder, tmp_path, monkeypatch):
    def broken(parameters, seed, progress):
        raise RuntimeError("a fault of ours")

    (tmp_path / "points").mkdir()
    for path in (folder.parent / "points").rglob("*.json"):
        held = json.loads(path.read_text("utf-8"))
        if held["point"]["seed"] == replication_seed(1, 1):
            copied = tmp_path / "points" / path.parent.name / path.name
            copied.parent.mkdir()
            copied.write_bytes(path.read_bytes())
    monkeypatch.setattr("experiments.incident_pairs.simulate", broken)
    with pytest.raises(FailedPointsError, match="1 of 2 points failed, the first by RuntimeError"):
        counterfactual([*SMALL, f"results={tmp_path}"])
    assert [f["replication"] for f in read_json(made(tmp_path), "failed")] == [0]
    assert read_json(made(tmp_path))["replications"] == 1
    assert set(pd.read_csv(made(tmp_path) / "counts.csv")["replication"]) == {1}


def test_without_any_replication_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.incident_pairs.simulate", None)
    with pytest.raises(FailedPointsError, match="1 of 1 points failed"):
        counterfactual([*TINY, "replications=1", f"results={tmp_path}"])
    assert read_json(made(tmp_path))["finding"].startswith("Nothing is known")
    assert not (made(tmp_path) / "figures").exists()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("policies=[siloed]", "policies: ['siloed']; allowed: two"),
        ("counterfactual.told=26", "counterfactual.told: 26; allowed: 0 to 25"),
        ("counterfactual.fewest=0", "counterfactual.fewest: 0; allowed: 1 to"),
        ("horizon.followup_days=0", "horizon.followup_days: 0; allowed: 1 or more"),
    ],
)
def test_wrong_settings_are_refused_before_the_first_run(override, message, tmp_path, capsys):
    assert main(["counterfactual", *TINY, override, f"results={tmp_path}"]) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.rglob("*.json"))
