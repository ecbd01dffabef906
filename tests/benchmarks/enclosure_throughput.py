"""Throughput of the enclosure backends against plain NumPy, mpmath.iv and python-flint, as one table of ratios.

Run:  python tests/benchmarks/enclosure_throughput.py [--quick]

Two polynomials from the paper's statements: lem3's w^5 Σ_{j<6} wʲ t^(5−j) in (w, t) on positive boxes, and ex2's
f(x) = (x² + 1)(x − 1)²(x − 2)² on boxes of both signs. Plain NumPy evaluates the *same sequence of operations* at one point per box (no
bounds, no safety); it is the speed limit of array code. mpmath.iv and python-flint evaluate one box at a time with their own operators,
and their cost per box is measured on a few thousand boxes because it does not depend on N. All ratios come from one process, best of
several repeats.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from symgd.enclosures.compiled import available
from symgd.enclosures.flint_arb import flint
from symgd.enclosures.float64 import Engine, Float64
from symgd.enclosures.program import Program

Array = NDArray[np.float64]


def lem3(w: Any, t: Any) -> Any:
    """w^5 Σ_{j<6} wʲ t^(5−j) by multiplications and additions only."""
    t2 = t * t
    t3 = t2 * t
    t4 = t3 * t
    t5 = t4 * t
    total = w + t
    total = total * w + t2
    total = total * w + t3
    total = total * w + t4
    total = total * w + t5
    w2 = w * w
    return w2 * w2 * w * total


def ex2(x: Any) -> Any:
    """(x² + 1)(x − 1)²(x − 2)²."""
    a, b = x - 1, x - 2
    return (x * x + 1) * (a * a) * (b * b)


@dataclass(frozen=True)
class Nested:
    """Records the operations of a Python function as the nested form of a program."""

    form: Any

    def _with(self, op: str, other: Any) -> Nested:
        return Nested([op, self.form, other.form if isinstance(other, Nested) else other])

    def __add__(self, other: Any) -> Nested:
        return self._with("add", other)

    def __sub__(self, other: Any) -> Nested:
        return self._with("sub", other)

    def __mul__(self, other: Any) -> Nested:
        return self._with("mul", other)


@dataclass(frozen=True)
class Case:
    """A polynomial with the boxes it is measured on."""

    name: str
    function: Callable[..., Any]
    variables: tuple[str, ...]
    low: float
    high: float

    @property
    def program(self) -> Program:
        return Program.from_nested(self.function(*map(Nested, self.variables)).form, self.variables)

    def boxes(self, n: int) -> tuple[Array, Array]:
        lo = np.random.default_rng(n).uniform(self.low, self.high, (len(self.variables), n))
        return lo, lo + 1e-3


CASES = (Case("lem3, L=6", lem3, ("w", "t"), 0.1, 2.0), Case("ex2", ex2, ("x",), -1.0, 3.0))


def best(action: Callable[[], Any], seconds: float) -> float:
    """Seconds of the fastest of several runs within a budget (after one run to warm up)."""
    action()
    least, spent = float("inf"), 0.0
    while spent < seconds:
        start = time.perf_counter()
        action()
        took = time.perf_counter() - start
        least, spent = min(least, took), spent + took
    return least


def one_at_a_time(case: Case, make: Callable[[float, float], Any], seconds: float) -> float:
    """Nanoseconds per box of a library that evaluates one box at a time."""
    n = 2000
    lo, hi = case.boxes(n)
    boxes = [[make(float(a), float(b)) for a, b in zip(lo[:, i], hi[:, i], strict=True)] for i in range(n)]
    return best(lambda: [case.function(*box) for box in boxes], seconds) / n * 1e9


def arb_between(a: float, b: float) -> Any:
    return flint.arb((a + b) / 2, (b - a) / 2 * (1 + 2.0**-40))


def measure(sizes: tuple[int, ...], seconds: float) -> list[tuple[str, int, str, float, float, float]]:
    """Rows (case, N, contender, ns per box, times mpmath.iv's speed, times plain NumPy's time)."""
    rows = []
    for case in CASES:
        mp = one_at_a_time(case, lambda a, b: mpmath.iv.mpf([a, b]), seconds)
        arb = one_at_a_time(case, arb_between, seconds) if flint else None
        program = case.program
        for n in sizes:
            lo, hi = case.boxes(n)
            points = list(lo)
            plain = best(lambda: case.function(*points), seconds) / n * 1e9  # noqa: B023 - called at once
            times = {"plain NumPy (points)": plain, "float64, NumPy": _per_box(Float64(Engine.NUMPY), program, lo, hi, seconds)}
            if available():
                times["float64, numba"] = _per_box(Float64(Engine.NUMBA), program, lo, hi, seconds)
            if arb is not None:
                times["python-flint arb"] = arb
            times["mpmath.iv"] = mp
            rows += [(case.name, n, who, ns, mp / ns, ns / plain) for who, ns in times.items()]
    return rows


def _per_box(backend: Float64, program: Program, lo: Array, hi: Array, seconds: float) -> float:
    return best(lambda: backend.enclose_boxes(program, lo, hi), seconds) / lo.shape[1] * 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description="Throughput of the enclosure backends, as ratios.")
    parser.add_argument("--quick", action="store_true", help="fewer sizes and shorter repeats")
    quick = parser.parse_args().quick
    rows = measure((10**4,) if quick else (10**4, 10**5, 10**6), 0.2 if quick else 1.0)
    print(f"{'polynomial':<10} {'boxes':>8} {'contender':<22} {'ns/box':>10} {'x mpmath.iv speed':>18} {'x plain NumPy time':>19}")
    for name, n, who, ns, faster, slower in rows:
        print(f"{name:<10} {n:>8} {who:<22} {ns:>10.1f} {faster:>18.1f} {slower:>19.2f}")
    numpy_rows = [r[4] for r in rows if r[2] == "float64, NumPy"]
    print(f"\nwithout extras: at least {min(numpy_rows):.0f}x mpmath.iv (target 400)")
    numba_rows = [r[5] for r in rows if r[2] == "float64, numba"]
    if numba_rows:
        print(f"with numba: at most {max(numba_rows):.2f}x plain NumPy (target 2)")


if __name__ == "__main__":
    main()
