"""The settlement detail report: read to the cent, fetched from its own place only."""

import csv
import io
import json
from datetime import UTC, datetime

import httpx
import pytest

from shared.kernel.ids import Kind, UlidIds
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers import adyen_report
from shared.payments.providers.adyen_report import (
    COLUMNS,
    AdyenReports,
    NotOurReport,
    ReportLine,
    ReportUnreadable,
    read_report,
    report_address,
    totals,
)
from shared.platform.http import http_client
from tests.payments.adyen_desk import deliveries, listening

IDS = UlidIds("t1")
USER, DEPOSIT, PAYOUT = (IDS.new(kind) for kind in (Kind.USER, Kind.DEPOSIT, Kind.PAYOUT))
ACCOUNT = "TestMerchant"
SETTLED = {
    "Merchant Account": ACCOUNT,
    "Psp Reference": "1813702551707653",
    "Merchant Reference": f"{USER}.{DEPOSIT}",
    "Payment Method": "visa",
    "Creation Date": "2026-03-02 11:26:49",
    "TimeZone": "CET",
    "Type": "Settled",
    "Modification Reference": "1713702551795048",
    "Gross Currency": "GBP",
    "Gross Credit (GC)": "5.00",
    "Exchange Rate": "1",
    "Net Currency": "GBP",
    "Net Credit (NC)": "4.88",
    "Markup (NC)": "0.04",
    "Scheme Fees (NC)": "0.01",
    "Interchange (NC)": "0.07",
    "Batch Number": "4",
}


def written(*rows, columns=("Company Account", *COLUMNS, "Reserved10")):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({"Company Account": "TestCompany", **row} for row in rows)
    return out.getvalue()


def one(**changes):
    row = SETTLED | {name: value for name, value in changes.items() if value is not None}
    return read_report(written(row), ACCOUNT)[0]


def test_a_settled_payment_is_read_to_the_cent():
    assert one() == ReportLine(
        kind="Settled",
        payment="1813702551707653",
        reference=f"{USER}.{DEPOSIT}",
        modification="1713702551795048",
        modification_reference="",
        method="visa",
        at=datetime(2026, 3, 2, 10, 26, 49, tzinfo=UTC),
        batch=4,
        gross_currency="GBP",
        gross_minor=500,
        net_currency="GBP",
        net_minor=488,
        fee_minor=12,
    )
    assert one().named("t1") == (USER, DEPOSIT)
    assert one().named("t2") is None
    assert one().refund_named("t1") is None


def test_a_chargeback_costs_its_fee():
    debits = {
        "Type": "Chargeback",
        "Gross Credit (GC)": "",
        "Net Credit (NC)": "",
        "Gross Debit (GC)": "349.99",
        "Net Debit (NC)": "357.49",
        "Commission (NC)": "7.5",
    }
    line = one(**debits)
    assert (line.gross_minor, line.net_minor, line.fee_minor) == (-34_999, -35_749, 750)


def test_a_refund_names_the_payout():
    line = one(**{"Type": "Refunded", "Modification Merchant Reference": f"{USER}.{PAYOUT}"})
    assert line.refund_named("t1") == (USER, PAYOUT)


def test_of_a_converted_payment_the_fee_is_what_is_listed():
    line = one(**{"Net Currency": "EUR", "Exchange Rate": "1.17", "Net Credit (NC)": "5.73"})
    assert (line.gross_minor, line.net_minor, line.fee_minor) == (500, 573, 12)


def test_payouts_and_fees_are_about_no_payment():
    bare = dict.fromkeys(SETTLED, "") | {
        name: SETTLED[name] for name in ("Merchant Account", "Creation Date", "TimeZone")
    }
    payout = bare | {
        "Type": "MerchantPayout",
        "Modification Reference": "TX00000004XT batch 4",
        "Net Currency": "GBP",
        "Net Debit (NC)": "4.78",
        "Batch Number": "4",
    }
    fee = payout | {"Type": "Fee", "Net Debit (NC)": "0.10"}
    lines = read_report(written(SETTLED, fee, payout), ACCOUNT)
    assert [(line.kind, line.gross_minor, line.net_minor) for line in lines] == [
        ("Settled", 500, 488),
        ("Fee", None, -10),
        ("MerchantPayout", None, -478),
    ]
    assert totals(lines) == {}
    assert totals(lines[:2]) == {"GBP": 478}


@pytest.mark.parametrize(
    ("zone", "hour"), [("UTC", 11), ("BST", 10), ("CEST", 9), ("EAT", 8), ("EST", 16), ("PDT", 18)]
)
def test_all_times_are_on_one_basis(zone, hour):
    assert one(TimeZone=zone).at == datetime(2026, 3, 2, hour, 26, 49, tzinfo=UTC)


@pytest.mark.parametrize(
    ("currency", "text", "minor"), [("JPY", "500", 500), ("KWD", "5.001", 5001), ("KES", "5", 500)]
)
def test_each_currency_has_its_own_digits(currency, text, minor):
    line = one(
        **{
            "Gross Currency": currency,
            "Net Currency": currency,
            "Gross Credit (GC)": text,
            "Net Credit (NC)": text,
        }
    )
    assert (line.gross_minor, line.net_minor, line.fee_minor) == (minor, minor, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"Merchant Account": "AnotherShop"},
        {"Net Credit (NC)": "4.881"},
        {"Net Credit (NC)": "-4.88"},
        {"Net Credit (NC)": "4,88"},
        {"Net Credit (NC)": "1e9"},
        {"Net Credit (NC)": "NaN"},
        {"Net Credit (NC)": "\u0664"},
        {"Net Credit (NC)": "9" * 14},
        {"Net Currency": ""},
        {"Net Currency": "gbp"},
        {"Gross Currency": "pounds"},
        {"Exchange Rate": "one"},
        {"Creation Date": "02/03/2026 11:26"},
        {"Creation Date": "2026-02-30 11:26:49"},
        {"TimeZone": "XYZ"},
        {"TimeZone": ""},
        {"Batch Number": ""},
        {"Batch Number": "-1"},
        {"Commission (NC)": "x", "Exchange Rate": "2"},
    ],
)
def test_a_line_that_makes_no_sense_spoils_the_report(changes):
    with pytest.raises(ReportUnreadable):
        read_report(written(SETTLED, SETTLED | changes), ACCOUNT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "<html>",
        written(SETTLED, columns=COLUMNS[:-1]),
        written(SETTLED) + "a,b\n",
        written(SETTLED) + "," * 60 + "\n",
        written(SETTLED) + '"open',
    ],
)
def test_what_is_no_such_report_is_refused(text):
    with pytest.raises(ReportUnreadable):
        read_report(text, ACCOUNT)


def test_an_empty_batch_has_no_lines():
    assert read_report(written(), ACCOUNT) == []


SECRET = {
    "merchant_account": "BaobabSandbox",
    "report_user": "report@Company.Baobab",
    "report_password": "report-sandbox",
}


@pytest.fixture
def reports(sandbox_url):
    base = f"{sandbox_url}/adyen/reports"
    with http_client(base) as http:
        yield lambda **secret: AdyenReports(http, lambda: SECRET | secret, base)


def paid(sandbox, value=10_000, currency="USD", reference=f"{USER}.{DEPOSIT}"):
    link = sandbox.post(
        "/adyen/v72/paymentLinks",
        headers={"x-api-key": "AQE_sandbox"},
        json={
            "merchantAccount": "BaobabSandbox",
            "amount": {"value": value, "currency": currency},
            "reference": reference,
        },
    ).json()
    done = sandbox.post(f"/_control/adyen/links/{link['id']}/pay", json={}).raise_for_status()
    return done.json()["pspReference"]


def closed(sandbox):
    name = sandbox.post("/_control/adyen/batches").raise_for_status().json()["report"]
    return f"{str(sandbox.base_url).rstrip('/')}/adyen/reports/download/MerchantAccount/{{}}/{name}"


def test_a_batch_of_the_sandbox_adds_up_and_names_our_deposits(sandbox, reports):
    psp = paid(sandbox)
    paid(sandbox, 777_77, "KES")
    dispute = sandbox.post(f"/_control/adyen/payments/{psp}/chargeback", json={}).json()["dispute"]
    sandbox.post(f"/_control/adyen/disputes/{dispute}", json={"step": "take"}).raise_for_status()
    lines = reports().fetch(closed(sandbox).format("BaobabSandbox"))
    assert totals(lines) == {}
    assert [(line.kind, line.net_currency, line.net_minor) for line in lines] == [
        ("Settled", "USD", 9_907),
        ("Settled", "KES", 77_053),
        ("Chargeback", "USD", -10_750),
        ("Fee", "KES", -10),
        ("MerchantPayout", "KES", -77_043),
        ("Fee", "USD", -10),
        ("Balancetransfer", "USD", 853),
    ]
    assert lines[0].fee_minor == 93
    assert lines[0].payment == lines[2].payment == psp
    assert lines[0].named("t1") == (USER, DEPOSIT)
    assert lines[2].modification == dispute
    second = reports().fetch(closed(sandbox).format("BaobabSandbox"))
    assert [(line.kind, line.net_minor) for line in second] == [
        ("Balancetransfer", -853),
        ("Balancetransfer", 853),
    ]


@pytest.mark.parametrize(
    "address",
    [
        "https://ca-live.adyen.com/reports/download/MerchantAccount/BaobabSandbox/a.csv",
        "{base}/download/MerchantAccount/AnotherShop/a.csv",
        "{base}/download/MerchantAccount/BaobabSandbox/../AnotherShop/a.csv",
        "{base}/download/MerchantAccount/BaobabSandbox/a.csv?x=1",
        "{base}/download/MerchantAccount/BaobabSandbox/a.csv#x",
        "{base}/download/MerchantAccount/BaobabSandbox/a.xls",
        "{base}/download/MerchantAccount/BaobabSandbox/%2e%2e.csv",
        "{base}.evil.example/download/MerchantAccount/BaobabSandbox/a.csv",
        " {base}/download/MerchantAccount/BaobabSandbox/a.csv",
        "{base}/download/MerchantAccount/BaobabSandbox/a.csv\n",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_other_address_is_ever_called(address):
    def nobody(request):
        raise AssertionError("called")

    base = "http://127.0.0.1:4580/adyen/reports"
    with httpx.Client(transport=httpx.MockTransport(nobody)) as http:
        reports = AdyenReports(http, lambda: SECRET, base)
        with pytest.raises(NotOurReport):
            reports.fetch(address.format(base=base))


def test_a_report_that_cannot_be_had_comes_later(sandbox, reports):
    address = closed(sandbox).format("BaobabSandbox")
    with pytest.raises(GatewayUnavailable):
        reports(report_password="wrong").fetch(address)
    with pytest.raises(GatewayUnavailable):
        reports().fetch(address.replace("batch_1", "batch_9"))


def test_what_is_too_large_or_no_text_is_refused(monkeypatch):
    monkeypatch.setattr(adyen_report, "BYTES_MAX", 10)
    address = "http://127.0.0.1:9/r/download/MerchantAccount/BaobabSandbox/a.csv"
    for content in (b"x" * 11, b"\xff\xfe\x00"):
        answer = httpx.MockTransport(
            lambda _, content=content: httpx.Response(200, content=content)
        )
        with httpx.Client(transport=answer) as http:
            reports = AdyenReports(http, lambda: SECRET, "http://127.0.0.1:9/r")
            with pytest.raises(ReportUnreadable):
                reports.fetch(address)


def test_a_redirect_to_elsewhere_is_not_followed():
    moved = httpx.Response(302, headers={"location": "https://evil.example/a.csv"})
    with httpx.Client(transport=httpx.MockTransport(lambda _: moved)) as http:
        reports = AdyenReports(http, lambda: SECRET, "http://127.0.0.1:9/r")
        with pytest.raises(GatewayUnavailable):
            reports.fetch("http://127.0.0.1:9/r/download/MerchantAccount/BaobabSandbox/a.csv")


def test_the_address_of_a_report_is_told_by_its_notification_alone(sandbox, reports):
    listening(sandbox)
    address = closed(sandbox).format("BaobabSandbox")
    ((event, body),) = deliveries(sandbox, 1)
    assert event == "REPORT_AVAILABLE"
    item = json.loads(body)["notificationItems"][0]["NotificationRequestItem"]
    assert report_address(json.dumps(item).encode()) == address
    assert reports().fetch(address) == []
    for other in (
        {"eventCode": "AUTHORISATION"},
        {"success": "false"},
        {"reason": ""},
        {"reason": None},
        {"reason": 7},
    ):
        assert report_address(json.dumps(item | other).encode()) is None
    assert report_address(b"null") is None


def test_a_closed_batch_has_a_report_under_its_number(sandbox):
    closed(sandbox)
    assert json.loads(sandbox.get("/_control/adyen").text)["reports"] == [
        "settlement_detail_report_batch_1.csv"
    ]
