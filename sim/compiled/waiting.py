"""Waiting lists: for each desk a line and a pairing heap, threaded through the tasks' own rows.

Who comes last in the order of service, as nearly everyone does under first come, first served,
joins the end of the line; all others go to the heap, and who is first in either is served.
Measured on the siloed city, the heap alone took a tenth of the run.

A pairing heap (Fredman, Sedgewick, Sleator and Tarjan 1986) needs no memory of its own, so
68,000 mostly empty lists cost one root each, and a waiting task can be taken out from the
middle when it is re-keyed.
"""

from sim.codes import NONE
from sim.compiled.state import D_HEAD, D_ROOT, D_TAIL
from sim.jit import jit
from sim.keys import key_of
from sim.rows import (
    I_OCCURRED,
    T_BACK,
    T_BRANCH,
    T_CHILD,
    T_CLASS,
    T_FIELD,
    T_JOINED,
    T_NEXT,
    T_REPORT,
    T_SLOT,
)

_IN_LINE = -2
"""In T_CHILD: the task stands in the line, T_BACK and T_NEXT being its neighbours there."""


@jit
def before(tasks, incidents, a, b):
    """Whether task a is served before task b: the queue key, compared field by field."""
    x, y = tasks[a], tasks[b]
    if x[T_CLASS] != y[T_CLASS]:
        return x[T_CLASS] < y[T_CLASS]
    if x[T_FIELD] != y[T_FIELD]:
        return x[T_FIELD] < y[T_FIELD]
    if x[T_JOINED] != y[T_JOINED]:
        return x[T_JOINED] < y[T_JOINED]
    i, j = incidents[x[T_SLOT]], incidents[y[T_SLOT]]
    if i[I_OCCURRED] != j[I_OCCURRED]:
        return i[I_OCCURRED] < j[I_OCCURRED]
    key, other = key_of(i), key_of(j)
    if key != other:
        return key < other
    if x[T_REPORT] != y[T_REPORT]:
        return x[T_REPORT] < y[T_REPORT]
    return x[T_BRANCH] < y[T_BRANCH]


@jit
def _meld(tasks, incidents, a, b):
    """One heap of two non-empty ones; the later root becomes a child of the earlier."""
    if before(tasks, incidents, b, a):
        a, b = b, a
    child = tasks[a, T_CHILD]
    tasks[b, T_NEXT] = child
    tasks[b, T_BACK] = a
    if child != NONE:
        tasks[child, T_BACK] = b
    tasks[a, T_CHILD] = b
    tasks[a, T_NEXT] = NONE
    tasks[a, T_BACK] = NONE
    return a


@jit
def _gather(tasks, incidents, child):
    """One heap of a list of siblings, in the two passes that give pairing heaps their name."""
    pairs = NONE  # a stack of melded pairs, linked by T_NEXT
    while child != NONE:
        a = child
        b = tasks[a, T_NEXT]
        if b == NONE:
            child = NONE
        else:
            child = tasks[b, T_NEXT]
            tasks[b, T_NEXT] = NONE
            tasks[a, T_NEXT] = NONE
            a = _meld(tasks, incidents, a, b)
        tasks[a, T_NEXT] = pairs
        tasks[a, T_BACK] = NONE
        pairs = a
    root = NONE
    while pairs != NONE:
        rest = tasks[pairs, T_NEXT]
        tasks[pairs, T_NEXT] = NONE
        root = pairs if root == NONE else _meld(tasks, incidents, root, pairs)
        pairs = rest
    return root


@jit
def insert(tasks, incidents, desks, desk, task):
    """Task joins the list of a desk; its queue key is in its row."""
    row = desks[desk]
    tail = row[D_TAIL]
    tasks[task, T_NEXT] = NONE
    if tail == NONE or before(tasks, incidents, tail, task):
        tasks[task, T_CHILD] = _IN_LINE
        tasks[task, T_BACK] = tail
        if tail == NONE:
            row[D_HEAD] = task
        else:
            tasks[tail, T_NEXT] = task
        row[D_TAIL] = task
        return
    tasks[task, T_CHILD] = NONE
    tasks[task, T_BACK] = NONE
    old = row[D_ROOT]
    row[D_ROOT] = task if old == NONE else _meld(tasks, incidents, old, task)


@jit
def first(tasks, incidents, desks, desk):
    """The first task of a list, or NONE."""
    head, root = desks[desk, D_HEAD], desks[desk, D_ROOT]
    if root == NONE or (head != NONE and before(tasks, incidents, head, root)):
        return head
    return root


@jit
def take(tasks, incidents, desks, desk):
    """Remove and return the first task of a list that is not empty."""
    task = first(tasks, incidents, desks, desk)
    remove(tasks, incidents, desks, desk, task)
    return task


@jit
def remove(tasks, incidents, desks, desk, task):
    """Take a task out of the list of a desk, wherever it stands."""
    row = desks[desk]
    back, after, child = tasks[task, T_BACK], tasks[task, T_NEXT], tasks[task, T_CHILD]
    if child == _IN_LINE:
        if back == NONE:
            row[D_HEAD] = after
        else:
            tasks[back, T_NEXT] = after
        if after == NONE:
            row[D_TAIL] = back
        else:
            tasks[after, T_BACK] = back
        return
    if row[D_ROOT] == task:
        row[D_ROOT] = _gather(tasks, incidents, child)
        return
    if tasks[back, T_CHILD] == task:
        tasks[back, T_CHILD] = after
    else:
        tasks[back, T_NEXT] = after
    if after != NONE:
        tasks[after, T_BACK] = back
    rest = _gather(tasks, incidents, child)
    if rest != NONE:
        row[D_ROOT] = _meld(tasks, incidents, row[D_ROOT], rest)
