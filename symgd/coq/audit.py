"""The audit of a Coq folder: is each pinned theorem the reviewed one, proved, and free of axioms that are not allowed?

`MANIFEST.json` is {"reviewed": {file: digest}, "theorems": [...]}. The reviewed files are those a referee reads: definitions and
pinned statements; their digests (of the text without comments) are renewed only by `symgd coq --renew`. A theorem has the fields
`theorem`, `file`, `id`, `title`, `allowed_axioms`, and `claims`, `refutes`: {id of a claim: digest of its statement}, for the
claims that it implies or contradicts (where several theorems name a claim: all of them together). All files are compiled from
their text; compiled files that lie in the folder are never looked at. What a proof rests on is told by `Print Assumptions` in a
file of our own, so that nothing a file prints is believed.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any

from .compiler import CoqError, Failed, compiled, coqc, digest

MANIFEST, PROJECT = "MANIFEST.json", "_CoqProject"
QUERY = re.compile(r"^Print Assumptions [\w.]+\.[ \t]*$", re.MULTILINE | re.ASCII)
FORBIDDEN = [
    (r"Admitted|admit|give_up", "an admitted goal"),
    (r"Axioms?|Parameters?|Conjectures?|Primitive|Symbols?|Declare\s+Module", "an axiom"),
    (
        r"bypass_check|type.in.type|Unset\s+(Guard|Positivity|Universe)\s+Checking|(Set|Unset)\s+Universe\s+\w+|Typing\s+Flags",
        "a flag that switches a check off",
    ),
    (
        r"Load|Redirect|Drop|Cd|Declare\s+ML\s+Module|Add\s+(Rec\s+)?(LoadPath|ML\s+Path)|Extraction|Register",
        "a command that reaches outside the file",
    ),
]


@dataclass(frozen=True)
class Theorem:
    """A pinned theorem."""

    name: str
    file: str
    title: str
    axioms: frozenset[str]
    claims: Mapping[str, str] = field(default_factory=dict)
    refutes: Mapping[str, str] = field(default_factory=dict)
    statement: str = ""


@dataclass(frozen=True)
class Project:
    """A folder of Coq files as its `_CoqProject` and its manifest describe it."""

    folder: Path
    logical: str
    texts: Mapping[str, str]  # file -> content, in the order of compilation
    reviewed: Mapping[str, str]
    theorems: tuple[Theorem, ...]

    def needs(self, file: str) -> list[str]:
        """The earlier files whose names occur in this one, and those that they need; in order."""
        earlier = list(self.texts)[: list(self.texts).index(file)]
        direct = [f for f in earlier if re.search(rf"\b{f[:-2]}\b", self.texts[file], re.ASCII)]
        wanted = {g for f in direct for g in [f, *self.needs(f)]}
        return [f for f in earlier if f in wanted]


@dataclass(frozen=True)
class Audit:
    """What came of it: for each theorem None, or the reason why it is refused; and the seconds spent on its file."""

    project: Project
    refused: Mapping[str, str | None]
    seconds: Mapping[str, float]

    @property
    def accepted(self) -> list[Theorem]:
        return [t for t in self.project.theorems if self.refused[t.name] is None]


def audit(folder: Path, progress: Callable[[str], None] = lambda message: None) -> Audit:
    """Compile the files of the folder in their order and examine every theorem of its manifest.

    Raises: CoqError without Coq, and for a folder that cannot be read.
    """
    coqc()
    project = read(folder)
    problems: dict[str, str] = {}
    for file, text in project.texts.items():
        problem = forbidden(text)
        if problem is None and file in project.reviewed and project.reviewed[file] != reviewed_digest(text):
            problem = "is not the file that was reviewed; if the change is meant, review it and run: symgd coq --renew"
        if problem is not None:
            problems[file] = f"{file} {problem}"
    places, seconds = dict[str, Path](), dict[str, float]()
    for file, text in project.texts.items():
        started, needed = time.monotonic(), project.needs(file)
        broken = next((f for f in needed if f in problems), None)
        if broken is not None:
            problems.setdefault(file, problems[broken])
        if file not in problems:
            try:
                places[file], _ = compiled(file[:-2], QUERY.sub("", text), [places[f] for f in needed], project.logical, tell=progress)
            except Failed as problem:
                problems[file] = str(problem)
        seconds[file] = time.monotonic() - started
    refused: dict[str, str | None] = {}
    for file in dict.fromkeys(t.file for t in project.theorems):
        started, theorems = time.monotonic(), [t for t in project.theorems if t.file == file]
        if file in problems:
            refused |= dict.fromkeys([t.name for t in theorems], problems[file])
            continue
        progress(f"auditing the {len(theorems)} theorems of {file}")
        needs = [places[f] for f in [*project.needs(file), file]]
        for axioms in {t.axioms for t in theorems}:
            refused |= _judged(project, file, [t for t in theorems if t.axioms == axioms], needs)
        seconds[file] += time.monotonic() - started
    share = {f: seconds[f] / sum(t.file == f for t in project.theorems) for f in seconds if any(t.file == f for t in project.theorems)}
    return Audit(project, refused, {t.name: share[t.file] for t in project.theorems})


def _judged(project: Project, file: str, theorems: Sequence[Theorem], needs: Sequence[Path]) -> dict[str, str | None]:
    """For each of these theorems, of equal allowance, None or why it is refused; asked together, and in halves where something is wrong."""
    foreign = _foreign(project, file, theorems, needs)
    if not foreign or len(theorems) == 1:
        return dict.fromkeys([t.name for t in theorems], foreign or None)
    half = len(theorems) // 2
    return _judged(project, file, theorems[:half], needs) | _judged(project, file, theorems[half:], needs)


def _foreign(project: Project, file: str, theorems: Sequence[Theorem], needs: Sequence[Path]) -> str:
    """What these theorems rest on that one of them is not allowed to rest on; "" where there is nothing of the kind."""
    allowed = frozenset[str]().union(*(t.axioms for t in theorems))
    names = [f"{project.logical}.{file[:-2]}.{t.name}" for t in theorems]
    whole = reduce(lambda rest, name: f"(conj {name} {rest})", names, "I")
    text = f"From {project.logical} Require {file[:-2]}.\nDefinition audited_ := {whole}.\nPrint Assumptions audited_.\n"
    try:
        _, output = compiled("Audit_", text, needs, project.logical)
        used, strange = assumptions(output)
        if strange:
            return f"Print Assumptions says: {strange[0]}"
        beyond = sorted(used - allowed)
        if beyond:
            return f"rests on {', '.join(beyond[:3])}, which its list of allowed axioms does not name"
        if used:  # an allowed name must be the one of Coq's own library
            queries = "".join(f"Locate Term {name}.\n" for name in sorted(used))
            _, output = compiled("Audit_", text + queries, needs, project.logical)
            found = re.findall(r"^Constant (\S+)", output, re.MULTILINE)
            library = len(found) == len(used) and all(
                f.startswith("Coq.") and f.endswith(f".{u}") for f, u in zip(found, sorted(used), strict=True)
            )
            if not library:
                return f"one of its axioms has the name of an allowed one and is another: {', '.join(found)[:200]}"
    except Failed as problem:
        return f"is not a theorem of {file}: {problem}"
    return ""


def assumptions(output: str) -> tuple[set[str], list[str]]:
    """The names of the axioms that `Print Assumptions` lists, and every line that is anything else."""
    used: set[str] = set()
    strange: list[str] = []
    lines = output.splitlines()
    if [line.strip() for line in lines] == ["Closed under the global context"]:
        return used, strange
    if not lines or lines[0].strip() != "Axioms:":
        return used, [lines[0].strip()[:200] if lines else "nothing"]
    for line, after in zip(lines[1:], [*lines[2:], ""], strict=True):
        if line[:1].isspace():
            continue
        name = re.match(r"([\w.']+)(\s*:\s|\s*$)", line)
        if name and (name[2].strip() == ":" or after.lstrip().startswith(":")):
            used.add(name[1])
        else:
            strange.append(line.strip()[:200])
    return used, strange


# --- the folder ------------------------------------------------------------------------------------------------------


def read(folder: Path) -> Project:
    """The folder's description and texts.

    Raises: CoqError where a file is missing or says what cannot be read.
    """
    logical, files = project_file(folder / PROJECT)
    data = manifest(folder)
    texts = {}
    for name in files:
        try:
            texts[name] = (folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise CoqError(f"{folder / name} cannot be read ({problem}); {PROJECT} names it") from None
    try:
        theorems = tuple(
            Theorem(
                t["theorem"], t["file"], t["title"], frozenset(t["allowed_axioms"]), dict(t.get("claims", {})), dict(t.get("refutes", {}))
            )
            for t in data["theorems"]
        )
        reviewed = dict(data["reviewed"])
    except (KeyError, TypeError, ValueError) as problem:
        raise CoqError(f"{folder / MANIFEST}: a theorem needs theorem, file, title and allowed_axioms ({problem!r})") from None
    names = [t.name for t in theorems]
    if len(set(names)) != len(names) or not names or not all(re.fullmatch(r"[A-Za-z_]\w*", n, re.ASCII) for n in names):
        raise CoqError(f"{folder / MANIFEST}: the names of the theorems must be names, and each occur once")
    for file in {t.file for t in theorems} | reviewed.keys():
        if file not in texts:
            raise CoqError(f"{folder / MANIFEST} speaks of {file}, which is not in {PROJECT}")
    for t in theorems:
        if t.file not in reviewed:
            raise CoqError(f"{folder / MANIFEST}: {t.file} has no digest under `reviewed`; review it and run: symgd coq --renew")
    stated = {t.name: pinned(texts[t.file], t.name) for t in theorems}
    return Project(folder, logical, texts, reviewed, tuple(replace(t, statement=stated[t.name]) for t in theorems))


def manifest(folder: Path) -> dict[str, Any]:
    try:
        data = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        raise CoqError(f"{folder / MANIFEST} cannot be read ({problem})") from None
    if not isinstance(data, dict) or not {"reviewed", "theorems"} <= data.keys():
        raise CoqError(f"{folder / MANIFEST} must be an object with the fields reviewed and theorems")
    return data


def project_file(path: Path) -> tuple[str, list[str]]:
    """The logical name and the files of a `_CoqProject`; it may hold `-Q . Name` and file names, and no flag besides."""
    try:
        tokens = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as problem:
        raise CoqError(f"{path} cannot be read ({problem})") from None
    plain = tokens[:2] == ["-Q", "."] and len(tokens) > 3 and re.fullmatch(r"[A-Z]\w*", tokens[2], re.ASCII)
    files = tokens[3:]
    if not plain or len(set(files)) != len(files) or not all(re.fullmatch(r"[A-Za-z]\w*\.v", f, re.ASCII) for f in files):
        raise CoqError(f"{path} must say `-Q . Name` and then name the files in the order of compilation, without any other flag")
    return tokens[2], files


def plain(text: str) -> str:
    """The text without its comments and the contents of its strings."""
    out, depth, i, quoted = [], 0, 0, False
    while i < len(text):
        two = text[i : i + 2]
        if quoted:
            quoted = text[i] != '"'
            i += 1
        elif text[i] == '"':
            quoted = True
            out.append('""' if not depth else "")
            i += 1
        elif two == "(*":
            depth += 1
            i += 2
        elif two == "*)" and depth:
            depth -= 1
            out.append(" " if not depth else "")
            i += 2
        else:
            out.append(text[i] if not depth else "")
            i += 1
    return "".join(out)


def reviewed_digest(text: str) -> str:
    """Digest of what the file says, whatever its comments and line breaks; the questions `Print Assumptions` are left out."""
    return digest(" ".join(plain(QUERY.sub("", text)).split()), *re.findall(r'"[^"]*"', text))[:32]


def pinned(text: str, name: str) -> str:
    """The statement of a theorem as it is written in the file, in one line; "" where it is not found."""
    found = re.search(rf"\b(?:Theorem|Lemma|Corollary|Proposition)\s+{re.escape(name)}\s*(.*?)\.\s*Proof\b", plain(text), re.DOTALL)
    return " ".join(found[1].split()).removeprefix(": ") if found else ""


def forbidden(text: str) -> str | None:
    """What a file must not say: the second line of defence, behind `Print Assumptions`."""
    body = plain(text)
    for pattern, what in FORBIDDEN:
        if found := re.search(rf"(?<![\w'.])(?:{pattern})(?![\w'])", body, re.ASCII):
            return f"contains {what}: {' '.join(found[0].split())}"
    opened: list[str] = []
    for sentence in re.split(r"\.(?=\s|$)", body):
        words = sentence.split()
        while words and words[0] in ("Local", "Global", "Polymorphic", "#[local]", "#[global]", "{", "}", "-", "+", "*"):
            words.pop(0)
        if words[:1] == ["Section"] or (words[:1] == ["Module"] and ":=" not in words):
            opened.append(words[0])
        elif words[:1] == ["End"] and opened:
            opened.pop()
        elif words and words[0] in ("Variable", "Variables", "Hypothesis", "Hypotheses", "Context") and "Section" not in opened:
            return f"contains an axiom: {words[0]} outside of a section"
    return None


def renewed(folder: Path, claims: Mapping[str, str]) -> list[str]:
    """Write the digests of the reviewed files, and of the statements of the claims, into the manifest; returns what changed.

    Arguments: `claims`, from ids to the digests of their statements.
    """
    _, files = project_file(folder / PROJECT)
    data, changes = manifest(folder), []
    wanted = {t["file"] for t in data["theorems"]} | data["reviewed"].keys()
    for file in files:
        if file in wanted:
            new = reviewed_digest((folder / file).read_text(encoding="utf-8"))
            if data["reviewed"].get(file) != new:
                changes.append(file)
            data["reviewed"][file] = new
    for theorem in data["theorems"]:
        for kind in ("claims", "refutes"):
            for name, old in theorem.get(kind, {}).items():
                if name in claims and claims[name] != old:
                    changes.append(f"{theorem['theorem']}: {name}")
                    theorem[kind][name] = claims[name]
    (folder / MANIFEST).write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return changes
