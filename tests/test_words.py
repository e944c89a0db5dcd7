"""The words of figures: said in the language in force, and nothing is left untranslated."""

import ast
import re
import string
from pathlib import Path

import pytest

from analysis import style
from analysis.figures import flow, split, time_use
from analysis.words import LANGUAGES, catalogue, language, say, spoken
from sim.codes import TIERS
from sim.errors import InputError

ANALYSIS = Path(style.__file__).parent
CHINESE = re.compile("[\u4e00-\u9fff]")
NOT_WORDS = {"a + b u / (1 − u)", "MSER-5"}


def _said() -> set[str]:
    """What is literally said in the sources of the figures."""
    calls = (
        node
        for path in [*ANALYSIS.glob("figures/*.py"), ANALYSIS / "style.py"]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say"
    )
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


def _places(text: str) -> set[tuple[str, str]]:
    return {(name, form) for _, name, form, _ in string.Formatter().parse(text) if name}


def test_english_is_said_as_it_is_and_another_language_only_within_its_block():
    assert say("waiting") == "waiting"
    assert say("{x:.1f} h", x=2) == "2.0 h"
    with spoken("zh"):
        assert language() == "zh"
        assert say("waiting") == "排队"
        assert say("{x:.1f} h", x=2) == "2.0 小时"
        assert say("my own policy") == "my own policy"
    assert language() == "en"


def test_an_unknown_language_is_refused():
    with pytest.raises(InputError, match="lang: fr; allowed: en, zh"), spoken("fr"):
        pass


def test_whatever_figures_say_is_in_the_catalogue():
    listed = {*split.CATEGORY_LABELS.values(), *time_use.GROUPS.values(), *time_use.USES.values()}
    listed |= {*style.TIME_TICKS, *style.POLICY_COLOURS, *TIERS, *flow.DESK_GROUPS}
    assert len(_said()) > 40
    assert not (_said() | listed) - set(catalogue("zh"))


def test_the_catalogue_is_chinese_with_the_same_places_to_fill():
    for english, chinese in catalogue("zh").items():
        assert CHINESE.search(chinese), english
        assert not CHINESE.search(english), english
        left = re.sub(r"\{.*?\}|%[a-zA-Z]", "", chinese)
        for known in NOT_WORDS:
            left = left.replace(known, "")
        assert not re.findall(r"[A-Za-z]+", left), english
        assert _places(english) == _places(chinese), english
    assert set(LANGUAGES) == {"en", *(p.stem for p in ANALYSIS.glob("translations/*.yaml"))}
