"""Periodic orbits, branches over the step size and period doublings against known values; soundness of the enclosures underneath."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from symgd.claims import Trust
from symgd.dynamics import (
    DescentMap,
    DynamicsError,
    Stability,
    branch,
    equilibria,
    orbit_near,
    period_doublings,
    period_three,
    periodic_orbits,
    stable_steps,
)
from symgd.dynamics.scan import bordered_system
from symgd.dynamics.zeros import Equations, find_zeros
from symgd.enclosures.interval import Interval

DOUBLE_WELL = "(x^2-1)^2/4"
EX2 = "(x^2+1)*(x-1)^2*(x-2)^2"
LOG_COSH = "log((exp(x)+exp(-x))/2)"


def chain(length):
    """½(wᴸ − 1)²/L up to a constant: its map is w − δ w^(L−1)(wᴸ − 1), that of equal scalar layers."""
    return f"x^{2 * length}/{2 * length} - x^{length}/{length}"


# (loss, step, region, period, number of orbits): x → 3x − 2x³ is conjugate to θ → 3θ, so gⁿ has 3ⁿ fixed points in its interval
COUNTS = [
    (DOUBLE_WELL, "2", "-3/2:3/2", 1, 3),
    (DOUBLE_WELL, "2", "-3/2:3/2", 2, 3),
    (DOUBLE_WELL, "2", "-3/2:3/2", 3, 8),
    (DOUBLE_WELL, "11/10", "-3:3", 2, 3),
    (DOUBLE_WELL, "1/2", "-3:3", 2, 1),
    (EX2, "3/10", "-1:3", 2, 2),
    (EX2, "3/10", "-1:3", 3, 2),
    (LOG_COSH, "1", "-4:4", 2, 0),
    (LOG_COSH, "3", "-4:4", 2, 1),
    ("x^2/2", "3/2", "-4:4", 2, 0),
    (chain(3), "3/4", "1/4:3/2", 2, 1),
]


@pytest.mark.parametrize(("loss", "step", "region", "period", "count"), COUNTS)
def test_all_orbits_are_found(loss, step, region, period, count):
    found = periodic_orbits(DescentMap(loss, "x", step), period, region)
    assert found.complete
    assert len(found) == count
    assert all(o.period == period and len(o.points) == period for o in found)


@pytest.mark.parametrize(("n", "orbits"), [(1, 3), (2, 3), (3, 8), (4, 18), (5, 48)])
def test_the_map_conjugate_to_tripling_has_all_its_orbits(n, orbits):
    # x → 3x − x³ on [−2, 2]: the n-th iterate has 3ⁿ fixed points, the sum of n·orbits over the divisors of n
    found = periodic_orbits(DescentMap("x^4/4 - x^2", "x", 1), n, "-2:2")
    assert found.complete
    assert len(found) == orbits


def test_multipliers_of_the_conjugate_of_tripling():
    f = DescentMap(DOUBLE_WELL, "x", 2)
    for n in (2, 3):
        for o in periodic_orbits(f, n, "-3/2:3/2"):
            size = 9**n if (o.multiplier.lo > 3**n or -o.multiplier.hi > 3**n) else 3**n  # 9ⁿ at the ends of the interval
            assert o.multiplier.lo <= size <= o.multiplier.hi or o.multiplier.lo <= -size <= o.multiplier.hi
            assert o.stability is Stability.UNSTABLE


def test_the_period_2_orbit_of_the_double_well_at_11_10():
    # x₁ + x₂ and x₁x₂ are roots of quadratics: x₁² + x₂² = 21/11, x₁x₂ = 10/11
    o = next(o for o in periodic_orbits(DescentMap(DOUBLE_WELL, "x", "11/10"), 2, "0:2"))
    product = [Fraction(a) * Fraction(b) for a in (o.points[0][0].lo, o.points[0][0].hi) for b in (o.points[1][0].lo, o.points[1][0].hi)]
    assert min(product) <= Fraction(10, 11) <= max(product)
    assert o.stability is Stability.STABLE


def test_a_divisor_of_the_period_is_no_period():
    f = DescentMap(DOUBLE_WELL, "x", "3/2")
    assert {o.period for o in periodic_orbits(f, 4, "-3:3")} == {4}
    assert orbit_near(f, 4, [1]).period == 1


@pytest.mark.parametrize(("loss", "step", "n", "point"), [("x^2/2", 1, 1, 0), (EX2, "1/4", 1, 1), ("x^4/4", "1/3", 2, None)])
def test_superstability_is_claimed_only_when_it_is_exact(loss, step, n, point):
    f = DescentMap(loss, "x", step)
    if point is None:  # multiplier (1 − 3δx²)² with x² = 2/δ: 25
        (o,) = periodic_orbits(f, n, "-4:4")
        assert o.stability is Stability.UNSTABLE
    else:
        assert orbit_near(f, n, [point]).stability is Stability.SUPERSTABLE


def test_superstability_at_an_irrational_critical_point_is_proved_by_a_common_divisor():
    # g(x) = −3x/2 + x³ has g(±1/√2) = ∓1/√2 and g′ = −3/2 + 3x² = 0 there
    found = periodic_orbits(DescentMap("5/4*x^2 - x^4/4", "x", 1), 2, "-1:1")
    assert [o.stability for o in found] == [Stability.SUPERSTABLE]
    assert found.orbits[0].exact is None
    near = periodic_orbits(DescentMap("5/4*x^2 - x^4/4", "x", "1000001/1000000"), 2, "-1:1")
    assert [o.stability for o in near] == [Stability.STABLE]


def test_ex1_has_a_superstable_orbit_of_period_2():
    f = DescentMap("(2/3)*abs(x)*sqrt(abs(x))", "x", 1)
    o = orbit_near(f, 2, [Fraction(1, 4)], Fraction(1, 64))
    assert o.exact == ((Fraction(1, 4),), (Fraction(-1, 4),))
    assert o.stability is Stability.SUPERSTABLE


def test_orbits_in_two_variables():
    f = DescentMap("(x^2+y-11)^2 + (x+y^2-7)^2", ("x", "y"), "1/100")
    assert periodic_orbits(f, 2, "-5:5").complete
    two = DescentMap("(x*y-1)^2/2", ("x", "y"), "1/2")
    found = periodic_orbits(two, 2, "-3:3", budget=40_000)
    assert not found.complete  # the hyperbola of fixed points cannot be settled
    corner = sorted(float(o.points[0][0].lo) for o in found)
    assert corner == pytest.approx([-(5**0.5), -(3**0.5)])
    assert {o.stability for o in found} == {Stability.UNSTABLE}


DOUBLINGS = {2: ("1", 5**0.5 - 1, 1.28803175), 3: ("2/3", 0.82973826, 0.86694431), 4: ("1/2", 0.62358463, 0.65207499)}


@pytest.mark.parametrize("length", DOUBLINGS)
def test_period_doublings_of_the_scalar_chain(length):
    f = DescentMap(chain(length))
    start = next(e for e in equilibria(f).minima if e.exact == (1,))
    first, second, third = period_doublings(f, start, 3)
    assert first.exact == DOUBLINGS[length][0]
    for found, value in ((second, DOUBLINGS[length][1]), (third, DOUBLINGS[length][2])):
        assert float(found.step.lo) == pytest.approx(value, abs=1e-7)
        assert found.step.hi - found.step.lo < Fraction(1, 10**20)
        assert found.trust is Trust.INTERVAL


@pytest.mark.parametrize(("length", "start", "end"), [(2, "29050/20000", 2), (3, "9885/10000", "3/2")])
def test_period_3_of_the_scalar_chain_on_its_published_interval(length, start, end):
    f = DescentMap(chain(length), "x", end)
    best = None
    for o in period_three(f, "-2:2"):
        b = branch(f, 3, o.points[0][0].lo, (start, end), at=end)
        best = b if best is None or (b is not None and b.steps.lo < best.steps.lo) else best
    assert best.steps.lo == Fraction(start)
    assert best.steps.hi == Fraction(end)


def test_the_second_doubling_of_the_double_well_is_sqrt_5_minus_1():
    second = period_doublings(DescentMap(DOUBLE_WELL), count=2)[1]
    assert (second.step.lo + 1) ** 2 <= 5 <= (second.step.hi + 1) ** 2


def test_the_bordered_system_is_what_the_kernel_can_read():
    names, equations = bordered_system(DescentMap(DOUBLE_WELL), 2)
    assert names == ("x_0", "x_1", "delta")
    assert len(equations) == 3


def test_period_3_of_the_double_well_at_three_halves_and_its_range():
    f = DescentMap(DOUBLE_WELL, "x", "3/2")
    found = period_three(f, "-2:2")
    assert len(found) == 4
    b = branch(f, 3, found.orbits[0].points[0][0].lo, ("29/20", "2"), at="3/2")
    assert b.steps.lo < Fraction(14525, 10000)
    assert b.steps.hi == 2


def test_the_stable_steps_of_the_orbit_of_period_2_reach_from_1_to_sqrt_5_minus_1():
    f = DescentMap(DOUBLE_WELL, "x", "11/10")
    b = stable_steps(f, periodic_orbits(f, 2, "0:2").orbits[0], ("1", "13/10"))
    assert 1 < b.stable.lo < Fraction(101, 100)
    assert Fraction(123, 100) < b.stable.hi
    assert (b.stable.hi + 1) ** 2 < 5
    for piece in b.pieces[:: len(b.pieces) // 7]:  # exact period 2: x₁x₂ = 1/δ
        d = (Fraction(piece.steps.lo) + Fraction(piece.steps.hi)) / 2
        o = orbit_near(f.with_step(d), 2, [piece.at(d)], Fraction(1, 2**30))
        assert abs(piece.at(d) - Fraction(o.points[0][0].lo)) <= piece.radius + Fraction(1, 10**20)
        assert piece.multiplier.lo <= o.multiplier.lo <= o.multiplier.hi <= piece.multiplier.hi


def test_a_map_with_an_interval_of_steps_has_the_orbit_for_all_of_them():
    (o,) = periodic_orbits(DescentMap(DOUBLE_WELL, "x", ("1.1", "1.100001")), 2, "1/2:3/2")
    assert o.points[0][0].hi - o.points[0][0].lo > Fraction(1, 10**7)
    assert o.stability is Stability.STABLE


@pytest.mark.parametrize("loss", [EX2, LOG_COSH, "sin(3*x) + x^2", "sqrt(1 + x^2)", "softplus(x) + relu(x - 1)", "abs(x)*x^2"])
def test_images_contain_the_images_of_points(loss):
    f = DescentMap(loss, "x", "3/10")
    rng = random.Random(1)
    lo = np.array([rng.uniform(-3, 3) for _ in range(300)])
    hi = lo + np.array([rng.choice([0, 1e-12, 1e-3, 0.5]) for _ in range(300)])
    im = f.images(lo, hi)
    from symgd.dynamics.expressions import numeric

    g = numeric(f.map_at(f.delta)[0], "x")
    for t in np.linspace(0, 1, 9):
        x = np.clip(lo + t * (hi - lo), lo, hi)
        y = g(x)
        slack = 1e-13 * (1 + np.abs(y))
        assert (im.lo - slack <= y).all()
        assert (y <= im.hi + slack).all()


def test_a_vanishing_slope_in_the_middle_loses_no_root():
    # Krawczyk with the inverse of a singular midpoint matrix: all three zeros of x³ − x² /… stay
    f = DescentMap("x^4/4 - x^2/2")
    for region in (Interval(-2, 2), Interval(-1, 1), Interval(-3, Fraction(10, 3))):
        zeros = find_zeros(Equations(f.gradient_programs), [region])
        assert zeros.complete
        assert len(zeros.found) == 3


@pytest.mark.parametrize("seed", range(6))
def test_branch_and_prune_agrees_with_exact_isolation(seed):
    rng = random.Random(seed)
    roots = sorted({Fraction(rng.randint(-30, 30), rng.choice([1, 2, 4])) for _ in range(6)})
    text = "*".join(f"(x - ({r}))" for r in roots)
    from symgd.dynamics.expressions import program
    from symgd.language import parse

    zeros = find_zeros(Equations((program(parse(text), "x"),)), [Interval(-31, 31)])
    assert zeros.complete
    assert [z.box[0].lo <= r <= z.box[0].hi for z, r in zip(zeros.found, roots, strict=True)] == [True] * len(roots)


def test_a_double_zero_is_undecided_and_not_lost():
    from symgd.dynamics.expressions import program
    from symgd.language import parse

    zeros = find_zeros(Equations((program(parse("(x - 1/3)^2*(x - 2)"), "x"),)), [Interval(-3, 3)])
    assert len(zeros.found) == 1
    assert any(b[0].lo <= Fraction(1, 3) <= b[0].hi for b in zeros.undecided)


def test_interrupting_keeps_what_is_certified():
    calls = []

    def progress(message):
        calls.append(message)
        if len(calls) == 5:
            raise KeyboardInterrupt

    zeros = find_zeros(Equations(DescentMap("sin(x)").gradient_programs), [Interval(-200, 200)], progress=progress)
    assert zeros.undecided
    assert "interrupted" in calls[-1]


@pytest.mark.parametrize("n", [0, 100])
def test_bad_periods_are_refused(n):
    with pytest.raises(DynamicsError, match="period"):
        periodic_orbits(DescentMap("x^2"), n, "-1:1")
