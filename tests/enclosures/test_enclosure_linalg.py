"""Linear algebra: matrices with known exact answers, random members of interval matrices, and a mutant without rounding bounds."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from symgd.enclosures import Interval, linalg
from symgd.enclosures.linalg import (
    IntervalMatrix,
    Outcome,
    Separation,
    eigenvalue_discs,
    inverse,
    singular_values,
    solve,
    spectral_norm,
    spectral_radius,
    symmetric_eigenvalues,
    top_singular,
)


def exact_product(a, b):
    return [[sum((x * y for x, y in zip(row, column, strict=True)), Fraction(0)) for column in zip(*b, strict=True)] for row in a]


def householder(v):
    """The rational orthogonal matrix I − 2vvᵀ/(vᵀv)."""
    square = sum(x * x for x in v)
    return [[Fraction(int(i == j)) - Fraction(2 * v[i] * v[j], square) for j in range(len(v))] for i in range(len(v))]


def diagonal(entries, rows=None, columns=None):
    n = len(entries)
    return [[Fraction(entries[i]) if i == j and i < n else Fraction(0) for j in range(columns or n)] for i in range(rows or n)]


def transpose(a):
    return [list(c) for c in zip(*a, strict=True)]


def with_spectrum(entries, v):
    q = householder(v)
    return exact_product(exact_product(q, diagonal(entries)), q)


def contains_matrix(found: IntervalMatrix, exact) -> bool:
    m, n = found.shape
    return all(exact[i][j] in found[i, j] for i in range(m) for j in range(n))


RNG = np.random.default_rng(3)
SPECTRA = [
    ([1, 2, 3], [1, 2, 3]),
    ([-5, 0, 0, 7], [1, -1, 2, 3]),
    ([2, 2, 2, 2], [1, 1, 1, 1]),
    ([10**6, 1, Fraction(1, 10**6)], [3, 1, 2]),
    ([-3, -3, 4, 4, 4, 9, 10], [1, 2, 3, 4, 5, 6, 7]),
    ([0, 0, 0], [1, 2, 2]),
]


@pytest.mark.parametrize(("spectrum", "v"), SPECTRA)
def test_known_eigenvalues_are_enclosed_in_order(spectrum, v):
    a = IntervalMatrix.from_exact(with_spectrum(spectrum, v))
    found = symmetric_eigenvalues(a)
    size = max(map(abs, spectrum))
    for k, true in enumerate(sorted(spectrum)):
        assert true in found[k]
        assert found[k].width <= Fraction(1, 10**11) * max(size, 1)
    assert max(spectrum) in found.largest
    assert size in found.spectral_radius
    assert size in spectral_norm(a)
    assert size in spectral_radius(a)


def test_every_member_of_a_symmetric_interval_matrix_has_its_eigenvalues_enclosed():
    for n in (2, 4, 6):
        mid = RNG.normal(size=(n, n))
        mid = mid + mid.T
        rad = np.abs(RNG.normal(size=(n, n))) * 0.1
        rad = rad + rad.T
        found = symmetric_eigenvalues(IntervalMatrix(mid, rad))
        for _ in range(30):
            t = np.triu(RNG.choice([-1.0, 1.0, 0.3], size=(n, n)))
            member = mid + rad * (t + np.triu(t, 1).T)
            w = np.linalg.eigvalsh(member)
            assert (found.lo <= w + 1e-12).all()
            assert (w - 1e-12 <= found.hi).all()


def test_the_hull_of_the_largest_eigenvalue_is_reached():
    a = IntervalMatrix.from_exact([[2, Interval(-1, 1)], [Interval(-1, 1), 2]])
    assert symmetric_eigenvalues(a).largest.is_subset(Interval(1 - Fraction(1, 10**9), 3 + Fraction(1, 10**9)))
    assert 3 in symmetric_eigenvalues(a).largest


@pytest.mark.parametrize("entries", [[3, -1, Fraction(1, 2)], [1, 2, 3, 4], [5, 4, -5]])
def test_known_eigenvalues_of_general_matrices_are_in_the_discs(entries):
    n = len(entries)
    p = [[Fraction(int(i == j)) + (Fraction(i + 2 * j) if j > i else 0) for j in range(n)] for i in range(n)]  # unit upper triangular
    q = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    for i in reversed(range(n)):
        for k in range(i + 1, n):
            q[i] = [a - p[i][k] * b for a, b in zip(q[i], q[k], strict=True)]
    a = IntervalMatrix.from_exact(exact_product(exact_product(p, diagonal(entries)), q))
    discs = eigenvalue_discs(a)
    for true in entries:
        assert (np.abs(discs.centres - float(true)) <= discs.radii + 1e-15).any()
    assert max(map(abs, entries)) in spectral_radius(a)
    assert spectral_radius(a).width < Fraction(1, 10**9)


def test_a_rotation_has_complex_eigenvalues_of_modulus_one():
    found = spectral_radius(IntervalMatrix.from_exact([["3/5", "-4/5"], ["4/5", "3/5"]]))
    assert 1 in found
    assert found.width < Fraction(1, 10**12)


def test_a_defective_matrix_still_has_a_good_spectral_radius():
    jordan = IntervalMatrix.from_floats(np.diag([0.5] * 6) + np.diag([1.0] * 5, 1))
    found = spectral_radius(jordan, squarings=12)
    assert Fraction(1, 2) in found
    assert found.hi < Fraction(52, 100)


def test_members_of_general_interval_matrices_have_their_eigenvalues_in_the_discs():
    mid, rad = RNG.normal(size=(5, 5)), np.full((5, 5), 1e-4)
    discs = eigenvalue_discs(IntervalMatrix(mid, rad))
    bounds = spectral_radius(IntervalMatrix(mid, rad))
    for _ in range(30):
        w = np.linalg.eigvals(mid + rad * RNG.choice([-1.0, 1.0], size=(5, 5)))
        assert (np.abs(w[:, None] - discs.centres[None]) <= discs.radii + 1e-12).any(axis=1).all()
        assert float(bounds.lo) - 1e-12 <= np.abs(w).max() <= float(bounds.hi) + 1e-12


def test_products_solutions_and_inverses_contain_the_exact_ones():
    for n in (1, 2, 5, 8):
        a = [[Fraction(int(RNG.integers(-99, 100)), int(RNG.integers(1, 30))) for _ in range(n)] for _ in range(n)]
        x = [[Fraction(int(RNG.integers(-9, 10)), 7)] for _ in range(n)]
        b = exact_product(a, x)
        assert contains_matrix(IntervalMatrix.from_exact(a) @ IntervalMatrix.from_exact(x), b)
        found = solve(IntervalMatrix.from_exact(a), IntervalMatrix.from_exact(b))
        assert found.outcome is Outcome.VERIFIED
        assert contains_matrix(found.enclosure, x)
        back = IntervalMatrix.from_exact(a) @ inverse(IntervalMatrix.from_exact(a)).enclosure
        assert contains_matrix(back, diagonal([1] * n))


def test_singular_and_nearly_singular_matrices_are_not_verified():
    for a in ([[1, 2], [2, 4]], [[Interval(-1, 1), 0], [0, 1]], [["1/3", "2/3"], ["1/7", "2/7"]]):
        found = inverse(IntervalMatrix.from_exact(a))
        assert found.outcome is Outcome.NOT_VERIFIED
        assert found.enclosure is None


@pytest.mark.parametrize(("m", "n"), [(3, 3), (4, 3), (3, 5), (1, 3), (3, 1)])
def test_top_singular_vectors_of_a_known_decomposition_are_enclosed(m, n):
    sigma = [7, 3, 2][: min(m, n)]
    left, right = householder(list(range(1, m + 1))), householder([(-1) ** i * (i + 1) for i in range(n)])
    a = exact_product(exact_product(left, diagonal(sigma, m, n)), right)
    found = top_singular(IntervalMatrix.from_exact(a))
    assert found.separation is Separation.SIMPLE
    assert found.candidates == 1
    assert 7 in found.value
    assert 7 - (sigma[1] if len(sigma) > 1 else 0) in found.gap
    u, v = [[row[0]] for row in left], [[x] for x in right[0]]
    negative = [[[-x[0]] for x in w] for w in (u, v)]
    same = contains_matrix(found.left, u) and contains_matrix(found.right, v)
    flipped = contains_matrix(found.left, negative[0]) and contains_matrix(found.right, negative[1])
    assert same != flipped
    lo, hi = singular_values(IntervalMatrix.from_exact(a))
    assert all(Interval(float(x), float(y)).lo <= s <= float(y) for s, x, y in zip(sigma, lo, hi, strict=True))


@pytest.mark.parametrize("sigma", [[5, 5, 1], [5, Fraction(5) - Fraction(1, 10**20), 1], [0, 0, 0]])
def test_a_multiple_top_singular_value_is_said_to_be_inseparable(sigma):
    a = exact_product(exact_product(householder([1, 2, 3]), diagonal(sigma)), householder([1, 1, 2]))
    found = top_singular(IntervalMatrix.from_exact(a))
    assert found.separation is Separation.NOT_SEPARATED
    assert found.candidates >= 2
    assert found.left is None
    assert found.gap.lo == 0
    assert Fraction(sigma[0]) - Fraction(sigma[1]) in found.gap


def test_two_hundred_variables_are_enclosed_sharply():
    n = 200
    a = RNG.normal(size=(n, n))
    symmetric = symmetric_eigenvalues(IntervalMatrix.from_floats(a + a.T))
    assert (symmetric.hi - symmetric.lo).max() < 1e-7
    discs = eigenvalue_discs(IntervalMatrix.from_floats(a))
    assert discs.radii.max() < 1e-5
    assert solve(IntervalMatrix.from_floats(a), IntervalMatrix.from_floats(a[:, :1])).outcome is Outcome.VERIFIED
    assert top_singular(IntervalMatrix.from_floats(a)).separation is Separation.SIMPLE


def test_high_precision_eigenvalues_of_a_float_matrix_are_enclosed():
    context = mpmath.mp.clone()
    context.prec = 200
    a = RNG.normal(size=(8, 8))
    a = a + a.T
    found = symmetric_eigenvalues(IntervalMatrix.from_floats(a))
    true = context.eigsy(context.matrix(a.tolist()), eigvals_only=True)
    for k, w in enumerate(sorted(true)):
        assert context.mpf(float(found.lo[k])) <= w <= context.mpf(float(found.hi[k]))


def test_without_the_rounding_bound_a_product_misses_the_exact_one(monkeypatch):
    def misses() -> int:
        bad = 0
        for _ in range(20):
            a, b = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))
            exact = exact_product([[Fraction(x) for x in row] for row in a.tolist()], [[Fraction(x) for x in row] for row in b.tolist()])
            bad += not contains_matrix(IntervalMatrix.from_floats(a) @ IntervalMatrix.from_floats(b), exact)
        return bad

    assert misses() == 0
    monkeypatch.setattr(linalg, "_gamma", lambda n: 0.0)
    monkeypatch.setattr(linalg, "_UNIT", 0.0)
    assert misses() > 0


def test_interval_matrices_refuse_what_is_not_one():
    with pytest.raises(ValueError, match="shape"):
        IntervalMatrix(np.zeros((2, 2)), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="finite"):
        IntervalMatrix(np.full((1, 1), np.nan), np.zeros((1, 1)))
    with pytest.raises(ValueError, match="finite"):
        IntervalMatrix(np.zeros((1, 1)), -np.ones((1, 1)))
    with pytest.raises(ValueError, match="square"):
        symmetric_eigenvalues(IntervalMatrix.from_floats(np.zeros((2, 3))))
    with pytest.raises(ValueError, match="symmetric"):
        symmetric_eigenvalues(IntervalMatrix.from_floats([[1.0, 2.0], [0.0, 1.0]]))
    with pytest.raises(ValueError, match="multiply"):
        IntervalMatrix.from_floats(np.zeros((2, 3))) @ IntervalMatrix.from_floats(np.zeros((2, 3)))
