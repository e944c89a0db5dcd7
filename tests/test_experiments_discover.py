"""`guantong discover`: what is found of a known part of a space, and the command itself."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.designs import latin_hypercube
from experiments.cli import main
from experiments.compare import replication_seed
from experiments.discover import _design, look, sample_of
from experiments.discover_report import draw, sentence, summary, tables
from experiments.one_run import simulate
from experiments.space import space_of
from scenarios.load import load
from tests.commands import read_json
from tests.conftest import TINY

LATENCY = "closure_latency_mean_hours"
COORDINATION, JOINT = "mechanism.coordination_hours", "integrated: levers.joint"
ONLY = ["coordination", "joint work of the second"]


# --- a known part of the space ----------------------------------------------------------------


@pytest.fixture(scope="module")
def settings():
    return load([*TINY, "discover.resamples=20"]).settings


@pytest.fixture(scope="module")
def space(settings):
    return space_of(TINY, settings, ONLY, "discover")


def planted(space, n=300, chance=0.5, replications=2, seed=5):
    """The second policy is worse by 2 where coordination is dear (above 75.2 h) and joint work
    rare (at most 0.7), and better by 3 elsewhere; chance differs by replication."""
    shares = latin_hypercube(n, len(space.factors), seed)
    at = dict(zip(space.factors, shares.T, strict=True))
    inside = (at[COORDINATION] > 0.6) & (at["integrated.levers.joint"] <= 0.5)
    random = np.random.default_rng(seed)
    values = np.full((n, replications, 2), 40.0)
    errors = random.normal(0, chance, (n, replications))
    values[..., 1] += np.where(inside, 2.0, -3.0)[:, None] + errors
    return shares, values


@pytest.fixture(scope="module")
def found(space, settings):
    shares, values = planted(space)
    return look(space, sample_of(space, shares, [], values, settings.discover), settings)


def test_the_part_where_it_is_worse_is_found_in_its_units(found):
    assert found.target == "worse"
    (judged,) = found.boxes
    limits = judged.box.limits
    assert set(limits) == {COORDINATION, JOINT}
    assert limits[COORDINATION][0] == pytest.approx(8 + 0.6 * 112, abs=3)
    assert limits[JOINT][1] == pytest.approx(0.4 + 0.5 * 0.6, abs=0.02)
    assert judged.box.density > 0.95
    assert judged.box.coverage > 0.95
    assert judged.density[0] <= judged.box.density <= judged.density[1] + 0.01
    assert found.returns > 0.9


def test_the_sentence_says_where_how_dense_and_how_stable(found, settings):
    said = sentence(found, settings)
    assert said.startswith(
        "In Closure latency, restricted mean (h), integrated is better than siloed "
        "in all of the space but where "
    )
    assert f"{COORDINATION} > 7" in said
    assert f"{JOINT} <= 0.7" in said
    assert "comes back in 100 % of resamples" in said
    made = summary(found, settings, 300)
    assert (made["finding"], made["known"], made["boxes_hold"]) == (said, 300, "worse")


def test_the_tree_agrees(found):
    worst = found.leaves[-1]
    assert worst.mean == pytest.approx(-2, abs=0.3)
    assert set(worst.limits) == {COORDINATION, JOINT}


def test_tables_hold_points_limits_and_leaves(found, settings):
    made = tables(found, settings)
    points = made["points"]
    assert list(points["difference"]) == pytest.approx(list(-points["score"]))
    assert (points["is_better"] == (points["score"] > 0)).all()
    assert points[COORDINATION].between(8, 120).all()
    boxes = made["boxes"]
    assert set(zip(boxes["column"], boxes["side"], strict=True)) == {
        (COORDINATION, "low"),
        (JOINT, "high"),
    }
    assert (boxes["p_value"] < 1e-6).all()
    assert (boxes["low"] <= boxes["limit"] + 5).all()
    assert made["tree"]["points"].sum() == 300


def test_the_figure_shows_the_two_most_restricting(found, settings, tmp_path):
    draw(tmp_path, found, settings)
    text = (tmp_path / "boxes.svg").read_text("utf-8")
    assert "coordination_hours" in text
    assert "levers.joint" in text
    assert (tmp_path / "limits.png").is_file()


def test_without_a_box_the_figure_shows_what_the_tree_names(found, settings, tmp_path):
    draw(tmp_path, replace(found, boxes=[], again=None), settings)
    text = (tmp_path / "boxes.svg").read_text("utf-8")
    assert "coordination_hours" in text
    assert "levers.joint" in text
    assert not (tmp_path / "limits.png").exists()


def test_labels_within_chance_are_told(space, settings):
    shares, values = planted(space, chance=4.0)
    sample = sample_of(space, shares, [], values, settings.discover)
    assert sample.error == pytest.approx(4 / np.sqrt(2), rel=0.1)
    assert sample.doubtful.mean() > 0.5
    noisy = look(space, sample, settings)
    k = int(sample.doubtful.sum())
    assert f"{k} of them all within chance" in sentence(noisy, settings)
    for judged in noisy.boxes:
        assert judged.density[1] - judged.density[0] > 0.02


def test_what_is_asked_may_be_an_amount_or_a_share_or_more_of_it(space):
    shares, values = planted(space, n=50, chance=0.0)
    score = {}
    for override in ("reach=1", "reduction=0.05", "better=higher"):
        asked = load([*TINY, f"discover.{override}"]).settings.discover
        score[override] = set(sample_of(space, shares, [], values, asked).mean.round(9))
    assert score == {"reach=1": {2.0, -3.0}, "reduction=0.05": {1.0, -4.0},
                     "better=higher": {-3.0, 2.0}}  # fmt: skip


@pytest.mark.parametrize(
    ("override", "shift", "target", "words"),
    [
        ("seed=1", -9.0, None, "is better than siloed in all of the space (100 points)."),
        ("seed=1", 9.0, None, "is better than siloed nowhere in it (100 points)."),
        ("discover.quantile=0.25", -9.0, "worst", "The worst 25 % of points lie where "),
        ("discover.quantile=0.25", 9.0, "best", "The best 25 % of points lie where "),
    ],
)
def test_all_or_none_of_interest_is_said_and_the_ends_looked_at(
    space, override, shift, target, words
):
    settings = load([*TINY, override, "discover.resamples=5"]).settings
    shares, values = planted(space, n=100, chance=0.1)
    values[..., 1] += shift
    # a slope, so that some points are the best and some the worst
    values[..., 1] += 5 * shares[:, list(space.factors).index(COORDINATION), None]
    found = look(space, sample_of(space, shares, [], values, settings.discover), settings)
    assert found.target == target
    assert words in sentence(found, settings)


def test_points_without_a_value_are_left_out(space, settings):
    shares, values = planted(space)
    values[::2, 1, 0] = np.nan
    sample = sample_of(space, shares, [], values, settings.discover)
    assert list(sample.place) == list(range(1, 300, 2))
    none = look(space, sample_of(space, shares, [], values * np.nan, settings.discover), settings)
    assert sentence(none, settings).endswith("siloed, is not known at any point.")
    assert tables(none, settings)["points"].empty


def test_scenarios_are_a_column_of_names(space):
    asked = load([*TINY, "discover.scenarios=[none,heat_wave]", "discover.points=40"])
    shares, names = _design(space, asked.settings.discover, 1)
    assert shares.shape == (40, len(space.factors))
    assert {name: names.count(name) for name in names} == {"none": 20, "heat_wave": 20}
    random = np.random.default_rng(0)
    values = np.full((40, 2, 2), 40.0)
    values[..., 1] += np.where(np.array(names) == "none", -3.0, 3.0)[:, None]
    values[..., 1] += random.normal(0, 0.1, (40, 2))
    sample = sample_of(space, shares, names, values, asked.settings.discover)
    found = look(space, sample, asked.settings)
    assert "only where scenario is none" in sentence(found, asked.settings)


# --- the command ------------------------------------------------------------------------------

SMALL = [
    *TINY,
    "discover.only=[coordination]",
    "discover.points=8",
    "discover.scenarios=[none,platform_outage]",
    "discover.quantile=0.4",
    "discover.resamples=2",
    "threads=1",
]


def made(results):
    (folder,) = results.glob("discover-*")
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    results = tmp_path_factory.mktemp("results")
    assert main(["discover", *SMALL, f"results={results}"]) == 0
    return results


def test_a_point_is_what_plain_runs_give(results):
    points = pd.read_parquet(made(results) / "points.parquet")
    assert list(points["point"]) == list(range(8))
    row = points[points["scenario"] == "platform_outage"].iloc[0]
    own = [f"{key}={float(row[key])!r}" for key in (COORDINATION, "mechanism.session_hours")]
    for policy in ("siloed", "integrated"):
        given = [*TINY, *own, "scenario=platform_outage", f"policy={policy}", "record=summary"]
        parameters = load(given)
        runs = [simulate(parameters, replication_seed(1, r)).metrics()[LATENCY] for r in range(2)]
        assert row[policy] == pytest.approx(np.mean(runs), rel=1e-12)


def test_called_again_it_computes_nothing_and_writes_the_same(results, monkeypatch, capsys):
    from experiments.study import measure

    def never(parameters, seed, progress):
        raise AssertionError("computed a second time")

    monkeypatch.setattr(measure, "simulate", never)
    before = made(results)
    assert "integrated is better than siloed" in read_json(before)["finding"]
    assert main(["discover", *SMALL, f"results={results}"]) == 0
    assert "16 of 16 points of the space were kept from before" in capsys.readouterr().err
    (again,) = set(results.glob("discover-*")) - {before}
    for name in ("points.parquet", "boxes.csv", "tree.csv", "summary.json"):
        assert (again / name).read_bytes() == (before / name).read_bytes()


def test_failed_points_are_told_and_all_is_written(tmp_path, monkeypatch, capsys):
    from experiments.study import measure

    def broken(parameters, seed, progress):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(measure, "simulate", broken)
    assert main(["discover", *SMALL, f"results={tmp_path}"]) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "16 of 16 points failed, the first by RuntimeError: a fault of ours" in error
    assert "is not known at any point" in read_json(made(tmp_path))["finding"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("discover.only=[detecton]", "discover.only: 'detecton' (did you mean 'detection'?)"),
        ("discover.design=cube", "discover.design: 'cube'; allowed: lhs, sobol"),
        ("discover.scenarios=[none,none]", "allowed: different names"),
        ("discover.scenarios=[flod]", "scenario: 'flod' is not there; allowed: "),
        ("policies=[siloed]", "policies: ['siloed']; allowed: two"),
    ],
)
def test_wrong_settings_are_refused_before_the_first_run(override, message, tmp_path, capsys):
    assert main(["discover", *SMALL, override, f"results={tmp_path}"]) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.rglob("*.json"))
