"""Claims and verdicts: how statements are built, what is refused, and that small lemmas get the right verdict."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from symgd import (
    Claim,
    LanguageError,
    Outcome,
    Statement,
    Trust,
    Verdict,
    at_rate,
    claim,
    converges,
    diff,
    diverges,
    ends_in,
    eq,
    every,
    family,
    forall,
    integer,
    linear,
    ne,
    orbit,
    preimages,
    reaches,
    real,
    stays,
    sublinear,
    unique_zero,
)
from symgd.certify import Search, certify
from symgd.claims import proved, refuted, still_open

x, y = real("x"), real("y")
unit, delta = real("x", "[0, 1]"), real("delta", "(0, 1/2]")


# --- verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [proved(Trust.KERNEL), refuted(Trust.COQ, "x = 0"), still_open("no rule applies")])
def test_a_verdict_is_no_boolean(verdict):
    with pytest.raises(TypeError, match=r"compare verdict\.outcome"):
        bool(verdict)


@pytest.mark.parametrize("outcome", [Outcome.PROVED, Outcome.REFUTED])
@pytest.mark.parametrize("trust", [Trust.NUMERIC, None])
def test_numeric_evidence_settles_nothing(outcome, trust):
    with pytest.raises(ValueError, match="numeric evidence"):
        Verdict(outcome, trust)


def test_numeric_evidence_may_go_with_an_open_claim():
    assert Verdict(Outcome.OPEN, Trust.NUMERIC, reason="holds at 1000 points").outcome is Outcome.OPEN


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (proved(Trust.KERNEL), "proved (kernel)"),
        (refuted(Trust.KERNEL, "x = 0"), "refuted (kernel): x = 0"),
        (still_open("why"), "open: why"),
    ],
)
def test_verdicts_in_words(verdict, text):
    assert str(verdict) == text


@pytest.mark.parametrize(("thing", "name"), [(proved(Trust.COQ), "outcome"), (forall(x, then=x > 0), "data")])
def test_verdicts_and_statements_are_frozen(thing, name):
    with pytest.raises(FrozenInstanceError):
        setattr(thing, name, None)


# --- what cannot be claimed ------------------------------------------------------------------------------------------

MISUSE = [
    (lambda: forall(x, then=[]), "needs a conclusion"),
    (lambda: forall(x, then=x**2), "not a relation"),
    (lambda: forall(x, then=[x**2]), "not a relation"),
    (lambda: forall(x, then=x == y), "the equation is eq"),
    (lambda: forall(x, then=[True]), "not a relation"),
    (lambda: forall(x, then=x + y > 0), "unknown name 'y'"),
    (lambda: forall(x, then="x + y > 0"), "unknown name 'y'"),
    (lambda: forall(x, given=[y > 0], then=x > 0), "unknown name 'y'"),
    (lambda: forall(x, then=(x > 0) | (y > 0)), "unknown name 'y'"),
    (lambda: forall(x, real("x"), then=x > 0), "declared twice"),
    (lambda: forall(x, then="x**x > 0"), "rational number"),
    (lambda: forall(x, then=x > 0.5), "not exact"),
    (lambda: forall(x, then=1 / (x * 0) > x / 0), "division by zero"),
    (lambda: forall(x, then=x**100_000 > 0), "exponents go up to"),
    (lambda: unique_zero(x, of=x + y), "unknown name 'y'"),
    (lambda: unique_zero(x, of=x, then=[y > 0]), "unknown name 'y'"),
    (lambda: orbit({x: x / 2 + y}, start=[], then=[converges(0)]), "unknown name 'y'"),
    (lambda: orbit({unit: unit / 2}, start=[], then=[converges(0)]), "no range of its own"),
    (lambda: orbit({x: x / 2}, start=[y > 0], then=[converges(0)]), "unknown name 'y'"),
    (lambda: orbit({x: x / 2}, start=[], then=[converges(0, 1)]), "2 coordinates where the state has 1"),
    (lambda: orbit({x: x / 2}, start=[], then=[converges(x)]), "unknown name 'x'"),
    (lambda: orbit({x: x / 2}, start=[], then=[at_rate(y, 0)]), "unknown name 'y'"),
    (lambda: orbit({x: x / 2}, start=[], then=[stays(y > 0)]), "unknown name 'y'"),
    (lambda: orbit({x: x / 2}, start=[], then=[]), "needs an outcome"),
    (lambda: orbit({x: x / 2}, start=[], then=[x > 0]), "not an outcome"),
    (lambda: orbit({x: x / 2}, start=[], then=[converges(0)], params=[real("x")]), "declared twice"),
    (lambda: family("L", [], lambda L: forall(x, then=x > L)), "no member"),
    (lambda: claim("../escape"), "not an id"),
    (lambda: claim(""), "not an id"),
    (lambda: claim(lambda: forall(x, then=x > 0)), "needs an id"),
    (lambda: claim("a", expect="true"), "not one of proved, refuted, open"),
    (lambda: claim("a")(lambda: forall(x, then=x > 0)), "no docstring"),
]


@pytest.mark.parametrize(("build", "why"), MISUSE, ids=[why for _, why in MISUSE])
def test_misuse_is_refused_in_one_sentence(build, why):
    with pytest.raises(LanguageError, match=why) as refusal:
        build()
    assert "\n" not in str(refusal.value)


def test_an_error_inside_a_claim_names_the_claim():
    def lemma():
        """A lemma."""
        return forall(x, then="x > z")

    with pytest.raises(LanguageError, match=r"claim my\.lemma: unknown name 'z'"):
        claim("my.lemma")(lemma)


def test_a_claim_must_return_a_statement():
    def lemma():
        """A lemma that forgets its return."""

    with pytest.raises(LanguageError, match="must return a statement"):
        claim("my.lemma")(lemma)


def test_a_claim_keeps_what_it_was_given():
    @claim("a.b", expect="refuted", uses=["c"], source="Theorem 1", corrects="d")
    def lemma():
        """Squares
        are positive."""
        return forall(x, then=x**2 > 0)

    assert isinstance(lemma, Claim)
    assert (lemma.id, lemma.title, lemma.expect, lemma.uses) == ("a.b", "Squares are positive.", Outcome.REFUTED, ("c",))
    assert (lemma.source, lemma.corrects) == ("Theorem 1", "d")
    assert str(lemma) == "a.b: Squares are positive.\n  for all x: x^2 > 0"


# --- statements in words ---------------------------------------------------------------------------------------------

WORDS = [
    (forall(x, then=x**2 >= 0), "for all x: x^2 >= 0"),
    (forall(then=eq(1, 1)), "1 = 1"),
    (forall(delta, x, given=[x > 0], then=["x < 1", "delta < 1"]), "for all delta in (0, 1/2], x: x > 0  =>  x < 1 and delta < 1"),
    (forall(x, then=(x < 1) | (x >= 1)), "for all x: x < 1 or x >= 1"),
    (forall(integer("n", 1, 9), then="n >= 1"), "for all n in 1..9: n >= 1"),
    (unique_zero(unit, of=unit - "1/2", then=[unit < 1]), "exactly one x in [0, 1] with x - 1/2 = 0, and there x < 1"),
    (
        family("L", range(2, 9), lambda L: forall(unit, then=unit**L <= 1)),
        "for L = 2, 3, ..., 8; e.g. L = 2: for all x in [0, 1]: x^2 <= 1",
    ),
    (every(forall(x, then=x > 0), forall(y, then=y > 0)), "(for all x: x > 0) AND (for all y: y > 0)"),
    (
        orbit({x: x - delta * x}, start=[x > 0], params=[delta], then=[converges(0), diverges()]),
        "for all delta in (0, 1/2]: under x <- x - delta*x from x > 0: converges to 0 or diverges",
    ),
    (orbit({x: x / 2}, start=[], then=[at_rate("1/2", 0)]), "under x <- x/2 from any start: |x_k - p| <= (1/2)^k |x_0 - p| with p = 0"),
    (orbit({x: x / 2}, start=[], then=[stays(x < 1)]), "under x <- x/2 from any start: stays in x < 1"),
    (orbit({x: x / 2}, start=[], then=[ends_in(x < 1)]), "under x <- x/2 from any start: ends in x < 1"),
    (orbit({x: x / 2}, start=[], then=[linear(0)]), "under x <- x/2 from any start: converges linearly to 0"),
    (orbit({x: x / 2}, start=[], then=[sublinear(0)]), "under x <- x/2 from any start: converges sublinearly to 0"),
    (orbit({x: x / 2}, start=[], then=[reaches(0)]), "under x <- x/2 from any start: reaches 0"),
    (
        preimages({x: x / 2}, domain=[x >= 0], of=0, first=0, following=2 * x, above=0),
        "under x <- x/2 on x >= 0, exactly 0, a, h(a), h(h(a)), ... reach 0, where a = 0 and h(x) = 2*x",
    ),
]


@pytest.mark.parametrize(("statement", "words"), WORDS, ids=[words for _, words in WORDS])
def test_statements_in_words(statement, words):
    assert str(statement) == words


def test_the_digest_depends_on_the_statement_alone():
    same = [forall(x, then=x**2 >= 0), forall(real("x"), then="x**2 >= 0")]
    assert len({s.digest for s in same}) == 1
    others = [
        forall(x, then=x**2 > 0),
        forall(x, then=x**3 >= 0),
        forall(real("x", "[0, 1]"), then=x**2 >= 0),
        forall(x, given=[x > 0], then=x**2 >= 0),
    ]
    assert len({s.digest for s in [*same, *others]}) == 1 + len(others)


# --- small lemmas, as a user would write them ------------------------------------------------------------------------

LEMMAS = [
    ("a square is not negative", "proved", forall(x, then=x**2 >= 0)),
    ("a square is positive", "refuted", forall(x, then=x**2 > 0)),
    ("x (1 - x) is at most 1/4, and touches it", "proved", forall(x, then="x*(1 - x) <= 1/4")),
    ("x (1 - x) is below 1/4", "refuted", forall(x, then="x*(1 - x) < 1/4")),
    ("x <= sqrt(x) on [0, 1]", "proved", forall(unit, then="x <= sqrt(x)")),
    ("a cubic that is negative far away", "refuted", forall(x, then="x^3 - x + 10 > 0")),
    ("squares preserve order where it holds", "proved", forall(x, y, given=[x >= y, y >= 0], then=x**2 >= y**2)),
    ("squares preserve order, hypothesis dropped", "refuted", forall(x, y, given=[x >= y], then=x**2 >= y**2)),
    ("one of two", "proved", forall(x, then=(x < 0) | (x >= 0))),
    ("one of two, a point missed", "refuted", forall(x, then=(x < 0) | (x > 0))),
    ("a false hypothesis", "proved", forall(x, given=[x**2 < 0], then=eq(x, 1))),
    ("the derivative of x^3", "proved", forall(x, then=eq(diff(x**3, x), 3 * x**2))),
    ("the derivative of x^3, wrong", "refuted", forall(x, then=eq(diff(x**3, x), 2 * x**2))),
    ("an inequality for integers", "proved", forall(integer("n", 1, 30), then="2*n <= n^2 + 1")),
    ("an inequality for integers, one exception", "refuted", forall(integer("n", 1, 30), then="2*n < n^2 + 1")),
    ("the exact threshold 1/2 of f'' = 4", "proved", forall(delta, then=abs(1 - 4 * delta) <= 1)),
    ("beyond the threshold", "refuted", forall(real("delta", "(0, 51/100]"), then=abs(1 - 4 * real("delta")) <= 1)),
    ("powers fall on [0, 1]", "proved", family("L", range(2, 7), lambda L: forall(unit, then=unit ** (L + 1) <= unit**L))),
    ("powers fall, one exception", "refuted", family("L", range(0, 4), lambda L: forall(unit, then=unit**L <= unit))),
    ("two statements", "proved", every(forall(x, then=x**2 >= 0), forall(x, then=ne(x**2 + 1, 0)))),
    ("two statements, the second false", "refuted", every(forall(x, then=x**2 >= 0), forall(x, then=x >= 0))),
    ("sqrt(2) is the one zero of x^2 - 2 in [0, 2]", "proved", unique_zero(real("x", "[0, 2]"), of=x**2 - 2, then=["x > 7/5", "x < 3/2"])),
    ("gradient descent on x^2/2 converges", "proved", orbit({x: x - x / 2}, start=[], then=[converges(0)])),
    ("... at its rate", "proved", orbit({x: x - x / 2}, start=[], then=[at_rate("1/2", 0)])),
    ("an interval that is kept", "proved", orbit({x: x * (1 - x)}, start=["x >= 0", "x <= 1"], then=[stays("x >= 0", "x <= 1")])),
]


@pytest.mark.parametrize(("expected", "statement"), [(e, s) for _, e, s in LEMMAS], ids=[name for name, _, _ in LEMMAS])
def test_small_lemmas_get_their_verdict_from_the_kernel(expected, statement):
    verdict = certify(statement, Search(seconds=30))
    assert verdict.outcome is Outcome(expected), verdict
    assert verdict.trust is Trust.KERNEL
    assert verdict.certificate["claim"] == statement.digest
    assert bool(verdict.witness) == (expected == "refuted")


def test_what_is_not_settled_stays_open_with_a_reason():
    motzkin = forall(x, y, then=x**4 * y**2 + x**2 * y**4 + 1 - 3 * x**2 * y**2 >= 0)  # true, but no sum of squares, and it has zeros
    verdict = certify(motzkin, Search(seconds=1, leaves=200))
    assert verdict.outcome is Outcome.OPEN
    assert verdict.reason
    assert verdict.certificate is None


def test_a_bare_statement_and_its_claim_get_the_same_verdict():
    statement = forall(x, then=x**2 >= 0)
    assert certify(statement) == certify(Claim("a", "Squares.", statement))
    assert isinstance(statement, Statement)
