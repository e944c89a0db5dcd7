"""One style for every figure: fonts, sizes, and colours that the colour-blind can tell apart.

`with style.language("zh"):` figures speak Chinese, in a font that has its characters.

Figures are made without pyplot, so nothing global is touched, no window opens (Agg draws
them), and threads may draw at the same time. A figure function also takes the Axes of a notebook.
"""

import contextlib
import functools
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from analysis import fonts, words
from analysis.words import say
from sim.units import DAY, HOUR, MINUTE, WEEK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POLICY_COLOURS = {"siloed": "#D55E00", "integrated": "#0072B2", "paper": "#595959"}
"""A policy looks the same in every figure (palette of Okabe and Ito 2008)."""

FURTHER_COLOURS = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9")
LINES = ("-", "--", "-.", ":")

USE_COLOURS = {
    "sensing": "#99DDFF",
    "waiting": "#EEDD88",
    "working": "#44BB99",
    "release": "#FFAABB",
    "dormant": "#BBBBBB",
}
"""How an incident's time passes (the "light" scheme of Tol 2021: black text stays readable)."""

DIVERGING = "RdBu_r"
"""Differences: blue is less, red is more, white is none."""

TIME_TICKS = {
    "1 min": MINUTE,
    "10 min": 10 * MINUTE,
    "1 h": HOUR,
    "6 h": 6 * HOUR,
    "1 day": DAY,
    "1 week": WEEK,
    "1 month": 30 * DAY,
    "6 months": 182 * DAY,
    "2 years": 730 * DAY,
}
"""Readable places on a logarithmic axis of durations [ticks]."""

RC = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E5E5E5",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "hatch.linewidth": 0.6,
    "svg.hashsalt": "guantong",  # the same figure gives the same file
}


def styled(function: Callable) -> Callable:
    """Run a figure function in this style, and leave matplotlib's own settings as they were."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        import matplotlib

        font = {"font.family": fonts.family(words.language())}
        with matplotlib.rc_context(RC | font):
            return function(*args, **kwargs)

    return wrapper


@contextlib.contextmanager
def language(name: str) -> Iterator[None]:
    """Let figures made and saved within the block speak a language: `en` or `zh`.

    Raises InputError for another one, and where no font has its characters.
    """
    with words.spoken(name):
        fonts.family(name)
        yield


@styled
def figure(width: float = 6.4, height: float = 4.0) -> "tuple[Figure, Axes]":
    """An empty figure of this style with one Axes. width, height : inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    fig = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(fig)
    return fig, fig.add_subplot()


@styled
def panels(rows: int, columns: int, width: float, height: float) -> "tuple[Figure, list[Axes]]":
    """An empty figure of this style with panels of one y axis, row by row.
    width, height : inches of each."""
    fig, ax = figure(width * columns, height * rows)
    ax.remove()
    return fig, list(fig.subplots(rows, columns, squeeze=False, sharey=True).flat)


@styled
def save(
    fig: "Figure", folder: str | Path, name: str, formats: Iterable[str] = ("png", "svg")
) -> list[Path]:
    """Write the figure as folder/name.FORMAT (png, svg, pdf) and return the paths.

    The files carry no date, so that the same figure gives the same bytes.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths, engine = [], fig.get_layout_engine()
    try:
        for kind in formats:
            path = folder / f"{name}.{kind}"
            undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
            fig.savefig(path, dpi=200, metadata=undated)
            fig.set_layout_engine("none")  # laid out once: half of the time goes into that
            paths.append(path)
    finally:
        fig.set_layout_engine(engine)
    return paths


@styled
def svg(fig: "Figure") -> bytes:
    """The figure as SVG, its letters drawn as paths, so that it needs no font."""
    held = io.BytesIO()
    fig.savefig(held, format="svg", metadata={"Date": None})
    return held.getvalue()


def looks(policies: Iterable[str]) -> dict[str, dict[str, str]]:
    """Colour and line style of each policy, as keyword arguments of `Axes.plot`.

    Named policies keep their colour; others take further ones in the order given. The line
    styles follow the order too, so that the curves differ in print without colour.
    """
    policies = list(policies)
    further = [policy for policy in policies if policy not in POLICY_COLOURS]
    result = {}
    for i, policy in enumerate(policies):
        colour = POLICY_COLOURS.get(policy)
        if colour is None:
            colour = FURTHER_COLOURS[further.index(policy) % len(FURTHER_COLOURS)]
        result[policy] = {"color": colour, "linestyle": LINES[i % len(LINES)]}
    return result


def duration_axis(ax: "Axes", low: float, high: float) -> None:
    """Make the x axis one of durations from `low` to `high` [ticks], logarithmic, in words."""
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    shown = {text: tick for text, tick in TIME_TICKS.items() if low <= tick <= high}
    ax.set_xticks(list(shown.values()), [say(text) for text in shown])
    ax.minorticks_off()
