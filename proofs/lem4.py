"""Lemma 4: identity initialisation and a negative target lambda = -m. The weights converge to 0, but not for L = 1, and for L >= 3
not at a linear rate."""

from chain import falls_to_zero

from symgd import at, at_rate, claim, converges, diverges, eq, expr, family, forall, linear, orbit, real, sublinear
from symgd.certify import Approach, Auto, Contract, Escape, Instead, Orbit, Step

PAPER = "Step Size Matters in Deep Learning, Lemma 4"

w, v, q = real("w"), real("v"), real("q")
m, r, delta = real("m", "(0, oo)"), real("r", "(0, oo)"), real("delta", "(0, oo)")


def step(L, size=delta):
    """Gradient descent from equal weights with target -m: w <- w - delta w^(L-1) (w^L + m)."""
    return w - size * w ** (L - 1) * (w**L + m)


def from_one(L, condition, *outcomes):
    return orbit({w: step(L)}, params=[m, delta], given=[condition], start=[eq(w, 1)], then=list(outcomes))


unit, signs = [w >= 0, w <= 1], [(m, 0, None), (delta, 0, None)]
admissible = delta * (1 + m) <= 1  # delta <= 1/(1 - lambda)
at_one = {"m": 1, "delta": "1/2"}


@claim(
    "lem4",
    expect="refuted",
    source=PAPER,
    uses=["chain.equal"],
    by=lambda L: Instead({"w": 1}, converges(-1), [Contract([w >= -1, w <= 1], factor="1/2", ratio=expr("1/2"))], at=at_one),
)
def as_printed():
    """As printed, for every L >= 1: if delta <= 1/(1 - lambda) then every w_i converges to 0."""
    return family("L", range(1, 65), lambda L: from_one(L, admissible, converges(0)))


@claim("lem4.corrected", source=PAPER, uses=["chain.equal"], corrects="lem4", by=lambda L: falls_to_zero(w, step(L), w, signs))
def corrected():
    """For every L >= 2, every lambda < 0 and every step size delta <= 1/(1 - lambda), every w_i converges to 0."""
    return family("L", range(2, 65), lambda L: from_one(L, admissible, converges(0)))


@claim("lem4.one_layer", source=PAPER, corrects="lem4", by=Orbit([Contract([], ratio=1 - delta)]))
def one_layer():
    """For L = 1 the weight converges to lambda instead, at the rate 1 - delta, for every step size delta <= 1/(1 - lambda)."""
    return orbit({w: step(1)}, params=[m, delta], given=[admissible], start=[eq(w, 1)], then=[at_rate(1 - delta, -m)])


@claim("lem4.two_layers", source=PAPER, by=Orbit([Contract(unit, ratio=1 - delta * (w**2 + m))]))
def two_layers():
    """For L = 2 convergence to 0 is linear, at the rate 1 - delta m."""
    return from_one(2, admissible, at_rate(1 - delta * m, 0))


@claim(
    "lem4.linear",
    expect="refuted",
    source=PAPER,
    by=lambda L: Instead({"w": 1}, sublinear(0), [Approach(unit)], at={"m": 1, "delta": "1/4"}),
)
def linear_rate():
    """For every L >= 3 and delta < 1/(1 - lambda), convergence to 0 is at a linear rate."""
    return family("L", range(3, 65), lambda L: from_one(L, delta * (1 + m) < 1, linear(0)))


@claim("lem4.sublinear", source=PAPER, corrects="lem4.linear", by=lambda L: falls_to_zero(w, step(L), w, signs, sublinear=True))
def no_linear_rate():
    """For every L >= 3 and delta < 1/(1 - lambda), convergence to 0 is slower than every linear rate: w_(k+1)/w_k tends to 1."""
    return family("L", range(3, 65), lambda L: from_one(L, delta * (1 + m) < 1, sublinear(0)))


@claim("lem4.even", source=PAPER, uses=["chain.equal"], by=lambda L: Orbit([Approach([w >= -1, w <= 1])]))
def even_depth():
    """For even L twice the step is admissible: for every delta < 2/(1 - lambda), every w_i converges to 0."""
    return family("L", range(2, 41, 2), lambda L: from_one(L, delta * (1 + m) < 2, converges(0)))


@claim("lem4.even.sharp", source=PAPER, by=lambda L: Orbit([Escape([abs(w) >= 1], measure=abs(w))]))
def even_depth_diverges():
    """And no more: for even L and delta > 2/(1 - lambda), the weights diverge."""
    return family("L", range(2, 41, 2), lambda L: from_one(L, delta * (1 + m) > 2, diverges()))


@claim("lem4.even.orbit", source=PAPER)
def even_depth_orbit():
    """At delta = 2/(1 - lambda), L even, the weights alternate between 1 and -1."""
    size = 2 / (1 + m)
    return family("L", range(2, 41, 2), lambda L: forall(m, then=[eq(at(step(L, size), w, 1), -1), eq(at(step(L, size), w, -1), 1)]))


def negated(L):
    """The step for v = -w when L is odd and lambda = -r^L."""
    return v + delta * v ** (L - 1) * (r**L - v**L)


def beyond(L):
    """The paper's condition fails by little: 1 < delta (1 - lambda) <= 1 + r, and -r attracts monotonically."""
    return [delta * (1 + r**L) > 1, delta * (1 + r**L) <= 1 + r, delta * (L * r ** (2 * L - 2)) <= 1]


def relative(L):
    """The same step for q = v/r."""
    return q + delta * r ** (2 * L - 2) * q ** (L - 1) * (1 - q**L)


@claim("lem4.odd", source=PAPER, uses=["chain.equal"], by=lambda L: Orbit([Approach([q > 0, q <= 1])], factor=(q, relative(L), Auto())))
def odd_depth():
    """For odd L >= 3 the condition is sharp: with lambda = -r^L, for 1 < delta (1 - lambda) <= 1 + r and delta L r^(2L-2) <= 1 the
    first step from w = 1 leads to w = -v with v = delta (1 - lambda) - 1 > 0, and from there w converges to -r, not to 0."""
    return family(
        "L",
        range(3, 32, 2),
        lambda L: orbit(
            {v: negated(L)}, params=[r, delta], given=beyond(L), start=[eq(v, delta * (1 + r**L) - 1)], observe=v / r, then=[converges(1)]
        ),
    )


@claim(
    "lem4.odd.only",
    expect="refuted",
    source=PAPER,
    by=Instead(
        {"w": 1},
        converges(0),
        [Step([eq(w, 1)], to=[1]), Step([eq(w, "-121/100")], to=[2]), Approach([w >= 0, w <= "1/25"])],
        at={"delta": "221/200"},
    ),
)
def odd_depth_only():
    """For L = 3, lambda = -1 the condition delta <= 1/2 is necessary too: for every delta in (1/2, 2) the weight converges to -1."""
    d = real("delta", "(1/2, 2)")
    return orbit({w: w - d * w**2 * (w**3 + 1)}, params=[d], start=[eq(w, 1)], then=[converges(-1)])
