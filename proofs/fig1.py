"""Figure 1: the shape of the graph of Example 2, f(x) = (x^2 + 1)(x - 1)^2 (x - 2)^2."""

from symgd import claim, eq, forall, ne, real, unique_zero

PAPER = "Step Size Matters in Deep Learning, Figure 1"

x = real("x")
f = (x**2 + 1) * (x - 1) ** 2 * (x - 2) ** 2
peak = real("x", "(1, 2)")


@claim("fig1.minima", source=PAPER)
def minima():
    """f is 0 at x = 1 and at x = 2, and positive everywhere else: these are its two global minima."""
    return forall(x, then=[f >= 0, ne(f, 0) | eq((x - 1) * (x - 2), 0)])


@claim("fig1.peak", source=PAPER)
def peak_value():
    """Between the minima f has one stationary point, a maximum, where f is between 208/1000 and 209/1000."""
    return unique_zero(peak, of=3 * x**3 - 6 * x**2 + 4 * x - 3, then=[f > "208/1000", f < "209/1000"])
