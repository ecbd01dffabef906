"""Example 1: f(x) = (2/3)|x|^(3/2). Gradient descent almost never reaches the minimum, and ends on the orbit +-delta^2/4.

In the units y = x/delta^2 the step size disappears: y <- y - sign(y) sqrt|y|, and r = |y| moves by r <- |r - sqrt r|.
Every claim below holds for every step size delta > 0.
"""

from symgd import (
    at,
    claim,
    converges,
    diff,
    eq,
    every,
    family,
    forall,
    ne,
    orbit,
    parse,
    preimages,
    reaches,
    real,
    sign,
    sqrt,
    total,
    unique_zero,
)
from symgd.certify import Approach, Auto, Cases, Change, Descend, Orbit, Orthant, Preimages, Reach, Step

PAPER = "Step Size Matters in Deep Learning, Example 1"

x, y, r = real("x"), real("y"), real("r")
delta = real("delta", "(0, oo)")
f = parse("(2/3)*abs(x)**(3/2)")
descent = x - delta * sign(x) * sqrt(abs(x))
folded = abs(r - sqrt(r))  # how r = |x|/delta^2 moves


@claim("ex1.gradient", source=PAPER)
def gradient():
    """The map is the gradient step: away from 0, f'(x) = sign(x) sqrt|x|; and f' tends to 0 at 0, |f'(x)| <= sqrt|x|."""
    return forall(x, given=[ne(x, 0)], then=[eq(diff(f, x), sign(x) * sqrt(abs(x)))])


@claim("ex1.equilibrium", source=PAPER, uses=["ex1.gradient"])
def equilibrium():
    """0 is the only equilibrium of gradient descent."""
    return forall(x, delta, then=[ne(descent, x) | eq(x, 0), eq(at(descent, x, 0), 0)])


@claim("ex1.convex", source=PAPER)
def convex():
    """f has its one minimum at 0: f(x) > f(0) = 0 for every other x, and f' increases, since f'' > 0 away from 0."""
    return forall(x, given=[ne(x, 0)], then=[f > 0, diff(f, x, x) > 0])


@claim("ex1.scaling", source=PAPER)
def scaling():
    """The substitution x = delta^2 y removes the step size: the step from delta^2 y is delta^2 (y - sign(y) sqrt|y|)."""
    return forall(y, delta, then=eq(at(descent, x, delta**2 * y), delta**2 * (y - sign(y) * sqrt(abs(y)))))


@claim("ex1.orbit", source=PAPER)
def period_two():
    """+-delta^2/4 is an orbit of period 2, for every step size."""
    quarter = delta**2 / 4
    return forall(delta, then=[eq(at(descent, x, quarter), -quarter), eq(at(descent, x, -quarter), quarter), ne(quarter, -quarter)])


@claim("ex1.superstable", source=PAPER, uses=["ex1.orbit"])
def superstable():
    """The orbit +-delta^2/4 is superstable: its multiplier, the product of the slopes at the two points, is 0."""
    slope = diff(descent, x)
    return forall(delta, then=[eq(at(slope, x, delta**2 / 4), 0), eq(at(slope, x, -(delta**2) / 4), 0)])


@claim("ex1.quadratic", source=PAPER, uses=["ex1.superstable"])
def quadratic():
    """Convergence to the orbit is quadratic: | |g(y)| - 1/4 | <= 4 (|y| - 1/4)^2 for all |y| <= 1."""
    s = real("r", "[0, 1]")
    return forall(s, then=abs(folded - "1/4") <= 4 * (s - "1/4") ** 2)


@claim("ex1.preimages", source=PAPER)
def complete_set():
    """Exactly the starts with |x|/delta^2 in {0, s_1, s_2, ...} reach 0, where s_1 = 1 and s_(n+1) = ((1 + sqrt(1 + 4 s_n))/2)^2."""
    return preimages({r: folded}, domain=[r >= 0], of=0, first=1, following=((1 + sqrt(1 + 4 * r)) / 2) ** 2, above=1)


@claim("ex1.observed", source=PAPER, uses=["ex1.scaling"])
def observed():
    """|x|/delta^2 moves by r <- |r - sqrt r|, and below delta^2 the sign of x flips at each step."""
    return every(
        forall(x, delta, then=eq(abs(descent) / delta**2, at(folded, r, abs(x) / delta**2))),
        forall(y, given=[y > 0, y < 1], then=[y - sqrt(y) < 0]),
        forall(y, given=[y < 0, y > -1], then=[y + sqrt(-y) > 0]))


z = parse("z")
to_orbit = Orbit(
    factor=(r, folded, Auto()),
    start=Cases(x, (0,), [Change(x, "z", -(delta**2) * z, Cases(z, ("17/8",), Auto())), Auto(), Change(x, "z", delta**2 * z, Cases(z, ("17/8",), Auto()))]),
    regions=[
        Descend([r >= 2], to=[1], measure=r, drop=1, floor=2, by=Cases(r, (4,), Auto())),
        Step([r >= 0, r <= "9/4"], to=[2]),
        Step([r >= 0, r < 1], to=[3, 4], by=Cases(r, (0,), Auto())),
        Approach([r > 0, r <= "1/4"], outcome=1),
        Reach([eq(r, 0)], outcome=0)],
)


@claim("ex1.converges", by=to_orbit, source=PAPER, uses=["ex1.observed", "ex1.preimages"])
def all_other_starts():
    """For every delta > 0 and every start, either the iterates reach 0, or |x_k| tends to delta^2/4."""
    return orbit({x: descent}, params=[delta], start=[], observe=abs(x) / delta**2, then=[reaches(0), converges("1/4")])
