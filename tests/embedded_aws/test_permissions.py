"""Policies on single resources allow what they allow on AWS, and nothing else."""

from typing import Any

import boto3
import pytest

from tools.stack.places import REGION
from tools.stack.servers import aws_url

pytestmark = pytest.mark.emulator

SENDER = "no-reply@sender.example"
IDENTITY = f"arn:aws:ses:{REGION}:000000000000:identity/"


def _send(cloud: Any, credentials: dict[str, str], sender: str) -> str:
    make: Any = boto3.client
    mail = make("sesv2", endpoint_url=aws_url(cloud.ports), region_name=REGION, **credentials)
    try:
        mail.send_email(
            FromEmailAddress=sender,
            Destination={"ToAddresses": ["somebody@example.com"]},
            Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
        )
    except mail.exceptions.ClientError as error:
        return str(error.response["Error"]["Code"])
    return "sent"


def test_a_role_that_may_send_from_one_address_sends_from_no_other(cloud: Any) -> None:
    for address in (SENDER, "ceo@sender.example"):
        cloud.client("sesv2").create_email_identity(EmailIdentity=address)
    only = cloud.allowed_on("send-one", "ses:SendEmail", IDENTITY + SENDER)

    assert _send(cloud, only, SENDER) == "sent"
    assert _send(cloud, only, f"Baobab <{SENDER}>") == "sent"
    assert "AccessDenied" in _send(cloud, only, "ceo@sender.example")


def test_a_role_that_may_send_from_a_domain_sends_from_its_addresses(cloud: Any) -> None:
    cloud.client("sesv2").create_email_identity(EmailIdentity="domain.example")
    domain = cloud.allowed_on("send-domain", "ses:SendEmail", IDENTITY + "domain.example")

    assert _send(cloud, domain, "anybody@domain.example") == "sent"
    assert "AccessDenied" in _send(cloud, domain, "anybody@other.example")
