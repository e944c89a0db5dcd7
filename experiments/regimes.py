"""`guantong regimes`: where integration loses and where it wins, each claim on fresh seeds.

A regime is an experiment of conf/experiment that states a claim: a metric that lies higher, or
lower, under the second policy than under the first, by so much at least. It was found by looking;
here it is held against seeds that nobody has looked at.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.intervals import Interval, mean_interval
from experiments import console
from experiments.compare import Replication, named, replicate, replication_seed
from experiments.pages import renew, table
from experiments.store import check_writable, provenance, results_folder, write_json, write_settings
from experiments.warm import compile_if_cold
from scenarios.load import CONF, compose_settings, load_policies
from scenarios.parameters import Parameters
from sim.errors import InputError

HIGHER, LOWER = "higher", "lower"
_OWN = ("page", "regimes")
"""Settings of the command itself."""


@dataclass(frozen=True)
class Found:
    """A regime's claim and what the replications say of it."""

    regime: str
    first: str
    second: str
    metric: str
    change: str
    least: float
    before: float | None
    after: float | None
    ratio: Interval
    """Second over first, with its 95 % interval."""
    why: str

    @property
    def holds(self) -> bool:
        """Whether all of the interval lies beyond the claimed change."""
        _, low, high = self.ratio
        if self.change == HIGHER:
            return low is not None and low >= 1.0 + self.least
        return high is not None and high <= 1.0 - self.least


def names() -> list[str]:
    """Experiments of conf/experiment that state a claim, by folder and name."""
    folder = CONF / "experiment"
    paths = sorted(path for path in folder.rglob("*.yaml") if _claims(path))
    return [path.relative_to(folder).with_suffix("").as_posix() for path in paths]


def _claims(path: Path) -> bool:
    return any(line.startswith("claim:") for line in path.read_text("utf-8").splitlines())


def regimes(overrides: Sequence[str] = ()) -> Path:
    """Run every regime, print the table, write a results folder; returns its path.

    overrides : settings, and `regimes=[NAME, ...]` and `page=FILE`. Raises InputError.
    """
    begun = time.perf_counter()
    own = {key: value for key, _, value in (o.partition("=") for o in overrides) if key in _OWN}
    rest = [o for o in overrides if o.partition("=")[0] not in _OWN]
    found, made = [], {}
    for name in wanted("regimes", own.get("regimes"), names()):
        given = [f"experiment={name}", *rest, "record=summary"]
        with console.telling_warnings():
            policies = load_policies(given)
            first = next(iter(policies.values()))
            check_writable(first.settings.results)
            compile_if_cold()
            for each in policies.values():
                _ = each.world, each.rates, each.open_ticks, each.paid_by_desk
        console.console.print(f"{name}: {first.settings.claim.why}", soft_wrap=True)
        runs, _ = replicate(policies)
        found.append(judged(name, policies, runs))
        count = first.settings.replications
        seeds = [replication_seed(first.settings.seed, r) for r in range(count)]
        made = provenance(first, seeds, time.perf_counter() - begun)
    with results_folder(first.settings.results, "regimes") as (folder, final):
        write_settings(folder / "config.yaml", compose_settings(rest))
        write_json(folder / "summary.json", {"regimes": [_plain(each) for each in found]})
        write_json(folder / "provenance.json", made)
        _draw(found, folder)
    if "page" in own:
        renew(Path(own["page"]), "regimes", "\n".join(page(found, made)))
    _print(found)
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


def wanted(key: str, text: str | None, known: Sequence[str]) -> list[str]:
    """Those of the known names that a setting of the form [A,B] lists; all without it. Raises
    InputError."""
    if text is None:
        return list(known)
    found = [part.strip() for part in text.strip("[]").split(",") if part.strip()]
    for name in found or [text]:
        if name not in known:
            raise InputError(f"{key}: '{name}'; allowed: {', '.join(known)}")
    return found


# --- the claim --------------------------------------------------------------------------------


def judged(
    name: str, policies: Mapping[str, Parameters], runs: Mapping[str, Sequence[Replication]]
) -> Found:
    """A regime's claim held against its replications. Raises InputError."""
    first, *_, second = policies
    claim = policies[first].settings.claim
    a, b = (
        [measured(claim.metric, run, policies[policy]) for run in runs[policy]]
        for policy in (first, second)
    )
    return Found(
        name,
        first,
        second,
        str(claim.metric),
        claim.change,
        claim.least,
        mean_interval(a)[0],
        mean_interval(b)[0],
        ratio_interval(a, b),
        str(claim.why),
    )


def measured(metric: str | None, run: Replication, parameters: Parameters) -> float | None:
    """A metric of a run by its name, or TABLE.GROUP.COLUMN of a breakdown. Raises InputError."""
    import pandas as pd

    if metric in run.metrics:
        return run.metrics[metric]
    table, _, rest = str(metric).partition(".")
    group, _, column = rest.partition(".")
    columns = run.tables.get(table, {})
    if column not in columns:
        raise InputError(
            f"claim.metric: {metric}; allowed: a metric of docs/tables.md, or "
            "TABLE.GROUP.COLUMN such as by_kind.fire.mean_latency_hours"
        )
    groups = list(named(pd.DataFrame(columns), parameters)[next(iter(columns))])
    if group not in groups:
        raise InputError(f"claim.metric: {metric}; allowed in {table}: {', '.join(groups)}")
    value = float(columns[column][groups.index(group)])
    return None if math.isnan(value) else value


def ratio_interval(a: Sequence[float | None], b: Sequence[float | None]) -> Interval:
    """Geometric mean of b over a, replication by replication, with Student's 95 % interval of its
    logarithm; all None where a value is None or not above 0."""
    if any(x is None or not x > 0.0 for x in (*a, *b)):
        return None, None, None
    logs = [math.log(y / x) for x, y in zip(a, b, strict=True)]
    return tuple(None if x is None else math.exp(x) for x in mean_interval(logs))


# --- words and figures ------------------------------------------------------------------------


def _plain(found: Found) -> dict[str, Any]:
    return {**asdict(found), "ratio": list(found.ratio), "holds": found.holds}


def _percent(found: Found) -> str:
    """Change with its interval."""
    mean, low, high = found.ratio
    if mean is None:
        return "not defined"
    text = f"{100 * (mean - 1):+.1f}"
    return text if low is None else f"{text} ({100 * (low - 1):+.1f} to {100 * (high - 1):+.1f}) %"


def _verdict(found: Found) -> str:
    return "holds" if found.holds else "does not hold"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.4g}"


def _cells(each: Found) -> list[str]:
    return [
        each.regime,
        each.metric,
        f"{each.first} {_number(each.before)}",
        f"{each.second} {_number(each.after)}",
        _percent(each),
        f"{each.change} by {100 * each.least:g} %",
        _verdict(each),
    ]


_HEAD = ("regime", "metric", "first", "second", "change (95 %)", "claim", "verdict")


def page(found: Sequence[Found], made: Mapping[str, Any]) -> list[str]:
    """The part of the page that the command writes."""
    lines = [
        f"*Written by `guantong regimes`, {str(made['created'])[:10]}: {len(made['seeds'])} "
        f"replications each; sources {made['sources'][:16]}.*",
        "",
        *table(_HEAD, [_cells(each) for each in found]),
    ]
    for each in found:
        lines += [f"- **{each.regime}**: {each.why}"]
    return lines


def _print(found: Sequence[Found]) -> None:
    shown = Table(box=SIMPLE_HEAD, header_style="bold")
    for head in _HEAD:
        shown.add_column(head)
    for each in found:
        shown.add_row(*_cells(each))
    console.console.print(shown)


def _draw(found: Sequence[Found], folder: Path) -> None:
    """A forest of the changes, as PNG and SVG."""
    from analysis import style
    from analysis.figures import forest

    figures = folder / "figures"
    figures.mkdir()
    entries = [
        (f"{each.regime}\n{each.metric}", *(100 * (x - 1) for x in each.ratio))
        for each in found
        if None not in each.ratio
    ]
    fig, ax = style.figure(7.4, forest.height(len(entries)))
    forest.draw(entries, ax, label="second policy against the first [%]")
    style.save(fig, figures, "regimes")
