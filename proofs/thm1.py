"""Theorem 1: the step size bounds the solutions of a deep linear network that gradient descent can reach.

The proof for all dimensions and every global minimum is thm1.proof. Here: the scalar chain, certified instances, a family of global
minima with a rank bottleneck, and a strict saddle of four layers at which the inequality fails.
"""

from fractions import Fraction

import sympy as sp
from chain import loss, weights
from lem1 import entries, inner, product, transpose

from symgd import Trust, at, claim, computed, diff, eq, every, expr, family, forall, from_sympy, prod, real, total
from symgd.certify import Orthant
from symgd.enclosures.linalg import IntervalMatrix, symmetric_eigenvalues
from symgd.systems import DerivationError, MatrixChain, TopValue, matrix_chain, step_bound

PAPER = "Step Size Matters in Deep Learning, Theorem 1"

target = real("lambda_")


def eigenvector(L):
    ws = weights(L)
    f = loss(ws, target)
    others = [prod([w for w in ws if w is not v]) for v in ws]  # p_(j-1) q_(j+1) up to sign
    weight = total(g**2 for g in others)
    rows = [
        eq(total(diff(f, v, w) * g for w, g in zip(ws, others, strict=True)), weight * other) for v, other in zip(ws, others, strict=True)
    ]
    return forall(*ws, target, given=[eq(prod(ws), target)], then=rows)


@claim("thm1.scalar", source=PAPER, uses=["chain.hessian"])
def scalar_chain():
    """At a minimum of the scalar chain the sum of p_(j-1)^2 q_(j+1)^2 is an eigenvalue of the Hessian, whose rank is one: the bound is
    the true threshold, for L = 1, ..., 6."""
    return family("L", range(1, 7), eigenvector)


def quarter(*rows):
    return [[Fraction(x, 4) for x in row] for row in rows]


NETWORKS = [  # layers, and whether the bound is attained
    ([quarter((4, 1), (2, 5))], True),
    ([quarter((4, 1), (2, 5)), quarter((3, -2), (1, 4))], False),
    ([quarter((4, 1, 2), (2, 5, -3)), quarter((3, -2), (1, 4), (2, 2)), quarter((5, 1, -1))], False),
    ([quarter((4, 1), (2, 5)), quarter((3, -2)), quarter((2,), (5,)), quarter((1, 3), (2, -2))], False),
    ([quarter((6, 1), (1, 6))] * 8, True),
]


@computed("thm1.depths", source=PAPER, uses=["thm1.gradient.proof", "thm1.error-map.proof"])
def depths():
    """The gradient by the middle layer for L = 2, ..., 8 and the error map for L = 2, ..., 5, derived again layer by layer with symbolic
    widths, each step checked, and against entries at rational matrices of unequal widths."""
    try:
        for L in range(2, 9):
            MatrixChain(L).gradient((L + 1) // 2).check()
        for L in range(2, 6):
            MatrixChain(L).error_map().check()
    except DerivationError:
        return False
    return True


@computed("thm1.instances", source=PAPER, uses=["thm1.proof"], trust=Trust.INTERVAL)
def instances():
    """On rational networks with 2, 3 and 4 layers, widths 2-2-1-2-2 among them, the true threshold is certainly smaller than the
    bound; with one layer, and with 8 equal symmetric ones, both are the same within 1e-6."""
    for network, equal in NETWORKS:
        found = step_bound(network)
        if not (found.verdict is TopValue.SIMPLE and found.tightness < 1e-6):
            return False
        if equal:
            if not found.threshold.hull(found.bound).width <= found.bound.lo / 10**6:
                return False
        elif not found.threshold.hi < found.bound.lo:
            return False
    return True


# --- every critical point --------------------------------------------------------------------------------------------------


def rectangle(name, m, n):
    return [[real(f"{name}{i}{j}") for j in range(1, n + 1)] for i in range(1, m + 1)]


def two_layers(hidden):
    """Two layers with 2 inputs, 2 outputs and so many hidden units: both layers, the product and the residual."""
    first, second, goal = rectangle("v", hidden, 2), rectangle("w", 2, hidden), rectangle("r", 2, 2)
    reached = product(second, first)
    return first, second, goal, reached, [[x - y for x, y in zip(*rows, strict=True)] for rows in zip(reached, goal, strict=True)]


def critical(hidden):
    first, second, goal, reached, error = two_layers(hidden)
    slopes = [*entries(product(error, transpose(first))), *entries(product(transpose(second), error))]
    products = [*entries(product(error, transpose(reached))), *entries(product(transpose(reached), error))]
    return forall(*entries(first, second, goal), given=[eq(s, 0) for s in slopes], then=[eq(s, 0) for s in products])


def critical_proof(hidden):
    """E R^T = (E W_1^T) W_2^T and R^T E = W_1^T (W_2^T E)."""
    first, second, *_ = two_layers(hidden)
    left = [[(i * hidden + k, second[j][k]) for k in range(hidden)] for i in (0, 1) for j in (0, 1)]
    right = [[(2 * hidden + 2 * k + j, first[k][i]) for k in range(hidden)] for i in (0, 1) for j in (0, 1)]
    return Orthant(use=left + right)


@claim("thm1.critical", source=PAPER, by=critical_proof)
def every_critical_point():
    """At every critical point the residual E is orthogonal to the product of the layers: E R^T = 0 = R^T E, so that E v = 0 and
    E^T u = 0. Two layers, two inputs and outputs, and one, two or three hidden units; the gradient is E W_1^T and W_2^T E."""
    return family("hidden", (1, 2, 3), critical)


# --- a global minimum with a rank bottleneck: widths 2-1-2, W_1 = (t, 0), W_2 = (s; 0), R = diag(s t, r), |r| <= s t -----------------

a, b, c, d = (real(x) for x in "abcd")
s, t, r = real("s", "(0, oo)"), real("t", "(0, oo)"), real("r")
bottleneck = ((c * a - s * t) ** 2 + (c * b) ** 2 + (d * a) ** 2 + (d * b - r) ** 2) / 2
place = [(a, t), (b, 0), (c, s), (d, 0)]


def there(e):
    for x, value in place:
        e = at(e, x, value)
    return e


@claim("thm1.bottleneck", source=PAPER, uses=["thm1.bottleneck.proof"])
def rank_bottleneck():
    """At these minima, whose residual r need not vanish, the gradient is zero, and s^2 + t^2, the sum of the bound, is an eigenvalue
    of the Hessian with the test direction (s, 0, t, 0)."""
    variables = (a, b, c, d)
    slopes = [eq(there(diff(bottleneck, x)), 0) for x in variables]
    direction = dict(zip(variables, (s, 0, t, 0), strict=True))
    images = [eq(total(there(diff(bottleneck, x, y)) * direction[y] for y in variables), (s**2 + t**2) * direction[x]) for x in variables]
    return forall(s, t, r, then=[*slopes, *images])


BOTTLENECKS = [
    [[[1, 2]], [[2], [1]]],
    [[[1, 2], [0, 1]], [[1, 1]], [[2], [1]]],
    [[[1, 2], [0, 1], [1, 1]], [[1, 0, 1]], [[2], [1]]],
    [[[1, 2], [0, 1]], [[1, 1]], [[2], [1]], [[1, 0], [1, 1]]],
    [[[1, 2], [0, 1], [1, -1]], [[1, 1, 0]], [[2]], [[1], [3]]],
    [[[1, 2]], [[3]], [[2], [1]]],
    [[[1, 2]], [[3]], [[-1]], [[2], [1]]],
]


@computed("thm1.bottlenecks", source=PAPER, uses=["thm1.proof"], trust=Trust.INTERVAL)
def bottlenecks():
    """At rational global minima with a rank bottleneck and a residual that is not zero (equal hidden widths 2-1-2, 2-1-1-2, 2-1-1-1-2, and
    2-2-1-2, 2-3-1-2, 2-2-1-2-2, 2-3-1-1-2), the gradient vanishes exactly and the enclosed sharpness is at least the sum of the bound,
    up to 1e-9."""
    for network in BOTTLENECKS:
        reached = matrix_chain.end_to_end(network)  # of rank one; half of it, turned on both sides, is orthogonal to it
        turn = sp.Matrix([[0, -1], [1, 0]])
        target_matrix = sp.Matrix(reached) + turn * sp.Matrix(reached) * turn.T / 2
        if reached.rank() != 1 or not all(g.is_zero_matrix for g in matrix_chain.gradient(network, target_matrix)):
            return False
        hessian = [[Fraction(int(x.p), int(x.q)) for x in row] for row in matrix_chain.hessian(network, target_matrix).tolist()]
        spectrum, weight = symmetric_eigenvalues(IntervalMatrix.from_exact(hessian)), step_bound(network).weight
        slack = weight.hi / 10**9
        if not (spectrum.smallest.lo > -slack and spectrum.largest.lo > weight.hi - slack):
            return False
    return True


# --- a strict saddle of four layers -------------------------------------------------------------------------------------------------

SADDLE = [[[2, 1], [1, 0]], [[0, 1], [0, 0]], [[0, 0], [1, 0]], [[2, 1], [1, 0]]]


def hessian_at(value):
    return sp.Matrix(matrix_chain.hessian(SADDLE, [[1, 0], [0, value]]))


CONSTANT = hessian_at(0)
SLOPE = hessian_at(1) - CONSTANT  # the Hessian is affine in the target


def moved(direction, step):
    """The loss along a direction from the saddle, for the target diag(1, r)."""
    layers = [
        [[x + step * y for x, y in zip(*rows, strict=True)] for rows in zip(w, e, strict=True)]
        for w, e in zip(SADDLE, direction, strict=True)
    ]
    result = layers[0]
    for layer in layers[1:]:
        result = product(layer, result)
    error = [[result[0][0] - 1, result[0][1]], [result[1][0], result[1][1] - r]]
    return inner(error, error) / 2


def test_direction():
    """H_j = W_(L:j+1)^T u v^T W_(j-1:1)^T with u = v = (1, 0), the singular vectors of the product diag(1, 0)."""
    below, above = [sp.eye(2)], [sp.eye(2)]
    for w in SADDLE[:-1]:
        below.append(sp.Matrix(w) * below[-1])
    for w in reversed(SADDLE[1:]):
        above.append(above[-1] * sp.Matrix(w))
    u = sp.Matrix([1, 0])
    return [[[int(x) for x in row] for row in (q.T * u * u.T * p.T).tolist()] for p, q in zip(below, reversed(above), strict=True)]


h = real("h")


@claim("thm1.global", source=PAPER, uses=["thm1.proof"], corrects="thm1.saddle")
def at_the_minimum():
    """The same weights are critical for every target diag(1, r), and where r^2 <= 1 (global minima) the second derivative of the loss
    along the test direction of squared length 12 is at least 12 times 12: the sharpness is at least the sum 12 of the bound."""
    direction = test_direction()
    along = moved(direction, h)
    length = sum(x * x for layer in direction for row in layer for x in row)
    slopes = []
    for j in range(4):
        for i in (0, 1):
            for k in (0, 1):
                unit = [[[int((j, i, k) == (l, m, n)) for n in (0, 1)] for m in (0, 1)] for l in range(4)]  # noqa: E741
                slopes.append(eq(at(diff(moved(unit, h), h), h, 0), 0))
    return every(
        forall(r, then=slopes),
        forall(then=eq(expr(length), 12)),
        forall(r, given=[r <= 1, r >= -1], then=at(diff(along, h, h), h, 0) >= 12 * length),
    )


def minors():
    """The leading principal minors of 12 - Hessian as polynomials in r."""
    x = sp.Symbol("r")
    matrix = (12 * sp.eye(16) - CONSTANT - x * SLOPE).tolist()
    ring = sp.polys.matrices.DomainMatrix.from_Matrix(sp.Matrix(matrix)).convert_to(sp.QQ[x])
    return [ring.extract(list(range(k)), list(range(k))).charpoly()[-1] * (-1) ** k for k in range(1, 17)]


@claim("thm1.saddle", expect="refuted", source=PAPER)
def at_every_critical_point():
    """At every critical point: for four 2 x 2 layers and the targets diag(1, r), the Hessian reaches the sum 12 of the bound, so that
    12 - Hessian is not positive definite, and one of its leading principal minors is not positive."""
    clause = None
    for minor in minors():
        polynomial = from_sympy(sp.QQ[sp.Symbol("r")].to_sympy(minor)) <= 0
        clause = polynomial if clause is None else clause | polynomial
    return forall(real("r"), then=[clause])


@computed("thm1.saddle.enclosed", source=PAPER, uses=["thm1.gradient.proof"], trust=Trust.INTERVAL)
def saddle_enclosed():
    """At the strict saddle with target diag(1, 3) the gradient vanishes exactly, the Hessian has a negative eigenvalue, its largest is
    below 11, and the sum of the bound is 12."""
    r3 = [[1, 0], [0, 3]]
    if not all(g.is_zero_matrix for g in matrix_chain.gradient(SADDLE, r3)):
        return False
    hessian = [[Fraction(int(x)) for x in row] for row in matrix_chain.hessian(SADDLE, r3).tolist()]
    spectrum = symmetric_eigenvalues(IntervalMatrix.from_exact(hessian))
    weight = step_bound(SADDLE).weight
    return spectrum.smallest.hi < 0 and spectrum.largest.hi < 11 and 12 in weight and weight.lo > 11
