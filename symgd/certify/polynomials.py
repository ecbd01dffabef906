"""Polynomials as the kernel writes them, {exponents: coefficient}, for searches that cannot wait for computer algebra."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from ..kernel.rules import Goal
from ..kernel.terms import Poly, Reject, Ring, Undefined

ARITHMETIC = {"num", "var", "+", "-", "*", "/", "^"}
ROOTS = {"sqrt", "abs"}


def operations(goal: Goal, term: int) -> set[str]:
    """The operations that the term is made of."""
    return {goal.arena.nodes[k][0] for k in goal.arena.schedule(term)}


def quotient(goal: Goal, term: int) -> tuple[list[str], Poly, Poly] | None:
    """The variables of a term that are not fixed, and polynomials in them with term = numerator/denominator; None where the term
    is not made of arithmetic, or of roots and absolute values of what has one sign on an orthant, or too large. Divisors are taken to be
    nonzero: the kernel has the last word."""
    if not operations(goal, term) <= ARITHMETIC | ROOTS:
        return None
    names = sorted(x for x in goal.arena.variables(term) if not goal.ranges[x].point())
    ring = Ring(len(names), goal.arena.spend)
    free = {x: ring.generator(i) for i, x in enumerate(names)}
    leaves = {x: free[x] if x in free else ring.constant(goal.ranges[x].lo or 0) for x in goal.arena.variables(term)}
    try:
        num, den = ring.normal_form(goal.arena, term, leaves, lambda f: {sign(goal, names, f) or -1, sign(goal, names, f) or 1})
    except (Undefined, Reject):
        return None
    finally:
        goal.arena.work = 0
    return names, num, den


def sign(goal: Goal, names: list[str], f: Poly) -> int:
    """The sign that the signs of the variables give to all terms of the polynomial; 0 where they do not agree."""
    signs = []
    for x in names:
        r = goal.ranges[x]
        signs.append(1 if r.lo is not None and r.lo >= 0 else -1 if r.hi is not None and r.hi <= 0 else 0)
    found = set()
    for m, q in f.items():
        s = 1 if q > 0 else -1
        for e, t in zip(m, signs, strict=True):
            s *= t if e % 2 else 1
        found.add(s)
    return found.pop() if len(found) == 1 else 0


def negative(f: Poly) -> Poly:
    return {m: -q for m, q in f.items()}


def poly_json(f: Poly, names: list[str]) -> Any:
    """The polynomial as a term in JSON."""
    terms = [_term(q, m, names) for m, q in sorted(f.items(), reverse=True)]
    return 0 if not terms else terms[0] if len(terms) == 1 else ["+", *terms]


def monomial_json(m: tuple[int, ...], names: list[str]) -> Any:
    parts = [["^", x, e] if e > 1 else x for x, e in zip(names, m, strict=True) if e]
    return 1 if not parts else parts[0] if len(parts) == 1 else ["*", *parts]


def _term(q: Any, m: tuple[int, ...], names: list[str]) -> Any:
    if not any(m):
        return rational_json(q)
    return monomial_json(m, names) if q == 1 else ["*", rational_json(q), monomial_json(m, names)]


def rational_json(q: Fraction | int) -> Any:
    return int(q) if q.denominator == 1 else str(q)


def degree(f: Poly) -> int:
    return max(map(sum, f), default=0)


def within(f: Poly, chosen: Sequence[int]) -> int:
    """The degree in some of the variables."""
    return max((sum(m[i] for i in chosen) for m in f), default=0)


def apart(f: Poly, chosen: Sequence[int]) -> int:
    """The degree in the others."""
    return max((sum(m) - sum(m[i] for i in chosen) for m in f), default=0)


def times(u: Poly, v: Poly) -> Poly:
    """The product with a monomial."""
    ((n, r),) = v.items()
    return {tuple(i + j for i, j in zip(m, n, strict=True)): q * r for m, q in u.items()}


def largest(f: Poly) -> Fraction:
    """The largest absolute value of a coefficient."""
    return max(abs(Fraction(q)) for q in f.values())


def divided(f: Poly, c: Any) -> Poly:
    return {m: Fraction(q) / Fraction(c) for m, q in f.items()}


def lift(f: Poly, names: Sequence[str], order: Sequence[str]) -> Poly:
    """The same polynomial in more variables."""
    place = [order.index(x) for x in names]
    out: Poly = {}
    for m, q in f.items():
        new = [0] * len(order)
        for i, e in zip(place, m, strict=True):
            new[i] = e
        out[tuple(new)] = q
    return out


def combined(basis: Sequence[Poly], row: Sequence[Fraction]) -> Poly:
    out: Poly = {}
    for c, u in zip(row, basis, strict=True):
        for m, q in u.items() if c else ():
            out[m] = out.get(m, Fraction(0)) + c * q
    return {m: q for m, q in out.items() if q}


def content(f: Poly) -> Fraction:
    """The number by which to divide for coprime integer coefficients."""
    qs = [Fraction(q) for q in f.values()]
    return Fraction(gcd(*(q.numerator for q in qs)), lcm(*(q.denominator for q in qs)))
