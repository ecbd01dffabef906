"""All zeros of a system of equations in a box, by branch and prune, with a certificate of existence and uniqueness for each.

Pruning is vectorised in float64 with outward rounding. A box is dropped only when an enclosure shows that it holds no zero: the natural
form, the mean-value form, or Krawczyk's operator K(X) = m − C f(m) + (1 − C S)(X − m), which contains every zero in X for *any* matrix C,
a bad or singular one included. A zero is accepted when K(Y) lies in the interior of Y in interval arithmetic of high precision: then Y
holds exactly one zero (Krawczyk 1969, Moore 1977). What can be neither dropped nor accepted is returned as undecided, never forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np

from ..enclosures.interval import BoolArray, FloatArray, Interval, float_down, float_up
from ..enclosures.mpmath_iv import MpmathIv
from ..enclosures.program import Program
from .model import BACKEND, down, up

PRECISION = 140
FINE = Fraction(1, 2**110)  # certified enclosures are rounded outward to this grid

Box = tuple[Interval, ...]
Pair = tuple[Fraction, Fraction]
Linearised = tuple[list[Pair], list[list[Pair]]]  # values, and a row of slopes for each
Progress = Callable[[str], None]


def quiet(message: str) -> None:
    """A `progress` that says nothing."""


@dataclass(frozen=True)
class Zero:
    """One zero: `box` encloses it tightly, and `unique` is a larger box that contains no other zero."""

    box: Box
    unique: Box


@dataclass(frozen=True)
class Zeros:
    """The zeros in a region; every zero of the region is one of `found` or lies in one of the boxes `undecided`."""

    found: tuple[Zero, ...]
    undecided: tuple[Box, ...]
    boxes: int  # how many boxes were examined
    raw: tuple[FloatArray, FloatArray] | None = field(
        default=None, compare=False, repr=False
    )  # the undecided boxes before they were joined

    @property
    def complete(self) -> bool:
        """Whether nothing is undecided."""
        return not self.undecided


class System(Protocol):
    """d equations in d unknowns, for many boxes at once."""

    @property
    def dimension(self) -> int: ...

    def evaluate(self, lo: FloatArray, hi: FloatArray) -> Evaluation:
        """Enclose values and slopes over n boxes; lo and hi have shape (d, n)."""

    def exactly(self, box: Sequence[Pair], middle: bool) -> Linearised | None:
        """Values and slopes over one box in high precision, or None where something is undefined or unbounded; with `middle`, for the
        middle of the parameters only (used to find the zero, not to prove it)."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Values (d, n), slopes (d, d, n), where they are `defined` on the whole box, and which boxes are still `possible`."""

    lo: FloatArray
    hi: FloatArray
    slope_lo: FloatArray
    slope_hi: FloatArray
    defined: BoolArray
    possible: BoolArray


@dataclass(frozen=True)
class Equations:
    """A system given by programs over the unknowns and then parameters with fixed ranges."""

    programs: tuple[Program, ...]
    parameters: tuple[Interval, ...] = ()

    @property
    def dimension(self) -> int:
        return len(self.programs)

    def evaluate(self, lo: FloatArray, hi: FloatArray) -> Evaluation:
        d, n = lo.shape
        rows_lo = np.vstack([lo, *(np.full((1, n), float_down(p.lo)) for p in self.parameters)])
        rows_hi = np.vstack([hi, *(np.full((1, n), float_up(p.hi)) for p in self.parameters)])
        found = [BACKEND.enclose_gradient_boxes(p, rows_lo, rows_hi) for p in self.programs]
        value_lo, value_hi = np.stack([f.value.lo for f in found]), np.stack([f.value.hi for f in found])
        defined = np.logical_and.reduce([f.value.defined for f in found])
        possible: BoolArray = np.logical_and.reduce((value_lo <= 0) & (value_hi >= 0))
        return Evaluation(value_lo, value_hi, np.stack([f.lo[:d] for f in found]), np.stack([f.hi[:d] for f in found]), defined, possible)

    def exactly(self, box: Sequence[Pair], middle: bool) -> Linearised | None:
        parameters = [Interval((Fraction(p.lo) + Fraction(p.hi)) / 2) for p in self.parameters] if middle else self.parameters
        return slopes(self.programs, box, parameters)


def find_zeros(
    system: System,
    region: Sequence[Interval],
    *,
    tolerance: float = 1e-9,
    budget: int = 200_000,
    progress: Progress = quiet,
    limit: int = 4096,
) -> Zeros:
    """All zeros of a system in a region.

    Arguments: system; region, an interval for each unknown; tolerance, the width (relative to the region) below which a box is not split
    any more; budget, how many boxes may be examined; progress, told what is going on; limit, how many zeros are collected at most.
    Returns: zeros and undecided boxes. Ctrl-C stops the search and leaves the rest undecided.
    """
    d = system.dimension
    lo = np.array([[float_down(r.lo)] for r in region])
    hi = np.array([[float_up(r.hi)] for r in region])
    smallest = tolerance * (hi - lo)
    found: list[Zero] = []
    unique_lo, unique_hi = np.empty((d, 0)), np.empty((d, 0))  # inside the boxes of uniqueness
    owner_lo, owner_hi = np.empty((d, 0)), np.empty((d, 0))  # around those of `found`
    left: list[tuple[FloatArray, FloatArray]] = []
    examined = 0
    try:
        while lo.shape[1]:
            n = lo.shape[1]
            examined += n
            if examined > budget or len(found) >= limit:
                left.append((lo, hi))
                break
            progress(f"zeros: {n} boxes, {len(found)} certified")
            lo, hi, promising = prune(system, lo, hi)
            if lo.shape[1]:
                chosen = np.flatnonzero(promising)[:8192]
                for i, guess in zip(chosen, _newton(system, lo[:, chosen], hi[:, chosen]).T, strict=True):
                    a, b = lo[:, i], hi[:, i]
                    if ((unique_lo <= a[:, None]) & (b[:, None] <= unique_hi)).all(axis=0).any():
                        continue
                    zero = certify_zero(system, list(guess), Fraction(float(np.max(b - a))) * 2)
                    if zero is None:
                        continue
                    if not any(_inside(zero.box, found[k].unique) for k in near(zero.box, owner_lo, owner_hi)):
                        found.append(zero)
                        outer = np.array([[_down(v.lo), _up(v.hi)] for v in zero.unique])
                        owner_lo, owner_hi = np.hstack([owner_lo, outer[:, :1]]), np.hstack([owner_hi, outer[:, 1:]])
                    ends = np.array([[_up(v.lo), _down(v.hi)] for v in zero.unique])
                    unique_lo, unique_hi = np.hstack([unique_lo, ends[:, :1]]), np.hstack([unique_hi, ends[:, 1:]])
                lo, hi = _outside(lo, hi, unique_lo, unique_hi)
            small = (hi - lo <= smallest).all(axis=0)
            if small.any():
                left.append((lo[:, small], hi[:, small]))
                lo, hi = lo[:, ~small], hi[:, ~small]
            lo, hi = split(lo, hi, smallest)
    except KeyboardInterrupt:
        left.append((lo, hi))
        progress("interrupted: what is not certified yet is returned as undecided")
    rest = _outside(np.hstack([a for a, _ in left]), np.hstack([b for _, b in left]), unique_lo, unique_hi) if left else (lo, hi)
    inside = tuple(
        sorted((z for z in found if all(v.intersects(r) for v, r in zip(z.box, region, strict=True))), key=lambda z: [v.lo for v in z.box])
    )
    return Zeros(inside, clusters(*rest), examined, rest)


def _newton(system: System, lo: FloatArray, hi: FloatArray) -> FloatArray:
    """Approximate zeros (d, n) near the midpoints of boxes, by Newton's method in floats; the midpoint where it leads away."""
    middle = 0.5 * (lo + hi)
    x = middle
    with np.errstate(all="ignore"):
        for _ in range(6 if lo.shape[1] else 0):
            e = system.evaluate(x, x)
            c = _inverses(0.5 * e.slope_lo + 0.5 * e.slope_hi, e.defined & np.isfinite(e.slope_lo).all(axis=(0, 1)))
            step = (c * (0.5 * (e.lo + e.hi))[None]).sum(axis=1)
            x = np.where(np.isfinite(step), x - step, x)
            x = np.where((np.abs(x - middle) <= 2 * (hi - lo)).all(axis=0), x, middle)
    return x


def _up(q: object) -> float:
    return float_up(q)  # type: ignore[arg-type]


def _down(q: object) -> float:
    return float_down(q)  # type: ignore[arg-type]


def _inside(box: Box, outer: Box) -> bool:
    return all(a.is_subset(b) for a, b in zip(box, outer, strict=True))


def near(box: Box, lo: FloatArray, hi: FloatArray) -> list[int]:
    """Which of the boxes given by arrays of shape (d, n) a box may meet."""
    a, b = np.array([[_down(v.lo)] for v in box]), np.array([[_up(v.hi)] for v in box])
    return [int(k) for k in np.flatnonzero(((lo <= b) & (a <= hi)).all(axis=0))]


def _outside(lo: FloatArray, hi: FloatArray, unique_lo: FloatArray, unique_hi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Without the boxes that lie in a region of uniqueness: their only possible zero is in the list already."""
    keep = np.ones(lo.shape[1], dtype=bool)
    for j in range(unique_lo.shape[1]):
        keep &= ~((unique_lo[:, j : j + 1] <= lo) & (hi <= unique_hi[:, j : j + 1])).all(axis=0)
    return lo[:, keep], hi[:, keep]


def split(lo: FloatArray, hi: FloatArray, smallest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Each box in two, across its longest side relative to the region."""
    n = lo.shape[1]
    if n == 0:
        return lo, hi
    axis = np.argmax((hi - lo) / np.maximum(smallest, 1e-300), axis=0)
    index = np.arange(n)
    middle = 0.5 * (lo[axis, index] + hi[axis, index])
    # a cut a little off the middle: symmetric zeros would lie on it
    cut = middle + 0.03125 * (hi[axis, index] - middle)
    left_hi, right_lo = hi.copy(), lo.copy()
    left_hi[axis, index], right_lo[axis, index] = cut, cut
    return np.hstack([lo, right_lo]), np.hstack([left_hi, hi])


def prune(system: System, lo: FloatArray, hi: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Drop boxes without zeros and shrink the others to where their zeros can be; also say where Krawczyk's operator contracts."""
    e = system.evaluate(lo, hi)
    keep = e.possible
    lo, hi = lo[:, keep], hi[:, keep]
    if not lo.shape[1]:
        return lo, hi, np.zeros(0, dtype=bool)
    d, n = lo.shape
    s_lo, s_hi, defined = e.slope_lo[:, :, keep], e.slope_hi[:, :, keep], e.defined[keep]
    middle = np.clip(0.5 * (lo + hi), lo, hi)
    at = system.evaluate(middle, middle)
    m_lo, m_hi = at.lo, at.hi
    usable = defined & at.defined & np.isfinite(s_lo).all(axis=(0, 1)) & np.isfinite(s_hi).all(axis=(0, 1))
    with np.errstate(all="ignore"):
        c = _inverses(0.5 * s_lo + 0.5 * s_hi, usable)
    radius = up(np.maximum(up(hi - middle), up(middle - lo)))
    with np.errstate(all="ignore"):
        k_lo, k_hi = middle.copy(), middle.copy()
        promising = usable.copy()
        for i in range(d):
            low, high = middle[i], middle[i]
            share = np.zeros(n)
            for j in range(d):
                p, q = c[i, j] * m_lo[j], c[i, j] * m_hi[j]
                low, high = down(low - up(np.maximum(p, q))), up(high - down(np.minimum(p, q)))
            for j in range(d):
                a = np.full(n, 1.0 if i == j else 0.0)
                b = a.copy()
                for k in range(d):
                    p, q = c[i, k] * s_lo[k, j], c[i, k] * s_hi[k, j]
                    a, b = down(a - up(np.maximum(p, q))), up(b - down(np.minimum(p, q)))
                spread = up(np.maximum(np.abs(a), np.abs(b)) * radius[j])
                low, high = down(low - spread), up(high + spread)
                share += np.maximum(np.abs(a), np.abs(b))
            promising &= share < 0.9
            k_lo[i], k_hi[i] = low, high
        new_lo, new_hi = np.where(usable, np.maximum(lo, k_lo), lo), np.where(usable, np.minimum(hi, k_hi), hi)
        # mean-value form of each equation: useful where Krawczyk's matrix is bad
        for i in range(d):
            low, high = m_lo[i], m_hi[i]
            for j in range(d):
                spread = up(np.maximum(np.abs(s_lo[i, j]), np.abs(s_hi[i, j])) * radius[j])
                low, high = down(low - spread), up(high + spread)
            none = usable & ((low > 0) | (high < 0))
            new_hi[0] = np.where(none, new_lo[0] - 1, new_hi[0])
    keep = np.logical_and.reduce(new_lo <= new_hi)
    return new_lo[:, keep], new_hi[:, keep], promising[keep]


def _inverses(matrices: FloatArray, usable: BoolArray) -> FloatArray:
    """Approximate inverses of n matrices (d, d, n), zero where there is none; any matrix is sound."""
    d, n = matrices.shape[0], matrices.shape[2]
    out = np.zeros((d, d, n))
    with np.errstate(all="ignore"):
        if d == 1:
            out[0, 0] = np.where(usable & (np.abs(matrices[0, 0]) > 1e-290), 1.0 / matrices[0, 0], 0.0)
        else:
            m = np.where(usable, matrices, np.eye(d)[:, :, None]).transpose(2, 0, 1)
            size = np.abs(m).max(axis=(1, 2))
            good = (np.abs(np.linalg.det(m / np.maximum(size, 1e-290)[:, None, None])) > 1e-12) & (size > 1e-290)
            out[:, :, good] = np.linalg.inv(m[good]).transpose(1, 2, 0)
        out[~np.isfinite(out)] = 0.0
    return out


def clusters(lo: FloatArray, hi: FloatArray, most: int = 64) -> tuple[Box, ...]:
    """Undecided boxes, those that touch joined into one; beyond `most`, the hull of all that are left is one box."""
    order = np.lexsort(lo[::-1])
    groups: list[tuple[FloatArray, FloatArray]] = []
    for i in order:
        a, b = lo[:, i].copy(), hi[:, i].copy()
        merged = True
        while merged:
            merged = False
            for j, (c, e) in enumerate(groups):
                slack = 1e-12 * (1 + np.abs(a))
                if (a <= e + slack).all() and (c <= b + slack).all():
                    a, b = np.minimum(a, c), np.maximum(b, e)
                    del groups[j]
                    merged = True
                    break
        groups.append((a, b))
        if len(groups) > most:
            groups = [(np.min([g[0] for g in groups], axis=0), np.max([g[1] for g in groups], axis=0))]
    return tuple(tuple(Interval(float(a), float(b)) for a, b in zip(x, y, strict=True)) for x, y in groups)


# --- certification in high precision -----------------------------------------------------------------------------------------------------


def times(a: Pair, b: Pair) -> Pair:
    """The product of two intervals with rational ends."""
    products = (a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1])
    return min(products), max(products)


def rounded(a: Pair, grid: Fraction = FINE) -> Pair:
    """The interval with ends moved outward to multiples of the grid."""
    return Fraction((a[0] / grid).__floor__()) * grid, Fraction((a[1] / grid).__ceil__()) * grid


def finite(v: Interval) -> Pair | None:
    """The ends as rationals, None when one is infinite."""
    return None if isinstance(v.lo, float) or isinstance(v.hi, float) else (v.lo, v.hi)


def slopes(programs: Sequence[Program], box: Sequence[Pair], parameters: Sequence[Interval]) -> Linearised | None:
    """Values and slopes of each program over a box in high precision; None where something is undefined or unbounded."""
    backend = MpmathIv(PRECISION)
    full = [*(Interval(*b) for b in box), *parameters]
    values, rows = [], []
    for p in programs:
        g = backend.enclose_gradient(p, full)
        value = finite(g.value.interval)
        row = [finite(v) for v in g.gradient[: len(box)]]
        if not g.value.defined or value is None or any(v is None for v in row):
            return None
        values.append(value)
        rows.append([v for v in row if v is not None])
    return values, rows


def krawczyk(system: System, box: Sequence[Pair], inverse: Sequence[Sequence[Fraction]]) -> list[Pair] | None:
    """Krawczyk's operator over a box, with exact arithmetic on rational ends; None where it is undefined."""
    d = len(box)
    centre = [(a + b) / 2 for a, b in box]
    over, at = system.exactly(box, False), system.exactly([(c, c) for c in centre], False)
    if over is None or at is None:
        return None
    out = []
    for i in range(d):
        low = high = centre[i]
        for j in range(d):
            step = times((inverse[i][j],) * 2, at[0][j])
            low, high = low - step[1], high - step[0]
            entry = [Fraction(int(i == j)), Fraction(int(i == j))]
            for k in range(d):
                if inverse[i][k]:
                    p = times((inverse[i][k],) * 2, over[1][k][j])
                    entry = [entry[0] - p[1], entry[1] - p[0]]
            r = (box[j][1] - box[j][0]) / 2
            size = max(abs(entry[0]), abs(entry[1])) * r
            low, high = low - size, high + size
        out.append(rounded((low, high)))
    return out


def approximate_inverse(rows: Sequence[Sequence[Pair]]) -> list[list[Fraction]] | None:
    """The inverse of the midpoints as dyadic numbers; None when it is hopeless."""
    m = np.array([[float((a + b) / 2) for a, b in row] for row in rows])
    if not np.isfinite(m).all():
        return None
    try:
        inverse = np.linalg.inv(m)
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(inverse).all() or np.abs(inverse).max() > 1e13:
        return None
    return [[Fraction(float(v)) for v in row] for row in inverse]


def certify_zero(system: System, guess: Sequence[float | Fraction], radius: Fraction) -> Zero | None:
    """A zero near a guess, with a box of at least `radius` around it in which it is the only one.

    Arguments: system; guess, one number for each unknown; radius, a rational.
    Returns: the zero (for each value of the system's parameters), its box contracted as far as the precision goes; None if Newton's
    iteration leaves the neighbourhood or Krawczyk's test fails.
    """
    start = [Fraction(g) for g in guess]
    centre = start
    inverse = None
    for _ in range(8):
        at = system.exactly([(c, c) for c in centre], True)
        inverse = approximate_inverse(at[1]) if at is not None else None
        if at is None or inverse is None:
            return None
        values = [(a + b) / 2 for a, b in at[0]]
        step = [sum((q * v for q, v in zip(row, values, strict=True)), Fraction(0)) for row in inverse]
        centre = [Fraction(round((c - s) / FINE)) * FINE for c, s in zip(centre, step, strict=True)]
        if max(abs(c - g) for c, g in zip(centre, start, strict=True)) > 4 * radius:
            return None
        if max(abs(s) for s in step) < Fraction(1, 2**48) * (1 + max(abs(c) for c in centre)):
            break  # Newton's steps square: what is left is about 2⁻⁹⁶
    if inverse is None:
        return None
    radius = Fraction(float_up(radius))
    box = [(c - radius, c + radius) for c in centre]
    image = krawczyk(system, box, inverse)
    if image is None or not all(b[0] < k[0] and k[1] < b[1] for b, k in zip(box, image, strict=True)):
        return None
    unique = tuple(Interval(*b) for b in box)
    # the same zero in the smallest box around the centre on which the test succeeds
    scale = max(abs(c) for c in centre) + 1
    for k in (105, 98, 90, 80, 70, 60, 50, 42):
        r = scale / 2**k
        if r >= radius:
            break
        small = krawczyk(system, [(c - r, c + r) for c in centre], inverse)
        if small is not None and all(c - r < t[0] and t[1] < c + r for c, t in zip(centre, small, strict=True)):
            return Zero(tuple(Interval(*t) for t in small), unique)
    for _ in range(60):
        again = krawczyk(system, image, inverse)
        if again is None:
            break
        tighter = [(max(a[0], b[0]), min(a[1], b[1])) for a, b in zip(image, again, strict=True)]
        stalled = all(t[1] - t[0] > (b[1] - b[0]) * Fraction(31, 32) for t, b in zip(tighter, image, strict=True))
        image = tighter
        if stalled:
            break
    return Zero(tuple(Interval(*b) for b in image), unique)
