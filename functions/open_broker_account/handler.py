"""Opens the approved person's own account at the broker and waits until it is active."""

from functools import cache
from typing import Any

from functions.open_broker_account.routing import Desk
from functions.open_broker_account.settings import Settings
from shared.kyc.account_opening import AccountOpening
from shared.kyc.providers.alpaca_accounts import AlpacaAccounts
from shared.kyc.providers.people import StoredPeople
from shared.kyc.store import CaseStore
from shared.platform.entry import entry_point
from shared.platform.personal import KmsPersonalData
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import consume
from shared.users.store import UserStore

IDENTITY_PROVIDER = "onfido"


@cache
def _settings() -> Settings:
    return Settings.load()


@cache
def _secrets() -> SecretsManager:
    return SecretsManager()


@cache
def _desk(key: str, secret: str) -> Desk:
    settings = _settings()
    base = runtime(settings)
    opening = AccountOpening(
        cases=CaseStore(base.database),
        people=StoredPeople(UserStore(base.database), KmsPersonalData(settings.personal_data_key)),
        broker=AlpacaAccounts(key, secret, settings.broker_base_url),
        unit=base.facts,
        clock=base.clock,
        identity_provider=IDENTITY_PROVIDER,
    )
    return Desk(opening, Checks(SqsQueue(settings.broker_accounts_queue)))


@entry_point("open_broker_account")
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Lambda entry point; a rotated key is seen within minutes."""
    keys = _secrets().get(_settings().broker_secret)
    desk = _desk(str(keys["key"]), str(keys["secret"]))
    return consume(event, desk.handle, service="open_broker_account")
