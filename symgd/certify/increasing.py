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

FUNCTIONS, SECONDS = ("exp", "log", "tanh", "atan"), 3.0


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
        (a, b), lemma, at = found
        fact = [r.op, term_json(goal, a), term_json(goal, b)]
        node: Node = {**lemma, "at": at, "side": Each(), "then": KNOWN}
        node = {"rule": "have", "fact": fact, "proof": Either((Increasing(self.then), self.then)), "then": node}
        return complete(lambda n: prove(goal, n, ""), node, search.part(SECONDS))


def promising(goal: Goal) -> bool:
    """Whether what is left in the end speaks of no functions."""
    (r, *more), *others = goal.then
    sides = (r.lhs, r.rhs)
    while not (more or others) and r.op in ("<", "<=") and (found := peeled(goal, r.op, *sides)) is not None:
        sides = found[0]
    used = {goal.arena.nodes[k][0] for side in sides for k in goal.arena.schedule(side)}
    return sides != (r.lhs, r.rhs) and not used & {*FUNCTIONS, "sin", "cos", "pow", "sqrt"}


def peeled(goal: Goal, op: str, lhs: int, rhs: int) -> tuple[tuple[int, int], Node, dict[str, Any]] | None:
    """The sides of what has to be shown of the arguments, the lemma that ends the proof, and the terms it is applied to."""
    nodes = goal.arena.nodes
    (f, a, _), (g, b, _) = nodes[lhs], nodes[rhs]

    def terms(**at: int) -> dict[str, Any]:
        return {x: term_json(goal, k) for x, k in at.items()}

    if f != g:
        return None
    if f in FUNCTIONS and (op, f) != ("<", "tanh"):
        return (a[0], b[0]), growing(op, f), terms(u=a[0], v=b[0])
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
                    sides_left = (b[1 - j], a[1 - i]) if turned else (a[1 - i], b[1 - j])
                    return sides_left, {"rule": "apply", "lemma": lemma, "proof": proof}, {x: at[x] for x in names}
    return None
