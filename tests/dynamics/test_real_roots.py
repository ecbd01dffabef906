"""Root isolation on hard polynomials: every real root, with its multiplicity, and none that is not there."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import pytest
import sympy as sp

from symgd.dynamics.real_roots import RootError, real_roots, sign_at, sturm_count, value_at

X = sp.Symbol("x")
R = sp.Rational


def coefficients(p):
    return [Fraction(int(q.p), int(q.q)) for q in reversed(sp.Poly(p, X, domain="QQ").all_coeffs())]


def wilkinson(n):
    return sp.prod([X - k for k in range(1, n + 1)])


def seeded(seed):
    """A random product of linear and quadratic factors with known real roots, some of them double."""
    rng = random.Random(seed)
    roots = {R(rng.randint(-40, 40), rng.randint(1, 9)): rng.choice([1, 1, 2, 3]) for _ in range(6)}
    p = sp.prod([(X - r) ** m for r, m in roots.items()]) * (X**2 + rng.randint(1, 5) * X + 20)
    return p, sorted(roots.items())


# name: (polynomial, number of distinct real roots, multiplicities in order, or None where all are simple)
TABLE = {
    "zero root": (X**3, 1, [3]),
    "no root": (X**2 + 1, 0, None),
    "double pair": ((X**2 - 2) ** 2, 2, [2, 2]),
    "triple irrational": ((X**3 - 2) ** 3, 1, [3]),
    "mixed": ((X - 1) ** 5 * (X**2 - 2) ** 3 * (3 * X - 1), 4, [3, 1, 5, 3]),
    "high power": ((X - R(1, 3)) ** 20, 1, [20]),
    "cluster 1e-6": ((X - 1) * (X - 1 - R(1, 10**6)) * (X - 1 + R(1, 10**6)), 3, None),
    "cluster 1e-30": ((X - 1) * (X - 1 - R(1, 10**30)), 2, None),
    "irrational cluster": ((X**2 - 2) * (X**2 - 2 - R(1, 10**20)), 4, None),
    "cluster and double": ((X - 1) ** 2 * (X - 1 - R(1, 10**12)), 2, [2, 1]),
    "almost double, real": (X**2 - R(1, 10**40), 2, None),
    "almost double, complex": (X**2 + R(1, 10**40), 0, None),
    "huge coefficients": (10**50 * X**3 - X - 10**40, 1, None),
    "tiny roots": (sp.prod([X - R(1, 10**k) for k in range(1, 12)]), 11, None),
    "powers of two": (sp.prod([X - R(2) ** k for k in range(-8, 9)]), 17, None),
    "dyadic ends": ((X - 1) * (X - 2) * (X - 4) * (X - R(3, 2)), 4, None),
    "double at a dyadic end": ((X - 2) ** 2 * (X - 4) * (X - R(5, 2)), 3, [2, 1, 1]),
    "wilkinson 10": (wilkinson(10), 10, None),
    "wilkinson 20": (wilkinson(20), 20, None),
    "wilkinson 30": (wilkinson(30), 30, None),
    "wilkinson perturbed": (wilkinson(20) - R(1, 2**23) * X**19, 10, None),
    "wilkinson squared": (wilkinson(8) ** 2, 8, [2] * 8),
    "wilkinson geometric": (sp.prod([X - R(1, 2**k) for k in range(1, 16)]), 15, None),
    "mignotte 10": (X**10 - 2 * (100 * X - 1) ** 2, 4, None),
    "mignotte 21": (X**21 - 2 * (1000 * X - 1) ** 2, 3, None),
    "mignotte 30": (X**30 - 2 * (10**6 * X - 1) ** 2, 4, None),
    "mignotte times mirror": ((X**12 - 2 * (50 * X - 1) ** 2) * (X**12 - 2 * (50 * X + 1) ** 2), 8, None),
    "nested mignotte": ((X**8 - 2 * (200 * X - 1) ** 2) ** 2, 4, [2] * 4),
    "ex2": (sp.diff((X**2 + 1) * (X - 1) ** 2 * (X - 2) ** 2, X), 3, None),
    "bring": (X**5 - X - 1, 1, None),
    "swinnerton-dyer": (sp.minimal_polynomial(sp.sqrt(2) + sp.sqrt(3) + sp.sqrt(5), X), 8, None),
    "laguerre 12": (sp.laguerre(12, X), 12, None),
    "hermite 15": (sp.hermite(15, X), 15, None),
    "truncated exponential": (sum(X**k / sp.factorial(k) for k in range(16)), 1, None),
    "truncated sine": (sum((-1) ** k * X ** (2 * k + 1) / sp.factorial(2 * k + 1) for k in range(12)), 7, None),
    "logistic iterate": (sp.expand(sp.Poly(4 * X * (1 - X), X).compose(sp.Poly(4 * X * (1 - X), X)).as_expr() - X), 4, None),
}
TABLE |= {f"chebyshev {n}": (sp.chebyshevt(n, X), n, None) for n in (5, 16, 31)}
TABLE |= {f"chebyshev of the second kind {n}": (sp.chebyshevu(n, X), n, None) for n in (9, 24)}
TABLE |= {f"legendre {n}": (sp.legendre(n, X), n, None) for n in (7, 20, 33)}
TABLE |= {f"cyclotomic {n}": (sp.cyclotomic_poly(n, X), 0, None) for n in (3, 12, 30, 60)}
TABLE |= {f"unity {n}": (X**n - 1, 1 + (n % 2 == 0), None) for n in (7, 24)}
TABLE |= {f"random with multiple roots {k}": (seeded(k)[0], len(seeded(k)[1]), [m for _, m in seeded(k)[1]]) for k in range(8)}


def test_the_table_is_long_enough():
    assert len(TABLE) >= 40


@pytest.mark.parametrize("name", TABLE)
def test_no_root_is_lost(name):
    p, count, multiplicities = TABLE[name]
    c = coefficients(p)
    roots = real_roots(c)
    assert len(roots) == count
    assert [r.multiplicity for r in roots] == (multiplicities or [1] * count)
    assert all(a.hi < b.lo for a, b in pairwise(roots))
    for r in roots:  # a sign change of a squarefree part, or the root itself
        assert sign_at(c, r) == 0
        assert (r.exact is not None) or value_at(r.poly, r, Fraction(1, 10**6))[0] <= 0 <= value_at(r.poly, r, Fraction(1, 10**6))[1]
    assert sum(r.multiplicity for r in roots) == sum(m for _, m in sp.Poly(p, X, domain="QQ").intervals())


@pytest.mark.parametrize("k", range(8))
def test_rational_roots_are_recognised(k):
    p, roots = seeded(k)
    assert [(sp.Rational(str(r.exact)), r.multiplicity) for r in real_roots(coefficients(p))] == roots


def test_refinement_keeps_the_root():
    root = real_roots([Fraction(-2), 0, 1])[1].refined(Fraction(1, 10**40))
    assert root.lo**2 < 2 < root.hi**2
    assert root.hi - root.lo <= Fraction(1, 10**40)


def test_signs_at_a_root_are_exact():
    root = real_roots([Fraction(-2), 0, 1])[1]
    assert sign_at([Fraction(-4), 0, 0, 0, Fraction(1)], root) == 0  # x⁴ = 4 there
    assert sign_at([Fraction(-4) - Fraction(1, 10**50), 0, 0, 0, Fraction(1)], root) == -1


def test_the_zero_polynomial_and_a_part_that_is_not_squarefree_are_refused():
    with pytest.raises(ValueError, match="everywhere"):
        real_roots([0, 0])
    with pytest.raises(RootError):
        sturm_count([1, -2, 1])
