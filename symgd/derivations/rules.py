"""The rules by which a step is checked. Each looks only at the displayed relation, the declarations and the facts it names."""

from __future__ import annotations

import enum
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..claims import Claim, Outcome, Statement, certificate_of, forall
from ..language import Expr, Variable
from ..language import Relation as ClaimRelation
from .context import Context, Kind, read_context
from .formula import FormulaError, Node, Relation, free_names, is_number, parse, parse_relation, rebuild, substitute, text
from .formula import replace as replace_part
from .normal import Letter, Matrix, Normalizer, Poly, Undecided, Word

if TYPE_CHECKING:
    from .derivation import Derivation


class StepTrust(enum.Enum):
    """What one step rests on."""

    KERNEL = "kernel"  # a certificate that the kernel accepted
    SYMBOLIC = "symbolic"  # a normal form or one of the rules below
    CITED = "cited"  # a theorem from the literature, named
    UNCHECKED = "unchecked"


class Unchecked(Exception):
    """The rule does not establish the step; the message says why."""


@dataclass(frozen=True)
class Fact:
    """A relation that holds, and the names that may not be specialised because a hypothesis speaks of them."""

    relation: Relation
    fixed: frozenset[str] = frozenset()
    trust: StepTrust = StepTrust.SYMBOLIC


@dataclass(frozen=True)
class Scope:
    """The declarations and the facts that a step may use.

    Arguments: `context`; `facts`, by label; `used`, collects the labels that were used.
    """

    context: Context
    facts: Mapping[str, Fact]
    used: set[str] = field(default_factory=set, compare=False)

    def fact(self, reference: str) -> Relation:
        """The fact with this label; "label[j = L; w = 1]" is the fact for these values of its free names.

        Raises: Unchecked where there is none, or the values are outside the range of the names.
        """
        match = re.fullmatch(r"\s*([\w.\-](?:[\w.\- ]*[\w.\-])?)\s*(?:\[(.*)\])?\s*", reference, re.DOTALL)
        if match is None or match[1] not in self.facts:
            raise Unchecked(f"there is no fact {reference!r}; the facts here are {', '.join(self.facts) or 'none'}")
        fact = self.facts[match[1]]
        self.used.add(match[1])
        if not match[2]:
            return fact.relation
        values = {}
        for entry in match[2].split(";"):
            name, _, value = entry.partition("=")
            values[name.strip().replace("lambda", "lam")] = parse(value)
        for name in values:
            if name in fact.fixed:
                raise Unchecked(f"{name} cannot be specialised in {match[1]}: a hypothesis speaks of it")
        relation = fact.relation.map(lambda side: unfold(side, self.context))
        for other in (free_names(relation.lhs) | free_names(relation.rhs)) - values.keys():
            kind = self.context.kinds.get(other)
            ends = [e for e in ((kind.first, kind.last, *kind.dims) if kind else ()) if e is not None]
            if any(free_names(e) & values.keys() for e in ends):
                raise Unchecked(f"{', '.join(values)} cannot be specialised in {match[1]}: the range of {other} depends on it")
        for name, value in values.items():
            fits(self, name, self.context.kind(name), value, ())
        return relation.map(lambda side: substitute(side, values))

    def with_fact(self, label: str, relation: Relation, fixed: Iterable[str] = ()) -> Scope:
        """The scope with one more fact."""
        return replace(self, facts={**self.facts, label: Fact(relation, frozenset(fixed))})

    def mentions(self, relation: Relation, name: str) -> bool:
        """Whether the relation speaks of a name, directly or through a definition."""
        return any(name in free_names(unfold(side, self.context)) for side in (relation.lhs, relation.rhs))

    def bind(self, name: str, first: Node | None, last: Node | None) -> Scope:
        """The scope in which a name is an integer in a range. A fact about that name is kept only if it holds for the whole range."""
        inner = replace(self, context=self.context.bind(name, first, last), facts={})
        kind, everywhere = self.context.kinds.get(name), False
        if kind is not None and kind.sort == "integer":
            try:
                fits(inner, name, kind, name, ())
                everywhere = True
            except Unchecked:
                pass
        facts = {label: f for label, f in self.facts.items() if not self.mentions(f.relation, name) or (everywhere and name not in f.fixed)}
        return replace(inner, facts=facts)

    def at_value(self, name: str, value: Node) -> Scope:
        """The scope for one value of an integer name: facts are specialised where that is allowed, and dropped elsewhere."""
        facts = {}
        for label, f in self.facts.items():
            if not self.mentions(f.relation, name):
                facts[label] = f
            elif name not in f.fixed:
                facts[label] = replace(f, relation=f.relation.map(lambda s: substitute(unfold(s, self.context), {name: value})))
        return replace(self, facts=facts)

    def nonnegative_poly(self, n: Normalizer, p: Poly, signs: Sequence[str]) -> bool:
        """Whether p is r - l for one of the facts l <= r."""
        for reference in signs:
            fact = self.fact(reference).ascending()
            if fact.op in ("<", "<=") and n.is_zero(n.scalar(("-", fact.rhs, fact.lhs)) - p):
                return True
        return False

    @cached_property
    def plain(self) -> Normalizer:
        """Normal forms in this scope, modulo no equation."""
        n = Normalizer(self.context)
        for label, f in self.facts.items():
            if f.relation.op in ("!=", "<", ">"):
                n.assume_nonzero(("-", f.relation.lhs, f.relation.rhs))
                self.used.add(label)
            if f.relation.op in ("<=", ">=", "<", ">"):
                up = f.relation.ascending()
                n.assume_nonnegative(("-", up.rhs, up.lhs), lambda label=label: self.used.add(label))  # type: ignore[misc]
        return n

    def normalizer(self, rewrite: Sequence[str] = ()) -> Normalizer:
        """Normal forms in this scope, modulo the named equations used from left to right."""
        if not rewrite:
            return self.plain
        n = Normalizer(self.context)
        n.known_nonzero, n.known_nonnegative = list(self.plain.known_nonzero), list(self.plain.known_nonnegative)
        rules = []
        for reference in rewrite:
            fact = self.fact(reference)
            if fact.op != "=":
                raise Unchecked(f"{reference} is not an equation")
            try:
                if n.same(fact.lhs, fact.rhs):
                    continue  # both sides have one normal form already
                rule = n.rule(fact)
            except Undecided:
                continue  # used by replacing the part of the formula that is written like it
            rules += [r for r in (rule, n.flipped_rule(rule)) if r is not None]
        n.rules = rules
        return n

    def rewritten(self, relation: Relation, rewrite: Iterable[str]) -> Relation:
        """The relation with each part that is written like the left side of a named equation replaced by its right side."""
        for reference in rewrite:
            fact = self.fact(reference)
            relation = relation.map(lambda side, f=fact: replace_part(side, f.lhs, f.rhs))  # type: ignore[misc]
        return relation

    def nonnegative(self, node: Node, signs: Sequence[str] = (), n: Normalizer | None = None, strict: bool = False) -> bool:
        """Whether a number is certainly at least 0 (`strict`: more than 0), from declared signs, the shape of the formula, and the
        facts named in `signs`."""
        n = n or self.normalizer()
        if is_number(node):
            return Fraction(node) > 0 or (not strict and Fraction(node) == 0)
        for reference in signs:
            fact = self.fact(reference).ascending()
            if fact.op in ("<", "<="):
                more = n.scalar(node) - n.scalar(("-", fact.rhs, fact.lhs))
                if n.positive(more) or ((fact.op == "<" or not strict) and (n.is_zero(more) or n.nonnegative(more))):
                    return True
        value = n.scalar(node)
        if not n.reduced(value).terms or (n.positive(value) if strict else n.nonnegative(value)):
            return bool(n.reduced(value).terms) or not strict
        opened = unfold_head(node, self.context)
        return isinstance(opened, tuple) and self.nonnegative_shape(opened, signs, n, strict)

    def nonnegative_shape(self, node: tuple[Any, ...], signs: Sequence[str], n: Normalizer, strict: bool) -> bool:
        op, *args = node

        def good(x: Node, strictly: bool = strict) -> bool:
            return self.nonnegative(x, signs, n, strictly)

        if op == "+":
            return all(good(a, False) for a in args) and (not strict or any(good(a) for a in args))
        if op == "*":
            return all(good(a) for a in args)
        if op == "/":
            return good(args[0]) and good(args[1], True)
        if op == "power":
            e = n.scalar(args[1])
            even = n.integral(e) and all(c % 2 == 0 for c in e.terms.values())
            return (even and not strict) or good(args[0])
        if op in ("sum", "prod"):
            body, j, a, b = args
            inner = self.bind(j, a, b)
            if op == "sum" and strict and not n.at_least_zero(n.scalar(b) - n.scalar(a)):
                return False
            return inner.nonnegative(body, signs, None, strict)
        return (op in ("norm", "abs") and not strict) or (op == "sqrt" and (not strict or good(args[0])))


def unfold_head(node: Node, context: Context) -> Node:
    """The formula with a defined name at its head replaced by its definition."""
    if isinstance(node, str) and node in context.definitions and not context.definitions[node][0]:
        return unfold_head(context.definitions[node][1], context)
    if isinstance(node, tuple):
        name, args = (node[1], node[2:]) if node[0] == "index" else (node[0], node[1:])
        if name in context.definitions:
            parameters, body = context.definitions[name]
            if len(parameters) == len(args):
                return unfold_head(substitute(body, dict(zip(parameters, args, strict=True))), context)
    return node


def unfold(node: Node, context: Context) -> Node:
    """The formula with every definition replaced by what it stands for."""
    node = unfold_head(node, context)
    return rebuild(node, lambda c: unfold(c, context)) if isinstance(node, tuple) else node


def fits(scope: Scope, name: str, kind: Kind, value: Node, signs: Sequence[str], family_index: str | None = None) -> None:
    """Check that a value may stand for a name of this kind. Raises: Unchecked."""
    n = scope.normalizer()
    problem = f"{text(value)} may not stand for {name}"
    try:
        got = n.value(value)
    except (Undecided, FormulaError) as error:
        raise Unchecked(f"{problem}: {error}") from None
    if kind.matrix:
        good = fits_matrix(n, kind, got) and _fits_sizes(n, got, kind)
    elif isinstance(got, Matrix):
        good = False
    elif kind.sort == "integer":
        ends = [] if kind.first is None else [got - n.bound(kind.first)]
        ends += [] if kind.last is None else [n.bound(kind.last) - got]
        good = n.integral(got) and all(n.at_least_zero(e) or scope.nonnegative_poly(n, e, signs) for e in ends)
    elif kind.sign in ("positive", "nonnegative"):
        good = scope.nonnegative(value, signs, n, kind.sign == "positive")
    elif kind.sign == "negative":
        good = scope.nonnegative(("-", value), signs, n, True)
    else:
        good = kind.sign == "real" or n.nonzero(got)
    if not good:
        words = [kind.sort, *([kind.sign] if kind.sort == "real" else []), *([kind.shape] if kind.shape else [])]
        raise Unchecked(f"{problem} ({', '.join(words)})")


def fits_matrix(n: Normalizer, kind: Kind, got: Any) -> bool:
    if not isinstance(got, Matrix):
        return False
    if kind.shape in ("symmetric", "psd") and not _same_matrix(n, got, n.transposed(got)):
        return False
    if kind.shape == "psd":
        return all(c > 0 and not b and n.nonnegative(m) and _square_word(n, w) for (b, m, w), c in got.terms.items())
    return kind.shape != "orthogonal"


def _fits_sizes(n: Normalizer, got: Any, kind: Kind) -> bool:
    shapes = [] if not isinstance(got, Matrix) else [shape for _, _, word in got.terms if (shape := n.shape(word)) is not None]
    return all(n.scalar(want) == have for shape in shapes for want, have in zip(kind.dims, shape, strict=True))


def _same_matrix(n: Normalizer, a: Matrix, b: Matrix) -> bool:
    return not (a + b.scale(-1)).terms


def _square_word(n: Normalizer, w: Any) -> bool:
    k = len(w)
    if k % 2 == 1:
        middle = n.context.kind(w[k // 2].name).shape == "psd"
        return middle and Word(w[: k // 2]) == Word(Letter(x.name, not x.transposed, x.args) for x in reversed(w[k // 2 + 1:]))
    return Word(w[: k // 2]) == n.merged(Word(Letter(x.name, not x.transposed, x.args) for x in reversed(w[k // 2:])))


class Rule(ABC):
    """A way to check a step."""

    @abstractmethod
    def check(self, relation: Relation, scope: Scope) -> StepTrust:
        """The trust of the relation. Raises: Unchecked, Undecided or FormulaError where the rule does not establish it."""


@dataclass(frozen=True)
class Combine(Rule):
    """The relation is a combination of facts.

    For `a = b`: a - b is the sum of (multiplier) times (difference of an equation). For `a <= b`: b - a is such a sum, over facts
    with multipliers that are not negative, plus something that is certainly not negative.

    Arguments: `facts`, multipliers by label (or "label[j = L]"); `rewrite`, equations to be used from left to right first; `signs`,
    facts `l <= r` whose r - l may be used as not negative, for multipliers and the rest; `rest`, what remains, as a formula whose sign is
    visible.
    """

    facts: Mapping[str, str | int] = field(default_factory=dict)
    rewrite: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    rest: str = ""

    def check(self, relation: Relation, scope: Scope) -> StepTrust:
        n = scope.normalizer(self.rewrite)
        relation = scope.rewritten(relation, self.rewrite).ascending()
        left, right, strict = relation.lhs, relation.rhs, False
        for reference, multiplier in self.facts.items():
            fact = scope.rewritten(scope.fact(reference), ()).ascending()
            m = parse(str(multiplier))
            if fact.op == "!=" and (relation.op != "!=" or not n.nonzero(n.scalar(m))):
                raise Unchecked(f"{reference} says only that two sides differ")
            if fact.op not in ("=", "!="):
                if relation.op == "=":
                    raise Unchecked(f"the equation cannot follow from the inequality {reference}")
                if not scope.nonnegative(m, self.signs, n):
                    raise Unchecked(f"the multiplier {text(m)} might be negative")
                strict = strict or (fact.op == "<" and scope.nonnegative(m, self.signs, n, strict=True))
            left, right = ("-", left, ("*", m, fact.lhs)), ("-", right, ("*", m, fact.rhs))
        if relation.op == "=":
            if not n.same(left, right):
                raise Unchecked("the two sides do not have the same normal form")
            return StepTrust.SYMBOLIC
        remaining = n.reduced(n.scalar(("-", right, left)))
        if relation.op == "!=":
            multiple = any(scope.fact(f).op == "!=" for f in self.facts)
            if len(self.facts) > 1 or not (n.is_zero(remaining) if multiple else n.nonzero(remaining)):
                raise Unchecked("the difference might be zero")
            return StepTrust.SYMBOLIC
        if self.rest:
            rest = parse(self.rest)
            if not n.is_zero(remaining - n.scalar(rest)):
                raise Unchecked(f"the rest is not {text(rest)}")
            if not scope.nonnegative(rest, self.signs, n):
                raise Unchecked(f"{text(rest)} might be negative")
            strict = strict or (relation.op == "<" and scope.nonnegative(rest, self.signs, n, strict=True))
        elif not n.is_zero(remaining):
            difference = right if left == 0 else ("-", right, left)
            clear = n.nonnegative(remaining) or scope.nonnegative_poly(n, remaining, self.signs)
            if not clear and (self.facts or not scope.nonnegative(difference, self.signs, n)):
                raise Unchecked("what remains of the difference might be negative")
            strict = strict or n.positive(remaining)
            strict = strict or (relation.op == "<" and not self.facts and scope.nonnegative(difference, self.signs, n, strict=True))
        if relation.op == "<" and not strict:
            raise Unchecked("only the weak inequality follows")
        return StepTrust.SYMBOLIC


def Same(*rewrite: str) -> Combine:
    """Both sides have the same normal form, after the equations named in `rewrite` have been used from left to right."""
    return Combine(rewrite=rewrite)


@dataclass(frozen=True)
class Powers(Rule):
    """c a**e <= c b**e from 0 <= a <= b, e >= 0 and c >= 0; strictly, from a < b, e > 0 and c > 0.

    Arguments: `base`, the fact a <= b; `exponent`, e; `times`, c; `signs`, facts that show 0 <= a.
    """

    base: str
    exponent: str
    times: str = "1"
    signs: tuple[str, ...] = ()

    def check(self, relation: Relation, scope: Scope) -> StepTrust:
        r, n, e, c = relation.ascending(), scope.normalizer(), parse(self.exponent), parse(self.times)
        fact = scope.fact(self.base).ascending()
        for side, base in ((r.lhs, fact.lhs), (r.rhs, fact.rhs)):
            if not n.same(side, ("*", c, ("power", base, e))):
                raise Unchecked(f"{text(side)} is not {self.times} times {text(base)} to the power {self.exponent}")
        if not scope.nonnegative(fact.lhs, self.signs, n):
            raise Unchecked(f"{text(fact.lhs)} might be negative")
        strict = r.op == "<"
        if r.op not in ("<", "<=") or (strict and fact.op != "<") or fact.op not in ("<", "<="):
            raise Unchecked("the relations do not fit")
        if not scope.nonnegative(e, self.signs, n, strict) or not scope.nonnegative(c, self.signs, n, strict):
            raise Unchecked("the sign of the exponent or of the factor does not fit")
        return StepTrust.SYMBOLIC


@dataclass(frozen=True)
class Root(Rule):
    """sqrt(A) = B, because A = B**2 and B >= 0. Arguments: `signs`, facts that show 0 <= B."""

    signs: tuple[str, ...] = ()

    def check(self, relation: Relation, scope: Scope) -> StepTrust:
        n, left = scope.normalizer(), unfold_head(relation.lhs, scope.context)
        if relation.op != "=" or not isinstance(left, tuple) or left[0] != "sqrt":
            raise Unchecked("the left side is not a square root")
        if not n.same(left[1], ("power", relation.rhs, 2)) or not scope.nonnegative(relation.rhs, self.signs, n):
            raise Unchecked("the right side is not the root that is not negative")
        return StepTrust.SYMBOLIC


@dataclass(frozen=True)
class Absolute(Rule):
    """c |x| <= y, because c x <= y and -c x <= y, for c >= 0. Arguments: `upper` and `lower`, these two facts; `inside`, x; `times`, c."""

    upper: str
    lower: str
    inside: str
    times: str = "1"

    def check(self, relation: Relation, scope: Scope) -> StepTrust:
        r, n, c = relation.ascending(), scope.normalizer(), parse(self.times)
        x = ("*", c, parse(self.inside))
        up, down = scope.fact(self.upper).ascending(), scope.fact(self.lower).ascending()
        bare = Normalizer(scope.context)
        if r.op != "<=" or not bare.same(r.lhs, ("*", c, ("abs", parse(self.inside)))) or not scope.nonnegative(c, (), n):
            raise Unchecked(f"the left side is not {self.times} times the absolute value of {self.inside}")
        if not (n.same(up.lhs, x) and n.same(up.rhs, r.rhs) and n.same(down.lhs, ("-", x)) and n.same(down.rhs, r.rhs)):
            raise Unchecked(f"{self.upper} and {self.lower} do not bound {self.inside} from both sides")
        return StepTrust.SYMBOLIC


@dataclass(frozen=True)
class Termwise(Rule):
    """Sum f <= Sum g or Prod f <= Prod g over the same range, because f <= g for each index (and 0 <= f for products); also for =.

    Arguments: `by`, the rule for one index; `signs`, facts that show 0 <= f.
    """

    by: Rule = field(default_factory=Combine)
    signs: tuple[str, ...] = ()

    def check(self, relation: Relation, scope: Scope) -> StepTrust:
        r, n = relation.ascending(), scope.normalizer()
        if not all(isinstance(s, tuple) and s[0] in ("sum", "prod") for s in (r.lhs, r.rhs)) or r.lhs[0] != r.rhs[0] or r.op not in ("=",
            "<="):
            raise Unchecked("the two sides are not two sums or two products")
        (op, f, j, a, b), (_, g, k, c, d) = r.lhs, r.rhs
        if not (n.same(a, c) and n.same(b, d)):
            raise Unchecked("the two ranges differ")
        inner = scope.bind(j, a, b)
        term = Relation(r.op, f, substitute(g, {k: j}) if k != j else g)
        if op == "prod" and r.op == "<=" and not inner.nonnegative(f, self.signs):
            raise Unchecked(f"{text(f)} might be negative")
        return self.by.check(term, inner)


@dataclass(frozen=True)
class Induct(Rule):
    """Induction on an integer: the relation for the first value, and for k + 1 from the relation for k (the fact "IH").

    Arguments: `var`, the name k; `base`, `step`, rules for the two parts; `together`, relations that are shown by the same induction
    (then the hypotheses are "IH", "IH.1", ...), each with its own rules (relation, base, step); `first`, where it starts if not at the
    first value of the range.
    """

    var: str
    base: Rule = field(default_factory=Combine)
    step: Rule = field(default_factory=lambda: Combine(rewrite=("IH",)))
    together: tuple[tuple[str, Rule, Rule], ...] = ()

    def check(self, relation: Relation, scope: Scope) -> StepTrust:
        kind = scope.context.kind(self.var)
        if kind.sort != "integer" or kind.first is None:
            raise Unchecked(f"{self.var} is not an integer with a first value")
        for r in (relation, *(parse_relation(s) for s, _, _ in self.together)):
            for name in free_names(unfold(r.lhs, scope.context)) | free_names(unfold(r.rhs, scope.context)):
                other = scope.context.kinds.get(name)
                if other is not None and any(self.var in free_names(e) for e in (other.first, other.last, *other.dims) if e is not None):
                    raise Unchecked(f"the range of {name} depends on {self.var}, so the induction would not be on {self.var} alone")
        everything = [(relation, self.base, self.step), *((parse_relation(s), b, p) for s, b, p in self.together)]
        last = None if kind.last is None else ("-", kind.last, 1)
        base_scope = scope.at_value(self.var, kind.first)
        after = scope.bind(self.var, kind.first, last)
        for i, (r, _, _) in enumerate(everything):
            after = after.with_fact("IH" if i == 0 else f"IH.{i}", r, {self.var})
        trusts = []
        for r, base, step in everything:
            start = r.map(lambda s: substitute(unfold(s, scope.context), {self.var: kind.first}))
            following = r.map(lambda s: substitute(unfold(s, scope.context), {self.var: ("+", self.var, 1)}))
            trusts += [base.check(start, base_scope), step.check(following, after)]
        return weakest(trusts)


@dataclass(frozen=True)
class Minimum(Rule):
    """l <= r on an interval, because r - l vanishes at a point c of it and has the derivative (x - c) h(x) with h >= 0.

    Arguments: `var`, x; `at`, c; `factor`, h. The relation may be strict if h > 0 and `apart`, a fact x != c, is given.
    """

    var: str
    at: str
    factor: str
    apart: str = ""

    def check(self, relation: Relation, scope: Scope) -> StepTrust:
        r, c, h = relation.ascending(), parse(self.at), parse(self.factor)
        # on the whole interval: hypotheses about x, such as x != 1, may not be used for the derivative
        whole = replace(scope, facts={label: f for label, f in scope.facts.items() if not scope.mentions(f.relation, self.var)})
        n = whole.normalizer()
        kind = scope.context.kind(self.var)
        fits(whole, self.var, kind, c, ())
        if kind.sort != "real" or kind.sign == "nonzero":
            raise Unchecked(f"{self.var} does not range over an interval")
        g = unfold(("-", r.rhs, r.lhs), scope.context)
        if not n.same(substitute(g, {self.var: c}), 0):
            raise Unchecked(f"the difference does not vanish at {self.at}")
        if not n.same(("D", g, self.var), ("*", ("-", self.var, c), h)):
            raise Unchecked(f"the derivative is not ({self.var} - {self.at}) times {self.factor}")
        strict = r.op == "<"
        if strict:
            apart = scope.fact(self.apart)
            if apart.op not in ("!=", "<", ">") or not n.same(("-", apart.lhs, apart.rhs), ("-", self.var, c)):
                raise Unchecked(f"{self.apart} does not say that {self.var} differs from {self.at}")
        if r.op not in ("<=", "<") or not whole.nonnegative(h, (), n, strict):
            raise Unchecked(f"{self.factor} might be negative")
        return StepTrust.SYMBOLIC


@dataclass(frozen=True)
class Apply(Rule):
    """The relation is a conclusion of another derivation, or of a cited theorem, for given values of its names.

    Arguments: `lemma`; `at`, values by name (for a family "a[i]", the member as a formula in i; names that are not mentioned stand
    for themselves); `given`, facts that supply its hypotheses; `rewrite`, equations for comparing the conclusion with the relation.
    """

    lemma: Derivation | Theorem
    at: Mapping[str, str] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    rewrite: tuple[str, ...] = ()

    def check(self, relation: Relation, scope: Scope) -> StepTrust:
        lemma, inner = self.lemma, self.lemma.context
        values: dict[str, Node] = {}
        families: dict[str, tuple[tuple[str, ...], Node]] = {}
        for head, source in self.at.items():
            left = parse(head)
            if isinstance(left, tuple) and left[0] == "index":
                families[left[1]] = (left[2:], parse(source))
            else:
                values[str(left)] = parse(source)
        if unknown := (values.keys() | families.keys()) - inner.kinds.keys():
            raise Unchecked(f"{lemma.id} has no {', '.join(sorted(unknown))}")

        def moved(node: Node, but: frozenset[str] = frozenset()) -> Node:
            node = substitute(unfold(node, inner), {name: v for name, v in values.items() if name not in but})
            return unfold(node, Context({}, families)) if families else node

        for name, kind in inner.kinds.items():
            kind = replace(kind, first=None if kind.first is None else moved(kind.first),
                last=None if kind.last is None else moved(kind.last),
                           dims=tuple(moved(d) for d in kind.dims))
            if name in families:
                (index,), body = families[name]
                wide = replace(scope, context=scope.context.bind(index, None, None))
                fits(wide, f"{name}[{index}]", replace(kind, family=False), body, self.given)
            elif kind.family or kind.sort == "chain":
                same_kind(scope, name, kind, values.get(name, name))
            else:
                fits(scope, name, kind, values.get(name, name), self.given)
        for label, fact in lemma.hypotheses.items():
            every = lemma.schematic.get(label, frozenset())
            wanted = fact.relation.map(lambda side, every=every: moved(side, every))  # type: ignore[misc]
            ranges = [(inner.kind(k), scope.context.kinds.get(k)) for k in every]
            if any(there is None or (moved(here.first), moved(here.last)) != (there.first, there.last) for here, there in ranges):
                raise Unchecked(f"{lemma.id} assumes {label} for every {', '.join(sorted(every))}, a name with another range here")
            if not self.supplied(wanted, scope, every):
                raise Unchecked(f"the hypothesis {wanted} of {lemma.id} is not supplied")
        wanted = scope.rewritten(relation, self.rewrite).ascending()
        n = scope.normalizer(self.rewrite)
        for goal in lemma.goals:
            got = goal.map(moved).ascending()
            weaker = got.op == wanted.op or (wanted.op == "<=" and got.op in ("<", "=")) or (wanted.op == "!=" and got.op == "<")
            if weaker and _matches(n, got, wanted):
                return StepTrust.CITED if isinstance(lemma, Theorem) else StepTrust.SYMBOLIC
        raise Unchecked(f"{lemma.id} does not conclude this")

    def supplied(self, wanted: Relation, scope: Scope, schematic: frozenset[str]) -> bool:
        wanted, n = wanted.ascending(), scope.normalizer(self.rewrite)
        for reference in self.given:
            if schematic & scope.facts[reference.partition("[")[0].strip()].fixed:
                continue
            fact = scope.fact(reference).ascending()
            good = fact.op == wanted.op or (wanted.op == "<=" and fact.op in ("<", "=")) or (wanted.op == "!=" and fact.op == "<")
            if good and _matches(n, fact, wanted):
                return True
        if schematic:
            return False
        try:
            return Combine(signs=self.given).check(wanted, scope) is StepTrust.SYMBOLIC
        except (Unchecked, Undecided):
            return False


def _matches(n: Normalizer, got: Relation, wanted: Relation) -> bool:
    try:
        return n.same(got.lhs, wanted.lhs) and n.same(got.rhs, wanted.rhs)
    except Undecided:
        return False
    except FormulaError:
        return False


def same_kind(scope: Scope, name: str, kind: Kind, value: Node) -> None:
    """Check that a family may stand for another one. Raises: Unchecked."""
    other = scope.context.kinds.get(value) if isinstance(value, str) else None
    signs = {"positive": ("positive",), "nonnegative": ("positive", "nonnegative"), "nonzero": ("positive", "negative", "nonzero"),
             "negative": ("negative",)}
    shapes = {"": ("", "symmetric", "psd", "orthogonal"), "symmetric": ("symmetric", "psd"), "psd": ("psd",), "orthogonal": ("orthogonal",)}
    good = other is not None and other.sort == kind.sort and (kind.sign == "real" or other.sign in signs[kind.sign])
    if not good or other is None or other.shape not in shapes[kind.shape] or (other.family, other.dims) != (kind.family, kind.dims):
        raise Unchecked(f"{text(value)} may not stand for the family {name}")


@dataclass(frozen=True)
class Cases(Rule):
    """The relation holds in each of several cases that leave nothing out: l < r, l = r, l > r, with neighbours joined.

    Arguments: `cases`, pairs (relation, rule); inside, the relation is the fact "case".
    """

    cases: tuple[tuple[str, Rule], ...]

    def check(self, relation: Relation, scope: Scope) -> StepTrust:
        relations = [parse_relation(s) for s, _ in self.cases]
        first = relations[0]
        if any((r.lhs, r.rhs) != (first.lhs, first.rhs) for r in relations):
            raise Unchecked("the cases do not compare the same two things")
        covers = {"<": {"<"}, "<=": {"<", "="}, "=": {"="}, ">=": {">", "="}, ">": {">"}, "!=": {"<", ">"}}
        if set().union(*(covers[r.op] for r in relations)) != {"<", "=", ">"}:
            raise Unchecked("the cases leave something out")
        names = free_names(first.lhs) | free_names(first.rhs)
        return weakest([rule.check(relation, scope.with_fact("case", r, names)) for r, (_, rule) in zip(relations, self.cases,
            strict=True)])


@dataclass(frozen=True)
class Kernel(Rule):
    """A certificate for the relation, found by `certify` and accepted by the kernel.

    Arguments: `given`, facts used as hypotheses; `by`, a proof strategy where the automatic one does not suffice.
    """

    given: tuple[str, ...] = ()
    by: Any = None

    def check(self, relation: Relation, scope: Scope) -> StepTrust:
        facts = [scope.fact(g) for g in self.given]
        parts = [r.map(lambda s: unfold(s, scope.context)) for r in (relation, *facts)]
        names = set().union(*(free_names(r.lhs) | free_names(r.rhs) for r in parts))
        variables = []
        for name in sorted(names):
            kind = scope.context.kind(name)
            if kind.sort == "integer" or kind.matrix or kind.family or kind.sign == "nonzero":
                raise Unchecked(f"{name} is not a real that the kernel knows")
            zero = Fraction(0)
            low, high = (zero if kind.sign in ("positive", "nonnegative") else None), (zero if kind.sign == "negative" else None)
            variables.append(Variable(name, low, high, kind.sign != "nonnegative", True))
        goal, *given = (ClaimRelation(r.op, kernel_expr(r.lhs), kernel_expr(r.rhs)) for r in parts)
        certified(forall(*variables, given=given, then=goal), self.by)
        return StepTrust.KERNEL


@dataclass(frozen=True)
class Theorem:
    """A theorem that is cited, with the exact form in which it is used; apply it with `Apply(theorem, at=...)`.

    Arguments: `id`; `title`; `source`, where it is proved; `let`, `given`, `goal` as in a derivation.
    """

    id: str
    title: str
    source: str
    let: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    goal: tuple[str, ...] = ()
    define: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def context(self) -> Context:
        return read_context(self.let, self.define)

    @property
    def goals(self) -> tuple[Relation, ...]:
        return tuple(parse_relation(g) for g in self.goal)

    @property
    def hypotheses(self) -> Mapping[str, Fact]:
        return {label: Fact(parse_relation(r)) for label, r in self.given.items()}

    @property
    def schematic(self) -> Mapping[str, frozenset[str]]:
        return {}


def certified(statement: Statement | Claim, by: Any = None) -> None:
    """Let the kernel decide a statement; that of a claim on its stored certificate, where there is one that the kernel accepts.

    Raises: Unchecked unless it is proved.
    """
    from ..certify.certify import certify, recheck
    if isinstance(statement, Claim):
        claim = statement if by is None else replace(statement, by=by)
        certificate = certificate_of(claim.id)
        if certificate is not None and recheck(claim.statement, certificate).outcome is Outcome.PROVED:
            return
    else:
        claim = Claim("step", "a step of a derivation", statement, by=by)
    verdict = certify(claim)
    if verdict.outcome is not Outcome.PROVED:
        raise Unchecked(f"the kernel says {verdict}")


def kernel_expr(node: Node) -> Expr:
    """A formula in the language of claims. Raises: Unchecked for sums, families, matrices and symbolic exponents."""
    if is_number(node):
        return Expr(node)
    if isinstance(node, str):
        return Expr(node)
    op, *args = node
    if op == "power":
        e = args[1]
        if isinstance(e, tuple) and e[0] == "/" and is_number(e[1]) and is_number(e[2]):
            e = str(Fraction(e[1]) / Fraction(e[2]))
        if not is_number(e):
            raise Unchecked(f"the kernel has no power {text(node)}")
        return kernel_expr(args[0]) ** Fraction(e)
    if op == "D" and len(args) == 2 and isinstance(args[1], str):
        return Expr(("D", kernel_expr(args[0]).node, args[1]))
    if op in ("+", "-", "*", "/", "sqrt", "abs", "sign"):
        return Expr((op, *(kernel_expr(a).node for a in args)))
    raise Unchecked(f"the kernel does not know {text(node)}")


def weakest(trusts: Sequence[StepTrust]) -> StepTrust:
    """The least of several trusts."""
    order = [StepTrust.KERNEL, StepTrust.SYMBOLIC, StepTrust.CITED, StepTrust.UNCHECKED]
    return max(trusts, key=order.index)


