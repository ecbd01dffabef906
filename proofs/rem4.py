"""Remark 4: a deep linear network from the identity is a linear residual network from zero, step by step.

With W_i = I + U_i the two losses are the same function of their weights, up to a translation; so the gradients agree, and one step of
gradient descent on the W_i is the translation of one step on the U_i.
"""

from symgd import at, claim, diff, eq, every, expr, family, forall, prod, real, total

PAPER = "Step Size Matters in Deep Learning, Remark 4"

target, delta = real("lambda_"), real("delta", "(0, oo)")


def chain_loss(weights, target):
    return expr("1/2") * (prod(weights) - target) ** 2


def translated(term, plain, residual):
    """The term with 1 + u in place of each w."""
    for w, u in zip(plain, residual, strict=True):
        term = at(term, w, 1 + u)
    return term


def scalar(L):
    ws, us = ([real(f"{x}{i}") for i in range(1, L + 1)] for x in "wu")
    network, residual = chain_loss(ws, target), chain_loss([1 + u for u in us], target)
    steps = [translated(w - delta * diff(network, w), ws, us) for w in ws]
    return forall(*us, target, delta, then=[eq(step, 1 + (u - delta * diff(residual, u))) for step, u in zip(steps, us, strict=True)])


@claim("rem4.scalar", source=PAPER, uses=["chain.equal"])
def scalar_layers():
    """For L = 1, ..., 6 scalar layers: one step from the weights 1 + u_i of the network leads to 1 + u_i', with u_i' one step from u_i of
    the residual network."""
    return family("L", range(1, 7), scalar)


@claim("rem4.start", source=PAPER)
def same_start():
    """The loss at u = 0 is that of the network at the identity, L = 1, ..., 6."""
    return family("L", range(1, 7), lambda L: forall(target, then=eq(chain_loss([expr(1) + 0] * L, target), (1 - target) ** 2 / 2)))


def matrix(name):
    return [[real(f"{name}{i}{j}") for j in (1, 2)] for i in (1, 2)]


def multiplied(a, b):
    return [[total(a[i][k] * b[k][j] for k in (0, 1)) for j in (0, 1)] for i in (0, 1)]


def matrix_loss(second, first, goal):
    product = multiplied(second, first)
    return expr("1/2") * total((product[i][j] - goal[i][j]) ** 2 for i in (0, 1) for j in (0, 1))


def plus_identity(m):
    return [[m[i][j] + 1 if i == j else m[i][j] for j in (0, 1)] for i in (0, 1)]


def entries(*matrices):
    return [x for m in matrices for row in m for x in row]


@claim("rem4", source=PAPER, uses=["rem4.scalar", "thm1.gradient.proof"])
def matrix_layers():
    """Two 2 x 2 layers: one step on (W_1, W_2) = (I + U_1, I + U_2) with target R is I + one step on (U_1, U_2) of the residual network
    x -> (I + U_2)(I + U_1) x, in each of the eight weights."""
    w1, w2, u1, u2, r = (matrix(name) for name in ("v", "w", "a", "b", "r"))
    network, residual = matrix_loss(w2, w1, r), matrix_loss(plus_identity(u2), plus_identity(u1), r)
    plain, moved = entries(w1, w2), entries(u1, u2)
    ones = entries(plus_identity(u1), plus_identity(u2))

    def at_identity(term):
        for w, value in zip(plain, ones, strict=True):
            term = at(term, w, value)
        return term

    def claimed(w, u, start):
        return eq(at_identity(w - delta * diff(network, w)), start - delta * diff(residual, u))

    return every(*(forall(*moved, *entries(r), delta, then=claimed(w, u, v)) for w, u, v in zip(plain, moved, ones, strict=True)))
