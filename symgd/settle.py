"""Settle collected claims: by the stored certificate where the kernel accepts it, by a search where not; in several processes."""

from __future__ import annotations

import contextlib
import enum
import gc
import multiprocessing
import os
import signal
import sys
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from .claims import Outcome, Statement, Verdict, certificates_from, still_open
from .collect import Item, collect, shown
from .store import Damaged, certificate_path, decode, encode, load, load_beside, save

GRACE = 20.0  # seconds beyond the limit after which a search that does not look at the clock is ended from outside


class Source(enum.Enum):
    """Where a verdict comes from."""

    STORED = "stored certificate"
    SEARCHED = "search"
    SETTLED = "own method"
    MISSING = "not settled"


@dataclass(frozen=True)
class Settled:
    """A verdict with what happened on the way to it."""

    verdict: Verdict  # its certificate is in the file, not here
    source: Source
    seconds: float
    certificate: Path | None = None  # the file that holds the certificate of this verdict
    out_of_budget: bool = False
    notices: tuple[str, ...] = ()
    content: bytes | None = None  # a new certificate that is still to be written

    @property
    def interrupted(self) -> bool:
        return self.source is Source.MISSING

    def as_expected(self, item: Item) -> bool:
        return self.verdict.outcome is item.claim.expect and not self.interrupted


@dataclass(frozen=True)
class Settings:
    """How claims are settled: `seconds` for each search; `fresh` leaves stored certificates aside."""

    seconds: float = 60.0
    fresh: bool = False


Progress = Callable[[str], None]


def settle(item: Item, settings: Settings | None = None, progress: Progress = lambda message: None) -> Settled:
    """Settle one claim in this process, and keep its certificate on disk."""
    return keep(item, decide(item, settings or Settings(), progress))


def decide(item: Item, settings: Settings, progress: Progress) -> Settled:
    """Settle one claim; nothing is written. Any failure of a search leaves the claim open, with the reason."""
    started = time.monotonic()
    try:
        done = _decided(item, settings, progress)
    except Exception as problem:
        done = Settled(still_open(failure(problem)), Source.SEARCHED, 0.0)
    return replace(done, seconds=time.monotonic() - started)


def _decided(item: Item, settings: Settings, progress: Progress) -> Settled:
    notices: list[str] = []
    done = None
    if callable(getattr(item.claim, "settle", None)):
        with certificates_from((lambda claim_id: None) if settings.fresh else partial(load_beside, item)):
            done = _own(item)
    if done is None and not settings.fresh:
        done = _stored(item, notices)
    if done is None:
        done = _searched(item, settings, progress)
    return replace(done, notices=(*notices, *done.notices))


def keep(item: Item, settled: Settled) -> Settled:
    """Write a new certificate; a file that cannot be written gives a notice, for the verdict stands without it."""
    if settled.content is None:
        return settled
    path = certificate_path(item)
    try:
        save(path, settled.content)
    except OSError as problem:
        return replace(settled, content=None, notices=(*settled.notices, f"the certificate of {item.claim.id} is not kept: {problem}"))
    return replace(settled, content=None, certificate=path)


def _own(item: Item) -> Settled:
    try:
        verdict = item.claim.settle()  # type: ignore[attr-defined]
        if not isinstance(verdict, Verdict):
            verdict = still_open(f"settle() of this claim returned {type(verdict).__name__}, and a Verdict is wanted")
    except Exception as problem:
        verdict = still_open(failure(problem))
    return Settled(replace(verdict, certificate=None), Source.SETTLED, 0.0)


def _stored(item: Item, notices: list[str]) -> Settled | None:
    """The verdict of the stored certificate; None, with a notice where that is a surprise, if it settles nothing."""
    from .certify.certify import recheck

    path = certificate_path(item)
    try:
        certificate = load(path)
    except Damaged as problem:
        notices.append(f"{shown(path)} is damaged: {problem}; searching again")
        return None
    if certificate is None:
        return None
    if certificate["claim"] != item.claim.statement.digest:
        notices.append(f"{item.claim.id} has changed since its certificate was made; searching again")
        return None
    verdict = recheck(item.claim.statement, certificate)
    if verdict.outcome is Outcome.OPEN:
        notices.append(f"{shown(path)}: {verdict.reason}; searching again")
        return None
    return Settled(replace(verdict, certificate=None), Source.STORED, 0.0, path)


def _searched(item: Item, settings: Settings, progress: Progress) -> Settled:
    """Search, and let the kernel decide on the certificate as it will be read from the file."""
    from .certify.certify import certify, recheck
    from .certify.strategy import Search

    search = Search(seconds=settings.seconds, progress=progress, hunt=hunt)
    content = None
    try:
        verdict = certify(item.claim, search)  # type: ignore[arg-type]
        if verdict.certificate is not None:
            content = encode(verdict.certificate)
            verdict = recheck(item.claim.statement, decode(content))
    except Exception as problem:
        verdict = still_open(failure(problem))
    late = verdict.outcome is Outcome.OPEN and time.monotonic() - search.started > search.seconds
    kept = content if verdict.outcome is not Outcome.OPEN else None
    return Settled(replace(verdict, certificate=None), Source.SEARCHED, 0.0, None, late, (), kept)


def hunt(data: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
    """A refutation of the statement that is found in so many seconds; or None."""
    from .search import search

    found = search(Statement(data), budget=seconds, prove=False, shrink=seconds).verdict
    return None if found.certificate is None else dict(found.certificate["proof"])


def failure(problem: Exception) -> str:
    """One sentence about an exception in a search, with the line it comes from."""
    frame = traceback.extract_tb(problem.__traceback__)[-1]
    message = " ".join(str(problem).split())[:200]
    return f"the search failed with {type(problem).__name__}: {message or 'no message'} ({Path(frame.filename).name}:{frame.lineno})"


# --- several processes -----------------------------------------------------------------------------------------------


def settle_all(
    items: Sequence[Item], settings: Settings, jobs: int, progress: Callable[[int, str], None], finished: Callable[[int, Settled], None]
) -> None:
    """Settle the items in `jobs` processes, and keep each certificate as soon as it is there.

    Arguments: `progress`, told (index, what is being done) when an item is begun and while it is searched; `finished`, told
    (index, result) once for each item, in the order in which they finish.
    Raises: whatever interrupts the wait, KeyboardInterrupt say; the processes are ended first.
    """
    from . import certify  # noqa: F401  (once, before the processes are forked)

    longest_first = sorted(range(len(items)), key=lambda i: -size(items[i])) if jobs > 1 else range(len(items))
    waiting, workers = deque(longest_first), list[_Worker]()
    try:
        for _ in range(min(jobs, len(items))):
            workers.append(_Worker.start(items, settings, workers))
        while waiting or any(w.task is not None for w in workers):
            for i, worker in enumerate(workers):
                if worker.task is None and waiting:
                    if not worker.process.is_alive():
                        workers[i] = worker = _Worker.start(items, settings, workers)
                    worker.give(waiting.popleft())
                    progress(worker.expected, "")
            busy: dict[Any, _Worker] = {w.connection: w for w in workers if w.task is not None}
            for connection in wait(list(busy), timeout=0.5):
                busy[connection].listen(items, progress, finished)
            for worker in workers:
                worker.watch(settings, finished)
    finally:
        for worker in workers:
            worker.stop()


def size(item: Item) -> int:
    """A guess at how long the claim will take: the length of its statement. What settles itself may take long, and is begun first."""
    data = getattr(item.claim.statement, "data", None)
    return len(encode(data)) if data is not None else sys.maxsize


class _Worker:
    """A process that settles one item at a time."""

    def __init__(self, process: Any, connection: Connection) -> None:
        self.process, self.connection = process, connection
        self.task: int | None = None
        self.since = 0.0

    @property
    def expected(self) -> int:
        assert self.task is not None
        return self.task

    @staticmethod
    def start(items: Sequence[Item], settings: Settings, others: Sequence[_Worker]) -> _Worker:
        fork = sys.platform == "linux"  # elsewhere a forked process is not safe, and the claims are collected anew
        context: Any = multiprocessing.get_context("fork" if fork else "spawn")
        here, there = context.Pipe()
        sources = list(items) if fork else [(str(item.file), item.claim.id) for item in items]
        inherited = [here, *(w.connection for w in others)] if fork else []
        process = context.Process(target=_work, args=(there, sources, settings, inherited), daemon=True)
        sys.stdout.flush()  # or a forked process would print it again
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of fork beside the threads of BLAS
            process.start()
        there.close()
        return _Worker(process, here)

    def give(self, task: int) -> None:
        self.task, self.since = task, time.monotonic()
        with contextlib.suppress(OSError):  # a process that has just ended is noticed when it is listened to
            self.connection.send(task)

    def listen(self, items: Sequence[Item], progress: Callable[[int, str], None], finished: Callable[[int, Settled], None]) -> None:
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            self.process.join(5)
            self.fail(
                f"the process that searched ended early (exit code {self.process.exitcode}), out of memory perhaps; try --jobs 1",
                False,
                finished,
            )
            return
        if isinstance(message, str):
            progress(self.expected, message)
        else:
            task, self.task = self.expected, None
            finished(task, keep(items[task], message))

    def watch(self, settings: Settings, finished: Callable[[int, Settled], None]) -> None:
        if self.task is not None and time.monotonic() - self.since > 1.5 * settings.seconds + GRACE:
            self.stop()
            self.fail(f"the time limit of {settings.seconds:g} s ran out long ago; give more with --seconds", True, finished)

    def fail(self, reason: str, late: bool, finished: Callable[[int, Settled], None]) -> None:
        task, self.task = self.expected, None
        finished(task, Settled(still_open(reason), Source.SEARCHED, time.monotonic() - self.since, out_of_budget=late))

    def stop(self) -> None:
        self.connection.close()
        if self.process.is_alive():
            self.process.terminate()
        self.process.join(2)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _work(connection: Connection, sources: Sequence[Any], settings: Settings, inherited: Sequence[Connection]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process decides what an interrupt means
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in inherited:
        other.close()
    gc.freeze()  # what is inherited is not garbage: no need to go through it again
    os.dup2(2, 1)  # what a strategy prints must not get into the table
    with contextlib.suppress(EOFError, OSError):
        while True:
            source = sources[connection.recv()]
            item = source if isinstance(source, Item) else next(i for i in collect(source[0]) if i.claim.id == source[1])
            connection.send(decide(item, settings, _Throttled(connection)))


class _Throttled:
    """Sends what a search reports, at most five times a second."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.last = connection, 0.0

    def __call__(self, message: str) -> None:
        if time.monotonic() - self.last > 0.2:
            self.last = time.monotonic()
            self.connection.send(str(message))
