"""Eigenvalues of Jacobians in many variables: known spectra, members of boxes, and refusals at kinks and poles."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from symgd import real, total
from symgd.dynamics import DescentMap, DynamicsError, descent_spectrum, map_spectrum


def chain_of_wells(n: int) -> DescentMap:
    """Σ (x_i² − 1)²/4 + 1/20 Σ (x_i − x_{i+1})²: at (1, …, 1) the Hessian is 2 I + 1/10 (path Laplacian)."""
    x = [real(f"x{i}") for i in range(n)]
    wells = [(u**2 - 1) ** 2 / 4 for u in x]
    springs = [Fraction(1, 20) * (u - v) ** 2 for u, v in pairwise(x)]
    return DescentMap(total(wells + springs), x, "1/2")


def test_a_quartic_loss_of_200_variables_has_the_known_spectrum():
    n = 200
    s = descent_spectrum(chain_of_wells(n), [1] * n)
    known = [2 + 0.1 * (2 - 2 * math.cos(math.pi * k / n)) for k in range(n)]  # of the path's Laplacian
    assert (s.lo <= np.array(known) + 1e-14).all()
    assert (s.hi >= np.array(known) - 1e-14).all()
    assert float(s.sharpness.width) < 1e-9
    assert s.spectral_radius.lo <= Fraction(known[-1]) / 2 - 1 + Fraction(1, 10**12) <= s.spectral_radius.hi + Fraction(1, 10**11)
    assert s.stable


def test_above_the_threshold_the_equilibrium_is_unstable_and_in_between_nothing_is_said():
    f = chain_of_wells(12)
    assert descent_spectrum(f.with_step("101/100"), [1] * 12).stable is False
    assert descent_spectrum(f.with_step(("1/2", "9/10")), [1] * 12).stable is None


def test_every_member_of_a_box_has_its_eigenvalues_enclosed():
    rng = random.Random(0)
    f = DescentMap("(x*y - 1)^2/2 + exp(x - z) + log(1 + z^2) + tanh(y*z)", ["x", "y", "z"], "1/4")
    box = descent_spectrum(f, {"x": "1:11/10", "y": "9/10:1", "z": ("1/2", "3/5")})
    for _ in range(20):
        point = [Fraction(rng.randint(100, 110), 100), Fraction(rng.randint(90, 100), 100), Fraction(rng.randint(50, 60), 100)]
        member = descent_spectrum(f, point)
        assert (box.lo <= member.lo).all()
        assert (member.hi <= box.hi).all()
        assert member.spectral_radius.is_subset(box.spectral_radius)


def test_the_sharpness_of_a_factorisation_on_its_manifold_of_minima():
    s = descent_spectrum(DescentMap("(x*y - 1)^2/2", ["x", "y"], "1/2"), [2, "1/2"])  # λ = 0 and x² + y²
    assert Fraction(17, 4) in s.sharpness
    assert s.lo[0] <= 0 <= s.hi[0]
    assert s.stable is False


def test_a_map_that_is_not_a_gradient_map():
    s = map_spectrum(["x*3/5 - y*4/5", "x*4/5 + y*3/5"], ["x", "y"], [0, 0])  # a rotation
    assert 1 in s.spectral_radius
    assert float(s.spectral_radius.width) < 1e-12
    henon = map_spectrum(["1 - 7/5*x^2 + y", "3/10*x"], ["x", "y"], ["0:1/10", "0:1/10"])
    at_zero = math.sqrt(0.3)  # the eigenvalues at x = 0 are ±√(3/10)
    assert henon.spectral_radius.lo <= at_zero <= henon.spectral_radius.hi


@pytest.mark.parametrize(
    ("loss", "at", "message"),
    [
        ("relu(x)^2 + y^2", {"x": "-1:1", "y": 1}, "differentiable"),
        ("abs(x) + y^2", {"x": 0, "y": 1}, "smaller box"),
        ("log(x) + y^2", {"x": -1, "y": 1}, "defined"),
        ("1/x + y^2", {"x": "-1:1", "y": 1}, "smaller box"),
        ("x^2 + y^2", [1], "coordinates"),
        ("x^2 + y^2", {"x": 1, "z": 1}, "coordinates"),
    ],
)
def test_kinks_poles_and_malformed_points_are_refused(loss, at, message):
    with pytest.raises(DynamicsError, match=message):
        descent_spectrum(DescentMap(loss, ["x", "y"], 1), at)


def test_a_map_needs_one_component_for_each_variable():
    with pytest.raises(DynamicsError, match="components"):
        map_spectrum(["x"], ["x", "y"], [0, 0])
    with pytest.raises(DynamicsError, match="not among the variables"):
        map_spectrum(["x", real("t") * real("y")], ["x", "y"], [0, 0])
