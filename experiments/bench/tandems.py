"""200 parallel tandems of five M/M/2: the engine beside Ciw and cimba, where these are installed.

A network that each can express; the peers' models are written as their documentation teaches.
"""

import contextlib
import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path

from experiments.bench.cities import write_alike
from experiments.bench.processes import Elsewhere
from experiments.bench.rounds import SEED, Form, Job, SideBySide, did, watch
from experiments.bench.runs import built
from experiments.one_run import simulate
from scenarios.load import load
from scenarios.parameters import Parameters

N_TANDEMS, N_STATIONS = 200, 5
SEATS = 2
RATE, WORK = 67.2 / 24, 0.5  # arrivals an hour at each tandem, mean work [h]: 70 % utilised
ROWS = ("engine", "cimba", "Ciw, one tandem at a time", "Ciw, one network")


def world(folder: str | Path, *overrides: str, n_tandems: int = N_TANDEMS) -> Parameters:
    """The engine's world; its city is made below `folder`. overrides : as on the command line."""
    city = write_alike(Path(folder), "alike", n_tandems)
    per_day = f"stream.per_day={RATE * 24 * n_tandems:g}"
    return load(["experiment=bench/tandems", *city, per_day, *overrides])


def has(package: str) -> bool:
    """Whether a peer is installed."""
    return importlib.util.find_spec(package) is not None


def _engine(parameters: Parameters) -> Job:
    return lambda _: did(simulate(parameters, SEED))


def _ciw(n_tandems: int, hours: float, repeat: int = 1) -> Job:
    """Ciw with so many tandems in one network, again and again; making it is not counted."""
    import ciw

    from experiments.bench import tandems_ciw

    def job(number: int) -> dict[str, float]:
        services, spent = 0, {"seconds": 0.0, "busy": 0.0}
        for again in range(repeat):
            ciw.seed(1 + number * repeat + again)
            simulation = tandems_ciw.simulation(n_tandems)
            read = watch()
            simulation.simulate_until_max_time(hours)
            spent = {name: spent[name] + more for name, more in read().items()}
            services += len(simulation.get_all_records())
        return {"services": services, **spent}

    return job


def cimba(n_tandems: int, hours: float, since: float = 0.0, until: float = 0.0) -> Elsewhere:
    """cimba on one core, in a process of its own: it must be imported before numba has compiled
    anything else. Making the model and compiling it are not counted."""
    return Elsewhere("experiments.bench.tandems_cimba", n_tandems, hours, since, until)


@contextlib.contextmanager
def suite(form: Form) -> Iterator[SideBySide]:
    """Twenty days; five in the quick form. Ciw looks at every station for its next event, so
    it is also given one tandem at a time, and less of either."""
    days = 5 if form.quick else 20
    horizon = ["horizon.warmup_days=0", f"horizon.cohort_days={days}", "horizon.followup_days=0"]
    jobs: dict[str, Job | None] = dict.fromkeys(ROWS)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        jobs["engine"] = _engine(built(world(folder, *horizon)))
        if has("cimba"):
            jobs["cimba"] = stack.enter_context(cimba(N_TANDEMS, 24.0 * days))
            jobs["cimba"].wait()
        if has("ciw"):
            jobs["Ciw, one tandem at a time"] = _ciw(1, 24.0, N_TANDEMS)
            jobs["Ciw, one network"] = _ciw(N_TANDEMS, 2.0)
        yield SideBySide(jobs, form.rounds)
