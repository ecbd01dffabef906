"""The gradient of the loss has no global Lipschitz constant, as soon as there are two layers."""

from chain import loss, weights

from symgd import at, claim, diff, eq, family, forall, real

PAPER = "Step Size Matters in Deep Learning, section 1 (smoothness)"

a, h, K, target = real("a", "(0, oo)"), real("h", "(0, oo)"), real("K", "(0, oo)"), real("lambda_")


def difference(L):
    """The change of the first partial derivative from w_1 = 0 to w_1 = h, the other weights being a."""
    ws = weights(L)
    slope = diff(loss(ws, target), ws[0])
    for w in ws[1:]:
        slope = at(slope, w, a)
    return at(slope, ws[0], h) - at(slope, ws[0], 0)


@claim("smooth", source=PAPER, corrects="smooth.bounded")
def no_lipschitz_constant():
    """For every K the points (h, a, ..., a) and (0, a, ..., a) with a^(2L-2) > K have gradients further apart than K times their
    distance h, for L = 2, ..., 8."""
    return family("L", range(2, 9), lambda L: forall(a, h, K, target, given=[a ** (2 * L - 2) > K], then=difference(L) > K * h))


@claim("smooth.bounded", expect="refuted", source=PAPER)
def bounded():
    """For two layers the gradient changes by at most 1000 times the distance: on the line through (0, a)."""
    return forall(a, h, target, then=difference(2) <= 1000 * h)


@claim("smooth.one_layer", source=PAPER)
def one_layer():
    """For a single layer the gradient has the Lipschitz constant 1."""
    (w,) = weights(1)
    v = real("v")
    slope = diff(loss([w], target), w)
    return forall(w, v, target, then=eq((at(slope, w, v) - slope) ** 2, (v - w) ** 2))
