"""What became of single incidents under either policy, in words that add up."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.account import CATEGORIES
from analysis.counterfactual import Half, check_same
from analysis.story_words import count, duration
from experiments.compare import named, replication_seed
from experiments.incident_pairs import half_of
from experiments.one_run import Run
from experiments.story import simulate_all
from scenarios.parameters import Parameters
from sim.codes import CHANNELS, DISPATCH, NONE, SEVERITIES
from sim.units import HOUR

if TYPE_CHECKING:
    import pandas as pd

USE_WORDS = {
    "sensing": "unseen",
    "assumed_delay": "held for batches or coordination",
    "work": "being worked on",
    "waiting": "waiting for a desk",
    "rework": "on re-work and false closings",
}
"""account.CATEGORIES, as they follow a length of time."""

_COUNTED = {  # one and several
    "relays": ("relay", "relays"),
    "wrong_desks": ("wrong desk", "wrong desks"),
    "returns": ("return", "returns"),
    "reworks": ("re-work", "re-works"),
    "false_closings": ("false closing", "false closings"),
    "mismerged": ("false merge", "false merges"),
    "extensions": ("extension", "extensions"),
    "growths": ("grade of growth", "grades of growth"),
}


@dataclass(frozen=True)
class Retold:
    """One replication under both policies, with visits of the `chosen` incidents: {END.PLACE:
    key}, END worst or best."""

    policies: Mapping[str, Parameters]
    replication: int
    chosen: Mapping[str, int]
    runs: tuple[Run, Run]
    halves: tuple[Half, Half]


def retell(
    policies: Mapping[str, Parameters], replication: int, chosen: Mapping[str, int]
) -> Retold:
    """Run a replication once more. What its settings warn of has been told before."""
    seed = replication_seed(next(iter(policies.values())).settings.seed, replication)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = simulate_all(policies, seed, "telling the paths", *chosen.values())
    runs = tuple(found.values())
    halves = tuple(map(half_of, runs))
    check_same(*halves)
    return Retold(policies, replication, chosen, runs, halves)


@dataclass(frozen=True)
class Path:
    """What became of an incident; hours of the second policy minus those of the first.

    made_of : {CATEGORY: hours}, which sum to `hours`; counts : {NAME: (first, second)}.
    """

    end: str  # worst or best
    place: int
    incident: int
    about: str
    latency_hours: tuple[float, float]  # restricted
    is_open: tuple[bool, bool]  # not solved by the restriction
    hours: float
    made_of: Mapping[str, float]
    counts: Mapping[str, tuple[int, int]]
    channels: tuple[str, str]

    @property
    def text(self) -> str:
        """The path in a sentence."""
        return f"{self.about}: {_difference(self)}: {', '.join(_why(self))}."

    @property
    def record(self) -> dict[str, Any]:
        return asdict(self) | {"text": self.text}


def paths(retold: Retold) -> list[Path]:
    """The paths of the chosen incidents, the worst first."""
    return [_path(retold, *name.split("."), key) for name, key in retold.chosen.items()]


def _path(retold: Retold, end: str, place: str, key: int) -> Path:
    at = int(np.searchsorted(retold.halves[0].incident, key))
    first, second = retold.halves
    rows = [{name: int(v[at]) for name, v in run.incident_columns.items()} for run in retold.runs]
    counts = [_counts(run, row) for run, row in zip(retold.runs, rows, strict=True)]
    more = second.uses[:, at] - first.uses[:, at]
    return Path(
        end=end,
        place=int(place),
        incident=key,
        about=_about(rows[0], next(iter(retold.policies.values()))),
        latency_hours=tuple(float(h.latency[at] / HOUR) for h in retold.halves),
        is_open=tuple(bool(h.is_open[at]) for h in retold.halves),
        hours=float((second.latency[at] - first.latency[at]) / HOUR),
        made_of={name: float(t / HOUR) for name, t in zip(CATEGORIES, more, strict=True)},
        counts={name: (counts[0][name], counts[1][name]) for name in _COUNTED},
        channels=tuple("" if r["channel"] == NONE else CHANNELS[r["channel"]] for r in rows),
    )


def _about(row: Mapping[str, int], parameters: Parameters) -> str:
    kind = parameters.catalogue.kind_en[row["kind"]]
    district = parameters.city.district_name_en[row["district"]]
    return f"{kind}, grade {SEVERITIES[row['severity']]}, {district} ({row['incident']})"


def _counts(run: Run, row: Mapping[str, int]) -> dict[str, int]:
    """What happened how often; relays are visits of the first report to desks that pass it on."""
    visits = run.visit_columns
    own = (visits["incident"] == row["incident"]) & (visits["stage"] == DISPATCH)
    relays = np.count_nonzero(own & (visits["report"] == 0) & (visits["branch"] == 0))
    return {"relays": int(relays)} | {name: row[name] for name in _COUNTED if name != "relays"}


# --- words ------------------------------------------------------------------------------------


def _difference(path: Path) -> str:
    before, after = (duration(round(hours * HOUR)) for hours in path.latency_hours)
    least = "at least " if any(path.is_open) else ""
    size = duration(round(abs(path.hours) * HOUR))
    kept = ["not solved within " if is_open else "" for is_open in path.is_open]
    word = "sooner" if path.hours < 0 else "later"
    return f"{least}{size} {word} ({kept[1]}{after}, in place of {kept[0]}{before})"


def _why(path: Path) -> list[str]:
    """What was otherwise on the way, and then where the time lies, the largest part first."""
    told = []
    before, after = path.channels
    if before != after:
        told.append(f"noticed by {after or 'nobody'} in place of {before or 'nobody'}")
    for name, words in _COUNTED.items():
        was, now = path.counts[name]
        if was and not now:
            told.append(f"no {words[0]}" + (f" in place of {was}" if was > 1 else ""))
        elif was != now:
            told.append(f"{count(abs(now - was), words)} {'more' if now > was else 'fewer'}")
    sign = np.sign(path.hours)
    parts = sorted(path.made_of.items(), key=lambda part: -sign * part[1])
    told += [_part(name, hours) for name, hours in parts if sign * hours > 0]
    against = [_part(name, hours) for name, hours in parts[::-1] if sign * hours < 0]
    return [*told[:-1], f"{told[-1]}, against {_listed(against)}"] if against else told


def _part(name: str, hours: float) -> str:
    return (
        f"{duration(round(abs(hours) * HOUR))} {'more' if hours > 0 else 'less'} {USE_WORDS[name]}"
    )


def _listed(parts: Sequence[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


# --- the table --------------------------------------------------------------------------------


def incident_table(retold: Retold) -> "pd.DataFrame":
    """One row an incident of the replication: where and what it is, its restricted latency under
    either policy, whether it was open then, the difference and what it is made of [h]."""
    import pandas as pd

    first, second = retold.halves
    names = list(retold.policies)
    columns: dict[str, Any] = {"incident": first.incident} | dict(first.codes)
    for name, half in zip(names, retold.halves, strict=True):
        columns[f"latency_hours_{name}"] = half.latency / HOUR
        columns[f"open_{name}"] = half.is_open
    columns["difference_hours"] = (second.latency - first.latency) / HOUR
    made_of = zip(CATEGORIES, second.uses - first.uses, strict=True)
    columns |= {f"{name}_hours": ticks / HOUR for name, ticks in made_of}
    return named(pd.DataFrame(columns), next(iter(retold.policies.values())))
