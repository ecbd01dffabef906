"""How large a step can be at a global minimum of ½‖W_L ⋯ W_1 − R‖_F²: a bound from one test direction beside the true threshold.

At zero residual the Hessian is JᵀJ, with J the derivative of the product, so its nonzero eigenvalues are those of the operator
T(E) = Σ_j A_j E B_j on m × n matrices, A_j = W_{L:j+1}W_{L:j+1}ᵀ and B_j = W_{j−1:1}ᵀW_{j−1:1}. The test direction uvᵀ gives
λ_max ≥ Σ_j ‖W_{j−1:1}v‖² ‖uᵀW_{L:j+1}‖² for *all* unit vectors u, v; the bound 2/Σ takes the top singular vectors of the product.
All numbers are enclosures, rounded outwards, that hold for every choice of matrices in the given sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from symgd.enclosures.float64 import require_safe_floating_point
from symgd.enclosures.interval import FloatArray, Interval, float_down, float_up
from symgd.enclosures.linalg import IntervalMatrix, Separation, TopSingular, sum_of_products_bound, symmetric_norm_bound, top_singular

DENSE = 4096  # the largest m·n for which the operator is factorised; 4096 takes about 0.5 GB
EXACT = 12  # the largest min(m, n) for which multiplicities are decided by exact characteristic polynomials


class TopValue(Enum):
    """What is certain about the largest singular value of the product."""

    SIMPLE = "simple"
    MULTIPLE = "multiple: the singular vectors are not unique, and the bound holds for each choice"
    NOT_SEPARATED = "not separated: multiple, or too close to the next to tell"
    ZERO = "zero: the product vanishes, and has no distinguished singular vectors"


@dataclass(frozen=True)
class StepBound:
    """A necessary step size for convergence to a global minimum with these weights, beside the exact threshold of linear stability.

    Arguments: verdict, on the top singular value; singular, its enclosure, with certified vectors when it is simple, and the number of
    singular values that cannot be told from it; weight, Σ_j p_{j−1}² q_{j+1}²; bound, 2/weight; sharpness, λ_max of the Hessian;
    threshold, 2/sharpness. When the vectors are not unique, weight and bound are those of one choice of approximate unit vectors, which is
    a valid bound as for all vectors: threshold ≤ bound. An unbounded quotient has the upper end ∞.
    """

    verdict: TopValue
    singular: TopSingular
    weight: Interval
    bound: Interval
    sharpness: Interval
    threshold: Interval

    @property
    def tightness(self) -> float:
        """How far the ends of `sharpness` are apart, relative to its upper end (0 is best, 1 says nothing)."""
        return float_up((self.sharpness.hi - self.sharpness.lo) / self.sharpness.hi) if self.sharpness.hi else 0.0


def step_bound(weights: Sequence[Any]) -> StepBound:
    """Enclose the step-size bound and the true threshold of a deep linear network at zero residual.

    Arguments: weights W_1, …, W_L in order of application, W_j of shape (n_j, n_{j−1}): rows of rationals (int, Fraction, sympy Rational,
    "p/q"), SymPy matrices, float64 arrays (each float is the dyadic number it is) or `IntervalMatrix`. The target is the product.
    Raises: ValueError when there is no layer, an entry is not a finite rational number, or the shapes do not multiply.
    Source: Nar and Sastry, "Step Size Matters in Deep Learning", equation (3); the upper end of the sharpness is a verified Cholesky
    factorisation (`linalg.sum_of_products_bound`), the lower end a Rayleigh quotient. Above m·n = 4096 the upper end is Σ‖A_j‖‖B_j‖.
    """
    require_safe_floating_point()
    layers, rows = _read(weights)
    below = [_identity(layers[0].shape[1])]  # W_{j−1:1}
    for w in layers:
        below.append(w @ below[-1])
    above = [_identity(layers[-1].shape[0])]  # W_{L:j+1}
    for w in reversed(layers[1:]):
        above.append(above[-1] @ w)
    above.reverse()
    product, below = below[-1], below[:-1]
    singular = top_singular(product)
    verdict = _verdict(product, rows, singular)
    u, v = (singular.left, singular.right) if verdict is TopValue.SIMPLE else _approximate_vectors(product)
    assert u is not None
    assert v is not None
    weight = _weight(above, below, u, v, unit=verdict is TopValue.SIMPLE)
    sharpness = _sharpness(above, below, u.mid @ v.mid.T)
    return StepBound(verdict, singular, weight, _two_over(weight), sharpness, _two_over(sharpness))


def _identity(n: int) -> IntervalMatrix:
    return IntervalMatrix.from_floats(np.eye(n))


def _read(weights: Sequence[Any]) -> tuple[list[IntervalMatrix], list[list[list[Fraction]]] | None]:
    """The layers as sets and, unless one of them is a set already, their exact entries."""
    layers: list[IntervalMatrix] = []
    exact: list[list[list[Fraction]]] | None = []
    for j, w in enumerate(weights, 1):
        if isinstance(w, IntervalMatrix):
            layers.append(w)
            exact = None
        else:
            rows = _rows(w, j)
            layers.append(IntervalMatrix.from_exact(rows))
            if exact is not None:
                exact.append(rows)
        if 0 in layers[-1].shape:
            raise ValueError(f"W_{j} has the shape {layers[-1].shape}; a layer needs at least one row and one column")
        if j > 1 and layers[-1].shape[1] != layers[-2].shape[0]:
            raise ValueError(
                f"W_{j} of shape {layers[-1].shape} does not follow W_{j - 1} of shape {layers[-2].shape}; "
                "give the layers in order of application"
            )
    if not layers:
        raise ValueError("there is no layer; give at least W_1")
    return layers, exact


def _rows(w: Any, j: int) -> list[list[Fraction]]:
    try:
        rows = [[_fraction(x) for x in row] for row in (w.tolist() if hasattr(w, "tolist") else w)]
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"W_{j} is not a matrix of finite rational numbers ({error}); give rows of int, Fraction, float or 'p/q'"
        ) from None
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"the rows of W_{j} have different lengths; make them equal")
    if not rows:
        raise ValueError(f"W_{j} has no rows; a layer needs at least one row and one column")
    return rows


def _fraction(x: Any) -> Fraction:
    if isinstance(x, sp.Rational):
        return Fraction(int(x.p), int(x.q))
    if isinstance(x, sp.Basic):
        raise ValueError(f"{x} is not rational")
    return Fraction(x)


def _verdict(product: IntervalMatrix, rows: list[list[list[Fraction]]] | None, singular: TopSingular) -> TopValue:
    if singular.separation is Separation.SIMPLE:
        return TopValue.SIMPLE
    if not product.magnitude.any():
        return TopValue.ZERO
    if rows is None or min(product.shape) > EXACT:
        return TopValue.NOT_SEPARATED
    exact = sp.eye(product.shape[1])
    for layer in rows:
        exact = sp.Matrix([[sp.Rational(x.numerator, x.denominator) for x in row] for row in layer]) * exact
    if exact.is_zero_matrix:
        return TopValue.ZERO
    gram = exact.T * exact if exact.shape[1] <= exact.shape[0] else exact * exact.T
    return _multiplicity(gram)


def _multiplicity(gram: Any) -> TopValue:
    """MULTIPLE when the largest root of the characteristic polynomial is a multiple root, which is decided exactly."""
    characteristic = sp.Poly(gram.charpoly().as_expr(), gram.charpoly().gen, domain="QQ")
    tops = [(factor.real_roots()[-1], power) for factor, power in characteristic.sqf_list()[1]]
    largest, power = tops[0]
    for other, times in tops[1:]:
        if other > largest:
            largest, power = other, times
    return TopValue.MULTIPLE if power > 1 else TopValue.NOT_SEPARATED


def _approximate_vectors(product: IntervalMatrix) -> tuple[IntervalMatrix, IntervalMatrix]:
    u, _, v = np.linalg.svd(product.mid)
    return IntervalMatrix.from_floats(u[:, :1]), IntervalMatrix.from_floats(v[:1].T)


def _weight(above: list[IntervalMatrix], below: list[IntervalMatrix], u: IntervalMatrix, v: IntervalMatrix, unit: bool) -> Interval:
    """Σ_j ‖B_{j−1:1} v‖² ‖uᵀW_{L:j+1}‖², divided by ‖u‖²‖v‖² unless these are unit vectors by construction."""
    terms = [(_square_norm(b @ v), _square_norm(a.T @ u)) for a, b in zip(above, below, strict=True)]
    lo, hi = sum(p.lo * q.lo for p, q in terms), sum(p.hi * q.hi for p, q in terms)
    if not unit:
        size_u, size_v = _square_norm(u), _square_norm(v)
        lo, hi = Fraction(lo) / Fraction(size_u.hi * size_v.hi), Fraction(hi) / Fraction(size_u.lo * size_v.lo)
    return Interval(max(float_down(lo), 0.0), float_up(hi))


def _square_norm(x: IntervalMatrix) -> Interval:
    """‖x‖² of a column, exact in the given bounds of its entries."""
    lo = [max(Fraction(float(a)), -Fraction(float(b)), Fraction(0)) for a, b in zip(x.lo[:, 0], x.hi[:, 0], strict=True)]
    hi = [Fraction(float(a)) for a in x.magnitude[:, 0]]
    return Interval(sum((a * a for a in lo), Fraction(0)), sum((a * a for a in hi), Fraction(0)))


def _two_over(x: Interval) -> Interval:
    return Interval(float_down(2 / Fraction(x.hi)) if x.hi else np.inf, float_up(2 / Fraction(x.lo)) if x.lo else np.inf)


def _sharpness(above: list[IntervalMatrix], below: list[IntervalMatrix], start: FloatArray) -> Interval:
    left, right = [_gram(a.T) for a in above], [_gram(b) for b in below]
    direction = _top_direction([a.mid for a in left], [b.mid for b in right], start)
    e = IntervalMatrix.from_floats(direction)
    image = [_frobenius(a.T @ e @ b.T) for a, b in zip(above, below, strict=True)]
    size = _frobenius(e)
    lo = float_down(Fraction(sum(t.lo for t in image)) / Fraction(size.hi)) if size.hi else 0.0
    hi = sum(
        Fraction(symmetric_norm_bound(a.magnitude)) * Fraction(symmetric_norm_bound(b.magnitude)) for a, b in zip(left, right, strict=True)
    )
    best = float_up(hi)
    if direction.size <= DENSE and best > lo:
        best = min(best, sum_of_products_bound(left, right, lo))
    return Interval(max(lo, 0.0), best)


def _gram(x: IntervalMatrix) -> IntervalMatrix:
    """xᵀx with a symmetric midpoint."""
    g = x.T @ x
    mid = np.tril(g.mid) + np.tril(g.mid, -1).T
    return IntervalMatrix(mid, np.tril(g.rad) + np.tril(g.rad, -1).T)  # the lower triangle encloses the upper one too: xᵀx is symmetric


def _frobenius(x: IntervalMatrix) -> Interval:
    """‖X‖_F²."""
    return _square_norm(IntervalMatrix(x.mid.reshape(-1, 1), x.rad.reshape(-1, 1)))


def _top_direction(left: list[FloatArray], right: list[FloatArray], start: FloatArray, steps: int = 40, rounds: int = 4) -> FloatArray:
    """Approximate top eigenvector of E ↦ Σ A_j E B_j by restarted Lanczos; anything is allowed here, it is verified later."""
    shape = start.shape
    x = start.ravel() / max(float(np.linalg.norm(start)), 1e-300)
    x = x + 1e-3 * np.random.default_rng(0).standard_normal(x.shape) / np.sqrt(x.size)
    for _ in range(rounds):
        basis: list[FloatArray] = []
        images: list[FloatArray] = []
        q = x / np.linalg.norm(x)
        while len(basis) < min(steps, x.size):
            basis.append(q)
            e = q.reshape(shape)
            images.append(np.sum([a @ e @ b for a, b in zip(left, right, strict=True)], axis=0).ravel())
            q = images[-1].copy()
            for _ in range(2):
                stack = np.array(basis)
                q -= stack.T @ (stack @ q)
            size = float(np.linalg.norm(q))
            if not size > 1e-12 * max(float(np.linalg.norm(images[-1])), 1e-300):
                break
            q = q / size
        small = np.array(basis) @ np.array(images).T
        x = np.linalg.eigh((small + small.T) / 2)[1][:, -1] @ np.array(basis)
    result: FloatArray = x.reshape(shape)
    return result
