"""The personal profile, and changing it."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered, camel
from graphql_api.languages import Language
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import CountryCode, Line, PhoneNumber, PostalCode, TaxId
from shared.platform.work import Write, retry_lost_race
from shared.taxes.regimes import named
from shared.taxes.store import residence
from shared.users.income import AnnualIncome
from shared.users.model import PersonalProfile
from shared.users.service import update_profile
from shared.users.validation import Employment, FundingSource, TaxIdType

strawberry.enum(TaxIdType, description="Kinds of tax identifiers.")
strawberry.enum(FundingSource, description="Where money comes from.")
strawberry.enum(Employment, description="What a person does for a living.")
strawberry.enum(AnnualIncome, description="A year's income in US dollars: at most, or more than.")

_TRIES = 4


@object_type(description="What the identity check and the broker need to know of a person.")
class Profile:
    """See the description."""

    given_name: str | None = field(INHERITED, "As in the identity document.")
    family_name: str | None = field(INHERITED, "As in the identity document.")
    date_of_birth: date | None = field(INHERITED, "Day of birth.")
    phone: PhoneNumber | None = field(INHERITED, "In E.164.")
    street: str | None = field(INHERITED, "Street and number.")
    city: str | None = field(INHERITED, "City or town.")
    region: str | None = field(INHERITED, "County, state or province.")
    postal_code: str | None = field(INHERITED, "Postal code.")
    country: CountryCode | None = field(INHERITED, "Of residence, ISO 3166-1 alpha-3.")
    nationality: CountryCode | None = field(INHERITED, "ISO 3166-1 alpha-3.")
    tax_id_type: TaxIdType | None = field(INHERITED, "Kind of tax identifier.")
    tax_id: str | None = field(INHERITED, "Its last three characters only.")
    tax_country: CountryCode | None = field(INHERITED, "Of tax residence.")
    funding_source: FundingSource | None = field(INHERITED, "Where money comes from.")
    employment: Employment | None = field(INHERITED, "What the person does.")
    annual_income: AnnualIncome | None = field(INHERITED, "The band of a year's income.")
    complete: bool = field(INHERITED, "Whether nothing is missing.")
    missing: list[str] = field(INHERITED, "Fields that are still needed.")


@strawberry.input(description="Fields to change; those left out stay as they are.")
class UpdateProfileInput:
    """See the description."""

    given_name: Line | None = strawberry.field(
        default=None, description="As in the identity document."
    )
    family_name: Line | None = strawberry.field(
        default=None, description="As in the identity document."
    )
    date_of_birth: date | None = strawberry.field(
        default=None, description="Day of birth; at least 18 years ago."
    )
    phone: PhoneNumber | None = strawberry.field(default=None, description="With country code.")
    street: Line | None = strawberry.field(default=None, description="Street and number.")
    city: Line | None = strawberry.field(default=None, description="City or town.")
    region: Line | None = strawberry.field(default=None, description="County or state; optional.")
    postal_code: PostalCode | None = strawberry.field(default=None, description="Optional.")
    country: CountryCode | None = strawberry.field(
        default=None, description="Of residence, ISO 3166-1 alpha-3, such as `KEN`."
    )
    nationality: CountryCode | None = strawberry.field(
        default=None, description="ISO 3166-1 alpha-3."
    )
    tax_id_type: TaxIdType | None = strawberry.field(
        default=None, description="Kind of tax identifier."
    )
    tax_id: TaxId | None = strawberry.field(default=None, description="Tax identifier.")
    tax_country: CountryCode | None = strawberry.field(
        default=None,
        description="Of tax residence, ISO 3166-1 alpha-3. Left out, it follows from a "
        "`taxIdType` that names its country.",
    )
    funding_source: FundingSource | None = strawberry.field(
        default=None, description="Where money comes from."
    )
    employment: Employment | None = strawberry.field(
        default=None, description="What the person does for a living."
    )
    annual_income: AnnualIncome | None = strawberry.field(
        default=None, description="The band of a year's income in US dollars; not needed."
    )
    control_person: bool | None = strawberry.field(
        default=None,
        description="Declaration: director or large shareholder of a listed company. Needed.",
    )
    exchange_affiliated: bool | None = strawberry.field(
        default=None, description="Declaration: works for an exchange or a broker. Needed."
    )
    politically_exposed: bool | None = strawberry.field(
        default=None, description="Declaration: holds a prominent public office. Needed."
    )
    family_exposed: bool | None = strawberry.field(
        default=None,
        description="Declaration: an immediate family member is one of the above. Needed.",
    )
    language: Language | None = strawberry.field(
        default=None, description="In which we write to the person."
    )


@object_type(description="The profile was changed.")
class UpdateProfilePayload:
    """See the description."""

    profile: Profile = field(INHERITED, "As it is now.")


UpdateProfileResult = Annotated[
    UpdateProfilePayload | Failure,
    strawberry.union("UpdateProfileResult", description="The profile, or why it stays as it was."),
]


def profile_view(profile: PersonalProfile) -> Profile:
    """For its owner; the tax identifier stays masked."""
    missing = [camel(name) for name in profile.missing()]
    return Profile(
        given_name=profile.given_name,
        family_name=profile.family_name,
        date_of_birth=profile.date_of_birth,
        phone=None if profile.phone is None else PhoneNumber(profile.phone),
        street=profile.street,
        city=profile.city,
        region=profile.region,
        postal_code=profile.postal_code,
        country=None if profile.country is None else CountryCode(profile.country),
        nationality=None if profile.nationality is None else CountryCode(profile.nationality),
        tax_id_type=None if profile.tax_id_type is None else TaxIdType(profile.tax_id_type),
        tax_id=None if profile.tax_id is None else f"***{profile.tax_id[-3:]}",
        tax_country=None if profile.tax_country is None else CountryCode(profile.tax_country),
        funding_source=None
        if profile.funding_source is None
        else FundingSource(profile.funding_source),
        employment=None if profile.employment is None else Employment(profile.employment),
        annual_income=None
        if profile.annual_income is None
        else AnnualIncome(profile.annual_income),
        complete=not missing,
        missing=missing,
    )


def _changes(input: UpdateProfileInput) -> dict[str, str | date | bool]:
    given = {name: value for name, value in vars(input).items() if name != "language"}
    return {name: value for name, value in given.items() if value is not None}


def _taxed(context: Context) -> Callable[[PersonalProfile, PersonalProfile], Sequence[Write]]:
    """Whose law estimates follow from now on: where a country has none here nothing is kept."""

    def moved(before: PersonalProfile, after: PersonalProfile) -> list[Write]:
        old, new = named(before.tax_country), named(after.tax_country)
        return [residence(context.user_id, new)] if old != new else []

    return moved


def _change(context: Context, input: UpdateProfileInput) -> UpdateProfilePayload:
    _, profile = retry_lost_race(
        lambda: update_profile(
            context.app.people, context.user_id, _changes(input), input.language, _taxed(context)
        ),
        tries=_TRIES,
        pause=lambda number: time.sleep(0.01 * number),
    )
    context.forget()
    return UpdateProfilePayload(profile=profile_view(profile))


@object_type()
class ProfileMutation:
    """Mutations about the profile."""

    @field(
        SIGNED_IN,
        "Change the profile. What the identity check vouches for cannot be changed "
        "once documents were submitted.",
    )
    def update_profile(self, info: Info, input: UpdateProfileInput) -> UpdateProfileResult:
        """See the description."""
        context = info.context
        return answered(lambda: _change(context, input), context.language)
