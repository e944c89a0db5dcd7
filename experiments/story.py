"""`guantong trace`: one incident's story under the compared policies."""

import datetime
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from analysis.story import Story, rows_of, story_of
from analysis.story_judged import Right
from analysis.story_path import Visit
from analysis.story_words import duration
from experiments import console
from experiments.compare import replication_seed
from experiments.one_run import Progress, Run, simulate
from experiments.store import check_writable, provenance, results_folder, write_json, write_settings
from experiments.story_pages import Pages
from experiments.threads import in_threads
from experiments.warm import compile_if_cold
from scenarios.load import compose_settings, load_policies
from scenarios.parameters import Parameters, check_stream
from sim.codes import BOARD, CITY, DEPARTMENT, GRID, GRID_DESK, POOL, TOWNSHIP
from sim.draws import OF_INCIDENT
from sim.errors import InputError
from sim.handle import Handle
from sim.rows import I_ENTITY, I_KEY, I_OCCURRED
from sim.stream import EPOCH, day_of_incidents, describe_key, unpack_key
from sim.units import DAY

WAYS = ("worst", "median", "random")
"""Ways to choose an incident, beside its key; the first is the default."""

_OF_TWO = ("worst", "median")


def trace(overrides: Sequence[str] = ()) -> Path:
    """Tell one incident's story under each policy; returns the path of the results folder.

    overrides : as of `compare`, and incident=KEY|worst|median|random. The run is replication 0.
    """
    begun = time.perf_counter()
    how, overrides = own_setting(overrides)
    with console.telling_warnings():
        policies = load_policies(overrides)
        first = next(iter(policies.values()))
        check_stream(first)
        check_writable(first.settings.results)
        if how in _OF_TWO and len(policies) < 2:
            raise InputError(
                f"incident: {how} compares two policies, and policies={list(policies)}; "
                "allowed: random or an incident's key, or a second policy"
            )
        compile_if_cold()
        for parameters in policies.values():
            _ = parameters.world, parameters.rates
    seed = replication_seed(first.settings.seed, 0)
    keys = cohort_keys(first, seed)
    key, choice = choose(how, keys, policies, seed)
    runs = simulate_all(policies, seed, "telling the story", key)
    stories = {name: tell(run, key) for name, run in runs.items()}
    right = right_desk(first, next(iter(stories.values())).incident)
    pages = Pages(first, choice, right, stories)
    with results_folder(first.settings.results, "trace") as (folder, final):
        write_settings(folder / "config.yaml", compose_settings(overrides))
        origin = provenance(first, [seed], time.perf_counter() - begun)
        write_json(folder / "provenance.json", origin)
        pages.write(folder)
    pages.print()
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


def own_setting(overrides: Sequence[str]) -> tuple[str, list[str]]:
    """The value of `incident=` and the settings of `conf/`, every visit being recorded."""
    how, others = WAYS[0], []
    for override in overrides:
        name, _, value = override.partition("=")
        if name == "incident":
            how = value
        elif name != "record":
            others.append(override)
    if how not in WAYS and not re.fullmatch("[0-9]{1,19}", how):
        raise InputError(f"incident: '{how}'; allowed: {', '.join(WAYS)} or an incident's key")
    return how, [*others, "record=visits"]


def cohort_keys(parameters: Parameters, seed: int) -> np.ndarray:
    """Keys of the incidents that occur in the cohort, i8[n], rising. Raises InputError if none."""
    begin, end = parameters.window
    if parameters.trace is None:
        rates, calendar = Handle(parameters.rates), Handle(parameters.calendar)
        days = range(begin // DAY, end // DAY)
        parts = [day_of_incidents(np.uint64(seed), rates, calendar, day) for day in days]
        rows = np.concatenate(parts)
    else:
        rows = parameters.trace.rows
    occurred = rows[:, I_OCCURRED]
    inside = (rows[:, I_ENTITY] == OF_INCIDENT) & (occurred >= begin) & (occurred < end)
    if not inside.any():
        raise InputError("incident: none occurs in the cohort's days; allowed: a longer cohort")
    return np.sort(rows[inside, I_KEY])


# --- which incident ----------------------------------------------------------------------------


def choose(
    how: str, keys: np.ndarray, policies: Mapping[str, Parameters], seed: int
) -> tuple[int, str]:
    """(key, how it was chosen in words). Raises InputError for a key that is not in the cohort."""
    n = f"{len(keys):,} incidents"
    if how == "random":
        draw = int(np.random.Philox(key=seed).random_raw())
        return int(keys[draw % len(keys)]), f"one of {n}, drawn at random by the seed."
    if how not in _OF_TWO:
        check_key(int(how), keys, next(iter(policies.values())))
        return int(how), f"named by its key, one of {n}."
    a, b = list(policies)[:2]
    runs = simulate_all({name: policies[name] for name in (a, b)}, seed, f"looking for the {how}")
    more = latencies(runs[b]) - latencies(runs[a])
    place = pick(how, more)
    gap = int(more[place])
    difference = f"{duration(abs(gap))} {'sooner' if gap < 0 else 'later'}"
    growth = f"how much longer {b} takes to solve them than {a}"
    words = f"put in order by {growth}, the {'last' if how == 'worst' else 'middle'} one"
    return int(keys[place]), (
        f"the {how}: of {n}, {words} ({difference}). "
        "One not solved counts as solved when the run ends."
    )


def pick(how: str, more: np.ndarray) -> int:
    """Place of the worst or of the median incident.

    more : i8[n], closure latency under the second policy minus that under the first, by key. Of
    equal ones the first is taken; of an even number the median is the lower of the middle two.
    """
    if how == "worst":
        return int(np.argmax(more))
    return int(np.argsort(more, kind="stable")[(len(more) - 1) // 2])


def latencies(run: Run) -> np.ndarray:
    """Closure latency of every incident of the cohort by key [ticks], i8[n]; one that is not
    solved counts as solved at the end of the run."""
    table = run.incident_columns
    return np.minimum(table["solved"], run.parameters.end) - table["occurred"]


def check_key(key: int, keys: np.ndarray, parameters: Parameters) -> None:
    """Raises InputError, with the reason and two keys nearby, for a key not in the cohort.

    keys : of the cohort, rising.
    """
    place = int(np.searchsorted(keys, key)) if key <= keys[-1] else len(keys)
    if place < len(keys) and keys[place] == key:
        return
    near = keys[max(0, min(place - 1, len(keys) - 2)) :][:2]
    raise InputError(
        f"incident: {describe_key(key)} is not in the cohort: {_reason(key, parameters)}; "
        f"allowed: {', '.join(WAYS)} or a key of the cohort, such as "
        f"{' or '.join(str(k) for k in near)}"
    )


def _reason(key: int, parameters: Parameters) -> str:
    """Why a key is not in the cohort."""
    entity, day, district, kind, _ = unpack_key(key)
    city, book = parameters.city, parameters.catalogue
    start = (parameters.start - EPOCH).days
    first, last = (start + tick // DAY for tick in (parameters.window[0], parameters.window[1] - 1))
    if entity != OF_INCIDENT:
        return "it is the key of no incident, but of a false alarm, a background task or nothing"
    if not first <= day <= last:
        dates = [(EPOCH + datetime.timedelta(days=d)).isoformat() for d in (first, last)]
        return f"the cohort occurs from {dates[0]} to {dates[1]}"
    if district >= city.n_districts:
        return f"{city.name} has districts 0 to {city.n_districts - 1}"
    if parameters.district not in (None, district):
        return f"only district {parameters.district} ({parameters.settings.city.district}) runs"
    if kind >= len(book.kinds):
        return f"the catalogue has kinds 0 to {len(book.kinds) - 1}"
    where = f"{city.district_name_en[district]} with seed={parameters.settings.seed}"
    return f"fewer incidents of that kind ({book.kind_en[kind]}) occur that day in {where}"


# --- runs --------------------------------------------------------------------------------------


def simulate_all(
    policies: Mapping[str, Parameters], seed: int, what: str, *visits_of: int
) -> dict[str, Run]:
    """Run every policy on the same incidents, in threads of this process.

    what : told beside the progress bar; visits_of : incidents whose visits are kept.
    """

    def run(parameters: Parameters, advance: Progress) -> Run:
        return simulate(parameters, seed, advance, visits_of=visits_of)

    threads = next(iter(policies.values())).settings.threads
    return dict(zip(policies, in_threads(what, list(policies.values()), run, threads)))


def tell(run: Run, key: int) -> Story:
    """The story of an incident of a run that has kept its visits."""
    (incident,) = rows_of(run.incident_columns, key)
    visits = [Visit(**row) for row in rows_of(run.visit_columns, key)]
    parameters = run.parameters
    known = belongs(parameters, incident)
    return story_of(incident, visits, parameters.end, known, parameters.restrict)


def right_desk(parameters: Parameters, incident: Mapping[str, int], grown: int = 0) -> int:
    """The desk that an incident belongs to, nothing being pooled.

    grown : tiers by which it has grown beyond that of its occurrence; at the city it stops.
    """
    layout, book = parameters.layout, parameters.catalogue
    tier = max(CITY, incident["tier"] - grown)
    centre = (0, incident["district"], incident["township"], incident["grid"])[tier]
    groups = {GRID: GRID_DESK, TOWNSHIP: BOARD}
    group = groups.get(tier, DEPARTMENT)
    unit = {GRID: 0, TOWNSHIP: book.board141[incident["kind"]]}.get(
        tier, book.lead[incident["kind"]]
    )
    place = layout.group_offset[tier, group] + unit
    return int(layout.tier_base[tier] + centre * layout.tier_width[tier] + place)


def belongs(parameters: Parameters, incident: Mapping[str, int]) -> Right:
    """Whether a desk is that of `right_desk`; None at a pool that may stand in for it, and, of an
    incident that has grown, at each desk to which it may have belonged at one time or another."""
    layout = parameters.layout
    own = {right_desk(parameters, incident, n) for n in range(incident["growths"] + 1)}
    centres = {int(layout.centre[desk]) for desk in own if not layout.always_on_duty[desk]}

    def is_right(desk: int) -> bool | None:
        if layout.group[desk] == POOL and int(layout.centre[desk]) in centres:
            return None
        return desk in own if len(own) == 1 or desk not in own else None

    return is_right
