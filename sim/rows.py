"""The columns of the two state vectors: an incident and a task are int32 rows.

Rules read and write rows; clocks keep them. Both clocks use these columns, so a rule need not
know which clock runs it. Columns marked "clock" are for the clocks' own book-keeping.

The order is by how often columns are read together, sixteen to a line of the processor's cache:
measured on the whole city, half of a run is waiting for memory. For the same reason columns are
narrow: in rows of int64, a run took an eighth longer and twice the memory. So a tick is never above
units.NEVER, and an incident's key lies in two columns (keys.key_of).
"""

import numpy as np

ROW = np.int32
"""Type of the columns."""

# --- an incident -------------------------------------------------------------------------------
(
    # What it is: filled by the stream, alike under every policy. The stream's own rows are int64
    # and end here.
    I_KEY,  # identity, see stream.py; in an incident's row its lower half
    I_ENTITY,  # entity class of its draws (draws.OF_...)
    I_OCCURRED,  # tick
    I_KIND,
    I_SEVERITY,  # initial true grade
    I_TIER,  # tier that truly resolves it; a higher one when it has grown
    I_DISTRICT,
    I_TOWNSHIP,
    I_GRID,
    I_PARTNERS,  # bit p: department p is needed beside the lead; bit 30: the township
    I_BASE,  # channel by which it is noticed where no sensor reaches
    I_DUPLICATES,  # further reports that residents would make
    I_GIVEN,  # row of the given works (trace), or NONE
    I_KEY_HIGH,  # the upper half of the key
    # What has become of it: filled by the rules.
    I_REGIME,  # policy in force at the last decision (steps.in_force)
    I_GRADE,  # present true grade: the initial one until it grows
    I_CLASS,  # queue class, lowest first, outside emergency mode: see emergency.queue_class
    I_CHANNEL,
    I_LEAD_DESK,  # desk that leads the disposal, NONE before
    I_STATE,
    I_FALSE,
    I_HANDOVERS,
    I_LIMIT,
    I_CURED,  # 1 when the disposal done last has truly solved it
    I_TASKS,  # clock: live tasks
    I_FIRST_TASK,  # clock: head of the list of its tasks
    I_LEFT,  # clock: branches still at work
    I_AGE,  # clock: generation of the slot
    I_RETURNS,
    I_REWORKS,
    I_WRONG,
    I_NOTICED,
    I_FIRST,  # tick of the first closing
    I_SOLVED,
    I_REPORTS,
    I_MERGED,
    I_ESCALATED,
    I_ECHOES,  # clock: duplicates that have come up so far, made or not
    I_GONE,  # tick at which the caller gave up
    I_RENEWED,  # 1 when another resident has just got through after that, until it is counted
    # Platform.
    I_MANUAL,  # 1 when the platform was down at the last decision
    # Growth, withdrawal, false merges, satisfaction.
    I_BEGUN,  # 1 once a seat has taken up a disposal
    I_GROWTHS,  # grades by which it has grown worse
    I_MISMERGED,  # times it was merged into another incident by mistake
    I_SATISFIED,  # 1 when the resident is satisfied with the solution, 0 when not, or NONE
    I_WORSENS,  # 1 while a timer of its growth runs
    I_FIRST_TIER,  # tier that resolved it at first
    I_RETRACTED,  # 1 once the resident has withdrawn it
    I_COUNTED,  # clock: 1 while it is counted among the open ones (situation.alike)
    # Supervision.
    I_DUE,  # limit with its extensions
    I_EXTENSIONS,  # extensions granted
    I_REMINDED,  # reminders made
    I_CRITICISED,  # criticisms made
    I_POINT,  # next point of the limit at which it is supervised (codes.BEFORE_LIMIT, ...)
    I_HURRIED,  # 1 while its disposal is hurried, for the ranking
    # Ways of working.
    I_WHISTLED,  # 1 when the township has called the departments in
    I_DUAL,  # 1 when it was dispatched to department and township at once
    I_CALLING,  # 1 when a co-handler is to be called in, until it is
    I_AUTOMATED,  # 1 when a procedure has judged it
    # Adaptive centres.
    I_PATROL,  # 1 + patrol time that its grid had lost when it was looked at [ticks]; 0: settled
    I_SENSED,  # tick at which a sensor would notice it, meanwhile
    I_ALARM,  # clock: which counts of open emergencies it stands in, see emergency.alarms
    I_PAUSED,  # time that limits had paused in its district when it was noticed [ticks]
    I_HELPED,  # 1 when a neighbouring township disposes of it
    # Applications.
    I_APPLICATION,  # row of the policy's applications that it goes by; 0: none
    I_ACCOUNT,  # first of the time account's columns (records.TIME_COLUMNS)
) = range(66)
ACCOUNT_WIDTH = 20
I_AGAIN = I_ACCOUNT + ACCOUNT_WIDTH  # first of three: what of it was done again, by use
INCIDENT_WIDTH = 96  # with the account and these three, whole lines of 64 bytes
TOWNSHIP_BIT = 30
TOWNSHIP_BRANCH = 63
"""Branch number of the township as a partner; that of department p is p + 1."""

# --- a task ------------------------------------------------------------------------------------
(
    T_DESK,
    T_JOINED,  # tick it first joined the waiting list of this visit
    T_CLASS,  # clock: queue key
    T_FIELD,  # clock: queue key
    T_SLOT,  # clock: the incident's slot
    T_CHILD,  # clock: links of the waiting list
    T_NEXT,  # clock
    T_BACK,  # clock
    T_STAGE,
    T_STATUS,  # clock: whether it is in a waiting list
    T_WORK,  # seat time of this visit, fixed when it starts; NONE before
    T_LEFT,  # seat time still to do
    T_REPORT,
    T_BRANCH,
    T_NEWLY,  # 1 when the present desk is another than the one before: it retypes
    T_STARTED,  # tick a seat first took it up
    T_TURN,  # disposal in turn: 0 the lead, p + 1 department p, ...
    T_JOINT,  # 1 while this disposal is done jointly
    T_OUTCOME,  # of the visit just ended
    T_RETYPING,  # seat time of this visit that is retyping
    T_RIGHT,  # 1 when the judgement is right
    T_MOVES,  # hand-overs of this task, the attempt number of retyping draws
    T_DIRECT,  # 1 when sent without relay
    T_TIER,  # tier judged to resolve it
    T_UNIT,  # department (city, district) or board (township) judged to resolve it
    T_AT,  # tier at which the task is on its way
    T_UNTIL,  # tick at which a delay ends
    T_SIBLING,  # clock: next task of the incident
    T_AGE,  # clock: generation of the task's timers
    T_CALLS,  # calls that were not answered, the attempt number of patience and redialling
    T_ERRAND,  # what a side task is for (codes.ERRANDS)
    T_OWED,  # visits worked by hand in an outage and not yet entered on the platform
    T_COUNT,  # first of nine counters: how often this task has done each stage
) = range(33)
TASK_WIDTH = 48  # with the nine counters, whole lines of 64 bytes
