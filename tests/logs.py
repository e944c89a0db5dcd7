"""Event logs to be read: made by hand, and from what Guantong has recorded."""

import csv
import datetime
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.fit.cases import cases_of
from experiments.fit.estimates import Found, estimates
from experiments.fit.log import read_log
from experiments.fit.mapping import Mapping
from experiments.fit.part import Part, fitted_part
from experiments.one_run import Run
from scenarios.commands import FitSettings
from scenarios.load import compose_settings
from scenarios.schema import check
from sim.draws import OF_INCIDENT
from sim.stream import unpack_key
from sim.units import DAY


@cache
def _shipped() -> FitSettings:
    return check(compose_settings(["city=tiny"])).fit


def fit_settings(**changed) -> FitSettings:
    """As shipped, but for what is changed."""
    return replace(_shipped(), **changed)


def stamp(tick: float, start: str = "2024-10-14", form: str = "%Y-%m-%dT%H:%M:%S") -> str:
    moment = datetime.datetime.fromisoformat(start) + datetime.timedelta(seconds=int(tick))
    return moment.strftime(form)


def stamps(ticks: pd.Series, start: str) -> np.ndarray:
    """As `stamp`, of many."""
    moments = np.datetime64(start, "s") + ticks.to_numpy(np.int64).astype("m8[s]")
    return np.datetime_as_string(moments, unit="s")


def write(path: Path, rows: Sequence[Sequence], header: Sequence[str], encoding="utf-8") -> Path:
    """A CSV file."""
    with path.open("w", encoding=encoding, newline="") as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)
    return path


def one_server(rng: np.random.Generator, n: int, load: float = 0.9, mean: float = 600.0):
    """Ticks at which cases arrive, are taken up and end at a single server that is always open."""
    arrived = np.cumsum(rng.exponential(mean / load, n)).astype(np.int64)
    work = np.maximum(rng.gamma(2, mean / 2, n).astype(np.int64), 1)
    start, free = np.empty(n, np.int64), 0
    for i in range(n):
        start[i] = max(arrived[i], free)
        free = start[i] + work[i]
    return arrived, start, start + work


def simple(n: int = 400, seed: int = 1, days: int = 30) -> list[list]:
    """Rows case, activity, start, complete, resource: two steps a case, work of 600 s and cv 1."""
    rng = np.random.default_rng(seed)
    rows = []
    for c, arrived in enumerate(np.sort(rng.integers(0, days * DAY, n))):
        now = int(arrived)
        for activity, resource in (("register", "A"), ("dispose", f"B{c % 3}")):
            begin = now + int(rng.exponential(3600))
            now = begin + int(rng.exponential(600)) + 1
            rows.append([f"c{c}", activity, stamp(begin), stamp(now), resource])
    return rows


HEADER = ("case_id", "activity", "start", "complete", "resource")


def of_run(run: Run) -> pd.DataFrame:
    """The visits of a run as a log: a row a visit of an incident."""
    visits = run.visits.to_pandas()
    incidents = run.incidents.to_pandas().set_index("incident")
    entity = unpack_key(visits["incident"].to_numpy())[0]
    visits = visits[entity == OF_INCIDENT]
    start = str(run.parameters.start)
    of = incidents.loc[visits["incident"]].reset_index()
    tiers = np.array(("city", "district", "township", "grid"))
    return pd.DataFrame(
        {
            "case_id": visits["incident"].astype(str).to_numpy(),
            "activity": visits["stage"].astype(str).to_numpy(),
            "start": stamps(visits["started"], start),
            "complete": stamps(visits["ended"], start),
            "joined": stamps(visits["joined"], start),
            "resource": visits["desk"].astype(str).to_numpy(),
            "tier": tiers[run.parameters.layout.tier[visits["desk"].to_numpy()]],
            "worked": visits["worked"].to_numpy(),
            "retyping": visits["retyping"].to_numpy(),
            "report": visits["report"].to_numpy(),
            "branch": visits["branch"].to_numpy(),
            "outcome": visits["outcome"].astype(str).to_numpy(),
            **{name: of[name].astype(str).to_numpy() for name in ("kind", "severity", "channel")},
            "grid": of["grid"].to_numpy(),
            "occurred": stamps(of["occurred"], start),
            "noticed": stamps(of["noticed"], start),
        }
    )


USUAL = Mapping()


def part_of(path: Path, mapping: Mapping = USUAL, **changed) -> Part:
    """What is fitted to of a log."""
    settings = fit_settings(**changed)
    log = read_log(str(path), mapping, settings, lambda share: None)
    return fitted_part(log, cases_of(log, mapping, settings), settings)


def found_in(part: Part, seed: int = 1, **changed) -> Found:
    """What it tells, by a calendar without holidays that is all January."""
    n = part.log.n_days
    weekday = (part.first_weekday + np.arange(n)) % 7
    return estimates(
        part, (weekday >= 5).astype(int), np.zeros(n, int), fit_settings(resamples=40, **changed),
        np.random.default_rng(seed), lambda share: None,
    )  # fmt: skip
