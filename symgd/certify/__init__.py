"""Certify a claim: search for a certificate with anything, keep it, and let the kernel decide."""

from .auto import Auto
from .certify import certify
from .change import Change
from .cover import Cover
from .dynamics import Approach, Contract, Cycle, Descend, Escape, Instead, Orbit, Preimages, Reach, Stay, Step, ZeroIn
from .strategy import Apply, Cases, Have, Known, Orthant, Search, Strategy, Unproved, with_facts
from .sums import Sums

__all__ = [
    "Apply",
    "Approach",
    "Auto",
    "Cases",
    "Change",
    "Contract",
    "Cover",
    "Cycle",
    "Descend",
    "Escape",
    "Have",
    "Instead",
    "Known",
    "Orbit",
    "Orthant",
    "Preimages",
    "Reach",
    "Search",
    "Stay",
    "Step",
    "Strategy",
    "Sums",
    "Unproved",
    "ZeroIn",
    "certify",
    "with_facts",
]
