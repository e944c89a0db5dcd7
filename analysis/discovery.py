"""In which part of the assumption space something holds: boxes by PRIM, and trees.

Points are runs under different assumptions, each labelled as of interest or not. PRIM, the patient
rule induction method (Friedman and Fisher 1999, Statistics and Computing 9), peels thin slices off
a box until what is left is dense in points of interest; for scenario discovery a box is told by
its coverage and density, and each of its limits by a quasi-p-value (Bryant and Lempert 2010,
Technological Forecasting and Social Change 77).

Labels of a simulation are noisy, so a box is to be judged by `stability` too. Peeling takes from
the ends only, so interest at both ends of a column and none between escapes it; a tree sees that.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from sim.errors import InputError

Limit = tuple[float, float] | frozenset
"""Of a column of numbers: above low and up to high, infinite where there is no limit; of a column
of names: those inside."""

Limits = dict[str, Limit]
"""Those of the restricted columns."""

Columns = dict[str, np.ndarray]

LOW, HIGH = "low", "high"
_LEAST_GAIN = 1e-12  # what rounding can make of no gain at all


@dataclass(frozen=True)
class Box:
    """Part of the space.

    points : inside. of_interest : those of interest inside. coverage : share of all points of
    interest that is inside. density : share of the points inside that is of interest.
    p_values : {(column, side or name left out): quasi-p-value}, of the box that was chosen.
    """

    limits: Limits
    points: int
    of_interest: int
    coverage: float
    density: float
    p_values: dict[tuple[str, str], float] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Harmonic mean of coverage and density (F1)."""
        both = self.coverage + self.density
        return 2 * self.coverage * self.density / both if both > 0 else 0.0

    @property
    def words(self) -> str:
        return words(self.limits)


class Found(NamedTuple):
    """The box that was chosen, and all those on the way, from everything to the densest."""

    box: Box
    way: tuple[Box, ...]


@dataclass(frozen=True)
class Prim:
    """How to look for a box.

    peel : share of the points inside that a slice takes. least : share of all points that stays
    inside. alpha : a limit stays only if its quasi-p-value is below alpha over the number of
    limits that could have been chosen (Bonferroni), as the peeling looks for what seems dense.
    dense : density that the box is to have, if any has it. The harmonic mean likes to take in much;
    where several regions are of interest this keeps a box to one of them.
    """

    peel: float = 0.05
    least: float = 0.05
    alpha: float = 0.05
    dense: float = 0.0

    def find(self, points: Mapping[str, Sequence], interest: Sequence[bool]) -> Found:
        """Peel; take the box with the best harmonic mean of coverage and density; paste while
        that gets better; then drop limits that chance can explain.

        points : {COLUMN: values}, a DataFrame too; numbers, or names as text. A slice is chosen by
        what it raises the density by, per point taken, which is fair to columns of few values
        (Kwakkel and Jaxa-Rozen 2016, Environmental Modelling and Software 79).
        Raises InputError if columns differ in length, have holes, or nothing is of interest.
        """
        columns, interest = _checked(points, interest)
        view = _View(columns, interest)
        way = [view.box({})]
        while (limits := self._peeled(view, way[-1].limits)) is not None:
            way.append(view.box(limits))
        enough = [box for box in way if box.density >= self.dense] or way[-1:]
        best = max(enough, key=lambda box: (box.score, -len(box.limits)))
        limits = self._pruned(view, self._pasted(view, best.limits))
        return Found(view.box(limits, p_values=True), tuple(way))

    def cover(
        self, points: Mapping[str, Sequence], interest: Sequence[bool], most: int = 3
    ) -> list[Box]:
        """Boxes one after the other, each among the points that those before leave, until chance
        can explain the next. Points and coverage of each are those it adds."""
        columns, interest = _checked(points, interest)
        left = np.ones(interest.size, bool)
        boxes: list[Box] = []
        while len(boxes) < most and interest[left].any():
            part = {name: values[left] for name, values in columns.items()}
            box = self.find(part, interest[left]).box
            if not box.limits:
                break
            boxes.append(replace(box, coverage=box.of_interest / int(interest.sum())))
            left &= ~inside(columns, box.limits)
        return boxes

    def _peeled(self, view: "_View", limits: Limits) -> Limits | None:
        inside = view.inside(limits)
        n, density = inside.sum(), view.interest[inside].mean()
        best, most = None, _LEAST_GAIN
        for name, values in view.columns.items():
            for limit in self._slices(values[inside], limits.get(name)):
                kept = inside & within(values, limit)
                left = kept.sum()
                if not max(1, self.least * inside.size) <= left < n:
                    continue
                gain = (view.interest[kept].mean() - density) / (n - left)
                if gain > most or (gain == most and best and name in limits):
                    best, most = limits | {name: limit}, gain
        return best

    def _slices(self, values: np.ndarray, limit: Limit | None) -> Iterator[Limit]:
        """The limits after each slice that this column allows."""
        if values.dtype.kind != "f":
            names = frozenset(values.tolist())
            yield from (names - {name} for name in sorted(names) if len(names) > 1)
            return
        low, high = limit or (-math.inf, math.inf)
        ordered = np.sort(values)
        if ordered[0] == ordered[-1]:
            return
        taken = max(1, int(self.peel * ordered.size))
        first = ordered[np.searchsorted(ordered, ordered[taken - 1], side="right") :]
        if first.size:
            yield float(ordered[taken - 1] + first[0]) / 2, high
        last = ordered[: np.searchsorted(ordered, ordered[-taken], side="left")]
        if last.size:
            yield low, float(last[-1] + ordered[-taken]) / 2

    def _pasted(self, view: "_View", limits: Limits) -> Limits:
        best = view.box(limits).score
        while True:
            wider = max(
                (
                    box
                    for more in self._wider(view, limits)
                    if (box := view.box(more)).density >= self.dense
                ),
                key=lambda box: box.score,
                default=None,
            )
            if wider is None or wider.score <= best + _LEAST_GAIN:
                return limits
            limits, best = wider.limits, wider.score

    def _wider(self, view: "_View", limits: Limits) -> Iterator[Limits]:
        """The box with one limit moved outwards by a slice."""
        added = max(1, int(self.peel * view.inside(limits).sum()))
        for (name, side), without in _loosened(view, limits):
            limit = limits[name]
            if isinstance(limit, frozenset):
                yield without
                continue
            values = view.columns[name]
            others = np.sort(values[view.inside(without) & ~within(values, limit)])
            low, high = limit
            if others.size <= added:
                yield without
            elif side == LOW:
                yield limits | {name: (float(others[-added - 1] + others[-added]) / 2, high)}
            else:
                yield limits | {name: (low, float(others[added - 1] + others[added]) / 2)}

    def _pruned(self, view: "_View", limits: Limits) -> Limits:
        possible = sum(2 if v.dtype.kind == "f" else len(set(v)) for v in view.columns.values())
        while limits:
            p_values = view.p_values(limits)
            worst = max(p_values, key=p_values.get)
            if p_values[worst] <= self.alpha / possible:
                break
            limits = dict(_loosened(view, limits))[worst]
        return limits


class _View:
    """Points and labels, and what boxes hold of them."""

    def __init__(self, columns: Columns, interest: np.ndarray) -> None:
        self.columns, self.interest = columns, interest

    def inside(self, limits: Limits) -> np.ndarray:
        return inside(self.columns, limits)

    def box(self, limits: Limits, p_values: bool = False) -> Box:
        held = self.interest[self.inside(limits)]
        n, of_interest = held.size, int(held.sum())
        found = self.p_values(limits) if p_values else {}
        density = of_interest / n if n else 0.0
        coverage = of_interest / int(self.interest.sum())
        return Box(limits, n, of_interest, coverage, density, found)

    def p_values(self, limits: Limits) -> dict[tuple[str, str], float]:
        """P(as many of interest or more | the density without the limit), of each limit."""
        from scipy.special import bdtrc

        held = self.interest[self.inside(limits)]
        result = {}
        for edge, without in _loosened(self, limits):
            density = self.interest[self.inside(without)].mean()
            result[edge] = float(bdtrc(held.sum() - 1, held.size, density)) if held.any() else 1.0
        return result


def _loosened(view: _View, limits: Limits) -> Iterator[tuple[tuple[str, str], Limits]]:
    """Every limit of a box, and the box without it."""
    for name, limit in limits.items():
        rest = {other: kept for other, kept in limits.items() if other != name}
        if isinstance(limit, frozenset):
            names = frozenset(view.columns[name].tolist())
            for left_out in sorted(names - limit):
                wider = limit | {left_out}
                yield (name, left_out), rest if wider == names else rest | {name: wider}
            continue
        low, high = limit
        if low > -math.inf:
            free = high == math.inf
            yield (name, LOW), rest if free else rest | {name: (-math.inf, high)}
        if high < math.inf:
            free = low == -math.inf
            yield (name, HIGH), rest if free else rest | {name: (low, math.inf)}


def within(values: np.ndarray, limit: Limit) -> np.ndarray:
    """Which values a limit lets in, bool[n]."""
    if isinstance(limit, frozenset):
        return np.isin(values, sorted(limit))
    low, high = limit
    return (values > low) & (values <= high)


def inside(points: Mapping[str, Sequence], limits: Limits) -> np.ndarray:
    """Which points lie in a box, bool[n]."""
    held = np.ones(len(points[next(iter(points))]), bool)
    for name, limit in limits.items():
        held &= within(np.asarray(points[name]), limit)
    return held


def jaccard(a: np.ndarray, b: np.ndarray) -> float:
    """Points in both of two boxes over those in either; 1 for two empty ones."""
    either = (a | b).sum()
    return float((a & b).sum() / either) if either else 1.0


def words(limits: Limits) -> str:
    """`delay > 3.2 and share <= 0.4 and kind is fire or flood`; `everywhere` without limits."""
    parts = []
    for name, limit in limits.items():
        if isinstance(limit, frozenset):
            parts.append(f"{name} is {' or '.join(map(str, sorted(limit)))}")
            continue
        low, high = limit
        if low > -math.inf and high < math.inf:
            parts.append(f"{low:.4g} < {name} <= {high:.4g}")
        else:
            parts.append(f"{name} > {low:.4g}" if low > -math.inf else f"{name} <= {high:.4g}")
    return " and ".join(parts) or "everywhere"


# --- stability --------------------------------------------------------------------------------


class Edge(NamedTuple):
    """One possible limit of a box over resamples.

    side : LOW, HIGH, or the name that is left out. limit : in the box of all points, None if it
    isn't there or is of a name. frequency : share of resamples that have it. low, high : 5 % and
    95 % quantile of where it lies in these; None for names.
    """

    name: str
    side: str
    limit: float | None
    frequency: float
    low: float | None
    high: float | None


class Stability(NamedTuple):
    """How much of a box comes back: its limits, most frequent first, and its overlap with each
    resample's box, float[resamples], as share of points in both over points in either."""

    edges: tuple[Edge, ...]
    overlap: np.ndarray


def stability(
    points: Mapping[str, Sequence],
    interest: Sequence[bool],
    *,
    prim: Prim | None = None,
    resamples: int = 50,
    seed: int = 0,
) -> Stability:
    """Look for the box anew in random halves of the points.

    Halves are drawn without replacement (Meinshausen and Bühlmann 2010, Journal of the Royal
    Statistical Society B 72): points that occur twice, as in a bootstrap, would feign certainty.
    A half has less power than the whole, so frequencies err on the low side.
    """
    prim = prim or Prim()
    columns, interest = _checked(points, interest)
    whole = prim.find(columns, interest).box.limits
    held = inside(columns, whole)
    random, n = np.random.default_rng(seed), interest.size
    where: dict[tuple[str, str], list[float]] = {}
    overlap = np.empty(resamples)
    for i in range(resamples):
        half = random.choice(n, n // 2, replace=False)
        part = {name: values[half] for name, values in columns.items()}
        limits = prim.find(part, interest[half]).box.limits if interest[half].any() else {}
        overlap[i] = jaccard(held, inside(columns, limits))
        for edge, place in _edges(columns, limits):
            where.setdefault(edge, []).append(place)
    chosen = dict(_edges(columns, whole))
    edges = [_edge(key, chosen, where.get(key, []), resamples) for key in {**chosen, **where}]
    return Stability(tuple(sorted(edges, key=lambda e: (-e.frequency, e.name, e.side))), overlap)


def _edges(columns: Columns, limits: Limits) -> Iterator[tuple[tuple[str, str], float]]:
    """Every limit of a box and where it lies; NaN for names."""
    for name, side in (edge for edge, _ in _loosened(_View(columns, np.empty(0)), limits)):
        limit = limits[name]
        place = math.nan if isinstance(limit, frozenset) else limit[side == HIGH]
        yield (name, side), float(place)


def _edge(key: tuple[str, str], chosen: dict, places: list[float], resamples: int) -> Edge:
    low, high = (float(np.quantile(places, q)) if places else math.nan for q in (0.05, 0.95))
    known = (None if math.isnan(x) else x for x in (chosen.get(key, math.nan), low, high))
    limit, low, high = known
    return Edge(*key, limit, len(places) / resamples, low, high)


def _checked(
    points: Mapping[str, Sequence], interest: Sequence[bool]
) -> tuple[Columns, np.ndarray]:
    """Columns as float or text, labels as bool."""
    interest = np.asarray(interest, bool)
    columns = {}
    for name in points:
        values = np.asarray(points[name])
        kind = values.dtype.kind
        values = values.astype(float) if kind in "biuf" else values.astype(str)
        if values.shape != interest.shape:
            raise InputError(f"column {name}: {values.size} values; allowed: {interest.size}")
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise InputError(f"column {name}: not a number in some points; allowed: finite numbers")
        columns[str(name)] = values
    if not columns or not interest.any():
        raise InputError("a box needs columns, and at least one point of interest")
    return columns, interest
