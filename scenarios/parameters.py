"""Parameters: everything a run needs, built once from checked settings and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios import staff
from scenarios.hours import Hours
from scenarios.policy import Policy, build_policy
from scenarios.rates import (
    average_weeks,
    build_rates,
    build_storms,
    check_rates,
    only_district,
    ranked,
    scaled,
    with_alarms,
    with_background,
)
from scenarios.rollout import Rollout, build_rollout
from scenarios.schema import PolicySettings, RolloutSettings, Settings
from scenarios.staff_plan import read_plan
from scenarios.traced import trace_of
from scenarios.world import build_world
from sim.calendar import Calendar, CalendarNames, calendar_from
from sim.catalogue import Catalogue, catalogue_from
from sim.city import City, load_city
from sim.codes import GRID
from sim.layout import Layout
from sim.levers import ASSESSMENT, LINES
from sim.stream import Rates
from sim.world import World

if TYPE_CHECKING:
    from sim.trace import Trace

_SLACK_DAYS = 120  # of calendar after the horizon, for limits and batches that reach beyond it
_YEAR = 365

_SHARED = (  # what siblings have in common
    *("start", "city", "catalogue", "_calendar", "layout", "city_rates", "district", "trace"),
    *("_baseline", "_baseline_load"),
)
_MEASURED = (*_SHARED, "_loads", "_placed")  # where policies differ only in who goes over when
_STAFFED = (  # and what they have besides where only seats differ
    *_SHARED,
    *("rollout", "policy", "_loads", "load", "slots", "staffed_slots", "rates", "active"),
)


@dataclass(frozen=True, eq=False)
class Parameters(Hours):
    """A world, a policy and a horizon, ready to be simulated.

    settings : as checked; baseline : the policy that staff is measured by; conf : folder of the
    configuration, in which cities are looked up.
    """

    settings: Settings
    baseline: PolicySettings
    conf: Path

    def sibling(self, policy: PolicySettings) -> "Parameters":
        """The same world, horizon and paid hours under another policy; shares what is built."""
        return self._variant(_SHARED, policy=policy)

    def planned(self, rollout: RolloutSettings) -> "Parameters":
        """The same under another plan of who goes over when, to the same policies."""
        policy = replace(self.settings.policy, rollout=rollout)
        return self._variant(_MEASURED, policy=policy)

    def changed(self, change: Mapping[str, Any]) -> "Parameters":
        """The same with one more dated change (`policy.rollout.changes`), later than the start
        and than all that are there; shares what it leaves as it is. Raises InputError."""
        stated = self.settings.policy.rollout
        rollout = replace(stated, changes=[*stated.changes, change])
        policy = replace(self.settings.policy, rollout=rollout)
        anew = ("settings", "rollout", "later", "world", "rates")
        anew += ("open_ticks", "paid_by_desk", "open_hours")
        return self._variant(tuple(vars(self).keys() - set(anew)), policy=policy)

    def stormed(self, storm: Mapping[str, Any]) -> "Parameters":
        """The same with one more stated storm (`stream.storms`); shares what it leaves as it is.
        Raises InputError."""
        storms = [*self.settings.stream.storms, storm]
        rates, city = self.city_rates, (self.city, self.catalogue)
        of_storms = build_storms(storms, self.start, rates.daily, *city)
        stream = replace(self.settings.stream, storms=storms)
        shared = tuple(vars(self).keys() - {"settings", "city_rates", "rates"})
        other = self._variant(shared, stream=stream)
        other.__dict__["city_rates"] = rates._replace(**of_storms)
        return other

    def staffed(self, target_utilisation: float) -> "Parameters":
        """The same, the siloed city being staffed to another target: only seats are placed anew."""
        staff = replace(self.settings.staff, target_utilisation=target_utilisation)
        return self._variant(_STAFFED, staff=staff)

    def _variant(self, shared: tuple[str, ...], **changes: object) -> "Parameters":
        other = Parameters(replace(self.settings, **changes), self.baseline, self.conf)
        for name in shared:
            other.__dict__[name] = getattr(self, name)
        return other

    def recording(self, record: str) -> "Parameters":
        """The same as it is built, where a run keeps what `record` says."""
        return self._variant(tuple(vars(self).keys() - {"settings"}), record=record)

    def at_volume(self, volume: float) -> "Parameters":
        """The same policy and staff where `volume` times as much occurs."""
        stream = replace(self.settings.stream, volume=volume)
        return self._as_built(replace(self.settings, stream=stream))

    def in_average_weeks(self) -> "Parameters":
        """The same in weeks that are all alike: the average one that staff is planned for."""
        return self._as_built(self.settings, city_rates=average_weeks(self.city_rates))

    def unlimited(self) -> "Parameters":
        """The same with seats and lines that never run out: who waits, waits for opening hours."""
        world, mechanism = self.world, self.world.mechanism.copy()
        mechanism[LINES] = 0.0
        ample = {n: np.full_like(getattr(world, n), staff.AMPLE) for n in ("seats", "later_seats")}
        other = self._variant(tuple(vars(self)))
        other.__dict__["world"] = world._replace(**ample, mechanism=mechanism)
        return other

    def _as_built(self, settings: Settings, **changed: Any) -> "Parameters":
        """Other settings or attributes that leave everything else but the rates as it is built."""
        other = Parameters(settings, self.baseline, self.conf)
        for kind in reversed(Parameters.__mro__):
            for name, value in vars(kind).items():
                if isinstance(value, cached_property) and name != "rates":
                    other.__dict__[name] = changed.get(name, getattr(self, name))
        return other

    # --- the world ----------------------------------------------------------------------------

    @cached_property
    def city(self) -> City:
        settings = self.settings.city
        folder = self.conf / "city" if settings.folder is None else Path(settings.folder)
        return load_city(folder, settings.name)

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_from(self.settings.catalogue)

    @cached_property
    def _calendar(self) -> tuple[Calendar, CalendarNames]:
        return calendar_from(self.settings.calendar, self.start, self.n_days + _SLACK_DAYS)

    @property
    def calendar(self) -> Calendar:
        return self._calendar[0]

    @property
    def calendar_names(self) -> CalendarNames:
        return self._calendar[1]

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.city, self.catalogue)

    @cached_property
    def city_rates(self) -> Rates:
        """Rates of the whole city, without background."""
        year, _ = calendar_from(self.settings.calendar, self.start, _YEAR)
        weight = self.settings.city.weight
        return build_rates(
            self.settings.stream, self.city, self.catalogue, year, self.start, weight
        )

    @cached_property
    def district(self) -> int | None:
        """Index of the only district that runs, or None for the whole city."""
        name = self.settings.city.district
        return None if name is None else self.city.find_district(str(name), "city.district")

    @cached_property
    def trace(self) -> "Trace | None":
        """The user's own incidents, where the stream is a trace."""
        world = self.city, self.catalogue, self.city_rates
        return trace_of(self.settings, self.conf, *world, self.start, self.n_days)

    @cached_property
    def rollout(self) -> Rollout:
        """Which policy is in force where and when."""
        here = self.layout, self.calendar_names, self.start, self.end
        return build_rollout(self.settings.policy, *here, outages=self._outages)

    @cached_property
    def policy(self) -> Policy:
        """The policy, with opening hours and used desks as they are at first in every area."""
        return self._at_their_hours(self.rollout.at_first(self.layout))

    def _at_their_hours(self, policy: Policy) -> Policy:
        if self.settings.staff.place == "fixed":  # the same people at the same hours
            kept = self._baseline.used | ~policy.used
            return replace(policy, opening=np.where(kept, self._baseline.opening, policy.opening))
        return policy

    @cached_property
    def later(self) -> "tuple[Parameters, ...]":
        """The same from each date of the rollout on, for its staff."""
        found = tuple(self._variant(_MEASURED) for _ in self.rollout.dates)
        for date, other in zip(self.rollout.dates, found, strict=True):
            other.__dict__["rollout"] = self.rollout.since(date)
        return found

    @cached_property
    def _baseline(self) -> Policy:
        return self._built(self.baseline)

    def _built(self, policy: PolicySettings) -> Policy:
        return build_policy(policy, self.layout, self.calendar_names, outages=self._outages)

    @property
    def _outages(self) -> bool:
        """Whether the platform can be down."""
        return self.settings.mechanism.outage.a_year > 0

    # --- staff --------------------------------------------------------------------------------

    def _bare_world(self, policy: Policy) -> World:
        n_shifts = max(self.calendar_names.n_shifts)
        given = None if self.trace is None else self.trace.given
        return build_world(
            policy,
            self.layout,
            self.catalogue,
            self.calendar,
            self.calendar_names,
            self.settings.mechanism,
            np.zeros((self.layout.n_desks, n_shifts), np.int32),
            self.restrict,
            given,
            self.settings.city.weight,
        )

    def _load_under(self, policy: Policy) -> staff.Load:
        world = self._bare_world(policy)
        settings, trivial = self.settings.staff, self.settings.mechanism.assessment.trivial
        rates = ranked(self.city_rates, policy.lever[ASSESSMENT], trivial)
        return staff.measure(world, policy, self.layout, rates, settings)

    @cached_property
    def load(self) -> staff.Load:
        """Work offered to every desk in an average week, under this policy, at first."""
        return self.rollout.load(self.layout, self._load_everywhere)

    @cached_property
    def _loads(self) -> dict[tuple[int, int], staff.Load]:  # measured, by regime and the city's
        return {}

    @cached_property
    def _placed(self) -> dict[tuple[bytes, bytes], np.ndarray]:  # seats, by who is under what
        return {}

    def _load_everywhere(self, regime: int) -> staff.Load:
        """The load were one regime in force everywhere, the city's own desks keeping theirs."""
        own = int(self.rollout.first[-1])
        if (regime, own) not in self._loads:
            under = replace(self.rollout.settings[regime], rollout=self.baseline.rollout)
            if regime == own and under == self.baseline:
                self._loads[regime, own] = self._baseline_load[0]
            else:
                policy = self.rollout.everywhere(regime, self.layout)
                self._loads[regime, own] = self._load_under(self._at_their_hours(policy))
        return self._loads[regime, own]

    def _plain(self) -> tuple[staff.Load, staff.Slots]:
        """Load and slots under the first policy everywhere."""
        policy = replace(self.settings.policy, rollout=self.baseline.rollout)
        plain = self._variant(_MEASURED, policy=policy)
        return plain.load, plain.slots

    @cached_property
    def slots(self) -> staff.Slots:
        """The shifts that must be staffed under this policy."""
        return staff.slots_of(self.policy, self.layout, self.calendar_names, self.settings.staff)

    @cached_property
    def staffed_slots(self) -> staff.Slots:
        """The shifts that have seats: those of the policy, with one seat each those of desks that
        a change opens and, where staff is fixed, the siloed ones with those of desks that only this
        policy opens."""
        used = self._used_now
        if self.settings.staff.place == "fixed":
            used = used | self._baseline.used
        both = replace(self.policy, used=used)
        return staff.slots_of(both, self.layout, self.calendar_names, self.settings.staff)

    @cached_property
    def paid_hours(self) -> float:
        """Paid hours a week above the grid, equal for every policy."""
        return staff.baseline_hours(*self._baseline_load, self.settings.staff.target_utilisation)

    @cached_property
    def _baseline_load(self) -> tuple[staff.Load, staff.Slots]:
        settings = self.settings.staff
        slots = staff.slots_of(self._baseline, self.layout, self.calendar_names, settings)
        return self._load_under(self._baseline), slots

    @cached_property
    def _grid_seats(self) -> np.ndarray:
        """Seats of the grids' desks, the same under every policy, i4[desks, shifts]."""
        load, _ = self._baseline_load
        opening, names = self._baseline.opening, self.calendar_names
        return staff.grid_seats(load, opening, names, self.settings.staff)

    @cached_property
    def seats(self) -> np.ndarray:
        """Seats planned for every desk and shift, i4[desks, shifts], as changed by now."""
        who = self.rollout.before.tobytes(), self.rollout.first.tobytes()
        if who not in self._placed:
            self._placed[who] = self._seats_unchanged()
        seats = self.rollout.with_changes(self._placed[who], self.layout)
        if self.rollout.changes:
            used = replace(self.policy, used=self._used_now)
            staff.open_others(seats, self.staffed_slots, used)
        return seats

    @property
    def _used_now(self) -> np.ndarray:
        """Desks that the policy or what has been made of it by now can send work to, bool[N]."""
        if not self.rollout.changes:
            return self.policy.used
        return self.policy.used | self.rollout.now.at_first(self.layout).used

    def _seats_unchanged(self) -> np.ndarray:
        settings = self.settings.staff
        if settings.place == "stated" and settings.plan is None:
            seats = staff.stated(settings.seats, self.layout, self.policy, self.calendar_names)
            self.check_open(seats)
            return seats
        if settings.plan is not None:
            seats = read_plan(settings.plan, self.layout, self.policy, self.calendar_names)
        elif settings.place == "fixed":
            seats = staff.place(*self._baseline_load, self.paid_hours)
            staff.open_others(seats, self.staffed_slots, self.policy)
        else:
            here = self.layout, self.load, self.slots
            seats = self.rollout.place(*here, self.paid_hours, self._plain)
        grid = self.layout.tier == GRID
        seats[grid] = self._grid_seats[grid]
        self.check_open(seats)
        self._warn(seats)
        return seats

    @cached_property
    def present(self) -> np.ndarray:
        """Seats of them that are taken in the run, i4[desks, shifts]."""
        return staff.present(self.seats, self.layout, self.settings.staff.absence)

    def check_open(self, seats: np.ndarray) -> None:
        staff.check_open(self.policy, self.layout, seats)  # raises InputError

    def _warn(self, seats: np.ndarray) -> None:
        staff.warn_of_overloads(self.policy, self.layout, self.load, self.staffed_slots, seats)

    # --- ready to run -------------------------------------------------------------------------

    @cached_property
    def world(self) -> World:
        """The world with its staff; the seed is set for each replication."""
        bare = self._bare._replace(seats=self.present)
        return self.rollout.enter(bare, self.layout, self.later)

    @cached_property
    def _bare(self) -> World:
        return self._bare_world(self.policy)

    @cached_property
    def rates(self) -> Rates:
        """Rates of what runs: the whole city, or one district and the others' background; at
        the volume and with the false alarms that the stream states, not those planned for."""
        volume = self.settings.stream.volume
        strongest = max(policy.lever[ASSESSMENT] for policy in self.rollout.every_policy)
        rates = ranked(self.city_rates, strongest, self.settings.mechanism.assessment.trivial)
        rates = with_alarms(scaled(rates, volume), self.settings.stream.false_alarms)
        if self.district is None:
            return rates
        others = self.load.own.sum(axis=0) - self.load.own[self.district]  # hours a week
        hours = volume * self.settings.city.background_share * others
        mechanism = self.settings.mechanism
        minutes = mechanism.background_minutes / mechanism.availability.city
        return with_background(only_district(rates, self.district), hours, minutes)


def check_stream(parameters: Parameters) -> None:
    """Raises InputError when no incident can ever occur."""
    if parameters.trace is None:
        check_rates(parameters.settings.stream, parameters.rates)
