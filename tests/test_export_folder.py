"""Results folders: those not whole, of another version or without visits are told from others."""

import json
import shutil
import warnings

import pyarrow.parquet as pq
import pytest
import yaml

from experiments.export.folder import doubts, opened
from sim.errors import InputError
from tests.event_logs import awkward_folder, busy_folder


@pytest.fixture
def copied(tmp_path):
    return shutil.copytree(busy_folder(), tmp_path / "run-1")


@pytest.fixture(scope="module")
def compared():
    return awkward_folder("compare", "replications=2", "split.parts=[]")


def without_column(folder, column):
    table = pq.read_table(folder / "visits.parquet")
    pq.write_table(table.drop_columns(column), folder / "visits.parquet")


def without_incidents(folder):
    table = pq.read_table(folder / "incidents.parquet")
    pq.write_table(table.slice(1), folder / "incidents.parquet")


def truncated(folder):
    data = (folder / "visits.parquet").read_bytes()
    (folder / "visits.parquet").write_bytes(data[: len(data) // 2])


def another_catalogue(folder):
    config = yaml.safe_load((folder / "config.yaml").read_text("utf-8"))
    config["catalogue"]["kinds"] = {"fire": {"share": 1}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda f: (f / "config.yaml").unlink(), "has no config.yaml, so it is not whole"),
        (lambda f: (f / "provenance.json").unlink(), "has no provenance.json, so it is not whole"),
        (lambda f: (f / "incidents.parquet").unlink(), "has no incidents.parquet, so it is not"),
        (lambda f: (f / "visits.parquet").unlink(), "has no visits; allowed: .*record=visits"),
        (lambda f: (f / "config.yaml").write_text("a: ["), "config.yaml' cannot be read"),
        (lambda f: (f / "config.yaml").write_text("[1]"), "config.yaml' cannot be read"),
        (lambda f: (f / "config.yaml").write_text("city: 1"), "cannot be read by this version: "),
        (lambda f: (f / "config.yaml").write_text("a: 1"), "cannot be read by this version: "),
        (lambda f: (f / "provenance.json").write_text("{}"), "does not name seeds and fingerprint"),
        (lambda f: (f / "provenance.json").write_text("{"), "provenance.json' cannot be read"),
        (lambda f: without_column(f, "retyping"), "no column 'retyping', so it is of another ver"),
        (without_incidents, r"has \d+ incidents where its measures say \d+: it was edited"),
        (truncated, "visits.parquet' cannot be read"),
        (another_catalogue, "cannot be read by this version: "),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(copied, harm, told):
    harm(copied)
    with pytest.raises(InputError, match=told) as raised:
        opened(str(copied))
    assert str(raised.value).startswith("run: ")
    assert "\n" not in str(raised.value)


def test_a_folder_that_is_not_there_or_half_written_is_told(copied, tmp_path):
    with pytest.raises(InputError, match="nowhere' is not there; allowed: a folder of"):
        opened(str(tmp_path / "nowhere"))
    half = copied.rename(tmp_path / ".run-1.partial")
    with pytest.raises(InputError, match="is not whole: the run that writes it has not ended"):
        opened(str(half))


def test_a_play_is_refused_with_the_command_that_gives_it_results(tmp_path):
    (tmp_path / "replay.sh").write_text("guantong run\n", "utf-8")
    with pytest.raises(InputError, match=r"replay\.sh\nwith record=visits after each"):
        opened(tmp_path)


def test_a_run_is_opened_as_it_was_written(copied):
    found = opened(str(copied))
    assert (found.policy, found.replication, found.seed) == ("integrated", 0, 3)
    assert found.city.district_name_zh[1] == "=1+1"
    assert found.visits.metadata.num_rows == pq.read_metadata(copied / "visits.parquet").num_rows
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        assert doubts(found) == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"policy": "siloed"}, "policy: siloed; allowed here: integrated"),
        ({"replication": 1}, "replication: 1; allowed here: 0"),
    ],
)
def test_a_run_has_one_policy_and_one_replication(asked, told):
    with pytest.raises(InputError, match=told):
        opened(str(busy_folder()), **asked)


def test_a_comparison_has_several_of_each(compared):
    first, other = opened(str(compared)), opened(str(compared), "integrated", 1)
    assert (first.policy, first.replication, first.seed) == ("siloed", 0, 1_000_000)
    assert (other.policy, other.replication, other.seed) == ("integrated", 1, 1_000_001)
    assert doubts(other) == []
    for asked, told in (
        ({"policy": "paper"}, "policy: paper; allowed here: siloed, integrated"),
        ({"replication": 2}, "replication: 2; allowed here: 0, 1"),
    ):
        with pytest.raises(InputError, match=told):
            opened(str(compared), **asked)


def test_a_comparison_must_name_its_policies(compared, tmp_path):
    copied = shutil.copytree(compared, tmp_path / "compare-1")
    (copied / "config.yaml").write_text("policies: []", "utf-8")
    with pytest.raises(InputError, match=r"config.yaml' names no policies"):
        opened(str(copied))


def test_edited_settings_and_other_versions_leave_doubts(copied):
    place = copied / "config.yaml"
    place.write_text(place.read_text("utf-8").replace("2024-10-14", "2024-10-15"), "utf-8")
    (told,) = doubts(opened(str(copied)))
    assert "does not give the fingerprint" in told
    made = json.loads((copied / "provenance.json").read_text("utf-8"))
    (copied / "provenance.json").write_text(json.dumps(made | {"sources": "0"}), "utf-8")
    (told,) = doubts(opened(str(copied)))
    assert "written by another version of the program" in told
