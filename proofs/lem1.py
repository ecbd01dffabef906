"""Lemma 1: tr(AB) >= 0 for symmetric positive semidefinite A and B. Every such matrix is M^T M, with M of the same size."""

from symgd import Trust, claim, computed, eq, every, family, forall, real, total
from symgd.enclosures.linalg import IntervalMatrix, symmetric_eigenvalues

PAPER = "Step Size Matters in Deep Learning, Lemma 1"


def matrix(name, n):
    return [[real(f"{name}{i}{j}") for j in range(1, n + 1)] for i in range(1, n + 1)]


def transpose(a):
    return [list(column) for column in zip(*a, strict=True)]


def product(a, b):
    return [[total(x * y for x, y in zip(row, column, strict=True)) for column in transpose(b)] for row in a]


def inner(a, b):
    """tr(A^T B)."""
    return total(x * y for row, other in zip(a, b, strict=True) for x, y in zip(row, other, strict=True))


def entries(*matrices):
    return [x for a in matrices for row in a for x in row]


def factors(n):
    m, k = matrix("m", n), matrix("k", n)
    trace = inner(product(transpose(m), m), product(transpose(k), k))
    cross = product(m, transpose(k))
    return forall(*entries(m, k), then=eq(trace, inner(cross, cross)))


@claim("lem1.factors", source=PAPER, corrects="lem1.one_definite")
def trace_is_a_square():
    """With A = M^T M and B = K^T K, tr(AB) is the squared length of M K^T, for n x n matrices with n = 1, 2, 3."""
    return family("n", range(1, 4), factors)


a, b, c = real("a"), real("b"), real("c")
p, q, r = real("p"), real("q"), real("r")
x, y, z = real("x"), real("y"), real("z")


@claim("lem1", source=PAPER, uses=["lem1.factors"], corrects="lem1.without_psd")
def two_by_two():
    """For all 2 x 2 matrices A = M^T M and B = K^T K, with triangular M = (x, y; 0, z) and K = (p, q; 0, r), tr(AB) is a sum of four
    squares, and such a sum is not negative."""
    trace = x**2 * p**2 + 2 * (x * y) * (p * q) + (y**2 + z**2) * (q**2 + r**2)
    squares = (x * p + y * q) ** 2 + (y * r) ** 2 + (z * q) ** 2 + (z * r) ** 2
    return every(forall(x, y, z, p, q, r, then=eq(trace, squares)), forall(x, y, z, r, then=x**2 + y**2 + z**2 + r**2 >= 0))


@claim("lem1.without_psd", expect="refuted", source=PAPER)
def symmetric_only():
    """Without semidefiniteness of A: tr(AB) >= 0 for symmetric A = (a, b; b, c) and positive semidefinite B = (p, q; q, r)."""
    return forall(a, b, c, p, q, r, given=[p >= 0, r >= 0, q**2 <= p * r], then=a * p + 2 * b * q + c * r >= 0)


@claim("lem1.one_definite", expect="refuted", source=PAPER)
def diagonal_only():
    """With non-negative diagonals in place of semidefiniteness: tr(AB) >= 0."""
    return forall(a, b, c, p, q, r, given=[a >= 0, c >= 0, p >= 0, r >= 0], then=a * p + 2 * b * q + c * r >= 0)


@computed("lem1.interval", source=PAPER, uses=["lem1.proof"], trust=Trust.INTERVAL)
def on_sets():
    """The trace of AB is positive for every A and B of two sets of positive definite 4 x 4 matrices (radius 1/1000)."""
    sets = [
        [[4, 1, 0, "1/3"], [1, 3, -1, 0], [0, -1, 2, "1/2"], ["1/3", 0, "1/2", 1]],
        [[2, -1, "1/5", 0], [-1, 2, -1, 0], ["1/5", -1, 3, 1], [0, 0, 1, 2]],
    ]
    boxes = [IntervalMatrix.from_exact(rows) for rows in sets]
    boxes = [IntervalMatrix(s.mid, s.rad + 1e-3) for s in boxes]
    definite = all(symmetric_eigenvalues(s).smallest.lo > 0 for s in boxes)
    image = boxes[0] @ boxes[1]
    return definite and sum(image[i, i].lo for i in range(4)) > 0
