"""The columns of the two state vectors: an incident and a task are int64 rows.

Rules read and write rows; clocks keep them. Both clocks use these columns, so a rule need not
know which clock runs it. Columns marked "clock" are for the clocks' own book-keeping.
"""

# --- an incident -------------------------------------------------------------------------------
# What it is: filled by the stream, alike under every policy.
(
    I_KEY,  # identity, see stream.py
    I_ENTITY,  # entity class of its draws (draws.OF_...)
    I_OCCURRED,  # tick
    I_KIND,
    I_SEVERITY,  # initial true grade
    I_TIER,  # tier that truly resolves it
    I_BASE,  # channel by which it is noticed where no sensor reaches
    I_GRID,
    I_TOWNSHIP,
    I_DISTRICT,
    I_PARTNERS,  # bit p: department p is needed beside the lead; bit 62: the township
    I_DUPLICATES,  # further reports that residents would make
    I_GIVEN,  # row of the given works (trace), or NONE
    # What has become of it: filled by the rules.
    I_STATE,
    I_NOTICED,
    I_CHANNEL,
    I_LIMIT,
    I_CLASS,  # queue class: 0 escalated, 1 ordinary
    I_FIRST,  # tick of the first closing
    I_SOLVED,
    I_REPORTS,
    I_MERGED,
    I_HANDOVERS,
    I_RETURNS,
    I_REWORKS,
    I_FALSE,
    I_WRONG,
    I_ESCALATED,
    I_LEAD_DESK,  # desk that leads the disposal, NONE before
    I_CURED,  # 1 when the disposal done last has truly solved it
    I_ECHOES,  # clock: duplicates that have come up so far, made or not
    I_LEFT,  # clock: branches still at work
    I_TASKS,  # clock: live tasks
    I_AGE,  # clock: generation of the slot
    I_FIRST_TASK,  # clock: head of the list of its tasks
    I_ACCOUNT,  # first of the time account's columns (records.TIME_COLUMNS)
) = range(36)
ACCOUNT_WIDTH = 20
INCIDENT_WIDTH = I_ACCOUNT + ACCOUNT_WIDTH
TOWNSHIP_BIT = 62

# --- a task ------------------------------------------------------------------------------------
(
    T_REPORT,
    T_BRANCH,
    T_STAGE,
    T_DESK,
    T_JOINED,  # tick it first joined the waiting list of this visit
    T_STARTED,  # tick a seat first took it up
    T_WORK,  # seat time of this visit, fixed when it starts; NONE before
    T_RETYPING,  # of that, retyping
    T_LEFT,  # seat time still to do
    T_UNTIL,  # tick at which a delay ends
    T_OUTCOME,  # of the visit just ended
    T_NEWLY,  # 1 when the present desk is another than the one before: it retypes
    T_AT,  # tier at which the task is on its way
    T_TIER,  # tier judged to resolve it
    T_UNIT,  # department (city, district) or board (township) judged to resolve it
    T_RIGHT,  # 1 when the judgement is right
    T_DIRECT,  # 1 when sent without relay
    T_TURN,  # disposal in turn: 0 the lead, p+1 department p, ...
    T_JOINT,  # 1 while this disposal is done jointly
    T_BATCH,  # 1 when the relay's next hop has been left to a batch (rules)
    T_COUNT,  # first of nine counters: how often this task has done each stage
) = range(21)
T_MOVES = T_COUNT + 9  # hand-overs of this task, the attempt number of retyping draws
RULE_WIDTH = T_MOVES + 1
# clock: the incident's slot, queue key, waiting-list links
T_SLOT, T_CLASS, T_FIELD, T_CHILD, T_NEXT, T_BACK, T_SIBLING, T_STATUS = range(
    RULE_WIDTH, RULE_WIDTH + 8
)
TASK_WIDTH = RULE_WIDTH + 8
