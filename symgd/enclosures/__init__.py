"""Enclosures: ranges and gradients of expressions over boxes, and linear algebra over interval matrices, with proved bounds.

    program.py          straight-line programs, the input form
    interval.py         intervals with exact end points, results with their `defined` flag
    backend.py          the protocol, and the evaluation and reverse-mode sweeps all backends share
    scalar.py           interval rules for one box at a time; constants.py has π and ln 2
    mpmath_iv.py        backend: any precision, trusts only + − · / √ of mpmath (default)
    flint_arb.py        backend: any precision through python-flint (optional)
    float64.py          backend: many boxes at once; float_functions.py has its proofs, compiled.py its numba kernels (optional)
    linalg.py           products, solutions, eigenvalues and singular values of interval matrices
"""

from symgd.enclosures.backend import Backend, BackendKind, BackendUnavailable, EnclosureError, UnsafeFloatingPoint
from symgd.enclosures.flint_arb import FlintArb
from symgd.enclosures.float64 import Engine, Float64, require_safe_floating_point
from symgd.enclosures.interval import Box, Enclosure, EnclosureArray, GradientArray, GradientEnclosure, Interval, Sign
from symgd.enclosures.mpmath_iv import MpmathIv
from symgd.enclosures.program import Instruction, Op, Program

__all__ = [
    "Backend",
    "BackendKind",
    "BackendUnavailable",
    "Box",
    "Enclosure",
    "EnclosureArray",
    "EnclosureError",
    "Engine",
    "FlintArb",
    "Float64",
    "GradientArray",
    "GradientEnclosure",
    "Instruction",
    "Interval",
    "MpmathIv",
    "Op",
    "Program",
    "Sign",
    "UnsafeFloatingPoint",
    "require_safe_floating_point",
]
