"""Find the claims under a folder or in a file, as pytest finds tests.

Every `*.py` is imported, except names that start with `_` or `.`, `conftest.py` and `setup.py`. What counts is what a module
binds at its top level: claims, and lists or tuples of claims. A claim needs `id`, `title`, `statement`, `expect` and `uses`;
one with a method `settle()` settles itself and has no certificate.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import fnmatch
import hashlib
import importlib
import importlib.machinery
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Protocol

from .claims import Outcome

SKIPPED_FILES = {"conftest.py", "setup.py"}
SKIPPED_FOLDERS = {"certificates", "node_modules", "build", "dist"}


class CollectError(ValueError):
    """Claims cannot be collected; each line of the message is one sentence that names the place and the next step."""


class Checkable(Protocol):
    """What a claim has to offer; `settle()` is optional, and returns a verdict without a certificate."""

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def statement(self) -> Any: ...

    @property
    def expect(self) -> Outcome: ...

    @property
    def uses(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Item:
    """A claim with the place where it is defined."""

    claim: Checkable
    file: Path
    line: int
    name: str  # in the module, such as `threshold` or `claims[3]`

    @property
    def place(self) -> str:
        return f"{shown(self.file)}:{self.line}"


def collect(*paths: str | Path, only: Sequence[str] = ()) -> list[Item]:
    """The claims under the given folders and files, in the order of files and of definitions.

    Arguments: `paths`, folders, files, or FILE::NAME with the name or the id of one claim; `only`, patterns for ids: with
    `*`, `?` or `[...]` the whole id must match, otherwise the id must start with the pattern.
    Returns: at least one item; ids are unique.
    Raises: CollectError for missing paths, files that cannot be imported, repeated ids, and selections that match nothing.
    """
    found: dict[Path, list[Item]] = {}
    chosen: list[Item] = []
    for path in paths:
        folder_or_file, _, name = str(path).partition("::")
        files = python_files(Path(folder_or_file))
        for folder, members in by_folder(f for f in files if f not in found):
            found.update(_import(folder, members))
        items = [item for file in files for item in found[file]]
        chosen += [item for item in items if item not in chosen and (not name or name in (item.name, item.claim.id))]
        if not items:
            raise CollectError(f'there are no claims in {folder_or_file}; a claim is a function decorated with @claim("some.id")')
        if name and not any(name in (item.name, item.claim.id) for item in items):
            raise CollectError(f"there is no claim {name!r} in {folder_or_file}; there are: {listing(i.claim.id for i in items)}")
    check_ids(chosen)
    return select(chosen, only)


def select(items: Sequence[Item], only: Sequence[str]) -> list[Item]:
    """The items whose ids match one of the patterns, or all of them if there are no patterns."""
    kept = list(items) if not only else [item for item in items if any(matches(item.claim.id, pattern) for pattern in only)]
    for pattern in only:
        if not any(matches(item.claim.id, pattern) for item in items):
            near = difflib.get_close_matches(pattern, [item.claim.id for item in items], 3, 0.4)
            raise CollectError(
                f"no claim has an id like {pattern!r}; "
                + (f"did you mean {listing(near)}?" if near else f"there are: {listing(item.claim.id for item in items)}")
            )
    return kept


def matches(claim_id: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(claim_id, pattern) if set(pattern) & set("*?[") else claim_id.startswith(pattern)


def listing(names: Iterable[str], limit: int = 8) -> str:
    """The names as a comma-separated list that says how many were left out."""
    every = list(names)
    return ", ".join(every[:limit]) + (f" and {len(every) - limit} more" if len(every) > limit else "")


def shown(path: Path) -> str:
    """The path as a user would type it: relative to the working directory where it lies below that."""
    with contextlib.suppress(ValueError, OSError):
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    return str(path)


# --- files -----------------------------------------------------------------------------------------------------------


def python_files(path: Path) -> list[Path]:
    """The Python files that may hold claims, sorted; resolved paths."""
    if not path.exists():
        near = difflib.get_close_matches(path.name, [p.name for p in path.parent.iterdir()], 1) if path.parent.is_dir() else []
        raise CollectError(
            f"there is no file or folder {path}"
            + (f"; did you mean {path.parent / near[0]}?" if near else "; give the folder or the file of your claims")
        )
    if path.is_file():
        if path.suffix != ".py":
            raise CollectError(f"{path} is not a Python file; claims are written in files that end in .py")
        return [path.resolve()]
    files = []
    for folder, below, names in os.walk(path.resolve()):
        below[:] = sorted(
            b for b in below if b[0] not in "._" and b not in SKIPPED_FOLDERS and not (Path(folder) / b / "pyvenv.cfg").exists()
        )
        files += [Path(folder) / n for n in names if n.endswith(".py") and n[0] not in "._" and n not in SKIPPED_FILES]
    if not files:
        raise CollectError(f"there are no Python files in {path}; write a claim into a file that ends in .py")
    return sorted(files, key=lambda f: f.parts)


def modules(path: str | Path, mentioning: str) -> list[tuple[Path, ModuleType]]:
    """The modules of a folder or file whose source mentions a word, imported as for `collect`, in the order of files.

    Arguments: `path`, a folder or file; `mentioning`, the word. Raises: CollectError.
    """
    files = [f for f in python_files(Path(path)) if mentioning in f.read_text(encoding="utf-8", errors="replace")]
    found = []
    for folder, members in by_folder(files):
        with _neighbours(folder):
            found += [(file, _module(file)[0]) for file in members]
    return found


def by_folder(files: Iterable[Path]) -> list[tuple[Path, list[Path]]]:
    groups: dict[Path, list[Path]] = {}
    for file in files:
        groups.setdefault(file.parent, []).append(file)
    return list(groups.items())


# --- imports ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Siblings:
    """Finds top-level modules in one folder, so that claim files can import their neighbours; `sys.path` stays as it is."""

    folder: Path

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is not None or name in sys.stdlib_module_names:
            return None
        return importlib.machinery.PathFinder.find_spec(name, [str(self.folder)])


@contextlib.contextmanager
def _neighbours(folder: Path) -> Iterator[None]:
    """While this lasts, the modules of the folder can be imported by their own names; afterwards those names are free again."""
    own = {p.stem for p in folder.iterdir() if p.suffix == ".py" or p.is_dir()} - {"symgd", "sympy", "numpy", "mpmath"}
    hidden = {n: m for n, m in sys.modules.items() if n.partition(".")[0] in own and n.partition(".")[0] not in sys.stdlib_module_names}
    for name in hidden:
        del sys.modules[name]
    before, finder = set(sys.modules), _Siblings(folder)
    sys.meta_path.insert(0, finder)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - before:
            if name.partition(".")[0] in own and not name.startswith("symgd_claims_"):
                del sys.modules[name]
        sys.modules.update(hidden)


def _import(folder: Path, files: Sequence[Path]) -> dict[Path, list[Item]]:
    """The claims of files of one folder; a claim belongs to the file that defines it, not to those that import it."""
    modules: dict[Path, tuple[ModuleType, ast.Module]] = {}
    problems: list[str] = []
    with _neighbours(folder):
        for file in files:
            try:
                modules[file] = _module(file)
            except CollectError as problem:
                problems.append(str(problem))
    if problems:
        raise CollectError("\n".join(dict.fromkeys(problems)))
    found: dict[Path, list[Item]] = {file: [] for file in files}
    imported: dict[Path, list[Item]] = {file: [] for file in files}
    for file, (module, tree) in modules.items():
        names = Names.of(tree)
        for name, value in claims_in(vars(module)):
            variable = name.partition("[")[0]
            item = Item(value, file, names.lines.get(variable, 1), name)
            (found if variable in names.lines else imported)[file].append(item)
        if lost := names.lost():
            line, name = lost
            raise CollectError(
                f"{shown(file)}:{line}: the claim {name!r} is bound again before it is used, so all but the last one are lost; "
                "give each its own name, or append them to a list"
            )
    seen = {id(item.claim) for items in found.values() for item in items}
    for file, items in imported.items():  # names that no statement of the file binds: star imports and globals()
        for item in items:
            if id(item.claim) not in seen and Names.of(modules[file][1]).may_define(item.name):
                seen.add(id(item.claim))
                found[file].append(item)
    for file, items in found.items():
        items.sort(key=lambda item: item.line)
        once = {id(item.claim): item for item in reversed(items)}
        found[file] = [item for item in items if once[id(item.claim)] is item]
    return found


def _module(file: Path) -> tuple[ModuleType, ast.Module]:
    """Import the file under a name of its own; SystemExit and every exception become a CollectError."""
    stem, folder = file.stem, file.parent
    try:
        tree = ast.parse(file.read_bytes(), str(file))
    except SyntaxError as problem:
        raise CollectError(f"{shown(file)}:{problem.lineno or 1}: not Python: {problem.msg}; correct the line") from None
    except (OSError, ValueError, RecursionError, MemoryError) as problem:
        raise CollectError(f"{shown(file)}: cannot be read ({problem}); check that it is a Python file") from None
    loaded = sys.modules.get(stem)
    if loaded is not None and getattr(loaded, "__file__", None) == str(file):  # a neighbour has imported it already
        return loaded, tree
    name = f"symgd_claims_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}_{stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if stem not in sys.stdlib_module_names:
        sys.modules.setdefault(stem, module)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(compile(tree, str(file), "exec"), vars(module))  # what was read above, never a stale compiled copy
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        for key in [k for k in (name, stem) if sys.modules.get(k) is module]:
            del sys.modules[key]
        raise CollectError(sentence(problem, file, folder)) from None
    return module, tree


def sentence(problem: BaseException, file: Path, folder: Path) -> str:
    """One sentence about an exception that left a claim file: the last line of the user's own code, and what to do."""
    cause = problem.__context__ if type(problem.__context__) is type(problem) else problem  # raised again with the id of the claim
    frames = [f for f in traceback.extract_tb(cause.__traceback__) if Path(f.filename).is_relative_to(folder)]
    place = f"{shown(Path(frames[-1].filename))}:{frames[-1].lineno}" if frames else shown(file)
    if isinstance(problem, SyntaxError):
        return f"{shown(Path(problem.filename or file))}:{problem.lineno or 1}: not Python: {problem.msg}; correct the line"
    if isinstance(problem, ModuleNotFoundError):
        return f"{place}: there is no module {problem.name!r}; install it, or put {str(problem.name).partition('.')[0]}.py beside this file"
    if isinstance(problem, SystemExit):
        return f'{place}: the file calls exit; move that under `if __name__ == "__main__":`'
    message = " ".join(str(problem).split())
    message = message if len(message) <= 400 else message[:397] + "..."
    if type(problem).__module__.partition(".")[0] == "symgd":  # these name the next step themselves
        return f"{place}: {message}"
    return f"{place}: {type(problem).__name__}: {message or 'no message'}; correct the line and run the command again"


# --- names in a module -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Names:
    """What the top level of a module binds, read from its source."""

    lines: Mapping[str, int]  # of names bound by def, class and assignments
    imports: frozenset[str]
    star: bool
    claims: tuple[tuple[str, int, bool], ...]  # functions decorated with claim(...): name, line, whether in a loop
    tree: ast.Module

    @staticmethod
    def of(tree: ast.Module) -> Names:
        lines: dict[str, int] = {}
        imports: set[str] = set()
        claims: list[tuple[str, int, bool]] = []
        star = False

        def walk(body: Iterable[ast.stmt], loop: bool) -> None:
            nonlocal star
            for node in body:
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    line = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                    lines[node.name] = line
                    if any(is_claim_call(d) for d in node.decorator_list):
                        claims.append((node.name, line, loop))
                elif isinstance(node, (ast.Import, ast.ImportFrom)):
                    star = star or any(a.name == "*" for a in node.names)
                    imports.update((a.asname or a.name).partition(".")[0] for a in node.names)
                elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
                    for target in ast.walk(node):
                        if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
                            lines.setdefault(target.id, node.lineno)
                else:
                    inner = loop or isinstance(node, (ast.For, ast.While))
                    for field in ("body", "orelse", "finalbody"):
                        walk(getattr(node, field, []), inner)
                    for handler in getattr(node, "handlers", []):
                        walk(handler.body, inner)

        walk(tree.body, False)
        return Names({n: k for n, k in lines.items() if n not in imports}, frozenset(imports), star, tuple(claims), tree)

    def lost(self) -> tuple[int, str] | None:
        """Line and name of a claim that a later one of the same name replaces, though nothing has used it."""
        seen: set[str] = set()
        bound_again = []
        for name, line, loop in self.claims:
            if loop or name in seen:
                bound_again.append((line, name))
            seen.add(name)
        if not bound_again:
            return None
        used = {n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        return next((place for place in bound_again if place[1] not in used), None)

    def may_define(self, name: str) -> bool:
        return not self.star and name.partition("[")[0] not in self.imports


def is_claim_call(node: ast.expr) -> bool:
    function = node.func if isinstance(node, ast.Call) else None
    return (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")) == "claim"


def claims_in(namespace: Mapping[str, Any]) -> Iterator[tuple[str, Checkable]]:
    for name, value in list(namespace.items()):
        if type(value) in (list, tuple):
            yield from ((f"{name}[{i}]", v) for i, v in enumerate(value) if is_checkable(v))
        elif is_checkable(value):
            yield name, value


def is_checkable(value: Any) -> bool:
    """Whether the object offers what a claim has to offer."""
    if isinstance(value, (type, ModuleType, CodeType)):
        return False
    try:
        return (
            isinstance(value.id, str)
            and isinstance(value.expect, Outcome)
            and all(hasattr(value, a) for a in ("title", "statement", "uses"))
        )
    except Exception:  # any object may stand in a module, with any idea of attributes
        return False


def check_ids(items: Sequence[Item]) -> None:
    """Raise CollectError where two claims share an id; ids name files, so they must differ in more than capitals."""
    first: dict[str, Item] = {}
    for item in items:
        if not re.fullmatch(r"[A-Za-z0-9][\w.\-]{0,79}", item.claim.id, re.ASCII):
            raise CollectError(f"{item.place}: {item.claim.id!r} is not an id; use letters, digits, '.', '_' and '-'")
        other = first.setdefault(item.claim.id.casefold(), item)
        if other is not item:
            raise CollectError(f"{item.place}: the id {item.claim.id!r} is taken by the claim at {other.place}; rename one of the two")
