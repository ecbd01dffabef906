"""From a certificate to a Coq file: the statement over the reals, and a proof that follows the certificate rule by rule.

The kernel accepts the certificate first; what it then computes silently becomes explicit. Each variable is written by new
variables that are not negative, as the rule `orthant` says; each sign becomes an equation, which `ring` or `field` proves,
with a polynomial whose coefficients are positive. Nothing is searched for in Coq. Divisors are nonzero where the kernel
demands that a term is defined: as hypotheses, and as parts of the conclusion.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from math import floor, lcm
from typing import Any, NoReturn

from .. import kernel
from ..collect import Item, listing
from ..kernel.rules import Goal, Range, Relation, inside, read_goal, read_range, read_relation, relation, shift
from ..kernel.terms import Arena, Poly, Ring, rational
from ..settle import Settings, settle
from ..store import certificate_path, load

LIMIT = 400_000  # characters of one theorem
RESERVED = {
    *("R", "Rabs", "Rmax", "sqrt", "IZR", "INR", "pow", "nat", "I", "E", "PI", "Prop", "Set", "Type", "SProp", "as", "at", "by", "cofix"),
    *("else", "end", "exists", "exists2", "fix", "for", "forall", "fun", "if", "in", "let", "match", "mod", "return", "struct", "then"),
    *("using", "where", "with"),
}

PRELUDE = """\
Require Import Reals Lra Lia.
Local Open Scope R_scope.

(** * What the proofs below are made of *)

Lemma shift_up lo x : lo <= x -> exists a, 0 <= a /\\ x = lo + a.
Proof. intros; exists (x - lo); split; lra. Qed.
Lemma shift_up_strict lo x : lo < x -> exists a, 0 < a /\\ x = lo + a.
Proof. intros; exists (x - lo); split; lra. Qed.
Lemma shift_down hi x : x <= hi -> exists a, 0 <= a /\\ x = hi - a.
Proof. intros; exists (hi - x); split; lra. Qed.
Lemma shift_down_strict hi x : x < hi -> exists a, 0 < a /\\ x = hi - a.
Proof. intros; exists (hi - x); split; lra. Qed.
Lemma between lo hi x : lo <= x -> x <= hi -> exists a b, 0 <= a /\\ 0 <= b /\\ (0 < a \\/ 0 < b) /\\ (lo < x -> 0 < a) /\\
  (x < hi -> 0 < b) /\\ 0 < a + b /\\ x = (lo * b + hi * a) / (a + b).
Proof.
  intros H K; destruct (Rle_lt_or_eq_dec lo hi (Rle_trans _ _ _ H K)) as [L | L].
  - exists (x - lo), (hi - x); repeat split; intros; first [lra | field; lra].
  - exists 1, 1; repeat split; intros; lra.
Qed.
Lemma is_nonneg t q : t = q -> 0 <= q -> 0 <= t.
Proof. intros; lra. Qed.
Lemma is_pos t q : t = q -> 0 < q -> 0 < t.
Proof. intros; lra. Qed.
Lemma is_nonpos t q : t = - q -> 0 <= q -> t <= 0.
Proof. intros; lra. Qed.
Lemma is_neg t q : t = - q -> 0 < q -> t < 0.
Proof. intros; lra. Qed.
Lemma quotient_nonneg n d : 0 <= n -> 0 < d -> 0 <= n / d.
Proof. intros; apply Rmult_le_pos; [assumption | apply Rlt_le, Rinv_0_lt_compat; assumption]. Qed.
Lemma quotient_pos n d : 0 < n -> 0 < d -> 0 < n / d.
Proof. intros; apply Rdiv_lt_0_compat; assumption. Qed.
Lemma leading n m r : n = m + r -> 0 < m -> 0 <= r -> 0 < n.
Proof. intros; lra. Qed.
Lemma product_nonpos m g : 0 <= m -> g <= 0 -> m * g <= 0.
Proof. intros; replace (m * g) with (- (m * - g)) by ring; assert (0 <= m * - g) by (apply Rmult_le_pos; lra); lra. Qed.
Lemma product_neg m g : 0 < m -> g < 0 -> m * g < 0.
Proof. intros; replace (m * g) with (- (m * - g)) by ring; assert (0 < m * - g) by (apply Rmult_lt_0_compat; lra); lra. Qed.
Lemma use_le d m g : 0 <= m -> g <= 0 -> d - m * g <= 0 -> d <= 0.
Proof. intros M G H; assert (P := product_nonpos m g M G); lra. Qed.
Lemma use_lt d m g : 0 <= m -> g <= 0 -> d - m * g < 0 -> d < 0.
Proof. intros M G H; assert (P := product_nonpos m g M G); lra. Qed.
Lemma gain_lt d m g : 0 < m -> g < 0 -> d - m * g <= 0 -> d < 0.
Proof. intros M G H; assert (P := product_neg m g M G); lra. Qed.
Lemma equal_le d m g : g = 0 -> d - m * g <= 0 -> d <= 0.
Proof. intros -> H; rewrite Rmult_0_r, Rminus_0_r in H; exact H. Qed.
Lemma equal_lt d m g : g = 0 -> d - m * g < 0 -> d < 0.
Proof. intros -> H; rewrite Rmult_0_r, Rminus_0_r in H; exact H. Qed.
Lemma equal_eq d m g : g = 0 -> d - m * g = 0 -> d = 0.
Proof. intros -> H; rewrite Rmult_0_r, Rminus_0_r in H; exact H. Qed.
Lemma equal_ne d m g : g = 0 -> d - m * g <> 0 -> d <> 0.
Proof. intros -> H; rewrite Rmult_0_r, Rminus_0_r in H; exact H. Qed.
Lemma zero_le d : d = 0 -> d <= 0.
Proof. intros; lra. Qed.
Lemma neg_le d : d < 0 -> d <= 0.
Proof. intros; lra. Qed.
Lemma neg_ne d : d < 0 -> d <> 0.
Proof. intros; lra. Qed.
Lemma pos_ne d : 0 < d -> d <> 0.
Proof. intros; lra. Qed.
Lemma Rabs_le_of u c : u <= c -> 0 - u <= c -> Rabs u <= c.
Proof. intros; apply Rabs_le; lra. Qed.
Lemma Rabs_lt_of u c : u < c -> 0 - u < c -> Rabs u < c.
Proof. intros; apply Rabs_def1; lra. Qed.
Lemma even_power a k : 0 <= a ^ (2 * k).
Proof. rewrite pow_mult; apply pow_le, pow2_ge_0. Qed.

Ltac nonneg := repeat match goal with
  | |- 0 <= _ + _ => apply Rplus_le_le_0_compat
  | |- 0 <= _ * _ => apply Rmult_le_pos
  | |- 0 <= ?a ^ ?n => first [let k := eval compute in (Nat.div n 2) in change (a ^ n) with (a ^ (2 * k)); apply even_power
                             | apply pow_le]
  | |- 0 <= IZR _ => apply IZR_le; lia
  | |- 0 <= _ => first [assumption | apply Rlt_le; assumption] end.
Ltac positive := repeat match goal with
  | H : 0 < ?x |- 0 < ?x => exact H
  | |- 0 < _ * _ => apply Rmult_lt_0_compat
  | |- 0 < _ ^ _ => apply pow_lt
  | |- 0 < IZR _ => apply IZR_lt; lia end.
Ltac pos := lazymatch goal with
  | |- 0 < _ * _ => apply Rmult_lt_0_compat; pos
  | |- 0 < _ ^ _ => apply pow_lt; pos
  | |- 0 < _ + _ => first [apply Rplus_lt_le_0_compat; [solve [pos] | solve [nonneg]]
                          | apply Rplus_le_lt_0_compat; [solve [nonneg] | solve [pos]]]
  | |- 0 < IZR _ => apply IZR_lt; lia
  | |- _ => assumption end.
Ltac nonzero := repeat split; first [assumption | apply pos_ne; solve [pos] | match goal with
  | H : 0 < ?e |- ?c <> 0 => apply Rgt_not_eq; replace c with e by ring; exact H
  | H : ?e <> 0 |- ?c <> 0 => let Z := fresh in intro Z; apply H; replace e with c by ring; exact Z
  | H : ?e <> 0 |- ?c <> 0 => let Z := fresh in intro Z; apply H; rewrite Z; ring
  | |- _ <> 0 => first [apply Rgt_not_eq; lra | apply Rlt_not_eq; lra] end].
Ltac rational := field; nonzero.
(* not [subst], which might take another hypothesis that says what x is *)
Ltac put x E := try rewrite E in *; clear E x.
"""


class Unexportable(Exception):
    """There is no Coq file for this claim; the message says why, in one sentence."""


def coq_file(item: Item, members: Sequence[int] | None, seconds: float = 60.0) -> str:
    """The Coq file for a claim that has, or finds, a certificate.

    Arguments: `members`, of a family: the values to export (default: all); `seconds`, for a search where nothing is stored.
    Raises: Unexportable.
    """
    data = getattr(item.claim.statement, "data", None)
    if data is None:
        raise Unexportable("it settles itself and has no certificate")
    certificate = load(certificate_path(item))
    if certificate is None or certificate["claim"] != item.claim.statement.digest:
        settle(item, Settings(seconds))
        certificate = load(certificate_path(item))
    if certificate is None:
        raise Unexportable("no certificate was found for it")
    return from_certificate(data, certificate, item.claim.id, item.claim.title, members)


def from_certificate(data: Any, certificate: Any, name: str, title: str = "", members: Sequence[int] | None = None) -> str:
    """The Coq file for a claim and its certificate, both as the kernel reads them.

    Raises: Unexportable, also where the kernel rejects the certificate or it is for another claim.
    """
    try:
        verdict = kernel.check(data, certificate)
    except kernel.Reject as problem:
        raise Unexportable(f"the kernel rejects the certificate: {problem}") from None
    if verdict != "proved":
        raise Unexportable(f"it is {verdict}, and only proofs can be exported")
    head = [
        f"(** {_comment(name)}: {_comment(title)}",
        "",
        f"    Claim {kernel.digest(data)},",
        f"    certificate {kernel.digest(certificate)}. *)",
    ]
    out, theorems = ["\n".join(head), PRELUDE], list[str]()
    for suffix, part, node in chosen(data, certificate["proof"], members):
        theorems.append("claim_" + re.sub(r"\W", "_", name + suffix, flags=re.ASCII))
        out.append(Proof(theorems[-1], part).theorem(node))
    return "\n".join([*out, audited(theorems)])


def audited(theorems: Sequence[str]) -> str:
    """The question what the theorems rest on, asked once: Coq looks through its library anew for each question."""
    if len(theorems) == 1:
        return f"Print Assumptions {theorems[0]}.\n"
    whole = "\n  ".join(f"(conj {name}" for name in theorems) + " I" + ")" * len(theorems)
    return f"Definition all_of_them_ :=\n  {whole}.\nPrint Assumptions all_of_them_.\n"


def _comment(text: str) -> str:
    return text.replace("(*", "( *").replace("*)", "* )").replace('"', "'")


def chosen(data: Any, node: Any, members: Sequence[int] | None) -> list[tuple[str, Any, Any]]:
    """(suffix of the name, statement, proof) of the parts to export."""
    if data["kind"] == "all":
        values = list(data.get("values", range(1, len(data["parts"]) + 1)))
        wanted = values if members is None else list(members)
        if unknown := [m for m in wanted if m not in values]:
            raise Unexportable(f"it has no member {unknown[0]}; there are {listing(map(str, values))}")
        parts = [(m, data["parts"][values.index(m)], node[values.index(m)]) for m in wanted]
        return [(f"_{m}{suffix}", d, n) for m, part, proof in parts for suffix, d, n in chosen(part, proof, None)]
    if data["kind"] != "forall":
        kinds = {"orbit": "speaks of orbits", "preimages": "speaks of orbits", "zero": "says that a zero exists"}
        raise Unexportable(f"it {kinds.get(data['kind'], 'is of another kind')}, and only statements `for all` can be exported")
    return [("", data, node)]


# --- quotients of polynomials ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Quotient:
    """num / (product of factors), the factors positive polynomials given by their numbers."""

    num: Poly
    den: Mapping[int, int] = field(default_factory=dict)


@dataclass
class Known:
    """What is known at one place of a proof: the goal of the kernel, and the names of hypotheses in Coq."""

    goal: Goal
    given: list[str]  # names of the hypotheses, in the order of goal.given
    low: dict[str, str]  # for a variable with a lower end: the hypothesis that says so
    high: dict[str, str]


class Proof:
    """One theorem."""

    def __init__(self, name: str, data: Any) -> None:
        self.name, self.arena, self.lines, self.depth = name, Arena(), list[str](), 1
        self.raw = read_goal_as_written(data, self.arena)
        self.numbers, self.size = count(1), 0
        self.taken = set(RESERVED)
        if any(r.integer for r in self.raw.ranges.values()):
            raise Unexportable("it has integer variables, and the export speaks of real ones")
        self.names: dict[str, str] = {}
        for x in self.raw.ranges:
            self.declare(x)

    def declare(self, x: str) -> str:
        free = next(c for c in (x + "'" * k for k in count()) if c not in self.taken and not re.match(r"[HEa]_\d", c))
        self.taken.add(free)
        self.names[x] = free
        return free

    def fresh(self, letter: str = "H") -> str:
        return f"{letter}_{next(self.numbers)}"

    def emit(self, line: str) -> None:
        self.lines.append("  " * self.depth + line)
        self.size += len(line)
        if self.size > 20 * LIMIT:
            self.fail("a polynomial is too large to be written out")

    @contextmanager
    def block(self) -> Iterator[None]:
        self.emit("{")
        self.depth += 1
        yield
        self.depth -= 1
        self.emit("}")

    def fail(self, why: str) -> NoReturn:
        raise Unexportable(why)

    # --- the statement ---

    def hypotheses(self, goal: Goal) -> tuple[Known, list[str], list[str]]:
        """What is known of the variables of a goal: the texts of the ranges and hypotheses, and the names they are introduced by."""
        known, hypotheses, intro = Known(goal, [], {}, {}), list[str](), list[str]()
        for x, r in goal.ranges.items():
            for rel, table in [(a, known.low) for a in inside(self.arena, r._replace(hi=None), goal.names[x])] + [
                (a, known.high) for a in inside(self.arena, r._replace(lo=None), goal.names[x])
            ]:
                hypotheses.append(self.relation(rel))
                intro.append(self.fresh())
                table[x] = intro[-1]
        for g in goal.given:
            for text in self.conditions(g):
                hypotheses.append(text)
                intro.append(self.fresh())
            hypotheses.append(self.relation(g))
            intro.append(self.fresh())
            known.given.append(intro[-1])
        return known, hypotheses, intro

    def theorem(self, node: Any) -> str:
        goal = self.raw
        known, hypotheses, intro = self.hypotheses(goal)
        variables = " ".join(self.names.values())
        head = f"forall {variables} : R,\n    " if variables else ""
        statement = head + "".join(f"{h} ->\n    " for h in hypotheses) + self.conclusion(goal)
        if len(statement) > LIMIT:
            self.fail("the statement is too large to be written out")
        if intro or variables:
            self.emit(f"intros {' '.join([*self.names.values(), *intro])}.")
        self.prove(self.narrowed(known), node)
        body = "\n".join(self.lines)
        return f"\nTheorem {self.name} :\n  {statement}.\nProof.\n{body}\nQed.\n"

    def conclusion(self, goal: Goal) -> str:
        return " /\\\n    ".join(self.clause(c, len(goal.then) > 1) for c in goal.then)

    def clause(self, clause: Sequence[Relation], beside_others: bool) -> str:
        if len(clause) == 1:
            return f"({self.full(clause[0])})" if self.conditions(clause[0]) else self.full(clause[0])
        options = " \\/ ".join(f"({self.full(r)})" for r in clause) or "False"
        return f"({options})" if beside_others else options

    def full(self, r: Relation) -> str:
        return " /\\ ".join([*self.conditions(r), self.relation(r)])

    def relation(self, r: Relation) -> str:
        return f"{self.text(r.lhs)} {r.op.replace('!=', '<>')} {self.text(r.rhs)}"

    def divisors(self, *roots: int) -> list[int]:
        """The terms that must not vanish, operands first."""
        out = []
        for root in roots:
            for k in self.arena.schedule(root):
                op, sub, data = self.arena.nodes[k]
                divisor = sub[1] if op == "/" else sub[0] if op == "^" and data < 0 else None
                if divisor is not None and not (self.arena.nodes[divisor][0] == "num" and self.arena.nodes[divisor][2]):
                    out.append(divisor)
                elif op not in ("num", "var", "+", "-", "*", "/", "^", "abs"):
                    self.fail(f"it speaks of {op}, and the export of polynomials, quotients and abs")
        return list(dict.fromkeys(out))

    def conditions(self, r: Relation) -> list[str]:
        return [f"{self.text(k)} <> 0" for k in self.divisors(r.lhs, r.rhs)]

    def text(self, root: int, values: Mapping[int, str] | None = None) -> str:
        """The term in Coq's notation; `values` has other texts for some of its parts."""
        done: dict[int, tuple[str, int]] = {}

        def part(k: int, level: int) -> str:
            text, own = done[k]
            return f"({text})" if own > level else text

        for k in self.arena.schedule(root):
            op, sub, data = self.arena.nodes[k]
            if values is not None and k in values:
                done[k] = values[k], 100
            elif op == "num":
                done[k] = number(data)
            elif op == "var":
                done[k] = self.names[data], 0
            elif op == "-" and self.arena.nodes[sub[0]] == ("num", (), 0):
                done[k] = f"- {part(sub[1], 30)}", 35
            elif op in "+-*/":
                level = 50 if op in "+-" else 40
                done[k] = f"{part(sub[0], level)} {op} {part(sub[1], level - 1)}", level
            elif op == "^":
                power = f"{part(sub[0], 0)} ^ {abs(data)}"
                done[k] = (power, 30) if data >= 0 else (f"/ {power}", 40)
            elif op == "abs":
                done[k] = f"Rabs {part(sub[0], 0)}", 10
            if len(done[k][0]) > LIMIT:
                self.fail("a term is too large to be written out")
        return done[root][0]

    # --- rules ---

    def narrowed(self, known: Known) -> Known:
        """The same with each range cut by the hypotheses `constant <= variable` and the like, as the kernel does."""
        ranges, low, high = dict(known.goal.ranges), dict(known.low), dict(known.high)
        for g, name in zip(known.goal.given, known.given, strict=True):
            for a, b, upper in ((g.lhs, g.rhs, False), (g.rhs, g.lhs, True)):
                (kind, _, q), (other, _, x) = self.arena.nodes[a], self.arena.nodes[b]
                if (kind, other) == ("num", "var") and x in ranges and g.op != "!=":
                    if not upper or g.op == "=":
                        ranges[x] = self.cut(ranges[x], low, x, name, lo=q, is_open=g.op == "<")
                    if upper or g.op == "=":
                        ranges[x] = self.cut(ranges[x], high, x, name, hi=q, is_open=g.op == "<")
        return Known(replace(known.goal, ranges=ranges), known.given, low, high)

    @staticmethod
    def cut(
        r: Range, table: dict[str, str], x: str, name: str, lo: Fraction | None = None, hi: Fraction | None = None, is_open: bool = False
    ) -> Range:
        new = r.meet(lo, hi, is_open, is_open)
        if new != r:
            table[x] = name
        return new

    def prove(self, known: Known, node: Any) -> None:
        rules: dict[str, Callable[[Known, Any], None]] = {
            "orthant": self.algebra,
            "identity": self.algebra,
            "sturm": self.algebra,
            "cover": self.cover,
            "have": self.have,
            "change": self.change,
            "apply": self.apply,
            "defined": self.defined,
        }
        if node["rule"] not in rules:
            self.fail(f"its certificate uses the rule `{node['rule']}`, which has no counterpart in the export")
        rules[node["rule"]](known, node)

    def cover(self, known: Known, node: Any) -> None:
        tokens, names = iter(node["tree"]), sorted(known.goal.ranges)

        def box(here: Known) -> None:
            token = next(tokens)
            if isinstance(token, dict):
                return self.prove(here, token)
            if isinstance(token, str):
                return self.enclosed(here)
            x = token[0] if isinstance(token, list) else names[token]
            r = here.goal.ranges[x]
            if isinstance(token, list):
                q = rational(token[1])
            else:
                assert r.lo is not None
                assert r.hi is not None
                q = Fraction(floor((r.lo + r.hi) / 2)) if r.integer else (r.lo + r.hi) / 2
            for part in self.parts(here, x, q, isinstance(token, list)):
                box(part)

        box(known)

    def parts(self, here: Known, x: str, q: Fraction, three: bool) -> Iterator[Known]:
        """The cases x <= q, x > q, or x < q, x = q, x > q, each to be proved in a block of its own; empty ones are closed here."""
        v, r, h = self.names[x], here.goal.ranges[x], self.fresh()
        if three:
            self.emit(f"destruct (Rtotal_order {v} {wrapped(q)}) as [{h} | [{h} | {h}]].")
            cases = [(None, q, True), (q, q, False), (q, None, True)]
        else:
            self.emit(f"destruct (Rle_or_lt {v} {wrapped(q)}) as [{h} | {h}].")
            cases = [(None, q, False), (q, None, False)]
        for lo, hi, is_open in cases:
            low, high = dict(here.low), dict(here.high)
            part = r
            if lo is not None:
                part = self.cut(part, low, x, h, lo=lo, is_open=is_open)
            if hi is not None:
                part = self.cut(part, high, x, h, hi=hi, is_open=is_open)
            with self.block():
                if part.empty():
                    self.emit(f"exfalso; clear - {' '.join(dict.fromkeys([h, *[t[x] for t in (low, high) if x in t]]))}; lra.")
                else:
                    yield Known(replace(here.goal, ranges={**here.goal.ranges, x: part}), here.given, low, high)

    def have(self, known: Known, node: Any) -> None:
        fact = read_relation(self.arena, node["fact"], known.goal.names)
        name, conditions = self.fresh(), self.conditions(fact)
        self.emit(f"assert ({name} : {self.full(fact)}).")
        with self.block():
            self.prove(replace(known, goal=replace(known.goal, then=((fact,),))), node["proof"])
        if conditions:
            parts = [self.fresh() for _ in conditions]
            self.emit(f"destruct {name} as {conjunction([*parts, name])}.")
        self.prove(
            self.narrowed(replace(known, goal=replace(known.goal, given=(*known.goal.given, fact)), given=[*known.given, name])),
            node["then"],
        )

    def apply(self, known: Known, node: Any) -> None:
        """A lemma is asserted for variables of its own, and then its conclusions for the terms it is applied to."""
        if "lemma" not in node:
            self.fail("its certificate uses facts about elementary functions")
        goal, arena, outer = known.goal, self.arena, dict(self.names)
        lemma = read_goal_as_written(node["lemma"], arena)
        if any(self.divisors(r.lhs, r.rhs) for c in lemma.then for r in c):
            self.fail("a lemma of its certificate has divisors in its conclusion")
        variables = " ".join(self.declare(x) for x in lemma.ranges)
        inner, hypotheses, intro = self.hypotheses(lemma)
        general, side, special = self.fresh(), self.fresh(), self.fresh()
        self.emit(f"assert ({general} : forall {variables} : R, {' -> '.join([*hypotheses, self.conclusion(lemma)])}).")
        with self.block():
            self.emit(f"intros {' '.join([variables, *intro])}.")
            self.prove(self.narrowed(inner), node["proof"])
        self.names = outer
        at = {arena.var(x): arena.read(node["at"][x], goal.names) for x in lemma.ranges}
        needed = [relation(arena, "=", t, t) for t in at.values() if arena.nodes[t][1]]
        needed += [s for x, r in map(read_range, node["lemma"]["vars"]) for s in inside(arena, r, at[arena.var(x)])]
        conditions = replace(goal, then=tuple((s,) for s in (*needed, *shift(arena, lemma.given, at))))
        if conditions.then:
            self.emit(f"assert ({side} : {self.conclusion(conditions)}).")
            with self.block():
                self.prove(replace(known, goal=conditions), node["side"])
        found = shift(arena, (c[0] for c in lemma.then), at)
        conclusions = " /\\ ".join(map(self.relation, found))
        self.emit(f"assert ({special} : {conclusions}).")
        with self.block():
            given = f"decompose [and] {side}; " if len(conditions.then) > 1 else ""
            self.emit(f"{given}apply ({general} {' '.join(f'({self.text(t)})' for t in at.values())}); assumption.")
        names = [self.fresh() for _ in found[1:]]
        if names:
            self.emit(f"destruct {special} as {conjunction([special, *names])}.")
        more = Known(replace(goal, given=(*goal.given, *found)), [*known.given, special, *names], known.low, known.high)
        self.prove(self.narrowed(more), node["then"])

    def defined(self, known: Known, node: Any) -> None:
        """Terms are defined because their divisors do not vanish."""
        goal, arena, then = known.goal, self.arena, list[tuple[Relation, ...]]()
        for clause in goal.then:
            r = clause[0]
            if r.op != "=" or r.lhs != r.rhs:
                then.append(clause)
                continue
            for k in arena.schedule(r.lhs):
                op, sub, data = arena.nodes[k]
                if op == "/" or (op == "^" and data < 0):
                    then.append((relation(arena, "!=", arena.num(0), sub[-1]),))
        self.divisors(*(r.lhs for c in goal.then for r in c))  # nothing else has to be shown
        shown = self.fresh()
        if then:
            needed = replace(goal, then=tuple(then))
            self.emit(f"assert ({shown} : {self.conclusion(needed)}).")
            with self.block():
                self.prove(replace(known, goal=needed), node["proof"])
            if len(then) > 1 or any(self.conditions(r) for c in then for r in c):
                self.emit(f"decompose [and] {shown}; clear {shown}.")
        self.emit("repeat match goal with |- _ /\\ _ => split end; first [reflexivity | assumption | apply not_eq_sym; assumption].")

    def change(self, known: Known, node: Any) -> None:
        goal, x, arena, (z, half_line) = known.goal, node["var"], self.arena, read_range(node["to"])
        by = arena.read(node["by"], {**goal.names, z: arena.var(z)})
        ring = Ring(1, arena.spend)
        try:
            num, den = ring.normal_form(arena, by, {z: ring.generator(0)}, lambda f: {1})
            start, slope = (Fraction(num.get((k,), 0)) / den[(0,)] for k in (0, 1))
            plain = max(m[0] for m in num) == 1 and len(den) == 1 and half_line.lo == 0 and half_line.hi is None
        except (KeyError, ValueError):
            plain = False
        if not plain:
            self.fail("its certificate changes a variable by a power, which rests on the intermediate value theorem")
        r, fact = goal.ranges[x], (known.low if slope > 0 else known.high)[x]
        strict = half_line.lo_open
        ends = []
        for rel in inside(arena, r, goal.names[x]):
            name = self.fresh()
            source = known.low[x] if arena.nodes[rel.lhs][0] == "num" else known.high[x]
            self.emit(f"assert ({name} : {self.relation(rel)}) by (clear - {source}; lra).")
            ends.append(name)
        old = self.names[x]
        new, there, equation = self.declare(z), self.fresh(), self.fresh("E")
        self.emit(
            f"assert ({there} : exists {new}, {'0 <' if strict else '0 <='} {new} /\\ {old} = {self.text(by)}) by "
            f"(exists (({old} - {wrapped(start)}) / {wrapped(slope)}); split; clear - {fact}; lra)."
        )
        self.emit(f"destruct {there} as ({new} & {there} & {equation}). put {old} {equation}.")
        moved = {y: arena.substitute(k, {goal.names[x]: by}) for y, k in goal.names.items() if y != x} | {z: arena.var(z)}
        ranges = {y: s for y, s in goal.ranges.items() if y != x} | {z: half_line}
        given = shift(arena, (*goal.given, *inside(arena, r, goal.names[x])), {goal.names[x]: by})
        then = tuple(shift(arena, c, {goal.names[x]: by}) for c in goal.then)
        low = {**known.low, z: there}
        self.prove(
            Known(replace(goal, names=moved, ranges=ranges, given=given, then=then), [*known.given, *ends], low, known.high), node["then"]
        )

    def algebra(self, known: Known, node: Any) -> None:
        last = len(known.goal.then) - 1
        for i, clause in enumerate(known.goal.then):
            entry = (node.get("clauses") or [{}] * (last + 1))[i]
            prove = self.divided if entry.get("by", node["rule"]) == "sturm" else self.leaf
            if i < last:
                self.emit("split.")
                with self.block():
                    prove(known, clause, entry)
            else:
                prove(known, clause, entry)

    def leaf(self, known: Known, clause: Sequence[Relation], entry: Mapping[str, Any]) -> None:
        Leaf(self, known).clause(clause, entry)

    def divided(self, known: Known, clause: Sequence[Relation], entry: Mapping[str, Any], depth: int = 12) -> None:
        """What the kernel closes by Sturm's theorem: the range is divided until on each part the polynomial has coefficients of one sign
        in the distances to the ends. A polynomial without zeros inside gets there."""
        free = [x for x, r in known.goal.ranges.items() if not r.point()]
        if not free:  # a part that is a point
            return self.leaf(known, clause, {**entry, "order": []})
        ((x, r),) = ((x, known.goal.ranges[x]) for x in free)
        mark, level, order = len(self.lines), self.depth, [[x, as_json(r.lo), as_json(r.hi)]]
        try:
            return self.leaf(known, clause, {**entry, "order": order if (r.lo, r.hi) != (None, None) else []})
        except Unexportable:
            del self.lines[mark:]
            self.depth = level
        if not depth:
            self.fail("its certificate uses Sturm's theorem, and dividing the range does not replace it")
        reach = Fraction(2 ** (12 - depth))
        if r.lo is not None and r.hi is not None:
            q = (r.lo + r.hi) / 2
        else:
            q = r.lo + reach if r.lo is not None else r.hi - reach if r.hi is not None else Fraction(0)
        for part in self.parts(known, x, q, False):
            self.divided(part, clause, entry, depth - 1)

    def enclosed(self, known: Known) -> None:
        """A box that the kernel closes by an enclosure: tried with each variable between its ends, as `orthant` would."""
        order = [[x, as_json(r.lo), as_json(r.hi)] for x, r in known.goal.ranges.items() if not r.point() and (r.lo, r.hi) != (None, None)]
        last = len(known.goal.then) - 1

        def attempt(tries: Sequence[Callable[[], None]]) -> None:
            for one in tries:
                mark, depth = len(self.lines), self.depth
                try:
                    return one()
                except Unexportable:
                    del self.lines[mark:]
                    self.depth = depth
            self.fail("a box of its certificate is closed by interval arithmetic, and polynomials do not suffice there")

        def tries(clause: Sequence[Relation]) -> list[Callable[[], None]]:
            entries = [{"order": order, "pick": j, "split abs": s} for j in range(len(clause)) for s in (False, True)]
            entries += [{"order": order, "absurd": k} for k in range(len(known.goal.given))]
            plain: list[Callable[[], None]] = [lambda: self.at_sight(known, clause)]
            return plain + [lambda e=e: Leaf(self, known).clause(clause, e) for e in entries]

        for i, clause in enumerate(known.goal.then):
            if i < last:
                self.emit("split.")
                with self.block():
                    attempt(tries(clause))
            else:
                attempt(tries(clause))

    def at_sight(self, known: Known, clause: Sequence[Relation]) -> None:
        """A hypothesis, or that a square is not negative."""
        (r, *more), nodes = clause, self.arena.nodes
        if more or self.divisors(r.lhs, r.rhs):
            self.fail("more than one relation, or divisors")
        if r in known.goal.given:
            self.emit(f"exact {known.given[known.goal.given.index(r)]}.")
        elif r.op == "<=" and nodes[r.lhs] == ("num", (), 0) and nodes[r.rhs][0] == "^" and nodes[r.rhs][2] == 2:
            self.emit("apply pow2_ge_0.")
        else:
            self.fail("neither a hypothesis nor a square")


def read_goal_as_written(data: Any, arena: Arena) -> Goal:
    """The goal with the ranges of its variables as they are declared."""
    goal = read_goal(data, arena)
    return replace(goal, ranges={r[0]: read_goal({"vars": [r], "then": [["=", 0, 0]]}, Arena()).ranges[r[0]] for r in data["vars"]})


def number(q: Fraction | int) -> tuple[str, int]:
    """The number in Coq's notation, with the level of its outermost operation."""
    q = Fraction(q)
    sign, level = ("- ", 35) if q < 0 else ("", 0)
    return (f"{sign}{abs(q)}", level) if q.denominator == 1 else (f"{sign}{abs(q.numerator)} / {q.denominator}", 40)


def conjunction(names: Sequence[str]) -> str:
    """The pattern that gives the parts of a conjunction these names."""
    return "[" + " [".join(names[:-1]) + f" {names[-1]}" + "]" * (len(names) - 1)


def wrapped(q: Fraction) -> str:
    return f"({number(q)[0]})"


def as_json(q: Fraction | None) -> Any:
    return None if q is None else str(q) if q.denominator > 1 else q.numerator


# --- one conclusion --------------------------------------------------------------------------------------------------


class Leaf:
    """The proof of one conclusion by polynomial arithmetic."""

    def __init__(self, proof: Proof, known: Known) -> None:
        self.proof, self.known, self.goal, self.arena = proof, known, known.goal, proof.arena
        self.values: dict[int, str] = {}  # texts of variables and of resolved |u|, max(u, v)
        self.meaning: dict[int, Quotient] = {}
        self.factors: list[Poly] = []
        self.generators: list[str] = []
        self.strict: set[int] = set()  # generators that are positive
        self.pairs: list[tuple[int, int, str]] = []  # two of which one is positive, and the hypothesis that says so
        self.free = set[int]()  # generators of either sign: variables that no bound is used of
        self.facts: dict[int, str] = {}  # divisor -> hypothesis that it is not zero

    def clause(self, clause: Sequence[Relation], entry: Mapping[str, Any]) -> None:
        proof = self.proof
        pick = entry.get("pick", 0)
        r = clause[pick]
        if "absurd" not in entry:
            if len(clause) > 1:
                proof.emit(" ".join(["right."] * pick + ["left."] * (pick < len(clause) - 1)))
            if entry.get("split abs"):
                return self.absolute_value(r, entry)
        else:
            proof.emit("exfalso.")
            k = entry["absurd"]
            r = self.goal.given[k]
            proof.emit(f"revert {self.known.given[k]}.")
        self.substitute(entry.get("order", []))
        uses = [(k, self.arena.read(m, self.goal.names)) for k, m in entry.get("use", [])]
        for term in [r.lhs, r.rhs, *(m for _, m in uses), *(s for k, _ in uses for s in self.goal.given[k][2:])]:
            self.define(term)
        if "absurd" in entry:
            return self.absurd(r)
        for k in proof.divisors(r.lhs, r.rhs):
            proof.emit(f"split; [exact {self.facts[k]} | ].")
        self.conclude(r, uses, bool(entry.get("flip")))

    def absolute_value(self, r: Relation, entry: Mapping[str, Any]) -> None:
        """|u| < c from u < c and -u < c."""
        op, sub, _ = self.arena.nodes[r.lhs]
        if op != "abs" or r.op not in ("<", "<="):
            self.proof.fail("no |u| to split")
        if self.proof.divisors(r.lhs, r.rhs):
            self.proof.fail("divisors beside |u|")
        self.proof.emit(f"apply {'Rabs_le_of' if r.op == '<=' else 'Rabs_lt_of'}.")
        for u in (sub[0], self.arena.make("-", self.arena.num(0), sub[0])):
            with self.proof.block():
                if u != sub[0]:
                    self.proof.emit("rewrite Rminus_0_l.")
                Leaf(self.proof, self.known).clause([relation(self.arena, r.op, u, r.rhs)], {"order": entry["order"]})

    # --- the domain as the image of new variables ---

    def generator(self, strict: bool) -> tuple[int, str, str]:
        name, fact = self.proof.fresh("a"), self.proof.fresh()
        self.generators.append(name)
        if strict:
            self.strict.add(len(self.generators) - 1)
        return len(self.generators) - 1, name, fact

    def substitute(self, order: Sequence[Any]) -> None:
        proof, arena, goal = self.proof, self.arena, self.goal
        size = 2 * len(order) + len(goal.ranges)
        self.ring = ring = Ring(size, arena.spend)
        bounds: list[list[tuple[int, str, bool] | None]] = []
        for x, *ends in order:
            row: list[tuple[int, str, bool] | None] = []
            for end, upper in zip(ends, (False, True), strict=True):
                row.append(None if end is None else self.bound(x, arena.read(end, goal.names), upper))
            bounds.append(row)
        for x, r in goal.ranges.items():
            if r.point():
                assert r.lo is not None
                e, v = proof.fresh("E"), proof.names[x]
                proof.emit(f"assert ({e} : {v} = {wrapped(r.lo)}) by (clear - {' '.join({self.known.low[x], self.known.high[x]})}; lra).")
                proof.emit(f"put {v} {e}.")
                self.values[goal.names[x]] = number(r.lo)[0]
                self.meaning[goal.names[x]] = Quotient(ring.constant(r.lo))
        for (x, *_), (low, high) in zip(order, bounds, strict=True):
            v, e = proof.names[x], proof.fresh("E")
            if high is None and low is not None and self.arena.nodes[low[0]] == ("num", (), 0):  # x is itself a new variable
                self.generators.append(v)
                if low[2]:
                    self.strict.add(len(self.generators) - 1)
                self.meaning[goal.names[x]] = Quotient(ring.generator(len(self.generators) - 1))
            elif low is None or high is None:
                k, hypothesis, strict = low or high  # type: ignore[misc]
                i, a, fact = self.generator(strict)
                lemma = ("shift_up" if low else "shift_down") + ("_strict" if strict else "")
                proof.emit(f"destruct ({lemma} _ _ {hypothesis}) as ({a} & {fact} & {e}). put {v} {e}.")
                one = Quotient(ring.generator(i))
                self.define(k)
                self.meaning[goal.names[x]] = self.plus(self.meaning[k], one, 1 if low else -1)
                self.values[goal.names[x]] = f"{self.shown(k)} {'+' if low else '-'} {a}"
            else:
                (k, from_low, is_low), (m, from_high, is_high) = low, high
                (i, a, fact_a), (j, b, fact_b) = self.generator(is_low), self.generator(is_high)
                both, total, u, w = (proof.fresh() for _ in range(4))
                weak = [f"(Rlt_le _ _ {h})" if s else h for h, s in ((from_low, is_low), (from_high, is_high))]
                facts = " & ".join([a, b, fact_a, fact_b, both, u, w, total, e])
                proof.emit(f"destruct (between _ _ _ {weak[0]} {weak[1]}) as ({facts}).")
                for strict, fact, implication, h in ((is_low, fact_a, u, from_low), (is_high, fact_b, w, from_high)):
                    if strict:
                        proof.emit(f"clear {fact}; assert ({fact} := {implication} {h}).")
                proof.emit(f"clear {u} {w}; put {v} {e}.")
                if not is_low and not is_high:
                    self.pairs.append((i, j, both))
                self.define(k)
                self.define(m)
                one, other = Quotient(ring.generator(i)), Quotient(ring.generator(j))
                scale = self.factor(ring.add(one.num, other.num))
                mean = self.plus(self.times(self.meaning[k], other), self.times(self.meaning[m], one))
                self.meaning[goal.names[x]] = self.times(mean, Quotient(ring.one, {scale: 1}))
                self.values[goal.names[x]] = f"({self.shown(k)} * {b} + {self.shown(m)} * {a}) / ({a} + {b})"
        for x in goal.ranges:
            if goal.names[x] not in self.meaning:
                self.generators.append(proof.names[x])
                self.meaning[goal.names[x]] = Quotient(ring.generator(len(self.generators) - 1))
                self.free.add(len(self.generators) - 1)

    def bound(self, x: str, k: int, upper: bool) -> tuple[int, str, bool]:
        """(bound, hypothesis that says so, whether it is strict), asserted in the original variables."""
        proof, arena, goal = self.proof, self.arena, self.goal
        kind, _, q = arena.nodes[k]
        r, v = goal.ranges[x], goal.names[x]
        end, is_open = (r.hi, r.hi_open) if upper else (r.lo, r.lo_open)
        if kind == "num" and end is not None and (end <= q if upper else q <= end):
            strict, source = bool(is_open or end != q), (self.known.high if upper else self.known.low)[x]
        else:
            found = [
                (g, n)
                for g, n in zip(goal.given, self.known.given, strict=True)
                if (g.lhs, g.rhs) == ((v, k) if upper else (k, v)) and g.op != "!="
            ]
            if not found:
                proof.fail(f"a bound of {x} is not found among the hypotheses")
            strict = any(g.op == "<" for g, _ in found)
            source = next(n for g, n in found if g.op == "<" or not strict)
        name, sides = proof.fresh(), [proof.text(k), proof.text(v)]
        text = f" {'<' if strict else '<='} ".join(sides[::-1] if upper else sides)
        proof.emit(f"assert ({name} : {text}) by (clear - {source}; lra).")
        return k, name, strict

    # --- terms as quotients ---

    def factor(self, f: Poly) -> int:
        if f not in self.factors:
            self.factors.append(f)
        return self.factors.index(f)

    def plus(self, x: Quotient, y: Quotient, c: int = 1) -> Quotient:
        den = {k: max(x.den.get(k, 0), y.den.get(k, 0)) for k in {**x.den, **y.den}}
        return Quotient(self.ring.add(self.raised(x, den), self.raised(y, den), c), den)

    def raised(self, x: Quotient, den: Mapping[int, int]) -> Poly:
        num = x.num
        for k, n in den.items():
            if n > x.den.get(k, 0):
                num = self.ring.mul(num, self.ring.pow(self.factors[k], n - x.den.get(k, 0)))
        return num

    def times(self, x: Quotient, y: Quotient) -> Quotient:
        return Quotient(self.ring.mul(x.num, y.num), {k: x.den.get(k, 0) + y.den.get(k, 0) for k in {**x.den, **y.den}})

    def inverse(self, x: Quotient) -> Quotient:
        """1/x, with the sign of x, which must be certain, in the numerator."""
        sign, _ = self.sign(x.num)
        top = self.raised(Quotient(self.ring.one), x.den)
        num = top if sign > 0 else self.ring.add({}, top, -1)
        f = x.num if sign > 0 else self.ring.add({}, x.num, -1)
        if len(f) == 1 and not any(next(iter(f))):  # a constant
            (q,) = f.values()
            return Quotient(self.ring.mul(num, self.ring.constant(1 / Fraction(q))))
        return Quotient(num, {self.factor(f): 1})

    def sign(self, f: Poly) -> tuple[int, bool]:
        """The sign of a polynomial in the new variables, and whether it is strict."""
        if not f or any(m[i] % 2 for m in f for i in self.free) or len({q > 0 for q in f.values()}) > 1:
            return 0, not f
        return (1 if next(iter(f.values())) > 0 else -1), self.positive_somewhere(f, self.strict, self.pairs)

    def positive_somewhere(self, f: Poly, strict: set[int], pairs: Sequence[tuple[int, int, str]]) -> bool:
        if any({i for i, e in enumerate(m) if e} <= strict for m in f):
            return True
        return bool(pairs) and all(self.positive_somewhere(f, strict | {i}, pairs[1:]) for i in pairs[0][:2])

    def define(self, root: int) -> None:
        """Give every part of the term its quotient; divisors are shown to be nonzero, |u| and max(u, v) are resolved."""
        proof, ring = self.proof, self.ring
        for k in self.arena.schedule(root):
            if k in self.meaning:
                continue
            op, sub, data = self.arena.nodes[k]
            parts = [self.meaning[i] for i in sub]
            if op == "num":
                self.meaning[k] = Quotient(ring.constant(data))
            elif op in "+-":
                self.meaning[k] = self.plus(parts[0], parts[1], 1 if op == "+" else -1)
            elif op == "*":
                self.meaning[k] = self.times(parts[0], parts[1])
            elif op == "/" or (op == "^" and data < 0):
                divisor = sub[-1]
                if divisor not in self.facts and self.arena.nodes[divisor][0] != "num":
                    self.nonzero(divisor)
                inverse = self.inverse(self.meaning[divisor])
                self.meaning[k] = self.times(parts[0], inverse) if op == "/" else self.power(inverse, -data)
            elif op == "^":
                self.meaning[k] = self.power(parts[0], data)
            elif op == "abs":
                s = self.sign(parts[0].num)[0] if parts[0].num else 1
                if not s:
                    proof.fail("the sign of the argument of abs is not certain")
                u, name = self.shown(sub[0]), proof.fresh("E")
                proof.emit(f"assert ({name} : Rabs {u} = {u if s > 0 else '- ' + u}).")
                with proof.block():
                    proof.emit(f"apply {'Rabs_pos_eq' if s > 0 else 'Rabs_left1'}.")
                    self.signed(parts[0], s, False)
                proof.emit(f"try rewrite {name} in *.")
                self.values[k] = u if s > 0 else f"- {u}"
                self.meaning[k] = parts[0] if s > 0 else Quotient(ring.add({}, parts[0].num, -1), parts[0].den)
            else:
                proof.fail(f"it speaks of {op}, and the export of polynomials, quotients and abs")

    def power(self, x: Quotient, n: int) -> Quotient:
        return Quotient(self.ring.pow(x.num, n), {k: n * e for k, e in x.den.items()} if n else {})

    def shown(self, k: int) -> str:
        return f"({self.proof.text(k, self.values)})"

    # --- signs in Coq ---

    def nonzero(self, k: int) -> None:
        """Assert that the term is not zero."""
        quotient, name = self.meaning[k], self.proof.fresh()
        s, strict = self.sign(quotient.num)
        if not s or not strict:
            self.proof.fail("a divisor is not certainly nonzero")
        self.proof.emit(f"assert ({name} : {self.shown(k)} <> 0).")
        with self.proof.block():
            self.proof.emit(f"apply {'pos_ne' if s > 0 else 'neg_ne'}.")
            self.signed(quotient, s, True)
        self.facts[k] = name
        f = quotient.num if s > 0 else self.ring.add({}, quotient.num, -1)
        if len(f) > 1:
            fact = self.proof.fresh()
            self.proof.emit(f"assert ({fact} : 0 < {self.written(f)[0]}).")
            with self.proof.block():
                self.positive(self.scaled(f)[0])

    def scaled(self, f: Poly) -> tuple[Poly, int]:
        """The polynomial times the least number that makes its coefficients integers, and that number."""
        c = lcm(*(Fraction(q).denominator for q in f.values()))
        return {m: Fraction(q * c) for m, q in f.items()}, c

    def monomials(self, f: Poly) -> list[str]:
        out = []
        for m, q in sorted(f.items(), reverse=True):
            powers = [self.generators[i] + (f" ^ {e}" if e > 1 else "") for i, e in enumerate(m) if e]
            out.append(" * ".join(([str(q)] if q != 1 or not powers else []) + powers))
        return out

    def written(self, f: Poly) -> tuple[str, int]:
        g, c = self.scaled(f)
        return f"({' + '.join(self.monomials(g)) or '0'})", c

    def signed(self, x: Quotient, s: int, strict: bool) -> None:
        """Prove the goal that this quotient is >= 0, <= 0, > 0 or < 0: it is plus or minus num / den."""
        proof = self.proof
        num = x.num if s > 0 else self.ring.add({}, x.num, -1)
        g, c = self.scaled(num)
        text = self.written(g)[0]
        den = [f"{self.written(self.factors[k])[0]}" + (f" ^ {n}" if n > 1 else "") for k, n in x.den.items() if n]
        for k, n in x.den.items():  # factors are written with integer coefficients: correct for what they were multiplied by
            scale = self.written(self.factors[k])[1]
            if scale != 1:
                text = f"({scale**n} * {text})"
                g = {m: q * scale**n for m, q in g.items()}
                text = self.written(g)[0]
        bottom = " * ".join(([str(c)] if c != 1 else []) + den)
        lemma = {(1, False): "is_nonneg", (1, True): "is_pos", (-1, False): "is_nonpos", (-1, True): "is_neg"}[s, strict]
        whole = f"{text} / ({bottom})" if bottom else text
        proof.emit(f"apply ({lemma} _ ({whole})).")
        proof.emit("{ first [ring | rational]. }")
        if bottom:
            proof.emit(f"apply {'quotient_pos' if strict else 'quotient_nonneg'}; [ | solve [positive]].")
        if strict:
            self.positive(g)
        else:
            proof.emit("solve [nonneg].")

    def positive(self, f: Poly, strict: set[int] | None = None, pairs: Sequence[tuple[int, int, str]] | None = None) -> None:
        """Prove the goal 0 < f, by a monomial that does not vanish, in cases where it depends on them which that is."""
        strict, pairs = self.strict if strict is None else strict, self.pairs if pairs is None else pairs
        lead = next((m for m in f if {i for i, e in enumerate(m) if e} <= strict), None)
        if lead is None:
            if not pairs:
                self.proof.fail("a sign is not certainly strict")
            (i, j, name), *rest = pairs
            fact = self.proof.fresh()
            self.proof.emit(f"destruct {name} as [{fact} | {fact}].")
            for k in (i, j):
                with self.proof.block():
                    self.positive(f, strict | {k}, rest)
            return
        others = {m: q for m, q in f.items() if m != lead}
        first, rest_text = self.monomials({lead: f[lead]})[0], " + ".join(self.monomials(others)) or "0"
        self.proof.emit(f"apply (leading _ ({first}) ({rest_text})); [ring | solve [positive] | solve [nonneg]].")

    # --- conclusions ---

    def absurd(self, r: Relation) -> None:
        """The goal is that the hypothesis r is false."""
        proof = self.proof
        x = self.plus(self.meaning[r.lhs], self.meaning[r.rhs], -1)
        s, strict = self.sign(x.num)
        h = proof.fresh()
        proof.emit(f"intro {h}.")
        zero = not x.num
        if r.op == "!=" and zero:
            proof.emit(f"apply {h}; apply Rminus_diag_uniq; first [ring | rational].")
        elif (r.op == "<" and (s > 0 or zero)) or (r.op == "<=" and s > 0 and strict):
            minus = "Rlt_minus" if r.op == "<" else "Rle_minus"
            proof.emit(f"apply {minus} in {h}. revert {h}. apply {'Rle_not_lt' if r.op == '<' else 'Rlt_not_le'}.")
            if zero:
                proof.emit("apply Req_le; symmetry; first [ring | rational].")
            else:
                self.signed(x, s, r.op == "<=")
        elif r.op == "=" and s and strict:
            proof.emit(f"apply Rminus_diag_eq in {h}. revert {h}. apply {'pos_ne' if s > 0 else 'neg_ne'}.")
            self.signed(x, s, True)
        else:
            proof.fail("a hypothesis is not absurd")

    def conclude(self, r: Relation, uses: Sequence[tuple[int, int]], flip: bool) -> None:
        proof, lhs, rhs, op = self.proof, r.lhs, r.rhs, r.op
        if op == "!=" and flip:
            proof.emit("apply not_eq_sym.")
            lhs, rhs = rhs, lhs
        x = self.plus(self.meaning[lhs], self.meaning[rhs], -1)
        gains, signs = [False] * len(uses), [(0, False)] * len(uses)
        for n, (k, m) in enumerate(uses):
            g = self.goal.given[k]
            difference = self.plus(self.meaning[g.lhs], self.meaning[g.rhs], -1)
            signs[n] = self.sign(self.meaning[m].num)
            x = self.plus(x, self.times(self.meaning[m], difference), -1)
            gains[n] = g.op == "<" and signs[n][0] > 0 and signs[n][1]
        s, strict = self.sign(x.num)
        zero = not x.num
        equations = all(self.goal.given[k].op == "=" for k, _ in uses)
        proof.emit({"<=": "apply Rminus_le.", "<": "apply Rminus_lt.", "=": "apply Rminus_diag_uniq.", "!=": "apply Rminus_not_eq."}[op])
        strictly = s < 0 and strict
        if op == "!=" and not (equations and s and strict):
            proof.emit("apply neg_ne.")
            op = "<"
        must_gain = op == "<" and not strictly
        if must_gain and not any(gains):
            proof.fail("a strict inequality does not follow")
        for n, (k, m) in enumerate(uses):
            g, hypothesis, text = self.goal.given[k], self.known.given[k], self.shown(m)
            if g.op == "=":
                word = {"<=": "le", "<": "lt", "=": "eq", "!=": "ne"}[op]
                proof.emit(f"apply (equal_{word} _ {text} _ (Rminus_diag_eq _ _ {hypothesis})).")
                continue
            gain = must_gain and gains[n]
            name = proof.fresh()
            if not self.meaning[m].num:
                proof.emit(f"assert ({name} : 0 <= {text}) by (apply Req_le; symmetry; first [ring | rational]).")
            else:
                proof.emit(f"assert ({name} : {'0 <' if gain else '0 <='} {text}).")
                with proof.block():
                    self.signed(self.meaning[m], 1, gain)
            fact = f"(Rlt_minus _ _ {hypothesis})" if g.op == "<" else f"(Rle_minus _ _ {hypothesis})"
            if gain:
                proof.emit(f"apply (gain_lt _ {text} _ {name} {fact}).")
                op, must_gain = "<=", False
            else:
                weak = f"(neg_le _ {fact})" if g.op == "<" else fact
                proof.emit(f"apply (use_{'lt' if op == '<' else 'le'} _ {text} _ {name} {weak}).")
        if op == "=" or (op == "<=" and zero):
            proof.emit(("apply zero_le. " if op == "<=" else "") + "first [ring | rational].")
        elif op == "!=":
            proof.emit(f"apply {'pos_ne' if s > 0 else 'neg_ne'}.")
            self.signed(x, s, True)
        elif s < 0:
            self.signed(x, -1, op == "<")
        else:
            proof.fail("a conclusion does not follow by these signs")


__all__ = ["Unexportable", "coq_file", "from_certificate"]
