"""From incidents to numbers: the measures of one run, gathered chunk by chunk.

The *cohort* is every incident that occurred in the window, however long it took. What has not
happened by `end` has not happened.

How the measures deal with incidents that are not finished at `end`:

- `closure_latency` runs from occurrence to the closing that solves. Unseen, open and dormant
  incidents are censored at `end`. Quantiles are Kaplan-Meier, None where not reached.
- Its mean is *restricted*: the mean of min(latency, `restrict`). Nobody is censored before the
  shortest follow-up, end - window end, which `restrict` does not pass, so the mean is exact; it
  is the plain mean when everything is solved within it.
- The time account (analysis/account.py) is restricted to the same span and covers the whole cohort:
  its parts, and its categories, add up to that mean exactly.
- `paper_latency` runs from the first notice to the first closing, true or false. Incidents
  unseen at `end` are left out, unclosed ones censored. Its mean is restricted to the same span
  (Kaplan-Meier, as incidents noticed late are followed for less).
- Without any follow-up (end = window end) both means and the account are None.
- Shares and means of the process (on time, hand-overs, ...) are over the incidents that were
  noticed. One that is not closed at `end` counts as not on time. `grown_share` is over all of the
  cohort: what nobody notices grows, too. `satisfied_share` is over the solved incidents that a
  resident reported first.

Everything is summed in integers, so the result does not depend on the chunks.
"""

from collections import Counter

import numpy as np

from analysis import account
from analysis.histogram import Histogram
from sim.codes import LANDSCAPES, NONE, SEVERITIES, TIERS
from sim.errors import InputError
from sim.records import Columns
from sim.units import DAY, HOUR

_GROUP_SUMS = ("incidents", "solved", "noticed", "on_time", "good", "latency")
_PROCESS_COUNTS = ("handovers", "returns", "reports", "merged")
_PROCESS_SHARES = {
    "reworked_share": "reworks",
    "reopened_share": "false_closings",
    "misrouted_share": "wrong_desks",
    "escalated_share": "escalated",
    "withdrawn_share": "retracted",
    "mismerged_share": "mismerged",
    "reminded_share": "reminded",
    "criticised_share": "criticised",
    "extended_share": "extensions",
    "dual_share": "dual",
    "whistled_share": "whistled",
    "automated_share": "automated",
}


class Reducer:
    """The measures of one run.

    window      : ticks; the cohort occurred at window[0] <= tick < window[1]
    end         : tick, the end of the run
    n_districts : districts of the city
    n_kinds     : kinds of incident
    landscape   : int[n_townships], class of each (codes.LANDSCAPES); for one more breakdown
    restrict    : ticks to which mean latencies and time accounts are restricted, as the clock's
                  World.restrict; at most, and by default, the shortest follow-up
    """

    def __init__(
        self,
        window: tuple[int, int],
        end: int,
        n_districts: int,
        n_kinds: int,
        landscape: np.ndarray | None = None,
        restrict: int | None = None,
    ):
        if not window[0] < window[1] <= end:
            raise InputError(
                f"the cohort's window {tuple(window)} must not be empty nor pass the end {end}"
            )
        self.window, self.end = window, end
        self.restrict = min(end - window[1], end if restrict is None else restrict)
        self.closure_latency, self.paper_latency = Histogram(), Histogram()
        self._sums: Counter[str] = Counter()
        self._account: Counter[str] = Counter()
        self._landscape = landscape
        sizes = {
            "district": n_districts,
            "kind": n_kinds,
            "severity": len(SEVERITIES),
            "tier": len(TIERS),
        }
        if landscape is not None:
            sizes["landscape"] = len(LANDSCAPES)
        self._groups = {
            name: np.zeros((size, len(_GROUP_SUMS)), np.int64) for name, size in sizes.items()
        }
        self._exposure = np.zeros((2, n_kinds * len(SEVERITIES)), np.int64)

    def add(self, columns: Columns) -> None:
        """Take in a chunk of the incident table (`INCIDENT_COLUMNS`), of any length."""
        occurred = columns["occurred"]
        inside = (occurred >= self.window[0]) & (occurred < self.window[1])
        cohort = {name: values[inside] for name, values in columns.items()}

        noticed = cohort["noticed"] <= self.end
        solved = cohort["solved"] <= self.end
        self._add_latencies(cohort, noticed, solved)
        self._add_process(cohort, noticed)
        self._add_groups(cohort, noticed, solved)

    def _add_latencies(self, cohort: Columns, noticed: np.ndarray, solved: np.ndarray) -> None:
        occurred = cohort["occurred"]
        self.closure_latency.add(
            cohort["solved"][solved] - occurred[solved], self.end - occurred[~solved]
        )
        closed = noticed & (cohort["first_closed"] <= self.end)
        unclosed = noticed & ~closed
        self.paper_latency.add(
            cohort["first_closed"][closed] - cohort["noticed"][closed],
            self.end - cohort["noticed"][unclosed],
        )

    def _add_process(self, cohort: Columns, noticed: np.ndarray) -> None:
        sums = {name: cohort[name][noticed].sum(dtype=np.int64) for name in _PROCESS_COUNTS}
        for column in _PROCESS_SHARES.values():
            sums[column] = np.count_nonzero(cohort[column][noticed])
        sums["grown"] = np.count_nonzero(cohort["growths"])
        sums["asked"] = np.count_nonzero(cohort["satisfied"] != NONE)
        sums["satisfied"] = np.count_nonzero(cohort["satisfied"] == 1)
        closed = cohort["first_closed"]
        on_time = noticed & (closed <= np.minimum(cohort["due"], self.end))
        sums["on_time_with_extensions"] = np.count_nonzero(on_time)
        for name, value in sums.items():
            self._sums[name] += int(value)

    def _add_groups(self, cohort: Columns, noticed: np.ndarray, solved: np.ndarray) -> None:
        occurred = cohort["occurred"]
        parts = {
            "incidents": np.ones(occurred.size, bool),
            "solved": solved,
            "noticed": noticed,
            "on_time": noticed & (cohort["first_closed"] <= np.minimum(cohort["limit"], self.end)),
            "good": solved & (cohort["solved"] <= cohort["limit"]),
            "latency": np.minimum(
                np.where(solved, cohort["solved"], self.end) - occurred, self.restrict
            ),
        }
        for name, values in parts.items():
            self._sums[name] += int(values.sum(dtype=np.int64))
        self._account.update(account.totals(cohort, parts["latency"], noticed))
        for name, table in self._groups.items():
            codes = cohort[name] if name in cohort else self._landscape[cohort["township"]]
            for column, values in enumerate(parts.values()):
                # bincount sums in float64: exact, as a chunk stays below 2**53 ticks.
                added = np.bincount(codes, values, minlength=len(table))
                table[:, column] += added.astype(np.int64)
        codes = cohort["kind"].astype(np.int64) * len(SEVERITIES) + cohort["severity"]
        for row, values in zip(self._exposure, (None, parts["latency"]), strict=True):
            row += np.bincount(codes, values, minlength=row.size).astype(np.int64)

    @property
    def solved_per_day(self) -> float:
        """Incidents of the cohort that were solved by `end`, per day of its window."""
        return self._sums["solved"] / ((self.window[1] - self.window[0]) / DAY)

    def metrics(self, desks: Columns) -> dict[str, float | None]:
        """The measures of the run by name; None where one is undefined or not reached.

        desks : the desk table (`DESK_COLUMNS`). Units are in the names; a share is 0 to 1.
        """
        sums, days = self._sums, (self.window[1] - self.window[0]) / DAY
        result = {
            "incidents": sums["incidents"],
            "throughput_per_day": self.solved_per_day,
            "goodput_per_day": sums["good"] / days,
            "closure_latency_mean_hours": self._mean_hours(sums["latency"]),
            **_quantiles("closure_latency", self.closure_latency, (50, 90, 95, 99)),
            "paper_latency_mean_hours": _hours(
                self.paper_latency.restricted_mean(self.restrict) if self.restrict else None
            ),
            **_quantiles("paper_latency", self.paper_latency, (50, 90)),
            "on_time_share": _ratio(sums["on_time"], sums["noticed"]),
            "on_time_with_extensions_share": _ratio(
                sums["on_time_with_extensions"], sums["noticed"]
            ),
            "open_at_end": sums["incidents"] - sums["solved"],
            "unseen_at_end": sums["incidents"] - sums["noticed"],
            "handovers_mean": _ratio(sums["handovers"], sums["noticed"]),
            "returns_mean": _ratio(sums["returns"], sums["noticed"]),
        }
        for name, column in _PROCESS_SHARES.items():
            result[name] = _ratio(sums[column], sums["noticed"])
        result["grown_share"] = _ratio(sums["grown"], sums["incidents"])
        result["satisfied_share"] = _ratio(sums["satisfied"], sums["asked"])
        result["reports_per_incident"] = _ratio(sums["reports"], sums["noticed"])
        result["merged_share"] = _ratio(sums["merged"], sums["reports"])
        return result | _desk_metrics(desks)

    def reached(self) -> dict[str, float]:
        """For every latency quantile of `metrics` that is None: print it as "> this" [hours]."""
        latencies = {
            "closure_latency": (self.closure_latency, (50, 90, 95, 99)),
            "paper_latency": (self.paper_latency, (50, 90)),
        }
        return {
            name: histogram.reach / HOUR
            for latency, (histogram, percents) in latencies.items()
            for name, value in _quantiles(latency, histogram, percents).items()
            if value is None
        }

    def time_account(self) -> dict[str, float | None]:
        """Mean hours of an incident of the cohort in each of account.PARTS, adding up to the mean
        closure latency; None where that is not defined."""
        return {name: self._mean_hours(self._account[name]) for name in account.PARTS}

    def category_ticks(self) -> dict[str, int]:
        """The account of the whole cohort by account.CATEGORIES [ticks], adding up exactly to its
        restricted closure latency."""
        return account.by_category(self._account)

    def categories(self) -> dict[str, float | None]:
        """`category_ticks` as mean hours of an incident; None where the mean is not defined."""
        return {name: self._mean_hours(ticks) for name, ticks in self.category_ticks().items()}

    def breakdown(self, group: str) -> Columns:
        """The cohort by "district", "kind", "severity", "tier" or "landscape" (if given).

        One row a code, empty ones included: incidents, solved (counts), mean_latency_hours
        (closure latency, restricted as in `metrics`), on_time_share (of the noticed) and
        goodput_per_day; NaN where undefined.
        """
        table = self._groups[group]
        sums = dict(zip(_GROUP_SUMS, table.T, strict=True))
        followed = sums["incidents"] if self.restrict else np.zeros(len(table))
        with np.errstate(invalid="ignore", divide="ignore"):
            return {
                group: np.arange(len(table), dtype=np.int32),
                "incidents": sums["incidents"].copy(),
                "solved": sums["solved"].copy(),
                "mean_latency_hours": np.where(followed, sums["latency"] / followed / HOUR, np.nan),
                "on_time_share": sums["on_time"] / sums["noticed"],
                "goodput_per_day": sums["good"] / (self.window[1] - self.window[0]) * DAY,
            }

    def exposure(self) -> Columns:
        """How long the cohort's incidents were not solved, by kind and grade.

        One row a pair of them, empty ones included: kind, severity (codes), incidents, and
        open_hours, the sum of their restricted closure latencies; NaN without a follow-up.
        """
        incidents, ticks = self._exposure
        kind, grade = np.divmod(np.arange(incidents.size, dtype=np.int32), len(SEVERITIES))
        hours = ticks / HOUR if self.restrict else np.full(ticks.size, np.nan)
        return {
            "kind": kind,
            "severity": grade,
            "incidents": incidents.copy(),
            "open_hours": hours,
        }

    def tables(self) -> dict[str, Columns]:
        """Everything but the metrics as tables: a breakdown by each group ("by_district", ...),
        the time account, and the bins of both latencies (`Histogram.from_columns`)."""
        parts = self.time_account()
        return {
            **{f"by_{group}": self.breakdown(group) for group in self._groups},
            "time_account": {
                "part": np.array(list(parts)),
                "hours": np.array(list(parts.values()), float),
            },
            "closure_latency": self.closure_latency.to_columns(),
            "paper_latency": self.paper_latency.to_columns(),
        }

    def _mean_hours(self, ticks: int) -> float | None:
        """A restricted sum over the cohort as a mean; None without a cohort or a follow-up."""
        return _hours(_ratio(ticks, self._sums["incidents"] if self.restrict else 0))


def _desk_metrics(desks: Columns) -> dict[str, float | None]:
    """Utilisation by tier (of the desks that were open at all) and paid hours per week."""
    result: dict[str, float | None] = {}
    for code, tier in enumerate(TIERS):
        mine = (desks["tier"] == code) & (desks["open"] > 0)
        busy, open_ = int(desks["busy"][mine].sum()), int(desks["open"][mine].sum())
        result[f"utilisation_{tier}"] = _ratio(busy, open_)
    result["staff_hours"] = float(desks["paid"].sum())
    return result


def _quantiles(
    name: str, histogram: Histogram, percents: tuple[int, ...]
) -> dict[str, float | None]:
    return {
        f"{name}_p{percent}_hours": _hours(histogram.quantile(percent / 100))
        for percent in percents
    }


def _ratio(total: float, count: float) -> float | None:
    return total / count if count else None


def _hours(ticks: float | None) -> float | None:
    return None if ticks is None else ticks / HOUR
