"""Theorem 4 away from zero residual: two-layer ReLU networks with two outputs and two hidden units refute it.

The theorem's proof linearises where every residual vanishes. At a strict local minimum whose residuals do not vanish the
sharpness can be smaller than 2 |x_1| ||f(x_1)||, and gradient descent with a step in between converges there from an open set.

One input, two outputs, two hidden units, four samples. Variables: the inputs x, the targets y, the biases b, the outgoing
weights w (w_k_h of unit h to output k) and the incoming weights v. ReLU is written with `relu`, which has no derivative at its
kink: at a point where the gradient vanishes, every unit is strictly active or strictly inactive on every sample.
The stored counterexample comes from an ascent over networks that were parametrised by hand, and was certified and shrunk by the
search. From the claims alone, `symgd search` refutes both, too, each in about a minute and by networks with small rational data.
"""

from fractions import Fraction

from symgd import claim, eq, family, forall, function, real, sqrt, total
from symgd.certify import Auto, Have, Orthant
from symgd.search import CriticalPoint, Known

SAMPLES = (1, 2, 3, 4)
SIZE = "[-8, 8]"  # the search needs no bounds to be right, but it is faster with them; the first input is 1 by scaling
x = {i: real(f"x{i}", "[1, 1]" if i == 1 else SIZE) for i in SAMPLES}
y = {(i, k): real(f"y{i}_{k}", "[-64, 64]") for i in SAMPLES for k in (1, 2)}
b = {h: real(f"b{h}", SIZE) for h in (1, 2)}
w = {(k, h): real(f"w{k}_{h}", SIZE) for h in (1, 2) for k in (1, 2)}
v = {h: real(f"v{h}", SIZE) for h in (1, 2)}
delta = real("delta", "(0, oo)")

fitted = {(i, k): total(w[k, h] * function("relu", v[h] * x[i] - b[h]) for h in (1, 2)) for i in SAMPLES for k in (1, 2)}
loss = total((fitted[i, k] - y[i, k]) ** 2 for i in SAMPLES for k in (1, 2)) / 2
minimum = CriticalPoint(loss, (*w.values(), *v.values()))
data = (*x.values(), *y.values(), *b.values())
active = [v[h] * x[1] - b[h] >= Fraction(1, 10) for h in (1, 2)]

FOUND = {
    "x1": "1",
    "x2": "-1/2",
    "x3": "-1/4",
    "x4": "-6/5",
    "y1_1": "-557/10",
    "y1_2": "-159/5",
    "y2_1": "-45",
    "y2_2": "-13/2",
    "y3_1": "-111/20",
    "y3_2": "-389/20",
    "y4_1": "-35/2",
    "y4_2": "24",
    "b1": "-9/2",
    "b2": "-3/2",
    "w1_1": "-5",
    "w2_1": "0",
    "w1_2": "-5",
    "w2_2": "-5",
    "v1": "0",
    "v2": "5",
}


@claim("thm4.nonzero_residual", expect="refuted", source="Theorem 4", by=Known(FOUND))
def sharpness():
    """At every strict local minimum, on whose first sample both units are active, the sharpness is at least 2 |x_1| ||f(x_1)||."""
    return minimum.statement(*data, given=active, repels=1 / (abs(x[1]) * sqrt(fitted[1, 1] ** 2 + fitted[1, 2] ** 2)))


@claim("thm4.nonzero_residual.step", expect="refuted", source="Theorem 4", by=Known({**FOUND, "delta": "7/447"}))
def step():
    """If gradient descent with step delta is attracted to a strict local minimum, then delta |x_1| ||f(x_1)|| <= 1."""
    return minimum.statement(
        delta, *data, given=active, steps=[delta], then=delta**2 * x[1] ** 2 * (fitted[1, 1] ** 2 + fitted[1, 2] ** 2) <= 1
    )


# --- the repaired form -----------------------------------------------------------------------------------------------

r = real("r", "(0, oo)")
sharp = real("Lambda", "[0, oo)")


def unit(phi, size):
    """The direction dw = s w, dv = t x of one unit with output phi and outgoing weights of this length: (s, t, its squared length)."""
    s, t = phi**2 / (phi**2 + r**2 * size**2), phi * size**2 / (phi**2 + r**2 * size**2)
    return s, t, s**2 * size**2 + t**2 * r**2


def positive(*variables):
    return [(v, 0, None) for v in variables]


def cost_proof():
    """phi q/(2 r) minus the squared length is phi q (phi - r q)^2/(2 r (phi^2 + r^2 q^2))."""
    phi, size = real("phi"), real("q")
    factor = phi * size / (2 * r * (phi**2 + r**2 * size**2))
    return Have((phi - r * size) ** 2 >= 0, Auto(), Orthant(positive(phi, size, r), use=[[], [(0, factor)]]))


@claim("thm4.repaired.unit", source="Theorem 4, repaired", by=cost_proof())
def cost():
    """One active unit with outgoing weights of length q > 0: with s, t as chosen the output's part changes by itself, s phi + t r^2 =
    phi, and the squared length s^2 q^2 + t^2 r^2 of the direction is at most phi q/(2 r)."""
    phi, size = real("phi", "(0, oo)"), real("q", "(0, oo)")
    s, t, length = unit(phi, size)
    return forall(phi, size, r, then=[eq(s * phi + t * r**2, phi), length <= phi * size / (2 * r)])


def repaired_bound(m, conclusion):
    """Lambda bounds the second variation |f|^2 along the direction whose squared length is Sum_h cost_h, cost_h <= phi_h q_h/(2 r)."""
    phi, size, costs = ([real(f"{name}{h}", "[0, oo)") for h in range(1, m + 1)] for name in ("phi", "q", "cost"))
    first, second = ([real(f"w{k}_{h}") for h in range(1, m + 1)] for k in (1, 2))
    square = total(p * w for p, w in zip(phi, first, strict=True)) ** 2 + total(p * w for p, w in zip(phi, second, strict=True)) ** 2
    given = [2 * r * c <= p * q for c, p, q in zip(costs, phi, size, strict=True)] + [square <= sharp * total(costs)]
    return [*phi, *size, *costs, *first, *second, r, sharp], given, conclusion(square, total(p * q for p, q in zip(phi, size, strict=True)))


@claim("thm4.repaired", corrects="thm4.nonzero_residual", source="Theorem 4", uses=["thm4.repaired.unit", "thm4.second_variation"],
       by=lambda m: Orthant(positive(r, sharp), use=[[*((h, sharp) for h in range(m)), (m, 2 * r)]]))  # fmt: skip
def repaired():
    """One to three active units, two outputs, any residual: at a minimum the sharpness Lambda is at least
    2 ||x|| ||f(x)||^2 / Sum_h ||w_h|| phi_h(x)."""

    def width(m):
        names, given, then = repaired_bound(m, lambda square, weight: 2 * r * square <= sharp * weight)
        return forall(*names, given=given, then=then)

    return family("m", (1, 2, 3), width)


F2, S = real("F2", "[0, oo)"), real("S", "[0, oo)")
STEP = Orthant(positive(S, delta), use=[[(0, delta / 2), (1, S / 2)]])


@claim("thm4.repaired.step", corrects="thm4.nonzero_residual.step", source="Theorem 4, repaired", uses=["thm4.repaired"], by=STEP)
def repaired_step():
    """If gradient descent with step delta is attracted to such a minimum, then delta ||x|| ||f(x)||^2 <= Sum_h ||w_h|| phi_h(x)."""
    return forall(F2, S, r, sharp, delta, given=[2 * r * F2 <= sharp * S, delta * sharp <= 2], then=delta * r * F2 <= S)
