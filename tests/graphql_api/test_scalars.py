"""Every scalar has one form: what it takes, what it refuses, and that it never repeats a value."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLScalarType, parse_value
from hypothesis import given, settings
from hypothesis import strategies as st

from graphql_api.scalars import SCALARS
from graphql_api.schema import graphql_schema, session_schema
from shared.kernel.edge_errors import BadUserInput, CardNumberRefused

BY_NAME = {definition.name: definition for definition in SCALARS.values()}
ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

TAKEN: dict[str, list[str]] = {
    "Amount": ["0", "0.00", "1", "100.00", "0.000000001", "-5.00", "999999999999999.99", "15000"],
    "Quantity": ["0", "1.250000000", "999999999999999"],
    "Price": ["101.2550", "0.000000000001"],
    "Rate": ["0.00774", "129.20"],
    "Fraction": ["0", "1", "0.25"],
    "Date": ["1900-01-01", "2000-02-29", "2199-12-31"],
    "DateTime": ["2026-03-02T15:30:00Z", "2026-03-02T15:30:00.123456Z", "2026-03-02T15:30:00.1Z"],
    "UserId": [f"usr_t1_{ULID}"],
    "AccountId": [f"acc_t1_{ULID}"],
    "PortfolioId": [f"pfl_eu1_{ULID}"],
    "DepositId": [f"dep_t1_{ULID}"],
    "PlanId": [f"pln_t1_{ULID}"],
    "OrderId": [f"ord_t1_{ULID}"],
    "TransactionId": [f"{kind}_t1_{ULID}" for kind in ("dep", "ord", "pay", "act")],
    "MovementId": [f"mov_t1_{ULID}"],
    "ReportId": [f"rep_t1_{ULID}"],
    "GoalId": [f"gol_t1_{ULID}"],
    "ProposalId": [f"prp_t1_{ULID}"],
    "PurchaseId": ["7", "2026-03-02:KES.1250_7", "x" * 64],
    "PayoutId": [f"pay_t1_{ULID}"],
    "PayoutAccountId": [f"pac_t1_{ULID}"],
    "ScheduleId": [f"sch_t1_{ULID}"],
    "DisputeId": [f"dsp_t1_{ULID}"],
    "MoneyCaseId": [f"DISPUTE:dsp_t1_{ULID}", "RECONCILIATION_BREAK:2026-03-02/KES#7"],
    "DocumentId": [f"doc_t1_{ULID}"],
    "NotificationId": [f"ntc_t1_{ULID}"],
    "SessionId": [f"ses_t1_{ULID}"],
    "AuditEntryId": [f"aud_t1_{ULID}"],
    "ReferenceId": [f"dep_t1_{ULID}", f"ord_t1_{ULID}"],
    "ChallengeId": ["aB3_-678901234567"],
    "Cursor": ["RkVFRCMwMUFSWjNOREVL"],
    "EmailAddress": ["amina@example.com", "a.b+c@sub.example.co.ke"],
    "PhoneNumber": ["+254712345678", "+12025550123"],
    "CountryCode": ["KEN", "ZAF"],
    "Symbol": ["VTI", "BRK.B"],
    "IdempotencyKey": ["k", "550e8400-e29b-41d4-a716-446655440000", "~" * 255],
    "Password": ["Correct-horse-42", "weak", "pässwört 密码"],
    "OneTimeCode": ["000000", "123456"],
    "Key": ["a", "emergency_fund", "2026-1"],
    "MediaType": ["image/jpeg", "application/pdf"],
    "PostalCode": ["00100", "SW1A 1AA"],
    "TaxId": ["A012345678Z", "8001015009087", "12/345/67890"],
    "AccountNumber": [
        "DE89370400440532013000",
        "de89 3704 0044 0532 0130 00",
        "000123456789",
        "0001",
        "12345678901234",
    ],
    "RoutingNumber": ["110000000", "BARCKENXMDR", "kcblkenx"],
    "Line": ["Amina", "N'Golo Wanjikũ-Ōtieno", "Moi Avenue 1", "x" * 80],
    "Text": ["Seen with the passport in hand.", "x" * 1000],
}

REFUSED: dict[str, list[str]] = {
    "Amount": [
        "", " 1 ", " 1", "1 ", "1_000", "1,000", "\uff11\uff12", "\u0663", "+1", "01", "00", "-0",
        "-0.00", "--1", "1e3", "1E+3", ".5", "1.", "1.0000000001", "NaN", "sNaN", "Infinity",
        "0x10", "1\n", "\u22121", "1000000000000000", "9" * 200, "1." + "0" * 200, "\u0000", "½",
    ],
    "Quantity": ["1e-9", "0.0000000001", "-0"],
    "Price": ["1e2", "NaN", "0.0000000000001"],
    "Rate": ["Infinity", "1/3"],
    "Fraction": ["25%", "10", "-0"],
    "Date": [
        "", "1899-12-31", "2200-01-01", "2001-02-29", "1990-02-30", "1990-13-01", "1990-00-10",
        "1990-2-28", "19900228", "1990-W01-1", "28.02.1990", "1990-02-28T00:00:00Z", " 1990-02-28",
        "\uff11990-02-28", "0000-01-01",
    ],
    "DateTime": [
        "2026-03-02", "2026-03-02T15:30Z", "2026-03-02 15:30:00Z", "2026-03-02t15:30:00z",
        "2026-03-02T15:30:00+00:00", "2026-03-02T15:30:00", "2026-03-02T24:00:00Z",
        "2026-03-02T15:30:60Z", "2026-02-30T15:30:00Z", "2026-03-02T15:30:00.1234567Z",
        "2026-03-02T15:30:00.Z", "1772465400",
    ],
    "UserId": ["", "amina", f"dep_t1_{ULID}", f"usr_t1_{ULID.lower()}", f"usr_T1_{ULID}",
               f"usr_t1_{ULID}A", f" usr_t1_{ULID}", f"usr_t1_8{ULID[1:]}", f"usr_t1_{ULID[:-1]}U"],
    "AccountId": [f"usr_t1_{ULID}"],
    "PortfolioId": [f"usr_t1_{ULID}"],
    "MovementId": ["", f"pay_t1_{ULID}", f"mov_t1_{ULID[:-1]}"],
    "ReportId": ["", f"mov_t1_{ULID}", f"rep_t1_{ULID[:-1]}"],
    "GoalId": ["", f"dep_t1_{ULID}", f"gol_t1_{ULID[:-1]}"],
    "PurchaseId": ["", " ", "-7", "a b", "a#b", "x" * 65, "\u0663", "a\n"],
    "ProposalId": ["", f"gol_t1_{ULID}", f"prp_t1_{ULID}Z"],
    "PayoutId": ["", f"pac_t1_{ULID}", f"pay_t1_{ULID[:-1]}"],
    "PayoutAccountId": ["", f"pay_t1_{ULID}", f"PAC_t1_{ULID}"],
    "ScheduleId": ["", f"dep_t1_{ULID}", f"sch_t1_{ULID}Z"],
    "DisputeId": ["", f"dep_t1_{ULID}", f"dsp_t1_{ULID}x"],
    "MoneyCaseId": ["", "DISPUTE", "dispute:x", "DISPUTE:a b", "DISPUTE:", f"DISPUTE:{'x' * 151}"],
    "DepositId": ["1", f"ord_t1_{ULID}", f"dep_t1_{ULID}\n"],
    "PlanId": [f"usr_t1_{ULID}"],
    "OrderId": [f"usr_t1_{ULID}"],
    "TransactionId": [f"usr_t1_{ULID}"],
    "DocumentId": ["../../etc/passwd", f"usr_t1_{ULID}"],
    "NotificationId": [f"usr_t1_{ULID}"],
    "SessionId": [f"usr_t1_{ULID}"],
    "AuditEntryId": [f"usr_t1_{ULID}"],
    "ReferenceId": ["x", f"DEP_t1_{ULID}"],
    "ChallengeId": ["short", "a" * 129, "a b" * 8, "ä" * 20],
    "Cursor": ["", "====", "a+b/", "é", "A" * 201],
    "EmailAddress": [
        "", "x", "@example.com", "a@", "a@b", "a b@example.com", "a@example..com", "a@-x.com",
        ".a@example.com", "a.@example.com", "a..b@example.com", " a@example.com", "a@example.com\n",
        "\u0430mina@example.com", "amina@ex\u00e4mple.com", "\uff41@example.com",
        "a@example.com,b@example.com", "Amina <a@example.com>", "a" * 65 + "@example.com",
        "a@" + "x" * 250 + ".com",
    ],
    "PhoneNumber": [
        "", "0712345678", "254712345678", "+0712345678", "+254 712 345 678", "+254-712-34567",
        "+25471", "+1234567890123456", "\uff0b254712345678", "+25471234567\u0668", "tel:+254712345",
    ],
    "CountryCode": ["", "KE", "ken", "XXX", "KENYA", "404"],
    "Symbol": ["", "vti", "VTI ", "A" * 11, "'; DROP", "\u0391"],
    "IdempotencyKey": ["", " ", "a b", "é", "x" * 256, "a\n", "4111111111111111"],
    "Password": ["", "x" * 257, "a\x00b", "line\nbreak", "\ud800"],
    "OneTimeCode": ["", "12345", "1234567", "12345a", " 123456", "\uff11" * 6, "-12345"],
    "Key": ["", " a", "-a", "a" * 65, "a b", "a#b", "ä"],
    "MediaType": ["", "jpeg", "image/", "image/jpeg; x=y",
                  "IMAGE/JPEG", "a/../x", "a/" + "b" * 200],
    "PostalCode": ["", "1", "!!", "12345678901", "0010\u0660", "-100", "0010 ", "1-"],
    "TaxId": [
        "", "abc", "<script>", "x" * 31, "4111111111111111", "4111 1111 1111 1111", "A0123 ",
    ],
    "AccountNumber": [
        "", "123", " 1234", "1234 ", "x" * 43, "DE89370400440532013001", "12-34", "\uff11234",
        "4111111111111111", "4111 1111 1111 1111", "378282246310005", "A4111111111111111", "1234\n",
    ],
    "RoutingNumber": ["", "1234567", "123456789012", "11000000\n", "1100 0000", "\u0661" * 9],
    "Line": ["", "x" * 81, "a\x00", "a\nb", "a\tb", "\ud83d", "a\u202eb", "a\u200bb", "\ufeffa",
             "4111 1111 1111 1111", "pan 5555-5555-5555-4444"],
    "Text": ["", "x" * 1001, "a\rb", "\x1b[31m", "a\u2028b", "a\u2029",
             "his card 378282246310005 was shown"],
}  # fmt: skip

TAKE = [(name, text) for name, texts in TAKEN.items() for text in texts]
REFUSE = [(name, text) for name, texts in REFUSED.items() for text in texts]


def _value(name: str, sent: object) -> Any:
    parse = BY_NAME[name].parse_value
    assert parse is not None
    return parse(sent)


def _literal(name: str, text: str) -> Any:
    parse = BY_NAME[name].parse_literal
    assert parse is not None
    return parse(parse_value(text), None)


def _quoted(text: str) -> str:
    return '"' + "".join(f"\\u{ord(char):04x}" for char in text) + '"'


def _messages(name: str) -> set[str]:
    """Those that quote nothing, as there was nothing to quote."""
    messages = {CardNumberRefused().message()}
    for nothing in ("", "\x00", " " * 5000):
        with pytest.raises(BadUserInput) as refused:
            _value(name, nothing)
        messages.add(refused.value.message())
    return messages


def test_every_scalar_has_examples_of_both() -> None:
    assert set(TAKEN) == set(REFUSED) == set(BY_NAME)


@pytest.mark.parametrize(("name", "text"), TAKE)
def test_what_fits_is_taken_in_variables_and_documents_alike(name: str, text: str) -> None:
    assert _value(name, text) == _literal(name, _quoted(text))


@pytest.mark.parametrize(("name", "text"), REFUSE)
def test_what_does_not_fit_is_refused_and_not_repeated(name: str, text: str) -> None:
    with pytest.raises((BadUserInput, CardNumberRefused)) as refused:
        _value(name, text)
    assert refused.value.message() in _messages(name)
    if not any(0xD800 <= ord(char) < 0xE000 for char in text):
        with pytest.raises((BadUserInput, CardNumberRefused)):
            _literal(name, _quoted(text))


@pytest.mark.parametrize("name", sorted(BY_NAME))
@pytest.mark.parametrize("sent", [None, True, 0, 1, 1.5, 10**30, [], {}, b"1"])
def test_nothing_but_a_string_is_taken(name: str, sent: object) -> None:
    with pytest.raises(BadUserInput):
        _value(name, sent)


@pytest.mark.parametrize("name", sorted(BY_NAME))
@pytest.mark.parametrize("literal", ["1", "1.5", "1e400", "true", "null", "VTI", "KEN", "[]", "{}"])
def test_no_number_or_bare_word_of_a_document_is_taken(name: str, literal: str) -> None:
    with pytest.raises(BadUserInput):
        _literal(name, literal)


def test_a_card_number_has_a_refusal_of_its_own() -> None:
    for name in ("AccountNumber", "IdempotencyKey", "Key", "TaxId", "Line", "Text"):
        with pytest.raises(CardNumberRefused):
            _value(name, "4111111111111111")
    with pytest.raises(CardNumberRefused):
        _value("EmailAddress", "4111111111111111@example.com")


def test_texts_are_composed() -> None:
    assert _value("Line", "Ame\u0301lie") == "Am\u00e9lie"
    assert _value("Password", "Ame\u0301lie") == "Ame\u0301lie"


def test_values_arrive_as_what_they_are() -> None:
    assert _value("Date", "1990-12-31") == date(1990, 12, 31)
    assert _value("DateTime", "2026-03-02T15:30:00Z") == datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    assert _value("Price", "101.2550") == Decimal("101.2550")
    assert _value("Amount", "100.00") == "100.00"


@pytest.mark.parametrize("name", ["Amount", "Quantity"])
@pytest.mark.parametrize("value", [1.5, 1, Decimal(1)])
def test_an_amount_is_never_answered_from_a_number(name: str, value: object) -> None:
    write = BY_NAME[name].serialize
    assert write is not None
    with pytest.raises(TypeError):
        write(value)


@pytest.mark.parametrize("value", [1.5, 1, "1", Decimal("NaN"), Decimal("Infinity")])
def test_a_price_is_answered_from_a_finite_decimal_only(value: object) -> None:
    for name in ("Price", "Rate", "Fraction"):
        write = BY_NAME[name].serialize
        assert write is not None
        with pytest.raises(TypeError):
            write(value)
        assert write(Decimal("1E-5")) == "0.00001"


def test_a_password_is_never_written() -> None:
    write = BY_NAME["Password"].serialize
    assert write is not None
    assert write("Correct-horse-42") == ""


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.text(max_size=40) | st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{0,12})?", fullmatch=True))
def test_an_amount_that_is_taken_reads_back_exactly(text: str) -> None:
    try:
        taken = _value("Amount", text)
    except BadUserInput:
        return
    assert taken == text
    assert format(Decimal(taken), "f") == text
    assert text.isascii()
    assert not (Decimal(taken) == 0 and text.startswith("-"))


@pytest.mark.parametrize("schema", [graphql_schema, session_schema])
def test_every_scalar_of_the_schemas_is_one_of_these(schema: Any) -> None:
    used = {
        name: kind
        for name, kind in schema(introspection=False)._schema.type_map.items()
        if isinstance(kind, GraphQLScalarType)
    }
    assert set(used) <= set(BY_NAME) | {"Int", "Boolean", "String"}
    for name in set(used) & set(BY_NAME):
        assert used[name].description
