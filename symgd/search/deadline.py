"""An end that does not depend on good manners: long computations are interrupted when their time is over."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

AGAIN = 0.2  # seconds until the next interrupt, should the first one have been swallowed


class Late(BaseException):
    """The time is over. No `Exception`, so that a strategy which expects failures does not take it for one."""


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """Raise Late in the body once this time is over; what the body was changing is then to be thrown away.

    Only the main thread of a Unix system can be interrupted; elsewhere the body has to look at the clock itself.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, frame: Any) -> None:
        raise Late

    started, previous = time.monotonic(), signal.signal(signal.SIGALRM, ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.01), AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if left:  # a timer of the caller goes on
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - started)), interval)
