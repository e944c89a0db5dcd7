"""A schematic map: every district a hexagon, coloured by how much a policy changes it."""

import math
import string
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.style import DIVERGING, styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNSURE, UNKNOWN = "#DCDCDC", "#FFFFFF"
CORNER = 1 / math.sqrt(3)  # from centre to corner of a hexagon of width 1
LARGEST_TEXT = 8.0  # [pt]
SMALL = 0.75  # hexagons below this width carry a letter, and their name stands in a key
LETTER = 0.62  # mean width of a letter and a little margin, in font sizes


@styled
def draw(
    values: np.ndarray,
    ax: "Axes",
    *,
    hex_x: np.ndarray,
    hex_y: np.ndarray,
    hex_size: np.ndarray,
    names: Sequence[str],
    interval: tuple[np.ndarray, np.ndarray] | None = None,
    label: str | None = None,
    title: str | None = None,
) -> "Axes":
    """Values by district on hexagons, with diverging colours around 0.

    values       : float[n], in the unit that `label` names; NaN where there is none (white)
    hex_x, hex_y : float[n], centres; neighbouring centres are 1 apart, rows 0.866
    hex_size     : float[n], width of each hexagon; 1 fills its cell, functional zones are less
    names        : n short names
    interval     : low and high end of each value's 95 % interval, float[n] each; districts
                   whose interval includes 0 (or is not known) are grey
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    values = np.asarray(values, float)
    known = np.isfinite(values)
    unsure = np.zeros(len(values), bool)
    if interval is not None:
        low, high = (np.asarray(end, float) for end in interval)
        unsure = known & ~((low > 0) | (high < 0))
    extent = float(np.abs(values[known]).max(initial=0)) or 1.0
    colours = ScalarMappable(Normalize(-extent, extent), DIVERGING)
    faces = colours.to_rgba(values)
    faces[unsure], faces[~known] = _rgba(UNSURE), _rgba(UNKNOWN)

    _frame(ax, hex_x, hex_y, hex_size)
    texts = [_text(name, value, extent) for name, value in zip(names, values, strict=True)]
    key = dict(zip(np.flatnonzero(hex_size < SMALL), string.ascii_lowercase, strict=False))
    shown = [key.get(i, text) for i, text in enumerate(texts)]
    font_size = _font_size(ax, shown)
    for i in np.argsort(-hex_size, kind="stable"):  # functional zones on top
        _hexagon(ax, hex_x[i], hex_y[i], hex_size[i], faces[i], shown[i], font_size)
    ax.figure.colorbar(
        colours,
        ax=ax,
        label=label or say("difference in mean closure latency [h]"),
        shrink=0.75,
        pad=0.02,
    )
    ax.set_title(title or say("Difference by district"))
    entries = {f"{letter}: {' '.join(texts[i].split())}": faces[i] for i, letter in key.items()}
    if unsure.any():
        entries[say("95 % interval includes 0")] = UNSURE
    if not known.all():
        entries[say("no incidents")] = UNKNOWN
    _legend(ax, entries)
    return ax


def _frame(ax: "Axes", hex_x: np.ndarray, hex_y: np.ndarray, hex_size: np.ndarray) -> None:
    """No axes, equal scales, and room for every hexagon."""
    wide, tall = hex_size / 2, hex_size * CORNER
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_xlim((hex_x - wide).min() - 0.05, (hex_x + wide).max() + 0.05)
    ax.set_ylim((hex_y - tall).min() - 0.05, (hex_y + tall).max() + 0.05)


def _hexagon(
    ax: "Axes", x: float, y: float, size: float, face: np.ndarray, text: str, font_size: float
) -> None:
    from matplotlib.patches import RegularPolygon

    edge = "#404040" if size < 1 else "#A0A0A0"
    ax.add_patch(RegularPolygon((x, y), 6, radius=size * CORNER, fc=face, ec=edge, lw=0.7))
    bright = face[:3] @ (0.299, 0.587, 0.114) > 0.5  # luma of ITU-R BT.601
    ax.text(
        x,
        y - 0.04 * size,  # a little low, clear of a functional zone on the upper edge
        text,
        ha="center",
        va="center",
        fontsize=font_size,
        color="black" if bright else "white",
    )


def _text(name: str, value: float, extent: float) -> str:
    """The name (in a line a word) and the value, to two digits of the largest value."""
    lines = name.split()
    if math.isfinite(value):
        decimals = max(0, 1 - math.floor(math.log10(extent)))
        rounded = round(value, decimals) + 0.0  # + 0.0 turns -0.0 into 0.0
        lines.append(f"{rounded:+.{decimals}f}".replace("-", "\N{MINUS SIGN}"))
    return "\n".join(lines)


def _font_size(ax: "Axes", texts: Sequence[str]) -> float:
    """Font size [pt] with which the longest line fits into a hexagon of width 1."""
    # Width of that hexagon [pt], before the lay-out takes some room for the colour bar.
    width, height = ax.figure.get_size_inches() * ax.get_position().size
    unit = 72 * min(width / np.ptp(ax.get_xlim()), height / np.ptp(ax.get_ylim()))
    longest = max(_letters(line) for text in texts for line in text.split("\n"))
    return min(LARGEST_TEXT, unit / (LETTER * longest))


def _letters(line: str) -> float:
    """Width of a line in letters; a Chinese character is as wide as the font is high."""
    return sum(1 / LETTER if character >= "\u2e80" else 1 for character in line)


def _rgba(colour: str) -> tuple[float, float, float, float]:
    from matplotlib.colors import to_rgba

    return to_rgba(colour)


def _legend(ax: "Axes", entries: Mapping[str, str | np.ndarray]) -> None:
    """The key of small hexagons and of faces that are no value: {text: face colour}."""
    from matplotlib.patches import Patch

    if entries:
        handles = [Patch(fc=face, ec="#A0A0A0", label=text) for text, face in entries.items()]
        ax.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=3, handlelength=1.2
        )
