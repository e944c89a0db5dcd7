"""A log in the model's terms."""

import numpy as np
import pytest

from experiments.fit.mapping import Mapping, mapping_of
from experiments.fit.stages import InModel, kind_named
from tests.logs import found_in, part_of, stamp, write

AVAILABLE = (0.7, 0.5, 0.3, 0.1)
HEADER = ("case", "activity", "timestamp", "tier", "worked", "retyping", "kind", "branch")


@pytest.fixture
def model(tmp_path, siloed):
    rows = []
    for c in range(80):
        rows.append([c, "受理", stamp(c * 3600), "city", 600, 100, "暴露垃圾", 0])
        rows.append([c, "处置", stamp(c * 3600 + 60), "township", 1000, 0, "", 0])
        rows.append([c, "处置", stamp(c * 3600 + 90), "grid", 1000, 0, "", 2])
        rows.append([c, "cook", stamp(c * 3600 + 99), "kitchen", 1000, 0, "", 0])
    part = part_of(write(tmp_path / "log.csv", rows, HEADER))
    return InModel(part, found_in(part), Mapping(), siloed.catalogue, AVAILABLE)


def test_hands_on_work_is_seat_time_less_retyping_times_availability(model):
    assert model.hands_on[:3].tolist() == pytest.approx([500 * 0.7, 1000 * 0.3, 1000 * 0.1])
    assert np.isnan(model.hands_on[3])  # of a tier that the model has not


def test_stages_kinds_and_leads(model):
    assert model.stage[:4].tolist() == [0, 4, 4, -1]
    assert model.mapped == 0.75
    assert (model.kind == model.catalogue.kinds.index("sanitation")).all()
    assert model.lead[:4].tolist() == [True, True, False, True]


@pytest.mark.parametrize("text", ["sanitation", "暴露垃圾", "exposed Rubbish"])
def test_kinds_go_by_key_and_names(text, siloed):
    assert kind_named(Mapping(), siloed.catalogue, text) == "sanitation"
    own = mapping_of({"kinds": {"X": "fire", "Y": "none such"}})
    assert kind_named(own, siloed.catalogue, "X") == "fire"
    assert kind_named(own, siloed.catalogue, "Y") is None
    assert kind_named(own, siloed.catalogue, text) is None
