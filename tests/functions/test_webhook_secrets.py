"""Several secrets are good while one is rolled; until a secret is set, nobody's signature is."""

from typing import Any

import pytest

from infra.stacks.vault import FORMS
from shared.payments.callbacks import make_token
from shared.platform.secrets import MemorySecrets
from tests.functions.webhook_door import VALUES, Door
from tests.functions.webhook_samples import BODIES, DEPOSIT, PATH_KEY, PATH_OLD, USER
from tests.functions.webhook_signing import (
    BROKER,
    BROKER_OLD,
    NEW,
    OLD,
    broker_headers,
    onfido_header,
    stripe_header,
    stripe_mac,
)

FORGED = (401, {"error": "BAD_SIGNATURE"})
AS_DEPLOYED = {
    "stripe": FORMS["stripe"].fields,
    "onfido": FORMS["onfido"].fields,
    "broker": FORMS["broker"].fields,
}
SIGN = {"stripe": stripe_header, "onfido": onfido_header, "broker": broker_headers}


def with_keys(vendor: str, **keys: Any) -> Door:
    kept_in = "path" if vendor == "daraja" else vendor
    return Door(MemorySecrets(VALUES | {kept_in: keys}))


ROLLING: dict[str, tuple[dict[str, Any], str, str]] = {
    "stripe": ({"webhook_secrets": [OLD, NEW]}, OLD, NEW),
    "onfido": ({"webhook_token": "new", "webhook_tokens": ["old"]}, "old", "new"),
    "broker": ({"webhook_secrets": [BROKER_OLD, BROKER]}, BROKER_OLD, BROKER),
}


@pytest.mark.parametrize("vendor", ROLLING)
def test_while_a_secret_is_rolled_both_are_good_and_then_the_new_one_alone(vendor: str) -> None:
    keys, old, new = ROLLING[vendor]
    body = BODIES[vendor]
    rolling = with_keys(vendor, **keys)
    assert [rolling.post(vendor, body, SIGN[vendor](body, key))[0] for key in (old, new)] == [
        200,
        200,
    ]
    name = "webhook_token" if vendor == "onfido" else "webhook_secrets"
    rolled = with_keys(vendor, **{name: new if vendor == "onfido" else [new]})
    assert rolled.post(vendor, body, SIGN[vendor](body, old)) == FORGED
    assert rolled.post(vendor, body, SIGN[vendor](body, new))[0] == 200


@pytest.mark.parametrize("previous", [PATH_OLD, [PATH_OLD], ["", PATH_OLD]])
def test_callbacks_under_the_previous_path_key_are_taken_while_it_is_kept(
    previous: str | list[str],
) -> None:
    body = BODIES["daraja"]
    old, new = (make_token(key.encode(), USER, DEPOSIT) for key in (PATH_OLD, PATH_KEY))
    rolling = with_keys("daraja", key=PATH_KEY, previous=previous)
    assert [rolling.post("daraja", body, token=token)[0] for token in (old, new)] == [200, 200]
    rolled = with_keys("daraja", key=PATH_KEY)
    assert [rolled.post("daraja", body, token=token)[0] for token in (old, new)] == [404, 200]


def test_a_delivery_that_both_rolled_secrets_signed_is_good() -> None:
    body = BODIES["stripe"]
    header = stripe_header(body, OLD)["stripe-signature"] + f",v1={stripe_mac(body, NEW)}"
    for secrets in ([OLD], [NEW], [NEW, OLD]):
        door = with_keys("stripe", webhook_secrets=secrets)
        assert door.post("stripe", body, {"stripe-signature": header})[0] == 200


@pytest.mark.parametrize(
    "secrets",
    [
        AS_DEPLOYED,
        AS_DEPLOYED
        | {
            "stripe": {"webhook_secrets": [""]},
            "onfido": {"webhook_token": "", "webhook_tokens": [""]},
            "broker": {"webhook_secrets": ["", "whsec_", "whsec_AAAA", "whsec_*"]},
        },
        {"stripe": {}, "onfido": {}, "broker": {}},
        {
            "stripe": {"webhook_secrets": None},
            "onfido": {"webhook_token": None, "webhook_tokens": [None, 7, {}]},
            "broker": {"webhook_secrets": 5},
        },
    ],
    ids=["as-deployed", "half-set", "without-members", "nonsense"],
)
@pytest.mark.parametrize("vendor", SIGN)
def test_an_empty_secret_signs_nothing(vendor: str, secrets: dict[str, Any]) -> None:
    door = Door(MemorySecrets(secrets))
    body = BODIES[vendor]
    for key in ("", "None", "whsec_AAAA"):
        if vendor == "broker" and key == "None":
            continue
        assert door.post(vendor, body, SIGN[vendor](body, key)) == FORGED
    assert door.kept == []


@pytest.mark.parametrize("key", ["", None, [], [""]])
def test_an_empty_path_key_opens_no_path(key: object) -> None:
    door = with_keys("daraja", key=key)
    token = make_token(b"", USER, DEPOSIT)
    assert door.post("daraja", BODIES["daraja"], token=token) == (404, {"error": "NOT_FOUND"})
    assert door.kept == []


def test_the_padding_of_a_broker_secret_does_not_matter() -> None:
    body = BODIES["broker"]
    for kept in (BROKER.rstrip("="), BROKER.removeprefix("whsec_")):
        door = with_keys("broker", webhook_secrets=[kept])
        assert door.post("broker", body, broker_headers(body, BROKER))[0] == 200


def test_one_secret_may_stand_without_its_list() -> None:
    door = with_keys("stripe", webhook_secrets=NEW)
    body = BODIES["stripe"]
    assert door.post("stripe", body, stripe_header(body, NEW))[0] == 200
    assert door.post("stripe", body, stripe_header(body, NEW[0])) == FORGED
