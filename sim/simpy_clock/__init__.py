"""The readable clock: SimPy owns the time, desks hold the waiting lists, rules decide.

`rounds.py` settles ticks in rounds, `things.py` says what an incident, a task and a desk are,
`clock.py` has the three phases, `decide.py` the decisions and how they are obeyed, `books.py`
the output. It shares the rules with the compiled clock and nothing else: event list, waiting
lists, seats and joins are written here a second time, so that equal output proves something.
"""

from sim.simpy_clock.clock import Clock
from sim.simpy_clock.things import Desk, Incident, Task

__all__ = ["Clock", "Desk", "Incident", "Task"]
