"""Straight-line programs: the input form of every enclosure backend.

A `Program` is a tape of operations over named inputs and rational constants, without branches, with common subexpressions shared. It is
frozen and hashable by content, so that compiled kernels can be cached by it. Nothing is simplified beyond sharing and u·u → u², because a
rewritten expression may be defined at more points than the one the user wrote.

Nested form accepted by `Program.from_nested`:

    "x"                       a variable
    3  or  ["const", "1/3"]   a rational constant
    ["add", u, v, ...]        likewise "mul" (two or more), "max", "min"
    ["sub", u, v], ["div", u, v], ["neg", u]
    ["pow_int", u, n]         n an int of either sign; u⁰ is 1 everywhere
    ["pow_rat", u, "p/q"]     for u ≥ 0 only (u > 0 when p < 0); ["root", u, q] is u^(1/q)
    ["sqrt", u]  and exp, log, tanh, sigmoid, softplus, sin, cos, atan, abs, relu, sign
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import Any

MAX_POWER = 10**6  # a tape is a polynomial amount of work; larger exponents are a mistake or an attack


class Op(Enum):
    """Operations of a program; the value is the name used in the nested form."""

    VAR = "var"
    CONST = "const"
    ADD = "add"
    SUB = "sub"
    MUL = "mul"
    DIV = "div"
    NEG = "neg"
    POW_INT = "pow_int"
    POW_RAT = "pow_rat"
    SQRT = "sqrt"
    EXP = "exp"
    LOG = "log"
    TANH = "tanh"
    SIGMOID = "sigmoid"
    SOFTPLUS = "softplus"
    SIN = "sin"
    COS = "cos"
    ATAN = "atan"
    ABS = "abs"
    MAX = "max"
    MIN = "min"
    RELU = "relu"
    SIGN = "sign"


UNARY = frozenset(
    {Op.NEG, Op.SQRT, Op.EXP, Op.LOG, Op.TANH, Op.SIGMOID, Op.SOFTPLUS, Op.SIN, Op.COS, Op.ATAN, Op.ABS, Op.RELU, Op.SIGN},
)
FOLDED = frozenset({Op.ADD, Op.MUL, Op.MAX, Op.MIN})
BINARY = frozenset({Op.SUB, Op.DIV}) | FOLDED
_BY_NAME = {op.value: op for op in Op if op is not Op.VAR}


@dataclass(frozen=True)
class Instruction:
    """One step of a tape.

    Arguments: op; args, indices of earlier steps; param, the constant (CONST), the exponent (POW_INT: int, POW_RAT: Fraction) or the
    index of the variable (VAR), else None.
    """

    op: Op
    args: tuple[int, ...] = ()
    param: int | Fraction | None = None


@dataclass(frozen=True)
class Program:
    """A tape of operations over named variables; its value is the last step.

    Arguments: variables, names in the order in which boxes are given; code, the steps, each referring to earlier ones.
    Raises: ValueError when a step is malformed.
    """

    variables: tuple[str, ...]
    code: tuple[Instruction, ...]

    def __post_init__(self) -> None:
        if not self.code:
            raise ValueError("a program needs at least one step")
        if len(set(self.variables)) != len(self.variables):
            raise ValueError(f"variables are not distinct: {self.variables}")
        for i, step in enumerate(self.code):
            problem = _problem(step, i, len(self.variables))
            if problem:
                raise ValueError(f"step {i} ({step.op.value}): {problem}")

    @cached_property
    def _content_hash(self) -> int:
        return hash((self.variables, self.code))

    def __hash__(self) -> int:
        return self._content_hash

    def __getstate__(self) -> dict[str, Any]:
        # Hashes of strings differ between processes, so the cached one must not travel.
        return {"variables": self.variables, "code": self.code}

    @property
    def dimension(self) -> int:
        """The number of variables."""
        return len(self.variables)

    @classmethod
    def from_nested(cls, nested: Any, variables: Sequence[str]) -> Program:
        """Compile a nested list (see the module docstring) to a tape with shared subexpressions.

        Arguments: nested; variables, names in the order in which boxes will be given (they need not all occur).
        Raises: ValueError naming the subexpression that is malformed.
        """
        return _compile(nested, tuple(variables))

    @cached_property
    def depends_on_input(self) -> tuple[bool, ...]:
        """Per step: True when its value depends on a variable."""
        out: list[bool] = []
        for step in self.code:
            out.append(step.op is Op.VAR or any(out[a] for a in step.args))
        return tuple(out)

    @cached_property
    def dead_after(self) -> tuple[tuple[int, ...], ...]:
        """Per step: the earlier steps that no later step uses, so that their storage can be reused."""
        last = list(range(len(self.code)))
        for i, step in enumerate(self.code):
            for a in step.args:
                last[a] = i
        out: list[list[int]] = [[] for _ in self.code]
        for a, i in enumerate(last[:-1]):
            out[i].append(a)
        return tuple(tuple(steps) for steps in out)


def _problem(step: Instruction, position: int, dimension: int) -> str:
    """Say what is wrong with one step, or return the empty string."""
    if any(not 0 <= a < position for a in step.args):
        return "refers to a step that is not earlier"
    arity = 0 if step.op in (Op.VAR, Op.CONST) else 2 if step.op in BINARY else 1
    if len(step.args) != arity:
        return f"needs {arity} operands, got {len(step.args)}"
    p = step.param
    if step.op is Op.VAR:
        return "" if isinstance(p, int) and 0 <= p < dimension else "no such variable"
    if step.op is Op.CONST:
        return "" if isinstance(p, Fraction) else "the constant must be a Fraction"
    if step.op is Op.POW_INT:
        return "" if isinstance(p, int) and abs(p) <= MAX_POWER else f"the exponent must be an int of magnitude at most {MAX_POWER}"
    if step.op is Op.POW_RAT:
        good = isinstance(p, Fraction) and p.denominator > 1 and max(abs(p.numerator), p.denominator) <= MAX_POWER
        return "" if good else f"the exponent must be a non-integer Fraction with parts at most {MAX_POWER}"
    return "" if p is None else "takes no parameter"


class _Builder:
    """A tape under construction, sharing equal steps."""

    def __init__(self) -> None:
        self.code: list[Instruction] = []
        self.seen: dict[Instruction, int] = {}

    def emit(self, op: Op, args: tuple[int, ...] = (), param: int | Fraction | None = None) -> int:
        if op is Op.MUL and args[0] == args[1]:
            op, args, param = Op.POW_INT, args[:1], 2  # the same points, a tighter enclosure
        step = Instruction(op, args, param)
        if step not in self.seen:
            self.seen[step] = len(self.code)
            self.code.append(step)
        return self.seen[step]

    def power(self, u: int, exponent: Fraction) -> int:
        if exponent.denominator == 1:
            return self.emit(Op.POW_INT, (u,), exponent.numerator)
        if exponent == Fraction(1, 2):
            return self.emit(Op.SQRT, (u,))
        return self.emit(Op.POW_RAT, (u,), exponent)


def _operands(node: Any) -> tuple[Op | None, list[Any], Any]:
    """Split a nested node into operation, operand nodes and parameter; op None means the operation 'root'."""
    if not isinstance(node, (list, tuple)) or not node or not isinstance(node[0], str):
        raise ValueError(f"expected a name, a rational or [operation, ...], got {node!r}")
    head, rest = node[0], list(node[1:])
    op = _BY_NAME.get(head)
    if head == "root" or op in (Op.POW_INT, Op.POW_RAT):
        if len(rest) != 2:
            raise ValueError(f"{head} needs an expression and an exponent: {node!r}")
        return op, rest[:1], rest[1]
    if op is Op.CONST:
        if len(rest) != 1:
            raise ValueError(f"const needs one value: {node!r}")
        return op, [], rest[0]
    if op is None:
        raise ValueError(f"unknown operation {head!r} in {node!r}")
    if len(rest) != 1 if op in UNARY else len(rest) < 2 or (op not in FOLDED and len(rest) != 2):
        raise ValueError(f"wrong number of operands for {head!r}: {node!r}")
    return op, rest, None


def _rational(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (int, str, Fraction)):
        raise ValueError(f"{value!r} is not a rational: write an int or a string 'p/q'")
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"{value!r} is not a rational: write an int or a string 'p/q'") from error


def _compile(nested: Any, variables: tuple[str, ...]) -> Program:
    index = {name: i for i, name in enumerate(variables)}
    builder = _Builder()
    done: list[int] = []
    todo: list[tuple[Any, bool]] = [(nested, False)]  # an explicit stack: terms may be deeper than Python's recursion limit
    while todo:
        node, ready = todo.pop()
        if isinstance(node, str):
            if node not in index:
                raise ValueError(f"{node!r} is not one of the variables {variables}")
            done.append(builder.emit(Op.VAR, (), index[node]))
            continue
        if isinstance(node, (int, Fraction)) and not isinstance(node, bool):
            done.append(builder.emit(Op.CONST, (), Fraction(node)))
            continue
        op, operands, param = _operands(node)
        if not ready:
            todo.append((node, True))
            todo.extend((operand, False) for operand in reversed(operands))
            continue
        args = [done.pop() for _ in operands][::-1]
        done.append(_emit_node(builder, op, args, param))
    return Program(variables, tuple(builder.code))


def _emit_node(builder: _Builder, op: Op | None, args: list[int], param: Any) -> int:
    if op is None:
        degree = _rational(param)
        if degree.denominator != 1 or degree < 1:
            raise ValueError(f"root needs a positive integer degree, got {param!r}")
        return builder.power(args[0], 1 / degree)
    if op is Op.CONST:
        return builder.emit(op, (), _rational(param))
    if op is Op.POW_INT or op is Op.POW_RAT:
        exponent = _rational(param)
        if op is Op.POW_INT and exponent.denominator != 1:
            raise ValueError(f"pow_int needs an integer exponent, got {param!r}")
        return builder.power(args[0], exponent)
    result = args[0] if op in FOLDED else builder.emit(op, tuple(args))
    if op in FOLDED:
        for other in args[1:]:
            result = builder.emit(op, (result, other))
    return result
