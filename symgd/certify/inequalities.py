"""Inequalities about square roots, absolute values, logarithms and exponentials: both sides are squared, or exponentials lie above their
tangents. What has to be shown then is left to `Facts`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from math import lcm
from typing import Any

from ..kernel.rules import Goal, prove
from .abstraction import Abstract, Each, relations_of
from .elimination import Eliminate, only
from .facts import REAL, Facts, Finish, Instance, applied, arguments, polynomial, value_of
from .strategy import KNOWN, Either, Given, Node, Search, Strategy, Unproved, complete, show, term_json

SQUARES: Node = {
    "vars": [["u", *REAL], ["v", "[", "0", "oo", ")"]],
    "given": [["<=", ["^", "u", 2], ["^", "v", 2]]],
    "then": [["<=", "u", "v"]],
}
SQUARES_PROOF: Node = {
    "rule": "cover",
    "tree": [
        ["u", 0],
        {"rule": "orthant", "clauses": [{"order": [["u", None, 0], ["v", 0, None]]}]},
        {"rule": "orthant", "clauses": [{"order": [["v", 0, None]]}]},
        {"rule": "orthant", "clauses": [{"order": [["u", 0, None], ["v", 0, None]], "use": [[0, ["/", 1, ["+", "u", "v"]]]]}]},
    ],
}


@dataclass(frozen=True)
class Squares(Strategy):
    """a <= b from a^2 <= b^2 and 0 <= b, where square roots are part of the sides."""

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        if r.op != "<=" or not arguments(goal, "sqrt"):
            raise Unproved("no square roots to be squared", show(goal))
        a, b = (term_json(goal, k) for k in (r.lhs, r.rhs))
        roots = tuple(("sqrt", {"u": j}) for j in constants(goal, "sqrt"))
        last: Node = {"rule": "apply", "lemma": SQUARES, "proof": SQUARES_PROOF, "at": {"u": a, "v": b}, "side": Each(), "then": KNOWN}
        inner: Node = {"rule": "have", "fact": ["<=", ["^", a, 2], ["^", b, 2]], "proof": Facts(Finish(), roots), "then": last}
        node: Node = {"rule": "have", "fact": ["<=", 0, b], "proof": Each(), "then": inner}
        return complete(lambda n: prove(goal, n, ""), node, search)


@dataclass(frozen=True)
class Absolute(Strategy):
    """|a| <= b from a <= b and -a <= b."""

    each: Strategy | None = None

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        op, sub, _ = goal.arena.nodes[r.lhs]
        if op != "abs" or r.op not in ("<", "<="):
            raise Unproved("no absolute value to be split", show(goal))
        from .auto import Auto, Separately

        a, b = (term_json(goal, k) for k in (sub[0], r.rhs))
        given = [[r.op, "u", "v"], [r.op, ["-", 0, "u"], "v"]]
        lemma = {"vars": [["u", *REAL], ["v", *REAL]], "given": given, "then": [[r.op, ["abs", "u"], "v"]]}
        signs: tuple[tuple[int, list[Any]], ...] = ((1, [["u", None, 0]]), (0, []), (0, [["u", 0, None]]))
        cases = [{"rule": "orthant", "clauses": [{"order": order, "use": [[k, 1]]}]} for k, order in signs]
        proof = {"rule": "cover", "tree": [["u", 0], *cases]}
        side = Separately(self.each or Auto(2))
        node: Node = {"rule": "apply", "lemma": lemma, "proof": proof, "at": {"u": a, "v": b}, "side": side, "then": KNOWN}
        return complete(lambda n: prove(goal, n, ""), node, search)


@dataclass(frozen=True)
class Exponentials(Strategy):
    """d <= 0, d < 0 or d = 0 for a sum d of rational multiples of logarithms and of a rest: exp(n d) <= 1 and the like, where the
    exponential is a product, and then n d <= exp(n d) - 1 <= 0."""

    def prove(self, goal: Goal, search: Search) -> Node:
        if not arguments(goal, "log"):
            raise Unproved("no sum of logarithms", show(goal))
        return Facts(Logarithms(), signs=True).prove(goal, search)


@dataclass(frozen=True)
class Logarithms(Strategy):
    """`Exponentials`, where the signs of the arguments are known."""

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        s = polynomial(goal, r.diff)
        logs = [x for x in s.free_symbols if value_of(goal, x) == "log"]
        coefficients = [s.coeff(x) for x in logs]
        if r.op == "!=" or not logs or not all(c.is_Rational for c in coefficients):
            raise Unproved("no sum of logarithms", show(goal))
        n = lcm(*(c.q for c in coefficients))
        whole: Any = term_json(goal, r.diff) if n == 1 else ["*", n, term_json(goal, r.diff)]
        share, last = str(Fraction(1, n)), len(goal.given)
        value: Node = {"rule": "have", "fact": [r.op, ["exp", whole], 1], "proof": Either((Facts(Finish()), Tangents(False)))}
        if r.op == "=":  # exp(n d) is its own square, so that its logarithm is twice itself
            own: Node = {**applied("log exp", {"u": whole}), "side": Each(), "then": Abstract(Eliminate(Given(KNOWN)))}
            e = ["exp", whole]
            square: Node = {"rule": "have", "fact": ["=", e, ["*", e, e]], "proof": Abstract(Eliminate(Given(KNOWN)))}
            twice: Node = {**applied("log *", {"u": e, "v": e, "w": e}), "side": Each(), "then": own}
            positive: Node = {**applied("exp", {"u": whole}), "side": Each(), "then": {**square, "then": twice}}
            node = {**value, "then": positive}
        else:
            ends: Strategy = Abstract(Given({"rule": "orthant", "clauses": [{"use": [[last, share], [last + 1, share]]}]}))
            node = {**value, "then": {**applied("tangent", {"u": whole}), "side": Each(), "then": ends}}
        return complete(lambda n: prove(goal, n, ""), node, search)


@dataclass(frozen=True)
class AsExponentials(Strategy):
    """tanh u is written 1 - 2/(exp(2 u) + 1), and so are sigmoids."""

    def prove(self, goal: Goal, search: Search) -> Node:
        from .auto import Auto

        arena = goal.arena
        terms = {k for c in goal.then for r in c for k in arena.schedule(r.diff) if arena.nodes[k][0] == "tanh"}
        outer = sorted(k for k in terms if not any(k != j and k in arena.schedule(j) for j in terms))
        if not outer:
            raise Unproved("no hyperbolic tangent", show(goal))
        then: Any = Auto(3, subdivide=False)
        for i, k in reversed(list(enumerate(outer, len(goal.given)))):
            then = {"rule": "rewrite", "use": i, "then": then}
            u = term_json(goal, arena.nodes[k][1][0])
            then = {"rule": "apply", "lemma": TANH, "proof": Auto(3), "at": {"u": u}, "side": Each(0), "then": then}
        return complete(lambda n: prove(goal, n, ""), then, search)


TANH: Node = {"vars": [["u", *REAL]], "then": [["=", ["tanh", "u"], ["-", 1, ["/", 2, ["+", ["exp", ["*", 2, "u"]], 1]]]]]}


@dataclass(frozen=True)
class Tangents(Strategy):
    """Exponentials lie above their tangents at 0: at the arguments of the goal, the logarithms in it, their negatives, and differences."""

    logs: bool = True

    def prove(self, goal: Goal, search: Search) -> Node:
        at = [j for j, _ in arguments(goal, "exp") if "log" not in str(j)]
        numbers = [["log", j] for j in constants(goal)] if self.logs else []
        at += [["log", j] for j, _ in arguments(goal, "log")] if self.logs else []
        if not at or len(at) > 4:
            raise Unproved("no exponentials", show(goal))
        signed: list[Any] = [j for k in at for j in (k, ["-", 0, k])]
        signed += [["-", a, b] for a, b in permutations(at, 2)]
        signed += [["-", ["-", 0, a], b] for a in at for b in numbers]
        return Facts(Finish(), tuple(("tangent", {"u": j}) for j in signed)).prove(goal, search)


def constants(goal: Goal, op: str = "log") -> list[Any]:
    """The numbers of which the goal has the logarithm, or another function."""
    nodes = goal.arena.nodes
    terms = {k for r in relations_of(goal) for k in goal.arena.schedule(r.diff) if nodes[k][0] == op and not goal.arena.variables(k)}
    return [term_json(goal, nodes[k][1][0]) for k in sorted(terms)]


@dataclass(frozen=True)
class TakeLogs(Strategy):
    """a <= exp(b) from log(a) <= b where 0 < a, and exp(b) <= a from b <= log(a): with w >= 0 for the difference, exp(w) >= 1 + w."""

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        exponential = [goal.arena.nodes[k][0] == "exp" for k in (r.lhs, r.rhs)]
        if r.op != "<=" or sum(exponential) != 1:
            raise Unproved("not an inequality with one exponential alone on a side", show(goal))
        left, right = (term_json(goal, k) for k in (r.lhs, r.rhs))
        a, b = (left, right[1]) if exponential[1] else (right, left[1])
        log = ["log", a]
        w, fact = (["-", b, log], ["<=", log, b]) if exponential[1] else (["-", log, b], ["<=", b, log])
        added = {"u": log, "v": w, "w": b} if exponential[1] else {"u": b, "v": w, "w": log}
        return Facts(Compare(a, fact, (("exp log", {"u": a}), ("tangent", {"u": w}), ("exp +", added))), signs=True).prove(goal, search)


@dataclass(frozen=True)
class Compare(Strategy):
    """The end of `TakeLogs`: 0 < a, the inequality of the logarithms, and what follows from both by the facts."""

    a: Any
    fact: Any
    extra: tuple[Instance, ...]

    def prove(self, goal: Goal, search: Search) -> Node:
        from .auto import Auto

        compare: Node = {"rule": "have", "fact": self.fact, "proof": Auto(3, facts=1), "then": Facts(Finish(), self.extra)}
        node: Node = {"rule": "have", "fact": ["<", 0, self.a], "proof": Each(), "then": compare}
        return complete(lambda n: prove(goal, n, ""), node, search)
