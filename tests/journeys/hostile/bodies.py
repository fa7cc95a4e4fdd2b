"""Bodies that are no JSON, not one object, not UTF-8, too large, or twisted in a member."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace

from graphql_api.limits import NESTING_MAX, Limits
from tests.journeys.hostile.attempts import EXECUTED, JSON, MARK, Attempt

MAX = Limits().body_bytes
GOOD = b'{"query":"{__typename}"}'
BAD = "BAD_REQUEST"


def sent(what: str, codes: str, body: bytes, **more: str) -> Attempt:
    """As JSON in UTF-8, with other header fields."""
    usual = Attempt(what, frozenset(codes.split()), body)
    added = tuple((name.replace("_", "-"), value) for name, value in more.items())
    return replace(usual, headers=usual.headers + added)


def members(what: str, codes: str, text: str) -> Attempt:
    """A question with more members."""
    return sent(what, codes, f'{{"query":"{{__typename}}",{text}}}'.encode())


def sized(size: int) -> bytes:
    """A good body of exactly so many bytes."""
    return GOOD[:-1] + b" " * (size - len(GOOD)) + b"}"


def encodings() -> Iterator[Attempt]:
    """Bytes that another reader might take for something else."""
    for what, body in (
        ("nothing", b""),
        ("one blank", b" "),
        ("a NUL", b"\0"),
        ("a byte that UTF-8 never has", b'{"query":"{__typename}\xff"}'),
        ("half a letter in UTF-8", b'{"query":"{__typename}\xc3"}'),
        ("an overlong slash", b'{"query":"{__typename}\xc0\xaf"}'),
        ("a surrogate in UTF-8", b'{"query":"{__typename}\xed\xa0\x80"}'),
        ("a letter beyond all", b'{"query":"{__typename}\xf5\x80\x80\x80"}'),
        ("a byte order mark", b"\xef\xbb\xbf" + GOOD),
        ("UTF-16", GOOD.decode().encode("utf-16")),
        ("UTF-16 without a mark", GOOD.decode().encode("utf-16-le")),
        ("UTF-32", GOOD.decode().encode("utf-32")),
        ("UTF-7", b"+AHs-"),
        ("gzip that does not say so", gzip.compress(GOOD)),
        ("bytes of nothing", bytes(range(256)) * 8),
    ):
        # A gateway that reads text may have put replacement characters in the bytes' place.
        yield sent(what, f"{BAD} GRAPHQL_PARSE_FAILED", body)
    for coding in ("gzip", "br", "deflate", "identity, gzip", "zstd", MARK):
        told = f"content coding {coding[:8]}"
        yield sent(told, "UNSUPPORTED_MEDIA_TYPE", gzip.compress(GOOD), content_encoding=coding)
    bomb = gzip.compress(b" " * 20_000_000)
    yield sent("a bomb of gzip", "UNSUPPORTED_MEDIA_TYPE", bomb, content_encoding="gzip")


def json_texts() -> Iterator[Attempt]:
    """Texts that are no JSON, or JSON of which two readers see different things."""
    for what, text in (
        ("null", "null"),
        ("true", "true"),
        ("a number", "1"),
        ("a text", f'"{MARK}"'),
        ("a list", "[]"),
        ("a batch", "[" + GOOD.decode() + "]"),
        ("an empty object", "{}"),
        ("an object and more", GOOD.decode() + "{}"),
        ("a comma too many", '{"query":"{__typename}",}'),
        ("single quotes", "{'query':'{__typename}'}"),
        ("a comment", '{"query":"{__typename}"/**/}'),
        ("a name twice", '{"query":"{__typename}","query":"{__typename}"}'),
        ("a name twice, once by escape", '{"query":"{__typename}","qu\\u0065ry":"{__typename}"}'),
        ("a name twice inside", '{"query":"{__typename}","variables":{"a":1,"a":2}}'),
        ("half a letter", '{"query":"{__typename}","a":"\\ud800"}'),
        ("half a letter in a name", '{"query":"{__typename}","\\udfff":1}'),
        ("two halves the wrong way", '{"query":"{__typename}","a":"\\udc00\\ud800"}'),
        ("a raw line break", '{"query":"{__typename}","a":"\n"}'),
        ("a raw NUL", '{"query":"{__typename}","a":"\0"}'),
        ("an open text", '{"query":"{__typename}'),
        ("100,000 open lists", "[" * 60_000),
        ("60,000 open objects", '{"a":' * 12_000),
        ("closed lists, 30,000 deep", "[" * 30_000 + "]" * 30_000),
    ):
        yield sent(what, BAD, text.encode("utf-8", "surrogatepass"))
    for value in ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 10_000, "01", "+1",
                  ".5", "1.", "0x10", "1_000", "[" * 9_000 + "]" * 9_000,
                  '{"a":' * 5_000 + "1" + "}" * 5_000, "'a'", "undefined"):  # fmt: skip
        yield members(f"a value such as {value[:12]}", BAD, f'"variables":{{"a":{value}}}')
    deep = "[" * NESTING_MAX + "]" * NESTING_MAX
    yield members("variables that are too deep", BAD, f'"variables":{{"a":{deep}}}')
    yield members("variables as deep as may be", EXECUTED, f'"variables":{{"a":{deep[1:-1]}}}')
    yield members("a number of 4,000 digits", EXECUTED, '"variables":{"a":' + "9" * 4_000 + "}")
    yield members("a fraction of 10,000", EXECUTED, '"variables":{"a":0.' + "1" * 10_000 + "}")
    yield members("a very small number", EXECUTED, '"variables":{"a":1e-400}')
    yield members("a letter by its halves", EXECUTED, '"variables":{"a":"\\ud83d\\ude00"}')


def wrong_members() -> Iterator[Attempt]:
    """Members with the wrong type, missing, or that do not go together."""
    for value in ("null", "1", "true", "[]", "{}", '""', '" "', '"\\n"', '["{__typename}"]'):
        yield sent(f"query is {value}", BAD, f'{{"query":{value}}}'.encode())
    for name, values in (
        ("variables", ('"{}"', "[]", "1", "true", '[{"a":1}]')),
        ("operationName", ("1", "[]", "{}", "true")),
        ("extensions", ("1", "[]", '"a"', "true")),
        ("documentId", ("1", "[]", "{}", "true")),
    ):
        for value in values:
            yield members(f"{name} is {value}", BAD, f'"{name}":{value}')
    for name in ("variables", "operationName", "extensions"):
        yield members(f"{name} is null", EXECUTED, f'"{name}":null')
    yield members("members that nobody knows", EXECUTED, f'"id":"{MARK}","__proto__":{{"a":1}}')


def persisted(own: str, foreign: str) -> Iterator[Attempt]:
    """Ids of persisted operations: unknown, malformed, of the other schema, with another document.

    ``own`` and ``foreign`` are ids in the list, of this endpoint's schema and of the other.
    """
    nobody = "sha256:" + "0" * 64
    unknown = "PERSISTED_QUERY_NOT_FOUND"
    for what, code, content in (
        ("an unknown id", unknown, {"documentId": nobody}),
        ("an unknown name", unknown, {"documentId": MARK}),
        ("the other schema's id", unknown, {"documentId": foreign}),
        ("the other schema's name", unknown, {"documentId": "SetRole"}),
        ("a name of Python", unknown, {"documentId": "__class__"}),
        ("an id in capitals", BAD, {"documentId": own.upper()}),
        ("an id without its method", BAD, {"documentId": own.removeprefix("sha256:")}),
        ("an id of another method", BAD, {"documentId": own.replace("sha256", "md5")}),
        ("an id that is too short", BAD, {"documentId": own[:-1]}),
        ("an id and more", BAD, {"documentId": own + "\n"}),
        ("a path", BAD, {"documentId": "../persisted.json"}),
        ("an empty id", BAD, {"documentId": ""}),
        ("a huge id", BAD, {"documentId": "a" * 60_000}),
        ("digits of another script", BAD, {"documentId": "sha256:" + "\u0661" * 64}),
        ("an id and a document", BAD, {"documentId": own, "query": "{__typename}"}),
        ("an id and a hash", BAD,
         {"documentId": own, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}}),
        ("a hash of another document", BAD, hashed("0" * 64) | {"query": "{__typename}"}),
        ("a persisted hash with another document", BAD,
         hashed(own.removeprefix("sha256:")) | {"query": "{__typename}"}),
        ("a hash of nothing", unknown, hashed("0" * 64)),
        ("a hash in capitals", BAD, hashed("A" * 64)),
        ("a hash that is a number", BAD, hashed(1)),
        ("a hash of version 2", BAD, hashed("0" * 64, 2)),
        ("a hash of version true", f"{BAD} {unknown}", hashed("0" * 64, True)),
        ("a hash that is a text", BAD, {"extensions": {"persistedQuery": MARK}}),
        ("another operation's name", "OPERATION_RESOLUTION_FAILURE",
         {"documentId": own, "operationName": MARK}),
    ):  # fmt: skip
        yield sent(what, code, json.dumps(content).encode())


def hashed(digest: object, version: object = 1) -> dict[str, object]:
    """As several clients send it."""
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": digest}}}


def sizes() -> Iterator[Attempt]:
    """Around 64 KiB, and far beyond."""
    yield sent("one byte less than may be", EXECUTED, sized(MAX - 1))
    yield sent("as large as may be", EXECUTED, sized(MAX))
    yield sent("one byte too many", "BODY_TOO_LARGE", sized(MAX + 1))
    yield sent("a megabyte", "BODY_TOO_LARGE", sized(1024 * 1024))
    yield sent("ten megabytes", "BODY_TOO_LARGE gateway", sized(10 * 1024 * 1024))
    many = ",".join(f'"m{number}":{number}' for number in range(5_000))
    yield members("5,000 members", EXECUTED, many)
    yield members("a name of 60,000 letters", EXECUTED, f'"{"n" * 60_000}":1')
    wide = "[" + ",".join(["[]"] * 15_000) + "]"
    yield members("15,000 lists", EXECUTED, f'"variables":{{"a":{wide}}}')


def content_types() -> Iterator[Attempt]:
    """What the body says of itself."""
    for value in ("", "text/plain", "text/json", "application/graphql", "application/xml",
                  "application/x-www-form-urlencoded", "multipart/form-data; boundary=a",
                  "application/json; charset=utf-16", "application/json; charset=latin1",
                  "application/json;charset=utf-8;charset=utf-8", "application/json, text/plain",
                  "application/json; charset=\"utf-8", "application/json;" + "a=b;" * 400,
                  "application/jsonx", "application", "*/*", "json", MARK):  # fmt: skip
        headers = (("content-type", value), ("accept", "application/graphql-response+json"))
        told = f"content type {value[:40]}"
        yield replace(sent(told, "UNSUPPORTED_MEDIA_TYPE", GOOD), headers=headers)
    for value in (JSON, "APPLICATION/JSON", "application/json; charset=utf-8",
                  'application/json;charset="UTF-8"', "application/json; a=b",
                  "application/json ; charset=utf8 ;"):  # fmt: skip
        headers = (("content-type", value), ("accept", "application/graphql-response+json"))
        yield replace(sent(f"content type {value}", EXECUTED, GOOD), headers=headers)
