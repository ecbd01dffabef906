"""The scalar chain beyond its threshold: period doublings, and orbits of period three.

With t = lambda^(1/L), y = w/t and d = delta t^(2L-2) every target is reduced to 1: equal weights move by f(y) = y + d y^(L-1) (1 - y^L),
and the largest admissible step of Corollary 1 is d = 2/L. By Li and Yorke's theorem (1975) an orbit of period three implies
orbits of all periods.
"""

from fractions import Fraction

from chain import step

from symgd import Trust, at, claim, computed, diff, eq, every, expr, family, forall, ne, real
from symgd.certify import Auto
from symgd.certify.cover import Cover
from symgd.dynamics import DescentMap, equilibria, period_doublings

PAPER = "Step Size Matters in Deep Learning, section 3 (scalar case), beyond the threshold"

t, y, z, d, delta = real("t", "(0, oo)"), real("y"), real("z"), real("d"), real("delta", "(0, oo)")


def scaled(L, y, d):
    return y + d * y ** (L - 1) * (1 - y**L)


@claim("chain.scaling", source=PAPER, uses=["chain.equal"])
def scaling():
    """From w = t y one step with delta t^(2L-2) = d leads to t f(y), for L = 1, ..., 8: every target is reduced to 1."""
    return family(
        "L",
        range(1, 9),
        lambda L: forall(t, y, d, delta, given=[eq(delta * t ** (2 * L - 2), d)], then=eq(step(t * y, t, delta, L), t * scaled(L, y, d))),
    )


@claim("chain.doubling.first", source=PAPER, uses=["chain.scaling"])
def first_doubling():
    """The multiplier of the minimum y = 1 is 1 - L d, which is -1 at d = 2/L: the first period doubling, for L = 1, ..., 16."""
    return family("L", range(1, 17), lambda L: forall(d, then=eq(at(diff(scaled(L, y, d), y), y, 1), 1 - L * d)))


@claim("chain.doubling.second", source=PAPER, uses=["chain.doubling.first"])
def second_doubling():
    """L = 2: where d y z = 1 and d (y^2 + z^2) = d + 1 the points y, z are an orbit of period two, with the multiplier
    9 - 2 (1 + d)^2. It is 1 at d = 1, and -1 at d = sqrt(5) - 1: the second period doubling."""
    slope = diff(scaled(2, y, d), y)
    product = slope * at(slope, y, z)
    cycle = [eq(d * y * z, 1), eq(d * (y**2 + z**2), d + 1)]
    return every(
        forall(y, z, d, given=cycle, then=[eq(scaled(2, y, d), z), eq(scaled(2, z, d), y), eq(product, 9 - 2 * (1 + d) ** 2)]),
        forall(d, given=[eq((1 + d) ** 2, 5)], then=eq(9 - 2 * (1 + d) ** 2, -1)),
    )


DOUBLINGS = {2: ("1", "1.2360679775", "1.2880317545"), 3: ("0.6666666667", "0.8297382619"), 4: ("0.5", "0.6235846362")}


@computed("chain.doublings", source=PAPER, uses=["chain.scaling"], trust=Trust.INTERVAL)
def doublings():
    """The first period doublings of the minimum, to ten digits: d = 1, 1.2360679775, 1.2880317545 for L = 2, 2/3, 0.8297382619 for
    L = 3, and 1/2, 0.6235846362 for L = 4."""
    for L, expected in DOUBLINGS.items():
        f = DescentMap(f"(x^{L} - 1)^2/{2 * L}", ["x"], Fraction(1, 2))
        minimum = max(equilibria(f).minima, key=lambda e: e.point[0])
        found = period_doublings(f, minimum, len(expected))
        if [q.period for q in found] != [2**k for k in range(len(expected))]:
            return False
        if not all(max(abs(Fraction(end) - Fraction(text)) for end in (q.step.lo, q.step.hi)) < Fraction(1, 10**10)
                   for q, text in zip(found, expected, strict=True)):  # fmt: skip
            return False
    return True


PIECES = [(2, "[581/400, 2]", "41/125"), (3, "[1977/2000, 29/20]", "22/25"), (3, "[29/20, 3/2]", "429/1000")]
NEAR = expr("1/1000")


def thrice(L, c, d):
    return scaled(L, scaled(L, scaled(L, c, d), d), d)


def period_three_part(part):
    L, interval, c = part
    size = real("d", interval)
    return forall(size, then=[thrice(L, expr(c), size) < expr(c), thrice(L, NEAR, size) > NEAR])


@claim("chain.period_three", source=PAPER, uses=["chain.scaling"], by=[*(Cover() for _ in PIECES), Auto()])
def period_three():
    """For every d in [1.4525, 2] and L = 2, and every d in [0.9885, 1.5] and L = 3, f(f(f(y))) - y changes its sign in (0, 1), where
    f(y) > y: so there is an orbit of period three."""
    inside, size = real("y", "(0, 1)"), real("d", "(0, oo)")
    return every(
        *map(period_three_part, PIECES), family("L", (2, 3), lambda L: forall(inside, size, then=ne(scaled(L, inside, size), inside)))
    )


@claim("chain.tripling", source=PAPER, uses=["chain.scaling"])
def tripling():
    """L = 2, d = 2: for x = sqrt(2) y the map is x -> 3 x - x^3, and x = 2 sin a goes to 2 sin 3a: angles are multiplied by 3."""
    r, sine, cosine = (real(name) for name in "rsc")
    tripled = (2 * sine * cosine) * cosine + (1 - 2 * sine**2) * sine  # sin 2a cos a + cos 2a sin a
    return every(
        forall(y, r, given=[eq(r**2, 2)], then=eq(r * scaled(2, y, 2), 3 * (r * y) - (r * y) ** 3)),
        forall(sine, cosine, given=[eq(sine**2 + cosine**2, 1)], then=eq(3 * (2 * sine) - (2 * sine) ** 3, 2 * tripled)),
    )
