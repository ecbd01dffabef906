"""Sums of squares with multipliers: an inequality between polynomials from others, as the S-procedure, performance estimation and
Putinar's theorem have it. Semidefinite programming finds the squares in floats; what is handed to the kernel is exact."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from ..kernel.rules import Goal
from ..kernel.terms import Poly, Ring
from .abstraction import Divisors
from .polynomials import ROOTS, operations, poly_json, quotient, sign
from .semidefinite import Blocks, Row, centre, null_spaces, rounded, solutions
from .strategy import KNOWN, Node, Search, Strategy, Unproved, nonnegative, proves, show

NONNEGATIVE = ["[", "0", "oo", ")"]
PRODUCT: Node = {"vars": [["u", *NONNEGATIVE], ["v", *NONNEGATIVE]], "then": [["<=", 0, ["*", "u", "v"]]]}
PRODUCT_PROOF: Node = {"rule": "orthant", "clauses": [{"order": [["u", 0, None], ["v", 0, None]]}]}
SECONDS, MOST_VARIABLES, LARGEST = 4.0, 14, 40


@dataclass(frozen=True)
class Known:
    """A polynomial that is not negative on the domain, and the kernel's proof of that."""

    poly: Poly
    proof: Node

    @property
    def degree(self) -> int:
        return degree(self.poly)


@dataclass(frozen=True)
class Weight:
    """A sum of squares of combinations of `basis`, times the product of what is known: nothing, one polynomial, or two."""

    known: tuple[Known, ...]
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

    higher: bool = True  # also of a degree above that of d

    def prove(self, goal: Goal, search: Search) -> Node:
        problem, part = Problem.of(goal), search.part(SECONDS)
        if degree(problem.below) > 0 and not sign(goal, problem.names, problem.below):
            return Divisors(self).prove(goal, search)
        for weights, equations in problem.attempts(self.higher):
            node = problem.solve(weights, equations, part)
            if node is not None and proves(goal, node):
                return node
        raise Unproved("no sum of squares was found", show(goal))


@dataclass(frozen=True)
class Problem:
    goal: Goal
    names: list[str]
    target: Poly  # -d, of which the largest coefficient is 1 in absolute value, times the divisor of d
    scale: Fraction  # what -d was divided by
    below: Poly  # the divisor
    known: list[Known]
    equations: list[Equation]
    plain: bool  # no divisor or root needs the signs of variables

    @classmethod
    def of(cls, goal: Goal) -> Problem:
        """Raises: Unproved where the goal is not one inequality between polynomials."""
        if len(goal.then) != 1 or len(goal.then[0]) != 1 or goal.then[0][0].op not in ("<", "<="):
            raise Unproved("not one inequality", show(goal))
        parts = quotient(goal, goal.then[0][0].diff)
        if parts is None or not parts[1]:
            raise Unproved("not an inequality between polynomials", show(goal))
        given = [(k, quotient(goal, g.diff)) for k, g in enumerate(goal.given) if g.op != "!="]
        rest = [(k, *q) for k, q in given if q is not None and q[1] and sign(goal, q[0], q[2])]
        names, before = set(parts[0]), 0
        while len(names) > before:  # hypotheses that share variables, and those that share variables with them
            before = len(names)
            names = names.union(*(own for _, own, _, _ in rest if names & set(own)))
        order = sorted(names)
        if not order or len(order) > MOST_VARIABLES:
            raise Unproved("too many variables", show(goal))
        target, below = lift(parts[1], parts[0], order), lift(parts[2], parts[0], order)
        known, equations, plain = list[Known](), list[Equation](), not operations(goal, goal.then[0][0].diff) & ROOTS
        for k, own, num, den in rest:
            if set(own) <= names:
                f, q, plain = lift(num, own, order), lift(den, own, order), plain and degree(den) == 0
                size = largest(f) * (-1 if goal.given[k].op != "=" else 1) * sign(goal, own, den)
                if goal.given[k].op == "=":
                    equations.append(Equation(k, divided(f, size), divided(q, size)))
                else:
                    bounds = {} if degree(den) == 0 else {"order": nonnegative(goal, "")}
                    use = {"rule": "orthant", "clauses": [{"use": [[k, poly_json(divided(q, -size), order)]], **bounds}]}
                    known.append(Known(divided(f, size), use))
        zero = (0,) * len(order)
        for i, x in enumerate(order):
            r, unit = goal.ranges[x], tuple(int(i == j) for j in range(len(order)))
            ends = [(1, r.lo, [x, str(r.lo), None]), (-1, r.hi, [x, None, str(r.hi)])]
            for side, end, bound in ends:
                if end is not None:
                    proof = {"rule": "orthant", "clauses": [{"order": [bound]}]}
                    known.append(Known({unit: side, **({zero: -side * end} if end else {})}, proof))
        distinct = list({str(sorted(g.poly.items())): g for g in known}.values())
        scale = largest(target)
        return cls(goal, order, divided(target, -scale), scale, below, distinct, equations, plain)

    def attempts(self, higher: bool) -> Iterator[tuple[list[Weight], list[Free]]]:
        """Squares alone, then hypotheses with numbers for multipliers, then with sums of squares, each in turn of a higher degree."""
        d, n = degree(self.target), len(self.names)
        low = d + d % 2
        for top in (low, low + 2) if higher else (low,):
            squares = Weight((), tuple(self.monomials(top // 2)))
            if len(squares.basis) > LARGEST:
                return
            slack = [Weight((), (self.one,), margin=True)] * (self.goal.then[0][0].op == "<")
            free = [(h, self.monomials(top - degree(h.poly))) for h in self.equations if degree(h.poly) <= top]
            fit = [g for g in self.known if g.degree <= top]
            if top == low and not free:
                yield [squares, *slack], []
            if fit or free:
                if top == low and top > 2:
                    yield [squares, *slack, *(Weight((g,), (self.one,)) for g in fit)], free
                pairs = [Weight(p, (self.one,)) for p in itertools.combinations(fit, 2) if p[0].degree + p[1].degree <= top]
                weights = [Weight((g,), tuple(self.monomials((top - g.degree) // 2))) for g in fit]
                yield [squares, *slack, *weights], free
                if pairs and len(pairs) < 40 and n <= 8:
                    yield [squares, *slack, *weights, *pairs], free

    @property
    def one(self) -> Poly:
        return {(0,) * len(self.names): 1}

    def monomials(self, top: int) -> list[Poly]:
        """All monomials up to a degree, the small ones first."""
        n, out = len(self.names), list[Poly]()
        for total in range(top + 1):
            for chosen in itertools.combinations_with_replacement(range(n), total):
                out.append({tuple(chosen.count(i) for i in range(n)): 1})
        return out

    def solve(self, weights: list[Weight], free: list[Free], search: Search) -> Node | None:
        """A proof with these multipliers. Where the matrices cannot be positive definite, their kernels are taken out of the bases."""
        ring = Ring(len(self.names), self.goal.arena.spend)
        for _ in range(6):
            self.goal.arena.work = 0
            weights = self.pruned(weights, free, ring)
            rows, blocks = self.rows(weights, free, ring)
            self.goal.arena.work = 0
            if sum(n * (n + 1) // 2 for n in blocks.sizes) > 1200:
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

    def rows(self, weights: Sequence[Weight], free: Sequence[Free], ring: Ring) -> tuple[dict[Any, Row], Blocks]:
        """The equations that compare coefficients, by monomials."""
        blocks, rows = Blocks(tuple(len(w.basis) for w in weights), sum(len(ps) for _, ps in free)), dict[Any, Row]()

        def enter(k: int, f: Poly, times: int) -> None:
            for m, q in f.items():
                rows.setdefault(m, {})[k] = Fraction(q) * times

        for b, w in enumerate(weights):
            for i, u in enumerate(w.basis):
                scaled = u
                for g in w.known:
                    scaled = ring.mul(scaled, g.poly)
                for j in range(i, len(w.basis)):
                    enter(blocks.entry(b, i, j), ring.mul(scaled, w.basis[j]), 1 + (i < j))
        k = blocks.start(len(weights))
        for h, ps in free:
            for p in ps:
                enter(k, ring.mul(h.poly, p), 1)
                k += 1
        return rows, blocks

    def pruned(self, weights: list[Weight], free: Sequence[Free], ring: Ring) -> list[Weight]:
        """Without the monomials whose squares nothing can cancel."""
        while True:
            rows, blocks = self.rows(weights, free, ring)
            diagonal = {blocks.entry(b, i, i): (b, i) for b, w in enumerate(weights) for i in range(len(w.basis))}
            drop = set[tuple[int, int]]()
            for m, row in rows.items():
                if m not in self.target and all(k in diagonal for k in row) and len({q > 0 for q in row.values()}) == 1:
                    drop |= {diagonal[k] for k in row}
            if not drop:
                return weights
            kept = [replace(w, basis=tuple(u for i, u in enumerate(w.basis) if (b, i) not in drop)) for b, w in enumerate(weights)]
            weights = [w for w in kept if w.basis]

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
        order = [] if constant and self.plain else nonnegative(goal, "")
        scale = self.scale / Fraction(self.below[next(iter(self.below))]) if constant else self.scale

        def times(p: Poly) -> Any:
            m = poly_json(divided(p, 1 / scale), names)
            return m if constant else ["/", m, poly_json(self.below, names)]

        for w, found in zip(weights, squares, strict=True):
            factors = [poly_json(g.poly, names) for g in w.known]
            for c, row in found:
                size = content(u := combined(w.basis, row))
                terms = [["^", poly_json(divided(u, size), names), 2]] * (degree(u) > 0) + factors
                for fact, proof in [*zip(factors, (g.proof for g in w.known), strict=True), *((t, KNOWN) for t in terms[: degree(u) > 0])]:
                    chain.have({"rule": "have", "fact": ["<=", 0, fact], "proof": proof})
                if terms:  # otherwise a constant, which may stay
                    use.append([chain.product(terms), times(divided(self.one, 1 / (c * size * size)))])
        k = blocks.start(len(blocks.sizes))
        for h, ps in free:
            p, k = combined(ps, values[k : k + len(ps)]), k + len(ps)
            if p:
                use.append([h.number, times(divided(ring.mul(p, h.ratio), -1))])
        return chain.then({"rule": "orthant", "clauses": [{"use": merged(use), **({"order": order} if order else {})}]})


class Chain:
    """Facts that are proved one after the other, and are hypotheses then; their numbers begin with `start`."""

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


def merged(use: list[list[Any]]) -> list[list[Any]]:
    """Multipliers of the same hypothesis, which are numbers, as one."""
    out: dict[int, Any] = {}
    for k, m in use:
        out[k] = m if k not in out else ["+", out[k], m]
    return [[k, m] for k, m in out.items()]


def degree(f: Poly) -> int:
    return max(map(sum, f), default=0)


def largest(f: Poly) -> Fraction:
    """The largest absolute value of a coefficient."""
    return max(abs(Fraction(q)) for q in f.values())


def divided(f: Poly, c: Any) -> Poly:
    return {m: Fraction(q) / Fraction(c) for m, q in f.items()}


def lift(f: Poly, names: Sequence[str], order: Sequence[str]) -> Poly:
    """The same polynomial in more variables."""
    place = [order.index(x) for x in names]
    out: Poly = {}
    for m, q in f.items():
        new = [0] * len(order)
        for i, e in zip(place, m, strict=True):
            new[i] = e
        out[tuple(new)] = q
    return out


def combined(basis: Sequence[Poly], row: Sequence[Fraction]) -> Poly:
    out: Poly = {}
    for c, u in zip(row, basis, strict=True):
        for m, q in u.items() if c else ():
            out[m] = out.get(m, Fraction(0)) + c * q
    return {m: q for m, q in out.items() if q}


def content(f: Poly) -> Fraction:
    """The number by which to divide for coprime integer coefficients."""
    qs = [Fraction(q) for q in f.values()]
    return Fraction(gcd(*(q.numerator for q in qs)), lcm(*(q.denominator for q in qs)))


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
