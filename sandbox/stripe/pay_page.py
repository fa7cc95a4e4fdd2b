"""The hosted pay page of a Checkout Session, and the same for machines."""

from html import escape
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.control import parsed, refusal
from sandbox.stripe.api import PREFIX
from sandbox.stripe.banks import DISPUTES, FAILURES, PAYS, STAYS, US_NUMBER
from sandbox.stripe.cards import CARDS, find_card
from sandbox.stripe.checkout import Checkout, SessionNotOpen
from sandbox.stripe.objects import Json
from sandbox.stripe.state import StripeState

STYLE = (
    "body{font:16px/1.5 system-ui;max-width:26rem;margin:3rem auto;padding:0 1rem}"
    "input,button{font:inherit;padding:.5rem;margin:.3rem 0;width:100%;box-sizing:border-box}"
    "[role=alert]{color:#b00020}table{font-size:.8rem}"
)
INCORRECT_NUMBER = "Your card number is incorrect."
INCORRECT_ACCOUNT = "Your account number is incorrect."


class PayOrder(BaseModel):
    """Body of `POST /_control/stripe/sessions/{id}/pay`: a card, the answer to 3-D Secure, or of
    a session that takes bank accounts the number of one."""

    model_config = ConfigDict(extra="forbid")

    card: Annotated[str, Field(max_length=40)] = "4242424242424242"
    bank_account: Annotated[str, Field(pattern=r"^\d{4,17}$")] = PAYS
    authenticate: Literal["pass", "fail"] | None = None


class PayPage:
    """What the customer sees and does."""

    def __init__(self, state: StripeState, checkout: Checkout) -> None:
        self._state = state
        self._checkout = checkout

    def routes(self) -> list[BaseRoute]:
        """The page and its machine twin."""
        page = PREFIX + "/pay/{id}"
        return [
            Route(page, self.show, methods=["GET"]),
            Route(page, self.submit, methods=["POST"]),
            Route("/_control/stripe/sessions", self.list_all, methods=["GET"]),
            Route("/_control/stripe/sessions/{id}/pay", self.pay_by_machine, methods=["POST"]),
        ]

    async def list_all(self, _: Request) -> Response:
        """Every session, also those whose maker never learnt of them; newest last."""
        return JSONResponse({"sessions": list(self._state.sessions.values())})

    async def show(self, request: Request) -> Response:
        session = self._state.sessions.get(request.path_params["id"])
        return _not_found() if session is None else self._page(session)

    async def submit(self, request: Request) -> Response:
        session = self._state.sessions.get(request.path_params["id"])
        if session is None:
            return _not_found()
        form = await request.form(max_files=0, max_fields=10)
        card_number, answer = form.get("card"), form.get("authenticate")
        try:
            if answer in {"pass", "fail"}:
                intent = self._checkout.authenticate(session, passed=answer == "pass")
            elif _takes_debits(session):
                number = form.get("bank_account")
                if not isinstance(number, str) or not US_NUMBER.fullmatch(number):
                    return self._page(session, INCORRECT_ACCOUNT, status=402)
                intent = self._checkout.debit(session, number)
            else:
                card = find_card(card_number if isinstance(card_number, str) else "")
                if card is None:
                    return self._page(session, INCORRECT_NUMBER, status=402)
                intent = self._checkout.pay(session, card)
        except SessionNotOpen:
            return self._page(session)
        if session["status"] == "complete":
            return RedirectResponse(_success_url(session), status_code=303)
        error = intent["last_payment_error"]
        if error is not None:
            return self._page(session, error["message"], status=402)
        return self._page(session)

    async def pay_by_machine(self, request: Request) -> Response:
        session = self._state.sessions.get(request.path_params["id"])
        if session is None:
            return refusal(404, "no_such_session", request.path_params["id"])
        order = await parsed(request, PayOrder)
        if isinstance(order, Response):
            return order
        try:
            if order.authenticate is not None:
                intent = self._checkout.authenticate(session, passed=order.authenticate == "pass")
            elif _takes_debits(session):
                intent = self._checkout.debit(session, order.bank_account)
            else:
                card = find_card(order.card)
                if card is None:
                    return refusal(422, "incorrect_number", INCORRECT_NUMBER)
                intent = self._checkout.pay(session, card)
        except SessionNotOpen as error:
            return refusal(409, "session_not_open", str(error))
        return JSONResponse(
            {
                "session": session["id"],
                "session_status": session["status"],
                "payment_status": session["payment_status"],
                "payment_intent": intent["id"],
                "payment_intent_status": intent["status"],
                "last_payment_error": intent["last_payment_error"],
                "redirect": _success_url(session) if session["status"] == "complete" else None,
            }
        )

    def _page(self, session: Json, problem: str = "", *, status: int = 200) -> Response:
        if session["status"] == "complete":
            body = f'<p>Paid. <a href="{escape(_success_url(session))}">Go on</a></p>'
        elif session["status"] == "expired":
            body = "<p>This page has expired. Nothing was charged.</p>"
        elif self._checkout.waits_for_authentication(session["id"]):
            body = (
                "<p>Your bank asks: was it you?</p><form method=post>"
                '<button name=authenticate value=pass id="authenticate">Complete</button>'
                "<button name=authenticate value=fail>Fail</button></form>"
            )
        else:
            body = _debit_form(session) if _takes_debits(session) else _card_form(session)
        alert = f"<p role=alert>{escape(problem)}</p>" if problem else ""
        return _html(f"<h1>{_amount(session)}</h1>{alert}{body}", status)


def _takes_debits(session: Json) -> bool:
    return "us_bank_account" in session["payment_method_types"]


def _debit_form(session: Json) -> str:
    numbers = (PAYS, STAYS, DISPUTES, *FAILURES)
    choices = "".join(f"<option>{number}" for number in numbers if number.isdigit())
    return (
        "<form method=post><label>Bank account <select name=bank_account>"
        f'{choices}</select></label><button id="pay">Pay {_amount(session)}</button></form>'
        "<p>A test page: no account is debited.</p>"
    )


def _card_form(session: Json) -> str:
    cancel = session["cancel_url"]
    back = f'<p><a href="{escape(cancel)}">Back</a></p>' if cancel else ""
    rows = "".join(
        f"<tr><td><code>{card.number}</code><td>{card.behaviour}"
        f"<td>{escape(card.decline_code or card.code or '')}"
        for card in CARDS.values()
    )
    return (
        "<form method=post><label>Card number <input name=card inputmode=numeric "
        'autocomplete=off value="4242 4242 4242 4242"></label>'
        f'<button id="pay">Pay {_amount(session)}</button></form>{back}'
        f"<p>A test page: no card is charged.</p><table>{rows}</table>"
    )


def _amount(session: Json) -> str:
    major, minor = divmod(session["amount_total"], 100)
    return f"{session['currency'].upper()} {major:,}.{minor:02}"


def _success_url(session: Json) -> str:
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _not_found() -> Response:
    return _html("<p>There is no such page.</p>", 404)


def _html(body: str, status: int) -> Response:
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Pay</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{STYLE}</style><main>{body}</main></html>",
        status_code=status,
        headers={"Cache-Control": "no-store"},
    )
