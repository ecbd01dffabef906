"""Inequalities that are combinations of the hypotheses with numbers, and goals that need a few hypotheses only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from ..kernel.rules import Goal, prove
from .abstraction import ends
from .combination import combination
from .elimination import only
from .facts import polynomial
from .strategy import KNOWN, Node, Search, Strategy, Unproved, complete, nonnegative, proves, show, term_json

MOST = 60  # monomials, hypotheses


@dataclass(frozen=True)
class Linear(Strategy):
    """d <= 0 or d < 0 where d is a sum of hypotheses g <= 0 times numbers >= 0, of equations times numbers, and of distances to the ends
    of ranges (Farkas' lemma): every product of variables counts as a variable of its own."""

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        if r.op not in ("<", "<="):
            raise Unproved("not an inequality", show(goal))
        parts: list[tuple[Any, sympy.Expr]] = [((None, Fraction(0)), sympy.Integer(-1))]
        for k, g in enumerate(goal.given):
            if g.op != "!=":
                e = polynomial(goal, g.diff)
                parts += [((k, Fraction(1)), e)] + ([((k, Fraction(-1)), -e)] if g.op == "=" else [])
        for x, s in goal.ranges.items():
            own = sympy.Symbol(x)
            for end, sign in ((s.lo, -1), (s.hi, 1)):
                if end is not None:
                    parts.append(((x, Fraction(sign)), sign * (own - sympy.Rational(end.numerator, end.denominator))))
        rows = [coefficients(polynomial(goal, r.diff)), *(coefficients(e) for _, e in parts)]
        place: dict[sympy.Expr, tuple[int, ...]] = {m: (i,) for i, m in enumerate(dict.fromkeys(m for row in rows for m in row))}
        if len(place) > MOST or len(parts) > MOST:
            raise Unproved("too many hypotheses", show(goal))
        target, *columns = ({place[m]: q for m, q in row.items()} for row in rows)
        found = combination(target, columns) if target else {}
        if found is None:
            raise Unproved("not a combination of the hypotheses", show(goal))
        use, slopes = dict[int, Fraction](), dict[str, Fraction]()
        for j, c in found.items():
            (key, sign), _ = parts[j]
            if isinstance(key, int):
                use[key] = use.get(key, Fraction(0)) + c * sign
            elif key is not None:
                slopes[key] = slopes.get(key, Fraction(0)) + c * sign
        order = []
        for x, slope in slopes.items():
            s = goal.ranges[x]
            if slope and not s.point():
                order.append([x, None, str(s.hi)] if slope > 0 else [x, str(s.lo), None])
        listed = {x for x, *_ in order}
        for more in ([], [bound for bound in nonnegative(goal, "") if bound[0] not in listed]):  # divisors need signs
            entry = {"use": [[k, str(c)] for k, c in sorted(use.items()) if c], "order": order + more}
            if proves(goal, node := {"rule": "orthant", "clauses": [entry]}):
                return node
        raise Unproved("not a combination of the hypotheses", show(goal))


def coefficients(e: sympy.Expr) -> dict[sympy.Expr, Fraction]:
    """The coefficients of the products of variables, or of what counts as such."""
    return {m: Fraction(int(c.p), int(c.q)) for m, c in e.as_coefficients_dict().items() if c.is_Rational and c != 0}


@dataclass(frozen=True)
class Focus(Strategy):
    """The goal with some of its hypotheses only, and with the variables that it still speaks of."""

    kept: tuple[int, ...]
    then: Strategy

    def prove(self, goal: Goal, search: Search) -> Node:
        node = restated(goal, [relation_json(goal, goal.given[k]) for k in self.kept])
        return complete(lambda n: prove(goal, n, ""), {**node, "proof": self.then}, search)


def restated(goal: Goal, given: Sequence[Any]) -> Node:
    """A lemma with these hypotheses, which the goal has too, and the conclusions of the goal, ready to be applied but for its proof."""
    arena = goal.arena
    then = [relation_json(goal, r) for (r,) in goal.then]
    names = {x for r in (*given, *then) for side in r[1:] for x in arena.variables(arena.read(side, goal.names))}
    lemma = {"vars": [[x, *ends(*range_ends(goal, x))] for x in goal.ranges if x in names], "given": list(given), "then": then}
    return {"rule": "apply", "lemma": lemma, "at": {x: x for x in goal.ranges if x in names}, "side": within(goal, names), "then": KNOWN}


def within(goal: Goal, names: Iterable[str]) -> Node:
    """The proof that variables lie in their own ranges, where all else that is to be shown is known: the ends that do not belong to a range
    are not seen by an enclosure."""
    facts = list[Node]()
    for x in names:
        lo, lo_open, hi, hi_open = range_ends(goal, x)
        for end, is_open, fact, bound in (
            (lo, lo_open, ["<", str(lo), x], [x, str(lo), None]),
            (hi, hi_open, ["<", x, str(hi)], [x, None, str(hi)]),
        ):
            if end is not None and is_open:
                facts.append({"rule": "have", "fact": fact, "proof": {"rule": "orthant", "clauses": [{"order": [bound]}]}})
    out: Node = chained(facts, KNOWN)
    return out


def range_ends(goal: Goal, x: str) -> tuple[Fraction | None, bool, Fraction | None, bool]:
    r = goal.ranges[x]
    return r.lo, r.lo_open, r.hi, r.hi_open


def relation_json(goal: Goal, r: Any) -> Any:
    return [r.op, term_json(goal, r.lhs), term_json(goal, r.rhs)]


def chained(facts: Iterable[Node], end: Any) -> Any:
    """Facts to be proved or applied one after the other, and what comes then."""
    for node in reversed(list(facts)):
        end = {**node, "then": end}
    return end
