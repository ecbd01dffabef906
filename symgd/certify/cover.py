"""Branch and prune: split the box until every part is settled by an enclosure, or by algebra on the part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..kernel.rules import Goal, Range, bounds
from ..kernel.terms import Undefined
from .contract import contract
from .part import FORMS, Part
from .strategy import Node, Search, Strategy, Unproved, show

CLIMB, HOPELESS = 1_024, 32  # bits at most, and undecided boxes at which a subdivision ends


class Counterexample(Unproved):
    """The goal is false at the exact point `point`."""

    def __init__(self, point: Mapping[str, Fraction]) -> None:
        super().__init__("false at " + ", ".join(f"{x} = {q}" for x, q in point.items()))
        self.point = point


@dataclass(frozen=True)
class Cover(Strategy):
    """Subdivision with at most `leaves` parts; `inner` may prove a part as a whole (used where a range is infinite). Where rounding hides
    a sign, the precision grows up to `most` bits."""

    leaves: int = 4_000
    precision: int = 64
    inner: Callable[[Goal, Search], Node | None] | None = None
    most: int = CLIMB

    def prove(self, goal: Goal, search: Search) -> Node:
        tokens, left = branch(goal, search, min(self.leaves, search.leaves), self.precision, self.inner, self.most)
        if left:
            part = replace(goal, ranges=left[0])
            looked_at = sum(isinstance(token, (str, dict)) for token in tokens)
            whole = looked_at + len(left) - min(len(left), HOPELESS)
            what = f"{len(left)} of {whole} boxes stay undecided after subdivision"
            raise Unproved(what + margin(part, self.precision), show(part), goal, left)
        node: Node = {"rule": "cover", "tree": tokens}
        return node if self.precision == 64 else {**node, "precision": self.precision}


def margin(goal: Goal, p: int) -> str:
    """What is known of the difference of the two sides of the first conclusion that is not settled on a box, in words."""
    for clause in goal.then:
        if any(goal.certain(r, goal.ranges, form, p) for r in clause for form in ("n", "d")):
            continue
        try:
            lo, hi = (float(Fraction(end) / 2**p) for end in bounds(goal.arena, clause[0].diff, goal.ranges, "d", p))
        except (Undefined, OverflowError):
            return ", where no bound is known"
        return f", where the left side minus the right is only known to be in [{lo:.3g}, {hi:.3g}]"
    return ""


@dataclass
class Odds:
    """How often each form was tried and settled a box, so that a hopeless one is tried rarely."""

    tried: dict[str, int]
    won: dict[str, int]

    def worthwhile(self, form: str, patience: int = 24) -> bool:
        n = self.tried.get(form, 0)
        return n < patience or 12 * self.won.get(form, 0) >= n or n % 16 == 0

    def note(self, forms: tuple[str, ...], token: Any) -> None:
        for form in forms:
            self.tried[form] = self.tried.get(form, 0) + 1
            if form == token:
                self.won[form] = self.won.get(form, 0) + 1
                return


def branch(
    goal: Goal, search: Search, leaves: int, p: int, inner: Callable[[Goal, Search], Node | None] | None, most: int = CLIMB
) -> tuple[list[Any], list[Mapping[str, Range]]]:
    """The tokens of a `cover`, and the boxes that stay undecided (then the tokens are no proof). Raises: Counterexample."""
    names = sorted(goal.ranges)
    used = {x for r in (*goal.given, *(r for c in goal.then for r in c)) for x in goal.arena.variables(r.diff)}
    tokens: list[Any] = []
    left: list[Mapping[str, Range]] = []
    stack: list[tuple[Mapping[str, Range], int]] = [(goal.ranges, 0)]
    odds, cuts, done, deepest = Odds({}, {}), Odds({}, {}), 0, 60 * max(1, len(used))
    while stack:
        ranges, depth = stack.pop()
        try:
            search.tick()
        except Unproved as late:
            part = replace(goal, ranges=ranges)
            what = f"{late.reason}; {done} boxes were settled and {len(stack) + 1} are left, the first of them the one below"
            raise Unproved(what + margin(part, p), show(part), goal, [*left, ranges, *(r for r, _ in reversed(stack))]) from None
        goal.arena.work = 0
        box = Part(goal, ranges, p)
        forms = ("n", *(form for form in FORMS[1:] if odds.worthwhile(form)))
        token = box.token(forms)
        odds.note(forms[1:], token)
        infinite = [x for x in names if x in used and (ranges[x].lo is None or ranges[x].hi is None)]
        if token is None and (point := box.counterexample()) is not None:
            raise Counterexample(point)
        if token is None and inner is not None and (infinite or depth % 4 == 0):
            token = inner(replace(goal, ranges=ranges), search)
        if token is None and p < most and odds.worthwhile("climb", 4) and box.unclear():
            token = climb(goal, ranges, search, 4 * p)
            odds.note(("climb",), "climb" if token else None)
        if token is not None:
            tokens.append(token)
            done += 1
            continue
        cut = None
        if depth < deepest and cuts.worthwhile("cut"):
            cut = contract(box)
            cuts.note(("cut",), "cut" if cut else None)
        if cut is not None:
            split: Any = list(cut)
        else:
            split = choose(goal, ranges, names, infinite, p, depth, box) if done + len(stack) < leaves and depth < deepest else None
        if split is None:
            left.append(ranges)
            tokens.append("n")
            if len(left) >= HOPELESS:  # what was not looked at is left as well
                return tokens, [*left, *(r for r, _ in reversed(stack))]
            continue
        tokens.append(split)
        stack += [({**ranges, x: r}, depth + 1) for x, r in reversed(list(pieces(names, ranges, split)))]
    return tokens, left


def pieces(names: list[str], ranges: Mapping[str, Range], split: Any) -> list[tuple[str, Range]]:
    """The parts of the range of a variable that a token of a split makes."""
    x = names[split] if isinstance(split, int) else split[0]
    r = ranges[x]
    if isinstance(split, int) and r.lo is not None and r.hi is not None:
        cut = (r.lo + r.hi) / 2
        if r.integer:
            cut = Fraction(cut.__floor__())
        parts = [r.meet(None, cut), r.meet(cut + r.integer, None)]
    else:
        c = Fraction(split[1])
        parts = [r.meet(None, c, hi_open=True), r.meet(c, c), r.meet(c, None, lo_open=True)]
    return [(x, part) for part in parts if not part.empty()]


def climb(goal: Goal, ranges: Mapping[str, Range], search: Search, p: int) -> Node | None:
    """A proof for a box on which rounding hides the sign, at more bits; None where more bits do not show it either."""
    while p <= CLIMB:
        part = Part(goal, ranges, p)
        point = part.counterexample()
        if point is not None:
            raise Counterexample(point)
        if not part.unclear():
            tokens, left = branch(replace(goal, ranges=ranges), search, 64, p, None)
            return None if left else {"rule": "cover", "tree": tokens, "precision": p}
        p *= 4
    return None


def close(goal: Goal, ranges: Mapping[str, Range], p: int, forms: tuple[str, ...] = ("n", "m", "d")) -> Any:
    """The cheapest token among the forms that settles the box, or None."""
    return Part(goal, ranges, p).token(forms)


def choose(
    goal: Goal, ranges: Mapping[str, Range], names: list[str], infinite: list[str], p: int, depth: int, part: Part | None = None
) -> Any:
    """Where to split: an infinite range at 0 or a power of 4, else the variable whose width matters most."""
    if infinite:
        x = min(infinite, key=lambda y: (ranges[y].lo is not None) + (ranges[y].hi is not None))
        r = ranges[x]
        if r.lo is None and r.hi is None:
            return [x, 0]
        end = r.lo if r.lo is not None else r.hi
        if end is None or abs(end) > 4**12:
            return None
        if r.lo is not None:
            return [x, str(4 * end if end >= 1 else 1 if end >= 0 else 0 if end > -1 else end / 4)]
        return [x, str(4 * end if end <= -1 else -1 if end <= 0 else 0 if end < 1 else end / 4)]
    part = part or Part(goal, ranges, p)
    best, gain = None, -1
    for i, x in enumerate(names):
        r = ranges[x]
        if r.lo is None or r.hi is None or r.point():
            continue
        width = part.box[x][1] - part.box[x][0]
        weight = width
        for clause in goal.then:
            for rel in clause:
                try:
                    a, b = part.natural(goal.arena.derivative(rel.diff, x))
                    weight = max(weight, width * max(abs(a), abs(b)) >> p)
                except Undefined:
                    pass
        if weight > gain:
            best, gain = i, weight
    return best
