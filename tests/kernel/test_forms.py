"""The enclosures that close a leaf of a cover hold every value of the term, against exact rational arithmetic."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgd.kernel import rules
from symgd.kernel.rules import Range, bounds
from symgd.kernel.terms import Arena, Undefined

FORMS = ("n", "m", "t", "d")
quarters = st.integers(-12, 12).map(lambda k: Fraction(k, 4))
leaves = st.one_of(st.sampled_from(["x", "y"]), st.integers(-3, 3))
terms = st.recursive(
    leaves,
    lambda t: st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "/", "max"]), t, t).map(list),
        st.tuples(st.just("^"), t, st.integers(-2, 4)).map(list),
        st.tuples(st.sampled_from(["abs", "sign"]), t).map(list),
    ),
    max_leaves=6,
)


def holds(data: Any, box: dict[str, tuple[Fraction, Fraction]], form: str, p: int = 64, steps: int = 4) -> bool:
    """Whether the enclosure holds the exact values on a grid; a term that is nowhere certified holds nothing wrong."""
    arena = Arena()
    term = arena.read(data, {x: arena.var(x) for x in box})
    try:
        lo, hi = bounds(arena, term, {x: Range(a, b, False, False) for x, (a, b) in box.items()}, form, p)
    except Undefined:
        return True
    grid = product(*([a + (b - a) * Fraction(k, steps) for k in range(steps + 1)] for a, b in box.values()))
    return all(lo <= arena.value(term, dict(zip(box, point, strict=True))) * 2**p <= hi for point in grid)


@pytest.mark.parametrize("form", FORMS)
@given(terms, quarters, quarters, quarters, quarters, st.sampled_from([8, 20, 64]))
@settings(max_examples=150, deadline=None)
def test_each_form_holds_the_exact_values(form: str, data: Any, a: Fraction, b: Fraction, c: Fraction, d: Fraction, p: int) -> None:
    assert holds(data, {"x": (min(a, b), max(a, b)), "y": (min(c, d), max(c, d))}, form, p)


SQUARE = {"x": (Fraction(-1), Fraction(1)), "y": (Fraction(-1), Fraction(1))}
MIXED = ["*", "x", "y"]
STEEP = ["^", "x", 2]


def test_a_second_order_form_without_mixed_derivatives_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert holds(MIXED, SQUARE, "t")
    monkeypatch.setattr(rules, "combinations_with_replacement", lambda names, n: [(x, x) for x in names])
    assert not holds(MIXED, SQUARE, "t")


def test_a_second_order_form_without_squares_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "combinations_with_replacement", combinations)
    assert not holds(STEEP, SQUARE, "t")


def test_a_quarter_of_the_second_derivative_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    original = rules.drop
    monkeypatch.setattr(rules, "drop", lambda x, g: original(x, g + 1))
    assert not holds(STEEP, SQUARE, "t")


def test_the_second_order_form_is_the_sharper_one() -> None:
    arena = Arena()
    term = arena.read(["*", "x", ["-", 1, "x"]], {"x": arena.var("x")})
    ranges = {"x": Range(Fraction(0), Fraction(1), False, False)}
    widths = {form: (lambda e: e[1] - e[0])(bounds(arena, term, ranges, form, 64)) for form in ("n", "m", "t")}
    assert 12 * widths["t"] == 4 * widths["m"] == 3 * widths["n"]
