"""`guantong sweep`: tables, intervals, failures; and a kill, after which it goes on."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.intervals import paired_interval
from experiments.cli import main
from experiments.compare import replication_seed
from experiments.one_run import simulate
from experiments.sweep import FailedPointsError, sweep
from scenarios.load import load
from tests.commands import read_json
from tests.conftest import TINY

pytestmark = pytest.mark.usefixtures("undrawn")

ROOT = Path(__file__).resolve().parent.parent
KEY = "staff.target_utilisation"
SMALL = [*TINY, "replications=2", "policies=[siloed,integrated]"]
GRID = [*SMALL, f"sweep.over={{{KEY}: [0.6, 0.8]}}"]
LATENCY = "closure_latency_mean_hours"
TABLES = ("points.parquet", "points.csv", "differences.parquet", "differences.csv", "summary.json")


def made(results: Path) -> Path:
    (folder,) = results.glob("sweep-*")
    return folder


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in TABLES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    results = tmp_path_factory.mktemp("results")
    assert main(["sweep", *GRID, f"results={results}"]) == 0
    return made(results)


# --- what is in the folder --------------------------------------------------------------------


def test_every_point_policy_replication_and_measure_has_a_row(folder):
    frame = pd.read_parquet(folder / "points.parquet")
    assert list(frame) == ["point", KEY, "policy", "replication", "measure", "value"]
    assert not frame.duplicated(["point", "policy", "replication", "measure"]).any()
    assert len(frame) == 2 * 2 * 2 * frame["measure"].nunique()
    assert frame.groupby("point")[KEY].unique().map(list).to_dict() == {0: [0.6], 1: [0.8]}
    pd.testing.assert_frame_equal(frame, pd.read_csv(folder / "points.csv"), check_dtype=False)


def test_a_row_is_what_a_run_of_its_own_gives(folder):
    frame = pd.read_parquet(folder / "points.parquet")
    parameters = load([*TINY, f"{KEY}=0.6", "policy=integrated", "record=summary"])
    run = simulate(parameters, replication_seed(1, 1)).metrics()
    rows = frame.query("point == 0 and policy == 'integrated' and replication == 1")
    kept = rows.set_index("measure")["value"].replace(np.nan, None).to_dict()
    assert kept == run


def test_differences_are_paired_by_replication(folder):
    frame = pd.read_parquet(folder / "points.parquet")
    found = pd.read_parquet(folder / "differences.parquet")
    assert (found["policy"] == "integrated").all()
    for point in (0, 1):
        rows = frame[(frame["point"] == point) & (frame["measure"] == LATENCY)]
        a, b = (list(rows[rows["policy"] == p]["value"]) for p in ("siloed", "integrated"))
        (row,) = found[(found["point"] == point) & (found["measure"] == LATENCY)].itertuples()
        assert (row.difference, row.low, row.high) == paired_interval(a, b)
        assert (row.reference_mean, row.mean) == pytest.approx((np.mean(a), np.mean(b)))
        assert row.replications == 2


def test_the_summary_tells_the_finding_and_the_folder_has_its_figure(folder):
    found = read_json(folder)
    of_policy = found["policies"]["integrated"]
    differences = pd.read_csv(folder / "differences.csv").query(f"measure == '{LATENCY}'")
    assert of_policy["smallest"]["mean"] == differences["difference"].min()
    assert of_policy["largest"]["mean"] == differences["difference"].max()
    assert "integrated - siloed: lower at all 2 points" in found["finding"]
    for name in ("figures/sweep.png", "figures/sweep.svg", "config.yaml", "provenance.json"):
        assert (folder / name).is_file()
    assert not (folder / "failed.json").exists()


# --- stops ------------------------------------------------------------------------------------


def test_killed_and_called_again_it_writes_the_same_bytes(folder, tmp_path, capsys):
    many = [*GRID, "replications=60", "threads=1"]  # the last given holds
    child = subprocess.Popen(
        [sys.executable, "-m", "experiments.cli", "sweep", *many, f"results={tmp_path}"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    kill_when_kept(child, tmp_path, 4)
    before = set(kept(tmp_path))
    assert 4 <= len(before) < 120
    assert main(["sweep", *GRID, f"results={tmp_path}"]) == 0
    assert tables(made(tmp_path)) == tables(folder)
    assert before <= set(kept(tmp_path))
    assert "were kept from before" in capsys.readouterr().err


def kept(results: Path) -> list[Path]:
    return [p for p in (results / "points").rglob("*.json") if not p.name.startswith(".")]


def kill_when_kept(child: subprocess.Popen, results: Path, n: int) -> None:
    """Kill a process, as by kill -9, when it has kept so many points; or leave it if it ends."""
    until = time.monotonic() + 300
    while child.poll() is None and time.monotonic() < until:
        if len(kept(results)) >= n:
            child.send_signal(signal.SIGKILL)
        time.sleep(0.005)
    child.wait(10)


def test_points_that_fail_are_told_and_the_others_are_written(folder, tmp_path, capsys):
    over = f"sweep.over={{{KEY}: [0.6], city.weight: [50, 0.01]}}"
    given = ["sweep", *SMALL, over, f"results={tmp_path}"]
    assert main(given) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "guantong: 2 of 4 points failed, the first by InputError: " in error
    assert f"({KEY}=0.6 city.weight=0.01)" in error
    assert "the same command tries them again" in error
    failed = read_json(made(tmp_path), "failed")
    assert [(f["point"], f["replication"]) for f in failed] == [(1, 0), (1, 1)]
    assert failed[0]["settings"] == [f"{KEY}=0.6", "city.weight=0.01"]
    frame = pd.read_parquet(made(tmp_path) / "points.parquet")
    assert set(frame["point"]) == {0}
    assert (made(tmp_path) / "figures/sweep.png").is_file()


def test_from_python_failed_points_raise_an_error_with_the_folder(folder, tmp_path, monkeypatch):
    from experiments.study import measure

    def broken(parameters, seed, progress):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(measure, "simulate", broken)
    with pytest.raises(
        FailedPointsError, match=r"4 of 4 points failed, .* RuntimeError: a fault"
    ) as e:
        sweep([*GRID, f"results={tmp_path}"])
    assert e.value.path == made(tmp_path)
    assert "broken" in read_json(made(tmp_path), "failed")[0]["trace"]
    assert "not known at any point" in read_json(made(tmp_path))["finding"]
    assert pd.read_parquet(made(tmp_path) / "points.parquet").empty


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("sweep.over={staff.target_utilization: [0.6]}", "did you mean 'target_utilisation'"),
        (f"sweep.over={{{KEY}: [0.6, 2]}}", f"{KEY}: 2.0; allowed: 0.01 to 1"),
        ("scenario=flod,none", "scenario: 'flod' is not there; allowed: "),
        ("sweep.design=cube", "sweep.design: 'cube'; allowed: grid, lhs"),
        ("executor.kind=magic", "executor.kind: 'magic'; allowed: threads, processes, dask"),
    ],
)
def test_wrong_settings_are_refused_before_the_first_run(override, message, tmp_path, capsys):
    given = [*SMALL, f"{KEY}=0.6,0.8"] if "over" not in override else SMALL
    assert main(["sweep", *given, override, f"results={tmp_path}"]) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.rglob("*.json"))


def test_a_metric_that_is_not_measured_is_named_with_the_nearest(tmp_path, capsys):
    given = [*SMALL, "policies=[siloed]", f"{KEY}=0.6", f"sweep.over={{{KEY}: [0.6]}}"]
    assert main(["sweep", *given, "sweep.metric=on_tim_share", f"results={tmp_path}"]) == 1
    error = capsys.readouterr().err
    assert "sweep.metric: 'on_tim_share' (did you mean 'on_time_share'?); allowed: inc" in error
    assert [path.name for path in tmp_path.iterdir()] == ["points"]
