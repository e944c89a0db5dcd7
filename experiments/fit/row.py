"""A line of the table of estimates."""

from typing import NamedTuple

from analysis.fitting.estimate import Estimate


class Row(NamedTuple):
    """group, name, quantity : what is estimated of what; how : by what, and under which
    assumption."""

    group: str
    name: str
    quantity: str
    unit: str
    estimate: Estimate
    how: str = "estimated"
