"""Reduced worlds agree with queueing theory, number by number, and an error would be seen.

Each number is held at an error rate of ALPHA, with standard errors so small that an error of the
form's size is seen with a probability of 0.99: of 3 % in the long form, which is what
`guantong verify` runs and `make guarantee` repeats, and of 7 % in the short one of 40 replications
of a quarter of the days, or of fewer where they suffice.
"""

import json

import numpy as np
import pytest

from experiments import load, simulate
from experiments.theory import EXPECTED
from experiments.verify import hold, page, verify
from scenarios.load import CONF
from sim.compiled.events import EVENT_KINDS
from sim.errors import InputError

ALPHA = 1e-4
TIMES_ERROR = 6.66  # standard errors: t(ALPHA / 2, 39 degrees) + 2.33
FORMS = [pytest.param(7, id="short"), pytest.param(3, id="long", marks=pytest.mark.slow)]
"""The error that each form sees [%]."""
WORLDS = sorted(path.stem for path in (CONF / "experiment" / "theory").glob("*.yaml"))


def test_every_world_has_its_closed_form_and_every_closed_form_its_world():
    assert sorted(EXPECTED) == WORLDS
    assert len(WORLDS) >= 17


DIVISORS = {
    **dict.fromkeys(("fork_join", "pooled", "separate", "tandem"), 6),
    "priority": 9,
    "seat_table": 9,
    "infinite": 12,
    "lines": 24,
}
"""The days are divided by this in the short form, where a quarter is more than it needs."""


def of_form(percent, world, *overrides):
    """A world as `guantong verify` runs it, or the short form of it."""
    parameters = load([f"experiment=theory/{world}", *overrides])
    if percent == 3 or parameters.trace is not None:
        return parameters
    days = max(1, parameters.settings.horizon.cohort_days // DIVISORS.get(world, 4))
    short = [f"horizon.cohort_days={days}", "replications=40"]
    return load([f"experiment=theory/{world}", *overrides, *short])


@pytest.mark.parametrize("percent", FORMS)
@pytest.mark.parametrize("world", WORLDS)
def test_a_reduced_world_agrees_with_theory(world, percent):
    parameters = of_form(percent, world)
    assert parameters.settings.theory == world
    found = hold([parameters], ALPHA)
    wrong = [f for f in found if not f.agrees]
    assert not wrong, "\n".join(f"{f.measure}: {f.mean} for {f.expected}" for f in wrong)
    assert max(f.relative_error for f in found) <= percent / 100 / TIMES_ERROR
    assert len(found) >= 3


WHOLE = ["horizon.warmup_days=0", "horizon.followup_days=0", "record=visits", "replications=1"]


@pytest.mark.parametrize("world", WORLDS)
def test_littles_law_and_the_conservation_of_work_hold_on_every_path(world):
    """The window being the whole run: who has joined is somewhere, what was waited for is the
    time integral of the number waiting, and seats were busy with the work of visits alone."""
    run = simulate(load([f"experiment=theory/{world}", *WHOLE, "horizon.cohort_days=6"]), 3)
    out, visits, end = run.outcome, run.visit_columns, run.parameters.end
    n = out.joins.size
    assert out.starts.sum() > 50
    np.testing.assert_array_equal(out.joins, out.starts + out.abandoned + out.queue)
    certain = out.queue + out.abandoned == 0  # desks whose visits have all begun
    np.testing.assert_array_equal(out.queued[certain], out.waited[certain])
    assert (out.queued >= out.waited).all()
    assert (out.queued - out.waited <= (out.queue + out.abandoned) * end).all()
    worked = np.bincount(visits["desk"], visits["worked"], n)
    finished = np.bincount(visits["desk"], minlength=n)
    idle = finished == out.starts  # nobody is at work at the end
    np.testing.assert_array_equal(out.busy[idle], worked[idle])
    assert (out.busy >= worked).all()
    assert (certain & (out.starts > 0)).any() or (out.queue > 0).any()


@pytest.mark.parametrize("world", ["mmc", "mg1", "mdc", "priority", "seat_table", "trace"])
def test_a_world_of_one_desk_has_no_events_of_other_stages(world):
    run = simulate(load([f"experiment=theory/{world}", *WHOLE, "horizon.cohort_days=6"]), 3)
    happened = dict(zip((*EVENT_KINDS, "arrival"), run.outcome.settled.tolist(), strict=True))
    used = ("work_ends", "opens", "arrival")
    assert not {kind: n for kind, n in happened.items() if n and kind not in used}
    assert 0 < happened["work_ends"] <= happened["arrival"]


def test_worlds_that_are_held_together_are_found_as_each_alone():
    few = ["horizon.cohort_days=3"]
    worlds = [load([f"experiment=theory/{w}", "replications=3", *few]) for w in ("mmc", "mdc")]
    worlds.insert(1, load(["experiment=theory/trace"]))
    assert hold(worlds, ALPHA) == [found for p in worlds for found in hold([p], ALPHA)]


@pytest.mark.parametrize("percent", FORMS)
def test_an_error_is_seen(percent):
    """The works of the simulated world are longer than what theory is told."""
    told = load(["experiment=theory/mdc"])
    longer = 30 * (1 + percent / 100)
    run = of_form(percent, "mdc", f"catalogue.kinds.first.dispose.mean={longer}")
    checks = EXPECTED["mdc"](told)
    found = {f.measure: f for f in hold([run], ALPHA)}
    for check in checks:
        seen = found[check.measure]
        off = abs(seen.mean - check.expected)
        if check.measure != "grid.grid: P(wait > 0)":  # which moves by less
            assert off > seen.half_width, check.measure


def test_expectations_follow_the_users_own_numbers():
    few, many = (load(["experiment=theory/mmc", f"staff.seats.grid.grid={n}"]) for n in (3, 4))
    waits = [EXPECTED["mmc"](p)[0].expected for p in (few, many)]
    assert waits[1] < waits[0] / 3


@pytest.mark.parametrize(
    ("world", "override", "message"),
    [
        ("mmc", "stream.per_day=99999", "reduced world 'mmc': 3 seats can do 6 jobs"),
        ("pooled", "staff.seats.township.pool=2", "reduced world 'pooled': 2 seats can do 4 jobs"),
        ("mmc", "theory=mmd", "theory: 'mmd'; allowed: mmc, mg1"),
    ],
)
def test_a_world_that_cannot_keep_up_is_refused(world, override, message):
    with pytest.raises(InputError) as error:
        hold([load([f"experiment=theory/{world}", override])], ALPHA)
    assert message in str(error.value)


def test_the_command_writes_what_it_prints(tmp_path, capsys):
    target = tmp_path / "page.md"
    folder = verify(["worlds=[trace]", f"results={tmp_path}", f"page={target}"])
    rows = json.loads((folder / "summary.json").read_text("utf-8"))["numbers"]
    assert [row["agrees"] for row in rows] == [True] * len(rows)
    assert target.read_text("utf-8") == (folder / "verification.md").read_text("utf-8")
    assert "| largest difference of a wait (s) | 0 | 0 | exact |" in target.read_text("utf-8")
    assert f"{len(rows)} numbers: all agree with theory." in capsys.readouterr().out


def test_a_disagreement_is_an_error_and_stands_on_the_page(tmp_path, monkeypatch):
    monkeypatch.setitem(
        EXPECTED, "trace", lambda p: [c._replace(expected=c.expected + 1.0) for c in wrong(p)]
    )
    with pytest.raises(InputError, match="3 of 3 numbers disagree with theory, such as trace"):
        verify(["worlds=[trace]", f"results={tmp_path}"])
    (written,) = tmp_path.glob("verify-*/verification.md")
    assert "**disagrees**" in written.read_text("utf-8")


wrong = EXPECTED["trace"]


def test_unknown_worlds_are_named():
    with pytest.raises(InputError, match=r"worlds: 'mmz'; allowed: batch_period, "):
        verify(["worlds=[mmz]"])


def test_the_page_describes_every_world_and_the_settings_to_change():
    parameters = load(["experiment=theory/trace"])
    text = page(hold([parameters], ALPHA), [parameters], 1.0)
    assert "Kiefer and Wolfowitz 1955" in text
    assert "`stream.per_day`" in text
