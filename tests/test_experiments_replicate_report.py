"""What `guantong replicate` says: direction, doubt, targets that were not met."""

from types import SimpleNamespace

import pytest

from experiments.replicate_report import sentence

LATENCY = "closure_latency_mean_hours"
SETTINGS = SimpleNamespace(horizon=SimpleNamespace(cohort_days=280))


def said(
    mean,
    ends,
    metric=LATENCY,
    stopped="met",
    ratio=0.25,
    is_met=True,
    relative=False,
    unknown=None,
    n=12,
    **more,
):
    width = None if ends[0] is None else (ends[1] - ends[0]) / 2
    entry = {"mean": mean, "ci95": list(ends), "half_width": width, "variance_ratio": ratio}
    found = {
        "metric": metric,
        "reference": "siloed",
        "replications": n,
        "target": {"half_width": 0.05, "relative": relative},
        "stopped": stopped,
        "unknown": unknown,
        "policies": {"integrated": entry | {"is_met": is_met} | more},
    }
    return sentence(found, SETTINGS)


def test_the_finding_has_size_interval_replications_and_what_pairing_removed():
    assert said(-41.9, (-42.5, -41.2)) == (
        "integrated closes incidents 41.9 h sooner than siloed, 95 % interval 41.2 to 42.5 h, "
        "12 replications, pairing removed 75 % of the variance."
    )
    assert "integrated closes incidents 2.00 h later than siloed" in said(2.0, (1.0, 3.0))


def test_what_cannot_be_told_apart_is_said_so():
    assert said(-0.5, (-2.0, 1.0), ratio=1.2) == (
        "integrated cannot be told apart from siloed in mean closure latency: -0.50 h, "
        "95 % interval -2.00 to +1.00 h, 12 replications, pairing added 20 % of the variance."
    )
    assert "is the same under integrated and siloed" in said(0.0, (0.0, 0.0), ratio=None)
    assert "pairing" not in said(0.0, (0.0, 0.0), ratio=None)


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("on_time_share", "Closed on time is 10.0 points higher under integrated than under sil"),
        ("returns_mean", "Returns per incident is 0.10 higher under integrated than under siloed"),
        ("closure_latency_p90_hours", "Closure latency, 90th percentile is 0.10 h higher under"),
    ],
)
def test_other_metrics_have_their_own_words(metric, words):
    assert said(0.1, (0.05, 0.15), metric).startswith(words)


def test_a_target_that_was_not_met_is_told_with_why():
    spent = said(-4.0, (-6.0, -2.0), stopped="spent", is_met=False)
    assert spent.endswith(
        "; the target of ± 0.05 h was not met when the budget of replications was spent: ± 2.00 h."
    )
    late = said(-4.0, (-6.0, -2.0), stopped="out of time", is_met=False, relative=True)
    assert "± 5 % of the difference was not met when the budget of time was spent" in late
    share = said(0.1, (0.02, 0.18), "on_time_share", stopped="spent", is_met=False)
    assert "± 5 points was not met when the budget of replications was spent: ± 8.00 p" in share


def test_a_long_run_names_its_batches_and_a_dependence_between_them():
    text = said(-4.0, (-6.0, -2.0), stopped=None, correlation=0.4, is_dependent=True)
    assert "one run of 280 days in 20 batches, pairing removed" in text
    assert "; the batches depend on one another (correlation 0.40)" in text
    text = said(-4.0, (-6.0, -2.0), stopped=None, correlation=0.1, is_dependent=False)
    assert "depend" not in text


def test_what_is_not_known_has_no_interval_and_a_reason():
    hole = {"policy": "siloed", "number": 3}
    text = said(None, (None, None), "closure_latency_p99_hours", "unknown", None, unknown=hole)
    assert text.startswith(
        "Closure latency, 99th percentile, integrated - siloed: not known, as replication 3 has no "
        "value under siloed"
    )
    assert "as span 3" in said(None, (None, None), stopped=None, ratio=None, unknown=hole)
    one = said(-2.0, (None, None), stopped="out of time", ratio=None, is_met=False, n=1)
    assert one == (
        "Mean closure latency, integrated - siloed: -2.00 h in one replication, no interval."
    )
