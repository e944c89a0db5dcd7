"""The main job on a small city: its folder, its numbers, its words."""

from pathlib import Path

import pandas as pd
import pytest

from experiments import split_text
from experiments.cli import main
from experiments.compare import headline, replication_seed
from experiments.console import LABELS
from tests.commands import folder_made, read_json

pytestmark = pytest.mark.usefixtures("undrawn")

QUICK = ["city=tiny", "horizon=short", "replications=3", "staff.pilot_incidents=5000"]
PUBLISHED = [
    "throughput_per_day",
    "goodput_per_day",
    "closure_latency_mean_hours",
    "closure_latency_p50_hours",
    "closure_latency_p90_hours",
    "closure_latency_p95_hours",
    "closure_latency_p99_hours",
    "paper_latency_mean_hours",
    "paper_latency_p50_hours",
    "paper_latency_p90_hours",
    "on_time_share",
    "open_at_end",
    "handovers_mean",
    "returns_mean",
    "reworked_share",
    "escalated_share",
    "utilisation_city",
    "utilisation_district",
    "utilisation_township",
    "utilisation_grid",
    "staff_hours",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("compare")
    return folder_made(root, "compare", *QUICK, "policies=[siloed,integrated,paper]")


def test_the_folder_is_whole(folder):
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    for figure in (
        *("survival", "time_use", "backlog", "split", "lorenz"),
        "district_map_integrated",
    ):
        assert {f"figures/{figure}.png", f"figures/{figure}.svg"} <= names
    assert {"config.yaml", "provenance.json", "summary.json", "metrics.parquet"} <= names
    assert {"by_district.parquet", "by_kind.parquet", "time_account.parquet"} <= names
    assert "split.parquet" in names


def test_the_summary_has_the_published_form(folder):
    metrics = read_json(folder)["metrics"]
    assert set(PUBLISHED) <= set(metrics)
    for row in metrics.values():
        assert set(row) == {"siloed", "integrated", "paper", "difference", "differences"}
        for entry in (row["siloed"], row["difference"], row["differences"]["paper"]):
            assert set(entry) == {"mean", "ci95"}
            assert len(entry["ci95"]) == 2


def test_differences_are_policy_minus_the_first_named(folder):
    row = read_json(folder)["metrics"]["handovers_mean"]
    expected = row["integrated"]["mean"] - row["siloed"]["mean"]
    assert row["difference"]["mean"] == pytest.approx(expected)
    assert row["difference"]["mean"] < 0  # direct dispatch has fewer hand-overs


def test_every_policy_meets_the_same_incidents(folder):
    table = pd.read_parquet(folder / "metrics.parquet")
    drawn = table[table.metric == "incidents"].pivot(
        index="replication", columns="policy", values="value"
    )
    assert (drawn.nunique(axis=1) == 1).all()
    assert drawn["siloed"].nunique() > 1  # and another world in each replication


def test_every_policy_is_paid_the_same_hours(folder):
    table = pd.read_parquet(folder / "metrics.parquet")
    paid = table[table.metric == "staff_hours"].groupby("policy").value.mean()
    seat_round_the_clock = 67  # the dearest seat-shift [h a week]
    assert paid.max() - paid.min() < seat_round_the_clock


def test_the_same_command_gives_the_same_numbers(folder, tmp_path):
    again = ["policies=[siloed,integrated,paper]", "threads=1"]
    made = folder_made(tmp_path, "compare", *QUICK, *again)
    assert (made / "summary.json").read_text() == (folder / "summary.json").read_text()


def test_the_difference_is_split_for_every_further_policy(folder):
    summary = read_json(folder)
    metrics, split = summary["metrics"], summary["split"]
    latency = metrics["closure_latency_mean_hours"]
    assert list(split["policies"]) == ["integrated", "paper"]
    for name, row in (
        ("integrated", latency["difference"]),
        ("paper", latency["differences"]["paper"]),
    ):
        part = split["policies"][name]
        total = part["settings"]["base"]["total"]["difference"]
        assert total["mean"] == pytest.approx(row["mean"])
        assert total["ci95"] == pytest.approx(row["ci95"])
        arithmetic = part["settings"]["unlimited"]["total"]["difference"]["mean"]
        assert arithmetic + part["found"]["total"]["mean"] == pytest.approx(row["mean"])
    assert 0 < split["numbers"]["assumed"] < split["numbers"]["all"]


def test_the_time_account_adds_up_to_the_mean(folder):
    table = pd.read_parquet(folder / "metrics.parquet")
    means = table[table.metric == "closure_latency_mean_hours"]
    expected = means.set_index(["policy", "replication"]).value
    account = pd.read_parquet(folder / "time_account.parquet")
    split = pd.read_parquet(folder / "split.parquet")
    for parts in (account, split[split.setting == "base"]):
        found = parts.groupby(["policy", "replication"]).hours.sum()
        pd.testing.assert_series_equal(found, expected, check_names=False, check_like=True)


def test_provenance_names_what_is_needed_to_repeat(folder):
    origin = read_json(folder, "provenance")
    assert origin["seeds"] == [replication_seed(1, r) for r in range(3)]
    for key in ("version", "commit", "fingerprint", "sources", "packages", "python", "command"):
        assert origin[key]


def test_the_last_line_printed_is_the_folder(tmp_path, capsys):
    made = folder_made(tmp_path, "compare", *QUICK)
    out = capsys.readouterr().out
    assert out.strip().splitlines()[-1] == f"results: {made}"
    for label in (*LABELS.values(), *split_text.LABELS.values()):
        assert label.strip() in out
    for words in (
        "Unlimited seats",
        "Control: no batches",
        "Staffed to 0.95",
        " are assumed, and ",
    ):
        assert words in out


def test_without_the_split_nothing_is_run_besides(tmp_path, capsys):
    made = folder_made(tmp_path, "compare", *QUICK, "split=none")
    assert set(pd.read_parquet(made / "split.parquet").setting) == {"base"}
    split = read_json(made)["split"]
    assert set(split) == {"policies"}
    out = capsys.readouterr().out
    assert "what the time is (h)" in out
    assert "arithmetic" not in out


def test_a_measure_that_is_not_defined_is_shown_as_a_dash(tmp_path, capsys):
    alone = ["city.district=B", "split=none", f"results={tmp_path}"]
    assert main(["compare", *QUICK, *alone]) == 0
    label = LABELS["district_latency_gini"]  # of one district there is none
    (row,) = (line for line in capsys.readouterr().out.splitlines() if label in line)
    assert row.replace(label, "").split() == ["-", "-", "-"]


def test_the_headline_says_sooner_later_or_neither():
    def metrics(mean, low, high):
        latency = {"difference": {"mean": mean, "ci95": [low, high]}}
        good = {"difference": {"mean": 1.0, "ci95": [0.0, 2.0]}}
        return {"closure_latency_mean_hours": latency, "goodput_per_day": good}

    policies = ["a", "b"]
    assert "b solves incidents 5.00 h sooner" in headline(metrics(-5.0, -6.0, -4.0), policies)
    assert "b solves incidents 5.00 h later" in headline(metrics(5.0, 4.0, 6.0), policies)
    assert "cannot be told apart" in headline(metrics(0.5, -1.0, 2.0), policies)
    assert "not defined" in headline(metrics(None, None, None), policies)


def test_seeds_of_two_studies_do_not_meet():
    seeds = [replication_seed(s, r) for s in (1, 2, 3) for r in range(1000)]
    assert len(set(seeds)) == len(seeds)
