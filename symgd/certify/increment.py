"""Two values of one function: f(x) and f(y), from x = y by the sign of the derivative in x."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..kernel.rules import Goal, prove, read_relation
from .abstraction import FUNCTIONS, Abstract, Each, ends, outermost
from .algebra import algebraic, float_values
from .auto import Auto
from .glance import samples
from .inequalities import Absolute
from .monotone import Folded
from .strategy import KNOWN, Either, Given, Node, Search, Strategy, Unproved, complete, first, proves, show, term_json

SECONDS = 12.0  # most proofs take less than one


@dataclass(frozen=True)
class Increment(Strategy):
    """Lipschitz bounds, monotonicity, convexity and bounds from above by a parabola, such as |f(x) - f(y)| <= L |x - y|, for a function of
    one real variable: in each of the cases x < y, x = y, x > y the difference of the sides falls from its value at x = y."""

    def prove(self, goal: Goal, search: Search) -> Node:
        late, part = Unproved("no function is taken at two variables", show(goal)), search.part(SECONDS)
        for x, y in pairs(goal):
            try:
                return complete(lambda n: prove(goal, n, ""), self.by_cases(goal, x, y), part)
            except Unproved as problem:
                late = problem
        raise late

    def by_cases(self, goal: Goal, x: str, y: str) -> Node:
        """The goal as a lemma that also speaks of w = x - y, in the cases w < 0, w = 0, w > 0."""
        w = next(n for n in ("w", "gap", "gap_", "gap__") if n not in goal.names)
        (r,), *_ = goal.then
        parts: list[Any] = [[w, 0]]
        for order, fact, end in (([w, None, 0], ["<", x, y], "hi"), (None, ["<=", x, y], "hi"), ([w, 0, None], ["<", y, x], "lo")):
            sign = {"order": [order] if order else [], "use": [[len(goal.given), -1 if end == "hi" else 1]]}
            proof: Node = {"rule": "orthant", "clauses": [sign]}
            parts.append({"rule": "have", "fact": fact, "proof": proof, "then": Aside(x, y, end)})
        lemma = {
            "vars": [*([v, *ends(s.lo, s.lo_open, s.hi, s.hi_open)] for v, s in goal.ranges.items()), [w, "(", "-oo", "oo", ")"]],
            "given": [*([g.op, term_json(goal, g.lhs), term_json(goal, g.rhs)] for g in goal.given), ["=", w, ["-", x, y]]],
            "then": [[r.op, term_json(goal, r.lhs), term_json(goal, r.rhs)]],
        }
        at = {v: v for v in goal.ranges} | {w: ["-", x, y]}
        return {"rule": "apply", "lemma": lemma, "proof": {"rule": "cover", "tree": parts}, "at": at, "side": Each(0), "then": KNOWN}


def pairs(goal: Goal) -> Iterator[tuple[str, str]]:
    """Pairs of real variables x, y with one range such that the goal speaks of some f(x) and of f(y), or of an absolute value of both, or
    that its sides are equal where x = y, as floats see it."""
    arena, values = goal.arena, outermost(goal, (*FUNCTIONS, "sqrt"))
    sizes = [arena.variables(k) for c in goal.then for r in c for k in arena.schedule(r.diff) if arena.nodes[k][0] == "abs"]
    wide = [x for x, r in goal.ranges.items() if not r.integer and not r.point()]
    plain = len(goal.then) == 1 and len(goal.then[0]) == 1 and goal.then[0][0].op in ("<", "<=")
    if plain and not any(r.integer for r in goal.ranges.values()):
        for x, y in itertools.permutations(wide, 2):
            swapped = any(x in arena.variables(k) and arena.substitute(k, {arena.var(x): arena.var(y)}) in values for k in values)
            if goal.ranges[x] == goal.ranges[y] and (swapped or any({x, y} <= size for size in sizes) or touch(goal, x, y)):
                yield x, y


def touch(goal: Goal, x: str, y: str) -> bool:
    """Whether both sides depend on x and y, and seem to be equal where x = y."""
    arena, ((r,),) = goal.arena, goal.then
    if not {x, y} <= arena.variables(r.diff) or not outermost(goal):
        return False
    names = [z for z, s in goal.ranges.items() if not s.point()]
    at = samples(goal, names)
    at[x] = at[y]
    with np.errstate(all="ignore"):
        d = np.asarray(float_values(goal, r.diff, at), dtype=float)
    arena.work = 0
    seen = d[np.isfinite(d)]
    return bool(len(seen) > 8 and np.all(np.abs(seen) < 1e-9))


@dataclass(frozen=True)
class Aside(Strategy):
    """The goal on one side of x = y: y is towards this `end` of the range of x."""

    x: str
    y: str
    end: str

    def prove(self, goal: Goal, search: Search) -> Node:
        node = Auto(0).quickly(goal, search, 40)
        if node is not None:
            return node
        for fact, proof in self.distances(goal):
            then: Node = {"rule": "rewrite", "use": len(goal.given), "then": self}
            return complete(lambda n: prove(goal, n, ""), {"rule": "have", "fact": fact, "proof": proof, "then": then}, search)
        rise = Rise(self.x, self.y, self.end)
        return (Absolute(rise) if goal.arena.nodes[goal.then[0][0].lhs][0] == "abs" else rise).prove(goal, search)

    def distances(self, goal: Goal) -> Iterator[tuple[Any, Node]]:
        """Absolute values in the conclusion that are x - y or y - x on this side, with proofs."""
        arena, (r,) = goal.arena, goal.then[0]
        size = ["-", self.y, self.x] if self.end == "hi" else ["-", self.x, self.y]
        proof: Node = {"rule": "orthant", "clauses": [{"order": [self.order()]}]}
        for k in arena.schedule(r.diff):
            if arena.nodes[k][0] == "abs" and {self.x, self.y} <= arena.variables(k) and algebraic(goal, k):
                fact = ["=", term_json(goal, k), size]
                if proves(replace(goal, then=((read_relation(arena, fact, goal.names),),)), proof):
                    yield fact, proof

    def order(self) -> list[Any]:
        return [self.x, None, self.y] if self.end == "hi" else [self.x, self.y, None]


@dataclass(frozen=True)
class Rise(Strategy):
    """The rule `monotone` in x, from y; for the sign of the slope it may be used again, up to `depth` times in all."""

    x: str
    y: str
    end: str
    depth: int = 2

    def prove(self, goal: Goal, search: Search) -> Node:
        at = Either((Auto(2, subdivide=False, facts=1), Folded(Folded(Auto(1, subdivide=False, facts=0)))))
        node: Node = {"rule": "monotone", "var": self.x, "end": self.end, "from": self.y, "at": at}
        node |= {"side": Each(0), "defined": {"rule": "defined", "proof": Each()}, "slope": Slope(self)}
        late = Unproved("", show(goal))
        for trial in ({**node, "strict": True}, node) if goal.then[0][0].op == "<" else (node,):
            try:
                return complete(lambda n: prove(goal, n, ""), trial, search)
            except Unproved as problem:
                late = problem
        raise late


@dataclass(frozen=True)
class Quick(Strategy):
    """One cheap rule, perhaps with values of functions as variables."""

    def prove(self, goal: Goal, search: Search) -> Node:
        node = Auto(0).quickly(goal, search, 40)
        return node if node is not None else Abstract(Auto(0, subdivide=False, facts=0)).prove(goal, search)


@dataclass(frozen=True)
class Slope(Strategy):
    """The sign of a slope: if it depends on both variables, from y again; if on x only, all that is asked of one variable may be tried."""

    rise: Rise

    def prove(self, goal: Goal, search: Search) -> Node:
        x, facts = self.rise.x, Auto(3, subdivide=False, facts=1)
        if any(goal.arena.variables(r.diff) != {x} for c in goal.then for r in c):
            again = [replace(self.rise, depth=self.rise.depth - 1)] if self.rise.depth > 1 else []
            return first([Quick(), *again, facts], goal, search)
        ((r,),), s = goal.then, goal.ranges[x]
        then = [[r.op, term_json(goal, r.lhs), term_json(goal, r.rhs)]]
        lemma = {"vars": [[x, *ends(s.lo, s.lo_open, s.hi, s.hi_open)]], "then": then}
        alone: Node = {"rule": "apply", "lemma": lemma, "proof": Auto(), "at": {x: x}, "side": Each(0), "then": KNOWN}
        return first([Quick(), facts, Given(alone)], goal, search)
