"""Which hypotheses are needed, how sharp a constant is, what happens at critical points, and the three commands."""

from __future__ import annotations

import argparse
from fractions import Fraction

import numpy as np
import pytest

from symgd import Claim, LanguageError, eq, family, forall, integer, kernel, real
from symgd.certify import certify
from symgd.claims import Outcome
from symgd.search import CriticalPoint, Known, ablate, search, sharpen
from symgd.search.command import add_subcommands
from symgd.search.sampling import sobol
from symgd.search.witness import simplest

x, y = real("x"), real("y")


def test_ablation_tells_needed_from_redundant() -> None:
    study = ablate(forall(real("x", "[0, 1]"), y, given=[y >= 0, y <= 1, y**2 <= 4], then=x * y <= 1), budget=30)
    status = {(h.text, h.weaker): h.status for h in study.hypotheses}
    assert status["y <= 1", ""] == "needed"
    assert status["y^2 <= 4", ""] == "redundant"
    assert "needed" in str(study)


def test_ablation_weakens_hypotheses() -> None:
    step = real("d", "(0, 2)")
    study = ablate(forall(step, x, given=[x > 0], then=abs(1 - step) * x < x), budget=90)
    lines = str(study).splitlines()
    assert "needed     x > 0, not only x >= 0: d = 1, x = 0" in lines
    assert "needed     d < 2, not only d <= 2: d = 2, x = 1" in lines
    assert "needed     d > 0, not only d > -1/5: d = 0, x = 1" in lines
    for h in study.hypotheses:
        assert h.result.verdict.certificate is not None
    n = integer("n", 1, 20)
    study = ablate(forall(real("k", "(0, 1)"), n, x, y, given=[eq(x, 1), y <= n * x], then=y <= 20), budget=90)
    status = {(h.text, h.weaker): h.status for h in study.hypotheses}
    assert status["x = 1", "x >= 1"] == "needed"
    assert status["y <= n*x", "y <= n*x + 1/10"] == "needed"
    assert status["n <= 20", "n <= 21"] == "needed"
    assert status["k < 1", ""] == "redundant"
    assert ("k < 1", "k <= 1") not in status  # of a hypothesis that is not needed at all, nothing weaker is tried


def test_a_false_claim_is_not_ablated() -> None:
    with pytest.raises(LanguageError, match="false with all its hypotheses"):
        ablate(forall(x, given=[x > 0], then=x <= 1), budget=10)


def test_a_family_is_not_ablated_as_a_whole() -> None:
    with pytest.raises(LanguageError, match="members"):
        ablate(family("n", [2, 4], lambda n: forall(x, then=x**n >= 0)))


def test_the_best_constant_is_enclosed() -> None:
    c = real("c", "[0, 1]")
    study = sharpen(forall(x, c, then=x * (1 - x) <= c), "c", budget=30, tolerance="1/1000")
    assert study.proved is not None
    assert study.refuted is not None
    assert study.refuted < Fraction(1, 4) <= study.proved
    assert study.proved - study.refuted <= Fraction(1, 1000)


def test_a_constant_needs_a_finite_range() -> None:
    with pytest.raises(LanguageError, match="infinite"):
        sharpen(forall(x, y, then=x <= y), "y")


def test_a_claim_about_minima_is_refuted_at_a_certified_minimum() -> None:
    minimum = CriticalPoint(x**4 / 4 - x**2 + y**2 + x * y / 10, (x, y))
    result = search(minimum.statement(then=x**2 <= 2), budget=25)
    assert result.outcome is Outcome.REFUTED
    statement = minimum.statement(then=x**2 <= 2)
    assert kernel.check(statement.data, result.verdict.certificate) == "refuted"


def test_a_step_that_attracts_at_a_minimum() -> None:
    step = real("delta", "(0, oo)")
    parabola = CriticalPoint(3 * x**2 + y**2, (x, y))
    too_small = parabola.statement(step, steps=[step], then=6 * step <= Fraction(19, 10))
    result = search(too_small, budget=25)
    assert result.outcome is Outcome.REFUTED
    assert result.witness is not None
    assert Fraction(19, 60) < Fraction(result.witness["delta"]) < Fraction(1, 3)


def test_a_known_counterexample_settles_a_claim() -> None:
    claim = Claim("wrong", "All squares are at most one.", forall(x, then=x**2 <= 1), Outcome.REFUTED, by=Known({"x": "3/2"}))
    assert certify(claim).outcome is Outcome.REFUTED
    assert certify(Claim("wrong", "No.", forall(x, then=x**2 <= 1), Outcome.REFUTED, by=Known({"x": "1/2"}))).outcome is not Outcome.REFUTED


def test_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    claims = {
        "near": forall(x, then=x * (1 - x) <= Fraction(1, 4) - Fraction(1, 10**30)),
        "circle": forall(x, y, given=[eq(x**2 + y**2, 1)], then=x <= 1),
        "constant": forall(x, real("c", "[0, 1]"), then=x * (1 - x) <= real("c")),
    }
    parser = argparse.ArgumentParser()
    add_subcommands(parser.add_subparsers(), lambda place: Claim(place, "A claim.", claims[place]))

    def run(*words: str) -> tuple[int, str]:
        options = parser.parse_args(list(words))
        status = options.run(options)
        return status, capsys.readouterr().out

    status, out = run("search", "near", "--budget", "10", "--latex", "--python")
    assert status == 0
    assert "x = 1/2" in out
    assert "\\frac{1}{2}" in out
    assert "from fractions import" in out
    status, out = run("search", "near", "--json")
    assert '"outcome": "refuted"' in out
    status, out = run("ablate", "circle", "--budget", "8", "--quiet")
    assert "needed" in out
    status, out = run("sharpen", "constant", "--constant", "c", "--budget", "8", "--tolerance", "1/10", "--quiet")
    assert "the best c is in" in out


def test_sobol_points_fill_the_cube_evenly() -> None:
    points = sobol(0, 256, 6, seed=1)
    assert points.shape == (256, 6)
    for axis in range(6):
        counts, _ = np.histogram(points[:, axis], bins=16, range=(0, 1))
        assert counts.min() == counts.max() == 16
    assert (points != sobol(0, 256, 6, seed=2)).any()


def test_the_simplest_rational_in_an_interval() -> None:
    assert simplest(Fraction(31, 100), Fraction(34, 100)) == Fraction(1, 3)
    assert simplest(Fraction(-7, 2), Fraction(-5, 2)) == -3
    assert simplest(Fraction(-1), Fraction(2)) == 0
