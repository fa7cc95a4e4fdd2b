"""House rules that a machine can check."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("app.py", "benchmarks", "functions", "graphql", "infra", "sandbox", "shared", "tools")
LONGEST_FILE = 300
LONGEST_FUNCTION = 50
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common"}
ELSEWHERE = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/|pythonhosted|npmjs\.org")


def tracked(*patterns: str) -> list[Path]:
    """Files under version control."""
    listing = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).exists()]


def sources() -> list[Path]:
    """Python files of the product (tests are measured by their sentences, not their length)."""
    return [path for path in tracked(*CODE) if path.suffix == ".py"]


def functions_of(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions, also nested ones."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def name_of(path: Path) -> str:
    """As a reader would write it."""
    return str(path.relative_to(ROOT))


def test_files_are_small_rooms() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in sources()}
    assert {name: count for name, count in lengths.items() if count > LONGEST_FILE} == {}


def test_functions_fit_on_a_screen() -> None:
    long = {}
    for path in sources():
        for function in functions_of(ast.parse(path.read_text())):
            length = (function.end_lineno or 0) - function.lineno + 1
            if length > LONGEST_FUNCTION:
                long[f"{name_of(path)}:{function.name}"] = length
    assert long == {}


def test_handlers_only_translate() -> None:
    handlers = [path for path in sources() if path.name == "handler.py"]
    assert handlers
    long = {name_of(path): len(path.read_text().splitlines()) for path in handlers}
    assert {name: count for name, count in long.items() if count > 60 + 30} == {}


def test_every_file_says_what_it_is() -> None:
    silent = [
        name_of(path) for path in sources() if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_binary_fraction_comes_near_money() -> None:
    found = []
    for path in tracked("shared"):
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            named = isinstance(node, ast.Name) and node.id == "float"
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if named or literal:
                found.append(f"{name_of(path)}:{getattr(node, 'lineno', 0)}")
    assert found == []


def test_arrays_of_binary_fractions_stay_within_projections() -> None:
    # A forecast is no book entry; everything else that computes with arrays uses whole numbers.
    binary, found = re.compile(r"(float|double|half)\d*"), set()
    for path in tracked("shared"):
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and binary.fullmatch(node.attr):
                found.add(path.parent.name)
    assert found == {"projections"}


def test_no_room_for_odds_and_ends() -> None:
    assert [name_of(path) for path in sources() if {path.stem, path.parent.name} & VAGUE] == []


def test_the_graphql_folder_is_no_package() -> None:
    # graphql-core owns the import name `graphql`; an __init__.py here would shadow it.
    assert not (ROOT / "graphql" / "__init__.py").exists()
    assert [name_of(path) for path in tracked("tests") if path.name == "__init__.py"] == []


def test_the_project_speaks_of_itself_alone() -> None:
    skipped = {"uv.lock", "package-lock.json", Path(__file__).name}
    found = []
    for path in tracked():
        if path.name in skipped or path.suffix in {".png", ".jpg", ".ico", ".woff2"}:
            continue
        if ELSEWHERE.search(path.read_text(errors="ignore")):
            found.append(name_of(path))
    assert found == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX"])
def test_nothing_is_left_for_later_in_the_code(word: str) -> None:
    found = [name_of(path) for path in sources() if re.search(rf"\b{word}\b", path.read_text())]
    assert found == []
