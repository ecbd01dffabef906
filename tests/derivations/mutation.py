"""Mutants of derivations: one sign, exponent, index, constant or relation of one step is altered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from symgd.derivations import Derivation, Relation, Step, StepTrust
from symgd.derivations.formula import children, is_number, text

OTHER = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}


def mutations(node: Any) -> Iterator[Any]:
    """The formula with one part altered."""
    if is_number(node):
        n = int(node) if "/" not in str(node) else None
        if n is not None:
            yield n + 1
            yield n - 1
        return
    if isinstance(node, str):
        return
    op, *args = node
    if op == "+":
        yield ("-", ("+", *args[:-1]) if len(args) > 2 else args[0], args[-1])
    elif op == "-" and len(args) == 2:
        yield ("+", *args)
    elif op == "-":
        yield args[0]
    elif op == "power":
        yield ("power", args[0], ("+", args[1], 1))
    elif op == "index":
        yield ("index", *args[:-1], ("+", args[-1], 1))
    elif op == "chain":
        yield ("chain", args[0], args[1], ("+", args[2], 1))
    elif op in ("sum", "prod"):
        yield (op, *args[:3], ("-", args[3], 1))
    for i, child in children(node):
        for changed in mutations(child):
            new = list(node)
            new[i] = changed
            yield tuple(new)


def altered(d: Derivation) -> Iterator[tuple[str, Derivation]]:
    """Every derivation that differs from d in one place of one step, with a name."""
    for k, (step, relation) in enumerate(zip(d.steps, d.relations, strict=True)):
        if relation is None:
            continue
        variants = [Relation(relation.op, relation.lhs, m) for m in mutations(relation.rhs)]
        if not step.continues:
            variants += [Relation(relation.op, m, relation.rhs) for m in mutations(relation.lhs)]
        variants.append(Relation(OTHER[relation.op], relation.lhs, relation.rhs) if relation.op in OTHER else relation)
        for v in variants:
            if v != relation:
                formula = f"{v.op} {text(v.rhs)}" if step.continues else str(v)
                steps = (*d.steps[:k], replace(step, formula=formula), *d.steps[k + 1:])
                yield f"{d.id}, step {k + 1}: {formula}", replace(d, steps=steps)


def without_sentences(d: Derivation) -> Derivation:
    """The derivation without the steps in words, which take the kernel seconds."""
    return replace(d, steps=tuple(s for s in d.steps if not s.in_words))


def caught(d: Derivation) -> bool:
    """Whether some step is unchecked, or a goal is not reached."""
    for result in d.run():
        if result.trust is StepTrust.UNCHECKED:
            return True
    return any(goal not in d.established() for goal in d.goals)


__all__ = ["Step", "altered", "caught", "mutations", "without_sentences"]
