"""What `guantong staff` shows: tables, sentences, the cost curve."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.intervals import mean_interval, paired_interval
from experiments import console
from experiments.staffing.budget import Best
from experiments.staffing.find import Found
from experiments.staffing.goal import Goal
from experiments.staffing.runs import Counts
from experiments.staffing.tables import by_group
from scenarios.commands import ServiceSettings
from scenarios.parameters import Parameters


def summary(
    found: Mapping[str, Found | Best],
    goal: Goal,
    first: Parameters,
    searches: Sequence[Mapping[str, float | None]] = (),
) -> dict[str, Any]:
    """summary.json beside what the search was told: docs/staffing.md. searches : paid hours found
    by policy, of each search."""
    names = first.city.district_name_en
    full = first.settings.staff.full_time_hours
    result: dict[str, Any] = {
        "targets": [
            {"of": t.words(names), "stated": t.stated, "level": t.level} for t in goal.targets
        ]
    }
    staffs = {}
    for name, one in found.items():
        hours = one.desks.hours(one.plan)
        counts = one.counts if isinstance(one, Best) else one.settled.counts
        entry = {
            "seats": int(one.plan.sum()),
            "people": hours / full,
            "paid_hours": hours,
            "fresh": _fresh(goal, counts, names),
        }
        if isinstance(one, Found):
            entry |= _of_search(one, goal, names)
        else:
            entry["bare"] = [g for g, b in zip(one.desks.group_names, one.bare, strict=True) if b]
        staffs[name] = entry
    result["staff"] = staffs
    if all(isinstance(one, Found) for one in found.values()):
        result["fewer"] = _fewer(found, full, searches)
    return result


def _fresh(goal: Goal, counts: Counts, names: Sequence[str]) -> dict[str, Any]:
    """Shares on the fresh seeds, with 95 % intervals over replications."""
    levels = np.zeros(len(goal.targets))
    values = goal.surplus(counts, levels)
    return {
        target.words(names): dict(zip(("share", "low", "high"), mean_interval(column), strict=True))
        for target, column in zip(goal.targets, values.T, strict=True)
    }


def _of_search(one: Found, goal: Goal, names: Sequence[str]) -> dict[str, Any]:
    last = one.settled
    return {
        "is_confirmed": one.is_confirmed,
        "is_reached": one.is_reached,
        "is_bare": one.is_bare,
        "tries": len(one.confirmations),
        "error_rate": last.alpha,
        "surplus_at_least": {
            t.words(names): float(bound) for t, bound in zip(goal.targets, last.bounds, strict=True)
        },
        "plans_tried": len(one.search.tried),
        "search_ended_early": one.search.left <= 0 < one.search.most,
        "hours_by_replication": one.hours_by_replication(),
    }


def _fewer(
    found: Mapping[str, Found], full: float, searches: Sequence[Mapping[str, float | None]]
) -> dict[str, Any]:
    """How much less each policy after the first needs: by the plans found; search by search; and,
    along the ladder, replication by replication."""
    (reference, base), *others = found.items()
    result = {}
    for name, one in others:
        a, b = one.hours_by_replication(), base.hours_by_replication()
        mean, low, high = paired_interval(a, b) if None not in a + b else (None, None, None)
        result[name] = {
            "than": reference,
            "paid_hours": base.hours - one.hours,
            "people": (base.hours - one.hours) / full,
            "seats": int(base.plan.sum() - one.plan.sum()),
            "searches": _of_searches(searches, name, reference),
            "ladder": {"mean": mean, "ci95": [low, high]},
        }
    return result


def _of_searches(
    searches: Sequence[Mapping[str, float | None]], name: str, reference: str
) -> dict[str, Any]:
    """Mean and interval of what searches find fewer, each on incidents of its own."""
    a, b = [one[name] for one in searches], [one[reference] for one in searches]
    mean, low, high = paired_interval(a, b)
    return {"n": len(searches), "mean": mean, "ci95": [low, high]}


# --- figures ----------------------------------------------------------------------------------


def draw(
    figures: Path,
    found: Mapping[str, Found],
    goal: Goal,
    ceilings: Mapping[str, Counts],
    names: Sequence[str],
) -> None:
    """The cost curve of each target that is about the whole; with districts, of the smallest
    surplus."""
    from analysis import style
    from analysis.figures import staffing

    for i, target in enumerate(goal.targets):
        if target.district is not None:
            continue
        curves = {}
        for policy, one in found.items():
            ladder = {id(t) for t in one.ladder}
            rest = [t for t in one.search.tried.values() if id(t) not in ladder]

            def share(tried, i=i, level=target.level) -> float:
                return level + float(tried.surplus[:, i].mean())

            best = one.settled.tried
            curves[policy] = staffing.Curve(
                np.array([t.hours for t in one.ladder]),
                np.array([share(t) for t in one.ladder]),
                (np.array([t.hours for t in rest]), np.array([share(t) for t in rest])),
                (best.hours, share(best)),
                float(goal.shares(ceilings[policy])[i]),
            )
        fig, ax = style.figure()
        title = f"Staff against service: {target.words(names)}"
        staffing.draw(curves, ax, level=target.level, title=title)
        style.save(fig, figures, f"frontier_{target.name}")


# --- tables -----------------------------------------------------------------------------------


def show(
    found: Mapping[str, Found | Best], goal: Goal, result: Mapping[str, Any], first: Parameters
) -> None:
    """Print what was found."""
    names = first.city.district_name_en
    _tell_unreachable(goal, result, first)
    console.console.print(_services(found, goal, result, names))
    for name, one in found.items():
        if isinstance(one, Found):
            console.console.print(_groups(name, one))
    if "volumes" in result:
        console.console.print(_volumes(result["volumes"]))
    for line in _sentences(found, goal, result, first):
        console.console.print(line, soft_wrap=True)


def _tell_unreachable(goal: Goal, result: Mapping[str, Any], first: Parameters) -> None:
    english = dict(zip(first.catalogue.kinds, first.catalogue.kind_en, strict=True))
    for name, missed in result["unreachable"].items():
        for words in missed[:3]:
            share = result["ceiling"][name][words]
            console.console.print(
                f"{name}: no staff reaches the target for {words}: with seats that are never short "
                f"{console.number(share, percent=True)} % are closed in time.",
                soft_wrap=True,
            )
        for of_class, kinds in result["late_kinds"][name].items():
            told = ", ".join(
                f"{english[k['kind']]} ({console.number(k['share'], percent=True)} % in time, "
                f"{console.number(k['of_late'], percent=True)} % of the late)"
                for k in kinds[:3]
            )
            console.console.print(f"  {of_class}, what work and delays alone make late: {told}")
    lowered = [t for t in goal.targets if t.level < t.stated]
    of_what = (
        "in every district of what is surely reachable"
        if goal.is_joint
        else ("of what is reachable")
    )
    if lowered:
        console.console.print(
            f"Targets that a policy cannot reach are taken {of_what} under every policy: "
            + "; ".join(
                f"{t.words(first.city.district_name_en)} {100 * t.stated:g} % of that is "
                f"{console.number(t.level, percent=True)} %"
                for t in lowered[:4]
            )
            + ".",
            soft_wrap=True,
        )


def _services(
    found: Mapping[str, Found | Best],
    goal: Goal,
    result: Mapping[str, Any],
    names: Sequence[str],
) -> Table:
    table = _table("closed within the limit (%)", "target", *found)
    shown = sorted(goal.targets, key=lambda t: t.district is not None)[:8]
    for target in shown:
        words = target.words(names)
        cells = []
        for name in found:
            entry = result["staff"][name]["fresh"][words]
            half = None if entry["low"] is None else (entry["high"] - entry["low"]) / 2
            cells.append(
                f"{console.number(entry['share'], percent=True)} ± "
                f"{console.number(half, percent=True)}"
            )
        table.add_row(words, console.number(target.level, percent=True), *cells)
    for label, key in (
        ("seats", "seats"),
        ("people", "people"),
        ("paid hours a week", "paid_hours"),
    ):
        table.add_row(
            f"{label} above the grid", "", *(console.whole(result["staff"][n][key]) for n in found)
        )
    table.add_row(
        "  as the settings of staff place them (paid hours)",
        "",
        *(console.whole(result["planned"][n]["paid_hours"]) for n in found),
    )
    return table


def _groups(name: str, one: Found) -> Table:
    table = _table(f"{name}", "desks", "may wait (%)", "seats", "people", "seats before")
    for row in by_group(one).itertuples():
        table.add_row(
            row.group,
            f"{row.desks:,}",
            "keeps up" if np.isnan(row.delay) else console.number(row.delay, percent=True),
            f"{row.seats:,}",
            console.whole(row.people),
            f"{row.planned_seats:,}",
        )
    return table


def _volumes(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(
        "volume", "policy", "paid hours", "change (%)", "least surplus (%)", "staff unchanged (%)"
    )
    for row in rows:
        table.add_row(
            f"{row['volume']:g}",
            row["policy"],
            console.whole(row["paid_hours"]),
            console.number(row["change"], percent=True, sign=True),
            console.number(row["surplus"], percent=True, sign=True),
            console.number(row["surplus_unchanged"], percent=True, sign=True),
        )
    return table


def _table(first: str, *columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table


# --- sentences --------------------------------------------------------------------------------


def _sentences(
    found: Mapping[str, Found | Best], goal: Goal, result: Mapping[str, Any], first: Parameters
) -> list[str]:
    if not all(isinstance(one, Found) for one in found.values()):
        return [
            f"{name}: the best of {first.settings.service.budget:,.0f} paid hours a week that was "
            "found; shares with 95 % intervals on fresh seeds."
            for name in found
        ]
    lines = [_guarantee(name, one, result, first) for name, one in found.items()]
    lines += [fewer_in_words(name, result) for name in result["fewer"]]
    for name, entry in result["proportional"].items():
        told = "; ".join(
            f"{words} {console.number(share, percent=True)} % in place of "
            f"{console.number(entry['found'][words], percent=True)} %"
            for words, share in list(entry["share"].items())[:2]
        )
        lines.append(
            f"{name}: the same hours in proportion to load would give {told}, and leave "
            f"{entry['overfull']:,} desks with more work than they can do."
        )
    return lines


def fewer_in_words(name: str, result: Mapping[str, Any]) -> str:
    """How much less a policy needs than the first, and how sure that is: the difference of the
    numbers in the table."""
    entry = result["fewer"][name]
    than = entry["than"]
    pair = {one: result["staff"][one] for one in (than, name)}
    if without := [one for one, its in pair.items() if not its["is_reached"]]:
        return (
            f"{name} and {than} cannot be compared: no plan of {' or '.join(without)} meets the "
            "targets."
        )
    hours, people, seats = (
        f"{_fewer_or_more(console.apart(pair[than][key], pair[name][key]))} {of}"
        for key, of in (
            ("paid_hours", "paid hours a week"), ("people", "people"), ("seats", "seats"),
        )
    )  # fmt: skip
    line = f"{name} needs {hours} than {than} for the same service ({people}, {seats})"
    if unsure := [one for one, its in pair.items() if not its["is_confirmed"]]:
        line += f", as far as the plan of {' and of '.join(unsure)} holds, which is not confirmed"
    return f"{line}; {_of_searches_in_words(entry['searches'])}{_of_ladder(entry['ladder'])}."


def _of_searches_in_words(searches: Mapping[str, Any]) -> str:
    n, (low, high) = searches["n"], searches["ci95"]
    if low is not None:
        return (
            f"95 % interval over {n} searches, each on incidents of its own: {-high:+,.0f} to "
            f"{-low:+,.0f} paid hours"
        )
    if n > 1:
        return "no interval: some of the searches found no plan that meets the targets"
    return "no interval, as this is one search: service.repeats=5 gives one"


def _of_ladder(ladder: Mapping[str, Any]) -> str:
    mean, (low, high) = ladder["mean"], ladder["ci95"]
    if mean is None or low is None:
        return ""
    return (
        f"; with one safety for all desks the difference is {-mean:+,.0f} paid hours (95 % "
        f"interval over replications {-high:+,.0f} to {-low:+,.0f})"
    )


def _fewer_or_more(fewer: int) -> str:
    return f"{abs(fewer):,} {'fewer' if fewer >= 0 else 'more'}"


def _more(one: Found, service: ServiceSettings) -> str:
    """What would help a plan that was not confirmed."""
    needed = one.settled.needed
    if needed is None:
        return "on them it misses a target in the mean, so more of them would not do"
    sizes = [len(done.counts.noticed) for done in one.confirmations]
    keys = f"service.fresh_most={max(sum(sizes) + max(needed, sizes[-1]), service.fresh_most)}"
    if len(sizes) >= service.tries:
        keys += f" service.tries={len(sizes) + 1}"
    return f"about {needed:,} would do, if it stays so ({keys})"


def _guarantee(name: str, one: Found, result: Mapping[str, Any], first: Parameters) -> str:
    last = one.settled
    if not one.is_reached:
        start = f"{name}: no plan of the ladder meets the targets; smaller service.delays may"
    elif one.is_confirmed:
        start = (
            f"{name}: meets its targets on average with confidence "
            f"{100 * first.settings.service.confidence:g} % (try {len(one.confirmations)}, "
            f"{last.counts.noticed.shape[0]} fresh replications)"
        )
    else:
        start = (
            f"{name}: not confirmed in {len(one.confirmations)} tries, with "
            f"{last.counts.noticed.shape[0]} fresh replications at last; "
        ) + _more(one, first.settings.service)
    if one.is_bare:
        start += "; what binds is that desks keep up, not the targets"
    elif one.search.left <= 0 < one.search.most:
        start += f"; the search ended after {one.search.most} plans (service.evaluations)"
    return start + "."
