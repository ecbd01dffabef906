"""The first glance: what floats at a few points say of a goal, and the one proof or counterexample that this makes most likely.

Nothing here imports computer algebra or searches: each guess is handed to the kernel as it is, and most lemmas end there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernel.rules import Goal, Relation
from .algebra import ARRAYS, nearest, orders
from .cover import Counterexample, Cover
from .falsify import cost, falsify, q_in, simplify, violates
from .part import Part
from .polynomials import ARITHMETIC, operations
from .squares import prove_by_squares, prove_by_weighted_squares
from .strategy import Node, Search, Unproved
from .univariate import decide_univariate

Floats = NDArray[np.float64]
CORNER = 0.15  # the part of the samples of a variable that is put on each end of its range
CLEAR = 1e-6  # how far, relative to the sides, floats must differ to be believed


def glance(goal: Goal, search: Search) -> Iterator[tuple[str, Node]]:
    """Verdicts with certificate nodes that are worth a check by the kernel, the likeliest first; few, and often none."""
    names = [x for x, r in goal.ranges.items() if not r.point()]
    if any(len(clause) > 1 for clause in goal.then):
        return
    at = samples(goal, names)
    claims = [clause[0] for clause in goal.then]
    with np.errstate(all="ignore"):
        inside, fails, touches = look(goal, claims, at)
    goal.arena.work = 0
    if fails.any():
        witness = simplest(goal, names, at, fails) or falsify(goal, search, 300)
        if witness is not None:
            yield "refuted", witness
        return
    used = {op for r in claims for op in operations(goal, r.diff)}
    if all(r.op == "=" for r in claims):
        if inside.any() and used <= ARITHMETIC:
            yield "proved", {"rule": "orthant", "clauses": [{}] * len(claims)}
        return
    arithmetic = used <= ARITHMETIC
    bounded = not any(None in goal.ranges[x][:2] for x in names)
    if not touches and (bounded or not arithmetic) and Part(goal, goal.ranges, 64).token(("n",)) is not None:
        yield "proved", {"rule": "cover", "tree": ["n"]}
        return
    if arithmetic and all(r.op in ("<", "<=") for r in claims):
        yield from by_arithmetic(goal, claims)
        return
    try:
        yield "proved", Cover(1 if touches else 48, most=64).prove(goal, search)
    except Counterexample as found:
        yield "refuted", point_node(found.point)
    except Unproved:
        return


def by_arithmetic(goal: Goal, claims: Sequence[Relation]) -> Iterator[tuple[str, Node]]:
    """Sturm's theorem for one variable; a square; the cone that is exactly the domain, for several."""
    variables = [[x for x in sorted(goal.arena.variables(r.diff)) if not goal.ranges[x].point()] for r in claims]
    several = any(len(names) > 1 for names in variables)
    entries = [{"by": "sturm"} if len(names) == 1 else cone(goal, names, r) for names, r in zip(variables, claims, strict=True)]
    if len(claims) == 1 and (several or claims[0].op == "<=") and not bounded_by_variables(goal):
        node = prove_by_squares(goal, check=False)
        if node is not None:
            yield "proved", node
            return
    if all(entry is not None for entry in entries):
        yield "proved", {"rule": "orthant", "clauses": entries}
    if several and len(claims) == 1 and not bounded_by_variables(goal):
        node = prove_by_weighted_squares(goal, check=False)
        if node is not None:
            yield "proved", node
    if len(claims) == 1 and len(variables[0]) == 1 and not any(variables[0][0] in goal.arena.variables(g.diff) for g in goal.given):
        yield from decide_univariate(goal)


def bounded_by_variables(goal: Goal) -> bool:
    nodes = goal.arena.nodes
    return any(nodes[g.lhs][0] == nodes[g.rhs][0] == "var" for g in goal.given)


def cone(goal: Goal, names: list[str], r: Relation) -> Node | None:
    """The `orthant` entry whose domain is exactly that of the goal, with as few two-sided bounds as there can be.

    Of a homogeneous inequality without upper bounds that are numbers, only the cone over the domain matters: bounds become 0.
    """
    named = {x for g in goal.given for x in goal.arena.variables(g.diff)} & {x for x in goal.ranges if not goal.ranges[x].point()}
    names = sorted({*names, *named}) if named & {*names} and bounded_by_variables(goal) else names
    best: tuple[int, list[list[Any]]] | None = None
    for order in itertools.islice(orders(goal, names), 60):
        if len(order) == len(names) and exact(goal, order):
            two_sided = sum(lo is not None and hi is not None for _, lo, hi in order)
            if best is None or two_sided < best[0]:
                best = two_sided, order
    if best is None:
        return None
    order = best[1]
    if r.op == "<=" and all((lo in goal.ranges or lo is not None) and (hi is None or hi in goal.ranges) for _, lo, hi in order):
        positive = all(lo in goal.ranges or Fraction(lo) > 0 for _, lo, hi in order)
        if positive and degree(goal, r.diff) is not None:
            order = [[x, lo if lo in goal.ranges else 0, hi] for x, lo, hi in order]
    return {"order": order}


def degree(goal: Goal, term: int) -> int | None:
    """The degree of a term that is visibly homogeneous in all its variables; None for others."""
    nodes, known = goal.arena.nodes, dict[int, int | None]()
    for k in goal.arena.schedule(term):
        op, sub, data = nodes[k]
        parts = [known[i] for i in sub]
        if op in ("num", "var"):
            known[k] = int(op == "var")
        elif None in parts:
            known[k] = None
        elif op in ("+", "-"):
            known[k] = parts[0] if parts[0] == parts[1] else None
        else:
            a, b = (parts[0] or 0), (parts[1] or 0) if len(parts) > 1 else 0
            known[k] = a + b if op == "*" else a - b if op == "/" else a * data if op == "^" else None
    return known[term]


def exact(goal: Goal, order: list[list[Any]]) -> bool:
    """Whether the bounds in the order imply the ranges, and every hypothesis that compares two variables."""
    floor: dict[str, Fraction | None] = {}
    ceiling: dict[str, Fraction | None] = {}
    below: dict[str, set[str]] = {x: {x} for x, _, _ in order}  # the variables known to be at most this one
    for x, lo, hi in order:
        floor[x] = None if lo is None else floor[lo] if lo in floor else Fraction(lo)
        ceiling[x] = None if hi is None else ceiling[hi] if hi in ceiling else Fraction(hi)
        if lo in below:
            below[x] |= below[lo]
        if hi in below:
            below[hi] |= below[x]
    for x in floor:
        r, low, high = goal.ranges[x], floor[x], ceiling[x]
        enough = r.hi is None or (high is not None and high <= r.hi) or (high is None and implied_above(goal, order, x, r.hi))
        if not enough or (r.lo is not None and (low is None or low < r.lo)):
            return False
    nodes = goal.arena.nodes
    for g in goal.given:
        a, b = nodes[g.lhs], nodes[g.rhs]
        if a[0] == b[0] == "var" and g.op in ("<", "<=") and a[2] in below and b[2] in below and a[2] not in below[b[2]]:
            return False
    return True


def implied_above(goal: Goal, order: list[list[Any]], x: str, end: Fraction) -> bool:
    """Whether a later variable that lies above x has a bound at most `end`."""
    return any(lo == x and hi is not None and hi not in goal.ranges and Fraction(hi) <= end for _, lo, hi in order)


# --- samples ------------------------------------------------------------------------------------------------------------


@cache
def integer_grid(n: int) -> Floats:
    """Small integer points, an array (n, m), the simplest first; none for many variables."""
    side = {1: range(-12, 13), 2: range(-4, 5), 3: range(-1, 3), 4: range(-1, 2)}.get(n)
    if side is None:
        return np.empty((n, 0))
    grid = np.array(list(itertools.product(side, repeat=n)), dtype=float).T
    return grid[:, np.argsort(np.abs(grid).sum(axis=0) + 0.1 * (grid < 0).sum(axis=0), kind="stable")]


@cache
def uniform(n: int, count: int = 40) -> Floats:
    """Numbers from 0 to 1, an array (n, count), of which a part is exactly 0 or 1; the same in every run."""
    u = np.random.default_rng(n).random((n, count))
    return np.clip((u - CORNER) / (1 - 2 * CORNER), 0.0, 1.0)


def samples(goal: Goal, names: list[str]) -> dict[str, Any]:
    """Points of the box for each variable, an array (m,): small integers first, then ends, and points in between."""
    grid, u = integer_grid(len(names)), uniform(len(names))
    at: dict[str, Any] = {x: np.array([nearest(r.lo or Fraction(0))]) for x, r in goal.ranges.items()} if not names else {}
    at |= {x: nearest(r.lo) for x, r in goal.ranges.items() if r.lo is not None and r.point()}
    for i, x in enumerate(names):
        r = goal.ranges[x]
        if r.lo is not None and r.hi is not None:
            spread = nearest(r.lo) + nearest(r.hi - r.lo) * u[i]
        elif r.lo is not None or r.hi is not None:
            far = u[i] / (1.001 - u[i])
            spread = nearest(r.lo) + far if r.lo is not None else nearest(r.hi or Fraction(0)) - far
        else:
            spread = (2 * u[i] - 1) / (1.002 - np.abs(2 * u[i] - 1))
        at[x] = np.concatenate([grid[i], np.round(spread) if r.integer else spread])
    return at


def look(goal: Goal, claims: Sequence[Relation], at: dict[str, Any]) -> tuple[Any, Any, bool]:
    """Which samples lie in the domain and satisfy the hypotheses, at which of them a claim clearly fails, and whether a claim comes
    close to failing on them."""
    arena = goal.arena
    values: dict[int, Any] = {}
    for k in sorted({k for r in (*goal.given, *claims) for k in arena.schedule(r.diff)}):
        op, sub, data = arena.nodes[k]
        args = [values[i] for i in sub]
        values[k] = at[data] if op == "var" else ARRAYS[op](*args, data) if data is not None else ARRAYS[op](*args)
    size = max((np.size(v) for v in at.values()), default=1)
    inside = np.ones(size, dtype=bool)
    for x, v in at.items():
        r = goal.ranges[x]
        if not r.point():
            if r.lo is not None:
                inside &= v > nearest(r.lo) if r.lo_open else v >= nearest(r.lo)
            if r.hi is not None:
                inside &= v < nearest(r.hi) if r.hi_open else v <= nearest(r.hi)

    def gap(r: Relation) -> Any:
        """lhs - rhs, relative to the size of both."""
        return values[r.diff] / (1 + np.abs(values[r.lhs]) + np.abs(values[r.rhs]))

    for g in goal.given:
        d = gap(g)
        inside = inside & ((d < -CLEAR) if g.op in ("<", "<=") else (np.abs(d) > CLEAR) if g.op == "!=" else (np.abs(d) < CLEAR))
    gaps = [(r.op, gap(r)) for r in claims]
    wrong = [(d > CLEAR) if op in ("<", "<=") else (np.abs(d) > CLEAR) if op == "=" else (d == 0) for op, d in gaps]
    fails = inside & reduce(np.logical_or, wrong)
    touches = any(bool(np.any(inside & (d > -1e-9))) for op, d in gaps if op in ("<", "<="))
    return inside, fails, touches


def simplest(goal: Goal, names: list[str], at: dict[str, Any], fails: Any) -> Node | None:
    """The counterexample among the samples that is the simplest, made simpler still where it is not made of small integers."""
    columns = np.flatnonzero(fails)
    fixed = {x: r.lo for x, r in goal.ranges.items() if r.lo is not None and r.point()}
    for j in columns[:3].tolist():
        point = {x: fixed[x] if x in fixed else nearby(goal, x, float(at[x][j])) for x in goal.ranges}
        if all(q_in(goal.ranges[x], q) for x, q in point.items()) and violates(goal, point):
            if cost(point)[0] > 3 * len(names):
                point = simplify(goal, point)
            return point_node(point)
    return None


def point_node(point: Mapping[str, Fraction]) -> Node:
    """The certificate node of a counterexample."""
    return {"rule": "point", "at": {x: str(q) for x, q in point.items()}}


def nearby(goal: Goal, x: str, value: float) -> Fraction:
    """A short fraction near a sample, or the end of the range that the sample stands for."""
    r = goal.ranges[x]
    for end in (r.lo, r.hi):
        if end is not None and nearest(end) == value:
            return end
    near = Fraction(value).limit_denominator(1000)
    return near if q_in(r, near) else Fraction(value)
