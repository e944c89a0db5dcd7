"""A font that has the characters of a language: found on this machine, never brought along."""

from functools import cache
from pathlib import Path

from sim.errors import InputError

LATIN = "DejaVu Sans"
"""Comes with matplotlib, so figures look alike everywhere."""

CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("Noto Sans CJK JP", "Noto Sans CJK TC"),  # of a collection only the first face is seen
    *("PingFang SC", "Hiragino Sans GB", "Heiti SC", "STHeiti"),
    *("Microsoft YaHei", "DengXian", "SimHei"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Arial Unicode MS"),
    *("Noto Serif CJK SC", "Noto Serif CJK JP", "SimSun"),
)
"""Well-kept fonts with simplified Chinese, the best first."""

_FILES = ("cjk", "sourcehan", "notosanssc", "pingfang", "hiragino", "heiti", "yahei", "msyh", "wqy")


def family(language: str) -> list[str]:
    """Fonts for a language, the first one first. Raises InputError if none has its characters."""
    return [chinese(), LATIN] if language == "zh" else [LATIN]


@cache
def chinese() -> str:
    """The best of CHINESE that is installed. Raises InputError."""
    from matplotlib.font_manager import fontManager

    for look in (lambda: None, _look_again):
        look()
        installed = {font.name for font in fontManager.ttflist}
        found = next((name for name in CHINESE if name in installed), None)
        if found is not None:
            return found
    raise InputError(
        "lang: zh; no font with Chinese characters is found. Install one, such as Noto Sans CJK "
        "(the package fonts-noto-cjk of Debian and Ubuntu, google-noto-sans-cjk-fonts of Fedora)"
    )


def _look_again() -> None:
    """Take in fonts that were installed after matplotlib last looked for them."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {font.fname for font in fontManager.ttflist}
    for path in findSystemFonts():
        name = Path(path).name.lower().replace("-", "")
        if path not in known and any(part in name for part in _FILES):
            fontManager.addfont(path)
