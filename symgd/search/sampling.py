"""Where to look: scrambled Sobol points, points near the boundary, simple rationals and corners, in the ranges of a claim."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from ..kernel.rules import Range
from .floats import as_float

BITS = 32
SIMPLE = sorted(
    {Fraction(n, d) for d in (1, 2, 3, 4, 5, 8, 10) for n in range(-12, 13)}
    | {Fraction(s * 10**k) for k in range(5) for s in (1, -1)}
    | {Fraction(s, 10**k) for k in range(5) for s in (1, -1)}
    | {Fraction(s * 2**k) for k in range(9) for s in (1, -1)},
    key=lambda q: (abs(q.numerator) + q.denominator, q < 0),
)


def generator(seed: int, *path: object) -> np.random.Generator:
    """A random generator that depends on the seed and the path only, never on what ran before."""
    text = ":".join(map(str, (seed, *path)))
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


@lru_cache(maxsize=64)
def directions(dimension: int) -> Any:
    """Direction numbers of a Sobol sequence: one primitive polynomial over GF(2) for each coordinate, initial numbers drawn once."""
    rng = np.random.default_rng(20_231)
    table = np.zeros((dimension, BITS), dtype=np.uint64)
    table[0] = [1 << (BITS - 1 - i) for i in range(BITS)]
    polynomials = itertools.islice(primitive_polynomials(), dimension - 1)
    for j, polynomial in enumerate(polynomials, 1):
        s = polynomial.bit_length() - 1
        m = [int(rng.integers(0, 1 << i)) * 2 + 1 for i in range(s)]  # odd, m[i] < 2^(i+1)
        v = [m[i] << (BITS - 1 - i) for i in range(s)]
        for i in range(s, BITS):
            w = v[i - s] ^ (v[i - s] >> s)
            for k in range(1, s):
                if polynomial >> (s - k) & 1:
                    w ^= v[i - k]
            v.append(w)
        table[j] = v
    return table


def primitive_polynomials() -> Any:
    """The primitive polynomials over GF(2), as bit masks, by degree."""
    for degree in itertools.count(1):
        order = (1 << degree) - 1
        factors = [p for p in range(2, order + 1) if order % p == 0 and all(p % q for q in range(2, int(p**0.5) + 1))]
        for tail in range(1, 1 << degree, 2):
            polynomial = (1 << degree) | tail
            if degree == 1 or (_power(polynomial, order) == 1 and all(_power(polynomial, order // p) != 1 for p in factors)):
                yield polynomial


def _power(polynomial: int, exponent: int) -> int:
    """x^exponent modulo the polynomial, over GF(2)."""
    degree = polynomial.bit_length() - 1

    def multiply(a: int, b: int) -> int:
        out = 0
        while b:
            if b & 1:
                out ^= a
            a, b = a << 1, b >> 1
            if a >> degree & 1:
                a ^= polynomial
        return out

    out, base = 1, 2
    if degree == 1:
        base = 2 ^ polynomial
    while exponent:
        if exponent & 1:
            out = multiply(out, base)
        base, exponent = multiply(base, base), exponent >> 1
    return out


def sobol(start: int, count: int, dimension: int, seed: int) -> Any:
    """`count` points of a scrambled Sobol sequence in the open unit cube, from index `start`.

    Arguments: `start`, `count`, `dimension`, `seed` of the random digital shift. Returns: array (count, dimension).
    """
    if dimension == 0:
        return np.zeros((count, 0))
    table = directions(dimension)
    index = np.arange(start, start + count, dtype=np.uint64)
    gray = index ^ (index >> np.uint64(1))
    points = np.zeros((count, dimension), dtype=np.uint64)
    for bit in range(BITS):
        hit = (gray >> np.uint64(bit)) & np.uint64(1)
        points ^= hit[:, None] * table[None, :, bit]
    shift = generator(seed, "shift").integers(0, 1 << BITS, size=dimension, dtype=np.uint64)
    return ((points ^ shift) + 0.5) / float(1 << BITS)


def spread(unit: Any, ranges: Sequence[Range], rng: np.random.Generator) -> Any:
    """Points of the ranges from points of the unit cube: uniform on bounded ranges, over many scales on infinite ones."""
    out = np.empty_like(unit)
    for j, r in enumerate(ranges):
        u = unit[:, j]
        lo, hi = (None if e is None else as_float(e) for e in (r.lo, r.hi))
        if lo is not None and hi is not None:
            column = lo + (hi - lo) * u
        elif lo is None and hi is None:
            column = np.where(rng.random(len(u)) < 0.7, np.tan(np.pi * (u - 0.5)), np.sign(u - 0.5) * 10 ** (16 * np.abs(u - 0.5) - 4))
        else:
            wide = rng.random(len(u)) < 0.3
            distance = np.where(wide, 10 ** (12 * u - 6), u / (1 - u) * (max(1.0, abs(lo if lo is not None else hi or 0.0))))
            column = lo + distance if lo is not None else (hi or 0.0) - distance
        out[:, j] = np.round(column) if r.integer else column
    return out


def near_boundary(points: Any, ranges: Sequence[Range], rng: np.random.Generator) -> Any:
    """The points with some coordinates moved to an end of their range, or very close to it."""
    out = points.copy()
    for j, r in enumerate(ranges):
        ends = [as_float(e) for e in (r.lo, r.hi) if e is not None]
        if not ends:
            continue
        width = abs(ends[-1] - ends[0]) or 1.0
        pick = rng.random(len(out))
        end = rng.integers(0, len(ends), len(out))
        value = np.array(ends)[end]
        inward = np.where(end == 0, 1.0, -1.0) if r.lo is not None else np.full(len(out), -1.0)
        distance = width * 10.0 ** (-rng.uniform(1, 9, len(out)))
        moved = np.where(pick < 0.2, value, np.where(pick < 0.4, value + inward * distance, out[:, j]))
        out[:, j] = np.round(moved) if r.integer else moved
    return out


def inside(points: Any, ranges: Sequence[Range]) -> Any:
    """Which points lie in the ranges."""
    ok = np.ones(len(points), dtype=bool)
    for j, r in enumerate(ranges):
        x = points[:, j]
        if r.lo is not None:
            lo = as_float(r.lo)
            ok &= (x > lo) if r.lo_open else (x >= lo)
        if r.hi is not None:
            hi = as_float(r.hi)
            ok &= (x < hi) if r.hi_open else (x <= hi)
    return ok


def has(r: Range, q: Fraction) -> bool:
    """Whether the exact number lies in the range."""
    if r.integer and q.denominator != 1:
        return False
    if r.lo is not None and (q <= r.lo if r.lo_open else q < r.lo):
        return False
    return r.hi is None or (q < r.hi if r.hi_open else q <= r.hi)


def simple_values(r: Range, limit: int = 60) -> list[Fraction]:
    """The simplest numbers of a range, its ends, and simple fractions between them."""
    return list(_simple_values(r.lo, r.hi, r.lo_open, r.hi_open, r.integer, limit))


@lru_cache(maxsize=256)
def _simple_values(lo: Fraction | None, hi: Fraction | None, lo_open: bool, hi_open: bool, integer: bool, limit: int) -> list[Fraction]:
    r = Range(lo, hi, lo_open, hi_open, integer)
    if lo is not None and hi is not None and integer:
        first, last = int(lo), int(hi)
        step = max(1, (last - first) // limit)
        near = range(first, min(last, first + limit // 2) + 1)
        return [Fraction(k) for k in dict.fromkeys([*near, *range(first, last + 1, step), last])]
    values = list(itertools.islice((q for q in SIMPLE if has(r, q)), limit))
    ends = [q for q in (lo, hi) if q is not None]
    if len(ends) == 2 and ends[0] < ends[1]:
        width = ends[1] - ends[0]
        ends += [ends[0] + width * Fraction(k, d) for d in (2, 3, 4, 8) for k in range(1, d)] + [
            ends[0] + width / 10**6,
            ends[1] - width / 10**6,
        ]
    elif ends:
        side = 1 if lo is not None else -1
        ends += [ends[0] + side * Fraction(10) ** k for k in (-6, -2, -1, 0, 1, 2, 4, 6, 9)]
    return list(dict.fromkeys([*values, *(q for q in ends if has(r, q))]))


def first_points(ranges: Sequence[Range], count: int) -> list[tuple[Fraction, ...]]:
    """The very simplest points: combinations of the first few numbers of each range and of its ends, without random choices."""
    pools = []
    each = max(2, int(count ** (1 / max(1, len(ranges)))))
    for r in ranges:
        ends = [q for q in (r.lo, r.hi) if q is not None and has(r, q)]
        pools.append(list(dict.fromkeys([*simple_values(r)[:each], *ends])) or [Fraction(0)])
    return list(itertools.islice(itertools.product(*pools), 4 * count))


def simple_points(ranges: Sequence[Range], count: int, rng: np.random.Generator) -> list[tuple[Fraction, ...]]:
    """Points with simple rational coordinates: all combinations of the very simplest, then random ones."""
    pools = [simple_values(r) or [Fraction(0)] for r in ranges]
    if not pools:
        return [()]
    each = max(2, int((count // 2) ** (1 / len(pools))))
    chosen = dict.fromkeys(itertools.islice(itertools.product(*(pool[:each] for pool in pools)), count // 2))
    total = 1
    for pool in pools:
        total *= len(pool)
    if total <= count:
        return list(itertools.product(*pools))
    weights = [np.array([1 / (2 + i) for i in range(len(pool))]) for pool in pools]
    columns = [rng.choice(len(pool), size=count - len(chosen), p=w / w.sum()) for pool, w in zip(pools, weights, strict=True)]
    for row in zip(*columns, strict=True):
        chosen[tuple(pool[i] for pool, i in zip(pools, row, strict=True))] = None
    return list(chosen)
