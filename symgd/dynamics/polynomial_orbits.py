"""Periodic orbits of maps of several variables that are given step by step, from approximations found elsewhere.

A periodic orbit is a zero of the system p_{k+1} = F(p_k), with the points of the whole orbit as unknowns: each equation contains F once,
so that enclosures stay tight and certificates short (Krawczyk 1969; Galias 2001). The statement is settled by the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..certify.dynamics import ZeroIn
from ..claims import Statement, unique_zero
from ..language import Expr, Relation, real
from .expressions import program
from .model import DynamicsError
from .spectrum import is_contracting, multiply
from .zeros import Pair, slopes

Map = Callable[[int, Sequence[Expr]], Sequence[Expr]]
Conditions = Callable[[int, Sequence[Expr]], Sequence[Relation]]
GRID = Fraction(1, 2**60)  # the ends of a box must be numbers of the kernel's working precision


def _on_grid(x: Fraction) -> Fraction:
    return round(x / GRID) * GRID


@dataclass(frozen=True)
class OrbitBox:
    """A box around each point of an approximate periodic orbit of a map.

    Arguments: `step(k, x)`, the map as it is near the k-th point (a piecewise smooth map has different formulas at different points;
    put where each holds into `conditions`), from d expressions to d expressions;
    `points`, the orbit as `period` tuples of d rationals, in order;
    `radius`, half the width of the boxes (both are rounded to multiples of 2^-60).
    Raises: DynamicsError for points of different lengths, or a radius that is not positive.
    """

    step: Map
    points: tuple[tuple[Fraction, ...], ...]
    radius: Fraction

    def __post_init__(self) -> None:
        if not self.points or len({len(p) for p in self.points}) != 1 or not self.points[0]:
            raise DynamicsError("points: an orbit needs at least one point, and points of one common dimension")
        if self.radius <= 0:
            raise DynamicsError(f"radius: {self.radius} is not positive")

    @property
    def _box(self) -> list[list[Pair]]:
        return [[(x - self._half, x + self._half) for x in p] for p in self._centres]

    @property
    def _half(self) -> Fraction:
        return max(_on_grid(self.radius), GRID)

    @property
    def _centres(self) -> list[list[Fraction]]:
        return [[_on_grid(x) for x in p] for p in self.points]

    @property
    def _names(self) -> list[list[str]]:
        return [[f"x{k}_{i}" for i in range(len(p))] for k, p in enumerate(self.points)]

    def statement(self, conditions: Conditions = lambda k, x: ()) -> Statement:
        """The box contains exactly one periodic orbit, its points are different, and `conditions(k, x)` hold at its k-th point x.

        Arguments: `conditions`, such as that the map is valid there. Returns: a statement for the kernel.
        Raises: DynamicsError where two boxes overlap, so that the points could be equal.
        """
        boxes = self._box
        if any(self._overlap(boxes[j], boxes[k]) for k in range(len(boxes)) for j in range(k)):
            raise DynamicsError("points: two boxes of the orbit overlap; take a smaller radius, or a shorter period")
        unknowns = [
            [real(name, f"[{a}, {b}]") for name, (a, b) in zip(names, box, strict=True)]
            for names, box in zip(self._names, boxes, strict=True)
        ]
        after = [*unknowns[1:], unknowns[0]]
        equations = [x - y for k, (p, q) in enumerate(zip(unknowns, after, strict=True)) for x, y in zip(q, self.step(k, p), strict=True)]
        then = [r for k, p in enumerate(unknowns) for r in conditions(k, p)]
        return unique_zero(*(x for p in unknowns for x in p), of=equations, then=then)

    @staticmethod
    def _overlap(a: Sequence[Pair], b: Sequence[Pair]) -> bool:
        return all(x[0] <= y[1] and y[0] <= x[1] for x, y in zip(a, b, strict=True))

    @property
    def proof(self) -> ZeroIn:
        """The strategy that proves the statement: Krawczyk's test on the whole box."""
        near = {name: x for names, p in zip(self._names, self._centres, strict=True) for name, x in zip(names, p, strict=True)}
        return ZeroIn(near=near, radius=self._half)

    def jacobian(self) -> list[list[Pair]] | None:
        """An enclosure of the Jacobian of F^period along every orbit in the boxes, rows of (lower, upper); None where unbounded."""
        out: list[list[Pair]] | None = None
        names = self._names[0]
        for k, box in enumerate(self._box):
            programs = [program(e, names) for e in self.step(k, [Expr(name) for name in names])]
            linear = slopes(programs, box, ())
            if linear is None:
                return None
            out = linear[1] if out is None else multiply(linear[1], out)
        return out

    def attracts(self) -> bool:
        """Whether every orbit of this period in the boxes attracts: all multipliers are inside the unit circle, by enclosure."""
        matrix = self.jacobian()
        return matrix is not None and is_contracting(matrix)
