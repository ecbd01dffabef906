"""Polynomials as combinations of others with coefficients that are not negative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import sympy
from numpy.typing import NDArray

HUGE = 10**100  # floats would not do
Coefficients = Mapping[tuple[int, ...], Fraction]  # of a polynomial, by exponents


def combination(target: Coefficients, parts: Sequence[Coefficients]) -> dict[int, Fraction] | None:
    """Coefficients c_i > 0 with target = sum of c_i times part i, exactly; None where none were found.

    Floats choose the parts, rational arithmetic solves for the coefficients.
    """
    rows = sorted(set(target).union(*parts))
    if not rows or not parts or any(abs(q) > HUGE for part in (target, *parts) for q in part.values()):
        return None
    place = {m: i for i, m in enumerate(rows)}
    matrix, right = np.zeros((len(rows), len(parts))), np.zeros(len(rows))
    for m, q in target.items():
        right[place[m]] = float(q)
    for j, part in enumerate(parts):
        for m, q in part.items():
            matrix[place[m], j] = float(q)
    chosen = [int(j) for j in np.flatnonzero(least_squares(matrix, right) > 1e-9)]
    if not chosen:
        return None
    exact = sympy.Matrix(len(rows), len(chosen), lambda i, j: rational(parts[chosen[j]].get(rows[i], Fraction(0))))
    unknowns = sympy.symbols(f"c:{len(chosen)}")
    wanted = sympy.Matrix([rational(target.get(m, Fraction(0))) for m in rows])
    solutions = sympy.linsolve((exact, wanted), *unknowns)
    for values in solutions:
        fixed = [v.subs(dict.fromkeys(unknowns, 0)) for v in values]
        if all(v >= 0 for v in fixed):
            return {j: Fraction(int(v.p), int(v.q)) for j, v in zip(chosen, fixed, strict=True) if v > 0}
    return None


def rational(q: Fraction) -> sympy.Rational:
    return sympy.Rational(q.numerator, q.denominator)


def least_squares(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The x >= 0, an array (n,), that minimises |a x - b| for a an array (m, n) and b an array (m,): the active set method of Lawson
    and Hanson."""
    n = a.shape[1]
    x, active = np.zeros(n), np.zeros(n, dtype=bool)
    scale = np.linalg.norm(a, axis=0) + 1e-300
    for _ in range(3 * n + 10):
        gradient = a.T @ (b - a @ x) / scale
        gradient[active] = -np.inf
        j = int(np.argmax(gradient))
        if gradient[j] <= 1e-10 * (1 + np.linalg.norm(b)):
            break
        active[j] = True
        while True:
            s = np.zeros(n)
            s[active] = np.linalg.lstsq(a[:, active], b, rcond=None)[0]
            if np.all(s[active] > 0):
                break
            falling = active & (s <= 0)
            step = float(np.min(x[falling] / (x[falling] - s[falling] + 1e-300)))
            x = x + step * (s - x)
            active &= x > 1e-12
            if not active.any():
                s = np.zeros(n)
                break
        x = s
    return x
