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
from chain import power_sum, step

from symgd import Trust, at, claim, computed, converges, diff, eq, family, forall, orbit, real
from symgd.certify import Apply, Approach, Auto, Cases, Have, Known, Orbit, Orthant, with_facts
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


# --- two steps ------------------------------------------------------------------------------------------------------------
# f(y) - 1 = (y - 1) (1 - 2 s g(y)), where g and 1/g lie above their tangents at 1. With u = f(y) the product of both factors is below 1
# if 1/g(y) + 1/g(u) > 2 s, which the tangents of 1/g give; that it is above -1 is seen from the signs of the factors.

u, v, a, b = real("u"), real("v"), real("a"), real("b")
MOST, RISE = Fraction(29, 20), Fraction(3, 8)  # bounds of g and of slope(L) (top(L) - 1) for L = 2, ..., 5


def g(L, u):
    return Fraction(1, L) * (u ** (L - 1) * power_sum(u, 1, L))


def slope(L):
    """The derivative of g at 1, where g is 1."""
    return Fraction(3 * (L - 1), 2)


def shape(L, u):
    """What is known of g and f at a point of the interval that f keeps."""
    c, f = slope(L), scaled(L, u)
    return [
        f > 0,
        f <= top(L),
        eq(f - 1, (u - 1) * (1 - 2 * s * g(L, u))),
        g(L, u) >= 1 + c * (u - 1),
        g(L, u) * (1 - c * (u - 1)) <= 1,
        g(L, u) > 0,
        g(L, u) <= MOST,
    ]


def shape_proof(L):
    rising, falling = [(u, 0, 1), (s, 0, 1)], [(u, 1, top(L)), (s, 0, 1)]
    largest = u + Fraction(2, L) * u ** (L - 1) * (1 - u**L)  # for s = 1
    before = Have(largest <= top(L), Auto(), Orthant(rising, use=[[], [(3, 1)]]))
    return Cases(u, (1,), [before, Orthant([(s, 0, 1)]), Orthant(falling)])


def two_steps(L, r):
    """If u is f(y) and v is f(u), and a and b are g there, then v is closer to 1 than y, which has the range of r."""
    c = slope(L)
    y = real("y", r)
    given = [
        s > 0,
        eq(u - 1, (y - 1) * (1 - 2 * s * a)),
        eq(v - 1, (u - 1) * (1 - 2 * s * b)),
        a >= 1 + c * (y - 1),
        a * (1 - c * (y - 1)) <= 1,
        a > 0,
        a <= MOST,
        b >= 1 + c * (u - 1),
        b * (1 - c * (u - 1)) <= 1,
        b > 0,
        b <= MOST,
        u > 0,
        u <= top(L),
    ]
    return forall(y, u, v, real("s", "[0, 1]"), a, b, given=given, then=[v - 1 < abs(y - 1), -(v - 1) < abs(y - 1)])


# hypotheses by number: 1, 2 the steps, 3, 4 the tangents at y, 7, 8 at u, from 13 the facts; v - 1 is (y - 1) times both factors
error, minus_error = [(2, 1), (1, 1 - 2 * s * b)], [(2, -1), (1, 2 * s * b - 1)]


def from_below(L):
    """For y < 1."""
    c, both = slope(L), (1 - 2 * s * a) * (1 - 2 * s * b)
    order = [(y, 0, 1), (s, 0, 1), (a, 0, 1), (b, 0, None)]
    overshoot = with_facts(
        (b >= 1, Orthant([(u, 1, top(L))], use=[[(7, 1)]])),
        (2 * s * a >= 1, Orthant([(y, 0, 1), (u, 1, top(L))], use=[[(1, 1 / (1 - y))]])),
        then=Orthant([(s, 0, 1), (a, 0, 1), (b, 1, None)], use=[[(16, 2 * s * (b - a))]]),
    )

    def short(order):
        return Have(b <= 1, Orthant(order, use=[[(8, 1 / (1 - c * (u - 1)))]]), Orthant([(s, 0, 1), (a, 0, 1), (b, 0, 1)]))

    return with_facts(
        (a < 1, Orthant([(y, 0, 1)], use=[[(4, 1 / (1 - c * (y - 1)))]])),
        (2 * s * a * b < a + b, Orthant(order, use=[[(4, b), (8, a), (1, c * a * b)]])),
        (both > -1, Cases(u, (1,), [short([(u, 0, 1)]), short([]), overshoot])),
        then=Orthant(order[:2], use=[[*error, (15, 1 - y)], [*minus_error, (14, 2 * s * (1 - y))]]),
    )


def from_above(L):
    """For y > 1."""
    c, both, over = slope(L), (1 - 2 * s * a) * (1 - 2 * s * b), 2 * s * a - 1
    side, q = (y, 1, top(L)), real("q", "[0, 19/10]")
    order = [side, (s, 0, 1), (a, 1, None), (b, 0, None)]
    deep = forall(
        q, real("s", "[0, 1]"), real("a", f"[0, {MOST}]"), b, given=[eq(over, q), b >= 1 - RISE * q], then=q * (1 - 2 * s * b) < 1
    )
    deep_proof = Have(
        2 * MOST * s >= 1 + q,
        Orthant([(s, 0, 1), (a, None, MOST)], use=[[(0, -1)]]),
        Orthant([(q, 0, "19/10"), (s, 0, 1)], use=[[(1, 2 * s * q), (2, q * (1 - RISE * q) / MOST)]]),
    )
    overshoot = with_facts(
        (over >= 0, Orthant([side, (u, 0, 1)], use=[[(1, -1 / (y - 1))]])),
        (over <= "19/10", Orthant([(s, 0, 1), (a, 1, MOST)])),
        (b >= 1 - RISE * over, Orthant([side], use=[[(7, 1), (1, -c), (15, RISE - c * (y - 1))]])),
        then=Apply(deep, {"q": over, "s": s, "a": a, "b": b}, deep_proof, then=Orthant(use=[[(18, 1)]])),
    )

    def short(order):
        return with_facts(
            (2 * s * a <= 1, Orthant([side, *order], use=[[(1, 1 / (y - 1))]])),
            (s <= "1/2", Orthant([(s, 0, 1), (a, 1, None)], use=[[(15, "1/2")]])),
            then=Orthant([(s, 0, "1/2"), (a, 1, None), (b, 0, MOST)], use=[[(15, 2 - 2 * s * b)]]),
        )

    return with_facts(
        (a > 1, Orthant([side], use=[[(3, 1)]])),
        (2 * s * a * b < a + b, Orthant(order, use=[[(4, b), (8, a), (1, c * a * b)]])),
        (both > -1, Cases(u, (1,), [overshoot, short([]), short([(u, 1, top(L))])])),
        then=Orthant(order[:2], use=[[*error, (14, 2 * s * (y - 1))], [*minus_error, (15, y - 1)]]),
    )


def approaches(L):
    """Two steps from y: the shape of f and g at y and at f(y), and then, on either side of 1, what follows from it."""
    once, s_closed = scaled(L, y), real("s", "[0, 1]")

    def side(fact, by, lemma, proof):
        at = {"y": y, "s": s, "u": once, "v": scaled(L, once), "a": g(L, y), "b": g(L, once)}
        return Have(fact, by, Apply(lemma, at, proof))

    below = side(y < 1, Orthant([(y, 0, 1)]), two_steps(L, "[0, 1)"), from_below(L))
    above = side(y > 1, Orthant([(y, 1, top(L))]), two_steps(L, f"(1, {top(L)}]"), from_above(L))
    lemma = forall(u, s_closed, given=[s > 0, u > 0, u <= top(L)], then=shape(L, u))
    proof = shape_proof(L)
    then = Apply(lemma, {"u": once, "s": s}, proof, then=Cases(y, (1,), [below, Known(), above]))
    then = Have(s > 0, Orthant([(s, 0, 1)]), Apply(lemma, {"u": y, "s": s}, proof, then=then))
    return Orbit([Approach([y > 0, y <= top(L)], by=then)])


@claim("rem3.sharp", source=PAPER, uses=["rem3.scaling", "rem3.kept", "rem3.unstable"], by=approaches)
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
