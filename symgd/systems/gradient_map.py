"""Gradient descent on any loss a user can write: x ↦ x − δ∇f(x), with everything about it exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from symgd.systems._exact import bits, exact, is_zero, shorten, sign_of, tidy
from symgd.systems._kinks import differentiate, gradient_at, hessian_at, kink_arguments, refuse_unknown_heads
from symgd.systems.equilibria import Equilibria, Equilibrium, equilibria_in_space, equilibria_on_line, inside
from symgd.systems.errors import BudgetExceeded, NotAnEquilibrium, NotExact, SystemsError
from symgd.systems.stability import CriticalPointKind, Flip, StepSizeThreshold, classify

_REAL = set(sp.Symbol("x", real=True).assumptions0)
_LINE = sp.Interval(-sp.oo, sp.oo)

Point = Any
"""A point: one exact number (one variable), a sequence of n of them, or a mapping from variables to numbers."""


@dataclass(frozen=True)
class GradientMap:
    """Gradient descent x ↦ x − δ∇f(x) for one loss and one step size.

    Variables are treated as real, whatever their symbols say; so are other symbols without assumptions.

    Args:
        loss: SymPy expression in the variables and parameters; Abs, sign, Max, Min, Piecewise and rational powers included.
        variables: the n symbols the loss is minimised over; a single symbol is accepted for n = 1.
        step: step size δ > 0, for instance Symbol("delta", positive=True) or Rational(3, 10); free of the variables.

    Raises:
        NotExact: a floating-point number or a non-real value anywhere.
        SystemsError: the variables are not distinct symbols, are assumed more than real, or occur in the step.

    Source: Nar and Sastry 2018, equation (1).
    """

    loss: sp.Expr
    variables: tuple[sp.Symbol, ...]
    step: sp.Expr

    def __post_init__(self) -> None:
        given: Any = self.variables
        variables = (given,) if isinstance(given, sp.Symbol) else tuple(given)
        loss, step = exact(self.loss, "loss"), exact(self.step, "step")
        _check_variables(variables, loss, step)
        refuse_unknown_heads(loss)
        if step.is_nonpositive or (step.is_number and sign_of(step) <= 0):
            raise SystemsError(f"step: the step size {shorten(step)} is not positive.")
        object.__setattr__(self, "loss", loss)
        object.__setattr__(self, "variables", variables)
        object.__setattr__(self, "step", step)

    # The user's symbols may be complex to SymPy; inside, each has a real twin, and results are given back in the user's symbols.
    @cached_property
    def _twins(self) -> dict[sp.Symbol, sp.Symbol]:
        symbols = {*self.variables, *self.loss.free_symbols, *self.step.free_symbols}
        return {s: sp.Symbol(s.name, real=True) for s in symbols if s.is_real is None}

    def _inward(self, expr: sp.Expr) -> sp.Expr:
        return expr.xreplace(self._twins)

    def _outward(self, expr: Any) -> Any:
        back = {twin: symbol for symbol, twin in self._twins.items()}
        return expr.xreplace(back) if back else expr

    @cached_property
    def _real_variables(self) -> tuple[sp.Symbol, ...]:
        return tuple(self._inward(v) for v in self.variables)

    @cached_property
    def _real_loss(self) -> sp.Expr:
        return self._inward(self.loss)

    @cached_property
    def gradient(self) -> sp.ImmutableMatrix:
        """∇f as a formula, shape (n, 1); it holds wherever f is differentiable except that sign(u) stands undecided on a kink u = 0."""
        return self._outward(sp.ImmutableMatrix([differentiate(self._real_loss, v) for v in self._real_variables]))

    @cached_property
    def hessian(self) -> sp.ImmutableMatrix:
        """∇²f as a formula off the kinks, shape (n, n)."""
        first = [differentiate(self._real_loss, v) for v in self._real_variables]
        n = len(first)
        return self._outward(sp.ImmutableMatrix(n, n, [differentiate(g, v) for g in first for v in self._real_variables]))

    @cached_property
    def map(self) -> sp.ImmutableMatrix:
        """x − δ∇f(x) as a formula, shape (n, 1)."""
        return sp.ImmutableMatrix(self.variables) - self.step * self.gradient

    @cached_property
    def jacobian(self) -> sp.ImmutableMatrix:
        """I − δ∇²f(x) as a formula off the kinks, shape (n, n)."""
        return sp.ImmutableMatrix(sp.eye(len(self.variables)) - self.step * self.hessian)

    def at(self, point: Point) -> LocalMap:
        """Everything about the map at one point, evaluated exactly on demand.

        Args:
            point: exact coordinates, n of them.

        Returns:
            a LocalMap; its attributes raise NotDifferentiable where the derivative they need does not exist.
        """
        return LocalMap(self, self._coordinates(point))

    def _coordinates(self, point: Point) -> tuple[sp.Expr, ...]:
        n = len(self.variables)
        if isinstance(point, Equilibrium):
            point = point.point
        if isinstance(point, Mapping):
            missing = [v for v in self.variables if v not in point]
            if missing:
                raise SystemsError(f"point: no value for {', '.join(map(str, missing))}.")
            values: list[Any] = [point[v] for v in self.variables]
        elif isinstance(point, sp.MatrixBase) or (isinstance(point, Sequence) and not isinstance(point, str)):
            values = list(point)
        else:
            values = [point]
        if len(values) != n:
            names = ", ".join(map(str, self.variables))
            raise SystemsError(f"point: {len(values)} coordinate(s) given, the map has {n} variable(s) {names}.")
        coordinates = tuple(exact(value, "point") for value in values)
        clash = [v for v in self.variables if any(v in c.free_symbols for c in coordinates)]
        if clash:
            raise SystemsError(f"point: the coordinates contain the variable {clash[0]} itself; use another symbol.")
        return coordinates

    def _where(self, coordinates: Sequence[sp.Expr]) -> dict[sp.Symbol, sp.Expr]:
        return dict(zip(self._real_variables, map(self._inward, coordinates), strict=True))

    def step_size_threshold(self, point: Point) -> StepSizeThreshold:
        """Exact threshold 2/λ_max(∇²f) of an equilibrium.

        Args:
            point: exact coordinates, n of them.

        Returns:
            kind of critical point, sharpness and threshold; see StepSizeThreshold.

        Raises:
            NotAnEquilibrium: the gradient does not vanish there.
            NotDifferentiable: the loss is not twice differentiable there.

        Source: Nar and Sastry 2018, section 2.
        """
        local = self.at(point)
        self._require_equilibrium(local)
        return classify(local.point, local.hessian)

    def _require_equilibrium(self, local: LocalMap) -> None:
        wrong = [g for g in local.gradient if not is_zero(g)]
        if wrong:
            raise NotAnEquilibrium(f"{shorten(local.point)} is not an equilibrium: the gradient has a component {shorten(wrong[0])} there.")

    def flip_coefficient(self, point: Point) -> sp.Expr:
        """(g″)²/4 + g‴/6 of the map g at a minimum of a univariate loss, with δ at the threshold 2/f″.

        Args:
            point: the minimum.

        Returns:
            exact number; positive: the minimum is still asymptotically stable at the threshold (supercritical), negative: unstable.

        Raises:
            SystemsError: more than one variable, or not a minimum; NotDifferentiable: the loss is not smooth there.
        """
        self._require_one_variable("flip_coefficient")
        threshold = self.step_size_threshold(point)
        if threshold.kind is not CriticalPointKind.MINIMUM or threshold.threshold is None:
            raise SystemsError(f"flip_coefficient: {shorten(threshold.point)} is a {threshold.kind.value}, not a minimum.")
        where = self._where(threshold.point)
        (x,) = self._real_variables
        hessian_at(self._real_loss, where)
        if any(is_zero(u.xreplace(where)) for u in kink_arguments(self._real_loss)):
            raise SystemsError(f"flip_coefficient: {shorten(threshold.point)} lies on a kink; third derivatives are not formed there.")
        derivatives = [differentiate(self._real_loss, x)]
        for _ in range(3):
            derivatives.append(differentiate(derivatives[-1], x))
        third, fourth = (tidy(self._outward(d.xreplace(where))) for d in derivatives[2:])
        delta = threshold.threshold
        return tidy((delta * third) ** 2 / 4 - delta * fourth / 6)

    def flip(self, point: Point) -> Flip:
        """Whether the period-doubling at the threshold of a minimum is super- or subcritical (sign of 3f‴² − f″f⁗).

        Args:
            point: the minimum of a univariate loss.

        Returns:
            the kind; degenerate when the coefficient is 0.
        """
        return {1: Flip.SUPERCRITICAL, -1: Flip.SUBCRITICAL, 0: Flip.DEGENERATE}[sign_of(self.flip_coefficient(point))]

    def equilibria(self, domain: Any = None) -> Equilibria:
        """Zeros of the gradient, exactly, with the reason why there are no others.

        Args:
            domain: None for all of ℝⁿ; a SymPy Interval or a pair (low, high), closed, in one variable; a sequence of n of them in several.

        Returns:
            the isolated ones, the kinks and the continua; see Equilibria.

        Raises:
            NotPolynomial: the exact method does not reach this loss.
        """
        if len(self.variables) == 1:
            result = equilibria_on_line(self._real_loss, self._real_variables[0], _interval(domain))
        else:
            result = equilibria_in_space(self._real_loss, self._real_variables)
            if domain is not None:
                intervals = [_interval(d) for d in domain]
                kept = (e for e in result.points if all(inside(d, c) for d, c in zip(intervals, e.point, strict=True)))
                result = Equilibria(tuple(kept), result.kinks, result.families, result.complete, result.reason)
        families = tuple(tuple(self._outward(g) for g in family) for family in result.families)
        return Equilibria(result.points, result.kinks, families, result.complete, result.reason)

    def iterate(self, point: Point, n: int, *, budget_bits: int = 200_000) -> tuple[tuple[sp.Expr, ...], ...]:
        """The first n iterates, exactly.

        Args:
            point: initial state.
            n: number of steps, ≥ 0.
            budget_bits: largest size of one state, in bits of numerators and denominators (8 a node for expressions).

        Returns:
            n + 1 states, the initial one first.

        Raises:
            BudgetExceeded: a state outgrew the budget; NotDifferentiable: an iterate lies on a kink.
        """
        orbit = [self._coordinates(point)]
        degree = self._degree_of_map
        for k in range(n):
            size = sum(map(bits, orbit[-1]))
            if size * degree > 4 * budget_bits or size > budget_bits:
                raise BudgetExceeded(
                    f"iterate: after {k} of {n} steps a state takes {size} bits and the next about {size * degree},"
                    f" over the budget of {budget_bits}; raise budget_bits, start from a shorter number, or enclose the orbit.",
                    k,
                )
            orbit.append(tuple(self.at(orbit[-1]).image))
        return tuple(orbit)

    @cached_property
    def _degree_of_map(self) -> int:
        if not self.loss.is_polynomial(*self.variables):
            return 1
        return max(1, int(sp.Poly(self.loss, *self.variables).total_degree()) - 1)

    def orbit_residual(self, points: Sequence[Point]) -> tuple[tuple[sp.Expr, ...], ...]:
        """How far a closed polygon is from being a periodic orbit.

        Args:
            points: p_0, …, p_{n−1}.

        Returns:
            map(p_k) − p_{k+1} for each k, indices modulo n; all zero exactly on a periodic orbit.
        """
        states = [self._coordinates(p) for p in points]
        following = [*states[1:], *states[:1]]
        images = [self.at(state).image for state in states]
        return tuple(tuple(tidy(a - b) for a, b in zip(image, state, strict=True)) for image, state in zip(images, following, strict=True))

    def monodromy(self, orbit: Sequence[Point]) -> sp.ImmutableMatrix:
        """Product of the Jacobians along a periodic orbit, the last point's leftmost, shape (n, n).

        Args:
            orbit: p_0, …, p_{n−1} with map(p_k) = p_{k+1}.

        Raises:
            NotAnEquilibrium: the orbit does not close; NotDifferentiable: a point of it lies on a kink.
        """
        if len(orbit) == 0:
            raise SystemsError("orbit: at least one point is needed.")
        for k, residual in enumerate(self.orbit_residual(orbit)):
            if not all(is_zero(r) for r in residual):
                raise NotAnEquilibrium(
                    f"orbit: point {k} is not mapped to point {(k + 1) % len(orbit)}; the difference is {shorten(residual)}."
                )
        product = sp.eye(len(self.variables))
        for state in orbit:
            product = self.at(state).jacobian * product
        return sp.ImmutableMatrix(product.applyfunc(tidy))

    def multiplier(self, orbit: Sequence[Point]) -> sp.Expr:
        """Multiplier of a periodic orbit of a univariate map: |·| < 1 attracts, > 1 repels, 0 is superstable.

        Args:
            orbit: p_0, …, p_{n−1} with map(p_k) = p_{k+1}.

        Returns:
            exact number; for several variables use `monodromy`.
        """
        self._require_one_variable("multiplier")
        return self.monodromy(orbit)[0, 0]

    def _require_one_variable(self, name: str) -> None:
        if len(self.variables) != 1:
            raise SystemsError(
                f"{name}: this is for one variable, the map has {len(self.variables)}; use monodromy or step_size_threshold."
            )

    def conjugate(self, substitution: Mapping[sp.Symbol, sp.Expr]) -> Conjugacy:
        """The same dynamics in other coordinates, x = Ay + b with A invertible, for instance x = δ²y.

        Args:
            substitution: for every variable an expression, affine in the new variables; the new variables are the symbols in it that occur
                neither in the loss nor in the step.

        Returns:
            the conjugated map g with A·g(y) + b = map(Ay + b), checked exactly.

        Raises:
            SystemsError: the substitution is not affine and invertible, or the identity could not be shown.
        """
        old = list(self.variables)
        if set(substitution) != set(old):
            raise SystemsError(f"conjugate: give one expression for each of {', '.join(map(str, old))}.")
        expressions = [self._inward(exact(substitution[v], "substitution")) for v in old]
        known = {self._inward(s) for s in self.loss.free_symbols | self.step.free_symbols}
        fresh = sorted({s for e in expressions for s in e.free_symbols} - known, key=sp.default_sort_key)
        new = tuple(sp.Symbol(s.name, real=True) for s in fresh)
        expressions = [e.xreplace(dict(zip(fresh, new, strict=True))) for e in expressions]
        matrix = sp.Matrix([[sp.diff(e, y) for y in new] for e in expressions])
        if len(new) != len(old) or any(matrix.has(y) for y in new):
            raise SystemsError(f"conjugate: {shorten(substitution)} must be affine in exactly {len(old)} variable(s) new to loss and step.")
        if sign_of(sp.expand(matrix.det()) ** 2) == 0:
            raise SystemsError(f"conjugate: {shorten(substitution)} is not invertible.")
        return self._conjugacy(expressions, matrix, new)

    def _conjugacy(self, expressions: list[sp.Expr], matrix: sp.Matrix, new: tuple[sp.Symbol, ...]) -> Conjugacy:
        where = dict(zip(self._real_variables, expressions, strict=True))
        pulled_back = [self._inward(m).xreplace(where) for m in self.map]
        inverse = matrix.inv()
        g = sp.ImmutableMatrix([_compact(entry) for entry in sp.Matrix(new) + inverse * (sp.Matrix(pulled_back) - sp.Matrix(expressions))])
        residual = matrix * (g - sp.Matrix(new)) + sp.Matrix(expressions) - sp.Matrix(pulled_back)
        if not all(is_zero(r) for r in residual):
            raise SystemsError("conjugate: the identity A·g(y) + b = map(Ay + b) could not be shown exactly.")
        scale = self._scale(matrix)
        gradient_map = None
        if scale is not None:
            loss = _compact(self._inward(self.step) * self._real_loss.xreplace(where) / scale)
            gradient_map = GradientMap(self._outward(loss), new, sp.Integer(1))
        substitution = tuple(self._outward(e) for e in expressions)
        return Conjugacy(self, new, substitution, self._outward(g), gradient_map)

    @staticmethod
    def _scale(matrix: sp.Matrix) -> sp.Expr | None:
        # a gradient map again exactly when A·Aᵀ is a multiple of the identity
        gram = (matrix * matrix.T).applyfunc(sp.expand)
        return gram[0, 0] if gram == gram[0, 0] * sp.eye(matrix.rows) else None


@dataclass(frozen=True)
class LocalMap:
    """A gradient map seen at one point; every attribute is exact and computed on demand.

    Args:
        system: the map.
        point: exact coordinates, shape (n,).
    """

    system: GradientMap
    point: tuple[sp.Expr, ...]

    @cached_property
    def _first_order(self) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
        return gradient_at(self.system._real_loss, self.system._where(self.point))

    @cached_property
    def value(self) -> sp.Expr:
        """f(x); raises NotDifferentiable on a kink, as the gradient does."""
        return self.system._outward(self._first_order[0])

    @cached_property
    def gradient(self) -> tuple[sp.Expr, ...]:
        """∇f(x), shape (n,); decided by one-sided derivatives on a kink."""
        return tuple(self.system._outward(g) for g in self._first_order[1])

    @cached_property
    def hessian(self) -> sp.ImmutableMatrix:
        """∇²f(x), shape (n, n); raises NotDifferentiable where it is not shown to exist."""
        return self.system._outward(hessian_at(self.system._real_loss, self.system._where(self.point)))

    @cached_property
    def image(self) -> tuple[sp.Expr, ...]:
        """x − δ∇f(x), shape (n,)."""
        return tuple(tidy(x - self.system.step * g) for x, g in zip(self.point, self.gradient, strict=True))

    @cached_property
    def jacobian(self) -> sp.ImmutableMatrix:
        """I − δ∇²f(x), shape (n, n)."""
        return sp.ImmutableMatrix((sp.eye(len(self.point)) - self.system.step * self.hessian).applyfunc(tidy))


@dataclass(frozen=True)
class Conjugacy:
    """A change of coordinates x = h(y) = Ay + b and the map g = h⁻¹ ∘ map ∘ h; made by GradientMap.conjugate, which checks the identity.

    Args:
        source: the original map.
        variables: the new variables, real symbols.
        substitution: h, one expression for each old variable.
        map: g, shape (n, 1).
        gradient_map: g as gradient descent with step 1 on a loss of its own, when A·Aᵀ is a multiple of the identity.
    """

    source: GradientMap
    variables: tuple[sp.Symbol, ...]
    substitution: tuple[sp.Expr, ...]
    map: sp.ImmutableMatrix
    gradient_map: GradientMap | None


def _compact(expr: sp.Expr) -> sp.Expr:
    return sp.powsimp(sp.expand(sp.powdenest(expr)))


def _interval(domain: Any) -> sp.Interval:
    if domain is None:
        return _LINE
    if isinstance(domain, sp.Interval):
        low, high, opened = domain.start, domain.end, (domain.left_open, domain.right_open)
    elif isinstance(domain, Sequence) and not isinstance(domain, str) and len(domain) == 2:
        (low, high), opened = domain, (sp.false, sp.false)
    else:
        raise NotExact(f"domain: {shorten(domain)} is not an interval; give None, a pair (low, high) or a SymPy Interval.")
    ends = [end if end in (sp.oo, -sp.oo) else exact(end, "domain") for end in (low, high)]
    interval = sp.Interval(*ends, *opened)
    if interval is sp.S.EmptySet:
        raise NotExact(f"domain: the interval from {shorten(low)} to {shorten(high)} is empty.")
    return interval if isinstance(interval, sp.Interval) else sp.Interval(ends[0], ends[1])


def _check_variables(variables: tuple[Any, ...], loss: sp.Expr, step: sp.Expr) -> None:
    if not variables or not all(isinstance(v, sp.Symbol) for v in variables) or len(set(variables)) < len(variables):
        raise SystemsError("variables: give at least one SymPy symbol, each only once.")
    for v in variables:
        extra = sorted(key for key, value in v.assumptions0.items() if value and key not in _REAL)
        if extra or v.is_real is False:
            raise SystemsError(
                f"variables: {v} is declared {', '.join(extra) or 'not real'}, and SymPy has simplified the loss under that assumption,"
                f" but gradient descent may leave that set; use Symbol({v.name!r}, real=True)."
            )
        if v in step.free_symbols:
            raise SystemsError(f"step: the step size contains the variable {v}; a constant or a parameter is needed.")
    names = [s.name for s in {*variables, *loss.free_symbols, *step.free_symbols}]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise SystemsError(f"variables: two different symbols are both named {twice[0]}; use one symbol with one set of assumptions.")
