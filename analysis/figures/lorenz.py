"""Inequality between districts: the Lorenz curve of the mean closure latency, with its Gini."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.inequality import gini
from analysis.intervals import band, mean_interval
from analysis.style import looks, styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PLACES = np.linspace(0, 1, 201)


@styled
def draw(
    groups: Mapping[str, Sequence[tuple[np.ndarray, np.ndarray]]],
    ax: "Axes",
    *,
    title: str | None = None,
) -> "Axes":
    """The share of all time that falls to the incidents of the districts served best.

    groups : {POLICY: one (means, weights) a replication}, float[n_districts] each: the mean closure
    latency [h] and the number of incidents; districts without either are left out. A line is the
    mean over replications, the band its 95 % interval (Student's t, point by point); so is the
    interval of the Gini coefficient in the legend. On the diagonal all districts are served alike.
    """
    ax.plot([0, 100], [0, 100], color="black", lw=0.8, ls=":", label=say("all alike"))
    closer = _closer(ax)
    for policy, look in looks(groups).items():
        curves, ginis = zip(*(_curve(*run) for run in groups[policy]), strict=True)
        mean, low, high = band(100 * np.array(curves))
        high = np.minimum(high, 100 * _PLACES)
        ax.plot(100 * _PLACES, mean, label=_label(policy, ginis), **look)
        closer.plot(100 * _PLACES, 100 * _PLACES - mean, **look)
        if len(curves) > 1:
            faint = {"color": look["color"], "alpha": 0.2, "lw": 0}
            ax.fill_between(100 * _PLACES, low, high, **faint)
            closer.fill_between(100 * _PLACES, 100 * _PLACES - low, 100 * _PLACES - high, **faint)
    closer.set_ylim(bottom=0)
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 100)
    ax.set_aspect("equal")
    ax.set_xlabel(say("incidents, those of the districts served best first [%]"))
    ax.set_ylabel(say("their share of all time until closing [%]"))
    ax.set_title(title or say("Inequality between districts"))
    ax.legend(loc="upper left")
    return ax


def _closer(ax: "Axes") -> "Axes":
    """A small frame for what the curves lie below the diagonal, where they are close to it."""
    inset = ax.inset_axes((0.6, 0.14, 0.37, 0.27))
    inset.set_title(say("below the diagonal [points]"), fontsize=7, weight="normal")
    inset.tick_params(labelsize=6.5)
    inset.set_xlim(0, 100)
    inset.set_xticks([0, 50, 100])
    return inset


def _curve(means: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """The curve at _PLACES, shares, and the Gini coefficient between the groups."""
    means, weights = np.asarray(means, float), np.asarray(weights, float)
    seen = (weights > 0) & np.isfinite(means)
    means, weights = means[seen], weights[seen]
    order = np.argsort(means, kind="stable")
    ends = (np.cumsum(part[order]) / part.sum() for part in (weights, weights * means))
    x, y = (np.concatenate([[0.0], end]) for end in ends)
    return np.interp(_PLACES, x, y), gini(means, weights)


def _label(policy: str, ginis: Sequence[float]) -> str:
    mean, low, high = mean_interval(ginis)
    if low is None:
        return say("{policy}: Gini {x:.3f}", policy=say(policy), x=mean)
    values = {"policy": say(policy), "x": mean, "low": max(low, 0.0), "high": high}
    return say("{policy}: Gini {x:.3f} ({low:.3f} to {high:.3f})", **values)
