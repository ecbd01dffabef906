"""Example 2: f(x) = (x^2 + 1)(x - 1)^2 (x - 2)^2. The step size decides which of the two minima can be reached."""

from symgd import (
    at,
    claim,
    converges,
    diff,
    eq,
    every,
    forall,
    ne,
    orbit,
    real,
    stays,
    unique_zero,
)

PAPER = "Step Size Matters in Deep Learning, Example 2"

x = real("x")
delta = real("delta", "(0, oo)")
f = (x**2 + 1) * (x - 1) ** 2 * (x - 2) ** 2
slope, curvature = diff(f, x), diff(f, x, x)
cubic = 3 * x**3 - 6 * x**2 + 4 * x - 3
peak = real("x", "(1, 2)")


def step(size):
    """One step of gradient descent with this step size."""
    return x - size * diff(f, x)


@claim("ex2.derivative", source=PAPER)
def derivative():
    """f'(x) = 2 (x - 1)(x - 2)(3 x^3 - 6 x^2 + 4 x - 3)."""
    return forall(x, then=eq(slope, 2 * (x - 1) * (x - 2) * cubic))


@claim("ex2.thresholds", source=PAPER)
def thresholds():
    """The sharpness is 4 at x = 1 and 10 at x = 2, so the multiplier 1 - delta f'' is in [-1, 1] iff delta <= 1/2, delta <= 1/5."""
    at_1, at_2 = at(curvature, x, 1), at(curvature, x, 2)
    d = delta
    return every(
        forall(then=[eq(at_1, 4), eq(at_2, 10), eq(at(slope, x, 1), 0), eq(at(slope, x, 2), 0)]),
        forall(d, given=[d <= "1/2"], then=abs(1 - d * at_1) <= 1),
        forall(d, given=[d > "1/2"], then=abs(1 - d * at_1) > 1),
        forall(d, given=[d <= "1/5"], then=abs(1 - d * at_2) <= 1),
        forall(d, given=[d > "1/5"], then=abs(1 - d * at_2) > 1),
    )


@claim("ex2.maximum", source=PAPER)
def maximum():
    """Between the minima there is exactly one more equilibrium, the zero of the cubic, and it is a maximum: f'' < 0."""
    return unique_zero(peak, of=cubic, then=[curvature < 0, peak > "1556/1000", peak < "1557/1000"])


@claim("ex2.maximum.exact", source=PAPER)
def maximum_exact():
    """The maximum is at (2 + c)/3 with c the real cube root of 19."""
    c = real("c")
    return forall(c, given=[eq(c**3, 19)], then=eq(at(cubic, x, (2 + c) / 3), 0))


@claim("ex2.complete", source=PAPER, uses=["ex2.derivative", "ex2.maximum"])
def complete():
    """There are no further equilibria: f'(x) = 0 only at 1, at 2, and between them where the cubic vanishes."""
    return every(
        forall(real("x", "(-oo, 1]"), then=ne(slope, 0) | eq(x, 1)),
        forall(real("x", "[2, oo)"), then=ne(slope, 0) | eq(x, 2)),
        unique_zero(peak, of=slope, then=[curvature < 0]),
    )


@claim("ex2.maximum.unstable", source=PAPER, uses=["ex2.maximum"])
def unstable():
    """The maximum is unstable for every step size: where f'' < 0, the multiplier exceeds 1."""
    h = real("h", "(-oo, 0)")
    return forall(h, delta, then=1 - delta * h > 1)


@claim("ex2.converges", source=PAPER)
def neighbourhood():
    """At delta = 3/10 every start in [19/20, 21/20] converges to 1, and the distance shrinks by at least 3/4 in each step."""
    start = [x >= "19/20", x <= "21/20"]
    return orbit({x: step("3/10")}, start=start, then=[{"rate": "3/4", "to": [1]}])


@claim("ex2.repelled", source=PAPER)
def repelled():
    """At delta = 3/10 the minimum at 2 repels: |x_(k+1) - 2| > |x_k - 2| for every x_k other than 2 within 1/20 of it. So the
    iterates converge to 2 only by landing on it, from a countable set of starts (a point has at most five preimages)."""
    return forall(x, given=[ne(x, 2), abs(x - 2) <= "1/20"], then=abs(step("3/10") - 2) > abs(x - 2))


@claim("ex2.repelled.all", source=PAPER)
def repelled_for_all_steps():
    """For every delta > 1/5 the minimum at 2 repels: the multiplier 1 - 10 delta is below -1."""
    return forall(real("delta", "(1/5, oo)"), then=1 - delta * at(curvature, x, 2) < -1)


@claim("ex2.one_minimum", source=PAPER, uses=["ex2.converges", "ex2.repelled", "ex2.complete", "ex2.maximum.unstable"])
def one_minimum():
    """For 1/5 < delta < 1/2 only the minimum at 1 is linearly stable: its multiplier is inside (-1, 1), that of 2 is not."""
    d = real("delta", "(1/5, 1/2)")
    return forall(d, then=[abs(1 - d * at(curvature, x, 1)) < 1, abs(1 - d * at(curvature, x, 2)) > 1])


@claim("ex2.strict", expect="refuted", source=PAPER)
def strict():
    """As printed, convergence to 1 only if delta is smaller than 1/2: at delta = 1/2 some iterate of every start within 1/100 stays
    off 1 by at least half its first distance."""
    two = at(step("1/2"), x, step("1/2"))
    return forall(x, given=[x >= "99/100", x <= "101/100", ne(x, 1)], then=abs(two - 1) >= abs(x - 1))


@claim("ex2.boundary", source=PAPER, corrects="ex2.strict")
def boundary():
    """At delta = 1/2 exactly, and at 1/5 exactly, the minima still attract: every other iterate from [99/100, 101/100] converges to 1,
    and from [199/100, 201/100] to 2 (the flips are supercritical). So the conditions are delta <= 1/2 and delta <= 1/5."""
    half, fifth = step("1/2"), step("1/5")
    return every(
        orbit({x: at(half, x, half)}, start=[x >= "99/100", x <= "101/100"], then=[converges(1)]),
        orbit({x: at(fifth, x, fifth)}, start=[x >= "199/100", x <= "201/100"], then=[converges(2)]),
    )


@claim("ex2.flip", source=PAPER, uses=["ex2.boundary"])
def supercritical():
    """With g the map at delta = 1/2 and 1/5, (g'')^2/4 + g'''/6 is 11 at x = 1 and 1484/25 at x = 2: positive, so the flips, where the
    multipliers are -1, are supercritical."""

    def at_flip(size, point, value):
        g = step(size)
        second, third = diff(g, x, x), diff(g, x, x, x)
        return [eq(at(diff(g, x), x, point), -1), eq(at(second**2 / 4 + third / 6, x, point), value)]

    return forall(then=[*at_flip("1/2", 1, 11), *at_flip("1/5", 2, "1484/25")])


@claim("ex2.trapped", source=PAPER, uses=["ex2.repelled", "ex2.complete"])
def trapped():
    """At delta = 3/10 the band [17/10, 209/100] around 2 is kept for ever. Its one equilibrium is 2, which repels: the iterates of
    all but countably many starts there never converge to an equilibrium, while f stays below f(17/10) < 1."""
    band = [x >= "17/10", x <= "209/100"]
    return every(orbit({x: step("3/10")}, start=band, then=[stays(*band)]), forall(x, given=band, then=[ne(slope, 0) | eq(x, 2), f < 1]))
