"""Proof templates for orbits, zeros and preimages: regions of the state space, and why orbits do there what they do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import Any

import mpmath

from ..claims import RelationLike, _relations
from ..kernel.rules import Goal, Range, read_range
from ..kernel.terms import Arena
from ..language import ExprLike, Variable
from .auto import Auto
from .cover import Cover
from .strategy import Node, Search, Strategy, as_json


class Template(ABC):
    """A certificate with strategies in place of proofs; `refutes` where it settles the claim in the negative."""

    refutes = False

    @abstractmethod
    def node(self, claim: Mapping[str, Any]) -> Node:
        """The certificate node, strategies included."""


@dataclass(frozen=True)
class Region(ABC):
    """The states that satisfy all of `where`; `by` proves what the argument needs."""

    where: Sequence[RelationLike]

    def base(self, why: str, **more: Any) -> Node:
        return {"where": _relations(self.where, None), "why": why, **more}

    @abstractmethod
    def node(self) -> Node:
        """The region as the kernel reads it."""


@dataclass(frozen=True)
class Step(Region):
    """One step leads into one of the regions numbered `to` (all later in the list)."""

    to: Sequence[int]
    by: Strategy = field(default_factory=Auto)

    def node(self) -> Node:
        return self.base("step", to=list(self.to), proof=self.by)


@dataclass(frozen=True)
class Descend(Region):
    """Each step leads into a region of `to`, or stays here while `measure` >= floor falls by at least `drop` > 0."""

    to: Sequence[int]
    measure: ExprLike
    drop: ExprLike
    floor: ExprLike
    by: Strategy = field(default_factory=Auto)

    def node(self) -> Node:
        return self.base(
            "descend", to=list(self.to), measure=as_json(self.measure), drop=as_json(self.drop), floor=as_json(self.floor), proof=self.by
        )


@dataclass(frozen=True)
class Reach(Region):
    """The region is the point that the outcome names."""

    outcome: int = 0
    by: Strategy = field(default_factory=Auto)

    def node(self) -> Node:
        return self.base("reach", outcome=self.outcome, proof=self.by)


@dataclass(frozen=True)
class Stay(Region):
    """The map keeps the region, and the region lies in the set of the outcome."""

    outcome: int = 0
    by: Strategy = field(default_factory=Auto)

    def node(self) -> Node:
        return self.base("stay", outcome=self.outcome, proof=self.by)


@dataclass(frozen=True)
class Approach(Region):
    """An interval that holds the limit, is kept by the map, and on which distances to the limit fall strictly."""

    outcome: int = 0
    by: Strategy = field(default_factory=Auto)

    def node(self) -> Node:
        return self.base("approach", outcome=self.outcome, proof=self.by)


@dataclass(frozen=True)
class Contract(Region):
    """The map keeps the region and contracts distances to the limit by `factor`; `ratio` is (f(x) - p)/(x - p), where given."""

    factor: ExprLike = 0
    ratio: ExprLike | None = None
    outcome: int = 0
    by: Strategy = field(default_factory=Auto)

    def node(self) -> Node:
        more = {} if self.ratio is None else {"ratio": as_json(self.ratio)}
        return self.base("contract", outcome=self.outcome, factor=as_json(self.factor), **more, proof=self.by)


@dataclass(frozen=True)
class Escape(Region):
    """The region is c < V with V = x, -x or |x|; the map keeps it and V increases strictly."""

    measure: ExprLike = 0
    outcome: int = 0
    by: Strategy = field(default_factory=Auto)

    def node(self) -> Node:
        return self.base("escape", outcome=self.outcome, measure=as_json(self.measure), proof=self.by)


@dataclass(frozen=True)
class Orbit(Template):
    """Regions in order, a proof that every start is in one, and for observed values the map they move by.

    `factor` is (variable, map, strategy): the observed value moves by that map.
    """

    regions: Sequence[Region]
    start: Strategy = field(default_factory=Auto)
    factor: tuple[Variable, ExprLike, Strategy] | None = None

    def node(self, claim: Mapping[str, Any]) -> Node:
        node: Node = {"regions": [r.node() for r in self.regions], "start": self.start}
        if self.factor is not None:
            r, q, by = self.factor
            node["factor"] = {"var": r.name, "map": as_json(q), "proof": by}
        return node


def _numbers(values: Mapping[str, ExprLike]) -> dict[str, str]:
    return {x: str(as_json(q)) for x, q in values.items()}


@dataclass(frozen=True)
class Cycle(Template):
    """Refute by an exact orbit: from `start` at parameters `at`, the state after `after` steps returns with this period."""

    start: Mapping[str, ExprLike]
    period: int
    at: Mapping[str, ExprLike] = field(default_factory=dict)
    after: int = 0
    refutes = True

    def node(self, claim: Mapping[str, Any]) -> Node:
        return {"at": _numbers(self.at), "start": _numbers(self.start), "cycle": [self.after, self.period]}


@dataclass(frozen=True)
class Instead(Template):
    """Refute by another outcome: from `start` at parameters `at` the orbit provably does `outcome` instead."""

    start: Mapping[str, ExprLike]
    outcome: Mapping[str, Any]
    regions: Sequence[Region]
    at: Mapping[str, ExprLike] = field(default_factory=dict)
    refutes = True

    def node(self, claim: Mapping[str, Any]) -> Node:
        proof = Orbit(self.regions).node(claim)
        return {"at": _numbers(self.at), "start": _numbers(self.start), "instead": dict(self.outcome), "proof": proof}


@dataclass(frozen=True)
class Preimages(Template):
    """The three parts of the preimage rule: the base points, the next preimage, and that there are no others."""

    base: Strategy = field(default_factory=Auto)
    following: Strategy = field(default_factory=Auto)
    only: Strategy = field(default_factory=Auto)

    def node(self, claim: Mapping[str, Any]) -> Node:
        return {"base": self.base, "next": self.following, "only": self.only}


@dataclass(frozen=True)
class ZeroIn(Template):
    """Exactly one zero near the point `near` (found numerically where not given): Newton or Krawczyk in a box of this
    radius, and subdivision for the rest of the domain."""

    near: Mapping[str, ExprLike] | None = None
    radius: Fraction = Fraction(1, 2**10)
    leaves: int = 20_000

    def node(self, claim: Mapping[str, Any]) -> Node:
        unknowns = [v[0] for v in claim["vars"]]
        centre = {x: Fraction(as_json(q)) for x, q in self.near.items()} if self.near else find_zero(claim)
        p = 80
        box = []
        for entry in claim["vars"]:
            x, _, lo, hi, _ = entry
            a, b = (Fraction(round((centre[x] + s * self.radius) * 2**60), 2**60) for s in (-1, 1))
            a = max(a, Fraction(lo)) if lo != "-oo" else a
            b = min(b, Fraction(hi)) if hi != "oo" else b
            box.append([x, "[", str(a), str(b), "]"])
        elsewhere = Cover(self.leaves, inner=partial(_quick, dict(read_range(r) for r in box)))
        node: Node = {"box": box, "precision": p, "holds": Auto(), "elsewhere": elsewhere}
        if len(unknowns) > 1:
            node["inverse"] = jacobian_inverse(claim, centre)
        return node


def _quick(box: Mapping[str, Range], goal: Goal, search: Search) -> Node | None:
    """A rule for a whole part of the domain away from the box of the zero: there no equation holds, and one proof serves each clause."""
    if not any(goal.ranges[x].meet(*r[:4]).empty() for x, r in box.items()):
        return None
    node = Auto(0).quickly(replace(goal, then=(goal.then[0][:-1],)), search)
    if node is None or "clauses" not in node:
        return node
    return {**node, "clauses": node["clauses"] * len(goal.then)}


def find_zero(claim: Mapping[str, Any]) -> dict[str, Fraction]:
    """A zero of the equations by mpmath, from starts spread over the domain (parameters at the middle of their ranges)."""
    functions, starts = _float_system(claim), []
    ranges = [(entry[2], entry[3]) for entry in claim["vars"]]
    spans = [(float(Fraction(lo)) if lo != "-oo" else -10.0, float(Fraction(hi)) if hi != "oo" else 10.0) for lo, hi in ranges]
    for k in range(1, 40):  # a low-discrepancy walk through the box
        starts.append(
            [lo + (hi - lo) * ((k * a) % 1) for (lo, hi), a in zip(spans, (0.618034, 0.754878, 0.569840, 0.438579) * 8, strict=False)]
        )
    for start in starts:
        try:
            root = mpmath.findroot(functions, start if len(start) > 1 else start[0])
        except (ValueError, ZeroDivisionError, TypeError):
            continue
        values = [float(v) for v in root] if len(start) > 1 else [float(root)]
        if all(lo <= v <= hi for v, (lo, hi) in zip(values, spans, strict=True)):
            return {entry[0]: Fraction(v).limit_denominator(2**60) for entry, v in zip(claim["vars"], values, strict=True)}
    from .strategy import Unproved

    raise Unproved("no zero was found numerically; give one with ZeroIn(near={...})")


def approximate(arena: Arena, term: int, point: Mapping[str, Any]) -> Any:
    """The value of the term in mpmath's working precision, for values of its variables."""
    operations = {
        "num": lambda q: mpmath.mpf(q.numerator) / q.denominator,
        "var": point.__getitem__,
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "^": lambda a, n: a**n,
        "pow": lambda a, e: a ** (mpmath.mpf(Fraction(e).numerator) / Fraction(e).denominator),
        "abs": abs,
        "max": max,
        **{name: getattr(mpmath, name) for name in ("sqrt", "sign", "exp", "log", "sin", "cos", "tanh", "atan")},
    }
    return arena.fold(term, operations, {})


def _float_system(claim: Mapping[str, Any]) -> Any:
    from ..kernel.check import read_zero

    goal, equations, unknowns = read_zero(dict(claim))
    middle = {
        x: float((r.lo + r.hi) / 2) if r.lo is not None and r.hi is not None else float(r.lo or r.hi or 0)
        for x, r in goal.ranges.items()
        if x not in unknowns
    }

    def value(f: int, point: dict[str, Any]) -> Any:
        return approximate(goal.arena, f, point)

    if len(unknowns) == 1:
        return lambda x: value(equations[0], {**middle, unknowns[0]: x})
    return lambda *xs: [value(f, {**middle, **dict(zip(unknowns, xs, strict=True))}) for f in equations]


def jacobian_inverse(claim: Mapping[str, Any], centre: Mapping[str, Fraction]) -> list[list[str]]:
    """An approximate inverse of the Jacobian, as exact dyadic numbers; any matrix is sound, a good one succeeds."""
    system = _float_system(claim)
    point = [mpmath.mpf(q.numerator) / q.denominator for q in centre.values()]
    jacobian = _finite_differences(system, point)
    inverse = mpmath.inverse(jacobian)
    n = len(point)
    return [[str(Fraction(round(float(inverse[i, j]) * 2**30), 2**30)) for j in range(n)] for i in range(n)]


def _finite_differences(system: Any, point: list[Any]) -> Any:
    n, h = len(point), mpmath.mpf(2) ** -20
    columns = []
    for j in range(n):
        up, down = ([x + s * h * (i == j) for i, x in enumerate(point)] for s in (1, -1))
        columns.append([(a - b) / (2 * h) for a, b in zip(system(*up), system(*down), strict=True)])
    return mpmath.matrix(n, n) + mpmath.matrix([[columns[j][i] for j in range(n)] for i in range(n)])
