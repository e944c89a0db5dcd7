"""What people see of a story: names of desks, the terminal, the page, the JSON."""

import io
import json

import pytest
from rich.console import Console

from analysis.story_words import duration
from experiments import console
from experiments.story import right_desk
from experiments.story_pages import SIDE_BY_SIDE, Pages, desk_name
from scenarios.load import load_policies
from sim import codes
from sim.units import NEVER
from tests.conftest import TINY, find_desk
from tests.stories import incident, solved, told, visit


@pytest.fixture(scope="module")
def parameters():
    return load_policies(TINY)["siloed"]


@pytest.fixture(scope="module")
def desks(parameters):
    layout = parameters.layout
    return {
        "Tiny hotline": find_desk(layout, codes.CITY, codes.HOTLINE_DESK),
        "Tiny dispatch desk": find_desk(layout, codes.CITY, codes.DISPATCH_DESK),
        "Tiny call-back desk": find_desk(layout, codes.CITY, codes.CALLBACK),
        "Qingshi command desk": find_desk(layout, codes.DISTRICT, codes.COMMAND),
        "Baiyun police department": find_desk(layout, codes.DISTRICT, codes.DEPARTMENT, 1, 1),
        "Qingshi pool": find_desk(layout, codes.DISTRICT, codes.POOL),
        "Hewan Subdistrict party building board": find_desk(
            layout, codes.TOWNSHIP, codes.BOARD, 0, 1
        ),
        "Zhonglou Subdistrict grid 2 worker": find_desk(layout, codes.GRID, codes.GRID_DESK, 0, 1),
    }


@pytest.fixture(scope="module")
def pages(parameters, desks):
    hotline, police = desks["Tiny hotline"], desks["Baiyun police department"]
    place = {"grid": 8, "township": 2, "district": 1, "tier": codes.DISTRICT}
    stories = {
        "siloed": told(
            visit("register", 1, desk=hotline), visit("judge", 2, desk=hotline), **place
        ),
        "integrated": solved(visit("dispose", 1, desk=police), **place),
    }
    right = right_desk(parameters, incident(**place))
    return Pages(parameters, "one of 400 incidents.", right, stories)


def printed(pages, width, monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(console, "console", Console(file=out, width=width, highlight=False))
    pages.print()
    return out.getvalue()


def test_desks_have_names_that_fit_a_sentence(parameters, desks):
    assert [desk_name(parameters.layout, desk) for desk in desks.values()] == list(desks)


def test_what_it_is_stands_at_the_top(pages):
    kind = pages.parameters.catalogue
    assert pages.title == f"{kind.kind_en[0]} ({kind.kind_zh[0]}), grade I"
    first, second = pages.about
    assert first == "Incident 0, one of 400 incidents."
    assert "Mon 14 Oct 2024 00:00 in Songlin Town grid 2, Baiyun (白云县松林镇第2网格)" in second
    assert second.endswith("the district tier, to Baiyun city management department.")


def test_two_stories_stand_side_by_side_where_there_is_room(pages, monkeypatch):
    wide = printed(pages, SIDE_BY_SIDE, monkeypatch).splitlines()
    (both,) = [line for line in wide if "siloed: Not solved" in line]
    assert "integrated: Solved after" in both
    narrow = printed(pages, 80, monkeypatch).splitlines()
    order = [
        line.split(":")[0].strip()
        for line in narrow
        if ": Not solved" in line or ": Solved after" in line
    ]
    assert order == ["siloed", "integrated"]
    assert max(map(len, narrow)) <= 80


@pytest.mark.parametrize("width", [40, 79, 80, 81, 109, 110, 111, 150])
def test_no_word_is_lost_at_any_width(pages, width, monkeypatch):
    text = printed(pages, width, monkeypatch)
    assert "…" not in text
    for term in ("(受理)", "(研判)", "(解决)"):
        assert term in text


def test_the_headline_is_at_the_top_and_the_difference_at_the_bottom(pages, monkeypatch):
    lines = printed(pages, 400, monkeypatch).strip().splitlines()
    (found,) = [i for i, line in enumerate(lines) if line.startswith("siloed had not solved it")]
    assert found == 3
    assert lines[-1].startswith("Compared with siloed, integrated spent")


def test_the_page_tells_all_of_it(pages):
    page = pages.markdown()
    for heading in ("\n## siloed\n", "\n## integrated\n", "\n## Where the difference lies\n"):
        assert heading in page
    for policy in pages.stories:
        for line in pages.lines(policy):
            assert f"- **{line.when}** {line.text}\n" in page
        for text in pages.summary(policy):
            assert text in page
    assert "](figures/timeline.png)" in page


def test_the_json_holds_steps_and_visits(pages, tmp_path):
    pages.write(tmp_path)
    told = json.loads((tmp_path / "story.json").read_text("utf-8"))
    siloed, integrated = told["policies"]["siloed"], told["policies"]["integrated"]
    assert (siloed["state"], integrated["state"]) == ("open", "solved")
    assert siloed["incident"]["solved"] is None
    assert integrated["incident"]["solved"] < NEVER
    step = integrated["steps"][2]
    assert step["what"] == "visit"
    (row,) = step["visits"]
    assert (row["stage"], row["outcome"]) == ("dispose", "done")
    assert row["name"] == "Baiyun police department"
    assert row["desk"] == pages.stories["integrated"].visits[0].desk
    assert duration(integrated["latency"]) in integrated["outcome"]
