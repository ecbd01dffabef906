"""Eigenvalues of small interval matrices, with proofs in exact rational arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ..enclosures.interval import Interval
from .zeros import Pair, times

Matrix = Sequence[Sequence[Pair]]
_GRID = 2**90


def midpoint(matrix: Matrix) -> tuple[list[list[Fraction]], Fraction]:
    """A rational matrix and a bound of the distance (row-sum norm) of every matrix of the interval matrix from it."""
    middle = [[Fraction(round((a + b) / 2 * _GRID), _GRID) for a, b in row] for row in matrix]
    radius = max(
        sum((max(abs(a - m), abs(b - m)) for (a, b), m in zip(row, mid, strict=True)), Fraction(0))
        for row, mid in zip(matrix, middle, strict=True)
    )
    return middle, radius


def below(matrix: Sequence[Sequence[Fraction]], s: Fraction) -> int | None:
    """How many eigenvalues of a symmetric rational matrix are below s, by Sylvester's law of inertia; None when a pivot vanishes."""
    a = [[q - (s if i == j else 0) for j, q in enumerate(row)] for i, row in enumerate(matrix)]
    n, count = len(a), 0
    for k in range(n):
        if a[k][k] == 0:
            return None
        count += a[k][k] < 0
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            if factor:
                for j in range(k, n):
                    a[i][j] -= factor * a[k][j]
    return count


def symmetric_eigenvalues(matrix: Matrix) -> tuple[Interval, ...]:
    """Enclosures of the eigenvalues, in increasing order, of every symmetric matrix in an interval matrix.

    Arguments: matrix, rows of (lower, upper), nominally symmetric. Source: Weyl's inequality and Sylvester's law of inertia.
    """
    middle, radius = midpoint(matrix)
    n = len(middle)
    middle = [[(middle[i][j] + middle[j][i]) / 2 for j in range(n)] for i in range(n)]
    radius += max(
        sum((abs(matrix[i][j][0] - matrix[j][i][0]) + abs(matrix[i][j][1] - matrix[j][i][1]) for j in range(n)), Fraction(0))
        for i in range(n)
    )
    if n == 1:
        return (Interval(matrix[0][0][0], matrix[0][0][1]),)
    near = np.linalg.eigvalsh(np.array([[float(q) for q in row] for row in middle]))
    scale = Fraction(float(max(1e-300, np.abs(near).max())))
    out = []
    for i, value in enumerate(near):
        eps = scale / 2**46
        lo = hi = Fraction(float(value))
        while (c := below(middle, lo := Fraction(float(value)) - eps)) is None or c > i:
            eps *= 3
        eps = scale / 2**46
        while (c := below(middle, hi := Fraction(float(value)) + eps)) is None or c < i + 1:
            eps *= 3
        out.append(Interval(lo - radius, hi + radius))
    return tuple(out)


def positive_definite(matrix: Sequence[Sequence[Fraction]]) -> bool:
    """Whether a symmetric rational matrix is positive definite."""
    return below(matrix, Fraction(0)) == 0


def determinant(matrix: Matrix) -> Pair:
    """Bounds of the determinant of every matrix in an interval matrix, by expansion; for dimensions up to about 6."""
    n = len(matrix)
    if n == 1:
        return matrix[0][0]
    low = high = Fraction(0)
    for j in range(n):
        minor = determinant([[row[k] for k in range(n) if k != j] for row in matrix[1:]])
        a, b = times(matrix[0][j], minor)
        low, high = (low + a, high + b) if j % 2 == 0 else (low - b, high - a)
    return low, high


def multiply(a: Matrix, b: Matrix) -> list[list[Pair]]:
    """The product of two interval matrices."""
    out = []
    for row in a:
        line = []
        for j in range(len(b[0])):
            low = high = Fraction(0)
            for k, entry in enumerate(row):
                p, q = times(entry, b[k][j])
                low, high = low + p, high + q
            line.append((low, high))
        out.append(line)
    return out


def is_contracting(matrix: Matrix) -> bool:
    """Whether every matrix M in an interval matrix has spectral radius below 1: some P > 0 has P − MᵀPM > 0 (Stein 1952).

    P is proposed by floating point; both inequalities are then decided exactly.
    """
    middle, radius = midpoint(matrix)
    n = len(middle)
    m = np.array([[float(q) for q in row] for row in middle])
    if not np.isfinite(m).all() or np.abs(np.linalg.eigvals(m)).max() >= 1:
        return False
    try:
        p = np.linalg.solve(np.eye(n * n) - np.kron(m.T, m.T), np.eye(n).reshape(-1)).reshape(n, n)
    except np.linalg.LinAlgError:
        return False
    if not np.isfinite(p).all():
        return False
    exact = [[Fraction(float((p[i, j] + p[j, i]) / 2)) for j in range(n)] for i in range(n)]
    if not positive_definite(exact):
        return False
    image = [
        [sum((middle[k][i] * exact[k][r] * middle[r][j] for k in range(n) for r in range(n)), Fraction(0)) for j in range(n)]
        for i in range(n)
    ]
    size = max(sum((abs(q) for q in row), Fraction(0)) for row in exact)  # ‖P‖₂ ≤ ‖P‖∞ for symmetric P; the same bound for M up to √n
    norm = max(sum((abs(q) for q in row), Fraction(0)) for row in middle) * n
    slack = size * (2 * norm * radius * n + (radius * n) ** 2)
    return positive_definite([[exact[i][j] - image[i][j] - (slack if i == j else 0) for j in range(n)] for i in range(n)])


def is_expanding_somewhere(matrix: Matrix) -> bool:
    """Whether every matrix in an interval matrix certainly has an eigenvalue outside the closed unit disc.

    |det| > 1, or a real eigenvalue beyond ±1 by the sign of the characteristic polynomial at ±1.
    """
    n = len(matrix)
    low, high = determinant(matrix)
    if low > 1 or high < -1:
        return True
    for s in (1, -1):
        shifted = [[((s if i == j else 0) - b, (s if i == j else 0) - a) for j, (a, b) in enumerate(row)] for i, row in enumerate(matrix)]
        a, b = determinant(shifted)  # det(sI − M); for |z| → ∞ along s it has the sign s^n
        if s == 1 or n % 2 == 0:
            if b < 0:
                return True
        elif a > 0:
            return True
    return False
