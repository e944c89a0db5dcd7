"""Utilisation against latency, with the knee: from where more load costs more than it brings."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from analysis.intervals import band
from analysis.style import looks, styled
from analysis.words import say
from sim.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GOOD = 0.8
"""Share of the variance of the points that a guide must explain for its knee to be marked."""

_KNEE = {"marker": "D", "markerfacecolor": "white", "markersize": 6, "linestyle": "none"}


class Guide(NamedTuple):
    """The curve a + b u / (1 - u) of a utilisation u: `a` what it takes without waiting, `b` how
    much waiting there is at u = 1/2, both in the unit of the latency."""

    a: float
    b: float

    def at(self, u: np.ndarray) -> np.ndarray:
        return self.a + self.b * u / (1 - u)

    def explains(self, u: np.ndarray, latency: np.ndarray) -> float:
        """Share of the variance of points that lies on the curve; below 0 for one that is worse
        than their mean."""
        apart = np.square(latency - self.at(u)).sum()
        return float(1 - apart / np.square(latency - np.mean(latency)).sum())

    @property
    def knee(self) -> float | None:
        """Where the power u / latency is largest (Kleinrock 1979, Power and deterministic rules of
        thumb), that is, where a line from the origin touches the curve; None where it rises or
        falls throughout.

        The derivative of u / (a + b u / (1 - u)) is 0 at 1 / (1 + sqrt(b / a)).
        """
        return 1 / (1 + (self.b / self.a) ** 0.5) if self.a > 0 and self.b > 0 else None


def fitted(utilisation: np.ndarray, latency: np.ndarray) -> Guide | None:
    """The guide through points by least squares, neither number below 0; None for fewer than three
    points. The form is that of the mean time in M/M/1, and of Kingman's bound for G/G/1.

    utilisation : float[n], each from 0 to below 1. Raises InputError for others.
    """
    from scipy.optimize import nnls

    u, latency = np.asarray(utilisation, float), np.asarray(latency, float)
    if u.size and not (u.min() >= 0 and u.max() < 1):
        raise InputError(f"utilisation: {u.min():g} to {u.max():g}; allowed: 0 to below 1")
    if u.size < 3:
        return None
    (a, b), _ = nnls(np.column_stack([np.ones_like(u), u / (1 - u)]), latency)
    return Guide(float(a), float(b))


@styled
def draw(
    utilisation: Mapping[str, np.ndarray],
    latency: Mapping[str, np.ndarray],
    ax: "Axes",
    *,
    label: str,
    across: str | None = None,
    guides: Sequence[str] | None = None,
) -> "Axes":
    """Points of a sweep over how busy staff is.

    utilisation, latency : {POLICY: float[points, replications]}, shares and hours. A dot is the
    mean over replications, its bars the 95 % intervals (Student's t). label, across : of the axes.
    guides : policies with a guide; all by default. It is a help for the eye, a single queue of the
    same shape, and no forecast; its knee is marked where it explains GOOD of the points' variance.
    """
    policies = latency if guides is None else guides
    for policy, look in looks(latency).items():
        (u, u_low, u_high), (t, low, high) = (
            band(np.asarray(values[policy], float).T) for values in (utilisation, latency)
        )
        known = np.isfinite(u) & np.isfinite(t)
        u, u_low, u_high, t, low, high = (x[known] for x in (u, u_low, u_high, t, low, high))
        margins = {"xerr": 100 * (u_high - u), "yerr": high - t}
        if not np.isfinite(high).all():
            margins = {}
        ax.errorbar(
            100 * u, t, fmt="o", ms=4, lw=1.0, color=look["color"], label=say(policy), **margins
        )
        if policy in policies:
            _guide(ax, u, t, look)
    ax.set_xlim(0, 100)
    ax.set_xlabel(across or say("utilisation [%]"))
    ax.set_ylabel(label)
    ax.legend(handles=_handles(ax), loc="best")
    return ax


def _guide(ax: "Axes", u: np.ndarray, t: np.ndarray, look: Mapping[str, str]) -> None:
    busy = u < 1
    guide = fitted(u[busy], t[busy])
    if guide is None or not guide.b:
        return
    line = np.linspace(0, min(1.02 * u[busy].max(), 0.99), 200)
    ax.plot(100 * line, guide.at(line), lw=1.1, **look)
    held = guide.explains(u[busy], t[busy]) >= GOOD
    if held and guide.knee is not None and guide.knee <= line[-1]:
        ax.plot(100 * guide.knee, guide.at(guide.knee), color=look["color"], **_KNEE)


def _handles(ax: "Axes") -> list:
    from matplotlib.lines import Line2D

    handles, grey = ax.get_legend_handles_labels()[0], "#595959"
    if any(line.get_marker() == "D" for line in ax.lines):
        handles.append(Line2D([], [], color=grey, label=say("knee of the guide"), **_KNEE))
    if any(len(line.get_xdata()) == 200 for line in ax.lines):
        guide = say("guide: a + b u / (1 − u)")
        handles.append(Line2D([], [], color=grey, lw=1.1, label=guide))
    return handles
