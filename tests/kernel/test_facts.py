"""The facts about elementary functions that the kernel takes from textbooks, against 50 digits; and altered ones, which are not facts."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import mpmath
import pytest
from mpmath import mpf
from notation import cover, forall, verdict

from symgd.kernel.rules import FACTS

VALUES = [mpf(q) / 7 for q in (-300, -40, -8, -3, -1, 0, 1, 2, 7, 9, 31, 500)]
BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "^": lambda a, n: a ** int(n)}
FUNCTIONS = {**{f: getattr(mpmath, f) for f in ("exp", "log", "tanh", "atan", "sin", "cos", "sqrt")}, "abs": abs}
LINE = dict.fromkeys("uvw", "(-oo,oo)")


def value(term: Any, at: dict[str, Any]) -> Any:
    """The value of a term in 50 digits."""
    if isinstance(term, str):
        return at[term]
    if not isinstance(term, list):
        return mpf(term)
    args = [value(t, at) for t in term[1:]]
    return BINARY[term[0]](*args) if term[0] in BINARY else FUNCTIONS[term[0]](args[0])


def holds(relation: Any, at: dict[str, Any]) -> bool:
    op, lhs, rhs = relation[0], value(relation[1], at), value(relation[2], at)
    close = abs(lhs - rhs) <= mpf(10) ** -40 * (1 + abs(lhs) + abs(rhs))
    return bool(close if op == "=" else lhs < rhs or (op == "<=" and close))


def points(given: list[Any]) -> Iterator[dict[str, Any]]:
    """Values of u, v, w that satisfy the hypotheses: an equation of a variable says what it is."""
    defined = {r[1]: r[2] for r in given if r[0] == "="}
    for u in VALUES:
        for v in VALUES if "v" not in defined else [mpf(0)]:
            at = {"u": u, "v": v, "w": mpf(0)}
            if all(holds(r, at) for r in given if r[0] != "="):
                yield {**at, **{x: value(term, at) for x, term in defined.items()}}


def true(given: list[Any], then: list[Any]) -> bool:
    with mpmath.workdps(400):  # exp of 140 and of -140 are added up below
        return all(holds(r, at) for at in points(given) for r in then)


@pytest.mark.parametrize("name", FACTS)
def test_facts_hold(name: str) -> None:
    given, then = FACTS[name]
    with mpmath.workdps(400):
        assert sum(1 for _ in points(given)) >= 5
    assert true(given, then)
    assert verdict(forall(LINE, *then, given=given), applied(name)) == "proved"


def applied(name: str) -> Any:
    """The fact for the variables of these names, whose conclusions are what is claimed."""
    return {"rule": "apply", "fact": name, "at": {x: x for x in "uvw"}, "side": cover("n"), "then": cover("n")}


def altered(data: Any) -> Iterator[Any]:
    """The relations with one operation, number or function changed."""
    other = {"+": "-", "-": "+", "*": "+", "exp": "tanh", "log": "sqrt", "tanh": "atan", "sin": "cos", "cos": "sin", "sqrt": "abs"}
    if isinstance(data, list):
        for i, part in enumerate(data):
            if i == 0 and isinstance(part, str) and part in other:
                yield [other[part], *data[1:]]
            elif i or isinstance(part, list):
                for new in altered(part):
                    yield [*data[:i], new, *data[i + 1 :]]
    elif isinstance(data, int):
        yield data + 1


@pytest.mark.parametrize("name", FACTS)
def test_altered_facts_are_not_facts(name: str) -> None:
    """None is accepted unless it is true as it stands, and the same samples show that most are false."""
    given, then = FACTS[name]
    false = list(altered(then))
    assert false
    for changed in false:
        verdicts = [verdict(forall(LINE, r, given=given), applied(name)) for r in changed]
        assert all(v == "proved" or v.startswith("rejected at ") for v in verdicts)
        assert "proved" not in [v for v, r in zip(verdicts, changed, strict=True) if not true(given, [r])]
    assert sum(not true(given, changed) for changed in false) * 3 >= 2 * len(false)
