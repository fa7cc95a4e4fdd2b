"""The hosted page of a payment link, and the same for machines."""

from html import escape
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.adyen.api import PREFIX
from sandbox.adyen.cards import CARDS, find_card
from sandbox.adyen.objects import Account, Json, Link
from sandbox.adyen.paying import LinkNotActive, Paying
from sandbox.context import Sandbox
from sandbox.control import parsed, refusal

STYLE = (
    "body{font:16px/1.5 system-ui;max-width:26rem;margin:3rem auto;padding:0 1rem}"
    "input,button{font:inherit;padding:.5rem;margin:.3rem 0;width:100%;box-sizing:border-box}"
    "[role=alert]{color:#b00020}table{font-size:.8rem}"
)
INCORRECT_NUMBER = "This card number is incorrect."


class PayOrder(BaseModel):
    """Body of `POST /_control/adyen/links/{id}/pay`: a card, or the answer to 3-D Secure."""

    model_config = ConfigDict(extra="forbid")

    card: Annotated[str, Field(max_length=40)] = "4111111111111111"
    authenticate: Literal["pass", "fail"] | None = None


class PayPage:
    """What the payer sees and does."""

    def __init__(self, sandbox: Sandbox, account: Account, paying: Paying) -> None:
        self._sandbox = sandbox
        self._account = account
        self._paying = paying

    def routes(self) -> list[BaseRoute]:
        """The page and its machine twin."""
        page = PREFIX + "/pay/{id}"
        return [
            Route(page, self.show, methods=["GET"]),
            Route(page, self.submit, methods=["POST"]),
            Route("/_control/adyen/links/{id}/pay", self.pay_by_machine, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        link = self._account.links.get(request.path_params["id"])
        return _not_found() if link is None else self._page(link)

    async def submit(self, request: Request) -> Response:
        link = self._account.links.get(request.path_params["id"])
        if link is None:
            return _not_found()
        form = await request.form(max_files=0, max_fields=10)
        number, answer = form.get("card"), form.get("authenticate")
        try:
            if answer in {"pass", "fail"}:
                found = self._paying.authenticate(link, passed=answer == "pass")
            else:
                card = find_card(number if isinstance(number, str) else "")
                if card is None:
                    return self._page(link, INCORRECT_NUMBER, status=402)
                found = self._paying.by_link(link, card)
        except LinkNotActive:
            return self._page(link)
        if found["resultCode"] == "Authorised" and link.return_url is not None:
            return RedirectResponse(link.return_url, status_code=303)
        return self._page(link, found.get("refusalReason", ""), status=_status(found))

    async def pay_by_machine(self, request: Request) -> Response:
        link = self._account.links.get(request.path_params["id"])
        if link is None:
            return refusal(404, "no_such_link", request.path_params["id"])
        order = await parsed(request, PayOrder)
        if isinstance(order, Response):
            return order
        try:
            if order.authenticate is not None:
                found = self._paying.authenticate(link, passed=order.authenticate == "pass")
            else:
                card = find_card(order.card)
                if card is None:
                    return refusal(422, "incorrect_number", INCORRECT_NUMBER)
                found = self._paying.by_link(link, card)
        except LinkNotActive as error:
            return refusal(409, "link_not_active", str(error))
        now = self._sandbox.now()
        return JSONResponse({**found, "link": link.link_id, "link_status": link.status_at(now)})

    def _page(self, link: Link, problem: str = "", *, status: int = 200) -> Response:
        state = link.status_at(self._sandbox.now())
        if link.authenticating is not None:
            body = (
                "<p>Your bank asks: was it you?</p><form method=post>"
                '<button name=authenticate value=pass id="authenticate">Complete</button>'
                "<button name=authenticate value=fail>Fail</button></form>"
            )
        elif state == "active":
            body = _card_form(link)
        elif state == "completed":
            body = "<p>Paid.</p>"
        else:
            body = "<p>This link has expired. Nothing was charged.</p>"
        alert = f"<p role=alert>{escape(problem)}</p>" if problem else ""
        return _html(f"<h1>{_amount(link)}</h1>{alert}{body}", status)


def _status(found: Json) -> int:
    return 402 if found["resultCode"] == "Refused" else 200


def _amount(link: Link) -> str:
    value = link.amount.value
    return f"{link.amount.currency} {value // 100}.{value % 100:02d}"


def _card_form(link: Link) -> str:
    rows = "".join(
        f"<tr><td><code>{card.number}</code><td>{escape(card.refusal or 'pays')}"
        + (" after 3-D Secure" if card.authenticates else "")
        for card in CARDS.values()
    )
    return (
        "<form method=post><label>Card number <input name=card inputmode=numeric "
        'autocomplete=cc-number value="4111 1111 1111 1111"></label>'
        f'<button id="pay">Pay {_amount(link)}</button></form>'
        f"<p>A test page: no card is charged.</p><table>{rows}</table>"
    )


def _html(body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test payment</title>'
        f"<style>{STYLE}</style>{body}</html>",
        status,
    )


def _not_found() -> HTMLResponse:
    return _html("<p>There is no such link.</p>", 404)
