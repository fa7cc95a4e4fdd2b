"""The JSON bodies of requests, checked as Onfido checks them."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from sandbox.onfido.countries import COUNTRIES
from sandbox.onfido.errors import OnfidoError, invalid

MAX_BODY = 1_000_000
FORBIDDEN_IN_NAMES = re.compile(r"[\^!#$%*=<>;{}\"]")
REPORTS = ("document", "facial_similarity_photo")


def _name(value: str) -> str:
    if not value.strip():
        raise ValueError("can't be blank")
    if FORBIDDEN_IN_NAMES.search(value):
        raise ValueError("invalid characters")
    return value


def _country(value: str) -> str:
    if value not in COUNTRIES:
        raise ValueError("is not a valid country code")
    return value


def _in_the_past(value: date) -> date:
    if not date(1900, 1, 1) <= value <= date.today():  # noqa: DTZ011 - a birthday has no zone
        raise ValueError("is not a valid date of birth")
    return value


Name = Annotated[str, Field(max_length=255), AfterValidator(_name)]
Country = Annotated[str, AfterValidator(_country)]
Text = Annotated[str, Field(max_length=255)]


class Body(BaseModel):
    """Fields that are not known are passed over, as Onfido does."""

    model_config = ConfigDict(extra="ignore")


class Address(Body):
    """Where somebody lives."""

    postcode: Annotated[str, Field(min_length=1, max_length=50)]
    country: Country
    flat_number: Text | None = None
    building_number: Text | None = None
    building_name: Text | None = None
    street: Text | None = None
    sub_street: Text | None = None
    town: Text | None = None
    state: Text | None = None
    line1: Text | None = None
    line2: Text | None = None
    line3: Text | None = None


class Location(Body):
    """Where the request of the person came from."""

    ip_address: Text | None = None
    country_of_residence: Country | None = None


class Consent(Body):
    """What the person agreed to."""

    name: Literal["privacy_notices_read", "ssn_verification", "phone_number_verification"]
    granted: bool


class IdNumber(Body):
    """A number of a document or register."""

    type: Literal[
        "ssn",
        "social_insurance",
        "tax_id",
        "identity_card",
        "driving_licence",
        "share_code",
        "voter_id",
        "passport",
        "other",
    ]
    value: Text
    state_code: Text | None = None


class ApplicantBody(Body):
    """Body of `POST /applicants`."""

    first_name: Name
    last_name: Name
    email: Annotated[str, Field(max_length=255, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    dob: Annotated[date, AfterValidator(_in_the_past)] | None = None
    phone_number: Text | None = None
    address: Address | None = None
    location: Location | None = None
    consents: Annotated[list[Consent], Field(max_length=10)] | None = None
    id_numbers: Annotated[list[IdNumber], Field(max_length=10)] | None = None


class ApplicantChange(ApplicantBody):
    """Body of `PUT /applicants/{id}`: what is absent stays."""

    first_name: Name = ""
    last_name: Name = ""


class CheckBody(Body):
    """Body of `POST /checks`; only what runs by itself is offered."""

    applicant_id: str
    report_names: Annotated[
        list[Literal["document", "facial_similarity_photo"]], Field(min_length=1)
    ]
    document_ids: Annotated[list[str], Field(max_length=20)] | None = None
    asynchronous: Literal[True] = True
    applicant_provides_data: Literal[False] = False
    tags: Annotated[list[Text], Field(max_length=30)] = []
    webhook_ids: list[Text] | None = None
    privacy_notices_read_consent_given: bool | None = None


async def parsed[Parsed: Body](request: Request, body: type[Parsed]) -> Parsed:
    """The body of a request.

    Raises:
        OnfidoError: 422, naming the field.
    """
    raw = await request.body()
    if len(raw) > MAX_BODY:
        raise OnfidoError(413, "bad_request", "Request too large")
    try:
        return body.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if not first["loc"]:
            raise OnfidoError(400, "bad_request", "Invalid JSON") from error
        raise invalid(**_nested(first["loc"], _words(first))) from error


def _words(error: Any) -> str:
    if error["type"] == "missing":
        return "can't be blank"
    message: str = error["msg"]
    return message.removeprefix("Value error, ")


def _nested(location: tuple[int | str, ...], words: str) -> dict[str, Any]:
    """`{"address": [{"postcode": ["can't be blank"]}]}`"""
    head, *rest = (part for part in location if isinstance(part, str))
    return {head: [_nested(tuple(rest), words)] if rest else [words]}
