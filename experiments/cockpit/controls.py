"""What is pulled and pressed on the page: play and pause, sliders, storms, export."""

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from nicegui import ui

from experiments.cockpit.draw import moment
from experiments.cockpit.export import export
from experiments.cockpit.play import Play
from experiments.cockpit.player import SPEEDS, Frame
from experiments.cockpit.words import LANGUAGES
from scenarios.load import CONF
from scenarios.schema import LeverSettings
from sim.errors import InputError
from sim.levers import LEVERS

if TYPE_CHECKING:
    from experiments.cockpit.page import Page

_TIERS = {"city": "of_city", "district": "district", "township": "township", "grid": "grid"}
_MOST_STAFF = 2.0  # times the seats planned, at a slider's right end
_STEP = 0.05
_MOST_RETURNS = 5  # at the right end of the only lever that is a count
_STORM = {"hours": 24, "factor": 4}  # what the dialog begins with
_WIDE = "width: 280px"
NOBODY = ""


def policy_names() -> list[str]:
    """The policies of conf/, those of theory left out."""
    folder = CONF / "policy"
    paths = sorted(path.relative_to(folder) for path in folder.rglob("*.yaml"))
    names = [path.with_suffix("").as_posix() for path in paths]
    return [name for name in names if not name.startswith("theory")]


def scenario_names() -> list[str]:
    """The scenarios of conf/, ordinary times first."""
    names = sorted(path.stem for path in (CONF / "scenario").glob("*.yaml"))
    return sorted(names, key=lambda name: name != "none")


class Controls:
    """The controls of one browser's page."""

    def __init__(self, page: "Page"):
        self.page, self.player, self.say = page, page.player, page.say
        self._sliders: dict[tuple[str, str], tuple[ui.slider, ui.label]] = {}
        self._policies: list[str] = []
        self._done = 0  # changes that sliders show

    # --- the header ---------------------------------------------------------------------------

    def header(self) -> None:
        """What to play, how fast, and the clock."""
        say = self.say
        ui.label(say("title")).classes("gt-brand")
        scenarios = {name: say(f"scenario_{name}") for name in scenario_names()}
        policies = {name: say(name) for name in policy_names()}
        self._scenario = _select(scenarios, say("scenario"), "none").classes("gt-do-scenario")
        self._left = _select(policies, say("left"), "siloed").classes("gt-do-left")
        self._right = _select(policies | {NOBODY: say("nobody")}, say("right"), "integrated")
        self._right.classes("gt-do-right")
        _button(say("open_play"), self._open, "restart_alt", flat=True).classes("gt-do-open")
        ui.element("div").classes("gt-fill")
        self._play = _button(say("play"), self._toggle, "play_arrow").classes("gt-do-play")
        _button(say("step"), self.player.step, "skip_next", flat=True).classes("gt-do-step")
        speeds = {speed: say("an_hour", f"{speed:g}") for speed in SPEEDS}
        self._speed = _select(speeds, say("speed"), self.player.frame.speed)
        self._speed.classes("gt-do-speed")
        self._pace = self.player.frame.speed
        self._speed.on_value_change(lambda event: self.player.pace(event.value))
        _button(say("storm"), self._ask_storm, "thunderstorm", flat=True).classes("gt-do-storm")
        _button(say("export"), self._export, "save_alt", flat=True).classes("gt-do-export")
        ui.html('<div id="gt-clock" class="gt-clock"></div>', sanitize=False)
        ui.html('<div id="gt-state" class="gt-state" role="status"></div>', sanitize=False)
        for lang, name in LANGUAGES.items():
            if lang != self.page.focus.lang:
                _button(name, lambda lang=lang: ui.navigate.to(f"/?lang={lang}"), flat=True)

    def _open(self) -> None:
        names = [name for name in (self._left.value, self._right.value) if name != NOBODY]
        chosen = [f"scenario={self._scenario.value}", f"policies=[{','.join(names)}]"]
        last = self.player.frame.play
        kept = [] if last is None else last.overrides
        kept = [o for o in kept if not o.lstrip("+").startswith(("scenario=", "policies="))]
        self.player.open([*kept, *chosen])

    def _toggle(self) -> None:
        self.player.play(self.player.frame.state != "playing")

    def anew(self, play: Play) -> None:
        """Another play has begun: show what it plays, and its levers."""
        names = list(play.sides)
        self._policies = names
        for select, name in ((self._left, names[0]), (self._right, [*names, NOBODY][1])):
            if name in select.options:
                select.set_value(name)
        stated = [o.partition("=")[2] for o in play.overrides if o.startswith("scenario=")]
        if stated and stated[-1] in self._scenario.options:
            self._scenario.set_value(stated[-1])
        options = {name: self.say(name) for name in names}
        if len(names) > 1:
            options |= {NOBODY: self.say("both")}
        self._acts_on.set_options(options, value=names[-1])
        self._show_levers()

    def follow(self, frame: Frame) -> None:
        """Keep button and speed as they are for everyone who looks."""
        on = frame.state == "playing"
        text, icon = self.say("pause" if on else "play"), "pause" if on else "play_arrow"
        if self._play.text != text:
            self._play.set_text(text)
            self._play.set_icon(icon)
        done = 0 if frame.play is None else sum(map(len, frame.play.changes.values()))
        if done != self._done:  # here or elsewhere
            self._done = done
            self._show_levers()
        if frame.speed != self._pace:  # changed: here, where it shows already, or elsewhere
            self._pace = self._speed.value = frame.speed

    # --- sliders ------------------------------------------------------------------------------

    def sliders(self) -> None:
        """Levers and staff, of one side or of both."""
        self._acts_on = _select({}, self.say("applies_to"), None).classes("w-full")
        self._acts_on.on_value_change(self._show_levers)
        ui.html(f"<h3>{self.say('staff')}</h3>", sanitize=False)
        for tier, word in _TIERS.items():
            self._slider("seats", tier, self.say(word), _STEP * 4, _MOST_STAFF)
        ui.html(f"<h3>{self.say('levers')}</h3>", sanitize=False)
        for item in fields(LeverSettings):
            count = item.metadata["high"] > 1
            top, step = (_MOST_RETURNS, 1) if count else (1.0, _STEP)
            self._slider("levers", item.name, self.say(item.name), 0.0, top, step)

    def _slider(
        self, group: str, name: str, text: str, low: float, high: float, step: float = _STEP
    ) -> None:
        with ui.element("div").classes("gt-lever"):
            ui.label(text).tooltip(text)
            value = ui.label("")
        slider = (
            ui.slider(min=low, max=high, step=step).props("dense").classes(f"gt-{group}-{name}")
        )
        value.bind_text_from(slider, "value", lambda v: "" if v is None else f"{v:.3g}")
        slider.on("change", lambda _: self._pulled(group, name, slider.value))
        self._sliders[group, name] = slider, value

    def _chosen(self) -> list[str]:
        """The policies that sliders act on."""
        chosen = self._acts_on.value
        return self._policies if chosen == NOBODY else [chosen] if chosen else []

    def _show_levers(self) -> None:
        play, chosen = self.player.frame.play, self._chosen()
        if play is None or not chosen or chosen[0] not in play.sides:
            return
        levers, seats = play.levers(chosen[0]), play.seats(chosen[0])
        for name in LEVERS:
            self._sliders["levers", name][0].set_value(levers[name])
        for tier in _TIERS:
            self._sliders["seats", tier][0].set_value(seats.get(tier, 1.0))

    async def _pulled(self, group: str, name: str, value: float) -> None:
        """A slider has been let go: a dated change, and word of it."""
        stated: Mapping[str, Any] = {group: {name: value}}
        for policy in self._chosen():
            when = await self._do(lambda play, policy=policy: _changed(play, policy, stated))
            if when is None:
                self._show_levers()
                return
            what = self.say(_TIERS.get(name, name) if group == "seats" else name)
            text = self.say("applied", what=what, policy=self.say(policy), moment=self._told(when))
            ui.notify(text, position="bottom-left", timeout=2500, color="grey-9")

    async def _do(self, what: Any) -> Any:
        """Do something with the play; None where it cannot be, having said why."""
        try:
            return await self.page.ask(what)
        except InputError as error:
            ui.notify(str(error), type="warning", position="bottom", timeout=8000)
            return None

    def _told(self, when: Any) -> str:
        return moment(when, self.page.focus.lang)

    # --- storms and export --------------------------------------------------------------------

    def _ask_storm(self) -> None:
        play = self.player.frame.play
        if play is None:
            return
        city = play.parameters.city
        zh = self.page.focus.lang == "zh"
        names = city.district_name_zh if zh else city.district_name_en
        places = {-1: self.say("city")} | dict(enumerate(names))
        focused = -1 if self.page.focus.district is None else self.page.focus.district
        with ui.dialog(value=True) as dialog, ui.card():
            ui.label(self.say("storm_title")).classes("gt-brand")
            hours = ui.number(self.say("storm_hours"), value=_STORM["hours"], min=1, max=720)
            hours.style(_WIDE)
            factor = ui.number(self.say("storm_factor"), value=_STORM["factor"], min=1.1, max=100)
            factor.style(_WIDE)
            where = _select(places, self.say("storm_where"), focused).style(_WIDE)
            with ui.row():

                async def begin() -> None:
                    districts = [] if where.value == -1 else [city.district_code[where.value]]
                    amount = float(hours.value or 0), float(factor.value or 0)
                    when = await self._do(lambda play: _stormed(play, *amount, districts))
                    if when is not None:
                        dialog.close()
                        ui.notify(self.say("stormed", self._told(when)), position="bottom-left")

                _button(self.say("storm_go"), begin, "thunderstorm").classes("gt-do-storm_go")
                _button(self.say("cancel"), dialog.close, flat=True)
        dialog.on("hide", dialog.delete)

    async def _export(self) -> None:
        folder = await self._do(export)
        if folder is None:
            return
        script = folder / "replay.sh"
        with ui.dialog(value=True) as dialog, ui.card().classes("w-full"):
            ui.label(self.say("exported", folder)).classes("gt-brand gt-exported")
            ui.label(self.say("export_about"))
            ui.code(script.read_text("utf-8"), language="bash").classes("w-full")
            with ui.row():
                text = script.read_text("utf-8")
                load = lambda: ui.download.content(text, "replay.sh")  # noqa: E731
                _button(self.say("download"), load, "save_alt")
                _button(self.say("cancel"), dialog.close, flat=True)
        dialog.on("hide", dialog.delete)


def _changed(play: Play, policy: str, stated: Mapping[str, Any]) -> Any:
    play.change(policy, **stated)
    return play.moment


def _stormed(play: Play, hours: float, factor: float, districts: list[str]) -> Any:
    play.storm(hours, factor, districts)
    return play.moment


def _select(options: Mapping[Any, str], label: str, value: Any) -> ui.select:
    value = value if value in options else None
    return ui.select(dict(options), label=label, value=value).props("dense options-dense outlined")


def _button(text: str, do: Any, icon: str | None = None, flat: bool = False) -> ui.button:
    button = ui.button(text, on_click=lambda: do(), icon=icon)
    return button.props(f"dense no-caps {'flat' if flat else 'unelevated'} padding='4px 10px'")
