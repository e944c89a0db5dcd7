"""The calendar: known dates, and compiled answers against counting every tick."""

import copy
import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from sim import calendar as cals
from sim.codes import CLOCK_HOURS, DAY_TYPES, NONE, WORKING_DAYS, WORKING_HOURS
from sim.errors import InputError
from sim.units import DAY, HOUR, MINUTE, NEVER

CONF = Path(__file__).parent.parent / "conf" / "calendar"
CHINA, PLAIN = (
    OmegaConf.to_container(OmegaConf.load(CONF / name)) for name in ("china.yaml", "plain.yaml")
)
OFFICE, EXTENDED, DUTY, GRID, ALWAYS = range(5)

# A few odd days, so that closed days, split shifts and midnights all occur.
START, N_DAYS = datetime.date(2025, 1, 25), 14
CAL, NAMES = cals.calendar_from(CHINA, START, N_DAYS)
END = N_DAYS * DAY


def every_second() -> np.ndarray:
    """bool[openings, seconds]: whether each is open, counted straight from the configuration."""
    is_open = np.zeros((len(CHINA["openings"]), END), bool)
    for row, opening in zip(is_open, CHINA["openings"].values(), strict=True):
        for begin, end in (period for shift in opening["shifts"] for period in shift):
            a, b = (int(time[:2]) * HOUR + int(time[3:]) * MINUTE for time in (begin, end))
            for day in range(N_DAYS):
                if DAY_TYPES[CAL.day_type[day]] in opening["days"]:
                    row[day * DAY + a : day * DAY + b] = True
    return is_open


OPEN = every_second()
OPEN_UNTIL = np.concatenate([np.zeros((len(OPEN), 1), int), OPEN.cumsum(axis=1)], axis=1)

compiling = settings(deadline=None)
openings = st.integers(0, len(NAMES.openings) - 1)
# Whole quarters of an hour, give or take a second, hit every edge of a period.
ticks = st.one_of(
    st.integers(0, END - 1),
    st.builds(
        lambda quarter, off: min(max(quarter * 15 * MINUTE + off, 0), END - 1),
        st.integers(0, END // (15 * MINUTE)),
        st.integers(-1, 1),
    ),
)


def day_types(start: str, n_days: int) -> list[str]:
    calendar, _ = cals.calendar_from(CHINA, datetime.date.fromisoformat(start), n_days)
    return [DAY_TYPES[code] for code in calendar.day_type]


@pytest.mark.parametrize(
    ("first", "n_holidays", "workdays"),
    [
        ("2023-01-21", 7, ["2023-01-28", "2023-01-29"]),
        ("2023-09-29", 8, ["2023-10-07", "2023-10-08"]),
        ("2024-02-10", 8, ["2024-02-04", "2024-02-18"]),
        ("2025-01-01", 1, ["2025-01-02"]),
        ("2025-01-28", 8, ["2025-01-26", "2025-02-08"]),
        ("2025-05-01", 5, ["2025-04-27"]),
        ("2025-10-01", 8, ["2025-09-28", "2025-10-11"]),
        ("2026-02-15", 9, ["2026-02-14", "2026-02-28"]),
        ("2026-10-01", 7, ["2026-09-20", "2026-10-10"]),
    ],
)
def test_known_holidays(first, n_holidays, workdays):
    """State Council notices: the holiday lasts that long, and its make-up days are worked."""
    assert day_types(first, n_holidays + 1)[:n_holidays] == ["holiday"] * n_holidays
    assert day_types(first, n_holidays + 1)[-1] != "holiday"
    assert [day_types(day, 1)[0] for day in workdays] == ["workday"] * len(workdays)


def test_working_days_of_each_year():
    """A year works its Mondays to Fridays less the public holidays: 11 days, 13 from 2025."""
    found = {}
    for year in range(2023, 2027):
        n_days = 366 if year == 2024 else 365
        found[year] = day_types(f"{year}-01-01", n_days).count("workday")
    assert found == {2023: 260 - 11, 2024: 262 - 11, 2025: 261 - 13, 2026: 261 - 13}


def test_days_carry_month_and_weekday():
    calendar, names = cals.calendar_from(CHINA, datetime.date(2024, 2, 28), 400)
    for day in range(400):
        date = datetime.date(2024, 2, 28) + datetime.timedelta(days=day)
        assert (calendar.month[day], calendar.weekday[day]) == (date.month - 1, date.weekday())
    assert names.known_days == 400
    assert cals.calendar_from(CHINA, datetime.date(2026, 12, 1), 400)[1].known_days == 31


def test_plain_calendar_has_ordinary_weeks():
    calendar, names = cals.calendar_from(PLAIN, datetime.date(1999, 1, 4), 14)
    assert [DAY_TYPES[code] for code in calendar.day_type] == (
        ["workday"] * 5 + ["weekend"] * 2
    ) * 2
    assert (names.openings, names.releases) == (NAMES.openings, NAMES.releases)
    assert dict(zip(names.openings, names.week_hours, strict=True)) == {
        "office": (40.0,),
        "extended": (56.0, 56.0),
        "duty": (56.0, 56.0, 56.0),
        "grid": (56.0,),
        "always": (168.0,),
    }


def test_office_is_open_at_its_hours():
    """Sunday 26 January 2025 is a make-up day: 09:00-12:30 and 13:30-18:00; the 28th is not."""
    sunday, tuesday = 1 * DAY, 3 * DAY
    edges = [9 * HOUR, 12 * HOUR + 30 * MINUTE, 13 * HOUR + 30 * MINUTE, 18 * HOUR]
    assert [cals.shift_at(CAL, OFFICE, sunday + edge) for edge in edges] == [0, -1, 0, -1]
    assert [cals.shift_at(CAL, OFFICE, sunday + edge - 1) for edge in edges] == [-1, 0, -1, 0]
    assert cals.open_ticks(CAL, OFFICE, sunday, sunday + DAY) == 8 * HOUR
    assert cals.open_ticks(CAL, OFFICE, tuesday, tuesday + 8 * DAY) == 0
    assert [cals.shift_at(CAL, DUTY, tuesday + h * HOUR) for h in (0, 7, 8, 16, 23)] == [
        0,
        0,
        1,
        2,
        2,
    ]


def test_segments_are_sorted_and_disjoint():
    for row in range(len(NAMES.openings)):
        part = slice(CAL.seg_first[row, 0], CAL.seg_first[row, N_DAYS])
        start, end = CAL.seg_start[part], CAL.seg_end[part]
        assert (start < end).all()
        assert (end[:-1] <= start[1:]).all()
        assert (start // DAY == (end - 1) // DAY).all()
        for day in range(N_DAYS):
            first = CAL.seg_first[row, day]
            assert first == part.start + (start < day * DAY).sum()
        assert CAL.open_before[row].tolist() == OPEN_UNTIL[row, ::DAY].tolist()


@compiling
@given(openings, ticks)
def test_lookups_match_counting(opening, t):
    i = cals.segment_at(CAL, opening, t)
    assert (i >= 0) == OPEN[opening, t]
    if i >= 0:
        assert CAL.seg_start[i] <= t < CAL.seg_end[i]
        assert CAL.seg_first[opening, 0] <= i < CAL.seg_first[opening, N_DAYS]
    part = slice(CAL.seg_first[opening, 0], CAL.seg_first[opening, N_DAYS])
    later = [start for start in CAL.seg_start[part] if start > t]
    assert cals.next_start(CAL, opening, t) == min(later, default=NEVER)


@compiling
@given(openings, ticks, ticks)
def test_open_ticks_match_counting(opening, a, b):
    a, b = min(a, b), max(a, b)
    assert cals.open_ticks(CAL, opening, a, b) == OPEN[opening, a:b].sum()


@compiling
@given(openings, ticks, st.one_of(st.integers(1, 100 * HOUR), st.integers(1, 300)))
def test_add_open_is_the_first_tick_with_that_much_open_time(opening, t, amount):
    answer = cals.add_open(CAL, opening, t, amount)
    reached = np.flatnonzero(OPEN_UNTIL[opening] - OPEN_UNTIL[opening, t] >= amount)
    assert answer == (reached[0] if reached.size else NEVER)
    if answer < NEVER:
        assert cals.open_ticks(CAL, opening, t, answer) == amount


@compiling
@given(st.integers(0, len(NAMES.releases) - 1), ticks)
def test_next_release_is_the_smallest_not_before(release, t):
    part = CAL.release_tick[CAL.release_first[release, 0] : CAL.release_first[release, N_DAYS]]
    later = [tick for tick in part if tick >= t]
    assert cals.next_release(CAL, release, t) == min(later, default=NEVER)


def test_releases_fall_on_their_days_and_times():
    calendar, names = cals.calendar_from(CHINA, datetime.date(2025, 4, 28), 14)
    found = {}
    for row, name in enumerate(names.releases):
        part = slice(calendar.release_first[row, 0], calendar.release_first[row, 14])
        found[name] = [divmod(tick / HOUR, 24) for tick in calendar.release_tick[part]]
    # Monday 28 April to Sunday 11 May, with 1 to 5 May off: work on days 0-2 and 8-11.
    assert found["twice_daily"] == [(d, h) for d in (0, 1, 2, 8, 9, 10, 11) for h in (10, 16)]
    assert found["twice_weekly"] == [(1, 9.5), (8, 9.5), (11, 9.5)]
    assert found["weekly"] == [(0, 9.5)]
    assert cals.next_release(calendar, NONE, 12345) == 12345


@pytest.mark.parametrize(
    ("t", "value", "unit", "due"),
    [
        (3 * DAY, 24 * HOUR, CLOCK_HOURS, 4 * DAY),
        # 4 working hours from Sunday 16:00 (make-up day): 2 h then, 2 h on Monday.
        (1 * DAY + 16 * HOUR, 4 * HOUR, WORKING_HOURS, 2 * DAY + 11 * HOUR),
        # The day of t does not count, whatever the hour, and the Spring Festival is skipped:
        # Monday 27 January is day 2; the next working day is Wednesday 5 February, day 11.
        (1 * DAY, 1, WORKING_DAYS, 2 * DAY + 18 * HOUR),
        (1 * DAY + 23 * HOUR, 1, WORKING_DAYS, 2 * DAY + 18 * HOUR),
        (1 * DAY, 2, WORKING_DAYS, 11 * DAY + 18 * HOUR),
        # From a day off, the next working day is the first.
        (0, 1, WORKING_DAYS, 1 * DAY + 18 * HOUR),
        (1 * DAY, 6, WORKING_DAYS, NEVER),
    ],
)
def test_limits(t, value, unit, due):
    assert cals.add_limit(CAL, OFFICE, t, value, unit) == due


@compiling
@given(ticks, st.integers(1, 12))
def test_working_days_match_counting(t, n):
    later = [day for day in range(t // DAY + 1, N_DAYS) if OPEN[OFFICE, day * DAY :][:DAY].any()]
    due = later[n - 1] * DAY + 18 * HOUR if n <= len(later) else NEVER
    assert cals.add_limit(CAL, OFFICE, t, n, WORKING_DAYS) == due


@compiling
@given(openings, ticks, st.integers(0, 100 * HOUR))
def test_compiled_equals_interpreted(opening, t, amount):
    """Integer rules may run uncompiled: both clocks must then agree."""
    for function, arguments in [
        (cals.segment_at, (opening, t)),
        (cals.next_start, (opening, t)),
        (cals.add_open, (opening, t, amount)),
        (cals.open_ticks, (opening, t, t + amount)),
        (cals.next_release, (opening, t)),
    ]:
        assert function(CAL, *arguments) == function.py_func(CAL, *arguments)


def test_outside_the_days_nothing_is_known():
    assert cals.segment_at(CAL, ALWAYS, END) == cals.segment_at(CAL, ALWAYS, -1) == -1
    assert cals.next_start(CAL, ALWAYS, END) == NEVER == cals.next_release(CAL, 0, END)
    assert cals.next_start(CAL, ALWAYS, -1) == 0
    assert cals.open_ticks(CAL, ALWAYS, END - HOUR, END + DAY) == HOUR
    assert cals.open_ticks(CAL, ALWAYS, 0, NEVER) == END
    assert cals.add_open(CAL, ALWAYS, END - HOUR, HOUR) == END
    assert cals.add_open(CAL, ALWAYS, END - HOUR, HOUR + 1) == NEVER
    assert cals.add_open(CAL, OFFICE, 0, NEVER) == NEVER
    assert cals.add_open(CAL, OFFICE, END + 5, 0) == END + 5


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("openings.office.dais", [], r"calendar\.openings\.office\.dais: no such key .*'days'"),
        ("openings.office.days", ["workdays"], r"calendar\.openings\.office\.days: 'workdays'"),
        ("openings.duty.shifts.2.0", ["22:00", "06:00"], r"shifts\[2\]\[0\].*split it at 24:00"),
        ("openings.duty.shifts.2.0", ["15:00", "24:00"], r"calendar\.openings\.duty.*overlap"),
        ("openings.duty.shifts.2.0", [540, "24:00"], r"540 is not a time '00:00' to '24:00'"),
        ("openings.duty.shifts.2.0", ["08:60", "24:00"], r"'08:60' is not a time"),
        ("openings.duty.shifts.2.0", ["08:00", "24:30"], r"'24:30' is not a time"),
        ("openings.duty.shifts.2", [], r"calendar\.openings\.duty\.shifts\[2\]: \[\]"),
        ("openings", {}, r"calendar\.openings: .* at least one"),
        ("releases.weekly.weekdays", ["monday"], r"releases\.weekly\.weekdays: 'monday' is none"),
        ("releases.daily.at", ["24:00"], r"calendar\.releases\.daily\.at: '24:00'"),
        ("holidays.0.to", "2022-12-01", r"calendar\.holidays\[0\]\.to: 2022-12-01 is before"),
        ("holidays.3.from", "29 April", r"holidays\[3\]\.from: '29 April' is not a date"),
        ("makeup_workdays.2", "2023-10-01", r"makeup_workdays\[2\]: 2023-10-01 must be"),
        ("makeup_workdays.2", "2023-11-01", r"makeup_workdays\[2\]: 2023-11-01 must be"),
        ("covers.to", "2024-01-01", r"calendar\.covers: the start date 2025-01-25 is outside"),
    ],
)
def test_mistakes_are_named(path, value, message):
    config = copy.deepcopy(CHINA)
    node, keys = config, [int(part) if part.isdecimal() else part for part in path.split(".")]
    for part in keys[:-1]:
        node = node[part]
    node[keys[-1]] = value
    with pytest.raises(InputError, match=message):
        cals.calendar_from(config, START, N_DAYS)


def test_missing_key_and_empty_horizon():
    with pytest.raises(InputError, match=r"calendar\.releases: missing"):
        cals.calendar_from({"openings": CHINA["openings"]}, START, N_DAYS)
    with pytest.raises(InputError, match="0 days"):
        cals.calendar_from(CHINA, START, 0)
