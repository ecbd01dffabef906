"""Inequalities in one variable on an unbounded range where functions stay bounded: far out a polynomial wins, in between boxes do, and
where the sides touch the sign of a derivative decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..kernel.rules import Goal, exactly
from ..language import Expr
from .abstraction import Abstract, outermost
from .auto import Quick, cut_points
from .cover import Cover
from .elimination import only
from .monotone import Monotone
from .strategy import Cases, Node, Search, Strategy, Unproved, show

FAR = tuple(Fraction(4**k) for k in range(6))  # where the polynomial may begin to win
BOUNDED, LEAVES, SECONDS = ("sin", "cos", "atan", "tanh"), 400, 6.0


@dataclass(frozen=True)
class Tails(Strategy):
    """The least number of `FAR` beyond which bounded functions may take any value they ever take; the bounded rest is subdivided."""

    def prove(self, goal: Goal, search: Search) -> Node:
        r, part = only(goal), search.part(SECONDS)
        wide = [x for x, s in goal.ranges.items() if not s.point()]
        if len(wide) != 1 or r.op not in ("<", "<=") or not outermost(goal, BOUNDED):
            raise Unproved("no bounded function of one variable", show(goal))
        (x,) = wide
        s = goal.ranges[x]
        if s.integer or None not in (s.lo, s.hi):
            raise Unproved("the range is bounded", show(goal))
        low = self.beyond(goal, x, -1, part) if s.lo is None else None
        high = self.beyond(goal, x, 1, part) if s.hi is None else None
        between = {c for y, c in cut_points(goal) if y == x and (low is None or low < c) and (high is None or c < high)}
        inside = sorted(between, key=lambda c: (c.denominator, abs(c)))[:3]
        points = sorted({*inside, *(c for c in (low, high) if c is not None)})
        middle = Cover(LEAVES, inner=near, most=64)
        each: list[Any] = [middle] * (2 * len(points) + 1)
        each[0] = Far() if low is not None else middle
        each[-1] = Far() if high is not None else middle
        return Cases(Expr(x), tuple(points), each).prove(goal, part)

    def beyond(self, goal: Goal, x: str, side: int, search: Search) -> Fraction:
        r = goal.ranges[x]
        for c in FAR:
            if exactly(side * c).within(r):
                far = r.meet(None, -c, hi_open=True) if side < 0 else r.meet(c, None, lo_open=True)
                try:
                    Far().prove(replace(goal, ranges={**goal.ranges, x: far}), search)
                except Unproved:
                    search.tick()
                    continue
                return side * c
        raise Unproved("far out, bounds of the functions are not enough", show(goal))


@dataclass(frozen=True)
class Far(Strategy):
    """A quick rule where values of functions are variables."""

    def prove(self, goal: Goal, search: Search) -> Node:
        return Abstract(Quick()).prove(goal, search)


def near(goal: Goal, search: Search) -> Node | None:
    """A box at a point where the sides touch, by the signs of derivatives."""
    try:
        return Monotone(3).prove(goal, search)
    except Unproved:
        return None
