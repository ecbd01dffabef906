"""Claims about sets of preimages: true ones are proved, false ones refuted by a point that the kernel confirms."""

import pytest

from symgd import Outcome, Trust, preimages, real, sqrt
from symgd.certify import Search, certify
from symgd.search import search

r, x, delta = real("r"), real("x"), real("delta", "(0, oo)")
RISE = ((1 + sqrt(1 + 4 * r)) / 2) ** 2  # inverse of r - sqrt r


def folded(**change):
    """The points that r <- |r - sqrt r| sends to 0, with parts replaced."""
    parts = {"domain": [r >= 0], "of": 0, "first": 1, "following": RISE, "above": 1}
    return preimages({r: change.pop("map", abs(r - sqrt(r)))}, **{**parts, **change})


def shifted(**change):
    """The points that x <- x - delta sends to 0."""
    parts = {"domain": [], "of": 0, "first": delta, "following": x + delta, "above": delta, "params": [delta]}
    return preimages({x: change.pop("map", x - delta)}, **{**parts, **change})


def test_true_ones_are_proved():
    for statement in (folded(), preimages({x: x - 1}, domain=[], of=0, first=1, following=x + 1, above=1)):
        verdict = certify(statement, Search(seconds=30))
        assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.KERNEL), str(verdict)


FALSE = {
    "first": (folded(first=2), "r = 1 reaches 0 in 1 step and is not in the list"),
    "second as first": (folded(first=(3 + sqrt(5)) / 2, above="5/2"), "r = 1 reaches 0 in 1 step"),
    "before the first": (folded(first="1/4"), "r = 1 reaches 0 in 1 step"),
    "next": (folded(following=RISE + 1), "h(1) with h(r) = ((1 + sqrt(1 + 4*r))/2)^2 + 1 never reaches 0"),
    "domain": (folded(domain=[r >= 0, r <= 2]), "h(1) with h(r) = ((1 + sqrt(1 + 4*r))/2)^2 is not in the domain"),
    "target outside": (folded(domain=[r > 0]), "0 is not in the domain"),
    "map": (folded(map=abs(r - 2 * sqrt(r))), "r = 4 reaches 0 in 1 step"),
    "step size": (shifted(first=2 * delta), "x = 1 reaches 0 in 1 step"),
    "step size of the next": (shifted(following=x + delta / 2), "never reaches 0"),
    "only from delta on": (shifted(domain=[x >= delta]), "0 is not in the domain"),
}


@pytest.mark.parametrize("name", FALSE)
def test_false_ones_are_refuted(name):
    statement, witness = FALSE[name]
    verdict = certify(statement, Search(seconds=30))
    assert (verdict.outcome, verdict.trust) == (Outcome.REFUTED, Trust.KERNEL), str(verdict)
    assert witness in str(verdict)


def test_the_search_says_it_in_latex():
    result = search(folded(first=2), budget=20)
    assert result.verdict.outcome is Outcome.REFUTED
    assert "sends $r = 1$ to $0$, and it is none of $0$, $a = 2$" in result.latex
