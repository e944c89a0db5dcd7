"""The tables that `guantong staff` writes: seats by centre and shift, the cost curve, volumes."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.staffing.sizing import safety
from experiments.evidence import safe_cell
from experiments.staffing.desks import Desks
from experiments.staffing.find import Found
from experiments.staffing.goal import Goal
from scenarios.staff_plan import COLUMNS as PLAN_COLUMNS
from scenarios.staff_plan import centre_codes
from sim.codes import CITY, DISTRICT, TIERS, TOWNSHIP

if TYPE_CHECKING:
    import pandas as pd

HEADERS = {
    "en": {
        "tier": "tier", "district": "district", "township": "township", "centre": "centre",
        "desk": "desk", "shift": "shift", "seats": "seats", "people": "people",
        "paid_hours": "paid hours a week", "load": "mean load (seats)", "planned": "seats before",
    },
    "zh": {
        "tier": "层级", "district": "区县", "township": "乡镇街道", "centre": "中心代码",
        "desk": "岗位", "shift": "班次", "seats": "坐席数", "people": "人员数",
        "paid_hours": "每周计薪工时", "load": "平均负荷（坐席）", "planned": "原有坐席数",
    },
}  # fmt: skip
_TIERS_ZH = {"city": "市", "district": "区县", "township": "乡镇街道", "grid": "网格"}
_GROUPS_ZH = {
    "hotline": "12345热线",
    "dispatch": "派单",
    "callback": "回访",
    "command": "治理指挥中心",
    "pool": "综合席",
}


def staff_table(desks: Desks, plan: np.ndarray, lang: str = "en") -> "pd.DataFrame":
    """One row a slot: tier, district, township, centre (code), desk, shift (from 1), seats, people
    (paid hours over the hours of one full time), paid_hours a week, load (mean seats busy while
    open) and planned (seats that the settings place), by the keys of HEADERS."""
    import pandas as pd

    p, slots = desks.parameters, desks.slots
    city, layout = p.city, p.layout
    zh = lang == "zh"
    codes = centre_codes(layout)
    number, tiers = layout.centre_of_tier[slots.desk], layout.tier[slots.desk]
    districts = city.district_name_zh if zh else city.district_name_en
    townships = city.township_name_zh if zh else city.township_name_pinyin
    of_district = {
        CITY: lambda i: "",
        DISTRICT: lambda i: districts[i],
        TOWNSHIP: lambda i: districts[city.township_district[i]],
    }
    paid = plan * slots.paid
    names = [TIERS[t] for t in tiers.tolist()]
    return pd.DataFrame(
        {
            "tier": [_TIERS_ZH[name] for name in names] if zh else names,
            "district": [of_district[t](i) for t, i in zip(tiers.tolist(), number.tolist())],
            "township": [
                townships[i] if t == TOWNSHIP else ""
                for t, i in zip(tiers.tolist(), number.tolist())
            ],
            "centre": [codes[desk] for desk in slots.desk.tolist()],
            "desk": [_role(desks, desk, lang) for desk in slots.desk.tolist()],
            "shift": slots.shift + 1,
            "seats": plan,
            "people": paid / p.settings.staff.full_time_hours,
            "paid_hours": paid,
            "load": desks.load,
            "planned": desks.planned,
        }
    )


def _role(desks: Desks, desk: int, lang: str) -> str:
    role = desks.parameters.layout.role(desk, lang)
    return _GROUPS_ZH.get(role, role) if lang == "zh" else role


def plan_table(desks: Desks, plan: np.ndarray) -> "pd.DataFrame":
    """Seats as `staff.plan` reads them: those of the plan, and of what is not staffed."""
    import pandas as pd

    p = desks.parameters
    seats, codes, kinds = desks.seats(plan), centre_codes(p.layout), p.layout.kinds
    rows = [
        (codes[desk], kinds[desk], shift + 1, int(seats[desk, shift]))
        for desk, shift in np.argwhere(seats > 0).tolist()
        if codes[desk]
    ]
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))


def write_for_offices(path: Path, table: "pd.DataFrame", lang: str) -> None:
    """A CSV that spreadsheets open: UTF-8 with the mark that they look for, people to a hundredth,
    and no cell that they would take for a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS[lang][name] for name in table)
        for row in table.itertuples(index=False):
            writer.writerow(
                safe_cell(f"{value:.2f}" if isinstance(value, float) else value) for value in row
            )


def by_group(found: Found) -> "pd.DataFrame":
    """One row a group of desks and shift: seats and people of the plan, and as the settings place
    them; delay: the share of tasks that may wait, as the search left it before single
    seats; NaN: the desks just keep up; safety: the beta of square-root staffing for it."""
    import pandas as pd

    desks = found.desks
    n, full = len(desks.group_names), desks.parameters.settings.staff.full_time_hours
    rungs = [*sorted(desks.parameters.settings.service.delays), None]

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(desks.groups, values, minlength=n)

    return pd.DataFrame(
        {
            "group": desks.group_names,
            "desks": total(np.ones(desks.groups.size)).astype(int),
            "delay": np.array([rungs[level] for level in found.at], float),
            "safety": [np.nan if rungs[k] is None else safety(rungs[k]) for k in found.at],
            "seats": total(found.plan).astype(int),
            "people": total(found.plan * desks.slots.paid) / full,
            "paid_hours": total(found.plan * desks.slots.paid),
            "planned_seats": total(desks.planned).astype(int),
            "planned_hours": total(desks.planned * desks.slots.paid),
        }
    )


def curve(found: Mapping[str, Found], goal: Goal, names: tuple[str, ...]) -> "pd.DataFrame":
    """The cost curve: one row a plan tried and target; `ladder`: the rung of a plan of the ladder,
    else empty. share is of the noticed, on the incidents of the search."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for policy, one in found.items():
        rungs = [*map(str, sorted(one.desks.parameters.settings.service.delays)), "keeps up"]
        of_ladder = {id(tried): rung for tried, rung in zip(one.ladder, rungs, strict=True)}
        for tried in sorted(one.search.tried.values(), key=lambda t: t.hours):
            mean = tried.surplus.mean(axis=0)
            rows += [
                {
                    "policy": policy,
                    "ladder": of_ladder.get(id(tried), ""),
                    "seats": int(tried.seats.sum()),
                    "paid_hours": tried.hours,
                    "target": target.words(names),
                    "level": target.level,
                    "share": target.level + float(surplus),
                }
                for target, surplus in zip(goal.targets, mean, strict=True)
            ]
    return pd.DataFrame(rows)
