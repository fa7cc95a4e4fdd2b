"""Sessions on the deployed stack: what ends them ends access tokens that have not expired too."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tools.journey import operations as op
from tools.journey.client import Client, Refused, wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

WHO = "{ viewer { user { userId secondFactor } } }"
NEW_PASSWORD = "Another-tree-2027!"
RESET_CODE = "654321"
"""The embedded identity service sends this code to everybody."""


@pytest.fixture
def join(endpoints: Endpoints) -> Iterator[Callable[..., Person]]:
    """Makes people who have signed up, and more devices for them."""
    people: list[Person] = []
    urls = {
        "graphql": endpoints.graphql,
        "session": endpoints.session,
        "sandbox": endpoints.sandbox,
    }

    def make(like: Person | None = None) -> Person:
        person = Person.new(urls, "sessions")
        people.append(person)
        if like is None:
            person.sign_up()
        else:
            person.email, person.password = like.email, like.password
            person.totp, person.last_step = like.totp, like.last_step
        return person

    yield make
    for person in people:
        person.client.http.close()


def status(person: Person, token: str | None = None) -> int:
    """What the API answers to the person's access token, or to another."""
    client = person.client
    held = client.access_token
    client.access_token = token or held
    try:
        return client.post(client.graphql_url, WHO, {}).status_code
    finally:
        client.access_token = held


def refusal(act: Callable[[], object]) -> str:
    """The code with which the platform refuses."""
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def session_cookie(client: Client) -> str:
    """The session id in the client's jar."""
    return str(client.http.cookies["baobab"])


def topics(person: Person) -> list[tuple[str, str]]:
    """Topic and subject of what is in the inbox, oldest first."""
    document = "{ viewer { notifications(first: 20) { nodes { topic subject } } } }"
    nodes = person.client.graphql(document)["notifications"]["nodes"]
    return [(each["topic"], each["subject"]) for each in reversed(nodes)]


def test_signing_out_ends_access_tokens_that_have_not_expired(join: Callable[..., Person]) -> None:
    person = join()
    person.sign_in()
    first = person.client.access_token
    person.refresh()
    assert [status(person, first), status(person)] == [200, 200]
    person.sign_out()
    assert [status(person, first), status(person)] == [401, 401]
    assert refusal(person.refresh) == "SESSION_ENDED"


def test_a_changed_password_ends_every_other_device_at_once(join: Callable[..., Person]) -> None:
    here = join()
    here.sign_in()
    there = join(like=here)
    there.sign_in()
    assert status(there) == 200
    new = {"oldPassword": here.password, "newPassword": NEW_PASSWORD}
    wrong = new | {"oldPassword": "Wrong-tree-2026!"}
    change = here.client.session
    assert refusal(lambda: change(op.CHANGE_PASSWORD, input=wrong)) == "SIGN_IN_REFUSED"
    assert status(there) == 200
    change(op.CHANGE_PASSWORD, input=new)
    assert [status(here), status(there)] == [200, 401]
    assert refusal(there.refresh) == "SESSION_ENDED"
    assert refusal(there.sign_in) == "SIGN_IN_REFUSED"
    there.password = NEW_PASSWORD
    there.sign_in()
    assert status(there) == 200


def test_a_reset_password_ends_all_devices(join: Callable[..., Person]) -> None:
    person = join()
    person.sign_in()
    session = person.client.session
    session(op.REQUEST_PASSWORD_RESET, input={"email": person.email})
    reset = {"email": person.email, "code": "000000", "newPassword": NEW_PASSWORD}
    assert refusal(lambda: session(op.CONFIRM_PASSWORD_RESET, input=reset)) == "CODE_REFUSED"
    assert status(person) == 200
    session(op.CONFIRM_PASSWORD_RESET, input=reset | {"code": RESET_CODE})
    assert status(person) == 401
    assert refusal(person.refresh) == "SESSION_ENDED"
    person.password = NEW_PASSWORD
    person.sign_in()
    assert status(person) == 200


def test_sessions_are_seen_and_ended_from_another_device(join: Callable[..., Person]) -> None:
    here = join()
    here.sign_in()
    there = join(like=here)
    there.sign_in()
    seen = here.client.graphql(op.SESSIONS)["sessions"]
    assert sorted(each["current"] for each in seen) == [False, True]
    (other,) = [each["sessionId"] for each in seen if not each["current"]]
    stranger = join()
    stranger.sign_in()
    stranger.client.graphql(op.REVOKE_SESSION, input={"sessionId": other})
    assert status(there) == 200
    here.client.graphql(op.REVOKE_SESSION, input={"sessionId": other})
    assert [status(here), status(there)] == [200, 401]
    there.sign_in()
    here.client.graphql(op.REVOKE_OTHER_SESSIONS)
    assert [status(here), status(there)] == [200, 401]


def test_a_copied_session_id_ends_the_session_for_both(join: Callable[..., Person]) -> None:
    person = join()
    person.sign_in()
    stolen = session_cookie(person.client)
    for _ in range(2):
        person.refresh()
    assert status(person) == 200
    thief = join(like=person)
    thief.client.http.cookies.set("baobab", stolen)
    assert refusal(thief.refresh) == "SESSION_ENDED"
    assert status(person) == 401
    assert refusal(person.refresh) == "SESSION_ENDED"


def test_a_sign_in_at_the_pool_itself_opens_nothing(
    join: Callable[..., Person], aws: Callable[[str], Any]
) -> None:
    person = join()
    person.sign_in()
    pools = aws("cognito-idp")
    (pool,) = [each["Id"] for each in pools.list_user_pools(MaxResults=10)["UserPools"]]
    (client,) = pools.list_user_pool_clients(UserPoolId=pool)["UserPoolClients"]
    described = pools.describe_user_pool_client(UserPoolId=pool, ClientId=client["ClientId"])
    secret = described["UserPoolClient"]["ClientSecret"]
    message = f"{person.user_id}{client['ClientId']}".encode()
    proof = base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()
    direct = pools.initiate_auth(
        ClientId=client["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={
            "USERNAME": person.user_id,
            "PASSWORD": person.password,
            "SECRET_HASH": proof,
        },
    )["AuthenticationResult"]["AccessToken"]
    assert [status(person), status(person, direct)] == [200, 401]


def test_the_second_factor_counts_once_and_is_proved_again_for_what_matters(
    join: Callable[..., Person],
) -> None:
    person = join()
    person.sign_in()
    session = person.client.session
    proof = {"password": person.password, "code": "000000"}
    assert refusal(lambda: session(op.STEP_UP, input=proof)) == "SECOND_FACTOR_NEEDED"
    person.add_second_factor()
    assert len(person.recovery_codes) == 10
    assert refusal(lambda: session(op.RENEW_RECOVERY_CODES)) == "STEP_UP_REQUIRED"
    assert refusal(lambda: session(op.STEP_UP, input=proof)) == "CODE_REFUSED"
    code = person.totp_code()
    session(op.STEP_UP, input=proof | {"code": code})
    assert refusal(lambda: session(op.STEP_UP, input=proof | {"code": code})) == "CODE_REFUSED"
    assert len(session(op.RENEW_RECOVERY_CODES)["recoveryCodes"]) == 10
    other = join(like=person)
    asked = other.client.session(
        op.SIGN_IN, input={"email": person.email, "password": person.password}
    )
    replay = {"challengeId": asked["challengeId"], "code": code}
    assert refusal(lambda: other.client.session(op.ANSWER_MFA, input=replay)) == "CODE_REFUSED"


def test_a_recovery_code_opens_the_account_once_and_takes_the_app_away(
    join: Callable[..., Person],
) -> None:
    person = join()
    person.sign_in()
    person.add_second_factor()
    lost = join(like=person)
    use = {
        "email": person.email,
        "password": person.password,
        "recoveryCode": person.recovery_codes[0],
    }
    recover = lost.client.session
    wrong = use | {"recoveryCode": "0000-0000-0000"}
    assert refusal(lambda: recover(op.SIGN_IN_WITH_RECOVERY_CODE, input=wrong)) == "CODE_REFUSED"
    assert status(person) == 200
    lost.client.access_token = recover(op.SIGN_IN_WITH_RECOVERY_CODE, input=use)["accessToken"]
    assert status(person) == 401, "the lost app is lost with its sessions"
    assert lost.client.graphql(WHO)["user"]["secondFactor"] is False
    assert refusal(lambda: recover(op.SIGN_IN_WITH_RECOVERY_CODE, input=use)) == "CODE_REFUSED"
    lost.totp = None
    lost.add_second_factor()
    assert lost.client.graphql(WHO)["user"]["secondFactor"] is True


def test_people_are_told_what_happens_to_their_sign_in(
    join: Callable[..., Person], endpoints: Endpoints
) -> None:
    person = join()
    person.sign_in()
    person.sign_in()
    stranger = join(like=person)
    stranger.sign_in()
    new = {"oldPassword": person.password, "newPassword": NEW_PASSWORD}
    person.client.session(op.CHANGE_PASSWORD, input=new)
    expected = {
        ("users.user_registered", "Welcome to Baobab"),
        ("users.signed_in_from_new_device", "Somebody signed in to your account"),
        ("users.credentials_changed", "Your password was changed"),
    }

    def arrived() -> list[tuple[str, str]] | None:
        found = topics(person)
        return found if set(found) == expected else None

    found = wait_for("all notices", arrived)
    assert len(found) == 3, "a device that is known is not told of"

    def mailed() -> set[str] | None:
        sent = person.client.http.get(f"{endpoints.aws}/_ministack/ses/messages").json()
        mine = {m["Subject"] for m in sent["messages"]["000000000000"] if m["To"] == [person.email]}
        return mine if {subject for _, subject in expected} <= mine else None

    assert wait_for("all mails", mailed)
