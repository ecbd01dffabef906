"""Figure 2: gradient descent on a small ReLU network ends in a period-2 orbit for a large step, and at an equilibrium for a smaller one.

One input and one output, samples x_i = i/1000 for i = 1, ..., 1000, loss Sum_i (f^(x_i) - f(x_i))^2 without a factor 1/2. The target f
is a network of the same shape with the same biases. Biases, the target's weights and the starts are standard normal numbers, rounded to
two decimals and written down here, so that nothing depends on a generator. The orbits were found by running gradient descent in
floating point from `start`; they are stored as decimals, and what is claimed of them is certified from these decimals alone.

The paper's figure has 20 hidden units. There the apparent period-2 orbit kept drifting in floating point for 10^7 steps, with two-step
multipliers within 10^-6 of 1 and units at their kink, and none of 380 seeds gave an orbit that could be certified: it is not a claim
here, but evidence (fig2_twenty.py).
With 2 to 5 hidden units the same experiment has true orbits.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import lcm

from symgd import Trust, claim, computed, expr, to_sympy
from symgd.dynamics.polynomial_orbits import OrbitBox
from symgd.dynamics.spectrum import is_expanding_somewhere
from symgd.systems import Pattern, ReluNetwork

PAPER = "Step Size Matters in Deep Learning, Figure 2"
SAMPLES = 1000
LARGE, SMALL = Fraction(3, 10_000), Fraction(1, 10_000)


def fractions(text):
    """The decimals in a text, as fractions."""
    return tuple(Fraction(q) for q in text.split())


def cleared(numbers) -> tuple[list[int], int]:
    """Integers p and q > 0 such that the numbers are p/q."""
    q = lcm(*(x.denominator for x in numbers))
    return [x.numerator * (q // x.denominator) for x in numbers], q


@dataclass(frozen=True)
class Run:
    """One experiment: its data, where gradient descent starts, and near which points it ends for either step; points are (w, v)."""

    biases: tuple[Fraction, ...]
    target: tuple[Fraction, ...]
    start: tuple[Fraction, ...]
    oscillates: tuple[tuple[Fraction, ...], ...]
    converges: tuple[tuple[Fraction, ...], ...]


@cache
def data(run) -> tuple[list[Fraction], list[Fraction]]:
    """The inputs, and the outputs of the target with all units: the sum of w relu(v x - b)."""
    m = len(run.biases)
    (w, q), (vb, r) = cleared(run.target[:m]), cleared(run.target[m:] + run.biases)
    units = list(zip(w, vb[:m], vb[m:], strict=True))
    samples = range(1, SAMPLES + 1)
    targets = [sum(w * max(v * i - SAMPLES * b, 0) for w, v, b in units) for i in samples]
    return [Fraction(i, SAMPLES) for i in samples], [Fraction(y, q * r * SAMPLES) for y in targets]


@cache
def network(run, units) -> ReluNetwork:
    """The network with these hidden units, and the data that the target with all units gives."""
    return ReluNetwork(*data(run), [run.biases[h] for h in units], 1)


@cache
def pattern(run, point) -> Pattern:
    """Which units are active on which samples at these weights."""
    m = len(run.biases)
    integers, _ = cleared(point[m:] + run.biases)
    pairs = list(zip(integers[:m], integers[m:], strict=True))
    return tuple(tuple(v * i > SAMPLES * b for v, b in pairs) for i in range(1, SAMPLES + 1))


def idle_units(run, points) -> tuple[int, ...]:
    """The units that are inactive on all samples at all these points: their weights do not move."""
    return tuple(h for h in range(len(run.biases)) if not any(row[h] for p in points for row in pattern(run, p)))


@cache
def certificate(run, points, delta):
    """(the boxes of the orbit of the units that are not idle, the conditions that the activation patterns hold there)."""
    m, idle = len(run.biases), idle_units(run, points)
    kept = tuple(h for h in range(m) if h not in idle)
    losses = [network(run, kept).restricted(tuple(tuple(row[h] for h in kept) for row in pattern(run, p))) for p in points]
    n = len(kept)

    def step(k, x):
        slope = losses[k].gradient([x[:n]], [[v] for v in x[n:]])
        return [a - delta * g for a, g in zip(x, slope, strict=True)]

    reduced = tuple(tuple(p[h] for h in (*kept, *(m + h for h in kept))) for p in points)
    return OrbitBox(step, reduced, RADIUS), lambda k, x: losses[k].conditions([[v] for v in x[n:]])


RADIUS = Fraction(1, 2**30)
THREE = Run(
    biases=fractions("-0.57 0.43 -2.10"),
    target=fractions("0.79 -0.34 -0.71 -1.80 -0.25 -0.58"),
    start=fractions("-0.72 -0.26 -0.67 -2.31 -0.62 -0.28"),
    oscillates=(
        fractions("0.845356462119861 -0.26 -0.763771906375961 -1.73498739466984 -0.62 -0.631568117730279"),
        fractions("0.849754853779912 -0.26 -0.687930585128639 -1.73289937393534 -0.62 -0.646147673226985"),
    ),
    converges=(fractions("0.79 -0.26 -0.71 -1.80 -0.62 -0.58"),),
)
MOVING = Run(
    biases=fractions("0.84 -2.98 -0.31"),
    target=fractions("1.45 -1.24 0.05 1.50 -1.17 0.81"),
    start=fractions("1.90 0.45 1.63 -0.14 -0.42 0.47"),
    oscillates=(
        fractions("1.9 -0.926893634535389 -1.38503819709575 -0.14 -3.36051854448333 0.789450596956194"),
        fractions("1.9 -1.41220779242383 -1.58724935326952 -0.14 -3.23550639012415 0.973758102835054"),
    ),
    converges=(),
)
TWO = Run(
    biases=fractions("-1.61 -1.83"),
    target=fractions("0.46 -0.48 -1.72 1.61"),
    start=fractions("1.13 -1.27 -0.26 -0.70"),
    oscillates=(
        fractions("1.47261170495951 -1.21118548484335 -1.81530401586607 -0.818303719063933"),
        fractions("1.36252565903203 -1.4244663593873 -1.89252813067708 -0.729771674274685"),
    ),
    converges=(),
)
FIVE = Run(
    biases=fractions("0.57 1.38 0.24 -1.52 0.12"),
    target=fractions("0.11 -0.59 -1.64 -0.07 -1.92 -0.17 -0.02 2.44 1.09 0.89"),
    start=fractions("0.50 -0.23 -0.28 -0.55 0.82 1.40 -0.32 -0.09 0.73 1.46"),
    oscillates=(
        fractions(
            "-1.83573299287309 -0.23 -0.28 -0.236125483873981 0.0898225686768492"
            " 3.09321329574915 -0.32 -0.09 -1.77278581975758 0.0906464360359422"
        ),
        fractions(
            "-2.17195210604393 -0.23 -0.28 -0.310313342448462 0.0898225686768492"
            " 3.37172521866912 -0.32 -0.09 -1.74889672621338 0.0906464360359422"
        ),
    ),
    converges=(),
)


def orbit_statement(run, points, delta):
    box, conditions = certificate(run, points, delta)
    return box.statement(conditions)


def proof(run, points, delta):
    return certificate(run, points, delta)[0].proof


def attracts(run, points, delta):
    return certificate(run, points, delta)[0].attracts()


def follows_network(run, points, delta):
    """Whether, at the stored points, one step of the polynomial map is one step of the network with all of its units, exactly, and the
    relations of the claim hold; so that the idle units stay where they are."""
    idle, m = idle_units(run, points), len(run.biases)
    box, conditions = certificate(run, points, delta)
    moving = [h for h in range(2 * m) if h % m not in idle]
    for k, p in enumerate(points):
        w, v = network(run, tuple(range(m))).gd_step([list(map(str, p[:m]))], [[str(q)] for q in p[m:]], str(delta))
        after = [Fraction(str(q)) for q in (*w, *v)]
        x = [expr(p[h]) for h in moving]
        value = [as_exact(e) for e in box.step(k, x)]
        holds = all(as_exact(r.lhs) < as_exact(r.rhs) if r.op == "<" else as_exact(r.lhs) > as_exact(r.rhs) for r in conditions(k, x))
        if not holds or value != [after[h] for h in moving] or any(after[h] != p[h] for h in range(2 * m) if h % m in idle):
            return False
    return True


def as_exact(e):
    return Fraction(str(to_sympy(e)))


@claim("fig2.orbit", source=PAPER, by=proof(THREE, THREE.oscillates, LARGE), uses=["fig2.reduction"])
def period_two():
    """Three hidden units, delta = 3/10000: gradient descent has exactly one period-2 orbit in a box of radius 2^-30 around the stored
    points. Its activation pattern is constant: one unit active on samples 1 to 328, one on all; the third is idle on all data."""
    return orbit_statement(THREE, THREE.oscillates, LARGE)


@computed("fig2.orbit.attracts", trust=Trust.INTERVAL, source=PAPER, uses=["fig2.orbit"])
def period_two_attracts():
    """The period-2 orbit of fig2.orbit attracts: all multipliers of the two-step map are inside the unit circle."""
    return attracts(THREE, THREE.oscillates, LARGE)


@claim("fig2.equilibrium", source=PAPER, by=proof(THREE, THREE.converges, SMALL), uses=["fig2.reduction"])
def equilibrium():
    """The same network with delta = 1/10000: in a box of radius 2^-30 around the target's weights there is exactly one equilibrium."""
    return orbit_statement(THREE, THREE.converges, SMALL)


@computed("fig2.equilibrium.attracts", trust=Trust.INTERVAL, source=PAPER, uses=["fig2.equilibrium"])
def equilibrium_attracts():
    """The equilibrium of fig2.equilibrium attracts at delta = 1/10000."""
    return attracts(THREE, THREE.converges, SMALL)


@computed("fig2.equilibrium.repels", trust=Trust.INTERVAL, source=PAPER, uses=["fig2.equilibrium"])
def equilibrium_repels():
    """At delta = 3/10000 the equilibrium of fig2.equilibrium is unstable: a multiplier is outside the unit circle."""
    jacobian = certificate(THREE, THREE.converges, LARGE)[0].jacobian()
    return jacobian is not None and is_expanding_somewhere(jacobian)


@claim("fig2.orbit.kink", source=PAPER, by=proof(MOVING, MOVING.oscillates, LARGE), uses=["fig2.reduction"])
def orbit_across_kinks():
    """Another start with three hidden units, one of them idle, delta = 3/10000: exactly one period-2 orbit near the stored points, whose
    activation pattern alternates: one unit is active on samples 1 to 886 and 1 to 921 in turn."""
    return orbit_statement(MOVING, MOVING.oscillates, LARGE)


@computed("fig2.orbit.kink.attracts", trust=Trust.INTERVAL, source=PAPER, uses=["fig2.orbit.kink"])
def orbit_across_kinks_attracts():
    """The period-2 orbit of fig2.orbit.kink attracts."""
    return attracts(MOVING, MOVING.oscillates, LARGE)


@claim("fig2.orbit.two", source=PAPER, by=proof(TWO, TWO.oscillates, LARGE), uses=["fig2.reduction"])
def two_units():
    """Two hidden units, neither of them idle, delta = 3/10000: exactly one period-2 orbit near the stored points."""
    return orbit_statement(TWO, TWO.oscillates, LARGE)


@computed("fig2.orbit.two.attracts", trust=Trust.INTERVAL, source=PAPER, uses=["fig2.orbit.two"])
def two_units_attract():
    """The period-2 orbit of fig2.orbit.two attracts."""
    return attracts(TWO, TWO.oscillates, LARGE)


@claim("fig2.orbit.five", source=PAPER, by=proof(FIVE, FIVE.oscillates, LARGE), uses=["fig2.reduction"])
def five_units():
    """Five hidden units, three of them idle on all data, delta = 3/10000: exactly one period-2 orbit near the stored points."""
    return orbit_statement(FIVE, FIVE.oscillates, LARGE)


@computed("fig2.orbit.five.attracts", trust=Trust.INTERVAL, source=PAPER, uses=["fig2.orbit.five"])
def five_units_attract():
    """The period-2 orbit of fig2.orbit.five attracts."""
    return attracts(FIVE, FIVE.oscillates, LARGE)


@computed("fig2.reduction", source=PAPER)
def reduction():
    """At every stored point, one step of the polynomial map of the units that are not idle is one exact step of gradient descent on the
    ReLU network with all its units and 1000 samples; idle units do not move, and the stated activation pattern is the network's."""
    cases = [(run, run.oscillates, LARGE) for run in (TWO, THREE, MOVING, FIVE)]
    return all(follows_network(*case) for case in (*cases, (THREE, THREE.converges, SMALL)))
