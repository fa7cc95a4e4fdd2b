"""What is inside an archive: our packages, bytecode that counts, and all that is imported."""

import ast
import importlib.metadata
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from infra import bundling, bytecode
from infra.functions import FUNCTIONS
from infra.model import Function
from infra.stages import ROOT
from tests.infra.templates import Synthesised

pytestmark = pytest.mark.infra

OURS = {"functions", "graphql_api", "shared"}


def test_local_archives_hold_our_code_alone(tmp_path: Path) -> None:
    assert bundling._Bundle(None).try_bundle(str(tmp_path)) is True
    assert {each.name for each in tmp_path.iterdir()} == OURS
    assert (tmp_path / "graphql_api" / "settings.py").exists()
    assert (tmp_path / "graphql_api" / "persisted.json").exists()
    assert list(tmp_path.glob("*.dist-info")) == []


def test_every_module_of_ours_comes_compiled(tmp_path: Path) -> None:
    bundling._Bundle(None).try_bundle(str(tmp_path))
    sources = {each.with_suffix("").name for each in tmp_path.rglob("*.py")}
    compiled = {each.name.split(".")[0] for each in tmp_path.rglob("*.pyc")}
    assert compiled == sources


def test_functions_share_one_archive_where_nothing_is_bundled(local: Synthesised) -> None:
    archives = {each["Code"]["S3Key"] for each in local.of_type("AWS::Lambda::Function").values()}
    assert len(archives) == 1


def test_an_archive_is_made_anew_for_other_packages_and_not_for_the_same() -> None:
    names = {bundling._hash_of(groups) for groups in ((), ("broker",), ("broker",), ("gateways",))}
    assert len(names) == 3


def test_dependencies_come_from_the_lock_with_hashes_for_the_functions_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def uv(*arguments: str) -> str:
        asked.append(arguments)
        return "httpx==0.28.1\n"

    monkeypatch.setattr(bundling, "_uv", uv)
    bundling.install_dependencies(("gateways", "broker"), tmp_path)
    export, install = asked
    assert export[:2] == ("export", "--frozen")
    assert [export[at + 1] for at, each in enumerate(export) if each == "--group"] == [
        "gateways",
        "broker",
    ]
    assert {"--no-default-groups", "--no-emit-project"} <= set(export)
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(install)
    assert install[install.index("--python-platform") + 1] == "aarch64-manylinux_2_28"
    assert install[install.index("--python-version") + 1] == "3.13"
    assert list(tmp_path.iterdir()) == []


def test_bytecode_is_used_whatever_date_the_archive_gives_its_files(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("VALUE = 1\n")
    bundling.compile_bytecode(tmp_path)
    (compiled,) = tmp_path.rglob("*.pyc")
    hash_based_and_unchecked = 0b01
    assert int.from_bytes(compiled.read_bytes()[4:8], "little") == hash_based_and_unchecked
    assert b"/var/task/module.py" in compiled.read_bytes()


def test_a_module_is_compiled_once_for_all_archives_that_hold_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bytecode, "KEPT", tmp_path / "kept")
    compiled: list[str] = []

    def run(*command: str) -> str:
        listed = Path(command[-1])
        compiled.extend(
            sorted(each.name for each in listed.rglob("*.py"))
            if listed.is_dir()
            else [Path(line).name for line in listed.read_text().splitlines()]
        )
        return bundling._run(*command)

    first, second = tmp_path / "first", tmp_path / "second"
    for archive, names in ((first, ("a", "b", "c")), (second, ("a", "b", "c", "d"))):
        (archive / "package").mkdir(parents=True)
        for name in names:
            (archive / "package" / f"{name}.py").write_text(f"NAME = {name!r}\n")
    bytecode.compile_into(first, "package", run)
    assert compiled == ["a.py", "b.py", "c.py"]
    (second / "package" / "c.py").write_text("NAME = 'other'\n")
    compiled.clear()
    bytecode.compile_into(second, "package", run)
    assert compiled == ["c.py", "d.py"]
    made = {each.name: each.read_bytes() for each in second.rglob("*.pyc")}
    assert len(made) == 4
    whole = tmp_path / "whole"
    shutil.copytree(second, whole, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(bytecode, "KEPT", tmp_path / "empty")
    bytecode.compile_into(whole, "package", run)
    assert {each.name: each.read_bytes() for each in whole.rglob("*.pyc")} == made


def test_too_much_kept_bytecode_is_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bytecode, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(bytecode, "KEPT_MAX", 1)
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.py").write_text("")
    bundling.compile_bytecode(tmp_path)
    assert sum(each.is_file() for each in (tmp_path / "kept").rglob("*")) == 3
    bundling.compile_bytecode(tmp_path)
    assert sum(each.is_file() for each in (tmp_path / "kept").rglob("*")) == 3


def test_a_module_that_does_not_compile_stops_the_bundling(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("def broken(:\n")
    with pytest.raises(bundling.BundlingFailed, match="SyntaxError"):
        bundling.compile_bytecode(tmp_path)


def test_another_python_cannot_make_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundling, "PYTHON", (3, 12))
    with pytest.raises(bundling.BundlingFailed, match=r"needs Python 3\.12"):
        bundling.compile_bytecode(tmp_path)


def test_a_failing_command_says_why() -> None:
    with pytest.raises(bundling.BundlingFailed, match="no such thing"):
        bundling._run(sys.executable, "-c", "raise SystemExit('no such thing')")


def test_an_archive_holds_nothing_that_no_function_imports(tmp_path: Path) -> None:
    for name in (
        "bin/tool",
        "package/tests/test_it.py",
        "package/code.py",
        "package-1.dist-info/RECORD",
        "package-1.dist-info/METADATA",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    bundling.strip(tmp_path)
    left = {str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*") if each.is_file()}
    assert left == {"package/code.py", "package-1.dist-info/METADATA"}


def test_synthesis_needs_no_network(
    synthesise: Callable[..., Synthesised], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*arguments: str) -> str:
        raise AssertionError(f"uv {arguments[0]} was called")

    monkeypatch.setattr(bundling, "_uv", refused)
    assert synthesise("dev").templates != {}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)
def test_an_archive_holds_every_package_that_its_function_may_import(function: Function) -> None:
    assert undeclared(function) == set()


@pytest.mark.parametrize(
    "function", [each for each in FUNCTIONS if each.groups], ids=lambda each: each.name
)
def test_a_function_without_its_groups_would_miss_a_package(function: Function) -> None:
    assert undeclared(replace(function, groups=())) != set()


def undeclared(function: Function) -> set[str]:
    """What a function may import and its archive lacks."""
    provided = locked_packages(function.groups)
    return {
        f"{module} imports {name}"
        for module, name in foreign_imports(function.handler.rsplit(".", 1)[0])
        if not distributions().get(name, set()) & provided
    }


def source_of(module: str) -> Path | None:
    """The file of one of our modules; None when it is an attribute of a module."""
    path = (
        ROOT / ("graphql/" if module.startswith("graphql_api") else "") / module.replace(".", "/")
    )
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.exists():
            return file
    return None


def imported_by(file: Path) -> Iterator[str]:
    """Every name that a file imports, also late, but not what only a type checker reads."""
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def foreign_imports(entry: str) -> set[tuple[str, str]]:
    """Pairs of one of our modules that ``entry`` reaches, and a foreign package it imports."""
    found, seen, waiting = set(), set(), [entry]
    while waiting:
        module = waiting.pop()
        file = source_of(module)
        if file is None or module in seen:
            continue
        seen.add(module)
        for name in imported_by(file):
            top = name.split(".")[0]
            if top in OURS:
                parts = name.split(".")
                waiting += [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
            elif top not in sys.stdlib_module_names:
                found.add((module, top))
    return found


@cache
def distributions() -> dict[str, set[str]]:
    return {
        name: {canonical(each) for each in found}
        for name, found in importlib.metadata.packages_distributions().items()
    }


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_packages(groups: tuple[str, ...]) -> set[str]:
    """Names of all packages that the lock gives to the base and these groups."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    packages = {each["name"]: each for each in lock["package"]}
    project = packages["baobab"]
    waiting = [each["name"] for each in project["dependencies"]]
    for group in groups:
        waiting += [each["name"] for each in project["dev-dependencies"][group]]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [each["name"] for each in packages[name].get("dependencies", [])]
    return found
