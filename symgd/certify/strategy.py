"""Strategies: how a certificate is found. Nothing here is trusted; the kernel re-checks what comes out.

A proof template is a certificate node in which a `Strategy` may stand wherever a proof is wanted. `complete` runs the kernel
on the template; each time the kernel stops at a strategy it hands over the goal that is left, and the strategy's proof of
that goal is filled in. So no rule is written twice, once to search and once to check.
"""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..claims import Statement, as_fraction
from ..kernel import Reject
from ..kernel.rules import Goal, Range, prove, read_relation
from ..kernel.terms import MAX_WORK
from ..language import Expr, ExprLike, Relation, Variable, expr, from_json, text

Node = dict[str, Any]
KNOWN: Node = {"rule": "cover", "tree": ["n"]}  # the conclusion is a hypothesis


class Unproved(Exception):
    """No proof was found: `reason` says what was tried, and `left` shows what remains. After a subdivision of `goal`, `boxes` are the
    parts of its domain that are not settled."""

    def __init__(self, reason: str, left: str = "", goal: Goal | None = None, boxes: Iterable[Mapping[str, Range]] = ()) -> None:
        super().__init__(reason + (f"; left: {left}" if left else ""))
        self.reason, self.left, self.goal, self.boxes = reason, left, goal, tuple(boxes)


@dataclass
class Search:
    """What a search may spend: wall-clock seconds and leaves of a subdivision; `progress` is told what it does."""

    seconds: float = 60.0
    leaves: int = 20_000
    progress: Callable[[str], None] = lambda message: None
    started: float = field(default_factory=time.monotonic)
    memory: dict[Any, Any] = field(default_factory=dict)  # what worked for the previous member of a family
    hunt: Callable[[Mapping[str, Any], float], Node | None] | None = None  # a refutation of a statement in so many seconds, or None

    def tick(self) -> None:
        if time.monotonic() - self.started > self.seconds:
            raise Unproved(f"the time limit of {self.seconds:g} s ran out; give more with --seconds")

    def part(self, seconds: float) -> Search:
        """The same search with at most so many seconds from now on."""
        return replace(self, seconds=min(self.seconds, time.monotonic() - self.started + seconds))


class Strategy(ABC):
    """A way to prove a goal."""

    @abstractmethod
    def prove(self, goal: Goal, search: Search) -> Node:
        """A certificate node for the goal; `Unproved` if there is none."""


def complete(run: Callable[[Any], None], template: Any, search: Search) -> Node:
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
            return dict(top["proof"])
        except (LookupError, TypeError, ValueError) as malformed:  # it names a hypothesis or a variable that the goal does not have
            raise Unproved(f"the strategy does not fit the goal ({type(malformed).__name__}: {malformed})") from None
        except Reject as no:
            match = re.match(r"unknown rule 'open (\d+)'", no.why)
            if not match or no.goal is None:
                raise Unproved(f"{no.where}: {no.why}", show(no.goal) if no.goal else "") from None
            no.goal.arena.work = 0
            into, key = places[int(match[1])]
            into[key] = holes[int(match[1])].prove(no.goal, search)
            filled += 1
            if filled == len(holes):  # checked once, at the end, by whoever keeps the certificate
                return dict(top["proof"])


def proves(goal: Goal, node: Node, work: int = 3_000_000) -> bool:
    """Whether the node proves the goal within this much of the kernel's work; a trial may cost less than a certificate."""
    goal.arena.work = MAX_WORK - work
    try:
        prove(goal, node, "")
    except (Reject, LookupError, TypeError, ValueError):  # what the kernel calls malformed is no proof either
        return False
    finally:
        goal.arena.work = 0
    return True


def term_json(goal: Goal, k: int, named: Mapping[int, str] | None = None) -> Any:
    """The term as JSON; the terms in `named` are written by the names there."""
    nodes = goal.arena.nodes
    out: dict[int, Any] = {}
    for i in goal.arena.schedule(k):
        op, sub, data = nodes[i]
        if named and i in named:
            out[i] = named[i]
        elif op == "num":
            out[i] = int(data) if data.denominator == 1 else str(data)
        else:
            out[i] = data if op == "var" else [op, *(out[j] for j in sub), *([] if data is None else [data])]
    return out[k]


def show(goal: Goal, limit: int = 200) -> str:
    """The goal in one line of text."""

    def side(k: int) -> str:
        return text(from_json(term_json(goal, k)))

    ranges = ", ".join(f"{x} in {Variable(x, *r).range_text()}" for x, r in goal.ranges.items())
    try:
        then = " and ".join(" or ".join(f"{side(r.lhs)} {r.op} {side(r.rhs)}" for r in c) for c in goal.then)
    except (RecursionError, Reject):
        then = "a long conclusion"
    line = f"{then} for {ranges}"
    return line if len(line) <= limit else line[: limit - 3] + "..."


def as_json(e: ExprLike | None) -> Any:
    return None if e is None else expr(e).json


@dataclass(frozen=True)
class Cases(Strategy):
    """Distinguish x < c, x = c, x > c at each of the points, from left to right; a strategy for all parts, or one each."""

    var: Expr
    points: tuple[ExprLike, ...]
    then: Strategy | Sequence[Strategy]

    def prove(self, goal: Goal, search: Search) -> Node:
        name = text(self.var)
        each = list(self.then) if isinstance(self.then, Sequence) else [self.then] * (2 * len(self.points) + 1)
        tree: list[Any] = []
        rest = goal.ranges[name]
        for i, point in enumerate(self.points):
            c = as_fraction(point)
            tree.append([name, str(c)])
            tree += [] if rest.meet(None, c, hi_open=True).empty() else [each[2 * i]]
            tree += [] if rest.meet(c, c).empty() else [each[2 * i + 1]]
            rest = rest.meet(c, None, lo_open=True)
            if rest.empty():
                break
        else:
            tree.append(each[-1])
        return complete(lambda n: prove(goal, n, ""), {"rule": "cover", "tree": tree}, search)


def nonnegative(goal: Goal, but: str) -> list[list[Any]]:
    """The order of `orthant` in which every other variable of one sign is bounded by an end of its range."""
    others = {x: r for x, r in goal.ranges.items() if x != but and not r.point()}
    above = [[x, str(r.lo), None] for x, r in others.items() if r.lo is not None and r.lo >= 0]
    return above + [[x, None, str(r.hi)] for x, r in others.items() if r.hi is not None and r.hi <= 0]


def as_order(order: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [[text(expr(x)), as_json(lo), as_json(hi)] for x, lo, hi in order]


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


def with_facts(*proved: tuple[Relation, Strategy], then: Strategy) -> Strategy:
    """Facts that are shown in order and are hypotheses in what follows.

    Arguments: `proved`, pairs of a fact and its proof; `then`, the proof of the goal from them.
    """
    for fact, by in reversed(proved):
        then = Have(fact, by, then)
    return then


@dataclass(frozen=True)
class Known(Strategy):
    """Nothing is left to do: each conclusion is a hypothesis, or holds by a natural enclosure, or says that a polynomial is defined."""

    def prove(self, goal: Goal, search: Search) -> Node:
        says_defined = any(r.op == "=" and r.lhs == r.rhs for (r, *_) in goal.then)
        node: Node = {"rule": "defined", "proof": KNOWN} if says_defined else KNOWN
        return complete(lambda n: prove(goal, n, ""), node, search)


@dataclass(frozen=True)
class Apply(Strategy):
    """Prove a lemma for its own variables and use it at the given terms: `side` shows that it may be used, `then` the goal."""

    lemma: Statement
    at: Mapping[str, ExprLike]
    by: Strategy
    side: Strategy = Known()
    then: Strategy = Known()

    def prove(self, goal: Goal, search: Search) -> Node:
        data = {k: v for k, v in self.lemma.data.items() if k != "kind"}
        node: dict[str, Any] = {"rule": "apply", "lemma": data, "at": {x: as_json(t) for x, t in self.at.items()}}
        node |= {"proof": self.by, "side": self.side, "then": self.then}
        return complete(lambda n: prove(goal, n, ""), node, search)


@dataclass(frozen=True)
class Orthant(Strategy):
    """Polynomial arithmetic with a given parametrisation: `order` lists (x, lower, upper) with bounds that are constants or
    earlier variables; `use` lists, for each conclusion, (number of a hypothesis, multiplier); `pick` the disjunct of each; `flip` the
    numbers of conclusions a != b that are shown as b < a."""

    order: Sequence[Sequence[Any]] = ()
    use: Sequence[Sequence[tuple[int, ExprLike]]] = ()
    pick: Sequence[int] = ()
    orders: Sequence[Sequence[Sequence[Any]]] = ()  # one for each conclusion, instead of `order` for all
    flip: Sequence[int] = ()

    def prove(self, goal: Goal, search: Search) -> Node:
        clauses = []
        for i in range(len(goal.then)):
            entry: Node = {"order": as_order(self.orders[i] if self.orders else self.order)}
            if i < len(self.use) and self.use[i]:
                entry["use"] = [[k, as_json(m)] for k, m in self.use[i]]
            if i < len(self.pick) and self.pick[i]:
                entry["pick"] = self.pick[i]
            if i in self.flip:
                entry["flip"] = True
            clauses.append(entry)
        return complete(lambda n: prove(goal, n, ""), {"rule": "orthant", "clauses": clauses}, search)


@dataclass(frozen=True)
class Either(Strategy):
    """The first of several strategies that finds a proof."""

    strategies: tuple[Strategy, ...]

    def prove(self, goal: Goal, search: Search) -> Node:
        return first(self.strategies, goal, search)


@dataclass(frozen=True)
class Given(Strategy):
    """A node that is known beforehand, with or without strategies in it."""

    node: Node

    def prove(self, goal: Goal, search: Search) -> Node:
        return complete(lambda n: prove(goal, n, ""), self.node, search)


def first(attempts: Iterable[Strategy], goal: Goal, search: Search) -> Node:
    """The first proof that one of the strategies finds."""
    problem = Unproved("no rule applies", show(goal))
    for strategy in attempts:
        search.tick()
        goal.arena.work = 0
        try:
            return strategy.prove(goal, search)
        except Unproved as no:
            problem = no
    raise problem
