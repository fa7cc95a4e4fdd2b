"""A person's way through the platform, one method per thing that people do."""

import base64
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tools.journey import operations as op
from tools.journey.client import Client, wait_for
from tools.journey.pictures import photo

PROFILE: Mapping[str, object] = {
    "givenName": "Wanjiru",
    "familyName": "Kamau",
    "dateOfBirth": "1990-04-17",
    "phone": "+254712345678",
    "street": "12 Moi Avenue",
    "city": "Nairobi",
    "postalCode": "00100",
    "country": "KEN",
    "nationality": "KEN",
    "taxIdType": "KEN_KRA_PIN",
    "taxId": "A012345678Z",
    "taxCountry": "KEN",
    "fundingSource": "EMPLOYMENT_INCOME",
    "employment": "EMPLOYED",
    "controlPerson": False,
    "exchangeAffiliated": False,
    "politicallyExposed": False,
    "familyExposed": False,
}
CODE_IN_THE_MAIL = "123456"
"""The embedded identity service sends this code to everybody."""
CARD = "4242424242424242"
SENT_WITHIN_S = 6
"""So long a code of the authenticator may be under way on a busy machine."""


@dataclass
class Person:
    """Somebody with a mail address, a phone and a card."""

    client: Client
    sandbox_url: str
    email: str
    password: str = "Baobab-tree-2026!"  # noqa: S105 - of nobody
    totp: TOTP | None = None
    user_id: str = ""
    recovery_codes: list[str] = field(default_factory=list)
    last_step: int = 0
    """Half minute of the authenticator code that was used last; none is used twice."""

    @classmethod
    def new(cls, endpoints: Mapping[str, str], name: str = "wanjiru") -> "Person":
        """Somebody the platform has never seen."""
        client = Client(endpoints["graphql"], endpoints["session"])
        email = f"{name}.{secrets.token_hex(5)}@example.com"
        return cls(client, endpoints["sandbox"], email)

    def sign_up(self, language: str = "EN") -> None:
        """Sign up and confirm the address."""
        self.client.session(
            op.SIGN_UP,
            input={"email": self.email, "password": self.password, "language": language},
        )
        code = {"email": self.email, "code": CODE_IN_THE_MAIL}
        self.client.session(op.CONFIRM_SIGN_UP, input=code)

    def sign_in(self) -> None:
        """With the password, and the second factor when there is one."""
        credentials = {"email": self.email, "password": self.password}
        answer = self.client.session(op.SIGN_IN, input=credentials)
        if "challengeId" in answer:
            code = {"challengeId": answer["challengeId"], "code": self.totp_code()}
            answer = self.client.session(op.ANSWER_MFA, input=code)
        self._signed_in(answer)

    def refresh(self) -> None:
        """A new access token for the session in the cookie."""
        self._signed_in(self.client.session(op.REFRESH_SESSION))

    def sign_out(self) -> None:
        """End the session."""
        self.client.session(op.SIGN_OUT)

    def _signed_in(self, answer: Any) -> None:
        self.client.access_token, self.user_id = answer["accessToken"], answer["userId"]

    def add_second_factor(self) -> None:
        """Enrol an authenticator app."""
        begun = self.client.session(op.BEGIN_TOTP)
        padded = begun["secret"] + "=" * (-len(begun["secret"]) % 8)
        key = base64.b32decode(padded, casefold=True)
        self.totp = TOTP(key, 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303 - RFC 6238
        finished = self.client.session(op.FINISH_TOTP, input={"code": self.totp_code()})
        self.recovery_codes = finished["recoveryCodes"]

    def step_up(self) -> None:
        """Prove the second factor once more, for this session."""
        proof = {"password": self.password, "code": self.totp_code()}
        self.client.session(op.STEP_UP, input=proof)

    def totp_code(self) -> str:
        """A code that was not used before: clocks may differ by half a minute, so the next one is
        good already and the last one still, unless it ends while it is sent; a fourth in a row is
        waited for."""
        if self.totp is None:
            raise LookupError("there is no second factor yet")
        while (step := max(self.last_step + 1, _oldest_step())) > _newest_step():
            time.sleep(1)
        self.last_step = step
        return self.totp.generate(step * 30).decode()

    def complete_profile(self, **changes: object) -> None:
        """Everything that identity check and broker ask for."""
        self.client.graphql(op.UPDATE_PROFILE, input={**PROFILE, **changes})

    def answer_risk_questions(self, boldness: int = 100) -> Any:
        """Take the choice so far down the list of every question (0-100); the assessment."""
        form = self.client.graphql(op.RISK_QUESTIONNAIRE)
        answers = []
        for question in form["questions"]:
            choices = question["choices"]
            choice = choices[(len(choices) - 1) * boldness // 100]
            answers.append({"question": question["key"], "choice": choice["key"]})
        submitted = {"version": form["version"], "answers": answers}
        return self.client.graphql(op.SUBMIT_RISK_PROFILE, input=submitted)["assessment"]

    def upload(self, document_type: str, content: bytes | None = None) -> str:
        """Ask for an upload and send a photo; the document's id."""
        picture = content or photo()
        wanted = {
            "documentType": document_type,
            "contentType": "image/png",
            "sizeBytes": len(picture),
        }
        place = self.client.graphql(op.REQUEST_KYC_UPLOAD, input=wanted)
        send_form(place["url"], place["fields"], picture)
        return str(place["docId"])

    def prove_identity(self) -> None:
        """Passport and selfie."""
        self.upload("PASSPORT")
        self.upload("SELFIE")

    def kyc(self) -> Any:
        """Where the identity check stands."""
        return self.client.graphql(op.KYC)

    def wait_for_kyc(self, *statuses: str, seconds: int = 60) -> Any:
        """The first sight of one of these case states."""

        def look() -> Any:
            seen = self.kyc()
            return seen if seen["kycCase"]["status"] in statuses else None

        return wait_for(f"identity check {' or '.join(statuses)}", look, seconds=seconds)

    def wait_for_broker(self, seconds: int = 60) -> None:
        """Until the account at the broker is open."""
        wait_for(
            "the broker account's opening",
            lambda: self.kyc()["user"]["brokerAccountStatus"] == "ACTIVE",
            seconds=seconds,
        )

    def create_deposit(self, gateway: str, amount: str, **more: object) -> Any:
        """Begin a deposit: by card in dollars or by M-Pesa in shillings."""
        asked: dict[str, object] = {
            "idempotencyKey": secrets.token_hex(16),
            "gateway": gateway,
            "amount": amount,
            "currency": "USD" if gateway == "STRIPE" else "KES",
        }
        if gateway == "MPESA":
            asked["phone"] = PROFILE["phone"]
        return self.client.graphql(op.CREATE_DEPOSIT, input=asked | more)["deposit"]

    def pay_by_card(self, deposit: Mapping[str, Any], card: str = CARD) -> httpx.Response:
        """Fill in the card form of the pay page, whichever gateway's it is."""
        page = deposit["nextAction"]["redirectUrl"]
        vendor, pages = ("adyen", "links") if "/adyen/" in page else ("stripe", "sessions")
        name = page.rstrip("/").rsplit("/", 1)[-1].partition("?")[0]
        pay = f"{self.sandbox_url}/_control/{vendor}/{pages}/{name}/pay"
        return self.client.http.post(pay, json={"card": card})

    def deposit(self, deposit_id: str) -> Any:
        """One deposit now."""
        return self.client.graphql(op.DEPOSIT, depositId=deposit_id)["deposit"]

    def wait_for_deposit(self, deposit_id: str, *statuses: str, seconds: int = 60) -> Any:
        """The first sight of one of these states."""

        def look() -> Any:
            seen = self.deposit(deposit_id)
            return seen if seen["status"] in statuses else None

        return wait_for(f"deposit {' or '.join(statuses)}", look, seconds=seconds)

    def screen(self) -> Any:
        """Everything that the main screen shows, in one query."""
        return self.client.graphql(op.SCREEN)

    def wait_until_invested(self, deposit_ids: Iterable[str], seconds: int = 90) -> Any:
        """Until each deposit has its plan and all orders have ended; the screen then. A plan may
        have none: what arrived a moment earlier was invested by the plan before."""
        wanted = set(deposit_ids)

        def look() -> Any:
            # First: a plan is there together with its orders.
            plans = self.client.graphql(op.PLANS)["plans"]["nodes"]
            if not wanted <= {plan["depositId"] for plan in plans}:
                return None
            orders = self.screen()["orders"]["nodes"]
            # A screen's holdings are read beside its orders: those of the next one are whole.
            return self.screen() if all(one["status"] in ENDED for one in orders) else None

        return wait_for("the investment of all deposits", look, seconds=seconds)

    def journal(self) -> list[Any]:
        """All journal entries, newest first."""
        entries: list[Any] = []
        after: str | None = None
        while True:
            page = self.client.graphql(op.JOURNAL, after=after)["journal"]
            entries += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return entries
            after = page["pageInfo"]["endCursor"]


def _oldest_step() -> int:
    return (int(time.time()) + SENT_WITHIN_S) // 30 - 1


def _newest_step() -> int:
    return int(time.time()) // 30 + 1


ENDED = frozenset({"FILLED", "REJECTED", "CANCELED", "EXPIRED", "REPLACED"})


def send_form(url: str, fields: Iterable[Mapping[str, str]], content: bytes) -> None:
    """Upload a file by the presigned form."""
    form = {field["name"]: field["value"] for field in fields}
    with httpx.Client(timeout=20, trust_env=False) as http:
        answer = http.post(url, data=form, files={"file": ("photo.png", content, "image/png")})
    answer.raise_for_status()
