"""`guantong calibrate log=FILE`, from a log to a run on what was fitted."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import cli, simulate
from experiments.fit import report
from experiments.fit.estimates import MIXES
from scenarios.evidence import entries, faults
from scenarios.load import CONF, load, load_policies, option_files
from tests.commands import folder_made, read_json
from tests.conftest import TINY
from tests.logs import HEADER, of_run, simple, write

CITY = ("city=tiny", "catalogue=tiny", "horizon=short", "staff.pilot_incidents=4000")
DAYS = ("horizon.warmup_days=0", "horizon.cohort_days=28", "horizon.followup_days=5")
LOGS = Path(__file__).resolve().parents[2] / "shared/data/logs"


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A log that the plain siloed city has written, what was fitted to it, and the run."""
    folder = tmp_path_factory.mktemp("own")
    run = simulate(load([*TINY, *DAYS, "record=visits", "stream.volume=2"]), seed=1)
    of_run(run).to_csv(folder / "log.csv", index=False)
    made = folder_made(folder / "results", "calibrate", f"log={folder / 'log.csv'}", *CITY,
                       "experiment=plain", "fit.resamples=40", "fit.simulations=3")  # fmt: skip
    return made, run


@pytest.fixture
def undrawn(monkeypatch):
    """Without figures, which take half of the time."""
    monkeypatch.setattr(report, "draw", lambda *given: None)


def laid(made, *more):
    return [*CITY, f"overlay={made / 'overlay'}", *more]


def test_the_folder_holds_what_is_promised(own):
    made, _ = own
    names = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    tables = ("estimates", "fits", "distances", "components", "refused", "replay")
    assert {f"{t}.{form}" for t in tables for form in ("csv", "parquet")} <= names
    assert {"trace.csv", "summary.json", "provenance.json", "config.yaml"} <= names
    assert {f"figures/{f}.png" for f in ("arrivals", "cycle_times", "work")} <= names
    assert {"overlay/experiment/fit.yaml", "overlay/experiment/replay.yaml"} <= names
    summary = read_json(made)
    log = pd.read_csv(made.parents[1] / "log.csv")
    assert summary["log"]["cases"] == log["case_id"].nunique()
    assert summary["log"]["events"] == len(log)
    assert summary["cases"]["fitted"] + summary["cases"]["held_out"] == summary["log"]["cases"]
    assert "Fitted to" in summary["finding"]
    assert set(summary["widest_difference"]) == {"held out", "fitted", "the model"}
    estimates = pd.read_parquet(made / "estimates.parquet")
    assert set(MIXES) & set(estimates["group"]) == {"kind", "channel", "severity", "tier"}


def test_the_overlay_keeps_the_grammar_and_is_in_the_ledger(own):
    made, _ = own
    for file in (made / "overlay").rglob("*.yaml"):
        assert faults(file.read_text("utf-8")) == []
    found = entries(option_files(laid(made, "experiment=fit"), CONF), CONF)
    ours = [e for e in found if e.file.endswith("overlay/experiment/fit.yaml")]
    assert {e.kind for e in ours} == {"data"}
    assert all(e.evidence.startswith("estimated from log.csv (") for e in ours)
    assert {"stream.per_day", "catalogue.paperwork.judge.mean"} <= {e.key for e in ours}
    made_ledger = folder_made(made.parent / "ledger", "evidence", *laid(made, "experiment=fit"))
    ledger = pd.read_parquet(made_ledger / "ledger.parquet")
    assert ledger["evidence"].str.startswith("estimated from log.csv").sum() == len(ours)


def test_the_truth_of_guantongs_own_log_is_recovered(own):
    """The plain city: its paperwork, mix, failures and disposals. Each interval is one of 95 %: of
    these 16, 13 must hold (fewer has probability below 0.01), and all values be near."""
    made, run = own
    found = load(laid(made, "experiment=[plain,fit]"))
    fitted, true = found.catalogue, run.parameters.catalogue
    ledger = {e.key: e for e in entries(option_files(laid(made, "experiment=fit"), CONF), CONF)}
    checks = {"stream.per_day": len(run.incidents) / 28}
    for stage in ("register", "judge", "dispatch", "sign", "verify"):
        i = ("register", "judge", "dispatch", "sign", "verify").index(stage)
        checks[f"catalogue.paperwork.{stage}.mean"] = true.paperwork_mean[i] / 60
    for k, kind in enumerate(true.kinds):
        checks[f"catalogue.kinds.{kind}.share"] = 100 * true.share[k]
    for kind in ("sanitation", "nuisance", "one_stop"):
        k = true.kinds.index(kind)
        checks[f"catalogue.kinds.{kind}.failure"] = true.failure[k]
        checks[f"catalogue.kinds.{kind}.dispose.mean"] = true.dispose_mean[k] / 60
    held = [ledger[key].low <= value <= ledger[key].high for key, value in checks.items()]
    assert sum(held) >= len(held) - 3, dict(zip(checks, held))
    assert fitted.paperwork_mean[:5] == pytest.approx(true.paperwork_mean[:5], rel=0.1)
    assert fitted.paperwork_family[:5].tolist() == true.paperwork_family[:5].tolist()
    often = true.share > 0.1
    assert fitted.dispose_mean[often] == pytest.approx(true.dispose_mean[often], rel=0.1)
    assert fitted.share == pytest.approx(true.share, abs=0.05)
    assert fitted.severity == pytest.approx(true.severity, abs=0.12)


def test_compare_runs_on_the_overlay(own, capsys):
    made, _ = own
    results = f"results={made.parent / 'compared'}"
    given = laid(made, "experiment=fit", "replications=1", "split.parts=[]", results)
    assert cli.main(["compare", *given]) == 0, capsys.readouterr().err
    assert "integrated - siloed" in capsys.readouterr().out


# The log is of twice the work that its city is staffed for, so the fitted staff is as short.
@pytest.mark.filterwarnings("ignore:policy 'integrated'. .* desks are offered more work")
def test_the_log_is_replayed_incident_by_incident(own):
    """Every case is an incident of the trace at its own moment, with its own work; both policies
    meet it, and the key that the table names is its key."""
    made, run = own
    replay = pd.read_parquet(made / "replay.parquet")
    policies = load_policies(laid(made, "experiment=replay", "record=visits"))
    assert list(policies) == ["siloed", "integrated"]
    for parameters in policies.values():
        rows = parameters.trace.rows
        assert sorted(rows[:, 0].tolist()) == sorted(replay["incident"].tolist())
    siloed, integrated = (simulate(p, seed=1) for p in policies.values())
    a, b = (r.incidents.to_pandas().set_index("incident") for r in (siloed, integrated))
    assert a.index.equals(b.index)
    for name in ("occurred", "grid", "kind", "severity"):
        assert (a[name].astype(str) == b[name].astype(str)).all()
    of = replay.set_index("incident").loc[a.index]
    true = run.incidents.to_pandas().set_index("incident")
    true = true.loc[of["case"].astype(np.int64)]
    for name in ("grid", "kind", "severity"):
        assert (a[name].astype(str).to_numpy() == true[name].astype(str).to_numpy()).all()
    shift = (policies["siloed"].start - run.parameters.start).days * 86400
    assert (a["occurred"].to_numpy() + shift == true["occurred"].to_numpy()).all()


@pytest.mark.parametrize(
    "command", ["trace", pytest.param("counterfactual", marks=pytest.mark.slow)]
)
def test_other_commands_take_the_replay(own, command, capsys):
    made, _ = own
    results = f"results={made.parent / command}"
    given = laid(made, "experiment=replay", "replications=1", results)
    assert cli.main([command, *given]) == 0, capsys.readouterr().err


def test_what_the_log_does_not_say_is_drawn_alike_each_time(tmp_path, undrawn):
    path = write(tmp_path / "log.csv", simple(200), HEADER)
    made = [
        folder_made(tmp_path / f"r{i}", "calibrate", f"log={path}", *CITY, "fit.resamples=20")
        for i in range(2)
    ]
    one, two = (pd.read_csv(folder / "trace.csv") for folder in made)
    assert one.equals(two)
    assert one["kind"].nunique() > 1
    summary = read_json(made[0])
    assert summary["replay"]["from the log"]["kind"] == 0
    assert summary["replay"]["drawn"]["kind"] == len(one)
    assert summary["replay"]["from the log"]["dispose_s"] == len(one)
    policies = load_policies([*CITY, f"overlay={made[0] / 'overlay'}", "experiment=replay"])
    mechanism = policies["siloed"].settings.mechanism
    assert (mechanism.reporting.base, mechanism.reporting.waking) == (1, 0)


def test_formulas_in_a_log_do_no_harm(tmp_path, undrawn):
    rows = [[f"=HYPERLINK({c})", *r[1:]] if c % 2 else ["@x" + r[0], *r[1:]]
            for c, r in enumerate(simple(200))]  # fmt: skip
    rows.append(["=cmd|' /C calc'!A0", "register", "soon", "soon", "-1+1"])
    path = write(tmp_path / "=log|#.csv", rows, HEADER)
    made = folder_made(tmp_path / "r", "calibrate", f"log={path}", *CITY, "fit.resamples=20",
                       "fit.held_out=0.5", "fit.least=10")  # fmt: skip
    for table in ("replay", "refused", "estimates"):
        frame = pd.read_csv(made / f"{table}.csv", dtype=str, keep_default_na=False)
        cells = frame.to_numpy().ravel()
        assert not [c for c in cells if c[:1] in ("=", "@", "+")]
    assert faults((made / "overlay/experiment/fit.yaml").read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["log=none.csv"], "log: 'none.csv' is no file"),
        (["log=none.csv", "fit.held_out=2"], "fit.held_out: 2.0; allowed: 0.01 to 0.9"),
        (["log=none.csv", "columns=none.yaml"], "columns: 'none.yaml' cannot be read"),
    ],
)
def test_errors_are_told_in_a_sentence(given, message, capsys):
    assert cli.main(["calibrate", *CITY, *given]) == 1
    assert message in capsys.readouterr().err


def test_an_overlay_that_is_not_there_is_told():
    from sim.errors import InputError

    with pytest.raises(InputError, match="overlay: 'nowhere'; allowed: a folder"):
        load([*CITY, "overlay=nowhere"])


@pytest.mark.parametrize("name", ["helpdesk.xes.gz", "uci_incident_event_log_subset.csv.gz"])
def test_real_logs_are_fitted_where_they_are_present(name, tmp_path, undrawn):
    if not (LOGS / name).is_file():
        pytest.skip("the real logs are not part of the project")
    given = [f"log={LOGS / name}", *CITY, "fit.resamples=20", "fit.simulations=3"]
    if name.startswith("uci"):
        columns = {"case": "number", "activity": "incident_state", "complete": "sys_updated_at",
                   "resource": "sys_updated_by"}  # fmt: skip
        path = tmp_path / "columns.yaml"
        path.write_text(json.dumps({"columns": columns, "stamps": "%d-%m-%Y %H:%M"}), "utf-8")
        given.append(f"columns={path}")
    made = folder_made(tmp_path / "r", "calibrate", *given)
    summary = read_json(made)
    assert summary["cases"]["closing"] == ["Closed"]
    cases = {"helpdesk.xes.gz": 4580}.get(name, 890)
    assert summary["log"]["cases"] == cases
    of = summary["distances_hours"]
    assert of["chance"]["cycle_times"] < of["fitted"]["cycle_times"]
    # What was fitted is as near as cases fitted to, drawn again whole: nothing of them is lost.
    assert of["fitted"]["cycle_times"] < 1.3 * of["fitted cases"]["cycle_times"]
