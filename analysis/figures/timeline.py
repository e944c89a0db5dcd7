"""One incident's way through the city under each policy, desk by desk."""

import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from analysis.story import Story
from analysis.story_path import Part
from analysis.story_summary import USE_WORDS
from analysis.story_words import Names, duration
from analysis.style import USE_COLOURS, looks, styled
from sim.units import DAY, HOUR, NEVER

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS = {use: {"facecolor": c, "edgecolor": c} for use, c in USE_COLOURS.items()} | {
    "mismerged": {"facecolor": USE_COLOURS["dormant"], "edgecolor": "#777777", "hatch": "///"},
    "withdrawn": {"facecolor": "white", "edgecolor": "#777777", "hatch": "///"},
    "untold": {"facecolor": "white", "edgecolor": "#777777", "hatch": "xxx"},
    "unbooked": {"facecolor": "white", "edgecolor": "#777777", "hatch": "..."},
}
"""How bars look. The edge keeps the shortest visit in sight."""

_LIMIT = {"color": "#882255", "linestyle": "--", "linewidth": 1.3}
_FALSE = {"marker": "X", "color": "#882255", "linestyle": "none", "markersize": 6}
_SOLVED = {"marker": "D", "color": "#222222", "linestyle": "none", "markersize": 5}

_STEPS = (*(HOUR * n for n in (1, 2, 3, 6, 12)), *(DAY * n for n in (1, 2, 3, 5, 7, 10, 14, 28)))
_MOST_TICKS = 8
_LABEL_WIDTH = 36  # characters, of one line of a desk's name
_GAP = 0.8  # rows, between policies


@styled
def draw(stories: Mapping[str, Story], ax: "Axes", names: Names, title: str = "") -> "Axes":
    """A strip for each policy, of how the time passed, above a lane for each desk.

    stories : {POLICY: story of the same incident}; names : of ticks and desks. The strip follows
    the path that decided the closing; the lanes hold every visit, those of further reports thin
    and below the others. Where work was done in several sittings, working takes its share of the
    bar's height and waiting between the sittings the rest. `height` gives a good height.
    """
    rows, shown, y, span = [], set(), 0.0, _span(stories)
    for policy, story in stories.items():
        top, origin = y, story.incident["occurred"]
        rows.append((y, policy))
        for part in story.path:
            shown |= _bar(ax, y, part, origin, 0.9)
        for desk in lanes(story):
            y += 1
            rows.append((y, textwrap.fill(names.desk(desk), _LABEL_WIDTH)))
            for part, place, size in _visits(story, desk, y):
                shown |= _bar(ax, place, part, origin, size)
        shown |= _marks(ax, story, (top, y), span)
        y += 1 + _GAP
    _dress(ax, rows, y - _GAP, looks(stories))
    _time_axis(ax, next(iter(stories.values())).incident["occurred"], span, names)
    _head(ax, shown, title)
    return ax


def lanes(story: Story) -> list[int]:
    """The desks of a story, by their first visit; last those of further reports only."""
    visits = sorted(story.visits, key=lambda visit: visit.report > 0)
    return list(dict.fromkeys(visit.desk for visit in visits))


def height(stories: Mapping[str, Story]) -> float:
    """A good height of the figure [inches]."""
    rows = sum(len(lanes(story)) + 1 + _GAP for story in stories.values())
    return 1.6 + 0.28 * rows


def _bar(ax: "Axes", y: float, part: Part, origin: int, size: float) -> set[str]:
    """Draw a stretch of time; what it holds, for the legend."""
    left, width = (part.start - origin) / DAY, (part.end - part.start) / DAY
    if part.use != "working" or part.worked == part.end - part.start:
        ax.barh(y, width, left=left, height=size, linewidth=0.8, **LOOKS[part.use])
        return {part.use}
    ax.barh(y, width, left=left, height=size, linewidth=0.8, **LOOKS["waiting"])
    share = size * part.worked / (part.end - part.start)
    below = y + (size - share) / 2
    ax.barh(below, width, left=left, height=share, linewidth=0, **LOOKS["working"])
    return {"waiting", "working", "paused"}


def _visits(story: Story, desk: int, y: float) -> Iterable[tuple[Part, float, float]]:
    """The bars of a desk's lane at y, each with its own y and its height."""
    for visit in story.visits:
        if visit.desk != desk:
            continue
        parts = (
            Part("waiting", visit.joined, visit.started),
            Part("working", visit.started, visit.ended, visit.worked),
            Part("release", visit.ended, min(visit.released, story.end)),
        )
        place = (y + 0.42, 0.14) if visit.report else (y, 0.62)  # further reports below
        yield from ((part, *place) for part in parts if part.end > part.start)


def _span(stories: Mapping[str, Story]) -> int:
    """Length of the time axis [ticks].

    A limit far beyond the end would press the story into a corner; the axis leaves it out.
    """
    longest = max(1, *(story.latency for story in stories.values()))
    limits = [row["limit"] - row["occurred"] for row in (s.incident for s in stories.values())]
    return max([longest, *(limit for limit in limits if limit <= 1.5 * longest)])


def _marks(ax: "Axes", story: Story, rows: tuple[float, float], span: int) -> set[str]:
    """The limit, the closings, and how long it took; what of these there is."""
    top, bottom = rows
    limit, origin = story.incident["limit"], story.incident["occurred"]
    found = {"limit"} if limit < NEVER else set()
    if limit - origin <= span:
        ax.vlines((limit - origin) / DAY, top - 0.55, bottom + 0.5, zorder=3, **_LIMIT)
    elif limit < NEVER:
        found = {"limit_beyond"}
    for step in story.steps:
        if step.what in ("false_closing", "solved"):
            look = _SOLVED if step.what == "solved" else _FALSE
            ax.plot((step.at - origin) / DAY, top, zorder=4, clip_on=False, **look)
            found.add(step.what)
    ax.annotate(
        duration(story.latency) if story.is_solved else "not solved",
        (story.latency / DAY, top),
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        weight="bold",
    )
    return found


# --- axes --------------------------------------------------------------------------------------


def _dress(
    ax: "Axes",
    rows: list[tuple[float, str]],
    bottom: float,
    policies: Mapping[str, Mapping[str, str]],
) -> None:
    ax.set_yticks([y for y, _ in rows], [text for _, text in rows])
    for label in ax.get_yticklabels():
        look = policies.get(label.get_text())
        if look is None:
            label.set(fontsize=7)
        else:
            label.set(fontsize=9, weight="bold", color=look["color"])
    ax.set_ylim(bottom - 0.3, -0.75)
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _time_axis(ax: "Axes", occurred: int, span: int, names: Names) -> None:
    """Hours or days since it occurred, each with its date and time of day."""
    step = next((s for s in _STEPS if span / s <= _MOST_TICKS), _STEPS[-1])
    ticks = range(0, span + 1, step)
    unit, word = (DAY, "d") if step >= DAY else (HOUR, "h")
    texts = []
    for tick in ticks:
        weekday, day, month, _, clock = names.clock(occurred + tick).split()
        texts.append(f"{tick // unit} {word}\n{weekday} {day} {month}\n{clock}")
    ax.set_xticks([tick / DAY for tick in ticks], texts, fontsize=7)
    ax.set_xlim(0, 1.15 * span / DAY)  # room for the last word
    ax.set_xlabel("time since it occurred")


def _head(ax: "Axes", shown: set[str], title: str) -> None:
    """The title, and below it the legend of what there is."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [Patch(label=USE_WORDS[kind], **LOOKS[kind]) for kind in USE_WORDS if kind in shown]
    marks = {
        "paused": Line2D([], [], label="lower part of a bar: share worked", linestyle="none"),
        "limit": Line2D([], [], label="limit", **_LIMIT),
        "limit_beyond": Line2D([], [], label="limit: beyond the axis", linestyle="none"),
        "false_closing": Line2D([], [], label="closed falsely", **_FALSE),
        "solved": Line2D([], [], label="closed and solved", **_SOLVED),
    }
    handles += [handle for mark, handle in marks.items() if mark in shown]
    ax.legend(handles=handles, ncols=3, loc="lower left", bbox_to_anchor=(-0.01, 1), fontsize=8)
    ax.set_title(title, pad=10 + 13 * -(-len(handles) // 3))  # points: a row of the legend is 13
