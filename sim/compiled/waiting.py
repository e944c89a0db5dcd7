"""Waiting lists: one pairing heap per desk, threaded through the tasks' own rows.

A pairing heap (Fredman, Sedgewick, Sleator and Tarjan 1986) needs no memory of its own, so
68,000 mostly empty lists cost one root each, and a waiting task can be taken out from the
middle when it is re-keyed. `desks[desk, D_ROOT]` is a task or NONE.
"""

from sim.codes import NONE
from sim.compiled.state import D_ROOT
from sim.jit import jit
from sim.rows import (
    I_KEY,
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
    if i[I_KEY] != j[I_KEY]:
        return i[I_KEY] < j[I_KEY]
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
    tasks[task, T_CHILD] = NONE
    tasks[task, T_NEXT] = NONE
    tasks[task, T_BACK] = NONE
    old = desks[desk, D_ROOT]
    desks[desk, D_ROOT] = task if old == NONE else _meld(tasks, incidents, old, task)


@jit
def take(tasks, incidents, desks, desk):
    """Remove and return the first task of a list that is not empty."""
    task = desks[desk, D_ROOT]
    desks[desk, D_ROOT] = _gather(tasks, incidents, tasks[task, T_CHILD])
    return task


@jit
def remove(tasks, incidents, desks, desk, task):
    """Take a task out of the list of a desk, wherever it stands."""
    if desks[desk, D_ROOT] == task:
        take(tasks, incidents, desks, desk)
        return
    back, after = tasks[task, T_BACK], tasks[task, T_NEXT]
    if tasks[back, T_CHILD] == task:
        tasks[back, T_CHILD] = after
    else:
        tasks[back, T_NEXT] = after
    if after != NONE:
        tasks[after, T_BACK] = back
    rest = _gather(tasks, incidents, tasks[task, T_CHILD])
    if rest != NONE:
        desks[desk, D_ROOT] = _meld(tasks, incidents, desks[desk, D_ROOT], rest)
