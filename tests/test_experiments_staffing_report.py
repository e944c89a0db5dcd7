"""What `guantong staff` says of its plans: never other numbers than its table."""

from experiments.staffing.report import fewer_in_words

LADDER = {"mean": None, "ci95": [None, None]}


def told(siloed, integrated):
    staff = {
        name: dict(zip(("paid_hours", "people", "seats"), numbers, strict=True))
        for name, numbers in (("siloed", siloed), ("integrated", integrated))
    }
    fewer = {key: staff["siloed"][key] - staff["integrated"][key] for key in staff["siloed"]}
    fewer |= {"than": "siloed", "ladder": LADDER}
    return fewer_in_words("integrated", {"staff": staff, "fewer": {"integrated": fewer}})


def test_a_difference_is_that_of_the_numbers_shown():
    # 130 and 156 people in the table: 25.2 apart, but 26 for whoever reads it.
    said = told((5218.4, 130.46, 90), (6226.0, 155.65, 97))
    assert "needs 1,008 more paid hours a week than siloed" in said
    assert "(26 more people, 7 more seats)" in said


def test_seats_may_be_more_where_hours_are_fewer():
    assert "(5 fewer people, 2 more seats)" in told((5200.0, 130.0, 90), (5000.0, 125.0, 92))
