"""Inequalities by the sign of a derivative: from an end of a range towards which the difference does not decrease."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..kernel.rules import Goal, exactly, prove
from ..kernel.terms import Undefined
from .abstraction import Abstract, Each, outermost
from .algebra import float_values, nearest, prove_by_algebra
from .cover import Cover
from .elimination import both_ends
from .glance import samples
from .part import Part
from .polynomials import quotient
from .strategy import Either, Node, Search, Strategy, Unproved, complete, show, term_json
from .univariate import decide_univariate


@dataclass(frozen=True)
class Monotone(Strategy):
    """Prove an inequality at an end of the range of a variable, and the sign of the derivative in the same way, up to `depth` times;
    a point `at` inside the range may part it first."""

    depth: int = 4

    def prove(self, goal: Goal, search: Search) -> Node:
        defined = {"rule": "defined", "proof": Each()}
        for x, end in ends(goal) if self.depth > 0 else ():
            search.tick()
            inner = Settle(self.depth - 1)
            at = Either((Settle(0), Folded(Settle(0))))
            r = goal.ranges[x]
            start, is_open = (r.hi, r.hi_open) if end == "hi" else (r.lo, r.lo_open)
            node: Node = {"rule": "monotone", "var": x, "end": end, "from": str(start), "side": Each(), "at": at}
            node |= {"defined": defined, "slope": inner}
            strict = is_open and goal.then[0][0].op == "<"
            for trial in (node, {**node, "strict": True}) if strict else (node,):
                try:
                    return complete(lambda n: prove(goal, n, ""), trial, search)
                except Unproved:
                    continue
        raise Unproved("no end of a range towards which the difference of the sides does not decrease", show(goal))


@dataclass(frozen=True)
class Folded(Strategy):
    """Parts of the conclusions that have one rational value are written as numbers: log(1 + exp(0)) as log(2), log(x/x) as log(1)."""

    then: Strategy

    def prove(self, goal: Goal, search: Search) -> Node:
        arena, facts = goal.arena, dict[int, Fraction]()
        fixed = {x: r.lo for x, r in goal.ranges.items() if r.lo is not None and r.point()}
        for root in {k for c in goal.then for r in c for k in r[2:]}:
            stack = [root]
            while stack:
                k = stack.pop()
                try:
                    facts[k] = arena.value(k, fixed)
                except (Undefined, KeyError):
                    q = cancelled(goal, k)
                    stack += arena.nodes[k][1] if q is None else ()
                    facts |= {k: q} if q is not None else {}
        facts = {k: q for k, q in facts.items() if arena.nodes[k][0] != "num"}
        if not facts:
            raise Unproved("no constant part to be worked out", show(goal))
        node: Any = self.then
        for i, (k, q) in reversed(list(enumerate(facts.items(), len(goal.given)))):
            equation = ["=", term_json(goal, k), int(q) if q.denominator == 1 else str(q)]
            proof: Node = {"rule": "orthant", "clauses": [{"order": both_ends(goal)} if arena.variables(k) else {}]}
            node = {"rule": "have", "fact": equation, "proof": proof, "then": {"rule": "rewrite", "use": i, "then": node}}
        return complete(lambda n: prove(goal, n, ""), node, search)


def cancelled(goal: Goal, k: int) -> Fraction | None:
    """The number that a quotient of polynomials is equal to, such as x/x; None for other terms."""
    parts = quotient(goal, k) if goal.arena.nodes[k][0] == "/" else None
    if parts is None or parts[1].keys() != parts[2].keys():
        return None
    found = {Fraction(parts[1][m]) / Fraction(parts[2][m]) for m in parts[2]}
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True)
class Settle(Strategy):
    """A leaf, algebra, functions as variables, or the sign of one more derivative."""

    depth: int

    def prove(self, goal: Goal, search: Search) -> Node:
        from .auto import Auto

        token = Part(goal, goal.ranges, 64).token()
        if token is not None:
            return {"rule": "cover", "tree": [token]}
        node = prove_by_algebra(goal, search, 8)
        if node is not None:
            return node
        for verdict, guess in decide_univariate(goal):
            if verdict == "proved":
                try:
                    return complete(lambda n: prove(goal, n, ""), guess, search)
                except Unproved:
                    continue
        if outermost(goal):
            try:
                return Abstract(Auto(1, subdivide=False, facts=0)).prove(goal, search)
            except Unproved:
                pass
        try:
            return Monotone(self.depth).prove(goal, search)
        except Unproved:
            return Cover(24).prove(goal, search)


def ends(goal: Goal) -> Iterator[tuple[str, str]]:
    """Variables and ends of their ranges towards which floats see the difference grow, without a change of sign at the end."""
    if len(goal.then) != 1 or len(goal.then[0]) != 1 or goal.then[0][0].op not in ("<", "<="):
        return
    arena, d = goal.arena, goal.then[0][0].diff
    names = [x for x, r in goal.ranges.items() if not r.point()]
    wide = [x for x in names if x in arena.variables(d) and not goal.ranges[x].integer]
    at = samples(goal, names)
    inside: Any = True
    for x in names:
        r = goal.ranges[x]
        if r.lo is not None:
            inside = inside & (at[x] > nearest(r.lo))
        if r.hi is not None:
            inside = inside & (at[x] < nearest(r.hi))
    for x in wide:
        r = goal.ranges[x]
        with np.errstate(all="ignore"):
            slope = np.where(inside, float_values(goal, arena.derivative(d, x), at), np.nan)
            for end, q, sign in (("lo", r.lo, -1.0), ("hi", r.hi, 1.0)):
                if q is None or np.any(sign * slope < -1e-9 * (1 + np.abs(slope))):
                    continue
                value = float_values(replace(goal, ranges={**goal.ranges, x: exactly(q)}), d, {**at, x: np.array(nearest(q))})
                if not np.any(value > 1e-9):
                    yield x, end
    arena.work = 0
