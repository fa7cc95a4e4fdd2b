"""Files of banks: two formats, and everything hostile or broken is refused whole."""

from datetime import date
from pathlib import Path

import pytest

from shared.kernel.money import Currency
from shared.reconciliation.bank import BankStatement, Refusal, StatementRefused
from shared.reconciliation.providers.bank_files import read_bank_file

ACCOUNT = "KE0012345678"
MT940 = f""":20:STMT1
:25:{ACCOUNT}
:28C:00001/001
:60F:C260301USD1000,00
:61:2603020302C96,80NTRFNONREF//BANKREF1
:86:STRIPE PAYOUT po_123
:61:2603020302D6,80NMSCFEE//BANKREF2
:86:Monthly fee
:62F:C260302USD1090,00
-""".encode()


def ntry(minor: str, way: str, reference: str | None, text: str = "", status: str = "BOOK") -> str:
    named = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    return (
        f'<Ntry><Amt Ccy="USD">{minor}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><Dt>2026-03-02</Dt></BookgDt>{named}<NtryDtls><TxDtls><RmtInf><Ustrd>{text}"
        "</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def bal(kind: str, amount: str, way: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="USD">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>'
        "<Dt><Dt>2026-03-02</Dt></Dt></Bal>"
    )


def camt(
    *entries: str, opening: str = "1000.00", closing: str = "1090.00", head: str = ""
) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>1</MsgId><CreDtTm>2026-03-02T22:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>USD</Ccy></Acct>"
        f"{bal('OPBD', opening)}{bal('CLBD', closing)}{''.join(entries)}"
        "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


TWO = (
    ntry("96.80", "CRDT", "BANKREF1", "STRIPE PAYOUT po_123"),
    ntry("6.80", "DBIT", "BANKREF2", "Monthly fee"),
)


def refusal(content: bytes) -> Refusal:
    with pytest.raises(StatementRefused) as refused:
        read_bank_file(content)
    return refused.value.refusal


@pytest.mark.parametrize("content", [MT940, camt(*TWO)], ids=["mt940", "camt"])
def test_both_formats_tell_the_same(content: bytes) -> None:
    found = read_bank_file(content)
    assert isinstance(found, BankStatement)
    assert (found.account, found.currency) == (ACCOUNT, Currency.USD)
    assert (found.opening_minor, found.closing_minor) == (100_000, 109_000)
    told = [(one.reference, one.minor, one.day) for one in found.entries]
    assert told == [
        ("BANKREF1", 9_680, date(2026, 3, 2)),
        ("BANKREF2", -680, date(2026, 3, 2)),
    ]
    assert any("po_123" in text for text in found.entries[0].texts)


def test_a_file_that_lacks_an_entry_or_has_it_twice_does_not_add_up() -> None:
    assert refusal(camt(TWO[0])) is Refusal.DOES_NOT_ADD_UP
    assert refusal(camt(*TWO, TWO[0])) is Refusal.DOES_NOT_ADD_UP
    assert refusal(MT940.replace(b"1090,00", b"1090,01")) is Refusal.DOES_NOT_ADD_UP


def test_what_is_not_booked_yet_does_not_count() -> None:
    pending = ntry("5.00", "CRDT", "LATER", status="PDNG")
    assert len(read_bank_file(camt(*TWO, pending)).entries) == 2


def test_an_account_in_debt_is_below_zero() -> None:
    content = camt(ntry("20.00", "CRDT", "R")).replace(
        bal("OPBD", "1000.00").encode(), bal("OPBD", "50.00", "DBIT").encode()
    )
    found = read_bank_file(
        content.replace(bal("CLBD", "1090.00").encode(), bal("CLBD", "30.00", "DBIT").encode())
    )
    assert (found.opening_minor, found.closing_minor) == (-5_000, -3_000)


def test_entries_without_a_name_get_the_same_one_in_every_file() -> None:
    one, other = ntry("5.00", "CRDT", None, "a"), ntry("5.00", "CRDT", None, "a")
    first = read_bank_file(camt(one, other, closing="1010.00"))
    again = read_bank_file(
        camt(one, other, ntry("1.00", "CRDT", "X"), opening="0.00", closing="11.00")
    )
    names = [entry.reference for entry in first.entries]
    assert names[0].startswith("made-")
    assert names[1] == f"{names[0]}/2"
    assert [entry.reference for entry in again.entries][:2] == names


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
FILES = '<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
OUTSIDE = '<!DOCTYPE b SYSTEM "http://127.0.0.1:9/statement.dtd">'


@pytest.mark.parametrize("head", [BOMB, FILES, OUTSIDE, "<!DOCTYPE b>"])
def test_a_document_type_is_refused_before_anything_is_expanded(head: str) -> None:
    assert refusal(camt(*TWO, head=head)) is Refusal.UNREADABLE


def test_the_name_of_a_file_is_not_opened(tmp_path: Path) -> None:
    there = tmp_path / "statement.sta"
    there.write_bytes(MT940)
    assert refusal(str(there).encode()) is Refusal.UNREADABLE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<",
        b"<a/>",
        b"\x00\xff\xfe\x00",
        b"not a statement",
        b"{}",
        camt(*TWO)[:-40],
        camt(*TWO).replace(b"camt.053.001.02", b"camt.052.001.99"),
        camt(*TWO).replace(b"96.80", b"NaN"),
        camt(*TWO).replace(b"96.80", b"1e400"),
        camt(*TWO).replace(b"96.80", b"96.801"),
        camt(*TWO).replace(b"2026-03-02</Dt></BookgDt>", b"soon</Dt></BookgDt>"),
        camt(*TWO).replace(b"<CdtDbtInd>DBIT", b"<CdtDbtInd>BOTH"),
        MT940 + b"\n" + MT940,
        MT940.replace(b":62F:C260302USD1090,00", b""),
        MT940.replace(b"260302USD", b"269999USD"),
    ],
)
def test_what_is_no_statement_is_refused(content: bytes) -> None:
    assert refusal(content) is Refusal.UNREADABLE


def test_another_currency_is_refused() -> None:
    assert refusal(MT940.replace(b"USD", b"JPY")) is Refusal.OTHER_CURRENCY
    mixed = camt(*TWO).replace(b'"USD">6.80', b'"EUR">6.80')
    assert refusal(mixed) is Refusal.OTHER_CURRENCY
