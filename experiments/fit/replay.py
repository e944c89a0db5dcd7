"""The log's own incidents as a trace, so that policies meet them one by one (`stream=trace`)."""

import datetime
import hashlib
import re
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.fitting.work import steps
from experiments.fit.cleaning import MISSING
from experiments.fit.estimates import work_of
from experiments.fit.mapping import MODEL_STAGES
from experiments.fit.numbers import Number, written
from experiments.fit.part import Part
from experiments.fit.stages import InModel
from scenarios.commands import FitSettings
from sim.city import City
from sim.codes import CHANNELS, DISPOSE, SEVERITIES, STAGES, SUPERVISE
from sim.draws import OF_INCIDENT
from sim.stream import pack_key
from sim.units import DAY

FILE = "experiment/replay.yaml"
"""Where the file stands in the overlay: `overlay=FIT/overlay experiment=replay`."""
TRACE = "trace.csv"
GIVEN, DRAWN = "from the log", "drawn"
_EPOCH = datetime.date(2000, 1, 1)
_AT_ONCE = 0.001  # of an hour or a minute: what the log holds was noticed when it came
_WORKS = tuple(name for name in MODEL_STAGES if name != STAGES[SUPERVISE])


@dataclass(frozen=True, eq=False)
class Replay:
    """The incidents of the log's end. table : a row an incident, in order of time, with the
    columns of a trace, `case` and `incident` (its key); start, warmup_days, cohort_days : of the
    horizon; given : of how many rows each column is the log's own; occurrence : whether the log
    says when incidents occurred, and not only when they came."""

    table: pd.DataFrame
    start: datetime.date
    warmup_days: int
    cohort_days: int
    given: dict[str, int]
    occurrence: bool

    def trace(self) -> pd.DataFrame:
        """The table as `stream.path` takes it."""
        return self.table.drop(columns=["case", "incident"])

    def freed(self, factors: dict[str, float]) -> "Replay":
        """The same, where disposals of a kind are but the factor of what the log has: what is left
        the model adds by itself (`moments.free_disposals`)."""
        name = f"{STAGES[DISPOSE]}_s"
        if name not in self.table:
            return self
        factor = self.table["kind"].map(factors).fillna(1.0).to_numpy()
        seconds = (self.table[name].astype("Float64") * factor).round().astype("Int64")
        return replace(self, table=self.table.assign(**{name: seconds}))


def replay(model: InModel, city: City, settings: FitSettings, seed: int) -> Replay:
    """The cases of the last `replay_days` and of the warm-up before them; what the log does not say
    is drawn for each case by a hash of its name, so alike however often it is read."""
    whole = Part(model.part.log, model.part.cases, model.part.cases.end + 1)
    found = model.found
    step = steps(whole.column("case"), whole.column("complete"), whole.column("resource"))
    values, _ = work_of(whole, step, found.hours)
    everything = replace(model, part=whole, found=replace(found, values=values))
    return _Builder(everything, city, settings, seed).replay()


@dataclass(frozen=True, eq=False)
class _Builder:
    model: InModel
    city: City
    settings: FitSettings
    seed: int

    @cached_property
    def occurred(self) -> np.ndarray:
        """When each case occurred, or else came, i8[cases]."""
        part = self.model.part
        if not part.log.has("occurred"):
            return part.cases.arrived
        stated = part.column("occurred")[part.first]
        return np.where(stated == MISSING, part.cases.arrived, stated)

    def replay(self) -> Replay:
        last = int(self.occurred.max()) // DAY
        whole = last + 1 - int(self.occurred.min()) // DAY
        cohort = min(self.settings.replay_days, whole)
        warmup = min(self.settings.replay_warmup_days, whole - cohort)
        begin = last + 1 - cohort - warmup
        start = self.model.part.log.first_day + datetime.timedelta(days=begin)
        order = np.argsort(self.occurred, kind="stable")
        cases = order[self.occurred[order] >= begin * DAY]
        table, given = self._table(cases, begin, start)
        return Replay(table, start, warmup, cohort, given, self.model.part.log.has("occurred"))

    def _table(
        self, cases: np.ndarray, begin: int, start: datetime.date
    ) -> tuple[pd.DataFrame, dict[str, int]]:
        kind, kinds_given = self._kinds(cases)
        grid, grids_given = self._grids(cases, kind)
        columns = {"grid": grid, "kind": kind}
        given = {"grid": grids_given, "kind": kinds_given}
        for role, section, names, shares in (
            ("severity", "severities", SEVERITIES, self.model.catalogue.severity),
            ("channel", "channels", CHANNELS, self.model.catalogue.channel),
        ):
            codes = self.model.of_case(role, section, names)[self.model.part.first][cases]
            given[role] = int((codes >= 0).sum())
            columns[role] = np.where(codes >= 0, codes, self._like(cases, role, shares[kind]))
        ticks = self.occurred[cases] - begin * DAY
        keys = _keys(ticks, self._district(grid), kind, (start - _EPOCH).days)
        moments = np.datetime64(start, "s") + ticks.astype("m8[s]")
        table = pd.DataFrame(
            {
                "occurred": np.datetime_as_string(moments, unit="s"),
                "grid": grid,
                "kind": np.array(self.model.catalogue.kinds)[kind],
                "severity": np.array(SEVERITIES)[columns["severity"]],
                "channel": np.array(CHANNELS)[columns["channel"]],
            }
        )
        for name, work in self._works().items():
            known = ~np.isnan(work[cases])
            given[f"{name}_s"] = int(known.sum())
            if known.any():
                table[f"{name}_s"] = pd.array(np.round(np.nan_to_num(work[cases])), "Int64")
                table.loc[~known, f"{name}_s"] = pd.NA
        names = np.array(self.model.part.log.names["case"], object)
        table["case"], table["incident"] = names[cases], keys
        return table, given

    def _district(self, grid: np.ndarray) -> np.ndarray:
        return self.city.township_district[self.city.grid_township[grid]].astype(np.int64)

    def _uniform(self, cases: np.ndarray, what: str) -> np.ndarray:
        """A number from 0 to 1 for each case, named by the seed, what is drawn and the case."""
        names = self.model.part.log.names["case"]
        found = np.empty(len(cases))
        for i, c in enumerate(cases):
            digest = hashlib.sha256(f"{self.seed}|{what}|{names[c]}".encode()).digest()
            found[i] = (int.from_bytes(digest[:7], "big") + 0.5) / 2**56
        return found

    def _like(self, cases: np.ndarray, what: str, shares: np.ndarray) -> np.ndarray:
        """A code for each case by shares, f8[n, codes]."""
        cumulated = np.cumsum(shares, axis=1)
        u = self._uniform(cases, what) * cumulated[:, -1]
        return np.minimum((u[:, None] >= cumulated).sum(axis=1), shares.shape[1] - 1)

    def _kinds(self, cases: np.ndarray) -> tuple[np.ndarray, int]:
        codes = self.model.kind[self.model.part.first]
        counts = np.bincount(codes[codes >= 0], minlength=len(self.model.catalogue.kinds))
        mix = counts if counts.any() else self.model.catalogue.share
        drawn = self._like(
            cases, "kind", np.broadcast_to(mix.astype(float), (len(cases), len(mix)))
        )
        own = codes[cases]
        return np.where(own >= 0, own, drawn), int((own >= 0).sum())

    # --- places ---------------------------------------------------------------------------------

    def _grids(self, cases: np.ndarray, kind: np.ndarray) -> tuple[np.ndarray, int]:
        """The grid of each case; of one whose township alone is known, any grid of it; else by the
        residents of townships and the rates of their landscape."""
        grid = self._of_place("grid", self._grid_named)[cases]
        given = int((grid >= 0).sum())
        township = self._of_place("township", self._township_named)[cases]
        city = self.city
        rate = self.model.catalogue.landscape[:, city.township_landscape] * city.township_population
        drawn = np.empty(len(cases), np.int64)
        for k in np.unique(kind):
            here = kind == k
            shares = np.broadcast_to(rate[k], (int(here.sum()), city.n_townships))
            drawn[here] = self._like(cases[here], "township", shares)
        township = np.where(township >= 0, township, drawn)
        within = self._uniform(cases, "grid") * city.township_grids[township]
        any_grid = city.township_first_grid[township] + within.astype(np.int64)
        return np.where(grid >= 0, grid, any_grid), given

    def _of_place(self, role: str, named) -> np.ndarray:
        """The code of a place of each case, i8[cases], -1 where not known."""
        part = self.model.part
        found = np.full(part.log.n_cases, -1, np.int64)
        if part.log.has(role):
            column = part.frame[role].astype("category")
            of = np.array([named(str(v).strip()) for v in column.cat.categories] + [-1], np.int64)
            codes = of[column.cat.codes.to_numpy()]
            rows = np.flatnonzero(codes >= 0)[::-1]
            found[part.column("case")[rows]] = codes[rows]
        return found

    @cached_property
    def _grid_names(self) -> dict[str, int]:
        """Grids by what `guantong export` calls them, in both languages."""
        city, first = self.city, self.city.n_centres - self.city.n_grids
        districts = {"en": city.district_name_en, "zh": city.district_name_zh}
        of = city.township_district[city.grid_township]
        return {
            f"{districts[lang][of[g]]}{apart}{city.centre_name(first + g, lang)}": g
            for lang, apart in (("en", ", "), ("zh", ""))
            for g in range(city.n_grids)
        }

    def _grid_named(self, text: str) -> int:
        """A number, CODE/NUMBER as in docs/trace.md, or a name; -1 for none."""
        if re.fullmatch("[0-9]{1,9}", text):
            return int(text) if int(text) < self.city.n_grids else -1
        code, slash, number = (part.strip() for part in text.rpartition("/"))
        if slash and code in self.city.township_code and re.fullmatch("[0-9]{1,6}", number):
            t = self.city.township_code.index(code)
            n = int(number)
            return int(self.city.township_first_grid[t]) + n - 1 if (
                1 <= n <= self.city.township_grids[t]) else -1  # fmt: skip
        return self._grid_names.get(text, -1)

    @cached_property
    def _township_names(self) -> dict[str, int]:
        """Townships by code and by names that only one of them has."""
        city = self.city
        found: dict[str, int] = {}
        doubled = set()
        for names in (city.township_name_zh, city.township_name_pinyin):
            for t, name in enumerate(names):
                if found.setdefault(name, t) != t:
                    doubled.add(name)
        found = {name: t for name, t in found.items() if name not in doubled}
        return found | {code: t for t, code in enumerate(city.township_code)}

    def _township_named(self, text: str) -> int:
        return self._township_names.get(text, -1)

    # --- work -----------------------------------------------------------------------------------

    def _works(self) -> dict[str, np.ndarray]:
        """Hands-on work of each stage, the first time, f8[cases] [ticks]; NaN where not known."""
        model, found = self.model, {}
        case = model.part.column("case")
        for name in _WORKS:
            rows = np.flatnonzero(
                (model.stage == MODEL_STAGES.index(name)) & model.lead & ~np.isnan(model.hands_on)
            )[::-1]
            work = np.full(model.part.log.n_cases, np.nan)
            work[case[rows]] = model.hands_on[rows]
            found[name] = work
        return found


def _keys(ticks: np.ndarray, district: np.ndarray, kind: np.ndarray, first_day: int) -> np.ndarray:
    """Keys of incidents that stand in order of time, as `sim.trace` numbers them, i8[n]."""
    cell = pack_key(OF_INCIDENT, first_day + ticks // DAY, district, kind.astype(np.int64), 0)
    return cell + pd.Series(cell).groupby(cell).cumcount().to_numpy()


def settings_of(found: Replay, path: str, kinds: tuple[str, ...], calendar: str | None) -> str:
    """The file of settings. path : of the trace; calendar : another one, where that in force does
    not hold the log's dates."""
    here = "by definition: the log's own"
    tree: dict = {
        "stream": {"path": path},
        "horizon": {
            "start": Number(str(found.start), "date", None, None, here),
            "warmup_days": Number(found.warmup_days, "d", None, None, here),
            "cohort_days": Number(found.cohort_days, "d", None, None, here),
        },
    }
    if not found.occurrence:
        why = "by definition: the log holds what was noticed, as it was"
        tree["mechanism"] = {
            "reporting": {
                "base": Number(1, "share", None, None, why),
                "gain": Number(0, "share", None, None, why),
                "waking": Number(0, "share", None, None, why),
            }
        }
        soon = {
            "patrol_hours": Number(_AT_ONCE, "h", None, None, why),
            "resident_hours": Number(_AT_ONCE, "h", None, None, why),
        }
        tree["catalogue"] = {"kinds": dict.fromkeys(kinds, soon)}
    chosen = ["  - fit", "  - override /stream: trace"]
    if calendar:
        chosen.append(f"  - override /calendar: {calendar}")
    head = "# @package _global_\n# The log's own incidents: docs/calibrating.md.\n\ndefaults:\n"
    return head + "\n".join([*chosen, "  - _self_"]) + "\n\n" + written(tree)
