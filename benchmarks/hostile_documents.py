"""Bodies of 64 KiB that nobody sends by accident: by family, each as large as the limit allows."""

import json
from collections.abc import Callable, Iterator

BODY_BYTES = 64 * 1024

type Family = Callable[[], bytes]


def families() -> Iterator[tuple[str, bytes]]:
    """Names and bodies, none longer than the limit."""
    small = {name: (lambda text=text: _body(text)) for name, text in SMALL.items()}
    full = {f"{name}, filled up": (lambda t=t: _padded(t)) for name, t in SMALL.items()}
    for name, make in {**small, **full, **DOCUMENTS, **BODIES}.items():
        body = make()
        if len(body) > BODY_BYTES:
            raise ValueError(f"{name} has {len(body)} bytes")
        yield name, body


def _body(document: str) -> bytes:
    return json.dumps({"query": document}, ensure_ascii=False).encode()


def _grown(head: str, each: Callable[[int], str], tail: str = "") -> bytes:
    """As many repetitions as fit."""
    parts: list[str] = []
    spare = BODY_BYTES - len(_body(head + tail))
    while True:
        part = each(len(parts))
        spare -= len(_body(part)) - len(_body(""))
        if spare < 0:
            return _body(head + "".join(parts) + tail)
        parts.append(part)


def _padded(document: str, filler: str = "#" * 99 + "\n", tail: str = "") -> bytes:
    """One thing as often as it fits."""
    spare = BODY_BYTES - len(_body(document + tail))
    return _body(document + filler * (spare // (len(_body(filler)) - len(_body("")))) + tail)


def _nested(opening: str, core: str, closing: str) -> bytes:
    depth = (BODY_BYTES - 60) // (len(opening) + len(closing))
    return _body("{" + opening * depth + core + closing * depth + "}")


def _few(head: str, each: Callable[[int], str], count: int, tail: str = "") -> str:
    return head + "".join(each(number) for number in range(count)) + tail


SMALL = {
    "chained fragments": _few(
        "{...F0} fragment F29 on Query{marketStatus{known}}",
        lambda n: f"fragment F{n} on Query{{...F{n + 1} ...F{n + 1} ...F{n + 1}}}",
        29,
    ),
    "fragments in a cycle": _few(
        "{...F0}", lambda n: f"fragment F{n} on Query{{...F{(n + 1) % 29} ...F{n}}}", 29
    ),
    "fragments that meet": _few(
        "{" + "".join(f"...F{n} " for n in range(28)) + "}",
        lambda n: f"fragment F{n} on Query{{x{n}:marketStatus{{known isOpen now}}}}",
        28,
    ),
    "one field that meets itself": _few("{", lambda n: "viewer{user{email}}", 20, "}"),
    "fields that meet below": _few(
        "{viewer{", lambda n: f"orders(first:{n + 1}){{nodes{{orderId}}}}", 26, "}}"
    ),
    "unknown fields": _few("{viewer{", lambda n: f"unknown{n} ", 980, "}}"),
    "near misses": _few("{viewer{", lambda n: f"order{n} ", 980, "}}"),
    "unknown types": _few("{viewer{", lambda n: f"...on T{n}{{a}}", 140, "}}"),
    "unknown variables": _few("{viewer{", lambda n: f"order(orderId:$v{n}){{a}}", 90, "}}"),
    "unknown enumerations": _few(
        "{viewer{", lambda n: f"order(orderId:E{n} x{n}:1){{a}}", 75, "}}"
    ),
    "directives": _few("{marketStatus{known", lambda n: "@include(if:true)", 49, "}}"),
    "unknown directives": _few("{marketStatus{known", lambda n: f"@d{n}(a:1)", 49, "}}"),
    "variable definitions": _few("query(", lambda n: f"$v{n}:Int ", 240, "){marketStatus{known}}"),
    "arguments": _few("{viewer(", lambda n: f"b{n}:1 ", 320, "){user{email}}}"),
    "the same argument": _few("{viewer{orders(", lambda n: "first:1 ", 320, "){nodes{orderId}}}}"),
    "members of an object": _few(
        "mutation{createDeposit(input:{", lambda n: f"m{n}:1 ", 320, "}){__typename}}"
    ),
    "huge whole numbers": _few(
        "{viewer{", lambda n: f"o{n}:orders(first:{'9' * 1000}){{nodes{{orderId}}}}", 28, "}}"
    ),
}
"""Within the limits on tokens, so that what comes after parsing is hit."""

DOCUMENTS: dict[str, Family] = {
    "chained fragments, all bytes": lambda: _grown(
        "{...F0}", lambda n: f"fragment F{n} on Query{{...F{n + 1} ...F{n + 1}}}"
    ),
    "unused fragments": lambda: _grown(
        "{marketStatus{known}}", lambda n: f"fragment F{n} on Query{{a}}"
    ),
    "wide aliases": lambda: _grown("{", lambda n: f"a{n}:marketStatus{{known}}", "}"),
    "one field again and again": lambda: _padded("{", "known ", "}"),
    "deep fields": lambda: _nested("a{", "a", "}"),
    "deep inline fragments": lambda: _nested("...{", "a", "}"),
    "deep lists": lambda: _body("{a(b:" + "[" * 32_000 + "]" * 32_000 + ")}"),
    "deep objects": lambda: _body("{a(b:" + "{a:" * 16_000 + "1" + "}" * 16_000 + ")}"),
    "directives on a field": lambda: _padded("{a", "@a", "}"),
    "directives on fields": lambda: _padded("{", "a@skip(if:true)", "}"),
    "operations": lambda: _grown("", lambda n: f"query Q{n}{{a}}"),
    "operations without names": lambda: _padded("", "{a}"),
    "variable definitions, all bytes": lambda: _grown("query(", lambda n: f"$v{n}:Int ", "){a}"),
    "arguments, all bytes": lambda: _grown("{a(", lambda n: f"b{n}:1 ", ")}"),
    "one comment": lambda: _padded("{marketStatus{known}}#", "#"),
    "comments": lambda: _padded("{marketStatus{known}}", "#\n"),
    "empty lines": lambda: _padded("{marketStatus{known}}", "\n"),
    "carriage returns": lambda: _padded("{marketStatus{known}}", "\r"),
    "blanks": lambda: _padded("{marketStatus{known}}", " "),
    "commas": lambda: _padded("{marketStatus{known}}", ","),
    "a block string": lambda: _padded('{a(b:"""', "x", '""")}'),
    "block strings": lambda: _grown("{a(b:[", lambda n: '"""\n  a\n b\n""" ', "])}"),
    "lines of a block string": lambda: _padded('{a(b:"""', " \n", '""")}'),
    "an endless string": lambda: _padded('{a(b:"', "x"),
    "escapes": lambda: _padded('{a(b:"', "\\u0041", '")}'),
    "a huge whole number": lambda: _padded("{viewer{orders(first:", "9", "){a}}}"),
    "a huge fraction": lambda: _padded("{a(b:0.", "9", ")}"),
    "a long name": lambda: _padded("{", "a", "}"),
    "letters that are none": lambda: _padded("{a(b:1)", "ä", "}"),
    "brackets": lambda: _padded("", "{"),
}
"""The document is the weapon."""


def _variables(values: object) -> bytes:
    document = "query($v:Int){viewer{orders(first:$v){nodes{orderId}}}}"
    return json.dumps({"query": document, "variables": {"v": values}}).encode()


BODIES: dict[str, Family] = {
    "variables: many": lambda: json.dumps(
        {"query": "{a}", "variables": {f"v{n}": n for n in range(4_500)}}
    ).encode(),
    "variables: a long list": lambda: _variables([1] * 21_000),
    "variables: a deep list": lambda: _variables(0)[:-2] + b"[" * 32_000 + b"]" * 32_000 + b"}}",
    "variables: many objects": lambda: _variables([{}] * 16_000),
    "variables: a huge number": lambda: _variables(0)[:-2] + b"9" * 65_000 + b"}}",
    "variables: huge numbers": lambda: _variables([10**4_000] * 16),
    "variables: fractions": lambda: _variables([1.5e300] * 6_500),
    "variables: escapes": lambda: _variables("\ud83d\ude00" * 5_000),
    "variables: half letters": lambda: _variables("\ud83d" * 10_900),
    "members without end": lambda: json.dumps(
        {"query": "{a}", **{f"m{n}": 0 for n in range(5_000)}}
    ).encode(),
    "an array": lambda: b"[" + b"1," * 32_000 + b"1]",
    "arrays without end": lambda: b"[" * BODY_BYTES,
    "objects without end": lambda: b'{"a":' * (BODY_BYTES // 5),
    "no UTF-8": lambda: b'{"query":"' + b"\xff" * 65_000 + b'"}',
    "nothing at all": lambda: b" " * BODY_BYTES,
}
"""The JSON around it is; some of these have a document that is refused for a small reason."""
