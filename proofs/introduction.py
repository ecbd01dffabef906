"""The four conclusions that the introduction draws from the examples."""

from ex1 import delta, descent
from ex1 import f as power_loss
from ex1 import x as x1
from ex2 import step as two_minima_step

from symgd import at, claim, converges, diff, diverges, eq, every, forall, orbit, real, stays
from symgd.certify import Approach, Auto, Escape, Orbit

PAPER = "Step Size Matters in Deep Learning, Introduction"

x = real("x")


@claim("intro.error", source=PAPER, uses=["ex1.converges", "ex1.orbit"])
def training_error():
    """Convergence of the training error does not imply convergence to an optimum: on the orbit of ex1 the error is constantly
    delta^3/12, above the minimum 0, while the iterates jump by delta^2/2 in each step."""
    q = delta**2 / 4
    return forall(
        delta,
        then=[
            eq(at(power_loss, x1, q), delta**3 / 12),
            eq(at(power_loss, x1, -q), delta**3 / 12),
            delta**3 / 12 > 0,
            eq(abs(at(descent, x1, q) - q), delta**2 / 2),
        ],
    )


@claim("intro.magnitude", source=PAPER, uses=["ex1.converges"])
def magnitude():
    """The step size sets the magnitude of the oscillation: the amplitude delta^2/4 of ex1 grows with delta, and takes every value."""
    d, a = real("d", "(0, oo)"), real("a", "(0, oo)")
    return every(forall(d, delta, given=[d < delta], then=d**2 / 4 < delta**2 / 4), forall(a, then=eq((2 * a) ** 2 / 4, a**2)))


@claim("intro.restricts", source=PAPER, uses=["ex2.one_minimum", "ex2.trapped", "ex2.converges"])
def restricts():
    """The step size restricts the optima that can be reached: in ex2, starts in [199/100, 201/100] converge to the minimum at 2 with
    delta = 1/10, and with delta = 3/10 they stay in [17/10, 209/100] without approaching it."""
    near = [x >= "199/100", x <= "201/100"]
    return every(
        orbit({x: two_minima_step("1/10")}, start=near, then=[converges(2)]),
        orbit({x: two_minima_step("3/10")}, start=[x >= "17/10", x <= "209/100"], then=[stays(x >= "17/10", x <= "209/100")]),
        forall(x, given=[*near], then=abs(two_minima_step("3/10") - 2) >= abs(x - 2)),
    )


fates = x - diff(x**4, x) / 2  # ex3 with L = 4, delta = 1/2: the threshold is 1


@claim(
    "intro.starts",
    source=PAPER,
    uses=["ex3.converges", "ex3.orbit", "ex3.diverges"],
    by=[Orbit([Approach([x > -1, x < 1])]), Auto(), Orbit([Escape([abs(x) > 1], measure=abs(x))])],
)
def starts():
    """One step size acts differently on different starts: in ex3 with L = 4 and delta = 1/2 the start 1/2 leads to 0, the start 1
    to the orbit of period 2, and the start 2 to infinity."""
    return every(
        orbit({x: fates}, start=[eq(x, "1/2")], then=[converges(0)]),
        forall(then=[eq(at(fates, x, 1), -1), eq(at(fates, x, -1), 1)]),
        orbit({x: fates}, start=[eq(x, 2)], then=[diverges()]),
    )
