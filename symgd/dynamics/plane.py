"""Basins of gradient descent in two variables: where every start of a rectangle provably goes.

The rectangle is cut into cells. Each cell is followed by enclosures of its iterates, gᵏ(m) + DgᵏX·(x − m) for its midpoint m, vectorised in
float64 with outward rounding, until one of them lies in a region of known fate; cells that do not get there are quartered. The regions:

* discs, in a norm |T(x − c)|, on which gⁿ contracts towards an equilibrium or a point of an orbit;
* neighbourhoods of a curve of equilibria. Where ∇f = r·q with a scalar factor r, a step multiplies r by 1 − δ∇r(ξ)·q(x), with ξ between x
  and g(x). If that is at most ρ < 1 in size within distance R of a box, and the length δ|q||r|/(1 − ρ) of the path to come is at most R,
  then every orbit from the box stays there and converges to a point with r = 0;
* unions of grid cells that g keeps and on which the loss decreases at every step: the orbit converges to some equilibrium;
* traps: unions of grid cells that g keeps and in which every equilibrium has a multiplier outside the unit circle and none that is 0. The
  starts that converge to one of them have measure zero, by the centre-stable manifold theorem (Shub 1987, III.7; Lee et al. 2016) and
  because preimages of null sets are null under an analytic map whose Jacobian determinant does not vanish identically;
* for polynomials, outer regions in which the coordinates grow by a factor at every step (`outer`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..claims import Trust
from ..enclosures.interval import FloatArray, Interval
from . import several
from .basins import MAX_STEPS, Fate, cell_edges, percent
from .equilibria import Equilibria, Equilibrium, Kind, equilibria, show
from .expressions import numeric
from .flow import BoxMap, Flow
from .model import DescentMap, DynamicsError, RegionLike, as_region
from .orbits import PeriodicOrbit, Stability, orbit_near
from .outer import GROWTH, outer_regions
from .plane_regions import IDENTITY, Disc, NearCurve, Region, adapted, attracting_disc, curves, descent_set, restless_set
from .zeros import Box, Progress, quiet

VAGUE = (Fate.TRAPPED, Fate.SOME)


@dataclass(frozen=True)
class PlaneTarget:
    """Regions of the plane from which the fate is known.

    Arguments: fate; regions, whose union it is; label, in words; reason; what, the equilibrium or orbit; factor, a bound below 1 of the
    contraction, where it contracts; trust.
    """

    fate: Fate
    regions: tuple[Region, ...]
    label: str
    reason: str
    what: Equilibrium | PeriodicOrbit | None = None
    factor: float | None = None
    trust: Trust = Trust.INTERVAL

    def __str__(self) -> str:
        return f"{self.label}: certain in {', '.join(map(str, self.regions))} ({self.reason}) [{self.trust.value}]"


@dataclass(frozen=True, eq=False)
class PlaneBasins:
    """A rectangle split by the fate of its points.

    Arguments: region; targets; cells, for each depth d integer arrays (i, j, label) of the cells of the grid with 2ᵈ × 2ᵈ parts that
    have a fate; measures, the exact area for each target and, last, of the undecided part; notes, why there is no target where one might
    be expected; trust.
    """

    region: Box
    targets: tuple[PlaneTarget, ...]
    cells: tuple[tuple[int, Any, Any, Any], ...] = field(repr=False)
    measures: tuple[Fraction, ...]
    notes: tuple[str, ...] = ()
    trust: Trust = Trust.INTERVAL

    @property
    def area(self) -> Fraction:
        """The area of the rectangle."""
        return math.prod((Fraction(v.hi) - Fraction(v.lo) for v in self.region), start=Fraction(1))

    @property
    def undecided(self) -> Fraction:
        """The area of what is undecided."""
        return self.measures[-1]

    def share(self, index: int) -> Fraction:
        """The exact share of the rectangle in the basin of a target (−1: undecided)."""
        return Fraction(self.measures[index] / self.area)

    @cached_property
    def _index(self) -> dict[int, dict[tuple[int, int], int]]:
        return {d: {(int(a), int(b)): int(c) for a, b, c in zip(i, j, label, strict=True)} for d, i, j, label in self.cells}

    def target_of(self, point: Sequence[Fraction]) -> PlaneTarget | None:
        """The target that the orbit from a point of the rectangle provably has, None where that is undecided."""
        part = [(Fraction(x) - Fraction(v.lo)) / (Fraction(v.hi) - Fraction(v.lo)) for x, v in zip(point, self.region, strict=True)]
        if not all(0 <= t <= 1 for t in part):
            raise DynamicsError("the point is outside the region of these basins")
        for d, cells in self._index.items():
            i, j = (min(int(t * 2**d), 2**d - 1) for t in part)
            label = cells.get((i, j))
            if label is not None:
                return self.targets[label]
        return None

    def fate(self, point: Sequence[Fraction]) -> Fate:
        """The certified fate of a start in the rectangle, given by its two coordinates."""
        target = self.target_of(point)
        return Fate.UNDECIDED if target is None else target.fate

    @property
    def boxes(self) -> Iterator[tuple[Box, int]]:
        """The cells with a fate, as exact boxes with the index of their target."""
        for d, i, j, label in self.cells:
            for a, b, c in zip(i, j, label, strict=True):
                at = [
                    tuple(Fraction(v.lo) + (Fraction(v.hi) - Fraction(v.lo)) * Fraction(int(k) + s, 2**d) for s in (0, 1))
                    for v, k in zip(self.region, (a, b), strict=True)
                ]
                yield tuple(Interval(*pair) for pair in at), int(c)

    def raster(self, depth: int = 10) -> Any:
        """The labels on a grid of 2^depth × 2^depth points, row by row from the bottom; −1 where undecided (for pictures)."""
        n = 2**depth
        out = np.full((n, n), -1)
        for d, i, j, label in self.cells:
            if d <= depth:
                s = 2 ** (depth - d)
                for k in range(s):
                    for m in range(s):
                        out[j * s + k, i * s + m] = label
            else:
                # of the cells within a pixel the last one gives its colour
                out[j >> (d - depth), i >> (d - depth)] = label
        return out

    def __str__(self) -> str:
        count = sum(len(i) for _, i, _, _ in self.cells)
        where = " × ".join(f"[{v.lo}, {v.hi}]" for v in self.region)
        lines = [f"basins in {where}, {count} cells [{self.trust.value}]"]
        lines += [f"  {percent(self.share(i))}  {t.label}" for i, t in enumerate(self.targets) if self.measures[i]]
        return "\n".join([*lines, f"  {percent(self.share(-1))}  undecided", *(f"  note: {n}" for n in self.notes)])


# --- targets ---


def find_targets(f: DescentMap, box: Box, known: Equilibria, periods: int) -> tuple[tuple[PlaneTarget, ...], tuple[str, ...]]:
    """Certified targets of starts in a rectangle, attractors first, and notes on what has none."""
    g = BoxMap(f)
    size = max(float(v.hi - v.lo) for v in box)
    out: list[PlaneTarget] = []
    notes: list[str] = []
    for e in known.points:
        name = f"({', '.join(show(v, e.exact[i] if e.exact else None) for i, v in enumerate(e.box))})"
        if e.kind in (Kind.MAXIMUM, Kind.SADDLE) or (e.threshold is not None and e.threshold.hi < f.delta):
            continue
        found = attracting_disc(g, e.box, 1, IDENTITY, size)
        if found is None:
            why = "its curvature is not certified to be positive" if e.kind is Kind.DEGENERATE else "the step size is at its threshold"
            notes.append(f"no neighbourhood of the equilibrium {name} is certified to converge to it: {why}")
            continue
        disc, factor = found
        reason = f"|g(x) − p| ≤ {factor:.4g}·|x − p| within {disc.radius:.4g} of it"
        out.append(PlaneTarget(Fate.EQUILIBRIUM, (disc,), f"converges to the equilibrium {name}", reason, e, factor))
    for near in (lines := curves(f)):
        words = near.equation.removesuffix(" = 0")
        reason = f"|{words}| shrinks by a factor at every step, and the way left is shorter than the distance over which it does"
        out.append(PlaneTarget(Fate.CURVE, (near,), f"converges to an equilibrium on {near.equation}", reason))
    if lines:
        notes.append("no start is settled whose orbit lingers near points of a curve of equilibria where the curvature is about 2/δ")
    known_limits = [r for t in out for r in t.regions]
    wide = tuple(Interval(v.lo - (v.hi - v.lo) / 4, v.hi + (v.hi - v.lo) / 4) for v in box)
    for orbit in attracting_orbits(f, _long_run(f, box), periods):
        target = orbit_target(g, orbit, size)
        out += [target] if target is not None else []
    kept = descent_set(g, wide, known_limits)
    if kept is not None:
        label = "converges to an equilibrium (which one is not decided)"
        out.append(PlaneTarget(Fate.SOME, (kept,), label, f"the loss decreases at every step in {kept} and its image"))
    restless = restless_set(g, wide)
    if restless is not None:
        label = "is trapped in a bounded set, converges to no equilibrium (but for a set of starts of measure zero)"
        out.append(PlaneTarget(Fate.TRAPPED, (restless,), label, f"the map keeps {restless}, in which every equilibrium is unstable"))
    far = outer_regions(f)
    if far:
        grows = f"{'; '.join(r.growth for r in far)}, by a factor of {float(GROWTH):.6g} a step or more"
        out.append(PlaneTarget(Fate.DIVERGES, far, "diverges", grows))
    elif several.read(f.loss, f.variables) is None:
        notes.append("divergence is certified for polynomial losses only")
    else:
        notes.append("no outer region in which the coordinates certainly grow was found")
    return tuple(out), tuple(notes)


def _long_run(f: DescentMap, box: Box, count: int = 24, warm: int = 1000, keep: int = 240) -> FloatArray:
    """The last iterates (keep, 2, n) of plain iteration from a grid of starts that stay bounded: guesses."""
    g = [numeric(e, f.variables) for e in f.map_at(f.delta)]
    axes = [np.linspace(float(v.lo), float(v.hi), count + 2)[1:-1] + 1e-3 * float(v.hi - v.lo) / count for v in box]
    x = np.stack([a.ravel() for a in np.meshgrid(*axes)])
    bound = 1e3 * max(abs(float(v.lo)) + abs(float(v.hi)) + 1 for v in box)
    out = []
    with np.errstate(all="ignore"):
        for k in range(warm + keep):
            y = np.stack([np.broadcast_to(np.asarray(part(*x), dtype=float), x[0].shape) for part in g])
            x = np.where((np.abs(y) < bound).all(axis=0), y, np.nan)
            if k >= warm:
                out.append(x)
    every = np.stack(out)
    return np.asarray(every[:, :, np.isfinite(every).all(axis=(0, 1))])


def _period(ends: FloatArray, periods: int) -> Any:
    """For each column the smallest n ≤ periods with gⁿ(x) ≈ x, 0 if there is none."""
    out = np.zeros(ends.shape[2], dtype=int)
    for n in range(periods, 0, -1):
        close = (np.abs(ends[-1] - ends[-1 - n]) < 1e-7 * (1 + np.abs(ends[-1]))).all(axis=0)
        out[close] = n
    return out


def attracting_orbits(f: DescentMap, ends: FloatArray, periods: int = 8, limit: int = 12) -> tuple[PeriodicOrbit, ...]:
    """Certified stable orbits of period 2 … `periods` near the ends of plain iteration; it is no proof that there are no others."""
    found: list[PeriodicOrbit] = []
    period = _period(ends, periods)
    for n in range(2, periods + 1):
        tried: list[FloatArray] = []
        for x in ends[-1][:, period == n].T:
            if any(np.abs(x - y).max() < 1e-5 for y in tried) or len(tried) > 40:
                continue
            tried.append(x)
            if any(all(abs(x[i] - float(v.lo)) < 1e-5 for i, v in enumerate(p)) for o in found for p in o.points):
                continue
            orbit = orbit_near(f, n, [float(x[0]), float(x[1])])
            if orbit is not None and orbit.period == n and orbit.stability is Stability.STABLE:
                found.append(orbit)
            if len(found) >= limit:
                return tuple(found)
    return tuple(found)


def orbit_target(g: BoxMap, orbit: PeriodicOrbit, size: float) -> PlaneTarget | None:
    """Discs around the points of an attracting orbit from which every start converges to the orbit."""
    discs, worst = [], 0.0
    for k, box in enumerate(orbit.points):
        m = np.eye(2)
        for other in (*orbit.points[k:], *orbit.points[:k]):
            at = np.array([[float((v.lo + v.hi) / 2)] for v in other])
            _, s, _ = g.slopes(at, at)
            m = 0.5 * (s[0] + s[1])[:, :, 0] @ m
        t = adapted(m)
        found = None if t is None else attracting_disc(g, box, orbit.period, t, size)
        if found is None:
            return None
        discs.append(found[0])
        worst = max(worst, found[1])
    exact = orbit.exact or [[None, None]] * orbit.period
    points = ", ".join(f"({', '.join(show(v, q) for v, q in zip(p, e, strict=True))})" for p, e in zip(orbit.points, exact, strict=True))
    label = f"converges to the orbit of period {orbit.period} through {points}"
    reason = f"{orbit.period} steps contract by a factor of at most {worst:.4g} there"
    return PlaneTarget(Fate.ORBIT, tuple(discs), label, reason, orbit, worst)


# --- cells ---


def plane_basins(
    f: DescentMap,
    region: RegionLike,
    *,
    periods: int = 8,
    share: float = 0.01,
    cells: int = 120_000,
    known: Equilibria | None = None,
    progress: Progress = quiet,
) -> PlaneBasins:
    """Split a rectangle of starts by their certified fate.

    Arguments: f, in two variables, with one step size; region; periods, up to which attracting orbits are looked for; share, of the area
    that may stay undecided: cells are quartered until it is reached or `cells` were examined; known, the equilibria where they were
    computed already; progress.
    Returns: `PlaneBasins`. Ctrl-C leaves the rest undecided. Raises: DynamicsError in another number of variables.
    """
    if f.dimension != 2:
        raise DynamicsError("these basins are computed for losses in two variables")
    f.delta  # noqa: B018 - one step size is needed, and this says so
    box = as_region(region, f.variables)
    progress("basins: targets")
    if known is None:
        known = equilibria(f, f.variables, box, progress=progress)
    targets, notes = find_targets(f, box, known, periods)
    return _split(BoxMap(f), box, targets, notes, share, cells, progress)


def _split(
    g: BoxMap, box: Box, targets: tuple[PlaneTarget, ...], notes: tuple[str, ...], share: float, cells: int, progress: Progress
) -> PlaneBasins:
    depth, examined = 5, 0
    i, j = (a.ravel() for a in np.meshgrid(np.arange(2**depth, dtype=np.int64), np.arange(2**depth, dtype=np.int64), indexing="ij"))
    trapped = np.full(len(i), -1)
    # a trap that meets the region of an attractor is only an answer where nothing better is found
    vague = [k for k, t in enumerate(targets) if t.fate in VAGUE and _holds_attractor(t, targets)]
    finished: list[tuple[int, Any, Any, Any]] = []
    history = [1.0]
    try:
        while len(i):
            examined += len(i)
            labels, trapped = _fates(g, box, targets, i, j, depth, trapped, progress)
            final = (labels >= 0) | ((trapped >= 0) & ~np.isin(trapped, vague))
            finished.append((depth, i[final], j[final], np.where(labels >= 0, labels, trapped)[final]))
            i, j, trapped = i[~final], j[~final], trapped[~final]
            history.append(len(i) / 4**depth)
            progress(f"basins: {100 * history[-1]:.2f} % undecided after {examined} cells")
            stuck = len(history) > 5 and history[-1] > 0.95 * history[-4]
            if history[-1] <= share or examined + 4 * len(i) > cells or depth >= 22 or not targets or stuck:
                break
            i, j = np.concatenate([2 * i, 2 * i + 1, 2 * i, 2 * i + 1]), np.concatenate([2 * j, 2 * j, 2 * j + 1, 2 * j + 1])
            trapped = np.tile(trapped, 4)
            depth += 1
    except KeyboardInterrupt:
        progress("interrupted: the rest stays undecided")
    caught = trapped >= 0
    finished.append((depth, i[caught], j[caught], trapped[caught]))
    area = math.prod((Fraction(v.hi) - Fraction(v.lo) for v in box), start=Fraction(1))
    measures = [Fraction(0)] * (len(targets) + 1)
    for d, _, _, label in finished:
        for k, n in zip(*np.unique(label, return_counts=True), strict=True):
            measures[int(k)] += area * Fraction(int(n), 4**d)
    measures[-1] = area - sum(measures[:-1], Fraction(0))
    return PlaneBasins(box, targets, tuple(c for c in finished if len(c[1])), tuple(measures), notes)


def _holds_attractor(t: PlaneTarget, targets: Sequence[PlaneTarget]) -> bool:
    """Whether an attractor has its centre in a trap."""
    for other in targets:
        for r in other.regions:
            if isinstance(r, NearCurve):
                return True
            if isinstance(r, Disc):
                centre = np.array(r.centre)[:, None]
                if t.regions[0].contains(centre, centre)[0]:
                    return True
    return False


def _fates(
    g: BoxMap, box: Box, targets: Sequence[PlaneTarget], i: Any, j: Any, depth: int, trapped: Any, progress: Progress = quiet
) -> tuple[Any, Any]:
    """For each cell the target that is not a trap which it provably reaches, and the trap it reaches (−1 for none)."""
    labels, trapped = np.full(len(i), -1), trapped.copy()
    edges = [cell_edges(v, k, depth) for v, k in zip(box, (i, j), strict=True)]
    flow = Flow.start(np.stack([e[0] for e in edges]), np.stack([e[1] for e in edges]))
    alive = np.arange(len(i))
    widths = np.array([[float(v.hi - v.lo)] for v in box])
    for step in range(MAX_STEPS):
        hit = np.zeros(len(alive), dtype=bool)
        caught = np.zeros(len(alive), dtype=bool)
        for k, t in enumerate(targets):
            todo = np.flatnonzero(~hit)
            for r in t.regions:
                inside = todo[r.catches(flow.only(todo)) if isinstance(r, NearCurve) else r.contains(flow.lo[:, todo], flow.hi[:, todo])]
                if t.fate in VAGUE:
                    fresh = inside[trapped[alive[inside]] < 0]
                    trapped[alive[fresh]] = k
                    caught[inside] = True
                else:
                    labels[alive[inside]] = k
                    hit[inside] = True
        spread = flow.hi - flow.lo
        keep = np.asarray(~hit & (spread < np.where(caught, 0.05, 1.0) * widths).all(axis=0))
        alive = alive[keep]
        if not len(alive):
            break
        flow = flow.only(keep).advanced(g)
        finite = np.asarray(np.isfinite(flow.lo).all(axis=0) & np.isfinite(flow.hi).all(axis=0))
        alive, flow = alive[finite], flow.only(finite)
        if step % 20 == 19:
            progress(f"basins: step {step + 1}, {len(alive)} cells under way")
    return labels, trapped
