"""The language of claims: inert expressions, relations and variables, a safe parser, and the way to SymPy and back.

An expression means what is written: nothing is simplified, so a claim reads the same when it is checked. Numbers are exact;
a Python float is refused, and a decimal in a string is the rational it denotes.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from numbers import Rational as AbstractRational
from typing import Any, Union

import sympy

Json = Any
Node = Union[str, int, tuple[Any, ...]]
ExprLike = Union["Expr", int, str, Fraction, sympy.Basic]

MAX_SOURCE, MAX_PARSED_NODES, MAX_INTEGER_BITS = 10_000, 4_000, 4_096
MAX_EXPONENT, MAX_NUMBER_BITS = 10_000, 14_000  # Python itself refuses to print longer integers
FUNCTIONS = ("sqrt", "abs", "sign", "exp", "log", "sin", "cos", "tanh", "atan", "sigmoid", "softplus", "relu", "max", "min")


class LanguageError(ValueError):
    """An expression, relation or domain that symgd cannot accept; the message says where and what to write instead."""


@dataclass(frozen=True, eq=True)
class Expr:
    """An inert expression, stored as nested tuples in the kernel's own notation: a name, a number, or (operation, ...).

    Arithmetic operators build larger expressions, comparisons build relations. `==` compares expressions as written;
    for the equation use `eq`.
    """

    node: Node

    def __add__(self, other: ExprLike) -> Expr:
        return _nary("+", self, other)

    def __radd__(self, other: ExprLike) -> Expr:
        return _nary("+", other, self)

    def __mul__(self, other: ExprLike) -> Expr:
        return _nary("*", self, other)

    def __rmul__(self, other: ExprLike) -> Expr:
        return _nary("*", other, self)

    def __sub__(self, other: ExprLike) -> Expr:
        return Expr(("-", self.node, expr(other).node))

    def __rsub__(self, other: ExprLike) -> Expr:
        return Expr(("-", expr(other).node, self.node))

    def __truediv__(self, other: ExprLike) -> Expr:
        return Expr(("/", self.node, _divisor(self, expr(other)).node))

    def __rtruediv__(self, other: ExprLike) -> Expr:
        return Expr(("/", expr(other).node, _divisor(expr(other), self).node))

    def __neg__(self) -> Expr:
        return Expr(("-", self.node))

    def __pos__(self) -> Expr:
        return self

    def __abs__(self) -> Expr:
        return Expr(("abs", self.node))

    def __pow__(self, exponent: object) -> Expr:
        q = _number(exponent)
        if abs(q.numerator) > MAX_EXPONENT or q.denominator > MAX_EXPONENT:
            raise LanguageError(f"the exponent of {_short(str(self))} has {len(str(q))} digits, and exponents go up to {MAX_EXPONENT}")
        if q.denominator == 1:
            return Expr(("^", self.node, int(q)))
        if q.denominator == 2:  # u^(k + 1/2) = u^k sqrt(u)
            k = q.numerator // 2
            root = Expr(("sqrt", self.node))
            return root if k == 0 else _nary("*", Expr(("^", self.node, k)), root) if k != 1 else _nary("*", self, root)
        return Expr(("pow", self.node, str(q)))

    def __lt__(self, other: ExprLike) -> Relation:
        return Relation("<", self, expr(other))

    def __le__(self, other: ExprLike) -> Relation:
        return Relation("<=", self, expr(other))

    def __gt__(self, other: ExprLike) -> Relation:
        return Relation(">", self, expr(other))

    def __ge__(self, other: ExprLike) -> Relation:
        return Relation(">=", self, expr(other))

    def __bool__(self) -> bool:
        raise TypeError(f"the expression {self} has no truth value")

    def __str__(self) -> str:
        return text(self)

    @property
    def json(self) -> Json:
        """The expression in the kernel's JSON notation."""
        return _to_json(self.node)

    @property
    def free_names(self) -> frozenset[str]:
        """The names of the variables in the expression."""
        return _free(self.node)


def _free(node: Node) -> frozenset[str]:
    names, waiting = set[str](), [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            if node[0] == "at":
                names |= (_free(node[1]) - {node[2]}) | _free(node[3])
            else:
                waiting.extend(node[1:2] if node[0] in ("^", "pow") else node[1:])
        elif isinstance(node, str) and node not in names and not _NUMBER.match(node):
            names.add(node)
    return frozenset(names)


_NUMBER = re.compile(r"-?\d+(/\d+)?\Z")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?\Z")


@dataclass(frozen=True)
class Relation:
    """`lhs op rhs` with op one of <, <=, >, >=, =, !=. It has no truth value: only a verdict says whether it holds."""

    op: str
    lhs: Expr
    rhs: Expr

    def __bool__(self) -> bool:
        raise TypeError(f"the relation {self} has no truth value; write a chain a <= b <= c as two relations")

    def __str__(self) -> str:
        return f"{text(self.lhs)} {self.op} {text(self.rhs)}"

    def __or__(self, other: Relation | Either) -> Either:
        return Either((self, *(other.options if isinstance(other, Either) else (other,))))

    @property
    def json(self) -> Json:
        return [self.op, self.lhs.json, self.rhs.json]


@dataclass(frozen=True)
class Either:
    """A disjunction of relations: `(x < 0) | (x > 1)`."""

    options: tuple[Relation, ...]

    def __or__(self, other: Relation) -> Either:
        return Either((*self.options, other))

    def __bool__(self) -> bool:
        raise TypeError(f"{self} has no truth value")

    def __str__(self) -> str:
        return " or ".join(map(str, self.options))

    @property
    def json(self) -> Json:
        return ["or", *(r.json for r in self.options)]


@dataclass(frozen=True)
class Variable(Expr):
    """A variable with its range; `integer` variables take the integers in a finite range."""

    lo: Fraction | None = None
    hi: Fraction | None = None
    lo_open: bool = True
    hi_open: bool = True
    integer: bool = False

    @property
    def name(self) -> str:
        return str(self.node)

    def range_text(self) -> str:
        lo, hi = "-oo" if self.lo is None else str(self.lo), "oo" if self.hi is None else str(self.hi)
        return f"{'(' if self.lo_open else '['}{lo}, {hi}{')' if self.hi_open else ']'}"

    @property
    def range_json(self) -> Json:
        lo, hi = "-oo" if self.lo is None else str(self.lo), "oo" if self.hi is None else str(self.hi)
        entry = [self.name, "(" if self.lo_open else "[", lo, hi, ")" if self.hi_open else "]"]
        return [*entry, "integer"] if self.integer else entry


def real(name: str, interval: str = "(-oo, oo)") -> Variable:
    """A real variable.

    Arguments: `name`; `interval` such as "(0, oo)", "[0, 1/2]" or "(-1, 0.25]", with exact rational ends.
    Raises: LanguageError for a bad name, a bad interval or an empty one.
    """
    if not isinstance(interval, str):
        raise LanguageError(f"the range {interval!r} of {name!r} is not a string; write it like '(0, oo)' or '[0, 1/2]'")
    match = re.fullmatch(r"\s*([\[(])\s*([^,]+?)\s*,\s*([^,]+?)\s*([\])])\s*", interval)
    if not match:
        raise LanguageError(f"the range {interval!r} of {name!r} cannot be read; write it like '(0, oo)' or '[0, 1/2]'")
    left, low, high, right = match.groups()
    lo = None if low == "-oo" else _number(low)
    hi = None if high in ("oo", "+oo") else _number(high)
    v = Variable(_name(name), lo, hi, left == "(" or lo is None, right == ")" or hi is None)
    if lo is not None and hi is not None and (lo > hi or (lo == hi and (v.lo_open or v.hi_open))):
        raise LanguageError(f"the range {interval} of {name!r} is empty; give it at least one point")
    return v


def integer(name: str, first: int, last: int) -> Variable:
    """An integer variable `name` that takes the values first, ..., last. Raises: LanguageError for an empty range."""
    if not all(type(end) is int for end in (first, last)):
        raise LanguageError(f"the range {first!r}..{last!r} of {name!r} needs integers as ends")
    if first > last:
        raise LanguageError(f"the range {first}..{last} of {name!r} is empty; give it at least one integer")
    return Variable(_name(name), Fraction(first), Fraction(last), False, False, True)


def _name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w{0,63}", name, re.ASCII):
        raise LanguageError(f"{name!r} is not a name for a variable: use letters, digits and _, a letter first")
    return name


def _number(value: object) -> Fraction:
    if isinstance(value, Expr) and isinstance(value.node, (int, str)) and _NUMBER.match(str(value.node)):
        value = str(value.node)
    if isinstance(value, bool):
        raise LanguageError(f"{value} is not a number")
    if isinstance(value, float):
        raise LanguageError(f"the float {value!r} is not exact; write Fraction(p, q) or the decimal as a string, '{value!r}'")
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    if isinstance(value, sympy.Rational):
        return Fraction(int(value.p), int(value.q))
    if isinstance(value, AbstractRational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, str) and len(value) < 5000:
        if _NUMBER.match(value.strip()) and not re.search(r"/0+\s*$", value):
            return Fraction(value.strip())
        if _DECIMAL.match(value.strip()):
            return Fraction(value.strip())
    raise LanguageError(f"{str(value)[:60]!r} is not an exact rational number; write 1/3, '0.1', or Fraction(1, 3)")


def expr(value: ExprLike) -> Expr:
    """The expression of a `value`: an Expr, an exact number, a SymPy expression, or a string in ordinary notation.

    Raises: LanguageError for floats, for numbers that are too long, and for what is not in the language.
    """
    if isinstance(value, Expr):
        return value
    if type(value) is int and value.bit_length() <= MAX_NUMBER_BITS:
        return Expr(value)
    if isinstance(value, str) and not _DECIMAL.match(value) and not _NUMBER.match(value):
        return parse(value)
    if isinstance(value, sympy.Basic) and not isinstance(value, sympy.Rational):
        return from_sympy(value)
    q = _number(value)
    if max(q.numerator.bit_length(), q.denominator.bit_length()) > MAX_NUMBER_BITS:
        raise LanguageError(f"a number of {q.numerator.bit_length()} bits is too long; numbers go up to {MAX_NUMBER_BITS} bits")
    return Expr(int(q) if q.denominator == 1 else str(q))


def _divisor(u: Expr, v: Expr) -> Expr:
    if v.node == 0:
        raise LanguageError(f"division by zero in {_short(text(u) + '/0')}")
    return v


def _nary(op: str, *args: ExprLike) -> Expr:
    first, *rest = (expr(a).node for a in args)
    if isinstance(first, tuple) and first[0] == op:  # left-associated, as the kernel reads it
        return Expr((*first, *rest))
    return Expr((op, first, *rest))


def total(terms: Iterable[ExprLike]) -> Expr:
    """The sum of the terms, from left to right; 0 for none."""
    return _fold("+", terms, 0)


def prod(factors: Iterable[ExprLike]) -> Expr:
    """The product of the factors, from left to right; 1 for none."""
    return _fold("*", factors, 1)


def _fold(op: str, args: Iterable[ExprLike], unit: int) -> Expr:
    nodes = [expr(a).node for a in args]
    return Expr((op, *nodes)) if len(nodes) > 1 else Expr(nodes[0] if nodes else unit)


def sqrt(u: ExprLike) -> Expr:
    """The square root of `u`, undefined where u < 0."""
    return Expr(("sqrt", expr(u).node))


def sign(u: ExprLike) -> Expr:
    """The sign of `u`: -1, 0 or 1."""
    return Expr(("sign", expr(u).node))


def function(name: str, *args: ExprLike) -> Expr:
    """The function called `name`, such as exp, log, tanh, sigmoid, softplus, relu, of its `args`: two for max and min, one for the others.

    Raises: LanguageError for an unknown name, or another number of arguments.
    """
    if name not in FUNCTIONS:
        raise LanguageError(f"{name!r} is not a function here; known are {', '.join(FUNCTIONS)}")
    nodes = [expr(a).node for a in args]
    if len(nodes) != (2 if name in ("max", "min") else 1):
        raise LanguageError(f"{name} does not take {len(nodes)} arguments")
    return Expr((name, *nodes))


def exp(u: ExprLike) -> Expr:
    """The exponential of `u`."""
    return function("exp", u)


def log(u: ExprLike) -> Expr:
    """The natural logarithm of `u`, undefined where u <= 0."""
    return function("log", u)


def sin(u: ExprLike) -> Expr:
    """The sine of `u`, in radians."""
    return function("sin", u)


def cos(u: ExprLike) -> Expr:
    """The cosine of `u`, in radians."""
    return function("cos", u)


def tanh(u: ExprLike) -> Expr:
    """The hyperbolic tangent of `u`."""
    return function("tanh", u)


def atan(u: ExprLike) -> Expr:
    """The arc tangent of `u`, in radians."""
    return function("atan", u)


def sigmoid(u: ExprLike) -> Expr:
    """The logistic function 1/(1 + exp(-u))."""
    return function("sigmoid", u)


def softplus(u: ExprLike) -> Expr:
    """The softplus function log(1 + exp(u)), the integral of `sigmoid`."""
    return function("softplus", u)


def relu(u: ExprLike) -> Expr:
    """The rectifier max(u, 0)."""
    return function("relu", u)


def maximum(u: ExprLike, v: ExprLike) -> Expr:
    """The larger of `u` and `v`."""
    return function("max", u, v)


def minimum(u: ExprLike, v: ExprLike) -> Expr:
    """The smaller of `u` and `v`."""
    return function("min", u, v)


def diff(u: ExprLike, *variables: Variable) -> Expr:
    """The derivative of `u` by each of the `variables` in turn; the kernel itself works it out when it checks the claim."""
    return reduce(lambda e, x: Expr(("D", e.node, x.name)), variables, expr(u))


def at(u: ExprLike, x: Variable, value: ExprLike) -> Expr:
    """The expression u with x replaced by value."""
    return Expr(("at", expr(u).node, x.name, expr(value).node))


def eq(lhs: ExprLike, rhs: ExprLike) -> Relation:
    """The equation lhs = rhs."""
    return Relation("=", expr(lhs), expr(rhs))


def ne(lhs: ExprLike, rhs: ExprLike) -> Relation:
    """lhs is not equal to rhs."""
    return Relation("!=", expr(lhs), expr(rhs))


# --- JSON and text ---------------------------------------------------------------------------------------------------


def _to_json(node: Node) -> Json:
    return [node[0], *[_to_json(n) if isinstance(n, tuple) else n for n in node[1:]]] if isinstance(node, tuple) else node


def from_json(data: Json) -> Expr:
    """The expression written in the kernel's JSON notation (not validated: the kernel does that)."""
    return Expr(_from_json(data))


def _from_json(data: Json) -> Node:
    return (data[0], *(_from_json(d) for d in data[1:])) if isinstance(data, list) else data


_LEVEL = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}


def text(e: Expr) -> str:
    """The expression in ordinary notation, as `parse` reads it."""
    return _text(e.node, 0)


def _text(node: Node, outer: int) -> str:
    if not isinstance(node, tuple):
        s = str(node)
        return f"({s})" if ("/" in s and outer >= 2) or (s.startswith("-") and outer) else s
    op, *args = node
    if op == "-" and len(args) == 1:
        s, level = f"-{_text(args[0], 3)}", 1
    elif op in ("+", "-", "*", "/"):
        level = _LEVEL[op]
        rest = [_text(a, level + (level == 2 or isinstance(a, tuple))) for a in args[1:]]
        s = (f" {op} " if level == 1 else op).join([_text(args[0], level), *rest])
    elif op in ("^", "pow"):
        exponent = str(args[1])
        s, level = f"{_text(args[0], 5)}^{exponent if exponent.isdigit() else f'({exponent})'}", 4
    elif op == "D":
        s, level = f"D({_text(args[0], 0)}, {args[1]})", 9
    elif op == "at":
        s, level = f"({_text(args[0], 0)})[{args[1]} = {_text(args[2], 0)}]", 9
    else:
        s, level = f"{op}({', '.join(_text(a, 0) for a in args)})", 9
    return f"({s})" if level < outer else s


# --- strings from users ----------------------------------------------------------------------------------------------

_BINARY = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "!="}


def parse(source: str, names: Iterable[str] | None = None) -> Expr:
    """Read an expression from a string such as "(2/3)*abs(x)**(3/2)" or "x^2 - 0.1*x"; nothing is ever evaluated as code.

    Arguments: `source`; `names`, the variables that may occur (None: any name).
    Returns: the expression; decimals are exact rationals.
    Raises: LanguageError, naming the place.
    """
    return _Parser(source, names).expression()


def parse_relation(source: str, names: Iterable[str] | None = None) -> Relation:
    """Read a relation from a `source` such as "x*(1 - x) <= 1/4", in which only `names` occur, if given; equality is written = or ==."""
    return _Parser(source, names).relation()


class _Parser:
    def __init__(self, source: str, names: Iterable[str] | None) -> None:
        if len(source) > MAX_SOURCE:
            raise LanguageError(f"the expression has more than {MAX_SOURCE} characters")
        self.source, self.names, self.count = source, None if names is None else frozenset(names), 0
        # decimals must not pass through a float, so each number is replaced by a call that carries its digits
        number = r"(?<![\w.])(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?(?![\w.])"
        code = re.sub(number, lambda m: m[0] if m[0].isdigit() else f"_('{m[0]}')", source)
        code = re.sub(r"(?<![<>=!])=(?!=)", "==", code.replace("^", "**"))
        try:
            self.tree = ast.parse(code.strip(), mode="eval").body
        except (RecursionError, MemoryError):
            raise self.too_deep() from None
        except (SyntaxError, ValueError) as problem:
            place = f" near character {problem.offset}" if isinstance(problem, SyntaxError) and problem.offset else ""
            raise LanguageError(f"cannot read {_short(source)}{place}; write it like 'x**2 - x/3'") from None

    def expression(self) -> Expr:
        if isinstance(self.tree, ast.Compare):
            raise LanguageError(f"{_short(self.source)} is a relation, and an expression is wanted here")
        return self.guarded(self.tree)

    def relation(self) -> Relation:
        t = self.tree
        if not isinstance(t, ast.Compare) or len(t.ops) != 1 or type(t.ops[0]) not in _COMPARE:
            raise LanguageError(f"{_short(self.source)} is not one relation; write it like 'x*(1 - x) <= 1/4'")
        return Relation(_COMPARE[type(t.ops[0])], self.guarded(t.left), self.guarded(t.comparators[0]))

    def guarded(self, t: ast.AST) -> Expr:
        try:
            return self.walk(t)
        except RecursionError:
            raise self.too_deep() from None

    def too_deep(self) -> LanguageError:
        return LanguageError(f"{_short(self.source)} is nested too deeply; build long sums and products with total(...) and prod(...)")

    def walk(self, t: ast.AST) -> Expr:
        self.count += 1
        if self.count > MAX_PARSED_NODES:
            raise LanguageError(f"the expression has more than {MAX_PARSED_NODES} parts")
        if isinstance(t, ast.Constant) and type(t.value) is int and t.value.bit_length() <= MAX_INTEGER_BITS:
            return Expr(t.value)
        if isinstance(t, ast.Name):
            if self.names is not None and t.id not in self.names:
                known = ", ".join(sorted(self.names)) or "none"
                raise LanguageError(f"unknown name {t.id!r} in {_short(self.source)}; the variables here are: {known}")
            return Expr(_name(t.id))
        if isinstance(t, ast.UnaryOp) and isinstance(t.op, (ast.USub, ast.UAdd)):
            inner = self.walk(t.operand)
            return -inner if isinstance(t.op, ast.USub) else inner
        if isinstance(t, ast.BinOp) and type(t.op) in _BINARY:
            left, right = self.walk(t.left), self.walk(t.right)
            literal = isinstance(left.node, (int, str)) and _NUMBER.match(str(left.node))
            if isinstance(t.op, ast.Div) and literal and isinstance(right.node, int):
                if right.node == 0:
                    raise LanguageError(f"division by zero in {_short(self.source)}")
                return expr(_number(left) / right.node)
            return _BINARY[type(t.op)](left, right)  # type: ignore[no-any-return]
        if isinstance(t, ast.BinOp) and isinstance(t.op, ast.Pow):
            return self.power(t)
        if isinstance(t, ast.Call) and isinstance(t.func, ast.Name) and not t.keywords:
            if t.func.id == "_" and len(t.args) == 1 and isinstance(t.args[0], ast.Constant) and isinstance(t.args[0].value, str):
                return expr(_number(t.args[0].value))
            return function({"Abs": "abs", "ln": "log"}.get(t.func.id, t.func.id), *(self.walk(a) for a in t.args))
        part = ast.get_source_segment(self.source, t) or type(t).__name__
        raise LanguageError(
            f"{_short(part)} in {_short(self.source)} is not allowed; only + - * / **, numbers, names and known functions are")

    def power(self, t: ast.BinOp) -> Expr:
        base, exponent = self.walk(t.left), self.walk(t.right)
        q = _constant(exponent.node)
        if q is None:
            raise LanguageError(f"the exponent {exponent} in {_short(self.source)} must be a rational number")
        bits = abs(q) * base.node.bit_length() if isinstance(base.node, int) else 0
        if abs(q.numerator) > MAX_EXPONENT or q.denominator > 1_000 or bits > MAX_INTEGER_BITS:
            raise LanguageError(f"the power {_text(base.node, 5)}**{q} in {_short(self.source)} is too large; exponents go up to 10000")
        return base**q


def _constant(node: Node) -> Fraction | None:
    """The number that a literal, its negative or a quotient of literals denotes, or None."""
    if not isinstance(node, tuple):
        return Fraction(node) if _NUMBER.match(str(node)) else None
    op, *args = node
    values = [_constant(a) for a in args] if op in ("-", "/") else [None]
    if len(values) == 1 and values[0] is not None:
        return -values[0]
    return values[0] / values[1] if op == "/" and values[0] is not None and values[1] else None


def _short(s: str) -> str:
    return repr(s if len(s) <= 60 else s[:57] + "...")


# --- SymPy -----------------------------------------------------------------------------------------------------------

_TO_SYMPY = {
    "sqrt": sympy.sqrt, "abs": sympy.Abs, "sign": sympy.sign, "exp": sympy.exp, "log": sympy.log, "sin": sympy.sin, "cos": sympy.cos,
    "tanh": sympy.tanh, "atan": sympy.atan, "max": sympy.Max, "min": sympy.Min, "relu": lambda u: sympy.Max(u, 0),
    "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)), "softplus": lambda u: sympy.log(1 + sympy.exp(u))}
_FROM_SYMPY = {sympy.Abs: "abs", sympy.sign: "sign", sympy.exp: "exp", sympy.log: "log", sympy.sin: "sin", sympy.cos: "cos",
               sympy.tanh: "tanh", sympy.atan: "atan"}


def to_sympy(e: ExprLike, symbols: Mapping[str, sympy.Symbol] | None = None) -> sympy.Expr:
    """The SymPy expression of `e`; names become real symbols unless `symbols` gives others. SymPy may rewrite what it is given:
    use the result to propose, never as the claim."""
    table = dict(symbols or {})

    def walk(node: Node) -> sympy.Expr:
        if not isinstance(node, tuple):
            if isinstance(node, int) or _NUMBER.match(node):
                return sympy.Rational(str(node))
            return table.setdefault(node, sympy.Symbol(node, real=True))
        op, *args = node
        if op == "D":
            return sympy.diff(walk(args[0]), walk(args[1]))
        if op == "at":
            return walk(args[0]).subs(walk(args[1]), walk(args[2]))
        if op in ("^", "pow"):
            return walk(args[0]) ** sympy.Rational(str(args[1]))
        values = [walk(a) for a in args]
        if op == "+":
            return sympy.Add(*values)
        if op == "*":
            return sympy.Mul(*values)
        if op == "-":
            return -values[0] if len(values) == 1 else values[0] - values[1]
        return values[0] / values[1] if op == "/" else _TO_SYMPY[op](*values)

    return walk(expr(e).node)


def from_sympy(s: sympy.Basic) -> Expr:
    """The inert expression of a SymPy expression `s`, read back and compared with it.

    Raises: LanguageError for floats, and for functions the language does not know.
    """
    names: dict[str, sympy.Symbol] = {}
    e = Expr(_sympy_node(s, names))
    back = to_sympy(e, names)
    if back != s and sympy.simplify(back - s) != 0:
        raise LanguageError(f"{_short(str(s))} does not survive the translation from SymPy; write it with the functions of this language")
    return e


def _sympy_node(s: sympy.Basic, names: dict[str, sympy.Symbol]) -> Node:
    if isinstance(s, sympy.Rational):
        return int(s) if s.q == 1 else f"{s.p}/{s.q}"
    if isinstance(s, sympy.Symbol):
        if names.setdefault(_name(s.name), s) != s:
            raise LanguageError(f"two different symbols are named {s.name!r}")
        return str(s.name)
    if isinstance(s, (sympy.Add, sympy.Mul)):
        return ("+" if isinstance(s, sympy.Add) else "*", *(_sympy_node(a, names) for a in s.args))
    if isinstance(s, sympy.Pow) and isinstance(s.exp, sympy.Rational):
        power: Expr = Expr(_sympy_node(s.base, names)) ** s.exp
        return power.node
    if isinstance(s, (sympy.Max, sympy.Min)):
        head = "max" if isinstance(s, sympy.Max) else "min"
        nested, *others = (_sympy_node(a, names) for a in s.args)
        for other in others:
            nested = (head, nested, other)
        return nested
    if type(s) in _FROM_SYMPY:
        return (_FROM_SYMPY[type(s)], _sympy_node(s.args[0], names))
    if isinstance(s, sympy.Float):
        raise LanguageError(f"the float {s} is not exact; write sympy.Rational(p, q) or the decimal as a string")
    raise LanguageError(f"{_short(str(s))} ({type(s).__name__}) has no counterpart in the language of claims")


def iter_json_names(data: Json) -> Iterator[str]:
    """Every string in nested JSON data; used to find the names that a claim mentions."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list):
        for d in data:
            yield from iter_json_names(d)
