"""The journal survives kill -9, is continued, and refuses what is not its own without touching it."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest

from symgd import forall, real
from symgd.claims import Outcome
from symgd.search import CriticalPoint, JournalError, run, search
from symgd.search.journal import Journal

x, y = real("x", "[-2, 2]"), real("y", "[-2, 2]")
u, v = real("u"), real("v")
OPEN = forall(
    u, v, then=u**4 * v**2 + u**2 * v**4 + 1 - 3 * u**2 * v**2 >= 0
)  # Motzkin, in the whole plane: it touches 0 at four points, and is no sum of squares
FALSE = forall(x, y, then=(x**2 + y**2 - 3) ** 2 + (x * y - 1) ** 2 / 100 >= Fraction(1, 10**6))

LOOP = """
from pathlib import Path
from test_journal import OPEN
from symgd.search import search
search(OPEN, budget=60, seed=3, journal=Path({path!r}), resume=True)
"""


def test_a_killed_search_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    process = subprocess.Popen([sys.executable, "-c", LOOP.format(path=str(path))], env=environment)
    try:
        for _ in range(200):
            time.sleep(0.1)
            if path.exists() and path.stat().st_size > 8000:
                break
        time.sleep(2.0)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    kept = Journal(path, OPEN.digest, 3, resume=True)
    chunks = kept.chunks()
    kept.close()
    assert chunks
    result = search(OPEN, budget=1.0, seed=3, journal=path, resume=True)
    assert result.samples >= sum(c.samples for c in chunks.values())


def test_a_finished_search_is_repeated_from_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    first = search(FALSE, budget=30, seed=1, journal=path)
    again = search(FALSE, budget=30, seed=1, journal=path, resume=True)
    assert first.outcome is again.outcome is Outcome.REFUTED
    assert first.witness == again.witness


def refusals(path: Path) -> list[tuple[str, str]]:
    return [
        ("no journal", "not a journal"),
        ("other program", "another program"),
        ("damaged", "damaged"),
        ("other claim", "another claim"),
        ("other seed", "seed 1"),
        ("not resumed", "resume"),
    ]


@pytest.mark.parametrize(("what", "message"), refusals(Path()))
def test_what_is_not_its_own_is_refused_and_left_untouched(what: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    statement, seed, resume = FALSE, 1, True
    if what == "no journal":
        path.write_bytes(b"these are my notes\n" * 100)
    elif what == "other program":
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE notes (text TEXT)")
        db.commit()
        db.close()
    else:
        search(FALSE, budget=5, seed=1, journal=path)
        if what == "damaged":
            data = bytearray(path.read_bytes())
            data[1000:] = bytes(len(data) - 1000)
            path.write_bytes(bytes(data))
        elif what == "other claim":
            statement = OPEN
        elif what == "other seed":
            seed = 2
        else:
            resume = False
    before = path.read_bytes()
    with pytest.raises(JournalError, match=message):
        search(statement, budget=1, seed=seed, journal=path, resume=resume)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["climbs", "matrices"])
def test_a_chunk_that_is_interrupted_again_and_again_ends_as_one_that_is_not(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is interrupted goes on from its state, to the last bit, also in another process (the compiled form is forgotten)."""
    minimum = CriticalPoint(x**4 / 4 - x**2 + y**2 + x * y / 10, (x, y))
    statement = OPEN if name == "climbs" else minimum.statement(then=x**2 <= 3)
    number = 2 if name == "climbs" else 1
    monkeypatch.setattr("symgd.search.hunt.TOGETHER", 1)  # as many climbs as say something
    monkeypatch.setattr(run, "SLICE", 1000.0)
    whole, ended, _ = run.run_chunk(statement.data, 3, number, 100.0)
    monkeypatch.setattr(run, "SLICE", 0.01)
    state, slices = None, 0
    while True:
        run._HUNTERS.clear()
        chunk, finished, state = run.run_chunk(statement.data, 3, number, 100.0, json.loads(json.dumps(state)))
        slices += 1
        if finished:
            break
    assert ended
    assert slices > 1
    assert chunk == whole


def test_kills_at_random_moments_lose_seconds_only(tmp_path: Path) -> None:
    """What a killed run has kept is never older than a few seconds, and every next run goes on from there."""
    path, rng = tmp_path / "search.sqlite", random.Random(1)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])}
    kept: list[float] = []
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", LOOP.format(path=str(path))], env=environment)
        changed, until = time.monotonic(), 0.0
        size: object = None
        try:
            while not until or time.monotonic() < until:
                time.sleep(0.05)
                assert process.poll() is None
                now = path.stat().st_mtime_ns if path.exists() else None
                if now != size:
                    size, changed = now, time.monotonic()
                    until = until or time.monotonic() + rng.uniform(0.2, 4.0)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        assert time.monotonic() - changed < 15  # three seconds, and what a machine under load makes of them
        journal = Journal(path, OPEN.digest, 3, resume=True)
        kept.append(sum(c.samples for c in journal.chunks().values()) + journal.seconds())
        journal.close()
    assert kept == sorted(kept)
    assert search(OPEN, budget=1.0, seed=3, journal=path, resume=True).samples > 0
