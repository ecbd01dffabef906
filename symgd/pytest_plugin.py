"""Claims as pytest items: `pytest --symgd proofs/`. A claim passes when its verdict is the expected one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

import pytest

from .collect import CollectError, Item, collect, python_files
from .settle import Settings, Settled, settle
from .table import statement_text


def activate(config: pytest.Config) -> None:
    """Collect the claims that the options ask for, along with whatever else pytest collects.

    Raises: pytest.UsageError where a path does not exist.
    """
    asked = list(config.getoption("--symgd"))
    by_default = config.args_source is not pytest.Config.ArgsSource.ARGS
    paths = asked or (list(config.getini("symgd_paths")) if by_default else [])
    base = config.invocation_params.dir if asked else config.rootpath
    names: dict[Path, set[str]] = {}
    for path in paths:
        where, _, name = path.partition("::")
        place = (base / where).resolve()
        try:
            files = python_files(place)
        except CollectError as problem:
            raise pytest.UsageError(f"symgd: {problem}") from None
        for file in files:
            names.setdefault(file, set()).add(name)
        given = [(base / str(a).partition("::")[0]).resolve() for a in config.args]
        if by_default or not any(g == place or place in g.parents for g in given):
            config.args.append(str(base / where))
    config.pluginmanager.register(Plugin(names, config.getoption("--symgd-seconds")), "symgd-claims")


class Plugin:
    """Turns the files that hold claims into collectors."""

    def __init__(self, names: Mapping[Path, Set[str]], seconds: float) -> None:
        self.names, self.seconds = names, seconds

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ClaimFile | None:
        if file_path.resolve() not in self.names or parent.session.isinitpath(file_path):
            return None
        return self.collector(file_path, parent)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> ClaimFile | None:
        """A file that is named on the command line would be collected as a test module; its claims take that place."""
        return self.collector(module_path, parent) if module_path.resolve() in self.names else None

    def collector(self, path: Path, parent: pytest.Collector) -> ClaimFile:
        file: ClaimFile = ClaimFile.from_parent(parent, path=path)
        file.seconds, file.names = self.seconds, self.names[path.resolve()]
        return file


class ClaimFile(pytest.File):
    """The claims of one file."""

    seconds = 60.0
    names: Set[str] = frozenset([""])  # of the claims wanted; "" for all

    def collect(self) -> Iterator[ClaimItem]:
        try:
            items = collect(self.path)
        except CollectError as problem:
            if "there are no claims" in str(problem):  # a helper among the files of a folder
                return
            raise self.CollectError(str(problem)) from None
        for item in items:
            if not self.names & {"", item.name, item.claim.id}:
                continue
            node: ClaimItem = ClaimItem.from_parent(self, name=item.claim.id)
            node.item, node.seconds = item, self.seconds
            yield node


class ClaimItem(pytest.Item):
    """One claim; it passes when its verdict is the expected one."""

    item: Item
    seconds: float

    def runtest(self) -> None:
        result = settle(self.item, Settings(self.seconds))
        for notice in result.notices:
            self.add_report_section("call", "symgd", notice)
        if not result.as_expected(self.item):
            raise Unexpected(self.item, result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, Unexpected) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.item.line - 1, f"claim {self.item.claim.id}"


class Unexpected(AssertionError):
    """A verdict that differs from the expected one."""

    def __init__(self, item: Item, result: Settled) -> None:
        verdict = result.verdict
        lines = [
            ("claim", item.claim.id),
            ("title", item.claim.title),
            ("statement", statement_text(item)),
            ("expected", item.claim.expect.value),
            ("verdict", verdict.outcome.value),
            ("witness", verdict.witness),
            ("left", verdict.reason),
            ("place", item.place),
        ]
        head = f"{verdict.outcome.value}, and {item.claim.expect.value} was expected"
        super().__init__("\n".join([head, *(f"  {name:10} {text}" for name, text in lines if text)]))
