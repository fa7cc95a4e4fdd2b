"""Operations that are known by id: the list beside this package, each prepared at most once."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from graphql_api.documents import Documents, Prepared
from shared.kernel.edge_errors import PersistedQueryNotFound

FILE = "persisted.json"
_HERE = Path(__file__).resolve().parent
# In the repository the list lies beside the schemas; an archive carries it inside the package.
PLACES = (_HERE / FILE, _HERE.parent / FILE)


class SchemaName(StrEnum):
    """Which schema an operation belongs to: the last part of its endpoint's path."""

    GRAPHQL = "graphql"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class PersistedOperation:
    """A document with one operation; its id is the hash of exactly this text."""

    name: str
    id: str
    schema: SchemaName
    document: str

    def as_json(self) -> dict[str, str]:
        """As the list has it."""
        return {
            "name": self.name,
            "id": self.id,
            "schema": self.schema.value,
            "document": self.document,
        }


def id_of(document: str) -> str:
    """Its SHA-256 over UTF-8, with the prefix that names the method."""
    return f"sha256:{hashlib.sha256(document.encode()).hexdigest()}"


def read(text: str) -> tuple[PersistedOperation, ...]:
    """The list from its JSON, oldest first.

    Raises:
        ValueError: an id is not that of its document, or occurs twice.
    """
    found = tuple(
        PersistedOperation(each["name"], each["id"], SchemaName(each["schema"]), each["document"])
        for each in json.loads(text)["operations"]
    )
    for one in found:
        if one.id != id_of(one.document):
            raise ValueError(f"{one.name}: the id is not that of the document")
    if len({(one.schema, one.id) for one in found}) < len(found):
        raise ValueError("an id occurs twice")
    return found


@cache
def shipped() -> tuple[PersistedOperation, ...]:
    """The list that came with this code."""
    place = next(each for each in PLACES if each.exists())
    return read(place.read_text(encoding="utf-8"))


class PersistedOperations:
    """Those of one schema, found by hash or by name. A name means its newest document."""

    def __init__(
        self, operations: Iterable[PersistedOperation], schema: SchemaName, documents: Documents
    ) -> None:
        self._texts: dict[str, str] = {}
        for each in operations:
            if each.schema is schema:
                self._texts[each.id] = self._texts[each.name] = each.document
        self._documents = documents
        self._ready: dict[str, Prepared] = {}

    @property
    def texts(self) -> Mapping[str, str]:
        """Documents by id and by name."""
        return self._texts

    def get(self, key: str) -> Prepared:
        """Ready to be executed; it is never parsed or validated again in this process.

        Raises:
            PersistedQueryNotFound: this schema has none under this hash or name.
        """
        ready = self._ready.get(key)
        if ready is None:
            text = self._texts.get(key)
            if text is None:
                raise PersistedQueryNotFound()
            same = id_of(text)
            if same not in self._ready:
                self._ready[same] = self._documents.prepare(text)
            ready = self._ready[key] = self._ready[same]
        return ready

    def has(self, document: str) -> bool:
        """Whether exactly this text is one of them."""
        return id_of(document) in self._texts
