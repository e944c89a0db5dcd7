"""`guantong staff`: the smallest staff that gives a service, or the best service of a budget."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from analysis.staffing.sizing import proportional
from experiments import console
from experiments.asked import parted
from experiments.staffing import report, tables
from experiments.staffing.budget import Best, best_for
from experiments.staffing.desks import Desks
from experiments.staffing.find import Found, evaluations_at_most, find, seeds_of
from experiments.staffing.goal import Goal, late_kinds, stated
from experiments.staffing.runs import Counts, Runs
from experiments.staffing.volumes import at_volumes
from experiments.store import check_writable, file_name, results_folder, write_study, write_table
from experiments.warm import compile_if_cold
from scenarios.load import compose_settings, load_policies
from scenarios.parameters import Parameters
from sim.errors import InputError

Result = TypeVar("Result")

_KINDS = 5  # kinds of incident told that no staff brings in on time


@dataclass
class Asked:
    """Settings of this command alone."""

    lang: str = field(default="en", metadata={"choices": ("en", "zh")})
    """Of the tables for offices."""


def staff(overrides: Sequence[str] = ()) -> Path:
    """Find staffs, print them and write a results folder; returns its path. Raises InputError."""
    begun = time.perf_counter()
    asked, overrides = parted(Asked, overrides)
    overrides = [o for o in overrides if not o.lstrip("+").startswith("record=")]
    if not any(o.lstrip("+").startswith("horizon=") for o in overrides):
        overrides = ["horizon=weeks", *overrides]
    overrides.append("record=summary")
    with console.telling_warnings():
        policies = load_policies(overrides)
        first = next(iter(policies.values()))
        _check(policies)
        check_writable(first.settings.results)
        compile_if_cold()
        desks = {name: _built(p) for name, p in policies.items()}
    service = first.settings.service
    n = replications(first)
    n_fresh = max(service.fresh, n)
    seeds = seeds_of(first.settings.seed, n)
    goal = stated(service, first)
    ample = max(n, service.most) if goal.is_joint else n
    beside = 3 * n + 2 * len(service.volumes) * _few(n)
    of_search = ample + evaluations_at_most(service, n, n_fresh)
    most = len(policies) * (beside + service.repeats * of_search)
    with Runs(policies, overrides, most) as runs:
        found, goal, told, ceilings = _sought(runs, desks, goal, n, ample, n_fresh)
    told |= {"replications": n, "fresh_replications": n_fresh, "runs": runs.done}
    result = told | report.summary(found, goal, first, told.get("searches", ()))
    with results_folder(first.settings.results, "staff") as (folder, final):
        write_study(folder, compose_settings(overrides), result, None, first, seeds, begun)
        _write(folder, found, goal, result, asked.lang)
        if service.budget is None:
            report.draw(folder / "figures", found, goal, ceilings, first.city.district_name_en)
    report.show(found, goal, result, first)
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


def _sought(
    runs: Runs, desks: Mapping[str, Desks], goal: Goal, n: int, ample: int, n_fresh: int
) -> tuple[dict[str, Found | Best], Goal, dict, dict[str, Counts]]:
    """What is found for each policy, the goal, what else is told, and what ample seats bring. n :
    replications of a plan; ample : of seats that are never short."""
    settings = next(iter(desks.values())).parameters.settings
    service, seeds = settings.service, seeds_of(settings.seed, n)

    def of_seats(seats_of: Callable[[Desks], np.ndarray], on: Sequence[int]) -> dict[str, Counts]:
        return _each(runs, desks, lambda name: runs.counts(name, [seats_of(desks[name])], on)[0])

    ceilings = of_seats(lambda one: one.ample, seeds_of(settings.seed, ample))
    goal, told = _goal(desks, goal, ceilings)
    told["planned"] = _planned(desks, goal, of_seats(lambda one: one.seats(one.planned), seeds))
    if service.budget is not None:
        best = _each(
            runs, desks, lambda name: best_for(runs, name, desks[name], goal, seeds, n_fresh)
        )
        return best, goal, told, ceilings

    def search(repeat: int, ceilings: Mapping[str, Counts]) -> dict[str, Found]:
        on = seeds_of(settings.seed, n, repeat)
        return _each(
            runs,
            desks,
            lambda name: find(runs, name, desks[name], goal, ceilings[name], on, n_fresh, repeat),
        )

    found = search(0, ceilings)
    told |= _beside(runs, found, goal, seeds)
    told["searches"] = [_hours(found)]
    for repeat in range(1, service.repeats):
        on = seeds_of(settings.seed, ample, repeat)
        again = search(repeat, of_seats(lambda one: one.ample, on))
        told["searches"].append(_hours(again))
    return found, goal, told, ceilings


def _hours(found: Mapping[str, Found]) -> dict[str, float | None]:
    """Paid hours that a search found; None where no plan met the targets."""
    return {name: one.hours if one.is_reached else None for name, one in found.items()}


def replications(parameters: Parameters) -> int:
    """Replications that a plan is tried on: for as many incidents as the settings say."""
    settings = parameters.settings.service
    a_day = float(parameters.rates.daily.sum())
    cohort = max(a_day * parameters.settings.horizon.cohort_days, 1e-9)
    return int(np.clip(np.ceil(settings.incidents / cohort), settings.least, settings.most))


def _few(n: int) -> int:
    """Of n replications those that other volumes are run on."""
    return max(1, n // 3)


def _built(parameters: Parameters) -> Desks:
    desks = Desks(parameters)
    _ = parameters.world, parameters.rates, desks.hourly, desks.planned
    if not desks.slots.desk.size:
        raise InputError(
            f"policy '{parameters.settings.policy.name}' sends no work to a desk above the grid; "
            "there is no staff to seek"
        )
    return desks


def _check(policies: Mapping[str, Parameters]) -> None:
    first = next(iter(policies.values()))
    if first.settings.service.least > first.settings.service.most:
        raise InputError(
            f"service.least: {first.settings.service.least}; allowed: at most service.most, "
            f"{first.settings.service.most}"
        )
    if first.settings.executor.kind != "threads":
        raise InputError(f"executor: {first.settings.executor.kind}; allowed with staff: threads")
    if first.settings.clock != "compiled":
        raise InputError(f"clock: {first.settings.clock}; allowed with staff: compiled")
    for name, parameters in policies.items():
        if parameters.rollout.dates:
            raise InputError(
                f"policy.rollout: '{name}' changes seats by date; allowed with staff: no dates"
            )


def _each(
    runs: Runs, names: Mapping[str, object], work: Callable[[str], Result]
) -> dict[str, Result]:
    """What is found for each policy, all at once; they share the threads of the runs, which an
    error or an interrupt ends."""
    with ThreadPoolExecutor(len(names)) as pool:
        futures = {name: pool.submit(work, name) for name in names}
        try:
            return {name: future.result() for name, future in futures.items()}
        except BaseException:
            runs.stop()
            raise


def _goal(
    desks: Mapping[str, Desks], goal: Goal, ceilings: Mapping[str, Counts]
) -> tuple[Goal, dict]:
    """The goal that staff is sought for, and what is to be told of the one that was stated. Raises
    InputError for targets that no staff reaches, where the settings say to stop."""
    first = next(iter(desks.values())).parameters
    service, names = first.settings.service, first.city.district_name_en
    missed = {name: goal.unreachable(counts) for name, counts in ceilings.items()}
    told = {
        "ceiling": {name: _shares(goal, counts, names) for name, counts in ceilings.items()},
        "unreachable": {
            name: [t.words(names) for t, m in zip(goal.targets, missed[name], strict=True) if m]
            for name in desks
        },
        "late_kinds": {
            name: {
                target.name: late_kinds(
                    ceilings[name], first.catalogue.kinds, service.counts, target.place
                )[:_KINDS]
                for target, m in zip(goal.targets, missed[name], strict=True)
                if m
            }
            for name in desks
        },
    }
    if service.unreachable == "stop" and any(m.any() for m in missed.values()):
        name = next(name for name, m in missed.items() if m.any())
        i = int(np.flatnonzero(missed[name])[0])
        share = goal.shares(ceilings[name])[i]
        target = goal.targets[i]
        raise InputError(
            f"service.targets.{target.name}: {target.level:g}; policy '{name}' closes at most "
            f"{share:.3f} of {target.words(names)} within the limit, however many seats it has; "
            "allowed with service.unreachable=stop: less than that"
        )
    if service.unreachable == "stop":
        return goal, told
    return goal.lowered(ceilings, 1 - service.confidence if goal.is_joint else None), told


def _shares(goal: Goal, counts: Counts, names: Sequence[str]) -> dict[str, float | None]:
    shares = goal.shares(counts)
    return {
        target.words(names): None if np.isnan(share) else float(share)
        for target, share in zip(goal.targets, shares, strict=True)
    }


def _planned(
    desks: Mapping[str, Desks], goal: Goal, counts: Mapping[str, Counts]
) -> dict[str, dict]:
    """The staff that the settings place, and its service."""
    return {
        name: {
            "seats": int(one.planned.sum()),
            "paid_hours": one.hours(one.planned),
            "share": _shares(goal, counts[name], one.parameters.city.district_name_en),
        }
        for name, one in desks.items()
    }


def _beside(
    runs: Runs, found: Mapping[str, Found], goal: Goal, seeds: Sequence[int]
) -> dict[str, object]:
    """What the same hours give when placed in proportion to the load, and other volumes."""
    few = seeds[: _few(len(seeds))]
    volumes = _each(runs, found, lambda name: at_volumes(runs, name, found[name], goal, few))

    def in_proportion(name: str) -> dict[str, object]:
        one = found[name]
        slots = one.desks.slots
        plan = proportional(one.desks.load, slots.paid, one.hours)
        here = [one.desks.seats(plan), one.desks.seats(one.plan)]
        of_load, of_plan = runs.counts(name, here, seeds)
        names = one.desks.parameters.city.district_name_en
        return {
            "share": _shares(goal, of_load, names),
            "found": _shares(goal, of_plan, names),
            "overfull": one.desks.overfull(plan),
        }

    return {
        "volumes": [row for rows in volumes.values() for row in rows],
        "proportional": _each(runs, found, in_proportion),
    }


def _write(
    folder: Path, found: Mapping[str, Found | Best], goal: Goal, result: Mapping, lang: str
) -> None:
    import pandas as pd

    parts = []
    for name, one in found.items():
        stem = file_name(name)
        table = tables.staff_table(one.desks, one.plan)
        parts.append(table.assign(policy=name))
        offices = table if lang == "en" else tables.staff_table(one.desks, one.plan, lang)
        tables.write_for_offices(folder / f"staff-{stem}.csv", offices, lang)
        plan = tables.plan_table(one.desks, one.plan)
        plan.to_csv(folder / f"plan-{stem}.csv", index=False)
    pd.concat(parts, ignore_index=True).to_parquet(folder / "staff.parquet", index=False)
    if all(isinstance(one, Found) for one in found.values()):
        names = next(iter(found.values())).desks.parameters.city.district_name_en
        write_table(folder / "curve", tables.curve(found, goal, names))
        write_table(folder / "volumes", pd.DataFrame(result["volumes"]))
        groups = [tables.by_group(one).assign(policy=name) for name, one in found.items()]
        write_table(folder / "groups", pd.concat(groups, ignore_index=True))
