"""Staff against service: the cost curve of each policy."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from analysis.style import looks, styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Curve(NamedTuple):
    """Of one policy: the ladder's paid hours a week and shares in time, f8[k] each; those of other
    plans tried; the plan that was settled on (hours, share); the share with unlimited seats."""

    hours: np.ndarray
    share: np.ndarray
    others: tuple[np.ndarray, np.ndarray]
    chosen: tuple[float, float] | None
    ceiling: float


@styled
def draw(curves: Mapping[str, Curve], ax: "Axes", *, level: float, title: str) -> "Axes":
    """The share closed in time against paid hours, with the target's level and each ceiling."""
    ends = [curve.hours.max() for curve in curves.values()]
    for (policy, curve), look in zip(curves.items(), looks(curves).values(), strict=True):
        colour = look["color"]
        order = np.argsort(curve.hours)
        ax.plot(
            curve.hours[order] / 1000, 100 * curve.share[order], color=colour, marker="o", ms=4,
            label=say(policy),
        )  # fmt: skip
        ax.plot(curve.others[0] / 1000, 100 * curve.others[1], ".", color=colour, alpha=0.4, ms=5)
        ax.plot([0, max(ends) / 1000], [100 * curve.ceiling] * 2, color=colour, lw=0.8, ls=":")
        if curve.chosen is not None:
            ax.plot(
                curve.chosen[0] / 1000, 100 * curve.chosen[1], marker="*", ms=13, color=colour,
                mec="black", mew=0.6, ls="none",
            )  # fmt: skip
    ax.axhline(100 * level, color="black", lw=0.9, ls="--")
    low = min(curve.hours.min() for curve in curves.values())
    pad = 0.04 * (max(ends) - low) or 1.0
    ax.set_xlim((low - pad) / 1000, (max(ends) + pad) / 1000)
    ax.set_xlabel(say("paid hours a week above the grid [thousand]"))
    ax.set_ylabel(say("closed within the limit [% of the noticed]"))
    ax.set_title(title)
    ax.plot([], [], "*", color="white", mec="black", mew=0.6, ms=11, label=say("settled on"))
    ax.plot([], [], color="black", lw=0.9, ls="--", label=say("target"))
    ax.plot([], [], color="#595959", lw=0.8, ls=":", label=say("seats never short"))
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax
