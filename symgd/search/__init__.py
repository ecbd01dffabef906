"""Counterexamples: screen in floats, climb, polish to hundreds of digits, certify, and shrink; prove meanwhile.

search      the run: hunt and proof in turns, with a budget, worker processes and a journal
ablate      which hypotheses are needed
sharpen     the best constant, enclosed
CriticalPoint   statements about critical points, minima, and what attracts gradient descent

Where things are, in the order of the pipeline: sampling, floats, problem, ascend, polish, witness, hunt (and orbits, zeros),
simplify, snippets, prune, journal, pool, run.
"""

from .critical import CriticalPoint, Known
from .journal import JournalError
from .pool import ClusterError
from .run import SearchResult, search
from .studies import Ablation, Hypothesis, Sharpened, ablate, sharpen

__all__ = [
    "Ablation",
    "ClusterError",
    "CriticalPoint",
    "Hypothesis",
    "JournalError",
    "Known",
    "SearchResult",
    "Sharpened",
    "ablate",
    "search",
    "sharpen",
]
