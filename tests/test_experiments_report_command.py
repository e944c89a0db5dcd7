"""`guantong report`: one page from any folder, whole, self-contained, in both languages."""

import json
import re
import shutil
from html.parser import HTMLParser

import pytest

from experiments.cli import main
from experiments.report.checklist import ITEMS
from experiments.report.command import report
from experiments.report.words import catalogue
from sim.errors import InputError
from tests.commands import folder_made, read_json
from tests.conftest import TINY
from tests.results import needs_chinese_font


def text_of(path):
    page = path.read_text("utf-8")
    return re.sub(r"data:image/svg\+xml;base64,[\w+/=]+", "data:", page)


class Outside(HTMLParser):
    """Whatever a page would fetch."""

    def __init__(self):
        super().__init__()
        self.fetched, self.images = [], 0

    def handle_starttag(self, tag, attrs):
        self.images += tag == "img"
        for name, value in attrs:
            if name in ("src", "href", "srcset") and not value.startswith(("data:", "#")):
                self.fetched.append(value)
        if tag in ("script", "link", "iframe"):
            self.fetched.append(tag)


@pytest.fixture(scope="module")
def page(compared, tmp_path_factory):
    path = report([f"run={compared}", f"to={tmp_path_factory.mktemp('page') / 'a.html'}"])
    return path, text_of(path)


def test_the_page_has_every_section_in_order(page):
    _, text = page
    titles = re.findall("<h2>(.*?)</h2>", text)
    names = ("keys", "figures", "split", "groups", "measures", "overturn", "reproduce", "stress")
    known = catalogue("en")
    assert titles == [known[f"section.{name}"] for name in names]


def test_the_page_needs_nothing_else(page):
    path, text = page
    outside = Outside()
    outside.feed(path.read_text("utf-8"))
    assert not outside.fetched
    assert outside.images == 9  # survival, split, time, backlog, map, Lorenz, townships, two flows
    assert "url(" not in text
    assert "@import" not in text


def test_it_says_what_the_summary_says(page, compared):
    _, text = page
    change = read_json(compared)["metrics"]["closure_latency_mean_hours"]["difference"]
    assert f"{abs(change['mean']):.1f} h" in text
    made = read_json(compared, "provenance")
    for value in (made["fingerprint"], made["sources"], *map(str, made["seeds"])):
        assert value in text
    assert sum(len(items) for items in ITEMS.values()) == text.count("</dd>") - 8


def test_the_figures_are_vectors_that_need_no_font(page):
    import base64

    path, _ = page
    found = re.findall(r"base64,([\w+/=]+)", path.read_text("utf-8"))
    for svg in (base64.b64decode(each).decode("utf-8") for each in found):
        assert "<text" not in svg
        assert "<path" in svg


def test_in_chinese_every_heading_is_chinese_and_figures_are_drawn(compared, tmp_path):
    needs_chinese_font()
    path = report([f"run={compared}", "lang=zh", f"to={tmp_path / 'zh.html'}"])
    text = text_of(path)
    assert text.count("<img") == 9
    for title in re.findall("<h[123]>(.*?)</h[123]>", text):
        assert re.search("[\u4e00-\u9fff]", title), title
    words = re.sub("<style>.*?</style>|<code>.*?</code>|<pre>.*?</pre>", "", text, flags=re.S)
    for english in ("siloed", "integrated", "district", "better", "within chance", "incidents"):
        assert not re.search(rf">[^<]*\b{english}\b", words), english


def test_a_district_has_its_own_page_beside_the_others(compared, tmp_path):
    copied = shutil.copytree(compared, tmp_path / compared.name)
    path = report([f"run={copied}", "district=青石"])  # cut short
    assert path == copied / "report-青石区.html"
    assert report([f"run={copied}"]) == copied / "report.html"  # which is no edit
    assert not list(copied.glob(".*"))
    titles = re.findall("<h2>(.*?)</h2>", text_of(path))
    names = ("gain", "worse_off", "losers", "measure", "break_even", "among", "reproduce")
    assert titles == [catalogue("en")[f"section.{name}"] for name in names]


def test_what_cannot_be_done_is_said_in_a_sentence(compared, tmp_path, capsys):
    for given, message in (
        ([], "run: no value is given"),
        ([f"run={compared}", "lang=fr"], "lang: 'fr'; allowed: en, zh"),
        ([f"run={compared}", "district=x"], "district: 'x' is no district of tiny; allowed"),
        ([f"run={tmp_path / 'none'}"], "is no folder"),
        ([f"run={compared}", f"to={tmp_path}/no/a.html"], "cannot be written"),
        ([f"run={compared}", "language=zh"], "language"),
    ):
        assert main(["report", *given]) == 1
        assert message in capsys.readouterr().err


def test_a_folder_of_another_fingerprint_is_refused(compared, tmp_path):
    other = shutil.copytree(compared, tmp_path / "other")
    made = (other / "provenance.json").read_text("utf-8")
    mark = read_json(compared, "provenance")["fingerprint"]
    (other / "provenance.json").write_text(made.replace(mark, "0" * 16), "utf-8")
    with pytest.raises(InputError, match=r"with: .* has the fingerprint 0000000000000000"):
        report([f"run={compared}", f"with=[{other}]"])


def test_an_edited_folder_says_so_on_its_page(compared, tmp_path, capsys):
    copied = shutil.copytree(compared, tmp_path / compared.name)
    (copied / "metrics.parquet").touch()
    (copied / "summary.json").write_text((copied / "summary.json").read_text("utf-8") + "\n")
    assert main(["report", f"run={copied}"]) == 1
    assert "edited after it was written: summary.json" in capsys.readouterr().err
    page = text_of(report([f"run={copied}", "edited=true"]))
    assert 'class="notice">This folder was edited' in page


def test_what_somebody_has_taken_out_is_told(compared, tmp_path, capsys):
    copied = shutil.copytree(compared, tmp_path / compared.name)
    summary = read_json(copied)
    del summary["split"]
    (copied / "summary.json").write_text(json.dumps(summary), "utf-8")
    assert main(["report", f"run={copied}", "edited=true"]) == 1
    assert "lacks 'split', which it had before it was edited" in capsys.readouterr().err


def test_what_another_version_did_not_write_is_told(compared, tmp_path, capsys):
    copied = shutil.copytree(compared, tmp_path / compared.name)
    summary = read_json(copied)
    del summary["split"]
    (copied / "summary.json").write_text(json.dumps(summary), "utf-8")
    made = read_json(copied, "provenance") | {"sources": "0123", "version": "0.0.1"}
    del made["files"]
    (copied / "provenance.json").write_text(json.dumps(made), "utf-8")
    assert main(["report", f"run={copied}"]) == 1
    assert "lacks 'split', which results of this version have; it was written by version 0.0.1" in (
        capsys.readouterr().err
    )


def test_a_single_run_has_its_page(tmp_path):
    folder = folder_made(tmp_path, "run", *TINY, "record=visits")
    text = text_of(report([f"run={folder}"]))
    assert text.count("<img") == 3  # backlog, townships, flow
    assert "One run has no interval" in text


COMMANDS = {
    "attribute": ["attribute.groups={what: [levers, discipline], who: [stages, opening, release]}"],
    "sweep": ["staff.target_utilisation=0.5,0.7,0.8"],
    "sensitivity": ["sensitivity.only=[coordination,detection]", "sensitivity.trajectories=2",
                    "sensitivity.samples=4", "sensitivity.steps=2"],
    "counterfactual": [],
    "capacity": ["horizon.followup_days=10"],
    "discover": ["discover.only=[coordination]", "discover.points=8"],
    "replicate": ["replicate.most=3"],
    "choose": ["choose.first=3", "choose.most=3"],
    "rollout": [],
    "trace": [],
    "calibrate": [],
    "evidence": [],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_page_in_both_languages(command, tmp_path):
    given = [*TINY, "replications=2", *COMMANDS[command]]
    if command == "calibrate":
        given.remove("catalogue=tiny")
    assert main([command, *given, f"results={tmp_path}"]) == 0
    (folder,) = tmp_path.glob(f"{command}-*")
    for lang in ("en", "zh"):
        text = text_of(report([f"run={folder}", f"lang={lang}"]))
        outside = Outside()
        outside.feed(text)
        assert not outside.fetched
        assert catalogue(lang)["section.reproduce"] in text
