"""Who is worse off: shares, notes and the sentence, from counts that are made up."""

from types import SimpleNamespace

import pytest

from analysis.account import CATEGORIES
from analysis.counterfactual import BEYOND, SHARES
from analysis.intervals import mean_interval
from experiments.counterfactual_groups import AS_ALL, EVEN, TOO_FEW, group_table, summary
from sim.units import DAY, HOUR

TIERS = {  # incidents, later, hours lost by those, net hours, by replication
    0: [(100, 60, 600, 300), (100, 62, 640, 320), (100, 64, 600, 310)],
    1: [(200, 20, 100, -900), (200, 16, 96, -1000), (200, 18, 90, -950)],
    2: [(100, 18, 40, 5), (100, 10, 40, -5), (100, 40, 40, 0)],
    3: [(9, 9, 90, 90), (50, 50, 500, 500), (50, 50, 500, 500)],
}


def pairs(r):
    """Counts of a replication: as many later as TIERS say, half of the others sooner."""
    rows = {code: of[r] for code, of in TIERS.items()}
    incidents = sum(row[0] for row in rows.values())
    later = sum(row[1] for row in rows.values())
    sooner = (incidents - later) // 2
    lost = sum(row[2] for row in rows.values())
    found = {"incidents": incidents, "sum.later": lost * HOUR, "sum.sooner": -7 * sooner * HOUR}
    found |= {f"sooner.{over}": sooner for over in BEYOND} | {f"later.{o}": later for o in BEYOND}
    found |= {f"open.{which}": 10 for which in ("first", "second", "both")}
    found |= {f"later.{use}": lost * HOUR / 5 for use in CATEGORIES}
    found |= {f"sooner.{use}": -7 * sooner * HOUR / 5 for use in CATEGORIES}
    found |= {f"quantile.{i}": (i - 100) * HOUR for i in range(len(SHARES))}
    for code, (n, worse, loss, net) in rows.items():
        values = zip(("incidents", "later", "loss", "net"), (n, worse, loss * HOUR, net * HOUR))
        found |= {f"tier.{code}.{name}": value for name, value in values}
    return found


KNOWN = [pairs(r) for r in range(3)]
PARAMETERS = SimpleNamespace(
    city=SimpleNamespace(district_name_en=()),
    catalogue=SimpleNamespace(kind_en=()),
    settings=SimpleNamespace(counterfactual=SimpleNamespace(fewest=30)),
    restrict=28 * DAY,
)
POLICIES = {"siloed": PARAMETERS, "integrated": PARAMETERS}


@pytest.fixture(scope="module")
def groups():
    return group_table(KNOWN, PARAMETERS)


def row(groups, name):
    return groups.set_index("group").loc[name]


def test_shares_and_hours_have_intervals_over_replications(groups):
    found = row(groups, "city tier")
    assert found["incidents"] == 100
    for column, values in (
        ("later_share", (0.6, 0.62, 0.64)),
        ("loss_hours", (10, 640 / 62, 600 / 64)),
        ("net_hours", (3.0, 3.2, 3.1)),
    ):
        entry = [found[column], found[f"{column}_low"], found[f"{column}_high"]]
        assert entry == pytest.approx(mean_interval(values))


def test_a_share_is_held_against_that_of_all_in_the_same_replication(groups):
    found = row(groups, "district tier")
    all_of = [k["later.0"] / k["incidents"] for k in KNOWN]
    excess = [own - of for own, of in zip((0.1, 0.08, 0.09), all_of, strict=True)]
    assert found["excess_share"] == pytest.approx(mean_interval(excess)[0])
    assert found["excess_share_high"] < 0


def test_notes_say_what_cannot_be_told_and_the_small_stand_last(groups):
    assert list(groups["group"]) == ["city tier", "township tier", "district tier", "grid tier"]
    notes = groups.set_index("group")["note"].to_dict()
    assert notes["city tier"] == notes["district tier"] == ""
    assert notes["township tier"] == f"{AS_ALL}, {EVEN}"
    assert notes["grid tier"].startswith(TOO_FEW)


def test_the_sentence_tells_who_gains_who_loses_and_who_loses_on_balance(groups):
    found = summary(KNOWN, groups, POLICIES)
    later = 100 * found["share"]["later"]["0"]["mean"]
    assert f"and {later:.1f} % later" in found["finding"]
    assert "those made better off gain 7.00 h (95 % interval 7.00 to 7.00)" in found["finding"]
    assert "Worst off: city tier (62.0 % later, by 9.90 h). " in found["finding"]
    assert found["finding"].endswith("On balance these lose: city tier (3.10 h).")
    assert found["restricted_to_days"] == 28
    assert found["quantiles"]["0.500"]["mean"] == 0.0


def test_of_one_replication_nothing_is_beyond_doubt():
    alone = KNOWN[:1]
    found = summary(alone, group_table(alone, PARAMETERS), POLICIES)
    assert found["finding"].endswith(
        " Of one replication nothing can be told of groups beyond doubt."
    )
    assert "interval" not in found["finding"]


def test_where_nobody_is_worse_off_the_sentence_says_only_who_gains():
    gone = {n: 0 for k in KNOWN for n in k if n.startswith("later.") or n == "sum.later"}
    known = [k | gone for k in KNOWN]
    finding = summary(known, group_table(known, PARAMETERS), POLICIES)["finding"]
    assert "Those made better off gain 7.00 h" in finding
    assert "worse off lose" not in finding


def test_without_incidents_nothing_is_known():
    assert "Nothing is known" in summary([], group_table([], PARAMETERS), POLICIES)["finding"]
