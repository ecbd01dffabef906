"""Inequalities between sums of logarithms of sums of exponentials: a product of powers lies below another one, as polynomials in a few
exponentials."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from math import gcd, lcm
from typing import Any

import sympy

from ..kernel.rules import Goal, prove, read_goal
from ..kernel.terms import Arena
from ..language import LanguageError
from .abstraction import Abstract, Each, ends, outside
from .algebra import orders
from .elimination import Eliminate, only
from .facts import REAL, applied, polynomial, restored, value_of
from .linear import Focus, Linear, chained, range_ends, within
from .strategy import KNOWN, Either, Given, Node, Search, Strategy, Unproved, complete, proves, show, term_json

LARGEST, MANY, SECONDS = 12, 10, 3.0  # exponents, factors of a product, time for the polynomials
POSITIVE = ["(", "0", "oo", ")"]


@cache
def growing(op: str, f: str) -> Node:
    """The lemma that u < v (or u <= v) implies the same of exp, log, tanh (<= alone) or atan, ready to be applied."""
    r = POSITIVE if f == "log" else REAL
    lemma = {"vars": [["u", *r], ["v", *r]], "given": [[op, "u", "v"]], "then": [[op, [f, "u"], [f, "v"]]]}
    node: Node = {"rule": "monotone", "var": "u", "end": "hi", "from": "v", "at": Abstract(Given(KNOWN)), "side": Each(0)}
    node |= {"defined": {"rule": "defined", "proof": Each()}, "slope": Each(), "strict": op == "<"}
    if (op, f) == ("<", "exp"):  # whose slope is itself
        node["slope"] = {**applied("exp", {"u": "u"}), "side": KNOWN, "then": KNOWN}
    goal = read_goal(lemma, Arena())
    return {"rule": "apply", "lemma": lemma, "proof": complete(lambda n: prove(goal, n, ""), node, Search(seconds=10))}


@cache
def power(n: int) -> Node:
    """The lemma exp(n u) = exp(u)^n."""
    lemma = {"vars": [["u", *REAL], ["w", *REAL]], "given": [["=", "w", ["*", n, "u"]]], "then": [["=", ["exp", "w"], raised("u", n)]]}
    facts, before, m = [{**applied("exp", {"u": "u"}), "side": Each(0)}], "u", abs(n)
    for k in range(2, m + 1):
        after: Any = "w" if k == n else ["*", k, "u"]
        side = Given({"rule": "orthant", "clauses": [*[{}] * (k > 2), {"use": [[0, 1]]}]}) if k == n else Each(0)
        facts.append({**applied("exp +", {"u": before, "v": "u", "w": after}), "side": side})
        before = after
    if n < 0:
        side = Given({"rule": "orthant", "clauses": [*[{}] * (m > 1), {"use": [[0, -1]]}]})
        facts.append({**applied("exp +", {"u": before, "v": "w", "w": 0}), "side": side})
    goal, node = read_goal(lemma, Arena()), chained(facts, Abstract(Eliminate(Given(KNOWN))))
    return {"rule": "apply", "lemma": lemma, "proof": complete(lambda n: prove(goal, n, ""), node, Search(seconds=10))}


@cache
def product() -> Node:
    """The lemma log(u v) = log(u) + log(v) for u, v > 0, where the product is positive."""
    whole = ["*", "u", "v"]
    lemma = {
        "vars": [["u", *POSITIVE], ["v", *POSITIVE]],
        "then": [["<", 0, whole], ["=", ["log", whole], ["+", ["log", "u"], ["log", "v"]]]],
    }
    node: Node = {**applied("log *", {"u": "u", "v": "v", "w": whole}), "side": Each(0), "then": KNOWN}
    first: Node = {
        "rule": "have",
        "fact": ["<", 0, whole],
        "proof": {"rule": "orthant", "clauses": [{"order": [["u", 0, None], ["v", 0, None]]}]},
    }
    goal = read_goal(lemma, Arena())
    return {"rule": "apply", "lemma": lemma, "proof": complete(lambda n: prove(goal, n, ""), {**first, "then": node}, Search(seconds=10))}


def stated(name: str, at: dict[str, Any]) -> Node:
    """A fact about exp and log at terms that are polynomials, or whose hypotheses are known, with the proof of these."""
    side: Node = {"rule": "orthant", "clauses": [{}] * (1 + sum(isinstance(t, list) for t in at.values()))} if "w" in at else KNOWN
    return {**(power(int(name)) if name[-1].isdigit() else applied(name, at)), "at": at, "side": side}


def raised(b: Any, n: int) -> Any:
    return ["exp", b] if n == 1 else ["^", ["exp", b], n]


@dataclass(frozen=True)
class LogSums(Strategy):
    """sum of n_i log(L_i) + p <= 0 with integers n_i, where the L_i are positive and p is a polynomial: the product of the L_i^n_i with
    n_i > 0 times the exponential of the positive terms of p is at most the rest, as a polynomial in the exponentials of the terms that
    the arguments of all exponentials are integer combinations of."""

    def prove(self, goal: Goal, search: Search) -> Node:
        try:
            return Bridge(goal, search, self.sides(goal)).node()
        except (LanguageError, sympy.PolynomialError, ZeroDivisionError) as problem:
            raise Unproved(f"not a sum of logarithms ({problem})", show(goal)) from None

    def sides(self, goal: Goal) -> list[list[Any]]:
        """The factors of the two products."""
        r = only(goal)
        s = polynomial(goal, r.diff)
        logs = {x: s.coeff(x) for x in sorted(s.free_symbols, key=str) if value_of(goal, x) == "log"}
        rest = sympy.expand(s - sum(c * x for x, c in logs.items()))
        if r.op not in ("<", "<=") or not logs or not all(c.is_Rational for c in logs.values()):
            raise Unproved("no sum of logarithms", show(goal))
        if any(value_of(goal, x) for x in rest.free_symbols):
            raise Unproved("more than logarithms and a polynomial", show(goal))
        terms = rest.as_coefficients_dict()
        n = lcm(*(int(c.q) for c in (*logs.values(), *terms.values())))
        sides: list[list[Any]] = [[], []]
        for x, c in logs.items():
            sides[int(bool(c < 0))] += [restored(goal, x)[1]] * min(abs(int(n * c)), MANY + 1)
        for side, sign in ((0, 1), (1, -1)):
            part = sympy.Add(*(n * c * m * sign for m, c in terms.items() if c * sign > 0))
            if part != 0:
                sides[side].append(["exp", restored(goal, part)])
        if max(map(len, sides)) > MANY:
            raise Unproved("too many factors", show(goal))
        return sides


class Bridge:
    """The proof for one goal: what the exponentials are, the inequality between polynomials in them, and the logarithms of both sides."""

    def __init__(self, goal: Goal, search: Search, sides: list[list[Any]]) -> None:
        self.goal, self.search, self.sides = goal, search, sides
        self.facts = list[Node]()
        self.count = len(goal.given)
        arena = goal.arena
        terms = {arena.read(f, goal.names) for side in sides for f in side}
        exps = dict[int, sympy.Expr]()
        for t in sorted(terms):
            for k in arena.schedule(t):
                if arena.nodes[k][0] in ("log", "sin", "cos", "tanh", "atan", "pow", "sqrt", "abs", "max", "sign"):
                    raise Unproved("not a sum of exponentials", show(goal))
                if arena.nodes[k][0] == "exp" and (e := polynomial(goal, arena.nodes[k][1][0])) != 0:
                    exps[arena.nodes[k][1][0]] = e
        if any(value_of(goal, x) for e in exps.values() for x in e.free_symbols):
            raise Unproved("an exponential of an exponential", show(goal))
        self.exps = exps
        values = [k for k, (op, *_) in enumerate(arena.nodes) if op == "exp"]
        self.plain = sorted({x for t in terms for x in outside(goal, t, values)})
        shares = dict[sympy.Expr, list[sympy.Rational]]()
        for e in exps.values():
            for m, c in e.as_coefficients_dict().items():
                shares.setdefault(m, []).append(c)
        self.basis = {m: sympy.Rational(gcd(*(int(c.p) for c in cs)), lcm(*(int(c.q) for c in cs))) * m for m, cs in shares.items()}
        self.units = {m: restored(goal, b) for m, b in self.basis.items()}
        tail = next("_" * n for n in range(1, 70) if not any(f"e{i}{'_' * n}" in goal.names for i in range(len(self.basis))))
        self.names = {m: f"e{i}{tail}" for i, m in enumerate(self.basis)}

    def add(self, node: Node, count: int = 1) -> int:
        """The number of the last hypothesis that the fact adds."""
        self.facts.append(node)
        self.count += count
        return self.count - 1

    def exponents(self, e: sympy.Expr) -> dict[sympy.Expr, int]:
        out = {m: int(c * m / self.basis[m]) for m, c in e.as_coefficients_dict().items()}
        if any(abs(k) > LARGEST for k in out.values()):
            raise Unproved("exponents are too large", show(self.goal))
        return out

    def node(self) -> Node:
        goal, arena = self.goal, self.goal.arena
        values, rewrites = dict[int, Any](), list[int]()  # each exponential in the new variables, and the equations that give it
        for b in self.units.values():
            self.add(stated("exp", {"u": b}))
        for k, e in self.exps.items():
            values[arena.make("exp", k)] = self.expand(term_json(goal, k), e, rewrites)
        given = [*self.orders(), *self.products(rewrites)]
        whole = [product_json(side) for side in self.sides]
        r = only(goal)
        factors = list({str(f): f for side in self.sides for f in side}.values())
        claims = [[r.op, *whole], *(["<", 0, f] for f in factors)]

        def renamed(claim: Any) -> Any:
            return [claim[0], *(term_json_with(goal, side, values) for side in claim[1:])]

        lemma = {
            "vars": [*([x, *POSITIVE] for x in self.names.values()), *([x, *ends(*range_ends(goal, x))] for x in self.plain)],
            "given": given,
            "then": [renamed(c) for c in claims],
        }
        at = {self.names[m]: ["exp", b] for m, b in self.units.items()} | {x: x for x in self.plain}
        self.add({"rule": "apply", "lemma": lemma, "proof": Core(), "at": at, "side": within(goal, self.plain)}, len(claims))
        proof: Any = KNOWN
        for k in reversed(rewrites):
            proof = {"rule": "rewrite", "use": k, "then": proof}
        keep = [self.add({"rule": "have", "fact": c, "proof": proof}) for c in claims]
        for side in self.sides:
            for f in {str(f): f for f in side}.values():
                if isinstance(f, list) and f[0] == "exp":
                    keep.append(self.add(stated("log exp", {"u": f[1]})))
            for i in range(1, len(side)):
                last = self.add({**product(), "at": {"u": product_json(side[:i]), "v": side[i]}, "side": KNOWN}, 2)
                keep += [last - 1, last]
        keep.append(self.add({**growing(r.op, "log"), "at": {"u": whole[0], "v": whole[1]}, "side": KNOWN}))
        end = Focus(tuple(keep), Abstract(Linear(), ("log",)))
        return complete(lambda n: prove(goal, n, ""), chained(self.facts, end), self.search)

    def expand(self, j: Any, e: sympy.Expr, rewrites: list[int]) -> Any:
        """exp(e) as a product of powers of the new variables."""
        powers = self.exponents(e)
        parts = [(self.units[m], k, self.names[m]) for m, k in powers.items()]
        value: Any = None
        w, total = j, e
        steps = []
        for i in reversed(range(len(parts))):
            b, k, _ = parts[i]
            m = list(powers)[i]
            own = b if k == 1 else j if len(parts) == 1 else restored(self.goal, sympy.expand(k * self.basis[m]))
            if i:
                total = sympy.expand(total - k * self.basis[m])
                before = parts[0][0] if i == 1 and parts[0][1] == 1 else restored(self.goal, total)
                steps.append(self.add(stated("exp +", {"u": before, "v": own, "w": w})))
                w = before
            else:
                own = w
            if k != 1:
                steps.append(self.add(stated(str(k), {"u": b, "w": own})))
            elif own != b:  # the same number, written in another way
                steps.append(self.add({"rule": "have", "fact": ["=", own, b], "proof": {"rule": "identity"}}))
        rewrites += steps
        for _, k, x in parts:
            u = x if k == 1 else ["^", x, k]
            value = u if value is None else ["*", value, u]
        return 1 if value is None else value

    def orders(self) -> list[Any]:
        """Which of the new variables are ordered, or are above or below 1, by hypotheses and ends of ranges."""
        goal, found = self.goal, list[Any]()
        known: list[tuple[str, sympy.Expr]] = [(g.op, polynomial(goal, g.diff)) for g in goal.given if g.op in ("<", "<=")]
        for x, r in goal.ranges.items():
            known += [("<=", -sympy.Symbol(x) + sympy.Rational(str(r.lo)))] if r.lo is not None else []
            known += [("<=", sympy.Symbol(x) - sympy.Rational(str(r.hi)))] if r.hi is not None else []
        rows = [(op, e.as_coefficients_dict()) for op, e in known]
        rows = [(op, row) for op, row in rows if len(row) < 3]
        for m, k in permutations([*self.basis, None], 2):
            d = (self.basis.get(m, sympy.Integer(0)) - self.basis.get(k, sympy.Integer(0))).as_coefficients_dict()
            for op, row in rows:
                if row.keys() == d.keys() and len({row[t] / d[t] for t in d}) == 1 and all(row[t] / d[t] > 0 for t in d):
                    fact = [op, self.units.get(m, 0), self.units.get(k, 0)]
                    self.add({"rule": "have", "fact": fact, "proof": Either((Given(KNOWN), Linear()))})
                    last = self.add({**growing(op, "exp"), "at": {"u": fact[1], "v": fact[2]}, "side": KNOWN})
                    if None in (m, k):  # exp(0) is 1
                        fact = [op, *(["exp", self.units[i]] if i is not None else 1 for i in (m, k))]
                        proof = Focus((last,), Abstract(Linear()))
                        self.add({"rule": "have", "fact": fact, "proof": proof})
                    found.append([op, self.names.get(m, 1), self.names.get(k, 1)])
                    break
        return found

    def products(self, rewrites: list[int]) -> list[Any]:
        """Relations between products of powers of the new variables, from hypotheses between sums of the terms in the exponents."""
        goal, out = self.goal, list[Any]()
        for k, g in enumerate(goal.given):
            d = polynomial(goal, g.diff) if g.op in ("<", "<=") else sympy.Integer(0)
            powers = {m: c * m / self.basis[m] for m, c in d.as_coefficients_dict().items() if m in self.basis}
            if len(powers) < 3 or len(powers) < len(d.as_coefficients_dict()):
                continue
            c = sympy.Rational(lcm(*(int(q.q) for q in powers.values())), gcd(*(int(q.p) for q in powers.values())))
            parts = [sympy.Add(*(sign * q * c * self.basis[m] for m, q in powers.items() if sign * q > 0)) for sign in (1, -1)]
            sides = [restored(goal, e) for e in parts]
            values = [self.expand(j, e, rewrites) for j, e in zip(sides, parts, strict=True)]
            proof: Node = {"rule": "orthant", "clauses": [{"use": [[k, str(c)]]}]}
            self.add({"rule": "have", "fact": [g.op, *sides], "proof": proof})
            known = [self.add({**growing(g.op, "exp"), "at": {"u": sides[0], "v": sides[1]}, "side": KNOWN})]
            monomials = [put(v, {self.names[m]: ["exp", b] for m, b in self.units.items()}) for v in values]
            back: Any = KNOWN
            for i in reversed(rewrites):
                back = {"rule": "rewrite", "use": i, "then": back}
            known += [
                self.add({"rule": "have", "fact": ["=", ["exp", j], v], "proof": back})
                for j, v in zip(sides, monomials, strict=True)
                if ["exp", j] != v
            ]
            self.add({"rule": "have", "fact": [g.op, *monomials], "proof": Focus(tuple(known), Abstract(Linear()))})
            out.append([g.op, *values])
        return out


def put(line: Any, at: dict[str, Any]) -> Any:
    """The terms put for the names in a relation or a term."""
    return [line[0], *(put(j, at) for j in line[1:])] if isinstance(line, list) else at.get(line, line)


def product_json(factors: list[Any]) -> Any:
    """The product from left to right, and 1 without factors."""
    out: Any = factors[0] if factors else 1
    for f in factors[1:]:
        out = ["*", out, f]
    return out


def term_json_with(goal: Goal, j: Any, values: dict[int, Any]) -> Any:
    """The term with other terms put for some of its parts."""
    if j in (0, 1):
        return j
    nodes, out = goal.arena.nodes, dict[int, Any]()
    for i in goal.arena.schedule(root := goal.arena.read(j, goal.names)):
        op, sub, data = nodes[i]
        if i in values:
            out[i] = values[i]
        elif op == "num":
            out[i] = int(data) if data.denominator == 1 else str(data)
        else:
            out[i] = data if op == "var" else [op, *(out[k] for k in sub), *([] if data is None else [data])]
    return out[root]


@dataclass(frozen=True)
class Core(Strategy):
    """An inequality between polynomials in positive variables of which some are ordered, and that the factors are positive."""

    def prove(self, goal: Goal, search: Search) -> Node:
        from .auto import Auto, Separately

        return Separately(Either((Ordered(), Linear(), Auto(2, subdivide=False, facts=0)))).prove(goal, search.part(SECONDS))


@dataclass(frozen=True)
class Ordered(Strategy):
    """Coefficients of one sign in the distances between ordered variables."""

    def prove(self, goal: Goal, search: Search) -> Node:
        names = sorted(goal.arena.variables(only(goal).diff))
        for order in list(orders(goal, names))[:200]:
            if proves(goal, node := {"rule": "orthant", "clauses": [{"order": order}]}):
                return node
        raise Unproved("no order of the variables shows the sign", show(goal))
