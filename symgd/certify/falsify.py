"""Exact counterexamples by sampling simple rational points; the simplest that works is returned."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from ..kernel.rules import Goal, Range, Relation, exactly
from ..kernel.terms import Undefined
from ..language import from_json, text
from .algebra import float_value, float_values
from .strategy import Search, term_json


def falsify(goal: Goal, search: Search, count: int = 4_000) -> dict[str, Any] | None:
    """A `point` certificate: hypotheses certainly hold and a conclusion certainly fails there; or None."""
    names = list(goal.ranges)
    best: dict[str, Fraction] | None = None
    if count > 16:  # a first glance does not pay for arrays
        best = next((point for point in integer_points(goal, names) if violates(goal, point)), None)
    for i, (point, hopeless) in enumerate(screened(goal, points(goal, names, count)) if best is None else ()):
        if i % 256 == 0:
            search.tick()
        if not hopeless and violates(goal, point) and (best is None or cost(point) < cost(best)):
            best = point
            if i > 400:
                break
        if best is not None and i > 400:
            break
    if best is None:
        return None
    best = simplify(goal, best)
    return {"rule": "point", "at": {x: str(q) for x, q in best.items()}}


def integer_points(goal: Goal, names: list[str], count: int = 1_000) -> Iterator[dict[str, Fraction]]:
    """Points with small integer coordinates, the simplest first, at which floats do not rule out a counterexample.

    There are up to `count` of them, tried in one pass of array operations.
    """
    if not 0 < len(names) <= 6:
        return
    reach = next(k for k in itertools.count(1) if (2 * k + 3) ** len(names) > count or k == 24)
    pools = [[k for k in range(-reach, reach + 1) if q_in(goal.ranges[x], Fraction(k))] for x in names]
    grid = np.array([a.ravel() for a in np.meshgrid(*pools, indexing="ij")], dtype=float)
    grid = grid[:, np.argsort(np.abs(grid).sum(axis=0), kind="stable")]
    for column in grid[:, ~ruled_out(goal, dict(zip(names, grid, strict=True)), grid.shape[1])].T:
        yield {x: Fraction(int(k)) for x, k in zip(names, column, strict=True)}


def screened(goal: Goal, trials: Iterator[dict[str, Fraction]], size: int = 256) -> Iterator[tuple[dict[str, Fraction], bool]]:
    """Each point, and whether floats rule it out; many points are tried in one pass."""
    while batch := list(itertools.islice(trials, size)):
        out = np.zeros(len(batch), dtype=bool)
        with suppress(OverflowError):  # numbers beyond the floats are tried exactly
            out |= ruled_out(goal, {x: np.array([float(t[x]) for t in batch]) for x in batch[0]}, len(batch))
        yield from zip(batch, out.tolist(), strict=True)


def ruled_out(goal: Goal, at: dict[str, Any], size: int) -> Any:
    """At which of the float points a hypothesis clearly fails or every conclusion clearly holds: array (size,) of booleans."""

    def holds(r: Relation) -> tuple[Any, Any]:
        """Where the relation clearly holds, and where it clearly fails."""
        d, lhs, rhs = (float_values(goal, k, at) for k in (r.diff, r.lhs, r.rhs))
        margin = 1e-6 * (1 + np.abs(lhs) + np.abs(rhs))
        below, above = d < -margin, d > margin  # both False where d is not a number
        if r.op in ("<", "<="):
            return below, above
        apart = below | above
        return (apart, apart & False) if r.op == "!=" else (apart & False, apart)

    with np.errstate(all="ignore"):
        out, safe = np.zeros(size, dtype=bool), np.ones(size, dtype=bool)
        for r in goal.given:
            out |= holds(r)[1]
        for clause in goal.then:
            safe &= reduce(np.logical_or, [holds(r)[0] for r in clause])
    return out | safe


def violates(goal: Goal, point: dict[str, Fraction]) -> bool:
    """Whether the point is certainly a counterexample; floats rule out most points before anything exact is done."""
    try:
        floats = {x: float(q) for x, q in point.items()}
    except OverflowError:
        floats = {}
    if floats and (
        any(clearly(goal, r, floats) is False for r in goal.given)
        or all(any(clearly(goal, r, floats) for r in clause) for clause in goal.then)
    ):
        return False
    ranges = {x: exactly(q) for x, q in point.items()}
    if not all(goal.certain(r, ranges, "d", 64) is True for r in goal.given):
        return False
    return any(all(goal.certain(r, ranges, "d", 64) is False for r in clause) for clause in goal.then)


def clearly(goal: Goal, r: Relation, point: dict[str, float]) -> bool | None:
    """Whether the relation holds at a float point by a clear margin (True), fails by one (False), or neither (None)."""
    d = float_value(goal, r.diff, point)
    lhs, rhs = (float_value(goal, k, point) for k in (r.lhs, r.rhs))
    if d is None or lhs is None or rhs is None:
        return None
    margin = 1e-6 * (1 + abs(lhs) + abs(rhs))
    if r.op in ("<", "<="):
        return True if d < -margin else False if d > margin else None
    return (r.op == "!=") if abs(d) > margin else None


def cost(point: dict[str, Fraction]) -> tuple[int, int]:
    return sum(abs(q.numerator) + q.denominator for q in point.values()), sum(q < 0 for q in point.values())


def simplify(goal: Goal, point: dict[str, Fraction]) -> dict[str, Fraction]:
    """Coordinate by coordinate, the simplest number nearby that still violates."""
    for x in point:
        for d in (1, 2, 3, 4, 5, 8, 10, 16, 20, 100):
            candidates = sorted({Fraction(round(point[x] * d) + k, d) for k in (-1, 0, 1)}, key=lambda q: abs(q.numerator) + q.denominator)
            for q in candidates:
                trial = {**point, x: q}
                if cost(trial) < cost(point) and q_in(goal.ranges[x], q) and violates(goal, trial):
                    point = trial
    return point


def q_in(r: Range, q: Fraction) -> bool:
    return (
        (r.lo is None or (r.lo < q if r.lo_open else r.lo <= q))
        and (r.hi is None or (q < r.hi if r.hi_open else q <= r.hi))
        and not (r.integer and q.denominator != 1)
    )


SIMPLE = sorted(
    {Fraction(n, d) for d in (1, 2, 3, 4, 5, 10) for n in range(-12, 13)}
    | {Fraction(s * 10**k) for k in range(4) for s in (1, -1)}
    | {Fraction(s, 10**k) for k in range(4) for s in (1, -1)},
    key=lambda q: (abs(q.numerator) + q.denominator, q < 0),
)


def points(goal: Goal, names: list[str], count: int) -> Iterator[dict[str, Fraction]]:
    rng = random.Random(1)
    pools = []
    for x in names:
        r = goal.ranges[x]
        pool = [q for q in SIMPLE if q_in(r, q)]
        ends = [q for q in (r.lo, r.hi) if q is not None]
        if len(ends) == 2:
            width = ends[1] - ends[0]
            ends += [ends[0] + width * Fraction(k, 16) for k in range(1, 16)]
            ends += [ends[0] + width / 10**6, ends[1] - width / 10**6]
            if r.integer:
                ends = [Fraction(k) for k in range(int(ends[0]), min(int(ends[1]), int(ends[0]) + 50) + 1)]
        elif ends:
            ends += [ends[0] + s * Fraction(1, 10**k) for k in (2, 6) for s in (1, -1)]
        pools.append([q for q in dict.fromkeys([*pool, *ends]) if q_in(r, q)] or [Fraction(0)])
    if not names:
        yield {}
        return
    small = [pool[:7] for pool in pools]
    yield from (dict(zip(names, choice, strict=True)) for choice in itertools.islice(itertools.product(*small), count // 2))
    for _ in range(count // 2):
        yield {x: snapped(goal, x, rng.choice(pool), rng) for x, pool in zip(names, pools, strict=True)}


def snapped(goal: Goal, x: str, q: Fraction, rng: random.Random) -> Fraction:
    if rng.random() < 0.5 or goal.ranges[x].integer:
        return q
    r = goal.ranges[x]
    shifted = q + Fraction(rng.randint(-64, 64), 64 * rng.choice([1, 8, 64]))
    return shifted if q_in(r, shifted) else q


def undefined_at(goal: Goal) -> str | None:
    """A sentence that names a subexpression of a conclusion and a point of the domain at which it has no value; or None."""
    arena = goal.arena
    roots = {r.diff for clause in goal.then for r in clause}
    suspects = sorted({k for root in roots for k in arena.schedule(root) if _partial(goal, k)})
    if not suspects:
        return None
    for point in itertools.islice(points(goal, list(goal.ranges), 600), 400):
        ranges = {x: exactly(q) for x, q in point.items()}
        for k in suspects:
            try:
                inner = arena.value(arena.nodes[k][1][-1], point)
            except Undefined:
                continue
            if (inner < 0 or (inner == 0 and arena.nodes[k][0] != "sqrt")) and all(goal.certain(r, ranges, "d", 64) for r in goal.given):
                if inner != 0 and arena.nodes[k][0] in ("/", "^"):
                    continue
                where = ", ".join(f"{x} = {q}" for x, q in point.items() if x in arena.variables(k))
                part = text(from_json(term_json(goal, k)))
                return f"{part} is undefined at {where}; take such points out of the domain, or add a hypothesis"
    return None


def _partial(goal: Goal, k: int) -> bool:
    op, _, data = goal.arena.nodes[k]
    return op in ("/", "sqrt", "log") or (op == "^" and data < 0)
