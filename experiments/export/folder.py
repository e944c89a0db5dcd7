"""A results folder with recorded visits: opened, and held to being whole."""

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from experiments.store import file_name, fingerprint, refuse_play
from scenarios.load import CONF, baseline
from scenarios.parameters import Parameters
from scenarios.schema import check
from sim.catalogue import Catalogue, catalogue_from
from sim.city import City, load_city
from sim.errors import InputError
from sim.jit import sources_hash
from sim.layout import Layout
from sim.records import INCIDENT_COLUMNS, VISIT_COLUMNS

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_WANTED = "allowed: a folder of `guantong run` or `guantong compare` with record=visits"


@dataclass(frozen=True, eq=False)
class Recorded:
    """The visits and incidents of one run, and what names them."""

    path: Path
    policy: str
    replication: int
    visits: "pq.ParquetFile"
    incidents: "pq.ParquetFile"
    city: City
    catalogue: Catalogue
    start: datetime.date
    provenance: dict[str, Any]

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.city, self.catalogue)

    @property
    def seed(self) -> int:
        return self.provenance["seeds"][self.replication]


def opened(path: str, policy: str | None = None, replication: int = 0) -> Recorded:
    """The run that a results folder holds, or one of those of a comparison.

    policy : null for the first. Raises InputError for a folder that is not there, not whole, of
    another command or another version, or without visits.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise InputError(f"run: '{path}' is not there; {_WANTED}")
    if folder.name.startswith(".") and folder.name.endswith(".partial"):
        raise InputError(f"run: '{path}' is not whole: the run that writes it has not ended")
    refuse_play(
        folder,
        "with record=visits after each of its commands, and then `guantong export run=FOLDER` with "
        "each folder that it writes",
    )
    config, provenance = _settings(folder), _provenance(folder)
    places, chosen = _chosen(folder, config, policy, replication)
    visits = _table(folder, places[0], list(VISIT_COLUMNS))
    incidents = _table(folder, places[1], list(INCIDENT_COLUMNS))
    _check_count(folder, incidents.metadata.num_rows, chosen, replication)
    try:
        home = CONF / "city" if config.city.folder is None else Path(config.city.folder)
        city = load_city(home, config.city.name)
        catalogue = catalogue_from(OmegaConf.to_container(config.catalogue))
        start = datetime.date.fromisoformat(str(config.horizon.start))
    except (OmegaConfBaseException, ValueError, LookupError, TypeError, AttributeError) as error:
        # InputError is a ValueError; the others come of settings of an odd shape.
        raise InputError(f"run: '{path}' cannot be read by this version: {_first(error)}") from None
    return Recorded(
        folder, chosen, replication, visits, incidents, city, catalogue, start, provenance
    )


def _settings(folder: Path) -> Any:
    place = folder / "config.yaml"
    try:
        config = OmegaConf.load(place)
        if not OmegaConf.is_dict(config):
            raise ValueError("it holds no settings")
        return config
    except FileNotFoundError:
        raise InputError(f"run: '{folder}' has no config.yaml, so it is not whole") from None
    except (OSError, ValueError, YAMLError) as error:
        raise InputError(f"run: '{place}' cannot be read: {_first(error)}") from None


def _provenance(folder: Path) -> dict[str, Any]:
    found = _json(folder, "provenance")
    seeds = found.get("seeds")
    if not (isinstance(found.get("fingerprint"), str) and isinstance(seeds, list) and seeds):
        raise InputError(f"run: '{folder / 'provenance.json'}' does not name seeds and fingerprint")
    return found


def _json(folder: Path, name: str) -> dict[str, Any]:
    place = folder / f"{name}.json"
    try:
        found = json.loads(place.read_text("utf-8"))
        if not isinstance(found, dict):
            raise ValueError("it holds no object")
        return found
    except FileNotFoundError:
        raise InputError(f"run: '{folder}' has no {name}.json, so it is not whole") from None
    except (OSError, ValueError) as error:
        raise InputError(f"run: '{place}' cannot be read: {_first(error)}") from None


def _first(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _chosen(
    folder: Path, config: Any, policy: str | None, replication: int
) -> tuple[tuple[Path, Path], str]:
    """Where visits and incidents are, and whose they are."""
    if (folder / "visits.parquet").is_file():
        name = str(OmegaConf.select(config, "policy.name"))
        _check_choice("policy", policy, [name])
        _check_choice("replication", replication, [0])
        return (folder / "visits.parquet", folder / "incidents.parquet"), name
    if not (folder / "visits").is_dir():
        raise InputError(f"run: '{folder}' has no visits; {_WANTED}")
    names = [str(name) for name in OmegaConf.select(config, "policies") or []]
    if not names:
        raise InputError(f"run: '{folder / 'config.yaml'}' names no policies")
    _check_choice("policy", policy, names)
    name = policy or names[0]
    files = (folder / "visits").glob(f"{file_name(name)}-*.parquet")
    numbers = sorted(int(number) for f in files if (number := f.stem.rpartition("-")[2]).isdigit())
    _check_choice("replication", replication, numbers)
    file = f"{file_name(name)}-{replication}.parquet"
    return (folder / "visits" / file, folder / "incidents" / file), name


def _check_choice(key: str, value: Any, known: Sequence[Any]) -> None:
    if value is not None and value not in known:
        raise InputError(f"{key}: {value}; allowed here: {', '.join(map(str, known)) or 'none'}")


def _table(folder: Path, place: Path, columns: Sequence[str]) -> "pq.ParquetFile":
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # With pre_buffer, which is the default, reading on holds on to all that was read.
        table = pq.ParquetFile(place, pre_buffer=False)
    except FileNotFoundError:
        missing = place.relative_to(folder)
        raise InputError(f"run: '{folder}' has no {missing}, so it is not whole") from None
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"run: '{place}' cannot be read: {_first(error)}") from None
    missing = set(columns) - set(table.schema_arrow.names)
    if missing:
        raise InputError(
            f"run: '{place}' has no column '{min(missing)}', so it is of another version of "
            "Guantong; allowed: a folder of this one"
        )
    return table


def _check_count(folder: Path, found: int, policy: str, replication: int) -> None:
    """The incidents that were measured are those in the file."""
    if (folder / "metrics.parquet").is_file():
        import pyarrow.parquet as pq

        at = [("policy", "=", policy), ("replication", "=", replication)]
        at.append(("metric", "=", "cohort_incidents"))
        stated = pq.read_table(folder / "metrics.parquet", filters=at)["value"].to_pylist()
    else:
        stated = [_json(folder, "summary").get("cohort_incidents")]
    if stated != [found]:
        says = "nothing" if stated in ([], [None]) else f"{stated[0]:,.0f}"
        raise InputError(
            f"run: '{folder}' has {found:,} incidents where its measures say {says}: it was "
            "edited, or is not whole"
        )


def doubts(recorded: Recorded) -> list[str]:
    """What a reader should know of a folder that can be read: that settings, the city's files or
    the program are no longer those that it was written with."""
    made = recorded.provenance
    if made.get("sources") != sources_hash():
        return [
            f"'{recorded.path}' was written by another version of the program "
            f"({made.get('version')}, commit {made.get('commit')}); desks and places are named as "
            "this one numbers them"
        ]
    settings = OmegaConf.load(recorded.path / "config.yaml")
    try:
        checked = check(settings)
        checked.catalogue = OmegaConf.to_container(settings.catalogue)
        checked.calendar = OmegaConf.to_container(settings.calendar)
        now = fingerprint(Parameters(checked, baseline(), CONF))
    except InputError as error:
        now = str(error)
    if now == made["fingerprint"]:
        return []
    return [
        f"'{recorded.path}' does not give the fingerprint that it was written with "
        f"({made['fingerprint']}, now {now}): its config.yaml, the city's files or the siloed "
        "policy were edited since"
    ]
