"""What a results folder has found, in two sentences, filled from its summary."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from experiments import console
from experiments.capacity_report import bound
from experiments.report import claims
from experiments.report.folder import Folder
from experiments.report.words import Words, number

Entry = Mapping[str, Any]
LATENCY = "closure_latency_mean_hours"
_NAMED = 3  # groups that a sentence names


def finding(folder: Folder, words: Words) -> list[str]:
    """Two sentences; of a command that has none of its own here, what its summary says."""
    told = _OF_KIND.get(folder.kind)
    if told is not None:
        return told(folder, words)
    said = folder.summary.get("finding")
    if not said:
        return [words("finding.none", command=folder.kind)]
    return [said] if words.lang == "en" else [words("finding.in_english"), said]


def is_sure(entry: Entry) -> bool:
    """Whether the interval leaves no doubt about the sign."""
    low, high = entry["ci95"]
    return low is not None and (low > 0 or high < 0)


def difference(row: Entry, policies: Sequence[str], policy: str) -> Entry:
    """A policy's difference from the first one, of a measure of a comparison."""
    return row["difference"] if policy == policies[1] else row["differences"][policy]


def _ends(entry: Entry, words: Words, *, percent: bool = False) -> str:
    low, high = entry["ci95"]
    if low is None:
        return words("finding.no_interval")
    ends = {"low": number(low, percent=percent, sign=True)}
    return words("finding.interval", **ends, high=number(high, percent=percent, sign=True))


def _sign(entry: Entry) -> str:
    """lower, higher or same: what can be said of a difference beyond chance."""
    if not is_sure(entry) and entry["ci95"][0] is not None:
        return "same"
    return "lower" if entry["mean"] < 0 else "higher"


# --- of a comparison, of a run ----------------------------------------------------------------


def _compare(folder: Folder, words: Words) -> list[str]:
    policies = list(folder.config["policies"])
    metrics = folder.summary["metrics"]
    if len(policies) < 2:
        mean = number(metrics[LATENCY][policies[0]]["mean"])
        return [words("finding.compare.alone", policy=words.named(policies[0]), mean=mean)]
    change = difference(metrics[LATENCY], policies, policies[1])
    first, second = (words.named(name) for name in policies[:2])
    if change["mean"] is None:
        return [words("finding.compare.undefined", a=first, b=second)]
    more = difference(metrics["goodput_per_day"], policies, policies[1])["mean"]
    said = words(
        f"finding.compare.{_sign(change)}", a=first, b=second, size=number(abs(change["mean"])),
        ends=_ends(change, words), more=number(more, sign=True),
    )  # fmt: skip
    return [said, *_rests(folder, policies[1], words)]


def _rests(folder: Folder, policy: str, words: Words) -> list[str]:
    """What the difference is made of and rests on, as far as the split has it."""
    part = folder.summary["split"]["policies"].get(policy)
    if part is None:
        return [words("finding.rests.unknown")]
    settings, said = part["settings"], []
    if "unlimited" in settings and part.get("found"):
        arithmetic = settings["unlimited"]["total"]["difference"]["mean"]
        found = part["found"]["total"]
        numbers = {"arithmetic": number(arithmetic, sign=True), "found": words.interval(found)}
        unsure = found["mean"] is not None and _sign(found) == "same"
        key = "nothing_found" if unsure else "arithmetic"
        said.append(words(f"finding.rests.{key}", **numbers))
    share = part.get("share_assumed")
    if share and share["mean"] is not None:
        said.append(words("finding.rests.assumed", share=share_text(share, words)))
    return [words("finding.rests.both", parts=words("finding.and").join(said))] if said else [
        words("finding.rests.unknown")
    ]  # fmt: skip


def share_text(share: Entry, words: Words) -> str:
    """A share in percent with its interval."""
    low, high = share["ci95"]
    mean = f"{100 * share['mean']:.0f} %"
    if low is None:
        return mean
    return words("finding.share", mean=mean, low=f"{100 * low:.0f}", high=f"{100 * high:.0f}")


def _run(folder: Folder, words: Words) -> list[str]:
    values = folder.summary
    named = {"policy": words.named(folder.config["policy"]["name"])}
    if values[LATENCY] is None:
        return [words("finding.run.undefined", **named), words("finding.run.one")]
    days = folder.config["horizon"]["mean_days"]
    numbers = {"mean": number(values[LATENCY]), "days": f"{days:g}"}
    on_time = number(values["on_time_share"], percent=True)
    return [words("finding.run.is", **named, **numbers, on_time=on_time), words("finding.run.one")]


# --- of studies -------------------------------------------------------------------------------


def _attribute(folder: Folder, words: Words) -> list[str]:
    found = folder.summary
    if not found["groups"]:
        return [words("finding.none", command=folder.kind)]
    percent = console.is_share(found["metric"])
    whole = found["whole"]
    said = words(
        "finding.attribute.whole", measure=words.measure(found["metric"]), **_two(found, words),
        size=number(whole["mean"], percent=percent, sign=True),
        ends=_ends(whole, words, percent=percent),
    )  # fmt: skip
    parts = [
        words("finding.attribute.part", group=words.group(name),
              size=words.interval({"mean": g["share"], "ci95": g["ci95"]}, percent=percent))
        for name, g in list(found["groups"].items())[:_NAMED]
    ]  # fmt: skip
    return [said, words("finding.attribute.parts", parts=words("list").join(parts))]


def _two(found: Entry, words: Words) -> dict[str, str]:
    first, second = (words.named(name) for name in found["policies"][:2])
    return {"a": first, "b": second}


def _sensitivity(folder: Folder, words: Words) -> list[str]:
    found = folder.summary
    percent = console.is_share(found["metric"])
    base = found["as_assumed"]
    said = words(
        "finding.sensitivity.base", measure=words.measure(found["metric"]), **_two(found, words),
        size=number(base["mean"], percent=percent, sign=True),
        ends=_ends(base, words, percent=percent),
    )  # fmt: skip
    held = found["rests_on"]
    none = f"{len(found['not_distinguishable'])}"
    numbers = {"none": none, "of": f"{len(found['groups'])}"}
    if not held:
        return [said, words("finding.sensitivity.nothing", **numbers)]
    names = words("list").join(words.group(name) for name in held)
    return [said, words("finding.sensitivity.rests", names=names, **numbers)]


def _overturn(folder: Folder, words: Words) -> list[str]:
    found = folder.summary
    base = found["difference_hours"]
    alone = [e for e in found["effects"] if e["difference_hours"] * base <= 0]
    said = words("finding.overturn.base", size=number(base, sign=True))
    fewest = found["fewest_that_overturn"]
    together = found["together"][-1]["worst_ends"] if found["together"] else 0
    key = "alone" if alone else "none" if fewest is None else "together"
    return [
        said,
        words(f"finding.overturn.{key}", alone=len(alone), fewest=fewest, together=together),
    ]


def _sweep(folder: Folder, words: Words) -> list[str]:
    found = folder.summary
    percent = console.is_share(found["metric"])
    first = words.named(folder.config["policies"][0])
    said = []
    for policy, entry in found["policies"].items():
        named = {"a": first, "b": words.named(policy), "measure": words.measure(found["metric"])}
        if not entry["known"]:
            said.append(words("finding.sweep.unknown", **named))
            continue
        counts = {k: entry[k] for k in ("known", "lower", "lower_beyond_doubt", "higher")}
        counts["higher_beyond_doubt"] = entry["higher_beyond_doubt"]
        said.append(words("finding.sweep.sides", **named, **counts))
        ends = (
            words("finding.sweep.at", size=words.interval(entry[end], percent=percent),
                  where=", ".join(f"{k}={v}" for k, v in entry[end]["settings"].items()))
            for end in ("smallest", "largest")
        )  # fmt: skip
        said.append(words("finding.sweep.range", ends=words("finding.to").join(ends)))
    return said


def _counterfactual(folder: Folder, words: Words) -> list[str]:
    found = folder.summary
    if "share" not in found:
        return [words("finding.none", command=folder.kind)]
    shares = {
        name: words.interval(found["share"][name]["0"], percent=True, sign=False)
        for name in ("sooner", "later")
    }
    mean = words.interval(found["mean_hours"])
    return [
        words("finding.counterfactual.shares", **_two(found, words), **shares),
        words("finding.counterfactual.mean", mean=mean),
    ]


def _replicate(folder: Folder, words: Words) -> list[str]:
    found = folder.summary
    percent = console.is_share(found["metric"])
    first, said = words.named(found["reference"]), []
    for policy, entry in found["policies"].items():
        if entry["mean"] is None:
            continue
        said.append(
            words(
                "finding.replicate.is", a=first, b=words.named(policy),
                measure=words.measure(found["metric"]), n=found["replications"],
                size=words.interval(entry, percent=percent),
            )
        )  # fmt: skip
        said.append(words("finding.replicate.met" if entry["is_met"] else "finding.replicate.not"))
    return said or [words("finding.none", command=folder.kind)]


def _choose(folder: Folder, words: Words) -> list[str]:
    found = folder.summary
    key = "best" if found["is_decided"] else "open"
    names = words("list").join(words.named(name) for name in found["left"])
    numbers = {"probability": f"{100 * found['probability']:g}", "zone": f"{found['zone']:g}"}
    measure = words.measure(found["metric"])
    spent = {"spent": found["spent"], "equal": found["equal_allocation"]}
    return [
        words(f"finding.choose.{key}", names=names, measure=measure, **numbers),
        words("finding.choose.spent", **spent),
    ]


def _rollout(folder: Folder, words: Words) -> list[str]:
    found = folder.summary
    percent = console.is_share(found["metric"])
    first, *others = found["futures"]
    parts = [
        words("finding.rollout.part", future=name, reference=first,
              size=words.interval(found["futures"][name]["difference"], percent=percent))
        for name in others
    ]  # fmt: skip
    named = {"measure": words.measure(found["metric"]), "date": found["fork"]}
    said = [words("finding.rollout.plans", **named, parts=words("list").join(parts))]
    known = {n: e["mean"] for n, e in found["futures"].items() if e["mean"] is not None}
    if known:
        said.append(words("finding.rollout.lowest", future=min(known, key=known.get)))
    return said


def _capacity(folder: Folder, words: Words) -> list[str]:
    row = folder.summary["metrics"]["capacity"]
    policies = [name for name in row if name not in ("difference", "differences")]
    parts = [
        words("finding.capacity.part", policy=words.named(p),
              size=words.interval(row[p], sign=False))
        if row[p]["mean"] is not None
        else _outside(folder.summary["searches"][p], words.named(p), words)
        for p in policies
    ]  # fmt: skip
    said = [words("finding.capacity.is", parts=words("list").join(parts))]
    change = row.get("difference")
    if change and change["mean"] is not None:
        key = "apart" if is_sure(change) else "same"
        said.append(words(f"finding.capacity.{key}", size=words.interval(change)))
    return said


def _outside(searches: Sequence[Entry], policy: str, words: Words) -> str:
    """What is known of a capacity that lies outside the volumes tried in some replication."""
    sign, _, size = (bound(searches) or "-").partition(" ")
    key = {">": "above", "<": "below"}.get(sign, "unknown")
    return words(f"finding.capacity.{key}", policy=policy, size=size)


def _discover(folder: Folder, words: Words) -> list[str]:
    found = folder.summary
    counts = {name: found[name] for name in ("known", "better", "doubtful")}
    named = _two(found, words) | {"measure": words.measure(found["metric"])}
    asked, by = found["asked"], ""
    if asked["reduction"] is not None:
        by = words("finding.discover.by", size=f"{100 * asked['reduction']:g} %")
    elif asked["reach"]:
        by = words("finding.discover.by", size=f"{asked['reach']:g}")
    said = [words("finding.discover.points", **named, **counts, by=by)]
    if not found["boxes"]:
        return [*said, words("finding.discover.no_boxes")]
    hold = words(f"finding.discover.hold.{found['boxes_hold']}")
    return [*said, words("finding.discover.boxes", n=len(found["boxes"]), hold=hold)]


def _staff(folder: Folder, words: Words) -> list[str]:
    """What each policy needs, or makes of a budget, and how much less the others need."""
    found, said = folder.summary, []
    for policy, entry in found["staff"].items():
        numbers = {"hours": console.whole(entry["paid_hours"]), "seats": f"{entry['seats']:,}"}
        shares = words("list").join(_services(folder, entry["fresh"], words))
        sure = {True: "sure", False: "unsure", None: "given"}[entry.get("is_confirmed")]
        named = {"policy": words.named(policy), **numbers, "shares": shares}
        said.append(words(f"finding.staff.{sure}", **named))
    for policy, entry in found.get("fewer", {}).items():
        base, own = (found["staff"][name] for name in (entry["than"], policy))
        fewer = console.apart(base["paid_hours"], own["paid_hours"])
        key = "fewer" if fewer >= 0 else "more"
        if not all(one.get("is_reached", True) for one in (base, own)):
            key = "apart"
        named = {"a": words.named(entry["than"]), "b": words.named(policy)}
        said.append(words(f"finding.staff.{key}", **named, hours=f"{abs(fewer):,}"))
    return said


def _services(folder: Folder, fresh: Mapping[str, Any], words: Words) -> list[str]:
    """What share was in time on fresh seeds: of the targets that it clears by the least."""
    targets = {target["of"]: target for target in folder.summary["targets"]}
    said = []
    for of, e in sorted(
        fresh.items(), key=lambda pair: pair[1]["share"] - targets[pair[0]]["level"]
    ):
        level, stated = targets[of]["level"], targets[of]["stated"]
        key = "lowered" if level < stated else "share"
        grades, comma, district = of.partition(", ")
        share = {"mean": e["share"], "ci95": [e["low"], e["high"]]}
        said.append(
            words(
                f"finding.staff.{key}", of=words(f"service.{grades}") + comma + district,
                size=words.interval(share, percent=True, sign=False),
                target=number(level, percent=True), stated=number(stated, percent=True),
            )
        )  # fmt: skip
    return said[:_NAMED]


def _lab(folder: Folder, words: Words) -> list[str]:
    row = folder.summary["metrics"][LATENCY]
    first, *others = folder.config["policies"]
    if not others:
        mean = number(row[first]["mean"])
        return [words("finding.compare.alone", policy=words.named(first), mean=mean)]
    change = difference(row, [first, *others], others[0])
    named = {"a": words.named(first), "b": words.named(others[0])}
    if change["mean"] is None:
        return [words("finding.compare.undefined", **named)]
    size = number(abs(change["mean"]))
    return [words(f"finding.lab.{_sign(change)}", **named, size=size, ends=_ends(change, words))]


def _evidence(folder: Folder, words: Words) -> list[str]:
    counts, every = folder.summary["kinds"], folder.summary["numbers"]
    told = {name: f"{counts[name]:,}" for name in ("assumed", "source", "data", "definition")}
    share = number(counts["assumed"] / every, percent=True)
    return [words("finding.evidence", every=f"{every:,}", share=share, **told)]


def _verify(folder: Folder, words: Words) -> list[str]:
    numbers = folder.summary["numbers"]
    wrong = [f"{each['world']}: {each['measure']}" for each in numbers if not each["agrees"]]
    said = [words("finding.verify.is", n=len(numbers), wrong=len(wrong))]
    if wrong:
        said.append(words("finding.verify.such", names=words("list").join(wrong[:_NAMED])))
    return said


def _trace(folder: Folder, words: Words) -> list[str]:
    """What the story says of itself, which is in English."""
    said = [found["headline"] for found in folder.summary["findings"]]
    return said if words.lang == "en" else [words("finding.in_english"), *said]


_OF_KIND: dict[str, Callable[[Folder, Words], list[str]]] = {
    "compare": _compare,
    "run": _run,
    "attribute": _attribute,
    "sensitivity": _sensitivity,
    "overturn": _overturn,
    "sweep": _sweep,
    "counterfactual": _counterfactual,
    "replicate": _replicate,
    "choose": _choose,
    "rollout": _rollout,
    "capacity": _capacity,
    "discover": _discover,
    "staff": _staff,
    "lab": _lab,
    "evidence": _evidence,
    "verify": _verify,
    "trace": _trace,
    "claim": claims.claim,
    "regimes": claims.regimes,
}
