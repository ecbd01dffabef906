"""Sets of starts in the plane with a certain fate: discs of contraction, neighbourhoods of curves of equilibria, unions of grid cells.

The proofs are in the docstrings of the functions that make them, and in `plane`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any, Protocol

import numpy as np
import sympy

from ..enclosures.interval import BoolArray, FloatArray, float_down, float_up
from ..language import Expr, Node, text
from . import several
from .expressions import derivative as expr_derivative
from .expressions import program, substitute
from .flow import Bounds, BoxMap, Flow, grid, matrix_times, more, multiply, quarters
from .model import BACKEND, DescentMap, down, up
from .zeros import Box

ENTIRE = frozenset({"+", "-", "*", "/", "^", "exp", "sin", "cos", "tanh", "atan", "sigmoid", "softplus"})


class Region(Protocol):
    """A set of starts with one fate."""

    def contains(self, lo: FloatArray, hi: FloatArray) -> BoolArray:
        """Which of n boxes, given by arrays of shape (2, n), certainly lie in it."""

    def __str__(self) -> str: ...


# --- discs -------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Disc:
    """The points x with |T(x − centre)| ≤ radius, in the Euclidean norm.

    Arguments: centre, two floats; transform, T by rows; radius, a float.
    """

    centre: tuple[float, float]
    transform: tuple[tuple[float, float], tuple[float, float]]
    radius: float

    def contains(self, lo: FloatArray, hi: FloatArray) -> BoolArray:
        """Which of n boxes, given by arrays of shape (2, n), certainly lie in it: their four corners do."""
        out = np.ones(lo.shape[1], dtype=bool)
        with np.errstate(all="ignore"):
            for x, y in product((lo[0], hi[0]), (lo[1], hi[1])):
                u, v = x - self.centre[0], y - self.centre[1]
                square = np.zeros(lo.shape[1])
                for a, b in self.transform:
                    z = np.abs(a * u + b * v) + 2.0**-48 * (np.abs(a * u) + np.abs(b * v)) + 2.0**-500
                    square = square + z * z
                out &= more(square) <= self.radius * self.radius * (1 - 2.0**-50)
        return out

    def __str__(self) -> str:
        shape = "" if self.transform == IDENTITY else " in an adapted norm"
        return f"the disc of radius {self.radius:.6g} around ({self.centre[0]:.6g}, {self.centre[1]:.6g}){shape}"

    def outline(self, n: int = 200) -> tuple[FloatArray, FloatArray]:
        """Points of the boundary, for pictures."""
        t = np.linspace(0, 2 * np.pi, n)
        z = np.linalg.solve(np.array(self.transform), self.radius * np.stack([np.cos(t), np.sin(t)]))
        return self.centre[0] + z[0], self.centre[1] + z[1]


IDENTITY = ((1.0, 0.0), (0.0, 1.0))


def norm_bound(m: Bounds) -> FloatArray:
    """Upper bounds of the spectral norms of n interval matrices (2, 2, n): σ² = (F + √(F² − 4 det²))/2 with F the sum of squares."""
    size = np.maximum(np.abs(m[0]), np.abs(m[1]))
    f = more(more(size * size).sum(axis=(0, 1)))
    first = multiply((m[0][0, 0], m[1][0, 0]), (m[0][1, 1], m[1][1, 1]))
    second = multiply((m[0][0, 1], m[1][0, 1]), (m[0][1, 0], m[1][1, 0]))
    low, high = down(first[0] - second[1]), up(first[1] - second[0])
    det = np.where(low > 0, low, np.where(high < 0, -high, 0.0)) * (1 - 2.0**-40)
    rest = more(np.maximum(f - 2 * det, 0.0) + 2.0**-45 * f) * (f + 2 * det)
    return np.asarray(more(np.sqrt(more(0.5 * (f + more(np.sqrt(more(rest))))))))


def contraction_on(g: BoxMap, disc: Disc, n: int = 1, parts: int = 40) -> float | None:
    """A bound below 1 of |T Dgⁿ(x) T⁻¹| over a disc, None if there is none.

    Then |T(gⁿ(x) − gⁿ(y))| ≤ factor·|T(x − y)| on it, by the mean value theorem along the segment.
    """
    edges = np.linspace(-disc.radius, disc.radius, parts + 1)
    i, j = (a.ravel() for a in np.meshgrid(np.arange(parts), np.arange(parts), indexing="ij"))
    z_lo, z_hi = np.stack([edges[i], edges[j]]), np.stack([edges[i + 1], edges[j + 1]])
    nearest = np.where(z_lo > 0, z_lo, np.where(z_hi < 0, -z_hi, 0.0))
    inside = (nearest * nearest).sum(axis=0) <= disc.radius**2 * (1 + 1e-9)
    z_lo, z_hi = z_lo[:, inside], z_hi[:, inside]
    t, inverse = _transform(disc.transform)
    m = z_lo.shape[1]

    def spread(a: Bounds) -> Bounds:
        return np.broadcast_to(a[0][:, :, None], (2, 2, m)), np.broadcast_to(a[1][:, :, None], (2, 2, m))

    with np.errstate(all="ignore"):
        moved = matrix_times(spread(inverse), (z_lo[:, None], z_hi[:, None]))
        centre = np.array(disc.centre)[:, None]
        lo, hi = down(centre + moved[0][:, 0]), up(centre + moved[1][:, 0])
        flow, total = Flow.start(lo, hi), spread(inverse)
        for _ in range(n):
            _, s, defined = g.slopes(flow.lo, flow.hi)
            if not (defined.all() and np.isfinite(s[0]).all() and np.isfinite(s[1]).all()):
                return None
            total = matrix_times(s, total)
            flow = flow.advanced(g)
            if not (np.isfinite(flow.lo).all() and np.isfinite(flow.hi).all()):
                return None
        worst = float(norm_bound(matrix_times(spread(t), total)).max())
    return worst if worst < 1 - 1e-9 else None


def _transform(t: tuple[tuple[float, float], tuple[float, float]]) -> tuple[Bounds, Bounds]:
    """T and an enclosure of its inverse, each as bounds of shape (2, 2)."""
    (a, b), (c, d) = ((Fraction(x) for x in row) for row in t)
    det = a * d - b * c
    inverse = [[d / det, -b / det], [-c / det, a / det]]
    exact = np.array(t)
    return (exact, exact), (
        np.array([[float_down(q) for q in row] for row in inverse]),
        np.array([[float_up(q) for q in row] for row in inverse]),
    )


def attracting_disc(
    g: BoxMap, box: Box, n: int, transform: tuple[tuple[float, float], tuple[float, float]], largest: float
) -> tuple[Disc, float] | None:
    """The largest disc found around a point p with gⁿ(p) = p, in this norm, from which gⁿ tends to p, with the factor of contraction.

    Arguments: g; box, which encloses p; n; transform; largest, the radius to begin with.
    """
    centre = (float((box[0].lo + box[0].hi) / 2), float((box[1].lo + box[1].hi) / 2))
    away = [max(abs(Fraction(v.lo) - Fraction(c)), abs(Fraction(v.hi) - Fraction(c))) for v, c in zip(box, centre, strict=True)]
    t = transform
    error = float_up(max(sum((abs(Fraction(a)) * r for a, r in zip(row, away, strict=True)), Fraction(0)) for row in t) * 2)
    radius = largest
    for _ in range(48):
        if radius <= 4 * error:
            return None
        disc = Disc(centre, t, radius)
        factor = contraction_on(g, disc, n)
        if factor is not None:
            # the distances to p shrink; so a smaller disc, all of whose points are no further from p than that, is kept
            inner = radius - 3 * error
            return Disc(centre, t, math.nextafter(inner, 0.0)), factor
        radius *= 0.82
    return None


def adapted(m: FloatArray) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """T with |T m T⁻¹| < 1 for a matrix of spectral radius below 1, from P = Σ (mᵀ)ᵏmᵏ/s²ᵏ = TᵀT."""
    rho = float(np.abs(np.linalg.eigvals(m)).max())
    if not rho < 1:
        return None
    a = m / ((1 + rho) / 2)
    p = np.linalg.solve(np.eye(4) - np.kron(a.T, a.T), np.eye(2).reshape(-1)).reshape(2, 2)
    try:
        t = np.linalg.cholesky(0.5 * (p + p.T)).T
    except np.linalg.LinAlgError:
        return None
    t = np.round(t / np.abs(t).max() * 2**20) / 2**20
    return ((float(t[0, 0]), float(t[0, 1])), (float(t[1, 0]), float(t[1, 1])))


# --- curves of equilibria ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class NearCurve:
    """Boxes from which every orbit converges to a point of the curve r = 0, where ∇f = r·q.

    Arguments: f; factor, r; rest, q. Source: the docstring of `plane`.
    """

    f: DescentMap
    factor: Expr
    rest: tuple[Expr, Expr]

    @cached_property
    def _programs(self) -> tuple[Any, ...]:
        xs = self.f.variables
        return tuple(program(e, xs) for e in (self.factor, *self.rest))

    def contains(self, lo: FloatArray, hi: FloatArray) -> BoolArray:
        """Which of n boxes, given by arrays of shape (2, n), certainly lie in it."""
        r = BACKEND.enclose_boxes(self._programs[0], lo, hi)
        return self._stay(lo, hi, np.where(r.defined, np.maximum(np.abs(r.lo), np.abs(r.hi)), np.inf))

    def catches(self, flow: Flow) -> BoolArray:
        """Which cells have an image in it; r is enclosed by its mean-value form along the slopes of the flow."""
        r = BACKEND.enclose_gradient_boxes(self._programs[0], flow.lo, flow.hi)
        at = BACKEND.enclose_boxes(self._programs[0], flow.c_lo, flow.c_hi)
        with np.errstate(all="ignore"):
            slope = matrix_times((np.stack([r.lo, r.lo]), np.stack([r.hi, r.hi])), (flow.j_lo, flow.j_hi))
            wide = more((np.maximum(np.abs(slope[0][0]), np.abs(slope[1][0])) * flow.radius[:, 0]).sum(axis=0))
            near = more(np.maximum(np.abs(at.lo), np.abs(at.hi)) + wide)
        size = np.fmin(np.maximum(np.abs(r.value.lo), np.abs(r.value.hi)), near)
        return self._stay(flow.lo, flow.hi, np.where(r.value.defined & np.isfinite(size), size, np.inf))

    def _stay(self, lo: FloatArray, hi: FloatArray, size: FloatArray) -> BoolArray:
        """Whether the path from a box on which |r| ≤ size is shorter than the distance over which r is known to shrink."""
        out = np.zeros(lo.shape[1], dtype=bool)
        path = self._path(lo, hi, size)
        todo = np.flatnonzero((path < 0.3 * (1 + np.abs(lo) + np.abs(hi))).all(axis=0))
        for share in (1.25, 2.0, 4.0):
            if not len(todo):
                break
            reach = share * path[:, todo] + 1e-12
            length = self._path(down(lo[:, todo] - reach), up(hi[:, todo] + reach), size[todo])
            good = (length <= reach).all(axis=0)
            out[todo[good]] = True
            todo = todo[~good]
        return out

    def _path(self, lo: FloatArray, hi: FloatArray, size: FloatArray) -> FloatArray:
        """The lengths (2, n) of the paths that follow where |r| ≤ size to begin with and the orbit stays in these boxes; ∞ where ρ ≥ 1."""
        with np.errstate(all="ignore"):
            r = BACKEND.enclose_gradient_boxes(self._programs[0], lo, hi)
            q0, q1 = (BACKEND.enclose_boxes(p, lo, hi) for p in self._programs[1:])
            first, second = multiply((r.lo[0], r.hi[0]), (q0.lo, q0.hi)), multiply((r.lo[1], r.hi[1]), (q1.lo, q1.hi))
            d = float_down(self.f.delta), float_up(self.f.delta)
            s = multiply((down(first[0] + second[0]), up(first[1] + second[1])), (np.full(len(size), d[0]), np.full(len(size), d[1])))
            rho = np.maximum(np.abs(up(1 - s[0])), np.abs(down(1 - s[1])))
            speed = np.stack([np.maximum(np.abs(q.lo), np.abs(q.hi)) for q in (q0, q1)])
            path = d[1] * speed * size / (1 - rho) * (1 + 2.0**-20) + 2.0**-900
            good = (rho < 1 - 1e-6) & np.isfinite(path) & r.value.defined & q0.defined & q1.defined
        return np.where(good, path, np.inf)

    @property
    def equation(self) -> str:
        """The equation of the curve."""
        terms = several.read(self.factor, self.f.variables)
        return f"{text(self.factor) if terms is None else several.text(terms, self.f.variables)} = 0"

    def __str__(self) -> str:
        return f"boxes near {self.equation}"


def curves(f: DescentMap) -> tuple[NearCurve, ...]:
    """Curves of equilibria, as factors r of the gradient.

    For polynomials these are the common factors of both derivatives (SymPy proposes; the division is checked); for a loss φ(u) with a
    polynomial u of both variables, r = φ′(u) and q = ∇u.
    """
    loss = several.read(f.loss, f.variables)
    if loss is None:
        return _ridges(f)
    if several.degree(loss) > 24:
        return ()
    gradient = [several.derivative(loss, i) for i in range(2)]
    xs = sympy.symbols("x y")
    polys = [sympy.Poly({k: sympy.Rational(q.numerator, q.denominator) for k, q in g.items()} or {(0, 0): 0}, *xs) for g in gradient]
    if all(p.is_zero for p in polys):
        return ()
    out = []
    for p, _ in sympy.gcd(*polys).factor_list()[1]:
        factor = {k: Fraction(int(q.p), int(q.q)) for k, q in p.terms()}
        rest = [several.quotient(g, factor) for g in gradient]
        if rest[0] is not None and rest[1] is not None:
            q = several.as_expr(rest[0], f.variables), several.as_expr(rest[1], f.variables)
            out.append(NearCurve(f, several.as_expr(factor, f.variables), q))
    return tuple(out)


def _ridges(f: DescentMap) -> tuple[NearCurve, ...]:
    """The curve of a loss φ(u(x, y))."""
    name = next(n for n in ("t", "u", "s", "t_") if n not in f.variables)
    stack: list[Node] = [f.loss.node]
    while stack:
        node = stack.pop(0)
        if not isinstance(node, tuple):
            continue
        u = several.read(Expr(node), f.variables)
        if u is not None and several.degree(u) > 0 and node != f.loss.node:
            outer = Expr(_replaced(f.loss.node, node, name))
            if not outer.free_names & set(f.variables):
                slope = substitute(expr_derivative(outer, name), {name: Expr(node)})
                return (NearCurve(f, slope, tuple(several.as_expr(several.derivative(u, i), f.variables) for i in range(2))),)  # type: ignore[arg-type]
        stack.extend(node[1:2] if node[0] in ("^", "pow") else node[1:])
    return ()


def _replaced(node: Node, old: Node, name: str) -> Node:
    if node == old:
        return name
    if not isinstance(node, tuple):
        return node
    if node[0] in ("^", "pow"):
        return (node[0], _replaced(node[1], old, name), node[2])
    return (node[0], *(_replaced(n, old, name) for n in node[1:]))


# --- unions of cells ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CellSet:
    """A union of the cells of a grid, given by a table of sums: sums[i, j] counts the cells of the set below and left of corner (i, j)."""

    lo: FloatArray
    hi: FloatArray
    sums: Any

    @property
    def parts(self) -> int:
        """The number of cells along a side of the grid."""
        return int(self.sums.shape[0]) - 1

    def contains(self, lo: FloatArray, hi: FloatArray) -> BoolArray:
        """Which of n boxes, given by arrays of shape (2, n), certainly lie in it: all cells that they may meet are in the set."""
        n = self.parts
        size = (self.hi - self.lo)[:, None]
        inside = ((lo > self.lo[:, None]) & (hi < self.hi[:, None])).all(axis=0)
        with np.errstate(all="ignore"):
            # one part in 10⁶ of a cell more than the box covers the rounding of the quotients
            first = np.floor(np.where(inside, (lo - self.lo[:, None]) / size * n - 1e-6, 0)).astype(int)
            last = np.floor(np.where(inside, (hi - self.lo[:, None]) / size * n + 1e-6, 0)).astype(int) + 1
        (a, c), (b, d) = np.clip(first, 0, n), np.clip(last, 0, n)
        count = self.sums[b, d] - self.sums[a, d] - self.sums[b, c] + self.sums[a, c]
        return np.asarray(inside & (count == (b - a) * (d - c)))

    def __str__(self) -> str:
        return f"a union of {int(self.sums[-1, -1])} cells of a {self.parts} × {self.parts} grid"


def kept_cells(flow: Flow, good: BoolArray, box: Box, elsewhere: Sequence[Region]) -> CellSet | None:
    """The largest union of good cells of a grid on `box` such that the image of each is in it or in a region elsewhere."""
    parts = math.isqrt(len(good))
    ends = np.array([float_down(v.lo) for v in box]), np.array([float_up(v.hi) for v in box])
    safe = np.zeros(len(good), dtype=bool)
    index = np.flatnonzero(good)
    for r in elsewhere:
        safe[index] |= r.contains(flow.lo[:, index], flow.hi[:, index])
    good = good.copy()
    while good.any():
        sums = np.zeros((parts + 1, parts + 1), dtype=np.int64)
        sums[1:, 1:] = good.reshape(parts, parts).cumsum(axis=0).cumsum(axis=1)
        kept = CellSet(*ends, sums)
        index = np.flatnonzero(good & ~safe)
        stays = kept.contains(flow.lo[:, index], flow.hi[:, index])
        if stays.all():
            return kept
        good[index[~stays]] = False
    return None


def descent_set(g: BoxMap, box: Box, elsewhere: Sequence[Region], parts: int = 192) -> CellSet | None:
    """The cells of a grid from which the loss provably decreases for ever; every start in them converges to an equilibrium.

    With λ_max ≤ L < 2/δ on the hull of a cell and its image, f(g(x)) ≤ f(x) − δ(1 − δL/2)|∇f(x)|² there. Cells whose image may leave the
    set are removed until none is, except to the regions `elsewhere`, from which convergence to an equilibrium is known already. An orbit in
    what is left is bounded with Σ|∇f|² < ∞, and for an analytic loss it converges to a single point (Absil, Mahony, Andrews 2005). None for
    a loss with kinks, and where no cell is left.
    """
    f = g.f
    if not f.analytic:
        return None
    lo, hi = grid(box, parts)
    flow = Flow.start(lo, hi).advanced(g)
    with np.errstate(all="ignore"):
        good = np.asarray(np.isfinite(flow.lo).all(axis=0) & np.isfinite(flow.hi).all(axis=0))
        a, b = np.minimum(lo, flow.lo), np.maximum(hi, flow.hi)
        good &= ((b - a) < 0.5 * (hi.max(axis=1) - lo.min(axis=1))[:, None]).all(axis=0)
        index = np.flatnonzero(good)
        good[index] = _sharpness_below(g, a[:, index], b[:, index], float_down(2 / f.delta) * (1 - 2.0**-20))
    return kept_cells(flow, good, box, elsewhere)


def _sharpness_below(g: BoxMap, lo: FloatArray, hi: FloatArray, bound: float, depth: int = 2) -> BoolArray:
    """Where λ_max of the Hessian is certainly below a bound on a whole box; boxes on which it is not are quartered."""
    found = [BACKEND.enclose_gradient_boxes(p, lo, hi) for p in g.gradient]
    loss = BACKEND.enclose_gradient_boxes(g.loss, lo, hi)  # the gradient may extend to points where the loss is not defined
    smooth = np.logical_and.reduce([e.differentiable & e.value.defined for e in (loss, *found)])
    a, c = found[0].hi[0], found[1].hi[1]
    b = np.minimum(np.maximum(np.abs(found[0].lo[1]), np.abs(found[0].hi[1])), np.maximum(np.abs(found[1].lo[0]), np.abs(found[1].hi[0])))
    # (bound − a)(bound − c) > b² with both factors positive says that bound·I − H is positive definite
    p, q = down(bound - a), down(bound - c)
    out = smooth & (p > 0) & (q > 0) & (down(p * q) > up(b * b))
    rest = np.flatnonzero(~out)
    if depth and len(rest):
        parts = quarters(lo[:, rest], hi[:, rest])
        out[rest] = _sharpness_below(g, *parts, bound, depth - 1).reshape(4, -1).all(axis=0)
    return np.asarray(out)


def never_stable(g: BoxMap, lo: FloatArray, hi: FloatArray, depth: int = 3) -> BoolArray:
    """For n boxes (2, n): whether every equilibrium in the box has a multiplier outside the unit circle, and none that is 0.

    Where the gradient may vanish this needs λ_max > 2/δ or λ_min < 0 for all Hessians on the box, and det(I − δH) ≠ 0; boxes on which it is
    not certain are quartered.
    """
    two = float_up(2 / g.f.delta)
    delta = float_down(g.f.delta), float_up(g.f.delta)
    n = lo.shape[1]
    with np.errstate(all="ignore"):
        found = [BACKEND.enclose_gradient_boxes(p, lo, hi) for p in g.gradient]
        vanishes = np.logical_and.reduce([~((e.value.lo > 0) | (e.value.hi < 0)) | ~e.value.defined for e in found])
        smooth = np.logical_and.reduce([e.differentiable & e.value.defined for e in found])
        a, c = (found[0].lo[0], found[0].hi[0]), (found[1].lo[1], found[1].hi[1])
        # the Hessian is symmetric: both enclosures of its mixed entry hold
        b = np.maximum(found[0].lo[1], found[1].lo[0]), np.minimum(found[0].hi[1], found[1].hi[0])
        half = down(a[0] - c[1]) * 0.5, up(a[1] - c[0]) * 0.5
        least = [np.where(v[0] > 0, v[0], np.where(v[1] < 0, -v[1], 0.0)) for v in (half, b)]
        root = np.sqrt((least[0] * least[0] + least[1] * least[1]) * (1 - 2.0**-40)) * (1 - 2.0**-40)
        top = down(0.5 * down(a[0] + c[0]) + root)
        bottom = up(0.5 * up(a[1] + c[1]) - root)
        m = []
        for entry, shift in ((a, 1.0), (c, 1.0), (b, 0.0)):
            s = multiply(entry, (np.full(n, delta[0]), np.full(n, delta[1])))
            m.append((down(shift - s[1]), up(shift - s[0])))
        first, second = multiply(m[0], m[1]), multiply(m[2], m[2])
        regular = (down(first[0] - second[1]) > 0) | (up(first[1] - second[0]) < 0)
        out = ~vanishes | (smooth & regular & ((top > two) | (bottom < 0)))
    rest = np.flatnonzero(~out)
    if depth and len(rest):
        out[rest] = never_stable(g, *quarters(lo[:, rest], hi[:, rest]), depth - 1).reshape(4, -1).all(axis=0)
    return np.asarray(out)


def entire(e: Expr) -> bool:
    """Whether an expression is real analytic on the whole plane, by the operations in it."""
    stack: list[Node] = [e.node]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            op, *args = node
            if op not in ENTIRE or (op == "/" and not _is_literal(args[1])) or (op == "^" and int(args[1]) < 0):
                return False
            stack.extend(args[:1] if op == "^" else args)
    return True


def _is_literal(node: Node) -> bool:
    return not isinstance(node, tuple) and not (isinstance(node, str) and node.isidentifier())


def restless_set(g: BoxMap, box: Box, parts: int = 192) -> CellSet | None:
    """The cells of a grid that the map keeps and in which every equilibrium is unstable; None where no cell is left.

    Cells that may hold another equilibrium, and those whose image may leave the set, are removed until none is. None also for a loss that
    is not analytic on the whole plane, and where the Jacobian determinant of the map is not certified to be other than 0 somewhere.
    """
    if not entire(g.f.loss):
        return None
    lo, hi = grid(box, parts)
    _, s, _ = g.slopes(lo[:, :1], lo[:, :1])
    first = multiply((s[0][0, 0], s[1][0, 0]), (s[0][1, 1], s[1][1, 1]))
    second = multiply((s[0][0, 1], s[1][0, 1]), (s[0][1, 0], s[1][1, 0]))
    if down(first[0] - second[1])[0] <= 0 <= up(first[1] - second[0])[0]:
        return None
    flow = Flow.start(lo, hi).advanced(g)
    good = np.asarray(np.isfinite(flow.lo).all(axis=0) & np.isfinite(flow.hi).all(axis=0))
    index = np.flatnonzero(good)
    good[index] = never_stable(g, lo[:, index], hi[:, index])
    return kept_cells(flow, good, box, ())
