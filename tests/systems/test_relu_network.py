"""Facts about two-layer ReLU networks with a fixed activation pattern: Nar and Sastry 2018, Theorem 4."""

import pytest
import sympy as sp
from sympy import Matrix, Rational

from symgd.systems import GradientMap, ReluNetwork

SIZES = [(1, 1, 1, 6, Rational(1, 2)), (1, 3, 1, 4, Rational(1)), (2, 3, 2, 5, Rational(1, 2)), (3, 2, 1, 4, Rational(2, 7))]


def number(seed):
    return Rational((seed * 7919) % 37 - 18, 1 + (seed * 31) % 7) + Rational(1, 1009)


def network(n, m, k, samples, factor):
    inputs = [[number(3 * i + 11 * a + 1) for a in range(n)] for i in range(samples)]
    targets = [[number(5 * i + 13 * c + 2) for c in range(k)] for i in range(samples)]
    return ReluNetwork(inputs, targets, [number(17 * h + 3) for h in range(m)], factor)


def parameters(n, m, k):
    return Matrix(k, m, lambda c, h: number(19 * c + 23 * h + 4)), Matrix(m, n, lambda h, a: number(29 * h + 41 * a + 5))


def letters(n, m, k):
    outgoing = Matrix(k, m, lambda c, h: sp.Symbol(f"w{c}_{h}", real=True))
    incoming = Matrix(m, n, lambda h, a: sp.Symbol(f"v{h}_{a}", real=True))
    return outgoing, incoming


@pytest.mark.parametrize(("n", "m", "k", "samples", "factor"), SIZES)
def test_gradient_and_hessian_agree_with_entrywise_differentiation(n, m, k, samples, factor):
    net, (W, V), (Ws, Vs) = network(n, m, k, samples, factor), parameters(n, m, k), letters(n, m, k)
    pattern = net.activation_pattern(V)
    assert m == 1 or len({active for row in pattern for active in row}) == 2
    loss = net.loss(Ws, Vs, pattern)
    entries = [*Ws, *Vs]
    where = dict(zip(entries, [*W, *V], strict=True))
    slopes = [sp.diff(loss, entry) for entry in entries]
    by_w, by_v = net.gradient(W, V)
    assert [*by_w, *by_v] == [s.xreplace(where) for s in slopes]
    assert net.hessian(W, V) == Matrix([[sp.diff(s, entry).xreplace(where) for entry in entries] for s in slopes])


def test_the_general_gradient_map_with_max_gives_the_same():
    net, (W, V), (Ws, Vs) = network(1, 2, 1, 3, Rational(1, 2)), parameters(1, 2, 1), letters(1, 2, 1)
    loss = sum(
        (sum(Ws[h] * sp.Max(0, Vs[h] * x[0] - net.biases[h]) for h in range(2)) - y[0]) ** 2 / 2
        for x, y in zip(net.inputs, net.targets, strict=True)
    )
    system = GradientMap(loss, (*Ws, *Vs), Rational(1, 100))
    local = system.at([*W, *V])
    by_w, by_v = net.gradient(W, V)
    assert list(local.gradient) == [*by_w, *by_v]
    assert local.hessian == net.hessian(W, V)
    assert list(local.image) == [entry for matrix in net.gd_step(W, V, Rational(1, 100)) for entry in matrix]


def test_residuals_and_loss_of_a_network_by_hand():
    net = ReluNetwork([1, -1], [1, 0], [0, 0])
    W, V = [[2, 3]], [[1], [-1]]
    assert net.activation_pattern(V) == ((True, False), (False, True))
    assert [e[0] for e in net.residuals(W, V)] == [1, 3]
    assert net.loss(W, V) == 5
    assert ReluNetwork([1, -1], [1, 0], [0, 0], 1).loss(W, V) == 10


def test_inactive_units_do_not_move():
    net = ReluNetwork([1, 2], [1, 1], [0, 5, -1])
    W, V = [[1, 1, 1]], [[1], [2], [1]]
    assert net.inactive_units(V) == (1,)
    moved_w, moved_v = net.gd_step(W, V, Rational(1, 10))
    assert (moved_w[0, 1], moved_v[1, 0]) == (1, 2)
    smaller = net.without_units([1])
    kept_w, kept_v = Matrix([[1, 1]]), Matrix([[1], [1]])
    assert smaller.loss(kept_w, kept_v) == net.loss(W, V)
    hessian = Matrix(net.hessian(W, V))
    for index in (4, 1):
        hessian.row_del(index)
        hessian.col_del(index)
    assert smaller.hessian(kept_w, kept_v) == hessian


def test_a_given_pattern_may_lie_on_the_kink():
    net = ReluNetwork([1], [1], [1])
    assert net.loss([[3]], [[1]], ((True,),)) == net.loss([[3]], [[1]], ((False,),)) == Rational(1, 2)
    assert net.gradient([[3]], [[1]], ((True,),))[1][0] == -3
    assert net.gradient([[3]], [[1]], ((False,),))[1][0] == 0


def test_one_sample_one_unit_sharpness_bounds_the_product():
    # λ_max ≥ φ² + ‖x‖²w² ≥ 2‖x‖|f̂| at zero residual, equality when φ = |x| |w|
    net = ReluNetwork([2], [4], [0])
    hessian = net.hessian([[1]], [[2]])
    assert hessian.det() == 0
    assert hessian.trace() == 4**2 + 2**2
    balanced = ReluNetwork([2], [8], [0]).hessian([[2]], [[2]])
    assert balanced.trace() == 2 * 2 * 8
