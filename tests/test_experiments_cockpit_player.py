"""A play goes on by itself, does what is asked between two steps, and says what went wrong."""

import time

import pytest

from experiments.cockpit.player import Player
from sim.errors import InputError
from sim.units import DAY, HOUR
from tests.conftest import TINY

_ENOUGH = 60.0  # seconds for anything, on a busy machine


@pytest.fixture
def player():
    found = Player([*TINY, "policies=[siloed,integrated]"])
    found.start()
    yield found
    found.stop()
    assert not found._thread.is_alive()


def until(true):
    ended = time.monotonic() + _ENOUGH
    while not true():
        assert time.monotonic() < ended
        time.sleep(0.01)


def state(player, name):
    until(lambda: player.frame.state == name)


def test_it_warms_up_plays_pauses_steps_and_comes_to_the_end(player):
    state(player, "paused")
    assert player.frame.play.now == 3 * DAY  # where the cohort begins
    player.step()
    until(lambda: player.frame.play.now == 3 * DAY + HOUR)
    player.pace(24.0)
    player.play(True)
    until(lambda: player.frame.play.now > 3 * DAY + 4 * HOUR)
    player.play(False)
    state(player, "paused")
    now = player.frame.play.now
    number = player.frame.number
    assert player.ask(lambda play: play.now).result() == now
    until(lambda: player.frame.number > number)
    assert player.frame.play.now == now
    player.ask(lambda play: play.advance(play.end - HOUR)).result()
    player.play(True)
    state(player, "over")
    assert player.frame.share == 1.0


def test_what_is_asked_is_answered_in_order_with_its_errors(player):
    state(player, "paused")
    changes = [
        player.ask(lambda play, m=m: play.change("siloed", {"merging": m})) for m in (0.2, 0.4, 0.3)
    ]
    wrong = player.ask(lambda play: play.change("siloed", {"merging": 7}))
    with pytest.raises(InputError, match=r"levers.merging: 7; allowed: 0 to 1"):
        wrong.result(_ENOUGH)
    assert all(change.done() for change in changes)
    stated = player.ask(lambda play: play.changes["siloed"]).result(_ENOUGH)
    assert [change["levers"]["merging"] for change in stated] == [0.2, 0.4, 0.3]


def test_another_play_takes_the_place_of_one_and_a_wrong_one_is_told(player):
    state(player, "paused")
    first = player.frame.play
    player.open([*TINY, "policies=[nowhere]"])
    until(lambda: "nowhere" in player.frame.error)
    assert player.frame.play is first
    player.open([*TINY, "policies=[paper]"])
    until(lambda: player.frame.play is not first and player.frame.state == "paused")
    assert [side.name for side in player.frame.sides] == ["paper"]
    assert player.frame.error == ""


def test_one_that_has_not_begun_can_be_stopped():
    player = Player(TINY)
    player.stop()
    assert player.frame.play is None


@pytest.mark.slow
def test_memory_stays_flat_while_it_plays():
    """Four times the days of the default horizon, played through twice: what is kept follows what
    is open."""
    psutil = pytest.importorskip("psutil")

    player = Player(["city=tiny", "city.weight=50", "horizon.cohort_days=210"])
    player.start()
    state(player, "paused")
    process = psutil.Process()
    sizes = []
    for day in range(60, 250, 10):
        player.ask(lambda play, day=day: play.advance(day * DAY)).result()
        sizes.append(process.memory_info().rss)
    player.stop()
    assert max(sizes[5:]) < 1.05 * sizes[5]
