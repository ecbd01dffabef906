"""Whether a counterexample is one, by SymPy and by iteration with 40 digits: nothing here comes from the kernel or a search."""

from __future__ import annotations

from typing import Any

import mpmath
import sympy

from symgd import to_sympy
from symgd.language import from_json

TINY = sympy.Rational(1, 10**25)
DIGITS = 40


def number(text: str) -> sympy.Expr:
    return sympy.sympify(text, rational=True)


def point(text: str) -> dict[str, sympy.Expr]:
    return {name.strip(): number(value) for name, value in (part.split("=") for part in text.split(",") if part)}


def value(term: Any, at: dict[str, sympy.Expr]) -> sympy.Expr | None:
    """The value of the term, exact or to many digits; None where it has none."""
    e = to_sympy(from_json(term))
    v = e.subs({s: at[s.name] for s in e.free_symbols}).doit()
    v = v if v.is_Rational else sympy.N(v, DIGITS)
    return v if v.is_Rational or (v.is_Float and v.is_finite) else None


def holds(relation: Any, at: dict[str, sympy.Expr]) -> bool:
    """The truth of a relation or a disjunction; a relation with a side that is undefined is false."""
    op, *sides = relation
    if op == "or":
        return any(holds(r, at) for r in sides)
    lhs, rhs = (value(s, at) for s in sides)
    if lhs is None or rhs is None:
        return False
    d = lhs - rhs
    d = sympy.Integer(0) if abs(d) < TINY else d
    return {"<": d < 0, "<=": d <= 0, ">": d > 0, ">=": d >= 0, "=": d == 0, "!=": d != 0}[op] == True  # noqa: E712


def inside(ranges: Any, at: dict[str, sympy.Expr]) -> bool:
    def fits(v: sympy.Expr, left: str, lo: str, hi: str, right: str) -> bool:
        low = lo == "-oo" or v > number(lo) or (left == "[" and v == number(lo))
        high = hi == "oo" or v < number(hi) or (right == "]" and v == number(hi))
        return bool(low and high)

    return all(fits(at[name], *rest) for name, *rest in ranges)


def fails(data: Any, at: str) -> bool:
    """Whether the statement is false, by this counterexample."""
    return {"forall": _forall, "zero": _zero, "orbit": _orbit, "preimages": _preimages}[data["kind"]](data, at)


def undefined(data: Any, text: str) -> bool:
    """Whether the point is in the domain and a conclusion has no value there: partial operations on real numbers, as written."""
    at = point(text)
    sides = [side for r in data["then"] for one in (r[1:] if r[0] == "or" else [r]) for side in one[1:]]
    return inside(data["vars"], at) and all(holds(r, at) for r in data["given"]) and any(_partial(side, at) is None for side in sides)


def _partial(term: Any, at: dict[str, sympy.Expr]) -> sympy.Expr | None:
    if not isinstance(term, list):
        return at[term] if isinstance(term, str) and term in at else number(str(term))
    op, *rest = term
    if op == "at":
        inner = _partial(rest[2], at)
        return None if inner is None else _partial(rest[0], {**at, rest[1]: inner})
    if op == "D":  # of a product with |x|: no derivative at the kink
        return None if "abs" in str(rest[0]) and at[rest[1]] == 0 else value(term, at)
    args = [_partial(a, at) for a in (rest[:1] if op == "^" else rest)]
    if any(a is None for a in args):
        return None
    a, b = (*args, None)[:2]
    if (op == "/" and b == 0) or (op == "sqrt" and a < 0) or (op == "^" and rest[1] < 0 and a == 0):
        return None
    return _applied(op, args, rest)


def _applied(op: str, args: list[Any], rest: list[Any]) -> sympy.Expr:
    if op == "^":
        return args[0] ** rest[1]
    if op == "-":
        return -args[0] if len(args) == 1 else args[0] - args[1]
    return {"+": sympy.Add, "*": sympy.Mul, "/": lambda u, v: u / v, "sqrt": sympy.sqrt, "abs": sympy.Abs, "sign": sympy.sign}[op](*args)


def _forall(data: Any, text: str) -> bool:
    at = point(text)
    return inside(data["vars"], at) and all(holds(r, at) for r in data["given"]) and not all(holds(r, at) for r in data["then"])


def _zero(data: Any, text: str) -> bool:
    """The polynomial has `none` or `several` real zeros in the range, or the conclusions fail at a given one."""
    (entry,), (equation,) = data["vars"], data["equations"]
    (x,) = (e := to_sympy(from_json(equation)).doit()).free_symbols
    roots = [r for r in sorted(set(sympy.Poly(e, x).real_roots())) if inside([entry], {entry[0]: r})]
    if text in ("none", "several"):
        return not roots if text == "none" else len(roots) > 1
    at = point(text)
    return inside(data["vars"], at) and abs(value(equation, at)) < TINY and not all(holds(r, at) for r in data["then"])


# --- orbits ----------------------------------------------------------------------------------------------------------


def trajectory(data: Any, at: dict[str, sympy.Expr], steps: int) -> list[Any]:
    """The states of a map of one variable, until the end or until they are huge or undefined."""
    (name,), (term,) = data["state"], data["map"]
    e = to_sympy(from_json(term)).doit()
    e = e.subs({s: at[s.name] for s in e.free_symbols if s.name != name})
    x = next((s for s in e.free_symbols), sympy.Symbol(name))
    f = sympy.lambdify(x, e, "mpmath")
    states = [mpmath.mpf(at[name].p) / at[name].q]
    while len(states) <= steps and abs(states[-1]) < 1e30:
        states.append(f(states[-1]))
    return states


def _orbit(data: Any, text: str) -> bool:
    at = point(text)
    if not (inside(data["params"], at) and all(holds(r, at) for r in [*data["given"], *data["start"]])):
        return False
    (name,) = data["state"]
    with mpmath.workdps(DIGITS):
        states = trajectory(data, at, 400)
        observed = list(states)
        if "observe" in data:
            e = to_sympy(from_json(data["observe"]))
            e = e.subs({s: at[s.name] for s in e.free_symbols if s.name != name})
            observed = [sympy.lambdify(list(e.free_symbols), e, "mpmath")(x) for x in states]
        return not any(_has(outcome, observed, at, name) for outcome in data["then"])


def _has(outcome: Any, xs: list[Any], at: dict[str, sympy.Expr], name: str) -> bool:
    """Whether the orbit seems to have the outcome; the counterexamples are chosen so that there is no doubt."""
    (kind,) = outcome.keys() - {"to"}
    huge = abs(xs[-1]) >= 1e30
    if kind == "diverges":
        return bool(huge)
    if kind == "stays":
        return all(holds(r, {**at, name: sympy.Float(x, DIGITS)}) for x in xs for r in outcome["stays"])
    (target,) = outcome["to" if kind == "rate" else kind]
    p = mpmath.mpf(sympy.N(value(target, at), DIGITS))
    gaps = [abs(x - p) for x in xs]
    if kind == "rate":
        b = mpmath.mpf(sympy.N(value(outcome["rate"], at), DIGITS))
        return all(gap <= b**k * gaps[0] + mpmath.mpf(10) ** -30 for k, gap in enumerate(gaps[:200]))
    if kind == "reaches":
        return min(gaps) < 1e-25
    ratio = gaps[-1] / gaps[-2] if len(gaps) > 1 and gaps[-2] > 0 else 0
    # orbits with a sublinear limit are not nearer after 400 steps, but still on their way
    near = not huge and (gaps[-1] < 1e-20 or (gaps[-1] < 0.15 and gaps[-1] < 0.999 * min(gaps[:-100])))
    return bool(near and (kind == "converges" or (ratio < 0.98 if kind == "linear" else ratio > 0.98)))


def _preimages(data: Any, text: str) -> bool:
    """The start belongs to the set that the statement gives, but does not reach the point; or it is not in the domain."""
    at = point(text)
    (name,) = data["state"]
    claimed = [value(data["of"], {}), value(data["first"], {})]
    claimed.append(value(data["next"], {name: claimed[-1]}))
    if not any(abs(at[name] - c) < TINY for c in claimed):
        return False
    with mpmath.workdps(DIGITS):
        goal = mpmath.mpf(sympy.N(claimed[0], DIGITS))
        reached = any(abs(x - goal) < 1e-25 for x in trajectory(data, at, 200))
    return not reached or not all(holds(r, at) for r in data["domain"])
