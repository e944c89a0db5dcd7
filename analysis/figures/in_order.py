"""Incidents in the order of what another policy means for each: who gains, who loses, how much."""

from typing import TYPE_CHECKING

import numpy as np

from analysis.style import styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LESS, _MORE = "#0072B2", "#D55E00"
_TICKS = (-672, -168, -24, -6, -1, 0, 1, 6, 24, 168, 672)  # hours
_WORDS = {1: "1 h", 6: "6 h", 24: "1 day", 168: "1 week", 672: "4 weeks"}


@styled
def draw(
    shares: np.ndarray,
    hours: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    ax: "Axes",
    *,
    label: str,
    parts: tuple[float, float],
) -> "Axes":
    """The difference of an incident by its place in their order.

    shares : places [% of all], rising; hours : difference there [h]; low, high : ends of its
    interval, NaN without; label : of the difference; parts : of all that are sooner and later [%].
    The axis is linear up to an hour either way and logarithmic beyond.
    """
    sides = ((hours < 0, _LESS, "sooner"), (hours > 0, _MORE, "later"))
    for (chosen, colour, word), part in zip(sides, parts, strict=True):
        ax.fill_between(shares, 0, np.where(chosen, hours, 0), color=colour, alpha=0.35, lw=0)
        ax.plot([], [], color=colour, lw=6, alpha=0.35, label=f"{say(word)}: {part:.1f} %")
    if np.isfinite(low).all():
        ax.fill_between(
            shares, low, high, color="black", alpha=0.25, lw=0, label=say("95 % interval")
        )
    ax.plot(shares, hours, color="black", lw=1.2)
    ax.axhline(0.0, color="black", lw=0.6)
    ax.set_yscale("symlog", linthresh=1.0)
    shown = [t for t in _TICKS if hours.min() <= t <= hours.max() or t == 0]
    ax.set_yticks(shown, [_word(t) for t in shown])
    ax.minorticks_off()
    ax.set_xlim(0, 100)
    ax.set_xlabel(say("incidents, in the order of their difference [%]"))
    ax.set_ylabel(label)
    ax.legend(loc="upper left")
    return ax


def _word(hours: int) -> str:
    if not hours:
        return "0"
    return f"{'+' if hours > 0 else chr(0x2212)}{say(_WORDS[abs(hours)])}"
