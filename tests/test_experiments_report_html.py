"""Pieces of a page: escaped, self-contained."""

from html.parser import HTMLParser

from experiments.report import html


class Tags(HTMLParser):
    """Checks that every element is closed where it must be."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_what_is_put_in_is_escaped_once():
    made = html.element("p", '<b> & "', html.element("i", "a<b"), class_='x"y')
    assert made == '<p class="x&quot;y">&lt;b&gt; &amp; &quot;<i>a&lt;b</i></p>'


def test_a_table_knows_words_from_numbers():
    made = html.table(["a", "b"], [["x", "1"]], words=(0,), caption="c")
    assert '<td class="word">x</td><td class="number">1</td>' in made
    assert "<caption>c</caption>" in made


def test_a_page_is_whole_and_needs_no_other_file():
    body = html.section("t", html.picture(b"<svg/>", "A & B", "note"), name="s")
    page = html.page("A & B", "zh", body)
    parser = Tags()
    parser.feed(page)
    assert not parser.open
    assert page.startswith("<!DOCTYPE html>")
    assert '<html lang="zh-Hans">' in page
    assert "@media print" in page
    assert "data:image/svg+xml;base64,PHN2Zy8+" in page
    assert "link" not in parser.seen
    assert "script" not in parser.seen
    assert "http" not in page


def test_a_story_is_set_and_not_shown_as_it_was_typed():
    story = "# A & B\n\n**late** again.\n\n![Timeline](x.png)\n\n- **9:00** It came.\n- It went.\n"
    assert html.prose(story).splitlines() == [
        "<h3>A &amp; B</h3>",
        "<p><b>late</b> again.</p>",
        "<ul><li><b>9:00</b> It came.</li><li>It went.</li></ul>",
    ]
