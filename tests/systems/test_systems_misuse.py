"""Promises to a user who makes a mistake: one clear sentence, naming the place and what to write instead."""

import numpy as np
import pytest
import sympy as sp
from sympy import Abs, Max, Piecewise, Rational, Symbol, sqrt

from symgd.systems import (
    BudgetExceeded,
    Derivation,
    DerivationError,
    GradientMap,
    MatrixChain,
    NotDifferentiable,
    NotExact,
    ReluNetwork,
    ScalarChain,
    Step,
    SystemsError,
    Undecided,
    matrix_chain,
)

delta = Symbol("delta", positive=True)
x, y = Symbol("x"), Symbol("y")

ROUNDED = [
    lambda: GradientMap(0.1 * x**2, x, delta),
    lambda: GradientMap(x**2, x, 0.1),
    lambda: GradientMap(x**2, x, sp.Float("0.1")),
    lambda: GradientMap(x**2, x, np.float64(0.1)),
    lambda: GradientMap(x**2, x, delta).at(0.1),
    lambda: GradientMap(x**2, x, delta).iterate(0.1, 3),
    lambda: GradientMap(x**2, x, delta).equilibria((0.1, 1)),
    lambda: GradientMap(x**2, x, delta).conjugate({x: 0.1 * y}),
    lambda: ScalarChain(3, 0.1),
    lambda: ScalarChain(2, 1).gradient([0.1, 1]),
    lambda: matrix_chain.gradient([[[0.1]]], [[1]]),
    lambda: matrix_chain.gd_step([[[1]]], [[1]], 0.1),
    lambda: matrix_chain.loss([np.array([[0.1]])], [[1]]),
    lambda: ReluNetwork([0.1], [1], [1]),
    lambda: ReluNetwork([1], [1], [1]).gradient([[0.1]], [[2]]),
]


@pytest.mark.parametrize("call", ROUNDED)
def test_floats_are_refused_with_the_exact_spelling(call):
    with pytest.raises(ValueError, match=r'0\.10* is a rounded .* write it exactly, as Rational\(1, 10\) or "1/10"'):
        call()


NOT_NUMBERS = [True, 1j, sp.oo, sp.nan, sp.zoo, "x", "9**9", "1e9999999", "__import__('os')", "1/0", None, sp.I, "1" * 5000]


@pytest.mark.parametrize("value", NOT_NUMBERS)
def test_what_is_not_a_real_number_is_refused(value):
    with pytest.raises(NotExact):
        GradientMap(x**2, x, delta).at(value)


KINKED = [
    (Abs(x), 0, "gradient", "x = 0"),
    (Max(0, x), 0, "gradient", "x = 0"),
    (sqrt(Abs(x)), 0, "gradient", "infinite"),
    (sp.sign(x) * x**2 + sp.sign(x), 0, "gradient", "x = 0"),
    (Piecewise((x, x > 1), (x**2 + 1, True)), 1, "gradient", "x - 1 = 0"),
    (Piecewise((x**2, x > 0)), -1, "gradient", "True"),
    (x ** Rational(3, 2), 0, "gradient", "not real-valued|not a real number"),
    (1 / x, 0, "gradient", "no real value"),
    (sp.log(x), -1, "gradient", "no real value"),
    (Piecewise((5, sp.Eq(x, 0)), (x**2, True)), 0, "gradient", "jumps"),
    (x**2 * sp.sign(x) ** 2 + 1 - sp.sign(x) ** 2, 0, "gradient", "jumps"),
    (sp.Heaviside(x), 0, "gradient", "x = 0"),
    (x**2 / Abs(x), 0, "gradient", "no real value"),
    (Rational(2, 3) * Abs(x) ** Rational(3, 2), 0, "hessian", "curvature.*periodic orbits"),
    (Max(0, x) ** 2, 0, "hessian", "x = 0"),
    (Abs(Abs(x) - 1), 1, "gradient", r"Abs\(x\) - 1 = 0"),
]


@pytest.mark.parametrize(("loss", "point", "attribute", "place"), KINKED)
def test_points_of_non_differentiability_are_named(loss, point, attribute, place):
    with pytest.raises(NotDifferentiable, match=place):
        getattr(GradientMap(loss, x, delta).at(point), attribute)


KINKED_PLANE = [
    (x**2 * Abs(y), (1, 0), "gradient"),
    (x**2 * Abs(y), (0, 0), "hessian"),  # the gradient does not exist on the axis beside the origin
    (Max(0, x + y) ** 2, (1, -1), "hessian"),
    (sqrt(x**2 + y**2), (0, 0), "gradient"),
    (Piecewise((x**2, y > 0), (0, True)), (0, 0), "hessian"),
    (Piecewise((x, sp.Eq(y, 0)), (x**2, True)), (0, 0), "gradient"),
    (x * sp.sign(y) ** 2, (0, 0), "gradient"),
]


@pytest.mark.parametrize(("loss", "point", "attribute"), KINKED_PLANE)
def test_kinks_in_the_plane_are_named(loss, point, attribute):
    with pytest.raises(NotDifferentiable, match="x = "):
        getattr(GradientMap(loss, (x, y), delta).at(point), attribute)


def test_iterating_onto_a_kink_is_refused():
    with pytest.raises(NotDifferentiable, match="x = 0"):
        GradientMap(Abs(x), x, 1).iterate(2, 3)


def test_the_size_budget_stops_exact_orbits_early():
    system = GradientMap(x**2 * (x - 1) ** 2, x, Rational(1, 10))
    with pytest.raises(BudgetExceeded, match=r"after \d+ of 1000 steps .* raise budget_bits") as caught:
        system.iterate(Rational(1, 3), 1000)
    assert 3 <= caught.value.steps_done <= 20
    assert len(system.iterate(Rational(1, 3), caught.value.steps_done)) == caught.value.steps_done + 1


def test_the_budget_also_stops_nested_radicals():
    with pytest.raises(BudgetExceeded):
        GradientMap(Abs(x) ** Rational(3, 2), x, 1).iterate(Rational(1, 3), 40, budget_bits=600)


def test_an_undecided_sign_is_said():
    with pytest.raises(Undecided, match="positive=True"):
        _ = GradientMap(Abs(x), x, delta).at(Symbol("a", real=True)).gradient


MISUSED = [
    (lambda: GradientMap(x**2, x, 0), "not positive"),
    (lambda: GradientMap(x**2, x, Rational(-1, 2)), "not positive"),
    (lambda: GradientMap(x**2, x, x), "contains the variable"),
    (lambda: GradientMap(x**2, (x, x), delta), "only once"),
    (lambda: GradientMap(x**2, (), delta), "at least one"),
    (lambda: GradientMap("x**2", x, delta), "build expressions"),
    (lambda: GradientMap(Symbol("w", positive=True) ** 2, Symbol("w", positive=True), delta), "declared .*positive.* real=True"),
    (lambda: GradientMap(x**2 + Symbol("x", real=True), x, delta), "both named x"),
    (lambda: GradientMap(sp.I * x, x, delta), "imaginary"),
    (lambda: GradientMap(sp.Function("h")(x), x, delta), "nothing is known about h"),
    (lambda: GradientMap(sp.floor(x), x, delta), "nothing is known about floor"),
    (lambda: GradientMap(x**2, x, delta).at((1, 2)), "2 coordinate"),
    (lambda: GradientMap(x**2, x, delta).at({y: 1}), "no value for x"),
    (lambda: GradientMap(x**2, x, delta).at(x + 1), "variable x itself"),
    (lambda: GradientMap(x**2, x, delta).equilibria((2, 1)), "empty"),
    (lambda: GradientMap(x**2, x, delta).equilibria(3), "not an interval"),
    (lambda: GradientMap(x**2, x, delta).conjugate({x: y**3}), "affine"),
    (lambda: GradientMap(x**2, x, delta).conjugate({x: delta}), "affine"),
    (lambda: GradientMap(x**2 + y**2, (x, y), delta).multiplier([(0, 0)]), "monodromy"),
    (lambda: GradientMap(-(x**2), x, delta).flip_coefficient(0), "not a minimum"),
    (lambda: ScalarChain(0), "number of layers"),
    (lambda: ScalarChain(True), "number of layers"),
    (lambda: ScalarChain(Symbol("L")), "number of layers"),
    (lambda: ScalarChain(Symbol("L", integer=True, positive=True)).weights, "concrete"),
    (lambda: ScalarChain(3).partial(4), "not an integer from 1 to 3"),
    (lambda: ScalarChain(3).partial(), "give the layer"),
    (lambda: ScalarChain(3).gradient([1, 2]), "2 given"),
    (lambda: ScalarChain(2, 5).sharpness([1, 2]), "differs from the target by -3"),
    (lambda: ScalarChain(2, 0).sharpness(), "give the weights"),
    (lambda: MatrixChain(0), "number of layers"),
    (lambda: MatrixChain(2).gradient(3), "from 1 to 2"),
    (lambda: matrix_chain.end_to_end([]), "at least one matrix"),
    (lambda: matrix_chain.end_to_end([[[1, 2]], [[1, 2]]]), "W_1 first"),
    (lambda: matrix_chain.end_to_end([[[1, 2], [3]]]), "different lengths"),
    (lambda: matrix_chain.loss([[[1, 2]]], [[1], [2]]), "shape"),
    (lambda: ReluNetwork([1, 2], [1], [0]), "2 inputs and 1 targets"),
    (lambda: ReluNetwork([1], [1], [0]).loss([[1, 2]], [[1]]), "W: shape"),
    (lambda: ReluNetwork([1], [1], [0], -1), "not positive"),
    (lambda: ReluNetwork([1], [1], [0]).loss([[1]], [[1]], ((True, False),)), "pattern"),
]


@pytest.mark.parametrize(("call", "sentence"), MISUSED)
def test_misuse_is_answered_with_one_sentence(call, sentence):
    with pytest.raises(SystemsError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_relu_kink_names_unit_and_sample():
    network = ReluNetwork([0, 1, 2], [1, 1, 1], [5, 2])
    with pytest.raises(NotDifferentiable, match=r"hidden unit 1 .* sample 2"):
        network.gradient([[1, 1]], [[1], [1]])


def test_a_wrong_step_is_quoted():
    wrong = Step(sp.Eq(x, y, evaluate=False), "wishful thinking", lambda: False)
    with pytest.raises(DerivationError, match=r"step 1 fails.*wishful"):
        Derivation("nothing", (wrong,), x).check()
