"""Phase B of a round: the rules decide, and the clock obeys."""

from typing import TYPE_CHECKING

from sim import codes
from sim.codes import NONE
from sim.draws import OF_FALSE_ALARM
from sim.rows import (
    I_DUPLICATES,
    I_ENTITY,
    I_FALSE,
    I_LIMIT,
    I_PARTNERS,
    I_REPORTS,
    I_STATE,
    T_OUTCOME,
    T_UNTIL,
)
from sim.rules import disposal, life, sensing
from sim.simpy_clock.books import AWAKES, DUPLICATE, JOINS, LIMIT
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
        if inc[I_LIMIT] < NEVER and life.is_supervised(world, inc):
            # One tick after the limit: closing at the limit's own tick still meets it.
            clock.at(inc[I_LIMIT] + 1, LIMIT, incident)
    _begin(clock, Task(incident, report=0))


def echo(clock: "Clock", incident: Incident) -> None:
    """Another resident would report the incident, if it is still to be seen."""
    state = incident.row[I_STATE]
    if state == codes.SOLVED:
        return  # the closing has voided this report
    incident.echoes += 1
    _await_echo(clock, incident)
    if state != codes.OPEN:
        clock.books.move_report(codes.PENDING, codes.VOID)
        return
    clock.books.move_report(codes.PENDING, codes.REPORT_OPEN)
    incident.row[I_REPORTS] += 1
    _begin(clock, Task(incident, report=incident.echoes))


def supervise(clock: "Clock", incident: Incident) -> None:
    """The limit has passed; the incident may have left earlier in this very round."""
    if incident.has_left:
        return
    task = Task(incident, report=0)
    if life.supervise(clock.world, incident.row, task.row) == codes.QUEUE:
        clock.join(task)
    else:
        _end(clock, task)


def visited(clock: "Clock", task: Task) -> None:
    """A seat has finished with the task."""
    row, now = task.row, clock.now
    visit = clock.books.begin_visit_row(task, now)
    command = life.after_visit(clock.world, task.incident.row, row, now)
    if visit:
        visit += [row[T_UNTIL] if command == codes.DELAY else now, row[T_OUTCOME]]
    obey(clock, task, command)


def reopen(clock: "Clock", task: Task) -> None:
    """A false closing comes back."""
    clock.books.count(task.incident, clock.now, "returned")
    clock.books.draw_report(codes.REPORT_OPEN)
    obey(clock, task, life.reopen(clock.world, task.incident.row, task.row, clock.now))


def _begin(clock: "Clock", task: Task) -> None:
    obey(clock, task, life.begin(clock.world, task.incident.row, task.row, clock.now))


def _await_echo(clock: "Clock", incident: Incident) -> None:
    """Schedule the next duplicate, if one more is to come."""
    if incident.echoes < incident.row[I_DUPLICATES]:
        gap = sensing.duplicate_delay(clock.world, incident.row, incident.echoes + 1)
        clock.at(clock.now + gap, DUPLICATE, incident)


# --- obeying ----------------------------------------------------------------------------------


def obey(clock: "Clock", task: Task, command: int) -> None:
    """Carry out a rule's command for a task."""
    if command == codes.QUEUE:
        clock.join(task)
    elif command == codes.DELAY:
        clock.at(task.row[T_UNTIL], JOINS, task)
    elif command == codes.FORK:
        _fork(clock, task)
    elif command == codes.JOIN:
        _join(clock, task)
    elif command == codes.SLEEP:
        _book_closing(clock, task.incident, "false_closed")
        clock.at(task.row[T_UNTIL], AWAKES, task)
    elif command == codes.CLOSE:
        _book_closing(clock, task.incident, "solved")
        _void_pending(clock, task.incident)
        _end(clock, task)
    elif command == codes.END:
        clock.books.move_report(codes.REPORT_OPEN, _last_state(task))
        _end(clock, task)
    elif command == codes.REKEY:
        clock.rekey(task.incident)
        _end(clock, task)


def _fork(clock: "Clock", lead: Task) -> None:
    """Lead and partners join their desks at once."""
    incident = lead.incident
    partners = int(incident.row[I_PARTNERS])
    incident.branches = 1 + partners.bit_count()
    clock.join(lead)
    bit = disposal.next_partner(partners, NONE)
    while bit != NONE:
        partner = Task(incident, report=0)
        disposal.make_partner(clock.world, incident.row, lead.row, partner.row, bit)
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
        obey(clock, lead, disposal.after_join(clock.world, *rows, clock.now))


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
    incident = task.incident
    incident.tasks.remove(task)
    if incident.tasks or (incident.is_real and incident.row[I_STATE] != codes.SOLVED):
        return
    incident.has_left = True
    del clock.incidents[incident.key]
    clock.books.write_incident(incident)
