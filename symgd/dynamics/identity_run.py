"""Gradient descent on a deep linear network from identity layers, with a symmetric target: the whole run, certified.

All layers stay polynomials in the target R, so each eigenvalue of R moves on its own (thm2.diagonal.proof): from w = 1 by
w <- w - delta w^(L-1) (w^L - lambda). A run is followed with outward-rounded intervals until an iterate lies where one of three facts
settles the limit; with w = s v, s its sign and v > 0, and with l = lambda s^L, v moves by the same map with l for lambda:

* l > 0, t = l^(1/L): on |v - t| <= r the factor mu(v) = 1 - delta v^(L-1) (v^(L-1) + v^(L-2) t + ... + t^(L-1)) of v - t is below 1 in
  size, and the iterate is in there: distances to t shrink by sup |mu| in each step;
* l <= 0, L >= 2: delta (v^(2L-2) - l v^(L-2)) < 1 makes v fall to 0 for ever;
* |w| grows by a fixed factor in each step: the run diverges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from math import ceil
from typing import Any

import sympy

from ..kernel.terms import Interval as Dyadic
from ..kernel.terms import clamp, inverse, multiply, power, root_of, to_interval
from .model import DynamicsError, as_fraction
from .real_roots import real_roots

PRECISION = 256  # bits after the point


class Limit(Enum):
    """What a run of one eigenvalue is certified to do."""

    REACHED = "converges, in finitely many steps"
    LINEAR = "converges, at a linear rate"
    SUBLINEAR = "converges, slower than every linear rate"
    OSCILLATES = "ends in a periodic orbit"
    DIVERGES = "diverges"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class EigenRun:
    """The run of one eigenvalue of the target.

    Attributes: `eigenvalue`, `multiplicity`, `limit` of the weight and `factor` (the limit of the ratios of successive distances to it)
    as enclosures (lower, upper), the latter two None where there is no certified limit; `outcome`; `steps`, after which the distance of
    the weight to its limit is, and stays, at most the accuracy asked for.
    """

    eigenvalue: tuple[Fraction, Fraction]
    multiplicity: int
    outcome: Limit
    limit: tuple[Fraction, Fraction] | None = None
    factor: tuple[Fraction, Fraction] | None = None
    steps: int | None = None


@dataclass(frozen=True)
class IdentityRun:
    """A run from identity layers with a symmetric rational target, one `EigenRun` for each eigenvalue, in increasing order."""

    depth: int
    step: Fraction
    accuracy: Fraction
    eigen: tuple[EigenRun, ...]

    @property
    def converges(self) -> bool:
        """Whether every layer certainly converges."""
        return all(e.limit is not None for e in self.eigen)

    @property
    def steps(self) -> int | None:
        """Steps after which every layer is, and stays, within the accuracy of its limit in the spectral norm; None if uncertain."""
        counts = [e.steps for e in self.eigen]
        return None if None in counts else max(c for c in counts if c is not None)

    def product(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """Enclosures of the eigenvalues of the limit of the product of the layers, in the order of those of the target.

        Raises: DynamicsError if the run is not certified to converge.
        """
        if not self.converges:
            raise DynamicsError("the run is not certified to converge; see the outcomes of its eigenvalues")
        return tuple(_rational(power(_dyadic(*e.limit), self.depth, PRECISION)) for e in self.eigen if e.limit is not None)

    @property
    def reaches_target(self) -> bool:
        """Whether the product certainly converges to the target itself: no eigenvalue is negative, and the limits are the roots."""
        return self.converges and all(_is_reached(e) for e in self.eigen)

    @property
    def reaches_closest_psd(self) -> bool:
        """Whether the product certainly converges to the positive semidefinite matrix that is closest to the target in Frobenius norm:
        eigenvalues that are not negative are reached, negative ones replaced by 0."""
        return all(_is_reached(e) or (e.eigenvalue[1] < 0 and e.limit is not None and not any(e.limit)) for e in self.eigen)

    def __str__(self) -> str:
        lines = [f"{self.depth} layers, step size {self.step}, from the identity:"]
        for e in self.eigen:
            count = f" ({e.multiplicity}-fold)" if e.multiplicity > 1 else ""
            lines.append(f"  eigenvalue {_shown(e.eigenvalue)}{count}: {self._line(e)}")
        return "\n".join(lines)

    def _line(self, e: EigenRun) -> str:
        if e.limit is None:
            return e.outcome.value
        rate = f" (factor {_shown(e.factor)})" if e.outcome is Limit.LINEAR and e.factor is not None else ""
        kind = e.outcome.value.removeprefix("converges, ")
        return f"w -> {_shown(e.limit)} {kind}{rate}, within {self.accuracy} after {e.steps} steps"


def identity_run(target: Any, depth: int, step: Any, *, accuracy: Any = "1/1000000", limit: int = 20_000) -> IdentityRun:
    """Certify gradient descent on (1/2)||W_L ... W_1 - R||_F^2 from W_i = I.

    Arguments: `target`, the symmetric matrix R, rows of rationals (int, Fraction, "p/q"), shape (n, n), or one number; `depth` L >= 1;
    `step`, the step size, rational and positive; `accuracy`, of the weights, positive; `limit`, the largest number of steps followed.
    Returns: an `IdentityRun`; an eigenvalue whose fate is not certain within `limit` steps is `Limit.UNDECIDED`.
    Raises: DynamicsError for a target that is not symmetric or not rational, or a number that is not positive.
    Source: Nar and Sastry, "Step Size Matters in Deep Learning", Theorems 2 and 3.
    """
    delta, goal = as_fraction(step, "step"), as_fraction(accuracy, "accuracy")
    if delta <= 0 or goal <= 0 or type(depth) is not int or depth < 1:
        raise DynamicsError("step and accuracy must be positive, and the depth an integer of at least 1")
    return IdentityRun(depth, delta, goal, tuple(_run(*e, depth, delta, goal, limit) for e in eigenvalues(target)))


def eigenvalues(target: Any) -> list[tuple[tuple[Fraction, Fraction], int]]:
    """Enclosures of the eigenvalues of a symmetric rational matrix (or one number) with their multiplicities, in increasing order.

    Rational ones are exact, the others enclosed to PRECISION bits. Raises: DynamicsError as `identity_run`.
    """
    if not isinstance(target, Sequence) or isinstance(target, str):
        target = [[target]]
    rows = [[as_fraction(x, "target") for x in row] for row in target]
    n = len(rows)
    if n == 0 or any(len(row) != n for row in rows) or any(rows[i][j] != rows[j][i] for i in range(n) for j in range(i)):
        raise DynamicsError("target: a symmetric matrix is needed; write its rows, all of the same length")
    matrix = sympy.Matrix(n, n, [sympy.Rational(x.numerator, x.denominator) for row in rows for x in row])
    coefficients = [Fraction(int(c.p), int(c.q)) for c in matrix.charpoly().all_coeffs()][::-1]
    found = []
    for root in real_roots(coefficients):
        root = root.refined(Fraction(1, 1 << PRECISION))
        found.append(((root.lo, root.hi), root.multiplicity))
    if sum(m for _, m in found) != n:
        raise DynamicsError("target: not all eigenvalues were found")  # a symmetric matrix has n of them
    return found


def _is_reached(e: EigenRun) -> bool:
    """Whether the limit is certainly the root of an eigenvalue that is not negative; a run towards a positive one may land on 0."""
    if e.limit is None:
        return False
    return not any(e.limit) if not any(e.eigenvalue) else e.eigenvalue[0] > 0 and e.limit[0] > 0


# --- one eigenvalue ---------------------------------------------------------------------------------------------------


def _dyadic(lo: Fraction, hi: Fraction) -> Dyadic:
    return to_interval(lo, hi, PRECISION)


def _rational(x: Dyadic) -> tuple[Fraction, Fraction]:
    return Fraction(x[0], 1 << PRECISION), Fraction(x[1], 1 << PRECISION)


def _negative(x: Dyadic) -> Dyadic:
    return -x[1], -x[0]


def _times(*factors: Dyadic) -> Dyadic:
    out = factors[0]
    for x in factors[1:]:
        out = multiply(out, x, PRECISION)
    return out


def _plus(*terms: Dyadic) -> Dyadic:
    return clamp(sum(x[0] for x in terms), sum(x[1] for x in terms))


def _size(x: Dyadic) -> int:
    return max(-x[0], x[1])


ONE = _dyadic(Fraction(1), Fraction(1))


@dataclass(frozen=True)
class _Map:
    """The scalar map w <- w - delta w^(L-1) (w^L - lambda), for a lambda that is only known to lie in an interval."""

    depth: int
    delta: Dyadic
    eigenvalue: Dyadic

    def at_point(self, w: Dyadic) -> Dyadic:
        error = _plus(power(w, self.depth, PRECISION), _negative(self.eigenvalue))
        return _plus(w, _negative(_times(self.delta, power(w, self.depth - 1, PRECISION), error)))

    def __call__(self, w: Dyadic) -> Dyadic:
        """The image of a set, by the mean value form: near a repelling or attracting point widths change as distances do."""
        n, middle = self.depth, (w[0] + w[1]) // 2
        curvature = _times((2 * n - 1 << PRECISION,) * 2, power(w, 2 * n - 2, PRECISION))
        if n > 1:
            curvature = _plus(curvature, _negative(_times((n - 1 << PRECISION,) * 2, self.eigenvalue, power(w, n - 2, PRECISION))))
        slope = _plus(ONE, _negative(_times(self.delta, curvature)))
        return _plus(self.at_point((middle, middle)), _times(slope, (w[0] - middle, w[1] - middle)))

    def factor(self, v: Dyadic, t: Dyadic) -> Dyadic:
        """mu(v), with f(v) - t = mu(v) (v - t) where t^L is the eigenvalue."""
        n = self.depth
        total = _plus(*(_times(power(v, j, PRECISION), power(t, n - 1 - j, PRECISION)) for j in range(n)))
        return _plus(ONE, _negative(_times(self.delta, power(v, n - 1, PRECISION), total)))

    def fall(self, v: Dyadic, level: Dyadic) -> Dyadic:
        """delta (v^(2L-2) - l v^(L-2)): the part of v that one step takes away; L >= 2."""
        rest = _times(level, power(v, self.depth - 2, PRECISION))
        return _times(self.delta, _plus(power(v, 2 * self.depth - 2, PRECISION), _negative(rest)))


def _run(eigenvalue: tuple[Fraction, Fraction], multiplicity: int, depth: int, delta: Fraction, goal: Fraction, limit: int) -> EigenRun:
    def found(outcome: Limit, *rest: Any) -> EigenRun:
        return EigenRun(eigenvalue, multiplicity, outcome, *rest)

    if depth == 1:
        return found(*_one_layer(eigenvalue, delta, goal, limit))
    f = _Map(depth, _dyadic(delta, delta), _dyadic(*eigenvalue))
    exact: Fraction | None = Fraction(1) if eigenvalue[0] == eigenvalue[1] else None
    w, seen, before = ONE, set[Fraction | None](), None
    for k in range(limit + 1):
        if exact == 0:
            return found(Limit.REACHED, (Fraction(0), Fraction(0)), None, k)
        settled = _settled(f, w, delta, goal, k, limit)
        if settled is not None:
            return found(*settled)
        if exact is not None and exact == before:
            return found(Limit.REACHED, (exact, exact), None, k - 1)
        if exact is not None and exact in seen:
            return found(Limit.OSCILLATES)
        seen.add(exact)
        before = exact
        if _size(w) >> 4 * PRECISION or w[1] - w[0] >> PRECISION:  # too large or too wide to say anything later
            break
        w = f(w)
        if exact is not None:  # the first steps are exact, since a run may land on 0
            exact = exact - delta * exact ** (depth - 1) * (exact**depth - eigenvalue[0])
            w = max(w[0], _dyadic(exact, exact)[0]), min(w[1], _dyadic(exact, exact)[1])
            exact = exact if exact.denominator.bit_length() < 4096 else None
    return found(Limit.UNDECIDED)


def _one_layer(eigenvalue: tuple[Fraction, Fraction], delta: Fraction, goal: Fraction, limit: int) -> tuple[Any, ...]:
    """w - lambda is multiplied by 1 - delta in each step."""
    beta, gap = abs(1 - delta), max(abs(1 - eigenvalue[0]), abs(1 - eigenvalue[1]))
    if gap == 0:
        return Limit.LINEAR, eigenvalue, (1 - delta, 1 - delta), 0
    if beta < 1:
        return Limit.LINEAR, eigenvalue, (1 - delta, 1 - delta), _geometric(beta, gap, goal)
    return (Limit.DIVERGES if beta > 1 and not eigenvalue[0] <= 1 <= eigenvalue[1] else Limit.UNDECIDED,)


def _settled(f: _Map, w: Dyadic, delta: Fraction, goal: Fraction, k: int, limit: int) -> tuple[Any, ...] | None:
    """What is certain of a run that is in w after k steps: outcome, limit, factor, steps; or None."""
    if w[0] <= 0 <= w[1]:
        return None
    sign = 1 if w[0] > 0 else -1
    v, level = (w, f.eigenvalue) if sign > 0 else (_negative(w), f.eigenvalue if f.depth % 2 == 0 else _negative(f.eigenvalue))
    g = _Map(f.depth, f.delta, level)
    if level[0] > 0:
        t = root_of(level, Fraction(1, f.depth), PRECISION)
        radius = max(v[1] - t[0], t[1] - v[0])
        beta = _size(g.factor((t[0] - radius, t[1] + radius), t))
        if beta < ONE[0]:
            last = _rational(t if sign > 0 else _negative(t))
            return Limit.LINEAR, last, _rational(g.factor(t, t)), _contracting(g, v, t, goal, k, limit)
    elif (level[1] < 0 or level == (0, 0)) and g.fall(v, level)[1] < ONE[0]:
        zero = (Fraction(0), Fraction(0))
        slow = f.depth > 2 or level == (0, 0)
        slope = ONE if slow else _plus(ONE, _times(f.delta, level))
        more = _falling(g, v, delta, goal)
        return Limit.SUBLINEAR if slow else Limit.LINEAR, zero, _rational(slope), None if more is None else k + more
    size = (_size(level),) * 2
    above = power((v[0], v[0]), f.depth, PRECISION)[0] > size[0]
    if above and g.fall((v[0], v[0]), size)[0] > 33 * ONE[0] // 16:  # |1 - x| > 17/16, and x increases with v
        return (Limit.DIVERGES,)
    return None


def _contracting(g: _Map, v: Dyadic, t: Dyadic, goal: Fraction, k: int, limit: int) -> int | None:
    """The number of steps after which distances to t, which shrink from now on, are at most the goal; None if that is not certain."""
    while True:
        radius = max(v[1] - t[0], t[1] - v[0])
        if Fraction(radius, 1 << PRECISION) <= goal:
            return k
        beta = _size(g.factor((t[0] - radius, t[1] + radius), t))
        if k >= limit or v[1] - v[0] > radius // 2:
            more = _geometric(Fraction(beta, 1 << PRECISION), Fraction(radius, 1 << PRECISION), goal)
            return None if more is None else k + more
        v, k = g(v), k + 1


def _geometric(beta: Fraction, gap: Fraction, goal: Fraction) -> int | None:
    """A number n with beta^n gap <= goal, for 0 <= beta < 1: doubled until that holds, then halved back; None above 2^100."""

    def enough(n: int) -> bool:
        return _times(power(_dyadic(beta, beta), n, PRECISION), _dyadic(gap, gap))[1] <= _dyadic(goal, goal)[0]

    if gap <= goal:
        return 0
    low, high = 0, 1
    while not enough(high):
        low, high = high, 2 * high
        if high >> 100:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _falling(g: _Map, v: Dyadic, delta: Fraction, goal: Fraction) -> int | None:
    """Steps until v, which falls to 0, is at most the goal. From v' <= v (1 - c v^q) follows 1/v'^q >= 1/v^q + q c."""
    start = Fraction(v[1], 1 << PRECISION)
    if start <= goal:
        return 0
    depth, drop = g.depth, Fraction(-g.eigenvalue[1], 1 << PRECISION)
    if depth == 2 and drop > 0:
        return _geometric(1 - delta * drop, start, goal)
    q, c = (2 * depth - 2, delta) if drop == 0 else (depth - 2, delta * drop)
    return ceil((1 / goal**q - 1 / start**q) / (q * c))


def _shown(x: tuple[Fraction, Fraction]) -> str:
    """A number as short text, for reading; the attributes hold the certain bounds."""
    if x[0] == x[1]:
        return str(x[0])
    if x[0] <= 0 <= x[1]:
        return f"within {float(max(-x[0], x[1])):.0e} of 0"
    return f"{float((x[0] + x[1]) / 2):.10g}" if x[1] - x[0] < Fraction(1, 10**12) else f"[{float(x[0]):.6g}, {float(x[1]):.6g}]"


def largest_identity_step(eigenvalue: Any, depth: int, *, part: Any = "1/1000", limit: int = 20_000) -> tuple[Fraction, Fraction]:
    """Enclose the largest step size up to which gradient descent from the identity reaches a positive target.

    Arguments: `eigenvalue`, rational and positive; `depth` L >= 2; `part`: how far, relatively, below the upper end the lower end is
    looked for; `limit`, as for `identity_run`.
    Returns: (lower, upper). At `lower` the run certainly converges to the target. `upper` is the smaller of 2/(L lambda^(2(L-1)/L)), above
    which the limit is unstable, and, for targets below 1, of 1/(1 - lambda), at which the first step leads to 0.
    Raises: DynamicsError for arguments outside these ranges, or if the run at `lower` is not certified.
    Source: Nar and Sastry, "Step Size Matters in Deep Learning", Remark 3.
    """
    value, share = as_fraction(eigenvalue, "eigenvalue"), as_fraction(part, "part")
    if value <= 0 or type(depth) is not int or depth < 2 or not 0 < share < 1:
        raise DynamicsError("eigenvalue must be positive, the depth an integer of at least 2, and part between 0 and 1")
    scale = power(root_of(_dyadic(value, value), Fraction(1, depth), PRECISION), 2 * depth - 2, PRECISION)
    bound = _rational(_times((2 << PRECISION,) * 2, inverse(_times((depth << PRECISION,) * 2, scale), PRECISION)))
    upper, least = (min(end, 1 / (1 - value)) if value < 1 else end for end in bound[::-1])
    lower = Fraction(floor_to(least * (1 - share)))
    run = identity_run(value, depth, lower, limit=limit)
    if not run.reaches_target:
        raise DynamicsError(f"the run with step {lower} is not certified to reach the target within {limit} steps; take a larger part")
    return lower, upper


def floor_to(x: Fraction, bits: int = 30) -> Fraction:
    """A dyadic number a little below a positive one."""
    shift = bits - (x.numerator.bit_length() - x.denominator.bit_length())
    return Fraction((x.numerator << shift) // x.denominator, 1 << shift) if shift >= 0 else Fraction(int(x))
