"""Settings of a command's own."""

from dataclasses import dataclass, field

import pytest

from experiments.asked import asked, parted
from sim.errors import InputError


@dataclass
class Page:
    run: str
    lang: str = field(default="en", metadata={"choices": ("en", "zh")})
    most: int = field(default=3, metadata={"low": 1, "high": 9})
    district: str | None = None
    others: str | None = field(default=None, metadata={"said": "with"})


def test_values_are_of_the_kind_that_the_field_says() -> None:
    assert asked(Page, ["run=a folder/x=1", "most=4", "district=渝中区"]) == Page(
        "a folder/x=1", "en", 4, "渝中区"
    )


def test_what_is_not_given_is_the_default_and_null_is_nothing() -> None:
    assert asked(Page, ["run=7", "district=null"]) == Page("7")


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ([], "run: no value is given"),
        (["run=x", "lang=fr"], "lang: 'fr'; allowed: en, zh"),
        (["run=x", "most=ten"], "most: "),
        (["run=x", "most=10"], "most: 10"),
        (["run=x", "langs=zh"], "langs: no such key (did you mean 'lang'?); allowed: run, lang"),
        (["run=x", "zh"], "'zh': allowed: KEY=VALUE"),
    ],
)
def test_what_is_not_allowed_is_told(overrides: list[str], told: str) -> None:
    with pytest.raises(InputError) as caught:
        asked(Page, overrides)
    assert str(caught.value).startswith(told)


def test_a_name_that_python_keeps_for_itself_is_the_users_all_the_same() -> None:
    assert asked(Page, ["run=x", "with=y"]).others == "y"
    with pytest.raises(InputError, match=r"others: no such key; allowed: run, .*, with$"):
        asked(Page, ["run=x", "others=y"])


def test_other_settings_are_given_back() -> None:
    own, others = parted(Page, ["run=x", "city=tiny", "lang=zh"])
    assert (own, others) == (Page("x", "zh"), ["city=tiny"])
