"""Days that end with files: Adyen's settlement reports and the statements of the firm's bank."""

import csv
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.money_desk import Bank, Desk, bank, desk, over, sums_to_the_cent
from tests.journeys.test_money_adyen import CARD, pays_at_adyen, psp_of
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person

__all__ = ["bank", "desk"]
pytestmark = pytest.mark.journey

ADYEN, BANK = "ADYEN:USD", "BANK:USD"


def today() -> Any:
    """The day that ends."""
    return datetime.now(UTC).date()


def payout_of(sandbox: Any, report: str) -> tuple[str, int]:
    """What Adyen paid out by a settlement report in dollars: its name and cents."""
    address = f"{sandbox.url}/adyen/reports/download/MerchantAccount/BaobabSandbox/{report}"
    config = sandbox.get("/_control/config")
    auth = (config["adyen_report_user"], config["adyen_report_password"])
    answer = sandbox.http.get(address, auth=auth)
    rows = csv.DictReader(answer.raise_for_status().text.splitlines())
    (paid,) = [
        row for row in rows if (row["Type"], row["Net Currency"]) == ("MerchantPayout", "USD")
    ]
    name = paid["Modification Reference"].partition(" ")[0]
    return name, int(Decimal(paid["Net Debit (NC)"]) * 100)


def test_a_settlement_report_and_the_banks_statement_agree_with_the_books(
    veteran: Person,
    officer: Person,
    sandbox: Any,
    desk: Desk,
    bank: Bank,
    cases: Callable[..., list[Any]],
) -> None:
    deposit = pays_at_adyen(veteran, sandbox, "130.00")
    veteran.pay_by_card(deposit, card=CARD).raise_for_status()
    veteran.wait_for_deposit(deposit["depositId"], "FUNDED")
    psp = psp_of(sandbox, deposit)
    sandbox.fault("adyen", "REPORT_AVAILABLE", "duplicate", copies=3)
    report = sandbox.post("/_control/adyen/batches", {})["report"]
    name, cents = payout_of(sandbox, report)

    desk.wait_for_line(ADYEN, today(), "PAYOUT", name, "MATCHED")
    made, lines = desk.wait_for_line(ADYEN, today(), "PAYMENT", psp, "MATCHED")
    assert lines["PAYOUT", name]["status"] == "MATCHED"
    assert lines["FEE", psp]["theirs"]["amount"] == "-1.21"
    assert sums_to_the_cent(made, list(lines.values()))
    full = officer.client.graphql(op.RECONCILIATION_REPORT, reportId=made["reportId"])
    assert (len(full["hash"]), bool(full["signature"])) == (64, True)
    assert full["content"] is not None

    # The payout arrives, with what the bank charges, and with money that nobody expected.
    mark = secrets.token_hex(4)
    surprise = 10_000 + secrets.randbelow(90_000)
    entries = (
        (f"IN{mark}", cents, f"ADYEN PAYOUT {name}"),
        (f"FEE{mark}", -1500, "MONTHLY CHARGE"),
        (f"GIFT{mark}", surprise, "NO REFERENCE"),
    )
    bank.leaves(f"first-{mark}", *entries)
    (case,) = cases("UNMATCHED_MONEY", f"{BANK}:GIFT{mark}")
    assert case["userId"] is None
    made, lines = desk.wait_for_line(BANK, today(), "BANK", name, "MATCHED")
    made = officer.client.graphql(op.RECONCILIATION_REPORT, reportId=made["reportId"])
    assert sums_to_the_cent(made, list(lines.values()))
    assert lines["BANK", f"GIFT{mark}"]["status"] == "MATCHED"
    charged = lines["BANK", f"FEE{mark}"]
    assert (charged["status"], charged["theirs"]["amount"]) == ("MISSING_HERE", "-15.00")
    (broken,) = cases("RECONCILIATION_BREAK", f"{BANK}:BANK:FEE{mark}@{today().isoformat()}")
    assert broken["userId"] is None

    assert made["stated"] == made["theirs"]

    # A statement that tells most of it again, and one thing more.
    late = (f"LATE{mark}", 4200, "NO REFERENCE EITHER")
    bank.leaves(f"second-{mark}", *entries[1:], late)
    cases("UNMATCHED_MONEY", f"{BANK}:LATE{mark}")
    again, lines = desk.wait_for_line(BANK, today(), "BANK", f"LATE{mark}", "MATCHED")
    again = officer.client.graphql(op.RECONCILIATION_REPORT, reportId=again["reportId"])
    for side in ("ours", "theirs", "stated"):
        more = Decimal(again[side]["amount"]) - Decimal(made[side]["amount"])
        assert more == 42
    assert again["difference"] == made["difference"]
    assert len(cases("UNMATCHED_MONEY", f"{BANK}:GIFT{mark}")) == 1
    assert len(cases("RECONCILIATION_BREAK", broken["subject"])) == 1


def test_the_schedules_tick_makes_the_report_of_every_book_of_a_day_that_is_over(
    veteran: Person, desk: Desk, officer: Person
) -> None:
    deposit = veteran.create_deposit("STRIPE", "75.00")
    veteran.pay_by_card(deposit).raise_for_status()
    veteran.wait_for_deposit(deposit["depositId"], "FUNDED")
    day = today() - timedelta(days=1)

    def made() -> Any:
        # Accounts that have moved are known a moment later.
        desk.tick(over(day))
        return desk.newest("STRIPE:USD", day)

    report = wait_for("the report", made, every=1000)
    full = officer.client.graphql(op.RECONCILIATION_REPORT, reportId=report["reportId"])
    assert full["content"] is not None
    assert full["signature"]
    assert sums_to_the_cent(full, full["content"]["lines"])
    desk.tick(over(day))
    assert desk.newest("STRIPE:USD", day) == report
