"""Branch and prune that can stop and go on: the part of the domain on which the claim certainly holds, and a proof at the end."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from ..certify.cover import choose, close
from ..kernel import Reject
from ..kernel.rules import Goal, Range
from ..kernel.terms import Undefined

OPEN = "?"


class Pruner:
    """The subdivision of one goal. `state` is its tree in preorder with "?" for boxes that are still undecided."""

    def __init__(self, goal: Goal, state: list[Any] | None = None) -> None:
        self.goal, self.names = goal, sorted(goal.ranges)
        self.tokens: dict[int, Any] = {}
        self.children: dict[int, list[int]] = {}
        self.heap: list[tuple[float, int, int]] = []
        self.boxes: dict[int, tuple[Mapping[str, Range], int]] = {}
        self.ruled_out, self.count = 0.0, 0
        self.hopeless = 0.0
        root = self.add(goal.ranges, 0)
        if state:
            self.replay(root, list(reversed(state)))
            self.heap = [(-self.measure(self.boxes[i][0]), self.boxes[i][1], i) for i in self.boxes if i not in self.tokens]
            heapq.heapify(self.heap)

    def add(self, ranges: Mapping[str, Range], depth: int) -> int:
        i = self.count
        self.count += 1
        self.boxes[i] = (ranges, depth)
        heapq.heappush(self.heap, (-self.measure(ranges), depth, i))
        return i

    def measure(self, ranges: Mapping[str, Range]) -> float:
        """The part of the whole domain, with infinite ranges brought to finite ones by x/(1 + |x|)."""
        out = 1.0
        for x, whole in self.goal.ranges.items():
            part = ranges[x]
            if whole.point():
                continue
            if whole.integer and whole.lo is not None and whole.hi is not None and part.lo is not None and part.hi is not None:
                out *= float((part.hi - part.lo + 1) / (whole.hi - whole.lo + 1))
                continue
            if whole.lo is not None and whole.hi is not None and part.lo is not None and part.hi is not None:
                out *= float((part.hi - part.lo) / (whole.hi - whole.lo))
                continue
            size = scaled(part.hi, True) - scaled(part.lo, False)
            out *= size / (scaled(whole.hi, True) - scaled(whole.lo, False))
        return out

    def parts(self, ranges: Mapping[str, Range], token: Any) -> list[Mapping[str, Range]]:
        x = self.names[token] if isinstance(token, int) else token[0]
        r = ranges[x]
        if isinstance(token, int):
            assert r.lo is not None
            assert r.hi is not None
            cut = (r.lo + r.hi) / 2
            if r.integer:
                cut = Fraction(cut.__floor__())
            pieces = [r.meet(None, cut), r.meet(cut + r.integer, None)]
        else:
            c = Fraction(token[1])
            pieces = [r.meet(None, c, hi_open=True), r.meet(c, c), r.meet(c, None, lo_open=True)]
        return [{**ranges, x: piece} for piece in pieces if not piece.empty()]

    def replay(self, i: int, rest: list[Any]) -> None:
        token = rest.pop()
        ranges, depth = self.boxes[i]
        if token == OPEN:
            return
        self.tokens[i] = token
        if isinstance(token, str):
            self.ruled_out += self.measure(ranges)
            return
        self.children[i] = [self.add(part, depth + 1) for part in self.parts(ranges, token)]
        for child in self.children[i]:
            self.replay(child, rest)

    def work(self, boxes: int, stop: Callable[[], bool] = lambda: False, depth_limit: int = 60) -> None:
        """Look at this many boxes, the largest first."""
        for _ in range(boxes):
            if not self.heap or stop():
                return
            entry = heapq.heappop(self.heap)
            i = entry[2]
            ranges, depth = self.boxes[i]
            self.goal.arena.work = 0
            try:
                token = close(self.goal, ranges, 64)
                if token is not None:
                    self.tokens[i] = token
                    self.ruled_out += self.measure(ranges)
                    continue
                infinite = [x for x in self.names if ranges[x].lo is None or ranges[x].hi is None]
                split = choose(self.goal, ranges, self.names, infinite, 64, depth) if depth < depth_limit else None
            except (Reject, Undefined, ArithmeticError):
                split = None
            if split is None:
                self.hopeless += self.measure(ranges)  # stays open for good
                continue
            self.tokens[i] = split
            self.children[i] = [self.add(part, depth + 1) for part in self.parts(ranges, split)]

    def preorder(self) -> list[Any]:
        out: list[Any] = []
        stack = [0]
        while stack:
            i = stack.pop()
            out.append(self.tokens.get(i, OPEN))
            stack.extend(reversed(self.children.get(i, [])))
        return out

    @property
    def finished(self) -> bool:
        return not self.heap and OPEN not in self.preorder()

    def node(self) -> Any:
        """The `cover` certificate of a finished subdivision."""
        return {"rule": "cover", "tree": self.preorder()}


def scaled(q: Fraction | None, upper: bool) -> float:
    if q is None:
        return 1.0 if upper else -1.0
    return float(q / (1 + abs(q)))
