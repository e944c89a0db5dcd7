"""What is told of a command."""

from typing import NamedTuple


class Command(NamedTuple):
    """A command: where its function is, what it does, how it is used."""

    place: str  # MODULE:FUNCTION, taking the overrides
    about: str
    examples: str
    more: str = ""  # what --help tells beside the settings
    takes_settings: bool = True  # those of conf/, beside its own
