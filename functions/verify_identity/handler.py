"""Takes scan results, the provider's deliveries and delayed checks; moves identity cases on."""

from functools import cache
from typing import Any

from functions.verify_identity.routing import Desk
from functions.verify_identity.settings import Settings
from shared.kyc.providers.onfido import OnfidoIdentity
from shared.kyc.providers.people import StoredPeople
from shared.kyc.providers.s3 import S3Vault
from shared.kyc.store import CaseStore
from shared.kyc.uploads import Uploads
from shared.kyc.verification import Verification
from shared.platform.entry import entry_point
from shared.platform.personal import KmsPersonalData
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import consume
from shared.users.store import UserStore


@cache
def _secrets() -> SecretsManager:
    return SecretsManager()


@cache
def _settings() -> Settings:
    return Settings.load()


@cache
def _desk(token: str) -> Desk:
    settings = _settings()
    base = runtime(settings)
    cases = CaseStore(base.database)
    people = StoredPeople(UserStore(base.database), KmsPersonalData(settings.personal_data_key))
    vault = S3Vault(settings.quarantine_bucket, settings.documents_bucket)
    provider = OnfidoIdentity(token, settings.onfido_base_url)
    return Desk(
        uploads=Uploads(cases, people, vault, base.facts, base.clock),
        verification=Verification(cases, people, vault, provider, base.facts, base.clock),
        checks=Checks(SqsQueue(settings.identity_queue)),
        quarantine=settings.quarantine_bucket,
    )


@entry_point("verify_identity")
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Lambda entry point; a rotated provider token is seen within minutes."""
    token = str(_secrets().get(_settings().onfido_secret)["api_token"])
    return consume(event, _desk(token).handle, service="verify_identity")
