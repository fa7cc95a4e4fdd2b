"""Documents that cost more than they look, or that make a parser, a validator or a walk stumble."""

from collections.abc import Iterator

from graphql_api.limits import Limits
from tests.journeys.hostile.attempts import EXECUTED, MARK, Attempt, asked

LIMITS = Limits()
COMPLEX = "DOCUMENT_TOO_COMPLEX"
INVALID = "GRAPHQL_VALIDATION_FAILED"
UNREAD = "GRAPHQL_PARSE_FAILED"
INPUT = "BAD_USER_INPUT"
KIB60 = 60 * 1024


def numbered(count: int, form: str, between: str = " ") -> str:
    """The form so many times, each with its number."""
    return between.join(form.replace("#", str(number)) for number in range(count))


def of_user(inner: str) -> str:
    """A question about oneself."""
    return "{ viewer { user { " + inner + " } } }"


def at_the_limits() -> Iterator[Attempt]:
    """Each family as large as it may be, and one larger."""
    for what, limit, form in (
        ("aliases", LIMITS.aliases, lambda n: of_user(numbered(n, "a#: userId"))),
        ("root fields", LIMITS.root_fields, lambda n: "{" + numbered(n, "a#: __typename") + "}"),
        ("depth", LIMITS.depth - 3, lambda n: of_user("... { " * n + "userId" + " }" * n)),
        ("depth by fragments", LIMITS.depth - 3, chained),
        ("fragments", LIMITS.fragments, fragments),
        ("spreads", LIMITS.spreads, lambda n: of_user("...F " * n) + " fragment F on User{userId}"),
        ("directives", LIMITS.directives, directives),
        ("one name again and again", 45, lambda n: of_user("__typename " * n)),
        ("lines", LIMITS.lines, lambda n: "\n" * (n - 1) + of_user("userId")),
        ("comments", LIMITS.tokens, lambda n: "#\n" * n + of_user("userId")),
    ):
        for number, code in ((limit, EXECUTED), (limit + 1, COMPLEX)):
            yield asked(f"{number} {what}", code, form(number), endpoint="graphql")
    many = numbered(LIMITS.operations, "query Q# { viewer { user { userId } } }")
    yield asked("10 operations", EXECUTED, many, endpoint="graphql", operationName="Q3")
    yield asked(
        "11 operations", COMPLEX, many + "query X {__typename}", endpoint="graphql",
        operationName="X",
    )  # fmt: skip


def chained(count: int) -> str:
    """Fragments in a row, each in the one before."""
    return of_user("...F0") + rows_of_fragments(count, 1)


def rows_of_fragments(count: int, times: int) -> str:
    """Each so many times in the one before: exponential, when expanded."""
    chain = [
        f"fragment F{number} on User {{ {f'...F{number + 1} ' * times}}}"
        for number in range(count - 1)
    ]
    return " ".join([*chain, f"fragment F{count - 1} on User {{ userId }}"])


def fragments(count: int) -> str:
    """So many fragments, each used."""
    return of_user(numbered(count, "...F#")) + numbered(count, "fragment F# on User { userId }")


def directives(count: int) -> str:
    """Two at each field, and perhaps one more."""
    pairs, odd = divmod(count, 2)
    field = "a#: userId @include(if: true) @skip(if: false)"
    return of_user(numbered(pairs, field) + " userId @skip(if: false)" * odd)


def floods() -> Iterator[Attempt]:
    """Far beyond every limit, in as many bytes as a body may have."""
    user = of_user("userId")
    for what, code, document in (
        ("aliases", COMPLEX, "{" + numbered(3500, "a#:__typename") + "}"),
        ("__typename", COMPLEX, "{" + "__typename " * 5000 + "}"),
        ("doubling fragments", COMPLEX, of_user("...F0") + rows_of_fragments(17, 2)),
        ("many doubling fragments", COMPLEX, of_user("...F0") + rows_of_fragments(1200, 2)),
        ("__typename within the tokens", COMPLEX, of_user("__typename " * 900)),
        ("directives", COMPLEX, "{ __typename " + "@aa" * 15_000 + " }"),
        ("directives within the tokens", COMPLEX, "{ __typename " + "@aa " * 400 + "}"),
        ("directives on the operation", COMPLEX, "query " + "@aa " * 400 + "{ __typename }"),
        ("directives on a variable", COMPLEX, "query ($a: Int " + "@a " * 90 + ") {__typename}"),
        ("inline fragments", COMPLEX, "{" + "...{" * 12_000 + "__typename" + "}" * 12_000 + "}"),
        ("fields", COMPLEX, "{" + "a{" * 400 + "a" + "}" * 400 + "}"),
        ("open braces", f"{UNREAD} {COMPLEX}", "{" * KIB60),
        ("open brackets", f"{UNREAD} {COMPLEX}", "{ asset(symbol: " + "[" * KIB60),
        ("fragments", COMPLEX, "{__typename}" + numbered(1800, "fragment F# on User{userId}")),
        ("operations", COMPLEX, numbered(2400, "query Q#{__typename}")),
        ("variables", f"{INVALID} {COMPLEX}",
         "query (" + numbered(240, "$v#: Int") + ") { __typename }"),
        ("a comment of 60 KiB", EXECUTED, "#" + "c" * KIB60 + "\n" + user),
        ("30,000 comments", COMPLEX, "#\n" * 20_000 + user),
        ("commas of 60 KiB", EXECUTED, "," * KIB60 + user),
        ("blanks of 60 KiB", EXECUTED, " " * KIB60 + user),
        ("byte order marks", EXECUTED, "\ufeff" * 10_000 + user),
        ("lines of 60 KiB", COMPLEX, "\n" * 30_000 + user),
        ("a name of 60 KiB", INVALID, "{ " + "n" * KIB60 + " }"),
        ("a number of 10,000 digits", f"{INPUT} {INVALID} {COMPLEX}",
         "{ assets(first: " + "9" * 10_000 + ") { nodes { symbol } } }"),
        ("a fraction of 10,000 digits", f"{INPUT} {INVALID}",
         "{ assets(first: 1." + "9" * 10_000 + ") { nodes { symbol } } }"),
        ("a huge exponent", f"{INPUT} {INVALID}",
         "{ assets(first: 1e999999999) { nodes { symbol } } }"),
        ("a huge page", COMPLEX, "{ assets(first: 2147483647) { nodes { symbol } } }"),
        ("a page beyond Int", f"{INPUT} {INVALID} {COMPLEX}",
         "{ assets(first: 2147483648) { nodes { symbol } } }"),
        ("a block string of 60 KiB", INPUT,
         '{ asset(symbol: """' + MARK * (KIB60 // len(MARK)) + '""") { symbol } }'),
        ("a block string of quotes", INPUT,
         '{ asset(symbol: """' + '\\"""' * 7_000 + '""") { symbol } }'),
        ("a block string of lines", f"{INPUT} {COMPLEX}",
         '{ asset(symbol: """' + "\n " * 1_900 + '""") { symbol } }'),
        ("a string of 60 KiB", INPUT, '{ asset(symbol: "' + "A" * KIB60 + '") { symbol } }'),
        ("a string of escapes", INPUT, '{ asset(symbol: "' + "\\u0041" * 9_000 + '") {symbol} }'),
    ):  # fmt: skip
        yield asked(f"a flood: {what}", code, document, endpoint="graphql")


def deep_literals() -> Iterator[Attempt]:
    """Lists and objects in arguments, from shallow to as deep as the tokens allow."""
    refused = f"{INPUT} {INVALID} {COMPLEX}"
    for depth in (1, 10, 50, 100, 150, 200, 300, 400, 470):
        for what, value in (
            ("list", "[" * depth + "1" + "]" * depth),
            ("object", "{a:" * (depth // 2) + "1" + "}" * (depth // 2)),
            ("list in an object", "[{a:" * (depth // 3) + "1" + "}]" * (depth // 3)),
        ):
            for place, document in (
                ("scalar", f"{{ asset(symbol: {value}) {{ symbol }} }}"),
                ("enum", f"{{ riskQuestionnaire(language: {value}) {{ version }} }}"),
                ("input", f"mutation {{ updateProfile(input: {value}) {{ __typename }} }}"),
                ("directive", f"{{ __typename @include(if: {value}) }}"),
                ("default", f"query ($a: Symbol! = {value}) {{ asset(symbol: $a) {{ symbol }} }}"),
            ):
                told = f"a {what} {depth} deep for a {place}"
                yield asked(told, refused, document, endpoint="graphql")
        kind = "[" * depth + "Int" + "]" * depth
        document = f"query ($a: {kind}) {{ assets(first: $a) {{ nodes {{ symbol }} }} }}"
        yield asked(f"a type {depth} deep", refused, document, endpoint="graphql")


def twisted() -> Iterator[Attempt]:
    """Small and wrong in one thing."""
    ring = numbered(20, "fragment F# on User { ...G# }")
    for number in range(20):
        ring = ring.replace(f"G{number} ", f"F{(number + 1) % 20} ")
    for what, code, document in (
        ("a fragment of itself", INVALID, of_user("...F") + "fragment F on User { ...F }"),
        ("two fragments of each other", INVALID,
         of_user("...A") + "fragment A on User { ...B } fragment B on User { ...A }"),
        ("a ring of fragments", INVALID, of_user("...F0") + ring),
        ("a ring that nobody uses", INVALID, of_user("userId") + ring),
        ("a fragment that nobody uses", INVALID, of_user("userId") + "fragment F on User{userId}"),
        ("a fragment that is not there", INVALID, of_user("...F")),
        ("one fragment twice", INVALID,
         of_user("...F") + "fragment F on User{userId} fragment F on User{userId}"),
        ("a fragment of a scalar", INVALID, of_user("...F") + "fragment F on Int { a }"),
        ("a subscription", INVALID, "subscription { viewer { user { userId } } }"),
        ("a subscription beside a query", INVALID,
         "query A { __typename } subscription B { __typename }"),
        ("an operation without a name beside another", INVALID,
         "{ __typename } query A{__typename}"),
        ("one name twice", INVALID, "query A { __typename } query A { __typename }"),
        ("nothing selected", UNREAD, "{ }"),
        ("no document", UNREAD, "#"),
        ("a type", INVALID, "type A { a: Int } query { __typename }"),
        ("an extension of the schema", INVALID, "extend type Query { a: Int } { __typename }"),
        ("a schema", INVALID, "schema { query: Query }"),
        ("@defer", INVALID, "{ viewer { ... @defer { user { userId } } } }"),
        ("@stream", INVALID, "{ assets { nodes @stream { symbol } } }"),
        ("an unknown directive", INVALID, "{ __typename @mine }"),
        ("a directive in the wrong place", INVALID, "query @skip(if: true) { __typename }"),
        ("one directive twice", INVALID, "{ __typename @skip(if: false) @skip(if: false) }"),
        ("skip by a text", f"{INPUT} {INVALID}", f'{{ __typename @skip(if: "{MARK}") }}'),
        ("a variable that nobody declared", INVALID, "{ asset(symbol: $a) { symbol } }"),
        ("a variable of an output", INVALID, "query ($a: User) { asset(symbol: $a) { symbol } }"),
        ("a variable that is missing", INPUT, "query ($a: Symbol!) {asset(symbol: $a) {symbol} }"),
        ("half a letter by escape", UNREAD, '{ asset(symbol: "\\uD800") { symbol } }'),
        ("a letter beyond all", UNREAD, '{ asset(symbol: "\\u{110000}") { symbol } }'),
        ("a NUL", UNREAD, "{ __typename \0 }"),
        ("a NUL in a text", INPUT, '{ asset(symbol: "A\\u0000") { symbol } }'),
        ("a delete character", UNREAD, "{ __typename \x7f }"),
        ("typographic quotes", UNREAD, "{ asset(symbol: \u201cVTI\u201d) { symbol } }"),
        ("a bidirectional override", UNREAD, "{ \u202e__typename }"),
        ("full-width braces", UNREAD, "\uff5b __typename \uff5d"),
        ("an open text", UNREAD, f'{{ asset(symbol: "{MARK}'),
        ("an open block text", UNREAD, f'{{ asset(symbol: """{MARK}'),
        ("two actions", INVALID, "mutation { a: revokeOtherSessions { __typename } "
         "b: revokeOtherSessions { __typename } }"),
        ("two actions by way of a fragment", INVALID,
         "mutation { ...F revokeOtherSessions { __typename } } "
         "fragment F on Mutation { b: revokeOtherSessions { __typename } }"),
        ("two actions, one of them skipped", INVALID,
         "mutation { a: revokeOtherSessions { __typename } "
         "b: revokeOtherSessions @skip(if: true) { __typename } }"),
        ("fields that do not merge", INVALID, of_user("a: userId a: email")),
        ("a field twice with other values", INVALID,
         '{ asset(symbol: "A") { symbol } asset(symbol: "B") { symbol } }'),
        ("an explicit null for a page", f"{INPUT} {INVALID}",
         "{ assets(first: null) { nodes { symbol } } }"),
    ):  # fmt: skip
        yield asked(what, code, document, endpoint="graphql")
    yield asked("an operation that is not there", "OPERATION_RESOLUTION_FAILURE",
                of_user("userId"), endpoint="graphql", operationName=MARK)  # fmt: skip
    yield asked("several operations and no name", "OPERATION_RESOLUTION_FAILURE",
                "query A {__typename} query B {__typename}", endpoint="graphql")  # fmt: skip
    yield asked("an empty operation name", "OPERATION_RESOLUTION_FAILURE",
                of_user("userId"), endpoint="graphql", operationName="")  # fmt: skip
