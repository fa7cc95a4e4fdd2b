"""Mail through Amazon SES."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from shared.notifications.ports import MailRefused

if TYPE_CHECKING:
    from mypy_boto3_sesv2.client import SESV2Client


class SesMailer:
    """See Mailer. No retries by the SDK: it could send twice after a lost answer."""

    def __init__(self, sender: str, client: "SESV2Client | None" = None) -> None:
        self._sender = sender
        config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
        self._client: SESV2Client = client or boto3.client("sesv2", config=config)

    def send(self, *, address: str, subject: str, body: str) -> None:
        """See Mailer."""
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [address]},
                Content={
                    "Simple": {
                        "Subject": {"Data": subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": body, "Charset": "UTF-8"}},
                    }
                },
            )
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            # An answered refusal means that nothing was sent; a broken connection means unknown.
            if status < 500:
                raise MailRefused from error
            raise
