"""Sums of squares: a polynomial that is visibly a square, a quadratic form that a rational decomposition makes a sum of squares, or, for
variables that are not negative, a sum of monomials times squares of differences of monomials."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernel.rules import Goal, Range, read_relation
from ..kernel.terms import Poly, Reject, Ring, Undefined
from .polynomials import ROOTS, monomial_json, negative, operations, poly_json, quotient, rational_json
from .strategy import Node, nonnegative, proves


def prove_by_squares(goal: Goal, check: bool = True) -> Node | None:
    """A proof of the one conclusion d <= 0 (or d < 0) from -d = m (c_0 + c_1 u_1^2 + ... + c_n u_n^2) with all c_i >= 0 and a factor
    m = x y .../(denominator) >= 0, or None. Without `check`, the proof is only likely."""
    if len(goal.then) != 1 or len(goal.then[0]) != 1 or goal.then[0][0].op not in ("<", "<="):
        return None
    parts = quotient(goal, goal.then[0][0].diff)
    if parts is None or not parts[0]:
        return None
    names, num, den = parts
    try:
        order, sign, outer, target = signed_factor(goal, names, negative(num))
        terms = decompose(target, Ring(len(names), goal.arena.spend))
    except (Undefined, Reject):
        return None
    finally:
        goal.arena.work = 0
    if terms is None:
        return None
    facts: list[Any] = [["<=", 0, ["^", poly_json(u, names), 2]] for _, u in terms]
    below = None if set(den) == {(0,) * len(names)} else poly_json(den, names)
    if below is not None or operations(goal, goal.then[0][0].diff) & ROOTS:
        order = nonnegative(goal, "")  # the divisor and the sign of roots have to be certain
    scale = Fraction(1) if below is not None else 1 / Fraction(*_ratio(den[(0,) * len(names)]))
    use = []
    for i, (c, _) in enumerate(terms):
        m: Any = rational_json(c * scale * sign)
        if outer:
            m = ["*", m, *outer]
        use.append([len(goal.given) + i, m if below is None else ["/", m, below]])
    node: Node = {"rule": "orthant", "clauses": [{"use": use, **({"order": order} if order else {})}]}
    for fact in reversed(facts):
        read_relation(goal.arena, fact, goal.names)
        node = {"rule": "have", "fact": fact, "proof": {"rule": "cover", "tree": ["n"]}, "then": node}
    return node if not check or proves(goal, node) else None


def _ratio(q: Any) -> tuple[int, int]:
    return q.numerator, q.denominator


def signed_factor(goal: Goal, names: list[str], p: Poly) -> tuple[list[Any], int, list[str], Poly]:
    """The variables that divide p to an odd power and have one sign: what `orthant` needs to know of them, the sign of their product,
    their names, and p without them."""
    order, sign, outer = list[Any](), 1, list[str]()
    for i, x in enumerate(names):
        r = goal.ranges[x] if p and min(m[i] for m in p) % 2 else Range()
        if r.lo is not None and r.lo >= 0:
            order = [*order, [x, "0", None]]
        elif r.hi is not None and r.hi <= 0:
            order, sign = [*order, [x, None, "0"]], -sign
        else:
            continue
        outer = [*outer, x]
        p = {(*m[:i], m[i] - 1, *m[i + 1 :]): q for m, q in p.items()}
    return order, sign, outer, {m: q * sign for m, q in p.items()}


def decompose(p: Poly, ring: Ring) -> list[tuple[Fraction, Poly]] | None:
    """Pairs (c, u) with c > 0 such that p minus the sum of the c u^2 is a constant >= 0; None where neither way is found."""
    degree = max(map(sum, p), default=0)
    lead = Fraction(*_ratio(p[max(p)])) if p else Fraction(0)
    if degree > 12 or lead <= 0:
        return None
    if all(e % 2 == 0 for e in max(p)):
        try:
            return [(lead, ring.root({m: q / lead for m, q in p.items()}))]
        except Undefined:
            pass
    return complete_squares(p, ring) if degree == 2 else None


def complete_squares(p: Poly, ring: Ring) -> list[tuple[Fraction, Poly]] | None:
    """The squares that a polynomial of degree two is made of, one variable after the other; None if it takes negative values."""
    pairs = []
    for i in range(ring.arity):
        x = ring.generator(i)
        square = tuple(2 * e for e in next(iter(x)))
        a = Fraction(*_ratio(p.get(square, 0)))
        half = {(*m[:i], 0, *m[i + 1 :]): q / (2 * a) for m, q in p.items() if m[i] == 1} if a else {}
        if a == 0 and not any(m[i] for m in p):
            continue
        if a <= 0:
            return None
        u = ring.add(x, half)
        pairs.append((a, u))
        p = ring.add(p, ring.mul(u, u), -a)
    return pairs if all(q >= 0 and not any(m) for m, q in p.items()) else None


Exponents = tuple[int, ...]


def prove_by_weighted_squares(goal: Goal, check: bool = True) -> Node | None:
    """A proof of d <= 0 from -d = sum of c m (u - v)^2 plus monomials, all c >= 0, with monomials m, u, v of variables >= 0; or None.
    Without `check`, the proof is only likely."""
    if len(goal.then) != 1 or len(goal.then[0]) != 1 or goal.then[0][0].op != "<=":
        return None
    names = sorted(x for x in goal.arena.variables(goal.then[0][0].diff) if not goal.ranges[x].point())
    if not 2 <= len(names) <= 4 or any((lo := goal.ranges[x].lo) is None or lo < 0 for x in names):
        return None
    parts = quotient(goal, goal.then[0][0].diff)
    if parts is None:
        return None
    _, num, den = parts
    if set(den) != {(0,) * len(names)} or not num or max(map(sum, num)) > 6:
        return None
    target = {m: Fraction(*_ratio(-q)) / Fraction(*_ratio(den[(0,) * len(names)])) for m, q in num.items()}
    weights = weighted_squares(target)
    if not weights:
        return None
    squares = list(dict.fromkeys((u, v) for _, (_, u, v) in weights))
    facts = [["<=", 0, ["^", ["-", monomial_json(u, names), monomial_json(v, names)], 2]] for u, v in squares]
    use = []
    for i, square in enumerate(squares):
        terms = [["*", str(c), monomial_json(m, names)] for c, (m, *pair) in weights if tuple(pair) == square]
        use.append([len(goal.given) + i, terms[0] if len(terms) == 1 else ["+", *terms]])
    node: Node = {"rule": "orthant", "clauses": [{"order": [[x, 0, None] for x in names], "use": use}]}
    for fact in reversed(facts):
        node = {"rule": "have", "fact": fact, "proof": {"rule": "cover", "tree": ["n"]}, "then": node}
    return node if not check or proves(goal, node) else None


def weighted_squares(p: dict[Exponents, Fraction], limit: int = 1_500) -> list[tuple[Fraction, tuple[Exponents, Exponents, Exponents]]]:
    """Weights c > 0 and (m, u, v) for which p minus the sum of c m (u - v)^2 has no negative coefficient; empty if none are found.

    Found by nonnegative least squares over products m u v of the degrees that p subtracts, then rounded; the caller checks it exactly.
    """
    degrees = {sum(m) for m, c in p.items() if c < 0}
    top = [max(m[i] for m in p) for i in range(len(next(iter(p))))]  # exponents beyond those of p would not cancel
    columns: list[tuple[Exponents, Exponents, Exponents]] = []
    for whole in (m for m in itertools.product(*(range(e + 1) for e in top)) if sum(m) in degrees):
        for u in itertools.product(*(range(e + 1) for e in whole)):
            rest = tuple(e - f for e, f in zip(whole, u, strict=True))
            for v in itertools.product(*(range(e + 1) for e in rest)):
                if u > v and not any(a and b for a, b in zip(u, v, strict=True)):
                    columns.append((tuple(a - b for a, b in zip(rest, v, strict=True)), u, v))
    if not columns or len(columns) > limit:
        return []
    products = [_spread(c) for c in columns]
    rows = sorted(set(p).union(*products))
    place = {m: i for i, m in enumerate(rows)}
    a = np.zeros((len(rows), len(columns) + len(rows)))
    for j, spread in enumerate(products):
        for m, q in spread.items():
            a[place[m], j] += q
    a[:, len(columns) :] = np.eye(len(rows))
    weights = nonnegative_least_squares(a, np.array([float(p.get(m, 0)) for m in rows]))
    rounded = [(Fraction(float(w)).limit_denominator(60), c) for w, c in zip(weights, columns, strict=False)]
    return [(w, c) for w, c in rounded if w > 0]


def _spread(column: tuple[Exponents, Exponents, Exponents]) -> dict[Exponents, int]:
    """The coefficients of m (u - v)^2."""
    m, u, v = column
    out: dict[Exponents, int] = {}
    for q, x, y in ((1, u, u), (-2, u, v), (1, v, v)):
        k = tuple(map(sum, zip(m, x, y, strict=True)))
        out[k] = out.get(k, 0) + q
    return out


def nonnegative_least_squares(a: NDArray[np.float64], b: NDArray[np.float64], rounds: int = 200) -> NDArray[np.float64]:
    """An approximate x >= 0 that minimises the norm of a x - b: arrays (m, n), (m,) to (n,).

    Source: Lawson and Hanson, Solving Least Squares Problems, chapter 23.
    """
    n = a.shape[1]
    x, active = np.zeros(n), np.zeros(n, dtype=bool)
    for _ in range(rounds):
        gradient = a.T @ (b - a @ x)
        gradient[active] = -np.inf
        j = int(np.argmax(gradient))
        if gradient[j] < 1e-9:
            break
        active[j] = True
        while True:
            trial = np.zeros(n)
            trial[active] = np.linalg.lstsq(a[:, active], b, rcond=None)[0]
            low = active & (trial <= 1e-12)
            if not low.any():
                break
            with np.errstate(divide="ignore", invalid="ignore"):
                step = float(np.min(np.where(low, x / (x - trial), np.inf)))
            x = x + (step if np.isfinite(step) else 0.0) * (trial - x)
            active &= x > 1e-12
            if not active.any():
                break
        x = np.where(active, trial, 0.0)
    return x
