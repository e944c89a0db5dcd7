"""Keeps a play going, in a thread of its own: whoever looks at it, and whether anyone does."""

import datetime
import logging
import queue
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple, TypeVar

from experiments.cockpit.play import Play
from experiments.cockpit.view import Shown, backlog, shown
from sim.errors import InputError
from sim.units import HOUR

FRAMES = 12
"""Frames a second that are aimed at."""

SPEEDS = (0.25, 1.0, 4.0, 12.0, 24.0, 72.0)
"""Simulated hours a second that can be chosen."""

_SHARE = 0.6  # of a frame's time that may go into the simulation, so that what is asked for is done
_SMOOTH = 0.3  # weight of the last step in the measured speed of the simulation

Answer = TypeVar("Answer")


class Frame(NamedTuple):
    """A play at a moment, as everyone sees it who looks."""

    number: int
    play: Play | None  # for what does not change: names, settings; None: none could be made
    moment: datetime.datetime | None
    share: float  # of the horizon that is past
    state: str  # "loading", "warming", "playing", "paused" or "over"
    speed: float  # simulated hours a second
    sides: list[Shown]
    curves: tuple[list[int], dict[str, list[int]]]  # view.backlog
    error: str  # what went wrong last


EMPTY = Frame(0, None, None, 0.0, "loading", SPEEDS[2], [], ([], {}), "")


class Player:
    """One play after another; `frame` is the last moment of it, to be read by anyone."""

    def __init__(self, overrides: Sequence[str]):
        self.frame = EMPTY
        self._asked: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._play: Play | None = None
        self._playing, self._over = False, False
        self._speed = EMPTY.speed
        self._rate = float(HOUR)  # ticks simulated in a second of computing, as measured
        self._error = ""
        self._begun = 0.0  # when the last frame was
        self._thread = threading.Thread(target=self._run, name="cockpit", daemon=True)
        self.open(overrides)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it; one that has not begun is at its end."""
        self._asked.put(self._end)
        if self._thread.ident is not None:
            self._thread.join()

    def _end(self) -> None:
        self._over = True

    # --- what is asked for --------------------------------------------------------------------

    def ask(self, what: Callable[[Play], Answer]) -> "Future[Answer]":
        """Do something with the play between two steps; errors come with the answer."""
        answer: Future[Answer] = Future()

        def do() -> None:
            if not answer.set_running_or_notify_cancel():
                return
            try:
                if self._play is None:
                    raise InputError("no play is under way")
                answer.set_result(what(self._play))
            except Exception as error:
                answer.set_exception(error)

        self._asked.put(do)
        return answer

    def open(self, overrides: Sequence[str]) -> None:
        """Begin another play; it comes to the end of its warm-up by itself."""
        self._asked.put(lambda: self._open(overrides))

    def play(self, on: bool) -> None:
        """Go on, or pause."""
        self._asked.put(lambda: setattr(self, "_playing", on))

    def pace(self, speed: float) -> None:
        """Go on at so many simulated hours a second, as far as the computer can."""
        self._asked.put(lambda: setattr(self, "_speed", speed))

    def step(self, ticks: int = HOUR) -> None:
        """Pause, and go on by so much."""

        def step() -> None:
            self._playing = False
            if self._play is not None:
                self._play.advance(self._play.now + ticks)

        self._asked.put(step)

    # --- the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._over:
            try:
                changed = self._answer(max(0.0, 1 / FRAMES - (time.perf_counter() - self._begun)))
                self._begun = time.perf_counter()
                if self._go_on() or changed:
                    self._publish()
            except Exception as error:  # whatever it is, others who look must be told
                if not isinstance(error, InputError):
                    logging.exception("the play has stopped")
                self._playing, self._error = False, str(error)
                self.frame = self.frame._replace(
                    number=self.frame.number + 1, state="paused", error=self._error
                )
        if self._play is not None:
            self._play.close()

    def _answer(self, wait: float) -> bool:
        """Do all that has been asked, or is next asked within so many seconds; whether there was
        something."""
        found = False
        while not self._over:
            try:
                do = self._asked.get(timeout=0.0 if found else wait)
            except queue.Empty:
                break
            do()
            found = True
        return found

    def _open(self, overrides: Sequence[str]) -> None:
        self._playing, self._error = False, ""
        self.frame = self.frame._replace(number=self.frame.number + 1, state="loading", error="")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # `guantong run` tells of overloads
                play = Play(overrides)
        except InputError as error:
            self._error = str(error)
            return
        if self._play is not None:
            self._play.close()
        self._play = play

    def _go_on(self) -> bool:
        play = self._play
        if play is None or play.now >= play.end:
            self._playing = False
            return False
        warm = play.parameters.window[0]
        if play.now < warm:
            wanted, until = self._rate, warm
        elif self._playing:
            wanted, until = self._speed * HOUR, play.end
        else:
            return False
        step = max(1, min(wanted, self._rate * _SHARE) / FRAMES)
        begun, since = time.perf_counter(), play.now
        play.advance(min(until, play.now + round(step)))
        seconds = max(time.perf_counter() - begun, 1e-6)
        self._rate += _SMOOTH * ((play.now - since) / seconds - self._rate)
        return True

    def _publish(self) -> None:
        last, play = self.frame, self._play
        if play is None:
            self.frame = last._replace(number=last.number + 1, state="paused", error=self._error)
            return
        same = (
            last.play is play and last.curves[0] and last.curves[0][-1] == play.now // HOUR * HOUR
        )
        self.frame = Frame(
            last.number + 1,
            play,
            play.moment,
            play.now / play.end,
            self._state(play),
            self._speed,
            [shown(name, side) for name, side in play.sides.items()],
            last.curves if same else backlog(play),
            self._error,
        )

    def _state(self, play: Play) -> str:
        if play.now < play.parameters.window[0]:
            return "warming"
        if play.now >= play.end:
            return "over"
        return "playing" if self._playing else "paused"
