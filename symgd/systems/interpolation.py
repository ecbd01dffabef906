"""What a class of functions says of finitely many values and slopes: the hypotheses of performance estimation."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from itertools import permutations

from symgd.language import Expr, ExprLike, LanguageError, Relation, expr

Vector = ExprLike | Sequence[ExprLike]
Point = tuple[Vector, Vector, ExprLike]  # where, the slope there, the value there


def interpolation(points: Sequence[Point], smoothness: ExprLike | None = 1, convexity: ExprLike = 0) -> list[Relation]:
    """The inequalities that points x_i, slopes g_i and values f_i satisfy exactly if some function has them.

    Arguments: `points`, triples (x_i, g_i, f_i), where x_i and g_i are numbers or vectors of one length; `smoothness` L > 0, or None for
    functions that need not be differentiable, whose subgradients the g_i are; `convexity` mu < L: the functions are mu-strongly convex,
    convex for mu = 0, and for mu = -L all L-smooth ones.
    Returns: for each ordered pair, with x = x_i - x_j and g = g_i - g_j, that
    f_j + <g_j, x> + (|g|^2/L + mu |x|^2 - 2 mu/L <g, x>)/(2 (1 - mu/L)) <= f_i. A minimiser x* with value f* is the triple (x*, 0, f*).
    Raises: LanguageError for vectors of different lengths, what is not a triple, and constants of no class: L <= 0, or mu >= L.
    Source: Taylor, Hendrickx and Glineur, Smooth strongly convex interpolation and exact worst-case performance of first-order methods,
    Mathematical Programming 161 (2017), Theorem 4.
    """
    if any(not isinstance(point, tuple) or len(point) != 3 for point in points):
        raise LanguageError("each point is a triple (x, slope, value)")
    read = [(_entries(x), _entries(g), expr(f)) for x, g, f in points]
    if len({len(v) for x, g, _ in read for v in (x, g)}) > 1:
        raise LanguageError("the points and slopes have different lengths")
    mu, out = expr(convexity), list[Relation]()
    if smoothness is not None:
        top = _number(expr(smoothness))
        if top is not None and (top <= 0 or ((low := _number(mu)) is not None and low >= top)):
            raise LanguageError("the smoothness is positive, and greater than the convexity")
    for (xi, gi, fi), (xj, gj, fj) in permutations(read, 2):
        step, turn = ([_plus(a, b, -1) for a, b in zip(u, v, strict=True)] for u, v in ((xi, xj), (gi, gj)))
        below = _plus(fj, _product(gj, step))
        if smoothness is None:
            below = below if _zero(mu) else _plus(below, mu * _product(step, step) / 2)
        elif _zero(mu):
            below = _plus(below, _product(turn, turn) / _times(expr(2), expr(smoothness)))
        else:
            ratio = mu / expr(smoothness)
            bent = _product(turn, turn) / expr(smoothness) + mu * _product(step, step) - 2 * ratio * _product(turn, step)
            below = _plus(below, bent / (2 * (1 - ratio)))
        out.append(below <= fi)
    return out


def _entries(v: Vector) -> list[Expr]:
    return [expr(e) for e in v] if isinstance(v, (list, tuple)) else [expr(v)]


def _product(u: Sequence[Expr], v: Sequence[Expr]) -> Expr:
    """The inner product."""
    return reduce(_plus, [_times(a, b) for a, b in zip(u, v, strict=True)])


def _number(a: Expr) -> Fraction | None:
    """The number where the expression is one."""
    return Fraction(a.json) if isinstance(a.json, int) or (isinstance(a.json, str) and a.json.lstrip("-")[0].isdigit()) else None


def _zero(a: Expr) -> bool:
    return bool(a.json == 0)


def _plus(a: Expr, b: Expr, sign: int = 1) -> Expr:
    """a + b or a - b, without the zeros of a minimiser."""
    return a if _zero(b) else (b if sign > 0 else -b) if _zero(a) else a + b if sign > 0 else a - b


def _times(a: Expr, b: Expr) -> Expr:
    return expr(0) if _zero(a) or _zero(b) else b if a.json == 1 else a if b.json == 1 else a * b
