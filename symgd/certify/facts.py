"""Goals about exp, log, tanh, sin, cos and square roots by what textbooks say of these functions.

The facts about the values that occur become hypotheses (`Facts`), the values become variables (`Abstract`), and the equations
among them are solved one after the other (`Eliminate`).
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import gcd, lcm
from typing import Any

import sympy

from ..kernel import Reject
from ..kernel.rules import Goal, prove
from ..language import from_sympy
from .abstraction import FUNCTIONS, Abstract, Each, relations_of
from .elimination import Eliminate
from .strategy import KNOWN, Node, Search, Strategy, Unproved, first, show, term_json

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
OPEN: Node = {"rule": "open"}
REAL = ["(", "-oo", "oo", ")"]
TANGENT: Node = {"vars": [["u", *REAL]], "then": [["<=", ["+", 1, "u"], ["exp", "u"]]]}
_LEAF: Node = {"rule": "cover", "tree": ["n"]}
_PARTS: Node = {"at": {"rule": "cover", "tree": ["d"]}, "side": _LEAF, "defined": _LEAF, "slope": _LEAF}
_MONOTONE: Node = {"rule": "monotone", "var": "u", "from": 0, **_PARTS}
TANGENT_PROOF: Node = {
    "rule": "cover",
    "tree": [["u", 0], {**_MONOTONE, "end": "hi"}, "d", {**_MONOTONE, "end": "lo"}],
}


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
    return {"rule": "apply", "fact": name, "at": dict(at)}


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


def polynomial(goal: Goal, root: int, whole: bool = False) -> sympy.Expr:
    """The term with values of functions as symbols of their own, and quotients, too, where the divisor depends on variables and each is to
    be a `whole`."""
    out: dict[int, sympy.Expr] = {}
    for k in goal.arena.schedule(root):
        op, sub, data = goal.arena.nodes[k]
        v = [out[i] for i in sub]
        if op == "num":
            out[k] = sympy.Rational(data.numerator, data.denominator)
        elif op == "/" and (v[1] == 0 or (whole and not v[1].is_number)):
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


def restored(goal: Goal, s: sympy.Expr) -> Any:
    """The JSON of a polynomial in variables and values of functions."""
    values = {x.name: int(x.name[6:]) for x in s.free_symbols if value_of(goal, x)}

    def written(j: Any) -> Any:
        if isinstance(j, list):
            return [written(k) for k in j]
        return term_json(goal, values[j]) if isinstance(j, str) and j in values else j

    return written(from_sympy(s).json)
