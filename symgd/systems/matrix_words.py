"""Polynomials in matrices with symbolic shapes: sums of words, where a word is a product of letters and transposed letters.

SymPy's matrix calculus leaves products of sums and traces undistributed; here the free algebra is explicit, every product checks its
shapes, and two expressions are equal exactly when their words agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from symgd.systems.errors import SystemsError


@dataclass(frozen=True)
class Letter:
    """A matrix variable or its transpose.

    Args:
        symbol: the MatrixSymbol, shape (m, n) possibly symbolic.
        transposed: whether the letter stands for its transpose.
    """

    symbol: sp.MatrixSymbol
    transposed: bool = False

    @property
    def shape(self) -> tuple[sp.Expr, sp.Expr]:
        """(rows, columns), after transposition."""
        rows, columns = self.symbol.shape
        return (columns, rows) if self.transposed else (rows, columns)

    @property
    def T(self) -> Letter:
        """The transposed letter."""
        return Letter(self.symbol, not self.transposed)


Word = tuple[Letter, ...]


@dataclass(frozen=True)
class Words:
    """A sum of words with scalar coefficients, all of one shape; the empty word is the identity.

    Args:
        terms: coefficient of every word; zeros are dropped.
        shape: (rows, columns).
    """

    terms: Mapping[Word, sp.Expr]
    shape: tuple[sp.Expr, sp.Expr]

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", {word: c for word, c in self.terms.items() if c != 0})

    @staticmethod
    def of(symbol: sp.MatrixSymbol) -> Words:
        """The word of one letter."""
        return Words({(Letter(symbol),): sp.Integer(1)}, tuple(symbol.shape))

    @staticmethod
    def identity(size: sp.Expr) -> Words:
        """The identity, shape (size, size)."""
        return Words({(): sp.Integer(1)}, (size, size))

    def __add__(self, other: Words) -> Words:
        if self.shape != other.shape:
            raise SystemsError(f"shapes {self.shape} and {other.shape} cannot be added.")
        terms = dict(self.terms)
        for word, coefficient in other.terms.items():
            terms[word] = terms.get(word, sp.Integer(0)) + coefficient
        return Words(terms, self.shape)

    def __sub__(self, other: Words) -> Words:
        return self + other.scaled(sp.Integer(-1))

    def __mul__(self, other: Words) -> Words:
        return self.times(other)

    def times(self, other: Words, keep: Callable[[Word], bool] = lambda word: True) -> Words:
        """Product, optionally without the words that `keep` refuses (for truncation by degree)."""
        if self.shape[1] != other.shape[0]:
            raise SystemsError(f"shapes {self.shape} and {other.shape} cannot be multiplied.")
        terms: dict[Word, sp.Expr] = {}
        for left, a in self.terms.items():
            for right, b in other.terms.items():
                word = left + right
                if keep(word):
                    terms[word] = terms.get(word, sp.Integer(0)) + a * b
        return Words(terms, (self.shape[0], other.shape[1]))

    def scaled(self, factor: sp.Expr) -> Words:
        """Every coefficient times a scalar."""
        return Words({word: factor * c for word, c in self.terms.items()}, self.shape)

    @property
    def T(self) -> Words:
        """Transpose: words reversed, letters transposed."""
        return Words({_transposed(word): c for word, c in self.terms.items()}, (self.shape[1], self.shape[0]))

    def select(self, keep: Callable[[Word], bool]) -> Words:
        """The words that satisfy a condition."""
        return Words({word: c for word, c in self.terms.items() if keep(word)}, self.shape)

    def trace(self) -> Mapping[Word, sp.Expr]:
        """Trace as a sum of cyclic words: equal up to rotation and transposition means equal.

        Raises:
            SystemsError: the shape is not square.
        """
        if self.shape[0] != self.shape[1]:
            raise SystemsError(f"the trace needs a square shape, not {self.shape}.")
        cyclic: dict[Word, sp.Expr] = {}
        for word, c in self.terms.items():
            key = _cyclic(word)
            cyclic[key] = cyclic.get(key, sp.Integer(0)) + c
        return {word: c for word, c in cyclic.items() if c != 0}

    def to_sympy(self) -> sp.MatrixExpr:
        """The same as a SymPy matrix expression, words in the order they were made."""
        if not self.terms:
            return sp.ZeroMatrix(*self.shape)
        return sp.MatAdd(*(c * _as_product(word, self.shape) for word, c in self.terms.items())).doit()

    def evaluate(self, values: Mapping[sp.MatrixSymbol, sp.MatrixBase]) -> sp.ImmutableMatrix:
        """Insert concrete matrices.

        Args:
            values: a matrix for every letter.

        Returns:
            the exact matrix.
        """
        total: sp.MatrixBase | None = None
        for word, c in self.terms.items():
            product: sp.MatrixBase | None = None
            for letter in word:
                factor = values[letter.symbol].T if letter.transposed else values[letter.symbol]
                product = factor if product is None else product * factor
            if product is None:
                raise SystemsError("an identity of symbolic size has no value; multiply it by a letter first.")
            total = c * product if total is None else total + c * product
        if total is None:
            raise SystemsError("a zero of symbolic shape has no value.")
        return sp.ImmutableMatrix(total)


def degree(word: Word, symbols: Iterable[sp.MatrixSymbol]) -> int:
    """How many letters of a word belong to a set of matrix variables, transposed or not."""
    wanted = set(symbols)
    return sum(letter.symbol in wanted for letter in word)


def _transposed(word: Word) -> Word:
    return tuple(letter.T for letter in reversed(word))


def _cyclic(word: Word) -> Word:
    def key(w: Word) -> tuple[tuple[str, bool], ...]:
        return tuple((letter.symbol.name, letter.transposed) for letter in w)

    candidates = [v[i:] + v[:i] for v in (word, _transposed(word)) for i in range(max(1, len(v)))]
    return min(candidates, key=key)


def _as_product(word: Word, shape: tuple[sp.Expr, sp.Expr]) -> sp.MatrixExpr:
    factors = [letter.symbol.T if letter.transposed else letter.symbol for letter in word]
    return sp.MatMul(*factors) if factors else sp.Identity(shape[0])
