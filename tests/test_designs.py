"""Designs of experiments against what the textbooks tabulate."""

import numpy as np
import pytest

from analysis.designs import factorial, fractional_factorial, grid, latin_hypercube, sobol
from sim.errors import InputError


def test_a_grid_has_every_combination_the_last_factor_fastest():
    assert grid([2, 3]).tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
    assert grid([]).shape == (1, 0)
    assert grid([2, 0]).shape == (0, 2)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (7, 3), (64, 5)])
def test_a_latin_hypercube_has_one_point_in_each_stratum_of_each_factor(n, k):
    points = latin_hypercube(n, k, seed=3)
    assert points.shape == (n, k)
    assert (np.sort((points * n).astype(int), axis=0) == np.arange(n)[:, None]).all()


def test_a_latin_hypercube_is_named_by_its_seed():
    assert (latin_hypercube(9, 2, 1) == latin_hypercube(9, 2, 1)).all()
    assert (latin_hypercube(9, 2, 1) != latin_hypercube(9, 2, 2)).any()
    columns = latin_hypercube(200, 2, 1)
    assert abs(np.corrcoef(columns.T)[0, 1]) < 0.2  # its factors are shuffled apart


def test_sobol_points_are_the_tabulated_ones_and_a_longer_design_holds_a_shorter():
    first = [[0, 0], [0.5, 0.5], [0.75, 0.25], [0.25, 0.75]]
    assert sobol(4, 2).tolist() == first
    assert sobol(8, 2)[:4].tolist() == first


def test_sobol_points_of_another_number_are_refused_with_the_nearest_that_is_allowed():
    with pytest.raises(InputError, match=r"points: 60; .* a power of 2, such as 64"):
        sobol(60, 2)


def test_half_of_three_factors_is_the_known_table_with_c_for_ab():
    fraction = fractional_factorial(3, 3)
    assert fraction.points.tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 1, 1]]
    assert fraction.generators == {2: (0, 1)}
    assert fraction.aliases == [((0,), (1, 2)), ((1,), (0, 2)), ((2,), (0, 1))]


@pytest.mark.parametrize(
    ("k", "resolution", "runs", "generators"),
    [  # Box, Hunter and Hunter (2005), table 6.22
        (4, 4, 8, {3: (0, 1, 2)}),
        (5, 3, 8, {3: (0, 1), 4: (0, 2)}),
        (7, 3, 8, {3: (0, 1), 4: (0, 2), 5: (1, 2), 6: (0, 1, 2)}),
        (8, 4, 16, {4: (0, 1, 2), 5: (0, 1, 3), 6: (0, 2, 3), 7: (1, 2, 3)}),
        (15, 3, 16, None),
        (16, 4, 32, None),
        (3, 4, 8, {}),
        (1, 3, 2, {}),
    ],
)
def test_fractions_are_as_small_as_the_tabulated_ones(k, resolution, runs, generators):
    fraction = fractional_factorial(k, resolution)
    assert fraction.points.shape == (runs, k)
    if generators is not None:
        assert fraction.generators == generators


@pytest.mark.parametrize("resolution", [3, 4])
@pytest.mark.parametrize("k", [*range(1, 12), 16, 17])
def test_main_effects_are_clear_of_what_the_resolution_says(k, resolution):
    fraction = fractional_factorial(k, resolution)
    signs = 2 * fraction.points - 1
    assert (signs.T @ signs == len(signs) * np.eye(k)).all()  # balanced, orthogonal
    smallest = min((len(group[0]) for group in fraction.aliases), default=2)
    assert smallest >= resolution - 2
    for group in fraction.aliases:
        contrasts = [signs[:, list(effect)].prod(axis=1) for effect in group]
        assert all(abs(contrasts[0] @ other) == len(signs) for other in contrasts)


def test_a_fraction_of_everything_has_no_aliases():
    fraction = fractional_factorial(2, 4)
    assert (fraction.points == factorial(2)).all()
    assert fraction.aliases == []


def test_other_resolutions_are_refused():
    with pytest.raises(InputError, match="resolution: 5; allowed: 3 or 4"):
        fractional_factorial(4, 5)
