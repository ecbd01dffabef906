"""Derivations: what they establish, what they refuse, and that a user writes one in a few lines."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from symgd import forall, real
from symgd.certify import certify
from symgd.certify.strategy import Strategy, Unproved
from symgd.claims import Claim, Outcome, Trust, certificates_from
from symgd.derivations import (
    Apply,
    Cases,
    Certified,
    Combine,
    Derivation,
    FormulaError,
    Induct,
    Kernel,
    Minimum,
    Normalizer,
    Powers,
    Same,
    Step,
    StepTrust,
    Theorem,
    Undecided,
    parse,
    parse_relation,
    read_context,
)
from symgd.derivations.formula import substitute, text
from symgd.render.derive import find_derivations

FOUND = find_derivations(Path(__file__).parents[2] / "proofs")
SCALARS = read_context(
    {"L": "integer >= 1", "j": "integer 1..L", "k": "integer >= 0", "w": "real", "t": "positive", "x": "real family",
        "p": "positive family",
     "q": "positive family", "lambda": "positive", "a": "real", "b": "real"}, {"S(w)": "Sum(w**j*t**(L-1-j), j, 0, L-1)"})
MATRICES = read_context(
    {"L": "integer >= 1", "j": "integer 1..L", "d": "dimension family", "W": "chain d", "R": "matrix d[L] d[0]", "K": "matrix d[j] d[j-1]",
     "H": "matrix d[j] d[j-1] family", "u": "vector d[L]", "v": "vector d[0]", "m": "dimension", "A": "symmetric m", "B": "symmetric m",
     "y": "vector m"}, {"E": "W[L:1] - R"})


def same(context, left, right):
    return Normalizer(context).same(parse(left), parse(right))


@pytest.mark.parametrize(("left", "right"), [
    ("w**(L-1)*w", "w**L"), ("(w*t)**L", "w**L*t**L"), ("t**(2*(L-1)/L)*t**(2/L)", "t**2"), ("(-1)**(2*L+1)", "-1"), ("2**(L+1)", "2*2**L"),
    ("Prod(x[i],i,1,L)", "Prod(x[i],i,1,j-1)*x[j]*Prod(x[i],i,j+1,L)"), ("Sum(x[i],i,1,L)", "Sum(x[i-2],i,3,L+2)"),
    ("Prod(p[j-1]*q[j+1],j,1,L)", "p[0]*q[L+1]*Prod(p[i]*q[i+1],i,1,L-1)"), ("Sum(x[i+1]-x[i],i,0,L-1)", "x[L]-x[0]"),
    ("Sum(i,i,1,L)", "L*(L+1)/2"), ("Sum(i**2,i,1,L)", "L*(L+1)*(2*L+1)/6"), ("Prod(2*p[i],i,1,L)", "2**L*Prod(p[i],i,1,L)"),
    ("(w-t)*S(w)", "w**L-t**L"), ("S(t)", "L*t**(L-1)"), ("log(Prod(p[i],i,1,L))", "Sum(log(p[i]),i,1,L)"), ("sqrt(w**2)", "abs(w)"),
        ("abs(w)**2", "w**2"),
    ("D(w**L, w)", "L*w**(L-1)"), ("D(Prod(x[i],i,1,L), x[j])", "Prod(x[i],i,1,j-1)*Prod(x[i],i,j+1,L)"), ("1/(1+t)+t/(1+t)", "1"),
    ("D(log(t), t)", "1/t"), ("Sum(Sum(x[i]*p[k],k,1,L),i,1,L)", "Sum(x[i],i,1,L)*Sum(p[k],k,1,L)")])
def test_scalar_identities(left, right):
    assert same(SCALARS, left, right)


@pytest.mark.parametrize(("left", "right"), [
    ("w**(L-1)*w", "w**(L+1)"), ("Prod(x[i],i,1,L)", "Prod(x[i],i,1,j)*x[j]*Prod(x[i],i,j+1,L)"), ("Sum(x[i],i,1,L)", "Sum(x[i],i,0,L)"),
    ("(w-t)*S(w)", "w**L+t**L"), ("sqrt(w**2)", "w"), ("(a+b)**2", "a**2+b**2"), ("log(Sum(p[i],i,1,L))", "Sum(log(p[i]),i,1,L)"),
        ("2**L*2", "2**(2*L)")])
def test_scalar_identities_that_are_false(left, right):
    assert not same(SCALARS, left, right)


@pytest.mark.parametrize(("left", "right"), [
    ("W[L:1]", "W[L:j+1]*W[j]*W[j-1:1]"), ("D(norm(E)**2/2, W[j], K)", "inner(W[L:j+1].T*E*W[j-1:1].T, K)"),
    ("D(W[L:1], W, H)", "Sum(W[L:j+1]*H[j]*W[j-1:1], j, 1, L)"), ("tr(A*B)", "tr(B*A)"), ("norm(u*v.T)**2", "norm(u)**2*norm(v)**2"),
    ("(A*B).T", "B*A"), ("tr(A*y*y.T)", "y.T*A*y"), ("inner(u*v.T, E)", "u.T*E*v")])
def test_matrix_identities(left, right):
    assert same(MATRICES, left, right)


@pytest.mark.parametrize(("left", "right"), [("A*B", "B*A"), ("W[L:1]", "W[L:j]*W[j]*W[j-1:1]"), ("tr(A*B*A*B)", "tr(A*A*B*B)")])
def test_matrix_identities_that_are_false(left, right):
    with suppress(FormulaError):  # the shapes may not even fit
        assert not same(MATRICES, left, right)


def test_shapes_are_checked():
    with pytest.raises(FormulaError, match="columns"):
        same(MATRICES, "u*v", "u*v")


def test_a_range_below_empty_is_refused():
    with pytest.raises(Undecided, match="range"):
        same(SCALARS, "Sum(x[i],i,1,j-3)", "0")


def test_a_denominator_that_may_vanish_is_refused():
    with pytest.raises(Undecided, match="might be 0"):
        same(SCALARS, "w/w", "1")


def test_reading_and_writing_agree():
    for d in FOUND.values():
        for r in d.relations:
            if r is not None:
                assert parse_relation(str(r)) == r


def test_substitution_does_not_capture():
    assert text(substitute(parse("Sum(x[i] + a, i, 1, L)"), {"a": "i"})) == "Sum(x[j] + i, j, 1, L)"


@pytest.mark.parametrize("source", ["__import__('os')", "(lambda: 1)()", "x.__class__", "'a'", "1.5", "[1]", "x if y else z", "f(a=1)",
    "x**"])
def test_strings_are_not_code(source):
    with pytest.raises(FormulaError):
        parse(source)


def test_a_derivation_of_ones_own():
    young = Derivation(
        "young", "Young's inequality", let={"a": "real", "b": "real", "c": "positive"}, goal=("2*a*b <= c*a**2 + b**2/c",),
        steps=(Step("c*a**2 + b**2/c - 2*a*b = (c*a - b)**2/c", "complete the square", label="square"),
               Step("(c*a - b)**2/c >= 0", "a square over a positive number", label="positive"),
               Step("2*a*b <= c*a**2 + b**2/c", "put together", Combine({"square": -1, "positive": 1}))))
    verdict = young.settle()
    assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.SYMBOLIC)


def test_a_derivation_by_certificates_alone_has_trust_kernel():
    d = Derivation("parabola", "A parabola", let={"x": "real"}, goal=("x*(1 - x) <= 1/4",),
        steps=(Step("x*(1 - x) <= 1/4", "its top", Kernel()),))
    assert d.settle().trust is Trust.KERNEL


def one(formula, rule=None, **more):
    given = {"let": {"x": "real", "y": "real", "k": "integer >= 0", "s": "real family"}, **more}
    return Derivation("d", "d", goal=(formula,), steps=(Step(formula, "", rule or Combine()),), **given).settle()


def test_a_step_without_a_check_is_shown_as_unchecked():
    d = Derivation("d", "d", let={"x": "real"}, goal=("x = x + 0",), steps=(Step("x = x + 0", "trust me", None),))
    assert d.results[0].trust is StepTrust.UNCHECKED
    assert "step 1 is unchecked" in d.settle().reason


def test_a_goal_that_no_step_reaches_leaves_it_open():
    d = Derivation("d", "d", let={"x": "real"}, goal=("x = 0",), steps=(Step("x = x", "clear"),))
    assert "no step establishes" in d.settle().reason


@pytest.mark.parametrize(("formula", "rule"), [
    ("x <= y", None), ("x**2 >= 1", None), ("x < x", None), ("x != x", None), ("x = y", Kernel()), ("x**2 <= y**2", Powers("order", "2")),
    ("s[k] = 0", Induct("k")), ("x = y", Same("nothing")), ("x**2 >= 0", Cases((("x < 0", Combine()), ("x > 0", Combine()))))])
def test_false_or_unfounded_steps_stay_unchecked(formula, rule):
    assert one(formula, rule, given={"order": "x <= y"}).outcome is Outcome.OPEN


def test_cases_must_be_complete():
    good = Cases((("x <= 0", Combine()), ("x > 0", Combine())))
    assert one("x**2 >= 0", good).outcome is Outcome.PROVED


def test_a_hypothesis_about_one_value_is_not_used_for_another():
    """s[k] = 0 for one k says nothing about k + 1, but `every(k)` does."""
    assert one("s[k+1] = 0", Same("zero[k = k+1]"), given={"zero": "s[k] = 0"}).outcome is Outcome.OPEN
    assert one("s[k+1] = 0", Same("zero[k = k+1]"), given={"zero(k)": "s[k] = 0"}).outcome is Outcome.PROVED


def test_a_lemma_is_used_only_where_its_hypotheses_hold():
    lemma = Derivation("lemma", "l", let={"a": "real"}, given={"sign": "0 <= a"}, goal=("0 <= 2*a",),
        steps=(Step("0 <= 2*a", "", Combine({"sign": 2})),))
    assert one("0 <= 2*x", Apply(lemma, {"a": "x"})).outcome is Outcome.OPEN
    assert one("0 <= 2*x**2", Apply(lemma, {"a": "x**2"})).outcome is Outcome.PROVED
    assert one("0 <= 2*x", Apply(lemma, {"a": "x"}, ("sign",)), given={"sign": "0 <= x"}).outcome is Outcome.PROVED


def test_an_open_lemma_leaves_what_uses_it_open():
    lemma = Derivation("lemma", "l", let={"a": "real"}, goal=("a = 0",), steps=(Step("a = 0", "", None),))
    assert "lemma" in one("x = 0", Apply(lemma, {"a": "x"})).reason


def test_cited_theorems_are_named():
    cited = Theorem("cs", "Cauchy and Schwarz", "Steele 2004", {"a": "real", "b": "real"}, {}, ("2*a*b <= a**2 + b**2",))
    verdict = one("2*x*y <= x**2 + y**2", Apply(cited, {"a": "x", "b": "y"}))
    assert verdict.outcome is Outcome.PROVED
    assert "Steele 2004" in verdict.reason


def test_undeclared_names_are_refused():
    with pytest.raises(FormulaError, match="not declared"):
        Derivation("d", "d", goal=("z = z",), steps=(Step("z = z"),))


@pytest.mark.parametrize("id", FOUND)
def test_the_derivations_of_the_paper_come_out_as_expected(id):
    verdict = FOUND[id].verdict
    assert verdict.outcome is FOUND[id].expect, f"{verdict}\n{FOUND[id]}"


def test_every_statement_with_a_derivation_is_there():
    wanted = {"ex1", "ex2", "ex3.inside", "ex3.outside", "inv", "lem1", "lem2", "lem3.large.run", "lem3.small.run", "lem4.run",
        "lem4.rate", "cor1", "cor2", "thm1",
              "thm1.loss", "thm1.gradient", "thm1.error-map", "thm1.bottleneck", "thm2.diagonal", "thm3.closest", "thm4", "chain.gradient",
              "chain.balanced"}
    wanted |= {"intro", "rem1", "rem2", "rem3", "rem4", "smooth", "thm2", "thm3", "fig1", "fig2", "cor2", "lem2.psd", "thm1.cut",
               "thm1.seen", "thm1.regular", "thm4.repaired"}
    assert {f"{id}.proof" for id in wanted} <= FOUND.keys()
    statements = {"ex1", "ex2", "ex3", "intro", "inv", "thm1", "cor1", "cor2", "rem1", "rem2", "smooth", "lem1", "lem2", "lem3", "thm2",
                  "lem4", "thm3", "rem3", "rem4", "thm4", "fig1", "fig2"}
    assert statements <= {id.partition(".")[0] for id in FOUND}


# --- what must not be provable ---------------------------------------------------------------------------------------------


def test_a_hypothesis_at_one_point_is_not_differentiated():
    """At a zero of x**2 - 1 the derivative is not that of a constant."""
    rewritten = one("D(x**2, x) = 0", Same("point"), given={"point": "x**2 = 1"})
    assert rewritten.outcome is Outcome.OPEN
    words = Derivation("d", "d", let={"n": "dimension", "A": "matrix n n", "B": "matrix n n", "H": "matrix n n"},
        given={"point": "A*B = I"},
                       goal=("D(A*B, A, H) = 0",), steps=(Step("D(A*B, A, H) = 0", "", Same("point")),))
    assert words.settle().outcome is Outcome.OPEN


def test_a_hypothesis_on_a_range_is_not_used_outside_of_it():
    let = {"L": "integer >= 1", "m": "integer 1..L", "v": "real family", "w": "real"}
    for rule in (Same("equal"), Same("equal[m = 0]")):
        d = Derivation("d", "d", let=let, given={"equal(m)": "v[m] = w"}, goal=("Sum(v[m], m, 0, L) = Sum(w, m, 0, L)",),
                       steps=(Step("Sum(v[m], m, 0, L) = Sum(w, m, 0, L)", "", rule),))
        assert d.settle().outcome is Outcome.OPEN


def test_a_lemma_for_every_step_needs_its_hypothesis_for_every_step():
    lemma = Derivation("still", "s", let={"k": "integer >= 0", "a": "real family"}, given={"map(k)": "a[k+1] = a[k]"}, goal=("a[k] = a[0]",
        ),
                       steps=(Step("a[k] = a[0]", "", Induct("k", Same(), Same("map", "IH"))),))
    assert lemma.settle().outcome is Outcome.PROVED
    for given, at in (({"map": "s[k+1] = s[k]"}, {"a": "s"}), ({"map": "s[6] = s[5]"}, {"a": "s", "k": "5"})):
        wanted = "s[5] = s[0]" if "k" in at else "s[k] = s[0]"
        assert one(wanted, Apply(lemma, at, ("map",)), given=given).outcome is Outcome.OPEN
    assert one("s[k] = s[0]", Apply(lemma, {"a": "s"}, ("map",)), given={"map(k)": "s[k+1] = s[k]"}).outcome is Outcome.PROVED


def test_induction_is_refused_where_another_range_moves_along():
    let = {"k": "integer >= 0", "i": "integer 0..k", "s": "real family"}
    d = Derivation("d", "d", let=let, given={"zero": "s[0] = 0"}, goal=("s[i] = 0",),
        steps=(Step("s[i] = 0", "", Induct("k", Same("zero"), Same("IH"))),))
    assert d.settle().outcome is Outcome.OPEN


def test_a_minimum_is_not_found_across_a_pole():
    d = Derivation("d", "d", let={"x": "positive"}, given={"apart": "x != 1"}, goal=("0 <= (x - 2)**2/(x - 1)",),
                   steps=(Step("0 <= (x - 2)**2/(x - 1)", "", Minimum("x", "2", "x/(x - 1)**2")),))
    assert d.settle().outcome is Outcome.OPEN


def test_the_sign_of_a_root_is_not_the_root():
    assert one("sign(sqrt(t)*x) = sqrt(t)*sign(x)", let={"t": "positive", "x": "real"}).outcome is Outcome.OPEN
    assert one("sign(sqrt(t)*x) = sign(x)", let={"t": "positive", "x": "real"}).outcome is Outcome.PROVED


def test_the_trace_of_a_unit_matrix_is_not_one():
    d = Derivation("d", "d", let={"n": "dimension", "A": "matrix n n"}, given={"unit": "A.T*A = I"}, goal=("tr(A.T*A) = 1",),
                   steps=(Step("tr(A.T*A) = 1", "", Same("unit")),))
    assert d.settle().outcome is Outcome.OPEN


class Never(Strategy):
    """Finds no proof."""

    def prove(self, goal, search):
        raise Unproved("nothing is searched")


def test_a_step_that_is_a_claim_is_settled_by_the_certificate_of_exactly_this_claim():
    x = real("x")
    square = Claim("square", "squares are not negative", forall(x, then=x**2 >= 0), by=Never())
    d = Derivation("d", "d", goal=(), steps=(Step("squares are not negative", "", Certified(square)),))
    assert d.uses == ("square",)
    right, wrong = (certify(forall(x, then=e >= 0)).certificate for e in (x**2, x**4))
    for certificate, outcome in ((right, Outcome.PROVED), (wrong, Outcome.OPEN), ({}, Outcome.OPEN), (None, Outcome.OPEN)):
        with certificates_from({"square": certificate}.get):
            assert Derivation("d", "d", goal=(), steps=d.steps).settle().outcome is outcome
    assert Derivation("d", "d", goal=(), steps=d.steps).settle().outcome is Outcome.OPEN
