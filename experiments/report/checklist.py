"""How to reproduce a result, and the STRESS-DES checklist, filled from the run itself.

Monks, Currie, Onggo, Robinson, Kunc and Taylor 2019, Strengthening the reporting of empirical
simulation studies: introducing the STRESS guidelines, Journal of Simulation 13(1), 55-67.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from experiments.report import html
from experiments.report.folder import Folder
from experiments.report.html import Html
from experiments.report.words import Words, number
from sim.codes import STAGES, TIERS

ITEMS = {
    "objectives": ("purpose", "outputs", "aims"),
    "logic": ("overview", "base", "scenarios", "algorithms", "components"),
    "data": ("sources", "inputs", "preprocessing", "assumptions"),
    "experimentation": ("initialisation", "length", "estimation"),
    "implementation": ("software", "sampling", "execution", "system"),
    "code": ("sharing",),
}
"""The items of the checklist by section."""

_SEEDS_SHOWN = 12


def reproduce(folder: Folder, words: Words) -> Html:
    """The exact command and everything that a result depends on."""
    made = folder.made
    packages = ", ".join(f"{name} {version}" for name, version in made["packages"].items())
    commit = made.get("commit") or words("unknown")
    rows = {
        "seeds": _seeds(made["seeds"], words),
        "fingerprint": html.element("code", made["fingerprint"]),
        "version": words("reproduce.of", version=made.get("version") or words("unknown"),
                         commit=commit),
        "sources": html.element("code", made["sources"]),
        "created": made["created"],
        "seconds": f"{made['seconds']:,.0f} s",
        "python": f"Python {made['python']}, {made['platform']}",
        "packages": packages,
    }  # fmt: skip
    entries = [
        part
        for name, value in rows.items()
        for part in (html.element("dt", words(f"reproduce.{name}")), html.element("dd", value))
    ]
    edited = commit.endswith("+")
    return html.section(
        words("section.reproduce"),
        html.element("p", words("reproduce.how" if folder.typed else "reproduce.by_hand")),
        html.element("pre", shlex.join(folder.typed)) if folder.typed else "",
        html.element("p", words("reproduce.edited"), class_="notice") if edited else "",
        html.element("dl", *entries),
        html.element("p", words("reproduce.same"), class_="note"),
        name="reproduce",
    )


def _seeds(seeds: Sequence[int], words: Words) -> str:
    shown = ", ".join(map(str, seeds[:_SEEDS_SHOWN]))
    more = len(seeds) - _SEEDS_SHOWN
    return words("reproduce.more", seeds=shown, more=more) if more > 0 else shown


def stress(folder: Folder, words: Words) -> Html:
    """The checklist with what this run says to each item."""
    facts = _facts(folder, words)
    parts: list[Html] = []
    for title, items in ITEMS.items():
        parts.append(html.element("h3", words(f"stress.{title}.title")))
        entries = []
        for item in items:
            key = f"stress.{title}.{item}"
            entries.append(html.element("dt", words(f"{key}.item")))
            entries.append(html.element("dd", words(f"{key}.text", **facts)))
        parts.append(html.element("dl", *entries))
    about = html.element("p", words("stress.about"), class_="note")
    return html.section(words("section.stress"), about, *parts, name="stress")


def _facts(folder: Folder, words: Words) -> dict[str, Any]:
    """What the items are filled with; every value comes from the folder."""
    config, made = folder.config, folder.made
    horizon, staff, stream = config["horizon"], config["staff"], config["stream"]
    catalogue = config["catalogue"]
    policies = _policies(folder)
    return {
        "command": folder.kind,
        "aim": words.known(f"aim.{folder.kind}", words("aim.other")),
        "policies": words("list").join(words.named(name) for name in policies),
        "differ": _differ(policies, words),
        "disciplines": _disciplines(policies, words),
        "city": words.city(config["city"]["name"]),
        "district": config["city"]["district"] or words("stress.whole"),
        "kinds": len(catalogue["kinds"]),
        "departments": len(catalogue["departments"]),
        "tiers": words("list").join(words.named(tier) for tier in TIERS),
        "stages": words("list").join(words.known(f"stage.{s}", s) for s in STAGES[1:-1]),
        "stream": words.known(f"stream.{stream['kind']}", stream["kind"]),
        "volume": f"{stream['volume']:g}",
        "storms": len(stream["storms"] or ()),
        "storminess": f"{stream['storminess']:g}",
        "place": words(f"place.{staff['place']}"),
        "target": f"{staff['target_utilisation']:.2f}",
        "pilot": f"{staff['pilot_days']:g}",
        "numbers": _numbers(folder, words),
        "start": str(horizon["start"]),
        **{name: f"{horizon[name]:g}" for name in (
            "warmup_days", "cohort_days", "followup_days", "mean_days")},
        "estimation": words(f"estimation.{'one' if len(made['seeds']) == 1 else 'several'}",
                            n=len(made["seeds"]), seeds=_seeds(made["seeds"], words)),
        "clock": words(f"clock.{config['clock']}"),
        "version": made.get("version") or words("unknown"),
        "commit": made.get("commit") or words("unknown"),
        "python": made["python"],
        "packages": ", ".join(f"{n} {v}" for n, v in made["packages"].items()),
        "seconds": number(made["seconds"]),
        "platform": made["platform"],
        "fingerprint": made["fingerprint"],
        "sources": made["sources"],
        "typed": shlex.join(folder.typed or ()) or words("reproduce.by_hand"),
    }  # fmt: skip


def _numbers(folder: Folder, words: Words) -> str:
    """How many numbers are assumed, where the folder knows."""
    split = folder.summary.get("split")
    numbers = split.get("numbers") if isinstance(split, Mapping) else None
    if not numbers:
        return words("stress.numbers_unknown")
    return words("stress.numbers", **{name: f"{n:,}" for name, n in numbers.items()})


def _policies(folder: Folder) -> dict[str, Mapping[str, Any]]:
    """{POLICY: its settings, empty where the folder does not have them}."""
    config = folder.config
    names = [config["policy"]["name"]] if folder.kind == "run" else list(config["policies"])
    return {name: _policy(folder, name) for name in names}


def _policy(folder: Folder, name: str) -> Mapping[str, Any]:
    path = folder.path / "policies" / f"{name.replace('/', '-')}.yaml"
    if path.is_file():
        return yaml.safe_load(path.read_text("utf-8"))
    return folder.config["policy"] if folder.config["policy"]["name"] == name else {}


def _differ(policies: Mapping[str, Mapping[str, Any]], words: Words) -> str:
    """The levers that are not the same under the first two policies, with both values."""
    known = [policy for policy in policies.values() if policy][:2]
    if len(known) < 2:
        return words("stress.differ_unknown")
    first, second = (policy["levers"] for policy in known)
    said = list(_levers(first, second))
    return ", ".join(said) if said else words("stress.differ_none")


def _levers(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[str]:
    for name, value in first.items():
        other = second.get(name)
        if value != other:
            yield f"{name} {_plain(value)} → {_plain(other)}"


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _disciplines(policies: Mapping[str, Mapping[str, Any]], words: Words) -> str:
    said = [
        f"{words.named(name)}: {words.known('discipline.' + p['discipline'], p['discipline'])}"
        for name, p in policies.items()
        if p
    ]
    return "; ".join(said) or words("unknown")
