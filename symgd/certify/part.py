"""One box of a subdivision: its enclosures, each computed once, and the cheapest form that settles a goal on it.

The values are those that the kernel will find (`bounds` of symgd.kernel.rules); only what one form shares with the next is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement
from typing import Any

from ..kernel.rules import Goal, Range, Relation, boxed, exactly
from ..kernel.terms import (
    Interval,
    Undefined,
    absolute,
    atan_at,
    clamp,
    drop,
    exp_at,
    inverse,
    log_at,
    multiply,
    power,
    root_of,
    signum,
    tanh_at,
    to_interval,
    wave,
)

FORMS = ("n", "m", "d", "t")


@cache
def meaning(p: int) -> dict[str, Callable[..., Interval]]:
    """What each operation does to intervals in units of 2**-p, as in the kernel."""
    increasing = {"exp": exp_at, "log": log_at, "atan": atan_at, "tanh": tanh_at}
    return {
        "num": lambda q: to_interval(q, q, p),
        "+": lambda x, y: clamp(x[0] + y[0], x[1] + y[1]),
        "-": lambda x, y: clamp(x[0] - y[1], x[1] - y[0]),
        "*": lambda x, y: multiply(x, y, p),
        "/": lambda x, y: multiply(x, inverse(y, p), p),
        "^": lambda x, n: power(x, n, p),
        "abs": absolute,
        "max": lambda x, y: (max(x[0], y[0]), max(x[1], y[1])),
        "sign": lambda x: (signum(x[0]) << p, signum(x[1]) << p),
        "pow": lambda x, e: root_of(x, Fraction(e), p),
        "sqrt": lambda x: root_of(x, Fraction(1, 2), p),
        "cos": lambda x: wave(x, 0, p),
        "sin": lambda x: wave(x, 1, p),
        **{op: lambda x, f=f: (f(x[0], p)[0], f(x[1], p)[1]) for op, f in increasing.items()},
    }


class Values:
    """Enclosures of terms over one box; what several terms share is enclosed once."""

    def __init__(self, goal: Goal, box: Mapping[str, Interval], p: int) -> None:
        self.arena, self.box, self.ops = goal.arena, box, meaning(p)
        self.known: dict[int, Interval | None] = {}

    def __call__(self, root: int) -> Interval:
        """The enclosure of a term; `Undefined` where a point of the box might have no value."""
        known = self.known
        if root not in known:
            nodes = self.arena.nodes
            for k in self.arena.schedule(root):
                if k in known:
                    continue
                op, sub, data = nodes[k]
                try:
                    if op == "var":
                        known[k] = self.box[data]
                    else:
                        args = [known[i] for i in sub]
                        known[k] = None if None in args else self.ops[op](*args) if data is None else self.ops[op](*args, data)
                except Undefined:
                    known[k] = None
        value = known[root]
        if value is None:
            raise Undefined("a point of the box might have no value")
        return value


class Part:
    """A goal on a box at p bits."""

    def __init__(self, goal: Goal, ranges: Mapping[str, Range], p: int) -> None:
        self.goal, self.ranges, self.p, self.arena = goal, ranges, p, goal.arena
        self.box = boxed(ranges, p)
        self.natural = Values(goal, self.box, p)
        self.middle: Values | None = None
        self.slopes: dict[int, dict[str, Interval]] = {}
        self.found: dict[tuple[int, str], Interval] = {}
        self.corners: dict[tuple[tuple[str, Fraction], ...], Values] = {}

    def wide(self, d: int) -> list[str]:
        return sorted(x for x in self.arena.variables(d) if not self.ranges[x].point())

    def gradient(self, d: int) -> dict[str, Interval]:
        if d not in self.slopes:
            self.slopes[d] = {x: self.natural(self.arena.derivative(d, x)) for x in self.wide(d)}
        return self.slopes[d]

    def centre(self) -> Values:
        """Enclosures at the middle of a bounded box."""
        if self.middle is None:
            if any(None in self.ranges[x][:2] for r in self.relations() for x in self.wide(r.diff)):
                raise Undefined("an infinite box has no middle")
            at = {x: (sum(b) // 2,) * 2 if not self.ranges[x].point() else b for x, b in self.box.items()}
            self.middle = Values(self.goal, at, self.p)
        return self.middle

    def relations(self) -> list[Relation]:
        return [*self.goal.given, *(r for clause in self.goal.then for r in clause)]

    def bounds(self, d: int, form: str) -> Interval:
        """Bounds of a term by a form; for "d" those by enclosures at corners."""
        if (d, form) not in self.found:
            self.found[d, form] = getattr(self, {"n": "_natural", "m": "_mean", "t": "_taylor", "d": "_monotone"}[form])(d)
        return self.found[d, form]

    def _natural(self, d: int) -> Interval:
        return self.natural(d)

    def _mean(self, d: int) -> Interval:
        lo, hi = self.natural(d)
        slopes, centre = self.gradient(d), self.centre()
        low, high = centre(d)
        for x, slope in slopes.items():
            (a, b), c = self.box[x], centre.box[x][0]
            u, v = multiply(slope, (a - c, b - c), self.p)
            low, high = low + u, high + v
        return max(lo, low), min(hi, high)

    def _taylor(self, d: int) -> Interval:
        lo, hi = self.natural(d)
        p, centre, wide, arena = self.p, self.centre(), self.wide(d), self.arena
        gap = {x: (self.box[x][0] - centre.box[x][0], self.box[x][1] - centre.box[x][0]) for x in wide}
        low, high = centre(d)
        for x in wide:
            u, v = multiply(centre(arena.derivative(d, x)), gap[x], p)
            low, high = low + u, high + v
        for x, y in combinations_with_replacement(wide, 2):
            bend = self.natural(arena.derivative(arena.derivative(d, x), y))
            square = power(gap[x], 2, p) if x == y else multiply(gap[x], gap[y], p)
            u, v = drop(multiply(bend, square, p), 1) if x == y else multiply(bend, square, p)
            low, high = low + u, high + v
        return max(lo, low), min(hi, high)

    def _monotone(self, d: int) -> Interval:
        lo, hi = self.natural(d)
        try:
            return max(lo, self.corner(d, False)(d)[0]), min(hi, self.corner(d, True)(d)[1])
        except Undefined:
            return lo, hi

    def corner(self, d: int, upper: bool) -> Values:
        """Enclosures where each variable in which the term is monotone is at the end at which it is large (or small)."""
        key = tuple(self.ends(d, upper).items())
        if key not in self.corners:
            self.corners[key] = Values(self.goal, {**self.box, **{x: to_interval(q, q, self.p) for x, q in key}}, self.p)
        return self.corners[key]

    def ends(self, d: int, upper: bool) -> dict[str, Fraction]:
        ends = {}
        for x, (a, b) in self.gradient(d).items():
            if a >= 0 or b <= 0:
                end = self.ranges[x].hi if (a >= 0) == upper else self.ranges[x].lo
                if end is not None:
                    ends[x] = end
        return ends

    def exact(self, d: int, upper: bool) -> Fraction | None:
        """The exact extreme value, where the term is monotone in every variable and the value is rational."""
        ends = self.ends(d, upper)
        if len(ends) < len(self.wide(d)):
            return None
        fixed = {x: r.lo for x, r in self.ranges.items() if r.lo is not None and r.point()}
        try:
            return self.arena.value(d, {**fixed, **ends})
        except Undefined:
            return None
        finally:
            self.arena.work = 0

    def holds(self, r: Relation, form: str) -> bool:
        """Whether the relation certainly holds on the box."""
        try:
            lo, hi = self.bounds(r.diff, form)
            if r.lhs == r.rhs:
                return r.op in ("<=", "=")
            if r.op in ("<", "<="):
                if hi < 0 or (hi == 0 and r.op == "<="):
                    return True
                if form != "d" or self.corner(r.diff, True)(r.diff)[0] > 0:
                    return False
                top = self.exact(r.diff, True)
                return top is not None and (top < 0 or (top == 0 and r.op == "<="))
            return lo == hi == 0 if r.op == "=" else lo > 0 or hi < 0
        except Undefined:
            return False

    def fails(self, r: Relation, form: str) -> bool:
        """Whether the relation certainly fails on the box."""
        try:
            lo, hi = self.bounds(r.diff, form)
        except Undefined:
            return False
        if r.lhs == r.rhs:
            return r.op in ("<", "!=")
        if r.op in ("<", "<="):
            return lo > 0 or (lo == 0 and r.op == "<")
        return lo > 0 or hi < 0 if r.op == "=" else lo == hi == 0

    def settled(self, form: str) -> bool:
        """What the kernel asks of a leaf: each clause holds, or a hypothesis fails."""
        goal = self.goal
        return all(any(r in goal.given or self.holds(r, form) for r in clause) for clause in goal.then) or any(
            self.fails(r, form) for r in goal.given
        )

    def token(self, forms: tuple[str, ...] = FORMS) -> Any:
        """The cheapest token among the forms that settles the box, or None."""
        goal = self.goal
        wide = any(not r.point() for r in self.ranges.values())
        open_equation = any(all(r.op == "=" and r.lhs != r.rhs and r not in goal.given for r in clause) for clause in goal.then)
        if wide and open_equation:  # no enclosure of positive width proves it; t = t says that t is defined
            return "n" if any(self.fails(g, "n") for g in goal.given) else None
        return next((form for form in forms if self.settled(form)), None)

    def counterexample(self) -> dict[str, Fraction] | None:
        """The middle of the box, where the hypotheses certainly hold and a conclusion certainly fails there; or None."""
        try:
            at = self.centre().box
        except Undefined:
            return None
        point = {x: r.lo if r.lo is not None and r.point() else Fraction(at[x][0], 1 << self.p) for x, r in self.ranges.items()}
        there = Part(self.goal, {x: exactly(q) for x, q in point.items()}, self.p)
        if not all(r.within(self.ranges[x]) for x, r in there.ranges.items()):
            return None
        there.natural = self.centre()
        if any(all(there.fails(r, "n") for r in clause) for clause in self.goal.then) and all(there.holds(g, "n") for g in self.goal.given):
            return point
        return None

    def unclear(self) -> bool:
        """Whether the value of a conclusion in the middle is not told apart from 0 at this precision."""
        try:
            for clause in self.goal.then:
                if len(clause) == 1 and not self.holds(clause[0], "n"):
                    lo, hi = self.centre()(clause[0].diff)
                    if lo <= 0 <= hi and lo < hi:
                        return True
        except Undefined:
            return False
        return False
