"""Backend `flint_arb`: Arb's ball arithmetic through python-flint (extra `[fast]`), any precision.

Arb's elementary functions carry proved error bounds (Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic",
IEEE Trans. Computers 66, 2017). They are used at single points only, and intervals are kept as pairs of exact end points: balls cannot
represent half-lines, and a wide ball loses the exact end points that monotone functions need. A NaN from Arb means "anything" and becomes
the entire line; powers are products because `arb(0, 1)**2` is NaN (python-flint issue 426).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias, final

from symgd.enclosures.backend import BackendKind, BackendUnavailable
from symgd.enclosures.interval import Box, Enclosure, Endpoint, GradientEnclosure
from symgd.enclosures.program import Program
from symgd.enclosures.scalar import ScalarArithmetic, ScalarBackend, dyadic

flint: Any
try:
    import flint
except ImportError:  # pragma: no cover - exercised only without the extra
    flint = None

Arb: TypeAlias = Any  # flint.arb, exact or infinite
Pair: TypeAlias = tuple[Arb, Arb]


class ArbArithmetic(ScalarArithmetic[Arb]):
    """Interval rules on exact Arb numbers, at flint's current working precision."""

    def __init__(self) -> None:
        super().__init__()
        self.zero, self.one = flint.arb(0), flint.arb(1)
        self.infinity, self.minus_infinity = flint.arb.pos_inf(), flint.arb.neg_inf()

    def _ends(self, ball: Arb) -> Pair:
        if not ball.is_finite():
            return self.minus_infinity, self.infinity
        return ball.lower(), ball.upper()

    def const(self, value: Fraction) -> Pair:
        return self._ends(flint.arb(flint.fmpq(value.numerator, value.denominator)))

    def less(self, x: Arb, y: Arb) -> bool:
        return bool(x < y)

    def negate(self, x: Arb) -> Arb:
        return -x

    def _is_finite(self, a: Pair) -> bool:
        return bool(a[0].is_finite() and a[1].is_finite())

    def to_endpoint(self, x: Arb, up: bool) -> Endpoint:
        if not x.is_finite():
            return float("inf") if x > 0 else float("-inf")
        man, exp = x.man_exp()
        return dyadic(int(man), int(exp), up)

    def finite_add(self, a: Pair, b: Pair) -> Pair:
        return (a[0] + b[0]).lower(), (a[1] + b[1]).upper()

    def finite_mul(self, a: Pair, b: Pair) -> Pair:
        if a[0] >= 0 and b[0] >= 0:
            return self._larger((a[0] * b[0]).lower(), self.zero), (a[1] * b[1]).upper()
        corners = [x * y for x in a for y in b]
        lows, highs = [c.lower() for c in corners], [c.upper() for c in corners]
        return min(lows), max(highs)

    def finite_div(self, a: Pair, b: Pair) -> Pair:
        corners = [x / y for x in a for y in b]
        return min(c.lower() for c in corners), max(c.upper() for c in corners)

    def half_pi(self) -> Pair:
        return self._ends(flint.arb.pi() / 2)

    def at_sqrt(self, x: Arb) -> Pair:
        return self._ends(x.sqrt())

    def at_root(self, x: Arb, degree: int) -> Pair:
        return self._ends(x.root(degree)) if x > 0 else (self.zero, self.zero)

    def at_exp(self, x: Arb) -> Pair:
        return self._ends(x.exp())

    def at_log(self, x: Arb) -> Pair:
        return self._ends(x.log())

    def at_tanh(self, x: Arb) -> Pair:
        return self._ends(x.tanh())

    def at_sigmoid(self, x: Arb) -> Pair:
        q = (-abs(x)).exp()
        return self._ends(1 / (1 + q) if x >= 0 else q / (1 + q))

    def at_softplus(self, x: Arb) -> Pair:
        tail = (-abs(x)).exp().log1p()
        return self._ends(x + tail if x >= 0 else tail)

    def at_sin(self, x: Arb) -> Pair:
        return self._ends(x.sin())

    def at_cos(self, x: Arb) -> Pair:
        return self._ends(x.cos())

    def at_atan(self, x: Arb) -> Pair:
        return self._ends(x.atan())


@final
@dataclass(frozen=True)
class FlintArb(ScalarBackend):
    """Arb enclosures of one box at a time, in any precision.

    Arguments: precision, bits of every operation (at least 24).
    Raises: BackendUnavailable without python-flint; ValueError for a smaller precision.
    """

    precision: int = 53

    def __post_init__(self) -> None:
        if flint is None:
            raise BackendUnavailable("the flint_arb backend needs python-flint: install symgd[fast]")
        if not 24 <= self.precision <= 50_000:
            raise ValueError(f"precision must be between 24 and 50000 bits, got {self.precision}")

    @property
    def kind(self) -> BackendKind:
        return BackendKind.FLINT_ARB

    def arithmetic(self) -> ScalarArithmetic[Any]:
        """A fresh arithmetic; it works at flint's current precision."""
        return ArbArithmetic()

    def enclose(self, program: Program, box: Box) -> Enclosure:
        """Enclose the range over one box (one interval per variable, in the program's order)."""
        with flint.ctx.workprec(self.precision):
            return ScalarBackend.enclose(self, program, box)

    def enclose_gradient(self, program: Program, box: Box) -> GradientEnclosure:
        """Enclose value and generalised gradient over one box."""
        with flint.ctx.workprec(self.precision):
            return ScalarBackend.enclose_gradient(self, program, box)
