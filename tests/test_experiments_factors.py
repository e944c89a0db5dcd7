"""Factors: from what the user writes to the points of a design."""

from types import SimpleNamespace

import pytest

from experiments.factors import Factor, crossed, design, of_model, of_settings, text
from scenarios.commands import SweepSettings
from scenarios.schema import StaffSettings
from sim.errors import InputError

RANGE = {"low": 0, "high": 1}


def settings(over, shape="grid", points=8, resolution=4):
    staff = StaffSettings(grid_seats=1, target_utilisation=0.8)
    sweep = SweepSettings(over, shape, points, resolution, "x")
    return SimpleNamespace(sweep=sweep, staff=staff, seed=1)


def plan(over, shape="grid", overrides=(), **more):
    given = settings(over, shape, **more)
    return design(of_settings(given), crossed(overrides)[1], given)


# --- overrides --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "values"),
    [
        ("staff.target_utilisation=0.6,0.8", (0.6, 0.8)),
        ("scenario=none,flood_season", ("none", "flood_season")),
        ("policy.release_size=choice(1,5,20)", (1, 5, 20)),
        ("staff.grid_seats=range(1,4)", (1, 2, 3)),
        ("city.district=渝中区,江北区", ("渝中区", "江北区")),
        ("city.district='渝中区','江北区'", ("渝中区", "江北区")),
        ("stream.per_day=null,500", (None, 500)),
        ("+policy.levers.joint=0,1", (0, 1)),
    ],
)
def test_overrides_that_list_values_are_factors(override, values):
    rest, (factor,) = crossed(["city=tiny", override])
    assert rest == ["city=tiny"]
    assert factor == Factor(override.lstrip("+").partition("=")[0], values)


@pytest.mark.parametrize(
    "override",
    [
        "policies=[siloed,paper]",
        "city=tiny",
        "city.district=渝中区",
        "stream.path='a,b.csv'",
        "sweep.over={a.b: [1, 2]}",
        "~stream.storms",
    ],
)
def test_other_overrides_are_left_alone(override):
    assert crossed([override]) == ([override], [])


@pytest.mark.parametrize("override", ["seed=1,2", "replications=1,2", "executor=threads,dask"])
def test_what_says_how_a_sweep_is_run_cannot_be_a_factor(override):
    with pytest.raises(InputError, match="allowed: settings of the model"):
        crossed([override])


def test_policies_as_a_factor_are_refused_with_what_to_write():
    with pytest.raises(InputError, match=r"'policy'; .* policies=\[A,B\] is crossed"):
        crossed(["policy=siloed,paper"])
    with pytest.raises(InputError, match=r"'policies'"):
        of_settings(settings({"policies": ["a", "b"]}))


def test_an_interval_on_the_command_line_says_how_to_write_it():
    with pytest.raises(InputError, match=r"sweep.over=\{KEY: \{low: , high: \}\}"):
        crossed(["staff.target_utilisation=interval(0,1)"])


def test_settings_of_the_model_are_told_from_those_of_the_command():
    model = ["city=tiny", "policy.levers.joint=1", "++staff.seats.a=1", "stream.path=seed"]
    command = ["seed=2", "++sweep.over={}", "executor.workers=2", "executor=dask", "policy=paper"]
    assert of_model([*model, *command, "results=x", "policies=[a]", "threads=1"]) == model


def test_values_are_written_as_on_the_command_line():
    assert [text(v) for v in (None, True, 0.5, 3, "none", 1e-7)] == [
        *("null", "true", "0.5", "3", "none", "1e-07")
    ]


# --- factors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [[], [1, 1], "x", 3, {"low": 0}, {"low": 1, "high": 0}, {"low": "a", "high": "b"}, [[1], [2]]],
)
def test_what_is_neither_list_nor_range_is_refused_by_its_key(given):
    with pytest.raises(InputError, match=r"sweep.over: a.b: .*; allowed: a list of different"):
        of_settings(settings({"a.b": given}))


def test_ranges_of_whole_numbers_hold_whole_numbers_and_reach_both_ends():
    seats, share = of_settings(
        settings({"staff.grid_seats": {"low": 1, "high": 3}, "staff.target_utilisation": RANGE})
    )
    assert [seats.at(s) for s in (0.0, 0.32, 0.34, 0.67, 0.999)] == [1, 1, 2, 3, 3]
    assert [share.at(s) for s in (0.0, 1 / 3)] == [0.0, 0.333333]


# --- designs ----------------------------------------------------------------------------------


def test_a_grid_crosses_all_values_with_those_on_the_command_line_slowest():
    found = plan({"a": [1, 2], "b": ["x", "y"]}, overrides=["c=none,flood"])
    assert found.keys == ("c", "a", "b")
    assert found.points[:5] == (
        ("none", 1, "x"), ("none", 1, "y"), ("none", 2, "x"), ("none", 2, "y"), ("flood", 1, "x"),
    )  # fmt: skip
    assert len(found.points) == 8
    assert found.overrides(4) == ["c=flood", "a=1", "b=x"]


def test_values_on_the_command_line_alone_are_a_grid():
    assert plan({}, overrides=["a=1,2", "b=3,4"]).points == ((1, 3), (1, 4), (2, 3), (2, 4))


def test_a_latin_hypercube_has_every_stratum_and_every_category_equally_often():
    found = plan({"a": RANGE, "b": ["x", "y"]}, "lhs", points=8)
    columns = found.columns
    assert sorted(int(8 * value) for value in columns["a"]) == list(range(8))
    assert sorted(columns["b"]) == ["x"] * 4 + ["y"] * 4


def test_sobol_points_are_crossed_with_values_on_the_command_line():
    found = plan({"a": RANGE, "b": RANGE}, "sobol", ["c=1,2"], points=4)
    first = [(0.0, 0.0), (0.5, 0.5), (0.75, 0.25), (0.25, 0.75)]
    assert found.points == tuple((c, *point) for c in (1, 2) for point in first)


def test_a_factorial_takes_both_ends_of_ranges():
    found = plan({"a": RANGE, "b": ["x", "y"]}, "factorial")
    assert found.points == ((0, "x"), (0, "y"), (1, "x"), (1, "y"))
    assert found.two_levels == ("a", "b")
    assert found.aliases == ()


def test_a_fraction_states_what_it_cannot_tell_apart():
    found = plan(dict.fromkeys("abc", RANGE), "fractional", resolution=3)
    assert found.points == ((0, 0, 1), (0, 1, 0), (1, 0, 0), (1, 1, 1))
    assert found.aliases == ("a = b x c", "b = a x c", "c = a x b")


@pytest.mark.parametrize(
    ("over", "shape", "overrides", "message"),
    [
        ({}, "grid", [], "sweep.over: {}; allowed: "),
        ({}, "lhs", ["a=1,2"], "at least one setting"),
        ({}, "sobol", ["a=1,2"], "at least one setting"),
        (
            {"a": RANGE},
            "grid",
            [],
            "a: a range; allowed with sweep.design=grid: a list",
        ),
        ({"a": [1, 2, 3]}, "factorial", [], r"sweep.over: a: \[1, 2, 3\]; .* two values"),
        ({"a": [1]}, "fractional", [], "two values"),
        ({"a": [1, 2]}, "grid", ["a=3,4"], "a, a; allowed: each setting once"),
    ],
)
def test_what_does_not_suit_the_design_is_refused(over, shape, overrides, message):
    with pytest.raises(InputError, match=message):
        plan(over, shape, overrides)


def test_columns_hold_numbers_or_texts_and_no_mixture():
    found = plan({"a": [None, 3], "b": [True, False], "c": [1, 2.5]})
    assert set(found.columns["a"]) == {"null", "3"}
    assert set(found.columns["b"]) == {"true", "false"}
    assert set(found.columns["c"]) == {1, 2.5}
