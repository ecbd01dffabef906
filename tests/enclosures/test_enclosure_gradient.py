"""Gradients: slopes of random programs at random points, Clarke's derivative at kinks, agreement of the backends."""

from __future__ import annotations

from fractions import Fraction

import pytest
from enclosure_reference import BACKENDS, FUNCTIONS, TOLERANCE, UNARY, Unknown, contains, value
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symgd.enclosures import Interval, MpmathIv, Program

SMALL = st.fractions(-3, 3, max_denominator=16)
POWERS = [["pow_int", 2], ["pow_int", 3], ["pow_int", -1], ["pow_rat", "3/2"], ["root", 3]]
NESTED = st.recursive(
    st.one_of(st.sampled_from(["x", "y"]), SMALL.map(lambda q: ["const", str(q)])),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["add", "sub", "mul", "div", "max", "min"]), inner, inner).map(list),
        st.tuples(st.sampled_from([*POWERS, ["neg"], *([name] for name in UNARY)]), inner).map(lambda t: [t[0][0], t[1], *t[0][1:]]),
    ),
    max_leaves=6,
)


def product(g: Interval, d: Fraction) -> Interval:
    """g·d, with 0·∞ = 0."""
    if d == 0:
        return Interval(0)
    ends = sorted([g.lo * d, g.hi * d])
    return Interval(*ends)


@settings(max_examples=500, deadline=None)
@given(nested=NESTED, corners=st.tuples(SMALL, SMALL, SMALL, SMALL), parts=st.tuples(*[st.fractions(0, 1, max_denominator=50)] * 4))
def test_values_and_slopes_of_random_programs_are_enclosed(nested, corners, parts):
    program = Program.from_nested(nested, ["x", "y"])
    box = [Interval(*sorted(corners[:2])), Interval(*sorted(corners[2:]))]
    p, q = ([b.lo + (b.hi - b.lo) * t for b, t in zip(box, pair, strict=True)] for pair in (parts[:2], parts[2:]))
    try:
        at_p, at_q = value(program, p), value(program, q)
    except Unknown:
        assume(False)
    for backend in BACKENDS:
        found = backend.enclose_gradient(program, box)
        for v in (at_p, at_q):
            assert not found.value.defined if v is None else contains(found.value.interval, v)
        if found.value.defined:
            slopes = [product(g, a - b) for g, a, b in zip(found.gradient, p, q, strict=True)]
            lo, hi = sum(s.lo for s in slopes), sum(s.hi for s in slopes)
            slack = (abs(at_p) + abs(at_q)) * TOLERANCE
            assert lo <= at_p - at_q + slack
            assert at_p - at_q - slack <= hi


# function, point, derivative there to 15 digits
DERIVATIVES = [
    ("square", "3/2", "3"),
    ("power -3", "2", "-0.1875"),
    ("cube root", "8", "0.0833333333333333"),
    ("power 5/4", "16", "2.5"),
    ("sqrt", "4", "0.25"),
    ("exp", "1", "2.71828182845905"),
    ("log", "4", "0.25"),
    ("tanh", "1", "0.419974341614026"),
    ("sigmoid", "1", "0.196611933241482"),
    ("softplus", "1", "0.731058578630005"),
    ("sin", "1", "0.540302305868140"),
    ("cos", "1", "-0.841470984807897"),
    ("atan", "2", "0.2"),
    ("abs", "-2", "-1"),
    ("relu", "2", "1"),
    ("sign", "2", "0"),
]


@pytest.mark.parametrize("backend", BACKENDS, ids=repr)
def test_known_derivatives(backend):
    for name, x, derivative in DERIVATIVES:
        found = backend.enclose_gradient(Program.from_nested(FUNCTIONS[name], ["x"]), [Interval(Fraction(x))])
        assert found.differentiable, name
        near = Interval(Fraction(derivative) - Fraction(1, 10**13), Fraction(derivative) + Fraction(1, 10**13))
        assert found.gradient[0].is_subset(near), (name, found)


@pytest.mark.parametrize("backend", BACKENDS, ids=repr)
@pytest.mark.parametrize(
    ("nested", "clarke"),
    [
        (["abs", "x"], Interval(-1, 1)),
        (["relu", "x"], Interval(0, 1)),
        (["max", "x", ["neg", "x"]], Interval(-1, 1)),
        (["min", "x", ["mul", 2, "x"]], Interval(1, 2)),
        (["pow_rat", ["abs", "x"], "3/2"], Interval(0)),
    ],
)
def test_the_generalised_derivative_at_a_kink_is_enclosed(backend, nested, clarke):
    program = Program.from_nested(nested, ["x"])
    for box in (Interval(0), Interval(-1, 1), Interval(0, 1)):
        found = backend.enclose_gradient(program, [box])
        assert clarke.is_subset(found.gradient[0])
        assert found.value.defined
        assert not found.differentiable


def test_a_kink_out_of_reach_does_not_matter():
    program = Program.from_nested(["add", ["abs", "x"], ["relu", "y"]], ["x", "y"])
    for backend in BACKENDS:
        found = backend.enclose_gradient(program, [Interval(-3, -1), Interval(1, 2)])
        assert found.differentiable
        assert [Interval(-1), Interval(1)] == [Interval(round(float(g.lo)), round(float(g.hi))) for g in found.gradient]


def test_variables_that_do_not_occur_have_gradient_zero():
    for backend in BACKENDS:
        found = backend.enclose_gradient(Program.from_nested(["exp", "x"], ["x", "y"]), [Interval(0, 1), Interval(0, 1)])
        assert found.gradient[1] == Interval(0)


def test_differentiability_is_not_definedness():
    found = MpmathIv().enclose_gradient(Program.from_nested(["sqrt", "x"], ["x"]), [Interval(0, 4)])
    assert found.value.defined
    assert not found.differentiable
    assert found.gradient[0].is_subset(Interval(Fraction(249, 1000), float("inf")))
