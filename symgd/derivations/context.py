"""What the names of a derivation mean: reals with a sign, integers with a range, families, vectors, matrices, chains."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .formula import FormulaError, Node, free_names, parse, text

_SIGNS = ("positive", "nonnegative", "negative", "nonzero", "real")
_SHAPES = {"matrix": 2, "symmetric": 1, "psd": 1, "orthogonal": 1, "vector": 1, "chain": 1}


@dataclass(frozen=True)
class Kind:
    """What one name stands for.

    Arguments: `sort`, one of real, integer, matrix, vector, chain; `sign`, for reals; `first` and `last`, the range of an integer as
    formulas; `dims`, rows and columns as formulas (for a chain: the family of layer widths); `shape`, symmetric, psd, orthogonal or "";
    `family`, whether the name takes an index.
    """

    sort: str
    sign: str = "real"
    first: Node | None = None
    last: Node | None = None
    dims: tuple[Node, ...] = ()
    shape: str = ""
    family: bool = False

    @property
    def matrix(self) -> bool:
        """Whether the name stands for something that does not commute."""
        return self.sort in ("matrix", "vector", "chain")


def read_kind(name: str, words: str) -> Kind:
    """The kind of a name from a declaration.

    Arguments: `name`, for messages; `words`, one of
    "real", "positive", "nonnegative", "negative", "nonzero", "integer", "integer >= 1", "integer 1..L", "dimension", "matrix m n",
    "symmetric n", "psd n", "orthogonal n", "vector n", each but the integers also followed by "family"; "chain d" with a family d of
    widths.
    Raises: FormulaError.
    """
    parts = words.split()
    family = parts[-1:] == ["family"]
    head, *rest = parts[: len(parts) - family] or [""]
    if head == "dimension" and not rest:
        return Kind("integer", first=1, family=family)
    if head in _SIGNS and not rest:
        return Kind("real", sign=head, family=family)
    if head == "integer" and not family:
        body = " ".join(rest)
        if not body:
            return Kind("integer")
        if match := re.fullmatch(r">= (.+)", body):
            return Kind("integer", first=parse(match[1]))
        if match := re.fullmatch(r"(.+?)\.\.(.+)", body):
            return Kind("integer", first=parse(match[1]), last=parse(match[2]))
    if head in _SHAPES and len(rest) == _SHAPES[head]:
        dims = tuple(parse(d) for d in rest)
        if head == "vector":
            return Kind("vector", dims=(dims[0], 1), family=family)
        if head == "chain":
            return Kind("chain", dims=dims)
        return Kind("matrix", dims=dims if head == "matrix" else (dims[0], dims[0]), shape="" if head == "matrix" else head, family=family)
    raise FormulaError(f"cannot read the declaration {name}: {words!r}; write 'positive', 'integer >= 1', 'matrix m n', 'chain d', ...")


@dataclass(frozen=True)
class Context:
    """The declarations in force and the definitions that are unfolded.

    Arguments: `kinds`, by name in the order of declaration; `definitions`, by name: (parameters, body).
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    definitions: Mapping[str, tuple[tuple[str, ...], Node]] = field(default_factory=dict)

    def kind(self, name: str) -> Kind:
        """The kind of a name. Raises: FormulaError if it was not declared."""
        if name not in self.kinds:
            raise FormulaError(f"{name!r} was not declared; the names here are {', '.join(sorted(self.kinds)) or 'none'}")
        return self.kinds[name]

    def bind(self, name: str, first: Node | None, last: Node | None) -> Context:
        """The context with an integer name ranging over first..last."""
        return replace(self, kinds={**self.kinds, name: Kind("integer", first=first, last=last)})

    def declare(self, **kinds: str) -> Context:
        """The context with more declarations."""
        return replace(self, kinds={**self.kinds, **{n: read_kind(n, w) for n, w in kinds.items()}})


def read_context(let: Mapping[str, str], define: Mapping[str, str]) -> Context:
    """The context of a derivation.

    Arguments: `let`, declarations by name; `define`, as {"mu(w)": "1 - delta*w", "p[j]": "norm(W[j:1]*v)", "beta": "..."}.
    Raises: FormulaError for an unreadable entry, or a definition that mentions itself or something undeclared.
    """
    kinds = {name.replace("lambda", "lam"): read_kind(name, words) for name, words in let.items()}
    definitions: dict[str, tuple[tuple[str, ...], Node]] = {}
    for head, source in define.items():
        left, body = parse(head), parse(source)
        if isinstance(left, str):
            name, parameters = left, ()
        elif isinstance(left, tuple) and left[0] == "index":
            name, parameters = left[1], left[2:]
        elif isinstance(left, tuple) and all(isinstance(p, str) for p in left[1:]):
            name, parameters = left[0], left[1:]
        else:
            raise FormulaError(f"{head!r} cannot be defined; write 'f(x)', 'p[j]' or a name")
        known = kinds.keys() | definitions.keys() | set(parameters) | {"I"}
        if name in kinds or name in definitions:
            raise FormulaError(f"{name!r} has two meanings")
        if unknown := free_names(body) - known:
            raise FormulaError(f"the definition of {text(left)} mentions {', '.join(sorted(unknown))}, which is not declared before it")
        definitions[name] = (tuple(parameters), body)
    return Context(kinds, definitions)
