"""Phase B before the decisions: centres review staff and mode. And what the situation keeps."""

from typing import TYPE_CHECKING

from sim.calendar import open_ticks
from sim.codes import CITY, GRID, NONE
from sim.levers import EMERGENCY_SWITCH, SWITCHING
from sim.rows import I_DISTRICT
from sim.rules import centres, emergency, flexible, patrol
from sim.rules.seats import opening_at
from sim.simpy_clock.books import OPENS, REVIEWS
from sim.simpy_clock.things import Desk, Incident
from sim.situation import (
    E_ALARM,
    E_COMING,
    E_KEPT,
    E_MODE,
    E_PAUSED,
    E_SINCE,
    P_BEFORE,
    P_BOOKED,
    P_LOST,
    P_SHIFT,
)
from sim.units import NEVER

if TYPE_CHECKING:
    from sim.simpy_clock.clock import Clock


def begin_reviews(clock: "Clock") -> None:
    """Before tick 0: await the first review of each centre."""
    for centre in range(centres.n_reviewing(clock.world)):
        _await_review(clock, centre, -1)


def review(clock: "Clock", centre: int) -> None:
    """A centre reviews its mode and, at a change of shifts, where its seats are needed."""
    if centre < centres.n_high(clock.world):
        _review_mode(clock, centre)
    if centres.is_shift_change(clock.world, centre, clock.now):
        _move_seats(clock, centre)
    _await_review(clock, centre, clock.now)


def _await_review(clock: "Clock", centre: int, now: int) -> None:
    tick = centres.next_review(clock.world, centre, now)
    if tick < NEVER:
        clock.at(tick, REVIEWS, centre)


def _desks(clock: "Clock", centre: int) -> list[Desk]:
    return list(clock.desks[slice(*centres.desks_of(clock.world, centre))])


def _number(clock: "Clock", which: int) -> float:
    """A number of the mechanisms."""
    return clock.world.fields.mechanism[which]


# --- flexible staff ---------------------------------------------------------------------------


def _move_seats(clock: "Clock", centre: int) -> None:
    """Seats move from idle desks to crowded ones, and back at the next change."""
    left = flexible.movable(clock.world, centre, clock.now)
    if left == 0:
        return
    desks, lent = _desks(clock, centre), clock.situation
    for desk in desks:
        lent.extra[desk.number] = 0
    while left > 0:
        giver, taker = flexible.next_move(clock.world, centre, clock.now)
        if giver == NONE:
            break
        lent.extra[giver] -= 1
        lent.extra[taker] += 1
        clock.desks[taker].moved += int(clock.books.covers(clock.now))
        left -= 1
    back = flexible.until(clock.world, centre, clock.now)
    arrive = clock.now + int(_number(clock, SWITCHING))
    for desk in desks:
        lent.extra_until[desk.number] = back
        if lent.extra[desk.number] > 0:
            lent.extra_from[desk.number] = arrive
            clock.at(arrive, OPENS, desk)
        elif lent.extra[desk.number] < 0:
            lent.extra_from[desk.number] = clock.now
            clock.at(back, OPENS, desk)


# --- emergency mode ---------------------------------------------------------------------------


def _review_mode(clock: "Clock", centre: int) -> None:
    row, now = clock.situation.emergency[centre], clock.now
    _keep_mode(clock, centre)  # a plan of hours and seats may end here
    if emergency.changes(clock.world, centre, now):
        row[E_COMING] = now + int(_number(clock, EMERGENCY_SWITCH))
    if row[E_COMING] == now > 0:
        row[E_COMING], row[E_SINCE] = 0, now
        if row[E_MODE] & emergency.OWN:
            _end_mode(clock, centre)
        else:
            _begin_mode(clock, centre)


def _begin_mode(clock: "Clock", centre: int) -> None:
    _change(clock, centre, emergency.OWN, on=True)
    districts = range(1, centres.n_high(clock.world)) if centre == CITY else ()
    for district in districts:
        along = emergency.is_taken_along(clock.world, district, clock.now)
        _change(clock, district, emergency.BY_CITY, on=along)
    _rekey(clock, centre)


def _end_mode(clock: "Clock", centre: int) -> None:
    _change(clock, centre, emergency.OWN, on=False)
    if centre == CITY:
        for district in range(1, centres.n_high(clock.world)):
            _change(clock, district, emergency.BY_CITY, on=False)
    _rekey(clock, centre)


def _change(clock: "Clock", centre: int, bit: int, on: bool) -> None:
    """A bit of a centre's mode is set or cleared; its desks may have other seats from now on."""
    _keep_mode(clock, centre)
    mode = int(clock.situation.emergency[centre, E_MODE])
    clock.situation.emergency[centre, E_MODE] = mode | bit if on else mode & ~bit
    for desk in _desks(clock, centre):
        clock.touch(desk)


def _rekey(clock: "Clock", centre: int) -> None:
    """New queue keys for the waiting emergencies of a district, or of all."""
    for incident in clock.incidents.values():
        here = centre == CITY or incident.row[I_DISTRICT] == centre - 1
        if here and emergency.is_emergency(clock.world, incident.row):
            clock.rekey(incident)


def keep_modes(clock: "Clock") -> None:
    """Book the time that centres have spent in the mode so far."""
    for centre in range(centres.n_high(clock.world)):
        _keep_mode(clock, centre)


def _keep_mode(clock: "Clock", centre: int) -> None:
    """Book the time in the mode, and the seat time that it has kept open."""
    row, now = clock.situation.emergency[centre], clock.now
    since = int(row[E_KEPT])
    row[E_KEPT] = now
    if not row[E_MODE]:
        return
    row[E_PAUSED] += now - since
    begin, end = max(since, clock.books.window[0]), min(now, clock.books.window[1])
    if begin < end:
        world = clock.world.fields
        for desk in _desks(clock, centre):
            opening = opening_at(clock.world, desk.number, begin)
            closed = end - begin - open_ticks(world.cal, opening, begin, end)
            desk.emergency += end - begin
            desk.overtime += closed * emergency.night_staff(clock.world, desk.number, begin)


def keep_alarms(clock: "Clock", incident: Incident) -> None:
    """After a decision about an incident: count it where it stands now."""
    alarm = clock.situation.emergency[:, E_ALARM]
    now = emergency.alarms(clock.world, incident.row)
    for bit, centre in (
        (emergency.DISTRICT_ALARM, 1 + incident.row[I_DISTRICT]),
        (emergency.CITY_ALARM, CITY),
    ):
        alarm[centre] += bool(now & bit) - bool(incident.alarms & bit)
    incident.alarms = now


# --- patrol -----------------------------------------------------------------------------------


def book_work(clock: "Clock", desk: int, length: int) -> None:
    """A stretch of work begins at a desk; at a grid it is booked in the present shift."""
    if not patrol.is_kept(clock.world, desk):
        return
    grid = desk - int(clock.world.fields.tier_base[GRID])
    row, shift = clock.situation.patrol[grid], patrol.shift_number(clock.world, clock.now)
    if row[P_SHIFT] < shift:
        next_one = int(row[P_SHIFT]) + 1
        row[P_LOST] += patrol.lost(clock.world, grid, next_one, int(row[P_BOOKED]))
    if row[P_SHIFT] == shift - 1:
        row[P_BEFORE], row[P_BOOKED] = row[P_BOOKED], 0
    elif row[P_SHIFT] < shift:
        row[P_BEFORE] = row[P_BOOKED] = 0
    row[P_SHIFT] = shift
    row[P_BOOKED] += length
