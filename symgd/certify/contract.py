"""Contraction of a box by its hypotheses and by the negation of its conclusion: one pass up and one pass down each term (HC4).

The bounds are floats and only say where to cut. A cut is kept when a natural enclosure settles all that lies outside, so that the
certificate contains the split and one leaf for what was cut off. Source: Benhamou, Goualard, Granvilliers and Puget (1999).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..kernel.rules import Range
from ..kernel.terms import INF, Undefined
from .algebra import nearest
from .part import Part

Bounds = tuple[float, float]
LINE = (-math.inf, math.inf)
GAIN, GAIN_ALONE = 0.25, 0.6  # the smallest part of a range worth a cut, with hypotheses and without


def contract(part: Part) -> tuple[str, str] | None:
    """A variable and a cut, as in a split of a `cover`, of which one side is settled by a natural enclosure; the cut that removes
    most, or None."""
    goal, ranges = part.goal, part.ranges
    targets: list[tuple[int, Bounds]] = [(g.diff, (0.0 if g.op == "=" else -math.inf, 0.0)) for g in goal.given if g.op != "!="]
    if len(goal.then) == 1:  # all that is left to show is on the points where the conclusion fails
        targets += [(r.diff, (0.0, 0.0 if r.op == "!=" else math.inf)) for r in goal.then[0] if r.op != "="]
    box: dict[str, Bounds] = {x: (_float(r.lo, -math.inf), _float(r.hi, math.inf)) for x, r in ranges.items()}
    for root, target in targets:
        try:
            box = revise(part, root, target, box)
        except (Undefined, OverflowError, ValueError, ZeroDivisionError):
            continue
    best: tuple[float, str, Fraction, bool] | None = None
    for x, (a, b) in box.items():
        r = ranges[x]
        if r.point():
            continue
        for upper, old, new in ((False, r.lo, a), (True, r.hi, b)):
            cut = _cut(r, upper, new)
            if cut is None:
                continue
            gain = math.inf if old is None else float(abs(cut - old) / (r.hi - r.lo)) if r.lo is not None and r.hi is not None else 1.0
            if gain >= (GAIN if goal.given else GAIN_ALONE) and (best is None or gain > best[0]):
                best = gain, x, cut, upper
    if best is None:
        return None
    _, x, cut, upper = best
    outside = ranges[x].meet(cut, None) if upper else ranges[x].meet(None, cut)
    if Part(goal, {**ranges, x: outside}, part.p).token(("n",)) is None:
        return None
    return x, str(cut)


def _float(q: Fraction | None, otherwise: float) -> float:
    return otherwise if q is None else nearest(q)


def _cut(r: Range, upper: bool, new: float) -> Fraction | None:
    """A short number just outside the bound, well inside the range; None where there is none."""
    if math.isinf(new) or math.isnan(new):
        return None
    width = nearest(r.hi - r.lo) if r.lo is not None and r.hi is not None else max(1.0, abs(new))
    if width == 0.0:
        return None
    step = 2.0 ** math.floor(math.log2(width / 32))
    unit = Fraction(1) if r.integer else Fraction(step)
    cut = Fraction(math.ceil(Fraction(new) / unit) + 1) * unit if upper else Fraction(math.floor(Fraction(new) / unit) - 1) * unit
    inside = (r.lo is None or cut > r.lo) and (r.hi is None or cut < r.hi)
    return cut if inside else None


def revise(part: Part, root: int, target: Bounds, box: Mapping[str, Bounds]) -> dict[str, Bounds]:
    """Bounds of the variables on the points of the box where the term lies in the target; an impossible target leaves them unchanged."""
    arena, p = part.goal.arena, part.p
    order = arena.schedule(root)
    have = {k: _floats(part.natural(k), p) for k in order}
    need: dict[int, Bounds] = {root: _meet(have[root], target)}
    out = dict(box)
    for k in reversed(order):
        if k not in need:
            continue
        z = need[k]
        if z[0] > z[1]:
            return dict(box)  # a leaf settles it
        op, sub, data = arena.nodes[k]
        if op == "var":
            a, b = _meet(out[data], z)
            if a <= b:
                out[data] = (a, b)
            continue
        for i, bound in zip(sub, backward(op, z, [have[i] for i in sub], data), strict=False):
            if bound is not None:
                need[i] = _meet(need.get(i, have[i]), bound)
    return out


def _floats(x: tuple[int, int], p: int) -> Bounds:
    one = 1 << p
    try:
        return (-math.inf if x[0] <= -INF else x[0] / one, math.inf if x[1] >= INF else x[1] / one)
    except OverflowError:
        return LINE


def _meet(x: Bounds, y: Bounds) -> Bounds:
    return max(x[0], y[0]), min(x[1], y[1])


def _times(x: Bounds, y: Bounds) -> Bounds:
    products = [0.0 if a == 0 or b == 0 else a * b for a in x for b in y]
    return min(products), max(products)


def _over(x: Bounds, y: Bounds) -> Bounds | None:
    if y[0] < 0 < y[1] or y == (0.0, 0.0):
        return None
    inverse = (1 / y[1] if y[1] else -math.inf, 1 / y[0] if y[0] else math.inf)
    return _times(x, inverse)


def backward(op: str, z: Bounds, args: list[Bounds], data: Any) -> list[Bounds | None]:
    """What each operand must satisfy for the result to lie in z; None where nothing is known."""
    if op in ("+", "-", "*", "/", "max"):
        x, y = args
        if op == "+":
            return [(z[0] - y[1], z[1] - y[0]), (z[0] - x[1], z[1] - x[0])]
        if op == "-":
            return [(z[0] + y[0], z[1] + y[1]), (x[0] - z[1], x[1] - z[0])]
        if op == "*":
            return [_over(z, y), _over(z, x)]
        if op == "/":
            return [_times(z, y), _over(x, z)]
        return [(z[0] if y[1] < z[0] else -math.inf, z[1]), (z[0] if x[1] < z[0] else -math.inf, z[1])]
    (x,) = args or [LINE]
    if op == "^":
        return [_root(z, x, int(data))]
    if op == "pow":
        e = Fraction(data)
        low, high = max(z[0], 0.0), z[1]
        return [(low ** (1 / e), high ** (1 / e) if high < math.inf else high) if e > 0 else None]
    if op == "sqrt":
        return [(max(z[0], 0.0) ** 2, z[1] ** 2)]
    if op == "abs":
        return [(max(z[0], 0.0), z[1]) if x[0] >= 0 else (-z[1], -max(z[0], 0.0)) if x[1] <= 0 else (-z[1], z[1])]
    if op == "exp":
        return [(_log(z[0]), _log(z[1]) if z[1] < math.inf else math.inf)]
    if op == "log":
        return [(math.exp(z[0]) if z[0] < 700 else 0.0, math.exp(z[1]) if z[1] < 700 else math.inf)]
    if op == "tanh":
        return [(math.atanh(z[0]) if -1 < z[0] < 1 else -math.inf, math.atanh(z[1]) if -1 < z[1] < 1 else math.inf)]
    if op == "atan":
        return [(math.tan(z[0]) if abs(z[0]) < 1.57 else -math.inf, math.tan(z[1]) if abs(z[1]) < 1.57 else math.inf)]
    return [None] * len(args)


def _log(a: float) -> float:
    return math.log(a) if a > 0 else -math.inf


def _root(z: Bounds, x: Bounds, n: int) -> Bounds | None:
    """The points of x whose n-th power lies in z."""
    if n < 0:
        inverse = _over((1.0, 1.0), z)
        return None if inverse is None else _root(inverse, x, -n)
    if n == 0:
        return None
    if n % 2:
        return tuple(math.copysign(abs(a) ** (1 / n), a) if math.isfinite(a) else a for a in z)  # type: ignore[return-value]
    high = z[1] ** (1 / n) if 0 <= z[1] < math.inf else z[1]
    low = max(z[0], 0.0) ** (1 / n)
    return (low, high) if x[0] >= 0 else (-high, -low) if x[1] <= 0 else (-high, high)
