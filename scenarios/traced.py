"""A user's own incidents in place of generated ones, as the settings name them."""

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scenarios.schema import Settings
from sim.catalogue import Catalogue
from sim.city import City
from sim.errors import InputError
from sim.stream import Rates

if TYPE_CHECKING:
    from sim.trace import Trace


def trace_of(
    settings: Settings,
    conf: Path,
    city: City,
    catalogue: Catalogue,
    rates: Rates,
    start: datetime.date,
    n_days: int,
) -> "Trace | None":
    """The trace that `stream` names, or None where incidents are generated. Raises InputError."""
    stream = settings.stream
    if stream.kind != "trace":
        return None
    if stream.path is None:
        raise InputError("stream.path: no value is given; stream=trace needs a CSV file")
    from sim.trace import read_trace

    shipped = conf.parent / stream.path  # files that experiments in conf/ name
    path = stream.path if Path(stream.path).exists() or not shipped.exists() else shipped
    return read_trace(path, city, catalogue, rates, start, n_days, np.uint64(settings.seed))
