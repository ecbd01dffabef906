"""Inequalities whose sides differ by a product: each factor has one sign, or has one in each of the cases x < y, x = y, x > y."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from ..kernel.rules import Goal, prove
from ..language import LanguageError
from .abstraction import FUNCTIONS, Abstract, Each, ends, outermost
from .algebra import float_values, nearest
from .elimination import only
from .facts import polynomial, restored
from .glance import samples
from .increment import Aside, pairs
from .linear import Focus, Linear, chained, range_ends, relation_json
from .strategy import KNOWN, Node, Search, Strategy, Unproved, complete, show
from .sums import PRODUCT, PRODUCT_PROOF

MOST, SECONDS = 5, 10.0  # factors, time
VALUES = (*FUNCTIONS, "sqrt")


@dataclass(frozen=True)
class Product(Strategy):
    """d <= 0 for a product d of factors, in which values of functions count as variables: what floats say of the sign of each factor is
    proved for all x and y, or in each of the cases x < y, x = y, x > y."""

    def prove(self, goal: Goal, search: Search) -> Node:
        r, part, late = only(goal), search.part(SECONDS), Unproved("the difference of the sides is not a product", show(goal))
        if r.op != "<=":
            raise late
        if not any(pairs(goal)):
            raise late
        constant, factors = factored(goal)
        if constant == 0 or not 2 <= len(factors) <= MOST or not outermost(goal, VALUES):
            raise late
        for x, y in dict.fromkeys(tuple(sorted(pair)) for pair in pairs(goal)):
            try:
                return complete(lambda n: prove(goal, n, ""), self.by_cases(goal, x, y), part)
            except Unproved as problem:
                late = problem
            except LanguageError as problem:
                late = Unproved(f"a factor cannot be written ({problem})", show(goal))
        raise late

    def by_cases(self, goal: Goal, x: str, y: str) -> Node:
        """The goal as a lemma that also speaks of w = x - y, in the cases w < 0, w = 0, w > 0."""
        w = next(n for n in ("w", "gap", "gap_", "gap__") if n not in goal.names)
        parts: list[Any] = [[w, 0]]
        for order, fact, end in (([w, None, 0], ["<", x, y], "hi"), (None, ["=", x, y], ""), ([w, 0, None], ["<", y, x], "lo")):
            sign = {"order": [order] if order else [], "use": [[len(goal.given), 1 if end == "lo" else -1]]}
            proof: Node = {"rule": "orthant", "clauses": [sign]}
            then: Any = Signs(x, y, end)
            if not end:
                then = {"rule": "rewrite", "use": len(goal.given) + 1, "then": Equal()}
            parts.append({"rule": "have", "fact": fact, "proof": proof, "then": then})
        lemma = {
            "vars": [*([v, *ends(*range_ends(goal, v))] for v in goal.ranges), [w, "(", "-oo", "oo", ")"]],
            "given": [*(relation_json(goal, g) for g in goal.given), ["=", w, ["-", x, y]]],
            "then": [relation_json(goal, only(goal))],
        }
        at = {v: v for v in goal.ranges} | {w: ["-", x, y]}
        return {"rule": "apply", "lemma": lemma, "proof": {"rule": "cover", "tree": parts}, "at": at, "side": Each(0), "then": KNOWN}


def factored(goal: Goal) -> tuple[sympy.Expr, list[tuple[sympy.Expr, int]]]:
    """The factors of the difference of the sides, with values of functions as symbols."""
    d = polynomial(goal, only(goal).diff, whole=True)
    try:
        constant, factors = sympy.factor_list(d)
    except (sympy.PolynomialError, ZeroDivisionError):
        return sympy.Integer(0), []
    return constant, factors


@dataclass(frozen=True)
class Equal(Strategy):
    """Where x = y, the sides are equal as polynomials in values of functions, or no more than a quick rule is needed."""

    def prove(self, goal: Goal, search: Search) -> Node:
        from .auto import Auto

        node = Auto(0).quickly(goal, search, 12)
        if node is not None:
            return node
        return Focus((), Abstract(Auto(1, subdivide=False, facts=0), VALUES)).prove(goal, search)


@dataclass(frozen=True)
class Signs(Strategy):
    """The signs of the factors on one side of x = y, and of their product."""

    x: str
    y: str
    end: str

    def prove(self, goal: Goal, search: Search) -> Node:
        constant, factors = factored(goal)
        facts, count = list[Node](), len(goal.given)
        sign, terms = -1 if constant < 0 else 1, list[Any]()
        less = {"<": self.x, ">": self.y} if self.end == "hi" else {"<": self.y, ">": self.x}
        for f, e in factors:
            j = restored(goal, f)
            if e % 2 == 0:
                t = ["^", j, e]
                facts.append({"rule": "have", "fact": ["<=", 0, t], "proof": KNOWN})
            else:
                s = observed(goal, j, less["<"], less[">"])
                sign *= s
                t = j if s > 0 else ["-", 0, j]
                fact = ["<=", 0, j] if s > 0 else ["<=", j, 0]
                facts.append({"rule": "have", "fact": fact, "proof": Factor(self.x, self.y, self.end)})
                if s < 0:
                    facts.append({"rule": "have", "fact": ["<=", 0, t], "proof": Focus((count + len(facts) - 1,), Turned())})
                t = ["^", t, e] if e > 1 else t
                if e > 1:
                    facts.append({"rule": "have", "fact": ["<=", 0, t], "proof": Each()})
            terms.append(t)
        if sign > 0:
            raise Unproved("the factors seem to have signs that make their product positive", show(goal))
        whole = terms[0]
        for t in terms[1:]:
            facts.append({"rule": "apply", "lemma": PRODUCT, "proof": PRODUCT_PROOF, "at": {"u": whole, "v": t}, "side": Each(0)})
            whole = ["*", whole, t]
        end = Focus((count + len(facts) - 1,), Turned())
        return complete(lambda n: prove(goal, n, ""), chained(facts, end), search)


@dataclass(frozen=True)
class Turned(Strategy):
    """A multiple of the hypothesis, where values of functions count as variables."""

    def prove(self, goal: Goal, search: Search) -> Node:
        return (Abstract(Linear(), VALUES) if outermost(goal, VALUES) else Linear()).prove(goal, search)


@dataclass(frozen=True)
class Factor(Strategy):
    """The sign of one factor on one side of x = y: by a quick rule, or from x = y by the sign of its derivative in x."""

    x: str
    y: str
    end: str

    def prove(self, goal: Goal, search: Search) -> Node:
        from .auto import Auto

        node = Auto(0).quickly(goal, search, 12)
        return node if node is not None else Aside(self.x, self.y, self.end).prove(goal, search)


def observed(goal: Goal, j: Any, low: str, high: str) -> int:
    """The one sign of a term that floats see where low < high. Raises: Unproved where there are two."""
    names = [x for x, r in goal.ranges.items() if not r.point()]
    at = samples(goal, names)
    root = goal.arena.read(j, goal.names)
    inside: Any = at[low] < at[high]
    for x in names:
        r = goal.ranges[x]
        inside = inside & (r.lo is None or at[x] >= nearest(r.lo)) & (r.hi is None or at[x] <= nearest(r.hi))
    with np.errstate(all="ignore"):
        values = np.where(inside, float_values(goal, root, at), np.nan)
    goal.arena.work = 0
    positive, negative = bool(np.any(values > 1e-9)), bool(np.any(values < -1e-9))
    if positive == negative:
        raise Unproved("a factor has two signs", show(goal))
    return 1 if positive else -1
