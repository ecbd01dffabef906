"""Eigenvalues of the Jacobian of a map of up to a few hundred variables, enclosed over a point or a box."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Union

import numpy as np

from ..enclosures.interval import FloatArray, Interval, float_down, float_up
from ..enclosures.linalg import EigenvalueDiscs, IntervalMatrix, eigenvalue_discs, spectral_radius, symmetric_eigenvalues
from ..language import Expr, ExprLike, Variable, expr, parse
from .expressions import derivative, program, resolve
from .model import BACKEND, DescentMap, DynamicsError, as_interval
from .zeros import times

PointLike = Union[Sequence[Any], Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class DescentSpectrum:
    """Eigenvalues of the Hessian H of a loss, and of the Jacobian I − δH of its gradient-descent map, over a point or a box.

    Arguments: hessian, shape (n, n); lo, hi, arrays of shape (n,): the i-th smallest eigenvalue of H lies in [lo[i], hi[i]] everywhere
    in the box; step, δ.
    """

    hessian: IntervalMatrix
    lo: FloatArray
    hi: FloatArray
    step: Interval

    @property
    def sharpness(self) -> Interval:
        """λ_max of the Hessian."""
        return Interval(float(self.lo[-1]), float(self.hi[-1]))

    @property
    def multipliers(self) -> tuple[Interval, ...]:
        """Enclosures of 1 − δλ, in the order of the eigenvalues."""
        out = []
        for lo, hi in zip(self.lo, self.hi, strict=True):
            if not (np.isfinite(lo) and np.isfinite(hi)):
                out.append(Interval.entire())
                continue
            a, b = times((Fraction(self.step.lo), Fraction(self.step.hi)), (Fraction(float(lo)), Fraction(float(hi))))
            out.append(Interval(1 - b, 1 - a))
        return tuple(out)

    @property
    def spectral_radius(self) -> Interval:
        """ρ(I − δH) = max |1 − δλ|."""
        low = [m.lo if m.lo > 0 else -m.hi if m.hi < 0 else Fraction(0) for m in self.multipliers]
        return Interval(max(low), max(max(-m.lo, m.hi) for m in self.multipliers))

    @property
    def stable(self) -> bool | None:
        """True when ρ < 1, False when ρ > 1, and None where neither is certain."""
        rho = self.spectral_radius
        return True if rho.hi < 1 else False if rho.lo > 1 else None


@dataclass(frozen=True, eq=False)
class MapSpectrum:
    """Eigenvalues of the Jacobian of any differentiable map over a point or a box.

    Arguments: jacobian, shape (n, n); discs in the complex plane that contain them; spectral_radius, an enclosure of max |λ|.
    """

    jacobian: IntervalMatrix
    discs: EigenvalueDiscs
    spectral_radius: Interval


def descent_spectrum(f: DescentMap, at: PointLike) -> DescentSpectrum:
    """Enclose the eigenvalues of the Hessian and of the Jacobian of gradient descent.

    Arguments: f, the map; at, for each variable a number or an interval (a pair or "lo:hi").
    Raises: DynamicsError where the loss is not certainly twice differentiable on the box, and for a malformed point.
    Source: Schwarz's theorem (the Hessian of a twice continuously differentiable function is symmetric); `symmetric_eigenvalues`.
    """
    terms = _terms(f.loss)
    _enclosed([[t for _, t in terms]], f.variables, at, "the loss", False)
    lo, hi = _enclosed(_gradient(terms, f.variables), f.variables, at, "the gradient of the loss")
    lo, hi = np.maximum(lo, lo.T), np.minimum(hi, hi.T)  # both triangles enclose the same second derivatives
    hessian = IntervalMatrix.from_bounds(lo, hi)
    spectrum = symmetric_eigenvalues(hessian)
    return DescentSpectrum(hessian, spectrum.lo, spectrum.hi, f.step)


def map_spectrum(components: Sequence[ExprLike], variables: Iterable[Any], at: PointLike) -> MapSpectrum:
    """Enclose the eigenvalues of the Jacobian of the map x ↦ components(x), which need not be a gradient map.

    Arguments: components, one expression or text for each variable; variables, their names; at, as for `descent_spectrum`.
    Raises: DynamicsError for a wrong number of components, and where a component is not certainly differentiable.
    """
    names = tuple(v.name if isinstance(v, Variable) else str(v) for v in variables)
    rows = tuple(resolve(parse(c, names) if isinstance(c, str) else expr(c)) for c in components)
    if len(rows) != len(names):
        raise DynamicsError(f"{len(rows)} components for {len(names)} variables; a map has one for each variable")
    unknown = sorted({x for row in rows for x in row.free_names} - set(names))
    if unknown:
        raise DynamicsError(f"the map contains {', '.join(unknown)}, which is not among the variables; put numbers for parameters")
    jacobian = IntervalMatrix.from_bounds(*_enclosed([[row] for row in rows], names, at, "the map"))
    return MapSpectrum(jacobian, eigenvalue_discs(jacobian), spectral_radius(jacobian))


def _terms(e: Expr) -> list[tuple[int, Expr]]:
    """The terms of a sum with their signs, so that a derivative costs no more than the terms that contain the variable."""
    out: list[tuple[int, Expr]] = []
    stack: list[tuple[int, Any]] = [(1, e.node)]
    while stack:
        s, node = stack.pop()
        if isinstance(node, tuple) and node[0] in ("+", "-"):
            signs = [s if node[0] == "+" or (i == 0 and len(node) > 2) else -s for i in range(len(node) - 1)]
            stack += reversed(list(zip(signs, node[1:], strict=True)))
        else:
            out.append((s, Expr(node)))
    return out


def _gradient(terms: Sequence[tuple[int, Expr]], names: Sequence[str]) -> list[list[Expr]]:
    """For each variable the terms whose sum is the partial derivative."""
    rows: dict[str, list[Expr]] = {x: [] for x in names}
    for s, term in terms:
        for x in term.free_names:
            d = derivative(term, x)
            rows[x].append(d if s > 0 else -d)
    return list(rows.values())


def _enclosed(
    rows: Sequence[Sequence[Expr]], names: Sequence[str], at: PointLike, what: str, smooth: bool = True
) -> tuple[FloatArray, FloatArray]:
    """Bounds, shape (len(rows), n), of the derivatives of the sums of the rows; each term is differentiated in its own variables only.

    Raises: DynamicsError where a term is not certainly defined or, with `smooth`, not certainly differentiable.
    """
    if len(at) != len(names) or (isinstance(at, Mapping) and set(at) != set(names)):
        raise DynamicsError(f"the point has {len(at)} coordinates, and there are {len(names)} variables; give one for each")
    values = [at[x] for x in names] if isinstance(at, Mapping) else list(at)
    box = [as_interval(v, f"the coordinate of {x}") for x, v in zip(names, values, strict=True)]
    low = {x: float_down(b.lo) for x, b in zip(names, box, strict=True)}
    high = {x: float_up(b.hi) for x, b in zip(names, box, strict=True)}
    index = {x: j for j, x in enumerate(names)}
    n = len(names)
    lo, hi = np.zeros((len(rows), n)), np.zeros((len(rows), n))
    for i, row in enumerate(rows):
        for term in row:
            own = sorted(term.free_names) or [names[0]]
            g = BACKEND.enclose_gradient_boxes(program(term, own), np.array([[low[x]] for x in own]), np.array([[high[x]] for x in own]))
            if not g.value.defined.all():
                raise DynamicsError(f"{what} is not certainly defined there; give a smaller box away from poles and ends of the domain")
            if not smooth:
                continue
            if not g.differentiable.all():
                raise DynamicsError(f"{what} is not certainly differentiable there; give a smaller box away from kinks")
            for k, x in enumerate(own):
                j = index[x]
                lo[i, j] = np.nextafter(lo[i, j] + g.lo[k, 0], -np.inf)
                hi[i, j] = np.nextafter(hi[i, j] + g.hi[k, 0], np.inf)
    if not (np.isfinite(lo).all() and np.isfinite(hi).all()):
        raise DynamicsError(f"the derivatives of {what} are not bounded there; give a smaller box")
    return lo, hi
