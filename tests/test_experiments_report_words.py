"""The words of a report: the same keys in both languages, nothing left untranslated."""

import re
import string

import pytest
import yaml

from experiments import console
from experiments.report import words as module
from experiments.report.checklist import ITEMS
from experiments.report.words import Words, catalogue, number
from scenarios.load import CONF
from sim.codes import DISCIPLINES, LANDSCAPES, STAGES

CHINESE = re.compile("[\u4e00-\u9fff]")
NAMES = re.compile(  # what has no Chinese name: people, packages, commands, keys, paths
    r"\{[^}]*\}|\bguantong(?: \w+)?|\bGuantong\b|\b(?:docs|conf)/[\w./]*|\bconfig\.yaml\b"
    r"|\bsplit\.parts\b"
    r"|STRESS(?:-DES)?|\bODD\b|Monks|Journal of Simulation|Student(?: t)?|Kaplan-Meier|Shapley"
    r"|Kleinrock|SimPy|Mesa|Python|Philox 4x32-10|Apache"
)


def test_both_languages_have_the_same_keys():
    english, chinese = (set(catalogue(lang)) for lang in ("en", "zh"))
    measures = {f"measures.{name}" for name in console.LABELS}
    assert chinese - english == measures
    assert english <= chinese


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_key_is_given_twice(lang):
    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), sorted(keys)
        return dict(loader.construct_pairs(node, deep=True))

    Strict.add_constructor("tag:yaml.org,2002:map", mapping)
    path = module._CATALOGUES / f"{lang}.yaml"
    assert yaml.load(path.read_text("utf-8"), Strict)


def test_no_english_is_left_in_chinese_and_no_chinese_in_english():
    plain = {"list", "interval", "range"}
    for key, text in catalogue("zh").items():
        assert not re.findall("[A-Za-z]{2,}", NAMES.sub("", text)), key
        bare = re.sub(r"[\W\d_]", "", NAMES.sub("", text))
        assert CHINESE.search(text) or not bare or key in plain, key
    assert not [key for key, text in catalogue("en").items() if CHINESE.search(text)]


def test_both_have_the_same_places_to_fill():
    for key, text in catalogue("en").items():
        places = ({name for _, name, _, _ in string.Formatter().parse(t) if name}
                  for t in (text, catalogue("zh")[key]))  # fmt: skip
        first, second = places
        assert first == second, key


def test_names_that_the_settings_have_are_known():
    both = (Words("en"), Words("zh"))
    groups = {
        *yaml.safe_load((CONF / "sensitivity/default.yaml").read_text("utf-8"))["groups"],
        *yaml.safe_load((CONF / "attribute/default.yaml").read_text("utf-8"))["groups"],
    }
    measured = yaml.safe_load((CONF / "sensitivity/default.yaml").read_text("utf-8"))["groups"]
    for words in both:
        for name in groups:
            assert words(f"groups.{name}")
        for name in measured:
            assert words(f"measurable.{name}")
        for name in STAGES[1:-1]:
            assert words(f"stage.{name}")
        for name in DISCIPLINES:
            assert words(f"discipline.{name}")
        for name in LANDSCAPES:
            assert words(f"landscape.{name}")
        for title, items in ITEMS.items():
            assert all(words(f"stress.{title}.{item}.item") for item in items)


def test_every_command_has_a_name():
    from experiments.commands import COMMANDS

    named = {key.removeprefix("command.") for key in catalogue("en") if key.startswith("command.")}
    assert set(COMMANDS) - {"report"} <= named


def test_numbers_and_names_as_people_read_them():
    words = Words("zh", {"fire": {"zh": "火情", "en": "Fire"}}, {"青石区": "Qingshi"})
    assert number(-1234.5) == "−1,234"
    assert number(float("nan")) == number(None) == "–"
    entry = {"mean": -0.123, "ci95": [-0.2, -0.05]}
    assert words.interval(entry, percent=True) == "−12.3（−20.0 至 −5.00）"
    assert words.interval({"mean": 1.0, "ci95": [None, None]}) == "+1.00"
    assert words.kind("fire") == "火情"
    assert words.measure("closure_latency_p50_hours") == "解决时长，中位数（小时）"
    assert Words("en").measure("closure_latency_p50_hours") == "Closure latency, median (h)"
    assert words.kind("mine") == "mine"
    assert words.named("integrated") == "贯通"
    assert words.district("青石区") == "青石区"
    assert Words("en", {}, {"青石区": "Qingshi"}).district("青石区") == "Qingshi"
    assert words.together(["甲。", "乙。"]) == "甲。乙。"
    assert Words("en").together(["A.", "B."]) == "A. B."
