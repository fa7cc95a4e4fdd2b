"""Adyen's settlement detail report: fetched, and read to the last cent."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import httpx

from shared.kernel.ids import Kind
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.adyen_notifications import item_of
from shared.payments.providers.adyen_references import named_in
from shared.platform.observability import metric

BYTES_MAX = 50_000_000
"""Some 200 000 lines: more than one function can hold is no report of ours."""
COLUMNS = (
    "Merchant Account",
    "Psp Reference",
    "Merchant Reference",
    "Payment Method",
    "Creation Date",
    "TimeZone",
    "Type",
    "Modification Reference",
    "Gross Currency",
    "Gross Debit (GC)",
    "Gross Credit (GC)",
    "Exchange Rate",
    "Net Currency",
    "Net Debit (NC)",
    "Net Credit (NC)",
    "Commission (NC)",
    "Markup (NC)",
    "Scheme Fees (NC)",
    "Interchange (NC)",
    "Modification Merchant Reference",
    "Batch Number",
)
"""What is read of it, by name: accounts may have more columns, and in another order."""
FEES = ("Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)")
OFFSETS: Mapping[str, int] = {
    "UTC": 0,
    "GMT": 0,
    "WET": 0,
    "BST": 60,
    "WEST": 60,
    "CET": 60,
    "CEST": 120,
    "EET": 120,
    "SAST": 120,
    "EEST": 180,
    "EAT": 180,
    "EST": -300,
    "EDT": -240,
    "CST": -360,
    "CDT": -300,
    "MST": -420,
    "MDT": -360,
    "PST": -480,
    "PDT": -420,
}
"""Minutes from UTC, of the zones that an account can be set to and that we know."""
NO_DECIMALS = frozenset({"JPY", "KRW", "RWF", "UGX", "VND", "XAF", "XOF"})
THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})

_AMOUNT = re.compile(r"[0-9]{1,13}(\.[0-9]{1,9})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_FILE = r"[A-Za-z0-9._-]{1,120}\.csv"


class ReportUnreadable(ValueError):
    """Not a settlement detail report of this merchant account; nothing of it counts."""


class NotOurReport(ValueError):
    """An address that does not lie where our reports do: it is not called."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line. Credits are positive, debits negative; amounts are minor units."""

    kind: str
    """Adyen's word: ``Settled``, ``Refunded``, ``RefundedReversed``, ``Chargeback``,
    ``ChargebackReversed``, ``SecondChargeback``, ``Fee``, ``MerchantPayout``,
    ``Balancetransfer`` and others."""
    payment: str
    """The pspReference of the payment; empty for what is about none."""
    reference: str
    """What we called the payment."""
    modification: str
    """The pspReference of the capture, refund or dispute, or a text where there is none."""
    modification_reference: str
    """What we called the refund."""
    method: str
    at: datetime
    batch: int
    gross_currency: str | None
    gross_minor: int | None
    net_currency: str
    net_minor: int
    fee_minor: int
    """Of ``net_currency``: what Adyen and the scheme kept of it; positive."""

    def named(self, cell: str) -> tuple[str, str] | None:
        """The person and the deposit of ours that it is about."""
        return named_in(self.reference, Kind.DEPOSIT, cell)

    def refund_named(self, cell: str) -> tuple[str, str] | None:
        """The person and the payout of ours that it is about."""
        return named_in(self.modification_reference, Kind.PAYOUT, cell)


def read_report(text: str, merchant_account: str) -> list[ReportLine]:
    """All lines of a report, in its order. Raises ReportUnreadable for the whole of it when one
    line makes no sense: a part of a report adds up to nothing."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if missing := set(COLUMNS) - set(reader.fieldnames or ()):
            raise ReportUnreadable(f"columns are missing: {sorted(missing)}")
        return [_line(row, merchant_account) for row in reader]
    except (csv.Error, KeyError, ArithmeticError) as error:
        raise ReportUnreadable(type(error).__name__) from None


def totals(lines: Sequence[ReportLine]) -> dict[str, int]:
    """Minor units by currency that a batch leaves open: none, since what it has earned is paid
    out by it or carried to the next one by it."""
    sums: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.net_currency] += line.net_minor
    return {currency: value for currency, value in sums.items() if value}


def _line(row: Mapping[str, Any], merchant_account: str) -> ReportLine:
    if None in row or any(row[name] is None for name in COLUMNS):
        raise ReportUnreadable("a line has another number of columns")
    if row["Merchant Account"] != merchant_account:
        raise ReportUnreadable("a line is about another merchant account")
    currency, gross_currency = row["Net Currency"], row["Gross Currency"] or None
    if not _CURRENCY.fullmatch(currency) or not _CURRENCY.fullmatch(gross_currency or currency):
        raise ReportUnreadable("a currency has no code")
    net = _sided(row, "Net", "NC", currency) or 0
    gross = None if gross_currency is None else _sided(row, "Gross", "GC", gross_currency)
    if gross is not None and gross_currency == currency and _decimal(row["Exchange Rate"]) == 1:
        fee = gross - net
    else:
        kept = sum((_decimal(row[name] or "0") for name in FEES), Decimal(0))
        fee = int(kept.scaleb(_exponent(currency)).quantize(Decimal(1), ROUND_HALF_EVEN))
    return ReportLine(
        kind=row["Type"],
        payment=row["Psp Reference"],
        reference=row["Merchant Reference"],
        modification=row["Modification Reference"],
        modification_reference=row["Modification Merchant Reference"],
        method=row["Payment Method"],
        at=_moment(row["Creation Date"], row["TimeZone"]),
        batch=_whole(row["Batch Number"]),
        gross_currency=gross_currency,
        gross_minor=gross,
        net_currency=currency,
        net_minor=net,
        fee_minor=fee,
    )


def _sided(row: Mapping[str, Any], which: str, unit: str, currency: str) -> int | None:
    """Credit less debit; None when neither is there."""
    debit, credit = row[f"{which} Debit ({unit})"], row[f"{which} Credit ({unit})"]
    if not debit and not credit:
        return None
    return _minor(credit or "0", currency) - _minor(debit or "0", currency)


def _minor(text: str, currency: str) -> int:
    scaled = _decimal(text).scaleb(_exponent(currency))
    if scaled != int(scaled):
        raise ReportUnreadable("an amount has more digits than its currency")
    return int(scaled)


def _decimal(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise ReportUnreadable("an amount is no number")
    return Decimal(text)


def _exponent(currency: str) -> int:
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ReportUnreadable("a batch has no number")
    return int(text)


def _moment(text: str, zone: str) -> datetime:
    if zone not in OFFSETS:
        raise ReportUnreadable("a time zone is not known")
    try:
        at = datetime.strptime(f"{text} +0000", "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        raise ReportUnreadable("a time is none") from None
    return at.astimezone(UTC) - timedelta(minutes=OFFSETS[zone])


def report_address(body: bytes) -> str | None:
    """Where a REPORT_AVAILABLE says that its report lies; None for other news. It is not signed:
    ``AdyenReports`` looks at it before it calls anybody."""
    item = item_of(body)
    address = item.get("reason")
    available = item.get("eventCode") == "REPORT_AVAILABLE" and item.get("success") == "true"
    return address if available and isinstance(address, str) and address else None


class AdyenReports:
    """Fetches reports from ``base_url`` and nowhere else. ``secret`` gives merchant_account,
    report_user and report_password, and is called per use."""

    def __init__(
        self, http: httpx.Client, secret: Callable[[], Mapping[str, Any]], base_url: str
    ) -> None:
        self._http = http
        self._secret = secret
        self._base = base_url.rstrip("/")

    def fetch(self, address: str) -> list[ReportLine]:
        """The lines of the report at the address that a notification gave.

        Raises NotOurReport for any other place than that of our account's reports,
        GatewayUnavailable when it cannot be had now, ReportUnreadable when it is none.
        """
        secret = self._secret()
        account = str(secret["merchant_account"])
        place = f"{self._base}/download/MerchantAccount/{account}/"
        if not re.fullmatch(re.escape(place) + _FILE, address, re.ASCII):
            metric("ReportElsewhere", gateway="ADYEN")
            raise NotOurReport
        auth = (str(secret["report_user"]), str(secret["report_password"]))
        try:
            with self._http.stream("GET", address, auth=auth) as answer:
                if answer.status_code != 200:
                    raise GatewayUnavailable()
                text = b"".join(_bounded(answer.iter_bytes()))
        except httpx.HTTPError as error:
            metric("GatewayFailed", gateway="ADYEN", error=type(error).__name__)
            raise GatewayUnavailable() from None
        try:
            return read_report(text.decode("utf-8-sig"), account)
        except UnicodeDecodeError:
            raise ReportUnreadable("not UTF-8") from None


def _bounded(parts: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > BYTES_MAX:
            raise ReportUnreadable("too large")
        yield part
