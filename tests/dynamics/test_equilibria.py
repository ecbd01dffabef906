"""Equilibria, thresholds and flips against published and hand-derived facts."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symgd.claims import Trust
from symgd.dynamics import DescentMap, DynamicsError, FlipKind, Kind, at_threshold, equilibria
from symgd.language import LanguageError

EX2 = "(x^2+1)*(x-1)^2*(x-2)^2"
LOG_COSH = "log((exp(x)+exp(-x))/2)"
LOGISTIC = "softplus(-x) + softplus(2*x) + softplus(-3*x)/2 + x^2/100"
HIMMELBLAU = "(x^2+y-11)^2 + (x+y^2-7)^2"


def test_ex2_has_minima_1_and_2_and_the_maximum_of_cardano():
    found = equilibria(EX2)
    assert [e.kind for e in found] == [Kind.MINIMUM, Kind.MAXIMUM, Kind.MINIMUM]
    assert [e.threshold_text for e in found] == ["1/2", "", "1/5"]
    assert [e.curvature[0].lo for e in found.minima] == [4, 10]
    top = found.points[1].box[0]
    assert (3 * top.lo - 2) ** 3 < 19 < (3 * top.hi - 2) ** 3  # (2 + 19^(1/3))/3
    assert found.complete
    assert found.trust is Trust.SYMBOLIC


@pytest.mark.parametrize(
    ("loss", "exact", "thresholds"),
    [
        ("(x^2-1)^2/4", [-1, 0, 1], ["1", "", "1"]),
        ("(x-3)^2", [3], ["1"]),
        ("x^4 - 2*x^2 + 5", [-1, 0, 1], ["1/4", "", "1/4"]),
    ],
)
def test_rational_equilibria_are_exact(loss, exact, thresholds):
    found = equilibria(loss)
    assert [e.exact[0] for e in found] == exact
    assert [e.threshold_text for e in found] == thresholds


def test_an_algebraic_threshold_is_given_by_its_irreducible_polynomial():
    found = equilibria("x^4/4 - x^2 - x/3")
    assert "29*δ^3 - 24*δ + 8" in found.minima[0].threshold_text
    quadratic = equilibria("x^3/3 - x^2/2 - x").minima[0]  # f″ = √5 at the golden ratio
    assert quadratic.threshold_text == "2*sqrt(5)/5"


@pytest.mark.parametrize(
    ("loss", "multiplicity", "word"), [("x^4", 3, "minimum"), ("-x^4", 3, "maximum"), ("x^3", 2, "neither"), ("x^10", 9, "minimum")]
)
def test_degenerate_equilibria_have_exact_multiplicities(loss, multiplicity, word):
    (e,) = equilibria(loss)
    assert (e.kind, e.multiplicity) == (Kind.DEGENERATE, multiplicity)
    assert word in e.note


@pytest.mark.parametrize(
    ("loss", "region"), [(LOG_COSH, "-4:4"), (LOGISTIC, "-10:10"), ("exp(x) - x", "-3:3"), ("sigmoid(x)^2 + x^2/8", "-5:5")]
)
def test_transcendental_losses_with_one_minimum(loss, region):
    found = equilibria(loss, "x", region)
    assert found.complete
    assert [e.kind for e in found] == [Kind.MINIMUM]


def test_log_cosh_has_threshold_2():
    (e,) = equilibria(LOG_COSH, "x", "-4:4")
    assert e.threshold.lo <= 2 <= e.threshold.hi
    assert e.threshold.hi - e.threshold.lo < Fraction(1, 10**20)


def test_all_20_zeros_of_cos():
    found = equilibria("sin(x)", "x", "-30:30")
    assert len(found) == 20
    assert found.complete


def test_himmelblau_has_nine_critical_points():
    found = equilibria(HIMMELBLAU, ("x", "y"), "-5:5")
    assert found.complete
    kinds = [e.kind for e in found]
    assert (kinds.count(Kind.MINIMUM), kinds.count(Kind.SADDLE), kinds.count(Kind.MAXIMUM)) == (4, 4, 1)
    assert (3, 2) in [e.exact for e in found]


def test_eigenvalues_at_rational_points_are_exact():
    minimum = next(e for e in equilibria(HIMMELBLAU, ("x", "y"), "2:4") if e.exact == (3, 2))
    assert "(27 - 10*sqrt(2))/529" in minimum.threshold_text  # the Hessian is [[74, 20], [20, 34]]
    (saddle, *minima) = sorted(equilibria("(x^2-1)^2/4 + y^2", ("x", "y"), "-3:3"), key=lambda e: len(e.threshold_text))
    assert [(v.lo, v.hi) for v in saddle.curvature] == [(-1, -1), (2, 2)]
    assert [e.threshold_text for e in minima] == ["1", "1"]


def test_a_family_inside_another_is_not_named_twice():
    found = equilibria("(a*c + b*d - 1)^2/2", tuple("abcd"), "-2:2", budget=10_000)
    assert found.families == (("a*c + b*d - 1 = 0",),)


def test_the_hyperbola_of_minima_is_named_and_its_sharpness_is_bounded():
    found = equilibria("(x*y-1)^2/2", ("x", "y"), "-3:3")
    assert found.families == (("x*y - 1 = 0",),)
    assert [(e.kind, e.exact) for e in found] == [(Kind.SADDLE, (0, 0))]
    assert found.complete
    # on x y = 1 the sharpness is x² + 1/x² ≥ 2
    assert Fraction(19, 10) < found.sharpness.lo <= 2


def test_a_two_layer_linear_network_has_a_saddle_at_0_and_a_manifold_of_minima():
    found = equilibria("(a*c + b*d - 1)^2/2", tuple("abcd"), "-2:2", budget=40_000)
    assert ("a*c + b*d - 1 = 0",) in found.families
    assert [(e.kind, e.exact) for e in found] == [(Kind.SADDLE, (0, 0, 0, 0))]


def test_what_cannot_be_settled_is_undecided_and_not_dropped():
    found = equilibria("abs(x) + x^2", "x", "-1:2")
    assert not found.complete
    assert any(b[0].lo <= 0 <= b[0].hi for b in found.undecided)


def test_equilibria_on_the_edge_of_the_region_are_kept():
    assert [e.exact[0] for e in equilibria("(x^2-1)^2/4", "x", "0:1")] == [0, 1]


FLIPS = [
    (EX2, 1, FlipKind.SUPERCRITICAL, 528),
    (EX2, 2, FlipKind.SUPERCRITICAL, 17808),
    ("(x^2-1)^2/4", 1, FlipKind.SUPERCRITICAL, 96),
    ("x^2/2 + x^4/24", 0, FlipKind.SUBCRITICAL, -1),
    ("x^2", 0, FlipKind.LINEAR, 0),
    ("x^2/2 + x^6", 0, FlipKind.SUBCRITICAL, 0),
    ("x^2/2 - x^6", 0, FlipKind.SUPERCRITICAL, 0),
    ("x^2/2 - x^4/24", 0, FlipKind.SUPERCRITICAL, 1),
]


@pytest.mark.parametrize(("loss", "at", "kind", "value"), FLIPS)
def test_flips_by_the_exact_sign(loss, at, kind, value):
    f = DescentMap(loss)
    (e,) = (e for e in equilibria(f) if e.exact == (at,))
    flip = at_threshold(f, e)
    assert flip.kind is kind
    assert flip.value.lo <= value <= flip.value.hi


def test_the_flip_coefficient_of_ex2_is_the_one_derived_by_hand():
    # (g″)²/4 + g‴/6 = (3f‴² − f″f⁗)/(3f″²) is 11 at x = 1 and 1484/25 at x = 2
    assert Fraction(528, 3 * 4**2) == 11
    assert Fraction(17808, 3 * 10**2) == Fraction(1484, 25)


def test_degenerate_flips_of_higher_order_say_the_order():
    f = DescentMap("x^2/2 - x^6")
    assert at_threshold(f, next(e for e in equilibria(f) if e.exact == (0,))).order == 5


def test_flips_of_transcendental_losses_and_in_two_variables():
    f = DescentMap(LOG_COSH)
    flip = at_threshold(f, equilibria(f, "x", "-4:4").points[0])
    assert (flip.kind, flip.trust) == (FlipKind.SUPERCRITICAL, Trust.INTERVAL)
    f = DescentMap(HIMMELBLAU, ("x", "y"))
    found = equilibria(f, region="-5:5")
    assert {at_threshold(f, e).kind for e in found.minima} == {FlipKind.SUPERCRITICAL}
    assert {at_threshold(f, e).kind for e in found if e.kind is Kind.SADDLE} == {FlipKind.NO_FLIP}


def test_in_two_variables_the_centre_manifold_gives_the_one_dimensional_coefficient():
    # f = h(x) + 3y²/… has the flip of h as long as the other curvature is smaller
    f = DescentMap("(x^2-1)^2/4 + y^2/2", ("x", "y"))
    e = next(e for e in equilibria(f, region="1/2:2" if False else {"x": "1/2:2", "y": "-1:1"}))
    assert at_threshold(f, e).kind is FlipKind.SUPERCRITICAL


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("7", "x"), "constant"),
        (("exp(x)", "x"), "bounded region"),
        (("x^2 + y", ["x", "y"], "3:1"), "empty"),
        (("x^2", []), "at least one"),
        (("x^2", ["x", "x"]), "each one once"),
        (("x*y", ["x", "y"], ["-1:1"]), "1 intervals for 2"),
        (("x^2", "x", "1:1"), "interior"),
    ],
)
def test_bad_input_is_one_clear_sentence(arguments, message):
    with pytest.raises(DynamicsError, match=message):
        equilibria(*arguments)


def test_unknown_functions_and_names_are_refused_by_the_language():
    with pytest.raises(LanguageError):
        equilibria("cosh(x)")
    with pytest.raises(LanguageError):
        equilibria("x^2 + z")
