"""`guantong verify`: reduced worlds against queueing theory, number by number."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from experiments import console
from experiments.compare import replication_seed
from experiments.one_run import Progress, simulate
from experiments.seen import Check, Seen
from experiments.store import check_writable, provenance, results_folder, write_json, write_settings
from experiments.theory import expected
from experiments.threads import in_threads
from experiments.warm import compile_if_cold
from scenarios.load import CONF, compose_settings, load
from scenarios.parameters import Parameters
from sim.errors import InputError
from sim.jit import sources_hash

_OWN = ("page", "worlds")
"""Settings of the command itself."""


@dataclass(frozen=True)
class Found:
    """One expected number and what the replications say of it."""

    world: str
    measure: str
    expected: float
    mean: float
    error: float
    """Standard error of the mean."""
    half_width: float
    """Of the interval at the stated level."""

    @property
    def agrees(self) -> bool:
        return abs(self.mean - self.expected) <= self.half_width + 1e-9 * abs(self.expected)

    @property
    def relative_error(self) -> float:
        """Standard error, relative to the expected number; 0 where all is exact."""
        return self.error / abs(self.expected) if self.error else 0.0


def hold(worlds: Sequence[Parameters], alpha: float) -> list[Found]:
    """Run all replications of reduced worlds and hold them against their closed forms.

    alpha : error rate of each interval. Raises InputError for a world without a steady state,
    before any run.
    """
    checks = [expected(parameters) for parameters in worlds]
    for parameters in worlds:
        _ = parameters.world, parameters.rates, parameters.open_ticks
    jobs = [(i, r) for i, p in enumerate(worlds) for r in range(_replications(p))]

    def read(job: tuple[int, int], advance: Progress) -> list[float]:
        i, r = job
        seed = replication_seed(worlds[i].settings.seed, r)
        seen = Seen(simulate(worlds[i], seed, advance))
        return [check.read(seen) for check in checks[i]]

    done = iter(in_threads(f"{len(jobs)} runs", jobs, read, worlds[0].settings.threads))
    found = []
    for parameters, known in zip(worlds, checks, strict=True):
        values = np.array([next(done) for _ in range(_replications(parameters))], float)
        found += _found(parameters.settings.theory, known, values, alpha)
    return found


def _replications(parameters: Parameters) -> int:
    """A trace has no chance in it."""
    return 1 if parameters.trace is not None else parameters.settings.replications


def _found(
    world: str, checks: Sequence[Check], values: np.ndarray, alpha: float
) -> Iterator[Found]:
    """values : f8[replications, checks]."""
    from scipy.stats import t

    n = len(values)
    errors = values.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.zeros(len(checks))
    width = t.isf(alpha / 2, n - 1) if n > 1 else 0.0
    for check, mean, error in zip(checks, values.mean(axis=0), errors, strict=True):
        numbers = check.expected, float(mean), float(error), float(width * error)
        yield Found(world, check.measure, *numbers)


def verify(overrides: Sequence[str] = ()) -> Path:
    """Hold reduced worlds against theory, print the table, write a results folder; its path.

    Raises InputError when a number disagrees, after the folder is written.
    """
    begun = time.perf_counter()
    own = {key: value for key, _, value in (o.partition("=") for o in overrides) if key in _OWN}
    rest = [o for o in overrides if o.partition("=")[0] not in _OWN]
    chosen = [o for o in rest if o.startswith("experiment=")]
    worlds = _worlds(own.get("worlds"))
    loaded = [load(rest)] if chosen else [load([f"experiment=theory/{w}", *rest]) for w in worlds]
    settings = loaded[0].settings
    check_writable(settings.results)
    compile_if_cold()
    found = hold(loaded, settings.verify.alpha)
    text = page(found, loaded, time.perf_counter() - begun)
    with results_folder(settings.results, "verify") as (folder, final):
        rows = [{**f.__dict__, "agrees": f.agrees} for f in found]
        write_json(folder / "summary.json", {"numbers": rows})
        write_settings(folder / "config.yaml", compose_settings(rest))
        seconds = time.perf_counter() - begun
        write_json(folder / "provenance.json", provenance(loaded[0], [settings.seed], seconds))
        (folder / "verification.md").write_text(text, encoding="utf-8")
    if "page" in own:
        _replace(Path(own["page"]), text)
    _print(found)
    console.console.print(f"results: {final}", soft_wrap=True)
    wrong = [f for f in found if not f.agrees]
    if wrong:
        raise InputError(
            f"{len(wrong)} of {len(found)} numbers disagree with theory, such as "
            f"{wrong[0].world}: {wrong[0].measure}"
        )
    return final


def _worlds(given: str | None) -> list[str]:
    """Names of the reduced worlds to run, all that conf/ has unless given."""
    known = sorted(p.stem for p in (CONF / "experiment" / "theory").glob("*.yaml"))
    if given is None:
        return known
    names = [name for name in given.strip("[]").split(",") if name]
    for name in names:
        if name not in known:
            raise InputError(f"worlds: '{name}'; allowed: {', '.join(known)}")
    return names


def _replace(path: Path, text: str) -> None:
    partial = path.with_suffix(".tmp")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise InputError(f"page: '{path}' cannot be written: {error.strerror}") from None


# --- words ------------------------------------------------------------------------------------


def page(found: Sequence[Found], loaded: Sequence[Parameters], seconds: float) -> str:
    """docs/verification.md."""
    alpha = loaded[0].settings.verify.alpha
    about = {p.settings.theory: _about(p.settings.theory) for p in loaded}
    lines = [
        "# Reduced worlds against queueing theory",
        "",
        "Each world below is a file in `conf/experiment/theory/`: the same program, rules and "
        "clock as the city, with all stages left out but those that the closed form knows. "
        "`guantong verify` runs them, takes rates, works and seats from the settings, and works "
        "out what theory expects (`analysis/queueing`). This page is what it wrote.",
        "",
        f"Sources {sources_hash()}. Intervals are Student's t over replications at an error rate "
        f"of {alpha:g} for each number, so one of {1 / alpha:,.0f} may miss by chance. Standard "
        "errors stay below 0.5 % of the expected number, so an error of 3 % is seen with a "
        f"probability of at least 99 %. {len(found)} numbers of {len(about)} worlds, "
        f"{sum(not f.agrees for f in found)} disagree; {seconds:,.0f} s.",
        "",
    ]
    for name, text in about.items():
        lines += [
            f"## {name}",
            "",
            text,
            "",
            "| measure | expected | simulated | interval | off by |",
        ]
        lines += ["| --- | ---: | ---: | ---: | ---: |"]
        lines += ["| " + " | ".join(_cells(f)) + " |" for f in found if f.world == name] + [""]
    return "\n".join([*lines, *_OWN_NUMBERS])


_OWN_NUMBERS = [
    "## Your own numbers",
    "",
    "Any world takes other numbers, and its expectation follows:",
    "",
    "```sh",
    "guantong verify experiment=theory/mmc stream.per_day=4000 staff.seats.grid.grid=2",
    "```",
    "",
    "| what | setting |",
    "| --- | --- |",
    "| arrivals a day, all copies together | `stream.per_day` |",
    "| work of the disposal: mean in minutes, coefficient of variation, family (`fixed`, "
    "`exponential`, `gamma`, `lognormal`) | `catalogue.kinds.first.dispose` |",
    "| work of the other stages | `catalogue.paperwork.register` and so on |",
    "| seats, or a list of seats by shift | `staff.seats.TIER.GROUP` |",
    "| classes: their shares in %, urgency and work | `catalogue.kinds.first.share`, `.severity`, "
    "`.dispose`; likewise `second` to `fourth` |",
    "| patience in minutes, lines, share who ring again | `mechanism.hotline` |",
    "| shares of returns, of disposals that fail | `policy.levers.refusal`, "
    "`catalogue.kinds.first.failure` |",
    "| hours of the day in which more occurs | `catalogue.kinds.first.profile`, "
    "`catalogue.profiles` |",
    "| storms | `stream.storms` |",
    "| batches by the clock, by size | `policy.release`, `policy.release_size` |",
    "| arrivals and works from a file | `stream.path` |",
    "",
    "`guantong run experiment=theory/mmc` runs one once; `run.summary()` in Python has the "
    "measures of each kind of desk under `desks`. A world that cannot keep up is refused, with the "
    "numbers that say so.",
    "",
]


def _about(world: str) -> str:
    """The second line of a world's file, which says what it is."""
    lines = (CONF / "experiment" / "theory" / f"{world}.yaml").read_text("utf-8").splitlines()
    return lines[1].removeprefix("# ")


def _cells(found: Found) -> tuple[str, ...]:
    low, high = found.mean - found.half_width, found.mean + found.half_width
    off = (found.mean / found.expected - 1.0) * 100 if found.expected else 0.0
    verdict = "" if found.agrees else " **disagrees**"
    interval = "exact" if found.error == 0.0 else f"{_text(low)} to {_text(high)}"
    numbers = (_text(found.expected), _text(found.mean), interval, f"{off:+.2f} %{verdict}")
    return (found.measure.replace(">", "&gt;"), *numbers)


def _text(value: float) -> str:
    return f"{value:.4g}"


def _print(found: Sequence[Found]) -> None:
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in ("world", "measure"):
        table.add_column(name, no_wrap=True)
    for name in ("expected", "simulated", "interval", "off by"):
        table.add_column(name, justify="right")
    for f in found:
        _, *cells = _cells(f)
        table.add_row(f.world, f.measure, *cells, style=None if f.agrees else "bold red")
    console.console.print(table)
    n = sum(not f.agrees for f in found)
    text = "all agree with theory" if n == 0 else f"{n} disagree with theory"
    console.console.print(f"{len(found)} numbers: {text}.", style="bold")
