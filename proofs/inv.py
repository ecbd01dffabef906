"""Rescaling the layers: minima go to minima, and the step-size bound can be made as small as one likes. The scalar case is in chain.py."""

from lem1 import entries, matrix, product

from symgd import claim, eq, family, forall, real
from symgd.certify import Orthant

PAPER = "Step Size Matters in Deep Learning, invariance of minima under rescaling"

alpha, beta = real("alpha"), real("beta")


def scaled(factor, w):
    return [[factor * x for x in row] for row in w]


def layers(n, given):
    w, v = matrix("w", n), matrix("v", n)
    before, after = product(v, w), product(scaled(beta, v), scaled(alpha, w))
    return forall(alpha, beta, *entries(w, v), given=given, then=[eq(s, t) for s, t in zip(entries(after), entries(before), strict=True)])


@claim("inv.layers", source=PAPER, corrects="inv.any_factors")
def two_layers():
    """For two n x n layers, n = 1, 2, 3, and factors with product 1, the product of the layers is unchanged."""
    return family("n", range(1, 4), lambda n: layers(n, [eq(alpha * beta, 1)]))


@claim("inv.any_factors", expect="refuted", source=PAPER)
def any_factors():
    """The same for any factors: the product of the layers is unchanged."""
    return layers(2, [])


a, t, eps = real("a", "(0, oo)"), real("t", "(0, oo)"), real("eps", "(0, oo)")


def weight(L):
    """The sum in the bound of Theorem 1: the first term, and L - 1 equal ones."""
    return (a * t) ** (2 * L - 2) + (L - 1) * (a * t) ** (2 * L - 4) * (t / a ** (L - 1)) ** 2


def vanishing(L):
    return forall(a, t, eps, given=[eps * (a * t) ** (2 * L - 2) >= 2], then=2 / weight(L) < eps)


def vanishing_proof(L):
    return Orthant([(a, 0, None), (t, 0, None), (eps, 0, None)], use=[[(0, 1 / weight(L))]])


@claim("inv.bound_vanishes", source=PAPER, uses=["inv.product"], by=vanishing_proof)
def bound_vanishes():
    """The bound of Theorem 1 tends to 0 under rescaling: at w_1 = t/a^(L-1) and w_i = a t it is below eps once eps (a t)^(2L-2) >= 2."""
    return family("L", range(2, 9), vanishing)
