"""The search for capacity on a small city: its folder, its numbers, its refusals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import load
from experiments.capacity import explore
from experiments.cli import main
from experiments.compare import replication_seed
from tests.commands import folder_made, read_json
from tests.conftest import TINY

pytestmark = pytest.mark.usefixtures("undrawn")

WEEKS = [*TINY, "horizon.warmup_days=7", "horizon.followup_days=24", "city.weight=150"]
QUICK = [
    *WEEKS,
    "capacity.volumes=[0.5,1,2]",
    "capacity.replications=2",
    "capacity.tolerance=0.05",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("capacity")
    return folder_made(root, "capacity", *QUICK, "policies=[siloed,integrated,paper]")


@pytest.fixture(scope="module")
def summary(folder):
    return read_json(folder)


@pytest.fixture(scope="module")
def curve(folder):
    return pd.read_parquet(folder / "curve.parquet")


def test_the_folder_is_whole(folder):
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    for figure in ("latency_by_volume", "goodput_by_volume"):
        assert {f"figures/{figure}.png", f"figures/{figure}.svg"} <= names
    assert {"config.yaml", "provenance.json", "summary.json"} <= names
    assert {"curve.parquet", "bottlenecks.parquet", "policies/paper.yaml"} <= names
    assert read_json(folder, "provenance")["seeds"] == [replication_seed(1, r) for r in range(2)]


def test_capacity_lies_where_growth_leaves_the_tolerance(summary, curve):
    for name, searches in summary["searches"].items():
        for r, one in enumerate(searches):
            runs = curve[(curve.policy == name) & (curve.replication == r)].sort_values("volume")
            growth = runs.set_index("volume").growth
            assert one["low"] < one["volume"] < one["high"]
            assert growth[one["low"]] <= 0.05 < growth[one["high"]]
            assert (growth[growth.index > one["low"]] > 0.05).all()
        mean = np.mean([one["volume"] for one in searches])
        assert summary["metrics"]["capacity"][name]["mean"] == pytest.approx(mean)
    row = summary["metrics"]["capacity"]
    apart = row["integrated"]["mean"] - row["siloed"]["mean"]
    assert row["difference"]["mean"] == pytest.approx(apart)
    assert "paper" in row["differences"]


def test_every_search_has_its_volumes_and_its_refinements(curve):
    for _, runs in curve.groupby(["policy", "replication"]):
        assert {0.5, 1, 2} < set(runs.volume)
        assert len(runs) == 3 + 2
        assert (runs.volume.diff().dropna() > 0).all()


def test_policies_meet_the_same_incidents_and_more_at_a_larger_volume(curve):
    at = curve[curve.volume.isin([0.5, 1, 2])]
    drawn = at.pivot(index=["replication", "volume"], columns="policy", values="incidents")
    assert (drawn.nunique(axis=1) == 1).all()
    for r in (0, 1):
        assert (drawn.loc[r].siloed.diff().dropna() > 0).all()


def test_staff_stays_as_planned(curve):
    assert (curve.groupby("policy").staff_hours.nunique() == 1).all()
    busy = curve[curve.replication == 0].groupby("policy").utilisation_district
    assert (busy.last() > 1.5 * busy.first()).all()


def test_capacity_in_incidents_is_that_in_volumes(summary):
    per_day = summary["incidents_per_day_at_volume_1"]
    row = summary["metrics"]
    expected = per_day * row["capacity"]["siloed"]["mean"]
    assert row["incidents_per_day"]["siloed"]["mean"] == pytest.approx(expected)


def test_knees_lie_between_the_smallest_volume_and_capacity(summary):
    for name, searches in summary["searches"].items():
        mean = summary["metrics"]["knee"][name]["mean"]
        if mean is not None:
            assert 0.5 < mean < max(one["volume"] for one in searches)


def test_bottlenecks_are_named(summary, folder):
    table = pd.read_parquet(folder / "bottlenecks.parquet")
    for name, found in summary["bottlenecks"].items():
        capacity = summary["metrics"]["capacity"][name]["mean"]
        assert found["lower_volume"] < capacity < found["volume"]
        shares = [kind["share"] for kind in found["kinds"]]
        assert sum(shares) == pytest.approx(1)
        assert shares == sorted(shares, reverse=True)
        mine = table[table.policy == name].set_index("desk")
        assert mine.full_at.min() > 0
        worst = found["desks"][0]
        assert mine.loc[worst["desk"], "name"] == worst["name"]
        assert mine.queue_growth.max() == pytest.approx(worst["queue_growth"])


def test_the_same_command_gives_the_same_numbers(folder, tmp_path):
    again = ["policies=[siloed,integrated,paper]", "threads=1"]
    made = folder_made(tmp_path, "capacity", *QUICK, *again)
    assert (made / "summary.json").read_text() == (folder / "summary.json").read_text()


def test_what_is_printed_ends_with_finding_and_folder(tmp_path, capsys):
    made = folder_made(tmp_path, "capacity", *QUICK, "replications=1", "policies=[siloed]")
    *_, finding, last = capsys.readouterr().out.strip().splitlines()
    assert finding.startswith("siloed carries ")
    assert "What gives way first is " in finding
    assert last.startswith(f"results: {tmp_path}")
    assert len(read_json(made, "provenance")["seeds"]) == 1


@pytest.mark.parametrize(
    ("volumes", "words"), [("[0.3,0.4]", "more than 0.4"), ("[6,8]", "less than 6")]
)
def test_a_capacity_outside_what_was_tried_is_a_bound(volumes, words, tmp_path, capsys):
    made = folder_made(tmp_path, "capacity", *QUICK, f"capacity.volumes={volumes}")
    assert f"siloed carries {words} times the planned volume, integrated {words}." in " ".join(
        capsys.readouterr().out.split()
    )
    row = read_json(made)["metrics"]
    assert row["capacity"]["siloed"] == {"mean": None, "ci95": [None, None]}
    assert row["knee"]["siloed"]["mean"] is None


def test_one_district_alone_has_its_own_incidents(tmp_path):
    made = folder_made(tmp_path, "capacity", *QUICK, "city.district=B", "replications=1")
    told = read_json(made)
    whole = load(WEEKS).rates.daily
    assert told["incidents_per_day_at_volume_1"] == pytest.approx(whole[1].sum())
    desks = pd.read_parquet(made / "bottlenecks.parquet")
    assert desks.name.str.contains("Baiyun").any()
    assert not desks.name.str.contains("Qingshi").any()


def test_progress_never_falls_and_ends_whole():
    shares = []
    explore(load(QUICK), 1, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(set(shares)) > 10


BAD = {
    "capacity.volumes=[]": "capacity.volumes: []; allowed: a list of numbers from 0.01 to 1000",
    "capacity.volumes=[1,0.5]": "capacity.volumes: [1.0, 0.5]; allowed: ",
    "capacity.volumes=[1,1]": "capacity.volumes: [1.0, 1.0]; allowed: ",
    "capacity.volumes=[0,1]": "capacity.volumes: [0.0, 1.0]; allowed: ",
    "capacity.tolerance=0": "capacity.tolerance: 0.0; allowed: 0.0001 to 1",
    "stream.volume=2": "stream.volume: 2; capacity sets it itself, by capacity.volumes; allowed: 1",
    "horizon.followup_days=9": "horizon.followup_days: 9; capacity compares whole weeks after the "
    "warm-up, and there are 13 days; allowed: 10 or more",
}


@pytest.mark.parametrize(("setting", "message"), BAD.items())
def test_bad_input_is_one_clear_message_and_leaves_nothing(setting, message, tmp_path, capsys):
    results = tmp_path / "results"
    assert main(["capacity", *QUICK, f"results={results}", setting]) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith(f"guantong: {message}")
    assert not results.exists() or not list(results.iterdir())


def test_a_trace_has_one_volume_only(tmp_path, capsys):
    path = Path(__file__).parents[1] / "conf/city/tiny/example_trace.csv"
    trace = ["stream=trace", f"stream.path={path}", f"results={tmp_path}"]
    assert main(["capacity", *WEEKS, *trace]) == 1
    error = capsys.readouterr().err
    assert "stream: trace; capacity changes how much occurs; allowed: generated" in error


def test_holidays_among_the_weeks_are_told_of(tmp_path, capsys):
    holidays = ["calendar=china", "horizon.start=2024-09-16", f"results={tmp_path}"]
    settings = [o for o in QUICK if not o.startswith("calendar=")]
    assert main(["capacity", *settings, *holidays, "policies=[siloed]", "replications=1"]) == 0
    error = " ".join(capsys.readouterr().err.split())
    # seven days of National Day, a Sunday at work before them and a Saturday after them
    assert "warning: horizon: 9 days after the warm-up are holidays" in error
