"""Proved rational enclosures of π and ln 2 to any precision, in integers only.

Both come from series of arctangents, summed in fixed point. With x an integer ≥ 2 and S = 2^s:

* atanh(1/x) = Σ x^-(2j+1)/(2j+1). Flooring each of the N terms at scale S loses less than 1 each, twice (power and quotient), and the
  dropped tail is smaller than its first power, which is < 1 when the loop stops at power 0: so the value is in [sum, sum + 2N + 2]/S.
* atan(1/x) has the same terms with alternating signs, so the value is in [sum − 2N − 2, sum + 2N + 2]/S.

π = 16 atan(1/5) − 4 atan(1/239) (Machin 1706); ln 2 = 18 atanh(1/26) − 2 atanh(1/4801) + 8 atanh(1/8749).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

_GUARD = 24  # the sums below have fewer than 2^12 terms per 10^4 bits and weights below 2^5


def _arc(x: int, scale: int, alternating: bool) -> tuple[int, int]:
    """Integers (lo, hi) with lo ≤ 2^scale·atan(1/x) ≤ hi, or atanh when not alternating."""
    power = (1 << scale) // x
    total = terms = 0
    while power:
        term = power // (2 * terms + 1)
        total += -term if alternating and terms % 2 else term
        power //= x * x
        terms += 1
    slack = 2 * terms + 2
    return (total - slack if alternating else total), total + slack


def _combine(parts: list[tuple[int, tuple[int, int]]], scale: int) -> tuple[Fraction, Fraction]:
    lo = sum(w * (bounds[0] if w > 0 else bounds[1]) for w, bounds in parts)
    hi = sum(w * (bounds[1] if w > 0 else bounds[0]) for w, bounds in parts)
    return Fraction(lo, 1 << scale), Fraction(hi, 1 << scale)


@lru_cache(maxsize=64)
def pi_bounds(bits: int) -> tuple[Fraction, Fraction]:
    """Rationals lo ≤ π ≤ hi with hi − lo < 2^-bits (bits ≤ 10^5); source: Machin's formula, see the module docstring."""
    s = bits + _GUARD
    return _combine([(16, _arc(5, s, True)), (-4, _arc(239, s, True))], s)


@lru_cache(maxsize=64)
def ln2_bounds(bits: int) -> tuple[Fraction, Fraction]:
    """Rationals lo ≤ ln 2 ≤ hi with hi − lo < 2^-bits (bits ≤ 10^5); source: three atanh series, see the module docstring."""
    s = bits + _GUARD
    return _combine([(18, _arc(26, s, False)), (-2, _arc(4801, s, False)), (8, _arc(8749, s, False))], s)
