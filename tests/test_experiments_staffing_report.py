"""What `guantong staff` says of its plans: never other numbers than its table."""

from experiments.staffing.report import fewer_in_words

NONE = {"mean": None, "ci95": [None, None]}
LESS = ((5200.0, 130.0, 90), (5000.0, 125.0, 85))


def told(siloed, integrated, searches=NONE | {"n": 1}, ladder=NONE, **marks):
    keys = ("paid_hours", "people", "seats")
    staff = {
        name: dict(zip(keys, numbers, strict=True)) | {"is_reached": True, "is_confirmed": True}
        for name, numbers in (("siloed", siloed), ("integrated", integrated))
    }
    fewer = {key: staff["siloed"][key] - staff["integrated"][key] for key in keys}
    fewer |= {"than": "siloed", "ladder": ladder, "searches": searches}
    staff["integrated"] |= marks
    return fewer_in_words("integrated", {"staff": staff, "fewer": {"integrated": fewer}})


def test_a_difference_is_that_of_the_numbers_shown():
    # 130 and 156 people in the table: 25.2 apart, but 26 for whoever reads it.
    said = told((5218.4, 130.46, 90), (6226.0, 155.65, 97))
    assert "needs 1,008 more paid hours a week than siloed" in said
    assert "(26 more people, 7 more seats)" in said


def test_seats_may_be_more_where_hours_are_fewer():
    assert "(5 fewer people, 2 more seats)" in told((5200.0, 130.0, 90), (5000.0, 125.0, 92))


def test_one_search_has_no_interval_and_says_how_to_get_one():
    assert told(*LESS).endswith(
        "; no interval, as this is one search: service.repeats=5 gives one."
    )


def test_several_searches_have_an_interval_of_the_difference():
    searches = {"n": 5, "mean": 210.0, "ci95": [150.0, 270.0]}
    ladder = {"mean": 190.0, "ci95": [180.0, 200.0]}
    said = told(*LESS, searches, ladder)
    assert "over 5 searches, each on incidents of its own: -270 to -150 paid hours;" in said
    assert "is -190 paid hours (95 % interval over replications -200 to -180)." in said


def test_searches_without_a_plan_leave_no_interval():
    assert "some of the searches found no plan" in told(*LESS, NONE | {"n": 3})


def test_a_plan_that_is_not_confirmed_is_told_of():
    said = told(*LESS, is_confirmed=False)
    assert ", as far as the plan of integrated holds, which is not confirmed; " in said


def test_nothing_is_compared_with_a_policy_without_a_plan():
    said = told(*LESS, is_reached=False, is_confirmed=False)
    assert said == (
        "integrated and siloed cannot be compared: no plan of integrated meets the targets."
    )
