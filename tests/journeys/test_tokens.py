"""Which access tokens open the API: the newest of a live sign-in, and nothing else."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tools.journey.person import Person
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

QUESTION = "query Who { viewer { user { userId } } }"
CHANGE = (
    "mutation Change($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }",
    {"i": {"city": "Nowhere"}},
)


@dataclass(frozen=True)
class Pool:
    """The pool's own signing key, so that a token can be wrong in one thing alone."""

    key: rsa.RSAPrivateKey
    key_id: str
    claims: Mapping[str, Any]
    """Of a token that works."""

    def token(self, **changed: Any) -> str:
        """Signed by the pool, with some claims changed; None removes one."""
        claims = {name: value for name, value in {**self.claims, **changed}.items() if value}
        return signed({"alg": "RS256", "kid": self.key_id}, claims, self.key)


def part(content: Mapping[str, Any]) -> str:
    """Of a token."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def read(token: str, index: int) -> dict[str, Any]:
    """Header (0) or claims (1) of a token."""
    text = token.split(".")[index]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return content


def sealed(head: Mapping[str, Any], claims: Mapping[str, Any], signature: bytes) -> str:
    """A token with this signature."""
    told = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    return f"{part(head)}.{part(claims)}.{told}"


def signed(head: Mapping[str, Any], claims: Mapping[str, Any], key: rsa.RSAPrivateKey) -> str:
    """A token signed by RS256."""
    content = f"{part(head)}.{part(claims)}".encode()
    return sealed(head, claims, key.sign(content, padding.PKCS1v15(), hashes.SHA256()))


@pytest.fixture(scope="module")
def person(endpoints: Endpoints) -> Iterator[Person]:
    """Signed in."""
    urls = {
        "graphql": endpoints.graphql,
        "session": endpoints.session,
        "sandbox": endpoints.sandbox,
    }
    person = Person.new(urls, "token")
    person.sign_up()
    person.sign_in()
    yield person
    person.client.http.close()


@pytest.fixture(scope="module")
def pool(endpoints: Endpoints, person: Person, tmp_path_factory: pytest.TempPathFactory) -> Pool:
    """The key lies where the embedded AWS keeps its state."""
    where = f"stack[0-9]*/tmp/state/cognito-pool-keys/{endpoints.user_pool_id}-access.pem"
    (file,) = tmp_path_factory.getbasetemp().glob(where)
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    token = person.client.access_token or ""
    return Pool(key, read(token, 0)["kid"], read(token, 1))


@pytest.fixture
def ask(endpoints: Endpoints, person: Person) -> Callable[..., httpx.Response]:
    """Sends one question or change with some authorization header, and no cookie."""

    def send(token: str | None, *, change: bool = False, scheme: str = "Bearer") -> httpx.Response:
        document, variables = CHANGE if change else (QUESTION, {})
        headers = {} if token is None else {"authorization": f"{scheme} {token}"}
        body = {"query": document, "variables": variables}
        with httpx.Client(timeout=30, trust_env=False) as http:
            return http.post(endpoints.graphql, json=body, headers=headers)

    return send


def is_refused(answer: httpx.Response) -> bool:
    """By the gateway, or by us as somebody who is not signed in; either way without data."""
    content = answer.json()
    if answer.status_code == 401 and "errors" not in content:
        return set(content) == {"message"}
    (error,) = content["errors"]
    return error["extensions"]["code"] == "NOT_SIGNED_IN" and not content.get("data")


def hs256_with_the_public_key(pool: Pool) -> str:
    """What a verifier falls for that lets the token choose the algorithm."""
    public = pool.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = {"alg": "HS256", "kid": pool.key_id}
    content = f"{part(head)}.{part(pool.claims)}".encode()
    return sealed(head, pool.claims, hmac.digest(public, content, hashlib.sha256))


def with_tampered_claims(pool: Pool) -> str:
    """Somebody else's name under a real signature."""
    head, _, signature = pool.token().split(".")
    return f"{head}.{part({**pool.claims, 'username': 'usr_l1_' + '0' * 26})}.{signature}"


def by_a_key_of_their_own(pool: Pool, key_id: str) -> str:
    """As if the signer's key were the pool's."""
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return signed({"alg": "RS256", "kid": key_id}, pool.claims, stranger)


NOW = int(time.time())
WRONG: dict[str, Callable[[Pool], str | None]] = {
    "none at all": lambda pool: None,
    "a dot": lambda pool: ".",
    "garbage": lambda pool: "garbage",
    "three garbage parts": lambda pool: "a.b.c",
    "not even ASCII in it": lambda pool: "eyJhbGciOiJub25lIn0.%00%ff.",
    "alg none, no signature": lambda pool: sealed({"alg": "none"}, pool.claims, b""),
    "alg none with the key's id": lambda pool: sealed(
        {"alg": "none", "kid": pool.key_id}, pool.claims, b""
    ),
    "alg None, signed": lambda pool: signed(
        {"alg": "None", "kid": "unknown"}, pool.claims, pool.key
    ),
    "HS256 with the public key": hs256_with_the_public_key,
    "another key under the same id": lambda pool: by_a_key_of_their_own(pool, pool.key_id),
    "another key under an unknown id": lambda pool: by_a_key_of_their_own(pool, "mine"),
    "a signature that fits other claims": with_tampered_claims,
    "no signature": lambda pool: pool.token().rpartition(".")[0] + ".",
    "expired": lambda pool: pool.token(exp=NOW - 1),
    "issued in an hour": lambda pool: pool.token(iat=NOW + 3600),
    "another issuer": lambda pool: pool.token(iss="https://cognito.example.com/pool"),
    "another client's": lambda pool: pool.token(client_id="another", aud="another"),
    "use: id": lambda pool: pool.token(token_use="id"),
    "use: refresh": lambda pool: pool.token(token_use="refresh"),
    "no use": lambda pool: pool.token(token_use=None),
    "no name": lambda pool: pool.token(username=None),
    "a name that is no id of ours": lambda pool: pool.token(username="amina@example.com"),
    "a person who does not exist": lambda pool: pool.token(
        username="usr_l1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    ),
    "a sign-in that we know nothing of": lambda pool: pool.token(origin_jti="made up"),
    "no sign-in": lambda pool: pool.token(origin_jti=None),
}


def test_the_pools_own_token_opens_the_api(
    ask: Callable[..., httpx.Response], person: Person, pool: Pool
) -> None:
    for token in (person.client.access_token, pool.token()):
        answer = ask(token)
        assert answer.status_code == 200
        assert answer.json() == {"data": {"viewer": {"user": {"userId": person.user_id}}}}


@pytest.mark.parametrize("what", WRONG)
def test_a_token_that_is_wrong_in_one_thing_opens_nothing(
    what: str, ask: Callable[..., httpx.Response], pool: Pool
) -> None:
    token = WRONG[what](pool)
    for change in (False, True):
        answer = ask(token, change=change)
        assert is_refused(answer), answer.text
        assert answer.status_code < 500


def test_a_token_counts_as_bearer_only(ask: Callable[..., httpx.Response], pool: Pool) -> None:
    for scheme in ("Basic", "Token", "Bearer Bearer"):
        assert is_refused(ask(pool.token(), scheme=scheme))


def tokens_around_us(
    aws: Callable[[str], Any], endpoints: Endpoints, person: Person, client_id: str, secret: str
) -> dict[str, str]:
    """A sign-in at the pool itself, with one of its clients."""
    message = f"{person.user_id}{client_id}".encode()
    proof = base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()
    answer = aws("cognito-idp").initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={
            "USERNAME": person.user_id,
            "PASSWORD": person.password,
            "SECRET_HASH": proof,
        },
    )["AuthenticationResult"]
    return {"access": answer["AccessToken"], "id": answer["IdToken"]}


def test_a_real_id_token_is_no_access_token(
    aws: Callable[[str], Any],
    ask: Callable[..., httpx.Response],
    endpoints: Endpoints,
    person: Person,
) -> None:
    client = aws("cognito-idp").describe_user_pool_client(
        UserPoolId=endpoints.user_pool_id, ClientId=endpoints.user_pool_client_id
    )["UserPoolClient"]
    tokens = tokens_around_us(aws, endpoints, person, client["ClientId"], client["ClientSecret"])
    assert is_refused(ask(tokens["id"]))
    # The pool gave this one to our own client, but nobody signed in through us.
    assert is_refused(ask(tokens["access"]))


def test_another_clients_token_of_the_same_pool_opens_nothing(
    aws: Callable[[str], Any],
    ask: Callable[..., httpx.Response],
    endpoints: Endpoints,
    person: Person,
) -> None:
    pools = aws("cognito-idp")
    other = pools.create_user_pool_client(
        UserPoolId=endpoints.user_pool_id,
        ClientName="another",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )["UserPoolClient"]
    try:
        tokens = tokens_around_us(aws, endpoints, person, other["ClientId"], other["ClientSecret"])
        for token in tokens.values():
            assert is_refused(ask(token))
    finally:
        pools.delete_user_pool_client(UserPoolId=endpoints.user_pool_id, ClientId=other["ClientId"])


def test_another_pools_token_opens_nothing(
    aws: Callable[[str], Any], ask: Callable[..., httpx.Response], person: Person
) -> None:
    pools = aws("cognito-idp")
    other = pools.create_user_pool(PoolName="another")["UserPool"]["Id"]
    try:
        client = pools.create_user_pool_client(
            UserPoolId=other, ClientName="mine", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )["UserPoolClient"]["ClientId"]
        pools.admin_create_user(UserPoolId=other, Username=person.user_id, MessageAction="SUPPRESS")
        pools.admin_set_user_password(
            UserPoolId=other, Username=person.user_id, Password=person.password, Permanent=True
        )
        credentials = {"USERNAME": person.user_id, "PASSWORD": person.password}
        tokens = pools.initiate_auth(
            ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=credentials
        )["AuthenticationResult"]
        for name in ("AccessToken", "IdToken"):
            assert is_refused(ask(tokens[name]))
    finally:
        pools.delete_user_pool(UserPoolId=other)


def test_a_token_dies_with_its_sign_in_and_no_other(
    ask: Callable[..., httpx.Response], endpoints: Endpoints, person: Person
) -> None:
    urls = {
        "graphql": endpoints.graphql,
        "session": endpoints.session,
        "sandbox": endpoints.sandbox,
    }
    elsewhere = Person.new(urls)
    elsewhere.email, elsewhere.password = person.email, person.password
    elsewhere.sign_in()
    token = elsewhere.client.access_token
    assert ask(token).status_code == 200
    elsewhere.sign_out()
    elsewhere.client.http.close()
    assert is_refused(ask(token))
    assert is_refused(ask(token, change=True))
    assert ask(person.client.access_token).json()["data"]["viewer"]["user"]["userId"]
