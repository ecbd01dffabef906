"""Lemma 3: the scalar deep linear network from identity initialisation converges to the root of a positive target.

With t = lambda^(1/L) > 0 (each lambda > 0 is t^L for exactly one t) everything is polynomial: the error w - t is multiplied by
mu(w) = 1 - delta w^(L-1) (w^(L-1) + w^(L-2) t + ... + t^(L-1)) in each step, and 0 <= mu <= beta between 1 and t. Both bounds are
attained (mu = 0 at w = t, delta = delta_c), so no subdivision can prove them; nonnegative coefficients do.
"""

from chain import power_sum, step

from symgd import at_rate, claim, eq, family, forall, ne, orbit, real
from symgd.certify import Contract, Have, Orbit, Orthant

PAPER = "Step Size Matters in Deep Learning, Lemma 3"
ALL = range(1, 65)

w, delta = real("w"), real("delta", "(0, oo)")
large, small = real("t", "[1, oo)"), real("t", "(0, 1]")


def mu(L, t):
    return 1 - delta * w ** (L - 1) * power_sum(w, t, L)


def beta_above(L, t):
    """beta for lambda >= 1: 1 - delta (lambda - 1)/(t - 1)."""
    return 1 - delta * power_sum(t, 1, L)


def beta_below(L, t):
    """beta for lambda <= 1: 1 - delta L lambda^(2(L-1)/L)."""
    return 1 - delta * (L * t ** (2 * L - 2))


def admissible_above(L, t):
    return delta * (L * t ** (2 * L - 2)) <= 1


def admissible_below(L, t):
    return delta * power_sum(t, 1, L) <= 1


def contraction(L, t, beta, low, high, nonnegative, bounded):
    """The region low <= w <= high is kept and the error shrinks by beta: mu is the ratio, and a few facts on mu give the rest.

    `nonnegative`, `bounded` are the parametrisations in which mu >= 0 and mu <= beta have coefficients of one sign.
    """
    m, below = mu(L, t), high == t
    width = t - w if below else w - t
    sides = [(w, 0, None), (t, w, None)] if below else [(t, 0, None), (w, t, None)]
    # hypotheses by number: 0 admissible, 1 low <= w, 2 w <= high, 3 w >= 0, 4 the ratio, 5 mu >= 0, 6 mu <= beta, 7 mu <= 1
    to_target, past_start = [(4, 1 if below else -1), (5, width)], [(4, -1 if below else 1), (7, width), (1 if below else 2, 1)]
    kept = [past_start, to_target] if below else [to_target, past_start]
    last = Orthant(order=sides, use=[*kept, [(6, 1), (5, 1)], [(4, 1)], [(6, 1)], [(6, 1), (5, 2)]])
    facts = [
        (w >= 0, Orthant([(w, 1, None)] if below else sides)),
        (eq(step(w, t, delta, L) - t, m * (w - t)), Orthant()),
        (m >= 0, nonnegative),
        (m <= beta, bounded),
        (m <= 1, Orthant([(w, 0, None), (t, 0, None), (delta, 0, None)])),
    ]
    proof = last
    for fact, by in reversed(facts):
        proof = Have(fact, by, proof)
    return Contract([w >= low, w <= high], factor=beta, ratio=m, by=proof)


def above(L):
    t = large
    return Orbit(
        [
            contraction(
                L,
                t,
                beta_above(L, t),
                1,
                t,
                nonnegative=Orthant([(w, 0, None), (t, w, None), (delta, 0, None)], use=[[(0, 1)]]),
                bounded=Orthant([(w, 1, None), (t, 0, None), (delta, 0, None)]),
            )
        ]
    )


def below(L):
    t = small
    return Orbit(
        [
            contraction(
                L,
                t,
                beta_below(L, t),
                t,
                1,
                nonnegative=Orthant([(t, 0, None), (w, 0, 1), (delta, 0, None)], use=[[(0, 1)]]),
                bounded=Orthant([(t, 0, None), (w, t, None), (delta, 0, None)]),
            )
        ]
    )


@claim("lem3.above", source=PAPER, uses=["chain.equal"], by=above)
def lemma_above():
    """For every lambda = t^L >= 1 and every step size 0 < delta <= delta_c = 1/(L lambda^(2(L-1)/L)), from w = 1:
    |w_k - t| <= beta^k |1 - t| with beta = 1 - delta (lambda - 1)/(t - 1)."""
    return family(
        "L",
        ALL,
        lambda L: orbit(
            {w: step(w, large, delta, L)},
            params=[large, delta],
            given=[admissible_above(L, large)],
            start=[eq(w, 1)],
            then=[at_rate(beta_above(L, large), large)],
        ),
    )


@claim("lem3.below", source=PAPER, uses=["chain.equal"], by=below)
def lemma_below():
    """For every 0 < lambda = t^L <= 1 and every step size 0 < delta <= delta_c = (1 - t)/(1 - lambda), from w = 1:
    |w_k - t| <= beta^k |1 - t| with beta = 1 - delta L lambda^(2(L-1)/L)."""
    return family(
        "L",
        ALL,
        lambda L: orbit(
            {w: step(w, small, delta, L)},
            params=[small, delta],
            given=[admissible_below(L, small)],
            start=[eq(w, 1)],
            then=[at_rate(beta_below(L, small), small)],
        ),
    )


@claim("lem3.forms", source=PAPER)
def forms():
    """The geometric sum in delta_c and beta is the quotient of the paper: t^(L-1) + ... + t + 1 = (lambda - 1)/(t - 1) for t != 1."""
    t = real("t")
    return family("L", ALL, lambda L: forall(t, given=[ne(t, 1)], then=eq((t - 1) * power_sum(t, 1, L), t**L - 1)))


@claim("lem3.rate", source=PAPER, uses=["lem3.above", "lem3.below"])
def contraction_factor():
    """0 <= beta < 1 at every admissible step size, so that the bound beta^k is a linear rate."""

    def member(L):
        return forall(large, delta, given=[admissible_above(L, large)], then=[beta_above(L, large) >= 0, beta_above(L, large) < 1])

    return family("L", ALL, member)


@claim("lem3.rate.below", source=PAPER, uses=["lem3.below"])
def contraction_factor_below():
    """The same for lambda <= 1: 0 <= beta < 1 at every admissible step size."""

    def member(L):
        return forall(small, delta, given=[admissible_below(L, small)], then=[beta_below(L, small) >= 0, beta_below(L, small) < 1])

    return family("L", ALL, member)
