"""A log as it was read, before anything is made of it."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Refusal = tuple[int, str, str]
"""Line, reason, what stands there."""


class Raw(NamedTuple):
    """frame : one row an event, a column a role (`mapping.ROLES`), of texts as categories; lines :
    i8[n], where each stands: the line of a CSV, the number of the event elsewhere; refused : what
    was refused already; form : CSV, XES or OCEL."""

    frame: "pd.DataFrame"
    lines: np.ndarray
    refused: list[Refusal]
    form: str
