"""How much the compiled clock does for an incident may not rise unnoticed.

These are counts, not times: they are the same on every machine and in every run. If a change of
the model or of the clock moves them, and is meant to, renew the numbers here and say in the commit
what was gained for it; a rise of the second group without a change of the model is a clock that
has become slower.
"""

import pytest

from experiments.one_run import of_stream, prepared
from scenarios.load import load
from sim.compiled.clock import run
from tests.both import first_difference
from tests.work import COUNTED, counting

DAYS = ("horizon.warmup_days=3", "horizon.cohort_days=3", "horizon.followup_days=1")
WORLD = ("city=tiny", "staff.pilot_incidents=4000", *DAYS)

EXPECTED = {
    "siloed": {
        # what the model asks for
        "events settled": 4506,
        "tasks that join a waiting list": 2900,
        "decisions": 3431,
        "numbers drawn": 8829,
        # what the clock makes of it
        "events scheduled": 5511,
        "links of the event list": 6736,
        "comparisons of waiting tasks": 1936,
        "heaps melded": 778,
        "desks served": 4877,
        "looks at seats planned": 3908,
    },
    "integrated": {
        # what the model asks for
        "events settled": 5463,
        "tasks that join a waiting list": 3339,
        "decisions": 3712,
        "numbers drawn": 10896,
        # what the clock makes of it
        "events scheduled": 6765,
        "links of the event list": 8014,
        "comparisons of waiting tasks": 1471,
        "heaps melded": 133,
        "desks served": 5889,
        "looks at seats planned": 9850,
    },
}
"""Counts of a week of the tiny city."""


@pytest.mark.filterwarnings("ignore:policy .* are offered more work")
@pytest.mark.filterwarnings("ignore:overflow encountered")  # meant, in tricks with bits
@pytest.mark.parametrize("policy", EXPECTED)
def test_the_clock_does_no_more_than_it_did(policy):
    p = load([*WORLD, f"policy={policy}"])
    _, world = prepared(p, 1)
    case = world, list(of_stream(p, world.seed)), p.end, p.window
    with counting() as calls:
        counted = list(run(*case, keep_visits=True))
    assert first_difference(counted, list(run(*case, keep_visits=True))) is None
    found = {what: calls[what] for what in COUNTED}
    assert found == EXPECTED[policy], "renew EXPECTED if this is meant (see above)"
