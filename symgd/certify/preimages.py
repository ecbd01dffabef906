"""Refutations of claims about sets of preimages: a point that only one of the two sets holds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import mpmath

from ..kernel import Reject
from ..kernel.check import Orbit, read_preimages, settle
from ..kernel.rules import exactly
from ..kernel.terms import Undefined
from .auto import Auto
from .dynamics import approximate
from .falsify import SIMPLE, points
from .strategy import Node, Search, Unproved, complete

NEAR, FAR = mpmath.mpf(10) ** -12, mpmath.mpf(10) ** 12
MEMBERS, STEPS = 6, 80
LEAF: Node = {"rule": "cover", "tree": ["d"]}


def refute_preimages(data: Mapping[str, Any], search: Search) -> Node | None:
    """A member of the list outside the domain or never sent to the target, or a start that is sent there and not in the list; or None."""
    search = replace(search, seconds=search.seconds / 4)
    with suppress(Unproved), mpmath.workdps(60):
        for node in candidates(data):
            search.tick()
            with suppress(Unproved, Reject, LookupError):
                node = complete(lambda n: settle(data, n, False, "preimages"), node, search)
                settle(data, node, False, "preimages")
                return node
    return None


def candidates(data: Mapping[str, Any]) -> Iterator[Node]:
    """What a refutation may look like, the simplest first, for a few values of the parameters."""
    o, h, (q, a, _) = read_preimages(data)
    (x,), (f,), arena = o.map, o.map.values(), o.goal.arena
    params = replace(o.goal, ranges={y: r for y, r in o.goal.ranges.items() if y != x})
    for at in itertools.islice(filter(lambda at: allowed(o, at), points(params, list(params.ranges), 60)), 8):
        base: Node = {"at": {y: str(v) for y, v in at.items()}, "base": LEAF}
        where = {y: number(v) for y, v in at.items()}

        def value(g: int, t: Any, where: Mapping[str, Any] = where) -> Any:
            """g at t where that is a real number of moderate size, else None."""
            with suppress(ZeroDivisionError, ValueError, TypeError):
                v = approximate(arena, g, {**where, x: t})
                return v if isinstance(v, mpmath.mpf) and mpmath.isfinite(v) and abs(v) < FAR else None

        def iterates(g: int, t: Any) -> list[Any]:
            out = [t]
            while len(out) < STEPS and (v := value(g, out[-1])) is not None:
                out.append(v)
            return out

        def never(g: int, step: Any, first: Any, orbit: Sequence[Any], avoid: Fraction, domain: int = 0) -> Iterator[Node]:
            """The first values of an orbit, and a region for the later ones that the map seems to keep; `domain` relations are known."""
            given = len(data.get("given", ()))
            for after, zone in zones(orbit, avoid):
                if all(v in zone for v in orbit[after:]) and all((v := value(g, t)) is not None and v in zone for t in zone.samples()):
                    regions: list[Node] = [
                        {"where": [["=", x, t]], "why": "step", "to": [i + 1], "proof": rewritten(given)}
                        for i, t in enumerate(iterated(step, x, first, after))
                    ]
                    regions.append({"where": zone.relations(x), "why": "stay", "outcome": 0, "proof": Auto(depth=4, leaves=300)})
                    yield {"never": {"regions": regions, "start": rewritten(given + domain)}}

        outside = [LEAF, *({"rule": "cover", "tree": [[y, 0]]} for y in at)]  # a relation of the domain fails, or leaves no value of y
        target, first = value(q, number(Fraction(0))), value(a, number(Fraction(0)))
        if target is None or first is None:
            continue
        listed = iterates(h, first)
        members = [target, *listed[:MEMBERS]]
        yield from ({**base, "member": n, "never": {"regions": [], "start": no}} for n in range(len(members)) for no in outside)
        for s, steps in sent(o, f, q, at):
            if min(abs(number(s) - m) for m in [target, *listed]) > NEAR:
                rest = never(h, data["next"], data["first"], listed, s)
                yield from ({**base, "start": str(s), "steps": steps, **regions} for regions in rest)
        with suppress(Undefined):
            exact = arena.value(q, at)
            for n, m in enumerate(members[1:], 1):
                orbit = iterates(f, m)
                if min(abs(v - target) for v in orbit) > NEAR:
                    (*_, t) = iterated(data["next"], x, data["first"], n)
                    rest = never(f, data["map"][0], t, orbit, exact, len(data["domain"]))
                    yield from ({**base, "member": n, **regions} for regions in rest)


def rewritten(use: int) -> Node:
    """At the one value that hypothesis number `use` gives to the state."""
    return {"rule": "rewrite", "use": use, "then": LEAF}


def iterated(step: Any, x: str, first: Any, n: int) -> list[Any]:
    """The first n terms of an orbit."""
    return list(itertools.accumulate(range(1, n), lambda t, _: ["at", step, x, t], initial=first)) if n else []


def allowed(o: Orbit, at: Mapping[str, Fraction]) -> bool:
    ranges = {**o.goal.ranges, **{y: exactly(v) for y, v in at.items()}}
    return all(o.goal.certain(r, ranges, "d", 64) for r in o.goal.given)


def sent(o: Orbit, f: int, q: int, at: Mapping[str, Fraction]) -> Iterator[tuple[Fraction, int]]:
    """Simple rational starts in the domain that exact steps of the map send to the target, and the numbers of steps."""
    (x,), arena = o.map, o.goal.arena
    for s in SIMPLE:
        v, point = s, {**at, x: s}
        if not all(o.goal.certain(r, {y: exactly(w) for y, w in point.items()}, "d", 64) for r in o.start):
            continue
        with suppress(Undefined):
            for step in range(1, 7):
                v = arena.value(f, {**point, x: v})
                if v == arena.value(q, at):
                    yield s, step
                    break
                if v.denominator > 10**6:
                    break
        arena.work = 0


@dataclass(frozen=True)
class Zone:
    """The numbers v with low <= sign * (v - centre) <= high, or of |v - centre| where sign is 0; None: no bound."""

    centre: Fraction
    sign: int
    low: Fraction
    high: Fraction | None

    def relations(self, x: str) -> list[Any]:
        away: Any = ["-", x, str(self.centre)] if self.centre else x
        size = ["abs", away] if self.sign == 0 else away if self.sign > 0 else ["-", away]
        return [["<=", str(self.low), size]] + ([["<=", size, str(self.high)]] if self.high is not None else [])

    def __contains__(self, v: Any) -> bool:
        d = abs(v - number(self.centre)) if self.sign == 0 else self.sign * (v - number(self.centre))
        return bool(d >= number(self.low) and (self.high is None or d <= number(self.high)))

    def samples(self) -> list[Any]:
        low = number(self.low)
        ends = [number(self.high)] if self.high is not None else [low + 4, low * 16 + 64]
        sizes = [low + (high - low) * k / 48 for high in ends for k in range(49)]
        return [number(self.centre) + s * d for s in ([self.sign] if self.sign else [1, -1]) for d in sizes]


def zones(orbit: Sequence[Any], avoid: Fraction) -> Iterator[tuple[int, Zone]]:
    """Sets that hold the values of an orbit from some number on, and not the point to be avoided."""
    for after in range(min(len(orbit), 8)):
        tail = [v - number(avoid) for v in orbit[after:]]
        inner, outer = min(map(abs, tail)), max(map(abs, tail))
        sign = 1 if min(tail) > 0 else -1 if max(tail) < 0 else 0
        for shrink, grow in ((1, 1), (2, 1), (4, 2), (20, 4)) if inner > NEAR else ():
            low, high = between(0, inner / shrink), above(outer * grow) if outer < FAR else None
            yield from ((after, Zone(avoid, sign, low, end)) for end in dict.fromkeys((None, high)) if low)


def number(q: Fraction) -> Any:
    return mpmath.mpf(q.numerator) / q.denominator


def between(a: Any, b: Any) -> Fraction:
    """A simple number strictly between two."""
    middle, width = Fraction(str((a + b) / 2)), Fraction(str(abs(b - a)))
    return next(q for d in (1, 2, 4, 10, 10**3, 10**6, 10**15) if abs((q := Fraction(round(middle * d), d)) - middle) < width / 2)


def above(a: Any) -> Fraction:
    """A simple number above one that is positive."""
    return next(q for q in (Fraction(1, 4), Fraction(1, 2), *map(Fraction, (2**k for k in range(64)))) if q > Fraction(str(a)))
