"""The two clocks agree to the last tick, on worlds in which every mechanism fires."""

from functools import cache

import numpy as np
import pytest

from agents import model
from agents.desk import Desk
from scenarios.load import load
from scenarios.world import build_world
from sim import codes, levers, rows
from sim.compiled import clock as compiled
from sim.compiled.events import EVENT_KINDS
from sim.draws import OF_INCIDENT
from sim.errors import InputError
from sim.rules.work import discipline_field
from sim.simpy_clock import Clock, Incident, Task, decide
from sim.simpy_clock.books import NEWS
from sim.simpy_clock.rounds import Rounds
from sim.stream import generate, pack_key
from sim.units import DAY, HOUR
from tests.both import first_difference, of_compiled, of_simpy, tables
from tests.worlds import STEP, Case

TINY = ("experiment=plain", "city=tiny", "catalogue=tiny", "calendar=plain")
STREAM_DAYS, END = 6, 20 * DAY
WINDOW = (DAY // 2, 5 * DAY)
FIRE = 2  # place of this kind in the tiny catalogue


# --- worlds -----------------------------------------------------------------------------------


@cache
def parameters(policy):
    return load([*TINY, f"policy={policy}", "mechanism.dormancy_hours=8", "stream.per_resident=3"])


@cache
def world_of(policy, seats=3):
    """The tiny city with as many seats at every desk."""
    p = parameters(policy)
    everywhere = np.full((p.layout.n_desks, 3), seats, np.int32)
    world = build_world(
        p.policy, p.layout, p.catalogue, p.calendar, p.calendar_names, p.settings.mechanism,
        everywhere, p.restrict,
    )  # fmt: skip
    return world._replace(seed=np.uint64(7))


def mixed_world():
    """One district siloed, the other integrated, with one set of opening hours."""
    a, b = world_of("siloed"), world_of("integrated")
    fields = ("lever", "choice", "route", "relay", "dispose", "applied", "application")
    both = {name: np.concatenate([getattr(a, name), getattr(b, name)]) for name in fields}
    return a._replace(regime=np.array([0, 1], np.int32), **both)


def world_of_ties():
    """The mixed world with every duration a multiple of STEP, so that much happens at once."""
    w = mixed_world()
    lever, mechanism = w.lever.copy(), w.mechanism.copy()
    lever[:, levers.SHARED_DATA] = 0, 1
    lever[:, [levers.SUPERVISION, levers.EMERGENCY]] = 1
    lever[:, levers.FLEXIBLE] = 0.5
    mechanism[[levers.JOINT_WORK, levers.GENERALIST_WORK]] = 1
    mechanism[[levers.COORDINATION, levers.SESSION]] = 2 * STEP
    mechanism[levers.DORMANCY] = 4 * STEP
    mechanism[[levers.PATIENCE, levers.REDIAL_DELAY]] = STEP
    mechanism[levers.REDIAL], mechanism[levers.LINES] = 0.5, 6
    mechanism[levers.GROWTH_RATE], mechanism[levers.WITHDRAWAL] = 1, 0.5
    mechanism[levers.WITHDRAWAL_DELAY] = STEP
    mechanism[levers.PATROL_WEIGHT] = 1
    of_kind = ("resident_mean", "patrol_mean", "sensor_mean", "duplicate_gap", "dispose_mean")
    return w._replace(
        lever=lever,
        mechanism=mechanism,
        choice=np.array([[codes.EARLIEST_LIMIT, codes.NONE, 3], w.choice[1]], np.int32),
        quantile=np.ones_like(w.quantile),
        growth_mean=np.full(w.growth_mean.size, 4.0 * STEP),
        availability=np.ones(4),
        paper_mean=np.full_like(w.paper_mean, STEP),
        **{name: STEP * np.ceil(getattr(w, name) / HOUR).clip(1, 4) for name in of_kind},
    )


def stream(round_to=1):
    """Chunks of arrivals, one a day."""
    p = parameters("siloed")
    chunks = []
    for until, arrivals in generate(np.uint64(7), p.city_rates, p.calendar, STREAM_DAYS):
        arrivals[:, rows.I_OCCURRED] -= arrivals[:, rows.I_OCCURRED] % round_to
        order = np.lexsort((arrivals[:, rows.I_KEY], arrivals[:, rows.I_OCCURRED]))
        chunks.append((until, arrivals[order]))
    return chunks


WORLDS = {
    "siloed": lambda: (world_of("siloed"), stream()),
    "integrated": lambda: (world_of("integrated"), stream()),
    "mixed": lambda: (mixed_world(), stream()),
    "ties": lambda: (world_of_ties(), stream(STEP)),
}


@cache
def case(name):
    """A case, and the compiled clock's result."""
    made = Case(*WORLDS[name](), END, WINDOW)
    return made, of_compiled(made)


# --- the clocks agree -------------------------------------------------------------------------


@cache
def noted(name):
    """What agents.model makes of a case, and the commands that it obeyed."""
    (world, *rest), _ = case(name)
    commands = set()
    obey = decide.obey

    def noting(clock, task, command):
        commands.add(command)
        obey(clock, task, command)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decide, "obey", noting)
        found = list(model.run(world, parameters("siloed").city, *rest, keep_visits=True))
    return found, commands


@pytest.mark.parametrize("name", WORLDS)
def test_both_clocks_agree_to_the_last_tick(name):
    _, expected = case(name)
    found, _ = noted(name)
    assert first_difference(expected, found) is None
    assert len(tables(expected)["visits"]["incident"]) > 1000


def test_the_worlds_fire_every_event_command_and_outcome():
    commands, outcomes, settled = set(), set(), 0
    for name in ("mixed", "ties"):
        found, obeyed = noted(name)
        commands |= obeyed
        outcomes |= set(tables(found)["visits"]["outcome"].tolist())
        settled = settled + found[-1].settled
    assert commands == set(range(len(codes.COMMANDS)))
    assert outcomes == set(range(len(codes.OUTCOMES)))
    assert (*EVENT_KINDS, "arrival") == NEWS
    assert settled.min() > 0, dict(zip(NEWS, settled, strict=True))


def test_the_size_of_the_chunks_does_not_matter():
    made, expected = case("ties")
    one = [(made.chunks[-1][0], np.concatenate([arrivals for _, arrivals in made.chunks]))]
    a, b = tables(expected), tables(of_simpy(made._replace(chunks=one)))
    del a["chunks"], b["chunks"]
    np.testing.assert_equal(a, b)


def test_only_what_is_asked_for_is_kept():
    made = case("ties")[0]
    made = made._replace(chunks=made.chunks[:2])  # two days, which keep no less than six
    world, *rest = made
    city = parameters("siloed").city
    *parts, outcome = model.run(world, city, *rest, keep_incidents=False)
    assert all(len(part.incidents) == len(part.visits) == 0 for part in parts)
    expected = of_compiled(made)
    assert sum(len(part.incidents) for part in expected[:-1]) > 100
    np.testing.assert_array_equal(outcome.flow, expected[-1].flow)


# --- rounds -----------------------------------------------------------------------------------


def test_a_chain_without_delay_takes_a_round_for_each_link():
    seen = []

    def settle(inbox, number):
        seen.append((rounds.now, number, [subject for _, subject in inbox]))
        for _, subject in inbox:
            if subject.startswith("chain") and len(subject) < 8:
                rounds.at(rounds.now, 0, subject + "'")

    rounds = Rounds(settle)
    rounds.at(5, 0, "chain")
    rounds.at(5, 0, "timer")
    rounds.at(6, 0, "next")
    rounds.follow(iter([(5, 1, "arrival"), (5, 1, "another"), (9, 1, "late")]))
    rounds.run_until(9)
    assert [(tick, number, sorted(subjects)) for tick, number, subjects in seen] == [
        (5, 1, ["another", "arrival", "chain", "timer"]),
        (5, 2, ["chain'"]),
        (5, 3, ["chain''"]),
        (5, 4, ["chain'''"]),
        (6, 1, ["next"]),
    ]
    rounds.follow(iter([(9, 1, "later fed")]))
    rounds.run_until(10)
    assert [(tick, number, set(inbox)) for tick, number, inbox in seen[5:]] == [
        (9, 1, {"late", "later fed"})
    ]


# --- single incidents -------------------------------------------------------------------------


def plain_world(sign=STEP, dispose=STEP, look=STEP, **changes):
    """Incidents go straight to the desk that disposes; every duration is given, none waits."""
    w, p = world_of("integrated"), parameters("integrated")
    lever, route, paper = w.lever.copy(), w.route.copy(), np.full_like(w.paper_mean, 0.0)
    lever[:, [levers.DIRECT, levers.SUPERVISION]] = 1
    lever[:, [levers.POOLING, levers.MERGING, levers.SENSING, levers.REFUSAL]] = 0
    route[:, :, [codes.REGISTER, codes.JUDGE, codes.DISPATCH, codes.VERIFY]] = codes.NONE
    paper[3], paper[5], paper[7] = sign, HOUR, look  # see catalogue.PAPERWORK
    always = p.calendar_names.openings.index("always")
    fields = {
        "lever": lever,
        "route": route,
        "paper_mean": paper,
        "dispose_mean": np.full_like(w.dispose_mean, dispose),
        "desk_opening": np.full_like(w.desk_opening, always),
        "quantile": np.ones_like(w.quantile),
        "availability": np.ones(4),
        "failure": np.zeros_like(w.failure),
    }
    return w._replace(**(fields | changes))


def fire(k, occurred, duplicates=0):
    """A fire that is known at once."""
    row = np.zeros(rows.I_GIVEN + 1, np.int64)
    row[rows.I_KEY], row[rows.I_ENTITY] = pack_key(OF_INCIDENT, 0, 0, FIRE, k), OF_INCIDENT
    row[rows.I_OCCURRED], row[rows.I_KIND] = occurred, FIRE
    row[rows.I_SEVERITY], row[rows.I_TIER] = codes.GRADE_I, codes.TOWNSHIP
    row[rows.I_BASE], row[rows.I_DUPLICATES] = codes.ASSIGNED, duplicates
    row[rows.I_GIVEN] = codes.NONE
    return row


def run_fires(clock, world, *fires):
    """Result of one of the clocks, compiled or agents.model, on a few fires."""
    city = () if clock is compiled else (parameters("integrated").city,)
    chunks = [(DAY, np.array(fires))]
    return list(clock.run(world, *city, chunks, 2 * DAY, (0, DAY), keep_visits=True))


def late_timers(late):
    """World and fires of which each is closed so many ticks after its limit."""
    limit = int(world_of("integrated").limit_value[FIRE, codes.GRADE_I])
    world = plain_world(sign=STEP, dispose=limit + late - STEP)
    return world, fire(0, HOUR), fire(1, 12 * HOUR), fire(2, 12 * HOUR)


def late_duplicates():
    """World and a fire whose first duplicate keeps it in the city after it has been solved;
    the second comes up then."""
    gap = float(STEP + STEP // 2)
    return plain_world(look=HOUR, duplicate_gap=np.full(4, gap)), fire(0, HOUR, duplicates=2)


@pytest.mark.parametrize(("late", "notices"), [(0, 0), (1, 0), (2, 3)])
def test_an_incident_closed_when_its_limit_timer_rings_leaves_once(late, notices):
    """The timer rings one tick after the limit; who closes in that round has already left."""
    found = tables(run_fires(model, *late_timers(late)))
    assert found["incidents"]["occurred"].tolist() == [HOUR, 12 * HOUR, 12 * HOUR]
    assert (found["visits"]["stage"] == codes.SUPERVISE).sum() == notices


def test_a_duplicate_after_the_closing_is_void_once():
    outcome = run_fires(model, *late_duplicates())[-1]
    assert outcome.reports.tolist() == [0, 0, 0, 1, 2]  # one void, two closed
    assert outcome.reports.sum() == outcome.reports_drawn == 3


@pytest.mark.parametrize(
    "fires", [late_duplicates, *(lambda late=late: late_timers(late) for late in (0, 1, 2))]
)
def test_both_clocks_agree_on_timers_that_come_too_late(fires):
    a, b = (run_fires(clock, *fires()) for clock in (compiled, model))
    assert first_difference(a, b) is None


def test_a_tick_without_end_is_an_error_that_names_the_incident():
    world = plain_world(sign=0, dispose=0)
    lever = world.lever.copy()
    lever[:, [levers.REFUSAL, levers.RETURN_LIMIT, levers.FIRST_RECEIVER]] = 1, 0, 0
    world = world._replace(lever=lever)
    for clock in (compiled, model):
        with pytest.raises(InputError, match=r"circle .*, district 0, kind 2, number 3\)"):
            run_fires(clock, world, fire(3, HOUR))


def test_rekeying_moves_the_waiting_tasks_and_no_others():
    world = world_of("siloed")
    desks = [Desk(number) for number in range(world.desk_opening.size)]
    clock = Clock(world, desks, DAY, (0, DAY))
    first, second = Incident(fire(0, HOUR)), Incident(fire(1, HOUR))
    tasks = [Task(incident, report) for incident in (first, second) for report in (0, 1)]
    for joined, task in enumerate(tasks):
        task.row[rows.T_DESK], task.row[rows.T_JOINED] = 2, 100 + joined
    *queued, at_work = tasks
    for task in queued:
        task.key = task.queue_key(clock.world, HOUR)
        desks[2].join(task)
    assert desks[2].waiting == queued
    second.row[rows.I_CLASS] = codes.ESCALATED
    clock.rekey(second)
    assert desks[2].waiting == [tasks[2], tasks[0], tasks[1]]
    field = discipline_field(clock.world, second.row, 2, clock.now)
    assert tasks[2].key == (codes.ESCALATED, field, 102, HOUR, second.key, 0, 0)
    assert at_work.key is None
