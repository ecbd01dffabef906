"""The report as a LaTeX document with the content of the page: table, dependencies, and for each statement its text, proof, certificate,
counterexample, figures and command."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..claims import Claim, Outcome
from ..derivations import Derivation
from ..table import seconds
from .latex import derivation, document, group, status, text_to_latex, width, witness
from .latex import statement as latex_statement
from .report import LONG, Entry, Report, summary_of
from .report_graph import acyclic, edges, ordered
from .words import verbatim

PACKAGES = r"""\usepackage{array,longtable,graphicx,xcolor,tikz}\usetikzlibrary{backgrounds}
\usepackage[hidelinks,bookmarksdepth=2]{hyperref}
\definecolor{symgdgood}{HTML}{006B4E}\definecolor{symgdbad}{HTML}{A84300}
\definecolor{symgdold}{HTML}{8A2A66}\definecolor{symgdleft}{HTML}{555555}
\setlength{\LTleft}{0pt}\setlength{\LTright}{0pt}\setlength{\emergencystretch}{4em}
\setcounter{secnumdepth}{0}\setlength{\parindent}{0pt}\setlength{\parskip}{4pt plus 2pt}
\newcommand{\symgdid}[1]{\textsf{#1}}
\newcommand{\symgdsmall}[1]{{\footnotesize\raggedright #1\par}}
"""
COLOUR = {"proved": "symgdgood", "refuted": "symgdbad", "open": "symgdleft", "stale": "symgdold"}
SIGN = {"proved": r"$\checkmark$", "refuted": r"$\times$", "open": "?", "stale": "!"}


def whole(r: Report) -> str:
    """The whole document."""
    parts = [f"{len(r.found)} statements: {r.tally()}. Trust: {r.levels}.", _contents(r), r"\section{Table of statements}", _table(r),
             r"\section{What rests on what}", _graph(r), *(_group(r, g, members) for g, members in r.groups.items())]  # fmt: skip
    parts += [_figure(r, f.id) for f in r.beside("")]
    return document("\n\n".join(parts), r.title, PACKAGES)


def _contents(r: Report) -> str:
    """The groups with their pages, in one paragraph."""
    return "\\textbf{Groups, with their pages:} " + ", ".join(
        rf"\hyperlink{{g-{g}}}{{\symgdid{{{verbatim(g)}}}}}~\pageref{{g:{g}}}" for g in r.groups) + "."  # fmt: skip


def _word(e: Entry) -> str:
    return rf"\textcolor{{{COLOUR[e.word]}}}{{{e.word}}}"


def _link(r: Report, identifier: str) -> str:
    words = rf"\symgdid{{{verbatim(identifier)}}}"
    return rf"\hyperlink{{s-{identifier}}}{{{words}}}" if identifier in r.known else words


def _table(r: Report) -> str:
    head = r"\textbf{id} & \textbf{statement} & \textbf{verdict} & \textbf{trust} & \textbf{time} \\ \hline"
    rows = []
    for g, members in r.groups.items():
        rows.append(rf"\multicolumn{{5}}{{l}}{{\rule{{0pt}}{{14pt}}\textbf{{{verbatim(g)}}} ({r.tally(members)})}} \\*")
        for e in members:
            note = "".join(f" Corrected by {_link(r, f)}." for f in r.corrected.get(e.id, ()))
            title = text_to_latex(e.item.claim.title)
            rows.append(rf"{_link(r, e.id)} & {title}{note} & {_word(e)} & {e.trust or '--'} & {seconds(e.result.seconds)} \\")
    columns_ = (r"@{}>{\raggedright\arraybackslash}p{0.19\textwidth}>{\raggedright\arraybackslash}p{0.47\textwidth}"
                r"l@{\hskip 5pt}l@{\hskip 5pt}r@{}")  # fmt: skip
    return "\n".join([r"{\footnotesize", rf"\begin{{longtable}}{{{columns_}}}", head, r"\endhead", *rows, r"\end{longtable}}"])


def _graph(r: Report) -> str:
    """The groups as boxes, joined where a statement of one uses one of another; then what each statement uses, in words."""
    nodes = list(r.groups)
    pairs = dict.fromkeys((r.known[a].group, r.known[b].group, False) for a, b, _ in edges(r.found))
    arrows = acyclic(nodes, [p for p in pairs if p[0] != p[1]])
    order = ordered(nodes, arrows)
    place = {g: (c, (k - (len(members) - 1) / 2) * 0.85) for c, members in enumerate(order) for k, g in enumerate(members)}
    gap = 14.0 / (len(order) - 0.4)
    style = r"every node/.style={draw,fill=white,font=\sffamily\scriptsize,inner sep=3pt}"
    lines = [rf"\begin{{tikzpicture}}[x={gap:.2f}cm,y=-1cm,{style}]"]
    for i, g in enumerate(nodes):
        members = r.groups[g]
        counts = " ".join(rf"\textcolor{{{COLOUR[w]}}}{{{SIGN[w]}{n}}}" for w in SIGN if (n := sum(e.word == w for e in members)))
        solid = "thick" if all(e.trust in ("kernel", "coq") for e in members) else "thin"
        lines.append(rf"\node[{solid},anchor=west] (n{i}) at ({place[g][0]},{place[g][1]:.2f}) {{{verbatim(g)} {counts}}};")
    lines.append(r"\begin{scope}[on background layer]")
    lines += [rf"\draw[->,gray,thin] (n{nodes.index(a)}.east) to[out=0,in=180] (n{nodes.index(b)}.west);" for a, b, _ in arrows]
    legend = (f"An arrow leads from a group to one that uses it. {SIGN['proved']} proved, {SIGN['refuted']} refuted, ? open, "
              "! stale; a thick frame means that all rest on the kernel or on Coq. Each statement below names what it uses.")  # fmt: skip
    return "\n".join([legend, "", r"\begin{center}", *lines, r"\end{scope}", r"\end{tikzpicture}", r"\end{center}"])


def _group(r: Report, name: str, members: Sequence[Entry]) -> str:
    tally = rf"\texorpdfstring{{{{\normalfont\normalsize\ {r.tally(members)}}}}}{{}}"
    head = rf"\section{{{verbatim(name)}{tally}}}\label{{g:{name}}}\hypertarget{{g-{name}}}{{}}"
    return "\n\n".join([head, *(_statement(r, e) for e in members)])


def _statement(r: Report, e: Entry) -> str:
    c, text = e.item.claim, text_to_latex
    head = rf"\texorpdfstring{{\symgdid{{{verbatim(e.id)}}}}}{{{e.id.replace('_', ' ')}}}"
    out = [rf"\subsection{{{head}}}\hypertarget{{s-{e.id}}}{{}}"]
    if isinstance(c, Derivation):
        out.append(derivation(c, [d.id for d in r.found if isinstance(d.item.claim, Derivation)]))
    else:
        out.append(f"{text(c.title)} {status(e.result.verdict)}")
    if isinstance(c, Claim):
        source = breakable(latex_statement(c.statement.data))
        long = rf"The statement in full has {len(source)} characters; the command below prints it."
        out.append(rf"\symgdsmall{{{source if len(source) <= LONG else long}}}")
    if e.result.verdict.outcome is Outcome.REFUTED:
        out.append(witness(e.result.verdict) if e.result.verdict.witness else "Counterexample: see the certificate.")
    if e.result.verdict.outcome is Outcome.OPEN:
        out.append(rf"\textcolor{{{COLOUR[e.word]}}}{{{e.word.capitalize()}}}: {text(e.result.verdict.reason)}")
    out += [f"Only if its premise holds: it uses {text(d)}." for d in r.doubts.get(e.id, ())]
    for f in r.beside(e.id):
        out.append(_figure(r, f.id) if r.home[f.id] == e.id else rf"Figure \hyperlink{{f-{f.id}}}{{\symgdid{{{verbatim(f.id)}}}}}.")
    lists = (("Uses", c.uses), ("Corrects", [e.corrects] if e.corrects else []), ("Corrected by", r.corrected.get(e.id, ())))
    small = [f"{words} {', '.join(_link(r, n) for n in names)}." for words, names in lists if names]
    small += [f"Derivation: {_link(r, e.id + '.proof')}."] if e.id + ".proof" in r.known.keys() - set(c.uses) else []
    small += [f"Source: {text(source)}."] if (source := str(getattr(c, "source", ""))) else []
    if (summary := summary_of(e)) is not None:
        boxes = f", {summary.leaves} boxes" if summary.leaves else ""
        rules = verbatim(summary.rules).replace("×", r"$\times$")
        small.append(rf"Certificate \texttt{{{verbatim(summary.file)}}}, {summary.bytes} bytes{boxes}; rules: {rules}; SHA-256 "
                     rf"\texttt{{{summary.sha256[:16]}}}\dots{{}}; claim \texttt{{{summary.claim[:16]}}}\dots{{}}.")  # fmt: skip
    small.append(rf"To reproduce it: \texttt{{{verbatim(e.command)}}}.")
    out.append(rf"\symgdsmall{{{' '.join(small)}}}")
    return "\n\n".join(out)


def breakable(source: str) -> str:
    """Running text whose wide formulas TeX can break inside brackets as well: brackets of one size in place of stretched ones."""
    parts = source.split("$")
    for i in range(1, len(parts), 2):
        if width(parts[i]) > 24:
            parts[i] = _sloped(parts[i])
            parts[i] = re.sub(r"\\(left|right)(?=[\\(\[|.)\]])", lambda m: rf"\big{m[1][0]}", parts[i]).replace(r"\bigl.", "")
    return "$".join(parts)


def _sloped(formula: str) -> str:
    """The formula with wide fractions written with a slash."""
    out, i = "", 0
    while (at := formula.find(r"\frac{", i)) >= 0:
        above, j = group(formula, at + 5)
        below, j = group(formula, j)
        out += formula[i:at]
        if width(above) > 12 or width(below) > 12:
            lower = below if re.fullmatch(r"\w+", below) else rf"\left({_sloped(below)}\right)"
            out += rf"\left({_sloped(above)}\right)/{lower}"
        else:
            out += formula[at:j]
        i = j
    return out + formula[i:]


def _figure(r: Report, identifier: str) -> str:
    f = next(f for f in r.figures if f.id == identifier)
    return "\n".join([r"\begin{center}", rf"\hypertarget{{f-{f.id}}}{{}}\includegraphics[width={min(1.0, f.size[0] / 6.4):.2f}\textwidth]"
                      rf"{{figures/{f.id}.pdf}}", "", rf"\parbox{{0.94\textwidth}}{{\footnotesize\raggedright {text_to_latex(f.caption)}}}",
                      r"\end{center}"])  # fmt: skip
