"""Values of every scalar and enum, written in ways that another reader might take for good ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tests.journeys.hostile.attempts import EXECUTED, MARK, Attempt, asked

REFUSED = "BAD_USER_INPUT"


@dataclass(frozen=True)
class Place:
    """Where a value of a scalar is sent: a document with ``VALUE`` in its place."""

    kind: str
    endpoint: str
    document: str

    def by_variable(self, value: object) -> Attempt:
        """The value as JSON."""
        head, brace, rest = self.document.partition("{")
        operation = head.strip() or "query"
        document = f"{operation} ($v: {self.kind}!) {brace}{rest}".replace("VALUE", "$v")
        told = f"{self.kind} by variable: {value!a:.40}"
        return asked(told, REFUSED, document, endpoint=self.endpoint, variables={"v": value})

    def by_literal(self, text: str) -> Attempt:
        """The value as the document spells it."""
        document = self.document.replace("VALUE", text)
        # What the document itself holds may be refused by validation, still before anything runs.
        codes = f"{REFUSED} GRAPHQL_VALIDATION_FAILED"
        told = f"{self.kind} by literal: {text!a:.40}"
        return asked(told, codes, document, endpoint=self.endpoint)


def _profile(kind: str, name: str) -> Place:
    change = f"mutation {{ updateProfile(input: {{{name}: VALUE}}) {{ __typename }} }}"
    return Place(kind, "graphql", change)


def _deposit(kind: str, name: str) -> Place:
    fields = {"idempotencyKey": '"a"', "gateway": "MPESA", "amount": '"1.00"', "currency": "KES"}
    given = ", ".join(f"{key}: {value}" for key, value in {**fields, name: "VALUE"}.items())
    change = f"mutation {{ createDeposit(input: {{{given}}}) {{ __typename }} }}"
    return Place(kind, "graphql", change)


def _staff(kind: str, call: str) -> Place:
    return Place(kind, "graphql", f"{{ staff {{ {call} {{ __typename }} }} }}")


def _session(kind: str, call: str) -> Place:
    return Place(kind, "session", f"mutation {{ {call} {{ __typename }} }}")


_NOBODY = '"usr_l1_01ARZ3NDEKTSV4RRFFQ69G5FAV"'
STRICT = (
    Place("DepositId", "graphql", "{ viewer { deposit(depositId: VALUE) { __typename } } }"),
    Place("Symbol", "graphql", "{ asset(symbol: VALUE) { __typename } }"),
    Place("Cursor", "graphql", "{ assets(after: VALUE) { __typename } }"),
    Place("Int", "graphql", "{ assets(first: VALUE) { __typename } }"),
    Place("Language", "graphql", "{ riskQuestionnaire(language: VALUE) { __typename } }"),
    Place("CurrencyCode", "graphql", "{ viewer { journal(currency: VALUE) { __typename } } }"),
    _staff("UserId", "person(userId: VALUE)"),
    _staff("EmailAddress", "findPerson(email: VALUE)"),
    _deposit("Amount", "amount"),
    _deposit("PhoneNumber", "phone"),
    _deposit("Gateway", "gateway"),
    _profile("Date", "dateOfBirth"),
    _profile("PostalCode", "postalCode"),
    _profile("CountryCode", "country"),
    _profile("TaxId", "taxId"),
    _profile("Boolean", "controlPerson"),
    Place(
        "NotificationId",
        "graphql",
        "mutation { markNotificationsRead(input: {notificationIds: [VALUE]}) { __typename } }",
    ),
    Place(
        "SessionId", "graphql", "mutation { revokeSession(input: {sessionId: VALUE}) {__typename} }"
    ),
    Place(
        "Key",
        "graphql",
        "mutation { submitRiskProfile(input: {version: VALUE, answers: []}) { __typename } }",
    ),
    Place(
        "DocumentType",
        "graphql",
        "mutation { requestKycUpload(input: {documentType: VALUE, side: FRONT, "
        'contentType: "image/png", sizeBytes: 1000}) { __typename } }',
    ),
    Place(
        "MediaType",
        "graphql",
        "mutation { requestKycUpload(input: {documentType: PASSPORT, side: FRONT, "
        "contentType: VALUE, sizeBytes: 1000}) { __typename } }",
    ),
    Place(
        "Role",
        "graphql",
        f"mutation {{ setRole(input: {{userId: {_NOBODY}, role: VALUE, "
        'reason: "because of this test"}) { __typename } }',
    ),
    _session("OneTimeCode", 'confirmSignUp(input: {email: "a@example.com", code: VALUE})'),
    _session("ChallengeId", 'answerMfa(input: {challengeId: VALUE, code: "123456"})'),
    _session("EmailAddress", 'signIn(input: {email: VALUE, password: "Aa1!aaaaaaaa"})'),
)
"""Scalars and enums with one short form."""

FREE = (
    _profile("Line", "city"),
    Place(
        "Text",
        "graphql",
        f"{{ staff {{ person(userId: {_NOBODY}) {{ identity(reason: VALUE) {{__typename}} }} }} }}",
    ),
    _deposit("IdempotencyKey", "idempotencyKey"),
    _session("Password", 'signIn(input: {email: "a@example.com", password: VALUE})'),
)
"""Scalars that take what people write."""

FOREIGN = (
    "\uff11\uff12\uff13\uff14\uff15\uff16", "\u0661\u0662\u0663\u0664\u0665\u0666",
    "\u0967\u0968\u0969", "\U0001d7d9\U0001d7da", "\u00b2", "\u2460", "1\u00a0000", "\u22121",
)  # fmt: skip
"""Digits and signs of other scripts."""
NUMBERLIKE = (
    "1e5", "1E+2", "NaN", "nan", "Infinity", "-Infinity", "inf", "+1.00", "-0", "-0.00", "01.00",
    "1.", ".5", "1,000.00", "1_000", "0x10", "0b1", " 1.00", "1.00 ", "1.00\n", "1..0", "1" * 200,
    "1." + "0" * 200, "1/2", "--1", "1-",
)  # fmt: skip
"""Other spellings of numbers."""
UNSEEN = (
    "\0", "a\0b", "a\r\nSet-Cookie: a=b", "a\nb", "\x1b[31m", "\x7f", "\u202eabc", "a\u202eb",
    "a\u2066b\u2069", "\u200b", "a\u200db", "\ufeffa", "\u2028", "\x85", "\U000e0041", "\ufffe",
)  # fmt: skip
"""Control characters, and those that are not seen."""
INJECTED = (
    f"' OR '1'='1' -- {MARK}", f'" OR 1=1; DROP TABLE users; {MARK}', "1; SELECT pg_sleep(10)",
    f"{{{{7*7}}}}{MARK}", f"${{7*7}}{MARK}", f"#{{7*7}}{MARK}", f"<%= 7*7 %>{MARK}",
    f"${{jndi:ldap://{MARK}}}", f"<script>{MARK}</script>", f"{MARK}%s%n%x",
    f"{MARK}{{0.__class__}}",
    f"../../{MARK}", f"|{MARK}", f"`{MARK}`", f"$({MARK})", f"http://169.254.169.254/{MARK}",
)  # fmt: skip
"""What other languages would carry out."""
OTHER_TYPES: tuple[object, ...] = (
    True, False, 0, 1, -1, 1.5, 2**31, 2**63, 10**400, [], {}, {"$gt": ""}, {"$ne": None}, [[]],
    [None], None, {"__proto__": {"a": 1}}, {"S": MARK},
)  # fmt: skip
"""JSON that is no text."""
_FITS: Mapping[str, tuple[object, ...]] = {
    "Boolean": (True, False),
    "Int": (0, 1, -1),
    "Key": ("1..0", "1-", "1.", "1e5", "1E+2", "NaN", "nan", "Infinity", "inf", "0x10", "0b1",
            "1_000", "01.00"),
    "Symbol": (),
    "PostalCode": ("NaN", "nan", "inf", "Infinity", "1e5", "0x10", "0b1"),
    "TaxId": ("Infinity", "01.00", "1..0", "0x10"),
    "Cursor": ("1e5", "NaN", "nan", "Infinity", "-Infinity", "inf", "-0", "1_000", "0x10", "0b1",
               "1" * 200, "--1", "1-"),
}  # fmt: skip
"""Values among those below that do have the scalar's form."""


def strict() -> Iterator[Attempt]:
    """Everything at strict places: of what looks alike each place gets its own half."""
    for number, place in enumerate(STRICT):
        fitting = _FITS.get(place.kind, ())
        alike = (*FOREIGN, *NUMBERLIKE, *UNSEEN, *INJECTED)[number % 2 :: 2]
        for value in (*alike, "", *OTHER_TYPES):
            if not any(value is each or (value == each and type(value) is type(each))
                       for each in fitting):  # fmt: skip
                yield place.by_variable(value)


def literals() -> Iterator[Attempt]:
    """What only a document can spell."""
    for place in (*STRICT, *FREE):
        for text in ("NULLISH", "{a: 1}", "[[1]]", "1e400", '""', '"a\\u0000b"',
                     '"""a\\r\nb""" ', f'"{MARK * 200}"', "-1.5", "$missing"):  # fmt: skip
            yield place.by_literal(text)


def free() -> Iterator[Attempt]:
    """What even people's own words may not hold."""
    for place in FREE:
        unseen = UNSEEN if place.kind in ("Line", "Text") else UNSEEN[:6]
        longest = {"Line": 80, "Text": 1_000, "IdempotencyKey": 255, "Password": 256}[place.kind]
        for value in (*unseen, "", "a" * (longest + 1), "a" * 50_000, *OTHER_TYPES):
            yield place.by_variable(value)


def injected() -> Iterator[Attempt]:
    """What people may write, and no language of ours carries out: here somebody who may nothing."""
    for place in FREE:
        for value in INJECTED:
            attempt = place.by_variable(value)
            codes = {"Line": EXECUTED, "Text": "FORBIDDEN"}.get(place.kind, EXECUTED)
            if place.kind != "IdempotencyKey" or " " not in value:
                yield replace(attempt, codes=frozenset({codes}))


def names() -> Iterator[Attempt]:
    """Input fields and enum values that do not exist, or twice."""
    for what, document in (
        ("an unknown field",
         f"mutation {{ updateProfile(input: {{{MARK}: 1}}) {{ __typename }} }}"),
        ("a field of the inside",
         'mutation { updateProfile(input: {role: "ADMIN"}) {__typename} }'),
        ("a status", "mutation { updateProfile(input: {kycStatus: APPROVED}) { __typename } }"),
        ("one field twice",
         'mutation { updateProfile(input: {city: "a", city: "b"}) { __typename } }'),
        ("an enum as a text", '{ riskQuestionnaire(language: "EN") { version } }'),
        ("an enum in small letters", "{ riskQuestionnaire(language: en) { version } }"),
    ):  # fmt: skip
        codes = f"{REFUSED} GRAPHQL_VALIDATION_FAILED"
        yield asked(what, codes, document, endpoint="graphql")
    change = "mutation ($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }"
    for given in ({MARK: 1}, {"role": "ADMIN"}, {"userId": "a"}, {"kycStatus": "APPROVED"},
                  {"__typename": "UpdateProfileInput"}, {"__proto__": {"role": "ADMIN"}},
                  {"city": "a", "City": "b"}, {"": 1}):  # fmt: skip
        yield asked(f"the input {given!a:.40}", REFUSED, change, endpoint="graphql",
                    variables={"i": given})  # fmt: skip
