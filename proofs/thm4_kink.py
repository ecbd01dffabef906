"""Theorem 4 at limits on a ReLU kink: it fails, at zero residual and with one output.

The proof of the theorem takes the activation pattern to be constant near the limit. Where a sample lies on the kink of a unit, the
gradient jumps there, and gradient descent can visit both sides for ever. On either side the minimum is unstable; yet an open set of
starts converges to it, because the jump throws the unstable direction back faster than it grows.

The network has one input, one output, two hidden units and three samples, one of which occurs 12 times, with f^ = y on each:

    x_1 = 1,  x_2 = -1/2,  x_3 = -1/5 (12 times);   unit h: w = 1, v = 27/40, b = -27/80;   unit g: w = 1/5, v = -7/5, b = 1/2

h is active on x_1 and x_3, and x_2 is on its kink; g is active on x_2 only. With delta = 1, delta |x_1| |fhat(x_1)| = 81/80 > 1.

Coordinates: w = 1 + a and v = 27/40 + c for h; for g the outgoing weight q and the output p at x_2. The output of g at x_2 lacks
o = 1/25 - q p, and s = p^2 + q^2/4. Then (a, c, o, s) moves by itself. In the trap 0 < o <= 1/1000 and a, c are at most o in size:
a = o A, c = o C, with (A, C) in a parallelogram, which the map keeps for either sign of c although it stretches one of its sides.
What holds at a limit on a kink, if the iterates are on one side from some step on, is thm4.kink.proof.
"""

from dataclasses import dataclass

from symgd import at, claim, diff, eq, every, expr, family, forall, function, orbit, real, stays
from symgd.certify import Auto, Have, Orthant
from symgd.certify.cover import Cover
from symgd.certify.dynamics import Template

PAPER = "Step Size Matters in Deep Learning, Theorem 4"

COPIES = 12
V, B = expr("27/40"), expr("-27/80")  # of h, whose outgoing weight is 1
FIRST, THIRD = expr("81/80"), expr("81/400")  # the outputs of h at x_1 and x_3
GAP, B_G = expr("1/25"), expr("1/2")  # the output of g at x_2, and its bias

C, N = real("C", "[-2, 2]"), real("N", "[-3/10, 9/20]")  # c/o, and the coordinate across the direction that is stretched
o, s = real("o", "(0, 1/1000]"), real("s", "[1/20, 3/50]")
a, c, q, p = (real(x) for x in "acqp")
SIDES = (0, 1)  # whether h counts as active on x_2


# --- the map ---------------------------------------------------------------------------------------------------------


def step(a, c, o, s, active):
    """Where (a, c, o, s) goes."""
    first, third, kink = FIRST + c, THIRD - c / 5, active * (-c / 2)  # outputs of h
    e1, e3, e2 = (1 + a) * first - FIRST, (1 + a) * third - THIRD, (1 + a) * kink - o  # residuals
    return (
        a - (e1 * first + COPIES * (e3 * third) + e2 * kink),
        c - (1 + a) * (e1 - COPIES * e3 / 5 - active * e2 / 2),
        o + e2 * s - e2**2 * (GAP - o) / 4,
        s - e2 * (GAP - o) + e2**2 * s / 4,
    )


def residual(A, C, o, active):
    """The residual at x_2, over o."""
    return (1 + A * o) * active * (-C / 2) - 1


def scaled(A, C, o, s, active):
    """The same step from a = o A, c = o C, with the new a, c and o divided by the old o, and the change of s as well."""
    first, third, kink = FIRST + o * C, THIRD - o * C / 5, active * (-(o * C) / 2)
    e1, e3, e2 = A * first + C, A * third - C / 5, residual(A, C, o, active)
    return (
        A - (e1 * first + COPIES * (e3 * third) + e2 * kink),
        C - (1 + o * A) * (e1 - COPIES * e3 / 5 - active * e2 / 2),
        1 + e2 * s - o * e2**2 * (GAP - o) / 4,
        -e2 * (GAP - o) + o * e2**2 * s / 4,
    )


def from_trap(C, N):
    """A and the coordinate U along the direction that is stretched: A = (69 N - 72 U)/100, C = -(72 N + 69 U)/100."""
    U = -(100 * C + 72 * N) / 69
    return (69 * N - 72 * U) / 100, U


def to_trap(A, C):
    """(N, U) of (A, C)."""
    return 100 * (69 * A - 72 * C) / 9945, -100 * (72 * A + 69 * C) / 9945


def trap(N, U, o, s):
    return [U >= "-21/25", U <= "47/50", N >= "-3/10", N <= "9/20", o > 0, o <= "1/1000", s >= "1/20", s + 2 * o <= "3/50"]


HERE = trap(N, from_trap(C, N)[1], o, s)


def after(active):
    """The trap's relations one step later, those of N and U times the ratio of the new o and the old, this ratio, and the change of s."""
    A, C1, ratio, change = scaled(from_trap(C, N)[0], C, o, s, active)
    n, u = to_trap(A, C1)
    inside = [u >= "-21/25" * ratio, u <= "47/50" * ratio, n >= "-3/10" * ratio, n <= "9/20" * ratio]
    return [*inside, *trap(n, u, ratio * o, s + o * change)[4:]], ratio, change


def side(active):
    return C <= 0 if active else C >= 0


# --- the claims ------------------------------------------------------------------------------------------------------


def network_loss(w, v, q, u, active):
    """Half the sum of squared residuals, h (weights w, v) active on x_1, x_3 and, as said, x_2, and g (weights q, u) on x_2 only."""
    at_kink = q * (-u / 2 - B_G) + (w * (-v / 2 - B) if active else 0)
    return ((w * (v - B) - FIRST) ** 2 + COPIES * (w * (-v / 5 - B) - THIRD) ** 2 + (at_kink - GAP) ** 2) / 2


def descends(active):
    w, v, u = real("w"), real("v"), real("u")
    f = network_loss(w, v, q, u, active)

    def new(x):
        return at(at(at(x - diff(f, x), w, 1 + a), v, V + c), u, -2 * (p + B_G))

    gap = GAP - q * p
    e2 = (1 + a) * active * (-c / 2) - gap
    a1, c1, o1, s1 = step(a, c, gap, p**2 + q**2 / 4, active)
    p1 = -new(u) / 2 - B_G
    return forall(
        a, c, q, p,
        then=[eq(new(w), 1 + a1), eq(new(v), V + c1), eq(GAP - new(q) * p1, o1), eq(p1**2 + new(q) ** 2 / 4, s1),
              eq(new(q), q - e2 * p), eq(p1, p - e2 * q / 4)],
    )  # fmt: skip


@claim("thm4.kink.step", source=PAPER)
def one_step():
    """On either side of the kink, one step of gradient descent on the network moves (a, c, o, s) as `step` says, and
    (q, p) by -e_2 (p, q/4)."""
    return family("active", SIDES, descends)


@claim("thm4.kink.scaled", source=PAPER, uses=["thm4.kink.step"])
def homogeneous():
    """From a = o A and c = o C the same step in the coordinates of the trap."""
    A = real("A")

    def member(active):
        plain, divided = step(o * A, o * C, o, s, active), scaled(A, C, o, s, active)
        same = [eq(x, o * y) for x, y in zip(plain[:3], divided[:3], strict=True)]
        return forall(A, C, o, s, then=[*same, eq(plain[3], s + o * divided[3])])

    return family("active", SIDES, member)


@claim("thm4.kink.pattern", source=PAPER, uses=["thm4.kink.step"], by=[Auto(), Cover(), Cover()])
def pattern():
    """In the trap, with q, p > 0: h is active on x_1 and x_3, and g on x_2 only; the residual at x_2 is negative, so that q and p grow."""
    size = real("p", "(0, oo)")
    signs = [FIRST + o * C > 0, THIRD - o * C / 5 > 0, 2 * (size + B_G) / 5 - B_G < 0, -2 * (size + B_G) - B_G < 0]
    A = from_trap(C, N)[0]
    negative = [forall(C, N, o, s, given=[side(k), *HERE], then=residual(A, C, o, k) <= "-1/4") for k in SIDES]
    return every(forall(C, o, s, size, given=[size**2 <= s], then=signs), *negative)


def kept(active):
    """By subdivision, but for what is tight at o = 0, which follows from bounds of the ratio and the change."""
    relations, ratio, change = after(active)
    given = 1 + len(HERE)  # the numbers of the facts, which follow the hypotheses
    low, up, grows, little = range(given, given + 4)
    algebra = {4: [(low, o), (5, "9/10")], 5: [(up, o), (6, "99/100")], 6: [(grows, o), (7, 1)], 7: [(little, o), (8, 1)]}
    facts = [(r, Cover()) for r in (ratio >= "9/10", ratio <= "99/100", change >= 0, change <= 2 * (1 - ratio))]
    facts += [(r, Orthant([(o, 0, None)], use=[algebra[i]]) if i in algebra else Cover()) for i, r in enumerate(relations)]
    proof = Orthant([(o, 0, None)], use=[*([(given + 4 + i, 1)] for i in range(len(relations))), [(low, o)], [(up, o)]])
    for fact, by in reversed(facts):
        proof = Have(fact, by, proof)
    return proof


@claim("thm4.kink.trap", source=PAPER, corrects="thm4.kink", uses=["thm4.kink.scaled", "thm4.kink.pattern"], by=kept)
def kept_trap():
    """On either side of the kink a step from the trap leads into the trap, and o falls by a factor between 9/10 and 99/100. So every
    start in the trap, an open set, converges to a minimum that breaks the bound."""

    def member(active):
        relations, ratio, _ = after(active)
        falls = [ratio * o >= expr("9/10") * o, ratio * o <= expr("99/100") * o]
        return forall(C, N, o, s, given=[side(active), *HERE], then=[*relations, *falls])

    return family("active", SIDES, member)


def curvature(active):
    """At any of the minima, along (dw, dv) = (fhat(x_1), x_1) for h: its squared length is above 2, and so is the Rayleigh quotient."""
    w, v, u, h = real("w"), real("v"), real("u"), real("h")
    moved = network_loss(1 + h * FIRST, V + h, q, u, active)
    there = at(at(diff(moved, h, h), h, 0), u, -2 * (p + B_G))
    slopes = [eq(at(at(at(diff(network_loss(w, v, q, u, active), x), w, 1), v, V), u, -2 * (p + B_G)), 0) for x in (w, v, q, u)]
    return forall(q, p, given=[eq(q * p, GAP)], then=[*slopes, there >= (FIRST**2 + 1) ** 2])


@claim("thm4.kink.minima", source=PAPER)
def minima():
    """Where a = c = o = 0 the loss and its gradient are zero on either side, delta |x_1| |fhat(x_1)| = 81/80 > 1 with delta = 1, and
    the sharpness of either side is at least (81/80)^2 + 1 > 2 = 2/delta: with a constant pattern almost no start would converge."""
    return every(forall(then=[FIRST * 1 > 1, FIRST**2 + 1 > 2]), family("active", SIDES, curvature))


def run(C, N, o, s):
    """The map of the trap, with 0 for the derivative of ReLU at 0."""
    sign = function("sign", -C)
    A, C1, ratio, change = scaled(from_trap(C, N)[0], C, o, s, sign * (1 + sign) / 2)
    return {C: C1 / ratio, N: to_trap(A, C1)[0] / ratio, o: ratio * o, s: s + o * change}


@dataclass(frozen=True)
class ByStep(Template):
    """From C = 1/100, N = 0, o = 1/1000, s = 1/20 what is said of every iterate fails at this step, by exact arithmetic."""

    step: int
    refutes = True

    def node(self, claim):
        return {"at": {}, "start": {"C": "1/100", "N": "0", "o": "1/1000", "s": "1/20"}, "step": self.step}


@claim("thm4.kink", expect="refuted", source=PAPER, uses=["thm4.kink.minima", "thm4.kink.pattern"], by=ByStep(2))
def as_printed():
    """As printed, gradient descent does not converge to these minima, for almost all starts: so in the trap, an
    open set, o does not fall from 1/1000 to 19/20000."""
    C, N, o, s = (real(x) for x in "CNos")
    return orbit(run(C, N, o, s), start=[*trap(N, from_trap(C, N)[1], o, s), o >= "1/1000"], then=[stays(o >= "19/20000")])
