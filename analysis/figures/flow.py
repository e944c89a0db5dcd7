"""Flow between tiers and desks: which desks an incident goes through, hand-over by hand-over."""

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from analysis.style import styled
from analysis.words import say
from sim.codes import DESK_GROUPS, NONE, TIERS
from sim.draws import OF_INCIDENT
from sim.stream import unpack_key

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Moves = Mapping[tuple[int, int, int], int]
"""{(step, place, next place): incidents}; steps from 0, next is NONE where the path ends."""

COLOURS = ("#0072B2", "#009E73", "#E69F00", "#CC79A7")
"""Of the tiers, from the city down (palette of Okabe and Ito 2008)."""

MOST_STEPS = 8
_WIDTH = 0.14  # of a desk's bar, where desks stand 1 apart
_GAP = 1.2  # between bars [% of the incidents]
_LANE_GAP = 7.0  # between tiers
_TOLD = 3.0  # % below which a bar has no name


def place(tier: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The code of a tier's group of desks, as `moves` counts them."""
    return np.asarray(tier, np.int64) * len(DESK_GROUPS) + np.asarray(group, np.int64)


def moves(visits: Mapping[str, np.ndarray], places: np.ndarray, steps: int = MOST_STEPS) -> Moves:
    """The paths of the incidents in a visit table, followed by their lead task.

    visits : `incident`, `report`, `branch`, `desk` and `joined` of the visit table. places : of
    each desk. Visits of one desk in a row count as one step; later steps than `steps` are left out.
    """
    names = ("incident", "report", "branch", "desk", "joined")
    incident, report, branch, desk, joined = (np.asarray(visits[name]) for name in names)
    lead = (report == 0) & (branch == 0) & (unpack_key(incident)[0] == OF_INCIDENT)
    incident, desk, joined = incident[lead], desk[lead], joined[lead]
    order = np.lexsort((joined, incident))
    incident, desk = incident[order], desk[order]
    moved = np.r_[True, (incident[1:] != incident[:-1]) | (desk[1:] != desk[:-1])]
    incident, at = incident[moved], places[desk[moved]]
    begins = np.r_[True, incident[1:] != incident[:-1]]
    index = np.arange(len(incident))
    step = index - np.maximum.accumulate(np.where(begins, index, 0))
    following = np.where(np.r_[begins[1:], True], NONE, np.r_[at[1:], NONE])
    triples = np.column_stack([step, at, following])[step < steps]
    found, counts = np.unique(triples, axis=0, return_counts=True)
    return {tuple(map(int, row)): int(n) for row, n in zip(found, counts, strict=True)}


@styled
def draw(moves: Moves, ax: "Axes", *, title: str | None = None, steps: int | None = None) -> "Axes":
    """A bar a group of desks and step, as high as the incidents that are there; bands go on to the
    next desk. Where no band leaves, the path ends. Tiers stand one below the other.

    moves : as by `moves`. steps : columns to draw, the last one without what follows; as many as
    there are by default. Give the same to figures that are compared.
    """
    total = sum(n for (step, _, _), n in moves.items() if step == 0)
    steps = steps or 1 + max(step for step, _, _ in moves)
    shares = {key: 100 * n / total for key, n in moves.items() if key[0] < steps}
    heights: dict[tuple[int, int], float] = defaultdict(float)
    for (step, at, _), share in shares.items():
        heights[step, at] += share
    tops, lanes = _lay_out(heights)
    _bands(ax, shares, heights, tops, steps)
    for (step, at), height in heights.items():
        _bar(ax, step, at, tops[step, at], height)
    _dress(ax, shares, lanes, steps)
    ax.set_title(title or say("Flow between tiers and desks"))
    return ax


def _lay_out(
    heights: Mapping[tuple[int, int], float],
) -> tuple[dict[tuple[int, int], float], dict[int, tuple[float, float]]]:
    """The top of each bar, and the upper and lower end of each tier's lane; y grows downwards."""
    of_lane: dict[tuple[int, int], float] = defaultdict(float)
    for (step, at), height in heights.items():
        of_lane[at // len(DESK_GROUPS), step] += height + _GAP
    lanes, tops, y = {}, {}, 0.0
    for tier in sorted({tier for tier, _ in of_lane}):
        tall = max(height for (t, _), height in of_lane.items() if t == tier)
        lanes[tier], used = (y, y + tall), defaultdict(lambda y=y: y)
        for step, at in sorted(heights):
            if at // len(DESK_GROUPS) == tier:
                tops[step, at] = used[step]
                used[step] += heights[step, at] + _GAP
        y += tall + _LANE_GAP
    return tops, lanes


def _bands(
    ax: "Axes",
    shares: Mapping[tuple[int, int, int], float],
    heights: Mapping[tuple[int, int], float],
    tops: Mapping[tuple[int, int], float],
    steps: int,
) -> None:
    """From each bar to those of the next step, in an order that crosses little."""
    left, right = dict(tops), dict(tops)
    for (step, at, following), share in sorted(shares.items()):
        if following == NONE or step + 1 >= steps or (step + 1, following) not in heights:
            continue
        start, end = left[step, at], right[step + 1, following]
        left[step, at] += share
        right[step + 1, following] += share
        colour = COLOURS[at // len(DESK_GROUPS)]
        _band(ax, (step + _WIDTH / 2, start), (step + 1 - _WIDTH / 2, end), share, colour)


def _band(
    ax: "Axes", start: tuple[float, float], end: tuple[float, float], height: float, colour: str
) -> None:
    """A band of two Bézier curves that leave and arrive level."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2
    upper = [(x0, y0), (middle, y0), (middle, y1), (x1, y1)]
    lower = [(x1, y1 + height), (middle, y1 + height), (middle, y0 + height), (x0, y0 + height)]
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    path = Path([*upper, *lower, (x0, y0)], codes)
    ax.add_patch(PathPatch(path, facecolor=colour, alpha=0.32, linewidth=0))


def _bar(ax: "Axes", step: int, at: int, top: float, height: float) -> None:
    tier, group = divmod(at, len(DESK_GROUPS))
    ax.bar(step, height, _WIDTH, bottom=top, color=COLOURS[tier], linewidth=0)
    if height >= _TOLD:
        ax.annotate(
            say(DESK_GROUPS[group]), (step + _WIDTH / 2, top + height / 2), xytext=(2, 0),
            textcoords="offset points", va="center", fontsize=7,
        )  # fmt: skip


def _dress(
    ax: "Axes",
    shares: Mapping[tuple[int, int, int], float],
    lanes: Mapping[int, tuple[float, float]],
    steps: int,
) -> None:
    reached = [
        sum(share for (step, _, _), share in shares.items() if step == k) for k in range(steps)
    ]
    texts = [say("desk {n}\n{share:.0f} %", n=k + 1, share=reached[k]) for k in range(steps)]
    ax.set_xticks(range(steps), texts)
    ax.set_xlim(-0.5 * _WIDTH - 0.02, steps - 1 + 0.75)  # room for the last names
    middles = [(top + bottom) / 2 for top, bottom in lanes.values()]
    ax.set_yticks(middles, [say(TIERS[tier]) for tier in lanes])
    for label, tier in zip(ax.get_yticklabels(), lanes, strict=True):
        label.set(color=COLOURS[tier], weight="bold")
    ax.set_ylim(max(bottom for _, bottom in lanes.values()), -_GAP)
    ax.grid(visible=False)
    ax.tick_params(length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.set_xlabel(say("desks in the order of their turn; share of incidents that get so far"))
