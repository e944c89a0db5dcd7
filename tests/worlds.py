"""Random crowded worlds; tests/both.py runs both clocks on them.

A world is drawn from one number: a small city with too few seats, random policies, catalogue
numbers, openings and incidents. Half of the worlds are coarse: every duration in them is a
multiple of STEP, so that much happens at once and the order of decisions matters.
"""

from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from scenarios.load import load
from scenarios.world import build_world
from sim import codes, levers, rows
from sim.codes import NONE
from sim.draws import OF_BACKGROUND, OF_CONSULTATION, OF_FALSE_ALARM, OF_INCIDENT, OF_TRIVIAL
from sim.durations import EXPONENTIAL, FIXED, GAMMA, LOGNORMAL, quantile_row
from sim.layout import Layout
from sim.situation import at_first
from sim.stream import pack_key
from sim.units import DAY, HOUR, NEVER
from sim.world import World
from tests import mixtures
from tests.mixtures import N_APPLICATIONS, N_REGIMES, STEP

STREAM_DAYS = 3
MOST_DAYS = 8
MOST_INCIDENTS = 400
N_KINDS, N_PAPERS = 4, 9
STARTS = ("2024-10-14", "2024-09-27", "2024-09-30")  # a Monday; before and at long holidays


class Case(NamedTuple):
    """A world and what happens in it: all that a clock needs."""

    world: World
    chunks: list[tuple[int, np.ndarray]]
    end: int
    window: tuple[int, int]


# --- random worlds ----------------------------------------------------------------------------


@cache
def _template(start):
    """Parameters and a world of the tiny city, for calendar, catalogue and types of arrays."""
    horizon = {"start": f"'{start}'", "warmup_days": 0, "cohort_days": MOST_DAYS}
    overrides = [f"horizon.{name}={value}" for name, value in horizon.items()]
    p = load(["city=tiny", "catalogue=tiny", "calendar=china", "policy=siloed", *overrides])
    seats = np.zeros((p.layout.n_desks, max(p.calendar_names.n_shifts)), np.int32)
    names, mechanism = p.calendar_names, p.settings.mechanism
    return p, build_world(p.policy, p.layout, p.catalogue, p.calendar, names, mechanism, seats, DAY)


@cache
def _quantiles(coarse):
    """Quantile tables of four families; rounded to whole numbers in a coarse world."""
    families = (EXPONENTIAL, 1.0), (FIXED, 0.0), (GAMMA, 0.6), (LOGNORMAL, 1.2)
    table = np.array([quantile_row(*family) for family in families])
    return np.round(table) if coarse else table


def random_world(seed: int, incidents: int = MOST_INCIDENTS) -> Case:
    """The crowded world of this number.

    incidents : at most so many of its incidents occur, all else being equal; a test that fails
    can be shrunk by it.
    """
    rng = np.random.default_rng(seed)
    coarse = bool(rng.random() < 0.5)
    parameters, template = _template(STARTS[rng.integers(len(STARTS))])
    city = _city(rng)
    layout = Layout(city, parameters.catalogue)
    fields = {
        "seed": np.uint64(rng.integers(2**63)),
        "exponential": 0,
        "quantile": _quantiles(coarse),
        **_desks(rng, layout, template, len(parameters.calendar_names.openings)),
        **_policies(rng, layout, len(parameters.calendar_names.releases), coarse),
        **_kinds(rng, template.duty.size, coarse),
        **_works(rng, coarse),
        **_centres(rng, layout),
        "regime": rng.integers(N_REGIMES, size=city.n_districts),
        "later": rng.integers(N_REGIMES, size=city.n_districts),
        "switch": _switches(rng, city.n_districts, coarse),
        "desk_regime": rng.integers(N_REGIMES, size=layout.n_desks),
        **mixtures.dates(rng, template, layout.n_desks, coarse),
        **mixtures.applications(rng, N_KINDS, coarse),
        **_outages(rng, coarse),
        "situation": at_first(
            layout.n_desks, N_KINDS, city.n_townships, city.n_districts, city.n_grids
        ),
        "restrict": int(rng.integers(HOUR, MOST_DAYS * DAY)),
    }
    world = template._replace(**{k: _as_in(template, k, v) for k, v in fields.items()})
    end = int(rng.uniform(2, MOST_DAYS) * DAY)
    window = (0, end) if rng.random() < 0.5 else tuple(np.sort(rng.integers(end, size=2)).tolist())
    return Case(world, _chunks(rng, world, city, coarse, incidents), end, window)


def without_time(case: Case) -> Case:
    """The same with nothing that takes time and every report returned: no tick has an end."""
    world, arrivals = case.world, np.concatenate([part for _, part in case.chunks])
    means = ("sensor_mean", "resident_mean", "patrol_mean", "dispose_mean", "paper_mean")
    lever = world.lever.copy()
    lever[:, [levers.REFUSAL, levers.RETURN_LIMIT, levers.FIRST_RECEIVER]] = 1, 0, 0
    still = {name: np.zeros_like(getattr(world, name)) for name in means}
    arrivals[:, rows.I_OCCURRED] = 0
    arrivals = arrivals[np.argsort(arrivals[:, rows.I_KEY])]
    world = world._replace(lever=lever, seats=world.seats + len(arrivals), **still)
    return case._replace(world=world, chunks=[(DAY, arrivals)])


def _switches(rng, n, coarse):
    """When each district goes over to another policy; some never do."""
    ticks = rng.integers(STREAM_DAYS * DAY, size=n)
    if coarse:
        ticks -= ticks % STEP
    return np.where(rng.random(n) < 0.5, NEVER, ticks)


def _outages(rng, coarse):
    """When the platform is down; in half of the worlds never."""
    n = int(rng.choice([0, 0, 1, 4]))
    ticks = np.sort(rng.integers(MOST_DAYS * DAY // STEP, size=2 * n)) * STEP
    if not coarse:
        ticks = np.sort(ticks + rng.integers(STEP, size=2 * n))
    return {"outage_from": ticks[::2], "outage_to": ticks[1::2]}


def _as_in(template, name, value):
    """The value in the type that compiled code knows: any other would be compiled anew."""
    old = getattr(template, name)
    if not isinstance(old, np.ndarray):
        return value
    assert value.ndim == old.ndim, name
    return np.ascontiguousarray(value, dtype=old.dtype)


def _city(rng):
    """The numbers that a Layout asks for, of one to three districts."""
    townships = rng.integers(1, 4, size=rng.integers(1, 4))
    grids = rng.integers(1, 4, size=townships.sum())
    return SimpleNamespace(
        n_districts=townships.size,
        n_townships=grids.size,
        n_grids=int(grids.sum()),
        township_district=np.repeat(np.arange(townships.size), townships),
        grid_township=np.repeat(np.arange(grids.size), grids),
    )


def _shares(rng, shape):
    """Probabilities, a good part of them exactly 0 or 1."""
    return np.clip(rng.uniform(-0.8, 1.8, shape), 0.0, 1.0)


def _times(rng, shape, coarse, mean=HOUR // 2, steps=(0, 1, 1, 2, 3)):
    """Mean durations [ticks], some of them 0."""
    if coarse:
        return STEP * rng.choice(steps, size=shape)
    return np.where(rng.random(shape) < 0.1, 0.0, rng.exponential(mean, shape))


def _desks(rng, layout, template, n_openings):
    """Where the desks are, when they are open, and too few seats."""
    size = layout.n_desks, template.seats.shape[1]
    return {
        "tier_base": layout.tier_base,
        "desk_tier": layout.tier,
        "desk_group": layout.group,
        "desk_opening": rng.integers(n_openings, size=layout.n_desks),
        "seats": rng.choice([0, 1, 1, 2, 2, 2, 3, 3], size=size),
    }


def _policies(rng, layout, n_releases, coarse):
    """Levers, choices and tables of every regime; what the settings would refuse is left out."""
    lever = _shares(rng, (N_REGIMES, len(levers.LEVERS)))
    lever[:, levers.REFUSAL] *= 0.4  # else most incidents would go round for ever
    lever[:, levers.RETURN_LIMIT] = rng.choice([0, 1, 1, 2, 3], size=N_REGIMES)
    if rng.random() < 0.4:  # else seats are not where the calendar has them
        lever[:, [levers.FLEXIBLE, levers.EMERGENCY]] = 0.0
    if coarse:  # else retyping and haste would take part of a step
        for which in (levers.SHARED_DATA, levers.ASSESSMENT):
            lever[:, which] = rng.integers(2, size=N_REGIMES)
    route = _routes(rng, layout, lever)
    grid = np.full((N_REGIMES, 1), NONE)
    relay = rng.choice([codes.COMMAND, codes.COMMAND, NONE], size=(N_REGIMES, 3))
    dispose = rng.choice([codes.DEPARTMENT, codes.BOARD], size=(N_REGIMES, 2))
    township = np.full((N_REGIMES, 1), codes.BOARD)
    choice = np.zeros((N_REGIMES, len(levers.CHOICES)), int)
    choice[:, levers.DISCIPLINE] = rng.integers(len(codes.DISCIPLINES), size=N_REGIMES)
    choice[:, levers.RELEASES] = rng.integers(NONE, n_releases, size=N_REGIMES)
    choice[:, levers.RELEASE_SIZE] = rng.choice([0, 0, 2, 3], size=N_REGIMES)
    return {
        "lever": lever,
        "choice": choice,
        "route": route,
        "relay": np.hstack([relay, grid]),
        "dispose": np.where(
            rng.random() < 0.1,  # a reduced world: nobody disposes, under any policy
            NONE,
            np.hstack([dispose, township, grid + 1 + codes.GRID_DESK]),
        ),
    }


def _routes(rng, layout, lever):
    """Stage tables; no signature only where the settings allow it, without joint disposals."""
    tiers, groups = range(len(codes.TIERS)), range(len(codes.DESK_GROUPS))
    places = [(t, g) for t in tiers for g in groups if layout.members(t, g)]
    none, disposer = (NONE, NONE), (codes.AT_DISPOSER, NONE)
    later = [disposer, (codes.AT_PARENT, codes.BOARD), (codes.AT_PARENT, codes.COMMAND), none]
    choices = {
        codes.REGISTER: [*places, *[(codes.CITY, codes.HOTLINE_DESK)] * 6, *[none] * 6],
        codes.JUDGE: [*places, *[none] * 3],
        codes.DISPATCH: [*places, *[none] * 6],
        codes.SIGN: [*[disposer] * 3, (codes.TOWNSHIP, codes.COMMAND)],
        codes.VERIFY: [*places, *later * 3],
        codes.SUPERVISE: [*places, *later * 3],
    }
    size = N_REGIMES, N_APPLICATIONS
    route = np.full((*size, codes.N_STAGES, len(codes.CHANNELS), 2), NONE)
    for regime, application in np.ndindex(size):
        for stage, listed in choices.items():
            may_skip = stage == codes.SIGN and lever[regime, levers.JOINT] == 0.0
            allowed = [*listed, none] if may_skip else listed
            route[regime, application, stage] = rng.choice(allowed, size=len(codes.CHANNELS))
    return route


def _kinds(rng, n_departments, coarse):
    """Numbers of the catalogue's kinds."""
    per_kind = ("sensor_mean", "resident_mean", "patrol_mean", "duplicate_gap", "dispose_mean")
    per_grade = (N_KINDS, len(codes.SEVERITIES))
    unit = rng.integers(len(codes.LIMIT_UNITS), size=per_grade)
    # A timer rings one tick after its limit: limits of one tick less make it ring on the grid.
    short = STEP * rng.integers(1, 24, size=per_grade) - rng.integers(2, size=per_grade)
    grow = _times(rng, N_KINDS, coarse, mean=4 * HOUR, steps=(1, 4, 16))
    return {
        **{name: _times(rng, N_KINDS, coarse) for name in per_kind},
        "lead": rng.integers(n_departments, size=N_KINDS),
        "board141": rng.integers(4, size=N_KINDS),
        "board8": rng.integers(4, size=N_KINDS),
        "sensor_share": _shares(rng, N_KINDS),
        "clarity": rng.uniform(-1, 4, N_KINDS),
        "locality": rng.random(N_KINDS),
        "failure": _shares(rng, N_KINDS) * 0.5,
        "growth_mean": np.where(rng.random(N_KINDS) < 0.3, NEVER, grow),
        "limit_unit": unit,
        "limit_value": np.where(unit == codes.WORKING_DAYS, rng.integers(1, 3), short),
        "dispose_row": rng.integers(4, size=N_KINDS),
        "duty": rng.random(n_departments) < 0.3,
    }


def _works(rng, coarse):
    """Paperwork, mechanisms, and the works that a trace gives."""
    mechanism = rng.uniform(0, 2, len(levers.MECHANISMS))
    mechanism[levers.WRONG_TIER] /= 2
    factors = [levers.WRONG_DESK_WORK, levers.JOINT_WORK, levers.PARTNER_WORK]
    if coarse:
        factors.append(levers.GENERALIST_WORK)
        mechanism[factors] = rng.integers(0, 3, size=len(factors))
    delays = [levers.COORDINATION, levers.DORMANCY, levers.BACKGROUND_WORK, levers.REDIAL_DELAY]
    mechanism[delays] = _times(rng, 4, coarse)
    mechanism[levers.RE_ENTRY] = _times(rng, (), coarse, mean=HOUR // 10, steps=(0, 1))
    mechanism[[levers.SILENCE, levers.EASE_GAIN]] = rng.uniform(0, 0.6, 2)
    mechanism[levers.WAKING] = rng.integers(2)
    mechanism[levers.PATIENCE] = _times(rng, (), coarse, steps=(0, 1, 1, 2)) / 2
    mechanism[levers.REDIAL] = rng.uniform(0.2, 0.9)
    mechanism[levers.LINES] = rng.choice([0, 0, 1, 2, 3])
    mechanism[levers.GROWTH_RATE] = rng.choice([0, 1, 1] if coarse else [0, 0.5, 2])
    mechanism[levers.GROWTH_TIER] = _shares(rng, ())
    mechanism[levers.WITHDRAWAL] = _shares(rng, ())
    mechanism[levers.WITHDRAWAL_DELAY] = _times(rng, (), coarse, steps=(0, 1, 2, 4))
    mechanism[levers.FALSE_MERGE] = rng.choice([0, 0.05, 0.3])
    if coarse:
        mechanism[levers.GROWTH_WORK] = rng.integers(0, 2)
    # Supervision and ways of working.
    shares = [levers.REMINDER_LEAD, levers.HURRY_WINDOW, levers.HURRY_WORK]
    mechanism[shares] = rng.integers(2, size=3) if coarse else rng.random(3)
    factors = [levers.REMINDER_WORK, levers.CRITICISM_WORK, levers.ANSWER_WORK]
    factors += [levers.EXTENSION_LENGTH, levers.WHISTLE_STAY]
    if coarse:
        mechanism[factors] = rng.integers(3, size=len(factors))
    delays = [levers.CRITICISM_DELAY, levers.WHISTLE_TRAVEL]
    mechanism[delays] = _times(rng, 2, coarse).astype(np.int64)
    mechanism[levers.HURRY_FAILURE] = rng.uniform(0, 0.4)  # else some would fail for ever
    mechanism[levers.PROCEDURE_CLARITY] = rng.uniform(-1, 2)
    _adaptive(rng, mechanism, coarse)
    session = STEP * rng.integers(1, 4) if coarse else rng.integers(HOUR // 12, 2 * HOUR)
    mechanism[levers.SESSION] = session
    given = _times(rng, (5, codes.N_STAGES), coarse).astype(np.int64)
    given[rng.random(given.shape) < 0.5] = NONE
    return {
        "paper_mean": _times(rng, N_PAPERS, coarse, mean=HOUR // 10, steps=(0, 0, 1)),
        "paper_row": rng.integers(4, size=N_PAPERS),
        "mechanism": mechanism,
        "availability": rng.choice([0.5, 1.0], size=4) if coarse else rng.uniform(0.3, 1, 4),
        "detection": _shares(rng, codes.SELF_CHECK + 1),
        "about": rng.choice([0, 1, 1] if coarse else [0, 0.7, 1.6], size=(3, 24)),
        "given": given,
    }


def _adaptive(rng, mechanism, coarse):
    """Mechanism numbers of adaptive centres, in place; those of time are multiples of STEP in a
    coarse world."""
    steps = {
        levers.SWITCHING: [0, 1, 2],
        levers.REVIEW: [2, 4, 8],
        levers.EMERGENCY_LEAST: [0, 4, 16],
        levers.EMERGENCY_SWITCH: [0, 1, 2],
    }
    for which, choices in steps.items():
        jitter = 0 if coarse else rng.integers(STEP)
        mechanism[which] = STEP * rng.choice(choices) + jitter
    rates = [(0, 1), (1e6, 0.5)] if coarse else [(0, 1), (1, 0.1), (3, 0), (0.5, 0.3)]
    mechanism[[levers.PATROL_WEIGHT, levers.PATROL_LEAST]] = rates[rng.integers(len(rates))]
    mechanism[levers.EMERGENCY_OFF] = rng.choice([0.3, 0.7, 1.0])
    mechanism[levers.NIGHT_SHARE] = rng.choice([0.2, 0.5, 1.0])
    mechanism[levers.EMERGENCY_COORDINATION] = rng.choice([0.0, 1.0] if coarse else [0.0, 0.3, 1.0])
    mechanism[levers.SHARING_QUEUE] = rng.choice([0.0, 0.5, 1.0])
    mechanism[levers.SHARING_TRAVEL] = _times(rng, (), coarse)
    mechanism[levers.LEARNING_SINCE] = rng.choice([np.inf, 0.0, DAY])
    mechanism[levers.DIP_WORK] *= not coarse  # else work would take part of a step
    constants = [levers.DIP_TIME, levers.TRAINING_PERIOD, levers.FORGETTING]
    mechanism[constants] = rng.integers(HOUR, 2 * DAY, size=3)
    mechanism[levers.USES] = rng.integers(1, 30)


def _centres(rng, layout):
    """Which townships help each other, and what calls for emergency mode."""
    return {
        "township_district": layout.city.township_district,
        "neighbour": layout.neighbour,
        "emergency": rng.random(N_KINDS) < 0.5,
        "alarm_on": rng.integers(1, 5, size=1 + layout.city.n_districts),
    }


def _chunks(rng, world, city, coarse, most):
    """What occurs: incidents, false alarms and background tasks, in chunks of a random length."""
    n = int(50 * 8 ** rng.random() ** 2)
    arrivals = np.zeros((n, rows.I_GIVEN + 1), np.int64)
    entities = [OF_INCIDENT, OF_FALSE_ALARM, OF_BACKGROUND, OF_TRIVIAL, OF_CONSULTATION]
    entity = rng.choice(entities, size=n, p=[0.74, 0.08, 0.06, 0.06, 0.06])
    grid, kind = rng.integers(city.n_grids, size=n), rng.integers(N_KINDS, size=n)
    occurred = rng.integers(STREAM_DAYS * DAY, size=n)
    if coarse:
        occurred -= occurred % STEP
    district = city.township_district[city.grid_township[grid]]
    real = entity == OF_INCIDENT
    given = np.where(rng.random(n) < 0.2, rng.integers(len(world.given), size=n), NONE)
    desk = rng.integers(world.desk_opening.size, size=n)
    bits = np.append(1 << np.arange(world.duty.size), 1 << rows.TOWNSHIP_BIT)
    needed = rng.random((n, bits.size)) < _shares(rng, (N_KINDS, bits.size))[kind] * 0.6
    for column, values in (
        (rows.I_KEY, pack_key(entity, occurred // DAY, district, kind, np.arange(n))),
        (rows.I_ENTITY, entity),
        (rows.I_OCCURRED, occurred),
        (rows.I_KIND, kind),
        (rows.I_SEVERITY, rng.integers(4, size=n)),
        (rows.I_TIER, rng.integers(4, size=n)),
        (rows.I_BASE, np.where(real, rng.integers(4, size=n), codes.SENSOR)),  # not read of others
        (rows.I_GRID, grid),
        (rows.I_TOWNSHIP, city.grid_township[grid]),
        (rows.I_DISTRICT, district),
        (rows.I_PARTNERS, np.where(real, needed @ bits, 0)),
        (rows.I_DUPLICATES, real * rng.poisson(rng.choice([0.0, 1.0, 3.0], N_KINDS)[kind])),
        (rows.I_GIVEN, np.where(entity == OF_BACKGROUND, desk, np.where(real, given, NONE))),
    ):
        arrivals[:, column] = values
    arrivals = arrivals[:most]
    arrivals = arrivals[np.lexsort((arrivals[:, rows.I_KEY], arrivals[:, rows.I_OCCURRED]))]
    length = int(rng.choice([DAY // 4, DAY, STREAM_DAYS * DAY]))
    ends = range(length, STREAM_DAYS * DAY + 1, length)
    parts = np.split(arrivals, np.searchsorted(arrivals[:, rows.I_OCCURRED], ends[:-1]))
    return list(zip(ends, parts, strict=True))
