"""The rules of equilibria, orbits and basins with one mistake in each: some fact must then fail.

A mutant replaces a piece of the source of one function; the fact beside it holds without the mistake and must not hold with it.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symgd.dynamics import (
    DescentMap,
    Fate,
    FlipKind,
    Kind,
    Stability,
    at_threshold,
    basins,
    equilibria,
    orbit_near,
    period_doublings,
    periodic_orbits,
    real_roots,
    stable_steps,
)
from symgd.dynamics.equilibria import exact_eigenvalues
from symgd.dynamics.flow import BoxMap, Flow, matrix_times
from symgd.dynamics.outer import outer_regions
from symgd.dynamics.plane_regions import (
    IDENTITY,
    CellSet,
    Disc,
    _sharpness_below,
    attracting_disc,
    contraction_on,
    curves,
    descent_set,
    entire,
    norm_bound,
    restless_set,
)
from symgd.dynamics.spectrum import is_contracting, is_expanding_somewhere, symmetric_eigenvalues
from symgd.dynamics.zeros import Equations, _outside, find_zeros
from symgd.enclosures.interval import Interval
from symgd.language import parse

XY = ("x", "y")
WELL = "(x^2-1)^2/4"
EX2 = "(x^2+1)*(x-1)^2*(x-2)^2"
SQUARE = (Interval(-2, 2), Interval(-2, 2))


# --- facts -------------------------------------------------------------------------------------------------------------------------------


def three_equilibria() -> None:
    found = find_zeros(Equations(DescentMap(WELL).gradient_programs), [Interval(-2, Fraction(9, 4))])
    assert found.complete
    assert [round(float(z.box[0].lo), 9) + 0 for z in found.found] == [-1, 0, 1]


def nine_critical_points() -> None:
    found = equilibria("(x^2+y-11)^2 + (x+y^2-7)^2", XY, "-5:5")
    assert found.complete
    assert len(found) == 9


def a_double_zero_is_kept() -> None:
    found = find_zeros(Equations(DescentMap("(x-1)^3/3").gradient_programs), [Interval(-3, 3)])
    assert any(b[0].lo <= 1 <= b[0].hi for b in found.undecided)
    assert not found.found


def what_sticks_out_is_kept() -> None:
    lo, hi, unique_lo, unique_hi = (np.array([[q]]) for q in (0.0, 1.0, 0.5, 2.0))
    assert _outside(lo, hi, unique_lo, unique_hi)[0].shape[1] == 1
    assert _outside(lo + 1, hi + 0.5, unique_lo, unique_hi)[0].shape[1] == 0


def an_edge_is_kept() -> None:
    found = find_zeros(Equations(DescentMap("exp(x) - x").gradient_programs), [Interval(0, 1)])
    assert len(found.found) == 1


def kinds_and_thresholds() -> None:
    found = equilibria(EX2)
    assert [e.kind for e in found] == [Kind.MINIMUM, Kind.MAXIMUM, Kind.MINIMUM]
    assert [e.threshold_text for e in found] == ["1/2", "", "1/5"]
    assert [(e.multiplicity, e.note) for e in equilibria("x^3")] == [(2, "neither minimum nor maximum: f′ does not change sign")]
    assert equilibria("x^4").points[0].note.startswith("a minimum")


def flips() -> None:
    for loss, kind in (
        ("x^2/2 + x^4/24", FlipKind.SUBCRITICAL),
        ("x^2/2 - x^4/24", FlipKind.SUPERCRITICAL),
        ("x^2/2 + x^6", FlipKind.SUBCRITICAL),
    ):
        f = DescentMap(loss)
        e = next(e for e in equilibria(f) if e.exact == (0,))
        assert at_threshold(f, e).kind is kind


def every_root() -> None:
    c = [Fraction(1)]
    for k in range(1, 13):  # Wilkinson's polynomial with 12 roots, the first of them double
        for _ in range(2 if k == 1 else 1):
            c = [(c[i - 1] if i else 0) - k * (c[i] if i < len(c) else 0) for i in range(len(c) + 1)]
    roots = real_roots(c)
    assert [r.lo <= k <= r.hi for k, r in enumerate(roots, 1)] == [True] * 12
    assert [r.multiplicity for r in roots] == [2] + [1] * 11


def tripling() -> None:
    f = DescentMap(WELL, "x", 2)  # conjugate to θ → 3θ on [−√2, √2]: 3ⁿ solutions of gⁿ(x) = x
    total = {n: len(periodic_orbits(f, n, "-3/2:3/2")) for n in (1, 2, 3)}
    assert total == {1: 3, 2: 3, 3: 8}


def orbit_stability() -> None:
    f = DescentMap(WELL, "x", "11/10")
    found = periodic_orbits(f, 2, "-3:3")
    assert [o.stability for o in found] == [Stability.UNSTABLE, Stability.STABLE, Stability.STABLE]
    assert orbit_near(f, 4, [1]).period == 1
    assert [o.stability for o in periodic_orbits(DescentMap("5/4*x^2 - x^4/4", "x", "1000001/1000000"), 2, "-1:1")] == [Stability.STABLE]
    well2 = DescentMap("(x*y-1)^2/2", XY, "1/2")
    assert orbit_near(well2, 2, [5**0.5, 5**0.5]).stability is Stability.UNSTABLE


def the_second_doubling() -> None:
    second = period_doublings(DescentMap(WELL), count=2)[1]
    assert (second.step.lo + 1) ** 2 <= 5 <= (second.step.hi + 1) ** 2
    assert second.period == 2


def branch_contains_its_orbit() -> None:
    f = DescentMap(WELL, "x", "11/10")
    b = stable_steps(f, orbit_near(f, 2, [1.1160629]), ("21/20", "6/5"))
    for piece in b.pieces:
        for d in (Fraction(piece.steps.lo), Fraction(piece.steps.hi)):
            o = orbit_near(f.with_step(d), 2, [piece.at(d)], Fraction(1, 2**14))
            x = Fraction(o.points[0][0].lo)
            assert abs(piece.at(d) - x) <= piece.radius
            assert piece.multiplier.lo <= o.multiplier.lo <= o.multiplier.hi <= piece.multiplier.hi
    assert b.stable is not None


def fates_of_the_line() -> None:
    """Random starts against 1500 plain steps."""
    for loss, step, region in ((WELL, "11/10", "-2:2"), (EX2, "3/10", "-1:3"), ("x^4/4", "2", "-2:2"), ("x^3", "1/10", "-1:1")):
        f = DescentMap(loss, "x", step)
        b = basins(f, region, share=0.05)
        starts = np.linspace(float(b.region.lo), float(b.region.hi), 331)[1:-1] + 0.00123
        ends = starts
        from symgd.dynamics.expressions import numeric

        g = numeric(f.map_at(f.delta)[0], "x")
        for _ in range(1500):
            ends = np.where(np.abs(ends) < 1e12, g(np.clip(ends, -1e12, 1e12)), np.inf)
        moved = np.abs(g(np.clip(ends, -1e12, 1e12)) - ends)
        for start, end, far in zip(starts, ends, moved, strict=True):
            fate = b.fate(Fraction(float(start)))
            if fate is not Fate.UNDECIDED:
                assert np.isfinite(end) == (fate is not Fate.DIVERGES)
            if fate is Fate.EQUILIBRIUM:
                assert far < 1e-4
            if fate in (Fate.TRAPPED, Fate.ORBIT):
                assert far > 1e-3
        for t in b.targets:
            if t.fate is Fate.TRAPPED:
                x = np.linspace(float(t.intervals[0].lo), float(t.intervals[0].hi), 501)
                assert ((float(t.intervals[0].lo) <= g(x)) & (g(x) <= float(t.intervals[0].hi))).all()


def no_trap_with_an_attractor() -> None:
    for loss, step in ((WELL, "1/2"), ("abs(x) + x^2", "9/10")):
        assert all(t.fate is not Fate.TRAPPED for t in basins(DescentMap(loss, "x", step), "-2:2", share=0.5).targets)


def discs_are_inside() -> None:
    d = Disc((0.0, 0.0), ((1.0, 0.5), (0.0, 1.0)), 1.0)
    box = lambda x, y, r: d.contains(np.array([[x - r], [y - r]]), np.array([[x + r], [y + r]]))[0]  # noqa: E731
    assert box(0, 0, 0.3)
    assert not box(0.9, 0.5, 0.05)
    assert not box(0, 0, 0.9)
    assert not box(0.5, 0.8, 0.01)
    assert not box(0.6, 0, 0.3)  # one corner is outside


def contraction() -> None:
    g = BoxMap(DescentMap(f"{WELL} + y^2", XY, "1/2"))
    assert contraction_on(g, Disc((1.0, 0.0), IDENTITY, 0.2)) is not None
    assert contraction_on(g, Disc((1.0, 0.0), IDENTITY, 0.9)) is None  # reaches x = 0.1, where g′ > 1
    assert contraction_on(g, Disc((0.0, 0.0), IDENTITY, 0.01)) is None
    assert contraction_on(BoxMap(DescentMap("x*y/2 + (x^2+y^2)/4", XY, 3)), Disc((0.0, 0.0), IDENTITY, 0.1)) is None  # multiplier −2


def norms() -> None:
    rng = np.random.default_rng(0)
    m = rng.normal(size=(2, 2, 400))
    bound = norm_bound((m - 0.1, m + 0.1))
    for s in ((0.1, 0.1), (-0.1, 0.1), (0.1, -0.1)):
        member = m + np.array([[[s[0]], [s[1]]], [[s[1]], [-s[0]]]])
        assert (bound >= np.linalg.norm(member.transpose(2, 0, 1), 2, axis=(1, 2)) * (1 - 1e-14)).all()
    a, b = rng.normal(size=(2, 2, 50)), rng.normal(size=(2, 2, 50))
    lo, hi = matrix_times((a - 0.2, a + 0.2), (b - 0.3, b + 0.3))
    for u, v in ((0.2, 0.3), (-0.2, 0.3), (0.2, -0.3), (-0.2, -0.3)):
        for sign in (np.ones((2, 2, 1)), np.array([[[1.0], [-1.0]], [[-1.0], [1.0]]])):
            p = np.einsum("ijn,jkn->ikn", a + u * sign, b + v * sign)
            assert ((lo <= p) & (p <= hi)).all()


def flow_contains_points() -> None:
    from symgd.dynamics.expressions import numeric

    f = DescentMap("(x*y-1)^2/2", XY, "1/2")
    g = [numeric(e, XY) for e in f.map_at(f.delta)]
    rng = np.random.default_rng(3)
    lo = rng.uniform(-1.4, 1.4, size=(2, 100))
    hi = lo + 0.02
    flow, points = Flow.start(lo, hi), [lo + t * (hi - lo) for t in rng.random((30, 2, 100))] + [lo, hi]
    for _ in range(5):
        flow = flow.advanced(BoxMap(f))
        points = [np.stack([h(*x) for h in g]) for x in points]
        for x in points:
            assert ((flow.lo <= x + 1e-12) & (x - 1e-12 <= flow.hi)).all()


def near_the_hyperbola() -> None:
    (near,) = curves(DescentMap("(x*y-1)^2/2", XY, "1/2"))

    def accepted(x: float, y: float, r: float = 1e-4) -> bool:
        return bool(near.contains(np.array([[x - r], [y - r]]), np.array([[x + r], [y + r]]))[0])

    assert accepted(1, 1)
    assert not accepted(2, 0.5)  # λ = 17/4 > 2/δ
    assert not accepted(0.1, 0.1)
    assert not accepted(1.9, 0.6)  # λ < 4 here, but the way to the curve leads to where it is not
    assert not accepted(1.7, 0.7)  # the way is shorter than the distance to where it is not, but not the way from there
    edge = near._path(np.array([[1.91], [0.498]]), np.array([[1.95], [0.538]]), np.array([1e-9]))  # 2/δ is inside
    assert not np.isfinite(edge).any()
    flow = Flow.start(np.array([[1.9], [0.45]]), np.array([[2.1], [0.55]]))
    assert not near.catches(flow)[0]


def outer() -> None:
    (quadrant,) = outer_regions(DescentMap("(x*y-1)^2/2", XY, "1/2"))
    assert quadrant.bounds[0] ** 2 >= 5  # (√5, √5) has period 2
    (big,) = outer_regions(DescentMap("x^4/4 + y^4/4 + x*y", XY, "1"))[:1]
    k = float(big.bounds[0])
    for x, y in ((k, k), (k, 0.3 * k), (k, -k), (-0.5 * k, k), (0, k)):
        assert max(abs(x - (x**3 + y)), abs(y - (y**3 + x))) > max(abs(x), abs(y))
    assert not big.contains(np.array([[0.5 * k], [-0.5 * k]]), np.array([[2 * k], [0.5 * k]]))[0]
    assert not big.contains(np.array([[-2 * k], [-0.5 * k]]), np.array([[0.5 * k], [0.5 * k]]))[0]
    assert outer_regions(DescentMap("x^2/4 + y^2/4", XY, "1")) == ()
    mixed = outer_regions(DescentMap("x^4/4 - y^2/2 + y^4/40", XY, "1/2"))
    assert mixed
    for region in mixed:
        for x in ((2.4, 0.1), (0.1, 5.0), (-2.4, 0.1), (3.0, 3.0)):
            if region.contains(np.array(x)[:, None], np.array(x)[:, None])[0]:
                h = (abs(x[0] - x[0] ** 3 / 2), abs(x[1] + x[1] / 2 - x[1] ** 3 / 20))
                assert (
                    max(h) > max(map(abs, x))
                    if region.largest
                    else all(a > abs(b) for a, b, c in zip(h, x, region.bounds, strict=True) if c is not None)
                )


def descent() -> None:
    g = BoxMap(DescentMap("x^4/4 + y^4/4", XY, "1/4"))  # λ_max = 3x² < 8 for |x| < 1.63, and |x| > √8 diverges
    kept = descent_set(g, (Interval(-4, 4), Interval(-4, 4)), (), parts=64)
    box = lambda x, y: kept.contains(np.array([[x], [y]]), np.array([[x], [y]]))[0]  # noqa: E731
    assert box(0.5, 0.5)
    assert not box(2.0, 0.1)
    assert not box(3.0, 3.0)
    saddle = descent_set(BoxMap(DescentMap("x^2/2 - y^2/2", XY, "1/2")), SQUARE, (), parts=32)  # y grows, and leaves every bounded set
    assert saddle is None
    assert descent_set(BoxMap(DescentMap("abs(x) + y^2", XY, "1/4")), SQUARE, (), parts=16) is None
    steep = BoxMap(DescentMap("3*x^2 + 3*y^2", XY, "1/2"))
    assert not _sharpness_below(steep, np.zeros((2, 1)), np.ones((2, 1)), 4.0)[0]
    assert _sharpness_below(steep, np.zeros((2, 1)), np.ones((2, 1)), 6.5)[0]
    above = descent_set(BoxMap(DescentMap("x^2 + x^4/4 + y^2", XY, "11/10")), SQUARE, (), parts=32)  # 2/δ < 2: 0 is unstable
    assert above is None


def restless() -> None:
    chaotic = BoxMap(DescentMap(f"{WELL} + y^2/8", XY, "29/20"))
    kept = restless_set(chaotic, SQUARE, parts=64)
    assert kept is not None
    assert not kept.contains(np.array([[1.7], [0.0]]), np.array([[1.7], [0.0]]))[0]  # |x| > √(1 + 2/δ) diverges
    assert restless_set(BoxMap(DescentMap(f"{WELL} + y^2/8", XY, "2/5")), SQUARE, parts=64) is None  # ±1 attract
    assert restless_set(BoxMap(DescentMap("(x^2+y^2)*2", XY, "3/4")), SQUARE, parts=16) is None  # expands, keeps nothing
    assert not entire(parse("x/y", XY))
    assert not entire(parse("(x+y)^-2", XY))


def cell_sets() -> None:
    sums = np.zeros((5, 5), dtype=np.int64)
    good = np.ones((4, 4), dtype=bool)
    good[2, 1] = False
    sums[1:, 1:] = good.cumsum(axis=0).cumsum(axis=1)
    cells = CellSet(np.array([0.0, 0.0]), np.array([4.0, 4.0]), sums)
    inside = lambda a, b: cells.contains(np.array(a)[:, None], np.array(b)[:, None])[0]  # noqa: E731
    assert inside([0.1, 0.1], [1.9, 3.9])
    assert not inside([2.2, 1.2], [2.4, 1.4])
    assert not inside([1.5, 0.5], [2.5, 1.5])
    assert not inside([3.5, 0.5], [4.5, 0.6])
    assert not inside([0.5, 1.5], [3.5, 1.6])


def discs_hold_their_orbits() -> None:
    f = DescentMap("(x*y-1)^2/2", XY, "11/10")
    orbit = orbit_near(f, 2, [1.1160629, 1.1160629])
    found = attracting_disc(BoxMap(f), orbit.points[0], 2, IDENTITY, 1.0)
    assert found is None or found[0].radius < 0.3  # (1, 1) is an unstable equilibrium
    assert attracting_disc(BoxMap(f), (Interval(1), Interval(1)), 1, IDENTITY, 1.0) is None


def plane_fates() -> None:
    for loss, step, region in ((f"{WELL} + y^2", "1/2", "-3:3"), ("(x*y-1)^2/2", "1/2", "-3:3")):
        b = basins(DescentMap(loss, XY, step), region, cells=6000)
        assert sum(b.measures) == b.area
        cells = [(d, int(i), int(j)) for d, row, column, _ in b.cells for i, j in zip(row, column, strict=True)]
        assert len(set(cells)) == len(cells)
        for i in range(-29, 30, 2):
            for j in range(-29, 30, 2):
                start = (Fraction(i, 10), Fraction(j, 10))
                fate = b.fate(start)
                x, y = map(float, start)
                for _ in range(3000):
                    if abs(x) + abs(y) > 1e9:
                        break
                    if loss.startswith(WELL):
                        x, y = x - 0.5 * x * (x * x - 1), 0.0
                    else:
                        e = x * y - 1
                        x, y = x - 0.5 * e * y, y - 0.5 * e * x
                far = abs(x) + abs(y) > 1e9
                assert fate is Fate.UNDECIDED or far == (fate is Fate.DIVERGES)
                if fate is Fate.CURVE:
                    assert abs(x * y - 1) < 1e-6


def spectra() -> None:
    one = [[(Fraction(2), Fraction(2)), (Fraction(1), Fraction(1))], [(Fraction(1), Fraction(1)), (Fraction(2), Fraction(2))]]
    low, high = symmetric_eigenvalues(one)
    assert low.lo <= 1 <= low.hi < high.lo <= 3 <= high.hi
    assert exact_eigenvalues(one, (low, high)) == (Interval(1), Interval(3))
    golden = [[(Fraction(2),) * 2, (Fraction(1),) * 2], [(Fraction(1),) * 2, (Fraction(1),) * 2]]  # (3 ± √5)/2
    coarse = (Interval(Fraction(1, 3), Fraction(2, 5)), Interval(Fraction(5, 2), Fraction(8, 3)))
    assert exact_eigenvalues(golden, coarse) == coarse
    twice = [[(Fraction(int(i == j)),) * 2 for j in range(3)] for i in range(3)]
    assert exact_eigenvalues(twice, tuple(symmetric_eigenvalues(twice))) == (Interval(1),) * 3
    wide = [[(a - Fraction(1, 2), b + Fraction(1, 2)) for a, b in row] for row in one]
    assert symmetric_eigenvalues(wide)[1].hi >= 4  # the corner [[5/2, 3/2], [3/2, 5/2]]
    shear = [[(Fraction(1, 2),) * 2, (Fraction(50),) * 2], [(Fraction(0),) * 2, (Fraction(1, 2),) * 2]]
    assert is_contracting(shear)
    assert not is_contracting([[(Fraction(1),) * 2]])
    assert not is_contracting([[(Fraction(0), Fraction(11, 10))]])
    assert not is_expanding_somewhere(shear)
    assert is_expanding_somewhere([[(Fraction(-2),) * 2]])


# --- mutants -----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    place: str  # module:function
    old: str
    new: str
    fact: Callable[[], None]

    @property
    def name(self) -> str:
        return f"{self.place}: {self.old[:40]} -> {self.new[:40]}"


MUTANTS = [
    # equilibria
    Mutant(
        "zeros:prune",
        "down(low - up(np.maximum(p, q))), up(high - down(np.minimum(p, q)))",
        "down(low + down(np.minimum(p, q))), up(high + up(np.maximum(p, q)))",
        three_equilibria,
    ),
    Mutant("zeros:prune", "spread = up(np.maximum(np.abs(a), np.abs(b)) * radius[j])", "spread = 0.0 * radius[j]", nine_critical_points),
    Mutant("zeros:prune", "none = usable & ((low > 0) | (high < 0))", "none = usable & ((low > 0) | (high > 0))", nine_critical_points),
    Mutant("zeros:prune", "keep = e.possible", "keep = e.possible & (lo[0] < 0.5)", three_equilibria),
    Mutant("zeros:certify_zero", "b[0] < k[0] and k[1] < b[1]", "True", a_double_zero_is_kept),
    Mutant("zeros:find_zeros", "left.append((lo[:, small], hi[:, small]))", "pass", a_double_zero_is_kept),
    Mutant("zeros:find_zeros", "v.intersects(r)", "v.is_subset(r)", an_edge_is_kept),
    Mutant("zeros:_outside", "(unique_lo[:, j : j + 1] <= lo)", "(unique_lo[:, j : j + 1] <= hi)", what_sticks_out_is_kept),
    Mutant("zeros:split", "return np.hstack([lo, right_lo]), np.hstack([left_hi, hi])", "return lo, left_hi", three_equilibria),
    Mutant("equilibria:_algebraic", "Kind.MAXIMUM, None", "Kind.MINIMUM, None", kinds_and_thresholds),
    Mutant(
        "equilibria:_algebraic",
        "Interval(2 / curvature.hi, 2 / curvature.lo)",
        "Interval(1 / curvature.hi, 1 / curvature.lo)",
        kinds_and_thresholds,
    ),
    Mutant("equilibria:_sign_beside", "s if order % 2 == 0 else -s", "s", kinds_and_thresholds),
    Mutant("equilibria:exact_eigenvalues", "== len(holding)", ">= 0", spectra),
    Mutant("threshold:_exactly", "[3 * q for q in poly_mul(f3, f3)]", "[-3 * q for q in poly_mul(f3, f3)]", lambda: _flip_of_ex2()),
    Mutant("threshold:_exactly", "poly_mul(f2, f4), Fraction(-1)", "poly_mul(f2, f4), Fraction(1)", flips),
    Mutant("threshold:_higher", "-1 if rest[order] > 0 else 1", "1 if rest[order] > 0 else -1", flips),
    Mutant("real_roots:_isolate_positive", "if count == 1:", "if count <= 3:", every_root),
    Mutant("real_roots:_isolate_positive", "if count == 0:", "if count in (0, 2):", every_root),
    Mutant("real_roots:squarefree_parts", "int(m))", "1)", every_root),
    Mutant("spectrum:symmetric_eigenvalues", "Interval(lo - radius, hi + radius)", "Interval(lo, hi)", spectra),
    Mutant("spectrum:is_contracting", "(slack if i == j else 0)", "0", spectra),
    Mutant("spectrum:is_expanding_somewhere", "if low > 1 or high < -1", "if low > -1 or high < -1", spectra),
    # orbits
    Mutant("orbits:Returns.evaluate", "((x_lo[i] <= float_up(r.hi)) &", "((x_lo[i] <= 0.5 * float_up(r.hi)) &", tripling),
    Mutant("orbits:Returns.evaluate", "down(x_lo - hi), up(x_hi - lo)", "down(x_lo - lo), up(x_hi - hi)", tripling),
    Mutant("orbits:_products", "np.minimum.reduce(p)", "np.maximum.reduce(p)", tripling),
    Mutant("orbits:orbit_of", "if n % e == 0 and all", "if False and all", orbit_stability),
    Mutant("orbits:_with_multiplier", "multiplier.lo > -1 and multiplier.hi < 1", "multiplier.lo > -1", orbit_stability),
    Mutant(
        "orbits:_with_multiplier",
        "multiplier.lo <= 0 <= multiplier.hi and is_superstable(f, orbit)",
        "abs(multiplier.lo) < 1",
        orbit_stability,
    ),
    Mutant("orbits:periodic_orbits", "not any(_same(orbit, other) for other in orbits)", "not orbits", tripling),
    Mutant("scan:bordered_system", "multiplier + 1", "multiplier", the_second_doubling),
    Mutant("scan:_pieces", "np.where(first, j_lo, mult_lo)", "np.where(first, j_hi, mult_lo)", branch_contains_its_orbit),
    Mutant("scan:_pieces", "up(residual + up(along * half))", "0 * residual", branch_contains_its_orbit),
    # basins on the line
    Mutant("basins:contraction", "worst < 1 - 1e-9", "worst < 9", fates_of_the_line),
    Mutant(
        "basins:contraction",
        "np.maximum(np.abs(im.slope_lo), np.abs(im.slope_hi))",
        "np.minimum(np.abs(im.slope_lo), np.abs(im.slope_hi)) * 0",
        fates_of_the_line,
    ),
    Mutant("basins:_in_targets", "hi <= b if", "lo <= b if", fates_of_the_line),
    Mutant("basins:trap", "not all(repelling(f, q) for q in inside)", "False", no_trap_with_an_attractor),
    Mutant("basins:repelling", "min(products) > 2", "min(products) > 0", no_trap_with_an_attractor),
    Mutant("basins:_grown", "image.lo > current.lo and image.hi < current.hi", "image.hi < current.hi", fates_of_the_line),
    Mutant("basins:_beyond", "return exact if exact > other", "return exact / 2 if exact > other", fates_of_the_line),
    Mutant("basins:one_sided", "* side < 0 <=", "* side < 0 or 0 <=", fates_of_the_line),
    # basins in the plane
    Mutant("plane_regions:Disc.contains", "(lo[0], hi[0]), (lo[1], hi[1])", "(lo[0],), (lo[1],)", discs_are_inside),
    Mutant("plane_regions:Disc.contains", "a * u + b * v)", "a * u)", discs_are_inside),
    Mutant("plane_regions:contraction_on", "worst < 1 - 1e-9", "worst < 3", contraction),
    Mutant(
        "plane_regions:contraction_on",
        "inside = (nearest * nearest).sum(axis=0) <= disc.radius**2 * (1 + 1e-9)",
        "inside = (nearest * nearest).sum(axis=0) <= 0.01 * disc.radius**2",
        contraction,
    ),
    Mutant("plane_regions:contraction_on", "total = matrix_times(s, total)", "pass", contraction),
    Mutant("plane_regions:norm_bound", "np.maximum(np.abs(m[0]), np.abs(m[1]))", "np.minimum(np.abs(m[0]), np.abs(m[1]))", norms),
    Mutant("plane_regions:norm_bound", "0.5 * (f +", "0.25 * (f +", norms),
    Mutant(
        "plane_regions:norm_bound",
        "down(first[0] - second[1]), up(first[1] - second[0])",
        "up(first[1] - second[0]), up(first[1] - second[0])",
        norms,
    ),
    Mutant(
        "flow:matrix_times",
        "low, high = middle - radius, middle + radius",
        "low, high = middle - 0.3 * radius, middle + 0.3 * radius",
        norms,
    ),
    Mutant("flow:_middle", "np.maximum(a[1] - x, x - a[0])", "0 * x", norms),
    Mutant("flow:Flow.start", "up(np.maximum(up(hi - middle), up(middle - lo)))", "0.5 * (hi - middle)", flow_contains_points),
    Mutant(
        "flow:Flow.advanced", "c = self._moved(at, s, self.c_lo, self.c_hi, centre)", "c = at[0] + 0.01, at[1] + 0.01", flow_contains_points
    ),
    Mutant("flow:Flow.advanced", "j = matrix_times(s, (self.j_lo, self.j_hi))", "j = s", flow_contains_points),
    Mutant(
        "plane_regions:NearCurve._path",
        "np.maximum(np.abs(up(1 - s[0])), np.abs(down(1 - s[1])))",
        "np.abs(up(1 - s[0]))",
        near_the_hyperbola,
    ),
    Mutant("plane_regions:NearCurve._path", "rho < 1 - 1e-6", "rho < 9", near_the_hyperbola),
    Mutant("plane_regions:NearCurve._stay", "(length <= reach).all(axis=0)", "(length <= reach).any(axis=0) | True", near_the_hyperbola),
    Mutant(
        "plane_regions:NearCurve._stay",
        "self._path(down(lo[:, todo] - reach), up(hi[:, todo] + reach), size[todo])",
        "path[:, todo]",
        near_the_hyperbola,
    ),
    Mutant("outer:_each_grows", "Fraction(-1)))", "Fraction(1)))", outer),
    Mutant("outer:_grows_in_sector", "least, Fraction(-1)", "least, Fraction(1)", outer),
    Mutant("outer:Outer.contains", "hi[i] <= -float_up(c)", "lo[i] <= -float_up(c)", outer),
    Mutant("outer:outer_regions", "-f.delta", "f.delta", outer),
    Mutant("plane_regions:_sharpness_below", "(p > 0) & (q > 0) & ", "", descent),
    Mutant("plane_regions:_sharpness_below", "down(bound - a), down(bound - c)", "down(2 * bound - a), down(2 * bound - c)", descent),
    Mutant("plane_regions:kept_cells", "if stays.all():", "if True:", descent),
    Mutant("plane_regions:never_stable", "(top > two)", "(top > 0)", restless),
    Mutant("plane_regions:never_stable", "out = ~vanishes |", "out = vanishes |", restless),
    Mutant("plane_regions:kept_cells", "good[index[~stays]] = False", "return kept", restless),
    Mutant("plane_regions:entire", '(op == "/" and not _is_literal(args[1]))', "False", restless),
    Mutant("plane_regions:CellSet.contains", "count == (b - a) * (d - c)", "count > 0", cell_sets),
    Mutant("plane_regions:CellSet.contains", "inside & (", "(", cell_sets),
    Mutant("plane_regions:CellSet.contains", ".astype(int) + 1", ".astype(int)", cell_sets),
    Mutant("plane_regions:attracting_disc", "if factor is not None:", "factor = 0.5\n        if True:", discs_hold_their_orbits),
    Mutant("plane:_fates", "labels[alive[inside]] = k", "labels[alive[todo]] = k", plane_fates),
    Mutant("plane:_split", "2 * j, 2 * j, 2 * j + 1, 2 * j + 1", "2 * j, 2 * j + 1, 2 * j + 1, 2 * j + 1", plane_fates),
]


def _flip_of_ex2() -> None:
    f = DescentMap(EX2)
    values = [at_threshold(f, e).value.lo for e in equilibria(f).minima]
    assert values == [528, 17808]


def function(place: str) -> Any:
    module, name = place.split(":")
    found: Any = importlib.import_module(f"symgd.dynamics.{module}")
    for part in name.split("."):
        found = found.__dict__[part] if inspect.isclass(found) else getattr(found, part)
    return getattr(found, "__func__", found)


def altered(mutant: Mutant) -> Any:
    """The code of the function with the mistake."""
    module, name = mutant.place.split(":")
    source = inspect.getsource(importlib.import_module(f"symgd.dynamics.{module}"))
    own = inspect.getsource(function(mutant.place))
    assert own.count(mutant.old) >= 1, f"{mutant.name}: the function no longer contains this"
    changed = source.replace(own, own.replace(mutant.old, mutant.new, 1), 1)
    assert changed != source
    code = compile(changed, module, "exec", flags=__import__("__future__").annotations.compiler_flag)
    for part in name.split("."):
        code = next(c for c in code.co_consts if inspect.iscode(c) and c.co_name == part)
    return code


@pytest.mark.parametrize("fact", sorted({m.fact for m in MUTANTS}, key=lambda f: f.__name__), ids=lambda f: f.__name__)
def test_the_facts_hold(fact):
    fact()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_a_mistake_is_noticed(mutant, monkeypatch):
    monkeypatch.setattr(function(mutant.place), "__code__", altered(mutant))
    with pytest.raises(Exception):  # noqa: B017, PT011 - an assertion that fails, or an error on the way
        mutant.fact()
