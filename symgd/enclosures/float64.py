"""Backend `float64`: many boxes at once in double precision, NumPy always, compiled loops when numba is installed.

Bounds are rounded outward by inflation (see `float_functions`), which needs rounding to nearest and subnormals: both are probed at every
entry, and `UnsafeFloatingPoint` is raised otherwise. Boxes are processed in chunks that stay in the cache.

Invariant of every array here: lo is never NaN or +∞, hi never NaN or −∞, and lo ≤ hi. The only NaN that arise are ∞ − ∞ from rounding an
overflowed bound outward, repaired to the largest float at once, and 0·∞ or ∞/∞ in corner products, which are 0 by the convention of
`scalar`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from symgd.enclosures import compiled
from symgd.enclosures.backend import (
    Arithmetic,
    BackendKind,
    BackendUnavailable,
    UnsafeFloatingPoint,
    differentiate,
    evaluate,
    evaluate_steps,
)
from symgd.enclosures.float_functions import ETA, HALF_PI, LARGEST, PHI, STRETCH, build
from symgd.enclosures.interval import (
    BoolArray,
    Box,
    Enclosure,
    EnclosureArray,
    FloatArray,
    GradientArray,
    GradientEnclosure,
    float_down,
    float_up,
)
from symgd.enclosures.program import Program
from symgd.enclosures.scalar import checked_box, checked_boxes, shaped_boxes

CHUNK = 12288  # boxes; a few live arrays of this length stay in the second-level cache
COMPILE_FROM = 20_000  # boxes in one call from which compiling a kernel (about a second) pays under Engine.AUTO

_PROBE = [1.0, 2.0**-53, 2.0**-52, 2.0**-1022, 0.5, 2.0**-1030, 2.0**30]  # a list, so that nothing is computed at compile time


def require_safe_floating_point() -> None:
    """Check that this thread rounds to nearest, ties to even, and keeps subnormals.

    Raises: UnsafeFloatingPoint naming what is wrong. Four sums tell the four rounding modes apart; a subnormal result and a subnormal
    operand show flushing (FTZ and DAZ).
    """
    one, half_unit, unit, least_normal, half, subnormal, big = _PROBE
    if one + half_unit != one or (one + unit) + half_unit != one + 2 * unit or -one - half_unit != -one:
        raise UnsafeFloatingPoint("rounding is not to nearest; some library changed the rounding mode (fesetround) and did not restore it")
    if least_normal * half == 0.0 or subnormal * big == 0.0:
        raise UnsafeFloatingPoint("subnormal numbers are flushed to zero; some library was compiled with unsafe floating-point options")


def _scale(x: Any, k: Any) -> Any:
    return np.ldexp(x, np.asarray(k).astype(np.int32))


def _split(x: Any) -> Any:
    m, e = np.frexp(x)
    return m, e.astype(np.float64)


FUNCTIONS = build(lambda f: f, np.where, np.floor, np.sqrt, _scale, _split, np.power)


class Boxes:
    """Bounds of one quantity over a chunk of boxes: float64 arrays of shape (n,) or (1,), and the extreme bounds over the chunk."""

    __slots__ = ("greatest", "hi", "least", "lo")

    lo: FloatArray
    hi: FloatArray
    least: float
    greatest: float

    def __init__(self, lo: FloatArray, hi: FloatArray) -> None:
        least, greatest = _least(lo), _greatest(hi)
        if least != least:  # some lower bound overflowed upwards
            lo = np.where(np.isnan(lo), LARGEST, lo)
            least = _least(lo)
        if greatest != greatest:
            hi = np.where(np.isnan(hi), -LARGEST, hi)
            greatest = _greatest(hi)
        self.lo, self.hi, self.least, self.greatest = lo, hi, least, greatest

    @property
    def finite(self) -> bool:
        return self.least >= -LARGEST and self.greatest <= LARGEST

    @property
    def nonnegative(self) -> bool:
        return self.least >= 0.0

    def is_constant(self, value: float) -> bool:
        return len(self.lo) == 1 and self.lo[0] == value == self.hi[0]

    def deferred(self) -> Deferred | None:
        """This quantity in deferred form, when it is ≥ 0 and far from overflow."""
        return Deferred(self.lo, self.hi, 0, 0.0, self.greatest) if self.least >= 0.0 and self.greatest < _DEFER_BELOW else None


class Deferred(Boxes):
    """A quantity ≥ 0 whose outward rounding is put off: sums and products of such quantities then cost one operation a bound.

    With u = 2^-53 it stands for the bounds raw_lo(1−u)^k − α and raw_hi(1+u)^k + α. Rounding to nearest errs by at most
    u·|result|, plus η/2 for products: so xy is in fl(x·y)(1 ± u) ± η/2 and x + y in fl(x + y)(1 ± u). Hence, with M the largest raw bounds,

    * product: k = k₁ + k₂ + 1 and α = α₁M₂ + α₂M₁ + α₁α₂ (each M times (1+u)^k ≤ 2) + η: for lower bounds x', y' with the (1−u)^k included,
      (x' − α₁)(y' − α₂) ≥ x'y' − α₁y' − α₂x' when both factors are ≥ 0, and otherwise the right side is ≤ 0 ≤ the exact product;
    * sum: k = max(k₁, k₂) + 1 and α = α₁ + α₂, the relative error of each operand being at most that of the larger k.

    Settling: lo = max(0, fl(fl(raw_lo·c) − α − 2η)) with c = 1 − (k+2)u, because c(1+u)² ≤ 1 − ku ≤ (1−u)^k; and
    hi = fl(fl(raw_hi·C) + α + 2η) with C = 1 + 2u(⌊k/2⌋ + 3), because C(1−u)² ≥ 1 + (k+1)u ≥ (1+u)^k for k ≤ 2^26. The 2η cover the two
    roundings near zero. α is at most about 2^-1000 and is itself computed with a factor of 2 to spare.
    """

    __slots__ = ("_hi", "_lo", "alpha", "k", "raw_hi", "raw_lo")

    def __init__(self, raw_lo: FloatArray, raw_hi: FloatArray, k: int, alpha: float, greatest: float) -> None:
        self.raw_lo, self.raw_hi, self.k, self.alpha = raw_lo, raw_hi, k, alpha
        self.least, self.greatest = 0.0, greatest  # bounds of the raw values; enough, because the quantity is ≥ 0 and far from overflow
        self._lo: FloatArray | None = raw_lo if k == 0 else None
        self._hi: FloatArray | None = raw_hi if k == 0 else None

    @property
    def lo(self) -> FloatArray:  # type: ignore[override]
        if self._lo is None:
            low = self.raw_lo * (1.0 - (self.k + 2) * 2.0**-53)
            low -= self.alpha + 2 * ETA
            self._lo = np.maximum(low, 0.0, out=low)
        return self._lo

    @property
    def hi(self) -> FloatArray:  # type: ignore[override]
        if self._hi is None:
            self._hi = self.raw_hi * (1.0 + (self.k // 2 + 3) * 2.0**-52)
            self._hi += self.alpha + 2 * ETA
        return self._hi

    def deferred(self) -> Deferred | None:
        return self

    def is_constant(self, value: float) -> bool:
        return False

    def times(self, other: Deferred) -> Deferred | None:
        """The product in deferred form; None when it may overflow or too many roundings have piled up."""
        k = self.k + other.k + 1
        if k > _MOST_ROUNDINGS:
            return None
        raw_hi = self.raw_hi * other.raw_hi
        greatest = _greatest(raw_hi)
        if not greatest < _DEFER_BELOW:
            return None
        alpha = 4.0 * (self.alpha * other.greatest + other.alpha * self.greatest + self.alpha * other.alpha) + 2 * ETA
        if alpha > _LARGEST_ALPHA:
            return None
        return Deferred(self.raw_lo * other.raw_lo, raw_hi, k, alpha, greatest)

    def plus(self, other: Deferred) -> Deferred | None:
        """The sum in deferred form; None when too many roundings have piled up."""
        k = max(self.k, other.k) + 1
        alpha = 2.0 * (self.alpha + other.alpha)
        greatest = self.greatest + other.greatest
        if k > _MOST_ROUNDINGS or not greatest < _DEFER_BELOW or alpha > _LARGEST_ALPHA:
            return None
        return Deferred(self.raw_lo + other.raw_lo, self.raw_hi + other.raw_hi, k, alpha, 2.0 * greatest)


_least = np.minimum.reduce
_greatest = np.maximum.reduce
_DEFER_BELOW = 2.0**1000
_LARGEST_ALPHA = 2.0**-1000  # anything larger would cost width that immediate rounding does not
_MOST_ROUNDINGS = 2**20


Mask: TypeAlias = "BoolArray | None"


def _down(x: FloatArray) -> FloatArray:
    """Round a computed lower bound outward, in place."""
    slack = np.abs(x)
    slack *= PHI
    slack += ETA
    x -= slack
    return x


def _up(x: FloatArray) -> FloatArray:
    """Round a computed upper bound outward, in place."""
    slack = np.abs(x)
    slack *= PHI
    slack += ETA
    x += slack
    return x


def _down_sum(x: FloatArray) -> FloatArray:
    """Like `_down` for a sum or difference, where a zero is exact (sums never underflow) and stays zero."""
    size = np.abs(x)
    slack = np.minimum(size, ETA)
    size *= PHI
    slack += size
    x -= slack
    return x


def _up_sum(x: FloatArray) -> FloatArray:
    """Like `_up` for a sum or difference."""
    size = np.abs(x)
    slack = np.minimum(size, ETA)
    size *= PHI
    slack += size
    x += slack
    return x


def _down_nonnegative(x: FloatArray) -> FloatArray:
    """Like `_down` for x ≥ 0, and kept ≥ 0 because the exact value is."""
    slack = x * PHI
    slack += ETA
    x -= slack
    return np.maximum(x, 0.0, out=x)


def _up_nonnegative(x: FloatArray) -> FloatArray:
    """Like `_up` for x ≥ 0."""
    x *= STRETCH
    x += ETA
    return x


def _zero_nan(x: FloatArray) -> FloatArray:
    """0·∞ and ∞/∞ corners count as 0."""
    x[np.isnan(x)] = 0.0
    return x


class FloatArithmetic(Arithmetic[Boxes]):
    """Interval operations on chunks of boxes."""

    def __init__(self) -> None:
        self.undefined: Mask = None
        self.rough: Mask = None  # boxes on which the expression may not be differentiable
        self._frozen = False

    def freeze_domain(self) -> None:
        self._frozen = True

    def _note_undefined(self, mask: BoolArray) -> None:
        self._note_rough(mask)
        if not self._frozen:
            self.undefined = mask if self.undefined is None else self.undefined | mask

    def _note_rough(self, mask: BoolArray) -> None:
        self.rough = mask if self.rough is None else self.rough | mask

    def const(self, value: Fraction) -> Boxes:
        return Boxes(np.array([float_down(value)]), np.array([float_up(value)]))

    # --- rational operations -----------------------------------------------------------------------------------------------------------
    def add(self, a: Boxes, b: Boxes) -> Boxes:
        for one, other in ((a, b), (b, a)):
            if one.is_constant(0.0):
                return other
        if a.nonnegative and b.nonnegative:
            x, y = a.deferred(), b.deferred()
            total = x.plus(y) if x is not None and y is not None else None
            return total or Boxes(_down_nonnegative(a.lo + b.lo), _up_nonnegative(a.hi + b.hi))
        return Boxes(_down_sum(a.lo + b.lo), _up_sum(a.hi + b.hi))

    def sub(self, a: Boxes, b: Boxes) -> Boxes:
        if b.is_constant(0.0):
            return a
        return Boxes(_down_sum(a.lo - b.hi), _up_sum(a.hi - b.lo))

    def neg(self, a: Boxes) -> Boxes:
        return Boxes(-a.hi, -a.lo)

    def mul(self, a: Boxes, b: Boxes) -> Boxes:
        for one, other in ((a, b), (b, a)):
            if one.is_constant(1.0):
                return other
            if one.is_constant(0.0):
                return one
        finite = a.finite and b.finite
        if finite and a.nonnegative and b.nonnegative:
            x, y = a.deferred(), b.deferred()
            product = x.times(y) if x is not None and y is not None else None
            return product or Boxes(_down_nonnegative(a.lo * b.lo), _up_nonnegative(a.hi * b.hi))
        if b.nonnegative:
            a, b = b, a
        if finite and a.nonnegative:
            # With a ≥ 0 the extremes of a·b are at b's own ends, with whichever end of a is worse.
            low, high = np.minimum(a.lo * b.lo, a.hi * b.lo), np.maximum(a.lo * b.hi, a.hi * b.hi)
        else:
            low, high = self._corners(a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi, finite)
        # A computed bound of 0 may be exact or an underflow; the signs of the operands tell, and rounding must not lose the sign.
        low_zero, high_zero = low == 0.0, high == 0.0
        low, high = _down(low), _up(high)
        if low_zero.any():
            same = ((a.lo >= 0.0) & (b.lo >= 0.0)) | ((a.hi <= 0.0) & (b.hi <= 0.0))
            low = np.where(low_zero & same, 0.0, low)
        if high_zero.any():
            opposite = ((a.lo >= 0.0) & (b.hi <= 0.0)) | ((a.hi <= 0.0) & (b.lo >= 0.0))
            high = np.where(high_zero & opposite, 0.0, high)
        return Boxes(low, high)

    @staticmethod
    def _corners(p: FloatArray, q: FloatArray, r: FloatArray, s: FloatArray, finite: bool) -> tuple[FloatArray, FloatArray]:
        """Least and greatest of four corner values, not yet rounded outward."""
        if not finite:
            p, q, r, s = _zero_nan(p), _zero_nan(q), _zero_nan(r), _zero_nan(s)
        low, high = np.minimum(p, q), np.maximum(p, q)
        np.minimum(low, r, out=low)
        np.minimum(low, s, out=low)
        np.maximum(high, r, out=high)
        np.maximum(high, s, out=high)
        return low, high

    def div(self, a: Boxes, b: Boxes) -> Boxes:
        a_lo, a_hi, b_lo, b_hi = a.lo, a.hi, b.lo, b.hi
        entire: Mask = None
        if not b.least > 0.0:
            negative = b_hi <= 0.0
            around = (b_lo <= 0.0) & (b_hi >= 0.0)
            entire = around & ((b_lo < 0.0) == (b_hi > 0.0))  # 0 strictly inside, or the denominator is exactly 0
            if around.any():
                self._note_undefined(around)
            a_lo, a_hi = np.where(negative, -a.hi, a.lo), np.where(negative, -a.lo, a.hi)
            # Adding 0.0 makes the zero end +0, so that x/0 has the sign of x.
            b_lo, b_hi = np.where(negative, -b_hi, b_lo) + 0.0, np.where(negative, -b_lo, b_hi)
            b_lo, b_hi = np.where(entire, 1.0, b_lo), np.where(entire, 1.0, b_hi)
        low, high = self._corners(a_lo / b_lo, a_lo / b_hi, a_hi / b_lo, a_hi / b_hi, entire is None and a.finite and b.finite)
        low, high = _down(low), _up(high)
        # The denominator is ≥ 0 now, so the quotient has the sign of the numerator, which rounding must not lose.
        low, high = np.where(a_lo >= 0.0, np.maximum(low, 0.0), low), np.where(a_hi <= 0.0, np.minimum(high, 0.0), high)
        if entire is not None and entire.any():
            return Boxes(np.where(entire, -np.inf, low), np.where(entire, np.inf, high))
        return Boxes(low, high)

    def pow_int(self, a: Boxes, n: int) -> Boxes:
        if n < 0:
            return self.div(self.const(Fraction(1)), self.pow_int(a, -n))
        if n == 0:
            return self.const(Fraction(1))
        if n == 1:
            return a
        if n % 2 == 0:
            a = self.abs(a)
        if a.nonnegative:
            return self._power(a, n) if a.finite else Boxes(self._power_down(a.lo, n), self._power_up(a.hi, n))
        size_lo, size_hi = np.abs(a.lo), np.abs(a.hi)
        lo = np.where(a.lo >= 0.0, self._power_down(size_lo, n), -self._power_up(size_lo, n))
        hi = np.where(a.hi >= 0.0, self._power_up(size_hi, n), -self._power_down(size_hi, n))
        return Boxes(lo, hi)

    def _power(self, a: Boxes, n: int) -> Boxes:
        """Power of a finite a ≥ 0 by repeated squaring."""
        result: Boxes | None = None
        while True:
            if n & 1:
                result = a if result is None else self.mul(result, a)
            n >>= 1
            if not n:
                assert result is not None
                return result
            a = self.mul(a, a)

    @staticmethod
    def _power_down(x: FloatArray, n: int) -> FloatArray:
        """Lower bound of xⁿ, x ≥ 0; an overflow is repaired at once, because later factors are then ≥ 1."""
        result = None
        while True:
            if n & 1:
                result = x if result is None else np.fmin(_down_nonnegative(result * x), LARGEST)
            n >>= 1
            if not n:
                assert result is not None
                return result
            x = np.fmin(_down_nonnegative(x * x), LARGEST)

    @staticmethod
    def _power_up(x: FloatArray, n: int) -> FloatArray:
        result = None
        while True:
            if n & 1:
                result = x if result is None else _up_nonnegative(result * x)
            n >>= 1
            if not n:
                assert result is not None
                return result
            x = _up_nonnegative(x * x)

    # --- algebraic and transcendental functions ----------------------------------------------------------------------------------------
    def _domain(self, a: Boxes, open_at_zero: bool) -> tuple[Boxes, Mask]:
        """Restrict to [0, ∞); returns the rest and where nothing is left (noting both)."""
        if a.least > 0.0 or (a.least == 0.0 and not open_at_zero):
            return a, None
        self._note_undefined(a.lo <= 0.0 if open_at_zero else a.lo < 0.0)
        empty = a.hi <= 0.0 if open_at_zero else a.hi < 0.0
        return Boxes(np.where(empty, 1.0, np.maximum(a.lo, 0.0)), np.where(empty, 1.0, a.hi)), empty if empty.any() else None

    @staticmethod
    def _or_entire(a: Boxes, entire: Mask) -> Boxes:
        return a if entire is None else Boxes(np.where(entire, -np.inf, a.lo), np.where(entire, np.inf, a.hi))

    def sqrt(self, a: Boxes) -> Boxes:
        part, empty = self._domain(a, open_at_zero=False)
        return self._or_entire(Boxes(_down_nonnegative(np.sqrt(part.lo)), _up_nonnegative(np.sqrt(part.hi))), empty)

    def pow_rat(self, a: Boxes, r: Fraction) -> Boxes:
        if r < 0:
            return self.div(self.const(Fraction(1)), self.pow_rat(a, -r))
        part, empty = self._domain(a, open_at_zero=False)
        root = Boxes(FUNCTIONS.root_down(part.lo, r.denominator), FUNCTIONS.root_up(part.hi, r.denominator))
        return self._or_entire(self.pow_int(root, r.numerator), empty)

    def exp(self, a: Boxes) -> Boxes:
        return Boxes(FUNCTIONS.exp_down(a.lo), FUNCTIONS.exp_up(a.hi))

    def log(self, a: Boxes) -> Boxes:
        part, empty = self._domain(a, open_at_zero=True)
        at_zero = part.lo <= 0.0
        lo = np.where(at_zero, -np.inf, FUNCTIONS.log_down(np.where(at_zero, 1.0, part.lo)))
        return self._or_entire(Boxes(lo, FUNCTIONS.log_up(part.hi)), empty)

    def tanh(self, a: Boxes) -> Boxes:
        return Boxes(FUNCTIONS.tanh_down(a.lo), FUNCTIONS.tanh_up(a.hi))

    def sigmoid(self, a: Boxes) -> Boxes:
        return Boxes(FUNCTIONS.sigmoid_down(a.lo), FUNCTIONS.sigmoid_up(a.hi))

    def softplus(self, a: Boxes) -> Boxes:
        return Boxes(FUNCTIONS.softplus_down(a.lo), FUNCTIONS.softplus_up(a.hi))

    def sin(self, a: Boxes) -> Boxes:
        return Boxes(*FUNCTIONS.wave(a.lo, a.hi, 0.0, 0.25, -0.25))

    def cos(self, a: Boxes) -> Boxes:
        return Boxes(*FUNCTIONS.wave(a.lo, a.hi, 1.0, 0.0, 0.5))

    def atan(self, a: Boxes) -> Boxes:
        return Boxes(np.maximum(FUNCTIONS.atan_down(a.lo), -HALF_PI[1]), FUNCTIONS.atan_up(a.hi))

    # --- piecewise linear ----------------------------------------------------------------------------------------------------------------
    def abs(self, a: Boxes) -> Boxes:
        if a.nonnegative:
            return a
        low = np.maximum(a.lo, -a.hi)
        return Boxes(np.maximum(low, 0.0, out=low), np.maximum(-a.lo, a.hi))

    def max(self, a: Boxes, b: Boxes) -> Boxes:
        return Boxes(np.maximum(a.lo, b.lo), np.maximum(a.hi, b.hi))

    def min(self, a: Boxes, b: Boxes) -> Boxes:
        return Boxes(np.minimum(a.lo, b.lo), np.minimum(a.hi, b.hi))

    def relu(self, a: Boxes) -> Boxes:
        return Boxes(np.maximum(a.lo, 0.0), np.maximum(a.hi, 0.0))

    def _choose(self, a: Boxes, below: float, above: float) -> Boxes:
        """below where a < 0, above where a > 0, their hull where a contains 0 (noted as a kink)."""
        positive, negative = a.lo > 0.0, a.hi < 0.0
        self._note_rough(~(positive | negative))
        return Boxes(np.where(positive, above, below), np.where(negative, below, above))

    def sign(self, a: Boxes) -> Boxes:
        self._note_rough((a.lo <= 0.0) & (a.hi >= 0.0))
        return Boxes(np.sign(a.lo), np.sign(a.hi))

    def step_slope(self, a: Boxes) -> Boxes:
        return self._choose(a, 0.0, 1.0)

    def abs_slope(self, a: Boxes) -> Boxes:
        return self._choose(a, -1.0, 1.0)

    def sign_slope(self, a: Boxes) -> Boxes:
        at_jump = (a.lo <= 0.0) & (a.hi >= 0.0)
        self._note_rough(at_jump)
        return Boxes(np.zeros(len(at_jump)), np.where(at_jump, np.inf, 0.0))

    def intersect(self, a: Boxes, b: Boxes) -> Boxes:
        return Boxes(np.maximum(a.lo, b.lo), np.minimum(a.hi, b.hi))


class Engine(Enum):
    """How the float64 backend runs a program; the enclosures agree up to the width of a few roundings."""

    AUTO = "auto"
    NUMPY = "numpy"
    NUMBA = "numba"


@final
@dataclass(frozen=True)
class Float64:
    """Enclosures over many boxes at once in double precision.

    Arguments: engine; AUTO compiles a program for calls with at least `COMPILE_FROM` boxes when numba is installed. Compiled kernels are
    cached per program in this process. Gradients always run on NumPy.
    Raises: BackendUnavailable for Engine.NUMBA without numba. Every method raises UnsafeFloatingPoint when the processor does not round to
    nearest with subnormals.
    """

    engine: Engine = Engine.AUTO

    def __post_init__(self) -> None:
        if self.engine is Engine.NUMBA and not compiled.available():
            raise BackendUnavailable("Engine.NUMBA needs numba: install symgd[fast]")

    @property
    def kind(self) -> BackendKind:
        return BackendKind.FLOAT64

    @property
    def precision(self) -> int:
        """53 bits."""
        return 53

    def enclose(self, program: Program, box: Box) -> Enclosure:
        """Enclose the range over one box (one interval per variable, in the program's order)."""
        lo, hi = _columns(program, box)
        return Float64(Engine.NUMPY).enclose_boxes(program, lo, hi)[0]

    def enclose_gradient(self, program: Program, box: Box) -> GradientEnclosure:
        """Enclose value and generalised gradient over one box."""
        lo, hi = _columns(program, box)
        return self.enclose_gradient_boxes(program, lo, hi)[0]

    def enclose_boxes(self, program: Program, lo: FloatArray, hi: FloatArray) -> EnclosureArray:
        """Enclose the range over n boxes; lo and hi are float64 arrays of shape (d, n), a row per variable."""
        lo, hi = shaped_boxes(program, lo, hi)
        require_safe_floating_point()
        many = lo.shape[1] >= COMPILE_FROM and compiled.available()
        if self.engine is Engine.NUMBA or (self.engine is Engine.AUTO and many):
            return _run_compiled(program, lo, hi)
        return _run_numpy(program, *checked_boxes(program, lo, hi))

    def enclose_gradient_boxes(self, program: Program, lo: FloatArray, hi: FloatArray) -> GradientArray:
        """Enclose values and generalised gradients over n boxes; lo and hi have shape (d, n)."""
        lo, hi = checked_boxes(program, lo, hi)
        require_safe_floating_point()
        n = lo.shape[1]
        value_lo, value_hi = np.empty(n), np.empty(n)
        gradient_lo, gradient_hi = np.empty(lo.shape), np.empty(lo.shape)
        defined, smooth = np.ones(n, dtype=bool), np.ones(n, dtype=bool)
        with np.errstate(all="ignore"):
            for start in range(0, n, CHUNK):
                part = slice(start, start + CHUNK)
                arithmetic = FloatArithmetic()
                values = evaluate_steps(program, arithmetic, [Boxes(a, b) for a, b in zip(lo[:, part], hi[:, part], strict=True)])
                arithmetic.freeze_domain()
                gradient = differentiate(program, arithmetic, values)
                value_lo[part], value_hi[part] = values[-1].lo, values[-1].hi
                for i, g in enumerate(gradient):
                    gradient_lo[i, part], gradient_hi[i, part] = g.lo, g.hi
                if arithmetic.undefined is not None:
                    defined[part] = ~arithmetic.undefined
                if arithmetic.rough is not None:
                    smooth[part] = ~arithmetic.rough
        return GradientArray(EnclosureArray(value_lo, value_hi, defined), gradient_lo, gradient_hi, smooth)


def _columns(program: Program, box: Box) -> tuple[FloatArray, FloatArray]:
    box = checked_box(program, box)
    lo = np.array([float_down(b.lo) for b in box], dtype=float)
    hi = np.array([float_up(b.hi) for b in box], dtype=float)
    return lo.reshape(-1, 1), hi.reshape(-1, 1)


def _run_numpy(program: Program, lo: FloatArray, hi: FloatArray) -> EnclosureArray:
    n = lo.shape[1]
    out_lo, out_hi, defined = np.empty(n), np.empty(n), np.ones(n, dtype=bool)
    with np.errstate(all="ignore"):
        for start in range(0, n, CHUNK):
            part = slice(start, start + CHUNK)
            arithmetic = FloatArithmetic()
            value = evaluate(program, arithmetic, [Boxes(a, b) for a, b in zip(lo[:, part], hi[:, part], strict=True)])
            out_lo[part], out_hi[part] = value.lo, value.hi
            if arithmetic.undefined is not None:
                defined[part] = ~arithmetic.undefined
    return EnclosureArray(out_lo, out_hi, defined)


def _run_compiled(program: Program, lo: FloatArray, hi: FloatArray) -> EnclosureArray:
    """Run the compiled kernel, then redo on NumPy the boxes it declined (malformed, infinite ends, domain violations, overflow)."""
    n = lo.shape[1]
    out_lo, out_hi, defined = np.empty(n), np.empty(n), np.ones(n, dtype=bool)
    nonnegative = tuple(bool(_least(row, initial=0.0) >= 0.0) for row in lo)
    if compiled.kernel(program, nonnegative)(np.ascontiguousarray(lo), np.ascontiguousarray(hi), out_lo, out_hi):
        declined: NDArray[np.intp] = np.flatnonzero(np.isnan(out_lo) | np.isnan(out_hi))
        again = _run_numpy(program, *checked_boxes(program, lo[:, declined], hi[:, declined]))
        out_lo[declined], out_hi[declined], defined[declined] = again.lo, again.hi, again.defined
    return EnclosureArray(out_lo, out_hi, defined)
