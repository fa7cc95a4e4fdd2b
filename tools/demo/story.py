"""What happens in the demo, step by step; each step leaves what the report needs."""

from dataclasses import dataclass, field
from typing import Any

from tools.journey.person import Person


@dataclass
class Story:
    """One person's first day."""

    person: Person
    assessment: Any = None
    deposits: list[Any] = field(default_factory=list)
    screen: Any = None
    journal: list[Any] = field(default_factory=list)

    def sign_up(self) -> str:
        """An account with an active session."""
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
