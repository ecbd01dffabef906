"""MathML Core from the LaTeX that symgd prints, so that a page shows mathematics without a script or a font from elsewhere.

Only the commands that `latex` and the notation of derivations use are read; another command is shown as its name, never dropped.
"""

from __future__ import annotations

import re
from html import escape

from .words import to_html

LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "ϕ",
    "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ", "partial": "∂", "nabla": "∇", "infty": "∞"}
SIGNS = {"le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "in": "∈", "to": "→", "mapsto": "↦",
         "cdot": "·", "times": "×",
         "pm": "±", "dots": "…", "ldots": "…", "cdots": "⋯", "lVert": "‖", "rVert": "‖", "|": "‖", "langle": "⟨", "rangle": "⟩", "{": "{",
         "}": "}", "sum": "∑", "prod": "∏", "top": "⊤", "approx": "≈", "sim": "∼", "iff": "⟺", "implies": "⟹", "mid": "∣", "succeq": "⪰",
         "subset": "⊂", "cup": "∪", "cap": "∩", "circ": "∘", "ll": "≪", "gg": "≫", "setminus": "∖", "prime": "′", "forall": "∀"}
SPACES = {",": "0.17em", ";": "0.28em", ":": "0.22em", " ": "0.25em", "quad": "1em", "qquad": "2em", "!": "-0.17em"}
NAMES = frozenset(["log", "exp", "sin", "cos", "tanh", "arctan", "max", "min", "sup", "inf", "lim", "det", "dim", "ker", "ln"])
STYLES = {"mathrm": "normal", "mathit": "italic", "operatorname": "normal", "textsf": "normal", "text": "", "textup": "",
          "mathsf": "normal", "textbf": ""}
DOUBLE = {"R": "ℝ", "N": "ℕ", "Z": "ℤ", "E": "𝔼", "P": "ℙ", "C": "ℂ"}
ACCENTS = {"widehat": "^", "hat": "^", "bar": "¯", "overline": "¯", "widetilde": "~", "tilde": "~"}
OPENING = ("", "(", "[", "{", ",", ";", "=", "<", ">", "&")
RELATIONS = ("le", "ge", "ne", "leq", "geq", "neq", "in", "to", "mapsto", "approx", "iff", "implies", "{", "left", "sim", "quad", "qquad")
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)


def mathml(latex: str, display: bool = False) -> str:
    """A formula as a `<math>` element.

    Arguments: `latex`, without dollars; `display`, whether it stands by itself. The source is kept as the accessible name.
    """
    body = "".join(_Reader(latex).until(""))
    return f'<math{" display=" + chr(34) + "block" + chr(34) if display else ""} aria-label="{escape(latex)}"><mrow>{body}</mrow></math>'


def prose(latex: str) -> str:
    """HTML for running text with formulas between dollars or in plain text; what is not a formula is escaped."""
    parts = re.split(r"(?<!\\)\$", latex)
    return "".join(mathml(part) if i % 2 else to_html(_plain(part)) for i, part in enumerate(parts))


def _plain(text: str) -> str:
    text = text.replace(r"\textbackslash{}", "\0").replace(r"\textasciicircum{}", "^").replace(r"\textasciitilde{}", "~")
    text = re.sub(r"\\(?:textsf|emph|textup|textbf|textit)\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"(?<!-)--(?!-)", "–", text)
    return re.sub(r"\\([&%#_{}$])", r"\1", text).replace(r"\dots", "…").replace("\0", "\\")


class _Reader:
    """Reads one formula from left to right; a stray or missing brace ends a group and raises nothing."""

    def __init__(self, latex: str) -> None:
        self.tokens = [t for t in TOKEN.findall(latex) if not t.isspace()]
        self.raw, self.at = latex, 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def until(self, end: str) -> list[str]:
        """The elements up to the token `end`, which is taken; "" for the end of the formula."""
        out: list[str] = []
        while self.at < len(self.tokens):
            if end and self.peek() == end:
                self.take()
                return out
            out.append(self.scripted())
        return out

    def scripted(self) -> str:
        token = self.peek()
        base = "<mrow></mrow>" if token in ("^", "_") else self.atom()
        below = above = ""
        while self.peek() in ("^", "_"):
            if self.take() == "^":
                above += self.argument()
            else:
                below += self.argument()
        if not below and not above:
            return base
        kind = ("munderover", "munder", "mover") if token in (r"\sum", r"\prod") else ("msubsup", "msub", "msup")
        if below and above:
            return f"<{kind[0]}>{base}<mrow>{below}</mrow><mrow>{above}</mrow></{kind[0]}>"
        return f"<{kind[1]}>{base}<mrow>{below}</mrow></{kind[1]}>" if below else f"<{kind[2]}>{base}<mrow>{above}</mrow></{kind[2]}>"

    def argument(self) -> str:
        """What a command or script without braces takes: one letter or one digit."""
        if self.peek()[:1].isdigit() and len(self.peek()) > 1:
            first, rest = self.tokens[self.at][0], self.tokens[self.at][1:]
            self.tokens[self.at : self.at + 1] = [first, rest]
        return self.atom()

    def atom(self) -> str:
        before = self.tokens[self.at - 1] if self.at else ""
        token = self.take()
        if token == "{":
            return f"<mrow>{''.join(self.until('}'))}</mrow>"
        if token.startswith("\\") and len(token) > 1:
            return self.command(token[1:], before)
        if token[:1].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{escape(token)}</mi>"
        if token in ("(", ")", "[", "]", "|"):
            return f'<mo stretchy="false" lspace="0" rspace="0">{token}</mo>'
        if token in ("/", ":"):
            return f'<mo lspace="0" rspace="0">{token}</mo>'
        if token in ("-", "+") and (before in OPENING or before[1:] in RELATIONS):
            return f'<mo form="prefix">{"−" if token == "-" else "+"}</mo>'
        return f"<mo>{escape({'-': '−', '*': '∗', '&': '', '~': ' '}.get(token, token))}</mo>"

    def command(self, name: str, before: str = "") -> str:
        if name in LETTERS:
            return f"<mi>{LETTERS[name]}</mi>"
        if name in ("frac", "tfrac", "dfrac"):
            style = ' displaystyle="false"' if name == "tfrac" else ""
            return f"<mstyle{style}><mfrac>{self.argument()}{self.argument()}</mfrac></mstyle>"
        if name == "sqrt":
            return f"<msqrt>{self.argument()}</msqrt>"
        if name == "mathbb":
            letter = self.words()
            return f"<mi>{DOUBLE.get(letter, escape(letter))}</mi>"
        if name in ACCENTS:
            return f'<mover accent="true">{self.argument()}<mo>{ACCENTS[name]}</mo></mover>'
        if name in STYLES:
            words = escape(self.words())
            return f'<mi mathvariant="normal">{words}</mi>' if STYLES[name] == "normal" else f"<mtext>{words}</mtext>"
        if name in ("left", "right", "bigl", "bigr", "big", "Big", "Bigl", "Bigr"):
            sign = self.take()
            sign = SIGNS.get(sign[1:], sign[1:]) if sign.startswith("\\") else "" if sign == "." else sign
            stretch = "true" if name in ("left", "right") else "false"
            form = "prefix" if name in ("left", "bigl", "Bigl") else "postfix" if name in ("right", "bigr", "Bigr") else "infix"
            return f'<mo fence="true" form="{form}" stretchy="{stretch}" lspace="0" rspace="0">{escape(sign)}</mo>'
        if name in SPACES:
            return f'<mspace width="{SPACES[name]}"></mspace>'
        if name in NAMES:
            return f"<mi>{name}</mi>"
        if name == "pm" and (before in OPENING or before[1:] in RELATIONS):
            return '<mo form="prefix">±</mo>'
        if name in SIGNS:
            stretch = ' stretchy="false" lspace="0" rspace="0"' if name in ("lVert", "rVert", "|", "langle", "rangle", "{", "}") else ""
            return f"<mo{stretch}>{SIGNS[name]}</mo>"
        return f"<mtext>{escape(name)}</mtext>" if name != "_" else "<mo>_</mo>"

    def words(self) -> str:
        """The text of a group, without its commands."""
        if self.peek() != "{":
            return self.take()
        self.take()
        out, depth = [], 1
        while self.at < len(self.tokens):
            token = self.take()
            depth += (token == "{") - (token == "}")
            if not depth:
                break
            out.append({r"\ ": " "}.get(token, token[1:] if token.startswith("\\") else token))
        text = "".join(out)
        return f"\u00a0{text}\u00a0" if text in ("or", "and", "if", "for", "where") else text
