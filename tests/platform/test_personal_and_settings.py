"""Personal data opens for its person only; settings say what is missing."""

import boto3
import pytest
from cryptography.exceptions import InvalidTag
from pydantic import ValidationError

from shared.platform.config import MarketTable, Settings, WritesFacts
from shared.platform.personal import KmsPersonalData, MemoryPersonalData, PersonalData, Sealed

DATA = {"email": "wanjiru@example.com", "given_name": "Wanjirũ"}


@pytest.fixture(params=["memory", pytest.param("kms", marks=pytest.mark.emulator)])
def personal(request: pytest.FixtureRequest) -> PersonalData:
    """Both implementations."""
    if request.param == "memory":
        return MemoryPersonalData()
    client = boto3.client(
        "kms",
        endpoint_url=request.getfixturevalue("emulator"),
        region_name="us-east-1",
        aws_access_key_id=request.getfixturevalue("aws_account"),
        aws_secret_access_key="test",
    )
    key = client.create_key()["KeyMetadata"]["Arn"]
    return KmsPersonalData(key, client)


def test_sealed_data_opens_again_and_shows_nothing(personal: PersonalData) -> None:
    sealed = personal.seal(DATA, subject="usr_a")
    assert personal.open(sealed, subject="usr_a") == DATA
    assert b"wanjiru" not in sealed.ciphertext
    again = personal.seal(
        {"email": "new@example.com"}, subject="usr_a", wrapped_key=sealed.wrapped_key
    )
    assert again.wrapped_key == sealed.wrapped_key
    assert again.ciphertext != sealed.ciphertext
    assert personal.open(again, subject="usr_a") == {"email": "new@example.com"}


def test_sealed_data_does_not_open_for_somebody_else() -> None:
    personal = MemoryPersonalData()
    sealed = personal.seal(DATA, subject="usr_a")
    with pytest.raises(InvalidTag):
        personal.open(sealed, subject="usr_b")
    other = personal.seal(DATA, subject="usr_b")
    with pytest.raises(InvalidTag):
        personal.open(Sealed(other.wrapped_key, sealed.ciphertext), subject="usr_b")


class Example(WritesFacts, MarketTable, Settings):
    """Settings of a function of the tests."""

    limit_minor: int = 5


FULL = {
    "CELL": "t1",
    "CORE_TABLE": "c",
    "JOURNAL_TABLE": "j",
    "OUTBOX_TABLE": "o",
    "MARKET_TABLE": "m",
    "UNRELATED": "x",
}


def test_settings_are_read_from_the_environment() -> None:
    read = Example.load(FULL | {"LIMIT_MINOR": "7"})
    assert (read.core_table, read.limit_minor, read.log_level) == ("c", 7, "INFO")
    assert Example.variables() - Example.required() == {"LIMIT_MINOR", "LOG_LEVEL"}


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(ValidationError, match="journal_table"):
        Example.load({name: text for name, text in FULL.items() if name != "JOURNAL_TABLE"})
