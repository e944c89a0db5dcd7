"""What `guantong sensitivity` shows: tables, a summary, a sentence, the tornado."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.break_even import BreakEven
from analysis.intervals import Interval
from analysis.sensitivity import Swing, rests_on
from experiments import console
from experiments.space import label_of
from scenarios.assumptions import Factor
from scenarios.schema import Settings

if TYPE_CHECKING:
    import pandas as pd

    from experiments.sensitivity import Found

_BARS = 16  # of the tornado
_TOLD = 5  # groups named in the sentence
_FEW = 4  # blocks, below which the bootstrap has nothing to draw from
_STAGES = {"morris": "trajectories of Morris", "sobol": "blocks of Sobol'"}


# --- tables and summary -----------------------------------------------------------------------


def tables(found: "Found") -> dict[str, "pd.DataFrame"]:
    """A table for each stage that found something."""
    import pandas as pd

    result = {}
    if found.effects:
        frame = pd.DataFrame(found.effects).drop(columns=["mu", "sigma"])  # groups have none
        result["morris"] = frame.rename(columns={"name": "group"})
    if found.shares:
        result["sobol"] = pd.DataFrame(found.shares).rename(columns={"name": "group"})
    if found.swings:
        result["swings"] = _swing_table(found)
    if found.turns:
        result["break_even"] = _turn_table(found)
    return result


def _swing_table(found: "Found") -> "pd.DataFrame":
    import pandas as pd

    by_name = {f.name: f for f in found.space.factors.values()}
    rows = []
    for swing in found.swings:
        factor = by_name[swing.name]
        ends = dict(zip(("low_end", "high_end"), factor.ends, strict=True))
        row = {"assumption": factor.key, "group": found.space.groups[factor.key]} | ends
        for name in ("at_low", "at_high", "change"):
            row |= _columns(name, getattr(swing, name))
        rows.append(row | {"is_distinguishable": swing.is_distinguishable})
    return pd.DataFrame(rows)


def _columns(name: str, interval: Interval) -> dict[str, float]:
    numbers = (np.nan if value is None else value for value in interval)
    return dict(zip((name, f"{name}_from", f"{name}_to"), numbers, strict=True))


def _turn_table(found: "Found") -> "pd.DataFrame":
    import pandas as pd

    by_name = {f.name: f for f in found.space.factors.values()}
    rows = []
    for name, turn in found.turns.items():
        low, high = by_name[name].ends
        row = {"lever": by_name[name].key, "low_end": low, "high_end": high}
        rows.append(row | (turn._asdict() if turn else {"verdict": "not known"}))
    frame = pd.DataFrame(rows)
    numbers = [name for name in ("at", "low", "high") if name in frame]
    return frame.astype(dict.fromkeys(numbers, float))


def summary(found: "Found", settings: Settings) -> dict[str, Any]:
    """What was found, as it is kept."""
    mean, low, high = found.base
    return {
        "metric": settings.sensitivity.metric,
        "policies": list(settings.policies),
        "replications": settings.sensitivity.replications,
        "as_assumed": {"mean": mean, "ci95": [low, high]},
        "groups": list(found.space.names),
        "assumptions": len(found.space.factors),
        "rests_on": found.told_apart,
        "not_distinguishable": not_distinguishable(found),
        "left_out": {stage: of - kept for stage, (kept, of) in found.kept.items()},
        "break_even": {name: t._asdict() for name, t in found.turns.items() if t is not None},
        "finding": sentence(found, settings),
    }


def not_distinguishable(found: "Found") -> list[str]:
    """The groups that cannot be told apart from zero, by the first stage that looked at all."""
    entries = found.effects or found.shares
    return [entry.name for entry in entries if not entry.is_distinguishable]


# --- words ------------------------------------------------------------------------------------


def sentence(found: "Found", settings: Settings) -> str:
    """The finding: what the difference rests on, and what turns its sign."""
    metric = settings.sensitivity.metric
    policies, percent = settings.policies, console.is_share(metric)
    said = [f"{label_of(metric)}, {policies[1]} - {policies[0]}: as assumed"]
    mean, low, high = found.base
    said[0] += f" {console.number(mean, percent=percent, sign=True)}"
    if low is not None:
        ends = (console.number(end, percent=percent, sign=True) for end in (low, high))
        said[0] += f" (95 % interval {' to '.join(ends)})"
    said[0] += "."
    said += _of_groups(found) + _of_swings(found) + _of_levers(found, policies[1])
    for stage, (kept, of) in found.kept.items():
        if kept < of:
            said.append(
                f"{of - kept} of {of} {_STAGES[stage]} are left out, as points in them have no "
                "value: this holds for where all can be run."
            )
        if 0 < kept < _FEW:
            said.append(f"{kept} {_STAGES[stage]} are too few for intervals that hold.")
    return " ".join(said)


def _of_groups(found: "Found") -> list[str]:
    looked = found.effects or found.shares
    if not looked:
        asked = bool(found.kept)
        return ["What it rests on is not known: too few points have a value."] if asked else []
    totals = {share.name: share for share in found.shares if share.is_distinguishable}
    held = found.told_apart
    told = [
        f"{name} ({100 * totals[name].total:.0f} % of the variance, "
        f"{100 * max(totals[name].total_low, 0):.0f} to {100 * totals[name].total_high:.0f})"
        if name in totals
        else name
        for name in held[:_TOLD]
    ]
    more = f" and {len(held) - _TOLD} more" if len(held) > _TOLD else ""
    n, m = len(not_distinguishable(found)), len(looked)
    apart = f"{n} of {m} groups cannot be told apart from zero."
    if n == 0:
        apart = f"all of the {m} groups looked at can be told apart from zero."
    if not held:
        return [f"The conclusion rests on no group of assumptions that shows: {apart}"]
    return [f"The conclusion rests on {', '.join(told)}{more}; {apart}"]


def _of_swings(found: "Found") -> list[str]:
    if not found.swings or found.base[0] is None:
        return []
    turned = [f"{s.name} at its {end} end" for s in found.swings for end in _turned(s, found.base)]
    if not turned:
        return [f"No assumption of {len(found.swings)} turns the sign alone."]
    return [f"Alone, {'; '.join(turned)} turn{'s' if len(turned) == 1 else ''} the sign."]


def _turned(swing: Swing, base: Interval) -> list[str]:
    """Ends at which the difference has the other sign, beyond doubt."""
    found = []
    for end, (mean, low, high) in (("low", swing.at_low), ("high", swing.at_high)):
        sure = mean is not None and low is not None and (low > 0 or high < 0)
        if sure and mean * base[0] < 0:
            found.append(end)
    return found


def _of_levers(found: "Found", policy: str) -> list[str]:
    if not any(found.turns.values()):
        return []
    turning = {n: t for n, t in found.turns.items() if t is not None and t.verdict == "crosses"}
    unsure = [n for n, t in found.turns.items() if t is not None and t.verdict == "undecided"]
    said = [f"{name} breaks even at {_place(turn)}." for name, turn in turning.items()]
    if not turning:
        said = [f"No lever of {policy} turns the sign within its range."]
    if unsure:
        n, of = len(unsure), len(found.turns)
        said.append(f"Along {n} of {of} levers the sign itself is within chance.")
    return said


def _place(turn: BreakEven) -> str:
    ends = ["beyond its range" if end is None else f"{end:.3g}" for end in (turn.low, turn.high)]
    return f"{turn.at:.3g} ({ends[0]} to {ends[1]})"


# --- on the terminal --------------------------------------------------------------------------


def show(found: "Found", made: dict[str, Any], settings: Settings) -> None:
    """Print the groups, the levers that break even, and the finding."""
    percent = console.is_share(settings.sensitivity.metric)
    if found.effects or found.shares:
        console.console.print(_groups_table(found, percent=percent))
    if any(turn is not None and turn.at is not None for turn in found.turns.values()):
        console.console.print(_levers_table(found))
    console.console.print(made["finding"], style="bold", soft_wrap=True)


def _groups_table(found: "Found", *, percent: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in ("assumptions", "mean effect\n(95 % interval)", "alone\n(% of variance)"):
        table.add_column(name, justify="left" if name == "assumptions" else "right")
    for name in ("with others\n(% of variance)", "told apart\nfrom zero"):
        table.add_column(name, justify="right")
    shares = {share.name: share for share in found.shares}
    effects = {effect.name: effect for effect in found.effects}
    matter = set(rests_on(found.effects)) | set(rests_on(found.shares))
    for name in effects or shares:
        effect, share, cells = effects.get(name), shares.get(name), ["-", "-", "-"]
        if effect:
            numbers = (effect.mu_star, effect.low, effect.high)
            size, low, high = (console.number(x, percent=percent) for x in numbers)
            cells[0] = f"{size} ({low} to {high})"
        if share:
            cells[1] = _share(share.first, share.first_low, share.first_high)
            cells[2] = _share(share.total, share.total_low, share.total_high)
        table.add_row(name, *cells, "yes" if name in matter else "no")
    return table


def _share(mean: float, low: float, high: float) -> str:
    return f"{100 * mean:.0f} ± {50 * (high - low):.0f}"


def _levers_table(found: "Found") -> Table:
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("lever", no_wrap=True)
    for name in ("breaks even at\n(95 % set)", "verdict"):
        table.add_column(name, justify="right")
    for name, turn in found.turns.items():
        if turn is not None and turn.at is not None:
            table.add_row(name, _place(turn), turn.verdict)
    return table


def draw(figures: Path, found: "Found", settings: Settings) -> None:
    """The tornado of the widest swings, as PNG and SVG; none where nothing swings."""
    from analysis import style
    from analysis.figures import tornado

    known = [s for s in found.swings if s.change[0]][:_BARS]
    if not known or found.base[0] is None:
        return
    scale = 100.0 if console.is_share(settings.sensitivity.metric) else 1.0
    by_name = {f.name: f for f in found.space.factors.values()}
    fig, axes = style.panels(1, 1, 9.0, tornado.height(len(known)))
    first, second = settings.policies
    tornado.draw(
        [_scaled(swing, scale) for swing in known], axes[0],
        base=scale * found.base[0],
        label=f"{label_of(settings.sensitivity.metric)}, {second} - {first}",
        ends={swing.name: _ends(by_name[swing.name]) for swing in known},
    )  # fmt: skip
    style.save(fig, figures, "tornado")


def _scaled(swing: Swing, scale: float) -> Swing:
    def of(interval: Interval) -> Sequence[float | None]:
        return tuple(None if value is None else scale * value for value in interval)

    return Swing(swing.name, of(swing.at_low), of(swing.at_high), of(swing.change))


def _ends(factor: Factor) -> tuple[str, str]:
    if len(factor.low) > 1:
        return f"{len(factor.low)} numbers, all low", "all high"
    low, high = factor.ends
    word = factor.unit.replace(",", " ").partition(" ")[0]  # of what may be half a sentence
    return f"{low:g}", f"{high:g}{'' if word in ('', '1', 'share') else f' {word}'}"
