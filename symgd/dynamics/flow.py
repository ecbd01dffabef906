"""Iterates of many boxes of the plane at once under a gradient-descent map, enclosed in float64 with outward rounding."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from ..enclosures.interval import BoolArray, FloatArray, float_down, float_up
from .expressions import program
from .model import BACKEND, DescentMap, down, up
from .zeros import Box

Bounds = tuple[FloatArray, FloatArray]


def more(x: Any) -> Any:
    """An upper bound of a quantity ≥ 0 that was computed by fewer than a hundred roundings."""
    return x * (1 + 2.0**-44) + 2.0**-1000


def multiply(a: Bounds, b: Bounds) -> Bounds:
    p = [a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]]
    return down(np.minimum.reduce(p)), up(np.maximum.reduce(p))


class BoxMap:
    """The map with its step size put in, for many boxes at once."""

    def __init__(self, f: DescentMap) -> None:
        self.f = f
        self.programs = [program(g, f.variables) for g in f.map_at(f.delta)]
        self.gradient = [program(g, f.variables) for g in f.gradient]
        self.loss = program(f.loss, f.variables)

    def slopes(self, lo: FloatArray, hi: FloatArray) -> tuple[Bounds, Bounds, BoolArray]:
        """Values (2, n), slopes (2, 2, n) of g over boxes, and where it is defined."""
        found = [BACKEND.enclose_gradient_boxes(p, lo, hi) for p in self.programs]
        value = np.stack([g.value.lo for g in found]), np.stack([g.value.hi for g in found])
        slope = np.stack([g.lo for g in found]), np.stack([g.hi for g in found])
        return value, slope, np.logical_and.reduce([g.value.defined for g in found])

    def at(self, lo: FloatArray, hi: FloatArray) -> Bounds:
        """Values (2, n) of g over boxes."""
        found = [BACKEND.enclose_boxes(p, lo, hi) for p in self.programs]
        return np.stack([v.lo for v in found]), np.stack([v.hi for v in found])


def matrix_times(a: Bounds, b: Bounds) -> Bounds:
    """Products of interval matrices (2, 2, n) and (2, m, n), by midpoints and radii.

    |xy − x₀y₀| ≤ |x₀|r_y + r_x(|y₀| + r_y), and 2⁻⁴⁸ Σ|x₀||y₀| covers the roundings of the midpoint and of its ends.
    """
    with np.errstate(all="ignore"):
        (x, r), (y, s) = _middle(a), _middle(b)
        size, other = np.abs(x), np.abs(y)
        middle = x[:, 0, None] * y[None, 0] + x[:, 1, None] * y[None, 1]
        reach = other + s
        radius = (
            size[:, 0, None] * s[None, 0] + size[:, 1, None] * s[None, 1] + r[:, 0, None] * reach[None, 0] + r[:, 1, None] * reach[None, 1]
        )
        radius = more(radius + 2.0**-48 * (size[:, 0, None] * other[None, 0] + size[:, 1, None] * other[None, 1]))
        low, high = middle - radius, middle + radius
        good = np.isfinite(low) & np.isfinite(high)
        return np.where(good, low, -np.inf), np.where(good, high, np.inf)


def _middle(a: Bounds) -> Bounds:
    """Midpoints, and radii that reach both ends."""
    x = 0.5 * (a[0] + a[1])
    return x, more(np.maximum(a[1] - x, x - a[0]))


@dataclass(eq=False)
class Flow:
    """Iterates of n cells: hull (2, n), image of the midpoint (2, n), slopes of gᵏ (2, 2, n), half widths of the cells (2, 1, n)."""

    lo: FloatArray
    hi: FloatArray
    c_lo: FloatArray
    c_hi: FloatArray
    j_lo: FloatArray
    j_hi: FloatArray
    radius: FloatArray

    @classmethod
    def start(cls, lo: FloatArray, hi: FloatArray) -> Flow:
        middle = np.clip(0.5 * (lo + hi), lo, hi)
        radius = up(np.maximum(up(hi - middle), up(middle - lo)))
        eye = np.broadcast_to(np.eye(2)[:, :, None], (2, 2, lo.shape[1]))
        return cls(lo, hi, middle, middle, eye, eye, radius[:, None])

    def only(self, keep: Any) -> Flow:
        return Flow(*(getattr(self, x)[..., keep] for x in ("lo", "hi", "c_lo", "c_hi", "j_lo", "j_hi", "radius")))

    def advanced(self, g: BoxMap) -> Flow:
        """One step further; infinite where the map is not defined on a hull."""
        with np.errstate(all="ignore"):
            value, s, defined = g.slopes(self.lo, self.hi)
            centre = np.clip(0.5 * (self.c_lo + self.c_hi), self.lo, self.hi)
            at = g.at(centre, centre)
            # g(x) = g(z) + S(x − z) for x and z in the hull
            c = self._moved(at, s, self.c_lo, self.c_hi, centre)
            j = matrix_times(s, (self.j_lo, self.j_hi))
            a = self._moved(at, s, self.lo, self.hi, centre)
            b = matrix_times(j, (-self.radius, self.radius))
            b_lo, b_hi = down(c[0] + b[0][:, 0]), up(c[1] + b[1][:, 0])
            lo = np.fmax(np.fmax(value[0], a[0]), b_lo)
            hi = np.fmin(np.fmin(value[1], a[1]), b_hi)
            good = defined & np.isfinite(lo).all(axis=0) & np.isfinite(hi).all(axis=0) & (lo <= hi).all(axis=0)
            c_lo, c_hi = np.fmax(c[0], lo), np.fmin(c[1], hi)
            return Flow(np.where(good, lo, -np.inf), np.where(good, hi, np.inf), c_lo, c_hi, *j, self.radius)

    @staticmethod
    def _moved(at: Bounds, s: Bounds, lo: FloatArray, hi: FloatArray, centre: FloatArray) -> Bounds:
        d = down(lo - centre), up(hi - centre)
        moved = matrix_times(s, (d[0][:, None], d[1][:, None]))
        return down(at[0] + moved[0][:, 0]), up(at[1] + moved[1][:, 0])


def grid(box: Box, parts: int) -> Bounds:
    """The cells of a grid, in the order of their first and then their second index."""
    edges = [np.linspace(float_down(v.lo), float_up(v.hi), parts + 1) for v in box]
    i, j = (a.ravel() for a in np.meshgrid(np.arange(parts), np.arange(parts), indexing="ij"))
    return np.stack([edges[0][i], edges[1][j]]), np.stack([edges[0][i + 1], edges[1][j + 1]])


def quarters(lo: FloatArray, hi: FloatArray) -> Bounds:
    """The four quarters of each box, quarter by quarter."""
    middle = 0.5 * (lo + hi)
    lows = [np.stack([(lo, middle)[a][0], (lo, middle)[b][1]]) for a, b in product((0, 1), repeat=2)]
    highs = [np.stack([(middle, hi)[a][0], (middle, hi)[b][1]]) for a, b in product((0, 1), repeat=2)]
    return np.hstack(lows), np.hstack(highs)
