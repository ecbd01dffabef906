"""All equilibria of a gradient, exactly, with the reason why there are no others.

One variable: the line is cut at the kinks, each open piece is a polynomial problem (after x = c ± t^q for fractional powers), its real
roots are isolated, and Sturm's theorem counts them a second time. Several variables: Gröbner bases, split along factors until every part is
either a finite set in shape position or a family with a continuum of complex points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy as sp

from symgd.systems._exact import between, is_zero, shorten, sign_of, tidy
from symgd.systems._kinks import KINKS, differentiate, gradient_at, kink_arguments, resolve
from symgd.systems.errors import NotDifferentiable, NotPolynomial

_T = sp.Dummy("t", positive=True)


@dataclass(frozen=True)
class Equilibrium:
    """One zero of the gradient.

    Args:
        point: exact coordinates, shape (n,).
        multiplicity: multiplicity as a zero of the gradient in one variable, else None.
    """

    point: tuple[sp.Expr, ...]
    multiplicity: int | None


@dataclass(frozen=True)
class Equilibria:
    """The zeros of a gradient in a domain.

    Args:
        points: the isolated ones (and the ends of flat pieces), in increasing (lexicographic) order.
        kinks: points of the domain at which the loss has no derivative (kinks, jumps, poles); the map is not defined there.
        families: polynomial systems whose zeros are further equilibria, each with infinitely many complex solutions; in one variable
            intervals on which the loss is constant.
        complete: whether every equilibrium of the domain is in `points` or on one of the `families`.
        reason: why, in one sentence.
    """

    points: tuple[Equilibrium, ...]
    kinks: tuple[sp.Expr, ...]
    families: tuple[tuple[sp.Basic, ...], ...]
    complete: bool
    reason: str


def equilibria_on_line(loss: sp.Expr, x: sp.Symbol, domain: sp.Interval) -> Equilibria:
    """Zeros of a univariate gradient.

    Args:
        loss: kinks and rational powers of one affine function allowed; otherwise polynomial or rational with rational coefficients.
        x: its real variable.
        domain: an interval with exact ends, `Interval(-oo, oo)` for the line.

    Raises:
        NotPolynomial: the exact method does not reach this loss.
    """
    found: list[Equilibrium] = []
    excluded: list[sp.Expr] = []
    families: list[tuple[sp.Basic, ...]] = []
    sturm_counts = 0
    cuts, cells = _cells(loss, x)
    for cut in cuts:
        if not inside(domain, cut):
            continue
        try:
            _, (slope,) = gradient_at(loss, {x: cut})
        except NotDifferentiable:
            excluded.append(cut)
            continue
        if is_zero(slope):
            found.append(Equilibrium((cut,), None))
    for low, high, piece in cells:
        gradient = differentiate(piece, x)
        if gradient == 0 or sp.simplify(gradient) == 0:
            family = sp.Intersection(sp.Interval.open(_end(low, -1), _end(high, 1)), domain)
            if family is not sp.S.EmptySet:
                families.append((family,))
            continue
        roots, counted = _roots_in_cell(gradient, x, low, high)
        poles = _real_roots(sp.fraction(sp.together(piece))[1], x)[0] if piece.is_rational_function(x) else []
        excluded += [pole for pole, _ in poles if _strictly_between(pole, low, high) and inside(domain, pole)]
        sturm_counts += counted
        found += [Equilibrium((root,), multiplicity) for root, multiplicity in roots if inside(domain, root)]
    ordered = tuple(sorted(found, key=_by_position))
    reason = (
        f"the loss has {len(cells)} smooth piece(s); on each the gradient becomes a polynomial with rational coefficients, Sturm's theorem"
        f" counts {sturm_counts} real zero(s) of their squarefree parts, all of these were isolated, and each cut was checked on its own"
    )
    return Equilibria(ordered, tuple(sorted(excluded, key=_Position)), tuple(families), True, reason)


def inside(domain: sp.Interval, value: sp.Expr) -> bool:
    """Whether an exact real number lies in an interval with exact or infinite ends."""
    above = domain.start is sp.S.NegativeInfinity or sign_of(value - domain.start) >= (1 if domain.left_open else 0)
    below = domain.end is sp.S.Infinity or sign_of(domain.end - value) >= (1 if domain.right_open else 0)
    return above and below


class _Position:
    """Sort key of exact coordinates, lexicographic."""

    def __init__(self, *coordinates: sp.Expr) -> None:
        self.coordinates = coordinates

    def __lt__(self, other: _Position) -> bool:
        signs = (sign_of(a - b) for a, b in zip(self.coordinates, other.coordinates, strict=True))
        return next((s for s in signs if s), 0) < 0


def _by_position(equilibrium: Equilibrium) -> _Position:
    return _Position(*equilibrium.point)


def _end(value: sp.Expr | None, side: int) -> sp.Expr:
    return side * sp.oo if value is None else value


Cell = tuple[sp.Expr | None, sp.Expr | None, sp.Expr]


def _cells(loss: sp.Expr, x: sp.Symbol) -> tuple[list[sp.Expr], list[Cell]]:
    """Cut the line at the kinks: the cuts in order, and each open piece with its kink-free expression."""
    cuts: list[sp.Expr] = []
    pending: list[tuple[sp.Expr | None, sp.Expr | None]] = [(None, None)]
    finished: list[Cell] = []
    while pending:
        low, high = pending.pop()
        sample = between(low, high)
        hits = _first_kinks_inside(loss, x, low, high, sample)
        if hits:
            cuts += hits
            ends = [low, *hits, high]
            pending += list(pairwise(ends))
        else:
            finished.append((low, high, _resolve_around(loss, x, sample)))
    return sorted(cuts, key=_Position), finished


def _first_kinks_inside(loss: sp.Expr, x: sp.Symbol, low: Any, high: Any, sample: sp.Rational) -> list[sp.Expr]:
    for u in kink_arguments(loss):  # innermost first, so the kinks inside u are already known to lie outside this cell
        hits = [root for root, _ in _real_roots(_resolve_around(u, x, sample), x)[0] if _strictly_between(root, low, high)]
        if hits:
            return sorted(hits, key=_Position)
    return []


def _resolve_around(expr: sp.Expr, x: sp.Symbol, sample: sp.Rational) -> sp.Expr:
    return resolve(expr, lambda u: sign_of(u.xreplace({x: sample})) or 1)


def _strictly_between(value: sp.Expr, low: sp.Expr | None, high: sp.Expr | None) -> bool:
    return (low is None or sign_of(value - low) > 0) and (high is None or sign_of(high - value) > 0)


def _rational_poly(expr: sp.Expr, x: sp.Symbol) -> sp.Poly:
    numerator = sp.fraction(sp.together(sp.expand(expr)))[0]
    try:
        return sp.Poly(numerator, x, domain="QQ")
    except (sp.PolynomialError, sp.CoercionFailed):
        raise NotPolynomial(
            f"{shorten(expr)} is not a rational function of {x} with rational coefficients; substitute numbers for parameters,"
            " or enclose its zeros with the interval search."
        ) from None


def _real_roots(expr: sp.Expr, x: sp.Symbol) -> tuple[list[tuple[sp.Expr, int]], int]:
    """Distinct real zeros with multiplicities (poles removed), and Sturm's count of them before that."""
    if x not in expr.free_symbols:
        return [], 0
    poly = _rational_poly(expr, x)
    if poly.degree() < 1:
        return [], 0
    roots: list[tuple[sp.Expr, int]] = []
    count = 0
    for factor, multiplicity in poly.factor_list()[1]:
        real = list(dict.fromkeys(factor.real_roots()))
        count += int(factor.count_roots())
        roots += [(root, multiplicity) for root in real]
    if count != len(roots):
        raise NotPolynomial(f"root isolation and Sturm's theorem disagree on {shorten(expr)}; please report this polynomial.")
    denominator = sp.fraction(sp.together(sp.expand(expr)))[1]
    return [(root, m) for root, m in roots if x not in denominator.free_symbols or not is_zero(denominator.xreplace({x: root}))], count


def _roots_in_cell(gradient: sp.Expr, x: sp.Symbol, low: sp.Expr | None, high: sp.Expr | None) -> tuple[list[tuple[sp.Expr, int]], int]:
    powers = [p for p in gradient.atoms(sp.Pow) if x in p.free_symbols and not p.exp.is_integer]
    if not powers:
        roots, count = _real_roots(gradient, x)
        return [(r, m) for r, m in roots if _strictly_between(r, low, high)], count
    base = sp.expand(powers[0].base)
    slope = sp.diff(base, x)
    ratios = {p: sp.cancel(p.base / base) for p in powers}
    if not slope.is_Rational or not all(p.exp.is_Rational and ratio.is_Rational and ratio > 0 for p, ratio in ratios.items()):
        raise NotPolynomial(f"{shorten(gradient)} mixes fractional powers of different functions; enclose its zeros by interval search.")
    # with t = base^{1/q} > 0 every power becomes an integer power of t
    q = sp.ilcm(1, *(p.exp.q for p in powers))
    x_of_t = sp.expand(x - base / slope) + _T**q / slope
    in_t = gradient.xreplace({p: ratio**p.exp * _T ** (q * p.exp) for p, ratio in ratios.items()}).xreplace({x: x_of_t})
    try:
        roots, count = _real_roots(in_t, _T)
    except NotPolynomial:
        raise NotPolynomial(
            f"{shorten(gradient)} has no rational coefficients in a power of {base}; enclose its zeros by interval search."
        ) from None
    candidates = [(tidy(x_of_t.xreplace({_T: root})), m) for root, m in roots if sign_of(root) > 0]
    return [(r, m) for r, m in candidates if _strictly_between(r, low, high)], count


def equilibria_in_space(loss: sp.Expr, variables: Sequence[sp.Symbol]) -> Equilibria:
    """Zeros of a polynomial gradient in several variables, over all of ℝⁿ.

    Args:
        loss: polynomial with rational coefficients; a Gröbner basis is computed, so degree and dimension must be small.
        variables: its real variables.

    Raises:
        NotPolynomial: the loss is not polynomial, or a finite part is not in shape position for any order of the variables.
    """
    system = [sp.diff(loss, v) for v in variables]
    if loss.has(*KINKS) or not all(f.is_polynomial(*variables) for f in system):
        raise NotPolynomial(f"the gradient of {shorten(loss)} is not polynomial; in several variables only polynomials are solved exactly.")
    points: list[tuple[sp.Expr, ...]] = []
    families: list[tuple[sp.Basic, ...]] = []
    pending: list[list[sp.Expr]] = [[f for f in system if f != 0]]
    while pending:
        basis = _groebner(pending.pop(), variables)
        split = _split(basis, variables)
        if split is not None:
            pending += split
        elif basis.exprs == [1]:
            continue
        elif basis.exprs and basis.is_zero_dimensional:
            points += [p for p in _finite_part(list(basis.exprs), variables) if p not in points]
        else:
            family = tuple(basis.exprs)
            families += [] if family in families else [family]
    isolated = [p for p in points if not any(_lies_on(p, family, variables) for family in families)]
    reason = (
        "the ideal of the gradient was split along factors of its Gröbner bases; each finite part is in shape position,"
        " where its real points are the real roots of one polynomial"
    )
    ordered = tuple(sorted((Equilibrium(p, None) for p in isolated), key=_by_position))
    return Equilibria(ordered, (), tuple(families), True, reason)


def _groebner(system: Sequence[sp.Expr], variables: Sequence[sp.Symbol]) -> sp.GroebnerBasis:
    try:
        return sp.groebner(list(system), *variables, order="lex", domain="QQ")
    except (sp.PolynomialError, sp.CoercionFailed):
        raise NotPolynomial("the gradient has coefficients that are not rational; substitute numbers for the parameters.") from None


def _split(basis: sp.GroebnerBasis, variables: Sequence[sp.Symbol]) -> list[list[sp.Expr]] | None:
    for g in basis.exprs:
        factors = sp.factor_list(g, *variables)[1]
        if len(factors) > 1 or (factors and factors[0][1] > 1):
            return [[*(e for e in basis.exprs if e != g), factor] for factor, _ in factors]
    return None


def _finite_part(system: list[sp.Expr], variables: Sequence[sp.Symbol]) -> list[tuple[sp.Expr, ...]]:
    """Real zeros of a zero-dimensional system: the last variable is a root of one polynomial, the others are polynomials in it."""
    for shift in range(len(variables)):
        order = [*variables[shift:], *variables[:shift]]
        exprs = list(sp.groebner(system, *order, order="lex", domain="QQ").exprs)
        last = order[-1]
        eliminant = next(e for e in exprs if e.free_symbols == {last})
        heads = {v: e for v in order[:-1] for e in exprs if e.free_symbols <= {v, last} and sp.diff(e, v).is_number and sp.diff(e, v) != 0}
        if len(heads) == len(order) - 1:
            solutions = []
            for root, _ in _real_roots(eliminant, last)[0]:
                values = {v: tidy((v - e / sp.diff(e, v)).expand().xreplace({last: root})) for v, e in heads.items()}
                solutions.append(tuple({**values, last: root}[v] for v in variables))
            return solutions
    raise NotPolynomial(f"the finite system {shorten(system)} is not in shape position for any cyclic order; rotate the coordinates.")


def _lies_on(point: Sequence[sp.Expr], family: Sequence[sp.Basic], variables: Sequence[sp.Symbol]) -> bool:
    where = dict(zip(variables, point, strict=True))
    return all(is_zero(g.xreplace(where)) for g in family)
