"""Event list: a timing wheel of two levels (Varghese and Lauck 1987), in two arrays.

Only the tick orders it. All events of a tick are taken out together before any is dealt with,
so their order within the tick cannot matter: a slot of the wheel is a list. The first level has a
slot for each tick of the present span of 18 hours, the second one for each of the spans to come,
which are dealt out to the first as their time comes. To add an event and to take it out costs the
same however many there are; measured on the whole city, with 300,000 pending, the heap before it
took a seventh of the run.

An event is one int64: kind (4 bits) | generation of the slot (24) | slot or desk (35). The
generation tells the timers of what has left from those of what now stands in its slot.
"""

from sim.codes import NONE
from sim.jit import jit
from sim.units import NEVER

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

NOTHING = REVIEWS << (_AGE_BITS + _SLOT_BITS)
"""An event that names no row."""


@jit
def pack(kind, age, slot):
    """One int64 from the parts of an event."""
    return (int(kind) << (_AGE_BITS + _SLOT_BITS)) | (int(age) << _SLOT_BITS) | int(slot)


@jit
def unpack(event):
    """(kind, generation, slot) of an event."""
    slot = event & ((1 << _SLOT_BITS) - 1)
    age = (event >> _SLOT_BITS) & (AGES - 1)
    return event >> (_AGE_BITS + _SLOT_BITS), age, slot


_SPAN_BITS, _SPANS = 16, 1024
_CHAIN_BITS = 3
_CHAINS = 1 << _CHAIN_BITS
"""Lists of a span to come. Where a list goes on is known only when its node has come from memory;
of several, gone through in turn, several nodes are under way at once. Measured, a list alone took
three hundredths of the run."""

_SPAN = 1 << _SPAN_BITS
_WORD_BITS = 6  # of an int64, whose bits say which slots of the first level hold something

# Places in the wheel: its state, the words, the two levels. A place of a level is the first node of
# a list, or NONE.
SPAN, FREE, USED = range(3)  # present span; first of the nodes that are free; nodes ever in use
_CURSORS = 8  # of the lists of a span that is dealt out
_WORDS = _CURSORS + _CHAINS
_TICKS = _WORDS + (_SPAN >> _WORD_BITS)
_LATER = _TICKS + _SPAN
WHEEL_SIZE = _LATER + _SPANS * _CHAINS

# Columns of a node. Four of them lie in one line of the processor's cache.
E_EVENT, E_LINK = range(2)  # the event; its tick and, in the lower half, 1 + the next node
NODE_WIDTH = 2
_NEXT_BITS = 32
_NEXT = (1 << _NEXT_BITS) - 1


@jit
def clear(wheel):
    """An empty wheel at tick 0."""
    wheel[:_TICKS] = 0
    wheel[_TICKS:] = NONE
    wheel[FREE] = NONE


@jit
def _link(wheel, nodes, node):
    """Put a node into the list that its tick belongs to."""
    tick = nodes[node, E_LINK] >> _NEXT_BITS
    span = tick >> _SPAN_BITS
    place = tick & (_SPAN - 1)
    if span == wheel[SPAN]:
        wheel[_WORDS + (place >> _WORD_BITS)] |= 1 << (place & 63)
        place += _TICKS
    else:
        place = _first_list(span) + (node & (_CHAINS - 1))
    nodes[node, E_LINK] = (tick << _NEXT_BITS) | (wheel[place] + 1)
    wheel[place] = node


@jit
def _first_list(span):
    """Place of the first of the lists of a span to come."""
    return _LATER + ((span & (_SPANS - 1)) << _CHAIN_BITS)


@jit
def push(wheel, nodes, tick, event):
    """Add an event that is not earlier than what was taken out; `nodes` must have room."""
    node = wheel[FREE]
    if node == NONE:
        node = wheel[USED]
        wheel[USED] += 1
    else:
        wheel[FREE] = next_node(nodes, node)
    nodes[node, E_EVENT], nodes[node, E_LINK] = event, int(tick) << _NEXT_BITS
    _link(wheel, nodes, node)


@jit
def _lowest_bit(word):
    """Number of the lowest bit of a word that is not 0."""
    n = 0
    low = word & -word
    for shift in (32, 16, 8, 4, 2, 1):
        if (low >> shift) != 0:
            low >>= shift
            n += shift
    return n


@jit
def _next_in_span(wheel, tick):
    """First tick of the present span, `tick` or later, that holds something; else NEVER."""
    place = tick & (_SPAN - 1)
    i = _WORDS + (place >> _WORD_BITS)
    word = wheel[i] & (-1 << (place & 63))
    while word == 0:
        i += 1
        if i == _TICKS:
            return NEVER
        word = wheel[i]
    place = ((i - _WORDS) << _WORD_BITS) + _lowest_bit(word)
    return (wheel[SPAN] << _SPAN_BITS) + place


@jit
def _deal_out(wheel, nodes):
    """The next span becomes the present one: its events go to the slots of their ticks, those of a
    later turn of the second level back to where they were."""
    wheel[SPAN] += 1
    place = _first_list(wheel[SPAN])
    for chain in range(_CHAINS):
        wheel[_CURSORS + chain], wheel[place + chain] = wheel[place + chain], NONE
    left = _CHAINS
    while left > 0:
        left = _CHAINS
        for chain in range(_CHAINS):
            node = wheel[_CURSORS + chain]
            if node == NONE:
                left -= 1
            else:
                wheel[_CURSORS + chain] = next_node(nodes, node)
                _link(wheel, nodes, node)


@jit
def next_tick(wheel, nodes, tick, limit):
    """First tick, `tick` or later, that holds an event; one of at least `limit` if there is none
    before. Nothing earlier than what is returned, or than `limit`, may be added afterwards."""
    tick = max(tick, wheel[SPAN] << _SPAN_BITS)
    while True:
        found = _next_in_span(wheel, tick)
        tick = (wheel[SPAN] + 1) << _SPAN_BITS
        if found < NEVER or tick >= limit:
            return found
        _deal_out(wheel, nodes)


@jit
def turn_to(wheel, nodes, tick):
    """Make the span of a tick the present one; nothing earlier is pending."""
    while wheel[SPAN] < tick >> _SPAN_BITS:
        _deal_out(wheel, nodes)


@jit
def holds(wheel, tick):
    """Whether a tick of the present span holds an event."""
    return wheel[_TICKS + (tick & (_SPAN - 1))] != NONE


@jit
def first_node(wheel, tick):
    """First node of the list of a tick, or NONE; of one past the present span, NONE."""
    if tick >> _SPAN_BITS != wheel[SPAN]:
        return NONE
    return wheel[_TICKS + (tick & (_SPAN - 1))]


@jit
def next_node(nodes, node):
    """The node after another of a list, or NONE."""
    return (nodes[node, E_LINK] & _NEXT) - 1


@jit
def take_all(wheel, nodes, tick, taken):
    """Take all events of a tick of the present span out, into `taken`; returns how many."""
    place = tick & (_SPAN - 1)
    node = wheel[_TICKS + place]
    wheel[_TICKS + place] = NONE
    wheel[_WORDS + (place >> _WORD_BITS)] &= ~(1 << (place & 63))
    n = 0
    while node != NONE:
        taken[n] = nodes[node, E_EVENT]
        n += 1
        after = next_node(nodes, node)
        nodes[node, E_LINK] = wheel[FREE] + 1
        wheel[FREE] = node
        node = after
    return n
