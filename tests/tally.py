"""How often each event, command, outcome and decision occurs in a run of the SimPy clock."""

from collections import Counter
from contextlib import contextmanager
from functools import partial
from itertools import combinations_with_replacement
from unittest import mock

from sim import codes, levers, rows
from sim.codes import NONE
from sim.draws import OF_CONSULTATION, OF_INCIDENT, OF_TRIVIAL
from sim.rules import emergency, life
from sim.rules.emergency import BY_CITY
from sim.rules.intake import is_on_own_line
from sim.rules.learning import learnt_logit
from sim.rules.patrol import booked_before, lost_until, patrol_rate, shift_number
from sim.rules.seats import planned
from sim.rules.work import seats_open
from sim.simpy_clock import decide
from sim.simpy_clock.books import NEWS
from sim.situation import E_MODE
from tests.books import Ledger

RULES = (
    *("returned", "refused", "designated", "kept by the first receiver", "in turn"),
    *("rework", "false closing", "back from a false closing", "merged", "void", "supervised"),
    *("pool", "batch", "remainder", "past closing", "joint", "retyping"),
    *("hung up", "no line", "withdrawn", "renewed", "full batch", "batch left before it was full"),
    *("nobody disposes", "signed for elsewhere"),
    *("grown", "grown while unseen", "grown while dormant", "grown re-keyed a waiting task"),
    *("tier raised", "growth spent while begun", "withdrawn by the resident while waiting"),
    *("withdrawn by the resident while at work", "withdrawn by the resident while delayed"),
    *("withdrawn by the resident while gathered", "withdrawn by the resident between sessions"),
    *("withdrawn by the resident about to ring", "renewed after a resident withdrew"),
    *("merged by mistake", "back from a false merge", "satisfied", "dissatisfied"),
    *("reminder", "notice", "criticism", "answer", "extension", "reminder of an extended limit"),
    *("co-handler", "whistle", "judged by procedure", "misjudged by it"),
    *("haste", "trivial event", "trivial event looked at"),
    *("by hand", "entered again", "own line", "not reported", "not repeated", "consultation"),
    *("withdrawn for good", "consultation given up", "helped", "learnt"),
    *("patrol slowed", "patrol lost before"),
    *("seats lent", "lent seat at work", "mode begun", "mode ended", "taken along by the city"),
    *("emergency first", "night duty", "limit paused"),
    *("by an application", "another policy now", "seats of a later policy"),
)
"""What the rules can decide and seats can do, as a Tally counts it."""

PAIRS = tuple(combinations_with_replacement(NEWS, 2))
"""Pairs of events in one round. None is impossible: all kinds can fall on one tick, of
the same incident or of two."""


class Tally(Counter):
    """How often each event, command, outcome, pair of events and decision has occurred."""

    def pair(self, a: str, b: str) -> int:
        """In how many rounds two kinds of event occurred; one kind, more than once."""
        first, second = sorted((a, b), key=NEWS.index)
        return self[f"pair {first} + {second}"]

    def missing(self) -> list[str]:
        """What should have occurred and has not."""
        pairs = [f"{a} + {b}" for a, b in PAIRS]
        groups = (("event", NEWS), ("command", codes.COMMANDS), ("outcome", codes.OUTCOMES))
        wanted = [f"{group} {name}" for group, names in groups for name in names]
        wanted += [f"rule {name}" for name in RULES] + [f"pair {pair}" for pair in pairs]
        return [name for name in wanted if not self[name]]


class Watched(Ledger):
    """A clock that counts what happens in it; see `watching`."""

    def __init__(self, *arguments, tally, **options):
        super().__init__(*arguments, **options)
        self.tally = tally

    def _settle(self, inbox, number):
        kinds = Counter(NEWS[news] for news, _ in inbox)
        for a, b in combinations_with_replacement(sorted(kinds, key=NEWS.index), 2):
            self.tally[f"pair {a} + {b}"] += a != b or kinds[a] > 1
        for kind, n in kinds.items():
            self.tally[f"event {kind}"] += n
        super()._settle(inbox, number)

    def _noticed(self, incident):
        by = incident.row[[rows.I_BASE, rows.I_CHANNEL]].tolist()
        real = incident.is_real
        self.tally["rule not reported"] += real and by == [codes.HOTLINE, codes.PATROL]
        super()._noticed(incident)

    def _start(self, desk, task):
        owed = task.row[rows.T_OWED]
        super()._start(desk, task)
        self.tally["rule by hand"] += task.row[rows.T_OWED] > owed
        self.tally["rule entered again"] += task.row[rows.T_OWED] < owed
        seats = planned(self.world, desk.number, self.now)
        self.tally["rule night duty"] += seats == NONE
        self.tally["rule lent seat at work"] += NONE < seats < desk.busy

    def review(self):
        before = self.situation.emergency[:, E_MODE].copy()
        super().review()
        mode, s = self.situation.emergency[:, E_MODE], self.situation
        self.tally["rule mode begun"] += ((before == 0) & (mode != 0)).any()
        self.tally["rule mode ended"] += ((before != 0) & (mode == 0)).any()
        self.tally["rule taken along by the city"] += (mode & ~before & BY_CITY).any()
        self.tally["rule seats lent"] += ((s.extra < 0) & (s.extra_from == self.now)).any()

    def _patrols(self, incident):
        grid, shift = int(incident.row[rows.I_GRID]), shift_number(self.world, self.now - 1)
        lost_since = lost_until(self.world, grid, shift - 1) - (incident.row[rows.I_PATROL] - 1)
        booked = booked_before(self.world, grid, shift)
        self.tally["rule patrol slowed"] += patrol_rate(self.world, grid, shift, booked) < 1.0
        self.tally["rule patrol lost before"] += lost_since > 0
        super()._patrols(incident)

    def _wait(self, task):
        super()._wait(task)
        self.tally["rule emergency first"] += task.key[0] < 0

    def _joins(self, delayed):
        task, timer = delayed
        known = timer is not None and task.timer is timer
        self.tally["rule batch left before it was full"] += known
        super()._joins(delayed)

    def _work_ends(self, task):
        desk = self.desks[task.row[rows.T_DESK]]
        self.tally["rule remainder"] += task.row[rows.T_LEFT] > 0
        self.tally["rule past closing"] += desk.busy > seats_open(self.world, desk.number, self.now)
        super()._work_ends(task)


def _lever(clock, task, lever):
    return clock.world.fields.lever[task.incident.row[rows.I_REGIME], lever]


def _seen(clock, task, before, regime):
    """Which of RULES a visit shows; before : the task's row when its work ended; regime : the
    policy in force until then."""
    dates = clock.world.fields.later_from
    inc, row, outcome = task.incident.row, task.row, task.row[rows.T_OUTCOME]
    stage, wrong = before[rows.T_STAGE], before[rows.T_RIGHT] == 0
    limit = _lever(clock, task, levers.RETURN_LIMIT)
    real, trivial = (inc[rows.I_ENTITY] == entity for entity in (OF_INCIDENT, OF_TRIVIAL))
    errand = before[rows.T_ERRAND]
    signs = stage == codes.SIGN and row[rows.T_REPORT] == 0 and real and errand == codes.NO_ERRAND
    may_return = limit == 0 or inc[rows.I_RETURNS] < limit
    named = clock.world.fields.desk_group[before[rows.T_DESK]]
    return {
        "returned": outcome == codes.RETURNED,
        "refused": outcome == codes.RETURNED and not wrong,
        "designated": stage == codes.JUDGE and inc[rows.I_RETURNS] >= limit > 0,
        "kept by the first receiver": signs and wrong and may_return and outcome == codes.DONE,
        "in turn": before[rows.T_TURN] > 0,
        "joint": before[rows.T_JOINT] == 1,
        "rework": outcome == codes.FAILED,
        "false closing": outcome == codes.FALSE_CLOSED,
        "merged": outcome == codes.MERGED_BY,
        "void": outcome == codes.VOIDED,
        "supervised": stage == codes.SUPERVISE,
        "notice": errand == codes.NOTIFY,
        "reminder": errand == codes.REMIND,
        "criticism": errand == codes.CRITICISE,
        "answer": errand == codes.ANSWER,
        "extension": errand == codes.EXTEND,
        "reminder of an extended limit": errand == codes.REMIND and inc[rows.I_EXTENSIONS] > 0,
        "co-handler": errand == codes.CO_HANDLE,
        "whistle": signs and outcome == codes.DONE and row[rows.T_JOINT] and inc[rows.I_WHISTLED],
        "judged by procedure": signs and inc[rows.I_AUTOMATED] == 1,
        "misjudged by it": signs and inc[rows.I_AUTOMATED] == 1 and wrong,
        "haste": stage == codes.DISPOSE and inc[rows.I_HURRIED] == 1,
        "trivial event": trivial and stage == codes.REGISTER,
        "trivial event looked at": trivial and stage == codes.SIGN,
        "pool": stage == codes.DISPOSE and named == codes.POOL and real,
        "retyping": before[rows.T_RETYPING] > 0,
        "nobody disposes": stage == codes.SIGN and real and inc[rows.I_LEAD_DESK] == NONE,
        "own line": stage == codes.REGISTER and is_on_own_line(clock.world, inc, before),
        "consultation": inc[rows.I_ENTITY] == OF_CONSULTATION,
        "helped": stage == codes.DISPOSE and bool(inc[rows.I_HELPED]),
        "signed for elsewhere": signs and before[rows.T_DESK] != inc[rows.I_LEAD_DESK],
        "by an application": inc[rows.I_APPLICATION] > 0,
        "another policy now": inc[rows.I_REGIME] != regime,
        "seats of a later policy": (dates <= row[rows.T_STARTED]).any(),
    }


@contextmanager
def watching(tally: Tally):
    """A clock for `of_simpy` that tells the tally all that happens."""
    obey, visited, reopen = decide.obey, decide.visited, decide.reopen
    unanswered, grow, remove = decide._unanswered, decide.grow, decide._remove
    repeated, pause = decide._is_repeated, emergency.pause

    def obeying(clock, task, command):
        tally[f"command {codes.COMMANDS[command]}"] += 1
        at_disposal = task.row[rows.T_STAGE] == codes.DISPOSE and task.row[rows.T_TURN] > 0
        tally["rule batch"] += command == codes.DELAY and not at_disposal
        lost = command == codes.LOSE and task.row[rows.T_REPORT] == 0
        asks = task.incident.row[rows.I_ENTITY] == OF_CONSULTATION
        tally["rule withdrawn"] += lost and not asks
        tally["rule consultation given up"] += lost and asks
        renewed = int(task.incident.row[rows.I_RENEWED])
        tally["rule renewed"] += renewed
        retracted = int(task.incident.row[rows.I_RETRACTED])
        tally["rule renewed after a resident withdrew"] += renewed * retracted
        if command == codes.CLOSE:
            word = ("dissatisfied", "satisfied", "not asked")[task.incident.row[rows.I_SATISFIED]]
            tally[f"rule {word}"] += 1
        false_merge = command == codes.SLEEP and task.row[rows.T_OUTCOME] == codes.MERGED_BY
        tally["rule merged by mistake"] += int(false_merge)
        if command == codes.GATHER:
            batch = clock.desks[task.row[rows.T_DESK]].batch
            size = life.batch_size(clock.world, task.incident.row)
            tally["rule full batch"] += len(batch) + 1 >= size
        obey(clock, task, command)

    def unanswering(clock, task):
        row = task.row
        tally["rule hung up" if row[rows.T_JOINED] < clock.now else "rule no line"] += 1
        clock.unanswered[row[rows.T_DESK]] += 1
        command = unanswered(clock, task)
        tally[f"command {codes.COMMANDS[command]}"] += 1
        return command

    def pausing(*arguments):
        wait = pause(*arguments)
        tally["rule limit paused"] += wait > 0
        return wait

    def visiting(clock, task):
        before, regime = task.row.copy(), task.incident.row[rows.I_REGIME]
        if before[rows.T_STAGE] == codes.JUDGE:
            desk = int(before[rows.T_DESK])
            learnt = learnt_logit(clock.world, task.incident.row, desk, clock.now)
            tally["rule learnt"] += learnt != 0.0
        visited(clock, task)
        tally[f"outcome {codes.OUTCOMES[task.row[rows.T_OUTCOME]]}"] += 1
        for name, seen in _seen(clock, task, before, regime).items():
            tally[f"rule {name}"] += bool(seen)

    def repeating(clock, incident):
        made = repeated(clock, incident)
        tally["rule not repeated"] += not made
        tally["rule withdrawn for good"] += not made and incident.is_over
        return made

    def reopening(clock, task):
        merged = task.row[rows.T_OUTCOME] == codes.MERGED_BY
        tally[f"rule back from a false {'merge' if merged else 'closing'}"] += 1
        reopen(clock, task)

    def growing(clock, incident):
        before, waits = incident.row.copy(), any(t.key is not None for t in incident.tasks)
        grow(clock, incident)
        grown = incident.row[rows.I_GROWTHS] > before[rows.I_GROWTHS]
        for name, seen in {
            "grown": True,
            "grown while unseen": before[rows.I_STATE] == codes.UNSEEN,
            "grown while dormant": before[rows.I_STATE] == codes.ASLEEP,
            "grown re-keyed a waiting task": waits,
            "tier raised": incident.row[rows.I_TIER] < before[rows.I_TIER],
        }.items():
            tally[f"rule {name}"] += int(grown and seen)
        tally["rule growth spent while begun"] += int(not grown and before[rows.I_BEGUN])

    def removing(clock, task):
        desk, row = clock.desks[task.row[rows.T_DESK]], task.row
        if task in desk.at_work:
            where = "while at work"
        elif task.key is not None:
            where = "while waiting" if row[rows.T_WORK] == NONE else "between sessions"
        elif task in desk.batch:
            where = "while gathered"
        else:
            calls = row[rows.T_STAGE] == codes.REGISTER
            where = "about to ring" if calls else "while delayed"
        tally[f"rule withdrawn by the resident {where}"] += 1
        remove(clock, task)

    watched = {"obey": obeying, "visited": visiting, "reopen": reopening, "grow": growing}
    watched |= {"_is_repeated": repeating, "_unanswered": unanswering, "_remove": removing}
    with (
        mock.patch.multiple(decide, **watched),
        mock.patch.object(emergency, "pause", pausing),
    ):
        yield partial(Watched, tally=tally)
