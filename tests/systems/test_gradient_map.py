"""Facts about gradient maps: the examples of Nar and Sastry 2018, losses with kinks, and other losses whose dynamics are known."""

from fractions import Fraction

import pytest
import sympy as sp
from sympy import Abs, Matrix, Max, Min, Piecewise, Rational, Symbol, cbrt, sqrt

from symgd.systems import CriticalPointKind, Flip, GradientMap, NotAnEquilibrium, NotPolynomial

delta = Symbol("delta", positive=True)
x, y = Symbol("x"), Symbol("y")  # complex to SymPy on purpose: the toolkit treats them as real
EX1 = Rational(2, 3) * Abs(x) ** Rational(3, 2)
EX2 = (x**2 + 1) * (x - 1) ** 2 * (x - 2) ** 2

MINIMUM, MAXIMUM, SADDLE, DEGENERATE = CriticalPointKind


# ex1: f = (2/3)|x|^{3/2}


def test_ex1_gradient_is_sign_times_root():
    assert GradientMap(EX1, x, delta).gradient[0] == sp.sign(x) * sqrt(Abs(x))
    assert GradientMap(Abs(x) ** Rational(3, 2), x, delta).gradient[0] == Rational(3, 2) * sp.sign(x) * sqrt(Abs(x))


def test_ex1_gradient_vanishes_at_the_kink_and_nothing_else_is_an_equilibrium():
    ex1 = GradientMap(EX1, x, delta)
    assert ex1.at(0).gradient == (0,)
    found = ex1.equilibria()
    assert [e.point for e in found.points] == [(0,)]
    assert found.complete
    assert found.kinks == found.families == ()


def test_ex1_orbit_has_period_two_for_every_step_and_multiplier_zero():
    ex1 = GradientMap(EX1, x, delta)
    orbit = [delta**2 / 4, -(delta**2) / 4]
    assert ex1.orbit_residual(orbit) == ((0,), (0,))
    assert ex1.multiplier(orbit) == 0


def test_ex1_scaling_removes_the_step():
    conjugacy = GradientMap(EX1, x, delta).conjugate({x: delta**2 * y})
    z = conjugacy.variables[0]
    assert conjugacy.map[0] == z - sp.sign(z) * sqrt(Abs(z))
    assert conjugacy.gradient_map is not None
    assert conjugacy.gradient_map.map == conjugacy.map


def test_ex1_start_that_reaches_zero_in_two_steps():
    g = GradientMap(EX1, x, 1)
    assert g.iterate((3 + sqrt(5)) / 2, 3)[1:] == ((1,), (0,), (0,))


# ex2: f = (x²+1)(x−1)²(x−2)²

EX2_MAXIMUM = (2 + cbrt(19)) / 3
EX2_TABLE = [
    (1, MINIMUM, Rational(1, 2), 11),
    (2, MINIMUM, Rational(1, 5), Rational(1484, 25)),
    (EX2_MAXIMUM, MAXIMUM, 0, None),
]


@pytest.mark.parametrize(("point", "kind", "threshold", "flip"), EX2_TABLE)
def test_ex2_thresholds(point, kind, threshold, flip):
    ex2 = GradientMap(EX2, x, Rational(3, 10))
    found = ex2.step_size_threshold(point)
    assert (found.kind, found.threshold) == (kind, threshold)
    if flip is not None:
        assert ex2.flip_coefficient(point) == flip
        assert ex2.flip(point) is Flip.SUPERCRITICAL


def test_ex2_has_exactly_three_equilibria():
    found = GradientMap(EX2, x, delta).equilibria()
    low, middle, high = (e.point[0] for e in found.points)
    assert (low, high, found.complete) == (1, 2, True)
    assert sp.minimal_polynomial(middle - EX2_MAXIMUM, x) == x
    assert [e.multiplicity for e in found.points] == [1, 1, 1]


def test_ex2_equilibria_respect_the_domain():
    ex2 = GradientMap(EX2, x, delta)
    assert [e.point for e in ex2.equilibria(("1/2", 1)).points] == [(1,)]
    assert ex2.equilibria(sp.Interval.open(1, EX2_MAXIMUM)).points == ()
    assert len(ex2.equilibria(sp.Interval(1, EX2_MAXIMUM)).points) == 2
    assert len(ex2.equilibria(sp.Interval(EX2_MAXIMUM, sp.oo)).points) == 2


def test_kinds_hold_at_the_equilibria_found():
    ex2 = GradientMap(EX2, x, delta)
    assert [ex2.step_size_threshold(e).kind for e in ex2.equilibria().points] == [MINIMUM, MAXIMUM, MINIMUM]


# ex3: f = x^L


@pytest.mark.parametrize("L", range(4, 42, 4))
def test_ex3_boundary_orbit(L):
    ex3 = GradientMap(x**L, x, delta)
    r = (2 / (L * delta)) ** Rational(1, L - 2)
    assert ex3.orbit_residual([r, -r]) == ((0,), (0,))
    assert ex3.multiplier([r, -r]) == (3 - 2 * L) ** 2
    zero = ex3.step_size_threshold(0)
    assert (zero.kind, zero.threshold, zero.necessary_bound) == (DEGENERATE, None, sp.oo)


def test_ex3_multiplicity_of_the_minimum():
    assert [(e.point, e.multiplicity) for e in GradientMap(x**8, x, delta).equilibria().points] == [((0,), 7)]


# kinks

RELU = Max(0, x)
HUBER = Piecewise((x**2 / 2, Abs(x) < 1), (Abs(x) - Rational(1, 2), True))
GRADIENTS = [
    (Abs(x) ** 3, 0, 0),
    (x**2 * Abs(x), 0, 0),
    (x * sqrt(Abs(x)), 0, 0),
    (RELU**2, 0, 0),
    (RELU**2, 3, 6),
    (RELU**2, -3, 0),
    (HUBER, 1, 1),
    (HUBER, Rational(-1, 2), Rational(-1, 2)),
    (HUBER, -3, -1),
    (sqrt(x**2), -2, -1),
    (Abs(Abs(x) - 1) ** Rational(3, 2), 1, 0),
    (Abs(x) ** Rational(5, 3) - x, 0, -1),
    (Min(x**2, (x - 2) ** 2), Rational(1, 2), 1),
    (sqrt(x**2 + 1), 0, 0),
    (sp.log(1 + sp.exp(-x)), 0, Rational(-1, 2)),
    (x * sp.sign(x) * sqrt(Abs(x)), -4, -3),
]


@pytest.mark.parametrize(("loss", "point", "slope"), GRADIENTS)
def test_gradient_at_and_beside_kinks(loss, point, slope):
    assert GradientMap(loss, x, delta).at(point).gradient == (slope,)


@pytest.mark.parametrize(("loss", "point", "slope"), GRADIENTS)
def test_gradient_formula_agrees_with_difference_quotient(loss, point, slope):
    beside = point + Rational(1, 3)
    real = Symbol("x", real=True)
    system = GradientMap(loss.xreplace({x: real}), real, delta)
    h = Rational(1, 10**12)
    quotient = (system.loss.subs(real, beside + h) - system.loss.subs(real, beside - h)) / (2 * h)
    assert abs(sp.N(quotient - system.gradient[0].subs(real, beside), 30)) < Rational(1, 10**6)
    assert abs(sp.N(system.at(beside).gradient[0] - system.gradient[0].subs(real, beside), 30)) < Rational(1, 10**20)


HESSIANS = [
    (Abs(x) ** 3, 0, 0),
    (RELU**3, 0, 0),
    (HUBER, 0, 1),
    (HUBER, 3, 0),
    (EX1, 4, Rational(1, 4)),
    (sqrt(x**2 + 1), 0, 1),
    (sp.log(sp.cosh(x)), 0, 1),
]


@pytest.mark.parametrize(("loss", "point", "curvature"), HESSIANS)
def test_hessian_at_and_beside_kinks(loss, point, curvature):
    local = GradientMap(loss, x, delta).at(point)
    assert local.hessian[0, 0] == curvature
    assert local.jacobian[0, 0] == 1 - delta * curvature


EQUILIBRIA = [
    (Abs(x), [], [0], 0),
    ((Abs(x) - 1) ** 2 + Abs(x) / 2, [Rational(-3, 4), Rational(3, 4)], [0], 0),
    (Abs(Abs(x) - 1) ** Rational(3, 2), [-1, 1], [0], 0),
    (RELU**2, [0], [], 1),
    (HUBER, [0], [], 0),
    (Piecewise((x**2, x > 0), (x, True)), [], [0], 0),
    (Max(x, -x, x**2), [], [-1, 0, 1], 0),
    (Abs(x) ** Rational(5, 3) - x, [3 * sqrt(15) / 25], [], 0),
    (Min(x**2, (x - 2) ** 2), [0, 2], [1], 0),
    ((x**2 + 1) / (x**4 + 1), [-sqrt(sqrt(2) - 1), 0, sqrt(sqrt(2) - 1)], [], 0),
    (x**2 + 1 / x, [2 ** Rational(-1, 3)], [0], 0),
    (Abs(x - 3) ** Rational(3, 2) + x / 2, [Rational(26, 9)], [], 0),
    ((x**2 - 1) ** 2 / 4, [-1, 0, 1], [], 0),
]


@pytest.mark.parametrize(("loss", "points", "kinks", "flat_pieces"), EQUILIBRIA)
def test_equilibria_on_the_line(loss, points, kinks, flat_pieces):
    found = GradientMap(loss, x, delta).equilibria()
    assert found.complete
    assert len(found.points) == len(points)
    assert all(sp.minimal_polynomial(e.point[0] - p, x) == x for e, p in zip(found.points, points, strict=True))
    assert list(found.kinks) == kinks
    assert len(found.families) == flat_pieces


# several variables

PLANE = [
    (x**4 + y**4 - 4 * x * y, {(-1, -1): (MINIMUM, Rational(1, 8)), (0, 0): (SADDLE, 0), (1, 1): (MINIMUM, Rational(1, 8))}, 0),
    ((x * y - 1) ** 2 / 2, {(0, 0): (SADDLE, 0)}, 1),
    (x**2 + 3 * y**2, {(0, 0): (MINIMUM, Rational(1, 3))}, 0),
    (-(x**2) - y**4, {(0, 0): (DEGENERATE, 0)}, 0),
    (x**2 + y**4, {(0, 0): (DEGENERATE, None)}, 0),
]


@pytest.mark.parametrize(("loss", "points", "families"), PLANE)
def test_equilibria_in_the_plane(loss, points, families):
    system = GradientMap(loss, (x, y), delta)
    found = system.equilibria()
    assert found.complete
    assert {e.point for e in found.points} == set(points)
    assert len(found.families) == families
    for point, expected in points.items():
        threshold = system.step_size_threshold(point)
        assert (threshold.kind, threshold.threshold) == expected


def test_irrational_equilibria_in_the_plane():
    found = GradientMap((x**2 - 2) ** 2 + (y - x) ** 2, (x, y), delta).equilibria([(0, 2), (0, 2)])
    assert [e.point for e in found.points] == [(0, 0), (sqrt(2), sqrt(2))]


def test_a_manifold_of_minima_has_a_necessary_bound_but_no_threshold():
    threshold = GradientMap((x * y - 1) ** 2 / 2, (x, y), delta).step_size_threshold((2, "1/2"))
    assert (threshold.kind, threshold.threshold) == (DEGENERATE, None)
    assert (threshold.sharpness, threshold.necessary_bound) == (Rational(17, 4), Rational(8, 17))


def test_threshold_with_symbolic_parameter():
    a = Symbol("a", positive=True)
    assert GradientMap(a * x**2, x, delta).step_size_threshold(0).threshold == 1 / a


def test_threshold_in_three_variables_is_the_root_of_the_characteristic_polynomial():
    z = Symbol("z")
    form = x**2 + 2 * y**2 + 3 * z**2 + x * y + y * z
    threshold = GradientMap(form, (x, y, z), delta).step_size_threshold((0, 0, 0))
    assert threshold.kind is MINIMUM
    hessian = sp.Matrix([[2, 1, 0], [1, 4, 1], [0, 1, 6]])
    assert sp.expand((hessian - threshold.sharpness * sp.eye(3)).det()) == 0
    assert all(threshold.sharpness >= value for value in sp.Poly(hessian.charpoly().as_expr()).real_roots())


def test_kinks_in_several_variables():
    cubic = GradientMap(Max(0, x + y) ** 3, (x, y), delta)
    assert cubic.at((1, -1)).hessian == sp.zeros(2)
    assert GradientMap(Max(0, x + y) ** 2, (x, y), delta).at((1, -1)).gradient == (0, 0)


def test_smooth_pieces_glued_in_several_variables():
    huber = GradientMap(Piecewise((y**2 / 2, Abs(y) < 1), (Abs(y) - Rational(1, 2), True)) + x**2, (x, y), delta)
    assert huber.at((1, 1)).gradient == (2, 1)
    assert GradientMap(sp.sign(y) * y**4 + x**2, (x, y), delta).at((1, 0)).hessian == Matrix([[2, 0], [0, 0]])


def test_conjugate_in_several_variables():
    u, v = sp.symbols("u v")
    system = GradientMap(x**2 + 2 * x * y + 3 * y**2, (x, y), Rational(1, 10))
    sheared = system.conjugate({x: u + v, y: v - 1})
    assert sheared.gradient_map is None
    rotated = system.conjugate({x: u + v, y: u - v})
    assert rotated.gradient_map is not None
    assert (rotated.gradient_map.map - rotated.map).expand() == sp.zeros(2, 1)


def test_chain_of_three_weights_reduces_to_target_one():
    t, w = Symbol("t", positive=True), Symbol("w", real=True)
    conjugacy = GradientMap((w**3 - t**3) ** 2 / 6, w, delta).conjugate({w: t * y})
    z = conjugacy.variables[0]
    assert sp.expand(conjugacy.map[0] - (z - delta * t**4 * z**2 * (z**3 - 1))) == 0


def test_iterates_are_exact():
    system = GradientMap(x**2 / 2, x, Fraction(1, 3))
    assert system.iterate("0.9", 3) == ((Rational(9, 10),), (Rational(3, 5),), (Rational(2, 5),), (Rational(4, 15),))


def test_ex1_is_undecided_without_a_sign_but_decided_with_one():
    a = Symbol("a", positive=True)
    assert GradientMap(EX1, x, delta).at(a).gradient == (sqrt(a),)
    assert GradientMap(EX1, x, delta).at(-a).gradient == (-sqrt(a),)


def test_monodromy_is_the_product_in_time_order():
    system = GradientMap(x**2 * y + y**2, (x, y), Rational(1, 2))
    assert system.monodromy([(0, 0)]) == system.at((0, 0)).jacobian


@pytest.mark.parametrize("loss", [sp.log(sp.cosh(x)), sqrt(x**2 + 1), sqrt(2) * x**2 + x**4, Symbol("c", real=True) * x**2])
def test_losses_out_of_reach_are_refused_not_guessed(loss):
    with pytest.raises(NotPolynomial, match=r"interval search|rational"):
        GradientMap(loss, x, delta).equilibria()


@pytest.mark.parametrize("call", [lambda s: s.step_size_threshold(3), lambda s: s.multiplier([1, 2])])
def test_points_that_are_not_equilibria(call):
    with pytest.raises(NotAnEquilibrium):
        call(GradientMap(EX2, x, Rational(3, 10)))
