"""The language of claims: what can be written, that it means what is written, and that it is exact."""

from __future__ import annotations

import operator
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from symgd import (
    LanguageError,
    at,
    diff,
    eq,
    expr,
    from_sympy,
    function,
    integer,
    ne,
    parse,
    parse_relation,
    prod,
    real,
    sign,
    sqrt,
    to_sympy,
    total,
)
from symgd.language import FUNCTIONS, Expr, text

x, y = real("x"), real("y")

GOOD = [
    ("x", "x"),
    ("3", 3),
    ("-3", ["-", 3]),
    ("0.1", "1/10"),
    (".5", "1/2"),
    ("2.", 2),
    ("1e-3", "1/1000"),
    ("2.5e2", 250),
    ("0.30000000000000000004", "7500000000000000001/25000000000000000000"),
    ("1/3", "1/3"),
    ("4/6", "2/3"),
    ("x/3", ["/", "x", 3]),
    ("x + y + 1", ["+", "x", "y", 1]),
    ("x - y - 1", ["-", ["-", "x", "y"], 1]),
    ("x - (y - 1)", ["-", "x", ["-", "y", 1]]),
    ("2*x*y", ["*", 2, "x", "y"]),
    ("x/y/2", ["/", ["/", "x", "y"], 2]),
    ("-x^2", ["-", ["^", "x", 2]]),
    ("(-x)^2", ["^", ["-", "x"], 2]),
    ("x**2", ["^", "x", 2]),
    ("x^(-2)", ["^", "x", -2]),
    ("x^0.5", ["sqrt", "x"]),
    ("abs(x)^(3/2)", ["*", ["abs", "x"], ["sqrt", ["abs", "x"]]]),
    ("x^(1/3)", ["pow", "x", "1/3"]),
    ("x^(-2/3)", ["pow", "x", "-2/3"]),
    ("x^-1", ["^", "x", -1]),
    ("sqrt(x)", ["sqrt", "x"]),
    ("Abs(x) + ln(y)", ["+", ["abs", "x"], ["log", "y"]]),
    ("max(x, y)", ["max", "x", "y"]),
    ("w_1*e5 + E1", ["+", ["*", "w_1", "e5"], "E1"]),
]

BAD = [
    ("x**x**x", "must be a rational number"),
    ("x**y", "must be a rational number"),
    ("9**9**9", "must be a rational number"),
    ("9**9999", "too large"),
    ("x**100000", "too large"),
    ("x**(1/1001)", "too large"),
    ("__import__('os').system('true')", "not allowed"),
    ("x.__class__", "not allowed"),
    ("(lambda: x)()", "not allowed"),
    ("[x for x in y]", "not allowed"),
    ("x if y else 1", "not allowed"),
    ("'x'", "not allowed"),
    ("True", "not allowed"),
    ("x[0]", "not allowed"),
    ("x @ y", "not allowed"),
    ("x // y", "not allowed"),
    ("x and y", "not allowed"),
    ("1j*x", "not allowed"),
    ("f'{x}'", "not allowed"),
    ("gamma(x)", "not a function"),
    ("max(x)", "does not take 1 arguments"),
    ("sqrt(x, y)", "does not take 2 arguments"),
    ("sqrt(x=1)", "not allowed"),
    ("1/0", "division by zero"),
    ("x/0", "division by zero"),
    ("x +", "cannot read"),
    ("2x", "cannot read"),
    ("", "cannot read"),
    ("x\0", "cannot read"),
    ("x < y", "is a relation"),
    ("(" * 3000 + "x" + ")" * 3000, "cannot read"),
    ("x**(y - y)", "must be a rational number"),
    ("x**(1/0)", "division by zero"),
    ("+".join(["x"] * 4500), "nested too deeply"),
    ("x" * 20_000, "more than 10000 characters"),
]


@pytest.mark.parametrize(("source", "json"), GOOD)
def test_strings_are_read_as_ordinary_notation(source, json):
    assert parse(source).json == json


@pytest.mark.parametrize(("source", "why"), BAD, ids=lambda s: s[:20])
def test_what_cannot_be_accepted_is_refused_in_one_line(source, why):
    with pytest.raises(LanguageError, match=why) as refusal:
        parse(source)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 300


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(LanguageError, match=r"unknown name 'z' in 'x \+ z'; the variables here are: x, y"):
        parse("x + z", ["x", "y"])


@pytest.mark.parametrize(
    ("source", "json"),
    [
        ("x <= 1/2", ["<=", "x", "1/2"]),
        ("x^2 = 2", ["=", ["^", "x", 2], 2]),
        ("x == y", ["=", "x", "y"]),
        ("x != 0.5", ["!=", "x", "1/2"]),
        ("x > y", [">", "x", "y"]),
        ("x >= -y", [">=", "x", ["-", "y"]]),
    ],
)
def test_relations_are_read(source, json):
    assert parse_relation(source).json == json


@pytest.mark.parametrize("source", ["x", "0 < x < 1", "x in y", "x is y", "x < ", "x = y = 1"])
def test_other_things_than_one_relation_are_refused(source):
    with pytest.raises(LanguageError):
        parse_relation(source)


# --- exactness -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: x * 0.5,
        lambda: 0.5 + x,
        lambda: x**0.5,
        lambda: x / 2.0,
        lambda: x <= 0.1,
        lambda: eq(x, 0.1),
        lambda: expr(1.5),
        lambda: total([x, 0.5]),
        lambda: prod([0.5]),
        lambda: from_sympy(sympy.Float("0.5")),
        lambda: sqrt(2.0),
        lambda: at(x, x, 0.5),
        lambda: x * float("nan"),
    ],
)
def test_floats_are_refused_wherever_they_occur(make):
    with pytest.raises(LanguageError, match="not exact"):
        make()


@given(st.integers(-(10**30), 10**30), st.integers(0, 25))
def test_a_decimal_is_the_rational_it_denotes(digits, places):
    sign_, digits = ("-", -digits) if digits < 0 else ("", digits)
    padded = str(digits).rjust(places + 1, "0")
    decimal = f"{padded[: len(padded) - places]}.{padded[len(padded) - places :]}"
    assert Fraction(parse(decimal).node) == Fraction(digits, 10**places)
    assert Fraction(expr(sign_ + decimal).node) == Fraction(f"{sign_}{digits}/{10**places}")


@pytest.mark.parametrize("value", [Fraction(1, 3), "1/3", sympy.Rational(1, 3)])
def test_exact_numbers_of_every_kind_are_the_same(value):
    assert expr(value) == expr("1/3")


@pytest.mark.parametrize("value", [None, True, "1/0", 1j, object(), "1e99999", 10**5000], ids=lambda v: type(v).__name__)
def test_what_is_no_number_is_refused(value):
    with pytest.raises(LanguageError):
        x + value


# --- nothing is simplified -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "json"),
    [
        (x / x, ["/", "x", "x"]),
        (x - x, ["-", "x", "x"]),
        (0 * x, ["*", 0, "x"]),
        (x + 0, ["+", "x", 0]),
        (x**1, ["^", "x", 1]),
        (x**0, ["^", "x", 0]),
        (sqrt(x**2), ["sqrt", ["^", "x", 2]]),
        (abs(abs(x)), ["abs", ["abs", "x"]]),
        (expr(2) + 3, ["+", 2, 3]),
        (diff(diff(x**2, x), x), ["D", ["D", ["^", "x", 2], "x"], "x"]),
        (at(x / x, x, 0), ["at", ["/", "x", "x"], "x", 0]),
        (function("exp", x) > 0, [">", ["exp", "x"], 0]),
        (x * x < 0, ["<", ["*", "x", "x"], 0]),
        (ne(x, x), ["!=", "x", "x"]),
    ],
)
def test_an_expression_is_what_was_written(written, json):
    assert written.json == json


@pytest.mark.parametrize("thing", [x, x < y, (x < 0) | (x > 1)])
def test_nothing_symbolic_has_a_truth_value(thing):
    with pytest.raises(TypeError, match="truth value"):
        bool(thing)


@pytest.mark.parametrize(
    ("u", "names"),
    [
        (x * y + 1, {"x", "y"}),
        (x**2, {"x"}),
        (expr("1/3"), set()),
        (x ** Fraction(1, 3), {"x"}),
        (at(x + y, x, 1), {"y"}),
        (diff(x**2, x), {"x"}),
    ],
)
def test_free_names(u, names):
    assert u.free_names == names


# --- text and back ---------------------------------------------------------------------------------------------------

ATOMS = st.sampled_from(["x", "y", "w_1", 0, 1, 7, -3, "1/3", "-5/2"]).map(expr)
BINARY = st.sampled_from([operator.add, operator.sub, operator.mul])
EXPONENTS = st.sampled_from([2, 3, -1, Fraction(1, 2), Fraction(3, 2), Fraction(1, 3), Fraction(-2, 3)])
ONE_ARGUMENT = st.sampled_from([f for f in FUNCTIONS if f not in ("max", "min")])


def larger(inner):
    return st.one_of(
        st.builds(lambda op, a, b: op(a, b), BINARY, inner, inner),
        st.builds(operator.truediv, inner, inner.filter(lambda e: numbers_joined(e.node) != 0)),
        st.builds(operator.neg, inner),
        st.builds(operator.pow, inner, EXPONENTS),
        st.builds(function, ONE_ARGUMENT, inner),
        st.builds(lambda name, a, b: function(name, a, b), st.sampled_from(["max", "min"]), inner, inner),
    )


EXPRESSIONS = st.recursive(ATOMS, larger, max_leaves=12)


def numbers_joined(node):
    """The node with -n and n/k of literals written as one number, for that is how such a string is read."""
    if not isinstance(node, tuple):
        return node
    op, *args = node
    args = [numbers_joined(a) for a in args]
    literal = [isinstance(a, int) or (isinstance(a, str) and a.lstrip("-")[0].isdigit()) for a in args]
    if op == "-" and literal == [True]:
        return expr(-Fraction(args[0])).node
    if op == "/" and all(literal) and isinstance(args[1], int) and args[1]:
        return expr(Fraction(args[0]) / args[1]).node
    return (op, *args)


@given(EXPRESSIONS)
def test_the_text_of_an_expression_is_read_as_that_expression(e):
    assert numbers_joined(parse(text(e)).node) == numbers_joined(e.node)


@pytest.mark.parametrize(
    ("e", "shown"),
    [
        (x - (y - 1), "x - (y - 1)"),
        (-(x * y), "-(x*y)"),
        (-x * y, "(-x)*y"),
        (x / (y * 2), "x/(y*2)"),
        (x * "1/3", "x*(1/3)"),
        (x - "1/3", "x - 1/3"),
        ((x + 1) ** 2, "(x + 1)^2"),
        (x**-2, "x^(-2)"),
        (2 * x + 1, "2*x + 1"),
        (x + -3, "x + (-3)"),
        (diff(x**2, x), "D(x^2, x)"),
        (sign(x), "sign(x)"),
        (at(x**2, x, y + 1), "(x^2)[x = y + 1]"),
    ],
)
def test_text(e, shown):
    assert str(e) == shown


# --- ranges ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "json"),
    [
        ("(0, oo)", ["x", "(", "0", "oo", ")"]),
        ("[0, 1/2]", ["x", "[", "0", "1/2", "]"]),
        ("(-1, 0.25]", ["x", "(", "-1", "1/4", "]"]),
        ("(-oo, oo)", ["x", "(", "-oo", "oo", ")"]),
        ("[3, 3]", ["x", "[", "3", "3", "]"]),
        ("[0, oo)", ["x", "[", "0", "oo", ")"]),
    ],
)
def test_ranges_are_read_exactly(interval, json):
    assert real("x", interval).range_json == json


@pytest.mark.parametrize("interval", ["[1, 0]", "(1, 1)", "[1, 1)", "0..1", "[0; 1]", "[0, x]", "[0, 1/0]", "", 0.5, None])
def test_empty_and_unreadable_ranges_are_refused(interval):
    with pytest.raises(LanguageError, match=r"'x'|exact"):
        real("x", interval)


@pytest.mark.parametrize("ends", [(3, 2), (0.5, 2), ("1", 2), (True, 2)])
def test_integer_ranges_need_integers_in_order(ends):
    with pytest.raises(LanguageError):
        integer("n", *ends)


@pytest.mark.parametrize("name", ["", "2x", "x y", "x-y", "α", "x" * 65])
def test_names_are_ascii_identifiers(name):
    with pytest.raises(LanguageError, match="not a name"):
        real(name)


# --- SymPy -----------------------------------------------------------------------------------------------------------

s, t = sympy.symbols("s t", real=True)


@pytest.mark.parametrize(
    "u",
    [
        s + t,
        s * t / 3,
        s**2 - 2 * s + 1,
        sympy.sqrt(s),
        abs(s) ** sympy.Rational(3, 2),
        sympy.exp(s) / (1 + t**2),
        sympy.log(1 + s**2),
        sympy.tanh(s * t),
        sympy.sign(s) * t,
        sympy.Max(s, t, 1),
        sympy.Min(s, 0),
        s ** sympy.Rational(1, 3),
        sympy.Rational(22, 7),
        sympy.sin(s) + sympy.cos(t),
        sympy.atan(s),
    ],
    ids=str,
)
def test_sympy_there_and_back(u):
    assert sympy.simplify(to_sympy(from_sympy(u), {"s": s, "t": t}) - u) == 0


@pytest.mark.parametrize(
    "u", [sympy.gamma(s), sympy.pi * s, sympy.I, sympy.Integral(s, s), s**t, sympy.oo, sympy.Function("f")(s), sympy.true]
)
def test_what_the_language_cannot_express_is_refused(u):
    with pytest.raises(LanguageError):
        from_sympy(u)


def test_two_symbols_of_one_name_are_refused():
    with pytest.raises(LanguageError, match="two different symbols"):
        from_sympy(s + sympy.Symbol("s", positive=True))


def test_an_expression_is_a_value():
    assert x + 1 == x + 1
    assert x + 1 != 1 + x
    assert len({x * 2, x * 2, 2 * x}) == 2
    with pytest.raises(AttributeError):
        (x + 1).node = "y"
    assert isinstance(x + 1, Expr)
