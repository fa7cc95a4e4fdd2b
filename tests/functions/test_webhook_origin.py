"""Behind an edge, the webhook entrance answers nobody who went around it."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from shared.platform.origin import Origin
from shared.platform.secrets import MemorySecrets
from tests.functions.test_receive_webhook import QUEUES, Door, authentic

EDGE = Origin(MemorySecrets({"edge": {"value": "of-the-edge"}}), "edge")


@pytest.fixture
def door():
    return Door()


@pytest.mark.parametrize("vendor", [*QUEUES, "paypal"])
@pytest.mark.parametrize("shown", [None, "", "guessed"])
def test_who_goes_around_the_edge_is_refused_even_with_a_good_signature(door, vendor, shown):
    door.receiver = replace(door.receiver, origin=EDGE)
    body, headers, token = authentic(vendor if vendor in QUEUES else "stripe")
    more = {} if shown is None else {"x-origin-verify": shown}
    assert door.post(vendor, body, headers | more, token) == (403, {"error": "FORBIDDEN"})
    assert door.kept == []


@pytest.mark.parametrize("vendor", QUEUES)
def test_what_the_edge_forwards_is_kept(door, vendor):
    door.receiver = replace(door.receiver, origin=EDGE)
    body, headers, token = authentic(vendor)
    assert door.post(vendor, body, headers | {"X-Origin-Verify": "of-the-edge"}, token)[0] == 200
    ((_, message),) = door.kept
    assert "x-origin-verify" not in message.headers


def test_while_the_edges_secret_cannot_be_read_the_vendor_comes_again(door):
    class Down:
        def get(self, name):
            raise ClientError({"Error": {"Code": "InternalServiceError"}}, "GetSecretValue")

    door.receiver = replace(door.receiver, origin=Origin(Down(), "edge"))
    body, headers, token = authentic("stripe")
    assert door.post("stripe", body, headers, token) == (503, {"error": "TRY_AGAIN"})
    assert door.kept == []
