"""The rules: what counts as a proof, or as a refutation, of a claim. Nothing here searches; a rule returns or raises `Reject`.

A relation with an undefined side is false. Claims and certificates are described in FORMAT.md beside this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import floor
from typing import Any, NamedTuple

from .terms import NAME, Arena, Poly, Reject, Ring, Undefined, multiply, rational, to_interval

OPERATIONS = {"<": ("<", False), "<=": ("<=", False), ">": ("<", True), ">=": ("<=", True), "=": ("=", False), "!=": ("!=", False)}


class Relation(NamedTuple):
    """lhs op rhs, with op one of <, <=, =, !=; `diff` is the term lhs - rhs."""

    op: str
    diff: int
    lhs: int
    rhs: int


class Range(NamedTuple):
    """What a variable ranges over; None is an infinite end."""

    lo: Fraction | None = None
    hi: Fraction | None = None
    lo_open: bool = True
    hi_open: bool = True
    integer: bool = False

    def meet(self, lo: Fraction | None, hi: Fraction | None, lo_open: bool = False, hi_open: bool = False) -> Range:
        out = self
        if lo is not None and (out.lo is None or (lo, lo_open) > (out.lo, out.lo_open)):
            out = out._replace(lo=lo, lo_open=lo_open)
        if hi is not None and (out.hi is None or (-hi, hi_open) > (-out.hi, out.hi_open)):
            out = out._replace(hi=hi, hi_open=hi_open)
        return out

    def empty(self) -> bool:
        return self.lo is not None and self.hi is not None and (self.lo > self.hi or (self.lo == self.hi and (self.lo_open or self.hi_open)))

    def within(self, outer: Range) -> bool:
        whole = not outer.integer or self.integer or (self.lo is not None and self.lo == self.hi and self.lo.denominator == 1)
        return whole and self.meet(*outer[:4]) == self

    def point(self) -> bool:
        return self.lo is not None and self.lo == self.hi


def exactly(q: Fraction) -> Range:
    return Range(q, q, False, False)


@dataclass(frozen=True)
class Goal:
    """For all variables in their ranges: all of `given` imply, for each clause of `then`, one of its relations."""

    arena: Arena
    names: Mapping[str, int]
    ranges: Mapping[str, Range]
    given: tuple[Relation, ...]
    then: tuple[tuple[Relation, ...], ...]
    skip: Mapping[str, Range] | None = None  # a box that a `cover` may leave out

    def narrowed(self) -> Goal:
        """The same goal, each range cut by the hypotheses `constant <= variable` and the like."""
        ranges = dict(self.ranges)
        for op, _, lhs, rhs in self.given:
            for (kind, _, q), (other, _, x), upper in ((self.arena.nodes[lhs], self.arena.nodes[rhs], False), (self.arena.nodes[rhs], self.arena.nodes[lhs], True)):
                if (kind, other) == ("num", "var") and x in ranges and op != "!=":
                    ranges[x] = ranges[x].meet(None if upper and op != "=" else q, q if upper or op == "=" else None, op == "<", op == "<")
        return replace(self, ranges=ranges)

    def certain(self, r: Relation, ranges: Mapping[str, Range], form: str, p: int) -> bool | None:
        """True or False where the relation certainly holds or fails on the whole box, None where neither is certain."""
        try:
            lo, hi = bounds(self.arena, r.diff, ranges, form, p)
        except Undefined:
            return None
        yes = {"<": hi < 0, "<=": hi <= 0, "=": lo == hi == 0, "!=": lo > 0 or hi < 0}
        no = {"<": lo >= 0, "<=": lo > 0, "=": yes["!="], "!=": yes["="]}
        return True if yes[r.op] else False if no[r.op] else None

    def settled(self, ranges: Mapping[str, Range], form: str, p: int) -> bool:
        return all(any(self.certain(r, ranges, form, p) for r in clause) for clause in self.then) or any(
            self.certain(r, ranges, form, p) is False for r in self.given)


def bounds(arena: Arena, d: int, ranges: Mapping[str, Range], form: str, p: int) -> tuple[Any, Any]:
    """Bounds of a term over a box: "n" natural, "m" mean value, "d" by the signs of derivatives, exact at corners."""
    box = {x: to_interval(r.lo, r.hi, p) for x, r in ranges.items()}
    low, high = lo, hi = arena.enclose(d, box, p)
    wide = sorted(x for x in arena.variables(d) if not ranges[x].point())
    slopes = {x: arena.enclose(arena.derivative(d, x), box, p) for x in wide if form != "n"}
    if form == "m":  # f(X) lies in f(c) + f'(X) (X - c) for any point c of X; f is defined on X, being enclosed there
        centre = {x: (sum(box[x]) // 2,) * 2 if x in slopes else box[x] for x in box}
        low, high = arena.enclose(d, centre, p)
        for x, slope in slopes.items():
            a, b = multiply(slope, (box[x][0] - centre[x][0], box[x][1] - centre[x][1]), p)
            low, high = low + a, high + b
    elif form == "d":
        ends = []
        for upper in (False, True):
            corner = dict(ranges)
            for x, (a, b) in slopes.items():
                end = ranges[x].hi if (a >= 0) == upper else ranges[x].lo
                if (a >= 0 or b <= 0) and end is not None:
                    corner[x] = exactly(end)
            exact = all(corner[x].point() for x in wide)
            ends.append(arena.value(d, {x: r.lo for x, r in corner.items() if r.lo is not None}) if exact
                        else arena.enclose(d, {x: to_interval(r.lo, r.hi, p) for x, r in corner.items()}, p)[upper])
        low, high = ends
    return max(lo, low), min(hi, high)


def precision(node: Mapping[str, Any]) -> int:
    if type(p := node.get("precision", 64)) is int and 8 <= p <= 4096:
        return p
    raise Reject("precision", "must be an integer from 8 to 4096")


# --- proofs of `for all` ---------------------------------------------------------------------------------------------


def prove(goal: Goal, node: Any, where: str) -> None:
    """Check that `node` proves `goal`."""
    rules: dict[str, Callable[[Goal, Any, str], None]] = {
        "cover": cover, "identity": algebra, "orthant": algebra, "sturm": algebra, "change": change, "have": have, "apply": apply}
    if node["rule"] not in rules:
        raise Reject(where, f"unknown rule {str(node['rule'])[:40]!r}", goal)
    try:
        rules[node["rule"]](goal, node, f"{where}/{node['rule']}")
    except Undefined as problem:
        raise Reject(f"{where}/{node['rule']}", str(problem), goal) from None
    except Reject as no:  # the innermost goal is what is left to prove
        no.goal = no.goal or goal
        raise


def cover(goal: Goal, node: Any, where: str) -> None:
    """A split tree in preorder. An integer i bisects variable i (in alphabetical order); [x, c] makes the cases x < c, x = c,
    x > c; "n", "m", "d" close a box by that enclosure, "s" leaves out a box inside `skip`, an object proves its box."""
    p, names, stack = precision(node), sorted(goal.ranges), [goal.ranges]
    for i, token in enumerate(node["tree"]):
        ranges, at = stack.pop() if stack else {}, f"{where}[{i}]"
        if type(token) is int or isinstance(token, list):
            x, cut = (names[token], None) if type(token) is int else (token[0], rational(token[1]))
            r = ranges[x]
            if cut is None and r.lo is not None and r.hi is not None:
                cut = Fraction(floor((r.lo + r.hi) / 2)) if r.integer else (r.lo + r.hi) / 2
                parts = [r.meet(None, cut), r.meet(cut + r.integer, None)]
            elif cut is not None:
                parts = [r.meet(None, cut, hi_open=True), r.meet(cut, cut), r.meet(cut, None, lo_open=True)]
            stack += [{**ranges, x: part} for part in reversed(parts) if not part.empty()]
        elif isinstance(token, dict):
            prove(replace(goal, ranges=ranges), token, at)
        elif token == "s" and goal.skip is not None and all(ranges[x].within(r) for x, r in goal.skip.items()):
            continue
        elif token not in ("n", "m", "d") or not goal.settled(ranges, token, p):
            raise Reject(at, f"{str(token)[:9]!r} does not close " + ", ".join(f"{x} in [{r.lo}, {r.hi}]" for x, r in ranges.items())[:200])
    if stack:
        raise Reject(where, "a box is not covered")


class Orthant:
    """A domain as the image of variables a, b >= 0: x = lo + a, x = hi - a, or x = (lo b + hi a)/(a + b) with a + b > 0.

    A polynomial whose image has coefficients of one sign has that sign on the domain. `order` lists [x, lo, hi] with
    bounds that are constants or earlier variables, each one certain from the range of x or a hypothesis.
    """

    def __init__(self, goal: Goal, order: Sequence[Any]) -> None:
        self.goal, arena, n = goal, goal.arena, len(goal.ranges)
        self.ring = ring = Ring(n + len(order) + 1, arena.spend)
        self.leaves = {x: ring.constant(r.lo) if r.lo is not None and r.point() else ring.generator(i) for i, (x, r) in enumerate(goal.ranges.items())}
        self.free = {i for i, r in enumerate(goal.ranges.values()) if not r.point()}
        self.steps: list[tuple[int, int, Poly | None, Poly | None]] = []
        self.zeros: list[list[set[int]]] = []  # for each variable, the sets of new variables that may vanish together
        for x, *ends in order:
            i, j = list(goal.ranges).index(x), n + len(self.steps)
            terms = [None if e is None else arena.read(e, goal.names) for e in ends]
            polys = [None if k is None else ring.normal_form(arena, k, self.leaves, self.sign)[0] for k in terms]
            lo, hi = (k is None or self.strict(x, k, upper) for k, upper in zip(terms, (False, True)))
            later = {m for f in polys for e in f or () for m in self.free if e[m]}
            if i not in self.free or later or polys == [None, None]:
                raise Reject("orthant", f"{x} has no bound, is bounded by a later variable, or is listed twice")
            self.free.remove(i)
            options = [{i}] * (not lo) + [{j if polys[0] is not None else i}] * (not hi)
            self.zeros.append(options or [set()])
            self.steps.append((i, j, polys[0], polys[1]))

    def strict(self, x: str, k: int, upper: bool) -> bool:
        """Whether the bound k of x is a strict one; `Reject` if it is not certain."""
        kind, _, q = self.goal.arena.nodes[k]
        r, v = self.goal.ranges[x], self.goal.names[x]
        end, is_open = (r.hi, r.hi_open) if upper else (r.lo, r.lo_open)
        if kind == "num" and end is not None and (end <= q if upper else q <= end):
            return bool(is_open or end != q)
        ops = {g.op for g in self.goal.given if (g.lhs, g.rhs) == ((v, k) if upper else (k, v))} - {"!="}
        if kind != "var" or not ops:
            raise Reject("orthant", f"a bound of {x} is neither in its range nor a hypothesis")
        return "<" in ops

    def sign(self, f: Poly) -> tuple[int, bool]:
        ring = self.ring
        if any(m[i] for m in f for i in self.free):
            return 0, False
        for i, j, lo, hi in reversed(self.steps):
            a, scale = ring.generator(i), ring.one
            if lo is not None and hi is not None:
                scale = ring.add(a, ring.generator(j))
                base = ring.add(ring.mul(lo, ring.generator(j)), ring.mul(hi, a))
            else:
                base = ring.add(lo, a) if lo is not None else ring.add(hi or {}, a, -1)
            parts: dict[int, Poly] = {}
            for m, q in f.items():
                parts.setdefault(m[i], {})[m[:i] + (0,) + m[i + 1:]] = q
            top, f = max(parts, default=0), {}
            for k, part in parts.items():
                f = ring.add(f, ring.mul(part, ring.mul(ring.pow(base, k), ring.pow(scale, top - k))))
        signs = {q > 0 for q in f.values()}
        supports = {frozenset(i for i, e in enumerate(m) if e) for m in f}
        strict = all(any(not m & set().union(*choice) for m in supports) for choice in product(*self.zeros))
        return (1 if signs.pop() else -1, strict) if len(signs) == 1 else (0, False)


class Sturm:
    """The range of the only variable of a goal; signs of polynomials there by Sturm's theorem."""

    def __init__(self, goal: Goal) -> None:
        free = [x for x, r in goal.ranges.items() if not r.point()]
        if len(free) != 1:
            raise Reject("sturm", "needs exactly one variable")
        self.ring, self.range = Ring(1, goal.arena.spend), goal.ranges[free[0]]
        self.leaves = {x: self.ring.generator(0) if r.lo is None or not r.point() else self.ring.constant(r.lo) for x, r in goal.ranges.items()}

    def sign(self, f: Poly) -> tuple[int, bool]:
        s, strict, r = 1, True, self.range
        c = [Fraction(f.get((k,), 0)) for k in range(max(f, default=(0,))[0] + 1)]
        self.ring.spend(len(c) ** 3)
        for end, is_open, side in ((r.lo, r.lo_open, 1), (r.hi, r.hi_open, -1)):
            while end is not None and len(c) > 1 and horner(c, end) == 0:  # x - lo is positive inside, x - hi negative
                c, s, strict = divide(c, [-end, Fraction(1)])[0], s * side, strict and is_open
        chain = [c, [k * q for k, q in enumerate(c)][1:]]
        while len(chain[-1]) > 1:
            rest = divide(chain[-2], chain[-1])[1]
            chain.append([-q / abs(rest[-1]) for q in rest])
        variations = []
        for end, flip in ((r.lo, -1), (r.hi, 1)):
            values = [horner(g, end) if end is not None else g[-1] * flip ** (len(g) - 1) for g in chain if g]
            signs = [v > 0 for v in values if v]
            variations.append(sum(u != v for u, v in zip(signs, signs[1:])))
        middle = horner(c, r.lo if r.lo is not None else r.hi if r.hi is not None else Fraction(0))
        return (0, False) if variations[0] != variations[1] or not middle else (s if middle > 0 else -s, strict)


def horner(c: Sequence[Fraction], x: Fraction) -> Fraction:
    total = Fraction(0)
    for q in reversed(c):
        total = total * x + q
    return total


def divide(f: Sequence[Fraction], g: Sequence[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    """Quotient and remainder of univariate polynomials, coefficients from the constant one up."""
    rest, quotient = list(f), [Fraction(0)] * max(len(f) - len(g) + 1, 0)
    for k in reversed(range(len(quotient))):
        quotient[k] = rest[k + len(g) - 1] / g[-1]
        for i, q in enumerate(g):
            rest[k + i] -= quotient[k] * q
    while rest and not rest[-1]:
        rest.pop()
    return quotient, rest


def algebra(goal: Goal, node: Any, where: str) -> None:
    """`identity`, `orthant`, `sturm`: one relation (`pick`) of each clause follows by polynomial arithmetic. `clauses` has an
    entry for each clause. With multipliers m >= 0 of hypotheses g <= 0, or any m where g = 0 (`use`), d <= 0 follows from
    d - sum m g <= 0."""
    arena = goal.arena
    for i, (clause, entry) in enumerate(zip(goal.then, node.get("clauses", [{}] * len(goal.then)), strict=True)):
        domain = Sturm(goal) if node["rule"] == "sturm" else Orthant(goal, entry.get("order", []))

        def sign(term: int, domain: Sturm | Orthant = domain) -> tuple[int, bool]:
            """The sign and whether it is strict; (0, True) only for a term that vanishes identically."""
            num, den = domain.ring.normal_form(arena, term, domain.leaves, domain.sign)
            (s, strict), (t, _) = domain.sign(num) if num else (0, True), domain.sign(den)
            return s * t, strict and bool(s or not num)

        op, d, _, _ = clause[entry.get("pick", 0)]
        equations, gained = True, False
        for k, multiplier in entry.get("use", []):
            g, m = goal.given[k], arena.read(multiplier, goal.names)
            if g.op != "=":
                s, strict = sign(m)
                if g.op == "!=" or s < 0 or (s == 0 and not strict):
                    raise Reject(where, f"a multiplier of conclusion {i} is not certainly nonnegative")
                equations, gained = False, gained or (s > 0 and strict and g.op == "<")
            d = arena.make("-", d, arena.make("*", m, g.diff))
        s, strict = sign(d)
        zero = s == 0 and strict
        follows = {"=": zero and equations, "!=": s != 0 and strict and equations, "<=": s < 0 or zero, "<": (s < 0 and (strict or gained)) or (zero and gained)}
        if not follows[op] or (node["rule"] == "identity" and op != "="):
            raise Reject(where, f"conclusion {i} does not follow")


def change(goal: Goal, node: Any, where: str) -> None:
    """A new variable z >= 0 with x = c_0 + sum of c_k z^k, where c_0 is at most the lower end of x, all c_k >= 0 and one
    c_k > 0 (or all reversed): by continuity x takes every value of its range. `order` certifies the signs, as for `orthant`."""
    arena, x, z = goal.arena, node["var"], node["to"]
    r = goal.ranges[x]
    if z in goal.names or r.integer or x not in goal.names:
        raise Reject(where, "the new variable needs a new name")
    read_range([z, "[", "0", "oo", ")"])
    names = {**goal.names, z: arena.var(z)}
    by, ranges = arena.read(node["by"], names), {y: s for y, s in goal.ranges.items() if y != x} | {z: Range(Fraction(0), None, False)}
    domain = Orthant(replace(goal, ranges=ranges, names=names, given=tuple(g for g in goal.given if x not in arena.variables(g.diff))), node.get("order", []))
    num, den = domain.ring.normal_form(arena, by, domain.leaves, domain.sign)
    i, parts = list(ranges).index(z), {0: Poly()}
    for m, q in num.items():
        parts.setdefault(m[i], Poly())[m[:i] + (0,) + m[i + 1:]] = q
    start, s = parts.pop(0), domain.sign(den)[0]
    signs = {domain.sign(f) for f in parts.values()}
    up = (s, True) in signs
    end, is_open = (r.lo, r.lo_open) if up else (r.hi, r.hi_open)
    beyond = domain.ring.add(start, den, -end) if end is not None else start
    step = s if up else -s
    if end is None or not s or (beyond and domain.sign(beyond)[0] != -step) or any(m[i] for m in den) or (step, True) not in signs or any(t != step for t, _ in signs):
        raise Reject(where, f"the substitution does not certainly reach every value of {x}")
    ends = [relation(arena, "<" if r.lo_open else "<=", arena.num(r.lo), goal.names[x])] if r.lo is not None else []
    ends += [relation(arena, "<" if r.hi_open else "<=", goal.names[x], arena.num(r.hi))] if r.hi is not None else []
    prove(replace(goal, names={y: k for y, k in names.items() if y != x}, ranges={**ranges, z: Range(Fraction(0), None, is_open and not beyond)},
                  given=shift(arena, (*goal.given, *ends), {x: by}), then=tuple(shift(arena, c, {x: by}) for c in goal.then)), node["then"], where)


def have(goal: Goal, node: Any, where: str) -> None:
    """A relation is proved first, and then is one more hypothesis."""
    fact = read_relation(goal.arena, node["fact"], goal.names)
    prove(replace(goal, then=((fact,),)), node["proof"], f"{where}.proof")
    prove(replace(goal, given=(*goal.given, fact)).narrowed(), node["then"], where)


def apply(goal: Goal, node: Any, where: str) -> None:
    """A lemma is proved for its own variables; its ranges and hypotheses are shown (`side`) for the terms `at`; then its
    conclusions at these terms are more hypotheses."""
    arena, lemma = goal.arena, read_goal(node["lemma"], goal.arena)
    prove(lemma, node["proof"], f"{where}.lemma")
    at = {x: arena.read(node["at"][x], goal.names) for x in lemma.ranges}
    side = [relation(arena, "=", t, t) for t in at.values() if arena.nodes[t][1]]  # t = t says that t is defined
    for x, r in lemma.ranges.items():
        side += [relation(arena, "<" if r.lo_open else "<=", arena.num(r.lo), at[x])] if r.lo is not None else []
        side += [relation(arena, "<" if r.hi_open else "<=", at[x], arena.num(r.hi))] if r.hi is not None else []
    if any(r.integer for r in lemma.ranges.values()) or any(len(c) > 1 for c in lemma.then):
        raise Reject(where, "a lemma speaks of real variables, and has single conclusions")
    prove(replace(goal, then=tuple((s,) for s in (*side, *shift(arena, lemma.given, at)))), node["side"], f"{where}.side")
    prove(replace(goal, given=goal.given + shift(arena, (c[0] for c in lemma.then), at)).narrowed(), node["then"], where)


# --- reading ---------------------------------------------------------------------------------------------------------


def relation(arena: Arena, op: str, lhs: int, rhs: int) -> Relation:
    return Relation(op, arena.make("-", lhs, rhs), lhs, rhs)


def shift(arena: Arena, relations: Iterable[Relation], values: Mapping[str, int]) -> tuple[Relation, ...]:
    return tuple(relation(arena, r.op, arena.substitute(r.lhs, values), arena.substitute(r.rhs, values)) for r in relations)


def read_relation(arena: Arena, data: Any, names: Mapping[str, int]) -> Relation:
    op, lhs, rhs = data
    (op, swap), ends = OPERATIONS[op], (arena.read(lhs, names), arena.read(rhs, names))
    return relation(arena, op, *(reversed(ends) if swap else ends))


def read_range(data: Any) -> tuple[str, Range]:
    """["x", "(", "0", "oo", ")"], with a sixth entry "integer" where it is one."""
    name, left, lo, hi, right, *kind = data
    r = Range(None if lo == "-oo" else rational(lo), None if hi == "oo" else rational(hi), {"(": True, "[": False}[left], {")": True, "]": False}[right], kind == ["integer"])
    if r.empty() or not NAME.match(name) or kind not in ([], ["integer"]):
        raise Reject("domain", f"cannot read the range of {name}, or it is empty")
    return name, r


def read_ranges(data: Any, arena: Arena, names: dict[str, int]) -> dict[str, Range]:
    ranges = dict(read_range(entry) for entry in data)
    if len(ranges) != len(data) or ranges.keys() & names.keys():
        raise Reject("domain", "a variable is declared twice")
    names.update({x: arena.var(x) for x in ranges})
    return ranges


def read_let(data: Any, arena: Arena, names: dict[str, int]) -> None:
    for name, term in data.get("let", []):
        if name in names or not NAME.match(name):
            raise Reject("let", f"cannot define {str(name)[:40]!r}")
        names[name] = arena.read(term, names)


def read_goal(data: Any, arena: Arena) -> Goal:
    names: dict[str, int] = {}
    ranges = read_ranges(data["vars"], arena, names)
    read_let(data, arena, names)
    given = tuple(read_relation(arena, r, names) for r in data.get("given", []))
    clauses = [c[1:] if c[0] == "or" else [c] for c in data["then"]]
    if not clauses:
        raise Reject("claim", "has no conclusion")
    return Goal(arena, names, ranges, given, tuple(tuple(read_relation(arena, r, names) for r in c) for c in clauses)).narrowed()
