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


@dataclass(frozen=True)
class Definite:
    """A symmetric matrix whose pivots the statement speaks of: all are positive exactly when its least eigenvalue is, and
    that is smooth where pivots have poles, so floats look at the eigenvalue."""

    pivots: tuple[int, ...]
    entries: tuple[int, ...]  # on and below the diagonal, row by row


def kinks(arena: Arena, roots: list[int]) -> list[tuple[int, int, int]]:
    """(node, argument whose zero is the kink, what the node is there) for each |u|, max and min in the terms."""
    found: dict[int, tuple[int, int, int]] = {}
    for root in roots:
        for k in arena.schedule(root):
            op, sub, _ = arena.nodes[k]
            if op == "abs":
                found[k] = (k, sub[0], arena.num(0))
            elif op in ("max", "min"):
                found[k] = (k, arena.make("-", sub[0], sub[1]), sub[0])
            elif op == "relu":
                found[k] = (k, sub[0], arena.num(0))
    return list(found.values())


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
        equal = [r for r in rest if r.op == "=" and not self._fixes(r)]
        self.written = self._written(data)
        self.equations: tuple[int, ...] = tuple(dict.fromkeys([*(r.diff for r in equal), *kept]))
        self.hypotheses: tuple[Relation, ...] = tuple(r for r in rest if r.op != "=" and r not in pairs)
        self.targets = [
            Target(i, tuple(r for r in c if r.op != "!="), tuple(r.diff for r in c if r.op == "!=")) for i, c in enumerate(self.goal.then)
        ]
        self._compiled: dict[tuple[int, ...], Compiled] = {}
        self.memory: dict[Any, Any] = {}  # what was found out about the equations
        self.nodes: dict[tuple[Fraction, ...], Any] = {}  # certificates of points
        self.robust = 0.0
        self.joined: Sequence[Definite] = ()  # hypotheses that count as parts of every conclusion: to be kept by the same margin
        self.definite = self._definite(data)
        grouped = {k for g in self.definite for k in g.pivots}
        self.loose = [r for r in self.hypotheses if not (r.lhs == self.arena.num(0) and r.rhs in grouped and r.op == "<")]

    def _written(self, data: Mapping[str, Any]) -> dict[int, Any]:
        """Each difference as the statement writes it; an equation of a certificate has to be the same term."""
        out: dict[int, Any] = {}
        clauses = [c[1:] if c[0] == "or" else [c] for c in data["then"]]
        flat = [(r, s) for r, s in zip(data.get("given", []), self.goal.given, strict=True)]
        flat += [(r, s) for c, d in zip(clauses, self.goal.then, strict=True) for r, s in zip(c, d, strict=True)]
        for (op, lhs, rhs), r in flat:
            out[r.diff] = ["-", rhs, lhs] if op in (">", ">=") else ["-", lhs, rhs]
        return out

    def _definite(self, data: Mapping[str, Any]) -> list[Definite]:
        """The matrices whose pivots are among the definitions of the statement, as `critical.eliminate` writes them."""
        lets, out = dict(data.get("let", [])), []
        for name, term in lets.items():
            if not (name.endswith("_1") and isinstance(term, str) and term.endswith("_1_1") and term in lets):
                continue
            pivot, base, n = name[:-2], term[:-4], 1
            while f"{pivot}_{n + 1}" in lets:
                n += 1
            if all(f"{base}_{i}_{j}" in lets for i in range(1, n + 1) for j in range(1, i + 1)):
                names = self.goal.names
                out.append(
                    Definite(
                        tuple(names[f"{pivot}_{i}"] for i in range(1, n + 1)),
                        tuple(names[f"{base}_{i}_{j}"] for i in range(1, n + 1) for j in range(1, i + 1)),
                    )
                )
        nodes = self.arena.nodes
        used = [
            g
            for g in out
            if all(any(r.op == "<" and nodes[r.lhs] == ("num", (), 0) and r.rhs == k for r in self.hypotheses) for k in g.pivots)
        ]
        self.hypothetical: list[Definite] = used
        return [*used, *(g for g in out if g not in used and any(self.speaks(t, g) for t in self.targets))]

    def speaks(self, target: Target, group: Definite) -> bool:
        """Whether refuting the target means that the matrix is positive definite."""
        zero = self.arena.num(0)
        return not target.equations and {(r.lhs, r.rhs, r.op) for r in target.relations} == {(k, zero, "<=") for k in group.pivots}

    def least_eigenvalue(self, group: Definite, points: Any, hypothesis: bool = False) -> Any:
        """The least eigenvalue at many points, -inf where there is none; of a hypothesis, relative to the largest one and less `robust`:
        a search that may come arbitrarily close to a singular matrix ends there, and finds nothing that can be certified."""
        values = self.compiled(group.entries).many(points)
        n = len(group.pivots)
        matrix = np.zeros((len(points), n, n))
        rows, columns = np.tril_indices(n)
        matrix[:, rows, columns] = values
        matrix[:, columns, rows] = values
        out = np.full(len(points), -np.inf)
        ok = np.isfinite(values).all(1)
        if ok.any():
            spectrum = np.linalg.eigvalsh(matrix[ok])
            if hypothesis:
                size = np.abs(spectrum).max(1)
                out[ok] = np.where(size > 0, spectrum[:, 0] / np.where(size > 0, size, 1.0) - self.robust, -np.inf)
            else:
                out[ok] = spectrum[:, 0]
        return out

    def _is_range(self, r: Relation) -> bool:
        kinds = {self.arena.nodes[r.lhs][0], self.arena.nodes[r.rhs][0]}
        return kinds == {"num", "var"} and r.op in ("<", "<=")

    def _fixes(self, r: Relation) -> bool:
        """Whether the equation says what a variable is, so that its range is that number already."""
        kinds = {self.arena.nodes[k][0]: k for k in (r.lhs, r.rhs)}
        return kinds.keys() == {"num", "var"} and self.goal.ranges[self.arena.nodes[kinds["var"]][2]].point()

    def compiled(self, roots: Sequence[int]) -> Compiled:
        """The terms as a float function, remembered."""
        key = tuple(roots)
        if key not in self._compiled:
            self.arena.work = 0
            self._compiled[key] = Compiled(self.arena, key, self.names)
        return self._compiled[key]

    @cached_property
    def bends(self) -> list[int]:
        """The terms whose zeros are kinks (of |.| and max) of the matrices of the statement."""
        entries = [k for g in self.definite for k in g.entries]
        return list(dict.fromkeys(u for _, u, _ in kinks(self.arena, entries)))

    @cached_property
    def smooth_targets(self) -> list[Definite | None]:
        """For each target the matrix that it says is not positive definite, if it says just that."""
        return [next((g for g in self.definite if self.speaks(t, g)), None) for t in self.targets]

    @cached_property
    def roots(self) -> list[int]:
        """Hypotheses first, then the conclusions, clause by clause; without those that eigenvalues stand for."""
        return [
            *(r.diff for r in self.loose),
            *(r.diff for t, g in zip(self.targets, self.smooth_targets, strict=True) if g is None for r in t.relations),
        ]

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
        raw = self.free.many(points)
        values = np.where(np.isnan(raw), np.inf, raw)
        bad = np.zeros(len(points))
        for j, r in enumerate(self.loose):
            v = values[:, j]
            with np.errstate(invalid="ignore"):  # bounded, so that no single hypothesis drowns the others
                amount = np.where(np.isposinf(v), 2.0, v / (1 + np.abs(v)))
            bad += (
                np.where(v == 0, 1e-300, 0.0) if r.op == "!=" else np.where(v > 0, amount, np.where((v == 0) & (r.op == "<"), 1e-300, 0.0))
            )
        for g in self.definite:
            if not any(g is h for h in (*self.smooth_targets, *self.joined)):
                v = -self.least_eigenvalue(g, points, True)
                with np.errstate(invalid="ignore"):
                    bad += np.where(np.isposinf(v), 2.0, np.where(v >= 0, 1e-300 + v / (1 + np.abs(v)), 0.0))
        if self.robust and self.bends:
            near = np.abs(self.compiled(self.bends).many(points)).min(1)
            bad += np.where(near < self.robust, np.nan_to_num(self.robust - near, nan=1.0), 0.0)
        out = np.full((len(points), len(self.targets)), np.inf)
        for g in self.joined:
            out = np.minimum(out, self.least_eigenvalue(g, points, True)[:, None])
        self.conclusions(points, raw, out)
        return bad, np.where(np.isposinf(out), 1.0, out)

    def imbalance(self, points: Any, target: int) -> Any:
        """By how much the margin of the target exceeds that of the joined hypotheses."""
        out = np.full((len(points), len(self.targets)), np.inf)
        self.conclusions(points, self.free.many(points), out)
        return out[:, target] - np.min([self.least_eigenvalue(g, points, True) for g in self.joined], axis=0)

    def conclusions(self, points: Any, raw: Any, out: Any) -> None:
        """Lower the margins in `out` to those of the conclusions."""
        j = len(self.loose)
        for i, (t, matrix) in enumerate(zip(self.targets, self.smooth_targets, strict=True)):
            if matrix is not None:
                out[:, i] = np.minimum(out[:, i], self.least_eigenvalue(matrix, points))
                continue
            for r in t.relations:
                v = np.abs(raw[:, j]) if r.op == "=" else raw[:, j]
                out[:, i] = np.minimum(out[:, i], np.where(np.isnan(v), -np.inf, v))
                j += 1

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

    def refutes_exactly(self, point: Mapping[str, Fraction]) -> bool | None:
        """Whether the point refutes the statement, where all sides have rational values that are not too long; None elsewhere."""
        relations = [*self.goal.given, *(r for clause in self.goal.then for r in clause)]
        try:
            values = iter(self.compiled([r.diff for r in relations]).exact([point[x] for x in self.names]))
        except (Undefined, Reject, ZeroDivisionError, OverflowError):
            return None

        def true(r: Relation) -> bool:
            v = next(values)
            return {"<": v < 0, "<=": v <= 0, "=": v == 0, "!=": v != 0}[r.op]

        truths = {id(r): true(r) for r in relations}
        return all(truths[id(r)] for r in self.goal.given) and any(not any(truths[id(r)] for r in c) for c in self.goal.then)

    def refutes(self, point: Mapping[str, Fraction]) -> str | None:
        """ "exact" where exact arithmetic shows that the point refutes the statement, "enclosed" where enclosures do, else None."""
        if not self.in_ranges(point):
            return None
        quickly = self.refutes_exactly(point)
        if quickly is not None:
            return "exact" if quickly else None
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
