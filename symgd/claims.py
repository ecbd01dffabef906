"""Claims, and the verdicts on them.

A `Statement` is what is asserted, as inert data that the kernel reads. A `Claim` is a statement with a name, a sentence in
words, the verdict that is expected and the claims it builds on. A `Verdict` is proved, refuted or open, never a boolean.
"""

from __future__ import annotations

import contextlib
import enum
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Union

from . import kernel
from .language import Either, Expr, ExprLike, Json, LanguageError, Relation, Variable, expr, from_json, parse_relation, text

RelationLike = Union[Relation, str]
ClauseLike = Union[Relation, Either, str]


class Trust(enum.Enum):
    """What a verdict rests on, from most to least."""

    COQ = "coq"  # proved in Coq
    KERNEL = "kernel"  # a certificate that the kernel re-checked
    INTERVAL = "interval"  # an enclosure too large to re-check
    SYMBOLIC = "symbolic"  # computer algebra
    NUMERIC = "numeric"  # evidence only: never proves


class Outcome(enum.Enum):
    """What was decided about a claim; open means that neither a proof nor a counterexample was found."""

    PROVED = "proved"
    REFUTED = "refuted"
    OPEN = "open"


Box = Mapping[str, tuple[Fraction | None, Fraction | None]]
"""Closed ranges of variables; None is an infinite end."""


@dataclass(frozen=True)
class Verdict:
    """The answer to a claim. It has no truth value: compare `verdict.outcome`, and mind `verdict.trust`."""

    outcome: Outcome
    trust: Trust | None = None
    certificate: Mapping[str, Any] | None = field(default=None, repr=False)
    witness: str = ""  # of a refutation: the counterexample, ready to paste
    reason: str = ""  # of an open claim: what is left, and why
    left: tuple[Box, ...] = ()  # of an open claim `for all`: boxes that are not settled; together with what is, they are the domain

    def __post_init__(self) -> None:
        if self.outcome is not Outcome.OPEN and self.trust in (None, Trust.NUMERIC):
            raise ValueError("numeric evidence neither proves nor refutes")

    def __bool__(self) -> bool:
        raise TypeError("a verdict is not true or false; compare verdict.outcome with Outcome.PROVED, REFUTED or OPEN")

    def __str__(self) -> str:
        if self.outcome is Outcome.OPEN:
            return f"open: {self.reason}"
        trust = self.trust.value if self.trust else ""
        return f"{self.outcome.value} ({trust})" + (f": {self.witness}" if self.witness else "")


def proved(trust: Trust, certificate: Mapping[str, Any] | None = None) -> Verdict:
    return Verdict(Outcome.PROVED, trust, certificate)


def refuted(trust: Trust, witness: str, certificate: Mapping[str, Any] | None = None) -> Verdict:
    return Verdict(Outcome.REFUTED, trust, certificate, witness)


def still_open(reason: str, left: Iterable[Box] = ()) -> Verdict:
    return Verdict(Outcome.OPEN, reason=reason, left=tuple(left))


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Statement:
    """What is asserted, in the kernel's JSON notation (`data`, see symgd/kernel/FORMAT.md)."""

    data: Mapping[str, Any] = field(repr=False)

    @property
    def digest(self) -> str:
        return kernel.digest(self.data)

    def __str__(self) -> str:
        return describe(self.data)


def forall(*variables: Variable, given: Iterable[RelationLike] = (), then: ClauseLike | Iterable[ClauseLike]) -> Statement:
    """For all values of the variables: the hypotheses imply the conclusions.

    Arguments: `variables`; `given`, relations; `then`, a relation, a disjunction `r | s`, or several of them.
    Raises: LanguageError for a name that is not one of the variables, and for variables declared twice.
    """
    names = _names(variables)
    conclusions = _relations(then, names)
    if not conclusions:
        raise LanguageError("a statement needs a conclusion; pass then=[...]")
    data = {"kind": "forall", "vars": [v.range_json for v in variables], "given": _relations(given, names), "then": conclusions}
    return Statement(data)


def unique_zero(
    *unknowns: Variable, of: ExprLike | Sequence[ExprLike], params: Sequence[Variable] = (), then: Iterable[ClauseLike] = ()
) -> Statement:
    """For all `params`: the expressions `of` have exactly one common zero in the ranges of the unknowns, and `then` holds there."""
    names = _names([*params, *unknowns])
    equations = [expr(e) for e in (of if isinstance(of, (list, tuple)) else [of])]
    for e in equations:
        _known(e, names)
    return Statement(
        {
            "kind": "zero",
            "params": [v.range_json for v in params],
            "vars": [v.range_json for v in unknowns],
            "equations": [e.json for e in equations],
            "then": _relations(then, names),
        }
    )


def orbit(
    state: Mapping[Variable, ExprLike],
    *,
    start: Iterable[RelationLike],
    then: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    params: Sequence[Variable] = (),
    given: Iterable[RelationLike] = (),
    observe: ExprLike | None = None,
) -> Statement:
    """For all `params` and every start, the orbit of the map has one of the outcomes `then`.

    Arguments: `state`, the map, as {x: value of x after one step}; `start`, relations on the starts; `then`, outcomes made by
    `converges`, `at_rate`, `diverges`, `reaches`, `stays`, `ends_in`, `sublinear`, `linear`; `given`, hypotheses on the
    parameters; `observe`, a function of the state that the outcomes speak of instead of the state itself.
    """
    names = _names([*params, *state])
    if any((v.lo, v.hi, v.integer) != (None, None, False) for v in state):
        raise LanguageError("a state variable has no range of its own; put conditions on the start into start=[...]")
    for e in [*state.values(), *([] if observe is None else [observe])]:
        _known(expr(e), names)
    data: dict[str, Any] = {
        "kind": "orbit",
        "params": [v.range_json for v in params],
        "given": _relations(given, names),
        "state": [v.name for v in state],
        "map": [expr(e).json for e in state.values()],
        "start": _relations(start, names),
        "then": [
            _checked(outcome, names, _names(params), 1 if observe is not None else len(state))
            for outcome in ([then] if isinstance(then, Mapping) else then)
        ],
    }
    if not data["then"]:
        raise LanguageError("a statement about orbits needs an outcome; pass then=[converges(...)] or another one")
    return Statement(data if observe is None else {**data, "observe": expr(observe).json})


def _checked(outcome: Mapping[str, Any], names: frozenset[str], constants: frozenset[str], dimension: int) -> Json:
    """The outcome, if its names are declared and its point has one coordinate, free of the state, for each state variable."""
    if not isinstance(outcome, Mapping):
        raise LanguageError(f"{outcome} is not an outcome; write converges(...), stays(...), diverges() or another one")
    for kind, value in outcome.items():
        if kind in ("converges", "linear", "sublinear", "reaches", "to") and len(value) != dimension:
            raise LanguageError(f"the outcome {_outcome(outcome)!r} names {len(value)} coordinates where the state has {dimension}")
        if kind in ("stays", "ends in"):
            for side in (side for r in value for c in (r[1:] if r[0] == "or" else [r]) for side in c[1:]):
                _known(from_json(side), names)
        elif kind != "diverges":
            for e in [value] if kind == "rate" else value:
                _known(from_json(e), constants)
    return dict(outcome)


def converges(*to: ExprLike) -> Json:
    """The orbit converges to this point (one coordinate for each state variable)."""
    return {"converges": [expr(p).json for p in to]}


def linear(*to: ExprLike) -> Json:
    """Linear convergence to the point p = `to`, one coordinate each: |x_k - p| <= C b^k for some C and some b < 1."""
    return {"linear": [expr(p).json for p in to]}


def at_rate(factor: ExprLike, *to: ExprLike) -> Json:
    """|x_k - p| <= factor^k |x_0 - p| for every k, with p = `to`, one coordinate each."""
    return {"rate": expr(factor).json, "to": [expr(p).json for p in to]}


def sublinear(to: ExprLike) -> Json:
    """x_k tends to p, and unless it reaches p the ratio |x_{k+1} - p| / |x_k - p| tends to 1."""
    return {"sublinear": [expr(to).json]}


def reaches(*point: ExprLike) -> Json:
    """The orbit is at this point from some step on, or at some step."""
    return {"reaches": [expr(p).json for p in point]}


def diverges() -> Json:
    """|x_k| tends to infinity."""
    return {"diverges": True}


def stays(*relations: RelationLike) -> Json:
    """Every iterate satisfies these relations."""
    return {"stays": _relations(relations, None)}


def ends_in(*relations: RelationLike) -> Json:
    """From some step on, every iterate satisfies these relations."""
    return {"ends in": _relations(relations, None)}


def preimages(
    state: Mapping[Variable, ExprLike],
    *,
    domain: Iterable[RelationLike],
    of: ExprLike,
    first: ExprLike,
    following: ExprLike,
    above: ExprLike,
    params: Sequence[Variable] = (),
    given: Iterable[RelationLike] = (),
) -> Statement:
    """The starts in the domain that reach `of` are exactly `of`, a, h(a), h(h(a)), ..., with a = `first` and h = `following`.

    Arguments: `state`, the one variable with its image under the map; `params` and `given`, parameters and what is assumed of them;
    `domain`, relations for the starts. `above` is a bound c such that a, h(a), ... are at least c and each point sent to at least c is the
    h of its image.
    """
    names = _names([*params, *state])
    ((x, f),) = state.items()
    return Statement(
        {
            "kind": "preimages",
            "params": [v.range_json for v in params],
            "given": _relations(given, names),
            "state": [x.name],
            "map": [expr(f).json],
            "domain": _relations(domain, names),
            "of": expr(of).json,
            "first": expr(first).json,
            "next": expr(following).json,
            "above": expr(above).json,
        }
    )


def family(name: str, values: Iterable[int], member: Callable[[int], Statement]) -> Statement:
    """The conjunction of member(value) over the values, such as L = 2, ..., 64.

    Arguments: `name`, of the parameter, as it is shown; `values`, integers; `member`, the statement for one of them.
    Raises: LanguageError without values.
    """
    chosen = list(values)
    if not chosen:
        raise LanguageError(f"the family over {name} has no member; give it at least one value")
    return Statement({"kind": "all", "family": name, "values": chosen, "parts": [member(v).data for v in chosen]})


def every(*statements: Statement) -> Statement:
    """The conjunction of the statements."""
    return Statement({"kind": "all", "family": "", "values": list(range(1, len(statements) + 1)), "parts": [s.data for s in statements]})


def _names(variables: Iterable[Variable]) -> frozenset[str]:
    names = [v.name for v in variables]
    if len(set(names)) != len(names):
        raise LanguageError(f"a variable is declared twice among {', '.join(names)}")
    return frozenset(names)


def _known(e: Expr, names: frozenset[str]) -> None:
    for unknown in sorted(e.free_names - names):
        raise LanguageError(f"unknown name {unknown!r} in {e}; the variables here are: {', '.join(sorted(names)) or 'none'}")


def _relations(relations: ClauseLike | Iterable[ClauseLike], names: frozenset[str] | None) -> list[Json]:
    out = []
    if isinstance(relations, (Relation, Either, str)):
        relations = [relations]
    if isinstance(relations, bool):
        raise LanguageError(f"{relations} stands where a relation is wanted; == compares expressions as written, the equation is eq(a, b)")
    if not isinstance(relations, Iterable):
        raise LanguageError(f"{relations} is not a relation between expressions; compare with <, <=, >, >= or eq(a, b)")
    for r in relations:
        if isinstance(r, str):
            r = parse_relation(r, names)
        if not isinstance(r, (Relation, Either)):
            raise LanguageError(f"{r} is not a relation between expressions; compare with <, <=, >, >= or eq(a, b)")
        for part in r.options if isinstance(r, Either) else (r,):
            for side in (part.lhs, part.rhs):
                if names is not None:
                    _known(side, names)
        out.append(r.json)
    return out


# --- statements in words ---------------------------------------------------------------------------------------------


def describe(data: Mapping[str, Any]) -> str:
    """One line of plain text that says what the statement data asserts."""
    kind = data["kind"]
    if kind == "forall":
        body = f"{_list(data['then'])}"
        return _quantified(data["vars"], data.get("given", []), body)
    if kind == "zero":
        unknowns = ", ".join(_range(v) for v in data["vars"])
        body = f"exactly one {unknowns} with " + ", ".join(f"{_show(e)} = 0" for e in data["equations"])
        return _quantified(data["params"], [], body + (f", and there {_list(data['then'])}" if data.get("then") else ""))
    if kind in ("orbit", "preimages"):
        step = ", ".join(f"{x} <- {_show(f)}" for x, f in zip(data["state"], data["map"], strict=True))
        if kind == "preimages":
            body = (
                f"under {step} on {_list(data['domain'])}, exactly {_show(data['of'])}, a, h(a), h(h(a)), ... reach {_show(data['of'])}, "
                f"where a = {_show(data['first'])} and h({data['state'][0]}) = {_show(data['next'])}"
            )
        else:
            what = f"{_show(data['observe'])} " if "observe" in data else ""
            start = _list(data["start"]) if data["start"] else "any start"
            body = f"under {step} from {start}: {what}" + " or ".join(_outcome(o) for o in data["then"])
        return _quantified(data["params"], data.get("given", []), body)
    if kind == "all":
        first = describe(data["parts"][0])
        values = data["values"]
        return (
            f"for {data['family']} = {_values(values)}; e.g. {data['family']} = {values[0]}: {first}"
            if data["family"]
            else " AND ".join(f"({describe(p)})" for p in data["parts"])
        )
    return str(data.get("text", kind))


def _values(values: Sequence[int]) -> str:
    if len(values) > 2 and len({b - a for a, b in itertools.pairwise(values)}) == 1:
        return f"{values[0]}, {values[1]}, ..., {values[-1]}"
    return ", ".join(map(str, values))


def _quantified(ranges: Sequence[Json], given: Sequence[Json], body: str) -> str:
    return (f"for all {', '.join(_range(r) for r in ranges)}: " if ranges else "") + (f"{_list(given)}  =>  " if given else "") + body


def _range(entry: Json) -> str:
    name, left, lo, hi, right, *kind = entry
    if kind:
        return f"{name} in {lo}..{hi}"
    return name if (lo, hi) == ("-oo", "oo") else f"{name} in {left}{lo}, {hi}{right}"


def _show(e: Json) -> str:
    return text(from_json(e))


def _list(relations: Sequence[Json]) -> str:
    return " and ".join(" or ".join(f"{_show(r[1])} {r[0]} {_show(r[2])}" for r in (c[1:] if c[0] == "or" else [c])) for c in relations)


def _outcome(o: Mapping[str, Any]) -> str:
    (kind,) = o.keys() - {"to"}
    if kind == "diverges":
        return "diverges"
    if kind in ("stays", "ends in"):
        return f"{'stays in' if kind == 'stays' else 'ends in'} {_list(o[kind])}"
    if kind == "rate":
        return f"|x_k - p| <= ({_show(o['rate'])})^k |x_0 - p| with p = {', '.join(map(_show, o['to']))}"
    words = {"converges": "converges to", "linear": "converges linearly to", "sublinear": "converges sublinearly to", "reaches": "reaches"}
    return f"{words[kind]} {', '.join(map(_show, o[kind]))}"


# --- claims ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Claim:
    """A named statement with the verdict that is right for it."""

    id: str
    title: str
    statement: Statement
    expect: Outcome = Outcome.PROVED
    uses: tuple[str, ...] = ()
    by: Any = field(default=None, repr=False)  # a strategy, or for a family a function from the member to one
    source: str = ""
    corrects: str = ""  # the id of a refuted claim that this one is the corrected form of

    def __str__(self) -> str:
        return f"{self.id}: {self.title}\n  {self.statement}"


def claim(
    id: str, *, expect: str = "proved", uses: Iterable[str] = (), by: Any = None, source: str = "", corrects: str = ""
) -> Callable[[Callable[[], Statement]], Claim]:
    """Make a claim of a function without arguments that returns a statement; its docstring is the claim in words.

    Arguments: `id`, unique, such as "lem3.contraction"; `expect`, "proved", "refuted" or "open"; `uses`, ids of claims this
    one builds on; `by`, a proof strategy where the automatic one does not suffice; `source`, where the statement comes from;
    `corrects`, the id of the wrong statement that this one repairs.
    Raises: LanguageError for a bad id, a missing docstring, or an unknown expectation.
    """
    if not isinstance(id, str):
        raise LanguageError('a claim needs an id; write @claim("some.id") above the function')
    if not re.fullmatch(r"[A-Za-z0-9][\w.\-]{0,79}", id, re.ASCII):
        raise LanguageError(f"{id!r} is not an id; use letters, digits, '.', '_' and '-'")
    if expect not in {o.value for o in Outcome}:
        raise LanguageError(f"claim {id}: expect={expect!r} is not one of proved, refuted, open")

    def wrap(function: Callable[[], Statement]) -> Claim:
        title = " ".join((function.__doc__ or "").split())
        if not title:
            raise LanguageError(f"claim {id} has no docstring; say in one sentence what it states")
        try:
            statement = function()
        except LanguageError as problem:
            raise LanguageError(f"claim {id}: {problem}") from None
        if not isinstance(statement, Statement):
            raise LanguageError(f"claim {id}: the function must return a statement, for example forall(x, then=x**2 >= 0)")
        return Claim(id, title, statement, Outcome(expect), tuple(uses), by, source, corrects)

    return wrap


_find_certificate: ContextVar[Callable[[str], Mapping[str, Any] | None]] = ContextVar("certificates", default=lambda claim_id: None)


@contextlib.contextmanager
def certificates_from(find: Callable[[str], Mapping[str, Any] | None]) -> Iterator[None]:
    """While this lasts, the certificate of a claim is what `find` returns for its id."""
    token = _find_certificate.set(find)
    try:
        yield
    finally:
        _find_certificate.reset(token)


def certificate_of(claim_id: str) -> Mapping[str, Any] | None:
    """The certificate of a claim that another one builds on, or None. It is only a proposal: ask the kernel."""
    return _find_certificate.get()(claim_id)


def as_fraction(value: ExprLike) -> Fraction:
    """The exact rational `value` that an expression without variables denotes. Raises: LanguageError if it is not a literal."""
    e = expr(value)
    if isinstance(e.node, (int, str)):
        return Fraction(e.node)
    raise LanguageError(f"{e} is not a rational number")


@dataclass(frozen=True)
class Computation:
    """A claim that is decided by a computation of its own: by computer algebra, or by enclosures too large to re-check."""

    id: str
    title: str
    statement: str
    compute: Callable[[], bool] = field(repr=False)
    trust: Trust = Trust.SYMBOLIC
    expect: Outcome = Outcome.PROVED
    uses: tuple[str, ...] = ()
    source: str = ""
    corrects: str = ""

    def settle(self) -> Verdict:
        """Run the computation: proved where it says True, open otherwise."""
        return proved(self.trust) if self.compute() is True else still_open("the computation does not confirm it")


def computed(
    id: str, *, trust: Trust = Trust.SYMBOLIC, uses: Iterable[str] = (), source: str = "", corrects: str = ""
) -> Callable[[Callable[[], bool]], Computation]:
    """Make a claim of a function that decides it and returns True or False; its docstring is the claim.

    Arguments: `trust`, Trust.SYMBOLIC where the function rests on computer algebra, Trust.INTERVAL where it rests on
    outward-rounded enclosures of symgd.enclosures; `id`, `uses`, `source` and `corrects` as for `claim`.
    Raises: LanguageError for a missing docstring, or a trust that no computation of its own can have.
    """
    if trust not in (Trust.SYMBOLIC, Trust.INTERVAL):
        raise LanguageError(f"claim {id}: a computation of its own is at trust symbolic or interval, not {trust.value}")

    def wrap(function: Callable[[], bool]) -> Computation:
        title = " ".join((function.__doc__ or "").split())
        if not title:
            raise LanguageError(f"claim {id} has no docstring; say in one sentence what it states")
        return Computation(id, title, title, function, trust, uses=tuple(uses), source=source, corrects=corrects)

    return wrap
