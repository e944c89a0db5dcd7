"""What `guantong export` writes, in each of its forms, is what `guantong calibrate log=` reads."""

import datetime

import numpy as np
import pandas as pd
import pytest
import yaml

from experiments.cli import main
from experiments.fit import command, report
from scenarios.load import load
from tests.commands import folder_made
from tests.logs import found_in, part_of

FORMS = {"xes": ".xes.gz", "ocel": ".json", "csv": ".csv"}
PLAIN = ("experiment=plain", "calendar=plain")
VOLUME = 0.5
CITY = ("city=tiny", "catalogue=tiny", "horizon=short", "staff.pilot_incidents=4000")
DAYS = 14


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run of two weeks of arrivals and one more."""
    return folder_made(
        tmp_path_factory.mktemp("run"), "run", *CITY, *PLAIN, "record=visits",
        f"stream.volume={VOLUME}", "horizon.warmup_days=0", f"horizon.cohort_days={DAYS}",
        "seed=4",
    )  # fmt: skip


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory):
    """The log of the run in each form."""
    place = tmp_path_factory.mktemp("logs")
    paths = {form: place / f"log{ending}" for form, ending in FORMS.items()}
    for form, path in paths.items():
        assert main(["export", f"run={run}", f"format={form}", f"to={path}"]) == 0
    return paths


@pytest.fixture(scope="module")
def parts(exported):
    return {form: part_of(path, held_out=0.25, resamples=40) for form, path in exported.items()}


@pytest.fixture(scope="module")
def rates():
    """What was drawn from, but for the volume."""
    return load([*CITY, *PLAIN]).city_rates


def seen(run):
    """Incidents of the run that have a visit, with the ticks at which they were noticed."""
    visits = pd.read_parquet(run / "visits.parquet")
    incidents = pd.read_parquet(run / "incidents.parquet").set_index("incident")
    own = incidents.index.intersection(visits.loc[visits["ended"].notna(), "incident"].unique())
    return incidents.loc[own]


@pytest.mark.parametrize("form", FORMS)
def test_cases_and_rate_are_those_of_the_run(run, parts, form):
    part, known = parts[form], seen(run)
    assert sorted(part.log.names["case"]) == sorted(known.index.astype(str))
    assert not set(part.log.refused) - {"no incident but false_alarm", "no incident but trivial",
                                        "no incident but consultation"}  # fmt: skip
    noticed = known["noticed"].to_numpy()
    shift = (part.log.first_day - pd.Timestamp("2024-10-14").date()).days * 86400
    names = np.array(part.log.names["case"]).astype(np.int64)
    came = known["noticed"].loc[names].to_numpy() - shift
    assert part.cases.arrived.tolist() == came.tolist()
    rate = found_in(part).arrivals.per_day
    days = part.n_days
    assert rate.value == pytest.approx((noticed - shift < days * 86400).sum() / days)


def test_the_three_forms_tell_the_same(parts):
    tables = []
    for part in parts.values():
        rows = found_in(part).rows
        tables.append({(r.group, r.name, r.quantity): r.estimate for r in rows})
        assert part.log.n_cases == parts["csv"].log.n_cases
        assert len(part.log.frame) == len(parts["csv"].log.frame)
    assert tables[0].keys() == tables[1].keys() == tables[2].keys()
    for key, (value, *_, n) in tables[0].items():
        for other in tables[1:]:
            assert (other[key].value, other[key].n) == (pytest.approx(value), n), key


def test_the_rate_of_the_city_is_recovered(rates, parts):
    """The mean that the days' counts were drawn from; an interval of 95 %, of one fixed seed."""
    part = parts["ocel"]
    found = found_in(part).occurred
    days = [part.log.first_day + datetime.timedelta(days=d) for d in range(found.per_day.n)]
    workday = np.mean([day.weekday() < 5 for day in days])
    factor = rates.day_factor[:, [0, 1]] @ np.array([workday, 1 - workday])
    (month,) = {day.month - 1 for day in days}
    truth = VOLUME * (rates.daily.sum(axis=0) * factor * rates.season[:, month]).sum()
    assert found.per_day.low <= truth <= found.per_day.high
    assert found.per_day.value == pytest.approx(truth, rel=0.15)


def test_the_command_takes_what_was_exported(rates, exported, tmp_path, monkeypatch):
    """From the file to the overlay; without pictures and the model's own run, which take long."""
    monkeypatch.setattr(report, "draw", lambda *given: None)
    monkeypatch.setattr(command, "is_of_the_model", lambda model: False)
    made = folder_made(tmp_path, "calibrate", f"log={exported['ocel']}", *CITY,
                       "fit.resamples=20", "fit.simulations=3")  # fmt: skip
    settings = yaml.safe_load((made / "overlay/experiment/fit.yaml").read_text("utf-8"))
    fitted = settings["stream"]["per_day"]
    assert fitted == pytest.approx(VOLUME * rates.daily.sum(), rel=0.2)
