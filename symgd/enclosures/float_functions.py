"""Float64 bounds of elementary functions, element by element, from correctly rounded + − · / and √ only.

Written once for NumPy arrays and for compiled scalars: `build` receives the few primitives that differ. NumPy's and the C library's exp,
log, tanh, … are never trusted: they are not correctly rounded and have no proved error bound.

Rounding (Rump, Zimmermann, Boldo, Melquiond, "Computing predecessor and successor in rounding to nearest", BIT 49, 2009): with
φ = 2^-53(1 + 2^-52) and η = 2^-1074, for every finite double c, fl(c − fl(fl(φ|c|) + η)) ≤ pred(c) and fl(c + fl(fl(φ|c|) + η)) ≥ succ(c).
An exact result that rounds to c lies in [pred(c), succ(c)], so `down(c)` and `up(c)` bound it. For c ≥ 0 also fl(fl(c(1 + 2^-52)) + η) ≥
succ(c): for normal c, c·2^-52 is at least one unit in the last place; for subnormal c the product is ≥ c and adding η is exact.
When c overflowed, `down(+∞)` is NaN (never a wrong bound): callers turn it into the largest float or recompute.

Every function below evaluates a formula that is proved to bound the true value in exact arithmetic, each operation rounded in the direction
that keeps it a bound. So only the formulas need proofs, and they stand in the docstrings. x is the exact argument.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from symgd.enclosures.constants import ln2_bounds, pi_bounds
from symgd.enclosures.interval import float_down, float_up

PHI = 2.0**-53 * (1 + 2.0**-52)
ETA = 2.0**-1074
STRETCH = 1 + 2.0**-52
LARGEST = float.fromhex("0x1.fffffffffffffp+1023")
FAR = 2.0**20  # beyond it sine and cosine are only bounded by ±1

_BITS = 200


def _head(x: Fraction, bits: int) -> float:
    """x truncated to so many significant bits, as an exact float."""
    shift = bits - (x.numerator.bit_length() - x.denominator.bit_length())
    return float(Fraction(math.floor(x * 2**shift), 2**shift))


def _bounds(lo: Fraction, hi: Fraction) -> tuple[float, float]:
    return float_down(lo), float_up(hi)


_LN2 = ln2_bounds(_BITS)
_HALF_PI = tuple(p / 2 for p in pi_bounds(_BITS))
LN2_HEAD = _head(_LN2[0], 40)  # times an integer below 2^11: exact
LN2_TAIL = _bounds(_LN2[0] - Fraction(LN2_HEAD), _LN2[1] - Fraction(LN2_HEAD))
PI_HEAD = _head(_HALF_PI[0], 31)  # times an integer below 2^20: exact
PI_MIDDLE = _head(_HALF_PI[0] - Fraction(PI_HEAD), 31)
PI_TAIL = _bounds(_HALF_PI[0] - Fraction(PI_HEAD) - Fraction(PI_MIDDLE), _HALF_PI[1] - Fraction(PI_HEAD) - Fraction(PI_MIDDLE))
HALF_PI = _bounds(_HALF_PI[0], _HALF_PI[1])
PER_TURN = _bounds(1 / (4 * _HALF_PI[1]), 1 / (4 * _HALF_PI[0]))  # 1/(2π)


def _series(coefficients: list[Fraction], stretch_last: Fraction) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Lower and upper float coefficients, highest first, the highest upper one enlarged to cover the tail."""
    low = tuple(float_down(c) for c in reversed(coefficients))
    coefficients = [*coefficients[:-1], coefficients[-1] * stretch_last]
    return low, tuple(float_up(c) for c in reversed(coefficients))


EXP_LOW, EXP_HIGH = _series([Fraction(1, math.factorial(j + 1)) for j in range(17)], Fraction(105, 100))
LOG_LOW, LOG_HIGH = _series([Fraction(1, 2 * j + 1) for j in range(13)], Fraction(104, 100))
SOFT_LOW, SOFT_HIGH = _series([Fraction(1, 2 * j + 1) for j in range(19)], Fraction(115, 100))
ATAN_LOW, ATAN_HIGH = _series([Fraction(1, 2 * j + 1) for j in range(13)], Fraction(1))
SIN_DIVISORS = tuple(float(2 * j * (2 * j + 1)) for j in range(10, 0, -1))
COS_DIVISORS = tuple(float(2 * j * (2 * j - 1)) for j in range(10, 0, -1))


def build(
    jit: Callable[[Any], Any],
    where: Callable[[Any, Any, Any], Any],
    floor: Callable[[Any], Any],
    sqrt: Callable[[Any], Any],
    scale: Callable[[Any, Any], Any],
    split: Callable[[Any], Any],
    power: Callable[[Any, float], Any],
) -> SimpleNamespace:
    """Make all bounds for one kind of element.

    Arguments: jit, a decorator; where, floor, sqrt; scale(x, k) = x·2^k correctly rounded, k a float that is an integer; split(x) = (m, e)
    with x = m·2^e, m in [1/2, 1), e a float; power(x, y), an *untrusted* guess of x^y.
    Returns: a namespace of functions float → float, `*_down` and `*_up` (lower and upper bound at one point), and `wave`.
    """

    @jit
    def down(x):  # type: ignore[no-untyped-def]
        """At most the exact value that rounds to x."""
        return x - (abs(x) * PHI + ETA)

    @jit
    def up(x):  # type: ignore[no-untyped-def]
        """At least the exact value that rounds to x."""
        return x + (abs(x) * PHI + ETA)

    @jit
    def lesser(x, y):  # type: ignore[no-untyped-def]
        return where(x < y, x, y)

    @jit
    def greater(x, y):  # type: ignore[no-untyped-def]
        return where(x > y, x, y)

    @jit
    def horner_down(x, coefficients):  # type: ignore[no-untyped-def]
        """Lower bound of Σ c_j x^j with positive c_j, x ≥ 0."""
        total = x * 0.0 + coefficients[0]
        for c in coefficients[1:]:
            total = down(c + down(x * total))
        return total

    @jit
    def horner_up(x, coefficients):  # type: ignore[no-untyped-def]
        """Upper bound of Σ c_j x^j with positive c_j, x ≥ 0."""
        total = x * 0.0 + coefficients[0]
        for c in coefficients[1:]:
            total = up(c + up(x * total))
        return total

    @jit
    def power_down(x, n):  # type: ignore[no-untyped-def]
        """Lower bound of x^n, x ≥ 0, n ≥ 1, by repeated squaring of lower bounds (kept ≥ 0)."""
        result = x * 0.0 + 1.0
        square = x
        first = True
        while n > 0:
            if n % 2 == 1:
                result = square if first else greater(down(result * square), 0.0)
                first = False
            n = n // 2
            if n > 0:
                square = greater(down(square * square), 0.0)
        return result

    @jit
    def power_up(x, n):  # type: ignore[no-untyped-def]
        """Upper bound of x^n, x ≥ 0, n ≥ 1."""
        result = x * 0.0 + 1.0
        square = x
        first = True
        while n > 0:
            if n % 2 == 1:
                result = square if first else up(result * square)
                first = False
            n = n // 2
            if n > 0:
                square = up(square * square)
        return result

    @jit
    def root_down(x, degree):  # type: ignore[no-untyped-def]
        """Lower bound of x^(1/q), x ≥ 0 finite, q ≥ 1.

        For even q, x^(1/q) = (√x)^(1/(q/2)). For odd q a guess c is accepted only if an upper bound of c^q is ≤ x, which proves
        c ≤ x^(1/q); without an accepted guess, min(1, x) is a lower bound.
        """
        while degree % 2 == 0:
            x = greater(down(sqrt(x)), 0.0)
            degree = degree // 2
        if degree == 1:
            return x
        guess = power(x, 1.0 / degree)
        best = lesser(x, 1.0)
        for slack in (2.0**-20, 2.0**-35, 2.0**-46, 2.0**-49):
            c = guess * (1.0 - slack)
            best = where((power_up(c, degree) <= x) & (c > best), c, best)
        return best

    @jit
    def root_up(x, degree):  # type: ignore[no-untyped-def]
        """Upper bound of x^(1/q), x ≥ 0: a guess c is accepted only if a lower bound of c^q is ≥ x; else max(1, x) is one."""
        while degree % 2 == 0:
            x = up(sqrt(x))
            degree = degree // 2
        if degree == 1:
            return x
        guess = power(x, 1.0 / degree)
        best = where(x > 1.0, x, 1.0)
        for slack in (2.0**-20, 2.0**-35, 2.0**-46, 2.0**-49):
            c = guess * (1.0 + slack) + ETA
            best = where((power_down(c, degree) >= x) & (c < best), c, best)
        return best

    @jit
    def reduce_ln2(x):  # type: ignore[no-untyped-def]
        """(k, lo, hi) with k an integer, |k| < 2^11, and lo ≤ x − k ln 2 ≤ hi, for |x| ≤ 1100.

        True for any such k: k·HEAD is exact (11 + 40 bits) and ln 2 − HEAD is enclosed. k is near x/ln 2, so that −2^-40 < lo, hi < 0.6932.
        """
        k = floor(x * 1.4426950408889634)
        near = x - k * LN2_HEAD
        first, second = k * LN2_TAIL[0], k * LN2_TAIL[1]
        return k, down(down(near) - up(greater(first, second))), up(up(near) - down(lesser(first, second)))

    @jit
    def expm1_reduced_down(r):  # type: ignore[no-untyped-def]
        """Lower bound of e^r − 1, −2^-40 < r < 0.7: the Taylor polynomial r Σ_{j<17} r^j/(j+1)! for r ≥ 0 (the tail is ≥ 0), r for r <
        0.
        """
        s = greater(r, 0.0)
        return where(r >= 0.0, greater(down(s * horner_down(s, EXP_LOW)), 0.0), r)

    @jit
    def expm1_reduced_up(r):  # type: ignore[no-untyped-def]
        """Upper bound of e^r − 1, r < 0.7: 0 for r ≤ 0, else Taylor with Σ_{j≥16} r^j/(j+1)! ≤ r^16/17! · 1/(1 − 0.7/18) < 1.05
        r^16/17!.
        """
        s = greater(r, 0.0)
        return up(s * horner_up(s, EXP_HIGH))

    @jit
    def exp_down(x):  # type: ignore[no-untyped-def]
        """Lower bound of e^x = 2^k e^r; 0 below −745.2, where e^x < 2^-1074; the largest float above 709.8, where e^x is larger.

        Scaling rounds by at most η/2 (only when the result is subnormal). For x ≥ 0, e^x ≥ 1.
        """
        inside = greater(lesser(x, 709.9), -746.0)
        k, r, _ = reduce_ln2(inside)
        y = scale(down(1.0 + expm1_reduced_down(r)), k) - ETA
        y = where(x >= 0.0, greater(y, 1.0), greater(y, 0.0))
        return where(x > 709.8, LARGEST, where(x < -745.2, 0.0, lesser(y, LARGEST)))

    @jit
    def exp_up(x):  # type: ignore[no-untyped-def]
        """Upper bound of e^x = 2^k e^r; η below −745.2, where e^x < 2^-1074; ∞ above 709.8. For x ≤ 0, e^x ≤ 1."""
        inside = greater(lesser(x, 709.9), -746.0)
        k, _, r = reduce_ln2(inside)
        y = scale(up(1.0 + expm1_reduced_up(r)), k) + ETA
        y = where(x <= 0.0, lesser(y, 1.0), y)
        return where(x > 709.8, math.inf, where(x < -745.2, ETA, y))

    @jit
    def atanh_down(s, coefficients):  # type: ignore[no-untyped-def]
        """Lower bound of atanh s = s Σ s^(2j)/(2j+1), s ≥ 0: all terms are ≥ 0, the tail is dropped."""
        z = greater(down(s * s), 0.0)
        return greater(down(s * horner_down(z, coefficients)), 0.0)

    @jit
    def atanh_up(s, coefficients):  # type: ignore[no-untyped-def]
        """Upper bound of atanh s, s ≥ 0: Σ_{j≥n} z^j/(2j+1) ≤ z^n/(2n+1) · 1/(1 − z), a factor that is in the last coefficient.

        It is 1.04 > 1/(1 − 0.03) for z ≤ 0.03 and 1.15 > 1/(1 − 0.12) for z ≤ 0.12.
        """
        return up(s * horner_up(up(s * s), coefficients))

    @jit
    def log_parts(x):  # type: ignore[no-untyped-def]
        """(m − 1, m + 1 rounded, k): x = m·2^k with 0.7071 ≤ m ≤ 1.4143, so m − 1 is exact (Sterbenz) and z = ((m−1)/(m+1))² < 0.0295."""
        m, k = split(x)
        small = m < 0.70710678
        m = where(small, m + m, m)
        k = where(small, k - 1.0, k)
        return m - 1.0, m + 1.0, k

    @jit
    def log_down(x):  # type: ignore[no-untyped-def]
        """Lower bound of log x = k ln 2 + 2 atanh((m−1)/(m+1)), x > 0 finite; k·HEAD is exact. For x ≥ 1, log x ≥ 0."""
        top, bottom, k = log_parts(x)
        size = abs(top)
        low = 2.0 * atanh_down(greater(down(size / up(bottom)), 0.0), LOG_LOW)
        high = 2.0 * atanh_up(up(size / down(bottom)), LOG_HIGH)
        part = where(top >= 0.0, low, -high)
        tail = down(lesser(k * LN2_TAIL[0], k * LN2_TAIL[1]))
        y = where(k == 0.0, part, down(k * LN2_HEAD + down(part + tail)))
        return where(x >= 1.0, greater(y, 0.0), y)

    @jit
    def log_up(x):  # type: ignore[no-untyped-def]
        """Upper bound of log x, x > 0; ∞ at ∞. For x ≤ 1, log x ≤ 0."""
        top, bottom, k = log_parts(lesser(x, LARGEST))
        size = abs(top)
        low = 2.0 * atanh_down(greater(down(size / up(bottom)), 0.0), LOG_LOW)
        high = 2.0 * atanh_up(up(size / down(bottom)), LOG_HIGH)
        part = where(top >= 0.0, high, -low)
        tail = up(greater(k * LN2_TAIL[0], k * LN2_TAIL[1]))
        y = where(k == 0.0, part, up(k * LN2_HEAD + up(part + tail)))
        return where(x > LARGEST, math.inf, where(x <= 1.0, lesser(y, 0.0), y))

    @jit
    def tanh_positive_down(a):  # type: ignore[no-untyped-def]
        """Lower bound of tanh a, a ≥ 0: m/(m + 2) with m = e^(2a) − 1 = 2^k(1 + m₀) − 1, increasing in m; 2a is cut at 80."""
        k, r, _ = reduce_ln2(lesser(2.0 * a, 80.0))
        m0 = expm1_reduced_down(r)
        m = greater(where(k == 0.0, m0, down(scale(down(1.0 + m0), k) - 1.0)), 0.0)
        return greater(down(m / up(m + 2.0)), 0.0)

    @jit
    def tanh_positive_up(a):  # type: ignore[no-untyped-def]
        """Upper bound of tanh a, a ≥ 0, at most 1."""
        k, _, r = reduce_ln2(lesser(2.0 * a, 80.0))
        m0 = expm1_reduced_up(r)
        m = where(k == 0.0, m0, up(scale(up(1.0 + m0), k) - 1.0))
        return where(a > 39.0, 1.0, lesser(up(m / down(m + 2.0)), 1.0))

    @jit
    def tanh_down(x):  # type: ignore[no-untyped-def]
        """Lower bound of tanh x; tanh is odd."""
        return where(x >= 0.0, tanh_positive_down(abs(x)), -tanh_positive_up(abs(x)))

    @jit
    def tanh_up(x):  # type: ignore[no-untyped-def]
        """Upper bound of tanh x; tanh is odd."""
        return where(x >= 0.0, tanh_positive_up(abs(x)), -tanh_positive_down(abs(x)))

    @jit
    def sigmoid_down(x):  # type: ignore[no-untyped-def]
        """Lower bound of 1/(1 + e^-x): 1/(1 + q), q = e^-|x|, decreasing in q, for x ≥ 0, and q/(1 + q), increasing in q, for x < 0."""
        size = -abs(x)
        high, low = exp_up(size), exp_down(size)
        return greater(down(where(x >= 0.0, 1.0 / up(1.0 + high), low / up(1.0 + low))), 0.0)

    @jit
    def sigmoid_up(x):  # type: ignore[no-untyped-def]
        """Upper bound of 1/(1 + e^-x), at most 1."""
        size = -abs(x)
        high, low = exp_up(size), exp_down(size)
        return lesser(up(where(x >= 0.0, 1.0 / down(1.0 + low), high / down(1.0 + high))), 1.0)

    @jit
    def softplus_down(x):  # type: ignore[no-untyped-def]
        """Lower bound of log(1 + e^x) = max(x, 0) + 2 atanh(q/(2 + q)), q = e^-|x| ≤ 1; q/(2 + q) increases with q and is ≤ 1/3."""
        q = exp_down(-abs(x))
        tail = 2.0 * atanh_down(greater(down(q / up(2.0 + q)), 0.0), SOFT_LOW)
        return where(x > 0.0, down(x + tail), tail)

    @jit
    def softplus_up(x):  # type: ignore[no-untyped-def]
        """Upper bound of log(1 + e^x); z = (q/(2 + q))² ≤ 1/9 rounded up is < 0.12."""
        q = exp_up(-abs(x))
        tail = 2.0 * atanh_up(up(q / down(2.0 + q)), SOFT_HIGH)
        return where(x > 0.0, up(x + tail), tail)

    @jit
    def atan_small(s):  # type: ignore[no-untyped-def]
        """Bounds of atan s for 0 ≤ s < 0.2: s(1 − z/3 + z²/5 − …), z = s²; nested brackets are in [0, 1], and [0, 1] at depth 13 is the
        remainder.
        """
        z_low, z_high = greater(down(s * s), 0.0), up(s * s)
        low, high = s * 0.0, s * 0.0 + 1.0
        for c_low, c_high in zip(ATAN_LOW, ATAN_HIGH):  # noqa: B905 - compiled code has no strict zip
            low, high = down(c_low - up(z_high * high)), up(c_high - down(z_low * low))
        return greater(down(s * low), 0.0), up(s * high)

    @jit
    def atan_unit_down(s):  # type: ignore[no-untyped-def]
        """Lower bound of atan s, 0 ≤ s ≤ 1: atan s = 4 atan h(h(s)), h(s) = s/(1 + √(1 + s²)), and h(h(1)) = tan(π/16) < 0.199."""
        for _ in range(2):
            s = greater(down(s / up(1.0 + up(sqrt(up(1.0 + up(s * s)))))), 0.0)
        low, _ = atan_small(s)
        return 4.0 * low

    @jit
    def atan_unit_up(s):  # type: ignore[no-untyped-def]
        """Upper bound of atan s, 0 ≤ s ≤ 1 (or rounded up from there)."""
        for _ in range(2):
            s = up(s / down(1.0 + down(sqrt(down(1.0 + down(s * s))))))
        _, high = atan_small(s)
        return 4.0 * high

    @jit
    def atan_positive_down(a):  # type: ignore[no-untyped-def]
        """Lower bound of atan a, a ≥ 0; atan a = π/2 − atan(1/a) for a > 1 (1/∞ = 0)."""
        big = a > 1.0
        safe = where(big, a, 1.0)
        far = down(HALF_PI[0] - atan_unit_up(lesser(up(1.0 / safe), 1.0)))
        return where(big, far, atan_unit_down(lesser(a, 1.0)))

    @jit
    def atan_positive_up(a):  # type: ignore[no-untyped-def]
        """Upper bound of atan a, a ≥ 0, at most the upper bound of π/2."""
        big = a > 1.0
        safe = where(big, a, 1.0)
        far = up(HALF_PI[1] - atan_unit_down(greater(down(1.0 / safe), 0.0)))
        return lesser(where(big, far, atan_unit_up(lesser(a, 1.0))), HALF_PI[1])

    @jit
    def atan_down(x):  # type: ignore[no-untyped-def]
        """Lower bound of atan x; atan is odd."""
        return where(x >= 0.0, atan_positive_down(abs(x)), -atan_positive_up(abs(x)))

    @jit
    def atan_up(x):  # type: ignore[no-untyped-def]
        """Upper bound of atan x; atan is odd."""
        return where(x >= 0.0, atan_positive_up(abs(x)), -atan_positive_down(abs(x)))

    @jit
    def sine_bounds(s):  # type: ignore[no-untyped-def]
        """Bounds of sin s for |s| ≤ 0.8: s·T, T = 1 − z/6(1 − z/20(…)), z = s² ≤ 0.64, every bracket in [0, 1] (alternating,
        decreasing).
        """
        size = abs(s)
        z_low, z_high = greater(down(s * s), 0.0), up(s * s)
        low, high = s * 0.0, s * 0.0 + 1.0
        for d in SIN_DIVISORS:
            low, high = down(1.0 - up(up(z_high * high) / d)), up(1.0 - greater(down(greater(down(z_low * low), 0.0) / d), 0.0))
        small, large = greater(down(size * low), 0.0), up(size * high)
        return where(s >= 0.0, small, -large), where(s >= 0.0, large, -small)

    @jit
    def cosine_bounds(near, far):  # type: ignore[no-untyped-def]
        """Bounds of cos s for near ≤ |s| ≤ far ≤ 0.8: 1 − z/2(1 − z/12(…)), brackets in [0, 1]; cos decreases with |s|."""
        z_low, z_high = greater(down(near * near), 0.0), up(far * far)
        low, high = near * 0.0, near * 0.0 + 1.0
        for d in COS_DIVISORS:
            low, high = down(1.0 - up(up(z_high * high) / d)), up(1.0 - greater(down(greater(down(z_low * low), 0.0) / d), 0.0))
        return low, high

    @jit
    def sine_point(x, quarter):  # type: ignore[no-untyped-def]
        """Bounds of sin(x + quarter·π/2), |x| ≤ 2^20.

        x = k π/2 + r; k·HEAD and k·MIDDLE are exact (20 + 31 bits), the rest of π/2 is enclosed, so lo ≤ r ≤ hi for any such k; k is near
        x/(π/2), so |r| < 0.8. By the quadrant the value is ± sin r (increasing in r there) or ± cos r (decreasing in |r|).
        """
        k = floor(x * 0.6366197723675814 + 0.5)
        near = x - k * PI_HEAD
        middle = k * PI_MIDDLE
        first, second = k * PI_TAIL[0], k * PI_TAIL[1]
        r_low = down(down(down(near) - middle) - up(greater(first, second)))
        r_high = up(up(up(near) - middle) - down(lesser(first, second)))
        turn = k + quarter
        quadrant = turn - 4.0 * floor(turn * 0.25)
        sin_low, _ = sine_bounds(r_low)
        _, sin_high = sine_bounds(r_high)
        cos_low, cos_high = cosine_bounds(greater(greater(r_low, -r_high), 0.0), greater(abs(r_low), abs(r_high)))
        odd = (quadrant == 1.0) | (quadrant == 3.0)
        low, high = where(odd, cos_low, sin_low), where(odd, cos_high, sin_high)
        flipped = quadrant >= 2.0
        return where(flipped, -high, low), where(flipped, -low, high)

    @jit
    def wave(lo, hi, quarter, crest, trough):  # type: ignore[no-untyped-def]
        """Range of sin(x + quarter·π/2) over [lo, hi].

        A maximum at 2π(crest + m), m an integer, is inside only if lo/(2π) − crest ≤ m ≤ hi/(2π) − crest; likewise minima. Without one
        inside, the extreme values are at the ends. Beyond 2^20 the answer is [−1, 1].
        """
        far = (lo < -FAR) | (hi > FAR)
        a, b = where(far, 0.0, lo), where(far, 0.0, hi)
        low_a, high_a = sine_point(a, quarter)
        low_b, high_b = sine_point(b, quarter)
        turns_a = down(lesser(a * PER_TURN[0], a * PER_TURN[1]))
        turns_b = up(greater(b * PER_TURN[0], b * PER_TURN[1]))
        has_crest = floor(up(turns_b - crest)) >= -floor(-down(turns_a - crest))
        has_trough = floor(up(turns_b - trough)) >= -floor(-down(turns_a - trough))
        bottom = where(far | has_trough, -1.0, greater(lesser(low_a, low_b), -1.0))
        top = where(far | has_crest, 1.0, lesser(greater(high_a, high_b), 1.0))
        return bottom, top

    names = {name: value for name, value in locals().items() if name not in ("jit", "scale", "split", "floor")}
    return SimpleNamespace(**names)
