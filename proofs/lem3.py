"""Lemma 3: the scalar deep linear network from identity initialisation converges to the root of a positive target.

With t = lambda^(1/L) > 0 (each lambda > 0 is t^L for exactly one t) everything is polynomial. Only the power sum 1 + t + ... + t^(L-1) has
many terms, and all that the proofs ask of it is (t - 1) P = t^L - 1, and P = L for t = 1. So they are lemmas on a number P, which have few
terms for every L. The bounds are attained (f(w) = t at w = t; beta = 0 at t = 1, delta = delta_c), so no subdivision can prove them; the
lemmas compare powers of w with their tangents, and differences of these have coefficients of one sign between 1 and t.
"""

from chain import power_sum, step

from symgd import at_rate, claim, eq, family, forall, ne, orbit, real
from symgd.certify import Apply, Cases, Contract, Known, Orbit, Orthant, with_facts

PAPER = "Step Size Matters in Deep Learning, Lemma 3"
ALL = range(1, 65)

w, delta = real("w"), real("delta", "(0, oo)")
large, small = real("t", "[1, oo)"), real("t", "(0, 1]")


def beta_above(powers):
    """beta for lambda >= 1: 1 - delta (lambda - 1)/(t - 1), where the quotient is the power sum."""
    return 1 - delta * powers


def beta_below(L, t):
    """beta for lambda <= 1: 1 - delta L lambda^(2(L-1)/L)."""
    return 1 - delta * (L * t ** (2 * L - 2))


def admissible_above(L, t):
    return delta * (L * t ** (2 * L - 2)) <= 1


def admissible_below(powers):
    return delta * powers <= 1


# --- lemmas on a number P in place of the power sum ---------------------------------------------------------------------

P, d, x, p, b = real("P"), real("delta", "[0, oo)"), real("x"), real("p"), real("b", "[0, oo)")
larger, smaller = real("t", "(1, oo)"), real("t", "[0, 1)")


def contraction(L, t, low, high, condition, beta):
    """For t != 1: f maps the region low <= w <= high into itself, and the distance to t shrinks by beta."""
    f = step(w, t, delta, L)
    given = [condition, w >= low, w <= high, eq((t - 1) * P, t**L - 1)]
    return forall(w, t, d, P, given=given, then=[f >= low, f <= high, beta >= 0, (f - t) ** 2 <= beta**2 * (w - t) ** 2])


def beside(L, t, then):
    """t != 1, where the power sum is a quotient."""
    return with_facts(
        (t > 1, Orthant([(t, 1, None)])) if t is large else (t < 1, Orthant([(t, 0, 1)])),
        (eq((t - 1) * power_sum(t, 1, L), t**L - 1), Orthant()),
        then=then,
    )


def for_power_sum(L, t, lemma, proof):
    return beside(L, t, Apply(lemma, {"w": w, "t": t, "delta": delta, "P": power_sum(t, 1, L)}, proof))


def above(L):
    t, f, beta = larger, step(w, larger, delta, L), beta_above(P)
    inside = [(w, 0, None), (t, w, None), (d, 0, None)]
    near, far = p - x, p - w
    squares = Apply(
        forall(w, p, x, b, given=[x <= p, w <= p, near <= b * far], then=(x - p) ** 2 <= b**2 * (w - p) ** 2),
        {"w": w, "p": t, "x": f, "b": beta},
        Orthant([(x, None, p), (w, None, p), (b, 0, None)], use=[[(2, near + b * far)]]),
    )
    proof = with_facts(  # hypotheses by number: 0 the condition, 1 1 <= w, 2 w <= t, 3 the quotient, then the facts
        (w ** (L - 1) >= 1, Orthant([(w, 1, None)])),
        (w**L + L * w ** (L - 1) * (t - w) <= t**L, Orthant(inside)),
        (w**L + L * w ** (L - 1) * (1 - w) <= 1, Orthant([(w, 1, None)])),
        (
            (t - w) * P <= t**L - w**L,
            Orthant([(t, 1, None), (w, 1, t)], use=[[(3, (t - w) / (t - 1)), (5, (w - 1) / (t - 1)), (6, (t - w) / (t - 1))]]),
        ),
        (f >= 1, Orthant(inside, use=[[(1, 1)]])),
        (f <= t, Orthant(inside, use=[[(0, t - w)]])),
        (beta >= 0, Orthant([(d, 0, None), (t, 1, None)], use=[[(0, 1), (3, d / (t - 1))]])),
        (t - f <= beta * (t - w), Orthant(inside, use=[[(7, d), (4, d * (t**L - w**L))]])),
        then=squares,
    )
    lemma = contraction(L, t, 1, t, admissible_above(L, t), beta)
    at_one = with_facts(
        (w <= 1, Orthant(use=[[(2, 1)]])),
        (beta_above(power_sum(t, 1, L)) >= 0, Orthant([(delta, 0, None)], use=[[(0, 1)]])),
        then=Known(),
    )
    return Orbit([Contract([w >= 1, w <= large], by=Cases(t, (1,), [Known(), at_one, for_power_sum(L, large, lemma, proof)]))])


def below(L):
    t, f, beta = smaller, step(w, smaller, delta, L), beta_below(L, smaller)
    inside = [(t, 0, None), (w, t, None), (d, 0, None)]
    near, far = x - p, w - p
    squares = Apply(
        forall(w, p, x, b, given=[x >= p, w >= p, near <= b * far], then=(x - p) ** 2 <= b**2 * (w - p) ** 2),
        {"w": w, "p": t, "x": f, "b": beta},
        Orthant([(x, p, None), (w, p, None), (b, 0, None)], use=[[(2, near + b * far)]]),
    )
    proof = with_facts(  # hypotheses by number: 0 the condition, 1 t <= w, 2 w <= 1, 3 the quotient, then the facts
        (w >= 0, Orthant(inside)),
        (w ** (L - 1) <= 1, Orthant([(w, 0, 1)])),
        (w**L + L * w ** (L - 1) * (t - w) <= t**L, Orthant(inside)),
        (w**L + L * w ** (L - 1) * (1 - w) <= 1, Orthant([(w, 0, 1)])),
        (
            w**L - t**L <= (w - t) * P,
            Orthant([(t, 0, 1), (w, t, 1)], use=[[(3, (w - t) / (1 - t)), (6, (1 - w) / (1 - t)), (7, (w - t) / (1 - t))]]),
        ),
        (f >= t, Orthant(inside, use=[[(5, d * (w**L - t**L)), (8, d), (0, w - t)]])),
        (f <= 1, Orthant(inside, use=[[(2, 1)]])),
        (beta >= 0, Orthant([(d, 0, None), (t, 0, 1)], use=[[(0, 1), (3, d / (1 - t))]])),
        (f - t <= beta * (w - t), Orthant(inside)),
        then=squares,
    )
    lemma = contraction(L, t, t, 1, admissible_below(P), beta)
    at_one = with_facts(
        (w >= 1, Orthant(use=[[(1, 1)]])),
        (beta >= 0, Orthant([(delta, 0, None)], use=[[(0, 1)]])),
        then=Known(),
    )
    return Orbit([Contract([w >= small, w <= 1], by=Cases(t, (1,), [for_power_sum(L, small, lemma, proof), at_one, Known()]))])


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
            then=[at_rate(beta_above(power_sum(large, 1, L)), large)],
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
            given=[admissible_below(power_sum(small, 1, L))],
            start=[eq(w, 1)],
            then=[at_rate(beta_below(L, small), small)],
        ),
    )


@claim("lem3.forms", source=PAPER)
def forms():
    """The geometric sum in delta_c and beta is the quotient of the paper: t^(L-1) + ... + t + 1 = (lambda - 1)/(t - 1) for t != 1."""
    t = real("t")
    return family("L", ALL, lambda L: forall(t, given=[ne(t, 1)], then=eq((t - 1) * power_sum(t, 1, L), t**L - 1)))


signs = [(delta, 0, None), (large, 0, None)]  # that beta < 1 needs no more


def rate_above(L):
    return Orthant(orders=[[(delta, 0, None), (large, 1, None)], signs], use=[[(0, 1)]])


def rate_below(L):
    by_quotient = Orthant(orders=[[(delta, 0, None), (small, 0, 1)], signs], use=[[(0, 1), (2, delta / (1 - small))]])
    return Cases(small, (1,), [beside(L, small, by_quotient), Orthant([(delta, 0, None)], use=[[(0, 1)]]), Known()])


@claim("lem3.rate", source=PAPER, uses=["lem3.above", "lem3.below"], by=rate_above)
def contraction_factor():
    """0 <= beta < 1 at every admissible step size, so that the bound beta^k is a linear rate."""

    def member(L):
        beta = beta_above(power_sum(large, 1, L))
        return forall(large, delta, given=[admissible_above(L, large)], then=[beta >= 0, beta < 1])

    return family("L", ALL, member)


@claim("lem3.rate.below", source=PAPER, uses=["lem3.below"], by=rate_below)
def contraction_factor_below():
    """The same for lambda <= 1: 0 <= beta < 1 at every admissible step size."""

    def member(L):
        beta = beta_below(L, small)
        return forall(small, delta, given=[admissible_below(power_sum(small, 1, L))], then=[beta >= 0, beta < 1])

    return family("L", ALL, member)
