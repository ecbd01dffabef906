"""Infinite end points, zeros in denominators, domains, overflow, subnormals, malformed boxes; and a changed floating-point environment."""

from __future__ import annotations

import ctypes
import ctypes.util
import math
import platform
from fractions import Fraction

import numpy as np
import pytest
from enclosure_reference import BACKENDS, FLOAT_BACKENDS, NUMPY, PROGRAMS, contains, value

from symgd.enclosures import Backend, Float64, Interval, MpmathIv, Program, Sign, UnsafeFloatingPoint, require_safe_floating_point

INF = math.inf
ENTIRE = Interval.entire()
EPS = Fraction(1, 10**12)

# nested form in x and y, box, the exact range, defined everywhere
EDGE_CASES = [
    (["exp", "x"], (Interval(-INF, 0),), Interval(0, 1), True),
    (["exp", "x"], (Interval(0, INF),), Interval(1, INF), True),
    (["log", "x"], (Interval(0, 1),), Interval(-INF, 0), False),
    (["log", "x"], (Interval(1, INF),), Interval(0, INF), True),
    (["log", "x"], (Interval(-2, 0),), ENTIRE, False),
    (["tanh", "x"], (ENTIRE,), Interval(-1, 1), True),
    (["sigmoid", "x"], (ENTIRE,), Interval(0, 1), True),
    (["softplus", "x"], (Interval(-INF, 0),), Interval(0, "0.693147180559946"), True),
    (["atan", "x"], (ENTIRE,), Interval("-1.5707963267949", "1.5707963267949"), True),
    (["sin", "x"], (Interval(0, INF),), Interval(-1, 1), True),
    (["cos", "x"], (Interval(-1, 1),), Interval("0.5403023058681", 1), True),
    (["sin", "x"], (Interval(3, 5),), Interval(-1, "0.1411200080599"), True),
    (["sqrt", "x"], (Interval(-1, 4),), Interval(0, 2), False),
    (["sqrt", "x"], (Interval(0, INF),), Interval(0, INF), True),
    (["sqrt", "x"], (Interval(-2, -1),), ENTIRE, False),
    (["pow_rat", "x", "-1/3"], (Interval(0, 8),), Interval("1/2", INF), False),
    (["pow_rat", "x", "2/3"], (Interval(0, 8),), Interval(0, 4), True),
    (["pow_int", "x", 2], (ENTIRE,), Interval(0, INF), True),
    (["pow_int", "x", 3], (Interval(-INF, 2),), Interval(-INF, 8), True),
    (["pow_int", "x", -2], (Interval(2, INF),), Interval(0, "1/4"), True),
    (["pow_int", "x", -2], (Interval(-1, 2),), Interval("1/4", INF), False),
    (["pow_int", "x", 0], (ENTIRE,), Interval(1), True),
    (["abs", "x"], (Interval(-INF, 1),), Interval(0, INF), True),
    (["relu", "x"], (Interval(-INF, 1),), Interval(0, 1), True),
    (["sign", "x"], (Interval(0, INF),), Interval(0, 1), True),
    (["sign", "x"], (Interval(-INF, -1),), Interval(-1), True),
    (["mul", "x", "y"], (Interval(0), ENTIRE), Interval(0), True),
    (["mul", "x", "y"], (Interval(0, 1), Interval(0, INF)), Interval(0, INF), True),
    (["mul", "x", "y"], (Interval(-1, 1), Interval(0, INF)), ENTIRE, True),
    (["mul", "x", "y"], (Interval(-INF, -1), Interval(-INF, -2)), Interval(2, INF), True),
    (["add", "x", "y"], (Interval(-INF, 1), Interval(2, INF)), ENTIRE, True),
    (["add", "x", "y"], (Interval(-INF, 1), Interval(1, 2)), Interval(-INF, 3), True),
    (["sub", "x", "y"], (Interval(0, INF), Interval(0, INF)), ENTIRE, True),
    (["div", 1, "x"], (Interval(1, INF),), Interval(0, 1), True),
    (["div", 1, "x"], (Interval(0, 2),), Interval("1/2", INF), False),
    (["div", 1, "x"], (Interval(-2, 0),), Interval(-INF, "-1/2"), False),
    (["div", 1, "x"], (Interval(-1, 1),), ENTIRE, False),
    (["div", 1, "x"], (Interval(0),), ENTIRE, False),
    (["div", "x", "y"], (Interval(-1, 1), Interval(0, 1)), ENTIRE, False),
    (["div", "x", "y"], (Interval(0), Interval(0, 1)), Interval(0), False),
    (["div", "x", "y"], (Interval(1, INF), Interval(1, INF)), Interval(0, INF), True),
    (["div", "x", "y"], (Interval(1, 2), Interval(-INF, -1)), Interval(-2, 0), True),
    (["max", "x", "y"], (Interval(-INF, 1), Interval(0, 2)), Interval(0, 2), True),
    (["min", "x", "y"], (Interval(-INF, 1), Interval(0, 2)), Interval(-INF, 1), True),
    (["log", ["sub", "x", 1]], (Interval(0, 3),), Interval(-INF, "0.6931471805599454"), False),
]


def program(nested) -> Program:
    return Program.from_nested(nested, ["x", "y"])


def widened(a: Interval) -> Interval:
    lo = a.lo if isinstance(a.lo, float) else a.lo - EPS * max(1, abs(a.lo))
    hi = a.hi if isinstance(a.hi, float) else a.hi + EPS * max(1, abs(a.hi))
    return Interval(lo, hi)


def both(box) -> list[Interval]:
    return [*box, Interval(1)][:2]


@pytest.mark.parametrize("backend", [*BACKENDS, *FLOAT_BACKENDS[1:]], ids=repr)
def test_ranges_over_half_lines_and_at_the_edge_of_domains(backend):
    compiled = isinstance(backend, Float64) and backend is not NUMPY
    for nested, box, exact, defined in EDGE_CASES[:: 4 if compiled else 1]:  # a kernel takes a quarter of a second to compile
        box = both(box)
        if isinstance(backend, Float64):
            lo, hi = (np.array([[float(getattr(b, end))] for b in box]) for end in ("lo", "hi"))
            found = backend.enclose_boxes(program(nested), lo, hi)[0]
        else:
            found = backend.enclose(program(nested), box)
        close = [found.interval.lo <= exact.lo or exact.lo - found.interval.lo > -EPS, found.interval.hi >= exact.hi - EPS]
        assert all(close), (nested, box, found)
        assert found.interval.is_subset(widened(exact)), (nested, box, found)
        assert found.defined == defined, (nested, box, found)


def test_all_backends_fulfil_the_protocol():
    for backend in BACKENDS:
        assert isinstance(backend, Backend)
        assert backend == type(backend)(**{f: getattr(backend, f) for f in backend.__dataclass_fields__})


def test_a_verdict_needs_the_expression_to_be_defined():
    for backend in BACKENDS:
        positive = backend.enclose(program(["exp", "x"]), [Interval(-5, 5), Interval(0)])
        assert positive.sign is Sign.POSITIVE
        assert backend.enclose(program(["sqrt", "x"]), [Interval(-5, 5), Interval(0)]).sign is Sign.UNDECIDED
        assert backend.enclose(program(["sqrt", "x"]), [Interval(0, 5), Interval(0)]).sign is Sign.NONNEGATIVE


@pytest.mark.parametrize("backend", FLOAT_BACKENDS, ids=lambda b: b.engine.value)
def test_overflow_widens_and_never_becomes_nan(backend):
    big = 1.7976931348623157e308
    cases = {"mul": (big, 2.0), "power 10": (1e40, 0.0), "exp": (1000.0, 0.0), "add": (big, big), "cube": (-1e200, 0.0), "div": (big, 0.5)}
    for name, (x, y) in cases.items():
        found = backend.enclose_boxes(PROGRAMS[name], np.array([[x], [y]]), np.array([[x], [y]]))
        exact = value(PROGRAMS[name], [Fraction(x), Fraction(y)])
        assert contains(found[0].interval, exact)
        assert found.defined.all()


@pytest.mark.parametrize("backend", [*BACKENDS, *FLOAT_BACKENDS[1:]], ids=repr)
def test_rounding_never_loses_a_sign_that_the_operands_prove(backend):
    # Boxes of both signs in one call; where 0 is the exact bound, it stays 0 and the square root stays defined.
    x = np.array([[0.0, -3.0, 0.0, -2.0], [0.0, -2.0, 1.0, 1.0]])
    y = np.array([[2.0, -1.0, 5.0, 1.0], [3.0, 0.0, 5.0, 2.0]])
    lo, hi = np.array([x[0], y[0]]), np.array([x[1], y[1]])
    product = backend.enclose_boxes(program(["sqrt", ["mul", "x", "y"]]), lo, hi)
    assert product.defined.tolist() == [True, True, True, False]
    quotient = backend.enclose_boxes(program(["sqrt", ["div", "x", ["add", "y", 7]]]), lo, hi)
    assert quotient.defined.tolist() == [True, False, True, False]
    difference = backend.enclose_boxes(program(["sqrt", ["sub", "x", ["mul", 1, "x"]]]), lo[:, :1], lo[:, :1])
    assert difference.defined.all()


@pytest.mark.parametrize("backend", FLOAT_BACKENDS, ids=lambda b: b.engine.value)
def test_subnormal_numbers_are_enclosed(backend):
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.integers(-9, 10, 200) * 2.0**-1074, rng.normal(size=200) * 2.0**-1022, rng.normal(size=200) * 2.0**-540])
    y = rng.permutation(x)
    for name in ("add", "sub", "mul", "div", "square", "cube", "power -3", "exp", "tanh", "sin", "atan", "softplus", "abs", "max"):
        found = backend.enclose_boxes(PROGRAMS[name], np.array([x, y]), np.array([x, y]))
        for i in range(len(x)):
            exact = value(PROGRAMS[name], [Fraction(x[i]), Fraction(y[i])])
            assert not found.defined[i] if exact is None else contains(found[i].interval, exact), (name, x[i], y[i], found[i])


@pytest.mark.parametrize("backend", [MpmathIv(), *FLOAT_BACKENDS], ids=repr)
def test_an_empty_or_malformed_box_is_refused(backend):
    for lo, hi in ((2.0, 1.0), (math.nan, 1.0), (0.0, math.nan), (INF, INF), (-INF, -INF)):
        with pytest.raises(ValueError, match="empty or NaN"):
            backend.enclose_boxes(PROGRAMS["neg"], np.array([[lo], [0.0]]), np.array([[hi], [0.0]]))
    with pytest.raises(ValueError, match="shape"):
        backend.enclose_boxes(PROGRAMS["neg"], np.zeros((3, 1)), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="variables"):
        backend.enclose(PROGRAMS["neg"], [Interval(0)])
    assert len(backend.enclose_boxes(PROGRAMS["neg"], np.zeros((2, 0)), np.zeros((2, 0)))) == 0


def test_an_empty_interval_cannot_be_made():
    for lo, hi in ((1, 0), (INF, INF), (-INF, -INF)):
        with pytest.raises(ValueError, match="empty"):
            Interval(lo, hi)
    with pytest.raises(ValueError, match="NaN"):
        Interval(math.nan, 1)


# --- the floating-point environment ------------------------------------------------------------------------------------------------------

ROUNDING_MODES = {"x86_64": (0x400, 0x800, 0xC00), "AMD64": (0x400, 0x800, 0xC00), "aarch64": (0x400000, 0x800000, 0xC00000)}
needs_libm = pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in ROUNDING_MODES, reason="changes the rounding mode through Linux's C library"
)


def libm():
    return ctypes.CDLL(ctypes.util.find_library("m"))


@needs_libm
@pytest.mark.parametrize("index", [0, 1, 2], ids=["downward", "upward", "toward zero"])
def test_a_changed_rounding_mode_is_refused(index):
    box = np.ones((2, 3))
    library = libm()
    caught = []
    try:
        library.fesetround(ROUNDING_MODES[platform.machine()][index])
        for action in (
            require_safe_floating_point,
            lambda: NUMPY.enclose_boxes(PROGRAMS["mul"], box, box),
            lambda: NUMPY.enclose_gradient_boxes(PROGRAMS["mul"], box, box),
            lambda: NUMPY.enclose(PROGRAMS["mul"], [Interval(1), Interval(1)]),
        ):
            try:
                action()
            except UnsafeFloatingPoint as error:
                caught.append("rounding" in str(error))
    finally:
        library.fesetround(0)
    assert caught == [True] * 4
    require_safe_floating_point()


@pytest.mark.skipif(platform.system() != "Linux" or platform.machine() != "x86_64", reason="edits x86-64's control word in glibc's layout")
@pytest.mark.parametrize("bit", [1 << 15, 1 << 6], ids=["flush to zero", "denormals are zero"])
def test_flushed_subnormals_are_refused(bit):
    library = libm()
    before, changed = (ctypes.c_uint32 * 8)(), (ctypes.c_uint32 * 8)()
    library.fegetenv(before)
    library.fegetenv(changed)
    changed[7] |= bit
    message = ""
    try:
        library.fesetenv(changed)
        try:
            require_safe_floating_point()
        except UnsafeFloatingPoint as error:
            message = str(error)
    finally:
        library.fesetenv(before)
    assert "subnormal" in message
    require_safe_floating_point()
