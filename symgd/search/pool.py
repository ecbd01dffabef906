"""Where the chunks of a search run: worker processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib
import importlib.util
import multiprocessing
import signal
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Protocol

PATIENCE = 5.0  # seconds for a scheduler, and for its first worker, to answer
LATE = (TimeoutError, concurrent.futures.TimeoutError, asyncio.TimeoutError)  # three classes on Python 3.10


class ClusterError(ValueError):
    """The cluster cannot be used; the message says why, and what to do."""


class Pool(Protocol):
    """What a search asks of its workers. `submit` gives a future; `result` its value, raising one of LATE after some seconds."""

    size: int

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Any: ...

    def result(self, future: Any, seconds: float) -> Any: ...

    def close(self) -> None: ...


class Processes:
    """Processes of this machine."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.pool = ProcessPoolExecutor(size, mp_context=multiprocessing.get_context("spawn"), initializer=ignore_interrupts)

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return self.pool.submit(work, *arguments)

    def result(self, future: Any, seconds: float) -> Any:
        return future.result(timeout=seconds)

    def close(self) -> None:
        processes = list((self.pool._processes or {}).values())  # shutdown forgets them, and would wait for what they do
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()


def ignore_interrupts() -> None:
    """Ctrl-C is for the process that keeps the journal; it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Cluster:
    """The workers of a Dask cluster; work of a worker that dies is done again by another one.

    Arguments: `address` of the scheduler, as in tcp://host:8786. Raises: ClusterError where Dask is missing, where the address
    does not answer within seconds, or where there is no worker, or none that has this package.
    """

    def __init__(self, address: str) -> None:
        if importlib.util.find_spec("distributed") is None:
            raise ClusterError("a search on a cluster needs Dask; install it with: pip install 'symgd[cluster]'")
        distributed: Any = importlib.import_module("distributed")  # untyped
        self.address = address
        try:
            self.client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError, *LATE) as problem:
            raise ClusterError(
                f"no Dask scheduler answers at {address} ({str(problem).splitlines()[0][:120]}); start one with: dask scheduler"
            ) from None
        try:
            self.size = self._workers()
            self._same_package()
        except BaseException:
            self.close()
            raise

    def _workers(self) -> int:
        until = time.monotonic() + PATIENCE
        while not (size := len(self.client.nthreads())):
            if time.monotonic() > until:
                raise ClusterError(f"the scheduler at {self.address} has no workers; start one with: dask worker {self.address}")
            time.sleep(0.1)
        return size

    def _same_package(self) -> None:
        """Other versions would search in another way, so that the seed would not fix the result."""
        from .. import __version__

        found = self.client.submit(version_here, pure=False)
        try:
            there = self.result(found, 20.0)
        except (ImportError, AttributeError, RuntimeError) as problem:
            raise ClusterError(f"the workers of {self.address} cannot run symgd ({problem}); install symgd {__version__} there") from None
        if there != __version__:
            raise ClusterError(f"the workers of {self.address} have symgd {there}, and this is {__version__}; install the same version")

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return self.client.submit(work, *arguments, pure=False)

    def result(self, future: Any, seconds: float) -> Any:
        scheduler: Any = importlib.import_module("distributed.scheduler")
        try:
            return future.result(timeout=seconds)
        except LATE:
            raise
        except (scheduler.KilledWorker, concurrent.futures.CancelledError, asyncio.CancelledError, OSError) as problem:
            what = type(problem).__name__
            raise ClusterError(
                f"the cluster at {self.address} was lost ({what}); what is done is in the journal, if there is one"
            ) from None

    def close(self) -> None:
        self.client.close(timeout=2)


def version_here() -> str:
    from .. import __version__

    return __version__
