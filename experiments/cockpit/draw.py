"""What a browser is sent: a moment of a play as texts, colours and lengths, in its language."""

import datetime
from typing import Any, NamedTuple

import numpy as np

from analysis.style import looks
from experiments.cockpit.player import Frame
from experiments.cockpit.view import Path, Step, alarms
from experiments.cockpit.words import LANGUAGES, say, span
from scenarios.parameters import Parameters
from sim.codes import CHANNELS, NONE, SEVERITIES, STAGES, UNSEEN

COLOURS = ("#FFF7BC", "#FEE391", "#FEC44F", "#FB9A29", "#EC7014", "#CC4C02", "#993404", "#662506")
"""From little to much (scheme YlOrBr of Brewer, as by Tol 2021: the colour-blind tell it apart)."""

NOTHING = "#E4E7EB"
"""Colour where there is no value."""

LOOP = ("sensed", "judged", "dispatched", "closed")
NOW = ("open", "overdue", "urgent")
SHOWN_STAGES = tuple(stage for stage in STAGES if stage not in ("sense", "dormant"))
_PER = 10_000  # residents
_DARK = 4  # colours from which on text on them is white


class Focus(NamedTuple):
    """What a browser looks at: the city, a district, a township of it, an incident."""

    lang: str = "en"
    measure: str = "backlog"
    district: int | None = None
    township: int | None = None
    key: int | None = None


def colour_of(policies: list[str]) -> dict[str, str]:
    """Colour of each policy, as in the figures."""
    return {name: str(look["color"]) for name, look in looks(policies).items()}


def moment(when: datetime.datetime, lang: str) -> str:
    """A date and time of day with the day of the week."""
    if lang == "zh":
        day = "一二三四五六日"[when.weekday()]
        return f"{when:%Y}年{when.month}月{when.day}日 周{day} {when:%H:%M}"
    return f"{when:%a} {when.day} {when:%b %Y %H:%M}"


# --- maps -------------------------------------------------------------------------------------


def cells(parameters: Parameters, focus: Focus) -> dict[str, Any]:
    """The map's hexagons: the districts where they lie, or a district's townships in rows, since
    where these lie is not known."""
    city = parameters.city
    zh = focus.lang == "zh"
    if focus.district is None:
        names = city.district_name_zh if zh else city.district_name_en
        x, y, size = city.hex_x, -city.hex_y, city.hex_size  # a screen's y points down
        ids = list(range(city.n_districts))
    else:
        first, after = city.district_first_township[focus.district : focus.district + 2]
        names = city.township_name_zh if zh else city.township_name_pinyin
        ids = list(range(int(first), int(after)))
        x, y = _rows_of_hexagons(len(ids))
        size = np.ones(len(ids))
    margin = 0.62 * size.max()
    box = [x.min() - margin, y.min() - margin, np.ptp(x) + 2 * margin, np.ptp(y) + 2 * margin]
    return {
        "level": "district" if focus.district is None else "township",
        "box": [round(float(v), 3) for v in box],
        "cells": [
            _cell(i, names[i], float(x[k]), float(y[k]), float(size[k]), zh)
            for k, i in enumerate(ids)
        ],
    }


def _cell(i: int, name: str, x: float, y: float, size: float, zh: bool) -> dict[str, Any]:
    short = _short(name, zh)
    wide = (1.0 if zh else 0.56) * len(short)  # in heights of its letters
    return {
        "id": i,
        "name": short,
        "full": name,
        "x": x,
        "y": y,
        "r": size / np.sqrt(3),
        "wide": wide,
    }


def _rows_of_hexagons(n: int) -> tuple[np.ndarray, np.ndarray]:
    width = int(np.ceil(np.sqrt(n * 1.2)))
    place = np.arange(n)
    row = place // width
    return place % width + 0.5 * (row % 2), row * np.sqrt(0.75)


def _short(name: str, zh: bool) -> str:
    """A name as it fits a hexagon: its first characters or words."""
    if zh:
        return name[:4]
    words = name.replace(" Township", "").replace(" Subdistrict", "").split()
    return words[0][:10] if words else name[:10]


def _values(parameters: Parameters, frame: Frame, focus: Focus) -> list[np.ndarray]:
    """What is coloured, of each side: f8[cells]."""
    city, d = parameters.city, focus.district
    level = 0 if d is None else 1
    here = slice(None)
    if d is not None:
        here = slice(*city.district_first_township[d : d + 2].tolist())
    if focus.measure == "latency":
        return [side.latency[level][here] for side in frame.sides]
    residents = (city.district_population, city.township_population)[level][here]
    per = _PER / np.maximum(residents * parameters.settings.city.weight, 1)
    return [side.backlog[level][here] * per for side in frame.sides]


def _nice(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, ... from a value on."""
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value * 0.999))


def _map(values: np.ndarray, top: float) -> list[list[Any]]:
    """Colour, text and whether the text is white, of each cell."""
    found = []
    for value in values.tolist():
        if np.isnan(value):
            found.append([NOTHING, "–", 0])
            continue
        shade = min(int(value / top * len(COLOURS)), len(COLOURS) - 1)
        found.append(
            [COLOURS[shade], f"{value:.0f}" if top > 10 else f"{value:.1f}", shade >= _DARK]
        )
    return found


# --- a moment ---------------------------------------------------------------------------------


def drawn(frame: Frame, focus: Focus) -> dict[str, Any]:
    """A moment for the page: clock, state and, of each side, map, counters, stages, alarms."""
    lang = focus.lang
    found = {"n": frame.number, "state": frame.state, "says": say(frame.state, lang)}
    found |= {"error": frame.error, "share": frame.share, "clock": "", "sides": []}
    if frame.play is None or not frame.sides:
        return found
    parameters = frame.play.parameters
    values = _values(parameters, frame, focus)
    top = _nice(max((np.nanmax(v) for v in values if np.isfinite(v).any()), default=1.0))
    found["clock"] = moment(frame.moment, lang)
    found["top"] = f"{top:g}"
    busiest = max(1, *(int(side.stages[:, :3].sum(axis=1).max()) for side in frame.sides))
    for side, of_side in zip(frame.sides, values, strict=True):
        c = side.counters
        share = f"{100 * c['on_time'] / c['closed']:.0f} %" if c["closed"] else "–"
        own = {
            "map": _map(of_side, top),
            "loop": [*(f"{c[name]:,}" for name in LOOP), share],
            "now": [f"{c[name]:,}" for name in NOW],
            "stages": [_stage(side.stages[STAGES.index(s)], busiest) for s in SHOWN_STAGES],
        }
        if focus.township is None and focus.key is None:
            now = round(frame.share * parameters.end)
            rows = alarms(now, side.alarms, focus.district)
            own["list"] = [item(parameters, row, lang) for row in rows]
        found["sides"].append(own)
    return found


def _stage(row: np.ndarray, busiest: int) -> list[Any]:
    """Widths [%] of waiting, at work and on the way; and these numbers with the day's visits."""
    return [[round(100 * int(n) / busiest, 2) for n in row[:3]], [f"{int(n):,}" for n in row]]


def item(parameters: Parameters, row: dict[str, Any], lang: str) -> dict[str, Any]:
    """An incident in a list, in words."""
    city, book = parameters.city, parameters.catalogue
    zh = lang == "zh"
    kinds = book.kind_zh if zh else book.kind_en
    towns = city.township_name_zh if zh else city.township_name_pinyin
    districts = city.district_name_zh if zh else city.district_name_en
    late = row["late"]
    told = ("late_by", late) if late > 0 else ("left_hours", -late)
    return {
        "key": row["key"],
        "grade": SEVERITIES[row["grade"]],
        "kind": kinds[row["kind"]],
        "where": f"{districts[row['district']]} · {towns[row['township']]}",
        "when": say(told[0], lang, f"{told[1]:.0f}"),
        "late": late > 0,
        "place": [row["district"], row["township"]],
    }


def curves(frame: Frame) -> list[list[list[float]]]:
    """Of each side the points of the backlog's curve: time [ms since 1970, UTC] and open."""
    if frame.play is None:
        return []
    start = datetime.datetime.combine(frame.play.parameters.start, datetime.time())
    begin = _milliseconds(start) / 1000
    ticks, lines = frame.curves
    every = max(1, len(ticks) // 500)
    at = [1000 * (begin + tick) for tick in ticks]
    return [
        list(map(list, zip(at[::every], line[::every], strict=True))) for line in lines.values()
    ]


def _milliseconds(moment: datetime.datetime) -> float:
    return 1000 * moment.replace(tzinfo=datetime.UTC).timestamp()


def changed_at(frame: Frame) -> list[list[float]]:
    """Of each side when it was changed, for the curve."""
    if frame.play is None:
        return []
    parse = datetime.datetime.fromisoformat
    sides = frame.play.changes.values()
    return [[_milliseconds(parse(change["from"])) for change in side] for side in sides]


def storms(frame: Frame) -> list[tuple[float, float]]:
    """From when to when storms last that were let loose, for the curve."""
    if frame.play is None:
        return []
    found = []
    for storm in frame.play.storms:
        begin = datetime.datetime.fromisoformat(storm["from"])
        end = begin + datetime.timedelta(hours=storm["hours"])
        found.append((_milliseconds(begin), _milliseconds(end)))
    return found


# --- one incident -----------------------------------------------------------------------------


def path_lines(parameters: Parameters, path: Path | None, now: int, lang: str) -> dict[str, Any]:
    """An incident's path in words: a head and a line a step."""
    if path is None:
        return {"head": None, "lines": [], "none": say("unknown", lang)}
    start = datetime.datetime.combine(parameters.start, datetime.time())

    def clock(tick: int) -> str:
        return f"{start + datetime.timedelta(seconds=tick):%m-%d %H:%M}"

    lines = [[clock(path.occurred), say("occurred", lang), "", ""]]
    if path.noticed is None:
        lines.append(["", say("unseen", lang), "", "now"])
    elif path.state != UNSEEN:
        told = [say("limit", lang, clock(path.limit))] if path.limit is not None else []
        channel = CHANNELS[path.channel] if path.channel != NONE else "unseen"
        lines.append([clock(path.noticed), say(channel, lang), " · ".join(told), ""])
    for step in path.steps:
        lines.append(_step(parameters, step, clock(step.joined), now, lang))
    if path.solved is not None:
        text = say("solved", lang, span(path.solved - path.occurred, lang))
        lines.append([clock(path.solved), text, "", "good"])
    return {"head": item(parameters, path.incident, lang), "lines": lines, "none": ""}


def _step(parameters: Parameters, step: Step, at: str, now: int, lang: str) -> list[str]:
    """When, which stage at which desk, how long, and how it looks."""
    desk = parameters.layout.name(step.desk, lang)
    stage = say(STAGES[step.stage], lang) + (f" ({say('further', lang)})" if step.side else "")
    if step.outcome == "on_the_way":
        return ["", stage, f"{desk} · {say('on_the_way', lang)}", "now"]
    if step.started is None:
        return [
            at,
            stage,
            f"{desk} · {say('waits_since', lang, span(now - step.joined, lang))}",
            "now",
        ]
    waited = say("waited", lang, span(step.started - step.joined, lang))
    if step.ended is None:
        worked = say("works_since", lang, span(now - step.started, lang))
        return [at, stage, f"{desk} · {waited} · {worked}", "now"]
    worked = say("worked", lang, span(step.ended - step.started, lang))
    bad = step.outcome in ("returned", "failed", "false_closed")
    told = [desk, waited, worked]
    if step.outcome not in ("done", "solved"):
        told.append(say(step.outcome, lang))
    return [at, stage, " · ".join(told), "bad" if bad else ""]


def names(parameters: Parameters, focus: Focus) -> list[str]:
    """The way down to what is looked at, in words."""
    city, zh = parameters.city, focus.lang == "zh"
    found = [say("city", focus.lang)]
    if focus.district is not None:
        found.append((city.district_name_zh if zh else city.district_name_en)[focus.district])
    if focus.township is not None:
        found.append((city.township_name_zh if zh else city.township_name_pinyin)[focus.township])
    if focus.key is not None:
        found.append(say("incident", focus.lang))
    return found


def checked_language(lang: str | None) -> str:
    """A language that there is."""
    return lang if lang in LANGUAGES else next(iter(LANGUAGES))
