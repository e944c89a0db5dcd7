"""`guantong rollout`: tables that agree with runs of their own, the sentence, what is kept."""

import numpy as np
import pandas as pd
import pytest

from analysis.intervals import paired_interval
from experiments.cli import main
from experiments.compare import replication_seed
from experiments.one_run import simulate
from experiments.study import point
from scenarios.load import load
from tests.commands import read_json
from tests.conftest import TINY

MINE = "rollout.futures={mine: {to: integrated, city_after: 2, waves: [{after: 1, share: 0.5}]}}"
SMALL = [*TINY, "replications=2", MINE, "rollout.only=[nobody,mine]"]
LATENCY = "closure_latency_mean_hours"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return folder_of(tmp_path_factory.mktemp("results"), *SMALL, "rollout.check=true")


def folder_of(results, *overrides):
    assert main(["rollout", *overrides, f"results={results}"]) == 0
    (made,) = results.glob("rollout-*")
    return made


def test_a_future_is_a_run_of_its_own_plan(folder):
    """Written as a rollout of the policy, with dates; the look at the fork is not in it."""
    frame = pd.read_parquet(folder / "futures.parquet")
    waves = "policy.rollout.waves=[{from: '2024-10-18', share: 0.5}]"
    own = [waves, "policy.rollout.to=integrated", "policy.rollout.city_from='2024-10-19'"]
    run = simulate(load([*TINY, "record=summary", *own]), replication_seed(1, 1))
    rows = frame[(frame["future"] == "mine") & (frame["replication"] == 1)]
    metrics = rows[rows["what"] == "metric"].set_index("name")["value"]
    for name in (LATENCY, "incidents", "open_at_end", "staff_hours", "goodput_per_day"):
        assert metrics[name] == run.metrics()[name]


def test_differences_are_paired_by_replication(folder):
    frame = pd.read_parquet(folder / "futures.parquet")
    values = frame[(frame["what"] == "metric") & (frame["name"] == LATENCY)]
    by_future = {name: list(part["value"]) for name, part in values.groupby("future")}
    expected = paired_interval(by_future["nobody"], by_future["mine"])
    rows = pd.read_parquet(folder / "differences.parquet").set_index(["future", "measure"])
    found = rows.loc[("mine", LATENCY)]
    assert tuple(found[["difference", "low", "high"]]) == pytest.approx(expected, rel=1e-12)
    assert (rows.loc["nobody"]["difference"].dropna() == 0).all()


def test_the_past_is_common(folder):
    frame = pd.read_parquet(folder / "futures.parquet")
    open_ = frame[frame["what"] == "open"].astype({"name": int})
    table = open_.pivot(index=["replication", "name"], columns="future", values="value")
    unlike = table["mine"] != table["nobody"]
    assert unlike.any()
    assert unlike[unlike].index.get_level_values("name").min() >= 3  # the fork's day
    assert len(table) == 2 * load(TINY).n_days


def test_the_summary_tells_dates_days_and_the_check(folder):
    found = read_json(folder)
    assert found["fork"] == "2024-10-17"
    assert found["futures"]["mine"]["goes_over"] == [
        {"date": "2024-10-18", "districts": 1, "city": False},
        {"date": "2024-10-19", "districts": 0, "city": True},
    ]
    assert found["futures"]["nobody"]["goes_over"] == []
    assert (found["days_run"], found["days_of_futures_run_in_full"]) == (3 + 2 * 11, 2 * 14)
    assert (found["forks_checked"], found["forks_that_differ"]) == (4, 0)
    assert "4 forks were held against runs from the beginning: all of them" in found["finding"]
    assert "saved 11 % of the days" in found["finding"]
    for name in ("open", "difference"):
        for kind in ("png", "svg"):
            assert (folder / "figures" / f"{name}.{kind}").stat().st_size > 1000


def test_replications_are_taken_up_again(tmp_path, monkeypatch):
    first = folder_of(tmp_path, *SMALL)
    before = (first / "futures.parquet").read_bytes()

    def never(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr(point, "_function", never)
    assert main(["rollout", *SMALL, "rollout.metric=open_at_end", f"results={tmp_path}"]) == 0
    (second,) = set(tmp_path.glob("rollout-*")) - {first}
    assert (second / "futures.parquet").read_bytes() == before
    assert read_json(second)["metric"] == "open_at_end"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("rollout.metric=latency", "rollout.metric: 'latency'"),
        ("rollout.only=[some]", "rollout.only: 'some'; allowed: nobody"),
        ("rollout.only=[nobody]", "rollout.only: nobody goes over"),
        ("clock=simpy", "clock: simpy; allowed where futures fork: compiled"),
    ],
)
def test_what_cannot_be_is_one_message(tmp_path, capsys, override, message):
    small = [*TINY, "replications=1", "rollout.only=[nobody,quarters]"]
    assert main(["rollout", *small, override, f"results={tmp_path}"]) == 1
    assert message in " ".join(capsys.readouterr().err.split())


def test_days_of_what_is_open_have_no_holes(folder):
    frame = pd.read_csv(folder / "futures.csv")
    assert not np.isnan(frame[frame["what"] == "open"]["value"]).any()
