"""Queueing theory: closed forms and exact numerical solutions, to hold simulations against.

All times are in one unit of the caller's choice, rates per that unit; jobs are taken first come,
first served, unless said otherwise. Nothing here simulates, and nothing reads settings.

| file       | what                                                                          |
| ---------- | ----------------------------------------------------------------------------- |
| `markov`   | M/M/c, M/M/c/K, M/M/c+M, Erlang's formulae                                    |
| `general`  | M/G/1, M/D/c, priorities                                                      |
| `networks` | Jackson networks, fork-join                                                   |
| `infinite` | M(t)/G/infinity                                                               |
| `varying`  | M(t)/M/c(t)                                                                   |
| `batches`  | jobs released by number or by the clock                                       |
| `traces`   | exact waits of a list of jobs                                                 |
"""

from analysis.queueing.batches import (
    batches_of_period,
    batches_of_size,
    hold_of_period,
    hold_of_size,
)
from analysis.queueing.general import Classes, mdc, mg1, priority_mg1
from analysis.queueing.infinite import exponential, fixed, gamma, infinite_servers, lognormal
from analysis.queueing.markov import Patience, erlang_b, erlang_c, mmc, mmc_patience, mmck
from analysis.queueing.measures import Measures
from analysis.queueing.networks import Network, fork_join_mean_time, jackson
from analysis.queueing.traces import waits
from analysis.queueing.varying import Course, mmc_from_empty, mmc_periodic, saturated_rate

__all__ = [
    "Classes",
    "Course",
    "Measures",
    "Network",
    "Patience",
    "batches_of_period",
    "batches_of_size",
    "erlang_b",
    "erlang_c",
    "exponential",
    "fixed",
    "fork_join_mean_time",
    "gamma",
    "hold_of_period",
    "hold_of_size",
    "infinite_servers",
    "jackson",
    "lognormal",
    "mdc",
    "mg1",
    "mmc",
    "mmc_from_empty",
    "mmc_patience",
    "mmc_periodic",
    "mmck",
    "priority_mg1",
    "saturated_rate",
    "waits",
]
