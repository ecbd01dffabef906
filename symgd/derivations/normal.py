"""Normal forms that decide equality: polynomials with symbolic exponents, sums and products with symbolic limits, matrix words, traces.

Scalars. A `Poly` is a rational combination of products of atoms with exponents that are polynomials in the integer names, so that
w**(L-1)*w and w**L are the same thing. Sums and products with symbolic limits are differences and quotients of *partial* sums and
products F(n), taken from 1 to n: with F(n + 1) = F(n) + f(n + 1) built in, splitting, shifting the index, peeling off terms and
telescoping all happen by themselves. Both are formal identities. They hold wherever every part is defined, hence by continuity
wherever the two sides are polynomials.

Matrices. A `Matrix` is a combination of words in the matrix names and their transposes; W[b:c] W[c-1:a] is merged to W[b:a], a part
of a word with one row and one column is moved out as a scalar, and tr is taken up to rotation and transposition. A formal identity of
words holds for matrices of every size: rectangular ones embed into square ones, and there into invertible ones up to a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, Union

from .context import Context
from .formula import FormulaError, Node, Relation, is_number, substitute, text

MAX_TERMS, MAX_PEEL, MAX_POWER, MAX_REWRITES = 4_000, 12, 24, 200


class Undecided(Exception):
    """The normal form does not decide this; the message says what is missing."""


@dataclass(frozen=True, eq=False)
class Atom:
    """An indivisible scalar. `kind`: var, index, function, poly (a sum under a power), number (a base), trace, sum or prod (partial)."""

    kind: str
    name: str
    args: tuple[Any, ...] = ()
    key: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        inside = f"({','.join([a.key for a in self.args])})" if self.args else ""
        object.__setattr__(self, "key", f"{self.kind[:2]}:{self.name}{inside}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


Mono = tuple[tuple[Atom, "Poly"], ...]


class Poly:
    """A rational combination of monomials, that is of products of atoms with exponents. It is never changed."""

    __slots__ = ("_key", "terms")

    def __init__(self, terms: Mapping[Mono, Fraction]) -> None:
        self.terms = {m: c for m, c in terms.items() if c}
        self._key: str | None = None
        if len(self.terms) > MAX_TERMS:
            raise Undecided(f"more than {MAX_TERMS} terms")

    @property
    def key(self) -> str:
        if self._key is None:
            self._key = "+".join(sorted(f"{c}{''.join(f'*{a.key}^[{e.key}]' for a, e in m)}" for m, c in self.terms.items())) or "0"
        return self._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __add__(self, other: Poly) -> Poly:
        if not self.terms or not other.terms:
            return other if other.terms else self
        terms = dict(self.terms)
        for m, c in other.terms.items():
            terms[m] = terms[m] + c if m in terms else c
        return Poly(terms)

    def __sub__(self, other: Poly) -> Poly:
        return self + other.scale(-1)

    def scale(self, c: Fraction | int) -> Poly:
        return Poly({m: c * q for m, q in self.terms.items()})

    @property
    def constant(self) -> Fraction | None:
        """The value, if it is a number."""
        if not self.terms:
            return Fraction(0)
        return self.terms.get(()) if len(self.terms) == 1 else None

    @property
    def constant_term(self) -> Fraction:
        return self.terms.get((), Fraction(0))


def number(q: Fraction | int) -> Poly:
    return Poly({(): Fraction(q)})


ZERO, ONE = number(0), number(1)


def single(atom: Atom, exponent: Poly = ONE) -> Poly:
    return Poly({((atom, exponent),): Fraction(1)})


@cache
def variable(name: str) -> Poly:
    return single(Atom("var", name))


@dataclass(frozen=True, eq=False)
class Letter:
    """A matrix name with its indices (for a chain: last and first layer), possibly transposed."""

    name: str
    transposed: bool
    args: tuple[Poly, ...] = ()
    key: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", f"{self.name}{'^T' if self.transposed else ''}[{';'.join([a.key for a in self.args])}]")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Letter) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


class Word(tuple[Letter, ...]):
    """A product of letters."""

    __slots__ = ()

    @property
    def key(self) -> str:
        return "·".join(x.key for x in self)


Bounds = tuple[tuple[str, Poly], ...]


class Matrix:
    """A combination of words; a term is (partial sums over it, scalar monomial, word) with a rational coefficient."""

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[tuple[Bounds, Poly, Word], Fraction]) -> None:
        self.terms = {k: c for k, c in terms.items() if c}
        if len(self.terms) > MAX_TERMS:
            raise Undecided(f"more than {MAX_TERMS} terms")

    def __add__(self, other: Matrix) -> Matrix:
        terms = dict(self.terms)
        for k, c in other.terms.items():
            terms[k] = terms[k] + c if k in terms else c
        return Matrix(terms)

    def scale(self, c: Fraction | int) -> Matrix:
        return Matrix({k: c * q for k, q in self.terms.items()})


Value = Union[Poly, Matrix]
Rule = tuple[str, Any, Any]  # ("word", Word, Matrix) or ("mono", Mono, Poly)


class Normalizer:
    """Normal forms in one context.

    Arguments: `context`; `rules`, equations used from left to right, as made by `rule`.
    """

    def __init__(self, context: Context, rules: Sequence[Rule] = (), definite: bool = True) -> None:
        self.context, self.rules, self.definite, self.rewrites = context, list(rules), definite, 0
        self.shapes: dict[tuple[Letter, bool], tuple[Poly, Poly]] = {}  # in this context, by letter and `definite`
        self.known_nonzero: list[Poly] = []
        self.known_nonnegative: list[tuple[Node, Callable[[], None]]] = []

    def assume_nonnegative(self, node: Node, when_used: Callable[[], None]) -> None:
        """Take it as given that a number is not negative; used for absolute values."""
        self.known_nonnegative.append((node, when_used))

    def assumed_nonnegative(self, p: Poly) -> bool:
        quiet, self.definite = self.definite, False
        known, self.known_nonnegative = self.known_nonnegative, []
        try:
            for node, when_used in known:
                try:
                    if not (self.scalar(node) - p).terms:
                        when_used()
                        return True
                except (Undecided, FormulaError):
                    continue
            return False
        finally:
            self.definite, self.known_nonnegative = quiet, known

    def assume_nonzero(self, node: Node) -> None:
        """Take it as given that a number is not zero."""
        quiet, self.definite = self.definite, False
        try:
            p = self.scalar(node)
            if len(p.terms) == 1:
                self.known_nonzero += [single(a) for m in p.terms for a, _ in m]
            else:
                self.known_nonzero.append(self.content(p, True)[1])
        except (Undecided, FormulaError):
            pass  # nothing that a denominator could be compared with
        finally:
            self.definite = quiet

    # --- evaluation of formulas --------------------------------------------------------------------------------------

    def scalar(self, node: Node) -> Poly:
        value = self.value(node)
        if isinstance(value, Matrix):
            if not value.terms:
                return ZERO
            raise FormulaError(f"{text(node)} is a matrix, and a number is wanted here")
        return value

    def matrix(self, node: Node) -> Matrix:
        value = self.value(node)
        if isinstance(value, Poly):
            if not value.terms:
                return Matrix({})
            return self.scaled(value, Matrix({((), ONE, Word()): Fraction(1)}))
        return value

    def value(self, node: Node) -> Value:
        if is_number(node):
            return number(Fraction(node))
        if isinstance(node, str):
            return self.name(node)
        op, *args = node
        method = getattr(self, f"_{_METHODS[op]}", None) if op in _METHODS else None
        if method is not None:
            return method(*args)  # type: ignore[no-any-return]
        return self.call(op, args)

    def name(self, name: str) -> Value:
        if name == "I":
            return Matrix({((), ONE, Word()): Fraction(1)})
        if name.startswith("#"):
            return variable(name)
        if name in self.context.definitions:
            parameters, body = self.context.definitions[name]
            if not parameters:
                return self.value(body)
        kind = self.context.kind(name)
        if kind.family or kind.sort == "chain":
            raise FormulaError(f"{name} needs an index")
        return self.word(Letter(name, False)) if kind.matrix else variable(name)

    def word(self, *letters: Letter) -> Value:
        return self.settle_words({((), ONE, Word(letters)): Fraction(1)})

    def call(self, op: str, args: Sequence[Node]) -> Value:
        if op in self.context.definitions:
            parameters, body = self.context.definitions[op]
            if len(parameters) != len(args):
                raise FormulaError(f"{op} takes {len(parameters)} arguments")
            return self.value(substitute(body, dict(zip(parameters, args, strict=True))))
        if op in ("abs", "sign") and len(args) == 1:
            inner = self.opened(args[0])
            if isinstance(inner, tuple) and inner[0] in ("*", "/"):  # |uv| = |u||v|, and likewise for the sign
                return self.value((inner[0], *((op, a) for a in inner[1:])))
        if op in ("log", "exp", "sign", "abs") and len(args) == 1:
            return self.function(op, self.scalar(args[0]))
        raise FormulaError(f"{op!r} is not defined here")

    def opened(self, node: Node) -> Node:
        """The formula with a defined name at its head replaced by its definition."""
        key, args = (node, ()) if isinstance(node, str) else (node[1], node[2:]) if isinstance(node, tuple) and node[0] == "index" else (
            (node[0], node[1:]) if isinstance(node, tuple) else ("", ()))
        if key in self.context.definitions:
            parameters, body = self.context.definitions[key]
            if len(parameters) == len(args):
                return self.opened(substitute(body, dict(zip(parameters, args, strict=True))))
        return node

    def _add(self, *args: Node) -> Value:
        values = [self.value(a) for a in args]
        if any(isinstance(v, Matrix) for v in values):
            matrices = [v if isinstance(v, Matrix) else self.matrix(a) for v, a in zip(values, args, strict=True)]
            shapes = {s for m in matrices for k in m.terms if (s := self.shape(k[2])) is not None}
            if len({tuple(map(str, (r.key, c.key))) for r, c in shapes}) > 1:
                raise FormulaError(f"the summands of {text(('+', *args))} have different shapes")
            return sum(matrices[1:], matrices[0])
        return sum(values[1:], values[0])

    def _sub(self, *args: Node) -> Value:
        if len(args) == 1:
            return self.value(args[0]).scale(-1)
        return self._add(args[0], ("-", args[1]))

    def _mul(self, *args: Node) -> Value:
        values = [self.value(a) for a in args]
        out = values[0]
        for v in values[1:]:
            out = self.times(out, v)
        return out

    def _div(self, a: Node, b: Node) -> Value:
        divisor = self.scalar(b)
        if not divisor.terms:
            raise Undecided(f"division by zero in {text(('/', a, b))}")
        if self.definite and not self.nonzero(divisor):
            raise Undecided(f"{text(b)} might be 0 in {text(('/', a, b))}")
        return self.times(self.power(divisor, number(-1)), self.value(a))

    def _power(self, a: Node, e: Node) -> Value:
        base, exponent = self.value(a), self.scalar(e)
        if isinstance(base, Matrix):
            n = exponent.constant
            if n is None or n.denominator != 1 or not 0 <= n <= MAX_POWER:
                raise Undecided(f"the matrix power {text(a)}**{text(e)}")
            out: Value = Matrix({((), ONE, Word()): Fraction(1)})
            for _ in range(int(n)):
                out = self.times(out, base)
            return out
        if self.definite and not self.nonzero(base) and not self.nonnegative_exponent(exponent):
            raise Undecided(f"{text(a)} might be 0 under the exponent {text(e)}")
        return self.power(base, exponent)

    def nonnegative_exponent(self, e: Poly) -> bool:
        return (self.integral(e) and self.at_least_zero(e)) or self.nonnegative(e)

    def _sqrt(self, a: Node) -> Value:
        return self.power(self.scalar(a), number(Fraction(1, 2)))

    def _index(self, name: str, *indices: Node) -> Value:
        if name in self.context.definitions:
            parameters, body = self.context.definitions[name]
            return self.value(substitute(body, dict(zip(parameters, indices, strict=True))))
        kind, args = self.context.kind(name), tuple(self.scalar(i) for i in indices)
        if kind.sort == "chain":
            return self.word(Letter(name, False, (args[0], args[0])))
        if not kind.family:
            raise FormulaError(f"{name} takes no index")
        return self.word(Letter(name, False, args)) if kind.matrix else single(Atom("index", name, args))

    def _chain(self, name: str, last: Node, first: Node) -> Value:
        if self.context.kind(name).sort != "chain":
            raise FormulaError(f"{name} is not a chain of layers")
        b, a = self.scalar(last), self.scalar(first)
        self.range(a, b, f"{name}[{text(last)}:{text(first)}]")
        return self.word(Letter(name, False, (b, a)))

    def range(self, a: Poly, b: Poly, what: str) -> None:
        if self.definite and not self.at_least_zero(b - a + ONE):
            raise Undecided(f"whether the range of {what} is not less than empty")

    def _transpose(self, a: Node) -> Value:
        value = self.value(a)
        return value if isinstance(value, Poly) else self.transposed(value)

    def _tr(self, a: Node) -> Value:
        value = self.value(a)
        return value if isinstance(value, Poly) else self.trace(value)

    def _inner(self, a: Node, b: Node) -> Value:
        return self._tr(("*", ("T", a), b))

    def _norm(self, a: Node) -> Value:
        value = self.value(a)
        if isinstance(value, Poly):
            return self.function("abs", value)
        square = self.product(self.transposed(value), value)
        return self.power(square if isinstance(square, Poly) else self.trace(square), number(Fraction(1, 2)))

    def _sum(self, body: Node, j: str, a: Node, b: Node) -> Value:
        first, last = self.scalar(a), self.scalar(b)
        self.range(first, last, f"Sum over {j}")
        value = self.inside(body, j, a, b)
        return self.sum_range(value, j, first, last) if isinstance(value, Poly) else self.sum_matrix(value, j, first, last)

    def _prod(self, body: Node, j: str, a: Node, b: Node) -> Value:
        first, last = self.scalar(a), self.scalar(b)
        self.range(first, last, f"Prod over {j}")
        value = self.inside(body, j, a, b)
        if isinstance(value, Matrix):
            raise FormulaError("a product of matrices is written as a chain W[b:a]")
        return self.prod_range(value, j, first, last)

    def inside(self, body: Node, j: str, a: Node, b: Node) -> Value:
        """The value of the term of a sum, with the bound name ranging over a..b."""
        outer, shapes = self.context, self.shapes
        try:
            self.context, self.shapes = outer.bind(j, a, b), {}
            return self.value(body)
        finally:
            self.context, self.shapes = outer, shapes

    def _diff(self, f: Node, x: Node, direction: Node | None = None) -> Value:
        rules, self.rules = self.rules, []  # an equation that holds at one point may not be differentiated
        try:
            value = self.derived(f, x, direction)
        finally:
            self.rules = rules
        return self.resettled(value)

    def resettled(self, value: Value) -> Value:
        """A value that was found without the rules, after the rules for words."""
        if not self.rules:
            return value
        if isinstance(value, Matrix):
            return self.settle_words(value.terms)
        out = ZERO
        for mono, c in value.terms.items():
            part = number(c)
            for a, e in mono:
                part = self.mul(part, self.power(self.trace_of(a.args[0]), e) if a.kind == "trace" else Poly({((a, e),): Fraction(1)}))
            out = out + part
        return out

    def derived(self, f: Node, x: Node, direction: Node | None) -> Value:
        value = self.value(f)
        if direction is not None:
            return self.directional(value, x, direction)
        target = self.scalar(x)
        if len(target.terms) != 1 or isinstance(value, Matrix):
            raise FormulaError(f"D({text(f)}, {text(x)}): differentiate a number by a name or a member of a family")
        ((mono, c),) = target.terms.items()
        if c != 1 or len(mono) != 1 or mono[0][1] != ONE or mono[0][0].kind not in ("var", "index"):
            raise FormulaError(f"{text(x)} is not a variable")
        return self.derivative(value, mono[0][0])

    # --- arithmetic --------------------------------------------------------------------------------------------------

    def times(self, a: Value, b: Value) -> Value:
        if isinstance(a, Poly) and isinstance(b, Poly):
            return self.mul(a, b)
        if isinstance(a, Poly):
            return self.scaled(a, b)  # type: ignore[arg-type]
        if isinstance(b, Poly):
            return self.scaled(b, a)
        return self.product(a, b)

    def mul(self, a: Poly, b: Poly) -> Poly:
        if len(a.terms) * len(b.terms) > 4 * MAX_TERMS:
            raise Undecided("the expansion is too long")
        for p, q in ((a, b), (b, a)):
            if (c := p.constant) is not None:
                return q.scale(c) if c != 1 else q
        plain: dict[Mono, Fraction] = {}
        rest = ZERO
        for m, c in a.terms.items():
            for n, d in b.terms.items():
                merged, special = _merge(m, n)
                if special:
                    rest = rest + self.tidy(merged).scale(c * d)
                else:
                    plain[merged] = plain[merged] + c * d if merged in plain else c * d
        return Poly(plain) + rest

    def tidy(self, mono: Mono) -> Poly:
        """A monomial whose numeric bases and sums under powers may have got expandable exponents."""
        out = Poly({tuple((a, e) for a, e in mono if a.kind not in ("number", "poly")): Fraction(1)})
        for a, e in mono:
            if a.kind == "number":
                out = self.mul(out, self.number_power(Fraction(a.name), e))
            elif a.kind == "poly":
                n, rest = _split(e)
                if n > 0 and n <= MAX_POWER:
                    factor = ONE
                    for _ in range(n):
                        factor = self.mul(factor, a.args[0])
                    out = self.mul(out, factor)
                    if rest.terms:
                        out = _with(out, a, rest)
                else:
                    out = _with(out, a, e)
        return out

    def number_power(self, c: Fraction, e: Poly) -> Poly:
        n = e.constant
        if n is not None and n.denominator == 1:
            if abs(n) > 4096:
                raise Undecided("an exponent is too large")
            return number(c ** int(n))
        if c == 1:
            return ONE
        if c < 0:
            if not self.integral(e):
                raise Undecided("a negative base under a fractional exponent")
            odd = Poly({m: q % 2 for m, q in e.terms.items()})
            k, rest = _split(odd)
            sign = single(Atom("number", "-1"), rest) if rest.terms else ONE
            return self.mul(sign.scale((-1) ** k), self.number_power(-c, e))
        if n is not None and n.denominator == 2:
            root = _square_root(c)
            if root is not None:
                return number(root ** int(n.numerator))
        k, rest = _split(e)
        return single(Atom("number", str(c)), rest).scale(c**k)

    def power(self, base: Poly, e: Poly) -> Poly:
        """base**e; roots of products are split only where the factors are known not to be negative."""
        n = e.constant
        if n == 0 or base == ONE:
            return ONE
        if n == 1:
            return base
        if not base.terms:
            if n is not None and n > 0:
                return ZERO
            if n is None and self.integral(e) and self.at_least_zero(e - ONE):
                return ZERO
            raise Undecided("a power of zero")
        if len(base.terms) == 1:
            ((mono, c),) = base.terms.items()
            if self.integral(e) or (c > 0 and all(self.atom_sign(a) in ("positive", "nonnegative") for a, _ in mono)):
                out = self.number_power(c, e)
                for a, k in mono:
                    exponent = self.cancelled(self.mul(k, e))
                    out = self.mul(out, self.tidy(((a, exponent),)) if a.kind in ("poly", "number") else single(a, exponent))
                return out
            if n is not None and (2 * n).denominator == 1 and all((q := k.constant) is not None and q % 2 == 0 for _, k in mono) and c > 0:
                out = self.number_power(c, e)  # sqrt(x^2) = |x|
                for a, k in mono:
                    out = self.mul(out, self.power(self.function("abs", single(a)), self.mul(k, e)))
                return out
        elif n is not None and n.denominator == 1 and 0 < n <= MAX_POWER:
            out = base
            for _ in range(int(n) - 1):
                out = self.mul(out, base)
            return out
        content, primitive = self.content(base, self.integral(e))
        if primitive == ONE:
            return self.power(content, e)
        power = self.tidy(((Atom("poly", "", (primitive,)), e),))
        return power if content == ONE else self.mul(self.power(content, e), power)

    def cancelled(self, e: Poly) -> Poly:
        """An exponent with a denominator such as L - 1, cancelled where it is 1."""
        if any(a.kind == "poly" for m in e.terms for a, _ in m) and self.is_zero(e - ONE):
            return ONE
        return e

    def content(self, base: Poly, any_sign: bool) -> tuple[Poly, Poly]:
        """A factor that can be taken out of a power of `base`, and what is left."""
        first, lead = max(base.terms.items(), key=lambda kv: (len(kv[0]), Poly({kv[0]: Fraction(1)}).key))
        c = lead if any_sign else abs(lead)
        common = []
        for a, _ in first:
            exponents = [next((f.constant for b, f in m if b == a), Fraction(0)) for m in base.terms]
            known = [q for q in exponents if q is not None]
            if len(known) == len(exponents) and (low := min(known)) != 0 and (any_sign or self.atom_sign(a) in ("positive", "nonnegative")):
                common.append((a, number(low)))
        factor = Poly({tuple(sorted(common, key=lambda ae: ae[0].key)): c})
        inverse = Poly({tuple(sorted(((a, e.scale(-1)) for a, e in common), key=lambda ae: ae[0].key)): 1 / c})
        return factor, self.mul(base, inverse) if len(base.terms) > 1 or common or c != 1 else base

    def function(self, name: str, x: Poly) -> Poly:
        c = x.constant
        if name in ("abs", "sign"):
            if c is not None:
                return number(abs(c) if name == "abs" else (c > 0) - (c < 0))
            if self.positive(x) or (name == "abs" and self.nonnegative(x)):
                return x if name == "abs" else ONE
            if self.positive(x.scale(-1)) or (name == "abs" and self.nonnegative(x.scale(-1))):
                return x.scale(-1) if name == "abs" else number(-1)
            if name == "abs" and self.known_nonnegative:
                for y in (x, x.scale(-1)):
                    if self.assumed_nonnegative(y):
                        return y
            if len(x.terms) == 1:
                ((mono, q),) = x.terms.items()
                if len(mono) > 1 or q != 1 or mono[0][1] != ONE:
                    out = self.function(name, number(q))
                    for a, e in mono:
                        if name == "sign" and not self.integral(e):
                            out = self.mul(out, self.function("sign", single(a)))  # a is not negative
                        else:
                            out = self.mul(out, self.power(self.function(name, single(a)), e) if self.integral(e) else single(a, e))
                    return out
            lead = max(x.terms.items(), key=lambda kv: Poly({kv[0]: Fraction(1)}).key)[1]
            if lead < 0:
                return self.function(name, x.scale(-1)).scale(1 if name == "abs" else -1)
        if name == "log" and len(x.terms) == 1:
            ((mono, q),) = x.terms.items()
            if q > 0 and all(self.atom_sign(a) == "positive" for a, _ in mono) and (len(mono) > 1 or q != 1 or (mono and mono[0][1] != ONE)
                                                                                    or (mono and mono[0][0].kind == "prod")):
                out = ZERO if q == 1 else single(Atom("function", "log", (number(q),)))
                for a, e in mono:
                    if a.kind == "prod":
                        body, last = a.args
                        part = self.sum_range(self.function("log", body), a.name, ONE, last)
                    else:
                        part = single(Atom("function", "log", (single(a),)))
                    out = out + self.mul(e, part)
                return out
            if x == ONE:
                return ZERO
        if name == "exp" and x == ZERO:
            return ONE
        return single(Atom("function", name, (x,)))

    # --- sums and products with symbolic limits ----------------------------------------------------------------------

    def sum_range(self, body: Poly, j: str, a: Poly, b: Poly) -> Poly:
        out = ZERO
        for mono, c in body.terms.items():
            inside, outside = _separate(mono, j)
            if not inside:
                part = b - a + ONE
            elif len(inside) == 1 and inside[0][0] == Atom("var", j) and inside[0][1].constant in (1, 2, 3):
                n = int(inside[0][1].constant or 0)
                part = self.power_sum(b, n) - self.power_sum(a - ONE, n)
            else:
                ratio = self.ratio(inside, j)
                part = self.partial_sums(Poly({inside: Fraction(1)}), j, a, b) if ratio is None else self.geometric(ratio, a, b)
            out = out + self.mul(Poly({outside: c}), part)
        return out

    def ratio(self, inside: Mono, j: str) -> Poly | None:
        """r, if the monomial is r**j."""
        bases = []
        for atom, e in inside:
            slope, rest = _linear(e, j)
            if _mentions(atom, j) or slope is None or rest is None or rest.terms or slope.constant is None:
                return None
            bases.append((atom, slope))
        return Poly({tuple(bases): Fraction(1)})

    def geometric(self, r: Poly, a: Poly, b: Poly) -> Poly:
        """The sum of r**j from a to b, as (r**(b + 1) - r**a)/(r - 1): an identity of rational functions, hence of polynomials."""
        return self.mul(self.power(r, b + ONE) - self.power(r, a), self.power(r - ONE, number(-1)))

    def power_sum(self, n: Poly, k: int) -> Poly:
        n1 = n + ONE
        if k == 1:
            return self.mul(n, n1).scale(Fraction(1, 2))
        if k == 2:
            return self.mul(self.mul(n, n1), n.scale(2) + ONE).scale(Fraction(1, 6))
        half = self.mul(n, n1).scale(Fraction(1, 2))
        return self.mul(half, half)

    def partial_sums(self, term: Poly, j: str, a: Poly, b: Poly) -> Poly:
        term, a, b, h = self.aligned(term, j, a, b)

        def upto(n: Poly) -> Poly:
            c, rest = _split(n)
            if abs(c) > MAX_PEEL:
                raise Undecided("a sum with too many explicit terms")
            out = single(Atom("sum", h, (term, rest))) if rest.terms else ZERO
            for i in range(1, c + 1):
                out = out + self.substituted(term, {h: rest + number(i)})
            for i in range(c + 1, 1):
                out = out - self.substituted(term, {h: rest + number(i)})
            return out

        return upto(b) - upto(a - ONE)

    def aligned(self, term: Poly, j: str, a: Poly, b: Poly) -> tuple[Poly, Poly, Poly, str]:
        """The term with the bound name #h, shifted so that its first index is #h itself."""
        if j.startswith("#"):
            term, j = self.substituted(term, {j: variable("j'")}), "j'"
        offset = _offset(_indices(term), j)
        h = f"#{1 + _height(term)}"
        return self.substituted(term, {j: variable(h) - number(offset)}), a + number(offset), b + number(offset), h

    def prod_range(self, body: Poly, j: str, a: Poly, b: Poly) -> Poly:
        count = b - a + ONE
        if len(body.terms) != 1:
            if not _depends(body, j):
                return self.power(body, count)
            return self.partial_products(body, j, a, b)
        ((mono, c),) = body.terms.items()
        out = self.number_power(c, count)
        for atom, e in mono:
            factor = single(atom)
            if not _depends(factor, j):
                out = self.mul(out, self.power(factor, self.sum_range(e, j, a, b)))
            elif _depends(e, j):
                raise Undecided("a product whose base and exponent both depend on the index")
            else:
                base = atom.args[0] if atom.kind == "poly" else factor
                out = self.mul(out, self.power(self.partial_products(base, j, a, b), e))
        return out

    def partial_products(self, factor: Poly, j: str, a: Poly, b: Poly) -> Poly:
        if factor == variable(j):
            factor = single(Atom("poly", "", (factor,)))
        factor, a, b, h = self.aligned(factor, j, a, b)

        def upto(n: Poly) -> Poly:
            c, rest = _split(n)
            if abs(c) > MAX_PEEL:
                raise Undecided("a product with too many explicit factors")
            out = single(Atom("prod", h, (factor, rest))) if rest.terms else ONE
            for i in range(1, c + 1):
                out = self.mul(out, self.substituted(factor, {h: rest + number(i)}))
            for i in range(c + 1, 1):
                out = self.mul(out, self.power(self.substituted(factor, {h: rest + number(i)}), number(-1)))
            return out

        return self.mul(upto(b), self.power(upto(a - ONE), number(-1)))

    # --- substitution ------------------------------------------------------------------------------------------------

    def substituted(self, p: Poly, values: Mapping[str, Poly]) -> Poly:
        if not any(_depends(p, x) for x in values):
            return p
        out = ZERO
        for mono, c in p.terms.items():
            part = number(c)
            for atom, e in mono:
                part = self.mul(part, self.power(self.substituted_atom(atom, values), self.substituted(e, values)))
            out = out + part
        return out

    def substituted_atom(self, atom: Atom, values: Mapping[str, Poly]) -> Poly:
        if atom.kind == "var":
            return values.get(atom.name, single(atom))
        if not any(_depends(single(atom), x) for x in values):
            return single(atom)
        if atom.kind == "trace":
            return self.trace_of(self.substituted_word(atom.args[0], values))
        if atom.kind in ("sum", "prod"):
            body = self.substituted(atom.args[0], {x: v for x, v in values.items() if x != atom.name})
            last = self.substituted(atom.args[1], values)
            return (self.sum_range if atom.kind == "sum" else self.prod_range)(body, atom.name, ONE, last)
        args = tuple(self.substituted(p, values) for p in atom.args)
        if atom.kind == "function":
            return self.function(atom.name, args[0])
        return args[0] if atom.kind == "poly" else single(Atom(atom.kind, atom.name, args))

    def substituted_word(self, word: Word, values: Mapping[str, Poly]) -> Word:
        return Word(Letter(x.name, x.transposed, tuple(self.substituted(p, values) for p in x.args)) for x in word)

    # --- derivatives -------------------------------------------------------------------------------------------------

    def derivative(self, p: Poly, x: Atom) -> Poly:
        out = ZERO
        for mono, c in p.terms.items():
            for i, (atom, e) in enumerate(mono):
                if _depends(e, x.name):
                    raise Undecided(f"the derivative of a power whose exponent depends on {x.name}")
                d = self.atom_derivative(atom, x)
                if d.terms:
                    lower = self.tidy(((atom, e - ONE),)) if atom.kind == "poly" else single(atom, e - ONE) if e != ONE else ONE
                    rest = Poly({mono[:i] + mono[i + 1:]: c})
                    out = out + self.mul(self.mul(self.mul(e, lower), d), rest)
        return out

    def atom_derivative(self, atom: Atom, x: Atom) -> Poly:
        if atom.kind in ("number", "trace") or not _mentions(atom, x.name):
            return ZERO
        if atom.kind == x.kind and atom.name == x.name:
            if atom.args == x.args:
                return ONE
            if self.different(atom.args[0], x.args[0]):
                return ZERO
            raise Undecided(f"whether the two indices of {x.name} are equal")
        inner = atom.args[0]
        if atom.kind == "poly":
            return self.derivative(inner, x)
        if atom.kind == "function":
            outer = {"log": lambda: self.power(inner, number(-1)), "exp": lambda: single(atom), "abs": lambda: self.function("sign", inner),
                     "sign": lambda: ZERO}[atom.name]()
            return self.mul(outer, self.derivative(inner, x))
        if atom.kind in ("sum", "prod"):
            return self.partial_derivative(atom, x)
        raise Undecided(f"the derivative of {atom.name}")

    def partial_derivative(self, atom: Atom, x: Atom) -> Poly:
        """A partial sum or product differentiated by a name, or by the member of a family that stands at one place of the range."""
        body, last = atom.args
        if x.kind == "var":
            rate = self.derivative(body, x)
            if atom.kind == "prod":
                rate = self.mul(rate, self.power(body, number(-1)))
                return self.mul(single(atom), self.sum_range(rate, atom.name, ONE, last))
            return self.sum_range(rate, atom.name, ONE, last)
        places = {i.key: i for i in _family_indices(body, x.name)}
        if len(places) != 1:
            raise Undecided(f"which factors contain {x.name}")
        (place,) = places.values()
        shift = place - variable(atom.name)
        if _depends(shift, atom.name):
            raise Undecided(f"which factors contain {x.name}")
        k = x.args[0] - shift
        if self.at_least_zero(k - last - ONE):
            return ZERO
        if not (self.at_least_zero(k - ONE) and self.at_least_zero(last - k)):
            raise Undecided(f"whether the index of {x.name} is in the range")
        there = self.substituted(body, {atom.name: k})
        rate = self.derivative(there, x)
        return rate if atom.kind == "sum" else self.mul(single(atom), self.mul(rate, self.power(there, number(-1))))

    def directional(self, value: Value, x: Node, direction: Node) -> Value:
        """The derivative with respect to a matrix, to one layer W[j], or to all layers of a chain with directions H[i]."""
        if isinstance(x, str):
            name, place = x, None
        elif isinstance(x, tuple) and x[0] == "index":
            name, place = x[1], self.scalar(x[2])
        else:
            raise FormulaError(f"{text(x)} is not a matrix name or a layer")
        kind = self.context.kind(name)
        if isinstance(value, Poly):
            out = ZERO
            for mono, c in value.terms.items():
                for i, (atom, e) in enumerate(mono):
                    d = self.atom_direction(atom, name, place, direction, kind.sort == "chain")
                    if d.terms:
                        lower = self.power(single(atom), e - ONE) if e != ONE else ONE
                        out = out + self.mul(self.mul(self.mul(e, lower), d), Poly({mono[:i] + mono[i + 1:]: c}))
            return out
        total = Matrix({})
        for (bounds, factor, word), c in value.terms.items():
            if bounds or any(_mentions(a, name) for m in factor.terms for a, _ in m):
                raise Undecided("the matrix derivative of a sum with symbolic limits")
            total = total + self.scaled(factor.scale(c), self.word_direction(word, name, place, direction, kind.sort == "chain"))
        return total

    def atom_direction(self, atom: Atom, name: str, place: Poly | None, direction: Node, chain: bool) -> Poly:
        if not _mentions(atom, name):
            return ZERO
        if atom.kind == "trace":
            return self.trace(self.word_direction(atom.args[0], name, place, direction, chain))
        if atom.kind == "poly":
            inner = self.directional(atom.args[0], name if place is None else ("index", name, _Value(place)), direction)
            assert isinstance(inner, Poly)
            return inner
        raise Undecided(f"the matrix derivative of {atom.name or atom.kind}")

    def word_direction(self, word: Word, name: str, place: Poly | None, direction: Node, chain: bool) -> Matrix:
        out = Matrix({})
        for i, x in enumerate(word):
            if x.name != name:
                continue
            before, after = (Matrix({((), ONE, Word(part)): Fraction(1)}) for part in (word[:i], word[i + 1:]))
            if chain:
                middle = self.chain_direction(x, place, direction)
            elif x.args and place is not None and x.args[0] != place:
                if not self.different(x.args[0], place):
                    raise Undecided(f"whether two indices of {name} are equal")
                continue
            else:
                middle = self.matrix(direction)
                middle = self.transposed(middle) if x.transposed else middle
            out = out + self.multiply(self.multiply(before, middle), after)
        return out

    def chain_direction(self, x: Letter, place: Poly | None, direction: Node) -> Matrix:
        last, first = x.args
        if place is not None:
            if self.at_least_zero(place - last - ONE) or self.at_least_zero(first - place - ONE):
                return Matrix({})
            if not (self.at_least_zero(place - first) and self.at_least_zero(last - place)):
                raise Undecided(f"whether the layer is one of those in {x.name}[b:a]")
            value = self.between(x.name, last, place, first, self.matrix(direction))
        else:
            if not isinstance(direction, str) or not self.context.kind(direction).family:
                raise FormulaError(f"the direction for all layers of {x.name} is a family of matrices")
            letter = Matrix({((), ONE, Word((Letter(direction, False, (variable("j'"),)),))): Fraction(1)})
            value = self.sum_matrix(self.between(x.name, last, variable("j'"), first, letter), "j'", first, last)
        return self.transposed(value) if x.transposed else value

    def between(self, name: str, last: Poly, j: Poly, first: Poly, h: Matrix) -> Matrix:
        above, below = (Matrix({((), ONE, Word((Letter(name, False, ba),))): Fraction(1)}) for ba in ((last, j + ONE), (j - ONE, first)))
        return self.multiply(self.multiply(above, h), below)

    # --- matrices ----------------------------------------------------------------------------------------------------

    def scaled(self, p: Poly, m: Matrix) -> Matrix:
        out: dict[tuple[Bounds, Poly, Word], Fraction] = {}
        for (bounds, mono, word), c in m.terms.items():
            for mono2, q in self.mul(p, mono).terms.items():
                key = (bounds, Poly({mono2: Fraction(1)}), word)
                out[key] = out[key] + c * q if key in out else c * q
        return Matrix(out)

    def product(self, a: Matrix, b: Matrix) -> Value:
        """The product, as a number where it has one row and one column."""
        rows = {shape[0] for _, _, w in a.terms if (shape := self.shape(w))}
        columns = {shape[1] for _, _, w in b.terms if (shape := self.shape(w))}
        if rows != {ONE} or columns != {ONE}:
            return self.multiply(a, b)
        return self.trace(self.multiply(a, b, small=True))

    def multiply(self, a: Matrix, b: Matrix, small: bool = False) -> Matrix:
        total = Matrix({})
        for (ba, ma, wa), c in a.terms.items():
            for (bb, mb, wb), d in b.terms.items():
                if ba and bb:  # keep the two bound names apart
                    shift = max(int(h[1:]) for h, _ in ba)
                    rename = {h: variable(f"#{int(h[1:]) + shift}") for h, _ in bb}
                    bb = tuple((f"#{int(h[1:]) + shift}", n) for h, n in bb)
                    mb, wb = self.substituted(mb, rename), self.substituted_word(wb, rename)
                left, right = self.shape(wa), self.shape(wb)
                if left and right and left[1] != right[0] and not self.equal_sizes(left[1], right[0]):
                    raise FormulaError(f"{wa.key} has {left[1].key} columns and {wb.key} has {right[0].key} rows")
                joined, coefficient = Word(wa + wb), self.mul(ma, mb)
                if small:  # one row and one column: left as it is for the trace
                    total = total + self.scaled(coefficient.scale(c * d), Matrix({(ba + bb, ONE, joined): Fraction(1)}))
                else:
                    total = total + self.settle_words({(ba + bb, coefficient, joined): c * d})
        return total

    def equal_sizes(self, a: Poly, b: Poly) -> bool:
        return not (a - b).terms

    def settle_words(self, terms: Mapping[tuple[Bounds, Poly, Word], Fraction]) -> Matrix:
        """Merge chains, rewrite, and move parts with one row and one column out of the words."""
        out = Matrix({})
        for (bounds, coefficient, word), c in terms.items():
            word = self.merged(word)
            rewritten = self.rewritten(word)
            if rewritten is not None:
                for (b, p, w), q in rewritten.terms.items():
                    out = out + self.settle_words({(bounds + b, self.mul(coefficient, p), w): c * q})
                continue
            word, scalars = self.extracted(word)
            for part in scalars:
                coefficient = self.mul(coefficient, self.trace_of(part))
            for mono, q in coefficient.terms.items():
                out = out + Matrix({(bounds, Poly({mono: Fraction(1)}), word): c * q})
        return out

    def merged(self, word: Word) -> Word:
        letters: list[Letter] = []
        for x in word:
            kind = self.context.kind(x.name)
            if x.transposed and kind.shape in ("symmetric", "psd"):
                x = Letter(x.name, False, x.args)
            if kind.sort == "chain":
                if not (x.args[0] - x.args[1] + ONE).terms:
                    continue
                if letters and letters[-1].name == x.name and letters[-1].transposed == x.transposed:
                    up, down = (x, letters[-1]) if x.transposed else (letters[-1], x)
                    if up.args[1] - ONE == down.args[0]:
                        letters.pop()
                        if (up.args[0] - down.args[1] + ONE).terms:
                            letters.append(Letter(x.name, x.transposed, (up.args[0], down.args[1])))
                        continue
            if kind.shape == "orthogonal" and letters and letters[-1] == Letter(x.name, not x.transposed, x.args):
                letters.pop()
                continue
            letters.append(x)
        return Word(letters)

    def rewritten(self, word: Word) -> Matrix | None:
        """The word after one use of a rule, not yet in normal form; None where no rule applies."""
        for what, pattern, replacement in self.rules:
            if what == "word":
                n = len(pattern)
                for i in range(len(word) - n + 1):
                    if word[i:i + n] == tuple(pattern):
                        self.spend()
                        return Matrix({(b, m, Word((*word[:i], *w, *word[i + n:]))): q for (b, m, w), q in replacement.terms.items()})
        return None

    def spend(self) -> None:
        self.rewrites += 1
        if self.rewrites > MAX_REWRITES:
            raise Undecided("the equations used from left to right do not come to an end")

    def dims(self, x: Letter) -> tuple[Poly, Poly]:
        """Rows and columns."""
        key = (x, self.definite)
        if key not in self.shapes:
            self.shapes[key] = self.dims_of(x)
        return self.shapes[key]

    def dims_of(self, x: Letter) -> tuple[Poly, Poly]:
        kind = self.context.kind(x.name)
        if kind.sort == "chain":
            width = str(kind.dims[0])
            rows, cols = single(Atom("index", width, (x.args[0],))), single(Atom("index", width, (x.args[1] - ONE,)))
        else:
            rows, cols = (self.size(d, x) for d in kind.dims)
        return (cols, rows) if x.transposed else (rows, cols)

    def size(self, d: Node, x: Letter) -> Poly:
        if isinstance(d, tuple) and d[0] == "index" and x.args and d[2] in ("j", ("-", "j", 1)):  # a family whose sizes depend on the index
            return single(Atom("index", d[1], (x.args[0] if d[2] == "j" else x.args[0] - ONE,)))
        return self.scalar(d)

    def shape(self, word: Word) -> tuple[Poly, Poly] | None:
        return (self.dims(word[0])[0], self.dims(word[-1])[1]) if word else None

    def extracted(self, word: Word) -> tuple[Word, list[Word]]:
        if not word:
            return word, []
        cuts = [i + 1 for i in range(len(word) - 1) if self.dims(word[i])[1] == ONE]
        rows, cols = self.shape(word) or (ZERO, ZERO)
        ends = ([0] if rows == ONE else []) + cuts + ([len(word)] if cols == ONE else [])
        if len(ends) < 2:
            return word, []
        scalars = [Word(word[i:j]) for i, j in pairwise(ends)]
        return Word(word[: ends[0]] + word[ends[-1]:]), scalars

    def unbound(self, p: Poly, bounds: Bounds) -> Poly:
        for h, last in sorted(bounds, key=lambda b: int(b[0][1:])):
            p = self.sum_range(p, h, ONE, last)
        return p

    def transposed(self, m: Matrix) -> Matrix:
        terms = {(b, p, Word(Letter(x.name, not x.transposed, x.args) for x in reversed(w))): c for (b, p, w), c in m.terms.items()}
        return self.settle_words(terms)

    def trace(self, m: Matrix) -> Poly:
        out = ZERO
        for (bounds, mono, word), c in m.terms.items():
            if not word:
                raise Undecided("the trace of an identity matrix whose size is not known")
            out = out + self.unbound(self.mul(mono.scale(c), self.trace_of(word)), bounds)
        return out

    def trace_with_units(self, m: Matrix) -> Poly:
        """The trace where a word with one row and one column may have been rewritten to the number 1."""
        out = ZERO
        for (bounds, mono, word), c in m.terms.items():
            part = self.trace_of(word) if word else ONE
            out = out + self.unbound(self.mul(mono.scale(c), part), bounds)
        return out

    def trace_of(self, word: Word) -> Poly:
        """tr(word), the same for all rotations and for the transpose; a rotation that ends in a vector is a product of numbers."""
        word = self.merged(word)
        while len(word) > 1:
            joined = self.merged(Word((word[-1], word[0])))
            if len(joined) == 2:
                break
            word = self.merged(Word((*joined, *word[1:-1])))
        rotations = [Word(word[i:] + word[:i]) for i in range(len(word))]
        for r in rotations:
            rewritten = self.rewritten(r)
            if rewritten is not None:
                if any(self.dims(x)[1] == ONE for x in word):
                    return self.trace_with_units(rewritten)
                return self.trace(rewritten)
        for r in rotations:
            if r and self.dims(r[-1])[1] == ONE and any(self.dims(x)[1] == ONE for x in r[:-1]):
                _, scalars = self.extracted(r)
                out = ONE
                for part in scalars:
                    out = self.mul(out, self.trace_of(part))
                return out
        if word and self.dims(word[-1])[1] != ONE:
            rotations = [r for r in rotations if self.dims(r[-1])[1] == ONE] or rotations
        elif word:
            rotations = [word]
        flipped = [self.merged(Word(Letter(x.name, not x.transposed, x.args) for x in reversed(r))) for r in rotations]
        if not word:
            raise Undecided("the trace of an identity matrix whose size is not known")
        return single(Atom("trace", "tr", (min([*rotations, *flipped], key=lambda w: w.key),)))

    def sum_matrix(self, m: Matrix, j: str, a: Poly, b: Poly) -> Matrix:
        total = Matrix({})
        for (bounds, mono, word), c in m.terms.items():
            ((inside_mono, _),) = mono.terms.items()
            inside, outside = _separate(inside_mono, j)
            word_depends = any(_depends(p, j) for x in word for p in x.args)
            if any(_depends(n, j) for _, n in bounds):
                raise Undecided("a sum whose range depends on the index of an outer sum of matrices")
            if not inside and not word_depends:
                total = total + self.scaled((b - a + ONE).scale(c), Matrix({(bounds, mono, word): Fraction(1)}))
                continue
            offset = _offset([*_indices(Poly({inside: Fraction(1)})), *((x.name, p) for x in word for p in x.args)], j)
            height = max([0, *(int(h[1:]) for h, _ in bounds), _height(Poly({inside: Fraction(1)}))])
            h = f"#{height + 1}"
            place = {j: variable(h) - number(offset)}
            term, moved = self.substituted(Poly({inside: Fraction(1)}), place), self.substituted_word(word, place)
            for n, sign in ((b + number(offset), 1), (a + number(offset) - ONE, -1)):
                k, rest = _split(n)
                if abs(k) > MAX_PEEL:
                    raise Undecided("a sum with too many explicit terms")
                parts: list[tuple[Bounds, Poly, Word, int]] = [((*bounds, (h, rest)), term, moved, sign)] if rest.terms else []
                for i in [*range(1, k + 1), *range(k + 1, 1)]:
                    at = {h: rest + number(i)}
                    parts.append((bounds, self.substituted(term, at), self.substituted_word(moved, at), sign if i > 0 and k > 0 else -sign))
                for bs, p, w, s in parts:
                    total = total + self.scaled(Poly({outside: c * s}), self.settle_words({(bs, p, w): Fraction(1)}))
        return total

    # --- signs and ranges --------------------------------------------------------------------------------------------

    def integral(self, e: Poly) -> bool:
        """Whether the value is certainly an integer."""
        def whole(a: Atom, k: Poly) -> bool:
            if a.kind == "number":
                return Fraction(a.name).denominator == 1 and self.integral(k) and self.at_least_zero(k)
            return self.is_integer(a) and (q := k.constant) is not None and q >= 0 and q.denominator == 1

        return all(c.denominator == 1 and all(whole(a, k) for a, k in m) for m, c in e.terms.items())

    def is_integer(self, atom: Atom) -> bool:
        if atom.name.startswith("#") or atom.name.startswith("j'"):
            return True
        return atom.kind in ("var", "index") and atom.name in self.context.kinds and self.context.kinds[atom.name].sort == "integer"

    def at_least_zero(self, p: Poly) -> bool:
        """Whether an integer expression is certainly at least 0, from the ranges of the integer names."""
        for name, kind in reversed(list(self.context.kinds.items())):
            if kind.sort != "integer" or kind.family or not _depends(p, name):
                continue
            slope, rest = _linear(p, name)
            if slope is None or rest is None:
                if kind.first is None:
                    return False
                p = self.substituted(p, {name: variable(name) + self.bound(kind.first)})
                return self.all_nonnegative(p, name)
            end = kind.first if self.at_least_zero(slope) else kind.last if self.at_least_zero(slope.scale(-1)) else None
            if end is None:
                return False
            p = self.mul(slope, self.bound(end)) + rest
        c = p.constant
        if c is not None:
            return c >= 0
        return all(q >= 0 and all(a.kind == "index" and self.is_integer(a) for a, _ in m) for m, q in p.terms.items())

    def bound(self, node: Node) -> Poly:
        quiet, self.definite = self.definite, False
        try:
            return self.scalar(node)
        finally:
            self.definite = quiet

    def all_nonnegative(self, p: Poly, name: str) -> bool:
        return all(c >= 0 and all(a.name == name or self.atom_sign(a) in ("positive", "nonnegative") for a, _ in m) for m,
            c in p.terms.items())

    def different(self, a: Poly, b: Poly) -> bool:
        return self.at_least_zero(a - b - ONE) or self.at_least_zero(b - a - ONE)

    def atom_sign(self, atom: Atom) -> str:
        """positive, nonnegative, negative, nonzero or real."""
        if atom.kind in ("var", "index"):
            if atom.name.startswith("#"):
                return "positive"
            kind = self.context.kinds.get(atom.name)
            if kind is None:
                return "real"
            if kind.sort == "integer":
                low = self.bound(kind.first) if kind.first is not None else None
                if low is None or not self.at_least_zero(low):
                    return "real"
                return "positive" if self.at_least_zero(low - ONE) else "nonnegative"
            return kind.sign
        if atom.kind == "number":
            return "positive" if Fraction(atom.name) > 0 else "nonzero"
        if atom.kind == "function":
            if atom.name == "exp":
                return "positive"
            return ("positive" if self.nonzero(atom.args[0]) else "nonnegative") if atom.name == "abs" else "real"
        if atom.kind == "poly":
            p = atom.args[0]
            return self.shape_sign(p, "negative" if self.positive(p.scale(-1)) else "real")
        if atom.kind == "trace":
            return self.trace_sign(atom.args[0])
        body, last = atom.args
        if atom.kind == "prod":
            return self.shape_sign(body, "nonzero" if self.nonzero(body) else "real")
        if self.positive(body) and self.at_least_zero(last - ONE):
            return "positive"
        return "nonnegative" if self.nonnegative(body) else "real"

    def shape_sign(self, p: Poly, otherwise: str) -> str:
        """positive or nonnegative, where that is certain."""
        return "positive" if self.positive(p) else "nonnegative" if self.nonnegative(p) else otherwise

    def trace_sign(self, word: Word) -> str:
        def flipped(part: Sequence[Letter]) -> Word:
            return self.merged(Word(Letter(x.name, not x.transposed, x.args) for x in reversed(part)))

        whole = self.dims(word[-1])[1] == ONE
        for i in range(1 if whole else len(word)):
            w = Word(word[i:] + word[:i])
            n = len(w)
            if n % 2 == 0 and flipped(w[n // 2:]) == Word(w[: n // 2]):
                return "nonnegative"
            if n % 2 == 1 and self.context.kind(w[n // 2].name).shape == "psd" and flipped(w[n // 2 + 1:]) == Word(w[: n // 2]):
                return "nonnegative"
            chains = [k for k, x in enumerate(w) if self.context.kind(x.name).sort == "chain"]
            if n % 2 == 0 and chains:  # a chain may hide the middle
                continue
        return "real"

    def nonnegative(self, p: Poly) -> bool:
        """Whether every term is certainly at least 0, after integers have been shifted to their lower bounds."""
        p = self.from_lower_bounds(p)
        return all(c > 0 and all(self.factor_sign(a, e) in ("positive", "nonnegative") for a, e in m) for m, c in p.terms.items())

    def positive(self, p: Poly) -> bool:
        q = self.from_lower_bounds(p)
        return bool(q.terms) and self.nonnegative(p) and any(all(self.factor_sign(a, e) == "positive" for a, e in m) for m in q.terms)

    def nonzero(self, p: Poly) -> bool:
        if len(p.terms) == 1:
            ((mono, _),) = p.terms.items()
            return all(self.atom_sign(a) in ("positive", "negative", "nonzero") or single(a) in self.known_nonzero for a, _ in mono)
        if p.terms and self.known_nonzero and self.content(p, True)[1] in self.known_nonzero:
            return True
        return self.positive(p) or self.positive(p.scale(-1))

    def factor_sign(self, atom: Atom, e: Poly) -> str:
        if atom.name.startswith("+"):
            return "nonnegative"
        sign = self.atom_sign(atom)
        n = e.constant
        even = (n is not None and n.denominator == 1 and n % 2 == 0) or (self.integral(e) and all(c % 2 == 0 for c in e.terms.values()))
        if sign == "positive" or (even and sign in ("nonzero", "negative")):
            return "positive"
        if even:
            return "nonnegative"
        return sign if sign in ("nonnegative", "negative") else "real"

    def from_lower_bounds(self, p: Poly) -> Poly:
        values = {}
        for name, kind in self.context.kinds.items():
            if kind.sort == "integer" and not kind.family and kind.first is not None and any(a == Atom("var", name) for m in p.terms for a,
                _ in m):
                low = self.bound(kind.first)
                if low.constant is not None:
                    values[name] = variable(f"+{name}") + low
        if not values:
            return p
        out = ZERO
        for mono, c in p.terms.items():
            part = number(c)
            for a, e in mono:
                part = self.mul(part, self.power(values[a.name], e) if a.kind == "var" and a.name in values else single(a, e))
            out = out + part
        return out

    # --- deciding ----------------------------------------------------------------------------------------------------

    def rule(self, fact: Relation) -> Rule:
        """An equation as a rule from left to right. Its left side must be one word, or one product of powers."""
        left = self.value(fact.lhs)
        if isinstance(left, Matrix):
            if len(left.terms) != 1:
                raise Undecided(f"the left side of {fact} is not a single product")
            (((bounds, factor, word), c),) = left.terms.items()
            if bounds or factor != ONE or c != 1 or not word:
                raise Undecided(f"the left side of {fact} is not a single product of matrices")
            return ("word", word, self.matrix(fact.rhs))
        if len(left.terms) != 1:
            raise Undecided(f"the left side of {fact} is not a single product")
        ((mono, c),) = left.terms.items()
        return ("mono", mono, self.scalar(fact.rhs).scale(1 / c))

    def flipped_rule(self, rule: Rule) -> Rule | None:
        if rule[0] != "word":
            return None
        word = self.merged(Word(Letter(x.name, not x.transposed, x.args) for x in reversed(rule[1])))
        return None if word == rule[1] else ("word", word, self.transposed(rule[2]))

    def reduced(self, p: Poly) -> Poly:
        """The polynomial with the scalar rules applied until none applies."""
        rules = [r for r in self.rules if r[0] == "mono"]
        changed = bool(rules)
        while changed:
            changed = False
            for _, pattern, right in rules:
                out = ZERO
                for mono, c in p.terms.items():
                    k = _divides(pattern, mono)
                    if k is not None:
                        self.spend()
                        changed = True
                        rest = dict(mono)
                        for a, e in pattern:
                            rest[a] = rest[a] - self.mul(e, k)
                        left = tuple((a, e) for a, e in rest.items() if e.terms)
                        out = out + self.mul(Poly({tuple(sorted(left, key=lambda ae: ae[0].key)): c}), self.power(right, k))
                    else:
                        out = out + Poly({mono: c})
                p = out
        return p

    def without_even_abs(self, p: Poly) -> Poly:
        """|u|**n with an even n is u**n."""
        out = ZERO
        for mono, c in p.terms.items():
            part = number(c)
            for a, e in mono:
                if a.kind == "function" and a.name == "abs" and self.integral(e):
                    odd = number(e.constant_term % 2) if all(q % 2 == 0 for m, q in e.terms.items() if m) else e
                    part = self.mul(self.mul(part, self.power(a.args[0], e - odd)), single(a, odd) if odd.terms else ONE)
                else:
                    part = self.mul(part, Poly({((a, e),): Fraction(1)}))
            out = out + part
        return out

    def is_zero(self, p: Poly) -> bool:
        """Whether p is identically 0: denominators and sums under powers are brought to a common power and expanded."""
        p = self.without_even_abs(self.reduced(p))
        for _ in range(12):
            found: dict[str, tuple[Atom, Poly, int]] = {}
            for mono in p.terms:
                for a, e in mono:
                    if a.kind == "poly":
                        n, rest = _split(e)
                        found.setdefault(f"{a.key}|{rest.key}", (a, rest, n))
            if not p.terms or not found:
                return not p.terms
            a, rest, _ = max(found.values(), key=lambda f: len(f[0].key))
            powers = [next((n for b, e in m if b == a for n, r in [_split(e)] if r == rest),
                0 if not rest.terms else None) for m in p.terms]
            low = min(n for n in powers if n is not None)
            out, aside = ZERO, ZERO
            for (mono, c), k in zip(p.terms.items(), powers, strict=True):
                if k is None:
                    aside = aside + Poly({mono: c})
                    continue
                others = Poly({tuple(be for be in mono if not (be[0] == a and _split(be[1])[1] == rest)): c})
                for _ in range(k - low):
                    others = self.mul(others, a.args[0])
                out = out + others
            if aside.terms and not self.is_zero(aside):
                return False
            p = self.reduced(out)
        return not p.terms

    def same(self, a: Node, b: Node) -> bool:
        """Whether two formulas have the same normal form."""
        left, right = self.value(a), self.value(b)
        if isinstance(left, Matrix) or isinstance(right, Matrix):
            difference = self.matrix(a) + self.matrix(b).scale(-1)
            parts: dict[str, Poly] = {}
            for (bounds, mono, word), c in difference.terms.items():
                key = f"{[(h, n.key) for h, n in bounds]}|{word.key}"
                parts[key] = parts.get(key, ZERO) + mono.scale(c)
            return all(self.is_zero(p) for p in parts.values())
        return self.is_zero(left - right)


@dataclass(frozen=True)
class _Value:
    """A normal form that stands where a formula is expected."""

    poly: Poly


_METHODS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "power": "power", "sqrt": "sqrt", "index": "index", "chain": "chain",
            "T": "transpose", "tr": "tr", "inner": "inner", "norm": "norm", "sum": "sum", "prod": "prod", "D": "diff"}


def _merge(m: Mono, n: Mono) -> tuple[Mono, bool]:
    """The product of two monomials, and whether it contains a base that may have to be expanded."""
    if not m or not n:
        return m or n, False
    exponents: dict[Atom, Poly] = dict(m)
    special = False
    for a, e in n:
        if a in exponents:
            exponents[a] = exponents[a] + e
            special = special or a.kind in ("number", "poly")
        else:
            exponents[a] = e
    return tuple(sorted(((a, e) for a, e in exponents.items() if e.terms), key=lambda ae: ae[0].key)), special


def _with(p: Poly, atom: Atom, e: Poly) -> Poly:
    return Poly({_merge(m, ((atom, e),))[0]: c for m, c in p.terms.items()})


def _split(e: Poly) -> tuple[int, Poly]:
    """The integer in the constant term, and the rest."""
    c = e.constant_term
    n = c.numerator // c.denominator if c.denominator == 1 else 0
    return n, e - number(n)


def _square_root(q: Fraction) -> Fraction | None:
    from math import isqrt
    r = Fraction(isqrt(q.numerator), isqrt(q.denominator))
    return r if r * r == q else None


def _depends(p: Poly, name: str) -> bool:
    return any(_mentions(a, name) or _depends(e, name) for m in p.terms for a, e in m)


def _mentions(atom: Atom, name: str) -> bool:
    if atom.kind == "trace":
        return any(x.name == name or any(_depends(p, name) for p in x.args) for x in atom.args[0])
    if atom.kind in ("sum", "prod") and atom.name == name:
        return _depends(atom.args[1], name)  # inside, the name is bound
    return (atom.name == name and atom.kind in ("var", "index")) or any(_depends(p, name) for p in atom.args)


def _separate(mono: Mono, j: str) -> tuple[Mono, Mono]:
    """The factors that depend on j, and the others; t**(L-1-j) is t**(-j) times t**(L-1)."""
    inside, outside = [], []
    for a, e in mono:
        if _mentions(a, j):
            inside.append((a, e))
            continue
        part = Poly({m: c for m, c in e.terms.items() if any(_mentions(b, j) or _depends(f, j) for b, f in m)})
        if part.terms:
            inside.append((a, part))
        if (rest := e - part).terms:
            outside.append((a, rest))
    return tuple(inside), tuple(outside)


def _indices(p: Poly) -> list[tuple[str, Poly]]:
    """The index expressions in p with the name they belong to."""
    out: list[tuple[str, Poly]] = []
    for m in p.terms:
        for a, e in m:
            if a.kind == "index":
                out += [(a.name, i) for i in a.args]
            elif a.kind == "trace":
                out += [(x.name, i) for x in a.args[0] for i in x.args]
            else:
                out += [pair for q in a.args for pair in _indices(q)]
            out += _indices(e)
    return out


def _family_indices(p: Poly, name: str) -> list[Poly]:
    return [i for n, i in _indices(p) if n == name]


def _offset(indices: Iterable[tuple[str, Poly]], j: str) -> int:
    found = []
    for name, i in indices:
        slope, rest = _linear(i, j)
        if slope == ONE and rest is not None:
            found.append((name, _split(rest)[0]))
    return min(found)[1] if found else 0


def _height(p: Poly) -> int:
    found = [0]
    for m in p.terms:
        for a, e in m:
            if a.name.startswith("#"):
                found.append(int(a.name[1:]))
            if a.kind == "trace":
                found += [_height(i) for x in a.args[0] for i in x.args]
            else:
                found += [_height(q) for q in a.args]
            found.append(_height(e))
    return max(found)


def _linear(p: Poly, name: str) -> tuple[Poly | None, Poly | None]:
    """(slope, rest) with p = slope*name + rest, or (None, None) where p is not linear in the name."""
    slope, rest = ZERO, ZERO
    for m, c in p.terms.items():
        if not any(_mentions(a, name) or _depends(e, name) for a, e in m):
            rest = rest + Poly({m: c})
            continue
        others = tuple((a, e) for a, e in m if a != Atom("var", name))
        power = next((e for a, e in m if a == Atom("var", name)), ZERO)
        if power != ONE or any(_mentions(a, name) or _depends(e, name) for a, e in others):
            return None, None
        slope = slope + Poly({others: c})
    return slope, rest


def _divides(pattern: Mono, mono: Mono) -> Poly | None:
    """The largest k with pattern**k dividing the monomial, where that is clear; None for k = 0."""
    if not pattern:
        return None
    exponents = dict(mono)
    if len(pattern) == 1:
        (a, p), = pattern
        if a not in exponents:
            return None
        e, q = exponents[a], p.constant
        if q is not None and q != 0:
            if q == 1 and a.kind == "var":
                return e
            c = e.constant
            if c is not None:
                return number(c // q) if c // q > 0 else None
            if all((v / q).denominator == 1 for v in e.terms.values()):
                return e.scale(1 / q)
            return None
        return ONE if e == p else None
    counts = []
    for a, p in pattern:
        have, want = exponents.get(a, ZERO).constant, p.constant
        if not want or have is None:
            if a not in exponents or exponents[a] != p:
                return None
            counts.append(1)
        else:
            counts.append(have // want)
    return number(min(counts)) if min(counts) > 0 else None
