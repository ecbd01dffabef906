"""All equilibria of a loss, with a proof that there are no others.

A polynomial in one variable is solved exactly: squarefree parts, isolating intervals, multiplicities, curvature and threshold as algebraic
numbers. Everything else goes through branch and prune with Krawczyk's test; what cannot be settled is returned as undecided. A polynomial
in several variables with curves of equilibria is also solved by Gröbner bases, which names the curves (trust `symbolic`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from ..claims import Trust
from ..enclosures.interval import FloatArray, Interval
from ..language import ExprLike, LanguageError, to_sympy
from .expressions import Coefficients, exact_value, poly_derivative, poly_text, poly_value
from .model import BACKEND, DescentMap, DynamicsError, RegionLike, as_region, down, up
from .real_roots import RealRoot, real_roots, sign_at, value_at
from .spectrum import symmetric_eigenvalues
from .zeros import Box, Equations, Pair, Progress, Zeros, find_zeros, quiet

WIDTH = Fraction(1, 2**80)


class Kind(enum.Enum):
    """What an equilibrium is, by its curvature."""

    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    SADDLE = "saddle"
    DEGENERATE = "degenerate"  # a vanishing curvature, or one whose sign is not decided


@dataclass(frozen=True)
class Equilibrium:
    """One zero of the gradient.

    Arguments: variables; box, a tight enclosure; exact, the coordinates where they are rational; root, the exact algebraic description of
    an equilibrium of a polynomial loss in one variable; multiplicity, as a zero of the gradient, where it is known; curvature, enclosures
    of the eigenvalues of the Hessian in increasing order; kind; threshold, 2/λ_max for a minimum: for larger steps it is unstable;
    threshold_text, exact where it is algebraic; description, of the point, in words; trust.
    """

    variables: tuple[str, ...]
    box: Box
    exact: tuple[Fraction, ...] | None
    curvature: tuple[Interval, ...]
    kind: Kind
    threshold: Interval | None
    threshold_text: str
    trust: Trust
    multiplicity: int | None = None
    root: RealRoot | None = None
    description: str = ""
    note: str = ""
    unique: Box | None = field(default=None, repr=False)

    @property
    def point(self) -> tuple[float, ...]:
        """The coordinates, rounded."""
        return tuple(middle(v) for v in self.box)

    def __str__(self) -> str:
        name = ", ".join(
            f"{x} = {show(v, q)}" for x, v, q in zip(self.variables, self.box, self.exact or [None] * len(self.box), strict=True)
        )
        parts = [f"{name}: {self.kind.value}"]
        parts += [f"multiplicity {self.multiplicity}"] if self.multiplicity not in (None, 1) else []
        parts += ["curvature " + ", ".join(show(c) for c in self.curvature)] if self.curvature else []
        parts += [f"threshold {self.threshold_text}"] if self.threshold_text else []
        parts += [self.description] if self.description else []
        parts += [self.note] if self.note else []
        return "; ".join(parts) + f" [{self.trust.value}]"


@dataclass(frozen=True)
class Equilibria:
    """The equilibria in a region.

    Arguments: points, the certified ones in order; undecided, boxes that may hold more; families, systems of equations of curves and
    surfaces of equilibria; complete, whether every equilibrium of the region is a point or on a family; reason, why; trust, of the
    completeness; sharpness, an enclosure of λ_max over all undecided boxes, families included.
    """

    points: tuple[Equilibrium, ...]
    undecided: tuple[Box, ...]
    families: tuple[tuple[str, ...], ...]
    complete: bool
    reason: str
    trust: Trust
    region: Box | None
    sharpness: Interval | None = None

    def __iter__(self) -> Any:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    @property
    def minima(self) -> tuple[Equilibrium, ...]:
        """The minima among the points."""
        return tuple(p for p in self.points if p.kind is Kind.MINIMUM)


def middle(v: Interval) -> float:
    """The midpoint of an interval, rounded."""
    return float((v.lo + v.hi) / 2)


def show(v: Interval, exact: Fraction | None = None) -> str:
    """An interval as a short text: the exact value if there is one, else the digits that are certain."""
    if exact is not None or v.lo == v.hi:
        q = Fraction(v.lo) if exact is None else exact
        return str(q) if len(str(q)) <= 24 else f"{float(q):.15g}"
    if isinstance(v.lo, float) or isinstance(v.hi, float):
        return f"[{v.lo}, {v.hi}]"
    lo, hi = float(v.lo), float(v.hi)
    for digits in range(12, 3, -1):
        a = f"{lo:.{digits}g}"
        if a == f"{hi:.{digits}g}" and lo * hi > 0:
            short = len(a.lstrip("-").replace(".", "").lstrip("0")) < digits
            return f"{a} ± {float(v.hi - v.lo):.0e}" if short else f"{a}…"
    centre = (lo + hi) / 2
    if hi - lo < 1e-6:
        return f"{round(centre, 9) + 0.0:g} ± {max(hi - centre, centre - lo, abs(centre)):.0e}"
    return f"[{lo:.6g}, {hi:.6g}]"


def equilibria(
    loss: ExprLike | DescentMap,
    variables: Iterable[Any] = ("x",),
    region: RegionLike | None = None,
    *,
    tolerance: float = 1e-9,
    budget: int = 200_000,
    progress: Progress = quiet,
) -> Equilibria:
    """All equilibria of a loss in a region, with proof that there are no others.

    Arguments: loss, an expression, text or a DescentMap; variables, names (ignored for a DescentMap); region, an interval for each
    variable, such as "-1:3" (a polynomial in one variable needs none: the whole line is searched); tolerance and budget, of the
    subdivision; progress.
    Returns: `Equilibria`. Raises: DynamicsError, LanguageError for input that cannot be used.
    """
    f = loss if isinstance(loss, DescentMap) else DescentMap(loss, variables)
    box = None if region is None else as_region(region, f.variables)
    if f.slope_coefficients is not None:
        return _on_line(f, f.slope_coefficients, box)
    if box is None:
        raise DynamicsError("this loss is not a polynomial in one variable: give a bounded region, such as -4:4")
    zeros = find_zeros(
        Equations(f.gradient_programs),
        box,
        tolerance=tolerance if f.dimension == 1 else max(tolerance, 1e-3),
        budget=budget,
        progress=progress,
    )
    points = tuple(_certified(f, z.box, z.unique) for z in zeros.found)
    complete, families, reason, trust, sharpness = zeros.complete, (), "branch and prune closed", Trust.INTERVAL, None
    if not complete:
        reason = f"{len(zeros.undecided)} box(es) could not be settled"
        points, families, complete, reason, trust = _explained(f, box, zeros, points, reason)
        sharpness = _sharpness(f, zeros)
    return Equilibria(points, zeros.undecided, families, complete, reason, trust, box, sharpness)


# --- one variable, polynomial ------------------------------------------------------------------------------------------------------------


def _on_line(f: DescentMap, slope: Coefficients, region: Box | None) -> Equilibria:
    if not slope:
        raise DynamicsError("the loss is constant: every point is an equilibrium")
    inside = [r for r in real_roots(slope) if region is None or _in(r, region[0])]
    points = tuple(_algebraic(f, slope, r) for r in inside)
    where = "on the line" if region is None else "in the region"
    reason = f"f′ has degree {len(slope) - 1}; its squarefree parts have {len(inside)} real root(s) {where}, by Descartes and by Sturm"
    return Equilibria(points, (), (), True, reason, Trust.SYMBOLIC, region)


def _in(r: RealRoot, v: Interval) -> bool:
    return sign_at([-Fraction(v.lo), Fraction(1)], r) >= 0 and sign_at([Fraction(v.hi), Fraction(-1)], r) >= 0


def _algebraic(f: DescentMap, slope: Coefficients, r: RealRoot) -> Equilibrium:
    second = poly_derivative(slope)
    x = f.variables[0]
    r = r.refined(WIDTH)
    description = "" if r.exact is not None else f"root of {poly_text(minimal_factor(r), x)}"
    exact = None if r.exact is None else (r.exact,)
    if r.multiplicity > 1:
        before, after = _sign_beside(slope, r)
        names = {(-1, 1): "a minimum where the curvature vanishes", (1, -1): "a maximum where the curvature vanishes"}
        note = names.get((before, after), "neither minimum nor maximum: f′ does not change sign")
        return Equilibrium(
            f.variables,
            (Interval(r.lo, r.hi),),
            exact,
            (Interval(0, 0),),
            Kind.DEGENERATE,
            None,
            "",
            Trust.SYMBOLIC,
            r.multiplicity,
            r,
            description,
            note,
        )
    curvature = Interval(*value_at(second, r, WIDTH)) if r.exact is None else Interval(poly_value(second, r.exact))
    if sign_at(second, r) < 0:
        return Equilibrium(
            f.variables, (Interval(r.lo, r.hi),), exact, (curvature,), Kind.MAXIMUM, None, "", Trust.SYMBOLIC, 1, r, description
        )
    while curvature.lo <= 0:
        r = r.refined((r.hi - r.lo) / 2**40)
        curvature = Interval(*value_at(second, r, WIDTH * (r.hi - r.lo)))
    threshold = Interval(2 / curvature.hi, 2 / curvature.lo)
    text = str(threshold.lo) if r.exact is not None else algebraic_threshold(r, second, threshold)
    return Equilibrium(
        f.variables, (Interval(r.lo, r.hi),), exact, (curvature,), Kind.MINIMUM, threshold, text, Trust.SYMBOLIC, 1, r, description
    )


def _sign_beside(slope: Coefficients, r: RealRoot) -> tuple[int, int]:
    """The signs of f′ just before and just after a root: those of its first derivative that does not vanish there."""
    c, order = slope, 0
    while (s := sign_at(c, r)) == 0:
        c, order = poly_derivative(c), order + 1
    return (s if order % 2 == 0 else -s), s


def minimal_factor(r: RealRoot) -> list[int]:
    """The irreducible polynomial of an algebraic number."""
    x = sympy.Symbol("x")
    for factor, _ in sympy.Poly(list(reversed(r.poly)), x).factor_list()[1]:
        c = [int(q) for q in reversed(factor.all_coeffs())]
        if sign_at([Fraction(q) for q in c], r) == 0:
            return c
    return list(r.poly)


def algebraic_threshold(r: RealRoot, second: Coefficients, near: Interval) -> str:
    """2/f″(r) as an exact text: a radical of degree at most two, or the root of its irreducible polynomial; digits beyond degree 12."""
    h = minimal_factor(r)
    if len(h) > 13:
        return show(near)
    x, y = sympy.symbols("x y")
    p = sympy.Poly(list(reversed(h)), x)
    curvature = sum(sympy.Rational(q.numerator, q.denominator) * x**k for k, q in enumerate(second))
    eliminant = sympy.Poly(sympy.resultant(p.as_expr(), sympy.expand(y * curvature - 2), x), y)
    for factor, _ in eliminant.factor_list()[1]:
        c = [Fraction(int(q.p), int(q.q)) for q in reversed(sympy.Poly(factor, y, domain="QQ").all_coeffs())]
        for root in real_roots(c):
            root = root.refined(WIDTH / 16)
            if root.lo <= near.hi and near.lo <= root.hi:
                if len(c) == 2:
                    return str(root.exact)
                if len(c) == 3:
                    exact = sorted(sympy.roots(factor.as_expr(), y), key=lambda s: float(s))
                    return str(min(exact, key=lambda s: abs(float(s) - float(root)))).replace("**", "^")
                return f"{show(near)} (root of {poly_text(c, 'δ')})"
    return show(near)


# --- everything else ---------------------------------------------------------------------------------------------------------------------


def hessian(f: DescentMap, box: Box) -> list[list[tuple[Fraction, Fraction]]] | None:
    """Enclosure of the Hessian over a box; None where it is not defined."""
    at = Equations(f.gradient_programs).exactly([(Fraction(v.lo), Fraction(v.hi)) for v in box], False)
    return None if at is None else at[1]


def _certified(f: DescentMap, box: Box, unique: Box | None) -> Equilibrium:
    exact = exact_zero(f, box)
    if exact is not None:
        box = tuple(Interval(q) for q in exact)
    h = hessian(f, box)
    if h is None:
        return Equilibrium(f.variables, box, exact, (), Kind.DEGENERATE, None, "", Trust.INTERVAL, None, None, "", "no curvature", unique)
    values = symmetric_eigenvalues(h)
    if exact is not None and f.dimension > 1:
        values = exact_eigenvalues(h, values)
    kind = classify(values)
    threshold, text = None, ""
    if kind is Kind.MINIMUM:
        top = values[-1]
        threshold = Interval(2 / top.hi, 2 / top.lo)
        text = show(threshold)
        if exact is not None and top.lo != top.hi and f.dimension == 2 and all(lo == hi for row in h for lo, hi in row):
            text = f"{text} = {_quadratic_threshold(h)}"
    return Equilibrium(
        f.variables,
        box,
        exact,
        values,
        kind,
        threshold,
        text,
        Trust.INTERVAL,
        1 if kind is not Kind.DEGENERATE else None,
        None,
        "",
        "",
        unique,
    )


def exact_eigenvalues(matrix: Sequence[Sequence[Pair]], enclosed: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """The eigenvalues of a rational symmetric matrix, those that are simple rationals exactly, and the others as they are enclosed."""
    if any(lo != hi for row in matrix for lo, hi in row):
        return enclosed
    if len(matrix) > 8:
        return enclosed
    out = list(enclosed)
    for v in enclosed:
        q = simplest(v)
        # as many enclosures hold q as the null space of the matrix minus q has dimensions: then these eigenvalues are all q
        holding = [i for i, w in enumerate(enclosed) if w.lo <= q <= w.hi]
        if q.denominator < 10**6 and nullity(matrix, q) == len(holding):
            for i in holding:
                out[i] = Interval(q)
    return tuple(out)


def nullity(matrix: Sequence[Sequence[Pair]], q: Fraction) -> int:
    """The dimension of the null space of a rational matrix minus q times the identity, by elimination."""
    rows = [[x[0] - (q if i == j else 0) for j, x in enumerate(row)] for i, row in enumerate(matrix)]
    rank = 0
    for column in range(len(rows)):
        pivot = next((i for i in range(rank, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for i in range(rank + 1, len(rows)):
            factor = rows[i][column] / rows[rank][column]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[rank], strict=True)]
        rank += 1
    return len(rows) - rank


def _quadratic_threshold(h: Sequence[Sequence[Pair]]) -> str:
    """2/λ_max of a rational symmetric 2 × 2 matrix, as text."""
    a, b, d = (sympy.Rational(q.numerator, q.denominator) for q in (h[0][0][0], h[0][1][0], h[1][1][0]))
    top = (a + d) / 2 + sympy.sqrt(((a - d) / 2) ** 2 + b**2)
    return str(sympy.radsimp(2 / top)).replace("**", "^")


def classify(curvature: Sequence[Interval]) -> Kind:
    """The kind of an equilibrium with these eigenvalues of the Hessian."""
    if all(v.lo > 0 for v in curvature):
        return Kind.MINIMUM
    if all(v.hi < 0 for v in curvature):
        return Kind.MAXIMUM
    if any(v.lo > 0 for v in curvature) and any(v.hi < 0 for v in curvature):
        return Kind.SADDLE
    return Kind.DEGENERATE


def exact_zero(f: DescentMap, box: Box) -> tuple[Fraction, ...] | None:
    """A simple rational point of a tight box at which the gradient is exactly 0, if there is one."""
    point = tuple(simplest(v) for v in box)
    if max(q.denominator for q in point) > 10**6:
        return None
    where = dict(zip(f.variables, point, strict=True))
    return point if all(exact_value(g, where) == 0 for g in f.gradient) else None


def simplest(v: Interval) -> Fraction:
    """The rational with the smallest denominator in an interval."""
    lo, hi = Fraction(v.lo), Fraction(v.hi)
    if lo <= 0 <= hi:
        return Fraction(0)
    if hi < 0:
        return -simplest(Interval(-hi, -lo))
    whole = lo.__ceil__()
    if whole <= hi:
        return Fraction(whole)
    base = lo.__floor__()
    return base + 1 / simplest(Interval(1 / (hi - base), 1 / (lo - base)))


def _explained(f: DescentMap, box: Box, zeros: Zeros, points: tuple[Equilibrium, ...], reason: str) -> tuple[Any, ...]:
    """Name curves of equilibria by Gröbner bases, where the loss is a small polynomial in several variables."""
    symbols = [sympy.Symbol(x, real=True) for x in f.variables]
    if f.dimension == 1:
        extra = [p for b in zeros.undecided if (p := exact_zero(f, b)) is not None]
        found = tuple(
            Equilibrium(
                f.variables,
                tuple(map(Interval, p)),
                p,
                (),
                Kind.DEGENERATE,
                None,
                "",
                Trust.SYMBOLIC,
                None,
                None,
                "",
                "an equilibrium exactly here; that it is the only one nearby is not certified",
            )
            for p in extra
        )
        return (*points, *found), (), False, reason, Trust.INTERVAL
    try:
        poly = sympy.Poly(to_sympy(f.loss), *symbols, domain="QQ")
    except (sympy.PolynomialError, sympy.CoercionFailed, LanguageError):
        return points, (), False, reason, Trust.INTERVAL
    if f.dimension > 5 or poly.total_degree() > 6:
        return points, (), False, reason, Trust.INTERVAL
    from ..systems.equilibria import equilibria_in_space
    from ..systems.errors import SystemsError

    try:
        solved = equilibria_in_space(poly.as_expr(), symbols)
    except (SystemsError, NotImplementedError):
        return points, (), False, reason, Trust.INTERVAL
    families = tuple(tuple(f"{g} = 0".replace("**", "^") for g in family) for family in _largest(solved.families, symbols))
    extra_points = []
    for e in solved.points:
        exact = tuple(Fraction(int(q.p), int(q.q)) for q in e.point if isinstance(q, sympy.Rational))
        if len(exact) == len(e.point) and all(v.lo <= q <= v.hi for q, v in zip(exact, box, strict=True)):
            known = any(all(v.lo <= q <= v.hi for q, v in zip(exact, p.box, strict=True)) for p in points)
            extra_points += [] if known else [_certified(f, tuple(map(Interval, exact)), None)]
        elif len(exact) != len(e.point):
            return points, families, False, reason, Trust.INTERVAL  # irrational points are left to the certified list
    reason = f"{solved.reason}; the undecided boxes enclose the families"
    return (*points, *extra_points), families, bool(solved.complete), reason, Trust.SYMBOLIC


def _largest(families: Sequence[Any], symbols: Sequence[sympy.Symbol]) -> list[Any]:
    """Without the families that lie in another one: their ideal contains its equations."""

    def inside(small: Any, large: Any) -> bool:
        ideal = sympy.groebner(list(small), *symbols, order="grevlex")
        return all(ideal.contains(sympy.sympify(g)) for g in large)

    out: list[Any] = []
    for family in sorted(families, key=len):
        if not any(inside(family, other) for other in out):
            out.append(family)
    return out


def _sharpness(f: DescentMap, zeros: Zeros) -> Interval | None:
    """Bounds of λ_max of the Hessian over all undecided boxes: at each, below by a Rayleigh quotient, above by the row sums."""
    if zeros.raw is None or not zeros.raw[0].shape[1]:
        return None
    lo, hi = zeros.raw
    d, n = lo.shape
    rows = [BACKEND.enclose_gradient_boxes(p, lo, hi) for p in f.gradient_programs]
    h_lo, h_hi = np.stack([r.lo for r in rows]), np.stack([r.hi for r in rows])
    if not (np.isfinite(h_lo).all() and np.isfinite(h_hi).all() and all(r.value.defined.all() for r in rows)):
        return None
    mid = 0.5 * (h_lo + h_hi)
    mid = 0.5 * (mid + mid.transpose(1, 0, 2))
    _, vectors = np.linalg.eigh(mid.transpose(2, 0, 1))
    v = np.round(vectors[:, :, -1].T, 6)  # short floats; any vector gives a bound
    bound_lo: FloatArray = np.zeros(n)
    norm = np.zeros(n)
    for i in range(d):
        norm = up(norm + up(v[i] * v[i]))
        for j in range(d):
            w = v[i] * v[j]
            w_lo, w_hi = down(w), up(w)
            products = [w_lo * h_lo[i, j], w_lo * h_hi[i, j], w_hi * h_lo[i, j], w_hi * h_hi[i, j]]
            bound_lo = down(bound_lo + down(np.minimum.reduce(products)))
    low = np.where(bound_lo >= 0, down(bound_lo / norm), -np.inf)
    rowsum = np.max([np.sum([up(np.maximum(np.abs(h_lo[i, j]), np.abs(h_hi[i, j]))) for j in range(d)], axis=0) for i in range(d)], axis=0)
    top = float(np.max(rowsum) * (1 + 1e-12))
    least = float(np.min(low))
    return Interval(least, top) if least <= top else None
