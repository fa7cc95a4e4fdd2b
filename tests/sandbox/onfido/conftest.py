"""The official client, and a sandbox that pushes to the receiver."""

import pytest

from tests.sandbox.onfido.people import api_of


@pytest.fixture
def api(sandbox):
    return api_of(sandbox)


@pytest.fixture
def hooked(sandbox, receiver):
    sandbox.post(
        "/_control/config", json={"onfido_webhook_url": f"{receiver.url}/onfido"}
    ).raise_for_status()
    return sandbox
