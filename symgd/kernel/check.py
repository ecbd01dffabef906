"""Claims beyond `for all`, refutations, and `check`: does this certificate settle this claim?
Run alone: python -I -S check.py CLAIM.json CERTIFICATE.json"""
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from itertools import product
from math import prod
from pathlib import Path
from typing import Any, NamedTuple
if not __package__:  # run as a script: make the folder importable under its own name
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    __package__ = Path(__file__).resolve().parent.name
    __import__(__package__)
from .rules import (REAL, Clause, Goal, Relation, boxed, continuous, exactly, expansion, inside, precision, prove, read_goal, read_range,
                    read_relation, relation, shift)
from .terms import Arena, Reject, Undefined, rational, require, to_interval

FORMAT, TENDS = 1, ("converges", "linear", "sublinear")
FIELDS = {"forall": "vars let given then", "zero": "params vars let equations then", "all": "family values parts",
          "orbit": "params let given state map start then observe", "preimages": "params let given state map domain of first next above"}
def digest(claim: Any) -> str:  # SHA-256 of the claim as canonical JSON
    return hashlib.sha256(json.dumps(claim, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()

def check(claim: Any, certificate: Any) -> str:
    """Return "proved" or "refuted" where the certificate settles the claim; raise `Reject` in every other case."""
    try:
        ours = certificate["format"] == FORMAT and certificate["claim"] == digest(claim)
        require(ours, "certificate", "is of another format, or for another claim")
        settle(claim, certificate["proof"], {"proved": True, "refuted": False}[certificate["verdict"]], claim["kind"])
        return str(certificate["verdict"])
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, MemoryError, Undefined) as problem:
        raise Reject("certificate", f"malformed ({type(problem).__name__}: {str(problem)[:80]})") from None
def settle(claim: Any, node: Any, proved: bool, where: str) -> None:
    rules = {("forall", True): lambda *given: prove(read_goal(claim, Arena()), *given[1:]), ("forall", False): counterexample,
             ("zero", True): unique_zero, ("zero", False): not_unique, ("orbit", True): orbit, ("orbit", False): orbit_counterexample,
             ("preimages", True): preimages, ("preimages", False): not_preimages}
    unknown = claim.keys() - {"kind", *FIELDS[claim["kind"]].split()}
    require(not unknown, where, f"a claim of this kind has no {str(unknown)[:40]}")
    if claim["kind"] != "all":
        return rules[claim["kind"], proved](claim, node, where)
    parts = claim["parts"]  # a family: every member, or a counterexample to one
    require(parts and (not proved or len(node) == len(parts)), where, "an empty family, or not one proof for each member")
    for i, proof in enumerate(node) if proved else [(node["part"], node["proof"])]:
        settle(parts[i], proof, proved, f"{where}[{i}]")

# --- counterexamples and zeros ------------------------------------------------------------------------------------------
def counterexample(claim: Any, node: Any, where: str) -> None:
    """A point of the domain where every hypothesis holds and some clause fails: `point`, an exact rational one, or `zero`,
    a solution of equations that exists in a small box on which all this is certain."""
    goal, p = read_goal(claim, Arena()), precision(node)
    solved = [goal.arena.read(e, goal.names) for e in node.get("equations", [])]
    zeros = {k for d in solved for k in (d, goal.arena.make("-", goal.arena.num(0), d))}
    require(node["rule"] == ("zero" if solved else "point"), where, f"unknown rule {str(node['rule'])[:40]!r}")
    box = isolate(goal, solved, node["unknowns"], set(goal.ranges), node, where) if solved else pinned(goal, node["at"], goal.ranges, where)
    def truth(r: Relation) -> Any: return r.op in ("=", "<=") if r.diff in zeros else goal.certain(r, box.ranges, "m" if solved else "d", p)
    require(all(map(truth, goal.given)), where, "a hypothesis is not certain at the point")
    require(any(all(truth(r) is False for r in clause) for clause in goal.then), where, "no conclusion certainly fails at the point")
def pinned(goal: Goal, at: Any, names: Iterable[str], where: str) -> Goal:  # at exact points
    points = {x: exactly(rational(q)) for x, q in at.items()}
    require(points.keys() == set(names) and all(r.within(goal.ranges[x]) for x, r in points.items()), where, "a point outside the domain")
    return replace(goal, ranges={**goal.ranges, **points})
def isolate(goal: Goal, equations: Sequence[int], unknowns: Sequence[str], names: set[str], node: Any, where: str) -> Goal:
    """The goal with the variables `names` in the given box, where the equations have exactly one zero for all values of the others:
    by a change of sign and a derivative that does not vanish (one equation), or because Krawczyk's operator, the mean value form of
    x - Y f(x) for a matrix Y (`inverse`), maps the box into its interior."""
    arena, p, inner = goal.arena, precision(node), dict(read_range(r) for r in node["box"])
    inside = inner.keys() == names and not any(r.integer or not r.within(goal.ranges[x]) for x, r in inner.items())
    square = len(set(unknowns)) == len(unknowns) == len(equations) > 0 and not any(goal.ranges[x].integer for x in unknowns)
    require(inside and square, where, "a box outside the domain, or not as many equations as unknowns, real ones")
    goal = replace(goal, ranges={**goal.ranges, **inner})
    box = boxed(goal.ranges, p)
    rounded = [x for x in unknowns if to_interval(inner[x].hi, inner[x].lo, p) != box[x][::-1]]
    require(not rounded, where, f"the theorem speaks of this very box, and the ends of {rounded} need more precision, or are infinite")
    require(all(a <= 0 <= b for a, b in (arena.enclose(f, box, p) for f in equations)), where, "no zero in the box")  # f is defined there
    if "inverse" not in node:
        (f,), (x,) = equations, unknowns
        low, high = arena.enclose(arena.derivative(f, x), box, p)
        (a, b), (c, d) = (arena.enclose(f, {**box, x: (e, e)}, p) for e in box[x])
        require(not low <= 0 <= high and (b < 0 < c or d < 0 < a), where, "no change of sign, or the derivative may vanish")
        return goal
    for x, row in zip(unknowns, node["inverse"], strict=True):
        scaled = [arena.make("*", arena.num(rational(q)), f) for q, f in zip(row, equations, strict=True)]
        k = reduce(partial(arena.make, "-"), scaled, goal.names[x])  # x - Y f
        low, high = expansion(arena, k, box, {z: arena.enclose(arena.derivative(k, z), box, p) for z in unknowns}, p)
        require(box[x][0] < low <= high < box[x][1], where, f"the Krawczyk operator does not map the box of {x} into its interior")
    return goal
def read_zero(claim: Any) -> tuple[Goal, list[int], list[str]]:
    """For all `params` in their ranges, the equations have exactly one zero in the ranges of `vars`, and `then` holds there."""
    goal = read_goal({**claim, "vars": claim.get("params", []) + claim["vars"], "then": claim.get("then") or [["=", 0, 0]]}, Arena())
    return goal, [goal.arena.read(e, goal.names) for e in claim["equations"]], [v[0] for v in claim["vars"]]
def not_zero(goal: Goal, fs: Sequence[int]) -> Clause: return tuple(relation(goal.arena, "!=", f, goal.arena.num(0)) for f in fs)
def unique_zero(claim: Any, node: Any, where: str) -> None:
    """`box` holds exactly one zero, `then` holds on it (`holds`), and `elsewhere` proves that no other point is one."""
    goal, equations, unknowns = read_zero(claim)
    prove(there := isolate(goal, equations, unknowns, set(unknowns), node, where), node["holds"], f"{where}.holds")
    or_there = [(*not_zero(goal, equations), r) for x in unknowns for r in inside(goal.arena, there.ranges[x], goal.names[x])]
    prove(replace(goal, then=tuple(or_there)), node["elsewhere"], f"{where}.elsewhere")
def not_unique(claim: Any, node: Any, where: str) -> None:
    """For the parameters `at`, the equations have no zero in the domain (`none`), or one in each of two disjoint `boxes`."""
    goal, equations, unknowns = read_zero(claim)
    goal = pinned(goal, node["at"], goal.ranges.keys() - set(unknowns), where)
    if "none" in node:
        return prove(replace(goal, then=(not_zero(goal, equations),)), node["none"], where)
    first, second = (isolate(goal, equations, unknowns, set(unknowns), box, where).ranges for box in node["boxes"])
    require(any(first[x].meet(*second[x][:4]).empty() for x in unknowns), where, "the boxes are not disjoint")

# --- orbits of a map ----------------------------------------------------------------------------------------------------
Outcome = NamedTuple("Outcome", [("kind", str), ("relations", Clause), ("target", tuple[int, ...]), ("rate", int)])
@dataclass(frozen=True)
class Orbit:
    """For all parameters and every start, the orbit x, f(x), f(f(x)), ... has one of the `outcomes`."""
    goal: Goal  # parameters and state as variables, the hypotheses on the parameters as `given`
    map: Mapping[str, int]
    start: tuple[Relation, ...] = ()
    outcomes: Sequence[Outcome] = ()
    observe: int | None = None  # where given, outcomes speak of this function of the state
    def show(self, given: Iterable[Relation], then: Iterable[Iterable[Relation]], node: Any, where: str) -> None:
        prove(replace(self.goal, given=(*self.goal.given, *given), then=tuple(map(tuple, then))).narrowed(), node, where)
    def defined(self, then: Sequence[Clause], *more: int) -> list[Clause]:  # and the map (and more) is, unless a clause says so
        arena = self.goal.arena
        return [*then, *[(relation(arena, "=", f, f),) for f in (*self.map.values(), *more)
                         if not any(all(f in arena.schedule(r.diff) for r in clause) for clause in then)]]
    def relations(self, data: Any) -> tuple[Relation, ...]: return tuple(read_relation(self.goal.arena, r, self.goal.names) for r in data)
    def free(self, term: int) -> bool: return not self.goal.arena.variables(term) & self.map.keys()
    def constant(self, data: Any) -> int:
        term = self.goal.arena.read(data, self.goal.names)
        require(self.free(term), "orbit", "a target, rate or bound depends on the state")
        return term
    def put(self, values: Iterable[int]) -> dict[int, int]:  # these values of the state
        return dict(zip(map(self.goal.names.__getitem__, self.map), values, strict=True))
    def at(self, term: int, values: Iterable[int]) -> int: return self.goal.arena.substitute(term, self.put(values))
    def shifted(self, relations: Clause, values: Iterable[int]) -> Clause: return shift(self.goal.arena, relations, self.put(values))
    def outcome(self, data: Any) -> Outcome:
        (kind,) = data.keys() - ({"to"} if "rate" in data else set())
        if (kind in ("stays", "ends in") and self.observe is None) or data == {"diverges": True}:
            return Outcome(kind, self.relations(data[kind] if kind != "diverges" else ()), (), 0)
        target = tuple(map(self.constant, data["to" if kind == "rate" else kind]))
        readable = kind in (*TENDS, "reaches", "rate") and len(target) == (len(self.map) if self.observe is None else 1)
        require(readable, "orbit", f"cannot read the outcome {str(kind)[:20]!r}, or its target has another dimension")
        return Outcome(kind, (), target, self.constant(data["rate"]) if kind == "rate" else 0)
def read_orbit(claim: Any) -> Orbit:
    variables = claim.get("params", []) + [[x, *REAL] for x in claim["state"]]
    goal = read_goal({**claim, "vars": variables, "then": [["=", 0, 0]]}, Arena())
    o = Orbit(goal, {x: goal.arena.read(t, goal.names) for x, t in zip(claim["state"], claim["map"], strict=True)})
    o = replace(o, start=o.relations(claim["start"]), observe=goal.arena.read(claim["observe"], goal.names) if "observe" in claim else None)
    require(o.map and all(o.free(r.diff) for r in goal.given), "orbit", "needs a state, and hypotheses on the state belong to `start`")
    return replace(o, outcomes=[o.outcome(data) for data in claim["then"]])
def observed(o: Orbit, observe: int, node: Any, where: str) -> Orbit:  # observe(f(x)) = q(observe(x))
    arena, (r, line) = o.goal.arena, read_range([node["var"], *REAL])
    require(r not in o.goal.names, where, "the name of the observed value is taken")
    q = arena.read(node["map"], names := {x: k for x, k in o.goal.names.items() if o.free(k)} | {r: arena.var(r)})
    law = relation(arena, "=", o.at(observe, o.map.values()), arena.substitute(q, {names[r]: observe}))
    o.show((), o.defined([(law,)], observe), node["proof"], where)
    ranges = {x: s for x, s in o.goal.ranges.items() if x not in o.map} | {r: line}
    return Orbit(replace(o.goal, names=names, ranges=ranges), {r: q}, (), o.outcomes)

def orbit(claim: Any, node: Any, where: str, o: Orbit | None = None) -> None:
    """Regions of the state space; each is left for later ones, or all its points have one of the outcomes."""
    o = o or read_orbit(claim)
    line, entry = o, [o.goal.names[x] for x in o.map]
    if o.observe is not None:
        line, entry = observed(o, o.observe, node["factor"], f"{where}.factor"), [o.observe]
    arena, regions = o.goal.arena, [line.relations(data["where"]) for data in node["regions"]]
    def among(places: Iterable[Any], values: Iterable[int]) -> list[Clause]:  # `in one of these regions`
        chosen = [line.shifted(regions[i], values) for i in places]
        arena.spend(prod(map(len, chosen)) * len(chosen) * 8)
        return list(product(*chosen))
    o.show(o.start, among(range(len(regions)), entry), node["start"], f"{where}.start")
    for i, (data, here) in enumerate(zip(node["regions"], regions, strict=True)):
        at, after, later = f"{where}.region[{i}]", line.map.values(), data.get("to", ())
        if data["why"] in ("step", "descend"):  # `descend`: a measure bounded below falls by a fixed amount, so i is left
            require(later and min(later) > i and all(c.kind != "rate" for c in o.outcomes), at, "must lead to later regions, and no rate")
            then = among([*later, *[i] * (data["why"] == "descend")], after)
            then += [(r,) for c in o.outcomes if c.kind == "stays" for r in c.relations]  # already here
            if data["why"] == "descend":
                v, drop, floor = arena.read(data["measure"], line.goal.names), line.constant(data["drop"]), line.constant(data["floor"])
                falls = ("<=", arena.make("+", line.at(v, after), drop), v), ("<=", floor, v), ("<", arena.num(0), drop)
                then += [(relation(arena, *r),) for r in falls]
        else:
            kept = among([i], after) if data["why"] != "escape" else []  # c < V and V < V(f) give c < V(f)
            then = [*kept, *settled_by(line, here, data, o.outcomes[data["outcome"]], at)]
        line.show(here, line.defined(then), data["proof"], at)
def settled_by(o: Orbit, here: tuple[Relation, ...], data: Any, outcome: Outcome, at: str) -> list[Clause]:
    """What must hold in a region that the map keeps, for its points to have the outcome."""
    arena, kind, why, p = o.goal.arena, outcome.kind, data["why"], outcome.target
    xs, fs, make = [o.goal.names[s] for s in o.map], list(o.map.values()), arena.make
    (x, f), zero, one = (xs[0], fs[0]), arena.num(0), arena.num(1)
    def is_(op: str, lhs: int, rhs: int) -> Clause: return (relation(arena, op, lhs, rhs),)
    if (why, kind) in (("stay", "stays"), ("stay", "ends in"), ("reach", "reaches")):
        return [*((r,) for r in outcome.relations), *(is_("=", a, q) for a, q in zip(xs, p, strict=False))]
    before, after = ([make("-", a, q) for a, q in zip(values, p, strict=False)] for values in (xs, fs))
    if why == "contract" and kind in ("converges", "linear", "rate"):  # |f(x) - p| <= b |x - p|
        b = outcome.rate if kind == "rate" else o.constant(data["factor"])
        then = [is_("<=", zero, b)] + [is_("<", b, one)] * (kind != "rate")
        if "ratio" in data and len(xs) == 1:  # f(x) - p = m (x - p) with |m| <= b
            m = arena.read(data["ratio"], o.goal.names)
            return [*then, is_("=", after[0], make("*", m, before[0])), is_("<=", m, b), is_("<=", make("-", zero, b), m)]
        old, new = (reduce(partial(make, "+"), [make("^", g, data=2) for g in gap]) for gap in (before, after))
        return [*then, is_("<=", new, make("*", make("^", b, data=2), old))]
    require(len(xs) == 1 and continuous(arena, f), at, f"{str(why)[:20]!r} does not show {kind!r} here")
    if why == "escape" and kind == "diverges":
        # region {c < V}, V = x, -x or |x|, on which V increases: a finite limit would be in the region and not increase
        v, ((op, _, c, side),) = arena.read(data["measure"], o.goal.names), here
        if v in (x, make("-", zero, x), make("abs", x)) and side == v and op in ("<", "<=") and o.free(c):
            return [(*is_("<", v, f), *is_("<", v, make("-", zero, f)))] if v == make("abs", x) else [is_("<", v, o.at(v, fs))]
    if why == "approach" and kind in ("converges", "sublinear") and all(
            r.op in ("<", "<=") and o.free(r.rhs if r.lhs == x else r.lhs) and x in (r.lhs, r.rhs) for r in here):
        # an interval that holds p and on which distances to p fall: by continuity their limit is zero
        then = [(*is_("<", gap, make("abs", before[0])), *is_("=", x, p[0])) for gap in (after[0], make("-", zero, after[0]))]
        then += [(r,) for r in o.shifted(here, p)]
        if kind == "sublinear":  # p is fixed, reached from p only, and the slope there is 1 or -1: ratios of successive distances tend to 1
            then += [is_("=", make("^", o.at(arena.derivative(f, *o.map), p), data=2), one), (*is_("!=", f, p[0]), *is_("=", x, p[0])),
                     is_("=", o.at(f, p), p[0])]
        return then
    raise Reject(at, f"{str(why)[:20]!r} does not show {kind!r} here")

def orbit_counterexample(claim: Any, node: Any, where: str) -> None:
    """Parameters `at` and a `start`, exact, for which every outcome fails: by an exact `cycle` [k, m] (x_k = x_{k+m}, m > 0), at
    one `step`, or because the orbit has another outcome (`instead`, shown by `proof`)."""
    o = read_orbit(claim)
    arena, goal = o.goal.arena, pinned(o.goal, {**node["at"], **node["start"]}, o.goal.ranges, where)
    a, once = Outcome("", (), (), 0), False
    require(all(goal.certain(r, goal.ranges, "d", precision(node)) for r in (*goal.given, *o.start)), where, "not certainly a start")
    states = [{x: r.lo for x, r in goal.ranges.items() if r.lo is not None}]
    k, m = node.get("cycle", (node.get("step", 0), 0))
    require(0 <= k <= k + m < 5000, where, "a number of steps that is negative or too large")
    for _ in range(k + m):
        states.append({**states[0], **{x: arena.value(f, states[-1]) for x, f in o.map.items()}})
    require(states[k] == states[-1], where, "the orbit does not return")
    if "instead" in node:
        a, m, once = o.outcome(node["instead"]), 0, len(node["proof"]["regions"]) == 1
        start = tuple(relation(arena, "=", goal.names[x], arena.num(states[0][x])) for x in o.map)
        given = pinned(o.goal, node["at"], o.goal.ranges.keys() - o.map.keys(), where)
        orbit(claim, node["proof"], where, replace(o, goal=given, start=start, outcomes=[a]))
    seen = [[arena.value(t, s) for t in ([o.goal.names[x] for x in o.map] if o.observe is None else [o.observe])] for s in states]
    def fails(r: Relation, s: Mapping[str, Any]) -> bool: return goal.certain(r, {x: exactly(q) for x, q in s.items()}, "d", 64) is False
    def excluded(b: Outcome) -> bool:
        """Whether b fails on the orbit, which starts with `states` and repeats the last m of them for ever, or has the outcome a."""
        p = [arena.value(t, states[0]) for t in b.target]
        if b.kind in ("stays", "ends in"):
            return any(fails(r, s) for r in b.relations for s in (states if b.kind == "stays" else states[len(states) - m:]))
        if b.kind in ("diverges", "reaches"):
            return (m > 0 and p not in seen) or (b.kind == "diverges" and a.kind in TENDS)
        if b.kind == "rate":
            gaps = [sum((x - q) ** 2 for x, q in zip(y, p, strict=True)) for y in seen]
            return any(gap > gaps[0] * arena.value(arena.make("^", b.rate, data=2 * k), states[0]) for k, gap in enumerate(gaps))
        if a.kind == "ends in":  # a closed condition passes to the limit
            limit = {**states[0], **dict(zip(o.map, p, strict=True))}
            return any(r.op == "<=" and fails(r, limit) and continuous(arena, r.diff) for r in a.relations)
        kept_off = a.kind == "sublinear" and b.kind == "linear" and once and o.observe is None and seen[0] != p  # by the one region
        elsewhere = a.kind in TENDS and [arena.value(t, states[0]) for t in a.target] != p
        return kept_off or elsewhere or a.kind == "diverges" or any(y != p for y in seen[len(states) - m:])
    require(all(map(excluded, o.outcomes)), where, "an outcome of the claim is not excluded")

# --- sets of preimages -------------------------------------------------------------------------------------------------
def read_preimages(claim: Any) -> tuple[Orbit, int, list[int]]:
    """{x in domain: f^k(x) = q for some k >= 0} = {q, a, h(a), h(h(a)), ...}: the orbits of f, h, and [q, a, c] with a bound c."""
    o = read_orbit({**claim, "start": claim["domain"], "then": []})
    return o, o.goal.arena.read(claim["next"], o.goal.names), [o.constant(claim[key]) for key in ("of", "first", "above")]
def preimages(claim: Any, node: Any, where: str) -> None:
    """By induction on k: the domain is kept; only q and a are sent to q; every point of the domain above c is the image of
    its h, which is above c; and every point that is sent to c or above is the h of its image."""
    o, h, (q, a, c) = read_preimages(claim)
    arena, (x,), (f,) = o.goal.arena, (o.goal.names[s] for s in o.map), o.map.values()
    def kept(value: int) -> list[Clause]: return [(r,) for r in o.shifted(o.start, [value])]
    equal, above = partial(relation, arena, "="), partial(relation, arena, "<=", c)
    o.show((), [*kept(q), *kept(a), (equal(o.at(f, [a]), q),), (above(a),)], node["base"], f"{where}.base")
    o.show((*o.start, above(x)), [*kept(h), (above(h),), (equal(o.at(f, [h]), x),)], node["next"], f"{where}.next")
    only = [*kept(f), (relation(arena, "!=", f, q), equal(x, q), equal(x, a)), (relation(arena, "<", f, c), equal(x, o.at(h, [f])))]
    o.show(o.start, o.defined(only), node["only"], f"{where}.only")
def not_preimages(claim: Any, node: Any, where: str) -> None:
    """For the parameters `at`, a `start` in the domain that f sends to q in `steps` steps, that is not q (`base`), and that the orbit
    a, h(a), ... never meets; or `member` number n of q, a, h(a), ..., from which, if it is in the domain, the orbit of f never meets q."""
    o, h, (q, a, _) = read_preimages(claim)
    arena, ((x, f),) = o.goal.arena, o.map.items()
    goal, own = pinned(o.goal, node["at"], o.goal.ranges.keys() - {x}, where), o.goal.names[x]
    equal, other = partial(relation, arena, "="), partial(relation, arena, "!=")
    def iterated(g: int, t: int, n: int) -> int: return reduce(lambda u, _: o.at(g, [u]), range(n), t)
    if "start" in node:
        g, t, u = h, a, arena.num(rational(node["start"]))
        base, start = [*o.shifted(o.start, [u]), equal(iterated(f, u, node["steps"]), q), other(u, q)], list[Relation]()
    else:
        g, t, u = f, iterated(h, a, node["member"] - 1) if node["member"] else q, q
        base, start = [], [*o.shifted(o.start, [t])]
    prove(replace(goal, given=(), then=tuple((r,) for r in (*goal.given, *base, equal(t, t)))), node["base"], f"{where}.base")
    never = Outcome("stays", (other(own, u),), (), 0)
    orbit(claim, node["never"], where, replace(o, goal=goal, map={x: g}, start=(*start, equal(own, t)), outcomes=[never]))

# --- as a program -------------------------------------------------------------------------------------------------------
def load(text: bytes | str) -> Any:
    """JSON without repeated keys, floating-point numbers, NaN and infinities."""
    def refuse(what: object) -> Any: raise ValueError(f"{str(what)[:40]!r} is a repeated key or a floating-point number")
    def unique(pairs: Any) -> Any: return dict(pairs) if len(dict(pairs)) == len(pairs) else refuse([key for key, _ in pairs])
    try:
        return json.loads(text, object_pairs_hook=unique, parse_float=refuse, parse_constant=refuse)
    except (ValueError, RecursionError, MemoryError) as problem:
        raise Reject("json", str(problem)[:80]) from None
if __name__ == "__main__":  # exit status 0: settled, the verdict is printed; 1: rejected; 2: not two files
    try:
        claim, certificate = (Path(name).read_bytes() for name in sys.argv[1:])
        print(check(load(claim), load(certificate)))
    except Reject as problem:
        sys.exit(f"rejected at {problem}")
    except (OSError, ValueError) as problem:
        print("usage: python -I -S check.py CLAIM.json CERTIFICATE.json:", problem, file=sys.stderr)
        sys.exit(2)
