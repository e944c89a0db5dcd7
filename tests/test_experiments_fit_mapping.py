"""What columns and values mean."""

import pytest

from experiments.fit.mapping import Mapping, mapping_of, read_mapping
from sim.errors import InputError


@pytest.mark.parametrize(
    ("header", "roles"),
    [
        (["case_id", "activity", "complete"], {}),
        (["case:concept:name", "concept:name", "time:timestamp", "org:resource"],
         {"resource": "org:resource"}),
        (["工单编号", "环节", "完成时间", "处理人", "类型"],
         {"resource": "处理人", "kind": "类型"}),
        (["Case_ID", " Activity", "TIMESTAMP"], {}),
    ],
)  # fmt: skip
def test_usual_names_are_known(header, roles):
    found = Mapping().found(header)
    assert [found[role] for role in ("case", "activity", "complete")] == header[:3]
    assert found | roles == found


def test_a_column_that_is_named_counts():
    mapping = mapping_of({"columns": {"activity": "status", "complete": "when"}})
    found = mapping.found(["case_id", "activity", "status", "when"])
    assert found["activity"] == "status"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"columns": {"activity": "x"}}, "columns.activity: 'x' is no column; allowed: a, b"),
        ({}, "columns.case: no value is given"),
    ],
)
def test_columns_that_are_missing_are_told(given, message):
    with pytest.raises(InputError, match=message):
        mapping_of(given).found(["a", "b"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1], "allowed: keys columns, stamps"),
        ({"colums": {}}, "columns: 'colums'; allowed: columns"),
        ({"columns": "a"}, "allowed: a table NAME: NAME"),
        ({"columns": {"cse": "a"}}, "columns.cse: 'cse'; allowed: case, activity"),
        ({"stages": {"x": "fix"}}, "stages.x: 'fix'; allowed: register, judge"),
        ({"closing": "x"}, "allowed: a list of names"),
    ],
)
def test_a_mapping_is_checked(given, message):
    with pytest.raises(InputError, match=message):
        mapping_of(given)


def test_values_have_their_names_in_the_model():
    usual = Mapping()
    assert [usual.named("stages", name) for name in ("dispose", "签收", "cook")] == [
        "dispose", "sign", None,
    ]  # fmt: skip
    assert usual.named("channels", "热线") == usual.named("channels", "Phone") == "hotline"
    own = mapping_of({"severities": {"4": "III"}})
    assert (own.named("severities", "4"), own.named("severities", "I")) == ("III", None)


def test_a_file_that_is_no_mapping_is_told(tmp_path):
    assert read_mapping(None) == Mapping()
    path = tmp_path / "m.yaml"
    path.write_text("columns: {case: 工单, closing", "utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        read_mapping(str(path))
    path.write_text("!!python/object/apply:os.system ['true']", "utf-8")
    with pytest.raises(InputError, match="cannot be read"):  # nothing is constructed from it
        read_mapping(str(path))
