"""The rules: what counts as a proof of `for all variables: given => then`. Nothing here searches; a rule returns or raises `Reject`.
A relation with an undefined side is false, as hypothesis and as conclusion. Claims and certificates are described in FORMAT.md."""
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, pairwise, product
from math import prod
from typing import Any, NamedTuple
from .terms import (NAME, Arena, Interval, Poly, Reject, Ring, Undefined, bits, drop, known, multiply, power, rational, require, signs,
                    signum, to_interval)

OPPOSITE = {">": "<", ">=": "<="}  # written with the sides swapped
ALLOWED = {"<": {-1}, "<=": {-1, 0}, "=": {0}, "!=": {-1, 1}}  # the signs of lhs - rhs
Relation = NamedTuple("Relation", [("op", str), ("diff", int), ("lhs", int), ("rhs", int)])  # op is <, <=, = or !=; diff = lhs - rhs
Clause = tuple[Relation, ...]

class Range(NamedTuple):  # what a variable ranges over; None is an infinite end
    lo: Fraction | None = None
    hi: Fraction | None = None
    lo_open: bool = True
    hi_open: bool = True
    integer: bool = False
    def meet(self, lo: Fraction | None, hi: Fraction | None, lo_open: bool = False, hi_open: bool = False) -> "Range":
        low = max([(q, e) for q, e in ((self.lo, self.lo_open), (lo, lo_open)) if q is not None], default=(None, True))
        high = min([(q, not e) for q, e in ((self.hi, self.hi_open), (hi, hi_open)) if q is not None], default=(None, False))
        return Range(low[0], high[0], low[1], not high[1], self.integer)
    def empty(self) -> bool: return self.lo is not None and self.hi is not None and (self.lo, self.lo_open) > (self.hi, -self.hi_open)
    def within(self, outer: "Range") -> bool:
        whole = not outer.integer or self.integer or (self.lo is not None and self.lo == self.hi and self.lo.denominator == 1)
        return whole and self.meet(*outer[:4]) == self
    def point(self) -> bool: return self.lo is not None and self.lo == self.hi
def exactly(q: Fraction) -> Range: return Range(q, q, False, False)

@dataclass(frozen=True)
class Goal:
    """For all variables in their ranges: all of `given` imply, for each clause of `then`, one of its relations."""
    arena: Arena
    names: Mapping[str, int]
    ranges: Mapping[str, Range]
    given: Clause
    then: tuple[Clause, ...]
    def narrowed(self) -> "Goal":  # by hypotheses such as constant <= variable
        ranges = dict(self.ranges)
        for (op, _, *sides), upper in product(self.given, (False, True)):
            (kind, _, q), (other, _, x) = (self.arena.nodes[side] for side in (sides[::-1] if upper else sides))
            if (kind, other) == ("num", "var") and x in ranges and op != "!=":
                ranges[x] = ranges[x].meet(None if upper and op != "=" else q, q if upper or op == "=" else None, op == "<", op == "<")
        return replace(self, ranges=ranges)
    def certain(self, r: Relation, ranges: Mapping[str, Range], form: str, p: int) -> bool | None:
        """True or False where the relation certainly holds or fails on the whole box, None where neither is certain."""
        with suppress(Undefined):  # t = t says that t is defined
            lo, hi = bounds(self.arena, r.diff, ranges, form, p)
            return verdict(r.op, {0} if r.lhs == r.rhs else set(range(signum(lo), signum(hi) + 1)))
        return None
    def settled(self, ranges: Mapping[str, Range], form: str, p: int) -> bool:
        """Each clause has a relation that is a hypothesis or certainly holds; or a hypothesis certainly fails."""
        return all(any(r in self.given or self.certain(r, ranges, form, p) for r in clause) for clause in self.then) or any(
            self.certain(r, ranges, form, p) is False for r in self.given)
def verdict(op: str, signs: set[int]) -> bool | None:  # d op 0 for a d of these signs; None: not certain
    return True if signs <= ALLOWED[op] else None if signs & ALLOWED[op] else False

def boxed(ranges: Mapping[str, Range], p: int) -> dict[str, Interval]: return {x: to_interval(r.lo, r.hi, p) for x, r in ranges.items()}
def bounds(arena: Arena, d: int, ranges: Mapping[str, Range], form: str, p: int) -> tuple[int | Fraction, int | Fraction]:
    """Bounds, in units of 2**-p, over a box where the term and the derivatives used are enclosed, hence defined: "n" natural, "m" mean
    value, "t" Taylor form of second order, "d" by the signs of derivatives, exact at a corner where its sign needs that."""
    box = boxed(ranges, p)
    lo, hi = arena.enclose(d, box, p)
    wide = sorted(x for x in arena.variables(d) if not ranges[x].point()) if form != "n" else []
    slopes = {x: arena.enclose(arena.derivative(d, x), box, p) for x in wide}
    if form in ("m", "t"):
        known(not any(None in ranges[x][:2] for x in wide), "a mean value form needs a bounded box")
        low, high = expansion(arena, d, box, slopes, p, form == "t")
        return max(lo, low), min(hi, high)
    def extreme(upper: bool) -> int | Fraction:
        ends = {x: ranges[x].hi if (a >= 0) == upper else ranges[x].lo for x, (a, b) in slopes.items() if a >= 0 or b <= 0}
        corner = {**ranges, **{x: exactly(end) for x, end in ends.items() if end is not None}}
        there = arena.enclose(d, boxed(corner, p), p)
        if there[0] <= 0 <= there[1] and all(corner[x].point() for x in wide):  # otherwise the sign is known
            with suppress(Undefined):  # irrational, say
                return arena.value(d, {x: r.lo for x, r in corner.items() if r.lo is not None}) * (1 << p)
        return there[upper]
    return (lo, hi) if form == "n" else (max(lo, extreme(False)), min(hi, extreme(True)))
def expansion(arena: Arena, d: int, box: Mapping[str, Interval], slopes: Mapping[str, Interval], p: int, second: bool = False) -> Interval:
    """f(X) lies in f(c) + f'(X) (X - c), with `slopes` f'(X), and in f(c) + f'(c) (X - c) + f''(X) (X - c)^2 / 2, for any point c of X."""
    centre = {**box, **{x: (sum(box[x]) // 2,) * 2 for x in slopes}}
    gap = {x: (box[x][0] - centre[x][0], box[x][1] - centre[x][0]) for x in slopes}
    first = {x: arena.enclose(arena.derivative(d, x), centre, p) for x in slopes} if second else slopes
    parts = [arena.enclose(d, centre, p), *(multiply(slope, gap[x], p) for x, slope in first.items())]
    for x, y in combinations_with_replacement(slopes, 2) if second else ():
        bend = arena.enclose(arena.derivative(arena.derivative(d, x), y), box, p)
        parts.append(multiply(bend, multiply(gap[x], gap[y], p) if x != y else drop(power(gap[x], 2, p), 1), p))
    return sum(low for low, _ in parts), sum(high for _, high in parts)
def precision(node: Mapping[str, Any]) -> int:
    require(node.get("precision", 64) in range(8, 4097), "precision", "must be an integer from 8 to 4096")
    return int(node.get("precision", 64))

def prove(goal: Goal, node: Any, where: str) -> None:  # `node` proves `goal`, or Reject
    rules = {"cover": cover, "identity": algebra, "orthant": algebra, "sturm": algebra, "change": change, "have": have, "apply": apply,
             "monotone": monotone, "defined": defined, "rewrite": rewrite}
    require(node["rule"] in rules, where, f"unknown rule {str(node['rule'])[:40]!r}", goal)
    try:
        rules[node["rule"]](goal, node, at := f"{where}/{node['rule']}")
    except Undefined as problem:
        raise Reject(at, str(problem), goal) from None
def cover(goal: Goal, node: Any, where: str) -> None:
    """A split tree in preorder, whose parts cover each box: i bisects variable i (in alphabetical order), [x, c] makes the cases x < c,
    x = c, x > c; "n", "m", "t", "d" close a box by that enclosure, an object proves its box."""
    p, names, stack = precision(node), sorted(goal.ranges), [goal.ranges]
    for i, token in enumerate(node["tree"]):
        at = f"{where}[{i}]"
        require(stack, at, "nothing is left to cover")
        ranges = stack.pop()
        if isinstance(token, (int, list)):
            r = ranges[x := token[0] if isinstance(token, list) else names[token]]
            if isinstance(token, list):
                cut = rational(token[1])
                parts = [r.meet(None, cut, hi_open=True), r.meet(cut, cut), r.meet(cut, None, lo_open=True)]
            elif r.lo is None or r.hi is None:
                raise Reject(at, f"the range of {x} is infinite and has no middle")
            else:
                cut = Fraction((r.lo + r.hi) // 2) if r.integer else (r.lo + r.hi) / 2
                parts = [r.meet(None, cut), r.meet(cut + r.integer, None)]
            goal.arena.spend(bits(cut) >> 3)
            stack += [{**ranges, x: part} for part in reversed(parts) if not part.empty()]
        elif isinstance(token, dict):
            prove(replace(goal, ranges=ranges), token, at)
        elif not (token in ("n", "m", "t", "d") and goal.settled(ranges, token, p)):
            box = ", ".join(f"{x} in [{r.lo}, {r.hi}]" for x, r in ranges.items())[:200]
            raise Reject(at, f"{str(token)[:9]!r} does not close {box}", replace(goal, ranges=ranges))
    require(not stack, where, "a box is not covered")

class Orthant:
    """A domain as the image of variables a, b >= 0: x = lo + a, x = hi - a, or x = (lo b + hi a)/(a + b) with a + b > 0.
    A polynomial whose image has coefficients of one sign, and variables that are not listed in even powers only, has that sign on the
    domain. `order` lists [x, lo, hi] with constants, earlier or never listed variables as bounds, certain from ranges or hypotheses."""
    def __init__(self, goal: Goal, order: Sequence[Any] = ()) -> None:
        self.goal, arena, n, names = goal, goal.arena, len(goal.ranges), list(goal.ranges)
        self.ring = ring = Ring(n + len(order), arena.spend)
        self.free, used = {i for i, r in enumerate(goal.ranges.values()) if not r.point()}, set[int]()
        self.leaves = {x: ring.generator(i) if i in self.free else ring.constant(r.lo or 0) for i, (x, r) in enumerate(goal.ranges.items())}
        self.steps = steps = dict[int, tuple[Poly, Poly]]()  # variable i is base/scale
        self.power = cache(lambda i, k, n: ring.mul(ring.pow(steps[i][0], k), ring.pow(steps[i][1], n - k)))
        self.zeros: list[list[set[int]]] = []  # for each variable, the sets of new variables that may vanish together
        for j, (x, *ends) in enumerate(order, n):
            i, terms = names.index(x), [None if e is None else arena.read(e, goal.names) for e in ends]
            strict = [k is None or self.strict(x, k, upper) for k, upper in zip(terms, (False, True), strict=True)]
            lo, hi = (None if k is None else ring.normal_form(arena, k, self.leaves, self.sign)[0] for k in terms)
            used |= {k for f in (lo, hi) for m in f or () for k in self.free if m[k]}  # any real number, and so not to be listed later
            require(i in self.free - used and not (lo is hi is None), "orthant", f"{x} has no bound, a later one, or is listed twice")
            self.free.remove(i)
            self.zeros.append([{i}] * (not strict[0]) + [{i if lo is None else j}] * (not strict[1]) or [set()])
            a, b = ring.generator(i), ring.generator(j)
            scale, base = ring.one, ring.add(lo or hi or {}, a, -1 if lo is None else 1)
            if lo is not None and hi is not None:
                scale, base = ring.add(a, b), ring.add(ring.mul(lo, b), ring.mul(hi, a))
            if (scale, base) != (ring.one, a):
                base, c = ring.whole(base)
                self.steps[i] = base, ring.mul(scale, ring.constant(c)) if c > 1 else scale
    def strict(self, x: str, k: int, upper: bool) -> bool:  # is bound k of x strict? Reject if it is not certain
        (kind, _, q), r, v = self.goal.arena.nodes[k], self.goal.ranges[x], self.goal.names[x]
        if kind == "num" and r == (r.meet(None, q) if upper else r.meet(q, None)):
            return r == (r.meet(None, q, hi_open=True) if upper else r.meet(q, None, lo_open=True))
        ops = {g.op for g in self.goal.given if (g.lhs, g.rhs) == ((v, k) if upper else (k, v))} - {"!="}
        require(kind in ("num", "var") and ops, "orthant", f"a bound of {x} is neither in its range nor a hypothesis")
        return "<" in ops
    def sign(self, f: Poly) -> set[int]:
        for i in reversed(self.steps):
            parts: dict[int, Poly] = {}  # the coefficients of the powers of variable i
            for m, q in self.ring.whole(f)[0].items():
                parts.setdefault(m[i], {})[(*m[:i], 0, *m[i + 1:])] = q
            top = max(parts, default=0)
            f = self.ring.total(self.ring.mul(part, self.power(i, k, top)) for k, part in parts.items())
        found, even = {signum(q) for q in f.values()}, not any(m[i] % 2 for m in f for i in self.free)
        supports = {frozenset(i for i, e in enumerate(m) if e) for m in f if not any(m[i] for i in self.free)}
        self.ring.spend(prod(map(len, self.zeros)) * len(supports))
        strict = all(any(not m & set().union(*choice) for m in supports) for choice in product(*self.zeros))
        return {-1, 0, 1} if len(found) > 1 or not even else found if strict else found | {0}
class Sturm(Orthant):
    """Signs of polynomials in one variable on its range, by Sturm's theorem."""
    def sign(self, f: Poly) -> set[int]:
        used = sorted({i for m in f for i, e in enumerate(m) if e})
        require(len(used) < 2, "sturm", "needs exactly one variable")
        r, values, s, strict = list(self.goal.ranges.values())[used[0]] if used else Range(), {sum(m): q for m, q in f.items()}, 1, True
        self.ring.spend((degree := max(values, default=0)) ** 2)
        c = [Fraction(values.get(k, 0)) for k in range(degree + 1)]
        for end, is_open, side in ((r.lo, r.lo_open, 1), (r.hi, r.hi_open, -1)):
            while end is not None and len(c) > 1 and not (by_end := divide(c, (-end, 1)))[1]:  # x - lo is positive inside, x - hi negative
                c, s, strict = by_end[0], s * side, strict and is_open
        chain = [c, [k * q for k, q in enumerate(c)][1:]]
        while len(chain[-1]) > 1:
            size = max(bits(q) for q in chain[-2] + chain[-1])
            self.ring.spend((len(chain[-2]) - len(chain[-1]) + 1) * len(chain[-1]) * (1 + (size >> 8) ** 2))
            rest = divide(*chain[-2:])[1]
            chain.append([-q / abs(rest[-1]) for q in rest])
        def at(g: list[Fraction], end: Fraction | None, flip: int = 0) -> Fraction:
            return sum(divide(g, (-end, 1))[1], Fraction(0)) if end is not None else g[-1] * flip ** (len(g) - 1)
        signs = ([v > 0 for v in (at(g, *end) for g in chain if g) if v] for end in ((r.lo, -1), (r.hi, 1)))
        changes = {sum(u != v for u, v in pairwise(row)) for row in signs}
        middle = at(c, r.lo if r.lo is not None else r.hi if r.hi is not None else Fraction(0))
        return {-1, 0, 1} if len(changes) > 1 or not middle else {s * signum(middle), s * signum(middle) * strict}
def divide(f: Sequence[Fraction], g: Sequence[Fraction | int]) -> tuple[list[Fraction], list[Fraction]]:  # quotient, remainder
    quotient, rest = list[Fraction](), list(f)
    while len(rest) >= len(g):
        quotient.insert(0, rest.pop() / g[-1])
        for k, h in enumerate(g[:-1], len(rest) + 1 - len(g)):
            rest[k] -= quotient[0] * h
    while rest and not rest[-1]:
        rest.pop()
    return quotient, rest

def algebra(goal: Goal, node: Any, where: str) -> None:
    """`identity`, `orthant`, `sturm`: one relation (`pick`) of each clause follows, or one hypothesis fails (`absurd`), by polynomial
    arithmetic. With multipliers m >= 0 of hypotheses g <= 0, or any m where g = 0 (`use`), d <= 0 follows from d - sum m g <= 0."""
    arena, domains = goal.arena, dict[str, Orthant]()
    for i, (clause, entry) in enumerate(zip(goal.then, node.get("clauses", [{}] * len(goal.then)), strict=True)):
        wanted = "absurd" not in entry
        op, d, lhs, rhs = clause[entry.get("pick", 0)] if wanted else goal.given[entry["absurd"]]
        d = arena.make("-", rhs, lhs) if op == "!=" and entry.get("flip") else d  # rhs < lhs instead of lhs < rhs
        order, use = entry.get("order", []), [(goal.given[k], arena.read(m, goal.names)) for k, m in entry.get("use", [])]
        names = {x for x, *_ in order}.union(*(arena.variables(k) for k in (d, *(k for g, m in use for k in (g.diff, m)))))
        small = replace(goal, ranges={x: r for x, r in goal.ranges.items() if x in names or r.point()})
        kind = Sturm if entry.get("by", node["rule"]) == "sturm" else Orthant
        key = str((kind, order, sorted(names)))
        domain = domains[key] = domains.get(key) or kind(small, order)
        def sign(term: int, domain: Orthant = domain) -> set[int]:
            return signs(domain.ring.normal_form(arena, term, domain.leaves, domain.sign), domain.sign)
        equations, gained = True, False
        for g, m in use:
            if g.op != "=":
                found = sign(m)
                require(g.op != "!=" and -1 not in found, where, f"a multiplier of {i} is not certainly nonnegative")
                equations, gained = False, gained or (found == {1} and g.op == "<")
            d = arena.make("-", d, arena.make("*", m, g.diff))
        found = sign(d)
        if not equations:  # this is only an upper bound
            found = {-1, 0, 1} if 1 in found else {-1} if gained or 0 not in found else {-1, 0}
        shown = verdict(op, found) is wanted and (op == "=" or node["rule"] != "identity")
        require(shown, where, f"conclusion {i} does not follow" if wanted else f"hypothesis {entry['absurd']} is not absurd")

def change(goal: Goal, node: Any, where: str) -> None:
    """A new variable z with x = `by`, which is continuous in z, at most x for z = `low` and at least x for z = `high` (`side`): by the
    intermediate value theorem each value of x is taken. Integers become real numbers."""
    arena, x, (z, r) = goal.arena, node["var"], read_range(node["to"])
    names, own = {**goal.names, z: arena.var(z)}, goal.names[x]
    by, *ends = arena.read(node["by"], names), arena.read(node["low"], goal.names), arena.read(node["high"], goal.names)
    fits = z not in goal.names and not r.integer and x not in arena.variables(by) and continuous(arena, by)
    require(fits, where, "the new variable is real and has a new name, and the old one is a continuous function of it")
    low, high = (arena.substitute(by, {names[z]: t}) for t in ends)
    side = [(s,) for s in (relation(arena, "=", by, by), relation(arena, "<=", low, own), relation(arena, "<=", own, high),
                           *(s for t in ends for s in inside(arena, r, t)))]
    prove(replace(goal, names=names, ranges={**goal.ranges, z: r}, then=tuple(side)), node["side"], f"{where}.side")
    given, *then = (shift(arena, c, {own: by}) for c in ((*goal.given, *inside(arena, goal.ranges[x], own)), *goal.then))
    names = {y: arena.substitute(k, {own: by}) for y, k in names.items() if y != x}
    ranges = {y: s for y, s in goal.ranges.items() if y != x} | {z: r}
    prove(Goal(arena, names, ranges, given, tuple(then)), node["then"], where)
def have(goal: Goal, node: Any, where: str) -> None:  # a relation is proved first, and then is one more hypothesis
    fact = read_relation(goal.arena, node["fact"], goal.names)
    prove(replace(goal, then=((fact,),)), node["proof"], f"{where}.proof")
    prove(replace(goal, given=(*goal.given, fact)).narrowed(), node["then"], where)
def rewrite(goal: Goal, node: Any, where: str) -> None:
    """By hypothesis a = b (number `use`), the term a may be written b in the conclusions."""
    op, _, a, b = goal.given[node["use"]]
    require(op == "=", where, "needs an equation")
    prove(replace(goal, then=tuple(shift(goal.arena, c, {a: b}) for c in goal.then)), node["then"], where)

def monotone(goal: Goal, node: Any, where: str) -> None:
    """The one conclusion d < 0 or d <= 0 follows from the same `at` a term `from` in the closed range of x = `var`, on this `end` of x
    (`side`), by the mean value theorem: d is `defined`, hence continuous, and its `slope` has one sign in between, so that d does not fall
    towards `from`. If it is `strict`, d <= 0 is enough there. Hypotheses about x say nothing of the points in between, and are dropped."""
    arena, x, upper, r = goal.arena, node["var"], {"lo": False, "hi": True}[node["end"]], goal.ranges[node["var"]]
    ((op, d, *ends),), *more = goal.then
    own, start, slope, strict = goal.names[x], arena.read(node["from"], goal.names), arena.derivative(d, x), node.get("strict") is True
    fit = op in ("<", "<=") and not more and not r.integer and continuous(arena, d) and x not in arena.variables(start)
    require(fit, where, "needs one inequality, a real variable, a term without it and no sign")
    def ordered(op: str, low: int, high: int) -> Relation: return relation(arena, op, *((high, low) if upper else (low, high)))
    beyond, kept = ordered("<", start, own), tuple(g for g in goal.given if x not in arena.variables(g.diff))
    side = (ordered("<" if strict else "<=", start, own), *inside(arena, r._replace(lo_open=False, hi_open=False), start))
    for key, part, given, then in (
            ("side", r, goal.given, side), ("defined", r, (*kept, beyond), (relation(arena, "=", d, d),)),
            ("at", r, kept, (relation(arena, "<=" if strict else op, *(arena.substitute(k, {own: start}) for k in ends)),)),
            ("slope", r._replace(lo_open=True, hi_open=True), (*kept, beyond), (ordered("<" if strict else "<=", slope, arena.num(0)),))):
        if not part.empty():
            small = replace(goal, ranges={**goal.ranges, x: part}, given=given, then=tuple((c,) for c in then))
            prove(small.narrowed(), node[key], f"{where}.{key}")
def continuous(arena: Arena, *terms: int) -> bool:  # all operations but sign are, where they are defined
    return all(arena.nodes[k][0] != "sign" for term in terms for k in arena.schedule(term))
def defined(goal: Goal, node: Any, where: str) -> None:
    """Conclusions t = t, which say that t is defined, follow from what its divisors and arguments of roots and logarithms must satisfy."""
    then, arena, ops = list[Clause](), goal.arena, {"/": "!=", "^": "!=", "log": "<", "sqrt": "<=", "pow": "<="}
    for clause in goal.then:
        parts = [arena.nodes[k] for k in arena.schedule(clause[0].lhs)]
        then += [(relation(arena, "<" if op == "pow" and data[0] == "-" else ops[op], arena.num(0), sub[-1]),) for op, sub, data in parts
                 if op in ops and not (op == "^" and data >= 0)] if clause[0].op == "=" and clause[0].lhs == clause[0].rhs else [clause]
    prove(replace(goal, then=tuple(then)), node["proof"], where)

def apply(goal: Goal, node: Any, where: str) -> None:
    """A `lemma` is proved for its own variables, or is the `fact` of this name; its ranges and hypotheses are shown (`side`) for the
    terms `at`; then its conclusions at these terms are more hypotheses."""
    given, then = ([], []) if "lemma" in node else FACTS[node["fact"]]
    stated = node["lemma"] if "lemma" in node else {"vars": [[x, *REAL] for x in node["at"]], "given": given, "then": then}
    arena, lemma = goal.arena, read_goal(stated, goal.arena)
    plain = not any(r.integer for r in lemma.ranges.values()) and all(len(c) == 1 for c in lemma.then)
    require(plain, where, "a lemma speaks of real variables, and has single conclusions")
    if "lemma" in node:
        prove(lemma, node["proof"], f"{where}.lemma")
    at = {arena.var(x): arena.read(node["at"][x], goal.names) for x in lemma.ranges}
    side = [relation(arena, "=", t, t) for t in at.values() if arena.nodes[t][1]]  # t is defined
    side += [s for x, r in map(read_range, stated["vars"]) for s in inside(arena, r, at[arena.var(x)])]
    prove(replace(goal, then=tuple((s,) for s in (*side, *shift(arena, lemma.given, at)))), node["side"], f"{where}.side")
    prove(replace(goal, given=goal.given + shift(arena, (c[0] for c in lemma.then), at)).narrowed(), node["then"], where)
REAL = ("(", "-oo", "oo", ")")
FACTS: dict[str, tuple[list[Any], list[Any]]] = {  # what every textbook says of the elementary functions, for all real u, v, w
    "exp": ([], [["<", 0, ["exp", "u"]]]), "sin cos": ([], [["=", ["+", ["^", ["sin", "u"], 2], ["^", ["cos", "u"], 2]], 1]]),
    "tanh": ([], [["<", -1, ["tanh", "u"]], ["<", ["tanh", "u"], 1]]), "exp log": ([["<", 0, "u"]], [["=", ["exp", ["log", "u"]], "u"]]),
    "sqrt": ([["<=", 0, "u"]], [["=", ["^", ["sqrt", "u"], 2], "u"]]), "log exp": ([], [["=", ["log", ["exp", "u"]], "u"]]),
    "exp +": ([["=", "w", ["+", "u", "v"]]], [["=", ["exp", "w"], ["*", ["exp", "u"], ["exp", "v"]]]]),
    "log *": ([["<", 0, "u"], ["<", 0, "v"], ["=", "w", ["*", "u", "v"]]], [["=", ["log", "w"], ["+", ["log", "u"], ["log", "v"]]]]),
    "tanh exp": ([["=", "v", ["*", 2, "u"]]], [["=", ["*", ["tanh", "u"], ["+", ["exp", "v"], 1]], ["-", ["exp", "v"], 1]]]),
    "sin +": ([["=", "w", ["+", "u", "v"]]], [
        ["=", ["sin", "w"], ["+", ["*", ["sin", "u"], ["cos", "v"]], ["*", ["cos", "u"], ["sin", "v"]]]],
        ["=", ["cos", "w"], ["-", ["*", ["cos", "u"], ["cos", "v"]], ["*", ["sin", "u"], ["sin", "v"]]]]])}

def relation(arena: Arena, op: str, lhs: int, rhs: int) -> Relation: return Relation(op, arena.make("-", lhs, rhs), lhs, rhs)
def inside(arena: Arena, r: Range, x: int) -> list[Relation]:  # x is between the ends
    below = [relation(arena, "<" if r.lo_open else "<=", arena.num(r.lo), x)] if r.lo is not None else []
    return below + ([relation(arena, "<" if r.hi_open else "<=", x, arena.num(r.hi))] if r.hi is not None else [])
def shift(arena: Arena, relations: Iterable[Relation], values: Mapping[int, int]) -> tuple[Relation, ...]:
    return tuple(relation(arena, r.op, arena.substitute(r.lhs, values), arena.substitute(r.rhs, values)) for r in relations)
def read_relation(arena: Arena, data: Any, names: Mapping[str, int]) -> Relation:
    op, lhs, rhs = data[0], *(arena.read(side, names) for side in data[1:])
    return relation(arena, op, lhs, rhs) if op in ALLOWED else relation(arena, OPPOSITE[op], rhs, lhs)
def read_range(data: Any) -> tuple[str, Range]:
    """["x", "(", "0", "oo", ")"], with a sixth entry "integer" where it is one."""
    name, left, lo, hi, right, *kind = data
    r = Range(integer=kind == ["integer"]).meet(None if lo == "-oo" else rational(lo), None if hi == "oo" else rational(hi),
                                                {"(": True, "[": False}[left], {")": True, "]": False}[right])
    require(not r.empty() and NAME.match(name) and kind in ([], ["integer"]), "domain", f"cannot read the range of {name}, or it is empty")
    return name, r
def read_goal(data: Any, arena: Arena) -> Goal:
    ranges = dict(read_range(entry) for entry in data["vars"])
    names, clauses = {x: arena.var(x) for x in ranges}, [c[1:] if c[0] == "or" else [c] for c in data["then"]]
    require(len(ranges) == len(data["vars"]) and clauses, "claim", "declares a variable twice, or has no conclusion")
    for name, term in data.get("let", []):
        require(name not in names and NAME.match(name), "let", f"cannot define {str(name)[:40]!r}")
        names[name] = arena.read(term, names)
    given = tuple(read_relation(arena, r, names) for r in data.get("given", []))
    return Goal(arena, names, ranges, given, tuple(tuple(read_relation(arena, r, names) for r in c) for c in clauses)).narrowed()
