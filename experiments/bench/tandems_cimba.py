"""Parallel tandems in cimba: processes that serve, and stores in which customers wait.

A customer is the time of arrival that it was put into the first store with, so nothing is spawned.
"""

import cimba as cb
from cimba import inputs

from experiments.bench.tandems import N_STATIONS, RATE, SEATS, WORK


class Station(cb.Model):
    """A waiting line and its servers; the last one counts who leaves."""

    work: cb.Input[float] = inputs.dist.exponential(mean=WORK)
    line: cb.Store[float]
    following: cb.Ref["Station"] | None = None
    since: cb.Param[float] = 0.0
    until: cb.Param[float] = 0.0
    served: cb.Output[int]
    counted: cb.Output[int]
    time: cb.Output[float]

    @cb.on_start
    def clear(self):
        self.time = 0.0

    @cb.process(copies=SEATS)
    def serve(self):
        while True:
            arrived = self.line.get()
            self.served += 1
            cb.hold(self.work.next())
            if self.following is not None:
                self.following.line.put(arrived)
            elif self.since <= arrived and arrived < self.until:
                self.counted += 1
                self.time += cb.now() - arrived


class Tandem(cb.Model):
    """Stations one after the other, and who arrives at the first."""

    gap: cb.Input[float] = inputs.dist.exponential(mean=1 / RATE)
    stations: list[Station]

    def __init__(self, since: float, until: float):
        self.stations = [Station() for _ in range(N_STATIONS)]
        for station, following in zip(self.stations, self.stations[1:], strict=False):
            station.following = following
        self.stations[-1].since, self.stations[-1].until = since, until

    @cb.process
    def arrive(self):
        while True:
            cb.hold(self.gap.next())
            self.stations[0].line.put(cb.now())


class Network(cb.Model):
    """Tandems that have nothing to do with one another."""

    tandems: list[Tandem]

    def __init__(self, n_tandems: int, since: float, until: float):
        self.tandems = [Tandem(since, until) for _ in range(n_tandems)]


def experiment(
    n_tandems: int, hours: float, seed: int, since: float = 0.0, until: float = 0.0
) -> cb.Experiment:
    """One replication that is ready to run; times are hours. Time in the system is counted of those
    who arrive within [since, until)."""
    network = Network(n_tandems, since, until)
    return cb.Experiment(network, window=cb.Window(duration=hours), seed=seed)


def run(n_tandems: int, **window: float) -> tuple[cb.Experiment, cb.Results]:
    """Make an experiment and run it; window : as of `experiment`."""
    made = experiment(n_tandems, **window)
    return made, made.run(workers=1)


def services(made: cb.Experiment, results: cb.Results) -> int:
    """Services begun at all stations."""
    stations = (s for tandem in made.model.tandems for s in tandem.stations)
    return sum(int(results[station].served.values.sum()) for station in stations)


def mean_times(n_tandems: int, **window: float) -> list[float]:
    """Mean time in the system [h], once for each tandem."""
    made, results = run(n_tandems, **window)
    lasts = [results[tandem.stations[-1]] for tandem in made.model.tandems]
    return [float(last.time.values.sum() / last.counted.values.sum()) for last in lasts]
