"""Formulas as they are written: inert trees with sums, products, indices, powers with symbolic exponents, matrices and traces.

A formula is a nested tuple in the notation of `symgd.language`, with more heads. Nothing is reordered or simplified, so a formula is
printed as its author wrote it and checked as it is printed.

    head                      written as             meaning
    ("+", a, b, ...)          a + b                  also "-", "*", "/"; ("-", a) is the negative
    ("power", a, e)           a**e                   any exponent
    ("index", name, e, ...)   w[j]                   a member of a family
    ("chain", name, b, a)     W[b:a]                 the product W_b W_{b-1} ... W_a (the identity for a = b + 1)
    ("T", a)                  a.T                    transpose
    ("sum", f, j, a, b)       Sum(f, j, a, b)        also Prod
    ("D", f, x)               D(f, x)                partial derivative
    ("D", f, X, H)            D(f, X, H)             derivative with respect to the matrix X (or all layers of a chain) in direction H
    (name, a, ...)            name(a, ...)           sqrt, abs, sign, log, exp, tr, norm, inner, or a function the derivation defines
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Node = Any  # int | str (a name or a rational "p/q") | tuple
MAX_SOURCE, MAX_PARTS = 4_000, 2_000
NUMBER = re.compile(r"-?\d+(/\d+)?\Z")
RELATIONS = ("=", "<=", "<", ">=", ">", "!=")
FLIPPED = {"=": "=", "!=": "!=", "<=": ">=", "<": ">", ">=": "<=", ">": "<"}
_BINARY: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "*"}
_COMPARE: dict[type, str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "!="}


class FormulaError(ValueError):
    """A formula that cannot be read, or whose parts do not fit together; the message says which part."""


@dataclass(frozen=True)
class Relation:
    """`lhs op rhs` with op one of =, <=, <, >=, >, !=."""

    op: str
    lhs: Node
    rhs: Node

    def __str__(self) -> str:
        return f"{text(self.lhs)} {self.op} {text(self.rhs)}"

    def map(self, change: Callable[[Node], Node]) -> Relation:
        """The relation with `change` applied to both sides."""
        return Relation(self.op, change(self.lhs), change(self.rhs))

    def ascending(self) -> Relation:
        """The same relation with <= or < in place of >= or >."""
        return Relation(FLIPPED[self.op], self.rhs, self.lhs) if self.op in (">=", ">") else self


def is_number(node: Node) -> bool:
    """Whether the node is a rational number."""
    return isinstance(node, int) or (isinstance(node, str) and bool(NUMBER.match(node)))


def parse(source: str) -> Node:
    """Read a formula such as "(w - t)*Sum(w**j*t**(L-1-j), j, 0, L-1)"; nothing is evaluated as code.

    Arguments: `source`. `^` is read as `**`, and `lambda` as the name `lam`.
    Returns: the inert tree. Raises: FormulaError, quoting the part.
    """
    tree = _tree(source)
    if isinstance(tree, ast.Compare):
        raise FormulaError(f"{source!r} is a relation, and a formula is wanted here")
    return _Reader(source).walk(tree)


def parse_relation(source: str, previous: Node | None = None) -> Relation:
    """Read a relation such as "mu(w) <= beta".

    Arguments: `source`; `previous`, the left side of a source that starts with a comparison, as in the next line of a chain.
    Returns: the relation. Raises: FormulaError.
    """
    stripped = source.strip()
    for op in ("<=", ">=", "!=", "<", ">", "="):
        if stripped.startswith(op):
            if previous is None:
                raise FormulaError(f"{source!r} continues a line, but there is no line before it")
            return Relation(op, previous, parse(stripped[len(op):]))
    tree = _tree(source)
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1 or type(tree.ops[0]) not in _COMPARE:
        raise FormulaError(f"{source!r} is not one relation; write it like 'a <= b'")
    reader = _Reader(source)
    return Relation(_COMPARE[type(tree.ops[0])], reader.walk(tree.left), reader.walk(tree.comparators[0]))


def _tree(source: str) -> ast.expr:
    if len(source) > MAX_SOURCE:
        raise FormulaError(f"the formula has more than {MAX_SOURCE} characters")
    code = re.sub(r"\blambda\b", "lam", source.replace("^", "**"))
    code = re.sub(r"(?<![<>=!])=(?!=)", "==", code)
    try:
        return ast.parse(code.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FormulaError(f"cannot read {source!r}; write it like 'w**L - t**L'") from None


class _Reader:
    def __init__(self, source: str) -> None:
        self.source, self.parts = source, 0

    def walk(self, t: ast.AST) -> Node:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise FormulaError(f"the formula has more than {MAX_PARTS} parts")
        if isinstance(t, ast.Constant) and type(t.value) is int and t.value.bit_length() < 4096:
            return t.value
        if isinstance(t, ast.Name):
            return t.id
        if isinstance(t, ast.UnaryOp) and isinstance(t.op, (ast.USub, ast.UAdd)):
            inner = self.walk(t.operand)
            return inner if isinstance(t.op, ast.UAdd) else -inner if isinstance(inner, int) else ("-", inner)
        if isinstance(t, ast.BinOp) and isinstance(t.op, ast.Pow):
            return ("power", self.walk(t.left), self.walk(t.right))
        if isinstance(t, ast.BinOp) and type(t.op) in _BINARY:
            op, left, right = _BINARY[type(t.op)], self.walk(t.left), self.walk(t.right)
            bracketed = t.left.col_offset > t.col_offset  # as in (a*b)*c
            if op in "+*" and isinstance(left, tuple) and left[0] == op and not bracketed:
                return (*left, right)
            return (op, left, right)
        if isinstance(t, ast.Attribute) and t.attr == "T":
            return ("T", self.walk(t.value))
        if isinstance(t, ast.Subscript) and isinstance(t.value, ast.Name):
            return self.subscript(t.value.id, t.slice)
        if isinstance(t, ast.Call) and isinstance(t.func, ast.Name) and not t.keywords:
            return self.call(t.func.id, [self.walk(a) for a in t.args])
        raise FormulaError(f"{ast.unparse(t) if isinstance(t, ast.expr) else type(t).__name__!r} in {self.source!r} is not part of the "
            f"notation")

    def subscript(self, name: str, index: ast.expr) -> Node:
        if isinstance(index, ast.Slice) and index.lower is not None and index.upper is not None and index.step is None:
            return ("chain", name, self.walk(index.lower), self.walk(index.upper))
        return ("index", name, *(self.walk(i) for i in (index.elts if isinstance(index, ast.Tuple) else [index])))

    def call(self, name: str, args: list[Node]) -> Node:
        if name in ("Sum", "Prod"):
            if len(args) != 4 or not isinstance(args[1], str):
                raise FormulaError(f"in {self.source!r}: write {name}(term, j, first, last)")
            return (name.lower(), *args)
        return (name, *args)


def children(node: Node) -> Iterator[tuple[int, Node]]:
    """The positions and values of the operands of a node (names of families and bound variables are not operands)."""
    if isinstance(node, tuple):
        for i in range(1, len(node)):
            if not (node[0] in ("index", "chain") and i == 1) and not (node[0] in ("sum", "prod") and i == 2):
                yield i, node[i]


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with `change` applied to each operand."""
    new = list(node)
    for i, child in children(node):
        new[i] = change(child)
    return tuple(new)


def substitute(node: Node, values: Mapping[str, Node]) -> Node:
    """The formula with free names replaced; a bound variable hides its name, and is renamed where a value would be captured."""
    if isinstance(node, str):
        return values.get(node, node)
    if not isinstance(node, tuple):
        return node
    if node[0] in ("sum", "prod"):
        _, body, j, a, b = node
        inner = {k: v for k, v in values.items() if k != j}
        used = set().union(*(free_names(v) for v in inner.values())) if inner else set()
        if j in used:
            fresh = next(n for n in ("i", "j", "k", "l", "m", *(f"i{c}" for c in range(99))) if n not in used | free_names(body))
            body, j = substitute(body, {j: fresh}), fresh
        return (node[0], substitute(body, inner), j, substitute(a, values), substitute(b, values))
    if node[0] in ("index", "chain") and isinstance(values.get(node[1]), str):
        node = (node[0], values[node[1]], *node[2:])
    return rebuild(node, lambda c: substitute(c, values))


def free_names(node: Node) -> set[str]:
    """The names that occur free, names of families included."""
    if isinstance(node, str):
        return set() if NUMBER.match(node) else {node}
    if not isinstance(node, tuple):
        return set()
    names = set().union(*(free_names(c) for _, c in children(node)))
    if node[0] in ("sum", "prod"):
        return (free_names(node[1]) - {node[2]}) | free_names(node[3]) | free_names(node[4])
    return names | {node[1]} if node[0] in ("index", "chain") else names


def replace(node: Node, old: Node, new: Node) -> Node:
    """The formula with every part that is written like `old` replaced by `new`; also inside longer sums and products.

    Not inside a derivative, for an equation may hold at one point only, and not where a bound name has taken over a name of `old`.
    """
    if node == old:
        return new
    if not isinstance(node, tuple) or node[0] == "D":
        return node
    if node[0] in ("sum", "prod") and node[2] in free_names(old) | free_names(new):
        return (*node[:3], replace(node[3], old, new), replace(node[4], old, new))
    if isinstance(old, tuple) and old[0] == node[0] and old[0] in "+*" and len(node) > len(old) > 2:
        parts, n = list(node[1:]), len(old) - 1
        for i in range(len(parts) - n + 1):
            if tuple(parts[i:i + n]) == old[1:]:
                parts[i:i + n] = [new]
                return replace((node[0], *parts), old, new) if len(parts) > 1 else new
    return rebuild(node, lambda c: replace(c, old, new))


_LEVEL = {"+": 1, "-": 1, "*": 2, "/": 2, "power": 4}


def text(node: Node) -> str:
    """The formula in the notation that `parse` reads."""
    return _text(node, 0)


def _text(node: Node, outer: int) -> str:
    if isinstance(node, Fraction):
        node = str(node)
    if not isinstance(node, tuple):
        s = str(node)
        return f"({s})" if (s.startswith("-") and outer) or ("/" in s and outer >= 2) else s
    op, *args = node
    if op == "-" and len(args) == 1:
        s, level = f"-{_text(args[0], 2)}", 1
    elif op in ("+", "-", "*", "/"):
        level = _LEVEL[op]
        rest = [_text(a, level + (op in "-/" or (isinstance(a, tuple) and _LEVEL.get(a[0]) == level))) for a in args[1:]]
        first = _text(args[0], level + (op in "+*" and isinstance(args[0], tuple) and args[0][0] == op))
        s = (f" {op} " if level == 1 else op).join([first, *rest])
    elif op == "power":
        s, level = f"{_text(args[0], 5)}**{_text(args[1], 4)}", 4
    elif op == "index":
        return f"{args[0]}[{', '.join(text(a) for a in args[1:])}]"
    elif op == "chain":
        return f"{args[0]}[{text(args[1])}:{text(args[2])}]"
    elif op == "T":
        return f"{_text(args[0], 9)}.T"
    else:
        name = {"sum": "Sum", "prod": "Prod"}.get(op, op)
        return f"{name}({', '.join(text(a) for a in args)})"
    return f"({s})" if level < outer else s
