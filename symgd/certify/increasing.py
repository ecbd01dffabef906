"""Inequalities between values of one increasing function, from that of the arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..kernel.rules import Goal, prove
from .abstraction import Each
from .elimination import only
from .facts import REAL
from .logarithms import growing
from .strategy import KNOWN, Either, Node, Search, Strategy, Unproved, complete, show, term_json

FUNCTIONS = ("exp", "log", "tanh", "atan")


@dataclass(frozen=True)
class Increasing(Strategy):
    """f(a) <= f(b) from a <= b for an increasing f, a + c <= b + c from a <= b, and so on, as often as the sides have this shape; `then`
    proves what is left."""

    then: Strategy

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        found = peeled(goal, r.op, r.lhs, r.rhs) if r.op in ("<", "<=") else None
        if found is None:
            raise Unproved("the sides are not values of one increasing function", show(goal))
        fact, lemma, at = found
        node: Node = {**lemma, "at": at, "side": Each(), "then": KNOWN}
        node = {"rule": "have", "fact": fact, "proof": Either((Increasing(self.then), self.then)), "then": node}
        return complete(lambda n: prove(goal, n, ""), node, search)


def peeled(goal: Goal, op: str, lhs: int, rhs: int) -> tuple[list[Any], Node, dict[str, Any]] | None:
    """What has to be shown of the arguments, the lemma that ends the proof, and the terms it is applied to."""
    nodes = goal.arena.nodes
    (f, a, _), (g, b, _) = nodes[lhs], nodes[rhs]

    def terms(**at: int) -> dict[str, Any]:
        return {x: term_json(goal, k) for x, k in at.items()}

    if f != g:
        return None
    if f in FUNCTIONS and (op, f) != ("<", "tanh"):
        at = terms(u=a[0], v=b[0])
        return [op, at["u"], at["v"]], growing(op, f), at
    if f in ("+", "-", "*"):
        for i in (0, 1):
            for j in (0, 1) if f == "+" else (i,):  # where the common part stands
                if a[i] == b[j] and (f != "*" or (nodes[a[i]][0] == "num" and nodes[a[i]][2] > 0)):
                    at, c = terms(u=a[1 - i], v=b[1 - j], w=a[i]), str(nodes[a[i]][2]) if f == "*" else 1
                    turned = f == "-" and i == 0  # c - a <= c - b from b <= a
                    given = [op, "v", "u"] if turned else [op, "u", "v"]
                    w: Any = c if f == "*" else "w"
                    sides = [[f, w, x] if k == 0 else [f, x, w] for x, k in (("u", i), ("v", j))]
                    names = ["u", "v"] + ["w"] * (f != "*")
                    lemma = {"vars": [[x, *REAL] for x in names], "given": [given], "then": [[op, *sides]]}
                    proof: Node = {"rule": "orthant", "clauses": [{"use": [[0, c]]}]}
                    fact = [op, at["v"], at["u"]] if turned else [op, at["u"], at["v"]]
                    return fact, {"rule": "apply", "lemma": lemma, "proof": proof}, {x: at[x] for x in names}
    return None
