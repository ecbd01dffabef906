"""From a loss to the exact system its gradient descent is: maps, Jacobians, equilibria, orbits, thresholds.

SymPy expressions with exact rationals go in and out. What is found here rests on SymPy (trust level `symbolic`) until a certificate says
more. Exact evaluation of matrix chains is in the module `matrix_chain`: `matrix_chain.gradient(weights, R)` and so on.
"""

from symgd.systems import matrix_chain
from symgd.systems.equilibria import Equilibria, Equilibrium
from symgd.systems.errors import (
    BudgetExceeded,
    DerivationError,
    NotAnEquilibrium,
    NotDifferentiable,
    NotExact,
    NotPolynomial,
    SystemsError,
    Undecided,
)
from symgd.systems.gradient_map import Conjugacy, GradientMap, LocalMap
from symgd.systems.interpolation import interpolation
from symgd.systems.matrix_chain import MatrixChain
from symgd.systems.relu_network import Pattern, ReluNetwork
from symgd.systems.scalar_chain import ScalarChain
from symgd.systems.stability import CriticalPointKind, Flip, Inertia, StepSizeThreshold
from symgd.systems.step_bound import StepBound, TopValue, step_bound
from symgd.systems.steps import Derivation, Step

__all__ = [
    "BudgetExceeded",
    "Conjugacy",
    "CriticalPointKind",
    "Derivation",
    "DerivationError",
    "Equilibria",
    "Equilibrium",
    "Flip",
    "GradientMap",
    "Inertia",
    "LocalMap",
    "MatrixChain",
    "NotAnEquilibrium",
    "NotDifferentiable",
    "NotExact",
    "NotPolynomial",
    "Pattern",
    "ReluNetwork",
    "ScalarChain",
    "Step",
    "StepBound",
    "StepSizeThreshold",
    "SystemsError",
    "TopValue",
    "Undecided",
    "interpolation",
    "matrix_chain",
    "step_bound",
]
