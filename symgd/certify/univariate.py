"""Rational inequalities in one variable that Sturm's theorem alone does not settle: the sides touch, or the claim is false."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np

from ..kernel.rules import Goal, Range, divide, exactly
from ..kernel.terms import Poly
from .polynomials import poly_json, quotient
from .strategy import Node

Coefficients = list[Fraction]  # from the constant one up
STURM: Node = {"rule": "orthant", "clauses": [{"by": "sturm"}]}


def decide_univariate(goal: Goal) -> Iterator[tuple[str, Node]]:
    """Verdicts with certificate nodes for a goal whose one conclusion is a rational inequality in one variable: a point between the
    zeros, a split at rational points where the sides touch, or a square times a factor whose sign Sturm's theorem tells."""
    r = goal.then[0][0]
    parts = quotient(goal, r.diff)
    if len(goal.then) != 1 or len(goal.then[0]) != 1 or r.op not in ("<", "<=") or parts is None or len(parts[0]) != 1:
        return
    (x,), num, den = parts
    f, domain = product(dense(num), dense(den)), goal.ranges[x]
    if not any(f):  # the sides are equal, which plain algebra sees
        return
    zeros = approximate_zeros(f)
    for trial in between(zeros, domain):
        if value(f, trial) > 0:
            yield "refuted", point(goal, x, shorter(f, trial, domain))
            return
    rational = [q for z in zeros if (q := rational_zero(f, z)) is not None]
    touching = [q for q in rational if exactly(q).within(domain)]
    if touching and r.op == "<":
        yield "refuted", point(goal, x, min(touching, key=lambda q: (q.denominator, abs(q))))
        return
    inside = [q for q in sorted(set(touching)) if q not in (domain.lo, domain.hi)]
    if r.op == "<=" and inside:
        yield "proved", split(x, inside, domain)
    elif r.op == "<=":
        root, rest = square_part(dense(num))
        if len(root) > 1:
            factor = ["/", poly_json(sparse([-q for q in rest]), [x]), poly_json(den, [x])]
            fact = ["<=", 0, ["^", poly_json(sparse(root), [x]), 2]]
            use = {"rule": "orthant", "clauses": [{"by": "sturm", "use": [[len(goal.given), factor]]}]}
            yield "proved", {"rule": "have", "fact": fact, "proof": {"rule": "cover", "tree": ["n"]}, "then": use}


def split(x: str, at: list[Fraction], domain: Range) -> Node:
    """Sturm's theorem between the points, exact values at the points."""
    tree: list[object] = []
    for q in at:
        tree += [[x, str(q)], *([STURM] if not domain.meet(None, q, hi_open=True).empty() else []), "d"]
    return {"rule": "cover", "tree": [*tree, *([STURM] if not domain.meet(at[-1], None, lo_open=True).empty() else [])]}


def point(goal: Goal, x: str, q: Fraction) -> Node:
    fixed = {y: str(r.lo if r.lo is not None and r.point() else near(r)) for y, r in goal.ranges.items() if y != x}
    return {"rule": "point", "at": {**fixed, x: str(q)}}


def near(r: Range) -> Fraction:
    """Some number in a range that the claim does not speak of."""
    if r.lo is not None and r.hi is not None:
        return r.lo if not r.lo_open else (r.lo + r.hi) / 2
    return r.lo + 1 if r.lo is not None else r.hi - 1 if r.hi is not None else Fraction(0)


def dense(f: Poly) -> Coefficients:
    return [Fraction(f.get((k,), 0)) for k in range(max(f, default=(0,))[0] + 1)]


def value(f: Coefficients, x: Fraction) -> Fraction:
    return sum(divide(f, (-x, 1))[1], Fraction(0))


def sparse(f: Coefficients) -> Poly:
    return {(k,): q for k, q in enumerate(f) if q}


def product(f: Coefficients, g: Coefficients) -> Coefficients:
    out = [Fraction(0)] * (len(f) + len(g) - 1)
    for i, a in enumerate(f):
        for j, b in enumerate(g):
            out[i + j] += a * b
    return out


def common(f: Coefficients, g: Coefficients) -> Coefficients:
    """The monic greatest common divisor."""
    while g:
        f, g = g, divide(f, g)[1]
        g = [q / g[-1] for q in g] if g else g
    return [q / f[-1] for q in f]


def square_part(f: Coefficients) -> tuple[Coefficients, Coefficients]:
    """(u, g) with f = u^2 g, where u collects the repeated zeros (Yun's algorithm)."""
    if len(f) < 2:
        return [Fraction(1)], f
    slope = [k * q for k, q in enumerate(f)][1:]
    a = common(f, slope)
    b, c = divide(f, a)[0], divide(slope, a)[0]
    root, multiplicity = [Fraction(1)], 1
    while len(b) > 1 and multiplicity <= len(f):
        db = [k * q for k, q in enumerate(b)][1:]
        d = [u - v for u, v in zip(c + [Fraction(0)] * len(db), db + [Fraction(0)] * len(c), strict=True)]
        while d and not d[-1]:
            d.pop()
        factor = common(b, d) if d else [q / b[-1] for q in b]
        for _ in range(multiplicity // 2):
            root = product(root, factor)
        b, c = divide(b, factor)[0], divide(d, factor)[0] if d else []
        multiplicity += 1
    return root, divide(f, product(root, root))[0]


def approximate_zeros(f: Coefficients) -> list[float]:
    """The real parts of all zeros, in order; floats, so only a hint."""
    if len(f) < 2:
        return []
    size = max(abs(q) for q in f)
    zeros = np.roots([float(q / size) for q in reversed(f)])
    real = zeros[np.abs(zeros.imag) < 1e-3 * (1 + np.abs(zeros))].real
    return sorted({float(z) for z in real})


def between(zeros: list[float], domain: Range) -> list[Fraction]:
    """Points of the domain, one on each side of each zero that lies in it, and its ends."""
    marks = [Fraction(z) for z in zeros]
    low = domain.lo if domain.lo is not None else min([*marks, domain.hi or Fraction(0)]) - 2
    high = domain.hi if domain.hi is not None else max([*marks, domain.lo or Fraction(0)]) + 2
    marks = [low, *(z for z in marks if low < z < high), high]
    trials = [(a + b) / 2 for a, b in pairwise(marks)] + [low, high]
    return [q for q in trials if exactly(q).within(domain)]


def shorter(f: Coefficients, q: Fraction, domain: Range) -> Fraction:
    """A simple number near q at which f is still positive."""
    for bound in (1, 2, 5, 10, 100, 1000, 10**6, 10**9):
        trial = q.limit_denominator(bound)
        if exactly(trial).within(domain) and value(f, trial) > 0:
            return trial
    return q


def rational_zero(f: Coefficients, z: float) -> Fraction | None:
    for bound in (1, 10, 100, 1000, 10**5, 10**7):
        q = Fraction(z).limit_denominator(bound)
        if value(f, q) == 0:
            return q
    return None
