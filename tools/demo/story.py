"""What happens in the demo, step by step; each step leaves what the report needs."""

from dataclasses import dataclass, field
from typing import Any

from tools.demo.day import Day
from tools.journey.person import PROFILE, Person
from tools.journey.purse import HOLDER, Purse

FALLBACK, CARD_AT_ADYEN = "300.00", "4111111111111111"
MANY = 40
"""More faults than requests."""


@dataclass
class Story:
    """One person's first day."""

    person: Person
    day: Day
    assessment: Any = None
    deposits: list[Any] = field(default_factory=list)
    screen: Any = None
    journal: list[Any] = field(default_factory=list)
    phone: Any = None
    withdrawal: Any = None
    reports: list[Any] = field(default_factory=list)

    def sign_up(self) -> str:
        """An account with an active session."""
        self.day.begin()
        self.person.sign_up()
        self.person.sign_in()
        return self.person.email

    def second_factor(self) -> None:
        """TOTP, and a session that is renewed and ended."""
        self.person.add_second_factor()
        self.person.sign_in()
        self.person.refresh()
        self.person.sign_out()
        self.person.sign_in()

    def risk(self) -> str:
        """A balanced answer to every question."""
        self.person.complete_profile()
        self.assessment = self.person.answer_risk_questions(boldness=70)
        return f"score {self.assessment['score']} of 5"

    def identity(self) -> str:
        """Documents, scan, provider, decision."""
        self.person.prove_identity()
        seen = self.person.wait_for_kyc("APPROVED", "REJECTED", "ACTION_REQUIRED")
        return str(seen["kycCase"]["status"]).lower()

    def broker(self) -> None:
        """The approval opened it; nobody asked."""
        self.person.wait_for_broker()

    def card(self) -> str:
        """Pay on the hosted page and wait until the cash is at the broker."""
        deposit = self.person.create_deposit("STRIPE", "1000.00")
        self.person.pay_by_card(deposit).raise_for_status()
        return self._funded(deposit)

    def mpesa(self) -> str:
        """Answer the prompt on the phone (the sandbox does) and wait likewise."""
        return self._funded(self.person.create_deposit("MPESA", "65000.00"))

    def _funded(self, deposit: Any) -> str:
        done = self.person.wait_for_deposit(deposit["depositId"], "FUNDED", "FAILED", "EXPIRED")
        if done["status"] != "FUNDED":
            raise TimeoutError(f"the deposit ended as {done['status']}: {done['reasonText']}")
        self.deposits.append(done)
        return f"{done['credited']['amount']} USD at the broker"

    def fallback(self) -> str:
        """Stripe answers nothing but errors; the same deposit is paid at Adyen. The exchange takes
        none of its orders, so that it stays cash."""
        # A phone that money may leave to is not used at once: it is named in good time.
        self.phone = self._own_phone()
        self._order_fault("stripe", "checkout_sessions.create", "error", MANY, status=500)
        deposit = self.person.create_deposit("STRIPE", FALLBACK)
        self._control("DELETE", "/_control/faults")
        self._order_fault("alpaca", "orders.create", "reject", MANY)
        self.person.pay_by_card(deposit, card=CARD_AT_ADYEN).raise_for_status()
        note = self._funded(deposit)
        self.person.wait_until_invested([deposit["depositId"]])
        self._control("DELETE", "/_control/faults")
        return f"{note}, through {deposit['gateway'].title()}"

    def withdraw(self) -> str:
        """To the phone, at the rate of this moment, until M-Pesa's receipt is there."""
        purse = Purse(self.person)
        asked = purse.withdraw(self.phone["payoutAccountId"], FALLBACK)
        done = purse.wait_for_withdrawal(asked["payoutId"], "PAID", "FAILED", "RETURNED")
        if done["status"] != "PAID":
            raise TimeoutError(f"the withdrawal ended as {done['status']}: {done['reasonText']}")
        self.withdrawal = done
        return f"{done['amount']['amount']} KES, receipt {done['receipt']}"

    def reconcile(self) -> str:
        """The day ends, and staff read whether everybody agrees."""
        self.reports = self.day.end()
        lines = sum(report["matched"] for report in self.reports)
        return f"{len(self.reports)} signed reports, {lines} lines agree"

    def _own_phone(self) -> Any:
        phone = str(PROFILE["phone"])
        hers = {"phone": phone.removeprefix("+"), "name": HOLDER}
        self._control("POST", "/_control/daraja/subscribers", hers)
        return Purse(self.person).add_phone(phone)

    def _order_fault(
        self, vendor: str, operation: str, kind: str, times: int, **params: object
    ) -> None:
        order = {"vendor": vendor, "operation": operation, "kind": kind, "times": times}
        self._control("POST", "/_control/faults", order | {"params": params})

    def _control(self, method: str, path: str, body: object = None) -> None:
        url = self.person.sandbox_url + path
        self.person.client.http.request(method, url, json=body).raise_for_status()

    def invest(self) -> str:
        """Nothing to do but wait."""
        wanted = [deposit["depositId"] for deposit in self.deposits]
        self.screen = self.person.wait_until_invested(wanted)
        return f"{len(self.screen['orders']['nodes'])} orders"

    def books(self) -> str:
        """What the person sees, and the entries behind it."""
        self.screen = self.person.screen()
        self.journal = self.person.journal()
        return f"{len(self.journal)} entries"
