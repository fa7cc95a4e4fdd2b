"""What clients rely on: the committed schemas, the sources of operations and the persisted list."""

import re
import shutil
from pathlib import Path

import pytest

from graphql_api import breaking, export, operations
from graphql_api.compatibility import broken_changes, lacking, schema_changes
from graphql_api.persisted import FILE, PersistedOperation, SchemaName, id_of, read

SCHEMA = "type Query { a(x: Int): String! b: Int } enum E { ONE TWO } input I { x: Int }"


def _with(place: str, replacement: str) -> str:
    assert place in SCHEMA
    return SCHEMA.replace(place, replacement)


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (_with(" b: Int", ""), "Field Query.b was removed."),
        (_with("b: Int", "b: String"), "Field Query.b changed type from Int to String."),
        (_with("): String!", "): String"), "Field Query.a changed type from String! to String."),
        (_with("x: Int):", "x: Int!):"), "Argument Query.a(x:) has changed type from Int to Int!."),
        (_with("x: Int):", "x: Int, y: Int!):"), "A required argument Query.a(y:) was added."),
        (_with("ONE TWO", "ONE"), "Enum value E.TWO was removed."),
        (_with("{ x: Int }", "{ x: Int, y: Int! }"), "A required field I.y was added."),
    ],
)
def test_what_breaks_clients_is_found(after: str, told: str) -> None:
    (change,) = schema_changes(SCHEMA, after)
    assert change.endswith(f": {told}")


@pytest.mark.parametrize(
    "after",
    [
        SCHEMA,
        _with("b: Int", "b: Int c: Int"),
        _with("x: Int):", "x: Int, y: Int):"),
        _with("ONE TWO", "ONE TWO THREE"),
        _with("b: Int", "b: Int!"),
    ],
)
def test_what_is_only_added_breaks_nobody(after: str) -> None:
    assert schema_changes(SCHEMA, after) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the committed contracts."""
    for name in ("schema.graphql", "session.graphql", FILE):
        shutil.copy(export.FOLDER / name, tmp_path / name)
    shutil.copytree(export.FOLDER / operations.FOLDER, tmp_path / operations.FOLDER)
    return tmp_path


def _source(folder: Path, name: str, text: str) -> Path:
    path = folder / operations.FOLDER / "graphql" / f"{name}.graphql"
    path.write_text(text)
    return path


def test_the_committed_contracts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert breaking.main() == 0, capsys.readouterr().err


def test_every_source_is_in_the_committed_list_at_its_newest() -> None:
    listed = {each.name: each for each in read((export.FOLDER / FILE).read_text())}
    found = operations.sources(export.FOLDER / operations.FOLDER)
    assert len(found) >= 30
    assert {each.name: each for each in found} == {each.name: listed[each.name] for each in found}


def test_a_field_that_goes_is_told_with_every_operation_that_used_it(folder: Path) -> None:
    now = dict(export.texts())
    now["schema.graphql"], gone = re.subn("  drift: .*\n", "  other: Int\n", now["schema.graphql"])
    assert gone == 1
    told = broken_changes(folder, now)
    assert any("Portfolio.drift was removed" in each for each in told)
    for kind in ("operation", "persisted"):
        assert any(each.startswith(f"{kind} graphql/PortfolioScreen") for each in told)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert export.write(folder, now, allow_breaking=False) == told
    assert {path: path.read_bytes() for path in before} == before


def test_an_operation_that_is_not_valid_or_not_of_its_name_is_told(folder: Path) -> None:
    _source(folder, "A", "query A { nothing }")
    _source(folder, "B", "query A { __typename }")
    _source(folder, "C", "query C { __typename } query D { __typename }")
    _source(folder, "D", "query D {")
    told = broken_changes(folder, export.texts())
    assert [each.split(":")[0] for each in told] == [f"operation graphql/{n}" for n in "ABCD"]


def test_a_new_operation_goes_to_the_end_and_nothing_else_moves(folder: Path) -> None:
    before = read((folder / FILE).read_text())
    _source(folder, "Added", "query Added { __typename }\n")
    assert lacking(folder) != []
    assert export.write(folder, export.texts(), allow_breaking=False) == []
    after = read((folder / FILE).read_text())
    assert after[:-1] == before
    assert (after[-1].name, after[-1].document) == ("Added", "query Added { __typename }\n")
    assert lacking(folder) == []
    assert (folder / "schema.graphql").read_text() == export.texts()["schema.graphql"]


def test_a_changed_operation_keeps_its_old_id_until_breaking_is_allowed(folder: Path) -> None:
    first = "query Changed { __typename }\n"
    _source(folder, "Changed", first)
    export.write(folder, export.texts(), allow_breaking=False)
    _source(folder, "Changed", "query Changed { now: __typename }\n")
    export.write(folder, export.texts(), allow_breaking=False)
    assert [e.document for e in read((folder / FILE).read_text()) if e.name == "Changed"] == [
        first,
        "query Changed { now: __typename }\n",
    ]
    export.write(folder, export.texts(), allow_breaking=True)
    assert [e.document for e in read((folder / FILE).read_text()) if e.name == "Changed"] == [
        "query Changed { now: __typename }\n"
    ]


def test_a_document_that_comes_back_is_the_newest_again() -> None:
    def made(document: str) -> PersistedOperation:
        return PersistedOperation("A", id_of(document), SchemaName.GRAPHQL, document)

    one, two = made("query A { a: __typename }"), made("query A { b: __typename }")
    assert operations.appended([one, two], [one]) == (two, one)
    assert operations.appended([two, one], [one]) == (two, one)


def test_an_export_with_unknown_words_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert export.main(["--force"]) == 2
    assert "usage" in capsys.readouterr().err
