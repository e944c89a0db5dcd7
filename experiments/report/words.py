"""The words of a report, in English or Chinese: one catalogue a language, with the same keys."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from analysis.words import say, spoken
from experiments import console, metric_words

_CATALOGUES = Path(__file__).parent / "words"


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """{KEY: text} of a language, keys with dots between their parts."""
    return dict(_flat(yaml.safe_load((_CATALOGUES / f"{lang}.yaml").read_text("utf-8"))))


def _flat(node: Mapping[str, Any], before: str = ""):
    for name, value in node.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


class Words:
    """Says things in a language."""

    def __init__(
        self,
        lang: str,
        kinds: Mapping[str, Any] | None = None,
        districts: Mapping[str, str] | None = None,
    ):
        """kinds : {KEY: its `zh` and `en`}; districts : {Chinese name: English name}."""
        self.lang = lang
        self._texts = catalogue(lang)
        self._kinds, self._districts = kinds or {}, districts or {}

    def __call__(self, key: str, **values: Any) -> str:
        return self._texts[key].format(**values) if values else self._texts[key]

    def known(self, key: str, otherwise: str) -> str:
        """What a key says, or else what is given."""
        return self._texts.get(key, otherwise)

    def together(self, sentences: Iterable[str]) -> str:
        """Sentences in a row."""
        return ("" if self.lang == "zh" else " ").join(sentences)

    def named(self, name: str) -> str:
        """A policy, tier, group or stage by its name."""
        with spoken(self.lang):
            return say(name)

    def kind(self, name: str) -> str:
        """A kind of incident by its key in the run's catalogue."""
        return self._kinds.get(name, {}).get(self.lang, name)

    def city(self, name: str) -> str:
        """A city by its name in the settings; one of a user's own stays as it is."""
        return self.known(f"city.{name}", name)

    def district(self, name_zh: str) -> str:
        """A district by its Chinese name."""
        return name_zh if self.lang == "zh" else self._districts.get(name_zh, name_zh)

    def group(self, name: str) -> str:
        """A group of assumptions or levers as conf/ names them."""
        return self.known(f"groups.{name}", name)

    def measure(self, name: str) -> str:
        """What a measure is called, with its unit."""
        if self.lang == "en":
            label = console.LABELS.get(name, name)
            return metric_words.words(name).title if label.startswith(" ") else label
        return self.known(f"measures.{name}", name)

    def interval(
        self, entry: Mapping[str, Any], *, percent: bool = False, sign: bool = True
    ) -> str:
        """A mean with both ends of its 95 % interval."""
        low, high = entry["ci95"]
        mean = number(entry["mean"], percent=percent, sign=sign)
        if entry["mean"] is None or low is None:
            return mean
        ends = (number(end, percent=percent, sign=sign) for end in (low, high))
        return self("interval", mean=mean, **dict(zip(("low", "high"), ends, strict=True)))


def number(value: float | None, *, percent: bool = False, sign: bool = False) -> str:
    """A number as people read it, with a true minus sign; a dash for none."""
    if value is None or value != value:
        return "–"
    return console.number(value, percent=percent, sign=sign).replace("-", "−")
