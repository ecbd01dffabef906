"""Inequalities with max, min, relu and |.| in several variables: the cases in which each has one value, and what it is at least."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ..kernel.rules import Goal, Relation, prove, read_goal, read_relation, relation
from ..kernel.terms import Arena, Undefined
from .abstraction import FUNCTIONS, Abstract, Each, ends, outermost, relations_of
from .auto import Auto, Quick, Separately
from .elimination import only
from .facts import REAL, Facts, Finish
from .inequalities import Absolute, Squares
from .linear import Linear, chained, range_ends, relation_json, restated, within
from .logarithms import LogSums, put
from .part import Part
from .strategy import KNOWN, Either, Given, Node, Search, Strategy, Unproved, complete, first, show, term_json

MOST, SHORT, SECONDS, LIMIT = 9, 2.0, 6.0, 12.0  # kinks of one goal; time for what is left of it in one case, and for all cases
GROWING = {"exp", "log", "sqrt", "atan", "tanh", "max", "+"}
TERMS: dict[str, tuple[Any, Any, Any]] = {  # each kink with its values where u <= v and where v <= u
    "max": (["max", "u", "v"], "v", "u"),
    "min": (["max", ["-", 0, "u"], ["-", 0, "v"]], ["-", 0, "u"], ["-", 0, "v"]),
    "gap": (["abs", ["-", "u", "v"]], ["-", "v", "u"], ["-", "u", "v"]),
    "abs": (["abs", "u"], ["-", 0, "u"], "u"),
}


@dataclass(frozen=True)
class Kink:
    """A part of a goal that is max(u, v), max(-u, -v), |u - v|, or |u| with v = 0."""

    term: int
    kind: str
    u: int
    v: int

    @classmethod
    def of(cls, arena: Arena, k: int) -> Kink:
        op, sub, _ = arena.nodes[k]

        def negated(i: int) -> int | None:
            return arena.nodes[i][1][1] if arena.nodes[i][0] == "-" and arena.nodes[arena.nodes[i][1][0]][::2] == ("num", 0) else None

        if op == "abs":
            inner = arena.nodes[sub[0]]
            return cls(k, "gap", *inner[1]) if inner[0] == "-" and negated(sub[0]) is None else cls(k, "abs", sub[0], arena.num(0))
        a, b = (negated(i) for i in sub)
        return cls(k, "max", *sub) if a is None or b is None else cls(k, "min", a, b)


@cache
def sign_lemma(low: bool) -> Node:
    """The lemma z <= 0 where sign(z) = w <= 0, or z >= 0 where sign(z) = w >= 0, ready to be applied."""
    r = ["(", "-oo", "0", "]"] if low else ["[", "0", "oo", ")"]
    lemma = {"vars": [["w", *r], ["z", *REAL]], "given": [["=", "w", ["sign", "z"]]], "then": [["<=", "z", 0] if low else ["<=", 0, "z"]]}
    order = [["w", None, 0], ["z", 0, None]] if low else [["w", 0, None], ["z", None, 0]]
    absurd: Node = {"rule": "orthant", "clauses": [{"absurd": 0, "order": order}]}
    tree = [["z", 0], "n", "n", absurd] if low else [["z", 0], absurd, "n", "n"]
    return {"rule": "apply", "lemma": lemma, "proof": {"rule": "cover", "tree": tree}}


@cache
def value_lemma(kind: str, low: bool) -> Node:
    """The lemma that says what a kink is where u - v <= 0, and where it is >= 0, with u <= v and v <= u, ready to be applied."""
    term, below, above = TERMS[kind]
    names, gap = (["u", "v"], ["-", "u", "v"]) if kind != "abs" else (["u"], "u")
    other = "v" if kind != "abs" else 0
    order = [["u", None, other] if low else ["u", other, None]]
    fact, given = (["<=", "u", other], ["<=", gap, 0]) if low else (["<=", other, "u"], ["<=", 0, gap])
    lemma = {"vars": [[x, *REAL] for x in names], "given": [given], "then": [fact, ["=", term, below if low else above]]}
    both: Node = {"rule": "orthant", "clauses": [{"use": [[1, 1]]}, {"order": order}]}
    proof: Node = {"rule": "have", "fact": fact, "proof": {"rule": "orthant", "clauses": [{"use": [[0, 1]]}]}, "then": both}
    return {"rule": "apply", "lemma": lemma, "proof": proof}


@cache
def least_lemma(kind: str) -> Node:
    """The lemma that a kink is at least both of its values, ready to be applied."""
    term, below, above = TERMS[kind]
    names = ["u", "v"] if kind != "abs" else ["u"]
    lemma = {"vars": [[x, *REAL] for x in names], "then": [["<=", below, term], ["<=", above, term]]}
    proof = Separately(Branches(Linear(), inner=True)).prove(read_goal(lemma, Arena()), Search(seconds=10))
    return {"rule": "apply", "lemma": lemma, "proof": proof}


@dataclass(frozen=True)
class Branches(Strategy):
    """Where max(u, v) and the like may only be replaced by what is larger, in the cases u <= v and v <= u; elsewhere by what they are at
    least, or else in cases, too. `leaf` proves what is left, without hypotheses on the values; a `thorough` one tries whatever there is,
    and for equations both inequalities."""

    leaf: Strategy | None = None
    inner: bool = False
    thorough: bool = False

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        if r.op == "!=" or any(s.integer for s in goal.ranges.values()):
            raise Unproved("not an inequality or equation between real numbers", show(goal))
        found = kinks(goal, r)
        if len(found) > MOST or (not found and not self.inner):
            raise Unproved("no kinks, or too many", show(goal))
        if not (self.inner or self.thorough or sum(not s.point() for s in goal.ranges.values()) > 1 or outermost(goal)):
            raise Unproved("numbers at which to split the range of the one variable are tried first", show(goal))
        leaf = self.leaf or (EQUAL if r.op == "=" and not self.thorough else Leaf(self.thorough))
        inner, search = replace(self, inner=True), search if self.inner else search.part(LIMIT)
        if goal.arena.nodes[r.lhs][0] == "abs" and r.op in ("<", "<="):
            return Absolute(inner).prove(goal, search)
        if r.op == "=" and r.lhs == r.rhs:  # which says that it is defined
            return Defined().prove(goal, search)
        if r.op == "=" and leaf is not EQUAL:
            return Antisymmetry(inner).prove(goal, search)
        free = [k for k, signs in found.items() if 1 in signs]
        if not free:
            try:
                return leaf.prove(goal, search)
            except Unproved:
                if not found:
                    raise
        return self.split(goal, Kink.of(goal.arena, min(free or found)), inner, search)

    def split(self, goal: Goal, kink: Kink, then: Strategy, search: Search) -> Node:
        """The two cases of one kink, by the sign of u - v as a variable from -1 to 1, or the one case that there is."""
        arena, r = goal.arena, only(goal)
        gap = kink.u if kink.kind == "abs" else arena.make("-", kink.u, kink.v)
        gap_json, at = term_json(goal, gap), {"u": term_json(goal, kink.u), "v": term_json(goal, kink.v)}
        try:
            Part(goal, goal.ranges, 64).natural(gap)
            side: Any = KNOWN
        except Undefined:
            side = Defined()

        def case(low: bool, number: int) -> Node:
            """What comes after the hypothesis on the sign of u - v, of which the next has this number."""
            lemma = value_lemma(kink.kind, low)
            own = {x: at[x] for x, *_ in lemma["lemma"]["vars"]}
            fact, equation = (put(line, at) for line in lemma["lemma"]["then"])
            value = read_relation(arena, equation, goal.names)
            new = shifted(arena, r, kink.term, value.rhs if value.lhs == kink.term else value.lhs)
            order = read_relation(arena, fact, goal.names)
            after = replace(goal, given=tuple(dict.fromkeys((*goal.given, order))), then=((new,),)).narrowed()
            proof = then.prove(after, search)
            small = {**restated(after, [relation_json(goal, g) for g in after.given]), "proof": proof}
            return {**lemma, "at": own, "side": side, "then": {"rule": "rewrite", "use": number + 1, "then": small}}

        count = len(goal.given)
        for low in (True, False):  # one case is enough where the sign is known
            fact = ["<=", gap_json, 0] if low else ["<=", 0, gap_json]
            if certain(goal, read_relation(arena, fact, goal.names)):
                node: Node = {"rule": "have", "fact": fact, "proof": KNOWN, "then": case(low, count + 1)}
                return complete(lambda n: prove(goal, n, ""), node, search)
        w = next(n for n in ("w", "w_", "w__", "w___", *(f"w_{i}" for i in range(99))) if n not in goal.names)
        sign = ["sign", gap_json]
        tree: list[Any] = [sorted([*goal.ranges, w]).index(w)]
        for low in (True, False):
            tree.append({**sign_lemma(low), "at": {"w": w, "z": gap_json}, "side": side, "then": case(low, count + 2)})
        lemma = {
            "vars": [*([x, *ends(*range_ends(goal, x))] for x in goal.ranges), [w, "[", -1, 1, "]"]],
            "given": [*(relation_json(goal, g) for g in goal.given), ["=", w, sign]],
            "then": [relation_json(goal, r)],
        }
        node = {"rule": "apply", "lemma": lemma, "proof": {"rule": "cover", "tree": tree}, "at": {x: x for x in goal.ranges} | {w: sign}}
        node |= {"side": within(goal, goal.ranges) if side is KNOWN else side, "then": KNOWN}
        if side is KNOWN and self.inner:  # checked as a part of the whole
            return node
        return complete(lambda n: prove(goal, n, ""), node, search)


@dataclass(frozen=True)
class Antisymmetry(Strategy):
    """a = b from a <= b and b <= a."""

    each: Strategy

    def prove(self, goal: Goal, search: Search) -> Node:
        r = only(goal)
        lemma = {"vars": [["u", *REAL], ["v", *REAL]], "given": [["<=", "u", "v"], ["<=", "v", "u"]], "then": [["=", "u", "v"]]}
        proof = {"rule": "orthant", "clauses": [{"order": [["u", "v", "v"]]}]}
        at = {"u": term_json(goal, r.lhs), "v": term_json(goal, r.rhs)}
        node: Node = {"rule": "apply", "lemma": lemma, "proof": proof, "at": at, "side": Separately(self.each), "then": KNOWN}
        return complete(lambda n: prove(goal, n, ""), node, search)


EQUAL = Quick()


@dataclass(frozen=True)
class Defined(Strategy):
    """Simple conclusions, and that terms are defined, also because exponentials are positive."""

    def prove(self, goal: Goal, search: Search) -> Node:
        signs: Node = {"rule": "defined", "proof": Facts(Finish(), signs=True)}
        return first([Each(1), Separately(Either((Each(1), Given(signs)))), Given(signs)], goal, search)


def certain(goal: Goal, r: Relation) -> bool:
    """Whether the ranges or a hypothesis show the relation at once."""
    return r in goal.given or Part(replace(goal, then=((r,),)), goal.ranges, 64).token(("n",)) is not None


def shifted(arena: Arena, r: Relation, k: int, value: int) -> Relation:
    """The relation with another term put for one of its parts."""
    return relation(arena, r.op, arena.substitute(r.lhs, {k: value}), arena.substitute(r.rhs, {k: value}))


def kinks(goal: Goal, r: Relation) -> dict[int, set[int]]:
    """The parts max(u, v) and |u| of the difference of the sides, each with the signs with which it grows with them."""
    arena, found, seen = goal.arena, dict[int, set[int]](), set[tuple[int, int]]()
    stack = [(r.diff, 1)] + [(r.diff, -1)] * (r.op == "=")
    while stack:
        k, s = stack.pop()
        if (k, s) in seen or not arena.variables(k):
            continue
        seen.add((k, s))
        op, sub, data = arena.nodes[k]
        if op in ("max", "abs"):
            found.setdefault(k, set()).add(s)
        if op in GROWING or (op == "^" and data > 0 and data % 2):
            stack += [(i, s) for i in sub]
        elif op == "-":
            stack += [(sub[0], s), (sub[1], -s)]
        elif op in ("*", "/") and (t := constant_sign(goal, sub)):
            stack += [(i, s * t) for i in sub]
        else:
            stack += [(i, t) for i in sub for t in (1, -1)]
    return found


def constant_sign(goal: Goal, sub: tuple[int, ...]) -> int:
    """The sign of the operand that is a number; 0 where there is none, or it is the first of a quotient."""
    for i in sub:
        if not goal.arena.variables(i):
            try:
                q = goal.arena.value(i, {})
            except Undefined:
                return 0
            return (q > 0) - (q < 0)
    return 0


@dataclass(frozen=True)
class Leaf(Strategy):
    """Algebra, a combination of what the kinks are at least, logarithms of sums of exponentials, squares, and facts about functions."""

    thorough: bool = False

    def prove(self, goal: Goal, search: Search) -> Node:
        part = search.part(SECONDS if self.thorough else SHORT)
        node = Auto(0).quickly(goal, search, 12)
        if node is not None:
            return node
        bent = bool(kinks(goal, only(goal)))
        attempts: list[Strategy] = [Least()]
        if not bent and outermost(goal, (*FUNCTIONS, "sqrt")):
            attempts += [LogSums(), Squares()]
        if not bent and self.thorough:
            attempts.append(Auto(3, subdivide=False, facts=2))
        return first(attempts, goal, part)


@dataclass(frozen=True)
class Least(Strategy):
    """A combination with numbers of the hypotheses and of what the kinks are at least, where other functions count as variables."""

    def prove(self, goal: Goal, search: Search) -> Node:
        arena, facts = goal.arena, list[Node]()
        inside = {
            k for r in relations_of(goal) for k in arena.schedule(r.diff) if arena.nodes[k][0] in ("max", "abs") and arena.variables(k)
        }
        for k in sorted(inside):
            kink = Kink.of(arena, k)
            lemma = least_lemma(kink.kind)
            at = {"u": term_json(goal, kink.u), "v": term_json(goal, kink.v)}
            facts.append({**lemma, "at": {x: at[x] for x, *_ in lemma["lemma"]["vars"]}, "side": Defined()})
        functions = (*FUNCTIONS, "sqrt", "max", "abs")
        end: Strategy = Abstract(Linear(), functions) if outermost(goal, functions) else Linear()
        return complete(lambda n: prove(goal, n, ""), chained(facts, end), search)
