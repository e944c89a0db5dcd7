"""The measures of a run that need more than its incidents: money, harm, attention, inequality."""

import numpy as np

from analysis import attention, cost, harm, inequality
from analysis.reducer import Reducer
from scenarios.parameters import Parameters
from sim.codes import SEVERITIES, TIERS
from sim.records import Columns

_DAYS_OF_YEAR = 365.25


def metrics(parameters: Parameters, reducer: Reducer, desks: Columns) -> dict[str, float | None]:
    """Cost, harm, attention and inequality by name; docs/tables.md.

    Of a district alone, its share of the city's residents is its share of the city's centre.
    """
    window = parameters.window[1] - parameters.window[0]
    share, by_grade = _share_of_city(parameters), reducer.breakdown("severity")
    solved = reducer.solved_per_day
    return {
        **cost.metrics(
            desks,
            _pay(parameters),
            _platform(parameters),
            share,
            solved,
            window,
            parameters.settings.cost.overtime,
        ),
        **harm.metrics(harm_table(parameters, reducer), window),
        **attention.metrics(desks, share, by_grade, window),
        **inequality.metrics("district", reducer.breakdown("district")),
        **inequality.metrics("landscape", reducer.breakdown("landscape")),
    }


def harm_table(parameters: Parameters, reducer: Reducer) -> Columns:
    """Expected harm by kind and grade (`analysis.harm.by_kind_and_grade`)."""
    settings = parameters.settings.cost
    kinds = [settings.harm.get(kind, 0.0) for kind in parameters.catalogue.kinds]
    grades = [getattr(settings.grade, grade) for grade in SEVERITIES]
    return harm.by_kind_and_grade(reducer.exposure(), np.outer(kinds, grades))


def _pay(parameters: Parameters) -> np.ndarray:
    """Yuan for an hour, f8[tiers]."""
    return np.array([getattr(parameters.settings.cost.pay, tier) for tier in TIERS])


def _platform(parameters: Parameters) -> float:
    """Yuan a day for the shared platform: of the residents of what is run, as far as the policy
    shares data."""
    settings = parameters.settings
    residents = float(parameters.city.district_population.sum()) * settings.city.weight
    yearly = settings.cost.platform * residents * _share_of_city(parameters)
    return yearly * settings.policy.levers.shared_data / _DAYS_OF_YEAR


def _share_of_city(parameters: Parameters) -> float:
    """Share of the city's residents who live in what is run."""
    residents = parameters.city.district_population
    if parameters.district is None:
        return 1.0
    return float(residents[parameters.district] / residents.sum())
