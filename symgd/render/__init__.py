"""LaTeX, Markdown and PDF for everything symgd shows; printers are registered from outside, and nothing below imports this floor.

latex     formulas, statements, claims, verdicts, enclosures, derivations; the preamble and standalone documents
markdown  the same for Markdown
mathml    the same for web pages
pdf       PDF through the system's latexmk or pdflatex
derive    one derivation, by its id, in one of the formats
figures   the figures of a folder
report    everything on one page, and as a document
notebook  shows the public objects as mathematics in notebooks

Importing this package registers the notebook display.
"""

from . import notebook
from .derive import DeriveError, derive, find_derivations
from .figures import find_figures
from .latex import PREAMBLE, claim, derivation, document, enclosure, latex, witness
from .markdown import markdown
from .pdf import NoLatex, to_pdf

notebook.register()

__all__ = ["PREAMBLE", "DeriveError", "NoLatex", "claim", "derivation", "derive", "document", "enclosure", "find_derivations",
           "find_figures", "latex", "markdown", "to_pdf", "witness"]
