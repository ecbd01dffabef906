"""Remark 3: how far the step size of Theorem 2 is from the necessary one of Corollary 1, and which step size is the largest.

With rho = t^L the step of Theorem 2 is min{1/L, 1/(L t^(2L-2))} and the bound of Corollary 1 is 2/(L t^(2L-2)). For rho >= 1 they
differ by the factor 2 exactly, and the larger one is sharp: in y = w/t and d = delta t^(2L-2) the scalar map from the identity is
f(y) = y + d y^(L-1) (1 - y^L) from y = 1/t, and every d <= 2/L suffices: at d = 2/L, where linear stability is silent, f still converges.
One step may increase the distance to 1, two steps never do.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy
from chain import step

from symgd import Trust, at, claim, computed, converges, diff, eq, family, forall, orbit, real
from symgd.certify import Orthant
from symgd.dynamics import largest_identity_step
from symgd.language import function

PAPER = "Step Size Matters in Deep Learning, Remark 3"
DEPTHS, SHARP = range(1, 33), range(2, 6)

t, delta, w = real("t", "(0, oo)"), real("delta", "(0, oo)"), real("w")
y, s = real("y"), real("s", "(0, 1]")


def necessary(L, t):
    """The bound of Corollary 1."""
    return 2 / (L * t ** (2 * L - 2))


def sufficient(L, t):
    """The step size of Theorem 2 for a target of norm t^L."""
    return function("min", Fraction(1, L), 1 / (L * t ** (2 * L - 2)))


@claim("rem3.printed", expect="refuted", source=PAPER, uses=["thm2.step.large", "cor1.step_bound"])
def as_printed():
    """For every norm of the target the bound of Corollary 1 is at most twice the step size of Theorem 2, L = 2, ..., 8."""
    return family("L", range(2, 9), lambda L: forall(t, then=necessary(L, t) <= 2 * sufficient(L, t)))


@claim("rem3", source=PAPER, corrects="rem3.printed")
def factor_two():
    """For a target of norm at least 1 the bound of Corollary 1 is twice the step size of Theorem 2, L = 1, ..., 32."""
    large = real("t", "[1, oo)")
    return family("L", DEPTHS, lambda L: forall(large, then=eq(necessary(L, large), 2 * sufficient(L, large))))


@claim("rem3.small", source=PAPER)
def small_targets():
    """For a target of norm rho = t^L < 1 the factor is 2/t^(2L-2), and so larger than 2, L = 2, ..., 32."""
    small = real("t", "(0, 1)")
    factor = {L: 2 / small ** (2 * L - 2) for L in DEPTHS}
    return family(
        "L", range(2, 33), lambda L: forall(small, then=[eq(necessary(L, small), factor[L] * sufficient(L, small)), factor[L] > 2])
    )


@claim("rem3.unstable", source=PAPER, uses=["cor1.sharpness"])
def beyond_the_bound():
    """Beyond the bound of Corollary 1 the scalar map repels at its limit: the multiplier at w = t is below -1."""
    multiplier = {L: at(diff(step(w, t, delta, L), w), w, t) for L in DEPTHS}
    return family("L", DEPTHS, lambda L: forall(t, delta, given=[delta * (L * t ** (2 * L - 2)) > 2], then=multiplier[L] < -1))


@claim("rem3.zero", source=PAPER)
def no_step_for_small_targets():
    """For a target lambda = t^L < 1 and L >= 2 the step size 1/(1 - lambda) leads from the identity to 0 in one step, and stays there."""
    small = real("t", "(0, 1)")
    return family(
        "L",
        range(2, 33),
        lambda L: forall(
            small,
            delta,
            given=[eq(delta * (1 - small**L), 1)],
            then=[eq(at(step(w, small, delta, L), w, 1), 0), eq(at(step(w, small, delta, L), w, 0), 0)],
        ),
    )


# --- the largest step size: in y = w/t and d = delta t^(2L-2) = 2 s/L with s in (0, 1] ------------------------------------


def scaled(L, u):
    return u + Fraction(2, L) * s * u ** (L - 1) * (1 - u**L)


def top(L):
    """An interval (0, top] that the map keeps, for every s."""
    return Fraction(9, 8) if L == 2 else Fraction(17, 16)


@claim("rem3.scaling", source=PAPER)
def scaling():
    """From w = t y one step with delta t^(2L-2) = 2 s/L leads to t f(y)."""
    return family(
        "L",
        SHARP,
        lambda L: forall(
            t, y, s, delta, given=[eq(delta * t ** (2 * L - 2), Fraction(2, L) * s)], then=eq(step(t * y, t, delta, L), t * scaled(L, y))
        ),
    )


def kept(L):
    u = real("u", f"(0, {top(L)}]")
    return forall(u, s, then=[scaled(L, u) > 0, scaled(L, u) <= top(L)])


@claim("rem3.kept", source=PAPER)
def interval_is_kept():
    """f keeps the interval (0, 17/16], or (0, 9/8] for L = 2, for every step size up to the bound."""
    return family("L", SHARP, kept)


@claim("rem3.sharp", source=PAPER, uses=["rem3.scaling", "rem3.kept", "rem3.unstable"])
def twice_the_step_of_theorem_2():
    """For every step size up to the bound of Corollary 1, and at the bound itself, the map f o f leads from every start in (0, 17/16]
    (L = 2: (0, 9/8]) to 1. So for rho >= 1, where y = 1/t <= 1, the identity initialisation converges for every
    delta <= 2/(L rho^(2(L-1)/L)), L = 2, ..., 5: the even iterates start at 1/t, the odd ones at f(1/t)."""
    return family("L", SHARP, lambda L: orbit({y: scaled(L, scaled(L, y))}, params=[s], start=[y > 0, y <= top(L)], then=[converges(1)]))


def descends(L):
    start = real("z", f"[{top(L)}, oo)")
    u = real("u", f"[{top(L)}, oo)")
    reach = Fraction(2, L) * s
    return forall(
        start,
        u,
        s,
        given=[u <= start, reach * start ** (L - 2) * (start**L - 1) < 1],
        then=[scaled(L, u) > 0, scaled(L, u) <= u - reach * (top(L) ** L - 1)],
    )


def descends_proof(L):
    """1 - d u^(L-2) (u^L - 1) is at least its value at the start z >= u, which the hypothesis makes positive."""
    start, u = real("z"), real("u")
    return Orthant([(s, 0, 1), (u, top(L), None), (start, u, None)], use=[[(1, u)], []])


@claim("rem3.descends", source=PAPER, uses=["rem3.sharp"], by=descends_proof)
def small_targets_converge_too():
    """For rho < 1, where y = 1/t > 1: if also delta (1 - lambda) < 1, which is d z^(L-2) (z^L - 1) < 1 at z = 1/t, then above the
    interval of rem3.sharp y falls by a fixed amount in each step and stays positive, so that it enters that interval. So there the
    largest step size is min{1/(1 - lambda), 2/(L lambda^(2(L-1)/L))}, L = 2, ..., 5."""
    return family("L", SHARP, descends)


# --- the table ----------------------------------------------------------------------------------------------------------

TABLE = [*((value, L) for value in ("1/2", "2", "10", "100") for L in (2, 3, 4, 5, 8)), ("1/10", 2), ("1/10", 3)]


@dataclass(frozen=True)
class Row:
    """Step sizes for the target `value` and L layers: that of Theorem 2 (`paper`, for rho = value), the bound of Corollary 1, each
    rounded down, and an enclosure of the largest one with which the identity initialisation converges."""

    value: Fraction
    depth: int
    paper: Fraction
    corollary: Fraction
    largest: tuple[Fraction, Fraction]


def below_root(q, n):
    """A number below q^(1/n), by less than 10^-12 of it."""
    shift = 10**15
    return Fraction(sympy.integer_nthroot(int(q * shift**n), n)[0], shift)


@cache
def table():
    """The rows of TABLE; `print_table()` prints them."""
    rows = []
    for text, L in TABLE:
        value = Fraction(text)
        corollary = below_root(Fraction(2, L) ** L / value ** (2 * L - 2), L)
        rows.append(Row(value, L, min(Fraction(1, L), corollary / 2), corollary, largest_identity_step(value, L, part="1/50", limit=2000)))
    return tuple(rows)


def print_table():
    """Print the largest step sizes beside those of Theorem 2 and Corollary 1."""
    print(f"{'lambda':>7} {'L':>2} {'Theorem 2':>11} {'largest, between':>24} {'Corollary 1':>12}")
    for row in table():
        low, high = (f"{float(q):.6g}" for q in row.largest)
        print(f"{row.value!s:>7} {row.depth:>2} {float(row.paper):>11.6g} {low:>11} {high:>12} {float(row.corollary):>12.6g}")


@computed("rem3.table", source=PAPER, uses=["rem3.sharp", "rem3.unstable", "rem3.zero", "thm2.diagonal.proof"], trust=Trust.INTERVAL)
def largest_steps():
    """The largest step size from the identity for lambda = 1/10, 1/2, 2, 10, 100 and up to 8 layers, enclosed within 2 per cent: a run
    at the lower end converges to the target, above the upper end the limit is unstable or the first step leads past 0. For lambda >= 1 it
    is the bound of Corollary 1, twice the step size of Theorem 2; for lambda < 1 it is more than twice that."""
    for row in table():
        low, high = row.largest
        if not (row.paper < low < high and low >= high * Fraction(97, 100) and high <= row.corollary * (1 + Fraction(1, 10**9))):
            return False
        if row.value >= 1 and not (high >= row.corollary and abs(row.corollary - 2 * row.paper) < row.paper / 10**9):
            return False
        if row.value < 1 and not low > 2 * row.paper:
            return False
    return True
