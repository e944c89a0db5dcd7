"""The places of every lever, choice and mechanism number in the arrays that rules read."""

# Levers: numbers of a policy, each between its siloed end and its integrated end.
(
    SHARED_DATA,  # share of hand-overs that need no retyping
    SENSING,  # share of the sensors in place that the catalogue foresees
    DIRECT,  # share of incidents sent to the disposer without relay
    FIRST_RECEIVER,  # share of incidents under first-receiver responsibility
    REFUSAL,  # probability that the right desk returns what is its own
    RETURN_LIMIT,  # returns after which the parent designates the desk
    POOLING,  # share of a centre's disposal done by its cross-trained pool
    JOINT,  # share of incidents with several departments that are handled jointly
    VERIFICATION,  # share of disposals verified by the desk of the stage table
    SUPERVISION,  # share of incidents over their limit that get a notice
    MERGING,  # share of duplicate reports recognised and merged
    INTAKE,  # share of residents' calls that go to the one hotline
    DUAL,  # share of direct dispatches that go to department and township at once
    WHISTLE,  # share of a township's incidents beyond its powers for which it calls departments in
    REMINDER,  # share of incidents that get a reminder before the limit
    CRITICISM,  # share of incidents still open some time after the limit that are circulated
    EXTENSION,  # share of incidents whose limit is put off on request
    LOAD_SHARING,  # share of disposals that a neighbouring township may take over
    FLEXIBLE,  # share of a centre's seats that move between its desks at shift changes
    EMERGENCY,  # 1 where centres switch to emergency mode, 0 where not
    ASSESSMENT,  # weight of ranking in the work of those ranked
    AUTOMATION,  # share of routine incidents that a procedure judges
) = range(22)
LEVERS = (
    "shared_data",
    "sensing",
    "direct",
    "first_receiver",
    "refusal",
    "return_limit",
    "pooling",
    "joint",
    "verification",
    "supervision",
    "merging",
    "intake",
    "dual",
    "whistle",
    "reminder",
    "criticism",
    "extension",
    "load_sharing",
    "flexible",
    "emergency",
    "assessment",
    "automation",
)

# Choices: codes of a policy.
(
    DISCIPLINE,  # order of the queues, codes.DISCIPLINES
    RELEASES,  # schedule of the relay's batches, NONE: at once
    RELEASE_SIZE,  # tasks that make a batch leave before its time; 0 or 1: never
) = range(3)
CHOICES = ("discipline", "release", "release_size")

# Mechanisms: numbers of the world, the same under every policy.
(
    SHARED_LOGIT,  # judgement: gain of shared data
    CENTRE_LOGIT,  # judgement: further gain of shared data at a district or city centre
    DISTANCE_LOGIT,  # judgement: loss per tier between judge and disposer, times locality
    WRONG_TIER,  # share of wrong judgements that name a wrong tier
    WRONG_DESK_WORK,  # work of a wrong desk that keeps the incident, relative
    JOINT_WORK,  # extra work per partner when departments work jointly, relative
    PARTNER_WORK,  # work of a partner department relative to the lead's
    GENERALIST_WORK,  # extra work of a generalist in a pool, relative
    COORDINATION,  # mean delay between departments that work in turn [ticks]
    DORMANCY,  # mean time until a false closing comes back [ticks]
    SESSION,  # longest stretch of work on one task [ticks]
    BACKGROUND_WORK,  # mean work of a background task [ticks]
    PATIENCE,  # mean time that a caller waits for an answer [ticks]; 0: for ever
    REDIAL,  # share of unanswered callers who call again
    REDIAL_DELAY,  # mean time until they do [ticks]
    LINES,  # callers that the hotline holds, those being answered included; 0: any number
    # Growth, withdrawal, false merges, satisfaction.
    GROWTH_RATE,  # rate of growth relative to the catalogue's; 0: nothing grows
    GROWTH_WORK,  # extra work of a disposal for each grade grown, relative
    GROWTH_TIER,  # probability that a grade grown takes one tier higher to resolve
    WITHDRAWAL,  # share of residents who would withdraw what nobody has begun to dispose of
    WITHDRAWAL_DELAY,  # mean time until they do [ticks]
    FALSE_MERGE,  # chance, for each open incident alike, of being merged with it by mistake
    SATISFACTION,  # logit of being satisfied with a closing on time, at once
    LATE_DISLIKE,  # logit lost where it is closed after the limit
    RETURN_DISLIKE,  # logit lost each time that it had to be reported anew
    WAIT_DISLIKE,  # logit lost for each log1p(time to the closing / time allowed)
    # Supervision and ways of working.
    REMINDER_LEAD,  # how long before the limit a reminder is due, relative to the limit's length
    REMINDER_WORK,  # work of a reminder, relative to a notice
    CRITICISM_DELAY,  # time from the limit to a circulated criticism [ticks]
    CRITICISM_WORK,  # work of a circulated criticism, relative to a notice
    ANSWER_WORK,  # work of the answer to it, relative to a notice
    EXTENSION_LENGTH,  # what an extension adds, relative to the limit's length
    WHISTLE_STAY,  # work of each who comes at a whistle and stays until all is done, relative
    WHISTLE_TRAVEL,  # work of coming, for each department [ticks]
    HURRY_WINDOW,  # how long before the limit ranking makes haste, relative to the limit's length
    HURRY_WORK,  # share of a disposal's work that haste leaves out
    HURRY_FAILURE,  # probability of failure that haste adds
    ASKED_EXTENSION,  # share of incidents for which ranking makes an extension be asked
    PROCEDURE_CLARITY,  # clarity above which an incident is routine [logit]
    EXCEPTION_LOGIT,  # judgement: loss of a procedure, which does not see exceptions
    # Platform and reporting.
    OUTAGE_RATE,  # outages of the platform a day
    OUTAGE_TIME,  # mean length of one [ticks]
    RE_ENTRY,  # work of entering a visit that was worked by hand in an outage [ticks]
    SILENCE,  # share of residents who notice and don't report, each department having its line
    EASE_GAIN,  # by how much one hotline for all lowers that share
    WAKING,  # how far residents' reports follow the hours at which they are about; 0: not
    # Adaptive centres.
    PATROL_WEIGHT,  # patrol lost per share of the grid's day that is booked for work
    PATROL_LEAST,  # patrol rate below which no amount of work presses it
    SWITCHING,  # time that a moved seat takes to begin at its new desk [ticks]
    REVIEW,  # time between two looks at what calls for emergency mode [ticks]
    EMERGENCY_OFF,  # share of the threshold below which the mode ends
    EMERGENCY_LEAST,  # shortest time in emergency mode [ticks]
    EMERGENCY_SWITCH,  # time that going over to it, or back, takes [ticks]
    NIGHT_SHARE,  # share of the first shift's seats that stay open outside hours in the mode
    EMERGENCY_COORDINATION,  # delay between departments in the mode, relative
    SHARING_QUEUE,  # load per seat by which a neighbour must be less burdened to help
    SHARING_TRAVEL,  # travel to the neighbouring township, a visit [ticks]
    LEARNING_SINCE,  # tick since which the first policies are in force; inf: long since
    DIP_LOGIT,  # judgement: loss at the start of a new policy
    DIP_WORK,  # extra work at the start of a new policy, relative
    DIP_TIME,  # time constant of both [ticks]
    USE_LOGIT,  # judgement: gain of a centre that has judged very often
    USES,  # judgements after which 63 % of that is gained
    TRAINING_LOGIT,  # judgement: gain right after a training
    TRAINING_PERIOD,  # time from training to training [ticks]
    FORGETTING,  # time constant of forgetting what was trained [ticks]
) = range(66)
MECHANISMS = (
    "shared_logit",
    "centre_logit",
    "distance_logit",
    "wrong_tier",
    "wrong_desk_work",
    "joint_work",
    "partner_work",
    "generalist_work",
    "coordination",
    "dormancy",
    "session",
    "background_work",
    "patience",
    "redial",
    "redial_delay",
    "lines",
    # Growth, withdrawal, false merges, satisfaction.
    "growth_rate",
    "growth_work",
    "growth_tier",
    "withdrawal",
    "withdrawal_delay",
    "false_merge",
    "satisfaction",
    "late_dislike",
    "return_dislike",
    "wait_dislike",
    "reminder_lead",
    "reminder_work",
    "criticism_delay",
    "criticism_work",
    "answer_work",
    "extension_length",
    "whistle_stay",
    "whistle_travel",
    "hurry_window",
    "hurry_work",
    "hurry_failure",
    "asked_extension",
    "procedure_clarity",
    "exception_logit",
    "outage_rate",
    "outage_time",
    "re_entry",
    "silence",
    "ease_gain",
    "waking",
    # Adaptive centres.
    "patrol_weight",
    "patrol_least",
    "switching",
    "review",
    "emergency_off",
    "emergency_least",
    "emergency_switch",
    "night_share",
    "emergency_coordination",
    "sharing_queue",
    "sharing_travel",
    "learning_since",
    "dip_logit",
    "dip_work",
    "dip_time",
    "use_logit",
    "uses",
    "training_logit",
    "training_period",
    "forgetting",
)

# Applications: numbers of each of a policy's special ways.
(
    MAP_LOGIT,  # judgement: gain of its map or model
    TRAVEL,  # share of the disposal's work that it saves
    COVERAGE,  # share of its sensors in place; NONE: as the lever `sensing` has it
    WARNING,  # share of the sensors' delay that it saves
    UPKEEP,  # work of the disposer to keep it up to date [ticks]
) = range(5)
APPLICATION_NUMBERS = ("map_logit", "travel", "sensing", "warning", "upkeep")
