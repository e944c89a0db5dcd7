"""Packages that only studies need: the extra `study`."""

import importlib
from types import ModuleType

from sim.errors import InputError


def extra(module: str) -> ModuleType:
    """A module of a package that may not be installed.

    Raises InputError that tells how to install it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise InputError(f"{package} is not installed; pip install 'guantong[study]'") from None
