"""What is drawn of a play: numbers of a moment, lists and one incident's path."""

from typing import Any, NamedTuple

import numpy as np

from experiments.cockpit.play import Play
from experiments.cockpit.side import Side
from sim.codes import GRADE_II, NONE, OPEN, OUTCOMES, STAGES
from sim.compiled.slots import AT_WORK, GATHERED, IDLE, WAITING
from sim.compiled.watch import OPEN_NOW, OVERDUE, URGENT, Picture
from sim.draws import OF_INCIDENT
from sim.keys import key_of, keys_of
from sim.records import VISIT_COLUMNS
from sim.rows import (
    I_CHANNEL,
    I_DISTRICT,
    I_ENTITY,
    I_FIRST,
    I_GRADE,
    I_KIND,
    I_LEAD_DESK,
    I_LIMIT,
    I_NOTICED,
    I_OCCURRED,
    I_SOLVED,
    I_STATE,
    I_TOWNSHIP,
    T_BRANCH,
    T_DESK,
    T_ERRAND,
    T_JOINED,
    T_REPORT,
    T_STAGE,
    T_STARTED,
    T_STATUS,
    T_TURN,
    T_WORK,
)
from sim.units import HOUR

ALARMS = 12
"""Alarms that are listed of each side, and of each district."""

MOST_LISTED = 60
"""Incidents of a township that are listed."""


class Shown(NamedTuple):
    """One side at a moment. D districts, T townships."""

    name: str
    counters: dict[str, int]  # so far, and now; see `_counters`
    backlog: tuple[np.ndarray, np.ndarray]  # i8[D], i8[T], open
    overdue: tuple[np.ndarray, np.ndarray]  # i8[D], i8[T], of them past the limit
    latency: tuple[np.ndarray, np.ndarray]  # f8[D], f8[T], mean of what was solved lately [h]; NaN
    stages: np.ndarray  # i8[stages, 4]: waiting, at work, on the way, visits of the last 24 h
    alarms: np.ndarray  # i8[n, INCIDENT_WIDTH], of each district the gravest; the gravest first


def shown(name: str, side: Side) -> Shown:
    """A side as it is now."""
    city, now = side.parameters.city, side.picture()
    districts = city.township_district
    count, hours = side.solved_lately
    by_township = now.townships.T
    by_district = [np.bincount(districts, c, city.n_districts).astype(int) for c in by_township]
    lately = np.bincount(districts, count, city.n_districts)
    in_districts = np.bincount(districts, hours, city.n_districts)
    stages = np.zeros((len(STAGES), 4), np.int64)
    stages[:, 0], stages[:, 1] = now.stages[:, WAITING], now.stages[:, AT_WORK]
    stages[:, 2] = now.stages[:, IDLE] + now.stages[:, GATHERED]
    stages[:, 3] = side.visits_lately
    return Shown(
        name,
        _counters(side, now),
        (by_district[OPEN_NOW], by_township[OPEN_NOW]),
        (by_district[OVERDUE], by_township[OVERDUE]),
        (_mean(in_districts, lately), _mean(hours, count)),
        stages,
        _alarms(side, now),
    )


def _mean(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _counters(side: Side, now: Picture) -> dict[str, int]:
    """The loop so far (sensed, judged, dispatched: a desk is named that disposes, closed for good,
    of them on time), and what is open now, past its limit, of grade I or II."""
    townships = now.townships.sum(axis=0)
    return {
        "sensed": int(side.flow["noticed"].sum()),
        "judged": side.judged,
        "dispatched": side.named(now),
        "closed": side.closed,
        "on_time": side.on_time,
        "open": int(townships[OPEN_NOW]),
        "overdue": int(townships[OVERDUE]),
        "urgent": int(townships[URGENT]),
    }


def _alarms(side: Side, now: Picture) -> np.ndarray:
    """What is open and grave or late: by grade, then by how long it is past its limit."""
    rows = side.incidents(now.alarms)
    urgent = rows[:, I_GRADE] <= GRADE_II
    order = np.lexsort((keys_of(rows), rows[:, I_LIMIT], np.where(urgent, rows[:, I_GRADE], 9)))
    rows = rows[order]
    by_district = np.argsort(rows[:, I_DISTRICT], kind="stable")
    districts = rows[by_district, I_DISTRICT]
    rank = np.arange(len(rows)) - np.searchsorted(districts, districts)
    return rows[np.sort(by_district[rank < ALARMS])]


def alarms(now: int, rows: np.ndarray, district: int | None) -> list[dict[str, Any]]:
    """The gravest alarms of the city, or of a district, for a list. rows : `Shown.alarms`."""
    here = rows if district is None else rows[rows[:, I_DISTRICT] == district]
    return [told(now, row) for row in here[:ALARMS]]


def told(now: int, row: np.ndarray) -> dict[str, Any]:
    """An incident in a list. Keys are texts: they are longer than JavaScript's whole numbers."""
    return {
        "key": str(key_of(row)),
        "grade": int(row[I_GRADE]),
        "kind": int(row[I_KIND]),
        "district": int(row[I_DISTRICT]),
        "township": int(row[I_TOWNSHIP]),
        "desk": int(row[I_LEAD_DESK]),
        "age": (now - int(row[I_OCCURRED])) / HOUR,
        "late": (now - int(row[I_LIMIT])) / HOUR,
    }


def backlog(play: Play) -> tuple[list[int], dict[str, list[int]]]:
    """Ticks at which hours end, and what was open then under each policy."""
    hours = play.now // HOUR
    curves = {}
    for name, side in play.sides.items():
        flow = {column: values[:hours] for column, values in side.flow.items()}
        asleep = flow["false_closed"] + flow["mismerged"] - flow["returned"]
        gone = flow["withdrawn"] - flow["renewed"]
        curves[name] = np.cumsum(flow["noticed"] - flow["solved"] - asleep - gone).tolist()
    return [(hour + 1) * HOUR for hour in range(hours)], curves


def listed(play: Play, township: int) -> dict[str, tuple[int, list[dict[str, Any]]]]:
    """Under each policy how many are open in a township, and the gravest and oldest of them."""
    found = {}
    for name, side in play.sides.items():
        rows = side.in_township(township)
        rows = rows[(rows[:, I_ENTITY] == OF_INCIDENT) & (rows[:, I_STATE] == OPEN)]
        order = np.lexsort((rows[:, I_OCCURRED], rows[:, I_GRADE]))
        found[name] = len(rows), [told(side.now, row) for row in rows[order[:MOST_LISTED]]]
    return found


class Step(NamedTuple):
    """A visit of an incident to a desk."""

    stage: int
    desk: int
    joined: int  # tick
    started: int | None  # tick; None: it waits
    ended: int | None  # tick; None: it is at work
    outcome: str  # codes.OUTCOMES; "waiting", "working" or "on_the_way" while it lasts
    side: bool  # of a further report or errand, or of a partner


class Path(NamedTuple):
    """What has become of an incident so far."""

    incident: dict[str, Any]
    occurred: int
    noticed: int | None
    channel: int
    limit: int | None
    first_closed: int | None
    solved: int | None
    state: int
    steps: list[Step]


def path(play: Play, key: int) -> dict[str, Path | None]:
    """An incident's path so far under each policy; None where it has left unwatched, or is yet to
    occur. From now on it is watched."""
    found: dict[str, Path | None] = {}
    for name, side in play.sides.items():
        side.watch(key)
        row = side.find(key)
        found[name] = None if row is None else _path(side, key, row)
    return found


def _path(side: Side, key: int, row: np.ndarray) -> Path:
    def tick(column: int) -> int | None:
        value = int(row[column])
        return value if value <= side.now else None

    noticed = tick(I_NOTICED)
    limit = int(row[I_LIMIT]) if noticed is not None else None
    return Path(
        told(side.now, row),
        int(row[I_OCCURRED]),
        noticed,
        int(row[I_CHANNEL]),
        limit,
        tick(I_FIRST),
        tick(I_SOLVED),
        int(row[I_STATE]),
        _ended(side, key) + _under_way(side, key),
    )


def _ended(side: Side, key: int) -> list[Step]:
    steps = []
    for visit in side.visits_of(key):
        v = dict(zip(VISIT_COLUMNS, visit.tolist(), strict=True))
        further = v["report"] > 0 or v["branch"] > 0
        times = v["joined"], v["started"], v["ended"]
        steps.append(Step(v["stage"], v["desk"], *times, OUTCOMES[v["outcome"]], further))
    return steps


def _under_way(side: Side, key: int) -> list[Step]:
    names = {WAITING: "waiting", AT_WORK: "working", IDLE: "on_the_way", GATHERED: "on_the_way"}
    steps = []
    for task in side.tasks_of(key):
        if task[T_DESK] == NONE:
            continue
        begun = task[T_STATUS] == AT_WORK or (task[T_STATUS] == WAITING and task[T_WORK] != NONE)
        further = bool(task[T_REPORT] or task[T_BRANCH] + task[T_TURN] or task[T_ERRAND])
        joined = int(task[T_JOINED]) if task[T_STATUS] in (WAITING, AT_WORK) else side.now
        started = int(task[T_STARTED]) if begun else None
        status = names[int(task[T_STATUS])]
        steps.append(
            Step(int(task[T_STAGE]), int(task[T_DESK]), joined, started, None, status, further)
        )
    return steps
