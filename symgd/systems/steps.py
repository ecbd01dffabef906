"""A derivation is a chain of displayed steps, each with its reason and a check of its own that does not trust the step before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import sympy as sp

from symgd.systems.errors import DerivationError


@dataclass(frozen=True)
class Step:
    """One displayed line.

    Args:
        statement: what the line says, usually an unevaluated `Eq`.
        reason: the rule that gives it, in words.
        check: recomputes the line by another route and says whether it holds.
    """

    statement: sp.Basic
    reason: str
    check: Callable[[], bool] = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"{sp.sstr(self.statement)}    [{self.reason}]"


@dataclass(frozen=True)
class Derivation:
    """A titled chain of steps and the formula it ends in.

    Args:
        title: what is derived.
        steps: the displayed lines, in order.
        result: the formula, free of the derivation's auxiliary names.
    """

    title: str
    steps: tuple[Step, ...]
    result: sp.Basic

    def check(self) -> None:
        """Run every step's own check.

        Raises:
            DerivationError: a step does not hold; the message quotes it.
        """
        for number, step in enumerate(self.steps, start=1):
            if not step.check():
                raise DerivationError(f"{self.title}: step {number} fails its check: {step}")

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {number}. {step}" for number, step in enumerate(self.steps, start=1))])


def equation(left: sp.Basic, right: sp.Basic) -> sp.Basic:
    """An equation that SymPy leaves as written.

    Args:
        left, right: both sides.

    Returns:
        the unevaluated `Eq`.
    """
    return sp.Eq(left, right, evaluate=False)
