"""Signs of polynomials by the orthant rule and by Sturm's theorem, with mutants of both that the same tables catch."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from notation import interval

from symgd.kernel import Reject, rules
from symgd.kernel.rules import Orthant, Range, Sturm, read_goal
from symgd.kernel.terms import Arena, Undefined, signs

X = sympy.Symbol("x")

# ranges, hypotheses, order, term, (sign, strict) or None where no sign is certain
LINES = {"x": "(-oo,oo)", "y": "(-oo,oo)"}
TABLE: list[tuple[dict[str, str], Any, Any, Any, tuple[int, bool] | None]] = [
    ({"x": "[0,oo)"}, [], [["x", "0", None]], "x", (1, False)),
    ({"x": "(0,oo)"}, [], [["x", "0", None]], "x", (1, True)),
    ({"x": "[0,oo)"}, [], [["x", "0", None]], ["+", "x", 1], (1, True)),
    ({"x": "(-oo,2]"}, [], [["x", None, "2"]], ["-", "x", 2], (-1, False)),
    ({"x": "(-oo,2)"}, [], [["x", None, "2"]], ["-", "x", 2], (-1, True)),
    ({"x": "[0,1]"}, [], [["x", "0", "1"]], ["*", "x", ["-", 1, "x"]], (1, False)),
    ({"x": "(0,1)"}, [], [["x", "0", "1"]], ["*", "x", ["-", 1, "x"]], (1, True)),
    ({"x": "[0,1)"}, [], [["x", "0", "1"]], ["-", 1, "x"], (1, True)),
    ({"x": "(0,1]"}, [], [["x", "0", "1"]], ["-", 1, "x"], (1, False)),
    ({"x": "[0,1]"}, [], [["x", "0", "1"]], ["+", ["^", "x", 2], ["^", ["-", 1, "x"], 2]], (1, True)),
    ({"x": "[0,1]"}, [], [["x", "0", "1"]], ["-", "x", "1/2"], None),
    ({"x": "[0,1]"}, [], [["x", "0", None]], ["-", 1, "x"], None),
    ({"x": "[1/2,1]"}, [], [["x", "0", None]], "x", (1, True)),
    ({"x": "[1/2,1]"}, [], [["x", "3/4", None]], "x", None),
    ({"x": "[1/2,1]"}, [["<=", -1, "x"]], [["x", "-1", None]], ["+", "x", 1], (1, True)),
    ({"x": "[0,oo)", "y": "[0,oo)"}, [["<=", "x", "y"]], [["x", "0", None], ["y", "x", None]], ["-", "y", "x"], (1, False)),
    (
        {"x": "[0,oo)", "y": "[0,oo)"},
        [["<", "x", "y"]],
        [["x", "0", None], ["y", "x", None]],
        ["-", ["^", "y", 2], ["^", "x", 2]],
        (1, True),
    ),
    ({"x": "[0,oo)", "y": "[0,oo)"}, [["<=", "x", "y"]], [["x", "0", None], ["y", "x", None]], ["-", "x", "y"], (-1, False)),
    ({"x": "[0,oo)", "y": "[0,oo)"}, [["=", "x", "y"]], [["x", "0", None], ["y", "x", None]], ["-", "y", "x"], (1, False)),
    ({"x": "[0,oo)", "y": "[0,oo)"}, [], [["x", "0", None], ["y", "x", None]], ["-", "y", "x"], None),
    ({"x": "[0,oo)", "y": "[0,oo)"}, [], [["x", "0", None], ["y", "0", None]], ["+", "x", "y"], (1, False)),
    ({"x": "[0,oo)", "y": "(0,oo)"}, [], [["x", "0", None], ["y", "0", None]], ["+", "x", "y"], (1, True)),
    ({"x": "[0,oo)", "y": "(0,oo)"}, [], [["x", "0", None], ["y", "0", None]], ["*", "x", "y"], (1, False)),
    ({"x": "[1,1]", "y": "(0,oo)"}, [], [["y", "0", None]], ["*", "x", "y"], (1, True)),
    (LINES, [["<=", "x", "y"]], [["y", "x", None]], ["-", ["^", ["-", "y", "x"], 3], ["-", "x", "y"]], (1, False)),  # x cancels
    (LINES, [["<=", "x", "y"]], [["y", "x", None]], ["-", ["^", "y", 3], ["^", "x", 3]], None),  # it does not
    (LINES, [["<=", "x", "y"]], [["y", "x", None], ["x", "y", None]], ["-", "y", "x"], None),  # listed after all
    (LINES, [["<=", "x", "y"]], [["y", "x", None]], ["*", ["^", "x", 2], ["-", "y", "x"]], (1, False)),  # an even power
    ({"x": "(-oo,oo)"}, [], [], ["^", "x", 2], (1, False)),
    ({"x": "(-oo,oo)"}, [], [], ["+", ["^", "x", 2], 1], (1, True)),
    ({"x": "(-oo,oo)"}, [], [], ["-", ["-", ["^", "x", 4]], 1], (-1, True)),
    ({"x": "(-oo,oo)"}, [], [], ["/", "x", ["+", ["^", "x", 2], 1]], None),
    ({"x": "(-oo,oo)"}, [], [], ["/", 1, ["^", "x", 2]], None),
    ({"x": "(-oo,oo)"}, [], [], ["/", -2, ["+", ["^", "x", 2], 1]], (-1, True)),
    ({"x": "(-oo,oo)"}, [], [], ["-", ["^", "x", 2], 1], None),
    ({"x": "(-oo,oo)"}, [], [], ["+", ["^", "x", 3], 1], None),
    ({"x": "(-oo,oo)", "y": "[0,oo)"}, [], [["y", 0, None]], ["*", ["^", "x", 2], "y"], (1, False)),
    ({"x": "(-oo,oo)", "y": "(0,oo)"}, [], [["y", 0, None]], ["*", ["^", "x", 2], "y"], (1, False)),
    ({"x": "(-oo,oo)", "y": "(0,oo)"}, [], [["y", 0, None]], ["+", ["*", ["^", "x", 2], "y"], "y"], (1, True)),
    ({"x": "(-oo,oo)", "y": "[0,oo)"}, [], [["y", 0, None]], ["+", ["*", ["^", "x", 2], "y"], "y"], (1, False)),
    ({"x": "(-oo,oo)", "y": "(0,oo)"}, [], [["y", 0, None]], ["*", "x", "y"], None),
    (LINES, [], [], ["+", ["^", "x", 2], ["^", "y", 2]], (1, False)),
    (LINES, [], [], ["+", ["*", "x", "y"], 1], None),
    (LINES, [], [], ["-", ["^", "x", 2], ["^", "y", 2]], None),
    ({"x": "[0,oo)"}, [], [["x", "0", None]], ["/", 1, "x"], None),
    ({"x": "(0,oo)"}, [], [["x", "0", None]], ["/", -1, "x"], (-1, True)),
    ({"x": "[0,oo)"}, [], [["x", "0", None]], ["sqrt", ["*", 4, ["^", "x", 2]]], (1, False)),
    ({"x": "(-oo,oo)"}, [], [], ["sqrt", ["^", "x", 2]], None),
    ({"x": "[0,oo)"}, [], [["x", "0", None]], ["max", ["-", "x"], ["+", "x", 1]], (1, True)),
    ({"x": "[0,oo)"}, [], [["x", "0", None]], ["sign", "x"], None),
    ({"x": "(0,oo)"}, [], [["x", "0", None]], ["sign", "x"], (1, True)),
]


def orthant_sign(ranges: dict[str, str], hypotheses: Any, order: Any, term: Any) -> tuple[int, bool] | None:
    goal = read_goal({"vars": [interval(*r) for r in ranges.items()], "given": hypotheses, "then": [["=", 0, 0]]}, Arena())
    try:
        domain = Orthant(goal, order)
        num, den = domain.ring.normal_form(goal.arena, goal.arena.read(term, goal.names), domain.leaves, domain.sign)
    except (Reject, Undefined):
        return None
    found = signs((num, den), domain.sign)
    return (max(found, key=abs), 0 not in found) if len(found - {0}) == 1 else None


def wrong_rows() -> list[Any]:
    return [row for row in TABLE if orthant_sign(*row[:4]) != row[4]]


def test_orthant_table() -> None:
    assert wrong_rows() == []


MUTANTS: dict[str, Any] = {
    "every bound is strict": ("strict", lambda self, x, k, upper: original_strict(self, x, k, upper) or True),
    "no bound is strict": ("strict", lambda self, x, k, upper: original_strict(self, x, k, upper) and False),
    "bounds need no reason": ("strict", lambda self, x, k, upper: False),
    "every sign is strict": ("sign", lambda self, f: original_sign(self, f) - {0}),
    "unlisted variables are nonnegative": ("sign", lambda self, f: (self.free.clear(), original_sign(self, f))[1]),
}
original_strict, original_sign = Orthant.strict, Orthant.sign


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_of_the_orthant_rule_are_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Orthant, *MUTANTS[name])
    assert wrong_rows()


roots = st.lists(st.fractions(-4, 4, max_denominator=3), max_size=4)
ends = st.one_of(st.none(), st.fractions(-5, 5, max_denominator=3))


def sturm_is_right(zeros: list[Fraction], extra: list[int], lo: Fraction | None, hi: Fraction | None, lo_open: bool, hi_open: bool) -> bool:
    """Against the real roots that SymPy isolates: a sign is certain exactly where there is no root in the open interval, and it is
    strict exactly where there is none at a closed end."""
    lo, hi = (lo, hi) if lo is None or hi is None or lo < hi else (min(lo, hi), max(lo, hi) + 1)
    f = sympy.Poly([*extra, 1], X)
    for z in zeros:
        f *= sympy.Poly(X - sympy.Rational(z.numerator, z.denominator), X)
    goal = read_goal({"vars": [["x", "(", "-oo", "oo", ")"]], "then": [["=", 0, 0]]}, Arena())
    domain = Sturm(rules.replace(goal, ranges={"x": Range(lo, hi, lo is None or lo_open, hi is None or hi_open)}))
    got = domain.sign({(m[0],): Fraction(int(c.p), int(c.q)) for m, c in f.terms() if c})
    found = set(sympy.real_roots(f)) if f.degree() > 0 else set()
    a, b = (None if end is None else sympy.Rational(end.numerator, end.denominator) for end in (lo, hi))
    inside = [r for r in found if (a is None or r > a) and (b is None or r < b)]
    if inside:
        return got == {-1, 0, 1}
    middle = Fraction(0) if lo is hi is None else hi - 1 if lo is None else lo + 1 if hi is None else (lo + hi) / 2
    at_end = (a in found and not lo_open) or (b in found and not hi_open)
    return got == {1 if f.eval(sympy.Rational(middle.numerator, middle.denominator)) > 0 else -1} | ({0} if at_end else set())


@given(roots, st.lists(st.integers(-3, 3), max_size=3), ends, ends, st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_sturm(zeros: list[Fraction], extra: list[int], lo: Fraction | None, hi: Fraction | None, lo_open: bool, hi_open: bool) -> None:
    assert sturm_is_right(zeros, extra, lo, hi, lo_open, hi_open)


def test_mutants_of_sturm_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    cases: list[Any] = [
        ([1], [], 0, 1, True, False),
        ([1, 1], [], 0, 2, True, True),
        ([0, 3], [1, 0], 0, None, False, True),
        ([-1], [1], None, 1, True, True),
        ([], [1, 0], None, None, True, True),
    ]
    cases = [([Fraction(z) for z in c[0]], c[1], *(None if e is None else Fraction(e) for e in c[2:4]), *c[4:]) for c in cases]
    assert all(sturm_is_right(*c) for c in cases)
    divide = rules.divide
    for wrong in (lambda f, g: (divide(f, g)[0], []), lambda f, g: ([], divide(f, g)[1]), lambda f, g: (divide(f, g)[0], [Fraction(1)])):
        with monkeypatch.context() as mutant:
            mutant.setattr(rules, "divide", wrong)
            assert not all(sturm_is_right(*c) for c in cases)
