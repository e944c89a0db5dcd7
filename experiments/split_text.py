"""The split of a difference as people read it: tables and plain sentences."""

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.split import ASSUMED, BASE, CONTROL, ROWS, TOTAL, UNLIMITED, UTILISATION
from experiments.console import console, measure, number
from scenarios.parameters import Parameters

Part = Mapping[str, Any]
"""A difference, split (`analysis.split.split`)."""
Entry = Mapping[str, Any]

LABELS = {
    "sensing": "Sensing",
    "assumed_delay": "Assumed delay (batches, coordination)",
    "work": "Work content",
    "waiting": "Waiting for a desk",
    "rework": "Re-work and false closings",
    TOTAL: "Closure latency, restricted mean",
}


def show(shares: Mapping[str, Any], first: Parameters) -> None:
    """Print the split of every difference: two tables and what they say."""
    staff = first.settings.staff
    target = None if staff.place == "stated" else staff.target_utilisation
    for policy, part in shares["policies"].items():
        console.print(by_category(part, policy))
        if len(part["settings"]) > 1:
            console.print(by_setting(part, policy, target))
        for sentence in sentences(part, policy, shares.get("numbers")):
            console.print(sentence, soft_wrap=True)


def _reference(part: Part) -> str:
    """The policy that the difference is from."""
    return next(iter(part["settings"][BASE][TOTAL]))


def _table(what: str, part: Part, policy: str) -> Table:
    reference = _reference(part)
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column(what, no_wrap=True)
    for name in (reference, policy, f"{policy} - {reference}\n(± 95 % interval)"):
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _cells(row: Mapping[str, Entry]) -> list[str]:
    """Both policies and their difference."""
    *policies, difference = row.values()
    return [*(number(entry["mean"]) for entry in policies), measure(difference, percent=False)]


def by_category(part: Part, policy: str) -> Table:
    """The difference by what the time is and, if there are such runs, arithmetic and found."""
    table = _table("what the time is (h)", part, policy)
    if UNLIMITED in part["settings"]:
        table.add_column("arithmetic", justify="right", no_wrap=True)
        table.add_column("found", justify="right", no_wrap=True)
    for row in ROWS:
        cells = _cells(part["settings"][BASE][row])
        if UNLIMITED in part["settings"]:
            split = (part["settings"][UNLIMITED][row]["difference"], part["found"][row])
            cells += [measure(entry, percent=False) for entry in split]
        if row == TOTAL:
            table.add_section()
        table.add_row(LABELS[row], *cells)
    return table


def by_setting(part: Part, policy: str, target: float | None) -> Table:
    """The mean closure latency again, in every setting that was run.

    target : staff.target_utilisation in force; None where seats are stated.
    """
    table = _table("mean closure latency (h)", part, policy)
    table.add_column("replications", justify="right")
    for setting, rows in part["settings"].items():
        label = setting_label(setting, _reference(part), target)
        table.add_row(label, *_cells(rows[TOTAL]), str(part["replications"][setting]))
    return table


def setting_label(setting: str, reference: str, target: float | None = None) -> str:
    """A setting (`analysis.split`) in words; the others are as of `by_setting`."""
    if setting.startswith(UTILISATION):
        return f"Staffed to {float(setting.removeprefix(UTILISATION)):.2f}"
    return {
        BASE: "As it is" if target is None else f"As it is (staffed to {target:.2f})",
        UNLIMITED: "Unlimited seats (arithmetic)",
        CONTROL: f"Control: no batches, sensors as in {reference}",
        ASSUMED: f"Assumed numbers as in {reference}",
    }[setting]


# --- sentences --------------------------------------------------------------------------------


def sentences(part: Part, policy: str, numbers: Mapping[str, int] | None) -> list[str]:
    """What the split says, a sentence each.

    numbers : how many numbers are in force, "all" and "assumed"; None to leave that out.
    """
    totals = {name: rows[TOTAL]["difference"] for name, rows in part["settings"].items()}
    if totals[BASE]["mean"] is None:
        return [f"{policy}: the mean closure latency is not defined here; nothing can be split."]
    reference, said = _reference(part), []
    if UNLIMITED in totals:
        said.append(_arithmetic(totals[BASE], totals[UNLIMITED], part["found"][TOTAL], policy))
    if CONTROL in totals:
        said.append(
            f"In the control, without batches and with the sensors of {reference}, {policy} "
            f"{_found(totals[CONTROL], reference)}."
        )
    others = {name: entry for name, entry in totals.items() if name.startswith(UTILISATION)}
    if others:
        listed = "; ".join(
            f"to {float(name.removeprefix(UTILISATION)):.2f}, it {_found(entry, reference)}"
            for name, entry in others.items()
        )
        said.append(f"Staffed {listed}.")
    if ASSUMED in totals:
        said.append(_rests_on(part, totals, policy))
    if numbers:
        said.append(
            f"Of all {numbers['all']:,} numbers in force {numbers['assumed']:,} are assumed, and "
            "every hour above rests on those."
        )
    return said


def _is_open(entry: Entry) -> bool:
    """Whether a difference cannot be told apart from 0."""
    low, high = entry["ci95"]
    return entry["mean"] == 0 or (low is not None and low <= 0 <= high)


def _turn(entry: Entry) -> str:
    return "sooner" if entry["mean"] < 0 else "later"


def _size(entry: Entry) -> str:
    return f"{number(abs(entry['mean']))} h"


def _found(entry: Entry, reference: str) -> str:
    """A difference as a predicate."""
    if entry["mean"] is None:
        return "has no mean closure latency"
    if _is_open(entry):
        text = measure(entry, percent=False)
        return f"cannot be told apart from {reference} ({text} h)"
    return f"is {_size(entry)} {_turn(entry)}"


_ARITHMETIC = "arithmetic (what the inputs alone bring, with unlimited seats)"
_FOUND = "found (queues and what follows from them)"


def _arithmetic(whole: Entry, arithmetic: Entry, found: Entry, policy: str) -> str:
    signed = [f"{number(entry['mean'], sign=True)} h" for entry in (arithmetic, found)]
    if _is_open(whole):
        return (
            f"Of the {number(whole['mean'], sign=True)} h, which cannot be told apart from 0, "
            f"{signed[0]} are {_ARITHMETIC} and {signed[1]} are {_FOUND}."
        )
    if _is_open(found):
        text = measure(found, percent=False)
        return (
            f"{policy} is {_size(whole)} {_turn(whole)}: {signed[0]} are {_ARITHMETIC}; what is "
            f"{_FOUND}, {text} h, cannot be told apart from 0."
        )
    if _turn(arithmetic) == _turn(found):
        return (
            f"Of the {_size(whole)} that {policy} is {_turn(whole)}, {_size(arithmetic)} are "
            f"{_ARITHMETIC} and {_size(found)} are {_FOUND}."
        )
    return (
        f"{policy} is {_size(whole)} {_turn(whole)}: {_size(arithmetic)} {_turn(arithmetic)} by "
        f"what is {_ARITHMETIC}, but {_size(found)} {_turn(found)} by what is {_FOUND}."
    )


def _rests_on(part: Part, totals: Mapping[str, Entry], policy: str) -> str:
    reference, n = _reference(part), len(part["numbers_that_differ"]["assumed"])
    if n == 0:
        return (
            "No assumed number differs between the policies, so the whole difference rests on "
            "structure and on sourced numbers."
        )
    start = (
        f"With the {n} assumed numbers in which it differs set to those of {reference}, {policy} "
        f"{_found(totals[ASSUMED], reference)}"
    )
    share, (low, high) = part["share_assumed"]["mean"], part["share_assumed"]["ci95"]
    if share is None or (low is None and part["replications"][ASSUMED] > 1):
        return f"{start}; no share can be given, as the difference itself may be 0."
    percent = f"{100 * share:.0f} %"
    ends = "" if low is None else f" (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"
    if low is not None and low <= 0 <= high:
        return (
            f"{start}: the share of the difference that rests on numbers marked assumed, "
            f"{percent}{ends}, cannot be told apart from 0."
        )
    if share < 0:
        return f"{start}: what differs in numbers marked assumed works against the difference."
    if share > 1:
        return f"{start}: the numbers marked assumed bring all of it and more, {percent}{ends}."
    return f"{start}: {percent}{ends} of the difference rests on numbers marked assumed."
