"""The protocol of the enclosure backends, and the two sweeps they share.

A backend knows one interval type V and how to apply each operation to it (`Arithmetic`). Evaluating a program and differentiating it in
reverse mode are then written once, here, and are the same mathematics for every backend.

Why reverse mode gives what `GradientEnclosure` promises: for every elementary φ the arithmetic supplies an interval D that contains φ′ over
the operand's range, Clarke's generalised derivative at kinks, and hence (mean value theorem; Lebourg 1975 at kinks) a slope for each pair
of arguments. The sweep forms the sum over paths of products of such D with interval operations, so it contains the same sum for *any*
choice of one element in each D: in particular for the true derivatives (chain rule), for Clarke's (his chain rule is an inclusion in the
convex hull of such sums) and for the slopes (by induction along the tape).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import Enum
from fractions import Fraction
from typing import Generic, Protocol, TypeVar, cast, runtime_checkable

from symgd.enclosures.interval import Box, Enclosure, EnclosureArray, FloatArray, GradientArray, GradientEnclosure
from symgd.enclosures.program import Instruction, Op, Program

V = TypeVar("V")


class BackendKind(Enum):
    """Which arithmetic a backend uses."""

    MPMATH_IV = "mpmath_iv"
    FLOAT64 = "float64"
    FLINT_ARB = "flint_arb"


class EnclosureError(Exception):
    """Base of the errors of this package."""


class UnsafeFloatingPoint(EnclosureError):
    """The processor does not round to nearest with subnormals, so no float64 enclosure would be valid."""


class BackendUnavailable(EnclosureError):
    """An optional dependency of a backend is not installed."""


@runtime_checkable
class Backend(Protocol):
    """What every enclosure backend does; all of them give the same verdicts up to the width of their intervals."""

    @property
    def kind(self) -> BackendKind:
        """Which arithmetic this is."""

    @property
    def precision(self) -> int:
        """Working precision in bits."""

    def enclose(self, program: Program, box: Box) -> Enclosure:
        """Enclose the range over one box (one interval per variable, in the program's order)."""

    def enclose_gradient(self, program: Program, box: Box) -> GradientEnclosure:
        """Enclose value and generalised gradient over one box."""

    def enclose_boxes(self, program: Program, lo: FloatArray, hi: FloatArray) -> EnclosureArray:
        """Enclose the range over n boxes; lo and hi are float64 arrays of shape (d, n), a row per variable."""

    def enclose_gradient_boxes(self, program: Program, lo: FloatArray, hi: FloatArray) -> GradientArray:
        """Enclose values and generalised gradients over n boxes; lo and hi have shape (d, n)."""


class Arithmetic(ABC, Generic[V]):
    """Interval operations on V. Operations note on the arithmetic itself when an operand leaves their domain or touches a kink."""

    @abstractmethod
    def const(self, value: Fraction) -> V: ...

    @abstractmethod
    def add(self, a: V, b: V) -> V: ...

    @abstractmethod
    def sub(self, a: V, b: V) -> V: ...

    @abstractmethod
    def mul(self, a: V, b: V) -> V: ...

    @abstractmethod
    def div(self, a: V, b: V) -> V: ...

    @abstractmethod
    def neg(self, a: V) -> V: ...

    @abstractmethod
    def pow_int(self, a: V, n: int) -> V: ...

    @abstractmethod
    def pow_rat(self, a: V, r: Fraction) -> V: ...

    @abstractmethod
    def sqrt(self, a: V) -> V: ...

    @abstractmethod
    def exp(self, a: V) -> V: ...

    @abstractmethod
    def log(self, a: V) -> V: ...

    @abstractmethod
    def tanh(self, a: V) -> V: ...

    @abstractmethod
    def sigmoid(self, a: V) -> V: ...

    @abstractmethod
    def softplus(self, a: V) -> V: ...

    @abstractmethod
    def sin(self, a: V) -> V: ...

    @abstractmethod
    def cos(self, a: V) -> V: ...

    @abstractmethod
    def atan(self, a: V) -> V: ...

    @abstractmethod
    def abs(self, a: V) -> V: ...

    @abstractmethod
    def max(self, a: V, b: V) -> V: ...

    @abstractmethod
    def min(self, a: V, b: V) -> V: ...

    @abstractmethod
    def relu(self, a: V) -> V: ...

    @abstractmethod
    def sign(self, a: V) -> V: ...

    @abstractmethod
    def intersect(self, a: V, b: V) -> V:
        """The common part of two enclosures of the same quantity."""

    @abstractmethod
    def step_slope(self, a: V) -> V:
        """Clarke derivative of relu: 0 where a < 0, 1 where a > 0, [0, 1] where it contains 0. Notes the kink."""

    @abstractmethod
    def abs_slope(self, a: V) -> V:
        """Clarke derivative of |·|: −1 where a < 0, 1 where a > 0, [−1, 1] where it contains 0. Notes the kink."""

    @abstractmethod
    def sign_slope(self, a: V) -> V:
        """Slopes of sign: 0 off the jump, [0, ∞] where a contains 0. Notes the kink."""

    @abstractmethod
    def freeze_domain(self) -> None:
        """From now on an operand outside its domain means 'not differentiable' rather than 'not defined'."""


def evaluate(program: Program, arithmetic: Arithmetic[V], inputs: Sequence[V]) -> V:
    """Apply a program to intervals.

    Arguments: program; arithmetic; inputs, one V per variable.
    Returns: the enclosure of its value. Steps are forgotten after their last use: for arrays, reusing warm memory halves the time.
    """
    values: list[V | None] = []
    for step, dead in zip(program.code, program.dead_after, strict=True):
        values.append(_apply(step, arithmetic, inputs, values))
        for i in dead:
            values[i] = None
    return cast(V, values[-1])


def evaluate_steps(program: Program, arithmetic: Arithmetic[V], inputs: Sequence[V]) -> list[V]:
    """Like `evaluate`, but returns the enclosure of every step, for `differentiate`; the last one is the value."""
    values: list[V] = []
    for step in program.code:
        values.append(_apply(step, arithmetic, inputs, values))
    return values


def _apply(step: Instruction, arithmetic: Arithmetic[V], inputs: Sequence[V], values: Sequence[V | None]) -> V:
    if step.op is Op.VAR:
        assert isinstance(step.param, int)
        return inputs[step.param]
    if step.op is Op.CONST:
        return arithmetic.const(Fraction(step.param or 0))
    operands = [values[a] for a in step.args]
    method = getattr(arithmetic, step.op.value)
    return cast(V, method(*operands) if step.param is None else method(*operands, step.param))


def differentiate(program: Program, arithmetic: Arithmetic[V], values: Sequence[V]) -> list[V]:
    """Reverse-mode generalised gradient.

    Arguments: program; arithmetic, after `freeze_domain`; values, what `evaluate_steps` returned.
    Returns: one V per variable. Source: module docstring.
    """
    active = program.depends_on_input
    adjoint: list[V | None] = [None] * len(values)
    adjoint[-1] = arithmetic.const(Fraction(1))
    gradient: list[V | None] = [None] * program.dimension
    for i in range(len(values) - 1, -1, -1):
        step, bar = program.code[i], adjoint[i]
        if bar is None or not active[i]:
            continue
        if step.op is Op.VAR:
            assert isinstance(step.param, int)
            gradient[step.param] = bar
            continue
        shares = _shares(program, i, arithmetic, values, bar)
        for argument, share in zip(step.args, shares, strict=True):
            if share is not None and active[argument]:
                previous = adjoint[argument]
                adjoint[argument] = share if previous is None else arithmetic.add(previous, share)
    zero = arithmetic.const(Fraction(0))
    return [zero if g is None else g for g in gradient]


def _shares(program: Program, i: int, ar: Arithmetic[V], values: Sequence[V], bar: V) -> Sequence[V | None]:
    """What step i passes on to each of its operands: adjoint times partial derivative; None where the operand is constant."""
    step = program.code[i]
    u = [values[a] for a in step.args]
    wanted = [program.depends_on_input[a] for a in step.args]
    match step.op:
        case Op.ADD:
            return [bar, bar]
        case Op.SUB:
            return [bar, ar.neg(bar)]
        case Op.NEG:
            return [ar.neg(bar)]
        case Op.MUL:
            return [ar.mul(bar, u[1]) if wanted[0] else None, ar.mul(bar, u[0]) if wanted[1] else None]
        case Op.DIV:
            scaled = ar.div(bar, u[1])
            return [scaled if wanted[0] else None, ar.neg(ar.mul(scaled, values[i])) if wanted[1] else None]
        case Op.MAX | Op.MIN:
            first = ar.step_slope(ar.sub(u[0], u[1]) if step.op is Op.MAX else ar.sub(u[1], u[0]))
            return [ar.mul(bar, first), ar.mul(bar, ar.sub(ar.const(Fraction(1)), first))]
        case _:
            return [ar.mul(bar, _derivative(step.op, step.param, ar, u[0], values[i]))]


def _derivative(op: Op, param: int | Fraction | None, ar: Arithmetic[V], u: V, value: V) -> V:
    """Derivative of a unary operation over the range u of its operand; `value` is its enclosure there."""
    one = ar.const(Fraction(1))
    match op:
        case Op.POW_INT:
            n = int(param or 0)
            return ar.const(Fraction(0)) if n == 0 else ar.mul(ar.const(Fraction(n)), ar.pow_int(u, n - 1))
        case Op.POW_RAT:
            r = Fraction(param or 0)
            rest = r - 1  # never an integer, because r is not
            return ar.mul(ar.const(r), ar.sqrt(u) if rest == Fraction(1, 2) else ar.pow_rat(u, rest))
        case Op.SQRT:
            return ar.div(ar.const(Fraction(1, 2)), value)
        case Op.EXP:
            return value
        case Op.LOG:
            return ar.div(one, u)
        case Op.TANH:
            return ar.sub(one, ar.pow_int(value, 2))
        case Op.SIGMOID:
            # σ′ = σ(u)σ(−u) keeps relative accuracy in the tails, 1/4 − (σ − 1/2)² has no dependency on wide ranges.
            centred = ar.sub(ar.const(Fraction(1, 4)), ar.pow_int(ar.sub(value, ar.const(Fraction(1, 2))), 2))
            return ar.intersect(centred, ar.mul(value, ar.sigmoid(ar.neg(u))))
        case Op.SOFTPLUS:
            return ar.sigmoid(u)
        case Op.SIN:
            return ar.cos(u)
        case Op.COS:
            return ar.neg(ar.sin(u))
        case Op.ATAN:
            return ar.div(one, ar.add(one, ar.pow_int(u, 2)))
        case Op.RELU:
            return ar.step_slope(u)
        case Op.ABS:
            return ar.abs_slope(u)
        case Op.SIGN:
            return ar.sign_slope(u)
        case _:  # pragma: no cover - every unary operation is listed
            raise ValueError(f"no derivative for {op}")
