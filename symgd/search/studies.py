"""Studies of one claim by many searches: which hypotheses it needs, and how sharp its constant is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..claims import Claim, Outcome, Statement, _show
from ..language import LanguageError
from .run import SearchResult, search

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Hypothesis:
    """What happens to a claim without one of its hypotheses: "needed" (with the counterexample in `result`), "redundant"
    (proved without it) or "unknown"."""

    text: str
    status: str
    result: SearchResult

    def __str__(self) -> str:
        witness = f": {self.result.verdict.witness}" if self.status == "needed" else ""
        return f"{self.status:9}  {self.text}{witness}"


@dataclass(frozen=True)
class Ablation:
    """The hypotheses of a claim, each dropped in turn."""

    hypotheses: tuple[Hypothesis, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.hypotheses)) or "the claim has no hypotheses"


def drops(data: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each hypothesis in words, with the statement without it: those listed, and the finite ends of ranges."""
    out: list[tuple[str, dict[str, Any]]] = []
    for key in ("given", "start"):
        for i, r in enumerate(data.get(key, [])):
            out.append((f"{_show(r[1])} {r[0]} {_show(r[2])}", {**data, key: [s for j, s in enumerate(data[key]) if j != i]}))
    for key in ("vars", "params"):
        if key == "vars" and data["kind"] != "forall":
            continue
        for i, entry in enumerate(data.get(key, [])):
            name, left, lo, hi, right, *whole = entry
            if whole:
                continue
            if lo != "-oo":
                wider = [name, "(", "-oo", hi, right]
                out.append(
                    (
                        f"{name} {'>' if left == '(' else '>='} {lo}",
                        {**data, key: [wider if j == i else e for j, e in enumerate(data[key])]},
                    )
                )
            if hi != "oo":
                wider = [name, left, lo, "oo", ")"]
                out.append(
                    (
                        f"{name} {'<' if right == ')' else '<='} {hi}",
                        {**data, key: [wider if j == i else e for j, e in enumerate(data[key])]},
                    )
                )
    return out


def ablate(claim: Claim | Statement, budget: float = 60.0, seed: int = 0, workers: int = 1, progress: Progress | None = None) -> Ablation:
    """Drop each hypothesis in turn, the finite ends of ranges included, and search.

    Arguments: `claim`; `budget`, seconds for all searches together; `seed`; `workers`; `progress`.
    Returns: for each hypothesis whether it is needed (with an exact counterexample), redundant (proved without it), or unknown.
    Raises: LanguageError for a family, whose members have hypotheses of their own.
    """
    statement = claim.statement if isinstance(claim, Claim) else claim
    if statement.data["kind"] == "all":
        raise LanguageError("a family has no hypotheses of its own; ablate one of its members")
    options = drops(statement.data)
    started, out = time.monotonic(), []
    names = {Outcome.REFUTED: "needed", Outcome.PROVED: "redundant", Outcome.OPEN: "unknown"}
    for i, (text, data) in enumerate(options):
        left = max(1.0, budget - (time.monotonic() - started)) / (len(options) - i)
        result = search(Statement(data), left, seed, workers, progress=progress, shrink=min(10.0, left))
        out.append(Hypothesis(text, names[result.outcome], result))
        if progress:
            progress(str(out[-1]))
    return Ablation(tuple(out))


@dataclass(frozen=True)
class Sharpened:
    """The best constant lies in [proved, refuted] (or the other way round): with `proved` the claim is proved, with `refuted`
    it has a counterexample. One that is None was not found."""

    name: str
    proved: Fraction | None
    refuted: Fraction | None
    proof: SearchResult | None
    counterexample: SearchResult | None

    def __str__(self) -> str:
        if self.proved is None or self.refuted is None:
            known = (
                f"proved at {self.proved}"
                if self.proved is not None
                else f"refuted at {self.refuted}"
                if self.refuted is not None
                else "open"
            )
            return f"{self.name}: {known}, and the other side was not found"
        lo, hi = sorted((self.proved, self.refuted))
        return (
            f"the best {self.name} is in [{lo}, {hi}], of width {float(hi - lo):.3g} (proved at {self.proved}, refuted at {self.refuted})"
        )


def fix(data: Mapping[str, Any], name: str, value: Fraction) -> dict[str, Any]:
    """The statement with a variable at a value."""
    entry = [name, "[", str(value), str(value), "]"]
    if data["kind"] == "all":
        return {**data, "parts": [fix(p, name, value) for p in data["parts"]]}
    return {**data, **{key: [entry if e[0] == name else e for e in data[key]] for key in ("vars", "params") if key in data}}


def sharpen(
    claim: Claim | Statement,
    constant: str,
    budget: float = 60.0,
    seed: int = 0,
    workers: int = 1,
    tolerance: Fraction | str = "1/1000",
    progress: Progress | None = None,
) -> Sharpened:
    """The best value of a constant, by bisection between a value at which the claim is proved and one at which it is refuted.

    Arguments: `claim`, in which the constant is a variable with a finite range; `constant`, its name; `budget`, seconds;
    `seed`; `workers`; `tolerance`, the width of the enclosure wanted; `progress`.
    Returns: a Sharpened; both of its sides carry certificates that the kernel accepted.
    Raises: LanguageError where there is no such variable, or its range is not finite.
    """
    statement = claim.statement if isinstance(claim, Claim) else claim
    data = statement.data
    first = data["parts"][0] if data["kind"] == "all" else data
    entry = next((e for key in ("vars", "params") for e in first.get(key, []) if e[0] == constant), None)
    if entry is None:
        raise LanguageError(f"the claim has no variable {constant!r}; make the constant a variable with a finite range")
    if "-oo" in entry[2:4] or "oo" in entry[2:4]:
        raise LanguageError(f"the range of {constant} is infinite; give it two ends, between which the best value is sought")
    lo, hi = Fraction(entry[2]), Fraction(entry[3])
    tolerance, started = Fraction(tolerance), time.monotonic()
    tried: dict[Fraction, SearchResult] = {}

    def ask(value: Fraction, share: float) -> Outcome:
        left = budget - (time.monotonic() - started)
        if value not in tried:
            tried[value] = search(Statement(fix(data, constant, value)), max(0.3, left * share), seed, workers, shrink=2.0)
            if progress:
                progress(f"{constant} = {value}: {tried[value].outcome.value}")
        return tried[value].outcome

    ends = {lo: ask(lo, 0.2), hi: ask(hi, 0.2)}
    proved = next((v for v, o in ends.items() if o is Outcome.PROVED), None)
    refuted = next((v for v, o in ends.items() if o is Outcome.REFUTED), None)
    while proved is not None and refuted is not None and abs(refuted - proved) > tolerance and time.monotonic() - started < budget:
        middle = simplest_between(proved, refuted)
        for value in (middle, proved + (refuted - proved) / 4, proved + (refuted - proved) * 3 / 4):
            outcome = ask(value, 0.15)
            if outcome is Outcome.PROVED:
                proved = value
            elif outcome is Outcome.REFUTED:
                refuted = value
            else:
                continue
            break
        else:
            break
    return Sharpened(
        constant, proved, refuted, tried.get(proved) if proved is not None else None, tried.get(refuted) if refuted is not None else None
    )


def simplest_between(a: Fraction, b: Fraction) -> Fraction:
    """The simplest number in the middle third."""
    from .witness import simplest

    return simplest(*sorted((a + (b - a) * Fraction(2, 5), a + (b - a) * Fraction(3, 5))))


def as_seconds(result: SearchResult) -> SearchResult:
    """The result without what differs from run to run (its time), to compare two of them."""
    return replace(result, seconds=0.0)
