"""`guantong staff` on a small city: its folder, its numbers, its refusals."""

import csv
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from experiments.cli import main
from experiments.one_run import simulate
from experiments.staffing import runs as runs_module
from experiments.staffing.desks import Desks
from experiments.staffing.tables import HEADERS
from scenarios.load import load
from tests.commands import read_json
from tests.conftest import TINY

pytestmark = [
    pytest.mark.filterwarnings("ignore:policy:UserWarning"),
    pytest.mark.usefixtures("undrawn"),
]

QUICK = [
    *TINY,
    *("service.targets.grave=0", "service.targets.all=0.7"),
    *("service.incidents=1000", "service.least=3", "service.fresh=4", "service.tries=2"),
    *("service.delays=[0.1,0.5,1]", "service.evaluations=6", "service.volumes=[0.8,1.2]"),
]
POLICIES = ("siloed", "integrated")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made(tmp_path_factory.mktemp("staff"), "lang=zh")


@pytest.fixture(scope="module")
def summary(folder):
    return read_json(folder)


def made(root, *overrides):
    """The folder that the command makes, beside that of the points kept."""
    assert main(["staff", *QUICK, *overrides, f"results={root}"]) == 0
    (folder,) = root.glob("staff-*")
    return folder


def of_policy(policy):
    return load([*QUICK, f"policy={policy}", "record=summary"])


def test_the_folder_is_whole(folder):
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert names == {
        *("config.yaml", "summary.json", "provenance.json", "staff.parquet"),
        *(f"{kind}-{policy}.csv" for kind in ("staff", "plan") for policy in POLICIES),
        *(f"{t}.{e}" for t in ("curve", "groups", "volumes") for e in ("csv", "parquet")),
        *("figures/frontier_all.png", "figures/frontier_all.svg"),
    }


def test_seats_people_and_hours_fit_together(folder, summary):
    table = pd.read_parquet(folder / "staff.parquet")
    for policy in POLICIES:
        mine, told = table[table.policy == policy], summary["staff"][policy]
        assert mine.seats.sum() == told["seats"]
        assert mine.paid_hours.sum() == pytest.approx(told["paid_hours"])
        assert np.allclose(mine.people, mine.paid_hours / 40)
        assert mine.seats.min() >= 1
        desks = Desks(of_policy(policy))
        work = mine.load.to_numpy() @ desks.slots.hours
        assert work == pytest.approx(desks.weekly.sum())
    # A seat round the clock is five people's: of the hotline's three shifts together.
    hotline = table[(table.policy == "siloed") & (table.desk == "hotline")]
    assert (hotline.people / hotline.seats).sum() == pytest.approx(5.0)


def test_no_desk_is_planned_fuller_than_the_settings_allow(folder):
    table = pd.read_parquet(folder / "staff.parquet")
    for policy in POLICIES:
        desks = Desks(of_policy(policy))
        plan = table[table.policy == policy].seats.to_numpy()
        n = desks.parameters.layout.n_desks
        offered = np.bincount(desks.slots.desk, plan * desks.slots.hours, n)
        work = np.bincount(desks.slots.desk, desks.weekly, n)
        assert (work <= 0.95 * offered + 1e-9).all()


def test_offices_can_open_their_table(folder):
    raw = (folder / "staff-siloed.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # the mark that spreadsheets look for
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert rows[0] == list(HEADERS["zh"].values())
    table = pd.read_parquet(folder / "staff.parquet").query("policy == 'siloed'")
    assert len(rows) == 1 + len(table)
    seats = HEADERS["zh"]["seats"]
    assert sum(int(row[rows[0].index(seats)]) for row in rows[1:]) == table.seats.sum()
    assert {row[0] for row in rows[1:]} == {"市", "区县", "乡镇街道"}
    assert {row[rows[0].index("岗位")] for row in rows[1:]} >= {"12345热线", "派单", "治理指挥中心"}


@pytest.mark.parametrize("policy", POLICIES)
def test_the_plan_can_be_run_again_to_the_same_numbers(folder, summary, policy):
    path = folder / f"plan-{policy}.csv"
    p = load([*QUICK, f"policy={policy}", f"staff.plan={path}"])
    assert (
        p.seats[Desks(p).slots.desk, Desks(p).slots.shift].sum()
        == (summary["staff"][policy]["seats"])
    )
    tries = summary["staff"][policy]["tries"]
    attempt = tries - 1
    n = summary["fresh_replications"] * 2**attempt
    runs = [simulate(p, 1_500_000 + attempt * 10_000 + r).metrics() for r in range(n)]
    noticed = [run["cohort_incidents"] - run["unseen_at_end"] for run in runs]
    closed = sum(run["on_time_share"] * seen for run, seen in zip(runs, noticed, strict=True))
    share = summary["staff"][policy]["fresh"]["all grades"]["share"]
    assert share == pytest.approx(closed / sum(noticed))


def test_the_curve_has_every_plan_that_was_tried(folder, summary):
    curve = pd.read_parquet(folder / "curve.parquet")
    for policy in POLICIES:
        mine = curve[curve.policy == policy]
        assert len(mine) == summary["staff"][policy]["plans_tried"]
        ladder = mine[mine.ladder != ""].sort_values("paid_hours")
        assert ladder.share.iloc[-1] >= ladder.share.iloc[0]
        assert set(ladder.ladder) <= {"0.1", "0.5", "1.0", "keeps up"}


def test_what_one_policy_needs_fewer_is_the_difference_of_the_plans(summary):
    siloed, integrated = (summary["staff"][policy] for policy in POLICIES)
    fewer = summary["fewer"]["integrated"]
    assert fewer["than"] == "siloed"
    assert fewer["seats"] == siloed["seats"] - integrated["seats"]
    assert fewer["people"] == pytest.approx(siloed["people"] - integrated["people"])
    by_replication = [
        a - b
        for a, b in zip(siloed["hours_by_replication"], integrated["hours_by_replication"])
        if None not in (a, b)
    ]
    if len(by_replication) == summary["replications"]:
        assert fewer["ladder"]["mean"] == pytest.approx(np.mean(by_replication))


def test_more_work_calls_for_more_staff(folder):
    volumes = pd.read_parquet(folder / "volumes.parquet")
    assert list(volumes.volume) == [0.8, 1.2, 0.8, 1.2]
    for _, mine in volumes.groupby("policy"):
        low, high = mine.sort_values("volume").paid_hours
        assert low < high
        assert mine.set_index("volume").change[0.8] <= 0 <= mine.set_index("volume").change[1.2]


def test_the_same_command_runs_nothing_twice(folder, monkeypatch, capsys):
    def never(*_):
        raise AssertionError("a kept run was made again")

    monkeypatch.setattr(runs_module, "service", never)
    assert main(["staff", *QUICK, f"results={folder.parent}"]) == 0
    newest = max(folder.parent.glob("staff-*"), key=lambda path: path.stat().st_mtime)
    before, after = read_json(folder), read_json(newest)
    assert before["staff"] == after["staff"]
    captured = capsys.readouterr()
    assert "were kept from before" in captured.err
    said = " ".join(captured.out.split())
    assert "; no interval, as this is one search: service.repeats=5 gives one" in said
    rows = (newest / "staff-siloed.csv").read_text("utf-8-sig").splitlines()
    assert rows[0] == ",".join(HEADERS["en"].values())


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_a_command_that_is_stopped_goes_on_where_it_was(by, tmp_path):
    command = [sys.executable, "-m", "experiments.cli", "staff", *QUICK, f"results={tmp_path}"]
    killed = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while len(list(tmp_path.rglob("*.json"))) < 4 and time.monotonic() < deadline:
            assert killed.poll() is None
            time.sleep(0.05)
    finally:
        killed.send_signal(by)
        code = killed.wait(timeout=60)
    assert code == (130 if by == signal.SIGINT else -signal.SIGKILL)
    kept = len(list((tmp_path / "points").rglob("*.json")))
    assert kept >= 4
    assert {path.name for path in tmp_path.iterdir()} == {"points"}
    assert read_json(made(tmp_path))["runs"] > kept


def test_searches_that_are_repeated_give_what_is_needed_fewer_an_interval(folder, capsys):
    """The first is the search as it is; the others have incidents of their own."""
    assert main(["staff", *QUICK, "service.repeats=3", f"results={folder.parent}"]) == 0
    newest = max(folder.parent.glob("staff-*"), key=lambda path: path.stat().st_mtime)
    found = read_json(newest)
    searches, entry = found["searches"], found["fewer"]["integrated"]
    assert searches[0] == {p: found["staff"][p]["paid_hours"] for p in POLICIES}
    assert found["staff"] == read_json(folder)["staff"]
    fewer = [one["siloed"] - one["integrated"] for one in searches]
    mean, half = np.mean(fewer), 4.302653 * np.std(fewer, ddof=1) / np.sqrt(3)
    assert entry["searches"]["n"] == 3
    assert entry["searches"]["ci95"] == pytest.approx([mean - half, mean + half])
    said = " ".join(capsys.readouterr().out.split())
    assert "95 % interval over 3 searches, each on incidents of its own" in said


def test_targets_of_every_district_come_to_an_end_within_the_replications_allowed(tmp_path, capsys):
    """Few incidents of grades I and II come to a district in a week; what seats never short are
    seen to reach there is mostly chance, and as a target hardly to be met again."""
    given = ["service.scope=district", "service.targets.grave=0.95", "service.targets.all=0.9"]
    found = read_json(made(tmp_path, *given, "service.most=12", "service.fresh_most=16"))
    said = " ".join(capsys.readouterr().out.split())
    assert len(found["targets"]) == 4
    for policy in POLICIES:
        one = found["staff"][policy]
        assert one["is_reached"]
        assert one["is_confirmed"] or f"{policy}: not confirmed" in said
    reachable = {t["of"]: min(found["ceiling"][p][t["of"]] for p in POLICIES)
                 for t in found["targets"]}  # fmt: skip
    assert all(t["level"] <= t["stated"] * reachable[t["of"]] for t in found["targets"])
    assert "in every district of what is surely reachable" in said


def test_policies_are_not_compared_where_one_has_no_plan(tmp_path, capsys):
    given = ["service.targets.all=0.999", "service.delays=[1]", "service.most=3"]
    found = read_json(made(tmp_path, *given))
    said = " ".join(capsys.readouterr().out.split())
    without = [p for p in POLICIES if not found["staff"][p]["is_reached"]]
    assert without
    assert "integrated and siloed cannot be compared: no plan of " + " or ".join(without) in said
    assert found["searches"] == [
        {p: None if p in without else found["staff"][p]["paid_hours"] for p in POLICIES}
    ]


def test_targets_that_no_staff_reaches_are_told_and_lowered(tmp_path, capsys):
    folder = made(tmp_path, "service.targets.all=0.99")
    found = read_json(folder)
    said = " ".join(capsys.readouterr().out.split())
    assert "siloed: no staff reaches the target for all grades" in said
    assert found["unreachable"] == {policy: ["all grades"] for policy in POLICIES}
    least = min(found["ceiling"][policy]["all grades"] for policy in POLICIES)
    assert found["targets"][0]["level"] == pytest.approx(0.99 * least)
    kinds = found["late_kinds"]["siloed"]["all"]
    assert kinds[0]["of_late"] == max(kind["of_late"] for kind in kinds)
    assert kinds[0]["share"] < 1


def test_a_budget_is_spent_and_not_passed(tmp_path):
    budget = 14000.0
    folder = made(tmp_path, f"service.budget={budget}")
    found = read_json(folder)["staff"]
    for policy in POLICIES:
        slots = Desks(of_policy(policy)).slots
        assert budget - slots.paid.max() < found[policy]["paid_hours"] <= budget
        entry = found[policy]["fresh"]["all grades"]
        assert entry["low"] <= entry["share"] <= entry["high"]


def test_of_one_district_the_citys_desks_keep_their_seats():
    p = load([*TINY, "city.district=青石区"])
    desks = Desks(p)
    assert set(p.layout.tier[desks.slots.desk].tolist()) == {1, 2}
    found = desks.seats(np.full(desks.slots.desk.size, 7))
    city = p.layout.tier == 0
    assert (found[city] == p.seats[city]).all()
    assert (found[desks.slots.desk, desks.slots.shift] == 7).all()


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["service.targets.all=0"], "service.targets: all are 0; allowed: one above 0 at least"),
        (["service.targets.all=1.2"], r"service.targets.all: 1.2.*allowed"),
        (
            ["service.targets.all=0.99", "service.unreachable=stop"],
            r"service.targets.all: 0.99; policy 'siloed' closes at most 0\.\d+ of all grades",
        ),
        (["service.budget=500"], r"service.budget: 500; policy '.*' needs .* paid hours a week"),
        (["executor=processes"], "executor: processes; allowed with staff: threads"),
        (["clock=simpy"], "clock: simpy; allowed with staff: compiled"),
        (["service.least=9", "service.most=3"], "service.least: 9; allowed: at most service.most"),
        (["service.scope=county"], r"service.scope: .*county.*allowed.* city, district"),
        (["lang=de"], r"lang: .*de.*allowed.*en, zh"),
        (["service.delays=[0.1,2]"], r"service.delays.*2.*"),
        (
            ["policies=[siloed]",
             "policy.rollout={to: integrated, waves: [{from: 2024-10-16, share: 1}]}"],
            r"policy.rollout: .*seats by date",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_named(overrides, said, tmp_path, capsys):
    import re

    assert main(["staff", *QUICK, *overrides, f"results={tmp_path}"]) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert re.search(said, error), error
