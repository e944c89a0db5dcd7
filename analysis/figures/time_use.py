"""Where the time goes: hours of an incident by stage, waiting, worked on or held."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.account import PARTS
from analysis.style import USE_COLOURS, styled
from analysis.words import say
from sim.records import TIMED_STAGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Account = Mapping[str, float | None]

GROUPS = {
    "all": "The restricted mean closure latency",
    "sensing": "Sensing",
    **{stage: stage.capitalize() for stage in TIMED_STAGES},
    "dormant": "Dormant",
    "open": "Still under way",
}
"""The parts of an incident's life, each with its heading."""

USES = {
    "sensing": "unseen",
    "waiting": "waiting in a queue",
    "working": "being worked on",
    "release": "held (batches, coordination)",
    "dormant": "falsely closed",
}


@styled
def draw(accounts: Mapping[str, Sequence[Account]], ax: "Axes") -> "Axes":
    """One stacked bar a policy for the whole life of an incident, and for each part of it.

    accounts : {POLICY: one `Reducer.time_account()` a replication} [h]. The bars are means
    over replications, with their length at the end. `height` gives a good height.
    """
    means = {policy: _mean(runs) for policy, runs in accounts.items()}
    rows: list[tuple[float, str]] = []
    y = 0.0
    for group, heading in GROUPS.items():
        ax.annotate(
            say(heading),
            (0, y),
            xytext=(2, 0),
            textcoords="offset points",
            va="center",
            weight="bold",
        )
        for policy, account in means.items():
            y += 1
            rows.append((y, say(policy)))
            _bar(ax, y, _by_use(account, group))
        y += 1.2
    ax.set_yticks(*zip(*rows, strict=True))
    ax.set_ylim(y - 0.6, -0.8)
    _dress(ax)
    return ax


def height(n_policies: int) -> float:
    """A good height of the figure [inches]."""
    return 1.2 + 0.17 * len(GROUPS) * (n_policies + 1.2)


def _mean(runs: Sequence[Account]) -> dict[str, float]:
    """Mean account over replications [h]; NaN if one of them has none."""
    values = np.array([[run[name] for name in PARTS] for run in runs], float)
    return dict(zip(PARTS, values.mean(axis=0), strict=True))


def _by_use(account: Mapping[str, float], group: str) -> dict[str, float]:
    """The time of one group by use [h]."""
    uses = dict.fromkeys(USES, 0.0)
    for name, hours in account.items():
        stage, _, use = name.partition("_")
        if group in ("all", stage):
            uses[use or stage] += hours
    return uses


def _bar(ax: "Axes", y: float, uses: Mapping[str, float]) -> None:
    """One stacked bar with its length at its end."""
    ends = np.cumsum(list(uses.values()))
    for (use, hours), end in zip(uses.items(), ends, strict=True):
        if hours > 0:
            ax.barh(y, hours, left=end - hours, height=0.9, color=USE_COLOURS[use])
    known = np.isfinite(ends[-1])
    ax.annotate(
        _duration(ends[-1]) if known else say("not defined"),
        (ends[-1] if known else 0, y),
        xytext=(3, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
    )


def _duration(hours: float) -> str:
    return say("{x:.1f} h", x=hours) if hours >= 1 else say("{x:.0f} min", x=60 * hours)


def _dress(ax: "Axes") -> None:
    from matplotlib.patches import Patch

    ax.margins(x=0.1)  # room for the last number
    ax.set_xlim(left=0)
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(say("mean time of an incident [h]"))
    ax.set_title(say("Where the time goes"), pad=36)  # the legend stands below it, in two rows
    handles = [Patch(color=USE_COLOURS[use], label=say(label)) for use, label in USES.items()]
    ax.legend(handles=handles, ncols=3, loc="lower left", bbox_to_anchor=(-0.01, 1), handlelength=1)
