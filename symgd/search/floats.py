"""Terms compiled to Python source that runs on floats, on NumPy arrays (many points at once) and on mpmath numbers.

Nothing here is believed: values found here only say where an exact check is worth its time.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import mpmath
import numpy as np

from ..kernel.terms import EXACT, Arena, Undefined

BLOCK = 3_000_000  # intermediate numbers held at once when many points are evaluated

_BINARY = {"+": "+", "-": "-", "*": "*", "/": "/"}


def _sigmoid(u: Any, exp: Any) -> Any:
    return 1 / (1 + exp(-u))


def _float_table() -> dict[str, Callable[..., Any]]:
    return {
        "sqrt": math.sqrt,
        "abs": abs,
        "sign": lambda a: float((a > 0) - (a < 0)),
        "exp": math.exp,
        "log": math.log,
        "sin": math.sin,
        "cos": math.cos,
        "tanh": math.tanh,
        "atan": math.atan,
        "max": max,
        "min": min,
        "relu": lambda a: max(a, 0.0),
        "sigmoid": lambda a: _sigmoid(a, math.exp),
        "softplus": lambda a: max(a, 0.0) + math.log1p(math.exp(-abs(a))),
        "step": lambda a: float(a > 0),
        "pow": lambda a, q: a**q,
    }


def _array_table() -> dict[str, Callable[..., Any]]:
    return {
        "sqrt": np.sqrt,
        "abs": np.abs,
        "sign": np.sign,
        "exp": np.exp,
        "log": np.log,
        "sin": np.sin,
        "cos": np.cos,
        "tanh": np.tanh,
        "atan": np.arctan,
        "max": np.maximum,
        "min": np.minimum,
        "relu": lambda a: np.maximum(a, 0.0),
        "sigmoid": lambda a: _sigmoid(a, np.exp),
        "softplus": lambda a: np.logaddexp(a, 0.0),
        "step": lambda a: np.where(np.greater(a, 0), 1.0, 0.0),
        "pow": np.power,
    }


def _precise_table() -> dict[str, Callable[..., Any]]:
    return {
        "sqrt": mpmath.sqrt,
        "abs": abs,
        "sign": mpmath.sign,
        "exp": mpmath.exp,
        "log": mpmath.log,
        "sin": mpmath.sin,
        "cos": mpmath.cos,
        "tanh": mpmath.tanh,
        "atan": mpmath.atan,
        "max": max,
        "min": min,
        "relu": lambda a: max(a, mpmath.mpf(0)),
        "sigmoid": lambda a: _sigmoid(a, mpmath.exp),
        "softplus": lambda a: mpmath.log(1 + mpmath.exp(a)),
        "step": lambda a: mpmath.mpf(int(a > 0)),
        "pow": lambda a, q: a ** mpmath.mpf(q),
    }


def _root(q: Fraction) -> Fraction:
    if q < 0 or math.isqrt(q.numerator) ** 2 != q.numerator or math.isqrt(q.denominator) ** 2 != q.denominator:
        raise Undefined("the root is not rational")
    return Fraction(math.isqrt(q.numerator), math.isqrt(q.denominator))


def _only_at(place: int, value: int) -> Callable[[Fraction], Fraction]:
    def f(q: Fraction) -> Fraction:
        if q != place:
            raise Undefined("the value is not rational")
        return Fraction(value)

    return f


_EXACT: dict[str, Callable[..., Any]] = {  # only what the kernel computes exactly, too
    **{name: _only_at(place, value) for name, (place, value) in EXACT.items()},
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "sqrt": _root,
    "abs": abs,
    "max": max,
    "sign": lambda a: Fraction((a > 0) - (a < 0)),
}
EXACT_BITS = 60_000  # beyond this size the kernel's polynomials refuse sooner


def bits(q: Fraction) -> int:
    return q.numerator.bit_length() + q.denominator.bit_length()


def as_float(q: Fraction) -> float:
    """The nearest float, infinite where there is none."""
    try:
        return float(q)
    except OverflowError:
        return math.inf if q > 0 else -math.inf


class Compiled:
    """The values of several terms, and their gradients by reverse accumulation, as functions of a point.

    Arguments: `arena`, `roots`, the terms; `names`, the variables in the order of a point's coordinates. Powers with a large
    exponent and divisions are as in floats: a point where a term has no value gives nan.
    """

    def __init__(self, arena: Arena, roots: Sequence[int], names: Sequence[str]) -> None:
        self.arena, self.roots, self.names = arena, list(roots), list(names)
        self.constants: list[Fraction] = []
        self.size = 0
        self._functions: dict[tuple[bool, str], Callable[..., Any]] = {}
        self._constants: dict[Any, list[Any]] = {}

    # --- source -------------------------------------------------------------------------------------------------------

    def _source(self, slopes: bool) -> str:
        arena, place = self.arena, {x: i for i, x in enumerate(self.names)}
        needed = sorted({k for root in self.roots for k in arena.schedule(root)})
        self.size = len(needed) * (3 if slopes else 1)
        constants: dict[Fraction, int] = {}
        lines = ["def f(x, c, m):"]
        lines += [f"    {g} = m['{g}']" for g in sorted({arena.nodes[k][0] for k in needed} & set(_float_table()) | {"sign", "step"})]

        def constant(q: Fraction) -> str:
            return f"c[{constants.setdefault(q, len(constants))}]"

        text: dict[int, str] = {}
        for k in needed:
            op, sub, data = arena.nodes[k]
            args = [text[i] for i in sub]
            if op == "num":
                text[k] = constant(data)
                continue
            if op == "var":
                text[k] = f"x[{place[data]}]"
                continue
            if op in _BINARY:
                right = f"{args[0]} {op} {args[1]}"
            elif op == "^":
                right = f"{args[0]}*{args[0]}" if data == 2 else f"{args[0]}**{data}" if data >= 0 else f"1/({args[0]}**{-data})"
            elif op == "pow":
                right = f"pow({args[0]}, {constant(Fraction(data))})"
            else:
                right = f"{op}({', '.join(args)})"
            text[k] = f"t{k}"
            lines.append(f"    t{k} = {right}")
        values = ", ".join(text[r] for r in self.roots)
        if not slopes:
            lines.append(f"    return [{values}]")
        else:
            rows = [self._reverse(root, text, constant, lines, i) for i, root in enumerate(self.roots)]
            lines.append(f"    return [{values}], [{', '.join(rows)}]")
        self.constants = list(constants)
        self._constants = {}
        return "\n".join(lines)

    def _reverse(self, root: int, text: dict[int, str], constant: Callable[[Fraction], str], lines: list[str], number: int) -> str:
        """Statements that compute the gradient of one root; returns the expression of the list of its entries."""
        nodes, adjoint = self.arena.nodes, {root: constant(Fraction(1))}
        live = {k: bool(self.arena.variables(k)) for k in self.arena.schedule(root)} if len(self.arena.schedule(root)) < 400 else None
        one = constant(Fraction(1))

        def add(k: int, value: str) -> None:
            if nodes[k][0] == "num" or (live is not None and not live[k]):
                return
            if k not in adjoint:
                adjoint[k] = f"a{number}_{k}"
                lines.append(f"    {adjoint[k]} = {value}")
            else:
                if not adjoint[k].startswith("a"):  # the root itself, met again: cannot happen in an acyclic term
                    raise AssertionError
                lines.append(f"    {adjoint[k]} = {adjoint[k]} + {value}")

        def times(a: str, b: str) -> str:
            return b if a == one else a if b == one else f"{a}*{b}"

        for k in reversed(self.arena.schedule(root)):
            if k not in adjoint:
                continue
            op, sub, data = nodes[k]
            a, me = adjoint[k], text[k]
            if op in ("num", "var"):
                continue
            u = text[sub[0]]
            v = text[sub[1]] if len(sub) > 1 else ""
            if op in ("+", "-"):
                add(sub[0], a)
                add(sub[1], a if op == "+" else f"-{a}")
            elif op == "*":
                add(sub[0], times(a, v))
                add(sub[1], times(a, u))
            elif op == "/":
                add(sub[0], f"{a}/{v}")
                add(sub[1], f"-{a}*{me}/{v}")
            elif op == "^":
                inner = one if data == 1 else u if data == 2 else f"{u}**{data - 1}" if data >= 1 else f"1/({u}**{1 - data})"
                add(sub[0], f"{constant(Fraction(data))}*{a}*({inner})")
            elif op == "pow":
                q = Fraction(data)
                add(sub[0], f"{a}*{constant(q)}*pow({u}, {constant(q - 1)})")
            elif op in ("max", "min"):
                first = f"step({u} - {v})" if op == "max" else f"step({v} - {u})"
                add(sub[0], f"{a}*{first}")
                add(sub[1], f"{a}*({one} - {first})")
            else:
                slope = {
                    "sqrt": f"{a}/({me} + {me})",
                    "abs": f"{a}*sign({u})",
                    "exp": f"{a}*{me}",
                    "log": f"{a}/{u}",
                    "tanh": f"{a}*({one} - {me}*{me})",
                    "atan": f"{a}/({one} + {u}*{u})",
                    "sigmoid": f"{a}*{me}*({one} - {me})",
                    "relu": f"{a}*step({u})",
                    "sin": f"{a}*m['cos']({u})",
                    "cos": f"-{a}*m['sin']({u})",
                    "softplus": f"{a}*m['sigmoid']({u})",
                }.get(op)
                if slope is not None:
                    add(sub[0], slope)
        leaf = {nodes[k][2]: adjoint[k] for k in adjoint if nodes[k][0] == "var"}
        zero = constant(Fraction(0))
        return "[" + ", ".join(leaf.get(x, zero) for x in self.names) + "]"

    def _function(self, slopes: bool) -> Callable[..., Any]:
        key = (slopes, "")
        if key not in self._functions:
            namespace: dict[str, Any] = {}
            source = self._source(slopes)
            table = list(self.constants)
            exec(compile(source, "<terms>", "exec"), namespace)  # the source is built from validated terms only
            self._functions[key] = namespace["f"]
            self._tables = getattr(self, "_tables", {})
            self._tables[slopes] = table
        return self._functions[key]

    def _numbers(self, slopes: bool, how: Any) -> list[Any]:
        key = (slopes, how if isinstance(how, str) else ("mp", how))
        if key not in self._constants:
            table = self._tables[slopes]
            self._constants[key] = (
                [as_float(q) for q in table] if how == "float" else [mpmath.mpf(q.numerator) / q.denominator for q in table]
            )
        return self._constants[key]

    # --- values -------------------------------------------------------------------------------------------------------

    def many(self, points: Any) -> Any:
        """Values at many points: array (m, variables) to array (m, roots)."""
        f, table = self._function(False), _array_table()
        points = np.asarray(points, dtype=float)
        out = np.empty((len(points), len(self.roots)))
        block = max(64, BLOCK // max(1, self.size))
        with np.errstate(all="ignore"):
            for start in range(0, len(points), block):
                part = points[start : start + block]
                values = f(part.T, self._guarded(False), table)
                for j, v in enumerate(values):
                    out[start : start + block, j] = v
        return out

    def _guarded(self, slopes: bool) -> list[Any]:
        return [np.float64(c) for c in self._numbers(slopes, "float")]  # NumPy scalars divide by zero without an exception

    def many_slopes(self, points: Any) -> tuple[Any, Any]:
        """Values (m, roots) and gradients (m, roots, variables) at many points."""
        f, table = self._function(True), _array_table()
        points = np.asarray(points, dtype=float)
        m, r, n = len(points), len(self.roots), len(self.names)
        out, jac = np.empty((m, r)), np.empty((m, r, n))
        block = max(64, BLOCK // max(1, self.size))
        with np.errstate(all="ignore"):
            for start in range(0, m, block):
                part = slice(start, start + block)
                values, rows = f(points[part].T, self._guarded(True), table)
                for j in range(r):
                    out[part, j] = values[j]
                    for i in range(n):
                        jac[part, j, i] = rows[j][i]
        return out, jac

    def one(self, point: Sequence[float]) -> list[float]:
        """Values at one point; nan where a term has none."""
        values: list[float] = self._safely(False, point)[0]
        return values

    def one_slopes(self, point: Sequence[float]) -> tuple[list[float], list[list[float]]]:
        """Values and gradients at one point."""
        both: tuple[list[float], list[list[float]]] = self._safely(True, point)
        return both

    def _safely(self, slopes: bool, point: Sequence[float]) -> Any:
        f = self._function(slopes)
        try:
            out = f([float(q) for q in point], self._numbers(slopes, "float"), _float_table())
            return out if slopes else (out, None)
        except (ArithmeticError, ValueError, TypeError):
            pass
        points = np.asarray([point], dtype=float)
        if not slopes:
            return self.many(points)[0].tolist(), None
        values, rows = self.many_slopes(points)
        return values[0].tolist(), rows[0].tolist()

    def exact(self, point: Sequence[Fraction]) -> list[Fraction]:
        """Values at a rational point; Undefined or ZeroDivisionError where one is missing or irrational, or is very long."""
        at, values = dict(zip(self.names, point, strict=True)), dict[int, Fraction]()
        for k, op, sub, data in self._steps:
            if op == "num":
                values[k] = data
                continue
            if op == "var":
                values[k] = at[data]
                continue
            f = _EXACT.get(op)
            if f is None:
                raise Undefined(f"{op} has no rational values")
            if op == "^":
                if abs(data) * bits(values[sub[0]]) > EXACT_BITS:
                    raise Undefined("the values are very long")
                values[k] = values[sub[0]] ** data
                continue
            values[k] = v = f(values[sub[0]], values[sub[1]]) if len(sub) == 2 else f(values[sub[0]])
            if bits(v) > EXACT_BITS:
                raise Undefined("the values are very long")
        return [values[root] for root in self.roots]

    @cached_property
    def _steps(self) -> list[tuple[int, str, tuple[int, ...], Any]]:
        return [(k, *self.arena.nodes[k]) for k in sorted({k for root in self.roots for k in self.arena.schedule(root)})]

    def precise(self, point: Sequence[Any]) -> list[Any]:
        """Values at one point of mpmath numbers, in the working precision; ArithmeticError or ValueError where there is none."""
        f = self._function(False)
        return list(f(point, self._numbers(False, mpmath.mp.prec), _precise_table()))

    def precise_slopes(self, point: Sequence[Any]) -> tuple[list[Any], list[list[Any]]]:
        """Values and gradients at one point of mpmath numbers."""
        f = self._function(True)
        values, rows = f(point, self._numbers(True, mpmath.mp.prec), _precise_table())
        return list(values), [list(r) for r in rows]
