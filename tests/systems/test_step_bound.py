"""The step-size bound beside the true threshold: exact cases, inclusion on random networks, verdicts, misuse, large shapes."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp

from symgd.enclosures.interval import Interval
from symgd.enclosures.linalg import IntervalMatrix, sum_of_products_bound, top_singular
from symgd.systems import TopValue, matrix_chain, step_bound

RNG = np.random.default_rng(20)


def diagonal(*entries):
    return [[x if i == j else 0 for j in range(len(entries))] for i, x in enumerate(entries)]


def random_chain(widths):
    return [RNG.standard_normal((b, a)) / np.sqrt(a) for a, b in pairwise(widths)]


def exact_hessian(weights):
    return np.array(matrix_chain.hessian(weights, matrix_chain.end_to_end(weights)).tolist(), dtype=float)


def near(interval: Interval, value: Fraction | int, relative: float = 1e-8) -> bool:
    return value in interval and float(interval.width) <= relative * float(abs(value))


@pytest.mark.parametrize("depth", range(1, 9))
def test_balanced_scalar_chain_is_an_equality_case(depth):
    r = step_bound([[[3]]] * depth)
    exact = Fraction(2, depth * 9 ** (depth - 1))
    assert r.verdict is TopValue.SIMPLE
    assert near(r.bound, exact)
    assert near(r.threshold, exact)


def test_one_layer_has_the_threshold_two():
    r = step_bound([[[1, 2, 3], [4, 5, 6]]])
    assert near(r.bound, 2)
    assert near(r.threshold, 2)


def test_diagonal_networks_are_equality_cases():
    """Layer j has the diagonal (a_j, b_j), and a leads in each: sharpness Σ (product/a_j)²."""
    tops, lows = [2, Fraction(3, 2), 5], [1, Fraction(1, 2), Fraction(1, 3)]
    r = step_bound([diagonal(a, b) for a, b in zip(tops, lows, strict=True)])
    exact = 2 / sum((Fraction(15) / a) ** 2 for a in tops)
    assert near(r.bound, exact)
    assert near(r.threshold, exact)


def test_balanced_equal_layers_meet_the_least_sharpness():
    s = [[2, 1], [1, 3]]  # symmetric: ρ(S³) = ρ(S)³
    r = step_bound([s] * 3)
    rho = (5 + np.sqrt(5)) / 2
    assert r.bound.lo <= 2 / (3 * rho**4) * (1 + 1e-12)
    assert r.bound.hi >= 2 / (3 * rho**4) * (1 - 1e-12)
    assert r.threshold.intersects(r.bound)


@pytest.mark.parametrize(
    "widths", [(2, 2, 2), (2, 1, 2), (3, 2, 4), (2, 2, 1, 2, 2), (3, 2, 2, 2), (1, 3, 1), (4, 1, 1, 3), (2, 3, 2, 2, 3)]
)
def test_encloses_the_hessian_of_random_chains(widths):
    weights = [[[Fraction(int(x), 4) for x in row] for row in RNG.integers(-6, 7, (b, a))] for a, b in pairwise(widths)]
    weights[0][0][0] += Fraction(1, 8)
    r = step_bound(weights)
    sharpness = np.linalg.eigvalsh(exact_hessian(weights))[-1]
    assert float(r.sharpness.lo) <= sharpness * (1 + 1e-9) + 1e-12
    assert float(r.sharpness.hi) >= sharpness * (1 - 1e-9)
    assert r.tightness < 1e-6
    assert r.threshold.lo <= r.bound.hi
    if r.verdict is TopValue.SIMPLE:
        product = np.linalg.multi_dot([np.array(w, dtype=float) for w in reversed(weights)])
        u, _, v = np.linalg.svd(product)
        weight, after = 0.0, u[:, 0]
        for j in reversed(range(len(weights))):
            before = v[0]
            for w in weights[:j]:
                before = np.array(w, dtype=float) @ before
            weight += float(before @ before) * float(after @ after)
            after = after @ np.array(weights[j], dtype=float)
        assert float(r.weight.lo) <= weight * (1 + 1e-9)
        assert float(r.weight.hi) >= weight * (1 - 1e-9)
        assert float(r.weight.hi - r.weight.lo) <= 1e-6 * weight


def test_a_set_contains_the_answers_of_its_members():
    centre = random_chain((3, 3, 2))
    r = step_bound([IntervalMatrix(w, np.full_like(w, 1e-3)) for w in centre])
    for _ in range(5):
        member = step_bound([w + RNG.uniform(-1e-3, 1e-3, w.shape) for w in centre])
        assert member.sharpness.is_subset(r.sharpness) or member.sharpness.intersects(r.sharpness)
        assert r.sharpness.lo <= member.sharpness.hi
        assert r.sharpness.hi >= member.sharpness.lo
        assert r.weight.lo <= member.weight.hi
        assert r.weight.hi >= member.weight.lo
        assert r.bound.lo <= member.bound.hi


def test_exact_forms_agree():
    a = step_bound([[["1/2", 1], [0, 2]], [[1, 1], [1, 3]]])
    b = step_bound([sp.Matrix([[sp.Rational(1, 2), 1], [0, 2]]), np.array([[1.0, 1.0], [1.0, 3.0]])])
    assert a.bound == b.bound
    assert a.threshold == b.threshold


@pytest.mark.parametrize(
    ("weights", "verdict"),
    [
        ([diagonal(1, 1)] * 2, TopValue.MULTIPLE),
        ([[[1, 1], [-1, 1]]] * 3, TopValue.MULTIPLE),
        ([[[2, 1], [1, 3]], [[3, -1], [-1, 2]]], TopValue.MULTIPLE),  # 5 times the identity
        ([diagonal(1, 1), diagonal(1, 1 + Fraction(1, 10**20))], TopValue.NOT_SEPARATED),
        ([diagonal(1, 1, 0), diagonal(0, 0, 1)], TopValue.ZERO),
        ([[[Fraction(1, 3), Fraction(-1, 3)]], [[0]]], TopValue.ZERO),
        ([[[1, 1]], [[1], [0]]], TopValue.SIMPLE),
        ([[["1/3"], ["1/7"]], [["3/7", -1]]], TopValue.ZERO),
    ],
)
def test_verdicts(weights, verdict):
    assert step_bound(weights).verdict is verdict


def test_multiple_value_still_gives_a_valid_bound():
    r = step_bound([diagonal(1, 1)] * 2)
    assert near(r.bound, 1)
    assert near(r.threshold, 1)
    assert r.singular.candidates == 2
    assert 1 in r.singular.value


def test_zero_weights_have_no_finite_threshold():
    r = step_bound([diagonal(0, 0)] * 2)
    assert r.verdict is TopValue.ZERO
    assert r.sharpness.lo == 0
    assert r.sharpness.hi < 1e-200
    assert r.threshold.lo > 1e200


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([], "there is no layer"),
        ([[[1, 2]], [[1, 2]]], "does not follow W_1"),
        ([[[1, 2], [1]]], "different lengths"),
        ([[[float("nan")]]], "not a matrix of finite rational"),
        ([[[sp.sqrt(2)]]], "not rational"),
        ([[[]]], "at least one row"),
        ([3], "not a matrix"),
    ],
)
def test_misuse_is_named(weights, words):
    with pytest.raises(ValueError, match=words):
        step_bound(weights)


def test_wide_layers_in_seconds():
    """The time for 64 x 64 is about ten times that of this shape (mn grows fourfold; measured: 5 to 15 s for L = 8)."""
    weights = random_chain([32] * 9)
    r = step_bound(weights)
    assert r.verdict is TopValue.SIMPLE
    assert r.tightness < 1e-7
    assert r.threshold.lo <= r.bound.hi


def test_larger_operators_fall_back_to_the_sum_of_norms():
    weights = random_chain((70, 5, 70))
    r = step_bound(weights)
    left, right = weights[1] @ weights[1].T, weights[0].T @ weights[0]
    exact = np.linalg.eigvalsh(left)[-1] + np.linalg.eigvalsh(right)[-1]
    assert float(r.sharpness.lo) <= exact * (1 + 1e-9)
    assert float(r.sharpness.hi) >= exact * (1 - 1e-9)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (5, 4), (8, 8)])
def test_bound_of_kronecker_sums(shape):
    m, n = shape
    left = [x @ x.T for x in RNG.standard_normal((3, m, m))]
    right = [x @ x.T for x in RNG.standard_normal((3, n, n))]
    top = float(np.linalg.eigvalsh(sum(np.kron(b, a) for a, b in zip(left, right, strict=True)))[-1])
    symmetric = [[IntervalMatrix.from_floats((x + x.T) / 2) for x in side] for side in (left, right)]
    bound = sum_of_products_bound(*symmetric, top)
    assert top * (1 - 1e-12) <= bound <= top * (1 + 1e-8)
    too_low = sum_of_products_bound(*symmetric, top / 2)  # no admissible guess near enough: no bound, never a wrong one
    assert too_low >= top * (1 - 1e-12)
    wide = [[IntervalMatrix(x.mid, np.full(x.shape, 1e-3)) for x in side] for side in symmetric]
    shifted = float(np.linalg.eigvalsh(sum(np.kron(b + 1e-3, a + 1e-3) for a, b in zip(left, right, strict=True)))[-1])
    assert sum_of_products_bound(*wide, top) >= shifted * (1 - 1e-12)


def test_singular_vectors_are_certified():
    weights = [[[1, 2], [3, 5]], [[2, 1], [1, 1]]]
    r = step_bound(weights)
    expected = top_singular(IntervalMatrix.from_exact([[5, 9], [4, 7]]))
    assert r.singular.left is not None
    assert expected.left is not None
    assert (np.abs(r.singular.left.mid - expected.left.mid) <= r.singular.left.rad + expected.left.rad).all()
