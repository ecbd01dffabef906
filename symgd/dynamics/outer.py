"""Outer regions of the plane from which gradient descent on a polynomial goes to infinity.

Either |g_i(x)| ≥ κ|x_i| with κ > 1 for each i of a set of coordinates, wherever these are at least K in size; or max |g_i(x)| ≥ κ max |x_i|
wherever max |x_i| ≥ K. Both regions are kept by the map. Each inequality is a polynomial without negative coefficients after moving the
corner of an orthant, or of a sector of it, to 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from ..enclosures.interval import BoolArray, FloatArray, float_up
from . import several
from .model import DescentMap
from .several import Terms

GROWTH = Fraction(65, 64)


@dataclass(frozen=True)
class Outer:
    """The points with |x_i| ≥ bounds_i for every i that has a bound, or with `largest`, for at least one of them."""

    bounds: tuple[Fraction | None, Fraction | None]
    largest: bool
    names: tuple[str, ...]

    def contains(self, lo: FloatArray, hi: FloatArray) -> BoolArray:
        """Which of n boxes, given by arrays of shape (2, n), certainly lie in it."""
        parts = [(lo[i] >= float_up(c)) | (hi[i] <= -float_up(c)) for i, c in enumerate(self.bounds) if c is not None]
        return np.asarray(np.logical_or.reduce(parts) if self.largest else np.logical_and.reduce(parts))

    def __str__(self) -> str:
        parts = [f"|{x}| ≥ {float(c):.6g}" for x, c in zip(self.names, self.bounds, strict=True) if c is not None]
        return (" or " if self.largest else " and ").join(parts)

    @property
    def growth(self) -> str:
        """What grows there, in words."""
        bounded = [x for x, c in zip(self.names, self.bounds, strict=True) if c is not None]
        what = "the larger of them grows" if self.largest else f"|{bounded[0]}| grows" if len(bounded) == 1 else "both grow"
        return f"{what} where {self}"


def outer_regions(f: DescentMap) -> tuple[Outer, ...]:
    """Outer regions from which every orbit of a polynomial loss in two variables goes to infinity; none for other losses.

    Source: the module docstring.
    """
    loss = several.read(f.loss, f.variables)
    if loss is None or not 2 <= several.degree(loss) <= 16:
        return ()
    step = [several.add(unit(i), several.derivative(loss, i), -f.delta) for i in range(2)]
    out = []
    k = _smallest(lambda k: _max_grows(step, k))
    if k is not None:
        out.append(Outer((k, k), True, f.variables))
    single = False
    for chosen in ((0,), (1,), (0, 1)):
        if len(chosen) == 2 and single:
            break
        k = _smallest(lambda k, chosen=chosen: _each_grows(step, chosen, k))  # type: ignore[misc]
        if k is not None:
            single = True
            out.append(Outer((k if 0 in chosen else None, k if 1 in chosen else None), False, f.variables))
    return tuple(out)


def unit(i: int) -> Terms:
    """The i-th variable."""
    return {(int(i == 0), int(i == 1)): Fraction(1)}


def _smallest(good: Callable[[Fraction], bool], most: int = 12) -> Fraction | None:
    """A number K near the least for which a monotone condition holds, at most 2^most; None if there is none."""
    high = Fraction(2) ** most
    if not good(high):
        return None
    while high > Fraction(1, 64) and good(high / 2):
        high /= 2
    low = high / 2
    for _ in range(5):
        middle = (low + high) / 2
        low, high = (low, middle) if good(middle) else (middle, high)
    return high


def _each_grows(step: Sequence[Terms], chosen: Sequence[int], k: Fraction) -> bool:
    """|g_i| ≥ κ|x_i| for the chosen i wherever |x_i| ≥ k for all of them, the other coordinates being arbitrary."""
    corner = [k if i in chosen else Fraction(0) for i in range(2)]
    for signs in product((1, -1), repeat=2):
        for i in chosen:
            value = several.on_orthant(step[i], corner, signs)
            size = several.multiply(several.on_orthant(unit(i), corner, signs), {(0, 0): GROWTH * signs[i]})
            if not any(several.nonnegative(several.add({m: s * q for m, q in value.items()}, size, Fraction(-1))) for s in (1, -1)):
                return False
    return True


def _max_grows(step: Sequence[Terms], k: Fraction, depth: int = 5) -> bool:
    """max |g_i| ≥ κ max |x_i| wherever max |x_i| ≥ k: for each sign, larger coordinate, and part of [0, 1] for the ratio of the two."""
    for signs in product((1, -1), repeat=2):
        for big in (0, 1):
            todo = [(Fraction(0), Fraction(1), depth)]
            while todo:
                a, b, left = todo.pop()
                if not any(_grows_in_sector(step[i], signs, big, k, a, b) for i in (big, 1 - big)):
                    if not left:
                        return False
                    todo += [(a, (a + b) / 2, left - 1), ((a + b) / 2, b, left - 1)]
    return True


def _grows_in_sector(g: Terms, signs: Sequence[int], big: int, k: Fraction, a: Fraction, b: Fraction) -> bool:
    """|g| ≥ κ|x_big| where |x_big| ≥ k and |x_other|/|x_big| is in [a, b]: x_big = k + u, the ratio (a + bs)/(1 + s) with u, s ≥ 0."""
    top = max((m[1 - big] for m in g), default=0)
    size: Terms = {(1, 0): Fraction(1), (0, 0): k} if k else {(1, 0): Fraction(1)}
    ratio: Terms = {(0, 0): a, (0, 1): b} if a else {(0, 1): b}
    one: Terms = {(0, 0): Fraction(1), (0, 1): Fraction(1)}
    value: Terms = {}
    for m, q in g.items():
        sign = signs[big] ** m[big] * signs[1 - big] ** m[1 - big]
        term = several.multiply(several.power(size, sum(m), 2), several.power(ratio, m[1 - big], 2))
        value = several.add(value, several.multiply(term, several.power(one, top - m[1 - big], 2)), q * sign)
    least = several.multiply(several.multiply(size, several.power(one, top, 2)), {(0, 0): GROWTH})
    return any(several.nonnegative(several.add({m: s * q for m, q in value.items()}, least, Fraction(-1))) for s in (1, -1))
