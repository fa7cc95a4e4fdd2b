"""Settlement detail reports: closed by a knob, told of by a notification, fetched by password."""

import base64
import binascii
import csv
import hmac
import io
from collections import defaultdict

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.adyen.notifications import Notifications
from sandbox.adyen.objects import Account, Amount, Booking
from sandbox.context import Sandbox

PREFIX = "/adyen/reports"
COMPANY = "Baobab"
FEE_PER_PAYMENT = 10
COLUMNS = (
    "Company Account",
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
    "Payment Method Variant",
    "Modification Merchant Reference",
    "Batch Number",
    *(f"Reserved{number}" for number in range(4, 11)),
)


class Reports:
    """One batch after the other; each adds up to zero in every currency."""

    def __init__(self, sandbox: Sandbox, account: Account, notifications: Notifications) -> None:
        self._sandbox = sandbox
        self._account = account
        self._notifications = notifications

    def routes(self) -> list[BaseRoute]:
        """Where a report is fetched."""
        path = PREFIX + "/download/MerchantAccount/{account}/{name}"
        return [Route(path, self.fetch, methods=["GET"])]

    def close_batch(self, base_url: str) -> str:
        """Closes the batch and gives the name of its report."""
        batch = len(self._account.reports) + 1
        name = f"settlement_detail_report_batch_{batch}.csv"
        lines = [*self._account.bookings, *self._closing(batch)]
        self._account.bookings.clear()
        self._account.reports[name] = self._csv(lines, batch)
        account = self._sandbox.config.adyen_merchant_account
        self._notifications.publish(
            "REPORT_AVAILABLE",
            psp=name,
            reference="",
            amount=Amount("EUR", 0),
            reason=f"{base_url}{PREFIX}/download/MerchantAccount/{account}/{name}",
        )
        return name

    def _closing(self, batch: int) -> list[Booking]:
        """Fees per payment, what is carried from and to other batches, and the payouts."""
        now, found = self._sandbox.now(), []

        def line(kind: str, currency: str, net: int, text: str) -> int:
            if net:
                found.append(Booking(kind, "", "", "", text, now, currency, gross=None, net=net))
            return net

        net: defaultdict[str, int] = defaultdict(int)
        counted: defaultdict[str, int] = defaultdict(int)
        for one in self._account.bookings:
            net[one.currency] += one.net
            counted[one.currency] += one.kind == "Settled"
        carried, self._account.carried = self._account.carried, {}
        for currency in sorted({*net, *carried}):
            total = net[currency]
            fees = -FEE_PER_PAYMENT * counted[currency]
            total += line("Fee", currency, fees, f"Transaction Fees batch {batch}")
            total += line("Balancetransfer", currency, carried.get(currency, 0), "from the last")
            if total < 0:
                line("Balancetransfer", currency, -total, "to the next")
                self._account.carried[currency] = total
            else:
                text = f"TX{batch:08d}XT batch {batch}, {COMPANY}"
                line("MerchantPayout", currency, -total, text)
        return found

    def _csv(self, lines: list[Booking], batch: int) -> str:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        account = self._sandbox.config.adyen_merchant_account
        for one in lines:
            writer.writerow(
                (
                    COMPANY,
                    account,
                    one.psp,
                    one.reference,
                    one.method,
                    one.at.strftime("%Y-%m-%d %H:%M:%S"),
                    "UTC",
                    one.kind,
                    one.modification,
                    "" if one.gross is None else one.currency,
                    _side(one.gross, -1),
                    _side(one.gross, 1),
                    "" if one.gross is None else "1",
                    one.currency,
                    _side(one.net, -1),
                    _side(one.net, 1),
                    *map(_fee, (one.commission, one.markup, one.scheme, one.interchange)),
                    one.method and f"{one.method}classic",
                    one.modification_reference,
                    batch,
                    *[""] * 7,
                )
            )
        return out.getvalue()

    async def fetch(self, request: Request) -> Response:
        """The file, for the report user only."""
        if not self._knows(request.headers.get("Authorization", "")):
            return PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": "Basic"})
        report = self._account.reports.get(request.path_params["name"])
        ours = request.path_params["account"] == self._sandbox.config.adyen_merchant_account
        if report is None or not ours:
            return PlainTextResponse("Not found", 404)
        return Response(report, media_type="text/csv")

    def _knows(self, header: str) -> bool:
        scheme, _, given = header.partition(" ")
        config = self._sandbox.config
        known = f"{config.adyen_report_user}:{config.adyen_report_password}".encode()
        try:
            shown = base64.b64decode(given, validate=True)
        except (binascii.Error, ValueError):
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(shown, known)


def _side(value: int | None, sign: int) -> str:
    """The amount, if it belongs on this side; nothing at all on neither side."""
    if value is None or value * sign <= 0:
        return ""
    return f"{abs(value) // 100}.{abs(value) % 100:02d}"


def _fee(value: int) -> str:
    return _side(value, 1)
