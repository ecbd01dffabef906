"""The search: hunts for a counterexample and proves what it can, in turns, until one of them succeeds or the budget is spent."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import kernel
from ..certify import Search, Strategy, Unproved
from ..certify.auto import Auto
from ..certify.certify import recheck, settle_statement
from ..certify.dynamics import Template
from ..claims import Claim, Outcome, Statement, Verdict, still_open
from ..kernel.terms import Undefined
from .deadline import Late, interrupted_after
from .hunt import Best, Chunk, Tape, hunt
from .journal import Journal
from .orbits import OrbitHunt, shrink_orbit
from .pool import LATE, Cluster, Pool, Processes
from .preimages import PreimagesHunt
from .problem import Problem
from .prune import Pruner
from .simplify import simplify_node
from .snippets import latex_snippet, python_snippet
from .zeros import ZeroHunt

Progress = Callable[[str], None]

GRACE = 0.7  # seconds beyond the budget after which a step that does not look at the clock is interrupted
IN_VAIN = 12  # rounds in which no sample was left to be tried; the last ones of them gave every proof a minute


@dataclass(frozen=True)
class SearchResult:
    """What a search ended in. It has no truth value: look at `outcome`.

    `verdict` as `certify` gives it; `witness`, the counterexample as {variable: value} (an interval "[a, b]" for a coordinate
    that solves equations); `ruled_out`, the part of the domain (from 0 to 1) on which the statement certainly holds;
    `margin`, the smallest amount by which a conclusion was seen to hold, negative where one failed (None: not measured);
    `where`, the float point of that margin; `samples`; `seconds`; `latex` and `python`, text that reproduces the counterexample.
    """

    verdict: Verdict
    witness: Mapping[str, str] | None = None
    ruled_out: float = 0.0
    margin: float | None = None
    where: Mapping[str, float] | None = field(default=None, repr=False)
    samples: int = 0
    seconds: float = 0.0
    latex: str = field(default="", repr=False)
    python: str = field(default="", repr=False)

    @property
    def outcome(self) -> Outcome:
        return self.verdict.outcome

    def __bool__(self) -> bool:
        raise TypeError("a search result is not true or false; compare result.outcome with Outcome.PROVED, REFUTED or OPEN")

    def __str__(self) -> str:
        margin = "" if self.margin is None else f", smallest margin {self.margin:.3g}"
        return f"{self.verdict}\n  {self.samples} samples{margin}, {percent(self.ruled_out)} of the domain ruled out, {self.seconds:.2f} s"


def percent(part: float) -> str:
    """Rounded down, so that 100 % is said of the whole only."""
    return "100 %" if part == 1 else f"{math.floor(1e4 * part) / 100:.4g} %"


@dataclass
class Task:
    """A chunk that worker processes work on, slice by slice."""

    leaf: int
    number: int
    chunk: Chunk | None = None
    future: Any = None


@dataclass(frozen=True)
class Leaf:
    """A statement without parts, and where it stands in the whole."""

    path: tuple[int, ...]
    data: Mapping[str, Any]
    by: Any = None


def leaves_of(data: Mapping[str, Any], by: Any = None, path: tuple[int, ...] = ()) -> Iterator[Leaf]:
    """The members of a family, of families in it, and so on."""
    if data["kind"] != "all":
        yield Leaf(path, data, by)
        return
    for i, (value, part) in enumerate(zip(data["values"], data["parts"], strict=True)):
        mine = by(value) if callable(by) and not isinstance(by, (Strategy, Template)) else by[i] if isinstance(by, (list, tuple)) else by
        yield from leaves_of(part, mine, (*path, i))


def members(data: Mapping[str, Any], path: tuple[int, ...]) -> list[tuple[str, Any]]:
    """The names and values of the members that the path goes through; those of a mere conjunction have no name."""
    if not path:
        return []
    here = [(data["family"], data["values"][path[0]])] if data["family"] else []
    return here + members(data["parts"][path[0]], path[1:])


def wrapped(node: Any, path: tuple[int, ...]) -> Any:
    """A refutation of one member as a refutation of the family."""
    for i in reversed(path):
        node = {"part": i, "proof": node}
    return node


def assembled(data: Mapping[str, Any], proofs: dict[tuple[int, ...], Any], path: tuple[int, ...] = ()) -> Any:
    if data["kind"] != "all":
        return proofs[path]
    return [assembled(part, proofs, (*path, i)) for i, part in enumerate(data["parts"])]


LARGE = 800  # terms


def size(leaf: Leaf) -> int:
    """How many terms a statement with "for all" consists of."""
    h = hunter(leaf.data)
    if not isinstance(h, Problem):
        return 0
    roots = [r.diff for r in (*h.goal.given, *(r for clause in h.goal.then for r in clause))]
    h.arena.work = 0
    return len({k for root in roots for k in h.arena.schedule(root)})


_HUNTERS: dict[str, Any] = {}
_ONE_AT_A_TIME = threading.Lock()  # the terms and the precision of mpmath are shared by the threads of a cluster's worker


def hunter(data: Mapping[str, Any]) -> Any:
    """The compiled form of a leaf, remembered in each process."""
    key = kernel.digest(data)
    if key not in _HUNTERS:
        if len(_HUNTERS) > 64:
            _HUNTERS.clear()
        kinds: dict[str, Callable[[Any], Any]] = {"forall": Problem, "orbit": OrbitHunt, "zero": ZeroHunt, "preimages": PreimagesHunt}
        _HUNTERS[key] = kinds[data["kind"]](data) if data["kind"] in kinds else None
    return _HUNTERS[key]


SLICE = 3.0  # seconds after which a chunk keeps its state: no more than that, and a little, is lost when the process is killed
Result = tuple[Chunk, bool, "dict[str, Any] | None"]  # the chunk, whether it ran to its end, and its state if it goes on from there


def run_chunk(
    data: Mapping[str, Any],
    seed: int,
    number: int,
    seconds: float,
    state: Mapping[str, Any] | None = None,
    tick: Callable[[], None] = lambda: None,
    watch: Callable[[Best], None] = lambda best: None,
) -> Result:
    """A slice of one chunk of one leaf. A module-level function, so that worker processes can run it."""
    started = time.monotonic()

    def stop() -> bool:
        tick()
        return time.monotonic() > started + seconds

    with _ONE_AT_A_TIME, np.errstate(all="ignore"):  # overflow and nan are expected, and excluded where they matter
        return _run_chunk(data, seed, number, Tape(stop, SLICE, dict(state or {})), watch)


def _run_chunk(data: Mapping[str, Any], seed: int, number: int, tape: Tape, watch: Callable[[Best], None]) -> Result:
    h = hunter(data)
    if h is None:
        return (
            Chunk(0, None, None, note=f"no certificate refutes a statement of the kind {data['kind']!r}, so that only proofs were tried"),
            True,
            None,
        )
    try:
        chunk = hunt(h, seed, number, tape, watch) if isinstance(h, Problem) else h.hunt(seed, number, tape.stop)
    except kernel.Reject as no:
        return Chunk(0, None, None, note=f"{no}"), True, None
    whole = chunk.node is not None or not (tape.paused or tape.stop())
    return chunk, whole, None if whole or not tape.state else tape.state


def search(
    claim: Claim | Statement,
    budget: float = 60.0,
    seed: int = 0,
    workers: int = 1,
    journal: str | Path | None = None,
    *,
    resume: bool = False,
    progress: Progress | None = None,
    prove: bool = True,
    shrink: float = 30.0,
    scheduler: str | None = None,
) -> SearchResult:
    """Search for a counterexample, and for a proof meanwhile.

    Arguments: `claim`, a claim or a bare statement; `budget`, wall-clock seconds, at most a second or two of which are exceeded;
    `seed`: the same seed gives the same
    counterexample, whatever the number of `workers` (processes); `journal`, a file that keeps what is done, continued with
    `resume`; `progress`, called with a line of text now and then; `prove`, whether proofs are tried; `shrink`, seconds at most
    for simplifying a counterexample; `scheduler`, the address of a Dask scheduler whose workers do the work instead of processes here.
    Returns: a SearchResult; a refutation or a proof in it was accepted by the kernel.
    Raises: JournalError for a journal that is damaged, foreign, or for another claim or seed; ClusterError for a scheduler that cannot be
    used; kernel.Reject for a malformed statement.
    """
    return Run(claim, budget, seed, workers, journal, resume, progress, prove, shrink, scheduler).result()


class Run:
    """One run of `search`."""

    def __init__(
        self,
        claim: Claim | Statement,
        budget: float,
        seed: int,
        workers: int,
        journal: str | Path | None,
        resume: bool,
        progress: Progress | None,
        prove: bool,
        shrink: float,
        scheduler: str | None = None,
    ) -> None:
        self.statement, by = (claim.statement, claim.by) if isinstance(claim, Claim) else (claim, None)
        self.started, self.budget, self.seed, self.workers = time.monotonic(), budget, seed, max(1, workers)
        self.progress, self.prove, self.shrink = progress, prove, shrink
        self.leaves = list(leaves_of(self.statement.data, by))
        self.pool: Pool | None = None if scheduler is None else Cluster(scheduler)
        try:
            self.journal = None if journal is None else Journal(journal, self.statement.digest, seed, resume)
        except BaseException:
            if self.pool:
                self.pool.close()
            raise
        self.done = self.journal.chunks() if self.journal else {}
        self.replayed = frozenset(self.done)
        self.unfinished = self.journal.unfinished() if self.journal else {}
        self.before = self.journal.seconds() if self.journal else 0.0
        self.proofs: dict[tuple[int, ...], Any] = {}
        self.pruners: dict[int, Pruner] = {}
        self.pruned: dict[int, float] = {}
        self.states = self.journal.boxes() if self.journal else {}
        self.samples, self.margin, self.where = 0, None, None
        self.told = self.kept = time.monotonic()
        self.round, self.proving, self.note = 0, 0.0, ""
        self.sampled, self.in_vain = False, 0
        self.live: Best | None = None

    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def over(self) -> bool:
        return self.elapsed() > self.budget

    # --- the loop -----------------------------------------------------------------------------------------------------

    def result(self) -> SearchResult:
        try:
            return self.loop()
        finally:
            self.keep(force=True)
            if self.journal:
                self.journal.close()
            if self.pool:
                self.pool.close()

    def loop(self) -> SearchResult:
        refutation: tuple[Leaf, Any] | None = None
        source = self.chunks()
        try:
            for leaf_number, number, chunk in source:
                leaf = self.leaves[leaf_number]
                self.count(chunk)
                if chunk.node is not None:
                    refutation = (leaf, chunk.node)
                    break
                if leaf_number == len(self.leaves) - 1:
                    self.round = number + 1
                    self.tell(number)
                    again = (leaf_number, number + 1) in self.replayed  # an earlier run came further, and so had no proof here
                    if self.prove and not again and self.proofs_turn(number) and self.prove_round(number):
                        return self.proved()
                    self.in_vain, self.sampled = 0 if self.sampled else self.in_vain + 1, False
                if self.over() or self.in_vain > IN_VAIN:
                    break
        finally:
            source.close()
        if refutation is None:
            self.keep(force=True)
            return self.end(still_open(self.why_open()))
        return self.refuted(*refutation)

    def count(self, chunk: Chunk) -> None:
        self.samples += chunk.samples
        self.sampled |= chunk.samples > 0
        self.note = chunk.note or self.note
        if chunk.margin is not None and (self.margin is None or -chunk.margin < self.margin):
            self.margin, self.where = -chunk.margin + 0.0, chunk.where  # type: ignore[assignment]

    def todo(self) -> Iterator[tuple[int, int]]:
        number = 0
        while True:
            for i in range(len(self.leaves)):
                if self.leaves[i].path not in self.proofs:
                    yield i, number
            number += 1

    def chunks(self) -> Generator[tuple[int, int, Chunk], None, None]:
        """The chunks in their order; with several workers they run ahead, and are handed over in the same order."""
        if self.workers == 1 and self.pool is None:
            for i, number in self.todo():
                yield i, number, self.one(i, number)
                if self.over():
                    return
            return
        yield from self.parallel()

    def one(self, i: int, number: int) -> Chunk:
        if (i, number) in self.done:
            return self.done[i, number]
        chunk, whole, state = Chunk(0, None, None), False, self.unfinished.get((i, number))
        while not whole:
            before, state = state, None
            with self.in_time():
                left = max(0.05, self.budget - self.elapsed())
                chunk, whole, state = run_chunk(self.leaves[i].data, self.seed, number, left, before, self.tick, self.follow)
            self.live = None
            self.record(i, number, chunk, whole, state)
            if state is None or self.over():
                break
        return chunk

    @contextmanager
    def in_time(self) -> Iterator[None]:
        """The body is interrupted soon after the budget is spent; compiled forms, which it may have left half done, are forgotten."""
        try:
            with interrupted_after(self.budget - self.elapsed() + GRACE):
                yield
        except Late:
            _HUNTERS.clear()

    def follow(self, best: Best) -> None:
        """What the chunk at work in this process counts, for the progress lines."""
        self.live = best

    def tick(self) -> None:
        """Called often while a chunk runs in this process."""
        self.tell(self.round)

    def record(self, i: int, number: int, chunk: Chunk, whole: bool, state: Mapping[str, Any] | None) -> None:
        if self.journal and whole:
            self.journal.add(i, number, chunk, self.before + self.elapsed())
        elif self.journal and state is not None:
            self.journal.pause(i, number, state, self.before + self.elapsed())

    def parallel(self) -> Iterator[tuple[int, int, Chunk]]:
        first = self.one(0, 0)  # most refutations are found here, before any process has started
        yield 0, 0, first
        if first.node is not None:
            return
        pool = self.pool = self.pool or Processes(self.workers)
        queue: deque[Task] = deque()
        todo = (task for task in self.todo() if task != (0, 0))
        while not self.over():
            self.fill(pool, queue, todo)
            front = queue[0]
            while front.chunk is None:
                try:
                    pool.result(front.future, 0.5)
                except LATE:
                    self.tell(front.number)
                    self.keep()
                    if self.elapsed() > self.budget + GRACE:
                        return
                for task in queue:
                    if task.chunk is None and task.future.done():
                        self.collect(pool, task)
                self.fill(pool, queue, todo)
            queue.popleft()
            yield front.leaf, front.number, front.chunk

    def fill(self, pool: Pool, queue: deque[Task], todo: Iterator[tuple[int, int]]) -> None:
        """One chunk at work for each worker, and one waiting: more would share the time of those that are due first."""
        while len(queue) < 8 * pool.size and sum(task.chunk is None for task in queue) <= pool.size:
            task = Task(*next(todo))
            queue.append(task)
            task.chunk = self.done.get((task.leaf, task.number))
            if task.chunk is None:
                self.submit(pool, task, self.unfinished.get((task.leaf, task.number)))

    def submit(self, pool: Pool, task: Task, state: Mapping[str, Any] | None) -> None:
        left = max(0.05, self.budget - self.elapsed())
        task.future = pool.submit(run_chunk, self.leaves[task.leaf].data, self.seed, task.number, left, state)

    def collect(self, pool: Pool, task: Task) -> None:
        """The result of a slice; the next slice is begun where there is one."""
        try:
            chunk, whole, state = pool.result(task.future, 5.0)
        except LATE:  # the worker that held the result has died since, and another one does the work again
            return
        self.record(task.leaf, task.number, chunk, whole, state)
        if whole or state is None or self.over():
            task.chunk = chunk
        else:
            self.submit(pool, task, state)

    # --- proofs -------------------------------------------------------------------------------------------------------

    def proofs_turn(self, number: int) -> bool:
        """Whether proofs are due: they get half of the time. A strategy may take far more than it was given, the more so the larger
        the statement, so that very large ones are first searched for counterexamples."""
        if self.in_vain:
            return True
        if number < 2 and max(map(size, self.leaves)) > LARGE:
            return False
        return self.proving <= max(1.0, self.elapsed() / 2)

    def prove_round(self, number: int) -> bool:
        started = time.monotonic()
        try:
            return self.prove_some(number)
        finally:
            self.proving += time.monotonic() - started

    def prove_some(self, number: int) -> bool:
        """A slice of every kind of proof for each leaf that has none yet; whether now all have one."""
        seconds = min(0.4 * 2.0 ** min(number, 8), 60.0)
        for i, leaf in enumerate(self.leaves):
            if leaf.path in self.proofs:
                continue
            left = self.budget - self.elapsed()
            if left <= 0:
                return False
            node = None
            with self.in_time():
                node = self.by_pruning(i, leaf, 40 * 2 ** min(number, 9)) or self.by_rules(
                    leaf, min(seconds / max(1, len(self.leaves)) ** 0.5, left)
                )
            if node is not None:
                self.proofs[leaf.path] = node
            self.keep()
        return len(self.proofs) == len(self.leaves)

    def by_rules(self, leaf: Leaf, seconds: float) -> Any:
        spend = Search(seconds=seconds)
        try:
            node: Any
            if leaf.data["kind"] == "forall" and leaf.by is None:
                goal = hunter(leaf.data).goal
                goal.arena.work = 0
                node = Auto().prove(goal, spend)
            elif isinstance(leaf.by, Template) and leaf.by.refutes:
                return None
            else:
                verdict, node = settle_statement(leaf.data, leaf.by, spend)
                if verdict != "proved":
                    return None
        except (Unproved, kernel.Reject, Undefined, ArithmeticError, LookupError, ValueError, RecursionError):
            return None
        return node if self.checks(leaf, node) else None

    def by_pruning(self, i: int, leaf: Leaf, boxes: int) -> Any:
        if leaf.data["kind"] != "forall":
            return None
        if i not in self.pruners:
            self.pruners[i] = Pruner(hunter(leaf.data).goal, self.states.get(i))
        pruner = self.pruners[i]
        for done in range(0, boxes, 100):
            del self.pruners[i]  # one that is interrupted at its work is not trusted to be whole
            pruner.work(min(100, boxes - done), self.over)
            self.pruners[i], self.pruned[i] = pruner, pruner.ruled_out
            self.keep()
            if not pruner.heap or self.over():
                break
        return pruner.node() if pruner.finished and self.checks(leaf, pruner.node()) else None

    def checks(self, leaf: Leaf, node: Any) -> bool:
        certificate = {"format": kernel.FORMAT, "claim": kernel.digest(leaf.data), "verdict": "proved", "proof": node}
        try:
            return kernel.check(leaf.data, certificate) == "proved"
        except kernel.Reject:
            return False

    # --- reports ------------------------------------------------------------------------------------------------------

    def ruled_out(self) -> float:
        parts = [1.0 if leaf.path in self.proofs else self.pruned.get(i, 0.0) for i, leaf in enumerate(self.leaves)]
        part = sum(parts) / len(parts)
        return min(part, 1 - 1e-9) if len(self.proofs) < len(self.leaves) else 1.0  # a point that is left may refute

    def tell(self, number: int) -> None:
        now = time.monotonic()
        if self.progress is None or now - self.told < min(10.0, max(0.5, self.elapsed() / 10)):
            return
        self.told = now
        samples, seen = self.samples, [] if self.margin is None else [self.margin]
        if self.live is not None:
            samples += self.live.samples
            seen += [-self.live.margin] if np.isfinite(self.live.margin) else []
        margin = f"{min(seen):.3g}" if seen else "-"
        self.progress(
            f"{samples} samples, smallest margin {margin}, {percent(self.ruled_out())} ruled out, "
            f"{samples / max(self.before + self.elapsed(), 1e-9):.0f} samples/s, round {number}, {self.before + self.elapsed():.0f} s"
        )

    def keep(self, force: bool = False) -> None:
        now = time.monotonic()
        if self.journal and self.pruners and (force or now - self.kept > 2):
            self.kept = now
            self.journal.keep({i: p.preorder() for i, p in self.pruners.items()})

    def why_open(self) -> str:
        margin = "" if self.margin is None else f"; smallest margin seen {self.margin:.3g}{' in floats' if self.margin < 0 else ''}"
        tail = f"; {self.note}" if self.note else ""
        tail += "; everything known here was tried, and more time would not help" if self.in_vain > IN_VAIN else ""
        seconds, part = self.before + self.elapsed(), percent(self.ruled_out())
        return f"no counterexample and no proof in {seconds:.1f} s; {part} of the domain ruled out{margin}{tail}"

    def certificate(self, verdict: str, node: Any) -> dict[str, Any]:
        return {"format": kernel.FORMAT, "claim": self.statement.digest, "verdict": verdict, "proof": node}

    def proved(self) -> SearchResult:
        node = assembled(self.statement.data, self.proofs)
        return self.end(recheck(self.statement, self.certificate("proved", node)))

    def refuted(self, leaf: Leaf, node: Any) -> SearchResult:
        deadline = time.monotonic() + min(self.shrink, max(1.0, self.budget - self.elapsed()))

        def stop() -> bool:
            return time.monotonic() > deadline

        h = hunter(leaf.data)
        small = (
            simplify_node(h, node, stop) if isinstance(h, Problem) else shrink_orbit(h, node, stop) if isinstance(h, OrbitHunt) else node
        )
        verdict = recheck(self.statement, self.certificate("refuted", wrapped(small, leaf.path)))
        if verdict.outcome is not Outcome.REFUTED:  # never seen: the smaller witness was accepted a moment ago
            small = node
            verdict = recheck(self.statement, self.certificate("refuted", wrapped(node, leaf.path)))
        if verdict.outcome is not Outcome.REFUTED:
            return self.end(verdict)
        result = self.end(verdict)
        return replace(
            result,
            witness=witness_of(small),
            latex=latex_snippet(leaf.data, small, members(self.statement.data, leaf.path)),
            python=python_snippet(leaf.data, small),
        )

    def end(self, verdict: Verdict) -> SearchResult:
        self.keep(force=True)
        ruled = 1.0 if verdict.outcome is Outcome.PROVED else self.ruled_out()
        return SearchResult(verdict, None, ruled, self.margin, self.where, self.samples, self.before + self.elapsed())


def witness_of(node: Any) -> dict[str, str]:
    """The coordinates of a counterexample; an interval for those that solve equations."""
    if node.get("rule") == "point":
        return dict(node["at"])
    if "steps" in node or "member" in node:
        return {**node["at"], **{key: str(node[key]) for key in ("start", "member") if key in node}}
    if "start" in node:
        return {**node["at"], **node["start"]}
    if "box" in node:
        return {x: lo if lo == hi else f"[{lo}, {hi}]" for x, _, lo, hi, _ in node["box"]}
    return dict(node.get("at", {}))
