"""Adyen: payment links, refunds, chargebacks, settlement reports, and signed notifications."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from sandbox.adyen.api import PREFIX, VERSION, AdyenApi
from sandbox.adyen.cards import CARDS
from sandbox.adyen.knobs import Knobs
from sandbox.adyen.notifications import Notifications
from sandbox.adyen.objects import Account
from sandbox.adyen.pay_page import PayPage
from sandbox.adyen.paying import Paying
from sandbox.adyen.reports import Reports
from sandbox.adyen.reversing import Reversing
from sandbox.config import SandboxConfig
from sandbox.context import Sandbox
from sandbox.index import VendorCard


def _credentials(config: SandboxConfig) -> Sequence[tuple[str, str]]:
    return (
        ("API key", config.adyen_api_key),
        ("merchant account", config.adyen_merchant_account),
        ("HMAC key", config.adyen_hmac_key),
        ("report user", config.adyen_report_user),
        ("report password", config.adyen_report_password),
        ("webhook URL", config.adyen_webhook_url or "not set"),
    )


CARD = VendorCard(
    "Adyen",
    (PREFIX + VERSION,),
    _credentials,
    tuple(
        (card.number, "3-D Secure, then pays" if card.authenticates else card.refusal or "pays")
        for card in CARDS.values()
    ),
)


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """The API, the pay page, the reports and the knobs."""
    account, notifications = Account(), Notifications(sandbox)
    paying = Paying(sandbox, account, notifications)
    reversing = Reversing(sandbox, account, notifications)
    reports = Reports(sandbox, account, notifications)
    sandbox.on_reset(account.clear)
    sandbox.on_reset(notifications.clear)
    return [
        *PayPage(sandbox, account, paying).routes(),
        *reports.routes(),
        *Knobs(sandbox, account, reversing, reports).routes(),
        *AdyenApi(sandbox, account, paying, reversing).routes(),
    ]
