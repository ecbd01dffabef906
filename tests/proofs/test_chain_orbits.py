"""Period doublings and period three of the scalar chain: altered statements are not proved, and iteration agrees."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import pytest

PROOFS = Path(__file__).parents[2] / "proofs"
sys.path.insert(0, str(PROOFS))
try:
    import chain_orbits as chain
finally:
    sys.path.remove(str(PROOFS))

from symgd import Outcome, at, diff, eq, expr, forall, real  # noqa: E402
from symgd.certify import Search, certify  # noqa: E402
from symgd.collect import collect  # noqa: E402

y, z, d, t, delta = chain.y, chain.z, chain.d, chain.t, chain.delta
slope = diff(chain.scaled(2, y, d), y)
cycle = [eq(d * y * z, 1), eq(d * (y**2 + z**2), d + 1)]
scaling = eq(chain.step(t * y, t, delta, 3), t * chain.scaled(3, y, d))

MUTANTS = {
    "scaling with another power of t": forall(t, y, d, delta, given=[eq(delta * t**3, d)], then=scaling),
    "scaling with another step": forall(t, y, d, delta, given=[eq(2 * delta * t**4, d)], then=scaling),
    "any step": forall(t, y, d, delta, then=scaling),
    "first doubling: 1 - d": forall(d, then=eq(at(diff(chain.scaled(2, y, d), y), y, 1), 1 - d)),
    "first doubling at y = -1, L odd": forall(d, then=eq(at(diff(chain.scaled(3, y, d), y), y, -1), 1 - 3 * d)),
    "first doubling: L for L - 1": forall(d, then=eq(at(diff(chain.scaled(4, y, d), y), y, 1), 1 - 3 * d)),
    "second doubling: 8 for 9": forall(y, z, d, given=cycle, then=eq(slope * at(slope, y, z), 8 - 2 * (1 + d) ** 2)),
    "second doubling without y z d = 1": forall(y, z, d, given=cycle[1:], then=eq(chain.scaled(2, y, d), z)),
    "second doubling at d^2 = 5": forall(d, given=[eq(d**2, 5)], then=eq(9 - 2 * (1 + d) ** 2, -1)),
    "period three from d = 7/5": chain.period_three_part((2, "[7/5, 2]", "41/125")),
    "period three below 1/4": chain.period_three_part((2, "[581/400, 2]", "1/10")),
    "period three for L = 3 with one point": chain.period_three_part((3, "[1977/2000, 3/2]", "22/25")),
    "angles are doubled": forall(real("s"), real("c"), given=[eq(real("s") ** 2 + real("c") ** 2, 1)],
                                 then=eq(3 * (2 * real("s")) - (2 * real("s")) ** 3, 4 * real("s") * real("c"))),
    "tripling with r^2 = 3": forall(y, real("r"), given=[eq(real("r") ** 2, 3)],
                                    then=eq(real("r") * chain.scaled(2, y, 2), 3 * (real("r") * y) - (real("r") * y) ** 3)),
    "tripling at d = 1": forall(y, real("r"), given=[eq(real("r") ** 2, 2)],
                                then=eq(real("r") * chain.scaled(2, y, expr(1)), 3 * (real("r") * y) - (real("r") * y) ** 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_not_proved(name):
    assert certify(MUTANTS[name], Search(seconds=1)).outcome is not Outcome.PROVED


@pytest.mark.parametrize("altered", [{2: ("1", "1.2360679776")}, {3: ("0.6666666667", "0.83")}, {4: ("0.5", "0.6235846362", "0.63")}])
def test_other_doublings_are_not_found(monkeypatch, altered):
    (compute,) = (item.claim.compute for item in collect(PROOFS / "chain_orbits.py") if item.claim.id == "chain.doublings")
    monkeypatch.setitem(compute.__globals__, "DOUBLINGS", altered)
    assert not compute()


RUNS = [(2, "0.9", 1), (2, "1.1", 2), (2, "1.26", 4), (3, "0.65", 1), (3, "0.7", 2), (4, "0.55", 2)]


@pytest.mark.parametrize(("L", "step", "period"), RUNS)
def test_iteration_has_these_periods(L, step, period):
    x, size = 0.4, float(Fraction(step))
    for _ in range(5000):
        x = float(x + size * x ** (L - 1) * (1 - x**L))
    run = [x]
    for _ in range(8):
        run.append(run[-1] + size * run[-1] ** (L - 1) * (1 - run[-1] ** L))
    assert next(p for p in range(1, 9) if abs(run[p] - run[0]) < 1e-9) == period
