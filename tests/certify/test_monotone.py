"""Textbook inequalities about exp, log and the like, where the sides touch: proved by signs of derivatives; false neighbours fall."""

import pytest

from symgd import Outcome, Trust, forall, parse_relation, real
from symgd.certify import Search, certify

LEMMAS = [  # range of x, true, false
    ("(-oo, oo)", "exp(x) >= 1 + x", "exp(x) >= 1 + 1001/1000*x"),
    ("(0, oo)", "log(x) <= x - 1", "log(x) <= x - 1001/1000"),
    ("(0, oo)", "x*log(x) >= x - 1", "x*log(x) >= x - 999/1000"),
    ("[1, oo)", "log(x) >= 1 - 1/x", "log(x) >= 1 - 999/1000/x"),
    ("(-1, oo)", "log(1 + x) <= x", "log(1 + x) <= 999/1000*x"),
    ("[0, 1]", "exp(x) <= 1 + x + x^2", "exp(x) <= 1 + x + 71/100*x^2"),
    ("(-oo, oo)", "(exp(x) + exp(-x))/2 >= 1 + x^2/2", "(exp(x) + exp(-x))/2 >= 1 + 51/100*x^2"),
    ("(-oo, oo)", "log((exp(x) + exp(-x))/2) <= x^2/2", "log((exp(x) + exp(-x))/2) <= 49/100*x^2"),
    ("(-oo, oo)", "cos(x) >= 1 - x^2/2", "cos(x) >= 1 - 49/100*x^2"),
    ("[0, oo)", "sin(x) <= x", "sin(x) <= 99/100*x"),
    ("[0, oo)", "tanh(x) <= x", "tanh(x) <= 99/100*x"),
    ("[0, oo)", "x*exp(-x) <= 368/1000", "x*exp(-x) <= 367/1000"),
    ("(0, 1)", "-x*log(x) - (1 - x)*log(1 - x) <= 7/10", "-x*log(x) - (1 - x)*log(1 - x) <= 69/100"),
    ("[1/10, 9/10]", "x*log(2*x) + (1 - x)*log(2*(1 - x)) >= 2*(x - 1/2)^2", "x*log(2*x) + (1 - x)*log(2*(1 - x)) >= 21/10*(x - 1/2)^2"),
    ("(-oo, oo)", "softplus(x) - relu(x) <= 7/10", "softplus(x) - relu(x) <= 69/100"),
]


def lemma(domain, then):
    return forall(real("x", domain), then=parse_relation(then))


@pytest.mark.parametrize(("domain", "true", "false"), LEMMAS, ids=[entry[1] for entry in LEMMAS])
def test_a_textbook_inequality_is_proved_and_its_neighbour_refuted(domain, true, false):
    verdict = certify(lemma(domain, true), Search(seconds=30))
    assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.KERNEL), str(verdict)
    verdict = certify(lemma(domain, false), Search(seconds=30))
    assert (verdict.outcome, verdict.trust) == (Outcome.REFUTED, Trust.KERNEL), str(verdict)
