"""Figure 2 with the paper's 20 hidden units: evidence of trust `numeric`, and no claim.

The experiment of fig2.py with 20 units, in floating point: nothing here is certified. `evidence(seed, delta)` runs gradient descent from
`numpy.random.default_rng(seed)`, which draws the biases, the target's weights w and v, and the start's w and v, 20 numbers each; then it
says how far the last iterate is from the two before it, how many units are active on some sample (the others are idle: their weights do
not move, and they would be reduced out), how many units still change their activation pattern from one even step to the next, and the
multipliers of the two-step map with the last two patterns.

Why no orbit of these runs is certified: an interval Newton box needs 1 to be no multiplier of the two-step map. Weights are redundant
(several active units do the work of few), so some multipliers are 1 within rounding, and along these directions the iterates still
drift; while they do, samples cross kinks. A run counts as an oscillation where one step is at least ten times as long as two, and as a
drift where two steps are about twice as long as one.

What `print_table()` printed (in floating point; other libraries may end elsewhere). Of 12 seeds 5 oscillate at the large step, with an
amplitude of 0.06 to 1; 4 to 14 units are idle on all data:

    seed delta   steps      loss one step two steps active idle unsettled nearest  largest
       0 3e-04   20001      94.4  5.7e-05   1.1e-04     11    9         2    9e-09   1.0000  drifts
       1 3e-04   20001   0.00954  7.0e-06   1.4e-05     11    9         5    3e-08   1.0000  drifts
       2 3e-04   20001      25.1  1.2e-01   3.4e-04     11    9         2    2e-08   1.0000  oscillates
       3 3e-04   20001  9.59e+04  1.8e-03   3.7e-03     11    9         0    5e-09   1.0000  drifts
       4 3e-04   20001  2.64e+03  1.0e+00   3.1e-04      9   11         0    8e-08   1.0000  oscillates
       5 3e-04   20001   2.8e+04  2.3e-03   4.7e-03     12    8         3    3e-09   1.0002  drifts
       6 3e-04   20001      9.49  5.8e-02   2.2e-04      6   14         3    3e-07   1.0000  oscillates
       7 3e-04   20001       551  6.7e-01   2.2e-04     12    8         3    3e-09   1.0001  oscillates
       8 3e-04   20001  4.17e+03  1.9e-01   1.0e-01     12    8         1    2e-08   2.9564  irregular
       9 3e-04   20001      87.5  2.7e-01   6.8e-05      9   11         0    3e-08   1.0000  oscillates
      10 3e-04   20001  1.54e+03  7.5e-01   2.3e-01     15    5         3    7e-07   1.0002  irregular
      11 3e-04   20001       731  2.0e-05   4.1e-05     10   10         0    2e-07   1.0000  drifts
       0 1e-04   20001     0.114  1.3e-05   2.7e-05     12    8         2    3e-08   1.0000  drifts
       1 1e-04   20001    0.0273  6.5e-06   1.3e-05     13    7         6    1e-07   1.0000  drifts
       2 1e-04   20001    0.0517  4.7e-06   9.4e-06     12    8         1    2e-08   1.0001  drifts
       3 1e-04   20001  4.14e+03  9.5e-01   1.2e-04     14    6         3    6e-09   1.0000  oscillates
       4 1e-04   20001    0.0167  4.2e-06   8.5e-06     11    9         3    2e-08   1.0000  drifts
       5 1e-04   20001     0.396  6.1e-03   1.5e-05     13    7         3    9e-08   1.0000  oscillates
       6 1e-04   20001     0.222  2.3e-05   4.6e-05      8   12         2    2e-06   1.0000  drifts
       7 1e-04   20001     0.147  4.9e-06   9.8e-06     13    7         2    7e-09   1.0000  drifts
       8 1e-04   20001      1.34  3.4e-05   6.8e-05     12    8         2    1e-07   1.0000  drifts
       9 1e-04   20001     0.834  1.8e-06   3.6e-06     11    9         3    1e-08   1.0000  drifts
      10 1e-04   20001     0.126  5.9e-06   1.2e-05     16    4         4    4e-09   1.0000  drifts
      11 1e-04   20001     0.368  1.6e-05   3.1e-05     10   10         0    2e-10   1.0000  drifts

The oscillating ones still drift after ten times as many steps:

       2 3e-04  200001      25.1  1.2e-01   1.6e-04     11    9         3    2e-07   1.0000  oscillates
       4 3e-04  200001  2.64e+03  1.0e+00   3.9e-05      9   11         1    3e-09   1.0000  oscillates
       7 3e-04  200001       541  6.7e-01   1.0e-04     12    8         1    4e-08   1.0000  oscillates
       9 3e-04  200001      85.9  2.6e-01   1.7e-05      9   11         1    7e-08   1.0000  oscillates
"""

from dataclasses import dataclass

import numpy as np

from symgd import Trust

UNITS, SAMPLES, LARGE, SMALL = 20, 1000, 3e-4, 1e-4
X = np.arange(1, SAMPLES + 1) / SAMPLES


@dataclass(frozen=True)
class Evidence:
    """What one floating-point run shows after `steps` steps.

    Attributes: `loss`; `one_step`, `two_steps`, the largest change of a weight in the last step and in the last two; `active`, units
    active on some sample; `unsettled`, units whose pattern changed between even steps in the last 1000; `nearest`, the distance to 1 of
    the multiplier of the two-step map that is nearest to 1, of the active units; `largest`, the largest multiplier in size.
    """

    seed: int
    delta: float
    steps: int
    loss: float
    one_step: float
    two_steps: float
    active: int
    unsettled: int
    nearest: float
    largest: float
    trust: Trust = Trust.NUMERIC

    @property
    def oscillates(self):
        """Whether one step is at least ten times as long as two."""
        return self.one_step > 10 * self.two_steps

    def __str__(self):
        kind = "oscillates" if self.oscillates else "drifts" if self.two_steps > self.one_step else "irregular"
        return (
            f"{self.seed:>4} {self.delta:.0e} {self.steps:>7} {self.loss:>9.3g} {self.one_step:>8.1e} {self.two_steps:>9.1e}"
            f" {self.active:>6} {UNITS - self.active:>4} {self.unsettled:>9} {self.nearest:>8.0e} {self.largest:>8.4f}  {kind}"
        )


HEADER = "seed delta   steps      loss one step two steps active idle unsettled nearest  largest"


def hessian(w, v, b, y, live):
    """The Hessian of the loss in (w, v) of these units, with the pattern at this point."""
    z = v[:, None] * X - b
    on = z > 0
    e = w @ np.where(on, z, 0) - y
    phi, on, w = np.where(on, z, 0)[live], on[live], w[live]
    rows = np.concatenate([phi, w[:, None] * on * X])
    h, m = 2 * rows @ rows.T, len(w)
    cross = np.diag(2 * (on * X) @ e)
    h[:m, m:] += cross
    h[m:, :m] += cross
    return h


def evidence(seed, delta, steps=20_001):
    """Run the experiment in floating point. Takes about 4 seconds for 20 001 steps. Returns: an `Evidence`, of trust `numeric`."""
    b, goal_w, goal_v, w, v = np.random.default_rng(seed).standard_normal((5, UNITS))
    b = b[:, None]
    y = goal_w @ np.maximum(goal_v[:, None] * X - b, 0)
    states, earlier, unsettled = [], None, np.zeros(UNITS, bool)
    for k in range(steps + 1):
        z = v[:, None] * X - b
        on = z > 0
        phi = np.where(on, z, 0)
        e = w @ phi - y
        if k >= steps - 1000 and (steps - k) % 2 == 0:
            if earlier is not None:
                unsettled |= (on != earlier).any(axis=1)
            earlier = on
        states = [*states[-2:], (w, v)]
        if k < steps:
            w, v = w - 2 * delta * (phi @ e), v - 2 * delta * w * (on @ (e * X))
    before, last, now = (np.concatenate(s) for s in states)
    live = on.any(axis=1)
    jacobian = np.eye(2 * live.sum())
    for point in states[:2]:
        jacobian = (np.eye(len(jacobian)) - delta * hessian(*point, b, y, live)) @ jacobian
    multipliers = np.linalg.eigvals(jacobian)
    change = [float(np.abs(now - q).max()) for q in (last, before)]
    return Evidence(seed, delta, steps, float(e @ e), *change, int(live.sum()), int(unsettled.sum()),
                    float(np.abs(multipliers - 1).min()), float(np.abs(multipliers).max()))  # fmt: skip


def print_table(seeds=range(12), steps=20_001):
    """Print the evidence for these seeds and both step sizes."""
    print(HEADER)
    for delta in (LARGE, SMALL):
        for seed in seeds:
            print(evidence(seed, delta, steps), flush=True)
