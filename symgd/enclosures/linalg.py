"""Verified linear algebra in float64: products, solutions, eigenvalues, singular values of real interval matrices.

An `IntervalMatrix` is a set of matrices given entry by entry as midpoint ± radius. Every result holds for **every** matrix of the set.
Floating-point factorisations only propose approximate answers; what is believed are a-posteriori bounds made of matrix products and sums.

Error model. All bounds here use the unit v = 2^-52 and the absolute error ω = 2^-1021 per operation. They hold for rounding to nearest and
for every directed mode, with subnormal results kept or flushed, in any order of summation and with fused multiply-add, because each
elementary operation then errs by at most v·|exact| + ω. So threads inside BLAS with another rounding mode do no harm. Assumed: products are
conventional (not Strassen-like), and no BLAS thread flushes subnormal operands (the calling thread is probed). For an n-term
inner product, |fl(x·y) − x·y| ≤ γ |x|·|y| + 4nω with γ = (n+2)v/(1 − (n+2)v) (Higham,
"Accuracy and Stability of Numerical Algorithms", 2002, section 3.1; Jeannerod and Rump, SIAM J. Matrix Anal. Appl. 34, 2013). Bounds of
bounds are enlarged by `_more`, which covers the rounding of up to 16 elementary operations on non-negative numbers. Entries so large
that a bound overflows end in a ValueError of `IntervalMatrix`, never in a wrong bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from symgd.enclosures.float64 import require_safe_floating_point
from symgd.enclosures.interval import FloatArray, Interval, Number, exact

ComplexPair: TypeAlias = "tuple[IntervalMatrix, IntervalMatrix]"  # real and imaginary part

_UNIT = 2.0**-52
_TINY = 2.0**-1021


def _more(x: Any) -> Any:
    """Enlarge a bound ≥ 0 computed with at most 16 elementary operations on non-negative numbers: (1 − v)^-16 ≤ 1 + 20v, plus 16 ω."""
    return x * (1 + 24 * _UNIT) + 32 * _TINY


def _gamma(n: int) -> float:
    return float((n + 4) * _UNIT / (1 - (n + 4) * _UNIT))


def _product_above(a: FloatArray, b: FloatArray) -> FloatArray:
    """Entrywise upper bound of a·b for matrices with entries ≥ 0: exact ≤ fl/(1 − γ) + 4nω/(1 − γ)."""
    n = a.shape[-1]
    result: FloatArray = _more((a @ b) * (1 + 2 * _gamma(n)) + 8 * n * _TINY)
    return result


def _sum_above(a: FloatArray, axis: int | None = None) -> Any:
    """Upper bound of sums of entries ≥ 0 (γ covers any order of summation)."""
    n = a.size if axis is None else a.shape[axis]
    return _more(a.sum(axis=axis) * (1 + 2 * _gamma(n)) + 8 * n * _TINY)


def _norm_above(x: FloatArray) -> float:
    """Upper bound of the Euclidean norm of a vector (or the Frobenius norm of a matrix) given upper bounds of its entries' magnitudes."""
    scale = float(np.max(x, initial=0.0))
    if scale == 0.0 or not math.isfinite(scale):
        return scale
    return float(_more(scale * _more(math.sqrt(float(_sum_above(_more(x / scale) ** 2))))))


@final
@dataclass(frozen=True, eq=False)
class IntervalMatrix:
    """All real matrices A with |A − mid| ≤ rad entry by entry.

    Arguments: mid, rad: finite float64 arrays of the same shape (m, n), rad ≥ 0.
    Raises: ValueError when they are not.
    """

    mid: FloatArray
    rad: FloatArray

    def __post_init__(self) -> None:
        mid, rad = np.array(self.mid, dtype=np.float64, order="C"), np.array(self.rad, dtype=np.float64, order="C")
        if mid.ndim != 2 or mid.shape != rad.shape:
            raise ValueError(f"an interval matrix needs two arrays of the same shape (m, n), got {mid.shape} and {rad.shape}")
        if not (np.isfinite(mid).all() and np.isfinite(rad).all() and (rad >= 0).all()):
            raise ValueError("midpoints must be finite and radii finite and >= 0")
        mid.flags.writeable = rad.flags.writeable = False
        object.__setattr__(self, "mid", mid)
        object.__setattr__(self, "rad", rad)

    @classmethod
    def from_floats(cls, mid: Any) -> IntervalMatrix:
        """The single matrix with these float64 entries, shape (m, n)."""
        mid = np.asarray(mid, dtype=np.float64)
        return cls(mid, np.zeros_like(mid))

    @classmethod
    def from_exact(cls, rows: Sequence[Sequence[Number | Interval]]) -> IntervalMatrix:
        """The smallest representable set around exact entries.

        Arguments: rows, m sequences of n rationals (int, Fraction, float, "p/q") or `Interval`s with finite ends.
        """
        mid, rad = [], []
        for row in rows:
            ends = [(e.lo, e.hi) if isinstance(e, Interval) else (exact(e), exact(e)) for e in row]
            if any(isinstance(x, float) for pair in ends for x in pair):
                raise ValueError("the entries of an interval matrix must be finite")
            centres = [float((Fraction(lo) + Fraction(hi)) / 2) for lo, hi in ends]
            gaps = [max(Fraction(hi) - Fraction(c), Fraction(c) - Fraction(lo)) for (lo, hi), c in zip(ends, centres, strict=True)]
            mid.append(centres)
            rad.append([_fraction_up(g) for g in gaps])
        return cls(np.array(mid, dtype=float).reshape(len(mid), -1), np.array(rad, dtype=float).reshape(len(rad), -1))

    @classmethod
    def from_bounds(cls, lo: Any, hi: Any) -> IntervalMatrix:
        """A set that contains every matrix between lo and hi, float64 arrays of shape (m, n)."""
        lo, hi = np.asarray(lo, dtype=np.float64), np.asarray(hi, dtype=np.float64)
        if lo.shape != hi.shape or not (lo <= hi).all():
            raise ValueError("bounds need the same shape and lo <= hi")
        mid = lo / 2 + hi / 2
        return cls(mid, np.where(lo == hi, 0.0, _more(np.maximum(np.abs(hi - mid), np.abs(mid - lo)))))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.mid.shape[0], self.mid.shape[1]

    @property
    def lo(self) -> FloatArray:
        """Entrywise lower bounds, shape (m, n)."""
        slack = (np.abs(self.mid) + self.rad) * (4 * _UNIT) + 8 * _TINY
        low: FloatArray = np.where(self.rad == 0, self.mid, (self.mid - self.rad) - slack)
        return low

    @property
    def hi(self) -> FloatArray:
        """Entrywise upper bounds, shape (m, n)."""
        slack = (np.abs(self.mid) + self.rad) * (4 * _UNIT) + 8 * _TINY
        high: FloatArray = np.where(self.rad == 0, self.mid, (self.mid + self.rad) + slack)
        return high

    @property
    def magnitude(self) -> FloatArray:
        """Entrywise upper bounds of |A|, shape (m, n)."""
        size: FloatArray = np.where(self.rad == 0, np.abs(self.mid), _more(np.abs(self.mid) + self.rad))
        return size

    @property
    def T(self) -> IntervalMatrix:
        """The transpose."""
        return IntervalMatrix(self.mid.T, self.rad.T)

    def __getitem__(self, index: tuple[int, int]) -> Interval:
        return Interval(float(self.lo[index]), float(self.hi[index]))

    def __matmul__(self, other: IntervalMatrix) -> IntervalMatrix:
        """Enclosure of all products: |AB − M_A M_B| ≤ |M_A| R_B + R_A(|M_B| + R_B), plus the rounding of fl(M_A M_B) (Rump, BIT 39,
        1999).
        """
        if self.shape[1] != other.shape[0]:
            raise ValueError(f"shapes {self.shape} and {other.shape} do not multiply")
        n = self.shape[1]
        mid = self.mid @ other.mid
        size = np.abs(other.mid)
        rad = _product_above(_gamma(n) * np.abs(self.mid), _more(size)) + 8 * n * _TINY
        if other.rad.any():
            rad = _more(rad + _product_above(np.abs(self.mid), other.rad))
        if self.rad.any():
            rad = _more(rad + _product_above(self.rad, _more(size + other.rad)))
        return IntervalMatrix(mid, _more(rad))

    def __add__(self, other: IntervalMatrix) -> IntervalMatrix:
        mid = self.mid + other.mid
        return IntervalMatrix(mid, _more(self.rad + other.rad + np.abs(mid) * (2 * _UNIT)))

    def __sub__(self, other: IntervalMatrix) -> IntervalMatrix:
        return self + IntervalMatrix(-other.mid, other.rad)


def _fraction_up(x: Fraction) -> float:
    nearest = float(x)
    return nearest if Fraction(nearest) >= x else math.nextafter(nearest, math.inf)


def _square(a: IntervalMatrix) -> int:
    m, n = a.shape
    if m != n or n == 0:
        raise ValueError(f"a square matrix is needed, got shape {a.shape}")
    return n


def _between(lo: float, hi: float) -> Interval:
    return Interval(lo if math.isfinite(lo) else -math.inf, hi if math.isfinite(hi) else math.inf)


# --- norms -------------------------------------------------------------------------------------------------------------------------------


def perron_bound(a: FloatArray, steps: int = 8) -> float:
    """Upper bound of the spectral radius of a square matrix with entries ≥ 0.

    Arguments: a, shape (n, n), upper bounds of the entries; steps, of the power iteration that proposes the vector.
    Source: Collatz–Wielandt, ρ(A) ≤ max_i (Ax)_i/x_i for every x > 0 (Horn and Johnson, "Matrix Analysis", Theorem 8.1.26); ρ is monotone
    in non-negative entries (8.1.18).
    """
    n = len(a)
    if not a.any():
        return 0.0
    if not np.isfinite(a).all():
        return math.inf
    x = np.ones(n)
    best = math.inf
    for _ in range(steps):
        y = _product_above(a, x[:, None])[:, 0]
        best = min(best, float(_more(np.max(y / x))))
        top = float(y.max())
        if not 0 < top < math.inf:
            break
        x = np.maximum(y / top, 1e-8)  # any positive vector is allowed; this keeps it away from 0
    return best


def symmetric_norm_bound(a: FloatArray) -> float:
    """Upper bound of ‖E‖₂ for every symmetric E with |E| ≤ a; a is symmetrised upward. Source: ‖E‖₂ = ρ(E) ≤ ρ(|E|) ≤ ρ(a)."""
    return perron_bound(np.maximum(a, a.T))


def spectral_norm_bound(a: FloatArray) -> float:
    """Upper bound of ‖E‖₂ for every E of shape (m, n) with |E| ≤ a: ‖E‖₂² = ρ(EᵀE) ≤ ρ(aᵀa)."""
    if not a.any():
        return 0.0
    return float(_more(math.sqrt(perron_bound(_product_above(np.ascontiguousarray(a.T), a)))))


# --- linear systems ----------------------------------------------------------------------------------------------------------------------


class Outcome(Enum):
    """Whether a verification succeeded."""

    VERIFIED = "verified"
    NOT_VERIFIED = "not verified"


@dataclass(frozen=True)
class LinearSolution:
    """Solutions of A X = B for all A and B of two interval matrices.

    Arguments: outcome; enclosure of X, shape (n, k), or None; contraction, the upper bound of ‖I − RA‖∞ that was reached (below 1 proves
    that every A is regular). NOT_VERIFIED says nothing about regularity: A may be singular, ill conditioned or its radii too large.
    """

    outcome: Outcome
    enclosure: IntervalMatrix | None
    contraction: float


def solve(a: IntervalMatrix, b: IntervalMatrix) -> LinearSolution:
    """Enclose X = A⁻¹B for every A and B.

    Arguments: a, shape (n, n); b, shape (n, k).
    Source: with R an approximate inverse, E = I − RA, ‖E‖∞ ≤ ρ < 1: A is regular, and for an approximate X̃,
    X − X̃ = (I − E)⁻¹ R(B − AX̃), whose entries are within |R(B − AX̃)| + ρ/(1 − ρ)·max over the column (Neumann series; Rump,
    "Verification methods", Acta Numerica 19, 2010, section 10).
    """
    require_safe_floating_point()
    n = _square(a)
    if b.shape[0] != n:
        raise ValueError(f"shapes {a.shape} and {b.shape} do not match")
    with np.errstate(all="ignore"):
        try:
            r = np.linalg.inv(a.mid)
        except np.linalg.LinAlgError:
            return LinearSolution(Outcome.NOT_VERIFIED, None, math.inf)
        guess = r @ b.mid
        if not (np.isfinite(r).all() and np.isfinite(guess).all()):
            return LinearSolution(Outcome.NOT_VERIFIED, None, math.inf)
        left = IntervalMatrix.from_floats(r)
        rho = float(np.max(_sum_above((IntervalMatrix.from_floats(np.eye(n)) - left @ a).magnitude, axis=1)))
        if not rho < 1 - 1e-10:
            return LinearSolution(Outcome.NOT_VERIFIED, None, rho)
        defect = (left @ (b - a @ IntervalMatrix.from_floats(guess))).magnitude
        factor = _more(rho / (1 - rho)) * (1 + 1e-5)  # 1 − ρ ≥ 1e-10 loses at most 1e-5 relatively
        return LinearSolution(Outcome.VERIFIED, IntervalMatrix(guess, _more(defect + factor * defect.max(axis=0))), rho)


def inverse(a: IntervalMatrix) -> LinearSolution:
    """Enclose A⁻¹ for every A, shape (n, n); see `solve`."""
    return solve(a, IntervalMatrix.from_floats(np.eye(_square(a))))


# --- symmetric eigenvalues ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SymmetricSpectrum:
    """Eigenvalues λ₁ ≤ … ≤ λₙ of every symmetric matrix of a set.

    Arguments: lo, hi: shape (n,), λ_k in [lo[k], hi[k]] for each matrix and each k (multiplicities counted).
    """

    lo: FloatArray
    hi: FloatArray

    def __len__(self) -> int:
        return len(self.lo)

    def __getitem__(self, k: int) -> Interval:
        return _between(float(self.lo[k]), float(self.hi[k]))

    @property
    def largest(self) -> Interval:
        """λ_max of every matrix of the set."""
        return self[-1]

    @property
    def smallest(self) -> Interval:
        """λ_min of every matrix of the set."""
        return self[0]

    @property
    def spectral_radius(self) -> Interval:
        """max |λ| = ‖A‖₂ of every matrix of the set."""
        low, high = self.largest, self.smallest
        return Interval(max(low.lo, -high.hi, 0), max(low.hi, -high.lo))


def symmetric_eigenvalues(a: IntervalMatrix) -> SymmetricSpectrum:
    """Enclose all eigenvalues of every symmetric matrix of a set.

    Arguments: a, shape (n, n); mid must be symmetric (its radii are symmetrised upward). Only symmetric members are meant.
    Raises: ValueError when mid is not symmetric.
    Source: let X be the computed eigenvectors of mid, XᵀX = I + F with ‖F‖₂ ≤ φ < 1, Xᵀ mid X = D + E with D diagonal. By Ostrowski (Horn
    and Johnson, "Matrix Analysis", Theorem 4.5.9) λ_k(XᵀMX) = θ λ_k(M), 1 − φ ≤ θ ≤ 1 + φ; by Weyl (4.3.1) λ_k(D + E) is within ‖E‖₂ of the
    k-th diagonal entry, and by Gershgorin (6.1.1, with continuity) a connected union of m discs contains exactly m eigenvalues, so the
    better of the two bounds is taken; by Weyl again the set's radii add ‖R‖₂ ≤ ρ(rad). If φ ≥ 1/2, everything is Weyl around Gershgorin
    on A itself.
    """
    require_safe_floating_point()
    n = _square(a)
    if not (a.mid == a.mid.T).all():
        raise ValueError("the midpoint is not symmetric; symmetric_eigenvalues is about symmetric matrices (use eigenvalue_discs)")
    with np.errstate(all="ignore"):
        spread = symmetric_norm_bound(a.rad)
        middle = IntervalMatrix.from_floats(a.mid)
        x, phi = _nearly_orthogonal(a.mid)
        if phi < 0.5:
            vectors = IntervalMatrix.from_floats(x)
            middle = vectors.T @ (middle @ vectors)
        else:
            phi = 0.0
        centre = np.diag(middle.mid).copy()
        rest = middle.magnitude.copy()
        np.fill_diagonal(rest, np.diag(middle.rad))
        lo, hi = _weyl_gershgorin(centre, rest)
        # θ λ = μ with θ in [1 − φ, 1 + φ]: λ = μ/θ, and 1/(1 − φ) ≤ 1 + 2φ, 1/(1 + φ) ≥ 1 − φ ≥ 1 − 2φ for φ ≤ 1/2.
        slack_lo = _more(np.abs(lo) * (2 * phi) + spread) + np.abs(lo) * (4 * _UNIT)
        slack_hi = _more(np.abs(hi) * (2 * phi) + spread) + np.abs(hi) * (4 * _UNIT)
        slack_lo, slack_hi = _more(slack_lo), _more(slack_hi)
        lo, hi = lo - slack_lo, hi + slack_hi
        if n and not (np.isfinite(lo).all() and np.isfinite(hi).all()):
            bad_lo, bad_hi = ~np.isfinite(lo), ~np.isfinite(hi)
            lo, hi = np.where(bad_lo, -np.inf, lo), np.where(bad_hi, np.inf, hi)
    # λ_1 ≤ … ≤ λ_n, so every bound may be improved by its neighbours'.
    return SymmetricSpectrum(np.maximum.accumulate(lo), np.minimum.accumulate(hi[::-1])[::-1])


def _nearly_orthogonal(mid: FloatArray) -> tuple[FloatArray, float]:
    """Approximate eigenvectors X of a symmetric matrix and an upper bound of ‖XᵀX − I‖₂ (∞ when there are none)."""
    n = len(mid)
    try:
        _, x = np.linalg.eigh(mid)
    except np.linalg.LinAlgError:
        return np.eye(n), math.inf
    if not np.isfinite(x).all():
        return np.eye(n), math.inf
    vectors = IntervalMatrix.from_floats(x)
    return x, symmetric_norm_bound((vectors.T @ vectors - IntervalMatrix.from_floats(np.eye(n))).magnitude)


def _weyl_gershgorin(centre: FloatArray, rest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds, ascending, of the eigenvalues of diag(centre) + E for every symmetric E with |E| ≤ rest."""
    order = np.argsort(centre, kind="stable")
    sorted_centre = centre[order]
    weyl = symmetric_norm_bound(rest)
    slack = _more(weyl + np.abs(sorted_centre) * (2 * _UNIT))
    lo, hi = sorted_centre - slack, sorted_centre + slack
    radius = _sum_above(np.maximum(rest, rest.T), axis=1)[order]
    left = sorted_centre - _more(radius + np.abs(sorted_centre) * (2 * _UNIT))
    right = sorted_centre + _more(radius + np.abs(sorted_centre) * (2 * _UNIT))
    by_left = np.argsort(left, kind="stable")
    start = 0
    reach = -math.inf
    groups: list[tuple[int, int]] = []
    for position, i in enumerate(by_left):
        if position and left[i] > reach:
            groups.append((start, position))
            start = position
        reach = max(reach, float(right[i]))
    groups.append((start, len(by_left)))
    # Discs are gathered from left to right, so the groups hold the eigenvalues in ascending order.
    for first, last in groups:
        members = by_left[first:last]
        lo[first:last] = np.maximum(lo[first:last], left[members].min())
        hi[first:last] = np.minimum(hi[first:last], right[members].max())
    return lo, hi


def largest_eigenvalue(a: IntervalMatrix) -> Interval:
    """Enclose λ_max of every symmetric matrix of a set, shape (n, n); see `symmetric_eigenvalues`."""
    return symmetric_eigenvalues(a).largest


# --- general eigenvalues -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class EigenvalueDiscs:
    """Discs in the complex plane that contain all eigenvalues of every matrix of a set.

    Arguments: centres, complex, shape (n,); radii, shape (n,); groups, shape (n,) int: discs with the same number form a connected union
    (or a larger set), and each such union contains exactly as many eigenvalues (with multiplicity) as discs.
    """

    centres: NDArray[np.complex128]
    radii: FloatArray
    groups: NDArray[np.intp]

    @property
    def spectral_radius(self) -> Interval:
        """max |λ| of every matrix of the set."""
        with np.errstate(all="ignore"):
            low, high = _modulus(self.centres)
            upper = _more(high + self.radii)
            lower = np.maximum(low - (_more(self.radii) + low * (4 * _UNIT)), 0.0)
        # Each group contains an eigenvalue, so the largest is at least the smallest modulus any group can have.
        best = max((float(lower[self.groups == g].min()) for g in np.unique(self.groups)), default=0.0)
        return _between(best if math.isfinite(best) else 0.0, float(upper.max()))


def eigenvalue_discs(a: IntervalMatrix) -> EigenvalueDiscs:
    """Enclose all eigenvalues of every matrix of a set in discs.

    Arguments: a, shape (n, n).
    Source: with computed eigenvectors X, diagonal D and residual R = AX − XD, X⁻¹AX = D + X⁻¹R has A's eigenvalues. For an approximate
    inverse Y with ‖I − YX‖∞ ≤ ρ < 1, |X⁻¹R| ≤ |YR| + ρ/(1 − ρ)·(column maxima of |YR|) (Neumann series), and Gershgorin's discs around D
    by rows or by columns contain the eigenvalues, m in each connected union of m discs (Horn and Johnson, Theorem 6.1.1). When X is too ill
    conditioned (defective A), Gershgorin on A itself.
    """
    require_safe_floating_point()
    _square(a)
    with np.errstate(all="ignore"):
        found = _diagonalised(a)
        if found is None:
            centre = np.diag(a.mid).astype(complex)
            rest = a.magnitude.copy()
            np.fill_diagonal(rest, np.diag(a.rad))
        else:
            centre, rest = found
        rows, columns = _sum_above(rest, axis=1), _sum_above(rest, axis=0)
        radii = rows if float(np.sum(rows)) <= float(np.sum(columns)) else columns
        radii = np.where(np.isfinite(radii), radii, np.inf)
    return EigenvalueDiscs(centre, radii, _connected(centre, radii))


def _complex_product(a: ComplexPair, b: ComplexPair) -> ComplexPair:
    return a[0] @ b[0] - a[1] @ b[1], a[0] @ b[1] + a[1] @ b[0]


def _complex_magnitude(a: ComplexPair) -> FloatArray:
    """Entrywise upper bounds of the modulus, from + · √ only."""
    x, y = a[0].magnitude, a[1].magnitude
    size: FloatArray = np.minimum(_more(np.sqrt(_more(x * x + y * y))), _more(x + y))
    return size


def _modulus(z: NDArray[np.complex128]) -> tuple[FloatArray, FloatArray]:
    """Lower and upper bounds of |z| entry by entry, from + · √ only (2^-500 covers squares that underflow)."""
    size = np.sqrt(z.real * z.real + z.imag * z.imag)
    lower = np.where(np.isfinite(size), np.maximum(size * (1 - 8 * _UNIT) - 2.0**-500, 0.0), 0.0)
    return lower, _more(size) + 2.0**-500


def _parts(x: NDArray[np.complex128]) -> ComplexPair:
    return IntervalMatrix.from_floats(x.real), IntervalMatrix.from_floats(x.imag)


def _diagonalised(a: IntervalMatrix) -> tuple[NDArray[np.complex128], FloatArray] | None:
    """(diagonal of D, entrywise bound of |X⁻¹R|), or None when the eigenvectors cannot be inverted safely."""
    n = a.shape[0]
    try:
        d, x = np.linalg.eig(a.mid)
        y = np.linalg.inv(x)
    except np.linalg.LinAlgError:
        return None
    d, x, y = d.astype(complex), x.astype(complex), y.astype(complex)
    if not (np.isfinite(d).all() and np.isfinite(x).all() and np.isfinite(y).all()):
        return None
    xs, ys = _parts(x), _parts(y)
    identity = IntervalMatrix.from_floats(np.eye(n))
    real, imag = _complex_product(ys, xs)
    rho = float(np.max(_sum_above(_complex_magnitude((identity - real, imag)), axis=1)))
    if not rho < 0.5:
        return None
    columns = (_scaled_columns(xs, d.real), _scaled_columns(xs, d.imag))
    scaled = (columns[0][0] - columns[1][1], columns[1][0] + columns[0][1])
    residual = (a @ xs[0] - scaled[0], a @ xs[1] - scaled[1])
    m = _complex_magnitude(_complex_product(ys, residual))
    return d, _more(m + _more(2 * rho) * m.max(axis=0))  # ρ/(1 − ρ) ≤ 2ρ


def _scaled_columns(x: ComplexPair, d: FloatArray) -> ComplexPair:
    """Real and imaginary part of x·diag(d), one rounding per entry."""
    products = [part.mid * d for part in x]
    first, second = (IntervalMatrix(p, _more(np.abs(p) * (2 * _UNIT))) for p in products)
    return first, second


def _connected(centre: NDArray[np.complex128], radii: FloatArray) -> NDArray[np.intp]:
    """Label the discs so that discs that may touch share a label."""
    n = len(centre)
    with np.errstate(all="ignore"):
        distance, _ = _modulus(centre[:, None] - centre[None, :])
        touching = ~(distance > _more(radii[:, None] + radii[None, :] + distance * 1e-12))  # the margin covers the rounded differences
    label = np.full(n, -1, dtype=np.intp)
    for i in range(n):
        if label[i] < 0:
            members = np.zeros(n, dtype=bool)
            members[i] = True
            while True:
                grown = members | touching[members].any(axis=0)
                if (grown == members).all():
                    break
                members = grown
            label[members] = i
    return label


def spectral_radius(a: IntervalMatrix, squarings: int = 6) -> Interval:
    """Enclose the spectral radius of every matrix of a set.

    Arguments: a, shape (n, n); squarings, how many times the power bound squares A.
    Returns: lower bound from the discs; upper bound the least of the discs', Collatz–Wielandt's for |A|, and ‖A^(2^j)‖^(1/2^j), which also
    works for defective matrices. Source: ρ(A)^m = ρ(A^m) ≤ ‖A^m‖ in the 1-, 2- and ∞-norm; Horn and Johnson, Theorems 5.6.9 and 8.1.18;
    `eigenvalue_discs`.
    """
    discs = eigenvalue_discs(a).spectral_radius
    with np.errstate(all="ignore"):
        upper = min(float(discs.hi), perron_bound(a.magnitude))
        power, exponent = a, 1
        if discs.width > 1e-6 * max(upper, _TINY):
            for _ in range(squarings):
                if not power.magnitude.max() < 1e100:
                    break
                power, exponent = power @ power, 2 * exponent
                size = power.magnitude
                norm = min(spectral_norm_bound(size), float(_sum_above(size, axis=0).max()), float(_sum_above(size, axis=1).max()))
                upper = min(upper, _root_above(norm, exponent))
    return Interval(min(float(discs.lo), upper), upper)


def _root_above(x: float, degree: int) -> float:
    """Upper bound of x^(1/degree), degree a power of two, by repeated square roots."""
    while degree > 1:
        x = float(_more(math.sqrt(x)))
        degree //= 2
    return x


# --- sums of Kronecker products ----------------------------------------------------------------------------------------------------------


def sum_of_products_bound(left: Sequence[IntervalMatrix], right: Sequence[IntervalMatrix], near: float) -> float:
    """Upper bound of the largest eigenvalue of E ↦ Σ_j A_j E B_j for all symmetric A_j and B_j of the sets.

    Arguments: left, right: symmetric sets of shapes (m, m) and (n, n), with symmetric midpoints; near, a guess ≥ 0 of the eigenvalue.
    Returns: the bound, or ∞ when no factorisation near the guess succeeded. Takes (mn)²·32 bytes and (mn)³/3 operations.
    Source: if floating-point Cholesky of a symmetric H of order N with diagonal entries h_i ≥ 0 runs to completion, H + Δ ⪰ 0 with |Δ_ik| ≤
    γ/(1 − γ)·√(h_i h_k), so λ_min(H) ≥ −γ/(1 − γ) tr H (Rump, "Verification of positive definiteness", BIT 46, 2006; Demmel's bound).
    H = tI − K with K ≈ Σ B_j ⊗ A_j; the radii, and the rounding of K, are bounded by ‖X ⊗ Y‖₂ = ‖X‖₂‖Y‖₂.
    """
    require_safe_floating_point()
    m, n, count = len(left[0].mid), len(right[0].mid), len(left)
    scale = 0.0
    drift = 0.0  # ‖Σ B_j ⊗ A_j − K‖₂ for every member of the sets
    with np.errstate(all="ignore"):
        for a, b in zip(left, right, strict=True):
            size_a, size_b = symmetric_norm_bound(np.abs(a.mid)), symmetric_norm_bound(np.abs(b.mid))
            off_a, off_b = symmetric_norm_bound(a.rad), symmetric_norm_bound(b.rad)
            mixed = _more(_more(off_a * _more(size_b + off_b)) + _more(size_a * off_b))
            drift = float(_more(drift + _more(mixed + _more(size_a * size_b) * _gamma(count))))
            scale = float(_more(scale + _more(size_a * size_b)))
        drift = float(_more(drift + 8.0 * m * n * (count + 2) * _TINY))
        if not (math.isfinite(scale) and 1e-100 < near < 1e100):
            return math.inf
        flat_a, flat_b = np.array([a.mid.ravel() for a in left]), np.array([b.mid.ravel() for b in right])
        k = np.ascontiguousarray((flat_b.T @ flat_a).reshape(n, n, m, m).transpose(0, 2, 1, 3)).reshape(m * n, m * n)
        diagonal = np.diagonal(k).copy()
        np.negative(k, out=k)
        for slack in (1e-12 * m * n + 1e-13, 1e-6, 1e-3, 0.1):
            t = near * (1 + slack)
            h = t - diagonal
            if not (h > 0).all():
                continue
            np.fill_diagonal(k, h)
            try:
                factor = np.linalg.cholesky(k)
            except np.linalg.LinAlgError:
                continue
            if not np.isfinite(factor[np.diag_indices(m * n)]).all():
                continue
            del factor
            gamma = _gamma(m * n)
            trace = float(_sum_above(h))
            rounding = _more(2.0 * _UNIT * (t + float(np.abs(diagonal).max())))  # of the diagonal of tI − K
            lost = _more(_more(gamma / (1 - 2 * gamma)) * trace) + 8.0 * (m * n) ** 2 * _TINY
            return float(_more(_more(t + drift) + _more(lost + rounding)))
    return math.inf


# --- singular values ---------------------------------------------------------------------------------------------------------------------


def singular_values(a: IntervalMatrix) -> tuple[FloatArray, FloatArray]:
    """Enclose the singular values σ₁ ≥ … ≥ σ_min(m,n) of every matrix of a set.

    Arguments: a, shape (m, n).
    Returns: (lo, hi), each of shape (min(m, n),), descending.
    Source: the eigenvalues of [[0, A], [Aᵀ, 0]] are ±σ_k and zeros (Jordan–Wielandt; Horn and Johnson, Theorem 7.3.3).
    """
    m, n = a.shape
    if m == 0 or n == 0:
        raise ValueError(f"a non-empty matrix is needed, got shape {a.shape}")
    mid, rad = np.zeros((m + n, m + n)), np.zeros((m + n, m + n))
    mid[:m, m:], rad[:m, m:] = a.mid, a.rad
    mid[m:, :m], rad[m:, :m] = a.mid.T, a.rad.T
    spectrum = symmetric_eigenvalues(IntervalMatrix(mid, rad))
    k = min(m, n)
    return np.maximum(spectrum.lo[::-1][:k], 0.0), np.maximum(spectrum.hi[::-1][:k], 0.0)


def spectral_norm(a: IntervalMatrix) -> Interval:
    """Enclose ‖A‖₂ of every matrix of a set, shape (m, n); see `singular_values`."""
    lo, hi = singular_values(a)
    return _between(float(lo[0]), float(hi[0]))


class Separation(Enum):
    """Whether the largest singular value is certainly simple."""

    SIMPLE = "simple"
    NOT_SEPARATED = "not separated: multiple, or too close to the next to tell"


@dataclass(frozen=True)
class TopSingular:
    """The largest singular value of every matrix of a set and, when it is simple, its singular vectors.

    Arguments: value, σ₁; gap, σ₁ − σ₂ (σ₂ = 0 for a single row or column); separation; candidates, how many singular values cannot be told
    from σ₁ (1 when simple); left u of shape (m, 1) and right v of shape (n, 1), unit vectors with A v = σ₁ u, Aᵀu = σ₁ v, jointly of one
    sign, or None when not separated.
    """

    value: Interval
    gap: Interval
    separation: Separation
    candidates: int
    left: IntervalMatrix | None
    right: IntervalMatrix | None


def top_singular(a: IntervalMatrix) -> TopSingular:
    """Enclose the largest singular value of every matrix of a set and its singular vectors.

    Arguments: a, shape (m, n).
    Source: z = (u; v)/√2 is a unit eigenvector of S = [[0, A], [Aᵀ, 0]] for σ₁, all other eigenvalues are ≤ σ₂ < σ₁. For approximate ũ, ṽ
    with residuals r = ‖(Aṽ − sũ, Aᵀũ − sṽ)‖/‖(ũ, ṽ)‖ and s > σ₂, the angle θ between (ũ, ṽ) and z has sin θ ≤ r/(s − σ₂) (Davis–Kahan;
    Parlett, "The Symmetric Eigenvalue Problem", Theorem 11.7.1: the part of the residual orthogonal to z has norm at least sin θ·min|λ −
    s|). The unit vectors then differ by at most √2 sin θ, and u, v = √2 (halves of z).
    """
    lo, hi = singular_values(a)
    second_lo, second_hi = (float(lo[1]), float(hi[1])) if len(lo) > 1 else (0.0, 0.0)
    value = _between(float(lo[0]), float(hi[0]))
    gap_lo = float(lo[0]) - second_hi
    gap_lo -= abs(gap_lo) * 4 * _UNIT
    gap = _between(max(gap_lo, 0.0) if math.isfinite(gap_lo) else 0.0, float(_more(max(float(hi[0]) - second_lo, 0.0))))
    candidates = int(np.sum(hi >= lo[0]))
    if len(lo) == 1 and lo[0] <= 0:
        candidates = 2  # the zero matrix: every unit vector is singular
    vectors = _top_vectors(a, second_hi) if gap_lo > 0 else None
    if vectors is None:
        return TopSingular(value, gap, Separation.NOT_SEPARATED, max(candidates, 2), None, None)
    return TopSingular(value, gap, Separation.SIMPLE, 1, *vectors)


def _top_vectors(a: IntervalMatrix, second: float) -> tuple[IntervalMatrix, IntervalMatrix] | None:
    with np.errstate(all="ignore"):
        try:
            u0, s0, v0 = np.linalg.svd(a.mid, full_matrices=False)
        except np.linalg.LinAlgError:
            return None
        u, v, s = u0[:, :1], v0[:1].T, float(s0[0])
        us, vs = IntervalMatrix.from_floats(u), IntervalMatrix.from_floats(v)
        scale = IntervalMatrix.from_floats(np.array([[s]]))
        first = (a @ vs - us @ scale).magnitude[:, 0]
        other = (a.T @ us - vs @ scale).magnitude[:, 0]
        residual = _norm_above(np.concatenate([first, other]))
        room = (s - second) * (1 - 8 * _UNIT)
        # ũ and ṽ are unit vectors up to a few roundings; their norms are bounded, not assumed.
        off_u, off_v = _unit_defect(us), _unit_defect(vs)
        if not (room > 0 and max(off_u, off_v) < 0.01):
            return None
        angle = float(_more(residual / (room * math.sqrt(2.0) * 0.98)))  # ‖(ũ, ṽ)‖ ≥ √2·0.99, with room for √2's rounding
        if not angle < 0.5:
            return None
        # ‖ẑ − z‖ ≤ √2 sin θ; multiplied by √2 for the halves; ẑ is (ũ, ṽ)/‖(ũ, ṽ)‖ and √2 ẑ differs from (ũ, ṽ) by at most |‖(ũ, ṽ)‖ − √2|.
        defect = _more(2.0 * max(off_u, off_v))
        radius = float(_more(2.0 * angle * (1 + 1e-12) + defect))
        return IntervalMatrix(u, np.full_like(u, radius)), IntervalMatrix(v, np.full_like(v, radius))


def _unit_defect(x: IntervalMatrix) -> float:
    """Upper bound of |‖x‖² − 1| ≥ |‖x‖ − 1| for a column."""
    one = IntervalMatrix.from_floats(np.ones((1, 1)))
    return float((x.T @ x - one).magnitude[0, 0])
