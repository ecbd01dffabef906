"""Text that reproduces a counterexample: LaTeX for a paper, and Python that needs nothing but fractions."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..kernel.check import read_orbit, read_zero
from ..kernel.rules import Goal, Relation, exactly, read_goal, read_range
from ..kernel.terms import Arena, Undefined
from ..language import Json

LONG = 600  # characters of a formula beyond which the LaTeX text only refers to it


# --- LaTeX -----------------------------------------------------------------------------------------------------------


def tex_name(name: str) -> str:
    """A variable: greek names get a backslash, digits at the end and parts after _ become an index."""
    greek = {
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi"),
        *("rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
        *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
    }
    head, *rest = name.strip("_").split("_")
    digits = head[len(head.rstrip("0123456789")) :]
    head = head[: len(head) - len(digits)] if digits and len(digits) < len(head) else head
    if digits and head:
        rest = [digits, *rest]
    head = {"lam": "lambda", "eps": "epsilon"}.get(head, head)
    symbol = f"\\{head}" if head in greek else head if len(head) == 1 else f"\\mathit{{{head}}}"
    return symbol + (f"_{{{','.join(filter(None, rest))}}}" if any(rest) else "")


def tex_number(q: Fraction) -> str:
    if q.denominator == 1:
        return str(q.numerator)
    return f"{'-' if q < 0 else ''}\\frac{{{abs(q.numerator)}}}{{{q.denominator}}}"


def tex(e: Json, level: int = 0) -> str:
    """An expression in the kernel's JSON notation as LaTeX."""
    if isinstance(e, int):
        return str(e) if e >= 0 or not level else f"({e})"
    if isinstance(e, str):
        if e.lstrip("-")[:1].isdigit():
            return tex_number(Fraction(e))
        return tex_name(e)
    op, *args = e
    if op == "-" and len(args) == 1:
        out, mine = f"-{tex(args[0], 2)}", 1
    elif op in ("+", "-"):
        out, mine = f" {op} ".join([tex(args[0], 1), *(tex(a, 1 if op == "+" else 2) for a in args[1:])]), 1
    elif op == "*":
        out, mine = " \\, ".join(tex(a, 2) for a in args), 2
    elif op == "/":
        out, mine = f"\\frac{{{tex(args[0])}}}{{{tex(args[1])}}}", 4
    elif op in ("^", "pow"):
        out, mine = f"{tex(args[0], 4)}^{{{args[1]}}}", 3
    elif op == "sqrt":
        out, mine = f"\\sqrt{{{tex(args[0])}}}", 4
    elif op == "abs":
        out, mine = f"\\left|{tex(args[0])}\\right|", 4
    elif op == "D":
        out, mine = f"\\frac{{\\partial}}{{\\partial {tex_name(args[1])}}} \\left({tex(args[0])}\\right)", 4
    elif op == "at":
        out, mine = f"\\left.{tex(args[0], 4)}\\right|_{{{tex_name(args[1])} = {tex(args[2])}}}", 4
    else:
        out, mine = f"\\operatorname{{{op}}}\\left({', '.join(tex(a) for a in args)}\\right)", 4
    return f"\\left({out}\\right)" if mine < level else out


SIGN = {"<": "<", "<=": "\\le", ">": ">", ">=": "\\ge", "=": "=", "!=": "\\ne"}
FALSE = {"<": "\\ge", "<=": ">", ">": "\\le", ">=": "<", "=": "\\ne", "!=": "="}


def tex_point(values: Mapping[str, str]) -> str:
    return ",\\quad ".join(f"{tex_name(x)} = {tex_number(Fraction(q))}" for x, q in values.items())


def latex_snippet(data: Mapping[str, Any], node: Any, member: Sequence[tuple[str, Any]] = ()) -> str:
    """A sentence with the counterexample, ready for a paper; `member` says which member of a family it refutes."""
    text = sentence(data, node)
    of = ", ".join(f"${tex_name(name)} = {tex(value)}$" for name, value in member)
    return f"For {of}: {text[0].lower()}{text[1:]}" if of else text


def sentence(data: Mapping[str, Any], node: Any) -> str:
    if data["kind"] == "preimages":
        return preimages_sentence(data, node)
    if "start" in node:
        values = tex_point({**node["at"], **node["start"]})
        step = ",\\ ".join(f"{tex_name(x)} \\leftarrow {tex(f)}" for x, f in zip(data["state"], data["map"], strict=True))
        if "cycle" in node:
            after, period = node["cycle"]
            what = f"is periodic with period ${period}$" + (f" after {after} steps" if after else "")
        else:
            what = f"violates the claim at step ${node['step']}$" if "step" in node else "provably behaves otherwise"
        return f"For ${values}$ the orbit of ${step}$ {what}."
    if data["kind"] == "zero":
        where = f"For ${tex_point(node['at'])}$ " if node["at"] else ""
        if "none" in node:
            return f"{where}the equations have no solution in the domain."
        boxes = " and ".join(
            "$"
            + ",\\ ".join(f"{tex_name(x)} \\in [{tex_number(Fraction(a))}, {tex_number(Fraction(b))}]" for x, _, a, b, _ in b["box"])
            + "$"
            for b in node["boxes"]
        )
        return f"{where}the equations have a solution in each of the boxes {boxes}."
    goal = read_goal(data, Arena())
    if node["rule"] == "point":
        point = {x: Fraction(q) for x, q in node["at"].items()}
        return f"Take ${tex_point(node['at'])}$. " + failing(data, goal, point)
    box = {x: (Fraction(a), Fraction(b)) for x, _, a, b, _ in node["box"]}
    fixed = tex_point({x: str(a) for x, (a, b) in box.items() if a == b})
    digits = ",\\quad ".join(f"{tex_name(x)} \\approx {decimal((a + b) / 2)}" for x, (a, b) in box.items() if a < b)
    head = f"Take ${fixed}$ and the solution" if fixed else "Take the solution"
    return f"{head} ${digits}$ of the hypotheses, which exists by the Krawczyk test. " + failing(data, goal, None)


def preimages_sentence(data: Mapping[str, Any], node: Any) -> str:
    x, target = tex_name(data["state"][0]), tex(data["of"])
    head = f"For ${tex_point(node['at'])}$, " if node["at"] else ""
    f, h, first = tex(data["map"][0]), tex(data["next"]), tex(data["first"])
    listed = f"${target}$, $a = {first}$, $h(a)$, $h(h(a))$, \\dots\\ with $h({x}) = {h}$"
    if "start" in node:
        return f"{head}${x} \\leftarrow {f}$ sends ${x} = {tex_number(Fraction(node['start']))}$ to ${target}$, and it is none of {listed}."
    n = node["member"]
    name = target if n == 0 else "h(" * (n - 1) + "a" + ")" * (n - 1)
    what = f"is never sent to ${target}$ by ${x} \\leftarrow {f}$" if node["never"]["regions"] else "is outside the domain"
    return f"{head}${name}$ {what}, in the list {listed}."


def decimal(q: Fraction, digits: int = 12) -> str:
    import mpmath

    with mpmath.workdps(digits + 5):
        return str(mpmath.nstr(mpmath.mpf(q.numerator) / q.denominator, digits))


def failing(data: Mapping[str, Any], goal: Goal, point: Mapping[str, Fraction] | None) -> str:
    """The conclusion that fails, with the values of its sides at a rational point."""
    then = "Then the hypotheses hold, but " if data.get("given") else "Then "
    for written, clause in zip(data["then"], goal.then, strict=True):
        options = written[1:] if written[0] == "or" else [written]
        if point is not None:
            ranges = {x: exactly(q) for x, q in point.items()}
            if not all(goal.certain(r, ranges, "m", 2048) is False for r in clause):
                continue
        parts = []
        for op, lhs, rhs in options:
            sides = []
            for side in (lhs, rhs):
                formula = tex(side)
                value = None
                if point is not None:
                    try:
                        value = goal.arena.value(goal.arena.read(side, goal.names), point)
                    except Undefined:
                        value = None
                numeric = isinstance(side, int) or (isinstance(side, str) and side.lstrip("-")[:1].isdigit())
                known = value is not None and len(str(value)) < 60 and not numeric
                shown = formula if len(formula) < LONG else "\\text{(left side)}" if side is lhs else "\\text{(right side)}"
                sides.append(
                    (f"{shown} = {tex_number(value)}" if side is lhs else f"{tex_number(value)} = {shown}")
                    if known and value is not None
                    else shown
                )
            parts.append(f"{sides[0]} {FALSE[op]} {sides[1]}")
        return then + "$" + "$ and $".join(parts) + "$."
    return then + "a conclusion fails."


# --- Python ----------------------------------------------------------------------------------------------------------

EXACT = {
    "+": "{} + {}",
    "-": "{} - {}",
    "*": "{} * {}",
    "/": "{} / {}",
    "sqrt": "root({})",
    "abs": "abs({})",
    "sign": "sign({})",
    "max": "largest({}, {})",
}
HELPERS = """
def root(q):
    a, b = isqrt(q.numerator), isqrt(q.denominator)
    assert a * a == q.numerator and b * b == q.denominator
    return F(a, b)


def sign(q):
    return F((q > 0) - (q < 0))


def largest(p, q):
    return max(p, q)
"""
BOXES = """
P = {precision}  # bits: every operation rounds outwards to a multiple of 2**-P


class Box:
    def __init__(self, lo, hi):
        self.lo, self.hi = F(floor(lo * 2**P), 2**P), F(-floor(-hi * 2**P), 2**P)

    def __add__(self, o): return Box(self.lo + o.lo, self.hi + o.hi)
    def __sub__(self, o): return Box(self.lo - o.hi, self.hi - o.lo)

    def __mul__(self, o):
        ends = [a * b for a in (self.lo, self.hi) for b in (o.lo, o.hi)]
        return Box(min(ends), max(ends))

    def __truediv__(self, o):
        assert o.lo > 0 or o.hi < 0
        return self * Box(1 / o.hi, 1 / o.lo)

    def __abs__(self):
        return self if self.lo >= 0 else Box(-self.hi, -self.lo) if self.hi <= 0 else Box(F(0), max(-self.lo, self.hi))

    def __pow__(self, n):
        if n < 0:
            return Box(F(1), F(1)) / self**-n
        x = abs(self) if n % 2 == 0 else self
        return Box(x.lo**n, x.hi**n)


def root(x):
    assert x.lo >= 0
    return Box(F(isqrt(floor(x.lo * 4**P)), 2**P), F(isqrt(-floor(-x.hi * 4**P)) + 1, 2**P))


def sign(x):
    return Box(F((x.lo > 0) - (x.lo < 0)), F((x.hi > 0) - (x.hi < 0)))


def largest(x, y):
    return Box(max(x.lo, y.lo), max(x.hi, y.hi))
"""


class NotRational(Exception):
    """An operation that fractions alone cannot evaluate or enclose in a few lines."""


class Printer:
    """Straight-line Python for terms of an arena."""

    def __init__(self, arena: Arena, number: str) -> None:
        self.arena, self.number, self.lines = arena, number, list[str]()
        self.done: dict[int, str] = {}

    def show(self, root: int) -> str:
        for k in self.arena.schedule(root):
            if k in self.done:
                continue
            op, sub, data = self.arena.nodes[k]
            if op == "num":
                self.done[k] = self.number.format(q=fraction(data))
            elif op == "var":
                self.done[k] = py_name(data)
            else:
                args = [self.done[i] for i in sub]
                if op != "^" and op not in EXACT:
                    raise NotRational(op)
                self.lines.append(f"t{k} = {args[0]} ** {data}" if op == "^" else f"t{k} = " + EXACT[op].format(*args))
                self.done[k] = f"t{k}"
        return self.done[root]


TAKEN = {"F", "P", "Box", "root", "sign", "largest", "floor", "isqrt", "max", "min", "abs", "print", "map", "str", "tuple", "range", "int"}
TAKEN |= {"len", "states", "slopes", "slope", "whole", "centre", "values", "inverse", "image", "entry", "n", "i", "j", "k", "s", "_"}


def py_name(name: str) -> str:
    """A variable of the claim, where the script uses its name for something else, or Python does, with an underscore."""
    own = name in TAKEN or keyword.iskeyword(name) or (name[:1] == "t" and name[1:].isdigit()) or name.endswith("_")
    return name + "_" if own else name


def fraction(q: Fraction) -> str:
    return f"F({q.numerator})" if q.denominator == 1 else f"F({q.numerator}, {q.denominator})"


def python_snippet(data: Mapping[str, Any], node: Any) -> str:
    """A script that checks the counterexample with `fractions` only, and fails with an AssertionError if it is none; an empty
    text where only a longer proof shows it."""
    try:
        if data["kind"] == "preimages":
            return ""
        if "start" in node:
            return orbit_script(data, node) if "instead" not in node else ""
        if data["kind"] == "zero":
            return two_zeros(data, node) if "boxes" in node else ""
        goal = read_goal(data, Arena())
        if node["rule"] == "zero":
            return zero_script(goal, node)
        try:
            return point_script(goal, node)
        except Undefined:  # a value is irrational
            return zero_script(goal, {**node, "box": [[x, "[", q, q, "]"] for x, q in node["at"].items()], "equations": [], "unknowns": []})
    except NotRational:
        return ""


HEAD = "from fractions import Fraction as F\nfrom math import floor, isqrt\n"
TRUE = {"<": "{} < 0", "<=": "{} <= 0", "=": "{} == 0", "!=": "{} != 0"}


def point_script(goal: Goal, node: Any) -> str:
    values = {x: Fraction(q) for x, q in node["at"].items()}
    out, printer = [f"{py_name(x)} = {fraction(q)}" for x, q in values.items()], Printer(goal.arena, "{q}")
    body: list[str] = []
    for r in (*goal.given, *(r for c in goal.then for r in c)):
        goal.arena.value(r.diff, values)
    for i, r in enumerate(goal.given):
        v = printer.show(r.diff)
        body.append(f"assert {TRUE[r.op].format(v)}  # hypothesis {i + 1}")
    for i, clause in enumerate(goal.then):
        if all(
            {"<": v < 0, "<=": v <= 0, "=": v == 0, "!=": v != 0}[r.op] is False
            for r in clause
            for v in (goal.arena.value(r.diff, values),)
        ):
            body += [f"assert not {TRUE[r.op].format(printer.show(r.diff))}  # conclusion {i + 1} fails" for r in clause]
            break
    lines = [*out, *printer.lines, *body, "print('the counterexample holds')"]
    return "\n".join([head(lines), *lines]) + "\n"


def head(lines: Sequence[str]) -> str:
    """The imports, and the helpers that the lines call."""
    text = "\n".join(lines)
    used = [f"\n\ndef {h}\n" for h in HELPERS.strip().removeprefix("def ").split("\n\n\ndef ") if f"{h.partition('(')[0]}(" in text]
    imports = "from fractions import Fraction as F\n" + ("from math import isqrt\n" if "root(" in text else "")
    return imports + "".join(used)


def krawczyk(
    arena: Arena, equations: Sequence[int], variables: Sequence[str], box: Mapping[str, tuple[Fraction, Fraction]], inverse: Any
) -> list[str]:
    """Lines that verify the Krawczyk test: exactly one zero in the box."""
    printer = Printer(arena, "Box({q}, {q})")
    unknowns = [py_name(x) for x in variables]
    lines = [f"{py_name(x)} = Box({fraction(a)}, {fraction(b)})" for x, (a, b) in box.items()]
    slopes = [[printer.show(arena.derivative(f, x)) for x in variables] for f in equations]
    lines += printer.lines
    lines.append("slopes = [" + ", ".join("[" + ", ".join(row) + "]" for row in slopes) + "]")
    names = "[" + ", ".join(unknowns) + "]"
    lines += [f"whole = {names}"]
    lines += [f"{x} = Box(({x}.lo + {x}.hi) / 2, ({x}.lo + {x}.hi) / 2)" for x in unknowns] + [f"centre = {names}"]
    printer = Printer(arena, "Box({q}, {q})")
    values = [printer.show(f) for f in equations]
    lines += printer.lines
    lines.append(f"values = [{', '.join(values)}]")
    if inverse is None:
        lines.append("slope = slopes[0][0]\nassert slope.lo > 0 or slope.hi < 0\ninverse = [[1 / (slope.lo + slope.hi) * 2]]")
    else:
        lines.append("inverse = [" + ", ".join("[" + ", ".join(fraction(Fraction(q)) for q in row) + "]" for row in inverse) + "]")
    lines.append("""n = range(len(whole))
for i in n:
    image = centre[i]
    for j in n:
        image = image - Box(inverse[i][j], inverse[i][j]) * values[j]
        entry = Box(F(int(i == j)), F(int(i == j)))
        for k in n:
            entry = entry - Box(inverse[i][k], inverse[i][k]) * slopes[k][j]
        image = image + entry * (whole[j] - centre[j])
    assert whole[i].lo < image.lo <= image.hi < whole[i].hi  # Krawczyk: the box holds exactly one solution""")
    return lines


def zero_script(goal: Goal, node: Any) -> str:
    arena = goal.arena
    box = {x: (r.lo or Fraction(0), r.hi or Fraction(0)) for x, r in (read_range(entry) for entry in node["box"])}
    equations = [arena.read(e, goal.names) for e in node["equations"]]
    known = {k for d in equations for k in (d, arena.make("-", arena.num(0), d))}
    lines = [HEAD + BOXES.format(precision=node.get("precision", 64))]
    if equations:
        lines += krawczyk(arena, equations, node["unknowns"], box, node.get("inverse"))
    else:
        lines += [f"{py_name(x)} = Box({fraction(a)}, {fraction(b)})" for x, (a, b) in box.items()]
    printer = Printer(arena, "Box({q}, {q})")
    lines += [f"{py_name(x)} = whole[{j}]" for j, x in enumerate(node["unknowns"])]
    body = []
    certain = {"<": "{0}.hi < 0", "<=": "{0}.hi <= 0", "=": "{0}.lo == {0}.hi == 0", "!=": "({0}.lo > 0 or {0}.hi < 0)"}
    fails = {"<": "{0}.lo >= 0", "<=": "{0}.lo > 0", "=": "({0}.lo > 0 or {0}.hi < 0)", "!=": "{0}.lo == {0}.hi == 0"}
    for i, r in enumerate(goal.given):
        if not (r.op in ("=", "<=") and r.diff in known):
            body.append(f"assert {certain[r.op].format(printer.show(r.diff))}  # hypothesis {i + 1}")
    ranges = dict(read_range(entry) for entry in node["box"])
    for i, clause in enumerate(goal.then):
        if all(false_on(goal, r, ranges, node.get("precision", 64)) for r in clause):
            body += [f"assert {fails[r.op].format(printer.show(r.diff))}  # conclusion {i + 1} fails" for r in clause]
            break
    return "\n".join([*lines, *printer.lines, *body, "print('the counterexample holds')"]) + "\n"


def false_on(goal: Goal, r: Relation, ranges: Any, p: int) -> bool:
    return goal.certain(r, ranges, "m", p) is False


def two_zeros(data: Mapping[str, Any], node: Any) -> str:
    goal, equations, unknowns = read_zero(dict(data))
    at = {x: (Fraction(q), Fraction(q)) for x, q in node["at"].items()}
    lines = [HEAD + BOXES.format(precision=128)]
    for b in node["boxes"]:
        box = {**at, **{x: (Fraction(lo), Fraction(hi)) for x, _, lo, hi, _ in b["box"]}}
        lines += krawczyk(goal.arena, equations, unknowns, box, b.get("inverse"))
    return "\n".join([*lines, "print('the boxes are disjoint, and each holds a solution')"]) + "\n"


def orbit_script(data: Mapping[str, Any], node: Any) -> str:
    o = read_orbit(data)
    printer = Printer(o.goal.arena, "{q}")
    values = [printer.show(f) for f in o.map.values()]
    state = ", ".join(map(py_name, o.map))
    count = sum(node["cycle"]) if "cycle" in node else node["step"]
    lines = [
        *[f"{py_name(x)} = {fraction(Fraction(q))}" for x, q in {**node["at"], **node["start"]}.items()],
        f"states = [({state},)]",
        f"for _ in range({count}):",
        *[f"    {line}" for line in printer.lines],
        f"    {state} = {', '.join(values)}",
        f"    states.append(({state},))",
    ]
    if "cycle" in node:
        k, m = node["cycle"]
        lines.append(f"assert states[{k}] == states[{k + m}]  # an exact cycle")
    lines.append("print(*(tuple(map(str, s)) for s in states), sep='\\n')")
    return "\n".join([head(lines), *lines]) + "\n"
