"""Seats by centre, desk and shift: from a CSV file, as `guantong staff` writes it, or an array."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scenarios.policy import Policy
from sim.calendar import CalendarNames
from sim.city_files import read_table
from sim.codes import DISTRICT, GRID, TOWNSHIP
from sim.errors import InputError
from sim.layout import Layout

if TYPE_CHECKING:
    from scenarios.parameters import Parameters

COLUMNS = ("centre", "desk", "shift", "seats")
CITY_CENTRE = "city"
_MOST_SEATS = 10**6


def centre_codes(layout: Layout) -> list[str]:
    """What names the centre of each desk above the grid: `city`, or the code of its district or
    township; empty for grids."""
    city = layout.city
    codes = {DISTRICT: city.district_code, TOWNSHIP: city.township_code}
    return [
        "" if tier == GRID else codes[tier][number] if tier in codes else CITY_CENTRE
        for tier, number in zip(layout.tier.tolist(), layout.centre_of_tier.tolist(), strict=True)
    ]


def read_plan(path: str | Path, layout: Layout, policy: Policy, names: CalendarNames) -> np.ndarray:
    """Seats of every desk and shift above the grid, i4[N, S]; what the file does not name has none.

    centre : `city`, or the code of a district or township; desk : as `district.department.water`;
    shift : from 1, of the opening that the desk has under the policy. Raises InputError that names
    the line.
    """
    if not Path(path).is_file():
        raise InputError(f"staff.plan: '{path}' is no file; allowed: one as guantong staff writes")
    table = read_table(Path(path), COLUMNS)
    found = {
        (code, kind): desk
        for desk, (code, kind) in enumerate(zip(centre_codes(layout), layout.kinds, strict=True))
        if code
    }
    shift = table.whole("shift", 1, max(names.n_shifts)) - 1
    given = table.whole("seats", 0, _MOST_SEATS)
    seats = np.zeros((layout.n_desks, max(names.n_shifts)), np.int32)
    seen: set[tuple[int, int]] = set()
    for row, key in enumerate(zip(table.cells["centre"], table.cells["desk"], strict=True)):
        if key not in found:
            raise table.error(
                row, "desk", f"centre '{key[0]}' has no desk '{key[1]}' above the grid"
            )
        desk, place = found[key], int(shift[row])
        shifts = names.n_shifts[policy.opening[desk]]
        if place >= shifts:
            raise table.error(
                row, "shift", f"{place + 1}; policy '{policy.name}' has {shifts} there"
            )
        if (desk, place) in seen:
            raise table.error(row, "shift", "this shift of the desk stands on a line before")
        seen.add((desk, place))
        seats[desk, place] = given[row]
    return seats


_OF_SEATS = ("present", "open_ticks", "open_hours", "_open", "paid_by_desk", "_paid", "later")


def seated(parameters: "Parameters", seats: np.ndarray) -> "Parameters":
    """The same with these seats planned, i4[N, S], in place of those that the settings place; what
    was measured of the load stays. Raises InputError for a rollout, whose seats change by date, and
    for a used desk without a seat."""
    if parameters.rollout.dates:
        raise InputError(
            "policy.rollout: seats change by date; allowed here: no dates of a rollout"
        )
    parameters.check_open(seats)
    other = parameters.recording(parameters.settings.record)
    for name in _OF_SEATS:
        other.__dict__.pop(name, None)
    other.__dict__["seats"] = seats
    other.__dict__["world"] = parameters.world._replace(seats=other.present)
    return other
