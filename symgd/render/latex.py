"""LaTeX for expressions, relations, statements, claims, verdicts, enclosures and derivations.

One printer for each kind of object, registered from outside: `latex.register(Type)` adds one. The order of terms and factors is the
author's. SymPy expressions, which carry no author's order, are put into the order a person would write.

What is printed has no preamble of its own. `PREAMBLE` defines what it needs: theorem environments where there are none yet, the status
macros \\symgdproved, \\symgdrefuted, \\symgdopen, \\symgdtrust, \\symgdkernel, \\symgdcited, \\symgdunchecked, and \\symgdwhy, the
reason beside a step.
`document` wraps a body into a standalone article.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import singledispatch
from typing import Any, ClassVar

import sympy

from ..claims import Claim, Outcome, Statement, Verdict
from ..derivations import Apply, Combine, Derivation, Induct, Kernel, Powers, Step, StepResult, StepTrust, Termwise
from ..derivations import Relation as FormulaRelation
from ..derivations.context import Kind
from ..derivations.formula import children, free_names, is_number
from ..derivations.rules import Absolute, Cases, Minimum, Root
from ..enclosures.interval import Enclosure, Interval
from ..language import Either, Expr, Relation, from_json
from . import words

Node = Any
GREEK = frozenset(["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi",
    "rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega"])
OPERATORS = {"log": r"\log", "exp": r"\exp", "sin": r"\sin", "cos": r"\cos", "tanh": r"\tanh", "atan": r"\arctan", "max": r"\max",
    "min": r"\min",
             "sign": r"\operatorname{sign}", "tr": r"\operatorname{tr}", "relu": r"\operatorname{relu}", "sigmoid": r"\sigma",
             "softplus": r"\operatorname{softplus}"}
REL = {"=": "=", "<=": r"\le", "<": "<", ">=": r"\ge", ">": ">", "!=": r"\ne"}

PREAMBLE = r"""% Needed by the output of symgd; put it before \begin{document}.
\usepackage{amsmath,amssymb,amsthm}
\makeatletter
\@ifundefined{theorem}{\newtheorem{theorem}{Theorem}}{}
\@ifundefined{lemma}{\newtheorem{lemma}[theorem]{Lemma}}{}
\@ifundefined{corollary}{\newtheorem{corollary}[theorem]{Corollary}}{}
\@ifundefined{proposition}{\newtheorem{proposition}[theorem]{Proposition}}{}
\@ifundefined{example}{\theoremstyle{definition}\newtheorem{example}[theorem]{Example}}{}
\makeatother
\newcommand{\symgdproved}[1]{\textup{\textsf{\footnotesize[proved: #1]}}}
\newcommand{\symgdrefuted}[1]{\textup{\textsf{\footnotesize[refuted: #1]}}}
\newcommand{\symgdopen}{\textup{\textsf{\footnotesize[open]}}}
\newcommand{\symgdtrust}[1]{\textup{\textsf{#1}}}
\newcommand{\symgdkernel}{\textup{\textsf{\tiny\,[kernel]}}}
\newcommand{\symgdcited}{\textup{\textsf{\tiny\,[cited]}}}
\newcommand{\symgdunchecked}[1]{\textup{\textbf{\textsf{[unchecked: #1]}}}}
\newlength{\symgdwhywidth}\setlength{\symgdwhywidth}{0.29\textwidth}
\newcommand{\symgdwhy}[1]{\parbox[t]{\symgdwhywidth}{\raggedright\footnotesize\normalfont #1}}
\newcommand{\symgdsay}[1]{\parbox[t]{0.62\textwidth}{\raggedright\normalfont #1}}
\allowdisplaybreaks
"""


# --- names and formulas ----------------------------------------------------------------------------------------------


def name(symbol: str, notation: Mapping[str, str] | None = None) -> str:
    """LaTeX for a name: Greek letters by their names, digits and what follows `_` as an index."""
    if notation and symbol in notation:
        return notation[symbol]
    symbol = {"lam": "lambda"}.get(symbol, symbol)
    if double := re.fullmatch(r"([A-Za-z]+)(\d+)_(\d+)", symbol):  # an entry of a matrix
        return f"{name(double[1])}_{{{double[2]},{double[3]}}}"
    match = re.fullmatch(r"([A-Za-z]+?)_?(\d+|(?<=_)[A-Za-z0-9]+)?", symbol)
    if match is None:
        return rf"\mathit{{{symbol.replace('_', chr(92) + '_')}}}"
    letters, index = match.groups()
    base = f"\\{letters}" if letters in GREEK else letters if len(letters) == 1 else rf"\mathit{{{letters}}}"
    return base if index is None else f"{base}_{{{index if len(index) == 1 or index.isdigit() else name(index)}}}"


class Printer:
    """LaTeX for one formula.

    Arguments: `notation`, LaTeX for names that the rules above do not print well; `small`, fractions with a slash; `brackets`, whether a
    product inside a product keeps its brackets, as in (u^T A u)(v^T B v).
    """

    LEVEL: ClassVar = {"+": 1, "-": 1, "*": 2, "/": 2, "power": 4, "^": 4, "pow": 4, "T": 5}

    def __init__(self, notation: Mapping[str, str] | None = None, small: bool = False, brackets: bool = True) -> None:
        self.notation, self.small, self.brackets = dict(notation or {}), small, brackets

    def show(self, node: Node, outer: int = 0, last: bool = True) -> str:
        """The formula, in brackets where an operator of level `outer` around it needs them; `last`, whether nothing follows it."""
        if isinstance(node, Expr):
            node = node.node
        if isinstance(node, (int, Fraction)) or (isinstance(node, str) and is_number(node)):
            return self.number(Fraction(node), outer)
        if isinstance(node, str):
            return name(node, self.notation)
        if node[0] == "*" and isinstance(node[1], tuple) and node[1][0] == "-" and len(node[1]) == 2:
            node = ("-", ("*", node[1][1], *node[2:]))
        op, *args = node
        method = getattr(self, f"_{self.METHODS[op]}", None) if op in self.METHODS else None
        s = method(*args) if method is not None else self.call(op, args)
        level = self.level(node)
        swallows = op in ("sum", "prod") or (op == "D" and not isinstance(args[0], str)) or (op == "*" and isinstance(args[-1],
            tuple) and args[-1][0] in ("sum", "prod"))
        if level < outer or (outer >= 2 and swallows and not last):
            return rf"\left({s}\right)" if _tall(s) else f"({s})"
        return s

    METHODS: ClassVar = {
        "+": "sum_of", "-": "minus", "*": "times", "/": "over", "power": "power", "^": "power", "pow": "power", "index": "index",
        "chain": "chain", "T": "transpose", "sum": "sum", "prod": "prod", "D": "diff", "sqrt": "sqrt", "abs": "abs", "norm": "norm",
        "inner": "inner", "at": "at", "sub": "sub"}

    def level(self, node: Node) -> int:
        if not isinstance(node, tuple):
            return 9
        if node[0] == "/" and not self.small and not (is_number(node[1]) and is_number(node[2])):
            return 3
        if node[0] in ("sum", "prod"):
            return 2
        return self.LEVEL.get(node[0], 9)

    def number(self, q: Fraction, outer: int) -> str:
        if q.denominator == 1:
            return f"({q})" if q < 0 and outer >= 2 else str(q)
        sign = "-" if q < 0 else ""
        s = f"{sign}{abs(q.numerator)}/{q.denominator}" if self.small else rf"{sign}\tfrac{{{abs(q.numerator)}}}{{{q.denominator}}}"
        return rf"\left({s}\right)" if outer >= 4 or (q < 0 and outer >= 2) else s

    def _sum_of(self, *args: Node) -> str:
        out = self.show(args[0], 1)
        for a in args[1:]:
            negative, a = _take_sign(a)
            out += (" - " if negative else " + ") + self.show(a, 2 if negative else 1)
        return out

    def _minus(self, *args: Node) -> str:
        if len(args) == 1:
            return f"-{self.show(args[0], 2)}"
        return f"{self.show(args[0], 1, last=False)} - {self.show(args[1], 2)}"

    def _times(self, *args: Node) -> str:
        out = ""
        for i, a in enumerate(args):
            if isinstance(a, tuple) and a[0] == "*" and self.brackets:
                out += _fence("(", self.show(a), ")")
                continue
            s = self.show(a, 2 if not (isinstance(a, tuple) and a[0] == "/" and self.small) or i == 0 else 3, last=i == len(args) - 1)
            dot = bool(out) and (bool(re.match(r"\d|\\tfrac\{\d|\\frac\{\d", s)) or (s.startswith("-") and i > 0))
            out += (r"\cdot " if dot else r"\," if out and re.match(r"\\(sum|prod|log|exp|operatorname|lVert)",
                s) else " " if out else "") + s
        return out

    def _over(self, a: Node, b: Node) -> str:
        if is_number(a) and is_number(b) and Fraction(b) != 0 and (not self.small or Fraction(a) < 0):
            return self.number(Fraction(a) / Fraction(b), 0)
        if self.small:
            return f"{self.show(a, 2)}/{self.show(b, 3)}"
        if is_number(b) and isinstance(a, tuple) and a[0] in ("power", "*") and Fraction(b).denominator == 1:
            return rf"\tfrac{{1}}{{{self.show(b)}}} {self.show(a, 2)}"
        return rf"\frac{{{self.show(a)}}}{{{self.show(b)}}}"

    def _power(self, a: Node, e: Node) -> str:
        exponent = Printer(self.notation, small=True).show(e)
        if isinstance(a, tuple) and a[0] == "index":
            return f"{self.show(a)}^{{{exponent}}}"
        if isinstance(a, tuple) and a[0] in ("/", "D"):
            return rf"\left({self.show(a)}\right)^{{{exponent}}}"
        if isinstance(a, str) and "^" in name(a, self.notation):
            return f"({self.show(a)})^{{{exponent}}}"
        return f"{self.show(a, 5)}^{{{exponent}}}"

    def _index(self, family: str, *indices: Node) -> str:
        inner = Printer(self.notation, small=True)
        return f"{name(family, self.notation)}_{{{','.join(inner.show(i) for i in indices)}}}"

    def _sub(self, base: str, index: str) -> str:
        return f"{base}_{{{index}}}"

    def _chain(self, family: str, b: Node, a: Node) -> str:
        inner = Printer(self.notation, small=True)
        return f"{name(family, self.notation)}_{{{inner.show(b)}:{inner.show(a)}}}"

    def _transpose(self, a: Node) -> str:
        return f"{self.show(a, 9)}^{{\\top}}"

    def _sum(self, body: Node, j: str, a: Node, b: Node, symbol: str = r"\sum", level: int = 1) -> str:
        inner = Printer(self.notation, small=True)
        bracket = 2 if isinstance(body, tuple) and body[0] in "+-" else level
        return f"{symbol}_{{{name(j)}={inner.show(a)}}}^{{{inner.show(b)}}} {self.show(body, bracket)}"

    def _prod(self, body: Node, j: str, a: Node, b: Node) -> str:
        return self._sum(body, j, a, b, r"\prod", 2)

    def _diff(self, f: Node, x: Node, direction: Node | None = None) -> str:
        if direction is not None:
            return rf"\mathrm{{D}}_{{{self.show(x)}}}\left[{self.show(f)}\right]({self.show(direction)})"
        body = self.show(f)
        if isinstance(f, str):
            return rf"\frac{{\partial {body}}}{{\partial {self.show(x)}}}"
        if isinstance(f, tuple) and f[0] == "D" and len(f) == 3 and isinstance(f[1], str):
            second = rf"\partial {self.show(x)}^2" if x == f[2] else rf"\partial {self.show(x)}\,\partial {self.show(f[2])}"
            return rf"\frac{{\partial^2 {self.show(f[1])}}}{{{second}}}"
        return rf"\frac{{\partial}}{{\partial {self.show(x)}}}" + (rf"\left[{body}\right]" if _tall(body) or (isinstance(f,
            tuple) and f[0] in "+-") else rf"\, {body}")

    def _sqrt(self, a: Node) -> str:
        return rf"\sqrt{{{self.show(a)}}}"

    def _abs(self, a: Node) -> str:
        return _fence("|", self.show(a), "|")

    def _norm(self, a: Node) -> str:
        s = self.show(a)
        if r"\lVert" in s and not _tall(s):
            return rf"\bigl\lVert {s}\bigr\rVert"
        return _fence(r"\lVert ", s, r"\rVert", r"\|")

    def _inner(self, a: Node, b: Node) -> str:
        s = f"{self.show(a)},\\, {self.show(b)}"
        return rf"\left\langle {s}\right\rangle" if _tall(s) else rf"\langle {s}\rangle"

    def _at(self, u: Node, x: str, value: Node) -> str:
        body = self.show(u)
        if isinstance(u, tuple) and u[0] in "+-" and u[0]:
            body = rf"\left({body}\right)" if _tall(body) else f"({body})"
        return rf"\left.{body}\right|_{{{name(x)}={self.show(value)}}}"

    def call(self, op: str, args: Sequence[Node]) -> str:
        head = OPERATORS.get(op) or name(op, self.notation)
        return f"{head}{_fence('(', ', '.join(self.show(a) for a in args), ')')}"


def _take_sign(a: Node) -> tuple[bool, Node]:
    """A summand without its leading minus."""
    if isinstance(a, tuple) and a[0] == "-" and len(a) == 2:
        return True, a[1]
    if isinstance(a, (int, str)) and is_number(a) and Fraction(a) < 0:
        return True, -a if isinstance(a, int) else str(-Fraction(a))
    if isinstance(a, tuple) and a[0] == "*" and isinstance(a[1], (int, str)) and is_number(a[1]) and Fraction(a[1]) < 0:
        q = -Fraction(a[1])
        return True, (("*", str(q) if q.denominator != 1 else int(q), *a[2:]) if q != 1 else a[2] if len(a) == 3 else ("*", *a[2:]))
    return False, a


def _tall(s: str) -> bool:
    return any(k in s for k in (r"\frac", r"\sum", r"\prod", r"\left", r"\tfrac"))


def _fence(left: str, s: str, right: str, tall: str = "") -> str:
    if _tall(s):
        return rf"\left{tall or left}{s}\right{tall or right}"
    return f"{left}{s}{right}"


# --- the dispatcher --------------------------------------------------------------------------------------------------


@singledispatch
def latex(thing: object) -> str:
    """LaTeX for an object of symgd or of SymPy, without dollars; environments for claims, verdicts with a witness, and derivations.

    Arguments: `thing`, an Expr, Relation, Statement, Claim, Verdict, Interval, Derivation, number, or SymPy object.
    Raises: TypeError for anything else; register a printer with `latex.register(Type)`.
    """
    raise TypeError(f"no LaTeX printer for {type(thing).__name__}; add one with symgd.render.latex.register({type(thing).__name__})")


@latex.register
def _(thing: Expr) -> str:
    return Printer(brackets=False).show(thing.node)


@latex.register
def _(thing: Relation) -> str:
    return f"{latex(thing.lhs)} {REL[thing.op]} {latex(thing.rhs)}"


@latex.register
def _(thing: Either) -> str:
    return r" \text{ or } ".join(latex(r) for r in thing.options)


@latex.register
def _(thing: FormulaRelation) -> str:
    return relation(thing)


@latex.register(int)
@latex.register(Fraction)
def _(thing: int | Fraction) -> str:
    return Printer().show(Fraction(thing))


@latex.register
def _(thing: sympy.Basic) -> str:
    return Printer().show(from_sympy(thing))


@latex.register
def _(thing: Interval) -> str:
    return enclosure(thing)


@latex.register
def _(thing: Enclosure) -> str:
    return enclosure(thing.interval) + ("" if thing.defined else r"\ \text{(where defined)}")


@latex.register
def _(thing: Statement) -> str:
    return statement(thing.data)


@latex.register
def _(thing: Claim) -> str:
    return claim(thing)


@latex.register
def _(thing: Verdict) -> str:
    return verdict(thing)


@latex.register
def _(thing: Derivation) -> str:
    return derivation(thing)


def relation(r: FormulaRelation, notation: Mapping[str, str] | None = None, small: bool = False) -> str:
    """LaTeX for a relation of a derivation; `small`, for running text."""
    printer = Printer(notation, small)
    return f"{printer.show(r.lhs)} {REL[r.op]} {printer.show(r.rhs)}"


# --- SymPy in the order a person writes ----------------------------------------------------------------------------------


def from_sympy(e: sympy.Basic) -> Node:
    """A SymPy expression as a formula: positive summands first and descending powers, numbers and parameters before variables."""
    if isinstance(e, sympy.Rational):
        return int(e) if e.q == 1 else f"{e.p}/{e.q}"
    if isinstance(e, sympy.Symbol):
        return _symbol(e)
    if isinstance(e, sympy.Indexed):
        return ("index", str(e.base), *(from_sympy(i) for i in e.indices))
    if isinstance(e, sympy.Add):
        terms = sorted(e.args, key=_summand_key) if not _polynomial(e) else sorted(e.args, key=lambda t: -_degree(t))
        if _negative(terms[0]) and any(not _negative(t) for t in terms) and not _polynomial(e):
            terms = [t for t in terms if not _negative(t)] + [t for t in terms if _negative(t)]
        return ("+", *(from_sympy(t) for t in terms))
    if isinstance(e, sympy.Mul):
        return _sympy_product(e)
    if isinstance(e, sympy.Pow):
        if e.exp == sympy.Rational(1, 2):
            return ("sqrt", from_sympy(e.base))
        if e.exp.could_extract_minus_sign() and e.exp.is_number:
            return ("/", 1, from_sympy(e.base ** -e.exp))
        return ("power", from_sympy(e.base), from_sympy(e.exp))
    if isinstance(e, (sympy.Sum, sympy.Product)) and len(e.limits) == 1 and len(e.limits[0]) == 3:
        i, a, b = e.limits[0]
        return ("sum" if isinstance(e, sympy.Sum) else "prod", from_sympy(e.function), _symbol(i), from_sympy(a), from_sympy(b))
    if isinstance(e, sympy.Derivative) and len(e.variables) == 1:
        return ("D", from_sympy(e.expr), from_sympy(e.variables[0]))
    heads = {sympy.Abs: "abs", sympy.sign: "sign", sympy.log: "log", sympy.exp: "exp", sympy.sin: "sin", sympy.cos: "cos",
        sympy.tanh: "tanh",
             sympy.atan: "atan", sympy.Max: "max", sympy.Min: "min"}
    if type(e) in heads:
        return (heads[type(e)], *(from_sympy(a) for a in e.args))
    if isinstance(e, sympy.core.relational.Relational):
        return ("sub", f"{latex(e.lhs)} {REL.get({'==': '='}.get(e.rel_op, e.rel_op), '=')} {latex(e.rhs)}", "")
    return ("sub", sympy.latex(e), "")


def _symbol(e: sympy.Symbol) -> Node:
    plain = re.fullmatch(r"[A-Za-z]+_?[A-Za-z0-9]*", e.name)
    return e.name if plain else ("sub", sympy.latex(e), "")


def _negative(t: sympy.Expr) -> bool:
    return bool(t.as_coeff_Mul()[0].is_negative)


def _polynomial(e: sympy.Expr) -> bool:
    return len(e.free_symbols) == 1 and e.is_polynomial()


def _degree(t: sympy.Expr) -> int:
    return int(sympy.degree(t, next(iter(t.free_symbols)))) if t.free_symbols else 0


def _summand_key(t: sympy.Expr) -> tuple[bool, int, int, str]:
    return (_negative(t), 0 if not t.is_number else -1 if not _negative(t) else 1, int(sympy.count_ops(t)), str(t))


def _factor_key(f: sympy.Expr) -> tuple[int, str]:
    if f.is_number:
        return (0, str(f))
    base = f.base if isinstance(f, sympy.Pow) else f
    if isinstance(base, sympy.Symbol):
        return (1 if base.name in GREEK else 2, f"{base.name}{f}")
    return (5 if isinstance(base, (sympy.Sum, sympy.Product)) else 4 if isinstance(base, sympy.Add) else 3, str(f))


def _sympy_product(e: sympy.Expr) -> Node:
    top, bottom = sympy.fraction(e)
    if bottom != 1:
        q = top.as_coeff_Mul()[0]
        if q.is_negative:
            return ("-", ("/", from_sympy(-top), from_sympy(bottom)))
        return ("/", from_sympy(top), from_sympy(bottom))
    coefficient, rest = e.as_coeff_Mul()
    factors = [from_sympy(f) for f in sorted(sympy.Mul.make_args(rest), key=_factor_key)]
    if coefficient == 1:
        return ("*", *factors) if len(factors) > 1 else factors[0]
    if coefficient == -1:
        return ("-", ("*", *factors) if len(factors) > 1 else factors[0])
    return ("*", from_sympy(coefficient), *factors)


# --- enclosures ------------------------------------------------------------------------------------------------------


def enclosure(interval: Interval, digits: int = 15) -> str:
    """An interval rounded outwards: the digits that are certain and one digit of each end, 1.5563_{2}^{4} for [1.55632, 1.55634].

    Arguments: `interval`; `digits`, how many decimals at most.
    Where not even the sign or the first digit is certain, both ends are printed.
    """
    lo, hi = interval.lo, interval.hi
    if isinstance(lo, float) or isinstance(hi, float):
        left = r"(-\infty" if isinstance(lo, float) else f"[{decimal(lo, 3, down=True)}"
        return f"{left}, " + (r"\infty)" if isinstance(hi, float) else f"{decimal(hi, 3, down=False)}]")
    if lo == hi:
        return Printer().show(lo) if lo.denominator < 10_000 else f"{enclosure(_around(lo, digits), digits)}"
    if lo < 0 < hi or lo == 0 or hi == 0:
        k = _decimals(hi - lo)
        return f"[{decimal(lo, k, down=True)}, {decimal(hi, k, down=False)}]"
    if hi < 0:
        shown = enclosure(Interval(-hi, -lo), digits)
        k = _decimals(hi - lo)
        return f"-{shown}" if "_" in shown else f"[{decimal(lo, k, down=True)}, {decimal(hi, k, down=False)}]"
    for k in range(min(digits, _decimals(hi - lo) + 1), -1, -1):
        a, b = decimal(lo, k, down=True), decimal(hi, k, down=False)
        if a[:-1] == b[:-1] and a[:-1] and a[-2] != ".":
            return f"{a[:-1]}_{{{a[-1]}}}^{{{b[-1]}}}"
    k = _decimals(hi - lo)
    return f"[{decimal(lo, k, down=True)}, {decimal(hi, k, down=False)}]"


def _around(q: Fraction, digits: int) -> Interval:
    unit = Fraction(1, 10**digits)
    n = math.floor(q / unit)
    return Interval(n * unit, (n + 1) * unit)


def _decimals(width: Fraction) -> int:
    """The number of decimals at which two numbers this far apart differ."""
    k = 0
    while width * 10**k < 1 and k < 60:
        k += 1
    return k


def decimal(q: Fraction, k: int, down: bool) -> str:
    """q with k decimals, rounded down or up."""
    n = math.floor(q * 10**k) if down else math.ceil(q * 10**k)
    sign, digits = "-" if n < 0 else "", str(abs(n)).rjust(k + 1, "0")
    return sign + (digits if k == 0 else f"{digits[:-k]}.{digits[-k:]}")


# --- statements, claims, verdicts --------------------------------------------------------------------------------------


def statement(data: Mapping[str, Any]) -> str:
    """A statement in words and formulas, ready to stand in running text."""
    kind = data["kind"]
    if kind == "forall":
        given = f" with {_list(data['given'])}" if data.get("given") else ""
        return f"{_forall(data['vars'])}{given}: {_list(data['then'])}." if data["vars"] or given else f"{_list(data['then'])}."
    if kind == "zero":
        unknowns = ", ".join(f"${_range(v)}$" for v in data["vars"])
        equations = ", ".join(f"${_show(e)} = 0$" for e in data["equations"])
        then = f"; there {_list(data['then'])}" if data.get("then") else ""
        return f"{_forall(data['params'], ', ')}there is exactly one {unknowns} with {equations}{then}."
    if kind in ("orbit", "preimages"):
        step = ", ".join(rf"{name(x)} \mapsto {_show(f)}" for x, f in zip(data["state"], data["map"], strict=True))
        given = f" with {_list(data['given'])}" if data.get("given") else ""
        head = f"{_forall(data['params'])}{given}: " if data["params"] or given else ""
        if kind == "preimages":
            x = name(data["state"][0])
            return (f"{head}under ${step}$ on the starts with {_list(data['domain'])}, exactly ${_show(data['of'])}$ and $a, h(a), "
                f"h(h(a)), \\dots$ "
                    f"reach ${_show(data['of'])}$, where $a = {_show(data['first'])}$ and $h({x}) = {_show(data['next'])}$.")
        start = f"the starts with {_list(data['start'])}" if data["start"] else "every start"
        seen = f"${_show(data['observe'])}$" if "observe" in data else "the orbit"
        return f"{head}under ${step}$, from {start}, {seen} " + ", or ".join(_outcome(o) for o in data["then"]) + "."
    if kind == "all":
        parts = data["parts"]
        if data["family"]:
            values = data["values"]
            some = f"{values[0]}, {values[1]}, \\dots, {values[-1]}" if len(values) > 3 else ", ".join(map(str, values))
            return f"For ${name(data['family'])} = {some}$; for ${name(data['family'])} = {values[0]}$: {statement(parts[0])}"
        return " ".join(f"({i}) {statement(p)}" for i, p in enumerate(parts, 1))
    return text_to_latex(str(data.get("text", kind)))


def _forall(ranges: Sequence[Any], end: str = "") -> str:
    return f"For all {', '.join(f'${_range(r)}$' for r in ranges)}{end}" if ranges else ""


def _range(entry: Any) -> str:
    x, left, lo, hi, right, *kind = entry
    ends = [r"-\infty" if lo == "-oo" else _show(lo), r"\infty" if hi == "oo" else _show(hi)]
    if kind:
        return rf"{name(x)} \in \{{{ends[0]}, \dots, {ends[1]}\}}"
    if (lo, hi) == ("-oo", "oo"):
        return rf"{name(x)} \in \mathbb{{R}}"
    if hi == "oo":
        return f"{name(x)} {'>' if left == '(' else REL['>=']} {ends[0]}"
    return rf"{name(x)} \in {left}{ends[0]}, {ends[1]}{right}"


def _show(e: Any) -> str:
    return Printer(brackets=False).show(from_json(e).node)


def _list(relations: Sequence[Any]) -> str:
    def one(r: Any) -> str:
        return f"{_show(r[1])} {REL[r[0]]} {_show(r[2])}"

    return " and ".join(" or ".join(f"${one(r)}$" for r in (c[1:] if c[0] == "or" else [c])) for c in relations)


def _outcome(o: Mapping[str, Any]) -> str:
    (kind,) = o.keys() - {"to"}
    if kind == "diverges":
        return "diverges"
    if kind in ("stays", "ends in"):
        return f"{'stays where' if kind == 'stays' else 'ends where'} {_list(o[kind])}"
    if kind == "rate":
        return f"satisfies $|x_k - p| \\le \\left({_show(o['rate'])}\\right)^k |x_0 - p|$ with $p = {', '.join(map(_show, o['to']))}$"
    words = {"converges": "converges to", "linear": "converges linearly to", "sublinear": "converges sublinearly to", "reaches": "reaches"}
    return f"{words[kind]} ${', '.join(map(_show, o[kind]))}$"


def status(v: Verdict) -> str:
    """The status macro for a verdict."""
    if v.outcome is Outcome.OPEN:
        return r"\symgdopen"
    return rf"\symgd{v.outcome.value}{{{v.trust.value if v.trust else ''}}}"


def environment(identifier: str) -> str:
    """The theorem environment for an id: lemma for lem... and for the parts thm1.x of a theorem, corollary for cor..., theorem for thm...,
    proposition otherwise."""
    identifier = identifier.removesuffix(".proof")
    if identifier.startswith("thm") and "." in identifier:
        return "lemma"
    for prefix, env in (("lem", "lemma"), ("cor", "corollary"), ("thm", "theorem"), ("amgm", "lemma"), ("log", "lemma")):
        if identifier.startswith(prefix):
            return env
    return "proposition"


def label(identifier: str) -> str:
    """The label of a claim or derivation."""
    return f"symgd:{identifier}"


def claim(c: Claim, v: Verdict | None = None) -> str:
    """A claim as a labelled environment, with its status and, when refuted, its witness as an example below.

    Arguments: `c`; `v`, the verdict, if it is known.
    """
    env = environment(c.id)
    head = rf"\begin{{{env}}}[{text_to_latex(_short(c.title))}]\label{{{label(c.id)}}}"
    lines = [head, text_to_latex(c.title) if len(c.title) > 60 else "",
        statement(c.statement.data) + ("" if v is None else f" {status(v)}"), rf"\end{{{env}}}"]
    if v is not None and v.witness:
        lines.append(witness(v, c.id))
    return "\n".join(line for line in lines if line)


def _short(title: str) -> str:
    words = title.rstrip(".")
    return words if len(words) <= 60 else words[:57].rsplit(" ", 1)[0] + r" ..."


def witness(v: Verdict, identifier: str = "") -> str:
    """The counterexample of a refutation `v` as an `example` environment, which names the statement with that `identifier`."""
    of = rf" to {environment(identifier).capitalize()}~\ref{{{label(identifier)}}}" if identifier else ""
    return "\n".join([rf"\begin{{example}}[Counterexample{of}]", f"{_values(v.witness)}. {status(v)}", r"\end{example}"])


def _values(found: str) -> str:
    """The values of a witness, such as "L = 2: t = 1, delta = 1/2"; other words stay words."""
    out = []
    for piece in re.split(r"(, |: )", found):
        match = re.fullmatch(r"(\w+) = (-?\d+(?:/\d+)?)", piece)
        out.append(f"${name(match[1])} = {Printer().show(match[2])}$" if match else text_to_latex(piece))
    return "".join(out)


def verdict(v: Verdict) -> str:
    """A verdict: its status, or its witness as an example, or what is left."""
    if v.witness:
        return witness(v)
    return status(v) + (f" {text_to_latex(v.reason)}" if v.reason else "")


def text_to_latex(sentence: str) -> str:
    """A sentence with mathematics between dollars as LaTeX; formulas in plain text, such as "delta <= 1", become mathematics as well."""
    out = []
    for i, part in enumerate(sentence.split("$")):
        if i % 2:
            out.append(f"${part}$")
            continue
        out.append(words.to_latex(part))
    return "".join(out)


# --- derivations -----------------------------------------------------------------------------------------------------


def derivation(d: Derivation, among: Sequence[str] = ()) -> str:
    """The statement of a derivation as an environment, and its steps as one `align` in a proof, with the reason beside each step.

    Arguments: `d`; `among`, the ids of the derivations in the same document: these are referred to by number, others by id and title.
    """
    env = environment(d.id)
    sentences = [numbered(d.statement, d, among)] if d.statement != d.goals_in_words else []
    sentences += setting(d)
    lines = [rf"\begin{{{env}}}[{text_to_latex(d.title)}]\label{{{label(d.id)}}}\sloppy", *sentences, *_goals(d), rf"\end{{{env}}}",
        r"\begin{proof}"]
    needed = [lemma for lemma in d.lemmas() if isinstance(lemma, Derivation)]
    if needed:
        refs = ", ".join(reference(lemma, lemma.id in among) for lemma in dict.fromkeys(needed))
        lines.append(f"This uses {refs}.")
    lines += [r"\leavevmode\begin{align*}", *align_lines(d), r"\end{align*}"]
    lines.append(f"{status(d.verdict)}" + (f" {_closing(d)}" if _closing(d) else ""))
    lines.append(r"\end{proof}")
    return "\n".join(line for line in lines if line)


def numbered(sentence: str, d: Derivation, among: Sequence[str]) -> str:
    """A sentence of a derivation in which the ids of others in the same document, such as thm1.cut, are references to their numbers."""
    known = sorted((i.removesuffix(".proof") for i in among if i != d.id), key=len, reverse=True)
    if not known:
        return sentence
    pattern = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, known))})(?![\w-]|\.\w)")
    ids = {i.removesuffix(".proof"): i for i in among}

    def named(found: re.Match[str]) -> str:
        return rf"{environment(ids[found[1]]).capitalize()}~\ref{{{label(ids[found[1]])}}}"

    parts = sentence.split("$")
    return "$".join(part if i % 2 else pattern.sub(named, part) for i, part in enumerate(parts))


def reference(d: Derivation, numbered: bool) -> str:
    """A derivation as it is referred to: its number or id, and its title."""
    title = text_to_latex(d.title[0].lower() + d.title[1:])
    if not numbered:
        return rf"\textsf{{{text_to_latex(d.id.removesuffix('.proof'))}}} ({title})"
    return rf"{environment(d.id).capitalize()}~\ref{{{label(d.id)}}} ({title})"


def _closing(d: Derivation) -> str:
    cited = d.verdict.reason if d.verdict.outcome is Outcome.PROVED else ""
    return f"It {text_to_latex(cited)}." if cited else text_to_latex(d.verdict.reason)


def setting(d: Derivation) -> list[str]:
    """The declarations, definitions and hypotheses in sentences."""
    mentioned = _mentioned(d)
    printer = Printer(d.notation, small=True)
    lets = [s for x, k in d.context.kinds.items() if x in mentioned and (s := declaration(x, k, printer))]
    out = [f"Let {_and(lets)}."] if lets else []
    defined = []
    for x, (parameters, body) in d.context.definitions.items():
        brackets = f"{d_name}_{{{','.join(map(name, parameters))}}}" if (d_name := name(x, d.notation)) and _indexed(d, x) else (
            f"{name(x, d.notation)}({', '.join(map(name, parameters))})" if parameters else name(x, d.notation))
        defined.append(f"${brackets} = {printer.show(body)}$")
    if defined:
        out.append(f"Write {_and(defined)}.")
    given = []
    for text_label, fact in d.hypotheses.items():
        every = d.schematic.get(text_label)
        quantifier = f" for every ${', '.join(map(name, sorted(every)))}$" if every else ""
        given.append(f"${relation(fact.relation, d.notation, small=True)}${quantifier}")
    if given:
        out.append(f"Suppose that {_and(given)}.")
    return out


def _indexed(d: Derivation, x: str) -> bool:
    return any(head.startswith(f"{x}[") for head in d.define)


def _mentioned(d: Derivation) -> set[str]:
    names: set[str] = set()
    for r in [*d.goals, *(f.relation for f in d.hypotheses.values()), *(r for r in d.relations if r is not None)]:
        names |= free_names(r.lhs) | free_names(r.rhs)
    for parameters, body in d.context.definitions.values():
        names |= free_names(body) - set(parameters)
    for kind in d.context.kinds.values():
        for end in (kind.first, kind.last, *kind.dims):
            names |= free_names(end) if end is not None else set()
    return names


def declaration(x: str, kind: Kind, printer: Printer) -> str:
    """What a name stands for, in words."""
    symbol = name(x, printer.notation)
    dims = [Printer(printer.notation, small=True).show(k) for k in kind.dims]
    if kind.sort == "integer":
        if kind.family:
            return f"${symbol}_0, {symbol}_1, \\dots$ be widths"
        if kind.first is not None and kind.last is not None:
            return rf"${symbol} \in \{{{printer.show(kind.first)}, \dots, {printer.show(kind.last)}\}}$"
        return f"${symbol} \\ge {printer.show(kind.first)}$ be an integer" if kind.first is not None else f"${symbol}$ be an integer"
    if kind.sort == "chain":
        size = rf"{dims[0]}_j \times {dims[0]}_{{j-1}}"
        return rf"${symbol}_j \in \mathbb{{R}}^{{{size}}}$ with ${symbol}_{{b:a}} = {symbol}_b\cdots {symbol}_a$"
    if kind.family:
        symbol = f"{symbol}_j"
    if kind.sort == "vector":
        return rf"${symbol} \in \mathbb{{R}}^{{{dims[0]}}}$"
    if kind.sort == "matrix":
        what = {"symmetric": " be symmetric", "psd": " be symmetric positive semidefinite", "orthogonal": " be orthogonal"}.get(kind.shape,
            "")
        return rf"${symbol} \in \mathbb{{R}}^{{{dims[0]} \times {dims[1]}}}${what}"
    sign = {"positive": "> 0", "nonnegative": r"\ge 0", "negative": "< 0", "nonzero": r"\ne 0", "real": r"\in \mathbb{R}"}[kind.sign]
    return f"${symbol} {sign}$"


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" and {parts[-1]}" if parts else ""


def _goals(d: Derivation) -> list[str]:
    shown = [relation(g, d.notation) for g in d.goals]
    if not shown:
        return []
    rows: list[str] = []
    for s in shown:
        if rows and width(rows[-1]) + width(s) < 24:
            rows[-1] += rf", \qquad {s}"
        else:
            rows.append(s)
    if len(rows) == 1 and width(rows[0]) < 32:
        return [rf"Then \[ {rows[0]}. \]"]
    pieces = []
    for row, last in zip(rows, [*[False] * (len(rows) - 1), True], strict=True):
        lines = [row] if width(row) < 32 else _split_goal(d, row, shown)
        pieces.append(r"\\ &\quad ".join(lines) + ("." if last else ","))
    return [r"Then", r"\begin{align*}", "\\\\\n".join(f"& {p}" for p in pieces), r"\end{align*}"]


def _split_goal(d: Derivation, row: str, shown: Sequence[str]) -> list[str]:
    if row not in shown:
        return [row]
    goal = d.goals[list(shown).index(row)]
    printer = Printer(d.notation)
    return [printer.show(goal.lhs), f"{REL[goal.op]} {printer.show(goal.rhs)}"]


FORMULA_WIDTH = 21.0  # quads that a formula may take beside its reason


def align_lines(d: Derivation) -> list[str]:
    """The rows of the `align`: number, formula, reason."""
    numbers = {r.step.label: r.number for r in d.results if r.step.label}
    printer = Printer(d.notation)
    rows = []
    for r in d.results:
        pieces = _pieces(r, printer)
        *before, end = [rf"\quad {p}" if i else p for i, p in enumerate(pieces)]
        tag = rf"\textup{{\footnotesize({r.number})}}\quad "
        first = True
        for p in before:
            rows.append(rf"{tag if first else ''}& {p}")
            first = False
        rows.append(rf"{tag if first else ''}& {end} && \symgdwhy{{{why(r, numbers)}}}")
    return [row + (r" \\" if i < len(rows) - 1 else "") for i, row in enumerate(rows)]


def _pieces(r: StepResult, printer: Printer) -> list[str]:
    if r.relation is None:
        return [rf"\symgdsay{{{_capital(text_to_latex(r.step.formula))}.}}"]
    left, right, sign = printer.show(r.relation.lhs), printer.show(r.relation.rhs), REL[r.relation.op]
    if r.step.continues:
        return _broken(rf"\quad {sign} ", r.relation.rhs, right, printer)
    if width(left) + width(right) + 1.5 <= FORMULA_WIDTH:
        return [f"{left} {sign} {right}"]
    return [*_broken("", r.relation.lhs, left, printer), *_broken(f"{sign} ", r.relation.rhs, right, printer)]


def _broken(lead: str, node: Node, shown: str, printer: Printer) -> list[str]:
    """A side on one line, or broken before top-level signs or factors."""
    if width(lead) + width(shown) <= FORMULA_WIDTH or not isinstance(node, tuple) or node[0] not in ("+", "-", "*"):
        return [lead + shown]
    if node[0] == "*":
        middle = next(k for k in range(1,
            len(node)) if k == len(node) - 1 or width(printer.show(("*", *node[1:k + 2]))) > FORMULA_WIDTH - 2)
        if middle >= len(node) - 1:
            return [lead + shown]
        head, tail = node[1:middle + 1], node[middle + 1:]
        return [lead + printer.show(("*", *head) if len(head) > 1 else head[0], 2, last=False),
                r"\quad {}\cdot " + printer.show(("*", *tail) if len(tail) > 1 else tail[0], 2)]
    terms = [t for a in node[1:] for t in (a[1:] if isinstance(a, tuple) and a[0] == "+" else [a])] if node[0] == "+" else [
        node[1], ("-", node[2])] if len(node) == 3 else [node]
    lines: list[str] = []
    current = printer.show(terms[0], 1)
    for t in terms[1:]:
        negative, bare = _take_sign(t)
        piece = ("- " if negative else "+ ") + printer.show(bare, 2 if negative else 1)
        if width(lead if not lines else "") + width(current) + width(piece) > FORMULA_WIDTH:
            lines.append(current)
            current = rf"\quad {{}}{piece}"
        else:
            current += f" {piece}"
    lines.append(current)
    return [lead + lines[0], *lines[1:]]


def _capital(s: str) -> str:
    return s[:1].upper() + s[1:]


def why(r: StepResult, numbers: Mapping[str, int]) -> str:
    """The reason beside a step, with the numbers of the steps it uses and a mark unless it is checked symbolically."""
    used = sorted({numbers[u] for u in references(r.step) if u in numbers})
    by = f"; {', '.join(f'({n})' for n in used)}" if used else ""
    mark = {StepTrust.KERNEL: r"\symgdkernel", StepTrust.CITED: r"\symgdcited", StepTrust.SYMBOLIC: "",
            StepTrust.UNCHECKED: rf" \symgdunchecked{{{text_to_latex(r.problem)}}}"}[r.trust]
    return f"{text_to_latex(r.step.reason)}{by}{mark}"


def references(step: Step) -> list[str]:
    """The labels of the facts that the check of a step names."""
    return [re.sub(r"\[.*", "", s, flags=re.DOTALL).strip() for s in _references(step.by)]


def _references(rule: object) -> Iterable[str]:
    if isinstance(rule, Combine):
        return [*rule.facts, *rule.rewrite, *rule.signs]
    if isinstance(rule, Powers):
        return [rule.base, *rule.signs]
    if isinstance(rule, Apply):
        return [*rule.given, *rule.rewrite]
    if isinstance(rule, Termwise):
        return [*_references(rule.by), *rule.signs]
    if isinstance(rule, Induct):
        parts = [rule.base, rule.step, *(p for t in rule.together for p in t[1:])]
        return [x for p in parts for x in _references(p)]
    if isinstance(rule, Cases):
        return [x for _, p in rule.cases for x in _references(p)]
    if isinstance(rule, Root):
        return rule.signs
    if isinstance(rule, Absolute):
        return [rule.upper, rule.lower]
    if isinstance(rule, Minimum):
        return [rule.apart]
    return rule.given if isinstance(rule, Kernel) else []


def width(s: str) -> float:
    """A rough width of a formula in quads: enough to decide where to break a line."""
    s = re.sub(r"\\(left|right|operatorname|mathit|mathrm|text|textup|footnotesize|mathbb|symgd\w+)\b", "", s)
    total, i, scale = 0.0, 0, [1.0]
    pending = 1.0
    while i < len(s):
        c = s[i]
        if c == "\\":
            match = re.match(r"\\([A-Za-z]+|.)", s[i:])
            assert match is not None
            word = match[1]
            i += len(match[0])
            if word in ("frac", "tfrac"):
                a, j = group(s, i)
                b, k = group(s, j)
                total += scale[-1] * pending * max(width(a), width(b)) * (0.75 if word == "tfrac" else 1.0) + 0.15
                i = k
            elif word in ("sum", "prod"):
                lower, j = _limits(s, i)
                total += scale[-1] * max(1.2, 0.7 * lower)
                i = j
            else:
                total += scale[-1] * pending * {"quad": 1.0, "qquad": 2.0, ",": 0.17, "le": 1.3, "ge": 1.3, "ne": 1.3, "log": 1.3,
                    "sign": 1.6, "lVert": 0.5,
                                                "rVert": 0.5, "|": 0.5, "top": 0.6, "langle": 0.4, "rangle": 0.4, "partial": 0.55,
                                                "dots": 1.0,
                                                "cdot": 0.7}.get(word, 0.6)
            pending = 1.0
            continue
        if c in "^_":
            pending = 0.7
            i += 1
            if i < len(s) and s[i] == "{":
                inner, i = group(s, i)
                total += scale[-1] * 0.72 * width(inner)
                pending = 1.0
            continue
        if c == "{":
            inner, i = group(s, i)
            total += scale[-1] * width(inner)
            continue
        total += scale[-1] * pending * {" ": 0.0, "+": 1.2, "-": 1.2, "=": 1.3, "<": 1.3, ">": 1.3, ",": 0.45, "(": 0.39, ")": 0.39,
            "[": 0.3, "]": 0.3,
                                        "|": 0.3, "/": 0.5, ":": 0.5, "}": 0.0}.get(c, 0.53)
        pending = 1.0
        i += 1
    return total


def group(s: str, i: int) -> tuple[str, int]:
    """The argument in braces, or the one character, at position `i` of `s`, and where it ends."""
    while i < len(s) and s[i] == " ":
        i += 1
    if i >= len(s) or s[i] != "{":
        return s[i:i + 1], i + 1
    depth, j = 0, i
    while j < len(s):
        depth += (s[j] == "{") - (s[j] == "}")
        j += 1
        if depth == 0:
            break
    return s[i + 1:j - 1], j


def _limits(s: str, i: int) -> tuple[float, int]:
    widest = 0.0
    while i < len(s) and s[i] in "^_":
        inner, i = group(s, i + 1)
        widest = max(widest, width(inner))
    return widest, i


def parts(node: Node) -> list[Node]:
    """Every part of a formula, itself included; for printers that need to look inside."""
    return [node, *(p for _, c in children(node) for p in parts(c))]


# --- documents -------------------------------------------------------------------------------------------------------


def document(body: str, title: str = "", packages: str = "") -> str:
    """A standalone LaTeX article with a `title` around a `body`; `packages`, more lines for the preamble."""
    head = [r"\documentclass[11pt]{article}", r"\usepackage[T1]{fontenc}", r"\usepackage{lmodern}",
        r"\usepackage[a4paper,margin=30mm]{geometry}",
            PREAMBLE.rstrip(), *packages.splitlines(), r"\begin{document}"]
    if title:
        head.append(rf"\begin{{center}}\Large {text_to_latex(title)}\end{{center}}")
    return "\n".join([*head, body, r"\end{document}", ""])
