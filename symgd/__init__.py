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
4  collect      finds the claims of a folder, and keeps their certificates
   render       LaTeX, Markdown and HTML
5  cli          the command line
"""

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
    diff,
    eq,
    expr,
    from_sympy,
    function,
    integer,
    ne,
    parse,
    parse_relation,
    prod,
    real,
    sign,
    sqrt,
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
    "claim",
    "computed",
    "converges",
    "diff",
    "diverges",
    "ends_in",
    "eq",
    "every",
    "expr",
    "family",
    "forall",
    "from_sympy",
    "function",
    "integer",
    "linear",
    "ne",
    "orbit",
    "parse",
    "parse_relation",
    "preimages",
    "prod",
    "reaches",
    "real",
    "sign",
    "sqrt",
    "stays",
    "sublinear",
    "to_sympy",
    "total",
    "unique_zero",
]
