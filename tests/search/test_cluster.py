"""The same search on a Dask cluster: the same result, also where a worker is killed; clear errors where there is no cluster."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest

from symgd import forall, real
from symgd.claims import Outcome
from symgd.search import ClusterError, run, search
from symgd.search.journal import Journal

x, y = real("x", "[-2, 2]"), real("y", "[-2, 2]")
u, v = real("u"), real("v")
OPEN = forall(
    u, v, then=u**4 * v**2 + u**2 * v**4 + 1 - 3 * u**2 * v**2 >= 0
)  # Motzkin, in the whole plane: it touches 0 at four points, and is no sum of squares
FALSE = forall(x, y, then=(x**2 + y**2 - 3) ** 2 + (x * y - 1) ** 2 / 100 >= Fraction(1, 10**6))
DASK = [sys.executable, "-m", "dask"]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and its workers, as processes of their own."""
    address = f"tcp://127.0.0.1:{free_port()}"
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([*DASK, *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    try:
        start("scheduler", "--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard")
        places = [
            start("worker", address, "--no-nanny", "--nthreads", "2", "--no-dashboard", "--local-directory", str(folder))
            for _ in range(workers)
        ]
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 0.2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address, places
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=20)


def test_a_cluster_finds_what_one_process_finds_also_when_a_worker_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "search.sqlite"
    with cluster(tmp_path, workers=2) as (address, places):
        wait_for_workers(address, 2)
        found = search(FALSE, 30, seed=5, scheduler=address)
        killed: list[float] = []

        def kill_one(line: str) -> None:
            if not killed:
                killed.append(time.monotonic())
                os.kill(places[0].pid, signal.SIGKILL)

        search(OPEN, 10, seed=3, journal=path, scheduler=address, progress=kill_one, prove=False)
        assert killed
        assert places[0].wait() == -signal.SIGKILL
    journal = Journal(path, OPEN.digest, 3, resume=True)
    chunks = journal.chunks()
    journal.close()
    assert len(chunks) >= 2
    assert found.outcome is Outcome.REFUTED
    assert found.witness == search(FALSE, 30, seed=5).witness
    monkeypatch.setattr(run, "SLICE", 1000.0)
    for leaf, number in sorted(chunks)[:3]:  # the same as in one process and in one piece
        assert chunks[leaf, number] == run.run_chunk(OPEN.data, 3, number, 100.0)[0]


def test_a_search_goes_from_a_cluster_to_one_process(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    with cluster(tmp_path, workers=1) as (address, _):
        wait_for_workers(address, 1)
        first = search(FALSE, 30, seed=1, journal=path, scheduler=address)
    again = search(FALSE, 30, seed=1, journal=path, resume=True)
    assert first.outcome is again.outcome is Outcome.REFUTED
    assert first.witness == again.witness


def test_an_address_that_does_not_answer_is_named_within_seconds() -> None:
    started = time.monotonic()
    with pytest.raises(ClusterError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:\d+ .*start one with: dask scheduler"):
        search(FALSE, 30, scheduler=f"tcp://127.0.0.1:{free_port()}")
    assert time.monotonic() - started < 12


def test_a_scheduler_without_workers_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symgd.search.pool.PATIENCE", 1.0)
    with cluster(tmp_path, workers=0) as (address, _), pytest.raises(ClusterError, match="has no workers; start one with: dask worker"):
        search(FALSE, 30, scheduler=address)


def test_a_missing_dask_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "distributed" else find(name, *rest))
    with pytest.raises(ClusterError, match=r"symgd\[cluster\]"):
        search(FALSE, 30, scheduler="tcp://127.0.0.1:1")
