"""Theorems 2 and 3: deep linear networks from the identity with a symmetric target R.

By simultaneous diagonalisation (thm2.diagonal.proof) each eigenvalue of R moves on its own, as in Lemmas 3 and 4; the step size is
delta <= min{1/L, 1/(L rho(R)^(2(L-1)/L))}. With t^L an eigenvalue and T^L = rho(R), everything is polynomial.
"""

from fractions import Fraction

from chain import falls_to_zero, power_sum

from symgd import Trust, claim, computed, converges, eq, family, forall, linear, orbit, real, sublinear
from symgd.certify import Approach, Contract, Instead, Orbit, Orthant
from symgd.dynamics import Limit, identity_run

PAPER = "Step Size Matters in Deep Learning, Theorems 2 and 3"
DEPTHS = range(2, 33)

w, delta, m = real("w"), real("delta", "(0, oo)"), real("m", "(0, oo)")
small, large, top = real("t", "[0, 1]"), real("t", "[1, oo)"), real("T", "[1, oo)")
unit = [w >= 0, w <= 1]


@claim("thm2.step.small", source=PAPER, uses=["lem3.below"])
def small_eigenvalues():
    """delta <= 1/L is admissible in Lemma 3 for every eigenvalue t^L in [0, 1]: delta (1 + t + ... + t^(L-1)) <= 1."""
    return family("L", range(1, 33), lambda L: forall(small, delta, given=[delta * L <= 1], then=delta * power_sum(small, 1, L) <= 1))


@claim(
    "thm2.step.large",
    source=PAPER,
    uses=["lem3.above"],
    by=Orthant([(large, 0, None), (top, large, None), (delta, 0, None)], use=[[(1, 1)]]),
)
def large_eigenvalues():
    """delta <= 1/(L rho^(2(L-1)/L)) is admissible in Lemma 3 for every eigenvalue in [1, rho]."""
    return family(
        "L",
        range(1, 33),
        lambda L: forall(
            large, top, delta, given=[large <= top, delta * (L * top ** (2 * L - 2)) <= 1], then=delta * (L * large ** (2 * L - 2)) <= 1
        ),
    )


def at_zero(L, outcome):
    """The eigenvalue 0: w <- w - delta w^(2L-1) from w = 1."""
    return orbit({w: w - delta * w ** (2 * L - 1)}, params=[delta], given=[delta * L <= 1], start=[eq(w, 1)], then=[outcome])


@claim(
    "thm2.rate", expect="refuted", source=PAPER, by=lambda L: Instead({"w": 1}, sublinear(0), [Approach(unit)], at={"delta": f"1/{2 * L}"})
)
def linear_rate():
    """As printed: also for a singular positive semidefinite R the weights converge at a linear rate (the eigenvalue 0, L >= 2)."""
    return family("L", DEPTHS, lambda L: at_zero(L, linear(0)))


@claim("thm2.converges", source=PAPER, corrects="thm2.rate", by=lambda L: Orbit([Approach(unit)]))
def converges_to_zero():
    """For L >= 2 the weights of a zero eigenvalue of R do converge to 0 for every delta <= 1/L; the rate is what fails."""
    return family("L", DEPTHS, lambda L: at_zero(L, converges(0)))


def slowly(L):
    """0 < w - delta w^(2L-1) for 0 < w <= 1, since delta <= 1/L <= 1/2; at 0 the slope is 1."""
    return falls_to_zero(w, w - delta * w ** (2 * L - 1), w / 2, [(delta, 0, None)], sublinear=True)


@claim("thm2.sublinear", source=PAPER, uses=["thm2.converges"], by=slowly)
def slower_than_linear():
    """And for each of these step sizes the convergence is slower than every linear rate: w_(k+1)/w_k tends to 1."""
    return family("L", DEPTHS, lambda L: at_zero(L, sublinear(0)))


def negative_eigenvalue(L):
    step = w - delta * w ** (L - 1) * (w**L + m)
    return orbit({w: step}, params=[m, delta], given=[delta * (1 + m) <= 1, delta * L <= 1], start=[eq(w, 1)], then=[converges(0)])


@claim(
    "thm3.negative",
    expect="refuted",
    source=PAPER,
    uses=["lem4"],
    by=lambda L: Instead(
        {"w": 1}, converges(-1), [Contract([w >= -1, w <= 1], factor="1/2", ratio=1 - delta)], at={"m": 1, "delta": "1/2"}
    ),
)
def as_printed():
    """As printed, for every L >= 1: with delta <= min{1/(1 - lambda_min), 1/L, ...} the negative eigenvalues of R are replaced by 0."""
    return family("L", range(1, 33), negative_eigenvalue)


@claim("thm3.negative.corrected", source=PAPER, uses=["lem4.corrected"], corrects="thm3.negative", by=lambda L: Orbit([Approach(unit)]))
def corrected():
    """For every L >= 2: with these step sizes the weights of a negative eigenvalue of R converge to 0, its closest nonnegative value."""
    return family("L", DEPTHS, negative_eigenvalue)


# --- whole runs, for rational targets ----------------------------------------------------------------------------------

SINGULAR = [[1, 1, 0], [1, 2, 1], [0, 1, 1]]  # eigenvalues 0, 1, 3
DEFINITE = [[3, 1, 0], [1, 2, "1/2"], [0, "1/2", 1]]  # irrational ones: about 0.71, 1.65 and 3.64
INDEFINITE = [[1, 2, 0], [2, 1, 1], [0, 1, 3]]  # about -1.12, 2.36 and 3.76
STEPS = {2: "1/16", 3: "1/24", 4: "1/36"}  # admissible in Theorems 2 and 3 for all of them


def admissible(run, depth):
    """Whether the step size is at most min{1/(1 - l), 1/L, 1/(L rho^(2(L-1)/L))} for every eigenvalue l, or every negative one."""
    rho = max(abs(end) for e in run.eigen for end in e.eigenvalue)
    least = min(e.eigenvalue[0] for e in run.eigen)
    return (
        run.step * depth <= 1 and (run.step * depth) ** depth * rho ** (2 * depth - 2) <= 1 and (least >= 0 or run.step * (1 - least) <= 1)
    )


def has_rate(e, run):
    """Whether the factor at the limit is that of Lemma 3, 1 - delta L w^(2L-2), within 10^-30."""
    low, high = (1 - run.step * run.depth * end ** (2 * run.depth - 2) for end in e.limit[::-1])
    return abs(e.factor[0] - low) < Fraction(1, 10**30) and abs(e.factor[1] - high) < Fraction(1, 10**30) and 0 <= e.factor[0] < 1


@computed("thm2.run", source=PAPER, uses=["thm2.diagonal.proof"], trust=Trust.INTERVAL)
def whole_runs():
    """Whole runs for two 3 x 3 targets, L = 2, 3, 4: all layers converge, to the root of the target. The rate of each positive
    eigenvalue is linear with the factor 1 - delta L w^(2L-2), that of the eigenvalue 0 slower; with the definite target every weight is
    within 10^-6 of its limit after at most 200 steps, with the singular one within 1/10 after at most six million, the most for 0."""
    for depth, size in STEPS.items():
        definite, singular = identity_run(DEFINITE, depth, size), identity_run(SINGULAR, depth, size, accuracy="1/10")
        if not (admissible(definite, depth) and admissible(singular, depth) and definite.reaches_target and singular.reaches_target):
            return False
        zero, *positive = singular.eigen
        if zero.outcome is not Limit.SUBLINEAR or not all(e.outcome is Limit.LINEAR for e in (*positive, *definite.eigen)):
            return False
        if not all(has_rate(e, definite) for e in definite.eigen) or not definite.steps <= 200:
            return False
        if not singular.steps == zero.steps <= 6_000_000:
            return False
    return True


@computed("thm3.run", source=PAPER, uses=["thm2.diagonal.proof", "thm3.closest.proof"], trust=Trust.INTERVAL)
def whole_run_of_an_indefinite_target():
    """Whole runs for a 3 x 3 target with the eigenvalue -1.12..., L = 2, 3, 4: the product of the layers converges to the closest positive
    semidefinite matrix, its negative eigenvalue becoming 0, linearly for L = 2 only. With L = 1 it converges to the target itself."""
    for depth, size in STEPS.items():
        run = identity_run(INDEFINITE, depth, size, accuracy="1/100")
        negative, *positive = run.eigen
        if not (admissible(run, depth) and run.reaches_closest_psd and not run.reaches_target and run.product()[0] == (0, 0)):
            return False
        if negative.outcome is not (Limit.LINEAR if depth == 2 else Limit.SUBLINEAR) or not all(has_rate(e, run) for e in positive):
            return False
    one = identity_run(INDEFINITE, 1, "1/16")
    return one.converges and not one.reaches_closest_psd and one.product() == tuple(e.eigenvalue for e in one.eigen)
