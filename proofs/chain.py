"""The scalar deep linear network: loss (1/2)(w_L ... w_1 - lambda)^2. What every statement about it shares."""

from functools import cache

from symgd import claim, diff, eq, expr, family, forall, prod, real, total
from symgd.certify import Approach, Cases, Have, Known, Orbit, Orthant

PAPER = "Step Size Matters in Deep Learning, section 3 (scalar case)"


def weights(L, interval="(-oo, oo)"):
    return [real(f"w{i}", interval) for i in range(1, L + 1)]


def loss(ws, target):
    return expr("1/2") * (prod(ws) - target) ** 2


@cache
def power_sum(w, t, L):
    """The sum of w^j t^(L-1-j) over j < L, which is (w^L - t^L)/(w - t)."""
    return total(w**j * t ** (L - 1 - j) for j in range(L))


def step(w, t, delta, L):
    """Gradient descent from equal weights: w <- w - delta w^(L-1) (w^L - lambda), with lambda = t^L."""
    return w - delta * w ** (L - 1) * (w**L - t**L)


def falls_to_zero(w, f, multiplier, signs, sublinear=False):
    """w falls to 0, for 0 <= f(w) < w if 0 < w <= 1, by the one hypothesis times the multiplier; `signs` bounds the parameters. Only the
    first inequality needs w <= 1, and with it many terms. For a sublinear rate 0 < f(w)."""
    high, positive = 2, 3  # hypotheses by number, after w >= 0
    resting = Orthant(pick=(0, 0, 1, 1, 0, 0, 0, 1, 0)) if sublinear else Known()
    moving = Have(
        f > 0 if sublinear else f >= 0,
        Orthant([*signs, (w, 0, 1)], use=[[(0, multiplier)]]),
        Orthant([(w, 0, None), *signs], use=[[(positive, 1)], [(high, 1)], [], [(positive, 1)], [], [], [], [(positive, 1)]], flip=(7,)),
    )
    return Orbit([Approach([w >= 0, w <= 1], by=Cases(w, (0,), [Known(), resting, moving]))])


target = real("lambda_")
equal = real("w")


def equal_weights(L):
    ws = weights(L)
    return forall(
        *ws,
        equal,
        target,
        given=[eq(w, equal) for w in ws],
        then=[eq(diff(loss(ws, target), w), equal ** (L - 1) * (equal**L - target)) for w in ws],
    )


@claim("chain.equal", source=PAPER)
def equal_weights_stay_equal():
    """At equal weights every partial derivative of the loss is w^(L-1)(w^L - lambda), so that equal weights stay equal."""
    return family("L", range(1, 13), equal_weights)


def hessian(L):
    ws = weights(L)
    f = loss(ws, target)
    entries = [eq(diff(f, ws[i], ws[j]) * ws[i] * ws[j], target**2) for i in range(L) for j in range(i, L)]
    return forall(*ws, target, given=[eq(prod(ws), target)], then=entries)


@claim("chain.hessian", source=PAPER)
def hessian_at_a_minimum():
    """At a minimum w_L ... w_1 = lambda the Hessian has the entries lambda^2/(w_i w_j): rank one, sharpness lambda^2 sum 1/w_i^2."""
    return family("L", range(1, 7), hessian)


def rescaled(L):
    ws, scales = weights(L), [real(f"a{i}") for i in range(1, L + 1)]
    return forall(*ws, *scales, given=[eq(prod(scales), 1)], then=eq(prod(a * w for a, w in zip(scales, ws, strict=True)), prod(ws)))


@claim("inv.product", source="Step Size Matters in Deep Learning, invariance of minima under rescaling")
def invariance():
    """Rescaling the layers by factors with product 1 leaves the product, and so every loss of it, unchanged. The rescaling has a
    continuous inverse, so it carries local minima to local minima."""
    return family("L", range(1, 17), rescaled)


def sharper(L):
    a, t = real("a", "(0, oo)"), real("t", "(0, oo)")
    first = (a ** (L - 1) * t ** (L - 1)) ** 2  # (w_2 ... w_L)^2 at w_1 = t/a^(L-1), the other weights a t
    return forall(a, t, given=[a >= 1], then=first >= t ** (2 * L - 2) * a ** (2 * L - 2))


@claim("inv.no_step", source="Step Size Matters in Deep Learning, after Theorem 1", uses=["inv.product", "chain.hessian"])
def no_step_size_for_all():
    """By rescaling, minima of any sharpness occur: at w_1 = t/a^(L-1) and w_i = a t otherwise the Hessian has the diagonal entry
    (w_2 ... w_L)^2 >= (a t)^(2L-2), so no step size admits all minima."""
    return family("L", range(2, 17), sharper)
