"""Real roots of rational polynomials, exactly: every root, with its multiplicity, and none twice.

Squarefree parts are proposed by SymPy and accepted only if their powers multiply back to the polynomial. Each part is isolated by
Descartes' rule of signs with bisection (Collins and Akritas 1976): an interval is finished only when the rule says none or exactly one,
so no root can be lost. For moderate degrees Sturm's theorem counts a second time, which also shows that the part is squarefree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm

import sympy

from .expressions import Coefficients, poly_derivative, poly_mul, poly_value, trim

Integers = list[int]
STURM_UP_TO = 64  # degree


class RootError(ArithmeticError):
    """Two independent counts of the roots disagree, which would mean a mistake in this module or in SymPy."""


def primitive(c: Sequence[Fraction | int]) -> Integers:
    """The polynomial with coprime integer coefficients and positive leading one, which has the same roots."""
    if not c:
        return []
    scale = lcm(*(Fraction(q).denominator for q in c))
    whole = [int(q * scale) for q in c]
    content = gcd(*whole)
    return [k // (content if whole[-1] > 0 else -content) for k in whole]


def sign_of(c: Sequence[int], x: Fraction) -> int:
    """The sign of an integer polynomial at a rational point, with integers only."""
    p, q = x.numerator, x.denominator
    total, power = c[-1], 1
    for k in reversed(c[:-1]):
        power *= q
        total = total * p + k * power
    return (total > 0) - (total < 0)


@dataclass(frozen=True)
class RealRoot:
    """One real root of a polynomial.

    Arguments: poly, a squarefree integer polynomial (constant coefficient first) of which it is a root; lo, hi, rational ends of a closed
    interval that contains it and no other root of `poly`, equal exactly when the root is rational; multiplicity, in the polynomial that was
    given.
    """

    poly: tuple[int, ...]
    lo: Fraction
    hi: Fraction
    multiplicity: int = 1

    @property
    def exact(self) -> Fraction | None:
        """The root itself when it is rational."""
        return self.lo if self.lo == self.hi else None

    def refined(self, width: Fraction) -> RealRoot:
        """The same root in an interval of at most this width."""
        lo, hi = self.lo, self.hi
        if hi - lo <= width:
            return self
        sign = sign_of(self.poly, lo) > 0
        while hi - lo > width:
            middle = (lo + hi) / 2
            value = sign_of(self.poly, middle)
            if value == 0:
                return replace(self, lo=middle, hi=middle)
            lo, hi = (middle, hi) if (value > 0) == sign else (lo, middle)
        return replace(self, lo=lo, hi=hi)

    def __float__(self) -> float:
        r = self.refined(max(abs(self.lo), abs(self.hi), Fraction(1, 2**60)) / 2**60)
        return float((r.lo + r.hi) / 2)


def real_roots(coefficients: Sequence[Fraction | int]) -> tuple[RealRoot, ...]:
    """All real roots of a polynomial.

    Arguments: coefficients, rational, from the constant one up; not all zero.
    Returns: the distinct roots in increasing order, their intervals disjoint.
    Raises: ValueError for the zero polynomial; RootError if two counts disagree.
    """
    c = trim([Fraction(q) for q in coefficients])
    if not c:
        raise ValueError("the zero polynomial vanishes everywhere; there is nothing to isolate")
    roots: list[RealRoot] = []
    for part, multiplicity in squarefree_parts(c):
        intervals = isolate(part)
        if len(part) - 1 <= STURM_UP_TO and sturm_count(part) != len(intervals):
            raise RootError(f"Descartes' rule finds {len(intervals)} roots where Sturm's theorem counts {sturm_count(part)}")
        roots += [_rationalised(RealRoot(tuple(part), lo, hi, multiplicity)) for lo, hi in intervals]
    return _separated(roots)


def squarefree_parts(c: Coefficients) -> list[tuple[Integers, int]]:
    """The squarefree polynomials whose powers multiply to c up to a constant, checked by multiplication."""
    x = sympy.Symbol("x")
    poly = sympy.Poly([sympy.Rational(q.numerator, q.denominator) for q in reversed(c)], x, domain="QQ")
    parts = [(primitive([Fraction(int(q.p), int(q.q)) for q in reversed(f.all_coeffs())]), int(m)) for f, m in poly.sqf_list()[1]]
    product: Coefficients = [Fraction(1)]
    for part, m in parts:
        for _ in range(m):
            product = poly_mul(product, [Fraction(k) for k in part])
    if primitive(product) != primitive(c):
        raise RootError("the squarefree parts do not multiply to the polynomial")
    return parts


def isolate(c: Integers) -> list[tuple[Fraction, Fraction]]:
    """Intervals with one root each that together hold all real roots of a squarefree polynomial; a point is given as lo = hi."""
    rest = c
    while rest and rest[0] == 0:
        rest = rest[1:]
    out = [(Fraction(0), Fraction(0))] if len(rest) < len(c) else []
    if len(rest) > 1:
        out += _isolate_positive(rest)
        out += [(-hi, -lo) for lo, hi in _isolate_positive([q if k % 2 == 0 else -q for k, q in enumerate(rest)])]
    return sorted(_closed(c, lo, hi) for lo, hi in out)


def _isolate_positive(c: Integers) -> list[tuple[Fraction, Fraction]]:
    if _variations(c) == 0:
        return []
    k = _bound_exponent(c)  # every positive root is below 2^k
    n = len(c) - 1
    scaled = [q << (k * i) for i, q in enumerate(c)] if k >= 0 else [q << (-k * (n - i)) for i, q in enumerate(c)]
    scale = Fraction(2) ** k
    out: list[tuple[Fraction, Fraction]] = []
    pending: list[tuple[Integers, int, int]] = [(scaled, 0, 0)]  # roots of p in (0, 1) stand for the interval (i, i + 1)·2^(k − depth)
    while pending:
        p, i, depth = pending.pop()
        count = _variations(_shift(p[::-1]))  # of (1 + x)^n p(1/(1 + x)), for the roots in (0, 1)
        if count == 0:
            continue
        width = scale / 2**depth
        if count == 1:
            out.append((i * width, (i + 1) * width))
            continue
        half = [q << (n - j) for j, q in enumerate(p)]
        upper = _shift(half)
        if upper[0] == 0:
            middle = (2 * i + 1) * width / 2
            out.append((middle, middle))
            upper = upper[1:]
            pending.append((_reduced([*upper, 0]), 2 * i + 1, depth + 1))
        else:
            pending.append((_reduced(upper), 2 * i + 1, depth + 1))
        pending.append((_reduced(half), 2 * i, depth + 1))
    return out


def _reduced(p: Integers) -> Integers:
    """p without a common power of two; a leading zero keeps the nominal degree, which changes no count of sign variations."""
    common = 0
    for q in p:
        common |= q
    shift = (common & -common).bit_length() - 1 if common else 0
    return [q >> shift for q in p] if shift > 0 else p


def _closed(c: Integers, lo: Fraction, hi: Fraction) -> tuple[Fraction, Fraction]:
    """An interval that is open, with a root of c perhaps at an end, made closed with ends that are no roots."""
    while lo != hi and (sign_of(c, lo) == 0 or sign_of(c, hi) == 0):
        middle = (lo + hi) / 2
        if sign_of(c, middle) == 0:
            return middle, middle
        # exactly one root of the open interval: find the half by the sign change beyond the roots at the ends
        inside = _open_count(c, lo, middle)
        lo, hi = (lo, middle) if inside else (middle, hi)
    return lo, hi


def _open_count(c: Integers, lo: Fraction, hi: Fraction) -> int:
    """Sign variations of Descartes' rule for the open interval: 0 or 1 here, where at most one root is inside."""
    p = [Fraction(q) for q in c]
    moved = _taylor([q * (hi - lo) ** k for k, q in enumerate(_taylor(p, lo))][::-1], Fraction(1))
    return _variations(moved)


def _taylor(p: Sequence[Fraction], a: Fraction) -> list[Fraction]:
    out = list(p)
    for i in range(len(out) - 1):
        for j in range(len(out) - 2, i - 1, -1):
            out[j] += a * out[j + 1]
    return out


def _shift(p: Integers) -> Integers:
    """p(x + 1)."""
    out = list(p)
    n = len(out) - 1
    for i in range(n):
        for j in range(n - 1, i - 1, -1):
            out[j] += out[j + 1]
    return out


def _variations(p: Sequence[Fraction | int]) -> int:
    signs = [q > 0 for q in p if q]
    return sum(a != b for a, b in pairwise(signs))


def _bound_exponent(c: Integers) -> int:
    """k such that every positive root is below 2^k: Kioustelidis' bound 2 max |c_i/c_n|^(1/(n−i)) over the coefficients of the other
    sign."""
    n, lead = len(c) - 1, c[-1]
    worst = None
    for i, q in enumerate(c[:-1]):
        if q and (q > 0) != (lead > 0):
            # ceil(log2(|q/lead|)/(n − i)) from bit lengths
            bits = abs(q).bit_length() - abs(lead).bit_length() + 1
            e = -(-bits // (n - i))
            worst = e if worst is None else max(worst, e)
    return 1 if worst is None else worst + 1


def sturm_count(c: Integers) -> int:
    """The number of distinct real roots by Sturm's theorem.

    Arguments: c, integer coefficients, constant one first. Raises: RootError when c is not squarefree.
    """
    chain = [c, primitive(poly_derivative([Fraction(q) for q in c]))]
    while len(chain[-1]) > 1:
        rest = _negative_remainder(chain[-2], chain[-1])
        if not rest:
            raise RootError("a part that should be squarefree has a double root")
        chain.append(rest)
    at_plus = _variations([p[-1] for p in chain if p])
    at_minus = _variations([p[-1] * (-1) ** (len(p) - 1) for p in chain if p])
    return at_minus - at_plus


def _negative_remainder(a: Integers, b: Integers) -> Integers:
    """−(a mod b), scaled by a positive factor to coprime integers."""
    rest, lead = list(a), b[-1]
    while len(rest) >= len(b):
        factor, shift = rest[-1], len(rest) - len(b)
        sign = 1 if lead > 0 else -1
        rest = [q * abs(lead) for q in rest]
        for i, q in enumerate(b):
            rest[shift + i] -= factor * sign * q
        rest.pop()
        while rest and not rest[-1]:
            rest.pop()
    content = gcd(*rest) if rest else 1
    return [-q // content for q in rest]


def _rationalised(root: RealRoot) -> RealRoot:
    """The root with its exact value if it is rational: its denominator divides the leading coefficient, so one candidate is left."""
    if root.exact is not None:
        return root
    lead = abs(root.poly[-1])
    near = root.refined(Fraction(1, 4 * lead))
    candidate = Fraction(round((near.lo + near.hi) / 2 * lead), lead)
    if near.lo <= candidate <= near.hi and sign_of(root.poly, candidate) == 0:
        return replace(near, lo=candidate, hi=candidate)
    return near


def _separated(roots: list[RealRoot]) -> tuple[RealRoot, ...]:
    """The roots of coprime parts in order, refined until their intervals are disjoint."""
    roots = sorted(roots, key=lambda r: (r.lo, r.hi))
    i = 0
    rounds = 0
    while i + 1 < len(roots):
        a, b = roots[i], roots[i + 1]
        if a.hi < b.lo:
            i += 1
            continue
        rounds += 1
        if (a.exact is not None and a.exact == b.exact) or rounds > 100_000:
            raise RootError("two coprime parts share a root")
        wide = max(a.hi - a.lo, b.hi - b.lo) / 4
        roots[i], roots[i + 1] = a.refined(wide), b.refined(wide)
        roots.sort(key=lambda r: (r.lo, r.hi))
        i = max(i - 1, 0)
    return tuple(roots)


# --- signs and values of other polynomials at a root
# ---------------------------------------------------------------------------------------


def range_at(c: Sequence[Fraction | int], lo: Fraction, hi: Fraction) -> tuple[Fraction, Fraction]:
    """Bounds of a polynomial on [lo, hi] by its Taylor form at the middle."""
    middle, radius = (lo + hi) / 2, (hi - lo) / 2
    shifted = _taylor([Fraction(q) for q in c], middle)
    if not shifted:
        return Fraction(0), Fraction(0)
    spread, power = Fraction(0), Fraction(1)
    for q in shifted[1:]:
        power *= radius
        spread += abs(q) * power
    return shifted[0] - spread, shifted[0] + spread


def value_at(c: Sequence[Fraction | int], root: RealRoot, width: Fraction) -> tuple[Fraction, Fraction]:
    """Bounds of c(root) at most `width` apart."""
    size = root.hi - root.lo
    while True:
        lo, hi = range_at(c, root.lo, root.hi)
        if hi - lo <= width:
            return lo, hi
        size /= 16
        root = root.refined(size)


def sign_at(c: Sequence[Fraction | int], root: RealRoot) -> int:
    """The exact sign of c(root): −1, 0 or 1. It is 0 exactly when the common divisor with `root.poly` vanishes there."""
    c = trim([Fraction(q) for q in c])
    if not c:
        return 0
    if root.exact is not None:
        value = poly_value(c, root.exact)
        return (value > 0) - (value < 0)
    lo, hi = range_at(c, root.lo, root.hi)
    if lo > 0 or hi < 0:
        return 1 if lo > 0 else -1
    x = sympy.Symbol("x")
    common = sympy.gcd(sympy.Poly([sympy.Rational(str(q)) for q in reversed(c)], x), sympy.Poly(list(reversed(root.poly)), x))
    divisor = [Fraction(int(q.p), int(q.q)) for q in reversed(common.all_coeffs())]
    if len(divisor) > 1 and poly_value(divisor, root.lo) * poly_value(divisor, root.hi) < 0:
        return 0  # the common divisor changes sign, so it has a root here; it can only be the root of `poly`
    size = root.hi - root.lo
    while lo <= 0 <= hi:
        size /= 16
        root = root.refined(size)
        lo, hi = range_at(c, root.lo, root.hi)
    return 1 if lo > 0 else -1
