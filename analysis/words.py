"""The words of figures, in the language in force: English unless told otherwise.

A figure says its words in English, `say("closure latency")`; a catalogue below
`analysis/translations/` has what is said in another language in their place.
"""

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import yaml

from sim.errors import InputError

LANGUAGES = ("en", "zh")
_CATALOGUES = Path(__file__).parent / "translations"
_in_force: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """The language in force, one of LANGUAGES."""
    return _in_force.get()


@contextlib.contextmanager
def spoken(name: str) -> Iterator[None]:
    """Speak a language within the block, in this thread alone. Raises InputError."""
    if name not in LANGUAGES:
        raise InputError(f"lang: {name}; allowed: {', '.join(LANGUAGES)}")
    token = _in_force.set(name)
    try:
        yield
    finally:
        _in_force.reset(token)


def say(text: str, **values: object) -> str:
    """The text in the language in force, with the values in its {places}. What the catalogue does
    not have is said as it is: names of one's own have no translation."""
    known = text if language() == "en" else catalogue(language()).get(text, text)
    return known.format(**values) if values else known


@cache
def catalogue(name: str) -> Mapping[str, str]:
    """{ENGLISH: what is said in this language}; of another one than English."""
    return yaml.safe_load((_CATALOGUES / f"{name}.yaml").read_text("utf-8"))
