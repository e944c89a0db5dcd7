"""The harm that incidents of dangerous kinds are expected to do until they are solved."""

import numpy as np

from sim.records import Columns
from sim.units import DAY


def by_kind_and_grade(exposure: Columns, yuan_per_hour: np.ndarray) -> Columns:
    """Harm by kind and grade, of the kinds that do any: one row each, in the order of `exposure`.

    exposure : `Reducer.exposure`; yuan_per_hour : f8[kinds, grades], harm of an hour for which an
    incident is not solved. Harm is proportional to that time, which is restricted as the mean
    closure latency. NaN without a follow-up.
    """
    rate = np.asarray(yuan_per_hour)[exposure["kind"], exposure["severity"]]
    risky = rate > 0
    table = {name: values[risky] for name, values in exposure.items()}
    return table | {"harm_yuan": table["open_hours"] * rate[risky]}


def metrics(harm: Columns, ticks: int) -> dict[str, float | None]:
    """Expected harm of the cohort, from the table of `by_kind_and_grade`: per day of its window
    (`ticks` long), and per incident of the dangerous kinds; None without any, or a follow-up."""
    total, incidents = float(harm["harm_yuan"].sum()), int(harm["incidents"].sum())
    if not incidents or np.isnan(total):
        return {"harm_yuan_per_day": None, "harm_yuan_per_risk_incident": None}
    return {
        "harm_yuan_per_day": total / (ticks / DAY),
        "harm_yuan_per_risk_incident": total / incidents,
    }
