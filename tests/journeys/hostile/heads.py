"""Heads of requests: methods, paths, what is accepted, fields twice, huge or spoofed, cookies."""

import base64
from collections.abc import Iterator
from dataclasses import replace

from tests.journeys.hostile.attempts import EXECUTED, GATEWAY, GRAPHQL, JSON, MARK, Attempt

GOOD = b'{"query":"{__typename}"}'
PAGE = "http://127.0.0.1:5173"
"""The app of the local stage."""
EITHER = frozenset({EXECUTED, GATEWAY, "BAD_REQUEST", "UNSUPPORTED_MEDIA_TYPE", "NOT_FOUND"})


def head(what: str, codes: str, *fields: tuple[str, str], **more: str) -> Attempt:
    """A good question with these header fields beside the usual ones."""
    usual = (("content-type", JSON), ("accept", GRAPHQL))
    named = {name.lower() for name, _ in fields}
    kept = tuple(each for each in usual if each[0] not in named)
    return Attempt(what, frozenset(codes.split()), GOOD, headers=(*kept, *fields), **more)


def methods() -> Iterator[Attempt]:
    """Nothing but POST is answered with data, where the stage does not take queries in URLs."""
    for endpoint in ("session", "graphql"):
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY",
                       "PROPFIND", MARK.upper()):  # fmt: skip
            attempt = head(f"the method {method}", f"{GATEWAY} METHOD_NOT_ALLOWED", method=method)
            yield replace(attempt, endpoint=endpoint)


def paths() -> Iterator[Attempt]:
    """Two paths, each in one spelling."""
    for endpoint in ("session", "graphql"):
        for path in (
            f"//{endpoint}", f"/{endpoint}/", f"/{endpoint}//", f"/./{endpoint}/",
            f"/{endpoint}%00", f"/{endpoint}%0d%0aa:b", f"/{endpoint};a=b", f"/{endpoint}.json",
            f"/{endpoint.upper()}", f"/{endpoint}%2f", f"/%2e/{endpoint}", f"/%2e%2e/{endpoint}",
            f"/{endpoint}/{MARK}", "/", "/graphiql", "/playground",
            "/.env", "/.git/config", "/%ff", "/" + "a" * 4_000,
        ):  # fmt: skip
            attempt = head(f"the path {path[:30]}", f"{GATEWAY} NOT_FOUND", path=path)
            yield replace(attempt, endpoint=endpoint, headers=(
                *attempt.headers, ("authorization", "Bearer none")))  # fmt: skip


def accepts() -> Iterator[Attempt]:
    """Every wish for a media type gets that type, or is told that there is none."""
    for value, media in (
        (GRAPHQL, GRAPHQL), (JSON, JSON), ("*/*", JSON), ("application/*", JSON), ("", GRAPHQL),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.1", JSON), (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL), (f"text/html, {JSON};q=0.2", JSON),
        ("APPLICATION/JSON", JSON), (f"{JSON};charset=latin1", JSON), (f",,,{JSON},", JSON),
        ("a/b;" * 5 + ", " + JSON, JSON), (f"{JSON};q=1;q=0", JSON),
    ):  # fmt: skip
        told = f"accepting {value[:40]}"
        yield replace(head(told, EXECUTED, ("accept", value)), media=media)
        refused = replace(head(told, "GRAPHQL_PARSE_FAILED", ("accept", value)), media=media)
        yield replace(refused, body=b'{"query":"{"}')
    for value in ("text/html", "image/*", f"{GRAPHQL};q=0, {JSON};q=0", MARK, ";;;", "*/*;q=0",
                  f"{JSON};q=2", f"{JSON};q=-1", f"{JSON};q=NaN", "text/" + "a" * 999):  # fmt: skip
        yield head(f"accepting {value[:40]}", "NOT_ACCEPTABLE", ("accept", value))
    many = ", ".join(f"a/b{number}" for number in range(700))
    yield head("accepting 700 others", "NOT_ACCEPTABLE", ("accept", many))


def places() -> Iterator[Attempt]:
    """Pages of others may not use the cookie; programs without a page may."""
    allowed: list[dict[str, str]] = [
        {},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin"},
        {"origin": PAGE},
        {"origin": PAGE, "sec-fetch-site": "same-site"},
        {"origin": PAGE, "sec-fetch-site": "same-origin"},
    ]
    refused: list[dict[str, str]] = [
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": PAGE + ".evil.example"},
        {"origin": PAGE + "@evil.example"},
        {"origin": PAGE + "/"},
        {"origin": PAGE.replace("http", "https")},
        {"origin": PAGE[:-1]},
        {"origin": f"{PAGE}, https://evil.example"},
        {"origin": f"https://evil.example {PAGE}"},
        {"origin": PAGE, "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none, cross-site"},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": MARK},
        {"origin": "https://evil.example", "sec-fetch-site": "none"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": "https://evil.example", "x-forwarded-host": "evil.example"},
        {"origin": "https://evil.example", "x-forwarded-proto": "https", "host": "evil.example"},
    ]
    for fields in allowed:
        yield head(f"from {fields}", EXECUTED, *fields.items())
    for fields in refused:
        yield head(f"from {fields}", "FORBIDDEN", *fields.items())


def spoofs() -> Iterator[Attempt]:
    """Fields by which a request pretends to be another one; they change nothing."""
    for name, value in (
        ("x-http-method-override", "GET"), ("x-http-method", "DELETE"),
        ("x-method-override", "PUT"),
        ("x-original-url", "/graphql"), ("x-rewrite-url", "/graphql"), ("x-forwarded-for", MARK),
        ("x-forwarded-for", "127.0.0.1," * 300 + "::1"), ("x-forwarded-host", "evil.example"),
        ("x-forwarded-port", "NaN"), ("x-forwarded-port", "9" * 400),
        ("x-forwarded-proto", "gopher"),
        ("forwarded", "for=\"[::1]\";proto=evil"), ("x-real-ip", "::1"), ("x-viewer-address", MARK),
        ("x-origin-verify", MARK), ("x-amzn-trace-id", f"Root={MARK}"), ("x-correlation-id", MARK),
        ("x-amzn-requestid", MARK), ("x-amz-invocation-type", "Event"), ("x-apollo-tracing", "1"),
        ("user-agent", "() { :; }; echo " + "a" * 3_000), ("user-agent", "${jndi:ldap://a}"),
        ("accept-language", "sw" * 2_000), ("accept-language", "\xff\xfe"), ("expect", "nothing"),
        ("range", "bytes=0-1"), ("if-none-match", "*"), ("upgrade", "h2c"), ("te", "trailers"),
        ("authorization", "Bearer " + "a" * 4_000), ("authorization", "Bearer"),
        ("authorization", "Basic " + "A" * 400), ("authorization", "\xff"),
        ("authorization", "Bearer " + nested_token()), ("x-a", "b" * 7_000),
    ):  # fmt: skip
        told = f"{name}: {value[:24]}"
        yield replace(head(told, EXECUTED, (name, value)), codes=EITHER)
    yield head("the media type twice", "UNSUPPORTED_MEDIA_TYPE", ("content-type", JSON),
               ("Content-Type", "text/plain"))  # fmt: skip
    yield head("the origin twice", "FORBIDDEN", ("origin", PAGE), ("Origin", "null"))
    for number in (50, 90):
        many = [(f"x-field-{each}", MARK) for each in range(number)]
        yield replace(head(f"{number} fields", EXECUTED, *many), codes=EITHER)


def nested_token() -> str:
    """What nobody signed, with claims that are nested as deep as a field's size lets them be."""
    claims = base64.urlsafe_b64encode(b"[" * 5_000).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{claims}.AAAA"


def cookies() -> Iterator[Attempt]:
    """Cookies that are none, or none of ours: nobody is signed in by them, nothing fails."""
    refresh = b'{"query":"mutation { refreshSession { ... on UserError { code } } }"}'
    family, secret = "A" * 22, "A" * 43
    for value in (
        "", "=", ";" * 2_000, "baobab", "baobab=", "baobab=.", f"baobab={family}",
        f"baobab={family}.{secret}", f"baobab={family}.{secret}.{secret}",
        f"baobab={family}.{'A' * 42}", f"baobab={family}.{'=' * 43}", "baobab=" + "A" * 6_000,
        f'baobab="{family}.{secret}"', 'baobab="\\', "baobab=" + "\\" * 2_000,
        'baobab="' + "\\0" * 1_500, "baobab=\xe4\xf6\xfc", "baobab=%00", "baobab=../../x",
        "baobab=1;" * 300, "; ".join(f"c{number}={MARK}" for number in range(300)),
        f"baobab=1; baobab={family}.{secret}", f"__Host-baobab={family}.{secret}",
        f"baobab-device={'A' * 2_000}", "baobab-device=" + "A" * 17, "baobab-sign-up=" + "A" * 90,
        "baobab-device=\xff", "$Version=1; baobab=1; $Path=/", "baobab=1, baobab=2",
    ):  # fmt: skip
        told = f"the cookie {value[:30]}"
        yield replace(head(told, EXECUTED, ("cookie", value)), body=refresh)
