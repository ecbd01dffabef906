"""The automatic strategy: the cheapest rule first, then case distinctions, substitutions for square roots, subdivision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..kernel.rules import Goal
from .algebra import prove_by_algebra
from .cover import Cover, close
from .strategy import Node, Search, Strategy, Unproved, complete, proves, show, term_json


@dataclass(frozen=True)
class Auto(Strategy):
    """Prove a goal without hints. `depth` bounds nested case distinctions, `leaves` the subdivision."""

    depth: int = 4
    leaves: int = 3_000

    def prove(self, goal: Goal, search: Search) -> Node:
        node = self.quickly(goal, search)
        if node is not None:
            return node
        for attempt in self.attempts(goal, search):
            search.tick()
            try:
                return attempt.prove(goal, search)
            except Unproved as problem:
                last = problem
        raise Unproved(*(last.reason, last.left) if "last" in locals() else ("no rule applies", show(goal)))

    def quickly(self, goal: Goal, search: Search) -> Node | None:
        """One leaf, one piece of algebra, or one rule for each conclusion."""
        token = close(goal, goal.ranges, 64)
        if token is not None:
            return {"rule": "cover", "tree": [token]}
        if is_univariate(goal):
            node = sturm(goal)
            if node is not None:
                return node
        node = prove_by_algebra(goal, search)
        if node is not None:
            return node
        return one_by_one(goal, search) if len(goal.then) > 1 else None

    def attempts(self, goal: Goal, search: Search) -> Iterator[Strategy]:
        deeper = Auto(self.depth - 1, self.leaves)
        if self.depth > 0:
            for x, c in cut_points(goal):
                yield Split(x, c, deeper)
            for x, z, by in root_changes(goal):
                yield Substitute(x, z, by, deeper)
            if len(goal.then) > 1:
                yield Separately(deeper)
        yield Cover(self.leaves, inner=lambda g, s: self.quickly(g, s))
        if all(r.lo is not None and r.hi is not None for r in goal.ranges.values()):
            yield Cover(4 * self.leaves, precision=192)


def is_univariate(goal: Goal) -> bool:
    return sum(not r.point() for r in goal.ranges.values()) == 1


def sturm(goal: Goal) -> Node | None:
    clauses: list[dict[str, int]] = []
    for clause in goal.then:
        for i, r in enumerate(clause):
            entry = {"pick": i} if i else {}
            if r.op != "=" and proves(replace(goal, then=(clause,)), {"rule": "sturm", "clauses": [entry]}):
                clauses.append(entry)
                break
        else:
            return None
    return {"rule": "sturm", "clauses": clauses}


def one_by_one(goal: Goal, search: Search) -> Node | None:
    """Each single conclusion by its own quick rule, as facts that are put together at the end."""
    try:
        return Separately(None).prove(goal, search)
    except Unproved:
        return None


@dataclass(frozen=True)
class Separately(Strategy):
    """Prove the conclusions one after the other; `each` proves those that no quick rule settles (None: give up there)."""

    each: Strategy | None

    def prove(self, goal: Goal, search: Search) -> Node:
        chain: list[tuple[Any, Node]] = []
        entries: list[dict[str, Any]] = []
        for clause in goal.then:
            alone = replace(goal, then=(clause,))
            if len(clause) > 1:
                raise Unproved("a disjunction among several conclusions", show(alone))
            node = Auto(0).quickly(alone, search)
            if node is None:
                if self.each is None:
                    raise Unproved("no quick rule", show(alone))
                node = self.each.prove(alone, search)
            r = clause[0]
            chain.append(([r.op, term_json(goal, r.lhs), term_json(goal, r.rhs)], node))
            entries.append({"use": [[len(goal.given) + len(chain) - 1, 1]]})
        out: Node = {"rule": "orthant", "clauses": entries}
        for fact, node in reversed(chain):
            out = {"rule": "have", "fact": fact, "proof": node, "then": out}
        return complete(lambda n: _prove(goal, n), out, search)  # type: ignore[no-any-return]


def _prove(goal: Goal, node: Node) -> None:
    from ..kernel.rules import prove
    prove(goal, node, "")


@dataclass(frozen=True)
class Split(Strategy):
    """The cases x < c, x = c, x > c."""

    var: str
    at: Fraction
    then: Strategy

    def prove(self, goal: Goal, search: Search) -> Node:
        r, c = goal.ranges[self.var], self.at
        parts = [r.meet(None, c, hi_open=True), r.meet(c, c), r.meet(c, None, lo_open=True)]
        proofs = [self.then.prove(replace(goal, ranges={**goal.ranges, self.var: part}), search) for part in parts if not part.empty()]
        node: Node = {"rule": "cover", "tree": [[self.var, str(c)], *proofs]}
        return node


@dataclass(frozen=True)
class Substitute(Strategy):
    var: str
    to: str
    by: Any
    then: Strategy

    def prove(self, goal: Goal, search: Search) -> Node:
        order = [[x, "0", None] for x, r in goal.ranges.items() if x != self.var and r.lo is not None and r.lo >= 0 and not r.point()]
        node = {"rule": "change", "var": self.var, "to": self.to, "by": self.by, "order": [*order, [self.to, 0, None]], "then": self.then}
        return complete(lambda n: _prove(goal, n), node, search)  # type: ignore[no-any-return]


def relevant(goal: Goal) -> list[int]:
    return [r.diff for c in goal.then for r in c] + [g.diff for g in goal.given]


def cut_points(goal: Goal) -> Iterator[tuple[str, Fraction]]:
    """Points where the shape of the goal changes: kinks of |.| and sign in one variable, options `x = c`, and 0."""
    arena, seen = goal.arena, set()
    for clause in goal.then:
        if len(clause) > 1:
            for r in clause:
                for a, b in ((r.lhs, r.rhs), (r.rhs, r.lhs)):
                    if arena.nodes[a][0] == "var" and arena.nodes[b][0] == "num":
                        seen.add((arena.nodes[a][2], arena.nodes[b][2]))
    for root in relevant(goal):
        for k in arena.schedule(root):
            if arena.nodes[k][0] in ("abs", "sign", "relu", "max", "min"):
                for x in arena.variables(k):
                    if not goal.ranges[x].point():
                        seen |= {(x, c) for c in kinks(goal, arena.nodes[k][1], x)}
    for x, c in sorted(seen):
        r = goal.ranges.get(x)
        if r is not None and not r.point() and not r.meet(c, c).empty():
            yield x, c


def kinks(goal: Goal, operands: tuple[int, ...], x: str) -> list[Fraction]:
    """Rational zeros of the operand (the difference of two) as a function of x alone."""
    import sympy

    from ..language import from_json, to_sympy
    try:
        u = to_sympy(from_json(term_json(goal, operands[0])))
        if len(operands) == 2:
            u -= to_sympy(from_json(term_json(goal, operands[1])))
        symbol = sympy.Symbol(x, real=True)
        u = u.subs({sympy.Symbol(y, real=True): sympy.Rational(str(r.lo)) for y, r in goal.ranges.items() if r.point()})
        if u.free_symbols != {symbol}:
            numerator = sympy.factor_list(sympy.numer(sympy.together(u)))[1]
            return [Fraction(0)] if any(f == symbol or f == sympy.sqrt(symbol) for f, _ in numerator) else []
        zeros = sympy.solveset(u, symbol, sympy.S.Reals)
        return [Fraction(int(z.p), int(z.q)) for z in zeros if isinstance(z, sympy.Rational)] if zeros.is_FiniteSet else []
    except (NotImplementedError, ValueError, TypeError, AttributeError, sympy.PolynomialError):
        return []


def root_changes(goal: Goal) -> Iterator[tuple[str, str, Any]]:
    """Substitutions that remove a square root of a variable: x = z^2, x = -z^2, and x = z^2 + z for sqrt(1 + 4x)."""
    arena, found = goal.arena, []
    for root in relevant(goal):
        for k in arena.schedule(root):
            if arena.nodes[k][0] == "sqrt":
                for x in arena.variables(k):
                    r = goal.ranges[x]
                    if not r.point() and x not in found:
                        found.append(x)
    for x in found:
        r, z = goal.ranges[x], next(n for n in ("z", "y", "u", "v", f"{x}_root") if n not in goal.names)
        scales = [y for y, s in goal.ranges.items() if y != x and s.lo is not None and s.lo >= 0 and s.lo_open]
        if r.lo is not None and r.lo >= 0:
            yield x, z, ["^", z, 2]
            yield from ((x, z, ["*", ["^", y, 2], ["^", z, 2]]) for y in scales)
            yield x, z, ["+", z, ["^", z, 2]]
        elif r.hi is not None and r.hi <= 0:
            yield x, z, ["-", ["^", z, 2]]
            yield from ((x, z, ["-", ["*", ["^", y, 2], ["^", z, 2]]]) for y in scales)
