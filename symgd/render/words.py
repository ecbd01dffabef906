"""Sentences with formulas in plain text, such as "w^(L-1) <= lambda", as LaTeX and as HTML.

Greek names, single letters, indices, exponents and comparisons are set as mathematics; everything else stays as it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω"}  # fmt: skip
SIGNS = {"sqrt": ("√", r"\surd"), "<=": ("≤", r"\le"), ">=": ("≥", r"\ge"), "!=": ("≠", r"\ne"), "<-": ("←", r"\leftarrow"),
         "->": ("→", r"\to"),
         "+-": ("±", r"\pm"),
         "<": ("<", "<"), ">": (">", ">"), "*": ("·", r"\cdot"), "|": ("|", "|"), "||": ("‖", r"\|"),
         " x ": ("×", r"\times"), " o ": ("∘", r"\circ")}  # fmt: skip
TOKEN = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?|[^\W\d_]'+|[^\W\d_]+\d*|\.\.\.|<=|>=|!=|<-|->|\+-|\|\||[\^_]|\s-\s|\s+|.", re.DOTALL)
SPECIAL = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}", "^": r"\textasciicircum{}",
           "~": r"\textasciitilde{}", "$": r"\$"}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A piece of a sentence: `kind` is text, symbol, sign or minus; `scripts` are pairs of ^ or _ and their parts."""

    kind: str
    text: str
    scripts: tuple[tuple[str, tuple[Part, ...]], ...] = ()


def parts(sentence: str, inside: bool = False) -> list[Part]:
    """The pieces of a sentence; `inside`, whether it is an index or exponent, where every letter is a symbol."""
    tokens = _bare(TOKEN.findall(sentence))
    out: list[Part] = []
    i = 0
    while i < len(tokens):
        part, i = _part(tokens, i, inside)
        scripts = []
        while i + 1 < len(tokens) and tokens[i] in "^_" and part.text.strip():
            inner, after = _script(tokens, i + 1)
            if inner is None:
                break
            scripts.append((tokens[i], tuple(parts(inner, True))))
            i = after
        if scripts and part.kind == "text" and re.fullmatch(r"[A-Za-z]+", part.text):
            part = Part("symbol", part.text)
        both = part.scripts and scripts and scripts[0][0] == "_"  # y1_2 is y with the indices 1, 2
        index = [("_", (*part.scripts[0][1], Part("text", ","), *scripts.pop(0)[1]))] if both else part.scripts
        out.append(Part(part.kind, part.text, (*index, *scripts)))
    return out


def _bare(tokens: list[str]) -> list[str]:
    """Without the brackets around a number or letter under a root: sqrt(5) is shown as the root of 5."""
    roots = {i for i, token in enumerate(tokens) if token == "sqrt" and tokens[i + 1 : i + 4 : 2] == ["(", ")"] and tokens[i + 2].isalnum()}
    dropped = {j for i in roots for j in (i + 1, i + 3)}
    return [token for j, token in enumerate(tokens) if j not in dropped]


def _part(tokens: list[str], i: int, inside: bool) -> tuple[Part, int]:
    token = tokens[i]
    if token in "xo" and 1 < i < len(tokens) - 2 and tokens[i - 1] == tokens[i + 1] == " " and _sizes(tokens[i - 2], tokens[i + 2]):
        return Part("sign", " x " if token == "x" else " o "), i + 1
    if token in SIGNS:
        return Part("sign", token), i + 1
    following = tokens[i + 1] if i + 1 < len(tokens) else ""
    plain = token.rstrip("'")
    if plain in LETTERS or re.fullmatch(r"[fR]hat", plain):
        return Part("symbol", token), i + 1
    abbreviation = following == "." and i + 2 < len(tokens) and tokens[i + 2].isalpha() and len(tokens[i + 2]) == 1
    if len(plain) == 1 and plain.isalpha() and plain.isascii():
        scripted = following in ("^", "_")
        article = plain in "aAI" and not _operand(tokens, i)
        joined = i > 1 and tokens[i - 1] in ("-", ".", "/", "'") and tokens[i - 2][-1:].isalpha()  # as in paper's
        if inside or scripted or token != plain or not (abbreviation or article or joined):
            return Part("symbol", token), i + 1
    if re.fullmatch(r"[A-Za-z]\d+", token) and token[0] not in "IV":
        return Part("symbol", token[0], (("_", (Part("text", token[1:]),)),)), i + 1
    negative = token == "-" and following[:1].isalnum() and (i == 0 or tokens[i - 1][-1:] in " ([{,")
    if re.fullmatch(r"\s-\s", token) or (inside and token == "-") or negative:
        return Part("minus", token), i + 1
    return Part("text", token), i + 1


def _sizes(a: str, b: str) -> bool:
    """Whether two words are both numbers, or both the same letter, as in 2 x 2, n x n and f o f."""
    return (a.isdigit() and b.isdigit()) or (a == b and len(a) == 1 and a.isalpha())


def _operand(tokens: list[str], i: int) -> bool:
    """Whether an "a" is a variable: it follows an operator, and no word follows it."""
    before = next((t for t in reversed(tokens[:i]) if t.strip()), "")
    after = next((t for t in tokens[i + 1:] if t.strip()), "")
    if after in ("=", "<", ">", "<=", ">="):
        return True
    return before.strip() in ("=", "+", "-", "/", "(", "<", ">", "<=", ">=", "*") and not (after.isalpha() and len(after) > 1)


def _script(tokens: list[str], i: int) -> tuple[str | None, int]:
    """The index or exponent that begins at a token, without brackets, and where it ends; None where there is none."""
    if tokens[i] == "(":
        depth = 0
        for j in range(i, len(tokens)):
            depth += (tokens[j] == "(") - (tokens[j] == ")")
            if depth == 0:
                return "".join(tokens[i + 1 : j]), j + 1
        return None, i
    if tokens[i] == "-" and i + 1 < len(tokens) and tokens[i + 1][:1].isalnum():
        return tokens[i] + tokens[i + 1], i + 2
    return (tokens[i], i + 1) if tokens[i][:1].isalnum() else (None, i)


def to_latex(sentence: str) -> str:
    """The sentence as LaTeX for running text; there are no dollars in it yet."""
    out = "".join(_latex(p) for p in parts(sentence))
    return out.replace("$$", "")


def _latex(p: Part) -> str:
    scripts = "".join(f"{mark}{{{''.join(_math(q) for q in inner)}}}" for mark, inner in p.scripts)
    if p.kind == "text" and not scripts:
        return r"\dots{}" if p.text == "..." else "".join(SPECIAL.get(c, c) for c in p.text)
    if p.kind == "minus":
        return "$-$" if p.text == "-" else " $-$ "
    return f"${_math(Part(p.kind, p.text))}{scripts}$"


def _math(p: Part) -> str:
    scripts = "".join(f"{mark}{{{''.join(_math(q) for q in inner)}}}" for mark, inner in p.scripts)
    if p.kind == "symbol":
        plain, primes = p.text.rstrip("'"), "'" * p.text.count("'")
        hat = re.fullmatch(r"([A-Za-z])hat", plain)
        name = rf"\{plain} " if plain in LETTERS else rf"\hat{{{hat[1]}}}" if hat else plain if len(plain) == 1 else rf"\mathrm{{{plain}}}"
        return name.rstrip() + primes + scripts if scripts or primes else name
    if p.kind == "sign":
        return SIGNS[p.text][1] + " "
    if p.kind == "minus":
        return "-"
    return (r"\dots " if p.text == "..." else "".join(SPECIAL.get(c, c) for c in p.text)) + scripts


def verbatim(text: str) -> str:
    """LaTeX that prints the text as it is, such as an id or a path; lines may break after dots and slashes."""
    return "".join(SPECIAL.get(c, c) + (r"\allowbreak{}" if c in "./_" else "") for c in text)


def to_html(sentence: str) -> str:
    """The sentence as HTML, everything in it escaped."""
    return "".join(_html(p) for p in parts(sentence))


def _html(p: Part) -> str:
    scripts = ""
    for mark, inner in p.scripts:
        tag = "sup" if mark == "^" else "sub"
        scripts += f"<{tag}>{''.join(_html(q) for q in inner)}</{tag}>"
    if p.kind == "symbol":
        plain, primes = p.text.rstrip("'"), "′" * p.text.count("'")
        name = LETTERS.get(plain, plain)
        if hat := re.fullmatch(r"([A-Za-z])hat", plain):
            return f"<i>{hat[1]}\u0302</i>{primes}{scripts}"
        return (f"<i>{escape(name)}</i>" if len(name) == 1 else escape(name)) + primes + scripts
    if p.kind == "sign":
        return escape(SIGNS[p.text][0]) + scripts
    if p.kind == "minus":
        return (" − " if p.text != "-" else "−") + scripts
    return ("…" if p.text == "..." else escape(p.text)) + scripts
