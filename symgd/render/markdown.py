"""Markdown with mathematics between dollars, as notebooks and most forges show it."""

from __future__ import annotations

from ..claims import Claim, Outcome, Verdict
from ..derivations import Derivation, StepResult, StepTrust
from .latex import REL, Printer, references, relation, setting, statement


def markdown(thing: Derivation | Claim | Verdict) -> str:
    """A `thing` that is a derivation, claim or verdict, in Markdown.

    Raises: TypeError for anything else.
    """
    if isinstance(thing, Derivation):
        return derivation(thing)
    if isinstance(thing, Claim):
        return f"**{thing.id}.** {thing.title}\n\n{statement(thing.statement.data)}\n"
    if isinstance(thing, Verdict):
        return str(thing)
    raise TypeError(f"no Markdown for {type(thing).__name__}")


def derivation(d: Derivation) -> str:
    """The statement, and the steps as a numbered list with their reasons and trust."""
    lines = [f"### {d.id}: {d.title}", "", *([d.statement, ""] if d.statement != d.goals_in_words else []), " ".join(setting(d)), ""]
    lines += ["Then", "", *(f"$$ {relation(g, d.notation)} $$" for g in d.goals), "", "*Proof.*", ""]
    numbers = {r.step.label: r.number for r in d.results if r.step.label}
    lines += [step(r, d, numbers) for r in d.results]
    verdict = d.verdict
    note = f" ({verdict.reason})" if verdict.outcome is Outcome.PROVED and verdict.reason else ""
    return "\n".join([*lines, "", f"**{verdict}**{note}", ""])


def step(r: StepResult, d: Derivation, numbers: dict[str, int]) -> str:
    """One line of the list."""
    if r.relation is None:
        shown = r.step.formula
    else:
        right = f"{REL[r.relation.op]} {Printer(d.notation).show(r.relation.rhs)}"
        shown = f"${'' if r.step.continues else Printer(d.notation).show(r.relation.lhs) + ' '}{right}$"
    used = sorted({numbers[u] for u in references(r.step) if u in numbers})
    reason = r.step.reason + (f", by {', '.join(f'({n})' for n in used)}" if used else "")
    mark = f"**{r.trust.value}: {r.problem}**" if r.trust is StepTrust.UNCHECKED else r.trust.value
    return f"{r.number}. {shown} -- {reason} [{mark}]"
