"""Deep linear networks x ↦ W_L ⋯ W_1 x: derivations with symbolic dimensions, and exact evaluation at given weights.

Weights are always listed (W_1, …, W_L), the layer next to the input first; W_{b:a} = W_b ⋯ W_a, E = W_{L:1} − R, the loss is ½‖E‖_F².
The derivations perturb the weights in a free algebra of matrix words, so they hold for all shapes at once; each step is then checked again
at exact rational matrices of unequal widths, or entry by entry against SymPy's derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy as sp

from symgd.systems._exact import exact, exact_matrix, shorten
from symgd.systems.errors import SystemsError
from symgd.systems.matrix_words import Word, Words, degree
from symgd.systems.steps import Derivation, Step, equation

_DELTA = sp.Symbol("delta", positive=True)
_WIDTHS = (2, 1, 3, 2, 1, 2, 3, 1, 2)
"""Widths of the check instances: unequal, so that a wrong transpose or order cannot pass."""


@dataclass(frozen=True)
class MatrixChain:
    """The loss ½‖W_L ⋯ W_1 − R‖_F² with symbolic dimensions: W_j is n_j × n_{j−1}, R is n_L × n_0.

    Args:
        L: number of layers, ≥ 1.

    Raises:
        SystemsError: L is not an int ≥ 1.

    Source: Nar and Sastry 2018, Theorem 1.
    """

    L: int

    def __post_init__(self) -> None:
        if not isinstance(self.L, int) or isinstance(self.L, bool) or self.L < 1:
            raise SystemsError(f"L: {self.L!r} is not a number of layers; give an int ≥ 1.")

    @property
    def widths(self) -> tuple[sp.Symbol, ...]:
        """The symbolic dimensions n_0, …, n_L."""
        return tuple(sp.Symbol(f"n_{j}", integer=True, positive=True) for j in range(self.L + 1))

    @property
    def weights(self) -> tuple[sp.MatrixSymbol, ...]:
        """The matrix symbols W_1, …, W_L."""
        return self._layers("W")

    @property
    def target(self) -> sp.MatrixSymbol:
        """The matrix symbol R, shape (n_L, n_0)."""
        return sp.MatrixSymbol("R", self.widths[-1], self.widths[0])

    @property
    def residual(self) -> sp.MatrixSymbol:
        """The matrix symbol E = W_{L:1} − R, shape (n_L, n_0)."""
        return sp.MatrixSymbol("E", self.widths[-1], self.widths[0])

    @property
    def directions(self) -> tuple[sp.MatrixSymbol, ...]:
        """The matrix symbols D_1, …, D_L for dW_1, …, dW_L."""
        return self._layers("D")

    def _layers(self, name: str) -> tuple[sp.MatrixSymbol, ...]:
        n = self.widths
        return tuple(sp.MatrixSymbol(f"{name}_{j}", n[j], n[j - 1]) for j in range(1, self.L + 1))

    def _check_layer(self, j: int) -> None:
        if not isinstance(j, int) or not 1 <= j <= self.L:
            raise SystemsError(f"layer {j!r} is not an int from 1 to {self.L}.")

    def _chain(self, high: int, low: int) -> Words:
        """W_{high:low}, the identity when high < low."""
        product = Words.identity(self.widths[high])
        for j in range(high, low - 1, -1):
            product = product * Words.of(self.weights[j - 1])
        return product

    def _above(self, j: int) -> Words:
        """W_{L:j+1}."""
        return self._chain(self.L, j + 1)

    def _below(self, j: int) -> Words:
        """W_{j−1:1}."""
        return self._chain(j - 1, 1)

    def _perturbed(self, layers: Sequence[int], order: int) -> Words:
        """∏ (W_j + D_j over the given layers), without the words of more than `order` directions."""
        product = Words.identity(self.widths[-1])
        for j in range(self.L, 0, -1):
            factor = Words.of(self.weights[j - 1])
            if j in layers:
                factor = factor + Words.of(self.directions[j - 1])
            product = product.times(factor, lambda word: degree(word, self.directions) <= order)
        return product

    def gradient(self, j: int) -> Derivation:
        """Derive ∇_{W_j} ½‖W_{L:1} − R‖_F² = W_{L:j+1}ᵀ E W_{j−1:1}ᵀ.

        Args:
            j: layer, 1 ≤ j ≤ L.

        Returns:
            the derivation; `result` is the gradient, shape (n_j, n_{j−1}), in W, and E for W_{L:1} − R.
        """
        self._check_layer(j)
        residual, direction = Words.of(self.residual), self.directions[j - 1]
        moved = [w + d if k == j else w for k, (w, d) in self._numbered()]
        first = self._above(j) * Words.of(direction) * self._below(j)
        gradient = self._gradient_words(j)
        pairing, answer = residual.T * first, gradient.T * Words.of(direction)
        steps = (
            Step(
                equation(_displayed_product(moved) - _displayed_product(self.weights), first.to_sympy()),
                f"W_{j} → W_{j} + D_{j} changes E by exactly this: the product is affine in W_{j}",
                lambda: (self._perturbed([j], self.L) - self._chain(self.L, 1)).terms == first.terms,
            ),
            Step(
                equation(sp.Symbol("dloss"), sp.Trace(pairing.to_sympy())),
                f"the part of ½ tr((E + dE)ᵀ(E + dE)) of degree 1 in D_{j}",
                lambda: self._linear_part_of_loss(first) == pairing.trace(),
            ),
            Step(
                equation(sp.Trace(pairing.to_sympy()), sp.Trace(sp.MatMul(sp.Transpose(gradient.to_sympy()), direction))),
                "tr is invariant under rotation and transposition; the matrix that pairs with every D_j is the gradient",
                lambda: pairing.trace() == answer.trace(),
            ),
            Step(
                equation(sp.Symbol(f"gradient_{j}"), gradient.to_sympy()),
                "checked entry by entry against SymPy's derivative at rational matrices of unequal widths",
                lambda: _gradient_holds_entrywise(self, j),
            ),
        )
        return Derivation(f"gradient of the loss by W_{j}, L = {self.L}", steps, gradient.to_sympy())

    def _gradient_words(self, j: int) -> Words:
        return self._above(j).T * Words.of(self.residual) * self._below(j).T

    def _linear_part_of_loss(self, change: Words) -> dict[Word, sp.Expr]:
        moved = Words.of(self.residual) + change
        square = (moved.T * moved).scaled(sp.Rational(1, 2))
        return dict(square.select(lambda word: degree(word, self.directions) == 1).trace())

    def error_map(self) -> Derivation:
        """Derive E⁺ = E − δ Σ_j (W_{L:j+1}W_{L:j+1}ᵀ) E (W_{j−1:1}ᵀW_{j−1:1}) + o(E) for one step of gradient descent.

        Returns:
            the derivation; `result` is the part linear in E, shape (n_L, n_0). The remainder has
            2^L − 1 − L words, each with two or more factors E.
        """
        exact_map = self._exact_error_map()
        residual = Words.of(self.residual)
        linear = residual
        for j in range(1, self.L + 1):
            above, below = self._above(j), self._below(j)
            linear = linear - (above * above.T * residual * below.T * below).scaled(_DELTA)
        by_degree = [exact_map.select(lambda word, k=k: degree(word, [self.residual]) == k) for k in range(self.L + 1)]  # type: ignore[misc]
        remainder = exact_map - linear
        steps = (
            Step(
                equation(sp.Symbol("E_next"), _displayed_product(self._moved_weights()) - self.target),
                "one step of gradient descent; R = W_{L:1} − E",
                lambda: _error_map_holds_exactly(self, exact_map),
            ),
            Step(
                equation(sp.Symbol("degree_0_in_E"), by_degree[0].to_sympy()),
                "no word without E is left: E = 0 stays 0",
                lambda: not by_degree[0].terms,
            ),
            Step(
                equation(sp.Symbol("degree_1_in_E"), linear.to_sympy()),
                "words with one factor E, from one gradient among L layers",
                lambda: by_degree[1].terms == linear.terms,
            ),
            Step(
                equation(sp.Symbol("number_of_words_of_higher_degree"), sp.Integer(len(remainder.terms))),
                "every other word has at least two factors E, so it is o(E) while the weights stay bounded",
                lambda: self._remainder_is_small(remainder),
            ),
        )
        return Derivation(f"error map of gradient descent, L = {self.L}", steps, linear.to_sympy())

    def _exact_error_map(self) -> Words:
        product = Words.identity(self.widths[-1])
        for j in range(self.L, 0, -1):
            product = product * (Words.of(self.weights[j - 1]) - self._gradient_words(j).scaled(_DELTA))
        return product - self._chain(self.L, 1) + Words.of(self.residual)

    def _numbered(self) -> list[tuple[int, tuple[sp.MatrixSymbol, sp.MatrixSymbol]]]:
        return list(enumerate(zip(self.weights, self.directions, strict=True), start=1))

    def _moved_weights(self) -> list[sp.MatrixExpr]:
        return [w - _DELTA * self._gradient_words(j).to_sympy() for j, (w, _) in self._numbered()]

    def _remainder_is_small(self, remainder: Words) -> bool:
        many = all(degree(word, [self.residual]) >= 2 for word in remainder.terms)
        return many and len(remainder.terms) == 2**self.L - 1 - self.L

    def hessian_form(self) -> Derivation:
        """Derive the second derivative along (D_1, …, D_L), the quadratic form of the Hessian.

        It is ‖Σ_j W_{L:j+1} D_j W_{j−1:1}‖_F² + 2⟨E, Σ_{i<j} W_{L:j+1} D_j W_{j−1:i+1} D_i W_{i−1:1}⟩.

        Returns:
            the derivation; `result` is the sum of two traces. At zero residual only the square is left.
        """
        first = self._first_order()
        second = self._second_order()
        residual = Words.of(self.residual)
        square, cross = first.T * first, (residual.T * second).scaled(sp.Integer(2))
        norm = sp.Trace(sp.MatMul(sp.Transpose(first.to_sympy()), first.to_sympy()))
        result = norm + 2 * sp.Trace(sp.MatMul(sp.Transpose(self.residual), second.to_sympy())) if self.L > 1 else norm
        steps = (
            Step(
                equation(sp.Symbol("dE"), first.to_sympy()),
                "words of ∏(W_j + D_j) with one direction",
                lambda: self._degree_part(1).terms == first.terms,
            ),
            Step(
                equation(sp.Symbol("half_d2E"), second.to_sympy()),
                "words with two directions, the later layer to the left",
                lambda: self._degree_part(2).terms == second.terms,
            ),
            Step(
                equation(sp.Symbol("d2loss"), result),
                "twice the part of ½ tr((E + dE)ᵀ(E + dE)) of degree 2 in the directions",
                lambda: self._quadratic_part_of_loss(first + second) == (square + cross).trace(),
            ),
            Step(
                equation(sp.Symbol("d2loss_at_E_0"), norm),
                "at zero residual the cross terms vanish; checked against the exact Hessian of rational matrices",
                lambda: _hessian_form_holds(self, first, second),
            ),
        )
        return Derivation(f"second derivative of the loss, L = {self.L}", steps, result)

    def _first_order(self) -> Words:
        total = Words({}, self.residual.shape)
        for j in range(1, self.L + 1):
            total = total + self._above(j) * Words.of(self.directions[j - 1]) * self._below(j)
        return total

    def _second_order(self) -> Words:
        total = Words({}, self.residual.shape)
        for j in range(2, self.L + 1):
            for i in range(1, j):
                left = self._above(j) * Words.of(self.directions[j - 1])
                total = total + left * self._chain(j - 1, i + 1) * Words.of(self.directions[i - 1]) * self._below(i)
        return total

    def _degree_part(self, order: int) -> Words:
        everywhere = range(1, self.L + 1)
        return self._perturbed(everywhere, order).select(lambda word: degree(word, self.directions) == order)

    def _quadratic_part_of_loss(self, change: Words) -> dict[Word, sp.Expr]:
        moved = Words.of(self.residual) + change
        square = moved.T.times(moved, lambda word: degree(word, self.directions) == 2)
        return dict(square.trace())

    def data_reduction(self) -> Derivation:
        """Derive (1/2N) Σ_i ‖R x_i − W_{L:1} x_i‖² = ½‖W_{L:1} − R‖_F² when (1/N) Σ_i x_i x_iᵀ = I.

        Returns:
            the derivation; `result` is ½ tr(EᵀE).
        """
        n0 = self.widths[0]
        sample = sp.MatrixSymbol("x_i", n0, 1)
        second_moment = sp.MatrixSymbol("C", n0, n0)
        residual, x = Words.of(self.residual), Words.of(sample)
        gram = residual.T * residual
        per_sample, rotated = x.T * gram * x, gram * x * x.T
        steps = (
            Step(
                equation(sp.Symbol("norm2_of_E_x_i"), sp.Trace(per_sample.to_sympy())),
                "‖E x_i‖² = (E x_i)ᵀ(E x_i), a 1×1 trace",
                lambda: ((residual * x).T * (residual * x)).terms == per_sample.terms and per_sample.shape == (1, 1),
            ),
            Step(
                equation(sp.Trace(per_sample.to_sympy()), sp.Trace(rotated.to_sympy())),
                "rotate x_iᵀ to the end of the trace",
                lambda: per_sample.trace() == rotated.trace(),
            ),
            Step(
                equation(sp.Symbol("mean_of_norm2"), sp.Trace((gram * Words.of(second_moment)).to_sympy())),
                "the trace is linear: average over i, with C = (1/N) Σ x_i x_iᵀ; checked on rational data with C ≠ I",
                _mean_is_linear,
            ),
            Step(
                equation(sp.Symbol("loss"), sp.Trace(gram.to_sympy()) / 2),
                "C = I drops out",
                lambda: _replace_by_identity(gram * Words.of(second_moment), second_moment).trace() == gram.trace(),
            ),
        )
        return Derivation("reduction of the data loss", steps, sp.Trace(gram.to_sympy()) / 2)


def _displayed_product(factors: Sequence[sp.MatrixExpr]) -> sp.MatrixExpr:
    """Factors given from the input side, multiplied from the output side and left unexpanded."""
    return sp.MatMul(*reversed(factors))


def _replace_by_identity(words: Words, symbol: sp.MatrixSymbol) -> Words:
    return Words({tuple(letter for letter in word if letter.symbol != symbol): c for word, c in words.terms.items()}, words.shape)


# Exact evaluation


def read_weights(weights: Sequence[Any]) -> tuple[sp.ImmutableMatrix, ...]:
    """Read a list of weight matrices and check that they fit.

    Args:
        weights: W_1, …, W_L, each a SymPy matrix or nested sequences of exact numbers, W_j of shape (n_j, n_{j−1}).

    Returns:
        the same as immutable matrices.

    Raises:
        NotExact: a floating-point entry; SystemsError: no weights, or neighbouring shapes do not fit.
    """
    matrices = tuple(exact_matrix(w, f"W_{j}") for j, w in enumerate(weights, start=1))
    if not matrices:
        raise SystemsError("weights: give at least one matrix, W_1 first.")
    for j, (inner, outer) in enumerate(pairwise(matrices), start=1):
        if outer.cols != inner.rows:
            raise SystemsError(
                f"weights: W_{j + 1} has {outer.cols} columns but W_{j} has {inner.rows} rows; list them from the input, W_1 first."
            )
    return matrices


def end_to_end(weights: Sequence[Any]) -> sp.ImmutableMatrix:
    """W_L ⋯ W_1.

    Args:
        weights: W_1, …, W_L; see read_weights.

    Returns:
        exact matrix, shape (n_L, n_0).
    """
    matrices = read_weights(weights)
    return _product(matrices, matrices[0].cols)


def _product(matrices: Sequence[sp.MatrixBase], size: int) -> sp.ImmutableMatrix:
    product: sp.MatrixBase = sp.eye(size)
    for matrix in matrices:
        product = matrix * product
    return sp.ImmutableMatrix(product)


def residual(weights: Sequence[Any], R: Any) -> sp.ImmutableMatrix:
    """E = W_L ⋯ W_1 − R.

    Args:
        weights: W_1, …, W_L.
        R: target, shape (n_L, n_0).

    Raises:
        SystemsError: the target's shape is wrong.
    """
    product = end_to_end(weights)
    target = exact_matrix(R, "R")
    if target.shape != product.shape:
        raise SystemsError(f"R: shape {target.shape} given, the product of the weights has shape {product.shape}.")
    return sp.ImmutableMatrix(product - target)


def loss(weights: Sequence[Any], R: Any) -> sp.Expr:
    """½‖W_L ⋯ W_1 − R‖_F², exactly.

    Args:
        weights: W_1, …, W_L.
        R: target, shape (n_L, n_0).
    """
    return sp.Add(*(entry**2 for entry in residual(weights, R))) / 2


def data_loss(weights: Sequence[Any], R: Any, samples: Sequence[Any]) -> sp.Expr:
    """(1/2N) Σ_i ‖R x_i − W_{L:1} x_i‖², exactly.

    Args:
        weights: W_1, …, W_L.
        R: target, shape (n_L, n_0).
        samples: x_1, …, x_N, each of length n_0.

    Source: Nar and Sastry 2018, Theorem 1.
    """
    error = residual(weights, R)
    errors = [error * exact_matrix(x, "sample") for x in samples]
    return sp.Add(*(entry**2 for e in errors for entry in e)) / (2 * len(errors))


def second_moment(samples: Sequence[Any]) -> sp.ImmutableMatrix:
    """(1/N) Σ_i x_i x_iᵀ, which must be I for data_loss and loss to agree.

    Args:
        samples: x_1, …, x_N, each of length n_0.
    """
    columns = [exact_matrix(x, "sample") for x in samples]
    if not columns:
        raise SystemsError("samples: give at least one.")
    total = sp.zeros(columns[0].rows, columns[0].rows)
    for x in columns:
        total = total + x * x.T
    return sp.ImmutableMatrix(total / len(columns))


def gradient(weights: Sequence[Any], R: Any) -> tuple[sp.ImmutableMatrix, ...]:
    """∇_{W_j} = W_{L:j+1}ᵀ E W_{j−1:1}ᵀ for every layer, exactly.

    Args:
        weights: W_1, …, W_L.
        R: target, shape (n_L, n_0).

    Returns:
        L matrices, the j-th of shape (n_j, n_{j−1}).
    """
    matrices = read_weights(weights)
    error = residual(matrices, R)
    below, above = _outer_products(matrices)
    return tuple(sp.ImmutableMatrix(a.T * error * b.T) for a, b in zip(above, below, strict=True))


def _outer_products(matrices: Sequence[sp.ImmutableMatrix]) -> tuple[list[sp.MatrixBase], list[sp.MatrixBase]]:
    """(W_{j−1:1}) and (W_{L:j+1}) for j = 1..L, by prefix and suffix products."""
    below: list[sp.MatrixBase] = [sp.eye(matrices[0].cols)]
    for matrix in matrices[:-1]:
        below.append(matrix * below[-1])
    above: list[sp.MatrixBase] = [sp.eye(matrices[-1].rows)]
    for matrix in reversed(matrices[1:]):
        above.append(above[-1] * matrix)
    return below, above[::-1]


def gd_step(weights: Sequence[Any], R: Any, delta: Any) -> tuple[sp.ImmutableMatrix, ...]:
    """One step of gradient descent on ½‖W_{L:1} − R‖_F², exactly.

    Args:
        weights: W_1, …, W_L.
        R: target, shape (n_L, n_0).
        delta: step size.

    Returns:
        the new weights.
    """
    matrices = read_weights(weights)
    step = exact(delta, "delta")
    return tuple(sp.ImmutableMatrix(w - step * g) for w, g in zip(matrices, gradient(matrices, R), strict=True))


def linear_error_step(weights: Sequence[Any], error: Any, delta: Any) -> sp.ImmutableMatrix:
    """E − δ Σ_j (W_{L:j+1}W_{L:j+1}ᵀ) E (W_{j−1:1}ᵀW_{j−1:1}), the error map linearised at E = 0.

    Args:
        weights: W_1, …, W_L.
        error: E, shape (n_L, n_0).
        delta: step size.
    """
    matrices = read_weights(weights)
    e = exact_matrix(error, "error")
    moved = e
    for a, b in zip(*_outer_products(matrices)[::-1], strict=True):
        moved = moved - exact(delta, "delta") * (a * a.T) * e * (b.T * b)
    return sp.ImmutableMatrix(moved)


def hessian(weights: Sequence[Any], R: Any) -> sp.ImmutableMatrix:
    """Exact Hessian of ½‖W_{L:1} − R‖_F², residual terms included.

    Args:
        weights: W_1, …, W_L.
        R: target, shape (n_L, n_0).

    Returns:
        symmetric matrix of size Σ_j n_j n_{j−1}; coordinates are the entries of W_1, then W_2, …, each matrix row by row.
    """
    matrices = read_weights(weights)
    error = residual(matrices, R)
    below, above = _outer_products(matrices)
    depth = len(matrices)
    blocks: list[list[sp.MatrixBase]] = [[sp.zeros(0)] * depth for _ in range(depth)]
    for j in range(depth):
        for i in range(j + 1):
            # ⟨A_j D_j B_j, A_i D_i B_i⟩ for D_j = e_a e_bᵀ and D_i = e_c e_dᵀ
            block = sp.kronecker_product(above[j].T * above[i], below[j] * below[i].T)
            if i < j:
                block = block + _residual_block(matrices, error, above[j], below[i], j, i)
            blocks[j][i], blocks[i][j] = block, block.T
    return sp.ImmutableMatrix(sp.Matrix.vstack(*(sp.Matrix.hstack(*row) for row in blocks)))


def _residual_block(
    matrices: Sequence[sp.ImmutableMatrix], error: sp.MatrixBase, above_j: sp.MatrixBase, below_i: sp.MatrixBase, j: int, i: int
) -> sp.MatrixBase:
    # ⟨E, A_j D_j C D_i B_i⟩ with C = W_{j−1:i+1} is (A_jᵀ E B_iᵀ)_{ad} C_{bc}
    outer = above_j.T * error * below_i.T
    middle = _product(matrices[i + 1 : j], matrices[i].rows)
    (n_j, n_before_j), (n_i, n_before_i) = matrices[j].shape, matrices[i].shape
    return sp.Matrix(
        n_j * n_before_j,
        n_i * n_before_i,
        lambda row, column: outer[row // n_before_j, column % n_before_i] * middle[row % n_before_j, column // n_before_i],
    )


def hessian_form(weights: Sequence[Any], R: Any, directions: Sequence[Any]) -> sp.Expr:
    """Second derivative of the loss along (dW_1, …, dW_L), without forming the Hessian.

    Args:
        weights: W_1, …, W_L.
        R: target, shape (n_L, n_0).
        directions: dW_1, …, dW_L, of the shapes of the weights.

    Returns:
        ‖Σ_j W_{L:j+1} dW_j W_{j−1:1}‖_F² + 2⟨E, Σ_{i<j} …⟩, exactly.
    """
    matrices, changes = read_weights(weights), read_weights(directions)
    if [m.shape for m in matrices] != [d.shape for d in changes]:
        shapes = [m.shape for m in matrices]
        raise SystemsError(f"directions: shapes {shorten([d.shape for d in changes])} do not match the weights' {shorten(shapes)}.")
    error = residual(matrices, R)
    # Taylor coefficients of ∏(W_j + ε dW_j) up to ε²
    value: sp.MatrixBase = sp.eye(matrices[0].cols)
    first: sp.MatrixBase = sp.zeros(*value.shape)
    second: sp.MatrixBase = sp.zeros(*value.shape)
    for w, d in zip(matrices, changes, strict=True):
        value, first, second = w * value, w * first + d * value, w * second + d * first
    return sp.Add(*(entry**2 for entry in first)) + 2 * sp.Add(*(e * s for e, s in zip(error, second, strict=True)))


# Check instances for the derivations


def _instance(chain: MatrixChain, name: str) -> tuple[sp.ImmutableMatrix, ...]:
    """Small rational matrices of the check widths, different for every name and layer."""
    widths = [_WIDTHS[j % len(_WIDTHS)] for j in range(chain.L + 1)]
    salt = sum(map(ord, name))

    def entry(j: int) -> Callable[[int, int], sp.Expr]:
        return lambda a, b: sp.Rational((7 * int(a) + 5 * int(b) + 3 * j + salt) % 11 - 5, 1 + (int(a) + j) % 3)

    return tuple(sp.ImmutableMatrix(widths[j], widths[j - 1], entry(j)) for j in range(1, chain.L + 1))


def _instance_target(chain: MatrixChain) -> sp.ImmutableMatrix:
    rows, columns = _WIDTHS[chain.L % len(_WIDTHS)], _WIDTHS[0]
    return sp.ImmutableMatrix(rows, columns, lambda a, b: sp.Rational(3 * int(a) - 2 * int(b) + 1, 2))


def _gradient_holds_entrywise(chain: MatrixChain, j: int) -> bool:
    matrices, target = list(_instance(chain, "W")), _instance_target(chain)
    layer = matrices[j - 1]
    entries = sp.Matrix(layer.rows, layer.cols, lambda a, b: sp.Symbol(f"w_{a}_{b}", real=True))
    value = sp.Poly(loss([*matrices[: j - 1], entries, *matrices[j:]], target), *entries)
    derivative = sp.Matrix(layer.rows, layer.cols, lambda a, b: value.diff(entries[a, b])(*layer))
    letters = {**dict(zip(chain.weights, matrices, strict=True)), chain.residual: residual(matrices, target)}
    return bool(derivative == gradient(matrices, target)[j - 1] == chain._gradient_words(j).evaluate(letters))


def _error_map_holds_exactly(chain: MatrixChain, words: Words) -> bool:
    matrices, target, delta = _instance(chain, "W"), _instance_target(chain), sp.Rational(1, 7)
    letters = {**dict(zip(chain.weights, matrices, strict=True)), chain.residual: residual(matrices, target)}
    numbers = Words({word: c.xreplace({_DELTA: delta}) for word, c in words.terms.items()}, words.shape)
    return bool(numbers.evaluate(letters) == residual(gd_step(matrices, target, delta), target))


def _hessian_form_holds(chain: MatrixChain, first: Words, second: Words) -> bool:
    matrices, changes = _instance(chain, "W"), _instance(chain, "D")
    target = _instance_target(chain)
    letters = {**dict(zip(chain.weights, matrices, strict=True)), **dict(zip(chain.directions, changes, strict=True))}
    vector = sp.Matrix([entry for change in changes for entry in change])
    square = sp.Add(*(entry**2 for entry in first.evaluate(letters)))
    at_solution = (vector.T * hessian(matrices, end_to_end(matrices)) * vector)[0, 0] == square
    error = residual(matrices, target)
    cross = sp.Add(*(e * s for e, s in zip(error, second.evaluate(letters), strict=True))) if second.terms else sp.Integer(0)
    return bool(at_solution and (vector.T * hessian(matrices, target) * vector)[0, 0] == square + 2 * cross)


def _mean_is_linear() -> bool:
    weights, target = [[[1, 2], [0, 1], [3, -1]]], [[1, 0], [2, 1], [0, 5]]
    samples = [[1, 2], [3, -1], [0, 2]]
    error = residual(weights, target)
    return bool(2 * data_loss(weights, target, samples) == (error.T * error * second_moment(samples)).trace())


__all__ = [
    "MatrixChain",
    "data_loss",
    "end_to_end",
    "gd_step",
    "gradient",
    "hessian",
    "hessian_form",
    "linear_error_step",
    "loss",
    "read_weights",
    "residual",
    "second_moment",
]
