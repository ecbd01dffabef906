"""Proofs that are written by hand: facts in order, lemmas at terms, and what needs no proof; each beside a neighbour that is false."""

import pytest

from symgd import Outcome, Trust, claim, forall, ne, real
from symgd.certify import Apply, Have, Known, Orthant, certify, with_facts

x, y, p = real("x", "[0, 1]"), real("y", "[0, oo)"), real("p", "(0, oo)")
lemma = forall(y, given=[y <= 1], then=y**2 <= y)
proof = Orthant([(y, 0, 1)])


def decide(statement, by):
    @claim("hand", by=by)
    def stated():
        """By hand."""
        return statement

    verdict = certify(stated)
    assert verdict.outcome is Outcome.OPEN or verdict.trust is Trust.KERNEL
    return verdict.outcome is Outcome.PROVED


def test_facts_are_hypotheses_of_what_follows_in_their_order():
    facts = [(x**2 <= x, Orthant([(x, 0, 1)])), (x**3 <= x**2, Orthant([(x, 0, 1)]))]
    assert decide(forall(x, then=x**3 <= x), with_facts(*facts, then=Orthant(use=[[(0, 1), (1, 1)]])))
    assert not decide(forall(x, then=x**3 <= x - 1), with_facts(*facts, then=Orthant(use=[[(0, 1), (1, 1)]])))
    assert not decide(forall(x, then=x**3 <= x), with_facts((x**2 >= x, Orthant([(x, 0, 1)])), then=Known()))


@pytest.mark.parametrize(("then", "holds"), [(x**2 <= x, True), (x**2 * 2 <= 2 * x, False), (x <= 1, True), (x < 1, False)])
def test_known_is_a_hypothesis_or_a_bound_by_the_ranges(then, holds):
    by = Have(x**2 <= x, Orthant([(x, 0, 1)]), Known())
    assert decide(forall(x, then=then), by) == holds


def test_a_lemma_at_a_term_needs_no_more_than_its_hypotheses_word_for_word():
    square = forall(x, p, given=[x**2 * p <= 1, x**2 * p >= 0], then=(x**2 * p) ** 2 <= x**2 * p)
    assert decide(square, Apply(lemma, {"y": x**2 * p}, proof))
    too_weak = forall(x, p, given=[x**2 * p <= 2, x**2 * p >= 0], then=(x**2 * p) ** 2 <= x**2 * p)
    assert not decide(too_weak, Apply(lemma, {"y": x**2 * p}, proof))
    assert not decide(square, Apply(forall(y, then=y**2 <= y), {"y": x**2 * p}, proof))  # a lemma that is false


def test_an_inequality_may_be_shown_by_the_order_of_its_sides():
    above = [(p**2 > p, Orthant([(p, 1, None)]))]
    q = real("p", "(1, oo)")
    assert decide(forall(q, then=ne(p**2, p)), with_facts(*above, then=Orthant(use=[[(0, 1)]], flip=(0,))))
    assert not decide(forall(q, then=ne(p**2, p)), with_facts(*above, then=Orthant(use=[[(0, 1)]])))
