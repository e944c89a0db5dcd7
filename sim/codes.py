"""Every integer code of the simulator, named once.

Plain integers, because numba freezes them into the compiled code. The tuple beside each
group gives the names, in code order, as they appear in configuration and in results.
"""

NONE = -1
"""No such thing: no parent, no desk, not drawn."""

# Tiers of the city, from the top. The tier of a centre is also its depth in the tree.
CITY, DISTRICT, TOWNSHIP, GRID = range(4)
TIERS = ("city", "district", "township", "grid")

# Groups of desks within a centre. Boards and departments have one desk per member.
HOTLINE_DESK, DISPATCH_DESK, CALLBACK, COMMAND, BOARD, DEPARTMENT, POOL, GRID_DESK = range(8)
DESK_GROUPS = (
    "hotline",
    "dispatch",
    "callback",
    "command",
    "board",
    "department",
    "pool",
    "grid",
)

SELF_CHECK = len(DESK_GROUPS)
"""Place, after the groups, of a disposer who verifies its own work."""

# Places in a stage table that are no fixed desk.
AT_DISPOSER, AT_PARENT = 4, 5
"""The desk that leads the disposal; a desk of the centre above it."""

# Stages of an incident's life, in order. SENSE and DORMANT have no desk.
SENSE, REGISTER, JUDGE, DISPATCH, SIGN, DISPOSE, VERIFY, SUPERVISE, DORMANT = range(9)
STAGES = (
    "sense",
    "register",
    "judge",
    "dispatch",
    "sign",
    "dispose",
    "verify",
    "supervise",
    "dormant",
)
N_STAGES = len(STAGES)

# Channels by which an incident is noticed first.
SENSOR, PATROL, HOTLINE, ASSIGNED = range(4)
CHANNELS = ("sensor", "patrol", "hotline", "assigned")

# Severity (warning grade), most urgent first.
GRADE_I, GRADE_II, GRADE_III, GRADE_IV = range(4)
SEVERITIES = ("I", "II", "III", "IV")

# Landscape classes of townships.
CORE, URBAN, TOWN, RURAL = range(4)
LANDSCAPES = ("core", "urban", "town", "rural")

# Day types of the calendar.
WORKDAY, WEEKEND, HOLIDAY = range(3)
DAY_TYPES = ("workday", "weekend", "holiday")

# States of an incident.
UNSEEN, OPEN, ASLEEP, SOLVED, WITHDRAWN = range(5)
INCIDENT_STATES = ("unseen", "open", "dormant", "solved", "withdrawn")

# States of a report.
PENDING, REPORT_OPEN, MERGED, VOID, CLOSED = range(5)
REPORT_STATES = ("pending", "open", "merged", "void", "closed")

# Outcomes of a visit, as recorded.
DONE, RETURNED, FAILED, FALSE_CLOSED, SOLVED_BY, MERGED_BY, VOIDED = range(7)
OUTCOMES = ("done", "returned", "failed", "false_closed", "solved", "merged", "void")

# Ways in which an incident's time passes: the columns of the time account.
WAITING, WORKING, RELEASE = range(3)
TIME_USES = ("waiting", "working", "release")

# Commands that the rules give the clocks. The clocks know only these.
QUEUE, DELAY, GATHER, FORK, JOIN, SLEEP, CLOSE, END, REKEY, CALL_AGAIN, LOSE = range(11)
COMMANDS = (
    *("queue", "delay", "gather", "fork", "join", "sleep", "close", "end", "rekey"),
    *("call_again", "lose"),
)

# Queue classes, lowest first: who has been escalated by a notice (督办) or a criticism (通报), who
# has been reminded (催办), and all others.
ESCALATED, REMINDED, ORDINARY = range(3)

# Errands: what a side task of an incident is for. The tasks of its reports are on none.
NO_ERRAND, NOTIFY, REMIND, CRITICISE, EXTEND, CO_HANDLE, ANSWER = range(7)
ERRANDS = ("none", "notice", "reminder", "criticism", "extension", "co_handling", "answer")

# Points of an incident's limit at which it is supervised, in order.
BEFORE_LIMIT, AT_LIMIT, AFTER_LIMIT, NO_POINT = range(4)

# Queue disciplines.
FIRST_COME, URGENCY, EARLIEST_LIMIT = range(3)
DISCIPLINES = ("first_come", "urgency", "earliest_limit")

# Units in which limits are stated.
CLOCK_HOURS, WORKING_HOURS, WORKING_DAYS = range(3)
LIMIT_UNITS = ("clock_hours", "working_hours", "working_days")
