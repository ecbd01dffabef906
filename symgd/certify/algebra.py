"""Search for `orthant`, `identity` and `sturm` proofs: which bounds, which order of the variables, which multipliers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ..kernel.rules import Goal, Relation
from ..language import from_json, from_sympy, to_sympy
from .strategy import Node, Search, proves, term_json

Entry = dict[str, Any]
TRANSCENDENTAL = {"exp", "log", "sin", "cos", "atan", "tanh", "pow"}
Samples = dict[str, NDArray[np.float64]]


def prove_by_algebra(goal: Goal, search: Search, limit: int = 400) -> Node | None:
    """A node of polynomial arithmetic, by an orthant or Sturm's theorem, that proves every clause of the goal; or None."""
    hopeless = any(not any(algebraic(goal, r.diff) for r in clause) for clause in goal.then)
    if hopeless and not any(algebraic(goal, g.diff) for g in goal.given):
        return None
    entries = []
    for i, clause in enumerate(goal.then):
        entry = clause_entry(goal, i, clause, search, limit)
        if entry is None:
            return None
        entries.append(entry)
    return {"rule": "orthant", "clauses": entries}


def clause_entry(goal: Goal, i: int, clause: tuple[Relation, ...], search: Search, limit: int) -> Entry | None:
    alone = replace(goal, then=(clause,))
    key = ("entry", i, tuple(sorted(x for x, r in goal.ranges.items() if not r.point())), len(goal.given))
    remembered = search.memory.setdefault(key, [])
    for entry in remembered:
        if works(alone, entry):
            return dict(entry)
    samples = sample_points(goal)
    univariate = sum(not r.point() for r in goal.ranges.values()) == 1
    if univariate:  # a plain orthant is cheapest to check, Sturm's theorem decides; the rest is for bounds that touch
        plain = itertools.islice(candidates(goal, clause, samples), 4)
        by_sturm = ({"by": "sturm", "pick": pick} if pick else {"by": "sturm"} for pick, r in enumerate(clause) if r.op != "=")
        for entry in itertools.chain(plain, by_sturm):
            if works(alone, entry):
                return entry
    for k, g in enumerate(goal.given):
        names = [x for x in goal.arena.variables(g.diff) if not goal.ranges[x].point()]
        order = next(orders(goal, names), [])
        for entry in ({"absurd": k, "by": "sturm"}, {"absurd": k, "order": order}):
            if len(names) < 3 and works(alone, entry):
                return entry
    for entry in itertools.islice(candidates(goal, clause, samples), 8 if univariate else limit):
        search.tick()
        if works(alone, entry):
            remembered.insert(0, entry)
            return entry
    return None


def algebraic(goal: Goal, term: int) -> bool:
    """Whether no exp, log and the like of a variable is part of the term."""
    arena = goal.arena
    return not any(arena.nodes[k][0] in TRANSCENDENTAL and arena.variables(k) for k in arena.schedule(term))


def works(goal: Goal, entry: Entry) -> bool:
    return proves(goal, {"rule": "orthant", "clauses": [entry]})


def candidates(goal: Goal, clause: tuple[Relation, ...], samples: Samples) -> Iterator[Entry]:
    """Entries in the order of their promise: no multipliers first, then hypotheses as multipliers."""
    arena = goal.arena
    equations = [k for k, g in enumerate(goal.given) if g.op == "="]
    others = [k for k, g in enumerate(goal.given) if g.op in ("<", "<=")]
    for pick, r in enumerate(clause):
        base: Entry = {"pick": pick} if pick else {}
        uses: list[list[list[Any]]] = [[]]
        if r.op == "=" and not equations:
            yield base  # an identity needs no domain, if it needs no signs
        if equations:
            cofactors = reduction(goal, r, equations)
            if cofactors:
                yield {**base, "use": cofactors}
            uses = ([cofactors] if cofactors else []) + uses
        free = sorted(x for x in arena.variables(r.diff) if not goal.ranges[x].point())
        positive = [x for x, r in sorted(goal.ranges.items()) if r.lo is not None and (r.lo > 0 or (r.lo == 0 and r.lo_open))]
        multipliers = [1, *free, 2, *(["/", 1, x] for x in positive), *gaps(goal, free)]
        combos = [[[k, m]] for k in others for m in multipliers]
        pairs = [[[k, 1], [j, 1]] for k in others for j in others if k < j]
        reduced = [uses[0] + combo for combo in combos] if uses[0] else []
        for use in uses if r.op == "=" else [*uses, *combos, *reduced, *pairs]:
            names = sorted({x for k, _ in use for x in arena.variables(goal.given[k].diff)} | set(free))
            entry = base if not use else {**base, "use": use}
            for order in orders(goal, [x for x in names if not goal.ranges[x].point()]):
                if plausible(goal, r, use, order, samples):
                    yield {**entry, "order": order}
                    if r.op == "!=":
                        yield {**entry, "order": order, "flip": True}


def gaps(goal: Goal, free: list[str]) -> list[Any]:
    """Nonnegative differences between a variable and its bounds, as multipliers."""
    out: list[Any] = []
    for x in free:
        r = goal.ranges[x]
        if r.hi is not None:
            out += [["-", x]] * (r.hi <= 0) + [["-", _rational(r.hi), x]] * (r.hi != 0)
        if r.lo is not None and r.lo != 0:
            out.append(["-", x, _rational(r.lo)])
    for g in goal.given:
        a, b = goal.arena.nodes[g.lhs], goal.arena.nodes[g.rhs]
        if a[0] == b[0] == "var" and g.op in ("<", "<="):
            out.append(["-", b[2], a[2]])
    return out


def orders(goal: Goal, names: list[str]) -> Iterator[list[list[Any]]]:
    """Orders of the variables with lower and upper bounds from ranges and hypotheses, the tightest first."""
    nodes = goal.arena.nodes
    lower: dict[str, list[Any]] = {x: [] for x in names}
    upper: dict[str, list[Any]] = {x: [] for x in names}
    for g in goal.given:
        a, b = nodes[g.lhs], nodes[g.rhs]
        if a[0] == b[0] == "var" and g.op in ("<", "<=", "="):
            if b[2] in lower and a[2] in goal.ranges:
                lower[b[2]].append(a[2])
            if a[2] in upper and b[2] in goal.ranges:
                upper[a[2]].append(b[2])
    for x in names:
        r = goal.ranges[x]
        if r.lo is not None:
            lower[x] += [_rational(r.lo)] + ([0] if r.lo > 0 else [])
        if r.hi is not None:
            upper[x] += [_rational(r.hi)] + ([0] if r.hi < 0 else [])
    permutations: Any = itertools.permutations(names) if len(names) <= 4 else [tuple(names), tuple(reversed(names))]
    for permutation in permutations:
        options = []
        for i, x in enumerate(permutation):
            earlier = permutation[:i]
            lows = [b for b in lower[x] if not isinstance(b, str) or b in earlier or b.lstrip("-")[0].isdigit()] + [None]
            highs = [b for b in upper[x] if not isinstance(b, str) or b in earlier or b.lstrip("-")[0].isdigit()] + [None]
            choices = [[x, lo, hi] for lo in lows for hi in highs if not (lo is None and hi is None)]
            options += [choices] if choices else []  # a variable without bounds must cancel
        yield from (list(order) for order in itertools.product(*options))


def _rational(q: Fraction) -> Any:
    return int(q) if q.denominator == 1 else str(q)


def reduction(goal: Goal, r: Relation, equations: list[int]) -> list[list[Any]]:
    """Multipliers of the equations that reduce the relation's difference, by polynomial division.

    Variables that few equations share come first, so that `w1 = w, w2 = w, ...` eliminates w1, w2, ...
    """
    try:
        target, bottom = sympy.fraction(sympy.together(to_sympy(from_json(term_json(goal, r.diff)))))
        rules = [to_sympy(from_json(term_json(goal, goal.given[k].diff))) for k in equations]
        nodes = goal.arena.nodes
        defined = {nodes[k][2] for i in equations for k in (goal.given[i].lhs, goal.given[i].rhs) if nodes[k][0] == "var"}
        used = set().union(target.free_symbols, *(u.free_symbols for u in rules))
        shared = {x: sum(x in u.free_symbols for u in rules) or 99 for x in used}
        symbols = sorted(used, key=lambda x: (shared[x], x.name not in defined, x.name))
        last_first = sorted(sorted(used, key=lambda x: x.name, reverse=True), key=lambda x: shared[x])
        for gens in (symbols, symbols[::-1], last_first):
            for order in ("lex", "grevlex"):
                quotients, rest = sympy.reduced(target, rules, *gens, order=order)
                if rest == 0 or r.op != "=":
                    return [[k, from_sympy(q / bottom).json] for k, q in zip(equations, quotients, strict=True) if q != 0]
    except (sympy.polys.polyerrors.BasePolynomialError, ZeroDivisionError, ValueError, NotImplementedError):
        pass
    return []


# --- a float screen, so that hopeless parametrisations cost nothing --------------------------------------------------


def nearest(q: Fraction) -> float:
    """A float near the number, and a huge one for a number beyond the floats."""
    try:
        return float(q)
    except OverflowError:
        return 1e300 if q > 0 else -1e300


def sample_points(goal: Goal, count: int = 60) -> Samples:
    """Float points spread over the ranges and beyond them, an array (count,) for each variable; they only decide what is tried first."""
    rng = np.random.default_rng(0)
    points = {}
    for x, r in goal.ranges.items():
        if r.lo is not None and r.point():
            points[x] = np.full(count, nearest(r.lo))
            continue
        sizes = np.array([0.0, 0.03, 0.3, 0.9, 1.0, 1.1, 2.0, 5.0, 40.0])[rng.integers(0, 9, count)]
        points[x] = rng.choice([-1.0, 1.0], count) * sizes * rng.uniform(0.8, 1.2, count)
        if r.lo is not None:
            width = nearest(r.hi - r.lo) if r.hi is not None else 3.0
            inside = nearest(r.lo) + width * rng.random(count) ** rng.choice([1.0, 3.0], count)
            points[x] = np.where(rng.random(count) < 0.7, inside, points[x])
    return points


def plausible(goal: Goal, r: Relation, use: list[list[Any]], order: list[list[Any]], samples: Samples) -> bool:
    """Whether no sample point in the (possibly enlarged) domain of this order shows the inequality to be false."""
    if r.op in ("=", "!="):
        return True

    def bound(b: Any) -> Any:
        return samples[b] if isinstance(b, str) and b in samples else nearest(Fraction(b))

    with np.errstate(all="ignore"):
        d = float_values(goal, r.diff, samples)
        for k, m in use:
            factor = multiplier_value(m, samples)
            if factor is None:
                return True
            d = d - factor * float_values(goal, goal.given[k].diff, samples)
        bad = np.isfinite(d) & (d > 1e-7 * np.maximum(1.0, np.abs(d)))
        for x, lo, hi in order:
            bad = bad & (lo is None or bound(lo) <= samples[x]) & (hi is None or samples[x] <= bound(hi))
    return not np.any(bad)


def multiplier_value(m: Any, samples: Samples) -> Any:
    """The values of a short multiplier such as 2, x, 1/x or hi - x; None for the long ones that reduction finds."""
    if isinstance(m, list) and len(m) <= 3 and m[0] in ("-", "/"):
        parts = [multiplier_value(a, samples) for a in m[1:]]
        if any(part is None for part in parts):
            return None
        return -parts[0] if len(parts) == 1 else np.subtract(*parts) if m[0] == "-" else np.divide(*parts)
    if isinstance(m, str) and m in samples:
        return samples[m]
    return None if isinstance(m, list) else nearest(Fraction(m))


ARRAYS: dict[str, Any] = {
    "num": lambda q: nearest(q),
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": lambda a, n: np.power(np.asarray(a, dtype=float), float(n)),
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "atan": np.arctan,
    "max": np.maximum,
    "pow": lambda a, q: np.power(np.asarray(a, dtype=float), float(Fraction(q))),
}


def float_values(goal: Goal, root: int, samples: Samples) -> Any:
    """The values of a term at many float points: an array, or a number for a constant; not a number where it has none."""
    try:
        return goal.arena.fold(root, {**ARRAYS, "var": samples.__getitem__}, {})
    except OverflowError:  # a constant beyond the floats rules nothing out
        return float("nan")


def float_value(goal: Goal, root: int, point: dict[str, float]) -> float | None:
    """The value in floats, or None where it does not exist."""
    ops: dict[str, Callable[..., Any]] = {
        "num": float,
        "var": point.__getitem__,
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "^": lambda a, n: a**n,
        "sqrt": math.sqrt,
        "abs": abs,
        "sign": lambda a: float((a > 0) - (a < 0)),
        "exp": math.exp,
        "log": math.log,
        "sin": math.sin,
        "cos": math.cos,
        "tanh": math.tanh,
        "atan": math.atan,
        "max": max,
        "min": min,
        "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
        "softplus": lambda a: max(a, 0.0) + math.log1p(math.exp(-abs(a))),
        "relu": lambda a: max(a, 0.0),
        "pow": lambda a, q: a ** float(Fraction(q)),
    }
    try:
        value = goal.arena.fold(root, ops, {})
    except (ArithmeticError, ValueError, KeyError):
        return None
    return value if isinstance(value, float) and math.isfinite(value) else None
