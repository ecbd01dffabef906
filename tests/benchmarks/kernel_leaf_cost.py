"""Microseconds a leaf of a two-variable cover costs in the kernel, against the same leaves with Fraction end points.

The claim bounds lem3's polynomial w^5 sum of w^j t^(5-j) (L = 6) on [1, 2]^2 by mean value leaves.
Run: python tests/benchmarks/kernel_leaf_cost.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from symgd.kernel import FORMAT, check, digest
from symgd.kernel.rules import Goal, Range, read_goal
from symgd.kernel.terms import Arena

TERM = ["*", ["^", "w", 5], ["+", *[["*", ["^", "w", j], ["^", "t", 5 - j]] for j in range(6)]]]
CLAIM = {
    "kind": "forall",
    "vars": [["t", "[", "1", "2", "]"], ["w", "[", "1", "2", "]"]],
    "then": [["<", TERM, 12500], [">", TERM, "11/2"]],
}


def tree(goal: Goal, depth: int, form: str) -> list[Any]:
    """Both variables bisected in turn, `depth` times."""
    return [depth % 2, *tree(goal, depth - 1, form), *tree(goal, depth - 1, form)] if depth else [form]


def fractions(arena: Arena, root: int, box: dict[str, tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    """The natural enclosure with rational end points."""

    def times(x: Any, y: Any) -> Any:
        products = [a * b for a in x for b in y]
        return min(products), max(products)

    def power(x: Any, n: int) -> Any:
        return (x[0] ** n, x[1] ** n)  # all values here are positive

    meaning: dict[str, Callable[..., Any]] = {
        "num": lambda q: (q, q), "var": box.__getitem__, "+": lambda x, y: (x[0] + y[0], x[1] + y[1]), "*": times, "^": power,
        "-": lambda x, y: (x[0] - y[1], x[1] - y[0])}  # fmt: skip
    result: tuple[Fraction, Fraction] = arena.fold(root, meaning, {})
    return result


def prototype(goal: Goal, ranges: dict[str, Range]) -> None:
    """A mean value leaf for each conclusion, in Fractions."""
    arena = goal.arena
    box = {x: (r.lo or Fraction(0), r.hi or Fraction(0)) for x, r in ranges.items()}
    centre = {x: (sum(b) / 2,) * 2 for x, b in box.items()}
    for (r,) in goal.then:
        fractions(arena, r.diff, box)
        fractions(arena, r.diff, centre)
        for x in box:
            fractions(arena, arena.derivative(r.diff, x), box)


def main() -> None:
    goal = read_goal(CLAIM, Arena())
    print("form  leaves  kernel µs/leaf")
    for form, depth in (("n", 10), ("m", 10), ("t", 9), ("d", 8)):
        proof = {"rule": "cover", "tree": tree(goal, depth, form)}
        certificate = {"format": FORMAT, "claim": digest(CLAIM), "verdict": "proved", "proof": proof}
        began = time.process_time()
        assert check(CLAIM, certificate) == "proved"
        print(f"{form:4} {2**depth:7} {(time.process_time() - began) / 2**depth * 1e6:15.0f}")
    boxes = [{x: Range(Fraction(k, 97) + 1, Fraction(k + 1, 97) + 1) for x in ("t", "w")} for k in range(40)]
    began = time.process_time()
    for ranges in boxes:
        prototype(goal, ranges)
    print(f"m, with Fractions {(time.process_time() - began) / len(boxes) * 1e6:10.0f}")


if __name__ == "__main__":
    main()
