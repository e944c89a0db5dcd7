"""What could overturn a finding: from studies of the same fingerprint, or how to get them."""

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from experiments import console
from experiments.report import html
from experiments.report.findings import finding, share_text
from experiments.report.folder import Folder
from experiments.report.html import Html
from experiments.report.pictures import shown
from experiments.report.studies import of_study
from experiments.report.tables import entry
from experiments.report.words import Words, number

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 10
_NOT_OF_SETTINGS = ("results=", "replications=", "record=", "threads=", "split.", "policy=")


def settings_of(folder: Folder) -> list[str]:
    """What its command was told that decides what it finds: settings of another command."""
    own = f"{folder.kind}."
    return [
        word
        for word in (folder.typed or ())[2:]
        if not word.startswith((*_NOT_OF_SETTINGS, own)) and "=" in word
    ]


def command(name: str, folder: Folder, *more: str) -> Html:
    """A command with the settings of a folder, as it can be typed."""
    given = {word.partition("=")[0] for word in more}
    kept = [word for word in settings_of(folder) if word.partition("=")[0] not in given]
    return html.element("pre", shlex.join(["guantong", name, *kept, *more]))


def section(folder: Folder, others: Mapping[str, Folder], words: Words) -> Html:
    """The section, from an overturn and a sensitivity study where there are any."""
    parts: list[object] = []
    if folder.kind == "compare":
        parts += _share(folder, words)
    studies = {"overturn": overturned, "sensitivity": swung}
    found = {name: others[name] for name in studies if name in others}
    for name, study in found.items():
        said = words.together(finding(study, words))
        parts.append(html.element("h3", words(f"overturn.{name}")))
        parts.append(html.element("p", said))
        parts += shown(of_study(study, words), words)
        parts.append(studies[name](study, words))
        parts.append(_source(study, words))
    for name in studies:
        if name not in found:
            parts.append(html.element("p", words(f"overturn.no_{name}")))
            parts.append(command(name, folder))
    return html.section(words("section.overturn"), *parts, name="overturn")


def _share(folder: Folder, words: Words) -> list[Html]:
    """The share of the headline that rests on assumed numbers, as the comparison's split has it."""
    parts, shares = [], folder.summary["split"]
    for policy, part in shares["policies"].items():
        share = part.get("share_assumed")
        if share and share["mean"] is not None:
            differ = part["numbers_that_differ"]["assumed"]
            text = words("overturn.share", policy=words.named(policy), n=len(differ),
                         share=share_text(share, words))  # fmt: skip
            parts.append(html.element("p", text))
            keys = [html.element("code", key) for key in differ]
            note = html.joined([words("overturn.keys"), *keys])
            parts.append(html.element("p", note, class_="note"))
    numbers = shares.get("numbers")
    if numbers:
        values = {name: f"{numbers[name]:,}" for name in ("all", "assumed")}
        parts.append(html.element("p", words("overturn.numbers", **values)))
    if not parts:
        parts.append(html.element("p", words("overturn.no_split")))
    return parts


def _source(study: Folder, words: Words) -> Html:
    made = shlex.join(study.typed or ())
    return html.element(
        "p", words("overturn.from", folder=study.path.name), " ", html.element("code", made),
        class_="note",
    )  # fmt: skip


def overturned(study: Folder, words: Words) -> Html:
    """What the difference becomes at either end of what moves it most."""
    base = study.summary["difference_hours"]
    ends: dict[str, dict[str, float]] = {}
    for effect in study.summary["effects"]:
        ends.setdefault(effect["factor"], {})[effect["end"]] = effect["difference_hours"]
    ordered = sorted(ends.items(), key=lambda e: -max(abs(d - base) for d in e[1].values()))
    rows = []
    for name, by_end in ordered[:_SHOWN]:
        values = [by_end.get(end) for end in ("low", "high")]
        turns = any(v is not None and v * base <= 0 for v in values)
        told = words("yes") if turns else words("no")
        rows.append([name, *(number(v, sign=True) for v in values), told])
    head = [words(f"overturn.{name}") for name in ("assumption", "at_low", "at_high", "turns")]
    return html.table(head, rows)


def swung(study: Folder, words: Words) -> Html:
    """The widest swings of a sensitivity study, and what breaks even."""
    parts = []
    if study.has("swings"):
        percent = console.is_share(study.summary["metric"])
        frame = study.table("swings")
        order = frame["change"].abs().sort_values(ascending=False).index[:_SHOWN]
        rows = [_swing(row, words, percent=percent) for row in frame.loc[order].to_dict("records")]
        head = [words(f"swing.{name}") for name in ("assumption", "range", "at_low", "at_high")]
        parts.append(html.table([*head, words("swing.apart")], rows))
    parts.append(break_even(study, words))
    if not study.has("break_even"):
        parts.append(command("sensitivity", study, "sensitivity.stages=[break_even]"))
    return html.joined(parts)


def _swing(row: Mapping[str, Any], words: Words, *, percent: bool) -> list[str]:
    ends = [
        entry(*(row[f"{end}{part}"] for part in ("", "_from", "_to")))
        for end in ("at_low", "at_high")
    ]
    scope = words("range", low=f"{row['low_end']:g}", high=f"{row['high_end']:g}")
    intervals = [words.interval(end, percent=percent) for end in ends]
    apart = words("yes") if row["is_distinguishable"] else words("no")
    return [row["assumption"], scope, *intervals, apart]


def break_even(study: Folder, words: Words) -> Html:
    """At which value of each lever the difference is 0."""
    if not study.has("break_even"):
        return html.element("p", words("break_even.none"))
    rows = [_turn(row, words) for row in study.table("break_even").to_dict("records")]
    head = [words(f"break_even.{name}") for name in ("lever", "range", "at", "verdict")]
    return html.table(head, rows, caption=words("break_even.title"))


def _turn(row: Mapping[str, Any], words: Words) -> Sequence[str]:
    scope = words("range", low=f"{row['low_end']:g}", high=f"{row['high_end']:g}")
    at = row.get("at")
    place = words("break_even.nowhere")
    if at is not None and at == at:
        ends = (row.get("low"), row.get("high"))
        said = (words("break_even.beyond") if e is None or e != e else f"{e:.3g}" for e in ends)
        place = words("break_even.place", at=f"{at:.3g}", **dict(zip(("low", "high"), said)))
    return [row["lever"], scope, place, words.known(f"turn.{row['verdict']}", row["verdict"])]


def widest(study: Folder, n: int) -> "pd.DataFrame":
    """The n assumptions that move the difference most beyond chance, or most at all."""
    frame = study.table("swings")
    size = frame["change"].abs()
    return frame.assign(size=size).sort_values(
        ["is_distinguishable", "size"], ascending=False, kind="stable"
    )[:n]
