"""What queueing theory expects of the reduced worlds in conf/experiment/theory.

Each world names its closed form in the setting `theory`; rates, works and seats are taken from
its settings, so that the expectation follows whatever numbers the user puts in.
"""

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from analysis import queueing
from experiments.one_run import Run
from scenarios.parameters import Parameters
from sim.catalogue import PAPERWORK
from sim.codes import DISPOSE
from sim.draws import OF_INCIDENT
from sim.durations import EXPONENTIAL, FIXED, GAMMA, LOGNORMAL
from sim.errors import InputError
from sim.records import FLOW_COLUMNS
from sim.rows import I_ENTITY, I_GIVEN, I_OCCURRED
from sim.units import DAY, HOUR


class Seen:
    """What one run shows, by the names that checks use."""

    def __init__(self, run: Run):
        self.run = run

    @cached_property
    def desks(self) -> dict:
        return self.run.summary()["desks"]

    @cached_property
    def whole(self) -> dict:
        return self.run.metrics()

    @cached_property
    def by_kind(self) -> np.ndarray:
        """Mean time in the system by kind [h]."""
        return self.run.reducer.breakdown("kind")["mean_latency_hours"]

    @cached_property
    def present(self) -> np.ndarray:
        """Incidents noticed and not solved at the end of each hour of the run."""
        flow = dict(zip(FLOW_COLUMNS, self.run.flow.T, strict=True))
        return np.cumsum(flow["noticed"] - flow["solved"])

    def present_at(self, hour: int) -> float:
        """The same at an hour of the day, mean over the days of the window."""
        first, last = (tick // HOUR for tick in self.run.parameters.window)
        return float(self.present[first + hour - 1 : last : 24].mean())


class Check(NamedTuple):
    """One number that theory knows."""

    measure: str
    expected: float
    read: Callable[[Seen], float]


# --- what the settings say --------------------------------------------------------------------


def _rates(p: Parameters) -> np.ndarray:
    """Arrivals an hour by kind, in the whole world."""
    return p.rates.daily.sum(axis=0) * HOUR / DAY


def _rate(p: Parameters) -> float:
    return float(_rates(p).sum())


def _work(p: Parameters, kind: int = 0) -> tuple[float, float]:
    """Mean [h] and coefficient of variation of a kind's disposal."""
    book = p.catalogue
    cv = 1.0 if book.dispose_family[kind] == EXPONENTIAL else float(book.dispose_cv[kind])
    return float(book.dispose_mean[kind]) / HOUR, cv


def _paper(p: Parameters, stage: str) -> float:
    """Mean work of a paper stage [h]."""
    return float(p.catalogue.paperwork_mean[PAPERWORK.index(stage)]) / HOUR


def _desk(p: Parameters, kind: str) -> int:
    """The first desk of a kind."""
    return p.layout.kinds.index(kind)


def _seats(p: Parameters, kind: str) -> int:
    return int(p.seats[_desk(p, kind), 0])


def _copies(p: Parameters) -> int:
    return p.city.n_grids


# --- checks -----------------------------------------------------------------------------------

_OF_DESK = {
    "mean_wait_hours": ("mean wait (h)", "mean_wait"),
    "waiting_share": ("P(wait > 0)", "waiting_share"),
    "mean_waiting": ("mean number waiting", "mean_waiting"),
    "utilisation": ("utilisation", "utilisation"),
    "lost_share": ("share lost", "lost_share"),
}


def _at_desk(kind: str, measures: queueing.Measures, *names: str) -> list[Check]:
    """Checks of a desk's measures, the four usual ones unless named."""
    names = names or ("mean_wait_hours", "waiting_share", "mean_waiting", "utilisation")
    return [
        Check(
            f"{kind}: {_OF_DESK[name][0]}",
            getattr(measures, _OF_DESK[name][1]),
            _reader(kind, name),
        )
        for name in names
    ]


def _reader(kind: str, name: str) -> Callable[[Seen], float]:
    return lambda seen: seen.desks[kind][name]


def _time(expected: float) -> Check:
    """The mean time in the system."""
    return Check(
        "mean time in the system (h)",
        expected,
        lambda seen: seen.whole["closure_latency_mean_hours"],
    )


def _time_quantile(measures: queueing.Measures, percent: int) -> Check:
    name = f"closure_latency_p{percent}_hours"
    expected = measures.time_quantile(percent / 100)
    return Check(f"p{percent} of the time in the system (h)", expected, lambda s: s.whole[name])


def _mmc(p: Parameters) -> list[Check]:
    work, _ = _work(p)
    queue = queueing.mmc(_rate(p) / _copies(p), work, _seats(p, "grid.grid"))
    p95 = queue.wait_quantile(0.95)
    return [
        *_at_desk("grid.grid", queue),
        Check("grid.grid: p95 of the wait (h)", p95, _reader("grid.grid", "p95_wait_hours")),
        _time(queue.mean_time),
        _time_quantile(queue, 50),
        _time_quantile(queue, 95),
    ]


def _mg1(p: Parameters) -> list[Check]:
    queue = queueing.mg1(_rate(p) / _copies(p), *_work(p))
    return [*_at_desk("grid.grid", queue), _time(queue.mean_time)]


def _mdc(p: Parameters) -> list[Check]:
    queue = queueing.mdc(_rate(p) / _copies(p), _work(p)[0], _seats(p, "grid.grid"))
    return [*_at_desk("grid.grid", queue), _time(queue.mean_time)]


def _patience(p: Parameters) -> list[Check]:
    patience = p.settings.mechanism.hotline.patience_minutes / 60.0
    hotline = "city.hotline"
    found = queueing.mmc_patience(_rate(p), _paper(p, "register"), _seats(p, hotline), patience)
    lost = found.everyone.lost_share
    delayed = (found.everyone.waiting_share - lost) / (1.0 - lost)  # who is lost has waited
    return [
        *_at_desk(hotline, found.everyone, "lost_share", "mean_waiting", "utilisation"),
        Check(
            f"{hotline}: mean wait of the served (h)",
            found.mean_wait_served,
            _reader(hotline, "mean_wait_hours"),
        ),
        Check(f"{hotline}: P(wait > 0) of the served", delayed, _reader(hotline, "waiting_share")),
    ]


def _lines(p: Parameters) -> list[Check]:
    kind, lines = "city.hotline", p.settings.mechanism.hotline.lines
    queue = queueing.mmck(_rate(p), _paper(p, "register"), _seats(p, kind), lines)
    return [*_at_desk(kind, queue), *_at_desk(kind, queue, "lost_share")]


def _priority(p: Parameters) -> list[Check]:
    used = np.flatnonzero(_rates(p) > 0)
    works = np.array([_work(p, k) for k in used])
    found = queueing.priority_mg1(_rates(p)[used] / _copies(p), works[:, 0], works[:, 1])
    times = [
        Check(
            f"{p.catalogue.kinds[k]}: mean time in the system (h)",
            measures.mean_time,
            lambda seen, k=k: float(seen.by_kind[k]),
        )
        for k, measures in zip(used, found.by_class, strict=True)
    ]
    return [*times, *_at_desk("grid.grid", found.overall)]


_STATIONS = {  # stage: the desk that stands for it in the tandem worlds
    "register": "city.hotline",
    "judge": "district.command",
    "dispatch": "district.board.only",
    "sign": "township.command",
    "dispose": "grid.grid",
    "verify": "city.callback",
}


def _network(p: Parameters, routing: dict[tuple[str, str], float]) -> list[Check]:
    """A Jackson network of the stages that the routing names; jobs begin at the first."""
    names = [name for name in _STATIONS if any(name in pair for pair in routing)]
    chance = np.zeros((len(names), len(names)))
    for (here, there), share in routing.items():
        chance[names.index(here), names.index(there)] = share
    works = [_work(p)[0] if name == "dispose" else _paper(p, name) for name in names]
    seats = [_seats(p, _STATIONS[name]) for name in names]
    outside = np.zeros(len(names))
    outside[0] = _rate(p) / _copies(p)
    found = queueing.jackson(outside, chance, works, seats)
    desks = [
        check
        for name, measures in zip(names, found.stations, strict=True)
        for check in _at_desk(_STATIONS[name], measures, "mean_wait_hours", "utilisation")
        if check.expected > _LEAST
    ]
    return [*desks, _time(found.mean_time)]


_LEAST = 1e-6
"""Below it, an expected number is 0 and its relative error has no meaning."""


def _tandem(p: Parameters) -> list[Check]:
    order = ("register", "judge", "dispatch", "dispose", "verify")
    return _network(p, dict.fromkeys(zip(order, order[1:], strict=False), 1.0))


def _returns(p: Parameters) -> list[Check]:
    back, failure = p.settings.policy.levers.refusal, float(p.catalogue.failure[0])
    order = ("register", "judge", "dispatch", "sign", "dispose", "verify")
    routing = dict.fromkeys(zip(order, order[1:], strict=False), 1.0)
    routing |= {("sign", "judge"): back, ("sign", "dispose"): 1.0 - back}
    return _network(p, routing | {("verify", "dispose"): failure})


def _feedback(p: Parameters) -> list[Check]:
    checks = _network(
        p, {("dispose", "verify"): 1.0, ("verify", "dispose"): float(p.catalogue.failure[0])}
    )
    return [check for check in checks if not check.measure.startswith("city.")]


def _separate(p: Parameters) -> list[Check]:
    desks = [f"township.board.{name}" for name in p.catalogue.boards141]
    queues = [
        queueing.mmc(rate, _work(p, k)[0], _seats(p, desks[k])) for k, rate in enumerate(_rates(p))
    ]
    mean = sum(r * q.mean_time for r, q in zip(_rates(p), queues, strict=True)) / _rate(p)
    return [*_at_desk(desks[0], queues[0], "mean_wait_hours", "utilisation"), _time(mean)]


def _pooled(p: Parameters) -> list[Check]:
    queue = queueing.mmc(_rate(p), _work(p)[0], _seats(p, "township.pool"))
    return [*_at_desk("township.pool", queue), _time(queue.mean_time)]


def _fork_join(p: Parameters) -> list[Check]:
    work, _ = _work(p)
    queue = queueing.mmc(_rate(p), work, _seats(p, "district.department.a"))
    return [
        *_at_desk("district.department.a", queue, "mean_wait_hours", "utilisation"),
        *_at_desk("district.department.b", queue, "mean_wait_hours", "utilisation"),
        _time(queueing.fork_join_mean_time(_rate(p), work)),
    ]


def _infinite(p: Parameters) -> list[Check]:
    mean, cv = _work(p)
    families = {
        FIXED: lambda: queueing.fixed(mean),
        EXPONENTIAL: lambda: queueing.exponential(mean),
        GAMMA: lambda: queueing.gamma(mean, cv),
        LOGNORMAL: lambda: queueing.lognormal(mean, cv),
    }
    work = families[int(p.catalogue.dispose_family[0])]()
    hours = np.array([3, 9, 15, 21])
    rates = p.rates.daily.sum() * p.rates.hour[0]
    expected = queueing.infinite_servers(rates, 1.0, work, hours.astype(float))
    return [
        Check(f"mean number present at {h:02d}:00", float(e), lambda s, h=h: s.present_at(int(h)))
        for h, e in zip(hours, expected, strict=True)
    ]


def _storm(p: Parameters) -> list[Check]:
    n_hours, copies = p.n_days * 24, _copies(p)
    edges = np.arange(n_hours + 1) * HOUR
    rates = np.full(n_hours, _rate(p))
    for begin, end, rate in zip(
        p.rates.storm_from, p.rates.storm_to, p.rates.storm_rate, strict=True
    ):
        overlap = np.minimum(edges[1:], end) - np.maximum(edges[:-1], begin)
        rates += np.maximum(overlap, 0) * rate.sum()
    hours = np.array([10, 13, 16, 18, 21, 24])
    seats = np.full(n_hours, _seats(p, "grid.grid"))
    course = queueing.mmc_from_empty(rates / copies, 1.0, _work(p)[0], seats, hours.astype(float))
    return [
        Check(
            f"mean number present {hour} h after the start",
            copies * float(mean),
            lambda seen, hour=hour: float(seen.present[hour - 1]),
        )
        for hour, mean in zip(hours, course.mean_present, strict=True)
    ]


def _seat_table(p: Parameters) -> list[Check]:
    seats = p.seats[_desk(p, "grid.grid")]
    rates = np.full(seats.size, _rate(p) / _copies(p))
    queue, course = queueing.mmc_periodic(rates, 24 / seats.size, _work(p)[0], seats, [8.0, 16.0])
    present = [
        Check(
            f"mean number present at {hour:02d}:00",
            _copies(p) * float(mean),
            lambda seen, hour=hour: seen.present_at(hour),
        )
        for hour, mean in zip((8, 16), course.mean_present, strict=True)
    ]
    return [
        *_at_desk("grid.grid", queue, "mean_wait_hours", "mean_waiting", "utilisation"),
        *present,
        _time(queue.mean_time),
    ]


def _batch_period(p: Parameters) -> list[Check]:
    ticks = p.calendar.release_tick
    period = float(np.diff(ticks).mean()) / HOUR
    queue = queueing.batches_of_period(
        _rate(p) / _copies(p), _work(p)[0], _seats(p, "grid.grid"), period
    )
    hold = queueing.hold_of_period(period)
    return [*_at_desk("grid.grid", queue), _time(hold + queue.mean_time)]


def _batch_size(p: Parameters) -> list[Check]:
    rate, size = _rate(p) / _copies(p), p.settings.policy.release_size
    queue = queueing.batches_of_size(rate, _work(p)[0], _seats(p, "grid.grid"), size)
    hold = queueing.hold_of_size(rate, size)
    return [*_at_desk("grid.grid", queue), _time(hold + queue.mean_time)]


def _trace(p: Parameters) -> list[Check]:
    rows = p.trace.rows[p.trace.rows[:, I_ENTITY] == OF_INCIDENT]
    works = p.trace.given[rows[:, I_GIVEN], DISPOSE]
    waits = queueing.waits(rows[:, I_OCCURRED], works, _seats(p, "grid.grid"))

    def largest(seen: Seen) -> float:
        visits = seen.run.visit_columns
        order = np.lexsort((visits["incident"], visits["joined"]))
        found = (visits["started"] - visits["joined"])[order]
        return float(np.abs(found - waits).max()) if found.size == waits.size else np.inf

    return [
        Check(
            "grid.grid: mean wait (h)",
            float(waits.mean()) / HOUR,
            _reader("grid.grid", "mean_wait_hours"),
        ),
        Check("largest difference of a wait (s)", 0.0, largest),
        _time(float((waits + works).mean()) / HOUR),
    ]


EXPECTED: dict[str, Callable[[Parameters], list[Check]]] = {
    "mmc": _mmc,
    "mg1": _mg1,
    "mdc": _mdc,
    "patience": _patience,
    "lines": _lines,
    "priority": _priority,
    "tandem": _tandem,
    "returns": _returns,
    "feedback": _feedback,
    "separate": _separate,
    "pooled": _pooled,
    "fork_join": _fork_join,
    "infinite": _infinite,
    "storm": _storm,
    "seat_table": _seat_table,
    "batch_period": _batch_period,
    "batch_size": _batch_size,
    "trace": _trace,
}


def expected(p: Parameters) -> list[Check]:
    """What theory expects of a reduced world. Raises InputError when it has no steady state or
    names no closed form."""
    name = p.settings.theory
    if name not in EXPECTED:
        raise InputError(f"theory: '{name}'; allowed: {', '.join(EXPECTED)}")
    try:
        return EXPECTED[name](p)
    except InputError as error:
        raise InputError(
            f"reduced world '{name}': {error}; raise staff.seats or lower stream.per_day"
        ) from None
