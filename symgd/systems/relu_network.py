"""Two-layer ReLU networks W relu(V x − b) with fixed biases: everything exact over the rationals while the activation pattern is fixed.

With a fixed pattern the loss is a polynomial in (W, V). Samples that share a pattern enter only through their moments, so the cost of a
Hessian grows with the number of patterns rather than of samples.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

import sympy as sp

from symgd.language import Expr, ExprLike, Relation, expr, total
from symgd.systems._exact import exact, exact_matrix, exact_vector, shorten, sign_of
from symgd.systems.errors import NotDifferentiable, SystemsError

Pattern = tuple[tuple[bool, ...], ...]
"""For every sample and hidden unit, whether the unit is active: N tuples of length m."""


@dataclass(frozen=True)
class _Row:
    """One real number for each sample: numerators over one denominator, integers where all are rational, else expressions over 1.

    Integers make sums over many samples cheap: no gcd is taken before the end.
    """

    numerators: tuple[Any, ...]
    denominator: int
    rational: bool

    @staticmethod
    def of(numbers: Sequence[sp.Expr]) -> _Row:
        if not all(isinstance(q, sp.Rational) for q in numbers):
            return _Row(tuple(numbers), 1, False)
        denominator = lcm(*(int(q.q) for q in numbers))
        return _Row(tuple(int(q.p) * (denominator // int(q.q)) for q in numbers), denominator, True)

    @staticmethod
    def combination(weights: Sequence[sp.Expr], rows: Sequence[_Row]) -> _Row:
        """Σ_l weights_l rows_l."""
        if not all(row.rational for row in rows) or not all(isinstance(w, sp.Rational) for w in weights):
            columns = zip(*(row.numbers() for row in rows), strict=True)
            return _Row(tuple(sp.Add(*map(operator.mul, weights, column)) for column in columns), 1, False)
        scaled = [Fraction(int(w.p), int(w.q) * row.denominator) for w, row in zip(weights, rows, strict=True)]
        denominator = lcm(*(q.denominator for q in scaled))
        integers = [q.numerator * (denominator // q.denominator) for q in scaled]
        samples = zip(*(row.numerators for row in rows), strict=True)
        return _Row(tuple(sum(map(operator.mul, integers, sample)) for sample in samples), denominator, True)

    def numbers(self) -> list[sp.Expr]:
        return [sp.Rational(p, self.denominator) for p in self.numerators] if self.rational else list(self.numerators)

    def signs(self) -> list[int]:
        return [(p > 0) - (p < 0) if self.rational else sign_of(p) for p in self.numerators]

    def dot(self, other: _Row, samples: Iterable[int]) -> sp.Expr:
        """Σ of the products over some samples."""
        products = (self.numerators[i] * other.numerators[i] for i in samples)
        value = sp.Integer(sum(products)) if self.rational and other.rational else sp.Add(*products)
        return value / (self.denominator * other.denominator)


@dataclass(frozen=True)
class _Group:
    """Samples that share an activation pattern, as moments of x̃ = (x, 1) and y: Σ x̃x̃ᵀ and Σ y x̃ᵀ."""

    active: tuple[bool, ...]
    gram: sp.MatrixBase
    cross: sp.MatrixBase


@dataclass(frozen=True)
class ReluNetwork:
    """The loss c Σ_i ‖W relu(V x_i − b) − y_i‖² in W (k × m) and V (m × n), biases fixed.

    Args:
        inputs: x_1, …, x_N, each of length n (a number for n = 1).
        targets: y_1, …, y_N, each of length k (a number for k = 1).
        biases: b, length m.
        factor: c > 0; ½ by default.

    Raises:
        NotExact: a rounded number; SystemsError: lengths that do not fit, or no samples.

    Source: Nar and Sastry 2018, Theorem 4 (factor ½) and figure 2 (factor 1).
    """

    inputs: tuple[tuple[sp.Expr, ...], ...]
    targets: tuple[tuple[sp.Expr, ...], ...]
    biases: sp.ImmutableMatrix
    factor: sp.Expr = field(default_factory=lambda: sp.Rational(1, 2))

    def __post_init__(self) -> None:
        inputs = tuple(exact_vector(x, "input") for x in self.inputs)
        targets = tuple(exact_vector(y, "target") for y in self.targets)
        biases = exact_matrix(self.biases, "biases")
        factor = exact(self.factor, "factor")
        if not inputs or len(inputs) != len(targets):
            raise SystemsError(f"samples: {len(inputs)} inputs and {len(targets)} targets given; equally many, at least one, are needed.")
        for name, vectors in (("inputs", inputs), ("targets", targets)):
            if len({len(v) for v in vectors}) > 1:
                raise SystemsError(f"{name}: vectors of one common length are needed.")
        if biases.cols != 1:
            raise SystemsError("biases: one vector is needed.")
        if sign_of(factor) <= 0:
            raise SystemsError(f"factor: {shorten(factor)} is not positive.")
        for name, value in (("inputs", inputs), ("targets", targets), ("biases", biases), ("factor", factor)):
            object.__setattr__(self, name, value)

    @property
    def widths(self) -> tuple[int, int, int]:
        """(n, m, k): numbers of inputs, hidden units and outputs."""
        return len(self.inputs[0]), self.biases.rows, len(self.targets[0])

    def read(self, W: Any, V: Any) -> tuple[sp.ImmutableMatrix, sp.ImmutableMatrix]:
        """Read the parameters and check their shapes.

        Args:
            W: outgoing weights, shape (k, m).
            V: incoming weights, shape (m, n).

        Raises:
            SystemsError: wrong shapes; NotExact: rounded entries.
        """
        n, m, k = self.widths
        outgoing, incoming = exact_matrix(W, "W"), exact_matrix(V, "V")
        for name, matrix, shape in (("W", outgoing, (k, m)), ("V", incoming, (m, n))):
            if matrix.shape != shape:
                raise SystemsError(f"{name}: shape {matrix.shape} given, {shape} needed ({n} inputs, {m} hidden units, {k} outputs).")
        return outgoing, incoming

    @cached_property
    def _extended_inputs(self) -> list[_Row]:
        """The n + 1 coordinates of (x_i, 1)."""
        return [*map(_Row.of, zip(*self.inputs, strict=True)), _Row((1,) * len(self.inputs), 1, True)]

    @cached_property
    def _target_rows(self) -> list[_Row]:
        return [*map(_Row.of, zip(*self.targets, strict=True))]

    def preactivations(self, V: Any) -> sp.ImmutableMatrix:
        """V x_i − b for every sample.

        Args:
            V: incoming weights, shape (m, n).

        Returns:
            exact matrix, shape (m, N).
        """
        return sp.ImmutableMatrix([row.numbers() for row in self._preactivations(V)])

    def _preactivations(self, V: Any) -> list[_Row]:
        n, m, _ = self.widths
        incoming = exact_matrix(V, "V")
        if incoming.shape != (m, n):
            raise SystemsError(f"V: shape {incoming.shape} given, {(m, n)} needed.")
        return [_Row.combination(weights, self._extended_inputs) for weights in self._with_bias(incoming).tolist()]

    def _with_bias(self, incoming: sp.MatrixBase) -> sp.MatrixBase:
        return sp.Matrix.hstack(sp.Matrix(incoming), -sp.Matrix(self.biases))

    def activation_pattern(self, V: Any) -> Pattern:
        """Which units are active on which samples.

        Args:
            V: incoming weights, shape (m, n).

        Returns:
            pattern[i][h] is whether unit h is active on sample i (both from 0).

        Raises:
            NotDifferentiable: a preactivation is exactly 0, a kink of ReLU.
        """
        signs = list(zip(*(row.signs() for row in self._preactivations(V)), strict=True))
        for i, row in enumerate(signs):
            if 0 in row:
                raise NotDifferentiable(
                    f"hidden unit {row.index(0)} is exactly on its kink at sample {i} (V x − b = 0); move V off it,"
                    " or study both neighbouring activation patterns by passing `pattern`."
                )
        return tuple(tuple(s > 0 for s in row) for row in signs)

    def inactive_units(self, V: Any) -> tuple[int, ...]:
        """Hidden units (from 0) that are inactive on all samples: their weights do not move.

        Args:
            V: incoming weights, shape (m, n).

        Raises:
            NotDifferentiable: a preactivation is exactly 0.
        """
        pattern = self.activation_pattern(V)
        return tuple(h for h in range(self.widths[1]) if not any(row[h] for row in pattern))

    def without_units(self, units: Sequence[int]) -> ReluNetwork:
        """The same data with some hidden units removed.

        Args:
            units: numbers of hidden units, from 0; drop the same columns of W and rows of V.
        """
        kept = [b for h, b in enumerate(self.biases) if h not in set(units)]
        if not kept:
            raise SystemsError("units: no hidden unit would be left.")
        return ReluNetwork(self.inputs, self.targets, sp.ImmutableMatrix(kept), self.factor)

    def _pattern(self, V: Any, pattern: Pattern | None) -> Pattern:
        if pattern is None:
            return self.activation_pattern(V)
        if len(pattern) != len(self.inputs) or any(len(row) != self.widths[1] for row in pattern):
            raise SystemsError(f"pattern: {len(self.inputs)} rows of {self.widths[1]} booleans are needed.")
        return tuple(tuple(map(bool, row)) for row in pattern)

    def _groups(self, pattern: Pattern) -> list[_Group]:
        members: dict[tuple[bool, ...], list[int]] = {}
        for i, active in enumerate(pattern):
            members.setdefault(active, []).append(i)

        def moments(rows: Sequence[_Row], samples: Sequence[int]) -> sp.MatrixBase:
            return sp.Matrix([[row.dot(x, samples) for x in self._extended_inputs] for row in rows])

        return [_Group(active, moments(self._extended_inputs, i), moments(self._target_rows, i)) for active, i in members.items()]

    def residuals(self, W: Any, V: Any, pattern: Pattern | None = None) -> tuple[sp.ImmutableMatrix, ...]:
        """e_i = W A_i (V x_i − b) − y_i for every sample, A_i the diagonal matrix of the pattern.

        Args:
            W, V: parameters, shapes (k, m) and (m, n).
            pattern: activation pattern to hold fixed; that of V by default.

        Returns:
            N columns of length k.

        Raises:
            NotDifferentiable: no pattern given and V is on a kink.
        """
        outgoing, incoming = self.read(W, V)
        before = self.preactivations(incoming)
        active = self._pattern(incoming, pattern)
        after = [sp.Matrix([z if a else 0 for z, a in zip(before[:, i], row, strict=True)]) for i, row in enumerate(active)]
        return tuple(sp.ImmutableMatrix(outgoing * z - sp.Matrix(y)) for z, y in zip(after, self.targets, strict=True))

    def loss(self, W: Any, V: Any, pattern: Pattern | None = None) -> sp.Expr:
        """c Σ_i ‖e_i‖².

        Args:
            W, V: parameters, shapes (k, m) and (m, n).
            pattern: activation pattern to hold fixed; that of V by default.
        """
        return self.factor * sp.Add(*(entry**2 for e in self.residuals(W, V, pattern) for entry in e))

    def gradient(self, W: Any, V: Any, pattern: Pattern | None = None) -> tuple[sp.ImmutableMatrix, sp.ImmutableMatrix]:
        """Exact gradient with the activation pattern held fixed.

        Args:
            W, V: parameters, shapes (k, m) and (m, n).
            pattern: activation pattern to hold fixed; that of V by default.

        Returns:
            (∂/∂W, ∂/∂V), of the shapes of W and V.

        Raises:
            NotDifferentiable: no pattern given and V is on a kink.
        """
        outgoing, incoming = self.read(W, V)
        n = self.widths[0]
        extended = self._with_bias(incoming)
        by_w, by_v = sp.zeros(*outgoing.shape), sp.zeros(*incoming.shape)
        for group in self._groups(self._pattern(incoming, pattern)):
            active = _diagonal(group.active)
            error = outgoing * active * extended * group.gram - group.cross  # Σ e x̃ᵀ
            by_w += error * extended.T * active
            by_v += (active * outgoing.T * error)[:, :n]
        return sp.ImmutableMatrix(2 * self.factor * by_w), sp.ImmutableMatrix(2 * self.factor * by_v)

    def hessian(self, W: Any, V: Any, pattern: Pattern | None = None) -> sp.ImmutableMatrix:
        """Exact Hessian with the activation pattern held fixed, residual terms included.

        Args:
            W, V: parameters, shapes (k, m) and (m, n).
            pattern: activation pattern to hold fixed; that of V by default.

        Returns:
            symmetric matrix of size km + mn; coordinates are the entries of W row by row, then of V row by row.

        Raises:
            NotDifferentiable: no pattern given and V is on a kink.
        """
        outgoing, incoming = self.read(W, V)
        n, m, k = self.widths
        extended = self._with_bias(incoming)
        ww, vv, wv = sp.zeros(k * m), sp.zeros(m * n), sp.zeros(k * m, m * n)
        for group in self._groups(self._pattern(incoming, pattern)):
            active = _diagonal(group.active)
            features = active * extended * group.gram  # Σ φ x̃ᵀ
            error = outgoing * features - group.cross  # Σ e x̃ᵀ
            ww += sp.kronecker_product(sp.eye(k), features * extended.T * active)
            vv += sp.kronecker_product(active * outgoing.T * outgoing * active, group.gram[:n, :n])
            wv += _mixed_block(group.active, outgoing, features, error, n)
        blocks = sp.Matrix.vstack(sp.Matrix.hstack(ww, wv), sp.Matrix.hstack(wv.T, vv))
        return sp.ImmutableMatrix(2 * self.factor * blocks)

    def gd_step(self, W: Any, V: Any, delta: Any) -> tuple[sp.ImmutableMatrix, sp.ImmutableMatrix]:
        """One exact step of gradient descent.

        Args:
            W, V: parameters, shapes (k, m) and (m, n).
            delta: step size.

        Returns:
            the new (W, V).

        Raises:
            NotDifferentiable: V is on a kink.
        """
        outgoing, incoming = self.read(W, V)
        step = exact(delta, "delta")
        by_w, by_v = self.gradient(outgoing, incoming)
        return sp.ImmutableMatrix(outgoing - step * by_w), sp.ImmutableMatrix(incoming - step * by_v)

    def restricted(self, pattern: Pattern) -> RestrictedLoss:
        """The polynomial that the loss is wherever this activation pattern holds, to be used in statements.

        Args:
            pattern: N tuples of m booleans, such as `activation_pattern` returns.
        """
        return RestrictedLoss(self, self._pattern(None, pattern))


@dataclass(frozen=True)
class RestrictedLoss:
    """A ReLU network's loss on the set of weights with one activation pattern, as polynomials with exact coefficients.

    Args:
        network: the data; pattern: which units are active on which samples. Made by `ReluNetwork.restricted`.
    """

    network: ReluNetwork
    pattern: Pattern

    @cached_property
    def _moments(self) -> list[tuple[tuple[bool, ...], list[list[Fraction]], list[list[Fraction]]]]:
        return [(g.active, _fractions(g.gram), _fractions(g.cross)) for g in self.network._groups(self.pattern)]

    def gradient(self, W: Sequence[Sequence[ExprLike]], V: Sequence[Sequence[ExprLike]]) -> list[Expr]:
        """The partial derivatives, quadratic and cubic polynomials, equal to the gradient of the network where `conditions` hold.

        Args:
            W: outgoing weights, k rows of length m; V: incoming weights, m rows of length n.

        Returns:
            km + mn expressions: by the entries of W row by row, then of V row by row.
        """
        n, m, k = self.network.widths
        outgoing, incoming = self._read(W, k, m, "W"), self._read(V, m, n, "V")
        biases = [Fraction(str(b)) for b in self.network.biases]
        extended = [[*incoming[h], expr(-biases[h])] for h in range(m)]
        scale = 2 * Fraction(str(self.network.factor))
        # Σ e_c x̃_l over the samples on which unit h is active: moments of groups are added before weights enter
        errors = [[[self._error(c, h, x, outgoing, extended) for x in range(n + 1)] for h in range(m)] for c in range(k)]
        by_w = [scale * total(extended[h][x] * errors[c][h][x] for x in range(n + 1)) for c in range(k) for h in range(m)]
        by_v = [scale * total(outgoing[c][h] * errors[c][h][x] for c in range(k)) for h in range(m) for x in range(n)]
        return by_w + by_v

    def _error(self, c: int, h: int, x: int, outgoing: list[list[Expr]], extended: list[list[Expr]]) -> Expr:
        _, m, _ = self.network.widths
        groups = [g for g in self._moments if g[0][h]]
        terms = []
        for unit in range(m):
            weights = [sum((gram[j][x] for active, gram, _ in groups if active[unit]), Fraction(0)) for j in range(len(extended[unit]))]
            if any(weights):
                terms.append(outgoing[c][unit] * total(q * z for q, z in zip(weights, extended[unit], strict=True) if q))
        return total(terms) - sum((cross[c][x] for _, _, cross in groups), Fraction(0))

    def conditions(self, V: Sequence[Sequence[ExprLike]]) -> list[Relation]:
        """Relations that say that the pattern holds: each unit is strictly active or strictly inactive on each sample.

        With one input the extreme samples on either side suffice, since a preactivation is monotone in the input.

        Args:
            V: incoming weights, m rows of length n.
        """
        n, m, _ = self.network.widths
        incoming = self._read(V, m, n, "V")
        inputs = self.network._extended_inputs[:n]
        if not all(row.rational for row in inputs):
            raise SystemsError(_IRRATIONAL)
        points = list(zip(*(row.numerators for row in inputs), strict=True))
        out = []
        for h in range(m):
            bias = Fraction(str(self.network.biases[h]))
            for side in (True, False):
                samples = {x for x, row in zip(points, self.pattern, strict=True) if row[h] is side}
                if n == 1 and samples:
                    samples = {min(samples), max(samples)}
                for sample in sorted(samples):
                    value = total(Fraction(z, x.denominator) * v for z, x, v in zip(sample, inputs, incoming[h], strict=True))
                    out.append(value > bias if side else value < bias)
        return out

    def _read(self, matrix: Sequence[Sequence[ExprLike]], rows: int, columns: int, name: str) -> list[list[Expr]]:
        read = [[expr(entry) for entry in row] for row in matrix]
        if len(read) != rows or any(len(row) != columns for row in read):
            raise SystemsError(f"{name}: {rows} rows of {columns} entries are needed.")
        return read


_IRRATIONAL = "data: a restricted loss needs rational inputs and targets; use the methods of the network for others."


def _fractions(matrix: sp.MatrixBase) -> list[list[Fraction]]:
    if any(not entry.is_Rational for entry in matrix):
        raise SystemsError(_IRRATIONAL)
    return [[Fraction(int(entry.p), int(entry.q)) for entry in row] for row in matrix.tolist()]


def _diagonal(active: tuple[bool, ...]) -> sp.MatrixBase:
    return sp.diag(*(1 if a else 0 for a in active))


def _mixed_block(active: tuple[bool, ...], outgoing: sp.MatrixBase, features: sp.MatrixBase, error: sp.MatrixBase, n: int) -> sp.MatrixBase:
    """∂²/∂W_{ch}∂V_{gl} over the factor: W_{cg} a_g Σ φ_h x_l, plus a_h Σ e_c x_l on the same unit h = g."""
    k, m = outgoing.shape
    block = sp.zeros(k * m, m * n)
    for g in (g for g in range(m) if active[g]):
        for c in range(k):
            for h in range(m):
                for x in range(n):
                    block[c * m + h, g * n + x] = outgoing[c, g] * features[h, x] + (error[c, x] if g == h else 0)
    return block
