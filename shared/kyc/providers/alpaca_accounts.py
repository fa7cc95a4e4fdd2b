"""Accounts at Alpaca, through the official SDK's broker client.

Requests are built with the SDK's models; answers are read as plain JSON, because its enums refuse
status words that they do not know, and an account that was opened must never be lost over that.
"""

from typing import Any

from shared.kernel.clock import to_text
from shared.kyc.errors import ProviderRefused, ProviderUnavailable
from shared.kyc.model import BrokerStatus
from shared.kyc.ports import AccountView, Application, EmailTaken, IdentityResult, Person
from shared.platform.alpaca_sdk import broker_client
from shared.users.model import PersonalProfile

NAME = "alpaca"
AGREEMENT = "customer_agreement"

_STATUS = {
    "ACTIVE": BrokerStatus.ACTIVE,
    "ACCOUNT_UPDATED": BrokerStatus.ACTIVE,
    "ACTION_REQUIRED": BrokerStatus.ACTION_REQUIRED,
    "SUBMISSION_FAILED": BrokerStatus.ACTION_REQUIRED,
    "REJECTED": BrokerStatus.REJECTED,
    "DISABLED": BrokerStatus.REJECTED,
    "ACCOUNT_CLOSED": BrokerStatus.REJECTED,
}
_EMPLOYMENT = {"SELF_EMPLOYED": "EMPLOYED"}

type Json = dict[str, Any]


class AlpacaAccounts:
    """See BrokerAccounts."""

    name = NAME

    def __init__(self, key: str, secret: str, base_url: str) -> None:
        from alpaca.common.exceptions import APIError
        from requests import RequestException

        self._api_error, self._no_answer = APIError, RequestException
        self._client = broker_client(base_url, key, secret)

    def open(self, application: Application) -> AccountView:
        """See BrokerAccounts."""
        body = _application(application)
        return _view(self._call("POST", "/accounts", body, taken=True))

    def find(self, person: Person) -> AccountView | None:
        """See BrokerAccounts."""
        query = {"query": person.profile.email, "entities": "contact,identity"}
        for account in self._call("GET", "/accounts", query):
            if _is(account, person.profile):
                return _view(account)
        return None

    def get(self, account_id: str) -> AccountView:
        """See BrokerAccounts."""
        return _view(self._call("GET", f"/accounts/{account_id}"))

    def send_identity_result(self, account_id: str, person: Person, result: IdentityResult) -> None:
        """See BrokerAccounts."""
        self._call("POST", f"/accounts/{account_id}/cip", _cip(person.profile, result))

    def _call(self, method: str, path: str, data: Any = None, *, taken: bool = False) -> Any:
        call = self._client.get if method == "GET" else self._client.post
        try:
            return call(path, data)
        except self._api_error as error:
            status = error.status_code or 0
            if taken and status == 409:
                raise EmailTaken from None
            if status in (400, 404, 409, 422):
                raise ProviderRefused(provider=NAME, what=path.split("/")[-1]) from None
            raise ProviderUnavailable(provider=NAME) from None
        except self._no_answer:
            raise ProviderUnavailable(provider=NAME) from None


def _is(account: Json, profile: PersonalProfile) -> bool:
    contact, identity = account.get("contact") or {}, account.get("identity") or {}
    born = profile.date_of_birth
    return (
        str(contact.get("email_address", "")).casefold() == profile.email.casefold()
        and identity.get("given_name") == profile.given_name
        and identity.get("family_name") == profile.family_name
        and born is not None
        and identity.get("date_of_birth") == born.isoformat()
    )


def _view(account: Json) -> AccountView:
    word = str(account["status"])
    status = _STATUS.get(word, BrokerStatus.SUBMITTED)
    refused = status in (BrokerStatus.ACTION_REQUIRED, BrokerStatus.REJECTED)
    return AccountView(str(account["id"]), status, word, word if refused else None)


def _application(application: Application) -> Json:
    from alpaca.broker.requests import CreateAccountRequest

    profile = application.person.profile
    body = {
        "contact": _contact(profile),
        "identity": _identity(profile),
        "disclosures": {
            "is_control_person": profile.control_person,
            "is_affiliated_exchange_or_finra": profile.exchange_affiliated,
            "is_politically_exposed": profile.politically_exposed,
            "immediate_family_exposed": profile.family_exposed,
            "employment_status": _EMPLOYMENT.get(profile.employment or "", profile.employment),
        },
        "agreements": [
            {
                "agreement": AGREEMENT,
                "signed_at": to_text(application.agreed_at),
                "ip_address": application.ip_address,
            }
        ],
    }
    try:
        fields: Json = CreateAccountRequest.model_validate(body).to_request_fields()
    except ValueError:
        # pydantic's text would name values: only the fact is told.
        raise ProviderRefused(provider=NAME, what="the application") from None
    return fields


def _contact(profile: PersonalProfile) -> Json:
    return {
        "email_address": profile.email,
        "phone_number": profile.phone,
        "street_address": [profile.street],
        "city": profile.city,
        "state": profile.region,
        "postal_code": profile.postal_code,
        "country": profile.country,
    }


def _identity(profile: PersonalProfile) -> Json:
    from alpaca.broker.enums import TaxIdType

    known = {each.value for each in TaxIdType}
    born = profile.date_of_birth
    return {
        "given_name": profile.given_name,
        "family_name": profile.family_name,
        "date_of_birth": None if born is None else born.isoformat(),
        "tax_id": profile.tax_id,
        "tax_id_type": profile.tax_id_type if profile.tax_id_type in known else "NOT_SPECIFIED",
        "country_of_citizenship": profile.nationality,
        "country_of_tax_residence": profile.tax_country,
        "funding_source": [(profile.funding_source or "").lower()],
    }


def _cip(profile: PersonalProfile, result: IdentityResult) -> Json:
    completed = to_text(result.completed_at)
    return {
        "provider_name": [result.provider],
        "kyc": {
            "id": result.check_id,
            "applicant_name": f"{profile.given_name} {profile.family_name}",
            "email_address": profile.email,
            "nationality": profile.nationality,
            "date_of_birth": profile.date_of_birth and profile.date_of_birth.isoformat(),
            "check_initiated_at": to_text(result.started_at),
            "check_completed_at": completed,
            "kyc_completed_at": completed,
            "approval_status": "approved",
            "approved_at": completed,
        },
        "document": {
            "id": result.check_id,
            "result": "clear",
            "status": "complete",
            "created_at": completed,
            "document_type": ", ".join(result.document_types).lower(),
        },
        "photo": {
            "id": result.check_id,
            "result": "clear",
            "status": "complete",
            "created_at": completed,
        },
    }
