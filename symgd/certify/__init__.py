"""Certify a claim: search for a certificate with anything, keep it, and let the kernel decide.

Where things are:

certify, glance, falsify    from a claim to a verdict; what floats say at first; counterexamples by sampling
strategy, auto              how proofs are composed, and the order in which everything below is tried
algebra, univariate, linear, elimination, combination, polynomials   polynomial arithmetic with bounds and hypotheses
squares, sums, semidefinite, products   sums of squares, with multipliers; products of factors of known signs
cover, part, contract       subdivision of boxes
monotone, increment, increasing, tails  signs of derivatives, two values of one function, unbounded ranges
abstraction, facts, inequalities, logarithms, roots, branches, change   what is known of exp, log, roots and maxima; new variables
dynamics, portrait, preimages   orbits, zeros and sets of preimages
"""

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
