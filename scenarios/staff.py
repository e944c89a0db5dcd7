"""Staff: from a pilot run's work to the seats of every desk.

The pilot runs the policy once on its own incidents with unlimited seats and adds up the work
that an incident of each kind brings to each place of each tier. Multiplied by what each centre's
area is to expect, that is the offered load of every desk: smooth, even where the pilot saw few
incidents, and the same for every replication.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenarios.kept import kept
from scenarios.policy import Policy, index_of_name
from scenarios.schema import AbsenceSettings, StaffSettings
from sim.calendar import CalendarNames, shift_at
from sim.codes import CITY, DESK_GROUPS, DISTRICT, GRID, TIERS, TOWNSHIP
from sim.draws import OF_CONSULTATION, OF_FALSE_ALARM, OF_INCIDENT, OF_TRIVIAL
from sim.errors import InputError
from sim.jit import jit
from sim.layout import Layout
from sim.levers import EMERGENCY, FLEXIBLE, LINES, PATIENCE
from sim.outcome import visit_columns
from sim.records import VISIT_COLUMNS, Columns, concatenate
from sim.rows import I_ENTITY, I_KIND
from sim.staffing import place_equally, seats_for_target
from sim.stream import Rates, generate, unpack_key
from sim.units import DAY, HOUR, WEEK
from sim.world import World

_BURDENS = (OF_INCIDENT, OF_FALSE_ALARM, OF_CONSULTATION, OF_TRIVIAL)
"""What brings work, in the order of the pilot's counts."""

AMPLE = 10**6
"""Seats that never run out."""


@dataclass(frozen=True, eq=False)
class Load:
    """Work offered to every desk in an average week, by shift."""

    weekly: np.ndarray  # f8[N, S], seat hours a week
    own: np.ndarray  # f8[D, city places], hours a week that each district brings to city desks


@dataclass(frozen=True, eq=False)
class Slots:
    """The shifts of the desks that must be staffed, S shifts at most."""

    desk: np.ndarray  # i8[n]
    shift: np.ndarray  # i8[n]
    hours: np.ndarray  # f8[n], open hours a week
    paid: np.ndarray  # f8[n], paid hours a week of one seat

    def of(self, desks: np.ndarray) -> "Slots":
        """Those of some desks, bool[N]."""
        here = desks[self.desk]
        return Slots(self.desk[here], self.shift[here], self.hours[here], self.paid[here])


def slots_of(
    policy: Policy, layout: Layout, names: CalendarNames, settings: StaffSettings
) -> Slots:
    """Shifts of the used desks above the grid. A seat round the clock needs more people than its
    hours say: leave and nights; its paid hours are those of `round_the_clock_people`."""
    desks = np.flatnonzero(policy.used & (layout.tier != GRID))
    parts = []
    for opening, hours in enumerate(names.week_hours):
        here = desks[policy.opening[desks] == opening]
        all_week = sum(hours)
        people = settings.round_the_clock_people * settings.full_time_hours
        premium = people / all_week if all_week * HOUR >= WEEK else 1.0
        for shift, open_hours in enumerate(hours):
            n = here.size
            row = (
                here,
                np.full(n, shift),
                np.full(n, open_hours),
                np.full(n, open_hours * premium),
            )
            parts.append(row)
    desk, shift, hours, paid = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((shift, desk))
    return Slots(desk[order], shift[order].astype(np.int64), hours[order], paid[order])


def shift_hours(names: CalendarNames) -> np.ndarray:
    """Open hours of each opening's shifts in an ordinary week, f8[openings, shifts]."""
    hours = np.zeros((len(names.n_shifts), max(names.n_shifts)))
    for opening, week in enumerate(names.week_hours):
        hours[opening, : len(week)] = week
    return hours


@jit(allocates=True)
def _shifts(cal, opening, desk, started):
    shift = np.zeros(desk.shape[0], np.int64)
    for i in range(desk.shape[0]):
        shift[i] = max(0, shift_at(cal, opening[desk[i]], started[i]))
    return shift


def measure(
    world: World, policy: Policy, layout: Layout, rates: Rates, settings: StaffSettings
) -> Load:
    """The load of every desk under a policy by a pilot, or as it was measured before."""

    def run() -> dict[str, np.ndarray]:
        visits, counts = pilot(world, rates, settings, world.cal.day_type.size)
        return vars(offered_load(policy, layout, world, rates, visits, counts))

    pilots = [value for name, value in vars(settings).items() if name.startswith("pilot")]
    return Load(**kept(run, world, rates, policy.opening, pilots))


def pilot(
    world: World, rates: Rates, settings: StaffSettings, n_days: int
) -> tuple[Columns, np.ndarray]:
    """Visits of a run with unlimited seats, and how many of each of _BURDENS and kind it had."""
    from sim.compiled.clock import run

    days = settings.pilot_days
    seed = np.uint64(settings.pilot_seed)
    mean = float((rates.daily.sum(axis=0) * rates.day_factor.mean(axis=1)).sum()) * days
    rates_here = rates._replace(
        daily=rates.daily * settings.pilot_incidents / max(mean, 1e-9),
        storm_rate=np.zeros_like(rates.storm_rate),  # nobody plans staff for a stated storm
    )
    mechanism = world.mechanism.copy()
    mechanism[[PATIENCE, LINES]] = 0.0  # staff is planned for everyone who calls
    lever = world.lever.copy()
    lever[:, [FLEXIBLE, EMERGENCY]] = 0.0  # and for ordinary days
    seats = np.full_like(world.seats, AMPLE)
    ample = world._replace(seed=seed, seats=seats, mechanism=mechanism, lever=lever)
    counts = np.zeros((len(_BURDENS), rates.daily.shape[1]))

    def chunks():
        for until, rows in generate(seed, rates_here, world.cal, days):
            for i, entity in enumerate(_BURDENS):
                kinds = rows[rows[:, I_ENTITY] == entity, I_KIND]
                counts[i] += np.bincount(kinds, minlength=counts.shape[1])
            yield until, rows

    end = min(days + settings.pilot_followup_days, n_days) * DAY
    parts = [
        visit_columns(part.visits)
        for part in run(ample, chunks(), end, (0, end), keep_incidents=False, keep_visits=True)
        if hasattr(part, "visits")
    ]
    return concatenate(parts, VISIT_COLUMNS), counts


def offered_load(
    policy: Policy,
    layout: Layout,
    world: World,
    rates: Rates,
    visits: Columns,
    counts: np.ndarray,
) -> Load:
    """Work of an average week at every desk, from a pilot's visits and incident counts."""
    entity, _, _, kind, _ = unpack_key(visits["incident"])
    real = np.isin(entity, _BURDENS)
    entity, kind = np.searchsorted(_BURDENS, entity[real]), kind[real]
    desk, worked = visits["desk"][real], visits["worked"][real] / HOUR
    tier, place = layout.tier[desk].astype(np.int64), layout.place[desk]
    n_shifts = world.seats.shape[1]
    shift = _shifts(world.cal, policy.opening, desk.astype(np.int64), visits["started"][real])
    n_kinds, width = counts.shape[1], int(layout.tier_width[:GRID].max())
    work = np.zeros((len(_BURDENS), n_kinds, GRID + 1, max(width, 1)))
    np.add.at(work, (entity, kind, tier, place), worked)
    by_shift = np.zeros((GRID + 1, max(width, 1), n_shifts))
    np.add.at(by_shift, (tier, place, shift), worked)
    per_incident = work / np.maximum(counts, 1.0)[:, :, None, None]
    # All are drawn in proportion to incidents, so they follow the incidents' rates.
    per = np.array([np.ones(n_kinds), rates.alarms, rates.consultations, rates.trivial])
    per_kind = (per_incident * per[:, :, None, None]).sum(axis=0)
    share = by_shift / np.maximum(by_shift.sum(axis=2, keepdims=True), 1e-300)
    days = WEEK // DAY
    district = rates.daily  # [D, K]
    township_share = np.diff(
        np.concatenate([np.zeros((n_kinds, 1)), rates.township_share], axis=1), axis=1
    )
    first = rates.first_township[:-1]
    township_share[:, first] = rates.township_share[:, first]
    of_district = np.repeat(np.arange(len(district)), np.diff(rates.first_township))
    township = (township_share * district.T[:, of_district]).T  # [T, K]
    weekly = np.zeros((layout.n_desks, n_shifts))
    n_grids = np.diff(rates.first_grid)
    areas = {
        CITY: district.sum(axis=0, keepdims=True),
        DISTRICT: district,
        TOWNSHIP: township,
        GRID: np.repeat(township / n_grids[:, None], n_grids, axis=0),  # grids of a township alike
    }
    for level, daily in areas.items():
        n_places = int(layout.tier_width[level])
        hours = days * daily @ per_kind[:, level, :n_places]  # [centres, places]
        split = hours[:, :, None] * share[level, :n_places][None]
        at = int(layout.tier_base[level])
        weekly[at : at + split.shape[0] * n_places] = split.reshape(-1, n_shifts)
    own = days * district @ per_kind[:, CITY, : int(layout.tier_width[CITY])]
    return Load(weekly, own)


def baseline_hours(load: Load, slots: Slots, target: float) -> float:
    """Paid hours a week that keep the siloed city's desks at or below the target utilisation."""
    offered = load.weekly[slots.desk, slots.shift] / slots.hours
    return float((seats_for_target(offered, target) * slots.paid).sum())


def place(load: Load, slots: Slots, total: float) -> np.ndarray:
    """Seats of every desk and shift above the grid, i4[N, S], for a total of paid hours a week."""
    offered = load.weekly[slots.desk, slots.shift] / slots.hours
    seats = np.zeros(load.weekly.shape, np.int32)
    seats[slots.desk, slots.shift] = place_equally(offered, slots.paid, total)
    return seats


def open_others(seats: np.ndarray, slots: Slots, policy: Policy) -> None:
    """One seat, in place, in each shift of a desk that the policy uses and that has none."""
    opened = (policy.used & (seats.sum(axis=1) == 0))[slots.desk]
    seats[slots.desk[opened], slots.shift[opened]] = 1


def grid_seats(
    load: Load, opening: np.ndarray, names: CalendarNames, settings: StaffSettings
) -> np.ndarray:
    """Seats that grids need, i4[N, S]; only the grids' own rows mean anything."""
    offered = load.weekly / np.maximum(shift_hours(names)[opening], 1e-9)
    needed = seats_for_target(offered, settings.target_utilisation)
    return np.maximum(needed, settings.grid_seats).astype(np.int32)


def paid_hours(
    seats: np.ndarray, slots: Slots, layout: Layout, names: CalendarNames, opening: np.ndarray
) -> np.ndarray:
    """Paid hours a week of each desk, f8[N]; a grid's seat is paid for its open hours."""
    paid = np.zeros(layout.n_desks)
    np.add.at(paid, slots.desk, seats[slots.desk, slots.shift] * slots.paid)
    grid = layout.tier == GRID
    hours = np.array([sum(week) for week in names.week_hours])
    paid[grid] = seats[grid].max(axis=1) * hours[opening[grid]]
    return paid


def stated(
    table: Mapping[str, Any], layout: Layout, policy: Policy, names: CalendarNames
) -> np.ndarray:
    """Seats of every desk and shift, i4[N, S], as the setting `staff.seats` states them.

    table : {tier: {group: seats, or a list of seats by shift}}; desks that it does not name have
    none. Raises InputError.
    """
    seats = np.zeros((layout.n_desks, max(names.n_shifts)), np.int32)
    for tier_name, groups in table.items():
        tier = index_of_name(tier_name, TIERS, "staff.seats")
        here = tuple(g for i, g in enumerate(DESK_GROUPS) if layout.members(tier, i))
        if not isinstance(groups, Mapping):
            raise InputError(f"staff.seats.{tier_name}: {groups}; allowed: GROUP: SEATS")
        for group_name, value in groups.items():
            key = f"staff.seats.{tier_name}.{group_name}"
            index_of_name(group_name, here, f"staff.seats.{tier_name}")
            desks = (layout.tier == tier) & (layout.group == DESK_GROUPS.index(group_name))
            for opening in np.unique(policy.opening[desks]):  # some departments are on duty
                here_open = desks & (policy.opening == opening)
                shifts = names.n_shifts[opening]
                seats[here_open, :shifts] = _by_shift(value, shifts, names.openings[opening], key)
    return seats


def _by_shift(value: Any, shifts: int, opening: str, key: str) -> Sequence[int]:
    """Seats in each of so many shifts of an opening. Raises InputError."""
    given = value if isinstance(value, Sequence) else [value] * shifts
    if len(given) != shifts or not all(type(n) is int and n >= 0 for n in given):
        raise InputError(
            f"{key}: {value}; allowed: a whole number of at least 0, or a list of one for "
            f"each shift of the opening '{opening}', which has {shifts}"
        )
    return given


def present(seats: np.ndarray, layout: Layout, absence: AbsenceSettings) -> np.ndarray:
    """Seats that are taken on each day, i4[N, S], where a share of those planned is absent.

    Within a tier the seats planned are counted through by desk and shift; at each whole number
    that `absence` times the count (and a half) passes, one is missing. A shift that has a seat
    keeps one, so fewer than the share are missing where desks are small.
    """
    here = seats.copy()
    for tier, name in enumerate(TIERS):
        desks = np.flatnonzero(layout.tier == tier)
        planned = seats[desks]
        passed = np.floor(getattr(absence, name) * np.cumsum(planned) + 0.5)
        missing = np.diff(passed, prepend=0.0).reshape(planned.shape).astype(seats.dtype)
        here[desks] = np.maximum(planned - missing, np.minimum(planned, 1))
    return here


def check_open(policy: Policy, layout: Layout, seats: np.ndarray) -> None:
    """Raises InputError when a desk that the policy uses has no seat in any shift."""
    closed = policy.used & (seats.sum(axis=1) == 0)
    if closed.any():
        desk = int(np.flatnonzero(closed)[0])
        raise InputError(
            f"staff: {int(closed.sum())} desks have no seat, but policy "
            f"'{policy.name}' can send work to them; such as {layout.name(desk)}"
        )


def warn_of_overloads(
    policy: Policy, layout: Layout, load: Load, slots: Slots, seats: np.ndarray
) -> None:
    """Warn where desks are offered more than their seats can work off."""
    over = overloads(load, slots, seats)
    if over:
        desk, offered, capacity = over[0]
        text = (
            f"policy '{policy.name}': {len(over)} desks are offered more work than their seats "
            f"can do; the worst is {layout.name(desk)} with {offered:.0f} hours a week for "
            f"{capacity:.0f} open seat hours"
        )
        warnings.warn(text, stacklevel=3)


def overloads(load: Load, slots: Slots, seats: np.ndarray) -> list[tuple[int, float, float]]:
    """Desks offered more than their seats can work off: (desk, seat hours a week offered, open),
    worst first."""
    hours = np.zeros(len(seats))
    np.add.at(hours, slots.desk, seats[slots.desk, slots.shift] * slots.hours)
    offered = load.weekly.sum(axis=1)
    over = np.flatnonzero((offered > hours) & (hours > 0))
    over = over[np.argsort(-(offered[over] / hours[over]))]
    return [(int(d), float(offered[d]), float(hours[d])) for d in over]
