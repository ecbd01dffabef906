"""Sums of squares: a polynomial that is visibly a square, a quadratic form that a rational decomposition makes a sum of squares, or, for
variables that are not negative, a sum of monomials times squares of differences of monomials."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ..kernel.rules import Goal, Range, read_relation
from ..language import from_json, from_sympy, to_sympy
from .strategy import Node, proves, term_json


def prove_by_squares(goal: Goal) -> Node | None:
    """A proof of the one conclusion d <= 0 (or d < 0) from -d = c_0 + c_1 u_1^2 + ... + c_n u_n^2 with all c_i >= 0, or None."""
    if len(goal.then) != 1 or len(goal.then[0]) != 1 or goal.then[0][0].op not in ("<", "<="):
        return None
    try:
        target = sympy.expand(-to_sympy(from_json(term_json(goal, goal.then[0][0].diff))))
        order, outer = signed_factor(goal, target)
        terms = decompose(target if outer == 1 else sympy.cancel(target / outer))
        if terms is None:
            return None
        facts: list[Any] = [["<=", 0, ["^", from_sympy(u).json, 2]] for _, u in terms]
        use = [[len(goal.given) + i, from_sympy(c * outer).json] for i, (c, _) in enumerate(terms)]
    except (sympy.PolynomialError, ValueError, NotImplementedError, TypeError):
        return None
    node: Node = {"rule": "orthant", "clauses": [{"use": use, **({"order": order} if order else {})}]}
    for fact in reversed(facts):
        read_relation(goal.arena, fact, goal.names)
        node = {"rule": "have", "fact": fact, "proof": {"rule": "cover", "tree": ["n"]}, "then": node}
    return node if proves(goal, node) else None


def signed_factor(goal: Goal, p: sympy.Expr) -> tuple[list[Any], sympy.Expr]:
    """What `orthant` needs to know of the variables that divide p to an odd power and have one sign, and their product, made >= 0."""
    names = sorted(p.free_symbols, key=str)
    order, outer = list[Any](), sympy.Integer(1)
    monomials = sympy.Poly(p, *names).monoms() if names and p.is_polynomial(*names) else []
    for f, *powers in zip(names, *monomials, strict=True):
        r = goal.ranges[str(f)] if powers and min(powers) % 2 else Range()
        if r.lo is not None and r.lo >= 0:
            order, outer = [*order, [str(f), "0", None]], outer * f
        elif r.hi is not None and r.hi <= 0:
            order, outer = [*order, [str(f), None, "0"]], -outer * f
    return order, outer


def decompose(p: sympy.Expr) -> list[tuple[sympy.Rational, sympy.Expr]] | None:
    """Pairs (c, u) with c > 0 such that p minus the sum of the c u^2 is a constant >= 0; None where neither way is found."""
    names = sorted(p.free_symbols, key=str)
    if not names or not p.is_polynomial(*names) or sympy.Poly(p, *names).total_degree() > 12:
        return None
    scale, factors = sympy.factor_list(p)
    if scale > 0 and all(k % 2 == 0 for _, k in factors):
        return [(scale, sympy.prod(f ** (k // 2) for f, k in factors))]
    if sympy.Poly(p, *names).total_degree() != 2:
        return None
    pairs = []
    for x in names:  # complete the square in one variable after the other
        a, b = sympy.Poly(p, x).coeff_monomial(x**2), sympy.Poly(p, x).coeff_monomial(x)
        if a == 0 and b == 0:
            continue
        if not a.is_Rational or a <= 0:
            return None
        u = x + b / (2 * a)
        pairs.append((a, sympy.expand(u)))
        p = sympy.expand(p - a * u**2)
    return pairs if p.is_Rational and p >= 0 else None


Exponents = tuple[int, ...]


def prove_by_weighted_squares(goal: Goal) -> Node | None:
    """A proof of d <= 0 from -d = sum of c m (u - v)^2 plus monomials, all c >= 0, with monomials m, u, v of variables >= 0; or None."""
    if len(goal.then) != 1 or len(goal.then[0]) != 1 or goal.then[0][0].op != "<=":
        return None
    names = sorted(x for x in goal.arena.variables(goal.then[0][0].diff) if not goal.ranges[x].point())
    if not 2 <= len(names) <= 4 or any((lo := goal.ranges[x].lo) is None or lo < 0 for x in names):
        return None
    try:
        expression = -to_sympy(from_json(term_json(goal, goal.then[0][0].diff)))
        symbols = {str(x): x for x in expression.free_symbols}
        p = sympy.Poly(expression, *(symbols[x] for x in names))
    except (sympy.PolynomialError, ValueError, NotImplementedError, TypeError, KeyError):
        return None
    if p.total_degree() > 6 or len(symbols) != len(names) or p.is_zero:
        return None
    target = {m: Fraction(int(c.p), int(c.q)) for m, c in p.terms() if c.is_Rational}
    weights = weighted_squares(target)
    if not weights:
        return None
    squares = list(dict.fromkeys((u, v) for _, (_, u, v) in weights))
    facts = [["<=", 0, ["^", ["-", _monomial(u, names), _monomial(v, names)], 2]] for u, v in squares]
    use = []
    for i, square in enumerate(squares):
        terms = [["*", str(c), _monomial(m, names)] for c, (m, *pair) in weights if tuple(pair) == square]
        use.append([len(goal.given) + i, terms[0] if len(terms) == 1 else ["+", *terms]])
    node: Node = {"rule": "orthant", "clauses": [{"order": [[x, 0, None] for x in names], "use": use}]}
    for fact in reversed(facts):
        node = {"rule": "have", "fact": fact, "proof": {"rule": "cover", "tree": ["n"]}, "then": node}
    return node if proves(goal, node) else None


def _monomial(m: Exponents, names: list[str]) -> Any:
    parts = [["^", x, e] if e > 1 else x for x, e in zip(names, m, strict=True) if e]
    return 1 if not parts else parts[0] if len(parts) == 1 else ["*", *parts]


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
