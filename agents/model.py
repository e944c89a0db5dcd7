"""The city as a Mesa model, run by the readable clock."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping

import mesa
import numpy as np

from agents.centres import BY_TIER, Centre, roles_of_tier
from agents.desk import Desk
from sim.city import City
from sim.codes import CITY, OPEN, TIERS
from sim.errors import InputError
from sim.outcome import Chunk, Outcome
from sim.rows import I_STATE
from sim.simpy_clock import Clock, Incident
from sim.units import HOUR, NEVER
from sim.world import World, periods

Arrivals = Iterable[tuple[int, np.ndarray]]
"""Chunks of the stream: (tick up to which it is complete, rows), in order."""


def run(
    world: World,
    city: City,
    chunks: Arrivals,
    end: int,
    window: tuple[int, int],
    *,
    keep_incidents: bool = True,
    keep_visits: bool = False,
    decisions: Mapping[str, Callable] | None = None,
) -> Iterator[Chunk | Outcome]:
    """Run a world to tick `end`; yields a Chunk of output rows after each chunk of arrivals, those
    of what is still in the city then, and at last the Outcome, as `sim.compiled.clock.run` does.

    decisions : see CityModel. Raises InputError when a tick never settles.
    """
    keep = {"keep_incidents": keep_incidents, "keep_visits": keep_visits}
    model = CityModel(world, city, end=end, window=window, decisions=decisions, **keep)
    for until, arrivals in chunks:
        model.feed(until, arrivals)
        model.step_to(min(until, end))
        yield model.clock.drain()
    model.step_to(end)
    yield model.clock.drain()
    yield from model.clock.left()
    yield model.clock.outcome()


class CityModel(mesa.Model):
    """A city of centres, each an agent; `step` is an hour, `step_to` goes to any tick.

    end : last tick of the horizon; chunks : what occurs, taken as the model gets there;
    window : ticks between which desks are measured (from 0 to `end` unless given);
    decisions : functions of one's own in place of rules (sim.simpy_clock.decisions).
    All draws are keyed by the world's seed, so Mesa's generator is not used.
    """

    def __init__(
        self,
        world: World,
        city: City,
        chunks: Arrivals = (),
        *,
        end: int,
        window: tuple[int, int] | None = None,
        keep_incidents: bool = False,
        keep_visits: bool = False,
        decisions: Mapping[str, Callable] | None = None,
    ):
        super().__init__(seed=0)
        self.world, self.city, self.end = world, city, end
        self.window = window or (0, end)
        self.desks = [Desk(number) for number in range(world.desk_opening.size)]
        self.centres = self._build()
        self.clock = Clock(
            world,
            self.desks,
            end,
            self.window,
            keep_incidents=keep_incidents,
            keep_visits=keep_visits,
            decisions=decisions,
        )
        self._chunks = iter(chunks)
        self._known = 0  # tick up to which the stream is known

    # --- time ---------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The present tick; every tick before it is settled."""
        return self.clock.now

    def step(self) -> None:
        """One hour."""
        self.step_to(self.now + HOUR)
        self.running = self.now < self.end

    def step_to(self, tick: int) -> None:
        """Settle every tick before `tick`, or before the end if that is earlier."""
        tick = min(tick, self.end)
        while self._known < tick:
            until, arrivals = next(self._chunks, (NEVER, None))
            if arrivals is None:
                break
            self.feed(until, arrivals)
        self.clock.run_until(tick)

    def feed(self, until: int, arrivals: np.ndarray) -> None:
        """Add a chunk of the stream, complete up to tick `until`."""
        self.clock.feed(arrivals)
        self._known = until

    # --- looking ------------------------------------------------------------------------------

    @property
    def city_centre(self) -> Centre:
        """The centre at the top of the tree."""
        return self.centres[0]

    @property
    def open_incidents(self) -> list[Incident]:
        """Incidents that are known and not closed, by key."""
        found = sorted(self.clock.incidents.items())
        return [i for _, i in found if i.is_real and i.row[I_STATE] == OPEN]

    def tier(self, tier: int | str) -> list[Centre]:
        """All centres of a tier, given by its code or name, in the order of the city's files."""
        code = TIERS.index(tier) if isinstance(tier, str) else tier
        return self.centres[self._first[code] : self._first[code + 1]]

    def named(self, name: str) -> list[Centre]:
        """All centres of this Chinese or English name, in any case; townships may share one."""
        wanted = name.strip().casefold()
        name_of = self.city.centre_name
        return [
            centre
            for centre in self.centres
            if any(name_of(centre.number, lang).casefold() == wanted for lang in ("zh", "en"))
        ]

    def centre(self, name: str, within: str | None = None) -> Centre:
        """The one centre of this name, below the centre named `within` if that is given.

        Raises InputError when there is none, or more than one.
        """
        found = self.named(name)
        if within is not None:
            above = self.centre(within)
            found = [centre for centre in found if above in centre.path]
        if len(found) == 1:
            return found[0]
        if found:
            places = ", ".join(centre.parent.name_en for centre in found if centre.parent)
            raise InputError(f"{len(found)} centres are named '{name}': in {places}")
        raise InputError(f"no centre '{name}' in {self.city.name}; {self._near(name)}")

    def open_seat_time(self, desk: Desk) -> int:
        """Seat time that a desk was open in the measuring window so far [ticks]."""
        cal, until = self.world.cal, min(self.now, self.window[1])
        total, end = 0, until
        for start, openings, seats in reversed(periods(self.world)):
            opening, begin = openings[desk.number], max(start, self.window[0])
            part = slice(cal.seg_first[opening, 0], cal.seg_first[opening, -1])
            length = np.minimum(cal.seg_end[part], end) - np.maximum(cal.seg_start[part], begin)
            shifts = cal.seg_shift[part]
            total += int((np.maximum(length, 0) * seats[desk.number, shifts]).sum())
            end = min(end, start)
        return total

    # --- building -----------------------------------------------------------------------------

    def _build(self) -> list[Centre]:
        """One agent for each centre, with its desks; parents come before their children."""
        sizes = (1, self.city.n_districts, self.city.n_townships, self.city.n_grids)
        self._first = [0, *np.cumsum(sizes).tolist()]
        parents = self.city.centre_parent().tolist()
        centres: list[Centre] = []
        for tier, make in enumerate(BY_TIER):
            desk = int(self.world.tier_base[tier])
            width = int(self.world.tier_width[tier])
            roles = roles_of_tier(self.world.group_offset[tier], width)
            for number in range(self._first[tier], self._first[tier + 1]):
                parent = centres[parents[number]] if tier > CITY else None
                centre = make(self, number, parent)
                centres.append(centre)
                centre.desks = self.desks[desk : desk + width]
                for own, (group, unit) in zip(centre.desks, roles, strict=True):
                    own.group, own.unit, own.centre = group, unit, centre
                desk += width
        # Mesa 3 numbers agents in a table that would keep every model of the process alive.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        return centres

    def _near(self, name: str) -> str:
        """Names like the one that was not found, districts and townships only."""
        above = self.centres[: self._first[-2]]
        names = {text.casefold(): text for c in above for text in (c.name, c.name_en)}
        near = difflib.get_close_matches(name.strip().casefold(), names, n=3)
        return f"did you mean {' or '.join(names[n] for n in near)}?" if near else "nor any like it"
