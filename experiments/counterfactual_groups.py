"""Who is made better and worse off by a policy, over replications: the numbers behind the words."""

from collections.abc import Callable, Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from analysis.account import CATEGORIES
from analysis.counterfactual import BEYOND, CLASSES, GROUPED, SHARES
from analysis.intervals import mean_interval
from experiments import console
from scenarios.parameters import Parameters
from sim.codes import LANDSCAPES, SEVERITIES, TIERS
from sim.units import DAY, HOUR

if TYPE_CHECKING:
    import pandas as pd

Pairs = Mapping[str, float | int]
"""What `analysis.counterfactual.reduced` gives of a replication."""

TOO_FEW, AS_ALL, EVEN = "too few", "as all", "net 0"
"""Notes: fewer incidents than `counterfactual.fewest` in a replication; a share worse off that
cannot be told apart from that of all; a net difference that cannot be told apart from 0."""

_COLUMNS = ("later_share", "excess_share", "loss_hours", "net_hours")


def estimate(
    known: Sequence[Pairs], of: Callable[[Pairs], float | None]
) -> dict[str, float | list[float | None] | None]:
    """The mean over replications and its 95 % interval."""
    mean, low, high = mean_interval([of(pairs) for pairs in known])
    return {"mean": mean, "ci95": [low, high]}


def ratio(total: float, count: float) -> float | None:
    return total / count if count else None


# --- groups -----------------------------------------------------------------------------------


def group_table(known: Sequence[Pairs], parameters: Parameters) -> "pd.DataFrame":
    """One row a group, those with the largest share worse off first: by, group, incidents (of a
    replication), and with their intervals later_share, excess_share (over that of all incidents),
    loss_hours (of those that are later) and net_hours (of all); note."""
    import pandas as pd

    names = _names(parameters)
    fewest = parameters.settings.counterfactual.fewest
    rows = [
        _row(known, by, code, names[by][code], fewest)
        for by in GROUPED
        for code in _codes(known, by)
    ]
    ends = [f"{name}{end}" for name in _COLUMNS for end in ("", "_low", "_high")]
    columns = ["by", "group", "incidents", *ends, "note"]
    frame = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(ends, float))
    few = frame["note"].str.contains(TOO_FEW)
    order = frame.assign(few=few).sort_values(
        ["few", "later_share"], ascending=[True, False], kind="stable"
    )
    return frame.loc[order.index].reset_index(drop=True)


def _names(parameters: Parameters) -> dict[str, Sequence[str]]:
    return {
        "district": parameters.city.district_name_en,
        "kind": parameters.catalogue.kind_en,
        "severity": [f"grade {name}" for name in SEVERITIES],
        "tier": [f"{name} tier" for name in TIERS],
        "landscape": [f"{name} areas" for name in LANDSCAPES],
    }


def _codes(known: Sequence[Pairs], by: str) -> list[int]:
    """The codes that have incidents in some replication."""
    found = {
        int(name.split(".")[1])
        for pairs in known
        for name in pairs
        if name.startswith(f"{by}.") and name.endswith(".incidents")
    }
    return sorted(found)


def _row(known: Sequence[Pairs], by: str, code: int, name: str, fewest: int) -> tuple:
    def of(pairs: Pairs, what: str) -> float:
        return pairs.get(f"{by}.{code}.{what}", 0)

    def share(pairs: Pairs) -> float | None:
        return ratio(of(pairs, "later"), of(pairs, "incidents"))

    def excess(pairs: Pairs) -> float | None:
        own = share(pairs)
        return None if own is None else own - pairs["later.0"] / pairs["incidents"]

    def loss(pairs: Pairs) -> float | None:
        return ratio(of(pairs, "loss") / HOUR, of(pairs, "later"))

    def net(pairs: Pairs) -> float | None:
        return ratio(of(pairs, "net") / HOUR, of(pairs, "incidents"))

    found = [estimate(known, measure) for measure in (share, excess, loss, net)]
    incidents = [of(pairs, "incidents") for pairs in known]
    notes = [TOO_FEW] if min(incidents) < fewest else []
    notes += [note for note, entry in ((AS_ALL, found[1]), (EVEN, found[3])) if not is_sure(entry)]
    numbers = [number for entry in found for number in (entry["mean"], *entry["ci95"])]
    return by, name, sum(incidents) / len(incidents), *numbers, ", ".join(notes)


def is_sure(entry: Mapping[str, Any]) -> bool:
    """Whether the interval leaves no doubt about the sign; without one there is all doubt."""
    low, high = entry["ci95"]
    return low is not None and (low > 0 or high < 0)


# --- the whole --------------------------------------------------------------------------------


def summary(
    known: Sequence[Pairs], groups: "pd.DataFrame", policies: Mapping[str, Parameters]
) -> dict[str, Any]:
    """What was found; without a replication only that."""
    first = next(iter(policies.values()))
    found: dict[str, Any] = {"policies": list(policies), "replications": len(known)}
    if not known or not all(pairs["incidents"] for pairs in known):
        return found | {"finding": "Nothing is known, as no replication has incidents to compare."}

    def part(name: str) -> dict[str, Any]:
        return estimate(known, lambda pairs: pairs[name] / pairs["incidents"])

    def hours(name: str, of: str) -> dict[str, Any]:
        return estimate(known, lambda pairs: ratio(pairs[name] / HOUR, pairs[of]))

    found |= {
        "restricted_to_days": first.restrict / DAY,
        "incidents": sum(pairs["incidents"] for pairs in known) / len(known),
        "mean_hours": estimate(known, _mean_hours),
        "share": {c: {over: part(f"{c}.{over}") for over in BEYOND} for c in CLASSES},
        "same_share": estimate(known, _same_share),
        "open_share": {which: part(f"open.{which}") for which in ("first", "second", "both")},
        "hours": {c: hours(f"sum.{c}", f"{c}.0") for c in CLASSES},
        "made_of": {c: {u: hours(f"{c}.{u}", f"{c}.0") for u in CATEGORIES} for c in CLASSES},
        "quantiles": {
            f"{SHARES[i]:.3f}": estimate(known, lambda pairs, i=i: pairs[f"quantile.{i}"] / HOUR)
            for i in range(len(SHARES))
        },
    }
    return found | {"finding": sentence(found, groups)}


def _mean_hours(pairs: Pairs) -> float:
    return (pairs["sum.sooner"] + pairs["sum.later"]) / HOUR / pairs["incidents"]


def _same_share(pairs: Pairs) -> float:
    return 1 - (pairs["sooner.0"] + pairs["later.0"]) / pairs["incidents"]


_TOLD = 3


def sentence(found: Mapping[str, Any], groups: "pd.DataFrame") -> str:
    """The finding in words: how many gain, how many lose how much, who loses most often."""
    first, second = found["policies"]
    sooner, later = (_percent(found["share"][c]["0"]["mean"]) for c in CLASSES)
    same = _percent(found["same_share"]["mean"])
    text = (
        f"{second} closes {sooner} of incidents sooner than {first} and {later} later ({same} at "
        f"the same moment). {_means(found)} "
    )
    if found["replications"] == 1:
        return f"{text}Of one replication nothing can be told of groups beyond doubt."
    ranked = groups[~groups["note"].str.contains(TOO_FEW)]
    often = ranked[ranked["excess_share_low"] > 0].head(_TOLD)
    if len(often):
        text += f"Worst off: {', '.join(map(_often, often.itertuples()))}. "
    else:
        text += "No group is worse off more often than all are, beyond doubt. "
    losers = ranked[ranked["net_hours_low"] > 0]
    if len(losers):
        told = (f"{r.group} ({console.number(r.net_hours)} h)" for r in losers.itertuples())
        return f"{text}On balance these lose: {', '.join(told)}."
    return f"{text}On balance no group loses beyond doubt."


def _often(row: Any) -> str:
    loss = "" if isnan(row.loss_hours) else f", by {console.number(row.loss_hours)} h"
    return f"{row.group} ({_percent(row.later_share)} later{loss})"


def _means(found: Mapping[str, Any]) -> str:
    gain, loss = (found["hours"][c] for c in CLASSES)
    parts = []
    if loss["mean"] is not None:
        parts.append(f"those made worse off lose {_hours(loss, 1)} in the mean")
    if gain["mean"] is not None:
        parts.append(f"those made better off gain {_hours(gain, -1)}")
    said = ", ".join(parts) or "nobody gains or loses"
    return f"{said[0].upper()}{said[1:]}."


def _hours(entry: Mapping[str, Any], sign: int) -> str:
    text = f"{console.number(sign * entry['mean'])} h"
    if entry["ci95"][0] is None:
        return text
    low, high = (console.number(end) for end in sorted(sign * end for end in entry["ci95"]))
    return f"{text} (95 % interval {low} to {high})"


def _percent(share: float) -> str:
    return f"{console.number(share, percent=True)} %"
