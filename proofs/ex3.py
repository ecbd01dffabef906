"""Example 3: f(x) = x^L with L > 2 even. A threshold on the start decides between convergence, an orbit of period 2 and divergence.

With r = (2/(L delta))^(1/(L-2)), that is delta = 2/(L r^(L-2)), the step is x <- x (1 - 2 (x/r)^(L-2)); every r > 0 occurs.
"""

from symgd import at, claim, converges, diff, diverges, eq, family, forall, orbit, real, sublinear
from symgd.certify import Approach, Auto, Cases, Escape, Orbit, Orthant

PAPER = "Step Size Matters in Deep Learning, Example 3"
EVEN = range(4, 41, 2)

x, y = real("x"), real("y")
r = real("r", "(0, oo)")
q = real("q")


def step(L):
    """One gradient step on x^L with the step size for which the threshold is r."""
    return x - 2 / (L * r ** (L - 2)) * diff(x**L, x)


def scaled(L):
    """The same step for y = x/r."""
    return q * (1 - 2 * q ** (L - 2))


def family_over_L(member):
    return family("L", EVEN, member)


def observing(L, *regions):
    """Orbits of x/r move by q <- q (1 - 2 q^(L-2))."""
    return Orbit(factor=(q, scaled(L), Auto()), regions=regions)


@claim("ex3.threshold", source=PAPER)
def threshold():
    """r is the threshold of the paper: delta L r^(L-2) = 2, and the step is x (1 - delta L x^(L-2))."""
    d = real("delta", "(0, oo)")
    return family_over_L(
        lambda L: forall(
            x,
            d,
            r,
            given=[eq(d * L * r ** (L - 2), 2)],
            then=[eq(x - d * diff(x**L, x), x * (1 - d * L * x ** (L - 2))), eq(d, 2 / (L * r ** (L - 2)))],
        )
    )


@claim("ex3.converges", source=PAPER, uses=["ex3.threshold"], by=lambda L: observing(L, Approach([q > -1, q < 1])))
def inside():
    """Every start with |x_0| < r converges to the minimum 0."""
    return family_over_L(lambda L: orbit({x: step(L)}, params=[r], start=[x > -r, x < r], observe=x / r, then=[converges(0)]))


def slowly(L):
    """0 < q (1 - 2 q^n) < q for 0 < q <= 7/10, since 2 q^n < 1; at 0 the slope is 1."""
    resting, moving = Orthant(pick=(0, 0, 1, 1, 0, 0, 0, 1, 0)), Orthant([(q, 0, "7/10")])
    return observing(L, Approach([q >= 0, q <= "7/10"], by=Cases(q, (0,), [Auto(), resting, moving])))


@claim("ex3.sublinear", source=PAPER, uses=["ex3.converges"], by=slowly)
def inside_slowly():
    """Every start with 0 <= x_0 <= 7 r/10 converges to 0 slower than every linear rate. By symmetry, so does every run that converges,
    unless it lands on 0."""
    top = 7 * r / 10
    return family_over_L(lambda L: orbit({x: step(L)}, params=[r], start=[x >= 0, x <= top], observe=x / r, then=[sublinear(0)]))


@claim("ex3.diverges", source=PAPER, uses=["ex3.threshold"], by=lambda L: observing(L, Escape([abs(q) > 1], measure=abs(q))))
def outside():
    """Every start with |x_0| > r diverges."""
    return family_over_L(lambda L: orbit({x: step(L)}, params=[r], start=[abs(x) > r], observe=x / r, then=[diverges()]))


@claim("ex3.orbit", source=PAPER, uses=["ex3.threshold"])
def boundary():
    """At |x_0| = r exactly the orbit has period 2: r goes to -r and back."""
    return family_over_L(lambda L: forall(r, then=[eq(at(step(L), x, r), -r), eq(at(step(L), x, -r), r)]))


@claim("ex3.orbit.unstable", source=PAPER, uses=["ex3.orbit"])
def boundary_unstable():
    """The orbit +-r is unstable: the slope at both points is 3 - 2 L, so its multiplier is (2 L - 3)^2 > 1."""
    return family_over_L(lambda L: forall(r, then=[eq(at(diff(step(L), x), x, r), 3 - 2 * L), eq(at(diff(step(L), x), x, -r), 3 - 2 * L)]))
