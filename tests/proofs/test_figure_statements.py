"""Figure 1 and the evidence of figure 2 with 20 units; altered networks under the certified instances of Theorem 1."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

PROOFS = Path(__file__).parents[2] / "proofs"
sys.path.insert(0, str(PROOFS))
try:
    import fig1
    import fig2_twenty
    import thm1
finally:
    sys.path.remove(str(PROOFS))

from symgd import Outcome, Trust, eq, forall, ne, real, unique_zero  # noqa: E402
from symgd.certify import Search, certify  # noqa: E402
from symgd.collect import collect  # noqa: E402

x, f, peak = fig1.x, fig1.f, fig1.peak
slope = 3 * peak**3 - 6 * peak**2 + 4 * peak - 3
height = f if peak.name == x.name else None

FIG1 = {
    "positive everywhere": forall(x, then=f > 0),
    "minima at 1 and 3": forall(x, then=ne(f, 0) | eq((x - 1) * (x - 3), 0)),
    "at least 1/1000": forall(x, given=[(x - 1) * (x - 2) > 0], then=f >= "1/1000"),
    "the peak is higher": unique_zero(peak, of=slope, then=[height > "209/1000"]),
    "the peak is lower": unique_zero(peak, of=slope, then=[height < "208/1000"]),
    "a stationary point below 1": unique_zero(real("x", "(0, 1)"), of=slope, then=[height > 0]),
}


@pytest.mark.parametrize("name", FIG1)
def test_altered_figure_1_is_not_proved(name):
    assert certify(FIG1[name], Search(seconds=2)).outcome is not Outcome.PROVED


def test_twenty_units_are_evidence_and_no_claim():
    found = fig2_twenty.evidence(2, fig2_twenty.LARGE, steps=1500)
    assert found.trust is Trust.NUMERIC
    assert found == fig2_twenty.evidence(2, fig2_twenty.LARGE, steps=1500)
    assert found.active == 11
    assert 0 < found.nearest < 1e-4 < found.largest
    assert "fig2_twenty" not in {item.file.stem for item in collect(PROOFS)}


def test_the_hessian_is_that_of_the_loss():
    """Against finite differences of the gradient step, for a point where no sample is near a kink."""
    rng = np.random.default_rng(1)
    w, v, b, y = rng.standard_normal(20), rng.standard_normal(20), rng.standard_normal((20, 1)), rng.standard_normal(1000)
    live = np.ones(20, bool)

    def slope_at(p):
        z = p[20:, None] * fig2_twenty.X - b
        on, phi = z > 0, np.maximum(z, 0)
        e = p[:20] @ phi - y
        return np.concatenate([2 * phi @ e, 2 * p[:20] * (on @ (e * fig2_twenty.X))])

    point, direction = np.concatenate([w, v]), rng.standard_normal(40)
    h = 1e-9
    numeric = (slope_at(point + h * direction) - slope_at(point - h * direction)) / (2 * h)
    exact = fig2_twenty.hessian(w, v, b, y, live) @ direction
    assert np.abs(numeric - exact).max() < 1e-2 * np.abs(exact).max()


def test_altered_networks_of_theorem_1_are_noticed(monkeypatch):
    computed = {item.claim.id: item.claim for item in collect(PROOFS / "thm1.py")}
    instances, bottlenecks, saddle = (computed[name].compute for name in ("thm1.instances", "thm1.bottlenecks", "thm1.saddle.enclosed"))
    first, second = thm1.NETWORKS[:2]
    for networks in ([(first[0], False)], [(second[0], True)], [([[[1, 0], [0, 1]]] * 2, True)]):  # the last: a multiple top value
        monkeypatch.setitem(instances.__globals__, "NETWORKS", networks)
        assert not instances()
    for network in ([[[1, 2], [0, 1]], [[2, 1], [1, 0]]], [[[1, 2]], [[0], [0]]], thm1.SADDLE):  # no bottleneck, no product, a saddle
        monkeypatch.setitem(bottlenecks.__globals__, "BOTTLENECKS", [network])
        assert not bottlenecks()
    for layers in (thm1.SADDLE[:3], [[[1, 0], [0, 1]]] * 4, [*thm1.SADDLE[:3], [[3, 1], [1, 0]]]):
        monkeypatch.setitem(saddle.__globals__, "SADDLE", layers)
        assert not saddle()


def test_a_wrong_derivation_of_a_chain_is_noticed(monkeypatch):
    (depths,) = (item.claim.compute for item in collect(PROOFS / "thm1.py") if item.claim.id == "thm1.depths")
    chain = depths.__globals__["MatrixChain"]
    right = chain._gradient_words
    monkeypatch.setattr(chain, "_gradient_words", lambda self, j: right(self, j).scaled(2))
    assert not depths()
