"""Calculus of real functions with kinks: |u|, sign, max, min, Piecewise and real powers |u|^p.

Two ways to differentiate live here. `differentiate` gives a formula that holds wherever no kink argument vanishes. `one_sided_pieces`
decides what happens *at* a point: it lists the smooth pieces that meet there, written without kinks, so that derivatives can be compared.
SymPy's own `diff` is not used on kinks: it assumes complex symbols for Abs and puts Dirac deltas where a gradient does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean

from symgd.systems._exact import is_zero, shorten, sign_of, tidy
from symgd.systems.errors import NotDifferentiable, SystemsError

KINKS = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise)
_JUMPS = (sp.sign, sp.Heaviside, sp.Piecewise)
_HYPERBOLIC = (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch, sp.asinh, sp.acosh, sp.atanh)
_CIRCULAR = (sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc, sp.asin, sp.acos, sp.atan)
_SMOOTH = (sp.exp, sp.log, sp.erf, sp.erfc, *_HYPERBOLIC, *_CIRCULAR)
_STRUCTURE = (sp.Symbol, sp.Rational, sp.NumberSymbol, sp.CRootOf, sp.Add, sp.Mul, sp.Pow, Relational, Boolean, ExprCondPair)
_MOST_PIECES = 1024
_MOST_DERIVATIVES = 64


def refuse_unknown_heads(expr: sp.Basic) -> None:
    """Raise SystemsError for functions whose derivatives and kinks are not known here: an unknown jump would go unnoticed."""
    for node in sp.preorder_traversal(expr):
        if isinstance(node, sp.CRootOf):
            continue
        if not isinstance(node, (*_STRUCTURE, *_SMOOTH, *KINKS)) and node.free_symbols:
            name = type(node).__name__
            raise SystemsError(
                f"loss: nothing is known about {name} in {shorten(node)}; write it with powers, exp, log, Abs, Max or Piecewise."
            )


def differentiate(expr: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    """Derivative of a real function as a formula that holds off the kinks.

    Args:
        expr: expression in real symbols.
        variable: the real symbol to differentiate by.

    Returns:
        the derivative; d|u| = sign(u) du, and no Dirac deltas.

    Raises:
        SystemsError: a head with no known derivative.
    """
    return _merge_signs(_derivative(expr, variable))


def _derivative(expr: sp.Expr, x: sp.Symbol) -> sp.Expr:
    if x not in expr.free_symbols:
        return sp.Integer(0)
    if expr == x:
        return sp.Integer(1)
    if isinstance(expr, sp.Add):
        return sp.Add(*(_derivative(term, x) for term in expr.args))
    if isinstance(expr, sp.Mul):
        factors = expr.args
        return sp.Add(*(sp.Mul(*factors[:i], _derivative(f, x), *factors[i + 1 :]) for i, f in enumerate(factors)))
    if isinstance(expr, sp.Pow):
        base, power = expr.args
        if x not in power.free_symbols:
            return power * base ** (power - 1) * _derivative(base, x)
        return expr * (_derivative(power, x) * sp.log(base) + power * _derivative(base, x) / base)
    if isinstance(expr, sp.Abs):
        return sp.sign(expr.args[0]) * _derivative(expr.args[0], x)
    if isinstance(expr, (sp.sign, sp.Heaviside)):
        return sp.Integer(0)
    if isinstance(expr, (sp.Max, sp.Min)):
        return _derivative_of_extremum(expr, x)
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((_derivative(piece, x), condition) for piece, condition in expr.args))
    if isinstance(expr, _SMOOTH):
        return sp.Add(*(expr.fdiff(i) * _derivative(argument, x) for i, argument in enumerate(expr.args, start=1)))
    name = type(expr).__name__
    raise SystemsError(f"no derivative is known for {name} in {shorten(expr)}; write it with powers, exp, log, Abs, Max or Piecewise.")


def _derivative_of_extremum(expr: sp.Expr, x: sp.Symbol) -> sp.Expr:
    # max(a, b) = (a + b + |a − b|)/2
    first, rest = expr.args[0], expr.func(*expr.args[1:])
    side = sp.sign(first - rest) if isinstance(expr, sp.Max) else sp.sign(rest - first)
    return (1 + side) / 2 * _derivative(first, x) + (1 - side) / 2 * _derivative(rest, x)


def _merge_signs(expr: sp.Expr) -> sp.Expr:
    """Use sign(u)² = 1, sign(u)·|u| = u and u·sign(u) = |u|, all true off the kink."""
    if not expr.has(sp.sign):
        return expr
    if expr.args:
        expr = expr.func(*(_merge_signs(argument) if isinstance(argument, sp.Expr) else argument for argument in expr.args))
    if isinstance(expr, sp.Pow) and isinstance(expr.base, sp.sign) and expr.exp.is_integer:
        return sp.Integer(1) if expr.exp.is_even else expr.base
    if not isinstance(expr, sp.Mul):
        return expr
    powers = dict(factor.as_base_exp() for factor in expr.args)
    for base in [b for b in powers if isinstance(b, sp.sign)]:
        u = base.args[0]
        if powers.get(sp.Abs(u)) == 1:
            return _merge_signs(expr / base / sp.Abs(u) * u)
        if powers.get(u) is not None and powers[u].is_odd and powers[u].is_positive:
            return _merge_signs(expr / base / u * sp.Abs(u))
    return expr


def kink_arguments(expr: sp.Expr) -> Iterator[sp.Expr]:
    """The functions whose zeros separate the smooth pieces, innermost kinks first (with repetitions)."""
    for node in sp.postorder_traversal(expr):
        if isinstance(node, (sp.Abs, sp.sign, sp.Heaviside)):
            yield node.args[0]
        elif isinstance(node, (sp.Max, sp.Min)):
            yield from (a - b for i, a in enumerate(node.args) for b in node.args[i + 1 :])
        elif isinstance(node, Relational):
            yield node.lhs - node.rhs
        elif isinstance(node, sp.Pow) and _is_root(node):
            yield node.base


def _is_root(power: sp.Pow) -> bool:
    return bool(power.free_symbols) and power.exp.is_integer is not True and not power.base.is_positive


def resolve(expr: sp.Basic, decide: Callable[[sp.Expr], int]) -> sp.Basic:
    """Write an expression without kinks on a piece where every kink argument has one sign.

    Args:
        expr: expression, or the condition of a Piecewise.
        decide: the sign of a kink-free argument on that piece, −1 or 1; 0 for the piece that lies on the kink itself.

    Returns:
        the smooth expression that equals `expr` on the piece.

    Raises:
        NotDifferentiable: a negative number would have to be raised to a fractional power there, or no Piecewise condition holds.
    """
    if not expr.args or not expr.free_symbols:
        return expr
    if isinstance(expr, sp.Piecewise):
        for piece, condition in expr.args:
            if resolve(condition, decide) == sp.true:
                return resolve(piece, decide)
        raise NotDifferentiable(f"no condition of {shorten(expr)} holds there; add a last piece (value, True).")
    arguments = [resolve(argument, decide) for argument in expr.args]
    if isinstance(expr, sp.Abs):
        return _sign(arguments[0], decide) * arguments[0]
    if isinstance(expr, sp.sign):
        return sp.Integer(_sign(arguments[0], decide))
    if isinstance(expr, sp.Heaviside):
        sign = _sign(arguments[0], decide)
        return sp.Integer((1 + sign) // 2) if sign else expr.func(0, *expr.args[1:])
    if isinstance(expr, (sp.Max, sp.Min)):
        want = 1 if isinstance(expr, sp.Max) else -1
        best = arguments[0]
        for candidate in arguments[1:]:
            best = candidate if _sign(candidate - best, decide) == want else best
        return best
    if isinstance(expr, Relational):
        return _resolve_relation(expr, _sign(arguments[0] - arguments[1], decide))
    if isinstance(expr, sp.Pow) and _is_root(expr) and _sign(arguments[0], decide) < 0:
        raise NotDifferentiable(f"{shorten(expr)} is not a real number on one side; write Abs(...)**p or restrict the loss with Piecewise.")
    return expr.func(*arguments)


def _sign(u: sp.Expr, decide: Callable[[sp.Expr], int]) -> int:
    if u.is_nonnegative:
        return 1
    if u.is_nonpositive:
        return -1
    return decide(u)


def _resolve_relation(relation: Relational, sign: int) -> sp.Basic:
    return relation.func(sp.Integer(sign), sp.Integer(0))


@dataclass(frozen=True)
class Piece:
    """A smooth expression that equals the function on one of the pieces meeting at a point.

    Args:
        expr: the expression, free of kinks; in one variable written in `offset` ≥ 0, with x = point + side·offset.
        active: the signs chosen for the kink arguments that vanish at the point; 0 for the piece on the kink, listed
            where the function may jump.
        side: −1 or 1 in one variable, 0 in several.
    """

    expr: sp.Expr
    active: Mapping[sp.Expr, int]
    side: int


OFFSET = sp.Dummy("t", positive=True)


def one_sided_pieces(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> list[Piece]:
    """The smooth pieces of a function that meet at a point.

    Args:
        expr: expression in real symbols.
        point: exact value of every variable.

    Returns:
        one piece when no kink argument vanishes there; otherwise both sides (one variable) or one piece for each choice of signs (several
        variables; some choices may be empty sets, which makes the answer cautious, never wrong).

    Raises:
        NotDifferentiable: the function is not defined on both sides, or too many kinks meet.
        Undecided: the sign of a kink argument at the point is not decided by the assumptions on its symbols.
    """
    if not any(True for _ in kink_arguments(expr)):
        return [Piece(expr, {}, 0)]
    pieces = _pieces_in_several_variables(expr, point)
    if len(pieces) == 1 and not pieces[0].active:
        return pieces
    _require_value_without_jump(expr, point)
    if len(point) > 1:
        return pieces
    return [_side(expr, *next(iter(point.items())), side) for side in (-1, 1)]


def _require_value_without_jump(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> None:
    """The value on the kink itself must be the limit along the pieces, or the function is not even continuous."""
    value = value_at(resolve(expr, lambda u: sign_of(sp.sympify(u).xreplace(dict(point)))), point)
    limits = (_limit(expr, *next(iter(point.items())), side) for side in (-1, 1)) if len(point) == 1 else ()
    if value is None or any(limit is None or not _same(limit, value) for limit in limits):
        raise NotDifferentiable(f"the loss jumps or has no real value at {_place(point)}; choose a point off {_kinks_at(expr, point)}.")


def _limit(expr: sp.Expr, variable: sp.Symbol, value: sp.Expr, side: int) -> sp.Expr | None:
    return value_at(_side(expr, variable, value, side).expr, {OFFSET: sp.Integer(0)})


def _side(expr: sp.Expr, variable: sp.Symbol, value: sp.Expr, side: int) -> Piece:
    piece = sp.powdenest(resolve(expr.xreplace({variable: value + side * OFFSET}), _sign_just_after_zero))
    if piece.has(sp.I):
        where = f"{'above' if side > 0 else 'below'} {variable} = {shorten(value, 40)}"
        raise NotDifferentiable(f"the loss is not real-valued {where}; write Abs(...)**p or restrict it with Piecewise.")
    return Piece(piece, {}, side)


def _sign_just_after_zero(u: sp.Expr) -> int:
    u = sp.expand(u)
    if u == 0:
        return 1
    for order in range(_MOST_DERIVATIVES):
        value = _at_zero_offset(u)
        if value is None:
            break
        if value:
            return value
        leading = _leading_term(u) if order == 0 and not u.is_polynomial(OFFSET) else None
        if leading is not None and OFFSET in leading.free_symbols:
            return sign_of(leading.as_independent(OFFSET)[0])
        u = sp.diff(u, OFFSET)
    raise NotDifferentiable(f"the sign of {shorten(u)} just beside the point could not be shown; evaluate at a point away from the kink.")


def _leading_term(u: sp.Expr) -> sp.Expr | None:
    try:
        return u.as_leading_term(OFFSET)
    except (NotImplementedError, ValueError, sp.PoleError):
        return None


def _at_zero_offset(u: sp.Expr) -> int | None:
    value = u.subs(OFFSET, 0)
    return None if value.has(sp.zoo, sp.nan, sp.oo, -sp.oo) else sign_of(value)


class _Fork(Exception):
    def __init__(self, argument: sp.Expr) -> None:
        super().__init__()
        self.argument = argument


def _pieces_in_several_variables(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> list[Piece]:
    finished: list[Piece] = []
    pending: list[dict[sp.Expr, int]] = [{}]
    options = (1, -1, 0) if expr.has(*_JUMPS) else (1, -1)
    while pending:
        choices = pending.pop()

        def decide(u: sp.Expr, choices: dict[sp.Expr, int] = choices) -> int:
            sign = sign_of(sp.sympify(u).xreplace(point))
            if sign:
                return sign
            key, orientation = _canonical(u)
            if key == 0:
                return 1
            if key not in choices:
                raise _Fork(key)
            return choices[key] * orientation

        try:
            finished.append(Piece(resolve(expr, decide), choices, 0))
        except _Fork as fork:
            pending += [{**choices, fork.argument: sign} for sign in options]
            if len(finished) + len(pending) > _MOST_PIECES:
                raise NotDifferentiable(f"more than {_MOST_PIECES} pieces may meet at this point; move it off the kinks.") from None
    return finished


def _canonical(u: sp.Expr) -> tuple[sp.Expr, int]:
    u = sp.expand(u)
    content, primitive = u.as_content_primitive()
    if primitive.could_extract_minus_sign():
        return -primitive, -1 if content > 0 else 1
    return primitive, 1 if content > 0 else -1


def value_at(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr | None:
    """Exact value of a kink-free expression, or None where it is infinite, undefined or not real."""
    value = sp.sympify(expr).xreplace(dict(point))
    if value.has(sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I) or any(power.base == 0 for power in value.atoms(sp.Pow)):
        return None
    return tidy(value)


def gradient_at(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
    """Exact value and gradient of a function at a point, decided from the pieces that meet there.

    Raises:
        NotDifferentiable: the pieces disagree, or a derivative is infinite.
    """
    jets = [_jet(piece, point, 1) for piece in one_sided_pieces(expr, point)]
    if any(not all(map(_same, jet, jets[0])) for jet in jets[1:]):
        raise NotDifferentiable(
            f"the loss is not shown to be differentiable at {_place(point)}: the pieces that meet there have different gradients"
            f" (or values); evaluate off the kink {_kinks_at(expr, point)}."
        )
    return jets[0][0], tuple(jets[0][1:])


def hessian_at(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> sp.ImmutableMatrix:
    """Exact Hessian of a function at a point, decided from the pieces that meet there.

    Raises:
        NotDifferentiable: the pieces' second derivatives disagree or are infinite, or the gradient may not exist nearby.
    """
    gradient_at(expr, point)
    pieces = one_sided_pieces(expr, point)
    jets = [_jet(piece, point, 2) for piece in pieces]
    n = len(point)
    if any(not all(map(_same, jet, jets[0])) for jet in jets[1:]) or not _gradient_exists_nearby(pieces, list(point)):
        raise NotDifferentiable(
            f"the loss is not shown to be twice differentiable at {_place(point)}; the curvature differs across the kink"
            f" {_kinks_at(expr, point)}: study one-sided pieces or a periodic orbit instead."
        )
    return sp.ImmutableMatrix(n, n, jets[0][1 + n :])


def _same(left: sp.Expr, right: sp.Expr) -> bool:
    return left == right or is_zero(left - right)


def _jet(piece: Piece, point: Mapping[sp.Symbol, sp.Expr], order: int) -> list[sp.Expr]:
    """Value, first and (order 2) second derivatives of a piece at the point."""
    if piece.side:
        formulas = [sp.diff(piece.expr, OFFSET, k) * piece.side**k for k in range(order + 1)]
        where: Mapping[sp.Symbol, sp.Expr] = {OFFSET: sp.Integer(0)}
    else:
        first = [sp.diff(piece.expr, v) for v in point]
        formulas = [piece.expr, *first, *([sp.diff(f, v) for f in first for v in point] if order == 2 else [])]
        where = point
    values = [value_at(formula, where) for formula in formulas]
    exact_values = [value for value in values if value is not None]
    if len(exact_values) < len(values):
        names = ("no real value", "an infinite or undefined derivative", "infinite or undefined curvature")
        failing = values.index(None)
        rank = min(failing, 2) if piece.side else (0 if failing == 0 else 1 if failing <= len(point) else 2)
        place = _place(point)
        raise NotDifferentiable(f"the loss has {names[rank]} at {place}; choose another point, or study periodic orbits around it.")
    return exact_values


def _gradient_exists_nearby(pieces: Sequence[Piece], variables: Sequence[sp.Symbol]) -> bool:
    """Whether neighbouring pieces agree in value and gradient all along the kink between them (several variables)."""
    for i, one in enumerate(pieces):
        for other in pieces[i + 1 :]:
            crossed = [u for u, sign in one.active.items() if other.active.get(u, sign) != sign]
            if len(crossed) != 1:
                continue
            jump = one.expr - other.expr
            if not all(_vanishes_on(crossed[0], formula) for formula in (jump, *(sp.diff(jump, v) for v in variables))):
                return False
    return True


def _vanishes_on(u: sp.Expr, expr: sp.Expr) -> bool:
    expr = sp.expand(expr)
    for v in sorted(u.free_symbols, key=sp.default_sort_key):
        slope = sp.diff(u, v)
        if slope.is_number and slope != 0:
            return bool(sp.simplify(expr.subs(v, v - u / slope)) == 0)
    generators = sorted(u.free_symbols, key=sp.default_sort_key)
    if u.is_polynomial(*generators) and expr.is_polynomial(*generators):
        return bool(sp.rem(expr, u, *generators) == 0)
    return False


def _kinks_at(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> str:
    names: list[str] = []
    for u in kink_arguments(expr):
        try:
            on_kink = sign_of(sp.sympify(u).xreplace(dict(point))) == 0
        except SystemsError:
            continue
        if on_kink:
            names.append(f"{shorten(_canonical(u)[0])} = 0")
    return ", ".join(dict.fromkeys(names)) or "in question"


def _place(point: Mapping[sp.Symbol, sp.Expr]) -> str:
    return ", ".join(f"{v} = {shorten(value, 40)}" for v, value in point.items())
