"""Behind an edge, the webhook entrance answers nobody who went around it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.platform.origin import Origin
from shared.platform.secrets import MemorySecrets
from tests.functions.webhook_door import QUEUES, Door
from tests.functions.webhook_samples import BODIES

EDGE = Origin(MemorySecrets({"edge": {"value": "of-the-edge"}}), "edge")


@pytest.fixture
def door() -> Door:
    door = Door()
    door.receiver = replace(door.receiver, origin=EDGE)
    return door


@pytest.mark.parametrize("vendor", QUEUES)
@pytest.mark.parametrize("shown", [None, "", "guessed"])
def test_who_goes_around_the_edge_is_refused_even_with_a_good_signature(
    door: Door, vendor: str, shown: str | None
) -> None:
    more = {} if shown is None else {"x-origin-verify": shown}
    assert door.deliver(vendor, headers=more) == (403, {"error": "FORBIDDEN"})
    assert door.kept == []


def test_who_goes_around_the_edge_does_not_learn_which_vendors_there_are(door: Door) -> None:
    assert door.post("paypal", BODIES["stripe"]) == (403, {"error": "FORBIDDEN"})


@pytest.mark.parametrize("vendor", QUEUES)
def test_what_the_edge_forwards_is_kept(door: Door, vendor: str) -> None:
    assert door.deliver(vendor, headers={"X-Origin-Verify": "of-the-edge"})[0] == 200
    ((_, message),) = door.kept
    assert message.headers == {}


def test_while_the_edges_secret_cannot_be_read_the_vendor_comes_again(door: Door) -> None:
    class Down:
        def get(self, name: str) -> Mapping[str, Any]:
            raise ClientError({"Error": {"Code": "InternalServiceError"}}, "GetSecretValue")

    door.receiver = replace(door.receiver, origin=Origin(Down(), "edge"))
    assert door.deliver("stripe") == (503, {"error": "TRY_AGAIN"})
    assert door.kept == []
