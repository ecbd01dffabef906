"""What terms promise: enclosures hold every value at every precision, derivatives and exact values are right."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from symgd.kernel import terms
from symgd.kernel.terms import INF, Arena, Interval, Reject, Undefined, to_interval

BITS = 1000
X, Y = "x", "y"

# operation: (term, exact value or mpmath value, where it is defined)
UNARY: dict[str, tuple[Any, Callable[[Any], Any], Callable[[Fraction], bool]]] = {
    "sqrt": (["sqrt", X], mpmath.sqrt, lambda x: x >= 0),
    "abs": (["abs", X], abs, lambda x: True),
    "sign": (["sign", X], mpmath.sign, lambda x: True),
    "exp": (["exp", X], mpmath.exp, lambda x: True),
    "log": (["log", X], mpmath.log, lambda x: x > 0),
    "sin": (["sin", X], mpmath.sin, lambda x: True),
    "cos": (["cos", X], mpmath.cos, lambda x: True),
    "atan": (["atan", X], mpmath.atan, lambda x: True),
    "tanh": (["tanh", X], mpmath.tanh, lambda x: True),
    "sigmoid": (["sigmoid", X], lambda x: 1 / (1 + mpmath.exp(-x)), lambda x: True),
    "relu": (["relu", X], lambda x: max(x, mpmath.mpf(0)), lambda x: True),
    "softplus": (["softplus", X], lambda x: mpmath.log(1 + mpmath.exp(x)), lambda x: x < 300),
    "square": (["^", X, 2], lambda x: x**2, lambda x: True),
    "fifth": (["^", X, 5], lambda x: x**5, lambda x: True),
    "inverse": (["^", X, -1], lambda x: 1 / x, lambda x: x != 0),
    "inverse square": (["^", X, -2], lambda x: x**-2, lambda x: x != 0),
    "two thirds": (["pow", X, "2/3"], lambda x: mpmath.root(x**2, 3), lambda x: x >= 0),
    "three halves": (["pow", X, "3/2"], lambda x: mpmath.sqrt(x**3), lambda x: x >= 0),
    "minus half": (["pow", X, "-1/2"], lambda x: 1 / mpmath.sqrt(x), lambda x: x > 0),
}
BINARY: dict[str, tuple[Any, Callable[[Any, Any], Any]]] = {
    "+": (["+", X, Y], lambda x, y: x + y),
    "-": (["-", X, Y], lambda x, y: x - y),
    "*": (["*", X, Y], lambda x, y: x * y),
    "/": (["/", X, Y], lambda x, y: x / y),
    "max": (["max", X, Y], max),
    "min": (["min", X, Y], min),
}

numbers = st.one_of(
    st.fractions(-10, 10, max_denominator=1000),
    st.fractions(-(10**6), 10**6, max_denominator=10**6),
    st.integers(-20, 20).map(Fraction),
    st.builds(lambda s, k: s * Fraction(1, 2**k), st.sampled_from([-1, 1]), st.integers(1, 80)),
)
ends = st.one_of(numbers, st.none())
precisions = st.one_of(st.integers(8, 128), st.just(1000))


def exact(x: Fraction) -> Any:
    return mpmath.mpf(x.numerator) / x.denominator


def read(term: Any) -> tuple[Arena, int]:
    arena = Arena()
    return arena, arena.read(term, {X: arena.var(X), Y: arena.var(Y)})


def holds(box: Interval, p: int, value: Any) -> bool:
    """Whether the value, known to about `BITS` bits, lies in the enclosure."""
    slack = mpmath.ldexp(abs(value) + 1, 40 - BITS)
    return (box[0] == -INF or mpmath.ldexp(box[0], -p) <= value + slack) and (box[1] == INF or value - slack <= mpmath.ldexp(box[1], -p))


def around(x: Fraction, lo: Fraction | None, hi: Fraction | None) -> tuple[Fraction | None, Fraction | None]:
    return None if lo is None else min(lo, x), None if hi is None else max(hi, x)


def unary_is_sound(name: str, x: Fraction, lo: Fraction | None, hi: Fraction | None, p: int) -> bool:
    """Whether the enclosure over an interval around x holds the value at x."""
    term, function, defined = UNARY[name]
    if not defined(x) or (name in ("exp", "softplus") and abs(x) > 10_000) or (x.numerator.bit_length() > 60 and name in ("sin", "cos")):
        return True
    with mpmath.workprec(BITS + 400):
        arena, root = read(term)
        try:
            return holds(arena.enclose(root, {X: to_interval(*around(x, lo, hi), p)}, p), p, function(exact(x)))
        except Undefined:
            return True


@pytest.mark.parametrize("name", UNARY)
@given(numbers, ends, ends, precisions)
@settings(max_examples=60, deadline=None)
@example(Fraction(0), None, None, 64)
@example(Fraction(1), Fraction(1), Fraction(1), 64)
@example(Fraction(-1), Fraction(-1), None, 8)
@example(Fraction(22, 7), Fraction(3), Fraction(4), 53)
@example(Fraction(10**6), Fraction(10**6), Fraction(10**6), 1000)
@example(Fraction(1, 2**80), Fraction(0), Fraction(1, 2**80), 64)
def test_enclosures_of_functions(name: str, x: Fraction, lo: Fraction | None, hi: Fraction | None, p: int) -> None:
    assert unary_is_sound(name, x, lo, hi, p)


@pytest.mark.parametrize("name", BINARY)
@given(numbers, ends, ends, numbers, ends, ends, precisions)
@settings(max_examples=60, deadline=None)
def test_enclosures_of_arithmetic(
    name: str, x: Fraction, a: Fraction | None, b: Fraction | None, y: Fraction, c: Fraction | None, d: Fraction | None, p: int
) -> None:
    """Against exact rational numbers."""
    term, function = BINARY[name]
    arena, root = read(term)
    try:
        lo, hi = arena.enclose(root, {X: to_interval(*around(x, a, b), p), Y: to_interval(*around(y, c, d), p)}, p)
    except Undefined:
        assert name == "/"
        return
    value = function(x, y) * 2**p
    assert lo == -INF or lo <= value
    assert hi == INF or value <= hi


def truncated_drop(x: Interval, g: int) -> Interval:
    return x[0] >> g, x[1] >> g


def truncated_multiply(x: Interval, y: Interval, p: int) -> Interval:
    products = [a * b for a in x for b in y]
    return terms.clamp(min(products) >> p, max(products) >> p)


def series_without_remainder(z: Interval, c: Callable[[int], int], p: int) -> Interval:
    total, part = (0, 0), (1 << p, 1 << p)
    for k in range(4):
        total, part = (total[0] + part[0] // c(k), total[1] - (-part[1] // c(k))), terms.multiply(part, z, p)
    return total


original_root = terms.whole_root
UNSOUND = {
    "drop": (truncated_drop, ["exp", "log", "atan", "tanh", "sin"]),
    "multiply": (truncated_multiply, ["square", "fifth"]),
    "series": (series_without_remainder, ["exp", "atan"]),
    "whole_root": (lambda a, n: original_root(a, n) + 1, ["sqrt", "two thirds"]),
}


@pytest.mark.parametrize("part", UNSOUND)
def test_unsound_variants_are_caught(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same test notices a ceiling that is really a floor, and a root that is one too large."""
    variant, names = UNSOUND[part]
    monkeypatch.setattr(terms, part, variant)
    points = [Fraction(k, 7) for k in range(-30, 30)]
    for name in names:
        assert not all(unary_is_sound(name, x, x, x, 64) for x in points), name


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("p", [64, 300, 4096])
def test_enclosures_are_tight(name: str, p: int) -> None:
    """At a number, a few units in the last place (or, for large values, a few times the relative precision)."""
    term, _, defined = UNARY[name]
    arena, root = read(term)
    for x in (Fraction(1, 3), Fraction(2), Fraction(-7, 5), Fraction(31, 4), Fraction(40)):
        if defined(x):
            lo, hi = arena.enclose(root, {X: to_interval(x, x, p)}, p)
            wobble = max(1, math.ceil(Fraction(max(abs(lo), abs(hi)), 2**p)))
            assert hi - lo <= 400 * wobble


def test_infinite_ends() -> None:
    """The values over a half-line or the whole line."""
    p, table = (
        64,
        {
            "exp": (0, INF),
            "atan": (-Fraction(3141592653589793239, 2 * 10**18), Fraction(3141592653589793239, 2 * 10**18)),
            "tanh": (-1, 1),
            "sin": (-1, 1),
            "cos": (-1, 1),
            "abs": (0, INF),
            "sigmoid": (0, 1),
            "relu": (0, INF),
            "square": (0, INF),
            "fifth": (-INF, INF),
            "softplus": (0, INF),
        },
    )
    for name, (lo, hi) in table.items():
        arena, root = read(UNARY[name][0])
        a, b = arena.enclose(root, {X: (-INF, INF)}, p)
        assert b == INF if hi == INF else abs(Fraction(b, 2**p) - hi) < Fraction(1, 2**50), name
        assert a == -INF if lo == -INF else abs(Fraction(a, 2**p) - lo) < Fraction(1, 2**50), name
    for name in ("sqrt", "log", "two thirds", "three halves"):
        arena, root = read(UNARY[name][0])
        assert arena.enclose(root, {X: (1 << 64, INF)}, 64)[1] == INF
        with pytest.raises(Undefined):
            arena.enclose(root, {X: (-1, 1)}, 64)


def test_exact_where_values_touch() -> None:
    """A point that is exactly representable keeps equality: these values have width zero."""
    for term, at, value in [
        ("exp", 0, 1),
        ("log", 1, 0),
        ("sin", 0, 0),
        ("cos", 0, 1),
        ("atan", 0, 0),
        ("tanh", 0, 0),
        ("sqrt", 4, 2),
        ("abs", -3, 3),
        ("sign", 0, 0),
    ]:
        arena, root = read([term, X])
        assert arena.enclose(root, {X: (at << 64, at << 64)}, 64) == (value << 64, value << 64)
        assert arena.value(root, {X: Fraction(at)}) == value
        if term in terms.EXACT:
            with pytest.raises(Undefined):
                arena.value(root, {X: Fraction(at + 1)})


def test_undefined_values() -> None:
    for term in (["/", 1, X], ["sqrt", ["-", X, 1]], ["^", X, -1], ["log", X], ["pow", ["-", X, 1], "1/3"], ["*", 0, ["/", 1, X]]):
        arena, root = read(term)
        with pytest.raises(Undefined):
            arena.value(root, {X: Fraction(0)})
        with pytest.raises(Undefined):
            arena.enclose(root, {X: (0, 0)}, 64)


S = sympy.Symbol("x", positive=True)
DERIVATIVES: list[tuple[Any, Any]] = [
    (["^", X, 5], S**5),
    (["/", 1, ["^", X, 3]], S**-3),
    (["*", X, ["exp", X]], S * sympy.exp(S)),
    (["/", ["sin", X], X], sympy.sin(S) / S),
    (["log", ["+", 1, ["^", X, 2]]], sympy.log(1 + S**2)),
    (["cos", ["*", 3, X]], sympy.cos(3 * S)),
    (["atan", ["sqrt", X]], sympy.atan(sympy.sqrt(S))),
    (["tanh", ["^", X, 2]], sympy.tanh(S**2)),
    (["sigmoid", X], 1 / (1 + sympy.exp(-S))),
    (["softplus", X], sympy.log(1 + sympy.exp(S))),
    (["pow", X, "5/3"], S ** sympy.Rational(5, 3)),
    (["pow", X, "-1/2"], 1 / sympy.sqrt(S)),
    (["abs", ["-", X, 5]], sympy.Abs(S - 5)),
    (["max", X, ["^", X, 2]], sympy.Max(S, S**2)),
    (["min", ["sin", X], ["/", X, 2]], sympy.Min(sympy.sin(S), S / 2)),
    (["relu", ["-", X, 1]], sympy.Max(S - 1, 0)),
    (["sign", X], sympy.sign(S)),
    (["-", 3, ["*", 2, X]], 3 - 2 * S),
    (["^", ["+", X, ["/", 1, X]], -2], (S + 1 / S) ** -2),
]


@pytest.mark.parametrize(("term", "expression"), DERIVATIVES, ids=str)
def test_derivatives_agree_with_sympy(term: Any, expression: Any) -> None:
    arena, root = read(["D", term, X])
    slope = sympy.diff(expression, S)
    for x in (Fraction(1, 3), Fraction(7, 5), Fraction(9, 4)):
        lo, hi = arena.enclose(root, {X: to_interval(x, x, 200)}, 200)
        value = sympy.N(slope.subs(S, sympy.Rational(x.numerator, x.denominator)).doit(), 50)
        assert abs(mpmath.mpf(lo) - mpmath.ldexp(mpmath.mpf(str(value)), 200)) <= mpmath.ldexp(1, 200 - 45)
        assert hi - lo < 1 << 120


@pytest.mark.parametrize(
    ("term", "at"),
    [(["abs", X], 0), (["sign", X], 0), (["sqrt", X], 0), (["max", X, ["*", 2, X]], 0), (["relu", X], 0), (["pow", X, "1/3"], 0)],
    ids=str,
)
def test_derivatives_are_undefined_at_kinks(term: Any, at: int) -> None:
    arena, root = read(["D", term, X])
    with pytest.raises(Undefined):
        arena.value(root, {X: Fraction(at)})


@pytest.mark.parametrize(
    "data",
    [
        ["pow", X, "2"],
        ["pow", X, "1/17"],
        ["pow", X, "33/2"],
        ["^", X, 10_001],
        ["^", X, "2"],
        ["^", X, True],
        ["?", X],
        ["+", X],
        [],
        "z",
        "1/0",
        "1.5",
        1.5,
        True,
        None,
        {"a": 1},
        ["D", X, 1],
        ["at", X, "1", 2],
        "٣",
        "1\n",
        ["exp", X, X],
    ],
    ids=str,
)
def test_what_cannot_be_read(data: Any) -> None:
    with pytest.raises((Reject, LookupError, TypeError)):
        read(data)
