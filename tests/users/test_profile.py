"""The profile: validated, sealed, and locked once somebody vouches for it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import InvalidValue
from shared.platform.tables import Database
from shared.platform.work import ConditionFailed, LostRace
from shared.users.errors import NotSignedIn, ProfileLocked, TooYoung
from shared.users.model import (
    IDENTITY_FIELDS,
    IDENTITY_LOCKED,
    KycStatus,
    Language,
    PersonalProfile,
    age_years,
)
from shared.users.service import People, confirm_sign_up, profile_of, sign_up, update_profile
from tests.users.twins import CODE

WHOLE: dict[str, str | date | bool] = {
    "given_name": "Amina",
    "family_name": "Wanjikũ-O'Brien",
    "date_of_birth": date(1990, 2, 28),
    "phone": "+254712345678",
    "street": "Moi Avenue 1",
    "city": "Nairobi",
    "postal_code": "00100",
    "country": "KEN",
    "nationality": "KEN",
    "tax_id_type": "KEN_KRA_PIN",
    "tax_id": "A012345678Z",
    "funding_source": "EMPLOYMENT_INCOME",
    "employment": "EMPLOYED",
    "control_person": False,
    "exchange_affiliated": False,
    "politically_exposed": False,
    "family_exposed": False,
}


@pytest.fixture
def user_id(people: People) -> str:
    sign_up(people, email="amina@example.com", password="Correct-horse-42", language=Language.EN)
    confirm_sign_up(people, email="amina@example.com", code=CODE)
    held = people.users.reservation(people.keyring.hash("email", "amina@example.com"))
    assert held is not None
    return held.user_id


def _status(people: People, user_id: str, status: KycStatus) -> None:
    people.facts.commit([people.users.set_kyc_status(user_id, status)])


def test_a_profile_survives_its_text_form() -> None:
    profile = PersonalProfile(email="a@example.com", **WHOLE)
    assert PersonalProfile.from_mapping(profile.to_mapping()) == profile
    empty = PersonalProfile(email="a@example.com")
    assert PersonalProfile.from_mapping(empty.to_mapping()) == empty


def test_fields_can_be_given_one_after_the_other(people: People, user_id: str) -> None:
    for name, value in WHOLE.items():
        user, profile = update_profile(people, user_id, {name: value})
    assert user.profile_complete
    assert profile.missing() == ()
    stored = people.users.get(user_id)
    assert stored is not None
    assert profile_of(people, stored) == profile
    assert profile.tax_country == "KEN"
    assert stored.version == user.version


def test_the_last_missing_field_makes_one_event(
    people: People, user_id: str, database: Database
) -> None:
    events: list[str] = []
    original = people.facts.commit

    class Watching:
        def commit(self, writes: object, *made: object) -> None:
            events.extend(type(one).__name__ for one in made)
            original(writes, *made)

    watched = replace(people, facts=Watching())
    first = {name: value for name, value in WHOLE.items() if name != "city"}
    update_profile(watched, user_id, first)
    assert events == []
    update_profile(watched, user_id, {"city": "Nairobi"})
    update_profile(watched, user_id, {"city": "Mombasa"})
    assert events == ["ProfileCompletedV1"]


def test_saying_the_same_again_writes_nothing(people: People, user_id: str) -> None:
    update_profile(people, user_id, WHOLE)
    before = people.users.get(user_id)
    update_profile(people, user_id, WHOLE)
    assert people.users.get(user_id) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("given_name", ""),
        ("given_name", "x" * 61),
        ("given_name", "Robert'); DROP"),
        ("given_name", "A\x00mina"),
        ("family_name", "<b>"),
        ("date_of_birth", date(1850, 1, 1)),
        ("date_of_birth", date(2030, 1, 1)),
        ("phone", "12345"),
        ("phone", "+2547123"),
        ("street", "x" * 81),
        ("city", "  "),
        ("postal_code", "!!"),
        ("country", "KE"),
        ("country", "XXX"),
        ("nationality", "ken"),
        ("tax_id_type", "PIN"),
        ("tax_id", "?"),
        ("funding_source", "LOTTERY"),
        ("employment", "BUSY"),
        ("annual_income", "50000"),
        ("control_person", "no"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_changes_nothing(
    people: People, user_id: str, name: str, value: str | date
) -> None:
    before = people.users.get(user_id)
    with pytest.raises(InvalidValue) as refused:
        update_profile(people, user_id, {"street": "New Street 2", name: value})
    assert refused.value.values["field"] == name
    assert people.users.get(user_id) == before


def test_one_must_be_eighteen_on_the_day(people: People, user_id: str, clock: FixedClock) -> None:
    today = clock.now().date()
    birthday = today.replace(year=today.year - 18)
    with pytest.raises(TooYoung):
        update_profile(people, user_id, {"date_of_birth": birthday + timedelta(days=1)})
    update_profile(people, user_id, {"date_of_birth": birthday})


def test_leap_day_children_come_of_age_on_the_first_of_march() -> None:
    assert age_years(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_years(date(2008, 2, 29), date(2026, 3, 1)) == 18


@pytest.mark.parametrize("status", sorted(IDENTITY_LOCKED))
@pytest.mark.parametrize("name", IDENTITY_FIELDS)
def test_what_the_check_vouches_for_is_locked(
    people: People, user_id: str, status: KycStatus, name: str
) -> None:
    update_profile(people, user_id, WHOLE)
    _status(people, user_id, status)
    other: dict[str, str | date] = {
        "date_of_birth": date(1991, 1, 1),
        "country": "UGA",
        "nationality": "UGA",
        "tax_country": "UGA",
        "tax_id_type": "NATIONAL_ID",
    }
    with pytest.raises(ProfileLocked):
        update_profile(people, user_id, {name: other.get(name, "Other")})
    update_profile(people, user_id, {"street": "Somewhere Else 3", "phone": "+254722000000"})


def test_after_a_refusal_the_person_can_correct_a_field(people: People, user_id: str) -> None:
    update_profile(people, user_id, WHOLE)
    _status(people, user_id, KycStatus.ACTION_REQUIRED)
    assert update_profile(people, user_id, {"given_name": "Aminah"})[1].given_name == "Aminah"


def test_a_status_that_changes_between_read_and_write_stops_the_write(
    people: People, user_id: str
) -> None:
    update_profile(people, user_id, WHOLE)
    original = people.safe.seal

    class Slow:
        open = staticmethod(people.safe.open)

        def seal(self, data: object, *, user_id: str, wrapped_key: bytes | None) -> object:
            _status(people, user_id, KycStatus.SUBMITTED)
            return original(data, user_id=user_id, wrapped_key=wrapped_key)

    with pytest.raises(LostRace):
        update_profile(replace(people, safe=Slow()), user_id, {"given_name": "Other"})
    user = people.users.get(user_id)
    assert user is not None
    assert profile_of(people, user).given_name == "Amina"


def test_the_language_can_be_changed_alone(people: People, user_id: str) -> None:
    assert update_profile(people, user_id, {}, Language.SW)[0].language is Language.SW
    user = people.users.get(user_id)
    assert user is not None
    assert user.language is Language.SW


def test_nobody_elses_and_nobodys_profile_can_be_changed(people: People) -> None:
    with pytest.raises(NotSignedIn):
        update_profile(people, "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV", {"city": "Nairobi"})


def test_changes_by_other_contexts_never_bring_a_person_into_being(people: People) -> None:
    nobody = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    for write in (
        people.users.set_kyc_status(nobody, KycStatus.APPROVED),
        people.users.set_risk_score(nobody, 3, "v1"),
        people.users.set_broker_account(nobody, "acc", "ACTIVE"),
    ):
        with pytest.raises(ConditionFailed):
            people.facts.commit([write])
    assert people.users.get(nobody) is None


def test_what_other_contexts_note_can_be_read_back(people: People, user_id: str) -> None:
    people.facts.commit([people.users.set_risk_score(user_id, 4, "2026-1")])
    people.facts.commit([people.users.set_broker_account(user_id, "acc-1", "ACTIVE")])
    _status(people, user_id, KycStatus.APPROVED)
    user = people.users.get(user_id)
    assert user is not None
    assert (user.risk_score, user.risk_version) == (4, "2026-1")
    assert (user.broker_account_id, user.broker_status) == ("acc-1", "ACTIVE")
    assert user.kyc_status is KycStatus.APPROVED
