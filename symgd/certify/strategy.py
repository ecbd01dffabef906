"""Strategies: how a certificate is found. Nothing here is trusted; the kernel re-checks what comes out.

A proof template is a certificate node in which a `Strategy` may stand wherever a proof is wanted. `complete` runs the kernel
on the template; each time the kernel stops at a strategy it hands over the goal that is left, and the strategy's proof of
that goal is filled in. So no rule is written twice, once to search and once to check.
"""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..claims import ClauseLike, Statement, _relations
from ..kernel import Reject
from ..kernel.rules import Goal, prove, read_relation
from ..kernel.terms import MAX_WORK
from ..language import Expr, ExprLike, Relation, expr, from_json, text

Node = dict[str, Any]


class Unproved(Exception):
    """No proof was found: `reason` says what was tried, and `left` shows what remains."""

    def __init__(self, reason: str, left: str = "") -> None:
        super().__init__(reason + (f"; left: {left}" if left else ""))
        self.reason, self.left = reason, left


@dataclass
class Search:
    """What a search may spend: wall-clock seconds and leaves of a subdivision; `progress` is told what it does."""

    seconds: float = 60.0
    leaves: int = 20_000
    progress: Callable[[str], None] = lambda message: None
    started: float = field(default_factory=time.monotonic)
    memory: dict[Any, Any] = field(default_factory=dict)  # what worked for the previous member of a family

    def tick(self) -> None:
        if time.monotonic() - self.started > self.seconds:
            raise Unproved(f"the time limit of {self.seconds:g} s ran out; give more with --seconds")


class Strategy(ABC):
    """A way to prove a goal."""

    @abstractmethod
    def prove(self, goal: Goal, search: Search) -> Node:
        """A certificate node for the goal; `Unproved` if there is none."""


def complete(run: Callable[[Any], None], template: Any, search: Search) -> Any:
    """Fill every strategy in the template with a proof of the goal that the kernel finds there.

    Arguments: `run`, the kernel's check of a node; `template`. Raises: Unproved.
    """
    holes: list[Strategy] = []
    places: list[tuple[Any, Any]] = []

    def dig(node: Any, into: Any, key: Any) -> None:
        if isinstance(node, Strategy):
            into[key] = {"rule": f"open {len(holes)}"}
            holes.append(node)
            places.append((into, key))
        elif isinstance(node, Mapping):
            into[key] = dict(node)
            for k, v in node.items():
                dig(v, into[key], k)
        elif isinstance(node, (list, tuple)):
            into[key] = list(node)
            for k, v in enumerate(node):
                dig(v, into[key], k)
        else:
            into[key] = node

    top: dict[str, Any] = {}
    dig(template, top, "proof")
    filled = 0
    while True:
        search.tick()
        try:
            run(top["proof"])
            return top["proof"]
        except Reject as no:
            match = re.match(r"unknown rule 'open (\d+)'", no.why)
            if not match or no.goal is None:
                raise Unproved(f"{no.where}: {no.why}", show(no.goal) if no.goal else "") from None
            no.goal.arena.work = 0
            into, key = places[int(match[1])]
            into[key] = holes[int(match[1])].prove(no.goal, search)
            filled += 1
            if filled == len(holes):  # checked once, at the end, by whoever keeps the certificate
                return top["proof"]


def proves(goal: Goal, node: Node, work: int = 3_000_000) -> bool:
    """Whether the node proves the goal within this much of the kernel's work; a trial may cost less than a certificate."""
    goal.arena.work = MAX_WORK - work
    try:
        prove(goal, node, "")
    except Reject:
        return False
    finally:
        goal.arena.work = 0
    return True


def term_json(goal: Goal, k: int) -> Any:
    """The term as JSON."""
    nodes, out = goal.arena.nodes, {}
    for i in goal.arena.schedule(k):
        op, sub, data = nodes[i]
        out[i] = (int(data) if data.denominator == 1 else str(data)) if op == "num" else data if op == "var" else [op, *(out[j] for j in sub), *([] if data is None else [data])]
    return out[k]


def show(goal: Goal, limit: int = 200) -> str:
    """The goal in one line of text."""
    def side(k: int) -> str:
        return text(from_json(term_json(goal, k)))

    ranges = ", ".join(f"{x} in {'(' if r.lo_open else '['}{'-oo' if r.lo is None else r.lo}, {'oo' if r.hi is None else r.hi}{')' if r.hi_open else ']'}"
                       for x, r in goal.ranges.items())
    try:
        then = " and ".join(" or ".join(f"{side(r.lhs)} {r.op} {side(r.rhs)}" for r in c) for c in goal.then)
    except (RecursionError, Reject):
        then = "a long conclusion"
    line = f"{then} for {ranges}"
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _json(e: ExprLike | None) -> Any:
    return None if e is None else expr(e).json


@dataclass(frozen=True)
class Cases(Strategy):
    """Distinguish x < c, x = c, x > c at each of the points, from left to right; a strategy for all parts, or one each."""

    var: Expr
    points: tuple[ExprLike, ...]
    then: Strategy | Sequence[Strategy]

    def prove(self, goal: Goal, search: Search) -> Node:
        name, tree = text(self.var), []
        parts = 2 * len(self.points) + 1
        each = list(self.then) if isinstance(self.then, Sequence) else [self.then] * parts
        x, r = name, goal.ranges[name]
        rest, tokens = r, []
        for i, c in enumerate(self.points):
            cut = expr(c).json
            q = _fraction(cut)
            tokens.append([x, cut])
            left, middle = rest.meet(None, q, hi_open=True), rest.meet(q, q)
            tokens += [each[2 * i]] if not left.empty() else []
            tokens += [each[2 * i + 1]] if not middle.empty() else []
            rest = rest.meet(q, None, lo_open=True)
            if rest.empty():
                break
        else:
            tokens.append(each[-1])
        tree += tokens
        return complete(lambda n: prove(goal, n, ""), {"rule": "cover", "tree": tree}, search)


def _fraction(data: Any) -> Any:
    from fractions import Fraction
    return Fraction(data)


@dataclass(frozen=True)
class Change(Strategy):
    """Replace x by an expression in a new variable z >= 0 that reaches every value of x, such as x = z^2."""

    var: Expr
    to: str
    by: ExprLike
    then: Strategy
    order: Sequence[Sequence[Any]] = ()

    def prove(self, goal: Goal, search: Search) -> Node:
        order = _order(self.order) or [[x, "0", None] for x, r in goal.ranges.items() if text(self.var) != x and r.lo is not None and r.lo >= 0 and not r.point()]
        node = {"rule": "change", "var": text(self.var), "to": self.to, "by": _json(self.by), "order": [*order, [self.to, 0, None]], "then": self.then}
        return complete(lambda n: prove(goal, n, ""), node, search)


def _order(order: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [[text(expr(x)), _json(lo), _json(hi)] for x, lo, hi in order]


@dataclass(frozen=True)
class Have(Strategy):
    """Prove a fact first, and use it as a hypothesis afterwards."""

    fact: Relation
    by: Strategy
    then: Strategy

    def prove(self, goal: Goal, search: Search) -> Node:
        fact = read_relation(goal.arena, self.fact.json, goal.names)
        proof = self.by.prove(replace(goal, then=((fact,),)), search)
        then = self.then.prove(replace(goal, given=(*goal.given, fact)).narrowed(), search)
        return {"rule": "have", "fact": self.fact.json, "proof": proof, "then": then}


@dataclass(frozen=True)
class Apply(Strategy):
    """Prove a lemma for its own variables and use it at the given terms."""

    lemma: Statement
    at: Mapping[str, ExprLike]
    by: Strategy
    side: Strategy
    then: Strategy

    def prove(self, goal: Goal, search: Search) -> Node:
        data = {k: v for k, v in self.lemma.data.items() if k != "kind"}
        node = {"rule": "apply", "lemma": data, "at": {x: _json(t) for x, t in self.at.items()}, "proof": self.by, "side": self.side, "then": self.then}
        return complete(lambda n: prove(goal, n, ""), node, search)


@dataclass(frozen=True)
class Orthant(Strategy):
    """Polynomial arithmetic with a given parametrisation: `order` lists (x, lower, upper) with bounds that are constants or
    earlier variables; `use` lists, for each conclusion, (number of a hypothesis, multiplier); `pick` the disjunct of each."""

    order: Sequence[Sequence[Any]] = ()
    use: Sequence[Sequence[tuple[int, ExprLike]]] = ()
    pick: Sequence[int] = ()
    orders: Sequence[Sequence[Sequence[Any]]] = ()  # one for each conclusion, instead of `order` for all

    def prove(self, goal: Goal, search: Search) -> Node:
        clauses = []
        for i in range(len(goal.then)):
            entry: Node = {"order": _order(self.orders[i] if self.orders else self.order)}
            if i < len(self.use) and self.use[i]:
                entry["use"] = [[k, _json(m)] for k, m in self.use[i]]
            if i < len(self.pick) and self.pick[i]:
                entry["pick"] = self.pick[i]
            clauses.append(entry)
        return complete(lambda n: prove(goal, n, ""), {"rule": "orthant", "clauses": clauses}, search)


def relation_json(clauses: Sequence[ClauseLike]) -> list[Any]:
    return _relations(clauses, None)
