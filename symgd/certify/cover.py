"""Branch and prune: split the box until every part is settled by an enclosure, or by algebra on the part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..kernel.rules import Goal, Range, bounds
from ..kernel.terms import Undefined, to_interval
from .strategy import Node, Search, Strategy, Unproved, show


@dataclass(frozen=True)
class Cover(Strategy):
    """Subdivision with at most `leaves` parts; `inner` may prove a part as a whole (used where a range is infinite)."""

    leaves: int = 4_000
    precision: int = 64
    inner: Callable[[Goal, Search], Node | None] | None = None

    def prove(self, goal: Goal, search: Search) -> Node:
        tokens, left = branch(goal, search, min(self.leaves, search.leaves), self.precision, self.inner)
        if left:
            part = replace(goal, ranges=left[0])
            what = f"{len(left)} of {len(tokens)} boxes stay undecided after subdivision"
            raise Unproved(what + margin(part, self.precision), show(part))
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


def branch(
    goal: Goal, search: Search, leaves: int, p: int, inner: Callable[[Goal, Search], Node | None] | None
) -> tuple[list[Any], list[Mapping[str, Range]]]:
    """The tokens of a `cover`, and the boxes that stay undecided (then the tokens are no proof)."""
    names = sorted(goal.ranges)
    used = {x for r in (*goal.given, *(r for c in goal.then for r in c)) for x in goal.arena.variables(r.diff)}
    tokens: list[Any] = []
    left: list[Mapping[str, Range]] = []
    stack: list[tuple[Mapping[str, Range], int]] = [(goal.ranges, 0)]
    done = 0
    while stack:
        ranges, depth = stack.pop()
        if done % 64 == 0:
            try:
                search.tick()
            except Unproved as late:
                part = replace(goal, ranges=ranges)
                what = f"{late.reason}; {done} boxes were settled and {len(stack) + 1} are left, the first of them the one below"
                raise Unproved(what + margin(part, p), show(part)) from None
        token = close(goal, ranges, p)
        infinite = [x for x in names if x in used and (ranges[x].lo is None or ranges[x].hi is None)]
        if token is None and inner is not None and (infinite or depth % 4 == 0):
            token = inner(replace(goal, ranges=ranges), search)
        if token is not None:
            tokens.append(token)
            done += 1
            continue
        split = choose(goal, ranges, names, infinite, p, depth) if done + len(stack) < leaves and depth < 60 else None
        if split is None:
            left.append(ranges)
            tokens.append("n")
            if len(left) >= 32:
                return tokens, left
            continue
        tokens.append(split)
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
        stack += [({**ranges, x: part}, depth + 1) for part in reversed(parts) if not part.empty()]
    return tokens, left


def close(goal: Goal, ranges: Mapping[str, Range], p: int, forms: tuple[str, ...] = ("n", "m", "d")) -> Any:
    """The cheapest token among the forms that settles the box, or None."""
    if goal.skip is not None and all(ranges[x].within(r) for x, r in goal.skip.items()):
        return "s"
    wide = any(not r.point() for r in ranges.values())
    open_equation = any(all(r.op == "=" and r.lhs != r.rhs and r not in goal.given for r in clause) for clause in goal.then)
    if wide and open_equation:  # no enclosure of positive width proves it; t = t says that t is defined
        return "n" if any(goal.certain(g, ranges, "n", p) is False for g in goal.given) else None
    for form in forms:
        try:
            if goal.settled(ranges, form, p):
                return form
        except Undefined:
            continue
    return None


def choose(goal: Goal, ranges: Mapping[str, Range], names: list[str], infinite: list[str], p: int, depth: int) -> Any:
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
    best, gain = None, Fraction(0)
    box = {x: to_interval(r.lo, r.hi, p) for x, r in ranges.items()}
    for i, x in enumerate(names):
        r = ranges[x]
        if r.lo is None or r.hi is None or r.point():
            continue
        width = r.hi - r.lo
        weight = width
        for clause in goal.then:
            for rel in clause:
                try:
                    a, b = goal.arena.enclose(goal.arena.derivative(rel.diff, x), box, p)
                    slope = max(abs(a), abs(b))
                    weight = max(weight, width * Fraction(slope) / (1 << p)) if isinstance(slope, int) else weight
                except Undefined:
                    weight = max(weight, width)
        if weight > gain:
            best, gain = i, weight
    return best
