"""What happens as the step size varies: certified branches of orbits, period doublings, period 3.

A branch is certified piece by piece: on an interval of step sizes Krawczyk's test with δ as an interval parameter gives exactly one orbit
for each δ in it, and the multiplier is enclosed for all of them. Neighbouring pieces are the same branch, because at the common δ the
enclosure of one lies in the box of uniqueness of the other. A period doubling is a zero of the bordered system x_{i+1} = g(x_i, δ), Π
g′(x_i, δ) = −1 in (x, δ).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..claims import Trust
from ..enclosures.interval import FloatArray, Interval, float_down, float_up
from ..language import Expr, prod
from .equilibria import Equilibrium, Kind, equilibria, show
from .expressions import derivative, numeric, program, substitute
from .model import DescentMap, DynamicsError, RegionLike, StepLike, as_fraction, as_interval, down, up
from .orbits import PeriodicOrbit, PeriodicOrbits, Returns, periodic_orbits
from .zeros import Equations, Progress, certify_zero, quiet


@dataclass(frozen=True)
class Piece:
    """A stretch of a branch. For every δ in `steps` the equation gⁿ(x) = x has exactly one solution within `unique` of centre + slope·(δ
    − middle); it lies within `radius` of it, and its multiplier in `multiplier`."""

    steps: Interval
    centre: Fraction
    slope: Fraction
    radius: Fraction
    unique: Fraction
    multiplier: Interval

    def at(self, delta: Fraction) -> Fraction:
        """The approximate solution at a step size."""
        return self.centre + self.slope * (delta - (Fraction(self.steps.lo) + Fraction(self.steps.hi)) / 2)

    @property
    def box(self) -> Interval:
        """An interval that holds the solutions for all step sizes of the piece."""
        ends = [self.at(Fraction(self.steps.lo)), self.at(Fraction(self.steps.hi))]
        return Interval(min(ends) - self.radius, max(ends) + self.radius)

    @property
    def stable(self) -> bool:
        """Whether the orbit is certified stable on the whole piece."""
        return bool(self.multiplier.lo > -1 and self.multiplier.hi < 1)


@dataclass(frozen=True)
class Branch:
    """A branch of orbits of period n over an interval of step sizes, in linked pieces from left to right."""

    period: int
    pieces: tuple[Piece, ...]
    trust: Trust = Trust.INTERVAL

    @property
    def steps(self) -> Interval:
        """The step sizes for which the orbit is certified."""
        return Interval(self.pieces[0].steps.lo, self.pieces[-1].steps.hi)

    @property
    def stable(self) -> Interval | None:
        """The longest interval of step sizes on which the orbit is certified stable."""
        best: tuple[Any, Any] | None = None
        start: Any = None
        for p in self.pieces:
            start = (p.steps.lo if start is None else start) if p.stable else None
            if p.stable and (best is None or p.steps.hi - start > best[1] - best[0]):
                best = (start, p.steps.hi)
        return None if best is None else Interval(*best)

    def points(self, f: DescentMap) -> tuple[tuple[FloatArray, FloatArray], ...]:
        """Float bounds of all n points of the orbit over each piece: n pairs of arrays, one entry for each piece."""
        lo, hi = np.array([float_down(p.box.lo) for p in self.pieces]), np.array([float_up(p.box.hi) for p in self.pieces])
        steps = np.array([float_down(p.steps.lo) for p in self.pieces]), np.array([float_up(p.steps.hi) for p in self.pieces])
        out = [(lo, hi)]
        for _ in range(self.period - 1):
            im = f.images(*out[-1], steps)
            out.append((im.lo, im.hi))
        return tuple(out)

    def __str__(self) -> str:
        stable = f", stable on [{float(self.stable.lo):.10g}, {float(self.stable.hi):.10g}]" if self.stable else ""
        where = f"period {self.period} (x near {float(self.pieces[0].centre):.6g} at the left end)"
        steps = f"δ in [{float(self.steps.lo):.10g}, {float(self.steps.hi):.10g}] ({len(self.pieces)} pieces)"
        return f"{where} for {steps}{stable} [{self.trust.value}]"


@dataclass(frozen=True)
class PeriodDoubling:
    """A step size at which an orbit of period n has multiplier −1, certified.

    Arguments: period, n; step, its enclosure; points, of the orbit; exact, the step size where it is a simple exact number, as text; trust.
    """

    period: int
    step: Interval
    points: tuple[Interval, ...]
    exact: str
    trust: Trust

    def __str__(self) -> str:
        return f"period {self.period} → {2 * self.period} at δ = {self.exact or show(self.step)} [{self.trust.value}]"


def branch(
    f: DescentMap,
    n: int,
    start: float | Fraction,
    steps: StepLike,
    *,
    at: Any = None,
    parts: int = 64,
    depth: int = 9,
    stable_only: bool = False,
    progress: Progress = quiet,
) -> Branch | None:
    """The certified branch of an orbit of period n (one variable), followed as far as it goes inside an interval of step sizes.

    Arguments: f; n; start, a point of the orbit, approximately; steps, the interval of step sizes; at, the step size the point is for
    (the left end by default); parts, pieces to begin with; depth, how often a piece is halved at most; stable_only, stop where stability
    is no longer certain; progress, told what is being done.
    Returns: the branch through that orbit, or None if it is not certified at all. The minimal period is checked on its first piece.
    Raises: DynamicsError in several variables.
    """
    if f.dimension != 1:
        raise DynamicsError("branches are followed for losses in one variable")
    whole = as_interval(steps, "steps")
    lo, hi = Fraction(whole.lo), Fraction(whole.hi)
    anchor = lo if at is None else as_fraction(at, "at")
    track = _Numeric(f)
    runs: list[list[Piece]] = []
    for end in (lo, hi):
        pieces: list[Piece] = []
        x, here = float(start), anchor
        width, least = (hi - lo) / parts, (hi - lo) / parts / 2**depth
        while here != end:
            batch = _ahead(f, n, track, x, here, end, width)
            good = 0
            for piece in batch:
                vague = not piece.stable and any(piece.multiplier.lo <= m <= piece.multiplier.hi for m in (-1, 1))
                if (pieces and not _linked(pieces[-1], piece)) or (stable_only and not piece.stable) or (vague and width > 4 * least):
                    break
                pieces.append(piece)
                good += 1
                here = Fraction(piece.steps.hi if end > anchor else piece.steps.lo)
                x = float(piece.at(here))
            if good < AHEAD and here != end:
                if width <= least:
                    break
                width /= 2
            elif good == AHEAD:
                width = min(2 * width, (hi - lo) / parts)
            progress(f"period {n}: certified to δ = {float(here):.8g}")
        runs.append(pieces)
    left, right = runs
    pieces = [*reversed(left), *right]
    if not pieces or (left and right and not _linked(left[0], right[0])):
        return None
    first = pieces[0]
    for e in range(1, n):
        if n % e == 0:
            images = Returns(f.with_step(first.steps), e).along([(Fraction(first.box.lo), Fraction(first.box.hi))])
            if images is None or (images[0][-1][0][0] <= first.box.hi and first.box.lo <= images[0][-1][0][1]):
                return None
    return Branch(n, tuple(pieces))


AHEAD = 20


def _ahead(f: DescentMap, n: int, track: _Numeric, x: float, here: Fraction, end: Fraction, width: Fraction) -> list[Piece]:
    """Up to AHEAD certified pieces from a step size towards `end`, until the first that fails."""
    sign = 1 if end > here else -1
    cuts = [here]
    while len(cuts) <= AHEAD and cuts[-1] != end:
        there = cuts[-1] + sign * width
        cuts.append(there if (end - there) * sign > width / 2 else end)
    steps, centres, speeds = [], [], []
    for a, b in itertools.pairwise(cuts):
        middle = float((a + b) / 2)
        found = track.orbit(n, x, middle)
        if found is None:
            break
        step = float(abs(b - a)) / 64
        beside = track.orbit(n, found[0][0], middle + step)
        if beside is None:
            break
        centres.append(found[0][0])
        speeds.append((beside[0][0] - found[0][0]) / step)
        steps.append((min(a, b), max(a, b)))
        x = found[0][0] + speeds[-1] * float(b - a) / 2
    return _pieces(f, n, steps, np.array(centres), np.array(speeds)) if steps else []


def _pieces(f: DescentMap, n: int, steps: list[tuple[Fraction, Fraction]], c: FloatArray, s: FloatArray) -> list[Piece]:
    """Krawczyk's test for each δ of many intervals at once, around points that move linearly with δ; the pieces up to the first failure.

    With F(x, δ) = gⁿ(x) − x and x = c(δ) + u, the operator is −Y F(c(δ), δ) + (1 − Y F_x) u, and F(c(δ), δ) lies in
    F(c_m, δ_m) + (F_x s + F_δ)(δ − δ_m) by the mean value theorem.
    """
    d_lo, d_hi = np.array([float_down(a) for a, _ in steps]), np.array([float_up(b) for _, b in steps])
    middle = np.array([float((a + b) / 2) for a, b in steps])
    half = up(np.maximum(up(d_hi - middle), up(middle - d_lo)))
    at_lo, at_hi, *_ = _chain(f, n, c, c, middle, middle)
    residual = up(np.maximum(np.abs(down(at_lo - c)), np.abs(up(at_hi - c))))
    drift = up(np.abs(s) * half)
    radius = np.full(len(c), 1e-14) * (1 + np.abs(c))
    unique, image = np.zeros(len(c)), np.full(len(c), np.inf)
    mult_lo, mult_hi = np.full(len(c), -np.inf), np.full(len(c), np.inf)
    with np.errstate(all="ignore"):
        extra = 0
        for _ in range(14):
            spread = up(drift + radius)
            _, _, j_lo, j_hi, e_lo, e_hi = _chain(f, n, down(c - spread), up(c + spread), d_lo, d_hi)
            fx_lo, fx_hi = down(j_lo - 1), up(j_hi - 1)
            y = 1 / (0.5 * (fx_lo + fx_hi))
            ends = [y * fx_lo, y * fx_hi]
            q = up(np.maximum(np.abs(down(1 - up(np.maximum(*ends)))), np.abs(up(1 - down(np.minimum(*ends))))))
            moved = [fx_lo * s, fx_hi * s]
            along = up(np.maximum(np.abs(down(down(np.minimum(*moved)) + e_lo)), np.abs(up(up(np.maximum(*moved)) + e_hi))))
            shift = up(np.abs(y) * up(residual + up(along * half)))
            reach = up(shift + up(q * radius))
            good = (reach < radius) & np.isfinite(reach)
            first = good & ~np.isfinite(image)
            image, mult_lo, mult_hi = np.where(first, reach, image), np.where(first, j_lo, mult_lo), np.where(first, j_hi, mult_hi)
            unique = np.where(good, radius, unique)
            done = np.isfinite(image) & ~good
            larger = np.where(np.isfinite(image), 3 * radius, np.maximum(2 * radius, 1.5 * np.where(np.isfinite(reach), reach, 0)))
            radius = np.where(done, radius, larger)
            extra += bool(np.isfinite(image).all())
            if done.all() or extra > 3:
                break
    out = []
    for i, (a, b) in enumerate(steps):
        if not np.isfinite(image[i]):
            break
        # `middle` is rounded, and so the line is not through exactly the same point: the difference goes into the radius
        shift_exact = abs(Fraction(s[i]) * ((a + b) / 2 - Fraction(middle[i])))
        radius_exact, unique_exact = Fraction(image[i]) + shift_exact, Fraction(unique[i]) - shift_exact
        if unique_exact <= radius_exact:
            break
        out.append(
            Piece(
                Interval(a, b), Fraction(c[i]), Fraction(s[i]), radius_exact, unique_exact, Interval(float(mult_lo[i]), float(mult_hi[i]))
            )
        )
    return out


def _chain(f: DescentMap, n: int, lo: FloatArray, hi: FloatArray, d_lo: FloatArray, d_hi: FloatArray) -> tuple[FloatArray, ...]:
    """gⁿ over intervals of x and of δ: image, slope in x, slope in δ (each lower, upper); infinite where it is not defined."""
    one, zero = np.ones(len(lo)), np.zeros(len(lo))
    j_lo, j_hi, e_lo, e_hi = one, one, zero, zero
    with np.errstate(all="ignore"):
        for _ in range(n):
            lo, hi = np.clip(lo, -1e300, 1e300), np.clip(hi, -1e300, 1e300)
            im = f.images(lo, hi, (d_lo, d_hi))
            p = [im.slope_lo * e_lo, im.slope_lo * e_hi, im.slope_hi * e_lo, im.slope_hi * e_hi]
            e_lo, e_hi = down(down(np.minimum.reduce(p)) + im.step_lo), up(up(np.maximum.reduce(p)) + im.step_hi)
            p = [im.slope_lo * j_lo, im.slope_lo * j_hi, im.slope_hi * j_lo, im.slope_hi * j_hi]
            j_lo, j_hi = down(np.minimum.reduce(p)), up(np.maximum.reduce(p))
            lo, hi = im.lo, im.hi
            j_lo, j_hi = np.where(im.defined & np.isfinite(lo) & np.isfinite(hi), j_lo, -np.inf), np.where(im.defined, j_hi, np.inf)
    return lo, hi, j_lo, j_hi, e_lo, e_hi


def _linked(a: Piece, b: Piece) -> bool:
    """Whether two pieces with a common step size are the same branch: there, the solution of one lies in the region of uniqueness of the
    other."""
    common = max(a.steps.lo, b.steps.lo)
    if common > min(a.steps.hi, b.steps.hi):
        return False
    gap = abs(a.at(Fraction(common)) - b.at(Fraction(common)))
    return gap + a.radius < b.unique or gap + b.radius < a.unique


def stable_steps(f: DescentMap, orbit: PeriodicOrbit, steps: StepLike, *, progress: Progress = quiet) -> Branch | None:
    """The step sizes around that of the map, inside `steps`, for which an orbit is certified to persist and be stable.

    Arguments: f, with one step size; orbit, of f; steps, the interval to explore; progress, told what is being done.
    Returns: the branch; its `stable` property is the interval.
    """
    v = orbit.points[0][0]
    return branch(f, orbit.period, (Fraction(v.lo) + Fraction(v.hi)) / 2, steps, at=f.delta, stable_only=True, progress=progress)


def period_doublings(
    f: DescentMap, equilibrium: Equilibrium | None = None, count: int = 3, *, region: RegionLike | None = None, progress: Progress = quiet
) -> tuple[PeriodDoubling, ...]:
    """The first period doublings of a minimum as the step size grows, each enclosed with proof.

    Arguments: f, in one variable; equilibrium, a minimum (the one with the largest threshold by default); count, how many at most; region,
    where to look for equilibria of a loss that is not a polynomial; progress.
    Returns: at most `count` values; fewer when the cascade ends or the search loses the orbit (it is then no proof that there are no more).
    Raises: DynamicsError without a minimum or in several variables. Source: bordered systems, e.g. Kuznetsov, section 10.
    """
    if f.dimension != 1:
        raise DynamicsError("period doublings are searched for losses in one variable")
    if equilibrium is None:
        minima = equilibria(f, f.variables, region).minima
        if not minima:
            raise DynamicsError("there is no minimum whose period doublings could be followed")
        equilibrium = max(minima, key=lambda e: float(e.threshold.lo) if e.threshold else 0.0)
    if equilibrium.kind is not Kind.MINIMUM or equilibrium.threshold is None:
        raise DynamicsError("only a minimum with positive curvature has a first period doubling")
    t = equilibrium.threshold
    out = [
        PeriodDoubling(
            1, t, equilibrium.box, equilibrium.threshold_text if "…" not in equilibrium.threshold_text else "", equilibrium.trust
        )
    ]
    values = [float((t.lo + t.hi) / 2)]
    point = equilibrium.point[0]
    step_map = _Numeric(f)
    for k in range(1, count):
        progress(f"period doubling {k + 1} of {count}")
        guess = step_map.next_doubling(2**k, point, values)
        if guess is None:
            break
        found = _certified_doubling(f, 2**k, *guess)
        if found is None:
            break
        out.append(found)
        values.append(float((found.step.lo + found.step.hi) / 2))
        point = guess[0][0]
    return tuple(out)


def _horner(c: list[float], x: float) -> float:
    out = 0.0
    for q in reversed(c):
        out = out * x + q
    return out


class _Numeric:
    """The map and its derivative in floats, for guesses."""

    def __init__(self, f: DescentMap) -> None:
        names = (*f.variables, f.step_name)
        if f.slope_coefficients is not None:  # the usual case, many times faster
            c = [float(q) for q in f.slope_coefficients]
            d = [k * q for k, q in enumerate(c)][1:]
            self.g: Callable[..., float] = lambda x, delta: x - delta * _horner(c, x)
            self.slope: Callable[..., float] = lambda x, delta: 1 - delta * _horner(d, x)
            return
        self.g, self.slope = numeric(f.map[0], names), numeric(derivative(f.map[0], f.variables[0]), names)

    def orbit(self, n: int, x: float, delta: float) -> tuple[list[float], float] | None:
        """The orbit of period n near x by Newton's method, with its multiplier."""
        for _ in range(30):
            y, m = x, 1.0
            for _ in range(n):
                m *= float(self.slope(y, delta))
                y = float(self.g(y, delta))
            if not np.isfinite(y) or not np.isfinite(m) or m == 1:
                return None
            step = (y - x) / (m - 1)
            x -= step
            if abs(step) < 1e-14 * (1 + abs(x)):
                break
        else:
            return None
        points, m = [], 1.0
        for _ in range(n):
            points.append(x)
            m *= float(self.slope(x, delta))
            x = float(self.g(x, delta))
        return points, m

    def next_doubling(self, n: int, x: float, values: list[float]) -> tuple[list[float], float] | None:
        """An approximate period doubling of the stable orbit of period n that exists just beyond values[-1]."""
        last = values[-1]
        gap = (last - values[-2]) / 4 if len(values) > 1 else last / 4
        found = None
        delta = last
        for fraction in (0.02, 0.05, 0.1, 0.2, 0.4):
            delta = last + gap * fraction
            y = x + 1e-3 * gap * (1 + abs(x))
            for _ in range(20_000):
                y = float(self.g(y, delta))
                if not np.isfinite(y):
                    break
            found = self.orbit(n, y, delta) if np.isfinite(y) else None
            if found is not None and abs(found[1]) < 1 and self._primitive(found[0]):
                break
            found = None
        if found is None:
            return None
        step = gap / 20
        while found[1] > -1:
            ahead = self.orbit(n, found[0][0], delta + step)
            if (
                ahead is None
                or abs(ahead[0][0] - found[0][0]) > 0.2 * (1 + abs(found[0][0]))
                or ahead[1] > 1
                or not self._primitive(ahead[0])
            ):
                step /= 2
                if step < 1e-9 * gap:
                    return None
                continue
            found, delta = ahead, delta + step
            if delta > last + 40 * gap:
                return None
        low, high = delta - step, delta
        for _ in range(60):
            mid = (low + high) / 2
            at = self.orbit(n, found[0][0], mid)
            if at is None:
                return None
            found = at
            low, high = (mid, high) if at[1] > -1 else (low, mid)
        return found[0], high

    def attractor(self, n: int, x: float, delta: float) -> list[float]:
        """The points of a stable orbit of minimal period n that a start near x tends to; empty if there is none."""
        for offset in (1e-4, -1e-4, 1e-2, -1e-2):
            y = x + offset * (1 + abs(x))
            for _ in range(20_000):
                y = float(self.g(y, delta))
                if not np.isfinite(y):
                    break
            found = self.orbit(n, y, delta) if np.isfinite(y) else None
            if found is not None and abs(found[1]) < 1 and self._primitive(found[0]):
                return found[0]
        return []

    @staticmethod
    def _primitive(points: list[float]) -> bool:
        n = len(points)
        return n == 1 or abs(points[n // 2] - points[0]) > 1e-7 * (1 + abs(points[0]))


def orbit_after(f: DescentMap, n: int, x: float, delta: Fraction, born: Fraction) -> list[float]:
    """Approximate points of the stable orbit of period n at a step size beyond `born`, where it was born near x; empty if it is not
    found."""
    return _Numeric(f).attractor(n, x, float(delta)) if delta > born else []


def bordered_system(f: DescentMap, n: int) -> tuple[tuple[str, ...], tuple[Expr, ...]]:
    """The unknowns x_0, …, x_{n−1}, δ and the equations of a period doubling: x_{i+1} = g(x_i, δ) and Π g′(x_i, δ) = −1."""
    x = f.variables[0]
    names = tuple(f"x_{i}" for i in range(n))
    if f.step_name in names:
        raise DynamicsError(f"rename the variable {f.step_name}")
    slope = derivative(f.map[0], x)
    at = [substitute(f.map[0], {x: Expr(v)}) for v in names]
    multiplier = prod(substitute(slope, {x: Expr(v)}) for v in names)
    return (*names, f.step_name), (*(Expr(names[(i + 1) % n]) - at[i] for i in range(n)), multiplier + 1)


def _certified_doubling(f: DescentMap, n: int, points: list[float], delta: float) -> PeriodDoubling | None:
    names, equations = bordered_system(f, n)
    system = Equations(tuple(program(e, names) for e in equations))
    for k in (24, 30, 36, 42):
        zero = certify_zero(system, [*points, delta], Fraction(1, 2**k))
        if zero is not None:
            break
    else:
        return None
    for e in range(1, n):  # minimal period: the points of the box are pairwise separated
        if n % e == 0 and zero.box[0].intersects(zero.box[e]):
            return None
    return PeriodDoubling(n, zero.box[-1], zero.box[:-1], "", Trust.INTERVAL)


def period_three(f: DescentMap, region: RegionLike, *, progress: Progress = quiet) -> PeriodicOrbits:
    """Certified orbits of period 3 of a map in one variable that is continuous on the line: with one of them there are orbits of every
    period (Sharkovskii 1964; Li and Yorke 1975).

    Arguments: f; region; progress, told what is being done.
    Returns: `PeriodicOrbits` of period 3. Raises: DynamicsError in several variables.
    """
    if f.dimension != 1:
        raise DynamicsError("period 3 implies all periods for maps of the line only")
    return periodic_orbits(f, 3, region, progress=progress)
