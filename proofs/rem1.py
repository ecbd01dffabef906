"""Remark 1: the bound of Theorem 1 is necessary, not sufficient. Systems that satisfy it at a minimum, and still do not converge."""

from symgd import at, claim, converges, diff, eq, every, expr, forall, orbit, real, stays
from symgd.certify import Cycle, Orbit, Stay

PAPER = "Step Size Matters in Deep Learning, Remark 1"

x, target = real("x"), real("lambda_")
distance = real("c", "(0, oo)")


@claim("rem1.converges", expect="refuted", source=PAPER, by=Cycle({"x": 1}, 2, at={"lambda_": 0}))
def bound_is_sufficient():
    """If the step size satisfies the bound at the minimum, gradient descent converges to it (one layer, delta = 2, from any start)."""
    return orbit({x: x - 2 * (x - target)}, params=[target], start=[], then=[converges(target)])


@claim("rem1.oscillates", source=PAPER, corrects="rem1.converges", by=Orbit([Stay([eq((x - target) ** 2, distance)])]))
def oscillation():
    """One layer: delta = 2 satisfies the bound, which is 2 for every target, with equality; from every start but the minimum the
    distance to it stays the same, so gradient descent oscillates."""
    return orbit(
        {x: x - 2 * (x - target)},
        params=[target, distance],
        start=[eq((x - target) ** 2, distance)],
        then=[stays(eq((x - target) ** 2, distance))],
    )


w, v = real("w"), real("v")
Y, D = real("Y"), real("D")
half = expr("1/2")


@claim("rem1.two_layers", source=PAPER)
def two_layers():
    """Two scalar layers, target 1, delta = 1/2: the sum and the difference of the weights are multiplied by 1 - e/2 and 1 + e/2, with
    e = v w - 1, so their squares S and D move by themselves; the bound holds strictly at the minimum v = w = 1."""
    f = half * (v * w - 1) ** 2
    v_next, w_next, e = v - half * diff(f, v), w - half * diff(f, w), v * w - 1
    return every(
        forall(
            v, w,
            then=[
                eq((v_next + w_next) ** 2, (1 - e / 2) ** 2 * (v + w) ** 2),
                eq((v_next - w_next) ** 2, (1 + e / 2) ** 2 * (v - w) ** 2),
                eq(e, ((v + w) ** 2 - (v - w) ** 2) / 4 - 1),
            ],
        ),
        forall(then=half < expr(2) / (1 + 1)),
    )  # fmt: skip


@claim("rem1.orbit", source=PAPER, uses=["rem1.two_layers"])
def strict_oscillation():
    """Two scalar layers, target 1, delta = 2/3: the bound, 1 at the minimum v = w = 1, holds strictly there, and gradient descent from
    v = w = 2 alternates between (2, 2) and (-2, -2) for ever."""
    f = half * (v * w - 1) ** 2
    turns = [eq(at(at(x - 2 * diff(f, x) / 3, v, 2 * sign), w, 2 * sign), -2 * sign) for x in (v, w) for sign in (1, -1)]
    return every(forall(then=turns), forall(then=expr(2) / 3 < expr(2) / (1 + 1)))


def moved():
    """Where Y = S - 4 D - 48 and D go."""
    s = 4 * D + 48 + Y
    e = (s - D) / 4 - 1
    d_next = (1 + e / 2) ** 2 * D
    return (1 - e / 2) ** 2 * s - 4 * d_next - 48, d_next, e


@claim("rem1.never", source=PAPER, uses=["rem1.two_layers"])
def never_converges():
    """From the open set 4 D + 48 < S of weights gradient descent never comes near a minimum, although the bound holds strictly at
    some minima: in Y = S - 4 D - 48 and D, every orbit from Y, D >= 0 keeps both, and there the error e is at least 8."""
    y_next, d_next, e = moved()
    trap = [Y >= 0, D >= 0]
    return every(
        orbit({Y: y_next, D: d_next}, start=trap, then=[stays(*trap)]),
        forall(Y, D, given=trap, then=e >= 8),
    )
