"""Event list: a four-ary heap of (tick, event), in two arrays.

Only the tick orders it. All events of a tick are taken out together before any is dealt with,
so their order within the tick cannot matter.

An event is one int64: kind (4 bits) | generation of the slot (24) | slot or desk (35). The
generation tells the timers of what has left from those of what now stands in its slot.
"""

from sim.jit import jit

# Kinds of event.
NOTICE, WORK_ENDS, JOINS, LIMIT, DUPLICATE, AWAKES, OPENS, HANGS_UP, RINGS_AGAIN = range(9)
GROWS, WITHDRAWS, REVIEWS, PATROLS = range(9, 13)
EVENT_KINDS = (
    *("notice", "work_ends", "joins", "limit", "duplicate", "awakes", "opens"),
    *("hangs_up", "rings_again"),
    *("grows", "withdraws", "reviews", "patrols"),
)

_SLOT_BITS, _AGE_BITS = 35, 24
AGES = 1 << _AGE_BITS
"""Generations after which the count starts again."""


@jit
def pack(kind, age, slot):
    """One int64 from the parts of an event."""
    return (kind << (_AGE_BITS + _SLOT_BITS)) | (age << _SLOT_BITS) | slot


@jit
def unpack(event):
    """(kind, generation, slot) of an event."""
    slot = event & ((1 << _SLOT_BITS) - 1)
    age = (event >> _SLOT_BITS) & (AGES - 1)
    return event >> (_AGE_BITS + _SLOT_BITS), age, slot


@jit
def push(ticks, events, n, tick, event):
    """Add an event to a heap of n; the arrays must have room. Returns n + 1."""
    i = n
    while i > 0:
        above = (i - 1) >> 2
        if ticks[above] <= tick:
            break
        ticks[i], events[i] = ticks[above], events[above]
        i = above
    ticks[i], events[i] = tick, event
    return n + 1


@jit
def pop(ticks, events, n):
    """Remove the first event of a heap of n >= 1. Returns (event, n - 1)."""
    first = events[0]
    n -= 1
    tick, event = ticks[n], events[n]
    i = 0
    while True:
        child = 4 * i + 1
        if child >= n:
            break
        least = child
        for other in range(child + 1, min(child + 4, n)):
            if ticks[other] < ticks[least]:
                least = other
        if ticks[least] >= tick:
            break
        ticks[i], events[i] = ticks[least], events[least]
        i = least
    if n > 0:
        ticks[i], events[i] = tick, event
    return first, n
