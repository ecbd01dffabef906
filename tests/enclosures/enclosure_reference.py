"""What the enclosure tests compare with: exact rationals where the program stays rational, 500-bit mpmath elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import mpmath
import numpy as np

from symgd.enclosures import Interval, Op, Program
from symgd.enclosures.compiled import available
from symgd.enclosures.flint_arb import FlintArb, flint
from symgd.enclosures.float64 import Engine, Float64
from symgd.enclosures.mpmath_iv import MpmathIv

MP = mpmath.mp.clone()
MP.prec = 500
TOLERANCE = Fraction(1, 2**440)

UNARY = ("sqrt", "exp", "log", "tanh", "sigmoid", "softplus", "sin", "cos", "atan", "abs", "relu", "sign")
# Every operation of a program, in the nested form.
FUNCTIONS = {
    "add": ["add", "x", "y"],
    "sub": ["sub", "x", "y"],
    "mul": ["mul", "x", "y"],
    "div": ["div", "x", "y"],
    "neg": ["neg", "x"],
    "max": ["max", "x", "y"],
    "min": ["min", "x", "y"],
    "square": ["pow_int", "x", 2],
    "cube": ["pow_int", "x", 3],
    "power 10": ["pow_int", "x", 10],
    "power -3": ["pow_int", "x", -3],
    "cube root": ["root", "x", 3],
    "power 5/4": ["pow_rat", "x", "5/4"],
    "power -2/3": ["pow_rat", "x", "-2/3"],
    **{name: [name, "x"] for name in UNARY},
}
PROGRAMS = {name: Program.from_nested(nested, ["x", "y"]) for name, nested in FUNCTIONS.items()}

NUMPY = Float64(Engine.NUMPY)
BACKENDS = [MpmathIv(53), MpmathIv(120), NUMPY] + ([FlintArb(53), FlintArb(120)] if flint else [])
FLOAT_BACKENDS = [NUMPY] + ([Float64(Engine.NUMBA)] if available() else [])


class Unknown(Exception):
    """The reference itself would need an absurd amount of work."""


def _mp(x):
    return MP.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else x


def _apply(op, u, param):
    """Value of one operation, or None where it is undefined."""
    if any(x is None for x in u):
        return None
    rational = all(isinstance(x, Fraction) for x in u)
    if not rational:
        u = [_mp(x) for x in u]
    a, b = u[0], u[-1]
    match op:
        case Op.ADD:
            return a + b
        case Op.SUB:
            return a - b
        case Op.MUL:
            return a * b
        case Op.DIV:
            return None if b == 0 else a / b
        case Op.NEG:
            return -a
        case Op.POW_INT:
            return None if a == 0 and param < 0 else a**param
        case Op.MAX:
            return max(a, b)
        case Op.MIN:
            return min(a, b)
        case Op.ABS:
            return abs(a)
        case Op.RELU:
            return max(a, 0 * a)
        case Op.SIGN:
            return Fraction((a > 0) - (a < 0))
    x = _mp(a)
    match op:
        case Op.SQRT:
            return None if x < 0 else MP.sqrt(x)
        case Op.POW_RAT:
            if x < 0 or (x == 0 and param < 0):
                return None
            return MP.mpf(0) if x == 0 else MP.exp(MP.log(x) * param.numerator / param.denominator)
        case Op.LOG:
            return None if x <= 0 else MP.log(x)
    if abs(x) > 10**6:
        raise Unknown
    match op:
        case Op.EXP:
            return MP.exp(x)
        case Op.TANH:
            return MP.tanh(x)
        case Op.SIGMOID:
            return 1 / (1 + MP.exp(-x))
        case Op.SOFTPLUS:
            return MP.log1p(MP.exp(x))
        case Op.SIN:
            return MP.sin(x)
        case Op.COS:
            return MP.cos(x)
        case Op.ATAN:
            return MP.atan(x)
    raise AssertionError(op)


def value(program: Program, point: Sequence[Fraction]):
    """Exact (Fraction) or 500-bit (mpf, converted to Fraction) value at a point; None where undefined."""
    steps = []
    for step in program.code:
        if step.op is Op.VAR:
            steps.append(point[step.param])
        elif step.op is Op.CONST:
            steps.append(step.param)
        else:
            steps.append(_apply(step.op, [steps[a] for a in step.args], step.param))
    last = steps[-1]
    return last if last is None or isinstance(last, Fraction) else to_fraction(last)


def to_fraction(x) -> Fraction:
    sign, man, exp, _ = MP.mpf(x)._mpf_  # man_exp would lose the sign
    if abs(exp) > 10**5:
        raise Unknown
    return Fraction(-int(man) if sign else int(man)) * Fraction(2) ** int(exp)


def contains(interval: Interval, v: Fraction) -> bool:
    """Membership up to the error of the 500-bit reference."""
    slack = abs(v) * TOLERANCE
    return interval.lo <= v + slack and v - slack <= interval.hi


def sample_boxes(name: str, n: int, seed: int):
    """Boxes of many sizes (shape (2, n)) and a point in each, with functions of limited domain kept mostly inside it."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(size=(2, n)) * 10.0 ** rng.uniform(-8, 2, size=(2, n))
    width = np.abs(centre) * 10.0 ** rng.uniform(-18, 1, size=(2, n)) * rng.integers(0, 2, size=(2, n))
    if name in ("sqrt", "log", "cube root", "power 5/4", "power -2/3"):
        centre = np.abs(centre)
        width = np.minimum(width, centre / 2)
    if name in ("sin", "cos"):
        width = rng.uniform(0, 1.5, size=(2, n)) * rng.integers(0, 2, size=(2, n))  # about as wide as a crest
    lo, hi = centre - width, centre + width
    points = [[pick(rng, a, b) for a, b in zip(lo[:, i], hi[:, i], strict=True)] for i in range(n)]
    return lo, hi, points


def pick(rng, a: float, b: float) -> Fraction:
    return Fraction(a) + (Fraction(b) - Fraction(a)) * Fraction(int(rng.integers(0, 2**20 + 1)), 2**20)


def violations(backend, name: str, n: int = 150, seed: int = 0) -> int:
    """How many sampled boxes have an enclosure that misses the value at a point of the box, or is wrongly called defined."""
    program = PROGRAMS[name]
    lo, hi, points = sample_boxes(name, n, seed)
    found = backend.enclose_boxes(program, lo, hi)
    bad = 0
    for i, point in enumerate(points):
        v = value(program, point)
        bad += bool(found.defined[i]) if v is None else not contains(found[i].interval, v)
    return bad
