"""Theorem 4 at kernel trust: two-layer ReLU networks for small widths, with the activation pattern held fixed.

phi_h >= 0 is the output of hidden unit h at the sample x, w_h its outgoing weights, r = ||x||, and f^ = Sum_h w_h phi_h. The sharpness
Lambda is at least the second variation of the loss in any direction over the squared length of the direction; gradient descent converges
from almost no start unless delta Lambda <= 2. The statements name the direction and bound the second variation along it.
General widths are derivations (derivations_matrix.py for one output, derivations_relu.py for the repaired form).
"""

from symgd import at, claim, diff, eq, every, expr, family, forall, real, total
from symgd.certify import Auto, Have, Orthant

PAPER = "Step Size Matters in Deep Learning, Theorem 4"
r = real("r", "(0, oo)")
Lambda = real("Lambda")
delta = real("delta", "(0, oo)")


def units(m, name, interval="(-oo, oo)"):
    return [real(f"{name}{h}", interval) for h in range(1, m + 1)]


def one_output(m):
    """The block of one sample for one output: the squared length s of the direction dw = phi, dv_h = w_h x, and the output."""
    phi, w = units(m, "phi", "[0, oo)"), units(m, "w")
    s = total(p**2 + r**2 * q**2 for p, q in zip(phi, w, strict=True))
    return phi, w, s, total(p * q for p, q in zip(phi, w, strict=True))


def squares(m):
    """(phi_h - r w_h)^2 >= 0 and (phi_h + r w_h)^2 >= 0 for each unit, and their sums."""
    phi, w, _, _ = one_output(m)
    facts = [(p + sign * r * q) ** 2 >= 0 for p, q in zip(phi, w, strict=True) for sign in (-1, 1)]
    proof = Orthant(use=[[(2 * h + k, 1) for h in range(m)] for k in (0, 1)])
    for fact in reversed(facts):
        proof = Have(fact, Auto(), proof)
    return proof


@claim("thm4.block", source=PAPER, by=squares)
def block():
    """One output, one, two or three active units: 2 ||x|| |fhat(x)| is at most s = Sum_h phi_h^2 + ||x||^2 w_h^2, for all reals."""

    def width(m):
        phi, w, s, f = one_output(m)
        return forall(*phi, *w, r, then=[2 * r * f <= s, -2 * r * f <= s])

    return family("m", (1, 2, 3), width)


@claim("thm4.bound", source=PAPER, uses=["thm4.block", "thm4.second_variation"],
       by=Orthant([(delta, 0, None)], use=[[(0, delta / 2), (1, delta / 2), (2, expr("1/2"))]]))  # fmt: skip
def bound():
    """So if the sharpness Lambda is at least s, and at most 2/delta, then ||x|| |fhat(x)| <= 1/delta."""
    s, f = real("s"), real("f")
    return forall(s, f, r, Lambda, delta, given=[2 * r * f <= s, s <= Lambda, delta * Lambda <= 2], then=delta * r * f <= 1)


def network(m, outputs, samples=2):
    """One input, m hidden units active on all samples, a sample x1 that the direction belongs to, and half the sum of squares."""
    w = [[real(f"w{c}_{h}") for h in range(1, m + 1)] for c in range(1, outputs + 1)]
    v, b = units(m, "v"), units(m, "b")
    x = [real(f"x{i}") for i in range(1, samples + 1)]
    y = [[real(f"y{i}_{c}") for c in range(1, outputs + 1)] for i in range(1, samples + 1)]
    return w, v, b, x, y


def half_squares(w, v, b, x, y):
    return expr("1/2") * total(
        (total(row[h] * (v[h] * xi - b[h]) for h in range(len(v))) - yi[c]) ** 2
        for xi, yi in zip(x, y, strict=True)
        for c, row in enumerate(w)
    )


def second_variation(m, outputs, direction):
    """The second variation of the loss in a direction (dw, dv) is the sum of squared changes of the outputs, plus twice the direction's
    multiples of the gradient. `direction(w, v, b, x1)` gives (dw, dv, multiples of the partial derivatives by v)."""
    w, v, b, x, y = network(m, outputs)
    given_names, dw, dv, multiples = direction(w, v, b, x[0])
    eps = real("eps")
    moved = half_squares(
        [[q + eps * d for q, d in zip(row, change, strict=True)] for row, change in zip(w, dw, strict=True)],
        [q + eps * d for q, d in zip(v, dv, strict=True)], b, x, y,
    )  # fmt: skip
    changes = total(
        total(dw[c][h] * (v[h] * xi - b[h]) + row[h] * dv[h] * xi for h in range(m)) ** 2 for xi in x for c, row in enumerate(w)
    )
    residual = total(q * diff(half_squares(w, v, b, x, y), vh) for q, vh in zip(multiples, v, strict=True))
    names = [*(q for row in w for q in row), *v, *b, *x, *(q for row in y for q in row), *given_names]
    return forall(*names, then=eq(at(diff(moved, eps, eps), eps, 0), changes + 2 * residual))


def along_weights(w, v, b, x1):
    """dw_h = s_h w_h and dv_h = t_h x_1."""
    m = len(v)
    s, t = units(m, "s"), units(m, "t")
    return [*s, *t], [[s[h] * row[h] for h in range(m)] for row in w], [q * x1 for q in t], [s[h] * t[h] * x1 for h in range(m)]


@claim("thm4.second_variation", source=PAPER)
def variation():
    """Stationarity removes the residuals: for one, two or three units and one or two outputs, two samples, the second variation along
    dw_h = s_h w_h, dv_h = t_h x_1 is the sum of the squared changes of the outputs plus 2 x_1 Sum_h s_h t_h dL/dv_h. With one output
    and w_h != 0, s_h = phi_h/w_h and t_h = w_h give the direction of thm4.block."""
    return every(*(second_variation(m, k, along_weights) for k in (1, 2) for m in (1, 2, 3)))


@claim("thm4.parallel", source=PAPER, uses=["thm4.second_variation"])
def parallel():
    """Two outputs whose weights are parallel, w_h = c_h u with |u| = 1: the length of the output is that of one output with weights
    c_h, so the bound holds with any residual where no c_h is zero."""

    def width(m):
        phi, c, _, f = one_output(m)
        u, z = real("u1"), real("u2")
        first, second = (total(q * d * p for q, p in zip(c, phi, strict=True)) for d in (u, z))
        return forall(*phi, *c, u, z, r, given=[eq(u**2 + z**2, 1)], then=[eq(first**2 + second**2, f**2 * (u**2 + z**2))])

    return family("m", (1, 2, 3), width)
