"""What payers do: pay by card, pass 3-D Secure or not; and what that does to the books."""

from sandbox.adyen.cards import CARDS, TestCard
from sandbox.adyen.notifications import Notifications
from sandbox.adyen.objects import Account, Amount, Booking, Json, Link, Payment, new_psp
from sandbox.context import Sandbox

MARKUP, SCHEME, INTERCHANGE = 60, 13, 20
"""Fees in hundredths of a percent of the amount."""
NOT_AUTHENTICATED = "3D Not Authenticated"


class LinkNotActive(Exception):
    """The link was used or has expired."""


def share(value: int, hundredths_of_percent: int) -> int:
    """A share of an amount, rounded half up."""
    return (2 * value * hundredths_of_percent + 10_000) // 20_000


class Paying:
    """Authorises and captures in one step."""

    def __init__(self, sandbox: Sandbox, account: Account, notifications: Notifications) -> None:
        self._sandbox = sandbox
        self._account = account
        self._notifications = notifications

    def by_link(self, link: Link, card: TestCard) -> Json:
        """Tries a card on a link's page. A refused one leaves the link open.

        Raises:
            LinkNotActive: nothing was changed.
        """
        status = link.status_at(self._sandbox.now())
        if status != "active":
            raise LinkNotActive(f"the link is {status}")
        if card.authenticates:
            link.authenticating = card.number
            return {"resultCode": "ChallengeShopper"}
        link.authenticating = None
        return self._on_link(link, card, card.refusal)

    def authenticate(self, link: Link, *, passed: bool) -> Json:
        """Ends 3-D Secure. Who was asked before the link expired can still pay after it.

        Raises:
            LinkNotActive: nobody was asked.
        """
        if link.authenticating is None or link.status == "completed":
            raise LinkNotActive("no card waits for authentication")
        card, link.authenticating = CARDS[link.authenticating], None
        return self._on_link(link, card, None if passed else NOT_AUTHENTICATED)

    def _on_link(self, link: Link, card: TestCard, refusal: str | None) -> Json:
        more = {f"metadata.{name}": value for name, value in link.metadata.items()}
        found = self.pay(
            link.amount, link.reference, card, refusal, {**more, "paymentLinkId": link.link_id}
        )
        if found["resultCode"] == "Authorised":
            link.status = "completed"
        return found

    def pay(
        self,
        amount: Amount,
        reference: str,
        card: TestCard,
        refusal: str | None,
        more: dict[str, str] | None = None,
    ) -> Json:
        """Authorises, or refuses with `refusal`; the answer as `/payments` gives it."""
        psp = new_psp()
        told = {**(more or {}), "cardSummary": card.summary, "expiryDate": "03/2030"}
        if refusal is None:
            payment = Payment(psp, amount, reference, card.brand)
            self._account.payments[psp] = payment
            self._settle(payment)
        self._notifications.publish(
            "AUTHORISATION",
            psp=psp,
            reference=reference,
            amount=amount,
            success=refusal is None,
            reason=refusal or f"039404:{card.summary}:03/2030",
            method=card.brand,
            more=told,
        )
        answer: Json = {
            "pspReference": psp,
            "resultCode": "Authorised" if refusal is None else "Refused",
            "merchantReference": reference,
            "amount": amount.as_json(),
            "paymentMethod": {"type": "scheme", "brand": card.brand},
        }
        if refusal is not None:
            answer |= {"refusalReason": refusal, "refusalReasonCode": card.code or "11"}
        return answer

    def _settle(self, payment: Payment) -> None:
        value = payment.amount.value
        markup, scheme, interchange = (share(value, of) for of in (MARKUP, SCHEME, INTERCHANGE))
        self._account.bookings.append(
            Booking(
                "Settled",
                payment.psp,
                payment.reference,
                payment.method,
                new_psp(),
                self._sandbox.now(),
                payment.amount.currency,
                gross=value,
                net=value - markup - scheme - interchange,
                markup=markup,
                scheme=scheme,
                interchange=interchange,
            )
        )
