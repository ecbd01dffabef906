"""Positive semidefinite matrices that satisfy linear equations: floats find them, rational numbers make them exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Matrix = list[list[Fraction]]
Row = dict[int, Fraction]  # a linear form: unknown -> coefficient
LARGEST, TOP = 450, 1e12  # unknowns that the equations leave, and the last parameter of the central path


@dataclass(frozen=True)
class Blocks:
    """The unknowns: the entries (i, j), i <= j, of symmetric matrices of these sizes, row after row, and then `free` numbers."""

    sizes: tuple[int, ...]
    free: int = 0

    def start(self, b: int) -> int:
        return sum(n * (n + 1) // 2 for n in self.sizes[:b])

    def entry(self, b: int, i: int, j: int) -> int:
        i, j = min(i, j), max(i, j)
        return self.start(b) + i * self.sizes[b] - i * (i - 1) // 2 + j - i

    @property
    def count(self) -> int:
        return self.start(len(self.sizes)) + self.free


@dataclass(frozen=True)
class Affine:
    """All solutions of the equations: unknown j is constant[j] + sum of slopes[j][k] y_k over the unknowns k that stay free."""

    blocks: Blocks
    constant: list[Fraction]
    slopes: list[Row]
    names: list[int]

    def floats(self) -> list[tuple[Array, Array]]:
        """For each block the constant part (n, n) and the direction of each parameter (m, n, n)."""
        place, out = {k: i for i, k in enumerate(self.names)}, []
        for b, n in enumerate(self.blocks.sizes):
            constant, slopes = np.zeros((n, n)), np.zeros((len(self.names), n, n))
            for i in range(n):
                for j in range(i, n):
                    k = self.blocks.entry(b, i, j)
                    constant[i, j] = constant[j, i] = float(self.constant[k])
                    for y, c in self.slopes[k].items():
                        slopes[place[y], i, j] = slopes[place[y], j, i] = float(c)
            out.append((constant, slopes))
        return out

    def at(self, y: Sequence[Fraction]) -> list[Fraction]:
        values = dict(zip(self.names, y, strict=True))
        return [c + sum((a * values[k] for k, a in row.items()), Fraction(0)) for c, row in zip(self.constant, self.slopes, strict=True)]

    def matrices(self, values: Sequence[Fraction]) -> list[Matrix]:
        entry = self.blocks.entry
        return [[[values[entry(b, i, j)] for j in range(n)] for i in range(n)] for b, n in enumerate(self.blocks.sizes)]


def solutions(blocks: Blocks, rows: Sequence[Row], right: Sequence[Fraction]) -> Affine | None:
    """All solutions of linear equations, by exact elimination; None where there are none, or too many."""
    uses = [0] * blocks.count
    for row in rows:
        for k in row:
            uses[k] += 1
    solved: dict[int, tuple[Fraction, Row]] = {}
    inside: dict[int, set[int]] = {}  # in which solutions an unknown occurs
    for row, b in sorted(zip(rows, right, strict=True), key=lambda pair: len(pair[0])):
        form: Row = {}
        for k, c in row.items():
            constant, slopes = solved.get(k, (Fraction(0), {k: Fraction(1)}))
            b -= c * constant
            for j, a in slopes.items():
                form[j] = form.get(j, Fraction(0)) + c * a
        form = {k: c for k, c in form.items() if c}
        if not form:
            if b:
                return None
            continue
        pivot = min(form, key=lambda k: (uses[k], -k))
        lead = form.pop(pivot)
        constant, slopes = b / lead, {k: -c / lead for k, c in form.items()}
        for i in inside.pop(pivot, set()):
            old, c = solved[i][1], solved[i][1].pop(pivot)
            for k, a in slopes.items():
                old[k] = old.get(k, Fraction(0)) + c * a
                inside.setdefault(k, set()).add(i)
                if not old[k]:
                    del old[k]
                    inside[k].discard(i)
            solved[i] = solved[i][0] + c * constant, old
        solved[pivot] = constant, slopes
        for k in slopes:
            inside.setdefault(k, set()).add(pivot)
    names = [k for k in range(blocks.count) if k not in solved]
    if len(names) > LARGEST:
        return None
    found = [solved.get(k, (Fraction(0), {k: Fraction(1)})) for k in range(blocks.count)]
    return Affine(blocks, [c for c, _ in found], [s for _, s in found], names)


@dataclass(frozen=True)
class Centre:
    """Where the least eigenvalue of all blocks is almost as large as it can be: parameters (m,), that eigenvalue, how far it may grow."""

    y: Array
    least: float
    gap: float


def centre(parts: Sequence[tuple[Array, Array]], tick: Callable[[], None], sure: float = 0.0, fine: float = 1e-7) -> Centre | None:
    """A point of the central path of: maximise t <= 1 such that S(y) - t is positive semidefinite in every block and the trace is bounded.

    Stops where t is certainly greater than `sure`, or certainly negative, or known up to `fine`. None where the floats break down.
    Source: the barrier method of Nesterov and Nemirovskii, with Newton steps.
    """
    m, count = len(parts[0][1]), sum(len(s) for s, _ in parts)
    directions = [np.concatenate([d, -np.eye(len(s))[None]]) for s, d in parts]
    traces = np.concatenate([sum(np.trace(d, axis1=1, axis2=2) for _, d in parts), [0.0]])
    most = 50.0 * (count + sum(abs(float(np.trace(s))) for s, _ in parts))
    v = np.zeros(m + 1)
    v[-1] = min(float(np.linalg.eigvalsh(s)[0]) for s, _ in parts) - 1.0

    def barrier(v: Array, tau: float) -> tuple[float, list[Array]]:
        room = most - sum(float(np.trace(s)) for s, _ in parts) - float(traces @ v)
        if room <= 0 or v[-1] >= 1:
            return np.inf, []
        value, factors = -tau * v[-1] - np.log(room) - np.log(1 - v[-1]), list[Array]()
        for (s, _), d in zip(parts, directions, strict=True):
            try:
                factors.append(np.asarray(np.linalg.cholesky(s + np.tensordot(v, d, 1)), dtype=np.float64))
            except np.linalg.LinAlgError:
                return np.inf, []
            value -= 2 * float(np.sum(np.log(np.diag(factors[-1]))))
        return float(value), factors

    tau = 1.0
    while tau < TOP:
        tick()
        value, factors = barrier(v, tau)
        for _ in range(30):
            if not factors:
                return None
            room = most - sum(float(np.trace(s)) for s, _ in parts) - float(traces @ v)
            gradient, hessian = traces / room, np.outer(traces, traces) / room**2
            gradient[-1] += 1 / (1 - v[-1]) - tau
            hessian[-1, -1] += 1 / (1 - v[-1]) ** 2
            for low, d in zip(factors, directions, strict=True):
                inverse = np.linalg.inv(low)
                white = (inverse @ d @ inverse.T).reshape(m + 1, -1)
                gradient -= white[:, :: len(low) + 1].sum(axis=1)
                hessian += white @ white.T
            try:
                step = -np.linalg.solve(hessian + 1e-13 * np.diag(np.diag(hessian)), gradient)
            except np.linalg.LinAlgError:
                return None
            decrement = float(-gradient @ step)
            if not np.isfinite(decrement) or decrement < 1e-3:
                break
            size = 1.0
            while size > 1e-9:
                trial, more = barrier(v + size * step, tau)
                if trial <= value - 0.1 * size * decrement:
                    break
                size /= 2
            else:
                break
            v, value, factors = v + size * step, trial, more
        gap = (count + 2) / tau
        if v[-1] > sure + 2 * gap or v[-1] + gap < -1e-7 or gap < fine:
            break
        tau *= 10
    return Centre(v[:-1], float(v[-1]), gap)


def null_spaces(affine: Affine, y: Array) -> list[Matrix] | None:
    """For each block, the rows of the reduced echelon form of its kernel at these parameters, as simple rational numbers; None where the
    floats do not tell."""
    out, parts = [], [np.linalg.eigh(constant + np.tensordot(y, slopes, 1)) for constant, slopes in affine.floats()]
    small = cut(np.sort(np.concatenate([values for values, _ in parts])))
    for values, vectors in parts:
        exact = [[simple(float(q)) for q in row] for row in reduced(vectors[:, values < small].T.copy())]
        if any(q is None for row in exact for q in row):
            return None
        out.append([[q for q in row if q is not None] for row in exact])
    return out


def simple(q: float) -> Fraction | None:
    """The simplest rational number that the float is likely to be; None where there is none."""
    for d in range(1, 121):
        n = round(q * d)
        if abs(q - n / d) < (1e-2 / d**2 if d < 20 else 1e-5) * (1 + abs(q)):
            return Fraction(n, d)
    return None


def cut(values: Array) -> float:
    """Where eigenvalues, in increasing order, fall into those that should be zero and the others: at the widest gap below 1/100."""
    ends = np.clip(np.concatenate([[1e-8], values, [1e-2]]), 1e-8, 1e-2)
    i = int(np.argmax(ends[1:] / ends[:-1]))
    return float(np.sqrt(ends[i] * ends[i + 1]))


def reduced(rows: Array) -> Array:
    """The reduced echelon form of a matrix (k, n) of full rank, with the largest entries as pivots."""
    for i in range(len(rows)):
        r, c = np.unravel_index(int(np.argmax(np.abs(rows[i:]) > 0.5 * np.max(np.abs(rows[i:])))), rows[i:].shape)
        rows[[i, i + int(r)]] = rows[[i + int(r), i]]
        rows[i] /= rows[i, c]
        for k in range(len(rows)):
            if k != i:
                rows[k] -= rows[k, c] * rows[i]
    return rows


def rounded(
    affine: Affine, y: Array, nonzero: Sequence[int] = ()
) -> tuple[list[Fraction], list[list[tuple[Fraction, list[Fraction]]]]] | None:
    """Rational unknowns near these parameters, as simple as may be, with the squares that each block is made of, some of them not zero;
    None where none are found: then a matrix is too close to the boundary."""
    for d in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 1 << 10, 1 << 14, 1 << 20, 1 << 30, 1 << 40):
        values = affine.at([Fraction(round(float(v) * d), d) for v in y])
        squares = [diagonalised(s) for s in affine.matrices(values)]
        if all(s is not None and (s or b not in nonzero) for b, s in enumerate(squares)):
            return values, [s for s in squares if s is not None]
    return None


def diagonalised(s: Matrix) -> list[tuple[Fraction, list[Fraction]]] | None:
    """Pairs (c, u) with c > 0 such that the matrix is the sum of the c u u^T; None where it is not positive semidefinite."""
    s, n, out = [list(row) for row in s], len(s), []
    for i in range(n):
        if s[i][i] < 0 or (s[i][i] == 0 and any(s[i])):
            return None
        if s[i][i] == 0:
            continue
        c = s[i][i]
        u = [q / c for q in s[i]]
        out.append((c, u))
        for j in range(i, n):
            if u[j]:
                for k in range(j, n):
                    s[j][k] -= c * u[j] * u[k]
                    s[k][j] = s[j][k]
    return out
