"""Goals about numbers with equations among the hypotheses: the equations are solved one after the other, and what is left is a combination
of the inequalities, or is proved by another strategy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import sympy

from ..kernel.rules import Goal, Relation, prove
from ..language import LanguageError, from_json, from_sympy, to_sympy
from .combination import combination, rational
from .strategy import KNOWN, Either, Given, Node, Search, Strategy, Unproved, complete, first, nonnegative, show, term_json

VALUE = re.compile(r"[a-z]+_\d+")  # the names that `Abstract` gives


@dataclass(frozen=True)
class Factors(Strategy):
    """p <= 0 for a polynomial p with a square factor: p = -m u^2, where the order of the ranges shows m >= 0."""

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        num, den = sympy.fraction(sympy.together(to_sympy(from_json(term_json(goal, r.diff)))))
        _, factors = sympy.factor_list(num)
        square = sympy.Mul(*(f ** (e - e % 2) for f, e in factors))
        root = sympy.Mul(*(f ** (e // 2) for f, e in factors))
        if r.op != "<=" or square.is_number:
            raise Unproved("no square divides the difference", show(goal))
        fact = ["<=", 0, ["^", from_sympy(root).json, 2]]
        m = from_sympy(sympy.factor(-num / den / square)).json
        then: Node = {"rule": "orthant", "clauses": [{"use": [[len(goal.given), m]], "order": both_ends(goal)}]}
        return complete(lambda n: prove(goal, n, ""), {"rule": "have", "fact": fact, "proof": KNOWN, "then": then}, search)


def end(q: Fraction | None) -> str | None:
    return None if q is None else str(q)


@dataclass(frozen=True)
class Eliminate(Strategy):
    """Solve the equations among the hypotheses for one variable after the other, put the solutions into the one conclusion, and prove
    what its numerator says; the multipliers that this gives make it a proof of the conclusion itself."""

    then: Strategy
    keep: bool = False  # rather solve for values of functions than for the variables of the goal that they were taken at

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        if r.op == "!=":
            raise Unproved("not an equation or inequality", show(goal))
        try:
            whole = symbolic(goal, r)
            d, multipliers, others = eliminated(
                whole,
                {k: symbolic(goal, g) for k, g in enumerate(goal.given) if g.op == "="},
                {k: symbolic(goal, g) for k, g in enumerate(goal.given) if g.op in ("<", "<=")},
                self.keep,
            )
            num, den = sympy.fraction(sympy.cancel(sympy.together(d)))
            signs = sorted(x.name for x in sympy.fraction(sympy.together(whole))[1].free_symbols | num.free_symbols | den.free_symbols)
            if num == 0:
                return by_signs(goal, signs, used(multipliers), search)
            if r.op == "=":
                raise Unproved("the equations do not make the sides equal", show(goal))
            if negative(goal, den):
                num, den = -num, -den
            found = combined(goal, num, {k: e for k, (e, _) in others.items()})
            if found is not None:
                total = dict(multipliers)
                for k, m in found.items():
                    total[k] = total.get(k, 0) + m / den
                    for i, c in others[k][1].items():
                        total[i] = total.get(i, 0) - m * c / den
                try:
                    return by_signs(goal, signs, used(total), search)
                except Unproved:
                    pass
            fact = [r.op, from_sympy(sympy.expand(num)).json, 0]
            use = used({**multipliers, len(goal.given): 1 / den})
            last = Either(tuple(Given(cases_of_sign(goal, signs, use, order)) for order in (signs_only, both_ends)))
        except (LanguageError, sympy.PolynomialError, ZeroDivisionError) as problem:
            raise Unproved(f"the equations cannot be solved ({problem})", show(goal)) from None
        node = {"rule": "have", "fact": fact, "proof": Either((self.then, Factors())), "then": last}
        return complete(lambda n: prove(goal, n, ""), node, search)


def symbolic(goal: Goal, r: Relation) -> sympy.Expr:
    """The difference of the sides."""
    return to_sympy(from_json(term_json(goal, r.diff)))


def used(multipliers: Mapping[int, sympy.Expr]) -> list[Any]:
    """The entry `use` of a certificate."""
    return [[k, from_sympy(c).json] for k, m in sorted(multipliers.items()) if (c := sympy.cancel(m)) != 0]


def combined(goal: Goal, num: sympy.Expr, hypotheses: Mapping[int, sympy.Expr]) -> dict[int, sympy.Expr] | None:
    """Multipliers m_k >= 0 with num <= sum of m_k times hypothesis k, because the difference has coefficients of one sign: they are
    products of variables and of distances to the ends of their ranges; None where none are found."""
    parts = {k: sympy.fraction(sympy.cancel(sympy.together(e))) for k, e in hypotheses.items() if e != 0}
    polynomials = {k: -p if negative(goal, q) else p for k, (p, q) in parts.items()}
    divisors = {k: -q if negative(goal, q) else q for k, (p, q) in parts.items()}
    symbols = sorted(num.free_symbols.union(*(e.free_symbols for e in polynomials.values())), key=lambda x: x.name)
    if not symbols or len(symbols) > 9:
        return None
    ranges = {x: goal.ranges[x.name] for x in symbols}
    positive = [x for x, r in ranges.items() if r.lo is not None and r.lo >= 0]
    gaps = [sympy.Rational(str(r.hi)) - x for x, r in ranges.items() if r.hi is not None]
    gaps += [x - sympy.Rational(str(r.lo)) for x, r in ranges.items() if r.lo is not None and r.lo != 0]
    factors: list[sympy.Expr] = [sympy.Integer(1), *positive, *gaps]
    factors += [a * b for a, b in combinations_with_replacement([*positive, *gaps], 2)][: 60 // (1 + len(polynomials))]
    pairs = [(k, m) for k in polynomials for m in factors]
    columns = [coefficients(m * polynomials[k], symbols) for k, m in pairs]
    target = coefficients(num, symbols)
    rows = sorted(set(target).union(*columns))
    free = [i for i, x in enumerate(symbols) if x not in positive]
    slack = [{m: Fraction(-1)} for m in rows if all(m[i] % 2 == 0 for i in free)]
    if len(rows) > 400 or len(columns) > 400:
        return None
    found = combination(target, [*columns, *slack])
    if found is None:
        return None
    out: dict[int, sympy.Expr] = {}
    for j, c in found.items():
        if j < len(pairs):
            k, m = pairs[j]
            out[k] = out.get(k, 0) + rational(c) * m * divisors[k]
    return out


def coefficients(e: sympy.Expr, symbols: Sequence[sympy.Symbol]) -> dict[tuple[int, ...], Fraction]:
    return {m: Fraction(int(c.p), int(c.q)) for m, c in sympy.Poly(e, *symbols).terms() if c != 0}


Row = tuple[sympy.Expr, dict[int, sympy.Expr]]  # an expression, and what was subtracted from it: multiples of the equations


def eliminated(
    d: sympy.Expr, equations: Mapping[int, sympy.Expr], others: Mapping[int, sympy.Expr], keep: bool = False
) -> tuple[sympy.Expr, dict[int, sympy.Expr], dict[int, Row]]:
    """(d', {k: m_k}, ...) with d = d' + sum of m_k times equation k, where d' has fewer variables, or lower powers of them; and the same
    for each of the others."""
    rows: dict[int, Row] = {k: (e, {k: sympy.Integer(-1)}) for k, e in equations.items() if e != 0}
    rest: dict[Any, Row] = {None: (d, {}), **{k: (e, {}) for k, e in others.items()}}
    while rows:
        choices = [(k, x, p) for k, (e, _) in rows.items() for x, p in solvable(e)]
        if not choices:
            break
        k, x, p = min(choices, key=lambda c: promise(rest[None][0], keep, *c))
        row, combination = rows.pop(k)

        def without(old: Row, row: sympy.Expr = row, x: Any = x, p: Any = p, combination: Any = combination) -> Row:
            new, m = reduced(old[0], row, x, p)
            return new, {i: old[1].get(i, 0) - m * combination.get(i, 0) for i in old[1].keys() | combination.keys()} if m != 0 else old[1]

        rows = {i: new for i, old in rows.items() if (new := without(old))[0] != 0}
        rest = {i: without(old) for i, old in rest.items()}
    e, multipliers = rest.pop(None)
    return e, multipliers, rest


def solvable(e: sympy.Expr) -> Iterator[tuple[sympy.Symbol, sympy.Poly]]:
    """The variables for which e = 0 can be solved, or whose powers it reduces, with the numerator of e as a polynomial in each."""
    num = sympy.fraction(sympy.together(e))[0]
    for x in sorted(num.free_symbols, key=lambda s: s.name):
        p = sympy.Poly(num, x)
        if p.degree() == 1 or p.LC().is_number:
            yield x, p


def promise(d: sympy.Expr, keep: bool, k: int, x: sympy.Symbol, p: sympy.Poly) -> tuple[Any, ...]:
    """The smaller, the better to solve equation k for x: without divisors, without powers, a variable of the conclusion."""
    kept = keep and not VALUE.fullmatch(x.name)
    return kept, not p.LC().is_number, p.degree(), x not in d.free_symbols, sympy.count_ops(p.as_expr()), k, x.name


def reduced(e: sympy.Expr, row: sympy.Expr, x: sympy.Symbol, p: sympy.Poly) -> tuple[sympy.Expr, sympy.Expr]:
    """(e', m) with e = e' + m row, where p is the numerator of row as a polynomial in x, and e' has no power of x that p has not."""
    if p.degree() == 1:
        a, b = p.all_coeffs()
        new = sympy.cancel(e.subs(x, -b / a))
    else:
        num, den = sympy.fraction(sympy.together(e))
        if x in den.free_symbols or x not in num.free_symbols:
            return e, sympy.Integer(0)
        _, rest = sympy.div(sympy.Poly(num, x), p)
        new = sympy.cancel(rest.as_expr() / den)
    return new, sympy.cancel((e - new) / row)


def by_signs(goal: Goal, names: list[str], use: list[Any], search: Search) -> Node:
    """The algebra that ends an elimination: with the signs of the variables, or with the ends of their ranges.

    Raises: Unproved.
    """
    return first([Given(cases_of_sign(goal, names, use, order)) for order in (signs_only, both_ends)], goal, search)


def signs_only(goal: Goal) -> list[list[Any]]:
    return nonnegative(goal, "")


def both_ends(goal: Goal) -> list[list[Any]]:
    return [[x, end(r.lo), end(r.hi)] for x, r in goal.ranges.items() if not r.point() and (r.lo, r.hi) != (None, None)]


def cases_of_sign(goal: Goal, names: list[str], use: list[Any], order: Callable[[Goal], list[list[Any]]]) -> Node:
    """The algebra in the cases x < 0, x = 0, x > 0 of those of the variables that have both signs."""
    for x in names:
        r = goal.ranges[x]
        if (r.lo is None or r.lo < 0) and (r.hi is None or r.hi > 0):
            zero = Fraction(0)
            cases = (r.meet(None, zero, hi_open=True), r.meet(zero, zero), r.meet(zero, None, lo_open=True))
            parts = [cases_of_sign(replace(goal, ranges={**goal.ranges, x: c}), names, use, order) for c in cases]
            return {"rule": "cover", "tree": [[x, 0], *parts]}
    return {"rule": "orthant", "clauses": [{"use": use, "order": order(goal)}]}


def negative(goal: Goal, den: sympy.Expr) -> bool:
    """Whether the divisor is negative at a point of the domain; only a guess."""
    at = {}
    for x in den.free_symbols:
        r = goal.ranges[x.name]
        inner = r.lo + 1 if r.lo is not None else r.hi - 1 if r.hi is not None else 1
        at[x] = sympy.Rational(str((r.lo + r.hi) / 2 if r.lo is not None and r.hi is not None else inner))
    return bool(den.subs(at) < 0)


def only(goal: Goal) -> Relation:
    """The one relation of the conclusion."""
    if len(goal.then) != 1 or len(goal.then[0]) != 1:
        raise Unproved("more than one conclusion", show(goal))
    return goal.then[0][0]
