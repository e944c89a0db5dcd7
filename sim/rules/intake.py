"""Intake: whether a resident reports, and where the call goes."""

from sim import draws
from sim.codes import DEPARTMENT, DISTRICT, HOTLINE
from sim.jit import jit
from sim.levers import EASE_GAIN, INTAKE, SILENCE
from sim.rows import I_FALSE, I_KIND, T_REPORT
from sim.rules.chance import happens
from sim.rules.desks import desk_at, stage_desk
from sim.rules.policy import in_force, lever
from sim.rules.steps import channel_of


@jit
def reports(w, inc, report):
    """Whether the resident who notices it makes report number `report`: the easier where one
    hotline takes all calls. One draw a report, so that who reports keeps reporting when it
    becomes easier."""
    silent = w.mechanism[SILENCE] - w.mechanism[EASE_GAIN] * lever(w, inc, INTAKE)
    return silent <= 0.0 or happens(w, inc, draws.REPORTS, 1.0 - silent, 0, report)


@jit
def repeats(w, inc, report, now):
    """Whether the resident who notices it next makes a report of it, too."""
    in_force(w, inc, now)
    return reports(w, inc, report)


@jit
def is_on_own_line(w, inc, task):
    """Whether a resident's call goes to the department's own line in the district, and not to
    the desks of the stage table; one draw for each report of each life."""
    elsewhere = 1.0 - lever(w, inc, INTAKE)
    if elsewhere <= 0.0 or channel_of(inc, task) != HOTLINE:
        return False
    return happens(w, inc, draws.OWN_LINE, elsewhere, inc[I_FALSE], task[T_REPORT])


@jit
def intake_desk(w, inc, task, stage):
    """Desk that registers or judges the report, or NONE for no visit: on a department's own line
    the department itself, else the one of the stage table."""
    if is_on_own_line(w, inc, task):
        return desk_at(w, inc, DISTRICT, DEPARTMENT, w.lead[inc[I_KIND]])
    return stage_desk(w, inc, stage, channel_of(inc, task))
