"""Intervals with exact rational end points, and what a backend answers with.

An `Interval` is a closed, connected, non-empty set of *real* numbers; an infinite end point means a half-line, infinity itself is never an
element. Results carry a flag next to the interval, because an enclosure of log(x) over [-1, 1] says nothing about x = -1:

* the interval contains every value the expression takes at points of the box **where it is defined**;
* `defined` is True only when the expression is certainly defined at **every** point of the box.

An expression that is defined nowhere on the box has an empty range. No interval is empty here, so the answer is the entire line with
`defined=False`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Endpoint: TypeAlias = Fraction | float  # a float only when it is infinite
Number: TypeAlias = Fraction | int | float | str
FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]


class Sign(Enum):
    """What is certain about the sign of a quantity over a whole box."""

    NEGATIVE = "negative"
    NONPOSITIVE = "nonpositive"
    ZERO = "zero"
    NONNEGATIVE = "nonnegative"
    POSITIVE = "positive"
    UNDECIDED = "undecided"


def exact(value: Number) -> Endpoint:
    """Convert a number to an exact end point.

    Arguments: value, an int, Fraction, float (taken as the dyadic number it is) or a string "p/q".
    Returns: a Fraction, or ±inf as a float.
    Raises: ValueError for NaN or a malformed string.
    """
    if isinstance(value, float):
        if math.isnan(value):
            raise ValueError("NaN is not an end point; use Interval.entire() for 'anything'")
        if math.isinf(value):
            return value
    return Fraction(value)


@dataclass(frozen=True)
class Interval:
    """A closed non-empty interval of reals with exact end points.

    Arguments: lo, hi: int, Fraction, float or "p/q"; lo may be -inf and hi may be +inf.
    Raises: ValueError when lo > hi (empty), when an end point is NaN, or when lo = +inf or hi = -inf.
    """

    lo: Endpoint
    hi: Endpoint

    def __init__(self, lo: Number, hi: Number | None = None) -> None:
        low, high = exact(lo), exact(lo if hi is None else hi)
        if low > high or low == math.inf or high == -math.inf:
            raise ValueError(f"[{lo}, {hi}] is empty; an interval needs lo <= hi, lo < inf and hi > -inf")
        object.__setattr__(self, "lo", low)
        object.__setattr__(self, "hi", high)

    @classmethod
    def entire(cls) -> Interval:
        """The whole real line."""
        return cls(-math.inf, math.inf)

    def __contains__(self, x: Number) -> bool:
        return self.lo <= exact(x) <= self.hi

    def is_subset(self, other: Interval) -> bool:
        """True when every point of this interval is in `other`."""
        return other.lo <= self.lo and self.hi <= other.hi

    def intersects(self, other: Interval) -> bool:
        """True when the two intervals share a point."""
        return max(self.lo, other.lo) <= min(self.hi, other.hi)

    def intersection(self, other: Interval) -> Interval:
        """The common part.

        Raises: ValueError when there is none: two enclosures of one value always meet, so this means an unsound enclosure somewhere.
        """
        return Interval(max(self.lo, other.lo), min(self.hi, other.hi))

    def hull(self, other: Interval) -> Interval:
        """The smallest interval that contains both."""
        return Interval(min(self.lo, other.lo), max(self.hi, other.hi))

    @property
    def width(self) -> Endpoint:
        """hi − lo, possibly +inf."""
        return self.hi - self.lo

    @property
    def is_entire(self) -> bool:
        """True for the whole line."""
        return self.lo == -math.inf and self.hi == math.inf

    @property
    def sign(self) -> Sign:
        """What is certain about the sign of every element."""
        if self.lo > 0:
            return Sign.POSITIVE
        if self.hi < 0:
            return Sign.NEGATIVE
        if self.lo == 0:
            return Sign.ZERO if self.hi == 0 else Sign.NONNEGATIVE
        return Sign.NONPOSITIVE if self.hi == 0 else Sign.UNDECIDED


Box: TypeAlias = Sequence[Interval]


@dataclass(frozen=True)
class Enclosure:
    """The range of an expression over one box.

    Arguments: interval, which contains every value taken where the expression is defined; defined, True only when it is certainly defined
    on the whole box.
    """

    interval: Interval
    defined: bool

    @property
    def sign(self) -> Sign:
        """The certain sign over the whole box; UNDECIDED unless the expression is defined everywhere on it."""
        return self.interval.sign if self.defined else Sign.UNDECIDED


@dataclass(frozen=True)
class GradientEnclosure:
    """Value and generalised gradient of an expression over one box.

    Arguments: value; gradient, one interval per variable in the order of `Program.variables`; differentiable, True only when the
    expression is certainly differentiable on the whole box (no kink is touched).

    Guarantee: the product of the intervals contains the gradient at every point of the box where it exists, and, where the expression is
    locally Lipschitz, Clarke's generalised gradient. When `value.defined`, it also contains a slope for every pair x, y of points of the
    box: some g in it has f(x) − f(y) = g·(x − y). So the mean-value form is sound on boxes with kinks too.
    """

    value: Enclosure
    gradient: tuple[Interval, ...]
    differentiable: bool


@dataclass(frozen=True, eq=False)
class EnclosureArray:
    """Ranges of one expression over n boxes.

    Arguments: lo, hi: float64 arrays of shape (n,), -inf ≤ lo ≤ hi ≤ inf, never NaN; defined: bool array of shape (n,).
    """

    lo: FloatArray
    hi: FloatArray
    defined: BoolArray

    def __len__(self) -> int:
        return len(self.lo)

    def __getitem__(self, i: int) -> Enclosure:
        return Enclosure(Interval(float(self.lo[i]), float(self.hi[i])), bool(self.defined[i]))

    @property
    def positive(self) -> BoolArray:
        """Shape (n,): certainly > 0 and defined on the whole box."""
        return self.defined & (self.lo > 0)

    @property
    def nonnegative(self) -> BoolArray:
        """Shape (n,): certainly ≥ 0 and defined on the whole box."""
        return self.defined & (self.lo >= 0)

    @property
    def negative(self) -> BoolArray:
        """Shape (n,): certainly < 0 and defined on the whole box."""
        return self.defined & (self.hi < 0)

    @property
    def nonpositive(self) -> BoolArray:
        """Shape (n,): certainly ≤ 0 and defined on the whole box."""
        return self.defined & (self.hi <= 0)


@dataclass(frozen=True, eq=False)
class GradientArray:
    """Values and generalised gradients over n boxes, with the guarantee of `GradientEnclosure`.

    Arguments: value; lo, hi: float64 arrays of shape (d, n), a row per variable; differentiable: bool array of shape (n,).
    """

    value: EnclosureArray
    lo: FloatArray
    hi: FloatArray
    differentiable: BoolArray

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, i: int) -> GradientEnclosure:
        gradient = tuple(Interval(float(a), float(b)) for a, b in zip(self.lo[:, i], self.hi[:, i], strict=True))
        return GradientEnclosure(self.value[i], gradient, bool(self.differentiable[i]))


def float_down(x: Endpoint) -> float:
    """The largest float ≤ x (or -inf below the range of floats)."""
    return -float_up(-x)


def float_up(x: Endpoint) -> float:
    """The smallest float ≥ x (or +inf above the range of floats)."""
    if isinstance(x, float):
        return x
    try:
        nearest = float(x)
    except OverflowError:
        return math.inf if x > 0 else -float(np.finfo(np.float64).max)
    if math.isinf(nearest):  # pragma: no cover - CPython raises OverflowError instead
        return math.inf if x > 0 else -float(np.finfo(np.float64).max)
    return nearest if Fraction(nearest) >= x else math.nextafter(nearest, math.inf)
