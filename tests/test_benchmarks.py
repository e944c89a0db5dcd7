"""How fast the clocks are, side by side in one run (`make bench`); nothing here is asserted."""

import pytest

from experiments import load, simulate

ONE_DAY = ["horizon.warmup_days=0", "horizon.cohort_days=1", "horizon.followup_days=1"]


@pytest.mark.benchmark(group="one day of the whole city, and one more to follow it up")
@pytest.mark.parametrize("policy", ["siloed", "integrated"])
@pytest.mark.parametrize("clock", ["compiled", "simpy"])
def test_two_days_of_the_whole_city(benchmark, clock, policy):
    parameters = load([*ONE_DAY, "record=summary", f"clock={clock}", f"policy={policy}"])
    _ = parameters.world, parameters.rates, parameters.open_ticks, parameters.paid_by_desk
    run = benchmark.pedantic(simulate, (parameters, 1), rounds=5, warmup_rounds=1)
    seconds = benchmark.stats.stats.median
    benchmark.extra_info["incidents"] = run.outcome.drawn
    benchmark.extra_info["incidents_per_second"] = round(run.outcome.drawn / seconds)
    benchmark.extra_info["events"] = int(run.outcome.settled.sum())


@pytest.mark.benchmark(group="ten weeks of the whole city")
@pytest.mark.parametrize("policy", ["siloed", "integrated"])
def test_ten_weeks_of_the_whole_city(benchmark, policy):
    parameters = load(["record=summary", f"policy={policy}"])
    _ = parameters.world, parameters.rates, parameters.open_ticks, parameters.paid_by_desk
    run = benchmark.pedantic(simulate, (parameters, 1), rounds=3)
    seconds = benchmark.stats.stats.median
    benchmark.extra_info["incidents"] = run.outcome.drawn
    benchmark.extra_info["incidents_per_second"] = round(run.outcome.drawn / seconds)
    benchmark.extra_info["events"] = int(run.outcome.settled.sum())
