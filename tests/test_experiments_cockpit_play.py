"""A play, and that what it exports replays it exactly."""

import json
import shlex

import numpy as np
import pytest

from experiments.cockpit.export import export, replayed
from experiments.cockpit.play import Play
from experiments.one_run import simulate
from scenarios.load import load
from sim.errors import InputError
from sim.keys import keys_of
from sim.outcome import incident_columns
from sim.rows import I_OCCURRED
from sim.units import DAY, HOUR, MINUTE
from tests.conftest import TINY

pytestmark = pytest.mark.filterwarnings("ignore:policy .* are offered more work")
BOTH = [*TINY, "policies=[siloed,integrated]"]


class Kept(Play):
    """A play that keeps what has left."""

    def __init__(self, overrides):
        super().__init__(overrides)
        self.left = {name: [] for name in self.sides}
        for name, side in self.sides.items():
            side._take_in = self._keeping(name, side._take_in)

    def _keeping(self, name, take_in):
        def keeping(chunk, to):
            self.left[name].append(chunk.incidents)
            take_in(chunk, to)

        return keeping

    def table(self, name):
        """The cohort's incidents, as a run tells of them."""
        side = self.sides[name]
        open_ones = (chunk.incidents for chunk in side._course.left())
        rows = np.concatenate([*self.left[name], *open_ones])
        begin, end = side.parameters.window
        rows = rows[(rows[:, I_OCCURRED] >= begin) & (rows[:, I_OCCURRED] < end)]
        return incident_columns(rows[np.argsort(keys_of(rows))])


@pytest.fixture(scope="module")
def played():
    """Slider moves at odd moments, one that makes centres review and one that opens desks; storms
    before and after; played in steps of all lengths."""
    play = Kept([*BOTH, "stream.storms=[{from: '2024-10-16 03:00', hours: 9, factor: 3}]"])
    play.advance(3 * DAY + 9 * HOUR + 34)
    play.change("siloed", {"merging": 0.7, "flexible": 0.5, "pooling": 0.4}, {"district": 0.6})
    play.change("integrated", {"direct": 0.1, "emergency": 0.0})
    for minute in (1, 59, 61, 600):
        play.advance(play.now + minute * MINUTE)
    play.storm(20, 6.0)
    play.advance(4 * DAY + 14 * HOUR)
    play.change("siloed", {"emergency": 1.0, "assessment": 0.5}, {"city": 2.0, "township": 1.5})
    play.change("siloed", {"direct": 0.8})  # at the same moment
    play.change("integrated", {}, {"district": 0.5, "grid": 1.2})
    play.storm(5, 2.0, ["Qingshi"])
    play.advance(play.end)
    yield play
    play.close()


@pytest.mark.parametrize("policy", ["siloed", "integrated"])
@pytest.mark.parametrize("clock", ["compiled", "simpy"])
def test_the_export_replays_the_play_exactly(played, policy, clock):
    overrides = [*replayed(played, policy), f"clock={clock}"]
    parameters = load(overrides)
    run, table = simulate(parameters, parameters.settings.seed), played.table(policy)
    assert len(table["incident"]) > 300
    for name, expected in run.incident_columns.items():
        np.testing.assert_array_equal(table[name], expected, err_msg=name)
    np.testing.assert_array_equal(run.flow, played.sides[policy]._course.state.flow)


def test_a_policy_with_waves_of_its_own_is_replayed_too():
    waves = "policy.rollout.waves=[{from: '2024-10-19', share: 0.5, to: integrated}]"
    play = Kept([*TINY, "policies=[siloed]", waves])
    play.advance(3 * DAY + 5 * HOUR + 7)
    play.change("siloed", {"flexible": 0.6, "direct": 0.3}, {"city": 1.5})
    play.advance(6 * DAY + 13 * HOUR)
    play.change("siloed", {"merging": 1.0}, {"township": 2.0})
    play.advance(play.end)
    parameters = load(replayed(play, "siloed"))
    run, table = simulate(parameters, 1), play.table("siloed")
    for name, expected in run.incident_columns.items():
        np.testing.assert_array_equal(table[name], expected, err_msg=name)
    play.close()


def test_what_was_done_made_a_difference(played):
    for policy in played.sides:
        plain = simulate(load([*TINY, f"policy={policy}"]), 1).incident_columns
        table = played.table(policy)
        assert len(table["incident"]) > len(plain["incident"])  # of storms
        alike = np.isin(table["incident"], plain["incident"])
        assert (table["solved"][alike] != plain["solved"]).any()


def test_both_sides_meet_the_same_incidents(played):
    a, b = (played.table(name) for name in played.sides)
    for name in ("incident", "occurred", "kind", "severity", "grid"):
        np.testing.assert_array_equal(a[name], b[name])


def test_the_folder_holds_commands_settings_and_what_was_done(played, tmp_path):
    for side in played.sides.values():
        side.parameters.settings.results = str(tmp_path)
    folder = export(played)
    *_, siloed, integrated = (folder / "replay.sh").read_text("utf-8").splitlines()
    assert shlex.split(siloed) == ["guantong", "run", *replayed(played, "siloed")]
    listed = (folder / "integrated.txt").read_text("utf-8").splitlines()
    assert listed == shlex.split(integrated)[2:] == replayed(played, "integrated")
    assert (folder / "provenance.json").is_file()
    done = json.loads((folder / "play.json").read_text("utf-8"))
    assert [change["from"] for change in done["changes"]["siloed"]] == [
        "2024-10-17 09:00:34",
        "2024-10-18 14:00:00",
        "2024-10-18 14:00:00",
    ]
    assert [storm["factor"] for storm in done["storms"]] == [6.0, 2.0]


def test_levers_and_seats_are_told_as_they_stand(played):
    assert played.levers("siloed")["direct"] == 0.8
    assert played.levers("siloed")["pooling"] == 0.4
    assert played.seats("siloed") == {"district": 0.6, "city": 2.0, "township": 1.5}


def test_a_wrong_change_changes_nothing():
    play = Play(["policies=[siloed]", *TINY])
    with pytest.raises(InputError, match=r"a change at 2024-10-14 00:00; allowed: during"):
        play.change("siloed", {"merging": 1})
    play.advance(HOUR)
    before = play.sides["siloed"].parameters
    with pytest.raises(InputError, match=r"changes\[0\].levers.merging: 2; allowed: 0 to 1"):
        play.change("siloed", {"merging": 2})
    with pytest.raises(InputError, match="a number above 1"):
        play.storm(2, 0.5)
    assert play.changes == {"siloed": []}
    assert play.storms == []
    assert play.sides["siloed"].parameters is before
    play.close()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["policies=[siloed,integrated,paper]"], r"policies: .*; allowed: one, or two"),
        (["clock=simpy"], "clock: simpy; allowed in the cockpit: compiled"),
    ],
)
def test_what_cannot_be_played_is_refused(overrides, message):
    with pytest.raises(InputError, match=message):
        Play([*TINY, *overrides])
