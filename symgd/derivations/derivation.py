"""Derivations: displayed steps, each with its reason and a check of its own that is run."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Union

from ..claims import Claim, Outcome, Statement, Trust, Verdict, proved, still_open
from .context import Context, read_context
from .formula import FormulaError, Relation, free_names, parse_relation
from .normal import Matrix, Undecided
from .rules import Apply, Combine, Fact, Rule, Scope, StepTrust, Theorem, Unchecked, certified, unfold, weakest


class StepKind(enum.Enum):
    """What a step does; shown, and not part of the check."""

    REWRITE = "rewrite"
    SUBSTITUTE = "substitute"
    DIFFERENTIATE = "differentiate"
    FACTOR = "factor"
    BOUND = "bound"
    INDUCT = "induct"
    CITE = "cite"
    CASE = "case"


@dataclass(frozen=True)
class Certified:
    """A statement of the language of claims, such as one on orbits, that the kernel decides; `by` is a proof strategy or template.

    A claim in place of the statement brings its own strategy, and its certificate where one is stored; the derivation then uses it.
    """

    statement: Statement | Claim
    by: object = None


@dataclass(frozen=True)
class Citation:
    """A theorem whose conclusion is only put in words, so that nothing is computed from it: it is shown as cited."""

    theorem: str
    source: str


Check = Union[Rule, Certified, Citation, None]


@dataclass(frozen=True)
class Step:
    """One displayed line.

    Arguments: `formula`, a relation such as "a = b"; "= c" or "<= c" continues the line before it; for `Certified` and `Citation`
    the line in words. `reason`, shown beside it. `by`, how it is checked; None leaves it unchecked. `label`, a name for use in later
    steps (on the last line of a chain it names the relation between both ends). `kind`, for the reader.
    """

    formula: str
    reason: str = ""
    by: Check = field(default_factory=Combine)
    label: str = ""
    kind: StepKind = StepKind.REWRITE

    @property
    def continues(self) -> bool:
        """Whether the line begins with a comparison and so continues the one before it."""
        return bool(re.match(r"\s*(<=|>=|!=|<|>|=)", self.formula))

    @property
    def in_words(self) -> bool:
        """Whether the line is a sentence."""
        return isinstance(self.by, (Certified, Citation))


@dataclass(frozen=True)
class StepResult:
    """What became of one step.

    Arguments: `step`; `number`, from 1; `relation`, before (lhs), relation and after (rhs), None for a sentence; `trust`; `problem`, why it
    is unchecked.
    """

    step: Step
    number: int
    relation: Relation | None
    trust: StepTrust
    problem: str = ""


@dataclass(frozen=True)
class Derivation:
    """A chain of displayed steps that ends in the relations of `goal`.

    Arguments:
        id, title: as for a claim; an id may end in ".proof", which is left out where it is looked for or printed.
        goal: the relations that are derived. Each must be one of the steps, or the two ends of a chain of steps.
        steps: the lines.
        let: what each name stands for, {"w": "real", "t": "positive", "L": "integer >= 1", "W": "chain d"}; see `read_kind`.
        define: names and functions that are unfolded, {"mu(w)": "1 - delta*w**(L-1)"}.
        given: hypotheses by label. A label "rec(k)" makes the hypothesis one for all k.
        statement: the statement in words, with mathematics between dollars; the goals, if there is none.
        uses: ids of further claims or derivations; those that are applied in a step are found by themselves.
        expect: "proved", or "open" for a derivation with steps that are not checked.
        source: where the statement comes from.
        notation: LaTeX for names, {"wp": "w^{+}"}.

    Example, a lemma and its proof:

        from symgd.derivations import Combine, Derivation, Step

        young = Derivation(
            "young", "Young's inequality", let={"a": "real", "b": "real", "c": "positive"}, goal=("2*a*b <= c*a**2 + b**2/c",),
            steps=(Step("c*a**2 + b**2/c - 2*a*b = (c*a - b)**2/c", "complete the square", label="square"),
                   Step("(c*a - b)**2/c >= 0", "a square over a positive number", label="positive"),
                   Step("2*a*b <= c*a**2 + b**2/c", "put together", Combine({"square": -1, "positive": 1}))))
        print(young.settle())   # proved (symbolic)

    Raises: FormulaError, when it is made, for formulas that cannot be read or names that are not declared.
    """

    id: str
    title: str
    goal: tuple[str, ...]
    steps: tuple[Step, ...]
    let: Mapping[str, str] = field(default_factory=dict)
    define: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    statement: str = ""
    uses: tuple[str, ...] = ()
    expect: Outcome = Outcome.PROVED
    source: str = ""
    notation: Mapping[str, str] = field(default_factory=dict)
    corrects: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "expect", Outcome(self.expect))
        object.__setattr__(self, "statement", self.statement or self.goals_in_words)
        found = [s.by.lemma.id for s in self.steps if isinstance(s.by, Apply) and isinstance(s.by.lemma, Derivation)]
        found += [s.by.statement.id for s in self.steps if isinstance(s.by, Certified) and isinstance(s.by.statement, Claim)]
        object.__setattr__(self, "uses", tuple(dict.fromkeys([*self.uses, *(i for i in found if i != self.id)])))
        known = self.context.kinds.keys() | self.context.definitions.keys() | {"I"}
        for relation in [*self.goals, *(f.relation for f in self.hypotheses.values()), *(r for r in self.relations if r is not None)]:
            if unknown := (free_names(relation.lhs) | free_names(relation.rhs)) - known:
                raise FormulaError(f"derivation {self.id}: {relation} mentions {', '.join(sorted(unknown))}, which is not declared")

    def __hash__(self) -> int:
        return hash(self.id)

    @cached_property
    def context(self) -> Context:
        """The declarations and definitions."""
        return read_context(self.let, self.define)

    @cached_property
    def goals(self) -> tuple[Relation, ...]:
        """The relations that are derived."""
        return tuple(parse_relation(g) for g in self.goal)

    @property
    def goals_in_words(self) -> str:
        """The goals as text, the statement of a derivation that has no other."""
        return "; ".join(map(str, self.goals))

    @cached_property
    def hypotheses(self) -> Mapping[str, Fact]:
        """The hypotheses as facts, by label."""
        out = {}
        for head, source in self.given.items():
            label, relation = head.partition("(")[0], parse_relation(source)
            names = set().union(*(free_names(unfold(s, self.context)) for s in (relation.lhs, relation.rhs)))
            out[label] = Fact(relation, frozenset(names - self.schematic.get(label, frozenset())))
        return out

    @cached_property
    def schematic(self) -> Mapping[str, frozenset[str]]:
        """The names for all of whose values a hypothesis is assumed, by label."""
        pairs = [head.partition("(") for head in self.given]
        return {label: frozenset(n.strip() for n in rest.rstrip(")").split(",")) for label, _, rest in pairs if rest}

    @cached_property
    def relations(self) -> tuple[Relation | None, ...]:
        """The relation of each step, None for sentences."""
        out: list[Relation | None] = []
        previous = None
        for step in self.steps:
            if step.in_words:
                out.append(None)
                continue
            try:
                out.append(parse_relation(step.formula, previous))
            except FormulaError as problem:
                raise FormulaError(f"derivation {self.id}: {problem}") from None
            previous = out[-1].rhs if out[-1] is not None else None
        return tuple(out)

    def run(self) -> Iterator[StepResult]:
        """Check the steps in order."""
        facts: dict[str, Fact] = dict(self.hypotheses)
        chain: list[tuple[Relation, Fact]] = []
        for number, (step, relation) in enumerate(zip(self.steps, self.relations, strict=True), 1):
            if relation is None:
                chain = []
                yield self.sentence(step, number)
                continue
            scope = Scope(self.context, facts)
            result = check_step(step, number, relation, scope)
            fixed = frozenset().union(*(facts[u].fixed for u in scope.used if u in facts))
            fact = Fact(relation, fixed, result.trust)
            chain = [*chain, (relation, fact)] if step.continues else [(relation, fact)]
            if result.trust is not StepTrust.UNCHECKED:
                facts = {**facts, step.label or f"step {number}": self.joined(chain)}
            yield result

    def joined(self, chain: Sequence[tuple[Relation, Fact]]) -> Fact:
        """The relation between the two ends of a chain of lines."""
        ops = {r.op for r, _ in chain}
        fixed = frozenset().union(*(f.fixed for _, f in chain))
        if len(chain) == 1 or "!=" in ops or (ops & {"<", "<="} and ops & {">", ">="}):
            return Fact(chain[-1][0], fixed)
        op = next((o for o in ("<", ">", "<=", ">=") if o in ops), "=")
        return Fact(Relation(op, chain[0][0].lhs, chain[-1][0].rhs), fixed)

    def sentence(self, step: Step, number: int) -> StepResult:
        if isinstance(step.by, Citation):
            return StepResult(step, number, None, StepTrust.CITED)
        assert isinstance(step.by, Certified)
        try:
            certified(step.by.statement, step.by.by)
        except Unchecked as problem:
            return StepResult(step, number, None, StepTrust.UNCHECKED, str(problem))
        return StepResult(step, number, None, StepTrust.KERNEL)

    @cached_property
    def results(self) -> tuple[StepResult, ...]:
        """The steps with what became of them; computed once."""
        return tuple(self.run())

    def established(self) -> set[Relation]:
        """Every relation that the steps establish: single lines, and both ends of chains."""
        out: set[Relation] = set()
        chain: list[tuple[Relation, Fact]] = []
        for result in self.results:
            if result.relation is None or result.trust is StepTrust.UNCHECKED:
                chain = []
                continue
            pair = (result.relation, Fact(result.relation))
            chain = [*chain, pair] if result.step.continues and chain else [pair]
            if result.step.continues and len(chain) == 1:
                continue
            out |= {result.relation, self.joined(chain).relation}
        return out

    def lemmas(self) -> list[Derivation | Theorem]:
        """The derivations and cited theorems that the steps apply."""
        return [lemma for step in self.steps for lemma in applied(step.by)]

    def settle(self) -> Verdict:
        """Run every step.

        Returns: proved, with trust kernel if every step is a certificate and symbolic otherwise (`reason` names what is cited); or open,
        naming the first step that is not checked, or the goal that no step reaches.
        """
        for result in self.results:
            if result.trust is StepTrust.UNCHECKED:
                return still_open(f"step {result.number} is unchecked ({result.problem}): {result.step.formula}")
        established = self.established()
        for goal in self.goals:
            if goal not in established:
                return still_open(f"no step establishes {goal}")
        cited = [f"{s.by.theorem} ({s.by.source})" for s in self.steps if isinstance(s.by, Citation)]
        for lemma in self.lemmas():
            if isinstance(lemma, Theorem):
                cited.append(f"{lemma.title} ({lemma.source})")
            else:
                verdict = lemma.verdict
                if verdict.outcome is not Outcome.PROVED:
                    return still_open(f"{lemma.id}, which is applied here, is {verdict}")
                cited += [verdict.reason.removeprefix("cites ")] if verdict.reason else []
        kernel = all(r.trust is StepTrust.KERNEL for r in self.results) and not self.lemmas()
        verdict = proved(Trust.KERNEL if kernel else Trust.SYMBOLIC)
        return Verdict(verdict.outcome, verdict.trust, reason=f"cites {'; '.join(dict.fromkeys(cited))}") if cited else verdict

    @cached_property
    def verdict(self) -> Verdict:
        """The verdict, computed once."""
        return self.settle()

    def trust(self) -> StepTrust:
        """The least trust of a step."""
        return weakest([r.trust for r in self.results])

    def __str__(self) -> str:
        from .formula import text
        lines = [f"{self.id}: {self.title}"]
        for r in self.results:
            line = r.step.formula
            if r.relation is not None:
                line = f"{r.relation.op} {text(r.relation.rhs)}" if r.step.continues else str(r.relation)
            lines.append(f"  {r.number:2}. {line}    [{r.step.reason}; {r.trust.value}{': ' + r.problem if r.problem else ''}]")
        return "\n".join(lines)


def check_step(step: Step, number: int, relation: Relation, scope: Scope) -> StepResult:
    """Run one step's own check; whatever goes wrong there leaves the step unchecked, with the reason."""
    if step.by is None:
        return StepResult(step, number, relation, StepTrust.UNCHECKED, "no check is given")
    assert isinstance(step.by, Rule)
    try:
        trust = step.by.check(relation, scope)
        normalizer = scope.normalizer()
        for side in (relation.lhs, relation.rhs):  # both sides have a meaning, and an order only where they are numbers
            if isinstance(normalizer.value(side), Matrix) and relation.op not in ("=", "!="):
                raise Unchecked("matrices are not ordered")
    except (Unchecked, Undecided, FormulaError) as problem:
        return StepResult(step, number, relation, StepTrust.UNCHECKED, str(problem))
    except (RecursionError, OverflowError):
        return StepResult(step, number, relation, StepTrust.UNCHECKED, "the formula is too large")
    return StepResult(step, number, relation, trust)


def applied(rule: object) -> list[Derivation | Theorem]:
    """The lemmas in a rule and in the rules inside it."""
    if isinstance(rule, Apply):
        return [rule.lemma]
    inner: list[object] = []
    for name in ("by", "base", "step"):
        inner.append(getattr(rule, name, None))
    inner += [r for part in getattr(rule, "together", ()) for r in part[1:]]
    inner += [r for _, r in getattr(rule, "cases", ())]
    return [lemma for r in inner if isinstance(r, Rule) for lemma in applied(r)]
