"""`guantong calibrate log=FILE`: a model fitted to an event log of the user's."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from experiments import console
from experiments.asked import parted
from experiments.fit import moments, overlay, replay, report
from experiments.fit.cases import cases_of
from experiments.fit.estimates import Found, estimates
from experiments.fit.heldout import HeldOut, held_out, with_model
from experiments.fit.log import EventLog, read_log
from experiments.fit.mapping import Mapping, read_mapping
from experiments.fit.part import Part, fitted_part
from experiments.fit.simulated import is_of_the_model, laid_over, model_runs
from experiments.fit.stages import InModel
from experiments.store import check_writable, provenance, results_folder, write_json, write_settings
from experiments.warm import compile_if_cold
from scenarios.commands import FitSettings
from scenarios.load import compose_settings, load
from scenarios.parameters import Parameters
from scenarios.schema import Settings
from sim.calendar import calendar_from
from sim.codes import TIERS
from sim.errors import InputError

OVERLAY = "overlay"
"""The folder of settings within the results folder."""
_PLAIN = "plain"
"""The calendar without holidays, for logs of years that the calendar in force does not hold."""


@dataclass
class Asked:
    """What the command may be told, beside settings."""

    log: str
    columns: str | None = None
    zone: str | None = None


@dataclass(frozen=True, eq=False)
class Fitted:
    """All that came of a log."""

    part: Part
    found: Found
    held: HeldOut
    model: InModel
    calendar: str | None
    """Name of the calendar to take in place of the one in force, if it does not hold the log."""
    days: tuple[np.ndarray, np.ndarray]
    """Type and month of each day of the log."""


def fit_log(overrides: Sequence[str]) -> Path:
    """Read the log, estimate, hold the estimates against its held-out part, write the overlay and
    the trace; the results folder `fit-DATE-TIME`. Raises InputError."""
    begun = time.perf_counter()
    own, rest = parted(Asked, overrides)
    mapping = read_mapping(own.columns)
    mapping = mapping if own.zone is None else replace(mapping, zone=own.zone)
    parameters = load(rest)
    settings = parameters.settings
    check_writable(settings.results)
    with console.progress_bar(f"fitting to {Path(own.log).name}", 3) as part_of:
        log = read_log(own.log, mapping, settings.fit, part_of(0))
        fitted = _fitted(log, mapping, parameters, part_of(1), part_of(2))
    rng = _generator(settings.seed, 2)
    tree, said = overlay.overlay(fitted.model, settings.fit, rng)
    again = replay.replay(fitted.model, parameters.city, settings.fit, settings.seed)
    with results_folder(settings.results, "fit") as (folder, final):
        write = _write_overlay(folder, final, fitted, tree, again, rest)
        more, factors = _by_simulation(fitted, tree, write, rest, folder / OVERLAY, settings)
        said, again = said + more, again.freed(factors)
        again.trace().to_csv(folder / replay.TRACE, index=False)
        held = _with_model(fitted, rest, folder / OVERLAY, settings.fit)
        summed = report.summary(fitted.part, fitted.found, held, again, said)
        report.write_tables(folder, fitted.part, fitted.found, held, again)
        report.draw(folder / "figures", fitted.part, fitted.found, held)
        write_settings(folder / "config.yaml", compose_settings(rest))
        write_json(folder / "summary.json", summed)
        seconds = time.perf_counter() - begun
        write_json(folder / "provenance.json", provenance(parameters, [settings.seed], seconds))
    report.show(log, fitted.found, held, summed)
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


def _by_simulation(
    fitted: Fitted,
    tree: overlay.Tree,
    write: Callable[[], None],
    rest: Sequence[str],
    folder: Path,
    settings: Settings,
) -> tuple[list[str], dict[str, float]]:
    """Put into the tree, and write, what takes runs of the model to tell, where the log is of its
    stages; what to say of it, and the factors of `moments.free_disposals`."""
    if not is_of_the_model(fitted.model):
        why = "the log's activities or kinds are not all of the model"
        return [f"staff stays as assumed: {why}"], {}
    span = moments.Span(fitted.model, settings.fit)
    seeds = range(settings.seed + 1, settings.seed + 1 + settings.fit.simulations)
    with console.telling_warnings(), console.progress_bar("what only runs can tell", 2) as part_of:
        compile_if_cold()
        parameters = span.parameters(rest, folder, fitted.calendar)
        factors = moments.free_disposals(tree, span, parameters, seeds, part_of(0))
        write()
        parameters = span.parameters(rest, folder, fitted.calendar)
        number, said = moments.staffed(
            span, parameters, rest, seeds, _generator(settings.seed, 3), part_of(1)
        )
    if number is not None:
        tree["staff"] = {"target_utilisation": number}
        write()
    return said, factors


def _with_model(
    fitted: Fitted, rest: Sequence[str], folder: Path, settings: FitSettings
) -> HeldOut:
    """What was held out against the model's own run, too, where the log is of its stages."""
    if not is_of_the_model(fitted.model):
        return fitted.held
    with console.telling_warnings(), console.progress_bar("the model as fitted", 1) as part_of:
        simulated = model_runs(fitted.model, rest, folder, fitted.calendar, settings, part_of(0))
    return with_model(fitted.held, simulated, fitted.part, fitted.model.stage_names)


def _generator(seed: int, what: int) -> np.random.Generator:
    return np.random.default_rng([seed, what])


def _fitted(log: EventLog, mapping: Mapping, parameters: Parameters, tell_fit, tell_held) -> Fitted:
    settings = parameters.settings
    cases = cases_of(log, mapping, settings.fit)
    part = fitted_part(log, cases, settings.fit)
    day_type, month, calendar = days_of(log, parameters)
    found = estimates(part, day_type, month, settings.fit, _generator(settings.seed, 0), tell_fit)
    if calendar:
        found.said.append(f"the calendar does not hold {log.first_day}: days are without holidays")
    if cases.gone_on:
        found.said.append(
            f"{cases.gone_on:,} cases went on after they had closed and have not closed again: "
            "they count as open"
        )
    held = held_out(part, found, settings.fit, _generator(settings.seed, 1), tell_held)
    share = tuple(getattr(settings.mechanism.availability, tier) for tier in TIERS)
    model = InModel(part, found, mapping, parameters.catalogue, share)
    return Fitted(part, found, held, model, calendar, (day_type, month))


def days_of(log: EventLog, parameters: Parameters) -> tuple[np.ndarray, np.ndarray, str | None]:
    """Day types and months of the log's days; and another calendar's name where the one in force
    does not hold them all."""
    config, other = parameters.settings.calendar, None
    try:
        calendar, _ = calendar_from(config, log.first_day, log.n_days)
        if calendar.day_type.size < log.n_days:
            raise InputError("calendar: too short")
    except InputError:
        other = _PLAIN
        bare = {k: v for k, v in config.items() if k in ("openings", "releases")}
        calendar, _ = calendar_from(bare, log.first_day, log.n_days)
    return calendar.day_type.astype(np.int64), calendar.month.astype(np.int64), other


def _write_overlay(
    folder: Path,
    final: Path,
    fitted: Fitted,
    tree: overlay.Tree,
    again: replay.Replay,
    rest: Sequence[str],
) -> Callable[[], None]:
    """overlay/experiment/fit.yaml and replay.yaml. What writes the first anew, where the tree has
    changed."""
    files, log = folder / OVERLAY, fitted.part.log
    (files / "experiment").mkdir(parents=True)
    source = f"{fitted.part.source}, sha256 {log.sha256[:16]}"

    def write() -> None:
        (files / overlay.FILE).write_text(overlay.text_of(tree, source), "utf-8")

    write()
    parameters = laid_over(rest, files, fitted.calendar)
    overlay.year_round(tree, fitted.model, parameters, fitted.days)
    write()
    kinds = fitted.model.catalogue.kinds
    text = replay.settings_of(again, str(final / replay.TRACE), kinds, fitted.calendar)
    (files / replay.FILE).write_text(text, "utf-8")
    return write
