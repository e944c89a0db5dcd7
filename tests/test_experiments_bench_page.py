"""The page of benchmarks: what was measured is told as it is, reached or not, and drawn."""

import json
from copy import deepcopy

import numpy as np
import pytest

from experiments import pages
from experiments.bench import SUITES, page
from experiments.bench.goals import GOALS
from experiments.bench.machine import machine
from experiments.bench.measured import read, short, spread
from experiments.bench.scaling import SIZES, name_of_size
from sim.errors import InputError

MACHINE = {
    "processor": "Some Processor",
    "cores": 2,
    "memory": 16,
    "system": "Linux",
    "python": "3.11.7",
    "packages": {"numpy": "2.4.6", "ciw": None},
    "load": 0.1,
}


def row(*seconds, **others):
    return {"seconds": list(seconds)} | {k: [v] * len(seconds) for k, v in others.items()}


def scaling_rows():
    rows = {
        name_of_size(size): row(size / 1e5, size / 0.9e5, incidents=size, desks=69_197)
        for size in SIZES
    }
    rows["rate, 0.5 of it"] = row(1.0, 1.1, incidents=150_000, desks=69_197)
    rows["rate, 2 of it"] = row(6.0, 6.1, incidents=600_000, desks=69_197)
    rows["city of 5 districts"] = row(2.0, 2.1, incidents=300_000, desks=9_000)
    rows["city of 41 districts"] = row(3.0, 3.1, incidents=300_000, desks=69_197)
    return rows


def suites():
    year = {"incidents": 4_000_000, "events": 50_000_000, "peak": 500_000_000}
    return {
        "years": {
            "4 million, siloed": row(50.0, 44.0, 40.0, **year) | {"busy": [30.0, 33.0, 32.0]},
            "4 million, integrated": row(30.0, 31.0, 29.0, **year),
            "10 million, siloed": row(80.0, 80.0, 80.0, **year | {"peak": 1_100_000_000}),
        },
        "scaling": scaling_rows(),
        "services": {
            # In the slow second round both are slow: the ratio is that of the rounds.
            "engine": row(1.0, 5.0, 1.0, incidents=600),
            "SimPy": row(61.0, 305.0, 62.0, incidents=600),
        },
        "tandems": {
            "engine": row(1.0, services=1000),
            "cimba": {"missing": "not installed"},
            "Ciw, one network": row(2.0, services=10),
            "Ciw, one tandem at a time": row(2.0, services=1000),
        },
        "records": {
            "summary": row(10.0, incidents=100),
            "incidents": row(14.0, incidents=100),
        },
        "starts": {"cold and warm": row(40.0, warm=2.5)},
    }


def file_of(tmp_path, rows, name="measured.json", form="usual"):
    benchmarks = [
        {"extra_info": {"suite": s, "form": form, "machine": MACHINE, "rows": r}}
        for s, r in rows.items()
    ]
    found = {
        "commit_info": {"id": "0123456789abcdef", "dirty": True},
        "datetime": "2026-11-23T16:44:34",
        "benchmarks": benchmarks,
    }
    path = tmp_path / name
    path.write_text(json.dumps(found), "utf-8")
    return path


@pytest.fixture
def measured(tmp_path):
    return read([file_of(tmp_path, suites())])


def lines(measured):
    return {goal.what: goal.line(measured) for goal in GOALS}


def test_where_nothing_is_asked_nothing_is_reached(tmp_path):
    clocks = {"compiled": row(0.1, incidents=10), "simpy": row(5.0, incidents=10)}
    told = lines(read([file_of(tmp_path, {"clocks": clocks})]))
    two = told["compiled clock against the SimPy clock, one day"]
    assert two[1:] == ("", "50 x (50 to 50)", "")


def test_short_numbers():
    assert [short(x) for x in (0.123456, 1.2345, 23.45, 99.96, 1234.5)] == [
        *("0.123", "1.23", "23.4", "100", "1,234"),
    ]
    assert spread([3.0, 1.0, 2.0]).text("s") == "2 s (1 to 3)"


def test_a_goal_is_reached_by_the_median(measured):
    told = lines(measured)
    year = "4-million-incident year"
    assert told[f"{year}, siloed"][1:] == ("≤ 45 s", "44 s (40 to 50)", "yes")
    assert told[f"{year}, integrated"][1:] == ("≤ 25 s", "30 s (29 to 31)", "**no**")
    assert told["peak memory of the 10-million-incident year"][3] == "**no**"
    assert told["warm `guantong run city=tiny`"][2:] == ("2.5 s (2.5 to 2.5)", "**no**")
    assert told["cold `guantong run city=tiny`"][3] == "yes"


def test_ratios_are_taken_within_a_round(measured):
    told = lines(measured)
    assert told["ratio to plain SimPy, eight services"][2:] == ("61 x (61 to 62)", "yes")
    assert told["ratio to Ciw, 200 tandems in one network"][2] == "200 x (200 to 200)"
    assert told["record=incidents with Parquet, time against summary"][2:] == (
        *("1.4 x (1.4 to 1.4)", "**no**"),
    )


def test_flatness_is_the_slowest_over_the_quickest_of_a_round(measured):
    rows = suites()
    rows["scaling"][name_of_size(SIZES[0])]["seconds"][1] *= 2.0
    (goal,) = (goal for goal in GOALS if goal.read(measured).size and "10⁵" in goal.what)
    assert goal.read(measured) == pytest.approx([1.0, 1.0])
    measured.suites["scaling"]["rows"] = rows["scaling"]
    assert goal.read(measured) == pytest.approx([1.0, 0.5])


def test_what_is_missing_cut_or_not_measured_is_told_so(measured, tmp_path):
    told = lines(measured)
    assert told["ratio to cimba, 200 tandems"][2:] == ("not installed", "")
    assert told["SimPy clock, whole city, one day"][2:] == ("not measured", "")
    cut = deepcopy(suites()["years"])
    for each in cut.values():
        each["cut"] = True
    told = lines(read([file_of(tmp_path, {"years": cut}, form="quick")]))
    assert told["4-million-incident year, siloed"][2:] == ("not in the quick form", "")


def test_the_page_has_every_row_and_where_it_was_measured(measured):
    text = page.contents(measured)
    for suite, rows in suites().items():
        assert f"**{page.TITLES[suite]}**" in text
        for name in rows:
            assert f"\n| {name} |" in text
    assert (
        "| 4 million, siloed | 4,000,000 | 44 (40 to 50) | 90,909 | 1,136,364 | 75 % | 0.50 GB |"
        in text
    )
    assert "| cimba | not installed |" in text
    assert "| cold and warm |  | 40 (40 to 40); 2.5 (2.5 to 2.5) |" in text
    about = " ".join(text.split("###")[0].split())
    assert "at commit 0123456789ab+, in the usual form, on Some Processor, 2 cores, 16 GB" in about
    assert "numpy 2.4.6" in about
    assert "ciw" not in about


def test_the_command_writes_page_and_figure(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    begin, end = pages.marks(page.MARK)
    (docs / "benchmarks.md").write_text(f"before\n{begin}\nformerly\n{end}\nafter\n", "utf-8")
    first = file_of(tmp_path, suites(), "first.json")
    second = file_of(tmp_path, {"clocks": {"simpy": row(4.0)}}, "second.json")
    assert page.main([str(first), str(second)], docs) == 0
    text = (docs / "benchmarks.md").read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "formerly" not in text
    assert "| SimPy clock, whole city, one day | ≤ 60 s | 4 s (4 to 4) | yes |" in text
    assert {p.name for p in (docs / "images").iterdir()} == {"scaling.png", "scaling.svg"}


def test_the_command_tells_of_a_file_that_is_none(tmp_path, capsys):
    bad = tmp_path / "bad.json"
    bad.write_text("{}", "utf-8")
    assert page.main([str(bad)], tmp_path) == 1
    assert "is no file of measurements" in capsys.readouterr().err
    assert page.main([], tmp_path) == 1
    with pytest.raises(InputError):
        read([tmp_path / "none.json"])


def test_the_figure_shows_every_point_on_one_scale(measured):
    horizon, rate, city = page.draw(measured).axes
    assert [ax.get_title("left") for ax in (horizon, rate, city)] == ["Horizon", "Rate", "City"]
    assert [tick.get_text() for tick in horizon.get_xticklabels()] == ["100k", "1M", "10M"]
    assert [tick.get_text() for tick in city.get_xticklabels()] == ["9k", "69k"]
    for ax in (horizon, rate, city):
        assert ax.get_ylim() == pytest.approx((0, 1.05 * 1e6 / 0.9e5))


def test_nothing_is_drawn_of_what_was_not_measured(tmp_path):
    assert page.draw(read([file_of(tmp_path, {"clocks": {"simpy": row(4.0)}})])) is None


def test_every_suite_has_a_title_and_a_module():
    import importlib

    assert set(page.TITLES) == set(SUITES)
    for name in SUITES:
        assert callable(importlib.import_module(f"experiments.bench.{name}").suite)


def test_the_shipped_page_has_its_marks():
    text = (page.DOCS / "benchmarks.md").read_text("utf-8")
    assert pages.between(text, page.MARK)


def test_the_machine_is_told():
    found = machine()
    assert found["cores"] >= 1
    assert found["processor"]
    assert found["packages"]["numpy"] == np.__version__
