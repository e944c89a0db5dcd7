"""The world as the rules see it: one tuple of arrays, built once for each run.

R regimes (policies in force somewhere), A applications (the first is none), K kinds,
P departments, D districts, L levers, N desks, S shifts. Rows of desks and centres run in the
order city, districts, townships, grids.
"""

from typing import NamedTuple

import numpy as np

from sim.calendar import Calendar
from sim.handle import Handle
from sim.situation import Situation, blank


class World(NamedTuple):
    """Everything that rules read and nothing that changes during a run."""

    seed: np.uint64
    cal: Calendar
    restrict: int  # time accounts count at most so much of an incident [ticks]
    office: int  # opening whose hours count for limits in working hours and days
    patrol: int  # opening in which grid workers patrol
    # desks
    tier_base: np.ndarray  # i8[4], first desk of each tier
    tier_width: np.ndarray  # i8[4], desks per centre of the tier
    group_offset: np.ndarray  # i8[4, groups], place of a group within a centre; NONE
    desk_tier: np.ndarray  # i1[N]
    desk_group: np.ndarray  # i1[N]
    desk_regime: np.ndarray  # i4[N], regime of the desk's own district, or of the city's own
    desk_opening: np.ndarray  # i4[N]
    seats: np.ndarray  # i4[N, S], seats open in each shift of the desk's opening
    # The same from each of the M dates of a rollout on.
    later_from: np.ndarray  # i8[M], ticks, increasing
    later_regime: np.ndarray  # i4[M, N]
    later_opening: np.ndarray  # i4[M, N]
    later_seats: np.ndarray  # i4[M, N, S]
    # policy
    regime: np.ndarray  # i4[D], regime in force in each district at first
    later: np.ndarray  # i4[D], the one in force from `switch` on
    switch: np.ndarray  # i8[D], tick; NEVER: the first stays
    change_from: np.ndarray  # i8[C], ticks of dated changes; rows R are the policies C + 1 times
    outage_from: np.ndarray  # i8[outages], tick at which each begins, rising; none overlap
    outage_to: np.ndarray  # i8[outages], tick at which the platform is up again
    lever: np.ndarray  # f8[R, L]
    choice: np.ndarray  # i4[R, choices]
    route: np.ndarray  # i4[R, A, stages, channels, 2]: tier (or AT_...), group; NONE: no visit
    applied: np.ndarray  # f8[R, A, K], share of a kind that goes by an application
    application: np.ndarray  # f8[R, A, numbers], see levers.APPLICATION_NUMBERS
    relay: np.ndarray  # i4[R, 4], group that relays at each tier
    dispose: np.ndarray  # i4[R, 4], group that disposes at each tier; NONE: closed without
    # kinds
    lead: np.ndarray  # i4[K], department
    board141: np.ndarray  # i4[K]
    board8: np.ndarray  # i4[K]
    sensor_share: np.ndarray  # f8[K], share that sensors would notice, all being in place
    sensor_mean: np.ndarray  # f8[K] ticks
    resident_mean: np.ndarray  # f8[K] ticks
    patrol_mean: np.ndarray  # f8[K] ticks of patrol time
    duplicate_gap: np.ndarray  # f8[K] ticks
    clarity: np.ndarray  # f8[K] logit
    locality: np.ndarray  # f8[K]
    failure: np.ndarray  # f8[K]
    growth_mean: np.ndarray  # f8[K] ticks until it is a grade worse, unattended; NEVER
    limit_value: np.ndarray  # i8[K, grades], ticks or days
    limit_unit: np.ndarray  # i4[K, grades]
    dispose_mean: np.ndarray  # f8[K] ticks of hands-on work
    dispose_row: np.ndarray  # i4[K], row of `quantile`
    # paper stages, in the order of catalogue.PAPERWORK
    paper_mean: np.ndarray  # f8[9] ticks
    paper_row: np.ndarray  # i4[9]
    # the same under every policy
    mechanism: np.ndarray  # f8[mechanisms]
    availability: np.ndarray  # f8[4], share of paid time that a tier has for incidents
    detection: np.ndarray  # f8[groups], probability that this verifier sees a failed disposal
    duty: np.ndarray  # b1[P], departments that are open round the clock under every policy
    # adaptive centres
    township_district: np.ndarray  # i4[T]
    neighbour: np.ndarray  # i4[T, 2], townships that may help each; itself where there is none
    emergency: np.ndarray  # b1[K], kinds that are emergencies
    alarm_on: np.ndarray  # i8[1 + D], open emergencies that call for the mode, the city's first
    about: np.ndarray  # f8[day types, 24], rate at which residents report, mean 1 of a week
    exponential: int  # row of `quantile`
    quantile: np.ndarray  # f8[rows, points], see durations.py
    given: np.ndarray  # i8[n, stages], works given by a trace [ticks]; NONE where not given
    situation: Situation  # of an empty city; a clock has a copy of its own


def periods(world: World) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """(first tick, desk openings, seats) before, between and after the dates of a rollout."""
    later = zip(world.later_from.tolist(), world.later_opening, world.later_seats, strict=True)
    return [(0, world.desk_opening, world.seats), *later]


def world_handle(world: World, situation: Situation | None = None) -> Handle:
    """The world as rules and a clock take it; its `cal` and its `situation` are handles, too.

    situation : the city as it is, for this handle alone; None: an empty city of its own.
    """
    now = Handle(blank(world.situation) if situation is None else situation)
    return Handle(world._replace(cal=Handle(world.cal), situation=now))
