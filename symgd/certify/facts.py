"""Goals about exp, log, tanh, sin, cos and square roots by what textbooks say of these functions.

The facts about the values that occur become hypotheses (`Facts`), the values become variables (`Abstract`), and the equations
among them are solved one after the other (`Eliminate`).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations_with_replacement, permutations
from math import gcd, lcm
from typing import Any

import sympy

from ..kernel import Reject
from ..kernel.rules import FACTS, Goal, Relation, prove
from ..language import LanguageError, from_json, from_sympy, to_sympy
from .abstraction import FUNCTIONS, Abstract, Each, relations_of
from .combination import combination, rational
from .strategy import Node, Search, Strategy, Unproved, complete, nonnegative, show, term_json

MOST, MANY, LARGEST = 40, 8, 6  # facts about one goal, so many that some are left out afterwards, exponents
SIGNS = ("exp", "positive")  # facts that others need
Instance = tuple[str, Mapping[str, Any]]  # the name of a fact, and the terms it is applied at
Argument = tuple[Any, sympy.Expr]  # as JSON, and as a polynomial in variables and values of functions


@dataclass(frozen=True)
class Facts(Strategy):
    """The facts about the values of functions in the goal are hypotheses for `then`; left out are those whose own hypotheses are not
    proved. `extra` names further facts with their terms."""

    then: Strategy
    extra: tuple[Instance, ...] = ()
    signs: bool = False  # nothing but what is positive
    only: bool = False  # nothing but what is extra

    def prove(self, goal: Goal, search: Search) -> Node:
        if len(goal.then) > 1:
            from .auto import Separately

            return Separately(self).prove(goal, search)
        chain: list[tuple[Instance, Node, range]] = []  # with the numbers of the hypotheses that each fact adds
        here, done = goal, list[Node]()
        for wanted in (False,) if self.only else (False, True):
            for name, at in instances(here) if wanted else self.extra:
                node = applied(name, at)
                if node in done or (self.signs and name not in SIGNS):
                    continue
                search.tick()
                done.append(dict(node))
                part, before = "proof" if node["rule"] == "have" else "side", len(here.given)
                try:
                    node[part] = Each().prove(stopped(here, {**node, part: OPEN}), search)
                    here = stopped(here, {**node, "then": OPEN})
                except (Unproved, Reject):
                    continue
                chain.append(((name, at), node, range(before, len(here.given))))
        if not chain and not self.signs:
            raise Unproved("no fact about its functions is known", show(goal))
        out = self.then.prove(here, search)
        needed = multiplied(out)
        kept = tuple(fact for fact, _, added in chain if fact[0] in SIGNS or needed.intersection(added))
        if len(chain) > MANY and len(kept) < len(chain) and not (self.signs or self.only):
            try:
                return Facts(self.then, kept, only=True).prove(goal, search)
            except Unproved:  # a fact was needed for the hypotheses of another one
                pass
        for _, node, _ in reversed(chain):
            out = {**node, "then": out}
        return out


def multiplied(node: Any) -> set[int]:
    """The numbers of the hypotheses that a proof by polynomial arithmetic multiplies."""
    if isinstance(node, list):
        return set().union(*map(multiplied, node))
    if not isinstance(node, dict):
        return set()
    return {k for entry in node.get("clauses", ()) for k, _ in entry.get("use", ())}.union(*map(multiplied, node.values()))


ARITHMETIC: dict[str, Any] = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
VALUE = re.compile(r"[a-z]+_\d+")  # the names that `Abstract` gives
OPEN: Node = {"rule": "open"}
KNOWN: Node = {"rule": "cover", "tree": ["n"]}  # the conclusion is a hypothesis


def stopped(goal: Goal, node: Node) -> Goal:
    """The goal at which the kernel finds the node open.

    Raises: Reject where it stops for another reason.
    """
    try:
        prove(goal, node, "")
    except Reject as no:
        if no.why == "unknown rule 'open'" and no.goal is not None:
            no.goal.arena.work = 0
            found: Goal = no.goal
            return found
        raise
    raise Unproved("nothing is open", show(goal))


def applied(name: str, at: Mapping[str, Any]) -> Node:
    """The fact, to be applied at these terms."""
    if name == "positive":
        return {"rule": "have", "fact": ["<", 0, at["u"]]}
    if name == "tangent":
        return {"rule": "apply", "lemma": TANGENT, "proof": TANGENT_PROOF, "at": dict(at)}
    given, then = FACTS[name]
    lemma = {"vars": [[x, "(", "-oo", "oo", ")"] for x in at], "given": given, "then": then}
    return {"rule": "apply", "lemma": lemma, "proof": {"rule": "fact", "name": name}, "at": dict(at)}


def instances(goal: Goal) -> list[Instance]:
    """The facts about the goal, with the terms they speak of."""
    inside = {op: arguments(goal, op) for op in ("exp", "log", "tanh", "sin", "cos", "sqrt")}
    exps, found, ends = list(inside["exp"]), list[Instance](), list[Instance]()
    for j, s in inside["tanh"]:
        found.append(("tanh", {"u": j}))
        if inside["exp"] or len(inside["tanh"]) > 1:
            exps.append(next((a for a in exps if a[1] == 2 * s), (["*", 2, j], 2 * s)))
            ends.append(("tanh exp", {"u": j, "v": exps[-1][0]}))
    for x in sorted({x for _, s in exps for x in s.free_symbols if value_of(goal, x) == "log"}, key=str):  # exp of a sum with logarithms
        exps.append((restored(goal, x), x))
        ends.append(("exp log", {"u": exps[-1][0][1]}))
    powers = list(products_of_powers(goal, exps))
    found += [("sqrt", {"u": j}) for j, _ in inside["sqrt"]]
    found += [("exp", {"u": j}) for j, _ in exps if "log" not in str(j)]
    found += [("positive", {"u": j}) for j, _ in inside["log"] if isinstance(j, list)]
    for j in (j for at in powers for j in at.values()):
        if j != 0 and ("exp", {"u": j}) not in found:
            found.append(("exp", {"u": j}))
    found += [("exp", {"u": j}) for j, _ in exps if ("exp", {"u": j}) not in found]
    for j, _ in inside["log"]:
        if isinstance(j, list) and j[0] == "exp":
            found.append(("log exp", {"u": j[1]}))
    found += [("exp +", at) for at in powers]
    found += [("log *", at) for at in products([*inside["log"], (1, sympy.Integer(1))])]
    angles = inside["sin"] + [a for a in inside["cos"] if all(a[1] != s for _, s in inside["sin"])]
    found += [("sin cos", {"u": j}) for j, _ in angles]
    found += [("sin +", at) for at in sums([*angles, (0, sympy.Integer(0))])]
    return [*found, *ends][:MOST]


def products_of_powers(goal: Goal, args: list[Argument]) -> Iterator[dict[str, Any]]:
    """What makes each exp(argument) a product of powers of a few: of exp(b) for one b for each monomial of the arguments."""
    named = {s: j for j, s in reversed(args)}
    yield from ({"u": 0, "v": 0, "w": j} for j, s in args if s == 0)
    terms = {s: dict(s.as_coefficients_dict()) for _, s in args if s != 0}
    shares = dict[sympy.Expr, list[sympy.Rational]]()
    for coefficients in terms.values():
        for m, c in coefficients.items():
            shares.setdefault(m, []).append(c)
    basis = {m: sympy.Rational(gcd(*(c.p for c in cs)), lcm(*(c.q for c in cs))) for m, cs in shares.items()}
    if any(abs(c / basis[m]) > LARGEST for m, cs in shares.items() for c in cs) or len(args) + len(basis) < 3:
        return

    def name(s: sympy.Expr) -> Any:
        if s not in named:
            named[s] = restored(goal, s) if s != 0 else 0
        return named[s]

    done = set[sympy.Expr]()

    def power(b: sympy.Expr, n: int) -> Iterator[dict[str, Any]]:
        step = 1 if n > 0 else -1
        if step < 0 and -b not in done:
            done.add(-b)
            yield {"u": name(b), "v": name(-b), "w": 0}
        for k in range(2, abs(n) + 1):
            if k * step * b not in done:
                done.add(k * step * b)
                yield {"u": name((k - 1) * step * b), "v": name(step * b), "w": name(k * step * b)}

    for s, coefficients in terms.items():
        total = sympy.Integer(0)
        for m, c in coefficients.items():
            yield from power(basis[m] * m, int(c / basis[m]))
            before, total = total, sympy.expand(total + c * m)
            if before != 0 and total not in done:
                done.add(total)
                yield {"u": name(before), "v": name(sympy.expand(c * m)), "w": name(total)}
        done.add(s)


def value_of(goal: Goal, x: sympy.Symbol) -> str:
    """The function whose value the symbol stands for; empty for a variable."""
    return goal.arena.nodes[int(x.name[6:])][0] if x.name.startswith("value_") and x.name not in goal.names else ""


def arguments(goal: Goal, op: str) -> list[Argument]:
    """The different arguments of a function in the goal that depend on variables."""
    nodes, out = goal.arena.nodes, dict[sympy.Expr, Any]()
    for r in relations_of(goal):
        for k in goal.arena.schedule(r.diff):
            if nodes[k][0] == op and goal.arena.variables(k):
                out.setdefault(polynomial(goal, nodes[k][1][0]), term_json(goal, nodes[k][1][0]))
    return [(j, s) for s, j in out.items()]


def polynomial(goal: Goal, root: int) -> sympy.Expr:
    """The term with values of functions as symbols of their own."""
    out: dict[int, sympy.Expr] = {}
    for k in goal.arena.schedule(root):
        op, sub, data = goal.arena.nodes[k]
        v = [out[i] for i in sub]
        if op == "num":
            out[k] = sympy.Rational(data.numerator, data.denominator)
        elif op == "/" and v[1] == 0:
            out[k] = sympy.Symbol(f"value_{k}")
        elif op in ("+", "-", "*", "/", "^"):
            out[k] = v[0] ** data if op == "^" else ARITHMETIC[op](*v)
        else:
            out[k] = sympy.Symbol(data if op == "var" else f"value_{k}")
    return sympy.expand(out[root])


def sums(args: list[Argument]) -> Iterator[dict[str, Any]]:
    """Arguments of which one is the sum of two."""
    terms = [(j, s) for j, s in args if s != 0]
    for (a, u), (b, v) in combinations_with_replacement(terms, 2):
        for c, w in args:
            if sympy.expand(w - u - v) == 0:
                yield {"u": a, "v": b, "w": c}


def products(args: list[Argument]) -> Iterator[dict[str, Any]]:
    """Arguments of which one is the product of two."""
    factors = [(j, s) for j, s in args if s != 1]
    for (a, u), (b, v) in combinations_with_replacement(factors, 2):
        for c, w in args:
            if sympy.cancel(w - u * v) == 0:
                yield {"u": a, "v": b, "w": c}


@dataclass(frozen=True)
class Either(Strategy):
    """The first of several strategies that finds a proof."""

    strategies: tuple[Strategy, ...]

    def prove(self, goal: Goal, search: Search) -> Node:
        return first(self.strategies, goal, search)


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


@dataclass(frozen=True)
class Finish(Strategy):
    """A conclusion that is a hypothesis now, or a goal about values of functions as one about numbers."""

    depth: int = 1

    def prove(self, goal: Goal, search: Search) -> Node:
        from .auto import Auto

        if goal.settled(goal.ranges, "n", 64):
            return KNOWN
        auto = Auto(self.depth, subdivide=False, facts=0)
        used = {goal.arena.nodes[k][0] for r in relations_of(goal) for k in goal.arena.schedule(r.diff)}
        functions = tuple(f for f in (*FUNCTIONS, "sqrt") if f in used)
        attempts: list[Strategy] = [Abstract(Eliminate(auto), functions)]
        if any(g.op == "=" for g in goal.given):
            attempts.append(Abstract(Eliminate(auto, keep=True), functions))
        attempts.append(Abstract(auto, functions))
        if "log" in used and len(functions) > 1:  # a logarithm of a value that becomes a variable
            attempts.append(Abstract(auto, tuple(f for f in functions if f != "log")))
        return first(attempts, goal, search)


def first(attempts: Iterable[Strategy], goal: Goal, search: Search) -> Node:
    """The first proof that one of the strategies finds."""
    problem = Unproved("no rule applies", show(goal))
    for strategy in attempts:
        search.tick()
        try:
            return strategy.prove(goal, search)
        except Unproved as no:
            problem = no
    raise problem


# --- exponentials of both sides, and squares ---------------------------------------------------------------------------

REAL = ["(", "-oo", "oo", ")"]
TANGENT: Node = {"vars": [["u", *REAL]], "then": [["<=", ["+", 1, "u"], ["exp", "u"]]]}
_MONOTONE: Node = {"rule": "monotone", "var": "u", "at": {"rule": "cover", "tree": ["d"]}, "slope": {"rule": "cover", "tree": ["n"]}}
TANGENT_PROOF: Node = {
    "rule": "cover",
    "tree": [["u", 0], {**_MONOTONE, "end": "hi"}, "d", {**_MONOTONE, "end": "lo"}],
}
SQUARES: Node = {
    "vars": [["u", *REAL], ["v", "[", "0", "oo", ")"]],
    "given": [["<=", ["^", "u", 2], ["^", "v", 2]]],
    "then": [["<=", "u", "v"]],
}
SQUARES_PROOF: Node = {
    "rule": "cover",
    "tree": [
        ["u", 0],
        {"rule": "orthant", "clauses": [{"order": [["u", None, 0], ["v", 0, None]]}]},
        {"rule": "orthant", "clauses": [{"order": [["v", 0, None]]}]},
        {"rule": "orthant", "clauses": [{"order": [["u", 0, None], ["v", 0, None]], "use": [[0, ["/", 1, ["+", "u", "v"]]]]}]},
    ],
}


@dataclass(frozen=True)
class Given(Strategy):
    """A node that is known beforehand, with or without strategies in it."""

    node: Node

    def prove(self, goal: Goal, search: Search) -> Node:
        return complete(lambda n: prove(goal, n, ""), self.node, search)


@dataclass(frozen=True)
class Squares(Strategy):
    """a <= b from a^2 <= b^2 and 0 <= b, where square roots are part of the sides."""

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        if r.op != "<=" or not arguments(goal, "sqrt"):
            raise Unproved("no square roots to be squared", show(goal))
        a, b = (term_json(goal, k) for k in (r.lhs, r.rhs))
        last: Node = {"rule": "apply", "lemma": SQUARES, "proof": SQUARES_PROOF, "at": {"u": a, "v": b}, "side": Each(), "then": KNOWN}
        inner: Node = {"rule": "have", "fact": ["<=", ["^", a, 2], ["^", b, 2]], "proof": Facts(Finish()), "then": last}
        node: Node = {"rule": "have", "fact": ["<=", 0, b], "proof": Each(), "then": inner}
        return complete(lambda n: prove(goal, n, ""), node, search)


@dataclass(frozen=True)
class Absolute(Strategy):
    """|a| <= b from a <= b and -a <= b."""

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        op, sub, _ = goal.arena.nodes[r.lhs]
        if op != "abs" or r.op not in ("<", "<="):
            raise Unproved("no absolute value to be split", show(goal))
        from .auto import Auto, Separately

        a, b = (term_json(goal, k) for k in (sub[0], r.rhs))
        given = [[r.op, "u", "v"], [r.op, ["-", 0, "u"], "v"]]
        lemma = {"vars": [["u", *REAL], ["v", *REAL]], "given": given, "then": [[r.op, ["abs", "u"], "v"]]}
        signs: tuple[tuple[int, list[Any]], ...] = ((1, [["u", None, 0]]), (0, []), (0, [["u", 0, None]]))
        cases = [{"rule": "orthant", "clauses": [{"order": order, "use": [[k, 1]]}]} for k, order in signs]
        proof = {"rule": "cover", "tree": [["u", 0], *cases]}
        node: Node = {"rule": "apply", "lemma": lemma, "proof": proof, "at": {"u": a, "v": b}, "side": Separately(Auto(2)), "then": KNOWN}
        return complete(lambda n: prove(goal, n, ""), node, search)


@dataclass(frozen=True)
class Exponentials(Strategy):
    """d <= 0, d < 0 or d = 0 for a sum d of rational multiples of logarithms and of a rest: exp(n d) <= 1 and the like, where the
    exponential is a product, and then n d <= exp(n d) - 1 <= 0."""

    def prove(self, goal: Goal, search: Search) -> Node:
        if not arguments(goal, "log"):
            raise Unproved("no sum of logarithms", show(goal))
        return Facts(Logarithms(), signs=True).prove(goal, search)


@dataclass(frozen=True)
class Logarithms(Strategy):
    """`Exponentials`, where the signs of the arguments are known."""

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        s = polynomial(goal, r.diff)
        logs = [x for x in s.free_symbols if value_of(goal, x) == "log"]
        coefficients = [s.coeff(x) for x in logs]
        if r.op == "!=" or not logs or not all(c.is_Rational for c in coefficients):
            raise Unproved("no sum of logarithms", show(goal))
        n = lcm(*(c.q for c in coefficients))
        whole: Any = term_json(goal, r.diff) if n == 1 else ["*", n, term_json(goal, r.diff)]
        share, last = str(Fraction(1, n)), len(goal.given)
        value: Node = {"rule": "have", "fact": [r.op, ["exp", whole], 1], "proof": Either((Facts(Finish()), Tangents(False)))}
        if r.op == "=":  # exp(n d) is its own square, so that its logarithm is twice itself
            own: Node = {**applied("log exp", {"u": whole}), "side": Each(), "then": Abstract(Eliminate(Given(KNOWN)))}
            e = ["exp", whole]
            square: Node = {"rule": "have", "fact": ["=", e, ["*", e, e]], "proof": Abstract(Eliminate(Given(KNOWN)))}
            twice: Node = {**applied("log *", {"u": e, "v": e, "w": e}), "side": Each(), "then": own}
            positive: Node = {**applied("exp", {"u": whole}), "side": Each(), "then": {**square, "then": twice}}
            node = {**value, "then": positive}
        else:
            ends: Strategy = Abstract(Given({"rule": "orthant", "clauses": [{"use": [[last, share], [last + 1, share]]}]}))
            node = {**value, "then": {**applied("tangent", {"u": whole}), "side": Each(), "then": ends}}
        return complete(lambda n: prove(goal, n, ""), node, search)


def only(goal: Goal) -> Relation:
    """The one relation of the conclusion."""
    if len(goal.then) != 1 or len(goal.then[0]) != 1:
        raise Unproved("more than one conclusion", show(goal))
    return goal.then[0][0]


def restored(goal: Goal, s: sympy.Expr) -> Any:
    """The JSON of a polynomial in variables and values of functions."""
    values = {x.name: int(x.name[6:]) for x in s.free_symbols if value_of(goal, x)}

    def written(j: Any) -> Any:
        if isinstance(j, list):
            return [written(k) for k in j]
        return term_json(goal, values[j]) if isinstance(j, str) and j in values else j

    return written(from_sympy(s).json)


@dataclass(frozen=True)
class Tangents(Strategy):
    """Exponentials lie above their tangents at 0: at the arguments of the goal, the logarithms in it, their negatives, and differences."""

    logs: bool = True

    def prove(self, goal: Goal, search: Search) -> Node:
        at = [j for j, _ in arguments(goal, "exp") if "log" not in str(j)]
        numbers = [["log", j] for j in constants(goal)] if self.logs else []
        at += [["log", j] for j, _ in arguments(goal, "log")] if self.logs else []
        if not at or len(at) > 4:
            raise Unproved("no exponentials", show(goal))
        signed: list[Any] = [j for k in at for j in (k, ["-", 0, k])]
        signed += [["-", a, b] for a, b in permutations(at, 2)]
        signed += [["-", ["-", 0, a], b] for a in at for b in numbers]
        return Facts(Finish(), tuple(("tangent", {"u": j}) for j in signed)).prove(goal, search)


def constants(goal: Goal) -> list[Any]:
    """The numbers of which the goal has the logarithm."""
    nodes = goal.arena.nodes
    terms = {k for r in relations_of(goal) for k in goal.arena.schedule(r.diff) if nodes[k][0] == "log" and not goal.arena.variables(k)}
    return [term_json(goal, nodes[k][1][0]) for k in sorted(terms)]


@dataclass(frozen=True)
class TakeLogs(Strategy):
    """a <= exp(b) from log(a) <= b where 0 < a, and exp(b) <= a from b <= log(a): with w >= 0 for the difference, exp(w) >= 1 + w."""

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        exponential = [goal.arena.nodes[k][0] == "exp" for k in (r.lhs, r.rhs)]
        if r.op != "<=" or sum(exponential) != 1:
            raise Unproved("not an inequality with one exponential alone on a side", show(goal))
        left, right = (term_json(goal, k) for k in (r.lhs, r.rhs))
        a, b = (left, right[1]) if exponential[1] else (right, left[1])
        log = ["log", a]
        w, fact = (["-", b, log], ["<=", log, b]) if exponential[1] else (["-", log, b], ["<=", b, log])
        sum_ = {"u": log, "v": w, "w": b} if exponential[1] else {"u": b, "v": w, "w": log}
        return Facts(_Compared(a, fact, (("exp log", {"u": a}), ("tangent", {"u": w}), ("exp +", sum_))), signs=True).prove(goal, search)


@dataclass(frozen=True)
class _Compared(Strategy):
    """The end of `TakeLogs`: 0 < a, the inequality of the logarithms, and what follows from both by the facts."""

    a: Any
    fact: Any
    extra: tuple[Instance, ...]

    def prove(self, goal: Goal, search: Search) -> Node:
        from .auto import Auto

        compare: Node = {"rule": "have", "fact": self.fact, "proof": Auto(3, facts=1), "then": Facts(Finish(), self.extra)}
        node: Node = {"rule": "have", "fact": ["<", 0, self.a], "proof": Each(), "then": compare}
        return complete(lambda n: prove(goal, n, ""), node, search)
