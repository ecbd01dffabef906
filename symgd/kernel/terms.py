"""Inert terms, and what can be read off them: exact derivative and value, interval enclosure, polynomial normal form.
A term is undefined where any part of it is: division by zero, root of a negative number, logarithm of a number that is not positive."""
import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import reduce
from math import comb, factorial, isqrt, lcm
from operator import add
from typing import Any, TypeVar

NAME, RATIONAL = re.compile(r"[A-Za-z_]\w{0,63}\Z", re.ASCII), re.compile(r"-?\d{1,4000}(/(?!0+\Z)\d{1,4000})?\Z", re.ASCII)
ARITY = dict.fromkeys("+-*/", 2) | {"max": 2} | dict.fromkeys(("sqrt", "abs", "sign", "exp", "log", "sin", "cos", "atan", "tanh"), 1)
MACROS: dict[tuple[str, int], Callable[..., list[Any]]] = {
    ("-", 1): lambda u: ["-", 0, u], ("relu", 1): lambda u: ["max", u, 0], ("min", 2): lambda u, v: ["-", ["max", ["-", u], ["-", v]]],
    ("softplus", 1): lambda u: ["log", ["+", 1, ["exp", u]]], ("sigmoid", 1): lambda u: ["*", "1/2", ["+", 1, ["tanh", ["*", "1/2", u]]]]}
DERIVATIVE = {  # of k = op(u) by u; and (u' + v' + sign(u - v) (u' - v'))/2 of max(u, v), where the sign is not zero
    "sqrt": ["/", "1/2", "k"], "abs": ["/", "u", "k"], "sign": ["/", 0, "u"], "exp": "k", "log": ["/", 1, "u"], "sin": ["cos", "u"],
    "cos": ["-", ["sin", "u"]], "atan": ["/", 1, ["+", 1, ["^", "u", 2]]], "tanh": ["-", 1, ["^", "k", 2]],
    "max": ["*", "1/2", ["+", "du", "dv", ["*", ["/", ["-", "u", "v"], ["abs", ["-", "u", "v"]]], ["-", "du", "dv"]]]]}
EXACT = {"exp": (0, 1), "log": (1, 0), "sin": (0, 0), "cos": (0, 1), "atan": (0, 0), "tanh": (0, 0)}  # the one rational value
T = TypeVar("T")
Interval = tuple[int, int]  # end points in units of 2**-p
MAX_NODES, MAX_DEPTH, MAX_EXPONENT, MAX_BITS, MAX_WORK = 400_000, 300, 10_000, 100_000, 40_000_000

class Reject(Exception):
    """The certificate does not prove the claim: `where` it fails, `why`, and the goal that is not proved there."""
    def __init__(self, where: str, why: str, goal: Any = None) -> None:
        super().__init__(f"{where}: {why}")
        self.where, self.why, self.goal = where, why, goal
class Undefined(Exception):
    """A term has no value here, or none that can be certified."""
def require(holds: object, where: str, why: str, goal: Any = None) -> None:
    if not holds:
        raise Reject(where, why, goal)
def known(holds: object, why: str) -> None:
    if not holds:
        raise Undefined(why)
def rational(value: Any) -> Fraction:
    require(type(value) is int or (isinstance(value, str) and RATIONAL.match(value)), "number", f"{str(value)[:40]!r} is not rational")
    return Fraction(value)
def bits(q: Fraction | int) -> int: return q.bit_length() if type(q) is int else q.numerator.bit_length() + q.denominator.bit_length()

class Arena:
    """The terms of one claim and its certificate: indices into a list of nodes (operation, operands, data), operands first, each once:
    ("num", (), q), ("var", (), x), ("^", (i,), n) with an integer n, ("pow", (i,), "p/q"), otherwise (op, (i, j), None)."""
    def __init__(self) -> None:
        self.nodes: list[tuple[str, tuple[int, ...], Any]] = []
        self.index: dict[Any, int] = {}
        self.partials: dict[tuple[int, str], int] = {}
        self.schedules: dict[int, list[int]] = {}
        self.enclosed: dict[Any, dict[int, Interval]] = {}  # of terms over the last few boxes
        self.work = 0
    def spend(self, steps: int) -> None:  # every loop pays here: no certificate runs for ever
        self.work += steps
        require(self.work <= MAX_WORK, "budget", "the certificate needs too much work")
    def make(self, op: str, *sub: int, data: Any = None) -> int:
        k = self.index.setdefault(node := (op, sub, data), len(self.nodes))
        if k == len(self.nodes):
            self.nodes.append(node)
            require(k < MAX_NODES, "term", f"more than {MAX_NODES} operations")
        return k
    def num(self, q: Fraction | int) -> int: return self.make("num", data=Fraction(q))
    def var(self, name: str) -> int: return self.make("var", data=name)
    def read(self, data: Any, names: Mapping[str, int], depth: int = 0) -> int:
        """The term written as JSON `data`, where a name has the meaning given in `names`; abbreviations are written out."""
        if isinstance(data, str) and NAME.match(data):
            require(data in names, "term", f"unknown name {data!r}")
            return names[data]
        if not isinstance(data, list):
            return self.num(rational(data))
        op, n, rest = data[0], len(data) - 1, data[1:]
        require(depth <= MAX_DEPTH and isinstance(op, str), "term", "nested too deeply, or no operation")
        if (op, n) in MACROS:
            return self.read(MACROS[op, n](*rest), names, depth + 1)
        inner = {**names, rest[1]: self.var(rest[1])} if (op, n) == ("at", 3) and rest[1] not in names and NAME.match(rest[1]) else names
        sub = [self.read(d, inner, depth + 1) for d in (rest if op in ARITY else rest[:1])]
        if ARITY.get(op) == n or (op in ("+", "*") and n > 2):
            return reduce(lambda u, v: self.make(op, u, v), sub) if n > 1 else self.make(op, *sub)
        if (op, n) == ("^", 2) and type(rest[1]) is int and abs(rest[1]) <= MAX_EXPONENT:
            return self.make("^", sub[0], data=rest[1])
        if (op, n) == ("pow", 2) and 1 < (q := rational(rest[1])).denominator <= 16 and abs(q) <= 16:
            return self.make("pow", sub[0], data=str(q))
        if (op, n) in (("D", 2), ("at", 3)) and self.nodes[inner[x := rest[1]]] == ("var", (), x):
            return self.derivative(sub[0], x) if op == "D" else self.substitute(sub[0], {inner[x]: self.read(rest[2], names, depth + 1)})
        raise Reject("term", f"cannot read operation {op[:20]!r} with {n} arguments")
    def schedule(self, root: int) -> list[int]:  # its parts, operands first
        if root not in self.schedules:
            seen, fresh = set[int](), {root}
            while fresh:
                seen |= fresh
                fresh = {i for k in fresh for i in self.nodes[k][1]} - seen
            self.schedules[root] = sorted(seen)
            self.spend(8 * len(seen))
        self.spend(len(self.schedules[root]))
        return self.schedules[root]
    def fold(self, root: int, meaning: Mapping[str, Callable[..., T]], val: dict[int, T]) -> T:
        """The value of a term when each operation has the given meaning; leaves and powers are passed their data; `val` remembers."""
        for k in self.schedule(root):
            if k not in val:
                op, sub, data = self.nodes[k]
                known(op in meaning, "a function that is not known to this rule")
                val[k] = meaning[op](val[sub[0]], val[sub[1]]) if len(sub) == 2 else (
                    meaning[op](*[val[i] for i in sub]) if data is None else meaning[op](*[val[i] for i in sub], data))
        return val[root]
    def variables(self, root: int) -> set[str]: return {self.nodes[k][2] for k in self.schedule(root) if self.nodes[k][0] == "var"}
    def substitute(self, root: int, values: Mapping[int, int]) -> int:  # each term named in `values` replaced by the one given there
        new: dict[int, int] = {}
        for k in self.schedule(root):
            op, sub, data = self.nodes[k]
            new[k] = values[k] if k in values else self.make(op, *[new[i] for i in sub], data=data)
        return new[root]
    def derivative(self, root: int, x: str) -> int:
        """The partial derivative by the rules of calculus; parts that do not depend on x are dropped. It is undefined at kinks
        (|u|, sign u and u^(p/q) with p < q at u = 0; max(u, v) at u = v), so where it and `root` are defined, it is the derivative."""
        zero, one = self.num(0), self.num(1)
        def make(op: str, u: int, v: int) -> int:
            neutral = one if op == "*" else zero
            return zero if op == "*" and zero in (u, v) else u if v == neutral else v if u == neutral and op != "-" else self.make(op, u, v)
        for k in [k for k in self.schedule(root) if (k, x) not in self.partials] if (root, x) not in self.partials else ():
            op, sub, data = self.nodes[k]
            (u, v), (du, dv) = (*sub, zero, zero)[:2], (*(self.partials[i, x] for i in sub), zero, zero)[:2]
            self.partials[k, x] = (
                one if (op, data) == ("var", x) else zero if du == dv == zero else make(op, du, dv) if op in ("+", "-")
                else make("+", make("*", du, v), make("*", u, dv)) if op == "*"
                else self.make("/", make("-", du, make("*", k, dv)), v) if op == "/"  # (u/v)' = (u' - (u/v) v') / v
                else make("*", self.read(DERIVATIVE[op], {"k": k, "u": u, "v": v, "du": du, "dv": dv}), du if op != "max" else one)
                if data is None else make("*", make("*", self.num(n := Fraction(data)), self.make(op, u, data=type(data)(n - 1))), du))
        return self.partials[root, x]
    def value(self, root: int, point: Mapping[str, Fraction]) -> Fraction:
        """The exact value at a rational point; `Undefined` where there is none, or it is irrational."""
        ring = Ring(0, self.spend)
        num, den = ring.normal_form(self, root, {x: ring.constant(q) for x, q in point.items()}, lambda f: {signum(f.get((), 0))})
        return Fraction(num.get((), 0)) / Fraction(den[()])
    def enclose(self, root: int, box: Mapping[str, Interval], p: int) -> Interval:
        """An interval, in units of 2**-p, that holds all values over the box; `Undefined` if a point might have no value."""
        def paid(x: Interval, price: int = 1) -> Interval:
            self.spend(price * (p + 64) ** 2 >> 8)
            return x
        self.spend(len(self.schedule(root)) * p >> 8)
        key, increasing = (p, *box.items()), {"exp": exp_at, "log": log_at, "atan": atan_at, "tanh": tanh_at}
        if len(self.nodes) > 10_000 or (len(self.enclosed) > 3 and key not in self.enclosed):  # the boxes of one leaf are kept
            self.enclosed.clear()
        return self.fold(root, {
            "num": lambda q: to_interval(q, q, p), "var": box.__getitem__, "+": lambda x, y: clamp(x[0] + y[0], x[1] + y[1]),
            "-": lambda x, y: clamp(x[0] - y[1], x[1] - y[0]), "*": lambda x, y: multiply(x, y, p), "^": lambda x, n: power(x, n, p),
            "/": lambda x, y: multiply(x, inverse(y, p), p), "abs": absolute, "max": lambda x, y: (max(x[0], y[0]), max(x[1], y[1])),
            "sign": lambda x: (signum(x[0]) << p, signum(x[1]) << p), "cos": lambda x: paid(wave(x, 0, p)),
            "sin": lambda x: paid(wave(x, 1, p)), "sqrt": lambda x: root_of(x, Fraction(1, 2), p),
            "pow": lambda x, e: paid(root_of(x, Fraction(e), p), 8),
            **{op: lambda x, f=f: paid((f(x[0], p)[0], f(x[1], p)[1])) for op, f in increasing.items()}}, self.enclosed.setdefault(key, {}))

# --- intervals: every operation rounds outwards; >> and // are floors, and the ceiling of a/b is -(-a // b) --------------
CAP, INF = 1 << 8192, 1 << 12800  # an upper end above CAP becomes INF, which stands for no bound; so no enclosure can exhaust memory
def clamp(lo: int, hi: int) -> Interval:
    return (lo, hi) if lo >= -CAP and hi <= CAP else (-INF if lo < -CAP else min(lo, CAP), INF if hi > CAP else max(hi, -CAP))
def to_interval(a: Fraction | None, b: Fraction | None, p: int) -> Interval:  # the smallest around [a, b]; None: infinite
    return clamp(-INF if a is None else (a.numerator << p) // a.denominator, INF if b is None else -((-b.numerator << p) // b.denominator))
def signum(a: int | Fraction) -> int: return (a > 0) - (a < 0)
def multiply(x: Interval, y: Interval, p: int) -> Interval:
    """INF times zero is zero, as it must be: INF is never a value, and an end at zero is a value or its outward rounding."""
    (a, b), (c, d) = x, y
    if a >= 0 and c >= 0 and (high := -(-b * d >> p)) <= CAP:
        return a * c >> p, high
    products = (a * c, a * d, b * c, b * d)
    return clamp(min(products) >> p, -(-max(products) >> p))
def inverse(x: Interval, p: int) -> Interval:
    known(not x[0] <= 0 <= x[1], "division by an interval that contains zero")
    return clamp((1 << 2 * p) // x[1], -(-(1 << 2 * p) // x[0]))
def absolute(x: Interval) -> Interval: return x if x[0] >= 0 else (-x[1], -x[0]) if x[1] <= 0 else (0, max(-x[0], x[1]))
def drop(x: Interval, g: int) -> Interval: return x[0] >> g, -(-x[1] >> g)
def power(x: Interval, n: int, p: int) -> Interval:
    if n < 2:
        return x if n == 1 else inverse(power(x, -n, p), p) if n else (1 << p, 1 << p)
    if n % 2 and x[0] < 0 < x[1]:  # an odd power increases: its ends are those of the two halves
        return power((x[0], 0), n, p)[0], power((0, x[1]), n, p)[1]
    y = x if n % 2 else absolute(x)  # of one sign: every product is monotone, so that no width is lost
    even = power(multiply(y, y, p), n >> 1, p)
    return multiply(even, y, p) if n % 2 else even
def whole_root(a: int, n: int) -> int:  # floor of the n-th root, by Newton from above
    if n == 2 or not a:
        return isqrt(a)
    r = 1 << -(-a.bit_length() // n)
    while (s := ((n - 1) * r + a // r ** (n - 1)) // n) < r:
        r = s
    return r
def root_of(x: Interval, e: Fraction, p: int) -> Interval:
    """x**e for x >= 0: the floor of the root of floor(t) is that of the root of t."""
    if e < 0:
        return inverse(root_of(x, -e, p), p)
    known(x[0] >= 0, "root of a possibly negative number")
    m, n = e.numerator, e.denominator
    up, down = max(p * (n - m), 0), max(p * (m - n), 0)
    low, high = (0 if a == INF else whole_root(a**m << up >> down, n) for a in x)
    return clamp(low, INF if x[1] == INF else high + (high**n << down != x[1] ** m << up))
def series(z: Interval, c: Callable[[int], int], p: int) -> Interval:
    """The sum of z**k / c(k), k = 0, 1, ..., for |z| <= 1/2 and 1 = c(0) <= c(1) <= ...: all that follows a term is at most that term."""
    part, low, high, k, a, b = (1 << p, 1 << p), 0, 0, 0, 2, 2
    while a < -1 or b > 1:
        a, b = part[0] // c(k), -(-part[1] // c(k))
        low, high, part, k = low + a, high + b, multiply(part, z, p), k + 1
    return (low - 1, high + 1) if part != (0, 0) else (low, high)

# --- each `..._at` encloses an increasing function at one number x, in units of 2**-p --------------------------------------
def exp_at(x: int, p: int) -> Interval:  # e^x = (e^r)^(2^m) with r = x/2^m, |r| < 1/256
    if abs(x) >> p > 6000:  # e^6000 > 2^8192
        return (CAP, INF) if x > 0 else (0, 1)
    m = 8 + (x >> p).bit_length()
    y = series((x << 8, x << 8), factorial, p + m + 8)
    for _ in range(m):
        y = multiply(y, y, p + m + 8)
    return drop(y, m + 8)
def log_at(x: int, p: int) -> Interval:
    """log x = 2^m log r with r = x^(1/2^m) < 1 + 1/128, and log r = 2 artanh z with z = (r - 1)/(r + 1); log x = -log(1/x)."""
    known(x > 0, "logarithm of a possibly nonpositive number")
    q, m = p + 48, 1
    one, y = 1 << q, ((x << 48, x << 48) if x >> p else ((1 << p + q) // x, -(-(1 << p + q) // x)))
    while y[1] - one >> q - 7:
        y, m = (isqrt(y[0] << q), isqrt(y[1] << q) + 1), m + 1
    z = ((y[0] - one) << q) // (y[0] + one), -(-((y[1] - one) << q) // (y[1] + one))
    low, high = drop(multiply(z, series(multiply(z, z, q), lambda k: 2 * k + 1, q), q), 48 - m)
    return (low, INF if x == INF else high) if x >> p else (-high, -low)
def atan_at(x: int, p: int) -> Interval:
    """atan y = 2 atan(y / (1 + sqrt(1 + y^2))), until y < 1/128; at INF this is 2 atan 1 = pi/2, rounded up; atan x = -atan(-x)."""
    q, m, y = p + 32, 0, (abs(x) << 32, abs(x) << 32)
    one = 1 << q
    while y[1] >> q - 7:
        y, m = ((y[0] << q) // (one + isqrt(one**2 + y[0] ** 2) + 1), -(-(y[1] << q) // (one + isqrt(one**2 + y[1] ** 2)))), m + 1
    low, high = drop(multiply(y, series(multiply(y, (-y[1], -y[0]), q), lambda k: 2 * k + 1, q), q), 32 - m)
    return (low, high) if x >= 0 else (-high, -low)
def tanh_at(x: int, p: int) -> Interval:  # tanh x = 1 - 2/(e^(2x) + 1)
    e, one = exp_at(x << 9, p + 8), 1 << p + 8
    low, high = inverse((e[0] + one, e[1] + one), p + 8)
    return drop((one - 2 * high, one - 2 * low), 8)
def wave(x: Interval, i: int, p: int) -> Interval:
    """cos (i = 0) or sin (i = 1) over x: no further from the values at both ends than (width of x)^2 / 8, since |cos''| <= 1. At a
    number t, from cos and sin of t/2^m < 1/256 by cos 2s = cos^2 s - sin^2 s and sin 2s = 2 sin s cos s."""
    m = 8 + (max(-x[0], x[1]) >> p).bit_length()
    if m > 72:
        return -1 << p, 1 << p
    ends, g, q = [], 2 * m + 16, p + 2 * m + 16
    for t in x:
        r = t << g >> m, -(-t << g >> m)
        z = multiply(r, (-r[1], -r[0]), q)
        c, s = series(z, lambda k: factorial(2 * k), q), multiply(r, series(z, lambda k: factorial(2 * k + 1), q), q)
        for _ in range(m):
            (a, b), (d, e), (u, v) = multiply(c, c, q), multiply(s, s, q), multiply(s, c, q)
            c, s = (a - e, b - d), (2 * u, 2 * v)
        ends.append(drop((c, s)[i], g))
    gap = (x[1] - x[0]) ** 2 // (8 << p) + (x[0] != x[1])
    return max(min(e[0] for e in ends) - gap, -1 << p), min(max(e[1] for e in ends) + gap, 1 << p)

# --- polynomials ---------------------------------------------------------------------------------------------------------
Poly = dict[tuple[int, ...], Any]  # exponents -> nonzero rational coefficient (int where it is an integer)
Quotient = tuple[Poly, Poly]
Sign = Callable[[Poly], set[int]]  # the signs -1, 0, 1 that a polynomial may have on a domain
def signs(x: Quotient, sign: Sign) -> set[int]:  # of num/den; den vanishes nowhere
    return {s * t for t in sign(x[1]) - {0} for s in sign(x[0])} if x[0] else {0}
class Ring:  # polynomials over the rationals in `arity` variables
    def __init__(self, arity: int, spend: Callable[[int], None]) -> None:
        self.arity, self.spend = arity, spend
        self.one: Poly = {(0,) * arity: 1}
    def constant(self, q: Fraction | int) -> Poly: return {(0,) * self.arity: q.numerator if q.denominator == 1 else q} if q else {}
    def generator(self, i: int) -> Poly: return {tuple(int(i == j) for j in range(self.arity)): 1}
    def pay(self, steps: int, f: Poly, g: Poly, n: int = 1) -> None:
        size = n * sum(max(map(bits, h.values())) for h in (f, g) if h)
        known(size <= MAX_BITS and steps * self.arity <= MAX_WORK // 8, "a polynomial grows too large")
        self.spend(steps * (1 + (size >> 6) + (self.arity >> 3)))
    def total(self, polys: Iterable[Poly]) -> Poly:
        out: Poly = {}
        for f in polys:
            self.spend(len(f))
            for m, q in f.items() if out else ():
                out[m] = out.get(m, 0) + q
            out = out or dict(f)
        return {m: q for m, q in out.items() if q}
    def add(self, f: Poly, g: Poly, c: Any = 1) -> Poly:  # f + c g
        return self.total([f, g if c == 1 else {m: c * q for m, q in g.items()}])
    def mul(self, f: Poly, g: Poly) -> Poly:
        if f is self.one or g is self.one:
            return g if f is self.one else f
        self.pay(len(f) * len(g), f, g)
        f, g = (f, g) if len(f) > len(g) else (g, f)
        parts = ({tuple(map(add, m, n)): q * r for m, q in f.items()} for n, r in g.items())  # each without zeros
        return self.total(parts) if len(g) > 1 else next(parts, {})
    def pow(self, f: Poly, n: int) -> Poly:
        if n < 2 or f is self.one:
            return f if n else self.one
        if 0 < len(f) < 3:  # the usual cases with a large exponent: the binomial theorem
            self.pay(n ** len(f), f, {}, n)
            if len(f) == 1:
                return {tuple([n * i for i in m]): q**n for m, q in f.items()}
            (a, q), (b, r) = f.items()
            return {tuple([k * i + (n - k) * j for i, j in zip(a, b, strict=True)]): comb(n, k) * q**k * r ** (n - k) for k in range(n + 1)}
        even = self.pow(self.mul(f, f), n >> 1)
        return self.mul(even, f) if n % 2 else even
    def whole(self, f: Poly) -> tuple[Poly, int]:  # a multiple c f, c > 0, with integers unless they are large
        self.spend(size := sum(q.denominator.bit_length() for q in f.values()))
        c = lcm(*(q.denominator for q in f.values())) if size < MAX_BITS >> 4 else 1
        return ({m: (q * c).numerator for m, q in f.items()} if c > 1 else f), c
    def root(self, f: Poly) -> Poly:
        """A polynomial whose square is f, leading terms first; `Undefined` if there is none."""
        rest, root, lead = f, Poly(), max(f, default=(0,))
        q = Fraction(f.get(lead, 0))
        c = Fraction(isqrt(max(q.numerator, 0)), isqrt(q.denominator))
        while rest:  # rest = f - root^2
            m = max(rest)
            e = tuple(i - j // 2 for i, j in zip(m, lead, strict=True))
            square = c * c == q and not any(i % 2 for i in lead) and all(i >= 0 for i in e) and e not in root
            known(square, "the argument of a root is not a square")
            step = {e: Fraction(rest[m]) / c / (2 if root else 1)}
            rest, root = self.add(self.add(rest, self.mul(step, step), -1), self.mul(root, step), -2), root | step
        return root
    def normal_form(self, arena: Arena, term: int, leaves: Mapping[str, Poly], sign: Sign) -> Quotient:
        """Polynomials (num, den) with num/den equal to the term at every point of the domain that `sign` speaks of. It
        certifies what makes the term defined and polynomial: divisors that do not vanish, arguments of one sign."""
        def plus(x: Quotient, y: Quotient, c: int = 1) -> Quotient:
            if x[1] == y[1]:
                return self.add(x[0], y[0], c), x[1]
            return self.add(self.mul(x[0], y[1]), self.mul(y[0], x[1]), c), self.mul(x[1], y[1])
        def over(x: Quotient, y: Quotient) -> Quotient:
            known(0 not in sign(y[0]), "a divisor is not certainly nonzero")
            return self.mul(x[0], y[1]), self.mul(x[1], y[0])
        def power(x: Quotient, n: int) -> Quotient:
            y = self.pow(x[0], abs(n)), self.pow(x[1], abs(n))
            return over((self.one, self.one), y) if n < 0 else y
        def one_sign(x: Quotient, but: int = 0) -> set[int]:
            known(len((found := signs(x, sign)) - {but}) < 2, "an argument of sqrt, abs, sign or max has no certain sign")
            return found
        def absolute(x: Quotient) -> Quotient: return self.add({}, x[0], -1 if -1 in one_sign(x) else 1), x[1]
        def special(op: str, x: Quotient) -> Quotient:
            known(x[0] == (x[1] if EXACT[op][0] else {}), f"the value of {op} is not rational")
            return self.constant(EXACT[op][1]), self.one
        return arena.fold(term, {**{op: lambda x, op=op: special(op, x) for op in EXACT}, "+": plus, "/": over, "^": power, "abs": absolute,
            "num": lambda q: (self.constant(q), self.one), "var": lambda x: (leaves[x], self.one), "-": lambda x, y: plus(x, y, -1),
            "*": lambda x, y: (self.mul(x[0], y[0]), self.mul(x[1], y[1])),
            "sqrt": lambda x: absolute((self.root(self.mul(*x)), x[1])),  # sqrt(a/b) = |root(ab)/b|
            "sign": lambda x: (self.constant(sum(one_sign(x, 2))), self.one),
            "max": lambda x, y: x if -1 not in one_sign(plus(x, y, -1)) else y}, dict[int, Quotient]())
