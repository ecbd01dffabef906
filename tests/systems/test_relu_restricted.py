"""Facts about a ReLU network's loss on one activation pattern, as polynomials for statements."""

from fractions import Fraction

import pytest
import sympy as sp

from symgd import LanguageError, to_sympy
from symgd.systems import ReluNetwork
from symgd.systems.errors import SystemsError


def network(n, m, k):
    inputs = [[sp.Rational(i + 1, 3 + a) * (-1) ** i for a in range(n)] for i in range(5)]
    targets = [[sp.Rational(2 * i - c, 7) for c in range(k)] for i in range(5)]
    return ReluNetwork(inputs, targets, [sp.Rational(2 * h - 1, 5) for h in range(m)], sp.Rational(2, 3))


def weights(n, m, k):
    W = [[sp.Rational(3 * c - 2 * h + 1, 4) for h in range(m)] for c in range(k)]
    V = [[sp.Rational(h - 2 * a + 3, 5) + sp.Rational(1, 101) for a in range(n)] for h in range(m)]
    return W, V


def texts(rows):
    return [[str(q) for q in row] for row in rows]


@pytest.mark.parametrize("size", [(1, 1, 1), (1, 3, 1), (2, 2, 2), (3, 2, 1)])
def test_the_restricted_gradient_is_the_gradient_of_the_network(size):
    net, (W, V) = network(*size), weights(*size)
    found = net.restricted(net.activation_pattern(V)).gradient(texts(W), texts(V))
    by_w, by_v = net.gradient(W, V)
    assert [to_sympy(e) for e in found] == [*by_w, *by_v]


@pytest.mark.parametrize("size", [(1, 3, 1), (2, 2, 2)])
def test_the_conditions_hold_for_the_pattern_of_the_weights_and_for_no_other(size):
    net, (_, V) = network(*size), weights(*size)

    def hold(pattern):
        relations = net.restricted(pattern).conditions(texts(V))
        values = [(r.op, Fraction(str(to_sympy(r.lhs))), Fraction(str(to_sympy(r.rhs)))) for r in relations]
        return all(a > b if op == ">" else a < b for op, a, b in values)

    right = net.activation_pattern(V)
    assert hold(right)
    for i in range(len(right)):
        row = (not right[i][0], *right[i][1:])
        assert not hold((*right[:i], row, *right[i + 1 :]))


def test_wrong_shapes_and_irrational_data_are_refused():
    net = network(1, 2, 1)
    pattern = net.activation_pattern(weights(1, 2, 1)[1])
    with pytest.raises(SystemsError, match="W: 1 rows of 2"):
        net.restricted(pattern).gradient([["1"]], [["1"], ["2"]])
    with pytest.raises(SystemsError, match="rational"):
        ReluNetwork([sp.sqrt(2)], [1], [1]).restricted(((True,),)).conditions([["1"]])
    with pytest.raises((SystemsError, LanguageError)):
        net.restricted(pattern[:1])
