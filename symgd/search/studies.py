"""Studies of one claim by many searches: which hypotheses it needs, and how sharp its constant is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..claims import Claim, Outcome, Statement, _list
from ..language import LanguageError
from .run import SearchResult, search

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Hypothesis:
    """What happens to a claim without one of its hypotheses, or with a weaker one: "needed" (with the counterexample in `result`),
    "redundant" (proved without it, or with the weaker one) or "unknown". `weaker` is what takes its place; empty: nothing."""

    text: str
    status: str
    result: SearchResult
    weaker: str = ""

    def __str__(self) -> str:
        witness = f": {self.result.verdict.witness}" if self.status == "needed" else ""
        what = {"needed": "not only {}", "redundant": "{} suffices", "unknown": "perhaps {} suffices"}[self.status]
        return f"{self.status:9}  {self.text}, {what.format(self.weaker) if self.weaker else 'dropped'}{witness}"


@dataclass(frozen=True)
class Ablation:
    """The hypotheses of a claim, each dropped and weakened in turn."""

    hypotheses: tuple[Hypothesis, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.hypotheses)) or "the claim has no hypotheses"


Changed = tuple[str, str, dict[str, Any]]  # the hypothesis, what takes its place, the statement with it


def weakenings(data: Mapping[str, Any]) -> list[list[Changed]]:
    """For each hypothesis the statement without it, and then with weaker ones in its place: those listed, and the ends of ranges."""
    out: list[list[Changed]] = []
    for key in ("given", "start"):
        for i, r in enumerate(data.get(key, [])):
            others = [data[key][:i], data[key][i + 1 :]]
            group: list[Changed] = [(_list([r]), "", {**data, key: [*others[0], *others[1]]})]
            group += [(_list([r]), _list([w]), {**data, key: [*others[0], w, *others[1]]}) for w in weaker_relations(r)]
            out.append(group)
    for key in ("vars", "params"):
        if key == "vars" and data["kind"] != "forall":
            continue
        for i, entry in enumerate(data.get(key, [])):
            for upper in (False, True):
                ends = wider_ranges(entry, upper)
                if ends:
                    text = bound(entry, upper)
                    out.append(
                        [
                            (text, bound(e, upper), {**data, key: [e if j == i else other for j, other in enumerate(data[key])]})
                            for e in ends
                        ]
                    )
    return out


def weaker_relations(r: Any) -> list[Any]:
    """A strict inequality with equality allowed, half of an equation, and inequalities moved outwards by a tenth."""
    if r[0] in ("=", "=="):
        return [["<=", *r[1:]], [">=", *r[1:]]]
    if r[0] not in ("<", "<=", ">", ">="):
        return []
    op, lhs, rhs = r
    out = [[op + "=", lhs, rhs]] if op in ("<", ">") else []
    for side, term, sign in ((2, rhs, 1 if op[0] == "<" else -1), (1, lhs, -1 if op[0] == "<" else 1)):
        number = numeral(term)
        if number is not None:
            moved = number + sign * (abs(number) / 10 or Fraction(1, 10))
            return [*out, [op, str(moved) if side == 1 else lhs, str(moved) if side == 2 else rhs]]
    return [*out, [op, lhs, ["+" if op[0] == "<" else "-", rhs, "1/10"]]]


def numeral(term: Any) -> Fraction | None:
    try:
        return Fraction(term) if isinstance(term, (int, str)) and not isinstance(term, bool) else None
    except ValueError:
        return None


def wider_ranges(entry: Any, upper: bool) -> list[Any]:
    """The range of a variable without one of its ends, with that end included, and with that end moved outwards; an end of a
    range of integers is only moved, by one."""
    name, left, lo, hi, right, *whole = entry
    end = hi if upper else lo
    if end in ("oo", "-oo"):
        return []
    number = Fraction(end)
    other = lo if upper else hi
    width = abs(number) if other in ("oo", "-oo") else abs(number - Fraction(other))
    step = Fraction(1) if whole else (width / 10 or Fraction(1, 10))
    moved = str(number + step if upper else number - step)
    if whole:
        return [[name, left, lo, moved, right, *whole] if upper else [name, left, moved, hi, right, *whole]]
    out = [[name, left, lo, "oo", ")"] if upper else [name, "(", "-oo", hi, right]]
    if (right if upper else left) in "()":
        out.append([name, left, lo, hi, "]"] if upper else [name, "[", lo, hi, right])
    return [*out, [name, left, lo, moved, right] if upper else [name, left, moved, hi, right]]


def bound(entry: Any, upper: bool) -> str:
    """One end of a range in words; empty where it is infinite."""
    name, left, lo, hi, right, *_ = entry
    if (hi if upper else lo) in ("oo", "-oo"):
        return ""
    return f"{name} {'<' if right == ')' else '<='} {hi}" if upper else f"{name} {'>' if left == '(' else '>='} {lo}"


def ablate(claim: Claim | Statement, budget: float = 60.0, seed: int = 0, workers: int = 1, progress: Progress | None = None) -> Ablation:
    """Drop and weaken each hypothesis in turn, the finite ends of ranges included, and search.

    Arguments: `claim`; `budget`, seconds for all searches together; `seed`; `workers`; `progress`.
    Returns: for each hypothesis, and each weaker one in its place, whether it is needed (with an exact counterexample), redundant
    (proved without it, or with the weaker one), or unknown. Weaker ones are: equality allowed, half of an equation, a bound moved
    by a tenth, the end of an open interval included. Of a hypothesis that is not needed at all no weaker one is tried.
    Raises: LanguageError for a family, whose members have hypotheses of their own, and for a claim that is itself refuted.
    """
    statement = claim.statement if isinstance(claim, Claim) else claim
    if statement.data["kind"] == "all":
        raise LanguageError("a family has no hypotheses of its own; ablate one of its members")
    groups = weakenings(statement.data)
    started, out = time.monotonic(), list[Hypothesis]()
    names = {Outcome.REFUTED: "needed", Outcome.PROVED: "redundant", Outcome.OPEN: "unknown"}
    waiting = 1 + sum(map(len, groups))

    def ask(data: Mapping[str, Any]) -> SearchResult:
        share = max(1.0, budget - (time.monotonic() - started)) / waiting
        return search(Statement(data), share, seed, workers, progress=progress, shrink=min(10.0, share))

    as_stated = ask(statement.data)
    waiting -= 1
    if as_stated.outcome is Outcome.REFUTED:
        raise LanguageError(
            f"the claim is false with all its hypotheses ({as_stated.verdict.witness}), so none of them can be needed for it"
        )
    for group in groups:
        useless = False
        for text, weaker, data in group:
            if not useless:
                result = ask(data)
                out.append(Hypothesis(text, names[result.outcome], result, weaker))
                useless = not weaker and result.outcome is Outcome.PROVED
                if progress:
                    progress(str(out[-1]))
            waiting -= 1
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
            if time.monotonic() - started > budget:
                continue  # the loops end
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
