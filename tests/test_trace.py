"""A user's own incidents: what is read, what is drawn, and how mistakes are named."""

import datetime
import random
from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf

from scenarios.rates import build_rates
from scenarios.schema import StreamSettings
from sim import codes
from sim import rows as r
from sim.calendar import calendar_from
from sim.catalogue import Catalogue, catalogue_from
from sim.city import City, load_city
from sim.city_files import read_table
from sim.draws import OF_INCIDENT
from sim.errors import FileError, InputError
from sim.stream import Rates, generate, unpack_key
from sim.trace import OPTIONAL, REQUIRED, Trace, chunks, read_trace
from sim.units import DAY, HOUR, MINUTE

pytestmark = pytest.mark.filterwarnings("ignore:.* before the line above")

CONF = Path(__file__).parents[1] / "conf"
EXAMPLE = CONF / "city" / "tiny" / "example_trace.csv"
START, N_DAYS, SEED = datetime.date(2024, 10, 14), 14, 7
CITY: City = load_city(CONF / "city", "tiny")


def settings(group, name):
    return OmegaConf.to_container(OmegaConf.load(CONF / group / f"{name}.yaml"))


CATALOGUE: Catalogue = catalogue_from(settings("catalogue", "tiny"))
CALENDAR, _ = calendar_from(settings("calendar", "plain"), START, N_DAYS)


def rates_of(catalogue: Catalogue) -> Rates:
    stream = StreamSettings(**settings("stream", "generated") | {"per_resident": 1.0})
    return build_rates(stream, CITY, catalogue, CALENDAR, START, weight=1.0)


RATES = rates_of(CATALOGUE)
HEADER = ",".join(REQUIRED + OPTIONAL)
ROW = {
    **dict.fromkeys(OPTIONAL, ""),
    **dict(zip(REQUIRED, ("60", "0", "fire", "II", "hotline"), strict=True)),
}


def line(**cells):
    """One line of the table with all columns."""
    assert cells.keys() <= ROW.keys()
    return ",".join((ROW | cells)[column] for column in REQUIRED + OPTIONAL)


@pytest.fixture
def read(tmp_path):
    """Reads these lines as a file; `header` defaults to all columns."""

    def of(*lines, header=HEADER, n_days=N_DAYS, seed=SEED, encoding="utf-8") -> Trace:
        path = tmp_path / "trace.csv"
        path.write_bytes("\n".join((header, *lines, "")).encode(encoding))
        return read_trace(path, CITY, CATALOGUE, RATES, START, n_days, seed)

    return of


def same(a: Trace, b: Trace) -> bool:
    arrays = zip((a.rows, a.given), (b.rows, b.given), strict=True)
    return a.ignored == b.ignored and all(np.array_equal(x, y) for x, y in arrays)


# --- what is read -----------------------------------------------------------------------------


def test_every_column_reaches_its_place(read):
    works = {"register_s": "1", "sign_s": "0", "dispose_s": "5400", "verify_s": "7"}
    cells = {"occurred": "2024-10-15T08:30:15", "grid": "A2/3", "tier": "district"}
    cells |= {"duplicates": "4", "partners": "police;township"}
    trace = read(line(**cells, **works))
    assert trace.ignored == 0
    (row,) = trace.rows
    assert row[r.I_OCCURRED] == DAY + 8 * HOUR + 30 * MINUTE + 15
    assert (row[r.I_GRID], row[r.I_TOWNSHIP], row[r.I_DISTRICT]) == (6, 1, 0)
    assert (row[r.I_KIND], row[r.I_SEVERITY], row[r.I_BASE]) == (2, codes.GRADE_II, codes.HOTLINE)
    assert (row[r.I_TIER], row[r.I_DUPLICATES]) == (codes.DISTRICT, 4)
    assert row[r.I_PARTNERS] == 1 << CATALOGUE.departments.index("police") | 1 << r.TOWNSHIP_BIT
    assert (row[r.I_GIVEN], row[r.I_ENTITY]) == (0, OF_INCIDENT)
    assert unpack_key(int(row[r.I_KEY])) == (OF_INCIDENT, RATES.first_day + 1, 0, 2, 0)
    expected = np.full(codes.N_STAGES, codes.NONE)
    expected[[codes.REGISTER, codes.SIGN, codes.DISPOSE, codes.VERIFY]] = 1, 0, 5400, 7
    assert np.array_equal(trace.given, [expected])


GOOD_CELLS = [
    ("occurred", "2024-10-14 08:30", r.I_OCCURRED, 8 * HOUR + 30 * MINUTE),
    ("occurred", "2024-10-27T23:59:59.9", r.I_OCCURRED, 14 * DAY - 1),
    ("occurred", "0", r.I_OCCURRED, 0),
    ("occurred", " 86400 ", r.I_OCCURRED, DAY),
    ("grid", "11", r.I_GRID, 11),
    ("grid", "b2 / 2", r.I_GRID, 11),
    ("kind", "暴露垃圾", r.I_KIND, 0),
    ("kind", "noise, fumes and DUST", r.I_KIND, 1),
    ("kind", "One_Stop", r.I_KIND, 3),
    ("severity", "iv", r.I_SEVERITY, codes.GRADE_IV),
    ("severity", "4", r.I_SEVERITY, codes.GRADE_IV),
    ("channel", "sensor", r.I_BASE, codes.SENSOR),
    ("channel", "Patrol", r.I_BASE, codes.PATROL),
    ("tier", "grid", r.I_TIER, codes.GRID),
    ("tier", "township", r.I_TIER, codes.TOWNSHIP),
    ("duplicates", "0", r.I_DUPLICATES, 0),
    ("duplicates", "12.0", r.I_DUPLICATES, 12),
    ("partners", "-", r.I_PARTNERS, 0),
    ("partners", "services; police", r.I_PARTNERS, 0b1010),
]


@pytest.mark.parametrize(("column", "cell", "place", "value"), GOOD_CELLS)
def test_good_cell(read, column, cell, place, value):
    cell = f'"{cell}"' if "," in cell else cell
    assert read(line(**{column: cell})).rows[0, place] == value


def test_columns_in_another_order_blank_lines_and_a_byte_order_mark(read):
    plain = read("0,1,fire,I,sensor", header=",".join(REQUIRED))
    mixed = read("", "sensor,I,fire,1,0", header=",".join(REQUIRED[::-1]), encoding="utf-8-sig")
    assert same(plain, mixed)


# --- what is drawn ----------------------------------------------------------------------------


def as_table(rows: np.ndarray) -> list[str]:
    """Lines that give of these incidents only what every table must give."""
    return [
        f"{row[r.I_OCCURRED]},{row[r.I_GRID]},{CATALOGUE.kinds[row[r.I_KIND]]},"
        f"{row[r.I_SEVERITY] + 1},{codes.CHANNELS[row[r.I_BASE]]}"
        for row in rows
    ]


def of_lone_cells(table: np.ndarray) -> np.ndarray:
    """The incidents that are alone in their cells: a trace cannot number them otherwise."""
    table = table[table[:, r.I_ENTITY] == OF_INCIDENT]
    _, first, n = np.unique(table[:, r.I_KEY] >> 24, return_index=True, return_counts=True)
    return table[np.sort(first[n == 1])]


def test_a_trace_of_the_stream_is_the_stream(read):
    """What a table leaves out is drawn as the stream draws it: same keys, same numbers."""
    days = generate(np.uint64(SEED), RATES, CALENDAR, N_DAYS)
    stream = of_lone_cells(np.concatenate([rows for _, rows in days]))
    assert len(stream) > 20
    for column in (r.I_TIER, r.I_PARTNERS, r.I_DUPLICATES):
        assert len(np.unique(stream[:, column])) > 1
    trace = read(*as_table(stream), header=",".join(REQUIRED))
    assert np.array_equal(trace.rows, stream)
    assert trace.given.shape == (0, codes.N_STAGES)


def test_a_given_column_leaves_the_other_draws_alone(read):
    drawn = read(*[line(occurred=str(tick)) for tick in range(200)]).rows
    given = read(*[line(occurred=str(tick), tier="city") for tick in range(200)]).rows
    assert (given[:, r.I_TIER] == 0).all()
    assert not (drawn[:, r.I_TIER] == 0).all()
    others = [column for column in range(r.I_GIVEN + 1) if column != r.I_TIER]
    assert np.array_equal(given[:, others], drawn[:, others])


def test_incidents_of_one_cell_are_numbered_by_tick_then_line(read):
    trace = read(
        line(occurred="300", dispose_s="1"),
        line(occurred="100", dispose_s="2"),
        line(occurred="100", dispose_s="3"),
        line(occurred="100", kind="sanitation", dispose_s="4"),
        line(occurred="100", grid="11", dispose_s="5"),
        line(occurred=str(DAY), dispose_s="6"),
    )
    parts = [unpack_key(int(key))[1:] for key in trace.rows[:, r.I_KEY]]
    assert [(day - RATES.first_day, *rest) for day, *rest in parts] == [
        (0, 0, 0, 0),  # one tick: by key, that is by district, kind, number
        (0, 0, 2, 0),
        (0, 0, 2, 1),
        (0, 1, 2, 0),
        (0, 0, 2, 2),
        (1, 0, 2, 0),
    ]
    assert trace.given[trace.rows[:, r.I_GIVEN], codes.DISPOSE].tolist() == [4, 2, 3, 5, 1, 6]


def test_works_are_given_only_where_the_table_gives_any(read):
    trace = read(
        line(occurred="3", verify_s="30"), line(occurred="1", judge_s="10.0"), line(occurred="2")
    )
    assert trace.rows[:, r.I_GIVEN].tolist() == [0, codes.NONE, 1]
    assert trace.given.max(axis=1).tolist() == [10, 30]
    assert (trace.given != codes.NONE).sum() == 2


def test_the_order_of_the_lines_does_not_matter(read):
    header, *lines = EXAMPLE.read_text("utf-8").splitlines()
    expected = read(*lines, header=header)
    for seed in range(5):
        assert same(read(*random.Random(seed).sample(lines, len(lines)), header=header), expected)


def test_lines_out_of_order_are_told_of(read):
    """The header is line 1, so the third incident stands on line 4."""
    lines = [line(occurred=str(tick)) for tick in (100, 200, 150, 300, 250)]
    with pytest.warns(
        UserWarning, match=r"2 lines occur before the line above, the first on line 4"
    ):
        read(*lines)
    with pytest.warns(UserWarning, match="1 line occurs before the line above"):
        read(*lines[:3])


def test_lines_in_order_are_taken_without_a_word(read, recwarn):
    read(*(line(occurred=str(tick)) for tick in (100, 100, 200)))
    assert not recwarn.list


def test_draws_depend_on_the_seed_alone(read):
    lines = [line(occurred=str(tick)) for tick in range(50)]
    assert same(read(*lines), read(*lines))
    assert not same(read(*lines), read(*lines, seed=SEED + 1))


# --- the horizon and the chunks ---------------------------------------------------------------


def test_rows_after_the_end_are_counted_and_ignored(read):
    end = N_DAYS * DAY
    trace = read(*[line(occurred=str(tick)) for tick in (end, end - 1, 10**12, 5)])
    assert trace.rows[:, r.I_OCCURRED].tolist() == [5, end - 1]
    assert trace.ignored == 2
    late = read(line(occurred="2024-10-28T00:00", dispose_s="9"), line(occurred="2024-10-27 23:59"))
    assert (len(late.rows), len(late.given), late.ignored) == (1, 0, 1)


def test_ignored_rows_must_be_right_too(read):
    with pytest.raises(FileError, match="line 3, column 'kind'"):
        read(line(), line(occurred=str(N_DAYS * DAY), kind="fir"))


def test_a_trace_without_incidents_in_the_horizon_is_an_error(read):
    with pytest.raises(InputError, match="none of its 2 incidents occurs within 3 days"):
        read(line(occurred=str(3 * DAY)), line(occurred=str(9 * DAY)), n_days=3)


@pytest.mark.parametrize("days_per_chunk", [1, 2, 3, 5, 13, 14, 99])
def test_chunks_hold_the_same_whatever_their_size(read, days_per_chunk):
    ticks = [0, DAY - 1, DAY, DAY, 3 * DAY - 1, 3 * DAY, 8 * DAY, N_DAYS * DAY - 1]
    trace = read(*[line(occurred=str(tick)) for tick in ticks])
    parts = list(chunks(trace, N_DAYS, days_per_chunk))
    stream = generate(np.uint64(SEED), RATES, CALENDAR, N_DAYS, days_per_chunk)
    assert [until for until, _ in parts] == [until for until, _ in stream]
    assert np.array_equal(np.concatenate([rows for _, rows in parts]), trace.rows)
    since = 0
    for until, rows in parts:
        assert ((rows[:, r.I_OCCURRED] >= since) & (rows[:, r.I_OCCURRED] < until)).all()
        since = until
    assert since == N_DAYS * DAY


# --- mistakes ---------------------------------------------------------------------------------

BAD_CELLS = [
    # column, cell, words of the problem
    ("occurred", "", "'' is not a local date and time like 2024-10-14T08:30:00"),
    ("occurred", "2024-10-14", "'2024-10-14' is not a local date"),
    ("occurred", "2024-10-14T08:30:00+08:00", "is not a local date"),
    ("occurred", "14.10.2024 08:30", "is not a local date"),
    ("occurred", "2024-10-32T08:30", "is not a local date"),
    ("occurred", "2024-10-14T24:01", "is not a local date"),
    ("occurred", "20241014083000123", "is not a local date"),
    ("occurred", "60.5", "is not a local date"),
    ("occurred", "2024-10-13T23:59:59", "is before the start, 2024-10-14 00:00"),
    ("occurred", "-1", "'-1' is before the start"),
    ("grid", "", "'' is not a whole number from 0 to 11"),
    ("grid", "12", "'12' is not a whole number from 0 to 11"),
    ("grid", "1_1", "'1_1' is not a whole number"),
    ("grid", "A3/1", "'A3/1' names township 'A3', which is no code in townships.csv"),
    ("grid", "A2/0", "names grid '0'; township 'A2' has grids 1 to 3"),
    ("grid", "A2/4", "names grid '4'; township 'A2' has grids 1 to 3"),
    ("grid", "A2/", "names grid ''; township 'A2' has grids 1 to 3"),
    ("grid", "A2/１", "names grid '１'"),
    ("kind", "", "'' is none of sanitation, nuisance, fire, one_stop"),
    ("kind", "fires", "'fires' is none of sanitation, nuisance, fire, one_stop, nor the Chinese"),
    ("severity", "0", "'0' is none of I, II, III, IV or 1, 2, 3, 4"),
    ("severity", "V", "'V' is none of I, II"),
    ("channel", "phone", "'phone' is none of sensor, patrol, hotline, assigned"),
    ("tier", "town", "'town' is none of city, district, township, grid or empty"),
    ("duplicates", "-1", "'-1' is not a whole number from 0 to 65,535"),
    ("duplicates", "65536", "'65536' is not a whole number from 0 to 65,535"),
    ("duplicates", "1.5", "'1.5' is not a whole number"),
    ("partners", "fire", "'fire' names 'fire'; allowed, with ; between them, are city_management"),
    ("partners", "police;", "'police;' names ''; allowed"),
    ("partners", "police;-", "'police;-' names '-'; allowed"),
    ("partners", "police;emergency", "names 'emergency', which leads 'fire' and is no partner"),
    *[
        (column, cell, f"'{cell}' is not a whole number from 0 to 31,622,400")
        for column in OPTIONAL[3:]
        for cell in ("-1", "1.5", "1e3", "31622401", "１")
    ],
]


@pytest.mark.parametrize(("column", "cell", "problem"), BAD_CELLS)
def test_bad_cell_is_named_by_its_place(read, column, cell, problem):
    with pytest.raises(FileError) as caught:
        read(line(), line(), "", line(**{column: cell}), line())
    error = caught.value
    assert (error.path.name, error.line, error.column) == ("trace.csv", 5, column)
    assert problem in str(error)


def test_the_first_of_several_bad_cells_is_named(read):
    with pytest.raises(FileError, match="line 3, column 'severity': 'VI' is none"):
        read(line(), line(severity="VI"), line(severity="V"), line(severity="VI"))


def test_unknown_column_is_refused_with_those_allowed(read):
    with pytest.raises(FileError) as caught:
        read("", "0,0,fire,I,sensor,9", header="\noccurred,grid,kind,severity,channel,despose_s")
    error = caught.value
    assert (error.line, error.column) == (2, "despose_s")
    assert all(column in str(error) for column in REQUIRED + OPTIONAL)


@pytest.mark.parametrize("missing", REQUIRED)
def test_missing_column(read, missing):
    header = ",".join(column for column in REQUIRED if column != missing)
    with pytest.raises(FileError, match=f"line 1: missing column {missing}"):
        read("a,b,c,d", header=header)


@pytest.mark.parametrize("column", ["kind", "tier"])
def test_column_that_stands_twice(read, column):
    with pytest.raises(FileError, match=f"line 1, column '{column}': the column stands twice"):
        read(line() + ",", header=f"{HEADER},{column}")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no rows below a header of occurred, grid, kind, severity, channel"),
        (HEADER.encode() + b"\n\n", "no rows below a header"),
        (HEADER.encode() + "\n\n街".encode("gbk"), "line 3: byte 0xbd is not UTF-8"),
        (b"\xff" + HEADER.encode(), "line 1: byte 0xff is not UTF-8"),
        (HEADER.encode() + b"\n1,2,3\n", "line 2: 3 cells, but the header has 14 columns"),
        (HEADER.encode() + b'\n"1,2', "not a proper table"),
    ],
)
def test_file_that_is_no_table(tmp_path, content, problem):
    path = tmp_path / "trace.csv"
    path.write_bytes(content)
    with pytest.raises(FileError, match=problem):
        read_trace(path, CITY, CATALOGUE, RATES, START, N_DAYS, SEED)


def test_missing_file(tmp_path):
    with pytest.raises(FileError, match=r"none\.csv: no such file"):
        read_trace(tmp_path / "none.csv", CITY, CATALOGUE, RATES, START, N_DAYS, SEED)


# --- the example, and a long table ------------------------------------------------------------


@pytest.mark.parametrize("name", ["tiny", "chongqing"])
def test_the_example_fits_both_catalogues(name):
    catalogue = catalogue_from(settings("catalogue", name))
    trace = read_trace(EXAMPLE, CITY, catalogue, rates_of(catalogue), START, N_DAYS, SEED)
    table = read_table(EXAMPLE, REQUIRED)
    assert trace.ignored == 0
    assert len(trace.rows) == len(table) == 40
    assert set(trace.rows[:, r.I_GRID]) == set(range(CITY.n_grids))
    kinds = {catalogue.kinds[kind] for kind in trace.rows[:, r.I_KIND]}
    assert kinds == {"sanitation", "nuisance", "fire", "one_stop"}


def test_a_long_table(read):
    """A hundred thousand lines in any order: sorted, with keys that all differ."""
    rng = np.random.default_rng(3)
    ticks = rng.integers(0, N_DAYS * DAY, 100_000)
    trace = read(
        *[f"{tick},{tick % 12},fire,{tick % 4 + 1},patrol,{tick}" for tick in ticks.tolist()],
        header=",".join((*REQUIRED, "dispose_s")),
    )
    rows = trace.rows
    assert np.array_equal(rows[:, r.I_OCCURRED], np.sort(ticks))
    assert np.array_equal(rows[:, r.I_GRID], rows[:, r.I_OCCURRED] % 12)
    assert np.array_equal(trace.given[rows[:, r.I_GIVEN], codes.DISPOSE], rows[:, r.I_OCCURRED])
    assert len(np.unique(rows[:, r.I_KEY])) == len(rows)
    assert (np.lexsort((rows[:, r.I_KEY], rows[:, r.I_OCCURRED])) == np.arange(len(rows))).all()
