"""`guantong report`: one self-contained page from any results folder."""

import contextlib
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis import style
from experiments import console
from experiments.asked import asked
from experiments.report import assumptions, checklist, claims, html, pictures, studies, tables
from experiments.report import district as of_district
from experiments.report.findings import finding
from experiments.report.folder import Folder, beside, read
from experiments.report.html import Html
from experiments.report.pictures import Picture
from experiments.report.words import Words
from sim.city import City
from sim.errors import InputError

LANGUAGES = ("en", "zh")
_BESIDE = ("attribute", "counterfactual", "sweep", "capacity", "rollout")


@dataclass
class Asked:
    """What the command may be told."""

    run: str
    district: str | None = None
    lang: str = field(default="en", metadata={"choices": LANGUAGES})
    to: str | None = None
    beside: str | None = field(default=None, metadata={"said": "with"})
    edited: bool = False


def report(overrides: Sequence[str] = ()) -> Path:
    """Write the page and print where it is; returns its path. Raises InputError."""
    begun = time.perf_counter()
    own = asked(Asked, overrides)
    folder = read(own.run, edited=own.edited)
    others = _others(folder, own)
    try:
        with style.language(own.lang):
            city = pictures.city_of(folder)
            path = _place(folder, own, city)
            _write(path, None)
            words = _words(folder, city, own.lang)
            with console.progress_bar("report", 1) as progress:
                page = _page(folder, others, city, words, own.district, progress(0))
    except KeyError as error:
        _explain(folder, error)
        raise
    _write(path, page)
    size, seconds = path.stat().st_size / 1e6, time.perf_counter() - begun
    console.console.print(f"report: {path} ({size:.1f} MB, {seconds:.1f} s)", soft_wrap=True)
    return path


def _explain(folder: Folder, error: KeyError) -> None:
    """Raises InputError where something is missing because other sources wrote the folder, or
    somebody has edited it."""
    notices = [key for key, _ in folder.notices]
    if "notice.edited" in notices:
        raise InputError(
            f"run: '{folder.path}' lacks {error}, which it had before it was edited: run its "
            "command again"
        ) from None
    if "notice.sources" in notices:
        version = folder.made.get("version") or "unknown"
        raise InputError(
            f"run: '{folder.path}' lacks {error}, which results of this version have; it was "
            f"written by version {version}, sources {folder.made['sources']}: run its command again"
        ) from None


def _words(folder: Folder, city: City | None, lang: str) -> Words:
    names = {} if city is None else dict(
        zip(city.district_name_zh, city.district_name_en, strict=True)
    )  # fmt: skip
    return Words(lang, folder.config["catalogue"]["kinds"], names)


def _others(folder: Folder, own: Asked) -> dict[str, Folder]:
    """The folders that go with this one, by command: those that are named, or those found."""
    if own.beside is None:
        return {other.kind: other for other in beside(folder)}
    found = {}
    for path in filter(None, own.beside.strip("[]").split(",")):
        other = read(path.strip(" '\""))
        of_district = own.district is not None and other.config["city"]["district"] is not None
        if other.fingerprint != folder.fingerprint and not of_district:
            raise InputError(
                f"with: '{path}' has the fingerprint {other.fingerprint}, the run "
                f"{folder.fingerprint}; allowed: results of the same settings and sources"
            )
        found[other.kind] = other
    return found


def _place(folder: Folder, own: Asked, city: City | None) -> Path:
    if own.to is not None:
        return Path(own.to)
    parts = ["report"]
    if own.district is not None and city is not None:
        parts.append(city.district_name_zh[city.find_district(own.district)])
    if own.lang != "en":
        parts.append(own.lang)
    return folder.path / f"{'-'.join(parts)}.html"


def _write(path: Path, page: str | None) -> None:
    """Put the page in its place at once, so that nobody ever reads half of it; without one only
    see that it can be. Raises InputError."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(page or "", encoding="utf-8")
        if page is not None:
            os.replace(partial, path)
    except OSError as error:
        raise InputError(
            f"to: '{path}' cannot be written: {error.strerror}; give another place with to=FILE"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


# --- the page ---------------------------------------------------------------------------------


def _page(
    folder: Folder,
    others: Mapping[str, Folder],
    city: City | None,
    words: Words,
    district: str | None,
    tell,
) -> str:
    if district is None:
        title = words("title.of", command=words.known(f"command.{folder.kind}", folder.kind),
                      city=words.city(folder.config["city"]["name"]))  # fmt: skip
        body = _whole(folder, others, words, tell)
    else:
        if folder.kind != "compare" or city is None:
            raise InputError(
                f"district: {district}; allowed: with the folder of a comparison whose city is "
                "still there"
            )
        place = city.find_district(district)
        one = of_district.District(folder, city, place, words)
        title = words("title.district", district=one.shown)
        body = _of_district(one, others, words, tell)
    parts = [html.element("h1", title), _about(folder, words), *_notices(folder, words), *body]
    return html.page(title, words.lang, *parts)


def _about(folder: Folder, words: Words) -> Html:
    made, config = folder.made, folder.config
    horizon = config["horizon"]
    values = {
        "folder": folder.path.resolve().name,
        "created": made["created"][:10],
        "fingerprint": made["fingerprint"],
        "start": str(horizon["start"]),
        **{k: horizon[k] for k in ("warmup_days", "cohort_days", "followup_days")},
    }
    return html.element("p", words("about", **values), class_="about")


def _notices(folder: Folder, words: Words) -> list[Html]:
    return [
        html.element("p", words(key, **values), class_="notice") for key, values in folder.notices
    ]


def _finding(sentences: Iterable[str]) -> Html:
    return html.element(
        "div", *(html.element("p", sentence) for sentence in sentences), class_="finding"
    )


def _whole(folder: Folder, others: Mapping[str, Folder], words: Words, tell) -> Iterable[object]:
    """The page of a folder, section by section."""
    yield _finding(finding(folder, words))
    yield html.element("p", words("assumed"), class_="note")
    tell(0.1)
    if folder.kind == "compare":
        yield from _comparison(folder, words)
    elif folder.kind == "lab":
        yield html.section(words("section.measures"), tables.of_lab(folder, words))
    elif folder.kind == "run":
        yield html.section(words("section.measures"), tables.of_run(folder, words),
                           html.element("p", words("table.dash"), class_="note"))  # fmt: skip
        yield html.section(words("section.figures"), *pictures.shown(_of_run(folder, words), words),
                           *_missing(folder, words))  # fmt: skip
    else:
        drawn = pictures.shown(studies.of_study(folder, words), words)
        yield html.section(words("section.figures"), *drawn) if drawn else ""
        own = claims.table(folder, words)
        yield html.section(words("section.tables"), own) if own else ""
        listed = [
            part
            for name in tables.in_order(folder.tables)
            for part in tables.of_folder(folder, words, name)
        ]
        yield html.section(words("section.tables"), *listed) if listed else ""
        story = folder.path / "story.md"
        if story.is_file():
            yield html.section(words("section.story"), html.prose(story.read_text("utf-8")))
    tell(0.6)
    yield from _beside(folder, others, words)
    if folder.kind in ("compare", "overturn", "sensitivity", "attribute"):
        yield assumptions.section(folder, {folder.kind: folder} | dict(others), words)
    tell(0.9)
    yield checklist.reproduce(folder, words)
    yield checklist.stress(folder, words)


def _comparison(folder: Folder, words: Words) -> Iterable[object]:
    yield html.section(words("section.keys"), tables.key_figures(folder, words),
                       html.element("p", words("keys.note"), class_="note"))  # fmt: skip
    drawn = pictures.shown(pictures.of_comparison(folder, words), words)
    yield html.section(words("section.figures"), *drawn, *_missing(folder, words))
    split = tables.split(folder, words)
    if split:
        yield html.section(words("section.split"), html.element("p", words("split.about")), *split)
    groups: list[object] = []
    for by in ("kind", "severity", "tier", "landscape", "district"):
        table = tables.by_group(folder, by, words)
        groups += [html.element("h3", words(f"by.{by}")), table] if table else []
    if groups:
        about = html.element("p", words("grouped.about"))
        yield html.section(words("section.groups"), about, *groups)
    yield html.section(words("section.measures"), tables.measures(folder, words),
                       html.element("p", words("table.dash"), class_="note"))  # fmt: skip


def _of_run(folder: Folder, words: Words) -> Iterable[Picture]:
    policies = [folder.config["policy"]["name"]]
    if folder.has("flow"):
        yield pictures.backlog(folder, policies)
    yield from pictures.of_records(folder, policies, pictures.city_of(folder), words)


def _missing(folder: Folder, words: Words) -> Iterable[object]:
    """How to get the figures that what was recorded is not enough for."""
    if folder.config["record"] != "visits":
        yield html.element("p", words("figures.more"), class_="note")
        yield assumptions.command(folder.kind, folder, "record=visits")


def _beside(folder: Folder, others: Mapping[str, Folder], words: Words) -> Iterable[Html]:
    """What other studies of the same fingerprint have found."""
    shown = [others[name] for name in _BESIDE if name in others]
    if folder.kind != "compare" or not shown:
        return
    parts: list[object] = [html.element("p", words("beside.about"))]
    for other in shown:
        parts.append(html.element("h3", words(f"command.{other.kind}")))
        parts.append(html.element("p", words.together(finding(other, words))))
        parts += pictures.shown(studies.of_study(other, words), words)
        parts.append(html.element("p", words("overturn.from", folder=other.path.name),
                                  class_="note"))  # fmt: skip
    yield html.section(words("section.beside"), *parts)


def _of_district(
    one: of_district.District, others: Mapping[str, Folder], words: Words, tell
) -> Iterable[object]:
    yield _finding(of_district.finding(one))
    yield html.element("p", words("assumed"), class_="note")
    yield of_district.gain(one)
    tell(0.2)
    yield of_district.worse_off(one, others)
    yield of_district.losers(one)
    tell(0.6)
    yield of_district.to_measure(one, others)
    yield of_district.levers(one, others)
    tell(0.8)
    if one.city.n_districts > 1 and not one.alone:
        maps = (
            pictures.district_map(one.folder, one.city, one.policies[0], policy, words)
            for policy in one.policies[1:]
        )
        yield html.section(words("section.among"), *pictures.shown(maps, words))
    yield checklist.reproduce(one.folder, words)
