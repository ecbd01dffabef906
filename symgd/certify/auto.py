"""The automatic strategy: the cheapest rule first, then case distinctions, substitutions for square roots, subdivision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..kernel.rules import Goal, exactly
from ..kernel.terms import MAX_WORK
from ..language import from_json
from .abstraction import FUNCTIONS, Abstract, outermost
from .algebra import float_values, prove_by_algebra
from .change import Change
from .cover import Counterexample, Cover, close
from .falsify import violates
from .squares import prove_by_squares, prove_by_weighted_squares
from .strategy import Either, Node, Search, Strategy, Unproved, complete, proves, show, term_json


@dataclass(frozen=True)
class Auto(Strategy):
    """Prove a goal without hints: quick rules, substitutions that remove square roots and case distinctions (nested up to
    `depth`), and only then subdivision into at most `leaves` boxes."""

    depth: int = 7
    leaves: int = 3_000
    subdivide: bool = True
    facts: int = 2  # how much is tried with what textbooks say of functions: nothing, the facts alone, or also squares and exponentials

    def prove(self, goal: Goal, search: Search) -> Node:
        node = self.quickly(goal, search)
        if node is not None:
            return node
        last, boxes = Unproved("no rule applies", show(goal)), Unproved("").boxes
        for attempt in self.attempts(goal):
            search.tick()
            goal.arena.work = 0
            try:
                return attempt.prove(goal, search)
            except Counterexample as found:
                if found.point.keys() == goal.ranges.keys() and violates(goal, dict(found.point)):
                    raise  # of this very goal, not of a lemma
                last = found
            except Unproved as problem:
                last, boxes = problem, problem.boxes if problem.goal is goal else boxes
        reason, left = ("a lemma that would do is false", show(goal)) if isinstance(last, Counterexample) else (last.reason, last.left)
        raise Unproved(reason, left, goal, boxes)

    def quickly(self, goal: Goal, search: Search, limit: int = 300) -> Node | None:
        """One leaf, one piece of algebra, or one rule for each conclusion."""
        token = close(goal, goal.ranges, 64, ("n",))
        node = None if token is not None else prove_by_algebra(goal, search, min(limit, 2))
        if node is None and token is None:
            token = close(goal, goal.ranges, 64, ("m", "d"))
        if token is not None:
            return {"rule": "cover", "tree": [token]}
        if node is None and limit > 12:
            node = prove_by_squares(goal) or prove_by_weighted_squares(goal)
        node = node or prove_by_algebra(goal, search, limit)
        if node is not None:
            return node
        return one_by_one(goal, search) if len(goal.then) > 1 and limit > 12 else None

    def attempts(self, goal: Goal) -> Iterator[Strategy]:
        from .monotone import Folded, Monotone

        deeper = replace(self, depth=self.depth - 1, subdivide=False, facts=min(self.facts, 1))
        values = self.depth > 0 and self.facts > 0 and bool(outermost(goal, (*FUNCTIONS, "sqrt")))
        wide = [r for r in goal.ranges.values() if not r.point()]
        if self.depth > 0:
            from .sums import FactorSigns, Sums

            yield Sums(nested=not self.subdivide)
            yield FactorSigns(replace(self, depth=min(self.depth - 1, 2), facts=0))
            if len(wide) > 1 and outermost(goal, ("sqrt",)):
                from .roots import Roots

                yield Roots()
        if self.subdivide and values and len(wide) < 3 and not any(r.lo is None or r.hi is None for r in wide):
            yield Cover(400, most=64)  # with a margin, this is quick, and the proof short
        if self.depth > 0 and self.facts > 0:
            from .branches import Branches
            from .increasing import Increasing, promising
            from .increment import Increment, pairs
            from .logarithms import LogSums
            from .products import Product
            from .tails import Tails

            whole: list[Strategy] = [Branches(), Tails()] if self.subdivide else []
            two: list[Strategy] = [Product(), Increment()]
            grows = Increasing(replace(self, depth=min(self.depth - 1, 3), subdivide=False)) if values and len(wide) > 1 else None
            if grows and promising(goal):
                yield grows
            rules = [*[LogSums()] * values, *(two + whole if len(wide) < 3 and any(pairs(goal)) else whole + two)]
            yield from rules if len(goal.then) == 1 else [Separately(Either(tuple(rules)))]
            if grows and not promising(goal):
                yield grows
        if outermost(goal):
            yield Monotone()
            if self.subdivide and len(wide) == 1:  # where the sides touch inside the range
                parts = Either((Auto(0, subdivide=False, facts=0), Folded(Auto(1, subdivide=False, facts=0))))
                cuts = sorted(cut_points(goal), key=lambda cut: (cut[1].denominator, abs(cut[1])))
                yield from (Split(x, c, parts) for x, c in cuts[:2])
        if self.depth > 0:
            if values:
                from .facts import Facts, Finish
                from .inequalities import Absolute, Squares

                yield Facts(Finish())
                yield from (Squares(), Absolute()) if self.facts > 1 else ()
            if outermost(goal):
                yield Abstract(deeper)
            changes = list(root_changes(goal))
            for x, z, by in changes:
                yield Change(x, z, from_json(by), deeper)
            if not changes:
                cut = next(cut_points(goal), None) or next(sign_cuts(goal), None)
                if cut is not None:
                    yield Split(*cut, deeper)
                else:
                    for x, z, by in ratio_changes(goal):
                        yield Change(x, z, from_json(by), deeper)
            if len(goal.then) > 1:
                yield Separately(deeper)
        if values and self.facts > 1:
            from .inequalities import Exponentials, TakeLogs, Tangents

            yield from (Exponentials(), Tangents(), TakeLogs())
        if self.subdivide:
            for x, c in cut_points(goal):
                yield Split(x, c, replace(self, depth=max(self.depth - 2, 0)))
                break
            if self.depth > 5 and self.facts > 0:  # not in the parts of a split
                yield Branches(thorough=True)
            yield Cover(self.leaves, inner=self.inner)
            if values and self.facts > 1:
                from .inequalities import AsExponentials

                yield AsExponentials()
            yield Cover(4 * self.leaves)

    def inner(self, goal: Goal, search: Search) -> Node | None:
        """A whole box of a subdivision by a quick rule, or by monotony."""
        from .monotone import Monotone

        node = self.quickly(goal, search, 12)
        if node is None and outermost(goal):
            try:
                return Monotone(3).prove(goal, search)
            except Unproved:
                return None
        return node


@dataclass(frozen=True)
class Quick(Strategy):
    """One quick rule."""

    def prove(self, goal: Goal, search: Search) -> Node:
        node = Auto(0).quickly(goal, search, 12)
        if node is None:
            raise Unproved("no quick rule", show(goal))
        return node


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
        from .linear import relation_json, restated

        chain: list[tuple[Any, Node]] = []
        for clause in goal.then:
            alone = replace(goal, then=(clause,))
            if len(clause) > 1:
                raise Unproved("a disjunction among several conclusions", show(alone))
            node = self.one(alone, search)
            if chain:  # the facts before it are hypotheses, too: a proof that counts hypotheses is one of a lemma without them
                known = replace(goal, given=(*goal.given, *(c[0] for c in goal.then[: len(chain)])), then=(clause,)).narrowed()
                if not proves(known, node, MAX_WORK):
                    node = {**restated(alone, [relation_json(goal, g) for g in goal.given]), "proof": node}
            r = clause[0]
            chain.append(([r.op, term_json(goal, r.lhs), term_json(goal, r.rhs)], node))
        out: Node = {"rule": "cover", "tree": ["n"]}  # each conclusion is a hypothesis now
        for fact, node in reversed(chain):
            out = {"rule": "have", "fact": fact, "proof": node, "then": out}
        return complete(lambda n: _prove(goal, n), out, search)

    def one(self, goal: Goal, search: Search) -> Node:
        """One conclusion."""
        node = Auto(0).quickly(goal, search)
        if node is None:
            if self.each is None:
                raise Unproved("no quick rule", show(goal))
            node = self.each.prove(goal, search)
        return node


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
    # a hypothesis in one variable, such as z^2 < 1, bounds it; a conclusion in one variable may touch its bound
    shape = set(seen)
    for g in [*goal.given, *(r for c in goal.then for r in c if r.op in ("<=", "<"))]:
        names = {x for x in arena.variables(g.diff) if not goal.ranges[x].point()}
        if len(names) == 1 and arena.nodes[g.lhs][0] + arena.nodes[g.rhs][0] not in ("varnum", "numvar"):
            x = names.pop()
            seen |= {(x, c) for c in kinks(goal, (g.diff,), x)}
    for x, c in [*sorted(shape), *sorted(seen - shape)]:
        if x in goal.ranges and not goal.ranges[x].point() and exactly(c).within(goal.ranges[x]):
            yield x, c


POOL = sorted(
    {Fraction(n, d) for d in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 100) for n in range(-4 * d, 4 * d + 1)}
    | {Fraction(n) for n in range(-64, 65)}
)
POOL_FLOATS = np.array([float(q) for q in POOL])


def kinks(goal: Goal, operands: tuple[int, ...], x: str) -> list[Fraction]:
    """Simple rational zeros of the operand (or of the difference of two) in x, whatever the other variables are."""
    arena = goal.arena
    root = operands[0] if len(operands) == 1 else arena.make("-", *operands)
    fixed = {y: r.lo for y, r in goal.ranges.items() if r.lo is not None and r.point()}
    others = sorted(arena.variables(root) - fixed.keys() - {x})
    trials = [{y: Fraction(k + i, 7) for i, y in enumerate(others)} for k in ((9, 16) if others else (9,))]  # zero whatever the others are
    near = np.full(len(POOL), True)
    with np.errstate(all="ignore"):
        for trial in trials:
            samples = {**{y: np.array(float(v)) for y, v in {**trial, **fixed}.items()}, x: POOL_FLOATS}
            near &= np.abs(np.asarray(float_values(goal, root, samples), dtype=float)) < 1e-9
    found = [POOL[i] for i in np.flatnonzero(near) if exactly(POOL[i]).within(goal.ranges[x])]
    arena.work = 0
    return found if len(found) < 9 else []


def mixed_kinks(goal: Goal) -> Iterator[list[str]]:
    """The variables of each argument of |.| and the like (or difference of two) whose sign changes with more than one of them."""
    arena = goal.arena
    for root in relevant(goal):
        for k in arena.schedule(root):
            op, sub, _ = arena.nodes[k]
            if op in ("abs", "sign", "max"):
                inside = sub[0] if len(sub) == 1 else arena.make("-", *sub)
                names = sorted(x for x in arena.variables(inside) if not goal.ranges[x].point())
                if len(names) > 1:
                    yield names


def sign_cuts(goal: Goal) -> Iterator[tuple[str, Fraction]]:
    """Zero, for the variables of both signs in arguments of |.| and the like that depend on several."""
    zero = exactly(Fraction(0))
    for names in mixed_kinks(goal):
        yield from ((x, Fraction(0)) for x in names if zero.within(goal.ranges[x]))


def ratio_changes(goal: Goal) -> Iterator[tuple[str, str, Any]]:
    """Substitutions y = z x or y = -z x with z >= 0, which turn the sign of x - y, say, into that of 1 - z."""
    for names in mixed_kinks(goal):
        ends = {x: goal.ranges[x] for x in names}
        signs = {x: 1 if r.lo is not None and r.lo >= 0 else -1 if r.hi is not None and r.hi <= 0 else 0 for x, r in ends.items()}
        z = next(n for n in ("z", "u", "v", "z1", "z2", "z3", "z4", f"{names[0]}_ratio") if n not in goal.names)
        scales = [x for x in names if signs[x] and not exactly(Fraction(0)).within(goal.ranges[x])]
        for x in scales[:1]:
            for y in names:
                if y != x and signs[y]:
                    yield y, z, ["*", x, z] if signs[x] == signs[y] else ["-", ["*", x, z]]
        if scales:
            return


def is_linear(goal: Goal, k: int, x: str) -> bool:
    """Whether the term, or what it is the absolute value of, is of degree one in x."""
    op, sub, _ = goal.arena.nodes[k]
    if op in ("abs", "/", "*", "+"):
        inside = [i for i in sub if x in goal.arena.variables(i)]
        return len(inside) == 1 and not (op == "/" and inside[0] == sub[1]) and is_linear(goal, inside[0], x)
    return op == "var" or (op == "-" and x not in goal.arena.variables(goal.arena.derivative(k, x)))


def root_changes(goal: Goal) -> Iterator[tuple[str, str, Any]]:
    """Substitutions that remove a square root of a variable: x = z^2, x = -z^2, and x = z^2 + z for sqrt(1 + 4x)."""
    arena, found = goal.arena, []
    for root in relevant(goal):
        for k in arena.schedule(root):
            if arena.nodes[k][0] == "sqrt":
                found += [
                    x
                    for x in sorted(arena.variables(k))
                    if not goal.ranges[x].point() and x not in found and is_linear(goal, arena.nodes[k][1][0], x)
                ]
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
