"""Running coqc: one at a time, under a time limit, with compiled files kept outside the source tree under a hash of their content."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

LIMIT = 170.0  # seconds for one file
INSTALL = "on Debian or Ubuntu: apt-get install --no-install-recommends coq libcoq-mathcomp-algebra"


class CoqError(ValueError):
    """Coq cannot be asked, or its folder cannot be read; the message is one sentence that names the next step."""


class Failed(Exception):
    """coqc refuses a file, or runs out of time; the message is one line."""


class TimedOut(Failed):
    """The time was over."""


def coqc() -> str:
    """The path of the compiler. Raises: CoqError where there is none."""
    path = shutil.which("coqc")
    if path is None:
        raise CoqError(f"Coq is not installed, and only what concerns Coq needs it; install it, {INSTALL}")
    return path


@cache
def fingerprint(compiler: str) -> str:
    """What a compiled file depends on besides its text: the version of Coq, and the state of its libraries."""
    version = _run([compiler, "--print-version"], Path.cwd(), 20.0)[1]
    where = _run([compiler, "-where"], Path.cwd(), 20.0)[1].strip()
    contrib = Path(where) / "user-contrib"
    libraries = sorted((p.name, p.stat().st_mtime_ns) for p in contrib.iterdir()) if contrib.is_dir() else []
    return f"{version} {where} {libraries}"


def cache_folder() -> Path:
    """Where compiled files are kept: $XDG_CACHE_HOME/symgd/coq, ~/.cache/symgd/coq, or a temporary folder of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "symgd" / "coq"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    folder = Path(tempfile.gettempdir()) / f"symgd-coq-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        raise CoqError(f"{folder} belongs to someone else; set XDG_CACHE_HOME to a folder of yours")
    return folder


def digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """While this lasts no other process of this user runs coqc through here."""
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        yield
        return
    with open(cache_folder() / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def compiled(
    stem: str,
    text: str,
    needs: Sequence[Path],
    logical: str,
    limit: float = LIMIT,
    tell: Callable[[str], None] = lambda message: None,
) -> tuple[Path, str]:
    """Compile one file, unless that has been done before.

    Arguments: `stem` and `text`, the name and the content of the file; `needs`, folders that hold the compiled files it requires;
    `logical`, the name under which all of them are known to Coq; `tell` is told when coqc is run.
    Returns: the folder with the compiled file, and what coqc printed.
    Raises: Failed where coqc refuses the file; CoqError without Coq.
    """
    compiler = coqc()
    key = digest(fingerprint(compiler), logical, stem, text, *(p.name for p in needs))[:32]
    home = cache_folder()
    folder = home / key
    if not (folder / "output").is_file():
        with alone():
            if not (folder / "output").is_file():
                tell(f"coqc {stem}.v")
                with tempfile.TemporaryDirectory(dir=home, prefix="new-") as name:
                    work = Path(name) / key
                    work.mkdir()
                    (work / f"{stem}.v").write_text(text, encoding="utf-8")
                    paths = [a for p in needs for a in ("-Q", str(p), logical)]
                    command = [compiler, "-q", "-noglob", *paths, "-Q", str(work), logical, f"{stem}.v"]
                    code, output, errors = _run(command, work, limit)
                    if code != 0:
                        raise Failed(complaint(stem, errors or output))
                    (work / "output").write_text(output, encoding="utf-8")
                    with contextlib.suppress(OSError):  # another process may have been faster
                        os.replace(work, folder)
    return folder, (folder / "output").read_text(encoding="utf-8")


def complaint(stem: str, errors: str) -> str:
    """The place and the first line of what coqc says."""
    found = re.search(r"line (\d+), characters [\d-]+:\s*Error:\s*(.*)", errors, re.DOTALL)
    if found is None:
        return f"{stem}.v: " + " ".join(errors.split())[-300:]
    message = " ".join(found[2].split())
    return f"{stem}.v:{found[1]}: coqc says: {message[:300]}"


def _run(command: Sequence[str], folder: Path, limit: float) -> tuple[int, str, str]:
    """Exit status and output; the process and its children are ended when the time is over, or when we are interrupted."""
    environment = {k: v for k, v in os.environ.items() if k not in ("COQPATH", "ROCQPATH", "COQLIB")}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        output, errors = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        raise TimedOut(f"coqc did not finish in {limit:g} s and was ended") from None
    finally:
        if process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return process.returncode, output, errors
