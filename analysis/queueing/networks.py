"""Several stations that jobs pass one after another, or side by side."""

from typing import NamedTuple

import numpy as np

from analysis.queueing.markov import mmc
from analysis.queueing.measures import (
    Measures,
    require_list,
    require_not_negative,
    require_positive,
    require_stable,
    seats_of,
)
from sim.errors import InputError


class Network(NamedTuple):
    """An open network of stations in its steady state."""

    stations: tuple[Measures, ...]
    """One visit's measures; `arrival_rate` counts visits."""
    visits: np.ndarray
    """Mean visits of one job to each station, float[n_stations]."""
    mean_wait: float
    """Of one job, over all its visits."""
    mean_time: float
    """From coming in until leaving."""
    mean_present: float


def jackson(
    external_rates: np.ndarray, routing: np.ndarray, work_means: np.ndarray, seats: np.ndarray
) -> Network:
    """Open network of M/M/c stations (Jackson 1957); the mean time by Little's law.

    external_rates : float[n], jobs that come in at each station per unit of time
    routing        : float[n, n], chance of going from row to column; the rest of a row leaves
    work_means     : float[n]
    seats          : int[n]
    """
    require_list(external_rates=external_rates, work_means=work_means)
    require_list(1, seats=seats)
    require_list(seats=seats, work_means=work_means)
    external = np.asarray(external_rates, float)
    require_positive(sum_of_external_rates=external.sum())
    rates = _through(external, np.asarray(routing, float))
    stations = []
    for i, (rate, work_mean, seat) in enumerate(zip(rates, work_means, seats)):
        require_positive(**{f"work_means[{i}]": work_mean})
        require_stable(rate, seat / work_mean, f"station {i}: {seats_of(seat)}")
        stations.append(mmc(rate, work_mean, int(seat)))
    visits = rates / external.sum()
    present = sum(station.mean_present for station in stations)
    waiting = sum(station.mean_waiting for station in stations)
    return Network(
        stations=tuple(stations),
        visits=visits,
        mean_wait=waiting / float(external.sum()),
        mean_time=present / float(external.sum()),
        mean_present=present,
    )


def _through(external: np.ndarray, routing: np.ndarray) -> np.ndarray:
    """Visits to each station per unit of time."""
    n = len(external)
    if routing.shape != (n, n):
        raise InputError(f"routing must be of shape {(n, n)}, not {routing.shape}")
    if not (routing >= 0).all() or (routing.sum(axis=1) > 1 + 1e-12).any():
        raise InputError("routing must hold chances, 0 or more, of at most 1 in a row")
    # Whoever can reach no exit in n steps never leaves.
    if np.isclose(np.linalg.matrix_power(routing, n).sum(axis=1), 1, rtol=0, atol=1e-14).any():
        raise InputError("routing must let jobs leave in the end, from every station")
    return np.linalg.solve(np.eye(n) - routing.T, external)


def fork_join_mean_time(arrival_rate: float, work_mean: float) -> float:
    """Mean time until both halves of a job are done, at two seats with a queue each, by the
    formula of Flatto and Hahn (1984), as given by Nelson and Tantawi (1988).

    Jobs come by Poisson; each sends one task to each seat; tasks are exponential of mean
    `work_mean`, independent.
    """
    require_not_negative(arrival_rate=arrival_rate)
    require_positive(work_mean=work_mean)
    require_stable(arrival_rate, 1 / work_mean, "each seat")
    load = arrival_rate * work_mean
    return (12 - load) / 8 * work_mean / (1 - load)
