"""Fused kernels for the float64 backend: one compiled loop per program, through numba (extra `[fast]`).

A kernel declines a box (writes NaN, and the caller redoes it on NumPy) whenever anything unusual happens in it: an infinite or overflowed
bound, a zero in a denominator, an argument outside a domain. Soundness of declining: `acc` collects x − x for both bounds x of operands,
which is 0 for finite x and NaN otherwise, and the result is stored plus `acc`. Operands need not be collected for + and − and for products
of non-negative operands, because there a non-finite bound always leaves a non-finite upper or lower bound, which the final collection sees:
sums keep ±∞ or turn NaN; in a product of non-negatives the upper bound keeps +∞ or turns NaN, and a lower bound that overflowed did so
together with the upper one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from symgd.enclosures.backend import Arithmetic, evaluate
from symgd.enclosures.float_functions import ETA, HALF_PI, PHI, STRETCH, build
from symgd.enclosures.interval import float_down, float_up
from symgd.enclosures.program import Program


@lru_cache(maxsize=1)
def available() -> bool:
    """True when numba can be imported."""
    return find_spec("numba") is not None


@dataclass(frozen=True)
class Symbol:
    """Names of the two bounds of a step, and whether it is known to be ≥ 0."""

    lo: str
    hi: str
    nonnegative: bool = False


class KernelWriter(Arithmetic[Symbol]):
    """Arithmetic that writes scalar code instead of computing."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._collected: set[str] = set()

    def _new(self, lo: str, hi: str, nonnegative: bool = False) -> Symbol:
        i = len(self.lines)
        self.lines.append(f"l{i} = {lo}")
        self.lines.append(f"h{i} = {hi}")
        return Symbol(f"l{i}", f"h{i}", nonnegative)

    def collect(self, *operands: Symbol) -> None:
        """Decline boxes on which an operand has a bound that is not finite."""
        for a in operands:
            for name in (a.lo, a.hi):
                if name not in self._collected:
                    self._collected.add(name)
                    self.lines.append(f"acc += {name} - {name}")

    def _decline_unless(self, condition: str) -> None:
        self.lines.append(f"acc += 0.0 if {condition} else NAN")

    def const(self, value: Fraction) -> Symbol:
        lo, hi = float_down(value), float_up(value)
        if math.isinf(lo) or math.isinf(hi):
            return self._new("-NAN", "NAN")  # a constant beyond the floats: every box is declined
        return self._new(repr(lo), repr(hi), lo >= 0.0)

    def add(self, a: Symbol, b: Symbol) -> Symbol:
        if a.nonnegative and b.nonnegative:
            return self._new(f"down_nonnegative({a.lo} + {b.lo})", f"up_nonnegative({a.hi} + {b.hi})", True)
        return self._new(f"down_sum({a.lo} + {b.lo})", f"up_sum({a.hi} + {b.hi})")

    def sub(self, a: Symbol, b: Symbol) -> Symbol:
        return self._new(f"down_sum({a.lo} - {b.hi})", f"up_sum({a.hi} - {b.lo})")

    def neg(self, a: Symbol) -> Symbol:
        return self._new(f"-{a.hi}", f"-{a.lo}")

    def mul(self, a: Symbol, b: Symbol) -> Symbol:
        if a.nonnegative and b.nonnegative:
            return self._new(f"down_nonnegative({a.lo} * {b.lo})", f"up_nonnegative({a.hi} * {b.hi})", True)
        self.collect(a, b)
        return self._corners(a, b, "*")

    def _corners(self, a: Symbol, b: Symbol, operation: str) -> Symbol:
        """Least and greatest corner value, rounded outward without losing a sign that the operands' signs prove."""
        p, q, r, s = (f"{x} {operation} {y}" for x in (a.lo, a.hi) for y in (b.lo, b.hi))
        i = len(self.lines)
        same = f"(({a.lo} >= 0.0) & ({b.lo} >= 0.0)) | (({a.hi} <= 0.0) & ({b.hi} <= 0.0))"
        opposite = f"(({a.lo} >= 0.0) & ({b.hi} <= 0.0)) | (({a.hi} <= 0.0) & ({b.lo} >= 0.0))"
        self.lines.append(f"p{i} = {p}; q{i} = {q}; r{i} = {r}; s{i} = {s}")
        pair = f"(p{i}, q{i}), {{0}}(r{i}, s{i})"
        low = "lesser(lesser" + pair.format("lesser") + ")"
        high = "greater(greater" + pair.format("greater") + ")"
        return self._new(f"greater(down({low}), 0.0 if {same} else -INF)", f"lesser(up({high}), 0.0 if {opposite} else INF)")

    def div(self, a: Symbol, b: Symbol) -> Symbol:
        self.collect(a, b)
        self._decline_unless(f"({b.lo} > 0.0) | ({b.hi} < 0.0)")
        if a.nonnegative and b.nonnegative:
            return self._new(f"down_nonnegative({a.lo} / {b.hi})", f"up_nonnegative({a.hi} / {b.lo})", True)
        return self._corners(a, b, "/")

    def pow_int(self, a: Symbol, n: int) -> Symbol:
        if n < 0:
            return self.div(self.const(Fraction(1)), self.pow_int(a, -n))
        if n == 0:
            return self.const(Fraction(1))
        if n == 1:
            return a
        if n % 2 == 0:
            a = self.abs(a)
        if a.nonnegative:
            return self._power(a, n)
        self.collect(a)
        low_end, high_end = self._new(f"abs({a.lo})", f"abs({a.lo})", True), self._new(f"abs({a.hi})", f"abs({a.hi})", True)
        low, high = self._power(low_end, n), self._power(high_end, n)
        self.collect(low, high)
        return self._new(f"{low.lo} if {a.lo} >= 0.0 else -{low.hi}", f"{high.hi} if {a.hi} >= 0.0 else -{high.lo}")

    def _power(self, a: Symbol, n: int) -> Symbol:
        result: Symbol | None = None
        while True:
            if n & 1:
                result = a if result is None else self.mul(result, a)
            n >>= 1
            if not n:
                assert result is not None
                return result
            a = self.mul(a, a)

    def sqrt(self, a: Symbol) -> Symbol:
        self.collect(a)
        self._decline_unless(f"{a.lo} >= 0.0")
        return self._new(f"down_nonnegative(sqrt({a.lo}))", f"up_nonnegative(sqrt({a.hi}))", True)

    def pow_rat(self, a: Symbol, r: Fraction) -> Symbol:
        if r < 0:
            return self.div(self.const(Fraction(1)), self.pow_rat(a, -r))
        self.collect(a)
        self._decline_unless(f"{a.lo} >= 0.0")
        safe = self._new(f"greater({a.lo}, 0.0)", f"greater({a.hi}, 0.0)", True)
        root = self._new(f"root_down({safe.lo}, {r.denominator})", f"root_up({safe.hi}, {r.denominator})", True)
        return self.pow_int(root, r.numerator)

    def _monotone(self, a: Symbol, name: str, nonnegative: bool) -> Symbol:
        self.collect(a)
        return self._new(f"{name}_down({a.lo})", f"{name}_up({a.hi})", nonnegative)

    def exp(self, a: Symbol) -> Symbol:
        return self._monotone(a, "exp", True)

    def log(self, a: Symbol) -> Symbol:
        self._decline_unless(f"{a.lo} > 0.0")
        return self._monotone(a, "log", False)

    def tanh(self, a: Symbol) -> Symbol:
        return self._monotone(a, "tanh", a.nonnegative)

    def sigmoid(self, a: Symbol) -> Symbol:
        return self._monotone(a, "sigmoid", True)

    def softplus(self, a: Symbol) -> Symbol:
        return self._monotone(a, "softplus", True)

    def atan(self, a: Symbol) -> Symbol:
        self.collect(a)
        return self._new(f"greater(atan_down({a.lo}), {-HALF_PI[1]!r})", f"atan_up({a.hi})", a.nonnegative)

    def _wave(self, a: Symbol, arguments: str) -> Symbol:
        self.collect(a)
        i = len(self.lines)
        self.lines.append(f"w{i}, v{i} = wave({a.lo}, {a.hi}, {arguments})")
        return self._new(f"w{i}", f"v{i}")

    def sin(self, a: Symbol) -> Symbol:
        return self._wave(a, "0.0, 0.25, -0.25")

    def cos(self, a: Symbol) -> Symbol:
        return self._wave(a, "1.0, 0.0, 0.5")

    def abs(self, a: Symbol) -> Symbol:
        if a.nonnegative:
            return a
        self.collect(a)
        return self._new(f"greater(greater({a.lo}, -{a.hi}), 0.0)", f"greater(-{a.lo}, {a.hi})", True)

    def max(self, a: Symbol, b: Symbol) -> Symbol:
        self.collect(a, b)
        return self._new(f"greater({a.lo}, {b.lo})", f"greater({a.hi}, {b.hi})", a.nonnegative or b.nonnegative)

    def min(self, a: Symbol, b: Symbol) -> Symbol:
        self.collect(a, b)
        return self._new(f"lesser({a.lo}, {b.lo})", f"lesser({a.hi}, {b.hi})", a.nonnegative and b.nonnegative)

    def relu(self, a: Symbol) -> Symbol:
        self.collect(a)
        return self._new(f"greater({a.lo}, 0.0)", f"greater({a.hi}, 0.0)", True)

    def sign(self, a: Symbol) -> Symbol:
        self.collect(a)
        return self._new(f"sign_of({a.lo})", f"sign_of({a.hi})", a.nonnegative)

    def intersect(self, a: Symbol, b: Symbol) -> Symbol:
        raise NotImplementedError("kernels are compiled for values only")

    def step_slope(self, a: Symbol) -> Symbol:
        raise NotImplementedError("kernels are compiled for values only")

    def abs_slope(self, a: Symbol) -> Symbol:
        raise NotImplementedError("kernels are compiled for values only")

    def sign_slope(self, a: Symbol) -> Symbol:
        raise NotImplementedError("kernels are compiled for values only")

    def freeze_domain(self) -> None:
        raise NotImplementedError("kernels are compiled for values only")


def source(program: Program, nonnegative: tuple[bool, ...]) -> str:
    """The scalar code of a kernel, given which variables are ≥ 0 in every box."""
    writer = KernelWriter()
    inputs = [writer._new(f"lo[{i}, i]", f"hi[{i}, i]", sign) for i, sign in enumerate(nonnegative)]
    writer.collect(*inputs)  # an empty or NaN box is declined here and refused by the caller
    for a in inputs:
        writer._decline_unless(f"{a.lo} <= {a.hi}")
    value = evaluate(program, writer, inputs)
    writer.collect(value)
    body = "\n        ".join(writer.lines)
    return (
        "def kernel(lo, hi, out_lo, out_hi):\n    declined = 0\n    for i in range(out_lo.shape[0]):\n        acc = 0.0\n        "
        f"{body}\n        out_lo[i] = {value.lo} + acc\n        out_hi[i] = {value.hi} + acc\n"
        "        declined += 0 if acc == 0.0 else 1\n    return declined\n"
    )


@lru_cache(maxsize=1)
def _helpers() -> dict[str, Any]:
    import numba

    jit = numba.njit(error_model="numpy")

    @jit
    def where(condition, x, y):  # type: ignore[no-untyped-def]
        return x if condition else y

    @jit
    def scale(x, k):  # type: ignore[no-untyped-def]
        return math.ldexp(x, int(k))

    @jit
    def split(x):  # type: ignore[no-untyped-def]
        m, e = math.frexp(x)
        return m, float(e)

    @jit
    def floor(x):  # type: ignore[no-untyped-def]
        return math.floor(x) * 1.0

    @jit
    def sqrt(x):  # type: ignore[no-untyped-def]
        return math.sqrt(x)

    @jit
    def power(x, y):  # type: ignore[no-untyped-def]
        return math.pow(x, y)

    @jit
    def down_nonnegative(x):  # type: ignore[no-untyped-def]
        y = x - (x * PHI + ETA)
        return y if y > 0.0 else 0.0

    @jit
    def up_nonnegative(x):  # type: ignore[no-untyped-def]
        return x * STRETCH + ETA

    @jit
    def down_sum(x):  # type: ignore[no-untyped-def]
        size = abs(x)
        return x - (size * PHI + (size if size < ETA else ETA))  # a zero sum is exact

    @jit
    def up_sum(x):  # type: ignore[no-untyped-def]
        size = abs(x)
        return x + (size * PHI + (size if size < ETA else ETA))

    @jit
    def sign_of(x):  # type: ignore[no-untyped-def]
        return 1.0 if x > 0.0 else (-1.0 if x < 0.0 else 0.0)

    namespace = {**vars(build(jit, where, floor, sqrt, scale, split, power)), "NAN": math.nan, "INF": math.inf}
    namespace.update(down_nonnegative=down_nonnegative, up_nonnegative=up_nonnegative, down_sum=down_sum, up_sum=up_sum)
    namespace.update(sign_of=sign_of, sqrt=sqrt)
    return namespace


@lru_cache(maxsize=256)
def kernel(program: Program, nonnegative: tuple[bool, ...]) -> Callable[..., int]:
    """The compiled loop for a program.

    Arguments: program; nonnegative, per variable whether lo ≥ 0 in every box that will be passed.
    Returns: kernel(lo, hi, out_lo, out_hi) with lo, hi C-contiguous of shape (d, n) and outputs of shape (n,), NaN where declined; it
    returns the number of declined boxes.
    """
    import numba

    namespace = dict(_helpers())
    exec(compile(source(program, nonnegative), "<enclosure kernel>", "exec"), namespace)
    loop: Callable[..., int] = numba.njit(error_model="numpy")(namespace["kernel"])
    return loop

