"""The log's incidents as a trace."""

import numpy as np
import pytest

from experiments.fit.mapping import Mapping
from experiments.fit.replay import replay
from experiments.fit.stages import InModel
from sim.units import DAY
from tests.logs import HEADER, fit_settings, found_in, part_of, simple, stamp, write


def replayed(path, siloed, seed=1, **changed):
    part = part_of(path)
    model = InModel(part, found_in(part), Mapping(), siloed.catalogue, (0.7, 0.5, 0.3, 0.1))
    return replay(model, siloed.city, fit_settings(**changed), seed)


def log(folder, places, header=("grid",), days=20):
    rows = [
        [f"c{i}", name, stamp(i * days * DAY // len(places) + k * 600), *place]
        for i, place in enumerate(places)
        for k, name in enumerate(("register", "dispose"))
    ]
    return write(folder / "log.csv", rows, ("case", "activity", "timestamp", *header))


def test_grids_go_by_number_code_and_name(tmp_path, siloed):
    names = ["5", "A1/3", "Qingshi, Hewan Subdistrict grid 2", "nowhere", "A1/9", "99"]
    found = replayed(log(tmp_path, [[n] for n in names * 10]), siloed)
    grid = found.table["grid"].to_numpy()
    assert grid[:3].tolist() == [5, 2, 5]
    assert found.given["grid"] == 30
    assert set(grid) <= set(range(12))


def test_a_township_has_any_of_its_grids(tmp_path, siloed):
    found = replayed(log(tmp_path, [["钟楼街道"]] * 100, ("township",)), siloed)
    assert set(found.table["grid"]) == set(range(4))
    assert found.given["grid"] == 0


def test_without_a_place_they_go_by_residents(tmp_path, siloed):
    found = replayed(log(tmp_path, [["fire"]] * 2000, ("kind",)), siloed, replay_days=60)
    of = siloed.city.grid_township[found.table["grid"].to_numpy()]
    kind = siloed.catalogue.kinds.index("fire")
    rate = siloed.catalogue.landscape[kind, siloed.city.township_landscape]
    shares = rate * siloed.city.township_population
    assert np.bincount(of) / len(of) == pytest.approx(shares / shares.sum(), abs=0.04)
    assert (found.table["kind"] == "fire").all()


def test_what_is_drawn_goes_by_seed_and_case(tmp_path, siloed):
    path = log(tmp_path, [["x"]] * 200)
    one, same, other = (replayed(path, siloed, seed).table for seed in (1, 1, 2))
    assert one.equals(same)
    assert not one["severity"].equals(other["severity"])
    assert (one["occurred"] == other["occurred"]).all()


def test_the_end_of_the_log_is_the_cohort_after_a_warm_up(tmp_path, siloed):
    path = log(tmp_path, [["1"]] * 300, days=60)
    found = replayed(path, siloed, replay_days=20, replay_warmup_days=10)
    assert (found.cohort_days, found.warmup_days) == (20, 10)
    assert (np.datetime64(found.start) - np.datetime64("2024-10-14")).astype(int) == 30
    assert len(found.table) == 150
    short = replayed(log(tmp_path, [["1"]] * 60, days=5), siloed)
    assert (short.cohort_days, short.warmup_days) == (5, 0)


def test_disposals_are_freed_of_what_the_model_adds_by_kind(tmp_path, siloed):
    found = replayed(write(tmp_path / "log.csv", simple(200), HEADER), siloed)
    kinds = found.table["kind"].unique().tolist()
    free = found.freed({kinds[0]: 0.5})
    of = found.table["kind"] == kinds[0]
    before, after = (t.table["dispose_s"].to_numpy(float) for t in (found, free))
    assert after[of] == pytest.approx(before[of] / 2, abs=0.5)
    assert (after[~of] == before[~of]).all()
    assert free.trace().columns.equals(found.trace().columns)
