"""Statements about critical points: the gradient vanishes, the Hessian is positive definite, gradient descent is attracted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..certify.dynamics import Template
from ..claims import ClauseLike, RelationLike, Statement, _relations
from ..language import Either, Expr, ExprLike, Json, LanguageError, Relation, Variable, diff, eq, expr


@dataclass(frozen=True)
class CriticalPoint:
    """The critical points of a loss, as hypotheses of statements.

    Arguments: `loss`, an expression in the variables and any parameters, written with abs or sqrt where it has kinks (ReLU is
    (u + abs(u))/2): the kernel differentiates it, and a kink has no derivative, so that no point on a kink is a critical one;
    `variables`, what the loss is minimised over.

    Positive definiteness is expressed by the pivots of Gaussian elimination without exchanges: a symmetric matrix is positive
    definite exactly when all of them are positive. They are definitions (`let`) of the statement, one for each pivot and entry.
    """

    loss: Expr
    variables: tuple[Variable, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "loss", expr(self.loss))
        object.__setattr__(self, "variables", tuple(self.variables))
        if not self.variables:
            raise LanguageError("a critical point needs at least one variable")

    @property
    def gradient(self) -> list[Relation]:
        """The equations: each partial derivative is zero."""
        return [eq(diff(Expr("loss_"), v), 0) for v in self.variables]

    def definitions(self, *steps: ExprLike) -> list[list[Json]]:
        """The loss, its Hessian H, the pivots of H, and for each step size d those of 2 - d H, as named terms."""
        n, lets = len(self.variables), [["loss_", self.loss.json]]
        for i in range(n):
            for j in range(i + 1):
                lets.append([f"H_{i + 1}_{j + 1}", diff(Expr("loss_"), self.variables[i], self.variables[j]).json])
        matrix = {(i, j): f"H_{i + 1}_{j + 1}" for i in range(n) for j in range(i + 1)}
        lets += eliminate(matrix, n, "p")
        for number, step in enumerate(steps):
            name, d = f"G{number or ''}", expr(step).json
            for i in range(n):
                for j in range(i + 1):
                    product = ["*", d, matrix[i, j]]
                    lets.append([f"{name}_{i + 1}_{j + 1}", ["-", 2, product] if i == j else ["-", product]])
            lets += eliminate({(i, j): f"{name}_{i + 1}_{j + 1}" for i in range(n) for j in range(i + 1)}, n, f"q{number or ''}")
        return lets

    @property
    def strict_minimum(self) -> list[Relation]:
        """The Hessian is positive definite: all its pivots are positive."""
        return [Expr(f"p_{i + 1}") > 0 for i in range(len(self.variables))]

    def attracting(self, number: int = 0) -> list[Relation]:
        """2 - d H is positive definite for the step size with this number: with a strict minimum this says that every
        multiplier of gradient descent has magnitude below 1, so that it converges to the point from an open set."""
        return [Expr(f"q{number or ''}_{i + 1}") > 0 for i in range(len(self.variables))]

    def statement(
        self,
        *others: Variable,
        given: Iterable[RelationLike] = (),
        then: ClauseLike | Sequence[ClauseLike] = (),
        steps: Sequence[ExprLike] = (),
        minimum: bool = True,
        repels: ExprLike | None = None,
    ) -> Statement:
        """For all variables, parameters and step sizes: at every critical point (a strict minimum, unless `minimum` is false;
        attracting for each of the `steps`) at which the hypotheses hold, so do the conclusions.

        Arguments: `others`, the parameters; `given`; `then`; `steps`; `minimum`; `repels`, a step size in place of `then`: the
        conclusion is that 2 - d H is not positive definite for it, so that the sharpness is at least 2/d. Returns: the statement.
        Raises: LanguageError for unknown names.
        """
        every = [*others, *self.variables]
        names = [v.name for v in every]
        if len(set(names)) != len(names):
            raise LanguageError(f"a variable is declared twice among {', '.join(names)}")
        lets = self.definitions(*steps, *([] if repels is None else [repels]))
        known = frozenset(names) | {name for name, _ in lets}
        for unknown in sorted(self.loss.free_names - known):
            raise LanguageError(f"unknown name {unknown!r} in the loss; the variables here are: {', '.join(sorted(names))}")
        hypotheses = [
            *self.gradient,
            *(self.strict_minimum if minimum else []),
            *(r for k in range(len(steps)) for r in self.attracting(k)),
            *given,
        ]
        conclusions: list[ClauseLike] = list(then) if isinstance(then, (list, tuple)) else [then]  # type: ignore[list-item]
        if repels is not None:
            conclusions.append(Either(tuple(Expr(f"q{len(steps) or ''}_{i + 1}") <= 0 for i in range(len(self.variables)))))
        if not conclusions:
            raise LanguageError("a statement needs a conclusion; pass then=[...] or repels=...")
        data: dict[str, Any] = {
            "kind": "forall",
            "vars": [v.range_json for v in every],
            "let": lets,
            "given": _relations(hypotheses, known),
            "then": _relations(conclusions, known),
        }
        return Statement(data)


def eliminate(matrix: dict[tuple[int, int], str], n: int, pivot: str) -> list[list[Json]]:
    """Definitions of the pivots of a symmetric matrix (entries on and below the diagonal, by name): pivot_1, ..., pivot_n."""
    lets: list[list[Json]] = []
    current = dict(matrix)
    for k in range(n):
        lets.append([f"{pivot}_{k + 1}", current[k, k]])
        following = {}
        for i in range(k + 1, n):
            for j in range(k + 1, i + 1):
                name = f"{pivot}{k + 1}_{i + 1}_{j + 1}"
                lets.append([name, ["-", current[i, j], ["/", ["*", current[i, k], current[j, k]], f"{pivot}_{k + 1}"]]])
                following[i, j] = name
        current = following
    return lets


@dataclass(frozen=True)
class Known(Template):
    """A counterexample that a search has found, as the strategy of a claim: the values of all variables."""

    point: Mapping[str, ExprLike]
    precision: int = 64
    refutes = True

    def node(self, claim: Mapping[str, Any]) -> dict[str, Any]:
        at = {x: str(expr(q).node) for x, q in self.point.items()}
        return {"rule": "point", "at": at, "precision": self.precision}
