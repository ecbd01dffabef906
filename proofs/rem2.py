"""Remark 2: the larger the norm of the target, the smaller the admissible step, for two layers or more."""

from symgd import claim, family, forall, real
from symgd.certify import Orthant

PAPER = "Step Size Matters in Deep Learning, Remark 2"

t, h = real("t", "(0, oo)"), real("h", "(0, oo)")


def smaller(L):
    """rho = t^L against (t + h)^L in the bound 2/(L rho^(2(L-1)/L)) of Corollary 1."""
    n = 2 * L - 2
    return forall(t, h, then=2 / (L * (t + h) ** n) < 2 / (L * t**n))


@claim("rem2.printed", expect="refuted", source=PAPER)
def as_printed():
    """As printed, for every L >= 1: for a larger norm of the target the largest admissible step of Corollary 1 is smaller."""
    return family("L", range(1, 5), smaller)


@claim("rem2", source=PAPER, corrects="rem2.printed", by=lambda L: Orthant([(t, 0, None), (h, 0, None)]))
def larger_norm_smaller_step():
    """For L = 2, ..., 16: for a larger norm of the target the largest admissible step of Corollary 1 is smaller."""
    return family("L", range(2, 17), smaller)


delta, c, rho = real("delta", "(0, oo)"), real("c", "(0, oo)"), real("t", "(0, oo)")


@claim(
    "rem2.certificate",
    source=PAPER,
    uses=["cor2.root"],
    by=Orthant([(rho, 0, None), (delta, 0, None), (c, 0, None)], use=[[(0, c / 2), (1, rho)]]),
)
def large_step_small_norm():
    """A step that converged bounds the norm, here for L = 2: delta rho <= 1; with delta >= 1/c the norm is at most c."""
    return forall(rho, delta, c, given=[2 * delta * rho <= 2, delta * c >= 1], then=rho <= c)
