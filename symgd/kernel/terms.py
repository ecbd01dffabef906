"""Inert terms and what can be read off them: exact derivative, exact value, interval enclosure, polynomial normal form.

A term is an index into an `Arena`, a list of operations in which operands come before their users. Equal terms have equal
indices, shared subterms are stored once, and nothing is ever simplified behind the reader's back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import comb, inf, isqrt
from typing import Any

Interval = tuple[Any, Any]  # end points in units of 2**-p: integers, or the floats -inf and inf (no other float occurs)
NAME, RATIONAL = re.compile(r"[A-Za-z_]\w{0,63}\Z", re.ASCII), re.compile(r"-?\d{1,4000}(/\d{1,4000})?\Z", re.ASCII)
ARITY = {"+": 2, "-": 2, "*": 2, "/": 2, "^": 1, "sqrt": 1, "abs": 1, "sign": 1}
MAX_NODES, MAX_DEPTH, MAX_EXPONENT, MAX_BITS, MAX_WORK = 400_000, 300, 10_000, 200_000, 40_000_000
CAP = 1 << 960  # larger end points are rounded outwards to infinity, so that no enclosure can exhaust memory


class Reject(Exception):
    """The certificate does not prove the claim: `where` it fails, `why`, and the `goal` that is left, where there is one."""

    def __init__(self, where: str, why: str, goal: Any = None) -> None:
        super().__init__(f"{where}: {why}")
        self.where, self.why, self.goal = where, why, goal


class Undefined(Exception):
    """A term has no value here (division by zero, root of a negative number), or none that can be certified."""


def rational(value: object) -> Fraction:
    if isinstance(value, str) and RATIONAL.match(value) and not re.search("/0+$", value) or type(value) is int:
        return Fraction(value)  # type: ignore[arg-type]
    raise Reject("number", f"{str(value)[:40]!r} is not a rational number")


class Arena:
    """The terms of one claim and its certificate. A node is (operation, operands, data): ("num", (), q), ("var", (), x),
    ("^", (i,), n) with an integer n, (op, (i, j), None)."""

    def __init__(self) -> None:
        self.nodes: list[tuple[str, tuple[int, ...], Any]] = []
        self.index: dict[Any, int] = {}
        self.partials: dict[tuple[int, str], int] = {}
        self.schedules: dict[int, list[int]] = {}
        self.work = 0

    def spend(self, steps: int) -> None:
        """Every loop of the kernel pays here, so that no certificate can run for ever."""
        self.work += steps
        if self.work > MAX_WORK:
            raise Reject("budget", "the certificate needs too much work")

    def make(self, op: str, *sub: int, data: Any = None) -> int:
        node = (op, sub, data)
        k = self.index.setdefault(node, len(self.nodes))
        if k == len(self.nodes):
            self.nodes.append(node)
            if k > MAX_NODES:
                raise Reject("term", f"more than {MAX_NODES} operations")
        return k

    def num(self, q: Fraction | int) -> int:
        return self.make("num", data=Fraction(q))

    def var(self, name: str) -> int:
        return self.make("var", data=name)

    def read(self, data: Any, names: Mapping[str, int], depth: int = 0) -> int:
        """The term written as JSON `data`: a name, a rational, [op, term, ...], ["^", term, integer], the derivative
        ["D", term, variable], or ["at", term, variable, value]. `names` gives the meaning of each name."""
        if isinstance(data, str) and NAME.match(data):
            if data not in names:
                raise Reject("term", f"unknown name {data!r}")
            return names[data]
        if not isinstance(data, list):
            return self.num(rational(data))
        op, n = data[0], len(data) - 1
        if depth > MAX_DEPTH or not isinstance(op, str):
            raise Reject("term", "nested too deeply, or no operation")
        sub = [self.read(d, names, depth + 1) for d in (data[1:2] if op in ("^", "D", "at") else data[1:])]
        if op in ("+", "*") and n > 2:
            for k in sub[1:]:
                sub[0] = self.make(op, sub[0], k)
            return sub[0]
        if op == "-" and n == 1:
            return self.make("-", self.num(0), sub[0])
        if op == "^" and n == 2 and type(data[2]) is int and abs(data[2]) <= MAX_EXPONENT:
            return self.make("^", sub[0], data=data[2])
        if (op, n) in (("D", 2), ("at", 3)) and self.nodes[names[data[2]]] == ("var", (), data[2]):
            return self.derivative(*sub, data[2]) if op == "D" else self.substitute(*sub, {data[2]: self.read(data[3], names, depth + 1)})
        if op != "^" and ARITY.get(op) == n:
            return self.make(op, *sub)
        raise Reject("term", f"cannot read operation {op[:20]!r} with {n} arguments")

    def schedule(self, root: int) -> list[int]:
        """The terms that `root` is made of, operands first."""
        if root not in self.schedules:
            seen, stack = set(), [root]
            while stack:
                k = stack.pop()
                if k not in seen:
                    seen.add(k)
                    stack.extend(self.nodes[k][1])
            self.schedules[root] = sorted(seen)
        self.spend(len(self.schedules[root]))
        return self.schedules[root]

    def fold(self, root: int, meaning: Mapping[str, Callable[..., Any]]) -> Any:
        """The value of a term when each operation has the given meaning; leaves and powers are passed their data."""
        val: dict[int, Any] = {}
        for k in self.schedule(root):
            op, sub, data = self.nodes[k]
            val[k] = meaning[op](*[val[i] for i in sub]) if data is None else meaning[op](*[val[i] for i in sub], data)
        return val[root]

    def variables(self, root: int) -> set[str]:
        return {self.nodes[k][2] for k in self.schedule(root) if self.nodes[k][0] == "var"}

    def substitute(self, root: int, values: Mapping[str, int]) -> int:
        """`root` with each variable named in `values` replaced by the term given there."""
        new: dict[int, int] = {}
        for k in self.schedule(root):
            op, sub, data = self.nodes[k]
            new[k] = values.get(data, k) if op == "var" else self.make(op, *[new[i] for i in sub], data=data)
        return new[root]

    def derivative(self, root: int, x: str) -> int:
        """The exact partial derivative. It is undefined wherever a kink (|u|, sqrt u or sign u at u = 0) is met."""
        zero, one = self.num(0), self.num(1)

        def mul(a: int, b: int) -> int:
            return zero if zero in (a, b) else b if a == one else a if b == one else self.make("*", a, b)

        for k in self.schedule(root):
            op, sub, data = self.nodes[k]
            u, v = (*sub, 0, 0)[:2]
            du, dv = (*(self.partials[i, x] for i in sub), zero, zero)[:2]
            if (k, x) in self.partials:
                continue
            if op in ("num", "var"):
                d = one if op == "var" and data == x else zero
            elif du == dv == zero:
                d = zero
            elif op in ("+", "-"):
                d = du if dv == zero else dv if du == zero and op == "+" else self.make(op, du, dv)
            elif op == "*":
                a, b = mul(du, v), mul(u, dv)
                d = a if b == zero else b if a == zero else self.make("+", a, b)
            elif op == "/":  # (u/v)' = (u' - (u/v) v') / v
                d = self.make("/", du if dv == zero else self.make("-", du, mul(k, dv)), v)
            elif op == "^":
                d = mul(mul(self.num(data), self.make("^", u, data=data - 1)), du)
            elif op == "sqrt":
                d = self.make("/", du, mul(self.num(2), k))
            else:  # |u|' = u' u/|u|; sign u has derivative zero where u is not zero
                d = mul(self.make("/", u, k), du) if op == "abs" else self.make("/", zero, u)
            self.partials[k, x] = d
        return self.partials[root, x]

    def value(self, root: int, point: Mapping[str, Fraction]) -> Fraction:
        """The exact value at a rational point; `Undefined` where there is none, or it is irrational."""

        def sized(q: Fraction) -> Fraction:
            if q.numerator.bit_length() + q.denominator.bit_length() > MAX_BITS:
                raise Undefined("numbers grow too large")
            return q

        def divided(a: Fraction, b: Fraction) -> Fraction:
            if b == 0:
                raise Undefined("division by zero")
            return sized(a / b)

        def power(a: Fraction, n: int) -> Fraction:
            if (a.numerator.bit_length() + a.denominator.bit_length()) * abs(n) > MAX_BITS:
                raise Undefined("numbers grow too large")
            return divided(Fraction(1), a**-n) if n < 0 else a**n

        def root_of(a: Fraction) -> Fraction:
            r = Fraction(isqrt(max(a.numerator, 0)), isqrt(a.denominator))
            if r * r != a:
                raise Undefined("the square root is irrational or imaginary")
            return r

        return self.fold(root, {  # type: ignore[no-any-return]
            "num": lambda q: q, "var": lambda x: point[x], "+": lambda a, b: sized(a + b), "-": lambda a, b: sized(a - b),
            "*": lambda a, b: sized(a * b), "/": divided, "^": power, "sqrt": root_of, "abs": abs, "sign": lambda a: Fraction((a > 0) - (a < 0))})

    def enclose(self, root: int, box: Mapping[str, Interval], p: int) -> Interval:
        """An interval, in units of 2**-p, that holds every value of the term over the box; `Undefined` if a point of the
        box might have no value. Every operation rounds outwards: >> is the floor, and the ceiling is -(-x >> p)."""

        def times(x: Interval, y: Interval) -> Interval:
            return multiply(x, y, p)

        def inverse(x: Interval) -> Interval:
            if x[0] <= 0 <= x[1]:
                raise Undefined("division by an interval that contains zero")
            return clamp(0 if x[1] == inf else (1 << 2 * p) // x[1], 0 if x[0] == -inf else -(-(1 << 2 * p) // x[0]))

        def absolute(x: Interval) -> Interval:
            return x if x[0] >= 0 else (-x[1], -x[0]) if x[1] <= 0 else (0, max(-x[0], x[1]))

        def power(x: Interval, n: int) -> Interval:
            if n < 0:
                return inverse(power(x, -n))
            (a, b), result = (x if n % 2 else absolute(x)), (1 << p, 1 << p)
            if a < 0 < b:  # an odd power increases: its ends are those of the two halves
                return power((a, 0), n)[0], power((0, b), n)[1]
            x = (a, b)
            while n:  # on an interval of one sign every product below is monotone, so that no width is lost
                result, n, x = times(result, x) if n & 1 else result, n >> 1, times(x, x) if n > 1 else x
            return result

        def root_of(x: Interval) -> Interval:
            if x[0] < 0:
                raise Undefined("root of a possibly negative number")
            return isqrt(x[0] << p), inf if x[1] == inf else isqrt((x[1] << p) - 1) + 1 if x[1] else 0

        def sign(x: Interval) -> Interval:
            return ((x[0] > 0) - (x[0] < 0)) << p, ((x[1] > 0) - (x[1] < 0)) << p

        return self.fold(root, {  # type: ignore[no-any-return]
            "num": lambda q: to_interval(q, q, p), "var": box.__getitem__, "+": lambda x, y: clamp(x[0] + y[0], x[1] + y[1]),
            "-": lambda x, y: clamp(x[0] - y[1], x[1] - y[0]), "*": times, "/": lambda x, y: times(x, inverse(y)), "^": power,
            "sqrt": root_of, "abs": absolute, "sign": sign})


def to_interval(lo: Fraction | None, hi: Fraction | None, p: int) -> Interval:
    """The smallest interval in units of 2**-p around [lo, hi]; None stands for an infinite end."""
    return clamp(-inf if lo is None else (lo.numerator << p) // lo.denominator, inf if hi is None else -((-hi.numerator << p) // hi.denominator))


def clamp(lo: Any, hi: Any) -> Interval:
    return (lo, hi) if -CAP <= lo and hi <= CAP else (-inf if lo < -CAP else min(lo, CAP), inf if hi > CAP else max(hi, -CAP))


def multiply(x: Interval, y: Interval, p: int) -> Interval:
    (a, b), (c, d) = x, y
    if -inf in (a, c) or inf in (b, d):  # 0 times an unbounded end is 0: the end itself is never a value
        products = [0 if u == 0 or v == 0 else u * v if type(u) is type(v) is int else inf if (u > 0) == (v > 0) else -inf for u in x for v in y]
        lo, hi = min(products), max(products)
        return clamp(lo if lo == -inf else lo >> p, hi if hi == inf else -(-hi >> p))
    if a >= 0 and c >= 0:
        return clamp(a * c >> p, -(-b * d >> p))
    products = [a * c, a * d, b * c, b * d]
    return clamp(min(products) >> p, -(-max(products) >> p))


Poly = dict[tuple[int, ...], Any]  # exponents -> nonzero rational coefficient (int where it is an integer)
Sign = Callable[[Poly], tuple[int, bool]]  # the sign of a polynomial on a domain (0: not certain), and whether it is strict


class Ring:
    """Polynomials over the rationals in `arity` variables."""

    def __init__(self, arity: int, spend: Callable[[int], None]) -> None:
        self.arity, self.spend = arity, spend
        self.one: Poly = {(0,) * arity: 1}

    def constant(self, q: Fraction | int) -> Poly:
        return {(0,) * self.arity: q.numerator if q.denominator == 1 else q} if q else {}

    def generator(self, i: int) -> Poly:
        return {tuple(int(i == j) for j in range(self.arity)): 1}

    def add(self, f: Poly, g: Poly, c: Any = 1) -> Poly:
        """f + c g."""
        self.spend(len(f) + len(g))
        out = dict(f)
        for m, q in g.items():
            out[m] = out.get(m, 0) + c * q
        return {m: q for m, q in out.items() if q}

    def mul(self, f: Poly, g: Poly) -> Poly:
        self.spend(len(f) * len(g))
        out: Poly = {}
        for m, q in f.items():
            for n, r in g.items():
                e = tuple(map(int.__add__, m, n))
                out[e] = out.get(e, 0) + q * r
        return {m: q for m, q in out.items() if q}

    def pow(self, f: Poly, n: int) -> Poly:
        if len(f) == 2:  # the usual case with a large exponent: the binomial theorem
            (a, q), (b, r) = f.items()
            self.spend(n * n)
            return {tuple(k * i + (n - k) * j for i, j in zip(a, b)): comb(n, k) * q**k * r ** (n - k) for k in range(n + 1)}
        out = self.one
        while n:
            out, n, f = self.mul(out, f) if n & 1 else out, n >> 1, self.mul(f, f) if n > 1 else f
        return out

    def root(self, f: Poly) -> Poly:
        """A polynomial whose square is f, leading terms first; `Undefined` if there is none."""
        rest, root, lead = f, Poly(), max(f, default=(0,))
        q = Fraction(f.get(lead, 0))
        c = Fraction(isqrt(max(q.numerator, 0)), isqrt(q.denominator))
        while rest:
            m = max(rest)
            e = tuple(i - j // 2 for i, j in zip(m, lead))
            if c * c != q or any(i % 2 for i in lead) or min(e) < 0 or e in root:
                raise Undefined("the argument of a square root is not a square")
            step = {e: Fraction(rest[m]) / c / (2 if root else 1)}
            rest, root = self.add(self.add(rest, self.mul(step, step), -1), self.mul(root, step), -2), root | step
        return root

    def normal_form(self, arena: Arena, term: int, leaves: Mapping[str, Poly], sign: Sign) -> tuple[Poly, Poly]:
        """Polynomials (num, den) with num/den equal to the term at every point of the domain that `sign` speaks of. It
        certifies what makes the term defined and polynomial: divisors that do not vanish, arguments of one sign."""

        def plus(x: tuple[Poly, Poly], y: tuple[Poly, Poly], c: int = 1) -> tuple[Poly, Poly]:
            if x[1] == y[1]:
                return self.add(x[0], y[0], c), x[1]
            return self.add(self.mul(x[0], y[1]), self.mul(y[0], x[1]), c), self.mul(x[1], y[1])

        def over(x: tuple[Poly, Poly], y: tuple[Poly, Poly]) -> tuple[Poly, Poly]:
            if not sign(y[0])[1]:
                raise Undefined("a divisor is not certainly nonzero")
            return self.mul(x[0], y[1]), self.mul(x[1], y[0])

        def power(x: tuple[Poly, Poly], n: int) -> tuple[Poly, Poly]:
            y = self.pow(x[0], abs(n)), self.pow(x[1], abs(n))
            return over((self.one, self.one), y) if n < 0 else y

        def one_sign(x: tuple[Poly, Poly], strictly: bool = False) -> int:
            (s, strict), (t, _) = sign(x[0]) if x[0] else (1, True), sign(x[1])
            if not s * t or (strictly and not strict):
                raise Undefined("an argument of sqrt, abs or sign has no certain sign")
            return s * t

        def absolute(x: tuple[Poly, Poly]) -> tuple[Poly, Poly]:
            return self.add({}, x[0], one_sign(x)), x[1]

        return arena.fold(term, {  # type: ignore[no-any-return]
            "num": lambda q: (self.constant(q), self.one), "var": lambda x: (leaves[x], self.one), "+": plus,
            "-": lambda x, y: plus(x, y, -1), "*": lambda x, y: (self.mul(x[0], y[0]), self.mul(x[1], y[1])), "/": over, "^": power,
            "sqrt": lambda x: absolute((self.root(self.mul(*x)), x[1])), "abs": absolute,  # sqrt(a/b) = |root(ab)/b|
            "sign": lambda x: (self.constant(one_sign(x, True) if x[0] else 0), self.one)})
