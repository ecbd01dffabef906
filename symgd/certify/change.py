"""A new variable: x = p(z) with a polynomial p that takes every value of x on z >= 0."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..kernel.rules import Goal, prove
from ..kernel.terms import Poly, Ring, Undefined
from ..language import Expr, ExprLike, from_json, text
from .polynomials import poly_json
from .strategy import Node, Search, Strategy, Unproved, as_json, as_order, complete, nonnegative, show


@dataclass(frozen=True)
class Change(Strategy):
    """Replace x by an expression in a new variable z >= 0 that reaches every value of x, such as x = z^2: a polynomial in z whose
    coefficients, but for the constant one, have one sign. `order` bounds the other variables, as for `Orthant`."""

    var: Expr | str
    to: str
    by: ExprLike
    then: Strategy
    order: Sequence[Sequence[Any]] = ()

    def prove(self, goal: Goal, search: Search) -> Node:
        x, late = self.var if isinstance(self.var, str) else text(self.var), Unproved("nothing was tried", show(goal))
        for sides in ends(goal, x, self.to, as_json(self.by), as_order(self.order)):
            try:
                return complete(lambda n: prove(goal, n, ""), {"rule": "change", "var": x, **sides, "then": self.then}, search)
            except Unproved as problem:
                late = problem
                if problem.goal is not None and self.to in problem.goal.ranges and x not in problem.goal.ranges:
                    break  # the change is right, and what comes after it fails
        raise late


def ends(goal: Goal, x: str, z: str, by: Any, order: list[list[Any]]) -> Iterator[Node]:
    """Between which z the value x is taken: with u = (x - p(0))/c, c the coefficient of the least power z^k, it is before 1 + u; and after
    u/(1 + u), or 0 where the range of x is closed. If p is linear, it is u itself."""
    arena, r = goal.arena, goal.ranges[x]
    term = arena.read(by, {**goal.names, z: arena.var(z)})
    names = [z, *sorted(arena.variables(term) - {z})]
    ring = Ring(len(names), arena.spend)
    try:
        num, den = ring.normal_form(arena, term, {y: ring.generator(i) for i, y in enumerate(names)}, lambda f: {1})
    except Undefined:
        num, den = {}, {}
    powers: dict[int, Poly] = {}
    for m, q in num.items():
        powers.setdefault(m[0], {})[(0, *m[1:])] = q
    if any(m[0] for m in den) or not powers.keys() - {0}:
        raise Unproved(f"{x} = {text(from_json(by))} is not a polynomial in {z}", show(goal))
    below = poly_json(den, names)
    start = ["/", poly_json(powers.pop(0, {}), names), below]
    u = ["/", ["-", x, start], ["/", poly_json(powers[min(powers)], names), below]]
    bounds = [*(order or nonnegative(goal, x)), [x, None if r.lo is None else str(r.lo), None if r.hi is None else str(r.hi)], [z, 0, None]]
    side = {"rule": "orthant", "clauses": [{"order": bounds}] * 5}
    near, far = (u, u) if [*powers] == [1] else (["/", u, ["+", 1, u]], ["+", 1, u])
    for (bracket, first), turned in itertools.product((("(", near), ("[", 0)), (False, True)):
        if (r.hi_open if turned else r.lo_open) or bracket == "[":
            low, high = (far, first) if turned else (first, far)
            yield {"to": [z, bracket, "0", "oo", ")"], "by": by, "low": low, "high": high, "side": side}
