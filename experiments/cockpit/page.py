"""The page: controls, sliders and dialogs; what moves is drawn by page.js from what draw.py says.

There is one play, and whoever opens the page sees it: on a lecture's screen and on the lecturer's
own. Each browser has its own focus and language.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from nicegui import Client, events, ui

from experiments.cockpit import draw, view
from experiments.cockpit.controls import Controls
from experiments.cockpit.draw import Focus
from experiments.cockpit.player import FRAMES, Player
from experiments.cockpit.words import say
from sim.errors import InputError

_HERE = Path(__file__).parent
_SLOWEST = 1.0  # seconds after which a frame is sent though the one before was not drawn
_CURVE_EVERY, _LIST_EVERY = 0.5, 1.0  # seconds between two drawings of the curve and of lists


_LINES = {"symbol": "none", "silent": True, "label": {"show": False}}
_STORMS = {"silent": True, "itemStyle": {"color": "#8593a0", "opacity": 0.25}}


class Page:
    """What one browser shows."""

    def __init__(self, player: Player, client: Client, focus: Focus, token: str | None):
        self.player, self.client, self.focus, self.token = player, client, focus, token
        self._play: Any = None  # of the frame that was drawn last
        self._sent = self._drawn = 0
        self._at = {"frame": 0.0, "curve": 0.0, "list": 0.0}
        self._listing = False

    def say(self, what: str, /, *values: Any, **named: Any) -> str:
        """A word in this browser's language."""
        return say(what, self.focus.lang, *values, **named)

    def js(self, function: str, *arguments: Any) -> None:
        """Call a function of page.js."""
        texts = ", ".join(json.dumps(each, ensure_ascii=False) for each in arguments)
        self.client.run_javascript(f"guantong.{function}({texts})")

    # --- building -----------------------------------------------------------------------------

    def build(self) -> None:
        """Make the page's elements."""
        ui.add_css((_HERE / "page.css").read_text("utf-8"))
        ui.add_head_html(f"<script>{(_HERE / 'page.js').read_text('utf-8')}</script>")
        ui.colors(primary="#0b62a0")
        ui.html('<div id="gt-bar" class="gt-bar"></div>', sanitize=False)
        ui.html('<div id="gt-error" class="gt-error" role="alert"></div>', sanitize=False)
        with ui.element("main").classes("gt-page"):
            self.controls = Controls(self)
            with ui.element("header").classes("gt-top gt-panel"):
                self.controls.header()
            ui.html('<div id="gt-sides"></div>', sanitize=False).classes("gt-sides")
            with ui.element("div").classes("gt-curve gt-panel"):
                self._chart = ui.echart(_curve_options(self.say("curve")))
            with ui.element("aside").classes("gt-sliders gt-panel"):
                self.controls.sliders()
        ui.on("gt_drawn", self._on_drawn)
        ui.on("gt_down", self._on_down)
        ui.on("gt_up", self._on_up)
        ui.on("gt_incident", self._on_incident)
        ui.on("gt_measure", self._on_measure)
        ui.timer(1 / (2 * FRAMES), self._tick)

    def _words(self, sides: list[str]) -> dict[str, Any]:
        """Texts and colours that page.js draws with."""
        names = ("alarms", "none", "lately", "backlog", "latency")
        colours = draw.colour_of(sides)
        return {name: self.say(name) for name in names} | {
            "sides": [{"name": self.say(name), "colour": colours[name]} for name in sides],
            "loop": [self.say(name) for name in (*draw.LOOP, "on_time")],
            "now": [self.say(name) for name in draw.NOW],
            "stages": [self.say(name) for name in draw.SHOWN_STAGES],
            "statuses": [self.say(name) for name in ("waiting", "at_work", "on_way")],
            "colours": list(draw.COLOURS),
        }

    # --- every moment -------------------------------------------------------------------------

    async def _tick(self) -> None:
        frame, now = self.player.frame, asyncio.get_running_loop().time()
        if frame.number == self._sent:
            return
        late = now - self._at["frame"] > _SLOWEST
        if self._drawn < self._sent and not late:  # the browser has not done with the last
            return
        if frame.play is not None and frame.play is not self._play:
            self._play = frame.play
            self.focus = self.focus._replace(district=None, township=None, key=None)
            sides = [side.name for side in frame.sides]
            self.js("build", self._words(sides))
            self.controls.anew(frame.play)
            self._look()
        self._sent, self._at["frame"] = frame.number, now
        self.js("draw", draw.drawn(frame, self.focus))
        self.controls.follow(frame)
        if now - self._at["curve"] > _CURVE_EVERY or frame.state != "playing":
            self._at["curve"] = now
            self._draw_curve(frame)
        if now - self._at["list"] > _LIST_EVERY or frame.state != "playing":
            self._at["list"] = now
            await self._draw_lists()

    def _on_drawn(self, event: events.GenericEventArguments) -> None:
        self._drawn = max(self._drawn, int(event.args))

    def _draw_curve(self, frame: Any) -> None:
        colours = draw.colour_of([side.name for side in frame.sides])
        series = [
            {"name": self.say(side.name), "data": points, "color": colours[side.name]}
            for side, points in zip(frame.sides, draw.curves(frame), strict=True)
        ]
        for each, moments in zip(series, draw.changed_at(frame), strict=True):
            each |= {"type": "line", "showSymbol": False, "lineStyle": {"width": 2}}
            each["markLine"] = _LINES | {"data": [{"xAxis": moment} for moment in moments]}
        if series:
            areas = [[{"xAxis": a}, {"xAxis": b}] for a, b in draw.storms(frame)]
            series[0]["markArea"] = _STORMS | {"data": areas}
        self._chart.run_chart_method("setOption", {"series": series})

    # --- where it looks -----------------------------------------------------------------------

    def _look(self) -> None:
        """Draw the map, the way down to it, and what goes with it."""
        focus, play = self.focus, self._play
        self.js("hexagons", draw.cells(play.parameters, focus))
        self._way()

    def _way(self) -> None:
        focus, play = self.focus, self._play
        names = draw.names(play.parameters, focus)
        unit = self.say(f"{focus.measure}_unit")
        self.js("crumbs", names, focus.township, focus.measure, unit)
        self._sent = 0  # the next frame is drawn, though it be the same moment

    async def _draw_lists(self) -> None:
        """The incidents of a township, or one incident's path, on both sides."""
        focus = self.focus
        if self._listing or self._play is None or focus.township is None:
            return
        self._listing = True
        try:
            await self._list(focus)
        except InputError:  # the play has just been replaced by another
            pass
        finally:
            self._listing = False

    async def _list(self, focus: Focus) -> None:
        if focus.key is not None:
            key = focus.key
            play, now, paths = await self.ask(lambda p: (p, p.now, view.path(p, key)))
            if play is self._play and focus == self.focus:
                for i, path in enumerate(paths.values()):
                    told = draw.path_lines(play.parameters, path, now, focus.lang)
                    self.js("path", i, self.say("path"), told)
            return
        township = focus.township
        play, lists = await self.ask(lambda p: (p, view.listed(p, township)))
        if play is self._play and focus == self.focus:
            for i, (count, rows) in enumerate(lists.values()):
                told = [draw.item(play.parameters, row, focus.lang) for row in rows]
                self.js("list", i, self.say("listed", f"{count:,}"), told)

    async def ask(self, what: Any) -> Any:
        """Ask the play between two of its steps. Raises what it raises."""
        return await asyncio.wrap_future(self.player.ask(what))

    async def _on_down(self, event: events.GenericEventArguments) -> None:
        level, place = event.args[0], int(event.args[1])
        if level == "district":
            self.focus = self.focus._replace(district=place, township=None, key=None)
            self._look()
            return
        self.focus = self.focus._replace(township=place, key=None)
        self._way()
        await self._draw_lists()

    async def _on_up(self, event: events.GenericEventArguments) -> None:
        level, before = int(event.args), self.focus
        kept = {1: {"township": None}, 0: {"township": None, "district": None}}.get(level, {})
        self.focus = before._replace(key=before.key if level > 2 else None, **kept)
        if self.focus.district != before.district:
            self._look()
        else:
            self._way()
        await self._draw_lists()

    async def _on_incident(self, event: events.GenericEventArguments) -> None:
        key, district, township = (int(each) for each in event.args)
        before = self.focus
        self.focus = before._replace(key=key, district=district, township=township)
        if before.district != district:
            self._look()
        else:
            self._way()
        await self._draw_lists()

    def _on_measure(self, event: events.GenericEventArguments) -> None:
        if event.args in ("backlog", "latency"):
            self.focus = self.focus._replace(measure=event.args)
            self._way()


def _curve_options(title: str) -> dict[str, Any]:
    grey = "#52606d"
    axis = {"axisLine": {"lineStyle": {"color": "#cbd2d9"}}, "axisLabel": {"color": grey}}
    by_day = {"year": "{yyyy}", "month": "{M}-{d}", "day": "{M}-{d}", "hour": "{HH}:{mm}"}
    times = axis | {"axisLabel": {"color": grey, "formatter": by_day, "hideOverlap": True}}
    return {
        "useUTC": True,
        "animation": False,
        "title": {"text": title, "left": 8, "top": 2, "textStyle": {"fontSize": 12, "color": grey}},
        "legend": {"top": 0, "right": 12, "icon": "roundRect", "itemHeight": 4},
        "grid": {"left": 58, "right": 18, "top": 26, "bottom": 22},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "time", **times},
        "yAxis": {"type": "value", "splitLine": {"lineStyle": {"color": "#eef1f4"}}, **axis},
        "series": [],
    }
