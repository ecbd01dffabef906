"""Sums of squares with multipliers: an inequality between polynomials from others, as the S-procedure, performance estimation and
Putinar's theorem have it. Semidefinite programming finds the squares in floats; what is handed to the kernel is exact."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from math import comb
from operator import sub
from typing import Any

import numpy as np
import sympy

from ..kernel.rules import Goal, prove, read_relation
from ..kernel.terms import Poly, Ring, bits
from .abstraction import Divisors
from .elimination import both_ends
from .glance import look, samples
from .polynomials import (
    ROOTS,
    apart,
    combined,
    content,
    degree,
    divided,
    largest,
    lift,
    operations,
    poly_json,
    quotient,
    sign,
    times,
    within,
)
from .semidefinite import Blocks, Row, centre, null_spaces, rounded, solutions
from .strategy import KNOWN, Node, Search, Strategy, Unproved, complete, nonnegative, proves, show

NONNEGATIVE = ["[", "0", "oo", ")"]
PRODUCT: Node = {"vars": [["u", *NONNEGATIVE], ["v", *NONNEGATIVE]], "then": [["<=", 0, ["*", "u", "v"]]]}
PRODUCT_PROOF: Node = {"rule": "orthant", "clauses": [{"order": [["u", 0, None], ["v", 0, None]]}]}
MOST_VARIABLES, LARGEST = 14, 40  # and monomials of a basis


@dataclass(frozen=True)
class Bound:
    """A polynomial that is not negative on the domain, and the kernel's proof of that."""

    poly: Poly
    proof: Node

    @property
    def degree(self) -> int:
        return degree(self.poly)


@dataclass(frozen=True)
class Weight:
    """A sum of squares of combinations of `basis`, times the product of what is known, of nothing if it is empty."""

    known: tuple[Bound, ...]
    basis: tuple[Poly, ...]
    margin: bool = False  # a constant that must not be zero


@dataclass(frozen=True)
class Equation:
    """That `poly` is zero; it is hypothesis number `number` times the polynomial `ratio`."""

    number: int
    poly: Poly
    ratio: Poly


Free = tuple[Equation, list[Poly]]  # with the monomials that its multiplier may have


@dataclass(frozen=True)
class Sums(Strategy):
    """d <= 0 from -d = s_0 + sum of s_k g_k + sum of p_j h_j with sums of squares s, where hypotheses and ends of ranges say g >= 0 and
    h = 0. For d < 0 there is a positive constant, too."""

    nested: bool = False  # within another proof: only of the least degree, in little time, and not in the boxes of a subdivision

    def prove(self, goal: Goal, search: Search) -> Node:
        late, spent = Unproved("no sum of squares was found", show(goal)), search.memory.setdefault("seconds for sums", [0.0])
        seconds, most = (1.0, 4.0) if self.nested else (12.0, 30.0)  # for this goal, and for all goals of the claim
        small = all(end is None or bits(end) < 40 for r in goal.ranges.values() for end in (r.lo, r.hi))
        if spent[0] > most or (self.nested and not small):
            raise late
        if len(goal.then) > 1:
            from .auto import Separately

            return Separately(self).prove(goal, search)
        part, started = search.part(seconds), time.monotonic()
        try:
            for pick in range(len(goal.then[0])):
                try:
                    return self.one_of(goal, pick, part)
                except Unproved as problem:
                    late = problem
        finally:
            spent[0] += time.monotonic() - started
        raise late

    def one_of(self, goal: Goal, pick: int, search: Search) -> Node:
        """A proof of one relation of the conclusion."""
        problem = Problem.of(goal, pick)
        with np.errstate(all="ignore"):
            fails = look(goal, [goal.then[0][pick]], samples(goal, [x for x, r in goal.ranges.items() if not r.point()]))[1]
        if np.any(fails):
            raise Unproved("floats say that it is false", show(goal))
        if not problem.certain:
            return Divisors(self).prove(goal, search)
        for trial in (part for whole in problem.multiplied() for part in whole.factored()):
            for weights, equations in trial.attempts(not self.nested):
                node = trial.solve(weights, equations, search)
                if node is not None and proves(goal, node):
                    return node
        raise Unproved("no sum of squares was found", show(goal))


@dataclass(frozen=True)
class FactorSigns(Strategy):
    """p <= 0 for a polynomial p that is, up to its sign, a product of others none of which is negative."""

    each: Strategy

    def prove(self, goal: Goal, search: Search) -> Node:
        problem = Problem.of(goal, 0)
        if len(goal.then) != 1 or problem.slack() or degree(problem.below) or len(problem.target) > 300:
            raise Unproved("not a product", show(goal))
        c, factors = problem.factors()
        odd = [f for f, e in factors if e % 2]
        if len(odd) < 2:
            raise Unproved("not a product of several factors", show(goal))
        names, ring, chain = problem.names, Ring(len(problem.names), goal.arena.spend), Chain(len(goal.given))
        wide = [x for x, r in goal.ranges.items() if not r.point()]
        at, parts = samples(goal, wide), list[Any]()
        square = reduce(ring.mul, (ring.pow(f, e // 2) for f, e in factors), ring.one)
        for f in odd:
            for s in (1, -1):
                term = poly_json(divided(f, s), names)
                r = read_relation(goal.arena, ["<=", 0, term], goal.names)
                with np.errstate(all="ignore"):
                    seen = look(goal, [r], at)
                if not np.any(seen[1]):
                    break
            else:
                raise Unproved("a factor takes both signs", show(goal))
            c = c * s
            chain.have({"rule": "have", "fact": ["<=", 0, term], "proof": self.each})
            parts.append(term)
        if c < 0:
            raise Unproved("the product is not negative", show(goal))
        if degree(square) > 0:
            parts.insert(0, ["^", poly_json(square, names), 2])
            chain.have({"rule": "have", "fact": ["<=", 0, parts[0]], "proof": KNOWN})
        constant = Fraction(problem.below[next(iter(problem.below))])
        m = poly_json({next(iter(ring.one)): c * problem.scale / constant}, names)
        entry = {"use": [[chain.product(parts), m]], **({"order": problem.order} if problem.order else {})}
        return complete(lambda n: prove(goal, n, ""), chain.then({"rule": "orthant", "clauses": [entry]}), search)


@dataclass(frozen=True)
class Problem:
    goal: Goal
    pick: int  # the number of the relation
    names: list[str]
    target: Poly  # -d times its divisor, scaled so that the largest coefficient is 1
    scale: Fraction  # what -d was divided by
    below: Poly  # the divisor
    known: list[Bound]
    equations: list[Equation]
    order: list[list[Any]]  # what the kernel has to know of the variables for the signs of divisors and roots
    divisors: list[Poly]  # of hypotheses, positive
    outer: Poly  # what -d is divided by is the target times the square of this
    certain: bool  # the divisor is positive

    @classmethod
    def of(cls, goal: Goal, pick: int) -> Problem:
        """Raises: Unproved where the relation is not an inequality between polynomials."""
        r = goal.then[0][pick]
        parts = quotient(goal, r.diff) if r.op in ("<", "<=") else None
        if parts is None or not parts[1]:
            raise Unproved("not an inequality between polynomials", show(goal))
        given = [(k, quotient(goal, g.diff)) for k, g in enumerate(goal.given) if g.op != "!="]
        rest = [(k, q[0], *turned) for k, q in given if q is not None and q[1] and (turned := positive(goal, *q)) is not None]
        names, before = set(parts[0]), 0
        while len(names) > before:  # hypotheses that share variables, and those that share variables with them
            before = len(names)
            names = names.union(*(own for _, own, *_ in rest if names & set(own)))
        order, rest = sorted(names), [part for part in rest if set(part[1]) <= names]
        if not order or len(order) > MOST_VARIABLES:
            raise Unproved("too many variables", show(goal))
        whole = positive(goal, *parts)
        num, below, hard = whole or (*parts[1:], False)
        rooted = [k for k, *_ in rest if operations(goal, goal.given[k].diff) & ROOTS]
        roots = rooted or operations(goal, r.diff) & ROOTS
        divisors = [lift(den, own, order) for _, own, _, den, _ in rest if degree(den) > 0]
        signs = divisors or roots or degree(below) > 0
        bounds = both_ends(goal) if hard or any(end for *_, end in rest) else nonnegative(goal, "") if signs else []
        known, equations = list[Bound](), list[Equation]()
        for k, own, f, q, _ in rest:
            size, f, q = largest(f), lift(f, own, order), lift(q, own, order)
            if goal.given[k].op == "=":
                equations.append(Equation(k, divided(f, size), divided(q, size)))
            else:
                entry = {"use": [[k, poly_json(divided(q, size), order)]], **({"order": bounds} if degree(q) or k in rooted else {})}
                known.append(Bound(divided(f, -size), {"rule": "orthant", "clauses": [entry]}))
        zero = (0,) * len(order)
        for i, x in enumerate(order):
            ends_of, unit = goal.ranges[x], tuple(int(i == j) for j in range(len(order)))
            ends = [(1, ends_of.lo, [x, str(ends_of.lo), None]), (-1, ends_of.hi, [x, None, str(ends_of.hi)])]
            for side, end, bound in ends:
                if end is not None:
                    proof = {"rule": "orthant", "clauses": [{"order": [bound]}]}
                    known.append(Bound({unit: side, **({zero: -side * end} if end else {})}, proof))
        distinct = list({str(sorted(g.poly.items())): g for g in known}.values())
        scale = largest(num)
        target, below = divided(lift(num, parts[0], order), -scale), lift(below, parts[0], order)
        return cls(goal, pick, order, target, scale, below, distinct, equations, bounds, divisors, {zero: 1}, whole is not None)

    def multiplied(self) -> Iterator[Problem]:
        """The problem itself, and the conclusion multiplied by the divisors of the hypotheses and by positive variables."""
        yield self
        ring = Ring(len(self.names), self.goal.arena.spend)
        for f in {str(sorted(f.items())): f for f in self.divisors}.values():
            yield replace(self, target=ring.mul(self.target, f), below=ring.mul(self.below, f))
        for i, x in enumerate(self.names):
            if (r := self.goal.ranges[x]).lo == 0 and r.lo_open and self.known:
                f, order = ring.generator(i), self.order or nonnegative(self.goal, "")
                yield replace(self, target=ring.mul(self.target, f), below=ring.mul(self.below, f), order=order)

    def factored(self) -> Iterator[Problem]:
        """The problem without the square factors of the target, if it has some, and the problem itself."""
        if degree(self.target) > 2 and len(self.target) < 300 and not self.slack():
            ring, (c, factors) = Ring(len(self.names), self.goal.arena.spend), self.factors()
            outer = reduce(ring.mul, (ring.pow(f, e // 2) for f, e in factors), self.one)
            if degree(outer) > 0:
                rest = reduce(ring.mul, (f for f, e in factors if e % 2), self.one)
                yield replace(self, target=divided(rest, 1 / c), outer=outer)
        yield self

    def factors(self) -> tuple[Fraction, list[tuple[Poly, int]]]:
        """The irreducible factors of the target and their exponents, after a constant."""
        terms = {m: sympy.Rational(q.numerator, q.denominator) for m, q in self.target.items()}
        c, found = sympy.factor_list(sympy.Poly(terms, *sympy.symbols(self.names)))
        return Fraction(int(c.p), int(c.q)), [(polynomial(f), e) for f, e in found]

    def attempts(self, higher: bool) -> Iterator[tuple[list[Weight], list[Free]]]:
        """The least degree; then with parameters; then a higher degree."""
        low = degree(self.target) + degree(self.target) % 2
        yield from self.of_degree(low, True)
        yield from self.parametric()
        if higher:
            yield from self.of_degree(low + 2, False)

    def slack(self) -> list[Weight]:
        return [Weight((), (self.one,), margin=True)] * (self.goal.then[0][self.pick].op == "<")

    def of_degree(self, top: int, least: bool) -> Iterator[tuple[list[Weight], list[Free]]]:
        """Squares alone, then hypotheses with numbers for multipliers, then with sums of squares, then products of hypotheses."""
        if comb(len(self.names) + top // 2, top // 2) > LARGEST:
            return
        squares = [Weight((), tuple(self.monomials(top // 2))), *self.slack()]
        free = [(h, self.monomials(top - degree(h.poly))) for h in self.equations if degree(h.poly) <= top]
        fit = [g for g in self.known if g.degree <= top]
        if least and not free:
            yield squares, []
        if fit or free:
            if least and top > 2:
                yield [*squares, *(Weight((g,), (self.one,)) for g in fit)], free
            pairs = [Weight(p, (self.one,)) for p in itertools.combinations(fit, 2) if p[0].degree + p[1].degree <= top]
            weights = [Weight((g,), tuple(self.monomials((top - g.degree) // 2))) for g in fit]
            yield [*squares, *weights], free
            if pairs and len(pairs) < 40 and len(self.names) <= 8:
                yield [*squares, *weights, *pairs], free

    def parametric(self) -> Iterator[tuple[list[Weight], list[Free]]]:
        """Where all is of degree two at most apart from a few parameters: squares of linear forms, and numbers for multipliers, whose
        coefficients are polynomials in the parameters, with what is known of these as factors."""
        n, polys = range(len(self.names)), [self.target, *(g.poly for g in self.known), *(h.poly for h in self.equations)]
        chosen = next((p for size in range(4) for p in itertools.combinations(n, size) if all(apart(f, p) <= 2 for f in polys)), ())
        if not chosen:
            return
        linear = self.forms([i for i in n if i not in chosen], polys)
        powers = self.monomials(6, chosen)
        ranges = [g for g in self.known if apart(g.poly, chosen) == 0]
        for top, most in itertools.product((2, 4, 6), (1, 2)):
            out = self.slack()
            factors = [c for size in range(most + 1) for c in itertools.combinations(ranges, size)]
            for c, g in itertools.product(factors, (None, *(g for g in self.known if g not in ranges))):
                known = c if g is None else (*c, g)
                room = top - sum(within(k.poly, chosen) for k in known)
                forms = [self.one, *linear] if g is None else [self.one]
                basis = [times(u, v) for u in forms for v in powers if 2 * degree(v) <= room]
                out += [Weight(known, tuple(basis))] if basis else []
            free = []
            for h in self.equations:
                forms = [self.one, *linear] if apart(h.poly, chosen) < 2 else [self.one]
                free.append((h, [times(u, v) for u in forms for v in powers if degree(v) + within(h.poly, chosen) <= top]))
            yield out, free

    def forms(self, among: list[int], polys: list[Poly]) -> list[Poly]:
        """The linear forms in some variables that keep their values where all the polynomials do, such as x - y where they are functions of
        differences: no others are needed."""
        rows = dict[Any, Row]()
        for k, f in enumerate(polys):
            for m, q in f.items():
                for j, i in enumerate(among):
                    if m[i]:
                        row = rows.setdefault((k, *m[:i], m[i] - 1, *m[i + 1 :]), {})
                        row[j] = row.get(j, Fraction(0)) + m[i] * Fraction(q)
        shifts = null_space(len(among), list(rows.values()))
        units = [{tuple(int(i == j) for j in range(len(self.names))): 1} for i in among]
        return [combined(units, form) for form in null_space(len(among), [dict(enumerate(shift)) for shift in shifts])]

    @property
    def one(self) -> Poly:
        return {(0,) * len(self.names): 1}

    def monomials(self, top: int, among: Sequence[int] | None = None) -> list[Poly]:
        """All monomials up to a degree in some of the variables, or in all of them, the small ones first."""
        n, out = range(len(self.names)), list[Poly]()
        for total in range(top + 1):
            for chosen in itertools.combinations_with_replacement(n if among is None else among, total):
                out.append({tuple(chosen.count(i) for i in n): 1})
        return out

    def solve(self, weights: list[Weight], free: list[Free], search: Search) -> Node | None:
        """A proof with these multipliers. Where the matrices cannot be positive definite, their kernels are taken out of the bases."""
        ring = Ring(len(self.names), self.goal.arena.spend)
        for _ in range(6):
            self.goal.arena.work = 0
            if sum(len(w.basis) ** 2 for w in weights) > 20_000:
                return None
            weights, rows, blocks = self.rows(weights, free, ring)
            self.goal.arena.work = 0
            if blocks.count > 1200:
                return None
            keys = sorted(rows.keys() | self.target.keys())
            slack = [b for b, w in enumerate(weights) if w.margin]
            affine = solutions(blocks, [rows.get(m, {}) for m in keys], [Fraction(self.target.get(m, 0)) for m in keys])
            if affine is None:
                return None
            if not blocks.sizes:
                return self.node(weights, free, affine.at([Fraction(0)] * len(affine.names)), [], blocks)
            best = centre(affine.floats(), search.tick, 1e-5)
            if best is None or best.least + best.gap < -1e-7:
                return None
            if best.least > -1e-4:
                found = rounded(affine, best.y, slack)
                if found is not None:
                    return self.node(weights, free, found[0], found[1], blocks)
            kernels = null_spaces(affine, best.y)
            if kernels is None or not any(kernels):
                return None
            weights = [replace(w, basis=without(w.basis, k, ring)) for w, k in zip(weights, kernels, strict=True)]
            weights = [w for w in weights if w.basis]
        return None

    def rows(self, weights: Sequence[Weight], free: Sequence[Free], ring: Ring) -> tuple[list[Weight], dict[Any, Row], Blocks]:
        """The equations that compare coefficients, by monomials, without squares that nothing can cancel; the weights that
        are left, and the unknowns."""
        rows = dict[
            Any, dict[tuple[int, int, int], Fraction]
        ]()  # unknowns: entry (i, j) of block b as (b, i, j), number k of free as (-1, k, k)

        def enter(k: tuple[int, int, int], f: Poly, times: int) -> None:
            for m, q in f.items():
                rows.setdefault(m, {})[k] = Fraction(q) * times

        for b, w in enumerate(weights):
            whole = reduce(ring.mul, (g.poly for g in w.known), ring.one)
            for i, u in enumerate(w.basis):
                scaled = ring.mul(whole, u)
                for j in range(i, len(w.basis)):
                    enter((b, i, j), ring.mul(scaled, w.basis[j]), 1 + (i < j))
        for k, (h, p) in enumerate((h, p) for h, ps in free for p in ps):
            enter((-1, k, k), ring.mul(h.poly, p), 1)
        dead, drop = set[tuple[int, int]](), {(-2, 0)}
        while drop:
            dead, drop = dead | drop, set()
            for m, row in rows.items():
                rows[m] = row = {(b, i, j): q for (b, i, j), q in row.items() if (b, i) not in dead and (b, j) not in dead}
                if m not in self.target and all(b >= 0 and i == j for b, i, j in row) and len({q > 0 for q in row.values()}) == 1:
                    drop |= {(b, i) for b, i, _ in row}
        kept = [[i for i in range(len(w.basis)) if (b, i) not in dead] for b, w in enumerate(weights)]
        place = {b: n for n, b in enumerate(b for b, indices in enumerate(kept) if indices)}
        blocks = Blocks(tuple(len(kept[b]) for b in place), sum(len(ps) for _, ps in free))
        left = [replace(weights[b], basis=tuple(weights[b].basis[i] for i in kept[b])) for b in place]

        def unknown(b: int, i: int, j: int) -> int:
            return blocks.start(len(place)) + i if b < 0 else blocks.entry(place[b], kept[b].index(i), kept[b].index(j))

        return left, {m: {unknown(*k): q for k, q in row.items()} for m, row in rows.items() if row}, blocks

    def node(
        self,
        weights: Sequence[Weight],
        free: Sequence[Free],
        values: Sequence[Fraction],
        squares: Sequence[Sequence[tuple[Fraction, list[Fraction]]]],
        blocks: Blocks,
    ) -> Node:
        """The certificate: that the squares, and their products with what is known, are not negative, and then one line of algebra."""
        goal, names, chain, use = self.goal, self.names, Chain(len(self.goal.given)), list[list[Any]]()
        ring = Ring(len(names), goal.arena.spend)
        constant = degree(self.below) == 0
        scale = self.scale / Fraction(self.below[next(iter(self.below))]) if constant else self.scale

        def times(p: Poly) -> Any:
            m = poly_json(divided(p, 1 / scale), names)
            return m if constant else ["/", m, poly_json(self.below, names)]

        for w, found in zip(weights, squares, strict=True):
            factors = [poly_json(g.poly, names) for g in w.known]
            for c, row in found:
                size = content(u := ring.mul(self.outer, combined(w.basis, row)))
                terms = [["^", poly_json(divided(u, size), names), 2]] * (degree(u) > 0) + factors
                for fact, proof in [*zip(factors, (g.proof for g in w.known), strict=True), *((t, KNOWN) for t in terms[: degree(u) > 0])]:
                    chain.have({"rule": "have", "fact": ["<=", 0, fact], "proof": proof})
                if terms:  # otherwise a constant, which may stay
                    use.append([chain.product(terms), times(divided(self.one, 1 / (c * size * size)))])
        k = blocks.start(len(blocks.sizes))
        for h, ps in free:
            p, k = ring.mul(ring.pow(self.outer, 2), combined(ps, values[k : k + len(ps)])), k + len(ps)
            if p:
                use.append([h.number, times(divided(ring.mul(p, h.ratio), -1))])
        entry = {"use": merged(use), **({"order": self.order} if self.order else {}), **({"pick": self.pick} if self.pick else {})}
        return chain.then({"rule": "orthant", "clauses": [entry]})


class Chain:
    """Facts that are proved one after the other, and are hypotheses then; their numbers begin with `start`. Proofs may be strategies."""

    def __init__(self, start: int) -> None:
        self.start, self.nodes = start, dict[str, tuple[int, Node]]()

    def have(self, node: Node) -> int:
        """The number of the hypothesis that the node adds."""
        return self.nodes.setdefault(str(node), (self.start + len(self.nodes), node))[0]

    def product(self, terms: Sequence[Any]) -> int:
        """The number of the hypothesis that a product of terms is not negative, where that is known of each."""
        whole = terms[-1]
        number = next(k for k, node in self.nodes.values() if node.get("fact") == ["<=", 0, whole])
        for u in reversed(terms[:-1]):
            number = self.have({"rule": "apply", "lemma": PRODUCT, "proof": PRODUCT_PROOF, "at": {"u": u, "v": whole}, "side": KNOWN})
            whole = ["*", u, whole]
        return number

    def then(self, node: Node) -> Node:
        for _, fact in reversed(self.nodes.values()):
            node = {**fact, "then": node}
        return node


def positive(goal: Goal, names: list[str], num: Poly, den: Poly) -> tuple[Poly, Poly, bool] | None:
    """The quotient in lowest terms with a positive divisor, and whether the kernel needs both ends of the ranges to see that it is; None if
    it is not."""
    num, den = lowest(num, den, names)
    s = sign(goal, names, den)
    if s:
        return divided(num, s), divided(den, s), False
    for s in (1, -1):
        r = read_relation(goal.arena, ["<", 0, poly_json(divided(den, s), names)], goal.names)
        if proves(replace(goal, then=((r,),)), {"rule": "orthant", "clauses": [{"order": both_ends(goal)}]}):
            return divided(num, s), divided(den, s), True
    return None


def lowest(num: Poly, den: Poly, names: list[str]) -> tuple[Poly, Poly]:
    """The quotient of two polynomials without common factors."""
    if degree(den) < 2:
        least = tuple(map(min, zip(*num, *den, strict=True)))
        num, den = ({tuple(map(sub, m, least)): q for m, q in f.items()} for f in (num, den))
        return num, den
    symbols = sympy.symbols(names)
    top, bottom = (sympy.Poly({m: sympy.Rational(q.numerator, q.denominator) for m, q in f.items()}, *symbols) for f in (num, den))
    c, top, bottom = top.cancel(bottom)
    return divided(polynomial(top), 1 / Fraction(int(c.p), int(c.q))), polynomial(bottom)


def polynomial(f: sympy.Poly) -> Poly:
    return {m: Fraction(int(q.p), int(q.q)) for m, q in f.terms() if q}


def merged(use: list[list[Any]]) -> list[list[Any]]:
    """Multipliers of the same hypothesis, which are numbers, as one."""
    out: dict[int, Any] = {}
    for k, m in use:
        out[k] = m if k not in out else ["+", out[k], m]
    return [[k, m] for k, m in out.items()]


def null_space(count: int, rows: list[Row]) -> list[list[Fraction]]:
    """A basis of the solutions of homogeneous equations in so many unknowns."""
    found = solutions(Blocks((), count), rows, [Fraction(0)] * len(rows))
    unit = [[Fraction(int(i == k)) for i in range(len(found.names))] for k in range(len(found.names))] if found is not None else []
    return [found.at(y) for y in unit] if found is not None else []


def without(basis: Sequence[Poly], kernel: list[list[Fraction]], ring: Ring) -> tuple[Poly, ...]:
    """A basis of the combinations that are orthogonal to the rows of a matrix in reduced echelon form."""
    if not kernel:
        return tuple(basis)
    pivots = [next(j for j, q in enumerate(row) if q == 1 and all(other[j] == 0 for other in kernel if other is not row)) for row in kernel]
    out = []
    for j, u in enumerate(basis):
        if j not in pivots:
            out.append(combined([u, *(basis[i] for i in pivots)], [Fraction(1), *(-row[j] for row in kernel)]))
    return tuple(f for f in out if f)
