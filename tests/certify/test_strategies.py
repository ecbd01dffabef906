"""What certify decides without hints, and what it must not prove: a table of lemmas, each beside a false neighbour."""

import pytest

from symgd import Outcome, Trust, at_rate, converges, diverges, eq, forall, ne, orbit, parse, parse_relation, real, sign, sqrt, unique_zero
from symgd.certify import Search, certify

a, b, c, d = (real(n) for n in "abcd")
x, y = real("x", "[-5, 5]"), real("y", "[-5, 5]")
p, q = real("p", "(0, oo)"), real("q", "(0, oo)")
u, r = real("u", "[0, 1]"), real("r", "[0, oo)")
t = real("t", "[1, oo)")

LEMMAS = {  # name: (true statement, false neighbour)
    "square": (forall(a, b, then=4 * a * b <= (a + b) ** 2), forall(a, b, then=4 * a * b < (a + b) ** 2)),
    "means": (forall(p, q, then=p * q <= ((p + q) / 2) ** 2), forall(p, q, then=p * q <= ((p + q) / 3) ** 2)),
    "three": (
        forall(a, b, c, then=a * b + b * c + c * a <= a**2 + b**2 + c**2),
        forall(a, b, c, then=a * b + b * c + c * a <= a**2 + b**2 + c**2 / 2),
    ),
    "cauchy": (
        forall(a, b, c, d, then=(a * d + b * c) ** 2 <= (a**2 + b**2) * (c**2 + d**2)),
        forall(a, b, c, d, then=(a * d + b * c) ** 2 <= (a**2 + b**2) * c**2),
    ),
    "touching": (forall(u, then=u * (1 - u) <= "1/4"), forall(u, then=u * (1 - u) < "1/4")),
    "root": (forall(u, then=sqrt(u) >= u), forall(r, then=sqrt(r) >= r)),
    "kink": (forall(a, then=abs(a) >= a), forall(a, then=abs(a) > a)),
    "sign": (forall(a, given=[ne(a, 0)], then=eq(sign(a) * abs(a), a)), forall(a, then=eq(sign(a), 1))),
    "strict": (forall(p, q, given=[p < q], then=p**2 < q**2), forall(a, b, given=[a < b], then=a**2 < b**2)),
    "order": (forall(t, q, given=[q >= t], then=q**3 - t**3 >= 3 * t**2 * (q - t)), forall(t, q, then=q**3 - t**3 >= 3 * t * (q - t))),
    "zero": (unique_zero(real("z", "[1, 2]"), of=parse("z^3 - z - 1")), unique_zero(real("z", "[-2, 2]"), of=parse("z^2 - 1"))),
    "rate": (
        orbit({a: a / 3}, start=[a >= -1, a <= 1], then=[at_rate("1/3", 0)]),
        orbit({a: a / 3}, start=[a >= -1, a <= 1], then=[at_rate("1/4", 0)]),
    ),
    "limit": (
        orbit({a: a - a**3 / 2}, start=[a > -1, a < 1], then=[converges(0)]),
        orbit({a: a - a**3 / 2}, start=[a > -2, a < 2], then=[converges(1)]),
    ),
    "triangle": ("abs(a + b) <= abs(a) + abs(b)", "abs(a + b) <= abs(a)"),
    "reverse triangle": ("abs(abs(a) - abs(b)) <= abs(a - b)", "abs(abs(a) - abs(b)) <= a - b"),
    "logistic slope": ("exp(-a)/(1 + exp(-a)) < 1", "exp(-a)/(1 + exp(-a)) < 999/1000"),
    "sigmoid's slope": ("sigmoid(a)*(1 - sigmoid(a)) <= 1/4", "sigmoid(a)*(1 - sigmoid(a)) <= 6/25"),
    "square of a tanh": ("tanh(a)^2 <= 1", "tanh(a)^2 <= 1/2"),
    "weighted by exp": ("exp(a)*(1 + b^2) >= 2*b*exp(a)", "exp(a)*(1 + b^2) >= 3*b*exp(a)"),
    "two relus": ("relu(a) + relu(-a) = abs(a)", "relu(a) + relu(-a) = a"),
    "max and min": ("max(a, b) + min(a, b) = a + b", "max(a, b) + min(a, b) = a - b"),
    "max by abs": ("max(a, b) = (a + b + abs(a - b))/2", "max(a, b) = (a + b - abs(a - b))/2"),
    "relu is 1-Lipschitz": ("abs(relu(a) - relu(b)) <= abs(a - b)", "abs(relu(a) - relu(b)) <= abs(a - b)/2"),
    "valley": (
        forall(x, y, then=(x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2 >= 0),
        forall(x, y, then=(x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2 > "1/100"),
    ),
    "escape": (orbit({a: 3 * a}, start=[abs(a) > 1], then=[diverges()]), orbit({a: a / 2}, start=[abs(a) > 1], then=[diverges()])),
}
LEMMAS |= {
    "three means": (
        forall(*(three := [real(n, "[0, oo)") for n in "fgh"]), then=parse_relation("f^3 + g^3 + h^3 >= 3*f*g*h")),
        forall(*three, then=parse_relation("f^3 + g^3 + h^3 >= 31/10*f*g*h")),
    ),
    "three means of degree 4": (
        forall(*three, then=parse_relation("f^4 + g^4 + h^4 >= f*g*h*(f + g + h)")),
        forall(*three, then=parse_relation("f^4 + g^4 + h^4 >= 11/10*f*g*h*(f + g + h)")),
    ),
    "power means": (
        forall(*three, then=parse_relation("f^5 + g^5 >= f^3*g^2 + f^2*g^3")),
        forall(*three, then=parse_relation("f^5 + g^5 >= f^3*g^2 + f^2*g^3 + f*g/100")),
    ),
}
LEMMAS |= {k: tuple(forall(a, b, then=parse_relation(v)) for v in pair) for k, pair in LEMMAS.items() if isinstance(pair[0], str)}


@pytest.mark.parametrize("name", LEMMAS)
def test_a_lemma_is_proved_by_a_certificate(name):
    verdict = certify(LEMMAS[name][0], Search(seconds=20))
    assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.KERNEL), str(verdict)


@pytest.mark.parametrize("name", LEMMAS)
def test_its_false_neighbour_is_not(name):
    assert certify(LEMMAS[name][1], Search(seconds=4)).outcome is not Outcome.PROVED


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        (forall(real("y", "[-1, 1]"), then=(1 / real("y", "[-1, 1]")) ** 2 > 0), "1/y is undefined at y = 0"),
        (forall(a, then=sqrt(a) >= 0), "sqrt(a) is undefined at a = -"),
    ],
)
def test_an_undefined_conclusion_is_named_with_its_point(statement, part):
    assert part in certify(statement, Search(seconds=10)).reason


def test_what_stays_open_is_a_box_with_the_margin_and_the_reason():
    w = real("w", "[-1, 1]")
    verdict = certify(forall(w, then=parse_relation("sin(3*w) <= 3*sin(w) - 4*sin(w)^3")), Search(seconds=60, leaves=200))
    assert verdict.outcome is Outcome.OPEN
    assert "boxes stay undecided" in verdict.reason
    assert {end for box in verdict.left for end in box["w"]} >= {-1, 1}  # no part of it can be settled, so all of it is left
    assert sum(hi - lo for lo, hi in (box["w"] for box in verdict.left)) == 2
    assert "only known to be in [" in verdict.reason
    assert "for w in [" in verdict.reason


def test_what_is_left_is_where_the_statement_cannot_be_settled():
    """The sides touch at an irrational point inside, so boxes around it stay; without subdivision the whole domain is left."""
    x, y = real("x", "[0, 2]"), real("y", "[0, oo)")
    touching = "(exp(x) - 3)^2 + (y - x)^2 * (1 + sin(y)^2) >= 1/10000000000 * x - 1/10000000000 * log(3)"
    verdict = certify(forall(x, y, then=parse_relation(touching)), Search(seconds=6))
    assert verdict.outcome is Outcome.OPEN
    assert verdict.left
    assert any(lo <= 1.0986122886 <= hi for lo, hi in (box["x"] for box in verdict.left))
    assert certify(forall(x, then=parse_relation("x <= 2"))).left == ()
