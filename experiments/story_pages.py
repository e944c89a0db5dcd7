"""A story as people read it: on the terminal, as a page, as JSON and as a figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from analysis.story import Step, Story
from analysis.story_path import Visit
from analysis.story_summary import counts, difference, headline, outcome, remarks, time_account
from analysis.story_words import Line, Names, lines
from experiments import console
from experiments.store import write_json
from scenarios.parameters import Parameters
from sim.codes import (
    CALLBACK,
    COMMAND,
    DEPARTMENT,
    DISPATCH_DESK,
    GRID_DESK,
    HOTLINE_DESK,
    INCIDENT_STATES,
    OUTCOMES,
    POOL,
    SEVERITIES,
    STAGES,
    TIERS,
)
from sim.layout import Layout
from sim.records import VISIT_COLUMNS
from sim.units import NEVER

SIDE_BY_SIDE = 110
"""Width from which the stories of two policies stand beside each other [characters]."""

_ROLES = {
    HOTLINE_DESK: "hotline",
    DISPATCH_DESK: "dispatch desk",
    CALLBACK: "call-back desk",
    COMMAND: "command desk",
    POOL: "pool",
    GRID_DESK: "worker",
}


def desk_name(layout: Layout, desk: int) -> str:
    """A desk as sentences name it, such as Yubei housing and construction department."""
    centre = layout.city.centre_name(int(layout.centre[desk]), "en")
    group = int(layout.group[desk])
    if group in _ROLES:
        role = _ROLES[group]
    else:
        role = layout.role(desk)
        role = f"{role[0].lower()}{role[1:]}{' department' if group == DEPARTMENT else ''}"
    return f"{centre[0].upper()}{centre[1:]} {role}"


@dataclass(frozen=True)
class Pages:
    """What is shown of an incident.

    choice : how it was chosen, in words; right_desk : the desk that it belongs to;
    stories : {POLICY: story}, the first policy being the reference.
    """

    parameters: Parameters
    choice: str
    right_desk: int
    stories: Mapping[str, Story]

    @cached_property
    def names(self) -> Names:
        layout = self.parameters.layout
        return Names(self.parameters.start, lambda desk: desk_name(layout, desk))

    @property
    def incident(self) -> Mapping[str, int]:
        """The incident's row under the first policy."""
        return next(iter(self.stories.values())).incident

    @property
    def title(self) -> str:
        book, row = self.parameters.catalogue, self.incident
        kind = row["kind"]
        grade = SEVERITIES[row["severity"]]
        return f"{book.kind_en[kind]} ({book.kind_zh[kind]}), grade {grade}"

    @cached_property
    def about(self) -> list[str]:
        """What the incident is, and how it came to be chosen."""
        row, city = self.incident, self.parameters.city
        grid = 1 + city.n_districts + city.n_townships + row["grid"]
        district = 1 + row["district"]
        zh = city.centre_name(district, "zh") + city.centre_name(grid, "zh")
        tier = TIERS[row["tier"]]
        grew = any(story.incident["growths"] for story in self.stories.values())
        first = ", before it grew," if grew else ""
        return [
            f"Incident {row['incident']}, {self.choice}",
            f"It occurred on {self.names.clock(row['occurred'])} in "
            f"{city.centre_name(grid, 'en')}, {city.centre_name(district, 'en')} ({zh}). "
            f"It belongs{first} to the {tier} tier, to {self.names.desk(self.right_desk)}.",
        ]

    @cached_property
    def findings(self) -> list[tuple[str, str]]:
        """(headline, where the difference lies) of each policy against the first."""
        (a, first), *others = self.stories.items()
        return [
            (headline(first, second, (a, b)), difference(first, second, (a, b)))
            for b, second in others
        ]

    def lines(self, policy: str) -> list[Line]:
        """The steps under a policy in words."""
        return lines(self.stories[policy], self.names)

    def summary(self, policy: str) -> list[str]:
        """What the steps under a policy come to."""
        story = self.stories[policy]
        said = [f"Where the time went: {time_account(story)}.", f"In all: {counts(story)}."]
        return said + [" ".join(found) for found in [remarks(story, self.names)] if found]

    # --- the terminal -------------------------------------------------------------------------

    def print(self) -> None:
        """Print the stories, side by side where there is room."""
        out = console.console
        out.print(self.title, style="bold", soft_wrap=True)
        for text in self.about:
            out.print(text)
        for found, _ in self.findings:
            out.print(found, style="bold")
        beside = out.width >= SIDE_BY_SIDE and len(self.stories) == 2
        tables = [[*self.stories]] if beside else [[policy] for policy in self.stories]
        for policies in tables:
            table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, expand=True)
            for policy in policies:
                table.add_column(f"{policy}: {outcome(self.stories[policy])}", ratio=1)
            table.add_row(*(self._column(policy) for policy in policies))
            out.print(table)
        for _, where in self.findings:
            out.print(where, style="bold")

    def _column(self, policy: str) -> Group:
        steps = Table.grid(padding=(0, 1))
        steps.add_column(no_wrap=True, style="dim")
        steps.add_column(overflow="fold")  # others cut off the ends of lines with Chinese in them
        for line in self.lines(policy):
            steps.add_row(line.when, Text(line.text))
        return Group(steps, *(Text(f"\n{text}") for text in self.summary(policy)))

    # --- files --------------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        """Write story.md, story.json and figures/timeline.* into a folder."""
        (folder / "story.md").write_text(self.markdown(), encoding="utf-8")
        write_json(folder / "story.json", self.record())
        self._draw(folder / "figures")

    def markdown(self) -> str:
        """The page story.md."""
        parts = [f"# {self.title}", *self.about, *(f"**{found}**" for found, _ in self.findings)]
        parts.append("![Timeline](figures/timeline.png)")
        for policy, story in self.stories.items():
            steps = [f"- **{line.when}** {line.text}" for line in self.lines(policy)]
            parts += [f"## {policy}", outcome(story), "\n".join(steps), *self.summary(policy)]
        parts += ["## Where the difference lies", *(where for _, where in self.findings)]
        return "\n\n".join(parts) + "\n"

    def record(self) -> dict[str, Any]:
        """The content of story.json (docs/story.md)."""
        row = self.incident
        return {
            "incident": row["incident"],
            "title": self.title,
            "about": self.about,
            "findings": [
                {"headline": found, "difference": where} for found, where in self.findings
            ],
            "policies": {policy: self._record(policy) for policy in self.stories},
        }

    def _record(self, policy: str) -> dict[str, Any]:
        story = self.stories[policy]
        row = {name: None if value == NEVER else value for name, value in story.incident.items()}
        return {
            "outcome": outcome(story),
            "state": INCIDENT_STATES[row["state"]],
            "latency": story.latency,
            "time_uses": story.time_uses(),
            "incident": row,
            "steps": [
                self._step(line, step)
                for line, step in zip(self.lines(policy), story.steps, strict=True)
            ],
        }

    def _step(self, line: Line, step: Step) -> dict[str, Any]:
        said = {"at": line.at, "when": line.when, "what": line.what, "text": line.text}
        return said | {"visits": [self._visit(visit) for visit in step.visits]}

    def _visit(self, visit: Visit) -> dict[str, Any]:
        names = {"stage": STAGES[visit.stage], "outcome": OUTCOMES[visit.outcome]}
        return (
            {name: getattr(visit, name) for name in VISIT_COLUMNS if name != "incident"}
            | names
            | {"name": self.names.desk(visit.desk)}
        )

    def _draw(self, folder: Path) -> None:
        from analysis import style
        from analysis.figures import timeline

        fig, ax = style.figure(9.0, timeline.height(self.stories))
        title = self.title.replace(
            f" ({self.parameters.catalogue.kind_zh[self.incident['kind']]})", ""
        )
        timeline.draw(self.stories, ax, self.names, title)
        style.save(fig, folder, "timeline")
