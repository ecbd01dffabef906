"""A `for all` statement as a search problem: equations, hypotheses, and for each conclusion the margin by which it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..kernel import Reject
from ..kernel.rules import Goal, Range, Relation, read_goal
from ..kernel.terms import Arena, Undefined, to_interval
from .floats import Compiled
from .sampling import has

PRECISIONS = (64, 192, 640, 1900, 3400)  # bits; the last is 1000 digits
Point = dict[str, Fraction]


@dataclass(frozen=True)
class Target:
    """One way to refute the statement: the relations of a clause that all have to fail, `!=` among them as equations."""

    clause: int
    relations: tuple[Relation, ...]  # of <, <=, =: to be false
    equations: tuple[int, ...]  # differences of != relations: to be zero


class Problem:
    """The statement, compiled; made once for each process that works on it."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.goal: Goal = read_goal(data, Arena())
        self.arena = self.goal.arena
        self.names: list[str] = list(self.goal.ranges)
        self.ranges: list[Range] = list(self.goal.ranges.values())
        self.place = {x: i for i, x in enumerate(self.names)}
        self.real = [i for i, r in enumerate(self.ranges) if not r.integer and not r.point()]
        self.integers = [i for i, r in enumerate(self.ranges) if r.integer and not r.point()]
        nodes = self.arena.nodes
        trivial = [r for r in self.goal.given if self._is_range(r)]
        rest = [r for r in self.goal.given if r not in trivial]
        opposite = {(r.lhs, r.rhs) for r in rest if r.op == "<="}
        pairs = [r for r in rest if r.op == "<=" and (r.rhs, r.lhs) in opposite]  # u <= v and v <= u: an equation
        kept: list[int] = []
        for r in pairs:
            if not any(nodes[k][1] == (r.rhs, r.lhs) for k in kept):
                kept.append(r.diff)
        equal = [r for r in rest if r.op == "="]
        self.written = self._written(data)
        self.equations: tuple[int, ...] = tuple(dict.fromkeys([*(r.diff for r in equal), *kept]))
        self.hypotheses: tuple[Relation, ...] = tuple(r for r in rest if r.op != "=" and r not in pairs)
        self.targets = [Target(i, tuple(r for r in c if r.op != "!="), tuple(r.diff for r in c if r.op == "!="))
                        for i, c in enumerate(self.goal.then)]
        self._compiled: dict[tuple[int, ...], Compiled] = {}

    def _written(self, data: Mapping[str, Any]) -> dict[int, Any]:
        """Each difference as the statement writes it; an equation of a certificate has to be the same term."""
        out: dict[int, Any] = {}
        clauses = [c[1:] if c[0] == "or" else [c] for c in data["then"]]
        flat = [(r, s) for r, s in zip(data.get("given", []), self.goal.given, strict=True)]
        flat += [(r, s) for c, d in zip(clauses, self.goal.then, strict=True) for r, s in zip(c, d, strict=True)]
        for (op, lhs, rhs), r in flat:
            out[r.diff] = ["-", rhs, lhs] if op in (">", ">=") else ["-", lhs, rhs]
        return out

    def _is_range(self, r: Relation) -> bool:
        kinds = {self.arena.nodes[r.lhs][0], self.arena.nodes[r.rhs][0]}
        return kinds == {"num", "var"} and r.op in ("<", "<=")

    def compiled(self, roots: Sequence[int]) -> Compiled:
        """The terms as a float function, remembered."""
        key = tuple(roots)
        if key not in self._compiled:
            self.arena.work = 0
            self._compiled[key] = Compiled(self.arena, key, self.names)
        return self._compiled[key]

    @cached_property
    def roots(self) -> list[int]:
        """Hypotheses first, then the conclusions, clause by clause."""
        return [*(r.diff for r in self.hypotheses), *(r.diff for t in self.targets for r in t.relations)]

    @cached_property
    def free(self) -> Compiled:
        return self.compiled(self.roots)

    def system(self, target: Target) -> tuple[int, ...]:
        """The equations that a witness for this target satisfies."""
        return tuple(dict.fromkeys([*self.equations, *target.equations]))

    def margins(self, points: Any) -> tuple[Any, Any]:
        """For many points: how far the hypotheses are violated (0: they hold), and the margin of each target.

        Returns: array (m,), array (m, targets); nan values count as infinitely bad.
        """
        values = self.free.many(points)
        values = np.where(np.isnan(values), np.inf, values)
        h = len(self.hypotheses)
        bad = np.zeros(len(points))
        for j, r in enumerate(self.hypotheses):
            v = values[:, j]
            bad += np.where(v == 0, 1e-300, 0.0) if r.op == "!=" else np.where(v > 0, v, np.where((v == 0) & (r.op == "<"), 1e-300, 0.0))
        out = np.full((len(points), len(self.targets)), np.inf)
        raw = self.free.many(points)[:, h:] if np.isinf(values).any() else values[:, h:]
        j = 0
        for i, t in enumerate(self.targets):
            for r in t.relations:
                v = np.abs(raw[:, j]) if r.op == "=" else raw[:, j]
                out[:, i] = np.minimum(out[:, i], np.where(np.isnan(v), -np.inf, v))
                j += 1
        return bad, np.where(np.isposinf(out), 1.0, out)

    # --- exact --------------------------------------------------------------------------------------------------------

    def in_ranges(self, point: Mapping[str, Fraction]) -> bool:
        return all(has(r, point[x]) for x, r in zip(self.names, self.ranges, strict=True))

    def sign(self, term: int, point: Mapping[str, Fraction], limit: int = len(PRECISIONS)) -> tuple[int | None, bool]:
        """The sign of a term at a rational point, and whether it was found by exact arithmetic; None where it stays unknown."""
        self.arena.work = 0
        try:
            value = self.arena.value(term, point)
            return (value > 0) - (value < 0), True
        except Undefined:
            pass
        for p in PRECISIONS[:limit]:
            self.arena.work = 0
            try:
                lo, hi = self.arena.enclose(term, {x: to_interval(q, q, p) for x, q in point.items()}, p)
            except Undefined:
                continue
            if lo > 0 or hi < 0 or lo == hi == 0:
                return (lo > 0) - (hi < 0), False
        return None, False

    def holds(self, r: Relation, point: Mapping[str, Fraction]) -> tuple[bool | None, bool]:
        s, exact = self.sign(r.diff, point)
        return None if s is None else {"<": s < 0, "<=": s <= 0, "=": s == 0, "!=": s != 0}[r.op], exact

    def refutes(self, point: Mapping[str, Fraction]) -> str | None:
        """"exact" where exact arithmetic shows that the point refutes the statement, "enclosed" where enclosures do, else None."""
        if not self.in_ranges(point):
            return None
        all_exact = True
        try:
            for r in self.goal.given:
                truth, exact = self.holds(r, point)
                if truth is not True:
                    return None
                all_exact &= exact
            for clause in self.goal.then:
                verdicts = [self.holds(r, point) for r in clause]
                if all(truth is False for truth, _ in verdicts):
                    return "exact" if all_exact and all(exact for _, exact in verdicts) else "enclosed"
        except (Reject, ZeroDivisionError, OverflowError):
            return None
        return None
