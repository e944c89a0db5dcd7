"""Phase B of a round: the rules decide, and the clock obeys."""

from typing import TYPE_CHECKING

from sim import codes
from sim.codes import NONE
from sim.draws import OF_FALSE_ALARM
from sim.records import SUPERVISE_BRANCH, WITHDRAWN_BRANCH
from sim.rows import (
    I_CALLING,
    I_DUPLICATES,
    I_ENTITY,
    I_FALSE,
    I_PARTNERS,
    I_RENEWED,
    I_REPORTS,
    I_STATE,
    T_BRANCH,
    T_DESK,
    T_JOINED,
    T_OUTCOME,
    T_REPORT,
    T_STAGE,
    T_UNTIL,
)
from sim.rules import (
    disposal,
    emergency,
    growth,
    hotline,
    intake,
    life,
    sensing,
    supervision,
    withdrawal,
)
from sim.rules.centres import centre_of
from sim.simpy_clock.books import (
    AWAKES,
    DUPLICATE,
    GROWS,
    JOINS,
    LIMIT,
    RINGS_AGAIN,
    WITHDRAWS,
)
from sim.simpy_clock.things import Incident, Task
from sim.units import NEVER

if TYPE_CHECKING:
    from sim.simpy_clock.clock import Clock


# --- the decisions ----------------------------------------------------------------------------


def accept(clock: "Clock", incident: Incident) -> None:
    """The first report of an incident comes in."""
    world, inc, books = clock.world, incident.row, clock.books
    sensing.accept(world, inc, clock.now)
    books.count(incident, clock.now, "noticed")
    books.draw_report(codes.REPORT_OPEN)
    if incident.is_real:
        for _ in range(inc[I_DUPLICATES]):
            books.draw_report(codes.PENDING)
        _await_echo(clock, incident)
        ticks = withdrawal.withdraws_in(world, inc)
        if ticks < NEVER:
            clock.at(clock.now + ticks, WITHDRAWS, incident)
        _await_point(clock, incident)
    _begin(clock, Task(incident, report=0))


def echo(clock: "Clock", incident: Incident) -> None:
    """Another resident would report the incident, if it is still to be seen."""
    state = incident.row[I_STATE]
    if state == codes.SOLVED:
        return  # the closing has voided this report
    incident.echoes += 1
    _await_echo(clock, incident)
    if state == codes.ASLEEP or not _is_repeated(clock, incident):
        clock.books.move_report(codes.PENDING, codes.VOID)
        _leave_city(clock, incident)
        return
    clock.books.move_report(codes.PENDING, codes.REPORT_OPEN)
    incident.row[I_REPORTS] += 1
    _begin(clock, Task(incident, report=incident.echoes))


def supervise(clock: "Clock", incident: Incident) -> None:
    """A point of the limit has come; the incident may have left earlier in this very round."""
    if incident.has_left:
        return
    due = supervision.point_due(clock.world, incident.row)
    wait = emergency.pause(clock.world, incident.row, due, clock.now)
    if wait > 0:
        clock.at(clock.now + wait, LIMIT, incident)
        return
    task = Task(incident, report=0)
    command = clock.rules.supervise(clock.world, incident.row, task.row, clock.now)
    _await_point(clock, incident)
    if command == codes.QUEUE:
        clock.join(task)
    else:
        _end(clock, task)


def visited(clock: "Clock", task: Task) -> None:
    """A seat has finished with the task."""
    row, now = task.row, clock.now
    visit = clock.books.begin_visit_row(task, now)
    judges = int(row[T_DESK]) if row[T_STAGE] == codes.JUDGE else NONE
    command = clock.rules.after_visit(clock.world, task.incident.row, row, now)
    if visit:
        visit += [row[T_UNTIL] if command == codes.DELAY else now, row[T_OUTCOME]]
    if judges != NONE:
        clock.situation.uses[centre_of(clock.world, judges)] += 1
    obey(clock, task, command)


def reopen(clock: "Clock", task: Task) -> None:
    """A false closing or a false merge comes back."""
    clock.books.count(task.incident, clock.now, "returned")
    clock.books.draw_report(codes.REPORT_OPEN)
    obey(clock, task, clock.rules.reopen(clock.world, task.incident.row, task.row, clock.now))


def await_growth(clock: "Clock", incident: Incident) -> None:
    """Set the timer of the incident's next grade, if one is due."""
    ticks = growth.worsens_in(clock.world, incident.row)
    if ticks < NEVER:
        clock.at(clock.now + ticks, GROWS, incident)


def grow(clock: "Clock", incident: Incident) -> None:
    """The timer of the incident's next grade has ended; it may have left in this very round."""
    if incident.has_left:
        return
    if growth.worsen(clock.world, incident.row):
        clock.rekey(incident)
    await_growth(clock, incident)


def withdraw(clock: "Clock", incident: Incident) -> None:
    """The resident withdraws the incident: what waits or is on its way ends at once, what a seat
    is at work on ends with its visit."""
    if incident.has_left or not withdrawal.withdraw(incident.row, clock.now):
        return
    clock.books.count(incident, clock.now, "withdrawn")
    clock.books.move_report(codes.REPORT_OPEN, codes.VOID)
    for task in incident.tasks.copy():
        _remove(clock, task)


def _remove(clock: "Clock", task: Task) -> None:
    """A task's incident is withdrawn."""
    inc, row, now = task.incident.row, task.row, clock.now
    desk = clock.desks[row[T_DESK]]
    if task in desk.at_work:
        withdrawal.break_off(clock.world, inc, row, now)
        row[T_BRANCH] += WITHDRAWN_BRANCH
        return
    if task.key is not None:
        withdrawal.break_off(clock.world, inc, row, now)
        clock.leave(task)
        desk.removed += int(clock.books.covers(now))
    elif task in desk.batch:
        life.let_go(clock.world, inc, row, now)
        desk.batch.remove(task)
    else:
        withdrawal.turn_back(clock.world, inc, row, now)
    task.timer = object()  # none that is set already is its own
    _end(clock, task)


def hang_up(clock: "Clock", task: Task) -> None:
    """A caller hangs up."""
    desk = clock.desks[task.row[T_DESK]]
    desk.abandoned += int(clock.books.covers(clock.now))
    clock.leave(task)
    obey(clock, task, _unanswered(clock, task))


def ring(clock: "Clock", task: Task) -> None:
    """Somebody whose call was not answered rings again."""
    obey(clock, task, codes.QUEUE)


def _unanswered(clock: "Clock", task: Task) -> int:
    return hotline.unanswered(clock.world, task.incident.row, task.row, clock.now)


def _is_repeated(clock: "Clock", incident: Incident) -> bool:
    return intake.repeats(clock.world, incident.row, incident.echoes, clock.now)


def _begin(clock: "Clock", task: Task) -> None:
    obey(clock, task, clock.rules.begin(clock.world, task.incident.row, task.row, clock.now))


def _await_echo(clock: "Clock", incident: Incident) -> None:
    """Schedule the next duplicate, if one more is to come."""
    if incident.echoes < incident.row[I_DUPLICATES]:
        next_one = incident.echoes + 1
        tick = sensing.repeated_at(clock.world, incident.row, next_one, clock.now)
        clock.at(tick, DUPLICATE, incident)


def _await_point(clock: "Clock", incident: Incident) -> None:
    """Set the timer of the next point of the limit, if one more is to come."""
    tick = supervision.next_point(clock.world, incident.row, clock.now)
    if tick < NEVER:
        clock.at(tick, LIMIT, incident)


# --- obeying ----------------------------------------------------------------------------------


def obey(clock: "Clock", task: Task, command: int) -> None:
    """Carry out a rule's command for a task."""
    if task.incident.row[I_RENEWED]:
        clock.books.count(task.incident, clock.now, "renewed")
        task.incident.row[I_RENEWED] = 0
    if task.incident.row[I_CALLING]:
        co_handler = Task(task.incident, report=0)
        clock.rules.call_in(clock.world, task.incident.row, co_handler.row)
        clock.join(co_handler)
    if command == codes.QUEUE and _finds_no_line(clock, task):
        command = _unanswered(clock, task)
    if command == codes.QUEUE:
        clock.join(task)
    elif command == codes.DELAY:
        clock.at(task.row[T_UNTIL], JOINS, (task, None))
    elif command == codes.GATHER:
        _gather(clock, task)
    elif command == codes.FORK:
        _fork(clock, task)
    elif command == codes.JOIN:
        _join(clock, task)
    elif command == codes.SLEEP:
        if task.row[T_OUTCOME] == codes.MERGED_BY:
            clock.books.count(task.incident, clock.now, "mismerged")
            clock.books.move_report(codes.REPORT_OPEN, codes.MERGED)
        else:
            _book_closing(clock, task.incident, "false_closed")
        clock.at(task.row[T_UNTIL], AWAKES, task)
        await_growth(clock, task.incident)
    elif command == codes.CLOSE:
        _book_closing(clock, task.incident, "solved")
        _void_pending(clock, task.incident)
        _end(clock, task)
    elif command == codes.END:
        if task.row[T_BRANCH] < SUPERVISE_BRANCH:  # else it carries none, or it is void already
            clock.books.move_report(codes.REPORT_OPEN, _last_state(task))
        _end(clock, task)
    elif command == codes.REKEY:
        clock.rekey(task.incident)
        _end(clock, task)
    elif command == codes.CALL_AGAIN:
        clock.at(task.row[T_UNTIL], RINGS_AGAIN, task)
    elif command == codes.LOSE:
        clock.books.move_report(codes.REPORT_OPEN, codes.VOID)
        if task.row[T_REPORT] == 0:
            clock.books.count(task.incident, clock.now, "withdrawn")
        _end(clock, task)


def _finds_no_line(clock: "Clock", task: Task) -> bool:
    """Whether the task is a call for which the hotline has no line."""
    desk = clock.desks[task.row[T_DESK]]
    callers = len(desk) + len(desk.at_work)
    if not hotline.is_engaged(clock.world, task.incident.row, task.row, callers):
        return False
    task.row[T_JOINED] = clock.now
    desk.blocked += int(clock.books.covers(clock.now))
    return True


def _gather(clock: "Clock", task: Task) -> None:
    """The task joins the batch for its desk, which leaves when it is large enough."""
    batch = clock.desks[task.row[T_DESK]].batch
    batch.append(task)
    if len(batch) >= life.batch_size(clock.world, task.incident.row):
        leaving = batch.copy()
        batch.clear()
        for each in leaving:
            clock.let_go(each)
    elif task.row[T_UNTIL] < NEVER:
        task.timer = object()
        clock.at(task.row[T_UNTIL], JOINS, (task, task.timer))


def _fork(clock: "Clock", lead: Task) -> None:
    """Lead and partners join their desks at once."""
    incident = lead.incident
    partners = int(incident.row[I_PARTNERS])
    incident.branches = 1 + partners.bit_count()
    clock.join(lead)
    bit = disposal.next_partner(partners, NONE)
    while bit != NONE:
        partner = Task(incident, report=0)
        clock.rules.make_partner(clock.world, incident.row, lead.row, partner.row, bit)
        clock.join(partner)
        bit = disposal.next_partner(partners, bit)


def _join(clock: "Clock", last: Task) -> None:
    """A branch is done; after the last of them the lead goes on."""
    incident, lead = last.incident, last.incident.lead
    incident.branches -= 1
    if last is not lead:
        _end(clock, last)
    if incident.branches == 0:
        rows = incident.row, lead.row, last.row
        obey(clock, lead, clock.rules.after_join(clock.world, *rows, clock.now))


def _book_closing(clock: "Clock", incident: Incident, how: str) -> None:
    """A closing, true or false, enters the books."""
    earlier = incident.row[I_FALSE] - (how == "false_closed")
    if earlier == 0:
        clock.books.count(incident, clock.now, "first_closed")
    clock.books.count(incident, clock.now, how)
    clock.books.move_report(codes.REPORT_OPEN, codes.CLOSED)


def _void_pending(clock: "Clock", incident: Incident) -> None:
    """Nobody reports what is gone."""
    for _ in range(incident.row[I_DUPLICATES] - incident.echoes):
        clock.books.move_report(codes.PENDING, codes.VOID)


def _last_state(task: Task) -> int:
    """State of the report of a task that ends without closing its incident."""
    if task.incident.is_real:
        return codes.MERGED if task.row[T_OUTCOME] == codes.MERGED_BY else codes.CLOSED
    is_false_alarm = task.incident.row[I_ENTITY] == OF_FALSE_ALARM
    return codes.VOID if is_false_alarm else codes.CLOSED


def _end(clock: "Clock", task: Task) -> None:
    """End of a task; an incident that is finished leaves with its last one."""
    task.has_ended = True
    task.incident.tasks.remove(task)
    _leave_city(clock, task.incident)


def _leave_city(clock: "Clock", incident: Incident) -> None:
    """An incident without tasks of which nothing more can come leaves."""
    if incident.tasks or not incident.is_over:
        return
    incident.has_left = True
    del clock.incidents[incident.key]
    clock.books.write_incident(incident)
