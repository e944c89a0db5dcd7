"""What is staffed: the shifts of a policy's desks, their loads, the ladder of plans for them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.staffing import sizing
from analysis.staffing.offered import HOURS, busy_hours, spread
from scenarios.parameters import Parameters
from scenarios.rates import ranked
from scenarios.staff import AMPLE, Slots, pilot
from sim.calendar import shift_at
from sim.codes import CITY, DESK_GROUPS, HOTLINE_DESK, TIERS
from sim.levers import ASSESSMENT, PATIENCE
from sim.records import Columns
from sim.units import HOUR, MINUTE


@dataclass(frozen=True, eq=False)
class Desks:
    """The n slots (shifts of desks) of a policy that are staffed: those above the grid; of a
    district alone its own and its townships', as the city's desks serve others, too.

    Grids keep their seats: one worker at least is there for the grid, whatever work comes.
    """

    parameters: Parameters

    @cached_property
    def slots(self) -> Slots:
        """The n slots."""
        p = self.parameters
        staffed = p.active if p.district is None else p.active & (p.layout.tier != CITY)
        return p.slots.of(staffed)

    @cached_property
    def group_names(self) -> tuple[str, ...]:
        """Groups of slots whose safety is searched for: tier and sort of desk, by shift."""
        return tuple(dict.fromkeys(self._group_of_slot))

    @cached_property
    def groups(self) -> np.ndarray:
        """Group of each slot, i8[n]."""
        place = {name: i for i, name in enumerate(self.group_names)}
        return np.array([place[name] for name in self._group_of_slot], np.int64)

    @cached_property
    def _group_of_slot(self) -> list[str]:
        layout, slots = self.parameters.layout, self.slots
        shifts = np.bincount(slots.desk, minlength=layout.n_desks)
        return [
            f"{TIERS[layout.tier[desk]]}.{DESK_GROUPS[layout.group[desk]]}"
            + (f", shift {shift + 1}" if shifts[desk] > 1 else "")
            for desk, shift in zip(slots.desk.tolist(), slots.shift.tolist(), strict=True)
        ]

    @cached_property
    def weekly(self) -> np.ndarray:
        """Seat hours of work a week that come to each slot, f8[n]; at the stream's volume."""
        slots, p = self.slots, self.parameters
        return p.load.weekly[slots.desk, slots.shift] * p.settings.stream.volume

    @cached_property
    def load(self) -> np.ndarray:
        """Mean load while open, f8[n] erlang."""
        return self.weekly / self.slots.hours

    @cached_property
    def is_open(self) -> np.ndarray:
        """Hours of an ordinary week in which each slot is open, bool[n, HOURS]."""
        p = self.parameters
        middle = np.arange(HOURS) * HOUR + HOUR // 2
        opening = p.policy.opening[self.slots.desk]
        table = {
            one: np.array([shift_at(p.calendar, one, tick) for tick in middle])
            for one in np.unique(opening).tolist()
        }
        shifts = np.array([table[one] for one in opening.tolist()]).reshape(-1, HOURS)
        return shifts == self.slots.shift[:, None]

    @cached_property
    def _pilot(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the pilot: the shape of the load by hour of the week and place of a tier, f8[tiers *
        places, HOURS], and the mean length of a visit there [h]."""
        layout, visits = self.parameters.layout, _pilot_visits(self.parameters)
        width = int(layout.tier_width.max())
        desk = visits["desk"].astype(np.int64)
        key = layout.tier[desk].astype(np.int64) * width + layout.place[desk]
        worked, n_keys = visits["worked"], len(TIERS) * width
        count = np.bincount(key, minlength=n_keys)
        mean = np.bincount(key, worked, minlength=n_keys) / np.maximum(count, 1) / HOUR
        return busy_hours(key, n_keys, visits["started"], worked), mean

    @cached_property
    def _key(self) -> np.ndarray:
        layout, desk = self.parameters.layout, self.slots.desk
        return (
            layout.tier[desk].astype(np.int64) * int(layout.tier_width.max()) + layout.place[desk]
        )

    @cached_property
    def hourly(self) -> np.ndarray:
        """Modified offered load of each slot, f8[n, HOURS] erlang; 0 while it is closed."""
        return spread(self.weekly, self._pilot[0][self._key], self.is_open)

    def ladder(self, delays: list[float], utilisation: float, volume: float = 1.0) -> np.ndarray:
        """Seats of each slot for each share of tasks that may wait, from ample to few, and at last
        those at which desks just keep up, i8[n, delays + 1]; at a volume."""
        load = volume * self.hourly
        found = sizing.sizes(load, self.is_open, delays, utilisation)
        patience = float(self.parameters.world.mechanism[PATIENCE])
        if patience > 0:
            group = self.parameters.layout.group[self.slots.desk]
            for i in np.flatnonzero(group == HOTLINE_DESK):
                in_works = patience / HOUR / max(float(self._pilot[1][self._key[i]]), MINUTE / HOUR)
                found[i] = sizing.sizes_with_patience(load[i], self.is_open[i], delays, in_works)
        slots = self.slots
        bare = sizing.keeping_up(
            found[:, -1], volume * self.load, slots.hours, slots.desk, utilisation
        )
        return np.column_stack([found, bare])

    def seats(self, plan: np.ndarray) -> np.ndarray:
        """Seats of all desks and shifts with a plan in force, i4[N, S]; others keep theirs."""
        found = self.parameters.seats.copy()
        found[self.slots.desk, self.slots.shift] = plan
        return found

    @cached_property
    def ample(self) -> np.ndarray:
        """Seats that never run out wherever staff is sought, i4[N, S]."""
        return self.seats(np.full(self.slots.desk.size, AMPLE))

    @cached_property
    def planned(self) -> np.ndarray:
        """The plan that the settings of `staff` place, i8[n]."""
        return self.parameters.seats[self.slots.desk, self.slots.shift].astype(np.int64)

    def hours(self, plan: np.ndarray) -> float:
        """Paid hours a week."""
        return float(plan @ self.slots.paid)

    def overfull(self, plan: np.ndarray) -> int:
        """Desks that get more work in a week than the plan's seats can do."""
        slots, n = self.slots, self.parameters.layout.n_desks
        offered = np.bincount(slots.desk, self.weekly, minlength=n)
        return int((offered > np.bincount(slots.desk, plan * slots.hours, minlength=n)).sum())

    def spared(self, plan: np.ndarray, least: np.ndarray) -> list[int]:
        """Slots in the order in which they can spare a seat, as often as they have one above the
        least: those first where fewest seat hours would then wait, for an hour of pay."""
        harm = [
            (sizing.waiting_share(load, n - 1) * load / paid, i)
            for i, (load, paid) in enumerate(zip(self.load, self.slots.paid, strict=True))
            for n in range(int(plan[i]), int(least[i]), -1)
        ]
        return [i for _, i in sorted(harm)]


def _pilot_visits(p: Parameters) -> Columns:
    """Visits of the pilot that staff is planned by, whose seats never run out."""
    strongest = max(policy.lever[ASSESSMENT] for policy in p.rollout.policies)
    rates = ranked(p.city_rates, strongest, p.settings.mechanism.assessment.trivial)
    return pilot(p.world, rates, p.settings.staff, p.calendar.day_type.size)[0]
