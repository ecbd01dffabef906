"""Backend `mpmath_iv`: any precision, trusting only + − · / and sqrt of mpmath's interval arithmetic.

mpmath 1.3's own interval exp and atan2 can miss the true value (mpmath issue 1181) and it has no tanh or atan, so every other function is
enclosed here by argument reduction and a Taylor polynomial in interval arithmetic plus a proved remainder. Each docstring has the proof.
Constants come from `constants` (integers only). End points are mpmath's raw number tuples; the four operations are the ones `mpmath.iv`
calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import factorial, isqrt
from typing import Any, TypeAlias, final

from mpmath.libmp import finf, fninf, fone, from_int, from_man_exp, fzero, libmpi, mpf_cmp, mpf_neg, mpf_shift, to_float

from symgd.enclosures.backend import BackendKind
from symgd.enclosures.constants import ln2_bounds, pi_bounds
from symgd.enclosures.interval import Endpoint
from symgd.enclosures.scalar import ScalarArithmetic, ScalarBackend, dyadic

Raw: TypeAlias = Any  # mpmath's (sign, mantissa, exponent, bit count)
Pair: TypeAlias = tuple[Raw, Raw]

# Typed names of the four operations mpmath.iv is built on.
mpi_add: Callable[[Pair, Pair, int], Pair] = libmpi.mpi_add
mpi_mul: Callable[[Pair, Pair, int], Pair] = libmpi.mpi_mul
mpi_div: Callable[[Pair, Pair, int], Pair] = libmpi.mpi_div
mpi_sqrt: Callable[[Pair, int], Pair] = libmpi.mpi_sqrt

_INFINITE = (finf, fninf)
_GUARD = 16
_INTEGER_ROOT_LIMIT = 64
_FAR = 40  # beyond |x| = 2^40, exp is bounded by powers of two


def rational_pair(lo: Fraction, hi: Fraction, bits: int) -> Pair:
    """Dyadic numbers around the rationals lo ≤ hi, rounded down and up to about `bits` significant bits, with integers only."""

    def down(x: Fraction) -> Raw:
        shift = bits - abs(x.numerator).bit_length() + x.denominator.bit_length()
        scaled = x * (1 << shift) if shift >= 0 else x / (1 << -shift)
        return from_man_exp(scaled.numerator // scaled.denominator, -shift)

    return down(lo), mpf_neg(down(-hi))


@lru_cache(maxsize=64)
def ln2_pair(bits: int) -> Pair:
    """Enclosure of ln 2 to so many bits."""
    return rational_pair(*ln2_bounds(bits + 4), bits)


@lru_cache(maxsize=256)
def inverse_factorials(count: int, bits: int) -> tuple[Pair, ...]:
    """Enclosures of 1/1!, 1/2!, …, 1/count!, to so many bits."""
    return tuple(rational_pair(x, x, bits) for x in (Fraction(1, factorial(j)) for j in range(1, count + 1)))


@lru_cache(maxsize=256)
def inverse_odds(count: int, bits: int) -> tuple[Pair, ...]:
    """Enclosures of 1/1, 1/3, …, 1/(2·count − 1), to so many bits."""
    return tuple(rational_pair(x, x, bits) for x in (Fraction(1, 2 * j + 1) for j in range(count)))


def integer_root(n: int, degree: int) -> int:
    """The largest integer r ≥ 0 with r^degree ≤ n, for n ≥ 0.

    Newton's iteration from above decreases strictly until it reaches the root; the final loops make the two inequalities true whatever
    happened before.
    """
    if n < 2:
        return n
    r = 1 << -(-n.bit_length() // degree)
    while True:
        nxt = ((degree - 1) * r + n // r ** (degree - 1)) // degree
        if nxt >= r:
            break
        r = nxt
    while r**degree > n:
        r -= 1
    while (r + 1) ** degree <= n:
        r += 1
    return r


class MpmathArithmetic(ScalarArithmetic[Raw]):
    """Interval rules on raw mpmath numbers.

    Arguments: precision, bits of every operation.
    """

    zero, one, infinity, minus_infinity = fzero, fone, finf, fninf

    def __init__(self, precision: int) -> None:
        super().__init__()
        self.precision = precision
        self.work = precision + _GUARD

    def const(self, value: Fraction) -> Pair:
        return rational_pair(value, value, self.precision)

    def less(self, x: Raw, y: Raw) -> bool:
        return bool(mpf_cmp(x, y) < 0)

    def negate(self, x: Raw) -> Raw:
        return mpf_neg(x)

    def to_endpoint(self, x: Raw, up: bool) -> Endpoint:
        if x in (finf, fninf):
            return float("inf") if x == finf else float("-inf")
        sign, man, exp, _ = x
        return dyadic(-int(man) if sign else int(man), int(exp), up)

    def _is_finite(self, a: Pair) -> bool:
        return a[0] not in _INFINITE and a[1] not in _INFINITE

    def finite_add(self, a: Pair, b: Pair) -> Pair:
        return mpi_add(a, b, self.precision)

    def finite_mul(self, a: Pair, b: Pair) -> Pair:
        return mpi_mul(a, b, self.precision)

    def finite_div(self, a: Pair, b: Pair) -> Pair:
        return mpi_div(a, b, self.precision)

    # --- helpers for the series, all at the working precision wp ---------------------------------------------------------------------
    @staticmethod
    def _int(n: int) -> Pair:
        x = from_int(n)
        return x, x

    @staticmethod
    def _within(bound: Raw) -> Pair:
        return mpf_neg(bound), bound

    @staticmethod
    def _magnitude(x: Raw) -> int:
        """The e with 2^(e−1) ≤ |x| < 2^e, for x ≠ 0."""
        return int(x[2] + x[3])

    def half_pi(self) -> Pair:
        lo, hi = pi_bounds(self.work + 4)
        return rational_pair(lo / 2, hi / 2, self.work)

    def _expm1_reduced(self, r: Pair, wp: int) -> Pair:
        """Enclose e^r − 1 for |r| ≤ 1/2.

        With s = r/2^k, |s| ≤ 2^-(k+1): e^s − 1 = s(1/1! + s(1/2! + … + s/(N−1)!)) + R, and by Taylor's theorem
        |R| ≤ |s|^N/N! · e^|s| ≤ 2·2^-((k+1)N), for N ≥ 1. Then expm1(2s) = m(m + 2) for m = expm1(s), k times.
        """
        k = isqrt(wp) // 2 + 2
        wp += 2 * k
        s = (mpf_shift(r[0], -k), mpf_shift(r[1], -k))
        terms = wp // (k + 1) + 2
        *lower, total = inverse_factorials(terms - 1, wp)
        for coefficient in reversed(lower):
            total = mpi_add(coefficient, mpi_mul(s, total, wp), wp)
        m = mpi_add(mpi_mul(s, total, wp), self._within(mpf_shift(fone, 1 - (k + 1) * terms)), wp)
        for _ in range(k):
            m = mpi_mul(m, mpi_add(m, self._int(2), wp), wp)
        return m

    def _exp(self, x: Raw, wp: int) -> Pair:
        """Enclose e^x for |x| ≤ 2^40.

        e^x = 2^n (1 + expm1(r)) with r = x − n ln 2 for any integer n. n is x/ln 2 rounded in floating point, off by less than
        1/2 + 2^-10, so |r| < 0.36 ≤ 1/2; scaling by 2^n is exact.
        """
        n = round(to_float(x) * 1.4426950408889634)
        r = mpi_add((x, x), mpi_mul(self._int(-n), ln2_pair(wp + _FAR), wp + _FAR), wp)
        m = mpi_add(self._int(1), self._expm1_reduced(r, wp), wp)
        return mpf_shift(m[0], n), mpf_shift(m[1], n)

    def at_exp(self, x: Raw) -> Pair:
        """Enclose e^x; beyond |x| = 2^40 by e^x ≥ 2^x for x ≥ 0 and e^x ≤ 2^x for x ≤ 0."""
        if x == fzero:
            return fone, fone
        if self._magnitude(x) > _FAR:
            return (fzero, mpf_shift(fone, -(1 << (_FAR - 1)))) if x[0] else (mpf_shift(fone, 1 << (_FAR - 1)), finf)
        return self._exp(x, self.work)

    def at_sqrt(self, x: Raw) -> Pair:
        return mpi_sqrt((x, x), self.precision)

    def at_root(self, x: Raw, degree: int) -> Pair:
        """Enclose x^(1/q), x ≥ 0: for x = m·2^(qe) with m an integer, floor(m^(1/q))·2^e ≤ x^(1/q) < (floor(m^(1/q)) + 1)·2^e.

        For a large q the integer m would be too long, and x^(1/q) = exp(log(x)/q) is enclosed instead.
        """
        if x == fzero:
            return fzero, fzero
        if degree > _INTEGER_ROOT_LIMIT:
            lo, hi = mpi_div(self.at_log(x), self._int(degree), self.work)
            return self.at_exp(lo)[0], self.at_exp(hi)[1]
        _, man, exp, bc = x
        shift = max(0, degree * self.work - bc)
        shift += (exp - shift) % degree
        root = integer_root(int(man) << shift, degree)
        e = (exp - shift) // degree
        exact = root**degree == int(man) << shift
        return from_man_exp(root, e), from_man_exp(root if exact else root + 1, e)

    def _atanh_series(self, s: Pair, largest: Fraction, wp: int) -> Pair:
        """Enclose atanh(s) for 0 ≤ s ≤ largest ≤ 1/2.

        atanh(s) = s Σ z^j/(2j+1) with z = s². All terms are ≥ 0 and the tail from j = N on is at most z^N/(1 − z) ≤ 2 z^N.
        """
        z = mpi_mul(s, s, wp)
        bits = (largest.denominator // largest.numerator).bit_length() - 1  # largest ≤ 2^-bits, bits ≥ 1
        terms = wp // (2 * bits) + 2
        total: Pair = (fzero, mpf_shift(fone, 1))  # tail/z^N lies in [0, 2]
        for coefficient in reversed(inverse_odds(terms, wp)):
            total = mpi_add(coefficient, mpi_mul(z, total, wp), wp)
        return mpi_mul(s, total, wp)

    def at_log(self, x: Raw) -> Pair:
        """Enclose log x, x > 0: x = m·2^e with 2/3 ≤ m < 3/2 and log m = 2 atanh((m − 1)/(m + 1)), |(m − 1)/(m + 1)| ≤ 1/5 < 1/4."""
        wp = self.work
        _, man, exp, bc = x
        e = exp + bc  # x/2^e in [1/2, 1)
        m = from_man_exp(man, -bc)
        if 3 * man < 2 << bc:
            m, e = mpf_shift(m, 1), e - 1
        numerator = mpi_add((m, m), self._int(-1), wp)
        negative = bool(m[2] + m[3] <= 0)  # m < 1
        if negative:
            numerator = (mpf_neg(numerator[1]), mpf_neg(numerator[0]))
        s = mpi_div(numerator, mpi_add((m, m), self._int(1), wp), wp)
        half = self._atanh_series(s, Fraction(1, 4), wp)
        part = (mpf_shift(half[0], 1), mpf_shift(half[1], 1))
        if negative:
            part = (mpf_neg(part[1]), mpf_neg(part[0]))
        if e == 0:
            return part
        return mpi_add(mpi_mul(self._int(int(e)), ln2_pair(wp), wp), part, wp)

    def at_tanh(self, x: Raw) -> Pair:
        """Enclose tanh x.

        For 0 < x: tanh x = m/(m + 2) with m = e^(2x) − 1, increasing in m. For x < 1/4 m comes from the series itself, so the relative
        accuracy is kept; for x < 2^-wp, x − x³/3 ≤ tanh x ≤ x (the derivative of tanh lies between 1 − x² and 1). For x ≥ wp + 8,
        1 − 2^-wp ≤ tanh x ≤ 1, because 1 − tanh x = 2/(e^(2x) + 1) ≤ 2^(1−2x).
        """
        if x == fzero:
            return fzero, fzero
        if x[0]:
            lo, hi = self.at_tanh(mpf_neg(x))
            return mpf_neg(hi), mpf_neg(lo)
        wp = self.work
        size = self._magnitude(x)
        if size < -wp:
            cube = mpi_mul((x, x), mpi_mul((x, x), (x, x), wp), wp)
            return mpi_add((x, x), mpi_div(cube, self._int(-3), wp), wp)[0], x
        if size > (wp + 8).bit_length():
            return mpi_add(self._int(1), self._within(mpf_shift(fone, -wp)), wp)[0], fone
        double = mpf_shift(x, 1)
        m = self._expm1_reduced((double, double), wp) if size <= -2 else mpi_add(self._exp(double, wp), self._int(-1), wp)
        lo = mpi_div((m[0], m[0]), mpi_add((m[0], m[0]), self._int(2), wp), wp)[0]
        return lo, mpi_div((m[1], m[1]), mpi_add((m[1], m[1]), self._int(2), wp), wp)[1]

    def at_sigmoid(self, x: Raw) -> Pair:
        """Enclose 1/(1 + e^-x) = q/(1 + q) with q = e^x for x ≤ 0, increasing in q, and 1/(1 + q) with q = e^-x for x > 0, decreasing in
        q.
        """
        wp = self.work
        q = self.at_exp(x if x[0] else mpf_neg(x))
        low_q, high_q = (q[0], q[0]), (q[1], q[1])
        if x[0]:
            lo = mpi_div(low_q, mpi_add(self._int(1), low_q, wp), wp)[0]
            return lo, mpi_div(high_q, mpi_add(self._int(1), high_q, wp), wp)[1]
        lo = mpi_div(self._int(1), mpi_add(self._int(1), high_q, wp), wp)[0]
        return lo, mpi_div(self._int(1), mpi_add(self._int(1), low_q, wp), wp)[1]

    def at_softplus(self, x: Raw) -> Pair:
        """Enclose log(1 + e^x) = max(x, 0) + 2 atanh(s), s = q/(2 + q) ≤ 1/3 with q = e^-|x| ≤ 1; s increases with q."""
        wp = self.work
        q = self.at_exp(x if x[0] else mpf_neg(x))
        lo = mpi_div((q[0], q[0]), mpi_add((q[0], q[0]), self._int(2), wp), wp)[0]
        hi = mpi_div((q[1], q[1]), mpi_add((q[1], q[1]), self._int(2), wp), wp)[1]
        third = rational_pair(Fraction(1, 3), Fraction(1, 3), wp)[1]
        half = self._atanh_series((lo, self._smaller(hi, third)), Fraction(1, 2), wp)
        part = (mpf_shift(half[0], 1), mpf_shift(half[1], 1))
        return part if x[0] else mpi_add((x, x), part, wp)

    def _sincos(self, x: Raw, quarter: int) -> Pair:
        """Enclose sin(x + quarter·π/2).

        x = n π/2 + r for any integer n; n is x/(π/2) rounded with rational bounds, so |r| ≤ 4/5. By the quadrant the value is
        ±sin r or ±cos r. With z = r² ≤ 2/3 the alternating series have decreasing terms, and nested as
        1 − z/(d₁)(1 − z/d₂(…)), d_j = (2j)(2j+1) for sin r / r and (2j−1)(2j) for cos r, every bracket is in [0, 1];
        starting with [0, 1] at depth N is the remainder.
        """
        if x == fzero:
            return (fone, fone) if quarter % 2 else (fzero, fzero)
        extra = max(0, self._magnitude(x))
        wp = self.work + 8
        lo, hi = pi_bounds(wp + 2 * extra + 8)
        position = self.to_endpoint(x, False)
        assert isinstance(position, Fraction)
        n = round(position * 2 / lo)
        r: Pair = (x, x)
        if n:
            r = mpi_add(r, mpi_mul(self._int(-n), rational_pair(lo / 2, hi / 2, wp + 2 * extra), wp + 2 * extra), wp)
        quadrant = (n + quarter) % 4
        z = mpi_mul(r, r, wp)
        if mpf_cmp(r[0], fzero) < 0 < mpf_cmp(r[1], fzero):  # a product cannot know that both factors are the same
            z = (fzero, z[1])
        odd = quadrant % 2 == 0
        terms = bits = 0
        while bits < wp:  # how many terms only matters for the width, never for correctness
            terms += 1
            bits += (2 * terms * (2 * terms - 1)).bit_length() - 1
        bracket: Pair = (fzero, fone)
        for j in range(terms, 0, -1):
            divisor = 2 * j * (2 * j + 1) if odd else 2 * j * (2 * j - 1)
            drop = mpi_div(mpi_mul(z, bracket, wp), self._int(-divisor), wp)
            bracket = mpi_add(self._int(1), drop, wp)
        value = mpi_mul(r, bracket, wp) if odd else bracket
        return (mpf_neg(value[1]), mpf_neg(value[0])) if quadrant >= 2 else value

    def at_sin(self, x: Raw) -> Pair:
        """Enclose sin x; see `_sincos`."""
        return self._sincos(x, 0)

    def at_cos(self, x: Raw) -> Pair:
        """Enclose cos x = sin(x + π/2); see `_sincos`."""
        return self._sincos(x, 1)

    def at_atan(self, x: Raw) -> Pair:
        """Enclose atan x.

        atan is odd; atan x = π/2 − atan(1/x) for x > 1; atan s = 2 atan(s/(1 + √(1 + s²))) for s ≥ 0, and the new argument is at most s/2.
        After k + 1 halvings of s ≤ 1, s ≤ 2^-(k+1) and atan s = s(1 − z/3 + z²/5 − …), z = s²: alternating with decreasing terms, so
        the tail from j = N on is z^N times a number in [0, 1], up to sign.
        """
        if x == fzero:
            return fzero, fzero
        if x[0]:
            lo, hi = self.at_atan(mpf_neg(x))
            return mpf_neg(hi), mpf_neg(lo)
        k = isqrt(self.work) // 4 + 2
        wp = self.work + 2 * k + 8
        s: Pair = (x, x)
        if mpf_cmp(x, fone) > 0:
            s = mpi_div(self._int(1), s, wp)
        inverted = mpf_cmp(x, fone) > 0
        for _ in range(k + 1):
            root = mpi_sqrt(mpi_add(self._int(1), mpi_mul(s, s, wp), wp), wp)
            s = mpi_div(s, mpi_add(self._int(1), root, wp), wp)
        z = mpi_mul(s, s, wp)
        terms = wp // (2 * (k + 1)) + 2
        bracket: Pair = (fzero, fone)
        minus_z = (mpf_neg(z[1]), mpf_neg(z[0]))
        for coefficient in reversed(inverse_odds(terms, wp)):
            bracket = mpi_add(coefficient, mpi_mul(minus_z, bracket, wp), wp)
        value = mpi_mul(s, bracket, wp)
        value = (mpf_shift(value[0], k + 1), mpf_shift(value[1], k + 1))
        if not inverted:
            return value
        lo, hi = pi_bounds(wp + 4)
        return mpi_add(rational_pair(lo / 2, hi / 2, wp), (mpf_neg(value[1]), mpf_neg(value[0])), wp)


@final
@dataclass(frozen=True)
class MpmathIv(ScalarBackend):
    """The default backend: any precision, one box at a time, pure Python.

    Arguments: precision, bits of every operation (at least 24).
    Raises: ValueError for a smaller precision.
    """

    precision: int = 53

    def __post_init__(self) -> None:
        if not 24 <= self.precision <= 50_000:
            raise ValueError(f"precision must be between 24 and 50000 bits, got {self.precision}")

    @property
    def kind(self) -> BackendKind:
        return BackendKind.MPMATH_IV

    def arithmetic(self) -> ScalarArithmetic[Any]:
        """A fresh arithmetic at this backend's precision."""
        return MpmathArithmetic(self.precision)
