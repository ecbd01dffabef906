"""Derivations: chains of displayed steps, each with its reason and its own check.

formula     inert formulas as they are written
context     what the names stand for
normal      normal forms that decide equality: symbolic exponents, sums and products with symbolic limits, matrix words
rules       how a step is checked
derivation  steps, derivations and their verdicts
"""

from .context import Context, Kind, read_context, read_kind
from .derivation import Certified, Citation, Derivation, Step, StepKind, StepResult
from .formula import FormulaError, Relation, parse, parse_relation
from .normal import Normalizer, Undecided
from .rules import (
           Absolute,
           Apply,
           Cases,
           Combine,
           Induct,
           Kernel,
           Minimum,
           Powers,
           Root,
           Rule,
           Same,
           StepTrust,
           Termwise,
           Theorem,
           Unchecked,
)

__all__ = ["Absolute", "Apply", "Cases", "Certified", "Citation", "Combine", "Context", "Derivation", "FormulaError", "Induct", "Kernel",
    "Kind", "Minimum",
           "Normalizer", "Powers", "Relation", "Root", "Rule", "Same", "Step", "StepKind", "StepResult", "StepTrust", "Termwise", "Theorem",
           "Unchecked", "Undecided", "parse", "parse_relation", "read_context", "read_kind"]
