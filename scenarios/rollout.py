"""Which policy is in force where and when: some districts before others, or some and not others.

An *area* is a district, or, after the last of them, the city's own desks. The policy in force in
an incident's own district decides; opening hours, seats and order of service of a desk are those
of the desk's own area.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from scenarios.applications import stacked
from scenarios.changes import Change, build_changes, scaled, standing, with_levers
from scenarios.policy import Policy, build_policy, index_of_name
from scenarios.rates import tick_of
from scenarios.schema import PolicySettings
from scenarios.staff import Load, Slots, place
from sim.calendar import Calendar, CalendarNames, check_keys
from sim.city import City
from sim.codes import CITY, DISTRICT, GRID, NONE, TOWNSHIP
from sim.errors import InputError
from sim.layout import Layout
from sim.units import NEVER
from sim.world import World, periods

MOST_REGIMES = 8
START = "start"
"""In place of a date: from the beginning of the run."""


@dataclass(frozen=True, eq=False)
class Rollout:
    """The policies in force somewhere (regimes, the run's own first) and where each is."""

    settings: tuple[PolicySettings, ...]
    policies: tuple[Policy, ...]
    before: np.ndarray  # i8[areas], regime whose unfinished stages may be about
    first: np.ndarray  # i8[areas], regime at first
    later: np.ndarray  # i8[areas], regime from `switch` on
    switch: np.ndarray  # i8[areas], tick, or NEVER
    looks: tuple[int, ...] = ()  # ticks of waves without members: plans are looked at, no more
    changes: tuple[Change, ...] = ()  # what is changed in all policies, in order of time
    changed: tuple[tuple[Policy, ...], ...] = ()  # the policies after each change
    at: int = 0  # tick at which it is looked at

    @property
    def dates(self) -> list[int]:
        """Ticks at which some area goes over during the run, seats are changed or plans are looked
        at, increasing."""
        of_seats = [change.tick for i, change in enumerate(self.changes) if self._moves_seats(i)]
        dates = {*self.switch[self.switch < NEVER].tolist(), *self.looks, *of_seats}
        return sorted(date for date in dates if date > self.at)

    def _moves_seats(self, i: int) -> bool:
        """Whether a change states seats, or opens desks that nobody used before."""
        before = (self.policies, *self.changed)[i]
        opens = [new.used & ~old.used for old, new in zip(before, self.changed[i], strict=True)]
        return bool(self.changes[i].seats) or bool(np.any(opens))

    @property
    def every_policy(self) -> tuple[Policy, ...]:
        """The policies as they are at first, and as they are after each change."""
        return (*self.policies, *chain.from_iterable(self.changed))

    @property
    def now(self) -> "Rollout":
        """The same with the policies as changed by then."""
        past = sum(change.tick <= self.at for change in self.changes)
        return replace(self, policies=(self.policies, *self.changed)[past])

    def with_changes(self, seats: np.ndarray, layout: Layout) -> np.ndarray:
        """Seats planned, i4[N, S], as changed by then."""
        return scaled(seats, layout.tier, standing(self.changes, self.at).seats)

    def since(self, date: int) -> "Rollout":
        """The same as it stands at a date, without other areas that go over later."""
        now = np.where(self.switch <= date, self.later, self.first)
        never = np.full_like(self.switch, NEVER)
        stays = {"first": now, "later": now, "switch": never}
        return replace(self, before=self.first, **stays, looks=(), at=date)

    def at_first(self, layout: Layout) -> Policy:
        """The first policy with the hours of every desk's own area, and all desks used that some
        incident can come to."""
        of_desk = area_of_desk(layout)
        desk = np.arange(layout.n_desks)
        used = np.stack([p.used for p in self.policies])
        opening = np.stack([p.opening for p in self.policies])[self.first[of_desk], desk]
        own = used[self.first[of_desk], desk] | used[self.before[of_desk], desk]
        districts = np.unique([self.before[:-1], self.first[:-1]])
        by_any = used[districts].any(axis=0)  # a city desk serves every district
        return replace(
            self.policies[0], opening=opening, used=np.where(layout.tier == CITY, by_any, own)
        )

    def everywhere(self, regime: int, layout: Layout) -> Policy:
        """One regime's policy, with the city's own desks open as they are at first."""
        policy, of_city = self.policies[regime], self.policies[self.first[-1]]
        opening = np.where(layout.tier == CITY, of_city.opening, policy.opening)
        return replace(policy, opening=opening)

    def load(self, layout: Layout, under: Callable[[int], Load]) -> Load:
        """Work offered to every desk at first.

        under : the load were one regime in force everywhere. A district's desks have that of
        their own; a city desk has what every district brings to it under the district's.
        """
        districts = self.first[:-1]
        loads = {regime: under(regime) for regime in np.unique(districts).tolist()}
        if len(loads) == 1:
            return next(iter(loads.values()))
        of_desk, city = area_of_desk(layout), layout.tier == CITY
        weekly = np.zeros_like(next(iter(loads.values())).weekly)
        own = np.zeros_like(next(iter(loads.values())).own)
        for regime, load in loads.items():
            here = ~city & (self.first[of_desk] == regime)
            weekly[here] = load.weekly[here]
            own[districts == regime] = load.own[districts == regime]
            brought = load.own[districts == regime].sum(axis=0)
            share = brought / np.maximum(load.own.sum(axis=0), 1e-300)
            weekly[city] += share[:, None] * load.weekly[city]
        return Load(weekly, own)

    def place(
        self,
        layout: Layout,
        load: Load,
        slots: Slots,
        total: float,
        plain: Callable[[], tuple[Load, Slots]],
    ) -> np.ndarray:
        """Seats of every desk and shift above the grid, i4[N, S], for a total of paid hours.

        Districts under another policy than the first share anew, with the city's own desks, which
        serve them, what they have where the first is in force everywhere; the other districts keep
        theirs. plain : gives load and slots there.
        """
        other = self.first > 0
        if not other.any():
            return place(load, slots, total)
        other[-1] = True
        anew = other[area_of_desk(layout)]
        before, listed = plain()
        kept = np.where(anew[:, None], 0, place(before, listed, total))
        spent = float((kept[listed.desk, listed.shift] * listed.paid).sum())
        return kept + place(load, slots.of(anew), total - spent)

    def shares(self, window: tuple[int, int]) -> np.ndarray:
        """Shares of a window that lie before the first date, between dates, after the last."""
        begin, end = window
        dates = np.clip(np.array(self.dates, np.int64), begin, end)
        return np.diff([begin, *dates, end]) / (end - begin)

    def enter(self, world: World, layout: Layout, later: Sequence[Any] = ()) -> World:
        """The world of one policy with all regimes in it, and from each date on other hours and
        seats; those at first are left as they are.

        later : for each date what has `rollout`, `policy` and `present` seats from then on.
        """
        of_desk = area_of_desk(layout)
        names = ("lever", "choice", "relay", "dispose")
        if later:
            world = world._replace(
                later_from=np.array(self.dates, np.int64),
                later_regime=np.stack([p.rollout.first[of_desk] for p in later]).astype(np.int32),
                later_opening=np.stack([p.policy.opening for p in later]),
                later_seats=np.stack([p.present for p in later]),
            )
        every = self.every_policy
        return world._replace(
            regime=self.first[:-1].astype(np.int32),
            later=self.later[:-1].astype(np.int32),
            switch=self.switch[:-1].copy(),
            change_from=np.array([change.tick for change in self.changes], np.int64),
            desk_regime=self.first[of_desk].astype(np.int32),
            **{name: np.stack([getattr(p, name) for p in every]) for name in names},
            **stacked(every, world.lead.size),
        )


def area_of_desk(layout: Layout) -> np.ndarray:
    """The area of each desk, i8[N]: its district, or the number of districts for the city's own."""
    city, number = layout.city, layout.centre_of_tier
    tier, area = layout.tier, np.full(layout.n_desks, layout.city.n_districts)
    area[tier == DISTRICT] = number[tier == DISTRICT]
    area[tier == TOWNSHIP] = city.township_district[number[tier == TOWNSHIP]]
    area[tier == GRID] = city.township_district[city.grid_township[number[tier == GRID]]]
    return area


def open_ticks(world: World, window: tuple[int, int]) -> np.ndarray:
    """Seat time open at each desk within a window [ticks], i8[N]."""
    result = np.zeros(world.seats.shape[0], np.int64)
    end = window[1]
    for start, opening, seats in reversed(periods(world)):
        open_time = _open_time(world.cal, max(start, window[0]), end, seats.shape[1])
        result += (seats * open_time[opening]).sum(axis=1)
        end = min(end, start)
    return result


def _open_time(cal: Calendar, begin: int, end: int, n_shifts: int) -> np.ndarray:
    """Open time of each opening's shifts between two ticks, i8[openings, shifts]."""
    length = np.maximum(0, np.minimum(cal.seg_end, end) - np.maximum(cal.seg_start, begin))
    open_time = np.zeros((len(cal.seg_first), n_shifts), np.int64)
    for opening, first in enumerate(cal.seg_first):
        here = slice(first[0], first[-1])
        np.add.at(open_time[opening], cal.seg_shift[here], length[here])
    return open_time


# --- from settings ----------------------------------------------------------------------------


def build_rollout(
    settings: PolicySettings,
    layout: Layout,
    names: CalendarNames,
    start: datetime.date,
    end: int,
    *,
    outages: bool = False,
) -> Rollout:
    """The rollout that a policy's settings state; without one, its policy everywhere.

    start : date of tick 0; end : of the run [tick], from which on nothing matters; outages : as
    of `build_policy`. Raises InputError.
    """
    stated, city = settings.rollout, layout.city
    others = regimes_named(settings)
    listed = (settings, *(stated.policies[name] for name in others))
    policies = tuple(build_policy(each, layout, names, outages=outages) for each in listed)
    _check(listed, policies)
    later = np.zeros(city.n_districts + 1, np.int64)
    switch = np.full(city.n_districts + 1, NEVER)
    looks: list[int] = []
    for i, wave in enumerate(stated.waves):
        key = f"policy.rollout.waves[{i}]"
        check_keys(wave, key, (), ("from", "to", "districts", "zones", "share"))
        tick = _tick(wave.get("from", START), start, f"{key}.from")
        members = _members(wave, key, city, later[:-1] > 0)
        if not members and 0 < tick < end:
            looks.append(tick)
        for district in members:
            if later[district]:
                name = city.district_name_en[district]
                raise InputError(f"{key}: {name} has gone over in an earlier wave")
            later[district] = 1 + others.index(wave.get("to") or stated.to)
            switch[district] = tick
    if stated.city_from is not None:
        if stated.to is None:
            raise InputError("policy.rollout.to: no value is given; city_from needs it")
        later[-1] = 1 + others.index(stated.to)
        switch[-1] = _tick(stated.city_from, start, "policy.rollout.city_from")
    first = np.where(switch <= 0, later, 0)
    goes = (switch > 0) & (switch < end)
    later, switch = np.where(goes, later, first), np.where(goes, switch, NEVER)
    changes = build_changes(stated.changes, start, end)
    changed = []
    for i in range(len(changes)):
        levers = standing(changes[: i + 1], end).levers
        after = tuple(with_levers(each, levers) for each in listed)
        changed.append(tuple(build_policy(p, layout, names, outages=outages) for p in after))
        _check(after, changed[-1])
    return Rollout(
        *(listed, policies, first, first, later, switch, tuple(looks), changes, tuple(changed))
    )


def regimes_named(settings: PolicySettings) -> list[str]:
    """The other policies that a policy's rollout names, each once. Raises InputError."""
    stated = settings.rollout
    found = []
    for i, wave in enumerate(stated.waves):
        name = wave.get("to") if isinstance(wave, Mapping) else None
        if name is None and stated.to is None:
            raise InputError(f"policy.rollout.waves[{i}].to: no value is given, nor in rollout.to")
        if name is not None:
            found.append(str(name))
    if stated.to is not None:
        found.append(str(stated.to))
    found = list(dict.fromkeys(found))
    if len(found) >= MOST_REGIMES:
        raise InputError(f"policy.rollout: {len(found)} policies; allowed: {MOST_REGIMES - 1}")
    return found


def _check(settings: Sequence[PolicySettings], policies: Sequence[Policy]) -> None:
    """Raises InputError for policies that cannot stand beside others."""
    for each, policy in zip(settings[1:], policies[1:], strict=True):
        if each.rollout.to is not None or each.rollout.waves or each.rollout.changes:
            raise InputError(f"policy.rollout: '{policy.name}' has a rollout of its own")
    for policy in policies:
        if len(policies) > 1 and (policy.dispose == NONE).any():
            raise InputError(
                f"policy.rollout: '{policy.name}' leaves something undisposed of (dispose: none); "
                "such a reduced policy cannot stand beside others"
            )


def _members(wave: Mapping[str, Any], key: str, city: City, gone: np.ndarray) -> list[int]:
    """The districts of a wave; gone : bool[D], those of earlier ones."""
    ways = [name for name in ("districts", "zones", "share") if wave.get(name) is not None]
    if len(ways) != 1:
        raise InputError(f"{key}: {ways}; allowed: one of districts, zones, share")
    if ways == ["districts"]:
        return [city.find_district(str(d), f"{key}.districts") for d in wave["districts"]]
    if ways == ["zones"]:
        known = tuple(dict.fromkeys(city.district_zone))
        wanted = [known[index_of_name(str(z), known, f"{key}.zones")] for z in wave["zones"]]
        return [d for d, zone in enumerate(city.district_zone) if zone in wanted]
    share = wave["share"]
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
        raise InputError(f"{key}.share: {share}; allowed: a number from 0 to 1")
    order = np.argsort(-city.district_population, kind="stable")
    return [int(d) for d in order[: round(share * city.n_districts)] if not gone[d]]


def _tick(text: Any, start: datetime.date, key: str) -> int:
    """Tick of a date; 0 for the start."""
    return 0 if text in (None, START) else tick_of(text, start, key)
