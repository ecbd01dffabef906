"""Inequalities between polynomials from others: sums of squares, the S-procedure, performance estimation. True ones are proved at trust
kernel, and their false neighbours refuted."""

import copy
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgd import Outcome, Trust, eq, forall, kernel, real, sqrt
from symgd.certify import Search, certify
from symgd.certify.semidefinite import Blocks, centre, diagonalised, rounded, solutions
from symgd.settle import hunt
from symgd.systems import interpolation

x, y, z, u, v = (real(n) for n in "xyzuv")
g0, g1, g2, f0, f1, f2 = (real(n) for n in ("g0", "g1", "g2", "f0", "f1", "f2"))
s, t = real("s", "(0, 1)"), real("t", "(0, 1)")
p, q = real("p", "[0, 1]"), real("q", "[0, 1]")
step, size, mu, L = real("delta", "(0, 1]"), real("alpha", "(0, oo)"), real("mu", "(0, 1)"), real("L", "(0, oo)")
now, before = real("s", "[1, oo)"), real("t", "[1, oo)")


def descent(steps, h, rate, smoothness=1, extra=()):
    """f(x_N) - f* <= rate |x_0|^2 after so many steps h on a smooth convex function with minimiser 0."""
    slopes, values, points = (g0, g1, g2)[: steps + 1], (f0, f1, f2)[: steps + 1], [x]
    for slope in slopes[:-1]:
        points.append(points[-1] - h * slope)
    known = interpolation([(0, 0, 0), *zip(points, slopes, values, strict=True)], smoothness)
    return forall(x, *slopes, *values, *extra, given=known, then=values[-1] <= rate * x**2)


def contraction(factor):
    """One step on a smooth and strongly convex function is a contraction."""
    known = interpolation([(x, u, f0), (y, v, f1)], 1, mu)
    return forall(x, y, u, v, f0, f1, step, mu, given=known, then=(x - step * u - (y - step * v)) ** 2 <= factor**2 * (x - y) ** 2)


def accelerated(drop):
    """The potential of Nesterov's method does not increase, with y = (1 - 1/s) x + z/s and s (s - 1) <= t^2."""
    y = (1 - 1 / now) * x + z / now
    known = [f1 >= f0 + g0 * (x - y), f0 - g0 * y <= 0, f2 <= f0 - drop * g0**2, f1 >= 0, now * (now - 1) <= before**2]
    then = now**2 * f2 + (z - now * g0) ** 2 / 2 <= before**2 * f1 + z**2 / 2
    return forall(x, z, g0, f0, f1, f2, now, before, given=known, then=then)


def imbalance(most):
    """For (x y - 1)^2/2, steps with delta |x y - 1| <= most do not increase |x^2 - y^2|."""
    r = x * y - 1
    after = (x - step * r * y) ** 2 - (y - step * r * x) ** 2
    return forall(x, y, step, given=[step * r <= most, step * r >= -most], then=after**2 <= (x**2 - y**2) ** 2)


def two_layers(most):
    """For (x y - 1)^2/2 in a box, steps up to `most` do not increase the loss."""
    a, b, h = real("a", "[0, 2]"), real("b", "[0, 2]"), real("h", f"[0, {most}]")
    r = a * b - 1
    return forall(a, b, h, then=((a - h * r * b) * (b - h * r * a) - 1) ** 2 <= r**2)


def growth(factor):
    """A strongly convex function grows like a square, and has the PL inequality."""
    known = interpolation([(0, 0, 0), (x, u, f0)], None, mu)
    return forall(x, u, f0, mu, given=known, then=[f0 >= mu * x**2 / 2, 2 * factor * mu * f0 <= u**2])


def plane(rate):
    """One step in the plane."""
    a, b, c = ([real(f"{n}1"), real(f"{n}2")] for n in "abc")
    after = [p - q for p, q in zip(a, b, strict=True)]
    return forall(
        *a,
        *b,
        *c,
        f0,
        f1,
        given=interpolation([([0, 0], [0, 0], 0), (a, b, f0), (after, c, f1)]),
        then=f1 <= rate * (a[0] ** 2 + a[1] ** 2),
    )


TRUE = {
    "square": forall(x, y, then=(x**3 - y**3) * (x - y) >= 0),
    "three": forall(x, y, z, then=x**4 + y**4 + z**4 >= x * y * z * (x + y + z)),
    "Motzkin times a positive polynomial": forall(x, y, then=(x**2 + y**2 + 1) * (x**4 * y**2 + x**2 * y**4 - 3 * x**2 * y**2 + 1) >= 0),
    "strict": forall(x, y, then=x**4 - 3 * x * y + y**4 + 2 > 0),
    "strict in one variable": forall(x, then=x**6 - 3 * x**2 + 3 > 0),
    "balanced minima are flattest": forall(x, y, given=[eq(x * y, 1)], then=x**2 + y**2 >= 2),
    "disc": forall(x, y, given=[x**2 + y**2 <= 1], then=x + y <= "3/2"),
    "circle": forall(x, y, given=[eq(x**2 + y**2, 1)], then=x**4 + y**4 >= "1/2"),
    "strict on a circle": forall(x, y, given=[eq(x**2 + y**2, 1)], then=x + y < "3/2"),
    "box": forall(p, q, then=p + q - p * q <= 1),
    "logistic loss in the plane": forall(s, t, u, v, then=s * (1 - s) * (u + v) ** 2 + t * (1 - t) * (u - v) ** 2 <= (u**2 + v**2) / 2),
    "Cauchy-Schwarz": forall(x, y, z, u, v, s, then=(x * u + y * v + z * s) ** 2 <= (x**2 + y**2 + z**2) * (u**2 + v**2 + s**2)),
    "divisor": forall(x, y, then=x * y / (x**2 + y**2 + 1) <= "1/2"),
    "divisors": forall(x, y, then=1 / (1 + x**2) + 1 / (1 + y**2) <= 2),
    "divisor in a hypothesis": forall(x, y, given=[x / (1 + y**2) >= 1], then=x >= 1 + y**2),
    "either": forall(
        x,
        u,
        v,
        f0,
        f1,
        given=[*interpolation([(0, 0, 0), (x, u, f0), (x - u / 2, v, f1)], None), u**2 <= 1, v**2 <= 1, x**2 <= 1],
        then=(f0 <= "3/4") | (f1 <= "3/4"),
    ),
    "extragradient": forall(
        x, y, step, then=(x - step * (y + step * x)) ** 2 + (y + step * (x - step * y)) ** 2 <= (1 - step**2 + step**4) * (x**2 + y**2)
    ),
    "descent, one step": descent(1, 1, Fraction(1, 6)),
    "descent, two steps": descent(2, 1, Fraction(1, 10)),
    "descent, every step": descent(1, step, 1 / (4 * step + 2), extra=[step]),
    "descent, every smoothness": descent(1, 1 / L, L / 6, L, [L]),
    "descent in the plane": plane(Fraction(1, 6)),
    "descent lemma": forall(
        x,
        u,
        v,
        f0,
        f1,
        size,
        L,
        given=interpolation([(x, u, f0), (x - size * u, v, f1)], L, -L),
        then=f1 <= f0 - size * (1 - L * size / 2) * u**2,
    ),
    "cocoercive": forall(x, y, u, v, f0, f1, given=interpolation([(x, u, f0), (y, v, f1)]), then=(u - v) ** 2 <= (u - v) * (x - y)),
    "proximal point": forall(x, u, f1, size, given=interpolation([(0, 0, 0), (x - size * u, u, f1)], None), then=f1 <= x**2 / (4 * size)),
    "Jensen": forall(
        x, y, u, v, f0, f1, g2, f2, given=interpolation([(x, u, f0), (y, v, f1), ((x + y) / 2, g2, f2)], None), then=f2 <= (f0 + f1) / 2
    ),
    "PL": forall(
        f0,
        f1,
        u,
        mu,
        step,
        given=[u**2 >= 2 * mu * f0, f1 <= f0 - step * (1 - step / 2) * u**2],
        then=f1 <= (1 - mu * step * (2 - step)) * f0,
    ),
    "contraction": contraction(1 - step * mu),
    "Nesterov": accelerated(Fraction(1, 2)),
    "triangle": forall(x, y, u, v, then=sqrt((x + u) ** 2 + (y + v) ** 2) <= sqrt(x**2 + y**2) + sqrt(u**2 + v**2)),
    "Cauchy-Schwarz with roots": forall(x, y, u, v, then=x * u + y * v <= sqrt(x**2 + y**2) * sqrt(u**2 + v**2)),
    "pseudo-Huber": forall(x, y, then=abs(sqrt(1 + x**2) - sqrt(1 + y**2)) <= abs(x - y)),
    "AdaGrad": forall(p, size, then=p / (2 * sqrt(p + size)) <= sqrt(p + size) - sqrt(size)),
    "imbalance of two layers": imbalance(1),
    "small steps decrease the loss of two layers": two_layers(Fraction(1, 16)),
    "quadratic growth and PL": growth(1),
    "determinant": forall(size, u, v, x, y, given=[size * v >= u**2], then=size * x**2 + 2 * u * x * y + v * y**2 >= 0),
    "diagonal dominance": forall(z, u, v, x, y, given=[z >= abs(u), v >= abs(u)], then=z * x**2 + 2 * u * x * y + v * y**2 >= 0),
}

FALSE = {
    "square": forall(x, y, then=(x**3 - y**3) * (x - 2 * y) >= 0),
    "three": forall(x, y, z, then=x**4 + y**4 + z**4 >= "101/100" * x * y * z * (x + y + z)),
    "strict": forall(x, y, then=x**4 - 4 * x * y + y**4 + 2 > 0),
    "strict where it touches": forall(x, y, then=(x - y) ** 2 > 0),
    "balanced minima are flattest": forall(x, y, given=[eq(x * y, 1)], then=x**2 + y**2 > 2),
    "disc": forall(x, y, given=[x**2 + y**2 <= 1], then=x + y <= "7/5"),
    "circle": forall(x, y, given=[eq(x**2 + y**2, 1)], then=x**4 + y**4 >= "51/100"),
    "box": forall(p, q, then=p + q - p * q < 1),
    "divisor": forall(x, y, then=x * y / (x**2 + y**2 + 1) <= "49/100"),
    "divisor of either sign": forall(x, y, given=[x / (1 - y**2) >= 1], then=x >= 1 - y**2),
    "descent, one step": descent(1, 1, Fraction(1, 7)),
    "descent, two steps": descent(2, 1, Fraction(1, 11)),
    "descent, every step": descent(1, step, 1 / (4 * step + Fraction(21, 10)), extra=[step]),
    "cocoercive": forall(
        x, y, u, v, f0, f1, given=interpolation([(x, u, f0), (y, v, f1)]), then=(u - v) ** 2 <= "99/100" * (u - v) * (x - y)
    ),
    "contraction": contraction(1 - Fraction(101, 100) * step * mu),
    "without one inequality": forall(
        x, y, u, v, f0, f1, given=interpolation([(x, u, f0), (y, v, f1)])[:1], then=(u - v) ** 2 <= (u - v) * (x - y)
    ),
    "Nesterov": accelerated(Fraction(49, 100)),
    "triangle": forall(x, y, u, v, then=sqrt((x + u) ** 2 + (y + v) ** 2) <= sqrt(x**2 + y**2) + "99/100" * sqrt(u**2 + v**2)),
    "Cauchy-Schwarz with roots": forall(x, y, u, v, then=x * u + y * v <= "99/100" * sqrt(x**2 + y**2) * sqrt(u**2 + v**2)),
    "pseudo-Huber": forall(x, y, then=abs(sqrt(1 + x**2) - sqrt(1 + y**2)) <= "99/100" * abs(x - y)),
    "AdaGrad": forall(p, size, then="51/100" * p / sqrt(p + size) <= sqrt(p + size) - sqrt(size)),
    "imbalance of two layers": imbalance(2),
    "small steps decrease the loss of two layers": two_layers(Fraction(1, 2)),
    "quadratic growth and PL": growth(Fraction(101, 100)),
    "determinant": forall(size, u, v, x, y, given=[size * v >= u**2], then=size * x**2 + "201/100" * u * x * y + v * y**2 >= 0),
    "diagonal dominance": forall(z, u, v, x, y, given=[z >= abs(u), v >= u], then=z * x**2 + 2 * u * x * y + v * y**2 >= 0),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_ones_are_proved(name):
    verdict = certify(TRUE[name], Search(seconds=60))
    assert (verdict.outcome, verdict.trust) == (Outcome.PROVED, Trust.KERNEL), str(verdict)


@pytest.mark.parametrize("name", FALSE)
def test_false_ones_are_refuted(name):
    verdict = certify(FALSE[name], Search(seconds=40, hunt=hunt))
    assert (verdict.outcome, verdict.trust) == (Outcome.REFUTED, Trust.KERNEL), str(verdict)


@pytest.mark.parametrize("name", ["strict", "descent, two steps", "Nesterov"])
def test_changed_numbers_are_rejected_or_prove_it_still(name):
    """Every number of the certificate changed a little: the kernel says "proved" of the true statement or rejects, and it rejects most."""
    statement = TRUE[name]
    certificate = dict(certify(statement, Search(seconds=60)).certificate)
    rejected = tried = 0
    for path in list(numbers(certificate["proof"], ()))[:60]:
        changed = copy.deepcopy(certificate)
        place = changed["proof"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = str(Fraction(place[path[-1]]) + Fraction(1, 97))
        tried += 1
        try:
            assert kernel.check(statement.data, changed) == "proved"
        except kernel.Reject:
            rejected += 1
    assert tried >= 5
    assert rejected > 0.5 * tried


def numbers(node, path):
    """Where the multipliers of a certificate have numbers."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, part in items:
        if isinstance(part, (dict, list)):
            yield from numbers(part, (*path, key))
        elif (
            "use" in path
            and not isinstance(part, bool)
            and path[-1] != "use"
            and key != 0
            and str(part).lstrip("-").replace("/", "").isdigit()
        ):
            yield (*path, key)


# --- the numbers behind it ---------------------------------------------------------------------------------------------

ENTRIES = st.integers(-4, 4).map(Fraction)


@given(st.lists(st.lists(ENTRIES, min_size=3, max_size=3), min_size=1, max_size=3))
def test_a_sum_of_squares_is_found_again(rows):
    matrix = [[sum((r[i] * r[j] for r in rows), Fraction(0)) for j in range(3)] for i in range(3)]
    squares = diagonalised(matrix)
    assert squares is not None
    assert all(c > 0 for c, _ in squares)
    assert matrix == [[sum((c * w[i] * w[j] for c, w in squares), Fraction(0)) for j in range(3)] for i in range(3)]


@given(st.lists(ENTRIES, min_size=6, max_size=6))
def test_what_is_not_positive_semidefinite_has_no_squares(entries):
    a, b, c, d, e, f = entries
    matrix = [[a, b, c], [b, d, e], [c, e, f]]
    least = np.linalg.eigvalsh(np.array(matrix, dtype=float))[0]
    assert abs(least) < 1e-9 or (diagonalised(matrix) is None) == (least < 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(ENTRIES, min_size=4, max_size=4), min_size=1, max_size=3), st.lists(ENTRIES, min_size=4, max_size=4))
def test_the_solutions_of_equations_are_solutions(matrix, point):
    rows = [{k: c for k, c in enumerate(row) if c} for row in matrix]
    right = [sum((c * a for c, a in zip(row, point, strict=True)), Fraction(0)) for row in matrix]
    found = solutions(Blocks((), 4), rows, right)
    assert found is not None
    for shift in range(3):
        values = found.at([Fraction(shift + k) for k in range(len(found.names))])
        assert [sum((c * a for c, a in zip(row, values, strict=True)), Fraction(0)) for row in matrix] == right


def test_equations_that_contradict_each_other_have_none():
    assert solutions(Blocks((), 2), [{0: Fraction(1)}, {0: Fraction(2)}], [Fraction(1), Fraction(1)]) is None


@pytest.mark.parametrize(("corner", "sign"), [(Fraction(1), 1), (Fraction(1, 4), 0), (Fraction(1, 5), -1)])
def test_the_centre_tells_the_sign_of_the_largest_least_eigenvalue(corner, sign):
    """[[1, 1/2], [1/2, corner]], of which the determinant is corner - 1/4."""
    found = solutions(Blocks((2,)), [{k: Fraction(1)} for k in range(3)], [Fraction(1), Fraction(1, 2), corner])
    assert found is not None
    best = centre(found.floats(), lambda: None, 1e-6)
    assert best is not None
    least = float(np.linalg.eigvalsh([[1.0, 0.5], [0.5, float(corner)]])[0])
    assert best.least <= least + 1e-6
    assert {1: best.least > 0, 0: abs(best.least) < 1e-5, -1: best.least + best.gap < 0}[sign]
    exact: Sequence[object] | None = rounded(found, best.y)
    assert (exact is None) == (sign < 0)
