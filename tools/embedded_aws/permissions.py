"""IAM: requests whose resource the emulator does not see, so that no policy could allow them."""

import json
from email.utils import parseaddr
from typing import Any

from tools.embedded_aws import emulator

SEND_EMAIL = ("POST", "/v2/email/outbound-emails")


def _sender(body: bytes) -> str:
    """The identity that sends: the address when it is one of its own, else its domain."""
    try:
        given = json.loads(body or b"{}")
    except ValueError:
        return ""
    address = parseaddr(str(given.get("FromEmailAddress", "")))[1]
    return address if address in emulator.mail._identities else address.rpartition("@")[2]


def authorise_mail_by_its_sender() -> None:
    """SendEmail is a request on the sending identity on AWS, and on nothing in particular here."""
    stock = emulator.permissions._ses_v2_resource_arn

    def resource(method: str, path: str, body: bytes, region: str, account: str) -> Any:
        if (method, path.rstrip("/")) == SEND_EMAIL:
            return f"arn:aws:ses:{region}:{account}:identity/{_sender(body)}"
        return stock(method, path, body, region, account)

    emulator.permissions._ses_v2_resource_arn = resource


def apply() -> None:
    authorise_mail_by_its_sender()
