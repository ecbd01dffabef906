"""Basins of gradient descent in one variable: where every start of an interval provably goes. (In two variables: `plane`.)

First certified targets: an interval around each attracting equilibrium or orbit on which the map contracts towards it, traps (intervals
the map sends into themselves in which every equilibrium is repelling), and half-lines from which |x| grows for ever. Then the region is
cut into cells whose images, enclosed by vectorised float64 intervals with outward rounding, are iterated until they lie in a target;
cells that do not get there are halved. A cell is given by rational ends, so the measure of each basin is exact.

"Trapped" means: the orbit stays in the trap from some step on, and converges to no equilibrium, except from a countable set of starts.
For at a repelling equilibrium p, |g(x) − p| ≥ m|x − p| with m > 1 near p, so an orbit that converges to p must land on it exactly; and an
analytic map that is not constant sends only countably many points to p in finitely many steps. That the map is analytic is checked on three
times the region, and a cell whose orbit leaves it is not called trapped.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from ..claims import Trust
from ..enclosures.interval import FloatArray, Interval, float_down, float_up
from .equilibria import Equilibria, Equilibrium, Kind, equilibria, show
from .expressions import Coefficients, poly_add, poly_mul, poly_value
from .model import DescentMap, DynamicsError, RegionLike, as_region
from .orbits import PeriodicOrbit, Stability, compose, orbit_near
from .real_roots import real_roots
from .zeros import Progress, quiet

if TYPE_CHECKING:
    from .plane import PlaneBasins

MAX_STEPS = 400


class Fate(enum.Enum):
    """What happens to a start."""

    EQUILIBRIUM = "converges to an equilibrium"
    ORBIT = "converges to a periodic orbit"
    CURVE = "converges to an equilibrium on a curve of equilibria"
    SOME = "converges to an equilibrium, and which one is not decided"
    TRAPPED = "is trapped and converges to no equilibrium, except a countable set of starts"
    DIVERGES = "diverges"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Target:
    """A set from which the fate is known.

    Arguments: fate; intervals, whose union it is (one for each point of an orbit); label, in words; what, the equilibrium or orbit;
    factor, a bound below 1 of the contraction, where it contracts; trust; reason.
    """

    fate: Fate
    intervals: tuple[Interval, ...]
    label: str
    reason: str
    what: Equilibrium | PeriodicOrbit | None = None
    factor: Fraction | None = None
    trust: Trust = Trust.INTERVAL
    inside: tuple[Equilibrium, ...] = ()  # of a trap: the equilibria in it, all repelling

    def __str__(self) -> str:
        where = ", ".join(_range_text(v) for v in self.intervals)
        return f"{self.label}: certain from {where} ({self.reason}) [{self.trust.value}]"


def _range_text(v: Interval) -> str:
    return f"[{float(v.lo):.8g}, {float(v.hi):.8g}]"


@dataclass(frozen=True, eq=False)
class Basins:
    """A region split by the fate of its points.

    Arguments: region; targets; starts, shape (k + 1,), the cuts between cells as integers on the grid of `region` with 2**depth parts;
    labels, shape (k,), the index of the target or −1 for undecided; depth; measures, the exact length for each target and, last, of the
    undecided part; trust.
    """

    region: Interval
    targets: tuple[Target, ...]
    cuts: tuple[int, ...] = field(repr=False)
    labels: tuple[int, ...] = field(repr=False)
    depth: int
    measures: tuple[Fraction, ...]
    trust: Trust = Trust.INTERVAL

    @property
    def length(self) -> Fraction:
        """The length of the region."""
        return Fraction(self.region.hi) - Fraction(self.region.lo)

    @property
    def undecided(self) -> Fraction:
        """The length of what is undecided."""
        return self.measures[-1]

    def share(self, index: int) -> Fraction:
        """The exact share of the region in the basin of a target (−1: undecided)."""
        return Fraction(self.measures[index] / self.length)

    def at(self, cut: int) -> Fraction:
        """The point of a cut."""
        return Fraction(self.region.lo) + self.length * Fraction(cut, 2**self.depth)

    def fate(self, x: Fraction) -> Fate:
        """The certified fate of a start in the region."""
        for a, b, label in zip(self.cuts, self.cuts[1:], self.labels, strict=False):
            if label >= 0 and self.at(a) <= x <= self.at(b):
                return self.targets[label].fate
        return Fate.UNDECIDED

    def __str__(self) -> str:
        lines = [f"basins in [{self.region.lo}, {self.region.hi}], {len(self.labels)} intervals [{self.trust.value}]"]
        for i, t in enumerate(self.targets):
            lines.append(f"  {percent(self.share(i))}  {t.label}")
        lines.append(f"  {percent(self.share(-1))}  undecided")
        return "\n".join(lines)


def percent(q: Fraction) -> str:
    """A share in per cent, rounded to four digits after the point."""
    return f"{float(100 * q):9.4f} %"


# --- targets -----------------------------------------------------------------------------------------------------------------------------


def attraction(f: DescentMap, e: Equilibrium, limit: Interval) -> Target | None:
    """An interval around an attracting equilibrium on which every start converges to it.

    Arguments: f, with one step size; e; limit, no larger than this.
    Returns: the largest symmetric interval found on which |g′| < 1 (a contraction towards e), for polynomials also when g′ = −1 at a
    rational e; None if there is none.
    """
    centre = e.box[0]
    label = f"converges to the equilibrium x = {show(centre, e.exact[0] if e.exact else None)}"
    radius = _largest(f, centre, limit, 1)
    if radius is not None:
        r, factor = radius
        return Target(
            Fate.EQUILIBRIUM,
            (Interval(centre.hi - r, centre.lo + r),),
            label,
            f"|g′| ≤ {float(factor):.4g} within {float(r):.4g} of it",
            e,
            factor,
        )
    p = Fraction(centre.lo)
    for n in (1, 2):
        near = _approach(f, e, n)
        if near is not None:
            who = "|g(x) − p| < |x − p|" if n == 1 else "|g(g(x)) − p| < |x − p|"
            return Target(
                Fate.EQUILIBRIUM, (Interval(p - near, p + near),), label, f"{who} within {float(near):.4g} of it", e, None, Trust.SYMBOLIC
            )
    return None


def _largest(f: DescentMap, centre: Interval, limit: Interval, n: int) -> tuple[Fraction, Fraction] | None:
    """A radius r and a factor < 1 with |(gⁿ)′| ≤ factor within r of the centre, r as large as a few halvings and extensions find."""
    width = Fraction(limit.hi) - Fraction(limit.lo)
    best: tuple[Fraction, Fraction] | None = None
    r, step = width, width / 2
    for _ in range(60):
        factor = contraction(f, Interval(centre.lo - r, centre.hi + r), n)
        if factor is not None:
            if best is None or r > best[0]:
                best = r, factor
            if step < r / 16 or r >= width:
                break
            r += step
        else:
            r -= step
        step /= 2
        if r < Fraction(1, 10**12) * (1 + abs(Fraction(centre.hi))) + 4 * (Fraction(centre.hi) - Fraction(centre.lo)):
            break
    if best is None:
        return None
    r = Fraction(round(best[0] * 2**40 * Fraction(63, 64)), 2**40)  # short ends
    if r <= 4 * (Fraction(centre.hi) - Fraction(centre.lo)):
        r = best[0]
    factor = contraction(f, Interval(centre.lo - r, centre.hi + r), n)
    return None if factor is None else (r, factor)


def contraction(f: DescentMap, where: Interval, n: int = 1, parts: int = 64) -> Fraction | None:
    """A bound below 1 of |(gⁿ)′| on an interval, None if there is none."""
    edges = np.linspace(float_down(where.lo), float_up(where.hi), parts + 1)
    lo, hi = edges[:-1].copy(), edges[1:].copy()
    total = np.ones(parts)
    x_lo, x_hi = lo, hi
    with np.errstate(all="ignore"):
        for _ in range(n):
            im = f.images(x_lo, x_hi)
            if not im.defined.all() or not np.isfinite(im.lo).all() or not np.isfinite(im.hi).all():
                return None
            total = total * np.maximum(np.abs(im.slope_lo), np.abs(im.slope_hi)) * (1 + 2.0**-51)
            x_lo, x_hi = im.lo, im.hi
    worst = float(total.max())
    return Fraction(worst) if worst < 1 - 1e-9 else None


def _approach(f: DescentMap, e: Equilibrium, n: int) -> Fraction | None:
    """A radius within which |gⁿ(x) − p| < |x − p| for x ≠ p, for a polynomial and a rational p, by isolating the zeros of both factors of
    the difference.

    With h = gⁿ, (h(x) − p)² − (x − p)² = (h(x) − x)(h(x) + x − 2p) must be negative beside p; its next zeros bound the radius. By
    continuity the decreasing distances can only tend to 0, and g maps orbits of h that tend to p to orbits that tend to g(p) = p.
    """
    g = f.map_coefficients
    if g is None or e.exact is None or (len(g) - 1) ** n > 36:
        return None
    p = e.exact[0]
    h = g if n == 1 else compose(g, g)
    product = poly_mul(poly_add(h, [Fraction(0), Fraction(1)], Fraction(-1)), poly_add(h, [-2 * p, Fraction(1)]))
    if not product:
        return None
    others = [r for r in real_roots(product) if r.exact != p]
    gap = min([min(abs(r.lo - p), abs(r.hi - p)) for r in others], default=Fraction(1000))
    radius = Fraction(int(gap * 2**40) - 2**20, 2**40) if gap < 1000 else Fraction(1000)
    if radius <= 0:
        return None
    values = [sum((q * x**k for k, q in enumerate(product)), Fraction(0)) for x in (p - radius, p + radius)]
    return radius if all(v < 0 for v in values) else None


def one_sided(f: DescentMap, e: Equilibrium) -> tuple[Target, ...]:
    """Intervals beside a degenerate rational equilibrium of a polynomial loss on which the orbit moves monotonically to it.

    On (p, p + r] the conditions are p ≤ g(x) < x, up to the next zero of (g(x) − x)(g(x) − p); on the left they are reversed.
    """
    g = f.map_coefficients
    if g is None or e.exact is None:
        return ()
    p, out = e.exact[0], []
    moved, kept = poly_add(g, [Fraction(0), Fraction(1)], Fraction(-1)), poly_add(g, [-p])
    product = poly_mul(moved, kept)
    if not product:
        return ()
    others = [r for r in real_roots(product) if r.exact != p]
    for side in (1, -1):
        gap = min((min(abs(r.lo - p), abs(r.hi - p)) for r in others if (r.lo - p) * side > 0), default=Fraction(1000))
        r = min(Fraction(int(gap * 2**40) - 2**20, 2**40), Fraction(1000))
        if r > 0 and poly_value(moved, p + side * r) * side < 0 <= poly_value(kept, p + side * r) * side:
            ends = sorted((p, p + side * r))
            label = f"converges to the equilibrium x = {p}"
            reason = f"monotone from the {'right' if side > 0 else 'left'} within {float(r):.4g} of it"
            out.append(Target(Fate.EQUILIBRIUM, (Interval(*ends),), label, reason, e, None, Trust.SYMBOLIC))
    return tuple(out)


def attracting_orbits(f: DescentMap, region: Interval, periods: int = 8, limit: int = 12) -> tuple[PeriodicOrbit, ...]:
    """Certified stable orbits of period 2 … `periods`, found by iterating from a spread of starts; it is no proof that there are no
    others."""
    from .expressions import numeric

    g = numeric(f.map_at(f.delta)[0], f.variables)
    x = np.linspace(float(region.lo), float(region.hi), 241)[1:-1]
    with np.errstate(all="ignore"):
        for _ in range(3000):
            x = np.where(np.abs(x) < 1e6, g(x), np.nan)
        x = x[np.isfinite(x)]
        found: list[PeriodicOrbit] = []
        for n in range(2, periods + 1):
            y = x
            for _ in range(n):
                y = g(y)
            close = np.isfinite(y) & (np.abs(y - x) < 1e-8 * (1 + np.abs(x)))
            for start in np.unique(np.round(x[close], 6))[: 4 * limit]:
                if any(abs(float(start) - float(v.lo)) < 1e-5 for o in found for b in o.points for v in b):
                    continue
                near = x[close][np.argmin(np.abs(x[close] - start))]
                orbit = orbit_near(f, n, [float(near)])
                if orbit is not None and orbit.period == n and orbit.stability in (Stability.STABLE, Stability.SUPERSTABLE):
                    found.append(orbit)
                if len(found) >= limit:
                    return tuple(found)
    return tuple(found)


def orbit_target(f: DescentMap, orbit: PeriodicOrbit, limit: Interval) -> Target | None:
    """Intervals around the points of an attracting orbit from which every start converges to the orbit: on each, gⁿ contracts towards its
    point."""
    intervals, worst = [], Fraction(0)
    for box in orbit.points:
        found = _largest(f, box[0], limit, orbit.period)
        if found is None:
            return None
        intervals.append(Interval(box[0].hi - found[0], box[0].lo + found[0]))
        worst = max(worst, found[1])
    points = ", ".join(show(b[0], orbit.exact[i][0] if orbit.exact else None) for i, b in enumerate(orbit.points))
    return Target(
        Fate.ORBIT,
        tuple(intervals),
        f"converges to the orbit of period {orbit.period} through {points}",
        f"the derivative of {orbit.period} steps is at most {float(worst):.4g} in size there",
        orbit,
        worst,
    )


def image_of(f: DescentMap, v: Interval, parts: int = 4096) -> Interval | None:
    """An enclosure of g(V), tight up to about the square of the size of a part."""
    edges = np.linspace(float_down(v.lo), float_up(v.hi), parts + 1)
    im = f.images(edges[:-1].copy(), edges[1:].copy())
    if not im.defined.all() or not (np.isfinite(im.lo).all() and np.isfinite(im.hi).all()):
        return None
    return Interval(float(im.lo.min()), float(im.hi.max()))


def trap(f: DescentMap, e: Equilibrium, known: Equilibria, limit: Interval) -> Target | None:
    """An interval around a repelling equilibrium that the map sends into itself and in which every equilibrium is repelling.

    Arguments: f; e; known, all equilibria of a region that contains `limit`; limit, the interval may not leave it.
    Returns: the trap, or None when the growing interval leaves the limit or meets an equilibrium that is not certainly repelling.
    """
    if not _analytic_on(f, limit):
        return None
    # the wider the margin, the shorter the certificate
    grown = next((g for k in (13, 17, 22) if (g := _grown(f, e, limit, Fraction(1, 2**k))) is not None), None)
    if grown is None:
        return None
    current, image = grown
    inside = tuple(q for q in known.points if q.box[0].intersects(current))
    if any(v[0].intersects(current) for v in known.undecided) or not all(repelling(f, q) for q in inside):
        return None
    label = f"is trapped in {_range_text(current)}, converges to no equilibrium (but for countably many starts)"
    return Target(
        Fate.TRAPPED,
        (current,),
        label,
        f"g maps it into [{float(image.lo):.6g}, {float(image.hi):.6g}]; {_repelling_words(len(inside))}",
        e,
        None,
        Trust.INTERVAL,
        inside,
    )


def _repelling_words(n: int) -> str:
    return "it holds no equilibrium" if n == 0 else "its only equilibrium is repelling" if n == 1 else f"its {n} equilibria are repelling"


def _grown(f: DescentMap, e: Equilibrium, limit: Interval, margin: Fraction) -> tuple[Interval, Interval] | None:
    """An interval around an equilibrium whose image lies in its interior, with that image; None where it leaves the limit."""
    size = Fraction(limit.hi) - Fraction(limit.lo)
    eps = size * margin
    current = Interval(e.box[0].lo - size / 2**12, e.box[0].hi + size / 2**12)
    for _ in range(300):
        image = image_of(f, current)
        if image is None or image.lo < limit.lo or image.hi > limit.hi:
            return None
        if image.lo > current.lo and image.hi < current.hi:
            return current, image
        low = min(Fraction(current.lo), Fraction(image.lo) - eps)
        high = max(Fraction(current.hi), Fraction(image.hi) + eps)
        current = Interval(Fraction(round(low * 2**44), 2**44), Fraction(round(high * 2**44), 2**44))
    return None


def _analytic_on(f: DescentMap, v: Interval) -> bool:
    """Whether the map is real analytic on an interval: then, not being constant, it takes each value at isolated points only."""
    if f.slope_coefficients is not None:
        return True
    edges = np.linspace(float_down(v.lo), float_up(v.hi), 513)
    im = f.images(edges[:-1].copy(), edges[1:].copy())
    return f.analytic and bool(np.logical_and.reduce(im.defined & np.isfinite(im.slope_lo) & np.isfinite(im.slope_hi)))


def repelling(f: DescentMap, e: Equilibrium) -> bool:
    """Whether |g′| > 1 at an equilibrium, for every step size of the map."""
    if not e.curvature:
        return False
    c, d = e.curvature[0], f.step
    products = [Fraction(a) * Fraction(b) for a in (c.lo, c.hi) for b in (d.lo, d.hi)]
    return max(products) < 0 or min(products) > 2


def escapes(f: DescentMap) -> tuple[Target, ...]:
    """Half-lines from which a polynomial map goes to infinity.

    |x| > c, with c a rational number just above the largest absolute value of the zeros of g(x)² − x², where that is positive beyond: there
    |g(x)| > |x| > c again, and a finite limit of |x_k| would by continuity satisfy |g(x)| = |x| at a limit point, outside c; so |x_k| → ∞.
    Otherwise x > c where g(x) > x beyond all equilibria (the loss falls for ever), and x < −c likewise: the orbit is monotone without a
    limit.
    """
    g, slope = f.map_coefficients, f.slope_coefficients
    if g is None or len(g) < 2 or not slope:
        return ()
    identity: Coefficients = [Fraction(0), Fraction(1)]
    infinite = float("inf")
    product = poly_mul(poly_add(g, identity, Fraction(-1)), poly_add(g, identity))
    if product and product[-1] > 0:
        c = _beyond(product)
        sides = Interval(-infinite, -c), Interval(c, infinite)
        return (Target(Fate.DIVERGES, sides, "diverges", f"|g(x)| > |x| for |x| > {float(c):.8g}", None, None, Trust.SYMBOLIC),)
    c, out = _beyond(slope), []
    if slope[-1] < 0:
        out.append(
            Target(Fate.DIVERGES, (Interval(c, infinite),), "diverges to ∞", f"g(x) > x for x > {float(c):.8g}", None, None, Trust.SYMBOLIC)
        )
    if slope[-1] * (-1) ** (len(slope) - 1) > 0:
        out.append(
            Target(
                Fate.DIVERGES, (Interval(-infinite, -c),), "diverges to −∞", f"g(x) < x for x < {float(-c):.8g}", None, None, Trust.SYMBOLIC
            )
        )
    return tuple(out)


def _beyond(c: Coefficients) -> Fraction:
    """A rational number just above the absolute values of all real zeros."""
    roots = real_roots(c)
    exact = max((abs(r.exact) for r in roots if r.exact is not None), default=Fraction(0))
    ends = [r.refined(Fraction(1, 2**50)) for r in roots if r.exact is None]
    other = max((max(abs(r.lo), abs(r.hi)) for r in ends), default=Fraction(0))
    return exact if exact > other else Fraction(int(other * 2**44) + 1, 2**44) if other else exact


# --- cells -------------------------------------------------------------------------------------------------------------------------------


def basins(
    f: DescentMap,
    region: RegionLike,
    *,
    periods: int = 8,
    share: float | None = None,
    cells: int | None = None,
    known: Equilibria | None = None,
    progress: Progress = quiet,
) -> Basins | PlaneBasins:
    """Split a region of starts by their certified fate.

    Arguments: f, in one or two variables, with one step size; region; periods, up to which attracting orbits are looked for; share, of the
    region that may stay undecided (by default 1/500 of an interval, 1/100 of a rectangle): cells are divided until it is reached or
    `cells` were examined; known, the equilibria where they were computed already; progress.
    Returns: `Basins`, in two variables `PlaneBasins`. Ctrl-C leaves the rest undecided. Raises: DynamicsError in more variables.
    """
    if f.dimension == 2:
        from .plane import plane_basins

        return plane_basins(
            f, region, periods=periods, share=share or 0.01, cells=cells or 120_000, known=known, progress=progress
        )
    if f.dimension != 1:
        raise DynamicsError("basins are computed for losses in one or two variables")
    f.delta  # noqa: B018 - one step size is needed, and this says so
    (box,) = as_region(region, f.variables)
    progress("basins: targets")
    targets = find_targets(f, box, periods, known)
    return _split(f, box, targets, share or 0.002, cells or 400_000, progress)


def find_targets(f: DescentMap, box: Interval, periods: int, known: Equilibria | None = None) -> tuple[Target, ...]:
    """Certified targets of starts in a region, attractors first."""
    width = Fraction(box.hi) - Fraction(box.lo)
    wide = Interval(Fraction(box.lo) - width, Fraction(box.hi) + width)
    if known is None or (known.region is not None and not wide.is_subset(known.region[0])):
        known = equilibria(f, f.variables, None if f.slope_coefficients is not None else [wide])
    out: list[Target] = []
    for e in known.points:
        if e.kind in (Kind.MINIMUM, Kind.DEGENERATE):
            t = attraction(f, e, box)
            out += [t] if t is not None else one_sided(f, e)
    for orbit in attracting_orbits(f, box, periods):
        t = orbit_target(f, orbit, wide)
        if t is not None:
            out.append(t)
    for e in known.points:
        if repelling(f, e) and not any(t.fate is Fate.TRAPPED and e.box[0].intersects(t.intervals[0]) for t in out):
            t = trap(f, e, known, wide)
            if t is not None:
                out.append(t)
    return (*out, *escapes(f))


def _in_targets(targets: Sequence[Target], lo: FloatArray, hi: FloatArray) -> np.ndarray:
    """For each interval the first target that contains it, −1 for none."""
    out = np.full(len(lo), -1)
    for i in range(len(targets) - 1, -1, -1):
        for v in targets[i].intervals:
            a = -np.inf if isinstance(v.lo, float) else float_up(v.lo)
            b = np.inf if isinstance(v.hi, float) else float_down(v.hi)
            # open half-lines: c itself is no point of growth
            inside = (lo >= a if np.isfinite(a) and targets[i].fate is not Fate.DIVERGES else lo > a) & (
                hi <= b if np.isfinite(b) and targets[i].fate is not Fate.DIVERGES else hi < b
            )
            out[inside] = i
    return out


def _split(f: DescentMap, box: Interval, targets: tuple[Target, ...], share: float, cells: int, progress: Progress) -> Basins:
    depth, examined = 8, 0
    index = np.arange(2**depth, dtype=np.int64)
    trapped = np.full(len(index), -1)
    # a trap that holds attractors is only an answer where nothing better is found
    vague = {
        i
        for i, t in enumerate(targets)
        if t.fate is Fate.TRAPPED
        and any(v.intersects(t.intervals[0]) for j, u in enumerate(targets) if j != i and u.fate is not Fate.DIVERGES for v in u.intervals)
    }
    finished: list[tuple[np.ndarray, np.ndarray, int]] = []  # cells, labels, depth
    history = [1.0]
    try:
        while len(index):
            examined += len(index)
            labels, trapped = _fates(f, box, targets, index, depth, trapped)
            final = (labels >= 0) | ((trapped >= 0) & ~np.isin(trapped, list(vague)))
            finished.append((index[final], np.where(labels >= 0, labels, trapped)[final], depth))
            index, trapped = index[~final], trapped[~final]
            history.append(len(index) / 2**depth)
            progress(f"basins: {100 * history[-1]:.3f} % undecided after {examined} cells")
            stuck = len(history) > 5 and history[-1] > 0.9 * history[-5]
            if history[-1] <= share or examined + 2 * len(index) > cells or depth >= 45 or not targets or stuck:
                break
            index, trapped = np.concatenate([2 * index, 2 * index + 1]), np.concatenate([trapped, trapped])
            depth += 1
    except KeyboardInterrupt:
        progress("interrupted: the rest stays undecided")
    finished.append((index[trapped >= 0], trapped[trapped >= 0], depth))
    return _assembled(box, targets, finished, depth)


def cell_edges(box: Interval, index: np.ndarray, depth: int) -> tuple[FloatArray, FloatArray]:
    """Float bounds of cells with exact rational ends, rounded outward (the rational arithmetic is exact)."""
    lo, width = Fraction(box.lo), (Fraction(box.hi) - Fraction(box.lo)) / 2**depth
    d = lo.denominator * width.denominator
    a, w = int(lo * d), int(width * d)
    if d & (d - 1) == 0 and max(abs(a), abs(a + w * (int(index.max()) + 1)) if len(index) else 0) < 2**53 and d < 2**900:
        return (a + w * index).astype(float) / d, (a + w * (index + 1)).astype(float) / d  # exact
    return (
        np.array([float_down(lo + width * int(i)) for i in index], dtype=float),
        np.array([float_up(lo + width * (int(i) + 1)) for i in index], dtype=float),
    )


def _fates(
    f: DescentMap, box: Interval, targets: tuple[Target, ...], index: np.ndarray, depth: int, trapped: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For each cell the target that is not a trap which it provably reaches, and the trap it reaches (−1 for none)."""
    labels, trapped = np.full(len(index), -1), trapped.copy()
    traps = np.array([*(t.fate is Fate.TRAPPED for t in targets), False], dtype=bool)  # the last entry is for −1
    lo, hi = cell_edges(box, index, depth)
    alive = np.arange(len(index))
    width = float(Fraction(box.hi) - Fraction(box.lo))
    near_lo, near_hi = float(box.lo) - 0.999 * width, float(box.hi) + 0.999 * width
    near = np.ones(len(index), dtype=bool)  # has never left the interval on which the map is known to be analytic
    for _ in range(MAX_STEPS):
        found = _in_targets(targets, lo, hi)
        if f.slope_coefficients is None:
            near[alive] &= (lo > near_lo) & (hi < near_hi)
        caught = np.where(found >= 0, traps[found], False)
        fresh = caught & (trapped[alive] < 0) & near[alive]
        trapped[alive[fresh]] = found[fresh]
        hit = (found >= 0) & ~caught
        labels[alive[hit]] = found[hit]
        # in a trap, intervals that have grown will not get small enough to reach anything again
        keep = ~hit & np.isfinite(lo) & np.isfinite(hi) & (hi - lo < np.where(caught, 0.02 * width, 2 * width))
        alive, lo, hi = alive[keep], lo[keep], hi[keep]
        if not len(alive):
            break
        im = f.images(lo, hi)
        lo, hi = np.where(im.defined, im.lo, -np.inf), np.where(im.defined, im.hi, np.inf)
    return labels, trapped


def _assembled(box: Interval, targets: tuple[Target, ...], finished: list[tuple[np.ndarray, np.ndarray, int]], depth: int) -> Basins:
    pieces = sorted(
        (int(i) << (depth - d), int(i + 1) << (depth - d), int(label))
        for index, labels, d in finished
        for i, label in zip(index, labels, strict=True)
    )
    counts = [0] * (len(targets) + 1)
    cuts: list[int] = [0]
    names: list[int] = []

    def append(end: int, label: int) -> None:
        counts[label] += end - cuts[-1]
        if names and names[-1] == label:
            cuts[-1] = end
        else:
            names.append(label)
            cuts.append(end)

    for a, b, label in pieces:
        if a > cuts[-1]:
            append(a, -1)
        append(b, label)
    if cuts[-1] < 2**depth:
        append(2**depth, -1)
    length = Fraction(box.hi) - Fraction(box.lo)
    return Basins(box, targets, tuple(cuts), tuple(names), depth, tuple(length * n / 2**depth for n in counts))
