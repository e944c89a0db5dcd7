"""The compiled clock: the whole life of a city in arrays and one numba loop.

`events.py` is its event list, `waiting.py` its waiting lists, `state.py` its memory, `loop.py`
the settling of ticks, `clock.py` the Python side. It shares the rules with the SimPy clock and
nothing else: event list, waiting lists, seats and joins are written here a second time.
"""
