"""Operations by id: found by hash or name, prepared once, and all that some stages take."""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graphql_api.adapter import LambdaAdapter
from graphql_api.application import Application
from graphql_api.asgi import Service
from graphql_api.documents import KEPT, Documents
from graphql_api.limits import Limits
from graphql_api.persisted import (
    PersistedOperation,
    PersistedOperations,
    SchemaName,
    id_of,
    read,
    shipped,
)
from graphql_api.schema import graphql_schema
from shared.kernel.edge_errors import PersistedQueryNotFound
from tests.graphql_api.conftest import SETTINGS, Client

KYC = next(each for each in shipped() if each.name == "Kyc")
DIGEST = KYC.id.removeprefix("sha256:")
BY_ID: dict[str, dict[str, Any]] = {
    "hash": {"documentId": KYC.id},
    "name": {"documentId": "Kyc"},
    "extension": {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}},
}


def _send(client: Any, body: dict[str, Any], path: str = "/graphql") -> Any:
    return client.send(path, json.dumps(body))


@pytest.fixture
def public(app: Application) -> Iterator[Client]:
    """A client of a stage that takes persisted operations only."""
    settings = SETTINGS.model_copy(update={"persisted_only": True})
    api = LambdaAdapter(Service(Application(settings, app._outside)))
    yield Client(api)
    api.close()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each time a document is parsed, counted or validated, by us or by the library."""
    import strawberry.schema.schema as library

    from graphql_api import documents

    noted: list[str] = []

    def note(module: Any, name: str) -> None:
        original = getattr(module, name)

        def noting(*args: Any, **kwargs: Any) -> Any:
            noted.append(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, noting)

    for name in ("parse", "count", "validate"):
        note(documents, name)
    for name in ("parse", "validate_document"):
        note(library, name)
    return noted


@pytest.mark.parametrize("body", BY_ID.values(), ids=BY_ID.keys())
def test_an_operation_is_executed_by_its_id(amina: Any, body: dict[str, Any]) -> None:
    data = _send(amina, body).data
    assert data["viewer"]["kycCase"]["status"] == "NOT_STARTED"
    assert data == amina.graphql(KYC.document).data


def test_a_persisted_operation_is_prepared_once_and_by_whatever_id(
    amina: Any, work: list[str]
) -> None:
    assert _send(amina, BY_ID["name"]).status == 200
    assert work == ["parse", "count", "validate"]
    work.clear()
    for body in BY_ID.values():
        assert _send(amina, body).status == 200
    assert work == []


def test_a_document_of_a_client_is_prepared_once_too(amina: Any, work: list[str]) -> None:
    query = "query($n: Int!) { viewer { orders(first: $n) { nodes { orderId } } } }"
    for n in (1, 2, 3):
        assert amina.graphql(query, {"n": n}).status == 200
    assert work == ["parse", "count", "validate"]


def test_documents_that_are_refused_are_not_kept(amina: Any, work: list[str]) -> None:
    for _ in range(2):
        assert amina.graphql("{ nothing }").status == 400
    assert work == ["parse", "count", "validate"] * 2


def _prepared(noted: list[str]) -> Documents:
    schema = graphql_schema(introspection=False)._schema

    class Noting(Documents):
        def prepare(self, text: str) -> Any:
            noted.append(text)
            return super().prepare(text)

    return Noting(schema, Limits(), introspection=False)


def test_whatever_else_clients_send_persisted_operations_stay() -> None:
    noted: list[str] = []
    documents = _prepared(noted)
    persisted = PersistedOperations([KYC], SchemaName.GRAPHQL, documents)
    persisted.get("Kyc")
    for number in range(KEPT + 1):
        documents.get(f"{{ a{number}: __typename }}")
    noted.clear()
    persisted.get(KYC.id)
    documents.get(f"{{ a{KEPT}: __typename }}")
    assert noted == []
    documents.get("{ a0: __typename }")
    assert noted == ["{ a0: __typename }"]


@pytest.mark.parametrize("unknown", ["Nothing", "sha256:" + "0" * 64, "kyc"])
def test_an_id_that_nobody_published_is_not_found(amina: Any, unknown: str) -> None:
    answer = _send(amina, {"documentId": unknown})
    assert (answer.status, answer.codes) == (400, ["PERSISTED_QUERY_NOT_FOUND"])


def test_an_operation_of_one_endpoint_is_none_of_the_other(
    amina: Any, browser: Callable[[], Any]
) -> None:
    for path, name in (("/graphql", "SignOut"), ("/session", "Kyc")):
        assert _send(amina, {"documentId": name}, path).codes == ["PERSISTED_QUERY_NOT_FOUND"]
    assert _send(browser(), {"documentId": "SignOut"}, "/session").data["signOut"]


def test_a_persisted_operation_opens_nothing_by_itself(browser: Callable[[], Any]) -> None:
    answer = _send(browser(), BY_ID["hash"])
    assert (answer.status, answer.codes) == (401, ["NOT_SIGNED_IN"])


def test_a_hash_beside_its_document_is_checked_and_nothing_is_registered(amina: Any) -> None:
    query = "{ marketStatus { known } }"
    digest = hashlib.sha256(query.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    alone = {"extensions": extensions}
    assert _send(amina, alone).codes == ["PERSISTED_QUERY_NOT_FOUND"]
    assert _send(amina, alone | {"query": query}).status == 200
    assert _send(amina, alone | {"query": f"{query} "}).codes == ["BAD_REQUEST"]
    assert _send(amina, alone).codes == ["PERSISTED_QUERY_NOT_FOUND"]


def test_a_public_stage_takes_persisted_operations_only(
    public: Client, amina: Any, work: list[str]
) -> None:
    public.token = amina.token
    answer = public.graphql("{ viewer { nextSteps } }")
    assert (answer.status, answer.codes) == (400, ["PERSISTED_QUERY_REQUIRED"])
    assert work == []
    for body in (*BY_ID.values(), {"query": KYC.document}):
        assert _send(public, body).data["viewer"]["kycCase"]
    assert public.session("{ __typename }").codes == ["PERSISTED_QUERY_REQUIRED"]


def test_the_variables_and_the_operation_name_go_with_an_id(amina: Any) -> None:
    body = {"documentId": "Deposit", "variables": {"depositId": "x"}}
    assert _send(amina, body).codes == ["BAD_USER_INPUT"]
    good = {"depositId": "dep_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"}
    assert _send(amina, body | {"variables": good}).data == {"viewer": {"deposit": None}}
    assert _send(amina, BY_ID["name"] | {"operationName": "Kyc"}).status == 200
    other = _send(amina, BY_ID["name"] | {"operationName": "Other"})
    assert other.codes == ["OPERATION_RESOLUTION_FAILURE"]


def _operation(document: str, name: str = "A") -> PersistedOperation:
    return PersistedOperation(name, id_of(document), SchemaName.GRAPHQL, document)


def test_a_name_means_its_newest_document_and_old_ids_stay() -> None:
    old, new = _operation("query A { __typename }"), _operation("query A { a: __typename }")
    persisted = PersistedOperations([old, new], SchemaName.GRAPHQL, _prepared([]))
    assert persisted.get("A") is persisted.get(new.id)
    assert persisted.get(old.id) is not persisted.get(new.id)
    with pytest.raises(PersistedQueryNotFound):
        persisted.get("B")


def test_a_list_that_was_tampered_with_is_not_read() -> None:
    entry = _operation("query A { __typename }").as_json()
    for entries in ([entry | {"document": "query A { x }"}], [entry, entry]):
        with pytest.raises(ValueError, match="id"):
            read(json.dumps({"operations": entries}))
