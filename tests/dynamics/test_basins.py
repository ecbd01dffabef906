"""Basins against hand-derived facts and against plain iteration of random starts."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from symgd.dynamics import DescentMap, DynamicsError, Fate, basins, equilibria
from symgd.dynamics.basins import trap
from symgd.dynamics.expressions import numeric
from symgd.enclosures.interval import Interval
from symgd.language import parse

EX2 = "(x^2+1)*(x-1)^2*(x-2)^2"
DOUBLE_WELL = "(x^2-1)^2/4"
LOG_COSH = "log((exp(x)+exp(-x))/2)"


@pytest.fixture(scope="module")
def ex2():
    return basins(DescentMap(EX2, "x", "3/10"), "-1:3")


def share(b, fate):
    return sum((b.share(i) for i, t in enumerate(b.targets) if t.fate is fate), Fraction(0))


def test_ex2_at_three_tenths(ex2):
    assert ex2.undecided / ex2.length <= Fraction(1, 100)
    assert float(share(ex2, Fate.EQUILIBRIUM)) == pytest.approx(0.3176, abs=0.003)
    assert float(share(ex2, Fate.DIVERGES)) == pytest.approx(0.4845, abs=0.003)
    assert float(share(ex2, Fate.TRAPPED)) == pytest.approx(0.1962, abs=0.003)
    assert sum(ex2.measures) == 4


def test_only_one_is_approached_in_ex2_at_three_tenths(ex2):
    assert [t.what.exact for t in ex2.targets if t.fate is Fate.EQUILIBRIUM] == [(1,)]


def test_the_trap_of_ex2_holds_one_repelling_equilibrium(ex2):
    (t,) = (t for t in ex2.targets if t.fate is Fate.TRAPPED)
    assert [e.exact for e in t.inside] == [(2,)]
    assert Fraction(156, 100) < t.intervals[0].lo < 2 < t.intervals[0].hi < Fraction(21, 10)


@pytest.mark.parametrize(
    ("loss", "step", "region"), [(EX2, "3/10", "-1:3"), (EX2, "1/10", "-1:3"), (DOUBLE_WELL, "11/10", "-2:2"), ("x^4/4", "2", "-2:2")]
)
def test_random_starts_do_what_was_certified(loss, step, region):
    f = DescentMap(loss, "x", step)
    b = basins(f, region, share=0.01)
    g = numeric(f.map_at(f.delta)[0], "x")
    rng = random.Random(7)
    starts = np.array([rng.uniform(float(b.region.lo), float(b.region.hi)) for _ in range(200)])
    x = starts
    for _ in range(3000):
        x = np.where(np.abs(x) < 1e12, g(np.clip(x, -1e12, 1e12)), np.inf)
    moved = np.abs(g(np.clip(x, -1e12, 1e12)) - x)
    for start, end, step_length in zip(starts, x, moved, strict=True):
        fate = b.fate(Fraction(float(start)))
        if fate is Fate.DIVERGES:
            assert not np.isfinite(end)
        elif fate is not Fate.UNDECIDED:
            assert np.isfinite(end)
        if fate is Fate.EQUILIBRIUM and loss != "x^4/4":
            assert step_length < 1e-9
        if fate in (Fate.TRAPPED, Fate.ORBIT):
            assert step_length > 1e-3


def test_the_boundary_of_x4_is_the_orbit_of_period_2():
    # |x| < sqrt(2/δ) = 1 converges to 0, |x| > 1 diverges
    b = basins(DescentMap("x^4/4", "x", 2), "-2:2")
    assert b.fate(Fraction(9, 10)) is Fate.EQUILIBRIUM
    assert b.fate(Fraction(11, 10)) is Fate.DIVERGES
    assert float(share(b, Fate.EQUILIBRIUM)) == pytest.approx(0.5, abs=0.002)


def test_at_its_threshold_a_supercritical_minimum_still_attracts():
    b = basins(DescentMap(DOUBLE_WELL, "x", 1), "-2:2")
    assert float(share(b, Fate.EQUILIBRIUM)) == pytest.approx(3**0.5 / 2, abs=0.003)  # |x| < √3
    assert b.undecided / b.length < Fraction(1, 200)


def test_a_subcritical_minimum_at_its_threshold_is_not_called_attracting():
    b = basins(DescentMap("x^2/2 + x^4/24", "x", 2), "-1:1")
    assert share(b, Fate.EQUILIBRIUM) == 0


def test_all_starts_of_log_cosh_converge_below_its_threshold_and_oscillate_above():
    assert share(basins(DescentMap(LOG_COSH, "x", 1), "-4:4"), Fate.EQUILIBRIUM) == 1
    above = basins(DescentMap(LOG_COSH, "x", 3), "-4:4")
    assert share(above, Fate.EQUILIBRIUM) == 0
    assert share(above, Fate.ORBIT) > Fraction(99, 100)


def test_a_loss_that_falls_for_ever():
    b = basins(DescentMap("x", "x", 1), "-2:2")
    assert share(b, Fate.DIVERGES) == 1


def test_an_inflection_attracts_from_one_side():
    b = basins(DescentMap("x^3", "x", "1/10"), "-1:1", share=0.05)
    assert b.fate(Fraction(1, 2)) is Fate.EQUILIBRIUM
    assert b.fate(Fraction(-1, 2)) is Fate.DIVERGES


def test_ends_of_the_region_need_not_be_dyadic():
    b = basins(DescentMap(DOUBLE_WELL, "x", "1/2"), "-1/3:5/7")
    assert sum(b.measures) == Fraction(5, 7) + Fraction(1, 3)
    assert b.undecided / b.length < Fraction(1, 100)


def test_no_trap_is_claimed_around_an_attracting_equilibrium_or_with_kinks():
    f = DescentMap(DOUBLE_WELL, "x", "1/2")
    known = equilibria(f)
    assert trap(f, known.points[2], known, Interval(-2, 2)) is None
    kinked = DescentMap("abs(x) + x^2", "x", "9/10")
    assert all(t.fate is not Fate.TRAPPED for t in basins(kinked, "-1:1").targets)


def test_an_interval_of_steps_and_three_variables_are_refused():
    with pytest.raises(DynamicsError, match="one step size"):
        basins(DescentMap("x^2", "x", ("1/2", "3/4")), "-1:1")
    with pytest.raises(DynamicsError, match="one or two"):
        basins(DescentMap("x^2+y^2+z^2", ("x", "y", "z"), "1/2"), "-1:1")


def test_ctrl_c_leaves_the_rest_undecided():
    def progress(message):
        if "undecided after" in message:
            raise KeyboardInterrupt

    b = basins(DescentMap(EX2, "x", "3/10"), "-1:3", progress=lambda m: progress(m) if "interrupted" not in m else None)
    assert b.undecided > 0
    assert share(b, Fate.DIVERGES) > 0


@pytest.mark.parametrize("loss", ["sqrt(x^2)*x^2", "pow", "abs(x)^3"])
def test_a_map_that_is_only_piecewise_analytic_has_no_trap(loss):
    f = DescentMap(parse("(x^2)**(3/2)") if loss == "pow" else loss, "x", 5)
    assert all(t.fate is not Fate.TRAPPED for t in basins(f, "-1/4:1/4", share=0.5).targets)
