"""Corollaries 1 and 2 for the scalar chain: how large a step can be at any minimum, by the inequality of the means.

At a minimum w_L ... w_1 = lambda the sharpness is the sum of the x_j = (lambda/w_j)^2 (chain.hessian), and the product of the x_j is
lambda^(2(L-1)). With lambda = t^L everything is polynomial in t. The inequality of the means is itself certified, for up to 64
numbers: one lemma in three variables for each further number, applied along the chain.
"""

from fractions import Fraction

from symgd import Trust, claim, computed, converges, eq, family, forall, orbit, parse, real, stays, total
from symgd.certify import Apply, Cases, Change, Cycle, Have, Orbit, Orthant, Stay, with_facts
from symgd.systems import step_bound

PAPER = "Step Size Matters in Deep Learning, Corollaries 1 and 2 (scalar case)"
DEPTH = 64

t, delta = real("t", "(0, oo)"), real("delta", "(0, oo)")
m, e, p = real("m", "[0, oo)"), real("e"), real("p", "[0, oo)")
n, y, z = real("n", "[0, oo)"), real("y", "[0, oo)"), parse("z")


def further(k):
    """If the product p of k numbers with mean m is at most m^k, then one more number x = m + (k+1) e >= 0, which moves the mean to
    m + e, keeps it so."""
    x = m + (k + 1) * e
    return forall(m, e, p, given=[p <= m**k, x >= 0], then=[p * x <= (m + e) ** (k + 1), m + e >= 0, p * x >= 0])


def further_proof(k, down):
    up = Orthant([(m, 0, None), (e, 0, None), (p, 0, None)], use=[[(0, m + (k + 1) * e)]])
    level = Orthant([(m, 0, None), (p, 0, None)], use=[[(0, m)]])
    return Cases(e, (0,), [down, level, up])


def by_change(k):
    """For e < 0: e = -z/(k+1), so that the new number is m - z. This proof can be exported to Coq."""
    down = Orthant([(z, 0, None), (m, z, None), (p, 0, None)], use=[[(0, m - z)]])
    change = Change(e, "z", -z / (k + 1), Have(z <= m, Orthant(use=[[(1, 1)]]), down), order=[(m, 0, None)])
    return further_proof(k, change)


def by_lemma(k):
    """For e < 0: a lemma in the new mean n, the new number y and m = n + a, where no power of m - z/(k+1) is expanded."""
    x, mean = m + (k + 1) * e, m + e
    lemma = forall(n, m, y, p, given=[n <= m, p <= m**k, eq(y, (k + 1) * n - k * m)], then=[p * y <= n ** (k + 1), p * y >= 0])
    proof = Orthant([(n, 0, None), (m, n, None), (y, 0, None), (p, 0, None)], use=[[(1, y), (2, m**k)]])
    down = with_facts(
        (mean >= 0, Orthant([(m, 0, None)], use=[[(1, Fraction(1, k + 1))]])),
        (mean <= m, Orthant([(e, None, 0)])),
        (eq(x, (k + 1) * mean - k * m), Orthant()),
        then=Apply(lemma, {"n": mean, "m": m, "y": x, "p": p}, proof),
    )
    return further_proof(k, down)


@claim("cor1.means.step", source=PAPER, by=by_change)
def means_step():
    """The induction step of the inequality of the means, for k = 1, ..., 63: p <= m^k and x >= 0 give p x <= ((k m + x)/(k + 1))^(k+1)."""
    return family("k", range(1, DEPTH), further)


def named(letter, interval="(-oo, oo)"):
    return [None, *(real(f"{letter}{k}", interval) for k in range(1, DEPTH + 1))]


xs, ms, ps = named("x", "[0, oo)"), named("m"), named("p")
recursion = [eq(ms[1], xs[1]), eq(ps[1], xs[1])]
for k in range(1, DEPTH):
    recursion += [eq((k + 1) * ms[k + 1], k * ms[k] + xs[k + 1]), eq(ps[k + 1], ps[k] * xs[k + 1])]


def from_step(k):
    """Multipliers that give m_k >= 0, p_k >= 0 and p_k <= m_k^k from the facts of step k - 1 and the recursion."""
    if k == 1:
        return [(0, -1)], [(1, -1)], [(1, 1), (0, -1)]
    fact, mean, product = 2 * DEPTH + 3 * (k - 2), 2 * (k - 1), 2 * (k - 1) + 1
    return [(fact + 1, 1)], [(fact + 2, 1), (mean, ps[k - 1]), (product, -1)], [(fact, 1), (mean, -ps[k - 1]), (product, 1)]


def means_chain():
    conclusion = Orthant(use=[from_step(k)[2] for k in range(1, DEPTH + 1)])
    for k in reversed(range(1, DEPTH)):
        mean, product, bound = from_step(k)
        side = Orthant(
            orders=[[], [(xs[1], 0, None)], [(xs[1], 0, None)], [], [(xs[k + 1], 0, None)]], use=[[], mean, product, bound, [(2 * k, -1)]]
        )
        conclusion = Apply(further(k), {"m": ms[k], "e": ms[k + 1] - ms[k], "p": ps[k]}, by=by_lemma(k), side=side, then=conclusion)
    return conclusion


@claim("cor1.means", source=PAPER, uses=["cor1.means.step"], by=means_chain())
def means():
    """The inequality of the means for up to 64 numbers x_k >= 0: with running means m_k and products p_k, p_k <= m_k^k."""
    return forall(*xs[1:], *ms[1:], *ps[1:], given=recursion, then=[ps[k] <= ms[k] ** k for k in range(1, DEPTH + 1)])


def bound(L):
    """From p <= m^L with p = (t^(2(L-1)))^L to m >= t^(2(L-1)): the quotient of the differences is positive."""
    mean, level = real("m", "[0, oo)"), t ** (2 * L - 2)
    return forall(mean, t, given=[level**L <= mean**L], then=L * mean >= L * level)


def bound_proof(L):
    level = t ** (2 * L - 2)
    quotient = total(level**j * m ** (L - 1 - j) for j in range(L))
    return Orthant([(m, 0, None), (t, 0, None)], use=[[(0, L / quotient)]])


@claim("cor1.sharpness", source=PAPER, uses=["cor1.means", "chain.hessian"], by=bound_proof)
def sharpness():
    """The sharpness L m of any minimum, m the mean of the (lambda/w_j)^2, is at least L lambda^(2(L-1)/L), for L = 1, ..., 64."""
    return family("L", range(1, DEPTH + 1), bound)


@claim("cor1.balanced", source=PAPER, uses=["chain.hessian"])
def balanced():
    """Equality holds at the balanced minimum w_j = t: there the sharpness is L lambda^(2(L-1)/L)."""
    return family("L", range(1, DEPTH + 1), lambda L: forall(t, then=eq(L * (t**L / t) ** 2, L * t ** (2 * L - 2))))


h = real("h", "(0, oo)")


def level(L):
    """L lambda^(2(L-1)/L), the least sharpness."""
    return L * t ** (2 * L - 2)


@claim(
    "cor1.step_bound",
    source=PAPER,
    uses=["cor1.sharpness"],
    corrects="cor1.strict",
    by=lambda L: Orthant([(t, 0, None), (delta, 0, None)], use=[[(0, 1 / level(L)), (1, delta / level(L))]]),
)
def necessary():
    """If a minimum is linearly stable, delta sharpness <= 2, then delta <= 2/(L lambda^(2(L-1)/L)), for L = 1, ..., 64."""
    return family(
        "L", range(1, DEPTH + 1), lambda L: forall(t, delta, h, given=[delta * h <= 2, h >= level(L)], then=delta <= 2 / level(L))
    )


@claim("cor1.strict", expect="refuted", source=PAPER)
def strict_bound():
    """The bound with < instead of <=: if delta sharpness <= 2 then delta < 2/(L lambda^(2(L-1)/L))."""
    return family("L", range(2, 17), lambda L: forall(t, delta, h, given=[delta * h <= 2, h >= level(L)], then=delta < 2 / level(L)))


state, distance = real("x"), real("c", "(0, oo)")


@claim("cor1.attained", expect="refuted", source=PAPER, by=Cycle({"x": 1}, 2, at={"m": 0}))
def attained():
    """With one layer the largest step the bound admits, delta = 2, still converges to the target (here m >= 0)."""
    return orbit({state: state - 2 * (state - m)}, params=[m], start=[], then=[converges(m)])


@claim("cor1.one_layer", source=PAPER, corrects="cor1.attained", by=Orbit([Stay([eq((state - m) ** 2, distance)])]))
def one_layer():
    """With one layer and delta = 2 the distance to the target never changes: no start but the target itself converges."""
    kept = eq((state - m) ** 2, distance)
    return orbit({state: state - 2 * (state - m)}, params=[m, distance], start=[kept], then=[stays(kept)])


@computed("cor1.matrix", source=PAPER, uses=["thm1.proof"], trust=Trust.INTERVAL)
def balanced_matrices():
    """Equality for matrices: with L equal symmetric layers (2, 0; 0, 1), L = 1, ..., 8, the bound and the true threshold both enclose
    2/(L rho^(2(L-1)/L)) = 2/(L 4^(L-1)) within 1e-8."""
    for L in range(1, DEPTH // 8 + 1):
        found = step_bound([[[2, 0], [0, 1]]] * L)
        exact = Fraction(2, L * 4 ** (L - 1))
        if not all(exact in x and x.width <= exact / 10**8 for x in (found.bound, found.threshold)):
            return False
    return True


@claim(
    "cor2.lipschitz", source=PAPER, uses=["cor1.step_bound"], by=lambda L: Orthant([(t, 0, None), (delta, 0, None)], use=[[(0, level(L))]])
)
def lipschitz():
    """If a step size delta admits a linearly stable minimum of target lambda = t^L, then L delta t^(2L-2) <= 2, that is
    lambda <= (2/(L delta))^(L/(2L-2)): a large step that converged certifies a small Lipschitz constant."""
    return family("L", range(2, DEPTH + 1), lambda L: forall(t, delta, given=[delta <= 2 / level(L)], then=delta * level(L) <= 2))


c = real("c", "(0, oo)")


def root_proof(L):
    n = 2 * L - 2
    quotient = total(t**j * c ** (n - 1 - j) for j in range(n))  # (t^n - c^n)/(t - c)
    scale = 1 / (L * delta * quotient)
    return Orthant([(t, 0, None), (c, 0, None), (delta, 0, None)], use=[[(0, scale), (1, -scale)]])


@claim("cor2.root", source=PAPER, uses=["cor2.lipschitz"], by=root_proof)
def lipschitz_root():
    """With c the positive root of L delta c^(2L-2) = 2, which is the paper's bound c^L on lambda, the condition is t <= c."""
    return family(
        "L",
        range(2, 33),
        lambda L: forall(t, c, delta, given=[L * delta * t ** (2 * L - 2) <= 2, eq(L * delta * c ** (2 * L - 2), 2)], then=t <= c),
    )
