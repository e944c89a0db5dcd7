"""Pages of which a part is written anew."""

import pytest

from experiments.pages import between, marks, renew, renewed, table
from sim.errors import InputError

BEGIN, END = marks("x")
PAGE = f"before\n{BEGIN}\nold\n{END}\nafter\n"


def test_the_prose_around_stays():
    page = renewed(PAGE, "x", "\nnew\n\n")
    assert page == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert between(page, "x") == "new"


@pytest.mark.parametrize("page", ["before", f"{BEGIN}\nold", f"{END} {BEGIN}"])
def test_a_page_without_both_marks_is_refused(tmp_path, page):
    with pytest.raises(ValueError, match="needs the lines '<!-- x: begin -->'"):
        between(page, "x")
    path = tmp_path / "page.md"
    path.write_text(page, "utf-8")
    with pytest.raises(InputError, match="cannot be written: it needs the lines"):
        renew(path, "x", "new")
    assert path.read_text("utf-8") == page


def test_a_page_is_replaced_whole_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE, "utf-8")
    renew(path, "x", "new")
    assert between(path.read_text("utf-8"), "x") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_page_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"page: '.*none\.md' cannot be written: No such file"):
        renew(tmp_path / "none.md", "x", "new")


def test_a_bar_in_a_cell_does_not_end_it():
    assert table(("a", "b"), [("1|2", "3")], numbers=1) == [
        "| a | b |",
        "| --- | ---: |",
        r"| 1\|2 | 3 |",
        "",
    ]
