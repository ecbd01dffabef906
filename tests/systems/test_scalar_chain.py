"""Facts about the scalar chain ½(w_L⋯w_1 − λ)²: Nar and Sastry 2018, Lemma 3 and Theorem 1 for scalars."""

import time

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, Symbol

from symgd.systems import CriticalPointKind, NotAnEquilibrium, ScalarChain

L = Symbol("L", integer=True, positive=True)
lam = Symbol("lambda", real=True)
delta = Symbol("delta", positive=True)
w = Symbol("w", real=True)
t = Symbol("t", positive=True)
DEPTHS = [1, 2, 3, 5, 8, 64]


@pytest.mark.parametrize("depth", [L, *DEPTHS])
def test_every_derivation_passes_its_own_checks(depth):
    chain = ScalarChain(depth)
    layers = [None, L] if depth is L else sorted({1, (depth + 1) // 2, depth})
    for derivation in (*(chain.partial(j) for j in layers), chain.balanced_map(), chain.error_factor()):
        assert derivation.steps
        derivation.check()


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_partial_is_sympys_derivative(depth):
    chain = ScalarChain(depth)
    written = sp.expand(chain.loss)
    for j, weight in enumerate(chain.weights, start=1):
        assert sp.expand(chain.partial(j).result - sp.diff(written, weight)) == 0


def test_symbolic_partial_has_the_papers_form():
    i, j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
    weight = sp.IndexedBase("w", real=True)[i]
    others = sp.Product(weight, (i, 1, j - 1)) * sp.Product(weight, (i, j + 1, L))
    assert ScalarChain(L).partial(j).result == others * (sp.Product(weight, (i, 1, L)) - lam)


@pytest.mark.parametrize("depth", [L, *DEPTHS])
def test_balanced_map(depth):
    assert ScalarChain(depth).balanced_map().result == w - delta * w ** (depth - 1) * (w**depth - lam)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 7])
def test_error_factor_times_error_is_the_next_error(depth):
    chain = ScalarChain(depth, t**depth)
    mu, after = chain.error_factor().result, chain.balanced_map().result
    assert sp.expand(after - t - mu * (w - t)) == 0
    # the general formula specialises to the concrete one
    general = ScalarChain(L).error_factor().result
    assert sp.expand(general.subs(L, depth).doit() - mu) == 0


def test_balanced_gradient_map_is_the_balanced_map():
    for depth in (1, 2, 5):
        chain = ScalarChain(depth)
        assert sp.expand(chain.balanced_gradient_map().map[0] - chain.balanced_map().result) == 0


MINIMA = [
    ([1, 1], Rational(1)),
    ([2, Rational(1, 2)], Rational(8, 17)),
    ([1, 1, 1], Rational(2, 3)),
    ([2, 3, -1], Rational(2, 49)),  # 36/4 + 36/9 + 36 = 49
    ([0, 2, 3], Rational(1, 18)),  # λ = 0: only the zero weight feels the loss
    ([0, 0, 3], sp.oo),
    ([5], 2),
]


@pytest.mark.parametrize(("weights", "threshold"), MINIMA)
def test_threshold_at_a_minimum(weights, threshold):
    chain = ScalarChain(len(weights), sp.prod(weights))
    assert chain.step_size_threshold(weights) == threshold
    jacobian = chain.jacobian_at_minimum(weights)
    assert jacobian == sp.eye(len(weights)) - delta * chain.hessian(weights)
    assert (sp.eye(len(weights)) - jacobian).rank() <= 1


@pytest.mark.parametrize(("weights", "threshold"), MINIMA)
def test_general_gradient_map_agrees_with_the_closed_forms(weights, threshold):
    chain = ScalarChain(len(weights), sp.prod(weights))
    found = chain.gradient_map().step_size_threshold(weights)
    assert found.necessary_bound == threshold
    assert found.kind is (CriticalPointKind.MINIMUM if len(weights) == 1 else CriticalPointKind.DEGENERATE)


def test_threshold_formulas():
    i = Symbol("i", integer=True, positive=True)
    weight = sp.IndexedBase("w", real=True)[i]
    chain = ScalarChain(L)
    assert chain.sharpness() == lam**2 * sp.Sum(weight**-2, (i, 1, L))
    assert chain.step_size_threshold() == 2 / chain.sharpness()
    w1, w2 = ScalarChain(2).weights
    assert ScalarChain(2).sharpness() == lam**2 / w1**2 + lam**2 / w2**2
    a, b = sp.symbols("a b", integer=True, positive=True)
    assert chain.jacobian_entry_at_minimum(a, b) == sp.KroneckerDelta(a, b) - delta * lam**2 / (weight.subs(i, a) * weight.subs(i, b))


@pytest.mark.parametrize("depth", [1, 2, 3, 6])
def test_no_minimum_beats_the_balanced_threshold(depth):
    target = Rational(3)
    balanced = ScalarChain(depth, target).balanced_step_size_threshold()
    for scale in (Rational(1, 2), Rational(2), Rational(5, 3)):
        weights = [target] + [Rational(1)] * (depth - 1)
        if depth > 1:
            weights[0], weights[1] = weights[0] * scale, weights[1] / scale
        assert ScalarChain(depth, target).step_size_threshold(weights) <= balanced


@settings(max_examples=25, deadline=None)
@given(st.lists(st.fractions(-3, 3, max_denominator=5), min_size=1, max_size=5), st.fractions(-3, 3, max_denominator=5))
def test_gradient_and_hessian_at_any_rational_point(values, target):
    chain = ScalarChain(len(values), target)
    where = dict(zip(chain.weights, (Rational(v.numerator, v.denominator) for v in values), strict=True))
    assert list(chain.gradient(values)) == [sp.diff(chain.loss, v).subs(where) for v in chain.weights]
    assert chain.hessian(values) == sp.hessian(chain.loss, chain.weights).subs(where)


def test_weights_that_miss_the_target_are_no_minimum():
    with pytest.raises(NotAnEquilibrium):
        ScalarChain(2, 3).jacobian_at_minimum([1, 2])


def test_sixty_four_layers_do_not_swell():
    start = time.process_time()
    chain = ScalarChain(64, Rational(1, 65))
    weights = [Rational(i, i + 1) for i in range(1, 65)]
    sizes = [chain.partial(j).result.count_ops() for j in (1, 32, 64)]
    assert max(sizes) < 300
    assert chain.error_factor().result.count_ops() < 600
    assert all(g == 0 for g in chain.gradient(weights))
    assert chain.step_size_threshold(weights) == 2 / chain.hessian(weights).trace()
    chain.balanced_map().check()
    assert time.process_time() - start < 1
