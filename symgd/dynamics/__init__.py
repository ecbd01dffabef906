"""Certified dynamics of gradient descent on any loss: equilibria, thresholds, periodic orbits, step-size scans, basins, and all of it on
one page.

Modules, from the ground up: `expressions` and `real_roots` (exact algebra), `model` (the map), `zeros` (branch and prune, Krawczyk),
`spectrum` (eigenvalues of small interval matrices), `jacobian` (of maps of a few
hundred variables), `equilibria`, `threshold` (flips), `orbits`, `scan` (branches over δ), `basins`,
`several`, `flow`,
`outer`, `plane_regions` and `plane` (basins in two variables), `evidence` (claims for the kernel), `portrait` (all together),
`plot`, `command`.
"""

from .basins import Basins, Fate, Target, basins
from .equilibria import Equilibria, Equilibrium, Kind, equilibria
from .evidence import Evidence, check
from .identity_run import EigenRun, IdentityRun, Limit, identity_run, largest_identity_step
from .jacobian import DescentSpectrum, MapSpectrum, descent_spectrum, map_spectrum
from .model import DescentMap, DynamicsError
from .orbits import PeriodicOrbit, PeriodicOrbits, Stability, orbit_near, periodic_orbits
from .plane import PlaneBasins, PlaneTarget
from .portrait import Neighbourhood, Portrait, Scan, analyze, neighbourhood, scan
from .real_roots import RealRoot, real_roots
from .scan import Branch, PeriodDoubling, branch, period_doublings, period_three, stable_steps
from .threshold import Flip, FlipKind, at_threshold

__all__ = [
    "Basins",
    "Branch",
    "DescentMap",
    "DescentSpectrum",
    "DynamicsError",
    "EigenRun",
    "Equilibria",
    "Equilibrium",
    "Evidence",
    "Fate",
    "Flip",
    "FlipKind",
    "IdentityRun",
    "Kind",
    "Limit",
    "MapSpectrum",
    "Neighbourhood",
    "PeriodDoubling",
    "PeriodicOrbit",
    "PeriodicOrbits",
    "PlaneBasins",
    "PlaneTarget",
    "Portrait",
    "RealRoot",
    "Scan",
    "Stability",
    "Target",
    "analyze",
    "at_threshold",
    "basins",
    "branch",
    "check",
    "descent_spectrum",
    "equilibria",
    "identity_run",
    "largest_identity_step",
    "map_spectrum",
    "neighbourhood",
    "orbit_near",
    "period_doublings",
    "period_three",
    "periodic_orbits",
    "real_roots",
    "scan",
    "stable_steps",
]
