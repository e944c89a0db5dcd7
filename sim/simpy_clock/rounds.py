"""Time, owned by SimPy and settled in rounds.

What a round schedules for its own tick belongs to the next round. SimPy alone would run a chain
of `timeout(0)` to its end first; so an event only lays its news in an inbox, and one event of
lower priority, which comes after all others of its tick, settles what lies there as a round.
"""

from collections.abc import Callable, Iterator
from typing import Any

import simpy

MOST_ROUNDS = 1000
"""Rounds of one tick after which the run is stopped: some task goes in a circle."""

_LAST = simpy.events.NORMAL + 1  # priority of an event that comes after all others of its tick

News = tuple[int, Any]
"""What has happened, and to what."""


class _Settle(simpy.Event):
    """Triggered from the start, so that it can be scheduled with a priority of its own."""

    _ok = True
    _value = None


class Rounds:
    """Hands the news of each round to `settle(inbox, number)`, rounds numbered from 1."""

    def __init__(self, settle: Callable[[list[News], int], None]):
        self.env = simpy.Environment()
        self._settle = settle
        self._inbox: list[News] = []
        self._tick, self._number = -1, 0  # the tick last settled, and how many rounds it took

    @property
    def now(self) -> int:
        """The present tick; every tick before it is settled."""
        return self.env.now

    def at(self, tick: int, news: int, subject: Any) -> None:
        """Something is to happen at a tick: now, which means in the next round, or later."""
        event = self.env.timeout(int(tick) - self.env.now)
        event.callbacks.append(lambda _: self._receive(news, subject))

    def follow(self, happenings: Iterator[tuple[int, int, Any]]) -> None:
        """Have things happen as listed: (tick, news, subject), by tick, none before now."""
        self.env.process(self._following(happenings))

    def run_until(self, tick: int) -> None:
        """Settle every tick before `tick`."""
        if tick > self.env.now:
            self.env.run(until=tick)

    def _following(self, happenings: Iterator[tuple[int, int, Any]]) -> Iterator[simpy.Event]:
        """SimPy process: one pending event, however long the list."""
        for tick, news, subject in happenings:
            if tick != self.env.now:
                yield self.env.timeout(tick - self.env.now)
            self._receive(news, subject)

    def _receive(self, news: int, subject: Any) -> None:
        """Something happens: it waits in the inbox until the round is settled."""
        if not self._inbox:
            end_of_round = _Settle(self.env)
            end_of_round.callbacks.append(self._end_round)
            self.env.schedule(end_of_round, priority=_LAST)
        self._inbox.append((news, subject))

    def _end_round(self, _: simpy.Event) -> None:
        inbox, self._inbox = self._inbox, []
        self._number = self._number + 1 if self._tick == self.env.now else 1
        self._tick = self.env.now
        self._settle(inbox, self._number)
