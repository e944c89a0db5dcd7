"""What tests share: parameters of the tiny city, and rows and worlds for the rules' case tables."""

import gc
import pickle
from pathlib import Path

import numpy as np
import pytest
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.plugins import Plugins

from scenarios.load import load
from sim import codes, levers, rows
from sim.codes import (
    AT_DISPOSER,
    BOARD,
    CITY,
    COMMAND,
    DEPARTMENT,
    DISTRICT,
    GRID,
    GRID_DESK,
    NONE,
    TOWNSHIP,
)
from sim.compiled.events import next_tick, take_all, unpack
from sim.compiled.state import N_EVENTS
from sim.draws import OF_INCIDENT
from sim.keys import set_key
from sim.layout import Layout
from sim.records import TIME_COLUMNS
from sim.rules.life import after_visit
from sim.stream import pack_key
from sim.units import DAY, HOUR, NEVER
from sim.world import World, world_handle
from tests.commands import folder_made

TINY = (
    "experiment=plain",
    "city=tiny",
    "catalogue=tiny",
    "calendar=plain",
    "horizon=short",
    "staff.pilot_incidents=4000",
)
RUN_NOTHING = (
    *("test_conf", "test_evidence", "test_schema", "test_queueing", "test_figure_"),
    *("test_experiments_evidence", "test_experiments_facts", "test_experiments_odd"),
    *("test_capacity", "test_discovery", "test_selection", "test_sensitivity", "test_project"),
)
"""Beginnings of the names of files of tests that need no compiled code."""
MONDAY_9 = 9 * HOUR
"""The tick at which case tables begin: nine o'clock on the first Monday."""


# Thousands of tests leave much behind that lives on: looking through it all again and again for
# cycles took a sixth of the time.
gc.set_threshold(100_000, 50, 1000)


@pytest.hookimpl(trylast=True)  # after what is left out has been taken away
def pytest_collection_modifyitems(config, items):
    """Of two processes each begins with one half of the list. On a fresh machine the first
    compiles the clock for most of a minute; so that the second need not do so, too, it begins with
    files that run nothing."""
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    if processes > 1:
        quiet = [item for item in items if item.path.stem.startswith(RUN_NOTHING)]
        others = [item for item in items if not item.path.stem.startswith(RUN_NOTHING)]
        begin = len(items) // processes  # of the second
        items[:] = others[:begin] + quiet + others[begin:]


@pytest.fixture(scope="session")
def compared(tmp_path_factory) -> Path:
    """A results folder of a comparison with all its records; nobody may write into it."""
    given = ("replications=2", "record=visits", "split.parts=[unlimited]")
    return folder_made(tmp_path_factory.mktemp("compared"), "compare", *TINY, *given)


@pytest.fixture(autouse=True, scope="session")
def _read_once():
    """A file of settings is read by the first who composes it; the others get copies. To read the
    same few files took a third of the time of most tests, and to copy them in depth a sixth."""
    Plugins.instance()  # registers the sources
    source_of_files = SourcesRegistry.instance().resolve("file")
    read, kept = source_of_files.load_config, {}

    def read_once(source, config_path):
        path = Path(source.path, f"{config_path.removesuffix('.yaml')}.yaml")
        if not path.is_file():
            return read(source, config_path)
        key = path, path.stat().st_mtime_ns, source.provider
        if key not in kept:
            kept[key] = pickle.dumps(read(source, config_path))
        return pickle.loads(kept[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source_of_files, "load_config", read_once)
        yield


@pytest.fixture
def undrawn(monkeypatch):
    """Figures are made, but not drawn into their files, which takes long; for tests of other
    things that a command does. It leaves alone what fixtures of a module draw, which come first."""

    def touch(figure, file, **options):
        if isinstance(file, str | Path):
            Path(file).touch()

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", touch)


@pytest.fixture
def young():
    """Only what the test itself makes is looked through for cycles: what thousands of tests have
    left behind takes seconds each time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session")
def siloed():
    return load(TINY)


@pytest.fixture(scope="session")
def integrated():
    return load([*TINY, "policy=integrated"])


@pytest.fixture(scope="session")
def layout(siloed) -> Layout:
    return siloed.layout


@pytest.fixture(scope="session")
def plain(siloed) -> World:
    """A world without chance: every mechanism and lever is 0, but that one hotline takes all calls;
    durations are their means, every judgement is right, nothing waits for a batch, and only signing
    has a desk, the disposer's."""
    world = siloed._bare_world(siloed.policy)
    world = changed(
        world,
        seed=np.uint64(5),
        lever=0.0,
        mechanism=0.0,
        choice=((codes.FIRST_COME, NONE, 0),),
        quantile=1.0,
        availability=1.0,
        clarity=50.0,
        locality=0.0,
        failure=0.0,
        detection=0.0,
        route=NONE,
        paper_mean=(100, 200, 300, 400, 500, 600, 700, 800, 900),
        dispose_mean=1000.0,
        duty=False,
    )
    return with_route(with_lever(world, intake=1.0), sign=(AT_DISPOSER, NONE))


@pytest.fixture
def at(layout):
    """The incident's own desk of a tier and group."""
    return lambda tier, group, unit=0: own_desk(layout, tier, group, unit)


@pytest.fixture
def disposer(layout):
    """The right desk to dispose of an incident of kind 0 at a tier: department 0, or the third of
    a township's boards."""
    group = {CITY: DEPARTMENT, DISTRICT: DEPARTMENT, TOWNSHIP: BOARD, GRID: GRID_DESK}
    return lambda tier: own_desk(layout, tier, group[tier], 2 if tier == TOWNSHIP else 0)


@pytest.fixture(scope="session")
def batches(plain, siloed) -> World:
    """The world without chance, with batches that leave at ten and at four on working days."""
    release = siloed.calendar_names.releases.index("twice_daily")
    return changed(plain, choice=((codes.FIRST_COME, release, 0),))


@pytest.fixture(scope="session")
def idle(plain, siloed) -> World:
    """The world without chance, open at all hours, with one seat at every desk, where the city's
    command desk judges and sends directly."""
    always = siloed.calendar_names.openings.index("always")
    world = changed(plain, desk_opening=always, seats=1, resident_mean=HOUR)
    world = with_mechanism(with_lever(world, direct=1.0, shared_data=1.0), session=DAY)
    return with_route(world, judge=(CITY, COMMAND))


def changed(world: World, **values) -> World:
    """The world with other values, in the types that compiled code knows already."""
    new = {}
    for name, value in values.items():
        old = getattr(world, name)
        if isinstance(old, np.ndarray):
            wanted = np.asarray(value)
            shape = wanted.shape if wanted.ndim == old.ndim else old.shape
            value = np.array(np.broadcast_to(wanted, shape), old.dtype, order="C")
        new[name] = value
    return world._replace(**new)


def with_lever(world: World, **values: float) -> World:
    """The world with other levers, by name."""
    lever = world.lever.copy()
    for name, value in values.items():
        lever[:, levers.LEVERS.index(name)] = value
    return world._replace(lever=lever)


def with_mechanism(world: World, **values: float) -> World:
    """The world with other mechanism numbers, by name."""
    mechanism = world.mechanism.copy()
    for name, value in values.items():
        mechanism[levers.MECHANISMS.index(name)] = value
    return world._replace(mechanism=mechanism)


def with_route(world: World, channel: int | None = None, **places: tuple[int, int]) -> World:
    """The world with another (tier, group) for stages, by name, in one channel or in all."""
    route = world.route.copy()
    for stage, place in places.items():
        route[:, :, codes.STAGES.index(stage), slice(None) if channel is None else channel] = place
    return world._replace(route=route)


def find_desk(layout: Layout, tier: int, group: int, unit: int = 0, centre: int = 0) -> int:
    """The desk with these marks, by looking through all of them."""
    marks = (layout.tier, layout.group, layout.unit, layout.centre_of_tier)
    same = np.all([m == v for m, v in zip(marks, (tier, group, unit, centre))], axis=0)
    (desk,) = np.flatnonzero(same)
    return int(desk)


def own_desk(layout: Layout, tier: int, group: int, unit: int = 0) -> int:
    """As `find_desk`, at the centre of that tier above the incident of `incident_row`."""
    return find_desk(layout, tier, group, unit, (0, 1, 2, 8)[tier])


def incident_row(**columns: int) -> np.ndarray:
    """An open incident on grid 8 of township 2 of district 1, with other columns by name."""
    wide = _incident(columns)
    row = wide.astype(rows.ROW)
    set_key(row, wide[rows.I_KEY])
    return row


def _incident(columns: dict[str, int]) -> np.ndarray:
    row = np.zeros(rows.INCIDENT_WIDTH, np.int64)
    base = {
        "key": pack_key(OF_INCIDENT, 0, 1, 0, 0),
        "entity": OF_INCIDENT,
        "severity": codes.GRADE_IV,
        "tier": codes.TOWNSHIP,
        "base": codes.HOTLINE,
        "grid": 8,
        "township": 2,
        "district": 1,
        "given": NONE,
        "state": codes.OPEN,
        "noticed": MONDAY_9,
        "channel": codes.HOTLINE,
        "limit": NEVER,
        "class": codes.ORDINARY,
        "first": NEVER,
        "solved": NEVER,
        "reports": 1,
        "lead_desk": NONE,
    }
    named = base | columns
    named.setdefault("grade", named["severity"])
    named.setdefault("due", named["limit"])
    for name, value in named.items():
        row[getattr(rows, "I_" + name.upper())] = value
    return row


def arrival(occurred: int = MONDAY_9, k: int = 0, **columns: int) -> np.ndarray:
    """A row of the stream: an incident that is known at once and belongs to a department of
    district 1, with other columns by name."""
    key = pack_key(OF_INCIDENT, 0, 1, 2, k)
    named = {"key": key, "occurred": occurred, "kind": 2, "tier": codes.DISTRICT}
    named |= {"base": codes.ASSIGNED} | columns
    return _incident(named)[: rows.I_GIVEN + 1].copy()


def task_row(**columns: int) -> np.ndarray:
    """A blank task, with columns by name; `done={stage: n}` sets the counters."""
    row = np.zeros(rows.TASK_WIDTH, rows.ROW)
    row[rows.T_DESK] = row[rows.T_WORK] = NONE
    for stage, count in columns.pop("done", {}).items():
        row[rows.T_COUNT + stage] = count
    for name, value in columns.items():
        row[getattr(rows, "T_" + name.upper())] = value
    return row


def end_visit(world, inc, task, now=MONDAY_9):
    """The command after a visit without waiting that took no time."""
    task[rows.T_JOINED], task[rows.T_WORK] = now, 0
    return after_visit(world_handle(world), inc, task, now)


def visited(world, inc, stage, desk, now=MONDAY_9, **columns):
    """(command, task) after a visit of a stage at a desk."""
    task = task_row(**{"stage": stage, "desk": desk, "right": 1} | columns)
    return end_visit(world, inc, task, now), task


def walk(world, inc, task, command, now, work=0, until=(codes.DISPOSE,)):
    """[(stage, desk, tick it joined)] until a stage comes up or the task ends; the last command."""
    path = []
    while True:
        if command == codes.DELAY:
            now = int(task[rows.T_UNTIL])
        elif command != codes.QUEUE:
            return path, command
        path.append((int(task[rows.T_STAGE]), int(task[rows.T_DESK]), now))
        if path[-1][0] in until:
            return path, command
        task[rows.T_JOINED], task[rows.T_WORK] = now, work
        now += work
        command = after_visit(world_handle(world), inc, task, now)


def judged(world, inc, tier, at, now=MONDAY_9, work=0):
    """The way of an incident from a judgement at a tier's own desk to its disposer: as `walk`,
    and its task."""
    group = {CITY: COMMAND, DISTRICT: COMMAND, TOWNSHIP: COMMAND, GRID: GRID_DESK}[tier]
    world = with_route(world, judge=(tier, group))
    task = task_row(stage=codes.JUDGE, desk=at(tier, group))
    command = end_visit(world, inc, task, now)
    path, command = walk(world, inc, task, command, now, work, until=(codes.SIGN,))
    return path, command, task


def signed(world, inc, at, now=MONDAY_9, **columns):
    """(command, task) after a visit of signing at the district department 0."""
    return visited(world, inc, codes.SIGN, at(DISTRICT, DEPARTMENT), now, tier=DISTRICT, **columns)


def account(inc, name):
    return int(inc[rows.I_ACCOUNT + TIME_COLUMNS.index(name)])


def pending(state):
    """(tick, kind, generation, slot) of all events that are pending; they are taken out."""
    found = []
    taken = np.zeros(state.nodes.shape[0], np.int64)
    tick = 0
    while state.count[N_EVENTS] > 0:
        tick = next_tick(state.wheel, state.nodes, tick, NEVER)
        n = take_all(state.wheel, state.nodes, tick, taken)
        state.count[N_EVENTS] -= n
        found += [(int(tick), *map(int, unpack(event))) for event in taken[:n]]
    return sorted(found)
