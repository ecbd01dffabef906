"""Mathematics in notebooks: attaches `_repr_latex_` to the public classes from outside, so that the lower floors know nothing of LaTeX."""

from __future__ import annotations

from typing import Any

from ..claims import Claim, Statement, Verdict
from ..derivations import Derivation, Relation
from ..enclosures.interval import Interval
from ..language import Either, Expr
from ..language import Relation as ClaimRelation
from ..systems import GradientMap
from .latex import latex, statement
from .markdown import markdown


def _formula(thing: Any) -> str:
    return f"${latex(thing)}$"


def _words(thing: Statement) -> str:
    return statement(thing.data)


def _descent(thing: GradientMap) -> str:
    left = ", ".join(latex(v) for v in thing.variables)
    right = ", ".join(latex(e) for e in thing.map)
    return rf"$\left({left}\right) \mapsto \left({right}\right)$" if len(thing.variables) > 1 else rf"${left} \mapsto {right}$"


def register() -> None:
    """Give the public classes their display: formulas as LaTeX, everything with sentences in it as Markdown."""
    formulas: tuple[Any, ...] = (Expr, ClaimRelation, Either, Interval, Relation)
    for cls in formulas:
        cls._repr_latex_ = _formula
    whole: Any = Statement
    whole._repr_markdown_ = whole._repr_latex_ = _words
    others: tuple[Any, ...] = (Claim, Verdict, Derivation)
    for cls in others:
        cls._repr_markdown_ = markdown
        cls._repr_latex_ = latex
    descent: Any = GradientMap
    descent._repr_latex_ = _descent
