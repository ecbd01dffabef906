"""symgd: prove, refute and derive statements about gradient descent.

The floors, from the ground up; imports point down only:

0  kernel       decides whether a certificate settles a claim; standard library only
1  language     inert expressions, relations, a safe parser, SymPy both ways
   claims       statements, claims, verdicts and their trust
2  systems      from a loss to its gradient map, Jacobian, equilibria and thresholds
   enclosures   interval arithmetic in three backends, and linear algebra on it
3  certify      finds proofs and refutations
   derivations  displayed steps, each with its check
   search       counterexamples
   figures      pictures that belong to statements
4  collect      finds the claims of a folder, and keeps their certificates
   render       LaTeX, Markdown and HTML
5  cli          the command line

Importing the package imports nothing else: a name is looked up in its module when it is first used, so that SymPy is paid for only then.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .claims import (
        Claim,
        Outcome,
        Statement,
        Trust,
        Verdict,
        as_fraction,
        at_rate,
        claim,
        computed,
        converges,
        diverges,
        ends_in,
        every,
        family,
        forall,
        linear,
        orbit,
        preimages,
        reaches,
        stays,
        sublinear,
        unique_zero,
    )
    from .language import (
        Expr,
        LanguageError,
        Relation,
        Variable,
        at,
        atan,
        cos,
        diff,
        eq,
        exp,
        expr,
        from_sympy,
        function,
        integer,
        log,
        maximum,
        minimum,
        ne,
        parse,
        parse_relation,
        prod,
        real,
        relu,
        sigmoid,
        sign,
        sin,
        softplus,
        sqrt,
        tanh,
        to_sympy,
        total,
    )

__version__ = "0.1.0"
__all__ = [
    "Claim",
    "Expr",
    "LanguageError",
    "Outcome",
    "Relation",
    "Statement",
    "Trust",
    "Variable",
    "Verdict",
    "as_fraction",
    "at",
    "at_rate",
    "atan",
    "claim",
    "computed",
    "converges",
    "cos",
    "diff",
    "diverges",
    "ends_in",
    "eq",
    "every",
    "exp",
    "expr",
    "family",
    "forall",
    "from_sympy",
    "function",
    "integer",
    "linear",
    "log",
    "maximum",
    "minimum",
    "ne",
    "orbit",
    "parse",
    "parse_relation",
    "preimages",
    "prod",
    "reaches",
    "real",
    "relu",
    "sigmoid",
    "sign",
    "sin",
    "softplus",
    "sqrt",
    "stays",
    "sublinear",
    "tanh",
    "to_sympy",
    "total",
    "unique_zero",
]

_HOME = {
    "Claim": "claims",
    "Outcome": "claims",
    "Statement": "claims",
    "Trust": "claims",
    "Verdict": "claims",
    "as_fraction": "claims",
    "at_rate": "claims",
    "claim": "claims",
    "computed": "claims",
    "converges": "claims",
    "diverges": "claims",
    "ends_in": "claims",
    "every": "claims",
    "family": "claims",
    "forall": "claims",
    "linear": "claims",
    "orbit": "claims",
    "preimages": "claims",
    "reaches": "claims",
    "stays": "claims",
    "sublinear": "claims",
    "unique_zero": "claims",
    "Expr": "language",
    "LanguageError": "language",
    "Relation": "language",
    "Variable": "language",
    "at": "language",
    "atan": "language",
    "cos": "language",
    "diff": "language",
    "eq": "language",
    "exp": "language",
    "expr": "language",
    "from_sympy": "language",
    "function": "language",
    "integer": "language",
    "log": "language",
    "maximum": "language",
    "minimum": "language",
    "ne": "language",
    "parse": "language",
    "parse_relation": "language",
    "prod": "language",
    "real": "language",
    "relu": "language",
    "sigmoid": "language",
    "sign": "language",
    "sin": "language",
    "softplus": "language",
    "sqrt": "language",
    "tanh": "language",
    "to_sympy": "language",
    "total": "language",
}
_MODULES = {
    "certify",
    "claims",
    "collect",
    "coq",
    "derivations",
    "dynamics",
    "enclosures",
    "figures",
    "kernel",
    "language",
    "render",
    "search",
    "systems",
}


def __getattr__(name: str) -> Any:
    """The public name from its module, kept here from then on; AttributeError where there is no such name."""
    if name in _HOME:
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME, *_MODULES})
