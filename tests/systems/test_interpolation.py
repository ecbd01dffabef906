"""Interpolation conditions: every function of the class satisfies them, and what satisfies them for two points is attained."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgd import LanguageError, Outcome, eq, forall, real
from symgd.certify import Search, certify
from symgd.kernel.rules import read_goal
from symgd.kernel.terms import Arena
from symgd.systems import interpolation

NUMBERS = st.fractions(min_value=-4, max_value=4, max_denominator=8)


def holds(relations):
    goal = read_goal(forall(then=list(relations)).data, Arena())
    return [goal.arena.value(c[0].diff, {}) <= 0 for c in goal.then]


def quadratic(h, x):
    return x, h * x, h * x * x / 2


def huber(c, x):
    """x^2/2 for |x| <= c, and its tangents beyond: smooth with constant 1."""
    return (x, x, x * x / 2) if abs(x) <= c else (x, c if x > 0 else -c, c * abs(x) - c * c / 2)


@given(st.lists(NUMBERS, min_size=2, max_size=4, unique=True), st.fractions(min_value=0, max_value=1, max_denominator=6))
def test_functions_of_the_class_satisfy_them(points, h):
    assert all(holds(interpolation([quadratic(h, x) for x in points], 1)))
    assert all(holds(interpolation([quadratic(-h, x) for x in points], 1, -1)))
    assert all(holds(interpolation([quadratic((1 + h) / 2, x) for x in points], 1, Fraction(1, 2))))
    assert all(holds(interpolation([huber(h, x) for x in points], 1)))
    assert all(holds(interpolation([(x, (x > 0) - (x < 0), abs(x)) for x in points], None)))


@given(st.lists(NUMBERS, min_size=2, max_size=2, unique=True), st.fractions(min_value=Fraction(9, 8), max_value=3, max_denominator=8))
def test_others_do_not(points, h):
    assert not all(holds(interpolation([quadratic(h, x) for x in points], 1)))
    assert not all(holds(interpolation([quadratic(-h, x) for x in points], 1, -1)))
    assert not all(holds(interpolation([quadratic(h / 8, x) for x in points], 1, Fraction(1, 2)))) or h / 8 >= Fraction(1, 2)
    assert not all(holds(interpolation([(x, -h * x, -h * x * x / 2) for x in points], None)))


def test_vectors_have_inner_products():
    a, b, c, d, f = (real(n) for n in "abcdf")
    (first, second) = interpolation([([a, b], [c, d], f), ([0, 0], [0, 0], 0)], 1)
    known = [eq(a, c), eq(b, d), eq(f, (a**2 + b**2) / 2)]
    for r in (first, second):
        assert certify(forall(a, b, c, d, f, given=known, then=r), Search(seconds=20)).outcome is Outcome.PROVED
    with pytest.raises(LanguageError, match="different lengths"):
        interpolation([([a, b], [c], f), ([0, 0], [0, 0], 0)])


def test_a_minimiser_leaves_no_zeros_behind():
    x, g, f = (real(n) for n in "xgf")
    assert [str(r) for r in interpolation([(0, 0, 0), (x, g, f)])] == ["f + g*(-x) + (-g)*(-g)/2 <= 0", "f >= g*g/2"]
    assert [str(r) for r in interpolation([(0, 0, 0), (x, g, f)], None)] == ["f + g*(-x) <= 0", "f >= 0"]


@pytest.mark.parametrize(
    ("points", "constants", "message"),
    [
        ([(0, 0, 0), (1, 1)], (1,), "triple"),
        ([(0, 0, 0), (1, 1, 1)], (0,), "smoothness is positive"),
        ([(0, 0, 0), (1, 1, 1)], (-1,), "smoothness is positive"),
        ([(0, 0, 0), (1, 1, 1)], (1, 1), "greater than the convexity"),
        ([(0, 0, 0), (1, 1, 1)], ("1/2", "3/4"), "greater than the convexity"),
        ([(0, 0.5, 0), (1, 1, 1)], (1,), "not exact"),
    ],
)
def test_what_is_no_class_or_no_point_is_refused(points, constants, message):
    with pytest.raises(LanguageError, match=message):
        interpolation(points, *constants)
