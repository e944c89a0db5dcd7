"""`guantong attribute`: shares of a gain, held against plain runs of every coalition."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import shapley
from experiments import attribute as command
from experiments.attribute import SUMS_WITHIN, anew, attribute, split, sum_error
from experiments.cli import main
from experiments.compare import replication_seed
from experiments.one_run import simulate
from experiments.sweep import FailedPointsError
from scenarios.load import load
from sim.errors import InputError
from tests.commands import read_json
from tests.conftest import TINY

pytestmark = pytest.mark.filterwarnings("ignore:policy '")
METRIC = "closure_latency_mean_hours"
DISPATCH = "[levers.direct, levers.first_receiver, levers.return_limit]"
REST = "[stages, opening, discipline, levers.sensing, levers.shared_data, levers.merging, "
REST += "levers.verification, levers.supervision, levers.joint, levers.pooling]"
GROUPS = f"attribute.groups={{dispatch: {DISPATCH}, rest: {REST}}}"
SMALL = [*TINY, "replications=2", GROUPS]
TABLES = (
    *("coalitions.parquet", "coalitions.csv", "shares.parquet", "shares.csv", "summary.json"),
    *("figures/waterfall.png", "figures/waterfall.svg"),
)


def made(results: Path) -> Path:
    (folder,) = results.glob("attribute-*")
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    root = tmp_path_factory.mktemp("results")
    assert main(["attribute", *SMALL, f"results={root}"]) == 0
    return root


@pytest.fixture(scope="module")
def folder(results):
    return made(results)


def test_every_coalition_has_its_value_in_every_replication(folder):
    frame = pd.read_parquet(folder / "coalitions.parquet")
    assert list(frame) == ["dispatch", "rest", "replication", "value"]
    assert len(frame) == 4 * 2 == len(frame.drop_duplicates(list(frame)[:3]))
    pd.testing.assert_frame_equal(frame, pd.read_csv(folder / "coalitions.csv"), check_dtype=False)


@pytest.mark.parametrize(
    ("members", "overrides"),
    [
        ((), ["policy=siloed"]),
        (("dispatch", "rest"), ["policy=integrated"]),
        (
            ("dispatch",),
            [
                *("policy=siloed", "policy.levers.direct=0.95"),
                *("policy.levers.first_receiver=0.7", "policy.levers.return_limit=1"),
            ],
        ),
    ],
)
def test_a_coalition_is_what_a_run_of_its_own_gives(folder, members, overrides):
    frame = pd.read_parquet(folder / "coalitions.parquet")
    for name in ("dispatch", "rest"):
        frame = frame[frame[name] == (name in members)]
    parameters = load([*TINY, *overrides, "record=summary"])
    runs = [simulate(parameters, replication_seed(1, r)).metrics()[METRIC] for r in (0, 1)]
    assert frame.sort_values("replication")["value"].tolist() == runs


def test_shares_are_shapley_values_and_sum_to_the_whole(folder):
    frame = pd.read_parquet(folder / "coalitions.parquet")
    players = ["dispatch", "rest"]
    value = {
        tuple(rows): group.sort_values("replication")["value"].to_numpy()
        for rows, group in frame.groupby(players)
    }
    shares = pd.read_parquet(folder / "shares.parquet").set_index("group")
    for i, name in enumerate(players):
        own = np.zeros(2)  # by its definition, over both orders
        for order in ([0, 1], [1, 0]):
            before = [j in order[: order.index(i)] for j in range(2)]
            after = [b or j == i for j, b in enumerate(before)]
            own += (value[tuple(after)] - value[tuple(before)]) / 2
        found = shares.loc[name, ["replication_0", "replication_1"]].astype(float)
        assert found.to_numpy() == pytest.approx(own, abs=1e-12)
    whole = value[True, True] - value[False, False]
    for r in (0, 1):
        assert abs(shares[f"replication_{r}"].sum() - whole[r]) <= SUMS_WITHIN
    assert read_json(folder)["sum_error"] <= SUMS_WITHIN
    assert read_json(folder)["whole"]["mean"] == pytest.approx(whole.mean())


def test_the_folder_has_all_its_files(folder):
    for name in (*TABLES, "config.yaml", "provenance.json"):
        assert (folder / name).stat().st_size, name
    assert not (folder / "failed.json").exists()
    assert read_json(folder)["finding"].startswith("Of the ")


def test_called_again_it_computes_nothing_and_writes_the_same(folder, tmp_path, monkeypatch):
    (tmp_path / "points").symlink_to(folder.parent / "points")
    monkeypatch.setattr("experiments.study.measure.simulate", None)
    assert main(["attribute", *SMALL, f"results={tmp_path}"]) == 0
    for name in TABLES:
        assert (made(tmp_path) / name).read_bytes() == (folder / name).read_bytes(), name


def test_more_groups_than_can_be_exact_are_sampled(folder, tmp_path, monkeypatch):
    """Both orders of two being drawn equally often, the sampled shares are the exact ones."""
    (tmp_path / "points").symlink_to(folder.parent / "points")
    monkeypatch.setattr(shapley, "MOST_EXACT", 1)
    assert main(["attribute", *SMALL, f"results={tmp_path}", "attribute.orders=3"]) == 0
    exact, sampled = (read_json(f) for f in (folder, made(tmp_path)))
    assert (exact["orders"], sampled["orders"]) == (0, 6)
    for name, entry in exact["groups"].items():
        assert sampled["groups"][name]["share"] == pytest.approx(entry["share"], abs=1e-12)


def test_points_that_fail_are_told_and_the_shares_are_not_made_up(folder, tmp_path, monkeypatch):
    def broken(parameters, seed, progress):
        raise RuntimeError("a fault of ours")

    shutil.copytree(folder.parent / "points", tmp_path / "points")
    lost = pd.read_parquet(folder / "coalitions.parquet").query("rest and not dispatch")
    for path in (tmp_path / "points").rglob("*.json"):
        measured = json.loads(path.read_text("utf-8"))["measures"]["siloed"]
        if measured[METRIC] in set(lost["value"]):
            path.unlink()
    monkeypatch.setattr("experiments.study.measure.simulate", broken)
    with pytest.raises(FailedPointsError, match="2 of 8 points failed, the first by RuntimeError"):
        attribute([*SMALL, f"results={tmp_path}"])
    failed = read_json(made(tmp_path), "failed")
    assert [(f["coalition"], f["replication"]) for f in failed] == [(["rest"], 0), (["rest"], 1)]
    assert "not known" in read_json(made(tmp_path))["finding"]
    assert len(pd.read_parquet(made(tmp_path) / "coalitions.parquet")) == 3 * 2
    assert not (made(tmp_path) / "shares.parquet").exists()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("policies=[siloed,integrated,paper]", "policies: ['siloed', 'integrated', 'paper'];"),
        ("attribute.groups={a: [levers]}", "none holds stages.register.assigned"),
        ("attribute.orders=1", "attribute.orders: 1; allowed: 2 to"),
        ("attribute=lever", "attribute: 'lever' is not there; allowed: default, levers"),
        ("policies=[siloed,hybrid/rollout_core]", "'hybrid/rollout_core' has a rollout;"),
    ],
)
def test_wrong_settings_are_refused_before_the_first_run(override, message, tmp_path, capsys):
    assert main(["attribute", *TINY, override, f"results={tmp_path}"]) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.rglob("*.json"))


def test_a_metric_that_is_not_measured_is_named_after_one_run(tmp_path, capsys):
    given = [*SMALL, "attribute.metric=on_tim_share", f"results={tmp_path}"]
    assert main(["attribute", *given]) == 1
    error = capsys.readouterr().err
    assert "attribute.metric: 'on_tim_share' (did you mean 'on_time_share'?); allowed: inc" in error
    assert len(list(tmp_path.rglob("*.json"))) == 1


def test_a_metric_that_a_run_does_not_know_has_no_shares():
    values = {frozenset(): [1.0], frozenset("a"): [None]}
    with pytest.raises(InputError, match=r"attribute.metric: 'p99': a coalition lacks a value"):
        split(["a"], [], values, "p99")


def test_shares_that_miss_the_whole_are_an_error(monkeypatch):
    values = {frozenset(): [1.0, 2.0], frozenset("a"): [3.0, 5.0]}
    shares = split(["a"], [], values, "m")
    assert sum_error(shares) == 0.0
    wrong = shapley.Attribution(("a",), shares.shares + 1e-6, shares.whole, shares.low, shares.high)
    monkeypatch.setattr(command.shapley, "exact", lambda players, value: wrong)
    with pytest.raises(ArithmeticError, match="shares miss the whole by 1"):
        split(["a"], [], values, "m")


def test_groups_that_are_given_take_the_place_of_those_of_the_file():
    given = ["city=tiny", "attribute.groups={a: [levers]}", "attribute.orders=4"]
    assert anew(given) == [
        "city=tiny", "~attribute.groups", "+attribute.groups={a: [levers]}", "attribute.orders=4"
    ]  # fmt: skip
    assert load([*TINY, *anew(given)]).settings.attribute.groups == {"a": ["levers"]}
