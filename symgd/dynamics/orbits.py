"""All periodic orbits of a gradient-descent map, each certified, with its multiplier.

The unknown is one point x of the orbit, the equation gⁿ(x) = x. A box is dropped when an image of it misses the region, when gⁿ(X) misses
X, or by Krawczyk's operator for gⁿ − id; slopes of gⁿ are products of slopes of g along the enclosed orbit (chain rule). So the list is
complete wherever the subdivision closes. Minimal periods are checked by separating the iterates.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
import sympy

from ..claims import Trust
from ..enclosures.interval import BoolArray, FloatArray, Interval, float_down, float_up
from .equilibria import middle, show, simplest
from .expressions import Coefficients, exact_value, poly_add, poly_derivative, poly_mul, poly_value
from .model import BACKEND, DescentMap, DynamicsError, RegionLike, as_region, down, up
from .real_roots import real_roots, sign_at, value_at
from .spectrum import is_contracting, is_expanding_somewhere, multiply
from .zeros import Box, Evaluation, Linearised, Pair, Progress, Zero, certify_zero, find_zeros, near, quiet, rounded, slopes

MAX_PERIOD = 64
SOLVE_DEGREE = 32  # gⁿ(x) = x is solved exactly up to this degree, where subdivision does not close
EXACT_DEGREE = 130  # gⁿ is expanded up to this degree, to prove that a multiplier is exactly 0


class Stability(enum.Enum):
    """What the multiplier says about an orbit."""

    SUPERSTABLE = "superstable"  # the multiplier is exactly 0
    STABLE = "stable"
    UNSTABLE = "unstable"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class PeriodicOrbit:
    """A periodic orbit, for each step size of the map.

    Arguments: period, the minimal one; points, an enclosing box for each; multiplier, an enclosure of the derivative of gⁿ (one
    variable), else None; stability; exact, the points where they are rational; trust; unique, a box around the first point that holds no
    other solution of gⁿ(x) = x.
    """

    period: int
    points: tuple[Box, ...]
    multiplier: Interval | None
    stability: Stability
    exact: tuple[tuple[Fraction, ...], ...] | None
    trust: Trust
    unique: Box = field(repr=False, default=())

    def __str__(self) -> str:
        points = "  ".join(
            "(" + ", ".join(show(v, q) for v, q in zip(box, self.exact[i] if self.exact else [None] * len(box), strict=True)) + ")"
            if len(box) > 1
            else show(box[0], self.exact[i][0] if self.exact else None)
            for i, box in enumerate(self.points)
        )
        mult = f"; multiplier {show(self.multiplier)}" if self.multiplier is not None else ""
        return f"period {self.period}: {points}{mult}; {self.stability.value} [{self.trust.value}]"


@dataclass(frozen=True)
class PeriodicOrbits:
    """The orbits of one period in a region; `complete` when there are no others whose points all lie in the region."""

    period: int
    orbits: tuple[PeriodicOrbit, ...]
    undecided: tuple[Box, ...]
    boxes: int

    @property
    def complete(self) -> bool:
        """Whether nothing is undecided."""
        return not self.undecided

    def __len__(self) -> int:
        return len(self.orbits)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.orbits)


@dataclass(frozen=True)
class Returns:
    """The equations gⁿ(x) = x for orbits in a region (None: anywhere)."""

    f: DescentMap
    n: int
    region: Box | None = None

    @property
    def dimension(self) -> int:
        return self.f.dimension

    def evaluate(self, lo: FloatArray, hi: FloatArray) -> Evaluation:
        d, n = lo.shape
        x_lo, x_hi = lo, hi
        j_lo = np.broadcast_to(np.eye(d)[:, :, None], (d, d, n))
        j_hi = j_lo
        defined, possible, finite = np.ones(n, dtype=bool), np.ones(n, dtype=bool), np.ones(n, dtype=bool)
        with np.errstate(all="ignore"):
            for _ in range(self.n):
                x_lo, x_hi, s_lo, s_hi, good = self._step(x_lo, x_hi)
                j_lo, j_hi = _products(s_lo, s_hi, j_lo, j_hi)
                if self.region is not None:
                    for i, r in enumerate(self.region):
                        possible &= ((x_lo[i] <= float_up(r.hi)) & (x_hi[i] >= float_down(r.lo))) | ~finite
                # an unbounded image is cut for the next step, and from then on nothing is concluded for this box
                finite &= np.logical_and.reduce(np.isfinite(x_lo) & np.isfinite(x_hi))
                defined &= good & finite
                x_lo, x_hi = np.where(np.isfinite(x_lo), x_lo, -1e300), np.where(np.isfinite(x_hi), x_hi, 1e300)
            v_lo, v_hi = down(x_lo - hi), up(x_hi - lo)
            possible &= np.logical_and.reduce(((v_lo <= 0) & (v_hi >= 0)) | ~defined)
            eye = np.eye(d)[:, :, None]
            return Evaluation(v_lo, v_hi, down(j_lo - eye), up(j_hi - eye), defined, possible)

    def _step(self, lo: FloatArray, hi: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, BoolArray]:
        if self.f.dimension == 1:
            im = self.f.images(lo[0], hi[0])
            return im.lo[None], im.hi[None], im.slope_lo[None, None], im.slope_hi[None, None], im.defined
        d, n = lo.shape
        step_lo, step_hi = np.full((1, n), float_down(self.f.step.lo)), np.full((1, n), float_up(self.f.step.hi))
        rows_lo, rows_hi = np.vstack([lo, step_lo]), np.vstack([hi, step_hi])
        centre = np.clip(0.5 * (lo + hi), lo, hi)
        radius = up(np.maximum(up(hi - centre), up(centre - lo)))
        out = [], [], [], []  # type: tuple[list[FloatArray], list[FloatArray], list[FloatArray], list[FloatArray]]
        defined = np.ones(n, dtype=bool)
        for p in self.f.map_programs:
            g = BACKEND.enclose_gradient_boxes(p, rows_lo, rows_hi)
            at = BACKEND.enclose_boxes(p, np.vstack([centre, step_lo]), np.vstack([centre, step_hi]))
            spread = np.zeros(n)
            for j in range(d):
                spread = up(spread + up(np.maximum(np.abs(g.lo[j]), np.abs(g.hi[j])) * radius[j]))
            out[0].append(np.fmax(g.value.lo, down(at.lo - spread)))
            out[1].append(np.fmin(g.value.hi, up(at.hi + spread)))
            out[2].append(g.lo[:d])
            out[3].append(g.hi[:d])
            defined &= g.value.defined
        return np.stack(out[0]), np.stack(out[1]), np.stack(out[2]), np.stack(out[3]), defined

    def exactly(self, box: Sequence[Pair], middle: bool) -> Linearised | None:
        found = self.along(box, middle)
        if found is None:
            return None
        values, rows = found[0][-1], found[1]
        d = len(box)
        return (
            [(v[0] - b[1], v[1] - b[0]) for v, b in zip(values, box, strict=True)],
            [[(rows[i][j][0] - (i == j), rows[i][j][1] - (i == j)) for j in range(d)] for i in range(d)],
        )

    def along(self, box: Sequence[Pair], middle: bool = False) -> tuple[list[list[Pair]], list[list[Pair]]] | None:
        """The images g(X), …, gⁿ(X) of a box, and slopes of gⁿ on it, in high precision."""
        f, d = self.f, len(box)
        step = Interval((Fraction(f.step.lo) + Fraction(f.step.hi)) / 2) if middle else f.step
        total: list[list[Pair]] = [[(Fraction(int(i == j)),) * 2 for j in range(d)] for i in range(d)]
        images = []
        x = list(box)
        for _ in range(self.n):
            over = self._linearised(x, step)
            at = over if all(a == b for a, b in x) else self._linearised([((a + b) / 2,) * 2 for a, b in x], step)
            if over is None or at is None:
                return None
            new = []
            for i in range(d):
                spread = sum((max(abs(over[1][i][j][0]), abs(over[1][i][j][1])) * (x[j][1] - x[j][0]) / 2 for j in range(d)), Fraction(0))
                low, high = max(over[0][i][0], at[0][i][0] - spread), min(over[0][i][1], at[0][i][1] + spread)
                new.append(rounded((low, high)))
            total = [[rounded(v) for v in row] for row in multiply(over[1], total)]
            x = new
            images.append(x)
            if any(max(abs(a), abs(b)) > 10**30 for a, b in x):
                return None
        return images, total


    def _linearised(self, box: Sequence[Pair], step: Interval) -> Linearised | None:
        """Value and slope of one step in high precision, for polynomials in one variable by Horner's rule on integers."""
        c = self.f.map_coefficients
        if c is None:
            return slopes(self.f.map_programs, box, (step,))
        value, slope = _fixed_coefficients(tuple(c))
        x = (box[0][0] * ONE).__floor__(), (box[0][1] * ONE).__ceil__()
        return [_horner(value, x)], [[_horner(slope, x)]]


ONE = 2**200  # fixed point


@lru_cache(maxsize=64)
def _fixed_coefficients(c: tuple[Fraction, ...]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The coefficients of a polynomial and of its derivative as intervals in fixed point, from the highest one down."""
    return tuple(  # type: ignore[return-value]
        [((q * ONE).__floor__(), (q * ONE).__ceil__()) for q in reversed(p)] for p in (list(c), poly_derivative(list(c)))
    )


def _horner(c: Sequence[tuple[int, int]], x: tuple[int, int]) -> Pair:
    """Bounds of a polynomial over an interval, by Horner's rule with floors and ceilings."""
    low = high = 0
    for a, b in c:
        p = (low * x[0], low * x[1], high * x[0], high * x[1])
        low, high = a + min(p) // ONE, b - (-max(p) // ONE)
    return Fraction(low, ONE), Fraction(high, ONE)


def _products(a_lo: FloatArray, a_hi: FloatArray, b_lo: FloatArray, b_hi: FloatArray) -> tuple[FloatArray, FloatArray]:
    d, n = a_lo.shape[0], a_lo.shape[2]
    out_lo, out_hi = np.zeros((d, d, n)), np.zeros((d, d, n))
    for i in range(d):
        for j in range(d):
            for k in range(d):
                p = [a_lo[i, k] * b_lo[k, j], a_lo[i, k] * b_hi[k, j], a_hi[i, k] * b_lo[k, j], a_hi[i, k] * b_hi[k, j]]
                low, high = down(np.minimum.reduce(p)), up(np.maximum.reduce(p))
                out_lo[i, j], out_hi[i, j] = (low, high) if k == 0 else (down(out_lo[i, j] + low), up(out_hi[i, j] + high))
    return out_lo, out_hi


def periodic_orbits(
    f: DescentMap,
    n: int,
    region: RegionLike,
    *,
    tolerance: float = 1e-12,
    budget: int = 400_000,
    progress: Progress = quiet,
    limit: int = 1024,
) -> PeriodicOrbits:
    """All orbits of minimal period n whose points lie in a region.

    Arguments: f, a map with one step size or an interval of them; n, at least 1; region, an interval for each variable; tolerance, budget,
    limit (of the solutions of gⁿ(x) = x that are collected) and progress.
    Returns: `PeriodicOrbits`. Raises: DynamicsError for a bad period or region.
    """
    if not 1 <= n <= MAX_PERIOD:
        raise DynamicsError(f"the period must be from 1 to {MAX_PERIOD}, not {n}")
    box = as_region(region, f.variables)
    system = Returns(f, n, box)
    zeros = find_zeros(
        system, box, tolerance=tolerance if f.dimension == 1 else max(tolerance, 1e-4), budget=budget, progress=progress, limit=limit * n
    )
    orbits: list[PeriodicOrbit] = []
    undecided = list(zeros.undecided)
    used: set[int] = set()
    around = tuple(
        np.array([[rounding(getattr(v, end)) for z in zeros.found for v in (z.unique[i],)] for i in range(f.dimension)])
        for rounding, end in ((float_down, "lo"), (float_up, "hi"))
    )
    for i, z in enumerate(zeros.found):
        if i in used:
            continue
        orbit = orbit_of(f, n, z)
        if orbit is None:
            undecided.append(z.unique)
            continue
        # the other points of the orbit are zeros in the list as well
        for point in orbit.points:
            used |= {j for j in near(point, *around) if all(a.is_subset(b) for a, b in zip(point, zeros.found[j].unique, strict=True))}
        if orbit.period == n:
            inside = [all(a.intersects(b) for a, b in zip(p, box, strict=True)) for p in orbit.points]
            if all(inside) and not any(_same(orbit, other) for other in orbits):
                orbits.append(orbit)
    if undecided and f.map_coefficients is not None and len(f.map_coefficients) > 2 and (len(f.map_coefficients) - 1) ** n <= SOLVE_DEGREE:
        solved = _by_algebra(f, n, box[0])
        if solved is not None:
            return PeriodicOrbits(n, solved, (), zeros.boxes)
    return PeriodicOrbits(n, tuple(orbits), tuple(undecided), zeros.boxes)


def _by_algebra(f: DescentMap, n: int, region: Interval) -> tuple[PeriodicOrbit, ...] | None:
    """All orbits of a polynomial map from the real roots of gⁿ(x) − x, for what subdivision cannot settle: multipliers that are exactly
    1."""
    g = f.map_coefficients
    assert g is not None
    iterates: list[Coefficients] = [[Fraction(0), Fraction(1)]]
    for _ in range(n):
        iterates.append(compose(g, iterates[-1]))
    returns = [poly_add(p, [Fraction(0), Fraction(1)], Fraction(-1)) for p in iterates]
    if not returns[n]:
        return None
    lower = [returns[e] for e in range(1, n) if n % e == 0]
    slope = poly_derivative(iterates[n])
    rest = [r.refined(Fraction(1, 2**80)) for r in real_roots(returns[n]) if not any(sign_at(p, r) == 0 for p in lower)]
    orbits: list[PeriodicOrbit] = []
    while rest:
        first = rest[0]
        group = [first]
        for p in iterates[1:n]:
            lo, hi = value_at(p, first, Fraction(1, 2**40))
            near = [r for r in rest if r.lo <= hi and lo <= r.hi]
            if len(near) != 1:
                return None
            group += near
        rest = [r for r in rest if r not in group]
        if len(set(group)) != n:
            return None
        if any(sign_at([-Fraction(region.lo), Fraction(1)], r) < 0 or sign_at([Fraction(region.hi), Fraction(-1)], r) < 0 for r in group):
            continue
        signs = [sign_at(c, first) for c in (slope, poly_add(slope, [Fraction(-1)]), poly_add(slope, [Fraction(1)]))]
        multiplier = Interval(*value_at(slope, first, Fraction(1, 2**60)))
        if signs[0] == 0:
            stability, multiplier = Stability.SUPERSTABLE, Interval(0)
        else:
            stability = Stability.UNDECIDED if 0 in signs[1:] else Stability.STABLE if signs[1] < 0 < signs[2] else Stability.UNSTABLE
        exact = tuple((r.exact,) for r in group if r.exact is not None)
        points = tuple((Interval(r.lo, r.hi),) for r in group)
        orbits.append(PeriodicOrbit(n, points, multiplier, stability, exact if len(exact) == n else None, Trust.SYMBOLIC, points[0]))
    return tuple(orbits)


def _same(a: PeriodicOrbit, b: PeriodicOrbit) -> bool:
    return any(all(v.is_subset(w) for v, w in zip(p, b.unique, strict=True)) for p in a.points)


def orbit_near(f: DescentMap, n: int, guess: Sequence[float | Fraction], radius: Fraction = Fraction(1, 2**20)) -> PeriodicOrbit | None:
    """The certified orbit of period n through a point near a guess, or None.

    Arguments: f; n, a multiple of the minimal period; guess, the coordinates; radius, of the box in which it shall be the only one: smaller
    ones are tried as well.
    """
    for k in (0, 6, 12, 18, 24):
        zero = certify_zero(Returns(f, n), list(guess), radius / 2**k)
        if zero is not None:
            return orbit_of(f, n, zero)
    return None


def orbit_of(f: DescentMap, n: int, zero: Zero) -> PeriodicOrbit | None:
    """The orbit through a certified solution of gⁿ(x) = x, with its minimal period; None where the period cannot be decided."""
    start = [(Fraction(v.lo), Fraction(v.hi)) for v in zero.box]
    found = Returns(f, n).along(start)
    if found is None:
        return None
    images = [start, *found[0][:-1]]
    period = n
    for e in range(1, n):
        if n % e == 0 and all(a[0] <= b[1] and b[0] <= a[1] for a, b in zip(images[e], start, strict=True)):
            lower = certify_zero(Returns(f, e), [(a + b) / 2 for a, b in start], max(b - a for a, b in start) * 4 + Fraction(1, 2**80))
            if lower is None or not all(a.is_subset(b) for a, b in zip(lower.box, zero.unique, strict=True)):
                return None
            period = e
            break
    if period < n:
        found = Returns(f, period).along(start)
        if found is None:
            return None
    points = tuple(tuple(Interval(*v) for v in image) for image in images[:period])
    orbit = PeriodicOrbit(period, points, None, Stability.UNDECIDED, None, Trust.INTERVAL, zero.unique)
    return _with_multiplier(f, orbit, found[1])


def _with_multiplier(f: DescentMap, orbit: PeriodicOrbit, slope: list[list[Pair]]) -> PeriodicOrbit:
    exact = exact_orbit(f, orbit)
    if exact is not None:
        orbit = replace(orbit, exact=exact, points=tuple(tuple(Interval(q) for q in p) for p in exact))
    if f.dimension > 1:
        stability = (
            Stability.STABLE if is_contracting(slope) else Stability.UNSTABLE if is_expanding_somewhere(slope) else Stability.UNDECIDED
        )
        return replace(orbit, stability=stability)
    multiplier = Interval(*slope[0][0])
    if multiplier.lo <= 0 <= multiplier.hi and is_superstable(f, orbit):
        return replace(orbit, multiplier=Interval(0), stability=Stability.SUPERSTABLE)
    inside, outside = multiplier.lo > -1 and multiplier.hi < 1, multiplier.lo > 1 or multiplier.hi < -1
    return replace(
        orbit, multiplier=multiplier, stability=Stability.STABLE if inside else Stability.UNSTABLE if outside else Stability.UNDECIDED
    )


def exact_orbit(f: DescentMap, orbit: PeriodicOrbit) -> tuple[tuple[Fraction, ...], ...] | None:
    """The points of an orbit where they are simple rationals, checked by exact iteration; else None."""
    if f.step.lo != f.step.hi:
        return None
    first = tuple(simplest(v) for v in orbit.points[0])
    if max(q.denominator for q in first) > 10**6:
        return None
    points, x = [], first
    for _ in range(orbit.period):
        points.append(x)
        where = dict(zip(f.variables, x, strict=True))
        values = [exact_value(g, where) for g in f.map_at(f.delta)]
        if any(v is None for v in values):
            return None
        x = tuple(v for v in values if v is not None)
    return tuple(points) if x == first else None


def is_superstable(f: DescentMap, orbit: PeriodicOrbit) -> bool:
    """Whether some point of an orbit in one variable is exactly a critical point of the map.

    Either a rational point at which g′ is exactly 0, or a common root of gⁿ(x) − x and g′(x) for a polynomial map of moderate degree.
    """
    from .expressions import derivative

    if f.step.lo != f.step.hi:
        return False
    slope = derivative(f.map_at(f.delta)[0], f.variables[0])
    if orbit.exact is not None and any(exact_value(slope, {f.variables[0]: p[0]}) == 0 for p in orbit.exact):
        return True
    g = f.map_coefficients
    if g is None or (len(g) - 1) ** orbit.period > EXACT_DEGREE:
        return False
    iterate: Coefficients = [Fraction(0), Fraction(1)]
    for _ in range(orbit.period):
        iterate = compose(g, iterate)
    x = sympy.Symbol("x")
    common = sympy.gcd(_sympy(poly_add(iterate, [Fraction(0), Fraction(1)], Fraction(-1)), x), _sympy(poly_derivative(g), x))
    c = [Fraction(int(q.p), int(q.q)) for q in reversed(common.all_coeffs())]
    if len(c) < 2:
        return False
    # a sign change of the common divisor inside the box where gⁿ(x) = x has one solution only: that solution is the common root
    for shifted in orbit.points:
        width = Fraction(1, 2**60)
        lo, hi = Fraction(shifted[0].lo) - width, Fraction(shifted[0].hi) + width
        if poly_value(c, lo) * poly_value(c, hi) < 0 and certify_zero(Returns(f, orbit.period), [(lo + hi) / 2], 2 * (hi - lo)) is not None:
            return True
    return False


def compose(outer: Coefficients, inner: Coefficients) -> Coefficients:
    """The polynomial outer(inner(x))."""
    out: Coefficients = []
    for q in reversed(outer):
        out = poly_add(poly_mul(out, inner), [q])
    return out


def _sympy(c: Coefficients, x: sympy.Symbol) -> sympy.Poly:
    return sympy.Poly([sympy.Rational(q.numerator, q.denominator) for q in reversed(c)], x, domain="QQ")


__all__ = ["PeriodicOrbit", "PeriodicOrbits", "Returns", "Stability", "middle", "orbit_near", "orbit_of", "periodic_orbits"]
