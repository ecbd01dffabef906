"""What the one-box-at-a-time backends share: interval rules on pairs of end points of any number type.

A subclass supplies sound arithmetic on *finite* intervals and sound enclosures of functions at *one* point. Everything about infinite end
points, zeros in denominators, domains, monotonicity and extrema of sine is here, once:

* a corner product with a zero is 0 even against ∞, because ∞ only stands for 'arbitrarily large reals' and 0·t = 0 for each of them;
* x/∞ is 0, the limit; x/0⁺ is ±∞ or, for x = 0, 0: the extreme values of a quotient over points with non-zero denominator are limits of
  corner values, and a corner of that kind is never the extreme one;
* a non-decreasing f has range inside [f(lo), f(hi)], with its limit where an end point is infinite.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction
from typing import Generic, TypeVar

import numpy as np

from symgd.enclosures.backend import Arithmetic, BackendKind, differentiate, evaluate, evaluate_steps
from symgd.enclosures.constants import pi_bounds
from symgd.enclosures.interval import (
    Box,
    Enclosure,
    EnclosureArray,
    Endpoint,
    FloatArray,
    GradientArray,
    GradientEnclosure,
    Interval,
    float_down,
    float_up,
)
from symgd.enclosures.program import Program

E = TypeVar("E")
MAX_EXPONENT = 1 << 14  # end points beyond 2^±MAX_EXPONENT are rounded outward to 0, ∞ or this bound when they become rationals


def dyadic(man: int, exp: int, up: bool) -> Endpoint:
    """The rational man·2^exp, rounded outward (towards ±∞ as `up` says) when its exponent is beyond MAX_EXPONENT."""
    if man == 0:
        return Fraction(0)
    size = exp + abs(man).bit_length()
    if size > MAX_EXPONENT:
        away = (man > 0) == up
        return math.copysign(math.inf, man) if away else Fraction(2) ** (MAX_EXPONENT - 1) * (1 if man > 0 else -1)
    if size < -MAX_EXPONENT:
        away = (man > 0) == up
        return Fraction(1 if man > 0 else -1, 1 << MAX_EXPONENT) if away else Fraction(0)
    return Fraction(man) * (Fraction(2) ** exp if exp >= 0 else Fraction(1, 1 << -exp))


def hits_multiple_of_pi(lo: Fraction, hi: Fraction, offset: Fraction) -> bool:
    """False only when no number (offset + 2m)π with m an integer lies in [lo, hi].

    Proof: such a number satisfies lo ≤ (offset + 2m)π ≤ hi, so m lies between (lo/π − offset)/2 and (hi/π − offset)/2, and those are
    bounded from below and above with rational bounds of π.
    """
    if hi - lo >= 7:  # > 2π
        return True
    size = max(abs(lo), abs(hi))
    p, q = pi_bounds(64 + max(size.numerator.bit_length() - size.denominator.bit_length(), 0))
    least = (lo / (q if lo >= 0 else p) - offset) / 2
    most = (hi / (p if hi >= 0 else q) - offset) / 2
    return math.floor(most) >= math.ceil(least)


class ScalarArithmetic(Arithmetic[tuple[E, E]], Generic[E]):
    """Interval rules on pairs (lo, hi) of end points, lo possibly −∞ and hi possibly +∞."""

    zero: E
    one: E
    infinity: E
    minus_infinity: E

    def __init__(self) -> None:
        self.defined = True
        self.differentiable = True
        self._frozen = False

    # --- what a number type supplies -------------------------------------------------------------------------------------------------
    @abstractmethod
    def less(self, x: E, y: E) -> bool: ...

    @abstractmethod
    def negate(self, x: E) -> E: ...

    @abstractmethod
    def to_endpoint(self, x: E, up: bool) -> Endpoint: ...

    @abstractmethod
    def finite_add(self, a: tuple[E, E], b: tuple[E, E]) -> tuple[E, E]: ...

    @abstractmethod
    def finite_mul(self, a: tuple[E, E], b: tuple[E, E]) -> tuple[E, E]: ...

    @abstractmethod
    def finite_div(self, a: tuple[E, E], b: tuple[E, E]) -> tuple[E, E]:
        """Quotient for b without 0."""

    @abstractmethod
    def at_sqrt(self, x: E) -> tuple[E, E]: ...

    @abstractmethod
    def at_root(self, x: E, degree: int) -> tuple[E, E]: ...

    @abstractmethod
    def at_exp(self, x: E) -> tuple[E, E]: ...

    @abstractmethod
    def at_log(self, x: E) -> tuple[E, E]: ...

    @abstractmethod
    def at_tanh(self, x: E) -> tuple[E, E]: ...

    @abstractmethod
    def at_sigmoid(self, x: E) -> tuple[E, E]: ...

    @abstractmethod
    def at_softplus(self, x: E) -> tuple[E, E]: ...

    @abstractmethod
    def at_sin(self, x: E) -> tuple[E, E]: ...

    @abstractmethod
    def at_cos(self, x: E) -> tuple[E, E]: ...

    @abstractmethod
    def at_atan(self, x: E) -> tuple[E, E]: ...

    @abstractmethod
    def half_pi(self) -> tuple[E, E]: ...

    def from_interval(self, box: Interval) -> tuple[E, E]:
        """The interval, rounded outward to this number type."""
        lo = self.minus_infinity if isinstance(box.lo, float) else self.const(box.lo)[0]
        hi = self.infinity if isinstance(box.hi, float) else self.const(box.hi)[1]
        return lo, hi

    def to_interval(self, a: tuple[E, E]) -> Interval:
        """The interval with rational end points, rounded outward when they are astronomically large or small."""
        return Interval(self.to_endpoint(a[0], False), self.to_endpoint(a[1], True))

    # --- helpers ---------------------------------------------------------------------------------------------------------------------
    def freeze_domain(self) -> None:
        self._frozen = True

    def _note_undefined(self) -> None:
        self.differentiable = False
        if not self._frozen:
            self.defined = False

    @property
    def entire(self) -> tuple[E, E]:
        return self.minus_infinity, self.infinity

    def _is_finite(self, a: tuple[E, E]) -> bool:
        return self.less(self.minus_infinity, a[0]) and self.less(a[1], self.infinity)

    def _smaller(self, x: E, y: E) -> E:
        return y if self.less(y, x) else x

    def _larger(self, x: E, y: E) -> E:
        return y if self.less(x, y) else x

    def _nonnegative(self, x: E) -> bool:
        return not self.less(x, self.zero)

    def _positive(self, x: E) -> bool:
        return self.less(self.zero, x)

    def _sign(self, x: E) -> int:
        return 1 if self._positive(x) else -1 if self.less(x, self.zero) else 0

    def _corner(self, x: E, y: E, divide: bool) -> tuple[E, E]:
        """Enclose x·y or x/y for end points that may be infinite or (as denominator) 0⁺; see the module docstring."""
        sx, sy = self._sign(x), self._sign(y)
        x_finite, y_finite = self._is_finite((x, x)), self._is_finite((y, y))
        if sx == 0 or (divide and not y_finite) or (not divide and sy == 0):
            return self.zero, self.zero
        if divide and sy == 0:
            sy = 1
            x_finite = False
        if not x_finite or not y_finite:
            extreme = self.infinity if sx * sy > 0 else self.minus_infinity
            return extreme, extreme
        return (self.finite_div if divide else self.finite_mul)((x, x), (y, y))

    def _corners(self, a: tuple[E, E], b: tuple[E, E], divide: bool) -> tuple[E, E]:
        lo, hi = self._corner(a[0], b[0], divide)
        for x, y in ((a[0], b[1]), (a[1], b[0]), (a[1], b[1])):
            low, high = self._corner(x, y, divide)
            lo, hi = self._smaller(lo, low), self._larger(hi, high)
        return lo, hi

    def _increasing(self, a: tuple[E, E], f: Callable[[E], tuple[E, E]], at_minus_infinity: E, at_infinity: E) -> tuple[E, E]:
        """Range of a non-decreasing f with the given limits, which also bound it."""
        lo = self._larger(f(a[0])[0], at_minus_infinity) if self.less(self.minus_infinity, a[0]) else at_minus_infinity
        hi = self._smaller(f(a[1])[1], at_infinity) if self.less(a[1], self.infinity) else at_infinity
        return lo, hi

    # --- rational operations -----------------------------------------------------------------------------------------------------------
    def add(self, a: tuple[E, E], b: tuple[E, E]) -> tuple[E, E]:
        if self._is_finite(a) and self._is_finite(b):
            return self.finite_add(a, b)
        low_known = self.less(self.minus_infinity, a[0]) and self.less(self.minus_infinity, b[0])
        high_known = self.less(a[1], self.infinity) and self.less(b[1], self.infinity)
        lo = self.finite_add((a[0], a[0]), (b[0], b[0]))[0] if low_known else self.minus_infinity
        hi = self.finite_add((a[1], a[1]), (b[1], b[1]))[1] if high_known else self.infinity
        return lo, hi

    def neg(self, a: tuple[E, E]) -> tuple[E, E]:
        return self.negate(a[1]), self.negate(a[0])

    def sub(self, a: tuple[E, E], b: tuple[E, E]) -> tuple[E, E]:
        return self.add(a, self.neg(b))

    def mul(self, a: tuple[E, E], b: tuple[E, E]) -> tuple[E, E]:
        if self._is_finite(a) and self._is_finite(b):
            return self.finite_mul(a, b)
        return self._corners(a, b, divide=False)

    def div(self, a: tuple[E, E], b: tuple[E, E]) -> tuple[E, E]:
        if self._positive(b[0]) or self.less(b[1], self.zero):
            if self._is_finite(a) and self._is_finite(b):
                return self.finite_div(a, b)
            return self._corners(a, b, divide=True)
        self._note_undefined()
        if self._positive(b[1]) and self._nonnegative(b[0]):
            return self._corners(a, b, divide=True)
        if self.less(b[0], self.zero) and not self._positive(b[1]):
            return self._corners(self.neg(a), self.neg(b), divide=True)
        return self.entire

    def _power_at(self, x: E, n: int) -> tuple[E, E]:
        """Enclose xⁿ at one x ≥ 0, n ≥ 1, by repeated squaring."""
        if not self.less(x, self.infinity):
            return x, x
        result: tuple[E, E] | None = None
        square = (x, x)
        while True:
            if n & 1:
                result = square if result is None else self.finite_mul(result, square)
            n >>= 1
            if not n:
                assert result is not None
                return result
            square = self.finite_mul(square, square)

    def pow_int(self, a: tuple[E, E], n: int) -> tuple[E, E]:
        if n < 0:
            return self.div((self.one, self.one), self.pow_int(a, -n))
        if n == 0:
            return self.one, self.one
        if n % 2 == 0:
            a = self.abs(a)
        lo = self._power_at(a[0], n)[0] if self._nonnegative(a[0]) else self.negate(self._power_at(self.negate(a[0]), n)[1])
        hi = self._power_at(a[1], n)[1] if self._nonnegative(a[1]) else self.negate(self._power_at(self.negate(a[1]), n)[0])
        return self._larger(lo, self.zero) if n % 2 == 0 else lo, hi

    # --- algebraic and transcendental functions ----------------------------------------------------------------------------------------
    def _domain_nonnegative(self, a: tuple[E, E]) -> tuple[E, E] | None:
        """Restrict to [0, ∞), noting what was cut off; None when nothing is left."""
        if self._nonnegative(a[0]):
            return a
        self._note_undefined()
        return (self.zero, a[1]) if self._nonnegative(a[1]) else None

    def sqrt(self, a: tuple[E, E]) -> tuple[E, E]:
        part = self._domain_nonnegative(a)
        return self.entire if part is None else self._increasing(part, self.at_sqrt, self.zero, self.infinity)

    def pow_rat(self, a: tuple[E, E], r: Fraction) -> tuple[E, E]:
        if r < 0:
            return self.div((self.one, self.one), self.pow_rat(a, -r))
        part = self._domain_nonnegative(a)
        if part is None:
            return self.entire
        return self.pow_int(self._increasing(part, lambda x: self.at_root(x, r.denominator), self.zero, self.infinity), r.numerator)

    def exp(self, a: tuple[E, E]) -> tuple[E, E]:
        return self._increasing(a, self.at_exp, self.zero, self.infinity)

    def log(self, a: tuple[E, E]) -> tuple[E, E]:
        if not self._positive(a[0]):
            self._note_undefined()
            if not self._positive(a[1]):
                return self.entire
            a = (self.zero, a[1])
        lo = self.at_log(a[0])[0] if self._positive(a[0]) else self.minus_infinity
        hi = self.at_log(a[1])[1] if self.less(a[1], self.infinity) else self.infinity
        return lo, hi

    def tanh(self, a: tuple[E, E]) -> tuple[E, E]:
        return self._increasing(a, self.at_tanh, self.negate(self.one), self.one)

    def sigmoid(self, a: tuple[E, E]) -> tuple[E, E]:
        return self._increasing(a, self.at_sigmoid, self.zero, self.one)

    def softplus(self, a: tuple[E, E]) -> tuple[E, E]:
        return self._increasing(a, self.at_softplus, self.zero, self.infinity)

    def atan(self, a: tuple[E, E]) -> tuple[E, E]:
        half_pi = self.half_pi()[1]
        return self._increasing(a, self.at_atan, self.negate(half_pi), half_pi)

    def _wave(self, a: tuple[E, E], f: Callable[[E], tuple[E, E]], crest: Fraction) -> tuple[E, E]:
        """Range of sine or cosine: its values at the ends and ±1 where a crest (at (crest + 2m)π) or trough (one π further) may be
        inside.
        """
        minus_one = self.negate(self.one)
        if not self._is_finite(a):
            return minus_one, self.one
        low, high = self.to_endpoint(a[0], False), self.to_endpoint(a[1], True)
        if isinstance(low, float) or isinstance(high, float) or high - low >= 7:
            return minus_one, self.one
        at_lo, at_hi = f(a[0]), f(a[1])
        lo = minus_one if hits_multiple_of_pi(low, high, crest + 1) else self._larger(self._smaller(at_lo[0], at_hi[0]), minus_one)
        hi = self.one if hits_multiple_of_pi(low, high, crest) else self._smaller(self._larger(at_lo[1], at_hi[1]), self.one)
        return lo, hi

    def sin(self, a: tuple[E, E]) -> tuple[E, E]:
        return self._wave(a, self.at_sin, Fraction(1, 2))

    def cos(self, a: tuple[E, E]) -> tuple[E, E]:
        return self._wave(a, self.at_cos, Fraction(0))

    # --- piecewise linear ----------------------------------------------------------------------------------------------------------------
    def abs(self, a: tuple[E, E]) -> tuple[E, E]:
        if self._nonnegative(a[0]):
            return a
        flipped = self.neg(a)
        return flipped if self._nonnegative(flipped[0]) else (self.zero, self._larger(a[1], flipped[1]))

    def max(self, a: tuple[E, E], b: tuple[E, E]) -> tuple[E, E]:
        return self._larger(a[0], b[0]), self._larger(a[1], b[1])

    def min(self, a: tuple[E, E], b: tuple[E, E]) -> tuple[E, E]:
        return self._smaller(a[0], b[0]), self._smaller(a[1], b[1])

    def relu(self, a: tuple[E, E]) -> tuple[E, E]:
        return self._larger(a[0], self.zero), self._larger(a[1], self.zero)

    def _choose(self, a: tuple[E, E], below: E, above: E) -> tuple[E, E]:
        """below where a < 0, above where a > 0, their hull where a contains 0 (noted as a kink)."""
        if self._positive(a[0]):
            return above, above
        if self.less(a[1], self.zero):
            return below, below
        self.differentiable = False
        return below, above

    def sign(self, a: tuple[E, E]) -> tuple[E, E]:
        at = {-1: self.negate(self.one), 0: self.zero, 1: self.one}
        if not self._positive(a[0]) and not self.less(a[1], self.zero):
            self.differentiable = False
        return at[self._sign(a[0])], at[self._sign(a[1])]

    def step_slope(self, a: tuple[E, E]) -> tuple[E, E]:
        return self._choose(a, self.zero, self.one)

    def abs_slope(self, a: tuple[E, E]) -> tuple[E, E]:
        return self._choose(a, self.negate(self.one), self.one)

    def sign_slope(self, a: tuple[E, E]) -> tuple[E, E]:
        if self._positive(a[0]) or self.less(a[1], self.zero):
            return self.zero, self.zero
        self.differentiable = False
        return self.zero, self.infinity

    def intersect(self, a: tuple[E, E], b: tuple[E, E]) -> tuple[E, E]:
        return self._larger(a[0], b[0]), self._smaller(a[1], b[1])


class ScalarBackend(ABC):
    """One box at a time, in any precision; base of the final classes `MpmathIv` and `FlintArb`."""

    @abstractmethod
    def arithmetic(self) -> ScalarArithmetic[object]:
        """A fresh arithmetic at this backend's precision."""

    @property
    @abstractmethod
    def kind(self) -> BackendKind:
        """Which backend this is."""

    def enclose(self, program: Program, box: Box) -> Enclosure:
        """Enclose the range over one box (one interval per variable, in the program's order)."""
        arithmetic = self.arithmetic()
        value = evaluate(program, arithmetic, [arithmetic.from_interval(b) for b in checked_box(program, box)])
        return Enclosure(arithmetic.to_interval(value), arithmetic.defined)

    def enclose_gradient(self, program: Program, box: Box) -> GradientEnclosure:
        """Enclose value and generalised gradient over one box."""
        arithmetic = self.arithmetic()
        values = evaluate_steps(program, arithmetic, [arithmetic.from_interval(b) for b in checked_box(program, box)])
        arithmetic.freeze_domain()
        gradient = differentiate(program, arithmetic, values)
        value = Enclosure(arithmetic.to_interval(values[-1]), arithmetic.defined)
        return GradientEnclosure(value, tuple(arithmetic.to_interval(g) for g in gradient), arithmetic.differentiable)

    def enclose_boxes(self, program: Program, lo: FloatArray, hi: FloatArray) -> EnclosureArray:
        """Enclose the range over n boxes; lo and hi are float64 arrays of shape (d, n), a row per variable."""
        lo, hi = checked_boxes(program, lo, hi)
        return enclosure_array([self.enclose(program, box) for box in _boxes(lo, hi)])

    def enclose_gradient_boxes(self, program: Program, lo: FloatArray, hi: FloatArray) -> GradientArray:
        """Enclose values and generalised gradients over n boxes; lo and hi have shape (d, n)."""
        lo, hi = checked_boxes(program, lo, hi)
        found = [self.enclose_gradient(program, box) for box in _boxes(lo, hi)]
        low = [[float_down(g.lo) for g in f.gradient] for f in found]
        high = [[float_up(g.hi) for g in f.gradient] for f in found]
        shape = (len(found), program.dimension)
        return GradientArray(
            enclosure_array([f.value for f in found]),
            np.array(low, dtype=float).reshape(shape).T.copy(),
            np.array(high, dtype=float).reshape(shape).T.copy(),
            np.array([f.differentiable for f in found], dtype=bool),
        )


def _boxes(lo: FloatArray, hi: FloatArray) -> list[list[Interval]]:
    return [[Interval(float(a), float(b)) for a, b in zip(lo[:, i], hi[:, i], strict=True)] for i in range(lo.shape[1])]


def enclosure_array(found: list[Enclosure]) -> EnclosureArray:
    """Round exact enclosures outward to float64 arrays of shape (n,)."""
    return EnclosureArray(
        np.array([float_down(e.interval.lo) for e in found], dtype=float),
        np.array([float_up(e.interval.hi) for e in found], dtype=float),
        np.array([e.defined for e in found], dtype=bool),
    )


def checked_box(program: Program, box: Box) -> Box:
    """Return the box when it fits the program; raises ValueError otherwise."""
    if len(box) != program.dimension:
        raise ValueError(f"the program has variables {program.variables}, the box has {len(box)} intervals")
    return box


def shaped_boxes(program: Program, lo: FloatArray, hi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return lo and hi as float64 arrays of shape (d, n); raises ValueError for a wrong shape."""
    lo, hi = np.asarray(lo, dtype=np.float64), np.asarray(hi, dtype=np.float64)
    if lo.ndim != 2 or lo.shape != hi.shape or lo.shape[0] != program.dimension:
        wanted = f"({program.dimension}, n), a row per variable of {program.variables}"
        raise ValueError(f"boxes need shape {wanted}; got {lo.shape} and {hi.shape}")
    return lo, hi


def checked_boxes(program: Program, lo: FloatArray, hi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return lo and hi as float64 arrays of shape (d, n); raises ValueError for NaN, an empty box or a wrong shape."""
    lo, hi = shaped_boxes(program, lo, hi)
    with np.errstate(all="ignore"):
        if not (lo.size == 0 or (bool((lo <= hi).all()) and lo.max() < np.inf and hi.min() > -np.inf)):
            row, column = np.argwhere(~((lo <= hi) & (lo < np.inf) & (hi > -np.inf)))[0]
            raise ValueError(f"box {column}: {program.variables[row]} in [{lo[row, column]}, {hi[row, column]}] is empty or NaN")
    return lo, hi
