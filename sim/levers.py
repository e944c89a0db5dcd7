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
) = range(16)
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
