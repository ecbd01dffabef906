"""Inequalities between square roots and absolute values, such as the triangle inequality: roots become variables whose squares are known,
and where that does not suffice, both sides are squared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy

from ..kernel.rules import Goal, prove, read_relation
from ..language import LanguageError, from_json, from_sympy, to_sympy
from .abstraction import Each, ends, outside, relations_of
from .elimination import only
from .facts import REAL, applied
from .inequalities import SQUARES, SQUARES_PROOF
from .strategy import KNOWN, Node, Search, Strategy, Unproved, complete, nonnegative, show, term_json
from .sums import Sums

POSITIVE: Node = {"vars": [["u", "[", "0", "oo", ")"]], "given": [["<", 0, ["^", "u", 2]]], "then": [["<", 0, "u"]]}
POSITIVE_PROOF: Node = {
    "rule": "cover",
    "tree": [["u", 0], {"rule": "orthant", "clauses": [{"absurd": 0}]}, {"rule": "orthant", "clauses": [{"order": [["u", 0, None]]}]}],
}
ABSOLUTE: Node = {"vars": [["u", *REAL]], "then": [["=", ["^", ["abs", "u"], 2], ["^", "u", 2]]]}
ABSOLUTE_PROOF: Node = {
    "rule": "cover",
    "tree": [["u", 0], *({"rule": "orthant", "clauses": [{"order": order}]} for order in ([["u", None, 0]], [], [["u", 0, None]]))],
}
ROOT = "root_"  # how the names of the new variables begin
MOST = 5  # roots


@dataclass(frozen=True)
class Roots(Strategy):
    """Each square root and absolute value becomes a variable that is not negative, or positive, with an equation for its square."""

    def prove(self, goal: Goal, search: Search) -> Node:
        only(goal)
        arena, nodes = goal.arena, goal.arena.nodes
        found = {k for r in relations_of(goal) for k in arena.schedule(r.diff) if nodes[k][0] in ("sqrt", "abs") and arena.variables(k)}
        if not 0 < len(found) <= MOST or any(j in arena.schedule(k) for j in found for k in found if j != k):
            raise Unproved("no square roots, too many, or roots of roots", show(goal))
        names, ranges, squares, chain = {k: f"{ROOT}{k}" for k in sorted(found)}, list[Any](), list[Any](), list[Node]()
        for k, name in names.items():
            u, root = term_json(goal, nodes[k][1][0]), term_json(goal, k)
            square = u if nodes[k][0] == "sqrt" else ["^", u, 2]
            known: Node = applied("sqrt", {"u": u}) if square is u else {"lemma": ABSOLUTE, "proof": ABSOLUTE_PROOF, "at": {"u": u}}
            chain.append({"rule": "apply", **known, "side": Each()})
            use = len(goal.given) + len(chain) - 1
            positive = read_relation(arena, ["<", 0, square], goal.names)
            try:
                proof = Each().prove(replace(goal, then=((positive,),)), search)
            except Unproved:
                ranges.append([name, "[", "0", "oo", ")"])
            else:
                chain.append({"rule": "have", "fact": ["<", 0, square], "proof": proof})
                chain.append({"rule": "have", "fact": ["<", 0, ["^", root, 2]], "proof": {"rule": "rewrite", "use": use, "then": KNOWN}})
                chain.append({"rule": "apply", "lemma": POSITIVE, "proof": POSITIVE_PROOF, "at": {"u": root}, "side": Each(0)})
                ranges.append([name, "(", "0", "oo", ")"])
            squares.append(["=", ["^", name, 2], square])
        given, then = (
            [[r.op, term_json(goal, r.lhs, names), term_json(goal, r.rhs, names)] for r in part] for part in (goal.given, goal.then[0])
        )
        rest = sorted({x for r in relations_of(goal) for k in r[2:] for x in outside(goal, k, [])})
        kept = [[x, *ends(r.lo, r.lo_open, r.hi, r.hi_open)] for x in rest for r in [goal.ranges[x]]]
        lemma = {"vars": [*ranges, *kept], "given": [*given, *squares], "then": then}
        at = {name: term_json(goal, k) for k, name in names.items()} | {x: x for x in rest}
        node: Node = {"rule": "apply", "lemma": lemma, "proof": Squared(), "at": at, "side": Each(0), "then": KNOWN}
        for fact in reversed(chain):
            node = {**fact, "then": node}
        return complete(lambda n: prove(goal, n, ""), node, search)


@dataclass(frozen=True)
class Squared(Strategy):
    """p <= 0 for a polynomial in roots: by sums of squares, or a <= b for p = a - b from a^2 <= b^2, where b is made of roots alone and is
    not negative; and so on, up to `depth` times."""

    depth: int = 3

    def prove(self, goal: Goal, search: Search) -> Node:
        try:
            return Sums(nested=True).prove(goal, search)
        except Unproved:
            if self.depth == 0 or only(goal).op != "<=":
                raise
        try:
            d = to_sympy(from_json(term_json(goal, only(goal).diff)))
            known = {k: to_sympy(from_json(term_json(goal, g.diff))) for k, g in enumerate(goal.given) if g.op == "="}
            known = {k: e for k, e in known.items() if str(goal.arena.nodes[goal.arena.nodes[goal.given[k].lhs][1][0]][2]).startswith(ROOT)}
            roots = sorted({x for e in known.values() for x in e.free_symbols if x.name.startswith(ROOT)}, key=str)
            whole = sympy.Poly(self.reduced(d, known)[0], *roots)
        except (LanguageError, sympy.PolynomialError, IndexError, ValueError) as problem:
            raise Unproved(f"not a polynomial in roots ({problem})", show(goal)) from None
        b = -sum(
            (c * sympy.prod(x**e for x, e in zip(roots, m, strict=True)) for m, c in whole.terms() if any(m) and self.negative(goal, c)),
            sympy.Integer(0),
        )
        if b == 0:
            raise Unproved("no root that could be alone on a side", show(goal))
        a, start = sympy.expand(whole.as_expr() + b), len(goal.given)
        e, multipliers = self.reduced(a**2 - b**2, known)
        if self.depth == 1 and any(x in e.free_symbols for x in roots):
            raise Unproved("squaring does not end", show(goal))
        left, right = from_sympy(a).json, from_sympy(b).json
        fact: Node = {"rule": "have", "fact": ["<=", from_sympy(e).json, 0], "proof": Squared(self.depth - 1)}
        root: Node = {"rule": "apply", "lemma": SQUARES, "proof": SQUARES_PROOF, "at": {"u": left, "v": right}, "side": Each(0)}
        root["then"] = by_use([[start + 2, 1], *self.reduced(d, known)[1]], nonnegative(goal, ""))
        node: Node = {"rule": "have", "fact": ["<=", ["^", left, 2], ["^", right, 2]], "then": root}
        node["proof"] = {**fact, "then": by_use([[start + 1, 1], *multipliers])}
        node = {"rule": "have", "fact": ["<=", 0, right], "proof": Each(), "then": node}
        return complete(lambda n: prove(goal, n, ""), node, search)

    def reduced(self, d: sympy.Expr, known: dict[int, sympy.Expr]) -> tuple[sympy.Expr, list[Any]]:
        """The polynomial without squares of roots, and the multipliers of the equations that are subtracted for that."""
        rest, use = sympy.expand(d), list[Any]()
        for k, e in known.items():
            (x,) = (s for s in e.free_symbols if s.name.startswith(ROOT))
            q, r = sympy.div(sympy.Poly(rest, x), sympy.Poly(e, x))
            rest = sympy.expand(r.as_expr())
            use += [] if q.is_zero else [[k, from_sympy(sympy.expand(q.as_expr())).json]]
        return rest, use

    def negative(self, goal: Goal, c: sympy.Expr) -> bool:
        """Whether a coefficient is a negative number times variables that are not negative."""
        number, factors = c.as_coeff_mul()
        ends = [goal.ranges[x.name].lo for x in c.free_symbols]
        return bool(number < 0 and all(f.is_Symbol or f.is_Pow for f in factors) and all(end is not None and end >= 0 for end in ends))


def by_use(use: list[Any], order: list[Any] | None = None) -> Node:
    return {"rule": "orthant", "clauses": [{"use": use, **({"order": order} if order else {})}]}
