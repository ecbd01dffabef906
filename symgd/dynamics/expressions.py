"""Losses as expressions: derivatives, univariate polynomials, and programs for the enclosure backends.

Everything is exact and works on the inert expressions of `symgd.language`; SymPy is not involved, so nothing is rewritten behind the user's
back. At a kink the derivative follows the convention sign(0) = 0, which is what gradient descent does in practice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any

import numpy as np

from ..enclosures.program import Program
from ..kernel.terms import Arena, Reject, Undefined
from ..language import Expr, LanguageError, Node, expr, prod, sqrt, total

MAX_DEGREE = 400
KINKS = frozenset({"abs", "sign", "relu", "max", "min", "pow"})  # (x^2)^(3/2) is |x|^3
_ZERO, _ONE = Expr(0), Expr(1)


def _is_number(node: Any) -> bool:
    return isinstance(node, int) or (isinstance(node, str) and (node[0].isdigit() or node[0] == "-"))


def _constant(e: Expr) -> Fraction | None:
    return Fraction(e.node) if isinstance(e.node, (int, str)) and _is_number(e.node) else None


def add(a: Expr, b: Expr) -> Expr:
    """a + b, without the terms that are literally 0."""
    p, q = _constant(a), _constant(b)
    if p is not None and q is not None:
        return expr(p + q)
    return b if p == 0 else a if q == 0 else a + b


def subtract(a: Expr, b: Expr) -> Expr:
    """a − b, without the terms that are literally 0."""
    p, q = _constant(a), _constant(b)
    if p is not None and q is not None:
        return expr(p - q)
    return -b if p == 0 else a if q == 0 else a - b


def times(a: Expr, b: Expr) -> Expr:
    """a·b, folded when a factor is literally 0 or ±1."""
    p, q = _constant(a), _constant(b)
    if p is not None and q is not None:
        return expr(p * q)
    if p == 0 or q == 0:
        return _ZERO
    if p == 1 or q == 1:
        return b if p == 1 else a
    return -b if p == -1 else -a if q == -1 else a * b


def divide(a: Expr, b: Expr) -> Expr:
    """a/b, folded when b is a literal number or a is literally 0."""
    q = _constant(b)
    if q is not None and q != 0:
        return times(expr(1 / q), a)
    return _ZERO if _constant(a) == 0 else a / b


def resolve(e: Expr) -> Expr:
    """The same expression with derivatives D(u, x) and substitutions u[x = v] carried out."""
    return Expr(_resolve(e.node))


def _resolve(node: Node) -> Node:
    if not isinstance(node, tuple):
        return node
    op, *args = node
    if op in ("^", "pow"):
        return (op, _resolve(args[0]), args[1])
    if op == "D":
        return derivative(Expr(_resolve(args[0])), str(args[1])).node
    if op == "at":
        return substitute(Expr(_resolve(args[0])), {str(args[1]): Expr(_resolve(args[2]))}).node
    return (op, *(_resolve(a) for a in args))


def substitute(e: Expr, values: Mapping[str, Expr]) -> Expr:
    """The expression with each named variable replaced.

    Arguments: e, without D and `at`; values, the expression for each name.
    """

    def walk(node: Node) -> Node:
        if isinstance(node, str) and node in values:
            return values[node].node
        if not isinstance(node, tuple):
            return node
        if node[0] in ("^", "pow"):
            return (node[0], walk(node[1]), node[2])
        return (node[0], *(walk(a) for a in node[1:]))

    return Expr(walk(e.node))


@lru_cache(maxsize=4096)
def derivative(e: Expr, x: str) -> Expr:
    """The partial derivative of an expression.

    Arguments: e; x, the name of a variable. Returns: an expression, lightly folded. Raises: LanguageError for an unknown operation.
    """
    node = e.node
    if not isinstance(node, tuple):
        return _ONE if node == x else _ZERO
    op = node[0]
    if op in ("D", "at"):
        return derivative(resolve(e), x)
    u = Expr(node[1])
    du = derivative(u, x)
    if op in ("^", "pow"):
        q = Fraction(str(node[2]))
        return times(times(expr(q), _power(u, q - 1)), du)
    if op == "-" and len(node) == 2:
        return subtract(_ZERO, du)
    rest = [Expr(n) for n in node[2:]]
    if op == "+":
        out = du
        for v in rest:
            out = add(out, derivative(v, x))
        return out
    if op == "-":
        return subtract(du, derivative(rest[0], x))
    if op == "*":
        factors = [u, *rest]
        out = _ZERO
        for i, f in enumerate(factors):
            term = derivative(f, x)
            for j, other in enumerate(factors):
                term = times(term, other) if j != i else term
            out = add(out, term)
        return out
    if op == "/":
        v = rest[0]
        dv = derivative(v, x)
        return divide(du, v) if _constant(dv) == 0 else divide(subtract(times(du, v), times(u, dv)), v**2)
    if op in ("max", "min"):
        v = rest[0]
        dv = derivative(v, x)
        if _constant(du) == 0 == _constant(dv):
            return _ZERO
        gap = u - v if op == "max" else v - u
        return divide(add(add(du, dv), times(Expr(("sign", gap.node)), subtract(du, dv))), Expr(2))
    if _constant(du) == 0:
        return _ZERO
    return times(_outer(op, u, e), du)


def _power(u: Expr, q: Fraction) -> Expr:
    if q == 0:
        return _ONE
    if q == 1:
        return u
    if q.denominator == 1 or q.denominator == 2:
        return u**q
    return Expr(("pow", u.node, str(q)))


def _outer(op: str, u: Expr, whole: Expr) -> Expr:
    """φ′(u) for the function named `op`; `whole` is φ(u)."""

    def call(name: str, v: Expr = u) -> Expr:
        return Expr((name, v.node))

    rules = {
        "sqrt": lambda: Expr("1/2") / whole,
        "exp": lambda: whole,
        "log": lambda: _ONE / u,
        "sin": lambda: call("cos"),
        "cos": lambda: -call("sin"),
        "tanh": lambda: 1 - whole**2,
        "atan": lambda: 1 / (1 + u**2),
        "sigmoid": lambda: whole * call("sigmoid", -u),
        "softplus": lambda: call("sigmoid"),
        "abs": lambda: call("sign"),
        "sign": lambda: _ZERO,
        "relu": lambda: (1 + call("sign")) / 2,
    }
    if op not in rules:
        raise LanguageError(f"no derivative is known for {op}")
    return rules[op]()


# --- programs and exact values -----------------------------------------------------------------------------------------------------------

_PROGRAM_NAMES = {"+": "add", "*": "mul", "/": "div", "^": "pow_int", "pow": "pow_rat"}


def program(e: Expr, variables: Sequence[str]) -> Program:
    """The expression as a program of the enclosure backends.

    Arguments: e; variables, the names in the order in which boxes are given. Raises: ValueError for a name that is not among them.
    """

    def walk(node: Node) -> Any:
        if isinstance(node, int) or _is_number(node):
            return ["const", str(node)]
        if isinstance(node, str):
            return node
        op, *args = node
        if op in ("^", "pow"):
            return [_PROGRAM_NAMES[op], walk(args[0]), args[1]]
        if op == "-":
            return ["neg", walk(args[0])] if len(args) == 1 else ["sub", walk(args[0]), walk(args[1])]
        return [_PROGRAM_NAMES.get(op, op), *(walk(a) for a in args)]

    return Program.from_nested(walk(resolve(e).node), tuple(variables))


def exact_value(e: Expr, point: Mapping[str, Fraction]) -> Fraction | None:
    """The exact value at a rational point, None where it is irrational, undefined or too long.

    Arguments: e; point, a value for each variable.
    """
    arena = Arena()
    try:
        root = arena.read(resolve(e).json, {x: arena.var(x) for x in point})
        return arena.value(root, point)
    except (Reject, Undefined, KeyError, ArithmeticError, ValueError, TypeError):
        return None


def undefined_at(e: Expr, point: Mapping[str, Fraction]) -> bool:
    """Whether an expression is certainly undefined at a rational point: by a divisor that is exactly 0, or an argument outside its domain.

    Arguments: e, without D and `at`; point, a value for each variable. False also where this cannot be told.
    """
    stack: list[Node] = [e.node]
    while stack:
        node = stack.pop()
        if not isinstance(node, tuple):
            continue
        op, *args = node
        inner = args[1] if op == "/" else args[0] if op in ("log", "sqrt", "pow", "^") else None
        if inner is not None:
            value = exact_value(Expr(inner), point)
            negative = op in ("^", "pow") and Fraction(str(args[1])) < 0
            if value is not None and ((value == 0 and (op in ("/", "log") or negative)) or (value < 0 and op in ("log", "sqrt", "pow"))):
                return True
        stack.extend(args[:1] if op in ("^", "pow") else args)
    return False


_FLOAT: dict[str, Callable[..., Any]] = {
    "+": lambda *u: sum(u[1:], u[0]),
    "*": lambda *u: reduce(lambda a, b: a * b, u),
    "-": lambda *u: -u[0] if len(u) == 1 else u[0] - u[1],
    "/": lambda a, b: a / b,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "atan": np.arctan,
    "sigmoid": lambda u: 0.5 * (1 + np.tanh(0.5 * u)),
    "softplus": lambda u: np.logaddexp(0.0, u),
    "relu": lambda u: np.maximum(u, 0.0),
    "max": np.maximum,
    "min": np.minimum,
}


def numeric(e: Expr, names: Sequence[str]) -> Callable[..., Any]:
    """A function of floats or arrays that computes the expression with ordinary rounding: for guesses and pictures, never for proofs.

    Arguments: e; names, the order of the arguments. Overflow gives inf or nan.
    """

    def build(node: Node) -> Callable[[Sequence[Any]], Any]:
        if not isinstance(node, tuple):
            if node in names:
                i = names.index(str(node))
                return lambda values: values[i]
            q = float(Fraction(node))
            return lambda values: q
        op, *args = node
        first = build(args[0])
        if op in ("^", "pow"):
            exponent = Fraction(str(args[1]))
            if exponent == 2:
                return lambda values: (lambda u: u * u)(first(values))
            power = float(exponent) if exponent.denominator > 1 or exponent < 0 else int(exponent)
            return lambda values: first(values) ** power
        parts = [first, *(build(a) for a in args[1:])]
        apply = _FLOAT[op]
        if len(parts) == 1:
            return lambda values: apply(first(values))
        return lambda values: apply(*(p(values) for p in parts))

    names = tuple(names)
    run = build(resolve(e).node)

    def call(*values: Any) -> Any:
        with np.errstate(all="ignore"):
            try:
                return run(values)
            except (OverflowError, ZeroDivisionError):
                return math.nan

    return call


def is_analytic(e: Expr) -> bool:
    """Whether no operation of the expression has a kink or a jump, so that it is real analytic where it is defined with finite slopes."""
    stack: list[Any] = [resolve(e).node]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            if node[0] in KINKS:
                return False
            stack.extend(node[1:2] if node[0] in ("^", "pow") else node[1:])
    return True


# --- univariate polynomials --------------------------------------------------------------------------------------------------------------

Coefficients = list[Fraction]  # from the constant one up; [] is 0


def trim(c: Coefficients) -> Coefficients:
    """The same polynomial without leading zeros."""
    while c and not c[-1]:
        c = c[:-1]
    return c


def poly_add(a: Coefficients, b: Coefficients, factor: Fraction = Fraction(1)) -> Coefficients:
    """a + factor·b."""
    n = max(len(a), len(b))
    return trim([(a[k] if k < len(a) else Fraction(0)) + factor * (b[k] if k < len(b) else 0) for k in range(n)])


def poly_mul(a: Coefficients, b: Coefficients) -> Coefficients:
    """a·b."""
    out = [Fraction(0)] * max(len(a) + len(b) - 1, 0)
    for i, p in enumerate(a):
        for j, q in enumerate(b):
            out[i + j] += p * q
    return trim(out)


def poly_value(c: Sequence[Fraction | int], x: Fraction) -> Fraction:
    """The value at a rational point, by Horner's rule."""
    out = Fraction(0)
    for q in reversed(c):
        out = out * x + q
    return out


def poly_derivative(c: Coefficients) -> Coefficients:
    """The derivative."""
    return [k * q for k, q in enumerate(c)][1:]


def polynomial(e: Expr, x: str) -> Coefficients | None:
    """The coefficients of an expression that is a polynomial in x with rational coefficients, else None.

    Arguments: e; x, the only variable. A division counts only when the divisor is a constant, so the domain is not changed.
    """

    def walk(node: Node) -> Coefficients | None:
        if not isinstance(node, tuple):
            if node == x:
                return [Fraction(0), Fraction(1)]
            return trim([Fraction(node)]) if _is_number(node) else None
        op, *args = node
        u = walk(args[0])
        if u is None:
            return None
        if op == "^":
            n = int(args[1])
            if n < 0:
                return [1 / u[0] ** -n] if len(u) == 1 else None
            if n * max(len(u) - 1, 0) > MAX_DEGREE:
                return None
            out = [Fraction(1)]
            for _ in range(n):
                out = poly_mul(out, u)
            return out
        if op == "-" and len(args) == 1:
            return [-q for q in u]
        if op not in ("+", "-", "*", "/"):
            return None
        for a in args[1:]:
            v = walk(a)
            if v is None or (op == "/" and len(v) != 1) or len(u) + len(v) > MAX_DEGREE:
                return None
            u = poly_mul(u, v) if op == "*" else [q / v[0] for q in u] if op == "/" else poly_add(u, v, Fraction(1 if op == "+" else -1))
        return u

    return walk(resolve(e).node)


def horner(c: Coefficients, x: str) -> Expr:
    """The polynomial as a nested expression, which encloses more tightly than a sum of powers."""
    if not c:
        return _ZERO
    out = expr(c[-1])
    for q in reversed(c[:-1]):
        out = add(times(Expr(x), out), expr(q))
    return out


def poly_text(c: Sequence[Fraction | int], x: str) -> str:
    """The polynomial in ordinary notation, highest power first."""
    terms = []
    for k in range(len(c) - 1, -1, -1):
        q = Fraction(c[k])
        if q:
            power = "" if k == 0 else x if k == 1 else f"{x}^{k}"
            size = "" if abs(q) == 1 and k else f"({abs(q)})" if q.denominator > 1 and k else str(abs(q))
            terms.append(("- " if q < 0 else "+ ") + (f"{size}*{power}" if size and power else size or power))
    text = " ".join(terms) or "0"
    return "-" + text[2:] if text.startswith("- ") else text.removeprefix("+ ")


__all__ = [
    "Coefficients",
    "derivative",
    "exact_value",
    "horner",
    "is_analytic",
    "numeric",
    "poly_text",
    "poly_value",
    "polynomial",
    "prod",
    "program",
    "resolve",
    "sqrt",
    "substitute",
    "total",
    "undefined_at",
]
