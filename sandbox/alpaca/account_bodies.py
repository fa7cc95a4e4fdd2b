"""Request bodies about accounts."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator

from sandbox.alpaca.wire import Order

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
OLDEST = date(1900, 1, 1)


class Contact(Order):
    """How the owner is reached."""

    email_address: Email
    phone_number: Text
    street_address: Annotated[list[Text], Field(min_length=1, max_length=5)]
    unit: str | None = None
    city: Text
    state: str | None = None
    postal_code: str | None = None
    country: Country | None = None


class Identity(Order):
    """Who the owner is."""

    given_name: Text
    middle_name: str | None = None
    family_name: Text
    date_of_birth: date
    tax_id: str | None = None
    tax_id_type: str | None = None
    country_of_citizenship: Country | None = None
    country_of_birth: Country | None = None
    country_of_tax_residence: Country
    funding_source: Annotated[list[Text], Field(min_length=1)]

    @field_validator("date_of_birth")
    @classmethod
    def _plausible(cls, born: date) -> date:
        if born < OLDEST:
            raise ValueError("must not lie before 1900")
        return born


class Disclosures(Order):
    """What the owner has to say about their position."""

    is_control_person: bool
    is_affiliated_exchange_or_finra: bool
    is_politically_exposed: bool
    immediate_family_exposed: bool


class Agreement(Order):
    """A signature under an agreement."""

    agreement: Text
    signed_at: Text
    ip_address: Text
    revision: str | None = None


class Document(Order):
    """A document; `content` is base64, `content_data` the JSON of a tax form."""

    document_type: Text
    document_sub_type: str | None = None
    content: str | None = None
    content_data: dict[str, Any] | None = None
    mime_type: str | None = None


class CreateAccount(Order):
    """Body of `POST /v1/accounts`."""

    contact: Contact
    identity: Identity
    disclosures: Disclosures
    agreements: Annotated[list[Agreement], Field(min_length=1)]
    documents: Annotated[list[Document], Field(max_length=10)] = []
    trusted_contact: dict[str, Any] | None = None


class UpdateAccount(Order):
    """Body of `PATCH /v1/accounts/{id}`: members that are absent stay."""

    contact: dict[str, Any] = {}
    identity: dict[str, Any] = {}
    disclosures: dict[str, Any] = {}
    trusted_contact: dict[str, Any] | None = None
