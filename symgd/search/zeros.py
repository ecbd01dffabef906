"""Counterexamples to `exactly one zero`: parameters for which there is none, or two."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from ..certify.auto import Auto
from ..certify.cover import Cover
from ..certify.strategy import Search, Unproved
from ..kernel import Reject
from ..kernel.check import not_zero, read_zero
from ..kernel.rules import Range, exactly
from .floats import Compiled
from .hunt import Chunk, Stop
from .sampling import generator, inside, simple_points, sobol, spread
from .witness import accepted, point_cost, to_fraction


class ZeroHunt:
    """A claim of a unique zero, compiled."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.goal, self.equations, self.unknowns = read_zero(dict(data))
        self.params = [x for x in self.goal.ranges if x not in self.unknowns]
        self.names = [*self.params, *self.unknowns]
        self.ranges = [self.goal.ranges[x] for x in self.names]
        self.system = Compiled(self.goal.arena, self.equations, self.names)

    def zeros(self, params: Any, starts: Any) -> list[Any]:
        """Distinct float zeros in the domain, by damped Newton steps from the starts."""
        d = len(self.params)
        points = np.hstack([np.tile(params, (len(starts), 1)), starts])
        for _ in range(60):
            values, jac = self.system.many_slopes(points)
            j = np.nan_to_num(jac[:, :, d:], nan=0.0, posinf=0.0, neginf=0.0)
            v = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
            gram = (
                j.transpose(0, 2, 1) @ j
                + 1e-18 * np.eye(j.shape[2]) * (1e-300 + (j**2).sum((1, 2)))[:, None, None]
                + 1e-290 * np.eye(j.shape[2])
            )
            step = np.linalg.solve(gram, j.transpose(0, 2, 1) @ v[:, :, None])[:, :, 0]
            size = np.abs(step).max(1, keepdims=True)
            points[:, d:] -= step * np.minimum(1.0, (1 + np.abs(points[:, d:]).max(1, keepdims=True)) / np.maximum(size, 1e-300))
            if not (size > 1e-15 * (1 + np.abs(points[:, d:]).max(1, keepdims=True))).any():
                break
        values = self.system.many(points)
        with np.errstate(all="ignore"):
            good = (np.abs(values).max(1) < 1e-9 * (1 + np.abs(points).max(1))) & inside(points, self.ranges)
        found: list[Any] = []
        for p in points[good]:
            if all(np.abs(p - q).max() > 1e-6 * (1 + np.abs(q).max()) for q in found):
                found.append(p)
        return found

    def hunt(self, seed: int, number: int, stop: Stop = lambda: False) -> Chunk:
        rng = generator(seed, "zero", number)
        d = len(self.params)
        rows = simple_points(self.ranges[:d], 60 * 4 ** min(number, 1), rng)
        rows.sort(key=lambda row: point_cost(dict(enumerate(row))))  # type: ignore[arg-type]
        starts = spread(sobol(1, 48, len(self.unknowns), seed + number), self.ranges[d:], rng)
        none: list[tuple[Fraction, ...]] = []
        samples = 0
        for row in rows:
            if stop():
                break
            found = self.zeros(np.array([float(q) for q in row]), starts)
            samples += len(starts)
            if len(found) >= 2:
                node = self.two(row, found)
                if node is not None:
                    return Chunk(samples, None, None, node)
            elif not found:
                none.append(row)
        for row in none[:3]:
            node = self.no_zero(row)
            if node is not None:
                return Chunk(samples, None, None, node)
        return Chunk(samples, None, None)

    def two(self, row: tuple[Fraction, ...], found: list[Any]) -> Any:
        boxes = [b for b in (self.box(row, z) for z in found) if b is not None]
        if len(boxes) < 2:
            return None
        node = {"at": {x: str(q) for x, q in zip(self.params, row, strict=True)}, "boxes": boxes[:2]}
        return node if accepted(self.data, node) else None

    def box(self, row: tuple[Fraction, ...], z: Any) -> Any:
        d, bits = len(self.params), 48
        with mpmath.workprec(120):
            x = [*(mpmath.mpf(q.numerator) / q.denominator for q in row), *(mpmath.mpf(float(v)) for v in z[d:])]
            try:
                for _ in range(8):
                    values, jac = self.system.precise_slopes(x)
                    a = mpmath.matrix([r[d:] for r in jac])
                    step = mpmath.lu_solve(a, mpmath.matrix(values))
                    for j, s in enumerate(step):
                        x[d + j] -= s
                    if max(abs(s) for s in step) < mpmath.mpf(2) ** -100 * (1 + max(abs(v) for v in x)):
                        break
                inverse = mpmath.inverse(a)
            except (ArithmeticError, ValueError):
                return None
            half = Fraction(1, 2**20)
            entries = []
            for y, v, r in zip(self.unknowns, x[d:], self.ranges[d:], strict=True):
                c = Fraction(math.floor(to_fraction(v) * 2**bits), 2**bits)
                if not Range(c - half, c + half, False, False).within(r):
                    return None
                entries.append([y, "[", str(c - half), str(c + half), "]"])
            n = len(self.unknowns)
            table = [[str(Fraction(math.floor(to_fraction(inverse[i, j]) * 2**40), 2**40)) for j in range(n)] for i in range(n)]
        return {"box": entries, "inverse": table, "precision": 128}

    def no_zero(self, row: tuple[Fraction, ...]) -> Any:
        from dataclasses import replace

        at = dict(zip(self.params, row, strict=True))
        goal = replace(
            self.goal, ranges={**self.goal.ranges, **{x: exactly(q) for x, q in at.items()}}, then=(not_zero(self.goal, self.equations),)
        )
        self.goal.arena.work = 0
        for strategy in (Auto(1, 600), Cover(3000)):
            try:
                node = {"at": {x: str(q) for x, q in at.items()}, "none": strategy.prove(goal, Search(seconds=2.0))}
            except (Unproved, Reject, ArithmeticError, ValueError):
                continue
            if accepted(self.data, node):
                return node
        return None
