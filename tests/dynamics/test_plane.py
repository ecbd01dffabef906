"""Basins in two variables against hand-derived facts and against plain iteration of random starts."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from symgd.dynamics import DescentMap, DynamicsError, Fate, basins, several
from symgd.dynamics.expressions import numeric
from symgd.dynamics.flow import BoxMap, Flow, matrix_times
from symgd.dynamics.outer import outer_regions
from symgd.dynamics.plane_regions import IDENTITY, CellSet, Disc, contraction_on, curves, descent_set, entire, norm_bound, restless_set
from symgd.enclosures.interval import Interval
from symgd.language import parse

XY = ("x", "y")
FACTOR = "(x*y-1)^2/2"
WELL = "(x^2-1)^2/4 + y^2"
HIMMELBLAU = "(x^2+y-11)^2 + (x+y^2-7)^2"
LOGISTIC = "softplus(x+y) + softplus(-x) + softplus(x-2*y) + softplus(y-x)"

# name: (loss, step, region, cells)
CASES = {
    "factorisation": (FACTOR, "1/2", "-3:3", 20_000),
    "factorisation above its threshold": (FACTOR, "11/10", "-2:2", 20_000),
    "double well": (WELL, "1/2", "-3:3", 20_000),
    "Himmelblau": (HIMMELBLAU, "1/100", "-5:5", 8_000),
    "logistic": (LOGISTIC, "1", "-4:4", 20_000),
    "chaotic band": ("(x^2-1)^2/4 + y^2/8", "29/20", "-2:2", 8_000),
    "line": ("(x+2*y-1)^2/2", "1/5", "-3:3", 4_000),
    "degenerate": ("x^4/4 + y^4/4", "1/4", "-4:4", 8_000),
    "log cosh of a product": ("softplus(2*(x*y-1)) - (x*y-1)", "1/2", "-2:2", 8_000),
    "kink": ("abs(x) + y^2", "1/4", "-1:1", 2_000),
}


@pytest.fixture(scope="module")
def found():
    cache = {}

    def get(name):
        if name not in cache:
            loss, step, region, cells = CASES[name]
            cache[name] = basins(DescentMap(loss, XY, step), region, cells=cells)
        return cache[name]

    return get


def share(b, fate):
    return float(sum((b.share(i) for i, t in enumerate(b.targets) if t.fate is fate), Fraction(0)))


@pytest.mark.parametrize("name", CASES)
def test_random_starts_do_what_was_certified(name, found):
    b = found(name)
    f = DescentMap(CASES[name][0], XY, CASES[name][1])
    g, gradient = [numeric(e, XY) for e in f.map_at(f.delta)], [numeric(e, XY) for e in f.gradient]
    rng = random.Random(name)
    starts = [[rng.uniform(float(v.lo), float(v.hi)) for v in b.region] for _ in range(400)]
    x = np.array(starts).T
    with np.errstate(all="ignore"):
        for _ in range(6000):
            y = np.stack([np.broadcast_to(part(*x), x[0].shape) for part in g])
            x = np.where((np.abs(y) < 1e9).all(axis=0), y, np.inf)
    for start, end in zip(starts, x.T, strict=True):
        target = b.target_of([Fraction(q) for q in start])
        if target is None:
            continue
        slope = max(abs(float(h(*end))) for h in gradient) if np.isfinite(end).all() else np.inf
        if target.fate is Fate.DIVERGES:
            assert not np.isfinite(end).all()
        elif target.fate is Fate.EQUILIBRIUM:
            assert max(abs(q - p) for q, p in zip(end, target.what.point, strict=True)) < 1e-3
        elif target.fate in (Fate.CURVE, Fate.SOME):
            assert slope < 1e-5
        elif target.fate is Fate.ORBIT:
            assert min(max(abs(q - float(v.lo)) for q, v in zip(end, p, strict=True)) for p in target.what.points) < 1e-6
        else:
            assert target.fate is Fate.TRAPPED
            assert 1e-4 < slope < 100


@pytest.mark.parametrize("name", CASES)
def test_measures_add_up_and_cells_do_not_overlap(name, found):
    b = found(name)
    assert sum(b.measures) == b.area
    assert min(b.measures) >= 0
    seen = {}
    for d, i, j, _ in b.cells:
        for a, c in zip(i, j, strict=True):
            for e in seen:
                if e <= d:
                    assert (int(a) >> (d - e), int(c) >> (d - e)) not in seen[e]
            seen.setdefault(d, set()).add((int(a), int(c)))


def test_the_double_well_is_a_product(found):
    b = found("double well")
    line = basins(DescentMap("(x^2-1)^2/4", "x", "1/2"), "-3:3")
    known = [float(line.share(i)) for i, t in enumerate(line.targets) if t.fate is Fate.EQUILIBRIUM]
    mine = [float(b.share(i)) for i, t in enumerate(b.targets) if t.fate is Fate.EQUILIBRIUM]
    assert mine == pytest.approx(known, abs=0.05)
    assert all(m <= k + float(line.share(-1)) + 1e-9 for m, k in zip(mine, known, strict=True))
    assert share(b, Fate.DIVERGES) == pytest.approx(1 - 5**0.5 / 3, abs=0.02)  # |x| > √5


def test_himmelblau_sends_nearly_every_start_to_one_of_its_four_minima(found):
    b = found("Himmelblau")
    assert share(b, Fate.EQUILIBRIUM) > 0.85
    assert [t.what.exact for t in b.targets if t.what is not None].count((3, 2)) == 1
    assert b.fate([3, 2]) is Fate.EQUILIBRIUM


def test_starts_on_both_sides_of_the_hyperbola_converge_to_it(found):
    b = found("factorisation")
    assert share(b, Fate.CURVE) > 0.2
    assert share(b, Fate.DIVERGES) > 0.15
    for start in ((1, 1), (Fraction(1, 2), Fraction(9, 10)), (-1, -1), (Fraction(1, 10), 1)):
        assert b.fate(start) is Fate.CURVE
    # x = −y stays on the diagonal and tends to the saddle 0, so no cell around it may be said to converge to xy = 1
    assert b.fate([Fraction(1, 2), Fraction(-1, 2)]) in (Fate.SOME, Fate.UNDECIDED)


def test_above_the_smallest_sharpness_no_start_of_the_hyperbola_is_said_to_converge(found):
    b = found("factorisation above its threshold")  # the sharpness x² + y² is at least 2, and δ = 11/10
    assert share(b, Fate.CURVE) == share(b, Fate.SOME) == share(b, Fate.EQUILIBRIUM) == 0
    assert share(b, Fate.TRAPPED) > 0.1
    orbit = next(t.what for t in b.targets if t.fate is Fate.ORBIT)
    assert float(orbit.points[0][0].lo) == pytest.approx(float(orbit.points[0][1].lo))  # on the diagonal: progressive balancing


def test_the_step_of_the_threshold_is_not_called_attracting():
    b = basins(DescentMap("(x+2*y-1)^2/2", XY, "2/5"), "-1:1", cells=3000)  # δλ = 2 everywhere on the line
    assert b.undecided == b.area
    assert b.notes


def test_a_logistic_loss_has_one_basin(found):
    assert share(found("logistic"), Fate.EQUILIBRIUM) == 1


def test_the_chaotic_band_is_a_trap_without_stable_equilibria(found):
    b = found("chaotic band")
    assert share(b, Fate.TRAPPED) > 0.7
    assert share(b, Fate.EQUILIBRIUM) == 0
    assert restless_set(BoxMap(DescentMap("(x^2-1)^2/4 + y^2/8", XY, "1/2")), (Interval(-2, 2), Interval(-2, 2))) is None


def test_a_degenerate_minimum_attracts_by_descent(found):
    b = found("degenerate")  # |x|, |y| < √(2/δ) = 2√2 converge
    assert share(b, Fate.SOME) > 0.25
    assert share(b, Fate.DIVERGES) == pytest.approx(0.5, abs=0.06)


def test_a_loss_of_a_polynomial_has_a_curve_of_equilibria_too(found):
    b = found("log cosh of a product")  # φ(xy − 1) with φ′ = 2σ − 1, so the curve is xy = 1 again
    assert share(b, Fate.CURVE) > 0.3
    assert b.fate([1, 1]) is Fate.CURVE
    assert curves(DescentMap("softplus(x*y) + exp(x)", XY, 1)) == ()


def test_what_needs_analyticity_is_refused_to_kinks_and_poles(found):
    assert all(t.fate not in (Fate.SOME, Fate.TRAPPED) for t in found("kink").targets)
    assert not entire(parse("x/y", XY))
    assert not entire(parse("log(1+x^2)", XY))
    assert entire(parse("softplus(x) + x^2*y/3", XY))
    # the gradient of atan(y/x) is analytic off 0, but the function is not, and its "descent" goes round in circles
    g = BoxMap(DescentMap("atan(y/x) + 0*x", XY, "1/100"))
    assert descent_set(g, (Interval(-1, 1), Interval(-1, 1)), ()) is None


OUTER = [
    ("x^4/4 + y^4/4", "2", (Fraction(1), Fraction(104, 100))),  # |x| > √(2/δ) grows
    (HIMMELBLAU, "1/100", (Fraction(5), Fraction(10))),
    (FACTOR, "1/2", (Fraction(9, 4) - Fraction(1, 50), Fraction(12, 5))),  # √(2/δ + 1)
    ("x^2 + y^2", "2", (Fraction(0), Fraction(1, 50))),  # |1 − 2δ| = 3
]


@pytest.mark.parametrize(("loss", "step", "bounds"), OUTER)
def test_outer_regions_grow(loss, step, bounds):
    f = DescentMap(loss, XY, step)
    regions = outer_regions(f)
    assert regions
    g = [numeric(e, XY) for e in f.map_at(f.delta)]
    for region in regions:
        k = next(c for c in region.bounds if c is not None)
        assert bounds[0] <= k <= bounds[1]
        rng = random.Random(0)
        for _ in range(400):
            x = [rng.choice([-1, 1]) * float(c or 0) * rng.choice([1, 1.01, 2, 30]) if c else rng.uniform(-50, 50) for c in region.bounds]
            if region.largest:
                x[rng.randrange(2)] *= rng.random()
            sizes = [(abs(float(h(*x))), abs(q)) for h, q in zip(g, x, strict=True)]
            if not region.contains(np.array(x)[:, None], np.array(x)[:, None])[0]:
                continue
            if region.largest:
                assert max(a for a, _ in sizes) > max(b for _, b in sizes)
            else:
                assert all(a > b for (a, b), c in zip(sizes, region.bounds, strict=True) if c is not None)


@pytest.mark.parametrize("loss", ["x^2/4 + y^2/4", "x + y", "softplus(x) + y^2", "(x+2*y-1)^2/2", "x^2*y"])
def test_no_outer_region_where_orbits_need_not_grow(loss):
    f = DescentMap(loss, XY, "1")
    g = [numeric(e, XY) for e in f.map_at(f.delta)]
    for region in outer_regions(f):  # whatever is claimed is checked on points
        for x in product((-40.0, -3.0, 3.0, 40.0), repeat=2):
            if region.contains(np.array(x)[:, None], np.array(x)[:, None])[0]:
                assert max(abs(float(h(*x))) for h in g) > 3


def test_curves_are_the_common_factors_of_the_gradient():
    (near,) = curves(DescentMap(FACTOR, XY, "1/2"))
    assert near.equation == "x*y - 1 = 0"
    assert curves(DescentMap(HIMMELBLAU, XY, "1/2")) == ()
    assert len(curves(DescentMap("x^2*y^2", XY, "1/2"))) == 2


def test_near_a_curve_only_boxes_whose_orbits_stay_are_accepted():
    (near,) = curves(DescentMap(FACTOR, XY, "1/2"))

    def accepted(x, y, r=1e-4):
        return bool(near.contains(np.array([[x - r], [y - r]]), np.array([[x + r], [y + r]]))[0])

    assert accepted(1, 1)
    assert accepted(1.5, 0.7)
    assert not accepted(2, 0.5)  # λ = 17/4 > 2/δ
    assert not accepted(0, 0)
    assert not accepted(1.94, 0.516)  # λ just above 4
    assert not accepted(2.9, 2.9)


def test_discs_contain_exactly_what_is_inside():
    rng = random.Random(2)
    for _ in range(60):
        t = ((rng.uniform(0.5, 2), rng.uniform(-1, 1)), (0.0, rng.uniform(0.5, 2)))
        d = Disc((rng.uniform(-1, 1), rng.uniform(-1, 1)), t, rng.uniform(0.1, 2))
        lo = np.array([[rng.uniform(-2, 2) for _ in range(50)] for _ in range(2)])
        hi = lo + np.array([[rng.uniform(0, 0.4) for _ in range(50)] for _ in range(2)])
        for k, inside in enumerate(d.contains(lo, hi)):
            corners = product((lo[0, k], hi[0, k]), (lo[1, k], hi[1, k]))
            offsets = [(Fraction(x) - Fraction(d.centre[0]), Fraction(y) - Fraction(d.centre[1])) for x, y in corners]
            worst = max(sum((Fraction(a) * u + Fraction(b) * v) ** 2 for a, b in t) for u, v in offsets)
            assert not inside or worst <= Fraction(d.radius) ** 2
            assert inside or worst >= Fraction(d.radius) ** 2 * Fraction(999, 1000)


def test_no_contraction_is_found_on_a_disc_that_reaches_another_equilibrium():
    g = BoxMap(DescentMap(WELL, XY, "1/2"))
    assert contraction_on(g, Disc((1.0, 0.0), IDENTITY, 0.2)) is not None
    assert contraction_on(g, Disc((1.0, 0.0), IDENTITY, 1.0)) is None
    assert contraction_on(g, Disc((0.0, 0.0), IDENTITY, 0.01)) is None


def test_norms_are_bounded_from_above():
    rng = np.random.default_rng(0)
    m = rng.normal(size=(2, 2, 500)) * np.exp(rng.normal(size=500) * 3)
    bound = norm_bound((m, m))
    exact = np.linalg.norm(m.transpose(2, 0, 1), 2, axis=(1, 2))
    assert (bound >= exact * (1 - 1e-14)).all()
    assert (bound <= exact * (1 + 1e-5)).all()


def test_matrix_products_contain_products_of_members():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 2, 300)), rng.normal(size=(2, 1, 300))
    r, s = rng.random((2, 2, 300)) * 0.1, rng.random((2, 1, 300)) * 0.1
    lo, hi = matrix_times((a - r, a + r), (b - s, b + s))
    for u, v in product((-1, 0.3, 1), repeat=2):
        p = np.einsum("ijn,jkn->ikn", a + u * r, b + v * s)
        assert (lo <= p + 1e-15).all()
        assert (p <= hi + 1e-15).all()
    wild = matrix_times((np.array([[[-np.inf]] * 2] * 2), np.array([[[np.inf]] * 2] * 2)), (b[:, :, :1], b[:, :, :1]))
    assert (wild[0] == -np.inf).all()
    assert (wild[1] == np.inf).all()


@pytest.mark.parametrize(("loss", "step"), [(FACTOR, "1/2"), (HIMMELBLAU, "1/100"), (LOGISTIC, "1"), ("sqrt(1+x^2+y^2) + abs(x-y)", "1")])
def test_the_flow_of_a_box_contains_the_iterates_of_its_points(loss, step):
    f = DescentMap(loss, XY, step)
    g = [numeric(e, XY) for e in f.map_at(f.delta)]
    rng = np.random.default_rng(3)
    lo = rng.uniform(-1.5, 1.5, size=(2, 200))
    hi = lo + rng.choice([0, 1e-9, 1e-3, 0.05], size=(2, 200))
    flow, box_map = Flow.start(lo, hi), BoxMap(f)
    points = [lo + t * (hi - lo) for t in rng.random((8, 2, 200))] + [lo, hi]
    for _ in range(6):
        flow = flow.advanced(box_map)
        points = [np.stack([h(*x) for h in g]) for x in points]
        for x in points:
            slack = 1e-11 * (1 + np.abs(x))
            assert (flow.lo - slack <= x).all()
            assert (x <= flow.hi + slack).all()


def test_a_union_of_cells_knows_its_boxes():
    rng = np.random.default_rng(4)
    good = rng.random((16, 16)) < 0.8
    sums = np.zeros((17, 17), dtype=np.int64)
    sums[1:, 1:] = good.cumsum(axis=0).cumsum(axis=1)
    cells = CellSet(np.array([-1.0, 0.0]), np.array([1.0, 4.0]), sums)
    lo = np.stack([rng.uniform(-1.1, 1, 2000), rng.uniform(-0.1, 4, 2000)])
    hi = lo + rng.random((2, 2000)) * np.array([[0.3], [0.6]])
    for k, inside in enumerate(cells.contains(lo, hi)):
        i = range(int(np.floor((lo[0, k] + 1) * 8)), int(np.floor((hi[0, k] + 1) * 8)) + 1)
        j = range(int(np.floor(lo[1, k] * 4)), int(np.floor(hi[1, k] * 4)) + 1)
        assert inside == all(0 <= a < 16 and 0 <= b < 16 and good[a, b] for a in i for b in j)


def test_polynomials_in_several_variables():
    a, b = (several.read(parse(t, XY), XY) for t in ("(x*y-1)*(x+2*y)", "x*y - 1"))
    assert several.text(several.quotient(a, b), XY) == "x + 2*y"
    assert several.quotient(several.add(a, {(0, 0): Fraction(1)}), b) is None
    assert several.read(parse("exp(x)", XY), XY) is None
    assert several.read(parse("x/y", XY), XY) is None
    assert several.read(parse("(x+y)^500", XY), XY) is None
    moved = several.on_orthant(several.read(parse("x^2 - y", XY), XY), [Fraction(2), Fraction(0)], [1, -1])
    assert several.text(moved, XY) == "x^2 + 4*x + y + 4"
    assert several.nonnegative(moved)
    assert several.degree({}) == 0


def test_points_outside_and_steps_that_are_intervals_are_refused(found):
    with pytest.raises(DynamicsError, match="outside"):
        found("line").fate([5, 5])
    with pytest.raises(DynamicsError, match="one step size"):
        basins(DescentMap("x^2+y^2", XY, ("1/2", "3/4")), "-1:1")
    with pytest.raises(DynamicsError, match="one or two variables"):
        basins(DescentMap("x^2+y^2+z^2", ("x", "y", "z"), "1/2"), "-1:1")


def test_ctrl_c_leaves_the_rest_undecided():
    def progress(message):
        if "undecided after" in message:
            raise KeyboardInterrupt

    b = basins(DescentMap(WELL, XY, "1/2"), "-3:3", progress=lambda m: progress(m) if "interrupted" not in m else None)
    assert b.undecided > 0
    assert share(b, Fate.DIVERGES) > 0
