"""What this floor refuses to do, one exception for each reason; every message names the place and the next thing to try."""

from __future__ import annotations


class SystemsError(ValueError):
    """Base class: the request has no exact answer as it stands."""


class NotExact(SystemsError):
    """A rounded number, an infinity or an undefined value stands where an exact real number is needed."""


class NotDifferentiable(SystemsError):
    """The loss has no derivative of the requested order at this place, or none that could be shown."""


class Undecided(SystemsError):
    """A sign or an equality that the answer depends on could not be decided exactly."""


class NotAnEquilibrium(SystemsError):
    """The point is not a zero of the gradient, or the orbit does not close."""


class NotPolynomial(SystemsError):
    """The exact method needs a polynomial with rational coefficients, after the kinks have been resolved."""


class BudgetExceeded(SystemsError):
    """The exact numbers outgrew the size budget; `steps_done` iterates were finished."""

    def __init__(self, message: str, steps_done: int) -> None:
        super().__init__(message)
        self.steps_done = steps_done


class DerivationError(SystemsError):
    """A displayed step of a derivation failed its own check."""
