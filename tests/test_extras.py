"""What is missing is told with the way to get it."""

import pytest

from analysis.extras import extra
from sim.errors import InputError


def test_a_package_that_is_there_is_imported():
    assert extra("json.decoder").JSONDecoder


def test_a_package_that_is_missing_is_named():
    with pytest.raises(InputError, match=r"nowhere is not installed; .*guantong\[study\]"):
        extra("nowhere.at.all")


def test_a_package_that_lacks_another_is_not_blamed(tmp_path, monkeypatch):
    (tmp_path / "broken.py").write_text("import missing_within\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="missing_within"):
        extra("broken")
