"""`guantong sensitivity`: what the stages find of a known difference, and the command itself."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.intervals import paired_interval
from experiments.cli import main
from experiments.compare import replication_seed
from experiments.one_run import simulate
from experiments.sensitivity import Stages, noise
from experiments.sensitivity_report import sentence, summary, tables
from experiments.space import space_of
from scenarios.load import load
from tests.commands import read_json
from tests.conftest import TINY

pytestmark = pytest.mark.usefixtures("undrawn")

LATENCY = "closure_latency_mean_hours"
COORDINATION, JOINT = "mechanism.coordination_hours", "integrated.levers.joint"


# --- a known difference -----------------------------------------------------------------------


class Known:
    """Differences that are -30, 40 at the high end of coordination, and more with less joint work
    (a lever of 0.4 to 1); every other assumption is idle. Replications differ by chance."""

    def __init__(self, replications=3, fails=lambda row: False, chance=0.5):
        self.replications, self.fails, self.chance = replications, fails, chance
        self.random = np.random.default_rng(7)

    def at(self, stage, rows, more=None):
        values = np.zeros((len(rows), self.replications, 2))
        for i, row in enumerate(rows):
            coordination, joint = row.get(COORDINATION, 3 / 7), row.get(JOINT, 0.5)
            mean = -60 + 70 * coordination + 50 * (0.5 - joint)
            errors = self.random.normal(0, self.chance, self.replications)
            values[i, :, 1] = np.nan if self.fails(row) else mean + errors
        return values


GROUPS = ["coordination", "detection", "outages", "joint work of the second"]


def stages(runs, *overrides):
    settings = load(
        [*TINY, "sensitivity.trajectories=8", "sensitivity.samples=64", *overrides]
    ).settings
    space = space_of(TINY, settings, GROUPS, "sensitivity")
    return Stages(runs, space, settings), settings


@pytest.fixture(scope="module")
def known():
    ran, settings = stages(Known())
    return ran, ran.run(), settings


def test_the_groups_that_matter_are_told_from_the_idle_ones(known):
    _, found, _ = known
    assert [effect.name for effect in found.effects[:2]] == [
        "coordination",
        "joint work of the second",
    ]
    assert found.told_apart == ["coordination", "joint work of the second"]
    coordination, joint = found.effects[:2]
    assert coordination.low <= 70 <= coordination.high + 1
    assert joint.mu_star == pytest.approx(50, rel=0.05)


def test_shares_of_variance_are_those_of_a_sum(known):
    _, found, _ = known
    first, second = found.shares
    expected = 70**2 / (70**2 + 50**2)
    assert (first.name, second.name) == ("coordination", "joint work of the second")
    assert first.first_low <= expected <= first.first_high
    assert first.total == pytest.approx(expected, abs=0.15)
    assert second.total == pytest.approx(1 - expected, abs=0.15)


def test_only_what_matters_is_swung_and_each_lever_is_followed(known):
    _, found, _ = known
    assert {swing.name for swing in found.swings} == {
        found.space.factors[key].name
        for key, group in found.space.groups.items()
        if group in ("coordination", "joint work of the second")
    }
    widest = found.swings[0]
    assert (widest.name, widest.is_distinguishable) == (COORDINATION, True)
    assert widest.change[0] == pytest.approx(70, abs=2)
    turn = found.turns["integrated: levers.joint"]
    assert turn.verdict == "below"  # -30 at its most: 50 * 0.5 - 30 = -5
    assert "integrated: levers.pooling" in found.turns


def test_the_sentence_names_them_and_counts_the_others(known):
    _, found, settings = known
    said = sentence(found, settings)
    assert said.startswith("Closure latency, restricted mean (h), integrated - siloed: as assumed ")
    assert "The conclusion rests on coordination (" in said
    assert "2 of 4 groups cannot be told apart from zero." in said
    assert "Alone, mechanism.coordination_hours at its high end turns the sign." in said
    assert "No lever of integrated turns the sign within its range." in said
    told_apart = [effect._replace(is_distinguishable=True) for effect in found.effects]
    with_all = replace(found, effects=told_apart)
    assert "all of the 4 groups looked at can be told apart from zero." in sentence(
        with_all, settings
    )
    made = summary(found, settings)
    assert made["finding"] == said
    assert made["not_distinguishable"] == [e.name for e in found.effects[2:]]
    assert made["left_out"] == {"morris": 0, "sobol": 0}


def test_tables_hold_every_point_and_stage(known):
    ran, found, _ = known
    points = ran.tables["points"]
    n = 3
    assert points["stage"].value_counts().to_dict() == {
        "as assumed": n,
        "morris": n * 8 * 5,
        "sobol": n * 64 * 4,
        "swings": n * 2 * len(found.swings),
        "break_even": n * 5 * len(found.turns),
    }
    made = tables(found)
    assert list(made) == ["morris", "sobol", "swings", "break_even"]
    assert list(made["morris"]["group"]) == [effect.name for effect in found.effects]
    assert set(made["break_even"]["verdict"]) == {"below"}
    row = made["swings"].iloc[0]
    assert (row["assumption"], row["low_end"], row["high_end"]) == (COORDINATION, 8.0, 120.0)


def test_a_lever_that_turns_the_sign_is_told_with_where():
    class Turning(Known):
        def at(self, stage, rows, more=None):
            values = super().at(stage, [{}] * len(rows))
            for i, row in enumerate(rows):
                values[i, :, 1] += 30 + 60 * (0.75 - row.get(JOINT, 0.5))  # 0 at three quarters
            return values

    ran, settings = stages(Turning(chance=0.1), "sensitivity.stages=[break_even]")
    found = ran.run()
    turn = found.turns["integrated: levers.joint"]
    assert turn.verdict == "crosses"
    assert turn.at == pytest.approx(0.4 + 0.75 * 0.6, abs=0.01)
    assert turn.low < turn.at < turn.high
    assert not found.effects
    assert "integrated: levers.joint breaks even at 0.85 (0.8" in sentence(found, settings)


def test_without_its_points_a_trajectory_is_left_out_and_told():
    runs = Known(fails=lambda row: row.get("mechanism.outage.hours", 0) > 0.9)
    ran, settings = stages(runs, "sensitivity.stages=[morris,sobol]", "sensitivity.keep=2")
    found = ran.run()
    kept, of = found.kept["morris"]
    assert 2 <= kept < of == 8
    assert found.told_apart == ["coordination", "joint work of the second"]
    assert f"{of - kept} of 8 trajectories of Morris are left out" in sentence(found, settings)
    assert summary(found, settings)["left_out"]["morris"] == of - kept


def test_where_nothing_has_a_value_it_says_so():
    ran, settings = stages(Known(fails=lambda row: True))
    found = ran.run()
    said = sentence(found, settings)
    assert "as assumed -." in said
    assert "not known: too few points have a value" in said
    assert all(turn is None for turn in found.turns.values())
    assert "No lever" not in said
    assert set(tables(found)["break_even"]["verdict"]) == {"not known"}


def test_noise_is_the_standard_error_of_an_outcome():
    random = np.random.default_rng(3)
    shared = random.normal(0, 5, (4000, 1, 4))  # the same at both ends of a change
    outcomes = shared + random.normal(0, 2, (4000, 2, 4))
    assert noise(outcomes[:, 1] - outcomes[:, 0]) == pytest.approx(2 / math.sqrt(4), rel=0.03)


# --- the command ------------------------------------------------------------------------------

SMALL = [
    *TINY,
    "sensitivity.only=[coordination,joint work of the second]",
    "sensitivity.trajectories=2",
    "sensitivity.steps=2",
    "sensitivity.stages=[morris,swings,break_even]",
    "threads=1",
]
TABLES = ("points", "design", "morris", "break_even")


def made(results):
    (folder,) = results.glob("sensitivity-*")
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    results = tmp_path_factory.mktemp("results")
    assert main(["sensitivity", *SMALL, f"results={results}"]) == 0
    return results


def test_a_point_is_what_plain_runs_give(results):
    folder = made(results)
    points = pd.read_parquet(folder / "points.parquet")
    design = pd.read_parquet(folder / "design.parquet")
    of_lever = design[(design["stage"] == "break_even") & (design["assumption"] == JOINT)]
    low = of_lever.loc[of_lever["share"] == 0.0].iloc[0]
    assert low["value"] == 0.4
    rows = points[(points["stage"] == "break_even") & (points["point"] == low["point"])]
    own = {"siloed": [], "integrated": ["policy.levers.joint=0.4"]}
    by_policy = {}
    for policy, more in own.items():
        parameters = load([*TINY, f"policy={policy}", "record=summary", *more])
        runs = (simulate(parameters, replication_seed(1, r)) for r in range(2))
        by_policy[policy] = [run.metrics()[LATENCY] for run in runs]
        assert list(rows[policy]) == by_policy[policy]
    base = points[points["stage"] == "as assumed"]
    assert list(base["siloed"]) == by_policy["siloed"]
    found = read_json(folder)["as_assumed"]
    assert (found["mean"], *found["ci95"]) == paired_interval(base["siloed"], base["integrated"])


def test_the_folder_is_whole(results):
    folder = made(results)
    assert "integrated - siloed: as assumed -" in read_json(folder)["finding"]
    for name in ("config.yaml", "provenance.json"):
        assert (folder / name).is_file()
    for name in TABLES:
        frame = pd.read_parquet(folder / f"{name}.parquet")
        pd.testing.assert_frame_equal(
            frame, pd.read_csv(folder / f"{name}.csv", keep_default_na=True), check_dtype=False
        )
    swung = read_json(folder)["rests_on"]
    assert (folder / "figures/tornado.png").is_file() == bool(swung)


def test_called_again_it_computes_nothing_and_writes_the_same(
    results, tmp_path, monkeypatch, capsys
):
    from experiments.study import measure

    def never(parameters, seed, progress):
        raise AssertionError("computed a second time")

    monkeypatch.setattr(measure, "simulate", never)
    before = made(results)
    assert main(["sensitivity", *SMALL, f"results={results}"]) == 0
    (again,) = set(results.glob("sensitivity-*")) - {before}
    for name in (*(f"{table}.parquet" for table in TABLES), "points.csv", "summary.json"):
        assert (again / name).read_bytes() == (before / name).read_bytes()
    assert "were kept from before" in capsys.readouterr().err
    for path in again.rglob("*"):
        if path.is_file():
            path.unlink()


def test_failed_points_are_told_and_all_is_written(tmp_path, monkeypatch, capsys):
    from experiments.study import measure

    def broken(parameters, seed, progress):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(measure, "simulate", broken)
    given = ["sensitivity", *SMALL, "sensitivity.stages=[break_even]", f"results={tmp_path}"]
    assert main(given) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "points failed, the first by RuntimeError: a fault of ours (as assumed point 0)" in error
    failed = read_json(made(tmp_path), "failed")
    assert failed[-1]["settings"][0] == "break_even"
    assert "assumptions={integrated.levers." in failed[-1]["overrides"][-1]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("sensitivity.only=[detecton]", "sensitivity.only: 'detecton' (did you mean 'detection'?)"),
        ("sensitivity.stages=[moris]", "sensitivity.stages: 'moris' (did you mean 'morris'?)"),
        ("sensitivity.samples=24", "sensitivity.samples: 24; allowed: 4, 8, 16 or another power"),
        ("sensitivity.replications=1", "sensitivity.replications: 1; allowed: 2 to"),
        ("policies=[siloed]", "policies: ['siloed']; allowed: two"),
        ("sensitivity.only=[coordination]", "1 factors or groups; allowed: 2 or more"),
    ],
)
def test_wrong_settings_are_refused_before_the_first_run(override, message, tmp_path, capsys):
    assert main(["sensitivity", *SMALL, override, f"results={tmp_path}"]) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.rglob("*.json"))
