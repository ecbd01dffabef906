"""Example 1: f(x) = (2/3)|x|^(3/2). Gradient descent almost never reaches the minimum, and ends on the orbit +-delta^2/4.

In the units y = x/delta^2 the step size disappears: y <- y - sign(y) sqrt|y|, and r = |y| moves by r <- |r - sqrt r|.
Every claim below holds for every step size delta > 0.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy
from mpmath import mp, mpf

from symgd import (
    Claim,
    Outcome,
    Statement,
    Verdict,
    as_fraction,
    at,
    claim,
    computed,
    converges,
    diff,
    eq,
    every,
    expr,
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
)
from symgd.certify import Approach, Auto, Cases, Change, Cover, Descend, Orbit, Reach, Step, certify

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


@claim("ex1.units", source=PAPER)
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


@claim("ex1.complete", source=PAPER)
def complete_set():
    """Exactly the starts with |x|/delta^2 in {0, s_1, s_2, ...} reach 0, where s_1 = 1 and s_(n+1) = ((1 + sqrt(1 + 4 s_n))/2)^2."""
    return preimages({r: folded}, domain=[r >= 0], of=0, first=1, following=((1 + sqrt(1 + 4 * r)) / 2) ** 2, above=1)


@claim("ex1.observed", source=PAPER, uses=["ex1.units"])
def observed():
    """|x|/delta^2 moves by r <- |r - sqrt r|, and below delta^2 the sign of x flips at each step."""
    return every(
        forall(x, delta, then=eq(abs(descent) / delta**2, at(folded, r, abs(x) / delta**2))),
        forall(y, given=[y > 0, y < 1], then=[y - sqrt(y) < 0]),
        forall(y, given=[y < 0, y > -1], then=[y + sqrt(-y) > 0]),
    )


z = parse("z")
to_orbit = Orbit(
    factor=(r, folded, Auto()),
    start=Cases(
        x,
        (0,),
        [Change(x, "z", -(delta**2) * z, Cases(z, ("17/8",), Auto())), Auto(), Change(x, "z", delta**2 * z, Cases(z, ("17/8",), Auto()))],
    ),
    regions=[
        Descend([r >= 2], to=[1], measure=r, drop=1, floor=2, by=Cases(r, (4,), Auto())),
        Step([r >= 0, r <= "9/4"], to=[2]),
        Step([r >= 0, r < 1], to=[3, 4], by=Cases(r, (0,), Auto())),
        Approach([r > 0, r <= "1/4"], outcome=1),
        Reach([eq(r, 0)], outcome=0),
    ],
)


@claim("ex1.converges", by=to_orbit, source=PAPER, uses=["ex1.observed", "ex1.complete"])
def all_other_starts():
    """For every delta > 0 and every start, either the iterates reach 0, or |x_k| tends to delta^2/4."""
    return orbit({x: descent}, params=[delta], start=[], observe=abs(x) / delta**2, then=[reaches(0), converges("1/4")])


# --- the exceptional starts s_1, s_2, ... ----------------------------------------------------------------------------


def next_start(s):
    """The one start above 1 that is sent to s >= 1."""
    return ((1 + sqrt(1 + 4 * s)) / 2) ** 2


def exceptional(n):
    """s_n as a nested radical."""
    s = parse("1")
    for _ in range(n - 1):
        s = next_start(s)
    return s


def fifty_digits(n):
    """The two neighbouring decimals with 50 digits after the point that enclose s_n."""
    with mp.workdps(90):
        s = mpf(1)
        for _ in range(n - 1):
            s = ((1 + mp.sqrt(1 + 4 * s)) / 2) ** 2
        low = int(mp.floor(s * mpf(10) ** 50))
    return low, low + (n > 1)


def enclosed(n):
    s, (low, high), unit = exceptional(n), fifty_digits(n), 10**50
    return forall(then=[s >= Fraction(low, unit), s <= Fraction(high, unit)])


@claim("ex1.enclosures", source=PAPER, uses=["ex1.complete"], by=Cover(precision=256))
def enclosures():
    """s_1, ..., s_40 to 50 digits after the point: s_2 = 2.618..., s_3 = 4.811..., s_40 = 452.01..."""
    return family("n", range(1, 41), enclosed)


@claim("ex1.recurrence", source=PAPER)
def recurrence():
    """s_(n+1) - sqrt(s_(n+1)) = s_n for every s_n >= 0, and s_(n+1) >= s_n + 1: the starts increase without bound."""
    s = real("s", "[0, oo)")
    up = next_start(s)
    return forall(s, then=[eq(up - sqrt(up), s), up >= s + 1])


S = sympy.Poly(sympy.Symbol("s"))


def in_roots(p):
    """P(z^2 - z) P(z^2 + z), with the variable s for z."""
    return p.compose(S**2 - S) * p.compose(S**2 + S)


@cache
def polynomial(n):
    """The annihilating polynomial of s_n: P_1 = s - 1, P_(n+1)(z^2) = P_n(z^2 - z) P_n(z^2 + z) in s = z^2."""
    if n == 1:
        return S - 1
    return sympy.Poly.from_dict({(k // 2,): c for (k,), c in in_roots(polynomial(n - 1)).terms()}, S.gen)


def annihilates(n):
    """With roots z_k^2 = s_k: z_1 = 1 and z_(k+1)^2 - z_(k+1) = z_k^2."""
    z = [None, *(real(f"z{k}", "[1, oo)") for k in range(1, n + 1))]
    given = [eq(z[1], 1), *(eq(z[k + 1] ** 2, z[k + 1] + z[k] ** 2) for k in range(1, n))]
    return forall(*z[1:], given=given, then=eq(at(parse(str(polynomial(n).as_expr())), real("s"), z[n] ** 2), 0))


@claim("ex1.polynomials", source=PAPER, uses=["ex1.recurrence"])
def polynomials():
    """P_n(s_n) = 0 for n = 1, 2, 3, 4, where P_1 = s - 1, P_2 = s^2 - 3 s + 1, ..., of degree 2^(n-1)."""
    return family("n", range(1, 5), annihilates)


@computed("ex1.minimal", source=PAPER, uses=["ex1.polynomials"])
def minimal():
    """The polynomials P_1, ..., P_4 are irreducible over the rationals, so they are the minimal polynomials of s_1, ..., s_4."""
    return all(polynomial(n).is_irreducible for n in range(1, 5))


@computed("ex1.irrational", source=PAPER, uses=["ex1.polynomials"])
def irrational():
    """No s_n with n >= 2 is rational. P_n is monic with integer coefficients, so a rational zero would be an integer; but P_n is odd at
    every integer, by induction: P_(n+1)(0) = P_n(0)^2 and P_(n+1)(1) = P_n(0) P_n(2), with P_1(0) = -1. Hence a rational start with a
    rational delta reaches 0 only for |x_0|/delta^2 in {0, 1}."""

    def follows(n):
        p, up = polynomial(n), polynomial(n + 1)
        recursion = up.compose(S**2) == in_roots(p)
        odd = up.eval(0) == p.eval(0) ** 2 and up.eval(1) == p.eval(0) * p.eval(2) and up.eval(0) % 2 == up.eval(1) % 2 == 1
        return recursion and odd and up.LC() == 1 and all(c.is_Integer for c in up.all_coeffs())

    return polynomial(1).eval(0) == -1 and all(follows(n) for n in range(1, 6))


# --- which start does what -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fate:
    """Where gradient descent on ex1 goes from one start: `step` is when it reaches 0, or when |x|/delta^2 is in `enclosure`,
    inside (0, 1/4], from where it increases to 1/4; `verdict` is the kernel's on exactly this."""

    reaches_zero: bool
    step: int
    enclosure: tuple[Fraction, Fraction]
    statement: Statement
    verdict: Verdict

    def __str__(self):
        if self.reaches_zero:
            return f"reaches 0 at step {self.step} ({self.verdict})"
        low, high = (float(q) for q in self.enclosure)
        return f"converges to the orbit +-delta^2/4: |x|/delta^2 is in [{low:.6g}, {high:.6g}] at step {self.step} ({self.verdict})"


def classify(x0, step_size):
    """Decide what gradient descent on (2/3)|x|^(3/2) does from a rational start.

    Arguments: `x0`, `step_size` > 0, exact rationals (int, Fraction, or a string such as "0.3").
    Returns: a Fate. Every case is decided: the only rational starts that reach 0 have |x0|/delta^2 in {0, 1} (ex1.irrational),
    and precision is raised until the others are told apart from the s_n.
    Raises: LanguageError for floats, ValueError for a step size that is not positive.
    """
    start, size = as_fraction(x0), as_fraction(step_size)
    if size <= 0:
        raise ValueError(f"the step size must be positive, not {size}")
    y0 = abs(start) / size**2
    if y0 in (0, 1):
        one_step = forall(then=eq(at(folded, r, y0), 0)) if y0 else forall(then=eq(y0, 0))
        return Fate(True, int(y0), (Fraction(0), Fraction(0)), one_step, certify(one_step))
    precision = 64
    while True:
        with mp.workprec(precision):
            y, k = mpf(y0.numerator) / y0.denominator, 0
            while (y > mpf(1) / 4 and k < 10**6) or (k == 0 and y0 > Fraction(1, 4)):
                y, k = abs(y - mp.sqrt(y)), k + 1
            error = mpf(2) ** (-precision // 2)
            low, high = (Fraction(int(mp.floor(v * 2**precision)), 2**precision) for v in (y - error, y + error))
        if (low > 0 and high <= Fraction(1, 4)) or low <= Fraction(1, 4) < high:
            high = min(high, Fraction(1, 4))
            term = expr(y0)
            for _ in range(k):
                term = abs(term - sqrt(term))
            statement = forall(then=[term >= low, term <= high, expr(low) > 0])
            verdict = certify(Claim("ex1.start", "the enclosure of one iterate", statement, by=Cover(precision=min(precision, 4000))))
            if verdict.outcome is Outcome.PROVED:
                return Fate(False, k, (low, high), statement, verdict)
        precision *= 2
        if precision > 4000:
            raise ValueError(f"{y0} is closer to an exceptional start than 2^-2000; this is beyond the kernel's precision")
