"""`guantong overturn`: what it takes to overturn the finding, assumption by assumption.

Every number marked *assumed* whose range is stated goes to both ends of it, one factor at a time,
under both policies or under the one that it belongs to. Numbers of the same field in all kinds of
incident move together. Then the ends that are worst for the finding are taken together, few at
first and more and more, until it is overturned.
"""

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from experiments import console
from experiments.compare import replication_seed
from experiments.one_run import Progress, simulate
from experiments.store import check_writable, provenance, results_folder, write_json, write_settings
from experiments.threads import in_threads
from experiments.warm import compile_if_cold
from scenarios.assumptions import Factor, factors, moved
from scenarios.load import compose_settings, load_policies
from scenarios.parameters import Parameters
from scenarios.schema import PolicySettings
from sim.errors import InputError

METRIC = "closure_latency_mean_hours"


@dataclass(frozen=True)
class Effect:
    """What the difference becomes at an end of a factor [h]."""

    factor: Factor
    end: str
    difference: float


class Study:
    """Two policies, and what their difference becomes when numbers move."""

    def __init__(self, policies: Mapping[str, Parameters], replications: int):
        self.names, (self.a, self.b) = list(policies), policies.values()
        self.replications = replications

    def difference(
        self, ends: Sequence[tuple[Factor, str]], tell: Progress | None = None
    ) -> float | None:
        """Second minus first policy [h] with each factor at its "low" or "high" end; None for a
        corner that cannot be, such as staff that does not suffice for a seat at each desk."""
        try:
            a, b = (self._mean(p, tell, k) for k, p in enumerate(self._moved(ends)))
        except InputError:
            return None
        return b - a

    def _moved(self, ends: Sequence[tuple[Factor, str]]) -> tuple[Parameters, Parameters]:
        world: dict[str, float] = {}
        own: dict[str, dict[str, float]] = {name: {} for name in self.names}
        for factor, end in ends:
            (world if factor.policy is None else own[factor.policy]).update(getattr(factor, end))
        policies = [
            self._policy(parameters, own[name])
            for name, parameters in zip(self.names, (self.a, self.b), strict=True)
        ]
        if not world:
            return tuple(
                p if policy is None else p.sibling(policy)
                for p, policy in zip((self.a, self.b), policies, strict=True)
            )
        settings = moved(self.a.settings, world)
        if policies[0] is not None:
            settings = replace(settings, policy=policies[0])
        first = Parameters(settings, self.a.baseline, self.a.conf)
        first.__dict__["city"] = self.a.city
        return first, first.sibling(policies[1] or self.b.settings.policy)

    @staticmethod
    def _policy(parameters: Parameters, values: Mapping[str, float]) -> PolicySettings | None:
        return moved(parameters.settings, values).policy if values else None

    def _mean(self, parameters: Parameters, tell: Progress | None, k: int) -> float:
        def progress(share: float) -> None:
            if tell is not None:
                tell((k + share) / 2)

        seed = parameters.settings.seed
        means = [
            simulate(parameters, replication_seed(seed, r), progress).metrics()[METRIC]
            for r in range(self.replications)
        ]
        return float(np.mean(means))


def overturn(overrides: Sequence[str] = ()) -> Path:
    """Move every assumption, print what moves the finding most, write a results folder; its path.

    Raises InputError unless two policies are compared.
    """
    begun = time.perf_counter()
    overrides = [*overrides, "record=summary"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a corner of the ranges may well overload desks
        policies = load_policies(overrides)
        first = next(iter(policies.values()))
        if len(policies) != 2:
            raise InputError(f"policies: {list(policies)}; allowed: two")
        check_writable(first.settings.results)
        compile_if_cold()
        study = Study(policies, first.settings.overturn.replications)
        threads = first.settings.threads
        ends = [(f, end) for f in factors(overrides, list(policies)) for end in ("low", "high")]
        jobs = [[], *([one] for one in ends)]
        base, *found = in_threads("assumptions", jobs, study.difference, threads)
        if base is None:
            raise InputError("these settings leave nothing to overturn: a policy cannot be staffed")
        effects = [
            Effect(f, end, d) for (f, end), d in zip(ends, found, strict=True) if d is not None
        ]
        together = list(_together(study, base, effects, threads))
    with results_folder(first.settings.results, "overturn") as (folder, final):
        write_settings(folder / "config.yaml", compose_settings(overrides))
        write_json(folder / "summary.json", _summary(base, effects, together))
        seeds = [replication_seed(first.settings.seed, r) for r in range(study.replications)]
        seconds = time.perf_counter() - begun
        write_json(folder / "provenance.json", provenance(first, seeds, seconds))
    _print(base, effects, together, list(policies))
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


def worst_ends(base: float, effects: Sequence[Effect]) -> list[Effect]:
    """The end of each factor that is worse for the finding, the worst first; only those that
    take something from it."""
    sign = np.sign(base)
    by_factor: dict[str, Effect] = {}
    for effect in effects:
        known = by_factor.get(effect.factor.name)
        if known is None or sign * effect.difference < sign * known.difference:
            by_factor[effect.factor.name] = effect
    worse = [e for e in by_factor.values() if sign * e.difference < sign * base]
    return sorted(worse, key=lambda e: sign * e.difference)


def _together(
    study: Study, base: float, effects: Sequence[Effect], threads: int | None
) -> Iterator[tuple[int, float]]:
    """(how many of the worst ends together, difference), doubling their number and then halving
    the gap until the fewest that overturn the finding are known."""
    worst = worst_ends(base, effects)
    sizes = sorted({min(2**k, len(worst)) for k in range(len(worst).bit_length() + 1)} - {0})

    def at(size: int, tell: Progress | None = None) -> float | None:
        return study.difference([(e.factor, e.end) for e in worst[:size]], tell)

    found = zip(sizes, in_threads("together", sizes, at, threads), strict=True)
    known = {n: difference for n, difference in found if difference is not None}
    turned = [n for n in known if known[n] * base <= 0]
    if turned:
        high = turned[0]
        low = max((n for n in known if n < high), default=0)
        while high - low > 1:
            middle = (low + high) // 2
            (difference,) = in_threads("together", [middle], at, threads)
            if difference is None:
                break
            known[middle] = difference
            low, high = (low, middle) if difference * base <= 0 else (middle, high)
    yield from sorted(known.items())


# --- words ------------------------------------------------------------------------------------


def fewest(base: float, together: Sequence[tuple[int, float]]) -> int | None:
    """The fewest of the worst ends that overturn the finding together, None if none do."""
    return next((n for n, difference in together if difference * base <= 0), None)


def _summary(
    base: float, effects: Sequence[Effect], together: Sequence[tuple[int, float]]
) -> dict[str, Any]:
    return {
        "difference_hours": base,
        "effects": [
            {"factor": e.factor.name, "end": e.end, "difference_hours": e.difference}
            | {"values": dict(getattr(e.factor, e.end))}
            for e in effects
        ],
        "together": [{"worst_ends": n, "difference_hours": d} for n, d in together],
        "worst": [f"{e.factor.name} at its {e.end} end" for e in worst_ends(base, effects)],
        "fewest_that_overturn": fewest(base, together),
    }


_SHOWN = 15


def _print(
    base: float,
    effects: Sequence[Effect],
    together: Sequence[tuple[int, float]],
    policies: Sequence[str],
) -> None:
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("assumption", no_wrap=True)
    for name in ("at its low end", "at its high end"):
        table.add_column(f"{policies[1]} - {policies[0]}\n{name} (h)", justify="right")
    for name, ends in strongest(base, effects)[:_SHOWN]:
        numbers = (console.number(ends.get(end), sign=True) for end in ("low", "high"))
        table.add_row(name, *numbers)
    console.console.print(table)
    console.console.print(sentence(base, effects, together), style="bold", soft_wrap=True)


def strongest(base: float, effects: Sequence[Effect]) -> list[tuple[str, dict[str, float]]]:
    """(factor, difference by end) of each factor, what moves the difference most first."""
    found: dict[str, dict[str, float]] = {}
    for effect in effects:
        found.setdefault(effect.factor.name, {})[effect.end] = effect.difference
    return sorted(found.items(), key=lambda pair: -max(abs(d - base) for d in pair[1].values()))


def sentence(base: float, effects: Sequence[Effect], together: Sequence[tuple[int, float]]) -> str:
    """The finding in words."""
    alone = [e for e in effects if e.difference * base <= 0]
    halved = [e for e in effects if 0 < e.difference / base < 0.5]
    count = fewest(base, together)
    text = f"As set, the difference is {console.number(base, sign=True)} h. "
    if alone:
        ends = "end of a range overturns" if len(alone) == 1 else "ends of ranges overturn"
        text += f"{len(alone)} {ends} it alone, first {alone[0].factor.name}. "
    else:
        text += f"No assumption overturns it alone; {len(halved)} ends of ranges halve it. "
    if count is None:
        return f"{text}Not even all {together[-1][0]} worst ends together overturn it."
    return text.rstrip() if count == 1 else f"{text}The {count} worst together do."
