"""Lemma 2: the largest eigenvalue of f(X) = sum A_i X B_i from one rank-one matrix u v^T. Symmetry is enough for the inequality."""

from lem1 import entries, inner, matrix, product, transpose

from symgd import Trust, claim, computed, eq, family, forall, real, total
from symgd.enclosures.linalg import IntervalMatrix, sum_of_products_bound

PAPER = "Step Size Matters in Deep Learning, Lemma 2"


def symmetric(name, n):
    return [[real(f"{name}{min(i, j)}{max(i, j)}") for j in range(1, n + 1)] for i in range(1, n + 1)]


def vector(name, n):
    return [[real(f"{name}{i}")] for i in range(1, n + 1)]


def variables(*matrices):
    return list({v.name: v for v in entries(*matrices)}.values())


def image(lefts, rights, x):
    terms = [product(product(left, x), right) for left, right in zip(lefts, rights, strict=True)]
    return [[total(t[i][j] for t in terms) for j in range(len(x[0]))] for i in range(len(x))]


def operator(terms, n, kind=symmetric):
    return [kind(f"a{i}_", n) for i in range(terms)], [kind(f"b{i}_", n) for i in range(terms)]


def self_adjoint(kind):
    lefts, rights = operator(2, 2, kind)
    x, y = matrix("x", 2), matrix("y", 2)
    return forall(*variables(*lefts, *rights, x, y), then=eq(inner(image(lefts, rights, x), y), inner(x, image(lefts, rights, y))))


@claim("lem2.symmetric", source=PAPER, corrects="lem2.any_matrices")
def f_is_symmetric():
    """The operator with two terms and symmetric 2 x 2 matrices is symmetric: <f(X), Y> = <X, f(Y)>."""
    return self_adjoint(symmetric)


@claim("lem2.any_matrices", expect="refuted", source=PAPER)
def without_symmetry():
    """The same without symmetry of the A_i and B_i: <f(X), Y> = <X, f(Y)>."""
    return self_adjoint(matrix)


def rayleigh(terms):
    lefts, rights = operator(terms, 2)
    u, v = vector("u", 2), vector("v", 2)
    dyad = product(u, transpose(v))
    forms = total(inner(u, product(left, u)) * inner(v, product(right, v)) for left, right in zip(lefts, rights, strict=True))
    return forall(
        *variables(*lefts, *rights, u, v),
        then=[eq(inner(dyad, image(lefts, rights, dyad)), forms), eq(inner(dyad, dyad), inner(u, u) * inner(v, v))],
    )


@claim("lem2", source=PAPER, uses=["lem2.symmetric"])
def test_direction():
    """The Rayleigh quotient of f at u v^T is sum (u^T A_i u)(v^T B_i v) / (|u|^2 |v|^2), a lower bound of the largest eigenvalue, for
    one, two and three terms and symmetric 2 x 2 matrices; semidefiniteness is not needed."""
    return family("terms", range(1, 4), rayleigh)


def squares(terms):
    ms, ks = operator(terms, 2, matrix)
    x = matrix("x", 2)
    lefts, rights = [product(transpose(m), m) for m in ms], [product(transpose(k), k) for k in ks]
    lengths = [product(product(m, x), transpose(k)) for m, k in zip(ms, ks, strict=True)]
    return forall(*variables(*ms, *ks, x), then=eq(inner(x, image(lefts, rights, x)), total(inner(y, y) for y in lengths)))


@claim("lem2.psd", source=PAPER, uses=["lem1.factors"], corrects="lem2.without_psd")
def semidefinite():
    """With A_i = M_i^T M_i and B_i = K_i^T K_i, <X, f(X)> is the sum of the squared lengths of M_i X K_i^T (one and two terms)."""
    return family("terms", range(1, 3), squares)


@claim("lem2.without_psd", expect="refuted", source=PAPER)
def symmetric_only():
    """Symmetric A_i and B_i make f positive semidefinite: <X, f(X)> >= 0 for one term."""
    (left,), (right,) = operator(1, 2)
    x = matrix("x", 2)
    return forall(*variables(left, right, x), then=inner(x, product(product(left, x), right)) >= 0)


@computed("lem2.interval", source=PAPER, uses=["lem2.proof"], trust=Trust.INTERVAL)
def on_sets():
    """On sets of symmetric matrices, the quotient of u v^T does not exceed an enclosed upper bound of the largest eigenvalue of f."""
    lefts = [[[2, 1], [1, 3]], [[1, "-1/2"], ["-1/2", 1]]]
    rights = [[[1, 0, 1], [0, 2, 0], [1, 0, 4]], [[3, 1, 0], [1, 1, 0], [0, 0, 1]]]
    boxes = [[IntervalMatrix.from_exact(rows) for rows in side] for side in (lefts, rights)]
    boxes = [[IntervalMatrix(s.mid, s.rad + 1e-3) for s in side] for side in boxes]
    u, v = IntervalMatrix.from_exact([[1], [2]]), IntervalMatrix.from_exact([[1], [0], [2]])
    forms = [((u.T @ a @ u)[0, 0], (v.T @ b @ v)[0, 0]) for a, b in zip(*boxes, strict=True)]
    quotient = sum(x.hi * y.hi for x, y in forms) / 25
    above = sum_of_products_bound(*boxes, near=float(quotient) * 1.25)
    return 0 < quotient <= above < 1.5 * quotient
