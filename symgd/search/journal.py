"""The journal of a search: one SQLite file that survives the death of the process at any moment."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .hunt import Chunk

APPLICATION, VERSION = 0x53594D47, 2


class JournalError(ValueError):
    """The journal cannot be used; the message says why. The file is left as it was."""


class Journal:
    """What a search has done: finished chunks, the state of unfinished ones, the boxes ruled out, and the claim and seed they belong to.

    Arguments: `path`; `digest` of the claim; `seed`; `resume`: whether an existing journal is continued.
    Raises: JournalError for a file that is damaged, of another program, claim or seed, or that exists without `resume`.
    """

    def __init__(self, path: str | Path, digest: str, seed: int, resume: bool = False) -> None:
        self.path = Path(path)
        exists = self.path.exists() and self.path.stat().st_size > 0
        if exists:
            self._inspect(digest, seed, resume)
        try:
            self.db = sqlite3.connect(self.path)
            self.db.execute("PRAGMA synchronous = NORMAL")
            if not exists:
                with self.db:
                    self.db.execute(f"PRAGMA application_id = {APPLICATION}")
                    self.db.execute("CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT)")
                    self.db.execute("CREATE TABLE chunks (leaf INTEGER, number INTEGER, data TEXT, PRIMARY KEY (leaf, number))")
                    self.db.execute("CREATE TABLE unfinished (leaf INTEGER, number INTEGER, data TEXT, PRIMARY KEY (leaf, number))")
                    self.db.execute("CREATE TABLE boxes (leaf INTEGER PRIMARY KEY, data TEXT)")
                    self.db.executemany(
                        "INSERT INTO about VALUES (?, ?)",
                        [("version", str(VERSION)), ("claim", digest), ("seed", str(seed)), ("seconds", "0")],
                    )
        except sqlite3.Error as problem:
            raise JournalError(f"the journal {self.path} cannot be opened: {problem}") from None

    def _inspect(self, digest: str, seed: int, resume: bool) -> None:
        head = self.path.read_bytes()[:100]
        if head[:16] != b"SQLite format 3\0" or len(head) < 100:
            raise JournalError(f"{self.path} is not a journal of symgd (no SQLite file); give another path")
        if int.from_bytes(head[68:72], "big") != APPLICATION:
            raise JournalError(f"{self.path} belongs to another program; give another path")
        try:
            db = sqlite3.connect(self.path)
            try:
                ((state,),) = db.execute("PRAGMA quick_check(1)").fetchall()
                if state != "ok":
                    raise JournalError(f"the journal {self.path} is damaged: {state}")
                about = dict(db.execute("SELECT key, value FROM about").fetchall())
                if about.get("version") == str(VERSION):
                    for (data,) in db.execute(
                        "SELECT data FROM chunks UNION ALL SELECT data FROM boxes UNION ALL SELECT data FROM unfinished"
                    ):
                        json.loads(data)
            finally:
                db.close()
        except (sqlite3.Error, ValueError) as problem:
            if isinstance(problem, JournalError):
                raise
            raise JournalError(f"the journal {self.path} is damaged: {problem}") from None
        if about.get("version") != str(VERSION):
            raise JournalError(f"the journal {self.path} has version {about.get('version')}, and this program reads {VERSION}")
        if about.get("claim") != digest:
            raise JournalError(f"the journal {self.path} is for another claim; give another path")
        if about.get("seed") != str(seed):
            raise JournalError(f"the journal {self.path} was started with seed {about.get('seed')}; pass that seed, or another path")
        if not resume:
            raise JournalError(f"the journal {self.path} exists; pass resume (--resume) to continue it, or another path")

    def chunks(self) -> dict[tuple[int, int], Chunk]:
        """The chunks that are finished."""
        return {
            (leaf, number): Chunk(**json.loads(data)) for leaf, number, data in self.db.execute("SELECT leaf, number, data FROM chunks")
        }

    def unfinished(self) -> dict[tuple[int, int], Any]:
        """The states of the chunks that are not."""
        return {(leaf, number): json.loads(data) for leaf, number, data in self.db.execute("SELECT leaf, number, data FROM unfinished")}

    def boxes(self) -> dict[int, Any]:
        """For each leaf the state of its subdivision."""
        return {leaf: json.loads(data) for leaf, data in self.db.execute("SELECT leaf, data FROM boxes")}

    def seconds(self) -> float:
        """Time that earlier runs took."""
        return float(self.db.execute("SELECT value FROM about WHERE key = 'seconds'").fetchone()[0])

    def add(self, leaf: int, number: int, chunk: Chunk, seconds: float) -> None:
        """Keep a finished chunk."""
        data = json.dumps({"samples": chunk.samples, "margin": chunk.margin, "where": chunk.where, "node": chunk.node, "note": chunk.note})
        with self.db:
            self.db.execute("INSERT OR REPLACE INTO chunks VALUES (?, ?, ?)", (leaf, number, data))
            self.db.execute("DELETE FROM unfinished WHERE leaf = ? AND number = ?", (leaf, number))
            self.db.execute("UPDATE about SET value = ? WHERE key = 'seconds'", (repr(seconds),))

    def pause(self, leaf: int, number: int, state: Any, seconds: float) -> None:
        """Keep the state of a chunk that is not finished."""
        with self.db:
            self.db.execute("INSERT OR REPLACE INTO unfinished VALUES (?, ?, ?)", (leaf, number, json.dumps(state)))
            self.db.execute("UPDATE about SET value = ? WHERE key = 'seconds'", (repr(seconds),))

    def keep(self, states: Mapping[int, Any]) -> None:
        """Keep the state of the subdivisions."""
        with self.db:
            self.db.executemany("INSERT OR REPLACE INTO boxes VALUES (?, ?)", [(leaf, json.dumps(state)) for leaf, state in states.items()])

    def close(self) -> None:
        self.db.close()
