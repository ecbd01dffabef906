"""Facts about deep linear networks: gradient, error map and Hessian of ½‖W_L⋯W_1 − R‖_F² for every L from 1 to 8."""

import pytest
import sympy as sp
from sympy import Matrix, Rational

from symgd.systems import DerivationError, GradientMap, MatrixChain, ScalarChain, matrix_chain
from symgd.systems.matrix_words import Letter, Words
from symgd.systems.steps import Derivation

LAYERS = range(1, 9)
SHAPES = [(2, 3), (2, 1, 2), (1, 2, 3), (3, 2, 2), (2, 2, 1, 2), (1, 2, 1, 2), (1, 1, 2, 1, 1)]


def rational(rows, columns, salt):
    return Matrix(rows, columns, lambda a, b: Rational((5 * a + 3 * b + 7 * salt) % 9 - 4, 1 + (a + b + salt) % 3))


def instance(widths, salt=0):
    return [rational(widths[j], widths[j - 1], j + salt) for j in range(1, len(widths))]


def symbols(widths):
    return [Matrix(widths[j], widths[j - 1], lambda a, b, j=j: sp.Symbol(f"w{j}_{a}_{b}", real=True)) for j in range(1, len(widths))]


@pytest.mark.parametrize("L", LAYERS)
def test_gradient_derivation_for_symbolic_dimensions(L):
    chain = MatrixChain(L)
    for j in range(1, L + 1):
        derivation = chain.gradient(j)
        derivation.check()
        assert derivation.result.shape == chain.weights[j - 1].shape


@pytest.mark.parametrize("L", LAYERS)
def test_error_map_derivation_for_symbolic_dimensions(L):
    chain = MatrixChain(L)
    derivation = chain.error_map()
    derivation.check()
    assert derivation.result.shape == chain.residual.shape


@pytest.mark.parametrize("L", LAYERS)
def test_hessian_form_derivation_for_symbolic_dimensions(L):
    MatrixChain(L).hessian_form().check()


def test_data_reduction_derivation():
    MatrixChain(3).data_reduction().check()


def test_gradient_reads_as_in_the_paper():
    chain = MatrixChain(3)
    w1, _, w3 = chain.weights
    assert chain.gradient(2).result == w3.T * chain.residual * w1.T


def test_error_map_reads_as_in_the_paper():
    chain = MatrixChain(2)
    (w1, w2), e, delta = chain.weights, chain.residual, sp.Symbol("delta", positive=True)
    assert chain.error_map().result == e - delta * w2 * w2.T * e - delta * e * w1.T * w1


@pytest.mark.parametrize("widths", SHAPES)
def test_gradient_and_hessian_agree_with_entrywise_differentiation(widths):
    letters, values, target = symbols(widths), instance(widths), rational(widths[-1], widths[0], 20)
    entries = [entry for letter in letters for entry in letter]
    where = dict(zip(entries, (v for value in values for v in value), strict=True))
    loss = matrix_chain.loss(letters, target)
    slopes = [sp.diff(loss, entry) for entry in entries]
    assert [g for matrix in matrix_chain.gradient(values, target) for g in matrix] == [s.xreplace(where) for s in slopes]
    assert matrix_chain.hessian(values, target) == Matrix([[sp.diff(s, entry).xreplace(where) for entry in entries] for s in slopes])


@pytest.mark.parametrize("L", LAYERS)
def test_gradient_is_the_exact_central_difference_of_a_quadratic(L):
    # the loss is quadratic along one layer, so the central difference is the derivative for any step
    widths = [2, 1, 3, 2, 2, 1, 3, 2, 1][: L + 1]
    values, target = instance(widths), rational(widths[-1], widths[0], 9)
    gradients = matrix_chain.gradient(values, target)
    for j, value in enumerate(values):
        change = rational(*value.shape, 31 + j)
        ahead, behind = ([*values[:j], value + s * change, *values[j + 1 :]] for s in (1, -1))
        difference = (matrix_chain.loss(ahead, target) - matrix_chain.loss(behind, target)) / 2
        assert difference == sum(g * c for g, c in zip(gradients[j], change, strict=True))


@pytest.mark.parametrize("widths", SHAPES)
def test_hessian_form_is_the_form_of_the_hessian(widths):
    values, changes, target = instance(widths), instance(widths, 5), rational(widths[-1], widths[0], 3)
    vector = Matrix([entry for change in changes for entry in change])
    hessian = matrix_chain.hessian(values, target)
    assert matrix_chain.hessian_form(values, target, changes) == (vector.T * hessian * vector)[0, 0]
    assert hessian == hessian.T


@pytest.mark.parametrize("widths", SHAPES)
def test_at_zero_residual_the_hessian_form_is_a_square(widths):
    values, changes = instance(widths), instance(widths, 5)
    target = matrix_chain.end_to_end(values)
    total = sp.zeros(widths[-1], widths[0])
    for j, change in enumerate(changes):
        total += matrix_chain.end_to_end([*values[:j], change, *values[j + 1 :]])
    assert matrix_chain.hessian_form(values, target, changes) == sum(entry**2 for entry in total)


@pytest.mark.parametrize("L", LAYERS)
def test_linear_error_step_is_the_derivative_of_the_error_map(L):
    # with R = W_{L:1} − εF the error after one step is ε·(linear step of F) + O(ε²)
    widths = [2, 1, 3, 2, 2, 1, 3, 2, 1][: L + 1]
    values, direction, delta = instance(widths), rational(widths[-1], widths[0], 4), Rational(1, 5)
    eps = sp.Symbol("eps")
    target = matrix_chain.end_to_end(values) - eps * direction
    after = matrix_chain.residual(matrix_chain.gd_step(values, target, delta), target)
    first = after.applyfunc(lambda e: sp.Poly(e, eps).coeff_monomial(eps))
    assert after.subs(eps, 0) == sp.zeros(*after.shape)
    assert first == matrix_chain.linear_error_step(values, direction, delta)


def test_one_by_one_layers_are_the_scalar_chain():
    values, target = [Rational(2), Rational(-1, 3), Rational(5)], Rational(7)
    scalar = ScalarChain(3, target)
    assert [g[0] for g in matrix_chain.gradient([[[v]] for v in values], [[target]])] == list(scalar.gradient(values))
    assert matrix_chain.hessian([[[v]] for v in values], [[target]]) == scalar.hessian(values)


def test_gd_step_is_the_gradient_map_of_the_loss():
    widths, delta = (2, 1, 2), Rational(1, 3)
    letters, values, target = symbols(widths), instance(widths), rational(2, 2, 1)
    entries = [entry for letter in letters for entry in letter]
    system = GradientMap(matrix_chain.loss(letters, target), tuple(entries), delta)
    image = system.at([v for value in values for v in value]).image
    assert [v for moved in matrix_chain.gd_step(values, target, delta) for v in moved] == list(image)


def test_white_data_reduce_the_loss_and_others_do_not():
    values, target = instance((2, 3, 2)), rational(2, 2, 8)
    white = [[1, 1], [1, -1]]
    assert matrix_chain.second_moment(white) == sp.eye(2)
    assert matrix_chain.data_loss(values, target, white) == matrix_chain.loss(values, target)
    assert matrix_chain.data_loss(values, target, [[1, 1], [1, 0]]) != matrix_chain.loss(values, target)


def test_scaling_layers_keeps_the_product_and_breaks_the_sharpness():
    # invariance: (W_1, W_2) and (αW_1, W_2/α) have the same loss but different curvature
    values = instance((2, 2, 2))
    target = matrix_chain.end_to_end(values)
    scaled = [10 * values[0], values[1] / 10]
    assert matrix_chain.loss(scaled, target) == 0
    assert matrix_chain.hessian(scaled, target).trace() > 10 * matrix_chain.hessian(values, target).trace()


def test_lists_of_strings_and_numpy_integers_are_exact_too():
    np = pytest.importorskip("numpy")
    assert matrix_chain.end_to_end([np.array([[1, 2]]), [["1/2"], ["0.25"]]]) == Matrix(
        [[Rational(1, 2), 1], [Rational(1, 4), Rational(1, 2)]]
    )


WRONG_GRADIENTS = [
    lambda c: c._above(2).T * Words.of(c.residual) * c._below(2).T.scaled(sp.Integer(2)),
    lambda c: Words({}, c.weights[1].shape),
]


@pytest.mark.parametrize("wrong", WRONG_GRADIENTS)
def test_a_wrong_gradient_does_not_pass(wrong, monkeypatch):
    monkeypatch.setattr(MatrixChain, "_gradient_words", lambda self, j: wrong(self))
    with pytest.raises(DerivationError):
        MatrixChain(3).gradient(2).check()


def test_a_wrong_error_map_does_not_pass(monkeypatch):
    right = MatrixChain._gradient_words
    monkeypatch.setattr(MatrixChain, "_gradient_words", lambda self, j: right(self, j).scaled(sp.Integer(-1)))
    derivation = MatrixChain(2).error_map()
    assert isinstance(derivation, Derivation)
    with pytest.raises(DerivationError):
        derivation.check()


def test_words_know_their_shapes_and_traces():
    m, n = sp.symbols("m n", integer=True, positive=True)
    a, b = Words.of(sp.MatrixSymbol("A", m, n)), Words.of(sp.MatrixSymbol("B", n, m))
    assert (a * b).trace() == (b * a).trace() == (a * b).T.trace()
    assert (a * b * a * b).trace() != (a * a.T * b.T * b).trace()
    assert (a * b).T.terms == (b.T * a.T).terms
    assert (a - a).terms == {}
    assert Letter(sp.MatrixSymbol("A", m, n)).T.shape == (n, m)
    with pytest.raises(ValueError, match="cannot be multiplied"):
        _ = a * a
    with pytest.raises(ValueError, match="cannot be added"):
        _ = a + b
    with pytest.raises(ValueError, match="square"):
        a.trace()
