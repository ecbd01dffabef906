"""Goals about exp, log, tanh and the like as goals about numbers in the ranges of these functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..kernel.rules import Goal, Relation, boxed, prove
from ..kernel.terms import INF, NAME, Undefined
from .strategy import Node, Search, Strategy, Unproved, complete, show, term_json

FUNCTIONS = ("exp", "log", "sin", "cos", "atan", "tanh", "pow")
PRECISION = 64


@dataclass(frozen=True)
class Abstract(Strategy):
    """Each outermost value of a transcendental function becomes a variable that ranges over what the function takes on the
    domain; `then` proves that lemma, which is applied to the values."""

    then: Strategy
    functions: tuple[str, ...] = FUNCTIONS

    def prove(self, goal: Goal, search: Search) -> Node:
        values = outermost(goal, self.functions)
        if not values or any(len(clause) > 1 for clause in goal.then):
            raise Unproved("no value of a function to be replaced by a variable", show(goal))
        return complete(lambda n: prove(goal, n, ""), as_variables(goal, values, self.then), search)


@dataclass(frozen=True)
class Divisors(Strategy):
    """Each divisor that depends on variables becomes a variable of its own, of which an equation says what it is."""

    then: Strategy

    def prove(self, goal: Goal, search: Search) -> Node:
        arena = goal.arena
        divisors = [arena.nodes[k][1][1] for r in relations_of(goal) for k in arena.schedule(r.diff) if arena.nodes[k][0] == "/"]
        values = [k for k in dict.fromkeys(divisors) if arena.nodes[k][0] != "var" and arena.variables(k)]
        inner = any(k != j and k in arena.schedule(j) for k in values for j in values)
        if not values or inner or any(len(clause) > 1 for clause in goal.then):
            raise Unproved("no divisor to be replaced by a variable", show(goal))
        return complete(lambda n: prove(goal, n, ""), as_variables(goal, values, self.then, equations=True), search)


def as_variables(goal: Goal, values: list[int], then: Strategy, equations: bool = False) -> Node:
    """The goal by a lemma in which terms are variables that range over what the terms take; its hypotheses may say what they are."""
    names = {
        k: next(n for n in (f"{goal.arena.nodes[k][0]}_{i}", f"value_{i}") if NAME.match(n) and n not in goal.names)
        for i, k in enumerate(values)
    }
    ranges = [[names[k], *taken(goal, k)] for k in values]

    def rewritten(relations: Any) -> list[Any]:
        return [[r.op, term_json(goal, r.lhs, names), term_json(goal, r.rhs, names)] for r in relations]

    said = [["=", names[k], term_json(goal, k)] for k in values] if equations else []
    rest = sorted({x for r in relations_of(goal) for k in r[2:] for x in outside(goal, k, [] if equations else values)})
    kept = [[x, *ends(r.lo, r.lo_open, r.hi, r.hi_open)] for x in rest for r in [goal.ranges[x]]]
    lemma = {"vars": [*ranges, *kept], "given": [*rewritten(goal.given), *said], "then": rewritten(c[0] for c in goal.then)}
    at = {names[k]: term_json(goal, k) for k in values} | {x: x for x in rest}
    known: Node = {"rule": "cover", "tree": ["n"]}
    return {"rule": "apply", "lemma": lemma, "proof": then, "at": at, "side": Each(0), "then": known}


@dataclass(frozen=True)
class Each(Strategy):
    """Several simple conclusions, also that terms are defined: one leaf for all, or one after the other, where values of functions may
    become variables `depth` times."""

    depth: int = 1

    def prove(self, goal: Goal, search: Search) -> Node:
        if goal.settled(goal.ranges, "n", PRECISION):
            return {"rule": "cover", "tree": ["n"]}
        defined = [c for c in goal.then if c[0].op == "=" and c[0].lhs == c[0].rhs]
        if defined and not replace(goal, then=tuple(defined)).settled(goal.ranges, "n", PRECISION):
            return complete(lambda n: prove(goal, n, ""), {"rule": "defined", "proof": Parts(self.depth)}, search)
        return Parts(self.depth).prove(goal, search)


@dataclass(frozen=True)
class Parts(Strategy):
    """One quick rule for all conclusions, or one after the other."""

    depth: int

    def prove(self, goal: Goal, search: Search) -> Node:
        from .auto import Auto, Separately

        if goal.settled(goal.ranges, "n", PRECISION):
            return {"rule": "cover", "tree": ["n"]}
        node = Auto(0, subdivide=False).quickly(goal, search)
        return node if node is not None else Separately(Auto(self.depth, subdivide=False, facts=0)).prove(goal, search)


def relations_of(goal: Goal) -> list[Relation]:
    return [*goal.given, *(r for clause in goal.then for r in clause)]


def outermost(goal: Goal, functions: tuple[str, ...] = FUNCTIONS) -> list[int]:
    """The values of functions that are not parts of other such values, and depend on a variable."""
    found: dict[int, None] = {}
    for r in relations_of(goal):
        for root in r[2:]:
            stack = [root]
            while stack:
                k = stack.pop()
                if goal.arena.nodes[k][0] in functions and (goal.arena.variables(k) or irrational(goal, k)):
                    found[k] = None
                else:
                    stack += goal.arena.nodes[k][1]
    return list(found)


def irrational(goal: Goal, k: int) -> bool:
    """Whether the value of a constant term is not known as a rational number."""
    try:
        goal.arena.value(k, {})
    except Undefined:
        return True
    return False


def outside(goal: Goal, root: int, values: list[int]) -> set[str]:
    """The variables that the term contains apart from those values."""
    seen, stack = set[str](), [root]
    while stack:
        k = stack.pop()
        op, sub, data = goal.arena.nodes[k]
        if op == "var":
            seen.add(data)
        elif k not in values:
            stack += sub
    return seen


def taken(goal: Goal, k: int) -> list[str]:
    """The range of the values of the term, as the kernel reads it."""
    try:
        lo, hi = goal.arena.enclose(k, boxed(goal.ranges, PRECISION), PRECISION)
    except Undefined:  # at an end that does not belong to the domain, say
        lo, hi = -INF, INF
    return ends(None if lo <= -INF else Fraction(lo, 1 << PRECISION), False, None if hi >= INF else Fraction(hi, 1 << PRECISION), False)


def ends(lo: Fraction | None, lo_open: bool, hi: Fraction | None, hi_open: bool) -> list[str]:
    return [
        "(" if lo is None or lo_open else "[",
        "-oo" if lo is None else str(lo),
        "oo" if hi is None else str(hi),
        ")" if hi is None or hi_open else "]",
    ]
