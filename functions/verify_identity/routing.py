"""From messages to use cases of identity."""

import json
from dataclasses import dataclass
from urllib.parse import unquote_plus

from shared.kyc.errors import ProviderRefused, ProviderUnavailable
from shared.kyc.service import read_key
from shared.kyc.uploads import ScanResult, ScanVerdict, Uploads
from shared.kyc.verification import Progress, Verification
from shared.platform.observability import metric
from shared.platform.queues import (
    AwsMessage,
    CheckMessage,
    Checks,
    EventMessage,
    MalformedMessage,
    Message,
    WebhookMessage,
)
from shared.users.events import ProfileCompletedV1

CHECK = "identity"
SCAN_RESULT = "GuardDuty Malware Protection Object Scan Result"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where every message about an identity arrives."""

    uploads: Uploads
    verification: Verification
    checks: Checks
    quarantine: str

    def handle(self, message: Message) -> None:
        """One message; any exception means "again later"."""
        match message:
            case AwsMessage(detail_type=detail_type) if detail_type == SCAN_RESULT:
                self._scanned(message)
            case WebhookMessage(vendor="onfido"):
                self._delivered(message)
            case CheckMessage(check=check) if check == CHECK:
                self._checked(message)
            case EventMessage():
                event = message.envelope.open()
                if not isinstance(event, ProfileCompletedV1):
                    raise MalformedMessage("not for this queue")
                self._submit(event.user_id)
            case _:
                raise MalformedMessage("not for this queue")

    def _scanned(self, message: AwsMessage) -> None:
        found = message.detail["s3ObjectDetails"]
        owner = read_key(unquote_plus(found["objectKey"]))
        if found["bucketName"] != self.quarantine or owner is None:
            metric("ScanResultIgnored")
            return
        word = message.detail["scanResultDetails"]["scanResultStatus"]
        verdict = ScanVerdict(word) if word in ScanVerdict else ScanVerdict.FAILED
        result = ScanResult(owner[0], owner[1], found["eTag"].strip('"'), verdict)
        if self.uploads.take(result):
            self._begin(owner[0])

    def _delivered(self, message: WebhookMessage) -> None:
        """Only the check's id is used; what became of it is asked of the provider."""
        try:
            payload = json.loads(message.body)["payload"]
            if payload["resource_type"] != "check":
                return
            check_id = str(payload["object"]["id"])
        except (ValueError, KeyError, TypeError) as error:
            raise MalformedMessage(type(error).__name__) from error
        try:
            user_id = self.verification.owner_of_check(check_id)
        except ProviderRefused:
            user_id = None
        if user_id is None:
            metric("IdentityWebhookIgnored")
            return
        self.verification.advance(user_id)

    def _checked(self, message: CheckMessage) -> None:
        user_id = message.subject["user_id"]
        self.uploads.submit_if_complete(user_id)
        try:
            settled = self.verification.advance(user_id) is Progress.SETTLED
        except ProviderUnavailable:
            metric("IdentityProviderUnavailable")
            settled = False
        if not settled:
            self.checks.schedule(CHECK, message.subject, message.attempt + 1)

    def _submit(self, user_id: str) -> None:
        if self.uploads.submit_if_complete(user_id):
            self._begin(user_id)

    def _begin(self, user_id: str) -> None:
        """The chain of checks first, so that nothing depends on this run's luck."""
        self.checks.schedule(CHECK, {"user_id": user_id})
        self.verification.advance(user_id)
