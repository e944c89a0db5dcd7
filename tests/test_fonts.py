"""Fonts of a language: found on this machine, with the characters that are needed."""

import re

import pytest

from analysis import fonts, style
from analysis.words import catalogue, language, say
from sim.errors import InputError
from tests.results import needs_chinese_font


def test_english_needs_no_font_but_matplotlibs_own():
    assert fonts.family("en") == ["DejaVu Sans"]


def test_without_a_chinese_font_the_message_says_what_to_install(monkeypatch):
    fonts.chinese.cache_clear()
    monkeypatch.setattr(fonts, "CHINESE", ("No Such Font",))
    try:
        with pytest.raises(InputError, match="fonts-noto-cjk"), style.language("zh"):
            pass
    finally:
        fonts.chinese.cache_clear()
    assert language() == "en"


def test_a_font_that_is_found_has_the_characters_of_the_catalogue():
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    needs_chinese_font()
    name = fonts.chinese()
    known = FT2Font(findfont(name)).get_charmap()
    needed = {
        c for text in catalogue("zh").values() for c in text if re.match("[\u4e00-\u9fff]", c)
    }
    assert not {c for c in needed if ord(c) not in known}
    with style.language("zh"):
        ax = style.figure()[1]
        style.styled(lambda: ax.set_title(say("Backlog")))()
        assert ax.title.get_fontfamily()[0] == name
