"""Sums of squares: a polynomial that is visibly a square, or a quadratic form that a rational decomposition makes a sum of squares."""

from __future__ import annotations

from typing import Any

import sympy

from ..kernel.rules import Goal, read_relation
from ..language import from_json, from_sympy, to_sympy
from .strategy import Node, proves, term_json


def prove_by_squares(goal: Goal) -> Node | None:
    """A proof of the one conclusion d <= 0 (or d < 0) from -d = c_0 + c_1 u_1^2 + ... + c_n u_n^2 with all c_i >= 0, or None."""
    if len(goal.then) != 1 or len(goal.then[0]) != 1 or goal.then[0][0].op not in ("<", "<="):
        return None
    try:
        target = sympy.expand(-to_sympy(from_json(term_json(goal, goal.then[0][0].diff))))
        terms = decompose(target)
        if terms is None:
            return None
        facts: list[Any] = [["<=", 0, ["^", from_sympy(u).json, 2]] for _, u in terms]
        use = [[len(goal.given) + i, str(c)] for i, (c, _) in enumerate(terms)]
    except (sympy.PolynomialError, ValueError, NotImplementedError, TypeError):
        return None
    node: Node = {"rule": "orthant", "clauses": [{"use": use}]}
    for fact in reversed(facts):
        read_relation(goal.arena, fact, goal.names)
        node = {"rule": "have", "fact": fact, "proof": {"rule": "cover", "tree": ["n"]}, "then": node}
    return node if proves(goal, node) else None


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
