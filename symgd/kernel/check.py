"""Claims beyond `for all`, refutations, and `check`: does this certificate settle this claim?

Run alone: python -I -S check.py CLAIM.json CERTIFICATE.json
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

if not __package__:  # run as a script: make the folder importable under its own name
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    __package__ = Path(__file__).resolve().parent.name
    __import__(__package__)

from .rules import (Goal, Range, Relation, exactly, precision, prove, read_goal, read_let, read_range, read_ranges, read_relation,
                    relation, shift)
from .terms import Arena, Interval, Reject, Undefined, multiply, rational, to_interval

FORMAT = 1


def digest(claim: Any) -> str:
    """SHA-256 of the claim as canonical JSON."""
    return hashlib.sha256(json.dumps(claim, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()


def check(claim: Any, certificate: Any) -> str:
    """Return "proved" or "refuted" where the certificate settles the claim; raise `Reject` in every other case."""
    try:
        if certificate["format"] != FORMAT or certificate["claim"] != digest(claim):
            raise Reject("certificate", "is of another format, or for another claim")
        verdict = certificate["verdict"]
        settle(claim, certificate["proof"], {"proved": True, "refuted": False}[verdict], claim["kind"])
        return str(verdict)
    except Reject:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, MemoryError, Undefined) as problem:
        raise Reject("certificate", f"malformed ({type(problem).__name__}: {str(problem)[:80]})") from None


def settle(claim: Any, node: Any, proved: bool, where: str) -> None:
    if claim["kind"] == "all":  # a family: every member, or a counterexample to one
        parts = claim["parts"]
        chosen = list(zip(parts, node, strict=True)) if proved else [(parts[index(node["part"], parts)], node["proof"])]
        for i, (part, proof) in enumerate(chosen):
            settle(part, proof, proved, f"{where}[{i if proved else node['part']}]")
        if not parts:
            raise Reject(where, "an empty family")
        return
    kinds = {("forall", True): lambda c, n, w: prove(read_goal(c, Arena()), n, w), ("forall", False): counterexample, ("zero", True): unique_zero,
             ("zero", False): not_unique, ("orbit", True): orbit, ("orbit", False): orbit_counterexample, ("preimages", True): preimages}
    kinds[claim["kind"], proved](claim, node, where)


def index(i: Any, items: Sequence[Any]) -> int:
    if type(i) is not int or not 0 <= i < len(items):
        raise Reject("index", f"{str(i)[:20]} is out of range")
    return i


# --- counterexamples and zeros ---------------------------------------------------------------------------------------


def counterexample(claim: Any, node: Any, where: str) -> None:
    """A point of the domain where every hypothesis holds and some clause fails: `point`, an exact rational one, or `zero`,
    a solution of equations that exists in a small box on which all this is certain."""
    goal = read_goal(claim, Arena())
    if node["rule"] == "zero":
        names = {x: k for x, k in goal.names.items() if x in goal.ranges}
        ranges = dict(read_range(r) for r in node["box"])
        solved = [goal.arena.read(e, goal.names) for e in node["equations"]]
        known = {k for d in solved for k in (d, goal.arena.make("-", goal.arena.num(0), d))}
        solve(goal.arena, solved, list(node["unknowns"]), ranges, node, where)
    elif node["rule"] == "point":
        names, known = goal.names, set[int]()
        ranges = {x: exactly(rational(q)) for x, q in node["at"].items()}
    else:
        raise Reject(where, f"unknown rule {str(node['rule'])[:40]!r}")
    if ranges.keys() != goal.ranges.keys() or not all(r.within(goal.ranges[x]) for x, r in ranges.items()):
        raise Reject(where, "the point is not certainly in the domain")
    p = precision(node)

    def truth(r: Relation) -> bool | None:
        return True if r.op in ("=", "<=") and r.diff in known else goal.certain(r, ranges, "d" if node["rule"] == "point" else "m", p)

    for i, r in enumerate(goal.given):
        if truth(r) is not True:
            raise Reject(where, f"hypothesis {i} is not certain at the point")
    if not any(all(truth(r) is False for r in clause) for clause in goal.then):
        raise Reject(where, "no conclusion certainly fails at the point")


def solve(arena: Arena, equations: Sequence[int], unknowns: Sequence[str], ranges: Mapping[str, Range], node: Any, where: str) -> None:
    """Exactly one zero of the equations in the box, for all values of the other variables: by a change of sign and a
    derivative without zeros (one equation), or by Krawczyk's operator K(X) = c - Y f(c) + (1 - Y f'(X))(X - c), K(X) in int X."""
    p = precision(node)
    box = {x: to_interval(r.lo, r.hi, p) for x, r in ranges.items()}
    if len(unknowns) != len(equations) or len(set(unknowns)) != len(unknowns) or not unknowns:
        raise Reject(where, "as many equations as unknowns are needed")
    for x in unknowns:  # the theorem speaks of this very box, so its ends must be numbers of the working precision
        if ranges[x].lo is None or ranges[x].hi is None or to_interval(ranges[x].hi, ranges[x].lo, p) != box[x][::-1]:
            raise Reject(where, f"the ends of the box of {x} need more precision")
    slopes = [[arena.enclose(arena.derivative(f, x), box, p) for x in unknowns] for f in equations]
    if "inverse" not in node:
        (f,), (x,), a, b = equations, unknowns, *box[unknowns[0]]
        left, right = (arena.enclose(f, {**box, x: (e, e)}, p) for e in (a, b))
        if slopes[0][0][0] <= 0 <= slopes[0][0][1] or not (left[1] < 0 < right[0] or right[1] < 0 < left[0]):
            raise Reject(where, "no change of sign, or the derivative may vanish")
        return
    y = [[to_interval(rational(q), rational(q), p) for q in row] for row in node["inverse"]]
    centre = {**box, **{x: (sum(box[x]) // 2,) * 2 for x in unknowns}}
    values = [arena.enclose(f, centre, p) for f in equations]
    one, n = 1 << p, range(len(unknowns))
    for i, x in enumerate(unknowns):
        low = high = centre[x][0]
        for j, z in enumerate(unknowns):
            step = multiply(y[i][j], values[j], p)
            low, high = low - step[1], high - step[0]
            entry = total([multiply(y[i][k], slopes[k][j], p) for k in n])
            entry = (one * (i == j) - entry[1], one * (i == j) - entry[0])
            step = multiply(entry, (box[z][0] - centre[z][0], box[z][1] - centre[z][0]), p)
            low, high = low + step[0], high + step[1]
        if not box[x][0] < low <= high < box[x][1]:
            raise Reject(where, f"the Krawczyk operator does not map the box of {x} into its interior")


def total(intervals: Sequence[Interval]) -> Interval:
    return sum(x[0] for x in intervals), sum(x[1] for x in intervals)


def read_zero(claim: Any) -> tuple[Goal, list[int], list[str]]:
    """For all `params` in their ranges, the equations have exactly one zero in the ranges of `vars`, and `then` holds there."""
    data = {**claim, "vars": claim.get("params", []) + claim["vars"], "then": claim.get("then") or [["=", 0, 0]], "given": []}
    goal = read_goal(data, Arena())
    return goal, [goal.arena.read(e, goal.names) for e in claim["equations"]], [v[0] for v in claim["vars"]]


def unique_zero(claim: Any, node: Any, where: str) -> None:
    """`box` holds exactly one zero, `then` holds on it (`holds`), and `elsewhere` proves that no other point is one."""
    goal, equations, unknowns = read_zero(claim)
    inner = dict(read_range(r) for r in node["box"])
    ranges = {**goal.ranges, **inner}
    if list(inner) != unknowns or not all(inner[x].within(goal.ranges[x]) for x in unknowns):
        raise Reject(where, "the box is not inside the domain")
    solve(goal.arena, equations, unknowns, ranges, node, where)
    prove(replace(goal, ranges=ranges), node["holds"], f"{where}.holds")
    zero = goal.arena.num(0)
    some = tuple(relation(goal.arena, "!=", f, zero) for f in equations)
    prove(replace(goal, then=(some,), skip=inner), node["elsewhere"], f"{where}.elsewhere")


def not_unique(claim: Any, node: Any, where: str) -> None:
    """For the parameters `at`, the equations have no zero in the domain (`none`), or one in each of two disjoint `boxes`."""
    goal, equations, unknowns = read_zero(claim)
    at = {x: exactly(rational(q)) for x, q in node["at"].items()}
    if at.keys() != goal.ranges.keys() - set(unknowns) or not all(r.within(goal.ranges[x]) for x, r in at.items()):
        raise Reject(where, "the parameters are not in the domain")
    goal = replace(goal, ranges={**goal.ranges, **at})
    if "none" in node:
        return prove(replace(goal, then=(some_nonzero(goal.arena, equations),)), node["none"], where)
    first, second = boxes = [dict(read_range(r) for r in b["box"]) for b in node["boxes"]]
    for inner, data in zip(boxes, node["boxes"]):
        if list(inner) != unknowns or not all(inner[x].within(goal.ranges[x]) for x in unknowns):
            raise Reject(where, "a box is not inside the domain")
        solve(goal.arena, equations, unknowns, {**goal.ranges, **inner}, data, where)
    if not any(first[x].meet(*second[x][:4]).empty() for x in unknowns):
        raise Reject(where, "the boxes are not disjoint")


def some_nonzero(arena: Arena, equations: Sequence[int]) -> tuple[Relation, ...]:
    return tuple(relation(arena, "!=", f, arena.num(0)) for f in equations)


# --- orbits of a map -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Orbit:
    """For all parameters and every start, the orbit x, f(x), f(f(x)), ... has one of the `outcomes`."""

    goal: Goal  # parameters and state as variables, the hypotheses on the parameters as `given`
    map: Mapping[str, int]
    start: tuple[Relation, ...]
    outcomes: Sequence[Any]
    observe: int | None  # where given, outcomes speak of this function of the state

    def show(self, given: Iterable[Relation], then: Iterable[Iterable[Relation]], node: Any, where: str) -> None:
        prove(replace(self.goal, given=(*self.goal.given, *given), then=tuple(map(tuple, then))).narrowed(), node, where)

    def relations(self, data: Any) -> tuple[Relation, ...]:
        return tuple(read_relation(self.goal.arena, r, self.goal.names) for r in data)

    def constants(self, data: Any) -> list[int]:
        """Terms in the parameters only, one for each state variable."""
        terms = [self.goal.arena.read(d, self.goal.names) for d in data]
        if any(self.goal.arena.variables(k) & self.map.keys() for k in terms) or len(terms) != len(self.map):
            raise Reject("orbit", "a target depends on the state, or has another dimension")
        return terms

    def smooth(self) -> bool:
        """Whether the map is continuous wherever it is defined: every operation but sign is."""
        return not any(self.goal.arena.nodes[k][0] == "sign" for f in self.map.values() for k in self.goal.arena.schedule(f))


def read_orbit(claim: Any) -> Orbit:
    goal = read_goal({**claim, "vars": claim.get("params", []) + [[x, "(", "-oo", "oo", ")"] for x in claim["state"]], "then": [["=", 0, 0]]}, Arena())
    arena, state = goal.arena, claim["state"]
    if any(arena.variables(r.diff) & set(state) for r in goal.given) or not state or not claim["then"]:
        raise Reject("orbit", "needs a state and an outcome, and hypotheses on the state belong to `start`")
    f = {x: arena.read(t, goal.names) for x, t in zip(state, claim["map"], strict=True)}
    start = tuple(read_relation(arena, r, goal.names) for r in claim["start"])
    return Orbit(goal, f, start, claim["then"], arena.read(claim["observe"], goal.names) if "observe" in claim else None)


def orbit(claim: Any, node: Any, where: str, o: Orbit | None = None) -> None:
    """Regions of the state space; each is left for later ones, or all its points have one of the outcomes."""
    o = o or read_orbit(claim)
    arena, entry = o.goal.arena, dict[str, int]()
    outer = o
    if o.observe is not None:  # observe(f(x)) = q(observe(x)): the observed value moves on a line, by q
        (r, _), names = read_range([node["factor"]["var"], "(", "-oo", "oo", ")"]), {x: k for x, k in o.goal.names.items() if x not in o.map}
        if r in o.goal.names:
            raise Reject(where, "the name of the observed value is taken")
        names[r], entry = arena.var(r), {r: o.observe}
        q = arena.read(node["factor"]["map"], names)
        o.show((), [[relation(arena, "=", arena.substitute(o.observe, o.map), arena.substitute(q, entry))]], node["factor"]["proof"], f"{where}.factor")
        ranges = {x: s for x, s in o.goal.ranges.items() if x not in o.map} | {r: Range()}
        o = Orbit(replace(o.goal, names=names, ranges=ranges), {r: q}, (), o.outcomes, None)
    regions = [o.relations(data["where"]) for data in node["regions"]]

    def among(places: Sequence[int], values: Mapping[str, int]) -> list[tuple[Relation, ...]]:
        """The clauses that say `in one of these regions`, at the given values of the state."""
        return [shift(arena, clause, values) for clause in product(*(regions[index(i, regions)] for i in places))]

    outer.show(outer.start, among(range(len(regions)), entry), node["start"], f"{where}.start")
    for i, (data, here) in enumerate(zip(node["regions"], regions)):
        at = f"{where}.region[{i}]"
        if data["why"] in ("step", "descend"):  # `descend`: a measure bounded below falls by a fixed amount, so i is left
            then = among([*data["to"], *[i] * (data["why"] == "descend")], o.map)
            if not data["to"] or min(data["to"]) <= i or any("stays" in c or "rate" in c for c in o.outcomes):
                raise Reject(at, "must lead to later regions, and to an outcome in the end")
            if data["why"] == "descend":
                v, drop, floor = (arena.read(data[key], o.goal.names) for key in ("measure", "drop", "floor"))
                if (arena.variables(drop) | arena.variables(floor)) & o.map.keys():
                    raise Reject(at, "the drop and the floor of the measure are constants")
                then += [(relation(arena, "<=", arena.make("+", arena.substitute(v, o.map), drop), v),), (relation(arena, "<=", floor, v),),
                         (relation(arena, "<", arena.num(0), drop),)]
        else:
            then = [*among([i], o.map), *settled_by(o, here, data, o.outcomes[index(data["outcome"], o.outcomes)], at)]
        o.show(here, then, data["proof"], at)


def settled_by(o: Orbit, here: tuple[Relation, ...], data: Any, outcome: Any, at: str) -> list[tuple[Relation, ...]]:
    """What must hold in a region that the map keeps, for its points to have the outcome."""
    arena, (kind,), why = o.goal.arena, outcome.keys() - {"to"}, data["why"]
    xs, fs, zero = [o.goal.names[s] for s in o.map], list(o.map.values()), arena.num(0)
    x, f = xs[0], fs[0]
    if why == "stay" and kind in ("ends in", "stays"):
        return [(r,) for r in o.relations(outcome[kind])]
    if why == "escape" and kind == "diverges" and len(xs) == 1 and o.smooth():
        # region {c < V}, V = x, -x or |x|, on which V increases: a finite limit would be in the region and not increase
        v = arena.read(data["measure"], o.goal.names)
        if v in (x, arena.make("-", zero, x), arena.make("abs", x)) and len(here) == 1 and here[0].rhs == v and here[0].op in ("<", "<=") and not arena.variables(here[0].lhs) & o.map.keys():
            return [(relation(arena, "<", v, arena.substitute(v, o.map)),)]
    p = o.constants(outcome["to" if kind == "rate" else kind]) if kind in ("reaches", "converges", "linear", "rate", "sublinear") else []
    if why == "reach" and kind == "reaches":
        return [(relation(arena, "=", a, q),) for a, q in zip(xs, p)]
    gaps = [[arena.make("-", a, q) for a, q in zip(values, p)] for values in (xs, fs)]
    if why == "contract" and kind in ("converges", "linear", "rate"):
        beta = arena.read(outcome["rate"] if kind == "rate" else data["factor"], o.goal.names)
        if arena.variables(beta) & o.map.keys():
            raise Reject(at, "the contraction factor depends on the state")
        then = [(relation(arena, "<=", zero, beta),)] + [(relation(arena, "<", beta, arena.num(1)),)] * (kind != "rate")
        if "ratio" in data and len(xs) == 1:  # f(x) - p = mu (x - p) with |mu| <= beta
            mu = arena.read(data["ratio"], o.goal.names)
            return [*then, (relation(arena, "=", gaps[1][0], arena.make("*", mu, gaps[0][0])),), (relation(arena, "<=", mu, beta),),
                    (relation(arena, "<=", arena.make("-", zero, beta), mu),)]
        before, after = (sum_of(arena, [arena.make("^", g, data=2) for g in gap]) for gap in gaps)
        return [*then, (relation(arena, "<=", after, arena.make("*", arena.make("^", beta, data=2), before)),)]
    interval = all(x in (r.lhs, r.rhs) and not arena.variables(r.lhs if r.rhs == x else r.rhs) & o.map.keys() and r.op in ("<", "<=") for r in here)
    if why == "approach" and kind in ("converges", "sublinear") and len(xs) == 1 and interval and o.smooth():
        # an interval that holds p and on which distances to p fall: by continuity their limit is zero
        before, after = (arena.make("abs", gap[0]) for gap in gaps)
        then = [(relation(arena, "<", after, before), relation(arena, "=", x, p[0])), *[(r,) for r in shift(arena, here, {s: p[0] for s in o.map})]]
        if kind == "sublinear":  # never at p, where the slope is 1 or -1: ratios of successive distances tend to 1
            slope = arena.substitute(arena.derivative(f, *o.map), {s: p[0] for s in o.map})
            then += [(relation(arena, "=", arena.make("^", slope, data=2), arena.num(1)),), (relation(arena, "!=", f, p[0]), relation(arena, "=", x, p[0]))]
            then += [(relation(arena, "=", arena.substitute(f, {s: p[0] for s in o.map}), p[0]),)]
        return then
    raise Reject(at, f"{str(why)[:20]!r} does not show {str(kind)[:20]!r} here")


def sum_of(arena: Arena, terms: Sequence[int]) -> int:
    total = terms[0]
    for k in terms[1:]:
        total = arena.make("+", total, k)
    return total


def orbit_counterexample(claim: Any, node: Any, where: str) -> None:
    """Parameters `at` and a `start`, exact, for which every outcome fails: by an exact `cycle` [k, m] (x_k = x_{k+m}), at one
    `step`, or because the orbit has another outcome (`instead`, shown by `proof`)."""
    o = read_orbit(claim)
    arena, values = o.goal.arena, {x: rational(q) for x, q in {**node["at"], **node["start"]}.items()}
    points, p = {x: exactly(q) for x, q in values.items()}, precision(node)
    inside = all(r.within(o.goal.ranges[x]) for x, r in points.items()) and points.keys() == o.goal.ranges.keys()
    if not inside or not all(o.goal.certain(r, points, "d", p) for r in (*o.goal.given, *o.start)):
        raise Reject(where, "the start is not certainly one that the claim speaks of")
    if "instead" in node:
        pinned = replace(o, outcomes=[node["instead"]], goal=replace(o.goal, ranges={**o.goal.ranges, **{x: r for x, r in points.items() if x not in o.map}}),
                         start=tuple(relation(arena, "=", o.goal.names[x], arena.num(values[x])) for x in o.map))
        orbit(claim, node["proof"], where, pinned)
        if not all(contradicts(pinned, node["instead"], c, values, len(node["proof"]["regions"])) for c in o.outcomes):
            raise Reject(where, "an outcome of the claim is not excluded")
        return
    k, m = node["cycle"] if "cycle" in node else (node["step"], 0)
    if not 0 <= k + m <= 5000 or m < 0:
        raise Reject(where, "at most 5000 steps")
    states = [values]
    for _ in range(k + m):
        states.append({**values, **{x: arena.value(f, states[-1]) for x, f in o.map.items()}})
    if m and states[k] != states[k + m]:
        raise Reject(where, "the orbit does not return")
    if not all(violated(o, outcome, states, k, m) for outcome in o.outcomes):
        raise Reject(where, "an outcome of the claim is not excluded")


def violated(o: Orbit, outcome: Any, states: Sequence[Mapping[str, Fraction]], k: int, m: int) -> bool:
    """Whether the outcome fails on an orbit that starts with these states and, if m > 0, repeats from state k with period m."""
    arena, (kind,), cycle = o.goal.arena, outcome.keys() - {"to"}, states[k:] if m else []
    seen = (lambda s: [arena.value(o.observe, s)]) if o.observe is not None else (lambda s: [s[x] for x in o.map])
    if kind in ("ends in", "stays"):
        relations = o.relations(outcome[kind])
        return any(o.goal.certain(r, {x: exactly(q) for x, q in s.items()}, "d", 64) is False for s in (states if kind == "stays" else cycle) for r in relations)
    if kind == "diverges":
        return bool(cycle)
    p = [arena.value(arena.read(t, o.goal.names), states[0]) for t in outcome["to" if kind == "rate" else kind]]
    if kind == "rate":
        beta, gaps = arena.value(arena.read(outcome["rate"], o.goal.names), states[0]), [sum((a - q) ** 2 for a, q in zip(seen(s), p)) for s in states]
        return any(gap > beta ** (2 * j) * gaps[0] for j, gap in enumerate(gaps))
    return bool(cycle) and (all(seen(s) != p for s in states) if kind == "reaches" else any(seen(s) != p for s in cycle))


def contradicts(o: Orbit, true: Any, outcome: Any, values: Mapping[str, Fraction], regions: int) -> bool:
    """Whether an orbit with the outcome `true` cannot have the other one."""
    arena, (a,), (b,) = o.goal.arena, true.keys() - {"to"}, outcome.keys() - {"to"}

    def target(c: Any, kind: str) -> list[Fraction]:
        return [arena.value(arena.read(t, o.goal.names), values) for t in c[kind]]

    tends = ("converges", "linear", "sublinear")
    if a in tends and b in tends and target(true, a) != target(outcome, b):
        return True
    if a == "sublinear" and b == "linear" and regions == 1 and o.observe is None:  # the region keeps all but the target off it
        return [values[x] for x in o.map] != target(true, a)
    if a == "ends in" and b in tends and o.observe is None:  # a closed condition passes to the limit
        limit = {**{x: exactly(q) for x, q in values.items()}, **{x: exactly(q) for x, q in zip(o.map, target(outcome, b))}}
        return any(r.op == "<=" and o.goal.certain(r, limit, "d", 64) is False and "sign" not in {arena.nodes[k][0] for k in arena.schedule(r.diff)}
                   for r in o.relations(true[a]))
    return (a == "diverges" and b in tends) or (a in tends and b == "diverges")


def preimages(claim: Any, node: Any, where: str) -> None:
    """{x in domain: f^k(x) = q for some k >= 0} = {q, a, h(a), h(h(a)), ...}, with q, a and a bound c from the parameters.

    By induction on k: the domain is kept; only q and a are sent to q; every point above c is the image of exactly its h; and
    points not sent to at least c do not matter, since a, h(a), ... are all at least c."""
    o = read_orbit({**claim, "start": claim["domain"], "then": [{}]})
    arena, (x,), (f,) = o.goal.arena, (o.goal.names[s] for s in o.map), o.map.values()
    q, a, c = (o.constants([claim[key]])[0] for key in ("of", "first", "above"))
    h = arena.read(claim["next"], o.goal.names)

    def at(k: int, value: int) -> int:
        return arena.substitute(k, {s: value for s in o.map})

    def kept(value: int) -> list[tuple[Relation, ...]]:
        return [(r,) for r in shift(arena, o.start, {s: value for s in o.map})]

    equal, above = (lambda u, v: relation(arena, "=", u, v)), relation(arena, "<=", c, x)
    o.show((), [*kept(q), *kept(a), (equal(at(f, a), q),), (relation(arena, "<=", c, a),)], node["base"], f"{where}.base")
    o.show((*o.start, above), [*kept(h), (relation(arena, "<=", c, h),), (equal(at(f, h), x),)], node["next"], f"{where}.next")
    o.show(o.start, [*kept(f), (relation(arena, "!=", f, q), equal(x, q), equal(x, a)), (relation(arena, "<", f, c), equal(x, at(h, f)))], node["only"], f"{where}.only")


def main(arguments: Sequence[str]) -> int:
    """Exit status 0: settled, the verdict is printed; 1: rejected; 2: not two readable JSON files."""
    if len(arguments) != 2:
        print("usage: python -I -S check.py CLAIM.json CERTIFICATE.json", file=sys.stderr)
        return 2
    try:
        claim, certificate = (json.loads(Path(name).read_bytes()) for name in arguments)
    except (OSError, ValueError, RecursionError) as problem:
        print(f"cannot read: {problem}", file=sys.stderr)
        return 2
    try:
        print(check(claim, certificate))
        return 0
    except Reject as no:
        print(f"rejected at {no}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
