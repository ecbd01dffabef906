"""The gradient-descent map of a loss, as it is handed to the certified computations of this package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Union

import numpy as np

from ..enclosures.float64 import Engine, Float64
from ..enclosures.interval import BoolArray, FloatArray, Interval, float_down, float_up
from ..enclosures.program import Program
from ..language import Expr, ExprLike, LanguageError, Variable, expr, parse
from .expressions import Coefficients, derivative, horner, is_analytic, poly_derivative, polynomial, program, resolve

BACKEND = Float64(Engine.NUMPY)
StepLike = Union[int, str, Fraction, Interval, tuple[Any, Any]]
RegionLike = Union[str, tuple[Any, Any], Interval, Mapping[str, Any], Sequence[Any]]


class DynamicsError(ValueError):
    """A loss, step size or region that cannot be analysed; the message says what to write instead."""


def as_fraction(value: Any, what: str) -> Fraction:
    """An exact number from an int, Fraction, Expr literal, or a string such as "3/10" or "0.3".

    Raises: DynamicsError for anything else, floats included.
    """
    if isinstance(value, float):
        raise DynamicsError(f"{what}: the float {value!r} is not exact; write '{value!r}' as a string or Fraction(p, q)")
    try:
        e = expr(value)
        return Fraction(e.node)  # type: ignore[arg-type]
    except (LanguageError, ValueError, TypeError, ZeroDivisionError):
        raise DynamicsError(f"{what}: {str(value)[:60]!r} is not a rational number; write it like 3/10 or 0.3") from None


def as_interval(value: Any, what: str) -> Interval:
    """An interval from a number, a pair, an Interval, or a string "a:b".

    Raises: DynamicsError for malformed or empty ones.
    """
    if isinstance(value, Interval):
        return value
    if isinstance(value, str) and ":" in value:
        value = tuple(value.split(":"))
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise DynamicsError(f"{what}: an interval has two ends, like -1:3")
        lo, hi = (as_fraction(v.strip() if isinstance(v, str) else v, what) for v in value)
        if lo > hi:
            raise DynamicsError(f"{what}: {lo}:{hi} is empty; write the smaller end first")
        return Interval(lo, hi)
    q = as_fraction(value, what)
    return Interval(q, q)


def as_loss(loss: ExprLike, variables: Iterable[Any]) -> tuple[Expr, tuple[str, ...]]:
    """The loss as an expression, and the names of its variables in order.

    Raises: DynamicsError for names that are missing or not variables; LanguageError for unreadable text.
    """
    given = [variables] if isinstance(variables, (str, Variable)) else list(variables)
    names = tuple(v.name if isinstance(v, Variable) else str(v) for v in given)
    if not names or len(set(names)) != len(names):
        raise DynamicsError("give at least one variable, and each one once")
    for name in names:
        if not name.isidentifier() or not name.isascii():
            raise DynamicsError(f"{name!r} is not a name for a variable")
    e = resolve(parse(loss, names) if isinstance(loss, str) else expr(loss))
    unknown = sorted(e.free_names - set(names))
    if unknown:
        raise DynamicsError(f"the loss contains {', '.join(unknown)}, which is not among the variables {', '.join(names)}")
    return e, names


def _is_interval(v: Any) -> bool:
    return isinstance(v, (tuple, list, Interval)) or (isinstance(v, str) and ":" in v)


def as_region(region: RegionLike, names: Sequence[str]) -> tuple[Interval, ...]:
    """One bounded interval for each variable; a single one is used for all of them.

    Raises: DynamicsError for a wrong number of intervals, an empty or a one-point interval.
    """
    if isinstance(region, Mapping):
        missing = [x for x in names if x not in region]
        if missing:
            raise DynamicsError(f"the region says nothing about {', '.join(missing)}")
        out = [as_interval(region[x], "region") for x in names]
    elif isinstance(region, (str, Interval)) or (len(region) == 2 and not any(_is_interval(v) for v in region)):
        out = [as_interval(region, "region")] * len(names)
    else:
        if len(region) != len(names):
            raise DynamicsError(f"the region has {len(region)} intervals for {len(names)} variables")
        out = [as_interval(v, "region") for v in region]
    for x, v in zip(names, out, strict=True):
        if isinstance(v.lo, float) or isinstance(v.hi, float) or v.lo == v.hi:
            raise DynamicsError(f"the region of {x} must be bounded and have an interior")
    return tuple(out)


@dataclass(frozen=True)
class DescentMap:
    """The map x ↦ x − δ∇f(x) of a loss f.

    Arguments: loss, an expression or text; variables, their names; step, a positive rational or an interval of them, such as "3/10" or
    ("3/10", "2/5"): every result then holds for each δ in it.
    Raises: DynamicsError, LanguageError for input that cannot be used.
    """

    loss: Expr
    variables: tuple[str, ...]
    step: Interval

    def __init__(self, loss: ExprLike, variables: Iterable[Any] = ("x",), step: StepLike = 1) -> None:
        e, names = as_loss(loss, variables)
        delta = as_interval(step, "step")
        if delta.lo <= 0:
            raise DynamicsError(f"the step size must be positive, not {delta.lo}")
        object.__setattr__(self, "loss", e)
        object.__setattr__(self, "variables", names)
        object.__setattr__(self, "step", delta)

    @property
    def dimension(self) -> int:
        return len(self.variables)

    @property
    def delta(self) -> Fraction:
        """The step size, where it is one number. Raises: DynamicsError otherwise."""
        if self.step.lo != self.step.hi:
            raise DynamicsError("this needs one step size, not an interval of them")
        return Fraction(self.step.lo)

    @cached_property
    def step_name(self) -> str:
        """A name for the step size that is no variable."""
        return next(n for n in ("delta", "step", "step_size", "delta_") if n not in self.variables)

    @cached_property
    def slope_coefficients(self) -> Coefficients | None:
        """Coefficients of f′ when the loss is a polynomial in one variable, else None."""
        if self.dimension > 1:
            return None
        c = polynomial(self.loss, self.variables[0])
        return None if c is None else poly_derivative(c)

    @cached_property
    def map_coefficients(self) -> Coefficients | None:
        """Coefficients of the map when the loss is a polynomial in one variable and δ a number, else None."""
        c = self.slope_coefficients
        if c is None or self.step.lo != self.step.hi:
            return None
        out = [-self.delta * q for q in c] + [Fraction(0)] * (2 - len(c))
        out[1] += 1
        while out and not out[-1]:
            out.pop()
        return out

    @cached_property
    def gradient(self) -> tuple[Expr, ...]:
        """∇f as expressions, in Horner form for a polynomial in one variable."""
        if self.slope_coefficients is not None:
            return (horner(self.slope_coefficients, self.variables[0]),)
        return tuple(derivative(self.loss, x) for x in self.variables)

    @cached_property
    def map(self) -> tuple[Expr, ...]:
        """x − δ∇f with the step size written as the variable `step_name`."""
        return tuple(Expr(x) - Expr(self.step_name) * g for x, g in zip(self.variables, self.gradient, strict=True))

    def map_at(self, delta: Fraction) -> tuple[Expr, ...]:
        """x − δ∇f for this number δ."""
        return tuple(Expr(x) - expr(delta) * g for x, g in zip(self.variables, self.gradient, strict=True))

    @cached_property
    def gradient_programs(self) -> tuple[Program, ...]:
        return tuple(program(g, self.variables) for g in self.gradient)

    @cached_property
    def map_programs(self) -> tuple[Program, ...]:
        """Programs of the map over the variables and then δ."""
        return tuple(program(g, (*self.variables, self.step_name)) for g in self.map)

    @cached_property
    def analytic(self) -> bool:
        """Whether the map is real analytic wherever it is defined."""
        return all(is_analytic(g) for g in self.gradient)

    def with_step(self, step: StepLike) -> DescentMap:
        """The same loss with another step size."""
        return DescentMap(self.loss, self.variables, step)

    def __str__(self) -> str:
        d = str(self.step.lo) if self.step.lo == self.step.hi else f"[{self.step.lo}, {self.step.hi}]"
        return f"gradient descent on {self.loss} with step {d}"

    # --- images of intervals, one variable -------------------------------------------------------------------------------------------

    def images(self, lo: FloatArray, hi: FloatArray, steps: tuple[FloatArray, FloatArray] | None = None) -> Images:
        """Enclosures of g(X) and of the slopes of g on X for many intervals at once (one variable).

        Arguments: lo, hi, arrays of shape (n,); steps, an interval of step sizes for each of them (that of the map by default).
        Returns: `Images`.
        """
        p = self.map_programs[0]
        n = len(lo)
        if steps is None:
            steps = np.full(n, float_down(self.step.lo)), np.full(n, float_up(self.step.hi))
        middle = np.clip(0.5 * (lo + hi), lo, hi)
        whole = BACKEND.enclose_gradient_boxes(p, np.vstack([lo, steps[0]]), np.vstack([hi, steps[1]]))
        points = np.concatenate([lo, middle, hi])
        at = BACKEND.enclose_boxes(p, np.vstack([points, np.tile(steps[0], 3)]), np.vstack([points, np.tile(steps[1], 3)]))
        left, mid, right = (slice(i * n, (i + 1) * n) for i in range(3))
        s_lo, s_hi = whole.lo[0], whole.hi[0]
        with np.errstate(all="ignore"):
            # mean value: g(x) = g(m) + s (x − m) for a slope s, and |x − m| ≤ r
            radius = up(np.maximum(up(middle - lo), up(hi - middle)))
            spread = up(np.maximum(np.abs(s_lo), np.abs(s_hi)) * radius)
            spread[np.isnan(spread)] = np.inf
            out_lo, out_hi = np.fmax(whole.value.lo, down(at.lo[mid] - spread)), np.fmin(whole.value.hi, up(at.hi[mid] + spread))
            rising, falling = s_lo >= 0, s_hi <= 0
            out_lo = np.where(rising, np.fmax(out_lo, at.lo[left]), np.where(falling, np.fmax(out_lo, at.lo[right]), out_lo))
            out_hi = np.where(rising, np.fmin(out_hi, at.hi[right]), np.where(falling, np.fmin(out_hi, at.hi[left]), out_hi))
        bad = ~whole.value.defined
        return Images(
            np.where(bad, -np.inf, out_lo),
            np.where(bad, np.inf, out_hi),
            np.where(bad, -np.inf, s_lo),
            np.where(bad, np.inf, s_hi),
            whole.value.defined,
            np.where(bad, -np.inf, whole.lo[1]),
            np.where(bad, np.inf, whole.hi[1]),
        )


@dataclass(frozen=True, eq=False)
class Images:
    """Images and slopes (in x, and in δ) of n intervals: arrays of shape (n,); where `defined` is False they are the whole line."""

    lo: FloatArray
    hi: FloatArray
    slope_lo: FloatArray
    slope_hi: FloatArray
    defined: BoolArray
    step_lo: FloatArray
    step_hi: FloatArray


PHI = 2.0**-53 * (1 + 2.0**-52)
ETA = 2.0**-1074


def down(x: FloatArray) -> FloatArray:
    """A lower bound of the exact result of one operation that was rounded to x; −∞ for NaN and infinities."""
    with np.errstate(all="ignore"):
        out: FloatArray = x - (PHI * np.abs(x) + ETA)
    return np.where(np.isfinite(x), out, -np.inf)


def up(x: FloatArray) -> FloatArray:
    """An upper bound of the exact result of one operation that was rounded to x; ∞ for NaN and infinities."""
    return -down(-x)
