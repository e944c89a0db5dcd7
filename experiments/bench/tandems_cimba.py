"""Parallel tandems in cimba: processes that serve, and stores in which customers wait.

A customer is the time of arrival that it was put into the first store with, so nothing is spawned.
"""

import sys
from typing import Any

import cimba as cb
from cimba import inputs

from experiments.bench.processes import answer
from experiments.bench.rounds import watch
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
    n_tandems: int, hours: float, since: float, until: float, seed: int
) -> cb.Experiment:
    """One replication that is ready to run; times are hours. Time in the system is counted of those
    who arrive within [since, until)."""
    network = Network(n_tandems, since, until)
    return cb.Experiment(network, window=cb.Window(duration=hours), seed=seed)


def timed(made: cb.Experiment) -> dict[str, Any]:
    """Run it: what `rounds.watch` gives, `services` begun, and mean times in the system [h], one
    for each tandem in which anyone was counted."""
    read = watch()
    results = made.run(workers=1)
    spent = read()
    stations = [results[station] for t in made.model.tandems for station in t.stations]
    sums = [
        (float(s.time.values.sum()), int(s.counted.values.sum()))
        for s in stations[N_STATIONS - 1 :: N_STATIONS]
    ]
    return {
        **spent,
        "services": sum(int(s.served.values.sum()) for s in stations),
        "mean_times": [total / n for total, n in sums if n],
    }


def main() -> None:
    """The process of `tandems.cimba`."""
    n_tandems, hours, since, until = int(sys.argv[1]), *map(float, sys.argv[2:])
    timed(experiment(1, 1.0, 0.0, 0.0, seed=1))  # compiles
    answer(lambda number: timed(experiment(n_tandems, hours, since, until, seed=number + 1)))


if __name__ == "__main__":
    main()
