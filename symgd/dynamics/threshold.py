"""What happens at the threshold δ = 2/f″, where the multiplier of a minimum is −1.

For g(x) = x − δf′(x) with g′(p) = −1, the second iterate is g²(x) = x − 2c(x − p)³ + …, with c = (g″)²/4 + g‴/6 (Kuznetsov, Elements of
Applied Bifurcation Theory, section 4.5). At δ = 2/f″ this is c = (3f‴² − f″f⁗)/(3f″²). So 3f‴² − f″f⁗ > 0 makes the flip supercritical:
the minimum is still asymptotically stable at the threshold, and a stable orbit of period 2 is born just above it; < 0 makes it
subcritical: it is unstable at the threshold, and an unstable orbit of period 2 surrounds it just below.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..claims import Trust
from ..enclosures.interval import Interval
from ..enclosures.mpmath_iv import MpmathIv
from ..language import Expr, prod, total
from .equilibria import Equilibrium, Kind, hessian, middle, show
from .expressions import Coefficients, derivative, is_analytic, poly_add, poly_derivative, poly_mul, program
from .model import DescentMap
from .real_roots import sign_at, value_at
from .zeros import PRECISION, Equations, certify_zero


class FlipKind(enum.Enum):
    """What an equilibrium does when the step size passes its threshold."""

    SUPERCRITICAL = "supercritical flip"
    SUBCRITICAL = "subcritical flip"
    LINEAR = "every nearby start has period 2"  # g∘g is the identity
    DEGENERATE = "degenerate flip"  # 3f‴² = f″f⁗, and higher orders were not decided
    NO_FLIP = "no flip"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Flip:
    """The flip of an equilibrium at its threshold.

    Arguments: kind; value, an enclosure of 3f‴² − f″f⁗, exact where its ends agree; order, of the first term of g∘g − id that does not
    vanish, where it is known; trust; note, in words.
    """

    kind: FlipKind
    value: Interval | None
    order: int | None
    trust: Trust
    note: str

    def __str__(self) -> str:
        value = f" (3f‴² − f″f⁗ = {show(self.value)})" if self.value is not None else ""
        return f"{self.kind.value}{value}: {self.note} [{self.trust.value}]"


STABLE = "asymptotically stable at the threshold itself, and a stable orbit of period 2 is born above it"
UNSTABLE = "unstable at the threshold itself; an unstable orbit of period 2 shrinks to it from below"


def at_threshold(f: DescentMap, equilibrium: Equilibrium) -> Flip:
    """What happens to an equilibrium at δ = 2/λ_max.

    Arguments: f, whose step size does not matter here; equilibrium, one of its equilibria.
    Returns: `Flip`, exact for polynomials in one variable, by enclosures for other analytic losses in one variable, and on
    the centre manifold in several. Source: the module docstring.
    """
    if equilibrium.kind in (Kind.MAXIMUM, Kind.SADDLE):
        return Flip(FlipKind.NO_FLIP, None, None, equilibrium.trust, f"a {equilibrium.kind.value} is unstable for every step size")
    if equilibrium.kind is Kind.DEGENERATE:
        return Flip(
            FlipKind.NO_FLIP, None, None, equilibrium.trust, "the curvature vanishes or is not decided, so there is no linear threshold"
        )
    if f.dimension > 1:
        return _several(f, equilibrium)
    if f.slope_coefficients is not None and equilibrium.root is not None:
        return _exactly(f.slope_coefficients, equilibrium)
    return _enclosed(f, equilibrium)


def _exactly(slope: Coefficients, e: Equilibrium) -> Flip:
    assert e.root is not None
    f2 = poly_derivative(slope)
    f3 = poly_derivative(f2)
    f4 = poly_derivative(f3)
    c = poly_add([3 * q for q in poly_mul(f3, f3)], poly_mul(f2, f4), Fraction(-1))
    sign = sign_at(c, e.root)
    value = Interval(0, 0) if sign == 0 else Interval(*value_at(c, e.root, Fraction(1, 2**60)))
    if sign:
        return _by_sign(sign, value, 3, Trust.SYMBOLIC)
    if e.exact is None:
        return Flip(
            FlipKind.DEGENERATE,
            value,
            None,
            Trust.SYMBOLIC,
            "the cubic term of g∘g vanishes exactly at an irrational point; higher orders were not computed",
        )
    return _higher(slope, e.exact[0])


def _by_sign(sign: int, value: Interval, order: int, trust: Trust) -> Flip:
    return Flip(FlipKind.SUPERCRITICAL if sign > 0 else FlipKind.SUBCRITICAL, value, order, trust, STABLE if sign > 0 else UNSTABLE)


def _higher(slope: Coefficients, p: Fraction) -> Flip:
    """The first term of g∘g − id at a rational point, exactly."""
    shifted = list(slope)
    for i in range(len(shifted) - 1):
        for j in range(len(shifted) - 2, i - 1, -1):
            shifted[j] += p * shifted[j + 1]
    delta = 2 / shifted[1]
    g = [-delta * q for q in shifted]
    g[1] += 1
    # composition, truncated far above what is needed
    most = 4 * len(g)
    total: Coefficients = []
    power: Coefficients = [Fraction(1)]
    for q in g:
        total = poly_add(total, power, q)[:most]
        power = poly_mul(power, g)[:most]
    rest = poly_add(total, [Fraction(0), Fraction(1)], Fraction(-1))
    order = next((k for k, q in enumerate(rest) if q), None)
    zero = Interval(0, 0)
    if order is None:
        kind = FlipKind.LINEAR if len(g) == 2 else FlipKind.DEGENERATE
        return Flip(kind, zero, None, Trust.SYMBOLIC, "g(x) = 2p − x: neither stable nor unstable" if len(g) == 2 else "no term was found")
    sign = -1 if rest[order] > 0 else 1
    flip = _by_sign(sign, zero, order, Trust.SYMBOLIC)
    return Flip(flip.kind, zero, order, Trust.SYMBOLIC, f"the cubic term vanishes and order {order} decides: {flip.note}")


def _enclosed(f: DescentMap, e: Equilibrium) -> Flip:
    if not is_analytic(f.loss):
        return Flip(FlipKind.UNDECIDED, None, None, Trust.INTERVAL, "the loss has kinks, so four derivatives are not available")
    x = f.variables[0]
    chain = [f.gradient[0]]
    for _ in range(3):
        chain.append(derivative(chain[-1], x))
    backend = MpmathIv(PRECISION)
    found = [backend.enclose(program(c, f.variables), list(e.box)) for c in chain[1:]]
    whole = backend.enclose(program(3 * Expr("b") ** 2 - Expr("a") * Expr("c"), ("a", "b", "c")), [v.interval for v in found])
    if not whole.defined or not all(v.defined for v in found):
        return Flip(FlipKind.UNDECIDED, None, None, Trust.INTERVAL, "a derivative is not defined here")
    value = whole.interval
    if value.lo > 0 or value.hi < 0:
        return _by_sign(1 if value.lo > 0 else -1, value, 3, Trust.INTERVAL)
    return Flip(FlipKind.UNDECIDED, value, None, Trust.INTERVAL, "the enclosure of 3f‴² − f″f⁗ contains 0")


def _several(f: DescentMap, e: Equilibrium) -> Flip:
    """The coefficient on the centre manifold, by Krawczyk's test on the system for (p, q, λ, w): ∇f(p) = 0, Hq = λq, qᵀq = 1 and
    Hw = D³f(q, q, ·); then c = δ/2 D³f(q, q, w) − δ/6 D⁴f(q, q, q, q) (Kuznetsov, section 5.4, with I − Dg = δH)."""
    if not is_analytic(f.loss):
        return Flip(FlipKind.UNDECIDED, None, None, Trust.INTERVAL, "the loss has kinks, so four derivatives are not available")
    n, xs = f.dimension, f.variables
    qs, ws, lam = [f"q_{i}" for i in range(n)], [f"w_{i}" for i in range(n)], "lambda_"
    h = [[derivative(g, x) for x in xs] for g in f.gradient]
    third = [total(Expr(qs[j]) * Expr(qs[k]) * derivative(h[i][j], xs[k]) for j in range(n) for k in range(n)) for i in range(n)]
    equations = [
        *f.gradient,
        *(total(h[i][j] * Expr(qs[j]) for j in range(n)) - Expr(lam) * Expr(qs[i]) for i in range(n)),
        total(Expr(q) ** 2 for q in qs) - 1,
        *(total(h[i][j] * Expr(ws[j]) for j in range(n)) - third[i] for i in range(n)),
    ]
    names = (*xs, *qs, lam, *ws)
    found = hessian(f, e.box)
    if found is None or len(set(names)) != len(names):
        return Flip(FlipKind.UNDECIDED, None, None, Trust.INTERVAL, "the Hessian is not defined here")
    matrix = np.array([[float((a + b) / 2) for a, b in row] for row in found])
    values, vectors = np.linalg.eigh(matrix)
    top = vectors[:, -1]
    backend = MpmathIv(PRECISION)
    where = [
        *(Interval(Fraction(v)) for v in e.point),
        *(Interval(float(t)) for t in top),
        Interval(float(values[-1])),
        *([Interval(0)] * n),
    ]
    right = np.array([middle(backend.enclose(program(t, names), where).interval) for t in third])
    w = np.linalg.solve(matrix, right)
    system = Equations(tuple(program(q, names) for q in equations))
    guess = [*e.point, *top, values[-1], *w]
    zero = next((z for k in (20, 26, 32) if (z := certify_zero(system, guess, Fraction(1, 2**k))) is not None), None)
    undecided = Flip(
        FlipKind.UNDECIDED,
        None,
        None,
        Trust.INTERVAL,
        "the largest curvature is not certified to be simple, or the Hessian not to be regular",
    )
    if zero is None or any(v.intersects(zero.box[2 * n]) for v in e.curvature[:-1]):
        return undecided
    fourth = total(prod([Expr(qs[i]), Expr(qs[j]), derivative(third[i], xs[j])]) for i in range(n) for j in range(n))
    c = total(Expr(ws[i]) * third[i] for i in range(n)) / 2 - fourth / 6
    value = backend.enclose(program(c, names), list(zero.box)).interval
    if value.lo > 0 or value.hi < 0:
        flip = _by_sign(1 if value.lo > 0 else -1, value, 3, Trust.INTERVAL)
        return Flip(flip.kind, None, 3, Trust.INTERVAL, f"coefficient {show(value)}·δ on the centre manifold; {flip.note}")
    return Flip(FlipKind.UNDECIDED, None, None, Trust.INTERVAL, "the enclosure of the coefficient on the centre manifold contains 0")


__all__ = ["Flip", "FlipKind", "at_threshold"]
