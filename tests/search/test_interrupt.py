"""Ctrl-C ends a search at once, keeps the journal, and says how to go on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LONG = Path(__file__).parents[2] / "proofs" / "thm4_nonzero_residual.py"  # its second claim takes a minute


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_keeps_the_journal(workers: str, tmp_path: Path) -> None:
    words = ["search", f"{LONG}::step", "--journal", "kept.sqlite", "--budget", "60", "--workers", workers]
    process = subprocess.Popen([sys.executable, "-m", "symgd.cli", *words], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        for _ in range(100):
            time.sleep(0.1)
            if (tmp_path / "kept.sqlite").exists() or process.poll() is not None:
                break
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 3, errors
    assert b"go on with --journal kept.sqlite --resume" in errors
    assert b"Traceback" not in errors
