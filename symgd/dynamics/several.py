"""Polynomials in several variables with rational coefficients: exact division, and positivity on orthants by the signs of coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ..language import Expr, Node, expr, total
from .expressions import MAX_DEGREE, times

Terms = dict[tuple[int, ...], Fraction]  # from exponents to coefficients, none of them 0
MOST_TERMS = 2000


def add(a: Terms, b: Terms, factor: Fraction = Fraction(1)) -> Terms:
    """a + factor·b."""
    out = dict(a)
    for k, q in b.items():
        value = out.get(k, Fraction(0)) + factor * q
        if value:
            out[k] = value
        else:
            out.pop(k, None)
    return out


def multiply(a: Terms, b: Terms) -> Terms:
    """a·b."""
    out: Terms = {}
    for k, p in a.items():
        for m, q in b.items():
            key = tuple(i + j for i, j in zip(k, m, strict=True))
            out[key] = out.get(key, Fraction(0)) + p * q
    return {k: q for k, q in out.items() if q}


def power(a: Terms, n: int, dimension: int) -> Terms:
    """aⁿ."""
    out: Terms = {(0,) * dimension: Fraction(1)}
    for _ in range(n):
        out = multiply(out, a)
    return out


def degree(a: Terms) -> int:
    """The total degree, 0 for the zero polynomial."""
    return max((sum(k) for k in a), default=0)


def read(e: Expr, names: Sequence[str]) -> Terms | None:
    """The terms of an expression without derivatives; None where it is no polynomial with rational coefficients, or too large."""
    n = len(names)
    zero = (0,) * n

    def walk(node: Node) -> Terms | None:
        if not isinstance(node, tuple):
            if node in names:
                return {tuple(int(node == x) for x in names): Fraction(1)}
            try:
                q = Fraction(node)
            except ValueError:
                return None
            return {zero: q} if q else {}
        op, *args = node
        u = walk(args[0])
        if u is None:
            return None
        if op == "^":
            m = int(args[1])
            small = 0 <= m <= MAX_DEGREE and m * degree(u) <= 60 and (m < 20 or len(u) == 1)
            return power(u, m, n) if small else None
        if op == "-" and len(args) == 1:
            return {k: -q for k, q in u.items()}
        if op not in ("+", "-", "*", "/"):
            return None
        for a in args[1:]:
            v = walk(a)
            if v is None or (op == "/" and set(v) != {zero}) or len(u) * len(v) > MOST_TERMS**2 // 4:
                return None
            if op in "+-":
                u = add(u, v, Fraction(1 if op == "+" else -1))
            else:
                u = multiply(u, v) if op == "*" else {k: q / v[zero] for k, q in u.items()}
            if len(u) > MOST_TERMS:
                return None
        return u

    return walk(e.node)


def derivative(a: Terms, i: int) -> Terms:
    """The partial derivative in the i-th variable."""
    return {(*k[:i], k[i] - 1, *k[i + 1 :]): k[i] * q for k, q in a.items() if k[i]}


def quotient(a: Terms, b: Terms) -> Terms | None:
    """a/b where b divides a, else None; by division in lexicographic order."""
    if not b:
        return None
    lead = max(b)
    out: Terms = {}
    while a:
        top = max(a)
        key = tuple(i - j for i, j in zip(top, lead, strict=True))
        if min(key) < 0:
            return None
        q = a[top] / b[lead]
        out[key] = q
        a = add(a, multiply({key: q}, b), Fraction(-1))
    return out


def as_expr(a: Terms, names: Sequence[str]) -> Expr:
    """The polynomial as an expression."""
    out: list[Any] = []
    for k, q in sorted(a.items(), reverse=True):
        term = expr(q)
        for x, m in zip(names, k, strict=True):
            if m:
                term = times(term, Expr(x) if m == 1 else Expr(x) ** m)
        out.append(term)
    return total(out) if out else Expr(0)


def on_orthant(a: Terms, corner: Sequence[Fraction], signs: Sequence[int]) -> Terms:
    """The polynomial in u ≥ 0 that results from x_i = signs_i·(corner_i + u_i)."""
    n = len(corner)
    zero = (0,) * n
    lines = []
    for i, (c, s) in enumerate(zip(corner, signs, strict=True)):
        unit = tuple(int(i == j) for j in range(n))
        lines.append(add({unit: Fraction(s)}, {zero: c * s} if c else {}))
    return substitute(a, lines)


def substitute(a: Terms, values: Sequence[Terms]) -> Terms:
    """The polynomial with a polynomial put for each variable."""
    n = len(next(iter(values[0]))) if values and values[0] else 0
    powers: list[list[Terms]] = [[{(0,) * n: Fraction(1)}] for _ in values]
    for k in a:
        for i, m in enumerate(k):
            while len(powers[i]) <= m:
                powers[i].append(multiply(powers[i][-1], values[i]))
    out: Terms = {}
    for k, q in a.items():
        term: Terms = {(0,) * n: q}
        for i, m in enumerate(k):
            if m:
                term = multiply(term, powers[i][m])
        out = add(out, term)
    return out


def nonnegative(a: Terms) -> bool:
    """Whether no coefficient is negative: then the polynomial is ≥ 0 wherever all variables are."""
    return all(q > 0 for q in a.values())


def text(a: Terms, names: Sequence[str]) -> str:
    """The polynomial in ordinary notation."""
    parts = []
    for k, q in sorted(a.items(), reverse=True):
        factors = [x if m == 1 else f"{x}^{m}" for x, m in zip(names, k, strict=True) if m]
        size = [] if abs(q) == 1 and factors else [str(abs(q)) if q.denominator == 1 else f"({abs(q)})"]
        parts.append(("- " if q < 0 else "+ ") + "*".join([*size, *factors]))
    joined = " ".join(parts) or "0"
    return "-" + joined[2:] if joined.startswith("- ") else joined.removeprefix("+ ")
