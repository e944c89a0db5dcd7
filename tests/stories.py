"""Stories for their tests: of hand-made rows of one incident, and of runs of the tiny city."""

from datetime import date
from functools import cache

from analysis.story import Story, story_of
from analysis.story_path import Visit
from analysis.story_words import Names
from experiments import load, simulate
from experiments.one_run import Run
from experiments.story import tell
from sim import codes
from sim.records import INCIDENT_COLUMNS, TIME_COLUMNS
from sim.units import DAY, HOUR, MINUTE, NEVER
from tests.conftest import TINY

END = 10 * DAY
RIGHT, WRONG, POOL = 1, 2, 3
"""Desks: the one that the incident belongs to, another one, and one that may stand for any."""
NAMES = Names(date(2024, 10, 14), lambda desk: f"Desk {desk}")


def is_right(desk: int) -> bool | None:
    return None if desk == POOL else desk == RIGHT


def incident(**columns: int) -> dict[str, int]:
    """An incident that a resident reports an hour after it occurred, at 01:00, due at 24:00."""
    row = dict.fromkeys(INCIDENT_COLUMNS, 0)
    never = dict.fromkeys(("first_closed", "solved"), NEVER)
    row |= {"state": codes.OPEN, "channel": codes.HOTLINE, "reports": 1}
    row |= never | {"noticed": HOUR, "limit": DAY, "sensing": HOUR, "satisfied": codes.NONE}
    return row | {"due": columns.get("limit", DAY)} | columns


def visit(stage: str, joined: float, desk: int = RIGHT, **columns: int) -> Visit:
    """A visit that joins at an hour, waits 6 minutes and takes 24 minutes; columns in ticks."""
    at = round(joined * HOUR)
    row = dict.fromkeys(Visit._fields, 0) | {"stage": codes.STAGES.index(stage), "desk": desk}
    row |= {"joined": at, "started": at + 6 * MINUTE, "ended": at + 30 * MINUTE}
    row |= {"worked": 24 * MINUTE} | columns
    return Visit(**(row | {"released": columns.get("released", row["ended"])}))


def told(*visits: Visit, end: int = END, **columns: int) -> Story:
    """The story of these visits; what the lead's took is booked in the account of time."""
    leads = [v for v in visits if v.report == 0 and v.branch < 64]
    total = max((v.released for v in leads), default=0) - HOUR
    row = incident(**columns)
    if total > 0 and not any(columns.get(name) for name in TIME_COLUMNS):
        row["dispose_waiting"] = total
    return story_of(row, visits, end, is_right)


def solved(*visits: Visit, **columns: int) -> Story:
    """As `told`, the last of the lead's visits having solved it."""
    at = max(v.ended for v in visits if v.report == 0 and v.branch < 64)
    closed = {"state": codes.SOLVED, "first_closed": at, "solved": at}
    return told(*visits, **(closed | columns))


_LEVERS = ("dual", "whistle", "reminder", "criticism", "extension", "automation")
_LIVELY = (
    *("mechanism.false_merge.q=0.05", "mechanism.growth.rate=1"),
    *("mechanism.withdrawal.share=0.8", "mechanism.withdrawal.hours=24"),
    *("mechanism.judgement.wrong_tier=1", "mechanism.criticism.delay_hours=24"),
    *("mechanism.dormancy_hours=48", "horizon.followup_days=14"),
    *(f"policy.levers.{lever}=0.6" for lever in _LEVERS),
)
"""Everything that is off as shipped switched on, but for callers who hang up."""


@cache
def lively_run(policy: str) -> Run:
    """A run of the tiny city in which all of `_LIVELY` happens."""
    return simulate(load([*TINY, f"policy={policy}", "record=visits", *_LIVELY]), 1)


@cache
def lively(policy: str) -> list[Story]:
    """The stories of all its incidents."""
    run = lively_run(policy)
    return [tell(run, int(key)) for key in run.incident_columns["incident"]]
