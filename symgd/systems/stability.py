"""Linear stability of gradient descent at a critical point: what the eigenvalues of the Hessian decide about the step size."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import sympy as sp

from symgd.systems._exact import is_zero, shorten, sign_of, tidy
from symgd.systems.errors import NotPolynomial

_Z = sp.Symbol("z")


class CriticalPointKind(Enum):
    """What the signs of the Hessian's eigenvalues say about a critical point."""

    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    SADDLE = "saddle"
    DEGENERATE = "degenerate"


class Flip(Enum):
    """What happens to a minimum when the step size passes 2/f″: the period-doubling bifurcation."""

    SUPERCRITICAL = "supercritical"
    SUBCRITICAL = "subcritical"
    DEGENERATE = "degenerate"


@dataclass(frozen=True)
class Inertia:
    """Numbers of positive, zero and negative eigenvalues of a symmetric matrix, with multiplicity."""

    positive: int
    zero: int
    negative: int


@dataclass(frozen=True)
class StepSizeThreshold:
    """The step sizes at which a critical point is linearly stable.

    Args:
        point: exact coordinates, shape (n,).
        kind: minimum, maximum, saddle or degenerate.
        inertia: signs of the Hessian's eigenvalues.
        sharpness: λ_max of the Hessian.
        threshold: 2/λ_max at a minimum: asymptotically stable for every smaller δ > 0, unstable for every larger one. 0 at a maximum or
            saddle, and at a degenerate point with a negative eigenvalue: unstable for every δ > 0. None where the linearisation is silent.
        necessary_bound: no δ beyond it is Lyapunov stable: 2/λ_max if λ_max > 0 and none is negative, 0 if an eigenvalue is negative, oo if
            the Hessian is 0. It is the meaningful number on a manifold of minima, where `threshold` is None.
    """

    point: tuple[sp.Expr, ...]
    kind: CriticalPointKind
    inertia: Inertia
    sharpness: sp.Expr
    threshold: sp.Expr | None
    necessary_bound: sp.Expr


def inertia(matrix: sp.MatrixBase) -> Inertia:
    """Signs of the eigenvalues of a real symmetric matrix, exactly.

    Args:
        matrix: symmetric, shape (n, n), exact entries whose signs can be decided.

    Returns:
        the counts; all eigenvalues are real, so Descartes' rule of signs is exact on the characteristic polynomial.

    Raises:
        Undecided: the entries contain symbols with too weak assumptions.
    """
    coefficients = [sp.expand(c) for c in matrix.charpoly(_Z).all_coeffs()]
    signs = [sign_of(c) for c in coefficients]
    zero = next(i for i, s in enumerate(reversed(signs)) if s)
    nonzero = [s for s in signs if s]
    positive = sum(a != b for a, b in pairwise(nonzero))
    return Inertia(positive, zero, matrix.rows - zero - positive)


def largest_eigenvalue(matrix: sp.MatrixBase) -> sp.Expr:
    """Largest eigenvalue of a real symmetric matrix as an exact number.

    Args:
        matrix: symmetric, shape (n, n); any exact entries for n ≤ 2, diagonal or rank one, rational entries otherwise.

    Returns:
        an entry, a radical, or a root of the characteristic polynomial.

    Raises:
        NotPolynomial: n ≥ 3 with irrational entries.
    """
    n = matrix.rows
    if matrix.is_diagonal():
        return _largest([matrix[i, i] for i in range(n)])
    trace = sp.expand(matrix.trace())
    if _is_rank_one(matrix):
        return trace if sign_of(trace) > 0 else sp.Integer(0)
    if n == 2:
        (a, b), (_, d) = matrix.tolist()
        return tidy((a + d + sp.sqrt(sp.factor((a - d) ** 2 + 4 * b**2))) / 2)
    if not all(entry.is_Rational for entry in matrix):
        raise NotPolynomial(
            f"the exact largest eigenvalue of a {n}×{n} matrix with entry {shorten(matrix[0, 0])} is out of reach; enclose it."
        )
    characteristic = sp.Poly(matrix.charpoly(_Z).as_expr(), _Z, domain="QQ")
    return _largest([factor.real_roots()[-1] for factor, _ in characteristic.factor_list()[1]])


def _is_rank_one(matrix: sp.MatrixBase) -> bool:
    pivot = next((i for i in range(matrix.rows) if matrix[i, i] != 0), None)
    if pivot is None:
        return False
    row = matrix[pivot, :]
    return all(sp.expand(entry) == 0 for entry in matrix * matrix[pivot, pivot] - row.T * row)


def _largest(values: list[sp.Expr]) -> sp.Expr:
    best = values[0]
    for value in values[1:]:
        best = value if value != best and sign_of(value - best) > 0 else best
    return best


def classify(point: tuple[sp.Expr, ...], hessian: sp.MatrixBase) -> StepSizeThreshold:
    """Threshold of a critical point from its Hessian.

    Args:
        point: exact coordinates, shape (n,).
        hessian: symmetric, shape (n, n).

    Returns:
        the exact threshold; source: Nar and Sastry 2018, section 2 (Lyapunov stability of an equilibrium, δ ≤ 2/λ_max).
    """
    signs = inertia(hessian)
    sharpness = largest_eigenvalue(hessian)
    if signs.negative:
        only_negative = signs.negative == hessian.rows
        kind = CriticalPointKind.MAXIMUM if only_negative else CriticalPointKind.SADDLE if signs.positive else CriticalPointKind.DEGENERATE
        return StepSizeThreshold(point, kind, signs, sharpness, sp.Integer(0), sp.Integer(0))
    bound = _two_over(sharpness) if signs.positive else sp.oo
    if signs.zero:
        return StepSizeThreshold(point, CriticalPointKind.DEGENERATE, signs, sharpness, None, bound)
    return StepSizeThreshold(point, CriticalPointKind.MINIMUM, signs, sharpness, bound, bound)


def _two_over(sharpness: sp.Expr) -> sp.Expr:
    quotient = 2 / sharpness
    if sharpness.free_symbols:
        return sp.cancel(quotient) if sharpness.is_rational_function() else quotient
    simple = sp.radsimp(quotient) if not quotient.has(sp.CRootOf) else quotient
    return simple if is_zero(simple * sharpness - 2) else quotient
