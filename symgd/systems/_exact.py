"""Exact real numbers: reading them, tidying them, and deciding their signs and equalities without rounding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from symgd.systems.errors import NotExact, Undecided

_NUMBER = re.compile(r"\s*[+-]?(\d+(/\d+)?|\d+\.\d*|\.\d+)\s*")
_LONGEST_NUMBER = 4000
_INFINITE = (sp.nan, sp.zoo, sp.oo, -sp.oo)
_Z = sp.Symbol("z")


def exact(value: Any, what: str) -> sp.Expr:
    """Read one exact real expression.

    Args:
        value: SymPy expression, int, Fraction, Decimal, NumPy integer, or a string such as "1/10" or "0.1" (read as the exact rational).
        what: its role, for the error message.

    Raises:
        NotExact: rounded numbers, infinities, undefined or imaginary values, other types and strings.
    """
    if isinstance(value, sp.Rational):
        return value
    if isinstance(value, (float, np.floating, mpmath.mpf)):
        raise NotExact(f"{what}: {value} is a rounded floating-point number; write it exactly, as {_as_written(value)}.")
    if isinstance(value, (bool, complex, np.complexfloating)):
        raise NotExact(f"{what}: {value!r} is not a real number.")
    if isinstance(value, str):
        if len(value) > _LONGEST_NUMBER or not _NUMBER.fullmatch(value):
            raise NotExact(f'{what}: the text {value[:40]!r} is not a number such as "1/10"; build expressions with SymPy symbols.')
        if re.fullmatch(r".*/0+\s*", value):
            raise NotExact(f"{what}: {value[:40]!r} divides by zero.")
        fraction = Fraction(value)
        return sp.Rational(fraction.numerator, fraction.denominator)
    if isinstance(value, Decimal) and not value.is_finite():
        raise NotExact(f"{what}: {value} is not a real number.")
    if isinstance(value, (Fraction, Decimal)):
        fraction = Fraction(value)
        return sp.Rational(fraction.numerator, fraction.denominator)
    if isinstance(value, (int, np.integer)):
        return sp.Integer(int(value))
    if not isinstance(value, sp.Expr):
        raise NotExact(f"{what}: {type(value).__name__} is not a number or a SymPy expression.")
    refuse_inexact(value, what)
    return value


def refuse_inexact(expr: sp.Basic, what: str) -> None:
    """Raise NotExact when a float, an infinity, an undefined value or the imaginary unit occurs anywhere inside."""
    floats = expr.atoms(sp.Float)
    if floats:
        number = min(floats, key=sp.default_sort_key)
        raise NotExact(f"{what}: {number} is a rounded floating-point number; write it exactly, as {_as_written(number)}.")
    if expr.has(*_INFINITE):
        raise NotExact(f"{what}: {shorten(expr)} contains an infinite or undefined value; every number must be real and finite.")
    if expr.has(sp.I):
        raise NotExact(f"{what}: {shorten(expr)} contains the imaginary unit; losses, steps and points are real.")


def _as_written(number: Any) -> str:
    text: str = str(number)
    if not _NUMBER.fullmatch(text):
        return 'Rational(p, q) or "p/q"'
    fraction = Fraction(text)
    return f'Rational({fraction.numerator}, {fraction.denominator}) or "{fraction}"'


def exact_matrix(value: Any, what: str) -> sp.ImmutableMatrix:
    """Read a matrix with exact entries; nested sequences are rows, a flat sequence is a column.

    Raises:
        NotExact: an entry is not exact. SystemsError subclasses ValueError, so ragged rows raise ValueError too.
    """
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, sp.MatrixBase):
        return sp.ImmutableMatrix(value.rows, value.cols, [exact(entry, what) for entry in value])
    if isinstance(value, str) or not isinstance(value, Iterable):
        return sp.ImmutableMatrix([[exact(value, what)]])
    rows = [list(row) if isinstance(row, Sequence) and not isinstance(row, str) else [row] for row in value]
    if len({len(row) for row in rows}) > 1:
        raise NotExact(f"{what}: the rows have different lengths {[len(row) for row in rows]}.")
    return sp.ImmutableMatrix(len(rows), len(rows[0]) if rows else 0, [exact(entry, what) for row in rows for entry in row])


def exact_vector(value: Any, what: str) -> tuple[sp.Expr, ...]:
    """Read a vector of exact numbers: one number, a flat sequence, or a matrix of one column.

    Raises:
        NotExact: an entry is not exact, or there is more than one column.
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        return (exact(value, what),)
    if isinstance(value, (list, tuple)) and value and all(isinstance(entry, str) or not isinstance(entry, Iterable) for entry in value):
        return tuple(exact(entry, what) for entry in value)
    column = exact_matrix(value, what)
    if column.cols != 1:
        raise NotExact(f"{what}: a vector is needed, not a matrix of shape {column.shape}.")
    return tuple(column)


def shorten(expr: object, limit: int = 80) -> str:
    """Text of an expression, cut to `limit` characters; safe for numbers too long to print."""
    try:
        text = str(sp.sstr(expr))
    except ValueError:  # CPython refuses to print integers beyond 4300 digits
        return "a number too long to print"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def tidy(expr: sp.Expr) -> sp.Expr:
    """An equal expression in a more canonical form: square roots denested, polynomials in one algebraic root reduced."""
    if expr.is_Rational:
        return expr
    roots = expr.atoms(sp.CRootOf)
    if len(roots) == 1 and not expr.free_symbols:
        return _reduce(expr, next(iter(roots)))
    if expr.free_symbols:
        return sp.expand(expr) if expr.count_ops() < 2000 else expr
    return sp.expand(sp.sqrtdenest(sp.expand(expr)))


def _reduce(expr: sp.Expr, root: sp.CRootOf) -> sp.Expr:
    # modulo its minimal polynomial, a polynomial in the root has one normal form only
    modulus = sp.Poly(root.poly.as_expr(_Z), _Z, domain="QQ")
    try:
        poly = sp.Poly(expr.xreplace({root: _Z}), _Z, domain="QQ")
    except (sp.PolynomialError, sp.CoercionFailed):
        return expr
    reduced = poly.rem(modulus)
    return sp.expand(reduced.as_expr().xreplace({_Z: root}))


def sign_of(expr: sp.Expr) -> int:
    """The sign of an exact real number, or of an expression whose symbols' assumptions decide it.

    Args:
        expr: a real algebraic number in radicals or roots of polynomials, or an expression in symbols with assumptions.

    Returns:
        −1, 0 or 1.

    Raises:
        Undecided: the assumptions are too weak, or a transcendental number could not be separated from 0.
    """
    if not isinstance(expr, sp.Rational):
        expr = tidy(sp.sympify(expr))
    if isinstance(expr, sp.Rational):
        return (int(expr.p) > 0) - (int(expr.p) < 0)
    if expr.free_symbols:
        return _symbolic_sign(expr)
    refuse_inexact(expr, "sign")
    sign = _enclosed_sign(expr, (64, 256))
    if sign is not None:
        return sign
    try:  # equal to 0, or very close to 0: only an algebraic argument can tell which
        minimal = sp.minimal_polynomial(expr, _Z)
    except NotImplementedError:
        if sp.simplify(expr) == 0:
            return 0
        raise Undecided(f"the sign of {shorten(expr)} could not be decided: very close to 0, not recognised as algebraic.") from None
    if minimal == _Z:
        return 0
    precision = 512
    while (sign := _enclosed_sign(expr, (precision,))) is None:  # ends: the number is not 0
        precision *= 2
    return sign


def _enclosed_sign(expr: sp.Expr, precisions: tuple[int, ...]) -> int | None:
    for precision in precisions:
        try:
            low, high = _enclose(expr, precision)
        except ZeroDivisionError:
            continue
        if low > 0 or high < 0:
            return 1 if low > 0 else -1
    return None


def _enclose(expr: sp.Expr, k: int) -> tuple[int, int]:
    """Integers (a, b) with a·2⁻ᵏ ≤ expr ≤ b·2⁻ᵏ: proved for radicals and roots of polynomials."""
    if isinstance(expr, sp.Rational):
        scaled = int(expr.p) << k
        return scaled // int(expr.q), -(-scaled // int(expr.q))
    if isinstance(expr, sp.Add):
        terms = [_enclose(term, k) for term in expr.args]
        return sum(low for low, _ in terms), sum(high for _, high in terms)
    if isinstance(expr, sp.Mul):
        return _product([_enclose(factor, k) for factor in expr.args], k)
    if isinstance(expr, sp.Pow) and isinstance(expr.exp, sp.Rational):
        low, high = _enclose(expr.base, k)
        p, q = abs(int(expr.exp.p)), int(expr.exp.q)
        if q > 1:
            if high < 0:
                raise Undecided(f"{shorten(expr)} is not a real number.")
            low = int(sp.integer_nthroot(max(low, 0) << (k * (q - 1)), q)[0])
            high = int(sp.integer_nthroot(high << (k * (q - 1)), q)[0]) + 1
        low, high = _product([(low, high)] * p, k)
        return (low, high) if expr.exp > 0 else _reciprocal(low, high, k)
    # roots of polynomials are isolated within 2⁻ᵏ; other functions rest on SymPy's evaluation
    if isinstance(expr, sp.CRootOf):
        value, slack = expr.eval_rational(dx=sp.Rational(1, 1 << k)), 2
    else:
        digits = k // 3 + 10
        value = sp.Rational(str(expr.evalf(digits)))
        slack = 2 + int(abs(value) * sp.Rational(1 << k, 10 ** (digits - 2)))
    low, high = _enclose(value, k)
    return low - slack, high + slack


def _product(factors: list[tuple[int, int]], k: int) -> tuple[int, int]:
    low = high = 1 << k
    for a, b in factors:
        corners = (low * a, low * b, high * a, high * b)
        low, high = min(corners) >> k, -(-max(corners) >> k)
    return low, high


def _reciprocal(low: int, high: int, k: int) -> tuple[int, int]:
    if low <= 0 <= high:
        raise ZeroDivisionError
    one = 1 << 2 * k
    return one // high, -(-one // low)


def _symbolic_sign(expr: sp.Expr) -> int:
    for form in (lambda e: e, sp.factor, sp.simplify):
        candidate = form(expr)
        if candidate.is_zero:
            return 0
        if candidate.is_positive:
            return 1
        if candidate.is_negative:
            return -1
    raise Undecided(f"the sign of {shorten(expr)} is not decided by its symbols' assumptions; give numbers or Symbol(..., positive=True).")


def is_zero(expr: sp.Expr) -> bool:
    """Whether an exact expression is identically 0.

    Raises:
        Undecided: neither equality nor difference could be established.
    """
    expr = tidy(sp.sympify(expr))
    if expr.is_Rational:
        return bool(expr == 0)
    if not expr.free_symbols:
        return sign_of(expr) == 0
    for form in (lambda e: sp.powsimp(sp.powdenest(e)), lambda e: sp.cancel(sp.together(e)), sp.simplify):
        if form(expr) == 0:
            return True
    if expr.equals(0) is False:
        return False
    raise Undecided(f"whether {shorten(expr)} vanishes identically could not be decided; substitute numbers for the parameters.")


def bits(expr: sp.Expr) -> int:
    """Size of an exact expression: bits of all numerators and denominators, plus 8 for each node."""
    if isinstance(expr, sp.Rational):
        return int(expr.p).bit_length() + int(expr.q).bit_length()
    return 8 + sum(bits(argument) for argument in expr.args)


def between(low: Any, high: Any) -> sp.Rational:
    """A rational number strictly between two exact real numbers, `None` standing for an infinite end."""
    if low is None and high is None:
        return sp.Integer(0)
    if low is None:
        return sp.Integer(int(high.evalf(20))) - 2
    if high is None:
        return sp.Integer(int(low.evalf(20))) + 2
    digits = 15
    while True:
        middle = sp.Rational(str(sp.N((low + high) / 2, digits)))
        if sign_of(middle - low) > 0 and sign_of(high - middle) > 0:
            return middle
        digits *= 2
