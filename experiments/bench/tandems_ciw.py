"""Parallel tandems in Ciw: one network of nodes, each customer sent on to the next node."""

import ciw

from experiments.bench.tandems import N_STATIONS, RATE, SEATS, WORK


def simulation(n_tandems: int) -> ciw.Simulation:
    """A simulation that is ready to run. n_tandems : tandems in the network. Times are hours."""
    n_nodes = n_tandems * N_STATIONS
    firsts = range(0, n_nodes, N_STATIONS)
    lasts = range(N_STATIONS - 1, n_nodes, N_STATIONS)
    network = ciw.create_network(
        arrival_distributions=[
            ciw.dists.Exponential(rate=RATE) if i in firsts else None for i in range(n_nodes)
        ],
        service_distributions=[ciw.dists.Exponential(rate=1 / WORK)] * n_nodes,
        number_of_servers=[SEATS] * n_nodes,
        routing=ciw.routing.NetworkRouting(
            routers=[  # nodes are numbered from 1
                ciw.routing.Leave() if i in lasts else ciw.routing.Direct(to=i + 2)
                for i in range(n_nodes)
            ]
        ),
    )
    return ciw.Simulation(network)


def mean_times(hours: float, since: float, until: float, n_seeds: int) -> list[float]:
    """Mean time in the system [h] of the customers of one tandem who arrive within [since, until),
    once for each seed; `hours` must be long enough for them to leave."""
    means = []
    for seed in range(1, n_seeds + 1):
        ciw.seed(seed)
        run = simulation(1)
        run.simulate_until_max_time(hours)
        records = run.get_all_records()
        arrived = {r.id_number: r.arrival_date for r in records if r.node == 1}
        times = [
            r.exit_date - arrived[r.id_number]
            for r in records
            if r.node == N_STATIONS and since <= arrived[r.id_number] < until
        ]
        means.append(sum(times) / len(times))
    return means
