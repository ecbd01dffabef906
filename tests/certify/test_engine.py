"""The engine: boxes enclose as the kernel does, contraction and leaves of second order save boxes, precision climbs, falsehoods fall."""

import random
from fractions import Fraction

import pytest

from symgd import Outcome, Trust, eq, forall, parse_relation, real
from symgd.certify import Search, certify
from symgd.certify.contract import contract
from symgd.certify.cover import Counterexample, branch
from symgd.certify.glance import degree
from symgd.certify.part import FORMS, Part
from symgd.certify.univariate import product, square_part
from symgd.kernel.rules import Range, read_goal
from symgd.kernel.terms import Arena, Undefined

F = Fraction


def goal(statement):
    return read_goal(statement.data, Arena())


def lemma(ranges, then, given=()):
    """A statement from text: ranges such as "x [0, 1]; y (0, oo)"."""
    variables = [real(*entry.strip().split(" ", 1)) for entry in ranges.split(";")]
    return forall(*variables, given=[parse_relation(g) for g in given], then=parse_relation(then))


# --- boxes --------------------------------------------------------------------------------------------------------------

TERMS = [
    "x^3 - 3*x*y^2 + 1/3",
    "exp(x)*sin(y) - x/(y^2 + 1)",
    "log(x^2 + 1) + atan(y)*tanh(x)",
    "sqrt(x^2 + y^2 + 1) - abs(x - y)",
    "max(x, y^2)*cos(x) + x^(-2)",
    "(x^2 + 1)^(3/2)/y + sigmoid(x) - relu(y)",
    "softplus(x*y) - y/x",
]


@pytest.mark.parametrize("text", TERMS)
def test_a_form_says_yes_exactly_when_the_kernel_does(text):
    rng, agreed = random.Random(text), 0
    for _ in range(40):
        bound = F(rng.randint(-400, 400), 100)
        g = goal(lemma("x [-4, 4]; y [-4, 4]", f"{text} {rng.choice(['<', '<=', '>', '>='])} {bound}", given=["x*y <= 3"]))
        ranges = {}
        for x in ("x", "y"):
            lo = F(rng.randint(-300, 290), 100)
            ranges[x] = Range(lo, lo + F(rng.choice([0, 1, 10, 100]), 100), False, False)
        part = Part(g, ranges, 64)
        for form in FORMS:
            try:
                theirs = g.settled(ranges, form, 64)
            except Undefined:
                theirs = False
            assert part.settled(form) == theirs, (text, form, ranges)
            agreed += theirs
    assert agreed > 5


# --- contraction and leaves of second order --------------------------------------------------------------------------------


def leaves(statement, monkeypatch, without=()):
    if "cut" in without:
        monkeypatch.setattr("symgd.certify.cover.contract", lambda part: None)
    if "t" in without:
        monkeypatch.setattr("symgd.certify.cover.FORMS", ("n", "m", "d"))
    tokens, left = branch(goal(statement), Search(seconds=60), 4_000, 64, None)
    assert not left
    monkeypatch.undo()
    return sum(isinstance(t, str) for t in tokens)


@pytest.mark.parametrize(
    ("statement", "factor"),
    [
        (lemma("x (-oo, oo); y (-oo, oo)", "x + y <= 3/2", given=["x^2 + y^2 <= 1"]), 2),
        (lemma("x [-1000, 1000]; y [1/10, 1000]", "y < 3", given=["exp(x) + y^2 <= 4", "x >= -2"]), 2),
        (lemma("x [0, 1000]; y [0, 1000]; z [0, 1000]", "x*y*z <= 1/10", given=["x + y + z <= 1"]), 2),
    ],
    ids=["disc", "exponential", "simplex"],
)
def test_contraction_by_hypotheses_saves_leaves(statement, factor, monkeypatch):
    assert factor * leaves(statement, monkeypatch) <= leaves(statement, monkeypatch, without=("cut",))
    assert certify(statement, Search(seconds=20)).trust is Trust.KERNEL


@pytest.mark.parametrize(
    ("statement", "factor"),
    [
        (lemma("x [-1, 1]; y [-1, 1]", "exp(x + y) >= 1 + x + y - 1/100"), 2),
        (lemma("x [1/10, 2]", "tanh(x) > x - x^3/3"), 2),
        (lemma("x [-2, 2]", "exp(x) + exp(-x) >= 2 + x^2 - 1/100000"), 2),
    ],
    ids=["valley", "tanh", "cosh"],
)
def test_leaves_of_second_order_save_leaves(statement, factor, monkeypatch):
    assert factor * leaves(statement, monkeypatch) <= leaves(statement, monkeypatch, without=("t",))
    assert certify(statement, Search(seconds=20)).trust is Trust.KERNEL


def test_a_contraction_keeps_every_point_that_could_matter():
    rng = random.Random(3)
    statement = lemma("x [-10, 10]; y [-10, 10]", "x*y < 2", given=["x^2 + 2*y^2 <= 9", "exp(x) - y <= 4"])
    g, cuts = goal(statement), 0
    for _ in range(200):
        ranges = {}
        for x in ("x", "y"):
            lo, hi = sorted(F(rng.randint(-1000, 1000), 100) for _ in range(2))
            ranges[x] = Range(lo, hi + 1, False, False)
        cut = contract(Part(g, ranges, 64))
        if cut is None:
            continue
        cuts += 1
        x, c = cut[0], F(cut[1])
        parts = [ranges[x].meet(None, c), ranges[x].meet(c, None)]
        assert any(Part(g, {**ranges, x: part}, 64).settled("n") for part in parts)
    assert cuts > 20


# --- precision, counterexamples, what stays open ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        lemma("x [0, 1]", "x*(1 - x) < 1/4 + 1/10^25"),
        lemma("x [0, 1]", "exp(x) - x - 1 > -1/10^25"),
        lemma("x [-1, 1]", "sin(x)^2 + x^2 > -1/10^30"),
        lemma("x [0, 1]; y [0, 1]", "(x - y)^2 + exp(x*y) > 1 - 1/10^25"),
        lemma("x [1/2, 2]", "log(x) <= x - 1 + 1/10^24"),
    ],
    ids=str,
)
def test_a_margin_below_the_precision_of_the_first_search_is_closed(statement):
    verdict = certify(statement, Search(seconds=30))
    assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.KERNEL), str(verdict)


def test_survivors_climb_to_more_bits():
    g = goal(lemma("x [1/2, 2]", "log(x) <= x - 1 + 1/10^24"))
    tokens, left = branch(g, Search(seconds=30), 4_000, 64, None)
    assert not left
    assert {t["precision"] for t in tokens if isinstance(t, dict)} <= {256, 1024} != set()


def test_subdivision_meets_counterexamples():
    with pytest.raises(Counterexample) as found:
        branch(goal(lemma("x [0, 10]", "(x^2 - 2)^2 > 1/10^9")), Search(seconds=20), 4_000, 64, None)
    x = found.value.point["x"]
    assert (x**2 - 2) ** 2 <= F(1, 10**9)


FALSE = [
    lemma("x [0, 10]", "(x^2 - 2)^2 > 1/10^9"),
    lemma("x [0, 10]", "(x - 3141592/1000000)^2 > 0"),
    lemma("x [0, 1]", "x*(1 - x) < 1/4 - 1/10^25"),
    lemma("x (-oo, oo)", "exp(x) >= 1 + x + x^2/2"),
    lemma("x (0, oo)", "log(x) <= x - 1001/1000"),
    lemma("x [0, oo)", "sin(x) <= 99/100*x"),
    lemma("x [0, 1000]", "sin(x) < 999999/1000000"),
    lemma("x (0, oo); y (0, oo)", "x/y + y/x > 2"),
    lemma("x [-5, 5]; y [-5, 5]", "(x^2 + y - 11)^2 + (x + y^2 - 7)^2 > 1/10"),
]


@pytest.mark.parametrize("statement", FALSE, ids=str)
def test_a_narrow_falsehood_is_refuted(statement):
    verdict = certify(statement, Search(seconds=30))
    assert (verdict.outcome, verdict.trust) == (Outcome.REFUTED, Trust.KERNEL), str(verdict)


# --- roots, bounds that touch ------------------------------------------------------------------------------------------------

ROOTS = [  # true, and false for a slightly better constant
    ("sqrt(x*y) <= (x + y)/2", "sqrt(x*y) <= 499/1000*(x + y)"),
    ("x*y <= x^3/3 + 2*y*sqrt(y)/3", "x*y <= x^3/3 + 665/1000*y*sqrt(y)"),
    ("2/(1/x + 1/y) <= sqrt(x*y)", "2001/1000/(1/x + 1/y) <= sqrt(x*y)"),
    ("abs(x*y) <= (x^2 + y^2)/2", "abs(x*y) <= 499/1000*(x^2 + y^2)"),
    ("exp(x)*y <= exp(x)*(1 + y^2)/2", "exp(x)*y <= exp(x)*499/1000*(1 + y^2)"),
]


@pytest.mark.parametrize(("true", "false"), ROOTS)
def test_means_with_roots_are_proved_and_better_ones_refuted(true, false):
    verdict = certify(lemma("x (0, oo); y (0, oo)", true), Search(seconds=20))
    assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.KERNEL), str(verdict)
    assert certify(lemma("x (0, oo); y (0, oo)", false), Search(seconds=20)).outcome is Outcome.REFUTED


# --- one variable -----------------------------------------------------------------------------------------------------------

TOUCHING = [
    ("(-oo, oo)", "(x - 1)^2*(x - 2)^4*(x^4 + 1) >= 0", True),
    ("(-oo, oo)", "(x^2 - 2)^2*(x^2 - 3)^2*(x^2 + x + 1)/(x^2 + 1) >= 0", True),
    ("(-oo, oo)", "(x^3 - 3*x + 1)^2*(x^2 - x + 1) >= 0", True),
    ("(-oo, oo)", "x^4 - 4*x + 3 >= 0", True),
    ("[-1, oo)", "(1 + x)^5 >= 1 + 5*x", True),
    ("(0, oo)", "x + 4/x >= 4", True),
    ("(-oo, 0)", "x + 4/x <= -4", True),
    ("[2, oo)", "(x - 1)^2*(x - 2)^3 >= 0", True),
    ("(0, oo)", "(x - 1)^2*(x - 2)^3 >= 0", False),
    ("(-oo, oo)", "x^4 - 4*x + 299/100 >= 0", False),
    ("(-oo, oo)", "(x - 1)^2*(x - 2)^4 > 0", False),
    ("(0, oo)", "x + 4/x >= 4001/1000", False),
    ("[-4, oo)", "(1 + x)^5 >= 1 + 5*x", False),
]


@pytest.mark.parametrize(("domain", "then", "true"), TOUCHING)
def test_an_inequality_in_one_variable_is_decided(domain, then, true):
    verdict = certify(lemma(f"x {domain}", then), Search(seconds=20))
    assert (verdict.outcome, verdict.trust) == (Outcome.PROVED if true else Outcome.REFUTED, Trust.KERNEL), str(verdict)


@pytest.mark.parametrize("seed", range(10))
def test_the_square_part_is_split_off(seed):
    rng = random.Random(seed)
    u, g = ([F(rng.randint(-5, 5)) for _ in range(n)] + [F(1)] for n in (2, 1))
    f = product(product(u, u), g)
    root, rest = square_part(f)
    assert product(product(root, root), rest) == f
    assert len(root) >= len(u)


DEGREES = [("x^2*y - 3*y^3", 3), ("x + 1", None), ("x/y + 2", 0), ("(x + y)^3/x", 2), ("x^2 + x", None)]


@pytest.mark.parametrize(("text", "expected"), DEGREES)
def test_the_degree_of_what_is_visibly_homogeneous(text, expected):
    g = goal(lemma("x (0, oo); y (0, oo)", f"{text} <= 0"))
    assert degree(g, g.then[0][0].lhs) == expected


def test_a_homogeneous_inequality_with_a_bound_that_matters_is_not_proved():
    assert certify(lemma("x [1, oo); y [1, oo)", "x^2 + y^2 >= x*y*y", given=["x <= y"]), Search(seconds=5)).outcome is Outcome.REFUTED
    assert certify(lemma("x [1, 2]; y [1, 3]", "x^2 <= 2*x*y"), Search(seconds=5)).outcome is Outcome.PROVED
    assert certify(forall(real("x", "(-oo, oo)"), given=[eq(real("x") ** 2, 2)], then=parse_relation("x^2 = 2"))).outcome is Outcome.PROVED
