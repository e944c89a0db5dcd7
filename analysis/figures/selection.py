"""Running means of systems until they drop out, with the intervals of those that are left."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.stopping import cumulative
from analysis.style import FURTHER_COLOURS, LINES, looks, styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN_FROM = 3
"""Replications from which on the y axis must hold a mean: earlier ones are far off."""


@styled
def draw(
    values: Mapping[str, Sequence[float]], left: Sequence[str], ax: "Axes", *, label: str
) -> "Axes":
    """Mean of the first 1, 2, ... replications of each system, with a cross where it drops out.

    values : {SYSTEM: one a replication}, as many as it had. left : systems that did not drop out;
    their 95 % intervals are shaded. label : of a value, with its unit.
    """
    styles = looks(values)
    if len(values) > len(FURTHER_COLOURS):  # lines tell apart what colours cannot
        for i, look in enumerate(styles.values()):
            look["linestyle"] = LINES[i // len(FURTHER_COLOURS) % len(LINES)]
    seen = []
    for name, numbers in values.items():
        mean, low, high = cumulative(numbers)
        n = np.arange(1, mean.size + 1)
        told = say(name)
        if name not in left:
            told = say("{name}, out after {n}", name=told, n=mean.size)
        ax.plot(n, mean, label=told, **styles[name])
        seen.append(mean[min(_SHOWN_FROM, mean.size) - 1 :])
        if name in left:
            ax.fill_between(n, low, high, color=styles[name]["color"], alpha=0.15, lw=0)
            seen.append(np.array([low[-1], high[-1]]))
        else:
            ax.plot(
                n[-1], mean[-1], "x", color=styles[name]["color"], ms=7, mew=1.8, clip_on=False
            )  # fmt: skip
    shown = np.concatenate(seen)
    shown = shown[np.isfinite(shown)]
    margin = 0.08 * np.ptp(shown) or 1.0
    ax.set_ylim(shown.min() - margin, shown.max() + margin)
    ax.set_xlim(1, max(*(len(numbers) for numbers in values.values()), 2))
    ax.set_xlabel(say("replications"))
    ax.set_ylabel(label)
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), fontsize=8)
    return ax
