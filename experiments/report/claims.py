"""What `claim` and `regimes` found: sentences, a table and a figure, from their summaries."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from experiments.claim import PARTS, READINGS
from experiments.report import html
from experiments.report.folder import Folder
from experiments.report.html import Html
from experiments.report.pictures import Picture
from experiments.report.words import Words, number

_SHIPPED = "as_shipped"
_COLUMNS = {"mean_latency_hours": "closure_latency_mean_hours"}

Row = Mapping[str, Any]


# --- claim ------------------------------------------------------------------------------------


def claim(folder: Folder, words: Words) -> list[str]:
    """What the numbers as shipped make of the claim, and how many rows bear it out."""
    rows = folder.summary["cases"]
    shipped = [row for row in rows if row["case"] == _SHIPPED]
    parts = [_part(row, words) for row in shipped]
    said = [words("finding.claim.shipped", parts=words("list").join(parts))] if parts else []
    low, high = min(READINGS.values()), max(READINGS.values())
    counts = [
        words("finding.claim.of", part=words(f"claim.{part}"),
              n=sum(_bears(row, part, low) for row in rows))
        for part in PARTS
    ]  # fmt: skip
    least, most = (f"{100 * share:.0f}" for share in (low, high))
    whole = sum(_bears(row, part, high) for row in rows for part in PARTS)
    numbers = {"rows": len(rows), "least": least, "most": most, "whole": whole}
    return [*said, words("finding.claim.borne", counts=words("list").join(counts), **numbers)]


def _part(row: Row, words: Words) -> str:
    """By how much the time until the closing that solves falls."""
    fall = row["falls"]["closure_hours"]
    unsure = fall[1] is not None and fall[1] <= 0 <= fall[2]
    return words(
        f"finding.claim.{'unsure' if unsure else 'part'}", a=words.named(row["before"]),
        b=words.named(row["after"]), size=_share(fall, words),
    )  # fmt: skip


def _bears(row: Row, part: str, share: float) -> bool:
    """Whether the whole interval lies above a share."""
    low = row["falls"][part][1]
    return low is not None and low >= share


def _share(interval: Sequence[float | None], words: Words) -> str:
    mean, low, high = interval
    if mean is None:
        return words("claim.undefined")
    entry = {"mean": mean, "ci95": [low, high]}
    return words("claim.share", size=words.interval(entry, percent=True, sign=False))


def _of_claim(folder: Folder, words: Words) -> Html:
    head = [words("claim.case"), words("claim.before"), words("claim.after")]
    head += [words("claim.sooner", part=words(f"claim.{part}")) for part in PARTS]
    rows = [
        [words.known(f"claim.cases.{row['case']}", row["case"].replace("_", " "))]
        + [words.named(row["before"]), words.named(row["after"])]
        + [_share(row["falls"][part], words) for part in PARTS]
        for row in folder.summary["cases"]
    ]
    return html.table(head, rows, words=(0, 1, 2))


# --- regimes ----------------------------------------------------------------------------------


def regimes(folder: Folder, words: Words) -> list[str]:
    """How many claims hold, and which do not."""
    rows = folder.summary["regimes"]
    fails = [row["regime"] for row in rows if not row["holds"]]
    said = [words("finding.regimes.hold", n=len(rows) - len(fails), of=len(rows))]
    if fails:
        said.append(words("finding.regimes.fail", names=words("list").join(fails)))
    return said


def _of_regimes(folder: Folder, words: Words) -> Html:
    names = ("regime", "measure", "first", "second", "change", "claim", "verdict")
    head = [words(f"regimes.{name}") for name in names]
    rows = [
        [
            row["regime"], _measure(row["metric"], words),
            f"{words.named(row['first'])} {number(row['before'])}",
            f"{words.named(row['second'])} {number(row['after'])}",
            _change(row["ratio"], words),
            words(f"regimes.{row['change']}", least=f"{100 * row['least']:g}"),
            words("regimes.holds" if row["holds"] else "regimes.fails"),
        ]
        for row in folder.summary["regimes"]
    ]  # fmt: skip
    return html.table(head, rows, words=(0, 1))


def _measure(metric: str, words: Words) -> str:
    """A measure by its name; of a group, with the group."""
    by, _, rest = metric.partition(".")
    if not rest:
        return words.measure(metric)
    group, _, column = rest.partition(".")
    name = words.kind(group) if by == "by_kind" else words.named(group)
    return words("regimes.of", measure=words.measure(_COLUMNS.get(column, column)), group=name)


def _change(ratio: Sequence[float | None], words: Words) -> str:
    mean, low, high = ratio
    if mean is None:
        return words("claim.undefined")
    ends = [None if end is None else end - 1 for end in (low, high)]
    return words("claim.share", size=words.interval({"mean": mean - 1, "ci95": ends}, percent=True))


def drawn(folder: Folder, words: Words) -> Iterator[Picture]:
    """A forest of the changes of `regimes`."""
    from analysis import style
    from analysis.figures import forest

    entries = [
        (
            f"{row['regime']}\n{_measure(row['metric'], words)}",
            *(100 * (x - 1) for x in row["ratio"]),
        )
        for row in folder.summary["regimes"]
        if None not in row["ratio"]
    ]  # fmt: skip
    if entries:
        fig, ax = style.figure(7.4, forest.height(len(entries)))
        forest.draw(entries, ax, label=words("figures.regimes"))
        yield Picture("redrawn", style.svg(fig), {"title": words("drawn.regimes")})


# --- both -------------------------------------------------------------------------------------

_TABLES = {"claim": _of_claim, "regimes": _of_regimes}


def table(folder: Folder, words: Words) -> Html | None:
    """The table of a folder of either command, whose summary holds it; None of others."""
    made = _TABLES.get(folder.kind)
    return None if made is None else made(folder, words)
