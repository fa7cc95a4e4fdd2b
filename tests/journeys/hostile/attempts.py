"""What is sent, what it is answered with, and what must be true of every such answer."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.kernel import edge_errors
from shared.kernel.errors import CATALOGUE
from shared.users.errors import NotSignedIn

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
MARK = "zqhostile7"
"""Stands in every value that is sent; no answer repeats it."""
EXECUTED = "executed"
"""Instead of a code: it was carried out, whatever the fields then said."""
GATEWAY = "gateway"
"""Instead of a code: it never reached the platform's own code."""
LONGEST_ANSWER = 4_000
"""Of a refusal, in bytes: it does not grow with what it refuses."""

_KNOWN = {edge_errors.BadRequest, NotSignedIn}
"""Loading these modules filled the catalogue."""
_INSIDE = re.compile(
    r"Traceback|File \\?\"|\.py\b|site-packages|/var/|/tmp/|object at 0x|<class|"
    r"graphql[-_ ]core|graphql_api|strawberry|starlette|mangum|pydantic|botocore|pynamodb|boto3|"
    r"dynamodb|cognito|python|RecursionError|ValueError|TypeError|KeyError|Exception",
    re.IGNORECASE,
)
_HINT = re.compile(r"did you mean", re.IGNORECASE)


@dataclass(frozen=True)
class Attempt:
    """A request to one endpoint, and by which code (one of these) it is refused."""

    what: str
    codes: frozenset[str]
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("content-type", JSON), ("accept", GRAPHQL))
    endpoint: str = "session"
    method: str = "POST"
    path: str | None = None
    """Instead of the endpoint's own."""
    media: str = GRAPHQL
    """Of the answer."""


def asked(
    what: str, codes: str, query: str, *, endpoint: str = "session", **members: Any
) -> Attempt:
    """A well-formed body with this document; ``codes`` are separated by blanks."""
    body = json.dumps({"query": query, **members}).encode()
    return Attempt(what, frozenset(codes.split()), body, endpoint=endpoint)


@dataclass
class Judge:
    """Gathers everything that is wrong with answers, so that one run tells of all of them."""

    hints: bool
    """Whether the stage may name what the schema has."""
    complaints: list[str] = field(default_factory=list)

    def judge(self, attempt: Attempt, answer: httpx.Response) -> None:
        """Look at one answer."""
        for complaint in self._wrong(attempt, answer):
            told = f"{answer.status_code} {answer.text[:300]}"
            self.complaints.append(f"{attempt.endpoint} {attempt.what}: {complaint}: {told}")

    def _wrong(self, attempt: Attempt, answer: httpx.Response) -> Iterable[str]:
        text = answer.text
        if answer.status_code >= 500:
            yield "a failure of the platform"
        if _INSIDE.search(text):
            yield "it tells of its inside"
        if not self.hints and _HINT.search(text):
            yield "it hints at names"
        if MARK in text or MARK in str(answer.headers):
            yield "it repeats what was sent"
        if EXECUTED not in attempt.codes and len(answer.content) > LONGEST_ANSWER:
            yield "it is long"
        try:
            content = answer.json() if text or attempt.method != "HEAD" else {}
        except ValueError:
            yield "it is no JSON"
            return
        if "x-correlation-id" not in answer.headers:
            if GATEWAY not in attempt.codes or set(content) - {"message"}:
                yield "it is not from the platform"
            return
        yield from self._wrong_content(attempt, answer, content)

    def _wrong_content(
        self, attempt: Attempt, answer: httpx.Response, content: Mapping[str, Any]
    ) -> Iterable[str]:
        if answer.headers["content-type"] != f"{attempt.media}; charset=utf-8":
            yield f"its type is {answer.headers['content-type']}"
        if answer.headers["cache-control"] != "no-store":
            yield "it may be stored"
        if "data" in content:
            if EXECUTED not in attempt.codes or answer.status_code != 200:
                yield "it was executed"
            return
        if "errors" not in content:
            yield "it is not an answer of GraphQL"
            return
        codes = {error["extensions"]["code"] for error in content["errors"]}
        if not codes <= CATALOGUE.keys():
            yield "the catalogue does not know the code"
        elif not codes or not codes <= attempt.codes:
            yield f"it should be {' or '.join(sorted(attempt.codes))}"
        elif {answer.status_code} != {self._status(attempt, code) for code in codes}:
            yield "the status is another error's"

    def _status(self, attempt: Attempt, code: str) -> int:
        status = CATALOGUE[code].status or 400
        # What was understood as a request of GraphQL is answered with 200 by the older type.
        return 200 if attempt.media == JSON and status == 400 and code != "BAD_REQUEST" else status
